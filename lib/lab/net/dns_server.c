/* UDP and TCP of cluster DNS, inside the cluster's namespace. */
#include "lab/net/dns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/list.h"
#include "base/mem.h"
#include "lab/sys/netns.h"
#include "net/acceptor.h"

#define DNS_PORT 53
#define BATCH 64
#define CONNECTIONS_MAX 128
#define IDLE_MS 10000

struct dns_server {
	struct loop *loop;
	const struct services *table;
	int udp, tcp; /* tcp until the acceptor has it */
	struct io udp_io;
	struct acceptor acceptor;
	struct list connections;
	size_t connections_n;
	struct buf answer;
};

struct dns_connection {
	struct dns_server *server;
	struct list link;
	struct io io;
	int fd;
	struct timer idle;
	struct buf in, out;
};

static void on_udp(struct io *io, uint32_t revents)
{
	struct dns_server *s = CONTAINER_OF(io, struct dns_server, udp_io);
	char query[DNS_EDNS_MAX_BYTES];

	(void)revents;
	for (int i = 0; i < BATCH; i++) {
		struct sockaddr_storage from;
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(s->udp, query, sizeof(query), 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			return;
		buf_clear(&s->answer);
		if (dns_answer(s->table, slice_make(query, (size_t)n), DNS_EDNS_MAX_BYTES, &s->answer) == 0)
			(void)!sendto(s->udp, s->answer.ptr, s->answer.len, 0, (struct sockaddr *)&from, len);
	}
}

static void connection_free(struct dns_connection *c)
{
	list_remove(&c->link);
	c->server->connections_n--;
	io_stop(&c->io);
	timer_stop(&c->idle);
	closep(&c->fd);
	buf_done(&c->in);
	buf_done(&c->out);
	free(c);
}

static void on_idle(struct timer *t)
{
	connection_free(CONTAINER_OF(t, struct dns_connection, idle));
}

/* Queries come with their length before them; so go the answers. Returns false for garbage. */
static bool answer_whole(struct dns_connection *c)
{
	while (c->in.len >= 2) {
		size_t len = (size_t)(uint8_t)c->in.ptr[0] << 8 | (uint8_t)c->in.ptr[1];

		if (c->in.len < 2 + len)
			return true;
		buf_clear(&c->server->answer);
		if (dns_answer(c->server->table, slice_make(c->in.ptr + 2, len), DNS_TCP_MAX_BYTES,
			       &c->server->answer) < 0)
			return false;
		buf_append_char(&c->out, (char)(c->server->answer.len >> 8));
		buf_append_char(&c->out, (char)c->server->answer.len);
		buf_append_slice(&c->out, buf_slice(&c->server->answer));
		buf_consume(&c->in, 2 + len);
	}
	return true;
}

static void on_connection(struct io *io, uint32_t revents)
{
	struct dns_connection *c = CONTAINER_OF(io, struct dns_connection, io);
	ssize_t n = 1;

	if (revents & (EPOLLIN | EPOLLHUP | EPOLLERR) && !c->out.len) {
		n = read(c->fd, buf_reserve(&c->in, DNS_EDNS_MAX_BYTES), DNS_EDNS_MAX_BYTES);
		if (n > 0)
			c->in.len += (size_t)n;
		if (n == 0 || (n < 0 && errno != EAGAIN) || !answer_whole(c)) {
			connection_free(c);
			return;
		}
	}
	if (c->out.len) {
		n = write(c->fd, c->out.ptr, c->out.len);
		if (n < 0 && errno != EAGAIN) {
			connection_free(c);
			return;
		}
		buf_consume(&c->out, n > 0 ? (size_t)n : 0);
	}
	io_set(&c->io, c->out.len ? EPOLLOUT : EPOLLIN);
	timer_start(c->server->loop, &c->idle, IDLE_MS, on_idle);
}

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct dns_server *s = CONTAINER_OF(a, struct dns_server, acceptor);
	struct dns_connection *c;

	(void)peer;
	if (s->connections_n >= CONNECTIONS_MAX) {
		close(fd);
		return;
	}
	c = NEW(struct dns_connection);
	c->server = s;
	c->fd = fd;
	s->connections_n++;
	list_append(&s->connections, &c->link);
	io_start(s->loop, &c->io, fd, EPOLLIN, on_connection);
	timer_start(s->loop, &c->idle, IDLE_MS, on_idle);
}

int dns_server_start(struct loop *loop, int netns_fd, const struct services *t, struct dns_server **ret, struct err *e)
{
	struct dns_server *s = NEW(struct dns_server);
	struct addr a;
	int r = 0;

	s->loop = loop;
	s->table = t;
	list_init(&s->connections);
	addr_parse(SLICE(NETNS_DNS_IP), DNS_PORT, &a);
	s->tcp = netns_listen(netns_fd, &a, CONNECTIONS_MAX, 0, e);
	s->udp = netns_socket(netns_fd, AF_INET, SOCK_DGRAM, 0, e);
	if (s->udp < 0 || s->tcp < 0)
		r = s->udp < 0 ? s->udp : s->tcp;
	else if (bind(s->udp, &a.sa, a.len) < 0)
		r = err_errno(e, errno, "bind %s:%d", NETNS_DNS_IP, DNS_PORT);
	if (r == 0) {
		io_start(loop, &s->udp_io, s->udp, EPOLLIN, on_udp);
		r = acceptor_start(loop, &s->acceptor, s->tcp, on_accept);
		s->tcp = -1;
	}
	if (r < 0) {
		dns_server_free(s);
		return err_wrap(e, r, "cluster DNS");
	}
	*ret = s;
	return 0;
}

void dns_server_free(struct dns_server *s)
{
	if (!s)
		return;
	while (!list_empty(&s->connections))
		connection_free(CONTAINER_OF(s->connections.next, struct dns_connection, link));
	io_stop(&s->udp_io);
	acceptor_stop(&s->acceptor);
	closep(&s->udp);
	closep(&s->tcp);
	buf_done(&s->answer);
	free(s);
}
