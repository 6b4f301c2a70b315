/* Reviews of tokens and of access: authentication.k8s.io/v1, authorization.k8s.io/v1. */
#ifndef API_CLUSTER_AUTH_H
#define API_CLUSTER_AUTH_H

#include "api/meta.h"

/* What is wanted of a token review. */
struct authn_token_review_spec {
	const char *token;
	LIST(const char *) audiences;
};

/* User info. */
struct authn_user_info {
	const char *username;
	const char *uid;
	LIST(const char *) groups;
	cJSON *extra;
};

/* What was observed of a token review. */
struct authn_token_review_status {
	bool authenticated;
	struct authn_user_info *user;
	LIST(const char *) audiences;
	const char *error;
};

/* Token review. */
struct authn_token_review {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authn_token_review_spec *spec;
	struct authn_token_review_status *status;
};

/* Reference: bound object. */
struct authn_bound_object_reference {
	const char *kind;
	const char *api_version;
	const char *name;
	const char *uid;
};

/* What is wanted of a token request. */
struct authn_token_request_spec {
	LIST(const char *) audiences;
	int64_t *expiration_seconds;
	struct authn_bound_object_reference *bound_object_ref;
};

/* What was observed of a token request. */
struct authn_token_request_status {
	const char *token;
	const char *expiration_timestamp;
};

/* Token request. */
struct authn_token_request {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authn_token_request_spec *spec;
	struct authn_token_request_status *status;
};

/* Resource attributes. */
struct authz_resource_attributes {
	const char *namespace;
	const char *verb;
	const char *group;
	const char *version;
	const char *resource;
	const char *subresource;
	const char *name;
};

/* Non resource attributes. */
struct authz_non_resource_attributes {
	const char *path;
	const char *verb;
};

/* What is wanted of a subject access review. */
struct authz_subject_access_review_spec {
	struct authz_resource_attributes *resource_attributes;
	struct authz_non_resource_attributes *non_resource_attributes;
	const char *user;
	LIST(const char *) groups;
	cJSON *extra;
	const char *uid;
};

/* What was observed of a subject access review. */
struct authz_subject_access_review_status {
	bool allowed;
	bool denied;
	const char *reason;
	const char *evaluation_error;
};

/* Subject access review. */
struct authz_subject_access_review {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authz_subject_access_review_spec *spec;
	struct authz_subject_access_review_status *status;
};

/* Local subject access review. */
struct authz_local_subject_access_review {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authz_subject_access_review_spec *spec;
	struct authz_subject_access_review_status *status;
};

/* What is wanted of a self subject access review. */
struct authz_self_subject_access_review_spec {
	struct authz_resource_attributes *resource_attributes;
	struct authz_non_resource_attributes *non_resource_attributes;
};

/* Self subject access review. */
struct authz_self_subject_access_review {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authz_self_subject_access_review_spec *spec;
	struct authz_subject_access_review_status *status;
};

/* What is wanted of a self subject rules review. */
struct authz_self_subject_rules_review_spec {
	const char *namespace;
};

/* Rule: resource. */
struct authz_resource_rule {
	LIST(const char *) verbs;
	LIST(const char *) api_groups;
	LIST(const char *) resources;
	LIST(const char *) resource_names;
};

/* Rule: non resource. */
struct authz_non_resource_rule {
	LIST(const char *) verbs;
	LIST(const char *) non_resource_ur_ls;
};

/* What was observed of a subject rules review. */
struct authz_subject_rules_review_status {
	LIST(struct authz_resource_rule) resource_rules;
	LIST(struct authz_non_resource_rule) non_resource_rules;
	bool incomplete;
	const char *evaluation_error;
};

/* Self subject rules review. */
struct authz_self_subject_rules_review {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authz_self_subject_rules_review_spec *spec;
	struct authz_subject_rules_review_status *status;
};

/* Who asks: the user as the API server knows it. */
struct authn_self_subject_review_status {
	struct authn_user_info *user_info;
};

/* Self subject review. */
struct authn_self_subject_review {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct authn_self_subject_review_status *status;
};

extern const struct msg_desc authn_token_review_spec_desc;
extern const struct msg_desc authn_user_info_desc;
extern const struct msg_desc authn_token_review_status_desc;
extern const struct msg_desc authn_token_review_desc;
extern const struct msg_desc authn_bound_object_reference_desc;
extern const struct msg_desc authn_token_request_spec_desc;
extern const struct msg_desc authn_token_request_status_desc;
extern const struct msg_desc authn_token_request_desc;
extern const struct msg_desc authn_self_subject_review_status_desc;
extern const struct msg_desc authn_self_subject_review_desc;
extern const struct msg_desc authz_resource_attributes_desc;
extern const struct msg_desc authz_non_resource_attributes_desc;
extern const struct msg_desc authz_subject_access_review_spec_desc;
extern const struct msg_desc authz_subject_access_review_status_desc;
extern const struct msg_desc authz_subject_access_review_desc;
extern const struct msg_desc authz_local_subject_access_review_desc;
extern const struct msg_desc authz_self_subject_access_review_spec_desc;
extern const struct msg_desc authz_self_subject_access_review_desc;
extern const struct msg_desc authz_self_subject_rules_review_spec_desc;
extern const struct msg_desc authz_resource_rule_desc;
extern const struct msg_desc authz_non_resource_rule_desc;
extern const struct msg_desc authz_subject_rules_review_status_desc;
extern const struct msg_desc authz_self_subject_rules_review_desc;

#endif
