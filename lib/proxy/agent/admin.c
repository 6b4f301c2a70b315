/* The administration port, 127.0.0.1:15000: paths and formats that people and tools know from Envoy. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "proxy/agent/agent_internal.h"

void admin_reply_text(struct http_request *rq, int status, const char *text)
{
	http_reply(rq, status, "text/plain; charset=UTF-8", NULL, slice_str(text));
}

void admin_reply_json(struct http_request *rq, cJSON *j)
{
	char *text = cJSON_Print(j);

	http_reply(rq, 200, "application/json", NULL, slice_str(text));
	cJSON_free(text);
	cJSON_Delete(j);
}

struct slice admin_query(struct http_request *rq, const char *name)
{
	struct slice rest = http_request_query(rq);

	while (rest.len) {
		struct slice value = slice_split(&rest, '&'), key = slice_split(&value, '=');
		if (slice_eq_str(key, name))
			return value.len ? value : SLICE("true");
	}
	return SLICE("");
}

static void ready(struct agent *a, struct http_request *rq)
{
	const char *why;
	bool ok = agent_ready(a, &why);

	admin_reply_text(rq, ok ? 200 : 503,
			 ok                           ? "LIVE\n"
			 : a->state == AGENT_DRAINING ? "DRAINING\n"
						      : "PRE_INITIALIZING\n");
}

static void server_info(struct agent *a, struct http_request *rq)
{
	cJSON *j = cJSON_CreateObject(), *node = cJSON_AddObjectToObject(j, "node");
	cJSON *weft = cJSON_AddObjectToObject(j, "weft");
	char up[32];

	snprintf(up, sizeof(up), "%llds", (long long)((clock_mono_ns() - a->started_ns) / NS_PER_S));
	cJSON_AddStringToObject(j, "version", a->boot->node->istio_version);
	cJSON_AddStringToObject(weft, "version", weft_version);
	cJSON_AddStringToObject(weft, "commit", weft_commit);
	cJSON_AddStringToObject(j, "state", agent_state_str(a->state));
	cJSON_AddStringToObject(j, "uptime_current_epoch", up);
	cJSON_AddNumberToObject(cJSON_AddObjectToObject(j, "command_line_options"), "concurrency",
				a->boot->concurrency);
	cJSON_AddStringToObject(node, "id", a->boot->node->id);
	cJSON_AddStringToObject(node, "cluster", a->boot->node->cluster);
	admin_reply_json(rq, j);
}

static void listeners(struct agent *a, struct http_request *rq)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; a->config && i < a->config->n_listeners; i++)
		buf_printf(&out, "%s::%s\n", a->config->listeners[i]->name,
			   addr_format(&a->config->listeners[i]->address, text));
	admin_reply_text(rq, 200, buf_str(&out));
}

/* ---- stats ---- */

struct stats_ask {
	struct http_request *rq;
	bool prometheus, json;
	char *filter;
};

/* Keeps the lines that hold the filter's text. */
static void filter_lines(struct buf *text, const char *filter, struct buf *out)
{
	struct slice rest = buf_slice(text);

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');
		if (memmem(line.ptr, line.len, filter, strlen(filter)))
			buf_printf(out, "%.*s\n", SLICE_ARG(line));
	}
}

/* {"stats": [{"name": ..., "value": ...}]}, of lines "name: value". */
static void reply_stats_json(struct http_request *rq, struct buf *lines)
{
	cJSON *j = cJSON_CreateObject(), *v = cJSON_AddArrayToObject(j, "stats");
	struct slice rest = buf_slice(lines);

	while (rest.len) {
		CLEANUP(freep) char *name = NULL;
		struct slice line = slice_split(&rest, '\n');
		ptrdiff_t colon = slice_rfind(line, ':');
		cJSON *one;
		if (colon < 0)
			continue;
		one = cJSON_CreateObject();
		name = mem_printf("%.*s", (int)colon, line.ptr);
		cJSON_AddStringToObject(one, "name", name);
		cJSON_AddNumberToObject(one, "value", strtod(line.ptr + colon + 1, NULL));
		cJSON_AddItemToArray(v, one);
	}
	admin_reply_json(rq, j);
}

static void on_stats(void *arg, struct metrics *m)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, kept = BUF_INIT;
	struct stats_ask *s = arg;

	if (s->prometheus && m)
		metrics_write_prometheus(m, &text);
	else if (m)
		metrics_write_stats(m, SLICE(""), &text);
	metrics_free(m);
	if (s->filter)
		filter_lines(&text, s->filter, &kept);
	if (s->json)
		reply_stats_json(s->rq, s->filter ? &kept : &text);
	else
		admin_reply_text(s->rq, 200, buf_str(s->filter ? &kept : &text));
	free(s->filter);
	free(s);
}

