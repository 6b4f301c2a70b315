/* Rows of the mesh-wide configuration (ConfigMap istio, key mesh) and the settings of proxies in it. See the header for
 * the structs. */
#include "api/istio/mesh_config.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_mesh_config_ingress_controller_mode_values[] = {
	{"UNSPECIFIED", ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_UNSPECIFIED},
	{"OFF", ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_OFF},
	{"DEFAULT", ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_DEFAULT},
	{"STRICT", ISTIO_MESH_CONFIG_INGRESS_CONTROLLER_MODE_STRICT},
};
ENUM(istio_mesh_config_ingress_controller_mode);

static const struct msg_enum_value istio_mesh_config_access_log_encoding_values[] = {
	{"TEXT", ISTIO_MESH_CONFIG_ACCESS_LOG_ENCODING_TEXT},
	{"JSON", ISTIO_MESH_CONFIG_ACCESS_LOG_ENCODING_JSON},
};
ENUM(istio_mesh_config_access_log_encoding);

static const struct msg_enum_value istio_mesh_proxy_config_tracing_service_name_values[] = {
	{"APP_LABEL_AND_NAMESPACE", ISTIO_MESH_PROXY_CONFIG_TRACING_SERVICE_NAME_APP_LABEL_AND_NAMESPACE},
	{"CANONICAL_NAME_ONLY", ISTIO_MESH_PROXY_CONFIG_TRACING_SERVICE_NAME_CANONICAL_NAME_ONLY},
	{"CANONICAL_NAME_AND_NAMESPACE", ISTIO_MESH_PROXY_CONFIG_TRACING_SERVICE_NAME_CANONICAL_NAME_AND_NAMESPACE},
};
ENUM(istio_mesh_proxy_config_tracing_service_name);

static const struct msg_enum_value istio_mesh_authentication_policy_values[] = {
	{"NONE", ISTIO_MESH_AUTHENTICATION_POLICY_NONE},
	{"MUTUAL_TLS", ISTIO_MESH_AUTHENTICATION_POLICY_MUTUAL_TLS},
	{"INHERIT", ISTIO_MESH_AUTHENTICATION_POLICY_INHERIT},
};
ENUM(istio_mesh_authentication_policy);

static const struct msg_enum_value istio_mesh_proxy_config_inbound_interception_mode_values[] = {
	{"REDIRECT", ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_REDIRECT},
	{"TPROXY", ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_TPROXY},
	{"NONE", ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_NONE},
};
ENUM(istio_mesh_proxy_config_inbound_interception_mode);

static const struct msg_enum_value istio_mesh_tracing_open_census_agent_trace_context_values[] = {
	{"UNSPECIFIED", ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_UNSPECIFIED},
	{"W3C_TRACE_CONTEXT", ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_W3C_TRACE_CONTEXT},
	{"GRPC_BIN", ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_GRPC_BIN},
	{"CLOUD_TRACE_CONTEXT", ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_CLOUD_TRACE_CONTEXT},
	{"B3", ISTIO_MESH_TRACING_OPEN_CENSUS_AGENT_TRACE_CONTEXT_B3},
};
ENUM(istio_mesh_tracing_open_census_agent_trace_context);

static const struct msg_enum_value istio_mesh_forward_client_cert_details_values[] = {
	{"UNDEFINED", ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_UNDEFINED},
	{"SANITIZE", ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_SANITIZE},
	{"FORWARD_ONLY", ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_FORWARD_ONLY},
	{"APPEND_FORWARD", ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_APPEND_FORWARD},
	{"SANITIZE_SET", ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_SANITIZE_SET},
	{"ALWAYS_FORWARD_ONLY", ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_ALWAYS_FORWARD_ONLY},
};
ENUM(istio_mesh_forward_client_cert_details);

static const struct msg_enum_value istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode_values[] = {
	{"UNDEFINED", ISTIO_MESH_PROXY_CONFIG_PROXY_HEADERS_METADATA_EXCHANGE_MODE_UNDEFINED},
	{"IN_MESH", ISTIO_MESH_PROXY_CONFIG_PROXY_HEADERS_METADATA_EXCHANGE_MODE_IN_MESH},
};
ENUM(istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode);

static const struct msg_enum_value istio_mesh_config_outbound_traffic_policy_mode_values[] = {
	{"REGISTRY_ONLY", ISTIO_MESH_CONFIG_OUTBOUND_TRAFFIC_POLICY_MODE_REGISTRY_ONLY},
	{"ALLOW_ANY", ISTIO_MESH_CONFIG_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY},
};
ENUM(istio_mesh_config_outbound_traffic_policy_mode);

static const struct msg_enum_value istio_mesh_resource_values[] = {
	{"SERVICE_REGISTRY", ISTIO_MESH_RESOURCE_SERVICE_REGISTRY},
};
ENUM(istio_mesh_resource);

static const struct msg_enum_value istio_mesh_config_h2_upgrade_policy_values[] = {
	{"DO_NOT_UPGRADE", ISTIO_MESH_CONFIG_H2_UPGRADE_POLICY_DO_NOT_UPGRADE},
	{"UPGRADE", ISTIO_MESH_CONFIG_H2_UPGRADE_POLICY_UPGRADE},
};
ENUM(istio_mesh_config_h2_upgrade_policy);

static const struct msg_enum_value
	istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context_values[] = {
		{"UNSPECIFIED",
		 ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_UNSPECIFIED},
		{"W3C_TRACE_CONTEXT",
		 ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_W3C_TRACE_CONTEXT},
		{"GRPC_BIN",
		 ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_GRPC_BIN},
		{"CLOUD_TRACE_CONTEXT",
		 ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_CLOUD_TRACE_CONTEXT},
		{"B3", ISTIO_MESH_CONFIG_EXTENSION_PROVIDER_OPEN_CENSUS_AGENT_TRACING_PROVIDER_TRACE_CONTEXT_B3},
};
ENUM(istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context);

static const struct msg_enum_value istio_mesh_config_proxy_path_normalization_normalization_type_values[] = {
	{"DEFAULT", ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_DEFAULT},
	{"NONE", ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_NONE},
	{"BASE", ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_BASE},
	{"MERGE_SLASHES", ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_MERGE_SLASHES},
	{"DECODE_AND_MERGE_SLASHES",
	 ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_DECODE_AND_MERGE_SLASHES},
};
ENUM(istio_mesh_config_proxy_path_normalization_normalization_type);

