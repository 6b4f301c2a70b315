/*
 * Active health checks of a cluster's endpoints: one worker does them for all (by the cluster's slot), and what it
 * finds is shared. Each check has a connection of its own and is over within its timeout.
 *
 *   WAITING -> CHECKING -> WAITING ...
 */
#ifndef PROXY_UPSTREAM_HEALTH_H
#define PROXY_UPSTREAM_HEALTH_H

#include "proxy/upstream/cluster.h"

/* Whether this worker is the one that checks the cluster of this slot. */
bool health_is_ours(const struct worker *w, uint32_t slot);

/* The endpoints of the cluster, or how they are checked, are other ones: begins with what is new, leaves what is gone.
 */
void health_update(struct cluster *c);

/* No more checks; those under way are given up. */
void health_stop(struct cluster *c);

#endif
