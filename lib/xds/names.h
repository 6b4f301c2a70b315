/*
 * What peers subscribe to by name: sorted lists without doubles, immutable and counted. A pool keeps equal lists once,
 * since all proxies of a kind ask for the same names.
 * Counts are not atomic: a pool and its lists belong to one thread.
 */
#ifndef XDS_NAMES_H
#define XDS_NAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/slice.h"

struct xds_names_pool;

struct xds_names {
	uint32_t refs;
	size_t n;
	uint64_t hash;
	struct xds_names_pool *pool; /* NULL = in none */
	struct slice v[];            /* sorted; each is followed by a NUL */
};

/* Holds no references: a list leaves its pool with its last reference. Zeroed = empty. */
struct xds_names_pool {
	struct map by_hash; /* -> struct xds_names * */
};

/* Lists that are left forget the pool. */
void xds_names_pool_done(struct xds_names_pool *p);

/* The list of these names, copied, with a reference of the caller's; NULL when there are none. p may be NULL. */
struct xds_names *xds_names_get(struct xds_names_pool *p, const struct slice *v, size_t n);
/* One more reference; NULL gives NULL. */
struct xds_names *xds_names_ref(struct xds_names *x);
/* NULL is fine. */
void xds_names_unref(struct xds_names *x);

/* Where the name is in the list, SIZE_MAX when it is not; x may be NULL. */
size_t xds_names_find(const struct xds_names *x, struct slice name);

#endif
