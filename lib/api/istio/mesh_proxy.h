/* Settings of proxies: the mesh's defaultConfig, ProxyConfig's fields of it, and the annotation proxy.istio.io/config.
 */
#ifndef API_ISTIO_MESH_PROXY_H
#define API_ISTIO_MESH_PROXY_H

#include "api/networking/destination_rule.h"
#include "api/networking/virtual_service.h"
#include "api/networking/sidecar.h"

enum istio_mesh_proxy_config_tracing_service_name {
	ISTIO_MESH_PROXY_CONFIG_TRACING_SERVICE_NAME_APP_LABEL_AND_NAMESPACE = 0,
	ISTIO_MESH_PROXY_CONFIG_TRACING_SERVICE_NAME_CANONICAL_NAME_ONLY = 1,
	ISTIO_MESH_PROXY_CONFIG_TRACING_SERVICE_NAME_CANONICAL_NAME_AND_NAMESPACE = 2,
};
extern const struct msg_enum istio_mesh_proxy_config_tracing_service_name_names;

enum istio_mesh_authentication_policy {
	ISTIO_MESH_AUTHENTICATION_POLICY_NONE = 0,
	ISTIO_MESH_AUTHENTICATION_POLICY_MUTUAL_TLS = 1,
	ISTIO_MESH_AUTHENTICATION_POLICY_INHERIT = 1000,
};
extern const struct msg_enum istio_mesh_authentication_policy_names;

enum istio_mesh_proxy_config_inbound_interception_mode {
	ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_REDIRECT = 0,
	ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_TPROXY = 1,
	ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_NONE = 2,
};
extern const struct msg_enum istio_mesh_proxy_config_inbound_interception_mode_names;

enum istio_mesh_tracing_open_census_agent_trace_context {
	ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_UNSPECIFIED = 0,
	ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_W3C_TRACE_CONTEXT = 1,
	ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_GRPC_BIN = 2,
	ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_CLOUD_TRACE_CONTEXT = 3,
	ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_B3 = 4,
};
extern const struct msg_enum istio_mesh_tracing_open_census_agent_trace_context_names;

enum istio_mesh_forward_client_cert_details {
	ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_UNDEFINED = 0,
	ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_SANITIZE = 1,
	ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_FORWARD_ONLY = 2,
	ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_APPEND_FORWARD = 3,
	ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_SANITIZE_SET = 4,
	ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_ALWAYS_FORWARD_ONLY = 5,
};
extern const struct msg_enum istio_mesh_forward_client_cert_details_names;

enum istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode {
	ISTIO_MESH_PROXY_CONFIG_PROXY_HEADERS_METADATA_EXCHANGE_MODE_UNDEFINED = 0,
	ISTIO_MESH_PROXY_CONFIG_PROXY_HEADERS_METADATA_EXCHANGE_MODE_IN_MESH = 1,
};
extern const struct msg_enum istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode_names;

/* Tracing zipkin. */
struct istio_mesh_tracing_zipkin {
	const char *address;
};

/* Tracing lightstep. */
struct istio_mesh_tracing_lightstep {
	const char *address;
	const char *access_token;
};

/* Tracing datadog. */
struct istio_mesh_tracing_datadog {
	const char *address;
};

/* Tracing stackdriver. */
struct istio_mesh_tracing_stackdriver {
	bool debug;
	int64_t *max_number_of_attributes;
	int64_t *max_number_of_annotations;
	int64_t *max_number_of_message_events;
};

/* Tracing open census agent. */
struct istio_mesh_tracing_open_census_agent {
	const char *address;
	LIST(int) context; /* enum istio_mesh_tracing_open_census_agent_trace_context */
};

/* Tracing literal. */
struct istio_mesh_tracing_literal {
	const char *value;
};

/* Tracing environment. */
struct istio_mesh_tracing_environment {
	const char *name;
	const char *default_value;
};

/* Tracing request header. */
struct istio_mesh_tracing_request_header {
	const char *name;
	const char *default_value;
};

/* Tracing custom tag. */
struct istio_mesh_tracing_custom_tag {
	struct istio_mesh_tracing_literal *literal;
	struct istio_mesh_tracing_environment *environment;
	struct istio_mesh_tracing_request_header *header;
};

/* Tracing. */
struct istio_mesh_tracing {
	struct istio_mesh_tracing_zipkin *zipkin;
	struct istio_mesh_tracing_lightstep *lightstep;
	struct istio_mesh_tracing_datadog *datadog;
	struct istio_mesh_tracing_stackdriver *stackdriver;
	struct istio_mesh_tracing_open_census_agent *open_census_agent;
	MAP(struct istio_mesh_tracing_custom_tag) custom_tags;
	uint32_t max_path_tag_length;
	double *sampling; /* percent */
	struct istio_client_tls_settings *tls_settings;
};

/* Sds. */
struct istio_mesh_sds {
	bool enabled;
	const char *k8s_sa_jwt_path;
};

/* Remote service. */
struct istio_mesh_remote_service {
	const char *address;
	struct istio_client_tls_settings *tls_settings;
	struct istio_connection_pool_settings_tcp_settings_tcp_keepalive *tcp_keepalive;
};

/* Topology proxy protocol configuration. */
struct istio_mesh_topology_proxy_protocol_configuration {
	char unused;
};

/* Topology. */
struct istio_mesh_topology {
	uint32_t num_trusted_proxies;
	int forward_client_cert_details; /* enum istio_mesh_forward_client_cert_details */
	struct istio_mesh_topology_proxy_protocol_configuration *proxy_protocol;
};

