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
	F(level, "level", STRING, DONE, .enums = &words_trace_debug_info_warn_warning_error_cr,
	  .doc = "Log level of proxies."),
	F(component_levels, "componentLevels", STR_MAP,
	  TOLD_UNLESS("the proxy has no such component", "agent", "dns", "grpc", "health", "kube", "metrics", "net",
		      "proxy", "secrets", "xds"),
	  .doc = "Log level of proxies by component."),
};
DESC(maistra_proxy_logging_config, "ProxyLoggingConfig", NULL);
#undef T

#define T struct maistra_proxy_init_container_config
static const struct msg_field maistra_proxy_init_container_config_rows[] = {
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_container_config_desc,
	  .doc = "Image and resources of the init container."),
};
DESC(maistra_proxy_init_container_config, "ProxyInitContainerConfig", NULL);
#undef T

#define T struct maistra_proxy_network_init_config
static const struct msg_field maistra_proxy_network_init_config_rows[] = {
	F(type, "type", STRING, DONE, .enums = &words_cni_init_container,
	  .doc = "Who redirects the traffic of pods: the CNI plugin (on OpenShift by default) or an init container."),
	F(init_container, "initContainer", MESSAGE, DONE, .desc = &maistra_proxy_init_container_config_desc,
	  .doc = "The container that sets redirection up."),
};
DESC(maistra_proxy_network_init_config, "ProxyNetworkInitConfig", NULL);
#undef T

#define T struct maistra_proxy_inbound_traffic_control_config
static const struct msg_field maistra_proxy_inbound_traffic_control_config_rows[] = {
	F(interception_mode, "interceptionMode", STRING, DONE, .enums = &words_redirect_tproxy,
	  .doc = "How connections reach the proxy; only REDIRECT is supported."),
	F(included_ports, "includedPorts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Ports of pods that are redirected to the proxy; all by default."),
	F(excluded_ports, "excludedPorts", INT32, DONE, .flags = MSG_LIST,
	  .doc = "Ports of pods that are not redirected."),
};
DESC(maistra_proxy_inbound_traffic_control_config, "ProxyInboundTrafficControlConfig", NULL);
#undef T

