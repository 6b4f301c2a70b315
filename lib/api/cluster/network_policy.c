/* Rows of kubernetes' own networking kinds: networking.k8s.io/v1. See the header for the structs. */
#include "api/cluster/network_policy.h"

#include "api/api_internal.h"

WORDS(words_tcp_udp_sctp, {"TCP", 0}, {"UDP", 0}, {"SCTP", 0});
WORDS(words_ingress_egress, {"Ingress", 0}, {"Egress", 0});

#define T struct network_policy_port
static const struct msg_field network_policy_port_rows[] = {
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .dflt = "\"TCP\"", .pb = 1,
	  .doc = "Protocol of the port."),
	F(port, "port", INT_OR_STR, .pb = 2, .doc = "Port number."),
	F(end_port, "endPort", INT32, .flags = MSG_OPTIONAL, .pb = 3, .doc = "Last port of a range."),
};
DESC(network_policy_port, "NetworkPolicyPort", "Network policy port.");
#undef T

#define T struct network_ip_block
static const struct msg_field network_ip_block_rows[] = {
	F(cidr, "cidr", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Network, such as 10.0.0.0/8."),
	F(except, "except", STRING, .flags = MSG_LIST, .pb = 2, .doc = "Networks within it that are left out."),
};
DESC(network_ip_block, "IPBlock", "IP block.");
#undef T

#define T struct network_policy_peer
static const struct msg_field network_policy_peer_rows[] = {
	F(pod_selector, "podSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 1,
	  .doc = "Selects pods by their labels."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .pb = 2, .doc = "Selects namespaces by their labels."),
	F(ip_block, "ipBlock", MESSAGE, .desc = &network_ip_block_desc, .pb = 3, .doc = "A network."),
};
DESC(network_policy_peer, "NetworkPolicyPeer", "Network policy peer.");
#undef T

#define T struct network_policy_ingress_rule
static const struct msg_field network_policy_ingress_rule_rows[] = {
	F(ports, "ports", MESSAGE, .desc = &network_policy_port_desc, .flags = MSG_LIST, .pb = 1, .doc = "Ports."),
	F(from, "from", MESSAGE, .desc = &network_policy_peer_desc, .flags = MSG_LIST, .pb = 2, .doc = "Sources."),
};
DESC(network_policy_ingress_rule, "NetworkPolicyIngressRule", "Rule: network policy ingress.");
#undef T

#define T struct network_policy_egress_rule
static const struct msg_field network_policy_egress_rule_rows[] = {
	F(ports, "ports", MESSAGE, .desc = &network_policy_port_desc, .flags = MSG_LIST, .pb = 1, .doc = "Ports."),
	F(to, "to", MESSAGE, .desc = &network_policy_peer_desc, .flags = MSG_LIST, .pb = 2, .doc = "Destinations."),
};
DESC(network_policy_egress_rule, "NetworkPolicyEgressRule", "Rule: network policy egress.");
#undef T

#define T struct network_policy_spec
static const struct msg_field network_policy_spec_rows[] = {
	F(pod_selector, "podSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC | MSG_REQUIRED,
	  .pb = 1, .doc = "Selects pods by their labels."),
	F(ingress, "ingress", MESSAGE, .desc = &network_policy_ingress_rule_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Incoming side."),
	F(egress, "egress", MESSAGE, .desc = &network_policy_egress_rule_desc, .flags = MSG_LIST, .pb = 3,
	  .doc = "Outgoing side."),
	F(policy_types, "policyTypes", STRING, .enums = &words_ingress_egress, .flags = MSG_LIST, .pb = 4,
	  .doc = "Directions the policy is about: Ingress, Egress."),
};
DESC(network_policy_spec, "NetworkPolicySpec", "What is wanted of a network policy.");
#undef T

#define T struct network_policy
static const struct msg_field network_policy_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &network_policy_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(network_policy, "NetworkPolicy", "Which traffic pods may receive and send.");
#undef T

#define T struct network_service_backend_port
static const struct msg_field network_service_backend_port_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(number, "number", INT32, .pb = 2, .doc = "Port number."),
};
DESC(network_service_backend_port, "ServiceBackendPort", "Service backend port.");
#undef T

#define T struct network_ingress_service_backend
static const struct msg_field network_ingress_service_backend_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(port, "port", MESSAGE, .desc = &network_service_backend_port_desc, .pb = 2, .doc = "Port number."),
};
DESC(network_ingress_service_backend, "IngressServiceBackend", "Ingress service backend.");
#undef T

#define T struct network_ingress_backend
static const struct msg_field network_ingress_backend_rows[] = {
	F(service, "service", MESSAGE, .desc = &network_ingress_service_backend_desc, .pb = 4,
	  .doc = "Service that is meant."),
	F(resource, "resource", MESSAGE, .desc = &core_typed_local_object_reference_desc, .flags = MSG_ATOMIC, .pb = 3,
	  .doc = "Resource."),
};
DESC(network_ingress_backend, "IngressBackend", "Ingress backend.");
#undef T

#define T struct network_ingress_tls
static const struct msg_field network_ingress_tls_rows[] = {
	F(hosts, "hosts", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 1, .doc = "Host names."),
	F(secret_name, "secretName", STRING, .pb = 2, .doc = "Name of the Secret."),
};
DESC(network_ingress_tls, "IngressTLS", "Ingress TLS.");
#undef T

