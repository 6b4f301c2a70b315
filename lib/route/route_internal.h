/* What the files of lib/route share: the index of a virtual host's paths. */
#ifndef ROUTE_ROUTE_INTERNAL_H
#define ROUTE_ROUTE_INTERNAL_H

#include "route/route.h"

/* Lists up to this length are walked in order: cheaper than any index. */
#define ROUTE_WALK_MAX 12

/* An index over v's routes, released with the arena; NULL when the list is short enough to walk. */
struct route_paths *route_paths_new(struct arena *a, const struct route_vhost *v);

/*
 * Calls test for each route whose path may match, in ascending order, until it returns true; returns that route or
 * NULL. path is without the query.
 */
const struct route *route_paths_find(const struct route_paths *p, const struct route_vhost *v, struct slice path,
				     bool (*test)(const struct route *r, const void *ctx), const void *ctx);

#endif
