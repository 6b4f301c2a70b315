/*
 * Two transports and a buffer for each direction; a buffer is held only while bytes wait for the slower side. Half
 * closes are passed on. Sidecars exchange who they are in front of the bytes when both speak ALPN istio-peer-exchange.
 *
 *   HANDSHAKE (client's TLS) -> (ASKING whether it may) -> CONNECTING (endpoint) -> RELAYING -> closed
 */
#include "proxy/listener/tcp.h"
#include "proxy/listener/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "net/proxy_protocol.h"
#include "proxy/stream/access_log.h"
#include "proxy/stream/attributes.h"
#include "proxy/upstream/cluster.h"
#include "proxy/listener/peer_exchange.h"
#include "proxy/listener/tcp_authz.h"
#include "proxy/telemetry/self.h"
#include "proxy/upstream/pool.h"

/* Reads in a row before others get their turn. */
#define BURST 16
#define REPORT_NS (5LL * NS_PER_S)

/* One direction: bytes read from one side that the other has not taken. */
struct flow {
	char *buf;
	uint32_t cap, start, end;
	bool ended; /* the end of stream was passed on */
	uint64_t bytes, reported;
};

struct side {
	struct transport transport;
	struct flow out; /* what waits to be written here */
	struct peer_exchange exchange;
	bool open;
};

struct tcp {
	struct down *down; /* NULL = being torn down */
	struct worker *worker;
	const struct config_tcp_proxy *config;
	struct side client, server;
	struct cluster *cluster;   /* a user of it */
	struct endpoint *endpoint; /* a reference */
	struct timer timer;        /* connecting, then idle */
	struct timer report;
	struct timer duration; /* the whole connection's */
	struct task again;
	struct tcp_authz authz;
	struct corpse corpse;
	bool counted, relaying, opened;
	bool cut; /* one side was reset: the other hears no ordinary end */
	uint32_t attempts;
	uint32_t flags;
	int64_t active_ns;
	const struct stats_tcp *stats;
	struct stats_peer *source, *destination;
};

static void connect_server(struct tcp *t);

/* ---- metrics ---- */

static const struct stats_service *service_of(struct tcp *t)
{
	if (t->cluster && t->cluster->service)
		return t->cluster->service;
	return t->cluster ? stats_service_of_host(t->worker, slice_make("", 0), t->cluster->spec->name) : NULL;
}

static const char *server_principal(struct tcp *t)
{
	struct tls *tls = t->server.transport.tls;
	const struct tls_peer *peer = tls && t->server.open ? tls_peer(tls) : NULL;

	return peer && peer->uri ? stats_intern(t->worker, slice_str(peer->uri)) : NULL;
}

static void resolve_stats(struct tcp *t)
{
	const struct config *c = t->down->wc->config;
	const char *own = worker_principal(t->worker, c);
	struct stats_labels l = {.protocol = STATS_TCP, .flags = t->flags, .grpc_status = -1};

	l.inbound = t->down->inbound;
	l.service = service_of(t);
	if (l.inbound) {
		l.mutual_tls = t->down->principal != NULL;
		l.source = t->source;
		l.source_principal = t->down->principal_label;
		l.destination = worker_self(t->worker, c);
		l.destination_principal = l.mutual_tls ? own : NULL;
	} else {
		l.source = worker_self(t->worker, c);
		l.destination = t->destination ? t->destination : t->endpoint ? t->endpoint->peer : NULL;
		l.destination_principal = server_principal(t);
		l.source_principal = l.destination_principal ? own : NULL;
	}
	if (t->config->stats)
		attributes_tag(t->worker, NULL, t->config->stats->changes, &l);
	t->stats = stats_tcp(t->worker, &l);
}

static void report_bytes(struct tcp *t)
{
	struct flow *sent = &t->client.out, *received = &t->server.out;

	if (!t->stats)
		return;
	*t->stats->sent += sent->bytes - sent->reported;
	*t->stats->received += received->bytes - received->reported;
	sent->reported = sent->bytes;
	received->reported = received->bytes;
}

