/* Rows of proxies' settings. See the header for the structs. */
#include "api/istio/mesh_proxy.h"

#include "api/api_internal.h"

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
