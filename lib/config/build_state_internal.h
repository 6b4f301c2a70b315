/* The state of a build: the parts made so far. For build.c and build_wanted.c. */
#ifndef CONFIG_BUILD_STATE_INTERNAL_H
#define CONFIG_BUILD_STATE_INTERNAL_H

#include "base/map.h"
#include "base/vec.h"
#include "config/build_internal.h"

struct listener_part {
	char *name;
	uint64_t hash;
	struct config_listener *l;
};

/* By cluster slot. */
struct cluster_part {
	uint64_t hash;
	struct config_cluster_spec *spec;   /* NULL = no such cluster */
	struct config_endpoints *endpoints; /* NULL = not there yet */
	struct xds_resource *source;        /* clusters with host names: to build the endpoints anew */
};

/* Slots of the clusters whose endpoints come under one name. */
struct eds_users {
	VEC(uint32_t) slots;
	char name[];
};

struct route_part {
	uint64_t hash;
	struct route_table *table;
};

struct pods_part {
	uint64_t hash;
	struct config_pod_block *block;
	char name[];
};

struct dns_part {
	char *key; /* "host:port" */
	struct build_dns_name name;
	struct addr *v;
	size_t n;
	bool used;
};

struct build {
	struct config_names *names;
	struct config_node *node;
	build_reader *read;
	VEC(struct listener_part *) listeners;
	struct map listeners_by_name; /* -> struct listener_part */
	VEC(struct cluster_part) clusters;
	VEC(struct route_part) routes;
	VEC(struct config_secret *) secrets;
	struct map assignments;   /* EDS name -> struct xds_resource, a reference */
	struct map eds_users;     /* EDS name -> struct eds_users: the clusters that use it */
	struct map dns;           /* key -> struct dns_part */
	struct map pod_blocks;    /* name -> struct pods_part */
	struct config_pods *pods; /* of all of them; NULL = to be put together anew, or there are none */
	bool has[XDS_TYPE_COUNT];
	struct map given_up[XDS_TYPE_COUNT];
	struct arena given_up_names;
	VEC(const char *) wanted, local;
	VEC(struct build_dns_name) dns_names;
};

/* What secrets given in place are called: this and a hash of their content. */
#define BUILD_INLINE "inline:"

static inline bool build_is_inline(const char *name)
{
	return strncmp(name, BUILD_INLINE, strlen(BUILD_INLINE)) == 0;
}

#endif
