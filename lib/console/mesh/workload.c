/* Workloads and applications. */
#include <stdio.h>
#include <string.h>

#include "api/apps/apps.h"
#include "api/core/pod.h"
#include "api/core/service.h"
#include "console/mesh/mesh_internal.h"
#include "msg/json.h"

const char *mesh_health(int64_t ready, int64_t desired)
{
	if (desired == 0)
		return "Idle";
	return ready == 0 ? "Failure" : ready < desired ? "Degraded" : "Healthy";
}

static const char *first_label(const struct meta_object *m, const char *const *names)
{
	for (size_t i = 0; m && names[i]; i++) {
		const char *v = str_map_get(&m->labels, names[i]);

		if (v && *v)
			return v;
	}
	return "";
}

/* In the order in which Istio looks for a canonical name. */
const char *mesh_app_of(const struct meta_object *m)
{
	static const char *const names[] = {"service.istio.io/canonical-name", "app.kubernetes.io/name", "app", NULL};

	return first_label(m, names);
}

const char *mesh_version_of(const struct meta_object *m)
{
	static const char *const names[] = {"service.istio.io/canonical-revision", "app.kubernetes.io/version",
					    "version", NULL};

	return first_label(m, names);
}

/* ---- walking ---- */

static bool read_workload(const struct api_object *o, struct workload *w)
{
	const struct apps_deployment *d = API_VALUE(o, deployment, apps_deployment);
	const struct apps_stateful_set *s = API_VALUE(o, stateful_set, apps_stateful_set);
	const struct apps_daemon_set *a = API_VALUE(o, daemon_set, apps_daemon_set);

	*w = (struct workload){.o = o};
	if (d && d->spec) {
		w->selector = d->spec->selector;
		w->template = d->spec->template ? d->spec->template->metadata : NULL;
		w->desired = d->spec->replicas ? *d->spec->replicas : 1;
		w->ready = d->status ? d->status->ready_replicas : 0;
	} else if (s && s->spec) {
		w->selector = s->spec->selector;
		w->template = s->spec->template ? s->spec->template->metadata : NULL;
		w->desired = s->spec->replicas ? *s->spec->replicas : 1;
		w->ready = s->status ? s->status->ready_replicas : 0;
	} else if (a && a->spec) {
		w->selector = a->spec->selector;
		w->template = a->spec->template ? a->spec->template->metadata : NULL;
		w->desired = a->status ? a->status->desired_number_scheduled : 0;
		w->ready = a->status ? a->status->number_ready : 0;
	} else {
		return false;
	}
	return true;
}

void mesh_each_workload(const struct mesh_view *v, bool (*fn)(void *arg, const struct workload *w), void *arg)
{
	mesh_each_workload_in(v, NULL, fn, arg);
}

void mesh_each_workload_in(const struct mesh_view *v, const char *ns, bool (*fn)(void *arg, const struct workload *w),
			   void *arg)
{
	static const struct api_kind *const kinds[] = {&api_kind_deployment, &api_kind_stateful_set,
						       &api_kind_daemon_set};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		const struct store_range all = store_list(v->store, kinds[k], ns);

		for (size_t i = 0; i < all.n; i++) {
			struct workload w;

			if (!v->sees(v->arg, api_object_namespace(all.v[i])) || !read_workload(all.v[i], &w))
				continue;
			if (!fn(arg, &w))
				return;
		}
	}
}

struct store_range mesh_pods_with(const struct mesh_view *v, const char *ns, const struct str_map *labels)
{
	/* An index is kept for each: so for names that are usual, not for any that a user may think of. */
	static const char *const indexed[] = {"app", "app.kubernetes.io/name", "app.kubernetes.io/instance", "name",
					      "k8s-app"};
	struct store_range least = store_list(v->store, &api_kind_pod, ns);

	for (size_t i = 0; labels && i < ARRAY_LEN(indexed); i++) {
		const char *value = str_map_get(labels, indexed[i]);
		const struct store_range some =
			value ? store_by_label_in(v->store, &api_kind_pod, indexed[i], value, ns) : least;

		if (some.n < least.n)
			least = some;
	}
	return least;
}

