/* Paths to those who answer them; what all of them need. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "console/run/console_internal.h"
#include "msg/json.h"

/* A star stands for one part of the path; at the end for all that follows. */
static const struct {
	enum exchange_method method;
	const char *path;
	void (*serve)(struct call *c);
} routes[] = {
	{EXCHANGE_GET, "/api/status", api_status},
	{EXCHANGE_GET, "/api/namespaces", api_namespaces},
	{EXCHANGE_GET, "/api/workloads", api_workloads},
	{EXCHANGE_GET, "/api/namespaces/*/workloads/*", api_workload},
	{EXCHANGE_GET, "/api/applications", api_applications},
	{EXCHANGE_GET, "/api/namespaces/*/applications/*", api_application},
	{EXCHANGE_GET, "/api/services", api_services},
	{EXCHANGE_GET, "/api/namespaces/*/services/*", api_service},
	{EXCHANGE_GET, "/api/graph", api_graph},
	{EXCHANGE_GET, "/api/live", api_live},
	{EXCHANGE_GET, "/api/namespaces/*/pods/*/proxy", api_pod_proxy},
	{EXCHANGE_GET, "/api/namespaces/*/pods/*/logs", api_pod_logs},
	{EXCHANGE_GET, "/api/why", api_why},
	{EXCHANGE_GET, "/api/config", api_config},
	{EXCHANGE_GET, "/api/config/*/*/*", api_config_object},
	{EXCHANGE_PUT, "/api/config/*/*/*", api_config_write},
	{EXCHANGE_POST, "/api/config/*/*/*", api_config_write},
	{EXCHANGE_DELETE, "/api/config/*/*/*", api_config_delete},
	{EXCHANGE_GET, "/api/query", api_query},
	{EXCHANGE_GET, "/api/query_range", api_query},
	{EXCHANGE_GET, "/api/label/*/values", api_query},
	{EXCHANGE_GET, "/api/jaeger/*", api_traces},
};

static bool matches(const char *pattern, struct slice path, struct call *c)
{
	struct slice want = slice_from(slice_str(pattern), 1), have = slice_from(path, 1);
	size_t n = 0;

	while (want.len && have.len) {
		const struct slice w = slice_split(&want, '/'), whole = have, h = slice_split(&have, '/');

		if (slice_eq_str(w, "*")) {
			const bool last = !want.len && strcmp(pattern, "/api/jaeger/*") == 0;

			if (!h.len || n == CALL_PARTS_MAX)
				return false;
			c->parts[n++] = last ? whole : h;
			if (last)
				return true;
		} else if (!slice_eq(w, h)) {
			return false;
		}
	}
	return !want.len && !have.len;
}

static void call_end(struct call *c)
{
	list_remove(&c->link);
	kube_call_cancel(c->kube);
	live_forget(c->question);
	access_user_unref(c->user);
	cJSON_Delete(c->json);
	free(c->namespaces);
	free(c);
}

bool api_serve(struct console *console, struct exchange *x, struct access_user *u)
{
	const enum exchange_method method = x->method == EXCHANGE_HEAD ? EXCHANGE_GET : x->method;
	struct call *c = NEW(struct call);

	c->console = console;
	c->x = x;
	c->user = access_user_ref(u);
	list_append(&console->calls, &c->link);
	for (size_t i = 0; i < ARRAY_LEN(routes); i++)
		if (routes[i].method == method && matches(routes[i].path, x->path, c)) {
			routes[i].serve(c);
			return true;
		}
	call_end(c);
	return false;
}

void api_stop(struct console *c)
{
	while (!list_empty(&c->calls))
		call_end(LIST_FIRST(&c->calls, struct call, link));
}

/* ---- answers ---- */

void call_reply(struct call *c, cJSON *json)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;

	json_print(json, &body);
	cJSON_Delete(json);
	if (body.len > LARGE_ANSWER_BYTES)
		console_trim_soon(c->console);
	exchange_reply(c->x, &(struct exchange_answer){.status = 200, .body = &body});
	call_end(c);
}

void call_fail(struct call *c, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exchange_vreply_error(c->x, status, fmt, ap);
	va_end(ap);
	call_end(c);
}

bool call_kube_took(struct call *c, const struct kube_result *r)
{
	c->kube = NULL;
	if (r->reason != KUBE_OK)
		call_fail(c, r->status >= 400 ? r->status : 502, "%s", r->err.msg);
	return r->reason == KUBE_OK;
}

bool call_sees(void *arg, const char *ns)
{
	const struct call *c = arg;

	return access_sees(c->user, ns);
}

struct mesh_view call_view(struct call *c)
{
	return (struct mesh_view){mesh_store(c->console->mesh), call_sees, c};
}

bool call_has_mesh(struct call *c, const char *what)
{
	if (c->console->mesh)
		return true;
	call_fail(c, 404, "this part does not know the mesh: %s shown by the Route kiali", what);
	return false;
}

const char *call_part(struct call *c, size_t i)
{
	return arena_slicedup(&c->x->arena, c->parts[i]);
}

/* ---- the graph behind most answers ---- */

/* A name as Kubernetes has them: also, what needs no quoting in a regular expression. */
static bool is_label(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.ptr[i] >= 'a' && s.ptr[i] <= 'z') || (s.ptr[i] >= '0' && s.ptr[i] <= '9') || s.ptr[i] == '-'))
			return false;
	return s.len > 0 && s.len <= 63;
}

