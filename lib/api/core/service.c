/* Rows of services and Endpoints: v1. See the header for the structs. */
#include "api/core/service.h"

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
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .dflt = "\"TCP\"", .pb = 2,
	  .doc = "Protocol of the port."),
	F(app_protocol, "appProtocol", STRING, .pb = 6, .doc = "Application protocol of the port."),
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .min = 1, .max = 65535, .pb = 3,
	  .doc = "Port of the service."),
	F(target_port, "targetPort", INT_OR_STR, .pb = 4, .doc = "Port on the pods, by number or name."),
	F(node_port, "nodePort", INT32, .min = 0, .max = 65535, .pb = 5, .doc = "Port on every node."),
};
DESC(core_service_port, "ServicePort", "Service port.");
#undef T

#define T struct core_client_ip_config
static const struct msg_field core_client_ip_config_rows[] = {
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_OPTIONAL, .dflt = "10800", .min = 1, .max = 86400,
	  .pb = 1, .doc = "Seconds until the attempt counts as failed."),
};
DESC(core_client_ip_config, "ClientIPConfig", "Settings: client IP.");
#undef T

#define T struct core_session_affinity_config
static const struct msg_field core_session_affinity_config_rows[] = {
	F(client_ip, "clientIP", MESSAGE, .desc = &core_client_ip_config_desc, .pb = 1,
	  .doc = "Settings of affinity by client address."),
};
DESC(core_session_affinity_config, "SessionAffinityConfig", "Settings: session affinity.");
#undef T

#define T struct core_service_spec
static const struct msg_field core_service_spec_rows[] = {
	F(ports, "ports", MESSAGE, .desc = &core_service_port_desc, .flags = MSG_LIST, .keys = "port,protocol",
	  .merge_key = "port", .pb = 1, .doc = "Ports."),
	F(selector, "selector", STR_MAP, .flags = MSG_ATOMIC, .pb = 2,
	  .doc = "Labels of the pods that the service leads to."),
	F(cluster_ip, "clusterIP", STRING, .pb = 3, .doc = "Virtual address; None for a headless service."),
	F(cluster_ips, "clusterIPs", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 18,
	  .doc = "Virtual addresses, one per family."),
	F(type, "type", STRING, .enums = &words_cluster_ip_node_port_load_balancer_ext, .dflt = "\"ClusterIP\"",
	  .pb = 4, .doc = "ClusterIP, NodePort, LoadBalancer or ExternalName."),
	F(external_ips, "externalIPs", STRING, .flags = MSG_LIST, .pb = 5,
	  .doc = "Addresses from outside that lead here."),
	F(session_affinity, "sessionAffinity", STRING, .enums = &words_client_ip_none, .dflt = "\"None\"", .pb = 7,
	  .doc = "Whether a client keeps its endpoint: None or ClientIP."),
	F(load_balancer_ip, "loadBalancerIP", STRING, .pb = 8, .doc = "Address asked of the load balancer."),
	F(load_balancer_source_ranges, "loadBalancerSourceRanges", STRING, .flags = MSG_LIST, .pb = 9,
	  .doc = "Client networks that the load balancer admits."),
	F(external_name, "externalName", STRING, .pb = 10, .doc = "Host name that the service is an alias of."),
	F(external_traffic_policy, "externalTrafficPolicy", STRING, .enums = &words_cluster_local, .pb = 11,
	  .doc = "Whether external traffic stays on its node."),
	F(health_check_node_port, "healthCheckNodePort", INT32, .pb = 12,
	  .doc = "Port of the load balancer's health check."),
	F(publish_not_ready_addresses, "publishNotReadyAddresses", BOOL, .pb = 13,
	  .doc = "Publishes addresses before pods are ready."),
	F(session_affinity_config, "sessionAffinityConfig", MESSAGE, .desc = &core_session_affinity_config_desc,
	  .pb = 14, .doc = "Settings of the session affinity."),
	F(ip_families, "ipFamilies", STRING, .enums = &words_i_pv4_i_pv6_empty, .flags = MSG_LIST | MSG_ATOMIC,
	  .pb = 19, .doc = "Address families of the service."),
	F(ip_family_policy, "ipFamilyPolicy", STRING, .enums = &words_single_stack_prefer_dual_stack_require, .pb = 17,
	  .doc = "One family or two."),
	F(allocate_load_balancer_node_ports, "allocateLoadBalancerNodePorts", BOOL, .flags = MSG_OPTIONAL, .pb = 20,
	  .doc = "Gives node ports to a load balancer service."),
	F(load_balancer_class, "loadBalancerClass", STRING, .pb = 21, .doc = "Implementation of the load balancer."),
	F(internal_traffic_policy, "internalTrafficPolicy", STRING, .enums = &words_cluster_local, .pb = 22,
	  .doc = "Whether internal traffic stays on its node."),
};
DESC(core_service_spec, "ServiceSpec", "What is wanted of a service.");
#undef T

