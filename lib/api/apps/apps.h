/* Workloads: apps/v1. */
#ifndef API_APPS_APPS_H
#define API_APPS_APPS_H

#include "api/core/persistent_volume.h"
#include "api/core/pod.h"

/* Rolling update deployment. */
struct apps_rolling_update_deployment {
	struct int_or_str max_unavailable;
	struct int_or_str max_surge;
};

/* How it is done: deployment. */
struct apps_deployment_strategy {
	const char *type;
	struct apps_rolling_update_deployment *rolling_update;
};

/* What is wanted of a deployment. */
struct apps_deployment_spec {
	int32_t *replicas;
	struct meta_label_selector *selector;
	struct core_pod_template_spec *template;
	struct apps_deployment_strategy *strategy;
	int32_t min_ready_seconds;
	int32_t *revision_history_limit;
	bool paused;
	int32_t *progress_deadline_seconds;
};

/* One condition of a deployment. */
struct apps_deployment_condition {
	const char *type;
	const char *status;
	const char *last_update_time;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a deployment. */
struct apps_deployment_status {
	int64_t observed_generation;
	int32_t replicas;
	int32_t updated_replicas;
	int32_t ready_replicas;
	int32_t available_replicas;
	int32_t unavailable_replicas;
	LIST(struct apps_deployment_condition) conditions;
	int32_t *collision_count;
};

/* Pods that are replaced step by step when their template changes. */
struct apps_deployment {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct apps_deployment_spec *spec;
	struct apps_deployment_status *status;
};

/* What is wanted of a replica set. */
struct apps_replica_set_spec {
	int32_t *replicas;
	int32_t min_ready_seconds;
	struct meta_label_selector *selector;
	struct core_pod_template_spec *template;
};

/* One condition of a replica set. */
struct apps_replica_set_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a replica set. */
struct apps_replica_set_status {
	int32_t replicas;
	int32_t fully_labeled_replicas;
	int32_t ready_replicas;
	int32_t available_replicas;
	int64_t observed_generation;
	LIST(struct apps_replica_set_condition) conditions;
};

/* A number of equal pods. */
struct apps_replica_set {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct apps_replica_set_spec *spec;
	struct apps_replica_set_status *status;
};

/* How it is done: rolling update stateful set. */
struct apps_rolling_update_stateful_set_strategy {
	int32_t *partition;
	struct int_or_str max_unavailable;
};

/* How it is done: stateful set update. */
struct apps_stateful_set_update_strategy {
	const char *type;
	struct apps_rolling_update_stateful_set_strategy *rolling_update;
};

/* Policy: stateful set persistent volume claim retention. */
struct apps_stateful_set_persistent_volume_claim_retention_policy {
	const char *when_deleted;
	const char *when_scaled;
};

/* Stateful set ordinals. */
struct apps_stateful_set_ordinals {
	int32_t start;
};

/* What is wanted of a stateful set. */
struct apps_stateful_set_spec {
	int32_t *replicas;
	struct meta_label_selector *selector;
	struct core_pod_template_spec *template;
	LIST(struct core_persistent_volume_claim) volume_claim_templates;
	const char *service_name;
	const char *pod_management_policy;
	struct apps_stateful_set_update_strategy *update_strategy;
	int32_t *revision_history_limit;
	int32_t min_ready_seconds;
	struct apps_stateful_set_persistent_volume_claim_retention_policy *persistent_volume_claim_retention_policy;
	struct apps_stateful_set_ordinals *ordinals;
};

/* One condition of a stateful set. */
struct apps_stateful_set_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a stateful set. */
struct apps_stateful_set_status {
	int64_t observed_generation;
	int32_t replicas;
	int32_t ready_replicas;
	int32_t current_replicas;
	int32_t updated_replicas;
	const char *current_revision;
	const char *update_revision;
	int32_t *collision_count;
	LIST(struct apps_stateful_set_condition) conditions;
	int32_t available_replicas;
};

/* Pods with names and storage of their own. */
struct apps_stateful_set {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct apps_stateful_set_spec *spec;
	struct apps_stateful_set_status *status;
};

/* Rolling update daemon set. */
struct apps_rolling_update_daemon_set {
	struct int_or_str max_unavailable;
	struct int_or_str max_surge;
};

/* How it is done: daemon set update. */
struct apps_daemon_set_update_strategy {
	const char *type;
	struct apps_rolling_update_daemon_set *rolling_update;
};

/* What is wanted of a daemon set. */
struct apps_daemon_set_spec {
	struct meta_label_selector *selector;
	struct core_pod_template_spec *template;
	struct apps_daemon_set_update_strategy *update_strategy;
	int32_t min_ready_seconds;
	int32_t *revision_history_limit;
};

/* One condition of a daemon set. */
struct apps_daemon_set_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a daemon set. */
struct apps_daemon_set_status {
	int32_t current_number_scheduled;
	int32_t number_misscheduled;
	int32_t desired_number_scheduled;
	int32_t number_ready;
	int64_t observed_generation;
	int32_t updated_number_scheduled;
	int32_t number_available;
	int32_t number_unavailable;
	int32_t *collision_count;
	LIST(struct apps_daemon_set_condition) conditions;
};

/* A pod on every node. */
struct apps_daemon_set {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct apps_daemon_set_spec *spec;
	struct apps_daemon_set_status *status;
};

/* Controller revision. */
struct apps_controller_revision {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	cJSON *data;
	int64_t revision;
};

extern const struct msg_desc apps_rolling_update_deployment_desc;
extern const struct msg_desc apps_deployment_strategy_desc;
extern const struct msg_desc apps_deployment_spec_desc;
extern const struct msg_desc apps_deployment_condition_desc;
extern const struct msg_desc apps_deployment_status_desc;
extern const struct msg_desc apps_deployment_desc;
extern const struct msg_desc apps_replica_set_spec_desc;
extern const struct msg_desc apps_replica_set_condition_desc;
extern const struct msg_desc apps_replica_set_status_desc;
extern const struct msg_desc apps_replica_set_desc;
extern const struct msg_desc apps_rolling_update_stateful_set_strategy_desc;
extern const struct msg_desc apps_stateful_set_update_strategy_desc;
extern const struct msg_desc apps_stateful_set_persistent_volume_claim_retention_policy_desc;
extern const struct msg_desc apps_stateful_set_ordinals_desc;
extern const struct msg_desc apps_stateful_set_spec_desc;
extern const struct msg_desc apps_stateful_set_condition_desc;
extern const struct msg_desc apps_stateful_set_status_desc;
extern const struct msg_desc apps_stateful_set_desc;
extern const struct msg_desc apps_rolling_update_daemon_set_desc;
extern const struct msg_desc apps_daemon_set_update_strategy_desc;
extern const struct msg_desc apps_daemon_set_spec_desc;
extern const struct msg_desc apps_daemon_set_condition_desc;
extern const struct msg_desc apps_daemon_set_status_desc;
extern const struct msg_desc apps_daemon_set_desc;
extern const struct msg_desc apps_controller_revision_desc;

#endif
