/*
 * Spans as Zipkin's API v2 has them: https://zipkin.io/zipkin-api, POST /api/v2/spans. Of a span's bytes most are the
 * same in all of them, or texts that need no change: they are copied to where there is room for the whole span.
 */
#include <assert.h>

#include "trace/span.h"
#include "trace/text.h"

/* All that a span has beside its texts: braces, names, identifiers, numbers. */
#define FIXED_BYTES 320
#define NUMBER_BYTES 24

/* ---- what all spans have in common ---- */

void trace_zipkin_name(struct buf *out, struct slice name)
{
	buf_append_char(out, ',');
	trace_put_json(out, name);
	buf_append_char(out, ':');
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

void trace_zipkin_constant(struct buf *out, const struct trace_source *from, const struct trace_tag *tags, size_t n)
{
	const char *comma = "";

	assert(n > 0);
	put_endpoint(out, from);
	buf_append_str(out, ",\"tags\":{");
	for (size_t i = 0; i < n; i++) {
		buf_append_str(out, comma);
		trace_put_json(out, tags[i].key);
		buf_append_char(out, ':');
		trace_put_json(out, tags[i].value);
		comma = ",";
	}
}

/* ---- one span ---- */

/* Where its next byte goes. There is room for all of it as long as its texts need no change. */
struct pen {
	struct buf *out;
	char *p;
	size_t room;
};

static void take_room(struct pen *w)
{
	w->p = buf_reserve(w->out, w->room);
}

static void give_room(struct pen *w)
{
	w->out->len = (size_t)(w->p - w->out->ptr);
	*w->p = 0;
}

static inline void put(struct pen *w, struct slice s)
{
	w->p = mempcpy(w->p, s.ptr, s.len);
}

static void put_text(struct pen *w, struct slice s)
{
	char *end = trace_copy_plain(w->p + 1, s);

	if (!end) {
		give_room(w);
		trace_put_json(w->out, s);
		take_room(w);
		return;
	}
	*w->p = '"';
	*end = '"';
	w->p = end + 1;
}

static void put_number(struct pen *w, int64_t n)
{
	char digits[NUMBER_BYTES], *p = digits + sizeof(digits);
	uint64_t left = n > 0 ? (uint64_t)n : 0;

	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	put(w, slice_make(p, (size_t)(digits + sizeof(digits) - p)));
}

static void put_ids(struct pen *w, const struct trace_context *c)
{
	put(w, SLICE("{\"traceId\":\""));
	w->p += trace_write_id(c, w->p).len;
	if (c->has_parent) {
		put(w, SLICE("\",\"parentId\":\""));
		w->p += trace_write_span(c->parent_id, w->p).len;
	}
	put(w, SLICE("\",\"id\":\""));
	w->p += trace_write_span(c->span_id, w->p).len;
}

static size_t room_for(const struct trace_span *s)
{
	size_t n = FIXED_BYTES + s->name.len + s->constant.len;

	for (size_t i = 0; i < s->n_tags; i++)
		n += s->tags[i].key.len + s->tags[i].value.len + 2;
	return n;
}

void trace_zipkin_span(struct buf *batch, const struct trace_span *s)
{
	const int64_t duration_us = s->duration_ns / 1000;
	struct pen w = {.out = batch, .room = room_for(s)};

	take_room(&w);
	*w.p++ = batch->len ? ',' : '[';
	put_ids(&w, &s->context);
	put(&w, s->kind == TRACE_KIND_SERVER ? SLICE("\",\"kind\":\"SERVER\",\"timestamp\":")
					     : SLICE("\",\"kind\":\"CLIENT\",\"timestamp\":"));
	put_number(&w, s->start_unix_ns / 1000);
	put(&w, SLICE(",\"duration\":"));
	put_number(&w, duration_us > 0 ? duration_us : 1); /* 0 means unknown there */
	put(&w, SLICE(",\"name\":"));
	put_text(&w, s->name);
	if (s->context.sampled == TRACE_DEBUG)
		put(&w, SLICE(",\"debug\":true"));
	if (s->shared)
		put(&w, SLICE(",\"shared\":true"));
	put(&w, s->constant);
	for (size_t i = 0; i < s->n_tags; i++) {
		put(&w, s->tags[i].key);
		put_text(&w, s->tags[i].value);
	}
	put(&w, s->error ? SLICE(",\"error\":\"true\"}}") : SLICE("}}"));
	give_room(&w);
}

void trace_zipkin_request(struct buf *batch)
{
	buf_append_char(batch, ']');
}
