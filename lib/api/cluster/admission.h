/* Admission webhooks: admissionregistration.k8s.io/v1 and the review of admission.k8s.io/v1. */
#ifndef API_CLUSTER_ADMISSION_H
#define API_CLUSTER_ADMISSION_H

#include "api/cluster/auth.h"

/* Reference: service. */
struct admission_service_reference {
	const char *namespace;
	const char *name;
	const char *path;
	int32_t *port;
};

/* Settings: webhook client. */
struct admission_webhook_client_config {
	const char *url;
	struct admission_service_reference *service;
	const char *ca_bundle;
};

/* Rule with operations. */
struct admission_rule_with_operations {
	LIST(const char *) operations;
	LIST(const char *) api_groups;
	LIST(const char *) api_versions;
	LIST(const char *) resources;
	const char *scope;
};

/* One condition of a match. */
struct admission_match_condition {
	const char *name;
	const char *expression;
};

/* Mutating webhook. */
struct admission_mutating_webhook {
	const char *name;
	struct admission_webhook_client_config *client_config;
	LIST(struct admission_rule_with_operations) rules;
	const char *failure_policy;
	const char *match_policy;
	struct meta_label_selector *namespace_selector;
	struct meta_label_selector *object_selector;
	const char *side_effects;
	int32_t *timeout_seconds;
	LIST(const char *) admission_review_versions;
	const char *reinvocation_policy;
	LIST(struct admission_match_condition) match_conditions;
};

/* Mutating webhook configuration. */
struct admission_mutating_webhook_configuration {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct admission_mutating_webhook) webhooks;
};

/* Validating webhook. */
struct admission_validating_webhook {
	const char *name;
	struct admission_webhook_client_config *client_config;
	LIST(struct admission_rule_with_operations) rules;
	const char *failure_policy;
	const char *match_policy;
	struct meta_label_selector *namespace_selector;
	struct meta_label_selector *object_selector;
	const char *side_effects;
	int32_t *timeout_seconds;
	LIST(const char *) admission_review_versions;
	LIST(struct admission_match_condition) match_conditions;
};

/* Validating webhook configuration. */
struct admission_validating_webhook_configuration {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct admission_validating_webhook) webhooks;
};

/* Group version kind. */
struct meta_group_version_kind {
	const char *group;
	const char *version;
	const char *kind;
};

/* Group version resource. */
struct meta_group_version_resource {
	const char *group;
	const char *version;
	const char *resource;
};

/* Admission request. */
struct admission_request {
	const char *uid;
	struct meta_group_version_kind *kind;
	struct meta_group_version_resource *resource;
	const char *sub_resource;
	struct meta_group_version_kind *request_kind;
	struct meta_group_version_resource *request_resource;
	const char *request_sub_resource;
	const char *name;
	const char *namespace;
	const char *operation;
	struct authn_user_info *user_info;
	cJSON *object;
	cJSON *old_object;
	bool *dry_run;
	cJSON *options;
};

/* Status cause. */
struct meta_status_cause {
	const char *reason;
	const char *message;
	const char *field;
};

/* Status details. */
struct meta_status_details {
	const char *name;
	const char *group;
	const char *kind;
	const char *uid;
	LIST(struct meta_status_cause) causes;
	int32_t retry_after_seconds;
};

/* Status. */
struct meta_status {
	const char *api_version;
	const char *kind;
	const char *status;
	const char *message;
	const char *reason;
	struct meta_status_details *details;
	int32_t code;
};

/* Admission response. */
struct admission_response {
	const char *uid;
	bool allowed;
	struct meta_status *status;
	const char *patch;
	const char *patch_type;
	struct str_map audit_annotations;
	LIST(const char *) warnings;
};

/* Admission review. */
struct admission_review {
	const char *api_version;
	const char *kind;
	struct admission_request *request;
	struct admission_response *response;
};

extern const struct msg_desc admission_service_reference_desc;
extern const struct msg_desc admission_webhook_client_config_desc;
extern const struct msg_desc admission_rule_with_operations_desc;
extern const struct msg_desc admission_match_condition_desc;
extern const struct msg_desc admission_mutating_webhook_desc;
extern const struct msg_desc admission_mutating_webhook_configuration_desc;
extern const struct msg_desc admission_validating_webhook_desc;
extern const struct msg_desc admission_validating_webhook_configuration_desc;
extern const struct msg_desc meta_group_version_kind_desc;
extern const struct msg_desc meta_group_version_resource_desc;
extern const struct msg_desc admission_request_desc;
extern const struct msg_desc meta_status_cause_desc;
extern const struct msg_desc meta_status_details_desc;
extern const struct msg_desc meta_status_desc;
extern const struct msg_desc admission_response_desc;
extern const struct msg_desc admission_review_desc;

#endif
