/* Which fields there may be is a table for each kind of patch; everything else is told. */
#include "mesh/rate_patch.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"

#define NAME_MAX_BYTES 64
#define HTTP_CONNECTION_MANAGER "envoy.filters.network.http_connection_manager"
#define TYPE_LOCAL "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
#define TYPE_GLOBAL "envoy.extensions.filters.http.ratelimit.v3.RateLimit"
#define TYPE_GLOBAL_ROUTE "envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute"

typedef const struct istio_envoy_filter_envoy_config_object_patch patch_t;

struct check {
	rate_patch_fn *fn;
	void *arg;
	bool bad;
};

static void tell(struct check *c, const char *field, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void tell(struct check *c, const char *field, const char *fmt, ...)
{
	char text[300];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->bad = true;
	if (c->fn)
		c->fn(c->arg, field, text);
}

static bool is_set(const char *s)
{
	return s && *s;
}

/* ---- JSON ---- */

/* "rate_limits" as "rateLimits" */
static void camel(const char *snake, char ret[NAME_MAX_BYTES])
{
	size_t n = 0;

	for (; *snake && n + 1 < NAME_MAX_BYTES; snake++) {
		if (*snake == '_' && snake[1])
			ret[n++] = (char)toupper((unsigned char)*++snake);
		else
			ret[n++] = *snake;
	}
	ret[n] = 0;
}

const cJSON *rate_member(const cJSON *o, const char *snake)
{
	const cJSON *m = json_get(o, snake);
	char other[NAME_MAX_BYTES];

	camel(snake, other);
	return m ? m : json_get(o, other);
}

static const char *type_of(const cJSON *o, const char *key)
{
	const char *url = json_get_str(o, key), *slash = url ? strrchr(url, '/') : NULL;

	return slash ? slash + 1 : NULL;
}

struct rate_config rate_config_of(const cJSON *any)
{
	const char *type = type_of(any, "@type");

	if (!type || (strcmp(type, "udpa.type.v1.TypedStruct") != 0 && strcmp(type, "xds.type.v3.TypedStruct") != 0))
		return (struct rate_config){type, any};
	type = type_of(any, "type_url");
	return (struct rate_config){type ? type : type_of(any, "typeUrl"), json_get(any, "value")};
}

static bool is_named(const char *name, const char *const *names)
{
	char other[NAME_MAX_BYTES];

	for (; *names; names++) {
		camel(*names, other);
		if (strcmp(name, *names) == 0 || strcmp(name, other) == 0)
			return true;
	}
	return false;
}

/* Members beside these are told. */
static void check_members(struct check *c, const char *at, const cJSON *o, const char *const *names)
{
	const cJSON *m;
	char path[200];

	if (o && !cJSON_IsObject(o))
		tell(c, at, "must be an object");
	cJSON_ArrayForEach(m, o)
	{
		if (!m->string || is_named(m->string, names))
			continue;
		snprintf(path, sizeof(path), "%s.%s", at, m->string);
		tell(c, path, "is not carried out: of EnvoyFilters rate limits are");
	}
}

static void check_type(struct check *c, const char *at, const cJSON *any, const char *want)
{
	const struct rate_config x = rate_config_of(any);

	if (!x.type || strcmp(x.type, want) != 0)
		tell(c, at, "must be of type %s", want);
	else if (!cJSON_IsObject(x.fields))
		tell(c, at, "has no value");
}

/* ---- matches ---- */

/* Fields that are never carried out: their rows say so to whoever wrote them. */
static void refuse_set(struct check *c, bool set)
{
	c->bad |= set;
}

static void check_proxy(struct check *c, patch_t *p)
{
	const struct istio_envoy_filter_proxy_match *m = p->match ? p->match->proxy : NULL;

	if (m)
		refuse_set(c, is_set(m->proxy_version) || m->metadata.n);
}

static void check_listener(struct check *c, patch_t *p)
{
	const struct istio_envoy_filter_listener_match *m = p->match ? p->match->listener : NULL;
	const struct istio_envoy_filter_listener_match_filter_chain_match *f = m ? m->filter_chain : NULL;

	if (m)
		refuse_set(c, is_set(m->port_name) || is_set(m->name) || is_set(m->listener_filter));
	if (!f)
		return;
	refuse_set(c, is_set(f->name) || is_set(f->sni) || is_set(f->transport_protocol) ||
			      is_set(f->application_protocols) || f->destination_port);
	if (f->filter && is_set(f->filter->name) && strcmp(f->filter->name, HTTP_CONNECTION_MANAGER) != 0 &&
	    strcmp(f->filter->name, "envoy.http_connection_manager") != 0)
		tell(c, "match.listener.filterChain.filter.name", "rate limits stand in " HTTP_CONNECTION_MANAGER);
}

static void check_routes(struct check *c, patch_t *p, bool whole)
{
	const struct istio_envoy_filter_route_configuration_match *m = p->match ? p->match->route_configuration : NULL;
	const struct istio_envoy_filter_route_configuration_match_route_match *r =
		m && m->vhost ? m->vhost->route : NULL;

	if (m)
		refuse_set(c, is_set(m->port_name) || is_set(m->gateway));
	if (whole && r && (is_set(r->name) || r->action))
		tell(c, "match.routeConfiguration.vhost.route",
		     "says nothing of a VIRTUAL_HOST; use applyTo HTTP_ROUTE");
}

/* ---- patches ---- */

static void check_operation(struct check *c, patch_t *p, int want)
{
	if ((int)p->patch->operation != want)
		tell(c, "patch.operation", "%s of a rate limit is not carried out here; %s is",
		     msg_enum_name(&istio_envoy_filter_patch_operation_names, p->patch->operation),
		     msg_enum_name(&istio_envoy_filter_patch_operation_names, want));
	refuse_set(c, p->patch->filter_class != 0);
}

static void check_filter(struct check *c, patch_t *p)
{
	static const char *const members[] = {"name", "typed_config", NULL};
	const char *name = json_get_str(p->patch->value, "name");
	const bool local = name && strcmp(name, RATE_FILTER_LOCAL) == 0;

	check_operation(c, p, ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_BEFORE);
	check_listener(c, p);
	if (!local && !(name && strcmp(name, RATE_FILTER_GLOBAL) == 0)) {
		tell(c, "patch.value.name",
		     "filter \"%s\" is not carried out: " RATE_FILTER_LOCAL " and " RATE_FILTER_GLOBAL " are",
		     name ? name : "");
		return;
	}
	check_members(c, "patch.value", p->patch->value, members);
	check_type(c, "patch.value.typed_config", rate_member(p->patch->value, "typed_config"),
		   local ? TYPE_LOCAL : TYPE_GLOBAL);
}

static void check_filter_configs(struct check *c, const cJSON *o)
{
	static const char *const filters[] = {RATE_FILTER_LOCAL, RATE_FILTER_GLOBAL, NULL};
	static const char at[] = "patch.value.typed_per_filter_config";
	const cJSON *local = json_get(o, RATE_FILTER_LOCAL), *global = json_get(o, RATE_FILTER_GLOBAL);

	check_members(c, at, o, filters);
	if (local)
		check_type(c, at, local, TYPE_LOCAL);
	if (global)
		check_type(c, at, global, TYPE_GLOBAL_ROUTE);
}

static void check_virtual_host(struct check *c, patch_t *p)
{
	static const char *const members[] = {"rate_limits", "typed_per_filter_config", NULL};

	check_operation(c, p, ISTIO_ENVOY_FILTER_PATCH_OPERATION_MERGE);
	check_routes(c, p, true);
	check_members(c, "patch.value", p->patch->value, members);
	check_filter_configs(c, rate_member(p->patch->value, "typed_per_filter_config"));
}

static void check_route(struct check *c, patch_t *p)
{
	static const char *const members[] = {"route", "typed_per_filter_config", NULL};
	static const char *const actions[] = {"rate_limits", NULL};

	check_operation(c, p, ISTIO_ENVOY_FILTER_PATCH_OPERATION_MERGE);
	check_routes(c, p, false);
	check_members(c, "patch.value", p->patch->value, members);
	check_members(c, "patch.value.route", json_get(p->patch->value, "route"), actions);
	check_filter_configs(c, rate_member(p->patch->value, "typed_per_filter_config"));
}

const char *rate_patch_service(patch_t *p)
{
	const cJSON *o = p->patch ? rate_config_of(rate_member(p->patch->value, "typed_config")).fields : NULL;
	static const char *const path[] = {"rate_limit_service", "grpc_service", "envoy_grpc", "cluster_name"};

	if (p->apply_to != ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER)
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(path); i++)
		o = rate_member(o, path[i]);
	return cJSON_IsString(o) ? o->valuestring : NULL;
}

