/* Rows of the mesh-wide configuration (ConfigMap istio, key mesh) and the settings of proxies in it. See the header for
 * the structs. */
#include "api/mesh_config.h"

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
	F(address, "address", STRING, .doc = "Address."),
};
DESC(istio_mesh_tracing_zipkin, "TracingZipkin", "Tracing zipkin.");
#undef T

#define T struct istio_mesh_tracing_lightstep
static const struct msg_field istio_mesh_tracing_lightstep_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(access_token, "accessToken", STRING, .doc = "Access token."),
};
DESC(istio_mesh_tracing_lightstep, "TracingLightstep", "Tracing lightstep.");
#undef T

#define T struct istio_mesh_tracing_datadog
static const struct msg_field istio_mesh_tracing_datadog_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
};
DESC(istio_mesh_tracing_datadog, "TracingDatadog", "Tracing datadog.");
#undef T

#define T struct istio_mesh_tracing_stackdriver
static const struct msg_field istio_mesh_tracing_stackdriver_rows[] = {
	F(debug, "debug", BOOL, .doc = "Whether debug applies."),
	F(max_number_of_attributes, "maxNumberOfAttributes", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of attributes."),
	F(max_number_of_annotations, "maxNumberOfAnnotations", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of annotations."),
	F(max_number_of_message_events, "maxNumberOfMessageEvents", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of message events."),
};
DESC(istio_mesh_tracing_stackdriver, "TracingStackdriver", "Tracing stackdriver.");
#undef T

#define T struct istio_mesh_tracing_open_census_agent
static const struct msg_field istio_mesh_tracing_open_census_agent_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(context, "context", ENUM, .enums = &istio_mesh_tracing_open_census_agent_trace_context_names,
	  .flags = MSG_LIST, .doc = "Context."),
};
DESC(istio_mesh_tracing_open_census_agent, "TracingOpenCensusAgent", "Tracing open census agent.");
#undef T

#define T struct istio_mesh_tracing_literal
static const struct msg_field istio_mesh_tracing_literal_rows[] = {
	F(value, "value", STRING, .doc = "Value."),
};
DESC(istio_mesh_tracing_literal, "TracingLiteral", "Tracing literal.");
#undef T

#define T struct istio_mesh_tracing_environment
static const struct msg_field istio_mesh_tracing_environment_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(default_value, "defaultValue", STRING, .doc = "Default value."),
};
DESC(istio_mesh_tracing_environment, "TracingEnvironment", "Tracing environment.");
#undef T

#define T struct istio_mesh_tracing_request_header
static const struct msg_field istio_mesh_tracing_request_header_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(default_value, "defaultValue", STRING, .doc = "Default value."),
};
DESC(istio_mesh_tracing_request_header, "TracingRequestHeader", "Tracing request header.");
#undef T

#define T struct istio_mesh_tracing_custom_tag
static const struct msg_field istio_mesh_tracing_custom_tag_rows[] = {
	F(literal, "literal", MESSAGE, .desc = &istio_mesh_tracing_literal_desc, .oneof = 1, .doc = "Literal."),
	F(environment, "environment", MESSAGE, .desc = &istio_mesh_tracing_environment_desc, .oneof = 1,
	  .doc = "Environment."),
	F(header, "header", MESSAGE, .desc = &istio_mesh_tracing_request_header_desc, .oneof = 1, .doc = "Header."),
};
DESC(istio_mesh_tracing_custom_tag, "TracingCustomTag", "Tracing custom tag.");
#undef T

#define T struct istio_mesh_tracing
static const struct msg_field istio_mesh_tracing_rows[] = {
	F(zipkin, "zipkin", MESSAGE, .desc = &istio_mesh_tracing_zipkin_desc, .oneof = 1, .doc = "Zipkin."),
	F(lightstep, "lightstep", MESSAGE, .desc = &istio_mesh_tracing_lightstep_desc, .oneof = 1, .doc = "Lightstep."),
	F(datadog, "datadog", MESSAGE, .desc = &istio_mesh_tracing_datadog_desc, .oneof = 1, .doc = "Datadog."),
	F(stackdriver, "stackdriver", MESSAGE, .desc = &istio_mesh_tracing_stackdriver_desc, .oneof = 1,
	  .doc = "Stackdriver."),
	F(open_census_agent, "openCensusAgent", MESSAGE, .desc = &istio_mesh_tracing_open_census_agent_desc, .oneof = 1,
	  .doc = "Open census agent."),
	F(custom_tags, "customTags", MAP, .desc = &istio_mesh_tracing_custom_tag_desc, .doc = "Custom tags."),
	F(max_path_tag_length, "maxPathTagLength", UINT32, .doc = "Max path tag length."),
	F(sampling, "sampling", DOUBLE, .doc = "Sampling."),
	F(tls_settings, "tlsSettings", MESSAGE, .desc = &istio_client_tls_settings_desc, .doc = "Tls settings."),
};
DESC(istio_mesh_tracing, "Tracing", "Tracing.");
#undef T

#define T struct istio_mesh_sds
static const struct msg_field istio_mesh_sds_rows[] = {
	F(enabled, "enabled", BOOL, .doc = "Whether enabled applies."),
	F(k8s_sa_jwt_path, "k8sSaJwtPath", STRING, .doc = "K8s sa jwt path."),
};
DESC(istio_mesh_sds, "SDS", "Sds.");
#undef T

