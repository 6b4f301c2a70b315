/* Rows of workloads: apps/v1. See the header for the structs. */
#include "api/apps.h"

#include "api/api_internal.h"

WORDS(words_recreate_rolling_update, {"Recreate", 0}, {"RollingUpdate", 0});
WORDS(words_rolling_update_on_delete, {"RollingUpdate", 0}, {"OnDelete", 0});
WORDS(words_ordered_ready_parallel, {"OrderedReady", 0}, {"Parallel", 0});

#define T struct apps_rolling_update_deployment
static const struct msg_field apps_rolling_update_deployment_rows[] = {
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .doc = "Max unavailable."),
	F(max_surge, "maxSurge", INT_OR_STR, .doc = "Max surge."),
};
DESC(apps_rolling_update_deployment, "RollingUpdateDeployment", "Rolling update deployment.");
#undef T

#define T struct apps_deployment_strategy
static const struct msg_field apps_deployment_strategy_rows[] = {
	F(type, "type", STRING, .enums = &words_recreate_rolling_update, .doc = "Type."),
	F(rolling_update, "rollingUpdate", MESSAGE, .desc = &apps_rolling_update_deployment_desc,
	  .doc = "Rolling update."),
};
DESC(apps_deployment_strategy, "DeploymentStrategy", "Deployment strategy.");
#undef T

#define T struct apps_deployment_spec
static const struct msg_field apps_deployment_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL, .doc = "Replicas."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_REQUIRED, .doc = "Selector."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED,
	  .doc = "Template."),
	F(strategy, "strategy", MESSAGE, .desc = &apps_deployment_strategy_desc, .flags = MSG_RETAIN_KEYS,
	  .doc = "Strategy."),
	F(min_ready_seconds, "minReadySeconds", INT32, .doc = "Min ready seconds."),
	F(revision_history_limit, "revisionHistoryLimit", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Revision history limit."),
	F(paused, "paused", BOOL, .doc = "Whether paused applies."),
	F(progress_deadline_seconds, "progressDeadlineSeconds", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Progress deadline seconds."),
};
DESC(apps_deployment_spec, "DeploymentSpec", "Deployment spec.");
#undef T

#define T struct apps_deployment_condition
static const struct msg_field apps_deployment_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_update_time, "lastUpdateTime", STRING, .format = "date-time", .doc = "Last update time."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(apps_deployment_condition, "DeploymentCondition", "Deployment condition.");
#undef T

#define T struct apps_deployment_status
static const struct msg_field apps_deployment_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(replicas, "replicas", INT32, .doc = "Replicas."),
	F(updated_replicas, "updatedReplicas", INT32, .doc = "Updated replicas."),
	F(ready_replicas, "readyReplicas", INT32, .doc = "Ready replicas."),
	F(available_replicas, "availableReplicas", INT32, .doc = "Available replicas."),
	F(unavailable_replicas, "unavailableReplicas", INT32, .doc = "Unavailable replicas."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_deployment_condition_desc, .flags = MSG_LIST,
	  .merge_key = "type", .doc = "Conditions."),
	F(collision_count, "collisionCount", INT32, .flags = MSG_OPTIONAL, .doc = "Collision count."),
};
DESC(apps_deployment_status, "DeploymentStatus", "Deployment status.");
#undef T

#define T struct apps_deployment
static const struct msg_field apps_deployment_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &apps_deployment_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &apps_deployment_status_desc, .doc = "Status."),
};
DESC(apps_deployment, "Deployment", "Deployment.");
#undef T

#define T struct apps_replica_set_spec
static const struct msg_field apps_replica_set_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL, .doc = "Replicas."),
	F(min_ready_seconds, "minReadySeconds", INT32, .doc = "Min ready seconds."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_REQUIRED, .doc = "Selector."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .doc = "Template."),
};
DESC(apps_replica_set_spec, "ReplicaSetSpec", "Replica set spec.");
#undef T

#define T struct apps_replica_set_condition
static const struct msg_field apps_replica_set_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(apps_replica_set_condition, "ReplicaSetCondition", "Replica set condition.");
#undef T

#define T struct apps_replica_set_status
static const struct msg_field apps_replica_set_status_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_KEEP_ZERO, .doc = "Replicas."),
	F(fully_labeled_replicas, "fullyLabeledReplicas", INT32, .doc = "Fully labeled replicas."),
	F(ready_replicas, "readyReplicas", INT32, .doc = "Ready replicas."),
	F(available_replicas, "availableReplicas", INT32, .doc = "Available replicas."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_replica_set_condition_desc, .flags = MSG_LIST,
	  .merge_key = "type", .doc = "Conditions."),
};
DESC(apps_replica_set_status, "ReplicaSetStatus", "Replica set status.");
#undef T

