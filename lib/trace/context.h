/*
 * Which trace a request belongs to, and how that travels in its headers: W3C trace context (traceparent) and B3, in one
 * header or in several. Pure; nothing is kept of the texts that are read.
 */
#ifndef TRACE_CONTEXT_H
#define TRACE_CONTEXT_H

#include "base/slice.h"

struct rand;

enum trace_sampled {
	TRACE_UNDECIDED, /* whoever goes on decides */
	TRACE_DROPPED,
	TRACE_SAMPLED,
	TRACE_DEBUG, /* sampled, whatever anybody's share of sampling is (x-b3-flags: 1) */
};

struct trace_context {
	bool known; /* the identifiers below count; else only the decision does */
	uint8_t trace_id[16];
	uint8_t span_id[8];
	bool has_parent;
	uint8_t parent_id[8];
	bool short_id; /* the trace's identifier came with 8 bytes, and goes on so in B3; the upper 8 are 0 */
	enum trace_sampled sampled;
};

/* Values of the headers x-b3-traceid, -spanid, -parentspanid, -sampled and -flags; empty = absent. */
struct trace_b3 {
	struct slice trace_id, span_id, parent_id, sampled, flags;
};

/* ---- reading: false, and *ret is untouched, when the text is none; a broken one is as good as none ---- */

/* The value of traceparent (W3C Trace Context 3.2): version, trace, parent, flags. Versions above 00 may say more. */
bool trace_read_w3c(struct slice traceparent, struct trace_context *ret);
/* The value of b3: "0", "1", "d", or TRACE-SPAN[-STATE[-PARENT]]. */
bool trace_read_b3(struct slice single, struct trace_context *ret);
/* Several headers: the identifiers, or a decision alone. */
bool trace_read_b3_multi(const struct trace_b3 *b3, struct trace_context *ret);

/*
 * What follows from it: a span of its own in the parent's trace, or the first one of a new trace when parent is NULL or
 * without identifiers. The decision is the parent's. short_id: a new trace has an identifier of 8 bytes.
 */
void trace_child(const struct trace_context *parent, bool short_id, struct rand *r, struct trace_context *ret);

static inline bool trace_is_sampled(const struct trace_context *c)
{
	return c->sampled >= TRACE_SAMPLED;
}

/* ---- writing: each fills out and returns the part used; c is known ---- */

#define TRACE_W3C_BYTES 55
#define TRACE_ID_BYTES 32
#define TRACE_SPAN_BYTES 16
#define TRACE_B3_BYTES (TRACE_ID_BYTES + 1 + TRACE_SPAN_BYTES + 2 + 1 + TRACE_SPAN_BYTES)

struct slice trace_write_w3c(const struct trace_context *c, char out[TRACE_W3C_BYTES]);
struct slice trace_write_b3(const struct trace_context *c, char out[TRACE_B3_BYTES]);
/* The trace's identifier in hexadecimal digits: 16 of them when it is a short one. */
struct slice trace_write_id(const struct trace_context *c, char out[TRACE_ID_BYTES]);
/* The identifier of a span. */
struct slice trace_write_span(const uint8_t id[8], char out[TRACE_SPAN_BYTES]);

#endif