void mesh_each_pod(const struct mesh_view *v, const struct workload *w,
		   void (*fn)(void *arg, const struct api_object *pod), void *arg)
{
	const struct store_range pods =
		mesh_pods_with(v, api_object_namespace(w->o), w->selector ? &w->selector->match_labels : NULL);

	for (size_t i = 0; i < pods.n; i++)
		if (meta_selector_matches(w->selector, &pods.v[i]->meta->labels))
			fn(arg, pods.v[i]);
}

static bool is_proxy(const char *name)
{
	return name && strcmp(name, "istio-proxy") == 0;
}

bool mesh_pod_has_proxy(const struct api_object *o)
{
	const struct core_pod *pod = API_VALUE(o, pod, core_pod);

	for (size_t i = 0; pod && pod->spec && i < pod->spec->containers.n; i++)
		if (is_proxy(pod->spec->containers.v[i].name))
			return true;
	for (size_t i = 0; pod && pod->spec && i < pod->spec->init_containers.n; i++)
		if (is_proxy(pod->spec->init_containers.v[i].name))
			return true;
	return false;
}

static void look_for_proxy(void *arg, const struct api_object *pod)
{
	bool *found = arg;

	*found |= mesh_pod_has_proxy(pod);
}

bool mesh_has_sidecar(const struct mesh_view *v, const struct workload *w)
{
	bool found = false;

	mesh_each_pod(v, w, look_for_proxy, &found);
	return found;
}

/* ---- lists ---- */

cJSON *mesh_workload_json(const struct mesh_view *v, const struct workload *w)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", api_object_name(w->o));
	cJSON_AddStringToObject(o, "namespace", api_object_namespace(w->o));
	cJSON_AddStringToObject(o, "kind", w->o->kind->kind);
	cJSON_AddStringToObject(o, "app", mesh_app_of(w->template));
	cJSON_AddStringToObject(o, "version", mesh_version_of(w->template));
	json_set_int(o, "ready", w->ready);
	json_set_int(o, "desired", w->desired);
	cJSON_AddBoolToObject(o, "sidecar", mesh_has_sidecar(v, w));
	cJSON_AddStringToObject(o, "health", mesh_health(w->ready, w->desired));
	return o;
}

struct walk {
	const struct mesh_view *view;
	cJSON *out;
	const char *ns, *name;
	struct workload found;
	const struct api_object *pod_of;
};

static bool add_workload(void *arg, const struct workload *w)
{
	struct walk *walk = arg;

	cJSON_AddItemToArray(walk->out, mesh_workload_json(walk->view, w));
	return true;
}

cJSON *mesh_workloads(const struct mesh_view *v)
{
	struct walk walk = {.view = v, .out = cJSON_CreateArray()};

	mesh_each_workload(v, add_workload, &walk);
	return walk.out;
}

/* ---- one ---- */

static bool is_named(void *arg, const struct workload *w)
{
	struct walk *walk = arg;

	if (strcmp(api_object_name(w->o), walk->name) != 0 || strcmp(api_object_namespace(w->o), walk->ns) != 0)
		return true;
	walk->found = *w;
	return false;
}

static void add_containers(cJSON *o, const struct core_pod *pod)
{
	cJSON *list = cJSON_AddArrayToObject(o, "containers");

	for (size_t i = 0; pod->status && i < pod->status->container_statuses.n; i++) {
		const struct core_container_status *c = &pod->status->container_statuses.v[i];
		cJSON *x = cJSON_CreateObject();

		cJSON_AddStringToObject(x, "name", c->name ? c->name : "");
		cJSON_AddStringToObject(x, "image", c->image ? c->image : "");
		cJSON_AddBoolToObject(x, "ready", c->ready);
		json_set_int(x, "restarts", c->restart_count);
		if (c->state && c->state->waiting && c->state->waiting->reason)
			cJSON_AddStringToObject(x, "waiting", c->state->waiting->reason);
		cJSON_AddItemToArray(list, x);
	}
}

static void add_pod(void *arg, const struct api_object *o)
{
	const struct core_pod *pod = API_VALUE(o, pod, core_pod);
	cJSON *x = cJSON_CreateObject();

	cJSON_AddStringToObject(x, "name", api_object_name(o));
	cJSON_AddStringToObject(x, "phase", pod->status && pod->status->phase ? pod->status->phase : "Unknown");
	cJSON_AddStringToObject(x, "ip", pod->status && pod->status->pod_ip ? pod->status->pod_ip : "");
	cJSON_AddStringToObject(x, "node", pod->spec && pod->spec->node_name ? pod->spec->node_name : "");
	cJSON_AddBoolToObject(x, "sidecar", mesh_pod_has_proxy(o));
	add_containers(x, pod);
	cJSON_AddItemToArray(arg, x);
}

