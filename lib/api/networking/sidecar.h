/* Sidecar, EnvoyFilter and ProxyConfig: networking.istio.io. */
#ifndef API_NETWORKING_SIDECAR_H
#define API_NETWORKING_SIDECAR_H

#include "api/networking/gateway.h"
#include "api/networking/destination_rule.h"

enum istio_capture_mode {
	ISTIO_CAPTURE_MODE_DEFAULT = 0,
	ISTIO_CAPTURE_MODE_IPTABLES = 1,
	ISTIO_CAPTURE_MODE_NONE = 2,
};
extern const struct msg_enum istio_capture_mode_names;

enum istio_outbound_traffic_policy_mode {
	ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_REGISTRY_ONLY = 0,
	ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY = 1,
};
extern const struct msg_enum istio_outbound_traffic_policy_mode_names;

enum istio_envoy_filter_apply_to {
	ISTIO_ENVOY_FILTER_APPLY_TO_INVALID = 0,
	ISTIO_ENVOY_FILTER_APPLY_TO_LISTENER = 1,
	ISTIO_ENVOY_FILTER_APPLY_TO_FILTER_CHAIN = 2,
	ISTIO_ENVOY_FILTER_APPLY_TO_NETWORK_FILTER = 3,
	ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_FILTER = 4,
	ISTIO_ENVOY_FILTER_APPLY_TO_ROUTE_CONFIGURATION = 5,
	ISTIO_ENVOY_FILTER_APPLY_TO_VIRTUAL_HOST = 6,
	ISTIO_ENVOY_FILTER_APPLY_TO_HTTP_ROUTE = 7,
	ISTIO_ENVOY_FILTER_APPLY_TO_CLUSTER = 8,
	ISTIO_ENVOY_FILTER_APPLY_TO_EXTENSION_CONFIG = 9,
	ISTIO_ENVOY_FILTER_APPLY_TO_BOOTSTRAP = 10,
	ISTIO_ENVOY_FILTER_APPLY_TO_LISTENER_FILTER = 11,
};
extern const struct msg_enum istio_envoy_filter_apply_to_names;

enum istio_envoy_filter_patch_context {
	ISTIO_ENVOY_FILTER_PATCH_CONTEXT_ANY = 0,
	ISTIO_ENVOY_FILTER_PATCH_CONTEXT_SIDECAR_INBOUND = 1,
	ISTIO_ENVOY_FILTER_PATCH_CONTEXT_SIDECAR_OUTBOUND = 2,
	ISTIO_ENVOY_FILTER_PATCH_CONTEXT_GATEWAY = 3,
};
extern const struct msg_enum istio_envoy_filter_patch_context_names;

enum istio_envoy_filter_route_configuration_match_route_match_action {
	ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_ANY = 0,
	ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_ROUTE = 1,
	ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_REDIRECT = 2,
	ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_DIRECT_RESPONSE = 3,
};
extern const struct msg_enum istio_envoy_filter_route_configuration_match_route_match_action_names;

enum istio_envoy_filter_patch_operation {
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_INVALID = 0,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_MERGE = 1,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_ADD = 2,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_REMOVE = 3,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_BEFORE = 4,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_AFTER = 5,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_INSERT_FIRST = 6,
	ISTIO_ENVOY_FILTER_PATCH_OPERATION_REPLACE = 7,
};
extern const struct msg_enum istio_envoy_filter_patch_operation_names;

enum istio_envoy_filter_patch_filter_class {
	ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_UNSPECIFIED = 0,
	ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_AUTHN = 1,
	ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_AUTHZ = 2,
	ISTIO_ENVOY_FILTER_PATCH_FILTER_CLASS_STATS = 3,
};
extern const struct msg_enum istio_envoy_filter_patch_filter_class_names;

/* Sidecar port. */
struct istio_sidecar_port {
	uint32_t number;
	const char *protocol;
	const char *name;
	uint32_t target_port;
};

/* Ingress listener. */
struct istio_istio_ingress_listener {
	struct istio_sidecar_port *port;
	const char *bind;
	int capture_mode; /* enum istio_capture_mode */
	const char *default_endpoint;
	struct istio_server_tls_settings *tls;
	struct istio_connection_pool_settings *connection_pool;
};

/* Egress listener. */
struct istio_istio_egress_listener {
	struct istio_sidecar_port *port;
	const char *bind;
	int capture_mode; /* enum istio_capture_mode */
	LIST(const char *) hosts;
};

/* Policy: outbound traffic. */
struct istio_outbound_traffic_policy {
	int mode; /* enum istio_outbound_traffic_policy_mode */
	struct istio_destination *egress_proxy;
};

/* Sidecar. */
struct istio_sidecar_spec {
	struct istio_workload_labels *workload_selector;
	LIST(struct istio_istio_ingress_listener) ingress;
	LIST(struct istio_istio_egress_listener) egress;
	struct istio_connection_pool_settings *inbound_connection_pool;
	struct istio_outbound_traffic_policy *outbound_traffic_policy;
};

/* What a sidecar accepts and may reach. */
struct istio_sidecar {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_sidecar_spec *spec;
	struct istio_status *status;
};

/* Condition: envoy filter proxy. */
struct istio_envoy_filter_proxy_match {
	const char *proxy_version;
	struct str_map metadata;
};

