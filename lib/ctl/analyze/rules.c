/* DestinationRules, ServiceEntries, EnvoyFilters, networks, and what is going. */
#include <string.h>

#include "ctl/analyze/analyze_internal.h"

/* --- TLS that verifies nobody --- */

static bool verifies_nobody(const cJSON *tls)
{
	const char *mode = json_str_or_empty(tls, "mode");

	return (!strcmp(mode, "SIMPLE") || !strcmp(mode, "MUTUAL")) && !*json_str_or_empty(tls, "caCertificates");
}

void analyze_ca_certificates(struct analysis *x)
{
	EACH_ITEM (r, x, "DestinationRule") {
		const cJSON *policy = json_at(r->json, "spec.trafficPolicy");
		const char *host = json_str_or_empty(r->json, "spec.host");
		size_t n = 0;

		if (verifies_nobody(json_get(policy, "tls")))
			analysis_say(x, IST0128, r, "spec.trafficPolicy.tls",
				     "TLS (%s) to %s without caCertificates: who answers is not verified",
				     json_str_or_empty(policy, "tls.mode"), host);
		JSON_EACH(p, json_get(policy, "portLevelSettings"))
		{
			if (verifies_nobody(json_get(p, "tls")))
				analysis_say(x, IST0129, r,
					     arena_printf(&x->a, "spec.trafficPolicy.portLevelSettings[%zu].tls", n),
					     "TLS (%s) to %s, port %lld, without caCertificates: who answers is not "
					     "verified",
					     json_str_or_empty(p, "tls.mode"), host,
					     (long long)json_int(p, "port.number", 0));
			n++;
		}
	}
}

/* --- entries --- */

static bool gives_addresses(const struct analysis *x)
{
	const struct istio_mesh_proxy_config *c = x->m->config->spec.default_config;
	const char *capture = c ? str_map_get(&c->proxy_metadata, "ISTIO_META_DNS_CAPTURE") : NULL;
	const char *allocate = c ? str_map_get(&c->proxy_metadata, "ISTIO_META_DNS_AUTO_ALLOCATE") : NULL;

	return capture && allocate && !strcmp(capture, "true") && !strcmp(allocate, "true");
}

void analyze_entry_addresses(struct analysis *x)
{
	if (gives_addresses(x))
		return;
	EACH_ITEM (e, x, "ServiceEntry") {
		size_t n = 0;

		JSON_EACH(p, json_at(e->json, "spec.addresses") ? NULL : json_at(e->json, "spec.ports"))
		{
			const char *protocol = json_str_or_empty(p, "protocol");
			const char *path = arena_printf(&x->a, "spec.ports[%zu]", n++);

			if (!*protocol || !strcmp(protocol, "TCP"))
				analysis_say(x, IST0134, e, path,
					     "of TCP nothing but the address says which service is meant: the entry "
					     "wants addresses");
		}
	}
}

/* --- EnvoyFilters --- */

typedef VEC(const char *) filter_names;

/* What the patch is about: the name in its value, else the filter that it matches. */
static const char *patch_name(const cJSON *patch)
{
	const cJSON *value = json_at(patch, "patch.value");
	const char *name = json_get_str(value, "name");

	if (!value || !value->child)
		return "";
	return name ? name : json_str_or_empty(patch, "match.listener.filterChain.filter.name");
}

