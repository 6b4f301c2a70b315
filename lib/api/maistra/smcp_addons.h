/* Add-ons of a ServiceMeshControlPlane: maistra.io/v2. */
#ifndef API_MAISTRA_SMCP_ADDONS_H
#define API_MAISTRA_SMCP_ADDONS_H

#include "api/maistra/smcp_runtime.h"

/* Settings: component ingress. */
struct maistra_component_ingress_config {
	bool *enabled;
	struct maistra_metadata_config *metadata;
	LIST(const char *) hosts;
	const char *context_path;
	cJSON *tls;
};

/* Settings: component service. */
struct maistra_component_service_config {
	struct maistra_metadata_config *metadata;
	int32_t *node_port;
	struct maistra_component_ingress_config *ingress;
};

/* Settings: prometheus install. */
struct maistra_prometheus_install_config {
	bool self_managed;
	const char *retention;
	const char *scrape_interval;
	struct maistra_component_service_config *service;
	bool *use_tls;
};

/* Settings: prometheus addon. */
struct maistra_prometheus_addon_config {
	bool *enabled;
	const char *metrics_expiry_duration;
	bool *scrape;
	struct maistra_prometheus_install_config *install;
	const char *address;
};

/* Settings: stackdriver tracer. */
struct maistra_stackdriver_tracer_config {
	bool *debug;
	int64_t *max_number_of_attributes;
	int64_t *max_number_of_annotations;
	int64_t *max_number_of_message_events;
};

/* Settings: stackdriver auth. */
struct maistra_stackdriver_auth_config {
	bool *app_credentials;
	const char *api_key;
	const char *service_account_path;
};

/* Settings: stackdriver access log telemetry. */
struct maistra_stackdriver_access_log_telemetry_config {
	bool *enabled;
	const char *log_window_duration;
};

/* Settings: stackdriver telemetry. */
struct maistra_stackdriver_telemetry_config {
	bool *enabled;
	struct maistra_stackdriver_auth_config *auth;
	bool *enable_context_graph;
	bool *enable_logging;
	bool *enable_metrics;
	struct maistra_stackdriver_access_log_telemetry_config *access_logging;
	cJSON *config_override;
};

/* Settings: stackdriver addon. */
struct maistra_stackdriver_addon_config {
	struct maistra_stackdriver_tracer_config *tracer;
	struct maistra_stackdriver_telemetry_config *telemetry;
};

/* Settings: jaeger memory storage. */
struct maistra_jaeger_memory_storage_config {
	int64_t *max_traces;
};

/* Settings: jaeger elasticsearch storage. */
struct maistra_jaeger_elasticsearch_storage_config {
	int32_t *node_count;
	cJSON *storage;
	const char *redundancy_policy;
	cJSON *index_cleaner;
};

/* Settings: jaeger storage. */
struct maistra_jaeger_storage_config {
	const char *type;
	struct maistra_jaeger_memory_storage_config *memory;
	struct maistra_jaeger_elasticsearch_storage_config *elasticsearch;
};

/* Settings: jaeger ingress. */
struct maistra_jaeger_ingress_config {
	bool *enabled;
	struct maistra_metadata_config *metadata;
};

/* Settings: jaeger install. */
struct maistra_jaeger_install_config {
	struct maistra_jaeger_storage_config *storage;
	struct maistra_jaeger_ingress_config *ingress;
};

/* Settings: jaeger addon. */
struct maistra_jaeger_addon_config {
	const char *name;
	struct maistra_jaeger_install_config *install;
};

/* Settings: grafana. */
struct maistra_grafana_config {
	struct str_map env;
	struct str_map env_secrets;
};

/* Settings: component persistence. */
struct maistra_component_persistence_config {
	bool *enabled;
	const char *storage_class_name;
	const char *access_mode;
	struct core_resource_requirements *capacity;
};

/* Settings: grafana security. */
struct maistra_grafana_security_config {
	bool *enabled;
	const char *secret_name;
	const char *username_key;
	const char *passphrase_key;
};

/* Settings: grafana install. */
struct maistra_grafana_install_config {
	bool self_managed;
	struct maistra_grafana_config *config;
	struct maistra_component_service_config *service;
	struct maistra_component_persistence_config *persistence;
	struct maistra_grafana_security_config *security;
};

/* Settings: grafana addon. */
struct maistra_grafana_addon_config {
	bool *enabled;
	struct maistra_grafana_install_config *install;
	const char *address;
};

/* Settings: kiali dashboard. */
struct maistra_kiali_dashboard_config {
	bool *view_only;
	bool *enable_grafana;
	bool *enable_prometheus;
	bool *enable_tracing;
};

/* Settings: kiali deployment. */
struct maistra_kiali_deployment_config {
	struct core_resource_requirements *resources;
	struct core_affinity *affinity;
	struct str_map node_selector;
	LIST(struct core_toleration) tolerations;
};

/* Settings: kiali install. */
struct maistra_kiali_install_config {
	struct maistra_kiali_dashboard_config *dashboard;
	struct maistra_component_service_config *service;
	struct maistra_kiali_deployment_config *deployment;
};

/* Settings: kiali addon. */
struct maistra_kiali_addon_config {
	bool *enabled;
	const char *name;
	struct maistra_kiali_install_config *install;
};

/* Settings: three scale metrics. */
struct maistra_three_scale_metrics_config {
	int32_t *port;
	bool *report;
};

/* Settings: three scale system. */
struct maistra_three_scale_system_config {
	int64_t *cache_max_size;
	int32_t *cache_refresh_retries;
	int32_t *cache_refresh_interval;
	int32_t *cache_ttl;
};

/* Settings: three scale client. */
struct maistra_three_scale_client_config {
	bool *allow_insecure_connections;
	int32_t *timeout;
};

/* Settings: three scale gRPC. */
struct maistra_three_scale_grpc_config {
	int32_t *max_conn_timeout;
};

/* Settings: three scale backend. */
struct maistra_three_scale_backend_config {
	bool *enable_cache;
	int32_t *cache_flush_interval;
	bool *policy_fail_closed;
};

/* Settings: three scale addon. */
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

/* Settings: addons. */
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
