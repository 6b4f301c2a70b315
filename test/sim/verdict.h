/*
 * What a proxy of a small mesh does with a request or a connection, without a process or a socket: objects -> store ->
 * snapshot -> xDS -> configuration -> chain -> what happens before routing -> authorization filters. The data path's
 * own functions are used; only what would need a connection (the peer's certificate, the reply) stands here instead. To
 * be included once, by a test program.
 */
#ifndef TEST_VERDICT_H
#define TEST_VERDICT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

/* The mesh and the proxy have a struct endpoint each. */
#define endpoint mesh_endpoint
#include "world.h"
#undef endpoint

#include "base/mem.h"
#include "config/build.h"
#include "h1/h1.h"
#include "proxy/filter/table.h"
#include "proxy/listener/listener.h"
#include "proxy/stream/stream_internal.h"
#include "telemetry/metrics.h"
#include "xds/resource.h"

/* A proxy with its configuration. */
struct at {
	struct build *build;
	struct config *config;
	struct compile_result compiled; /* notes */
};

/* Who connects, and where. Zeroed: 10.244.0.99 in plain text to port 8080 of 10.244.0.5. */
struct client {
	const char *principal; /* "spiffe://..."; NULL = plain text */
	const char *ip, *to, *sni, *alpn;
	uint16_t port;
};

#define CLOSED 0 /* verdict: the connection is closed, or no chain takes it */

static struct tls_peer verdict_peer;
static const char *verdict_uri[1];
static enum outcome verdict_outcome;
static char verdict_details[2048];
static char verdict_target[8192], verdict_xff[8192];
static struct addr verdict_remote;

struct tls *down_tls(const struct down *d)
{
	return d->secure ? (struct tls *)d : NULL;
}

const struct tls_peer *tls_peer(struct tls *t)
{
	return t ? &verdict_peer : NULL;
}

void stream_reply_with(struct stream *s, const struct reply *r)
{
	verdict_outcome = r->outcome;
	snprintf(verdict_details, sizeof(verdict_details), "%s", s->details ? s->details : "");
}

void stream_reply(struct stream *s, enum outcome o)
{
	stream_reply_with(s, &(struct reply){.outcome = o});
}

/* The configuration that the proxy ends up with; nothing may be refused. */
static void at_init(struct at *x, struct world *w, const struct proxy *p)
{
	static const enum xds_type order[] = {XDS_POD_BLOCK, XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE};
	struct config_node *node = NEW(struct config_node);

	memset(x, 0, sizeof(*x));
	node->refs = 1;
	x->build = build_new(node);
	config_node_unref(node);
	compile_view(w->snap, p, (1u << XDS_TYPE_COUNT) - 1, &w->pool, NULL, &x->compiled);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct err e = ERR_INIT;
		struct xds_set *set = x->compiled.sets[order[i]];
		struct build_update u = {order[i], set ? set->v : NULL, set ? set->n : 0, NULL, 0};

		if (build_apply(x->build, &u, &e) < 0)
			fail_msg("%s", e.msg);
	}
	x->config = build_config(x->build);
}

static void at_done(struct at *x)
{
	config_unref(x->config);
	build_free(x->build);
	compile_result_done(&x->compiled);
}

static const struct config_chain *chain_for(const struct at *x, const struct client *c, struct addr *to,
					    struct addr *from)
{
	struct slice alpn = slice_str(c->alpn ? c->alpn : c->principal ? "istio" : "");
	const uint16_t port = c->port ? c->port : 8080;
	const struct config_listener *l = NULL;

	assert_int_equal(addr_parse(slice_str(c->to ? c->to : "10.244.0.5"), port, to), 0);
	assert_int_equal(addr_parse(slice_str(c->ip ? c->ip : "10.244.0.99"), 40000, from), 0);
	for (size_t i = 0; i < x->config->n_listeners; i++)
		if (strcmp(x->config->listeners[i]->name, "virtualInbound") == 0)
			l = x->config->listeners[i];
	if (!l)
		l = config_listener_for(x->config, to);
	if (!l)
		return NULL;
	struct chain_input in = {.destination = to,
				 .source = from,
				 .tls = c->principal != NULL,
				 .server_name = slice_str(c->sni),
				 .alpn = &alpn,
				 .n_alpn = alpn.len > 0};
	return config_chain_find(l, &in);
}

