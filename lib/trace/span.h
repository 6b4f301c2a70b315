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

/* Names of tags are prepared once for all spans: key is what trace_..._name made of one. */
struct trace_tag {
	struct slice key, value;
};

#define TRACE_TAGS_MAX 64

struct trace_span {
	struct trace_context context;
	enum trace_kind kind;
	struct slice name;
	int64_t start_unix_ns, duration_ns;
	bool error;            /* has a tag that says so, too */
	bool shared;           /* the client's span has the same identifier (Zipkin) */
	struct slice constant; /* what trace_..._constant made */
	const struct trace_tag *tags;
	size_t n_tags;
};

/* Who makes the spans. */
struct trace_source {
	struct slice service; /* "catalog.coolstore-catalog" */
	struct slice address; /* the proxy's, in text; empty = unknown */
	struct slice version; /* of the program */
};

/* Appends a tag's name as it stands before its value. */
void trace_otlp_name(struct buf *out, struct slice name);
/* Appends what all spans have in common: these tags, whose keys are plain names. */
void trace_otlp_constant(struct buf *out, const struct trace_tag *tags, size_t n);
/* Appends one span. */
void trace_otlp_span(struct buf *batch, const struct trace_span *s);
/* Makes a whole ExportTraceServiceRequest of a batch. */
void trace_otlp_request(struct buf *batch, const struct trace_source *from);

/* The same; there is at least one tag that all spans have. Before a span stands a comma, or what begins a batch. */
void trace_zipkin_name(struct buf *out, struct slice name);
void trace_zipkin_constant(struct buf *out, const struct trace_source *from, const struct trace_tag *tags, size_t n);
void trace_zipkin_span(struct buf *batch, const struct trace_span *s);
/* Makes a whole body of POST /api/v2/spans of a batch. */
void trace_zipkin_request(struct buf *batch);

#endif
