/*
 * The choice of an endpoint. Health and weights change seldom: what follows from them is kept in tables that are
 * rebuilt at the first pick after a change (dirty).
 *
 *   priorities[p]: load share in percent (Envoy's spill-over with overprovisioning), panic or not,
 *                  hosts that may be used, their localities with effective weights, a ring or maglev table
 *
 * Localities with weights take turns (smooth weighted round robin), each as far as it is healthy. A ring or table is
 * one for all localities, so that a hash finds the same host always: there the weights are the hosts'. In panic
 * nobody's health is known to be good, and localities are not told apart.
 *
 * Least request picks the less loaded of choice_count random hosts; where weights differ, of weighted draws by
 * weight / (active + 1), in Envoy's sense. Round robin with unequal weights is the smooth one of nginx.
 */
#include "balance/balance.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "balance/balance_internal.h"

void balance_settings_init(struct balance_settings *s)
{
	*s = (struct balance_settings){
		.policy = BALANCE_LEAST_REQUEST,
		.choice_count = 2,
		.panic_threshold_percent = 50,
		.overprovisioning_percent = 140,
		.ring_min = 1024,
		.ring_max = BALANCE_RING_MAX,
		.maglev_size = 65537,
	};
}

static void tables_done(struct balance *b)
{
	for (size_t i = 0; i < b->n_priorities; i++) {
		struct balance_priority *p = &b->priorities[i];
		for (size_t k = 0; k < p->n_groups; k++) {
			free(p->groups[k].hosts);
			free(p->groups[k].credit);
			free(p->groups[k].table);
		}
		free(p->groups);
	}
	free(b->priorities);
	b->priorities = NULL;
	b->n_priorities = 0;
}

void balance_init(struct balance *b, const struct balance_settings *s, const struct balance_host *hosts, size_t n)
{
	*b = (struct balance){.settings = *s, .n = n, .dirty = true};
	b->hosts = mem_calloc(n ? n : 1, sizeof(*hosts));
	if (n)
		memcpy(b->hosts, hosts, n * sizeof(*hosts));
	for (size_t i = 0; i < n; i++)
		if (!b->hosts[i].weight)
			b->hosts[i].weight = 1;
}

void balance_done(struct balance *b)
{
	tables_done(b);
	free(b->hosts);
	b->hosts = NULL;
	b->n = 0;
}

void balance_set_healthy(struct balance *b, size_t i, bool healthy)
{
	if (b->hosts[i].healthy == healthy)
		return;
	b->hosts[i].healthy = healthy;
	b->dirty = true;
}

size_t balance_n_healthy(const struct balance *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		n += b->hosts[i].healthy;
	return n;
}

/* Levels with no host count as absent; a level is in panic when too few of its hosts are healthy. */
static void count_hosts(struct balance *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct balance_priority *p = &b->priorities[b->hosts[i].priority];
		p->n_hosts++;
		p->n_healthy += b->hosts[i].healthy;
	}
}

/* Health of a level in percent, with overprovisioning, at most 100. */
static uint32_t level_health(const struct balance *b, const struct balance_priority *p)
{
	if (!p->n_hosts)
		return 0;
	uint64_t h = (uint64_t)p->n_healthy * b->settings.overprovisioning_percent / p->n_hosts;
	return h > 100 ? 100 : (uint32_t)h;
}

/* Spreads 100 percent over the levels: each takes its health, what is missing spills to the next. */
static void share_load(struct balance *b)
{
	uint32_t total = 0, left = 100;

	for (size_t i = 0; i < b->n_priorities; i++)
		total += level_health(b, &b->priorities[i]);
	if (total > 100)
		total = 100;
	for (size_t i = 0; i < b->n_priorities; i++) {
		struct balance_priority *p = &b->priorities[i];
		uint32_t threshold = b->settings.panic_threshold_percent;
		/* A level panics only when all levels together cannot carry the load, as in Envoy. */
		p->panic = p->n_hosts && total < 100 && p->n_healthy * 100 < (uint64_t)threshold * p->n_hosts;
		if (!total)
			continue;
		uint32_t share = level_health(b, p) * 100 / total;
		p->load = share < left ? share : left;
		left -= p->load;
	}
	if (!total) { /* nobody is healthy: the first level with hosts, in panic if allowed */
		for (size_t i = 0; i < b->n_priorities; i++)
			if (b->priorities[i].n_hosts) {
				b->priorities[i].load = 100;
				break;
			}
		return;
	}
	for (size_t i = 0; left && i < b->n_priorities; i++)
		if (b->priorities[i].load) { /* rounding goes to the first in use */
			b->priorities[i].load += left;
			break;
		}
}