struct collected {
	struct call *call;
	struct buf out;
};

static void add_name(struct collected *to, struct slice ns)
{
	if (to->out.len)
		buf_append_char(&to->out, '|');
	buf_append_slice(&to->out, ns);
}

static void add_seen(void *arg, const char *ns)
{
	struct collected *to = arg;

	if (access_sees(to->call->user, ns))
		add_name(to, slice_str(ns));
}

/* Those that are named and seen, or all that are seen. NULL: answered. */
static char *wanted_namespaces(struct call *c)
{
	struct slice rest = exchange_argument(c->x, "namespaces");
	struct collected to = {.call = c};

	if (!rest.len && c->parts[0].len && !mesh_config_kind(c->parts[0]))
		rest = c->parts[0];
	if (!rest.len)
		mesh_each_namespace(c->console->mesh, add_seen, &to);
	while (rest.len) {
		const struct slice ns = slice_trim(slice_split(&rest, ','));

		if (!is_label(ns)) {
			call_fail(c, 400, "namespaces: \"%.*s\" is no name of a namespace", SLICE_ARG(ns));
			buf_done(&to.out);
			return NULL;
		}
		if (!access_sees(c->user, arena_slicedup(&c->x->arena, ns))) {
			call_fail(c, 403, "%s may not get pods in %.*s", access_name(c->user), SLICE_ARG(ns));
			buf_done(&to.out);
			return NULL;
		}
		add_name(&to, ns);
	}
	return buf_take_str(&to.out);
}

#define DURATION_MIN_S 10
#define DURATION_MAX_S (7 * 24 * 3600)
#define DURATION_DEFAULT_S 60

static bool wanted_seconds(struct call *c)
{
	const struct slice text = exchange_argument(c->x, "duration");
	int64_t ns = DURATION_DEFAULT_S * (int64_t)NS_PER_S;

	if (text.len && (duration_parse(text, &ns) < 0 || ns < DURATION_MIN_S * (int64_t)NS_PER_S ||
			 ns > DURATION_MAX_S * (int64_t)NS_PER_S)) {
		call_fail(c, 400, "duration: must be 10s to 168h, is \"%.*s\"", SLICE_ARG(text));
		return false;
	}
	c->seconds = (unsigned)(ns / NS_PER_S);
	return true;
}

bool call_wants_namespaces(struct call *c)
{
	char *names = wanted_namespaces(c);

	if (!names)
		return false; /* the call has ended */
	c->namespaces = names;
	return true;
}

/* Only what touches the namespaces that were asked for. */
static bool in_namespaces(const struct call *c, const char *ns)
{
	struct slice rest = slice_str(c->namespaces);

	while (rest.len)
		if (slice_eq_str(slice_split(&rest, '|'), ns))
			return true;
	return false;
}

bool call_keeps(void *arg, const char *source_ns, const char *target_ns)
{
	return in_namespaces(arg, source_ns) || in_namespaces(arg, target_ns);
}

static const char *label_of(const void *sample, const char *name)
{
	return prom_label(sample, name);
}

static void on_results(void *arg, const cJSON *const *results, const char *error)
{
	struct call *c = arg;
	struct graph *g;
	cJSON *json;

	if (error) {
		c->on_graph(c, NULL, error);
		return;
	}
	g = graph_new(c->type);
	for (size_t i = 0; i < c->n_measures; i++)
		JSON_EACH(x, results[i])
	graph_add(g, c->measures[i], x, label_of, prom_value(x));
	graph_join(g);
	json = graph_json(g, call_keeps, c);
	json_set_int(json, "leftOut", (int64_t)graph_left_out(g));
	json_set_int(json, "seconds", c->seconds);
	graph_free(g);
	c->on_graph(c, json, NULL);
}

static void ask(struct call *c)
{
	struct buf text[GRAPH_MEASURES] = {0};
	const char *queries[GRAPH_MEASURES];
	const struct slice at = exchange_argument(c->x, "queryTime");

	for (size_t i = 0; i < c->n_measures; i++) {
		graph_query(c->measures[i], c->namespaces, c->seconds, &text[i]);
		queries[i] = buf_str(&text[i]);
	}
	prom_ask(c->console->prometheus, queries, c->n_measures, at.len ? strtod(at.ptr, NULL) : 0, on_results, c);
	for (size_t i = 0; i < c->n_measures; i++)
		buf_done(&text[i]);
}

bool call_ask_graph(struct call *c, enum graph_type type, const enum graph_measure *measures, size_t n,
		    void (*on_graph)(struct call *c, cJSON *graph, const char *error))
{
	c->type = type;
	c->on_graph = on_graph;
	c->n_measures = n;
	memcpy(c->measures, measures, n * sizeof(*measures));
	if (!wanted_seconds(c) || !call_wants_namespaces(c))
		return false; /* the call has ended */
	if (!c->console->prometheus)
		on_graph(c, NULL,
			 "no Prometheus is configured: enable the add-on prometheus in the ServiceMeshControlPlane");
	else if (!*c->namespaces)
		on_graph(c, NULL,
			 "none of the mesh's namespaces is yours to see: ask for the right to get pods in one");
	else
		ask(c);
	return true;
}
