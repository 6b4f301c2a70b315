/* A typed growable array: VEC(struct x) xs = {0}; vec_push(&xs, x); ... vec_done(&xs). Elements move when it grows. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define VEC(T)                                                                                                         \
	struct {                                                                                                       \
		T *v;                                                                                                  \
		size_t n, cap;                                                                                         \
	}

#define vec_grow_(vec, want)                                                                                           \
	do {                                                                                                           \
		if ((want) > (vec)->cap) {                                                                             \
			(vec)->cap = (vec)->cap * 2 > (want) ? (vec)->cap * 2 : (want) < 8 ? 8 : (want);               \
			(vec)->v = mem_realloc((vec)->v, (vec)->cap * sizeof(*(vec)->v));                              \
		}                                                                                                      \
	} while (0)

/* Appends a value. */
#define vec_push(vec, ...)                                                                                             \
	do {                                                                                                           \
		vec_grow_((vec), (vec)->n + 1);                                                                        \
		(vec)->v[(vec)->n++] = (__VA_ARGS__);                                                                  \
	} while (0)

/* Appends a zeroed element and gives a pointer to it, valid until the next growth. */
#define vec_add(vec)                                                                                                   \
	({                                                                                                             \
		vec_grow_((vec), (vec)->n + 1);                                                                        \
		memset(&(vec)->v[(vec)->n], 0, sizeof(*(vec)->v));                                                     \
		&(vec)->v[(vec)->n++];                                                                                 \
	})

/* Removes element i, keeping the order. */
#define vec_remove(vec, i)                                                                                             \
	do {                                                                                                           \
		size_t at_ = (i);                                                                                      \
		assert(at_ < (vec)->n);                                                                                \
		memmove(&(vec)->v[at_], &(vec)->v[at_ + 1], ((vec)->n - at_ - 1) * sizeof(*(vec)->v));                 \
		(vec)->n--;                                                                                            \
	} while (0)

/* Frees the array, not what the elements own. */
#define vec_done(vec)                                                                                                  \
	do {                                                                                                           \
		free((vec)->v);                                                                                        \
		(vec)->v = NULL;                                                                                       \
		(vec)->n = (vec)->cap = 0;                                                                             \
	} while (0)

#endif
