/*
 * As many connections are opened as streams wait, or as few as carry them all, within the limits; whoever becomes free
 * serves the oldest that it fits.
 */
#include "proxy/upstream/pool.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "codecs/codecs.h"
#include "net/proxy_protocol.h"
#include "proxy/core/http_options.h"
#include "proxy/upstream/tls_cache.h"

/* What a peer takes at once on one connection while it has not said. */
#define ASSUMED_STREAMS 100

static void open_for_waiting(struct endpoint *e);

static struct worker *worker_of(const struct endpoint *e)
{
	return e->cluster->worker;
}

static void up_free(struct corpse *corpse)
{
	struct up *up = CONTAINER_OF(corpse, struct up, corpse);

	endpoint_put(up->endpoint);
	free(up);
}

static void up_close(struct up *up)
{
	struct endpoint *e = up->endpoint;
	struct cluster *c = e->cluster;

	if (up->http.dead)
		return;
	assert(c->counters.cx_active > 0 && e->n_ups > 0);
	assert(up->state != UP_OPENING || e->n_opening[up->choice] > 0);
	c->counters.rx_bytes += up->http.bytes_in;
	c->counters.tx_bytes += up->http.bytes_out;
	c->counters.cx_active--;
	c->counters.cx_destroy++;
	if (up->counted)
		breaker_give(c->breaker, BREAKER_CONNECTIONS);
	if (up->state == UP_OPENING)
		e->n_opening[up->choice]--;
	e->n_ups--;
	timer_stop(&up->timer);
	http_conn_close(&up->http);
	list_remove(&up->link);
	worker_bury(worker_of(e), &up->corpse, up_free);
}

/* ---- the queue ---- */

static enum codecs_choice choice_of(const struct endpoint *e, const struct pool_wait *w)
{
	if (w->raw)
		return CODECS_RAW;
	switch (e->spec->protocol) {
	case CONFIG_UPSTREAM_HTTP2:
		return CODECS_HTTP2;
	case CONFIG_UPSTREAM_DOWNSTREAM:
		return w->downstream_http2 ? CODECS_HTTP2 : CODECS_HTTP1;
	case CONFIG_UPSTREAM_AUTO:
		return CODECS_AUTO;
	case CONFIG_UPSTREAM_HTTP1:
		break;
	}
	return CODECS_HTTP1;
}

static uint64_t first_hash(struct slice first)
{
	return first.len ? hash_bytes(first) | 1 : 0;
}

struct slice endpoint_first(const struct endpoint *e, const struct addr *peer, const struct addr *local, char *out)
{
	const unsigned version = e->transport->proxy_version;

	return version ? slice_make(out, proxy_write(version, peer, local, out)) : slice_make("", 0);
}

/* Whether what waits can go over the connection. */
static bool fits(const struct up *up, const struct pool_wait *w)
{
	return w->choice == up->choice && up->first == first_hash(w->first);
}

/* The oldest that fits; NULL = none. */
static struct pool_wait *queue_pop(struct endpoint *e, const struct up *up)
{
	struct pool_wait *w;

	LIST_EACH (w, &e->waiting, link) {
		if (up && !fits(up, w))
			continue;
		pool_cancel(w);
		return w;
	}
	return NULL;
}

void pool_cancel(struct pool_wait *w)
{
	struct endpoint *e = w->endpoint;

	if (!list_linked(&w->link))
		return;
	assert(e->n_waiting[w->choice] > 0 && e->cluster->counters.rq_pending_active > 0);
	list_remove(&w->link);
	e->n_waiting[w->choice]--;
	e->cluster->counters.rq_pending_active--;
	if (w->counted)
		breaker_give(e->cluster->breaker, BREAKER_PENDING);
	w->counted = false;
}

static void fail_all(struct endpoint *e, enum outcome why, const char *error)
{
	unsigned n = 0;
	struct pool_wait *w;

	for (int i = 0; i < CODECS_CHOICES; i++)
		n += e->n_waiting[i];

	/* Those who come back at once queue up again behind and are not asked twice. */
	while (n-- && (w = queue_pop(e, NULL)))
		w->on_failed(w, why, error);
}

/* ---- connections ---- */

static void on_idle(struct timer *t)
{
	struct up *up = CONTAINER_OF(t, struct up, timer);
	struct worker *w = worker_of(up->endpoint);
	int64_t limit = up->endpoint->spec->idle_timeout_ns, left = up->used_ns + limit - loop_now_ns(w->loop);

	if (up->state == UP_BUSY || up->http.exchanges)
		left = limit;
	else if (left <= 0) {
		up_close(up);
		return;
	}
	timer_start_ns(w->loop, &up->timer, left, on_idle);
}

