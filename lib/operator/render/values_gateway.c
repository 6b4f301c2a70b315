/* Values of one gateway. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "operator/render/values.h"
#include "operator/render/workload.h"

#define HTTP_PORT 8080

static cJSON *port(const char *name, int number, int target)
{
	cJSON *p = cJSON_CreateObject();

	cJSON_AddStringToObject(p, "name", name);
	cJSON_AddNumberToObject(p, "port", number);
	cJSON_AddNumberToObject(p, "targetPort", target);
	cJSON_AddStringToObject(p, "protocol", "TCP");
	return p;
}

static cJSON *default_ports(bool ingress)
{
	cJSON *ports = cJSON_CreateArray();

	if (ingress)
		cJSON_AddItemToArray(ports, port("status-port", 15021, 15021));
	cJSON_AddItemToArray(ports, port("http2", 80, HTTP_PORT));
	cJSON_AddItemToArray(ports, port("https", 443, 8443));
	return ports;
}

/* Those of mesh expansion, unless one of the number is there. */
static void add_expansion_ports(cJSON *ports, const struct gateway_input *g)
{
	CLEANUP(json_freep)
	cJSON *more = g->n_more_ports ? values_list(&core_service_port_desc, g->more_ports, g->n_more_ports)
				      : cJSON_CreateArray();

	if (!g->n_more_ports) {
		cJSON_AddItemToArray(more, port("tcp-istiod", 15012, 15012));
		cJSON_AddItemToArray(more, port("tcp-istiodwebhook", 15017, 15017));
	}
	while (more->child) {
		cJSON *one = cJSON_DetachItemViaPointer(more, more->child), *have;
		bool there = false;

		cJSON_ArrayForEach(have, ports) there |= json_equal(json_get(have, "port"), json_get(one, "port"));
		if (there)
			cJSON_Delete(one);
		else
			cJSON_AddItemToArray(ports, one);
	}
}

/* The ports that the pod listens on: the service's numeric targets. */
static cJSON *container_ports(const cJSON *ports)
{
	cJSON *out = cJSON_CreateArray();
	const cJSON *p;

	cJSON_ArrayForEach(p, ports)
	{
		const cJSON *target = json_get(p, "targetPort");
		const cJSON *number = cJSON_IsNumber(target) ? target : json_get(p, "port");
		cJSON *c;

		if (!cJSON_IsNumber(number) || number->valueint == 15021 || number->valueint == 15090)
			continue;
		c = cJSON_CreateObject();
		cJSON_AddNumberToObject(c, "containerPort", number->valueint);
		cJSON_AddStringToObject(c, "protocol", text_or(json_str(p, "protocol"), "TCP"));
		cJSON_AddItemToArray(out, c);
	}
	return out;
}

/* Where a Route leads to: HTTP if the gateway has it, else the first port that is not for probes. */
static int route_port(const cJSON *ports)
{
	const cJSON *p;
	int first = 0;

	cJSON_ArrayForEach(p, ports)
	{
		int number = json_get(p, "containerPort")->valueint;

		if (number == HTTP_PORT)
			return number;
		first = first ? first : number;
	}
	return first ? first : HTTP_PORT;
}

static cJSON *gateway_labels(const struct values_input *in, const struct gateway_input *g)
{
	const struct maistra_gateway_service_config *service = g->service;
	cJSON *labels = service && service->metadata ? values_map(&service->metadata->labels) : cJSON_CreateObject();

	if (!cJSON_HasObjectItem(labels, "app"))
		cJSON_AddStringToObject(labels, "app", g->name);
	if (!cJSON_HasObjectItem(labels, "istio") && !g->additional)
		cJSON_AddStringToObject(labels, "istio", g->ingress ? "ingressgateway" : "egressgateway");
	if (!cJSON_HasObjectItem(labels, "istio"))
		cJSON_AddStringToObject(labels, "istio", g->ilb ? "ilbgateway" : g->name);
	cJSON_DeleteItemFromObjectCaseSensitive(labels, "maistra.io/gateway");
	values_printf(labels, "maistra.io/gateway", "%s.%s", g->name, g->ns);
	(void)in;
	return labels;
}

static void add_volumes(cJSON *to, const struct gateway_input *g)
{
	cJSON *volumes = cJSON_AddArrayToObject(to, "volumes");
	cJSON *mounts = cJSON_AddArrayToObject(to, "volumeMounts");

	for (size_t i = 0; i < g->n_volumes; i++) {
		const struct maistra_volume_config *v = &g->volumes[i];
		cJSON *volume;

		if (!v->volume || !v->volume_mount || !v->volume_mount->name)
			continue;
		volume = msg_to_json(&maistra_gateway_volume_desc, v->volume);
		cJSON_AddStringToObject(volume, "name", v->volume_mount->name);
		cJSON_AddItemToArray(volumes, volume);
		cJSON_AddItemToArray(mounts, msg_to_json(&core_volume_mount_desc, v->volume_mount));
	}
}

