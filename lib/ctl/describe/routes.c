/* What leads to the services: routes of VirtualServices. */
#include <string.h>

#include "ctl/describe/describe_internal.h"
#include "ctl/describe/exposed.h"
#include "mesh/host.h"

/* One route of a VirtualService, of whichever protocol. */
struct described_route {
	const struct mesh_virtual_service *vs;
	const char *path;  /* "spec.http[1]" */
	const char *match; /* in words */
	const struct mesh_object *delegate;
};

/* --- matches in words --- */

static void add_string(struct buf *out, const char *what, const struct istio_string_match *m)
{
	if (!m)
		return;
	buf_printf(out, "%s%s ", out->len ? ", " : "", what);
	if (m->exact)
		buf_printf(out, "\"%s\"", m->exact);
	else if (m->prefix)
		buf_printf(out, "begins with \"%s\"", m->prefix);
	else if (m->regex)
		buf_printf(out, "matches \"%s\"", m->regex);
	else
		buf_append_str(out, "of any value");
}

static const char *http_match_text(struct describing *d, const struct istio_http_match_request *m)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	add_string(&out, "path", m->uri);
	add_string(&out, "method", m->method);
	add_string(&out, "host", m->authority);
	add_string(&out, "scheme", m->scheme);
	for (size_t i = 0; i < m->headers.n; i++)
		add_string(&out, arena_printf(&d->a, "header %s", m->headers.v[i].key), &m->headers.v[i].value);
	for (size_t i = 0; i < m->without_headers.n; i++)
		add_string(&out, arena_printf(&d->a, "not header %s", m->without_headers.v[i].key),
			   &m->without_headers.v[i].value);
	for (size_t i = 0; i < m->query_params.n; i++)
		add_string(&out, arena_printf(&d->a, "parameter %s", m->query_params.v[i].key),
			   &m->query_params.v[i].value);
	if (m->port)
		buf_printf(&out, "%sport %u", out.len ? ", " : "", m->port);
	for (size_t i = 0; i < m->source_labels.n; i++)
		buf_printf(&out, "%sfrom %s=%s", out.len ? ", " : "", m->source_labels.v[i].key,
			   m->source_labels.v[i].value);
	if (m->source_namespace && *m->source_namespace)
		buf_printf(&out, "%sfrom namespace %s", out.len ? ", " : "", m->source_namespace);
	return arena_strdup(&d->a, out.len ? buf_str(&out) : "anything");
}

static const char *http_matches(struct describing *d, const struct istio_http_route *r)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; i < r->match.n; i++)
		buf_printf(&out, "%s%s", i ? "; or " : "", http_match_text(d, &r->match.v[i]));
	return arena_strdup(&d->a, r->match.n ? buf_str(&out) : "anything");
}

static const char *list_text(struct describing *d, const char *const *v, size_t n)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_printf(&out, "%s%s", i ? ", " : "", v[i]);
	return arena_strdup(&d->a, buf_str(&out));
}

/* --- destinations --- */

static bool is_for(struct describing *d, const struct mesh_virtual_service *vs, const struct istio_destination *to,
		   const struct service *s)
{
	return to && !strcmp(host_resolve(&d->a, to->host, vs->o.ns, d->m->config->domain), s->host);
}

/* Says of one destination whether it is the pod, and warns of one that leads nowhere. */
static void tell_destination(struct describing *d, const struct described_route *r, const struct istio_destination *to,
			     int32_t weight, const struct service *s, const char *how)
{
	const char *subset = to->subset && *to->subset ? to->subset : NULL;
	const char *share = weight ? arena_printf(&d->a, "%d%% ", weight) : "";
	bool known = true;
	const bool has = !subset || describe_subset_has_pods(d, s, subset, &known);
	const char *who = !known       ? ", which no DestinationRule has"
			  : !subset    ? ""
			  : d->service ? ""
			  : has        ? ", in which the pod is"
				       : ", not this pod";

	describe_say(d, "route", r->vs->o.obj, r->path, "VirtualService %s/%s, %s%s%s: %s%s%s%s%s", r->vs->o.ns,
		     r->vs->o.name, r->match, r->delegate ? ", delegated to " : "",
		     r->delegate ? r->delegate->name : "", share, how, subset ? " subset " : " ",
		     subset ? subset : s->host, who);
	if (!known)
		describe_warn(d, r->vs->o.obj, r->path,
			      "VirtualService %s/%s leads to subset %s, which no DestinationRule of %s has: 503, "
			      "flag NC",
			      r->vs->o.ns, r->vs->o.name, subset, s->host);
}

