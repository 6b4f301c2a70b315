/*
 * Spans as OTLP has them. The messages are few and their lengths are known before they are written, so they are written
 * forwards into the batch, without a tree of structs for each span.
 *
 * Field numbers: opentelemetry/proto/trace/v1/trace.proto, common/v1/common.proto,
 * collector/trace/v1/trace_service.proto.
 */
#include <assert.h>

#include "base/cleanup.h"
#include "trace/span.h"
#include "trace/text.h"

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };

enum {
	REQUEST_RESOURCE_SPANS = 1,
	RESOURCE_SPANS_RESOURCE = 1,
	RESOURCE_SPANS_SCOPE_SPANS = 2,
	RESOURCE_ATTRIBUTES = 1,
	SCOPE_SPANS_SCOPE = 1,
	SCOPE_SPANS_SPANS = 2,
	SCOPE_NAME = 1,
	SCOPE_VERSION = 2,
	SPAN_TRACE_ID = 1,
	SPAN_SPAN_ID = 2,
	SPAN_PARENT_SPAN_ID = 4,
	SPAN_NAME = 5,
	SPAN_KIND = 6,
	SPAN_START = 7,
	SPAN_END = 8,
	SPAN_ATTRIBUTES = 9,
	SPAN_STATUS = 15,
	STATUS_CODE = 3,
	STATUS_CODE_ERROR = 2,
	KEY_VALUE_KEY = 1,
	KEY_VALUE_VALUE = 2,
	ANY_VALUE_STRING = 1,
};

static size_t varint_bytes(uint64_t v)
{
	size_t n = 1;

	while (v >>= 7)
		n++;
	return n;
}

static void put_varint(struct buf *out, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_append_char(out, (char)(v | 0x80));
	buf_append_char(out, (char)v);
}

/* All field numbers here fit one byte. */
static void put_tag(struct buf *out, unsigned field, enum wire wire)
{
	assert(field < 16);
	buf_append_char(out, (char)(field << 3 | wire));
}

/* The head of a field with a length. */
static void put_length(struct buf *out, unsigned field, size_t len)
{
	put_tag(out, field, WIRE_BYTES);
	put_varint(out, len);
}

static size_t sized(size_t len)
{
	return 1 + varint_bytes(len) + len;
}

static void put_bytes(struct buf *out, unsigned field, const void *bytes, size_t n)
{
	put_length(out, field, n);
	buf_append(out, bytes, n);
}

static void put_string(struct buf *out, unsigned field, struct slice s)
{
	put_length(out, field, s.len);
	trace_put_text(out, s);
}

static void put_fixed64(struct buf *out, unsigned field, uint64_t v)
{
	put_tag(out, field, WIRE_FIXED64);
	for (int i = 0; i < 8; i++)
		buf_append_char(out, (char)(v >> (8 * i)));
}

/* key: as trace_otlp_name made it. */
static size_t attribute_bytes(struct slice key, struct slice value)
{
	return key.len + sized(sized(value.len));
}

static void put_attribute(struct buf *out, unsigned field, struct slice key, struct slice value)
{
	put_length(out, field, attribute_bytes(key, value));
	buf_append_slice(out, key);
	put_length(out, KEY_VALUE_VALUE, sized(value.len));
	put_string(out, ANY_VALUE_STRING, value);
}

void trace_otlp_name(struct buf *out, struct slice name)
{
	put_string(out, KEY_VALUE_KEY, name);
}

static void put_named(struct buf *out, unsigned field, struct slice name, struct slice value)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;

	trace_otlp_name(&key, name);
	put_attribute(out, field, buf_slice(&key), value);
}

void trace_otlp_constant(struct buf *out, const struct trace_tag *tags, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put_named(out, SPAN_ATTRIBUTES, tags[i].key, tags[i].value);
}

/* A span that failed says so in two ways. */
#define ERROR_KEY                                                                                                      \
	SLICE("\x0a\x05"                                                                                               \
	      "error")
#define ERROR_VALUE SLICE("true")

static size_t span_bytes(const struct trace_span *s)
{
	size_t n = sized(16) + sized(8) + sized(s->name.len) + 2 + 9 + 9 + s->constant.len;

	if (s->context.has_parent)
		n += sized(8);
	for (size_t i = 0; i < s->n_tags; i++)
		n += sized(attribute_bytes(s->tags[i].key, s->tags[i].value));
	return n + (s->error ? sized(attribute_bytes(ERROR_KEY, ERROR_VALUE)) + sized(2) : 0);
}

void trace_otlp_span(struct buf *batch, const struct trace_span *s)
{
	put_length(batch, SCOPE_SPANS_SPANS, span_bytes(s));
	put_bytes(batch, SPAN_TRACE_ID, s->context.trace_id, 16);
	put_bytes(batch, SPAN_SPAN_ID, s->context.span_id, 8);
	if (s->context.has_parent)
		put_bytes(batch, SPAN_PARENT_SPAN_ID, s->context.parent_id, 8);
	put_string(batch, SPAN_NAME, s->name);
	put_tag(batch, SPAN_KIND, WIRE_VARINT);
	put_varint(batch, s->kind);
	put_fixed64(batch, SPAN_START, (uint64_t)s->start_unix_ns);
	put_fixed64(batch, SPAN_END, (uint64_t)(s->start_unix_ns + s->duration_ns));
	buf_append_slice(batch, s->constant);
	for (size_t i = 0; i < s->n_tags; i++)
		put_attribute(batch, SPAN_ATTRIBUTES, s->tags[i].key, s->tags[i].value);
	if (s->error) {
		put_attribute(batch, SPAN_ATTRIBUTES, ERROR_KEY, ERROR_VALUE);
		put_length(batch, SPAN_STATUS, 2);
		put_tag(batch, STATUS_CODE, WIRE_VARINT);
		put_varint(batch, STATUS_CODE_ERROR);
	}
}

void trace_otlp_request(struct buf *batch, const struct trace_source *from)
{
	const struct slice scope = SLICE("weft-proxy");
	const size_t scope_bytes = sized(scope.len) + sized(from->version.len);
	const size_t spans = sized(scope_bytes) + batch->len;
	struct buf all = BUF_INIT;
	CLEANUP(buf_done) struct buf service = BUF_INIT;

	put_named(&service, RESOURCE_ATTRIBUTES, SLICE("service.name"), from->service);
	put_length(&all, REQUEST_RESOURCE_SPANS, sized(service.len) + sized(spans));
	put_bytes(&all, RESOURCE_SPANS_RESOURCE, service.ptr, service.len);
	put_length(&all, RESOURCE_SPANS_SCOPE_SPANS, spans);
	put_length(&all, SCOPE_SPANS_SCOPE, scope_bytes);
	put_string(&all, SCOPE_NAME, scope);
	put_string(&all, SCOPE_VERSION, from->version);
	buf_append_slice(&all, buf_slice(batch));
	buf_done(batch);
	*batch = all;
}
