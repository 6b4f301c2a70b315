/*
 * The body that a stream has still to send: bytes of its own in a buffer, and between them, where somebody shares some,
 * references to those. Most streams never share: then there is the buffer alone.
 */
#include <assert.h>

#include "base/mem.h"
#include "h2/h2_internal.h"

#define ROOM_MIN_BYTES 256 /* of a buffer */
#define KEEP_BYTES 2048    /* of an empty buffer; what a peak took is given back */

/* A run of the body, of the stream's own bytes or of shared ones. */
struct run {
	size_t left;                 /* bytes of it that have not left */
	struct shared_bytes *shared; /* NULL = the next bytes of the stream's buffer */
	size_t piece, at;            /* where it stands in the shared ones */
};

struct h2_queue {
	size_t shared_bytes; /* waiting in all runs */
	size_t first;        /* run that is under way */
	VEC(struct run) runs;
};

static size_t own_bytes(const struct h2_stream *st)
{
	assert(st->out_off <= st->out.len);
	return st->out.len - st->out_off;
}

size_t h2_body_waiting(const struct h2_stream *st)
{
	return own_bytes(st) + (st->queue ? st->queue->shared_bytes : 0);
}

static struct spares *spares_of(const struct h2_stream *st)
{
	return st->session->settings.spares;
}

static void take_room(struct h2_stream *st, size_t n)
{
	st->out.cap = MAX(n + 1, (size_t)ROOM_MIN_BYTES); /* a NUL stands behind */
	st->out.ptr = spares_get(spares_of(st), st->out.cap);
}

static void give_room(struct h2_stream *st)
{
	spares_put(spares_of(st), st->out.ptr);
	st->out = (struct buf)BUF_INIT;
}

void h2_body_add(struct h2_stream *st, struct slice bytes)
{
	struct h2_queue *q = st->queue;
	struct run *last = q ? &q->runs.v[q->runs.n - 1] : NULL;

	if (!bytes.len)
		return;
	if (st->out_off >= st->out.cap / 2 && st->out_off > 4096) {
		buf_consume(&st->out, st->out_off);
		st->out_off = 0;
	}
	if (!st->out.cap)
		take_room(st, bytes.len);
	buf_append_slice(&st->out, bytes);
	if (last && !last->shared)
		last->left += bytes.len;
	else if (last)
		vec_push(&q->runs, (struct run){.left = bytes.len});
}

void h2_body_add_shared(struct h2_stream *st, struct shared_bytes *s)
{
	struct h2_queue *q = st->queue;

	if (!s->len)
		return;
	if (!q) {
		q = st->queue = NEW(struct h2_queue);
		if (own_bytes(st))
			vec_push(&q->runs, (struct run){.left = own_bytes(st)});
	}
	vec_push(&q->runs, (struct run){.left = s->len, .shared = shared_ref(s)});
	q->shared_bytes += s->len;
}

static void take_own(struct h2_stream *st, size_t n, struct buf *out)
{
	assert(n <= own_bytes(st));
	buf_append(out, st->out.ptr + st->out_off, n);
	st->out_off += n;
	if (st->out_off < st->out.len)
		return;
	st->out_off = 0;
	if (st->out.cap > KEEP_BYTES || st->session->settings.common)
		give_room(st);
	else
		buf_clear(&st->out);
}

static void take_shared(struct run *r, size_t n, struct buf *out)
{
	while (n) {
		const struct slice piece = slice_from(r->shared->v[r->piece], r->at);
		const size_t part = MIN(piece.len, n);

		buf_append(out, piece.ptr, part);
		n -= part;
		r->at += part;
		if (part == piece.len) {
			r->piece++;
			r->at = 0;
		}
	}
}

static void queue_free(struct h2_queue *q)
{
	for (size_t i = q->first; i < q->runs.n; i++)
		shared_unref(q->runs.v[i].shared);
	vec_done(&q->runs);
	free(q);
}

/* The first run, as far as n goes; returns how far. */
static size_t take_run(struct h2_stream *st, size_t n, struct buf *out)
{
	struct h2_queue *q = st->queue;
	struct run *r = &q->runs.v[q->first];
	const size_t part = MIN(n, r->left);

	if (r->shared) {
		take_shared(r, part, out);
		q->shared_bytes -= part;
	} else {
		take_own(st, part, out);
	}
	r->left -= part;
	if (r->left)
		return part;
	shared_unref(take(r->shared));
	if (++q->first == q->runs.n)
		queue_free(take(st->queue));
	return part;
}

void h2_body_take(struct h2_stream *st, size_t n, struct buf *out)
{
	assert(n <= h2_body_waiting(st));
	while (n && st->queue)
		n -= take_run(st, n, out);
	if (n)
		take_own(st, n, out);
}

void h2_body_done(struct h2_stream *st)
{
	if (st->queue)
		queue_free(take(st->queue));
	give_room(st);
}
