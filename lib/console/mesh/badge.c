/* Badges of a graph's nodes. */
#include <string.h>

#include "console/mesh/mesh_internal.h"
#include "msg/json.h"

static void badge(cJSON *badges, const char *name)
{
	if (!json_has_str(badges, name))
		cJSON_AddItemToArray(badges, cJSON_CreateString(name));
}

static bool any_http(const cJSON *object, const char *member)
{
	JSON_EACH(route, json_at(object, "spec.http"))
	if (json_get(route, member))
		return true;
	return false;
}

static void of_service(const struct mesh_view *v, cJSON *badges, const char *ns, const char *service)
{
	cJSON *about = cJSON_CreateArray();

	mesh_config_about(v, ns, service, NULL, about);
	JSON_EACH(x, about)
	{
		const struct api_kind *kind = mesh_config_kind(slice_str(json_get_str(x, "kind")));
		cJSON *full = mesh_config_object(v, kind, json_get_str(x, "namespace"), json_get_str(x, "name"));
		const cJSON *object = json_get(full, "object");

		if (kind == &api_kind_virtual_service) {
			badge(badges, "virtualService");
			if (any_http(object, "fault"))
				badge(badges, "fault");
			if (any_http(object, "mirror") || any_http(object, "mirrors"))
				badge(badges, "mirror");
		}
		if (json_at(object, "spec.trafficPolicy.outlierDetection") ||
		    json_at(object, "spec.trafficPolicy.connectionPool"))
			badge(badges, "circuitBreaker");
		cJSON_Delete(full);
	}
	cJSON_Delete(about);
}

struct sidecars {
	const struct mesh_view *view;
	const char *ns, *name;
	bool missing;
};

static bool look_at(void *arg, const struct workload *w)
{
	struct sidecars *s = arg;

	if (strcmp(api_object_name(w->o), s->name) != 0)
		return true;
	s->missing = w->ready > 0 && !mesh_has_sidecar(s->view, w);
	return false;
}

void mesh_badges(const struct mesh_view *v, cJSON *graph)
{
	JSON_EACH(x, json_get(graph, "nodes"))
	{
		cJSON *node = (cJSON *)x, *badges = cJSON_AddArrayToObject(node, "badges");
		struct sidecars s = {
			.view = v, .ns = json_get_str(x, "namespace"), .name = json_get_str(x, "workload")};

		if (!v->sees(v->arg, s.ns))
			continue;
		if (*json_get_str(x, "service"))
			of_service(v, badges, s.ns, json_get_str(x, "service"));
		if (*s.name)
			mesh_each_workload_in(v, s.ns, look_at, &s);
		if (s.missing)
			badge(badges, "noSidecar");
	}
}
