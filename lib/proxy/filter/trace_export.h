/* Spans on their way to collectors, in the batches of upstream/exporter.h. The worker's thread only. */
#ifndef PROXY_TRACE_EXPORT_H
#define PROXY_TRACE_EXPORT_H

#include "proxy/core/worker.h"
#include "trace/span.h"

/* Puts a span into the batch for t's collector; all is copied. wc is the configuration that t is of. */
void trace_export(struct worker *w, struct worker_config *wc, const struct filter_tracing *t,
		  const struct trace_span *span);

#endif
