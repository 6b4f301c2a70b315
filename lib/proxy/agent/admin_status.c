/*
 * Ports for the platform: 15021 readiness, 15020 readiness, metrics merged with the application's, probes; 15090 the
 * proxy's own metrics.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "codecs/codecs.h"
#include "proxy/agent/agent_internal.h"

#define APP_METRICS_TIMEOUT_MS 5000
#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

static void not_found(struct http_request *rq)
{
	http_reply(rq, 404, "text/plain", NULL, SLICE("not found\n"));
}

static void reply_ready(struct agent *a, struct http_request *rq)
{
	const char *why;
	bool ready = agent_ready(a, &why);

	http_reply(rq, ready ? 200 : 503, "text/plain", NULL, slice_str(why));
}

/* ---- metrics ---- */

/* A scrape under way: our own text, then the application's. */
struct scrape {
	struct agent *agent;
	struct http_request *rq;
	struct buf text;
	bool merge;
};

static void scrape_end(struct scrape *s, const char *type)
{
	http_reply(s->rq, 200, type, NULL, buf_slice(&s->text));
	buf_done(&s->text);
	free(s);
}

static void on_app_metrics(void *ctx, int status, const char *why, const char *type, struct slice body)
{
	struct scrape *s = ctx;

	if (status != 200) {
		log_debug("metrics", "the application's metrics: status %d %s", status, why);
		scrape_end(s, PROMETHEUS_TYPE);
		return;
	}
	if (s->text.len && s->text.ptr[s->text.len - 1] != '\n')
		buf_append_char(&s->text, '\n');
	buf_append_slice(&s->text, body);
	(void)type;
	scrape_end(s, PROMETHEUS_TYPE);
}

static void fetch_app_metrics(struct scrape *s)
{
	const struct bootstrap *b = s->agent->boot;
	struct agent_fetch_request rq = {.method = "GET",
					 .path = b->app_metrics_path,
					 .host = "localhost",
					 .headers = "Accept: text/plain;version=0.0.4\r\n",
					 .timeout_ms = APP_METRICS_TIMEOUT_MS};

	(void)addr_parse(SLICE("127.0.0.1"), b->app_metrics_port, &rq.to);
	agent_fetch(s->agent, &rq, on_app_metrics, s);
}

static void agent_metrics(const struct agent *a, struct buf *out)
{
	int64_t not_after_s, now_s = clock_wall_ns() / NS_PER_S;
	struct slice chain = agent_secrets_chain(a->secrets, &not_after_s);

	buf_printf(out,
		   "# TYPE istio_build gauge\nistio_build{component=\"proxy\",tag=\"%s\"} 1\n"
		   "# TYPE envoy_server_uptime gauge\nenvoy_server_uptime %lld\n"
		   "# TYPE envoy_server_live gauge\nenvoy_server_live %d\n"
		   "# TYPE envoy_listener_manager_total_listeners_active gauge\n"
		   "envoy_listener_manager_total_listeners_active %zu\n"
		   "# TYPE weft_config_resources_accepted_total counter\nweft_config_resources_accepted_total %llu\n"
		   "# TYPE weft_config_updates_rejected_total counter\nweft_config_updates_rejected_total %llu\n",
		   a->boot->node->istio_version, (long long)((clock_mono_ns() - a->started_ns) / NS_PER_S),
		   a->state == AGENT_SERVING, a->config ? a->config->n_listeners : 0, (unsigned long long)a->updates,
		   (unsigned long long)a->rejects);
	if (chain.len)
		buf_printf(out,
			   "# TYPE istio_agent_cert_expiry_seconds gauge\n"
			   "istio_agent_cert_expiry_seconds{resource_name=\"default\"} %lld\n",
			   (long long)(not_after_s - now_s));
}

static void on_collected(void *arg, struct metrics *m)
{
	struct scrape *s = arg;

	metrics_write_prometheus(m, &s->text);
	metrics_free(m);
	agent_metrics(s->agent, &s->text);
	if (s->merge && s->agent->boot->app_metrics)
		fetch_app_metrics(s);
	else
		scrape_end(s, PROMETHEUS_TYPE);
}

static void reply_metrics(struct agent *a, struct http_request *rq, bool merge)
{
	struct scrape *s = NEW(struct scrape);

	s->agent = a;
	s->rq = rq;
	s->merge = merge;
	workers_collect(a->workers, on_collected, s);
}

/* ---- ports ---- */

static bool is_path(struct http_request *rq, const char *path)
{
	return slice_eq_str(http_request_path(rq), path);
}

static bool from_here(struct http_request *rq)
{
	char text[ADDR_TEXT_MAX];

	addr_format_host(http_request_peer(rq), text);
	return strncmp(text, "127.", 4) == 0 || strcmp(text, "::1") == 0;
}

static void quit(struct agent *a, struct http_request *rq)
{
	if (!slice_eq(http_request_method(rq), SLICE("POST"))) {
		http_reply(rq, 405, "text/plain", "allow: POST\r\n", SLICE("method not allowed\n"));
		return;
	}
	if (!from_here(rq)) {
		http_reply(rq, 403, "text/plain", NULL, SLICE("only requests from localhost are allowed\n"));
		return;
	}
	http_reply(rq, 200, "text/plain", NULL, SLICE("OK\n"));
	agent_stop(a);
}

static void status_handle(void *ctx, struct http_request *rq)
{
	struct agent *a = ctx;

	if (is_path(rq, "/healthz/ready"))
		reply_ready(a, rq);
	else if (is_path(rq, "/stats/prometheus") || is_path(rq, "/metrics"))
		reply_metrics(a, rq, true);
	else if (is_path(rq, "/quitquitquit"))
		quit(a, rq);
	else if (!agent_probe(a, rq))
		not_found(rq);
}

static void health_handle(void *ctx, struct http_request *rq)
{
	if (is_path(rq, "/healthz/ready"))
		reply_ready(ctx, rq);
	else
		not_found(rq);
}

static void metrics_handle(void *ctx, struct http_request *rq)
{
	if (is_path(rq, "/stats/prometheus"))
		reply_metrics(ctx, rq, false);
	else
		not_found(rq);
}

static int serve(struct agent *a, const char *host, uint16_t port, http_handler *fn, struct http_server **ret,
		 struct err *e)
{
	struct addr at;

	if (!port)
		return 0;
	if (addr_parse(slice_str(host), port, &at) < 0)
		return err_set(e, -EINVAL, "'%s' is not an address", host);
	return http_server_new(a->loop, &at, codecs_http1(), fn, a, ret, e);
}

int agent_servers_start(struct agent *a, struct err *e)
{
	const struct bootstrap *b = a->boot;
	int r = serve(a, "127.0.0.1", b->admin_port, admin_handle, &a->admin, e);

	if (r == 0)
		r = serve(a, b->status_host, b->status_port, status_handle, &a->status, e);
	if (r == 0)
		r = serve(a, b->status_host, b->health_port, health_handle, &a->health, e);
	if (r == 0)
		r = serve(a, b->status_host, b->metrics_port, metrics_handle, &a->metrics, e);
	return r;
}

void agent_servers_stop(struct agent *a)
{
	http_server_free(a->admin);
	http_server_free(a->status);
	http_server_free(a->health);
	http_server_free(a->metrics);
	a->admin = a->status = a->health = a->metrics = NULL;
	agent_fetch_stop(a);
}
