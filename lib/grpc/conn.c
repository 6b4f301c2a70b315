/*
 * One HTTP/2 connection of gRPC, either role: transport below, session inside, calls above. Output is gathered during a
 * turn of the loop and written at its end. It is never freed while one of its own functions is on the stack (busy).
 */
#include "grpc/grpc_internal.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/rand.h"

#define READ_BYTES 65536
#define READS_PER_TURN 16  /* then other connections get their share */
#define PATIENCE 12        /* times that an answer to a ping is waited for, while the peer's kernel has the ping */
#define SLOW_SETUP_MS 1000 /* a handshake that takes longer counts no more as one under way */

static void on_flush(struct task *t);
static void on_resume(struct timer *t);
static void start_keepalive(struct grpc_conn *c, int64_t ms);

static void enter(struct grpc_conn *c)
{
	c->busy++;
}

/* Returns false when the connection is gone. */
static bool leave(struct grpc_conn *c)
{
	if (--c->busy > 0 || !c->dead)
		return true;
	grpc_conn_free(c, false);
	return false;
}

static void setup_over(struct grpc_conn *c)
{
	if (!c->setting_up)
		return;
	c->setting_up = false;
	if (c->p.ops->on_setup)
		c->p.ops->on_setup(c);
}

void grpc_conn_free(struct grpc_conn *c, bool quiet)
{
	CLEANUP(freep) char *why = NULL;

	c->busy++; /* nothing frees it again from below */
	c->dead = true;
	timer_stop(&c->setup);
	timer_stop(&c->keepalive);
	timer_stop(&c->age);
	timer_stop(&c->resume);
	setup_over(c);
	transport_close(&c->t);
	h2_free(take(c->h2));
	task_cancel(&c->flush);
	why = take(c->why);
	list_remove(&c->link);
	if (!quiet)
		c->p.ops->on_closed(c, why ? why : "connection closed");
	free(c);
}

void grpc_conn_fail(struct grpc_conn *c, const char *why)
{
	if (c->dead)
		return;
	c->dead = true;
	if (!c->why)
		c->why = mem_strdup(why);
	task_defer(c->loop, &c->flush, on_flush);
}

void grpc_conn_kick(struct grpc_conn *c)
{
	if (!c->writes)
		task_defer(c->loop, &c->flush, on_flush);
}

static void write_out(struct grpc_conn *c)
{
	while (c->h2 && !c->dead && h2_wants_output(c->h2)) {
		struct slice out;
		struct iovec iov;
		ssize_t n;

		if (!c->t.can_write)
			return;
		out = h2_output(c->h2);
		if (out.len == 0)
			break;
		iov = (struct iovec){(void *)out.ptr, out.len};
		n = transport_write(&c->t, &iov, 1);
		if (n == TRANSPORT_AGAIN)
			return;
		if (n < 0) {
			grpc_conn_fail(c, *transport_error(&c->t) ? transport_error(&c->t) : "connection lost");
			return;
		}
		h2_output_done(c->h2, (size_t)n);
	}
	if (c->h2 && !c->dead && h2_finished(c->h2))
		grpc_conn_fail(c, "connection ended");
}

static void on_flush(struct task *t)
{
	struct grpc_conn *c = CONTAINER_OF(t, struct grpc_conn, flush);

	enter(c);
	if (!c->dead)
		write_out(c);
	leave(c);
}

void grpc_conn_flush(struct grpc_conn *c)
{
	if (c->dead)
		return;
	task_cancel(&c->flush);
	on_flush(&c->flush);
}

static void read_in(struct grpc_conn *c)
{
	static __thread char bytes[READ_BYTES];
	struct err e = ERR_INIT;

	for (int i = 0; c->t.can_read && !c->dead; i++) {
		ssize_t n;

		if (i == READS_PER_TURN) {
			timer_start(c->loop, &c->resume, 0, on_resume); /* edge-triggered: nobody else reminds us */
			return;
		}
		n = transport_read(&c->t, bytes, sizeof(bytes));
		if (n == TRANSPORT_AGAIN)
			return;
		if (n <= 0) {
			grpc_conn_fail(c, n == 0 || !*transport_error(&c->t) ? "connection closed by the peer"
									     : transport_error(&c->t));
			return;
		}
		c->last_recv_ns = loop_now_ns(c->loop);
		c->pinged = 0;
		if (h2_recv(c->h2, slice_make(bytes, (size_t)n), &e) < 0) {
			write_out(c);
			grpc_conn_fail(c, e.msg);
			return;
		}
	}
}