/* Requests to the service's own name that this route takes somewhere else. */
static void tell_away(struct describing *d, const struct described_route *r, const struct service *s, const char *to)
{
	describe_say(d, "route", r->vs->o.obj, r->path, "VirtualService %s/%s, %s: requests to %s go to %s",
		     r->vs->o.ns, r->vs->o.name, r->match, s->host, to);
}

static bool takes_host(const struct mesh_virtual_service *vs, const struct service *s)
{
	bool mesh = false, host = false;

	for (size_t i = 0; i < vs->n_gateways; i++)
		mesh = mesh || !strcmp(vs->gateways[i], "mesh");
	for (size_t i = 0; mesh && i < vs->n_hosts; i++)
		host = host || host_subset_of(s->host, vs->hosts[i]);
	return host;
}

/* What the route does instead of leading to an endpoint; NULL: nothing. */
static const char *answer_of(struct describing *d, const struct istio_http_route *h)
{
	if (h->direct_response)
		return arena_printf(&d->a, "an answer by the proxy, %u", h->direct_response->status);
	return h->redirect ? "a redirection" : NULL;
}

static bool tell_http(struct describing *d, const struct described_route *r, const struct istio_http_route *h,
		      const struct service *s)
{
	const char *answer = answer_of(d, h);
	bool any = false;

	for (size_t i = 0; i < h->route.n; i++)
		if (is_for(d, r->vs, h->route.v[i].destination, s)) {
			tell_destination(d, r, h->route.v[i].destination, h->route.v[i].weight, s, "to");
			any = true;
		} else if (takes_host(r->vs, s) && h->route.v[i].destination) {
			tell_away(d, r, s, h->route.v[i].destination->host);
		}
	for (size_t i = 0; i < h->mirrors.n; i++)
		if (is_for(d, r->vs, h->mirrors.v[i].destination, s))
			tell_destination(d, r, h->mirrors.v[i].destination, 0, s, "mirrored to");
	if (is_for(d, r->vs, h->mirror, s))
		tell_destination(d, r, h->mirror, 0, s, "mirrored to");
	if (answer && takes_host(r->vs, s))
		tell_away(d, r, s, answer);
	return any;
}

static bool tell_l4(struct describing *d, const struct described_route *r, const struct istio_route_destination *v,
		    size_t n, const struct service *s)
{
	bool any = false;

	for (size_t i = 0; i < n; i++)
		if (is_for(d, r->vs, v[i].destination, s)) {
			tell_destination(d, r, v[i].destination, v[i].weight, s, "to");
			any = true;
		}
	return any;
}

/* --- VirtualServices --- */

static bool tell_http_routes(struct describing *d, const struct mesh_virtual_service *vs, const struct service *s)
{
	bool any = false;

	for (size_t i = 0; i < vs->spec->http.n; i++) {
		const struct istio_http_route *h = &vs->spec->http.v[i];
		const struct mesh_origin *from = vs->origins ? &vs->origins[i] : NULL;
		const struct described_route r = {vs, arena_printf(&d->a, "spec.http[%zu]", from ? from->number : i),
						  http_matches(d, h), from ? from->delegate : NULL};

		any = tell_http(d, &r, h, s) || any;
	}
	return any;
}

static bool tell_l4_routes(struct describing *d, const struct mesh_virtual_service *vs, const struct service *s)
{
	bool any = false;

	for (size_t i = 0; i < vs->spec->tls.n; i++) {
		const struct istio_tls_route *t = &vs->spec->tls.v[i];
		struct described_route r = {vs, arena_printf(&d->a, "spec.tls[%zu]", i), "TLS of any name", NULL};

		if (t->match.n)
			r.match = arena_printf(&d->a, "TLS to %s",
					       list_text(d, t->match.v[0].sni_hosts.v, t->match.v[0].sni_hosts.n));
		any = tell_l4(d, &r, t->route.v, t->route.n, s) || any;
	}
	for (size_t i = 0; i < vs->spec->tcp.n; i++) {
		const struct istio_tcp_route *t = &vs->spec->tcp.v[i];
		struct described_route r = {vs, arena_printf(&d->a, "spec.tcp[%zu]", i), "TCP", NULL};

		if (t->match.n && t->match.v[0].port)
			r.match = arena_printf(&d->a, "TCP to port %u", t->match.v[0].port);
		any = tell_l4(d, &r, t->route.v, t->route.n, s) || any;
	}
	return any;
}

void describe_routes(struct describing *d)
{
	const struct policy_index *all = d->m->snap->policies;

	for (size_t i = 0; i < all->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &all->virtual_services.v[i];
		bool any = false;

		for (size_t k = 0; k < d->services.n; k++) {
			const bool http = tell_http_routes(d, vs, d->services.v[k]);

			any = tell_l4_routes(d, vs, d->services.v[k]) || http || any;
		}
		if (any)
			describe_exposed(d, vs);
	}
}
