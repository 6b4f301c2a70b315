/* Rows of horizontalPodAutoscalers: autoscaling/v2. See the header for the structs. */
#include "api/apps/autoscaling.h"

#include "api/api_internal.h"

#define T struct autoscaling_cross_version_object_reference
static const struct msg_field autoscaling_cross_version_object_reference_rows[] = {
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Name, unique among its siblings."),
	F(api_version, "apiVersion", STRING, .pb = 3, .doc = "Group and version of the kind, \"group/version\"."),
};
DESC(autoscaling_cross_version_object_reference, "CrossVersionObjectReference", "Reference: cross version object.");
#undef T

#define T struct autoscaling_metric_target
static const struct msg_field autoscaling_metric_target_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Type; one of the allowed words."),
	F(value, "value", QUANTITY, .pb = 2, .doc = "Value."),
	F(average_value, "averageValue", QUANTITY, .pb = 3, .doc = "Average over all pods."),
	F(average_utilization, "averageUtilization", INT32, .flags = MSG_OPTIONAL, .pb = 4,
	  .doc = "Average use in percent of the request."),
};
DESC(autoscaling_metric_target, "MetricTarget", "Metric target.");
#undef T

#define T struct autoscaling_metric_identifier
static const struct msg_field autoscaling_metric_identifier_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 2,
	  .doc = "Selects by labels."),
};
DESC(autoscaling_metric_identifier, "MetricIdentifier", "Metric identifier.");
#undef T

#define T struct autoscaling_object_metric_source
static const struct msg_field autoscaling_object_metric_source_rows[] = {
	F(described_object, "describedObject", MESSAGE, .desc = &autoscaling_cross_version_object_reference_desc,
	  .flags = MSG_REQUIRED, .pb = 1, .doc = "The object that the metric describes."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Target value or object."),
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .flags = MSG_REQUIRED, .pb = 3,
	  .doc = "Metric."),
};
DESC(autoscaling_object_metric_source, "ObjectMetricSource", "Source: object metric.");
#undef T

#define T struct autoscaling_pods_metric_source
static const struct msg_field autoscaling_pods_metric_source_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Metric."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Target value or object."),
};
DESC(autoscaling_pods_metric_source, "PodsMetricSource", "Source: pods metric.");
#undef T

#define T struct autoscaling_resource_metric_source
static const struct msg_field autoscaling_resource_metric_source_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Target value or object."),
};
DESC(autoscaling_resource_metric_source, "ResourceMetricSource", "Source: resource metric.");
#undef T

#define T struct autoscaling_container_resource_metric_source
static const struct msg_field autoscaling_container_resource_metric_source_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Target value or object."),
	F(container, "container", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Container settings."),
};
DESC(autoscaling_container_resource_metric_source, "ContainerResourceMetricSource",
     "Source: container resource metric.");
#undef T

#define T struct autoscaling_external_metric_source
static const struct msg_field autoscaling_external_metric_source_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Metric."),
	F(target, "target", MESSAGE, .desc = &autoscaling_metric_target_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Target value or object."),
};
DESC(autoscaling_external_metric_source, "ExternalMetricSource", "Source: external metric.");
#undef T

#define T struct autoscaling_metric_spec
static const struct msg_field autoscaling_metric_spec_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Type; one of the allowed words."),
	F(object, "object", MESSAGE, .desc = &autoscaling_object_metric_source_desc, .pb = 2, .doc = "The object."),
	F(pods, "pods", MESSAGE, .desc = &autoscaling_pods_metric_source_desc, .pb = 3, .doc = "A metric of each pod."),
	F(resource, "resource", MESSAGE, .desc = &autoscaling_resource_metric_source_desc, .pb = 4, .doc = "Resource."),
	F(container_resource, "containerResource", MESSAGE, .desc = &autoscaling_container_resource_metric_source_desc,
	  .pb = 7, .doc = "A resource of one container of each pod."),
	F(external, "external", MESSAGE, .desc = &autoscaling_external_metric_source_desc, .pb = 5,
	  .doc = "A metric from outside the cluster."),
};
DESC(autoscaling_metric_spec, "MetricSpec", "What is wanted of a metric.");
#undef T

#define T struct autoscaling_hpa_scaling_policy
static const struct msg_field autoscaling_hpa_scaling_policy_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Type; one of the allowed words."),
	F(value, "value", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 2, .doc = "Value."),
	F(period_seconds, "periodSeconds", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 3,
	  .doc = "Seconds between attempts."),
};
DESC(autoscaling_hpa_scaling_policy, "HPAScalingPolicy", "Policy: autoscaler scaling.");
#undef T

