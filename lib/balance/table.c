/*
 * Consistent hashing: a ring of points (Ketama's idea) and a maglev table (Eisenbud et al., NSDI 2016). Both depend on
 * the hosts' keys alone, so that every worker and every proxy builds the same table.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/mem.h"
#include "balance/balance_internal.h"

static uint64_t mix(uint64_t key, uint64_t n)
{
	uint64_t pair[2] = {key, n};

	return hash_bytes(slice_make(pair, sizeof(pair)));
}

static int by_hash(const void *x, const void *y)
{
	const struct balance_ring_point *a = x, *b = y;

	return a->hash < b->hash ? -1 : a->hash > b->hash;
}

/* ---- weights ---- */

#define SHARE_UNIT 256.0       /* of the lightest host's part of its locality's weight */
#define SHARE_MAX (1ULL << 38) /* times the longest ring this fits into 64 bits */

/* What the hosts of a group weigh in its table; 0 = it has no place there. */
struct weights {
	uint64_t *v; /* owned */
	uint64_t total, lowest, heaviest;
};

/* How much the usable hosts of a locality weigh together. */
struct place {
	uint32_t locality;
	double total;
};

struct places {
	struct place *v; /* owned */
	size_t n, last;
};

/* Hosts of one locality mostly stand together. */
static struct place *place_of(struct places *p, uint32_t locality)
{
	if (p->n && p->v[p->last].locality == locality)
		return &p->v[p->last];
	for (p->last = 0; p->last < p->n; p->last++)
		if (p->v[p->last].locality == locality)
			return &p->v[p->last];
	p->v = mem_realloc(p->v, (p->n + 1) * sizeof(*p->v));
	p->v[p->n] = (struct place){locality, 0};
	return &p->v[p->n++];
}

/* Each host its part of its locality's weight, whatever part of the locality is well: hashes stay where they are. */
static void weigh_parts(const struct balance *b, const struct balance_group *g, uint64_t *out)
{
	struct places places = {0};
	CLEANUP(freep) double *part = mem_calloc(g->n + 1, sizeof(*part));
	double lowest = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct balance_host *h = &b->hosts[g->hosts[i]];
		place_of(&places, h->locality)->total += h->weight;
	}
	for (size_t i = 0; i < g->n; i++) {
		const struct balance_host *h = &b->hosts[g->hosts[i]];
		part[i] = (double)h->weight * h->locality_weight / place_of(&places, h->locality)->total;
		if (part[i] > 0 && (lowest == 0 || part[i] < lowest))
			lowest = part[i];
	}
	for (size_t i = 0; i < g->n; i++)
		out[i] = (uint64_t)MIN(part[i] / lowest * SHARE_UNIT, (double)SHARE_MAX);
	free(places.v);
}

static bool has_locality_weights(const struct balance *b, const struct balance_group *g)
{
	for (size_t i = 0; b->settings.locality_weighted && i < g->n; i++)
		if (b->hosts[g->hosts[i]].locality_weight)
			return true;
	return false;
}

static struct weights weigh(const struct balance *b, const struct balance_group *g)
{
	struct weights w = {.v = mem_calloc(g->n + 1, sizeof(*w.v)), .lowest = UINT64_MAX};

	if (has_locality_weights(b, g))
		weigh_parts(b, g, w.v);
	else
		for (size_t i = 0; i < g->n; i++)
			w.v[i] = b->hosts[g->hosts[i]].weight;
	for (size_t i = 0; i < g->n; i++) {
		w.total += w.v[i];
		w.heaviest = MAX(w.heaviest, w.v[i]);
		if (w.v[i])
			w.lowest = MIN(w.lowest, w.v[i]);
	}
	return w;
}

/* ---- tables ---- */

void balance_ring_build(struct balance *b, struct balance_group *g)
{
	if (!g->n)
		return;
	struct weights w = weigh(b, g);
	/* Enough points that the lightest host has one, at least ring_min in all, at most ring_max. */
	uint64_t size = MAX((uint64_t)b->settings.ring_min, (w.total + w.lowest - 1) / w.lowest);
	size = MIN(size, (uint64_t)MIN(b->settings.ring_max, BALANCE_RING_MAX));
	g->table = mem_calloc(size + g->n, sizeof(*g->table));
	for (size_t i = 0; i < g->n; i++) {
		const struct balance_host *h = &b->hosts[g->hosts[i]];
		uint64_t points = (size * w.v[i] + w.total - 1) / w.total;
		for (uint64_t k = 0; k < points && g->n_table < size + g->n; k++)
			g->table[g->n_table++] = (struct balance_ring_point){mix(h->key, k), g->hosts[i]};
	}
	free(w.v);
	qsort(g->table, g->n_table, sizeof(*g->table), by_hash);
}

struct maglev_row {
	uint64_t offset, skip, next, credit;
};

void balance_maglev_build(struct balance *b, struct balance_group *g)
{
	uint64_t size = MIN(b->settings.maglev_size, BALANCE_MAGLEV_MAX), filled = 0;
	CLEANUP(freep) struct maglev_row *rows = mem_calloc(g->n + 1, sizeof(*rows));

	if (!g->n || size < 2)
		return;
	struct weights w = weigh(b, g);
	g->table = mem_calloc(size, sizeof(*g->table));
	g->n_table = size;
	for (size_t i = 0; i < size; i++)
		g->table[i].host = UINT32_MAX;
	for (size_t i = 0; i < g->n; i++) {
		const struct balance_host *h = &b->hosts[g->hosts[i]];
		rows[i] = (struct maglev_row){mix(h->key, 0) % size, mix(h->key, 1) % (size - 1) + 1, 0, 0};
	}
	while (filled < size) {
		for (size_t i = 0; i < g->n && filled < size; i++) {
			rows[i].credit += w.v[i];
			if (!w.v[i] || rows[i].credit < w.heaviest)
				continue;
			rows[i].credit -= w.heaviest;
			uint64_t at;
			do {
				at = (rows[i].offset + rows[i].skip * rows[i].next++) % size;
			} while (g->table[at].host != UINT32_MAX);
			g->table[at].host = g->hosts[i];
			filled++;
		}
	}
	free(w.v);
}

size_t balance_table_pick(const struct balance *b, const struct balance_group *g, uint64_t hash)
{
	size_t low = 0, high = g->n_table;

	if (!g->n_table)
		return BALANCE_NONE;
	if (b->settings.policy == BALANCE_MAGLEV)
		return g->table[hash % g->n_table].host;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (g->table[middle].hash < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return g->table[low == g->n_table ? 0 : low].host;
}
