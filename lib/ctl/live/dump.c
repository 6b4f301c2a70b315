/* proxy-config: a proxy's own configuration dump, by type. */
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/core/report.h"
#include "ctl/live/live.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "msg/json.h"

#define ADMIN_PORT 15000

const char *const ctl_proxy_config_words[] = {"listeners", "routes", "clusters",  "endpoints",
					      "secrets",   "log",    "bootstrap", NULL};

/* Where a dump has the resources of each type: lists, and below an entry the resource itself. */
static const struct dumped {
	const char *type;
	const char *lists[2];
	const char *paths[2]; /* the first that is there */
} dumped[] = {
	{"listeners", {"dynamic_listeners", "static_listeners"}, {"active_state.listener", "listener"}},
	{"routes", {"dynamic_route_configs", "static_route_configs"}, {"route_config", NULL}},
	{"clusters", {"dynamic_active_clusters", "static_clusters"}, {"cluster", NULL}},
	{"endpoints", {"dynamic_endpoint_configs", "static_endpoint_configs"}, {"endpoint_config", NULL}},
	{"secrets", {"dynamic_active_secrets", "static_secrets"}, {NULL, NULL}},
};

static const struct dumped *find(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(dumped); i++)
		if (!strcmp(dumped[i].type, type))
			return &dumped[i];
	return NULL;
}

cJSON *live_dump_resources(const cJSON *dump, const char *type)
{
	const struct dumped *d = find(type);
	cJSON *out = cJSON_CreateArray();

	JSON_EACH(part, d ? json_get(dump, "configs") : NULL)
	for (size_t i = 0; i < ARRAY_LEN(d->lists); i++)
		JSON_EACH(entry, json_get(part, d->lists[i]))
		{
			const cJSON *o = d->paths[0] ? json_at(entry, d->paths[0]) : entry;

			if (!o && d->paths[1])
				o = json_at(entry, d->paths[1]);
			if (o)
				cJSON_AddItemToArray(out, cJSON_Duplicate(o, true));
		}
	return out;
}

static void add_hosts(const cJSON *routes, struct buf *out)
{
	JSON_EACH(v, json_get(routes, "virtual_hosts"))
	{
		const cJSON *domain = json_get(v, "domains");

		if (out->len < 120)
			buf_printf(out, "%s%s", out->len ? ", " : "",
				   domain && cJSON_IsString(domain->child) ? domain->child->valuestring : "");
	}
}

static void add_endpoints(const cJSON *assignment, struct buf *out)
{
	JSON_EACH(l, json_get(assignment, "endpoints"))
	JSON_EACH(e, json_get(l, "lb_endpoints"))
	{
		const cJSON *a = json_at(e, "endpoint.address.socket_address");

		if (out->len < 120)
			buf_printf(out, "%s%s:%lld", out->len ? ", " : "", json_str_or_empty(a, "address"),
				   (long long)json_int(a, "port_value", 0));
	}
}

cJSON *live_resource_row(const cJSON *resource, const char *type)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const cJSON *a = json_at(resource, "address.socket_address");
	const char *name = json_str(resource, "name");
	cJSON *row = cJSON_CreateObject();

	if (!strcmp(type, "listeners") && a)
		buf_printf(&text, "%s:%lld, %d chains", json_str_or_empty(a, "address"),
			   (long long)json_int(a, "port_value", 0),
			   cJSON_GetArraySize(json_get(resource, "filter_chains")));
	else if (!strcmp(type, "routes"))
		add_hosts(resource, &text);
	else if (!strcmp(type, "clusters"))
		buf_printf(&text, "%s%s", json_str(resource, "type") ? json_str(resource, "type") : "STATIC",
			   json_get(resource, "transport_socket_matches") ? ", mutual TLS" : "");
	else if (!strcmp(type, "endpoints"))
		add_endpoints(resource, &text);
	else if (!strcmp(type, "secrets"))
		buf_append_str(&text, json_str_or_empty(resource, "last_updated"));
	json_set_str(row, "name", name ? name : json_str_or_empty(resource, "cluster_name"));
	json_set_str(row, "text", buf_str(&text));
	return row;
}

