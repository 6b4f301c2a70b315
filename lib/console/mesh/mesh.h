/*
 * What the mesh is made of, from the cluster's objects: namespaces, workloads, applications, services, configuration
 * with its status. Watches keep the objects (mesh_new); the rest is pure and answers in the JSON of the console's API.
 * Only namespaces that sees() allows are told of. The loop's thread.
 */
#ifndef CONSOLE_MESH_H
#define CONSOLE_MESH_H

#include <cjson/cJSON.h>

#include "kube/client.h"
#include "kube/store.h"
#include "net/loop.h"

struct mesh;

/*
 * Begins to watch; the control plane's namespace is ns. wide: one watch of all namespaces for each kind, else in each
 * member of the roll, where the rights are by namespace. Client and loop must outlive it.
 */
struct mesh *mesh_new(struct loop *l, struct kube_client *c, const char *ns, bool wide);
/* NULL is fine. */
void mesh_free(struct mesh *m);

/* What is known, for what follows; all of it was listed when store_synced(store, NULL). */
struct store *mesh_store(const struct mesh *m);
/* Calls each with every namespace of the mesh, the control plane's first. */
void mesh_each_namespace(const struct mesh *m, void (*each)(void *to, const char *ns), void *to);
/* Whether a namespace is the mesh's. Without a member roll all are, when all are watched. */
bool mesh_has(const struct mesh *m, const char *ns);
/* A sentence when something cannot be watched or is not there yet, else "". */
const char *mesh_trouble(const struct mesh *m);

/* ---- from a store ---- */

struct mesh_view {
	struct store *store;
	bool (*sees)(void *arg, const char *ns);
	void *arg;
};

/* [{"name","workloads","services","config","invalid","health","mtls"}] */
cJSON *mesh_namespaces(const struct mesh_view *v);
/* [{"name","namespace","kind","app","version","ready","desired","sidecar","health"}] of all namespaces. */
cJSON *mesh_workloads(const struct mesh_view *v);
/* The same with "labels", "image", "pods", "services", "config"; NULL when there is none. */
cJSON *mesh_workload(const struct mesh_view *v, const char *ns, const char *name);
/* [{"name","namespace","workloads","ready","desired","health","versions"}] */
cJSON *mesh_applications(const struct mesh_view *v);
cJSON *mesh_application(const struct mesh_view *v, const char *ns, const char *name);
/* [{"name","namespace","ports","selector","endpoints","health","config"}] */
cJSON *mesh_services(const struct mesh_view *v);
cJSON *mesh_service(const struct mesh_view *v, const char *ns, const char *name);
/* A running pod with a proxy; workload "" where it is nobody's. Texts are the store's. */
struct mesh_proxy {
	const char *ns, *name, *ip, *workload;
};

/* Calls fn for each of a namespace; fn false ends it. */
void mesh_each_proxy(const struct mesh_view *v, const char *ns, bool (*fn)(void *arg, const struct mesh_proxy *p),
		     void *arg);
/* {"namespace","name","workload","phase","ready","restarts"} of the pod with that address; NULL when none is seen. */
cJSON *mesh_pod_at(const struct mesh_view *v, const char *ip);
/* Whether a pod is there and seen, and has a container of that name; NULL = any. */
bool mesh_has_pod(const struct mesh_view *v, const char *ns, const char *name, const char *container);

/*
 * What a proxy was sent, from a config dump in Envoy's shape, for a reader:
 * {"listeners":[{"name","address","chains":[{"match","does"}]}],
 * "routes":[{"name","hosts":[{"name","domains","routes":[
 * {"name","match","to"}]}]}], "clusters":[{"name","type","policy","endpoints":[{"address","health"}]}], "secrets":[..]}
 * At most MESH_DUMP_MAX of each; "leftOut" counts the rest.
 */
#define MESH_DUMP_MAX 3000
cJSON *mesh_dump(const cJSON *dump);
/* [{"kind","apiVersion","namespace","name","accepted","programmed","conflicted","messages":[{"path","text"}]}];
 * accepted and programmed are true, false, or null where nothing was said. */
cJSON *mesh_config(const struct mesh_view *v);
/* Whether kind ("VirtualService") is one of Istio's that are shown, and which; NULL when not. */
const struct api_kind *mesh_config_kind(struct slice kind);
/* An object's own entry of mesh_config with "object", the whole of it; NULL when there is none. */
cJSON *mesh_config_object(const struct mesh_view *v, const struct api_kind *kind, const char *ns, const char *name);

/* Adds "badges" to the nodes of a graph: virtualService, fault, mirror, circuitBreaker, noSidecar. */
void mesh_badges(const struct mesh_view *v, cJSON *graph);

/* "Healthy", "Degraded", "Failure" or "Idle" from replicas. Static. */
const char *mesh_health(int64_t ready, int64_t desired);

/* Splits a condition's message ("spec.http[0].route: text; spec.hosts: text") and appends {"path","text"} to a list. */
void mesh_messages(const char *message, cJSON *list);

#endif