static void on_report(struct timer *timer)
{
	struct tcp *t = CONTAINER_OF(timer, struct tcp, report);

	report_bytes(t);
	timer_start_ns(t->worker->loop, timer, t->config->stats->tcp_reporting_ns, on_report);
}

/* Both peers are known, or will never be. */
static void count_opened(struct tcp *t)
{
	const struct filter_stats *s = t->config->stats;

	if (t->opened || !s)
		return;
	t->opened = true;
	resolve_stats(t);
	++*t->stats->opened;
	timer_start_ns(t->worker->loop, &t->report, s->tcp_reporting_ns ? s->tcp_reporting_ns : REPORT_NS, on_report);
}

static void count_closed(struct tcp *t)
{
	/* A handshake that failed is no connection. */
	if (!t->config->stats || !t->client.open)
		return;
	count_opened(t);
	report_bytes(t);
	if (t->flags)
		resolve_stats(t);
	++*t->stats->closed;
}

/* ---- the end ---- */

static void flow_release(struct tcp *t, struct flow *f)
{
	buffers_put(&t->worker->buffers, take(f->buf), f->cap);
	f->cap = f->start = f->end = 0;
}

static void drop_server(struct tcp *t)
{
	struct cluster *c = t->cluster;

	timer_stop(&t->timer);
	transport_close(&t->server.transport);
	if (!t->endpoint)
		return;
	endpoint_count(t->endpoint, -1);
	c->counters.cx_active--;
	c->counters.cx_destroy++;
	if (t->counted)
		breaker_give(c->breaker, BREAKER_CONNECTIONS);
	t->counted = false;
	endpoint_put(take(t->endpoint));
}

static void tcp_free(struct corpse *c)
{
	struct tcp *t = CONTAINER_OF(c, struct tcp, corpse);

	peer_exchange_done(&t->client.exchange);
	peer_exchange_done(&t->server.exchange);
	cluster_leave(t->cluster);
	free(t);
}

static void write_log(struct tcp *t)
{
	struct transport *server = &t->server.transport;

	access_log_connection(&(struct access_log_connection){
		.down = t->down,
		.logs = t->config->logs,
		.n_logs = t->config->n_logs,
		.cluster = t->cluster,
		.endpoint = t->endpoint,
		.flags = t->flags,
		.received = t->server.out.bytes,
		.sent = t->client.out.bytes,
		.failure = server->state == TRANSPORT_FAILED ? transport_error(server) : NULL,
	});
}

void tcp_abandon(struct tcp *t)
{
	count_closed(t);
	write_log(t);
	t->down = NULL;
	timer_stop(&t->report);
	timer_stop(&t->duration);
	task_cancel(&t->again);
	tcp_authz_cancel(&t->authz);
	if (t->cut) {
		transport_abort(&t->server.transport);
		transport_abort(&t->client.transport);
	}
	drop_server(t);
	transport_close(&t->client.transport);
	flow_release(t, &t->client.out);
	flow_release(t, &t->server.out);
	worker_bury(t->worker, &t->corpse, tcp_free);
}

static void finish(struct tcp *t, uint32_t flags)
{
	t->flags |= flags;
	down_close(t->down);
}

/* ---- relaying ---- */

static void on_again(struct task *task);

/* Writes what waits; true when nothing is left. False also on failure, then *ret_dead is set. */
static bool flush(struct tcp *t, struct side *to, bool *ret_dead)
{
	struct flow *f = &to->out;

	while (f->start < f->end) {
		struct iovec iov = {f->buf + f->start, f->end - f->start};
		ssize_t n = transport_write(&to->transport, &iov, 1);

		if (n == TRANSPORT_ERROR)
			*ret_dead = true;
		if (n < 0)
			return false;
		f->start += (uint32_t)n;
	}
	if (f->buf)
		flow_release(t, f);
	return true;
}

static void flow_reserve(struct tcp *t, struct flow *f)
{
	size_t cap;

	if (f->buf)
		return;
	f->buf = buffers_get(&t->worker->buffers, BUFFERS_LARGE_BYTES, &cap);
	f->cap = (uint32_t)cap;
	f->start = f->end = 0;
}

