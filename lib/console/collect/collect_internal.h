/* The collector's own. */
#ifndef CONSOLE_COLLECT_INTERNAL_H
#define CONSOLE_COLLECT_INTERNAL_H

#include "base/log.h"
#include "console/collect/collect.h"

enum collect_form { COLLECT_ZIPKIN, COLLECT_OTLP, COLLECT_OTLP_JSON, COLLECT_FORMS };

typedef int span_reader(struct slice text, struct span_batch *b, struct err *e);

#define COLLECT_REFUSED_TEXT "spans without identifiers or times, or over a limit, were left out"

struct collector {
	struct loop *loop;
	struct span_store *store;
	struct timer expire;
	struct grpc_server *grpc;
	struct log_limit told;
	uint64_t batches[COLLECT_FORMS], broken_batches;
};

/* Reads and stores a body. Returns 0 with the number of refused spans, or a negative code with a sentence. */
int collector_add(struct collector *c, enum collect_form form, struct slice body, size_t *ret_refused, struct err *e);
/* Appends an ExportTraceServiceResponse that says how many were refused. */
void collector_put_partial(size_t refused, struct buf *out);
void collector_close_grpc(struct collector *c);
/* Microseconds since the epoch. */
int64_t collector_now_us(void);

#endif