static bool has_table(const struct balance *b)
{
	return b->settings.policy == BALANCE_RING_HASH || b->settings.policy == BALANCE_MAGLEV;
}

/* Where no locality that may be used has a weight all hosts are the same. */
static void tell_apart(struct balance *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct balance_host *h = &b->hosts[i];
		struct balance_priority *p = &b->priorities[h->priority];

		p->apart |=
			b->settings.locality_weighted && !has_table(b) && !p->panic && h->healthy && h->locality_weight;
	}
}

static struct balance_group *group_of(struct balance_priority *p, const struct balance_host *h)
{
	uint32_t locality = p->apart ? h->locality : 0;

	for (size_t i = 0; i < p->n_groups; i++)
		if (p->groups[i].locality == locality)
			return &p->groups[i];
	p->groups = mem_realloc(p->groups, (p->n_groups + 1) * sizeof(*p->groups));
	struct balance_group *g = &p->groups[p->n_groups++];
	*g = (struct balance_group){.locality = locality, .weight = p->apart ? h->locality_weight : 1};
	return g;
}

static void group_add(struct balance *b, struct balance_group *g, uint32_t i)
{
	if (g->n == g->cap) {
		g->cap = g->cap ? g->cap * 2 : 8;
		g->hosts = mem_realloc(g->hosts, g->cap * sizeof(*g->hosts));
	}
	g->unequal |= g->n && b->hosts[g->hosts[0]].weight != b->hosts[i].weight;
	g->total_weight += b->hosts[i].weight;
	g->hosts[g->n++] = i;
}

static void fill_groups(struct balance *b)
{
	for (uint32_t i = 0; i < b->n; i++) {
		const struct balance_host *h = &b->hosts[i];
		struct balance_priority *p = &b->priorities[h->priority];
		struct balance_group *g = group_of(p, h);
		g->n_all++;
		if (h->healthy || p->panic)
			group_add(b, g, i);
	}
}

/* A locality's weight shrinks with its health, with overprovisioning. */
static void weigh_groups(const struct balance *b, struct balance_priority *p)
{
	p->group_weight = 0;
	for (size_t i = 0; i < p->n_groups; i++) {
		struct balance_group *g = &p->groups[i];
		double health = (double)g->n * b->settings.overprovisioning_percent / 100 / (double)g->n_all;

		g->effective = g->weight * MIN(health, 1.0);
		p->group_weight += g->effective;
	}
}

static void rebuild(struct balance *b)
{
	size_t levels = 0;

	tables_done(b);
	for (size_t i = 0; i < b->n; i++)
		levels = MAX(levels, (size_t)b->hosts[i].priority + 1);
	b->priorities = mem_calloc(levels ? levels : 1, sizeof(*b->priorities));
	b->n_priorities = levels;
	count_hosts(b);
	share_load(b);
	tell_apart(b);
	fill_groups(b);
	for (size_t i = 0; i < levels; i++) {
		struct balance_priority *p = &b->priorities[i];
		weigh_groups(b, p);
		for (size_t k = 0; k < p->n_groups; k++) {
			struct balance_group *g = &p->groups[k];
			if (b->settings.policy == BALANCE_RING_HASH)
				balance_ring_build(b, g);
			else if (b->settings.policy == BALANCE_MAGLEV)
				balance_maglev_build(b, g);
			else if (g->unequal)
				g->credit = mem_calloc(g->n, sizeof(*g->credit));
		}
	}
	b->dirty = false;
}

