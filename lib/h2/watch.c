/*
 * What the library lets pass: frames of streams that have ended, and numbers that shrink (RFC 9113 5.1 and 5.1.1). The
 * frames' heads are read beside it, and it gets what stands before a doubtful one first.
 */
#include <string.h>

#include "h2/h2_internal.h"

#define PREFACE_BYTES 24

static bool has_ended(const struct h2_session *s, int32_t id)
{
	for (unsigned i = 0; i < MIN(s->n_ended, H2_ENDED_KEPT); i++)
		if (s->ended[i] == id)
			return true;
	return false;
}

/* The frame's head is complete, all before it was taken. True when the peer is cut off. */
static bool check(struct h2_session *s, uint8_t type, int32_t id)
{
	if (s->cut_off || id % 2 == 0 || nghttp2_session_find_stream(s->ng, id))
		return s->cut_off;
	if (has_ended(s, id))
		nghttp2_session_terminate_session(s->ng, NGHTTP2_STREAM_CLOSED);
	else if (s->server && id <= s->highest && type == NGHTTP2_HEADERS && !s->dropped && s->n_ended <= H2_ENDED_KEPT)
		nghttp2_session_terminate_session(s->ng, NGHTTP2_PROTOCOL_ERROR);
	else
		return false;
	s->cut_off = true;
	return true;
}

static ssize_t feed(struct h2_session *s, struct slice bytes)
{
	return bytes.len ? nghttp2_session_mem_recv(s->ng, (const uint8_t *)bytes.ptr, bytes.len) : 0;
}

static uint32_t number(const uint8_t *p, int n)
{
	uint32_t v = 0;

	for (int i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

/* How many of the bytes belong to the frame under way, whose head may not be complete yet. */
static size_t of_frame(struct h2_watch *w, struct slice bytes)
{
	size_t n;

	if (w->left) {
		n = MIN(bytes.len, w->left);
		w->left -= (uint32_t)n;
		return n;
	}
	n = MIN(bytes.len, sizeof(w->head) - w->have);
	memcpy(w->head + w->have, bytes.ptr, n);
	w->have = (uint8_t)(w->have + n);
	return n;
}

ssize_t h2_watch(struct h2_session *s, struct slice bytes)
{
	struct h2_watch *w = &s->watch;
	size_t at = 0, fed = 0;
	ssize_t r;

	if (!w->begun) {
		w->begun = true;
		w->left = s->server ? PREFACE_BYTES : 0;
	}
	while (at < bytes.len) {
		const size_t start = at;

		at += of_frame(w, slice_from(bytes, at));
		if (w->have < sizeof(w->head))
			continue;
		w->have = 0;
		w->left = number(w->head, 3);
		if (w->head[3] > NGHTTP2_HEADERS)
			continue;
		r = feed(s, slice_make(bytes.ptr + fed, start - fed));
		if (r < 0 || check(s, w->head[3], (int32_t)(number(w->head + 5, 4) & INT32_MAX)))
			return r;
		fed = start;
	}
	return feed(s, slice_from(bytes, fed));
}
