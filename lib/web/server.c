/*
 * Listeners and connections: bytes in and out, TLS, timeouts. What the bytes mean is in request.c and stream.c.
 * A connection is worked on by I/O events and by its task (conn_work), and freed by nothing else.
 */
#include <sys/socket.h>

#include "base/log.h"
#include "base/mem.h"
#include "web/conn_internal.h"

#define READ_BYTES 16384
#define IN_MAX_BYTES (64 * 1024 + READ_BYTES)

static void conn_update(struct web_conn *c);
static void conn_work(struct task *t);

static void conn_free(struct web_conn *c)
{
	struct web_server *s = c->server;

	if (c->request)
		web_request_end(c->request, true);
	h2_free(take(c->h2)); /* its streams end, and with them the requests */
	if (c->stream)
		web_stream_lost(c);
	int fd = c->io.fd;

	io_stop(&c->io);
	timer_stop(&c->timer);
	task_cancel(&c->work);
	if (c->tls && !c->handshaking)
		tls_shutdown(c->tls);
	tls_free(c->tls);
	close(fd);
	buf_done(&c->in);
	buf_done(&c->out);
	arena_done(&c->arena);
	list_remove(&c->link);
	s->conn_count--;
	free(c);
}

void web_conn_kick(struct web_conn *c)
{
	task_defer(c->server->loop, &c->work, conn_work);
}

void web_conn_close(struct web_conn *c, bool flush)
{
	if (c->state == CONN_DEAD)
		return;
	c->state = flush ? CONN_FLUSH : CONN_DEAD;
	web_conn_kick(c);
}

void web_conn_send(struct web_conn *c, const void *bytes, size_t n)
{
	if (c->state == CONN_DEAD)
		return;
	buf_append(&c->out, bytes, n);
	web_conn_kick(c);
}

static ssize_t from_tls(struct web_conn *c, ssize_t r)
{
	if (r == TLS_WANT_WRITE)
		c->want_write = true;
	return r >= 0 ? r : r == TLS_ERROR ? -EIO : -EAGAIN;
}

/* Bytes read, 0 at the end, -EAGAIN, or another negative errno. */
static ssize_t conn_recv(struct web_conn *c, char *to, size_t n)
{
	if (c->tls)
		return from_tls(c, tls_read(c->tls, to, n));
	ssize_t r = recv(c->io.fd, to, n, MSG_DONTWAIT);

	return r < 0 ? -errno : r;
}

static ssize_t conn_put(struct web_conn *c, const char *from, size_t n)
{
	if (c->tls)
		return from_tls(c, tls_write(c->tls, from, n));
	ssize_t r = send(c->io.fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL);

	return r < 0 ? -errno : r;
}

/* Sends what waits. Returns false when the connection broke. */
static bool flush_queue(struct web_conn *c)
{
	while (conn_waiting(c)) {
		ssize_t r = conn_put(c, c->out.ptr + c->out_pos, conn_waiting(c));

		if (r == -EAGAIN || r == -EINTR)
			break;
		if (r < 0)
			return false;
		c->out_pos += (size_t)r;
	}
	if (!conn_waiting(c)) {
		c->out.len = c->out_pos = 0;
		if (c->out.cap > WEB_QUEUE_HIGH_BYTES)
			buf_done(&c->out);
	} else if (c->out_pos > WEB_QUEUE_HIGH_BYTES) {
		buf_consume(&c->out, c->out_pos);
		c->out_pos = 0;
	}
	return true;
}

/* Sends what waits and what the streams of HTTP/2 have to say. */
static bool conn_flush(struct web_conn *c)
{
	do {
		if (!flush_queue(c))
			return false;
	} while (c->h2 && !conn_waiting(c) && web_h2_output(c));
	return true;
}

/* A peer that asks and does not read the answers is not asked for more, nor answered: memory is ours. */
static bool is_full(const struct web_conn *c)
{
	return conn_waiting(c) > WEB_QUEUE_HIGH_BYTES;
}

