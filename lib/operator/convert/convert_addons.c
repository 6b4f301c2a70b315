/* Add-ons. */
#include "base/cleanup.h"
#include "operator/convert/convert_internal.h"

#define JAEGER "addons.jaeger.install."
#define STACK "addons.stackdriver."
#define KIALI "addons.kiali.install."
#define GRAFANA "addons.grafana.install."

static const struct convert_choice choices[] = {
	{JAEGER "storage.type", "Memory", "tracing.jaeger.template", "all-in-one", true},
	{JAEGER "storage.type", "Elasticsearch", "tracing.jaeger.template", "production-elasticsearch", true},
};

static const struct convert_row rows[] = {
	{"addons.prometheus.enabled", "prometheus.enabled", FORM_FLAG},
	{"addons.prometheus.scrape", "meshConfig.enablePrometheusMerge", FORM_FLAG},
	{"addons.prometheus.metricsExpiryDuration", "mixer.adapters.prometheus.metricsExpiryDuration", FORM_TEXT},
	{"addons.prometheus.address", "kiali.prometheusAddr", FORM_TEXT},
	{"addons.prometheus.install.retention", "prometheus.retention", FORM_TEXT},
	{"addons.prometheus.install.scrapeInterval", "prometheus.scrapeInterval", FORM_TEXT},
	{"addons.prometheus.install.useTLS", "prometheus.security.enabled", FORM_FLAG,
	 .also = "prometheus.provisionPrometheusCert"},
	{"addons.jaeger.name", "tracing.jaeger.resourceName", FORM_TEXT},
	{JAEGER "storage.memory.maxTraces", "tracing.jaeger.memory.max_traces", FORM_INT},
	{JAEGER "storage.elasticsearch.nodeCount", "tracing.jaeger.elasticsearch.nodeCount", FORM_INT},
	{JAEGER "storage.elasticsearch.storage", "tracing.jaeger.elasticsearch.storage", FORM_TREE},
	{JAEGER "storage.elasticsearch.redundancyPolicy", "tracing.jaeger.elasticsearch.redundancyPolicy", FORM_TEXT},
	{JAEGER "storage.elasticsearch.indexCleaner", "tracing.jaeger.esIndexCleaner", FORM_TREE},
	{JAEGER "ingress.enabled", "tracing.ingress.enabled", FORM_FLAG},
	{JAEGER "ingress.metadata.annotations", "tracing.ingress.annotations", FORM_TREE},
	{JAEGER "ingress.metadata.labels", "tracing.ingress.labels", FORM_TREE},
	{"addons.grafana.enabled", "grafana.enabled", FORM_FLAG},
	{"addons.grafana.address", "kiali.dashboard.grafanaURL", FORM_TEXT},
	{GRAFANA "config.env", "grafana.env", FORM_TREE},
	{GRAFANA "config.envSecrets", "grafana.envSecrets", FORM_TREE},
	{GRAFANA "persistence.enabled", "grafana.persist", FORM_FLAG},
	{GRAFANA "persistence.storageClassName", "grafana.storageClassName", FORM_TEXT},
	{GRAFANA "persistence.accessMode", "grafana.accessMode", FORM_TEXT},
	{GRAFANA "persistence.capacity", "grafana.persistenceResources", FORM_TREE},
	{GRAFANA "security.enabled", "grafana.security.enabled", FORM_FLAG},
	{GRAFANA "security.secretName", "grafana.security.secretName", FORM_TEXT},
	{GRAFANA "security.usernameKey", "grafana.security.usernameKey", FORM_TEXT},
	{GRAFANA "security.passphraseKey", "grafana.security.passphraseKey", FORM_TEXT},
	{"addons.kiali.enabled", "kiali.enabled", FORM_FLAG},
	{"addons.kiali.name", "kiali.resourceName", FORM_TEXT},
	{KIALI "dashboard.viewOnly", "kiali.dashboard.viewOnlyMode", FORM_FLAG},
	{KIALI "dashboard.enableGrafana", "kiali.dashboard.enableGrafana", FORM_FLAG},
	{KIALI "dashboard.enablePrometheus", "kiali.dashboard.enablePrometheus", FORM_FLAG},
	{KIALI "dashboard.enableTracing", "kiali.dashboard.enableTracing", FORM_FLAG},
	{KIALI "deployment.resources", "kiali.deployment_resources", FORM_TREE},
	{KIALI "deployment.affinity.nodeAffinity", "kiali.deployment_affinity.node", FORM_TREE},
	{KIALI "deployment.affinity.podAffinity", "kiali.deployment_affinity.pod", FORM_TREE},
	{KIALI "deployment.affinity.podAntiAffinity", "kiali.deployment_affinity.pod_anti", FORM_TREE},
	{KIALI "deployment.nodeSelector", "kiali.deployment_nodeSelector", FORM_TREE},
	{KIALI "deployment.tolerations", "kiali.deployment_tolerations", FORM_TREE},
	{STACK "telemetry.enabled", "mixer.adapters.stackdriver.enabled", FORM_FLAG,
	 .also = "telemetry.v2.stackdriver.enabled"},
	{STACK "telemetry.enableContextGraph", "mixer.adapters.stackdriver.contextGraph.enabled", FORM_FLAG,
	 .also = "telemetry.v2.stackdriver.topology"},
	{STACK "telemetry.enableLogging", "mixer.adapters.stackdriver.logging.enabled", FORM_FLAG,
	 .also = "telemetry.v2.stackdriver.logging"},
	{STACK "telemetry.enableMetrics", "mixer.adapters.stackdriver.metrics.enabled", FORM_FLAG,
	 .also = "telemetry.v2.stackdriver.monitoring"},
	{STACK "telemetry.configOverride", "telemetry.v2.stackdriver.configOverride", FORM_TREE},
	{STACK "telemetry.auth.appCredentials", "mixer.adapters.stackdriver.auth.appCredentials", FORM_FLAG},
	{STACK "telemetry.auth.apiKey", "mixer.adapters.stackdriver.auth.apiKey", FORM_TEXT},
	{STACK "telemetry.auth.serviceAccountPath", "mixer.adapters.stackdriver.auth.serviceAccountPath", FORM_TEXT},
	{STACK "telemetry.accessLogging.enabled", "telemetry.v2.accessLogPolicy.enabled", FORM_FLAG},
	{STACK "telemetry.accessLogging.logWindowDuration", "telemetry.v2.accessLogPolicy.logWindowDuration",
	 FORM_TEXT},
	{STACK "tracer.debug", "global.tracer.stackdriver.debug", FORM_FLAG},
	{STACK "tracer.maxNumberOfAttributes", "global.tracer.stackdriver.maxNumberOfAttributes", FORM_INT},
	{STACK "tracer.maxNumberOfAnnotations", "global.tracer.stackdriver.maxNumberOfAnnotations", FORM_INT},
	{STACK "tracer.maxNumberOfMessageEvents", "global.tracer.stackdriver.maxNumberOfMessageEvents", FORM_INT},
};

