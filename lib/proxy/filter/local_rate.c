/*
 * Limits that are known here (envoy.filters.http.local_ratelimit): a token for each request, from the buckets of the
 * rules that its descriptors name, and from the one of all requests. The slowest bucket is asked first; what it gave is
 * not given back when another has none.
 */
#include "grpc/call.h"
#include "proxy/filter/rate.h"
#include "proxy/filter/table.h"

struct own {
	const struct filter_local_rate *rate;
	const struct token_bucket *told; /* what x-ratelimit-... are about; NULL = nothing */
	bool refused;
};

static const struct metric_family counted[] = {
	{"envoy_http_local_rate_limit_enabled", METRIC_COUNTER, NULL},
	{"envoy_http_local_rate_limit_ok", METRIC_COUNTER, NULL},
	{"envoy_http_local_rate_limit_rate_limited", METRIC_COUNTER, NULL},
	{"envoy_http_local_rate_limit_enforced", METRIC_COUNTER, NULL},
};

enum count { ENABLED, OK, LIMITED, ENFORCED };

static void count(struct filter *f, const struct filter_local_rate *rate, enum count what)
{
	CLEANUP(buf_done) struct buf label = BUF_INIT;

	metrics_label(&label, "local_http_ratelimit_prefix", slice_str(rate->stat_prefix));
	(*metrics_counter(filter_worker(f)->metrics, &counted[what], buf_slice(&label)))++;
}

static int64_t now_ns(const struct filter *f)
{
	return loop_now_ns(filter_worker(f)->loop);
}

static bool is_hit(struct filter *f, struct route_fraction fraction)
{
	return fraction.numerator && route_fraction_hit(fraction, rand_next(&filter_worker(f)->rand));
}

static bool same(const struct local_rate_rule *rule, const struct rate_descriptor *d)
{
	if (rule->n_entries != d->n)
		return false;
	for (size_t i = 0; i < d->n; i++)
		if (!slice_eq(rule->entries[i].key, d->v[i].key) || !slice_eq(rule->entries[i].value, d->v[i].value))
			return false;
	return true;
}

static bool is_asked(const struct local_rate_rule *rule, const struct rate_descriptors *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (same(rule, &all->v[i]))
			return true;
	return false;
}

/* False when a bucket has no token. */
static bool take_tokens(struct filter *f, const struct filter_local_rate *rate, const struct rate_descriptors *all)
{
	struct own *own = f->own;

	for (size_t i = 0; i < rate->n_rules; i++) {
		const struct local_rate_rule *rule = &rate->rules[i];

		if (!is_asked(rule, all))
			continue;
		if (!own->told)
			own->told = rule->bucket;
		if (token_bucket_take(rule->bucket, now_ns(f)))
			continue;
		own->told = rule->bucket;
		return false;
	}
	if (!rate->bucket || (own->told && !rate->always_default))
		return true;
	if (token_bucket_take(rate->bucket, now_ns(f))) {
		if (!own->told)
			own->told = rate->bucket;
		return true;
	}
	own->told = rate->bucket;
	return false;
}

static bool has_token(struct filter *f, const struct filter_local_rate *rate)
{
	const struct rate_ask ask = {rate->rates, rate->n_rates, rate->stage, rate->vhost};
	struct rate_descriptors all;

	all.n = 0;
	if (rate->n_rules)
		rate_describe(f, &ask, &all);
	return take_tokens(f, rate, &all);
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_local_rate *rate = filter_config(f);
	struct own *own = f->own;

	(void)end;
	if (!rate || (!rate->bucket && !rate->n_rules) || !is_hit(f, rate->enabled))
		return FILTER_CONTINUE;
	own->rate = rate;
	count(f, rate, ENABLED);
	if (has_token(f, rate)) {
		count(f, rate, OK);
		return FILTER_CONTINUE;
	}
	count(f, rate, LIMITED);
	if (!is_hit(f, rate->enforced)) {
		if (rate->headers)
			filter_add_fields(f, filter_request(f), rate->headers->request_add,
					  rate->headers->n_request_add);
		return FILTER_CONTINUE;
	}
	count(f, rate, ENFORCED);
	own->refused = true;
	filter_reply(f, &(struct reply){.outcome = OUTCOME_RATE_LIMITED,
					.status = rate->status,
					.has_grpc = true,
					.grpc_status = rate->exhausted ? GRPC_RESOURCE_EXHAUSTED : GRPC_UNAVAILABLE,
					.body = SLICE("local_rate_limited")});
	return FILTER_REPLIED;
}

static void tell(struct filter *f, struct http_head *h, const struct token_bucket *b)
{
	const int64_t now = now_ns(f), wait_ns = token_bucket_full_in_ns(b, now);

	http_set(h, SLICE("x-ratelimit-limit"), filter_number(f, b->max));
	http_set(h, SLICE("x-ratelimit-remaining"), filter_number(f, token_bucket_left(b, now)));
	http_set(h, SLICE("x-ratelimit-reset"), filter_number(f, (wait_ns + NS_PER_S - 1) / NS_PER_S));
}

static void on_response(struct filter *f, struct http_head *h)
{
	const struct own *own = f->own;

	if (!own->rate)
		return;
	if (own->refused && own->rate->headers)
		filter_add_fields(f, h, own->rate->headers->response_add, own->rate->headers->n_response_add);
	if (own->rate->tell && own->told)
		tell(f, h, own->told);
}

const struct filter_ops filter_local_rate_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .on_response = on_response};
