/*
 * The pool: a list of connections, each with its session, and a list of requests that wait for room on one. A
 * connection is made when requests wait and none is being made; it takes requests once the server's settings, and with
 * them its limit, are known. Freed only from its task, so that whatever is told may cancel and start requests.
 */
#include "kube/streams_internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "h2/h2.h"
#include "kube/config.h"
#include "net/dns.h"
#include "net/transport.h"

#define READ_BYTES 16384
#define READS_PER_TURN 16
/* A server that went away without a word is noticed by its silence. */
#define KEEPALIVE_IDLE_S 5
#define KEEPALIVE_EACH_S 2
#define UNANSWERED_MS 10000

struct connection {
	struct list link;
	struct kube_streams *pool;
	struct transport t;
	struct h2_session *h2; /* NULL: not secured yet */
	struct list streams;   /* struct kube_stream on it */
	struct task work;
	struct timer resume, setup;
	bool settled; /* its limit is known */
	bool leaving; /* it takes no more requests */
	bool dead;
	char why[128];
};

struct kube_streams {
	struct loop *loop;
	const struct kube_config *config;
	char *host, *authority; /* "10.96.0.1", "10.96.0.1:443" */
	uint16_t port;
	struct dns *dns;
	struct dns_query *query;
	struct tls_resume resume;
	struct list connections, waiting;
	struct task start;
};

static void pump(struct kube_streams *s);
static void on_work(struct task *t);
static void on_start(struct task *t);

/* --- ends --- */

static void end(struct kube_stream *x, enum kube_stream_end how, const char *why)
{
	list_remove(&x->link);
	if (x->st)
		h2_set_user(x->st, NULL);
	x->st = NULL;
	x->owner = NULL;
	x->on_end(x, how, why);
}

static void end_all(struct list *streams, enum kube_stream_end how, const char *why)
{
	struct list taken;

	list_init(&taken);
	while (!list_empty(streams)) { /* who is told may start anew */
		struct list *first = streams->next;

		list_remove(first);
		list_append(&taken, first);
	}
	while (!list_empty(&taken))
		end(LIST_FIRST(&taken, struct kube_stream, link), how, why);
}

static void connection_free(struct connection *c)
{
	timer_stop(&c->resume);
	timer_stop(&c->setup);
	transport_close(&c->t);
	h2_free(take(c->h2));
	task_cancel(&c->work);
	list_remove(&c->link);
	free(c);
}

static void fail(struct connection *c, const char *why)
{
	if (c->dead)
		return;
	c->dead = true;
	snprintf(c->why, sizeof(c->why), "%.100s", why);
	task_defer(c->pool->loop, &c->work, on_work);
}

/* What was on it is over; what waited for it, too, when it never came to be. */
static void bury(struct connection *c)
{
	struct kube_streams *s = c->pool;
	const bool never = !c->settled;
	struct list streams;
	char why[128];

	memcpy(why, c->why, sizeof(why));
	list_init(&streams);
	while (!list_empty(&c->streams)) {
		struct kube_stream *x = LIST_FIRST(&c->streams, struct kube_stream, link);

		list_remove(&x->link);
		h2_set_user(x->st, NULL);
		x->st = NULL;
		list_append(&streams, &x->link);
	}
	connection_free(c);
	end_all(&streams, KUBE_STREAM_BROKEN, why);
	if (never)
		end_all(&s->waiting, KUBE_STREAM_BROKEN, why);
	else
		pump(s);
}

/* --- the session --- */

static int64_t whole_number(struct slice v)
{
	uint64_t n;

	return slice_to_u64(v, 3600, &n) == 0 ? (int64_t)n : 0;
}

static void on_headers(void *user, struct h2_stream *st, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool ends)
{
	struct kube_stream *x = h2_user(st);

	(void)user, (void)ends;
	for (size_t i = 0; x && kind == H2_RESPONSE && i < n; i++) {
		if (slice_eq_str(v[i].name, ":status"))
			x->status = (int)whole_number(v[i].value);
		else if (slice_eq_str(v[i].name, "retry-after"))
			x->retry_after_s = whole_number(v[i].value);
	}
}

