/* Answers are kept by the pointers of what they stand on, which they hold: an equal pointer is the same thing. */
#include "xds/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "grpc/compress.h"
#include "xds/wire.h"

static void free_answer(struct shared_bytes *s)
{
	struct xds_answer *a = CONTAINER_OF(s, struct xds_answer, wire);

	xds_set_unref(a->held);
	xds_set_unref(a->set);
	xds_names_unref(a->names);
	shared_unref(a->packed);
	arena_done(&a->arena);
	free(a);
}

void xds_answer_unref(struct xds_answer *a)
{
	if (a)
		shared_unref(&a->wire);
}

static size_t key_of(const void *a, const void *b, const void *c, unsigned flags)
{
	const uint64_t key[4] = {(uintptr_t)a, (uintptr_t)b, (uintptr_t)c, flags};

	return hash_bytes(slice_make(key, sizeof(key)));
}

static bool is_answer(const struct xds_answer *a, const struct ads_sub *s, bool delta, const struct xds_set *set)
{
	return a && a->held == s->held && a->set == set && a->names == s->names && a->delta == delta &&
	       a->wildcard == s->wildcard && a->always == s->always;
}

static struct xds_answer *answer_new(const struct ads_sub *s, bool delta, struct xds_set *set)
{
	struct xds_answer *a = NEW(struct xds_answer);

	a->wire.refs = 1;
	a->wire.free = free_answer;
	a->held = xds_set_ref(s->held);
	a->set = xds_set_ref(set);
	a->names = xds_names_ref(s->names);
	a->delta = delta;
	a->wildcard = s->wildcard;
	a->always = s->always;
	ads_compare(s, delta, set, &a->arena, &a->a);
	for (size_t i = 0; i < a->a.n; i++)
		a->bytes += a->a.v[i]->bytes.len;
	return a;
}

struct xds_answer *xds_answers_get(struct xds_answers *x, const struct ads_sub *s, bool delta, struct xds_set *set)
{
	const unsigned flags = (unsigned)s->type << 3 | (unsigned)delta << 2 | (unsigned)s->wildcard << 1 | s->always;
	struct xds_answer **at = &x->v[key_of(s->held, set, s->names, flags) % XDS_ANSWERS_KEPT];

	if (s->fresh)
		return answer_new(s, delta, set);
	if (!is_answer(*at, s, delta, set)) {
		xds_answer_unref(*at);
		*at = answer_new(s, delta, set);
	}
	(*at)->unused = 0;
	shared_ref(&(*at)->wire);
	return *at;
}

/* --- the wire --- */

static void put_varint(struct buf *b, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		buf_append_char(b, (char)(v | 0x80));
	buf_append_char(b, (char)v);
}

static void put_head(struct buf *b, unsigned field, size_t len)
{
	put_varint(b, field << 3 | WIRE_BYTES);
	put_varint(b, len);
}

static void put_bytes(struct buf *b, unsigned field, struct slice s)
{
	put_head(b, field, s.len);
	buf_append_slice(b, s);
}

/* Of google.protobuf.Any all but the bytes of its value: type_url = 1, value = 2. */
static void put_any(struct buf *b, const struct xds_resource *r)
{
	put_bytes(b, 1, slice_str(xds_type_url(r->type)));
	put_head(b, 2, r->bytes.len);
}

/* Of Resource likewise: version = 1, resource = 2, name = 3. */
static void put_resource(struct buf *b, const struct xds_resource *r, struct slice any)
{
	put_bytes(b, 3, r->name);
	put_bytes(b, 1, slice_str(r->version));
	put_head(b, 2, any.len + r->bytes.len);
	buf_append_slice(b, any);
}

struct writer {
	struct arena *arena; /* of what is not the resources' own */
	bool delta;
	struct slice *v;
	size_t n, len;
	struct buf any, resource, head; /* reused */
};

static void put_piece(struct writer *w, struct slice s)
{
	w->v[w->n++] = s;
	w->len += s.len;
}

static void put_copy(struct writer *w, const struct buf *b)
{
	char *copy = arena_alloc(w->arena, b->len);

	memcpy(copy, b->ptr, b->len);
	put_piece(w, slice_make(copy, b->len));
}

