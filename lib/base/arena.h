/*
 * An arena hands out memory that is freed all at once: one per request, per snapshot, per decoded object. Foreign
 * resources that must die with it are registered as cleanups and run in reverse order.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdarg.h>

#include "base/slice.h"

struct arena_block;
struct arena_cleanup;

struct arena {
	struct arena_block *blocks;     /* newest first */
	struct arena_cleanup *cleanups; /* newest first; themselves in the arena */
	size_t bytes;                   /* handed out so far, for limits and statistics */
};

#define ARENA_INIT                                                                                                     \
	{                                                                                                              \
		NULL, NULL, 0                                                                                          \
	}

/* Runs the cleanups and frees everything; the arena may be used again. For CLEANUP(arena_done). */
void arena_done(struct arena *a);

/* Zeroed memory, aligned for any type; aborts when memory is gone. Never NULL, also for size 0. */
void *arena_alloc(struct arena *a, size_t size) __attribute__((returns_nonnull));

/* n zeroed items of size bytes; aborts on overflow. */
void *arena_calloc(struct arena *a, size_t n, size_t size) __attribute__((returns_nonnull));

/* A NUL-terminated copy. NULL gives NULL. */
char *arena_strdup(struct arena *a, const char *s);

/* A NUL-terminated copy of a slice; never NULL. */
char *arena_slicedup(struct arena *a, struct slice s) __attribute__((returns_nonnull));

/* Formatted text in the arena, NUL-terminated, of any length. */
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3), returns_nonnull));

/* Calls fn(arg) when the arena is freed. */
void arena_on_done(struct arena *a, void (*fn)(void *arg), void *arg);

#define ARENA_NEW(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define ARENA_NEW_N(a, T, n) ((T *)arena_calloc((a), (n), sizeof(T)))

#endif
