/* Rows of workloads: apps/v1. See the header for the structs. */
#include "api/apps/apps.h"

#include "api/api_internal.h"

WORDS(words_recreate_rolling_update, {"Recreate", 0}, {"RollingUpdate", 0});
WORDS(words_rolling_update_on_delete, {"RollingUpdate", 0}, {"OnDelete", 0});
WORDS(words_ordered_ready_parallel, {"OrderedReady", 0}, {"Parallel", 0});

#define T struct apps_rolling_update_deployment
static const struct msg_field apps_rolling_update_deployment_rows[] = {
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .dflt = "\"25%\"", .pb = 1,
	  .doc = "How many may be unavailable at once, as a number or a percentage."),
	F(max_surge, "maxSurge", INT_OR_STR, .dflt = "\"25%\"", .pb = 2,
	  .doc = "How many more than wanted may exist at once, as a number or a percentage."),
};
DESC(apps_rolling_update_deployment, "RollingUpdateDeployment", "Rolling update deployment.");
#undef T

#define T struct apps_deployment_strategy
static const struct msg_field apps_deployment_strategy_rows[] = {
	F(type, "type", STRING, .enums = &words_recreate_rolling_update, .dflt = "\"RollingUpdate\"", .pb = 1,
	  .doc = "Type; one of the allowed words."),
	F(rolling_update, "rollingUpdate", MESSAGE, .desc = &apps_rolling_update_deployment_desc, .pb = 2,
	  .doc = "Settings of rolling updates."),
};
DESC(apps_deployment_strategy, "DeploymentStrategy", "How it is done: deployment.");
#undef T

#define T struct apps_deployment_spec
static const struct msg_field apps_deployment_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .dflt = "1", .pb = 1,
	  .doc = "Number of pods wanted."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 2,
	  .doc = "Labels of the pods; cannot be changed."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED, .pb = 3,
	  .doc = "Template of the pods."),
	F(strategy, "strategy", MESSAGE, .desc = &apps_deployment_strategy_desc, .flags = MSG_RETAIN_KEYS,
	  .dflt = "{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":\"25%\",\"maxSurge\":\"25%\"}}",
	  .pb = 4, .doc = "How pods are replaced."),
	F(min_ready_seconds, "minReadySeconds", INT32, .flags = MSG_NON_NEGATIVE, .pb = 5,
	  .doc = "Seconds a pod must be ready to count as available."),
	F(revision_history_limit, "revisionHistoryLimit", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .dflt = "10",
	  .pb = 6, .doc = "How many old revisions are kept."),
	F(paused, "paused", BOOL, .pb = 7, .doc = "Holds the rollout."),
	F(progress_deadline_seconds, "progressDeadlineSeconds", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE,
	  .dflt = "600", .pb = 9, .doc = "Seconds without progress after which a rollout counts as failed."),
};
DESC(apps_deployment_spec, "DeploymentSpec", "What is wanted of a deployment.");
#undef T

#define T struct apps_deployment_condition
static const struct msg_field apps_deployment_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_update_time, "lastUpdateTime", STRING, .format = "date-time", .pb = 6,
	  .doc = "When it was updated last."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 7,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 4, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 5, .doc = "Sentence for people that says why."),
};
DESC(apps_deployment_condition, "DeploymentCondition", "One condition of a deployment.");
#undef T

#define T struct apps_deployment_status
static const struct msg_field apps_deployment_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .pb = 1,
	  .doc = "Generation of the specification that this status is about."),
	F(replicas, "replicas", INT32, .pb = 2, .doc = "Number of pods wanted."),
	F(updated_replicas, "updatedReplicas", INT32, .pb = 3, .doc = "Pods made from the newest template."),
	F(ready_replicas, "readyReplicas", INT32, .pb = 7, .doc = "Pods that are ready."),
	F(available_replicas, "availableReplicas", INT32, .pb = 4, .doc = "Pods that have been ready for long enough."),
	F(unavailable_replicas, "unavailableReplicas", INT32, .pb = 5, .doc = "Pods that are still missing."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_deployment_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 6, .doc = "Conditions observed last."),
	F(collision_count, "collisionCount", INT32, .flags = MSG_OPTIONAL, .pb = 8,
	  .doc = "How often the hash of the template collided."),
};
DESC(apps_deployment_status, "DeploymentStatus", "What was observed of a deployment.");
#undef T

