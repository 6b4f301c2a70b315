/* Cross-origin requests: preflights of known origins are answered here (envoy.filters.http.cors). */
#include "proxy/filter/table.h"

static bool origin_allowed(const struct filter_cors *f, struct slice origin)
{
	for (size_t i = 0; i < f->n_origins; i++)
		if (match_string_test(&f->origins[i], origin))
			return true;
	return false;
}

static void add_if(struct http_head *h, struct slice name, struct slice value)
{
	if (value.len)
		http_set(h, name, value);
}

static enum filter_result on_request(struct stream *s, const struct config_http_filter *at)
{
	const struct filter_cors *f = stream_filter_config(s, FILTER_CORS, at->config);
	struct slice origin = http_get_id(&s->req, HTTP_NAME_ORIGIN);

	if (!f || !origin.len || !route_fraction_hit(f->enabled, rand_next(&s->worker->rand)))
		return FILTER_CONTINUE;
	const bool preflight =
		s->req.method_id == HTTP_OPTIONS && http_find(&s->req, SLICE("access-control-request-method"));
	const bool known = origin_allowed(f, origin);

	if (known) {
		s->cors = f;
		s->cors_origin = origin;
	}
	if (!preflight || (!known && f->forward_unmatched_preflight))
		return FILTER_CONTINUE;
	s->preflight_ok = known;
	stream_reply(s, OUTCOME_PREFLIGHT);
	return FILTER_REPLIED;
}

static void on_response(struct stream *s, const struct config_http_filter *at, struct http_head *h)
{
	const struct filter_cors *f = s->cors;

	(void)at;
	if (!f)
		return;
	http_set(h, SLICE("access-control-allow-origin"), s->cors_origin);
	if (f->credentials)
		http_set(h, SLICE("access-control-allow-credentials"), SLICE("true"));
	if (!s->preflight_ok) {
		add_if(h, SLICE("access-control-expose-headers"), f->expose);
		return;
	}
	add_if(h, SLICE("access-control-allow-methods"), f->methods);
	add_if(h, SLICE("access-control-allow-headers"), f->headers);
	add_if(h, SLICE("access-control-max-age"), f->max_age);
}

const struct filter_ops filter_cors_ops = {.on_request = on_request, .on_response = on_response};
