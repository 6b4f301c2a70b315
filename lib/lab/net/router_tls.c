/*
 * TLS on the router's second port. The name in the ClientHello, which is only looked at, decides: a passthrough route
 * gets the connection as it is; else TLS ends here, with the certificate of the route of that host, or one that the
 * lab's own authority issues for it.
 */
#include "lab/net/router_conn_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/sys/authority.h"

#define HELLO_MS 10000

/* A connection before it is known where it goes. */
struct greeting {
	struct router *router;
	struct list link; /* in router.greetings */
	struct io io;
	int fd;
	struct addr peer;
	struct timer timer;
};

/* ---- certificates ---- */

static const char *const protocols[] = {"http/1.1"};

static struct tls_ctx *server_ctx(struct slice cert, struct slice key)
{
	struct tls_ctx *ctx = NULL;
	struct err e = ERR_INIT;
	const struct tls_params p = {
		.server = true, .cert_pem = cert, .key_pem = key, .alpn = protocols, .n_alpn = ARRAY_LEN(protocols)};

	if (tls_ctx_new(&p, &ctx, &e) == 0)
		return ctx;
	log_warn("router", "a certificate cannot be used, another is: %s", e.msg);
	return NULL;
}

static struct tls_ctx *issued_ctx(const struct router *r, const char *host)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT, key = BUF_INIT;
	const struct pki_names names = {.cn = strlen(host) <= 64 ? host : "route", .dns = &host, .n_dns = 1};
	struct err e = ERR_INIT;

	if (authority_issue(r->authority, &names, PKI_USE_SERVER, &cert, &key, &e) == 0)
		return server_ctx(buf_slice(&cert), buf_slice(&key));
	log_warn("router", "no certificate for %s: %s", host, e.msg);
	return NULL;
}

/* The route's own certificate, or one of the authority for its host; kept with the route. */
static struct tls_ctx *ctx_of(const struct router *r, struct lab_route *route)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT;

	if (route->server_ctx)
		return route->server_ctx;
	if (route->certificate && route->key_pem) {
		buf_printf(&chain, "%s\n%s", route->certificate, route->ca_certificate ? route->ca_certificate : "");
		route->server_ctx = server_ctx(buf_slice(&chain), slice_str(route->key_pem));
	}
	if (!route->server_ctx)
		route->server_ctx = issued_ctx(r, route->host);
	return route->server_ctx;
}

/* Of the routes of a host that TLS ends for; one with a certificate of its own before the others. */
static struct lab_route *terminating_route(const struct router *r, struct slice name)
{
	struct lab_route *best = NULL;
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&r->routes, &i));) {
		struct lab_route *route = e->value;

		if ((route->tls != ROUTE_EDGE && route->tls != ROUTE_REENCRYPT) ||
		    !slice_eq_nocase(slice_str(route->host), name))
			continue;
		if (!best || (route->certificate && !best->certificate))
			best = route;
	}
	return best;
}

static struct tls_ctx *ctx_for(struct router *r, struct slice name)
{
	struct lab_route *route = terminating_route(r, name);
	struct tls_ctx *ctx = route ? ctx_of(r, route) : NULL;

	if (ctx)
		return ctx;
	if (!r->default_ctx)
		r->default_ctx = issued_ctx(r, r->wildcard);
	return r->default_ctx;
}

struct tls *router_backend_tls(struct lab_route *route, int fd)
{
	const struct tls_params p = {.roots_pem = slice_str(route->destination_ca),
				     .verify = TLS_VERIFY_REQUIRED,
				     .alpn = protocols,
				     .n_alpn = ARRAY_LEN(protocols),
				     .sans = &(struct tls_san_rule){TLS_MATCH_PREFIX, "", TLS_SAN_ANY},
				     .n_sans = 1};
	struct err e = ERR_INIT;

	if (!route->backend_ctx && tls_ctx_new(&p, &route->backend_ctx, &e) < 0) {
		log_warn("router", "route %s: %s", route->key, e.msg);
		return NULL;
	}
	return tls_new(route->backend_ctx, fd, route->host, NULL);
}

/* ---- greetings ---- */

static void greeting_free(struct greeting *g)
{
	list_remove(&g->link);
	g->router->conns_n--;
	timer_stop(&g->timer);
	io_stop(&g->io);
	closep(&g->fd);
	free(g);
}

static void on_late(struct timer *t)
{
	greeting_free(CONTAINER_OF(t, struct greeting, timer));
}

/* Hands the descriptor on, with what TLS takes place here. */
static void decide(struct greeting *g, const struct tls_hello *hello)
{
	struct router *r = g->router;
	const struct lab_route *through = router_match(r, ROUTER_ENTRY_THROUGH, hello->server_name, SLICE("/"));
	struct router_arrival a = {.peer = &g->peer, .over_tls = true, .through = through};
	struct tls_ctx *ctx = through ? NULL : ctx_for(r, hello->server_name);

	if (!hello->is_tls || (!through && !ctx)) {
		greeting_free(g);
		return;
	}
	io_stop(&g->io);
	a.fd = take_fd(&g->fd);
	a.tls = ctx ? tls_new(ctx, a.fd, NULL, NULL) : NULL;
	if (ctx && !a.tls)
		closep(&a.fd);
	else
		router_conn_new(r, &a);
	greeting_free(g);
}

static void on_hello(struct io *io, uint32_t revents)
{
	struct greeting *g = CONTAINER_OF(io, struct greeting, io);
	char bytes[TLS_HELLO_MAX_BYTES];
	struct tls_hello hello = {0};
	ssize_t n = recv(g->fd, bytes, sizeof(bytes), MSG_PEEK);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		greeting_free(g);
	else if (tls_hello_parse(slice_make(bytes, (size_t)n), &hello))
		decide(g, &hello);
}

void router_greet(struct router *r, int fd, const struct addr *peer)
{
	struct greeting *g = NEW(struct greeting);

	*g = (struct greeting){.router = r, .fd = fd, .peer = *peer};
	list_append(&r->greetings, &g->link);
	r->conns_n++;
	/* Edge-triggered: the bytes stay where they are. */
	if (io_start(r->loop, &g->io, fd, EPOLLIN | EPOLLRDHUP | EPOLLET, on_hello) < 0) {
		greeting_free(g);
		return;
	}
	timer_start(r->loop, &g->timer, HELLO_MS, on_late);
}

void router_greetings_free(struct router *r)
{
	while (!list_empty(&r->greetings))
		greeting_free(CONTAINER_OF(r->greetings.next, struct greeting, link));
}
