/* Pods with proxies, and whose they are. */
#include <string.h>

#include "api/core/pod.h"
#include "console/mesh/mesh_internal.h"
#include "msg/json.h"

bool mesh_has_pod(const struct mesh_view *v, const char *ns, const char *name, const char *container)
{
	const struct api_object *o = v->sees(v->arg, ns) ? store_get(v->store, &api_kind_pod, ns, name) : NULL;
	const struct core_pod *pod = o ? API_VALUE(o, pod, core_pod) : NULL;

	if (!pod || !container)
		return pod != NULL;
	for (size_t i = 0; pod->spec && i < pod->spec->containers.n; i++)
		if (pod->spec->containers.v[i].name && strcmp(pod->spec->containers.v[i].name, container) == 0)
			return true;
	for (size_t i = 0; pod->spec && i < pod->spec->init_containers.n; i++)
		if (pod->spec->init_containers.v[i].name &&
		    strcmp(pod->spec->init_containers.v[i].name, container) == 0)
			return true;
	return false;
}

struct owner {
	const struct api_object *pod;
	const char *name;
};

static bool is_its(void *arg, const struct workload *w)
{
	struct owner *o = arg;

	if (!meta_selector_matches(w->selector, &o->pod->meta->labels))
		return true;
	o->name = api_object_name(w->o);
	return false;
}

static void add_state(cJSON *o, const struct core_pod *pod)
{
	int64_t ready = 0, restarts = 0;
	const size_t n = pod->status->container_statuses.n;

	for (size_t i = 0; i < n; i++) {
		ready += pod->status->container_statuses.v[i].ready;
		restarts += pod->status->container_statuses.v[i].restart_count;
	}
	cJSON_AddStringToObject(o, "phase", pod->status->phase ? pod->status->phase : "Unknown");
	cJSON_AddBoolToObject(o, "ready", n && ready == (int64_t)n);
	json_set_int(o, "restarts", restarts);
}

cJSON *mesh_pod_at(const struct mesh_view *v, const char *ip)
{
	const struct store_range pods = store_list(v->store, &api_kind_pod, NULL);

	for (size_t i = 0; *ip && i < pods.n; i++) {
		const struct core_pod *pod = API_VALUE(pods.v[i], pod, core_pod);
		const char *ns = api_object_namespace(pods.v[i]);
		struct owner w = {pods.v[i], ""};
		cJSON *o;

		if (!pod || !pod->status || !pod->status->pod_ip || strcmp(pod->status->pod_ip, ip) != 0 ||
		    !v->sees(v->arg, ns))
			continue;
		mesh_each_workload_in(v, ns, is_its, &w);
		o = cJSON_CreateObject();
		cJSON_AddStringToObject(o, "namespace", ns);
		cJSON_AddStringToObject(o, "name", api_object_name(pods.v[i]));
		cJSON_AddStringToObject(o, "workload", w.name);
		add_state(o, pod);
		return o;
	}
	return NULL;
}

static bool is_running(const struct core_pod *pod)
{
	return pod && pod->status && pod->status->phase && strcmp(pod->status->phase, "Running") == 0 &&
	       pod->status->pod_ip && *pod->status->pod_ip;
}

void mesh_each_proxy(const struct mesh_view *v, const char *ns, bool (*fn)(void *arg, const struct mesh_proxy *p),
		     void *arg)
{
	const struct store_range pods = store_list(v->store, &api_kind_pod, ns);

	for (size_t i = 0; v->sees(v->arg, ns) && i < pods.n; i++) {
		const struct core_pod *pod = API_VALUE(pods.v[i], pod, core_pod);
		struct owner o = {pods.v[i], ""};

		if (!is_running(pod) || !mesh_pod_has_proxy(pods.v[i]))
			continue;
		mesh_each_workload_in(v, ns, is_its, &o);
		if (!fn(arg, &(struct mesh_proxy){ns, api_object_name(pods.v[i]), pod->status->pod_ip, o.name}))
			return;
	}
}
