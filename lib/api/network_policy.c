/* Rows of kubernetes' own networking kinds: networking.k8s.io/v1. See the header for the structs. */
#include "api/network_policy.h"

#include "api/api_internal.h"

WORDS(words_tcp_udp_sctp, {"TCP", 0}, {"UDP", 0}, {"SCTP", 0});
WORDS(words_ingress_egress, {"Ingress", 0}, {"Egress", 0});

#define T struct network_policy_port
static const struct msg_field network_policy_port_rows[] = {
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(port, "port", INT_OR_STR, .doc = "Port."),
	F(end_port, "endPort", INT32, .flags = MSG_OPTIONAL, .doc = "End port."),
};
DESC(network_policy_port, "NetworkPolicyPort", "Network policy port.");
#undef T

#define T struct network_ip_block
static const struct msg_field network_ip_block_rows[] = {
	F(cidr, "cidr", STRING, .flags = MSG_REQUIRED, .doc = "Cidr."),
	F(except, "except", STRING, .flags = MSG_LIST, .doc = "Except."),
};
DESC(network_ip_block, "IPBlock", "Ip block.");
#undef T

#define T struct network_policy_peer
static const struct msg_field network_policy_peer_rows[] = {
	F(pod_selector, "podSelector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Pod selector."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc,
	  .doc = "Namespace selector."),
	F(ip_block, "ipBlock", MESSAGE, .desc = &network_ip_block_desc, .doc = "Ip block."),
};
DESC(network_policy_peer, "NetworkPolicyPeer", "Network policy peer.");
#undef T

#define T struct network_policy_ingress_rule
static const struct msg_field network_policy_ingress_rule_rows[] = {
	F(ports, "ports", MESSAGE, .desc = &network_policy_port_desc, .flags = MSG_LIST, .doc = "Ports."),
	F(from, "from", MESSAGE, .desc = &network_policy_peer_desc, .flags = MSG_LIST, .doc = "From."),
};
DESC(network_policy_ingress_rule, "NetworkPolicyIngressRule", "Network policy ingress rule.");
#undef T

#define T struct network_policy_egress_rule
static const struct msg_field network_policy_egress_rule_rows[] = {
	F(ports, "ports", MESSAGE, .desc = &network_policy_port_desc, .flags = MSG_LIST, .doc = "Ports."),
	F(to, "to", MESSAGE, .desc = &network_policy_peer_desc, .flags = MSG_LIST, .doc = "To."),
};
DESC(network_policy_egress_rule, "NetworkPolicyEgressRule", "Network policy egress rule.");
#undef T

#define T struct network_policy_spec
static const struct msg_field network_policy_spec_rows[] = {
	F(pod_selector, "podSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_REQUIRED,
	  .doc = "Pod selector."),
	F(ingress, "ingress", MESSAGE, .desc = &network_policy_ingress_rule_desc, .flags = MSG_LIST, .doc = "Ingress."),
	F(egress, "egress", MESSAGE, .desc = &network_policy_egress_rule_desc, .flags = MSG_LIST, .doc = "Egress."),
	F(policy_types, "policyTypes", STRING, .enums = &words_ingress_egress, .flags = MSG_LIST,
	  .doc = "Policy types."),
};
DESC(network_policy_spec, "NetworkPolicySpec", "Network policy spec.");
#undef T

#define T struct network_policy
static const struct msg_field network_policy_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &network_policy_spec_desc, .doc = "Spec."),
};
DESC(network_policy, "NetworkPolicy", "Network policy.");
#undef T

#define T struct network_service_backend_port
static const struct msg_field network_service_backend_port_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(number, "number", INT32, .doc = "Number."),
};
DESC(network_service_backend_port, "ServiceBackendPort", "Service backend port.");
#undef T

#define T struct network_ingress_service_backend
static const struct msg_field network_ingress_service_backend_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(port, "port", MESSAGE, .desc = &network_service_backend_port_desc, .doc = "Port."),
};
DESC(network_ingress_service_backend, "IngressServiceBackend", "Ingress service backend.");
#undef T

#define T struct network_ingress_backend
static const struct msg_field network_ingress_backend_rows[] = {
	F(service, "service", MESSAGE, .desc = &network_ingress_service_backend_desc, .doc = "Service."),
	F(resource, "resource", MESSAGE, .desc = &core_typed_local_object_reference_desc, .doc = "Resource."),
};
DESC(network_ingress_backend, "IngressBackend", "Ingress backend.");
#undef T

