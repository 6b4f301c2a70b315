/* How objects of a mesh are named to people, and to programs. */
#ifndef CTL_MESH_PLACE_H
#define CTL_MESH_PLACE_H

#include "ctl/mesh/mesh.h"

/* Where the field of an object stands: "file.yaml:7", or "VirtualService shop/cart" for one of no file; in the arena.
 */
const char *mesh_place(const struct mesh *m, const struct api_object *o, const char *path, struct arena *a);

/* kind, namespace, name and path as members of an object that the caller frees. */
cJSON *mesh_named(const struct api_object *o, const char *path);

#endif
