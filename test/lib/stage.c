/* A worker without a thread. */
#include "proxy/upstream/shared.h"
#include "stage.h"

#include <stdlib.h>

#include "proxy/upstream/cluster.h"
#include "proxy/telemetry/stats.h"
#include "proxy/upstream/tls_cache.h"

struct stage {
	struct workers all;
	struct worker worker;
	struct worker_config wc;
};

struct stage *stage_new(struct config *c)
{
	struct stage *s = NEW(struct stage);
	struct worker *w = &s->worker;

	s->all.breakers = mem_calloc(BREAKER_SLOTS, sizeof(*s->all.breakers));
	s->all.shared = mem_calloc(BREAKER_SLOTS, sizeof(*s->all.shared));
	s->all.v = w;
	s->all.n = 1;
	w->all = &s->all;
	w->loop = loop_new();
	rand_init(&w->rand);
	w->metrics = metrics_new();
	w->stats = stats_new();
	w->tls = tls_cache_new();
	s->wc = (struct worker_config){.config = c, .worker = w, .users = 1};
	w->current = &s->wc;
	return s;
}

void stage_free(struct stage *s)
{
	struct worker *w = &s->worker;

	w->ending = true;
	for (size_t i = 0; i < w->n_clusters; i++)
		cluster_leave(w->clusters[i]);
	free(w->clusters);
	stats_free(w->stats);
	metrics_free(w->metrics);
	tls_cache_free(w->tls);
	loop_free(w->loop);
	breakers_free(&s->all);
	shared_free_all(&s->all);
	free(s);
}

const char *stage_pick(struct stage *s, struct arena *a, const char *cluster, const char *original, bool any)
{
	struct config *config = s->wc.config;
	struct cluster *c = cluster_get(&s->worker, config, config_cluster_slot(config, slice_str(cluster)));
	struct addr dst;
	const struct cluster_ask ask = {.original_dst = original ? &dst : NULL, .any_endpoint = any};
	struct endpoint *e;
	char text[ADDR_TEXT_MAX];
	const char *got;

	if (!c || (original && addr_parse(slice_str(original), 80, &dst) < 0))
		abort();
	e = cluster_pick(c, &ask);
	if (!e)
		return "(none)";
	got = arena_printf(a, "%s %s", addr_format(&e->address, text), e->transport->tls ? "tls" : "plain");
	endpoint_put(e);
	return got;
}
