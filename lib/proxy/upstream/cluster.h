/*
 * A cluster as one worker uses it: balancer, endpoints with their pools, outlier detection, counters. Found by slot and
 * brought up to date when a lookup sees another spec or other endpoints than last time; endpoints that stay keep their
 * connections.
 */
#ifndef PROXY_CLUSTER_H
#define PROXY_CLUSTER_H

#include "codecs/codecs.h"
#include "net/tls.h"
#include "proxy/upstream/breaker.h"
#include "proxy/core/host_counters.h"
#include "proxy/core/worker.h"

struct health_check;
struct shared;
struct shared_host;
struct stats_peer;
struct stats_service;
struct subsets;

struct cluster_counters {
	uint64_t cx_total, cx_active, cx_connect_fail, cx_connect_timeout, cx_overflow, cx_destroy;
	uint64_t rx_bytes, tx_bytes;
	uint64_t rq_total, rq_active, rq_pending_total, rq_pending_active, rq_pending_overflow, rq_timeout;
	uint64_t rq_per_try_timeout, rq_retry, rq_retry_overflow, rq_abandoned, rq_rx_reset;
	uint64_t rq_xx[6]; /* [2] = 2xx */
	uint64_t ejections_active, ejections_total;
	uint64_t hc_attempt, hc_success, hc_failure;
};

struct cluster {
	struct worker *worker;
	unsigned users; /* the worker's table, requests and connections: the last one drops the endpoints */
	unsigned refs;  /* endpoints that live on, and one of the users */
	uint32_t slot;
	struct config_cluster_spec *spec;   /* references; spec stays when the cluster is removed */
	struct config_endpoints *endpoints; /* what hosts[] was made from */
	struct balance balance;
	struct endpoint **hosts; /* references; same index as in the balance */
	size_t n_hosts;
	struct map by_ip;         /* of hosts, where original destinations count */
	struct list dynamic;      /* ORIGINAL_DST: endpoints made on demand; no reference */
	struct map by_address;    /* the same by address and port: a client chooses how many there are */
	struct config_pods *pods; /* by which their transports were chosen; a reference, NULL = none */
	struct breaker *breaker;
	struct shared *shared;   /* what all workers know of the hosts */
	unsigned epoch;          /* of shared, as it was last looked at */
	struct subsets *subsets; /* NULL = the cluster is not divided */
	struct list checks;      /* struct health_check; where this worker does them */
	struct timer sweep;
	struct cluster_counters counters;
	struct stats_service *service;
};

#define ENDPOINT_NO_INDEX SIZE_MAX

struct endpoint {
	unsigned refs; /* of the cluster's array, ups and streams */
	struct cluster *cluster;
	struct list link; /* in cluster->dynamic */
	struct addr address;
	char address_key[18]; /* of a dynamic one, in cluster->by_address */
	uint64_t key;
	size_t index;                         /* in the cluster, ENDPOINT_NO_INDEX = removed or dynamic */
	struct config_endpoints *set;         /* reference that keeps config alive; NULL for dynamic ones */
	const struct config_endpoint *config; /* NULL for dynamic ones */
	const struct config_transport *transport;
	struct config_cluster_spec *spec; /* reference that keeps transport alive */
	struct shared_host *common;       /* a use of it; NULL for dynamic ones */
	struct health_check *check;       /* NULL = none */
	struct tls_resume resume;         /* the last TLS session, for the next connection */
	struct stats_peer *peer;          /* from the endpoint's labels, NULL = unknown */

	struct list idle;    /* ups, most recently used first */
	struct list busy;    /* ups with an exchange */
	struct list shared;  /* ups that carry many exchanges */
	struct list opening; /* ups that connect */
	struct list waiting; /* struct pool_wait */
	unsigned n_ups;
	unsigned n_opening[CODECS_CHOICES], n_waiting[CODECS_CHOICES]; /* by the protocol wanted */
	uint32_t active; /* exchanges and TCP connections, for least request */
	struct host_counters counters;
};

/* The cluster of a slot in this config, up to date; NULL when there is no such cluster. Whoever keeps it beyond the
 * call uses it. */
struct cluster *cluster_get(struct worker *w, const struct config *c, uint32_t slot);

/* One more user; NULL is fine. The worker's thread only, as all of this. */
struct cluster *cluster_use(struct cluster *c);
/* One user less. With the last one it takes no more requests; what is under way ends as it would. NULL is fine. */
void cluster_leave(struct cluster *c);

struct cluster_ask {
	uint64_t hash;
	bool has_hash;
	const struct addr *original_dst; /* for ORIGINAL_DST clusters */
	struct endpoint *const *avoid;   /* tried before */
	size_t n_avoid;
	uint32_t avoid_attempts;
	bool any_endpoint;                 /* as the route says */
	const struct route_labels *subset; /* labels that it must have; NULL = none */
};

/* An endpoint with a reference, or NULL when none may be used. */
struct endpoint *cluster_pick(struct cluster *c, const struct cluster_ask *ask);

/* One more reference; the worker's thread only. */
struct endpoint *endpoint_get(struct endpoint *e);
/* Gives a reference back; the last frees the endpoint and leaves its set and spec. NULL is fine. */
void endpoint_put(struct endpoint *e);

/* An exchange or a TCP connection begins (+1) or ends (-1). */
void endpoint_count(struct endpoint *e, int delta);

/* The result of a request or connection attempt, for outlier detection. */
void endpoint_report(struct endpoint *e, enum outlier_result result);

/* A new, connecting socket to the endpoint, with the cluster's source address and options; -errno. */
int endpoint_connect(struct endpoint *e);
/* The same to another address of its. */
int endpoint_dial(const struct endpoint *e, const struct addr *to);

#endif