static bool named(const filter_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

/* What depends on what other filters did before, in an order that nobody gave. */
static void judge_relative(struct analysis *x, const struct item *f, const cJSON *patch, const char *path,
			   const filter_names *names)
{
	if (json_int(f->json, "spec.priority", 0))
		return;
	if (named(names, patch_name(patch)))
		analysis_say(
			x, IST0155, f, path,
			"%s depends on other filters, one of which is for some versions of proxies: give it a priority",
			json_str_or_empty(patch, "patch.operation"));
	else
		analysis_say(x, IST0151, f, path, "%s depends on other filters and their order: give it a priority",
			     json_str_or_empty(patch, "patch.operation"));
}

static void judge_patch(struct analysis *x, const struct item *f, const cJSON *patch, const char *path,
			const filter_names *names)
{
	const char *operation = json_str_or_empty(patch, "patch.operation"), *to = json_str_or_empty(patch, "applyTo");
	const bool routes = !strcmp(to, "ROUTE_CONFIGURATION") || !strcmp(to, "HTTP_ROUTE");
	const bool filters = !strcmp(to, "NETWORK_FILTER") || !strcmp(to, "HTTP_FILTER");

	if (!strcmp(operation, "ADD") && routes)
		analysis_say(x, IST0153, f, path, "ADD has no effect on a %s", to);
	else if (!strcmp(operation, "REMOVE") && routes)
		analysis_say(x, IST0154, f, path, "REMOVE has no effect on a %s", to);
	else if (!strcmp(operation, "REPLACE") && !filters)
		analysis_say(x, IST0152, f, path, "REPLACE is for HTTP_FILTER and NETWORK_FILTER, not for %s", to);
	else if (!strcmp(operation, "REMOVE") || !strcmp(operation, "REPLACE") || !strcmp(operation, "INSERT_BEFORE") ||
		 !strcmp(operation, "INSERT_AFTER"))
		judge_relative(x, f, patch, path, names);
}

void analyze_envoy_patches(struct analysis *x)
{
	filter_names names = {0};

	EACH_ITEM (f, x, "EnvoyFilter") {
		size_t n = 0;

		JSON_EACH(patch, json_at(f->json, "spec.configPatches"))
		{
			if (!json_get(patch, "patch"))
				break;
			judge_patch(x, f, patch, arena_printf(&x->a, "spec.configPatches[%zu]", n++), &names);
			if (*json_str_or_empty(patch, "match.proxy.proxyVersion"))
				vec_push(&names, patch_name(patch));
		}
	}
	vec_done(&names);
}

/* --- networks --- */

/* Clusters that a control plane reads, by the Secrets that let it. */
static bool is_registry(const struct analysis *x, const char *name)
{
	static const char *const own[] = {"Kubernetes", "External", "Mock"};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (!strcmp(own[i], name))
			return true;
	EACH_ITEM (s, x, "Secret") {
		const char *label = json_get_str(item_labels(s), "istio/multiCluster");

		if (label && !strcmp(label, "true") && json_get(json_get(s->json, "data"), name))
			return true;
	}
	return false;
}

static void judge_networks(struct analysis *x, const struct item *map, const cJSON *networks)
{
	JSON_EACH(n, networks)
	JSON_EACH(e, json_get(n, "endpoints"))
	{
		const char *registry = json_get_str(e, "fromRegistry");

		if (registry && !is_registry(x, registry))
			analysis_say(x, IST0126, map, "data.meshNetworks", "network %s: no cluster is called %s",
				     n->string, registry);
	}
}

void analyze_mesh_networks(struct analysis *x)
{
	EACH_ITEM (map, x, "ConfigMap") {
		const char *text = json_get_str(json_get(map->json, "data"), "meshNetworks");
		CLEANUP(json_freep) cJSON *doc = NULL;

		if (text && !strncmp(map->name, "istio", 5) && yaml_parse(slice_str(text), &doc, NULL) == 0)
			judge_networks(x, map, json_get(doc, "networks"));
	}
}

/* --- what is going --- */

static void judge_faults(struct analysis *x, const struct item *vs)
{
	size_t n = 0;

	JSON_EACH(rule, json_at(vs->json, "spec.http"))
	{
		if (json_int(rule, "fault.delay.percent", 0) > 0)
			analysis_say(x, IST0002, vs, arena_printf(&x->a, "spec.http[%zu].fault.delay.percent", n),
				     "fault.delay.percent is going; use percentage");
		n++;
	}
}

void analyze_deprecation(struct analysis *x)
{
	static const char *const kinds[] = {"ClusterRbacConfig", "RbacConfig", "ServiceRole", "ServiceRoleBinding"};

	EACH_ITEM (vs, x, "VirtualService")
		judge_faults(x, vs);
	EACH_ITEM (s, x, "Sidecar")
		if (json_at(s->json, "spec.outboundTrafficPolicy.egressProxy"))
			analysis_say(x, IST0002, s, "spec.outboundTrafficPolicy.egressProxy", "egressProxy is ignored");
	EACH_ITEM (d, x, "CustomResourceDefinition")
		for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
			if (!strcmp(json_str_or_empty(d->json, "spec.group"), "rbac.istio.io") &&
			    !strcmp(json_str_or_empty(d->json, "spec.names.kind"), kinds[i]))
				analysis_say(x, IST0002, d, "spec.names.kind", "kind %s of rbac.istio.io is gone",
					     kinds[i]);
}
