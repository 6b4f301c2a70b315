/* One health check of one endpoint: a connection, a question, and what its answer means. */
#ifndef PROXY_UPSTREAM_PROBE_H
#define PROXY_UPSTREAM_PROBE_H

#include "proxy/upstream/cluster.h"

struct probe;

enum probe_result {
	PROBE_WELL,
	PROBE_ILL,
	PROBE_ILL_AT_ONCE, /* the endpoint itself says so: no threshold counts */
};

typedef void probe_fn(void *arg, enum probe_result r);

/* Begins; fn is called once and not inside, unless it is cancelled before. how outlives the probe. */
struct probe *health_probe_start(struct endpoint *e, const struct config_health *how, probe_fn *fn, void *arg);
/* Gives it up; fn is not called any more. NULL is fine. */
void health_probe_cancel(struct probe *p);

#endif
