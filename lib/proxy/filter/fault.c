/* Faults: a delay, then an abort, each decided by its own throw of the dice (envoy.filters.http.fault). */
#include "proxy/filter/table.h"
#include "proxy/stream/grpc.h"

static bool headers_match(struct stream *s, const struct filter_fault *f)
{
	for (size_t i = 0; i < f->n_headers; i++)
		if (!match_header_test(&f->headers[i], stream_header(s, f->headers[i].name)))
			return false;
	return true;
}

static bool hit(struct stream *s, struct route_fraction f)
{
	return f.numerator && route_fraction_hit(f, rand_next(&s->worker->rand));
}

static bool try_abort(struct stream *s, const struct filter_fault *f)
{
	uint16_t status = f->abort_by_grpc ? (uint16_t)grpc_to_http(f->abort_grpc) : f->abort_status;

	if (!hit(s, f->abort))
		return false;
	stream_reply_with(s, &(struct reply){.outcome = OUTCOME_FAULT_ABORT,
					     .status = status,
					     .has_grpc = f->abort_by_grpc,
					     .grpc_status = f->abort_grpc,
					     .body = SLICE("fault filter abort")});
	return true;
}

static void on_delay_over(struct timer *t)
{
	struct stream *s = CONTAINER_OF(t, struct stream, filter_timer);
	/* The filter that paused stands before the one to come. */
	const struct config_http_filter *at = &s->hcm->filters[s->filter - 1];
	const struct filter_fault *f = stream_filter_config(s, FILTER_FAULT, at->config);

	if (f && try_abort(s, f))
		return;
	stream_filters_resume(s);
}

static enum filter_result on_request(struct stream *s, const struct config_http_filter *at)
{
	const struct filter_fault *f = stream_filter_config(s, FILTER_FAULT, at->config);

	if (!f || !headers_match(s, f))
		return FILTER_CONTINUE;
	if (f->delay_ns && hit(s, f->delay)) {
		s->flags |= FLAG_DI;
		timer_start_ns(s->worker->loop, &s->filter_timer, f->delay_ns, on_delay_over);
		return FILTER_PAUSE;
	}
	return try_abort(s, f) ? FILTER_REPLIED : FILTER_CONTINUE;
}

const struct filter_ops filter_fault_ops = {.on_request = on_request};