static bool too_old(const struct up *up)
{
	const struct config_cluster_spec *spec = up->endpoint->spec;
	int64_t age = loop_now_ns(worker_of(up->endpoint)->loop) - up->opened_ns;

	if (spec->max_requests_per_connection && up->http.requests >= spec->max_requests_per_connection)
		return true;
	return spec->max_connection_duration_ns && age >= spec->max_connection_duration_ns;
}

static void start_idle(struct up *up)
{
	struct endpoint *e = up->endpoint;
	struct worker *w = worker_of(e);

	up->used_ns = loop_now_ns(w->loop);
	if (e->spec->idle_timeout_ns && !timer_active(&up->timer))
		timer_start_ns(w->loop, &up->timer, e->spec->idle_timeout_ns, on_idle);
}

static void assign(struct up *up, struct pool_wait *w)
{
	struct endpoint *e = up->endpoint;

	assert(!up->http.dead && !list_linked(&w->link));
	if (up->state == UP_SHARED) {
		w->on_ready(w, up);
		return;
	}
	up->state = UP_BUSY;
	list_remove(&up->link);
	list_append(&e->busy, &up->link);
	w->on_ready(w, up);
}

static void make_idle(struct up *up)
{
	struct endpoint *e = up->endpoint;

	assert(!up->http.dead);
	up->state = UP_IDLE;
	list_remove(&up->link);
	list_prepend(&e->idle, &up->link);
	start_idle(up);
}

static void serve_next(struct up *up)
{
	struct pool_wait *next = queue_pop(up->endpoint, up);

	if (next)
		assign(up, next);
	else
		make_idle(up);
}

/* ---- many exchanges on one connection ---- */

static bool has_room(const struct up *up)
{
	return !up->retire && !too_old(up) && http_conn_can_begin(&up->http);
}

/* No new exchange will ever go over it, and none is there. */
static bool is_spent(const struct up *up)
{
	return !up->http.exchanges && (up->retire || up->http.last || too_old(up));
}

static void serve_shared(struct up *up)
{
	struct pool_wait *w;

	while (!up->http.dead && has_room(up) && (w = queue_pop(up->endpoint, up)))
		assign(up, w);
	if (!up->http.dead && !up->http.exchanges)
		start_idle(up);
}

/* An exchange ended, or the peer's limits are other ones. */
static void on_free(struct http_conn *c)
{
	struct up *up = CONTAINER_OF(c, struct up, http);
	struct endpoint *e = up->endpoint;

	if (up->state != UP_SHARED)
		return;
	endpoint_get(e);
	if (is_spent(up))
		up_close(up);
	else
		serve_shared(up);
	open_for_waiting(e);
	endpoint_put(e);
}

/* The one with the fewest exchanges that has room. */
static struct up *shared_find(struct endpoint *e, const struct pool_wait *w)
{
	struct up *up, *best = NULL;

	LIST_EACH (up, &e->shared, link)
		if (fits(up, w) && has_room(up) && (!best || up->http.exchanges < best->http.exchanges))
			best = up;
	return best;
}

static void on_open(struct http_conn *c)
{
	struct up *up = CONTAINER_OF(c, struct up, http);
	struct endpoint *e = up->endpoint;

	assert(up->state == UP_OPENING && e->n_opening[up->choice] > 0);
	timer_stop(&up->timer);
	e->n_opening[up->choice]--;
	up->state = UP_IDLE;
	up->opened_ns = loop_now_ns(worker_of(e)->loop);
	if (!up->retire && http_conn_many(c)) {
		up->state = UP_SHARED;
		list_remove(&up->link);
		list_append(&e->shared, &up->link);
		serve_shared(up);
		open_for_waiting(e);
		return;
	}
	if (!up->retire) {
		serve_next(up);
		open_for_waiting(e);
		return;
	}
	/* What it was opened for is not so any more. */
	endpoint_get(e);
	up_close(up);
	open_for_waiting(e);
	endpoint_put(e);
}

/* Returns the reason as Envoy words it; the text lives in out. */
static const char *failure_text(const struct up *up, char *out, size_t size)
{
	const struct transport *t = &up->http.transport;
	const char *text = transport_error(t);

	if (t->error)
		snprintf(out, size, "delayed connect error: %d", t->error);
	else
		snprintf(out, size, "%s", text);
	return out;
}