#define T struct apps_deployment
static const struct msg_field apps_deployment_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &apps_deployment_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &apps_deployment_status_desc, .dflt = "{}", .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(apps_deployment, "Deployment", "Pods that are replaced step by step when their template changes.");
#undef T

#define T struct apps_replica_set_spec
static const struct msg_field apps_replica_set_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .dflt = "1", .pb = 1,
	  .doc = "Number of pods wanted."),
	F(min_ready_seconds, "minReadySeconds", INT32, .flags = MSG_NON_NEGATIVE, .pb = 4,
	  .doc = "Seconds a pod must be ready to count as available."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 2,
	  .doc = "Selects by labels."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .pb = 3,
	  .doc = "Template of what is created."),
};
DESC(apps_replica_set_spec, "ReplicaSetSpec", "What is wanted of a replica set.");
#undef T

#define T struct apps_replica_set_condition
static const struct msg_field apps_replica_set_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 3,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 4, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 5, .doc = "Sentence for people that says why."),
};
DESC(apps_replica_set_condition, "ReplicaSetCondition", "One condition of a replica set.");
#undef T

#define T struct apps_replica_set_status
static const struct msg_field apps_replica_set_status_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Number of pods wanted."),
	F(fully_labeled_replicas, "fullyLabeledReplicas", INT32, .pb = 2,
	  .doc = "Pods with all labels of the template."),
	F(ready_replicas, "readyReplicas", INT32, .pb = 4, .doc = "Pods that are ready."),
	F(available_replicas, "availableReplicas", INT32, .pb = 5, .doc = "Pods that have been ready for long enough."),
	F(observed_generation, "observedGeneration", INT64, .pb = 3,
	  .doc = "Generation of the specification that this status is about."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_replica_set_condition_desc, .flags = MSG_LIST,
	  .keys = "type", .merge_key = "type", .pb = 6, .doc = "Conditions observed last."),
};
DESC(apps_replica_set_status, "ReplicaSetStatus", "What was observed of a replica set.");
#undef T

#define T struct apps_replica_set
static const struct msg_field apps_replica_set_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &apps_replica_set_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &apps_replica_set_status_desc, .dflt = "{\"replicas\":0}", .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(apps_replica_set, "ReplicaSet", "A number of equal pods.");
#undef T

#define T struct apps_rolling_update_stateful_set_strategy
static const struct msg_field apps_rolling_update_stateful_set_strategy_rows[] = {
	F(partition, "partition", INT32, .flags = MSG_OPTIONAL, .pb = 1,
	  .doc = "Partition number, or where a rolling update stops."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .pb = 2,
	  .doc = "How many may be unavailable at once, as a number or a percentage."),
};
DESC(apps_rolling_update_stateful_set_strategy, "RollingUpdateStatefulSetStrategy",
     "How it is done: rolling update stateful set.");
#undef T

#define T struct apps_stateful_set_update_strategy
static const struct msg_field apps_stateful_set_update_strategy_rows[] = {
	F(type, "type", STRING, .enums = &words_rolling_update_on_delete, .pb = 1,
	  .doc = "Type; one of the allowed words."),
	F(rolling_update, "rollingUpdate", MESSAGE, .desc = &apps_rolling_update_stateful_set_strategy_desc, .pb = 2,
	  .doc = "Settings of rolling updates."),
};
DESC(apps_stateful_set_update_strategy, "StatefulSetUpdateStrategy", "How it is done: stateful set update.");
#undef T

#define T struct apps_stateful_set_persistent_volume_claim_retention_policy
static const struct msg_field apps_stateful_set_persistent_volume_claim_retention_policy_rows[] = {
	F(when_deleted, "whenDeleted", STRING, .pb = 1, .doc = "What happens to claims when the set is deleted."),
	F(when_scaled, "whenScaled", STRING, .pb = 2, .doc = "What happens to claims when the set shrinks."),
};
DESC(apps_stateful_set_persistent_volume_claim_retention_policy, "StatefulSetPersistentVolumeClaimRetentionPolicy",
     "Policy: stateful set persistent volume claim retention.");
#undef T

#define T struct apps_stateful_set_ordinals
static const struct msg_field apps_stateful_set_ordinals_rows[] = {
	F(start, "start", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "First number."),
};
DESC(apps_stateful_set_ordinals, "StatefulSetOrdinals", "Stateful set ordinals.");
#undef T

