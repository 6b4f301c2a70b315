/* The commands of a mesh that is built here: what their options name is read, and what was remarked is told. */
#ifndef CTL_MESH_LOAD_H
#define CTL_MESH_LOAD_H

#include "ctl/mesh/mesh.h"

/* Reads what -f and -A name into the mesh's set, which it adds to. Returns 0 or a negative code. */
int mesh_read(struct ctl *c, struct mesh *m, struct err *e);

/* mesh_read, then mesh_build, of an empty mesh that it initialises with the options; ends with mesh_done also on
 * failure. */
int mesh_load(struct ctl *c, struct mesh *m, struct err *e);

/* Tells the mesh's remarks on standard error, each a line. */
void mesh_tell(struct ctl *c, const struct mesh *m);

/* What weftd would send to one proxy, offline. */
enum ctl_status ctl_compile(struct ctl *c);

/* Manifests with the proxies that the injector would put into their pods. */
enum ctl_status ctl_inject(struct ctl *c);

#endif
