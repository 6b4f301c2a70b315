/* Rows of what every Kubernetes object shares: meta.k8s.io/v1. See the header for the structs. */
#include "api/meta.h"

#include "api/api_internal.h"

#define T struct meta_owner_reference
static const struct msg_field meta_owner_reference_rows[] = {
	F(api_version, "apiVersion", STRING, .flags = MSG_REQUIRED, .pb = 5,
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Name, unique among its siblings."),
	F(uid, "uid", STRING, .flags = MSG_REQUIRED, .pb = 4, .doc = "Unique identifier that is never used again."),
	F(controller, "controller", BOOL, .flags = MSG_OPTIONAL, .pb = 6,
	  .doc = "Whether the owner manages the object, or the controller's name."),
	F(block_owner_deletion, "blockOwnerDeletion", BOOL, .flags = MSG_OPTIONAL, .pb = 7,
	  .doc = "Holds a foreground deletion of the owner until this object is gone."),
};
DESC(meta_owner_reference, "OwnerReference", "An object without which the one that refers to it is collected.");
#undef T

#define T struct meta_managed_fields_entry
static const struct msg_field meta_managed_fields_entry_rows[] = {
	F(manager, "manager", STRING, .pb = 1, .doc = "Who manages the fields."),
	F(operation, "operation", STRING, .pb = 2, .doc = "Operation."),
	F(api_version, "apiVersion", STRING, .pb = 3, .doc = "Group and version of the kind, \"group/version\"."),
	F(time, "time", STRING, .format = "date-time", .pb = 4, .doc = "Time of the last change."),
	F(fields_type, "fieldsType", STRING, .pb = 6, .doc = "Format of the field set."),
	F(fields_v1, "fieldsV1", JSON, .flags = MSG_OBJECT, .pb = 7, .doc = "The set of fields."),
	F(subresource, "subresource", STRING, .pb = 8, .doc = "Subresource, such as status."),
};
DESC(meta_managed_fields_entry, "ManagedFieldsEntry", "Managed fields entry.");
#undef T

#define T struct meta_object
static const struct msg_field meta_object_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique in its namespace and kind."),
	F(generate_name, "generateName", STRING, .pb = 2, .doc = "Prefix from which the server makes a unique name."),
	F(namespace, "namespace", STRING, .pb = 3, .doc = "Namespace of the object."),
	F(self_link, "selfLink", STRING, .pb = 4, .doc = "Obsolete."),
	F(uid, "uid", STRING, .pb = 5, .doc = "Unique identifier that is never used again."),
	F(resource_version, "resourceVersion", STRING, .pb = 6, .doc = "Opaque version of the stored object."),
	F(generation, "generation", INT64, .pb = 7, .doc = "Counts changes of the specification."),
	F(creation_timestamp, "creationTimestamp", STRING, .format = "date-time", .pb = 8,
	  .doc = "When it was created."),
	F(deletion_timestamp, "deletionTimestamp", STRING, .format = "date-time", .pb = 9,
	  .doc = "When it will be gone; set once deletion was asked for."),
	F(deletion_grace_period_seconds, "deletionGracePeriodSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 10,
	  .doc = "Seconds it has to end in peace."),
	F(labels, "labels", STR_MAP, .pb = 11, .doc = "Labels by which objects are found and selected."),
	F(annotations, "annotations", STR_MAP, .pb = 12, .doc = "Annotations: notes that are not used to select."),
	F(owner_references, "ownerReferences", MESSAGE, .desc = &meta_owner_reference_desc, .flags = MSG_LIST,
	  .keys = "uid", .merge_key = "uid", .pb = 13, .doc = "Objects without which this one is collected."),
	F(finalizers, "finalizers", STRING, .flags = MSG_LIST | MSG_SET, .merge_key = "", .pb = 14,
	  .doc = "Who must agree before the object is removed."),
	F(managed_fields, "managedFields", MESSAGE, .desc = &meta_managed_fields_entry_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .pb = 17, .doc = "Which manager set which fields."),
};
DESC(meta_object, "ObjectMeta", "What every object has: name, labels and the like.");
#undef T

#define T struct meta_label_selector_requirement
static const struct msg_field meta_label_selector_requirement_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Key."),
	F(operator, "operator", STRING, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Relation between the key and the values."),
	F(values, "values", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 3, .doc = "Values to compare with."),
};
DESC(meta_label_selector_requirement, "LabelSelectorRequirement", "Label selector requirement.");
#undef T

#define T struct meta_label_selector
static const struct msg_field meta_label_selector_rows[] = {
	F(match_labels, "matchLabels", STR_MAP, .pb = 1, .doc = "Labels that must be equal."),
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &meta_label_selector_requirement_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .pb = 2, .doc = "Conditions on labels, all of which must hold."),
};
DESC(meta_label_selector, "LabelSelector", "Selector: label.");
#undef T

#define T struct meta_condition
static const struct msg_field meta_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(observed_generation, "observedGeneration", INT64, .pb = 3,
	  .doc = "Generation of the specification that this status is about."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 5, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 6, .doc = "Sentence for people that says why."),
};
DESC(meta_condition, "Condition", "Condition.");
#undef T

#define T struct meta_preconditions
static const struct msg_field meta_preconditions_rows[] = {
	F(uid, "uid", STRING, .pb = 1, .doc = "Unique identifier that is never used again."),
	F(resource_version, "resourceVersion", STRING, .pb = 2, .doc = "Opaque version of the stored object."),
};
DESC(meta_preconditions, "Preconditions", "Preconditions.");
#undef T

#define T struct meta_delete_options
static const struct msg_field meta_delete_options_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(grace_period_seconds, "gracePeriodSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 1,
	  .doc = "Seconds until it is removed."),
	F(preconditions, "preconditions", MESSAGE, .desc = &meta_preconditions_desc, .pb = 2,
	  .doc = "What must hold for the deletion to happen."),
	F(orphan_dependents, "orphanDependents", BOOL, .flags = MSG_OPTIONAL, .pb = 3,
	  .doc = "Obsolete; see propagationPolicy."),
	F(propagation_policy, "propagationPolicy", STRING, .pb = 4,
	  .doc = "What happens to dependents: Orphan, Background or Foreground."),
	F(dry_run, "dryRun", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 5,
	  .doc = "\"All\" to go through everything but storing."),
	F(ignore_store_read_error_with_cluster_breaking_potential, "ignoreStoreReadErrorWithClusterBreakingPotential",
	  BOOL, .flags = MSG_OPTIONAL, .pb = 6, .doc = "Deletes what cannot be read."),
};
DESC(meta_delete_options, "DeleteOptions", "Delete options.");
#undef T