static struct balance_priority *pick_level(struct balance *b, uint64_t random)
{
	uint32_t at = (uint32_t)(random % 100);

	for (size_t i = 0; i < b->n_priorities; i++) {
		if (at < b->priorities[i].load)
			return &b->priorities[i];
		at -= b->priorities[i].load;
	}
	return NULL;
}

/* Each locality gains its weight, the richest pays the sum. */
static struct balance_group *pick_group(struct balance_priority *p)
{
	struct balance_group *best = NULL;

	if (p->n_groups == 1)
		return &p->groups[0];
	for (size_t i = 0; i < p->n_groups; i++) {
		struct balance_group *g = &p->groups[i];

		g->turn += g->effective;
		if (g->effective > 0 && (!best || g->turn > best->turn))
			best = g;
	}
	if (best)
		best->turn -= p->group_weight;
	return best;
}

/* Smooth weighted round robin: each host gains its weight, the richest pays the sum. */
static size_t pick_round_robin(struct balance *b, struct balance_group *g, struct rand *rnd)
{
	size_t best = 0;

	if (!g->unequal) {
		if (!g->started) {
			g->next = rand_below(rnd, (uint32_t)g->n);
			g->started = true;
		}
		return g->hosts[g->next++ % g->n];
	}
	for (size_t i = 0; i < g->n; i++) {
		g->credit[i] += b->hosts[g->hosts[i]].weight;
		if (g->credit[i] > g->credit[best])
			best = i;
	}
	g->credit[best] -= (int64_t)g->total_weight;
	return g->hosts[best];
}

static size_t draw(struct balance *b, struct balance_group *g, struct rand *rnd)
{
	if (!g->unequal)
		return g->hosts[rand_below(rnd, (uint32_t)g->n)];
	uint64_t at = rand_next(rnd) % g->total_weight;
	for (size_t i = 0; i < g->n; i++) {
		if (at < b->hosts[g->hosts[i]].weight)
			return g->hosts[i];
		at -= b->hosts[g->hosts[i]].weight;
	}
	return g->hosts[g->n - 1];
}

static size_t pick_least_request(struct balance *b, struct balance_group *g, struct rand *rnd)
{
	size_t best = draw(b, g, rnd);

	for (uint32_t i = 1; i < b->settings.choice_count && g->n > 1; i++) {
		size_t other = draw(b, g, rnd);
		if (b->hosts[other].active < b->hosts[best].active)
			best = other;
	}
	return best;
}

static size_t pick_once(struct balance *b, const struct balance_ask *ask, uint32_t attempt, struct rand *rnd)
{
	struct balance_priority *p = b->n_priorities == 1 ? &b->priorities[0] : pick_level(b, rand_next(rnd));
	struct balance_group *g = p ? pick_group(p) : NULL;

	if (!g || !g->n)
		return BALANCE_NONE;
	switch (b->settings.policy) {
	case BALANCE_ROUND_ROBIN:
		return pick_round_robin(b, g, rnd);
	case BALANCE_RANDOM:
		return draw(b, g, rnd);
	case BALANCE_RING_HASH:
	case BALANCE_MAGLEV:
		/* A further attempt moves on from the same hash, so that the choice stays stable. */
		return balance_table_pick(b, g, (ask->has_hash ? ask->hash : rand_next(rnd)) + attempt);
	default:
		return pick_least_request(b, g, rnd);
	}
}

size_t balance_pick(struct balance *b, const struct balance_ask *ask, struct rand *rnd)
{
	size_t i;

	if (b->dirty)
		rebuild(b);
	i = pick_once(b, ask, 0, rnd);
	for (uint32_t k = 1; i != BALANCE_NONE && ask->avoid && k <= ask->attempts && ask->avoid(ask->ctx, i); k++)
		i = pick_once(b, ask, k, rnd);
	return i;
}

bool balance_in_panic(struct balance *b)
{
	if (b->dirty)
		rebuild(b);
	for (size_t i = 0; i < b->n_priorities; i++)
		if (b->priorities[i].load && b->priorities[i].panic)
			return true;
	return false;
}
