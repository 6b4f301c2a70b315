/* Rows of horizontalPodAutoscalers: autoscaling/v2. See the header for the structs. */
#include "api/autoscaling.h"

#include "api/api_internal.h"

#define T struct autoscaling_cross_version_object_reference
static const struct msg_field autoscaling_cross_version_object_reference_rows[] = {
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
};
DESC(autoscaling_cross_version_object_reference, "CrossVersionObjectReference", "Cross version object reference.");
#undef T

#define T struct autoscaling_metric_target
static const struct msg_field autoscaling_metric_target_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(value, "value", QUANTITY, .doc = "Value."),
	F(average_value, "averageValue", QUANTITY, .doc = "Average value."),
	F(average_utilization, "averageUtilization", INT32, .flags = MSG_OPTIONAL, .doc = "Average utilization."),
};
DESC(autoscaling_metric_target, "MetricTarget", "Metric target.");
#undef T

#define T struct autoscaling_metric_identifier
static const struct msg_field autoscaling_metric_identifier_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Selector."),
};
DESC(autoscaling_metric_identifier, "MetricIdentifier", "Metric identifier.");
#undef T

#define T struct autoscaling_object_metric_source
static const struct msg_field autoscaling_object_metric_source_rows[] = {
	F(described_object, "describedObject", MESSAGE, .desc = &autoscaling_cross_version_object_reference_desc,
	  .flags = MSG_REQUIRED, .doc = "Described object."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .doc = "Target."),
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .flags = MSG_REQUIRED,
	  .doc = "Metric."),
};
DESC(autoscaling_object_metric_source, "ObjectMetricSource", "Object metric source.");
#undef T

#define T struct autoscaling_pods_metric_source
static const struct msg_field autoscaling_pods_metric_source_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .flags = MSG_REQUIRED,
	  .doc = "Metric."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .doc = "Target."),
};
DESC(autoscaling_pods_metric_source, "PodsMetricSource", "Pods metric source.");
#undef T

#define T struct autoscaling_resource_metric_source
static const struct msg_field autoscaling_resource_metric_source_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .doc = "Target."),
};
DESC(autoscaling_resource_metric_source, "ResourceMetricSource", "Resource metric source.");
#undef T

#define T struct autoscaling_container_resource_metric_source
static const struct msg_field autoscaling_container_resource_metric_source_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .doc = "Target."),
	F(container, "container", STRING, .flags = MSG_REQUIRED, .doc = "Container."),
};
DESC(autoscaling_container_resource_metric_source, "ContainerResourceMetricSource",
     "Container resource metric source.");
#undef T

#define T struct autoscaling_external_metric_source
static const struct msg_field autoscaling_external_metric_source_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .flags = MSG_REQUIRED,
	  .doc = "Metric."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .doc = "Target."),
};
DESC(autoscaling_external_metric_source, "ExternalMetricSource", "External metric source.");
#undef T

#define T struct autoscaling_metric_spec
static const struct msg_field autoscaling_metric_spec_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(object, "object", MESSAGE, .desc = &autoscaling_object_metric_source_desc, .doc = "Object."),
	F(pods, "pods", MESSAGE, .desc = &autoscaling_pods_metric_source_desc, .doc = "Pods."),
	F(resource, "resource", MESSAGE, .desc = &autoscaling_resource_metric_source_desc, .doc = "Resource."),
	F(container_resource, "containerResource", MESSAGE, .desc = &autoscaling_container_resource_metric_source_desc,
	  .doc = "Container resource."),
	F(external, "external", MESSAGE, .desc = &autoscaling_external_metric_source_desc, .doc = "External."),
};
DESC(autoscaling_metric_spec, "MetricSpec", "Metric spec.");
#undef T

