/* Rows of sidecar, EnvoyFilter and ProxyConfig: networking.istio.io. See the header for the structs. */
#include "api/networking/sidecar.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_capture_mode_values[] = {
	{"DEFAULT", ISTIO_CAPTURE_MODE_DEFAULT},
	{"IPTABLES", ISTIO_CAPTURE_MODE_IPTABLES},
	{"NONE", ISTIO_CAPTURE_MODE_NONE},
};
ENUM(istio_capture_mode);

static const struct msg_enum_value istio_outbound_traffic_policy_mode_values[] = {
	{"REGISTRY_ONLY", ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_REGISTRY_ONLY},
	{"ALLOW_ANY", ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY},
};
ENUM(istio_outbound_traffic_policy_mode);

static const struct msg_enum_value istio_envoy_filter_apply_to_values[] = {
	{"INVALID", ISTIO_ENVOY_FILTER_APPLY_TO_INVALID},
	{"LISTENER", ISTIO_ENVOY_FILTER_APPLY_TO_LISTENER},
	{"FILTER_CHAIN", ISTIO_ENVOY_FILTER_APPLY_TO_FILTER_CHAIN},
	{"NETWORK_FILTER", ISTIO_ENVOY_FILTER_APPLY_TO_NETWORK_FILTER},
	{"HTTP_FILTER", ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER},
	{"ROUTE_CONFIGURATION", ISTIO_ENVOY_FILTER_APPLY_TO_ROUTE_CONFIGURATION},
	{"VIRTUAL_HOST", ISTIO_ENVOY_FILTER_APPLY_TO_VIRTUAL_HOST},
	{"HTTP_ROUTE", ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_ROUTE},
	{"CLUSTER", ISTIO_ENVOY_FILTER_APPLY_TO_CLUSTER},
	{"EXTENSION_CONFIG", ISTIO_ENVOY_FILTER_APPLY_TO_EXTENSION_CONFIG},
	{"BOOTSTRAP", ISTIO_ENVOY_FILTER_APPLY_TO_BOOTSTRAP},
	{"LISTENER_FILTER", ISTIO_ENVOY_FILTER_APPLY_TO_LISTENER_FILTER},
};
ENUM(istio_envoy_filter_apply_to);

static const struct msg_enum_value istio_envoy_filter_patch_context_values[] = {
	{"ANY", ISTIO_ENVOY_FILTER_PATCH_CONTEXT_ANY},
	{"SIDECAR_INBOUND", ISTIO_ENVOY_FILTER_PATCH_CONTEXT_SIDECAR_INBOUND},
	{"SIDECAR_OUTBOUND", ISTIO_ENVOY_FILTER_PATCH_CONTEXT_SIDECAR_OUTBOUND},
	{"GATEWAY", ISTIO_ENVOY_FILTER_PATCH_CONTEXT_GATEWAY},
};
ENUM(istio_envoy_filter_patch_context);

static const struct msg_enum_value istio_envoy_filter_route_configuration_match_route_match_action_values[] = {
	{"ANY", ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_ANY},
	{"ROUTE", ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_ROUTE},
	{"REDIRECT", ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_REDIRECT},
	{"DIRECT_RESPONSE", ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_DIRECT_RESPONSE},
};
ENUM(istio_envoy_filter_route_configuration_match_route_match_action);

static const struct msg_enum_value istio_envoy_filter_patch_operation_values[] = {
	{"INVALID", ISTIO_ENVOY_FILTER_PATCH_OPERATION_INVALID},
	{"MERGE", ISTIO_ENVOY_FILTER_PATCH_OPERATION_MERGE},
	{"ADD", ISTIO_ENVOY_FILTER_PATCH_OPERATION_ADD},
	{"REMOVE", ISTIO_ENVOY_FILTER_PATCH_OPERATION_REMOVE},
	{"INSERT_BEFORE", ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_BEFORE},
	{"INSERT_AFTER", ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_AFTER},
	{"INSERT_FIRST", ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_FIRST},
	{"REPLACE", ISTIO_ENVOY_FILTER_PATCH_OPERATION_REPLACE},
};
ENUM(istio_envoy_filter_patch_operation);

