/* What the forms of spans have in common: batches, texts, tags, identifiers. */
#include "console/span/span_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/mem.h"
#include "msg/json.h"

void span_batch_done(struct span_batch *b)
{
	free(b->v);
	arena_done(&b->arena);
	*b = (struct span_batch){0};
}

struct span *span_add(struct span_batch *b)
{
	if (b->n >= SPAN_BATCH_MAX_SPANS) {
		b->refused++;
		return NULL;
	}
	if (b->n == b->cap) {
		b->cap = b->cap ? b->cap * 2 : 16;
		b->v = mem_realloc(b->v, b->cap * sizeof(*b->v));
	}
	b->v[b->n] = (struct span){0};
	return &b->v[b->n++];
}

void span_refuse(struct span_batch *b)
{
	b->n--;
	b->refused++;
}

const char *span_kind_str(enum span_kind k)
{
	static const char *const names[SPAN_KIND_COUNT] = {
		[SPAN_KIND_INTERNAL] = "internal", [SPAN_KIND_SERVER] = "server",     [SPAN_KIND_CLIENT] = "client",
		[SPAN_KIND_PRODUCER] = "producer", [SPAN_KIND_CONSUMER] = "consumer",
	};

	return k < SPAN_KIND_COUNT ? names[k] : NULL;
}

bool span_id_read(struct slice text, uint8_t *out, size_t size)
{
	uint8_t any = 0;

	if (!text.len || text.len > size * 2)
		return false;
	memset(out, 0, size);
	for (size_t i = 0; i < text.len; i++) {
		const size_t at = size * 2 - text.len + i;
		const int digit = hex_digit(text.ptr[i]);

		if (digit < 0)
			return false;
		out[at / 2] |= (uint8_t)(at % 2 ? digit : digit << 4);
		any |= (uint8_t)digit;
	}
	return any != 0;
}

/* Not in the middle of a character: bytes 10xxxxxx go on with one. */
static struct slice cut(struct slice s, size_t max)
{
	if (s.len <= max)
		return s;
	while (max && ((unsigned char)s.ptr[max] & 0xc0) == 0x80)
		max--;
	return slice_head(s, max);
}

struct slice span_text(struct span_batch *b, struct slice s, size_t max)
{
	char *copy;

	s = cut(s, max);
	copy = arena_slicedup(&b->arena, s);
	if (!json_is_utf8(s) || memchr(copy, 0, s.len))
		for (size_t i = 0; i < s.len; i++)
			if (copy[i] == 0 || (unsigned char)copy[i] >= 0x80)
				copy[i] = '?';
	return slice_make(copy, s.len);
}

void span_tag_add(struct span_batch *b, struct span_tags *t, struct slice key, enum span_tag_type type,
		  struct slice value)
{
	struct span_tag *old = t->v;

	if (t->n >= SPAN_TAGS_MAX || !key.len)
		return;
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 16;
		t->v = ARENA_NEW_N(&b->arena, struct span_tag, t->cap);
		if (t->n)
			memcpy(t->v, old, t->n * sizeof(*old));
	}
	t->v[t->n++] = (struct span_tag){span_text(b, key, SPAN_NAME_MAX_BYTES),
					 span_text(b, value, SPAN_VALUE_MAX_BYTES), type};
}

bool span_tags_error(const struct span_tags *t)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct span_tag *x = &t->v[i];

		if (slice_eq_str(x->key, "error") && !slice_eq_str(x->value, "false"))
			return true;
		if (slice_eq_str(x->key, "otel.status_code") && slice_eq_nocase(x->value, SLICE("ERROR")))
			return true;
	}
	return false;
}
