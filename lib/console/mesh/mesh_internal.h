/* What the answers are made from. */
#ifndef CONSOLE_MESH_INTERNAL_H
#define CONSOLE_MESH_INTERNAL_H

#include "api/object.h"
#include "console/mesh/mesh.h"

/* The kinds of configuration, Istio's. */
extern const struct api_kind *const mesh_config_kinds[];
extern const size_t mesh_n_config_kinds;

struct workload {
	const struct api_object *o;
	const struct meta_label_selector *selector;
	const struct meta_object *template;
	int64_t ready, desired;
};

/* Calls fn for each Deployment, StatefulSet and DaemonSet that the view sees; fn false ends it. */
void mesh_each_workload(const struct mesh_view *v, bool (*fn)(void *arg, const struct workload *w), void *arg);
/* Those of one namespace; NULL = all. */
void mesh_each_workload_in(const struct mesh_view *v, const char *ns, bool (*fn)(void *arg, const struct workload *w),
			   void *arg);
/* Among a namespace's pods those that have the labels, and maybe others: as few as the store's indexes can tell. */
struct store_range mesh_pods_with(const struct mesh_view *v, const char *ns, const struct str_map *labels);
/* Whether a pod has a container istio-proxy. */
bool mesh_pod_has_proxy(const struct api_object *o);
/* Whether the template's pods get a sidecar: one of the workload's pods has it. */
bool mesh_has_sidecar(const struct mesh_view *v, const struct workload *w);
/* The pods of a workload, told one by one. */
void mesh_each_pod(const struct mesh_view *v, const struct workload *w,
		   void (*fn)(void *arg, const struct api_object *pod), void *arg);
/* The labels that Istio names applications and versions by; "" when there are none. Borrowed. */
const char *mesh_app_of(const struct meta_object *m);
const char *mesh_version_of(const struct meta_object *m);
/* The entry of a list. */
cJSON *mesh_workload_json(const struct mesh_view *v, const struct workload *w);
/* Adds to a list the configuration that names the host or selects the labels. */
void mesh_config_about(const struct mesh_view *v, const char *ns, const char *service, const struct str_map *labels,
		       cJSON *list);
/* Whether host, as an object of namespace from writes it, is this service. */
bool mesh_is_host(const char *host, const char *from, const char *ns, const char *service);

#endif