static const struct msg_enum_value istio_envoy_filter_patch_filter_class_values[] = {
	{"UNSPECIFIED", ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_UNSPECIFIED},
	{"AUTHN", ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_AUTHN},
	{"AUTHZ", ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_AUTHZ},
	{"STATS", ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_STATS},
};
ENUM(istio_envoy_filter_patch_filter_class);

#define T struct istio_sidecar_port
static const struct msg_field istio_sidecar_port_rows[] = {
	F(number, "number", UINT32, DONE, .doc = "Port number, unique among the listeners of its side."),
	F(protocol, "protocol", STRING, DONE, .doc = "HTTP, HTTPS, HTTP2, GRPC, TLS, TCP or MONGO."),
	F(name, "name", STRING, DONE, .doc = "Name of the port."),
	F(target_port, "targetPort", UINT32, TOLD("has no meaning in a Sidecar, as in Istio")),
};
DESC(istio_sidecar_port, "SidecarPort", "A port and its protocol.");
#undef T

#define T struct istio_istio_ingress_listener
static const struct msg_field istio_istio_ingress_listener_rows[] = {
	F(port, "port", MESSAGE, DONE, .desc = &istio_sidecar_port_desc,
	  .doc = "Port that the sidecar accepts connections on."),
	F(bind, "bind", STRING, DONE,
	  .doc = "IP address to listen on, when traffic is not captured; the pod's by default."),
	F(capture_mode, "captureMode", ENUM, DONE, .enums = &istio_capture_mode_names,
	  .doc = "Whether connections to the port are redirected to the sidecar; DEFAULT does as the pod does."),
	F(default_endpoint, "defaultEndpoint", STRING, DONE,
	  .doc = "Where the application listens: 127.0.0.1:PORT, 0.0.0.0:PORT or unix:///PATH; the pod's address and "
		 "the "
		 "same port by default."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_server_tls_settings_desc,
	  .doc = "TLS that the sidecar opens, SIMPLE or MUTUAL with files, where PeerAuthentication says DISABLE."),
	F(connection_pool, "connectionPool", MESSAGE, DONE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Limits of connections and requests to the application on this port."),
};
DESC(istio_istio_ingress_listener, "IstioIngressListener",
     "A port of the workload that is let through to the application.");
#undef T

#define T struct istio_istio_egress_listener
static const struct msg_field istio_istio_egress_listener_rows[] = {
	F(port, "port", MESSAGE, DONE, .desc = &istio_sidecar_port_desc,
	  .doc = "Port that the hosts are reached on; without it, every port no other listener has."),
	F(bind, "bind", STRING, DONE,
	  .doc = "IP address to listen on, when traffic is not captured; unix:///PATH or unix://@NAME with port number "
		 "0."),
	F(capture_mode, "captureMode", ENUM, DONE, .enums = &istio_capture_mode_names,
	  .doc = "Whether connections are redirected to the sidecar; DEFAULT does as the pod does."),
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Services that are known, as namespace/host: \"./*\" for its own namespace, \"~/*\" for none."),
};
DESC(istio_istio_egress_listener, "IstioEgressListener", "Services that the workload may reach, on one port or all.");
#undef T

#define T struct istio_outbound_traffic_policy
static const struct msg_field istio_outbound_traffic_policy_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_outbound_traffic_policy_mode_names,
	  .doc = "ALLOW_ANY lets them pass, REGISTRY_ONLY refuses them; the mesh's setting when absent."),
	F(egress_proxy, "egressProxy", MESSAGE, DONE, .desc = &istio_destination_desc,
	  .doc = "Service that they are sent to instead; only with ALLOW_ANY."),
};
DESC(istio_outbound_traffic_policy, "OutboundTrafficPolicy", "What happens to connections to unknown destinations.");
#undef T

