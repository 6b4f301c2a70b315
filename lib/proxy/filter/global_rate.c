/*
 * Limits that a service knows (envoy.filters.http.ratelimit, envoy.service.ratelimit.v3): it is asked with the
 * request's descriptors, and the request waits for what it says. What it does not answer in time passes, unless the
 * configuration says otherwise.
 */
#include <stdio.h>

#include "grpc/call.h"
#include "http/class.h"
#include "base/utf8.h"
#include "proxy/filter/rate.h"
#include "proxy/filter/table.h"
#include "proxy/upstream/side_call.h"
#include "xds/pb.h"

#include "envoy/service/ratelimit/v3/rls.pb-c.h"

#define RLS(T) Envoy__Service__Ratelimit__V3__##T
#define CORE(T) Envoy__Config__Core__V3__##T
#define COMMON(T) Envoy__Extensions__Common__Ratelimit__V3__##T

static const struct metric_family counted[] = {
	{"envoy_cluster_ratelimit_ok", METRIC_COUNTER, NULL},
	{"envoy_cluster_ratelimit_over_limit", METRIC_COUNTER, NULL},
	{"envoy_cluster_ratelimit_error", METRIC_COUNTER, NULL},
	{"envoy_cluster_ratelimit_failure_mode_allowed", METRIC_COUNTER, NULL},
};

enum count { OK, OVER, ERROR, ALLOWED };

struct own {
	struct side_call *call; /* NULL = none under way */
	struct filter *filter;
	const struct filter_global_rate *rate;
	const RLS(RateLimitResponse) * answer; /* in memory; NULL = none came */
	struct arena memory;
	bool refused;
};

static void count(struct filter *f, enum count what)
{
	CLEANUP(buf_done) struct buf label = BUF_INIT;

	metrics_label(&label, "cluster_name", filter_cluster_name(f));
	(*metrics_counter(filter_worker(f)->metrics, &counted[what], buf_slice(&label)))++;
}

static bool is_hit(struct filter *f, struct route_fraction fraction)
{
	return fraction.numerator && route_fraction_hit(fraction, rand_next(&filter_worker(f)->rand));
}

/* ---- the question ---- */

static char *text(struct arena *a, struct slice s)
{
	return utf8_text(a, s);
}

static COMMON(RateLimitDescriptor) * descriptor(struct arena *a, const struct rate_descriptor *d)
{
	COMMON(RateLimitDescriptor) *m =
		PB_NEW(a, COMMON(RateLimitDescriptor), envoy__extensions__common__ratelimit__v3__rate_limit_descriptor);

	m->entries = ARENA_NEW_N(a, COMMON(RateLimitDescriptor__Entry) *, d->n);
	for (size_t i = 0; i < d->n; i++) {
		COMMON(RateLimitDescriptor__Entry) *entry =
			PB_NEW(a, COMMON(RateLimitDescriptor__Entry),
			       envoy__extensions__common__ratelimit__v3__rate_limit_descriptor__entry);

		entry->key = text(a, d->v[i].key);
		entry->value = text(a, d->v[i].value);
		m->entries[m->n_entries++] = entry;
	}
	return m;
}

static void question(const char *domain, const struct rate_descriptors *all, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	RLS(RateLimitRequest) *m = PB_NEW(&a, RLS(RateLimitRequest), envoy__service__ratelimit__v3__rate_limit_request);

	m->domain = arena_strdup(&a, domain);
	m->descriptors = ARENA_NEW_N(&a, COMMON(RateLimitDescriptor) *, all->n);
	for (size_t i = 0; i < all->n; i++)
		m->descriptors[m->n_descriptors++] = descriptor(&a, &all->v[i]);
	pb_pack(&m->base, out);
}

/* ---- the answer ---- */

