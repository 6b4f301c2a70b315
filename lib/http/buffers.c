/* Freelists; memory above the bound goes back to the system. */
#include "http/buffers.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

void *buffers_get(struct buffers *b, size_t min, size_t *ret_size)
{
	size_t size = min <= BUFFERS_SMALL_BYTES ? BUFFERS_SMALL_BYTES : BUFFERS_LARGE_BYTES;
	struct buffers_list *l = size == BUFFERS_SMALL_BYTES ? &b->small : &b->large;
	void *p = l->head;

	assert(min <= BUFFERS_LARGE_BYTES);
	*ret_size = size;
	b->taken++;
	if (!p)
		return mem_realloc(NULL, size);
	l->head = *(void **)p;
	l->n--;
	if (l->n < l->low)
		l->low = l->n;
	return p;
}

void buffers_put(struct buffers *b, void *p, size_t size)
{
	struct buffers_list *l = size == BUFFERS_SMALL_BYTES ? &b->small : &b->large;

	if (!p)
		return;
	assert(b->taken > 0 && (size == BUFFERS_SMALL_BYTES || size == BUFFERS_LARGE_BYTES));
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
	return list_trim(&b->small, BUFFERS_SMALL_BYTES) + list_trim(&b->large, BUFFERS_LARGE_BYTES);
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
	list_done(&b->small);
	list_done(&b->large);
}