#define T struct istio_sidecar_spec
static const struct msg_field istio_sidecar_spec_rows[] = {
	F(workload_selector, "workloadSelector", MESSAGE, DONE, .desc = &istio_workload_labels_desc,
	  .doc = "Labels of the pods it is for; without it, all of its namespace."),
	F(ingress, "ingress", MESSAGE, DONE, .desc = &istio_istio_ingress_listener_desc, .flags = MSG_LIST,
	  .doc = "Ports that are let through to the application; by default those of the pod's services."),
	F(egress, "egress", MESSAGE, DONE, .desc = &istio_istio_egress_listener_desc, .flags = MSG_LIST,
	  .doc = "Services that the application may reach; all services by default."),
	F(inbound_connection_pool, "inboundConnectionPool", MESSAGE, DONE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Limits of connections and requests to the application, on all ports."),
	F(outbound_traffic_policy, "outboundTrafficPolicy", MESSAGE, DONE, .desc = &istio_outbound_traffic_policy_desc,
	  .doc = "What happens to connections to unknown destinations; the mesh's setting when absent."),
};
DESC(istio_sidecar_spec, "Sidecar", "What the sidecars of some workloads accept and may reach.");
#undef T

#define T struct istio_sidecar
static const struct msg_field istio_sidecar_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_sidecar_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_sidecar, "Sidecar", "What a sidecar accepts and may reach.");
#undef T

#define T struct istio_envoy_filter_proxy_match
static const struct msg_field istio_envoy_filter_proxy_match_rows[] = {
	F(proxy_version, "proxyVersion", STRING,
	  TOLD("all proxies of the mesh are of one version; the patch is left out"),
	  .doc = "Regular expression of the proxy's version."),
	F(metadata, "metadata", STR_MAP, TOLD("proxies are chosen by workloadSelector alone; the patch is left out")),
};
DESC(istio_envoy_filter_proxy_match, "EnvoyFilterProxyMatch", NULL);
#undef T

#define T struct istio_envoy_filter_listener_match_sub_filter_match
static const struct msg_field istio_envoy_filter_listener_match_sub_filter_match_rows[] = {
	F(name, "name", STRING, DONE),
};
DESC(istio_envoy_filter_listener_match_sub_filter_match, "EnvoyFilterListenerMatchSubFilterMatch", NULL);
#undef T

#define T struct istio_envoy_filter_listener_match_filter_match
static const struct msg_field istio_envoy_filter_listener_match_filter_match_rows[] = {
	F(name, "name", STRING, DONE),
	F(sub_filter, "subFilter", MESSAGE, DONE, .desc = &istio_envoy_filter_listener_match_sub_filter_match_desc,
	  .doc = "Filter within the filter."),
};
DESC(istio_envoy_filter_listener_match_filter_match, "EnvoyFilterListenerMatchFilterMatch", NULL);
#undef T

#define T struct istio_envoy_filter_listener_match_filter_chain_match
static const struct msg_field istio_envoy_filter_listener_match_filter_chain_match_rows[] = {
	F(name, "name", STRING, TOLD("chains are chosen by portNumber alone; the patch is left out")),
	F(sni, "sni", STRING, TOLD("chains are chosen by portNumber alone; the patch is left out"),
	  .doc = "Server name that the TLS client asks for."),
	F(transport_protocol, "transportProtocol", STRING,
	  TOLD("chains are chosen by portNumber alone; the patch is left out"),
	  .doc = "Transport protocol of the chain."),
	F(application_protocols, "applicationProtocols", STRING,
	  TOLD("chains are chosen by portNumber alone; the patch is left out"),
	  .doc = "Application protocols of the chain."),
	F(filter, "filter", MESSAGE, DONE, .desc = &istio_envoy_filter_listener_match_filter_match_desc),
	F(destination_port, "destinationPort", UINT32,
	  TOLD("chains are chosen by portNumber alone; the patch is left out"), .doc = "Port of the chain."),
};
DESC(istio_envoy_filter_listener_match_filter_chain_match, "EnvoyFilterListenerMatchFilterChainMatch", NULL);
#undef T