#define T struct istio_mesh_remote_service
static const struct msg_field istio_mesh_remote_service_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(tls_settings, "tlsSettings", MESSAGE, .desc = &istio_client_tls_settings_desc, .doc = "Tls settings."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE,
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc, .doc = "Tcp keepalive."),
};
DESC(istio_mesh_remote_service, "RemoteService", "Remote service.");
#undef T

#define T struct istio_mesh_topology_proxy_protocol_configuration
DESC_EMPTY(istio_mesh_topology_proxy_protocol_configuration, "TopologyProxyProtocolConfiguration",
	   "Topology proxy protocol configuration.");
#undef T

#define T struct istio_mesh_topology
static const struct msg_field istio_mesh_topology_rows[] = {
	F(num_trusted_proxies, "numTrustedProxies", UINT32, .doc = "Num trusted proxies."),
	F(forward_client_cert_details, "forwardClientCertDetails", ENUM,
	  .enums = &istio_mesh_forward_client_cert_details_names, .doc = "Forward client cert details."),
	F(proxy_protocol, "proxyProtocol", MESSAGE, .desc = &istio_mesh_topology_proxy_protocol_configuration_desc,
	  .doc = "Proxy protocol."),
};
DESC(istio_mesh_topology, "Topology", "Topology.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_stats_matcher
static const struct msg_field istio_mesh_proxy_config_proxy_stats_matcher_rows[] = {
	F(inclusion_prefixes, "inclusionPrefixes", STRING, .flags = MSG_LIST, .doc = "Inclusion prefixes."),
	F(inclusion_suffixes, "inclusionSuffixes", STRING, .flags = MSG_LIST, .doc = "Inclusion suffixes."),
	F(inclusion_regexps, "inclusionRegexps", STRING, .flags = MSG_LIST, .doc = "Inclusion regexps."),
};
DESC(istio_mesh_proxy_config_proxy_stats_matcher, "ProxyConfigProxyStatsMatcher", "Proxy config proxy stats matcher.");
#undef T

#define T struct istio_mesh_private_key_provider_crypto_mb
static const struct msg_field istio_mesh_private_key_provider_crypto_mb_rows[] = {
	F(poll_delay, "pollDelay", DURATION, .flags = MSG_OPTIONAL, .doc = "Poll delay."),
};
DESC(istio_mesh_private_key_provider_crypto_mb, "PrivateKeyProviderCryptoMb", "Private key provider crypto mb.");
#undef T

#define T struct istio_mesh_private_key_provider_qat
static const struct msg_field istio_mesh_private_key_provider_qat_rows[] = {
	F(poll_delay, "pollDelay", DURATION, .flags = MSG_OPTIONAL, .doc = "Poll delay."),
};
DESC(istio_mesh_private_key_provider_qat, "PrivateKeyProviderQAT", "Private key provider qat.");
#undef T

#define T struct istio_mesh_private_key_provider
static const struct msg_field istio_mesh_private_key_provider_rows[] = {
	F(cryptomb, "cryptomb", MESSAGE, .desc = &istio_mesh_private_key_provider_crypto_mb_desc, .oneof = 1,
	  .doc = "Cryptomb."),
	F(qat, "qat", MESSAGE, .desc = &istio_mesh_private_key_provider_qat_desc, .oneof = 1, .doc = "Qat."),
};
DESC(istio_mesh_private_key_provider, "PrivateKeyProvider", "Private key provider.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_request_id
static const struct msg_field istio_mesh_proxy_config_proxy_headers_request_id_rows[] = {
	F(disabled, "disabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether disabled applies."),
};
DESC(istio_mesh_proxy_config_proxy_headers_request_id, "ProxyConfigProxyHeadersRequestId",
     "Proxy config proxy headers request id.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_server
static const struct msg_field istio_mesh_proxy_config_proxy_headers_server_rows[] = {
	F(disabled, "disabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether disabled applies."),
	F(value, "value", STRING, .doc = "Value."),
};
DESC(istio_mesh_proxy_config_proxy_headers_server, "ProxyConfigProxyHeadersServer",
     "Proxy config proxy headers server.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_attempt_count
static const struct msg_field istio_mesh_proxy_config_proxy_headers_attempt_count_rows[] = {
	F(disabled, "disabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether disabled applies."),
};
DESC(istio_mesh_proxy_config_proxy_headers_attempt_count, "ProxyConfigProxyHeadersAttemptCount",
     "Proxy config proxy headers attempt count.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_envoy_debug_headers
static const struct msg_field istio_mesh_proxy_config_proxy_headers_envoy_debug_headers_rows[] = {
	F(disabled, "disabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether disabled applies."),
};
DESC(istio_mesh_proxy_config_proxy_headers_envoy_debug_headers, "ProxyConfigProxyHeadersEnvoyDebugHeaders",
     "Proxy config proxy headers envoy debug headers.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers
static const struct msg_field istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers_rows[] = {
	F(mode, "mode", ENUM, .enums = &istio_mesh_proxy_config_proxy_headers_metadata_exchange_mode_names,
	  .doc = "Mode."),
};
DESC(istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers, "ProxyConfigProxyHeadersMetadataExchangeHeaders",
     "Proxy config proxy headers metadata exchange headers.");
#undef T

#define T struct istio_mesh_proxy_config_proxy_headers
static const struct msg_field istio_mesh_proxy_config_proxy_headers_rows[] = {
	F(forwarded_client_cert, "forwardedClientCert", ENUM, .enums = &istio_mesh_forward_client_cert_details_names,
	  .doc = "Forwarded client cert."),
	F(request_id, "requestId", MESSAGE, .desc = &istio_mesh_proxy_config_proxy_headers_request_id_desc,
	  .doc = "Request id."),
	F(server, "server", MESSAGE, .desc = &istio_mesh_proxy_config_proxy_headers_server_desc, .doc = "Server."),
	F(attempt_count, "attemptCount", MESSAGE, .desc = &istio_mesh_proxy_config_proxy_headers_attempt_count_desc,
	  .doc = "Attempt count."),
	F(envoy_debug_headers, "envoyDebugHeaders", MESSAGE,
	  .desc = &istio_mesh_proxy_config_proxy_headers_envoy_debug_headers_desc, .doc = "Envoy debug headers."),
	F(metadata_exchange_headers, "metadataExchangeHeaders", MESSAGE,
	  .desc = &istio_mesh_proxy_config_proxy_headers_metadata_exchange_headers_desc,
	  .doc = "Metadata exchange headers."),
};
DESC(istio_mesh_proxy_config_proxy_headers, "ProxyConfigProxyHeaders", "Proxy config proxy headers.");
#undef T

#define T struct istio_mesh_proxy_config
static const struct msg_field istio_mesh_proxy_config_rows[] = {
	F(config_path, "configPath", STRING, .doc = "Config path."),
	F(binary_path, "binaryPath", STRING, .doc = "Binary path."),
	F(service_cluster, "serviceCluster", STRING, .oneof = 1, .doc = "Service cluster."),
	F(tracing_service_name, "tracingServiceName", ENUM,
	  .enums = &istio_mesh_proxy_config_tracing_service_name_names, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Tracing service name."),
	F(drain_duration, "drainDuration", DURATION, .flags = MSG_OPTIONAL, .doc = "Drain duration."),
	F(discovery_address, "discoveryAddress", STRING, .doc = "Discovery address."),
	F(discovery_refresh_delay, "discoveryRefreshDelay", DURATION, .flags = MSG_OPTIONAL,
	  .doc = "Discovery refresh delay."),
	F(zipkin_address, "zipkinAddress", STRING, .doc = "Zipkin address."),
	F(statsd_udp_address, "statsdUdpAddress", STRING, .doc = "Statsd udp address."),
	F(envoy_metrics_service_address, "envoyMetricsServiceAddress", STRING, .doc = "Envoy metrics service address."),
	F(proxy_admin_port, "proxyAdminPort", INT32, .doc = "Proxy admin port."),
	F(availability_zone, "availabilityZone", STRING, .doc = "Availability zone."),
	F(control_plane_auth_policy, "controlPlaneAuthPolicy", ENUM, .enums = &istio_mesh_authentication_policy_names,
	  .doc = "Control plane auth policy."),
	F(custom_config_file, "customConfigFile", STRING, .doc = "Custom config file."),
	F(stat_name_length, "statNameLength", INT32, .doc = "Stat name length."),
	F(concurrency, "concurrency", INT32, .flags = MSG_OPTIONAL, .doc = "Concurrency."),
	F(proxy_bootstrap_template_path, "proxyBootstrapTemplatePath", STRING, .doc = "Proxy bootstrap template path."),
	F(interception_mode, "interceptionMode", ENUM,
	  .enums = &istio_mesh_proxy_config_inbound_interception_mode_names, .doc = "Interception mode."),
	F(tracing, "tracing", MESSAGE, .desc = &istio_mesh_tracing_desc, .doc = "Tracing."),
	F(sds, "sds", MESSAGE, .desc = &istio_mesh_sds_desc, .doc = "Sds."),
	F(envoy_access_log_service, "envoyAccessLogService", MESSAGE, .desc = &istio_mesh_remote_service_desc,
	  .doc = "Envoy access log service."),
	F(envoy_metrics_service, "envoyMetricsService", MESSAGE, .desc = &istio_mesh_remote_service_desc,
	  .doc = "Envoy metrics service."),
	F(proxy_metadata, "proxyMetadata", STR_MAP, .doc = "Proxy metadata."),
	F(runtime_values, "runtimeValues", STR_MAP, .doc = "Runtime values."),
	F(status_port, "statusPort", INT32, .doc = "Status port."),
	F(extra_stat_tags, "extraStatTags", STRING, .flags = MSG_LIST, .doc = "Extra stat tags."),
	F(gateway_topology, "gatewayTopology", MESSAGE, .desc = &istio_mesh_topology_desc, .doc = "Gateway topology."),
	F(termination_drain_duration, "terminationDrainDuration", DURATION, .flags = MSG_OPTIONAL,
	  .doc = "Termination drain duration."),
	F(mesh_id, "meshId", STRING, .doc = "Mesh id."),
	F(readiness_probe, "readinessProbe", MESSAGE, .desc = &istio_readiness_probe_desc, .doc = "Readiness probe."),
	F(proxy_stats_matcher, "proxyStatsMatcher", MESSAGE, .desc = &istio_mesh_proxy_config_proxy_stats_matcher_desc,
	  .doc = "Proxy stats matcher."),
	F(hold_application_until_proxy_starts, "holdApplicationUntilProxyStarts", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether hold application until proxy starts applies."),
	F(ca_certificates_pem, "caCertificatesPem", STRING, .flags = MSG_LIST, .doc = "Ca certificates pem."),
	F(image, "image", MESSAGE, .desc = &istio_proxy_image_desc, .doc = "Image."),
	F(private_key_provider, "privateKeyProvider", MESSAGE, .desc = &istio_mesh_private_key_provider_desc,
	  .doc = "Private key provider."),
	F(proxy_headers, "proxyHeaders", MESSAGE, .desc = &istio_mesh_proxy_config_proxy_headers_desc,
	  .doc = "Proxy headers."),
};
DESC(istio_mesh_proxy_config, "ProxyConfig", "Proxy config.");
#undef T

#define T struct istio_mesh_config_outbound_traffic_policy
static const struct msg_field istio_mesh_config_outbound_traffic_policy_rows[] = {
	F(mode, "mode", ENUM, .enums = &istio_mesh_config_outbound_traffic_policy_mode_names, .doc = "Mode."),
};
DESC(istio_mesh_config_outbound_traffic_policy, "MeshConfigOutboundTrafficPolicy",
     "Mesh config outbound traffic policy.");
#undef T

#define T struct istio_mesh_config_source
static const struct msg_field istio_mesh_config_source_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(tls_settings, "tlsSettings", MESSAGE, .desc = &istio_client_tls_settings_desc, .doc = "Tls settings."),
	F(subscribed_resources, "subscribedResources", ENUM, .enums = &istio_mesh_resource_names, .flags = MSG_LIST,
	  .doc = "Subscribed resources."),
};
DESC(istio_mesh_config_source, "ConfigSource", "Config source.");
#undef T

#define T struct istio_mesh_config_certificate_data
static const struct msg_field istio_mesh_config_certificate_data_rows[] = {
	F(pem, "pem", STRING, .oneof = 1, .doc = "Pem."),
	F(spiffe_bundle_url, "spiffeBundleUrl", STRING, .oneof = 1, .doc = "Spiffe bundle url."),
	F(cert_signers, "certSigners", STRING, .flags = MSG_LIST, .doc = "Cert signers."),
	F(trust_domains, "trustDomains", STRING, .flags = MSG_LIST, .doc = "Trust domains."),
};
DESC(istio_mesh_config_certificate_data, "MeshConfigCertificateData", "Mesh config certificate data.");
#undef T

#define T struct istio_mesh_certificate
static const struct msg_field istio_mesh_certificate_rows[] = {
	F(secret_name, "secretName", STRING, .doc = "Secret name."),
	F(dns_names, "dnsNames", STRING, .flags = MSG_LIST, .doc = "Dns names."),
};
DESC(istio_mesh_certificate, "Certificate", "Certificate.");
#undef T

#define T struct istio_mesh_config_service_settings_settings
static const struct msg_field istio_mesh_config_service_settings_settings_rows[] = {
	F(cluster_local, "clusterLocal", BOOL, .doc = "Whether cluster local applies."),
};
DESC(istio_mesh_config_service_settings_settings, "MeshConfigServiceSettingsSettings",
     "Mesh config service settings settings.");
#undef T

#define T struct istio_mesh_config_service_settings
static const struct msg_field istio_mesh_config_service_settings_rows[] = {
	F(settings, "settings", MESSAGE, .desc = &istio_mesh_config_service_settings_settings_desc, .doc = "Settings."),
	F(hosts, "hosts", STRING, .flags = MSG_LIST, .doc = "Hosts."),
};
DESC(istio_mesh_config_service_settings, "MeshConfigServiceSettings", "Mesh config service settings.");
#undef T

#define T struct istio_mesh_config_ca
static const struct msg_field istio_mesh_config_ca_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(tls_settings, "tlsSettings", MESSAGE, .desc = &istio_client_tls_settings_desc, .doc = "Tls settings."),
	F(request_timeout, "requestTimeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Request timeout."),
	F(istiod_side, "istiodSide", BOOL, .doc = "Whether istiod side applies."),
};
DESC(istio_mesh_config_ca, "MeshConfigCA", "Mesh config ca.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_external_authorization_request_body
static const struct msg_field istio_mesh_config_extension_provider_envoy_external_authorization_request_body_rows[] = {
	F(max_request_bytes, "maxRequestBytes", UINT32, .doc = "Max request bytes."),
	F(allow_partial_message, "allowPartialMessage", BOOL, .doc = "Whether allow partial message applies."),
	F(pack_as_bytes, "packAsBytes", BOOL, .doc = "Whether pack as bytes applies."),
};
DESC(istio_mesh_config_extension_provider_envoy_external_authorization_request_body,
     "MeshConfigExtensionProviderEnvoyExternalAuthorizationRequestBody",
     "Mesh config extension provider envoy external authorization request body.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_external_authorization_http_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_external_authorization_http_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(timeout, "timeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Timeout."),
	F(path_prefix, "pathPrefix", STRING, .doc = "Path prefix."),
	F(fail_open, "failOpen", BOOL, .doc = "Whether fail open applies."),
	F(status_on_error, "statusOnError", STRING, .doc = "Status on error."),
	F(include_headers_in_check, "includeHeadersInCheck", STRING, .flags = MSG_LIST,
	  .doc = "Include headers in check."),
	F(include_request_headers_in_check, "includeRequestHeadersInCheck", STRING, .flags = MSG_LIST,
	  .doc = "Include request headers in check."),
	F(include_additional_headers_in_check, "includeAdditionalHeadersInCheck", STR_MAP,
	  .doc = "Include additional headers in check."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_request_body_desc,
	  .doc = "Include request body in check."),
	F(headers_to_upstream_on_allow, "headersToUpstreamOnAllow", STRING, .flags = MSG_LIST,
	  .doc = "Headers to upstream on allow."),
	F(headers_to_downstream_on_deny, "headersToDownstreamOnDeny", STRING, .flags = MSG_LIST,
	  .doc = "Headers to downstream on deny."),
	F(headers_to_downstream_on_allow, "headersToDownstreamOnAllow", STRING, .flags = MSG_LIST,
	  .doc = "Headers to downstream on allow."),
};
DESC(istio_mesh_config_extension_provider_envoy_external_authorization_http_provider,
     "MeshConfigExtensionProviderEnvoyExternalAuthorizationHttpProvider",
     "Mesh config extension provider envoy external authorization http provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(timeout, "timeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Timeout."),
	F(fail_open, "failOpen", BOOL, .doc = "Whether fail open applies."),
	F(status_on_error, "statusOnError", STRING, .doc = "Status on error."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_request_body_desc,
	  .doc = "Include request body in check."),
};
DESC(istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider,
     "MeshConfigExtensionProviderEnvoyExternalAuthorizationGrpcProvider",
     "Mesh config extension provider envoy external authorization grpc provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_zipkin_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_zipkin_tracing_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(max_tag_length, "maxTagLength", UINT32, .doc = "Max tag length."),
	F(enable_64bit_trace_id, "enable64bitTraceId", BOOL, .doc = "Whether enable64bit trace id applies."),
};
DESC(istio_mesh_config_extension_provider_zipkin_tracing_provider, "MeshConfigExtensionProviderZipkinTracingProvider",
     "Mesh config extension provider zipkin tracing provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_lightstep_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_lightstep_tracing_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(access_token, "accessToken", STRING, .doc = "Access token."),
	F(max_tag_length, "maxTagLength", UINT32, .doc = "Max tag length."),
};
DESC(istio_mesh_config_extension_provider_lightstep_tracing_provider,
     "MeshConfigExtensionProviderLightstepTracingProvider",
     "Mesh config extension provider lightstep tracing provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_datadog_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_datadog_tracing_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(max_tag_length, "maxTagLength", UINT32, .doc = "Max tag length."),
};
DESC(istio_mesh_config_extension_provider_datadog_tracing_provider, "MeshConfigExtensionProviderDatadogTracingProvider",
     "Mesh config extension provider datadog tracing provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_stackdriver_provider_logging
static const struct msg_field istio_mesh_config_extension_provider_stackdriver_provider_logging_rows[] = {
	F(labels, "labels", STR_MAP, .doc = "Labels."),
};
DESC(istio_mesh_config_extension_provider_stackdriver_provider_logging,
     "MeshConfigExtensionProviderStackdriverProviderLogging",
     "Mesh config extension provider stackdriver provider logging.");
#undef T

#define T struct istio_mesh_config_extension_provider_stackdriver_provider
static const struct msg_field istio_mesh_config_extension_provider_stackdriver_provider_rows[] = {
	F(debug, "debug", BOOL, .doc = "Whether debug applies."),
	F(max_number_of_attributes, "maxNumberOfAttributes", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of attributes."),
	F(max_number_of_annotations, "maxNumberOfAnnotations", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of annotations."),
	F(max_number_of_message_events, "maxNumberOfMessageEvents", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of message events."),
	F(max_tag_length, "maxTagLength", UINT32, .doc = "Max tag length."),
	F(logging, "logging", MESSAGE, .desc = &istio_mesh_config_extension_provider_stackdriver_provider_logging_desc,
	  .doc = "Logging."),
};
DESC(istio_mesh_config_extension_provider_stackdriver_provider, "MeshConfigExtensionProviderStackdriverProvider",
     "Mesh config extension provider stackdriver provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_open_census_agent_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_open_census_agent_tracing_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(context, "context", ENUM,
	  .enums = &istio_mesh_config_extension_provider_open_census_agent_tracing_provider_trace_context_names,
	  .flags = MSG_LIST, .doc = "Context."),
	F(max_tag_length, "maxTagLength", UINT32, .doc = "Max tag length."),
};
DESC(istio_mesh_config_extension_provider_open_census_agent_tracing_provider,
     "MeshConfigExtensionProviderOpenCensusAgentTracingProvider",
     "Mesh config extension provider open census agent tracing provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_sky_walking_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_sky_walking_tracing_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(access_token, "accessToken", STRING, .doc = "Access token."),
};
DESC(istio_mesh_config_extension_provider_sky_walking_tracing_provider,
     "MeshConfigExtensionProviderSkyWalkingTracingProvider",
     "Mesh config extension provider sky walking tracing provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_open_telemetry_tracing_provider
static const struct msg_field istio_mesh_config_extension_provider_open_telemetry_tracing_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(max_tag_length, "maxTagLength", UINT32, .doc = "Max tag length."),
};
DESC(istio_mesh_config_extension_provider_open_telemetry_tracing_provider,
     "MeshConfigExtensionProviderOpenTelemetryTracingProvider",
     "Mesh config extension provider open telemetry tracing provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_prometheus_metrics_provider
DESC_EMPTY(istio_mesh_config_extension_provider_prometheus_metrics_provider,
	   "MeshConfigExtensionProviderPrometheusMetricsProvider",
	   "Mesh config extension provider prometheus metrics provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format
static const struct msg_field istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format_rows[] = {
	F(text, "text", STRING, .oneof = 1, .doc = "Text."),
	F(labels, "labels", JSON, .flags = MSG_OBJECT, .oneof = 1, .doc = "Labels."),
};
DESC(istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format,
     "MeshConfigExtensionProviderEnvoyFileAccessLogProviderLogFormat",
     "Mesh config extension provider envoy file access log provider log format.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_file_access_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_file_access_log_provider_rows[] = {
	F(path, "path", STRING, .doc = "Path."),
	F(log_format, "logFormat", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format_desc,
	  .doc = "Log format."),
};
DESC(istio_mesh_config_extension_provider_envoy_file_access_log_provider,
     "MeshConfigExtensionProviderEnvoyFileAccessLogProvider",
     "Mesh config extension provider envoy file access log provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(log_name, "logName", STRING, .doc = "Log name."),
	F(filter_state_objects_to_log, "filterStateObjectsToLog", STRING, .flags = MSG_LIST,
	  .doc = "Filter state objects to log."),
	F(additional_request_headers_to_log, "additionalRequestHeadersToLog", STRING, .flags = MSG_LIST,
	  .doc = "Additional request headers to log."),
	F(additional_response_headers_to_log, "additionalResponseHeadersToLog", STRING, .flags = MSG_LIST,
	  .doc = "Additional response headers to log."),
	F(additional_response_trailers_to_log, "additionalResponseTrailersToLog", STRING, .flags = MSG_LIST,
	  .doc = "Additional response trailers to log."),
};
DESC(istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider,
     "MeshConfigExtensionProviderEnvoyHttpGrpcV3LogProvider",
     "Mesh config extension provider envoy http grpc v3 log provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(log_name, "logName", STRING, .doc = "Log name."),
	F(filter_state_objects_to_log, "filterStateObjectsToLog", STRING, .flags = MSG_LIST,
	  .doc = "Filter state objects to log."),
};
DESC(istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider,
     "MeshConfigExtensionProviderEnvoyTcpGrpcV3LogProvider",
     "Mesh config extension provider envoy tcp grpc v3 log provider.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format
static const struct msg_field istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format_rows[] =
	{
		F(text, "text", STRING, .doc = "Text."),
		F(labels, "labels", JSON, .flags = MSG_OBJECT, .doc = "Labels."),
};
DESC(istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format,
     "MeshConfigExtensionProviderEnvoyOpenTelemetryLogProviderLogFormat",
     "Mesh config extension provider envoy open telemetry log provider log format.");
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(port, "port", UINT32, .doc = "Port."),
	F(log_name, "logName", STRING, .doc = "Log name."),
	F(log_format, "logFormat", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format_desc,
	  .doc = "Log format."),
};
DESC(istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider,
     "MeshConfigExtensionProviderEnvoyOpenTelemetryLogProvider",
     "Mesh config extension provider envoy open telemetry log provider.");
#undef T

#define T struct istio_mesh_config_extension_provider
static const struct msg_field istio_mesh_config_extension_provider_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(envoy_ext_authz_http, "envoyExtAuthzHttp", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_http_provider_desc, .oneof = 1,
	  .doc = "Envoy ext authz http."),
	F(envoy_ext_authz_grpc, "envoyExtAuthzGrpc", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider_desc, .oneof = 1,
	  .doc = "Envoy ext authz grpc."),
	F(zipkin, "zipkin", MESSAGE, .desc = &istio_mesh_config_extension_provider_zipkin_tracing_provider_desc,
	  .oneof = 1, .doc = "Zipkin."),
	F(lightstep, "lightstep", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_lightstep_tracing_provider_desc, .oneof = 1,
	  .doc = "Lightstep."),
	F(datadog, "datadog", MESSAGE, .desc = &istio_mesh_config_extension_provider_datadog_tracing_provider_desc,
	  .oneof = 1, .doc = "Datadog."),
	F(stackdriver, "stackdriver", MESSAGE, .desc = &istio_mesh_config_extension_provider_stackdriver_provider_desc,
	  .oneof = 1, .doc = "Stackdriver."),
	F(opencensus, "opencensus", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_open_census_agent_tracing_provider_desc, .oneof = 1,
	  .doc = "Opencensus."),
	F(skywalking, "skywalking", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_sky_walking_tracing_provider_desc, .oneof = 1,
	  .doc = "Skywalking."),
	F(opentelemetry, "opentelemetry", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_open_telemetry_tracing_provider_desc, .oneof = 1,
	  .doc = "Opentelemetry."),
	F(prometheus, "prometheus", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_prometheus_metrics_provider_desc, .oneof = 1,
	  .doc = "Prometheus."),
	F(envoy_file_access_log, "envoyFileAccessLog", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_file_access_log_provider_desc, .oneof = 1,
	  .doc = "Envoy file access log."),
	F(envoy_http_als, "envoyHttpAls", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_desc, .oneof = 1,
	  .doc = "Envoy http als."),
	F(envoy_tcp_als, "envoyTcpAls", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_desc, .oneof = 1,
	  .doc = "Envoy tcp als."),
	F(envoy_otel_als, "envoyOtelAls", MESSAGE,
	  .desc = &istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_desc, .oneof = 1,
	  .doc = "Envoy otel als."),
};
DESC(istio_mesh_config_extension_provider, "MeshConfigExtensionProvider", "Mesh config extension provider.");
#undef T

#define T struct istio_mesh_config_default_providers
static const struct msg_field istio_mesh_config_default_providers_rows[] = {
	F(tracing, "tracing", STRING, .flags = MSG_LIST, .doc = "Tracing."),
	F(metrics, "metrics", STRING, .flags = MSG_LIST, .doc = "Metrics."),
	F(access_logging, "accessLogging", STRING, .flags = MSG_LIST, .doc = "Access logging."),
};
DESC(istio_mesh_config_default_providers, "MeshConfigDefaultProviders", "Mesh config default providers.");
#undef T

#define T struct istio_mesh_config_proxy_path_normalization
static const struct msg_field istio_mesh_config_proxy_path_normalization_rows[] = {
	F(normalization, "normalization", ENUM,
	  .enums = &istio_mesh_config_proxy_path_normalization_normalization_type_names, .doc = "Normalization."),
};
DESC(istio_mesh_config_proxy_path_normalization, "MeshConfigProxyPathNormalization",
     "Mesh config proxy path normalization.");
#undef T

#define T struct istio_mesh_config_tls_config
static const struct msg_field istio_mesh_config_tls_config_rows[] = {
	F(min_protocol_version, "minProtocolVersion", ENUM, .enums = &istio_mesh_config_tls_config_tls_protocol_names,
	  .doc = "Min protocol version."),
	F(ecdh_curves, "ecdhCurves", STRING, .flags = MSG_LIST, .doc = "Ecdh curves."),
	F(cipher_suites, "cipherSuites", STRING, .flags = MSG_LIST, .doc = "Cipher suites."),
};
DESC(istio_mesh_config_tls_config, "MeshConfigTLSConfig", "Mesh config tls config.");
#undef T

#define T struct istio_mesh_config
static const struct msg_field istio_mesh_config_rows[] = {
	F(proxy_listen_port, "proxyListenPort", INT32, .doc = "Proxy listen port."),
	F(proxy_inbound_listen_port, "proxyInboundListenPort", INT32, .doc = "Proxy inbound listen port."),
	F(proxy_http_port, "proxyHttpPort", INT32, .doc = "Proxy http port."),
	F(connect_timeout, "connectTimeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Connect timeout."),
	F(protocol_detection_timeout, "protocolDetectionTimeout", DURATION, .flags = MSG_OPTIONAL,
	  .doc = "Protocol detection timeout."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE,
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc, .doc = "Tcp keepalive."),
	F(ingress_class, "ingressClass", STRING, .doc = "Ingress class."),
	F(ingress_service, "ingressService", STRING, .doc = "Ingress service."),
	F(ingress_controller_mode, "ingressControllerMode", ENUM,
	  .enums = &istio_mesh_config_ingress_controller_mode_names, .doc = "Ingress controller mode."),
	F(ingress_selector, "ingressSelector", STRING, .doc = "Ingress selector."),
	F(enable_tracing, "enableTracing", BOOL, .doc = "Whether enable tracing applies."),
	F(access_log_file, "accessLogFile", STRING, .doc = "Access log file."),
	F(access_log_format, "accessLogFormat", STRING, .doc = "Access log format."),
	F(access_log_encoding, "accessLogEncoding", ENUM, .enums = &istio_mesh_config_access_log_encoding_names,
	  .doc = "Access log encoding."),
	F(enable_envoy_access_log_service, "enableEnvoyAccessLogService", BOOL,
	  .doc = "Whether enable envoy access log service applies."),
	F(disable_envoy_listener_log, "disableEnvoyListenerLog", BOOL,
	  .doc = "Whether disable envoy listener log applies."),
	F(default_config, "defaultConfig", MESSAGE, .desc = &istio_mesh_proxy_config_desc, .doc = "Default config."),
	F(outbound_traffic_policy, "outboundTrafficPolicy", MESSAGE,
	  .desc = &istio_mesh_config_outbound_traffic_policy_desc, .doc = "Outbound traffic policy."),
	F(config_sources, "configSources", MESSAGE, .desc = &istio_mesh_config_source_desc, .flags = MSG_LIST,
	  .doc = "Config sources."),
	F(enable_auto_mtls, "enableAutoMtls", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable auto mtls applies."),
	F(trust_domain, "trustDomain", STRING, .doc = "Trust domain."),
	F(trust_domain_aliases, "trustDomainAliases", STRING, .flags = MSG_LIST, .doc = "Trust domain aliases."),
	F(ca_certificates, "caCertificates", MESSAGE, .desc = &istio_mesh_config_certificate_data_desc,
	  .flags = MSG_LIST, .doc = "Ca certificates."),
	F(default_service_export_to, "defaultServiceExportTo", STRING, .flags = MSG_LIST,
	  .doc = "Default service export to."),
	F(default_virtual_service_export_to, "defaultVirtualServiceExportTo", STRING, .flags = MSG_LIST,
	  .doc = "Default virtual service export to."),
	F(default_destination_rule_export_to, "defaultDestinationRuleExportTo", STRING, .flags = MSG_LIST,
	  .doc = "Default destination rule export to."),
	F(root_namespace, "rootNamespace", STRING, .doc = "Root namespace."),
	F(locality_lb_setting, "localityLbSetting", MESSAGE, .desc = &istio_locality_load_balancer_setting_desc,
	  .doc = "Locality lb setting."),
	F(dns_refresh_rate, "dnsRefreshRate", DURATION, .flags = MSG_OPTIONAL, .doc = "Dns refresh rate."),
	F(h2_upgrade_policy, "h2UpgradePolicy", ENUM, .enums = &istio_mesh_config_h2_upgrade_policy_names,
	  .doc = "H2 upgrade policy."),
	F(inbound_cluster_stat_name, "inboundClusterStatName", STRING, .doc = "Inbound cluster stat name."),
	F(outbound_cluster_stat_name, "outboundClusterStatName", STRING, .doc = "Outbound cluster stat name."),
	F(certificates, "certificates", MESSAGE, .desc = &istio_mesh_certificate_desc, .flags = MSG_LIST,
	  .doc = "Certificates."),
	F(service_settings, "serviceSettings", MESSAGE, .desc = &istio_mesh_config_service_settings_desc,
	  .flags = MSG_LIST, .doc = "Service settings."),
	F(enable_prometheus_merge, "enablePrometheusMerge", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether enable prometheus merge applies."),
	F(verify_certificate_at_client, "verifyCertificateAtClient", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether verify certificate at client applies."),
	F(ca, "ca", MESSAGE, .desc = &istio_mesh_config_ca_desc, .doc = "Ca."),
	F(extension_providers, "extensionProviders", MESSAGE, .desc = &istio_mesh_config_extension_provider_desc,
	  .flags = MSG_LIST, .doc = "Extension providers."),
	F(default_providers, "defaultProviders", MESSAGE, .desc = &istio_mesh_config_default_providers_desc,
	  .doc = "Default providers."),
	F(discovery_selectors, "discoverySelectors", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Discovery selectors."),
	F(path_normalization, "pathNormalization", MESSAGE, .desc = &istio_mesh_config_proxy_path_normalization_desc,
	  .doc = "Path normalization."),
	F(default_http_retry_policy, "defaultHttpRetryPolicy", MESSAGE, .desc = &istio_http_retry_desc,
	  .doc = "Default http retry policy."),
	F(mesh_mTLS, "meshMTLS", MESSAGE, .desc = &istio_mesh_config_tls_config_desc, .doc = "Mesh mtls."),
	F(tls_defaults, "tlsDefaults", MESSAGE, .desc = &istio_mesh_config_tls_config_desc, .doc = "Tls defaults."),
};
DESC(istio_mesh_config, "MeshConfig", "Mesh config.");
#undef T

#define T struct istio_mesh_network_network_endpoints
static const struct msg_field istio_mesh_network_network_endpoints_rows[] = {
	F(from_cidr, "fromCidr", STRING, .oneof = 1, .doc = "From cidr."),
	F(from_registry, "fromRegistry", STRING, .oneof = 1, .doc = "From registry."),
};
DESC(istio_mesh_network_network_endpoints, "NetworkNetworkEndpoints", "Network network endpoints.");
#undef T

#define T struct istio_mesh_network_istio_network_gateway
static const struct msg_field istio_mesh_network_istio_network_gateway_rows[] = {
	F(registry_service_name, "registryServiceName", STRING, .oneof = 1, .doc = "Registry service name."),
	F(address, "address", STRING, .oneof = 1, .doc = "Address."),
	F(port, "port", UINT32, .doc = "Port."),
	F(locality, "locality", STRING, .doc = "Locality."),
};
DESC(istio_mesh_network_istio_network_gateway, "NetworkIstioNetworkGateway", "Network istio network gateway.");
#undef T

#define T struct istio_mesh_network
static const struct msg_field istio_mesh_network_rows[] = {
	F(endpoints, "endpoints", MESSAGE, .desc = &istio_mesh_network_network_endpoints_desc, .flags = MSG_LIST,
	  .doc = "Endpoints."),
	F(gateways, "gateways", MESSAGE, .desc = &istio_mesh_network_istio_network_gateway_desc, .flags = MSG_LIST,
	  .doc = "Gateways."),
};
DESC(istio_mesh_network, "Network", "Network.");
#undef T

#define T struct istio_mesh_networks
static const struct msg_field istio_mesh_networks_rows[] = {
	F(networks, "networks", MAP, .desc = &istio_mesh_network_desc, .doc = "Networks."),
};
DESC(istio_mesh_networks, "MeshNetworks", "Mesh networks.");
#undef T
