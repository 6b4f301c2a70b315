/* Gateways: in v1 one map by name, in which the Service's fields stand beside the Deployment's. */
#include <string.h>

#include "api/maistra/smcp_gateways.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "operator/convert/convert_internal.h"

#define INGRESS "istio-ingressgateway"
#define EGRESS "istio-egressgateway"
#define ILB "istio-ilbgateway"

static const struct convert_row gateway_rows[] = {
	{"enabled", "enabled", FORM_FLAG},
	{"namespace", "namespace", FORM_TEXT},
	{"routerMode", "env.ISTIO_META_ROUTER_MODE", FORM_TEXT},
	{"requestedNetworkView", "env.ISTIO_META_REQUESTED_NETWORK_VIEW", FORM_JOINED},
	{"service.metadata.labels", "labels", FORM_TREE},
	{"service.metadata.annotations", "serviceAnnotations", FORM_TREE},
	{"sds.enabled", "sds.enabled", FORM_FLAG},
	{"routeConfig.enabled", "routeConfig.enabled", FORM_FLAG},
	{"meshExpansionPorts", "meshExpansionPorts", FORM_TREE},
};

static const struct convert_row mesh_rows[] = {
	{"gateways.enabled", "gateways.enabled", FORM_FLAG},
	{"gateways.openshiftRoute.enabled", "gateways." INGRESS ".ior_enabled", FORM_FLAG},
	{"gateways.ingress.ingress", "global.k8sIngress.enabled", FORM_FLAG},
};

/* --- volumes: v2 has Kubernetes' sources, v1 two lists of names --- */

static const struct {
	const char *list, *source, *v2_name, *v1_name;
} volume_kinds[] = {
	{"secretVolumes", "secret", "secretName", "secretName"},
	{"configVolumes", "configMap", "name", "configMapName"},
};

static void volumes_to_v1(const cJSON *v2, cJSON *values)
{
	JSON_EACH(volume, json_get(v2, "volumes"))
	for (size_t k = 0; k < ARRAY_LEN(volume_kinds); k++) {
		const cJSON *source = json_get(json_get(volume, "volume"), volume_kinds[k].source);
		const cJSON *mount = json_get(volume, "volumeMount");
		cJSON *o;

		if (!json_get_str(source, volume_kinds[k].v2_name) || !json_get_str(mount, "name") ||
		    !json_get_str(mount, "mountPath"))
			continue;
		o = cJSON_CreateObject();
		json_copy_member(o, mount, "name");
		json_set_str(o, volume_kinds[k].v1_name, json_get_str(source, volume_kinds[k].v2_name));
		json_copy_member(o, mount, "mountPath");
		cJSON_AddItemToArray(json_array(values, volume_kinds[k].list), o);
	}
}

static bool is_volume(const cJSON *v, const char *name)
{
	return json_get_str(v, "name") && json_get_str(v, "mountPath") && json_get_str(v, name) &&
	       cJSON_GetArraySize(v) == 3;
}

static void volumes_to_v2(cJSON *values, cJSON *v2)
{
	for (size_t k = 0; k < ARRAY_LEN(volume_kinds); k++) {
		const cJSON *list = json_get(values, volume_kinds[k].list);
		bool all = cJSON_IsArray(list);

		JSON_EACH(v, list)
		all = all && is_volume(v, volume_kinds[k].v1_name);
		if (!all)
			continue;
		JSON_EACH(v, list)
		{
			cJSON *o = cJSON_CreateObject();
			cJSON *source = json_object(json_object(o, "volume"), volume_kinds[k].source);
			cJSON *mount = json_object(o, "volumeMount");

			json_set_str(source, volume_kinds[k].v2_name, json_get_str(v, volume_kinds[k].v1_name));
			json_copy_member(mount, v, "name");
			json_copy_member(mount, v, "mountPath");
			cJSON_AddItemToArray(json_array(v2, "volumes"), o);
		}
		json_remove(values, volume_kinds[k].list);
	}
}

/* --- one gateway --- */

/* Fields of the Service have the same names, at the gateway's own level. */
static void service_to_v1(const cJSON *service, cJSON *values)
{
	JSON_EACH(m, service)
	if (strcmp(m->string, "metadata") != 0)
		json_set(values, m->string, cJSON_Duplicate(m, true));
}

static void service_to_v2(cJSON *values, cJSON *v2)
{
	const struct msg_desc *d = &maistra_gateway_service_config_desc;

	for (size_t i = 0; i < d->n_fields; i++) {
		cJSON *m = json_get(values, d->fields[i].name);

		if (!m || cJSON_IsNull(m) || !strcmp(d->fields[i].name, "metadata"))
			continue;
		json_set(json_object(v2, "service"), d->fields[i].name, cJSON_Duplicate(m, true));
		json_remove(values, d->fields[i].name);
	}
}