#define T struct autoscaling_hpa_scaling_rules
static const struct msg_field autoscaling_hpa_scaling_rules_rows[] = {
	F(stabilization_window_seconds, "stabilizationWindowSeconds", INT32, .flags = MSG_OPTIONAL, .pb = 3,
	  .doc = "Seconds looked back before scaling."),
	F(select_policy, "selectPolicy", STRING, .pb = 1, .doc = "Which of the policies is used."),
	F(policies, "policies", MESSAGE, .desc = &autoscaling_hpa_scaling_policy_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .pb = 2, .doc = "How fast scaling may go."),
};
DESC(autoscaling_hpa_scaling_rules, "HPAScalingRules", "Autoscaler scaling rules.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_behavior
static const struct msg_field autoscaling_horizontal_pod_autoscaler_behavior_rows[] = {
	F(scale_up, "scaleUp", MESSAGE, .desc = &autoscaling_hpa_scaling_rules_desc, .pb = 1,
	  .doc = "Rules of scaling up."),
	F(scale_down, "scaleDown", MESSAGE, .desc = &autoscaling_hpa_scaling_rules_desc, .pb = 2,
	  .doc = "Rules of scaling down."),
};
DESC(autoscaling_horizontal_pod_autoscaler_behavior, "HorizontalPodAutoscalerBehavior",
     "Horizontal pod autoscaler behavior.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_spec
static const struct msg_field autoscaling_horizontal_pod_autoscaler_spec_rows[] = {
	F(scale_target_ref, "scaleTargetRef", MESSAGE, .desc = &autoscaling_cross_version_object_reference_desc,
	  .flags = MSG_REQUIRED, .pb = 1, .doc = "What is scaled."),
	F(min_replicas, "minReplicas", INT32, .flags = MSG_OPTIONAL, .dflt = "1", .pb = 2, .doc = "Least pods."),
	F(max_replicas, "maxReplicas", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 3, .doc = "Most pods."),
	F(metrics, "metrics", MESSAGE, .desc = &autoscaling_metric_spec_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 4,
	  .doc = "Metrics."),
	F(behavior, "behavior", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_behavior_desc, .pb = 5,
	  .doc = "How scaling behaves."),
};
DESC(autoscaling_horizontal_pod_autoscaler_spec, "HorizontalPodAutoscalerSpec",
     "What is wanted of a horizontal pod autoscaler.");
#undef T

#define T struct autoscaling_metric_value_status
static const struct msg_field autoscaling_metric_value_status_rows[] = {
	F(value, "value", QUANTITY, .pb = 1, .doc = "Value."),
	F(average_value, "averageValue", QUANTITY, .pb = 2, .doc = "Average over all pods."),
	F(average_utilization, "averageUtilization", INT32, .flags = MSG_OPTIONAL, .pb = 3,
	  .doc = "Average use in percent of the request."),
};
DESC(autoscaling_metric_value_status, "MetricValueStatus", "What was observed of a metric value.");
#undef T

#define T struct autoscaling_object_metric_status
static const struct msg_field autoscaling_object_metric_status_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .pb = 1, .doc = "Metric."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .pb = 2, .doc = "Current value."),
	F(described_object, "describedObject", MESSAGE, .desc = &autoscaling_cross_version_object_reference_desc,
	  .pb = 3, .doc = "The object that the metric describes."),
};
DESC(autoscaling_object_metric_status, "ObjectMetricStatus", "What was observed of a object metric.");
#undef T

#define T struct autoscaling_pods_metric_status
static const struct msg_field autoscaling_pods_metric_status_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .pb = 1, .doc = "Metric."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .pb = 2, .doc = "Current value."),
};
DESC(autoscaling_pods_metric_status, "PodsMetricStatus", "What was observed of a pods metric.");
#undef T

#define T struct autoscaling_resource_metric_status
static const struct msg_field autoscaling_resource_metric_status_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .pb = 2, .doc = "Current value."),
};
DESC(autoscaling_resource_metric_status, "ResourceMetricStatus", "What was observed of a resource metric.");
#undef T

