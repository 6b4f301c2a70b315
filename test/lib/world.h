/* A small mesh from YAML, for tests: store and snapshot without a cluster. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "compile/compile.h"
#include "kube/store.h"
#include "mesh/snapshot.h"

struct world {
	struct store *store;
	struct mesh_config *mesh;
	struct snapshot *snap;
	struct xds_pool pool;
};

/* Puts all documents of the YAML texts (ended by NULL) into a store and builds the snapshot. Aborts on bad YAML. */
void world_init(struct world *w, const char *mesh_yaml, const char *const *yaml);
/* The same with what a process is told beside the mesh's configuration. */
void world_init_of(struct world *w, const struct mesh_settings *s, const char *mesh_yaml, const char *const *yaml);
void world_done(struct world *w);

/* Builds the next snapshot after a change of the store. */
void world_rebuild(struct world *w, unsigned changed);

/* Adds the documents of one text. */
void world_put(struct world *w, const char *yaml);

/* A proxy by type ("sidecar", "router"), namespace and labels ("app=a,version=v1"); memory of the arena. */
struct proxy world_proxy(struct arena *a, const char *type, const char *ns, const char *labels);

/* A resource of a set as JSON text, malloc'ed; NULL when there is none of that name. */
char *world_json(const struct compile_result *r, enum xds_type type, const char *name);

/* Two services with a pod each: catalog in shop (HTTP 8080), db in shop (TCP 5432), inventory in stock (HTTP 80). */
extern const char world_shop[];

#endif