static bool wants_input(const struct web_conn *c)
{
	if (is_full(c))
		return false;
	if (c->state == CONN_H2)
		return true;
	if (c->state == CONN_STREAM)
		return !c->stream->paused && c->in.len < IN_MAX_BYTES + WEB_MESSAGE_MAX_BYTES;
	return c->in.len < IN_MAX_BYTES;
}

/* Reads until there is nothing, or enough. Returns false when the peer is gone. */
static bool conn_fill(struct web_conn *c)
{
	while (wants_input(c)) {
		ssize_t r = conn_recv(c, buf_reserve(&c->in, READ_BYTES), READ_BYTES);

		if (r == -EAGAIN || r == -EINTR)
			return true;
		if (r <= 0)
			return false;
		c->in.len += (size_t)r;
		if (!c->tls && r < READ_BYTES)
			return true;
	}
	return true;
}

/* Who the client's certificate names. */
static void identify(struct web_conn *c)
{
	const struct tls_peer *p = tls_peer(c->tls);

	if (!p)
		return;
	c->peer_cn = slice_str(p->cn);
	c->peer_orgs = ARENA_NEW_N(&c->arena, struct slice, p->n_orgs);
	for (size_t i = 0; i < p->n_orgs; i++)
		c->peer_orgs[c->peer_org_count++] = slice_str(p->orgs[i]);
}

static bool conn_handshake(struct web_conn *c)
{
	enum tls_result r = tls_handshake(c->tls);

	if (r == TLS_DONE) {
		c->handshaking = false;
		identify(c);
		if (slice_eq_str(tls_alpn(c->tls), "h2"))
			web_h2_start(c);
	}
	c->want_write = r == TLS_WANT_WRITE;
	return r != TLS_ERROR;
}

static void on_timeout(struct timer *t)
{
	struct web_conn *c = CONTAINER_OF(t, struct web_conn, timer);

	web_conn_close(c, false);
}

/* A time limit runs from the moment its phase began, not from the last byte. */
static void set_timer(struct web_conn *c)
{
	const bool served = c->state == CONN_HANDLER || c->state == CONN_STREAM ||
			    (c->state == CONN_H2 && !list_empty(&c->requests));
	enum conn_timer want = served                                                    ? TIMER_NONE
			       : c->state == CONN_H2                                     ? TIMER_IDLE
			       : c->state == CONN_HEAD && !c->request && !c->handshaking ? TIMER_IDLE
											 : TIMER_BUSY;

	if (want == c->timer_mode)
		return;
	c->timer_mode = want;
	timer_stop(&c->timer);
	if (want != TIMER_NONE)
		timer_start(c->server->loop, &c->timer, want == TIMER_IDLE ? WEB_IDLE_MS : WEB_HEAD_MS, on_timeout);
}

/* The head has come: false when it is refused. */
static bool begin_body(struct web_conn *c)
{
	static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct h1_message *m = &c->request->message;
	int r = web_request_start(c->request);

	if (r < 0) {
		web_conn_refuse(c, -r);
		return false;
	}
	if (m->head.expect_continue && !h1_message_done(m) && !c->in.len)
		web_conn_send(c, go_on, sizeof(go_on) - 1);
	c->state = CONN_BODY;
	return true;
}

/* Takes what there is of a request. */
static void parse_request(struct web_conn *c)
{
	struct h1_message *m;
	ssize_t n;

	if (!c->request && !c->in.len)
		return;
	if (!c->request)
		c->request = web_request_new(c);
	m = &c->request->message;
	n = h1_message_feed(m, c->in.ptr, c->in.len);
	if (n < 0) {
		web_conn_refuse(c, http_err_status((int)n));
		return;
	}
	buf_consume(&c->in, (size_t)n);
	if (c->state == CONN_HEAD && m->state != H1_MESSAGE_HEAD && !begin_body(c))
		return;
	if (!h1_message_done(m))
		return;
	c->state = CONN_HANDLER;
	timer_stop(&c->timer);
	c->timer_mode = TIMER_NONE;
	web_request_run(c->request);
}

