/* A proxy's config dump, told in short: of each resource what a reader looks for. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/map.h"
#include "console/mesh/mesh.h"
#include "msg/json.h"

/* Adds "name: text" behind what stands there. */
static void say(struct buf *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void say(struct buf *out, const char *fmt, ...)
{
	va_list ap;

	if (out->len)
		buf_append_str(out, ", ");
	va_start(ap, fmt);
	buf_vprintf(out, fmt, ap);
	va_end(ap);
}

static void say_list(struct buf *out, const char *what, const cJSON *list)
{
	const char *sep = what;

	if (!cJSON_IsArray(list) || !list->child)
		return;
	if (out->len)
		buf_append_str(out, ", ");
	JSON_EACH(x, list)
	{
		buf_printf(out, "%s%s", sep, cJSON_IsString(x) ? x->valuestring : "?");
		sep = " ";
	}
}

static const char *text(const cJSON *o, const char *path)
{
	return json_str_or_empty(o, path);
}

/* "10.0.0.1:80", "10.0.0.1:*", or the path of a socket. */
static void put_address(cJSON *o, const char *name, const cJSON *address)
{
	const cJSON *s = json_get(address, "socket_address");
	char out[300];

	if (s)
		snprintf(out, sizeof(out), "%s:%lld", text(s, "address"), (long long)json_int(s, "port_value", 0));
	else
		snprintf(out, sizeof(out), "%s", text(address, "pipe.path"));
	cJSON_AddStringToObject(o, name, out);
}

static void put_buf(cJSON *o, const char *name, const struct buf *b)
{
	cJSON_AddStringToObject(o, name, buf_str(b));
}

/* ---- listeners ---- */

static void say_filter(struct buf *out, const cJSON *filter)
{
	const cJSON *c = json_get(filter, "typed_config");
	const char *rds = text(c, "rds.route_config_name"), *own = text(c, "route_config.name");

	if (*rds)
		say(out, "HTTP by route %s", rds);
	else if (json_get(c, "route_config"))
		say(out, "HTTP by its own route %s", own);
	else if (*text(c, "cluster"))
		say(out, "TCP to %s", text(c, "cluster"));
	else if (json_get(c, "weighted_clusters"))
		say(out, "TCP to weighted clusters");
	else if (*text(c, "rules.action") || json_get(c, "rules"))
		say(out, "authorization of connections");
	JSON_EACH(f, json_get(c, "http_filters"))
	{
		const char *name = json_get_str(f, "name");

		if (name && (strstr(name, "rbac") || strstr(name, "jwt") || strstr(name, "ratelimit") ||
			     strstr(name, "ext_authz")))
			say(out, "%s", name);
	}
}

static cJSON *chain_json(const cJSON *chain, bool last)
{
	const cJSON *m = json_get(chain, "filter_chain_match");
	CLEANUP(buf_done) struct buf match = BUF_INIT, does = BUF_INIT;
	cJSON *o = cJSON_CreateObject();

	if (json_get(m, "destination_port"))
		say(&match, "port %lld", (long long)json_int(m, "destination_port", 0));
	JSON_EACH(p, json_get(m, "prefix_ranges"))
	say(&match, "to %s/%lld", text(p, "address_prefix"), (long long)json_int(p, "prefix_len", 0));
	say_list(&match, "SNI ", json_get(m, "server_names"));
	if (*text(m, "transport_protocol"))
		say(&match, "%s", text(m, "transport_protocol"));
	say_list(&match, "ALPN ", json_get(m, "application_protocols"));
	if (!match.len)
		buf_append_str(&match, last ? "all else" : "all");
	JSON_EACH(f, json_get(chain, "filters"))
	say_filter(&does, f);
	if (json_get(chain, "transport_socket"))
		say(&does, "%s",
		    json_true(chain, "transport_socket.typed_config.require_client_certificate") ? "mutual TLS"
												 : "TLS");
	put_buf(o, "match", &match);
	put_buf(o, "does", &does);
	return o;
}

static cJSON *listener_json(const cJSON *entry)
{
	const cJSON *l = json_at(entry, "active_state.listener"), *last;
	cJSON *o = cJSON_CreateObject(), *chains;

	l = l ? l : json_get(entry, "listener");
	last = json_get(l, "default_filter_chain");
	cJSON_AddStringToObject(o, "name", text(l, "name"));
	put_address(o, "address", json_get(l, "address"));
	cJSON_AddStringToObject(o, "direction", text(l, "traffic_direction"));
	chains = cJSON_AddArrayToObject(o, "chains");
	JSON_EACH(c, json_get(l, "filter_chains"))
	cJSON_AddItemToArray(chains, chain_json(c, false));
	if (last)
		cJSON_AddItemToArray(chains, chain_json(last, true));
	return o;
}

/* ---- routes ---- */

static void say_match(struct buf *out, const cJSON *m)
{
	static const struct {
		const char *path, *how;
	} kinds[] = {{"prefix", "prefix"},
		     {"path", "path"},
		     {"path_separated_prefix", "below"},
		     {"safe_regex.regex", "regex"}};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (*text(m, kinds[i].path))
			say(out, "%s %s", kinds[i].how, text(m, kinds[i].path));
	JSON_EACH(h, json_get(m, "headers"))
	say(out, "header %s", text(h, "name"));
	JSON_EACH(q, json_get(m, "query_parameters"))
	say(out, "parameter %s", text(q, "name"));
	if (!out->len)
		buf_append_str(out, "all");
}

static void say_action(struct buf *out, const cJSON *route)
{
	const cJSON *r = json_get(route, "route");

	if (*text(r, "cluster"))
		say(out, "%s", text(r, "cluster"));
	JSON_EACH(c, json_at(r, "weighted_clusters.clusters"))
	say(out, "%lld: %s", (long long)json_int(c, "weight", 0), text(c, "name"));
	if (json_get(route, "redirect"))
		say(out, "redirection");
	if (json_get(route, "direct_response"))
		say(out, "answer %lld", (long long)json_int(route, "direct_response.status", 0));
	if (*text(r, "timeout") && strcmp(text(r, "timeout"), "0s") != 0)
		say(out, "timeout %s", text(r, "timeout"));
	if (json_get(r, "retry_policy"))
		say(out, "%lld retries", (long long)json_int(r, "retry_policy.num_retries", 1));
	if (json_get(json_get(route, "typed_per_filter_config"), "envoy.filters.http.fault"))
		say(out, "fault");
	if (json_get(r, "request_mirror_policies"))
		say(out, "mirror");
}

static cJSON *route_json(const cJSON *entry)
{
	const cJSON *c = json_get(entry, "route_config");
	cJSON *o = cJSON_CreateObject(), *hosts;

	cJSON_AddStringToObject(o, "name", text(c, "name"));
	hosts = cJSON_AddArrayToObject(o, "hosts");
	JSON_EACH(h, json_get(c, "virtual_hosts"))
	{
		cJSON *host = cJSON_CreateObject(), *routes;
		CLEANUP(buf_done) struct buf domains = BUF_INIT;

		say_list(&domains, "", json_get(h, "domains"));
		cJSON_AddStringToObject(host, "name", text(h, "name"));
		put_buf(host, "domains", &domains);
		routes = cJSON_AddArrayToObject(host, "routes");
		JSON_EACH(r, json_get(h, "routes"))
		{
			CLEANUP(buf_done) struct buf match = BUF_INIT, to = BUF_INIT;
			cJSON *x = cJSON_CreateObject();

			say_match(&match, json_get(r, "match"));
			say_action(&to, r);
			cJSON_AddStringToObject(x, "name", text(r, "name"));
			put_buf(x, "match", &match);
			put_buf(x, "to", &to);
			cJSON_AddItemToArray(routes, x);
		}
		cJSON_AddItemToArray(hosts, host);
	}
	return o;
}

/* ---- clusters ---- */

static void add_endpoints(cJSON *o, const cJSON *assignment)
{
	cJSON *list = cJSON_AddArrayToObject(o, "endpoints");

	JSON_EACH(l, json_get(assignment, "endpoints"))
	JSON_EACH(e, json_get(l, "lb_endpoints"))
	{
		const char *health = text(e, "health_status");
		cJSON *x = cJSON_CreateObject();

		put_address(x, "address", json_at(e, "endpoint.address"));
		cJSON_AddStringToObject(x, "health", *health ? health : "HEALTHY");
		cJSON_AddItemToArray(list, x);
	}
}

static cJSON *cluster_json(const cJSON *entry)
{
	const cJSON *c = json_get(entry, "cluster");
	CLEANUP(buf_done) struct buf policy = BUF_INIT;
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "name", text(c, "name"));
	cJSON_AddStringToObject(o, "type", *text(c, "type") ? text(c, "type") : "STATIC");
	if (*text(c, "lb_policy"))
		say(&policy, "%s", text(c, "lb_policy"));
	if (json_get(c, "outlier_detection"))
		say(&policy, "outlier detection");
	if (json_get(c, "transport_socket") || json_get(c, "transport_socket_matches"))
		say(&policy, "TLS");
	put_buf(o, "policy", &policy);
	add_endpoints(o, json_get(c, "load_assignment"));
	return o;
}

