/* EndpointSlices: discovery.k8s.io/v1. */
#ifndef API_CLUSTER_DISCOVERY_H
#define API_CLUSTER_DISCOVERY_H

#include "api/core/config.h"

/* Endpoint conditions. */
struct discovery_endpoint_conditions {
	bool *ready;
	bool *serving;
	bool *terminating;
};

/* For zone. */
struct discovery_for_zone {
	const char *name;
};

/* Endpoint hints. */
struct discovery_endpoint_hints {
	LIST(struct discovery_for_zone) for_zones;
};

/* Endpoint. */
struct discovery_endpoint {
	LIST(const char *) addresses;
	struct discovery_endpoint_conditions *conditions;
	const char *hostname;
	struct core_object_reference *target_ref;
	struct str_map deprecated_topology;
	const char *node_name;
	const char *zone;
	struct discovery_endpoint_hints *hints;
};

/* Endpoint port. */
struct discovery_port {
	const char *name;
	const char *protocol;
	int32_t *port;
	const char *app_protocol;
};

/* A part of the addresses behind a service. */
struct discovery_endpoint_slice {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	const char *address_type;
	LIST(struct discovery_endpoint) endpoints;
	LIST(struct discovery_port) ports;
};

extern const struct msg_desc discovery_endpoint_conditions_desc;
extern const struct msg_desc discovery_for_zone_desc;
extern const struct msg_desc discovery_endpoint_hints_desc;
extern const struct msg_desc discovery_endpoint_desc;
extern const struct msg_desc discovery_port_desc;
extern const struct msg_desc discovery_endpoint_slice_desc;

#endif
