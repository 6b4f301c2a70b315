/* Rows of add-ons of a ServiceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/maistra/smcp_addons.h"

#include "api/api_internal.h"

WORDS(words_memory_elasticsearch, {"Memory", 0}, {"Elasticsearch", 0});
WORDS(words_read_write_once_read_only_many_read_wr, {"ReadWriteOnce", 0}, {"ReadOnlyMany", 0}, {"ReadWriteMany", 0},
      {"ReadWriteOncePod", 0});

#define T struct maistra_component_ingress_config
static const struct msg_field maistra_component_ingress_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Makes a Route to the component."),
	F(metadata, "metadata", MESSAGE, DONE, .desc = &maistra_metadata_config_desc,
	  .doc = "Labels and annotations of the Routes."),
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Host names, with a Route each; one that the cluster chooses by default."),
	F(context_path, "contextPath", STRING, DONE, .doc = "Path below which the component answers."),
	F(tls, "tls", JSON, DONE, .flags = MSG_OBJECT, .doc = "TLS of the Routes, as a Route has it."),
};
DESC(maistra_component_ingress_config, "ComponentIngressConfig", NULL);
#undef T

#define T struct maistra_component_service_config
static const struct msg_field maistra_component_service_config_rows[] = {
	F(metadata, "metadata", MESSAGE, DONE, .desc = &maistra_metadata_config_desc,
	  .doc = "Labels and annotations of the component's Service."),
	F(node_port, "nodePort", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Port on every node; makes the Service one of type NodePort."),
	F(ingress, "ingress", MESSAGE, DONE, .desc = &maistra_component_ingress_config_desc,
	  .doc = "Access to the component from outside."),
};
DESC(maistra_component_service_config, "ComponentServiceConfig", NULL);
#undef T

#define T struct maistra_prometheus_install_config
static const struct msg_field maistra_prometheus_install_config_rows[] = {
	F(self_managed, "selfManaged", BOOL, TOLD("the operator always makes the Deployment itself"),
	  .doc = "The user looks after the installation."),
	F(retention, "retention", STRING, DONE, .doc = "How long samples are kept; 6h by default."),
	F(scrape_interval, "scrapeInterval", STRING, DONE, .doc = "Time between two scrapes; 15s by default."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_component_service_config_desc,
	  .doc = "Settings of Prometheus' Service."),
	F(use_tls, "useTLS", BOOL, TOLD_UNLESS("Prometheus serves plain HTTP inside the cluster", "false"),
	  .flags = MSG_OPTIONAL, .doc = "TLS of Prometheus' own port; only false is supported."),
};
DESC(maistra_prometheus_install_config, "PrometheusInstallConfig", NULL);
#undef T

#define T struct maistra_prometheus_addon_config
static const struct msg_field maistra_prometheus_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Installs Prometheus."),
	F(metrics_expiry_duration, "metricsExpiryDuration", STRING, TOLD("a setting of Mixer, which there is none of"),
	  .doc = "How long metrics that do not change are kept."),
	F(scrape, "scrape", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether injected pods are scraped, their applications' metrics with the proxies'; true by default."),
	F(install, "install", MESSAGE, DONE, .desc = &maistra_prometheus_install_config_desc,
	  .doc = "Settings of the installation."),
	F(address, "address", STRING, DONE, .doc = "A Prometheus for Kiali instead of the mesh's own."),
};
DESC(maistra_prometheus_addon_config, "PrometheusAddonConfig", NULL);
#undef T

#define T struct maistra_stackdriver_tracer_config
static const struct msg_field maistra_stackdriver_tracer_config_rows[] = {
	F(debug, "debug", BOOL, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OPTIONAL, .doc = "Debug output."),
	F(max_number_of_attributes, "maxNumberOfAttributes", INT64, TOLD("nothing is sent to Stackdriver"),
	  .flags = MSG_OPTIONAL, .doc = "Most attributes per span."),
	F(max_number_of_annotations, "maxNumberOfAnnotations", INT64, TOLD("nothing is sent to Stackdriver"),
	  .flags = MSG_OPTIONAL, .doc = "Most annotations per span."),
	F(max_number_of_message_events, "maxNumberOfMessageEvents", INT64, TOLD("nothing is sent to Stackdriver"),
	  .flags = MSG_OPTIONAL, .doc = "Most message events per span."),
};
DESC(maistra_stackdriver_tracer_config, "StackdriverTracerConfig", NULL);
#undef T

#define T struct maistra_stackdriver_auth_config
static const struct msg_field maistra_stackdriver_auth_config_rows[] = {
	F(app_credentials, "appCredentials", BOOL, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OPTIONAL,
	  .doc = "Uses the application's credentials."),
	F(api_key, "apiKey", STRING, TOLD("nothing is sent to Stackdriver")),
	F(service_account_path, "serviceAccountPath", STRING, TOLD("nothing is sent to Stackdriver"),
	  .doc = "File of the service account."),
};
DESC(maistra_stackdriver_auth_config, "StackdriverAuthConfig", NULL);
#undef T

#define T struct maistra_stackdriver_access_log_telemetry_config
static const struct msg_field maistra_stackdriver_access_log_telemetry_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OPTIONAL),
	F(log_window_duration, "logWindowDuration", STRING, TOLD("nothing is sent to Stackdriver"),
	  .doc = "Window of the access log."),
};
DESC(maistra_stackdriver_access_log_telemetry_config, "StackdriverAccessLogTelemetryConfig", NULL);
#undef T

#define T struct maistra_stackdriver_telemetry_config
static const struct msg_field maistra_stackdriver_telemetry_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OPTIONAL),
	F(auth, "auth", MESSAGE, TOLD("nothing is sent to Stackdriver"), .desc = &maistra_stackdriver_auth_config_desc),
	F(enable_context_graph, "enableContextGraph", BOOL, TOLD("nothing is sent to Stackdriver"),
	  .flags = MSG_OPTIONAL),
	F(enable_logging, "enableLogging", BOOL, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OPTIONAL),
	F(enable_metrics, "enableMetrics", BOOL, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OPTIONAL),
	F(access_logging, "accessLogging", MESSAGE, TOLD("nothing is sent to Stackdriver"),
	  .desc = &maistra_stackdriver_access_log_telemetry_config_desc, .doc = "Access log."),
	F(config_override, "configOverride", JSON, TOLD("nothing is sent to Stackdriver"), .flags = MSG_OBJECT),
};
DESC(maistra_stackdriver_telemetry_config, "StackdriverTelemetryConfig", NULL);
#undef T

#define T struct maistra_stackdriver_addon_config
static const struct msg_field maistra_stackdriver_addon_config_rows[] = {
	F(tracer, "tracer", MESSAGE, TOLD("nothing is sent to Stackdriver"),
	  .desc = &maistra_stackdriver_tracer_config_desc),
	F(telemetry, "telemetry", MESSAGE, TOLD("nothing is sent to Stackdriver"),
	  .desc = &maistra_stackdriver_telemetry_config_desc),
};
DESC(maistra_stackdriver_addon_config, "StackdriverAddonConfig", NULL);
#undef T

#define T struct maistra_jaeger_memory_storage_config
static const struct msg_field maistra_jaeger_memory_storage_config_rows[] = {
	F(max_traces, "maxTraces", INT64, DONE, .flags = MSG_OPTIONAL, .doc = "Traces kept in memory."),
};
DESC(maistra_jaeger_memory_storage_config, "JaegerMemoryStorageConfig", NULL);
#undef T

#define T struct maistra_jaeger_elasticsearch_storage_config
static const struct msg_field maistra_jaeger_elasticsearch_storage_config_rows[] = {
	F(node_count, "nodeCount", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Number of nodes."),
	F(storage, "storage", JSON, DONE, .flags = MSG_OBJECT,
	  .doc = "Storage of each node, as Jaeger's operator has it."),
	F(redundancy_policy, "redundancyPolicy", STRING, DONE, .doc = "Redundancy of the data."),
	F(index_cleaner, "indexCleaner", JSON, DONE, .flags = MSG_OBJECT, .doc = "Cleaner of old indexes."),
};
DESC(maistra_jaeger_elasticsearch_storage_config, "JaegerElasticsearchStorageConfig", NULL);
#undef T

#define T struct maistra_jaeger_storage_config
static const struct msg_field maistra_jaeger_storage_config_rows[] = {
	F(type, "type", STRING, DONE, .enums = &words_memory_elasticsearch,
	  .doc = "Memory, the default, or Elasticsearch, which needs Jaeger's own operator."),
	F(memory, "memory", MESSAGE, DONE, .desc = &maistra_jaeger_memory_storage_config_desc,
	  .doc = "Storage in memory."),
	F(elasticsearch, "elasticsearch", MESSAGE, DONE, .desc = &maistra_jaeger_elasticsearch_storage_config_desc,
	  .doc = "Storage in Elasticsearch."),
};
DESC(maistra_jaeger_storage_config, "JaegerStorageConfig", NULL);
#undef T

#define T struct maistra_jaeger_ingress_config
static const struct msg_field maistra_jaeger_ingress_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Makes a Route to Jaeger."),
	F(metadata, "metadata", MESSAGE, DONE, .desc = &maistra_metadata_config_desc,
	  .doc = "Labels and annotations of the Route."),
};
DESC(maistra_jaeger_ingress_config, "JaegerIngressConfig", NULL);
#undef T

#define T struct maistra_jaeger_install_config
static const struct msg_field maistra_jaeger_install_config_rows[] = {
	F(storage, "storage", MESSAGE, DONE, .desc = &maistra_jaeger_storage_config_desc,
	  .doc = "Where traces are kept."),
	F(ingress, "ingress", MESSAGE, DONE, .desc = &maistra_jaeger_ingress_config_desc,
	  .doc = "Access from outside."),
};
DESC(maistra_jaeger_install_config, "JaegerInstallConfig", NULL);
#undef T

#define T struct maistra_jaeger_addon_config
static const struct msg_field maistra_jaeger_addon_config_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name of the Jaeger whose collector gets the spans; jaeger by default."),
	F(install, "install", MESSAGE, DONE, .desc = &maistra_jaeger_install_config_desc,
	  .doc = "Settings of the installation."),
};
DESC(maistra_jaeger_addon_config, "JaegerAddonConfig", NULL);
#undef T

#define T struct maistra_grafana_config
static const struct msg_field maistra_grafana_config_rows[] = {
	F(env, "env", STR_MAP, DONE, .doc = "Environment variables."),
	F(env_secrets, "envSecrets", STR_MAP, DONE, .doc = "Secrets as variables."),
};
DESC(maistra_grafana_config, "GrafanaConfig", NULL);
#undef T

#define T struct maistra_component_persistence_config
static const struct msg_field maistra_component_persistence_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Keeps data on a volume."),
	F(storage_class_name, "storageClassName", STRING, DONE, .doc = "Storage class; empty for none."),
	F(access_mode, "accessMode", STRING, DONE, .enums = &words_read_write_once_read_only_many_read_wr,
	  .doc = "How the volume may be mounted."),
	F(capacity, "capacity", MESSAGE, DONE, .desc = &core_resource_requirements_desc, .doc = "Size, by resource."),
};
DESC(maistra_component_persistence_config, "ComponentPersistenceConfig", NULL);
#undef T

#define T struct maistra_grafana_security_config
static const struct msg_field maistra_grafana_security_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Takes the administrator from a Secret."),
	F(secret_name, "secretName", STRING, DONE),
	F(username_key, "usernameKey", STRING, DONE, .doc = "Key with the user name."),
	F(passphrase_key, "passphraseKey", STRING, DONE, .doc = "Key with the password."),
};
DESC(maistra_grafana_security_config, "GrafanaSecurityConfig", NULL);
#undef T

#define T struct maistra_grafana_install_config
static const struct msg_field maistra_grafana_install_config_rows[] = {
	F(self_managed, "selfManaged", BOOL, TOLD("the operator always makes the Deployment itself"),
	  .doc = "The user looks after the installation."),
	F(config, "config", MESSAGE, DONE, .desc = &maistra_grafana_config_desc, .doc = "Variables of the container."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_component_service_config_desc,
	  .doc = "Its Service and Routes."),
	F(persistence, "persistence", MESSAGE, DONE, .desc = &maistra_component_persistence_config_desc,
	  .doc = "Persistent storage."),
	F(security, "security", MESSAGE, DONE, .desc = &maistra_grafana_security_config_desc,
	  .doc = "Its administrator."),
};
DESC(maistra_grafana_install_config, "GrafanaInstallConfig", NULL);
#undef T

#define T struct maistra_grafana_addon_config
static const struct msg_field maistra_grafana_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Installs Grafana, where others' images can be had; false by default."),
	F(install, "install", MESSAGE, DONE, .desc = &maistra_grafana_install_config_desc,
	  .doc = "Settings of the installation."),
	F(address, "address", STRING, DONE,
	  .doc = "A Grafana that is there already: Kiali leads to it, and none is installed."),
};
DESC(maistra_grafana_addon_config, "GrafanaAddonConfig", NULL);
#undef T

#define T struct maistra_kiali_dashboard_config
static const struct msg_field maistra_kiali_dashboard_config_rows[] = {
	F(view_only, "viewOnly", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Shows without the right to change."),
	F(enable_grafana, "enableGrafana", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Shows Grafana's dashboards."),
	F(enable_prometheus, "enablePrometheus", BOOL, TOLD_UNLESS("Kiali always asks Prometheus", "true"),
	  .flags = MSG_OPTIONAL, .doc = "Shows Prometheus' metrics; only true is supported."),
	F(enable_tracing, "enableTracing", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Shows traces."),
};
DESC(maistra_kiali_dashboard_config, "KialiDashboardConfig", NULL);
#undef T

#define T struct maistra_kiali_deployment_config
static const struct msg_field maistra_kiali_deployment_config_rows[] = {
	F(resources, "resources", MESSAGE, DONE, .desc = &core_resource_requirements_desc, .doc = "Compute resources."),
	F(affinity, "affinity", MESSAGE, DONE, .desc = &core_affinity_desc,
	  .doc = "Placement relative to nodes and other pods."),
	F(node_selector, "nodeSelector", STR_MAP, DONE, .doc = "Labels that a node must have."),
	F(tolerations, "tolerations", MESSAGE, DONE, .desc = &core_toleration_desc, .flags = MSG_LIST,
	  .doc = "Taints of nodes that are tolerated."),
};
DESC(maistra_kiali_deployment_config, "KialiDeploymentConfig", NULL);
#undef T

#define T struct maistra_kiali_install_config
static const struct msg_field maistra_kiali_install_config_rows[] = {
	F(dashboard, "dashboard", MESSAGE, DONE, .desc = &maistra_kiali_dashboard_config_desc, .doc = "What it shows."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_component_service_config_desc,
	  .doc = "Its Service and Route."),
	F(deployment, "deployment", MESSAGE, DONE, .desc = &maistra_kiali_deployment_config_desc,
	  .doc = "Placement and resources."),
};
DESC(maistra_kiali_install_config, "KialiInstallConfig", NULL);
#undef T

#define T struct maistra_kiali_addon_config
static const struct msg_field maistra_kiali_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Installs Kiali, by its own operator where there is one; false by default."),
	F(name, "name", STRING, DONE, .doc = "Name of the Kiali object; kiali by default."),
	F(install, "install", MESSAGE, DONE, .desc = &maistra_kiali_install_config_desc,
	  .doc = "Settings of the installation."),
};
DESC(maistra_kiali_addon_config, "KialiAddonConfig", NULL);
#undef T

#define T struct maistra_three_scale_metrics_config
static const struct msg_field maistra_three_scale_metrics_config_rows[] = {
	F(port, "port", INT32, TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL),
	F(report, "report", BOOL, TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL,
	  .doc = "Reports metrics."),
};
DESC(maistra_three_scale_metrics_config, "ThreeScaleMetricsConfig", NULL);
#undef T

#define T struct maistra_three_scale_system_config
static const struct msg_field maistra_three_scale_system_config_rows[] = {
	F(cache_max_size, "cache_max_size", INT64, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL),
	F(cache_refresh_retries, "cache_refresh_retries", INT32,
	  TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL,
	  .doc = "Retries of refreshing the cache."),
	F(cache_refresh_interval, "cache_refresh_interval", INT32,
	  TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL,
	  .doc = "Time between two refreshes of the cache."),
	F(cache_ttl, "cache_ttl", INT32, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL),
};
DESC(maistra_three_scale_system_config, "ThreeScaleSystemConfig", NULL);
#undef T

#define T struct maistra_three_scale_client_config
static const struct msg_field maistra_three_scale_client_config_rows[] = {
	F(allow_insecure_connections, "allow_insecure_connections", BOOL,
	  TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL,
	  .doc = "Accepts any certificate."),
	F(timeout, "timeout", INT32, TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL,
	  .doc = "How long to wait before giving up."),
};
DESC(maistra_three_scale_client_config, "ThreeScaleClientConfig", NULL);
#undef T

#define T struct maistra_three_scale_grpc_config
static const struct msg_field maistra_three_scale_grpc_config_rows[] = {
	F(max_conn_timeout, "max_conn_timeout", INT32, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL, .doc = "Age of connections."),
};
DESC(maistra_three_scale_grpc_config, "ThreeScaleGRPCConfig", NULL);
#undef T

#define T struct maistra_three_scale_backend_config
static const struct msg_field maistra_three_scale_backend_config_rows[] = {
	F(enable_cache, "enable_cache", BOOL, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL, .doc = "Uses a cache."),
	F(cache_flush_interval, "cache_flush_interval", INT32, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL, .doc = "Time between two flushes."),
	F(policy_fail_closed, "policy_fail_closed", BOOL, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL, .doc = "Denies when the backend cannot be asked."),
};
DESC(maistra_three_scale_backend_config, "ThreeScaleBackendConfig", NULL);
#undef T

#define T struct maistra_three_scale_addon_config
static const struct msg_field maistra_three_scale_addon_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL),
	F(listen_addr, "listen_addr", INT32, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .flags = MSG_OPTIONAL, .doc = "Address to listen on."),
	F(log_grpc, "log_grpc", BOOL, TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL),
	F(log_json, "log_json", BOOL, TOLD("refused, as by OpenShift Service Mesh since v2.1"), .flags = MSG_OPTIONAL),
	F(log_level, "log_level", STRING, TOLD("refused, as by OpenShift Service Mesh since v2.1")),
	F(metrics, "metrics", MESSAGE, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .desc = &maistra_three_scale_metrics_config_desc),
	F(system, "system", MESSAGE, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .desc = &maistra_three_scale_system_config_desc, .doc = "Identifier of the storage system."),
	F(client, "client", MESSAGE, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .desc = &maistra_three_scale_client_config_desc),
	F(grpc, "grpc", MESSAGE, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .desc = &maistra_three_scale_grpc_config_desc, .doc = "Asks the gRPC health service."),
	F(backend, "backend", MESSAGE, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .desc = &maistra_three_scale_backend_config_desc, .doc = "Where requests are sent."),
};
DESC(maistra_three_scale_addon_config, "ThreeScaleAddonConfig", NULL);
#undef T

#define T struct maistra_addons_config
static const struct msg_field maistra_addons_config_rows[] = {
	F(prometheus, "prometheus", MESSAGE, DONE, .desc = &maistra_prometheus_addon_config_desc,
	  .doc = "Prometheus, which scrapes the mesh."),
	F(stackdriver, "stackdriver", MESSAGE, TOLD("nothing is sent to Stackdriver"),
	  .desc = &maistra_stackdriver_addon_config_desc, .doc = "Stackdriver; cannot be used."),
	F(jaeger, "jaeger", MESSAGE, DONE, .desc = &maistra_jaeger_addon_config_desc, .doc = "Jaeger, for traces."),
	F(grafana, "grafana", MESSAGE, DONE, .desc = &maistra_grafana_addon_config_desc,
	  .doc = "Grafana, with dashboards of the mesh."),
	F(kiali, "kiali", MESSAGE, DONE, .desc = &maistra_kiali_addon_config_desc,
	  .doc = "Kiali, which shows the mesh."),
	F(three_scale, "3scale", MESSAGE, TOLD("refused, as by OpenShift Service Mesh since v2.1"),
	  .desc = &maistra_three_scale_addon_config_desc, .doc = "3scale adapter; cannot be used."),
};
DESC(maistra_addons_config, "AddonsConfig", NULL);
#undef T
