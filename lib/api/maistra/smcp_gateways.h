/* Gateways of a ServiceMeshControlPlane: maistra.io/v2. */
#ifndef API_MAISTRA_SMCP_GATEWAYS_H
#define API_MAISTRA_SMCP_GATEWAYS_H

#include "api/maistra/smcp_runtime.h"

/* Settings: gateway service. */
struct maistra_gateway_service_config {
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
	struct maistra_metadata_config *metadata;
};

/* Gateway volume. */
struct maistra_gateway_volume {
	struct core_config_map_volume_source *config_map;
	struct core_secret_volume_source *secret;
};

/* Settings: volume. */
struct maistra_volume_config {
	struct maistra_gateway_volume *volume;
	struct core_volume_mount *volume_mount;
};

/* Secret discovery service. */
struct maistra_secret_discovery_service {
	bool *enabled;
	struct maistra_container_config *runtime;
};

/* Enablement. */
struct maistra_enablement {
	bool *enabled;
};

/* Settings: cluster ingress gateway. */
struct maistra_cluster_ingress_gateway_config {
	bool *enabled;
	const char *namespace;
	struct maistra_gateway_service_config *service;
	const char *router_mode;
	LIST(struct maistra_volume_config) volumes;
	struct maistra_component_runtime_config *runtime;
	struct maistra_secret_discovery_service *sds;
	struct maistra_enablement *route_config;
	bool *ingress;
	LIST(struct core_service_port) mesh_expansion_ports;
};

/* Settings: egress gateway. */
struct maistra_egress_gateway_config {
	bool *enabled;
	const char *namespace;
	struct maistra_gateway_service_config *service;
	const char *router_mode;
	LIST(struct maistra_volume_config) volumes;
	struct maistra_component_runtime_config *runtime;
	LIST(const char *) requested_network_view;
};

/* Settings: ingress gateway. */
struct maistra_ingress_gateway_config {
	bool *enabled;
	const char *namespace;
	struct maistra_gateway_service_config *service;
	const char *router_mode;
	LIST(struct maistra_volume_config) volumes;
	struct maistra_component_runtime_config *runtime;
	struct maistra_secret_discovery_service *sds;
	struct maistra_enablement *route_config;
};

/* Settings: open shift route. */
struct maistra_open_shift_route_config {
	bool *enabled;
};

/* Settings: gateways. */
struct maistra_gateways_config {
	bool *enabled;
	struct maistra_cluster_ingress_gateway_config *ingress;
	struct maistra_egress_gateway_config *egress;
	MAP(struct maistra_ingress_gateway_config) additional_ingress;
	MAP(struct maistra_egress_gateway_config) additional_egress;
	struct maistra_open_shift_route_config *openshift_route;
};

extern const struct msg_desc maistra_gateway_service_config_desc;
extern const struct msg_desc maistra_gateway_volume_desc;
extern const struct msg_desc maistra_volume_config_desc;
extern const struct msg_desc maistra_secret_discovery_service_desc;
extern const struct msg_desc maistra_enablement_desc;
extern const struct msg_desc maistra_cluster_ingress_gateway_config_desc;
extern const struct msg_desc maistra_egress_gateway_config_desc;
extern const struct msg_desc maistra_ingress_gateway_config_desc;
extern const struct msg_desc maistra_open_shift_route_config_desc;
extern const struct msg_desc maistra_gateways_config_desc;

#endif
