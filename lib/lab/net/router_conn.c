/*
 * One client connection of the router and the backend connection it uses now. Bodies are relayed as they come, with at
 * most RELAY_MAX bytes waiting in each direction; reading stops while the other side does not take them.
 *   HEAD -> CONNECT -> EXCHANGE -> HEAD ...      EXCHANGE -> TUNNEL (101 or CONNECT)
 *   of a passthrough route: CONNECT -> TUNNEL
 */
#include "lab/net/router_conn_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/sys/netns.h"

#define TURNS_MAX 16 /* rounds of one connection before others have their turn */

static void step(struct conn *c);

static bool is_open(const struct side *s)
{
	return s->t.fd >= 0;
}

static void conn_free(struct conn *c)
{
	struct side *sides[] = {&c->client, &c->backend};

	list_remove(&c->link);
	c->router->conns_n--;
	timer_stop(&c->timer);
	task_cancel(&c->work);
	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		transport_close(&sides[i]->t);
		buf_done(&sides[i]->in);
		buf_done(&sides[i]->out);
	}
	buf_done(&c->forwarded);
	buf_done(&c->head_copy);
	http_head_done(&c->request);
	http_head_done(&c->response);
	free(c);
}

void router_conns_free(struct router *r)
{
	while (!list_empty(&r->conns))
		conn_free(CONTAINER_OF(r->conns.next, struct conn, link));
}

static void backend_close(struct conn *c)
{
	transport_close(&c->backend.t);
	c->backend.eof = c->backend.broken = false;
	c->reused = false;
	buf_clear(&c->backend.in);
	buf_clear(&c->backend.out);
}

/* ---- answers of the router itself ---- */

static const char page[] =
	"<!DOCTYPE html>\n<html><head><title>Application is not available</title></head><body>\n"
	"<h1>Application is not available</h1>\n"
	"<p>The application is currently not serving requests at this endpoint. It may not have been started or is "
	"still starting.</p>\n"
	"<p>Possible reasons: the host does not exist (check the Route's host name); the host exists but has no route "
	"for this path; the route and path match, but no pod behind them is ready.</p>\n</body></html>\n";

static void reply(struct conn *c, int status)
{
	bool with_body = c->method != HTTP_HEAD;

	backend_close(c);
	if (c->through) { /* it does not speak our language */
		c->state = STATE_DRAIN;
		return;
	}
	buf_printf(&c->client.out,
		   "HTTP/1.1 %d %s\r\ncontent-type: text/html\r\ncontent-length: %zu\r\n"
		   "cache-control: private, max-age=0, no-cache, no-store\r\nconnection: close\r\n\r\n",
		   status, http_reason(status), sizeof(page) - 1);
	if (with_body)
		buf_append(&c->client.out, page, sizeof(page) - 1);
	c->state = STATE_DRAIN;
}

/* The same address by https. */
static void redirect(struct conn *c, const struct http_head *h)
{
	struct slice host = http_get_id(h, HTTP_NAME_HOST);
	const ptrdiff_t colon = slice_rfind(host, ':');
	char port[16] = "";

	if (colon >= 0)
		host = slice_head(host, (size_t)colon);
	if (c->router->tls_port != 443)
		snprintf(port, sizeof(port), ":%u", (unsigned)c->router->tls_port);
	buf_printf(&c->client.out,
		   "HTTP/1.1 302 Found\r\nlocation: https://%.*s%s%.*s\r\ncontent-length: 0\r\ncache-control: "
		   "no-cache\r\nconnection: close\r\n\r\n",
		   SLICE_ARG(host), port, SLICE_ARG(h->target));
	c->state = STATE_DRAIN;
}

static void on_timer(struct timer *t)
{
	struct conn *c = CONTAINER_OF(t, struct conn, timer);
	bool waiting = c->state == STATE_CONNECT || (c->state == STATE_EXCHANGE && !c->response_started);

	if (!waiting) {
		conn_free(c);
		return;
	}
	reply(c, c->state == STATE_CONNECT ? 503 : 504);
	step(c);
}

