/* HTTP of people and probes: /ready on the health port; /metrics, /version and /debug on the monitoring port. */
#include <stdlib.h>

#include "base/version.h"
#include "discovery/internal.h"
#include "net/socket.h"

struct http {
	struct discovery *d;
	struct web_server *health, *monitoring;
	struct door *door;
};

static void serve_metrics(struct discovery *d, struct web_request *r)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	discovery_metrics_write(d, &out);
	if (d->cfg.on_metrics)
		d->cfg.on_metrics(d->cfg.user, &out);
	web_reply(r, 200, "text/plain; version=0.0.4; charset=utf-8", buf_slice(&out));
}

static bool is_debug(struct slice path)
{
	return slice_eq_str(path, "/debug") || slice_starts(path, SLICE("/debug/"));
}

static void on_monitoring(void *user, struct web_request *r)
{
	struct http *h = user;

	if (!slice_eq_str(r->method, "GET") && !slice_eq_str(r->method, "HEAD"))
		web_reply_text(r, 405, "405 method not allowed\n");
	else if (slice_eq_str(r->path, "/metrics"))
		serve_metrics(h->d, r);
	else if (slice_eq_str(r->path, "/version"))
		web_reply_text(r, 200,
			       arena_printf(web_arena(r), "1.20.8-weft %s (commit %s)\n", weft_version, weft_commit));
	else if (is_debug(r->path))
		discovery_door_ask(h->door, r, discovery_debug_serve);
	else
		web_reply_text(r, 404, "404 page not found\n");
}

static void not_ready(struct discovery *d, struct web_request *r)
{
	const char *why = discovery_authority_problem(d->ca);

	web_reply_text(r, 503, arena_printf(web_arena(r), "not ready%s%s\n", *why ? ": " : "", why));
}

static void on_health(void *user, struct web_request *r)
{
	struct http *h = user;

	if (!slice_eq_str(r->path, "/ready") && !slice_eq_str(r->path, "/healthz"))
		web_reply_text(r, 404, "404 page not found\n");
	else if (discovery_ready(h->d))
		web_reply_text(r, 200, "");
	else
		not_ready(h->d, r);
}

static struct web_server *start(struct http *h, web_handler fn, uint16_t port, struct err *e)
{
	const struct web_config c = {.on_request = fn, .user = h};
	struct web_server *s = web_server_new(h->d->loop, &c, e);
	struct addr a;

	if (!s)
		return NULL;
	if (addr_parse(slice_str(h->d->cfg.host), port, &a) == 0 && web_server_listen(s, &a, e) >= 0)
		return s;
	web_server_free(s);
	return NULL;
}

struct http *discovery_http_new(struct discovery *d, struct err *e)
{
	struct http *h = NEW(struct http);

	h->d = d;
	h->door = discovery_door_new(d);
	h->health = start(h, on_health, d->cfg.http_port, e);
	h->monitoring = h->health ? start(h, on_monitoring, d->cfg.monitoring_port, e) : NULL;
	if (h->monitoring)
		return h;
	discovery_http_free(h);
	return NULL;
}

void discovery_http_free(struct http *h)
{
	if (!h)
		return;
	web_server_free(h->health);
	web_server_free(h->monitoring);
	discovery_door_free(h->door);
	free(h);
}
