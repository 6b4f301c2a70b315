/* Datagrams and connections. A request outlives its connection; its answer then goes nowhere. */
#include "dns/server.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/list.h"
#include "base/mem.h"
#include "dns/message.h"
#include "net/acceptor.h"

#define BATCH 64            /* datagrams in one turn */
#define OUT_MAX_BYTES 65536 /* of answers that wait: no more queries are looked at */

struct dns_server {
	struct loop *loop;
	struct dns_server_params p;
	struct io udp;
	struct acceptor acceptor;
	struct list connections, requests;
	size_t n_connections;
};

struct connection {
	struct dns_server *server;
	struct list link;
	struct io io;
	int fd;
	struct timer idle;
	struct buf in, out;
	size_t n_requests;
	bool ended, inside; /* the client says no more; its queries are being read */
	bool broken;        /* to be closed */
};

struct dns_request {
	struct list link;
	struct dns_server *server;
	struct connection *of; /* NULL = a datagram, or gone */
	bool tcp;
	struct sockaddr_storage from;
	socklen_t from_len;
	size_t len;
	char query[];
};

struct slice dns_request_query(const struct dns_request *rq)
{
	return slice_make(rq->query, rq->len);
}

size_t dns_request_max(const struct dns_request *rq)
{
	return rq->tcp ? DNS_TCP_MAX_BYTES : DNS_EDNS_MAX_BYTES;
}

static struct dns_request *request_new(struct dns_server *s, const char *query, size_t len)
{
	struct dns_request *rq = mem_alloc(sizeof(*rq) + len);

	rq->server = s;
	rq->len = len;
	memcpy(rq->query, query, len);
	list_append(&s->requests, &rq->link);
	return rq;
}

static void request_free(struct dns_request *rq)
{
	list_remove(&rq->link);
	free(rq);
}

/* ---- datagrams ---- */

static void on_udp(struct io *io, uint32_t revents)
{
	struct dns_server *s = CONTAINER_OF(io, struct dns_server, udp);
	char query[DNS_EDNS_MAX_BYTES];

	(void)revents;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		const ssize_t n = recvfrom(io->fd, query, sizeof(query), MSG_TRUNC, (struct sockaddr *)&from, &len);
		struct dns_request *rq;

		if (n < 0)
			return;
		if ((size_t)n > sizeof(query))
			continue;
		rq = request_new(s, query, (size_t)n);
		rq->from = from;
		rq->from_len = len;
		s->p.fn(s->p.user, rq);
	}
}

/* ---- connections ---- */

static void connection_free(struct connection *c)
{
	struct dns_request *rq;

	LIST_EACH (rq, &c->server->requests, link)
		if (rq->of == c)
			rq->of = NULL;
	list_remove(&c->link);
	c->server->n_connections--;
	io_stop(&c->io);
	timer_stop(&c->idle);
	closep(&c->fd);
	buf_done(&c->in);
	buf_done(&c->out);
	free(c);
}

static void on_idle(struct timer *t)
{
	struct connection *c = CONTAINER_OF(t, struct connection, idle);

	if (c->n_requests) /* we are the ones who are waited for */
		timer_start(c->server->loop, t, DNS_IDLE_MS, on_idle);
	else
		connection_free(c);
}

/* Queries come with their length before them. */
static void take_queries(struct connection *c)
{
	c->inside = true;
	while (c->in.len >= 2 && c->n_requests < DNS_UNANSWERED_MAX && c->out.len < OUT_MAX_BYTES && !c->broken) {
		const size_t len = dns_get16(buf_slice(&c->in), 0);
		struct dns_request *rq;

		if (c->in.len < 2 + len)
			break;
		rq = request_new(c->server, c->in.ptr + 2, len);
		rq->of = c;
		rq->tcp = true;
		c->n_requests++;
		buf_consume(&c->in, 2 + len);
		c->server->p.fn(c->server->p.user, rq);
	}
	c->inside = false;
}

