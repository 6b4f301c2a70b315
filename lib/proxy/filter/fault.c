/*
 * Faults: a delay, then an abort, each decided by its own throw of the dice (envoy.filters.http.fault). Both may be
 * left to the request: its x-envoy-fault-... fields say what, and how often at most as the configuration does.
 */
#include "proxy/filter/table.h"
#include "proxy/core/grpc.h"

/* A delay that a request asks for; more is cut off to it. */
#define DELAY_MAX_MS 3600000

struct own {
	struct timer delay;
	struct filter *filter;
};

/* What is done to one request. */
struct fault {
	uint16_t status; /* 0 = no abort */
	bool by_grpc;
	uint8_t grpc;
};

static bool headers_match(struct filter *f, const struct filter_fault *fault)
{
	for (size_t i = 0; i < fault->n_headers; i++)
		if (!match_header_test(&fault->headers[i], stream_header(f->stream, fault->headers[i].name)))
			return false;
	return true;
}

/* A number that the request's field holds, at most max; false when it holds none. */
static bool asked(struct filter *f, const char *name, uint64_t max, uint64_t *ret)
{
	struct slice text = stream_header(f->stream, slice_str(name));

	return text.len && slice_to_u64(text, max, ret) == 0;
}

static bool hit(struct filter *f, struct route_fraction fraction)
{
	return fraction.numerator && route_fraction_hit(fraction, rand_next(&filter_worker(f)->rand));
}

/* A request may ask for fewer than the configuration allows. */
static bool hit_as_asked(struct filter *f, struct route_fraction fraction, const char *name)
{
	uint64_t numerator;

	if (asked(f, name, UINT32_MAX, &numerator) && numerator < fraction.numerator)
		fraction.numerator = (uint32_t)numerator;
	return hit(f, fraction);
}

static int64_t delay_of(struct filter *f, const struct filter_fault *fault)
{
	uint64_t ms;

	if (!fault->delay_by_header)
		return fault->delay_ns && hit(f, fault->delay) ? fault->delay_ns : 0;
	if (!asked(f, "x-envoy-fault-delay-request", UINT32_MAX, &ms) ||
	    !hit_as_asked(f, fault->delay, "x-envoy-fault-delay-request-percentage"))
		return 0;
	return (int64_t)MIN(ms, (uint64_t)DELAY_MAX_MS) * NS_PER_MS;
}

static struct fault abort_asked(struct filter *f)
{
	uint64_t n;

	if (asked(f, "x-envoy-fault-abort-request", 599, &n) && n >= 200)
		return (struct fault){.status = (uint16_t)n};
	if (asked(f, "x-envoy-fault-abort-grpc-request", 16, &n))
		return (struct fault){(uint16_t)grpc_to_http((unsigned)n), true, (uint8_t)n};
	return (struct fault){0};
}

static struct fault abort_of(struct filter *f, const struct filter_fault *fault)
{
	struct fault none = {0}, what = {fault->abort_status, fault->abort_by_grpc, fault->abort_grpc};

	if (fault->abort_by_header) {
		what = abort_asked(f);
		return what.status && hit_as_asked(f, fault->abort, "x-envoy-fault-abort-request-percentage") ? what
													      : none;
	}
	if (what.by_grpc)
		what.status = (uint16_t)grpc_to_http(what.grpc);
	return hit(f, fault->abort) ? what : none;
}

static bool try_abort(struct filter *f, const struct filter_fault *fault)
{
	const struct fault what = abort_of(f, fault);

	if (!what.status)
		return false;
	filter_reply(f, &(struct reply){.outcome = OUTCOME_FAULT_ABORT,
					.status = what.status,
					.has_grpc = what.by_grpc,
					.grpc_status = what.grpc,
					.body = SLICE("fault filter abort")});
	return true;
}

static void on_delay_over(struct timer *t)
{
	struct filter *f = CONTAINER_OF(t, struct own, delay)->filter;
	const struct filter_fault *fault = filter_config(f);

	if (fault && try_abort(f, fault))
		return;
	filter_resume(f);
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_fault *fault = filter_config(f);
	struct own *own = f->own;
	int64_t delay_ns;

	(void)end;
	if (!fault || !headers_match(f, fault))
		return FILTER_CONTINUE;
	delay_ns = delay_of(f, fault);
	if (delay_ns) {
		filter_flag(f, FLAG_DI);
		own->filter = f;
		timer_start_ns(filter_worker(f)->loop, &own->delay, delay_ns, on_delay_over);
		return FILTER_PAUSE;
	}
	return try_abort(f, fault) ? FILTER_REPLIED : FILTER_CONTINUE;
}

static void destroy(struct filter *f)
{
	timer_stop(&((struct own *)f->own)->delay);
}

const struct filter_ops filter_fault_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .destroy = destroy};