static const struct msg_enum_value istio_mesh_config_tls_config_tls_protocol_values[] = {
	{"TLS_AUTO", ISTIO_MESH_CONFIG_TLS_CONFIG_TLS_PROTOCOL_TLS_AUTO},
	{"TLSV1_2", ISTIO_MESH_CONFIG_TLS_CONFIG_TLS_PROTOCOL_TLSV1_2},
	{"TLSV1_3", ISTIO_MESH_CONFIG_TLS_CONFIG_TLS_PROTOCOL_TLSV1_3},
};
ENUM(istio_mesh_config_tls_config_tls_protocol);

#define T struct istio_mesh_tracing_zipkin
static const struct msg_field istio_mesh_tracing_zipkin_rows[] = {
	F(address, "address", STRING, DONE),
};
DESC(istio_mesh_tracing_zipkin, "TracingZipkin", NULL);
#undef T

#define T struct istio_mesh_tracing_lightstep
static const struct msg_field istio_mesh_tracing_lightstep_rows[] = {
	F(address, "address", STRING, TOLD("tracing is not carried out")),
	F(access_token, "accessToken", STRING, TOLD("tracing is not carried out"),
	  .doc = "Access token of the service."),
};
DESC(istio_mesh_tracing_lightstep, "TracingLightstep", NULL);
#undef T

#define T struct istio_mesh_tracing_datadog
static const struct msg_field istio_mesh_tracing_datadog_rows[] = {
	F(address, "address", STRING, TOLD("tracing is not carried out")),
};
DESC(istio_mesh_tracing_datadog, "TracingDatadog", NULL);
#undef T

#define T struct istio_mesh_tracing_stackdriver
static const struct msg_field istio_mesh_tracing_stackdriver_rows[] = {
	F(debug, "debug", BOOL, TOLD("tracing is not carried out"), .doc = "Debug output."),
	F(max_number_of_attributes, "maxNumberOfAttributes", INT64, TOLD("tracing is not carried out"),
	  .flags = MSG_OPTIONAL, .doc = "Most attributes per span."),
	F(max_number_of_annotations, "maxNumberOfAnnotations", INT64, TOLD("tracing is not carried out"),
	  .flags = MSG_OPTIONAL, .doc = "Most annotations per span."),
	F(max_number_of_message_events, "maxNumberOfMessageEvents", INT64, TOLD("tracing is not carried out"),
	  .flags = MSG_OPTIONAL, .doc = "Most message events per span."),
};
DESC(istio_mesh_tracing_stackdriver, "TracingStackdriver", NULL);
#undef T

#define T struct istio_mesh_tracing_open_census_agent
static const struct msg_field istio_mesh_tracing_open_census_agent_rows[] = {
	F(address, "address", STRING, TOLD("tracing is not carried out")),
	F(context, "context", ENUM, TOLD("tracing is not carried out"),
	  .enums = &istio_mesh_tracing_open_census_agent_trace_context_names, .flags = MSG_LIST,
	  .doc = "Where it applies: inbound, outbound or gateway."),
};
DESC(istio_mesh_tracing_open_census_agent, "TracingOpenCensusAgent", NULL);
#undef T

#define T struct istio_mesh_tracing_literal
static const struct msg_field istio_mesh_tracing_literal_rows[] = {
	F(value, "value", STRING, DONE),
};
DESC(istio_mesh_tracing_literal, "TracingLiteral", NULL);
#undef T

#define T struct istio_mesh_tracing_environment
static const struct msg_field istio_mesh_tracing_environment_rows[] = {
	F(name, "name", STRING, DONE),
	F(default_value, "defaultValue", STRING, DONE, .doc = "Value used where the source has none."),
};
DESC(istio_mesh_tracing_environment, "TracingEnvironment", NULL);
#undef T

#define T struct istio_mesh_tracing_request_header
static const struct msg_field istio_mesh_tracing_request_header_rows[] = {
	F(name, "name", STRING, DONE),
	F(default_value, "defaultValue", STRING, DONE, .doc = "Value used where the source has none."),
};
DESC(istio_mesh_tracing_request_header, "TracingRequestHeader", NULL);
#undef T

#define T struct istio_mesh_tracing_custom_tag
static const struct msg_field istio_mesh_tracing_custom_tag_rows[] = {
	F(literal, "literal", MESSAGE, DONE, .desc = &istio_mesh_tracing_literal_desc, .oneof = 1,
	  .doc = "A fixed value."),
	F(environment, "environment", MESSAGE, DONE, .desc = &istio_mesh_tracing_environment_desc, .oneof = 1,
	  .doc = "An environment variable of the proxy."),
	F(header, "header", MESSAGE, DONE, .desc = &istio_mesh_tracing_request_header_desc, .oneof = 1,
	  .doc = "Request header."),
};
DESC(istio_mesh_tracing_custom_tag, "TracingCustomTag", NULL);
#undef T

#define T struct istio_mesh_tracing
static const struct msg_field istio_mesh_tracing_rows[] = {
	F(zipkin, "zipkin", MESSAGE, DONE, .desc = &istio_mesh_tracing_zipkin_desc, .oneof = 1,
	  .doc = "Zipkin collector."),
	F(lightstep, "lightstep", MESSAGE, TOLD("tracing is not carried out"),
	  .desc = &istio_mesh_tracing_lightstep_desc, .oneof = 1),
	F(datadog, "datadog", MESSAGE, TOLD("tracing is not carried out"), .desc = &istio_mesh_tracing_datadog_desc,
	  .oneof = 1),
	F(stackdriver, "stackdriver", MESSAGE, TOLD("tracing is not carried out"),
	  .desc = &istio_mesh_tracing_stackdriver_desc, .oneof = 1, .doc = "Stackdriver; cannot be used."),
	F(open_census_agent, "openCensusAgent", MESSAGE, TOLD("tracing is not carried out"),
	  .desc = &istio_mesh_tracing_open_census_agent_desc, .oneof = 1),
	F(custom_tags, "customTags", MAP, DONE, .desc = &istio_mesh_tracing_custom_tag_desc,
	  .doc = "Tags added to each span."),
	F(max_path_tag_length, "maxPathTagLength", UINT32, DONE, .doc = "Longest path that is kept, bytes."),
	F(sampling, "sampling", DOUBLE, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Share of traces, in hundredths of a percent."),
	F(tls_settings, "tlsSettings", MESSAGE, TOLD("tracing is not carried out"),
	  .desc = &istio_client_tls_settings_desc, .doc = "TLS towards the service."),
};
DESC(istio_mesh_tracing, "Tracing", NULL);
#undef T

#define T struct istio_mesh_sds
static const struct msg_field istio_mesh_sds_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("is not carried out")),
	F(k8s_sa_jwt_path, "k8sSaJwtPath", STRING, TOLD("is not carried out"), .doc = "Path of the token."),
};
DESC(istio_mesh_sds, "SDS", NULL);
#undef T

