/* The mesh-wide configuration (ConfigMap istio, key mesh). */
#ifndef API_ISTIO_MESH_CONFIG_H
#define API_ISTIO_MESH_CONFIG_H

#include "api/networking/destination_rule.h"
#include "api/networking/virtual_service.h"
#include "api/networking/sidecar.h"
#include "api/istio/mesh_proxy.h"

enum istio_mesh_config_ingress_controller_mode {
	ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_UNSPECIFIED = 0,
	ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_OFF = 1,
	ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_DEFAULT = 2,
	ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_STRICT = 3,
};
extern const struct msg_enum istio_mesh_config_ingress_controller_mode_names;

enum istio_mesh_config_access_log_encoding {
	ISTIO_MESH_CONFIG_ACCESS_LOG_ENCODING_TEXT = 0,
	ISTIO_MESH_CONFIG_ACCESS_LOG_ENCODING_JSON = 1,
};
extern const struct msg_enum istio_mesh_config_access_log_encoding_names;

enum istio_mesh_config_outbound_traffic_policy_mode {
	ISTIO_MESH_CONFIG_OUTBOUND_TRAFFIC_POLICY_MODE_REGISTRY_ONLY = 0,
	ISTIO_MESH_CONFIG_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY = 1,
};
extern const struct msg_enum istio_mesh_config_outbound_traffic_policy_mode_names;

enum istio_mesh_resource {
	ISTIO_MESH_RESOURCE_SERVICE_REGISTRY = 0,
};
extern const struct msg_enum istio_mesh_resource_names;

enum istio_mesh_config_h2_upgrade_policy {
	ISTIO_MESH_CONFIG_H2_UPGRADE_POLICY_DO_NOT_UPGRADE = 0,
	ISTIO_MESH_CONFIG_H2_UPGRADE_POLICY_UPGRADE = 1,
};
extern const struct msg_enum istio_mesh_config_h2_upgrade_policy_names;

enum istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context {
	ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_UNSPECIFIED = 0,
	ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_W3C_TRACE_CONTEXT = 1,
	ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_GRPC_BIN = 2,
	ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_CLOUD_TRACE_CONTEXT = 3,
	ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_B3 = 4,
};
extern const struct msg_enum
	istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context_names;

enum istio_mesh_config_proxy_path_normalization_normalization_type {
	ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_DEFAULT = 0,
	ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_NONE = 1,
	ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_BASE = 2,
	ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_MERGE_SLASHES = 3,
	ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_DECODE_AND_MERGE_SLASHES = 4,
};
extern const struct msg_enum istio_mesh_config_proxy_path_normalization_normalization_type_names;

enum istio_mesh_config_tls_config_tls_protocol {
	ISTIO_MESH_CONFIG_TLS_CONFIG_TLS_PROTOCOL_TLS_AUTO = 0,
	ISTIO_MESH_CONFIG_TLS_CONFIG_TLS_PROTOCOL_TLSV1_2 = 1,
	ISTIO_MESH_CONFIG_TLS_CONFIG_TLS_PROTOCOL_TLSV1_3 = 2,
};
extern const struct msg_enum istio_mesh_config_tls_config_tls_protocol_names;

/* Policy: outbound traffic. */
struct istio_mesh_config_outbound_traffic_policy {
	int mode; /* enum istio_mesh_config_outbound_traffic_policy_mode */
};

/* Source: config. */
struct istio_mesh_config_source {
	const char *address;
	struct istio_client_tls_settings *tls_settings;
	LIST(int) subscribed_resources; /* enum istio_mesh_resource */
};

/* Certificate data. */
struct istio_mesh_config_certificate_data {
	const char *pem;
	const char *spiffe_bundle_url;
	LIST(const char *) cert_signers;
	LIST(const char *) trust_domains;
};

/* Certificate. */
struct istio_mesh_certificate {
	const char *secret_name;
	LIST(const char *) dns_names;
};

/* Settings: service settings. */
struct istio_mesh_config_service_settings_settings {
	bool cluster_local;
};

/* Settings: service. */
struct istio_mesh_config_service_settings {
	struct istio_mesh_config_service_settings_settings *settings;
	LIST(const char *) hosts;
};

/* CA. */
struct istio_mesh_config_ca {
	const char *address;
	struct istio_client_tls_settings *tls_settings;
	int64_t *request_timeout; /* ns */
	bool istiod_side;
};

/* Extension provider envoy external authorization request body. */
struct istio_mesh_config_extension_provider_envoy_external_authorization_request_body {
	uint32_t max_request_bytes;
	bool allow_partial_message;
	bool pack_as_bytes;
};

/* Extension provider envoy external authorization HTTP provider. */
struct istio_mesh_config_extension_provider_envoy_external_authorization_http_provider {
	const char *service;
	uint32_t port;
	int64_t *timeout; /* ns */
	const char *path_prefix;
	bool fail_open;
	const char *status_on_error;
	LIST(const char *) include_headers_in_check;
	LIST(const char *) include_request_headers_in_check;
	struct str_map include_additional_headers_in_check;
	struct istio_mesh_config_extension_provider_envoy_external_authorization_request_body
		*include_request_body_in_check;
	LIST(const char *) headers_to_upstream_on_allow;
	LIST(const char *) headers_to_downstream_on_deny;
	LIST(const char *) headers_to_downstream_on_allow;
};

