/*
 * Generators: (snapshot, proxy) -> xDS resources. Pure: no I/O, no clock. What a proxy has depends on its view only:
 * type, namespace, labels and a few flags; proxies with equal views share one result.
 */
#ifndef COMPILE_COMPILE_H
#define COMPILE_COMPILE_H

#include "base/buf.h"
#include "mesh/snapshot.h"
#include "xds/resource.h"

/* A configuration object that a view's resources were made of. */
struct compile_use {
	const struct mesh_object *object; /* of the snapshot */
	unsigned types;                   /* bits 1 << enum xds_type */
};

enum compile_reason {
	COMPILE_INVALID,    /* cannot be carried out: that part is left out */
	COMPILE_CONFLICTED, /* another object has it already: the text names that one */
};

/* Something in the configuration that could not be carried out as written. Strings live as long as the result. */
struct compile_note {
	const struct api_kind *kind; /* of the object at fault */
	const char *ns, *name;
	enum compile_reason reason;
	enum xds_type type; /* whose generator told it; XDS_TYPE_NONE: what all of them stand on */
	const char *path;   /* "spec.http[0].route[0].destination.host" */
	const char *text;
};

/* What one view gets. */
struct compile_result {
	struct xds_set *sets[XDS_TYPE_COUNT]; /* one reference each; NULL = not made here */
	struct arena arena;                   /* of uses and notes */
	struct compile_use *uses;
	size_t n_uses;
	struct compile_note *notes;
	size_t n_notes;
};

/* Appends what of the proxy its resources depend on: equal keys, equal resources, as long as the snapshot's policies
 * ask for the same of places (asks_place, asks_node). */
void compile_view_key(const struct snapshot *snap, const struct proxy *p, struct buf *out);

/*
 * What views of one namespace have in common, kept between compile_view calls over one snapshot, so that it is made
 * once. Zeroed = empty. Cleared before another snapshot is compiled.
 */
struct compile_cache {
	struct map parts;     /* -> struct part * */
	struct map regexes;   /* text -> "" or what is wrong with it */
	struct arena arena;   /* of regexes */
	struct xds_set *pods; /* the whole mesh's; a reference, NULL = not made yet */
};
/* Frees all parts; the cache can be used again at once. */
void compile_cache_clear(struct compile_cache *c);

/*
 * Makes the resources of all types in the mask (1 << enum xds_type); sets of other types are left NULL. Resources come
 * from the pool. cache may be NULL. Released with compile_result_done.
 */
void compile_view(const struct snapshot *snap, const struct proxy *p, unsigned types, struct xds_pool *pool,
		  struct compile_cache *cache, struct compile_result *ret);
/* The address that the proxy's clients are told for an entry without one; NULL = none. Lives as the service. */
const char *compile_auto_vip(const struct proxy *p, const struct service *svc);
/* The set of pods by address, as compile_view makes it: one reference. */
struct xds_set *compile_pods(const struct snapshot *snap, const struct proxy *p, struct xds_pool *pool,
			     struct compile_cache *cache);
/*
 * Whether a change of this service's endpoints between two snapshots of the same services and policies goes no further,
 * for what the proxy has, than to the service's own clusters and endpoints. Not asked for proxies with a compile_reach.
 */
bool compile_is_single(const struct snapshot *from, const struct snapshot *to, const struct proxy *p,
		       const struct service *svc);
/*
 * The service's own clusters, or endpoints, as compile_view makes them: an array with a reference each, which the
 * caller frees; their number. 0 where the proxy does not see the service.
 */
size_t compile_single(const struct snapshot *snap, const struct proxy *p, const struct service *svc, enum xds_type type,
		      struct xds_pool *pool, struct compile_cache *cache, struct xds_resource ***ret);
/*
 * Whether names in the table (XDS_NAME_TABLE) may have other addresses in this snapshot than in the one before, where
 * nothing but endpoints and pods changed.
 */
bool compile_names_moved(const struct snapshot *to);
/* Gives the sets back and frees the arena; results whose resources somebody still holds stay. */
void compile_result_done(struct compile_result *r);

/*
 * The types whose resources may change when these bits (enum mesh_change) changed. A change of VirtualServices is one
 * of routes and listeners for those whom it concerns, and of clusters and endpoints where the reach changes.
 */
unsigned compile_types_of(unsigned changed);
/* Whether what the proxy has of the snapshot may depend on this VirtualService of it. */
bool compile_concerns(const struct snapshot *snap, const struct proxy *p, const struct mesh_virtual_service *vs);
/* A number for the services to which VirtualServices lead the proxy beyond its Sidecar's hosts; 0 = none. */
uint64_t compile_reach(const struct snapshot *snap, const struct proxy *p);

#endif
