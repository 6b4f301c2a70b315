/* The administration port, 127.0.0.1:15000: paths and formats that people and tools know from Envoy. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "pki/cert.h"
#include "proxy/agent/agent_internal.h"

static void reply_text(struct http_request *rq, int status, const char *text)
{
	http_reply(rq, status, "text/plain; charset=UTF-8", NULL, slice_str(text));
}

static void reply_json(struct http_request *rq, cJSON *j)
{
	char *text = cJSON_Print(j);

	http_reply(rq, 200, "application/json", NULL, slice_str(text));
	cJSON_free(text);
	cJSON_Delete(j);
}

/* The value of a query parameter, or empty. */
static struct slice query(struct http_request *rq, const char *name)
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

	reply_text(rq, ok ? 200 : 503,
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
	reply_json(rq, j);
}

static void listeners(struct agent *a, struct http_request *rq)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	char text[ADDR_TEXT_MAX];

	for (size_t i = 0; a->config && i < a->config->n_listeners; i++)
		buf_printf(&out, "%s::%s\n", a->config->listeners[i]->name,
			   addr_format(&a->config->listeners[i]->address, text));
	reply_text(rq, 200, buf_str(&out));
}

static void cluster_lines(const struct config_cluster *c, struct buf *out)
{
	const struct config_cluster_spec *s = c->spec;
	const struct config_breakers *b = &s->breakers;
	char at[ADDR_TEXT_MAX];

	buf_printf(out, "%s::observability_name::%s\n", s->name, s->alt_stat_name);
	buf_printf(out, "%s::default_priority::max_connections::%u\n", s->name, b->max_connections);
	buf_printf(out, "%s::default_priority::max_pending_requests::%u\n", s->name, b->max_pending_requests);
	buf_printf(out, "%s::default_priority::max_requests::%u\n", s->name, b->max_requests);
	buf_printf(out, "%s::default_priority::max_retries::%u\n", s->name, b->max_retries);
	buf_printf(out, "%s::added_via_api::true\n", s->name);
	for (size_t i = 0; i < c->endpoints->n; i++) {
		const struct config_endpoint *p = &c->endpoints->v[i];
		addr_format(&p->address, at);
		buf_printf(out, "%s::%s::hostname::%s\n", s->name, at, p->hostname ? p->hostname : "");
		buf_printf(out, "%s::%s::health_flags::%s\n", s->name, at,
			   p->healthy ? "healthy" : "/failed_eds_health");
		buf_printf(out, "%s::%s::weight::%u\n", s->name, at, p->weight);
		buf_printf(out, "%s::%s::region::%s\n", s->name, at, p->region ? p->region : "");
		buf_printf(out, "%s::%s::zone::%s\n", s->name, at, p->zone ? p->zone : "");
		buf_printf(out, "%s::%s::sub_zone::%s\n", s->name, at, p->sub_zone ? p->sub_zone : "");
		buf_printf(out, "%s::%s::priority::%u\n", s->name, at, p->priority);
	}
}

static void clusters(struct agent *a, struct http_request *rq)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; a->config && i < a->config->n_clusters; i++)
		if (a->config->clusters[i].spec)
			cluster_lines(&a->config->clusters[i], &out);
	reply_text(rq, 200, buf_str(&out));
}

/* ---- stats ---- */

struct stats_ask {
	struct http_request *rq;
	bool prometheus;
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
	reply_text(s->rq, 200, buf_str(s->filter ? &kept : &text));
	free(s->filter);
	free(s);
}

static void stats(struct agent *a, struct http_request *rq)
{
	struct stats_ask *s = NEW(struct stats_ask);
	struct slice filter = query(rq, "filter");

	s->rq = rq;
	s->prometheus = slice_eq(query(rq, "format"), SLICE("prometheus")) ||
			slice_eq(http_request_path(rq), SLICE("/stats/prometheus"));
	s->filter = filter.len ? mem_printf("%.*s", SLICE_ARG(filter)) : NULL;
	workers_collect(a->workers, on_stats, s);
}

/* ---- certificates ---- */