#define T struct istio_envoy_filter_listener_match
static const struct msg_field istio_envoy_filter_listener_match_rows[] = {
	F(port_number, "portNumber", UINT32, DONE),
	F(port_name, "portName", STRING, TOLD("listeners are chosen by portNumber alone; the patch is left out")),
	F(filter_chain, "filterChain", MESSAGE, DONE,
	  .desc = &istio_envoy_filter_listener_match_filter_chain_match_desc, .doc = "Filter chain to match."),
	F(listener_filter, "listenerFilter", STRING,
	  TOLD("listeners are chosen by portNumber alone; the patch is left out"), .doc = "Listener filter to match."),
	F(name, "name", STRING, TOLD("listeners are chosen by portNumber alone; the patch is left out")),
};
DESC(istio_envoy_filter_listener_match, "EnvoyFilterListenerMatch", NULL);
#undef T

#define T struct istio_envoy_filter_route_configuration_match_route_match
static const struct msg_field istio_envoy_filter_route_configuration_match_route_match_rows[] = {
	F(name, "name", STRING, DONE),
	F(action, "action", ENUM, DONE, .enums = &istio_envoy_filter_route_configuration_match_route_match_action_names,
	  .doc = "What is done."),
};
DESC(istio_envoy_filter_route_configuration_match_route_match, "EnvoyFilterRouteConfigurationMatchRouteMatch", NULL);
#undef T

#define T struct istio_envoy_filter_route_configuration_match_virtual_host_match
static const struct msg_field istio_envoy_filter_route_configuration_match_virtual_host_match_rows[] = {
	F(name, "name", STRING, DONE),
	F(route, "route", MESSAGE, DONE, .desc = &istio_envoy_filter_route_configuration_match_route_match_desc,
	  .doc = "Destinations to which traffic is forwarded, by weight."),
};
DESC(istio_envoy_filter_route_configuration_match_virtual_host_match,
     "EnvoyFilterRouteConfigurationMatchVirtualHostMatch", NULL);
#undef T

#define T struct istio_envoy_filter_route_configuration_match
static const struct msg_field istio_envoy_filter_route_configuration_match_rows[] = {
	F(port_number, "portNumber", UINT32, DONE),
	F(port_name, "portName", STRING, TOLD("tables are chosen by portNumber and name alone; the patch is left out")),
	F(gateway, "gateway", STRING, TOLD("tables are chosen by portNumber and name alone; the patch is left out")),
	F(vhost, "vhost", MESSAGE, DONE, .desc = &istio_envoy_filter_route_configuration_match_virtual_host_match_desc,
	  .doc = "Virtual host to match."),
	F(name, "name", STRING, DONE),
};
DESC(istio_envoy_filter_route_configuration_match, "EnvoyFilterRouteConfigurationMatch", NULL);
#undef T

#define T struct istio_envoy_filter_cluster_match
static const struct msg_field istio_envoy_filter_cluster_match_rows[] = {
	F(port_number, "portNumber", UINT32, MOOT("a cluster that is added matches none that is there, as in Istio")),
	F(service, "service", STRING, MOOT("a cluster that is added matches none that is there, as in Istio")),
	F(subset, "subset", STRING, MOOT("a cluster that is added matches none that is there, as in Istio"),
	  .doc = "Subset of the service, as its DestinationRule names it."),
	F(name, "name", STRING, MOOT("a cluster that is added matches none that is there, as in Istio")),
};
DESC(istio_envoy_filter_cluster_match, "EnvoyFilterClusterMatch", NULL);
#undef T

