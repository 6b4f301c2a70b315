/* Whether a failed try is worth another: one table of conditions (route_retry_on), a limit, a budget, a back-off. */
#include "proxy/stream/stream_internal.h"

#define FAILURE_MASK (ROUTE_RETRY_5XX | ROUTE_RETRY_GATEWAY_ERROR | ROUTE_RETRY_RESET)

/* The conditions under which each failure before the head is retried. */
static uint32_t conditions_of(enum outcome why)
{
	switch (why) {
	case OUTCOME_CONNECT_FAILED:
	case OUTCOME_CONNECT_TIMEOUT:
		return FAILURE_MASK | ROUTE_RETRY_CONNECT_FAILURE | ROUTE_RETRY_RESET_BEFORE_REQUEST;
	case OUTCOME_UPSTREAM_REFUSED:
		return FAILURE_MASK | ROUTE_RETRY_REFUSED_STREAM;
	case OUTCOME_UPSTREAM_CLOSED:
	case OUTCOME_UPSTREAM_RESET:
	case OUTCOME_UPSTREAM_PROTOCOL:
	case OUTCOME_TRY_TIMEOUT:
		return FAILURE_MASK;
	default:
		return 0;
	}
}

static bool has_status(const struct route_retry *r, unsigned status)
{
	for (size_t i = 0; i < r->n_status; i++)
		if (r->status[i] == status)
			return true;
	return false;
}

static bool grpc_status_retried(const struct route_retry *r, struct slice status)
{
	static const struct {
		const char *text;
		uint32_t on;
	} rows[] = {
		{"1", ROUTE_RETRY_GRPC_CANCELLED},          {"4", ROUTE_RETRY_GRPC_DEADLINE_EXCEEDED},
		{"8", ROUTE_RETRY_GRPC_RESOURCE_EXHAUSTED}, {"13", ROUTE_RETRY_GRPC_INTERNAL},
		{"14", ROUTE_RETRY_GRPC_UNAVAILABLE},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (slice_eq_str(status, rows[i].text))
			return r->on & rows[i].on;
	return false;
}

static bool status_retried(struct stream *s, const struct route_retry *r, unsigned status)
{
	if ((r->on & ROUTE_RETRY_5XX) && status >= 500)
		return true;
	if ((r->on & ROUTE_RETRY_GATEWAY_ERROR) && status >= 502 && status <= 504)
		return true;
	if ((r->on & ROUTE_RETRY_RETRIABLE_4XX) && status == 409)
		return true;
	if ((r->on & ROUTE_RETRY_RETRIABLE_STATUS) && has_status(r, status))
		return true;
	if ((r->on & ROUTE_RETRY_ENVOY_RATELIMITED) && http_find(&s->resp, SLICE("x-envoy-ratelimited")))
		return true;
	if (r->on & ROUTE_RETRY_RETRIABLE_HEADERS)
		for (size_t i = 0; i < r->n_headers; i++) {
			struct http_field *f = http_find(&s->resp, r->headers[i].name);

			if (f && match_header_test(&r->headers[i], http_field_value(f)))
				return true;
		}
	return s->grpc && grpc_status_retried(r, http_get_id(&s->resp, HTTP_NAME_GRPC_STATUS));
}

static void on_backoff(struct timer *t)
{
	stream_router_again(CONTAINER_OF(t, struct stream, try_timeout));
}

/* Full jitter: random in [0, base * (2^n - 1)), bounded. */
static int64_t backoff_ns(struct stream *s, const struct route_retry *r, unsigned n)
{
	int64_t base = r->backoff_base_ns > 0 ? r->backoff_base_ns : 25 * NS_PER_MS;
	int64_t max = r->backoff_max_ns > 0 ? r->backoff_max_ns : base * 10;
	int64_t limit = n < 20 ? base * ((1 << n) - 1) : max;

	limit = MIN(limit, max);
	return (int64_t)(rand_next(&s->worker->rand) % (uint64_t)MAX(limit, 1));
}

static bool take_budget(struct stream *s)
{
	uint32_t limit;

	if (s->counted_retry)
		return true;
	limit = breaker_retry_limit(s->cluster->breaker, &s->cluster->spec->breakers);
	if (!breaker_take(s->cluster->breaker, BREAKER_RETRIES, limit)) {
		s->cluster->counters.rq_retry_overflow++;
		return false;
	}
	s->counted_retry = limit != UINT32_MAX;
	return true;
}

bool stream_retry(struct stream *s, enum outcome why, unsigned status)
{
	const struct route_retry *r = s->retry;
	bool wanted;

	if (!r || !s->conn || stream_answered(s))
		return false;
	wanted = why == OUTCOME_OK ? status_retried(s, r, status) : (r->on & conditions_of(why)) != 0;
	if (!wanted)
		return false;
	if (s->n_retries >= r->num_retries) {
		if (r->num_retries)
			s->flags |= FLAG_URX;
		return false;
	}
	if (s->replay_dropped) {
		s->retry_abandoned = true;
		s->flags |= FLAG_URX;
		s->cluster->counters.rq_abandoned++;
	}
	if (!s->replayable || !take_budget(s))
		return false;
	s->n_retries++;
	stream_become(s, STREAM_BACKING_OFF);
	s->cluster->counters.rq_retry++;
	timer_start_ns(s->worker->loop, &s->try_timeout, backoff_ns(s, r, s->n_retries), on_backoff);
	return true;
}