static void cert_json(cJSON *list, struct slice pem, const char *path)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct pki_cert_info info;
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX], days[24];
	cJSON *c;

	if (!pem.len || pki_cert_info(pem, &tmp, &info, NULL) < 0)
		return;
	c = cJSON_CreateObject();
	cJSON_AddItemToArray(list, c);
	snprintf(days, sizeof(days), "%lld",
		 (long long)((info.not_after_s - clock_wall_ns() / NS_PER_S) / (24 * 3600)));
	cJSON_AddStringToObject(c, "path", path);
	cJSON_AddStringToObject(c, "serial_number", info.serial);
	cJSON_AddStringToObject(c, "days_until_expiration", days);
	cJSON_AddStringToObject(c, "valid_from", clock_format_s(info.not_before_s, from));
	cJSON_AddStringToObject(c, "expiration_time", clock_format_s(info.not_after_s, to));
	cJSON *names = cJSON_AddArrayToObject(c, "subject_alt_names");
	for (size_t i = 0; i < info.names.n_uris; i++) {
		cJSON *n = cJSON_CreateObject();
		cJSON_AddStringToObject(n, "uri", info.names.uris[i]);
		cJSON_AddItemToArray(names, n);
	}
}

static void certs(struct agent *a, struct http_request *rq)
{
	cJSON *j = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(j, "certificates");
	cJSON *c = cJSON_CreateObject();
	int64_t not_after_s;

	cJSON_AddItemToArray(list, c);
	cert_json(cJSON_AddArrayToObject(c, "ca_cert"), agent_secrets_root(a->secrets), "<inline>");
	cert_json(cJSON_AddArrayToObject(c, "cert_chain"), agent_secrets_chain(a->secrets, &not_after_s), "<inline>");
	reply_json(rq, j);
}

/* ---- changes ---- */

static bool is_post(struct http_request *rq)
{
	if (slice_eq(http_request_method(rq), SLICE("POST")))
		return true;
	http_reply(rq, 405, "text/plain", "allow: POST\r\n", SLICE("method not allowed, use POST\n"));
	return false;
}

static void logging(struct agent *a, struct http_request *rq)
{
	static const char *const names[] = {"none", "error", "warn", "info", "debug"};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice level = query(rq, "level");
	enum log_level to;

	(void)a;
	if (!is_post(rq))
		return;
	if (level.len && log_level_parse(level, &to) < 0) {
		reply_text(rq, 400, "level must be none, error, warn, info or debug\n");
		return;
	}
	if (level.len)
		log_set_level(to);
	buf_printf(&out, "active loggers:\n  default: %s\n", names[log_get_level()]);
	reply_text(rq, 200, buf_str(&out));
}

static void drain(struct agent *a, struct http_request *rq)
{
	if (!is_post(rq))
		return;
	workers_drain(a->workers, query(rq, "inboundonly").len ? WORKERS_DRAIN_INBOUND : WORKERS_DRAIN_ALL);
	reply_text(rq, 200, "OK\n");
}

static void quit(struct agent *a, struct http_request *rq)
{
	if (!is_post(rq))
		return;
	reply_text(rq, 200, "OK\n");
	agent_stop(a);
}

static void help(struct agent *a, struct http_request *rq);

static const struct page {
	const char *path, *help;
	void (*fn)(struct agent *a, struct http_request *rq);
} pages[] = {
	{"/", "this list", help},
	{"/certs", "certificates in use", certs},
	{"/clusters", "clusters and their endpoints", clusters},
	{"/config_dump", "what the control plane sent, as JSON (include_eds=true: with endpoints)", admin_config_dump},
	{"/drain_listeners", "POST: drain connections (inboundonly)", drain},
	{"/help", "this list", help},
	{"/listeners", "listeners and their addresses", listeners},
	{"/logging", "POST: show or set the log level (level=debug)", logging},
	{"/quitquitquit", "POST: end gracefully", quit},
	{"/ready", "LIVE when the proxy serves", ready},
	{"/server_info", "version, state, node", server_info},
	{"/stats", "counters (filter=text, format=prometheus)", stats},
	{"/stats/prometheus", "counters for Prometheus", stats},
};

static void help(struct agent *a, struct http_request *rq)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)a;
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		buf_printf(&out, "  %s: %s\n", pages[i].path, pages[i].help);
	reply_text(rq, 200, buf_str(&out));
}

void admin_handle(void *ctx, struct http_request *rq)
{
	for (size_t i = 0; i < ARRAY_LEN(pages); i++)
		if (slice_eq_str(http_request_path(rq), pages[i].path)) {
			pages[i].fn(ctx, rq);
			return;
		}
	reply_text(rq, 404, "no such page; see /help\n");
}