#define T struct apps_stateful_set_spec
static const struct msg_field apps_stateful_set_spec_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .dflt = "1", .pb = 1,
	  .doc = "Number of pods wanted."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 2,
	  .doc = "Selects by labels."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED, .pb = 3,
	  .doc = "Template of what is created."),
	F(volume_claim_templates, "volumeClaimTemplates", MESSAGE, .desc = &core_persistent_volume_claim_desc,
	  .flags = MSG_LIST, .pb = 4, .doc = "Claims that each pod gets."),
	F(service_name, "serviceName", STRING, .pb = 5, .doc = "Name of the service."),
	F(pod_management_policy, "podManagementPolicy", STRING, .enums = &words_ordered_ready_parallel,
	  .dflt = "\"OrderedReady\"", .pb = 6, .doc = "Whether pods are made one after the other or at once."),
	F(update_strategy, "updateStrategy", MESSAGE, .desc = &apps_stateful_set_update_strategy_desc,
	  .dflt = "{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"partition\":0}}", .pb = 7,
	  .doc = "How pods are replaced when the template changes."),
	F(revision_history_limit, "revisionHistoryLimit", INT32, .flags = MSG_OPTIONAL, .dflt = "10", .pb = 8,
	  .doc = "How many old revisions are kept."),
	F(min_ready_seconds, "minReadySeconds", INT32, .pb = 9,
	  .doc = "Seconds a pod must be ready to count as available."),
	F(persistent_volume_claim_retention_policy, "persistentVolumeClaimRetentionPolicy", MESSAGE,
	  .desc = &apps_stateful_set_persistent_volume_claim_retention_policy_desc, .pb = 10,
	  .doc = "What happens to claims of pods that are gone."),
	F(ordinals, "ordinals", MESSAGE, .desc = &apps_stateful_set_ordinals_desc, .pb = 11,
	  .doc = "Numbering of the pods."),
};
DESC(apps_stateful_set_spec, "StatefulSetSpec", "What is wanted of a stateful set.");
#undef T

#define T struct apps_stateful_set_condition
static const struct msg_field apps_stateful_set_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 3,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 4, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 5, .doc = "Sentence for people that says why."),
};
DESC(apps_stateful_set_condition, "StatefulSetCondition", "One condition of a stateful set.");
#undef T

#define T struct apps_stateful_set_status
static const struct msg_field apps_stateful_set_status_rows[] = {
	F(observed_generation, "observedGeneration", INT64, .pb = 1,
	  .doc = "Generation of the specification that this status is about."),
	F(replicas, "replicas", INT32, .flags = MSG_KEEP_ZERO, .pb = 2, .doc = "Number of pods wanted."),
	F(ready_replicas, "readyReplicas", INT32, .pb = 3, .doc = "Pods that are ready."),
	F(current_replicas, "currentReplicas", INT32, .pb = 4, .doc = "Pods of the current revision."),
	F(updated_replicas, "updatedReplicas", INT32, .pb = 5, .doc = "Pods made from the newest template."),
	F(current_revision, "currentRevision", STRING, .pb = 6, .doc = "Revision of the current pods."),
	F(update_revision, "updateRevision", STRING, .pb = 7, .doc = "Revision that pods are updated to."),
	F(collision_count, "collisionCount", INT32, .flags = MSG_OPTIONAL, .pb = 9,
	  .doc = "How often the hash of the template collided."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_stateful_set_condition_desc, .flags = MSG_LIST,
	  .keys = "type", .merge_key = "type", .pb = 10, .doc = "Conditions observed last."),
	F(available_replicas, "availableReplicas", INT32, .flags = MSG_KEEP_ZERO, .pb = 11,
	  .doc = "Pods that have been ready for long enough."),
};
DESC(apps_stateful_set_status, "StatefulSetStatus", "What was observed of a stateful set.");
#undef T

#define T struct apps_stateful_set
static const struct msg_field apps_stateful_set_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &apps_stateful_set_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &apps_stateful_set_status_desc, .dflt = "{\"replicas\":0}", .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(apps_stateful_set, "StatefulSet", "Pods with names and storage of their own.");
#undef T

#define T struct apps_rolling_update_daemon_set
static const struct msg_field apps_rolling_update_daemon_set_rows[] = {
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .pb = 1,
	  .doc = "How many may be unavailable at once, as a number or a percentage."),
	F(max_surge, "maxSurge", INT_OR_STR, .pb = 2,
	  .doc = "How many more than wanted may exist at once, as a number or a percentage."),
};
DESC(apps_rolling_update_daemon_set, "RollingUpdateDaemonSet", "Rolling update daemon set.");
#undef T

