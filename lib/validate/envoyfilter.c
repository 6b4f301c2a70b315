/* Validation of EnvoyFilters: what is patched, where, and with what must fit together. */
#include "validate/validate_internal.h"
#include "msg/json.h"

#define HTTP_CONNECTION_MANAGER "envoy.filters.network.http_connection_manager"
#define VALUE_DEPTH_MAX 64

typedef const struct istio_envoy_filter_envoy_config_object_patch patch_t;

static const struct {
	const char *old, *name;
} deprecated[] = {
	{"envoy.buffer", "envoy.filters.http.buffer"},
	{"envoy.cors", "envoy.filters.http.cors"},
	{"envoy.csrf", "envoy.filters.http.csrf"},
	{"envoy.http_dynamo_filter", "envoy.filters.http.dynamo"},
	{"envoy.ext_authz", "envoy.filters.http.ext_authz"},
	{"envoy.fault", "envoy.filters.http.fault"},
	{"envoy.grpc_http1_bridge", "envoy.filters.http.grpc_http1_bridge"},
	{"envoy.grpc_json_transcoder", "envoy.filters.http.grpc_json_transcoder"},
	{"envoy.grpc_web", "envoy.filters.http.grpc_web"},
	{"envoy.gzip", "envoy.filters.http.gzip"},
	{"envoy.health_check", "envoy.filters.http.health_check"},
	{"envoy.ip_tagging", "envoy.filters.http.ip_tagging"},
	{"envoy.lua", "envoy.filters.http.lua"},
	{"envoy.rate_limit", "envoy.filters.http.ratelimit"},
	{"envoy.router", "envoy.filters.http.router"},
	{"envoy.squash", "envoy.filters.http.squash"},
	{"envoy.listener.http_inspector", "envoy.filters.listener.http_inspector"},
	{"envoy.listener.original_dst", "envoy.filters.listener.original_dst"},
	{"envoy.listener.original_src", "envoy.filters.listener.original_src"},
	{"envoy.listener.proxy_protocol", "envoy.filters.listener.proxy_protocol"},
	{"envoy.listener.tls_inspector", "envoy.filters.listener.tls_inspector"},
	{"envoy.client_ssl_auth", "envoy.filters.network.client_ssl_auth"},
	{"envoy.http_connection_manager", HTTP_CONNECTION_MANAGER},
	{"envoy.mongo_proxy", "envoy.filters.network.mongo_proxy"},
	{"envoy.ratelimit", "envoy.filters.network.ratelimit"},
	{"envoy.redis_proxy", "envoy.filters.network.redis_proxy"},
	{"envoy.tcp_proxy", "envoy.filters.network.tcp_proxy"},
};

static void warn_old_name(struct val *v, const char *path, const char *name)
{
	for (size_t i = 0; name && i < ARRAY_LEN(deprecated); i++)
		if (strcmp(name, deprecated[i].old) == 0)
			val_warn(v, path, "using deprecated filter name \"%s\"; use \"%s\" instead", name,
				 deprecated[i].name);
}

/* --- matches --- */

static void check_sub_filter(struct val *v, const char *path, patch_t *p,
			     const struct istio_envoy_filter_listener_match_filter_match *f)
{
	if (p->apply_to != ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER)
		val_error(v, path, "a match of a subfilter is for applyTo HTTP_FILTER");
	else if (strcmp(f->name, HTTP_CONNECTION_MANAGER) != 0 && strcmp(f->name, "envoy.http_connection_manager") != 0)
		val_error(v, path, "a subfilter is within %s, not within %s", HTTP_CONNECTION_MANAGER, f->name);
	else if (!val_set(f->sub_filter->name))
		val_error(v, val_path(v, "%s.subFilter.name", path), "the subfilter to match must be named");
}

static void check_listener_match(struct val *v, const char *path, patch_t *p)
{
	const struct istio_envoy_filter_listener_match_filter_chain_match *c = p->match->listener->filter_chain;
	const struct istio_envoy_filter_listener_match_filter_match *f = c ? c->filter : NULL;
	const char *at = val_path(v, "%s.listener.filterChain.filter", path);

	if (!f)
		return;
	if (p->apply_to == ISTIO_ENVOY_FILTER_APPLY_TO_LISTENER ||
	    p->apply_to == ISTIO_ENVOY_FILTER_APPLY_TO_FILTER_CHAIN)
		val_warn(v, at, "a match of a filter has no effect with applyTo %s",
			 msg_enum_name(&istio_envoy_filter_apply_to_names, p->apply_to));
	if (!val_set(f->name)) {
		val_error(v, val_path(v, "%s.name", at), "the filter to match must be named");
		return;
	}
	if (f->sub_filter)
		check_sub_filter(v, at, p, f);
	warn_old_name(v, val_path(v, "%s.name", at), f->name);
	if (f->sub_filter)
		warn_old_name(v, val_path(v, "%s.subFilter.name", at), f->sub_filter->name);
}

