/* Namespaces, workloads, applications, services: the cluster's objects, with the traffic that Prometheus knows of. */
#include <stdio.h>
#include <string.h>

#include "base/version.h"
#include "console/run/console_internal.h"
#include "msg/json.h"

static const enum graph_measure rates[] = {GRAPH_REQUESTS, GRAPH_TCP_SENT, GRAPH_TCP_RECEIVED};
static const enum graph_measure details[] = {GRAPH_REQUESTS, GRAPH_AVERAGE,  GRAPH_P50,         GRAPH_P95,
					     GRAPH_P99,      GRAPH_TCP_SENT, GRAPH_TCP_RECEIVED};

void api_status(struct call *c)
{
	static const char *const parts[] = {"console", "collector", "dashboards"};
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "part", parts[c->console->config.part]);
	cJSON_AddStringToObject(o, "version", weft_version);
	cJSON_AddStringToObject(o, "user", access_name(c->user));
	cJSON_AddBoolToObject(o, "anonymous", access_is_anonymous(c->user));
	cJSON_AddStringToObject(o, "namespace", c->console->config.ns);
	cJSON_AddBoolToObject(o, "prometheus", c->console->prometheus != NULL);
	cJSON_AddBoolToObject(o, "traces", c->console->traces || c->console->collector);
	cJSON_AddStringToObject(o, "trouble", c->console->mesh ? mesh_trouble(c->console->mesh) : "");
	call_reply(c, o);
}

/* ---- traffic of things ---- */

static bool is_of(const cJSON *node, const cJSON *thing, const char *by)
{
	const char *name = json_get_str(thing, "name");

	return strcmp(json_get_str(node, by), name) == 0 &&
	       strcmp(json_get_str(node, "namespace"), json_get_str(thing, "namespace")) == 0;
}

static const cJSON *node_of(const cJSON *graph, const char *id)
{
	JSON_EACH(n, json_get(graph, "nodes"))
	if (strcmp(json_get_str(n, "id"), id) == 0)
		return n;
	return NULL;
}

static void degrade(cJSON *thing, double errors)
{
	const char *health = json_get_str(thing, "health");

	/* As Kiali's defaults for server errors: from 0.1% on degraded, from 10% on failing. */
	if (errors >= 0.1)
		json_set_str(thing, "health", "Failure");
	else if (errors >= 0.001 && health && strcmp(health, "Failure") != 0)
		json_set_str(thing, "health", "Degraded");
}

static double number(const cJSON *o, const char *name)
{
	const cJSON *v = json_get(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : 0;
}

/* Adds inRate, outRate and errorRate to a list of things whose nodes have their name under by. */
static void add_traffic(cJSON *list, const cJSON *graph, const char *by)
{
	JSON_EACH(x, list)
	{
		cJSON *thing = (cJSON *)x;
		double in = 0, out = 0, errors = 0;

		JSON_EACH(n, json_get(graph, "nodes"))
		{
			if (!is_of(n, thing, by))
				continue;
			in += number(n, "in");
			out += number(n, "out");
			errors += number(n, "in") * number(n, "errorRate");
		}
		cJSON_AddNumberToObject(thing, "inRate", in);
		cJSON_AddNumberToObject(thing, "outRate", out);
		cJSON_AddNumberToObject(thing, "errorRate", in > 0 ? errors / in : 0);
		degrade(thing, in > 0 ? errors / in : 0);
	}
}

static void add_sums(cJSON *o, double rate, double errors, double bytes, double time, double timed)
{
	cJSON_AddNumberToObject(o, "rate", rate);
	cJSON_AddNumberToObject(o, "errorRate", rate > 0 ? errors / rate : 0);
	cJSON_AddNumberToObject(o, "bytes", bytes);
	if (timed > 0)
		cJSON_AddNumberToObject(o, "avg", time / timed);
}

/* One direction: the sums, and each edge with the node at its other end. */
static void add_direction(cJSON *thing, const cJSON *graph, const char *by, bool in)
{
	cJSON *o = cJSON_AddObjectToObject(thing, in ? "in" : "out"), *peers = cJSON_CreateArray();
	double rate = 0, errors = 0, bytes = 0, time = 0, timed = 0;

	JSON_EACH(e, json_get(graph, "edges"))
	{
		const cJSON *own = node_of(graph, json_get_str(e, in ? "target" : "source"));
		const cJSON *other = node_of(graph, json_get_str(e, in ? "source" : "target"));
		const bool tcp = strcmp(json_get_str(e, "protocol"), "tcp") == 0;
		cJSON *x;

		if (!own || !other || !is_of(own, thing, by))
			continue;
		x = cJSON_Duplicate(e, true);
		cJSON_AddItemToObject(x, "peer", cJSON_Duplicate(other, true));
		cJSON_AddItemToArray(peers, x);
		rate += tcp ? 0 : number(e, "rate");
		errors += number(e, "rate") * number(e, "errorRate");
		bytes += tcp ? number(e, "rate") : 0;
		time += number(e, "avg") * number(e, "rate");
		timed += json_get(e, "avg") ? number(e, "rate") : 0;
	}
	add_sums(o, rate, errors, bytes, time, timed);
	cJSON_AddItemToObject(o, "peers", peers);
}

/* ---- lists ---- */

static void reply_list(struct call *c, cJSON *list, const char *name, cJSON *graph, const char *error, const char *by)
{
	cJSON *o = cJSON_CreateObject();

	if (error)
		cJSON_AddStringToObject(o, "metrics", error);
	add_traffic(list, graph, by);
	cJSON_Delete(graph);
	cJSON_AddItemToObject(o, name, list);
	cJSON_AddStringToObject(o, "trouble", mesh_trouble(c->console->mesh));
	call_reply(c, o);
}

static void on_workloads(struct call *c, cJSON *graph, const char *error)
{
	const struct mesh_view v = call_view(c);

	reply_list(c, mesh_workloads(&v), "workloads", graph, error, "workload");
}

static void on_applications(struct call *c, cJSON *graph, const char *error)
{
	const struct mesh_view v = call_view(c);

	reply_list(c, mesh_applications(&v), "applications", graph, error, "app");
}

static void on_services(struct call *c, cJSON *graph, const char *error)
{
	const struct mesh_view v = call_view(c);

	reply_list(c, mesh_services(&v), "services", graph, error, "service");
}

void api_workloads(struct call *c)
{
	if (call_has_mesh(c, "it is"))
		call_ask_graph(c, GRAPH_WORKLOAD, rates, 1, on_workloads);
}

void api_applications(struct call *c)
{
	if (call_has_mesh(c, "it is"))
		call_ask_graph(c, GRAPH_APP, rates, 1, on_applications);
}

void api_services(struct call *c)
{
	if (c->console->mesh)
		call_ask_graph(c, GRAPH_SERVICE, rates, 1, on_services);
	else
		api_traces(c);
}

struct namespaces {
	struct call *call;
	cJSON *list;
};

/* Namespaces without anything in them are the mesh's, too. */
static void add_empty(void *arg, const char *ns)
{
	struct namespaces *n = arg;
	cJSON *o;

	if (!access_sees(n->call->user, ns))
		return;
	JSON_EACH(x, n->list)
	if (strcmp(json_get_str(x, "name"), ns) == 0)
		return;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "name", ns);
	cJSON_AddStringToObject(o, "health", "Idle");
	cJSON_AddItemToArray(n->list, o);
}

