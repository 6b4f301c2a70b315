/*
 * Resources: named, immutable, refcounted bytes with their content's hash as version, and sets of them. A pool keeps
 * identical resources once in memory. What a proxy should have is a set per type; sets are immutable and shared too,
 * so a push is a merge-walk of two sorted arrays.
 * Reference counts are atomic; a pool belongs to one thread.
 */
#ifndef XDS_RESOURCE_H
#define XDS_RESOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/slice.h"

/* In the order in which changes are pushed: what is referred to comes first. */
enum xds_type {
	XDS_CLUSTER,
	XDS_ENDPOINT,
	XDS_LISTENER,
	XDS_ROUTE,
	XDS_SECRET,
	XDS_EXTENSION,  /* TypedExtensionConfig */
	XDS_NAME_TABLE, /* istio.networking.nds.v1.NameTable */
	XDS_POD_BLOCK,  /* weft.mesh.v1.PodBlock */
	XDS_TYPE_COUNT,
	XDS_TYPE_NONE = -1
};

/* "type.googleapis.com/envoy.config.cluster.v3.Cluster" */
const char *xds_type_url(enum xds_type type);
/* XDS_TYPE_NONE for an unknown one. */
enum xds_type xds_type_from_url(const char *url);
/* "CDS", "EDS", "LDS", "RDS", "SDS", "ECDS", "NDS", "PODS": as logs and metrics call them. */
const char *xds_type_short(enum xds_type type);
/* True for types whose empty subscription means "everything": clusters, listeners. */
bool xds_type_wildcard(enum xds_type type);

struct xds_pool;

struct xds_resource {
	uint32_t refs; /* atomic */
	enum xds_type type;
	uint64_t hash;         /* of type, name and bytes */
	char version[17];      /* the hash in hex */
	struct slice name;     /* NUL-terminated too */
	struct slice bytes;    /* the packed message, without the Any around it */
	struct xds_pool *pool; /* NULL = in none */
	bool checked;          /* the owner of the pool has looked at whether its peers can take it; its thread only */
	char *refused;         /* why they cannot; owned, NULL = they can, or nobody has looked */
};

/* A resource in no pool, with one reference; name and bytes are copied. */
struct xds_resource *xds_resource_new(enum xds_type type, struct slice name, struct slice bytes);
/* One more reference; NULL gives NULL; any thread. */
struct xds_resource *xds_resource_ref(struct xds_resource *r);
void xds_resource_unref(struct xds_resource *r);
DEFINE_CLEANUP(struct xds_resource *, xds_resource_unref)

/* Holds no references: a resource leaves its pool with its last reference, on the pool's thread. */
struct xds_pool {
	struct map by_content; /* -> struct xds_resource */
	struct map sets;       /* by hash -> struct xds_set */
	size_t bytes;          /* of resources, kept now */
};

/* The pool must have outlived its resources and sets; those that are left forget it. */
void xds_pool_done(struct xds_pool *p);
/* The one resource with this content, with a new reference. */
struct xds_resource *xds_pool_get(struct xds_pool *p, enum xds_type type, struct slice name, struct slice bytes);

/* Immutable, sorted by name, names unique. */
struct xds_set {
	uint32_t refs;         /* atomic */
	struct xds_pool *pool; /* NULL = in none */
	uint64_t hash;         /* of the members' hashes, in order */
	char version[17];
	size_t n;
	struct xds_resource *v[]; /* one reference each */
};

/* Takes over the references in v (not the array); sorts; of two with one name the later wins. One reference. */
struct xds_set *xds_set_new(struct xds_resource **v, size_t n);
/* The one set of the pool with these members: takes the reference over and gives one back. The pool's thread. */
struct xds_set *xds_pool_share(struct xds_pool *p, struct xds_set *s);
/* One more reference; NULL gives NULL; any thread. */
struct xds_set *xds_set_ref(struct xds_set *s);
/* Gives a reference back; the last one gives the resources back. NULL is fine; any thread, a pool's its own. */
void xds_set_unref(struct xds_set *s);
DEFINE_CLEANUP(struct xds_set *, xds_set_unref)
/* The member (borrowed), or NULL; s may be NULL. */
struct xds_resource *xds_set_find(const struct xds_set *s, struct slice name);
/* Where a walk over the differences of two sets stands; zeroed = before the first. */
struct xds_diff {
	size_t old_at, now_at;
};
/*
 * The next difference, in the order of names: *was and *now of one name with different contents, or one of them NULL.
 * False at the end. old may be NULL: nothing.
 */
bool xds_diff_next(struct xds_diff *x, const struct xds_set *old, const struct xds_set *now,
		   struct xds_resource **ret_was, struct xds_resource **ret_now);

/* Builds a set from `old` with changed members put in and removed names taken out; old may be NULL. */
struct xds_set *xds_set_apply(const struct xds_set *old, struct xds_resource *const *changed, size_t n_changed,
			      const struct slice *removed, size_t n_removed);

#endif