#define T struct maistra_proxy_outbound_traffic_control_config
static const struct msg_field maistra_proxy_outbound_traffic_control_config_rows[] = {
	F(included_ip_ranges, "includedIPRanges", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks (CIDR) to which connections are redirected; all by default."),
	F(excluded_ip_ranges, "excludedIPRanges", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks (CIDR) to which connections are not redirected."),
	F(excluded_ports, "excludedPorts", INT32, DONE, .flags = MSG_LIST,
	  .doc = "Ports to which connections are not redirected."),
	F(policy, "policy", STRING, DONE, .enums = &words_allow_any_registry_only,
	  .doc = "ALLOW_ANY, the default, lets connections to unknown destinations pass; REGISTRY_ONLY refuses them."),
};
DESC(maistra_proxy_outbound_traffic_control_config, "ProxyOutboundTrafficControlConfig", NULL);
#undef T

#define T struct maistra_proxy_traffic_control_config
static const struct msg_field maistra_proxy_traffic_control_config_rows[] = {
	F(inbound, "inbound", MESSAGE, DONE, .desc = &maistra_proxy_inbound_traffic_control_config_desc,
	  .doc = "Connections to the workload."),
	F(outbound, "outbound", MESSAGE, DONE, .desc = &maistra_proxy_outbound_traffic_control_config_desc,
	  .doc = "Connections that the workload opens."),
};
DESC(maistra_proxy_traffic_control_config, "ProxyTrafficControlConfig", NULL);
#undef T

#define T struct maistra_proxy_network_auto_protocol_detection_config
static const struct msg_field maistra_proxy_network_auto_protocol_detection_config_rows[] = {
	F(timeout, "timeout", STRING, DONE, .doc = "How long the first bytes of a connection are waited for."),
	F(inbound, "inbound", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Detects HTTP on ports of the workload without a protocol; false by default."),
	F(outbound, "outbound", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Detects HTTP on ports of services without a protocol; false by default."),
};
DESC(maistra_proxy_network_auto_protocol_detection_config, "ProxyNetworkAutoProtocolDetectionConfig", NULL);
#undef T

#define T struct maistra_proxy_network_protocol_config
static const struct msg_field maistra_proxy_network_protocol_config_rows[] = {
	F(auto_detect, "autoDetect", MESSAGE, DONE, .desc = &maistra_proxy_network_auto_protocol_detection_config_desc,
	  .doc = "Detection of HTTP on ports that do not name a protocol."),
};
DESC(maistra_proxy_network_protocol_config, "ProxyNetworkProtocolConfig", NULL);
#undef T

#define T struct maistra_proxy_dns_config
static const struct msg_field maistra_proxy_dns_config_rows[] = {
	F(search_suffixes, "searchSuffixes", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Search domains of injected pods."),
	F(refresh_rate, "refreshRate", STRING, DONE, .doc = "How often host names are resolved again."),
};
DESC(maistra_proxy_dns_config, "ProxyDNSConfig", NULL);
#undef T

#define T struct maistra_proxy_networking_config
static const struct msg_field maistra_proxy_networking_config_rows[] = {
	F(cluster_domain, "clusterDomain", STRING, DONE, .doc = "DNS domain of the cluster; cluster.local by default."),
	F(connection_timeout, "connectionTimeout", STRING, DONE,
	  .doc = "How long a connection may take to open; 10s by default."),
	F(max_connection_age, "maxConnectionAge", STRING, DONE,
	  .doc = "Age at which the control plane closes a proxy's connection; 30m by default."),
	F(initialization, "initialization", MESSAGE, DONE, .desc = &maistra_proxy_network_init_config_desc,
	  .doc = "How redirection is set up in pods."),
	F(traffic_control, "trafficControl", MESSAGE, DONE, .desc = &maistra_proxy_traffic_control_config_desc,
	  .doc = "Which connections are redirected to the proxy."),
	F(protocol, "protocol", MESSAGE, DONE, .desc = &maistra_proxy_network_protocol_config_desc,
	  .doc = "Detection of protocols."),
	F(dns, "dns", MESSAGE, DONE, .desc = &maistra_proxy_dns_config_desc, .doc = "Resolution of host names."),
};
DESC(maistra_proxy_networking_config, "ProxyNetworkingConfig", NULL);
#undef T

#define T struct maistra_proxy_readiness_config
static const struct msg_field maistra_proxy_readiness_config_rows[] = {
	F(rewrite_application_probes, "rewriteApplicationProbes", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Leads the kubelet's probes through the proxy's agent; true by default."),
	F(status_port, "statusPort", INT32, DONE, .doc = "Port that serves readiness and metrics; 15020 by default."),
	F(initial_delay_seconds, "initialDelaySeconds", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Seconds after the start before the first probe; 1 by default."),
	F(period_seconds, "periodSeconds", INT32, DONE, .doc = "Seconds between probes; 2 by default."),
	F(failure_threshold, "failureThreshold", INT32, DONE,
	  .doc = "Failed probes in a row until the proxy is not ready; 30 by default."),
};
DESC(maistra_proxy_readiness_config, "ProxyReadinessConfig", "When a proxy counts as ready.");
#undef T

#define T struct maistra_proxy_runtime_config
static const struct msg_field maistra_proxy_runtime_config_rows[] = {
	F(readiness, "readiness", MESSAGE, DONE, .desc = &maistra_proxy_readiness_config_desc,
	  .doc = "When a proxy counts as ready."),
	F(container, "container", MESSAGE, DONE, .desc = &maistra_container_config_desc,
	  .doc = "Image, environment and resources of the proxy's container."),
};
DESC(maistra_proxy_runtime_config, "ProxyRuntimeConfig", NULL);
#undef T

#define T struct maistra_proxy_injection_config
static const struct msg_field maistra_proxy_injection_config_rows[] = {
	F(auto_inject, "autoInject", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Injects the other pods that do not decide themselves; false by default."),
	F(always_inject_selector, "alwaysInjectSelector", MESSAGE, DONE, .desc = &meta_label_selector_desc,
	  .flags = MSG_LIST, .doc = "Label selectors of pods that are injected when they do not decide themselves."),
	F(never_inject_selector, "neverInjectSelector", MESSAGE, DONE, .desc = &meta_label_selector_desc,
	  .flags = MSG_LIST,
	  .doc = "Label selectors of pods that are not injected when they do not decide themselves; goes first."),
	F(injected_annotations, "injectedAnnotations", STR_MAP, DONE,
	  .doc = "Annotations added to injected pods, by name."),
};
DESC(maistra_proxy_injection_config, "ProxyInjectionConfig", NULL);
#undef T

#define T struct maistra_proxy_file_access_log_config
static const struct msg_field maistra_proxy_file_access_log_config_rows[] = {
	F(name, "name", STRING, DONE, .doc = "File of the access log, such as /dev/stdout; no log when absent."),
	F(encoding, "encoding", STRING, DONE, .doc = "TEXT, the default, or JSON."),
	F(format, "format", STRING, DONE, .doc = "Format of a line, with operators such as %RESPONSE_CODE%."),
};
DESC(maistra_proxy_file_access_log_config, "ProxyFileAccessLogConfig", NULL);
#undef T

#define T struct maistra_envoy_service_tcp_keepalive
static const struct msg_field maistra_envoy_service_tcp_keepalive_rows[] = {
	F(probes, "probes", UINT32, TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .doc = "Attempts before the connection is given up."),
	F(time, "time", STRING, TOLD("access logs are written to files, and metrics are scraped by Prometheus")),
	F(interval, "interval", STRING,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus")),
};
DESC(maistra_envoy_service_tcp_keepalive, "EnvoyServiceTCPKeepalive", NULL);
#undef T

#define T struct maistra_envoy_service_client_tls_settings
static const struct msg_field maistra_envoy_service_client_tls_settings_rows[] = {
	F(mode, "mode", STRING, TOLD("access logs are written to files, and metrics are scraped by Prometheus")),
	F(client_certificate, "clientCertificate", STRING,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .doc = "File with the client's certificate."),
	F(private_key, "privateKey", STRING,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .doc = "File with the private key."),
	F(ca_certificates, "caCertificates", STRING,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .doc = "File with the certificates that the peer's chain must end at."),
	F(sni, "sni", STRING, TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .doc = "Server name that the TLS client asks for."),
	F(subject_alt_names, "subjectAltNames", STRING,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus"), .flags = MSG_LIST,
	  .doc = "Names of which the peer's certificate must have one."),
};
DESC(maistra_envoy_service_client_tls_settings, "EnvoyServiceClientTLSSettings", NULL);
#undef T

#define T struct maistra_proxy_envoy_service_config
static const struct msg_field maistra_proxy_envoy_service_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .flags = MSG_OPTIONAL),
	F(address, "address", STRING, TOLD("access logs are written to files, and metrics are scraped by Prometheus")),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .desc = &maistra_envoy_service_tcp_keepalive_desc, .doc = "TCP keep-alive probes."),
	F(tls_settings, "tlsSettings", MESSAGE,
	  TOLD("access logs are written to files, and metrics are scraped by Prometheus"),
	  .desc = &maistra_envoy_service_client_tls_settings_desc, .doc = "TLS towards the service."),
};
DESC(maistra_proxy_envoy_service_config, "ProxyEnvoyServiceConfig", NULL);
#undef T

#define T struct maistra_proxy_access_logging_config
static const struct msg_field maistra_proxy_access_logging_config_rows[] = {
	F(file, "file", MESSAGE, DONE, .desc = &maistra_proxy_file_access_log_config_desc,
	  .doc = "Access log in a file."),
	F(envoy_service, "envoyService", MESSAGE, TOLD("access logs are written to files"),
	  .desc = &maistra_proxy_envoy_service_config_desc, .doc = "Log to a gRPC service."),
};
DESC(maistra_proxy_access_logging_config, "ProxyAccessLoggingConfig", NULL);
#undef T

#define T struct maistra_proxy_config
static const struct msg_field maistra_proxy_config_rows[] = {
	F(logging, "logging", MESSAGE, DONE, .desc = &maistra_proxy_logging_config_desc,
	  .doc = "Log levels of proxies."),
	F(networking, "networking", MESSAGE, DONE, .desc = &maistra_proxy_networking_config_desc,
	  .doc = "What is redirected, how names are resolved, and time limits."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_proxy_runtime_config_desc,
	  .doc = "Readiness, image and resources of proxies."),
	F(injection, "injection", MESSAGE, DONE, .desc = &maistra_proxy_injection_config_desc,
	  .doc = "Which pods get a proxy."),
	F(admin_port, "adminPort", INT32, DONE,
	  .doc = "Port of the proxy's admin interface on the loopback; 15000 by default."),
	F(concurrency, "concurrency", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Worker threads of each proxy; 0 for one per core, by default the container's CPU limit or 2."),
	F(access_logging, "accessLogging", MESSAGE, DONE, .desc = &maistra_proxy_access_logging_config_desc,
	  .doc = "Logs of requests and connections."),
	F(envoy_metrics_service, "envoyMetricsService", MESSAGE, TOLD("metrics are scraped by Prometheus"),
	  .desc = &maistra_proxy_envoy_service_config_desc, .doc = "Service to which proxies send metrics."),
};
DESC(maistra_proxy_config, "ProxyConfig", NULL);
#undef T
