/*
 * Scope-bound cleanup. Every type that owns something defines its cleanup beside its free function; a function leaves
 * by `return`, and ownership leaves a scope by take().
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdlib.h>
#include <unistd.h>

/* Runs fn(&variable) when the variable goes out of scope. */
#define CLEANUP(fn) __attribute__((cleanup(fn)))

/* Defines fn ## p for pointers of type T (itself a pointer type), so that CLEANUP(x_freep) works. */
#define DEFINE_CLEANUP(T, fn)                                                                                          \
	static inline void fn##p(T *p)                                                                                 \
	{                                                                                                              \
		if (*p)                                                                                                \
			fn(*p);                                                                                        \
	}

/* Moves a pointer out of a variable and leaves NULL behind. */
#define take(p)                                                                                                        \
	({                                                                                                             \
		__auto_type taken_ = (p);                                                                              \
		(p) = NULL;                                                                                            \
		taken_;                                                                                                \
	})

/* Moves a descriptor out of a variable and leaves -1 behind. */
static inline int take_fd(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* CLEANUP(freep): free() of a heap pointer of any type. */
static inline void freep(void *p)
{
	free(*(void **)p);
}

/* CLEANUP(closep): close() of a descriptor; -1 is none. */
static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define CONTAINER_OF(ptr, type, member) ((type *)((char *)(ptr) - __builtin_offsetof(type, member)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#endif
