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

void balance_ring_build(struct balance *b, struct balance_group *g)
{
	uint64_t lowest = UINT64_MAX;

	if (!g->n)
		return;
	for (size_t i = 0; i < g->n; i++)
		lowest = MIN(lowest, (uint64_t)b->hosts[g->hosts[i]].weight);
	/* Enough points that the lightest host has one, at least ring_min in all, at most ring_max. */
	uint64_t size = MAX((uint64_t)b->settings.ring_min, (g->total_weight + lowest - 1) / lowest);
	size = MIN(size, (uint64_t)MIN(b->settings.ring_max, BALANCE_RING_MAX));
	g->table = mem_calloc(size + g->n, sizeof(*g->table));
	for (size_t i = 0; i < g->n; i++) {
		const struct balance_host *h = &b->hosts[g->hosts[i]];
		uint64_t points = (size * h->weight + g->total_weight - 1) / g->total_weight;
		for (uint64_t k = 0; k < points && g->n_table < size + g->n; k++)
			g->table[g->n_table++] = (struct balance_ring_point){mix(h->key, k), g->hosts[i]};
	}
	qsort(g->table, g->n_table, sizeof(*g->table), by_hash);
}

struct maglev_row {
	uint64_t offset, skip, next, credit;
};

void balance_maglev_build(struct balance *b, struct balance_group *g)
{
	uint64_t size = MIN(b->settings.maglev_size, BALANCE_MAGLEV_MAX), filled = 0, heaviest = 1;
	CLEANUP(freep) struct maglev_row *rows = mem_calloc(g->n + 1, sizeof(*rows));

	if (!g->n || size < 2)
		return;
	g->table = mem_calloc(size, sizeof(*g->table));
	g->n_table = size;
	for (size_t i = 0; i < size; i++)
		g->table[i].host = UINT32_MAX;
	for (size_t i = 0; i < g->n; i++) {
		const struct balance_host *h = &b->hosts[g->hosts[i]];
		rows[i] = (struct maglev_row){mix(h->key, 0) % size, mix(h->key, 1) % (size - 1) + 1, 0, 0};
		heaviest = MAX(heaviest, (uint64_t)h->weight);
	}
	while (filled < size) {
		for (size_t i = 0; i < g->n && filled < size; i++) {
			rows[i].credit += b->hosts[g->hosts[i]].weight;
			if (rows[i].credit < heaviest)
				continue;
			rows[i].credit -= heaviest;
			uint64_t at;
			do {
				at = (rows[i].offset + rows[i].skip * rows[i].next++) % size;
			} while (g->table[at].host != UINT32_MAX);
			g->table[at].host = g->hosts[i];
			filled++;
		}
	}
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
