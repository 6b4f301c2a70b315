/*
 * Immutable bytes that many hold at once: a sequence of pieces with one count of references. Whoever sends them keeps a
 * reference and a position in place of a copy.
 */
#ifndef BASE_SHARED_H
#define BASE_SHARED_H

#include <stdint.h>

#include "base/cleanup.h"
#include "base/slice.h"

/* Embedded in what the pieces belong to. */
struct shared_bytes {
	uint32_t refs;                        /* atomic; 1 at first */
	const struct slice *v;                /* the pieces, in order */
	size_t n;                             /* of them */
	size_t len;                           /* bytes of all together */
	void (*free)(struct shared_bytes *s); /* the last reference is gone; any thread that gives one back */
};

/* One more reference; any thread. */
static inline struct shared_bytes *shared_ref(struct shared_bytes *s)
{
	__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

/* Gives a reference back; NULL is fine; any thread. */
static inline void shared_unref(struct shared_bytes *s)
{
	if (s && __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) == 0)
		s->free(s);
}
DEFINE_CLEANUP(struct shared_bytes *, shared_unref)

#endif
