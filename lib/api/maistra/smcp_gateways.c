/* Rows of gateways of a ServiceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/maistra/smcp_gateways.h"

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
	F(ports, "ports", MESSAGE, DONE, .desc = &core_service_port_desc, .flags = MSG_LIST, .keys = "port,protocol",
	  .merge_key = "port",
	  .doc = "Ports of the Service; by default 80 and 443, and for ingress 15021 for health checks."),
	F(selector, "selector", STR_MAP, DONE, .flags = MSG_ATOMIC,
	  .doc = "Labels of the pods behind the Service; the gateway's own by default."),
	F(cluster_ip, "clusterIP", STRING, DONE, .doc = "Virtual address; None for a headless service."),
	F(cluster_ips, "clusterIPs", STRING, DONE, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Virtual addresses, one per family."),
	F(type, "type", STRING, DONE, .enums = &words_cluster_ip_node_port_load_balancer_ext,
	  .doc = "ClusterIP, the default, NodePort or LoadBalancer."),
	F(external_ips, "externalIPs", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses from outside that lead here."),
	F(session_affinity, "sessionAffinity", STRING, DONE, .enums = &words_client_ip_none,
	  .doc = "Whether a client keeps its pod: None or ClientIP."),
	F(load_balancer_ip, "loadBalancerIP", STRING, DONE, .doc = "Address asked of the load balancer."),
	F(load_balancer_source_ranges, "loadBalancerSourceRanges", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Client networks that the load balancer admits."),
	F(external_name, "externalName", STRING, DONE, .doc = "Host name that the service is an alias of."),
	F(external_traffic_policy, "externalTrafficPolicy", STRING, DONE, .enums = &words_cluster_local,
	  .doc = "Whether external traffic stays on its node."),
	F(health_check_node_port, "healthCheckNodePort", INT32, DONE,
	  .doc = "Port of the load balancer's health check."),
	F(publish_not_ready_addresses, "publishNotReadyAddresses", BOOL, DONE,
	  .doc = "Publishes addresses before pods are ready."),
	F(session_affinity_config, "sessionAffinityConfig", MESSAGE, DONE, .desc = &core_session_affinity_config_desc,
	  .doc = "How long a client keeps its pod."),
	F(ip_families, "ipFamilies", STRING, DONE, .enums = &words_i_pv4_i_pv6_empty, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Address families of the service."),
	F(ip_family_policy, "ipFamilyPolicy", STRING, DONE, .enums = &words_single_stack_prefer_dual_stack_require,
	  .doc = "One family or two."),
	F(allocate_load_balancer_node_ports, "allocateLoadBalancerNodePorts", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Gives node ports to a load balancer service."),
	F(load_balancer_class, "loadBalancerClass", STRING, DONE, .doc = "Implementation of the load balancer."),
	F(internal_traffic_policy, "internalTrafficPolicy", STRING, DONE, .enums = &words_cluster_local,
	  .doc = "Whether internal traffic stays on its node."),
	F(metadata, "metadata", MESSAGE, DONE, .desc = &maistra_metadata_config_desc,
	  .doc = "Labels and annotations of the gateway's objects."),
};
DESC(maistra_gateway_service_config, "GatewayServiceConfig", "The gateway's Service.");
#undef T

#define T struct maistra_gateway_volume
static const struct msg_field maistra_gateway_volume_rows[] = {
	F(config_map, "configMap", MESSAGE, DONE, .desc = &core_config_map_volume_source_desc,
	  .doc = "ConfigMap whose keys become files."),
	F(secret, "secret", MESSAGE, DONE, .desc = &core_secret_volume_source_desc,
	  .doc = "Secret whose keys become files."),
};
DESC(maistra_gateway_volume, "GatewayVolume", "Where a volume's files come from.");
#undef T

#define T struct maistra_volume_config
static const struct msg_field maistra_volume_config_rows[] = {
	F(volume, "volume", MESSAGE, DONE, .desc = &maistra_gateway_volume_desc, .doc = "Where the files come from."),
	F(volume_mount, "volumeMount", MESSAGE, DONE, .desc = &core_volume_mount_desc,
	  .doc = "Where they appear in the container."),
};
DESC(maistra_volume_config, "VolumeConfig", "A volume of the gateway's pods.");
#undef T

#define T struct maistra_secret_discovery_service
static const struct msg_field maistra_secret_discovery_service_rows[] = {
	F(enabled, "enabled", BOOL, TOLD_UNLESS("gateways always get their certificates over SDS", "true"),
	  .flags = MSG_OPTIONAL, .doc = "Takes certificates over the control channel, which is always on."),
	F(runtime, "runtime", MESSAGE, TOLD("gateways have no container of their own for their certificates"),
	  .desc = &maistra_container_config_desc),
};
DESC(maistra_secret_discovery_service, "SecretDiscoveryService", NULL);
#undef T

#define T struct maistra_enablement
static const struct msg_field maistra_enablement_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Whether it is on."),
};
DESC(maistra_enablement, "Enablement", NULL);
#undef T

#define T struct maistra_cluster_ingress_gateway_config
static const struct msg_field maistra_cluster_ingress_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether the gateway is installed; true by default."),
	F(namespace, "namespace", STRING, DONE, .doc = "Namespace of the gateway; the control plane's by default."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_gateway_service_config_desc,
	  .doc = "Settings of the gateway's Service."),
	F(router_mode, "routerMode", STRING, TOLD_UNLESS("traffic from other networks is not led on", "standard"),
	  .enums = &words_sni_dnat_standard,
	  .doc = "Whether TLS from other networks is led on: sni-dnat, or standard, the default."),
	F(volumes, "volumes", MESSAGE, DONE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST,
	  .doc = "Further volumes of the gateway's pods."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_component_runtime_config_desc,
	  .doc = "Replicas, placement, image and resources of the gateway."),
	F(sds, "sds", MESSAGE, DONE, .desc = &maistra_secret_discovery_service_desc,
	  .doc = "Certificates over the control channel, which is always on."),
	F(route_config, "routeConfig", MESSAGE, DONE, .desc = &maistra_enablement_desc,
	  .doc = "Whether Routes are made for this gateway."),
	F(ingress, "ingress", BOOL, TOLD_UNLESS("Kubernetes Ingress objects are not served", "false"),
	  .flags = MSG_OPTIONAL, .doc = "Serves Ingress objects; only false is supported."),
	F(mesh_expansion_ports, "meshExpansionPorts", MESSAGE, DONE, .desc = &core_service_port_desc, .flags = MSG_LIST,
	  .doc = "Further ports where cluster.meshExpansion is on; 15012 and 15017 by default."),
};
DESC(maistra_cluster_ingress_gateway_config, "ClusterIngressGatewayConfig", NULL);
#undef T

#define T struct maistra_egress_gateway_config
static const struct msg_field maistra_egress_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether the gateway is installed; true by default."),
	F(namespace, "namespace", STRING, DONE, .doc = "Namespace of the gateway; the control plane's by default."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_gateway_service_config_desc,
	  .doc = "Settings of the gateway's Service."),
	F(router_mode, "routerMode", STRING, TOLD_UNLESS("traffic from other networks is not led on", "standard"),
	  .enums = &words_sni_dnat_standard,
	  .doc = "Whether TLS from other networks is led on: sni-dnat, or standard, the default."),
	F(volumes, "volumes", MESSAGE, DONE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST,
	  .doc = "Further volumes of the gateway's pods."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_component_runtime_config_desc,
	  .doc = "Replicas, placement, image and resources of the gateway."),
	F(requested_network_view, "requestedNetworkView", STRING,
	  TOLD("pods of other networks are not led through gateways"), .flags = MSG_LIST,
	  .doc = "Networks whose services the gateway serves."),
};
DESC(maistra_egress_gateway_config, "EgressGatewayConfig", NULL);
#undef T

#define T struct maistra_ingress_gateway_config
static const struct msg_field maistra_ingress_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether the gateway is installed; true by default."),
	F(namespace, "namespace", STRING, DONE, .doc = "Namespace of the gateway; the control plane's by default."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_gateway_service_config_desc,
	  .doc = "Settings of the gateway's Service."),
	F(router_mode, "routerMode", STRING, TOLD_UNLESS("traffic from other networks is not led on", "standard"),
	  .enums = &words_sni_dnat_standard,
	  .doc = "Whether TLS from other networks is led on: sni-dnat, or standard, the default."),
	F(volumes, "volumes", MESSAGE, DONE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST,
	  .doc = "Further volumes of the gateway's pods."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_component_runtime_config_desc,
	  .doc = "Replicas, placement, image and resources of the gateway."),
	F(sds, "sds", MESSAGE, DONE, .desc = &maistra_secret_discovery_service_desc,
	  .doc = "Certificates over the control channel, which is always on."),
	F(route_config, "routeConfig", MESSAGE, DONE, .desc = &maistra_enablement_desc,
	  .doc = "Whether Routes are made for this gateway."),
};
DESC(maistra_ingress_gateway_config, "IngressGatewayConfig", NULL);
#undef T

#define T struct maistra_open_shift_route_config
static const struct msg_field maistra_open_shift_route_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Makes OpenShift Routes for the hosts of Gateways; false by default."),
};
DESC(maistra_open_shift_route_config, "OpenShiftRouteConfig", NULL);
#undef T

#define T struct maistra_gateways_config
static const struct msg_field maistra_gateways_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether any gateway is installed; true by default."),
	F(ingress, "ingress", MESSAGE, DONE, .desc = &maistra_cluster_ingress_gateway_config_desc,
	  .doc = "The ingress gateway istio-ingressgateway."),
	F(egress, "egress", MESSAGE, DONE, .desc = &maistra_egress_gateway_config_desc,
	  .doc = "The egress gateway istio-egressgateway."),
	F(additional_ingress, "additionalIngress", MAP, DONE, .desc = &maistra_ingress_gateway_config_desc,
	  .doc = "Further ingress gateways by name."),
	F(additional_egress, "additionalEgress", MAP, DONE, .desc = &maistra_egress_gateway_config_desc,
	  .doc = "Further egress gateways by name."),
	F(openshift_route, "openshiftRoute", MESSAGE, DONE, .desc = &maistra_open_shift_route_config_desc,
	  .doc = "Routes for the hosts of Gateways."),
};
DESC(maistra_gateways_config, "GatewaysConfig", NULL);
#undef T
