/* When an endpoint is checked, and what follows from the results. How it is asked stands in probe.c. */
#include "proxy/upstream/health.h"

#include <stdlib.h>

#include "base/mem.h"
#include "proxy/upstream/probe.h"
#include "proxy/upstream/shared.h"

/* Of one endpoint. */
struct health_check {
	struct list link; /* in cluster->checks */
	struct cluster *cluster;
	struct endpoint *endpoint;        /* a reference */
	struct config_cluster_spec *spec; /* a reference: it has how */
	const struct config_health *how;
	struct timer next;
	struct probe *probe; /* under way; NULL = none */
	uint32_t well, ill;  /* in a row */
};

static void begin(struct timer *t);

bool health_is_ours(const struct worker *w, uint32_t slot)
{
	return slot % w->all->n == w->index;
}

/* ---- results ---- */

static enum shared_check state_of(const struct health_check *k)
{
	return (enum shared_check)atomic_load_explicit(&k->endpoint->common->check, memory_order_relaxed);
}

/* The state that the result leads to. */
static enum shared_check judge(struct health_check *k, enum probe_result r)
{
	const enum shared_check now = state_of(k);

	if (r == PROBE_WELL) {
		k->ill = 0;
		k->well++;
		/* The first one says enough. */
		return now != SHARED_ILL || k->well >= k->how->healthy_threshold ? SHARED_WELL : SHARED_ILL;
	}
	k->well = 0;
	k->ill++;
	return now == SHARED_WELL && r != PROBE_ILL_AT_ONCE && k->ill < k->how->unhealthy_threshold ? SHARED_WELL
												    : SHARED_ILL;
}

/* Envoy's names: an edge is a change of state. */
static int64_t interval_of(const struct health_check *k, enum shared_check to, bool changed)
{
	const struct config_health *h = k->how;

	if (!atomic_load_explicit(&k->cluster->shared->used, memory_order_relaxed))
		return to == SHARED_WELL ? h->no_traffic_healthy_ns : h->no_traffic_ns;
	if (to == SHARED_WELL)
		return changed ? h->healthy_edge_ns : h->interval_ns;
	return changed ? h->unhealthy_edge_ns : h->unhealthy_ns;
}

static int64_t below(struct worker *w, int64_t n)
{
	return n > 0 ? (int64_t)(rand_next(&w->rand) % (uint64_t)n) : 0;
}

static void wait_for_next(struct health_check *k, int64_t interval_ns)
{
	struct worker *w = k->cluster->worker;
	const int64_t part = interval_ns / 100 * MIN(k->how->jitter_percent, 1000u);

	timer_start_ns(w->loop, &k->next, interval_ns + below(w, k->how->jitter_ns) + below(w, part), begin);
}

static void on_result(void *arg, enum probe_result r)
{
	struct health_check *k = arg;
	struct cluster *c = k->cluster;
	const enum shared_check was = state_of(k), to = judge(k, r);

	k->probe = NULL;
	if (r == PROBE_WELL)
		c->counters.hc_success++;
	else
		c->counters.hc_failure++;
	shared_checked(c->shared, k->endpoint->common, to, &c->spec->outlier, loop_now_ns(c->worker->loop));
	wait_for_next(k, interval_of(k, to, to != was));
}

static void begin(struct timer *t)
{
	struct health_check *k = CONTAINER_OF(t, struct health_check, next);

	k->cluster->counters.hc_attempt++;
	k->probe = health_probe_start(k->endpoint, k->how, on_result, k);
}

/* ---- which endpoints ---- */

static void add(struct cluster *c, struct endpoint *e)
{
	struct health_check *k = NEW(struct health_check);

	k->cluster = c;
	k->endpoint = endpoint_get(e);
	k->spec = config_cluster_spec_ref(c->spec);
	k->how = c->spec->health;
	e->check = k;
	list_append(&c->checks, &k->link);
	timer_start_ns(c->worker->loop, &k->next, below(c->worker, k->how->initial_jitter_ns), begin);
}

static void drop(struct health_check *k)
{
	timer_stop(&k->next);
	health_probe_cancel(k->probe);
	list_remove(&k->link);
	k->endpoint->check = NULL;
	endpoint_put(k->endpoint);
	config_cluster_spec_unref(k->spec);
	free(k);
}

static bool is_wanted(const struct cluster *c, const struct endpoint *e)
{
	return c->spec->health && e->index != ENDPOINT_NO_INDEX && e->config && !e->config->unchecked;
}

void health_update(struct cluster *c)
{
	struct health_check *k, *next;

	LIST_EACH_SAFE (k, next, &c->checks, link)
		if (!is_wanted(c, k->endpoint) || k->how != c->spec->health)
			drop(k);
	for (size_t i = 0; i < c->n_hosts; i++)
		if (!c->hosts[i]->check && is_wanted(c, c->hosts[i]))
			add(c, c->hosts[i]);
}

void health_stop(struct cluster *c)
{
	while (!list_empty(&c->checks))
		drop(LIST_FIRST(&c->checks, struct health_check, link));
}