static void sum_namespace(cJSON *thing, const cJSON *graph)
{
	double in = 0, errors = 0, mutual = 0, edges = 0;

	JSON_EACH(e, json_get(graph, "edges"))
	{
		const cJSON *target = node_of(graph, json_get_str(e, "target"));

		if (!target || strcmp(json_get_str(target, "namespace"), json_get_str(thing, "name")) != 0)
			continue;
		edges++;
		mutual += cJSON_IsTrue(json_get(e, "mtls"));
		if (strcmp(json_get_str(e, "protocol"), "tcp") == 0)
			continue;
		in += number(e, "rate");
		errors += number(e, "rate") * number(e, "errorRate");
	}
	cJSON_AddNumberToObject(thing, "inRate", in);
	cJSON_AddNumberToObject(thing, "errorRate", in > 0 ? errors / in : 0);
	if (edges > 0)
		cJSON_AddNumberToObject(thing, "mtlsShare", mutual / edges);
	degrade(thing, in > 0 ? errors / in : 0);
}

static void on_namespaces(struct call *c, cJSON *graph, const char *error)
{
	const struct mesh_view v = call_view(c);
	struct namespaces n = {.call = c, .list = mesh_namespaces(&v)};
	cJSON *o = cJSON_CreateObject();

	mesh_each_namespace(c->console->mesh, add_empty, &n);
	JSON_EACH(x, n.list)
	sum_namespace((cJSON *)x, graph);
	if (error)
		cJSON_AddStringToObject(o, "metrics", error);
	cJSON_Delete(graph);
	cJSON_AddItemToObject(o, "namespaces", n.list);
	cJSON_AddStringToObject(o, "controlPlane", c->console->config.ns);
	cJSON_AddStringToObject(o, "trouble", mesh_trouble(c->console->mesh));
	call_reply(c, o);
}

void api_namespaces(struct call *c)
{
	if (call_has_mesh(c, "it is"))
		call_ask_graph(c, GRAPH_WORKLOAD, rates, ARRAY_LEN(rates), on_namespaces);
}

/* ---- details ---- */

static void add_details(struct call *c, cJSON *graph, const char *error, const char *by)
{
	add_direction(c->json, graph, by, true);
	add_direction(c->json, graph, by, false);
	degrade(c->json, number(json_get(c->json, "in"), "errorRate"));
	if (error)
		json_set_str(c->json, "metrics", error);
	cJSON_Delete(graph);
}

