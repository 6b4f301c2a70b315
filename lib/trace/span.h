/*
 * A span, and its two forms on the wire: OTLP (protobuf, opentelemetry.proto.trace.v1) and Zipkin v2 (JSON). Spans of
 * one proxy are encoded one after the other into a batch, which is wrapped when it is sent. Pure.
 */
#ifndef TRACE_SPAN_H
#define TRACE_SPAN_H

#include "base/buf.h"
#include "trace/context.h"

/* Values as OTLP has them. */
enum trace_kind { TRACE_KIND_SERVER = 2, TRACE_KIND_CLIENT = 3 };

struct trace_tag {
	struct slice key, value;
};

#define TRACE_TAGS_MAX 64

struct trace_span {
	struct trace_context context;
	enum trace_kind kind;
	struct slice name;
	int64_t start_unix_ns, duration_ns;
	bool error;
	bool shared; /* the client's span has the same identifier (Zipkin) */
	const struct trace_tag *tags;
	size_t n_tags;
};

/* Who makes the spans. */
struct trace_source {
	struct slice service; /* "catalog.coolstore-catalog" */
	struct slice address; /* the proxy's, in text; empty = unknown */
	struct slice version; /* of the program */
};

/* Appends one span. */
void trace_otlp_span(struct buf *batch, const struct trace_span *s);
/* A whole ExportTraceServiceRequest of a batch. */
void trace_otlp_request(struct buf *out, const struct trace_source *from, struct slice batch);

/* Appends one span, with a comma before it when the batch is not empty. */
void trace_zipkin_span(struct buf *batch, const struct trace_source *from, const struct trace_span *s);
/* The array of a batch: the body of POST /api/v2/spans. */
void trace_zipkin_request(struct buf *out, struct slice batch);

#endif
