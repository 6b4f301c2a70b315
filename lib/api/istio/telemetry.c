/* Rows of telemetry: telemetry.istio.io. See the header for the structs. */
#include "api/istio/telemetry.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_telemetry_workload_mode_values[] = {
	{"CLIENT_AND_SERVER", ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT_AND_SERVER},
	{"CLIENT", ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT},
	{"SERVER", ISTIO_TELEMETRY_WORKLOAD_MODE_SERVER},
};
ENUM(istio_telemetry_workload_mode);

static const struct msg_enum_value istio_telemetry_metric_selector_istio_metric_values[] = {
	{"ALL_METRICS", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_ALL_METRICS},
	{"REQUEST_COUNT", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_REQUEST_COUNT},
	{"REQUEST_DURATION", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_REQUEST_DURATION},
	{"REQUEST_SIZE", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_REQUEST_SIZE},
	{"RESPONSE_SIZE", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_RESPONSE_SIZE},
	{"TCP_OPENED_CONNECTIONS", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_OPENED_CONNECTIONS},
	{"TCP_CLOSED_CONNECTIONS", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_CLOSED_CONNECTIONS},
	{"TCP_SENT_BYTES", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_SENT_BYTES},
	{"TCP_RECEIVED_BYTES", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_RECEIVED_BYTES},
	{"GRPC_REQUEST_MESSAGES", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_GRPC_REQUEST_MESSAGES},
	{"GRPC_RESPONSE_MESSAGES", ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_GRPC_RESPONSE_MESSAGES},
};
ENUM(istio_telemetry_metric_selector_istio_metric);

static const struct msg_enum_value istio_telemetry_metrics_overrides_tag_override_operation_values[] = {
	{"UPSERT", ISTIO_TELEMETRY_METRICS_OVERRIDES_TAG_OVERRIDE_OPERATION_UPSERT},
	{"REMOVE", ISTIO_TELEMETRY_METRICS_OVERRIDES_TAG_OVERRIDE_OPERATION_REMOVE},
};
ENUM(istio_telemetry_metrics_overrides_tag_override_operation);

#define T struct istio_telemetry_tracing_tracing_selector
static const struct msg_field istio_telemetry_tracing_tracing_selector_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_telemetry_workload_mode_names),
};
DESC(istio_telemetry_tracing_tracing_selector, "TracingTracingSelector", NULL);
#undef T

#define T struct istio_telemetry_provider_ref
static const struct msg_field istio_telemetry_provider_ref_rows[] = {
	F(name, "name", STRING, DONE),
};
DESC(istio_telemetry_provider_ref, "ProviderRef", NULL);
#undef T

#define T struct istio_telemetry_tracing_literal
static const struct msg_field istio_telemetry_tracing_literal_rows[] = {
	F(value, "value", STRING, DONE),
};
DESC(istio_telemetry_tracing_literal, "TracingLiteral", NULL);
#undef T

#define T struct istio_telemetry_tracing_environment
static const struct msg_field istio_telemetry_tracing_environment_rows[] = {
	F(name, "name", STRING, DONE),
	F(default_value, "defaultValue", STRING, DONE, .doc = "Value used where the source has none."),
};
DESC(istio_telemetry_tracing_environment, "TracingEnvironment", NULL);
#undef T

#define T struct istio_telemetry_tracing_request_header
static const struct msg_field istio_telemetry_tracing_request_header_rows[] = {
	F(name, "name", STRING, DONE),
	F(default_value, "defaultValue", STRING, DONE, .doc = "Value used where the source has none."),
};
DESC(istio_telemetry_tracing_request_header, "TracingRequestHeader", NULL);
#undef T

#define T struct istio_telemetry_tracing_custom_tag
static const struct msg_field istio_telemetry_tracing_custom_tag_rows[] = {
	F(literal, "literal", MESSAGE, DONE, .desc = &istio_telemetry_tracing_literal_desc, .oneof = 1,
	  .doc = "A fixed value."),
	F(environment, "environment", MESSAGE, DONE, .desc = &istio_telemetry_tracing_environment_desc, .oneof = 1,
	  .doc = "An environment variable of the proxy."),
	F(header, "header", MESSAGE, DONE, .desc = &istio_telemetry_tracing_request_header_desc, .oneof = 1,
	  .doc = "Request header."),
};
DESC(istio_telemetry_tracing_custom_tag, "TracingCustomTag", NULL);
#undef T