/* False when it was answered. */
static bool failed(struct filter *f, const struct filter_global_rate *rate)
{
	count(f, ERROR);
	if (!is_hit(f, rate->deny_on_error)) {
		count(f, ALLOWED);
		return true;
	}
	filter_reply(f, &(struct reply){.outcome = OUTCOME_RATE_SERVICE, .status = rate->error_status});
	return false;
}

/* Whether a service may add it: a field that changes where a message ends, or whom it is for, it may not. */
static bool may_add(const CORE(HeaderValue) * h)
{
	const enum http_name id = http_name_find(slice_str(h->key));

	if (!h->key[0] || !http_all_in_class(h->key, strlen(h->key), HTTP_CLASS_TOKEN))
		return false;
	for (const char *at = h->value; *at; at++)
		if ((unsigned char)*at < ' ' && *at != '\t')
			return false;
	return id != HTTP_NAME_HOST && id != HTTP_NAME_CONTENT_LENGTH && id != HTTP_NAME_TRANSFER_ENCODING &&
	       id != HTTP_NAME_CONNECTION && id != HTTP_NAME_UPGRADE && id != HTTP_NAME_TE &&
	       id != HTTP_NAME_KEEP_ALIVE && id != HTTP_NAME_PROXY_CONNECTION && id != HTTP_NAME_TRAILER;
}

/* Copies, which live longer than the answer. */
static void put_fields(struct filter *f, struct http_head *h, CORE(HeaderValue) * *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (may_add(v[i]))
			http_add(h, filter_copy(f, slice_str(v[i]->key)), filter_copy(f, slice_str(v[i]->value)));
}

static void refuse(struct filter *f, const struct filter_global_rate *rate, const RLS(RateLimitResponse) * m)
{
	((struct own *)f->own)->refused = true;
	filter_reply(f, &(struct reply){.outcome = OUTCOME_RATE_OVER,
					.status = rate->status,
					.has_grpc = true,
					.grpc_status = rate->exhausted ? GRPC_RESOURCE_EXHAUSTED : GRPC_UNAVAILABLE,
					.body = slice_make((const char *)m->raw_body.data, m->raw_body.len)});
}

/* False when the request was answered. */
static bool judge(struct filter *f, const struct side_answer *a)
{
	struct own *own = f->own;
	const RLS(RateLimitResponse) *m = NULL;

	if (a->outcome == OUTCOME_OK && a->grpc_status == GRPC_OK)
		m = pb_unpack(&own->memory, &envoy__service__ratelimit__v3__rate_limit_response__descriptor, a->body);
	if (!m || m->overall_code == ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__CODE__UNKNOWN)
		return failed(f, own->rate);
	own->answer = m;
	if (m->overall_code == ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__CODE__OVER_LIMIT) {
		count(f, OVER);
		if (is_hit(f, own->rate->enforced)) {
			refuse(f, own->rate, m);
			return false;
		}
	} else {
		count(f, OK);
	}
	put_fields(f, filter_request(f), m->request_headers_to_add, m->n_request_headers_to_add);
	return true;
}

static void on_answer(void *arg, const struct side_answer *a)
{
	struct filter *f = arg;

	((struct own *)f->own)->call = NULL;
	if (judge(f, a))
		filter_resume(f);
}