#define T struct istio_envoy_filter_envoy_config_object_match
static const struct msg_field istio_envoy_filter_envoy_config_object_match_rows[] = {
	F(context, "context", ENUM, DONE, .enums = &istio_envoy_filter_patch_context_names,
	  .doc = "Where it applies: inbound, outbound or gateway."),
	F(proxy, "proxy", MESSAGE, DONE, .desc = &istio_envoy_filter_proxy_match_desc),
	F(listener, "listener", MESSAGE, DONE, .desc = &istio_envoy_filter_listener_match_desc, .oneof = 1,
	  .doc = "Listener to match."),
	F(route_configuration, "routeConfiguration", MESSAGE, DONE,
	  .desc = &istio_envoy_filter_route_configuration_match_desc, .oneof = 1,
	  .doc = "Route configuration to match."),
	F(cluster, "cluster", MESSAGE, DONE, .desc = &istio_envoy_filter_cluster_match_desc, .oneof = 1),
};
DESC(istio_envoy_filter_envoy_config_object_match, "EnvoyFilterEnvoyConfigObjectMatch", NULL);
#undef T

#define T struct istio_envoy_filter_patch
static const struct msg_field istio_envoy_filter_patch_rows[] = {
	F(operation, "operation", ENUM, DONE, .enums = &istio_envoy_filter_patch_operation_names),
	F(value, "value", JSON, DONE, .flags = MSG_OBJECT),
	F(filter_class, "filterClass", ENUM, TOLD("a subFilter says where a filter is put; the patch is left out"),
	  .enums = &istio_envoy_filter_patch_filter_class_names, .doc = "Where the filter is put."),
};
DESC(istio_envoy_filter_patch, "EnvoyFilterPatch", NULL);
#undef T

#define T struct istio_envoy_filter_envoy_config_object_patch
static const struct msg_field istio_envoy_filter_envoy_config_object_patch_rows[] = {
	F(apply_to, "applyTo", ENUM, DONE, .enums = &istio_envoy_filter_apply_to_names,
	  .doc = "What the patch is applied to."),
	F(match, "match", MESSAGE, DONE, .desc = &istio_envoy_filter_envoy_config_object_match_desc),
	F(patch, "patch", MESSAGE, DONE, .desc = &istio_envoy_filter_patch_desc),
};
DESC(istio_envoy_filter_envoy_config_object_patch, "EnvoyFilterEnvoyConfigObjectPatch", NULL);
#undef T

#define T struct istio_envoy_filter_spec
static const struct msg_field istio_envoy_filter_spec_rows[] = {
	F(workload_selector, "workloadSelector", MESSAGE, DONE, .desc = &istio_workload_labels_desc,
	  .doc = "Selects workloads by labels."),
	F(config_patches, "configPatches", MESSAGE, DONE, .desc = &istio_envoy_filter_envoy_config_object_patch_desc,
	  .flags = MSG_LIST),
	F(priority, "priority", INT32, DONE, .doc = "Priority; higher goes first."),
};
DESC(istio_envoy_filter_spec, "EnvoyFilter", NULL);
#undef T

#define T struct istio_envoy_filter
static const struct msg_field istio_envoy_filter_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_envoy_filter_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_envoy_filter, "EnvoyFilter", "Patches of generated proxy configuration.");
#undef T

#define T struct istio_proxy_image
static const struct msg_field istio_proxy_image_rows[] = {
	F(image_type, "imageType", STRING, DONE, .doc = "Kind of image: debug, distroless."),
};
DESC(istio_proxy_image, "ProxyImage", "A variant of the proxy's image.");
#undef T

#define T struct istio_proxy_config_spec
static const struct msg_field istio_proxy_config_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc,
	  .doc = "Labels of the pods it is for; without it, all of its namespace."),
	F(concurrency, "concurrency", INT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Worker threads of the proxy; 0 for one per core, by default the container's CPU limit or 2."),
	F(environment_variables, "environmentVariables", STR_MAP, DONE,
	  .doc = "Environment variables of the proxy, by name."),
	F(image, "image", MESSAGE, DONE, .desc = &istio_proxy_image_desc,
	  .doc = "Which variant of the proxy's image is used."),
};
DESC(istio_proxy_config_spec, "ProxyConfig", "Settings of some proxies that apply when their pods are made.");
#undef T

#define T struct istio_proxy_config
static const struct msg_field istio_proxy_config_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_proxy_config_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_proxy_config, "ProxyConfig", "Settings of proxies that apply when a pod starts.");
#undef T