/* A resource: what stands before its bytes, and those. Both kinds of responses have it as field 2. */
static void write_resource(struct writer *w, const struct xds_resource *r)
{
	const struct buf *inner = &w->any;

	buf_clear(&w->any);
	buf_clear(&w->resource);
	buf_clear(&w->head);
	put_any(&w->any, r);
	if (w->delta) {
		put_resource(&w->resource, r, buf_slice(&w->any));
		inner = &w->resource;
	}
	put_head(&w->head, 2, inner->len + r->bytes.len);
	buf_append_slice(&w->head, buf_slice(inner));
	put_copy(w, &w->head);
	if (r->bytes.len)
		put_piece(w, r->bytes);
}

/* The pieces, in memory of the arena and of the resources. */
static void write_all(const struct xds_answer *a, struct arena *arena, struct shared_bytes *out)
{
	struct writer w = {.arena = arena, .delta = a->delta};

	w.v = ARENA_NEW_N(arena, struct slice, 2 * a->a.n + a->a.n_removed + 1);
	for (size_t i = 0; i < a->a.n; i++)
		write_resource(&w, a->a.v[i]);
	for (size_t i = 0; i < a->a.n_removed; i++) {
		buf_clear(&w.head);
		put_bytes(&w.head, 6, a->a.removed[i]); /* removed_resources, of delta alone */
		put_copy(&w, &w.head);
	}
	out->v = w.v;
	out->n = w.n;
	out->len = w.len;
	buf_done(&w.any);
	buf_done(&w.resource);
	buf_done(&w.head);
}

struct shared_bytes *xds_answer_wire(struct xds_answer *a)
{
	if (!a->encoded)
		write_all(a, &a->arena, &a->wire);
	a->encoded = true;
	return &a->wire;
}

/*
 * The pieces that it is made of are not kept: who takes it compressed does not need them. Keys stay plain: the length
 * of a compressed message tells of what stands beside them.
 */
struct shared_bytes *xds_answer_packed(struct xds_answer *a)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct shared_bytes plain = {0};

	if (a->pack_tried)
		return a->packed;
	a->pack_tried = true;
	if (a->bytes < GRPC_COMPRESS_MIN_BYTES || a->a.v[0]->type == XDS_SECRET)
		return NULL;
	write_all(a, &tmp, &plain);
	a->packed = grpc_compress(&plain);
	return a->packed;
}

/* --- what leaves --- */

static struct xds_set *join(struct xds_set *set, struct xds_set *old)
{
	CLEANUP(freep) struct xds_resource **leaving = mem_calloc(old->n + 1, sizeof(*leaving));
	struct xds_diff walk = {0};
	struct xds_resource *was, *now;
	size_t n = 0;

	while (xds_diff_next(&walk, old, set, &was, &now))
		if (!now)
			leaving[n++] = was;
	return n ? xds_set_apply(set, leaving, n, NULL, 0) : NULL;
}

static void forget_leaving(struct xds_answers *x, size_t i)
{
	xds_set_unref(take(x->leaving[i].set));
	xds_set_unref(take(x->leaving[i].old));
	xds_set_unref(take(x->leaving[i].kept));
}

struct xds_set *xds_answers_with_leaving(struct xds_answers *x, struct xds_set *set, struct xds_set *old)
{
	const size_t i = key_of(set, old, NULL, 0) % XDS_LEAVING_KEPT;

	if (!old || old == set)
		return NULL;
	if (x->leaving[i].set != set || x->leaving[i].old != old) {
		forget_leaving(x, i);
		x->leaving[i].set = xds_set_ref(set);
		x->leaving[i].old = xds_set_ref(old);
		x->leaving[i].kept = join(set, old);
	}
	return xds_set_ref(x->leaving[i].kept);
}

void xds_answers_clear(struct xds_answers *x)
{
	for (size_t i = 0; i < XDS_ANSWERS_KEPT; i++)
		xds_answer_unref(take(x->v[i]));
	for (size_t i = 0; i < XDS_LEAVING_KEPT; i++)
		forget_leaving(x, i);
}

bool xds_answers_age(struct xds_answers *x)
{
	bool left = false;

	for (size_t i = 0; i < XDS_LEAVING_KEPT; i++)
		forget_leaving(x, i);
	for (size_t i = 0; i < XDS_ANSWERS_KEPT; i++) {
		if (!x->v[i])
			continue;
		if (!x->v[i]->held && ++x->v[i]->unused <= XDS_ANSWERS_WHOLE_TICKS)
			left = true;
		else
			xds_answer_unref(take(x->v[i]));
	}
	return left;
}
