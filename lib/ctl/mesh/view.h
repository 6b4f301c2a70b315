/* What one proxy gets: the resources as weftd makes them, decoded as the proxy decodes them. */
#ifndef CTL_MESH_VIEW_H
#define CTL_MESH_VIEW_H

#include "config/build.h"
#include "ctl/mesh/mesh.h"

struct mesh_refusal {
	enum xds_type type;
	struct slice name; /* of the resource */
	const char *text;  /* in the proxy's words */
};

struct mesh_view {
	struct proxy proxy; /* strings are the mesh's */
	struct compile_result result;
	struct build *build;
	struct config *config; /* without the resources that are refused */
	VEC(struct mesh_refusal) refusals;
	struct arena arena;
};

/* Compiles and decodes all; the mesh outlives the view, which ends with mesh_view_done. */
void mesh_view_make(struct mesh *m, const struct proxy *p, struct mesh_view *ret);
/* Frees all of it; a zeroed view is fine. */
void mesh_view_done(struct mesh_view *v);

/* The order in which types are shown, ended by XDS_TYPE_NONE: those that are compiled. */
extern const enum xds_type mesh_view_types[];

/* "listeners", "clusters" ... */
const char *mesh_type_name(enum xds_type t);

/* A resource as JSON, as Envoy's configuration dump would show it; the caller frees it. */
cJSON *mesh_resource_json(const struct xds_resource *r);

/* Where the object of a note stands: "file.yaml:12", or "shop/cart" for one of no file; in the arena. */
const char *mesh_note_place(const struct mesh *m, const struct compile_note *n, struct arena *a);

#endif