/* Parses as far as it gets. */
static void conn_parse(struct web_conn *c)
{
	enum conn_state before;

	while (c->state != CONN_DEAD && c->state != CONN_FLUSH && !is_full(c)) {
		before = c->state;
		size_t len = c->in.len;

		if (c->state == CONN_HEAD || c->state == CONN_BODY)
			parse_request(c);
		else if (c->state == CONN_STREAM && !c->stream->paused)
			web_stream_input(c);
		else if (c->state == CONN_H2)
			web_h2_input(c);
		if (c->state == CONN_HANDLER || (c->state == before && c->in.len == len))
			break;
	}
}

static void tell_room(struct web_conn *c)
{
	if (conn_waiting(c) >= WEB_QUEUE_HIGH_BYTES / 4)
		return;
	if (c->request && c->request->begun && c->request->r.on_room)
		c->request->r.on_room(&c->request->r);
	else if (c->stream && c->stream->ops->on_room && !c->stream->close_sent)
		c->stream->ops->on_room(c->stream);
}

/* One look at everything; the end of it may free the connection. */
static void conn_step(struct web_conn *c, uint32_t revents)
{
	bool had_queue, was_full;

	if (c->handshaking && c->state != CONN_DEAD && !conn_handshake(c))
		c->state = CONN_DEAD;
	if (c->handshaking || c->state == CONN_DEAD) {
		conn_update(c);
		return;
	}
	c->want_write = false;
	bool open = c->state == CONN_FLUSH || !revents || conn_fill(c);

	conn_parse(c);
	/* What a handler wrote just now counts: it may all leave at once, and who was told to wait must hear of it. */
	had_queue = conn_waiting(c) > 0;
	was_full = is_full(c);
	if (!open && c->state != CONN_FLUSH)
		c->state = CONN_DEAD;
	if (c->state != CONN_DEAD && !conn_flush(c))
		c->state = CONN_DEAD;
	if (c->state != CONN_DEAD && had_queue)
		tell_room(c);
	if (c->state == CONN_FLUSH && !conn_waiting(c))
		c->state = CONN_DEAD;
	else if (was_full && !is_full(c))
		web_conn_kick(c); /* what came meanwhile */
	conn_update(c);
}

/* Bytes wait inside the TLS library, which the descriptor does not show. */
static bool pending(const struct web_conn *c)
{
	return c->tls && !c->handshaking && tls_pending(c->tls) > 0;
}

/* After each step: free what is dead, else ask for the right events. */
static void conn_update(struct web_conn *c)
{
	uint32_t events = 0;

	if (c->state == CONN_DEAD) {
		conn_free(c);
		return;
	}
	if (c->handshaking || (c->state != CONN_FLUSH && wants_input(c)))
		events |= EPOLLIN;
	if (conn_waiting(c) || c->want_write)
		events |= EPOLLOUT;
	io_set(&c->io, events);
	set_timer(c);
	if ((events & EPOLLIN) && pending(c))
		web_conn_kick(c);
}

static void conn_work(struct task *t)
{
	struct web_conn *c = CONTAINER_OF(t, struct web_conn, work);

	conn_step(c, pending(c) ? EPOLLIN : 0);
}

static void on_io(struct io *io, uint32_t revents)
{
	struct web_conn *c = CONTAINER_OF(io, struct web_conn, io);

	if ((revents & (EPOLLHUP | EPOLLERR)) && !(revents & EPOLLIN))
		c->state = CONN_DEAD;
	conn_step(c, revents & ~(uint32_t)EPOLLOUT);
}

static void conn_new(struct web_server *s, int fd, const struct addr *peer)
{
	struct web_conn *c = NEW(struct web_conn);

	c->server = s;
	c->peer = *peer;
	list_init(&c->requests);
	list_append(&s->conns, &c->link);
	s->conn_count++;
	if (s->ctx) {
		c->tls = tls_new(s->ctx, fd, NULL, NULL);
		c->handshaking = true;
	}
	c->io.fd = fd;
	if (io_start(s->loop, &c->io, fd, EPOLLIN, on_io) < 0) {
		c->io.fd = fd;
		conn_free(c);
		return;
	}
	set_timer(c);
}

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct web_server *s = CONTAINER_OF(a, struct web_listener, acceptor)->server;

	if (s->conn_count >= WEB_CONNECTIONS_MAX)
		close(fd);
	else
		conn_new(s, fd, peer);
}

