/* Making parts of the runtime tree: for build_*.c and agent*.c. */
#ifndef CONFIG_PARTS_H
#define CONFIG_PARTS_H

#include "config/config.h"

enum config_name_kind { CONFIG_NAME_CLUSTER, CONFIG_NAME_ROUTE, CONFIG_NAME_SECRET, CONFIG_NAME_KIND_COUNT };

struct config_names;

/* No names yet; one reference. */
struct config_names *config_names_new(void);
/* One more reference; any thread. */
struct config_names *config_names_ref(struct config_names *n);
/* Gives a reference back; the last frees it. NULL is fine; any thread. */
void config_names_unref(struct config_names *n);
/*
 * The slot of a name, a free one when it has none. It keeps it, and the name in the result stays, until the owner is
 * freed, by whatever thread: the arena of what mentions the name. Main thread.
 */
struct config_ref config_names_get(struct config_names *n, enum config_name_kind kind, struct slice name,
				   struct arena *owner);
/* CONFIG_NO_SLOT when the name has none. Any thread. */
uint32_t config_names_find(const struct config_names *n, enum config_name_kind kind, struct slice name);
/* By how many owners the name is kept. On the main thread it can only be fewer soon. */
unsigned config_names_pins(const struct config_names *n, enum config_name_kind kind, struct slice name);
/* One more than the greatest slot so far. Main thread. */
size_t config_names_count(const struct config_names *n, enum config_name_kind kind);

/* Empty parts with one reference, to be filled and never changed after they are in a config. */
struct config_listener *config_listener_new(void);
/* An empty one with one reference; filled by its maker, and never changed after it is in a config. */
struct config_cluster_spec *config_cluster_spec_new(void);
/* An empty set with one reference, which keeps its spec; filled by its maker and then never changed. */
struct config_endpoints *config_endpoints_new(struct config_cluster_spec *spec);
/* Copies the texts. */
struct config_secret *config_secret_new(const char *name, struct slice chain, struct slice key, struct slice ca);
/* Arrays sized for all slots, all empty. References node. */
struct config *config_new(struct config_names *names, struct config_node *node);

/* Builds the listener's chain_index; two chains with the same criteria are -EINVAL, naming both. */
int config_chain_index(struct config_listener *l, struct err *e);

#endif
