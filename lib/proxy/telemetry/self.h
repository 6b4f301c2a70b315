/* Who this proxy is, as its metrics and peers know it. */
#ifndef PROXY_SELF_H
#define PROXY_SELF_H

#include "proxy/core/worker.h"
#include "proxy/telemetry/stats.h"

/* Ourselves as a peer under this config; interned. */
struct stats_peer *worker_self(struct worker *w, const struct config *c);
/* Our own principal under this config; interned, NULL when we have no certificate. */
const char *worker_principal(struct worker *w, const struct config *c);

#endif
