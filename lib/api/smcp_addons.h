/* Add-ons of a ServiceMeshControlPlane: maistra.io/v2. */
#ifndef API_SMCP_ADDONS_H
#define API_SMCP_ADDONS_H

#include "api/smcp_runtime.h"

/* Component ingress config. */
struct maistra_component_ingress_config {
	bool *enabled;
	struct maistra_metadata_config *metadata;
	LIST(const char *) hosts;
	const char *context_path;
	cJSON *tls;
};

/* Component service config. */
struct maistra_component_service_config {
	struct maistra_metadata_config *metadata;
	int32_t *node_port;
	struct maistra_component_ingress_config *ingress;
};

/* Prometheus install config. */
struct maistra_prometheus_install_config {
	bool self_managed;
	const char *retention;
	const char *scrape_interval;
	struct maistra_component_service_config *service;
	bool *use_tls;
};

/* Prometheus addon config. */
struct maistra_prometheus_addon_config {
	bool *enabled;
	const char *metrics_expiry_duration;
	bool *scrape;
	struct maistra_prometheus_install_config *install;
	const char *address;
};

/* Stackdriver tracer config. */
struct maistra_stackdriver_tracer_config {
	bool *debug;
	int64_t *max_number_of_attributes;
	int64_t *max_number_of_annotations;
	int64_t *max_number_of_message_events;
};

/* Stackdriver auth config. */
struct maistra_stackdriver_auth_config {
	bool *app_credentials;
	const char *api_key;
	const char *service_account_path;
};

/* Stackdriver access log telemetry config. */
struct maistra_stackdriver_access_log_telemetry_config {
	bool *enabled;
	const char *log_window_duration;
};

/* Stackdriver telemetry config. */
struct maistra_stackdriver_telemetry_config {
	bool *enabled;
	struct maistra_stackdriver_auth_config *auth;
	bool *enable_context_graph;
	bool *enable_logging;
	bool *enable_metrics;
	struct maistra_stackdriver_access_log_telemetry_config *access_logging;
	cJSON *config_override;
};

/* Stackdriver addon config. */
struct maistra_stackdriver_addon_config {
	struct maistra_stackdriver_tracer_config *tracer;
	struct maistra_stackdriver_telemetry_config *telemetry;
};

/* Jaeger memory storage config. */
struct maistra_jaeger_memory_storage_config {
	int64_t *max_traces;
};

/* Jaeger elasticsearch storage config. */
struct maistra_jaeger_elasticsearch_storage_config {
	int32_t *node_count;
	cJSON *storage;
	const char *redundancy_policy;
	cJSON *index_cleaner;
};

/* Jaeger storage config. */
struct maistra_jaeger_storage_config {
	const char *type;
	struct maistra_jaeger_memory_storage_config *memory;
	struct maistra_jaeger_elasticsearch_storage_config *elasticsearch;
};

/* Jaeger ingress config. */
struct maistra_jaeger_ingress_config {
	bool *enabled;
	struct maistra_metadata_config *metadata;
};

/* Jaeger install config. */
struct maistra_jaeger_install_config {
	struct maistra_jaeger_storage_config *storage;
	struct maistra_jaeger_ingress_config *ingress;
};

/* Jaeger addon config. */
struct maistra_jaeger_addon_config {
	const char *name;
	struct maistra_jaeger_install_config *install;
};

/* Grafana config. */
struct maistra_grafana_config {
	struct str_map env;
	struct str_map env_secrets;
};

/* Component persistence config. */
struct maistra_component_persistence_config {
	bool *enabled;
	const char *storage_class_name;
	const char *access_mode;
	struct core_resource_requirements *capacity;
};

/* Grafana security config. */
struct maistra_grafana_security_config {
	bool *enabled;
	const char *secret_name;
	const char *username_key;
	const char *passphrase_key;
};

/* Grafana install config. */
struct maistra_grafana_install_config {
	bool self_managed;
	struct maistra_grafana_config *config;
	struct maistra_component_service_config *service;
	struct maistra_component_persistence_config *persistence;
	struct maistra_grafana_security_config *security;
};

/* Grafana addon config. */
struct maistra_grafana_addon_config {
	bool *enabled;
	struct maistra_grafana_install_config *install;
	const char *address;
};

/* Kiali dashboard config. */
struct maistra_kiali_dashboard_config {
	bool *view_only;
	bool *enable_grafana;
	bool *enable_prometheus;
	bool *enable_tracing;
};