#define T struct istio_telemetry_tracing
static const struct msg_field istio_telemetry_tracing_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_telemetry_tracing_tracing_selector_desc),
	F(providers, "providers", MESSAGE, DONE, .desc = &istio_telemetry_provider_ref_desc, .flags = MSG_LIST,
	  .doc = "Names of providers in the mesh configuration."),
	F(random_sampling_percentage, "randomSamplingPercentage", DOUBLE, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Share of requests that are traced, in percent."),
	F(disable_span_reporting, "disableSpanReporting", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Sends no spans."),
	F(custom_tags, "customTags", MAP, DONE, .desc = &istio_telemetry_tracing_custom_tag_desc,
	  .doc = "Tags added to each span."),
	F(use_request_id_for_trace_sampling, "useRequestIdForTraceSampling", BOOL,
	  TOLD_UNLESS("the request identifier always tells whether a request is traced", "true"),
	  .flags = MSG_OPTIONAL | MSG_NULLABLE, .doc = "Decides by the request id."),
};
DESC(istio_telemetry_tracing, "Tracing", NULL);
#undef T

#define T struct istio_telemetry_metric_selector
static const struct msg_field istio_telemetry_metric_selector_rows[] = {
	F(metric, "metric", ENUM, DONE, .enums = &istio_telemetry_metric_selector_istio_metric_names,
	  .flags = MSG_OPTIONAL, .oneof = 1),
	F(custom_metric, "customMetric", STRING, TOLD("there are no metrics but the standard ones"), .oneof = 1,
	  .doc = "Name of a metric that is not standard."),
	F(mode, "mode", ENUM, DONE, .enums = &istio_telemetry_workload_mode_names),
};
DESC(istio_telemetry_metric_selector, "MetricSelector", NULL);
#undef T

#define T struct istio_telemetry_metrics_overrides_tag_override
static const struct msg_field istio_telemetry_metrics_overrides_tag_override_rows[] = {
	F(operation, "operation", ENUM, DONE, .enums = &istio_telemetry_metrics_overrides_tag_override_operation_names),
	F(value, "value", STRING, DONE),
};
DESC(istio_telemetry_metrics_overrides_tag_override, "MetricsOverridesTagOverride", NULL);
#undef T

#define T struct istio_telemetry_metrics_overrides
static const struct msg_field istio_telemetry_metrics_overrides_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_telemetry_metric_selector_desc),
	F(disabled, "disabled", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE),
	F(tag_overrides, "tagOverrides", MAP, DONE, .desc = &istio_telemetry_metrics_overrides_tag_override_desc,
	  .doc = "Changes of labels by name."),
};
DESC(istio_telemetry_metrics_overrides, "MetricsOverrides", NULL);
#undef T

#define T struct istio_telemetry_metrics
static const struct msg_field istio_telemetry_metrics_rows[] = {
	F(providers, "providers", MESSAGE, DONE, .desc = &istio_telemetry_provider_ref_desc, .flags = MSG_LIST,
	  .doc = "Names of providers in the mesh configuration."),
	F(overrides, "overrides", MESSAGE, DONE, .desc = &istio_telemetry_metrics_overrides_desc, .flags = MSG_LIST,
	  .doc = "Changes of metrics."),
	F(reporting_interval, "reportingInterval", DURATION,
	  TOLD("metrics are always up to date, those of TCP within 5 s"), .flags = MSG_OPTIONAL,
	  .doc = "Time between two reports."),
};
DESC(istio_telemetry_metrics, "Metrics", NULL);
#undef T

#define T struct istio_telemetry_access_logging_log_selector
static const struct msg_field istio_telemetry_access_logging_log_selector_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_telemetry_workload_mode_names),
};
DESC(istio_telemetry_access_logging_log_selector, "AccessLoggingLogSelector", NULL);
#undef T

#define T struct istio_telemetry_access_logging_filter
static const struct msg_field istio_telemetry_access_logging_filter_rows[] = {
	F(expression, "expression", STRING, DONE),
};
DESC(istio_telemetry_access_logging_filter, "AccessLoggingFilter", NULL);
#undef T

#define T struct istio_telemetry_access_logging
static const struct msg_field istio_telemetry_access_logging_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_telemetry_access_logging_log_selector_desc),
	F(providers, "providers", MESSAGE, DONE, .desc = &istio_telemetry_provider_ref_desc, .flags = MSG_LIST,
	  .doc = "Names of providers in the mesh configuration."),
	F(disabled, "disabled", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE),
	F(filter, "filter", MESSAGE, DONE, .desc = &istio_telemetry_access_logging_filter_desc),
};
DESC(istio_telemetry_access_logging, "AccessLogging", NULL);
#undef T

#define T struct istio_telemetry_spec
static const struct msg_field istio_telemetry_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc),
	F(targetRef, "targetRef", MESSAGE, DONE, .desc = &istio_policy_target_reference_desc),
	F(tracing, "tracing", MESSAGE, DONE, .desc = &istio_telemetry_tracing_desc, .flags = MSG_LIST),
	F(metrics, "metrics", MESSAGE, DONE, .desc = &istio_telemetry_metrics_desc, .flags = MSG_LIST),
	F(access_logging, "accessLogging", MESSAGE, DONE, .desc = &istio_telemetry_access_logging_desc,
	  .flags = MSG_LIST, .doc = "Access log."),
};
DESC(istio_telemetry_spec, "Telemetry", NULL);
#undef T

#define T struct istio_telemetry
static const struct msg_field istio_telemetry_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_telemetry_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_telemetry, "Telemetry", "Metrics, traces and access logs of workloads.");
#undef T
