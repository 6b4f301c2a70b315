/* Rows of podDisruptionBudgets: policy/v1. See the header for the structs. */
#include "api/apps/policy.h"

#include "api/api_internal.h"

WORDS(words_if_healthy_budget_always_allow, {"IfHealthyBudget", 0}, {"AlwaysAllow", 0});

#define T struct policy_pod_disruption_budget_spec
static const struct msg_field policy_pod_disruption_budget_spec_rows[] = {
	F(min_available, "minAvailable", INT_OR_STR, .pb = 1,
	  .doc = "How many must stay available, as a number or a percentage."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 2,
	  .doc = "Selects by labels."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .pb = 3,
	  .doc = "How many may be unavailable at once, as a number or a percentage."),
	F(unhealthy_pod_eviction_policy, "unhealthyPodEvictionPolicy", STRING,
	  .enums = &words_if_healthy_budget_always_allow, .pb = 4,
	  .doc = "When pods that are not ready may be evicted."),
};
DESC(policy_pod_disruption_budget_spec, "PodDisruptionBudgetSpec", "What is wanted of a pod disruption budget.");
#undef T

#define T struct policy_pod_disruption_budget_status
static const struct msg_field policy_pod_disruption_budget_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .pb = 1,
	  .doc = "Generation of the specification that this status is about."),
	F(disrupted_pods, "disruptedPods", JSON, .flags = MSG_OBJECT, .format = "date-times", .pb = 2,
	  .doc = "Pods that are being evicted."),
	F(disruptions_allowed, "disruptionsAllowed", INT32, .flags = MSG_KEEP_ZERO, .pb = 3,
	  .doc = "Pods that may be evicted now."),
	F(current_healthy, "currentHealthy", INT32, .flags = MSG_KEEP_ZERO, .pb = 4, .doc = "Pods that are healthy."),
	F(desired_healthy, "desiredHealthy", INT32, .flags = MSG_KEEP_ZERO, .pb = 5, .doc = "Least healthy pods."),
	F(expected_pods, "expectedPods", INT32, .flags = MSG_KEEP_ZERO, .pb = 6, .doc = "Pods that count."),
	F(conditions, "conditions", MESSAGE, .desc = &meta_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 7, .doc = "Conditions observed last."),
};
DESC(policy_pod_disruption_budget_status, "PodDisruptionBudgetStatus", "What was observed of a pod disruption budget.");
#undef T

#define T struct policy_pod_disruption_budget
static const struct msg_field policy_pod_disruption_budget_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &policy_pod_disruption_budget_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &policy_pod_disruption_budget_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(policy_pod_disruption_budget, "PodDisruptionBudget", "Pod disruption budget.");
#undef T

#define T struct policy_eviction
static const struct msg_field policy_eviction_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(delete_options, "deleteOptions", MESSAGE, .desc = &meta_delete_options_desc, .pb = 2,
	  .doc = "Options of the deletion."),
};
DESC(policy_eviction, "Eviction", "Eviction.");
#undef T