static void touch(struct conn *c)
{
	int64_t ms = IDLE_MS;

	if (c->state == STATE_CONNECT)
		ms = CONNECT_MS;
	else if (c->state == STATE_EXCHANGE)
		ms = c->timeout_ms;
	timer_start(c->router->loop, &c->timer, ms, on_timer);
}

/* ---- the request ---- */

static void on_backend(struct transport *t);

/* Connects to a target of the route, at random anew for each try. */
static void connect_backend(struct conn *c)
{
	struct lab_route *route = map_get(&c->router->routes, slice_str(c->route));
	const struct svc_target *t = route ? router_pick(c->router, route) : NULL;
	struct tls *tls = NULL;
	struct addr to;
	int fd;

	if (!t || addr_parse(slice_str(t->ip), t->port, &to) < 0) {
		reply(c, 503);
		return;
	}
	if (is_open(&c->backend) && c->target.port == t->port && strcmp(c->target_ip, t->ip) == 0 && !c->backend.eof) {
		c->state = STATE_EXCHANGE;
		buf_append_slice(&c->backend.out, buf_slice(&c->head_copy));
		return;
	}
	backend_close(c);
	snprintf(c->target_ip, sizeof(c->target_ip), "%s", t->ip);
	c->target.port = t->port;
	c->tries++;
	c->state = STATE_CONNECT;
	fd = netns_connect(c->router->netns_fd, &to, SOCKET_NO_DELAY);
	if (fd >= 0 && route->tls == ROUTE_REENCRYPT) {
		tls = router_backend_tls(route, fd);
		if (!tls)
			closep(&fd);
	}
	if (fd >= 0 && (tls || route->tls != ROUTE_REENCRYPT))
		(void)transport_connect(&c->backend.t, c->router->loop, fd, tls, on_backend);
}

static void connect_failed(struct conn *c)
{
	backend_close(c);
	while (c->state == STATE_CONNECT && !is_open(&c->backend) && c->tries < CONNECT_TRIES)
		connect_backend(c);
	if (c->state == STATE_CONNECT && !is_open(&c->backend))
		reply(c, 503);
}

static void begin_request(struct conn *c)
{
	struct http_head *h = &c->request;
	const enum router_entry entry = c->over_tls ? ROUTER_ENTRY_TLS : ROUTER_ENTRY_PLAIN;
	const struct lab_route *route = router_match(c->router, entry, http_get_id(h, HTTP_NAME_HOST), h->target);

	c->method = h->method_id;
	c->client_minor = h->version;
	c->client_keeps = h->keep_alive;
	c->response_started = false;
	c->tries = 0;
	if (!route) {
		reply(c, 503);
		return;
	}
	if (!c->over_tls && route->tls != ROUTE_PLAIN && route->insecure == ROUTE_INSECURE_REDIRECT) {
		redirect(c, h);
		return;
	}
	snprintf(c->route, sizeof(c->route), "%s", route->key);
	c->timeout_ms = route->timeout_ms;
	h1_body_init(&c->request_body, h->framing, h->length);
	c->head_only = c->request_body.done || h->framing == HTTP_BODY_NONE;
	router_write_request(c, h);
	connect_backend(c);
	if (c->state == STATE_CONNECT && !is_open(&c->backend))
		connect_failed(c);
}

/* Returns true when something was done. */
static bool read_head(struct conn *c)
{
	struct h1_parser parser = {0};
	ssize_t n;

	if (!c->client.in.len)
		return false;
	n = h1_parse_request(&parser, c->client.in.ptr, c->client.in.len, &c->request);
	if (n == 0)
		return false;
	if (n < 0) {
		c->method = HTTP_GET;
		reply(c, http_err_status((int)n));
		return true;
	}
	begin_request(c);
	if (c->state != STATE_DRAIN)
		buf_consume(&c->client.in, (size_t)n);
	return true;
}

/* ---- the response ---- */

