/* Bump allocation in blocks that grow with what is in them, up to a bound; larger requests get a block of their own. */
#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define ALIGNMENT 16
#define FIRST_BLOCK 1024
#define LARGEST_BLOCK 65536

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(ALIGNMENT) char data[];
};

struct arena_cleanup {
	struct arena_cleanup *next;
	void (*fn)(void *arg);
	void *arg;
};

void arena_done(struct arena *a)
{
	for (struct arena_cleanup *c = a->cleanups; c; c = c->next)
		c->fn(c->arg);
	while (a->blocks) {
		struct arena_block *b = a->blocks;

		a->blocks = b->next;
		free(b);
	}
	*a = (struct arena)ARENA_INIT;
}

/* Most are done with two blocks. What is larger may be kept for long, as an object of a store is: a quarter more is
 * enough. */
static size_t next_size(const struct arena *a)
{
	if (!a->blocks)
		return FIRST_BLOCK;
	return a->bytes < 2 * FIRST_BLOCK ? 2 * FIRST_BLOCK : MAX(FIRST_BLOCK, a->bytes / 4);
}

static struct arena_block *block_new(struct arena *a, size_t need)
{
	size_t size = next_size(a);
	struct arena_block *b;

	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < need)
		size = need;
	b = mem_realloc(NULL, sizeof(*b) + size);
	b->used = 0;
	b->size = size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t need = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	struct arena_block *b = a->blocks;
	void *p;

	if (need < size)
		abort();
	if (!b || b->size - b->used < need) {
		struct arena_block *fresh = block_new(a, need);

		/* A block of its own goes behind the current one, which may still have room. */
		if (b && need > LARGEST_BLOCK / 4) {
			fresh->next = b->next;
			b->next = fresh;
		} else {
			fresh->next = b;
			a->blocks = fresh;
		}
		b = fresh;
	}
	p = b->data + b->used;
	b->used += need;
	a->bytes += need;
	return memset(p, 0, need);
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		abort();
	return arena_alloc(a, total);
}

char *arena_slicedup(struct arena *a, struct slice s)
{
	char *copy = arena_alloc(a, s.len + 1);

	if (s.len)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_slicedup(a, slice_str(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *s;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		abort();
	s = arena_alloc(a, (size_t)n + 1);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

void arena_on_done(struct arena *a, void (*fn)(void *arg), void *arg)
{
	struct arena_cleanup *c = ARENA_NEW(a, struct arena_cleanup);

	*c = (struct arena_cleanup){a->cleanups, fn, arg};
	a->cleanups = c;
}
