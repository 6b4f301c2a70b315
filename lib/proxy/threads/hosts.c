/* By "cluster address" in a map. */
#include "proxy/threads/hosts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "proxy/upstream/cluster.h"
#include "proxy/upstream/shared.h"

struct hosts {
	struct map by_name;
	struct arena arena;
};

struct hosts *hosts_new(void)
{
	return NEW(struct hosts);
}

void hosts_free(struct hosts *h)
{
	if (!h)
		return;
	map_done(&h->by_name);
	arena_done(&h->arena);
	free(h);
}

static char *key_of(const char *cluster, const struct addr *address)
{
	char text[ADDR_TEXT_MAX];

	return mem_printf("%s %s", cluster, addr_format(address, text));
}

static struct host_state *state_of(struct hosts *h, const char *cluster, const struct addr *address)
{
	CLEANUP(freep) char *key = key_of(cluster, address);
	struct host_state *s = map_get(&h->by_name, slice_str(key));
	char *own;

	if (s)
		return s;
	s = ARENA_NEW(&h->arena, struct host_state);
	own = arena_strdup(&h->arena, key);
	map_set(&h->by_name, slice_str(own), s);
	return s;
}

static void add(struct hosts *h, const struct endpoint *e)
{
	struct host_state *s = state_of(h, e->cluster->spec->name, &e->address);
	const struct host_counters *c = &e->counters;

	s->counters.cx_total += c->cx_total;
	s->counters.cx_active += e->n_ups;
	s->counters.cx_connect_fail += c->cx_connect_fail;
	s->counters.rq_total += c->rq_total;
	s->counters.rq_active += e->active;
	s->counters.rq_success += c->rq_success;
	s->counters.rq_error += c->rq_error;
	s->counters.rq_timeout += c->rq_timeout;
	if (!e->common)
		return;
	s->ejected |= atomic_load(&e->common->ejected);
	s->unhealthy |= e->cluster->spec->health && e->config && !e->config->unchecked &&
			atomic_load(&e->common->check) != SHARED_WELL;
}

void hosts_add(struct hosts *h, struct worker *w)
{
	for (size_t i = 0; i < w->n_clusters; i++)
		for (size_t k = 0; w->clusters[i] && k < w->clusters[i]->n_hosts; k++)
			add(h, w->clusters[i]->hosts[k]);
}

struct host_state hosts_get(const struct hosts *h, const char *cluster, const struct addr *address)
{
	CLEANUP(freep) char *key = key_of(cluster, address);
	const struct host_state *s = h ? map_get(&h->by_name, slice_str(key)) : NULL;

	return s ? *s : (struct host_state){0};
}