static bool read_response_head(struct conn *c)
{
	struct h1_parser parser = {0};
	ssize_t n;

	if (!c->backend.in.len)
		return false;
	n = h1_parse_response(&parser, c->backend.in.ptr, c->backend.in.len, c->method, &c->response);
	if (n == 0)
		return false;
	if (n < 0) {
		reply(c, 502);
		return true;
	}
	c->backend_keeps = c->response.keep_alive;
	if (c->response.status >= 200 || c->response.status == 101) {
		c->response_started = true;
		h1_body_init(&c->response_body, c->response.framing, c->response.length);
	}
	router_write_response(c, &c->response);
	buf_consume(&c->backend.in, (size_t)n);
	if (c->response.framing == HTTP_BODY_TUNNEL)
		c->state = STATE_TUNNEL;
	return true;
}

static void end_exchange(struct conn *c)
{
	bool whole_request = c->request_body.done || c->head_only;

	if (!c->backend_keeps || !whole_request)
		backend_close(c);
	else
		c->reused = true;
	c->state = c->client_keeps && whole_request ? STATE_HEAD : STATE_DRAIN;
}

/* The backend ended: is that the end of the response, a reason for another try, or a failure? */
static void backend_ended(struct conn *c)
{
	if (c->state == STATE_TUNNEL) {
		c->state = STATE_DRAIN;
		return;
	}
	if (c->response_started) {
		if (h1_body_eof(&c->response_body) == 0) {
			c->backend_keeps = false;
			end_exchange(c);
		} else {
			c->state = STATE_DRAIN; /* cut short: so is what the client gets */
			c->client_keeps = false;
		}
		return;
	}
	if (c->reused && c->head_only) {
		backend_close(c);
		connect_backend(c);
		if (c->state == STATE_CONNECT && !is_open(&c->backend))
			connect_failed(c);
		return;
	}
	reply(c, 502);
}

static bool exchange(struct conn *c)
{
	enum relay up = RELAY_NOTHING, down = RELAY_NOTHING;
	bool did = false;

	if (!c->head_only)
		up = router_relay_body(&c->request_body, &c->client.in, &c->backend.out,
				       c->request_body.framing == HTTP_BODY_OPEN);
	if (!c->response_started)
		did = read_response_head(c);
	else
		down = router_relay_body(&c->response_body, &c->backend.in, &c->client.out, c->chunked_out);
	if (up == RELAY_BROKEN || down == RELAY_BROKEN) {
		c->state = STATE_DRAIN; /* cut short: so is what the client gets */
		return true;
	}
	if (c->state == STATE_EXCHANGE && c->response_started && c->response_body.done) {
		end_exchange(c);
		return true;
	}
	return did || up == RELAY_MOVED || down == RELAY_MOVED;
}

static bool move_all(struct buf *from, struct buf *to)
{
	if (!from->len || to->len >= RELAY_MAX_BYTES)
		return false;
	buf_append_slice(to, buf_slice(from));
	buf_clear(from);
	return true;
}

static bool advance(struct conn *c)
{
	switch (c->state) {
	case STATE_HEAD:
		return read_head(c);
	case STATE_EXCHANGE:
		if (exchange(c))
			return true;
		break;
	case STATE_TUNNEL:
		if (move_all(&c->client.in, &c->backend.out) || move_all(&c->backend.in, &c->client.out))
			return true;
		break;
	default:
		return false;
	}
	if (c->backend.eof && !c->backend.in.len) {
		backend_ended(c);
		return true;
	}
	return false;
}

/* ---- bytes ---- */

/* Returns true when something went. */
static bool flush(struct side *s)
{
	bool moved = false;

	while (s->out.len && s->t.state == TRANSPORT_OPEN && s->t.can_write && !s->broken) {
		struct iovec v = {s->out.ptr, s->out.len};
		const ssize_t n = transport_write(&s->t, &v, 1);

		if (n == TRANSPORT_AGAIN)
			break;
		if (n < 0) {
			s->broken = true;
			break;
		}
		buf_consume(&s->out, (size_t)n);
		moved = true;
	}
	return moved;
}

