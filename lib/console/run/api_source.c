/* What others know: Prometheus' answers to anybody's PromQL, the collector's traces. */
#include <string.h>

#include "base/percent.h"
#include "console/run/console_internal.h"
#include "msg/json.h"

/* Metrics and traces are of all namespaces: for those who may get pods where the control plane is. */
static bool may_see_all(struct call *c, const char *what)
{
	if (access_sees(c->user, c->console->config.ns))
		return true;
	call_fail(c, 403, "%s may not get pods in %s, as those who look at %s must", access_name(c->user),
		  c->console->config.ns, what);
	return false;
}

static void on_body(void *arg, struct slice body, const char *error)
{
	struct call *c = arg;
	cJSON *json = NULL;
	struct err e = ERR_INIT;

	if (error)
		call_fail(c, 502, "no answer: %s", error);
	else if (json_parse(body, SOURCE_ANSWER_MAX_BYTES, &json, &e) < 0)
		call_fail(c, 502, "the answer is not understood: %s", e.msg);
	else
		call_reply(c, json);
}

static void put_arguments(const struct exchange *x, struct buf *url)
{
	const char *sep = "?";

	for (size_t i = 0; i < x->n_arguments; i++) {
		struct slice rest = x->arguments[i];
		const struct slice name = slice_split(&rest, '=');

		buf_append_str(url, sep);
		percent_encode(name, url);
		buf_append_char(url, '=');
		percent_encode(rest, url);
		sep = "&";
	}
}

static void pass_on(struct call *c, struct source *to, const char *before, struct slice path)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;

	buf_append_str(&url, before);
	while (path.len) {
		buf_append_char(&url, '/');
		percent_encode(slice_split(&path, '/'), &url);
	}
	put_arguments(c->x, &url);
	source_fetch(to, buf_str(&url), on_body, c);
}

void api_query(struct call *c)
{
	if (!may_see_all(c, "metrics"))
		return;
	if (c->console->prometheus)
		pass_on(c, c->console->prometheus, "/api/v1", slice_from(c->x->path, strlen("/api/")));
	else
		call_fail(c, 502,
			  "no Prometheus is configured: enable the add-on prometheus in the ServiceMeshControlPlane");
}

/* Jaeger's query API, below /api/jaeger/ where the name is another's here. */
void api_traces(struct call *c)
{
	struct console *console = c->console;
	struct slice path = c->x->path;

	if (!may_see_all(c, "traces"))
		return;
	if (slice_starts(path, SLICE("/api/jaeger/")))
		path = slice_from(path, strlen("/api/jaeger/"));
	else
		path = slice_from(path, strlen("/api/"));
	if (console->traces) {
		pass_on(c, console->traces, "/api", path);
		return;
	}
	call_fail(c, 502,
		  "no collector of traces is configured: set tracing.type: Jaeger in the ServiceMeshControlPlane");
}