#define T struct apps_daemon_set_update_strategy
static const struct msg_field apps_daemon_set_update_strategy_rows[] = {
	F(type, "type", STRING, .enums = &words_rolling_update_on_delete, .pb = 1,
	  .doc = "Type; one of the allowed words."),
	F(rolling_update, "rollingUpdate", MESSAGE, .desc = &apps_rolling_update_daemon_set_desc, .pb = 2,
	  .doc = "Settings of rolling updates."),
};
DESC(apps_daemon_set_update_strategy, "DaemonSetUpdateStrategy", "How it is done: daemon set update.");
#undef T

#define T struct apps_daemon_set_spec
static const struct msg_field apps_daemon_set_spec_rows[] = {
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 1,
	  .doc = "Selects by labels."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Template of what is created."),
	F(update_strategy, "updateStrategy", MESSAGE, .desc = &apps_daemon_set_update_strategy_desc,
	  .dflt = "{\"type\":\"RollingUpdate\",\"rollingUpdate\":{\"maxUnavailable\":1}}", .pb = 3,
	  .doc = "How pods are replaced when the template changes."),
	F(min_ready_seconds, "minReadySeconds", INT32, .pb = 4,
	  .doc = "Seconds a pod must be ready to count as available."),
	F(revision_history_limit, "revisionHistoryLimit", INT32, .flags = MSG_OPTIONAL, .dflt = "10", .pb = 6,
	  .doc = "How many old revisions are kept."),
};
DESC(apps_daemon_set_spec, "DaemonSetSpec", "What is wanted of a daemon set.");
#undef T

#define T struct apps_daemon_set_condition
static const struct msg_field apps_daemon_set_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 3,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 4, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 5, .doc = "Sentence for people that says why."),
};
DESC(apps_daemon_set_condition, "DaemonSetCondition", "One condition of a daemon set.");
#undef T

#define T struct apps_daemon_set_status
static const struct msg_field apps_daemon_set_status_rows[] = {
	F(current_number_scheduled, "currentNumberScheduled", INT32, .flags = MSG_KEEP_ZERO, .pb = 1,
	  .doc = "Nodes that run the pod and should."),
	F(number_misscheduled, "numberMisscheduled", INT32, .flags = MSG_KEEP_ZERO, .pb = 2,
	  .doc = "Nodes that run the pod and should not."),
	F(desired_number_scheduled, "desiredNumberScheduled", INT32, .flags = MSG_KEEP_ZERO, .pb = 3,
	  .doc = "Nodes that should run the pod."),
	F(number_ready, "numberReady", INT32, .flags = MSG_KEEP_ZERO, .pb = 4, .doc = "Nodes with a ready pod."),
	F(observed_generation, "observedGeneration", INT64, .pb = 5,
	  .doc = "Generation of the specification that this status is about."),
	F(updated_number_scheduled, "updatedNumberScheduled", INT32, .pb = 6,
	  .doc = "Nodes with a pod of the newest template."),
	F(number_available, "numberAvailable", INT32, .pb = 7, .doc = "Nodes with an available pod."),
	F(number_unavailable, "numberUnavailable", INT32, .pb = 8, .doc = "Nodes without an available pod."),
	F(collision_count, "collisionCount", INT32, .flags = MSG_OPTIONAL, .pb = 9,
	  .doc = "How often the hash of the template collided."),
	F(conditions, "conditions", MESSAGE, .desc = &apps_daemon_set_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 10, .doc = "Conditions observed last."),
};
DESC(apps_daemon_set_status, "DaemonSetStatus", "What was observed of a daemon set.");
#undef T

#define T struct apps_daemon_set
static const struct msg_field apps_daemon_set_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &apps_daemon_set_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &apps_daemon_set_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(apps_daemon_set, "DaemonSet", "A pod on every node.");
#undef T

#define T struct apps_controller_revision
static const struct msg_field apps_controller_revision_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(data, "data", JSON, .flags = MSG_ANY_FORM, .pb = 2, .doc = "Content by key."),
	F(revision, "revision", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 3, .doc = "Revision."),
};
DESC(apps_controller_revision, "ControllerRevision", "Controller revision.");
#undef T