/* ---- the whole ---- */

static cJSON *section(const cJSON *dump, const char *message)
{
	JSON_EACH(s, json_get(dump, "configs"))
	{
		const char *type = json_get_str(s, "@type"), *dot = type ? strrchr(type, '.') : NULL;

		if (dot && strcmp(dot + 1, message) == 0)
			return (cJSON *)s;
	}
	return NULL;
}

static void add(cJSON *out, const char *name, const cJSON *entries, cJSON *(*make)(const cJSON *entry))
{
	cJSON *list = json_get(out, name) ? json_get(out, name) : cJSON_AddArrayToObject(out, name);
	size_t n = (size_t)cJSON_GetArraySize(list);

	JSON_EACH(x, entries)
	{
		if (n++ < MESH_DUMP_MAX)
			cJSON_AddItemToArray(list, make(x));
		else
			json_set_int(out, "leftOut", json_int(out, "leftOut", 0) + 1);
	}
}

/* Endpoints that were sent on their own are their cluster's. */
static void join_endpoints(const cJSON *clusters, const cJSON *entries)
{
	CLEANUP(map_done) struct map by_name = {0};

	JSON_EACH(c, clusters)
	map_set(&by_name, slice_str(json_get_str(c, "name")), (void *)c);
	JSON_EACH(x, entries)
	{
		const cJSON *a = json_get(x, "endpoint_config");
		cJSON *c = map_get(&by_name, slice_str(text(a, "cluster_name")));

		if (!c)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(c, "endpoints");
		add_endpoints(c, a);
	}
}

static cJSON *secret_json(const cJSON *entry)
{
	return cJSON_CreateString(text(entry, "name"));
}

cJSON *mesh_dump(const cJSON *dump)
{
	const cJSON *listeners = section(dump, "ListenersConfigDump"), *routes = section(dump, "RoutesConfigDump");
	const cJSON *clusters = section(dump, "ClustersConfigDump");
	cJSON *o = cJSON_CreateObject();

	json_set_int(o, "leftOut", 0);
	add(o, "listeners", json_get(listeners, "dynamic_listeners"), listener_json);
	add(o, "listeners", json_get(listeners, "static_listeners"), listener_json);
	add(o, "routes", json_get(routes, "dynamic_route_configs"), route_json);
	add(o, "clusters", json_get(clusters, "dynamic_active_clusters"), cluster_json);
	add(o, "clusters", json_get(clusters, "static_clusters"), cluster_json);
	join_endpoints(json_get(o, "clusters"),
		       json_get(section(dump, "EndpointsConfigDump"), "dynamic_endpoint_configs"));
	add(o, "secrets", json_get(section(dump, "SecretsConfigDump"), "dynamic_active_secrets"), secret_json);
	return o;
}
