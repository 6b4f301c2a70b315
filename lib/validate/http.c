/* Validation of one HTTP route: which of its parts go together, and where requests go. */
#include "validate/vs_internal.h"

void val_destination(struct val *v, const char *path, const struct istio_destination *d)
{
	if (!d) {
		val_error(v, path, "destination is required");
		return;
	}
	if (!val_set(d->host) || strcmp(d->host, "*") == 0)
		val_error(v, val_path(v, "%s.host", path), "invalid destination host %s", d->host ? d->host : "");
	else
		val_domain(v, val_path(v, "%s.host", path), d->host);
	if (val_set(d->subset) && !val_is_label(d->subset))
		val_error(v, val_path(v, "%s.subset", path), "subset name is invalid: %s", d->subset);
	if (d->port)
		val_port(v, val_path(v, "%s.port.number", path), d->port->number);
}

static void check_destinations(struct val *v, const char *path, const struct istio_http_route *h)
{
	int64_t total = 0;

	for (size_t i = 0; i < h->route.n; i++) {
		const struct istio_http_route_destination *d = &h->route.v[i];

		val_destination(v, val_path(v, "%s.route[%zu].destination", path, i), d->destination);
		val_headers(v, val_path(v, "%s.route[%zu].headers", path, i), d->headers, VAL_HEADER_HOST);
		if (d->weight < 0)
			val_error(v, val_path(v, "%s.route[%zu].weight", path, i), "weight %d < 0", d->weight);
		total += d->weight;
	}
	if (h->route.n > 1 && total == 0)
		val_error(v, val_path(v, "%s.route", path), "total destination weight = 0");
}

/* A route that delegates leaves the rest to the delegate. */
static void check_root(struct val *v, const char *path, const struct istio_http_route *h)
{
	if (h->route.n)
		val_error(v, path, "root HTTP route %s must not specify route", h->name ? h->name : "");
	if (h->redirect)
		val_error(v, path, "root HTTP route %s must not specify redirect", h->name ? h->name : "");
}

/* Which of route, redirect and direct response a rule may have together. */
static void check_parts(struct val *v, const char *path, const struct istio_http_route *h)
{
	if (h->redirect && h->route.n)
		val_error(v, path, "HTTP route cannot contain both route and redirect");
	if (h->redirect && h->fault)
		val_error(v, path, "HTTP route cannot contain both fault and redirect");
	if (h->redirect && h->rewrite)
		val_error(v, path, "HTTP route rule cannot contain both rewrite and redirect");
	if (h->redirect && h->direct_response)
		val_error(v, path, "HTTP route cannot contain both redirect and direct_response");
	if (h->direct_response && h->route.n)
		val_error(v, path, "HTTP route cannot contain both route and direct_response");
	if (h->direct_response && h->fault)
		val_error(v, path, "HTTP route cannot contain both fault and direct_response");
	if (h->direct_response && h->rewrite)
		val_error(v, path, "HTTP route rule cannot contain both rewrite and direct_response");
	if (!h->route.n && !h->redirect && !h->direct_response)
		val_error(v, path, "HTTP route, redirect or direct_response is required");
	if (h->mirror && h->mirrors.n)
		val_error(v, path, "HTTP route cannot contain both mirror and mirrors");
}

static void check_mirror_percentage(struct val *v, const char *path, const struct istio_percent *p)
{
	if (p && p->value > 100)
		val_error(v, path, "mirror percentage must have a max value of 100 (it has %f)", p->value);
	if (p && p->value < 0)
		val_error(v, path, "mirror percentage must have a min value of 0 (it has %f)", p->value);
}

static void check_mirror(struct val *v, const char *path, const struct istio_http_route *h)
{
	const uint32_t *old = h->mirror_percent ? h->mirror_percent : h->mirror_percent_snake;

	if (h->mirror)
		val_destination(v, val_path(v, "%s.mirror", path), h->mirror);
	check_mirror_percentage(v, val_path(v, "%s.mirrorPercentage", path), h->mirror_percentage);
	for (size_t i = 0; i < h->mirrors.n; i++) {
		const char *at = val_path(v, "%s.mirrors[%zu]", path, i);

		val_destination(v, val_path(v, "%s.destination", at), h->mirrors.v[i].destination);
		check_mirror_percentage(v, val_path(v, "%s.percentage", at), h->mirrors.v[i].percentage);
	}
	if (!old)
		return;
	if (*old > 100)
		val_error(v, val_path(v, "%s.mirrorPercent", path),
			  "mirror percentage must have a max value of 100 (it has %u)", *old);
	val_warn(v, val_path(v, "%s.mirrorPercent", path),
		 "using deprecated setting \"mirrorPercent\", use \"mirrorPercentage\" instead");
}

void val_http_route(struct val *v, const char *path, const struct istio_http_route *h, bool in_delegate)
{
	if (in_delegate && h->delegate)
		val_error(v, val_path(v, "%s.delegate", path), "delegate HTTP route cannot contain delegate");
	if (h->delegate && !in_delegate)
		check_root(v, path, h);
	else
		check_parts(v, path, h);
	for (size_t i = 0; i < h->match.n; i++)
		val_http_match(v, val_path(v, "%s.match[%zu]", path, i), &h->match.v[i]);
	check_destinations(v, path, h);
	val_headers(v, val_path(v, "%s.headers", path), h->headers, VAL_HEADER_AUTHORITY);
	val_one_authority(v, path, h);
	check_mirror(v, path, h);
	val_http_action(v, path, h);
}
