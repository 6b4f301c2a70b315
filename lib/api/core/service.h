/* Services and Endpoints: v1. */
#ifndef API_CORE_SERVICE_H
#define API_CORE_SERVICE_H

#include "api/core/volume.h"

/* Service port. */
struct core_service_port {
	const char *name;
	const char *protocol;
	const char *app_protocol;
	int32_t port;
	struct int_or_str target_port;
	int32_t node_port;
};

/* Settings: client IP. */
struct core_client_ip_config {
	int32_t *timeout_seconds;
};

/* Settings: session affinity. */
struct core_session_affinity_config {
	struct core_client_ip_config *client_ip;
};

/* What is wanted of a service. */
struct core_service_spec {
	LIST(struct core_service_port) ports;
	struct str_map selector;
	const char *cluster_ip;
	LIST(const char *) cluster_ips;
	const char *type;
	LIST(const char *) external_ips;
	const char *session_affinity;
	const char *load_balancer_ip;
	LIST(const char *) load_balancer_source_ranges;
	const char *external_name;
	const char *external_traffic_policy;
	int32_t health_check_node_port;
	bool publish_not_ready_addresses;
	struct core_session_affinity_config *session_affinity_config;
	LIST(const char *) ip_families;
	const char *ip_family_policy;
	bool *allocate_load_balancer_node_ports;
	const char *load_balancer_class;
	const char *internal_traffic_policy;
};

/* What was observed of a port. */
struct core_port_status {
	int32_t port;
	const char *protocol;
	const char *error;
};

/* Load balancer ingress. */
struct core_load_balancer_ingress {
	const char *ip;
	const char *hostname;
	const char *ip_mode;
	LIST(struct core_port_status) ports;
};

/* What was observed of a load balancer. */
struct core_load_balancer_status {
	LIST(struct core_load_balancer_ingress) ingress;
};

/* What was observed of a service. */
struct core_service_status {
	struct core_load_balancer_status *load_balancer;
	LIST(struct meta_condition) conditions;
};

/* A stable name and address for a set of pods. */
struct core_service {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_service_spec *spec;
	struct core_service_status *status;
};

/* Endpoint address. */
struct core_endpoint_address {
	const char *ip;
	const char *hostname;
	const char *node_name;
	struct core_object_reference *target_ref;
};

/* Endpoint port. */
struct core_endpoint_port {
	const char *name;
	int32_t port;
	const char *protocol;
	const char *app_protocol;
};

/* Endpoint subset. */
struct core_endpoint_subset {
	LIST(struct core_endpoint_address) addresses;
	LIST(struct core_endpoint_address) not_ready_addresses;
	LIST(struct core_endpoint_port) ports;
};

/* The addresses behind a service. */
struct core_endpoints {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct core_endpoint_subset) subsets;
};

extern const struct msg_desc core_service_port_desc;
extern const struct msg_desc core_client_ip_config_desc;
extern const struct msg_desc core_session_affinity_config_desc;
extern const struct msg_desc core_service_spec_desc;
extern const struct msg_desc core_port_status_desc;
extern const struct msg_desc core_load_balancer_ingress_desc;
extern const struct msg_desc core_load_balancer_status_desc;
extern const struct msg_desc core_service_status_desc;
extern const struct msg_desc core_service_desc;
extern const struct msg_desc core_endpoint_address_desc;
extern const struct msg_desc core_endpoint_port_desc;
extern const struct msg_desc core_endpoint_subset_desc;
extern const struct msg_desc core_endpoints_desc;

#endif
