/*
 * An exporter lives from its first item until a batch was answered and no further item came; it holds the configuration
 * of its last item, through which it finds the collector's cluster.
 */
#include "proxy/upstream/exporter.h"

#include "base/cleanup.h"
#include "base/mem.h"
#include "proxy/upstream/side_call.h"

/* The last item passes the size that a batch is sent at. Memory that is not written costs nothing. */
#define ITEM_BYTES 4096

struct exporter {
	struct list link; /* in worker->exporters */
	struct worker *worker;
	struct worker_config *wc;
	const struct export_ops *ops;
	const void *to; /* of wc */
	struct buf batch;
	uint64_t items, in_flight; /* in the batch; in the call */
	struct side_call *call;    /* NULL = none under way */
	struct timer timer;
};

static void flush(struct exporter *x);

static void exporter_free(struct exporter *x)
{
	side_call_cancel(x->call);
	timer_stop(&x->timer);
	list_remove(&x->link);
	assert(x->worker->n_exporters > 0);
	x->worker->n_exporters--;
	worker_config_put(x->wc);
	buf_done(&x->batch);
	free(x);
}

static struct export_counts *counts_of(struct worker *w, const struct export_ops *ops, const void *to)
{
	return &w->exported[ops->kind(to)];
}

static bool same(const struct exporter *x, const struct export_ops *ops, const void *to)
{
	return x->ops == ops &&
	       (x->to == to ||
		(strcmp(ops->target(x->to).cluster->name, ops->target(to).cluster->name) == 0 && ops->same(x->to, to)));
}

static struct exporter *exporter_of(struct worker *w, struct worker_config *wc, const struct export_ops *ops,
				    const void *to)
{
	struct exporter *x;

	LIST_EACH (x, &w->exporters, link)
		if (same(x, ops, to))
			return x;
	if (w->n_exporters >= EXPORTERS_MAX)
		return NULL;
	x = NEW(struct exporter);
	x->worker = w;
	x->wc = worker_config_get(wc);
	x->ops = ops;
	x->to = to;
	list_append(&w->exporters, &x->link);
	w->n_exporters++;
	return x;
}

static size_t send_bytes(const struct exporter *x)
{
	const size_t limit = x->ops->target(x->to).send_bytes;

	return limit ? limit : EXPORT_SEND_BYTES;
}

static bool is_large(const struct exporter *x)
{
	return x->batch.len >= send_bytes(x);
}

/* ---- sending ---- */

static void on_answer(void *arg, const struct side_answer *a)
{
	struct exporter *x = arg;
	struct export_counts *counts = counts_of(x->worker, x->ops, x->to);
	const bool grpc = x->ops->target(x->to).grpc;
	const bool taken = a->outcome == OUTCOME_OK && a->head &&
			   (grpc ? a->grpc_status == 0 : a->head->status >= 200 && a->head->status < 300);

	x->call = NULL;
	if (taken) {
		counts->reports_sent++;
		counts->items_sent += x->in_flight;
	} else {
		counts->reports_failed++;
		counts->items_dropped += x->in_flight;
	}
	x->in_flight = 0;
	if (!x->items)
		exporter_free(x);
	else if (is_large(x) || !timer_active(&x->timer))
		flush(x); /* or its time came while the call was under way */
}

static void flush(struct exporter *x)
{
	const struct export_target target = x->ops->target(x->to);
	CLEANUP(buf_done) struct buf body = BUF_INIT;

	timer_stop(&x->timer);
	if (x->call || !x->items)
		return; /* its answer flushes again */
	body = x->batch;
	x->batch = (struct buf)BUF_INIT;
	x->ops->body(x->to, x->wc->config->node, &body);
	x->in_flight = x->items;
	x->items = 0;
	x->call = side_call_new(x->worker, x->wc, target.cluster->slot);
	x->ops->head(x->to, x->call);
	side_call_send(x->call, buf_slice(&body),
		       &(struct side_params){.timeout_ns = target.timeout_ns, .on_answer = on_answer, .arg = x});
}

static void on_timer(struct timer *t)
{
	flush(CONTAINER_OF(t, struct exporter, timer));
}

/* ---- from the exchanges ---- */

void export_item(struct worker *w, struct worker_config *wc, const struct export_ops *ops, const void *to,
		 const void *item)
{
	struct exporter *x = exporter_of(w, wc, ops, to);
	int64_t wait_ns;

	if (!x || x->batch.len >= EXPORT_MAX_BYTES) {
		counts_of(w, ops, to)->items_dropped++;
		return;
	}
	/* The newest configuration knows best where the collector is. */
	if (x->wc != wc) {
		worker_config_put(x->wc);
		x->wc = worker_config_get(wc);
	}
	x->to = to;
	if (!x->items)
		(void)buf_reserve(&x->batch, MIN(send_bytes(x), (size_t)EXPORT_SEND_BYTES) + ITEM_BYTES);
	ops->item(to, wc->config->node, item, &x->batch);
	x->items++;
	wait_ns = ops->target(to).wait_ns;
	if (is_large(x))
		flush(x);
	else if (!timer_active(&x->timer))
		timer_start_ns(w->loop, &x->timer, wait_ns ? wait_ns : EXPORT_WAIT_MS * NS_PER_MS, on_timer);
}

void exports_done(struct worker *w)
{
	while (!list_empty(&w->exporters))
		exporter_free(LIST_FIRST(&w->exporters, struct exporter, link));
}

/* ---- counters ---- */

#define ROW(name, field)                                                                                               \
	{                                                                                                              \
		{name, METRIC_COUNTER, NULL}, offsetof(struct export_counts, field)                                    \
	}
#define SPAN_ROWS(name)                                                                                                \
	{                                                                                                              \
		ROW("envoy_tracing_" name "_spans_sent", items_sent),                                                  \
			ROW("envoy_tracing_" name "_spans_dropped", items_dropped),                                    \
			ROW("envoy_tracing_" name "_reports_sent", reports_sent),                                      \
			ROW("envoy_tracing_" name "_reports_failed", reports_failed),                                  \
	}
#define LOG_ROWS(name)                                                                                                 \
	{                                                                                                              \
		ROW("envoy_access_logs_" name "_logs_written", items_sent),                                            \
			ROW("envoy_access_logs_" name "_logs_dropped", items_dropped),                                 \
			ROW("weft_access_logs_" name "_reports_sent", reports_sent),                                   \
			ROW("weft_access_logs_" name "_reports_failed", reports_failed),                               \
	}

void exports_write(const struct worker *w, struct metrics *m)
{
	static const struct {
		struct metric_family family;
		size_t offset;
	} rows[EXPORT_KINDS][4] = {
		[EXPORT_ZIPKIN] = SPAN_ROWS("zipkin"),
		[EXPORT_OPENTELEMETRY] = SPAN_ROWS("opentelemetry"),
		[EXPORT_LOG_OTLP] = LOG_ROWS("open_telemetry_access_log"),
		[EXPORT_LOG_GRPC] = LOG_ROWS("grpc_access_log"),
	};

	for (size_t k = 0; k < EXPORT_KINDS; k++)
		for (size_t i = 0; i < ARRAY_LEN(rows[k]); i++)
			*metrics_counter(m, &rows[k][i].family, slice_make("", 0)) +=
				*(const uint64_t *)(const void *)((const char *)&w->exported[k] + rows[k][i].offset);
}