static void add_labels(cJSON *o, const struct meta_object *m)
{
	cJSON *labels = cJSON_AddObjectToObject(o, "labels");

	for (size_t i = 0; m && i < m->labels.n; i++)
		cJSON_AddStringToObject(labels, m->labels.v[i].key, m->labels.v[i].value);
}

/* The services that select the template's pods, and what configures them. */
static void add_services(const struct mesh_view *v, cJSON *o, const struct workload *w)
{
	const struct store_range all = store_list(v->store, &api_kind_service, api_object_namespace(w->o));
	cJSON *services = cJSON_AddArrayToObject(o, "services"), *config = cJSON_AddArrayToObject(o, "config");

	for (size_t i = 0; w->template && i < all.n; i++) {
		const struct core_service *s = API_VALUE(all.v[i], service, core_service);

		if (!s->spec || !s->spec->selector.n || !meta_labels_contain(&w->template->labels, &s->spec->selector))
			continue;
		cJSON_AddItemToArray(services, cJSON_CreateString(api_object_name(all.v[i])));
		mesh_config_about(v, api_object_namespace(w->o), api_object_name(all.v[i]), NULL, config);
	}
	if (w->template)
		mesh_config_about(v, api_object_namespace(w->o), NULL, &w->template->labels, config);
}

cJSON *mesh_workload(const struct mesh_view *v, const char *ns, const char *name)
{
	struct walk walk = {.view = v, .ns = ns, .name = name};
	cJSON *o;

	mesh_each_workload(v, is_named, &walk);
	if (!walk.found.o)
		return NULL;
	o = mesh_workload_json(v, &walk.found);
	add_labels(o, walk.found.template);
	mesh_each_pod(v, &walk.found, add_pod, cJSON_AddArrayToObject(o, "pods"));
	add_services(v, o, &walk.found);
	return o;
}

/* ---- applications ---- */

static cJSON *application(cJSON *list, const char *ns, const char *name)
{
	cJSON *o;

	JSON_EACH(x, list)
	if (strcmp(json_get_str(x, "namespace"), ns) == 0 && strcmp(json_get_str(x, "name"), name) == 0)
		return (cJSON *)x;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", name);
	cJSON_AddStringToObject(o, "namespace", ns);
	cJSON_AddArrayToObject(o, "workloads");
	cJSON_AddArrayToObject(o, "versions");
	cJSON_AddItemToArray(list, o);
	return o;
}

static bool add_to_application(void *arg, const struct workload *w)
{
	struct walk *walk = arg;
	const char *app = mesh_app_of(w->template), *version = mesh_version_of(w->template);
	cJSON *o;

	if (!*app)
		return true;
	o = application(walk->out, api_object_namespace(w->o), app);
	cJSON_AddItemToArray(json_get(o, "workloads"), mesh_workload_json(walk->view, w));
	if (*version && !json_has_str(json_get(o, "versions"), version))
		cJSON_AddItemToArray(json_get(o, "versions"), cJSON_CreateString(version));
	json_set_int(o, "ready", json_int(o, "ready", 0) + w->ready);
	json_set_int(o, "desired", json_int(o, "desired", 0) + w->desired);
	json_set_str(o, "health", mesh_health(json_int(o, "ready", 0), json_int(o, "desired", 0)));
	return true;
}

cJSON *mesh_applications(const struct mesh_view *v)
{
	struct walk walk = {.view = v, .out = cJSON_CreateArray()};

	mesh_each_workload(v, add_to_application, &walk);
	return walk.out;
}

cJSON *mesh_application(const struct mesh_view *v, const char *ns, const char *name)
{
	cJSON *list = mesh_applications(v), *found = NULL;

	JSON_EACH(x, list)
	if (strcmp(json_get_str(x, "namespace"), ns) == 0 && strcmp(json_get_str(x, "name"), name) == 0)
		found = (cJSON *)x;
	if (found)
		cJSON_DetachItemViaPointer(list, found);
	cJSON_Delete(list);
	return found;
}