static void opening_failed(struct up *up, enum outcome why)
{
	struct endpoint *e = endpoint_get(up->endpoint);
	char text[256];

	e->cluster->counters.cx_connect_fail++;
	e->counters.cx_connect_fail++;
	if (why == OUTCOME_CONNECT_TIMEOUT)
		e->cluster->counters.cx_connect_timeout++;
	failure_text(up, text, sizeof(text));
	up_close(up);
	endpoint_report(e, OUTLIER_CONNECT_FAILED);
	fail_all(e, why, text);
	endpoint_put(e);
}

static void on_closed(struct http_conn *c)
{
	struct up *up = CONTAINER_OF(c, struct up, http);
	struct endpoint *e = up->endpoint;

	if (up->state == UP_OPENING) {
		opening_failed(up, OUTCOME_CONNECT_FAILED);
		return;
	}
	up_close(up);
	open_for_waiting(e);
}

static void on_connect_timeout(struct timer *t)
{
	opening_failed(CONTAINER_OF(t, struct up, timer), OUTCOME_CONNECT_TIMEOUT);
}

static const struct http_conn_ops up_ops = {.on_open = on_open, .on_closed = on_closed, .on_free = on_free};

struct tls *endpoint_tls(struct endpoint *e, int fd, struct slice alpn, struct slice server_name, struct err *err)
{
	const struct config_tls *settings = e->transport->tls;
	struct worker *w = worker_of(e);
	struct tls_ctx *ctx = tls_cache_get(w->tls, w->current->config, settings, alpn, err);
	struct slice name = settings->sni;
	char sni[256];
	struct tls *tls;

	if (!ctx)
		return NULL;
	if (!name.len && (settings->auto_sni || e->spec->auto_sni))
		name = server_name;
	if (name.len >= sizeof(sni))
		name.len = 0;
	snprintf(sni, sizeof(sni), "%.*s", SLICE_ARG(name));
	tls = tls_new(ctx, fd, name.len ? sni : NULL, &e->resume);
	if (!tls)
		err_set(err, -ENOMEM, "out of memory");
	return tls;
}

static struct up *up_new(struct endpoint *e, enum codecs_choice choice)
{
	struct up *up = NEW(struct up);

	up->endpoint = endpoint_get(e);
	up->state = UP_OPENING;
	up->choice = choice;
	list_append(&e->opening, &up->link);
	e->n_ups++;
	e->n_opening[choice]++;
	e->cluster->counters.cx_active++;
	e->cluster->counters.cx_total++;
	e->counters.cx_total++;
	return up;
}

/* What may be offered in TLS: nothing that would then not be spoken. */
static struct slice alpn_of(const struct endpoint *e, const struct pool_wait *w, char *out)
{
	struct slice names = w->alpn.len ? w->alpn : e->transport->tls->alpn;

	if (w->choice == CODECS_HTTP1)
		return tls_cache_alpn_without(names, SLICE("h2"), out);
	if (!names.len && w->choice == CODECS_AUTO)
		return SLICE("\2h2\10http/1.1");
	return names;
}

static int open_one(struct endpoint *e, struct pool_wait *w, bool counted, struct err *err)
{
	char names[TLS_CACHE_ALPN_MAX], text[PROXY_OUT_MAX_BYTES];
	struct worker *wk = worker_of(e);
	struct http_params p = {.loop = wk->loop, .buffers = &wk->buffers, .ops = &up_ops};
	struct tls *tls = NULL;
	int fd = endpoint_connect(e), r;
	struct up *up;

	if (fd < 0)
		return err_set(err, fd, "immediate connect error: %d", -fd);
	if (e->transport->tls) {
		tls = endpoint_tls(e, fd, alpn_of(e, w, names), w->server_name, err);
		if (!tls) {
			closep(&fd);
			return -ENOENT;
		}
	}
	up = up_new(e, w->choice);
	up->counted = counted;
	up->first = first_hash(w->first);
	w->opening = w->first.len > 0;
	p.options = http_options_of(&e->spec->http);
	codecs_choose(w->choice, p.codecs);
	r = http_conn_connect(&up->http, &p, fd, tls);
	if (r < 0) {
		up->counted = false;
		up_close(up);
		return err_set(err, r, "immediate connect error: %d", -r);
	}
	if (e->transport->proxy_version)
		transport_send_first(&up->http.transport,
				     w->first.len ? w->first : endpoint_first(e, NULL, NULL, text));
	timer_start_ns(wk->loop, &up->timer, e->spec->connect_timeout_ns, on_connect_timeout);
	return 0;
}

