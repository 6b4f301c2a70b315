/*
 * Batches of spans on their way to collectors. An exporter lives from its first span until a batch was answered and no
 * further span came; it holds the configuration of its last span, through which it finds the collector's cluster.
 */
#include "proxy/filter/trace_export.h"

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/version.h"
#include "proxy/upstream/side_call.h"

struct trace_exporter {
	struct list link; /* in worker->trace_exporters */
	struct worker *worker;
	struct worker_config *wc;
	const struct filter_tracing *to; /* of wc */
	struct buf batch;
	uint64_t spans, in_flight; /* in the batch; in the call */
	struct side_call *call;    /* NULL = none under way */
	struct timer timer;
};

static void flush(struct trace_exporter *x);

static void exporter_free(struct trace_exporter *x)
{
	side_call_cancel(x->call);
	timer_stop(&x->timer);
	list_remove(&x->link);
	assert(x->worker->n_trace_exporters > 0);
	x->worker->n_trace_exporters--;
	worker_config_put(x->wc);
	buf_done(&x->batch);
	free(x);
}

static struct trace_counts *counts_of(struct worker *w, enum tracing_provider p)
{
	return &w->trace_counts[p == TRACING_ZIPKIN ? TRACE_COUNTS_ZIPKIN : TRACE_COUNTS_OPENTELEMETRY];
}

static bool same_collector(const struct filter_tracing *a, const struct filter_tracing *b)
{
	return a->provider == b->provider && strcmp(a->cluster.name, b->cluster.name) == 0 &&
	       slice_eq(a->path, b->path) && slice_eq(a->authority, b->authority) && slice_eq(a->service, b->service);
}

static struct trace_exporter *exporter_of(struct worker *w, struct worker_config *wc, const struct filter_tracing *t)
{
	struct trace_exporter *x;

	LIST_EACH (x, &w->trace_exporters, link)
		if (x->to == t || same_collector(x->to, t))
			return x;
	if (w->n_trace_exporters >= TRACE_EXPORTERS_MAX)
		return NULL;
	x = NEW(struct trace_exporter);
	x->worker = w;
	x->wc = worker_config_get(wc);
	x->to = t;
	list_append(&w->trace_exporters, &x->link);
	w->n_trace_exporters++;
	return x;
}

static struct trace_source source_of(const struct trace_exporter *x)
{
	const struct config_node *node = x->wc->config->node;
	struct slice service = x->to->service.len ? x->to->service : slice_str(node->cluster);

	return (struct trace_source){service, slice_str(node->ip), slice_str(weft_version)};
}

/* ---- sending ---- */

static void on_answer(void *arg, const struct side_answer *a)
{
	struct trace_exporter *x = arg;
	struct trace_counts *counts = counts_of(x->worker, x->to->provider);
	bool grpc = x->to->provider == TRACING_OTLP_GRPC;
	bool taken = a->outcome == OUTCOME_OK && a->head &&
		     (grpc ? a->grpc_status == 0 : a->head->status >= 200 && a->head->status < 300);

	x->call = NULL;
	if (taken) {
		counts->reports_sent++;
		counts->spans_sent += x->in_flight;
	} else {
		counts->reports_failed++;
		counts->spans_dropped += x->in_flight;
	}
	x->in_flight = 0;
	if (!x->spans)
		exporter_free(x);
	else if (x->batch.len >= TRACE_BATCH_SEND_BYTES)
		flush(x);
}

static void set_head(struct trace_exporter *x)
{
	struct http_head *h = side_call_head(x->call);

	if (x->to->provider == TRACING_OTLP_GRPC) {
		side_call_grpc(x->call, x->to->authority,
			       SLICE("/opentelemetry.proto.collector.trace.v1.TraceService/Export"));
		return;
	}
	h->method = SLICE("POST");
	h->method_id = HTTP_POST;
	h->target = side_call_copy(x->call, x->to->path);
	http_add(h, SLICE("host"), side_call_copy(x->call, x->to->authority));
	http_add(h, SLICE("content-type"),
		 x->to->provider == TRACING_ZIPKIN ? SLICE("application/json") : SLICE("application/x-protobuf"));
}