#define T struct apps_replica_set
static const struct msg_field apps_replica_set_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &apps_replica_set_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &apps_replica_set_status_desc, .doc = "Status."),
};
DESC(apps_replica_set, "ReplicaSet", "Replica set.");
#undef T

#define T struct apps_rolling_update_stateful_set_strategy
static const struct msg_field apps_rolling_update_stateful_set_strategy_rows[] = {
	F(partition, "partition", INT32, .flags = MSG_OPTIONAL, .doc = "Partition."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .doc = "Max unavailable."),
};
DESC(apps_rolling_update_stateful_set_strategy, "RollingUpdateStatefulSetStrategy",
     "Rolling update stateful set strategy.");
#undef T

#define T struct apps_stateful_set_update_strategy
static const struct msg_field apps_stateful_set_update_strategy_rows[] = {
	F(type, "type", STRING, .enums = &words_rolling_update_on_delete, .doc = "Type."),
	F(rolling_update, "rollingUpdate", MESSAGE, .desc = &apps_rolling_update_stateful_set_strategy_desc,
	  .doc = "Rolling update."),
};
DESC(apps_stateful_set_update_strategy, "StatefulSetUpdateStrategy", "Stateful set update strategy.");
#undef T

#define T struct apps_stateful_set_persistent_volume_claim_retention_policy
static const struct msg_field apps_stateful_set_persistent_volume_claim_retention_policy_rows[] = {
	F(when_deleted, "whenDeleted", STRING, .doc = "When deleted."),
	F(when_scaled, "whenScaled", STRING, .doc = "When scaled."),
};
DESC(apps_stateful_set_persistent_volume_claim_retention_policy, "StatefulSetPersistentVolumeClaimRetentionPolicy",
     "Stateful set persistent volume claim retention policy.");
#undef T

#define T struct apps_stateful_set_ordinals
static const struct msg_field apps_stateful_set_ordinals_rows[] = {
	F(start, "start", INT32, .flags = MSG_KEEP_ZERO, .doc = "Start."),
};
DESC(apps_stateful_set_ordinals, "StatefulSetOrdinals", "Stateful set ordinals.");
#undef T

#define T struct apps_stateful_set_spec
static const struct msg_field apps_stateful_set_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL, .doc = "Replicas."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Selector."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .doc = "Template."),
	F(volume_claim_templates, "volumeClaimTemplates", MESSAGE, .desc = &core_persistent_volume_claim_desc,
	  .flags = MSG_LIST, .doc = "Volume claim templates."),
	F(service_name, "serviceName", STRING, .doc = "Service name."),
	F(pod_management_policy, "podManagementPolicy", STRING, .enums = &words_ordered_ready_parallel,
	  .doc = "Pod management policy."),
	F(update_strategy, "updateStrategy", MESSAGE, .desc = &apps_stateful_set_update_strategy_desc,
	  .doc = "Update strategy."),
	F(revision_history_limit, "revisionHistoryLimit", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Revision history limit."),
	F(min_ready_seconds, "minReadySeconds", INT32, .doc = "Min ready seconds."),
	F(persistent_volume_claim_retention_policy, "persistentVolumeClaimRetentionPolicy", MESSAGE,
	  .desc = &apps_stateful_set_persistent_volume_claim_retention_policy_desc,
	  .doc = "Persistent volume claim retention policy."),
	F(ordinals, "ordinals", MESSAGE, .desc = &apps_stateful_set_ordinals_desc, .doc = "Ordinals."),
};
DESC(apps_stateful_set_spec, "StatefulSetSpec", "Stateful set spec.");
#undef T

#define T struct apps_stateful_set_condition
static const struct msg_field apps_stateful_set_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(apps_stateful_set_condition, "StatefulSetCondition", "Stateful set condition.");
#undef T