static void write_out(struct connection *c)
{
	while (c->out.len) {
		const ssize_t n = send(c->fd, c->out.ptr, c->out.len, MSG_NOSIGNAL);

		if (n < 0) {
			c->broken |= errno != EAGAIN;
			return;
		}
		buf_consume(&c->out, (size_t)n);
	}
}

/* What was read is dealt with before more is; frees the connection where it ends. */
static void go_on(struct connection *c)
{
	size_t before;

	do {
		before = c->in.len;
		take_queries(c);
		write_out(c);
	} while (c->in.len != before && !c->out.len && !c->broken);
	if (c->broken || (c->ended && !c->n_requests && !c->out.len)) {
		connection_free(c);
		return;
	}
	const bool reads = !c->ended && !c->out.len && c->n_requests < DNS_UNANSWERED_MAX;

	io_set(&c->io, (c->out.len ? EPOLLOUT : 0u) | (reads ? EPOLLIN : 0u));
	timer_start(c->server->loop, &c->idle, DNS_IDLE_MS, on_idle);
}

static void on_connection(struct io *io, uint32_t revents)
{
	struct connection *c = CONTAINER_OF(io, struct connection, io);

	if (revents & (EPOLLHUP | EPOLLERR)) {
		connection_free(c);
		return;
	}
	if (revents & EPOLLIN) {
		const ssize_t n = read(c->fd, buf_reserve(&c->in, DNS_EDNS_MAX_BYTES), DNS_EDNS_MAX_BYTES);

		c->in.len += n > 0 ? (size_t)n : 0;
		c->ended |= n == 0;
		c->broken |= n < 0 && errno != EAGAIN;
	}
	go_on(c);
}

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct dns_server *s = CONTAINER_OF(a, struct dns_server, acceptor);
	struct connection *c;

	(void)peer;
	if (s->n_connections >= DNS_CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	c = NEW(struct connection);
	c->server = s;
	c->fd = fd;
	s->n_connections++;
	list_append(&s->connections, &c->link);
	if (io_start(s->loop, &c->io, fd, EPOLLIN, on_connection) < 0)
		connection_free(c);
	else
		timer_start(s->loop, &c->idle, DNS_IDLE_MS, on_idle);
}

/* ---- answers ---- */

static void answer_connection(struct connection *c, struct slice answer)
{
	c->n_requests--;
	c->broken |= !answer.len;
	if (answer.len) {
		dns_put16(&c->out, (unsigned)answer.len);
		buf_append_slice(&c->out, answer);
	}
	if (!c->inside)
		go_on(c);
}

void dns_request_end(struct dns_request *rq, struct slice answer)
{
	struct connection *c = rq->of;

	if (!rq->tcp && answer.len)
		(void)!sendto(rq->server->udp.fd, answer.ptr, answer.len, 0, (struct sockaddr *)&rq->from,
			      rq->from_len);
	request_free(rq);
	if (c)
		answer_connection(c, answer);
}

/* ---- the server ---- */

int dns_server_start(struct loop *l, const struct dns_server_params *p, struct dns_server **ret, struct err *e)
{
	struct dns_server *s = NEW(struct dns_server);
	int r;

	s->loop = l;
	s->p = *p;
	list_init(&s->connections);
	list_init(&s->requests);
	r = acceptor_start(l, &s->acceptor, p->tcp, on_accept);
	if (r == 0)
		r = io_start(l, &s->udp, p->udp, EPOLLIN, on_udp);
	if (r < 0) {
		dns_server_free(s);
		return err_errno(e, -r, "DNS server");
	}
	*ret = s;
	return 0;
}

void dns_server_free(struct dns_server *s)
{
	if (!s)
		return;
	while (!list_empty(&s->connections))
		connection_free(LIST_FIRST(&s->connections, struct connection, link));
	while (!list_empty(&s->requests))
		request_free(LIST_FIRST(&s->requests, struct dns_request, link));
	io_stop(&s->udp);
	acceptor_stop(&s->acceptor);
	closep(&s->p.udp);
	free(s);
}