/* Kiali deployment config. */
struct maistra_kiali_deployment_config {
	struct core_resource_requirements *resources;
	struct core_affinity *affinity;
	struct str_map node_selector;
	LIST(struct core_toleration) tolerations;
};

/* Kiali install config. */
struct maistra_kiali_install_config {
	struct maistra_kiali_dashboard_config *dashboard;
	struct maistra_component_service_config *service;
	struct maistra_kiali_deployment_config *deployment;
};

/* Kiali addon config. */
struct maistra_kiali_addon_config {
	bool *enabled;
	const char *name;
	struct maistra_kiali_install_config *install;
};

/* Three scale metrics config. */
struct maistra_three_scale_metrics_config {
	int32_t *port;
	bool *report;
};

/* Three scale system config. */
struct maistra_three_scale_system_config {
	int64_t *cache_max_size;
	int32_t *cache_refresh_retries;
	int32_t *cache_refresh_interval;
	int32_t *cache_ttl;
};

/* Three scale client config. */
struct maistra_three_scale_client_config {
	bool *allow_insecure_connections;
	int32_t *timeout;
};

/* Three scale grpc config. */
struct maistra_three_scale_grpc_config {
	int32_t *max_conn_timeout;
};

/* Three scale backend config. */
struct maistra_three_scale_backend_config {
	bool *enable_cache;
	int32_t *cache_flush_interval;
	bool *policy_fail_closed;
};

/* Three scale addon config. */
struct maistra_three_scale_addon_config {
	bool *enabled;
	int32_t *listen_addr;
	bool *log_grpc;
	bool *log_json;
	const char *log_level;
	struct maistra_three_scale_metrics_config *metrics;
	struct maistra_three_scale_system_config *system;
	struct maistra_three_scale_client_config *client;
	struct maistra_three_scale_grpc_config *grpc;
	struct maistra_three_scale_backend_config *backend;
};

/* Addons config. */
struct maistra_addons_config {
	struct maistra_prometheus_addon_config *prometheus;
	struct maistra_stackdriver_addon_config *stackdriver;
	struct maistra_jaeger_addon_config *jaeger;
	struct maistra_grafana_addon_config *grafana;
	struct maistra_kiali_addon_config *kiali;
	struct maistra_three_scale_addon_config *three_scale;
};

extern const struct msg_desc maistra_component_ingress_config_desc;
extern const struct msg_desc maistra_component_service_config_desc;
extern const struct msg_desc maistra_prometheus_install_config_desc;
extern const struct msg_desc maistra_prometheus_addon_config_desc;
extern const struct msg_desc maistra_stackdriver_tracer_config_desc;
extern const struct msg_desc maistra_stackdriver_auth_config_desc;
extern const struct msg_desc maistra_stackdriver_access_log_telemetry_config_desc;
extern const struct msg_desc maistra_stackdriver_telemetry_config_desc;
extern const struct msg_desc maistra_stackdriver_addon_config_desc;
extern const struct msg_desc maistra_jaeger_memory_storage_config_desc;
extern const struct msg_desc maistra_jaeger_elasticsearch_storage_config_desc;
extern const struct msg_desc maistra_jaeger_storage_config_desc;
extern const struct msg_desc maistra_jaeger_ingress_config_desc;
extern const struct msg_desc maistra_jaeger_install_config_desc;
extern const struct msg_desc maistra_jaeger_addon_config_desc;
extern const struct msg_desc maistra_grafana_config_desc;
extern const struct msg_desc maistra_component_persistence_config_desc;
extern const struct msg_desc maistra_grafana_security_config_desc;
extern const struct msg_desc maistra_grafana_install_config_desc;
extern const struct msg_desc maistra_grafana_addon_config_desc;
extern const struct msg_desc maistra_kiali_dashboard_config_desc;
extern const struct msg_desc maistra_kiali_deployment_config_desc;
extern const struct msg_desc maistra_kiali_install_config_desc;
extern const struct msg_desc maistra_kiali_addon_config_desc;
extern const struct msg_desc maistra_three_scale_metrics_config_desc;
extern const struct msg_desc maistra_three_scale_system_config_desc;
extern const struct msg_desc maistra_three_scale_client_config_desc;
extern const struct msg_desc maistra_three_scale_grpc_config_desc;
extern const struct msg_desc maistra_three_scale_backend_config_desc;
extern const struct msg_desc maistra_three_scale_addon_config_desc;
extern const struct msg_desc maistra_addons_config_desc;

#endif
