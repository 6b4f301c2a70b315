/* Services: cluster addresses of 10.96.0.0/16, node ports, defaults and checks. */
#include <stdio.h>
#include <stdlib.h>

#include "api/names.h"
#include "base/cleanup.h"
#include "base/rand.h"
#include "lab/api/kinds_internal.h"

#define NODE_PORT_FIRST 30000
#define NODE_PORT_COUNT 2768
#define ADDRESS_TRIES 200

static bool is_type(const cJSON *obj, const char *type)
{
	const char *t = json_str(obj, "spec.type");

	return t && strcmp(t, type) == 0;
}

static bool has_node_ports(const cJSON *obj)
{
	return is_type(obj, "NodePort") || is_type(obj, "LoadBalancer");
}

void kind_service_default(cJSON *obj)
{
	cJSON *spec = json_object(obj, "spec"), *ports = json_get(spec, "ports");

	json_default_str(spec, "type", "ClusterIP");
	json_default_str(spec, "sessionAffinity", "None");
	if (!is_type(obj, "ExternalName"))
		json_default_str(spec, "internalTrafficPolicy", "Cluster");
	if (is_type(obj, "LoadBalancer") && !json_get(spec, "allocateLoadBalancerNodePorts"))
		json_set_bool(spec, "allocateLoadBalancerNodePorts", true);
	for (cJSON *p = ports ? ports->child : NULL; p; p = p->next) {
		json_default_str(p, "protocol", "TCP");
		if (!json_get(p, "targetPort") && json_get(p, "port"))
			json_set(p, "targetPort", cJSON_Duplicate(json_get(p, "port"), true));
	}
	if (has_node_ports(obj))
		json_default_str(spec, "externalTrafficPolicy", "Cluster");
	if (!json_get(json_object(obj, "status"), "loadBalancer"))
		json_object(json_object(obj, "status"), "loadBalancer");
}

static bool address_used(const struct bucket *b, const char *ip)
{
	for (size_t i = 0; i < b->n; i++) {
		const char *used = json_str(b->v[i]->json, "spec.clusterIP");

		if (used && strcmp(used, ip) == 0)
			return true;
	}
	return false;
}

static bool node_port_used(const struct bucket *b, int64_t port)
{
	for (size_t i = 0; i < b->n; i++)
		JSON_EACH(p, json_at(b->v[i]->json, "spec.ports"))
	if (json_int(p, "nodePort", 0) == port)
		return true;
	return false;
}

/* A free address; out holds 16 bytes. False when there is none. */
static bool choose_address(const struct bucket *b, char *out)
{
	struct rand r;

	rand_init(&r);
	for (int i = 0; i < ADDRESS_TRIES; i++) {
		snprintf(out, 16, "10.96.%u.%u", 1 + rand_below(&r, 254), 1 + rand_below(&r, 254));
		if (!address_used(b, out))
			return true;
	}
	return false;
}

static void choose_node_port(const struct bucket *b, cJSON *port)
{
	struct rand r;

	rand_init(&r);
	for (int i = 0; i < ADDRESS_TRIES; i++) {
		int64_t n = NODE_PORT_FIRST + rand_below(&r, NODE_PORT_COUNT);

		if (!node_port_used(b, n)) {
			json_set_int(port, "nodePort", n);
			return;
		}
	}
}

/* What was allocated before stays when the client leaves it out. */
static void keep_allocated(cJSON *obj, const cJSON *old)
{
	cJSON *spec = json_get(obj, "spec");
	const char *ip = json_str(spec, "clusterIP"), *had = json_str(old, "spec.clusterIP");

	if (is_type(obj, "ExternalName"))
		return;
	if ((!ip || !*ip) && had)
		json_set_str(spec, "clusterIP", had);
	for (cJSON *p = json_get(spec, "ports") ? json_get(spec, "ports")->child : NULL; p && has_node_ports(obj);
	     p = p->next)
		JSON_EACH(q, json_at(old, "spec.ports"))
	if (!json_get(p, "nodePort") && json_get(q, "nodePort") && json_int(p, "port", 0) == json_int(q, "port", -1))
		json_copy_member(p, q, "nodePort");
}

