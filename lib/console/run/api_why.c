/* Why a request was answered as it was: what was pasted is a line of an access log, or names a trace or a request. */
#include <string.h>

#include "base/percent.h"
#include "console/run/console_internal.h"
#include "console/why/why.h"
#include "msg/json.h"

/* Which traces a reader may see: see api_source.c. Otherwise there is a hint in their place. */
static bool may_ask_traces(struct call *c)
{
	const char *ns = c->console->config.ns;

	if (!c->console->traces)
		json_set_str(c->json, "hint",
			     "no collector of traces is configured: set tracing.type: Jaeger in the "
			     "ServiceMeshControlPlane");
	else if (!access_sees(c->user, ns))
		json_set_str(c->json, "hint",
			     arena_printf(&c->x->arena, "traces are not looked at: %s may not get pods in %s",
					  access_name(c->user), ns));
	else
		return true;
	return false;
}

static void on_traces(void *arg, struct slice body, const char *error)
{
	struct call *c = arg;
	CLEANUP(json_freep) cJSON *traces = NULL;
	const struct mesh_view v = call_view(c);
	struct err e = ERR_INIT;
	const cJSON *trace;

	if (!error && json_parse(body, SOURCE_ANSWER_MAX_BYTES, &traces, &e) < 0)
		error = e.msg;
	trace = json_get(traces, "data");
	if (error)
		json_set_str(c->json, "hint", arena_printf(&c->x->arena, "the collector does not answer: %s", error));
	else if (!trace || !trace->child)
		json_set_str(c->json, "hint",
			     "no span of it is kept: was it sampled, and has tracing.type been Jaeger since?");
	else
		json_set_str(c->json, "trace", json_str_or_empty(trace->child, "traceID"));
	json_set(c->json, "spans", why_spans(&v, traces));
	call_reply(c, take(c->json));
}

static void ask_trace(struct call *c, struct slice id)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;

	buf_append_str(&path, "/api/traces/");
	percent_encode(id, &path);
	source_fetch(c->console->traces, buf_str(&path), on_traces, c);
}

static void ask_request(struct call *c, struct slice id)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	CLEANUP(buf_done) struct buf tags = BUF_INIT;

	buf_printf(&tags, "{\"guid:x-request-id\":\"%.*s\"}", SLICE_ARG(id));
	buf_append_str(&path, "/api/traces?limit=1&tags=");
	percent_encode(buf_slice(&tags), &path);
	source_fetch(c->console->traces, buf_str(&path), on_traces, c);
}

/* The line, and where it names its request, the way of that through all proxies. */
static void explain_line(struct call *c, struct slice text)
{
	const struct mesh_view v = call_view(c);
	struct why_line line;
	struct err e = ERR_INIT;
	struct slice id;

	if (why_read_line(&c->x->arena, text, &line, &e) < 0) {
		call_fail(c, 400, "%s", e.msg);
		return;
	}
	json_set(c->json, "line", why_explain(&v, &line));
	if (why_kind_of(slice_str(line.f[WHY_REQUEST_ID]), &id) == WHY_REQUEST && may_ask_traces(c))
		ask_request(c, id);
	else
		call_reply(c, take(c->json));
}

void api_why(struct call *c)
{
	const struct slice text = exchange_argument(c->x, "text");
	struct slice id;

	if (!call_has_mesh(c, "it is"))
		return;
	c->json = cJSON_CreateObject();
	switch (why_kind_of(text, &id)) {
	case WHY_LINE:
		explain_line(c, text);
		return;
	case WHY_TRACE:
	case WHY_REQUEST:
		if (!may_ask_traces(c))
			call_reply(c, take(c->json));
		else if (why_kind_of(text, &id) == WHY_TRACE)
			ask_trace(c, id);
		else
			ask_request(c, id);
		return;
	case WHY_NOTHING:
	default:
		call_fail(c, 400,
			  "text: must be a line of an access log (Istio's text format, or JSON), a trace's identifier "
			  "(32 "
			  "hexadecimal digits, or a traceparent), or an x-request-id");
	}
}
