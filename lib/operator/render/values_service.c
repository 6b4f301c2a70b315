/* An add-on's Service and the Routes to it. */
#include "base/cleanup.h"
#include "base/slice.h"
#include "msg/json.h"
#include "operator/render/values.h"
#include "operator/render/workload.h"

/* "/a/b" of "a/b/"; "" of "/" and of nothing. */
static struct slice trimmed(const char *path)
{
	struct slice p = slice_str(path);

	while (p.len && p.ptr[0] == '/')
		p = slice_from(p, 1);
	while (p.len && p.ptr[p.len - 1] == '/')
		p.len--;
	return p;
}

static void add_route(cJSON *list, size_t i, const char *host)
{
	cJSON *r = cJSON_CreateObject();

	cJSON_AddItemToArray(list, r);
	if (i)
		values_printf(r, "suffix", "-%zu", i + 1);
	else
		cJSON_AddStringToObject(r, "suffix", "");
	values_add_text(r, "host", host);
}

static void add_routes(cJSON *to, const struct maistra_component_ingress_config *in)
{
	cJSON *list = cJSON_AddArrayToObject(to, "routes");

	for (size_t i = 0; in && i < in->hosts.n; i++)
		add_route(list, i, in->hosts.v[i]);
	if (!list->child)
		add_route(list, 0, NULL);
	if (AT1(in, metadata)) {
		cJSON_AddItemToObject(to, "routeLabels", values_map(&in->metadata->labels));
		cJSON_AddItemToObject(to, "routeAnnotations", values_map(&in->metadata->annotations));
	}
	if (AT1(in, tls))
		cJSON_AddItemToObject(to, "routeTls", cJSON_Duplicate(in->tls, true));
}

void values_service(cJSON *to, const struct maistra_component_service_config *service)
{
	const struct maistra_component_ingress_config *in = AT1(service, ingress);
	const int32_t *node_port = AT1(service, node_port);
	struct slice path = trimmed(AT1(in, context_path));

	cJSON_AddStringToObject(to, "serviceType", node_port ? "NodePort" : "ClusterIP");
	if (node_port && *node_port)
		cJSON_AddNumberToObject(to, "nodePort", *node_port);
	if (AT1(service, metadata)) {
		cJSON_AddItemToObject(to, "serviceLabels", values_map(&service->metadata->labels));
		cJSON_AddItemToObject(to, "serviceAnnotations", values_map(&service->metadata->annotations));
	}
	values_printf(to, "contextPath", "%s%.*s", path.len ? "/" : "", SLICE_ARG(path));
	cJSON_AddBoolToObject(to, "route", flag(AT1(in, enabled), true));
	cJSON_AddBoolToObject(to, "ownRoutes", in && (in->hosts.n || in->tls || in->metadata || path.len));
	if (flag(AT1(in, enabled), true))
		add_routes(to, in);
}

/* Add-ons are opened over HTTPS, as those of OpenShift Service Mesh are, with the router's certificate; who has an
 * address without TLS keeps it. */
#define TLS_OF_ROUTES "{\"termination\":\"edge\",\"insecureEdgeTerminationPolicy\":\"Allow\"}"

static void copy(cJSON *to, const char *name, const cJSON *from, const char *from_name)
{
	const cJSON *v = json_get(from, from_name);

	if (v)
		cJSON_AddItemToObject(to, name, cJSON_Duplicate(v, true));
}

void values_set_route(cJSON *values, const struct route_input *in)
{
	cJSON *r = cJSON_AddObjectToObject(values, "route");
	const char *path = json_str(in->addon, "contextPath"), *own = json_get_str(in->addon, "name");
	const char *name = own && *own ? own : in->name;

	values_printf(r, "name", "%s%s", name, json_str(in->route, "suffix"));
	cJSON_AddStringToObject(r, "app", name);
	cJSON_AddStringToObject(r, "service", in->name);
	cJSON_AddNumberToObject(r, "port", in->port);
	copy(r, "host", in->route, "host");
	if (path && *path)
		cJSON_AddStringToObject(r, "path", path);
	copy(r, "labels", in->addon, "routeLabels");
	copy(r, "annotations", in->addon, "routeAnnotations");
	copy(r, "tls", in->addon, "routeTls");
	if (!json_get(r, "tls"))
		cJSON_AddItemToObject(r, "tls", json_literal(TLS_OF_ROUTES));
}
