/* One pod: what its proxy was sent, and the logs of its containers. */
#include <stdio.h>
#include <string.h>

#include "base/percent.h"
#include "console/run/console_internal.h"
#include "msg/json.h"

#define LINES_DEFAULT 200
#define LINES_MAX 5000
#define LOG_MAX_BYTES (1u << 20)

/* ---- the proxy ---- */

static bool is_named(void *arg, const struct mesh_proxy *p)
{
	struct call *c = arg;
	struct arena *a = &c->x->arena;

	if (!slice_eq_str(c->parts[1], p->name))
		return true;
	c->pods = arena_alloc(a, sizeof(*c->pods));
	c->n_pods = 1;
	c->pods[0] = (struct live_pod){arena_strdup(a, p->ns), arena_strdup(a, p->name), arena_strdup(a, p->ip),
				       arena_strdup(a, p->workload)};
	return false;
}

static void on_metrics(void *arg)
{
	struct call *c = arg;
	int64_t ends_s;
	const char *why;

	c->question = NULL;
	(void)live_state_of(c->console->live, &c->pods[0], &why);
	if (live_certificate(c->console->live, &c->pods[0], &ends_s))
		json_set_int(c->json, "certificateEndsInSeconds", ends_s);
	else
		cJSON_AddStringToObject(c->json, "certificateHint",
					*why ? why : "the proxy tells of no certificate: it has none of its own");
	call_reply(c, take(c->json));
}

static void ask_metrics(struct call *c)
{
	c->question = live_ask(c->console->live, c->pods, 1, on_metrics, c);
}

static void on_syncz(void *arg, struct slice body, const char *error)
{
	struct call *c = arg;
	CLEANUP(json_freep) cJSON *syncz = NULL;

	if (!error && json_parse(body, SOURCE_ANSWER_MAX_BYTES, &syncz, NULL) == 0)
		JSON_EACH(row, syncz)
	if (api_is_proxy_of(row, c->pods[0].name)) {
		cJSON_AddBoolToObject(c->json, "synced", api_is_synced(row));
		cJSON_AddStringToObject(c->json, "version", json_str_or_empty(row, "istio_version"));
		break;
	}
	ask_metrics(c);
}

static void on_dump(void *arg, struct slice body, const char *error)
{
	struct call *c = arg;
	CLEANUP(json_freep) cJSON *dump = NULL;
	struct err e = ERR_INIT;

	if (error) {
		c->json = cJSON_CreateObject();
		cJSON_AddStringToObject(c->json, "error", error);
	} else if (json_parse(body, SOURCE_ANSWER_MAX_BYTES, &dump, &e) < 0) {
		c->json = cJSON_CreateObject();
		cJSON_AddStringToObject(
			c->json, "error",
			"the control plane does not tell what this proxy was sent (/debug/config_dump): it "
			"is not connected to this replica, or the console may not ask");
	} else {
		c->json = mesh_dump(dump);
	}
	source_fetch(c->console->istiod, "/debug/syncz", on_syncz, c);
}

void api_pod_proxy(struct call *c)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;

	if (!call_has_mesh(c, "it is"))
		return;
	const struct mesh_view v = call_view(c);

	mesh_each_proxy(&v, call_part(c, 0), is_named, c);
	if (!c->n_pods) {
		call_fail(c, 404,
			  "there is no running pod %.*s with a proxy in namespace %.*s, or it is not yours to see",
			  SLICE_ARG(c->parts[1]), SLICE_ARG(c->parts[0]));
		return;
	}
	if (!c->console->istiod) {
		c->json = cJSON_CreateObject();
		cJSON_AddStringToObject(c->json, "error", "the console does not know the control plane (--istiod)");
		ask_metrics(c);
		return;
	}
	buf_append_str(&path, "/debug/config_dump?include_eds=true&proxyID=");
	percent_encode(c->parts[1], &path);
	buf_append_char(&path, '.');
	percent_encode(c->parts[0], &path);
	source_fetch(c->console->istiod, buf_str(&path), on_dump, c);
}

/* ---- logs ---- */

static void on_log(void *arg, struct kube_result *r)
{
	struct call *c = arg;
	cJSON *o;

	if (!call_kube_took(c, r))
		return;
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "text", arena_slicedup(&c->x->arena, r->text));
	call_reply(c, o);
}

/* The path of the log; NULL: answered. */
static char *log_path(struct call *c)
{
	const struct slice container = exchange_argument(c->x, "container"), lines = exchange_argument(c->x, "lines");
	const bool previous = slice_eq_str(exchange_argument(c->x, "previous"), "true");
	const char *name = container.len ? arena_slicedup(&c->x->arena, container) : "istio-proxy";
	const struct mesh_view v = call_view(c);
	uint64_t n = LINES_DEFAULT;

	if (lines.len && (slice_to_u64(lines, LINES_MAX, &n) < 0 || !n)) {
		call_fail(c, 400, "lines: must be 1 to %d, is \"%.*s\"", LINES_MAX, SLICE_ARG(lines));
		return NULL;
	}
	if (!mesh_has_pod(&v, call_part(c, 0), call_part(c, 1), name)) {
		call_fail(c, 404, "there is no container %s of a pod %.*s in namespace %.*s, or it is not yours to see",
			  name, SLICE_ARG(c->parts[1]), SLICE_ARG(c->parts[0]));
		return NULL;
	}
	return arena_printf(
		&c->x->arena,
		"/api/v1/namespaces/%s/pods/%s/log?container=%s&tailLines=%llu&limitBytes=%u&timestamps=true%s",
		call_part(c, 0), call_part(c, 1), name, (unsigned long long)n, LOG_MAX_BYTES,
		previous ? "&previous=true" : "");
}

/* Read with the user's own token: the console's service account may not. */
void api_pod_logs(struct call *c)
{
	const char *path;

	if (!call_has_mesh(c, "it is"))
		return;
	path = log_path(c);
	if (!path)
		return;
	if (access_client(c->user))
		c->kube = kube_call_start(access_client(c->user),
					  &(struct kube_request){.verb = KUBE_GET, .path = path, .text = true}, on_log,
					  c);
	else
		call_fail(c, 403,
			  "log in with a token of your own to read logs: it decides what you may. Or: kubectl -n %.*s "
			  "logs "
			  "%.*s",
			  SLICE_ARG(c->parts[0]), SLICE_ARG(c->parts[1]));
}
