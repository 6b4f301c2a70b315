/* PodDisruptionBudgets: policy/v1. */
#ifndef API_APPS_POLICY_H
#define API_APPS_POLICY_H

#include "api/meta.h"

/* What is wanted of a pod disruption budget. */
struct policy_pod_disruption_budget_spec {
	struct int_or_str min_available;
	struct meta_label_selector *selector;
	struct int_or_str max_unavailable;
	const char *unhealthy_pod_eviction_policy;
};

/* What was observed of a pod disruption budget. */
struct policy_pod_disruption_budget_status {
	int64_t observed_generation;
	cJSON *disrupted_pods;
	int32_t disruptions_allowed;
	int32_t current_healthy;
	int32_t desired_healthy;
	int32_t expected_pods;
	LIST(struct meta_condition) conditions;
};

/* Pod disruption budget. */
struct policy_pod_disruption_budget {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct policy_pod_disruption_budget_spec *spec;
	struct policy_pod_disruption_budget_status *status;
};

/* Eviction. */
struct policy_eviction {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct meta_delete_options *delete_options;
};

extern const struct msg_desc policy_pod_disruption_budget_spec_desc;
extern const struct msg_desc policy_pod_disruption_budget_status_desc;
extern const struct msg_desc policy_pod_disruption_budget_desc;
extern const struct msg_desc policy_eviction_desc;

#endif