/* What is patched says which kind of match there may be. */
static void check_match(struct val *v, const char *path, patch_t *p)
{
	const struct istio_envoy_filter_envoy_config_object_match *m = p->match;
	const bool any = m && (m->listener || m->route_configuration || m->cluster);

	if (!any)
		return;
	switch (p->apply_to) {
	case ISTIO_ENVOY_FILTER_APPLY_TO_LISTENER:
	case ISTIO_ENVOY_FILTER_APPLY_TO_FILTER_CHAIN:
	case ISTIO_ENVOY_FILTER_APPLY_TO_NETWORK_FILTER:
	case ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER:
		if (m->listener)
			check_listener_match(v, path, p);
		else
			val_error(v, path, "%s is part of a listener: only listener can be matched",
				  msg_enum_name(&istio_envoy_filter_apply_to_names, p->apply_to));
		break;
	case ISTIO_ENVOY_FILTER_APPLY_TO_ROUTE_CONFIGURATION:
	case ISTIO_ENVOY_FILTER_APPLY_TO_VIRTUAL_HOST:
	case ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_ROUTE:
		if (!m->route_configuration)
			val_error(v, path,
				  "%s is part of a route configuration: only routeConfiguration can be matched",
				  msg_enum_name(&istio_envoy_filter_apply_to_names, p->apply_to));
		break;
	case ISTIO_ENVOY_FILTER_APPLY_TO_CLUSTER:
		if (!m->cluster)
			val_error(v, path, "CLUSTER: only cluster can be matched");
		break;
	default:
		break;
	}
}

/* --- values --- */

static void check_type(struct val *v, const char *path, const cJSON *type)
{
	const char *name = cJSON_IsString(type) ? strrchr(type->valuestring, '/') : NULL;

	if (!name || !name[1])
		val_error(v, path, "\"@type\" must be the URL of a message's type, type.googleapis.com/...");
	else if (strncmp(name + 1, "envoy.", 6) == 0 && (strstr(name, ".v2.") || strstr(name, ".v2alpha")))
		val_error(v, path, "%s: messages of the xDS API v2 are not known any more; use those of v3", name + 1);
}

/* Types of messages at any depth. */
static void check_types(struct val *v, const char *path, const cJSON *value, unsigned depth)
{
	const cJSON *it;

	if (depth > VALUE_DEPTH_MAX) {
		val_error(v, path, "nested deeper than %d", VALUE_DEPTH_MAX);
		return;
	}
	cJSON_ArrayForEach(it, value)
	{
		const char *at = it->string ? val_path(v, "%s.%s", path, it->string) : path;

		if (it->string && strcmp(it->string, "@type") == 0)
			check_type(v, at, it);
		else if (cJSON_IsObject(it) || cJSON_IsArray(it))
			check_types(v, at, it, depth + 1);
	}
}

static bool is_filter(int apply_to)
{
	return apply_to == ISTIO_ENVOY_FILTER_APPLY_TO_NETWORK_FILTER ||
	       apply_to == ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER;
}

static void check_value(struct val *v, const char *path, patch_t *p)
{
	const cJSON *value = p->patch->value, *name = json_get(value, "name");

	if (!value)
		return;
	if (name && !cJSON_IsString(name))
		val_error(v, val_path(v, "%s.name", path), "a name must be a string");
	check_types(v, path, value, 0);
	if (is_filter(p->apply_to) && p->patch->operation != ISTIO_ENVOY_FILTER_PATCH_OPERATION_REMOVE &&
	    !json_at(value, "typed_config") && !json_at(value, "typedConfig") && !json_at(value, "config_discovery") &&
	    !json_at(value, "configDiscovery"))
		val_warn(v, path, "a filter that is known by its name alone, without typed_config, is deprecated");
}

static void check_patch(struct val *v, const char *path, patch_t *p)
{
	const struct istio_envoy_filter_proxy_match *proxy = p->match ? p->match->proxy : NULL;

	if (p->apply_to == ISTIO_ENVOY_FILTER_APPLY_TO_INVALID)
		val_error(v, val_path(v, "%s.applyTo", path), "Envoy filter: missing applyTo");
	else if (!p->patch)
		val_error(v, val_path(v, "%s.patch", path), "Envoy filter: missing patch");
	else if (p->patch->operation == ISTIO_ENVOY_FILTER_PATCH_OPERATION_INVALID)
		val_error(v, val_path(v, "%s.patch.operation", path), "Envoy filter: missing patch operation");
	else if (p->patch->operation != ISTIO_ENVOY_FILTER_PATCH_OPERATION_REMOVE && !p->patch->value)
		val_error(v, val_path(v, "%s.patch.value", path),
			  "Envoy filter: missing patch value for non-remove operation");
	if (proxy && val_set(proxy->proxy_version))
		val_regex(v, val_path(v, "%s.match.proxy.proxyVersion", path), proxy->proxy_version);
	if (p->apply_to == ISTIO_ENVOY_FILTER_APPLY_TO_INVALID || !p->patch)
		return;
	check_match(v, val_path(v, "%s.match", path), p);
	check_value(v, val_path(v, "%s.patch.value", path), p);
}

void val_envoy_filter(struct val *v, const struct api_object *o)
{
	const struct istio_envoy_filter_spec *spec = API_VALUE(o, envoy_filter, istio_envoy_filter)->spec;

	if (!spec)
		return;
	val_selector(v, "spec.workloadSelector", spec->workload_selector ? &spec->workload_selector->labels : NULL);
	for (size_t i = 0; i < spec->config_patches.n; i++)
		check_patch(v, val_path(v, "spec.configPatches[%zu]", i), &spec->config_patches.v[i]);
}