/* Extension provider envoy external authorization gRPC provider. */
struct istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider {
	const char *service;
	uint32_t port;
	int64_t *timeout; /* ns */
	bool fail_open;
	const char *status_on_error;
	struct istio_mesh_config_extension_provider_envoy_external_authorization_request_body
		*include_request_body_in_check;
};

/* Extension provider zipkin tracing provider. */
struct istio_mesh_config_extension_provider_zipkin_tracing_provider {
	const char *service;
	uint32_t port;
	uint32_t max_tag_length;
	bool enable_64bit_trace_id;
};

/* Extension provider lightstep tracing provider. */
struct istio_mesh_config_extension_provider_lightstep_tracing_provider {
	const char *service;
	uint32_t port;
	const char *access_token;
	uint32_t max_tag_length;
};

/* Extension provider datadog tracing provider. */
struct istio_mesh_config_extension_provider_datadog_tracing_provider {
	const char *service;
	uint32_t port;
	uint32_t max_tag_length;
};

/* Extension provider stackdriver provider logging. */
struct istio_mesh_config_extension_provider_stackdriver_provider_logging {
	struct str_map labels;
};

/* Extension provider stackdriver provider. */
struct istio_mesh_config_extension_provider_stackdriver_provider {
	bool debug;
	int64_t *max_number_of_attributes;
	int64_t *max_number_of_annotations;
	int64_t *max_number_of_message_events;
	uint32_t max_tag_length;
	struct istio_mesh_config_extension_provider_stackdriver_provider_logging *logging;
};

/* Extension provider open census agent tracing provider. */
struct istio_mesh_config_extension_provider_open_census_agent_tracing_provider {
	const char *service;
	uint32_t port;
	LIST(int)
	context; /* enum istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context */
	uint32_t max_tag_length;
};

/* Extension provider sky walking tracing provider. */
struct istio_mesh_config_extension_provider_sky_walking_tracing_provider {
	const char *service;
	uint32_t port;
	const char *access_token;
};

/* Extension provider open telemetry tracing provider. */
struct istio_mesh_config_extension_provider_open_telemetry_tracing_provider {
	const char *service;
	uint32_t port;
	uint32_t max_tag_length;
};

/* Extension provider prometheus metrics provider. */
struct istio_mesh_config_extension_provider_prometheus_metrics_provider {
	char unused;
};

/* Extension provider envoy file access log provider log format. */
struct istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format {
	const char *text;
	cJSON *labels;
};

/* Extension provider envoy file access log provider. */
struct istio_mesh_config_extension_provider_envoy_file_access_log_provider {
	const char *path;
	struct istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format *log_format;
};

/* Extension provider envoy HTTP gRPC v3 log provider. */
struct istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider {
	const char *service;
	uint32_t port;
	const char *log_name;
	LIST(const char *) filter_state_objects_to_log;
	LIST(const char *) additional_request_headers_to_log;
	LIST(const char *) additional_response_headers_to_log;
	LIST(const char *) additional_response_trailers_to_log;
};

/* Extension provider envoy TCP gRPC v3 log provider. */
struct istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider {
	const char *service;
	uint32_t port;
	const char *log_name;
	LIST(const char *) filter_state_objects_to_log;
};

/* Extension provider envoy open telemetry log provider log format. */
struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format {
	const char *text;
	cJSON *labels;
};

/* Extension provider envoy open telemetry log provider. */
struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider {
	const char *service;
	uint32_t port;
	const char *log_name;
	struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format *log_format;
};

/* Extension provider. */
struct istio_mesh_config_extension_provider {
	const char *name;
	struct istio_mesh_config_extension_provider_envoy_external_authorization_http_provider *envoy_ext_authz_http;
	struct istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider *envoy_ext_authz_grpc;
	struct istio_mesh_config_extension_provider_zipkin_tracing_provider *zipkin;
	struct istio_mesh_config_extension_provider_lightstep_tracing_provider *lightstep;
	struct istio_mesh_config_extension_provider_datadog_tracing_provider *datadog;
	struct istio_mesh_config_extension_provider_stackdriver_provider *stackdriver;
	struct istio_mesh_config_extension_provider_open_census_agent_tracing_provider *opencensus;
	struct istio_mesh_config_extension_provider_sky_walking_tracing_provider *skywalking;
	struct istio_mesh_config_extension_provider_open_telemetry_tracing_provider *opentelemetry;
	struct istio_mesh_config_extension_provider_prometheus_metrics_provider *prometheus;
	struct istio_mesh_config_extension_provider_envoy_file_access_log_provider *envoy_file_access_log;
	struct istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider *envoy_http_als;
	struct istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider *envoy_tcp_als;
	struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider *envoy_otel_als;
};

