/*
 * Spans as OTLP has them. The messages are few and their lengths are known before they are written, so they are written
 * forwards into the batch, without a tree of structs for each span.
 *
 * Field numbers: opentelemetry/proto/trace/v1/trace.proto, common/v1/common.proto,
 * collector/trace/v1/trace_service.proto.
 */
#include <assert.h>

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

static size_t attribute_bytes(struct slice key, struct slice value)
{
	return sized(key.len) + sized(sized(value.len));
}

static void put_attribute(struct buf *out, unsigned field, struct slice key, struct slice value)
{
	put_length(out, field, attribute_bytes(key, value));
	put_string(out, KEY_VALUE_KEY, key);
	put_length(out, KEY_VALUE_VALUE, sized(value.len));
	put_string(out, ANY_VALUE_STRING, value);
}

static size_t span_bytes(const struct trace_span *s)
{
	size_t n = sized(16) + sized(8) + sized(s->name.len) + 2 + 9 + 9;

	if (s->context.has_parent)
		n += sized(8);
	for (size_t i = 0; i < s->n_tags; i++)
		n += sized(attribute_bytes(s->tags[i].key, s->tags[i].value));
	return n + (s->error ? sized(2) : 0);
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
	for (size_t i = 0; i < s->n_tags; i++)
		put_attribute(batch, SPAN_ATTRIBUTES, s->tags[i].key, s->tags[i].value);
	if (s->error) {
		put_length(batch, SPAN_STATUS, 2);
		put_tag(batch, STATUS_CODE, WIRE_VARINT);
		put_varint(batch, STATUS_CODE_ERROR);
	}
}

void trace_otlp_request(struct buf *out, const struct trace_source *from, struct slice batch)
{
	const struct slice service = SLICE("service.name"), scope = SLICE("weft-proxy");
	size_t resource = sized(attribute_bytes(service, from->service));
	size_t scope_bytes = sized(scope.len) + sized(from->version.len);
	size_t spans = sized(scope_bytes) + batch.len;

	put_length(out, REQUEST_RESOURCE_SPANS, sized(resource) + sized(spans));
	put_length(out, RESOURCE_SPANS_RESOURCE, resource);
	put_attribute(out, RESOURCE_ATTRIBUTES, service, from->service);
	put_length(out, RESOURCE_SPANS_SCOPE_SPANS, spans);
	put_length(out, SCOPE_SPANS_SCOPE, scope_bytes);
	put_string(out, SCOPE_NAME, scope);
	put_string(out, SCOPE_VERSION, from->version);
	buf_append_slice(out, batch);
}