#define T struct network_http_ingress_path
static const struct msg_field network_http_ingress_path_rows[] = {
	F(path, "path", STRING, .pb = 1, .doc = "Path; absolute where it names a file."),
	F(path_type, "pathType", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "How the path is matched."),
	F(backend, "backend", MESSAGE, .desc = &network_ingress_backend_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Where requests are sent."),
};
DESC(network_http_ingress_path, "HTTPIngressPath", "HTTP ingress path.");
#undef T

#define T struct network_http_ingress_rule_value
static const struct msg_field network_http_ingress_rule_value_rows[] = {
	F(paths, "paths", MESSAGE, .desc = &network_http_ingress_path_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 1,
	  .doc = "Paths."),
};
DESC(network_http_ingress_rule_value, "HTTPIngressRuleValue", "HTTP ingress rule value.");
#undef T

#define T struct network_ingress_rule
static const struct msg_field network_ingress_rule_rows[] = {
	F(host, "host", STRING, .pb = 1, .doc = "Host name or address."),
	F(http, "http", MESSAGE, .desc = &network_http_ingress_rule_value_desc, .pb = 1, .pb_in = 2,
	  .doc = "HTTP settings or rules."),
};
DESC(network_ingress_rule, "IngressRule", "Rule: ingress.");
#undef T

#define T struct network_ingress_spec
static const struct msg_field network_ingress_spec_rows[] = {
	F(ingress_class_name, "ingressClassName", STRING, .pb = 4, .doc = "Class of the ingress."),
	F(default_backend, "defaultBackend", MESSAGE, .desc = &network_ingress_backend_desc, .pb = 1,
	  .doc = "Where requests that match no rule are sent."),
	F(tls, "tls", MESSAGE, .desc = &network_ingress_tls_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 2,
	  .doc = "TLS settings."),
	F(rules, "rules", MESSAGE, .desc = &network_ingress_rule_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 3,
	  .doc = "Rules, applied in order."),
};
DESC(network_ingress_spec, "IngressSpec", "What is wanted of a ingress.");
#undef T

#define T struct network_ingress_port_status
static const struct msg_field network_ingress_port_status_rows[] = {
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Port number."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .pb = 2, .doc = "Protocol of the port."),
	F(error, "error", STRING, .pb = 3, .doc = "Error message."),
};
DESC(network_ingress_port_status, "IngressPortStatus", "What was observed of a ingress port.");
#undef T

#define T struct network_ingress_load_balancer_ingress
static const struct msg_field network_ingress_load_balancer_ingress_rows[] = {
	F(ip, "ip", STRING, .pb = 1, .doc = "IP address."),
	F(hostname, "hostname", STRING, .pb = 2, .doc = "Host name."),
	F(ports, "ports", MESSAGE, .desc = &network_ingress_port_status_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 4,
	  .doc = "Ports."),
};
DESC(network_ingress_load_balancer_ingress, "IngressLoadBalancerIngress", "Ingress load balancer ingress.");
#undef T

#define T struct network_ingress_load_balancer_status
static const struct msg_field network_ingress_load_balancer_status_rows[] = {
	F(ingress, "ingress", MESSAGE, .desc = &network_ingress_load_balancer_ingress_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Incoming side."),
};
DESC(network_ingress_load_balancer_status, "IngressLoadBalancerStatus",
     "What was observed of a ingress load balancer.");
#undef T

#define T struct network_ingress_status
static const struct msg_field network_ingress_status_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, .desc = &network_ingress_load_balancer_status_desc, .pb = 1,
	  .doc = "Load balancer settings or addresses."),
};
DESC(network_ingress_status, "IngressStatus", "What was observed of a ingress.");
#undef T

#define T struct network_ingress
static const struct msg_field network_ingress_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &network_ingress_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &network_ingress_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(network_ingress, "Ingress", "Ingress.");
#undef T

#define T struct network_ingress_class_parameters_reference
static const struct msg_field network_ingress_class_parameters_reference_rows[] = {
	F(api_group, "apiGroup", STRING, .pb = 1, .doc = "API group of the object referred to."),
	F(kind, "kind", STRING, .pb = 2, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Name, unique among its siblings."),
	F(scope, "scope", STRING, .pb = 4, .doc = "Scope."),
	F(namespace, "namespace", STRING, .pb = 5, .doc = "Namespace of the object."),
};
DESC(network_ingress_class_parameters_reference, "IngressClassParametersReference",
     "Reference: ingress class parameters.");
#undef T

#define T struct network_ingress_class_spec
static const struct msg_field network_ingress_class_spec_rows[] = {
	F(controller, "controller", STRING, .pb = 1,
	  .doc = "Whether the owner manages the object, or the controller's name."),
	F(parameters, "parameters", MESSAGE, .desc = &network_ingress_class_parameters_reference_desc, .pb = 2,
	  .doc = "Parameters of the controller."),
};
DESC(network_ingress_class_spec, "IngressClassSpec", "What is wanted of a ingress class.");
#undef T

#define T struct network_ingress_class
static const struct msg_field network_ingress_class_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &network_ingress_class_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(network_ingress_class, "IngressClass", "Ingress class.");
#undef T