static void on_data(void *user, struct h2_stream *st, struct slice bytes)
{
	struct kube_stream *x = h2_user(st);

	(void)user;
	h2_consume(st, bytes.len);
	if (x)
		x->on_bytes(x, bytes);
}

static void on_close(void *user, struct h2_stream *st, uint32_t error)
{
	struct connection *c = user;
	struct kube_stream *x = h2_user(st);

	if (x)
		end(x, error == H2_NO_ERROR ? KUBE_STREAM_DONE : KUBE_STREAM_BROKEN, h2_error_str(error));
	task_defer(c->pool->loop, &c->pool->start, on_start); /* there is room */
}

static void on_goaway(void *user, uint32_t last_id, uint32_t error)
{
	(void)last_id, (void)error;
	((struct connection *)user)->leaving = true;
}

static void on_settings(void *user)
{
	struct connection *c = user;

	c->settled = true;
	timer_stop(&c->setup);
	task_defer(c->pool->loop, &c->pool->start, on_start);
}

static const struct h2_ops ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_close = on_close,
	.on_goaway = on_goaway,
	.on_settings = on_settings,
};

/* --- bytes --- */

static void write_out(struct connection *c)
{
	while (!c->dead && c->h2 && c->t.can_write) {
		const struct slice out = h2_output(c->h2);
		struct iovec iov = {(void *)out.ptr, out.len};
		ssize_t n;

		if (!out.len) {
			if (h2_finished(c->h2))
				fail(c, "the server ended the connection");
			return;
		}
		n = transport_write(&c->t, &iov, 1);
		if (n == TRANSPORT_AGAIN)
			return;
		if (n < 0) {
			fail(c, transport_error(&c->t));
			return;
		}
		h2_output_done(c->h2, (size_t)n);
	}
}

static void read_in(struct connection *c);

static void on_resume(struct timer *t)
{
	struct connection *c = CONTAINER_OF(t, struct connection, resume);

	read_in(c);
	write_out(c);
}

static void read_in(struct connection *c)
{
	char bytes[READ_BYTES];
	struct err e = ERR_INIT;

	for (int i = 0; c->t.can_read && !c->dead; i++) {
		ssize_t n;

		if (i == READS_PER_TURN) {
			timer_start(c->pool->loop, &c->resume, 0, on_resume);
			return;
		}
		n = transport_read(&c->t, bytes, sizeof(bytes));
		if (n == TRANSPORT_AGAIN)
			return;
		if (n <= 0) {
			fail(c, n == 0 ? "the server closed the connection" : transport_error(&c->t));
			return;
		}
		if (h2_recv(c->h2, slice_make(bytes, (size_t)n), &e) < 0) {
			write_out(c);
			fail(c, e.msg);
		}
	}
}

/* The handshake is over. */
static void secured(struct connection *c)
{
	const struct h2_settings settings = {.max_streams = 1};

	if (!slice_eq_str(tls_alpn(c->t.tls), "h2")) {
		c->dead = true;
		end_all(&c->pool->waiting, KUBE_STREAM_NO_H2, "");
		task_defer(c->pool->loop, &c->work, on_work);
		return;
	}
	c->h2 = h2_new(false, &settings, &ops, c);
}

static void on_transport(struct transport *t)
{
	struct connection *c = CONTAINER_OF(t, struct connection, t);

	if (c->dead)
		return;
	if (t->state == TRANSPORT_FAILED)
		fail(c, t->error ? strerror(t->error) : transport_error(t));
	if (!c->dead && t->state == TRANSPORT_OPEN && !c->h2)
		secured(c);
	if (!c->dead && c->h2)
		read_in(c);
	write_out(c);
}

static void on_work(struct task *t)
{
	struct connection *c = CONTAINER_OF(t, struct connection, work);

	if (c->dead)
		bury(c);
	else
		write_out(c);
}

