/* Rows of what every Kubernetes object shares: meta.k8s.io/v1. See the header for the structs. */
#include "api/meta.h"

#include "api/api_internal.h"

#define T struct meta_owner_reference
static const struct msg_field meta_owner_reference_rows[] = {
	F(api_version, "apiVersion", STRING, .flags = MSG_REQUIRED, .doc = "Api version."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(uid, "uid", STRING, .flags = MSG_REQUIRED, .doc = "Uid."),
	F(controller, "controller", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether controller applies."),
	F(block_owner_deletion, "blockOwnerDeletion", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether block owner deletion applies."),
};
DESC(meta_owner_reference, "OwnerReference", "Owner reference.");
#undef T

#define T struct meta_managed_fields_entry
static const struct msg_field meta_managed_fields_entry_rows[] = {
	F(manager, "manager", STRING, .doc = "Manager."),
	F(operation, "operation", STRING, .doc = "Operation."),
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(time, "time", STRING, .format = "date-time", .doc = "Time."),
	F(fields_type, "fieldsType", STRING, .doc = "Fields type."),
	F(fields_v1, "fieldsV1", JSON, .flags = MSG_OBJECT, .doc = "Fields v1."),
	F(subresource, "subresource", STRING, .doc = "Subresource."),
};
DESC(meta_managed_fields_entry, "ManagedFieldsEntry", "Managed fields entry.");
#undef T

#define T struct meta_object
static const struct msg_field meta_object_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(generate_name, "generateName", STRING, .doc = "Generate name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(self_link, "selfLink", STRING, .doc = "Self link."),
	F(uid, "uid", STRING, .doc = "Uid."),
	F(resource_version, "resourceVersion", STRING, .doc = "Resource version."),
	F(generation, "generation", INT64, .doc = "Generation."),
	F(creation_timestamp, "creationTimestamp", STRING, .format = "date-time", .doc = "Creation timestamp."),
	F(deletion_timestamp, "deletionTimestamp", STRING, .format = "date-time", .doc = "Deletion timestamp."),
	F(deletion_grace_period_seconds, "deletionGracePeriodSeconds", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Deletion grace period seconds."),
	F(labels, "labels", STR_MAP, .doc = "Labels."),
	F(annotations, "annotations", STR_MAP, .doc = "Annotations."),
	F(owner_references, "ownerReferences", MESSAGE, .desc = &meta_owner_reference_desc, .flags = MSG_LIST,
	  .keys = "uid", .merge_key = "uid", .doc = "Owner references."),
	F(finalizers, "finalizers", STRING, .flags = MSG_LIST | MSG_SET, .merge_key = "", .doc = "Finalizers."),
	F(managed_fields, "managedFields", MESSAGE, .desc = &meta_managed_fields_entry_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .doc = "Managed fields."),
};
DESC(meta_object, "ObjectMeta", "Object meta.");
#undef T

#define T struct meta_label_selector_requirement
static const struct msg_field meta_label_selector_requirement_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(operator, "operator", STRING, .flags = MSG_REQUIRED, .doc = "Operator."),
	F(values, "values", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Values."),
};
DESC(meta_label_selector_requirement, "LabelSelectorRequirement", "Label selector requirement.");
#undef T

#define T struct meta_label_selector
static const struct msg_field meta_label_selector_rows[] = {
	F(match_labels, "matchLabels", STR_MAP, .doc = "Match labels."),
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &meta_label_selector_requirement_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .doc = "Match expressions."),
};
DESC(meta_label_selector, "LabelSelector", "Label selector.");
#undef T

#define T struct meta_condition
static const struct msg_field meta_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(meta_condition, "Condition", "Condition.");
#undef T

#define T struct meta_preconditions
static const struct msg_field meta_preconditions_rows[] = {
	F(uid, "uid", STRING, .doc = "Uid."),
	F(resource_version, "resourceVersion", STRING, .doc = "Resource version."),
};
DESC(meta_preconditions, "Preconditions", "Preconditions.");
#undef T

#define T struct meta_delete_options
static const struct msg_field meta_delete_options_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(grace_period_seconds, "gracePeriodSeconds", INT64, .flags = MSG_OPTIONAL, .doc = "Grace period seconds."),
	F(preconditions, "preconditions", MESSAGE, .desc = &meta_preconditions_desc, .doc = "Preconditions."),
	F(orphan_dependents, "orphanDependents", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether orphan dependents applies."),
	F(propagation_policy, "propagationPolicy", STRING, .doc = "Propagation policy."),
	F(dry_run, "dryRun", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Dry run."),
	F(ignore_store_read_error_with_cluster_breaking_potential, "ignoreStoreReadErrorWithClusterBreakingPotential",
	  BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether ignore store read error with cluster breaking potential applies."),
};
DESC(meta_delete_options, "DeleteOptions", "Delete options.");
#undef T