/* What is sent in answer leaves with one write. */
static void read_and_write(struct grpc_conn *c)
{
	c->writes = true;
	read_in(c);
	c->writes = false;
	if (!c->dead)
		write_out(c);
}

static void on_resume(struct timer *t)
{
	struct grpc_conn *c = CONTAINER_OF(t, struct grpc_conn, resume);

	enter(c);
	read_and_write(c);
	leave(c);
}

/* --- the session's events --- */

static void on_headers(void *user, struct h2_stream *s, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool end)
{
	struct grpc_conn *c = user;

	(void)end;
	if (kind == H2_REQUEST)
		c->p.ops->on_request(c, s, v, n);
	else if (h2_user(s))
		grpc_call_on_headers(h2_user(s), kind, v, n);
}

static void on_data(void *user, struct h2_stream *s, struct slice bytes)
{
	(void)user;
	if (h2_user(s))
		grpc_call_on_data(h2_user(s), bytes);
	else
		h2_consume(s, bytes.len);
}

static void on_end(void *user, struct h2_stream *s)
{
	(void)user;
	if (h2_user(s))
		grpc_call_on_end(h2_user(s));
}

static void on_room(void *user, struct h2_stream *s)
{
	(void)user;
	if (h2_user(s))
		grpc_call_on_room(h2_user(s));
}

static void on_close(void *user, struct h2_stream *s, uint32_t error)
{
	struct grpc_conn *c = user;

	if (h2_user(s) && !c->p.owner) /* the channel is going: its calls end without a word */
		grpc_call_drop(h2_user(s));
	else if (h2_user(s))
		grpc_call_on_close(h2_user(s), error);
	if (!c->p.server && !c->dead && c->p.ops->on_room)
		c->p.ops->on_room(c);
}

static void on_goaway(void *user, uint32_t last_id, uint32_t error)
{
	struct grpc_conn *c = user;

	(void)last_id, (void)error;
	if (c->p.ops->on_goaway)
		c->p.ops->on_goaway(c);
}

static void on_settings(void *user)
{
	struct grpc_conn *c = user;

	if (!c->p.server && c->p.ops->on_room)
		c->p.ops->on_room(c);
}

static const struct h2_ops h2_ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_end = on_end,
	.on_room = on_room,
	.on_close = on_close,
	.on_goaway = on_goaway,
	.on_settings = on_settings,
};

/* --- timers --- */