#define T struct istio_mesh_remote_service
static const struct msg_field istio_mesh_remote_service_rows[] = {
	F(address, "address", STRING, TOLD("is not carried out")),
	F(tls_settings, "tlsSettings", MESSAGE, TOLD("is not carried out"), .desc = &istio_client_tls_settings_desc,
	  .doc = "TLS towards the service."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc, .doc = "TCP keep-alive probes."),
};
DESC(istio_mesh_remote_service, "RemoteService", NULL);
#undef T

#define T struct istio_mesh_topology_proxy_protocol_configuration
DESC_EMPTY(istio_mesh_topology_proxy_protocol_configuration, "TopologyProxyProtocolConfiguration", NULL);
#undef T

#define T struct istio_mesh_topology
static const struct msg_field istio_mesh_topology_rows[] = {
	F(num_trusted_proxies, "numTrustedProxies", UINT32, DONE, .doc = "Trusted proxies in front of the gateway."),
	F(forward_client_cert_details, "forwardClientCertDetails", ENUM, DONE,
	  .enums = &istio_mesh_forward_client_cert_details_names,
	  .doc = "What happens to the client's certificate header."),
	F(proxy_protocol, "proxyProtocol", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_topology_proxy_protocol_configuration_desc, .doc = "Expects the PROXY protocol."),
};
DESC(istio_mesh_topology, "Topology", NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_stats_matcher
static const struct msg_field istio_mesh_proxy_config_proxy_stats_matcher_rows[] = {
	F(inclusion_prefixes, "inclusionPrefixes", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Prefixes of metrics that are kept."),
	F(inclusion_suffixes, "inclusionSuffixes", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Suffixes of metrics that are kept."),
	F(inclusion_regexps, "inclusionRegexps", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Expressions of metrics that are kept."),
};
DESC(istio_mesh_proxy_config_proxy_stats_matcher, "ProxyConfigProxyStatsMatcher", NULL);
#undef T

#define T struct istio_mesh_private_key_provider_crypto_mb
static const struct msg_field istio_mesh_private_key_provider_crypto_mb_rows[] = {
	F(poll_delay, "pollDelay", DURATION, TOLD("private keys are kept by the proxy"), .flags = MSG_OPTIONAL,
	  .doc = "Time between two polls."),
};
DESC(istio_mesh_private_key_provider_crypto_mb, "PrivateKeyProviderCryptoMb", NULL);
#undef T

#define T struct istio_mesh_private_key_provider_qat
static const struct msg_field istio_mesh_private_key_provider_qat_rows[] = {
	F(poll_delay, "pollDelay", DURATION, TOLD("private keys are kept by the proxy"), .flags = MSG_OPTIONAL,
	  .doc = "Time between two polls."),
};
DESC(istio_mesh_private_key_provider_qat, "PrivateKeyProviderQAT", NULL);
#undef T

#define T struct istio_mesh_private_key_provider
static const struct msg_field istio_mesh_private_key_provider_rows[] = {
	F(cryptomb, "cryptomb", MESSAGE, TOLD("private keys are kept by the proxy"),
	  .desc = &istio_mesh_private_key_provider_crypto_mb_desc, .oneof = 1, .doc = "Keys by CryptoMB."),
	F(qat, "qat", MESSAGE, TOLD("private keys are kept by the proxy"),
	  .desc = &istio_mesh_private_key_provider_qat_desc, .oneof = 1, .doc = "Keys by QAT."),
};
DESC(istio_mesh_private_key_provider, "PrivateKeyProvider", NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_request_id
static const struct msg_field istio_mesh_proxy_config_proxy_headers_request_id_rows[] = {
	F(disabled, "disabled", BOOL, TOLD("is not carried out"), .flags = MSG_OPTIONAL),
};
DESC(istio_mesh_proxy_config_proxy_headers_request_id, "ProxyConfigProxyHeadersRequestId", NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_server
static const struct msg_field istio_mesh_proxy_config_proxy_headers_server_rows[] = {
	F(disabled, "disabled", BOOL, TOLD("is not carried out"), .flags = MSG_OPTIONAL),
	F(value, "value", STRING, TOLD("is not carried out")),
};
DESC(istio_mesh_proxy_config_proxy_headers_server, "ProxyConfigProxyHeadersServer", NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_attempt_count
static const struct msg_field istio_mesh_proxy_config_proxy_headers_attempt_count_rows[] = {
	F(disabled, "disabled", BOOL, TOLD("is not carried out"), .flags = MSG_OPTIONAL),
};
DESC(istio_mesh_proxy_config_proxy_headers_attempt_count, "ProxyConfigProxyHeadersAttemptCount", NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_envoy_debug_headers
static const struct msg_field istio_mesh_proxy_config_proxy_headers_envoy_debug_headers_rows[] = {
	F(disabled, "disabled", BOOL, TOLD("is not carried out"), .flags = MSG_OPTIONAL),
};
DESC(istio_mesh_proxy_config_proxy_headers_envoy_debug_headers, "ProxyConfigProxyHeadersEnvoyDebugHeaders", NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers
static const struct msg_field istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers_rows[] = {
	F(mode, "mode", ENUM, TOLD("is not carried out"),
	  .enums = &istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode_names),
};
DESC(istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers, "ProxyConfigProxyHeadersMetadataExchangeHeaders",
     NULL);
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers
static const struct msg_field istio_mesh_proxy_config_proxy_headers_rows[] = {
	F(forwarded_client_cert, "forwardedClientCert", ENUM, TOLD("is not carried out"),
	  .enums = &istio_mesh_forward_client_cert_details_names,
	  .doc = "What happens to the client's certificate header."),
	F(request_id, "requestId", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_headers_request_id_desc, .doc = "The header x-request-id."),
	F(server, "server", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_headers_server_desc, .doc = "Server to talk to."),
	F(attempt_count, "attemptCount", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_headers_attempt_count_desc,
	  .doc = "The header x-envoy-attempt-count."),
	F(envoy_debug_headers, "envoyDebugHeaders", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_headers_envoy_debug_headers_desc),
	F(metadata_exchange_headers, "metadataExchangeHeaders", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers_desc,
	  .doc = "Headers of the peers' metadata."),
};
DESC(istio_mesh_proxy_config_proxy_headers, "ProxyConfigProxyHeaders", NULL);
#undef T

#define T struct istio_mesh_proxy_config
static const struct msg_field istio_mesh_proxy_config_rows[] = {
	F(config_path, "configPath", STRING, MOOT("the proxy has no configuration file of that form"),
	  .doc = "Directory of the configuration."),
	F(binary_path, "binaryPath", STRING, MOOT("there is one program"), .doc = "Path of the proxy."),
	F(service_cluster, "serviceCluster", STRING, DONE, .oneof = 1),
	F(tracing_service_name, "tracingServiceName", ENUM, TOLD("is not carried out"),
	  .enums = &istio_mesh_proxy_config_tracing_service_name_names, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "How the service is named in traces."),
	F(drain_duration, "drainDuration", DURATION, MOOT("listeners drain as long as their connections live"),
	  .flags = MSG_OPTIONAL, .doc = "Time connections have to end at a restart."),
	F(discovery_address, "discoveryAddress", STRING, DONE, .doc = "Address of the control plane."),
	F(discovery_refresh_delay, "discoveryRefreshDelay", DURATION, MOOT("nothing is polled"), .flags = MSG_OPTIONAL),
	F(zipkin_address, "zipkinAddress", STRING, DONE),
	F(statsd_udp_address, "statsdUdpAddress", STRING, TOLD("is not carried out"),
	  .doc = "Address of a statsd collector."),
	F(envoy_metrics_service_address, "envoyMetricsServiceAddress", STRING, TOLD("is not carried out")),
	F(proxy_admin_port, "proxyAdminPort", INT32, DONE, .doc = "Port of the proxy's admin interface."),
	F(availability_zone, "availabilityZone", STRING, MOOT("the node's labels tell")),
	F(control_plane_auth_policy, "controlPlaneAuthPolicy", ENUM, MOOT("the control plane is always authenticated"),
	  .enums = &istio_mesh_authentication_policy_names, .doc = "How the control plane is authenticated."),
	F(custom_config_file, "customConfigFile", STRING, MOOT("the proxy has no bootstrap file"),
	  .doc = "File with the whole configuration."),
	F(stat_name_length, "statNameLength", INT32, MOOT("names are not cut"), .doc = "Longest name of a metric."),
	F(concurrency, "concurrency", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Worker threads of the proxy; 0 for one per core, by default the container's CPU limit or 2."),
	F(proxy_bootstrap_template_path, "proxyBootstrapTemplatePath", STRING, MOOT("the proxy has no bootstrap file"),
	  .doc = "File with the bootstrap's template."),
	F(interception_mode, "interceptionMode", ENUM, DONE,
	  .enums = &istio_mesh_proxy_config_inbound_interception_mode_names,
	  .doc = "How traffic is redirected: REDIRECT or TPROXY."),
	F(tracing, "tracing", MESSAGE, DONE, .desc = &istio_mesh_tracing_desc),
	F(sds, "sds", MESSAGE, MOOT("certificates always come over SDS"), .desc = &istio_mesh_sds_desc,
	  .doc = "Secret discovery; obsolete and without effect."),
	F(envoy_access_log_service, "envoyAccessLogService", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_remote_service_desc, .doc = "Service to which proxies send access logs."),
	F(envoy_metrics_service, "envoyMetricsService", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_remote_service_desc, .doc = "Service to which proxies send metrics."),
	F(proxy_metadata, "proxyMetadata", STR_MAP, DONE, .doc = "Further variables of the proxy."),
	F(runtime_values, "runtimeValues", STR_MAP, TOLD("is not carried out"), .doc = "Runtime values of the proxy."),
	F(status_port, "statusPort", INT32, DONE, .doc = "Port of the agent's health endpoint."),
	F(extra_stat_tags, "extraStatTags", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Further labels of metrics."),
	F(gateway_topology, "gatewayTopology", MESSAGE, DONE, .desc = &istio_mesh_topology_desc,
	  .doc = "Proxies in front of gateways."),
	F(termination_drain_duration, "terminationDrainDuration", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Time connections have to end at the end."),
	F(mesh_id, "meshId", STRING, DONE, .doc = "Identifier of the mesh."),
	F(readiness_probe, "readinessProbe", MESSAGE,
	  MOOT("for machines outside the cluster: the proxy there reads it from its own PROXY_CONFIG"),
	  .desc = &istio_readiness_probe_desc, .doc = "Tells whether the workload can serve."),
	F(proxy_stats_matcher, "proxyStatsMatcher", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_stats_matcher_desc, .doc = "Metrics that are kept."),
	F(hold_application_until_proxy_starts, "holdApplicationUntilProxyStarts", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Starts the application when the proxy is ready."),
	F(ca_certificates_pem, "caCertificatesPem", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Further certificates, PEM."),
	F(image, "image", MESSAGE, DONE, .desc = &istio_proxy_image_desc, .doc = "Container image."),
	F(private_key_provider, "privateKeyProvider", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_private_key_provider_desc, .doc = "How private keys are used."),
	F(proxy_headers, "proxyHeaders", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_proxy_config_proxy_headers_desc, .doc = "Headers that proxies add."),
};
DESC(istio_mesh_proxy_config, "ProxyConfig", NULL);
#undef T

#define T struct istio_mesh_config_outbound_traffic_policy
static const struct msg_field istio_mesh_config_outbound_traffic_policy_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_mesh_config_outbound_traffic_policy_mode_names,
	  .doc = "ALLOW_ANY, the default, lets them pass; REGISTRY_ONLY refuses them."),
};
DESC(istio_mesh_config_outbound_traffic_policy, "MeshConfigOutboundTrafficPolicy",
     "What happens to connections to unknown destinations.");
#undef T

#define T struct istio_mesh_config_source
static const struct msg_field istio_mesh_config_source_rows[] = {
	F(address, "address", STRING, TOLD("is not carried out")),
	F(tls_settings, "tlsSettings", MESSAGE, TOLD("is not carried out"), .desc = &istio_client_tls_settings_desc,
	  .doc = "TLS towards the service."),
	F(subscribed_resources, "subscribedResources", ENUM, TOLD("is not carried out"),
	  .enums = &istio_mesh_resource_names, .flags = MSG_LIST, .doc = "Resources taken from the source."),
};
DESC(istio_mesh_config_source, "ConfigSource", NULL);
#undef T

#define T struct istio_mesh_config_certificate_data
static const struct msg_field istio_mesh_config_certificate_data_rows[] = {
	F(pem, "pem", STRING, TOLD("is not carried out"), .oneof = 1, .doc = "Certificates, PEM."),
	F(spiffe_bundle_url, "spiffeBundleUrl", STRING, TOLD("is not carried out"), .oneof = 1,
	  .doc = "Where a bundle of trusted certificates is fetched from."),
	F(cert_signers, "certSigners", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Signers it is for."),
	F(trust_domains, "trustDomains", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Trust domains it is for."),
};
DESC(istio_mesh_config_certificate_data, "MeshConfigCertificateData", NULL);
#undef T

#define T struct istio_mesh_certificate
static const struct msg_field istio_mesh_certificate_rows[] = {
	F(secret_name, "secretName", STRING, TOLD("is not carried out")),
	F(dns_names, "dnsNames", STRING, TOLD("is not carried out"), .flags = MSG_LIST),
};
DESC(istio_mesh_certificate, "Certificate", NULL);
#undef T

#define T struct istio_mesh_config_service_settings_settings
static const struct msg_field istio_mesh_config_service_settings_settings_rows[] = {
	F(cluster_local, "clusterLocal", BOOL, TOLD("is not carried out"), .doc = "Keeps traffic within its cluster."),
};
DESC(istio_mesh_config_service_settings_settings, "MeshConfigServiceSettingsSettings", NULL);
#undef T

#define T struct istio_mesh_config_service_settings
static const struct msg_field istio_mesh_config_service_settings_rows[] = {
	F(settings, "settings", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_config_service_settings_settings_desc),
	F(hosts, "hosts", STRING, TOLD("is not carried out"), .flags = MSG_LIST),
};
DESC(istio_mesh_config_service_settings, "MeshConfigServiceSettings", NULL);
#undef T

#define T struct istio_mesh_config_ca
static const struct msg_field istio_mesh_config_ca_rows[] = {
	F(address, "address", STRING, TOLD("is not carried out")),
	F(tls_settings, "tlsSettings", MESSAGE, TOLD("is not carried out"), .desc = &istio_client_tls_settings_desc,
	  .doc = "TLS towards the service."),
	F(request_timeout, "requestTimeout", DURATION, TOLD("is not carried out"), .flags = MSG_OPTIONAL),
	F(istiod_side, "istiodSide", BOOL, TOLD("is not carried out"),
	  .doc = "The control plane asks instead of the proxy."),
};
DESC(istio_mesh_config_ca, "MeshConfigCA", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_external_authorization_request_body
static const struct msg_field istio_mesh_config_extension_provider_envoy_external_authorization_request_body_rows[] = {
	F(max_request_bytes, "maxRequestBytes", UINT32, DONE, .doc = "Most bytes of the body that are buffered."),
	F(allow_partial_message, "allowPartialMessage", BOOL, DONE,
	  .doc = "Sends the body's beginning when it is too long."),
	F(pack_as_bytes, "packAsBytes", BOOL, DONE, .doc = "Sends the body as bytes instead of text."),
};
DESC(istio_mesh_config_extension_provider_envoy_external_authorization_request_body,
     "MeshConfigExtensionProviderEnvoyExternalAuthorizationRequestBody", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_external_authorization_http_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_external_authorization_http_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(timeout, "timeout", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "How long to wait before giving up."),
	F(path_prefix, "pathPrefix", STRING, DONE, .doc = "Prefix put before the path of the check."),
	F(fail_open, "failOpen", BOOL, DONE, .doc = "Lets requests pass when the service cannot be asked."),
	F(status_on_error, "statusOnError", STRING, DONE, .doc = "HTTP status when the service cannot be asked."),
	F(include_headers_in_check, "includeHeadersInCheck", STRING, DONE, .flags = MSG_LIST),
	F(include_request_headers_in_check, "includeRequestHeadersInCheck", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Request headers that are sent along."),
	F(include_additional_headers_in_check, "includeAdditionalHeadersInCheck", STR_MAP, DONE,
	  .doc = "Headers that are added to the check."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_request_body_desc,
	  .doc = "How much of the body is sent along."),
	F(headers_to_upstream_on_allow, "headersToUpstreamOnAllow", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Headers of the answer that go to the workload when allowed."),
	F(headers_to_downstream_on_deny, "headersToDownstreamOnDeny", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Headers of the answer that go to the client when denied."),
	F(headers_to_downstream_on_allow, "headersToDownstreamOnAllow", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Headers of the answer that go to the client when allowed."),
};
DESC(istio_mesh_config_extension_provider_envoy_external_authorization_http_provider,
     "MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(timeout, "timeout", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "How long to wait before giving up."),
	F(fail_open, "failOpen", BOOL, DONE, .doc = "Lets requests pass when the service cannot be asked."),
	F(status_on_error, "statusOnError", STRING, DONE, .doc = "HTTP status when the service cannot be asked."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_request_body_desc,
	  .doc = "How much of the body is sent along."),
};
DESC(istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider,
     "MeshConfigExtensionProviderEnvoyExternalAuthorizationGrpcProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_zipkin_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_zipkin_tracing_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(max_tag_length, "maxTagLength", UINT32, DONE, .doc = "Longest tag value that is kept, bytes."),
	F(enable_64bit_trace_id, "enable64bitTraceId", BOOL, DONE, .doc = "Uses trace identifiers of 64 bits."),
};
DESC(istio_mesh_config_extension_provider_zipkin_tracing_provider, "MeshConfigExtensionProviderZipkinTracingProvider",
     NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_lightstep_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_lightstep_tracing_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(access_token, "accessToken", STRING, TOLD("extension providers are not carried out"),
	  .doc = "Access token of the service."),
	F(max_tag_length, "maxTagLength", UINT32, TOLD("extension providers are not carried out"),
	  .doc = "Longest tag value that is kept, bytes."),
};
DESC(istio_mesh_config_extension_provider_lightstep_tracing_provider,
     "MeshConfigExtensionProviderLightstepTracingProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_datadog_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_datadog_tracing_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(max_tag_length, "maxTagLength", UINT32, TOLD("extension providers are not carried out"),
	  .doc = "Longest tag value that is kept, bytes."),
};
DESC(istio_mesh_config_extension_provider_datadog_tracing_provider, "MeshConfigExtensionProviderDatadogTracingProvider",
     NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_stackdriver_provider_logging
static const struct msg_field istio_mesh_config_extension_provider_stackdriver_provider_logging_rows[] = {
	F(labels, "labels", STR_MAP, TOLD("extension providers are not carried out")),
};
DESC(istio_mesh_config_extension_provider_stackdriver_provider_logging,
     "MeshConfigExtensionProviderStackdriverProviderLogging", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_stackdriver_provider
static const struct msg_field istio_mesh_config_extension_provider_stackdriver_provider_rows[] = {
	F(debug, "debug", BOOL, TOLD("extension providers are not carried out"), .doc = "Debug output."),
	F(max_number_of_attributes, "maxNumberOfAttributes", INT64, TOLD("extension providers are not carried out"),
	  .flags = MSG_OPTIONAL, .doc = "Most attributes per span."),
	F(max_number_of_annotations, "maxNumberOfAnnotations", INT64, TOLD("extension providers are not carried out"),
	  .flags = MSG_OPTIONAL, .doc = "Most annotations per span."),
	F(max_number_of_message_events, "maxNumberOfMessageEvents", INT64,
	  TOLD("extension providers are not carried out"), .flags = MSG_OPTIONAL,
	  .doc = "Most message events per span."),
	F(max_tag_length, "maxTagLength", UINT32, TOLD("extension providers are not carried out"),
	  .doc = "Longest tag value that is kept, bytes."),
	F(logging, "logging", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_stackdriver_provider_logging_desc,
	  .doc = "Log levels and form."),
};
DESC(istio_mesh_config_extension_provider_stackdriver_provider, "MeshConfigExtensionProviderStackdriverProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_open_census_agent_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_open_census_agent_tracing_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(context, "context", ENUM, TOLD("extension providers are not carried out"),
	  .enums = &istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context_names,
	  .flags = MSG_LIST, .doc = "Where it applies: inbound, outbound or gateway."),
	F(max_tag_length, "maxTagLength", UINT32, TOLD("extension providers are not carried out"),
	  .doc = "Longest tag value that is kept, bytes."),
};
DESC(istio_mesh_config_extension_provider_open_census_agent_tracing_provider,
     "MeshConfigExtensionProviderOpenCensusAgentTracingProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_sky_walking_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_sky_walking_tracing_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(access_token, "accessToken", STRING, TOLD("extension providers are not carried out"),
	  .doc = "Access token of the service."),
};
DESC(istio_mesh_config_extension_provider_sky_walking_tracing_provider,
     "MeshConfigExtensionProviderSkyWalkingTracingProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_open_telemetry_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_open_telemetry_tracing_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(max_tag_length, "maxTagLength", UINT32, DONE, .doc = "Longest tag value that is kept, bytes."),
};
DESC(istio_mesh_config_extension_provider_open_telemetry_tracing_provider,
     "MeshConfigExtensionProviderOpenTelemetryTracingProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_prometheus_metrics_provider
DESC_EMPTY(istio_mesh_config_extension_provider_prometheus_metrics_provider,
	   "MeshConfigExtensionProviderPrometheusMetricsProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format
static const struct msg_field istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format_rows[] = {
	F(text, "text", STRING, TOLD("extension providers are not carried out"), .oneof = 1),
	F(labels, "labels", JSON, TOLD("extension providers are not carried out"), .flags = MSG_OBJECT, .oneof = 1),
};
DESC(istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format,
     "MeshConfigExtensionProviderEnvoyFileAccessLogProviderLogFormat", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_file_access_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_file_access_log_provider_rows[] = {
	F(path, "path", STRING, TOLD("extension providers are not carried out")),
	F(log_format, "logFormat", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format_desc,
	  .doc = "Form of the log."),
};
DESC(istio_mesh_config_extension_provider_envoy_file_access_log_provider,
     "MeshConfigExtensionProviderEnvoyFileAccessLogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(log_name, "logName", STRING, TOLD("extension providers are not carried out")),
	F(filter_state_objects_to_log, "filterStateObjectsToLog", STRING,
	  TOLD("extension providers are not carried out"), .flags = MSG_LIST, .doc = "Filter state that is logged."),
	F(additional_request_headers_to_log, "additionalRequestHeadersToLog", STRING,
	  TOLD("extension providers are not carried out"), .flags = MSG_LIST,
	  .doc = "Further request headers that are logged."),
	F(additional_response_headers_to_log, "additionalResponseHeadersToLog", STRING,
	  TOLD("extension providers are not carried out"), .flags = MSG_LIST,
	  .doc = "Further response headers that are logged."),
	F(additional_response_trailers_to_log, "additionalResponseTrailersToLog", STRING,
	  TOLD("extension providers are not carried out"), .flags = MSG_LIST,
	  .doc = "Further trailers that are logged."),
};
DESC(istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider,
     "MeshConfigExtensionProviderEnvoyHttpGrpcV3LogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(log_name, "logName", STRING, TOLD("extension providers are not carried out")),
	F(filter_state_objects_to_log, "filterStateObjectsToLog", STRING,
	  TOLD("extension providers are not carried out"), .flags = MSG_LIST, .doc = "Filter state that is logged."),
};
DESC(istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider,
     "MeshConfigExtensionProviderEnvoyTcpGrpcV3LogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format
static const struct msg_field istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format_rows[] =
	{
		F(text, "text", STRING, TOLD("extension providers are not carried out")),
		F(labels, "labels", JSON, TOLD("extension providers are not carried out"), .flags = MSG_OBJECT),
};
DESC(istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format,
     "MeshConfigExtensionProviderEnvoyOpenTelemetryLogProviderLogFormat", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_rows[] = {
	F(service, "service", STRING, TOLD("extension providers are not carried out")),
	F(port, "port", UINT32, TOLD("extension providers are not carried out")),
	F(log_name, "logName", STRING, TOLD("extension providers are not carried out")),
	F(log_format, "logFormat", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format_desc,
	  .doc = "Form of the log."),
};
DESC(istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider,
     "MeshConfigExtensionProviderEnvoyOpenTelemetryLogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider
static const struct msg_field istio_mesh_config_extension_provider_rows[] = {
	F(name, "name", STRING, DONE),
	F(envoy_ext_authz_http, "envoyExtAuthzHttp", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_http_provider_desc, .oneof = 1,
	  .doc = "External authorization over HTTP."),
	F(envoy_ext_authz_grpc, "envoyExtAuthzGrpc", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider_desc, .oneof = 1,
	  .doc = "External authorization over gRPC."),
	F(zipkin, "zipkin", MESSAGE, DONE, .desc = &istio_mesh_config_extension_provider_zipkin_tracing_provider_desc,
	  .oneof = 1, .doc = "Zipkin collector."),
	F(lightstep, "lightstep", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_lightstep_tracing_provider_desc, .oneof = 1),
	F(datadog, "datadog", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_datadog_tracing_provider_desc, .oneof = 1),
	F(stackdriver, "stackdriver", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_stackdriver_provider_desc, .oneof = 1,
	  .doc = "Stackdriver; cannot be used."),
	F(opencensus, "opencensus", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_open_census_agent_tracing_provider_desc, .oneof = 1,
	  .doc = "OpenCensus agent."),
	F(skywalking, "skywalking", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_sky_walking_tracing_provider_desc, .oneof = 1),
	F(opentelemetry, "opentelemetry", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_open_telemetry_tracing_provider_desc, .oneof = 1,
	  .doc = "OpenTelemetry collector."),
	F(prometheus, "prometheus", MESSAGE, MOOT("metrics go to Prometheus in any case"),
	  .desc = &istio_mesh_config_extension_provider_prometheus_metrics_provider_desc, .oneof = 1),
	F(envoy_file_access_log, "envoyFileAccessLog", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_envoy_file_access_log_provider_desc, .oneof = 1,
	  .doc = "Access log to a file."),
	F(envoy_http_als, "envoyHttpAls", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_desc, .oneof = 1,
	  .doc = "Access log of HTTP to a gRPC service."),
	F(envoy_tcp_als, "envoyTcpAls", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_desc, .oneof = 1,
	  .doc = "Access log of TCP to a gRPC service."),
	F(envoy_otel_als, "envoyOtelAls", MESSAGE, TOLD("extension providers are not carried out"),
	  .desc = &istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_desc, .oneof = 1,
	  .doc = "Access log by OpenTelemetry."),
};
DESC(istio_mesh_config_extension_provider, "MeshConfigExtensionProvider", NULL);
#undef T

#define T struct istio_mesh_config_default_providers
static const struct msg_field istio_mesh_config_default_providers_rows[] = {
	F(tracing, "tracing", STRING, DONE, .flags = MSG_LIST),
	F(metrics, "metrics", STRING, MOOT("metrics go to Prometheus in any case"), .flags = MSG_LIST),
	F(access_logging, "accessLogging", STRING, TOLD("is not carried out"), .flags = MSG_LIST, .doc = "Access log."),
};
DESC(istio_mesh_config_default_providers, "MeshConfigDefaultProviders", NULL);
#undef T

#define T struct istio_mesh_config_proxy_path_normalization
static const struct msg_field istio_mesh_config_proxy_path_normalization_rows[] = {
	F(normalization, "normalization", ENUM, DONE,
	  .enums = &istio_mesh_config_proxy_path_normalization_normalization_type_names,
	  .doc = "How paths are normalised."),
};
DESC(istio_mesh_config_proxy_path_normalization, "MeshConfigProxyPathNormalization", NULL);
#undef T

#define T struct istio_mesh_config_tls_config
static const struct msg_field istio_mesh_config_tls_config_rows[] = {
	F(min_protocol_version, "minProtocolVersion", ENUM, TOLD("is not carried out"),
	  .enums = &istio_mesh_config_tls_config_tls_protocol_names, .doc = "Oldest TLS version that is allowed."),
	F(ecdh_curves, "ecdhCurves", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Curves that are allowed."),
	F(cipher_suites, "cipherSuites", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Cipher suites that are allowed."),
};
DESC(istio_mesh_config_tls_config, "MeshConfigTLSConfig", NULL);
#undef T

#define T struct istio_mesh_config
static const struct msg_field istio_mesh_config_rows[] = {
	F(proxy_listen_port, "proxyListenPort", INT32, MOOT("the injected rules lead to 15001"),
	  .doc = "Port to which outgoing traffic is redirected."),
	F(proxy_inbound_listen_port, "proxyInboundListenPort", INT32, MOOT("the injected rules lead to 15006"),
	  .doc = "Port to which incoming traffic is redirected."),
	F(proxy_http_port, "proxyHttpPort", INT32, TOLD("is not carried out"),
	  .doc = "Port of an HTTP proxy; 0 for none."),
	F(connect_timeout, "connectTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long a connection may take to open; 10s by default."),
	F(protocol_detection_timeout, "protocolDetectionTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long the first bytes are waited for."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc, .doc = "TCP keep-alive probes."),
	F(ingress_class, "ingressClass", STRING, MOOT("Ingress objects are not served"),
	  .doc = "Class of Ingress objects."),
	F(ingress_service, "ingressService", STRING, MOOT("Ingress objects are not served"),
	  .doc = "Service of the ingress gateway."),
	F(ingress_controller_mode, "ingressControllerMode", ENUM, MOOT("Ingress objects are not served"),
	  .enums = &istio_mesh_config_ingress_controller_mode_names, .doc = "Which Ingress objects are served."),
	F(ingress_selector, "ingressSelector", STRING, MOOT("Ingress objects are not served"),
	  .doc = "Label of the gateway of Ingress objects."),
	F(enable_tracing, "enableTracing", BOOL, MOOT("defaultConfig.tracing decides"), .doc = "Shows traces."),
	F(access_log_file, "accessLogFile", STRING, DONE, .doc = "File of the access log; empty for none."),
	F(access_log_format, "accessLogFormat", STRING, DONE, .doc = "Form of the access log."),
	F(access_log_encoding, "accessLogEncoding", ENUM, DONE, .enums = &istio_mesh_config_access_log_encoding_names,
	  .doc = "TEXT or JSON."),
	F(enable_envoy_access_log_service, "enableEnvoyAccessLogService", BOOL, TOLD("is not carried out"),
	  .doc = "Sends access logs to a service."),
	F(disable_envoy_listener_log, "disableEnvoyListenerLog", BOOL, MOOT("listeners write no log of their own"),
	  .doc = "Turns the listeners' log off."),
	F(default_config, "defaultConfig", MESSAGE, DONE, .desc = &istio_mesh_proxy_config_desc,
	  .doc = "Settings of all proxies."),
	F(outbound_traffic_policy, "outboundTrafficPolicy", MESSAGE, DONE,
	  .desc = &istio_mesh_config_outbound_traffic_policy_desc,
	  .doc = "What happens to destinations that nobody declared."),
	F(config_sources, "configSources", MESSAGE, MOOT("the API server is the source"),
	  .desc = &istio_mesh_config_source_desc, .flags = MSG_LIST, .doc = "Further sources of configuration."),
	F(enable_auto_mtls, "enableAutoMtls", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Uses mutual TLS wherever the other side can."),
	F(trust_domain, "trustDomain", STRING, DONE, .doc = "Trust domain of the mesh."),
	F(trust_domain_aliases, "trustDomainAliases", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Further trust domains that are accepted."),
	F(ca_certificates, "caCertificates", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_config_certificate_data_desc, .flags = MSG_LIST,
	  .doc = "File with the certificates that the peer's chain must end at."),
	F(default_service_export_to, "defaultServiceExportTo", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Who sees services that do not say."),
	F(default_virtual_service_export_to, "defaultVirtualServiceExportTo", STRING, TOLD("is not carried out"),
	  .flags = MSG_LIST, .doc = "Who sees VirtualServices that do not say."),
	F(default_destination_rule_export_to, "defaultDestinationRuleExportTo", STRING, TOLD("is not carried out"),
	  .flags = MSG_LIST, .doc = "Who sees DestinationRules that do not say."),
	F(root_namespace, "rootNamespace", STRING, DONE, .doc = "Namespace whose configuration applies to all."),
	F(locality_lb_setting, "localityLbSetting", MESSAGE, DONE, .desc = &istio_locality_load_balancer_setting_desc,
	  .doc = "Balancing between localities."),
	F(dns_refresh_rate, "dnsRefreshRate", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How often names are resolved again."),
	F(h2_upgrade_policy, "h2UpgradePolicy", ENUM, DONE, .enums = &istio_mesh_config_h2_upgrade_policy_names,
	  .doc = "Whether HTTP/1.1 requests are sent on as HTTP/2 where no rule says."),
	F(inbound_cluster_stat_name, "inboundClusterStatName", STRING, TOLD("is not carried out"),
	  .doc = "Name of inbound clusters in metrics."),
	F(outbound_cluster_stat_name, "outboundClusterStatName", STRING, TOLD("is not carried out"),
	  .doc = "Name of outbound clusters in metrics."),
	F(certificates, "certificates", MESSAGE, MOOT("deprecated, without effect in Istio, too"),
	  .desc = &istio_mesh_certificate_desc, .flags = MSG_LIST, .doc = "Certificates that are made."),
	F(service_settings, "serviceSettings", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_mesh_config_service_settings_desc, .flags = MSG_LIST, .doc = "Settings by host."),
	F(enable_prometheus_merge, "enablePrometheusMerge", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Serves the application's metrics with the proxy's."),
	F(verify_certificate_at_client, "verifyCertificateAtClient", BOOL, TOLD("is not carried out"),
	  .flags = MSG_OPTIONAL, .doc = "Verifies servers' certificates by default."),
	F(ca, "ca", MESSAGE, TOLD("is not carried out"), .desc = &istio_mesh_config_ca_desc,
	  .doc = "External certificate authority."),
	F(extension_providers, "extensionProviders", MESSAGE, DONE, .desc = &istio_mesh_config_extension_provider_desc,
	  .flags = MSG_LIST, .doc = "Providers that other resources name."),
	F(default_providers, "defaultProviders", MESSAGE, DONE, .desc = &istio_mesh_config_default_providers_desc,
	  .doc = "Providers used by default."),
	F(discovery_selectors, "discoverySelectors", MESSAGE, DONE, .desc = &meta_label_selector_desc,
	  .flags = MSG_LIST,
	  .doc = "Labels of the namespaces that the control plane looks at when there is no member roll; all by "
		 "default."),
	F(path_normalization, "pathNormalization", MESSAGE, DONE,
	  .desc = &istio_mesh_config_proxy_path_normalization_desc, .doc = "How paths are normalised."),
	F(default_http_retry_policy, "defaultHttpRetryPolicy", MESSAGE, DONE, .desc = &istio_http_retry_desc,
	  .doc = "Retries of routes that do not say."),
	F(mesh_mTLS, "meshMTLS", MESSAGE, TOLD("is not carried out"), .desc = &istio_mesh_config_tls_config_desc,
	  .doc = "TLS within the mesh."),
	F(tls_defaults, "tlsDefaults", MESSAGE, TOLD("is not carried out"), .desc = &istio_mesh_config_tls_config_desc,
	  .doc = "TLS of all else."),
};
DESC(istio_mesh_config, "MeshConfig", NULL);
#undef T

#define T struct istio_mesh_network_network_endpoints
static const struct msg_field istio_mesh_network_network_endpoints_rows[] = {
	F(from_cidr, "fromCidr", STRING, TOLD("multiple networks are not carried out"), .oneof = 1,
	  .doc = "Takes the endpoints of this network."),
	F(from_registry, "fromRegistry", STRING, TOLD("multiple networks are not carried out"), .oneof = 1,
	  .doc = "Takes the endpoints of this service registry."),
};
DESC(istio_mesh_network_network_endpoints, "NetworkNetworkEndpoints", NULL);
#undef T

#define T struct istio_mesh_network_istio_network_gateway
static const struct msg_field istio_mesh_network_istio_network_gateway_rows[] = {
	F(registry_service_name, "registryServiceName", STRING, TOLD("multiple networks are not carried out"),
	  .oneof = 1, .doc = "Fully qualified name of the gateway's service."),
	F(address, "address", STRING, TOLD("multiple networks are not carried out"), .oneof = 1),
	F(port, "port", UINT32, TOLD("multiple networks are not carried out")),
	F(locality, "locality", STRING, TOLD("multiple networks are not carried out"),
	  .doc = "Locality: region/zone/subzone."),
};
DESC(istio_mesh_network_istio_network_gateway, "NetworkIstioNetworkGateway", NULL);
#undef T

#define T struct istio_mesh_network
static const struct msg_field istio_mesh_network_rows[] = {
	F(endpoints, "endpoints", MESSAGE, TOLD("multiple networks are not carried out"),
	  .desc = &istio_mesh_network_network_endpoints_desc, .flags = MSG_LIST),
	F(gateways, "gateways", MESSAGE, TOLD("multiple networks are not carried out"),
	  .desc = &istio_mesh_network_istio_network_gateway_desc, .flags = MSG_LIST),
};
DESC(istio_mesh_network, "Network", NULL);
#undef T

#define T struct istio_mesh_networks
static const struct msg_field istio_mesh_networks_rows[] = {
	F(networks, "networks", MAP, TOLD("multiple networks are not carried out"), .desc = &istio_mesh_network_desc,
	  .doc = "Networks by name."),
};
DESC(istio_mesh_networks, "MeshNetworks", NULL);
#undef T