#define T struct autoscaling_hpa_scaling_policy
static const struct msg_field autoscaling_hpa_scaling_policy_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(value, "value", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Value."),
	F(period_seconds, "periodSeconds", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Period seconds."),
};
DESC(autoscaling_hpa_scaling_policy, "HPAScalingPolicy", "Hpa scaling policy.");
#undef T

#define T struct autoscaling_hpa_scaling_rules
static const struct msg_field autoscaling_hpa_scaling_rules_rows[] = {
	F(stabilization_window_seconds, "stabilizationWindowSeconds", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Stabilization window seconds."),
	F(select_policy, "selectPolicy", STRING, .doc = "Select policy."),
	F(policies, "policies", MESSAGE, .desc = &autoscaling_hpa_scaling_policy_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Policies."),
};
DESC(autoscaling_hpa_scaling_rules, "HPAScalingRules", "Hpa scaling rules.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_behavior
static const struct msg_field autoscaling_horizontal_pod_autoscaler_behavior_rows[] = {
	F(scale_up, "scaleUp", MESSAGE, .desc = &autoscaling_hpa_scaling_rules_desc, .doc = "Scale up."),
	F(scale_down, "scaleDown", MESSAGE, .desc = &autoscaling_hpa_scaling_rules_desc, .doc = "Scale down."),
};
DESC(autoscaling_horizontal_pod_autoscaler_behavior, "HorizontalPodAutoscalerBehavior",
     "Horizontal pod autoscaler behavior.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_spec
static const struct msg_field autoscaling_horizontal_pod_autoscaler_spec_rows[] = {
	F(scale_target_ref, "scaleTargetRef", MESSAGE, .desc = &autoscaling_cross_version_object_reference_desc,
	  .flags = MSG_REQUIRED, .doc = "Scale target ref."),
	F(min_replicas, "minReplicas", INT32, .flags = MSG_OPTIONAL, .doc = "Min replicas."),
	F(max_replicas, "maxReplicas", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Max replicas."),
	F(metrics, "metrics", MESSAGE, .desc = &autoscaling_metric_spec_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Metrics."),
	F(behavior, "behavior", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_behavior_desc,
	  .doc = "Behavior."),
};
DESC(autoscaling_horizontal_pod_autoscaler_spec, "HorizontalPodAutoscalerSpec", "Horizontal pod autoscaler spec.");
#undef T

#define T struct autoscaling_metric_value_status
static const struct msg_field autoscaling_metric_value_status_rows[] = {
	F(value, "value", QUANTITY, .doc = "Value."),
	F(average_value, "averageValue", QUANTITY, .doc = "Average value."),
	F(average_utilization, "averageUtilization", INT32, .flags = MSG_OPTIONAL, .doc = "Average utilization."),
};
DESC(autoscaling_metric_value_status, "MetricValueStatus", "Metric value status.");
#undef T

#define T struct autoscaling_object_metric_status
static const struct msg_field autoscaling_object_metric_status_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .doc = "Metric."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .doc = "Current."),
	F(described_object, "describedObject", MESSAGE, .desc = &autoscaling_cross_version_object_reference_desc,
	  .doc = "Described object."),
};
DESC(autoscaling_object_metric_status, "ObjectMetricStatus", "Object metric status.");
#undef T

#define T struct autoscaling_pods_metric_status
static const struct msg_field autoscaling_pods_metric_status_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .doc = "Metric."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .doc = "Current."),
};
DESC(autoscaling_pods_metric_status, "PodsMetricStatus", "Pods metric status.");
#undef T

#define T struct autoscaling_resource_metric_status
static const struct msg_field autoscaling_resource_metric_status_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .doc = "Current."),
};
DESC(autoscaling_resource_metric_status, "ResourceMetricStatus", "Resource metric status.");
#undef T

#define T struct autoscaling_container_resource_metric_status
static const struct msg_field autoscaling_container_resource_metric_status_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .doc = "Current."),
	F(container, "container", STRING, .doc = "Container."),
};
DESC(autoscaling_container_resource_metric_status, "ContainerResourceMetricStatus",
     "Container resource metric status.");
#undef T

#define T struct autoscaling_external_metric_status
static const struct msg_field autoscaling_external_metric_status_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .doc = "Metric."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .doc = "Current."),
};
DESC(autoscaling_external_metric_status, "ExternalMetricStatus", "External metric status.");
#undef T

#define T struct autoscaling_metric_status
static const struct msg_field autoscaling_metric_status_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(object, "object", MESSAGE, .desc = &autoscaling_object_metric_status_desc, .doc = "Object."),
	F(pods, "pods", MESSAGE, .desc = &autoscaling_pods_metric_status_desc, .doc = "Pods."),
	F(resource, "resource", MESSAGE, .desc = &autoscaling_resource_metric_status_desc, .doc = "Resource."),
	F(container_resource, "containerResource", MESSAGE, .desc = &autoscaling_container_resource_metric_status_desc,
	  .doc = "Container resource."),
	F(external, "external", MESSAGE, .desc = &autoscaling_external_metric_status_desc, .doc = "External."),
};
DESC(autoscaling_metric_status, "MetricStatus", "Metric status.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_condition
static const struct msg_field autoscaling_horizontal_pod_autoscaler_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(autoscaling_horizontal_pod_autoscaler_condition, "HorizontalPodAutoscalerCondition",
     "Horizontal pod autoscaler condition.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_status
static const struct msg_field autoscaling_horizontal_pod_autoscaler_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .flags = MSG_OPTIONAL, .doc = "Observed generation."),
	F(last_scale_time, "lastScaleTime", STRING, .format = "date-time", .doc = "Last scale time."),
	F(current_replicas, "currentReplicas", INT32, .doc = "Current replicas."),
	F(desired_replicas, "desiredReplicas", INT32, .flags = MSG_KEEP_ZERO, .doc = "Desired replicas."),
	F(current_metrics, "currentMetrics", MESSAGE, .desc = &autoscaling_metric_status_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .doc = "Current metrics."),
	F(conditions, "conditions", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_condition_desc,
	  .flags = MSG_LIST, .keys = "type", .merge_key = "type", .doc = "Conditions."),
};
DESC(autoscaling_horizontal_pod_autoscaler_status, "HorizontalPodAutoscalerStatus",
     "Horizontal pod autoscaler status.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler
static const struct msg_field autoscaling_horizontal_pod_autoscaler_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_status_desc, .doc = "Status."),
};
DESC(autoscaling_horizontal_pod_autoscaler, "HorizontalPodAutoscaler", "Horizontal pod autoscaler.");
#undef T

#define T struct autoscaling_v1_scale_spec
static const struct msg_field autoscaling_v1_scale_spec_rows[] = {
	F(replicas, "replicas", INT32, .doc = "Replicas."),
};
DESC(autoscaling_v1_scale_spec, "ScaleSpec", "Scale spec.");
#undef T

#define T struct autoscaling_v1_scale_status
static const struct msg_field autoscaling_v1_scale_status_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_KEEP_ZERO, .doc = "Replicas."),
	F(selector, "selector", STRING, .doc = "Selector."),
};
DESC(autoscaling_v1_scale_status, "ScaleStatus", "Scale status.");
#undef T

#define T struct autoscaling_v1_scale
static const struct msg_field autoscaling_v1_scale_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &autoscaling_v1_scale_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &autoscaling_v1_scale_status_desc, .doc = "Status."),
};
DESC(autoscaling_v1_scale, "Scale", "Scale.");
#undef T
