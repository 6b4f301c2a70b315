/*
 * Lists by what malloc really gave. To a sanitizer a kept piece is memory that nobody may touch, and of one that is
 * handed out again only what was asked for may be.
 */
#include "base/spares.h"

#include <malloc.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* malloc keeps a word of its own before each piece. */
#define OVERHEAD_BYTES sizeof(size_t)

/* The list whose pieces all hold n bytes. */
static size_t list_for(size_t n)
{
	return (n + OVERHEAD_BYTES + SPARES_STEP_BYTES - 1) / SPARES_STEP_BYTES;
}

/* The list for a piece of this size: as much as its pieces have to hold, or more. */
static size_t list_of(size_t bytes)
{
	return (bytes + OVERHEAD_BYTES) / SPARES_STEP_BYTES;
}

static void *pop(struct spares_list *l)
{
	void *p = l->head;

	ASAN_UNPOISON_MEMORY_REGION(p, sizeof(void *));
	l->head = *(void **)p;
	l->n--;
	if (l->n < l->low)
		l->low = l->n;
	return p;
}

/* NULL = none is kept. */
static void *kept(struct spares *s, size_t n)
{
	const size_t i = list_for(n);
	void *p;

	if (!s || i >= SPARES_LISTS || !s->lists[i].head)
		return NULL;
	p = pop(&s->lists[i]);
	ASAN_UNPOISON_MEMORY_REGION(p, n);
	return p;
}

void *spares_get(struct spares *s, size_t n)
{
	void *p = kept(s, n);

	return p ? p : mem_realloc(NULL, n);
}

void *spares_get_zeroed(struct spares *s, size_t n)
{
	void *p = kept(s, n);

	return p ? memset(p, 0, n) : mem_alloc(n);
}

void spares_put(struct spares *s, void *p)
{
	size_t bytes, i;
	struct spares_list *l;

	if (!p)
		return;
	bytes = malloc_usable_size(p);
	i = list_of(bytes);
	if (!s || i >= SPARES_LISTS || bytes < sizeof(void *) || (s->lists[i].n + 1) * bytes > SPARES_KEEP_BYTES) {
		free(p);
		return;
	}
	l = &s->lists[i];
	ASAN_UNPOISON_MEMORY_REGION(p, sizeof(void *));
	*(void **)p = l->head;
	ASAN_POISON_MEMORY_REGION(p, bytes);
	l->head = p;
	l->n++;
}

static size_t free_some(struct spares_list *l, uint32_t n)
{
	size_t bytes = 0;

	while (n--) {
		void *p = pop(l);

		bytes += malloc_usable_size(p);
		free(p);
	}
	l->low = l->n;
	return bytes;
}

size_t spares_trim(struct spares *s)
{
	size_t bytes = 0;

	for (size_t i = 0; i < SPARES_LISTS; i++)
		bytes += free_some(&s->lists[i], s->lists[i].low);
	return bytes;
}

void spares_done(struct spares *s)
{
	for (size_t i = 0; i < SPARES_LISTS; i++)
		free_some(&s->lists[i], s->lists[i].n);
}
