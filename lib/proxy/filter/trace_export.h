/*
 * Where spans go: one batch for each collector and worker, sent when it is large or a second old, by requests of the
 * proxy's own. A collector that is slow or away costs no exchange anything: batches have a limit, and what does not fit
 * is dropped and counted. The worker's thread only.
 */
#ifndef PROXY_TRACE_EXPORT_H
#define PROXY_TRACE_EXPORT_H

#include "proxy/core/worker.h"
#include "trace/span.h"

/* Collectors of a worker at once: only configurations that were just replaced have more than one or two. */
#define TRACE_EXPORTERS_MAX 16
/* A batch of this size does not wait for its second. */
#define TRACE_BATCH_SEND_BYTES (64 * 1024)
/* What is kept while the collector is busy with another batch. */
#define TRACE_BATCH_MAX_BYTES (1024 * 1024)
#define TRACE_BATCH_WAIT_MS 1000

/* Puts a span into the batch for t's collector; all is copied. wc is the configuration that t is of. */
void trace_export(struct worker *w, struct worker_config *wc, const struct filter_tracing *t,
		  const struct trace_span *span);

/* Counters of the worker, added to m; see worker_stats_write. */
void trace_exports_write(const struct worker *w, struct metrics *m);

/* Gives up what waits; for the end of the worker, before its side calls end. */
void trace_exports_done(struct worker *w);

#endif