#define T struct apps_stateful_set_status
static const struct msg_field apps_stateful_set_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(replicas, "replicas", INT32, .flags = MSG_KEEP_ZERO, .doc = "Replicas."),
	F(ready_replicas, "readyReplicas", INT32, .doc = "Ready replicas."),
	F(current_replicas, "currentReplicas", INT32, .doc = "Current replicas."),
	F(updated_replicas, "updatedReplicas", INT32, .doc = "Updated replicas."),
	F(current_revision, "currentRevision", STRING, .doc = "Current revision."),
	F(update_revision, "updateRevision", STRING, .doc = "Update revision."),
	F(collision_count, "collisionCount", INT32, .flags = MSG_OPTIONAL, .doc = "Collision count."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_stateful_set_condition_desc, .flags = MSG_LIST,
	  .merge_key = "type", .doc = "Conditions."),
	F(available_replicas, "availableReplicas", INT32, .flags = MSG_KEEP_ZERO, .doc = "Available replicas."),
};
DESC(apps_stateful_set_status, "StatefulSetStatus", "Stateful set status.");
#undef T

#define T struct apps_stateful_set
static const struct msg_field apps_stateful_set_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &apps_stateful_set_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &apps_stateful_set_status_desc, .doc = "Status."),
};
DESC(apps_stateful_set, "StatefulSet", "Stateful set.");
#undef T

#define T struct apps_rolling_update_daemon_set
static const struct msg_field apps_rolling_update_daemon_set_rows[] = {
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .doc = "Max unavailable."),
	F(max_surge, "maxSurge", INT_OR_STR, .doc = "Max surge."),
};
DESC(apps_rolling_update_daemon_set, "RollingUpdateDaemonSet", "Rolling update daemon set.");
#undef T

#define T struct apps_daemon_set_update_strategy
static const struct msg_field apps_daemon_set_update_strategy_rows[] = {
	F(type, "type", STRING, .enums = &words_rolling_update_on_delete, .doc = "Type."),
	F(rolling_update, "rollingUpdate", MESSAGE, .desc = &apps_rolling_update_daemon_set_desc,
	  .doc = "Rolling update."),
};
DESC(apps_daemon_set_update_strategy, "DaemonSetUpdateStrategy", "Daemon set update strategy.");
#undef T

#define T struct apps_daemon_set_spec
static const struct msg_field apps_daemon_set_spec_rows[] = {
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_REQUIRED, .doc = "Selector."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED,
	  .doc = "Template."),
	F(update_strategy, "updateStrategy", MESSAGE, .desc = &apps_daemon_set_update_strategy_desc,
	  .doc = "Update strategy."),
	F(min_ready_seconds, "minReadySeconds", INT32, .doc = "Min ready seconds."),
	F(revision_history_limit, "revisionHistoryLimit", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Revision history limit."),
};
DESC(apps_daemon_set_spec, "DaemonSetSpec", "Daemon set spec.");
#undef T

#define T struct apps_daemon_set_condition
static const struct msg_field apps_daemon_set_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(apps_daemon_set_condition, "DaemonSetCondition", "Daemon set condition.");
#undef T

#define T struct apps_daemon_set_status
static const struct msg_field apps_daemon_set_status_rows[] = {
	F(current_number_scheduled, "currentNumberScheduled", INT32, .flags = MSG_KEEP_ZERO,
	  .doc = "Current number scheduled."),
	F(number_misscheduled, "numberMisscheduled", INT32, .flags = MSG_KEEP_ZERO, .doc = "Number misscheduled."),
	F(desired_number_scheduled, "desiredNumberScheduled", INT32, .flags = MSG_KEEP_ZERO,
	  .doc = "Desired number scheduled."),
	F(number_ready, "numberReady", INT32, .flags = MSG_KEEP_ZERO, .doc = "Number ready."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(updated_number_scheduled, "updatedNumberScheduled", INT32, .doc = "Updated number scheduled."),
	F(number_available, "numberAvailable", INT32, .doc = "Number available."),
	F(number_unavailable, "numberUnavailable", INT32, .doc = "Number unavailable."),
	F(collision_count, "collisionCount", INT32, .flags = MSG_OPTIONAL, .doc = "Collision count."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_daemon_set_condition_desc, .flags = MSG_LIST,
	  .merge_key = "type", .doc = "Conditions."),
};
DESC(apps_daemon_set_status, "DaemonSetStatus", "Daemon set status.");
#undef T

#define T struct apps_daemon_set
static const struct msg_field apps_daemon_set_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &apps_daemon_set_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &apps_daemon_set_status_desc, .doc = "Status."),
};
DESC(apps_daemon_set, "DaemonSet", "Daemon set.");
#undef T

#define T struct apps_controller_revision
static const struct msg_field apps_controller_revision_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(data, "data", JSON, .flags = MSG_ANY_FORM, .doc = "Data."),
	F(revision, "revision", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Revision."),
};
DESC(apps_controller_revision, "ControllerRevision", "Controller revision.");
#undef T
