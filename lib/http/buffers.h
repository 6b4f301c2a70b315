/*
 * Memory of one worker for what is under way: bytes that arrive or wait to leave, fields of heads, texts of exchanges.
 * Taken when it is needed and given back when it is not, so that an idle connection costs its struct alone. A few
 * sizes; freed ones are kept up to a bound.
 */
#ifndef HTTP_BUFFERS_H
#define HTTP_BUFFERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/spares.h"

/* More fields and texts than an exchange has room for, and as many as it may have. */
#define BUFFERS_FEW_BYTES 1024
#define BUFFERS_MANY_BYTES 4096
/* A buffer for everyday messages, and one for the largest head that is allowed. */
#define BUFFERS_SMALL_BYTES 16384
#define BUFFERS_LARGE_BYTES 65536
#define BUFFERS_SIZES 4
/* How much memory of each size is kept for reuse at most; what nobody needed for a while is trimmed. */
#define BUFFERS_KEEP_BYTES (8 << 20)

struct buffers {
	struct buffers_list {
		void *head; /* the first word of a free buffer points to the next */
		size_t n;
		size_t low;     /* fewest since the last trim: nobody needed those */
	} lists[BUFFERS_SIZES]; /* from the smallest size to the largest */
	size_t taken;           /* buffers in use, for leak checks */
	struct spares spares;   /* and smaller pieces, which nobody counts */
};

/*
 * A buffer of at least min bytes (up to BUFFERS_LARGE_BYTES), not zeroed; *ret_size is its size, one of the above.
 * Never NULL.
 */
void *buffers_get(struct buffers *b, size_t min, size_t *ret_size);
/* NULL is fine. */
void buffers_put(struct buffers *b, void *p, size_t size);
/* Frees what was not needed since the last call; returns how many bytes. */
size_t buffers_trim(struct buffers *b);
/* Whether nothing is kept. */
bool buffers_empty(const struct buffers *b);

/* Frees what is kept. */
void buffers_done(struct buffers *b);

#endif
