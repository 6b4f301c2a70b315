/*
 * Freed pieces of memory, kept by size for whoever needs one next: what is made and freed with each request costs a few
 * instructions in place of an allocator's. A piece is memory of malloc's all the same: realloc and free take it, and
 * what malloc gave may be put here. One thread's; zeroed at first.
 */
#ifndef BASE_SPARES_H
#define BASE_SPARES_H

#include <stddef.h>
#include <stdint.h>

/* Larger pieces are not kept. */
#define SPARES_PIECE_MAX_BYTES 4096
/* How much of each size is kept at most; what nobody needed for a while is trimmed. */
#define SPARES_KEEP_BYTES (1 << 20)
/* Sizes are told apart in steps of so many bytes, as malloc does. */
#define SPARES_STEP_BYTES 16
#define SPARES_LISTS (SPARES_PIECE_MAX_BYTES / SPARES_STEP_BYTES + 2)

struct spares {
	struct spares_list {
		void *head;   /* the first word of a piece points to the next */
		uint32_t n;   /* kept */
		uint32_t low; /* fewest since the last trim: nobody needed those */
	} lists[SPARES_LISTS];
};

/* n bytes, not zeroed; s NULL = from the heap. Never NULL. */
void *spares_get(struct spares *s, size_t n) __attribute__((returns_nonnull));
/* The same, zeroed. */
void *spares_get_zeroed(struct spares *s, size_t n) __attribute__((returns_nonnull));
/* Gives a piece back, which may be of malloc's own. NULL is fine for both. */
void spares_put(struct spares *s, void *p);

/* Frees what was not needed since the last call; returns how many bytes. */
size_t spares_trim(struct spares *s);
/* Frees all. */
void spares_done(struct spares *s);

#endif