static void ask(struct filter *f, const char *domain, const struct rate_descriptors *all)
{
	struct own *own = f->own;
	const struct filter_global_rate *rate = own->rate;
	CLEANUP(buf_done) struct buf message = BUF_INIT;

	question(domain, all, &message);
	own->call = side_call_new(filter_worker(f), filter_worker_config(f), rate->service.slot);
	side_call_grpc(own->call, rate->authority,
		       SLICE("/envoy.service.ratelimit.v3.RateLimitService/ShouldRateLimit"));
	side_call_send(own->call, buf_slice(&message),
		       &(struct side_params){.timeout_ns = rate->timeout_ns, .on_answer = on_answer, .arg = f});
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	bool disabled;
	const struct filter_global_rate *rate = f->at->config;
	const struct filter_global_rate_route *route = filter_override(f, &disabled);
	struct rate_ask who = {rate->rates, rate->n_rates, rate->stage, RATE_VHOST_OVERRIDE};
	struct rate_descriptors all;
	struct own *own = f->own;

	(void)end;
	if (disabled || !is_hit(f, rate->enabled))
		return FILTER_CONTINUE;
	if (route)
		who.vhost = route->vhost;
	if (route && route->n_rates) {
		who.own = route->rates;
		who.n_own = route->n_rates;
	}
	rate_describe(f, &who, &all);
	if (!all.n)
		return FILTER_CONTINUE;
	own->filter = f;
	own->rate = rate;
	ask(f, route && route->domain[0] ? route->domain : rate->domain, &all);
	return FILTER_PAUSE;
}

/* ---- the response ---- */

static unsigned unit_s(RLS(RateLimitResponse__RateLimit__Unit) unit)
{
	static const unsigned seconds[] = {0, 1, 60, 3600, 86400, 2592000, 31536000};

	return (size_t)unit < ARRAY_LEN(seconds) ? seconds[unit] : 0;
}

/* The limit that is the nearest to be reached. */
static const RLS(RateLimitResponse__DescriptorStatus) * nearest(const RLS(RateLimitResponse) * m)
{
	const RLS(RateLimitResponse__DescriptorStatus) *best = NULL;

	for (size_t i = 0; i < m->n_statuses; i++)
		if (m->statuses[i]->current_limit && (!best || m->statuses[i]->limit_remaining < best->limit_remaining))
			best = m->statuses[i];
	return best;
}

/* "10, 10;w=1;name=\"per-ip\", 1000;w=3600" (draft-polli-ratelimit-headers-03) */
static struct slice limits(struct filter *f, const RLS(RateLimitResponse) * m, unsigned least)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_printf(&out, "%u", least);
	for (size_t i = 0; i < m->n_statuses; i++) {
		const RLS(RateLimitResponse__RateLimit) *l = m->statuses[i]->current_limit;

		if (!l || !unit_s(l->unit))
			continue;
		buf_printf(&out, ", %u;w=%u", l->requests_per_unit, unit_s(l->unit));
		if (l->name[0] && !strpbrk(l->name, "\"\\\r\n"))
			buf_printf(&out, ";name=\"%s\"", l->name);
	}
	return filter_copy(f, buf_slice(&out));
}

static void tell(struct filter *f, struct http_head *h, const RLS(RateLimitResponse) * m)
{
	const RLS(RateLimitResponse__DescriptorStatus) *least = nearest(m);

	if (!least)
		return;
	http_set(h, SLICE("x-ratelimit-limit"), limits(f, m, least->current_limit->requests_per_unit));
	http_set(h, SLICE("x-ratelimit-remaining"), filter_number(f, least->limit_remaining));
	http_set(h, SLICE("x-ratelimit-reset"),
		 filter_number(f, least->duration_until_reset ? least->duration_until_reset->seconds : 0));
}

static void on_response(struct filter *f, struct http_head *h)
{
	const struct own *own = f->own;
	const RLS(RateLimitResponse) *m = own->answer;

	if (!m)
		return;
	put_fields(f, h, m->response_headers_to_add, m->n_response_headers_to_add);
	if (own->rate->tell)
		tell(f, h, m);
	if (!own->refused)
		return;
	if (own->rate->tell_limited)
		http_set(h, SLICE("x-envoy-ratelimited"), SLICE("true"));
	if (own->rate->headers)
		filter_add_fields(f, h, own->rate->headers->response_add, own->rate->headers->n_response_add);
}

static void destroy(struct filter *f)
{
	struct own *own = f->own;

	side_call_cancel(take(own->call));
	if (own->memory.blocks)
		arena_done(&own->memory);
}

const struct filter_ops filter_global_rate_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .on_response = on_response, .destroy = destroy};
