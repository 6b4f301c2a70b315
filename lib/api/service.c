/* Rows of services and Endpoints: v1. See the header for the structs. */
#include "api/service.h"

#include "api/api_internal.h"

WORDS(words_tcp_udp_sctp, {"TCP", 0}, {"UDP", 0}, {"SCTP", 0});
WORDS(words_cluster_ip_node_port_load_balancer_ext, {"ClusterIP", 0}, {"NodePort", 0}, {"LoadBalancer", 0},
      {"ExternalName", 0});
WORDS(words_client_ip_none, {"ClientIP", 0}, {"None", 0});
WORDS(words_cluster_local, {"Cluster", 0}, {"Local", 0});
WORDS(words_i_pv4_i_pv6_empty, {"IPv4", 0}, {"IPv6", 0}, {"", 0});
WORDS(words_single_stack_prefer_dual_stack_require, {"SingleStack", 0}, {"PreferDualStack", 0},
      {"RequireDualStack", 0});

#define T struct core_service_port
static const struct msg_field core_service_port_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(app_protocol, "appProtocol", STRING, .doc = "App protocol."),
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(target_port, "targetPort", INT_OR_STR, .doc = "Target port."),
	F(node_port, "nodePort", INT32, .doc = "Node port."),
};
DESC(core_service_port, "ServicePort", "Service port.");
#undef T

#define T struct core_client_ip_config
static const struct msg_field core_client_ip_config_rows[] = {
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_OPTIONAL, .doc = "Timeout seconds."),
};
DESC(core_client_ip_config, "ClientIPConfig", "Client ip config.");
#undef T

#define T struct core_session_affinity_config
static const struct msg_field core_session_affinity_config_rows[] = {
	F(client_ip, "clientIP", MESSAGE, .desc = &core_client_ip_config_desc, .doc = "Client ip."),
};
DESC(core_session_affinity_config, "SessionAffinityConfig", "Session affinity config.");
#undef T

#define T struct core_service_spec
static const struct msg_field core_service_spec_rows[] = {
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
};
DESC(core_service_spec, "ServiceSpec", "Service spec.");
#undef T

#define T struct core_port_status
static const struct msg_field core_port_status_rows[] = {
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO, .doc = "Port."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(error, "error", STRING, .doc = "Error."),
};
DESC(core_port_status, "PortStatus", "Port status.");
#undef T

#define T struct core_load_balancer_ingress
static const struct msg_field core_load_balancer_ingress_rows[] = {
	F(ip, "ip", STRING, .doc = "Ip."),
	F(hostname, "hostname", STRING, .doc = "Hostname."),
	F(ip_mode, "ipMode", STRING, .doc = "Ip mode."),
	F(ports, "ports", MESSAGE, .desc = &core_port_status_desc, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Ports."),
};
DESC(core_load_balancer_ingress, "LoadBalancerIngress", "Load balancer ingress.");
#undef T

#define T struct core_load_balancer_status
static const struct msg_field core_load_balancer_status_rows[] = {
	F(ingress, "ingress", MESSAGE, .desc = &core_load_balancer_ingress_desc, .flags = MSG_LIST, .doc = "Ingress."),
};
DESC(core_load_balancer_status, "LoadBalancerStatus", "Load balancer status.");
#undef T

#define T struct core_service_status
static const struct msg_field core_service_status_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, .desc = &core_load_balancer_status_desc, .doc = "Load balancer."),
	F(conditions, "conditions", MESSAGE, .desc = &meta_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .doc = "Conditions."),
};
DESC(core_service_status, "ServiceStatus", "Service status.");
#undef T

#define T struct core_service
static const struct msg_field core_service_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_service_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_service_status_desc, .doc = "Status."),
};
DESC(core_service, "Service", "Service.");
#undef T

#define T struct core_endpoint_address
static const struct msg_field core_endpoint_address_rows[] = {
	F(ip, "ip", STRING, .flags = MSG_REQUIRED, .doc = "Ip."),
	F(hostname, "hostname", STRING, .doc = "Hostname."),
	F(node_name, "nodeName", STRING, .doc = "Node name."),
	F(target_ref, "targetRef", MESSAGE, .desc = &core_object_reference_desc, .doc = "Target ref."),
};
DESC(core_endpoint_address, "EndpointAddress", "Endpoint address.");
#undef T

#define T struct core_endpoint_port
static const struct msg_field core_endpoint_port_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(app_protocol, "appProtocol", STRING, .doc = "App protocol."),
};
DESC(core_endpoint_port, "EndpointPort", "Endpoint port.");
#undef T

#define T struct core_endpoint_subset
static const struct msg_field core_endpoint_subset_rows[] = {
	F(addresses, "addresses", MESSAGE, .desc = &core_endpoint_address_desc, .flags = MSG_LIST, .doc = "Addresses."),
	F(not_ready_addresses, "notReadyAddresses", MESSAGE, .desc = &core_endpoint_address_desc, .flags = MSG_LIST,
	  .doc = "Not ready addresses."),
	F(ports, "ports", MESSAGE, .desc = &core_endpoint_port_desc, .flags = MSG_LIST, .doc = "Ports."),
};
DESC(core_endpoint_subset, "EndpointSubset", "Endpoint subset.");
#undef T

#define T struct core_endpoints
static const struct msg_field core_endpoints_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(subsets, "subsets", MESSAGE, .desc = &core_endpoint_subset_desc, .flags = MSG_LIST, .doc = "Subsets."),
};
DESC(core_endpoints, "Endpoints", "Endpoints.");
#undef T