/* --- connecting --- */

static void on_setup_timeout(struct timer *t)
{
	fail(CONTAINER_OF(t, struct connection, setup), "timed out before the connection was made");
}

static struct tls *secure(struct kube_streams *s, int fd)
{
	static const char *const alpn[] = {"h2", "http/1.1"};
	const struct kube_config *k = s->config;
	const struct tls_params p = {
		.cert_pem = slice_str(k->cert_pem),
		.key_pem = slice_str(k->key_pem),
		.roots_pem = slice_str(k->ca_pem),
		.system_roots = !k->ca_pem,
		.verify = k->insecure ? TLS_VERIFY_NONE : TLS_VERIFY_REQUIRED,
		.alpn = alpn,
		.n_alpn = ARRAY_LEN(alpn),
	};
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *ctx = NULL;
	struct err e = ERR_INIT;

	if (tls_ctx_new(&p, &ctx, &e) < 0) {
		log_warn("kube", "%s", e.msg);
		return NULL;
	}
	return tls_new(ctx, fd, s->host, NULL);
}

static void set_limits(int fd)
{
	const int on = 1, idle_s = KEEPALIVE_IDLE_S, each_s = KEEPALIVE_EACH_S;
	const unsigned ms = UNANSWERED_MS;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof(idle_s));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &each_s, sizeof(each_s));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms));
}

static bool connect_to(struct kube_streams *s, const struct addr *a)
{
	int fd = socket_connect(a, SOCKET_NO_DELAY);
	struct tls *tls = fd < 0 ? NULL : secure(s, fd);
	struct connection *c;

	if (fd >= 0 && !tls)
		close(fd);
	if (!tls)
		return false;
	set_limits(fd);
	c = NEW(struct connection);
	c->pool = s;
	list_init(&c->streams);
	if (transport_connect(&c->t, s->loop, fd, tls, on_transport) < 0) {
		free(c);
		return false;
	}
	list_append(&s->connections, &c->link);
	timer_start(s->loop, &c->setup, KUBE_STREAMS_CONNECT_MS, on_setup_timeout);
	return true;
}

static void on_resolved(void *user, const struct dns_answer *a)
{
	struct kube_streams *s = user;

	s->query = NULL;
	for (size_t i = 0; i < a->n; i++)
		if (connect_to(s, &a->addrs[i]))
			return;
	end_all(&s->waiting, KUBE_STREAM_BROKEN, a->error ? a->error : "no connection can be made");
}

static size_t count(const struct kube_streams *s, bool *ret_coming)
{
	const struct connection *c;
	size_t n = 0;

	*ret_coming = s->query != NULL;
	LIST_EACH (c, &s->connections, link) {
		*ret_coming |= !c->settled;
		n++;
	}
	return n;
}

/* --- requests --- */

static bool ask(struct connection *c, struct kube_stream *x)
{
	const char *token = c->pool->config->token;
	CLEANUP(buf_done) struct buf bearer = BUF_INIT;
	struct h2_header v[8];
	size_t n = 0;
	int r;

	v[n++] = (struct h2_header){SLICE(":method"), SLICE("GET"), false};
	v[n++] = (struct h2_header){SLICE(":scheme"), SLICE("https"), false};
	v[n++] = (struct h2_header){SLICE(":authority"), slice_str(c->pool->authority), false};
	v[n++] = (struct h2_header){SLICE(":path"), slice_str(x->path), false};
	v[n++] = (struct h2_header){SLICE("accept"), SLICE("application/json"), false};
	v[n++] = (struct h2_header){SLICE("user-agent"), SLICE("weft"), false};
	if (token) {
		buf_printf(&bearer, "Bearer %s", token);
		v[n++] = (struct h2_header){SLICE("authorization"), buf_slice(&bearer), true};
	}
	r = h2_request(c->h2, v, n, true, x, &x->st);
	if (bearer.len)
		explicit_bzero(bearer.ptr, bearer.len);
	if (r < 0)
		return false;
	x->connection = c;
	list_remove(&x->link);
	list_append(&c->streams, &x->link);
	task_defer(c->pool->loop, &c->work, on_work);
	return true;
}

