/*
 * Ports for the platform: 15021 readiness, 15020 readiness, metrics merged with the application's, probes; 15090 the
 * proxy's own metrics.
 */
#include "codecs/codecs.h"
#include "proxy/agent/agent_internal.h"

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

/* ---- ports ---- */

static bool is_path(struct http_request *rq, const char *path)
{
	return slice_eq_str(http_request_path(rq), path);
}

static void quit(struct agent *a, struct http_request *rq)
{
	if (!slice_eq(http_request_method(rq), SLICE("POST"))) {
		http_reply(rq, 405, "text/plain", "allow: POST\r\n", SLICE("method not allowed\n"));
		return;
	}
	if (!addr_is_loopback(http_request_peer(rq))) {
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
		agent_scrape(a, rq, true);
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
		agent_scrape(ctx, rq, false);
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