static void learn(struct tcp *t, struct side *from)
{
	struct stats_peer *p = stats_peer_of_struct(t->worker, peer_exchange_struct(&from->exchange));

	if (from == &t->client)
		t->source = p;
	else
		t->destination = p;
}

/* Takes the peer's announcement off the front of what was read. False: more is needed. */
static bool take_exchange(struct tcp *t, struct side *from, struct flow *f)
{
	size_t n;
	int r;

	if (!from->exchange.expected)
		return true;
	r = peer_exchange_read(&from->exchange, slice_make(f->buf + f->start, f->end - f->start), &n);
	f->start += (uint32_t)n;
	if (r == 0)
		return false;
	learn(t, from);
	count_opened(t);
	return true;
}

static struct side *other(struct tcp *t, struct side *s)
{
	return s == &t->client ? &t->server : &t->client;
}

/* Moves bytes from one side to the other as long as it goes. Returns the side that is dead, or NULL. */
static struct side *relay(struct tcp *t, struct side *from)
{
	struct side *to = other(t, from);
	struct flow *f = &to->out;
	bool dead = false;

	for (int i = 0; i < BURST; i++) {
		ssize_t n;

		if (!flush(t, to, &dead))
			return dead ? to : NULL;
		if (from->transport.eof) {
			if (!f->ended)
				transport_shutdown(&to->transport);
			f->ended = true;
			return NULL;
		}
		if (!from->transport.can_read)
			return NULL;
		flow_reserve(t, f);
		n = transport_read(&from->transport, f->buf, f->cap);
		if (n == TRANSPORT_ERROR)
			return from;
		if (n <= 0)
			continue;
		f->end = (uint32_t)n;
		if (!take_exchange(t, from, f))
			f->start = f->end;
		f->bytes += f->end - f->start;
	}
	task_defer(t->worker->loop, &t->again, on_again);
	return NULL;
}

static void cut(struct tcp *t, const struct side *dead)
{
	t->cut = true;
	finish(t, dead == &t->client ? FLAG_DC : FLAG_UC);
}

static void relay_both(struct tcp *t)
{
	struct side *dead;

	t->active_ns = loop_now_ns(t->worker->loop);
	dead = relay(t, &t->client);
	if (!dead)
		dead = relay(t, &t->server);
	if (dead) {
		cut(t, dead);
		return;
	}
	if (t->client.out.ended && t->server.out.ended)
		finish(t, 0);
}

static void on_again(struct task *task)
{
	relay_both(CONTAINER_OF(task, struct tcp, again));
}

static void on_idle(struct timer *timer)
{
	struct tcp *t = CONTAINER_OF(timer, struct tcp, timer);
	int64_t left = t->active_ns + t->config->idle_timeout_ns - loop_now_ns(t->worker->loop);

	if (left <= 0)
		finish(t, 0);
	else
		timer_start_ns(t->worker->loop, timer, left, on_idle);
}

/* ---- the server's side ---- */

static void announce(struct tcp *t, struct side *to)
{
	struct slice self = t->down->wc->config->node->peer_metadata;
	struct flow *f = &to->out;

	to->exchange.expected = true;
	flow_reserve(t, f);
	f->end += (uint32_t)peer_exchange_write(self, f->buf + f->end, f->cap - f->end);
}

static bool speaks_exchange(const struct side *s)
{
	return s->transport.tls && slice_eq(tls_alpn(s->transport.tls), SLICE("istio-peer-exchange"));
}

static void on_server_open(struct tcp *t)
{
	const struct config_chain *chain = t->down->chain;

	t->relaying = t->server.open = true;
	timer_stop(&t->timer);
	endpoint_report(t->endpoint, OUTLIER_SUCCESS);
	t->active_ns = loop_now_ns(t->worker->loop);
	if (t->config->idle_timeout_ns)
		timer_start_ns(t->worker->loop, &t->timer, t->config->idle_timeout_ns, on_idle);
	bool exchange = t->config->peer_exchange || chain->peer_exchange;
	if (exchange && speaks_exchange(&t->client))
		announce(t, &t->client);
	if ((exchange || t->cluster->spec->peer_exchange) && speaks_exchange(&t->server))
		announce(t, &t->server);
	if (!t->client.exchange.expected && !t->server.exchange.expected)
		count_opened(t);
	t->client.transport.can_read |= t->client.transport.tls == NULL;
	relay_both(t);
}