#define T struct core_port_status
static const struct msg_field core_port_status_rows[] = {
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Port number."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .pb = 2, .doc = "Protocol of the port."),
	F(error, "error", STRING, .pb = 3, .doc = "Error message."),
};
DESC(core_port_status, "PortStatus", "What was observed of a port.");
#undef T

#define T struct core_load_balancer_ingress
static const struct msg_field core_load_balancer_ingress_rows[] = {
	F(ip, "ip", STRING, .pb = 1, .doc = "IP address."),
	F(hostname, "hostname", STRING, .pb = 2, .doc = "Host name."),
	F(ip_mode, "ipMode", STRING, .pb = 3, .doc = "How the address behaves: VIP or Proxy."),
	F(ports, "ports", MESSAGE, .desc = &core_port_status_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 4,
	  .doc = "Ports."),
};
DESC(core_load_balancer_ingress, "LoadBalancerIngress", "Load balancer ingress.");
#undef T

#define T struct core_load_balancer_status
static const struct msg_field core_load_balancer_status_rows[] = {
	F(ingress, "ingress", MESSAGE, .desc = &core_load_balancer_ingress_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Incoming side."),
};
DESC(core_load_balancer_status, "LoadBalancerStatus", "What was observed of a load balancer.");
#undef T

#define T struct core_service_status
static const struct msg_field core_service_status_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, .desc = &core_load_balancer_status_desc, .pb = 1,
	  .doc = "Load balancer settings or addresses."),
	F(conditions, "conditions", MESSAGE, .desc = &meta_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 2, .doc = "Conditions observed last."),
};
DESC(core_service_status, "ServiceStatus", "What was observed of a service.");
#undef T

#define T struct core_service
static const struct msg_field core_service_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_service_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_service_status_desc, .dflt = "{\"loadBalancer\":{}}", .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_service, "Service", "A stable name and address for a set of pods.");
#undef T

#define T struct core_endpoint_address
static const struct msg_field core_endpoint_address_rows[] = {
	F(ip, "ip", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "IP address."),
	F(hostname, "hostname", STRING, .pb = 3, .doc = "Host name."),
	F(node_name, "nodeName", STRING, .pb = 4, .doc = "Node on which it is placed."),
	F(target_ref, "targetRef", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 2,
	  .doc = "The object behind this entry."),
};
DESC(core_endpoint_address, "EndpointAddress", "Endpoint address.");
#undef T

#define T struct core_endpoint_port
static const struct msg_field core_endpoint_port_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .min = 1, .max = 65535, .pb = 2,
	  .doc = "Port number."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .dflt = "\"TCP\"", .pb = 3,
	  .doc = "Protocol of the port."),
	F(app_protocol, "appProtocol", STRING, .pb = 4, .doc = "Application protocol of the port."),
};
DESC(core_endpoint_port, "EndpointPort", "Endpoint port.");
#undef T

#define T struct core_endpoint_subset
static const struct msg_field core_endpoint_subset_rows[] = {
	F(addresses, "addresses", MESSAGE, .desc = &core_endpoint_address_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "IP addresses or host names."),
	F(not_ready_addresses, "notReadyAddresses", MESSAGE, .desc = &core_endpoint_address_desc, .flags = MSG_LIST,
	  .pb = 2, .doc = "Addresses that are not ready."),
	F(ports, "ports", MESSAGE, .desc = &core_endpoint_port_desc, .flags = MSG_LIST, .pb = 3, .doc = "Ports."),
};
DESC(core_endpoint_subset, "EndpointSubset", "Endpoint subset.");
#undef T

#define T struct core_endpoints
static const struct msg_field core_endpoints_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(subsets, "subsets", MESSAGE, .desc = &core_endpoint_subset_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Groups that share the same settings or ports."),
};
DESC(core_endpoints, "Endpoints", "The addresses behind a service.");
#undef T
