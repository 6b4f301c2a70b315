/* What Kubernetes does for Services: an address, and EndpointSlices of the pods that they select. */
#include <string.h>

#include "api/cluster/discovery.h"
#include "base/cleanup.h"
#include "ctl/mesh/mesh_internal.h"
#include "msg/json.h"

#define LABEL_SERVICE "kubernetes.io/service-name"

static bool has_address(const struct core_service_spec *s)
{
	return (s->cluster_ip && *s->cluster_ip) || (s->type && !strcmp(s->type, "ExternalName"));
}

static int give_address(struct mesh *m, const struct api_object *o, size_t number, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o);

	json_set_str(json_object(json, "spec"), "clusterIP", mesh_made_up_address(m, true, number));
	return mesh_put(m, json, e);
}

/* The number of the port in the pod; 0 = its containers have none of that name. */
static int target_of(const struct core_service_port *p, const struct core_pod_spec *pod)
{
	if (p->target_port.kind == INT_OR_STR_INT)
		return (int)p->target_port.i;
	if (p->target_port.kind == INT_OR_STR_NONE)
		return p->port;
	for (size_t i = 0; i < pod->containers.n; i++)
		for (size_t k = 0; k < pod->containers.v[i].ports.n; k++) {
			const struct core_container_port *c = &pod->containers.v[i].ports.v[k];

			if (c->name && !strcmp(c->name, p->target_port.s))
				return c->container_port;
		}
	return 0;
}

static void add_port(cJSON *list, const struct core_service_port *p, int number)
{
	cJSON *o;

	if (!number)
		return;
	o = cJSON_CreateObject();
	json_set_str(o, "name", p->name ? p->name : "");
	json_set_str(o, "protocol", p->protocol ? p->protocol : "TCP");
	json_set_int(o, "port", number);
	cJSON_AddItemToArray(list, o);
}

static bool is_ready(const struct core_pod *p)
{
	for (size_t i = 0; p->status && i < p->status->conditions.n; i++)
		if (p->status->conditions.v[i].type && !strcmp(p->status->conditions.v[i].type, "Ready"))
			return p->status->conditions.v[i].status && !strcmp(p->status->conditions.v[i].status, "True");
	return false;
}

/* One slice for each pod, since a name may be another port in each. */
static int add_slice(struct mesh *m, const struct api_object *service, const struct api_object *pod, struct err *e)
{
	const struct core_service *s = API_VALUE(service, service, core_service);
	const struct core_pod *p = API_VALUE(pod, pod, core_pod);
	CLEANUP(json_freep)
	cJSON *o = json_literal("{\"apiVersion\":\"discovery.k8s.io/v1\",\"kind\":\"EndpointSlice\",\"metadata\":{"
				"\"labels\":{}},\"addressType\":\"IPv4\",\"endpoints\":[{\"addresses\":[],"
				"\"conditions\":{},\"targetRef\":{\"kind\":\"Pod\"}}],\"ports\":[]}");
	cJSON *meta = json_get(o, "metadata"), *endpoint = json_get(o, "endpoints")->child;

	json_set_str(meta, "name", arena_printf(&m->arena, "%s-%s", api_object_name(service), api_object_name(pod)));
	json_set_str(meta, "namespace", api_object_namespace(service));
	json_set_str(json_get(meta, "labels"), LABEL_SERVICE, api_object_name(service));
	cJSON_AddItemToArray(json_get(endpoint, "addresses"), cJSON_CreateString(p->status->pod_ip));
	json_set_bool(json_get(endpoint, "conditions"), "ready", is_ready(p));
	json_set_str(json_get(endpoint, "targetRef"), "name", api_object_name(pod));
	json_set_str(json_get(endpoint, "targetRef"), "namespace", api_object_namespace(pod));
	for (size_t i = 0; i < s->spec->ports.n; i++)
		add_port(json_get(o, "ports"), &s->spec->ports.v[i], target_of(&s->spec->ports.v[i], p->spec));
	return mesh_put(m, o, e);
}

/* Whether somebody brought them. */
static bool has_slices(struct mesh *m, const struct api_object *service)
{
	const struct store_range all = store_list(m->store, &api_kind_endpoint_slice, api_object_namespace(service));

	for (size_t i = 0; i < all.n; i++) {
		const char *of = api_object_label(all.v[i], LABEL_SERVICE);

		if (of && !strcmp(of, api_object_name(service)))
			return true;
	}
	return false;
}

static int make_slices(struct mesh *m, const struct api_object *service, struct err *e)
{
	const struct core_service *s = API_VALUE(service, service, core_service);
	const struct store_range pods = store_list(m->store, &api_kind_pod, api_object_namespace(service));
	int r = 0;

	if (has_slices(m, service))
		return 0;
	for (size_t i = 0; r == 0 && i < pods.n; i++) {
		const struct core_pod *p = API_VALUE(pods.v[i], pod, core_pod);

		if (p->spec && p->status && p->status->pod_ip && *p->status->pod_ip &&
		    meta_labels_contain(&pods.v[i]->meta->labels, &s->spec->selector))
			r = add_slice(m, service, pods.v[i], e);
	}
	return r;
}

/* A cluster's own Services have all that. */
static bool is_made_up(const struct mesh *m, const struct api_object *o)
{
	const struct source_object *s = mesh_source(m, o->kind, api_object_namespace(o), api_object_name(o));

	return !s || s->lines;
}

int mesh_make_slices(struct mesh *m, struct err *e)
{
	const struct store_range all = store_list(m->store, &api_kind_service, NULL);
	VEC(struct api_object *) services = {0};
	int r = 0;

	for (size_t i = 0; i < all.n; i++)
		vec_push(&services, api_object_ref(all.v[i]));
	for (size_t i = 0; i < services.n; i++) {
		const struct core_service *s = API_VALUE(services.v[i], service, core_service);

		if (r == 0 && s->spec && is_made_up(m, services.v[i]) && !has_address(s->spec))
			r = give_address(m, services.v[i], i, e);
		if (r == 0 && s->spec && is_made_up(m, services.v[i]) && s->spec->selector.n)
			r = make_slices(m, services.v[i], e);
		api_object_unref(services.v[i]);
	}
	vec_done(&services);
	return r;
}