/* Reads while both sides have room. Returns true when something came, the end included. */
static bool receive(struct side *s, const struct side *other)
{
	bool moved = false;

	while (!s->eof && s->t.state == TRANSPORT_OPEN && s->t.can_read && s->in.len < RELAY_MAX_BYTES &&
	       other->out.len < RELAY_MAX_BYTES) {
		const ssize_t n = transport_read(&s->t, buf_reserve(&s->in, CHUNK_BYTES), CHUNK_BYTES);

		if (n == TRANSPORT_AGAIN)
			break;
		moved = true;
		if (n > 0)
			s->in.len += (size_t)n;
		else
			s->eof = true;
		s->broken |= n == TRANSPORT_ERROR;
	}
	return moved;
}

/* One round: read, do, write. Returns whether anything moved. */
static bool pump(struct conn *c)
{
	const bool connected = c->state != STATE_CONNECT;
	bool moved = receive(&c->client, &c->backend);

	if (connected && is_open(&c->backend))
		moved |= receive(&c->backend, &c->client);
	/* It closed, or spoke out of turn, while idle. */
	if (c->state == STATE_HEAD && is_open(&c->backend) && (c->backend.eof || c->backend.in.len))
		backend_close(c);
	while (advance(c))
		moved = true;
	moved |= flush(&c->client);
	if (c->state != STATE_CONNECT && is_open(&c->backend))
		moved |= flush(&c->backend);
	if (c->backend.broken)
		c->backend.eof = true; /* its answer, if any, is still read */
	return moved;
}

static bool is_finished(const struct conn *c)
{
	if (c->client.broken || c->client.t.state == TRANSPORT_FAILED)
		return true;
	if (c->state == STATE_DRAIN)
		return !c->client.out.len;
	return c->client.eof && (c->state == STATE_HEAD || c->state == STATE_TUNNEL) && !c->client.out.len &&
	       !c->backend.out.len;
}

static void on_work(struct task *t)
{
	step(CONTAINER_OF(t, struct conn, work));
}

static void step(struct conn *c)
{
	int turns = 0;

	while (pump(c) && !is_finished(c))
		if (++turns == TURNS_MAX) {
			task_defer(c->router->loop, &c->work, on_work);
			break;
		}
	if (is_finished(c))
		conn_free(c);
	else
		touch(c);
}

static void on_backend(struct transport *t)
{
	struct conn *c = CONTAINER_OF(t, struct side, t)->conn;

	if (c->state == STATE_CONNECT && t->state == TRANSPORT_FAILED) {
		connect_failed(c);
	} else if (c->state == STATE_CONNECT) {
		c->state = c->through ? STATE_TUNNEL : STATE_EXCHANGE;
		buf_append_slice(&c->backend.out, buf_slice(&c->head_copy));
	} else if (t->state == TRANSPORT_FAILED) {
		c->backend.eof = true;
	}
	step(c);
}

static void on_client(struct transport *t)
{
	step(CONTAINER_OF(t, struct side, t)->conn);
}

/* The bytes of a passthrough route: no head is read. */
static void begin_tunnel(struct conn *c, const struct lab_route *route)
{
	c->through = true;
	snprintf(c->route, sizeof(c->route), "%s", route->key);
	connect_backend(c);
	if (c->state == STATE_CONNECT && !is_open(&c->backend))
		connect_failed(c);
	step(c);
}

void router_conn_new(struct router *r, const struct router_arrival *a)
{
	struct conn *c = NEW(struct conn);

	c->router = r;
	c->over_tls = a->over_tls;
	c->client.conn = c->backend.conn = c;
	c->client.t.fd = c->backend.t.fd = -1;
	addr_format_host(a->peer, c->peer);
	list_append(&r->conns, &c->link);
	r->conns_n++;
	if (transport_accept(&c->client.t, r->loop, a->fd, a->tls, on_client) < 0) {
		conn_free(c);
		return;
	}
	touch(c);
	if (a->through)
		begin_tunnel(c, a->through);
}
