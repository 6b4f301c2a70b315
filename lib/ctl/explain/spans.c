/* The spans of a request, by the id that proxies put into each (guid:x-request-id), of Jaeger's query API. */
#include <stdlib.h>
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "ctl/core/report.h"
#include "ctl/explain/happened.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "msg/json.h"

#define QUERY_PORT 16686
#define QUERY_MS 10000
#define SERVICES_MAX 200
#define SPANS_MAX 200
#define ANSWER_MAX_BYTES (16u << 20)

struct asking {
	struct ctl *c;
	struct kube_config cfg;
	struct arena a;
	const char *ns, *pod;
};

static cJSON *get(struct asking *k, const char *path)
{
	const struct forward_request rq = {
		.ns = k->ns, .pod = k->pod, .port = QUERY_PORT, .path = path, .timeout_ms = QUERY_MS};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *o = NULL;

	if (kube_forward_http(&k->cfg, &rq, &text, NULL) != 200)
		return NULL;
	json_parse(buf_slice(&text), ANSWER_MAX_BYTES, &o, NULL);
	return o;
}

static const char *escape(struct arena *a, const char *text)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (; *text; text++)
		buf_printf(&out, "%%%02X", (unsigned char)*text);
	return arena_strdup(a, buf_str(&out));
}

/* --- rows --- */

static const char *service_of(const cJSON *trace, const cJSON *span)
{
	const cJSON *p = json_get(json_get(trace, "processes"), json_str_or_empty(span, "processID"));

	return json_str_or_empty(p, "serviceName");
}

static int by_start(const void *a, const void *b)
{
	const int64_t x = json_int(*(const cJSON *const *)a, "startTime", 0),
		      y = json_int(*(const cJSON *const *)b, "startTime", 0);

	return x < y ? -1 : x > y;
}

static void show_trace(struct asking *k, const cJSON *trace)
{
	const cJSON *spans[SPANS_MAX] = {0};
	size_t n = 0;

	JSON_EACH(s, json_get(trace, "spans"))
	if (n < SPANS_MAX)
		spans[n++] = s;
	qsort(spans, n, sizeof(spans[0]), by_start);
	for (size_t i = 0; i < n; i++) {
		cJSON *row = cJSON_CreateObject();

		json_set_str(row, "field", "span");
		json_set_str(row, "value", service_of(trace, spans[i]));
		json_set_str(row, "text",
			     arena_printf(&k->a, "%s, %.3f ms, trace %s", json_str_or_empty(spans[i], "operationName"),
					  (double)json_int(spans[i], "duration", 0) / 1000,
					  json_str_or_empty(spans[i], "traceID")));
		ctl_report_add(k->c->report, row);
	}
}

/* The trace is under the name of every service that it touches: the first that has it is enough. */
static void search(struct asking *k, const char *id)
{
	CLEANUP(json_freep) cJSON *services = get(k, "/api/services");
	const char *tags = escape(&k->a, arena_printf(&k->a, "{\"guid:x-request-id\":\"%s\"}", id));
	size_t n = 0;

	JSON_EACH(s, json_get(services, "data"))
	{
		CLEANUP(json_freep) cJSON *found = NULL;
		const cJSON *trace;

		if (!cJSON_IsString(s) || n++ == SERVICES_MAX)
			continue;
		found = get(k, arena_printf(&k->a, "/api/traces?service=%s&tags=%s&limit=1&lookback=2d",
					    escape(&k->a, s->valuestring), tags));
		trace = json_get(found, "data");
		if (!trace || !trace->child)
			continue;
		show_trace(k, trace->child);
		return;
	}
}

void explain_spans(struct ctl *c, const char *id)
{
	CLEANUP(json_freep) cJSON *pods = NULL;
	struct asking k = {.c = c};

	if (ctl_list(c, &api_kind_pod, "app=jaeger", &pods, NULL) == KUBE_OK && pods->child &&
	    kube_config_load(c->o.kubeconfig, &k.cfg, NULL) == 0) {
		k.ns = json_str_or_empty(pods->child, "metadata.namespace");
		k.pod = json_str_or_empty(pods->child, "metadata.name");
		search(&k, id);
	}
	kube_config_done(&k.cfg);
	arena_done(&k.a);
}
