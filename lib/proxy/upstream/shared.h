/*
 * What all workers know of the endpoints of one cluster: which are ejected by outlier detection, what health checks say
 * of them, since when they are there. A worker that changes something raises the epoch; the others see that at their
 * next choice of an endpoint and read what is so now.
 */
#ifndef PROXY_UPSTREAM_SHARED_H
#define PROXY_UPSTREAM_SHARED_H

#include <pthread.h>
#include <stdatomic.h>

#include "balance/outlier.h"
#include "base/map.h"

struct workers;

enum shared_check {
	SHARED_UNCHECKED,
	SHARED_PENDING, /* the first check is not done: it is not used yet */
	SHARED_WELL,
	SHARED_ILL,
};

struct shared_host {
	uint64_t key;
	unsigned users; /* endpoints in workers; under the lock, as the next */
	struct outlier_host outlier;
	unsigned ejector; /* the index of the worker that ejected it */
	atomic_bool ejected;
	atomic_uchar check;       /* enum shared_check */
	_Atomic int64_t since_ns; /* when it could be used for the first time, or again after a check had failed */
};

struct shared {
	pthread_mutex_t lock;
	struct map hosts; /* by key */
	size_t n_hosts, n_ejected;
	uint64_t spec; /* hash of the cluster's settings that the accounts belong to */
	int64_t swept_ns;
	atomic_uint epoch;
	atomic_bool used; /* somebody has opened a connection */
};

/* That of a slot of clusters, made at first use; never freed before the workers. Any thread. */
struct shared *shared_of(struct workers *ws, uint32_t slot);
/* Frees those of all slots; no worker runs any more. */
void shared_free_all(struct workers *ws);

/* The cluster has these settings now: under others than before all accounts begin anew, and nobody is ejected. */
void shared_renew(struct shared *s, uint64_t spec);

/* The host of that key, with one more user; a new one is PENDING where it is checked. */
struct shared_host *shared_host_get(struct shared *s, uint64_t key, bool checked, int64_t now_ns);
/* One user less; the last frees it. NULL is fine. */
void shared_host_put(struct shared *s, struct shared_host *h);

/* A request or connection ended so. True when the host is ejected now, by this worker. */
bool shared_report(struct shared *s, struct shared_host *h, const struct outlier_settings *o,
		   enum outlier_result result, int64_t now_ns, unsigned worker, struct rand *rnd);

/* The end of an interval, told by any worker: who comes back, and who is below the others' success rate. Returns how
 * many were ejected. */
size_t shared_sweep(struct shared *s, const struct outlier_settings *o, int64_t now_ns, unsigned worker,
		    struct rand *rnd);

/* What a check has found out; brings an ejected host back where that is wanted. */
void shared_checked(struct shared *s, struct shared_host *h, enum shared_check to, const struct outlier_settings *o,
		    int64_t now_ns);

#endif
