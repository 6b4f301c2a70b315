/* Rows of proxy settings of a ServiceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/maistra/smcp_proxy.h"

#include "api/api_internal.h"

WORDS(words_trace_debug_info_warn_warning_error_cr, {"trace", 0}, {"debug", 0}, {"info", 0}, {"warn", 0},
      {"warning", 0}, {"error", 0}, {"critical", 0}, {"off", 0});
WORDS(words_cni_init_container, {"CNI", 0}, {"InitContainer", 0});
WORDS(words_redirect_tproxy, {"REDIRECT", 0}, {"TPROXY", 0});
WORDS(words_allow_any_registry_only, {"ALLOW_ANY", 0}, {"REGISTRY_ONLY", 0});

#define T struct maistra_proxy_logging_config
static const struct msg_field maistra_proxy_logging_config_rows[] = {
	F(level, "level", STRING, DONE, .enums = &words_trace_debug_info_warn_warning_error_cr, .doc = "Level."),
	F(component_levels, "componentLevels", STR_MAP, DONE, .doc = "Log level by component."),
};
DESC(maistra_proxy_logging_config, "ProxyLoggingConfig", NULL);
#undef T

#define T struct maistra_proxy_init_container_config
static const struct msg_field maistra_proxy_init_container_config_rows[] = {
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_container_config_desc,
	  .doc = "Runtime settings: replicas, placement, resources."),
};
DESC(maistra_proxy_init_container_config, "ProxyInitContainerConfig", NULL);
#undef T

#define T struct maistra_proxy_network_init_config
static const struct msg_field maistra_proxy_network_init_config_rows[] = {
	F(type, "type", STRING, DONE, .enums = &words_cni_init_container, .doc = "Type; one of the allowed words."),
	F(init_container, "initContainer", MESSAGE, DONE, .desc = &maistra_proxy_init_container_config_desc,
	  .doc = "Settings of the init container."),
};
DESC(maistra_proxy_network_init_config, "ProxyNetworkInitConfig", NULL);
#undef T

#define T struct maistra_proxy_inbound_traffic_control_config
static const struct msg_field maistra_proxy_inbound_traffic_control_config_rows[] = {
	F(interception_mode, "interceptionMode", STRING, DONE, .enums = &words_redirect_tproxy,
	  .doc = "How traffic is redirected: REDIRECT or TPROXY."),
	F(included_ports, "includedPorts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Ports that are redirected; empty for all."),
	F(excluded_ports, "excludedPorts", INT32, DONE, .flags = MSG_LIST, .doc = "Ports that are not redirected."),
};
DESC(maistra_proxy_inbound_traffic_control_config, "ProxyInboundTrafficControlConfig", NULL);
#undef T

#define T struct maistra_proxy_outbound_traffic_control_config
static const struct msg_field maistra_proxy_outbound_traffic_control_config_rows[] = {
	F(included_ip_ranges, "includedIPRanges", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks whose traffic is redirected."),
	F(excluded_ip_ranges, "excludedIPRanges", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks whose traffic is not redirected."),
	F(excluded_ports, "excludedPorts", INT32, DONE, .flags = MSG_LIST, .doc = "Ports that are not redirected."),
	F(policy, "policy", STRING, DONE, .enums = &words_allow_any_registry_only, .doc = "Policy."),
};
DESC(maistra_proxy_outbound_traffic_control_config, "ProxyOutboundTrafficControlConfig", NULL);
#undef T

#define T struct maistra_proxy_traffic_control_config
static const struct msg_field maistra_proxy_traffic_control_config_rows[] = {
	F(inbound, "inbound", MESSAGE, DONE, .desc = &maistra_proxy_inbound_traffic_control_config_desc,
	  .doc = "Towards the workload."),
	F(outbound, "outbound", MESSAGE, DONE, .desc = &maistra_proxy_outbound_traffic_control_config_desc,
	  .doc = "From the workload."),
};
DESC(maistra_proxy_traffic_control_config, "ProxyTrafficControlConfig", NULL);
#undef T

#define T struct maistra_proxy_network_auto_protocol_detection_config
static const struct msg_field maistra_proxy_network_auto_protocol_detection_config_rows[] = {
	F(timeout, "timeout", STRING, DONE, .doc = "How long to wait before giving up."),
	F(inbound, "inbound", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Towards the workload."),
	F(outbound, "outbound", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "From the workload."),
};
DESC(maistra_proxy_network_auto_protocol_detection_config, "ProxyNetworkAutoProtocolDetectionConfig", NULL);
#undef T

#define T struct maistra_proxy_network_protocol_config
static const struct msg_field maistra_proxy_network_protocol_config_rows[] = {
	F(auto_detect, "autoDetect", MESSAGE, DONE, .desc = &maistra_proxy_network_auto_protocol_detection_config_desc,
	  .doc = "Detection of the protocol."),
};
DESC(maistra_proxy_network_protocol_config, "ProxyNetworkProtocolConfig", NULL);
#undef T

#define T struct maistra_proxy_dns_config
static const struct msg_field maistra_proxy_dns_config_rows[] = {
	F(search_suffixes, "searchSuffixes", STRING, TOLD("is not supported yet; it has no effect"), .flags = MSG_LIST,
	  .doc = "Further search domains of proxies."),
	F(refresh_rate, "refreshRate", STRING, DONE, .doc = "How often names are resolved again."),
};
DESC(maistra_proxy_dns_config, "ProxyDNSConfig", NULL);
#undef T

#define T struct maistra_proxy_networking_config
static const struct msg_field maistra_proxy_networking_config_rows[] = {
	F(cluster_domain, "clusterDomain", STRING, DONE, .doc = "Domain of the cluster."),
	F(connection_timeout, "connectionTimeout", STRING, DONE, .doc = "How long a connection may take to open."),
	F(max_connection_age, "maxConnectionAge", STRING, DONE,
	  .doc = "Age at which proxies reconnect to the control plane."),
	F(initialization, "initialization", MESSAGE, DONE, .desc = &maistra_proxy_network_init_config_desc,
	  .doc = "How redirection is set up in pods: CNI or InitContainer."),
	F(traffic_control, "trafficControl", MESSAGE, DONE, .desc = &maistra_proxy_traffic_control_config_desc,
	  .doc = "Which traffic is redirected."),
	F(protocol, "protocol", MESSAGE, DONE, .desc = &maistra_proxy_network_protocol_config_desc,
	  .doc = "Protocol of the port."),
	F(dns, "dns", MESSAGE, DONE, .desc = &maistra_proxy_dns_config_desc, .doc = "Name resolution of proxies."),
};
DESC(maistra_proxy_networking_config, "ProxyNetworkingConfig", NULL);
#undef T

#define T struct maistra_proxy_readiness_config
static const struct msg_field maistra_proxy_readiness_config_rows[] = {
	F(rewrite_application_probes, "rewriteApplicationProbes", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Leads probes of the application through the agent."),
	F(status_port, "statusPort", INT32, DONE, .doc = "Port of the agent's health endpoint."),
	F(initial_delay_seconds, "initialDelaySeconds", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Seconds after the start before the first attempt."),
	F(period_seconds, "periodSeconds", INT32, DONE, .doc = "Seconds between attempts."),
	F(failure_threshold, "failureThreshold", INT32, DONE, .doc = "Failures in a row that count as failed."),
};
DESC(maistra_proxy_readiness_config, "ProxyReadinessConfig", NULL);
#undef T

#define T struct maistra_proxy_runtime_config
static const struct msg_field maistra_proxy_runtime_config_rows[] = {
	F(readiness, "readiness", MESSAGE, DONE, .desc = &maistra_proxy_readiness_config_desc, .doc = "Readiness."),
	F(container, "container", MESSAGE, DONE, .desc = &maistra_container_config_desc, .doc = "Container settings."),
};
DESC(maistra_proxy_runtime_config, "ProxyRuntimeConfig", NULL);
#undef T

#define T struct maistra_proxy_injection_config
static const struct msg_field maistra_proxy_injection_config_rows[] = {
	F(auto_inject, "autoInject", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Injects where a pod does not say."),
	F(always_inject_selector, "alwaysInjectSelector", MESSAGE, DONE, .desc = &meta_label_selector_desc,
	  .flags = MSG_LIST, .doc = "Pods that are always injected."),
	F(never_inject_selector, "neverInjectSelector", MESSAGE, DONE, .desc = &meta_label_selector_desc,
	  .flags = MSG_LIST, .doc = "Pods that are never injected."),
	F(injected_annotations, "injectedAnnotations", STR_MAP, DONE, .doc = "Annotations added to injected pods."),
};
DESC(maistra_proxy_injection_config, "ProxyInjectionConfig", NULL);
#undef T

#define T struct maistra_proxy_file_access_log_config
static const struct msg_field maistra_proxy_file_access_log_config_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(encoding, "encoding", STRING, DONE, .doc = "TEXT or JSON."),
	F(format, "format", STRING, DONE, .doc = "Format."),
};
DESC(maistra_proxy_file_access_log_config, "ProxyFileAccessLogConfig", NULL);
#undef T

#define T struct maistra_envoy_service_tcp_keepalive
static const struct msg_field maistra_envoy_service_tcp_keepalive_rows[] = {
	F(probes, "probes", UINT32, TOLD("is not supported yet; it has no effect"),
	  .doc = "Attempts before the connection is given up."),
	F(time, "time", STRING, TOLD("is not supported yet; it has no effect")),
	F(interval, "interval", STRING, TOLD("is not supported yet; it has no effect")),
};
DESC(maistra_envoy_service_tcp_keepalive, "EnvoyServiceTCPKeepalive", NULL);
#undef T

#define T struct maistra_envoy_service_client_tls_settings
static const struct msg_field maistra_envoy_service_client_tls_settings_rows[] = {
	F(mode, "mode", STRING, TOLD("is not supported yet; it has no effect")),
	F(client_certificate, "clientCertificate", STRING, TOLD("is not supported yet; it has no effect"),
	  .doc = "File with the client's certificate."),
	F(private_key, "privateKey", STRING, TOLD("is not supported yet; it has no effect"),
	  .doc = "File with the private key."),
	F(ca_certificates, "caCertificates", STRING, TOLD("is not supported yet; it has no effect"),
	  .doc = "File with the certificates that the peer's chain must end at."),
	F(sni, "sni", STRING, TOLD("is not supported yet; it has no effect"),
	  .doc = "Server name that the TLS client asks for."),
	F(subject_alt_names, "subjectAltNames", STRING, TOLD("is not supported yet; it has no effect"),
	  .flags = MSG_LIST, .doc = "Names of which the peer's certificate must have one."),
};
DESC(maistra_envoy_service_client_tls_settings, "EnvoyServiceClientTLSSettings", NULL);
#undef T

#define T struct maistra_proxy_envoy_service_config
static const struct msg_field maistra_proxy_envoy_service_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("is not supported yet; it has no effect"), .flags = MSG_OPTIONAL,
	  .doc = "Turns the feature on or off."),
	F(address, "address", STRING, TOLD("is not supported yet; it has no effect")),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE, TOLD("is not supported yet; it has no effect"),
	  .desc = &maistra_envoy_service_tcp_keepalive_desc, .doc = "TCP keep-alive probes."),
	F(tls_settings, "tlsSettings", MESSAGE, TOLD("is not supported yet; it has no effect"),
	  .desc = &maistra_envoy_service_client_tls_settings_desc, .doc = "TLS towards the service."),
};
DESC(maistra_proxy_envoy_service_config, "ProxyEnvoyServiceConfig", NULL);
#undef T

#define T struct maistra_proxy_access_logging_config
static const struct msg_field maistra_proxy_access_logging_config_rows[] = {
	F(file, "file", MESSAGE, DONE, .desc = &maistra_proxy_file_access_log_config_desc, .doc = "Log to a file."),
	F(envoy_service, "envoyService", MESSAGE, TOLD("is not supported yet; it has no effect"),
	  .desc = &maistra_proxy_envoy_service_config_desc, .doc = "Log to a gRPC service."),
};
DESC(maistra_proxy_access_logging_config, "ProxyAccessLoggingConfig", NULL);
#undef T

#define T struct maistra_proxy_config
static const struct msg_field maistra_proxy_config_rows[] = {
	F(logging, "logging", MESSAGE, DONE, .desc = &maistra_proxy_logging_config_desc, .doc = "Log levels and form."),
	F(networking, "networking", MESSAGE, DONE, .desc = &maistra_proxy_networking_config_desc,
	  .doc = "Network settings of proxies."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_proxy_runtime_config_desc,
	  .doc = "Runtime settings: replicas, placement, resources."),
	F(injection, "injection", MESSAGE, DONE, .desc = &maistra_proxy_injection_config_desc,
	  .doc = "When sidecars are injected."),
	F(admin_port, "adminPort", INT32, DONE, .doc = "Port of the proxy's admin interface."),
	F(concurrency, "concurrency", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Number of worker threads; 0 means one per core."),
	F(access_logging, "accessLogging", MESSAGE, DONE, .desc = &maistra_proxy_access_logging_config_desc,
	  .doc = "Access log."),
	F(envoy_metrics_service, "envoyMetricsService", MESSAGE, TOLD("is not supported yet; it has no effect"),
	  .desc = &maistra_proxy_envoy_service_config_desc, .doc = "Service to which proxies send metrics."),
};
DESC(maistra_proxy_config, "ProxyConfig", NULL);
#undef T
