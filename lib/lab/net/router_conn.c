/*
 * One client connection of the router and the backend connection it uses now. Bodies are relayed as they come, with at
 * most RELAY_MAX bytes waiting in each direction; reading stops while the other side does not take them.
 *   HEAD -> CONNECT -> EXCHANGE -> HEAD ...      EXCHANGE -> TUNNEL (101 or CONNECT)
 */
#include "lab/net/router_conn_internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/sys/netns.h"

static void step(struct conn *c);

static void conn_free(struct conn *c)
{
	struct side *sides[] = {&c->client, &c->backend};

	list_remove(&c->link);
	c->router->conns_n--;
	timer_stop(&c->timer);
	for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
		io_stop(&sides[i]->io);
		closep(&sides[i]->fd);
		buf_done(&sides[i]->in);
		buf_done(&sides[i]->out);
	}
	buf_done(&c->forwarded);
	buf_done(&c->head_copy);
	free(c);
}

void router_conns_free(struct router *r)
{
	while (!list_empty(&r->conns))
		conn_free(CONTAINER_OF(r->conns.next, struct conn, link));
}

static void backend_close(struct conn *c)
{
	io_stop(&c->backend.io);
	closep(&c->backend.fd);
	c->backend.fd = -1;
	c->backend.eof = false;
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
	buf_printf(&c->client.out,
		   "HTTP/1.1 %d %s\r\ncontent-type: text/html\r\ncontent-length: %zu\r\n"
		   "cache-control: private, max-age=0, no-cache, no-store\r\nconnection: close\r\n\r\n",
		   status, http_reason(status), sizeof(page) - 1);
	if (with_body)
		buf_append(&c->client.out, page, sizeof(page) - 1);
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

static void on_backend(struct io *io, uint32_t revents);

/* Connects to a target of the route, at random anew for each try. */
static void connect_backend(struct conn *c)
{
	const struct lab_route *route = map_get(&c->router->routes, slice_str(c->route));
	const struct svc_target *t = route ? router_pick(c->router, route) : NULL;
	struct addr to;

	if (!t || addr_parse(slice_str(t->ip), t->port, &to) < 0) {
		reply(c, 503);
		return;
	}
	if (c->backend.fd >= 0 && c->target.port == t->port && strcmp(c->target_ip, t->ip) == 0 && !c->backend.eof) {
		c->state = STATE_EXCHANGE;
		buf_append_slice(&c->backend.out, buf_slice(&c->head_copy));
		return;
	}
	backend_close(c);
	snprintf(c->target_ip, sizeof(c->target_ip), "%s", t->ip);
	c->target.port = t->port;
	c->tries++;
	c->state = STATE_CONNECT;
	c->backend.fd = netns_connect(c->router->netns_fd, &to, SOCKET_NO_DELAY);
	if (c->backend.fd >= 0)
		io_start(c->router->loop, &c->backend.io, c->backend.fd, EPOLLOUT, on_backend);
}

static void connect_failed(struct conn *c)
{
	backend_close(c);
	while (c->state == STATE_CONNECT && c->backend.fd < 0 && c->tries < CONNECT_TRIES)
		connect_backend(c);
	if (c->state == STATE_CONNECT && c->backend.fd < 0)
		reply(c, 503);
}

static void begin_request(struct conn *c)
{
	struct http_head *h = &c->request;
	const struct lab_route *route = router_match(c->router, http_get_id(h, HTTP_NAME_HOST), h->target);

	c->method = h->method_id;
	c->client_minor = h->version;
	c->client_keeps = h->keep_alive;
	c->response_started = false;
	c->tries = 0;
	if (!route) {
		reply(c, 503);
		return;
	}
	snprintf(c->route, sizeof(c->route), "%s", route->key);
	c->timeout_ms = route->timeout_ms;
	h1_body_init(&c->request_body, h->framing, h->length);
	c->head_only = c->request_body.done || h->framing == HTTP_BODY_NONE;
	router_write_request(c, h);
	connect_backend(c);
	if (c->state == STATE_CONNECT && c->backend.fd < 0)
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
		if (c->state == STATE_CONNECT && c->backend.fd < 0)
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

/* ---- sockets ---- */

/* Returns false when the side is broken. */
static bool flush(struct side *s)
{
	while (s->out.len && s->fd >= 0) {
		ssize_t n = send(s->fd, s->out.ptr, s->out.len, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		buf_consume(&s->out, (size_t)n);
	}
	return true;
}

static void receive(struct side *s, const struct side *other)
{
	while (!s->eof && s->in.len < RELAY_MAX_BYTES && other->out.len < RELAY_MAX_BYTES) {
		ssize_t n = read(s->fd, buf_reserve(&s->in, CHUNK_BYTES), CHUNK_BYTES);

		if (n > 0)
			s->in.len += (size_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			s->eof = true;
		if (n < CHUNK_BYTES)
			return;
	}
}

static void on_client(struct io *io, uint32_t revents);

/* A side that ended and has nothing to take is not watched: its hang-up would be told without end. */
static void watch_side(struct side *s, const struct side *other)
{
	bool room = s->in.len < RELAY_MAX_BYTES && other->out.len < RELAY_MAX_BYTES && !s->eof;
	uint32_t events = (room ? EPOLLIN : 0u) | (s->out.len ? EPOLLOUT : 0u);

	if (s->fd < 0)
		return;
	if (!events && s->eof)
		io_stop(&s->io);
	else if (io_active(&s->io))
		io_set(&s->io, events);
	else
		io_start(s->conn->router->loop, &s->io, s->fd, events, s == &s->conn->client ? on_client : on_backend);
}

static void step(struct conn *c)
{
	while (advance(c))
		;
	if (!flush(&c->client)) {
		conn_free(c);
		return;
	}
	if (c->state != STATE_CONNECT && c->backend.fd >= 0 && !flush(&c->backend))
		c->backend.eof = true; /* its answer, if any, is still read */
	if (c->state == STATE_DRAIN && !c->client.out.len) {
		conn_free(c);
		return;
	}
	if (c->client.eof && (c->state == STATE_HEAD || c->state == STATE_TUNNEL) && !c->client.out.len &&
	    !c->backend.out.len) {
		conn_free(c);
		return;
	}
	watch_side(&c->client, &c->backend);
	if (c->state != STATE_CONNECT)
		watch_side(&c->backend, &c->client);
	touch(c);
}

static void on_backend(struct io *io, uint32_t revents)
{
	struct side *s = CONTAINER_OF(io, struct side, io);
	struct conn *c = s->conn;

	if (c->state == STATE_CONNECT) {
		if (socket_error(s->fd)) {
			connect_failed(c);
		} else {
			c->state = STATE_EXCHANGE;
			buf_append_slice(&s->out, buf_slice(&c->head_copy));
		}
		step(c);
		return;
	}
	if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR))
		receive(s, &c->client);
	if (c->state == STATE_HEAD) { /* it closed, or spoke out of turn, while idle */
		backend_close(c);
		return;
	}
	step(c);
}

static void on_client(struct io *io, uint32_t revents)
{
	struct side *s = CONTAINER_OF(io, struct side, io);
	struct conn *c = s->conn;

	if (revents & EPOLLERR || (revents & EPOLLHUP && !(revents & EPOLLIN))) {
		conn_free(c);
		return;
	}
	if (revents & EPOLLIN)
		receive(s, &c->backend);
	step(c);
}

void router_conn_new(struct router *r, int fd, const struct addr *peer)
{
	struct conn *c = NEW(struct conn);

	c->router = r;
	c->client.conn = c->backend.conn = c;
	c->client.fd = fd;
	c->backend.fd = -1;
	addr_format_host(peer, c->peer);
	list_append(&r->conns, &c->link);
	r->conns_n++;
	io_start(r->loop, &c->client.io, fd, EPOLLIN, on_client);
	touch(c);
}
