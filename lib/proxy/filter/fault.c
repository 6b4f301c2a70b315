/* Faults: a delay, then an abort, each decided by its own throw of the dice (envoy.filters.http.fault). */
#include "proxy/filter/table.h"
#include "proxy/core/grpc.h"

struct own {
	struct timer delay;
	struct filter *filter;
};

static bool headers_match(struct filter *f, const struct filter_fault *fault)
{
	for (size_t i = 0; i < fault->n_headers; i++)
		if (!match_header_test(&fault->headers[i], stream_header(f->stream, fault->headers[i].name)))
			return false;
	return true;
}

static bool hit(struct filter *f, struct route_fraction fraction)
{
	return fraction.numerator && route_fraction_hit(fraction, rand_next(&filter_worker(f)->rand));
}

static bool try_abort(struct filter *f, const struct filter_fault *fault)
{
	uint16_t status = fault->abort_by_grpc ? (uint16_t)grpc_to_http(fault->abort_grpc) : fault->abort_status;

	if (!hit(f, fault->abort))
		return false;
	filter_reply(f, &(struct reply){.outcome = OUTCOME_FAULT_ABORT,
					.status = status,
					.has_grpc = fault->abort_by_grpc,
					.grpc_status = fault->abort_grpc,
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

	(void)end;
	if (!fault || !headers_match(f, fault))
		return FILTER_CONTINUE;
	if (fault->delay_ns && hit(f, fault->delay)) {
		filter_flag(f, FLAG_DI);
		own->filter = f;
		timer_start_ns(filter_worker(f)->loop, &own->delay, fault->delay_ns, on_delay_over);
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