/* Does the chain's TLS take this certificate? */
static bool takes_certificate(const struct config_tls *t, const char *uri)
{
	for (size_t i = 0; i < t->n_sans; i++)
		if (match_string_test(&t->sans[i].name, slice_str(uri)))
			return true;
	return !t->n_sans;
}

static bool is_denied(struct stream *s, const struct config_http_filter *at)
{
	struct filter f = {.ops = &filter_rbac_ops, .stream = s, .at = at};

	return filter_rbac_ops.on_headers(&f, true) == FILTER_REPLIED;
}

static enum outcome run_filters(struct stream *s)
{
	const struct config_hcm *hcm = s->hcm;

	verdict_outcome = OUTCOME_OK;
	if (!stream_prepare(s))
		return verdict_outcome;
	for (size_t i = 0; i < hcm->n_filters; i++)
		if (hcm->filters[i].kind == FILTER_RBAC && is_denied(s, &hcm->filters[i]))
			break;
	return verdict_outcome;
}

static unsigned ask_http(const struct at *x, struct down *d, const char *request)
{
	struct worker_config wc = {.config = x->config};
	struct stream *s = NEW(struct stream);
	struct h1_parser parser = {0};
	char *text = mem_strdup(request);
	enum outcome o;
	ssize_t n;

	stream_memory_init(s, d->worker);
	n = h1_parse_request(&parser, text, strlen(text), &s->req);
	if (n <= 0) {
		stream_memory_done(s);
		free(text);
		free(s);
		return n < 0 ? (unsigned)http_err_status((int)n) : CLOSED;
	}
	s->conn = d;
	s->wc = &wc;
	s->hcm = d->chain->hcm;
	o = run_filters(s);
	snprintf(verdict_target, sizeof(verdict_target), "%.*s", SLICE_ARG(s->req.target));
	snprintf(verdict_xff, sizeof(verdict_xff), "%.*s", SLICE_ARG(http_get_id(&s->req, HTTP_NAME_FORWARDED_FOR)));
	verdict_remote = s->remote ? *s->remote : (struct addr){0};
	assert_true(slice_eq(s->req.target, s->path)); /* what is matched is what is sent */
	stream_memory_done(s);
	buffers_done(&d->worker->buffers);
	free(text);
	free(s);
	return o == OUTCOME_OK ? 200 : outcome_row(o)->status;
}

/*
 * The status that a request gets (200: it goes on to the router), or of a TCP chain 200 when the connection is let
 * through; CLOSED when it is not, or TLS does not come about. request: head with the empty line; may be NULL for TCP.
 */
static unsigned ask(const struct at *x, const struct client *c, const char *request)
{
	static struct metrics *metrics;
	struct worker worker = {0};
	struct down d = {.worker = &worker};
	unsigned status;
	char text[ADDR_TEXT_MAX];

	worker.rand.state = 1;
	if (!metrics)
		metrics = metrics_new();
	worker.metrics = metrics;
	d.chain = chain_for(x, c, &d.local, &d.peer);
	if (!d.chain || (d.chain->tls && !c->principal))
		return CLOSED;
	d.secure = d.chain->tls != NULL;
	if (d.secure && !takes_certificate(d.chain->tls, c->principal))
		return CLOSED;
	verdict_uri[0] = c->principal;
	verdict_peer = (struct tls_peer){
		.subject = "", .uri = c->principal, .uris = verdict_uri, .n_uris = c->principal != NULL};
	d.principal = d.secure ? c->principal : NULL;
	d.server_name = c->sni;
	snprintf(d.peer_text, sizeof(d.peer_text), "%.47s", addr_format_host(&d.peer, text));
	if (!down_allowed(&d, down_tls(&d), d.chain->rbac, d.chain->n_rbac))
		return CLOSED;
	if (!d.chain->hcm)
		return 200;
	status = ask_http(x, &d, request);
	free(d.cert);
	return status;
}

/* "GET /path" with Host: catalog and further header lines ("" or "a: b\r\n"). */
static inline unsigned get(const struct at *x, const struct client *c, const char *path, const char *lines)
{
	CLEANUP(freep) char *head = mem_printf("GET %s HTTP/1.1\r\nHost: catalog\r\n%s\r\n", path, lines);

	return ask(x, c, head);
}

#endif
