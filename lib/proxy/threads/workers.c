/* Threads, swaps, and what is merged from all workers. */
#include "proxy/threads/workers.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "proxy/stream/access_log.h"
#include "proxy/upstream/cluster.h"
#include "proxy/filter/jwt_cache.h"
#include "proxy/filter/jwt_keys.h"
#include "proxy/upstream/health.h"
#include "proxy/upstream/shared.h"
#include "proxy/filter/table.h"
#include "proxy/upstream/exporter.h"
#include "proxy/listener/listener.h"
#include "proxy/listener/server_first.h"
#include "proxy/upstream/pool.h"
#include "proxy/upstream/side_call.h"
#include "proxy/stream/shadow.h"
#include "proxy/telemetry/stats.h"
#include "proxy/stream/stream.h"
#include "proxy/upstream/tls_cache.h"
#include "proxy/threads/counters.h"
#include "proxy/threads/hosts.h"

struct thread {
	pthread_t id;
	bool started;
};

struct workers_threads {
	struct workers all;
	struct workers_params params;
	struct list orders; /* under way; the main thread's */
	struct thread threads[];
};

/* ---- life ---- */

static int worker_init(struct worker *w, struct workers *all, unsigned index)
{
	w->all = all;
	w->index = index;
	w->loop = loop_new();
	if (!w->loop)
		return -1;
	rand_init(&w->rand);
	list_init(&w->downs);
	list_init(&w->dead);
	list_init(&w->free_streams);
	list_init(&w->leaving);
	list_init(&w->shadows);
	list_init(&w->side_calls);
	list_init(&w->exporters);
	w->metrics = metrics_new();
	w->stats = stats_new();
	w->tls = tls_cache_new();
	w->filters = filter_table;
	return 0;
}

static void close_downs(struct worker *w)
{
	while (!list_empty(&w->downs))
		down_close(LIST_FIRST(&w->downs, struct down, link));
}

static void worker_done(struct worker *w)
{
	if (!w->loop)
		return;
	w->ending = true;
	timer_stop(&w->trim);
	listeners_close(w);
	close_downs(w);
	server_first_done(w);
	shadows_done(w);
	exports_done(w);
	jwt_keys_free(take(w->keys));
	side_calls_done(w);
	jwt_cache_free(take(w->tokens));
	for (size_t i = 0; i < w->n_clusters; i++)
		cluster_leave(w->clusters[i]);
	worker_bury_all(w);
	free(w->clusters);
	streams_done(w);
	access_logs_done(w);
	stats_free(w->stats);
	metrics_free(w->metrics);
	tls_cache_free(w->tls);
	worker_config_put(w->current);
	buffers_done(&w->buffers);
}

static void *run(void *arg)
{
	struct worker *w = arg;

	loop_run(w->loop);
	worker_done(w);
	return NULL;
}

struct workers *workers_new(struct loop *main_loop, const struct workers_params *p)
{
	struct workers_threads *t = mem_alloc(sizeof(*t) + p->n * sizeof(struct thread));
	struct workers *ws = &t->all;

	list_init(&t->orders);
	ws->main_loop = main_loop;
	t->params = *p;
	ws->n = p->n;
	ws->v = mem_calloc(p->n, sizeof(*ws->v));
	ws->breakers = mem_calloc(BREAKER_SLOTS, sizeof(*ws->breakers));
	ws->shared = mem_calloc(BREAKER_SLOTS, sizeof(*ws->shared));
	for (unsigned i = 0; i < p->n; i++) {
		int r = worker_init(&ws->v[i], ws, i) < 0 ? errno
							  : pthread_create(&t->threads[i].id, NULL, run, &ws->v[i]);

		if (r) {
			workers_free(ws);
			errno = r;
			return NULL;
		}
		t->threads[i].started = true;
	}
	return ws;
}

static void orders_drop(struct workers_threads *t);

void workers_free(struct workers *ws)
{
	struct workers_threads *t;

	if (!ws)
		return;
	t = CONTAINER_OF(ws, struct workers_threads, all);
	for (unsigned i = 0; i < ws->n; i++) {
		if (t->threads[i].started) {
			loop_stop(ws->v[i].loop);
			pthread_join(t->threads[i].id, NULL);
		} else {
			worker_done(&ws->v[i]);
		}
		/* Not by the worker: whoever stops a loop may still be waking it when it has ended. */
		loop_free(ws->v[i].loop);
	}
	orders_drop(t);
	free(ws->v);
	breakers_free(ws);
	shared_free_all(ws);
	free(t);
}

