/* Requests to whoever answers them. */
#include "console/run/console_internal.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "console/page/page.h"

#define TRIM_MS 3000

enum { PORT_PAGES, PORT_ZIPKIN, PORT_OTLP };

/* ---- what needs no user ---- */

static void reply_text(struct exchange *x, const char *type, struct buf *text)
{
	exchange_reply(x, &(struct exchange_answer){.status = 200, .type = type, .body = text});
}

static void reply_health(struct exchange *x)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_append_str(&out, "ok\n");
	reply_text(x, "text/plain", &out);
}

static void reply_metrics(struct console *c, struct exchange *x)
{
	const struct server_counts n = console_server_counts(c->server);
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_printf(&out,
		   "# TYPE weft_console_requests_total counter\nweft_console_requests_total %llu\n"
		   "# TYPE weft_console_requests_refused_total counter\nweft_console_requests_refused_total %llu\n"
		   "# TYPE weft_console_pushes_dropped_total counter\nweft_console_pushes_dropped_total %llu\n",
		   (unsigned long long)n.requests, (unsigned long long)n.refused, (unsigned long long)n.dropped_pushes);
	if (c->collector)
		collector_metrics(c->collector, &out);
	reply_text(x, "text/plain; version=0.0.4", &out);
}

static bool needs_nobody(struct console *c, struct exchange *x)
{
	if (slice_eq_str(x->path, "/healthz"))
		reply_health(x);
	else if (slice_eq_str(x->path, "/metrics"))
		reply_metrics(c, x);
	else if (slice_eq_str(x->path, "/api/login") && x->method == EXCHANGE_POST)
		access_login(c->access, x);
	else if (slice_eq_str(x->path, "/api/login") && x->method == EXCHANGE_GET)
		access_ways(c->access, x);
	else if (slice_eq_str(x->path, "/api/logout") && x->method == EXCHANGE_POST)
		access_logout(c->access, x);
	else
		return access_oauth(c->access, x);
	return true;
}

/* ---- what needs one ---- */

/* Traces tell of all namespaces: who may see them may get pods where the control plane is. */
static bool may_see_traces(struct console *c, struct exchange *x, const struct access_user *u)
{
	if (access_sees(u, c->config.ns))
		return true;
	exchange_reply_error(x, 403, "%s may not get pods in %s, as those who look at traces must", access_name(u),
			     c->config.ns);
	return false;
}

/* Jaeger's paths, also where all parts' pages look for them. */
static bool query_collector(struct console *c, struct exchange *x)
{
	const struct slice own = SLICE("/api/jaeger/");

	if (slice_starts(x->path, own))
		x->path = slice_str(arena_printf(&x->arena, "/api/%.*s", SLICE_ARG(slice_from(x->path, own.len))));
	return collector_query(c->collector, x);
}

static bool is_status(const struct exchange *x)
{
	return slice_eq_str(x->path, "/api/status");
}

static void on_user(void *arg, struct exchange *x, struct access_user *u)
{
	struct console *c = arg;

	if (!x)
		return;
	if (c->collector && !is_status(x)) {
		if (may_see_traces(c, x, u) && !query_collector(c, x))
			exchange_reply_error(x, 404, "the collector has no such path");
	} else if (!api_serve(c, x, u)) {
		exchange_reply_error(x, 404, "there is no such path, or not with this method");
	}
}

static void on_page_request(struct console *c, struct exchange *x)
{
	if (x->method != EXCHANGE_GET && x->method != EXCHANGE_HEAD && !access_same_origin(x))
		exchange_reply_error(x, 403, "the request comes from another site's page (Origin is not Host)");
	else if (x->socket)
		exchange_close(x, "nothing is told over WebSockets");
	else if (!needs_nobody(c, x) && !page_serve(x))
		access_begin(c->access, x, on_user, c);
}

static void on_request(void *arg, struct exchange *x)
{
	struct console *c = arg;

	if (x->port == PORT_PAGES) {
		on_page_request(c, x);
		return;
	}
	if (slice_eq_str(x->path, "/healthz") || slice_eq_str(x->path, "/health"))
		reply_health(x);
	else if (!collector_take(c->collector, x))
		exchange_reply_error(x, 404, "spans are sent to /api/v2/spans (Zipkin) or /v1/traces (OTLP)");
}

