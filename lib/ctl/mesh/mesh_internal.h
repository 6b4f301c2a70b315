/* The steps by which a mesh is built. */
#ifndef CTL_MESH_MESH_INTERNAL_H
#define CTL_MESH_MESH_INTERNAL_H

#include "ctl/mesh/mesh.h"

#define MESH_PROXY_CONTAINER "istio-proxy"

/* Tells something; bad: an object is left out for it. */
void mesh_remark(struct mesh *m, const char *place, bool bad, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Decodes an object and puts it into the store in place of one of its name. Returns 0 or a negative code. */
int mesh_put(struct mesh *m, const cJSON *json, struct err *e);

/* Whether the object was read from a file, not from a cluster. */
bool mesh_from_file(const struct mesh *m, const struct api_object *o);

/* plane.c: chooses the control plane, renders it, finds its members, reads the mesh's settings. 0 or negative. */
int mesh_plane(struct mesh *m, struct err *e);
/* Frees the list of members. */
void mesh_plane_done(struct mesh_plane *p);

/* pods.c: makes pods of workloads that have none, puts proxies into those that would get one. 0 or negative. */
int mesh_make_pods(struct mesh *m, struct err *e);

/* slices.c: gives Services their addresses, and their pods' as EndpointSlices. 0 or negative. */
int mesh_make_slices(struct mesh *m, struct err *e);

/* An address that was made up: of a pod (198.18.0.0/16) or a Service (198.19.0.0/16), both of RFC 2544. In the arena.
 */
const char *mesh_made_up_address(struct mesh *m, bool service, size_t number);

#endif
