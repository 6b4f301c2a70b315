/*
 * c-ares on the loop: its sockets are watched as it asks, one timer serves its time-outs. Answers are always handed
 * over by a task, since the library may answer inside the call (hosts file, literal address).
 */
#include "net/dns.h"

#include <ares.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"

struct dns {
	struct loop *loop;
	ares_channel channel;
	struct list socks;
	struct list done_queries; /* answered, fn still to be called */
	struct timer timer;
	bool closing;
};

struct sock {
	struct list link;
	struct io io;
	struct dns *dns;
};

struct dns_query {
	struct list link;
	struct task task;
	struct dns *dns;
	void (*fn)(void *user, const struct dns_answer *a); /* NULL = cancelled */
	void *user;
	const char *error;
	struct addr *addrs; /* owned */
	size_t n;
	int64_t ttl_s;
	bool answered;
};

static void arm(struct dns *d);

static void on_sock(struct io *io, uint32_t revents)
{
	struct dns *d = CONTAINER_OF(io, struct sock, io)->dns;
	int fd = io->fd;
	ares_socket_t r = revents & (EPOLLIN | EPOLLERR | EPOLLHUP) ? fd : ARES_SOCKET_BAD;
	ares_socket_t w = revents & (EPOLLOUT | EPOLLERR) ? fd : ARES_SOCKET_BAD;

	ares_process_fd(d->channel, r, w); /* the io may be gone after this */
	arm(d);
}

static void on_timer(struct timer *t)
{
	struct dns *d = CONTAINER_OF(t, struct dns, timer);

	ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	arm(d);
}

static void arm(struct dns *d)
{
	struct timeval tv;

	if (!ares_timeout(d->channel, NULL, &tv)) {
		timer_stop(&d->timer);
		return;
	}
	timer_start(d->loop, &d->timer, tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1, on_timer);
}

static void on_sock_state(void *user, ares_socket_t fd, int readable, int writable)
{
	struct dns *d = user;
	uint32_t events = (readable ? EPOLLIN : 0u) | (writable ? EPOLLOUT : 0u);
	struct sock *s;

	LIST_EACH (s, &d->socks, link) {
		if (s->io.fd != fd)
			continue;
		if (events) {
			io_set(&s->io, events);
			return;
		}
		io_stop(&s->io);
		list_remove(&s->link);
		free(s);
		return;
	}
	if (!events)
		return;
	s = NEW(struct sock);
	s->dns = d;
	if (io_start(d->loop, &s->io, fd, events, on_sock) < 0) {
		free(s); /* the query runs into its time-out */
		return;
	}
	list_append(&d->socks, &s->link);
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_init(void)
{
	ares_library_init(ARES_LIB_INIT_ALL);
}

struct dns *dns_new(struct loop *l, struct err *e)
{
	struct dns *d = NEW(struct dns);
	struct ares_options options = {
		.timeout = 2000, .tries = 3, .sock_state_cb = on_sock_state, .sock_state_cb_data = d};
	int r;

	pthread_once(&library_once, library_init);
	d->loop = l;
	list_init(&d->socks);
	list_init(&d->done_queries);
	r = ares_init_options(&d->channel, &options, ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB);
	if (r != ARES_SUCCESS) {
		free(d);
		err_set(e, -EIO, "resolver: %s", ares_strerror(r));
		return NULL;
	}
	return d;
}

static void query_free(struct dns_query *q)
{
	task_cancel(&q->task);
	list_remove(&q->link);
	free(q->addrs);
	free(q);
}

void dns_free(struct dns *d)
{
	if (!d)
		return;
	d->closing = true;
	ares_destroy(d->channel);
	timer_stop(&d->timer);
	while (!list_empty(&d->done_queries))
		query_free(LIST_FIRST(&d->done_queries, struct dns_query, link));
	while (!list_empty(&d->socks)) {
		struct sock *s = LIST_FIRST(&d->socks, struct sock, link);

		io_stop(&s->io);
		list_remove(&s->link);
		free(s);
	}
	free(d);
}

static void hand_over(struct task *t)
{
	struct dns_query *q = CONTAINER_OF(t, struct dns_query, task);
	const struct dns_answer a = {q->error, q->addrs, q->n, q->ttl_s};
	void (*fn)(void *user, const struct dns_answer *a) = q->fn;

	list_remove(&q->link);
	if (fn)
		fn(q->user, &a);
	query_free(q);
}

static void add_family(struct dns_query *q, const struct ares_addrinfo *info, int family)
{
	for (const struct ares_addrinfo_node *node = info->nodes; node && q->n < DNS_ADDRS_MAX; node = node->ai_next) {
		if (node->ai_family != family || node->ai_addrlen > sizeof(q->addrs->in6))
			continue;
		memcpy(&q->addrs[q->n].sa, node->ai_addr, node->ai_addrlen);
		q->addrs[q->n++].len = node->ai_addrlen;
		if (q->ttl_s < 0 || node->ai_ttl < q->ttl_s)
			q->ttl_s = node->ai_ttl;
	}
}

static void on_addrinfo(void *user, int status, int timeouts, struct ares_addrinfo *info)
{
	struct dns_query *q = user;

	(void)timeouts;
	q->answered = true;
	if (q->dns->closing || !q->fn) {
		if (info)
			ares_freeaddrinfo(info);
		query_free(q);
		return;
	}
	q->ttl_s = -1;
	if (info) {
		q->addrs = mem_calloc(DNS_ADDRS_MAX, sizeof(*q->addrs));
		add_family(q, info, AF_INET);
		add_family(q, info, AF_INET6);
		ares_freeaddrinfo(info);
	}
	if (q->n == 0)
		q->error = status == ARES_SUCCESS ? "no address" : ares_strerror(status);
	q->ttl_s = MAX(q->ttl_s, 0);
	list_append(&q->dns->done_queries, &q->link);
	task_defer(q->dns->loop, &q->task, hand_over);
}

struct dns_query *dns_resolve(struct dns *d, const char *host, uint16_t port,
			      void (*fn)(void *user, const struct dns_answer *a), void *user)
{
	const struct ares_addrinfo_hints hints = {
		.ai_flags = ARES_AI_NUMERICSERV | ARES_AI_NOSORT, .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
	struct dns_query *q = NEW(struct dns_query);
	char service[8];

	q->dns = d;
	q->fn = fn;
	q->user = user;
	list_init(&q->link);
	snprintf(service, sizeof(service), "%u", port);
	ares_getaddrinfo(d->channel, host, service, &hints, on_addrinfo, q);
	arm(d);
	return q;
}

void dns_cancel(struct dns_query *q)
{
	if (!q)
		return;
	q->fn = NULL;
	if (q->answered)
		query_free(q);
}