static void gateway_to_v1(const cJSON *v2, cJSON *values)
{
	service_to_v1(json_get(v2, "service"), values);
	convert_runtime_to_v1(json_get(v2, "runtime"), values);
	convert_rows_to_v1(gateway_rows, ARRAY_LEN(gateway_rows), v2, values);
	volumes_to_v1(v2, values);
	if (json_at(v2, "sds.runtime"))
		convert_container_to_v1(json_at(v2, "sds.runtime"), json_object(values, "sds"));
	convert_prune(values, "sds");
}

static void gateway_to_v2(cJSON *values, cJSON *v2)
{
	cJSON *sds = json_get(values, "sds");

	convert_rows_to_v2(gateway_rows, ARRAY_LEN(gateway_rows), values, v2);
	sds = json_get(values, "sds");
	if (cJSON_IsObject(sds)) {
		convert_container_to_v2(sds, convert_object(v2, "sds.runtime"));
		convert_prune(v2, "sds.runtime");
		convert_prune(values, "sds");
	}
	service_to_v2(values, v2);
	volumes_to_v2(values, v2);
	convert_runtime_to_v2(values, json_object(v2, "runtime"));
	convert_prune(v2, "runtime");
}

/* --- all of them --- */

static void add_gateway(cJSON *values, const char *name, const char *type, const cJSON *v2)
{
	cJSON *v1;

	if (!cJSON_IsObject(v2))
		return;
	v1 = json_object(json_object(values, "gateways"), name); /* names may hold dots */
	gateway_to_v1(v2, v1);
	json_set_str(v1, "name", name);
	json_set_str(v1, "gatewayType", type);
}

void convert_gateways_to_v1(const cJSON *v2, cJSON *values)
{
	const cJSON *all = json_get(v2, "gateways"), *ilb = json_at(v2, "cluster.meshExpansion.ilbGateway");

	add_gateway(values, INGRESS, "ingress", json_get(all, "ingress"));
	add_gateway(values, EGRESS, "egress", json_get(all, "egress"));
	JSON_EACH(g, json_get(all, "additionalIngress"))
	add_gateway(values, g->string, "ingress", g);
	JSON_EACH(g, json_get(all, "additionalEgress"))
	add_gateway(values, g->string, "egress", g);
	if (cJSON_IsObject(ilb)) {
		gateway_to_v1(ilb, convert_object(values, "gateways." ILB));
		convert_prune(values, "gateways." ILB);
	}
	convert_rows_to_v1(mesh_rows, ARRAY_LEN(mesh_rows), v2, values);
}

static bool is_egress(const char *name, const cJSON *v1)
{
	const char *type = json_get_str(v1, "gatewayType");

	if (!strcmp(name, EGRESS))
		return true;
	if (!strcmp(name, INGRESS))
		return false;
	return type ? !strcmp(type, "egress") : json_at(v1, "env.ISTIO_META_REQUESTED_NETWORK_VIEW") != NULL;
}

/* Where the gateway of that name is in v2. */
static cJSON *place(cJSON *v2, const char *name, const cJSON *v1)
{
	const bool egress = is_egress(name, v1);

	if (!strcmp(name, ILB))
		return convert_object(v2, "cluster.meshExpansion.ilbGateway");
	if (!strcmp(name, INGRESS) || !strcmp(name, EGRESS))
		return convert_object(v2, egress ? "gateways.egress" : "gateways.ingress");
	return json_object(convert_object(v2, egress ? "gateways.additionalEgress" : "gateways.additionalIngress"),
			   name);
}

static void take_gateway(cJSON *gateways, cJSON *v1, cJSON *v2)
{
	CLEANUP(freep) char *name = mem_strdup(v1->string);
	const char *said = json_get_str(v1, "name"), *type = json_get_str(v1, "gatewayType");

	gateway_to_v2(v1, place(v2, name, v1));
	if (said && !strcmp(said, name))
		json_remove(v1, "name");
	if (type && !strcmp(type, is_egress(name, v1) ? "egress" : "ingress"))
		json_remove(v1, "gatewayType");
	if (!v1->child)
		json_remove(gateways, name);
}

void convert_gateways_to_v2(cJSON *values, cJSON *v2)
{
	cJSON *gateways = json_get(values, "gateways"), *next;

	convert_rows_to_v2(mesh_rows, ARRAY_LEN(mesh_rows), values, v2);
	gateways = json_get(values, "gateways");
	for (cJSON *v1 = cJSON_IsObject(gateways) ? gateways->child : NULL; v1; v1 = next) {
		next = v1->next;
		if (cJSON_IsObject(v1) && v1->child)
			take_gateway(gateways, v1, v2);
	}
	convert_prune(values, "gateways");
}