static void flush(struct trace_exporter *x)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	struct trace_source from = source_of(x);

	timer_stop(&x->timer);
	if (x->call || !x->spans)
		return; /* its answer flushes again */
	if (x->to->provider == TRACING_ZIPKIN)
		trace_zipkin_request(&body, buf_slice(&x->batch));
	else
		trace_otlp_request(&body, &from, buf_slice(&x->batch));
	x->in_flight = x->spans;
	x->spans = 0;
	buf_done(&x->batch);
	x->call = side_call_new(x->worker, x->wc, x->to->cluster.slot);
	set_head(x);
	side_call_send(x->call, buf_slice(&body),
		       &(struct side_params){.timeout_ns = x->to->timeout_ns, .on_answer = on_answer, .arg = x});
}

static void on_timer(struct timer *t)
{
	flush(CONTAINER_OF(t, struct trace_exporter, timer));
}

/* ---- from the exchanges ---- */

void trace_export(struct worker *w, struct worker_config *wc, const struct filter_tracing *t,
		  const struct trace_span *span)
{
	struct trace_exporter *x = exporter_of(w, wc, t);
	struct trace_source from;

	if (!x || x->batch.len >= TRACE_BATCH_MAX_BYTES) {
		counts_of(w, t->provider)->spans_dropped++;
		return;
	}
	/* The newest configuration knows best where the collector is. */
	if (x->wc != wc) {
		worker_config_put(x->wc);
		x->wc = worker_config_get(wc);
		x->to = t;
	}
	from = source_of(x);
	if (t->provider == TRACING_ZIPKIN)
		trace_zipkin_span(&x->batch, &from, span);
	else
		trace_otlp_span(&x->batch, span);
	x->spans++;
	if (x->batch.len >= TRACE_BATCH_SEND_BYTES)
		flush(x);
	else if (!timer_active(&x->timer))
		timer_start(w->loop, &x->timer, TRACE_BATCH_WAIT_MS, on_timer);
}

void trace_exports_done(struct worker *w)
{
	while (!list_empty(&w->trace_exporters))
		exporter_free(LIST_FIRST(&w->trace_exporters, struct trace_exporter, link));
}

/* ---- counters ---- */

void trace_exports_write(const struct worker *w, struct metrics *m)
{
	static const struct {
		struct metric_family family;
		size_t offset;
	} rows[TRACE_COUNTS_KINDS][4] = {
#define ROWS(name)                                                                                                     \
	{                                                                                                              \
		{{"envoy_tracing_" name "_spans_sent", METRIC_COUNTER, NULL},                                          \
		 offsetof(struct trace_counts, spans_sent)},                                                           \
		{{"envoy_tracing_" name "_spans_dropped", METRIC_COUNTER, NULL},                                       \
		 offsetof(struct trace_counts, spans_dropped)},                                                        \
		{{"envoy_tracing_" name "_reports_sent", METRIC_COUNTER, NULL},                                        \
		 offsetof(struct trace_counts, reports_sent)},                                                         \
		{{"envoy_tracing_" name "_reports_failed", METRIC_COUNTER, NULL},                                      \
		 offsetof(struct trace_counts, reports_failed)},                                                       \
	}
		[TRACE_COUNTS_ZIPKIN] = ROWS("zipkin"),
		[TRACE_COUNTS_OPENTELEMETRY] = ROWS("opentelemetry"),
#undef ROWS
	};

	for (size_t k = 0; k < TRACE_COUNTS_KINDS; k++)
		for (size_t i = 0; i < ARRAY_LEN(rows[k]); i++)
			*metrics_counter(m, &rows[k][i].family, slice_make("", 0)) += *(
				const uint64_t *)(const void *)((const char *)&w->trace_counts[k] + rows[k][i].offset);
}
