/* Rows of add-ons of a ServiceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/smcp_addons.h"

#include "api/api_internal.h"

WORDS(words_memory_elasticsearch, {"Memory", 0}, {"Elasticsearch", 0});
WORDS(words_read_write_once_read_only_many_read_wr, {"ReadWriteOnce", 0}, {"ReadOnlyMany", 0}, {"ReadWriteMany", 0},
      {"ReadWriteOncePod", 0});

#define T struct maistra_component_ingress_config
static const struct msg_field maistra_component_ingress_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(metadata, "metadata", MESSAGE, .desc = &maistra_metadata_config_desc, .doc = "Metadata."),
	F(hosts, "hosts", STRING, .flags = MSG_LIST, .doc = "Hosts."),
	F(context_path, "contextPath", STRING, .doc = "Context path."),
	F(tls, "tls", JSON, .flags = MSG_OBJECT, .doc = "Tls."),
};
DESC(maistra_component_ingress_config, "ComponentIngressConfig", "Component ingress config.");
#undef T

#define T struct maistra_component_service_config
static const struct msg_field maistra_component_service_config_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &maistra_metadata_config_desc, .doc = "Metadata."),
	F(node_port, "nodePort", INT32, .flags = MSG_OPTIONAL, .doc = "Node port."),
	F(ingress, "ingress", MESSAGE, .desc = &maistra_component_ingress_config_desc, .doc = "Ingress."),
};
DESC(maistra_component_service_config, "ComponentServiceConfig", "Component service config.");
#undef T

#define T struct maistra_prometheus_install_config
static const struct msg_field maistra_prometheus_install_config_rows[] = {
	F(self_managed, "selfManaged", BOOL, .doc = "Whether self managed applies."),
	F(retention, "retention", STRING, .doc = "Retention."),
	F(scrape_interval, "scrapeInterval", STRING, .doc = "Scrape interval."),
	F(service, "service", MESSAGE, .desc = &maistra_component_service_config_desc, .doc = "Service."),
	F(use_tls, "useTLS", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether use tls applies."),
};
DESC(maistra_prometheus_install_config, "PrometheusInstallConfig", "Prometheus install config.");
#undef T

#define T struct maistra_prometheus_addon_config
static const struct msg_field maistra_prometheus_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(metrics_expiry_duration, "metricsExpiryDuration", STRING, .doc = "Metrics expiry duration."),
	F(scrape, "scrape", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether scrape applies."),
	F(install, "install", MESSAGE, .desc = &maistra_prometheus_install_config_desc, .doc = "Install."),
	F(address, "address", STRING, .doc = "Address."),
};
DESC(maistra_prometheus_addon_config, "PrometheusAddonConfig", "Prometheus addon config.");
#undef T

#define T struct maistra_stackdriver_tracer_config
static const struct msg_field maistra_stackdriver_tracer_config_rows[] = {
	F(debug, "debug", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether debug applies."),
	F(max_number_of_attributes, "maxNumberOfAttributes", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of attributes."),
	F(max_number_of_annotations, "maxNumberOfAnnotations", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of annotations."),
	F(max_number_of_message_events, "maxNumberOfMessageEvents", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Max number of message events."),
};
DESC(maistra_stackdriver_tracer_config, "StackdriverTracerConfig", "Stackdriver tracer config.");
#undef T

#define T struct maistra_stackdriver_auth_config
static const struct msg_field maistra_stackdriver_auth_config_rows[] = {
	F(app_credentials, "appCredentials", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether app credentials applies."),
	F(api_key, "apiKey", STRING, .doc = "Api key."),
	F(service_account_path, "serviceAccountPath", STRING, .doc = "Service account path."),
};
DESC(maistra_stackdriver_auth_config, "StackdriverAuthConfig", "Stackdriver auth config.");
#undef T

#define T struct maistra_stackdriver_access_log_telemetry_config
static const struct msg_field maistra_stackdriver_access_log_telemetry_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(log_window_duration, "logWindowDuration", STRING, .doc = "Log window duration."),
};
DESC(maistra_stackdriver_access_log_telemetry_config, "StackdriverAccessLogTelemetryConfig",
     "Stackdriver access log telemetry config.");
#undef T

#define T struct maistra_stackdriver_telemetry_config
static const struct msg_field maistra_stackdriver_telemetry_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(auth, "auth", MESSAGE, .desc = &maistra_stackdriver_auth_config_desc, .doc = "Auth."),
	F(enable_context_graph, "enableContextGraph", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether enable context graph applies."),
	F(enable_logging, "enableLogging", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable logging applies."),
	F(enable_metrics, "enableMetrics", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable metrics applies."),
	F(access_logging, "accessLogging", MESSAGE, .desc = &maistra_stackdriver_access_log_telemetry_config_desc,
	  .doc = "Access logging."),
	F(config_override, "configOverride", JSON, .flags = MSG_OBJECT, .doc = "Config override."),
};
DESC(maistra_stackdriver_telemetry_config, "StackdriverTelemetryConfig", "Stackdriver telemetry config.");
#undef T

#define T struct maistra_stackdriver_addon_config
static const struct msg_field maistra_stackdriver_addon_config_rows[] = {
	F(tracer, "tracer", MESSAGE, .desc = &maistra_stackdriver_tracer_config_desc, .doc = "Tracer."),
	F(telemetry, "telemetry", MESSAGE, .desc = &maistra_stackdriver_telemetry_config_desc, .doc = "Telemetry."),
};
DESC(maistra_stackdriver_addon_config, "StackdriverAddonConfig", "Stackdriver addon config.");
#undef T

#define T struct maistra_jaeger_memory_storage_config
static const struct msg_field maistra_jaeger_memory_storage_config_rows[] = {
	F(max_traces, "maxTraces", INT64, .flags = MSG_OPTIONAL, .doc = "Max traces."),
};
DESC(maistra_jaeger_memory_storage_config, "JaegerMemoryStorageConfig", "Jaeger memory storage config.");
#undef T

#define T struct maistra_jaeger_elasticsearch_storage_config
static const struct msg_field maistra_jaeger_elasticsearch_storage_config_rows[] = {
	F(node_count, "nodeCount", INT32, .flags = MSG_OPTIONAL, .doc = "Node count."),
	F(storage, "storage", JSON, .flags = MSG_OBJECT, .doc = "Storage."),
	F(redundancy_policy, "redundancyPolicy", STRING, .doc = "Redundancy policy."),
	F(index_cleaner, "indexCleaner", JSON, .flags = MSG_OBJECT, .doc = "Index cleaner."),
};
DESC(maistra_jaeger_elasticsearch_storage_config, "JaegerElasticsearchStorageConfig",
     "Jaeger elasticsearch storage config.");
#undef T

#define T struct maistra_jaeger_storage_config
static const struct msg_field maistra_jaeger_storage_config_rows[] = {
	F(type, "type", STRING, .enums = &words_memory_elasticsearch, .doc = "Type."),
	F(memory, "memory", MESSAGE, .desc = &maistra_jaeger_memory_storage_config_desc, .doc = "Memory."),
	F(elasticsearch, "elasticsearch", MESSAGE, .desc = &maistra_jaeger_elasticsearch_storage_config_desc,
	  .doc = "Elasticsearch."),
};
DESC(maistra_jaeger_storage_config, "JaegerStorageConfig", "Jaeger storage config.");
#undef T

#define T struct maistra_jaeger_ingress_config
static const struct msg_field maistra_jaeger_ingress_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(metadata, "metadata", MESSAGE, .desc = &maistra_metadata_config_desc, .doc = "Metadata."),
};
DESC(maistra_jaeger_ingress_config, "JaegerIngressConfig", "Jaeger ingress config.");
#undef T

#define T struct maistra_jaeger_install_config
static const struct msg_field maistra_jaeger_install_config_rows[] = {
	F(storage, "storage", MESSAGE, .desc = &maistra_jaeger_storage_config_desc, .doc = "Storage."),
	F(ingress, "ingress", MESSAGE, .desc = &maistra_jaeger_ingress_config_desc, .doc = "Ingress."),
};
DESC(maistra_jaeger_install_config, "JaegerInstallConfig", "Jaeger install config.");
#undef T

#define T struct maistra_jaeger_addon_config
static const struct msg_field maistra_jaeger_addon_config_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(install, "install", MESSAGE, .desc = &maistra_jaeger_install_config_desc, .doc = "Install."),
};
DESC(maistra_jaeger_addon_config, "JaegerAddonConfig", "Jaeger addon config.");
#undef T

#define T struct maistra_grafana_config
static const struct msg_field maistra_grafana_config_rows[] = {
	F(env, "env", STR_MAP, .doc = "Env."),
	F(env_secrets, "envSecrets", STR_MAP, .doc = "Env secrets."),
};
DESC(maistra_grafana_config, "GrafanaConfig", "Grafana config.");
#undef T

#define T struct maistra_component_persistence_config
static const struct msg_field maistra_component_persistence_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(storage_class_name, "storageClassName", STRING, .doc = "Storage class name."),
	F(access_mode, "accessMode", STRING, .enums = &words_read_write_once_read_only_many_read_wr,
	  .doc = "Access mode."),
	F(capacity, "capacity", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Capacity."),
};
DESC(maistra_component_persistence_config, "ComponentPersistenceConfig", "Component persistence config.");
#undef T

#define T struct maistra_grafana_security_config
static const struct msg_field maistra_grafana_security_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(secret_name, "secretName", STRING, .doc = "Secret name."),
	F(username_key, "usernameKey", STRING, .doc = "Username key."),
	F(passphrase_key, "passphraseKey", STRING, .doc = "Passphrase key."),
};
DESC(maistra_grafana_security_config, "GrafanaSecurityConfig", "Grafana security config.");
#undef T

#define T struct maistra_grafana_install_config
static const struct msg_field maistra_grafana_install_config_rows[] = {
	F(self_managed, "selfManaged", BOOL, .doc = "Whether self managed applies."),
	F(config, "config", MESSAGE, .desc = &maistra_grafana_config_desc, .doc = "Config."),
	F(service, "service", MESSAGE, .desc = &maistra_component_service_config_desc, .doc = "Service."),
	F(persistence, "persistence", MESSAGE, .desc = &maistra_component_persistence_config_desc,
	  .doc = "Persistence."),
	F(security, "security", MESSAGE, .desc = &maistra_grafana_security_config_desc, .doc = "Security."),
};
DESC(maistra_grafana_install_config, "GrafanaInstallConfig", "Grafana install config.");
#undef T

#define T struct maistra_grafana_addon_config
static const struct msg_field maistra_grafana_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(install, "install", MESSAGE, .desc = &maistra_grafana_install_config_desc, .doc = "Install."),
	F(address, "address", STRING, .doc = "Address."),
};
DESC(maistra_grafana_addon_config, "GrafanaAddonConfig", "Grafana addon config.");
#undef T

#define T struct maistra_kiali_dashboard_config
static const struct msg_field maistra_kiali_dashboard_config_rows[] = {
	F(view_only, "viewOnly", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether view only applies."),
	F(enable_grafana, "enableGrafana", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable grafana applies."),
	F(enable_prometheus, "enablePrometheus", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether enable prometheus applies."),
	F(enable_tracing, "enableTracing", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable tracing applies."),
};
DESC(maistra_kiali_dashboard_config, "KialiDashboardConfig", "Kiali dashboard config.");
#undef T

#define T struct maistra_kiali_deployment_config
static const struct msg_field maistra_kiali_deployment_config_rows[] = {
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Resources."),
	F(affinity, "affinity", MESSAGE, .desc = &core_affinity_desc, .doc = "Affinity."),
	F(node_selector, "nodeSelector", STR_MAP, .doc = "Node selector."),
	F(tolerations, "tolerations", MESSAGE, .desc = &core_toleration_desc, .flags = MSG_LIST, .doc = "Tolerations."),
};
DESC(maistra_kiali_deployment_config, "KialiDeploymentConfig", "Kiali deployment config.");
#undef T

#define T struct maistra_kiali_install_config
static const struct msg_field maistra_kiali_install_config_rows[] = {
	F(dashboard, "dashboard", MESSAGE, .desc = &maistra_kiali_dashboard_config_desc, .doc = "Dashboard."),
	F(service, "service", MESSAGE, .desc = &maistra_component_service_config_desc, .doc = "Service."),
	F(deployment, "deployment", MESSAGE, .desc = &maistra_kiali_deployment_config_desc, .doc = "Deployment."),
};
DESC(maistra_kiali_install_config, "KialiInstallConfig", "Kiali install config.");
#undef T

#define T struct maistra_kiali_addon_config
static const struct msg_field maistra_kiali_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(name, "name", STRING, .doc = "Name."),
	F(install, "install", MESSAGE, .desc = &maistra_kiali_install_config_desc, .doc = "Install."),
};
DESC(maistra_kiali_addon_config, "KialiAddonConfig", "Kiali addon config.");
#undef T

#define T struct maistra_three_scale_metrics_config
static const struct msg_field maistra_three_scale_metrics_config_rows[] = {
	F(port, "port", INT32, .flags = MSG_OPTIONAL, .doc = "Port."),
	F(report, "report", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether report applies."),
};
DESC(maistra_three_scale_metrics_config, "ThreeScaleMetricsConfig", "Three scale metrics config.");
#undef T

#define T struct maistra_three_scale_system_config
static const struct msg_field maistra_three_scale_system_config_rows[] = {
	F(cache_max_size, "cache_max_size", INT64, .flags = MSG_OPTIONAL, .doc = "Cache max size."),
	F(cache_refresh_retries, "cache_refresh_retries", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Cache refresh retries."),
	F(cache_refresh_interval, "cache_refresh_interval", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Cache refresh interval."),
	F(cache_ttl, "cache_ttl", INT32, .flags = MSG_OPTIONAL, .doc = "Cache ttl."),
};
DESC(maistra_three_scale_system_config, "ThreeScaleSystemConfig", "Three scale system config.");
#undef T

#define T struct maistra_three_scale_client_config
static const struct msg_field maistra_three_scale_client_config_rows[] = {
	F(allow_insecure_connections, "allow_insecure_connections", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether allow insecure connections applies."),
	F(timeout, "timeout", INT32, .flags = MSG_OPTIONAL, .doc = "Timeout."),
};
DESC(maistra_three_scale_client_config, "ThreeScaleClientConfig", "Three scale client config.");
#undef T

#define T struct maistra_three_scale_grpc_config
static const struct msg_field maistra_three_scale_grpc_config_rows[] = {
	F(max_conn_timeout, "max_conn_timeout", INT32, .flags = MSG_OPTIONAL, .doc = "Max conn timeout."),
};
DESC(maistra_three_scale_grpc_config, "ThreeScaleGRPCConfig", "Three scale grpc config.");
#undef T

#define T struct maistra_three_scale_backend_config
static const struct msg_field maistra_three_scale_backend_config_rows[] = {
	F(enable_cache, "enable_cache", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable cache applies."),
	F(cache_flush_interval, "cache_flush_interval", INT32, .flags = MSG_OPTIONAL, .doc = "Cache flush interval."),
	F(policy_fail_closed, "policy_fail_closed", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether policy fail closed applies."),
};
DESC(maistra_three_scale_backend_config, "ThreeScaleBackendConfig", "Three scale backend config.");
#undef T

#define T struct maistra_three_scale_addon_config
static const struct msg_field maistra_three_scale_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(listen_addr, "listen_addr", INT32, .flags = MSG_OPTIONAL, .doc = "Listen addr."),
	F(log_grpc, "log_grpc", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether log grpc applies."),
	F(log_json, "log_json", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether log json applies."),
	F(log_level, "log_level", STRING, .doc = "Log level."),
	F(metrics, "metrics", MESSAGE, .desc = &maistra_three_scale_metrics_config_desc, .doc = "Metrics."),
	F(system, "system", MESSAGE, .desc = &maistra_three_scale_system_config_desc, .doc = "System."),
	F(client, "client", MESSAGE, .desc = &maistra_three_scale_client_config_desc, .doc = "Client."),
	F(grpc, "grpc", MESSAGE, .desc = &maistra_three_scale_grpc_config_desc, .doc = "Grpc."),
	F(backend, "backend", MESSAGE, .desc = &maistra_three_scale_backend_config_desc, .doc = "Backend."),
};
DESC(maistra_three_scale_addon_config, "ThreeScaleAddonConfig", "Three scale addon config.");
#undef T

#define T struct maistra_addons_config
static const struct msg_field maistra_addons_config_rows[] = {
	F(prometheus, "prometheus", MESSAGE, .desc = &maistra_prometheus_addon_config_desc, .doc = "Prometheus."),
	F(stackdriver, "stackdriver", MESSAGE, .desc = &maistra_stackdriver_addon_config_desc, .doc = "Stackdriver."),
	F(jaeger, "jaeger", MESSAGE, .desc = &maistra_jaeger_addon_config_desc, .doc = "Jaeger."),
	F(grafana, "grafana", MESSAGE, .desc = &maistra_grafana_addon_config_desc, .doc = "Grafana."),
	F(kiali, "kiali", MESSAGE, .desc = &maistra_kiali_addon_config_desc, .doc = "Kiali."),
	F(three_scale, "3scale", MESSAGE, .desc = &maistra_three_scale_addon_config_desc, .doc = "Three scale."),
};
DESC(maistra_addons_config, "AddonsConfig", "Addons config.");
#undef T
