/* What the files of lib/balance share: derived tables of a balance. */
#ifndef BALANCE_BALANCE_INTERNAL_H
#define BALANCE_BALANCE_INTERNAL_H

#include "balance/balance.h"

struct balance_ring_point {
	uint64_t hash;
	uint32_t host;
};

/* Hosts of one locality (or all, where localities are not told apart) that may be used now. */
struct balance_group {
	uint32_t locality, weight;
	uint32_t *hosts; /* indexes into balance->hosts */
	size_t n, cap;
	size_t n_all;     /* usable or not */
	double effective; /* weight among the level's groups, of which the health takes its part */
	double turn;      /* smooth weighted round robin among them */
	uint64_t total_weight;
	bool unequal; /* weights differ */
	bool started;
	size_t next;                      /* round robin */
	int64_t *credit;                  /* smooth weighted round robin */
	struct balance_ring_point *table; /* ring: sorted by hash; maglev: slot -> host */
	size_t n_table;
};

struct balance_priority {
	size_t n_hosts, n_healthy;
	uint32_t load; /* percent of the picks */
	bool panic;
	bool apart; /* each locality is a group */
	struct balance_group *groups;
	size_t n_groups;
	double group_weight;
};

/*
 * Makes the consistent-hash table of the group: points in proportion to weight, between ring_min and ring_max in all.
 * Where localities are weighted a host's weight is its part of its locality's. A group without hosts gets none.
 */
void balance_ring_build(struct balance *b, struct balance_group *g);
/* Makes the Maglev table of the group (maglev_size slots, at most BALANCE_MAGLEV_MAX), filled in proportion to the same
 * weights. A group without hosts gets none. */
void balance_maglev_build(struct balance *b, struct balance_group *g);
/* A host of a group that has a table. */
size_t balance_table_pick(const struct balance *b, const struct balance_group *g, uint64_t hash);

#endif
