/* Counters of listeners and clusters in Envoy's names, written when somebody reads. */
#ifndef PROXY_COUNTERS_H
#define PROXY_COUNTERS_H

#include "proxy/core/worker.h"

/* Writes the series of clusters and listeners into m; in the worker's thread. */
void worker_stats_write(struct worker *w, struct metrics *m);

/* All counters of clusters, endpoints and listeners begin at 0 again; gauges stay. In the worker's thread. */
void worker_stats_reset(struct worker *w);

#endif