static void stats(struct agent *a, struct http_request *rq)
{
	struct stats_ask *s = NEW(struct stats_ask);
	struct slice filter = admin_query(rq, "filter");

	s->rq = rq;
	s->prometheus = slice_eq(admin_query(rq, "format"), SLICE("prometheus")) ||
			slice_eq(http_request_path(rq), SLICE("/stats/prometheus"));
	s->json = !s->prometheus && slice_eq(admin_query(rq, "format"), SLICE("json"));
	s->filter = filter.len ? mem_printf("%.*s", SLICE_ARG(filter)) : NULL;
	workers_collect(a->workers, on_stats, s);
}

/* ---- changes ---- */

static bool is_post(struct http_request *rq)
{
	if (slice_eq(http_request_method(rq), SLICE("POST")))
		return true;
	http_reply(rq, 405, "text/plain", "allow: POST\r\n", SLICE("method not allowed, use POST\n"));
	return false;
}

/* The level in Envoy's "default:LEVEL": there is one logger. Of any other text something that is no level. */
static struct slice default_of(struct slice paths)
{
	const ptrdiff_t colon = slice_find(paths, ':');

	if (colon < 0 || !slice_eq(slice_head(paths, (size_t)colon), SLICE("default")))
		return paths.len ? SLICE("?") : paths;
	return slice_from(paths, (size_t)colon + 1);
}

static void logging(struct agent *a, struct http_request *rq)
{
	static const char *const names[] = {"none", "error", "warn", "info", "debug"};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice level = admin_query(rq, "level");
	enum log_level to;

	(void)a;
	if (!is_post(rq))
		return;
	if (!level.len)
		level = default_of(admin_query(rq, "paths"));
	if (level.len && log_level_parse(level, &to) < 0) {
		admin_reply_text(rq, 400,
				 "level must be none, error, warn, info or debug; paths name one logger, default\n");
		return;
	}
	if (level.len)
		log_set_level(to);
	buf_printf(&out, "active loggers:\n  default: %s\n", names[log_get_level()]);
	admin_reply_text(rq, 200, buf_str(&out));
}

static void drain(struct agent *a, struct http_request *rq)
{
	if (!is_post(rq))
		return;
	workers_drain(a->workers, admin_query(rq, "inboundonly").len ? WORKERS_DRAIN_INBOUND : WORKERS_DRAIN_ALL);
	admin_reply_text(rq, 200, "OK\n");
}

static void reset_counters(struct agent *a, struct http_request *rq)
{
	if (!is_post(rq))
		return;
	workers_reset_counters(a->workers);
	admin_reply_text(rq, 200, "OK\n");
}

static void quit(struct agent *a, struct http_request *rq)
{
	if (!is_post(rq))
		return;
	admin_reply_text(rq, 200, "OK\n");
	agent_stop(a);
}

static void help(struct agent *a, struct http_request *rq);

static const struct page {
	const char *path, *help;
	void (*fn)(struct agent *a, struct http_request *rq);
} pages[] = {
	{"/", "this list", help},
	{"/certs", "certificates in use", admin_certs},
	{"/clusters", "clusters and their endpoints (format=json)", admin_clusters},
	{"/config_dump", "the configuration as it was sent or read, as JSON (include_eds=true: with endpoints)",
	 admin_config_dump},
	{"/drain_listeners", "POST: drain connections (inboundonly)", drain},
	{"/help", "this list", help},
	{"/listeners", "listeners and their addresses", listeners},
	{"/logging", "POST: show or set the log level (level=debug)", logging},
	{"/quitquitquit", "POST: end gracefully", quit},
	{"/ready", "LIVE when the proxy serves", ready},
	{"/reset_counters", "POST: all counters begin at 0", reset_counters},
	{"/server_info", "version, state, node", server_info},
	{"/stats", "counters (filter=text, format=json, format=prometheus)", stats},
	{"/stats/prometheus", "counters for Prometheus", stats},
};

static void help(struct agent *a, struct http_request *rq)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)a;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		buf_printf(&out, "  %s: %s\n", pages[i].path, pages[i].help);
	admin_reply_text(rq, 200, buf_str(&out));
}

void admin_handle(void *ctx, struct http_request *rq)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (slice_eq_str(http_request_path(rq), pages[i].path)) {
			pages[i].fn(ctx, rq);
			return;
		}
	admin_reply_text(rq, 404, "no such page; see /help\n");
}