/* The rest of the ServiceSpec, as it was written. */
static cJSON *service_spec(const struct maistra_gateway_service_config *service)
{
	cJSON *spec = service ? msg_to_json(&maistra_gateway_service_config_desc, service) : cJSON_CreateObject();

	cJSON_DeleteItemFromObjectCaseSensitive(spec, "metadata");
	cJSON_DeleteItemFromObjectCaseSensitive(spec, "ports");
	cJSON_DeleteItemFromObjectCaseSensitive(spec, "selector");
	cJSON_DeleteItemFromObjectCaseSensitive(spec, "type");
	return spec;
}

/* With a mark when it is a type that was chosen for the user. */
static cJSON *service_annotations(const struct gateway_input *g)
{
	const struct maistra_gateway_service_config *service = g->service;
	cJSON *o = service && service->metadata ? values_map(&service->metadata->annotations) : cJSON_CreateObject();

	cJSON_DeleteItemFromObjectCaseSensitive(o, ANNOTATION_DEFAULT_TYPE);
	if (!*text_or(AT1(service, type), "") && strcmp(g->default_type, "ClusterIP") != 0)
		cJSON_AddStringToObject(o, ANNOTATION_DEFAULT_TYPE, g->default_type);
	return o;
}

void values_set_gateway(cJSON *values, const struct values_input *in, const struct gateway_input *g)
{
	const struct maistra_gateway_service_config *service = g->service;
	struct workload_input w = {AT1(in->spec->runtime, defaults), g->runtime, in->images->proxy, false};
	cJSON *o, *ports, *labels = gateway_labels(in, g), *pod_labels;
	const cJSON *m;

	cJSON_DeleteItemFromObjectCaseSensitive(values, "gateway");
	o = cJSON_AddObjectToObject(values, "gateway");
	workload_values(o, &w);
	cJSON_AddStringToObject(o, "name", g->name);
	cJSON_AddStringToObject(o, "namespace", g->ns);
	if (!g->assigned_user)
		cJSON_AddNumberToObject(o, "user", MESH_USER);
	cJSON_AddStringToObject(o, "routerMode", text_or(g->router_mode, "standard"));
	cJSON_AddStringToObject(o, "serviceType", text_or(AT1(service, type), g->default_type));
	cJSON_AddItemToObject(o, "serviceSpec", service_spec(service));
	cJSON_AddItemToObject(o, "serviceAnnotations", service_annotations(g));
	ports = service && service->ports.n ? values_list(&core_service_port_desc, service->ports.v, service->ports.n)
					    : default_ports(g->ingress);
	if (g->ingress && (!g->additional || g->ilb) && json_true(values, "meshExpansion"))
		add_expansion_ports(ports, g);
	cJSON_AddItemToObject(o, "ports", ports);
	cJSON_AddItemToObject(o, "containerPorts", container_ports(ports));
	cJSON_AddNumberToObject(o, "routePort", route_port(json_get(o, "containerPorts")));
	cJSON_AddItemToObject(o, "selector",
			      service && service->selector.n ? values_map(&service->selector)
							     : cJSON_Duplicate(labels, true));
	pod_labels = cJSON_Duplicate(labels, true);
	cJSON_ArrayForEach(m, json_get(o, "podLabels"))
	{
		if (!cJSON_HasObjectItem(pod_labels, m->string))
			cJSON_AddItemToObject(pod_labels, m->string, cJSON_Duplicate(m, true));
	}
	cJSON_DeleteItemFromObjectCaseSensitive(o, "podLabels");
	cJSON_AddItemToObject(o, "podLabels", pod_labels);
	cJSON_AddItemToObject(o, "serviceLabels", cJSON_Duplicate(labels, true));
	cJSON_AddItemToObject(o, "labels", labels);
	values_printf(o, "certsVolume", "%s-certs", g->name);
	values_printf(o, "caCertsVolume", "%s-ca-certs", g->name);
	add_volumes(o, g);
	cJSON_AddBoolToObject(o, "networkPolicy",
			      g->ingress && flag(AT1(in->spec->security, manage_network_policy), true));
	cJSON_AddBoolToObject(o, "route", g->route);
}
