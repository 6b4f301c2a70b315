/*
 * Choosing an endpoint of a cluster: round robin, least request, random, ring hash, maglev, with priorities, locality
 * weights, overprovisioning and the panic threshold. One balance per worker and cluster; it is fed with hosts by
 * index, and knows no sockets and no clock. Not thread-safe: it belongs to one worker.
 * Source: Envoy's "Load balancing"; envoy.config.cluster.v3.Cluster.
 */
#ifndef BALANCE_BALANCE_H
#define BALANCE_BALANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/rand.h"

enum balance_policy {
	BALANCE_ROUND_ROBIN,
	BALANCE_LEAST_REQUEST,
	BALANCE_RANDOM,
	BALANCE_RING_HASH,
	BALANCE_MAGLEV,
	BALANCE_CLUSTER_PROVIDED, /* ORIGINAL_DST: the data path makes the endpoint itself */
	BALANCE_POLICY_COUNT,
};

struct balance_settings {
	enum balance_policy policy;
	uint32_t choice_count;             /* least request: default 2 */
	uint32_t panic_threshold_percent;  /* default 50; 0 = never panic */
	uint32_t overprovisioning_percent; /* default 140 */
	bool locality_weighted;
	uint32_t ring_min, ring_max; /* ring hash: default 1024, 8 Mi */
	uint32_t maglev_size;        /* default 65537, a prime */
};

#define BALANCE_RING_MAX (8u << 20)
#define BALANCE_MAGLEV_MAX 5000011u

/* Fills in the defaults above, with LEAST_REQUEST. */
void balance_settings_init(struct balance_settings *s);

struct balance_host {
	uint32_t weight;   /* at least 1 */
	uint32_t locality; /* any number that tells localities apart */
	uint32_t locality_weight;
	uint32_t priority; /* 0 = highest */
	uint64_t key;      /* stable hash of the endpoint's address (or hash key), for ring and maglev */
	bool healthy;      /* by configuration and checks; changed by balance_set_healthy alone */
	bool degraded;
	uint32_t active; /* requests or connections under way; the caller counts */
};

struct balance {
	struct balance_settings settings;
	struct balance_host *hosts; /* owned */
	size_t n;
	struct balance_priority *priorities; /* owned; see balance.c */
	size_t n_priorities;
	bool dirty; /* the derived tables below no longer fit */
};

/* Copies settings and hosts. hosts may be NULL when n is 0. */
void balance_init(struct balance *b, const struct balance_settings *s, const struct balance_host *hosts, size_t n);
/* Frees the tables and the hosts; a later balance_init begins anew. */
void balance_done(struct balance *b);

/* Health of a host changed (outlier ejection, health status). */
void balance_set_healthy(struct balance *b, size_t i, bool healthy);

struct balance_ask {
	uint64_t hash; /* for the hashing policies */
	bool has_hash; /* false: a random hash is used */
	/* NULL, or tells that host i should be avoided (tried before); honoured for at most attempts choices. */
	bool (*avoid)(const void *ctx, size_t i);
	const void *ctx;
	uint32_t attempts;
};

#define BALANCE_NONE ((size_t)-1)

/* The index of a host, or BALANCE_NONE when none may be used (no host; or none healthy and no panic). */
size_t balance_pick(struct balance *b, const struct balance_ask *ask, struct rand *rnd);

/* How many hosts are healthy. */
size_t balance_n_healthy(const struct balance *b);

/* Whether the priority levels in use are in panic (all hosts used regardless of health). */
bool balance_in_panic(struct balance *b);

#endif