#define T struct autoscaling_container_resource_metric_status
static const struct msg_field autoscaling_container_resource_metric_status_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .pb = 2, .doc = "Current value."),
	F(container, "container", STRING, .pb = 3, .doc = "Container settings."),
};
DESC(autoscaling_container_resource_metric_status, "ContainerResourceMetricStatus",
     "What was observed of a container resource metric.");
#undef T

#define T struct autoscaling_external_metric_status
static const struct msg_field autoscaling_external_metric_status_rows[] = {
	F(metric, "metric", MESSAGE, .desc = &autoscaling_metric_identifier_desc, .pb = 1, .doc = "Metric."),
	F(current, "current", MESSAGE, .desc = &autoscaling_metric_value_status_desc, .pb = 2, .doc = "Current value."),
};
DESC(autoscaling_external_metric_status, "ExternalMetricStatus", "What was observed of a external metric.");
#undef T

#define T struct autoscaling_metric_status
static const struct msg_field autoscaling_metric_status_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(object, "object", MESSAGE, .desc = &autoscaling_object_metric_status_desc, .pb = 2, .doc = "The object."),
	F(pods, "pods", MESSAGE, .desc = &autoscaling_pods_metric_status_desc, .pb = 3, .doc = "A metric of each pod."),
	F(resource, "resource", MESSAGE, .desc = &autoscaling_resource_metric_status_desc, .pb = 4, .doc = "Resource."),
	F(container_resource, "containerResource", MESSAGE, .desc = &autoscaling_container_resource_metric_status_desc,
	  .pb = 7, .doc = "A resource of one container of each pod."),
	F(external, "external", MESSAGE, .desc = &autoscaling_external_metric_status_desc, .pb = 5,
	  .doc = "A metric from outside the cluster."),
};
DESC(autoscaling_metric_status, "MetricStatus", "What was observed of a metric.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_condition
static const struct msg_field autoscaling_horizontal_pod_autoscaler_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 3,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 4, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 5, .doc = "Sentence for people that says why."),
};
DESC(autoscaling_horizontal_pod_autoscaler_condition, "HorizontalPodAutoscalerCondition",
     "One condition of a horizontal pod autoscaler.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler_status
static const struct msg_field autoscaling_horizontal_pod_autoscaler_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .flags = MSG_OPTIONAL, .pb = 1,
	  .doc = "Generation of the specification that this status is about."),
	F(last_scale_time, "lastScaleTime", STRING, .format = "date-time", .pb = 2, .doc = "When it was scaled last."),
	F(current_replicas, "currentReplicas", INT32, .pb = 3, .doc = "Pods of the current revision."),
	F(desired_replicas, "desiredReplicas", INT32, .flags = MSG_KEEP_ZERO, .pb = 4, .doc = "Pods that are wanted."),
	F(current_metrics, "currentMetrics", MESSAGE, .desc = &autoscaling_metric_status_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .pb = 5, .doc = "Metrics as last read."),
	F(conditions, "conditions", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_condition_desc,
	  .flags = MSG_LIST, .keys = "type", .merge_key = "type", .pb = 6, .doc = "Conditions observed last."),
};
DESC(autoscaling_horizontal_pod_autoscaler_status, "HorizontalPodAutoscalerStatus",
     "What was observed of a horizontal pod autoscaler.");
#undef T

#define T struct autoscaling_horizontal_pod_autoscaler
static const struct msg_field autoscaling_horizontal_pod_autoscaler_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_spec_desc, .pb = 2,
	  .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &autoscaling_horizontal_pod_autoscaler_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(autoscaling_horizontal_pod_autoscaler, "HorizontalPodAutoscaler", "Horizontal pod autoscaler.");
#undef T

#define T struct autoscaling_v1_scale_spec
static const struct msg_field autoscaling_v1_scale_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_NON_NEGATIVE, .pb = 1, .doc = "Number of pods wanted."),
};
DESC(autoscaling_v1_scale_spec, "ScaleSpec", "What is wanted of a scale.");
#undef T

#define T struct autoscaling_v1_scale_status
static const struct msg_field autoscaling_v1_scale_status_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Number of pods wanted."),
	F(selector, "selector", STRING, .pb = 2, .doc = "Selects by labels."),
};
DESC(autoscaling_v1_scale_status, "ScaleStatus", "What was observed of a scale.");
#undef T

#define T struct autoscaling_v1_scale
static const struct msg_field autoscaling_v1_scale_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &autoscaling_v1_scale_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &autoscaling_v1_scale_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(autoscaling_v1_scale, "Scale", "Scale.");
#undef T