/* Default providers. */
struct istio_mesh_config_default_providers {
	LIST(const char *) tracing;
	LIST(const char *) metrics;
	LIST(const char *) access_logging;
};

/* Proxy path normalization. */
struct istio_mesh_config_proxy_path_normalization {
	int normalization; /* enum istio_mesh_config_proxy_path_normalization_normalization_type */
};

/* Settings: TLS. */
struct istio_mesh_config_tls_config {
	int min_protocol_version; /* enum istio_mesh_config_tls_config_tls_protocol */
	LIST(const char *) ecdh_curves;
	LIST(const char *) cipher_suites;
};

/* Settings: mesh. */
struct istio_mesh_config {
	int32_t proxy_listen_port;
	int32_t proxy_inbound_listen_port;
	int32_t proxy_http_port;
	int64_t *connect_timeout;            /* ns */
	int64_t *protocol_detection_timeout; /* ns */
	struct istio_connection_pool_settings_tcp_settings_tcp_keepalive *tcp_keepalive;
	const char *ingress_class;
	const char *ingress_service;
	int ingress_controller_mode; /* enum istio_mesh_config_ingress_controller_mode */
	const char *ingress_selector;
	bool enable_tracing;
	const char *access_log_file;
	const char *access_log_format;
	int access_log_encoding; /* enum istio_mesh_config_access_log_encoding */
	bool enable_envoy_access_log_service;
	bool disable_envoy_listener_log;
	struct istio_mesh_proxy_config *default_config;
	struct istio_mesh_config_outbound_traffic_policy *outbound_traffic_policy;
	LIST(struct istio_mesh_config_source) config_sources;
	bool *enable_auto_mtls;
	const char *trust_domain;
	LIST(const char *) trust_domain_aliases;
	LIST(struct istio_mesh_config_certificate_data) ca_certificates;
	LIST(const char *) default_service_export_to;
	LIST(const char *) default_virtual_service_export_to;
	LIST(const char *) default_destination_rule_export_to;
	const char *root_namespace;
	struct istio_locality_load_balancer_setting *locality_lb_setting;
	int64_t *dns_refresh_rate; /* ns */
	int h2_upgrade_policy;     /* enum istio_mesh_config_h2_upgrade_policy */
	const char *inbound_cluster_stat_name;
	const char *outbound_cluster_stat_name;
	LIST(struct istio_mesh_certificate) certificates;
	LIST(struct istio_mesh_config_service_settings) service_settings;
	bool *enable_prometheus_merge;
	bool *verify_certificate_at_client;
	struct istio_mesh_config_ca *ca;
	LIST(struct istio_mesh_config_extension_provider) extension_providers;
	struct istio_mesh_config_default_providers *default_providers;
	LIST(struct meta_label_selector) discovery_selectors;
	struct istio_mesh_config_proxy_path_normalization *path_normalization;
	struct istio_http_retry *default_http_retry_policy;
	struct istio_mesh_config_tls_config *mesh_mTLS;
	struct istio_mesh_config_tls_config *tls_defaults;
};

/* Network network endpoints. */
struct istio_mesh_network_network_endpoints {
	const char *from_cidr;
	const char *from_registry;
};

/* Network istio network gateway. */
struct istio_mesh_network_istio_network_gateway {
	const char *registry_service_name;
	const char *address;
	uint32_t port;
	const char *locality;
};

/* Network. */
struct istio_mesh_network {
	LIST(struct istio_mesh_network_network_endpoints) endpoints;
	LIST(struct istio_mesh_network_istio_network_gateway) gateways;
};

/* Mesh networks. */
struct istio_mesh_networks {
	MAP(struct istio_mesh_network) networks;
};

extern const struct msg_desc istio_mesh_config_outbound_traffic_policy_desc;
extern const struct msg_desc istio_mesh_config_source_desc;
extern const struct msg_desc istio_mesh_config_certificate_data_desc;
extern const struct msg_desc istio_mesh_certificate_desc;
extern const struct msg_desc istio_mesh_config_service_settings_settings_desc;
extern const struct msg_desc istio_mesh_config_service_settings_desc;
extern const struct msg_desc istio_mesh_config_ca_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_external_authorization_request_body_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_external_authorization_http_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_zipkin_tracing_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_lightstep_tracing_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_datadog_tracing_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_stackdriver_provider_logging_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_stackdriver_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_open_census_agent_tracing_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_sky_walking_tracing_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_open_telemetry_tracing_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_prometheus_metrics_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_file_access_log_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_desc;
extern const struct msg_desc istio_mesh_config_extension_provider_desc;
extern const struct msg_desc istio_mesh_config_default_providers_desc;
extern const struct msg_desc istio_mesh_config_proxy_path_normalization_desc;
extern const struct msg_desc istio_mesh_config_tls_config_desc;
extern const struct msg_desc istio_mesh_config_desc;
extern const struct msg_desc istio_mesh_network_network_endpoints_desc;
extern const struct msg_desc istio_mesh_network_istio_network_gateway_desc;
extern const struct msg_desc istio_mesh_network_desc;
extern const struct msg_desc istio_mesh_networks_desc;

#endif