/* Whether something has come that the loop, with many connections to serve, had no time for yet. */
static bool answer_waits(struct grpc_conn *c)
{
	char byte;

	return recv(c->t.fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/*
 * Whether the peer may still come to the ping: it takes what was sent before, of which its kernel tells piece by piece;
 * or its kernel has all, and it had no time yet on a machine that is busy. Of a machine that is gone no kernel tells.
 */
static bool peer_reads(struct grpc_conn *c)
{
	struct tcp_info info = {0};
	socklen_t len = sizeof(info);

	if (getsockopt(c->t.fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return false;
	return info.tcpi_last_ack_recv < c->p.keepalive_wait_ms / 2 || (info.tcpi_unacked == 0 && c->pinged < PATIENCE);
}

static bool peer_lives(struct grpc_conn *c)
{
	return c->t.state == TRANSPORT_OPEN && (answer_waits(c) || peer_reads(c));
}

/* A server that let the client's connection in, with a crowd before it, has longer for the handshake. */
static void on_setup_timeout(struct timer *t)
{
	struct grpc_conn *c = CONTAINER_OF(t, struct grpc_conn, setup);
	const int64_t more_ms = c->t.state == TRANSPORT_CONNECTING ? 0 : c->p.handshake_ms;

	c->p.handshake_ms = 0;
	if (more_ms)
		timer_start(c->loop, &c->setup, more_ms, on_setup_timeout);
	else
		grpc_conn_fail(c, "timed out before the connection was made");
}

static void on_keepalive(struct timer *t)
{
	struct grpc_conn *c = CONTAINER_OF(t, struct grpc_conn, keepalive);
	int64_t quiet_ms = (loop_now_ns(c->loop) - c->last_recv_ns) / 1000000;

	if (c->pinged) {
		c->pinged++;
		if (peer_lives(c))
			start_keepalive(c, c->p.keepalive_wait_ms);
		else
			grpc_conn_fail(c, "no answer to a keep-alive ping");
		return;
	}
	if (quiet_ms < c->p.keepalive_ms) {
		start_keepalive(c, c->p.keepalive_ms - quiet_ms);
		return;
	}
	c->pinged = 1;
	h2_ping(c->h2);
	grpc_conn_kick(c);
	start_keepalive(c, c->p.keepalive_wait_ms);
}

static void start_keepalive(struct grpc_conn *c, int64_t ms)
{
	timer_start(c->loop, &c->keepalive, MAX(ms, 1), on_keepalive);
}

static void on_grace_over(struct timer *t)
{
	grpc_conn_fail(CONTAINER_OF(t, struct grpc_conn, age), "connection reached its age");
}

static void on_age(struct timer *t)
{
	grpc_conn_drain(CONTAINER_OF(t, struct grpc_conn, age));
}

void grpc_conn_drain(struct grpc_conn *c)
{
	if (c->closing || c->dead)
		return;
	c->closing = true;
	if (!c->h2) {
		grpc_conn_fail(c, "connection ended");
		return;
	}
	h2_shutdown(c->h2);
	grpc_conn_kick(c);
	if (c->p.max_age_grace_ms)
		timer_start(c->loop, &c->age, c->p.max_age_grace_ms, on_grace_over);
}

/* Jitter keeps the connections of a crowd from ending together. */
static void start_age(struct grpc_conn *c)
{
	int64_t tenth = c->p.max_age_ms / 10;
	struct rand r;

	if (c->p.max_age_ms <= 0)
		return;
	rand_init(&r);
	timer_start(c->loop, &c->age, c->p.max_age_ms - tenth + (int64_t)rand_below(&r, (uint32_t)(2 * tenth + 1)),
		    on_age);
}

/* A peer that takes its time does not keep others out. Until the connection is secured no other keep-alive runs. */
static void on_slow_setup(struct timer *t)
{
	setup_over(CONTAINER_OF(t, struct grpc_conn, keepalive));
}

/* --- life --- */

static void secured(struct grpc_conn *c)
{
	const struct h2_settings settings = {.max_streams = c->p.max_streams, .common = c->p.common};

	if (c->t.tls) {
		struct slice alpn = tls_alpn(c->t.tls);

		if (!slice_eq_str(alpn, "h2") && (alpn.len || !c->p.server)) {
			grpc_conn_fail(c, "the peer does not speak HTTP/2 here");
			return;
		}
	}
	c->h2 = h2_new(c->p.server, &settings, &h2_ops, c);
	if (!c->p.server)
		timer_stop(&c->setup);
	setup_over(c);
	c->last_recv_ns = loop_now_ns(c->loop);
	start_keepalive(c, c->p.keepalive_ms);
	start_age(c);
	grpc_conn_kick(c);
	if (c->p.ops->on_ready)
		c->p.ops->on_ready(c);
}

static void on_transport(struct transport *t)
{
	struct grpc_conn *c = CONTAINER_OF(t, struct grpc_conn, t);

	enter(c);
	if (!c->dead && t->state == TRANSPORT_FAILED)
		grpc_conn_fail(c, t->error              ? strerror(t->error)
				  : *transport_error(t) ? transport_error(t)
							: "connection failed");
	if (!c->dead && t->state == TRANSPORT_OPEN && !c->h2)
		secured(c);
	if (!c->dead && c->h2 && t->can_read) {
		if (!c->heard)
			timer_stop(&c->setup); /* server: the preface came */
		c->heard = true;
		read_and_write(c);
	} else if (!c->dead) {
		write_out(c);
	}
	leave(c);
}

struct grpc_conn *grpc_conn_new(struct loop *l, int fd, struct tls *tls, const struct addr *peer,
				const struct grpc_conn_params *p)
{
	struct grpc_conn *c = NEW(struct grpc_conn);
	int r;

	c->loop = l;
	c->p = *p;
	c->peer = *peer;
	list_init(&c->link);
	r = p->server ? transport_accept(&c->t, l, fd, tls, on_transport)
		      : transport_connect(&c->t, l, fd, tls, on_transport);
	if (r < 0) {
		free(c);
		return NULL;
	}
	timer_start(l, &c->setup, p->setup_ms, on_setup_timeout);
	if (p->server) {
		c->setting_up = true;
		timer_start(l, &c->keepalive, SLOW_SETUP_MS, on_slow_setup);
	}
	return c;
}