/* Proxy config proxy stats matcher. */
struct istio_mesh_proxy_config_proxy_stats_matcher {
	LIST(const char *) inclusion_prefixes;
	LIST(const char *) inclusion_suffixes;
	LIST(const char *) inclusion_regexps;
};

/* Private key provider crypto mb. */
struct istio_mesh_private_key_provider_crypto_mb {
	int64_t *poll_delay; /* ns */
};

/* Private key provider qat. */
struct istio_mesh_private_key_provider_qat {
	int64_t *poll_delay; /* ns */
};

/* Private key provider. */
struct istio_mesh_private_key_provider {
	struct istio_mesh_private_key_provider_crypto_mb *cryptomb;
	struct istio_mesh_private_key_provider_qat *qat;
};

/* Proxy config proxy headers request id. */
struct istio_mesh_proxy_config_proxy_headers_request_id {
	bool *disabled;
};

/* Proxy config proxy headers server. */
struct istio_mesh_proxy_config_proxy_headers_server {
	bool *disabled;
	const char *value;
};

/* Proxy config proxy headers attempt count. */
struct istio_mesh_proxy_config_proxy_headers_attempt_count {
	bool *disabled;
};

/* Proxy config proxy headers envoy debug headers. */
struct istio_mesh_proxy_config_proxy_headers_envoy_debug_headers {
	bool *disabled;
};

/* Proxy config proxy headers metadata exchange headers. */
struct istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers {
	int mode; /* enum istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode */
};

/* Proxy config proxy headers. */
struct istio_mesh_proxy_config_proxy_headers {
	int forwarded_client_cert; /* enum istio_mesh_forward_client_cert_details */
	struct istio_mesh_proxy_config_proxy_headers_request_id *request_id;
	struct istio_mesh_proxy_config_proxy_headers_server *server;
	struct istio_mesh_proxy_config_proxy_headers_attempt_count *attempt_count;
	struct istio_mesh_proxy_config_proxy_headers_envoy_debug_headers *envoy_debug_headers;
	struct istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers *metadata_exchange_headers;
};

/* Settings: proxy. */
struct istio_mesh_proxy_config {
	const char *config_path;
	const char *binary_path;
	const char *service_cluster;
	int *tracing_service_name; /* enum istio_mesh_proxy_config_tracing_service_name */
	int64_t *drain_duration;   /* ns */
	const char *discovery_address;
	int64_t *discovery_refresh_delay; /* ns */
	const char *zipkin_address;
	const char *statsd_udp_address;
	const char *envoy_metrics_service_address;
	int32_t proxy_admin_port;
	const char *availability_zone;
	int control_plane_auth_policy; /* enum istio_mesh_authentication_policy */
	const char *custom_config_file;
	int32_t stat_name_length;
	int32_t *concurrency;
	const char *proxy_bootstrap_template_path;
	int interception_mode; /* enum istio_mesh_proxy_config_inbound_interception_mode */
	struct istio_mesh_tracing *tracing;
	struct istio_mesh_sds *sds;
	struct istio_mesh_remote_service *envoy_access_log_service;
	struct istio_mesh_remote_service *envoy_metrics_service;
	struct str_map proxy_metadata;
	struct str_map runtime_values;
	int32_t status_port;
	LIST(const char *) extra_stat_tags;
	struct istio_mesh_topology *gateway_topology;
	int64_t *termination_drain_duration; /* ns */
	const char *mesh_id;
	struct istio_readiness_probe *readiness_probe;
	struct istio_mesh_proxy_config_proxy_stats_matcher *proxy_stats_matcher;
	bool *hold_application_until_proxy_starts;
	LIST(const char *) ca_certificates_pem;
	struct istio_proxy_image *image;
	struct istio_mesh_private_key_provider *private_key_provider;
	struct istio_mesh_proxy_config_proxy_headers *proxy_headers;
};

extern const struct msg_desc istio_mesh_tracing_zipkin_desc;
extern const struct msg_desc istio_mesh_tracing_lightstep_desc;
extern const struct msg_desc istio_mesh_tracing_datadog_desc;
extern const struct msg_desc istio_mesh_tracing_stackdriver_desc;
extern const struct msg_desc istio_mesh_tracing_open_census_agent_desc;
extern const struct msg_desc istio_mesh_tracing_literal_desc;
extern const struct msg_desc istio_mesh_tracing_environment_desc;
extern const struct msg_desc istio_mesh_tracing_request_header_desc;
extern const struct msg_desc istio_mesh_tracing_custom_tag_desc;
extern const struct msg_desc istio_mesh_tracing_desc;
extern const struct msg_desc istio_mesh_sds_desc;
extern const struct msg_desc istio_mesh_remote_service_desc;
extern const struct msg_desc istio_mesh_topology_proxy_protocol_configuration_desc;
extern const struct msg_desc istio_mesh_topology_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_stats_matcher_desc;
extern const struct msg_desc istio_mesh_private_key_provider_crypto_mb_desc;
extern const struct msg_desc istio_mesh_private_key_provider_qat_desc;
extern const struct msg_desc istio_mesh_private_key_provider_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_headers_request_id_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_headers_server_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_headers_attempt_count_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_headers_envoy_debug_headers_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers_desc;
extern const struct msg_desc istio_mesh_proxy_config_proxy_headers_desc;
extern const struct msg_desc istio_mesh_proxy_config_desc;

#endif