static void on_next_attempt(struct timer *timer)
{
	connect_server(CONTAINER_OF(timer, struct tcp, timer));
}

/* In the next turn: attempts that fail at once may be many. */
static void server_failed(struct tcp *t)
{
	t->cluster->counters.cx_connect_fail++;
	endpoint_report(t->endpoint, OUTLIER_CONNECT_FAILED);
	drop_server(t);
	if (t->attempts < t->config->max_connect_attempts)
		timer_start_ns(t->worker->loop, &t->timer, 0, on_next_attempt);
	else
		finish(t, FLAG_UF | (t->attempts > 1 ? FLAG_URX : 0));
}

static void on_connect_timeout(struct timer *timer)
{
	struct tcp *t = CONTAINER_OF(timer, struct tcp, timer);

	t->cluster->counters.cx_connect_timeout++;
	server_failed(t);
}

static void on_server(struct transport *tr)
{
	struct tcp *t = CONTAINER_OF(tr, struct tcp, server.transport);

	if (tr->state == TRANSPORT_FAILED && !t->relaying)
		server_failed(t);
	else if (tr->state == TRANSPORT_FAILED)
		cut(t, &t->server);
	else if (!t->relaying)
		on_server_open(t);
	else
		relay_both(t);
}

static bool take_connection(struct tcp *t)
{
	uint32_t limit = t->cluster->spec->breakers.max_connections;

	if (!breaker_take(t->cluster->breaker, BREAKER_CONNECTIONS, limit)) {
		t->cluster->counters.cx_overflow++;
		return false;
	}
	t->counted = limit != UINT32_MAX;
	return true;
}

static int open_server(struct tcp *t, struct err *e)
{
	struct endpoint *ep = t->endpoint;
	char text[PROXY_OUT_MAX_BYTES];
	struct slice first = endpoint_first(ep, &t->down->peer, &t->down->local, text);
	struct tls *tls = NULL;
	int fd = endpoint_connect(ep), r;

	if (fd < 0)
		return err_set(e, fd, "connect: %s", strerror(-fd));
	if (ep->transport->tls) {
		tls = endpoint_tls(ep, fd, slice_make("", 0), slice_str(t->down->server_name), e);
		if (!tls) {
			closep(&fd);
			return -ENOENT;
		}
	}
	r = transport_connect(&t->server.transport, t->worker->loop, fd, tls, on_server);
	if (r < 0)
		return err_set(e, r, "connect: %s", strerror(-r));
	if (first.len)
		transport_send_first(&t->server.transport, first);
	timer_start_ns(t->worker->loop, &t->timer, ep->spec->connect_timeout_ns, on_connect_timeout);
	return 0;
}

static void connect_server(struct tcp *t)
{
	struct cluster_ask ask = {.original_dst = t->down->restored ? &t->down->local : NULL,
				  .any_endpoint = t->config->any_endpoint,
				  .subset = &t->config->subset};
	struct err e = ERR_INIT;

	t->attempts++;
	if (t->config->hash_source_ip) {
		ask.hash = hash_bytes(slice_str(t->down->peer_text));
		ask.has_hash = true;
	}
	if (!take_connection(t)) {
		finish(t, FLAG_UO);
		return;
	}
	t->endpoint = cluster_pick(t->cluster, &ask);
	if (!t->endpoint) {
		if (t->counted)
			breaker_give(t->cluster->breaker, BREAKER_CONNECTIONS);
		t->counted = false;
		finish(t, FLAG_UH);
		return;
	}
	endpoint_count(t->endpoint, 1);
	t->cluster->counters.cx_active++;
	t->cluster->counters.cx_total++;
	if (open_server(t, &e) < 0) {
		log_debug("proxy", "cluster %s: %s", t->cluster->spec->name, e.msg);
		server_failed(t);
	}
}

/* ---- the client's side ---- */

static bool allowed(struct tcp *t)
{
	struct tls *tls = t->client.transport.tls;

	return down_allowed(t->down, tls, t->down->chain->rbac, t->down->chain->n_rbac) &&
	       down_allowed(t->down, tls, t->config->rbac, t->config->n_rbac);
}

