/*
 * /config_dump in Envoy's shape: what the control plane sent and was accepted, per type. Keys of secrets are not shown.
 */
#include <stdio.h>

#include "proxy/agent/agent_internal.h"
#include "xds/json.h"

#define ADMIN_TYPE "type.googleapis.com/envoy.admin.v3."

static cJSON *resource_json(const struct xds_resource *r)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	const char *url = xds_type_url(r->type), *slash = strrchr(url, '/');
	const ProtobufCMessageDescriptor *d = pb_descriptor(slash ? slash + 1 : url);
	ProtobufCMessage *m = d ? pb_unpack(&tmp, d, r->bytes) : NULL;
	cJSON *j = cJSON_CreateObject(), *body = m ? pb_to_json(m) : NULL;

	cJSON_AddStringToObject(j, "@type", url);
	while (body && body->child) {
		cJSON *field = cJSON_DetachItemViaPointer(body, body->child);
		cJSON_AddItemToObject(j, field->string, field);
	}
	cJSON_Delete(body);
	return j;
}

static cJSON *section(cJSON *configs, const char *type, const char *version)
{
	cJSON *s = cJSON_CreateObject();
	char url[128];

	snprintf(url, sizeof(url), ADMIN_TYPE "%s", type);
	cJSON_AddStringToObject(s, "@type", url);
	if (version && version[0])
		cJSON_AddStringToObject(s, "version_info", version);
	cJSON_AddItemToArray(configs, s);
	return s;
}

/* One entry per resource: {version_info, <member>: resource}, for listeners inside active_state. */
static void dump_type(struct agent *a, cJSON *configs, enum xds_type type, const char *section_type, const char *list,
		      const char *member)
{
	const struct xds_set *set = a->xds ? xds_client_set(a->xds, type) : NULL;
	cJSON *s = section(configs, section_type, a->xds ? xds_client_version(a->xds, type) : "");
	cJSON *v = cJSON_AddArrayToObject(s, list);

	for (size_t i = 0; set && i < set->n; i++) {
		cJSON *item = cJSON_CreateObject(), *at = item;
		cJSON_AddItemToArray(v, item);
		if (type == XDS_LISTENER || type == XDS_SECRET)
			cJSON_AddStringToObject(item, "name", set->v[i]->name.ptr);
		if (type == XDS_LISTENER)
			at = cJSON_AddObjectToObject(item, "active_state");
		cJSON_AddStringToObject(at, "version_info", set->v[i]->version);
		if (member)
			cJSON_AddItemToObject(at, member, resource_json(set->v[i]));
	}
}

void admin_config_dump(struct agent *a, struct http_request *rq)
{
	cJSON *j = cJSON_CreateObject(), *configs = cJSON_AddArrayToObject(j, "configs");
	cJSON *boot = section(configs, "BootstrapConfigDump", NULL);
	cJSON *node = cJSON_AddObjectToObject(cJSON_AddObjectToObject(boot, "bootstrap"), "node");

	cJSON_AddStringToObject(node, "id", a->boot->node->id);
	cJSON_AddStringToObject(node, "cluster", a->boot->node->cluster);
	dump_type(a, configs, XDS_CLUSTER, "ClustersConfigDump", "dynamic_active_clusters", "cluster");
	if (http_request_query(rq).len)
		dump_type(a, configs, XDS_ENDPOINT, "EndpointsConfigDump", "dynamic_endpoint_configs",
			  "endpoint_config");
	dump_type(a, configs, XDS_LISTENER, "ListenersConfigDump", "dynamic_listeners", "listener");
	dump_type(a, configs, XDS_ROUTE, "RoutesConfigDump", "dynamic_route_configs", "route_config");
	dump_type(a, configs, XDS_SECRET, "SecretsConfigDump", "dynamic_active_secrets", NULL);
	char *text = cJSON_Print(j);
	http_reply(rq, 200, "application/json", NULL, slice_str(text));
	cJSON_free(text);
	cJSON_Delete(j);
}
