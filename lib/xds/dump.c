/* One row for each type that is shown. */
#include "xds/dump.h"

#include <stdio.h>
#include <string.h>

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

cJSON *xds_dump_section(cJSON *configs, const char *message, const char *version)
{
	cJSON *s = cJSON_CreateObject();
	char url[128];

	snprintf(url, sizeof(url), ADMIN_TYPE "%s", message);
	cJSON_AddStringToObject(s, "@type", url);
	if (version && version[0])
		cJSON_AddStringToObject(s, "version_info", version);
	cJSON_AddItemToArray(configs, s);
	return s;
}

/* How one type is shown. */
static const struct dump {
	enum xds_type type;
	const char *section, *dynamic, *fixed;
	const char *member; /* where the resource stands; NULL = it is not shown */
	bool on_demand;
} dumps[] = {
	{XDS_CLUSTER, "ClustersConfigDump", "dynamic_active_clusters", "static_clusters", "cluster", false},
	{XDS_ENDPOINT, "EndpointsConfigDump", "dynamic_endpoint_configs", "static_endpoint_configs", "endpoint_config",
	 true},
	{XDS_LISTENER, "ListenersConfigDump", "dynamic_listeners", "static_listeners", "listener", false},
	{XDS_ROUTE, "RoutesConfigDump", "dynamic_route_configs", "static_route_configs", "route_config", false},
	{XDS_SECRET, "SecretsConfigDump", "dynamic_active_secrets", "static_secrets", NULL, false},
};

/* {version_info, <member>: resource}; a listener that was sent has it inside active_state. */
static cJSON *entry(const struct dump *d, const struct xds_resource *r, bool fixed)
{
	cJSON *item = cJSON_CreateObject(), *at = item;

	if ((d->type == XDS_LISTENER && !fixed) || d->type == XDS_SECRET)
		cJSON_AddStringToObject(item, "name", r->name.ptr);
	if (d->type == XDS_LISTENER && !fixed)
		at = cJSON_AddObjectToObject(item, "active_state");
	if (!fixed)
		cJSON_AddStringToObject(at, "version_info", r->version);
	if (d->member)
		cJSON_AddItemToObject(at, d->member, resource_json(r));
	return item;
}

static void dump_set(cJSON *s, const struct dump *d, const struct xds_set *set, bool fixed)
{
	cJSON *v = cJSON_AddArrayToObject(s, fixed ? d->fixed : d->dynamic);

	for (size_t i = 0; set && i < set->n; i++)
		cJSON_AddItemToArray(v, entry(d, set->v[i], fixed));
}

static const struct dump *find(enum xds_type type)
{
	for (size_t i = 0; i < ARRAY_LEN(dumps); i++)
		if (dumps[i].type == type)
			return &dumps[i];
	return NULL;
}

bool xds_dump_has(enum xds_type type, bool *ret_on_demand)
{
	const struct dump *d = find(type);

	*ret_on_demand = d && d->on_demand;
	return d != NULL;
}

void xds_dump_add(cJSON *configs, enum xds_type type, const char *version, const struct xds_set *sent,
		  const struct xds_set *fixed)
{
	const struct dump *d = find(type);
	cJSON *s;

	if (!d)
		return;
	s = xds_dump_section(configs, d->section, version);
	dump_set(s, d, sent, false);
	if (fixed)
		dump_set(s, d, fixed, true);
}
