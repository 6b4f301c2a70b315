/* Routes of OpenShift: route.openshift.io/v1. */
#ifndef API_CLUSTER_ROUTE_H
#define API_CLUSTER_ROUTE_H

#include "api/meta.h"

/* Reference: route target. */
struct openshift_route_target_reference {
	const char *kind;
	const char *name;
	int32_t *weight;
};

/* Route port. */
struct openshift_route_port {
	struct int_or_str target_port;
};

/* Reference: local object. */
struct openshift_local_object_reference {
	const char *name;
};

/* Settings: TLS. */
struct openshift_tls_config {
	const char *termination;
	const char *certificate;
	const char *key;
	const char *ca_certificate;
	const char *destination_ca_certificate;
	const char *insecure_edge_termination_policy;
	struct openshift_local_object_reference *external_certificate;
};

/* Route set HTTP header. */
struct openshift_route_set_http_header {
	const char *value;
};

/* Route HTTP header action union. */
struct openshift_route_http_header_action_union {
	const char *type;
	struct openshift_route_set_http_header *set;
};

/* Route HTTP header. */
struct openshift_route_http_header {
	const char *name;
	struct openshift_route_http_header_action_union *action;
};

/* Route HTTP header actions. */
struct openshift_route_http_header_actions {
	LIST(struct openshift_route_http_header) response;
	LIST(struct openshift_route_http_header) request;
};

/* Route HTTP headers. */
struct openshift_route_http_headers {
	struct openshift_route_http_header_actions *actions;
};

/* What is wanted of a route. */
struct openshift_route_spec {
	const char *host;
	const char *subdomain;
	const char *path;
	struct openshift_route_target_reference *to;
	LIST(struct openshift_route_target_reference) alternate_backends;
	struct openshift_route_port *port;
	struct openshift_tls_config *tls;
	const char *wildcard_policy;
	struct openshift_route_http_headers *http_headers;
};

/* One condition of a route ingress. */
struct openshift_route_ingress_condition {
	const char *type;
	const char *status;
	const char *reason;
	const char *message;
	const char *last_transition_time;
};

/* Route ingress. */
struct openshift_route_ingress {
	const char *host;
	const char *router_name;
	LIST(struct openshift_route_ingress_condition) conditions;
	const char *wildcard_policy;
	const char *router_canonical_hostname;
};

/* What was observed of a route. */
struct openshift_route_status {
	LIST(struct openshift_route_ingress) ingress;
};

/* A host name of the router that leads to a service. */
struct openshift_route {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct openshift_route_spec *spec;
	struct openshift_route_status *status;
};

extern const struct msg_desc openshift_route_target_reference_desc;
extern const struct msg_desc openshift_route_port_desc;
extern const struct msg_desc openshift_local_object_reference_desc;
extern const struct msg_desc openshift_tls_config_desc;
extern const struct msg_desc openshift_route_set_http_header_desc;
extern const struct msg_desc openshift_route_http_header_action_union_desc;
extern const struct msg_desc openshift_route_http_header_desc;
extern const struct msg_desc openshift_route_http_header_actions_desc;
extern const struct msg_desc openshift_route_http_headers_desc;
extern const struct msg_desc openshift_route_spec_desc;
extern const struct msg_desc openshift_route_ingress_condition_desc;
extern const struct msg_desc openshift_route_ingress_desc;
extern const struct msg_desc openshift_route_status_desc;
extern const struct msg_desc openshift_route_desc;

#endif