/* Whether a row of /debug/syncz is of that pod: "name.namespace", or the last but one part of a node's name. */
bool api_is_proxy_of(const cJSON *row, const char *pod)
{
	const char *id = json_get_str(row, "proxy"), *at = id ? strstr(id, pod) : NULL;

	return at && strcspn(at + strlen(pod), ".~") == 0;
}

bool api_is_synced(const cJSON *row)
{
	static const char *const types[] = {"cluster", "listener", "route", "endpoint"};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		char sent[32], acked[32];

		snprintf(sent, sizeof(sent), "%s_sent", types[i]);
		snprintf(acked, sizeof(acked), "%s_acked", types[i]);
		if (strcmp(json_str_or_empty(row, sent), json_str_or_empty(row, acked)) != 0)
			return false;
	}
	return true;
}

/* Whether all that was sent to the proxies of the workload's pods was acknowledged by them. */
static void add_proxy(cJSON *workload, const cJSON *syncz)
{
	cJSON *o = cJSON_AddObjectToObject(workload, "proxy"), *list = cJSON_AddArrayToObject(o, "proxies");
	bool synced = true;

	JSON_EACH(p, syncz)
	JSON_EACH(pod, json_get(workload, "pods"))
	{
		const char *name = json_get_str(pod, "name");
		const bool same = api_is_synced(p);
		cJSON *x;

		if (!api_is_proxy_of(p, name))
			continue;
		x = cJSON_CreateObject();
		cJSON_AddStringToObject(x, "pod", name);
		cJSON_AddBoolToObject(x, "synced", same);
		cJSON_AddStringToObject(x, "version", json_str_or_empty(p, "istio_version"));
		cJSON_AddItemToArray(list, x);
		synced &= same;
	}
	cJSON_AddBoolToObject(o, "synced", synced && list->child);
}

static void on_syncz(void *arg, struct slice body, const char *error)
{
	struct call *c = arg;
	CLEANUP(json_freep) cJSON *syncz = NULL;
	struct err e = ERR_INIT;

	if (!error && json_parse(body, SOURCE_ANSWER_MAX_BYTES, &syncz, &e) < 0)
		error = "the control plane does not let the console ask what proxies have acknowledged (/debug/syncz)";
	if (cJSON_IsArray(syncz))
		add_proxy(c->json, syncz);
	else
		cJSON_AddStringToObject(cJSON_AddObjectToObject(c->json, "proxy"), "error",
					error ? error : "no list came");
	call_reply(c, take(c->json));
}

static void on_workload(struct call *c, cJSON *graph, const char *error)
{
	add_details(c, graph, error, "workload");
	if (c->console->istiod)
		source_fetch(c->console->istiod, "/debug/syncz", on_syncz, c);
	else
		call_reply(c, take(c->json));
}

static void on_application(struct call *c, cJSON *graph, const char *error)
{
	add_details(c, graph, error, "app");
	call_reply(c, take(c->json));
}

static void on_service(struct call *c, cJSON *graph, const char *error)
{
	add_details(c, graph, error, "service");
	call_reply(c, take(c->json));
}

static void serve_one(struct call *c, cJSON *(*get)(const struct mesh_view *v, const char *ns, const char *name),
		      enum graph_type type, void (*on_graph)(struct call *c, cJSON *graph, const char *error))
{
	const struct mesh_view v = call_has_mesh(c, "it is") ? call_view(c) : (struct mesh_view){0};

	if (!v.store)
		return;
	c->json = get(&v, call_part(c, 0), call_part(c, 1));
	if (c->json)
		call_ask_graph(c, type, details, ARRAY_LEN(details), on_graph);
	else
		call_fail(c, 404, "there is no %.*s in namespace %.*s, or it is not yours to see",
			  SLICE_ARG(c->parts[1]), SLICE_ARG(c->parts[0]));
}

void api_workload(struct call *c)
{
	serve_one(c, mesh_workload, GRAPH_WORKLOAD, on_workload);
}

void api_application(struct call *c)
{
	serve_one(c, mesh_application, GRAPH_APP, on_application);
}

void api_service(struct call *c)
{
	serve_one(c, mesh_service, GRAPH_SERVICE, on_service);
}

/* ---- the graph itself ---- */

static void on_graph(struct call *c, cJSON *graph, const char *error)
{
	const struct mesh_view v = call_view(c);

	if (error) {
		call_fail(c, 502, "%s", error);
		return;
	}
	mesh_badges(&v, graph);
	call_reply(c, graph);
}

void api_graph(struct call *c)
{
	const struct slice text = exchange_argument(c->x, "type");
	enum graph_type type = GRAPH_WORKLOAD;

	if (!call_has_mesh(c, "it is"))
		return;
	if (text.len && !graph_type_parse(text, &type))
		call_fail(c, 400, "type: must be workload, app, versionedApp or service, is \"%.*s\"", SLICE_ARG(text));
	else
		call_ask_graph(c, type, details, ARRAY_LEN(details), on_graph);
}
