/* Telemetry: telemetry.istio.io. */
#ifndef API_ISTIO_TELEMETRY_H
#define API_ISTIO_TELEMETRY_H

#include "api/networking/workload.h"

enum istio_telemetry_workload_mode {
	ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT_AND_SERVER = 0,
	ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT = 1,
	ISTIO_TELEMETRY_WORKLOAD_MODE_SERVER = 2,
};
extern const struct msg_enum istio_telemetry_workload_mode_names;

enum istio_telemetry_metric_selector_istio_metric {
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_ALL_METRICS = 0,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_REQUEST_COUNT = 1,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_REQUEST_DURATION = 2,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_REQUEST_SIZE = 3,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_RESPONSE_SIZE = 4,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_OPENED_CONNECTIONS = 5,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_CLOSED_CONNECTIONS = 6,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_SENT_BYTES = 7,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_TCP_RECEIVED_BYTES = 8,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_GRPC_REQUEST_MESSAGES = 9,
	ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_GRPC_RESPONSE_MESSAGES = 10,
};
extern const struct msg_enum istio_telemetry_metric_selector_istio_metric_names;

enum istio_telemetry_metrics_overrides_tag_override_operation {
	ISTIO_TELEMETRY_METRICS_OVERRIDES_TAG_OVERRIDE_OPERATION_UPSERT = 0,
	ISTIO_TELEMETRY_METRICS_OVERRIDES_TAG_OVERRIDE_OPERATION_REMOVE = 1,
};
extern const struct msg_enum istio_telemetry_metrics_overrides_tag_override_operation_names;

/* Selector: tracing tracing. */
struct istio_telemetry_tracing_tracing_selector {
	int mode; /* enum istio_telemetry_workload_mode */
};

/* Provider ref. */
struct istio_telemetry_provider_ref {
	const char *name;
};

/* Tracing literal. */
struct istio_telemetry_tracing_literal {
	const char *value;
};

/* Tracing environment. */
struct istio_telemetry_tracing_environment {
	const char *name;
	const char *default_value;
};

/* Tracing request header. */
struct istio_telemetry_tracing_request_header {
	const char *name;
	const char *default_value;
};

/* Tracing custom tag. */
struct istio_telemetry_tracing_custom_tag {
	struct istio_telemetry_tracing_literal *literal;
	struct istio_telemetry_tracing_environment *environment;
	struct istio_telemetry_tracing_request_header *header;
};

/* Tracing. */
struct istio_telemetry_tracing {
	struct istio_telemetry_tracing_tracing_selector *match;
	LIST(struct istio_telemetry_provider_ref) providers;
	double *random_sampling_percentage;
	bool *disable_span_reporting;
	MAP(struct istio_telemetry_tracing_custom_tag) custom_tags;
	bool *use_request_id_for_trace_sampling;
};

/* Selector: metric. */
struct istio_telemetry_metric_selector {
	int *metric; /* enum istio_telemetry_metric_selector_istio_metric */
	const char *custom_metric;
	int mode; /* enum istio_telemetry_workload_mode */
};

/* Metrics overrides tag override. */
struct istio_telemetry_metrics_overrides_tag_override {
	int operation; /* enum istio_telemetry_metrics_overrides_tag_override_operation */
	const char *value;
};

/* Metrics overrides. */
struct istio_telemetry_metrics_overrides {
	struct istio_telemetry_metric_selector *match;
	bool *disabled;
	MAP(struct istio_telemetry_metrics_overrides_tag_override) tag_overrides;
};

/* Metrics. */
struct istio_telemetry_metrics {
	LIST(struct istio_telemetry_provider_ref) providers;
	LIST(struct istio_telemetry_metrics_overrides) overrides;
	int64_t *reporting_interval; /* ns */
};

/* Selector: access logging log. */
struct istio_telemetry_access_logging_log_selector {
	int mode; /* enum istio_telemetry_workload_mode */
};

/* Access logging filter. */
struct istio_telemetry_access_logging_filter {
	const char *expression;
};

/* Access logging. */
struct istio_telemetry_access_logging {
	struct istio_telemetry_access_logging_log_selector *match;
	LIST(struct istio_telemetry_provider_ref) providers;
	bool *disabled;
	struct istio_telemetry_access_logging_filter *filter;
};

/* Telemetry. */
struct istio_telemetry_spec {
	struct istio_workload_selector *selector;
	struct istio_policy_target_reference *targetRef;
	LIST(struct istio_telemetry_tracing) tracing;
	LIST(struct istio_telemetry_metrics) metrics;
	LIST(struct istio_telemetry_access_logging) access_logging;
};

/* Metrics, traces and access logs of workloads. */
struct istio_telemetry {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_telemetry_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_telemetry_tracing_tracing_selector_desc;
extern const struct msg_desc istio_telemetry_provider_ref_desc;
extern const struct msg_desc istio_telemetry_tracing_literal_desc;
extern const struct msg_desc istio_telemetry_tracing_environment_desc;
extern const struct msg_desc istio_telemetry_tracing_request_header_desc;
extern const struct msg_desc istio_telemetry_tracing_custom_tag_desc;
extern const struct msg_desc istio_telemetry_tracing_desc;
extern const struct msg_desc istio_telemetry_metric_selector_desc;
extern const struct msg_desc istio_telemetry_metrics_overrides_tag_override_desc;
extern const struct msg_desc istio_telemetry_metrics_overrides_desc;
extern const struct msg_desc istio_telemetry_metrics_desc;
extern const struct msg_desc istio_telemetry_access_logging_log_selector_desc;
extern const struct msg_desc istio_telemetry_access_logging_filter_desc;
extern const struct msg_desc istio_telemetry_access_logging_desc;
extern const struct msg_desc istio_telemetry_spec_desc;
extern const struct msg_desc istio_telemetry_desc;

#endif
