/* Rows of gateways of a ServiceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/smcp_gateways.h"

#include "api/api_internal.h"

WORDS(words_cluster_ip_node_port_load_balancer_ext, {"ClusterIP", 0}, {"NodePort", 0}, {"LoadBalancer", 0},
      {"ExternalName", 0});
WORDS(words_client_ip_none, {"ClientIP", 0}, {"None", 0});
WORDS(words_cluster_local, {"Cluster", 0}, {"Local", 0});
WORDS(words_i_pv4_i_pv6_empty, {"IPv4", 0}, {"IPv6", 0}, {"", 0});
WORDS(words_single_stack_prefer_dual_stack_require, {"SingleStack", 0}, {"PreferDualStack", 0},
      {"RequireDualStack", 0});
WORDS(words_sni_dnat_standard, {"sni-dnat", 0}, {"standard", 0});

#define T struct maistra_gateway_service_config
static const struct msg_field maistra_gateway_service_config_rows[] = {
	F(ports, "ports", MESSAGE, .desc = &core_service_port_desc, .flags = MSG_LIST, .keys = "port,protocol",
	  .merge_key = "port", .doc = "Ports."),
	F(selector, "selector", STR_MAP, .flags = MSG_ATOMIC, .doc = "Selector."),
	F(cluster_ip, "clusterIP", STRING, .doc = "Cluster ip."),
	F(cluster_ips, "clusterIPs", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Cluster ips."),
	F(type, "type", STRING, .enums = &words_cluster_ip_node_port_load_balancer_ext, .doc = "Type."),
	F(external_ips, "externalIPs", STRING, .flags = MSG_LIST, .doc = "External ips."),
	F(session_affinity, "sessionAffinity", STRING, .enums = &words_client_ip_none, .doc = "Session affinity."),
	F(load_balancer_ip, "loadBalancerIP", STRING, .doc = "Load balancer ip."),
	F(load_balancer_source_ranges, "loadBalancerSourceRanges", STRING, .flags = MSG_LIST,
	  .doc = "Load balancer source ranges."),
	F(external_name, "externalName", STRING, .doc = "External name."),
	F(external_traffic_policy, "externalTrafficPolicy", STRING, .enums = &words_cluster_local,
	  .doc = "External traffic policy."),
	F(health_check_node_port, "healthCheckNodePort", INT32, .doc = "Health check node port."),
	F(publish_not_ready_addresses, "publishNotReadyAddresses", BOOL,
	  .doc = "Whether publish not ready addresses applies."),
	F(session_affinity_config, "sessionAffinityConfig", MESSAGE, .desc = &core_session_affinity_config_desc,
	  .doc = "Session affinity config."),
	F(ip_families, "ipFamilies", STRING, .enums = &words_i_pv4_i_pv6_empty, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Ip families."),
	F(ip_family_policy, "ipFamilyPolicy", STRING, .enums = &words_single_stack_prefer_dual_stack_require,
	  .doc = "Ip family policy."),
	F(allocate_load_balancer_node_ports, "allocateLoadBalancerNodePorts", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether allocate load balancer node ports applies."),
	F(load_balancer_class, "loadBalancerClass", STRING, .doc = "Load balancer class."),
	F(internal_traffic_policy, "internalTrafficPolicy", STRING, .enums = &words_cluster_local,
	  .doc = "Internal traffic policy."),
	F(metadata, "metadata", MESSAGE, .desc = &maistra_metadata_config_desc, .doc = "Metadata."),
};
DESC(maistra_gateway_service_config, "GatewayServiceConfig", "Gateway service config.");
#undef T

#define T struct maistra_gateway_volume
static const struct msg_field maistra_gateway_volume_rows[] = {
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_volume_source_desc, .doc = "Config map."),
	F(secret, "secret", MESSAGE, .desc = &core_secret_volume_source_desc, .doc = "Secret."),
};
DESC(maistra_gateway_volume, "GatewayVolume", "Gateway volume.");
#undef T

#define T struct maistra_volume_config
static const struct msg_field maistra_volume_config_rows[] = {
	F(volume, "volume", MESSAGE, .desc = &maistra_gateway_volume_desc, .doc = "Volume."),
	F(volume_mount, "volumeMount", MESSAGE, .desc = &core_volume_mount_desc, .doc = "Volume mount."),
};
DESC(maistra_volume_config, "VolumeConfig", "Volume config.");
#undef T

#define T struct maistra_secret_discovery_service
static const struct msg_field maistra_secret_discovery_service_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_container_config_desc, .doc = "Runtime."),
};
DESC(maistra_secret_discovery_service, "SecretDiscoveryService", "Secret discovery service.");
#undef T

#define T struct maistra_enablement
static const struct msg_field maistra_enablement_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
};
DESC(maistra_enablement, "Enablement", "Enablement.");
#undef T

#define T struct maistra_cluster_ingress_gateway_config
static const struct msg_field maistra_cluster_ingress_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(service, "service", MESSAGE, .desc = &maistra_gateway_service_config_desc, .doc = "Service."),
	F(router_mode, "routerMode", STRING, .enums = &words_sni_dnat_standard, .doc = "Router mode."),
	F(volumes, "volumes", MESSAGE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST, .doc = "Volumes."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_component_runtime_config_desc, .doc = "Runtime."),
	F(sds, "sds", MESSAGE, .desc = &maistra_secret_discovery_service_desc, .doc = "Sds."),
	F(route_config, "routeConfig", MESSAGE, .desc = &maistra_enablement_desc, .doc = "Route config."),
	F(ingress, "ingress", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether ingress applies."),
	F(mesh_expansion_ports, "meshExpansionPorts", MESSAGE, .desc = &core_service_port_desc, .flags = MSG_LIST,
	  .doc = "Mesh expansion ports."),
};
DESC(maistra_cluster_ingress_gateway_config, "ClusterIngressGatewayConfig", "Cluster ingress gateway config.");
#undef T

#define T struct maistra_egress_gateway_config
static const struct msg_field maistra_egress_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(service, "service", MESSAGE, .desc = &maistra_gateway_service_config_desc, .doc = "Service."),
	F(router_mode, "routerMode", STRING, .enums = &words_sni_dnat_standard, .doc = "Router mode."),
	F(volumes, "volumes", MESSAGE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST, .doc = "Volumes."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_component_runtime_config_desc, .doc = "Runtime."),
	F(requested_network_view, "requestedNetworkView", STRING, .flags = MSG_LIST, .doc = "Requested network view."),
};
DESC(maistra_egress_gateway_config, "EgressGatewayConfig", "Egress gateway config.");
#undef T

#define T struct maistra_ingress_gateway_config
static const struct msg_field maistra_ingress_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(service, "service", MESSAGE, .desc = &maistra_gateway_service_config_desc, .doc = "Service."),
	F(router_mode, "routerMode", STRING, .enums = &words_sni_dnat_standard, .doc = "Router mode."),
	F(volumes, "volumes", MESSAGE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST, .doc = "Volumes."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_component_runtime_config_desc, .doc = "Runtime."),
	F(sds, "sds", MESSAGE, .desc = &maistra_secret_discovery_service_desc, .doc = "Sds."),
	F(route_config, "routeConfig", MESSAGE, .desc = &maistra_enablement_desc, .doc = "Route config."),
};
DESC(maistra_ingress_gateway_config, "IngressGatewayConfig", "Ingress gateway config.");
#undef T

#define T struct maistra_open_shift_route_config
static const struct msg_field maistra_open_shift_route_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
};
DESC(maistra_open_shift_route_config, "OpenShiftRouteConfig", "Open shift route config.");
#undef T

#define T struct maistra_gateways_config
static const struct msg_field maistra_gateways_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(ingress, "ingress", MESSAGE, .desc = &maistra_cluster_ingress_gateway_config_desc, .doc = "Ingress."),
	F(egress, "egress", MESSAGE, .desc = &maistra_egress_gateway_config_desc, .doc = "Egress."),
	F(additional_ingress, "additionalIngress", MAP, .desc = &maistra_ingress_gateway_config_desc,
	  .doc = "Additional ingress."),
	F(additional_egress, "additionalEgress", MAP, .desc = &maistra_egress_gateway_config_desc,
	  .doc = "Additional egress."),
	F(openshift_route, "openshiftRoute", MESSAGE, .desc = &maistra_open_shift_route_config_desc,
	  .doc = "Openshift route."),
};
DESC(maistra_gateways_config, "GatewaysConfig", "Gateways config.");
#undef T
