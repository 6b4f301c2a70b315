/* The endpoints of a cluster, divided by their labels: each subset that a selector makes is balanced on its own. */
#ifndef PROXY_UPSTREAM_SUBSET_H
#define PROXY_UPSTREAM_SUBSET_H

#include "balance/balance.h"
#include "config/config.h"

struct subsets;

/* Divides the hosts (as many as the set has endpoints) as the spec says; borrows nothing but the spec's settings. */
struct subsets *subsets_new(const struct config_cluster_spec *spec, const struct balance_settings *settings,
			    const struct config_endpoints *set, const struct balance_host *hosts);
/* NULL is fine. */
void subsets_free(struct subsets *s);

/* Health and load of a host are what they are in each subset that it is in. */
void subsets_set_healthy(struct subsets *s, size_t host, bool healthy);
void subsets_set_active(struct subsets *s, size_t host, uint32_t active);

#define SUBSETS_ANY ((size_t)-2)

/* A host of the subset that has these labels, or of what stands in for it; BALANCE_NONE, or SUBSETS_ANY: all of them.
 */
size_t subsets_pick(struct subsets *s, const struct route_labels *labels, const struct balance_ask *ask,
		    struct rand *rnd);

#endif
