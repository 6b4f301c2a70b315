/* What every Kubernetes object shares: meta.k8s.io/v1. */
#ifndef API_META_H
#define API_META_H

#include "msg/msg.h"

/* An object without which the one that refers to it is collected. */
struct meta_owner_reference {
	const char *api_version;
	const char *kind;
	const char *name;
	const char *uid;
	bool *controller;
	bool *block_owner_deletion;
};

/* Managed fields entry. */
struct meta_managed_fields_entry {
	const char *manager;
	const char *operation;
	const char *api_version;
	const char *time;
	const char *fields_type;
	cJSON *fields_v1;
	const char *subresource;
};

/* What every object has: name, labels and the like. */
struct meta_object {
	const char *name;
	const char *generate_name;
	const char *namespace;
	const char *self_link;
	const char *uid;
	const char *resource_version;
	int64_t generation;
	const char *creation_timestamp;
	const char *deletion_timestamp;
	int64_t *deletion_grace_period_seconds;
	struct str_map labels;
	struct str_map annotations;
	LIST(struct meta_owner_reference) owner_references;
	LIST(const char *) finalizers;
	LIST(struct meta_managed_fields_entry) managed_fields;
};

/* Label selector requirement. */
struct meta_label_selector_requirement {
	const char *key;
	const char *operator;
	LIST(const char *) values;
};

/* Selector: label. */
struct meta_label_selector {
	struct str_map match_labels;
	LIST(struct meta_label_selector_requirement) match_expressions;
};

/* Condition. */
struct meta_condition {
	const char *type;
	const char *status;
	int64_t observed_generation;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* Preconditions. */
struct meta_preconditions {
	const char *uid;
	const char *resource_version;
};

/* Delete options. */
struct meta_delete_options {
	const char *api_version;
	const char *kind;
	int64_t *grace_period_seconds;
	struct meta_preconditions *preconditions;
	bool *orphan_dependents;
	const char *propagation_policy;
	LIST(const char *) dry_run;
	bool *ignore_store_read_error_with_cluster_breaking_potential;
};

extern const struct msg_desc meta_owner_reference_desc;
extern const struct msg_desc meta_managed_fields_entry_desc;
extern const struct msg_desc meta_object_desc;
extern const struct msg_desc meta_label_selector_requirement_desc;
extern const struct msg_desc meta_label_selector_desc;
extern const struct msg_desc meta_condition_desc;
extern const struct msg_desc meta_preconditions_desc;
extern const struct msg_desc meta_delete_options_desc;

#endif
