/*
 * The metrics of all workers as text, and the application's behind them. Collecting visits the threads that serve, and
 * the ports are open to the pod's whole network: who asks while one is being made gets the same.
 */
#include <malloc.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/vec.h"
#include "proxy/agent/agent_internal.h"
#include "telemetry/process.h"

#define APP_METRICS_TIMEOUT_MS 5000
#define PROMETHEUS_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct agent_scrape {
	struct agent *agent;
	VEC(struct http_request *) asked;
	struct buf text;
	bool merge; /* with the application's */
};

static void scrape_end(struct agent_scrape *s, int status)
{
	s->agent->scrapes[s->merge] = NULL;
	for (size_t i = 0; i < s->asked.n; i++)
		http_reply(s->asked.v[i], status, status == 200 ? PROMETHEUS_TYPE : "text/plain", NULL,
			   buf_slice(&s->text));
	vec_done(&s->asked);
	buf_done(&s->text);
	free(s);
}

static void on_app_metrics(void *ctx, int status, const char *why, const char *type, struct slice body)
{
	struct agent_scrape *s = ctx;

	(void)type;
	if (status != 200) {
		log_debug("metrics", "the application's metrics: status %d %s", status, why);
		scrape_end(s, 200);
		return;
	}
	if (s->text.len && s->text.ptr[s->text.len - 1] != '\n')
		buf_append_char(&s->text, '\n');
	buf_append_slice(&s->text, body);
	scrape_end(s, 200);
}

static void fetch_app_metrics(struct agent_scrape *s)
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

/* What Envoy says of itself: that it never was restarted under its connections, and what its allocator holds. */
static void memory_metrics(struct buf *out)
{
	const struct mallinfo2 m = mallinfo2();

	buf_printf(out,
		   "# TYPE envoy_server_hot_restart_epoch gauge\nenvoy_server_hot_restart_epoch 0\n"
		   "# TYPE envoy_server_memory_allocated gauge\nenvoy_server_memory_allocated %zu\n"
		   "# TYPE envoy_server_memory_heap_size gauge\nenvoy_server_memory_heap_size %zu\n",
		   m.uordblks + m.hblkhd, m.arena + m.hblkhd);
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
	if (a->responder)
		responder_metrics(a->responder, out);
	if (chain.len)
		buf_printf(out,
			   "# TYPE istio_agent_cert_expiry_seconds gauge\n"
			   "istio_agent_cert_expiry_seconds{resource_name=\"default\"} %lld\n",
			   (long long)(not_after_s - now_s));
}

static void on_collected(void *arg, struct metrics *m)
{
	struct agent_scrape *s = arg;

	if (!m) {
		scrape_end(s, 503);
		return;
	}
	metrics_write_prometheus(m, &s->text);
	metrics_free(m);
	agent_metrics(s->agent, &s->text);
	memory_metrics(&s->text);
	process_metrics_write(&s->text);
	if (s->merge && s->agent->boot->app_metrics)
		fetch_app_metrics(s);
	else
		scrape_end(s, 200);
}

void agent_scrape(struct agent *a, struct http_request *rq, bool merge)
{
	struct agent_scrape *s = a->scrapes[merge];

	if (s) {
		vec_push(&s->asked, rq);
		return;
	}
	s = a->scrapes[merge] = NEW(struct agent_scrape);
	s->agent = a;
	s->merge = merge;
	vec_push(&s->asked, rq);
	workers_collect(a->workers, on_collected, s);
}
