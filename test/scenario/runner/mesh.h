/* Objects of a cluster, and what weftd makes of them for one proxy. Apart from the rest, since the mesh's types and the
 * proxy's share names. */
#ifndef SCENARIO_MESH_H
#define SCENARIO_MESH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

struct build;
struct mesh;

struct mesh_proxy {
	const char *type, *ns, *labels, *ip, *service_account;
	bool envoy; /* what a proxy that is not ours is sent */
};

/* settings: the text of MeshConfig. */
struct mesh *mesh_new(const char *settings);
void mesh_free(struct mesh *m);

/* Adds or replaces the objects of a text as a cluster would: what admission refuses is refused: -EINVAL. */
int mesh_put(struct mesh *m, struct slice yaml, struct err *e);
/* "Kind namespace/name"; -ENOENT. */
int mesh_remove(struct mesh *m, struct slice what, struct err *e);

/* Makes the proxy's view and gives what is new of it to b. -EINVAL when the proxy refuses any of it. */
int mesh_fill(struct mesh *m, const struct mesh_proxy *p, struct build *b, struct err *e);

/* The view as static resources in JSON, of the filters that every Envoy has. */
void mesh_static(struct mesh *m, const struct mesh_proxy *p, struct buf *out);

/* What whoever wrote the objects is told, "Kind namespace/name: path: text" a line; valid until the next call. */
const char *mesh_told(struct mesh *m, const struct mesh_proxy *p);

#endif
