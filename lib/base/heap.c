/* Binary heap over an array of pointers, 1-based so that parent(i) = i/2; v[0] is unused. */
#include "base/heap.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

void heap_done(struct heap *h)
{
	free(h->v);
	*h = (struct heap){0};
}

static void place(struct heap *h, size_t i, struct heap_node *node)
{
	h->v[i] = node;
	node->index = i;
}

static void sift_up(struct heap *h, size_t i, struct heap_node *node)
{
	while (i > 1 && node->key < h->v[i / 2]->key) {
		place(h, i, h->v[i / 2]);
		i /= 2;
	}
	place(h, i, node);
}

static void sift_down(struct heap *h, size_t i, struct heap_node *node)
{
	for (;;) {
		size_t child = i * 2;

		if (child > h->n)
			break;
		if (child < h->n && h->v[child + 1]->key < h->v[child]->key)
			child++;
		if (node->key <= h->v[child]->key)
			break;
		place(h, i, h->v[child]);
		i = child;
	}
	place(h, i, node);
}

void heap_add(struct heap *h, struct heap_node *node)
{
	assert(node->index == 0);
	if (h->n + 2 > h->cap) {
		h->cap = h->cap ? h->cap * 2 : 16;
		h->v = mem_realloc(h->v, h->cap * sizeof(struct heap_node *));
	}
	h->n++;
	sift_up(h, h->n, node);
}

void heap_remove(struct heap *h, struct heap_node *node)
{
	size_t i = node->index;
	struct heap_node *last;

	if (!i)
		return;
	assert(i <= h->n && h->v[i] == node);
	last = h->v[h->n--];
	node->index = 0;
	if (last == node)
		return;
	if (i > 1 && last->key < h->v[i / 2]->key)
		sift_up(h, i, last);
	else
		sift_down(h, i, last);
}

struct heap_node *heap_min(const struct heap *h)
{
	return h->n ? h->v[1] : NULL;
}