#define T struct network_ingress_tls
static const struct msg_field network_ingress_tls_rows[] = {
	F(hosts, "hosts", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Hosts."),
	F(secret_name, "secretName", STRING, .doc = "Secret name."),
};
DESC(network_ingress_tls, "IngressTLS", "Ingress tls.");
#undef T

#define T struct network_http_ingress_path
static const struct msg_field network_http_ingress_path_rows[] = {
	F(path, "path", STRING, .doc = "Path."),
	F(path_type, "pathType", STRING, .flags = MSG_REQUIRED, .doc = "Path type."),
	F(backend, "backend", MESSAGE, .desc = &network_ingress_backend_desc, .flags = MSG_REQUIRED, .doc = "Backend."),
};
DESC(network_http_ingress_path, "HTTPIngressPath", "Http ingress path.");
#undef T

#define T struct network_http_ingress_rule_value
static const struct msg_field network_http_ingress_rule_value_rows[] = {
	F(paths, "paths", MESSAGE, .desc = &network_http_ingress_path_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Paths."),
};
DESC(network_http_ingress_rule_value, "HTTPIngressRuleValue", "Http ingress rule value.");
#undef T

#define T struct network_ingress_rule
static const struct msg_field network_ingress_rule_rows[] = {
	F(host, "host", STRING, .doc = "Host."),
	F(http, "http", MESSAGE, .desc = &network_http_ingress_rule_value_desc, .doc = "Http."),
};
DESC(network_ingress_rule, "IngressRule", "Ingress rule.");
#undef T

#define T struct network_ingress_spec
static const struct msg_field network_ingress_spec_rows[] = {
	F(ingress_class_name, "ingressClassName", STRING, .doc = "Ingress class name."),
	F(default_backend, "defaultBackend", MESSAGE, .desc = &network_ingress_backend_desc, .doc = "Default backend."),
	F(tls, "tls", MESSAGE, .desc = &network_ingress_tls_desc, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Tls."),
	F(rules, "rules", MESSAGE, .desc = &network_ingress_rule_desc, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Rules."),
};
DESC(network_ingress_spec, "IngressSpec", "Ingress spec.");
#undef T

#define T struct network_ingress_port_status
static const struct msg_field network_ingress_port_status_rows[] = {
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO, .doc = "Port."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(error, "error", STRING, .doc = "Error."),
};
DESC(network_ingress_port_status, "IngressPortStatus", "Ingress port status.");
#undef T

#define T struct network_ingress_load_balancer_ingress
static const struct msg_field network_ingress_load_balancer_ingress_rows[] = {
	F(ip, "ip", STRING, .doc = "Ip."),
	F(hostname, "hostname", STRING, .doc = "Hostname."),
	F(ports, "ports", MESSAGE, .desc = &network_ingress_port_status_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Ports."),
};
DESC(network_ingress_load_balancer_ingress, "IngressLoadBalancerIngress", "Ingress load balancer ingress.");
#undef T

#define T struct network_ingress_load_balancer_status
static const struct msg_field network_ingress_load_balancer_status_rows[] = {
	F(ingress, "ingress", MESSAGE, .desc = &network_ingress_load_balancer_ingress_desc, .flags = MSG_LIST,
	  .doc = "Ingress."),
};
DESC(network_ingress_load_balancer_status, "IngressLoadBalancerStatus", "Ingress load balancer status.");
#undef T

#define T struct network_ingress_status
static const struct msg_field network_ingress_status_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, .desc = &network_ingress_load_balancer_status_desc,
	  .doc = "Load balancer."),
};
DESC(network_ingress_status, "IngressStatus", "Ingress status.");
#undef T

#define T struct network_ingress
static const struct msg_field network_ingress_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &network_ingress_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &network_ingress_status_desc, .doc = "Status."),
};
DESC(network_ingress, "Ingress", "Ingress.");
#undef T

#define T struct network_ingress_class_parameters_reference
static const struct msg_field network_ingress_class_parameters_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .doc = "Api group."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(scope, "scope", STRING, .doc = "Scope."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(network_ingress_class_parameters_reference, "IngressClassParametersReference",
     "Ingress class parameters reference.");
#undef T

#define T struct network_ingress_class_spec
static const struct msg_field network_ingress_class_spec_rows[] = {
	F(controller, "controller", STRING, .doc = "Controller."),
	F(parameters, "parameters", MESSAGE, .desc = &network_ingress_class_parameters_reference_desc,
	  .doc = "Parameters."),
};
DESC(network_ingress_class_spec, "IngressClassSpec", "Ingress class spec.");
#undef T

#define T struct network_ingress_class
static const struct msg_field network_ingress_class_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &network_ingress_class_spec_desc, .doc = "Spec."),
};
DESC(network_ingress_class, "IngressClass", "Ingress class.");
#undef T