cJSON *kind_service_prepare(struct op *op, cJSON *obj, const cJSON *old)
{
	cJSON *spec = json_get(obj, "spec");
	char ip[16];

	if (old)
		keep_allocated(obj, old);
	else if (!json_get(json_object(obj, "status"), "loadBalancer"))
		json_object(json_get(obj, "status"), "loadBalancer");
	if (is_type(obj, "ExternalName")) {
		json_remove(spec, "clusterIP");
		json_remove(spec, "clusterIPs");
		json_remove(spec, "ipFamilies");
		json_remove(spec, "ipFamilyPolicy");
		return NULL;
	}
	const char *have = json_str(spec, "clusterIP");

	if (!have || !*have) {
		if (!choose_address(op->res->bucket, ip))
			return status_internal("failed to allocate a serviceIP: range is full");
		json_set_str(spec, "clusterIP", ip);
	} else if (!old && strcmp(have, "None") != 0 && address_used(op->res->bucket, have)) {
		struct problems p = {.arena = &op->arena};

		problem_invalid(&p, "spec.clusterIPs", arena_printf(&op->arena, "[]string{\"%s\"}", have),
				"failed to allocated ip:%s with error:provided IP is already allocated", have);
		return status_invalid("", "Service", json_str(obj, "metadata.name"), &p);
	}
	cJSON *all = cJSON_CreateArray();

	cJSON_AddItemToArray(all, cJSON_CreateString(json_str(spec, "clusterIP")));
	json_set(spec, "clusterIPs", all);
	json_set(spec, "ipFamilies", json_literal("[\"IPv4\"]")); /* the only one that there is */
	json_default_str(spec, "ipFamilyPolicy", "SingleStack");
	for (cJSON *p = json_get(spec, "ports") ? json_get(spec, "ports")->child : NULL; p && has_node_ports(obj);
	     p = p->next)
		if (!json_int(p, "nodePort", 0))
			choose_node_port(op->res->bucket, p);
	return NULL;
}

static void validate_ports(const cJSON *obj, struct problems *p)
{
	const cJSON *ports = json_at(obj, "spec.ports");
	const char *ip = json_str(obj, "spec.clusterIP");
	bool several = cJSON_GetArraySize(ports) > 1;
	int i = 0;

	if (!cJSON_GetArraySize(ports) && !is_type(obj, "ExternalName") && !(ip && strcmp(ip, "None") == 0))
		problem_required(p, "spec.ports", NULL);
	JSON_EACH(port, ports)
	{
		const char *name = json_str(port, "name");
		int64_t number = json_int(port, "port", 0);

		if (several && (!name || !*name))
			problem_required(p, arena_printf(p->arena, "spec.ports[%d].name", i), NULL);
		if (number < 1 || number > 65535)
			problem_invalid(p, arena_printf(p->arena, "spec.ports[%d].port", i),
					arena_printf(p->arena, "%lld", (long long)number),
					"must be between 1 and 65535, inclusive");
		JSON_EACH(other, ports)
		{
			const char *n = other == port ? NULL : json_str(other, "name");

			if (other == port)
				break;
			if (n && name && *n && strcmp(n, name) == 0)
				problem_add(p, arena_printf(p->arena, "spec.ports[%d].name", i), "FieldValueDuplicate",
					    "Duplicate value: \"%s\"", name);
		}
		i++;
	}
}

static void validate_external_name(const cJSON *obj, struct problems *p)
{
	const char *name = json_str(obj, "spec.externalName");
	char bare[256];
	size_t n;

	if (!name || !*name) {
		problem_required(p, "spec.externalName", NULL);
		return;
	}
	/* A name may end with the root's dot. */
	n = strlen(name);
	snprintf(bare, sizeof(bare), "%.*s", (int)(n - (name[n - 1] == '.')), name);
	if (name_problem(NAME_SUBDOMAIN, n < sizeof(bare) ? bare : name))
		problem_invalid(p, "spec.externalName", arena_printf(p->arena, "\"%s\"", name), "%s",
				name_problem(NAME_SUBDOMAIN, n < sizeof(bare) ? bare : name));
}

void kind_service_validate(const cJSON *obj, const cJSON *old, struct problems *p)
{
	if (is_type(obj, "ExternalName"))
		validate_external_name(obj, p);
	validate_ports(obj, p);
	const char *ip = json_str(obj, "spec.clusterIP"), *had = json_str(old, "spec.clusterIP");

	if (old && had && *had && ip && strcmp(ip, had) != 0 && !is_type(old, "ExternalName"))
		problem_invalid(p, "spec.clusterIPs[0]", arena_printf(p->arena, "[]string{\"%s\"}", ip),
				"may not change once set");
}
