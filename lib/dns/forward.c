/*
 * One socket for each try: the kernel then drops what others send, and each question comes from another port.
 *
 *   try -> answer that fits -> end
 *       -> refused, broken, time is up -> next try -> ... -> SERVFAIL
 */
#include "dns/forward.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/rand.h"
#include "dns/message.h"

#define STRANGE_MAX 64 /* answers to something else that are looked past in one try */

const double dns_forward_bounds_s[DNS_FORWARD_BUCKETS] = {.001, .005, .01, .1, 1, 5};

struct dns_forwarder {
	struct loop *loop;
	struct addr servers[DNS_SERVERS_MAX];
	size_t n_servers;
	int64_t try_ms;
	struct list asked;
	size_t n_asked;
	struct dns_forward_stats stats;
};

/* One question. */
struct ask {
	struct list link;
	struct dns_forwarder *f;
	struct dns_request *rq;
	struct dns_question question;
	bool tcp;
	unsigned tries, strange;
	int fd; /* -1 = none */
	struct io io;
	struct timer timer;
	char id[2]; /* ours */
	struct buf out, in;
	size_t written;
	int64_t start_ns;
};

static void close_try(struct ask *a)
{
	io_stop(&a->io);
	timer_stop(&a->timer);
	closep(&a->fd);
	a->fd = -1;
	a->written = 0;
	buf_clear(&a->in);
}

static void ask_free(struct ask *a)
{
	close_try(a);
	list_remove(&a->link);
	a->f->n_asked--;
	buf_done(&a->out);
	buf_done(&a->in);
	free(a);
}

/* ---- the end ---- */

static void count(struct dns_forward_stats *s, double took_s)
{
	size_t i = 0;

	while (i < DNS_FORWARD_BUCKETS && took_s > dns_forward_bounds_s[i])
		i++;
	s->buckets[i]++;
	s->took_s += took_s;
	s->answered++;
}

static void end(struct ask *a, struct slice answer)
{
	struct dns_request *rq = a->rq;

	count(&a->f->stats, (double)(loop_now_ns(a->f->loop) - a->start_ns) / NS_PER_S);
	ask_free(a);
	dns_request_end(rq, answer);
}

static void fail(struct dns_forwarder *f, struct dns_request *rq, const struct dns_question *q)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	f->stats.failures++;
	dns_reply_code(dns_request_query(rq), q, DNS_SERVER_FAILURE, &out);
	dns_request_end(rq, buf_slice(&out));
}

static void give_up(struct ask *a)
{
	const struct dns_question q = a->question;
	struct dns_forwarder *f = a->f;
	struct dns_request *rq = a->rq;

	count(&f->stats, (double)(loop_now_ns(f->loop) - a->start_ns) / NS_PER_S);
	ask_free(a);
	fail(f, rq, &q);
}

/* With the asker's number in place of ours, and no longer than the asker takes. */
static void pass_back(struct ask *a, struct slice answer)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct slice query = dns_request_query(a->rq);

	if (!a->tcp && answer.len > a->question.udp_bytes) {
		dns_reply_truncated(query, &a->question, &out);
	} else {
		buf_append_slice(&out, answer);
		memcpy(out.ptr, query.ptr, sizeof(a->id));
	}
	end(a, buf_slice(&out));
}

/* ---- answers ---- */

/* The same question, whatever the case of its letters; a failure need not repeat it. */
static bool is_answer(const struct ask *a, struct slice m)
{
	const struct slice query = dns_request_query(a->rq);
	const size_t end = a->question.end;

	if (m.len < DNS_HEADER_BYTES || memcmp(m.ptr, a->id, sizeof(a->id)) != 0 ||
	    !(dns_get16(m, 2) & DNS_FLAG_RESPONSE))
		return false;
	if (!dns_get16(m, 4))
		return dns_get16(m, 2) & DNS_RCODE_MASK && m.len == DNS_HEADER_BYTES;
	return dns_get16(m, 4) == 1 && m.len >= end && memcmp(m.ptr + end - 4, query.ptr + end - 4, 4) == 0 &&
	       slice_eq_nocase(slice_make(m.ptr + DNS_HEADER_BYTES, end - 4 - DNS_HEADER_BYTES),
			       slice_make(query.ptr + DNS_HEADER_BYTES, end - 4 - DNS_HEADER_BYTES));
}

static void try_next(struct ask *a);

static void on_datagram(struct ask *a)
{
	char answer[DNS_TCP_MAX_BYTES];

	while (a->strange < STRANGE_MAX) {
		const ssize_t n = recv(a->fd, answer, sizeof(answer), 0);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break; /* nobody listens there */
		if (is_answer(a, slice_make(answer, (size_t)n))) {
			pass_back(a, slice_make(answer, (size_t)n));
			return;
		}
		a->strange++;
	}
	try_next(a);
}

