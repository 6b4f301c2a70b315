/* Kubernetes' own networking kinds: networking.k8s.io/v1. */
#ifndef API_CLUSTER_NETWORK_POLICY_H
#define API_CLUSTER_NETWORK_POLICY_H

#include "api/core/volume.h"

/* Network policy port. */
struct network_policy_port {
	const char *protocol;
	struct int_or_str port;
	int32_t *end_port;
};

/* IP block. */
struct network_ip_block {
	const char *cidr;
	LIST(const char *) except;
};

/* Network policy peer. */
struct network_policy_peer {
	struct meta_label_selector *pod_selector;
	struct meta_label_selector *namespace_selector;
	struct network_ip_block *ip_block;
};

/* Rule: network policy ingress. */
struct network_policy_ingress_rule {
	LIST(struct network_policy_port) ports;
	LIST(struct network_policy_peer) from;
};

/* Rule: network policy egress. */
struct network_policy_egress_rule {
	LIST(struct network_policy_port) ports;
	LIST(struct network_policy_peer) to;
};

/* What is wanted of a network policy. */
struct network_policy_spec {
	struct meta_label_selector *pod_selector;
	LIST(struct network_policy_ingress_rule) ingress;
	LIST(struct network_policy_egress_rule) egress;
	LIST(const char *) policy_types;
};

/* Which traffic pods may receive and send. */
struct network_policy {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct network_policy_spec *spec;
};

/* Service backend port. */
struct network_service_backend_port {
	const char *name;
	int32_t number;
};

/* Ingress service backend. */
struct network_ingress_service_backend {
	const char *name;
	struct network_service_backend_port *port;
};

/* Ingress backend. */
struct network_ingress_backend {
	struct network_ingress_service_backend *service;
	struct core_typed_local_object_reference *resource;
};

/* Ingress TLS. */
struct network_ingress_tls {
	LIST(const char *) hosts;
	const char *secret_name;
};

/* HTTP ingress path. */
struct network_http_ingress_path {
	const char *path;
	const char *path_type;
	struct network_ingress_backend *backend;
};

/* HTTP ingress rule value. */
struct network_http_ingress_rule_value {
	LIST(struct network_http_ingress_path) paths;
};

/* Rule: ingress. */
struct network_ingress_rule {
	const char *host;
	struct network_http_ingress_rule_value *http;
};

/* What is wanted of a ingress. */
struct network_ingress_spec {
	const char *ingress_class_name;
	struct network_ingress_backend *default_backend;
	LIST(struct network_ingress_tls) tls;
	LIST(struct network_ingress_rule) rules;
};

/* What was observed of a ingress port. */
struct network_ingress_port_status {
	int32_t port;
	const char *protocol;
	const char *error;
};

/* Ingress load balancer ingress. */
struct network_ingress_load_balancer_ingress {
	const char *ip;
	const char *hostname;
	LIST(struct network_ingress_port_status) ports;
};

/* What was observed of a ingress load balancer. */
struct network_ingress_load_balancer_status {
	LIST(struct network_ingress_load_balancer_ingress) ingress;
};

/* What was observed of a ingress. */
struct network_ingress_status {
	struct network_ingress_load_balancer_status *load_balancer;
};

/* Ingress. */
struct network_ingress {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct network_ingress_spec *spec;
	struct network_ingress_status *status;
};

/* Reference: ingress class parameters. */
struct network_ingress_class_parameters_reference {
	const char *api_group;
	const char *kind;
	const char *name;
	const char *scope;
	const char *namespace;
};

/* What is wanted of a ingress class. */
struct network_ingress_class_spec {
	const char *controller;
	struct network_ingress_class_parameters_reference *parameters;
};

/* Ingress class. */
struct network_ingress_class {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct network_ingress_class_spec *spec;
};

extern const struct msg_desc network_policy_port_desc;
extern const struct msg_desc network_ip_block_desc;
extern const struct msg_desc network_policy_peer_desc;
extern const struct msg_desc network_policy_ingress_rule_desc;
extern const struct msg_desc network_policy_egress_rule_desc;
extern const struct msg_desc network_policy_spec_desc;
extern const struct msg_desc network_policy_desc;
extern const struct msg_desc network_service_backend_port_desc;
extern const struct msg_desc network_ingress_service_backend_desc;
extern const struct msg_desc network_ingress_backend_desc;
extern const struct msg_desc network_ingress_tls_desc;
extern const struct msg_desc network_http_ingress_path_desc;
extern const struct msg_desc network_http_ingress_rule_value_desc;
extern const struct msg_desc network_ingress_rule_desc;
extern const struct msg_desc network_ingress_spec_desc;
extern const struct msg_desc network_ingress_port_status_desc;
extern const struct msg_desc network_ingress_load_balancer_ingress_desc;
extern const struct msg_desc network_ingress_load_balancer_status_desc;
extern const struct msg_desc network_ingress_status_desc;
extern const struct msg_desc network_ingress_desc;
extern const struct msg_desc network_ingress_class_parameters_reference_desc;
extern const struct msg_desc network_ingress_class_spec_desc;
extern const struct msg_desc network_ingress_class_desc;

#endif
