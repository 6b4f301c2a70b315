/*
 * Finds, of many policies, those that can match at all: a policy that holds for certain principals or certain paths
 * only (compared exactly) is looked up by them, all others are candidates always. A thousand rules for a thousand
 * clients so cost about as much as one. Immutable after it is built; any thread.
 */
#ifndef CONFIG_RBAC_INDEX_H
#define CONFIG_RBAC_INDEX_H

#include "config/config_filter.h"

/* Lists up to this length are walked in order: cheaper than any index. */
#define RBAC_WALK_MAX 16

/* Positions in rules->policies, ascending. */
struct rbac_positions {
	const uint32_t *v;
	size_t n;
};

/* An index over rules->policies, whose order is final, released with the arena; NULL when they are few. */
struct rbac_index *rbac_index_new(struct arena *a, const struct rbac_rules *rules);

/* The policies for this principal (a name of the peer's certificate). */
struct rbac_positions rbac_index_principal(const struct rbac_index *x, struct slice name);
/* The policies for this path, in the form of path_fold. */
struct rbac_positions rbac_index_path(const struct rbac_index *x, struct slice path);
/* Those that are in neither index. */
struct rbac_positions rbac_index_rest(const struct rbac_index *x);

#endif