static uint32_t choose_cluster(struct tcp *t)
{
	const struct config_tcp_proxy *c = t->config;
	uint64_t at;

	if (!c->n_weighted || !c->total_weight)
		return c->cluster.slot;
	at = rand_below(&t->worker->rand, c->total_weight);
	for (size_t i = 0; i < c->n_weighted; i++) {
		if (at < c->weighted[i].weight)
			return c->weighted[i].cluster.slot;
		at -= c->weighted[i].weight;
	}
	return c->weighted[c->n_weighted - 1].cluster.slot;
}

static void on_duration(struct timer *timer)
{
	finish(CONTAINER_OF(timer, struct tcp, duration), FLAG_DT);
}

static void go_on(struct tcp *t)
{
	t->cluster = cluster_use(cluster_get(t->worker, t->down->wc->config, choose_cluster(t)));
	if (!t->cluster)
		finish(t, FLAG_NC);
	else
		connect_server(t);
}

/* Of a connection that is under way already the answer is waited for beside it. */
static void on_verdict(struct tcp_authz *a, bool may)
{
	struct tcp *t = CONTAINER_OF(a, struct tcp, authz);

	if (!may)
		finish(t, FLAG_UAEX);
	else if (!t->cluster)
		go_on(t);
}

static void on_client_open(struct tcp *t)
{
	struct down *d = t->down;
	struct tls *tls = t->client.transport.tls;

	timer_stop(&d->timer);
	t->client.open = true;
	if (t->config->max_connection_duration_ns)
		timer_start_ns(t->worker->loop, &t->duration, t->config->max_connection_duration_ns, on_duration);
	down_learn_principal(d, tls ? tls_peer(tls) : NULL);
	if (!allowed(t)) {
		finish(t, FLAG_UAEX);
		return;
	}
	if (tcp_authz_concerns(d, tls, t->config))
		tcp_authz_ask(&t->authz, d, d->wc, t->config->ext_authz, on_verdict);
	else
		go_on(t);
}

bool tcp_opened(const struct tcp *t)
{
	return t->client.open;
}

void tcp_follow(struct tcp *t)
{
	t->config = t->down->chain->tcp;
}

struct tls *tcp_tls(const struct tcp *t)
{
	return t->client.transport.tls;
}

void tcp_ask_again(struct tcp *t, const struct config_chain *now)
{
	if (!down_allowed(t->down, tcp_tls(t), now->rbac, now->n_rbac))
		finish(t, FLAG_UAEX);
	else if (!t->authz.asked && now->tcp && tcp_authz_concerns(t->down, tcp_tls(t), now->tcp))
		tcp_authz_ask(&t->authz, t->down, t->worker->current, now->tcp->ext_authz, on_verdict);
}

static void on_client(struct transport *tr)
{
	struct tcp *t = CONTAINER_OF(tr, struct tcp, client.transport);

	if (tr->state == TRANSPORT_FAILED)
		finish(t, FLAG_DC);
	else if (!t->client.open)
		on_client_open(t);
	else if (t->relaying)
		relay_both(t);
}

static void on_handshake_timeout(struct timer *timer)
{
	down_close(CONTAINER_OF(timer, struct down, timer));
}

#define HANDSHAKE_NS (15LL * NS_PER_S)

void tcp_start(struct down *d, int fd, struct tls *tls)
{
	struct worker *w = d->worker;
	struct tcp *t = NEW(struct tcp);

	*t = (struct tcp){.down = d, .worker = w, .config = d->chain->tcp};
	t->client.transport.fd = t->server.transport.fd = -1;
	d->tcp = t;
	if (transport_accept(&t->client.transport, w->loop, fd, tls, on_client) < 0) {
		down_close(d);
		return;
	}
	if (!tls) {
		on_client_open(t);
		return;
	}
	timer_start_ns(w->loop, &d->timer,
		       d->chain->handshake_timeout_ns ? d->chain->handshake_timeout_ns : HANDSHAKE_NS,
		       on_handshake_timeout);
}
