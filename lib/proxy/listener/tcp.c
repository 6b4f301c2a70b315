/*
 * Two transports and a buffer for each direction; a buffer is held only while bytes wait for the slower side. Half
 * closes are passed on. Sidecars exchange who they are in front of the bytes when both speak ALPN istio-peer-exchange.
 *
 *   HANDSHAKE (client's TLS) -> (ASKING whether it may) -> CONNECTING (endpoint) -> RELAYING -> closed
 */
#include "proxy/listener/tcp_internal.h"
#include "proxy/listener/listener.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "net/proxy_protocol.h"
#include "proxy/upstream/cluster.h"
#include "proxy/listener/look.h"
#include "proxy/listener/server_first.h"
#include "proxy/upstream/pool.h"

/* Reads in a row before others get their turn. */
#define BURST 16

static void connect_server(struct tcp *t);

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

void tcp_abandon(struct tcp *t)
{
	if (!t->early) {
		tcp_count_closed(t);
		tcp_write_log(t);
	}
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

/* A connection to the server alone is not the client's end: whoever it was made for finds out the ordinary way. */
static void finish(struct tcp *t, uint32_t flags)
{
	if (t->early) {
		tcp_abandon(take(t->down->tcp));
		return;
	}
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
	tcp_count_opened(t);
	return true;
}

static struct side *other(struct tcp *t, struct side *s)
{
	return s == &t->client ? &t->server : &t->client;
}

/* One read, as transport_read. */
static ssize_t read_some(struct tcp *t, struct side *from)
{
	struct flow *f = &other(t, from)->out;
	ssize_t n;

	flow_reserve(t, f);
	n = transport_read(&from->transport, f->buf, f->cap);
	if (n <= 0)
		return n;
	f->end = (uint32_t)n;
	if (!take_exchange(t, from, f))
		f->start = f->end;
	f->bytes += f->end - f->start;
	if (t->down->unheard && f->end > f->start)
		server_first_hear(t->down, from == &t->server, slice_make(f->buf + f->start, f->end - f->start));
	return n;
}

/* Moves bytes from one side to the other as long as it goes. Returns the side that is dead, or NULL. */
static struct side *relay(struct tcp *t, struct side *from)
{
	struct side *to = other(t, from);
	struct flow *f = &to->out;
	bool dead = false;

	for (int i = 0; i < BURST; i++) {
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
		if (read_some(t, from) == TRANSPORT_ERROR)
			return from;
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

/* What the server says before the client has shown what it speaks is kept, and decides that. */
static void hear_server(struct tcp *t)
{
	struct flow *kept = &t->client.out;
	bool dead = false;
	ssize_t n = 1;

	if (!flush(t, &t->server, &dead) && dead) {
		finish(t, 0);
		return;
	}
	while (n > 0 && t->server.transport.can_read && kept->start == kept->end)
		n = read_some(t, &t->server);
	if (n == 0 || n == TRANSPORT_ERROR)
		finish(t, 0);
	else if (kept->start < kept->end)
		look_server_spoke(t->down);
}

/* Both sides are there. */
static void start_relay(struct tcp *t)
{
	if (!t->client.exchange.expected && !t->server.exchange.expected)
		tcp_count_opened(t);
	t->client.transport.can_read |= t->client.transport.tls == NULL;
	relay_both(t);
}

static void on_server_open(struct tcp *t)
{
	const struct config_chain *chain = t->down->chain; /* NULL before the client has shown what it speaks */

	t->relaying = t->server.open = true;
	timer_stop(&t->timer);
	endpoint_report(t->endpoint, OUTLIER_SUCCESS);
	t->active_ns = loop_now_ns(t->worker->loop);
	if (t->config->idle_timeout_ns)
		timer_start_ns(t->worker->loop, &t->timer, t->config->idle_timeout_ns, on_idle);
	const bool exchange = t->config->peer_exchange || (chain && chain->peer_exchange);
	if (exchange && speaks_exchange(&t->client))
		announce(t, &t->client);
	if ((exchange || t->cluster->spec->peer_exchange) && speaks_exchange(&t->server))
		announce(t, &t->server);
	if (t->early)
		hear_server(t);
	else
		start_relay(t);
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
	else if (t->early)
		hear_server(t);
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

static bool allowed(const struct down *d, struct tls *tls, const struct config_chain *chain)
{
	return down_allowed(d, tls, chain->rbac, chain->n_rbac) &&
	       down_allowed(d, tls, chain->tcp->rbac, chain->tcp->n_rbac);
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
	if (!allowed(d, tls, d->chain)) {
		finish(t, FLAG_UAEX);
		return;
	}
	if (tcp_authz_concerns(d, tls, t->config))
		tcp_authz_ask(&t->authz, d, d->wc, t->config->ext_authz, on_verdict);
	else if (!t->cluster)
		go_on(t);
	else if (t->relaying)
		start_relay(t);
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

static struct tcp *tcp_new(struct down *d, const struct config_chain *chain)
{
	struct tcp *t = NEW(struct tcp);

	*t = (struct tcp){.down = d, .worker = d->worker, .config = chain->tcp};
	t->client.transport.fd = t->server.transport.fd = -1;
	return t;
}

void tcp_reach(struct down *d, const struct config_chain *chain)
{
	if (!allowed(d, NULL, chain) || tcp_authz_concerns(d, NULL, chain->tcp))
		return;
	d->tcp = tcp_new(d, chain);
	d->tcp->early = true;
	go_on(d->tcp);
}

bool tcp_serves(const struct tcp *t, const struct config_chain *chain)
{
	return t->config == chain->tcp && !chain->tls;
}

void tcp_start(struct down *d, int fd, struct tls *tls)
{
	struct worker *w = d->worker;
	struct tcp *t = d->tcp ? d->tcp : tcp_new(d, d->chain);

	t->early = false;
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