/* --- asking --- */

static int fetch(struct ctl *c, const char *pod, const char *method, const char *path, struct buf *out, struct err *e)
{
	CLEANUP(kube_config_done) struct kube_config cfg = {0};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct forward_request rq = {.port = ADMIN_PORT, .method = method, .path = path};
	int r = ctl_split_name(pod, c->o.ns, &a, &rq.ns, &rq.pod, e);

	if (r == 0)
		r = kube_config_load(c->o.kubeconfig, &cfg, e);
	if (r == 0)
		r = kube_forward_http(&cfg, &rq, out, e);
	if (r >= 0 && r != 200)
		return err_set(e, -EIO, "the proxy answers %d: %.200s", r, buf_str(out));
	return r < 0 ? r : 0;
}

static enum ctl_status show(struct ctl *c, const char *type, const cJSON *dump)
{
	static const struct ctl_column columns[] = {{"NAME", "name", 60}, {"", "text", 0}};
	CLEANUP(json_freep) cJSON *all = live_dump_resources(dump, type);

	if (c->o.format != CTL_TABLE) {
		ctl_print(c, all);
		return CTL_OK;
	}
	c->report = ctl_report_new(c->out, CTL_TABLE, columns, ARRAY_LEN(columns));
	JSON_EACH(o, all) ctl_report_add(c->report, live_resource_row(o, type));
	ctl_report_end(c->report, "%d %s.", cJSON_GetArraySize(all), type);
	return CTL_OK;
}

static int show_bootstrap(struct ctl *c, const cJSON *dump)
{
	JSON_EACH(part, json_get(dump, "configs"))
	if (json_get(part, "bootstrap")) {
		ctl_print(c, json_get(part, "bootstrap"));
		return CTL_OK;
	}
	fprintf(c->err, "%s: the dump has no bootstrap\n", c->name);
	return CTL_FAILED;
}

/* --- levels of its log --- */

/* "debug", or "http:debug,rbac:info" as Envoy's proxies have loggers; in the arena. NULL: neither, so it is refused. */
static const char *logging_path(const char *level, struct arena *a)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:,";

	if (!level)
		return "/logging";
	if (!*level || strspn(level, letters) != strlen(level))
		return NULL;
	return arena_printf(a, "/logging?%s=%s", strchr(level, ':') ? "paths" : "level", level);
}

static enum ctl_status show_log(struct ctl *c, const char *pod)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *path = logging_path(c->o.level, &a);
	struct err e = ERR_INIT;

	if (!path) {
		fprintf(c->err, "%s proxy-config log: --level %s: write it as LEVEL or LOGGER:LEVEL,...\n", c->name,
			c->o.level);
		return CTL_USAGE;
	}
	if (fetch(c, pod, "POST", path, &text, &e) < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	fprintf(c->out, "%s", buf_str(&text));
	return CTL_OK;
}

enum ctl_status ctl_proxy_config(struct ctl *c)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_freep) cJSON *dump = NULL;
	struct err e = ERR_INIT;
	const char *type = c->o.n_arguments ? c->o.arguments[0] : "";
	const bool log = !strcmp(type, "log");
	int r;

	if (c->o.n_arguments != 2 || (!find(type) && !log && strcmp(type, "bootstrap") != 0) || (c->o.level && !log)) {
		fprintf(c->err,
			"%s proxy-config: it wants listeners|routes|clusters|endpoints|secrets|log|bootstrap "
			"POD.NAMESPACE; --level is for log\n",
			c->name);
		return CTL_USAGE;
	}
	if (log)
		return show_log(c, c->o.arguments[1]);
	r = fetch(c, c->o.arguments[1], "GET", "/config_dump?include_eds=true", &text, &e);
	if (r == 0)
		r = json_parse(buf_slice(&text), FORWARD_ANSWER_MAX_BYTES, &dump, &e);
	if (r < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	return find(type) ? show(c, type, dump) : (enum ctl_status)show_bootstrap(c, dump);
}
