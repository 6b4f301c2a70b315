/* Rows of podDisruptionBudgets: policy/v1. See the header for the structs. */
#include "api/policy.h"

#include "api/api_internal.h"

WORDS(words_if_healthy_budget_always_allow, {"IfHealthyBudget", 0}, {"AlwaysAllow", 0});

#define T struct policy_pod_disruption_budget_spec
static const struct msg_field policy_pod_disruption_budget_spec_rows[] = {
	F(min_available, "minAvailable", INT_OR_STR, .doc = "Min available."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Selector."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .doc = "Max unavailable."),
	F(unhealthy_pod_eviction_policy, "unhealthyPodEvictionPolicy", STRING,
	  .enums = &words_if_healthy_budget_always_allow, .doc = "Unhealthy pod eviction policy."),
};
DESC(policy_pod_disruption_budget_spec, "PodDisruptionBudgetSpec", "Pod disruption budget spec.");
#undef T

#define T struct policy_pod_disruption_budget_status
static const struct msg_field policy_pod_disruption_budget_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(disrupted_pods, "disruptedPods", JSON, .flags = MSG_OBJECT, .doc = "Disrupted pods."),
	F(disruptions_allowed, "disruptionsAllowed", INT32, .flags = MSG_KEEP_ZERO, .doc = "Disruptions allowed."),
	F(current_healthy, "currentHealthy", INT32, .flags = MSG_KEEP_ZERO, .doc = "Current healthy."),
	F(desired_healthy, "desiredHealthy", INT32, .flags = MSG_KEEP_ZERO, .doc = "Desired healthy."),
	F(expected_pods, "expectedPods", INT32, .flags = MSG_KEEP_ZERO, .doc = "Expected pods."),
	F(conditions, "conditions", MESSAGE, .desc = &meta_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .doc = "Conditions."),
};
DESC(policy_pod_disruption_budget_status, "PodDisruptionBudgetStatus", "Pod disruption budget status.");
#undef T

#define T struct policy_pod_disruption_budget
static const struct msg_field policy_pod_disruption_budget_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &policy_pod_disruption_budget_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &policy_pod_disruption_budget_status_desc, .doc = "Status."),
};
DESC(policy_pod_disruption_budget, "PodDisruptionBudget", "Pod disruption budget.");
#undef T

#define T struct policy_eviction
static const struct msg_field policy_eviction_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(delete_options, "deleteOptions", MESSAGE, .desc = &meta_delete_options_desc, .doc = "Delete options."),
};
DESC(policy_eviction, "Eviction", "Eviction.");
#undef T