/*
 * ---- orders: one message that visits every worker and comes home ----
 *
 * It is the only kind of message between these threads: what a worker has to say comes home with the order that made it
 * say so. Hence the main thread knows of every one, and takes back those under way when the workers end.
 */

struct order {
	struct message message;
	struct list link; /* in workers_threads.orders */
	struct workers *all;
	unsigned next;
	void (*visit)(struct worker *w, struct order *o);
	void (*home)(struct order *o);
	struct config *config;
	struct listen_round round; /* what the config's listeners met */
	struct metrics *metrics;
	void (*on_applied)(void *arg);
	void (*on_collected)(void *arg, struct metrics *m);
	struct hosts *hosts;
	void (*on_hosts)(void *arg, struct hosts *h);
	uint16_t silent[SILENT_PORTS_MAX];
	size_t n_silent;
	void (*on_silent)(void *arg, const uint16_t *ports, size_t n);
	void *arg;
	enum workers_drain drain;
};

static void order_free(struct order *o)
{
	metrics_free(o->metrics);
	hosts_free(o->hosts);
	listen_round_done(&o->round);
	config_unref(o->config);
	free(o);
}

static void order_home(struct message *m)
{
	struct order *o = CONTAINER_OF(m, struct order, message);

	list_remove(&o->link);
	if (o->home)
		o->home(o);
	order_free(o);
}

/* No worker runs any more: an order is on its way home, or in the loop of a worker that has ended, which dropped it. */
static void orders_drop(struct workers_threads *t)
{
	while (!list_empty(&t->orders)) {
		struct order *o = LIST_FIRST(&t->orders, struct order, link);

		if (o->next == t->all.n)
			loop_unpost(t->all.main_loop, &o->message);
		list_remove(&o->link);
		if (o->on_collected) /* arg is somebody's */
			o->on_collected(o->arg, NULL);
		if (o->on_hosts)
			o->on_hosts(o->arg, NULL);
		if (o->on_silent)
			o->on_silent(o->arg, NULL, 0);
		order_free(o);
	}
}

static void order_visit(struct message *m)
{
	struct order *o = CONTAINER_OF(m, struct order, message);
	struct workers *ws = o->all;

	assert(o->next < ws->n);
	o->visit(&ws->v[o->next], o);
	if (++o->next < ws->n)
		loop_post(ws->v[o->next].loop, &o->message, order_visit);
	else
		loop_post(ws->main_loop, &o->message, order_home);
}

static void order_send(struct workers *ws, const struct order *what)
{
	struct order *o = NEW(struct order);

	*o = *what;
	o->all = ws;
	list_append(&CONTAINER_OF(ws, struct workers_threads, all)->orders, &o->link);
	loop_post(ws->v[0].loop, &o->message, order_visit);
}

/* A cluster that is gone keeps no idle connections, and its name's slot is another's when its last request has ended.
 */
static void update_clusters(struct worker *w)
{
	const struct config *c = w->current->config;

	for (uint32_t i = 0; i < w->n_clusters; i++) {
		struct cluster *cl = w->clusters[i];

		if (!cl || cluster_get(w, c, i))
			continue;
		for (size_t k = 0; k < cl->n_hosts; k++)
			pool_close_idle(cl->hosts[k]);
		cluster_leave(take(w->clusters[i]));
	}
}

/* What is checked is checked from the beginning, before anybody uses it. */
static void check_clusters(struct worker *w)
{
	const struct config *c = w->current->config;

	for (uint32_t i = 0; i < c->n_clusters; i++)
		if (c->clusters[i].spec && c->clusters[i].spec->health && health_is_ours(w, i))
			(void)cluster_get(w, c, i);
}

static void update_downs(struct worker *w)
{
	struct down *d, *next;

	LIST_EACH_SAFE (d, next, &w->downs, link)
		down_update(d);
}

