/*
 * The standard metrics (istio.stats): an exchange is counted when all is known of it, but messages of gRPC as they go,
 * as a stream of them may take hours.
 */
#include "proxy/core/grpc.h"
#include "proxy/core/worker.h"
#include "proxy/filter/table.h"

#define REPORT_NS (5 * (int64_t)NS_PER_S)

/* Of an exchange of gRPC. */
struct reports {
	struct timer timer;
	struct filter *filter;
	uint64_t requests, responses; /* that were counted */
};

static void report(struct reports *r, const struct filter_stats *how)
{
	bool answered;
	const struct grpc_tally *t = filter_messages(r->filter, &answered);
	struct stats_labels labels;

	filter_labels(r->filter, how, &labels);
	labels.protocol = STATS_MESSAGES;
	stats_messages(filter_worker(r->filter), &labels, t->request.messages - r->requests,
		       t->response.messages - r->responses);
	r->requests = t->request.messages;
	r->responses = t->response.messages;
}

/* Before somebody answers the other side is not known. */
static void on_report(struct timer *timer)
{
	struct reports *r = CONTAINER_OF(timer, struct reports, timer);
	const struct filter_stats *how = r->filter->at->config;
	bool answered;

	(void)filter_messages(r->filter, &answered);
	if (answered)
		report(r, how);
	timer_start_ns(timer->loop, timer, how->tcp_reporting_ns ? how->tcp_reporting_ns : REPORT_NS, on_report);
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_stats *how = f->at->config;
	struct reports *r;
	bool answered;

	(void)end;
	if (!how || !filter_messages(f, &answered))
		return FILTER_CONTINUE;
	r = f->own = filter_alloc_aligned(f, sizeof(*r));
	*r = (struct reports){.filter = f};
	timer_start_ns(filter_worker(f)->loop, &r->timer, how->tcp_reporting_ns ? how->tcp_reporting_ns : REPORT_NS,
		       on_report);
	return FILTER_CONTINUE;
}

static void on_end(struct filter *f)
{
	const struct filter_stats *how = f->at->config;
	struct filter_sums sums = filter_sums(f);
	struct reports all = {.filter = f}; /* who was answered before it came here was not told of */
	struct stats_labels labels;
	bool answered;

	if (!how)
		return;
	if (filter_messages(f, &answered))
		report(f->own ? f->own : &all, how);
	filter_labels(f, how, &labels);
	stats_request(filter_worker(f), &labels, sums.duration_ns, sums.request_bytes, sums.response_bytes);
}

static void destroy(struct filter *f)
{
	struct reports *r = f->own;

	if (r)
		timer_stop(&r->timer);
}

const struct filter_ops filter_stats_ops = {.on_headers = on_headers, .on_end = on_end, .destroy = destroy};