/* Only what a filter of the same object asks. */
static void check_cluster(struct check *c, const struct istio_envoy_filter_spec *spec, patch_t *p)
{
	static const char *const members[] = {"name",
					      "type",
					      "connect_timeout",
					      "lb_policy",
					      "dns_lookup_family",
					      "http2_protocol_options",
					      "load_assignment",
					      NULL};
	const char *name = json_get_str(p->patch->value, "name");
	bool asked = false;

	check_operation(c, p, ISTIO_ENVOY_FILTER_PATCH_OPERATION_ADD);
	check_members(c, "patch.value", p->patch->value, members);
	for (size_t i = 0; name && i < spec->config_patches.n; i++) {
		const char *service = rate_patch_service(&spec->config_patches.v[i]);

		asked |= service && strcmp(service, name) == 0;
	}
	if (name && strchr(name, '|'))
		tell(c, "patch.value.name", "names with | are those of the mesh's services");
	if (!asked)
		tell(c, "patch.value.name",
		     "no rate limit of this object asks the cluster \"%s\": other clusters are not added",
		     name ? name : "");
}

static enum rate_patch_kind kind_of(struct check *c, const struct istio_envoy_filter_spec *spec, patch_t *p)
{
	switch (p->apply_to) {
	case ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER:
		check_filter(c, p);
		return RATE_PATCH_FILTER;
	case ISTIO_ENVOY_FILTER_APPLY_TO_VIRTUAL_HOST:
		check_virtual_host(c, p);
		return RATE_PATCH_VIRTUAL_HOST;
	case ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_ROUTE:
		check_route(c, p);
		return RATE_PATCH_ROUTE;
	case ISTIO_ENVOY_FILTER_APPLY_TO_CLUSTER:
		check_cluster(c, spec, p);
		return RATE_PATCH_CLUSTER;
	default:
		tell(c, "applyTo", "%s is not carried out: of EnvoyFilters rate limits are",
		     msg_enum_name(&istio_envoy_filter_apply_to_names, p->apply_to));
		return RATE_PATCH_NONE;
	}
}

enum rate_patch_kind rate_patch_of(const struct istio_envoy_filter_spec *spec, size_t number, rate_patch_fn *on_problem,
				   void *arg)
{
	struct check c = {.fn = on_problem, .arg = arg};
	patch_t *p = &spec->config_patches.v[number];
	enum rate_patch_kind kind = RATE_PATCH_NONE;

	if (!p->patch || !cJSON_IsObject(p->patch->value)) {
		tell(&c, "patch", "has no value that could be carried out");
		return RATE_PATCH_NONE;
	}
	kind = kind_of(&c, spec, p);
	check_proxy(&c, p);
	return c.bad ? RATE_PATCH_NONE : kind;
}