int web_server_adopt(struct web_server *s, int listen_fd, struct err *e)
{
	struct web_listener *l = NEW(struct web_listener);
	int r;

	l->server = s;
	r = acceptor_start(s->loop, &l->acceptor, listen_fd, on_accept);
	if (r < 0) {
		free(l);
		return err_errno(e, -r, "watch listener");
	}
	list_append(&s->listeners, &l->link);
	return 0;
}

int web_server_listen(struct web_server *s, const struct addr *a, struct err *e)
{
	struct addr bound;
	int fd = socket_listen(a, 512, 0, e), r;

	if (fd < 0)
		return fd;
	r = socket_local_addr(fd, &bound);
	if (r < 0) {
		close(fd);
		return err_errno(e, -r, "getsockname");
	}
	r = web_server_adopt(s, fd, e);
	return r < 0 ? r : addr_port(&bound);
}

static struct tls_ctx *tls_context(const struct web_config *c, struct slice cert, struct slice key, struct err *e)
{
	static const char *const alpn[] = {"h2", "http/1.1"};
	struct tls_ctx *ctx = NULL;
	struct tls_params p = {.server = true,
			       .cert_pem = cert,
			       .key_pem = key,
			       .roots_pem = c->client_ca_pem,
			       .verify = !c->client_ca_pem.len     ? TLS_VERIFY_NONE
					 : c->client_cert_required ? TLS_VERIFY_REQUIRED
								   : TLS_VERIFY_OPTIONAL,
			       .min_version = c->tls.min,
			       .max_version = c->tls.max,
			       .ciphers = c->tls.ciphers,
			       .groups = c->tls.groups,
			       .alpn = alpn + !c->http2,
			       .n_alpn = 1 + c->http2};

	return tls_ctx_new(&p, &ctx, e) < 0 ? NULL : ctx;
}

struct web_server *web_server_new(struct loop *l, const struct web_config *config, struct err *e)
{
	struct web_server *s = NEW(struct web_server);

	s->loop = l;
	s->config = *config;
	if (!s->config.body_max_bytes)
		s->config.body_max_bytes = WEB_BODY_MAX_BYTES;
	list_init(&s->listeners);
	list_init(&s->conns);
	if (config->cert_pem.len) {
		s->ctx = tls_context(config, config->cert_pem, config->key_pem, e);
		if (!s->ctx) {
			free(s);
			return NULL;
		}
	}
	/* PEM texts are the caller's; only the client CA is needed again, for web_server_set_cert. */
	char *ca = mem_alloc(config->client_ca_pem.len + 1);

	if (config->client_ca_pem.len)
		memcpy(ca, config->client_ca_pem.ptr, config->client_ca_pem.len);
	s->config.client_ca_pem.ptr = ca;
	return s;
}

int web_server_set_cert(struct web_server *s, struct slice cert_pem, struct slice key_pem, struct err *e)
{
	struct tls_ctx *ctx = tls_context(&s->config, cert_pem, key_pem, e);

	if (!ctx)
		return -EINVAL;
	tls_ctx_unref(s->ctx);
	s->ctx = ctx;
	return 0;
}

void web_server_free(struct web_server *s)
{
	if (!s)
		return;
	while (!list_empty(&s->listeners)) {
		struct web_listener *l = LIST_FIRST(&s->listeners, struct web_listener, link);

		acceptor_stop(&l->acceptor);
		list_remove(&l->link);
		free(l);
	}
	while (!list_empty(&s->conns))
		conn_free(LIST_FIRST(&s->conns, struct web_conn, link));
	tls_ctx_unref(s->ctx);
	free((char *)s->config.client_ca_pem.ptr);
	free(s);
}
