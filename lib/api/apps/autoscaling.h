/* HorizontalPodAutoscalers: autoscaling/v2. */
#ifndef API_APPS_AUTOSCALING_H
#define API_APPS_AUTOSCALING_H

#include "api/meta.h"

/* Reference: cross version object. */
struct autoscaling_cross_version_object_reference {
	const char *kind;
	const char *name;
	const char *api_version;
};

/* Metric target. */
struct autoscaling_metric_target {
	const char *type;
	const char *value;
	const char *average_value;
	int32_t *average_utilization;
};

/* Metric identifier. */
struct autoscaling_metric_identifier {
	const char *name;
	struct meta_label_selector *selector;
};

/* Source: object metric. */
struct autoscaling_object_metric_source {
	struct autoscaling_cross_version_object_reference *described_object;
	struct autoscaling_metric_target *target;
	struct autoscaling_metric_identifier *metric;
};

/* Source: pods metric. */
struct autoscaling_pods_metric_source {
	struct autoscaling_metric_identifier *metric;
	struct autoscaling_metric_target *target;
};

/* Source: resource metric. */
struct autoscaling_resource_metric_source {
	const char *name;
	struct autoscaling_metric_target *target;
};

/* Source: container resource metric. */
struct autoscaling_container_resource_metric_source {
	const char *name;
	struct autoscaling_metric_target *target;
	const char *container;
};

/* Source: external metric. */
struct autoscaling_external_metric_source {
	struct autoscaling_metric_identifier *metric;
	struct autoscaling_metric_target *target;
};

/* What is wanted of a metric. */
struct autoscaling_metric_spec {
	const char *type;
	struct autoscaling_object_metric_source *object;
	struct autoscaling_pods_metric_source *pods;
	struct autoscaling_resource_metric_source *resource;
	struct autoscaling_container_resource_metric_source *container_resource;
	struct autoscaling_external_metric_source *external;
};

/* Policy: autoscaler scaling. */
struct autoscaling_hpa_scaling_policy {
	const char *type;
	int32_t value;
	int32_t period_seconds;
};

/* Autoscaler scaling rules. */
struct autoscaling_hpa_scaling_rules {
	int32_t *stabilization_window_seconds;
	const char *select_policy;
	LIST(struct autoscaling_hpa_scaling_policy) policies;
};

/* Horizontal pod autoscaler behavior. */
struct autoscaling_horizontal_pod_autoscaler_behavior {
	struct autoscaling_hpa_scaling_rules *scale_up;
	struct autoscaling_hpa_scaling_rules *scale_down;
};

/* What is wanted of a horizontal pod autoscaler. */
struct autoscaling_horizontal_pod_autoscaler_spec {
	struct autoscaling_cross_version_object_reference *scale_target_ref;
	int32_t *min_replicas;
	int32_t max_replicas;
	LIST(struct autoscaling_metric_spec) metrics;
	struct autoscaling_horizontal_pod_autoscaler_behavior *behavior;
};

/* What was observed of a metric value. */
struct autoscaling_metric_value_status {
	const char *value;
	const char *average_value;
	int32_t *average_utilization;
};

/* What was observed of a object metric. */
struct autoscaling_object_metric_status {
	struct autoscaling_metric_identifier *metric;
	struct autoscaling_metric_value_status *current;
	struct autoscaling_cross_version_object_reference *described_object;
};

/* What was observed of a pods metric. */
struct autoscaling_pods_metric_status {
	struct autoscaling_metric_identifier *metric;
	struct autoscaling_metric_value_status *current;
};

/* What was observed of a resource metric. */
struct autoscaling_resource_metric_status {
	const char *name;
	struct autoscaling_metric_value_status *current;
};

/* What was observed of a container resource metric. */
struct autoscaling_container_resource_metric_status {
	const char *name;
	struct autoscaling_metric_value_status *current;
	const char *container;
};

/* What was observed of a external metric. */
struct autoscaling_external_metric_status {
	struct autoscaling_metric_identifier *metric;
	struct autoscaling_metric_value_status *current;
};

/* What was observed of a metric. */
struct autoscaling_metric_status {
	const char *type;
	struct autoscaling_object_metric_status *object;
	struct autoscaling_pods_metric_status *pods;
	struct autoscaling_resource_metric_status *resource;
	struct autoscaling_container_resource_metric_status *container_resource;
	struct autoscaling_external_metric_status *external;
};

/* One condition of a horizontal pod autoscaler. */
struct autoscaling_horizontal_pod_autoscaler_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a horizontal pod autoscaler. */
struct autoscaling_horizontal_pod_autoscaler_status {
	int64_t *observed_generation;
	const char *last_scale_time;
	int32_t current_replicas;
	int32_t desired_replicas;
	LIST(struct autoscaling_metric_status) current_metrics;
	LIST(struct autoscaling_horizontal_pod_autoscaler_condition) conditions;
};

/* Horizontal pod autoscaler. */
struct autoscaling_horizontal_pod_autoscaler {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct autoscaling_horizontal_pod_autoscaler_spec *spec;
	struct autoscaling_horizontal_pod_autoscaler_status *status;
};

/* What is wanted of a scale. */
struct autoscaling_v1_scale_spec {
	int32_t replicas;
};

/* What was observed of a scale. */
struct autoscaling_v1_scale_status {
	int32_t replicas;
	const char *selector;
};

/* Scale. */
struct autoscaling_v1_scale {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct autoscaling_v1_scale_spec *spec;
	struct autoscaling_v1_scale_status *status;
};

extern const struct msg_desc autoscaling_cross_version_object_reference_desc;
extern const struct msg_desc autoscaling_metric_target_desc;
extern const struct msg_desc autoscaling_metric_identifier_desc;
extern const struct msg_desc autoscaling_object_metric_source_desc;
extern const struct msg_desc autoscaling_pods_metric_source_desc;
extern const struct msg_desc autoscaling_resource_metric_source_desc;
extern const struct msg_desc autoscaling_container_resource_metric_source_desc;
extern const struct msg_desc autoscaling_external_metric_source_desc;
extern const struct msg_desc autoscaling_metric_spec_desc;
extern const struct msg_desc autoscaling_hpa_scaling_policy_desc;
extern const struct msg_desc autoscaling_hpa_scaling_rules_desc;
extern const struct msg_desc autoscaling_horizontal_pod_autoscaler_behavior_desc;
extern const struct msg_desc autoscaling_horizontal_pod_autoscaler_spec_desc;
extern const struct msg_desc autoscaling_metric_value_status_desc;
extern const struct msg_desc autoscaling_object_metric_status_desc;
extern const struct msg_desc autoscaling_pods_metric_status_desc;
extern const struct msg_desc autoscaling_resource_metric_status_desc;
extern const struct msg_desc autoscaling_container_resource_metric_status_desc;
extern const struct msg_desc autoscaling_external_metric_status_desc;
extern const struct msg_desc autoscaling_metric_status_desc;
extern const struct msg_desc autoscaling_horizontal_pod_autoscaler_condition_desc;
extern const struct msg_desc autoscaling_horizontal_pod_autoscaler_status_desc;
extern const struct msg_desc autoscaling_horizontal_pod_autoscaler_desc;
extern const struct msg_desc autoscaling_v1_scale_spec_desc;
extern const struct msg_desc autoscaling_v1_scale_status_desc;
extern const struct msg_desc autoscaling_v1_scale_desc;

#endif