/* Condition: envoy filter listener match sub filter. */
struct istio_envoy_filter_listener_match_sub_filter_match {
	const char *name;
};

/* Condition: envoy filter listener match filter. */
struct istio_envoy_filter_listener_match_filter_match {
	const char *name;
	struct istio_envoy_filter_listener_match_sub_filter_match *sub_filter;
};

/* Condition: envoy filter listener match filter chain. */
struct istio_envoy_filter_listener_match_filter_chain_match {
	const char *name;
	const char *sni;
	const char *transport_protocol;
	const char *application_protocols;
	struct istio_envoy_filter_listener_match_filter_match *filter;
	uint32_t destination_port;
};

/* Condition: envoy filter listener. */
struct istio_envoy_filter_listener_match {
	uint32_t port_number;
	const char *port_name;
	struct istio_envoy_filter_listener_match_filter_chain_match *filter_chain;
	const char *listener_filter;
	const char *name;
};

/* Condition: envoy filter route configuration match route. */
struct istio_envoy_filter_route_configuration_match_route_match {
	const char *name;
	int action; /* enum istio_envoy_filter_route_configuration_match_route_match_action */
};

/* Condition: envoy filter route configuration match virtual host. */
struct istio_envoy_filter_route_configuration_match_virtual_host_match {
	const char *name;
	struct istio_envoy_filter_route_configuration_match_route_match *route;
};

/* Condition: envoy filter route configuration. */
struct istio_envoy_filter_route_configuration_match {
	uint32_t port_number;
	const char *port_name;
	const char *gateway;
	struct istio_envoy_filter_route_configuration_match_virtual_host_match *vhost;
	const char *name;
};

/* Condition: envoy filter cluster. */
struct istio_envoy_filter_cluster_match {
	uint32_t port_number;
	const char *service;
	const char *subset;
	const char *name;
};

/* Condition: envoy filter envoy config object. */
struct istio_envoy_filter_envoy_config_object_match {
	int context; /* enum istio_envoy_filter_patch_context */
	struct istio_envoy_filter_proxy_match *proxy;
	struct istio_envoy_filter_listener_match *listener;
	struct istio_envoy_filter_route_configuration_match *route_configuration;
	struct istio_envoy_filter_cluster_match *cluster;
};

/* Envoy filter patch. */
struct istio_envoy_filter_patch {
	int operation; /* enum istio_envoy_filter_patch_operation */
	cJSON *value;
	int filter_class; /* enum istio_envoy_filter_patch_filter_class */
};

/* Envoy filter envoy config object patch. */
struct istio_envoy_filter_envoy_config_object_patch {
	int apply_to; /* enum istio_envoy_filter_apply_to */
	struct istio_envoy_filter_envoy_config_object_match *match;
	struct istio_envoy_filter_patch *patch;
};

/* Envoy filter. */
struct istio_envoy_filter_spec {
	struct istio_workload_labels *workload_selector;
	LIST(struct istio_envoy_filter_envoy_config_object_patch) config_patches;
	int32_t priority;
};

/* Patches of generated proxy configuration. */
struct istio_envoy_filter {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_envoy_filter_spec *spec;
	struct istio_status *status;
};

/* Proxy image. */
struct istio_proxy_image {
	const char *image_type;
};

/* Settings: proxy. */
struct istio_proxy_config_spec {
	struct istio_workload_selector *selector;
	int32_t *concurrency;
	struct str_map environment_variables;
	struct istio_proxy_image *image;
};

/* Settings of proxies that apply when a pod starts. */
struct istio_proxy_config {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_proxy_config_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_sidecar_port_desc;
extern const struct msg_desc istio_istio_ingress_listener_desc;
extern const struct msg_desc istio_istio_egress_listener_desc;
extern const struct msg_desc istio_outbound_traffic_policy_desc;
extern const struct msg_desc istio_sidecar_spec_desc;
extern const struct msg_desc istio_sidecar_desc;
extern const struct msg_desc istio_envoy_filter_proxy_match_desc;
extern const struct msg_desc istio_envoy_filter_listener_match_sub_filter_match_desc;
extern const struct msg_desc istio_envoy_filter_listener_match_filter_match_desc;
extern const struct msg_desc istio_envoy_filter_listener_match_filter_chain_match_desc;
extern const struct msg_desc istio_envoy_filter_listener_match_desc;
extern const struct msg_desc istio_envoy_filter_route_configuration_match_route_match_desc;
extern const struct msg_desc istio_envoy_filter_route_configuration_match_virtual_host_match_desc;
extern const struct msg_desc istio_envoy_filter_route_configuration_match_desc;
extern const struct msg_desc istio_envoy_filter_cluster_match_desc;
extern const struct msg_desc istio_envoy_filter_envoy_config_object_match_desc;
extern const struct msg_desc istio_envoy_filter_patch_desc;
extern const struct msg_desc istio_envoy_filter_envoy_config_object_patch_desc;
extern const struct msg_desc istio_envoy_filter_spec_desc;
extern const struct msg_desc istio_envoy_filter_desc;
extern const struct msg_desc istio_proxy_image_desc;
extern const struct msg_desc istio_proxy_config_spec_desc;
extern const struct msg_desc istio_proxy_config_desc;

#endif
