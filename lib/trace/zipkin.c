/* Spans as Zipkin's API v2 has them: https://zipkin.io/zipkin-api, POST /api/v2/spans. */
#include "trace/span.h"
#include "trace/text.h"

/* before: what stands before the identifier, its quote included. */
static void put_id(struct buf *out, const char *before, struct slice id)
{
	buf_append_str(out, before);
	buf_append_slice(out, id);
	buf_append_char(out, '"');
}

static void put_ids(struct buf *out, const struct trace_context *c)
{
	char text[TRACE_ID_BYTES];

	put_id(out, "{\"traceId\":\"", trace_write_id(c, text));
	if (c->has_parent)
		put_id(out, ",\"parentId\":\"", trace_write_span(c->parent_id, text));
	put_id(out, ",\"id\":\"", trace_write_span(c->span_id, text));
}

static void put_number(struct buf *out, const char *before, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = n > 0 ? (uint64_t)n : 0;

	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	buf_append_str(out, before);
	buf_append(out, p, (size_t)(digits + sizeof(digits) - p));
}

static void put_endpoint(struct buf *out, const struct trace_source *from)
{
	buf_append_str(out, ",\"localEndpoint\":{\"serviceName\":");
	trace_put_json(out, from->service);
	if (from->address.len) {
		buf_append_str(out, slice_find(from->address, ':') < 0 ? ",\"ipv4\":" : ",\"ipv6\":");
		trace_put_json(out, from->address);
	}
	buf_append_char(out, '}');
}

static void put_tags(struct buf *out, const struct trace_span *s)
{
	const char *comma = "";

	buf_append_str(out, ",\"tags\":{");
	for (size_t i = 0; i < s->n_tags; i++) {
		buf_append_str(out, comma);
		trace_put_json(out, s->tags[i].key);
		buf_append_char(out, ':');
		trace_put_json(out, s->tags[i].value);
		comma = ",";
	}
	buf_append_str(out, "}}");
}

void trace_zipkin_span(struct buf *batch, const struct trace_source *from, const struct trace_span *s)
{
	int64_t duration_us = s->duration_ns / 1000;

	if (batch->len)
		buf_append_char(batch, ',');
	put_ids(batch, &s->context);
	/* A duration of 0 means unknown there. */
	buf_append_str(batch, s->kind == TRACE_KIND_SERVER ? ",\"kind\":\"SERVER\"" : ",\"kind\":\"CLIENT\"");
	put_number(batch, ",\"timestamp\":", s->start_unix_ns / 1000);
	put_number(batch, ",\"duration\":", duration_us > 0 ? duration_us : 1);
	buf_append_str(batch, ",\"name\":");
	trace_put_json(batch, s->name);
	if (s->context.sampled == TRACE_DEBUG)
		buf_append_str(batch, ",\"debug\":true");
	if (s->shared)
		buf_append_str(batch, ",\"shared\":true");
	put_endpoint(batch, from);
	put_tags(batch, s);
}

void trace_zipkin_request(struct buf *out, struct slice batch)
{
	buf_append_char(out, '[');
	buf_append_slice(out, batch);
	buf_append_char(out, ']');
}
