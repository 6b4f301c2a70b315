/* An intrusive binary min-heap with removal from the middle: for timers. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct heap_node {
	uint64_t key;
	size_t index; /* 1-based position; 0 = in no heap */
};

struct heap {
	struct heap_node **v; /* owned array; nodes are the caller's */
	size_t n, cap;
};

/* Frees the array; nodes are left as they are. */
void heap_done(struct heap *h);

/* Inserts a node that is in no heap; node->key is set by the caller before. */
void heap_add(struct heap *h, struct heap_node *node);

/* Removes a node; does nothing when it is in no heap. */
void heap_remove(struct heap *h, struct heap_node *node);

/* The node with the smallest key, or NULL. */
struct heap_node *heap_min(const struct heap *h);

#endif