static void on_gone(void *arg, struct exchange *x)
{
	(void)arg;
	exchange_free(x);
}

/* ---- lifetime ---- */

static void each_namespace(void *arg, void (*each)(void *to, const char *ns), void *to)
{
	struct console *c = arg;

	if (c->mesh)
		mesh_each_namespace(c->mesh, each, to);
	else
		each(to, c->config.ns);
}

static void on_trim(struct timer *t)
{
	(void)t;
	malloc_trim(0);
}

void console_trim_soon(struct console *c)
{
	if (!timer_active(&c->trim))
		timer_start(c->loop, &c->trim, TRIM_MS, on_trim);
}

static void on_listed(struct store_watch *w, const struct store_key *key)
{
	if (!key->name)
		console_trim_soon(CONTAINER_OF(w, struct console, listed));
}

static void start_sources(struct console *c)
{
	const struct console_config *f = &c->config;

	if (f->part == CONSOLE_COLLECTOR)
		return;
	if (f->part == CONSOLE_MESH) {
		c->mesh = mesh_new(c->loop, f->client, f->ns, !f->by_namespace);
		c->listed.fn = on_listed;
		store_subscribe(mesh_store(c->mesh), &c->listed);
		c->live = live_new(c->loop, LIVE_PORT);
	}
	if (f->prometheus)
		c->prometheus = source_new(c->loop, f->prometheus, NULL);
	if (f->traces)
		c->traces = source_new(c->loop, f->traces, f->kube->token_file);
	if (f->istiod)
		c->istiod = source_new(c->loop, f->istiod, f->kube->token_file);
}

static int start_collector(struct console *c, struct err *e)
{
	int port;

	c->store = span_store_new(&c->config.store, e);
	if (!c->store)
		return -EIO;
	c->collector = collector_new(c->loop, c->store);
	port = collector_listen_grpc(c->collector, c->config.host, c->config.grpc_port, e);
	if (port < 0)
		return port;
	c->grpc_port = (uint16_t)port;
	return 0;
}

static int start(struct console *c, struct err *e)
{
	const bool collector = c->config.part == CONSOLE_COLLECTOR;
	struct console_server_params p = {
		.host = c->config.host,
		.ports = {c->config.port, c->config.zipkin_port, c->config.otlp_port},
		.n_ports = collector ? 3 : 1,
		.on_request = on_request,
		.on_gone = on_gone,
		.arg = c,
	};
	int r = collector ? start_collector(c, e) : 0;

	if (r < 0)
		return r;
	start_sources(c);
	c->access = access_new(c->loop, &(struct access_params){
						.config = c->config.kube,
						.client = c->config.client,
						.anonymous = c->config.anonymous,
						.router = c->config.router,
						.oauth_dir = c->config.oauth_dir,
						.namespaces = each_namespace,
						.arg = c,
					});
	c->server = console_server_new(c->loop, &p, e);
	return c->server ? 0 : -EIO;
}

struct console *console_new(struct loop *l, const struct console_config *config, struct err *e)
{
	struct console *c = NEW(struct console);

	c->loop = l;
	c->config = *config;
	list_init(&c->calls);
	if (start(c, e) == 0)
		return c;
	console_free(c);
	return NULL;
}

void console_free(struct console *c)
{
	if (!c)
		return;
	source_free(c->prometheus);
	source_free(c->traces);
	source_free(c->istiod);
	api_stop(c);
	live_free(c->live);
	access_free(c->access);
	store_unsubscribe(&c->listed);
	timer_stop(&c->trim);
	mesh_free(c->mesh);
	console_server_free(c->server);
	collector_free(c->collector);
	span_store_free(c->store);
	free(c);
}

uint16_t console_port(const struct console *c, unsigned i)
{
	if (i == 3)
		return c->grpc_port;
	return i == 0 || c->collector ? console_server_port(c->server, i) : 0;
}
