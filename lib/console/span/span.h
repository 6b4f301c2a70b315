/*
 * Spans as a collector receives them, in the three forms that proxies and applications send: OTLP in protobuf and in
 * JSON (opentelemetry.proto.collector.trace.v1), and Zipkin's JSON (API v2, POST /api/v2/spans). A form becomes a batch
 * of spans; one that is broken in itself is left out and counted, and the rest of its batch is kept. Pure; any thread.
 */
#ifndef CONSOLE_SPAN_H
#define CONSOLE_SPAN_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

/* Of one batch's text. JSON takes some 30 times as much while it is read. */
#define SPAN_BATCH_MAX_BYTES (2u << 20)
/* What protobuf may take while it is read: empty messages of two bytes become structs of a hundred. */
#define SPAN_PROTOBUF_MAX_BYTES (32u << 20)
#define SPAN_BATCH_MAX_SPANS 20000u
#define SPAN_TAGS_MAX 128u
/* Longer names and values are cut. */
#define SPAN_NAME_MAX_BYTES 256u
#define SPAN_VALUE_MAX_BYTES 4096u

/* Values as OTLP has them. */
enum span_kind {
	SPAN_KIND_NONE,
	SPAN_KIND_INTERNAL,
	SPAN_KIND_SERVER,
	SPAN_KIND_CLIENT,
	SPAN_KIND_PRODUCER,
	SPAN_KIND_CONSUMER,
	SPAN_KIND_COUNT
};

/* Types of tags as Jaeger's query API names them. */
enum span_tag_type { SPAN_TAG_STRING, SPAN_TAG_BOOL, SPAN_TAG_INT, SPAN_TAG_FLOAT };

/* The value is text in each case: "true", "200". Valid UTF-8. */
struct span_tag {
	struct slice key, value;
	enum span_tag_type type;
};

struct span_tags {
	struct span_tag *v;
	size_t n, cap;
};

/* Texts and tags live in the batch's arena. */
struct span {
	uint8_t trace_id[16]; /* identifiers of 8 bytes stand at the end */
	uint8_t span_id[8], parent_id[8];
	bool has_parent;
	/* Zipkin: the span shares its identifier with the client's; then its parent is that one. */
	bool shared;
	enum span_kind kind;
	struct slice service, name;
	int64_t start_us, duration_us; /* since the epoch; never negative */
	bool error;
	struct span_tags tags, process; /* of the span; of who made it */
};

struct span_batch {
	struct arena arena;
	struct span *v;
	size_t n, cap;
	size_t refused; /* broken ones, and those over a limit */
};

/* Frees all of it; the batch is empty afterwards. For CLEANUP(span_batch_done). */
void span_batch_done(struct span_batch *b);

/*
 * Each reads a whole body and adds its spans to b. Returns 0; -EMSGSIZE for a text over its limit, -EINVAL for what is
 * not of that form at all, with a sentence in e.
 */
int span_read_zipkin(struct slice json, struct span_batch *b, struct err *e);
/* ExportTraceServiceRequest in protobuf. */
int span_read_otlp(struct slice bytes, struct span_batch *b, struct err *e);
/* The same in JSON (OTLP 1.0: identifiers in hexadecimal, 64-bit integers as text or number). */
int span_read_otlp_json(struct slice json, struct span_batch *b, struct err *e);

/* "server", "client" ...; NULL for SPAN_KIND_NONE. Static. */
const char *span_kind_str(enum span_kind k);

/* Hexadecimal digits, upper case too, right-aligned in out; false for none, too many, others, or all zeros. */
bool span_id_read(struct slice text, uint8_t *out, size_t size);

#endif
