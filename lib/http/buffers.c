/* Freelists; memory above the bound goes back to the system. */
#include "http/buffers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

static const size_t sizes[BUFFERS_SIZES] = {BUFFERS_FEW_BYTES, BUFFERS_MANY_BYTES, BUFFERS_SMALL_BYTES,
					    BUFFERS_LARGE_BYTES};

/* The smallest size that is enough. */
static unsigned class_of(size_t bytes)
{
	assert(bytes <= BUFFERS_LARGE_BYTES);
	return (bytes > BUFFERS_FEW_BYTES) + (bytes > BUFFERS_MANY_BYTES) + (bytes > BUFFERS_SMALL_BYTES);
}

void *buffers_get(struct buffers *b, size_t min, size_t *ret_size)
{
	const unsigned i = class_of(min);
	struct buffers_list *l = &b->lists[i];
	void *p = l->head;

	*ret_size = sizes[i];
	b->taken++;
	if (!p)
		return mem_realloc(NULL, sizes[i]);
	l->head = *(void **)p;
	l->n--;
	if (l->n < l->low)
		l->low = l->n;
	return p;
}

void buffers_put(struct buffers *b, void *p, size_t size)
{
	const unsigned i = class_of(size);
	struct buffers_list *l = &b->lists[i];

	if (!p)
		return;
	assert(b->taken > 0 && size == sizes[i]);
	b->taken--;
	if ((l->n + 1) * size > BUFFERS_KEEP_BYTES) {
		free(p);
		return;
	}
	*(void **)p = l->head;
	l->head = p;
	l->n++;
}

static size_t list_trim(struct buffers_list *l, size_t size)
{
	size_t n = l->low;

	assert(n <= l->n);
	for (size_t i = 0; i < n; i++) {
		void *p = l->head;

		l->head = *(void **)p;
		free(p);
	}
	l->n -= n;
	l->low = l->n;
	return n * size;
}

size_t buffers_trim(struct buffers *b)
{
	size_t freed = spares_trim(&b->spares);

	for (unsigned i = 0; i < BUFFERS_SIZES; i++)
		freed += list_trim(&b->lists[i], sizes[i]);
	return freed;
}

bool buffers_empty(const struct buffers *b)
{
	size_t kept = 0;

	for (unsigned i = 0; i < BUFFERS_SIZES; i++)
		kept += b->lists[i].n;
	return !kept;
}

static void list_done(struct buffers_list *l)
{
	while (l->head) {
		void *p = l->head;

		l->head = *(void **)p;
		free(p);
	}
	l->n = l->low = 0;
}

void buffers_done(struct buffers *b)
{
	for (unsigned i = 0; i < BUFFERS_SIZES; i++)
		list_done(&b->lists[i]);
	spares_done(&b->spares);
}
