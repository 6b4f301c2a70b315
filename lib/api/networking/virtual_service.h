/* VirtualService: networking.istio.io. */
#ifndef API_NETWORKING_VIRTUAL_SERVICE_H
#define API_NETWORKING_VIRTUAL_SERVICE_H

#include "api/networking/workload.h"

enum istio_http_redirect_redirect_port_selection {
	ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_PROTOCOL_DEFAULT = 0,
	ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_REQUEST_PORT = 1,
};
extern const struct msg_enum istio_http_redirect_redirect_port_selection_names;

/* How a string is matched: exactly, by prefix, or by regular expression. */
struct istio_string_match {
	const char *exact;
	const char *prefix;
	const char *regex;
};

/* HTTP match request. */
struct istio_http_match_request {
	const char *name;
	struct istio_string_match *uri;
	struct istio_string_match *scheme;
	struct istio_string_match *method;
	struct istio_string_match *authority;
	MAP(struct istio_string_match) headers;
	uint32_t port;
	struct str_map source_labels;
	LIST(const char *) gateways;
	MAP(struct istio_string_match) query_params;
	bool ignore_uri_case;
	MAP(struct istio_string_match) without_headers;
	const char *source_namespace;
	const char *stat_prefix;
};

/* Headers header operations. */
struct istio_headers_header_operations {
	struct str_map set;
	struct str_map add;
	LIST(const char *) remove;
};

/* Headers. */
struct istio_headers {
	struct istio_headers_header_operations *request;
	struct istio_headers_header_operations *response;
};

/* HTTP route destination. */
struct istio_http_route_destination {
	struct istio_destination *destination;
	int32_t weight;
	struct istio_headers *headers;
};

/* HTTP redirect. */
struct istio_http_redirect {
	const char *uri;
	const char *authority;
	uint32_t *port;
	int *derive_port; /* enum istio_http_redirect_redirect_port_selection */
	const char *scheme;
	uint32_t redirect_code;
};

/* HTTP body. */
struct istio_http_body {
	const char *string;
	const char *bytes;
};

/* HTTP direct response. */
struct istio_http_direct_response {
	uint32_t status;
	struct istio_http_body *body;
};

/* Delegate. */
struct istio_delegate {
	const char *name;
	const char *namespace;
};

/* Regex rewrite. */
struct istio_regex_rewrite {
	const char *match;
	const char *rewrite;
};

/* HTTP rewrite. */
struct istio_http_rewrite {
	const char *uri;
	const char *authority;
	struct istio_regex_rewrite *uri_regex_rewrite;
};

/* When and how often failed requests are tried again. */
struct istio_http_retry {
	int32_t attempts;
	int64_t *per_try_timeout; /* ns */
	const char *retry_on;
	bool *retry_remote_localities;
};

/* Percent. */
struct istio_percent {
	double value;
};

/* HTTP fault injection delay. */
struct istio_http_fault_injection_delay {
	int32_t percent;
	int64_t *fixed_delay;       /* ns */
	int64_t *exponential_delay; /* ns */
	struct istio_percent *percentage;
};

/* HTTP fault injection abort. */
struct istio_http_fault_injection_abort {
	int32_t *http_status;
	const char *grpc_status;
	const char *http2_error;
	struct istio_percent *percentage;
};

/* Errors and delays for testing. */
struct istio_http_fault_injection {
	struct istio_http_fault_injection_delay *delay;
	struct istio_http_fault_injection_abort *abort;
};

/* Policy: HTTP mirror. */
struct istio_http_mirror_policy {
	struct istio_destination *destination;
	struct istio_percent *percentage;
};

/* Policy: CORS. */
struct istio_cors_policy {
	LIST(const char *) allow_origin;
	LIST(struct istio_string_match) allow_origins;
	LIST(const char *) allow_methods;
	LIST(const char *) allow_headers;
	LIST(const char *) expose_headers;
	int64_t *max_age; /* ns */
	bool *allow_credentials;
};

/* One route of HTTP: conditions, and what is done. */
struct istio_http_route {
	const char *name;
	LIST(struct istio_http_match_request) match;
	LIST(struct istio_http_route_destination) route;
	struct istio_http_redirect *redirect;
	struct istio_http_direct_response *direct_response;
	struct istio_delegate *delegate;
	struct istio_http_rewrite *rewrite;
	int64_t *timeout; /* ns */
	struct istio_http_retry *retries;
	struct istio_http_fault_injection *fault;
	struct istio_destination *mirror;
	LIST(struct istio_http_mirror_policy) mirrors;
	uint32_t *mirror_percent;
	uint32_t *mirror_percent_snake; /* the same under its oldest name */
	struct istio_percent *mirror_percentage;
	struct istio_cors_policy *cors_policy;
	struct istio_headers *headers;
};

/* TLS match attributes. */
struct istio_tls_match_attributes {
	LIST(const char *) sni_hosts;
	LIST(const char *) destination_subnets;
	uint32_t port;
	struct str_map source_labels;
	LIST(const char *) gateways;
	const char *source_namespace;
};

/* Route destination. */
struct istio_route_destination {
	struct istio_destination *destination;
	int32_t weight;
};

/* TLS route. */
struct istio_tls_route {
	LIST(struct istio_tls_match_attributes) match;
	LIST(struct istio_route_destination) route;
};

/* TCP match attributes. */
struct istio_l4_match_attributes {
	LIST(const char *) destination_subnets;
	uint32_t port;
	const char *source_subnet;
	struct str_map source_labels;
	LIST(const char *) gateways;
	const char *source_namespace;
};

/* TCP route. */
struct istio_tcp_route {
	LIST(struct istio_l4_match_attributes) match;
	LIST(struct istio_route_destination) route;
};

/* Virtual service. */
struct istio_virtual_service_spec {
	LIST(const char *) hosts;
	LIST(const char *) gateways;
	LIST(struct istio_http_route) http;
	LIST(struct istio_tls_route) tls;
	LIST(struct istio_tcp_route) tcp;
	LIST(const char *) export_to;
};

/* How requests to some hosts are routed. */
struct istio_virtual_service {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_virtual_service_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_string_match_desc;
extern const struct msg_desc istio_http_match_request_desc;
extern const struct msg_desc istio_headers_header_operations_desc;
extern const struct msg_desc istio_headers_desc;
extern const struct msg_desc istio_http_route_destination_desc;
extern const struct msg_desc istio_http_redirect_desc;
extern const struct msg_desc istio_http_body_desc;
extern const struct msg_desc istio_http_direct_response_desc;
extern const struct msg_desc istio_delegate_desc;
extern const struct msg_desc istio_regex_rewrite_desc;
extern const struct msg_desc istio_http_rewrite_desc;
extern const struct msg_desc istio_http_retry_desc;
extern const struct msg_desc istio_percent_desc;
extern const struct msg_desc istio_http_fault_injection_delay_desc;
extern const struct msg_desc istio_http_fault_injection_abort_desc;
extern const struct msg_desc istio_http_fault_injection_desc;
extern const struct msg_desc istio_http_mirror_policy_desc;
extern const struct msg_desc istio_cors_policy_desc;
extern const struct msg_desc istio_http_route_desc;
extern const struct msg_desc istio_tls_match_attributes_desc;
extern const struct msg_desc istio_route_destination_desc;
extern const struct msg_desc istio_tls_route_desc;
extern const struct msg_desc istio_l4_match_attributes_desc;
extern const struct msg_desc istio_tcp_route_desc;
extern const struct msg_desc istio_virtual_service_spec_desc;
extern const struct msg_desc istio_virtual_service_desc;

#endif
