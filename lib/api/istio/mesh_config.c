/* Rows of the mesh-wide configuration (ConfigMap istio, key mesh). See the header for the structs. */
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
	F(text, "text", STRING, DONE, .oneof = 1),
	F(labels, "labels", JSON, DONE, .flags = MSG_OBJECT, .oneof = 1),
};
DESC(istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format,
     "MeshConfigExtensionProviderEnvoyFileAccessLogProviderLogFormat", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_file_access_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_file_access_log_provider_rows[] = {
	F(path, "path", STRING, DONE),
	F(log_format, "logFormat", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_file_access_log_provider_log_format_desc,
	  .doc = "Form of the log."),
};
DESC(istio_mesh_config_extension_provider_envoy_file_access_log_provider,
     "MeshConfigExtensionProviderEnvoyFileAccessLogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(log_name, "logName", STRING, DONE),
	F(filter_state_objects_to_log, "filterStateObjectsToLog", STRING,
	  TOLD("weft-proxies have no filter state: stock Envoys log it"), .flags = MSG_LIST,
	  .doc = "Filter state that is logged."),
	F(additional_request_headers_to_log, "additionalRequestHeadersToLog", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Further request headers that are logged."),
	F(additional_response_headers_to_log, "additionalResponseHeadersToLog", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Further response headers that are logged."),
	F(additional_response_trailers_to_log, "additionalResponseTrailersToLog", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Further trailers that are logged."),
};
DESC(istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider,
     "MeshConfigExtensionProviderEnvoyHttpGrpcV3LogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(log_name, "logName", STRING, DONE),
	F(filter_state_objects_to_log, "filterStateObjectsToLog", STRING,
	  TOLD("weft-proxies have no filter state: stock Envoys log it"), .flags = MSG_LIST,
	  .doc = "Filter state that is logged."),
};
DESC(istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider,
     "MeshConfigExtensionProviderEnvoyTcpGrpcV3LogProvider", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format
static const struct msg_field istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format_rows[] =
	{
		F(text, "text", STRING, DONE),
		F(labels, "labels", JSON, DONE, .flags = MSG_OBJECT),
};
DESC(istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_log_format,
     "MeshConfigExtensionProviderEnvoyOpenTelemetryLogProviderLogFormat", NULL);
#undef T

#define T struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider
static const struct msg_field istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_rows[] = {
	F(service, "service", STRING, DONE),
	F(port, "port", UINT32, DONE),
	F(log_name, "logName", STRING, DONE),
	F(log_format, "logFormat", MESSAGE, DONE,
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
	F(envoy_file_access_log, "envoyFileAccessLog", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_file_access_log_provider_desc, .oneof = 1,
	  .doc = "Access log to a file."),
	F(envoy_http_als, "envoyHttpAls", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider_desc, .oneof = 1,
	  .doc = "Access log of HTTP to a gRPC service."),
	F(envoy_tcp_als, "envoyTcpAls", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider_desc, .oneof = 1,
	  .doc = "Access log of TCP to a gRPC service."),
	F(envoy_otel_als, "envoyOtelAls", MESSAGE, DONE,
	  .desc = &istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider_desc, .oneof = 1,
	  .doc = "Access log by OpenTelemetry."),
};
DESC(istio_mesh_config_extension_provider, "MeshConfigExtensionProvider", NULL);
#undef T

#define T struct istio_mesh_config_default_providers
static const struct msg_field istio_mesh_config_default_providers_rows[] = {
	F(tracing, "tracing", STRING, DONE, .flags = MSG_LIST),
	F(metrics, "metrics", STRING, MOOT("metrics go to Prometheus in any case"), .flags = MSG_LIST),
	F(access_logging, "accessLogging", STRING, DONE, .flags = MSG_LIST, .doc = "Access log."),
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
	  .doc = "How long the first bytes are waited for where the server may speak first; 100ms at inbound ports by "
		 "default."),
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