/* Every pool may have one connection, whatever the limit says. */
static bool may_open(struct endpoint *e)
{
	uint32_t limit = e->spec->breakers.max_connections;

	if (breaker_take(e->cluster->breaker, BREAKER_CONNECTIONS, limit))
		return true;
	e->cluster->counters.cx_overflow++;
	if (e->n_ups)
		return false;
	breaker_force(e->cluster->breaker, BREAKER_CONNECTIONS, limit);
	return true;
}

/* How many exchanges a connection that is being opened will take. What ALPN decides is not known yet: one. */
static unsigned capacity(const struct endpoint *e, enum codecs_choice choice)
{
	if (choice != CODECS_HTTP2)
		return 1;
	return e->spec->http.max_streams ? e->spec->http.max_streams : ASSUMED_STREAMS;
}

/* Somebody who waits and for whom no connection is being opened; NULL = nobody. */
static struct pool_wait *unserved(const struct endpoint *e)
{
	bool more[CODECS_CHOICES], any = e->transport->proxy_version;
	struct pool_wait *w;

	for (int i = 0; i < CODECS_CHOICES; i++) {
		more[i] = e->n_waiting[i] > (uint64_t)e->n_opening[i] * capacity(e, (enum codecs_choice)i);
		any |= more[i];
	}
	if (!any)
		return NULL;
	LIST_EACH (w, &e->waiting, link)
		if (w->first.len ? !w->opening : more[w->choice])
			return w;
	return NULL;
}

static void open_for_waiting(struct endpoint *e)
{
	bool limited = e->spec->breakers.max_connections != UINT32_MAX;
	struct pool_wait *w;

	if (worker_of(e)->ending)
		return;
	while ((w = unserved(e)) && may_open(e)) {
		struct err err = ERR_INIT;

		if (open_one(e, w, limited, &err) == 0)
			continue;
		if (limited)
			breaker_give(e->cluster->breaker, BREAKER_CONNECTIONS);
		e->cluster->counters.cx_connect_fail++;
		e->counters.cx_connect_fail++;
		endpoint_get(e);
		endpoint_report(e, OUTLIER_CONNECT_FAILED);
		fail_all(e, OUTCOME_CONNECT_FAILED, err.msg);
		endpoint_put(e);
		return;
	}
}

/* An idle connection that is still good. */
static struct up *idle_pop(struct endpoint *e, const struct pool_wait *w)
{
	struct up *up, *next;

	LIST_EACH_SAFE (up, next, &e->idle, link) {
		if (!fits(up, w))
			continue;
		if (!up->http.transport.hung_up && !too_old(up))
			return up;
		up_close(up);
	}
	return NULL;
}

enum outcome pool_ask(struct endpoint *e, struct pool_wait *w)
{
	struct cluster_counters *n = &e->cluster->counters;
	struct up *up;

	w->endpoint = e;
	w->choice = (uint8_t)choice_of(e, w);
	w->opening = false;
	up = shared_find(e, w);
	if (!up)
		up = idle_pop(e, w);
	if (up) {
		assign(up, w);
		return OUTCOME_OK;
	}
	if (!breaker_take(e->cluster->breaker, BREAKER_PENDING, e->spec->breakers.max_pending_requests)) {
		n->rq_pending_overflow++;
		return OUTCOME_OVERFLOW;
	}
	w->counted = e->spec->breakers.max_pending_requests != UINT32_MAX;
	n->rq_pending_total++;
	n->rq_pending_active++;
	list_append(&e->waiting, &w->link);
	e->n_waiting[w->choice]++;
	open_for_waiting(e);
	return OUTCOME_OK;
}

void pool_release(struct up *up, bool reusable)
{
	struct endpoint *e = up->endpoint;

	if (up->http.dead || up->state == UP_SHARED)
		return;
	if (!reusable || up->retire || too_old(up) || up->http.transport.hung_up) {
		endpoint_get(e);
		up_close(up);
		open_for_waiting(e);
		endpoint_put(e);
		return;
	}
	serve_next(up);
}

void pool_close_opening(struct endpoint *e)
{
	assert(list_empty(&e->waiting));
	while (!list_empty(&e->opening))
		up_close(LIST_FIRST(&e->opening, struct up, link));
}

void pool_close_idle(struct endpoint *e)
{
	struct up *up, *next;

	while (!list_empty(&e->idle))
		up_close(LIST_FIRST(&e->idle, struct up, link));
	LIST_EACH (up, &e->busy, link)
		up->retire = true;
	LIST_EACH (up, &e->opening, link)
		up->retire = true;
	LIST_EACH_SAFE (up, next, &e->shared, link) {
		up->retire = true;
		if (!up->http.exchanges)
			up_close(up);
	}
}
