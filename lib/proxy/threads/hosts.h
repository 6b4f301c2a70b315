/* How the endpoints fare, over all workers: collected by a message, read on the main thread. */
#ifndef PROXY_THREADS_HOSTS_H
#define PROXY_THREADS_HOSTS_H

#include "base/slice.h"
#include "net/socket.h"
#include "proxy/core/host_counters.h"

struct hosts;
struct worker;

struct host_state {
	struct host_counters counters;
	bool ejected;   /* by outlier detection, in some worker */
	bool unhealthy; /* by a health check */
};

/* An empty collection. */
struct hosts *hosts_new(void);
/* NULL is fine. */
void hosts_free(struct hosts *h);
/* Adds what the worker knows; on its thread. */
void hosts_add(struct hosts *h, struct worker *w);
/* What is known of an endpoint of a cluster; all zero when no worker has used it. NULL h is fine. */
struct host_state hosts_get(const struct hosts *h, const char *cluster, const struct addr *address);

#endif
