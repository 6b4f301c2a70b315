/* Leases: coordination.k8s.io/v1. */
#ifndef API_CLUSTER_COORDINATION_H
#define API_CLUSTER_COORDINATION_H

#include "api/meta.h"

/* What is wanted of a lease. */
struct coordination_lease_spec {
	const char *holder_identity;
	int32_t *lease_duration_seconds;
	const char *acquire_time;
	const char *renew_time;
	int32_t *lease_transitions;
};

/* A lock that must be renewed. */
struct coordination_lease {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct coordination_lease_spec *spec;
};

extern const struct msg_desc coordination_lease_spec_desc;
extern const struct msg_desc coordination_lease_desc;

#endif
