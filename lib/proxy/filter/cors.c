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

struct own {
	const struct filter_cors *cors; /* NULL = the response gets no fields */
	struct slice origin;
	bool preflight; /* it is the answer to one of a known origin */
};

static void reply_preflight(struct filter *f)
{
	filter_reply(f, &(struct reply){.outcome = OUTCOME_PREFLIGHT});
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_cors *c = filter_config(f);
	struct http_head *h = filter_request(f);
	struct slice origin = http_get_id(h, HTTP_NAME_ORIGIN);
	struct own *own = f->own;

	(void)end;
	if (!c || !origin.len || !route_fraction_hit(c->enabled, rand_next(&filter_worker(f)->rand)))
		return FILTER_CONTINUE;
	const bool preflight = h->method_id == HTTP_OPTIONS && http_find(h, SLICE("access-control-request-method"));
	const bool known = origin_allowed(c, origin);

	if (known) {
		own->cors = c;
		own->origin = origin;
	}
	if (!preflight || (!known && c->forward_unmatched_preflight))
		return FILTER_CONTINUE;
	own->preflight = known;
	reply_preflight(f);
	return FILTER_REPLIED;
}

static void on_response(struct filter *f, struct http_head *h)
{
	const struct own *own = f->own;
	const struct filter_cors *c = own->cors;

	if (!c)
		return;
	http_set(h, SLICE("access-control-allow-origin"), own->origin);
	if (c->credentials)
		http_set(h, SLICE("access-control-allow-credentials"), SLICE("true"));
	if (!own->preflight) {
		add_if(h, SLICE("access-control-expose-headers"), c->expose);
		return;
	}
	add_if(h, SLICE("access-control-allow-methods"), c->methods);
	add_if(h, SLICE("access-control-allow-headers"), c->headers);
	add_if(h, SLICE("access-control-max-age"), c->max_age);
}

const struct filter_ops filter_cors_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .on_response = on_response};
