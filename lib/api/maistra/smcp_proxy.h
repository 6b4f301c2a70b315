/* Proxy settings of a ServiceMeshControlPlane: maistra.io/v2. */
#ifndef API_MAISTRA_SMCP_PROXY_H
#define API_MAISTRA_SMCP_PROXY_H

#include "api/maistra/smcp_runtime.h"

/* Settings: proxy logging. */
struct maistra_proxy_logging_config {
	const char *level;
	struct str_map component_levels;
};

/* Settings: proxy init container. */
struct maistra_proxy_init_container_config {
	struct maistra_container_config *runtime;
};

/* Settings: proxy network init. */
struct maistra_proxy_network_init_config {
	const char *type;
	struct maistra_proxy_init_container_config *init_container;
};

/* Settings: proxy inbound traffic control. */
struct maistra_proxy_inbound_traffic_control_config {
	const char *interception_mode;
	LIST(const char *) included_ports;
	LIST(int32_t) excluded_ports;
};

/* Settings: proxy outbound traffic control. */
struct maistra_proxy_outbound_traffic_control_config {
	LIST(const char *) included_ip_ranges;
	LIST(const char *) excluded_ip_ranges;
	LIST(int32_t) excluded_ports;
	const char *policy;
};

/* Settings: proxy traffic control. */
struct maistra_proxy_traffic_control_config {
	struct maistra_proxy_inbound_traffic_control_config *inbound;
	struct maistra_proxy_outbound_traffic_control_config *outbound;
};

/* Settings: proxy network auto protocol detection. */
struct maistra_proxy_network_auto_protocol_detection_config {
	const char *timeout;
	bool *inbound;
	bool *outbound;
};

/* Settings: proxy network protocol. */
struct maistra_proxy_network_protocol_config {
	struct maistra_proxy_network_auto_protocol_detection_config *auto_detect;
};

/* Settings: proxy DNS. */
struct maistra_proxy_dns_config {
	LIST(const char *) search_suffixes;
	const char *refresh_rate;
};

/* Settings: proxy networking. */
struct maistra_proxy_networking_config {
	const char *cluster_domain;
	const char *connection_timeout;
	const char *max_connection_age;
	struct maistra_proxy_network_init_config *initialization;
	struct maistra_proxy_traffic_control_config *traffic_control;
	struct maistra_proxy_network_protocol_config *protocol;
	struct maistra_proxy_dns_config *dns;
};

/* Settings: proxy readiness. */
struct maistra_proxy_readiness_config {
	bool *rewrite_application_probes;
	int32_t status_port;
	int32_t *initial_delay_seconds;
	int32_t period_seconds;
	int32_t failure_threshold;
};

/* Settings: proxy runtime. */
struct maistra_proxy_runtime_config {
	struct maistra_proxy_readiness_config *readiness;
	struct maistra_container_config *container;
};

/* Settings: proxy injection. */
struct maistra_proxy_injection_config {
	bool *auto_inject;
	LIST(struct meta_label_selector) always_inject_selector;
	LIST(struct meta_label_selector) never_inject_selector;
	struct str_map injected_annotations;
};

/* Settings: proxy file access log. */
struct maistra_proxy_file_access_log_config {
	const char *name;
	const char *encoding;
	const char *format;
};

/* Envoy service TCP keepalive. */
struct maistra_envoy_service_tcp_keepalive {
	uint32_t probes;
	const char *time;
	const char *interval;
};

/* Settings: envoy service client TLS. */
struct maistra_envoy_service_client_tls_settings {
	const char *mode;
	const char *client_certificate;
	const char *private_key;
	const char *ca_certificates;
	const char *sni;
	LIST(const char *) subject_alt_names;
};

/* Settings: proxy envoy service. */
struct maistra_proxy_envoy_service_config {
	bool *enabled;
	const char *address;
	struct maistra_envoy_service_tcp_keepalive *tcp_keepalive;
	struct maistra_envoy_service_client_tls_settings *tls_settings;
};

/* Settings: proxy access logging. */
struct maistra_proxy_access_logging_config {
	struct maistra_proxy_file_access_log_config *file;
	struct maistra_proxy_envoy_service_config *envoy_service;
};

/* Settings: proxy. */
struct maistra_proxy_config {
	struct maistra_proxy_logging_config *logging;
	struct maistra_proxy_networking_config *networking;
	struct maistra_proxy_runtime_config *runtime;
	struct maistra_proxy_injection_config *injection;
	int32_t admin_port;
	int32_t *concurrency;
	struct maistra_proxy_access_logging_config *access_logging;
	struct maistra_proxy_envoy_service_config *envoy_metrics_service;
};

extern const struct msg_desc maistra_proxy_logging_config_desc;
extern const struct msg_desc maistra_proxy_init_container_config_desc;
extern const struct msg_desc maistra_proxy_network_init_config_desc;
extern const struct msg_desc maistra_proxy_inbound_traffic_control_config_desc;
extern const struct msg_desc maistra_proxy_outbound_traffic_control_config_desc;
extern const struct msg_desc maistra_proxy_traffic_control_config_desc;
extern const struct msg_desc maistra_proxy_network_auto_protocol_detection_config_desc;
extern const struct msg_desc maistra_proxy_network_protocol_config_desc;
extern const struct msg_desc maistra_proxy_dns_config_desc;
extern const struct msg_desc maistra_proxy_networking_config_desc;
extern const struct msg_desc maistra_proxy_readiness_config_desc;
extern const struct msg_desc maistra_proxy_runtime_config_desc;
extern const struct msg_desc maistra_proxy_injection_config_desc;
extern const struct msg_desc maistra_proxy_file_access_log_config_desc;
extern const struct msg_desc maistra_envoy_service_tcp_keepalive_desc;
extern const struct msg_desc maistra_envoy_service_client_tls_settings_desc;
extern const struct msg_desc maistra_proxy_envoy_service_config_desc;
extern const struct msg_desc maistra_proxy_access_logging_config_desc;
extern const struct msg_desc maistra_proxy_config_desc;

#endif