static void pump(struct kube_streams *s)
{
	struct connection *c;
	bool coming;

	LIST_EACH (c, &s->connections, link) {
		if (!c->settled || c->leaving || c->dead)
			continue;
		while (!list_empty(&s->waiting) && h2_can_request(c->h2))
			if (!ask(c, LIST_FIRST(&s->waiting, struct kube_stream, link)))
				break;
	}
	if (list_empty(&s->waiting) || count(s, &coming) >= KUBE_STREAMS_CONNECTIONS_MAX || coming)
		return;
	s->query = dns_resolve(s->dns, s->host, s->port, on_resolved, s);
	if (!s->query)
		end_all(&s->waiting, KUBE_STREAM_BROKEN, "the server's name cannot be looked up");
}

static void on_start(struct task *t)
{
	pump(CONTAINER_OF(t, struct kube_streams, start));
}

/* "https://host:port/..." */
static bool take_url(struct kube_streams *s, const char *url)
{
	struct slice rest = slice_str(url), authority, host, port;
	ptrdiff_t colon;
	uint64_t n = 443;

	if (!slice_starts(rest, SLICE("https://")))
		return false;
	rest = slice_from(rest, strlen("https://"));
	authority = slice_split(&rest, '/');
	colon = slice_rfind(authority, ':');
	host = authority;
	if (colon >= 0 && slice_find(slice_from(authority, (size_t)colon), ']') < 0) {
		host = slice_head(authority, (size_t)colon);
		port = slice_from(authority, (size_t)colon + 1);
		if (slice_to_u64(port, 65535, &n) < 0)
			return false;
	}
	if (host.len > 2 && host.ptr[0] == '[')
		host = slice_make(host.ptr + 1, host.len - 2);
	s->host = mem_printf("%.*s", SLICE_ARG(host));
	s->authority = mem_printf("%.*s", SLICE_ARG(authority));
	s->port = (uint16_t)n;
	return host.len > 0;
}

struct kube_streams *kube_streams_new(struct loop *l, const struct kube_config *config)
{
	struct kube_streams *s = NEW(struct kube_streams);

	s->loop = l;
	s->config = config;
	list_init(&s->connections);
	list_init(&s->waiting);
	s->dns = take_url(s, config->server) ? dns_new(l, NULL) : NULL;
	if (s->dns)
		return s;
	kube_streams_free(s);
	return NULL;
}

void kube_streams_free(struct kube_streams *s)
{
	if (!s)
		return;
	while (!list_empty(&s->connections)) {
		struct connection *c = LIST_FIRST(&s->connections, struct connection, link);

		while (!list_empty(&c->streams))
			kube_streams_cancel(LIST_FIRST(&c->streams, struct kube_stream, link));
		connection_free(c);
	}
	while (!list_empty(&s->waiting))
		kube_streams_cancel(LIST_FIRST(&s->waiting, struct kube_stream, link));
	dns_cancel(s->query);
	dns_free(s->dns);
	task_cancel(&s->start);
	free(s->host);
	free(s->authority);
	free(s);
}

void kube_streams_start(struct kube_streams *s, struct kube_stream *x)
{
	x->owner = s;
	x->st = NULL;
	x->status = 0;
	x->retry_after_s = 0;
	list_append(&s->waiting, &x->link);
	task_defer(s->loop, &s->start, on_start);
}

void kube_streams_cancel(struct kube_stream *x)
{
	struct connection *c = x->connection;

	if (!x->owner)
		return;
	list_remove(&x->link);
	if (x->st) {
		h2_set_user(x->st, NULL);
		h2_reset(x->st, H2_CANCEL);
		task_defer(x->owner->loop, &c->work, on_work);
	}
	x->st = NULL;
	x->owner = NULL;
}

size_t kube_streams_connections(const struct kube_streams *s)
{
	bool coming;

	return count(s, &coming);
}