/* Below addons.3scale; below spec.threeScale. */
static const struct convert_row three_scale_rows[] = {
	{"enabled", "enabled", FORM_FLAG},
	{"listen_addr", "PARAM_THREESCALE_LISTEN_ADDR", FORM_INT},
	{"log_grpc", "PARAM_THREESCALE_LOG_GRPC", FORM_FLAG},
	{"log_json", "PARAM_THREESCALE_LOG_JSON", FORM_FLAG},
	{"log_level", "PARAM_THREESCALE_LOG_LEVEL", FORM_TEXT},
	{"metrics.port", "PARAM_THREESCALE_METRICS_PORT", FORM_INT},
	{"metrics.report", "PARAM_THREESCALE_REPORT_METRICS", FORM_FLAG},
	{"system.cache_max_size", "PARAM_THREESCALE_CACHE_ENTRIES_MAX", FORM_INT},
	{"system.cache_refresh_retries", "PARAM_THREESCALE_CACHE_REFRESH_RETRIES", FORM_INT},
	{"system.cache_refresh_interval", "PARAM_THREESCALE_CACHE_REFRESH_SECONDS", FORM_INT},
	{"system.cache_ttl", "PARAM_THREESCALE_CACHE_TTL_SECONDS", FORM_INT},
	{"client.allow_insecure_connections", "PARAM_THREESCALE_ALLOW_INSECURE_CONN", FORM_FLAG},
	{"client.timeout", "PARAM_THREESCALE_CLIENT_TIMEOUT_SECONDS", FORM_INT},
	{"grpc.max_conn_timeout", "PARAM_THREESCALE_GRPC_CONN_MAX_SECONDS", FORM_INT},
	{"backend.enable_cache", "PARAM_THREESCALE_USE_CACHED_BACKEND", FORM_FLAG},
	{"backend.cache_flush_interval", "PARAM_THREESCALE_BACKEND_CACHE_FLUSH_INTERVAL_SECONDS", FORM_INT},
	{"backend.policy_fail_closed", "PARAM_THREESCALE_BACKEND_CACHE_POLICY_FAIL_CLOSED", FORM_FLAG},
};