/* True while it is written. */
static bool write_query(struct ask *a)
{
	while (a->written < a->out.len) {
		const ssize_t n = send(a->fd, a->out.ptr + a->written, a->out.len - a->written, MSG_NOSIGNAL);

		if (n < 0) {
			if (errno != EAGAIN)
				try_next(a);
			return true;
		}
		a->written += (size_t)n;
	}
	io_set(&a->io, EPOLLIN);
	return false;
}

static void on_stream(struct ask *a)
{
	if (a->written < a->out.len && write_query(a))
		return;
	const ssize_t n = read(a->fd, buf_reserve(&a->in, DNS_EDNS_MAX_BYTES), DNS_EDNS_MAX_BYTES);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		try_next(a);
		return;
	}
	a->in.len += (size_t)n;
	if (a->in.len < 2)
		return;
	const size_t len = dns_get16(buf_slice(&a->in), 0);
	const struct slice answer = slice_make(a->in.ptr + 2, len);

	if (a->in.len < 2 + len)
		return;
	if (is_answer(a, answer))
		pass_back(a, answer);
	else
		try_next(a);
}

static void on_io(struct io *io, uint32_t revents)
{
	struct ask *a = CONTAINER_OF(io, struct ask, io);

	(void)revents;
	if (a->tcp)
		on_stream(a);
	else
		on_datagram(a);
}

/* ---- tries ---- */

static void on_time(struct timer *t)
{
	try_next(CONTAINER_OF(t, struct ask, timer));
}

/* A new number for each try, so that a late answer to the one before is none to this. */
static void write_down(struct ask *a)
{
	const struct slice query = dns_request_query(a->rq);

	rand_bytes(a->id, sizeof(a->id));
	buf_clear(&a->out);
	if (a->tcp)
		dns_put16(&a->out, (unsigned)query.len);
	buf_append(&a->out, a->id, sizeof(a->id));
	buf_append_slice(&a->out, slice_from(query, sizeof(a->id)));
}

/* Returns 0 or -errno. */
static int open_try(struct ask *a, const struct addr *server)
{
	a->fd = socket(server->sa.sa_family, (a->tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0 || (connect(a->fd, &server->sa, server->len) < 0 && errno != EINPROGRESS))
		return -errno;
	if (!a->tcp && send(a->fd, a->out.ptr, a->out.len, MSG_NOSIGNAL) < 0)
		return -errno;
	return io_start(a->f->loop, &a->io, a->fd, a->tcp ? EPOLLOUT : EPOLLIN, on_io);
}

static void try_next(struct ask *a)
{
	const struct dns_forwarder *f = a->f;

	close_try(a);
	a->strange = 0;
	while (a->tries < DNS_FORWARD_ROUNDS * f->n_servers) {
		write_down(a);
		if (open_try(a, &f->servers[a->tries++ % f->n_servers]) == 0) {
			timer_start(f->loop, &a->timer, f->try_ms, on_time);
			return;
		}
		close_try(a);
	}
	give_up(a);
}

struct dns_forwarder *dns_forwarder_new(struct loop *l, const struct dns_resolv *conf, int64_t try_ms)
{
	struct dns_forwarder *f = NEW(struct dns_forwarder);

	f->loop = l;
	f->try_ms = try_ms ? try_ms : DNS_FORWARD_TRY_MS;
	memcpy(f->servers, conf->servers, sizeof(f->servers));
	f->n_servers = conf->n_servers;
	list_init(&f->asked);
	return f;
}

void dns_forwarder_free(struct dns_forwarder *f)
{
	if (!f)
		return;
	while (!list_empty(&f->asked))
		ask_free(LIST_FIRST(&f->asked, struct ask, link));
	free(f);
}

void dns_forwarder_ask(struct dns_forwarder *f, struct dns_request *rq, const struct dns_question *q)
{
	struct ask *a;

	f->stats.requests++;
	if (f->n_asked >= DNS_FORWARD_MAX) {
		fail(f, rq, q);
		return;
	}
	a = NEW(struct ask);
	a->f = f;
	a->rq = rq;
	a->question = *q;
	a->tcp = dns_request_max(rq) == DNS_TCP_MAX_BYTES;
	a->fd = -1;
	a->start_ns = loop_now_ns(f->loop);
	f->n_asked++;
	list_append(&f->asked, &a->link);
	try_next(a);
}

const struct dns_forward_stats *dns_forwarder_stats(const struct dns_forwarder *f)
{
	return &f->stats;
}
