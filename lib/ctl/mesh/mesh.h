/*
 * A mesh as weftd would know it, made of objects alone: what is read from files or a cluster goes into a store; what
 * the operator, the injector and Kubernetes would add to it is added by the same code, or made up where there is nobody
 * to ask (addresses of Services and pods); then weftd's snapshot is built of it.
 *
 *   files, cluster -> objects -> store -> control plane (rendered from its ServiceMeshControlPlane), members
 *                                      -> pods of workloads (injected), EndpointSlices -> snapshot
 */
#ifndef CTL_MESH_MESH_H
#define CTL_MESH_MESH_H

#include "base/map.h"
#include "compile/compile.h"
#include "ctl/source/source.h"
#include "kube/store.h"
#include "mesh/snapshot.h"

/* Pods that are made up of one workload, at most. */
#define MESH_REPLICAS_MAX 100

/* What the mesh is read with. Strings outlive the mesh. */
struct mesh_options {
	const char *ns; /* of objects that name none; NULL: "default" */
	const char
		*plane_ns; /* of the control plane; NULL: that of the only ServiceMeshControlPlane, or istio-system */
	const char *mesh_config; /* a file with a MeshConfig in place of the ConfigMap's; NULL: none */
};

/* Something that is told beside the result. */
struct mesh_remark {
	const char *place; /* "file.yaml:3", "shop/cart" */
	const char *text;
	bool bad; /* an object is left out for it */
};

/* The control plane's part. */
struct mesh_plane {
	const char *ns, *revision;
	const struct api_object *smcp; /* borrowed from the store; NULL: there is none */
	bool roll;                     /* members alone belong to the mesh */
	struct map members;            /* namespaces that the operator labels as the mesh's */
};

struct mesh {
	struct mesh_options o;
	struct arena arena;
	struct source_set set; /* what it was made of */
	struct map sources;    /* "plural/ns/name" -> struct source_object * */
	struct store *store;
	struct mesh_plane plane;
	struct mesh_config *config;
	struct snapshot *snap;
	struct xds_pool pool;
	VEC(struct mesh_remark) remarks;
	size_t n_bad; /* remarks that are bad */
};

/* An empty mesh to be filled; ends with mesh_done. */
void mesh_init(struct mesh *m, const struct mesh_options *o);
/* Frees all of it. */
void mesh_done(struct mesh *m);

/*
 * Builds the mesh of what m->set holds; of two objects of one name the later counts. Once. What cannot be read is left
 * out and told in m->remarks. Returns 0, or a negative code when there is no mesh to be had: a MeshConfig or control
 * plane that nobody would run, several control planes and none chosen.
 */
int mesh_build(struct mesh *m, struct err *e);

/* The first half of it: objects, control plane, members and settings; no pods are made up, and there is no snapshot. */
int mesh_prepare(struct mesh *m, struct err *e);

/*
 * Puts a proxy into a pod as the injector does when it is asked, of a mesh that was prepared; *pod is replaced when it
 * gets one. Returns 1 then, 0 when it gets none, or a negative code with the reason, which is a remark, too.
 */
int mesh_inject(struct mesh *m, cJSON **pod, const char *place, struct err *e);

/* Where an object was read, NULL for one that was made up. */
const struct source_object *mesh_source(const struct mesh *m, const struct api_kind *kind, const char *ns,
					const char *name);

/* Whether what is in the namespace belongs to the mesh. */
bool mesh_has_namespace(const struct mesh *m, const char *ns);

/*
 * The proxy of a pod or workload, "name.namespace" or "namespace/name": its pod, or one of its pods. Strings are the
 * mesh's. -ENOENT with the reason when there is no such proxy.
 */
int mesh_proxy(struct mesh *m, const char *name, struct proxy *ret, struct err *e);

/* The pod of that name, or one of the workload's, with a proxy where one has; -ENOENT with the reason. Borrowed. */
int mesh_pod(struct mesh *m, const char *name, const struct api_object **ret, struct err *e);
/* The pod's proxy. -ENOENT with the reason when it has none, or its namespace is no member. */
int mesh_proxy_of(struct mesh *m, const struct api_object *pod, struct proxy *ret, struct err *e);

/* All proxies of the mesh, one for each workload; ret is the caller's to free, proxies are the mesh's. */
size_t mesh_proxies(struct mesh *m, struct proxy **ret);

#endif
