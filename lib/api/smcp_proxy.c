/* Rows of proxy settings of a ServiceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/smcp_proxy.h"

#include "api/api_internal.h"

WORDS(words_trace_debug_info_warn_warning_error_cr, {"trace", 0}, {"debug", 0}, {"info", 0}, {"warn", 0},
      {"warning", 0}, {"error", 0}, {"critical", 0}, {"off", 0});
WORDS(words_cni_init_container, {"CNI", 0}, {"InitContainer", 0});
WORDS(words_redirect_tproxy, {"REDIRECT", 0}, {"TPROXY", 0});
WORDS(words_allow_any_registry_only, {"ALLOW_ANY", 0}, {"REGISTRY_ONLY", 0});

#define T struct maistra_proxy_logging_config
static const struct msg_field maistra_proxy_logging_config_rows[] = {
	F(level, "level", STRING, .enums = &words_trace_debug_info_warn_warning_error_cr, .doc = "Level."),
	F(component_levels, "componentLevels", STR_MAP, .doc = "Component levels."),
};
DESC(maistra_proxy_logging_config, "ProxyLoggingConfig", "Proxy logging config.");
#undef T

#define T struct maistra_proxy_init_container_config
static const struct msg_field maistra_proxy_init_container_config_rows[] = {
	F(runtime, "runtime", MESSAGE, .desc = &maistra_container_config_desc, .doc = "Runtime."),
};
DESC(maistra_proxy_init_container_config, "ProxyInitContainerConfig", "Proxy init container config.");
#undef T

#define T struct maistra_proxy_network_init_config
static const struct msg_field maistra_proxy_network_init_config_rows[] = {
	F(type, "type", STRING, .enums = &words_cni_init_container, .doc = "Type."),
	F(init_container, "initContainer", MESSAGE, .desc = &maistra_proxy_init_container_config_desc,
	  .doc = "Init container."),
};
DESC(maistra_proxy_network_init_config, "ProxyNetworkInitConfig", "Proxy network init config.");
#undef T

#define T struct maistra_proxy_inbound_traffic_control_config
static const struct msg_field maistra_proxy_inbound_traffic_control_config_rows[] = {
	F(interception_mode, "interceptionMode", STRING, .enums = &words_redirect_tproxy, .doc = "Interception mode."),
	F(included_ports, "includedPorts", STRING, .flags = MSG_LIST, .doc = "Included ports."),
	F(excluded_ports, "excludedPorts", INT32, .flags = MSG_LIST, .doc = "Excluded ports."),
};
DESC(maistra_proxy_inbound_traffic_control_config, "ProxyInboundTrafficControlConfig",
     "Proxy inbound traffic control config.");
#undef T

#define T struct maistra_proxy_outbound_traffic_control_config
static const struct msg_field maistra_proxy_outbound_traffic_control_config_rows[] = {
	F(included_ip_ranges, "includedIPRanges", STRING, .flags = MSG_LIST, .doc = "Included ip ranges."),
	F(excluded_ip_ranges, "excludedIPRanges", STRING, .flags = MSG_LIST, .doc = "Excluded ip ranges."),
	F(excluded_ports, "excludedPorts", INT32, .flags = MSG_LIST, .doc = "Excluded ports."),
	F(policy, "policy", STRING, .enums = &words_allow_any_registry_only, .doc = "Policy."),
};
DESC(maistra_proxy_outbound_traffic_control_config, "ProxyOutboundTrafficControlConfig",
     "Proxy outbound traffic control config.");
#undef T

#define T struct maistra_proxy_traffic_control_config
static const struct msg_field maistra_proxy_traffic_control_config_rows[] = {
	F(inbound, "inbound", MESSAGE, .desc = &maistra_proxy_inbound_traffic_control_config_desc, .doc = "Inbound."),
	F(outbound, "outbound", MESSAGE, .desc = &maistra_proxy_outbound_traffic_control_config_desc,
	  .doc = "Outbound."),
};
DESC(maistra_proxy_traffic_control_config, "ProxyTrafficControlConfig", "Proxy traffic control config.");
#undef T

#define T struct maistra_proxy_network_auto_protocol_detection_config
static const struct msg_field maistra_proxy_network_auto_protocol_detection_config_rows[] = {
	F(timeout, "timeout", STRING, .doc = "Timeout."),
	F(inbound, "inbound", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether inbound applies."),
	F(outbound, "outbound", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether outbound applies."),
};
DESC(maistra_proxy_network_auto_protocol_detection_config, "ProxyNetworkAutoProtocolDetectionConfig",
     "Proxy network auto protocol detection config.");
#undef T

#define T struct maistra_proxy_network_protocol_config
static const struct msg_field maistra_proxy_network_protocol_config_rows[] = {
	F(auto_detect, "autoDetect", MESSAGE, .desc = &maistra_proxy_network_auto_protocol_detection_config_desc,
	  .doc = "Auto detect."),
};
DESC(maistra_proxy_network_protocol_config, "ProxyNetworkProtocolConfig", "Proxy network protocol config.");
#undef T

#define T struct maistra_proxy_dns_config
static const struct msg_field maistra_proxy_dns_config_rows[] = {
	F(search_suffixes, "searchSuffixes", STRING, .flags = MSG_LIST, .doc = "Search suffixes."),
	F(refresh_rate, "refreshRate", STRING, .doc = "Refresh rate."),
};
DESC(maistra_proxy_dns_config, "ProxyDNSConfig", "Proxy dns config.");
#undef T

#define T struct maistra_proxy_networking_config
static const struct msg_field maistra_proxy_networking_config_rows[] = {
	F(cluster_domain, "clusterDomain", STRING, .doc = "Cluster domain."),
	F(connection_timeout, "connectionTimeout", STRING, .doc = "Connection timeout."),
	F(max_connection_age, "maxConnectionAge", STRING, .doc = "Max connection age."),
	F(initialization, "initialization", MESSAGE, .desc = &maistra_proxy_network_init_config_desc,
	  .doc = "Initialization."),
	F(traffic_control, "trafficControl", MESSAGE, .desc = &maistra_proxy_traffic_control_config_desc,
	  .doc = "Traffic control."),
	F(protocol, "protocol", MESSAGE, .desc = &maistra_proxy_network_protocol_config_desc, .doc = "Protocol."),
	F(dns, "dns", MESSAGE, .desc = &maistra_proxy_dns_config_desc, .doc = "Dns."),
};
DESC(maistra_proxy_networking_config, "ProxyNetworkingConfig", "Proxy networking config.");
#undef T

#define T struct maistra_proxy_readiness_config
static const struct msg_field maistra_proxy_readiness_config_rows[] = {
	F(rewrite_application_probes, "rewriteApplicationProbes", BOOL,
	  .doc = "Whether rewrite application probes applies."),
	F(status_port, "statusPort", INT32, .doc = "Status port."),
	F(initial_delay_seconds, "initialDelaySeconds", INT32, .doc = "Initial delay seconds."),
	F(period_seconds, "periodSeconds", INT32, .doc = "Period seconds."),
	F(failure_threshold, "failureThreshold", INT32, .doc = "Failure threshold."),
};
DESC(maistra_proxy_readiness_config, "ProxyReadinessConfig", "Proxy readiness config.");
#undef T

#define T struct maistra_proxy_runtime_config
static const struct msg_field maistra_proxy_runtime_config_rows[] = {
	F(readiness, "readiness", MESSAGE, .desc = &maistra_proxy_readiness_config_desc, .doc = "Readiness."),
	F(container, "container", MESSAGE, .desc = &maistra_container_config_desc, .doc = "Container."),
};
DESC(maistra_proxy_runtime_config, "ProxyRuntimeConfig", "Proxy runtime config.");
#undef T

#define T struct maistra_proxy_injection_config
static const struct msg_field maistra_proxy_injection_config_rows[] = {
	F(auto_inject, "autoInject", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether auto inject applies."),
	F(always_inject_selector, "alwaysInjectSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Always inject selector."),
	F(never_inject_selector, "neverInjectSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Never inject selector."),
	F(injected_annotations, "injectedAnnotations", STR_MAP, .doc = "Injected annotations."),
};
DESC(maistra_proxy_injection_config, "ProxyInjectionConfig", "Proxy injection config.");
#undef T

#define T struct maistra_proxy_file_access_log_config
static const struct msg_field maistra_proxy_file_access_log_config_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(encoding, "encoding", STRING, .doc = "Encoding."),
	F(format, "format", STRING, .doc = "Format."),
};
DESC(maistra_proxy_file_access_log_config, "ProxyFileAccessLogConfig", "Proxy file access log config.");
#undef T

#define T struct maistra_envoy_service_tcp_keepalive
static const struct msg_field maistra_envoy_service_tcp_keepalive_rows[] = {
	F(probes, "probes", UINT32, .doc = "Probes."),
	F(time, "time", STRING, .doc = "Time."),
	F(interval, "interval", STRING, .doc = "Interval."),
};
DESC(maistra_envoy_service_tcp_keepalive, "EnvoyServiceTCPKeepalive", "Envoy service tcp keepalive.");
#undef T

#define T struct maistra_envoy_service_client_tls_settings
static const struct msg_field maistra_envoy_service_client_tls_settings_rows[] = {
	F(mode, "mode", STRING, .doc = "Mode."),
	F(client_certificate, "clientCertificate", STRING, .doc = "Client certificate."),
	F(private_key, "privateKey", STRING, .doc = "Private key."),
	F(ca_certificates, "caCertificates", STRING, .doc = "Ca certificates."),
	F(sni, "sni", STRING, .doc = "Sni."),
	F(subject_alt_names, "subjectAltNames", STRING, .flags = MSG_LIST, .doc = "Subject alt names."),
};
DESC(maistra_envoy_service_client_tls_settings, "EnvoyServiceClientTLSSettings", "Envoy service client tls settings.");
#undef T

#define T struct maistra_proxy_envoy_service_config
static const struct msg_field maistra_proxy_envoy_service_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(address, "address", STRING, .doc = "Address."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE, .desc = &maistra_envoy_service_tcp_keepalive_desc,
	  .doc = "Tcp keepalive."),
	F(tls_settings, "tlsSettings", MESSAGE, .desc = &maistra_envoy_service_client_tls_settings_desc,
	  .doc = "Tls settings."),
};
DESC(maistra_proxy_envoy_service_config, "ProxyEnvoyServiceConfig", "Proxy envoy service config.");
#undef T

#define T struct maistra_proxy_access_logging_config
static const struct msg_field maistra_proxy_access_logging_config_rows[] = {
	F(file, "file", MESSAGE, .desc = &maistra_proxy_file_access_log_config_desc, .doc = "File."),
	F(envoy_service, "envoyService", MESSAGE, .desc = &maistra_proxy_envoy_service_config_desc,
	  .doc = "Envoy service."),
};
DESC(maistra_proxy_access_logging_config, "ProxyAccessLoggingConfig", "Proxy access logging config.");
#undef T

#define T struct maistra_proxy_config
static const struct msg_field maistra_proxy_config_rows[] = {
	F(logging, "logging", MESSAGE, .desc = &maistra_proxy_logging_config_desc, .doc = "Logging."),
	F(networking, "networking", MESSAGE, .desc = &maistra_proxy_networking_config_desc, .doc = "Networking."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_proxy_runtime_config_desc, .doc = "Runtime."),
	F(injection, "injection", MESSAGE, .desc = &maistra_proxy_injection_config_desc, .doc = "Injection."),
	F(admin_port, "adminPort", INT32, .doc = "Admin port."),
	F(concurrency, "concurrency", INT32, .flags = MSG_OPTIONAL, .doc = "Concurrency."),
	F(access_logging, "accessLogging", MESSAGE, .desc = &maistra_proxy_access_logging_config_desc,
	  .doc = "Access logging."),
	F(envoy_metrics_service, "envoyMetricsService", MESSAGE, .desc = &maistra_proxy_envoy_service_config_desc,
	  .doc = "Envoy metrics service."),
};
DESC(maistra_proxy_config, "ProxyConfig", "Proxy config.");
#undef T
