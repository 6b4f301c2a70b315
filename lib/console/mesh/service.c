/* Services, and namespaces as a whole. */
#include <string.h>

#include "api/core/pod.h"
#include "api/core/service.h"
#include "console/mesh/mesh_internal.h"
#include "msg/json.h"

static bool is_ready(const struct core_pod *pod)
{
	for (size_t i = 0; pod->status && i < pod->status->conditions.n; i++) {
		const struct core_pod_condition *c = &pod->status->conditions.v[i];

		if (c->type && strcmp(c->type, "Ready") == 0)
			return c->status && strcmp(c->status, "True") == 0;
	}
	return false;
}

static void count_pods(const struct mesh_view *v, const struct api_object *service, int64_t *ready, int64_t *all)
{
	const struct core_service *s = API_VALUE(service, service, core_service);
	const struct str_map *selector = s->spec ? &s->spec->selector : NULL;
	const struct store_range pods = mesh_pods_with(v, api_object_namespace(service), selector);

	*ready = *all = 0;
	for (size_t i = 0; selector && selector->n && i < pods.n; i++) {
		if (!meta_labels_contain(&pods.v[i]->meta->labels, selector))
			continue;
		++*all;
		*ready += is_ready(API_VALUE(pods.v[i], pod, core_pod));
	}
}

static void add_ports(cJSON *o, const struct core_service *s)
{
	cJSON *ports = cJSON_AddArrayToObject(o, "ports");

	for (size_t i = 0; s->spec && i < s->spec->ports.n; i++) {
		cJSON *x = cJSON_CreateObject();

		cJSON_AddStringToObject(x, "name", s->spec->ports.v[i].name ? s->spec->ports.v[i].name : "");
		json_set_int(x, "port", s->spec->ports.v[i].port);
		cJSON_AddStringToObject(x, "protocol",
					s->spec->ports.v[i].protocol ? s->spec->ports.v[i].protocol : "TCP");
		cJSON_AddItemToArray(ports, x);
	}
}

static cJSON *service_json(const struct mesh_view *v, const struct api_object *obj)
{
	const struct core_service *s = API_VALUE(obj, service, core_service);
	cJSON *o = cJSON_CreateObject(), *selector;
	int64_t ready, all;

	count_pods(v, obj, &ready, &all);
	cJSON_AddStringToObject(o, "name", api_object_name(obj));
	cJSON_AddStringToObject(o, "namespace", api_object_namespace(obj));
	add_ports(o, s);
	selector = cJSON_AddObjectToObject(o, "selector");
	for (size_t i = 0; s->spec && i < s->spec->selector.n; i++)
		cJSON_AddStringToObject(selector, s->spec->selector.v[i].key, s->spec->selector.v[i].value);
	json_set_int(o, "ready", ready);
	json_set_int(o, "endpoints", all);
	cJSON_AddStringToObject(o, "health", mesh_health(ready, all));
	mesh_config_about(v, api_object_namespace(obj), api_object_name(obj), NULL,
			  cJSON_AddArrayToObject(o, "config"));
	return o;
}

cJSON *mesh_services(const struct mesh_view *v)
{
	const struct store_range all = store_list(v->store, &api_kind_service, NULL);
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < all.n; i++)
		if (v->sees(v->arg, api_object_namespace(all.v[i])))
			cJSON_AddItemToArray(list, service_json(v, all.v[i]));
	return list;
}

struct selected {
	const struct mesh_view *view;
	const struct core_service *service;
	const char *ns;
	cJSON *out;
};

static bool add_selected(void *arg, const struct workload *w)
{
	struct selected *s = arg;

	if (strcmp(api_object_namespace(w->o), s->ns) == 0 && w->template && s->service->spec &&
	    s->service->spec->selector.n && meta_labels_contain(&w->template->labels, &s->service->spec->selector))
		cJSON_AddItemToArray(s->out, mesh_workload_json(s->view, w));
	return true;
}

cJSON *mesh_service(const struct mesh_view *v, const char *ns, const char *name)
{
	const struct api_object *obj = v->sees(v->arg, ns) ? store_get(v->store, &api_kind_service, ns, name) : NULL;
	struct selected s = {.view = v, .ns = ns};
	cJSON *o;

	if (!obj)
		return NULL;
	o = service_json(v, obj);
	s.service = API_VALUE(obj, service, core_service);
	s.out = cJSON_AddArrayToObject(o, "workloads");
	mesh_each_workload(v, add_selected, &s);
	return o;
}

/* ---- namespaces ---- */

static cJSON *namespace_of(cJSON *list, const char *ns)
{
	cJSON *o;

	JSON_EACH(x, list)
	if (strcmp(json_get_str(x, "name"), ns) == 0)
		return (cJSON *)x;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", ns);
	cJSON_AddItemToArray(list, o);
	return o;
}

static void count(cJSON *o, const char *name)
{
	json_set_int(o, name, json_int(o, name, 0) + 1);
}

static const char *worse(const char *a, const char *b)
{
	static const char *const order[] = {"Failure", "Degraded", "Healthy", "Idle"};

	for (size_t i = 0; a && i < ARRAY_LEN(order); i++)
		if (strcmp(order[i], a) == 0 || strcmp(order[i], b) == 0)
			return order[i];
	return b;
}

static bool count_workload(void *arg, const struct workload *w)
{
	cJSON *o = namespace_of(arg, api_object_namespace(w->o));

	count(o, "workloads");
	json_set_str(o, "health", worse(json_get_str(o, "health"), mesh_health(w->ready, w->desired)));
	return true;
}

cJSON *mesh_namespaces(const struct mesh_view *v)
{
	const struct store_range services = store_list(v->store, &api_kind_service, NULL);
	cJSON *list = cJSON_CreateArray(), *config = mesh_config(v);

	mesh_each_workload(v, count_workload, list);
	for (size_t i = 0; i < services.n; i++)
		if (v->sees(v->arg, api_object_namespace(services.v[i])))
			count(namespace_of(list, api_object_namespace(services.v[i])), "services");
	JSON_EACH(x, config)
	{
		cJSON *o = namespace_of(list, json_get_str(x, "namespace"));

		count(o, "config");
		if (cJSON_IsFalse(json_get(x, "accepted")) || cJSON_IsFalse(json_get(x, "programmed")) ||
		    cJSON_IsFalse(json_get(x, "resolved")))
			count(o, "invalid");
	}
	cJSON_Delete(config);
	return list;
}