/* Of the Service of an add-on, below its install.service and its values. */
static const struct convert_row service_rows[] = {
	{"metadata.annotations", "service.annotations", FORM_TREE},
	{"metadata.labels", "service.labels", FORM_TREE},
	{"ingress.enabled", "ingress.enabled", FORM_FLAG},
	{"ingress.contextPath", "contextPath", FORM_TEXT, .also = "ingress.contextPath"},
	{"ingress.hosts", "ingress.hosts", FORM_TREE},
	{"ingress.metadata.annotations", "ingress.annotations", FORM_TREE},
	{"ingress.metadata.labels", "ingress.labels", FORM_TREE},
	{"ingress.tls", "ingress.tls", FORM_TREE},
};

static const struct {
	const char *v2, *v1;
} services[] = {
	{"addons.prometheus.install.service", "prometheus"},
	{GRAFANA "service", "grafana"},
	{KIALI "service", "kiali"},
};

/* Port 0 of v2 is "no port" in v1. */
static void node_port_to_v1(const cJSON *v2, cJSON *values)
{
	const int64_t port = json_int(v2, "nodePort", -1);

	if (port < 0)
		return;
	convert_set(values, "service.nodePort.enabled", cJSON_CreateBool(port > 0));
	if (port > 0)
		convert_set(values, "service.nodePort.port", json_new_int64(port));
}

static void node_port_to_v2(cJSON *values, cJSON *v2)
{
	const cJSON *enabled = json_at(values, "service.nodePort.enabled");
	const int64_t port = json_int(values, "service.nodePort.port", 0);

	if (!cJSON_IsBool(enabled) || (cJSON_IsTrue(enabled) && port <= 0))
		return;
	json_set_int(v2, "nodePort", cJSON_IsTrue(enabled) ? port : 0);
	if (cJSON_IsTrue(enabled))
		convert_take(values, "service.nodePort.port");
	convert_take(values, "service.nodePort.enabled");
}

void convert_addons_to_v1(const cJSON *v2, cJSON *values, cJSON *three_scale)
{
	convert_choices_to_v1(choices, ARRAY_LEN(choices), v2, values);
	convert_rows_to_v1(rows, ARRAY_LEN(rows), v2, values);
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		const cJSON *service = json_at(v2, services[i].v2);

		if (!cJSON_IsObject(service))
			continue;
		convert_rows_to_v1(service_rows, ARRAY_LEN(service_rows), service, json_object(values, services[i].v1));
		node_port_to_v1(service, json_object(values, services[i].v1));
		convert_prune(values, services[i].v1);
	}
	convert_rows_to_v1(three_scale_rows, ARRAY_LEN(three_scale_rows), json_at(v2, "addons.3scale"), three_scale);
}

void convert_addons_to_v2(cJSON *values, cJSON *three_scale, cJSON *v2)
{
	convert_choices_to_v2(choices, ARRAY_LEN(choices), values, v2);
	convert_rows_to_v2(rows, ARRAY_LEN(rows), values, v2);
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		cJSON *v1 = json_get(values, services[i].v1), *service;

		if (!cJSON_IsObject(v1))
			continue;
		service = convert_object(v2, services[i].v2);
		convert_rows_to_v2(service_rows, ARRAY_LEN(service_rows), v1, service);
		node_port_to_v2(v1, service);
		convert_prune(v2, services[i].v2);
		convert_prune(values, services[i].v1);
	}
	convert_rows_to_v2(three_scale_rows, ARRAY_LEN(three_scale_rows), three_scale,
			   convert_object(v2, "addons.3scale"));
	convert_prune(v2, "addons.3scale");
}