static void apply(struct worker *w, struct order *o)
{
	struct worker_config *old = w->current, *wc = NEW(struct worker_config);

	*wc = (struct worker_config){.config = config_ref(o->config), .worker = w, .users = 1};
	w->current = wc;
	listeners_update(w, &o->round);
	update_clusters(w);
	check_clusters(w);
	update_downs(w);
	worker_config_put(old);
}

static void applied(struct order *o)
{
	const struct workers_params p = CONTAINER_OF(o->all, struct workers_threads, all)->params;

	for (size_t i = 0; p.on_listen_error && i < o->round.errors.n; i++)
		p.on_listen_error(p.ctx, o->round.errors.v[i].listener, &o->round.errors.v[i].err);
	if (o->on_applied)
		o->on_applied(o->arg);
}

void workers_set_config(struct workers *ws, struct config *c, void (*on_applied)(void *arg), void *arg)
{
	order_send(ws, &(struct order){.visit = apply,
				       .home = applied,
				       .config = config_ref(c),
				       .on_applied = on_applied,
				       .arg = arg});
}

static void collect(struct worker *w, struct order *o)
{
	metrics_merge(o->metrics, w->metrics);
	worker_stats_write(w, o->metrics);
}

static void collected(struct order *o)
{
	o->on_collected(o->arg, take(o->metrics));
}

void workers_collect(struct workers *ws, void (*fn)(void *arg, struct metrics *m), void *arg)
{
	order_send(
		ws,
		&(struct order){
			.visit = collect, .home = collected, .metrics = metrics_new(), .on_collected = fn, .arg = arg});
}

static void collect_silent(struct worker *w, struct order *o)
{
	for (size_t i = 0; i < w->silent.n; i++) {
		size_t k = 0;

		while (k < o->n_silent && o->silent[k] != w->silent.v[i].port)
			k++;
		if (w->silent.v[i].inbound && k == o->n_silent && k < ARRAY_LEN(o->silent))
			o->silent[o->n_silent++] = w->silent.v[i].port;
	}
}

static void silent_collected(struct order *o)
{
	o->on_silent(o->arg, o->silent, o->n_silent);
}

unsigned workers_silent_changes(const struct workers *ws)
{
	return atomic_load_explicit(&ws->silent_changes, memory_order_relaxed);
}

void workers_silent(struct workers *ws, void (*fn)(void *arg, const uint16_t *ports, size_t n), void *arg)
{
	order_send(ws, &(struct order){.visit = collect_silent, .home = silent_collected, .on_silent = fn, .arg = arg});
}

static void visit_hosts(struct worker *w, struct order *o)
{
	hosts_add(o->hosts, w);
}

static void hosts_collected(struct order *o)
{
	o->on_hosts(o->arg, take(o->hosts));
}

void workers_hosts(struct workers *ws, void (*fn)(void *arg, struct hosts *h), void *arg)
{
	order_send(ws, &(struct order){.visit = visit_hosts,
				       .home = hosts_collected,
				       .hosts = hosts_new(),
				       .on_hosts = fn,
				       .arg = arg});
}

static void reset_counters(struct worker *w, struct order *o)
{
	(void)o;
	metrics_reset(w->metrics);
	worker_stats_reset(w);
}

void workers_reset_counters(struct workers *ws)
{
	order_send(ws, &(struct order){.visit = reset_counters});
}

static void drain(struct worker *w, struct order *o)
{
	struct down *d, *next;

	if (o->drain == WORKERS_DRAIN_ALL)
		w->draining_all = true;
	w->draining_inbound = true;
	LIST_EACH_SAFE (d, next, &w->downs, link)
		if (w->draining_all || d->inbound)
			(o->drain == WORKERS_DRAIN_IDLE ? down_drain : down_announce_end)(d);
}

void workers_drain(struct workers *ws, enum workers_drain what)
{
	order_send(ws, &(struct order){.visit = drain, .drain = what});
}

static void stop_listening(struct worker *w, struct order *o)
{
	(void)o;
	w->stopped_listening = true;
	listeners_close(w);
}

void workers_stop_listening(struct workers *ws)
{
	order_send(ws, &(struct order){.visit = stop_listening});
}

unsigned workers_active_connections(const struct workers *ws)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ws->n; i++)
		n += atomic_load_explicit(&ws->v[i].n_downs, memory_order_relaxed);
	return n;
}
