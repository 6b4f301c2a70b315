/* Rows of reviews of tokens and of access: authentication.k8s.io/v1, authorization.k8s.io/v1. See the header for the
 * structs. */
#include "api/auth.h"

#include "api/api_internal.h"

#define T struct authn_token_review_spec
static const struct msg_field authn_token_review_spec_rows[] = {
	F(token, "token", STRING, .doc = "Token."),
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .doc = "Audiences."),
};
DESC(authn_token_review_spec, "TokenReviewSpec", "Token review spec.");
#undef T

#define T struct authn_user_info
static const struct msg_field authn_user_info_rows[] = {
	F(username, "username", STRING, .doc = "Username."),
	F(uid, "uid", STRING, .doc = "Uid."),
	F(groups, "groups", STRING, .flags = MSG_LIST, .doc = "Groups."),
	F(extra, "extra", JSON, .flags = MSG_OBJECT, .doc = "Extra."),
};
DESC(authn_user_info, "UserInfo", "User info.");
#undef T

#define T struct authn_token_review_status
static const struct msg_field authn_token_review_status_rows[] = {
	F(authenticated, "authenticated", BOOL, .doc = "Whether authenticated applies."),
	F(user, "user", MESSAGE, .desc = &authn_user_info_desc, .doc = "User."),
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .doc = "Audiences."),
	F(error, "error", STRING, .doc = "Error."),
};
DESC(authn_token_review_status, "TokenReviewStatus", "Token review status.");
#undef T

#define T struct authn_token_review
static const struct msg_field authn_token_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &authn_token_review_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &authn_token_review_status_desc, .doc = "Status."),
};
DESC(authn_token_review, "TokenReview", "Token review.");
#undef T

#define T struct authn_bound_object_reference
static const struct msg_field authn_bound_object_reference_rows[] = {
	F(kind, "kind", STRING, .doc = "Kind."),
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(name, "name", STRING, .doc = "Name."),
	F(uid, "uid", STRING, .doc = "Uid."),
};
DESC(authn_bound_object_reference, "BoundObjectReference", "Bound object reference.");
#undef T

#define T struct authn_token_request_spec
static const struct msg_field authn_token_request_spec_rows[] = {
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .doc = "Audiences."),
	F(expiration_seconds, "expirationSeconds", INT64, .flags = MSG_OPTIONAL, .doc = "Expiration seconds."),
	F(bound_object_ref, "boundObjectRef", MESSAGE, .desc = &authn_bound_object_reference_desc,
	  .doc = "Bound object ref."),
};
DESC(authn_token_request_spec, "TokenRequestSpec", "Token request spec.");
#undef T

#define T struct authn_token_request_status
static const struct msg_field authn_token_request_status_rows[] = {
	F(token, "token", STRING, .doc = "Token."),
	F(expiration_timestamp, "expirationTimestamp", STRING, .format = "date-time", .doc = "Expiration timestamp."),
};
DESC(authn_token_request_status, "TokenRequestStatus", "Token request status.");
#undef T

#define T struct authn_token_request
static const struct msg_field authn_token_request_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &authn_token_request_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &authn_token_request_status_desc, .doc = "Status."),
};
DESC(authn_token_request, "TokenRequest", "Token request.");
#undef T

#define T struct authz_resource_attributes
static const struct msg_field authz_resource_attributes_rows[] = {
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(verb, "verb", STRING, .doc = "Verb."),
	F(group, "group", STRING, .doc = "Group."),
	F(version, "version", STRING, .doc = "Version."),
	F(resource, "resource", STRING, .doc = "Resource."),
	F(subresource, "subresource", STRING, .doc = "Subresource."),
	F(name, "name", STRING, .doc = "Name."),
};
DESC(authz_resource_attributes, "ResourceAttributes", "Resource attributes.");
#undef T

#define T struct authz_non_resource_attributes
static const struct msg_field authz_non_resource_attributes_rows[] = {
	F(path, "path", STRING, .doc = "Path."),
	F(verb, "verb", STRING, .doc = "Verb."),
};
DESC(authz_non_resource_attributes, "NonResourceAttributes", "Non resource attributes.");
#undef T

#define T struct authz_subject_access_review_spec
static const struct msg_field authz_subject_access_review_spec_rows[] = {
	F(resource_attributes, "resourceAttributes", MESSAGE, .desc = &authz_resource_attributes_desc,
	  .doc = "Resource attributes."),
	F(non_resource_attributes, "nonResourceAttributes", MESSAGE, .desc = &authz_non_resource_attributes_desc,
	  .doc = "Non resource attributes."),
	F(user, "user", STRING, .doc = "User."),
	F(groups, "groups", STRING, .flags = MSG_LIST, .doc = "Groups."),
	F(extra, "extra", JSON, .flags = MSG_OBJECT, .doc = "Extra."),
	F(uid, "uid", STRING, .doc = "Uid."),
};
DESC(authz_subject_access_review_spec, "SubjectAccessReviewSpec", "Subject access review spec.");
#undef T

#define T struct authz_subject_access_review_status
static const struct msg_field authz_subject_access_review_status_rows[] = {
	F(allowed, "allowed", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether allowed applies."),
	F(denied, "denied", BOOL, .doc = "Whether denied applies."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(evaluation_error, "evaluationError", STRING, .doc = "Evaluation error."),
};
DESC(authz_subject_access_review_status, "SubjectAccessReviewStatus", "Subject access review status.");
#undef T

#define T struct authz_subject_access_review
static const struct msg_field authz_subject_access_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &authz_subject_access_review_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &authz_subject_access_review_status_desc, .doc = "Status."),
};
DESC(authz_subject_access_review, "SubjectAccessReview", "Subject access review.");
#undef T

#define T struct authz_local_subject_access_review
static const struct msg_field authz_local_subject_access_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &authz_subject_access_review_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &authz_subject_access_review_status_desc, .doc = "Status."),
};
DESC(authz_local_subject_access_review, "LocalSubjectAccessReview", "Local subject access review.");
#undef T

#define T struct authz_self_subject_access_review_spec
static const struct msg_field authz_self_subject_access_review_spec_rows[] = {
	F(resource_attributes, "resourceAttributes", MESSAGE, .desc = &authz_resource_attributes_desc,
	  .doc = "Resource attributes."),
	F(non_resource_attributes, "nonResourceAttributes", MESSAGE, .desc = &authz_non_resource_attributes_desc,
	  .doc = "Non resource attributes."),
};
DESC(authz_self_subject_access_review_spec, "SelfSubjectAccessReviewSpec", "Self subject access review spec.");
#undef T

#define T struct authz_self_subject_access_review
static const struct msg_field authz_self_subject_access_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &authz_self_subject_access_review_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &authz_subject_access_review_status_desc, .doc = "Status."),
};
DESC(authz_self_subject_access_review, "SelfSubjectAccessReview", "Self subject access review.");
#undef T

#define T struct authz_self_subject_rules_review_spec
static const struct msg_field authz_self_subject_rules_review_spec_rows[] = {
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(authz_self_subject_rules_review_spec, "SelfSubjectRulesReviewSpec", "Self subject rules review spec.");
#undef T

#define T struct authz_resource_rule
static const struct msg_field authz_resource_rule_rows[] = {
	F(verbs, "verbs", STRING, .flags = MSG_LIST, .doc = "Verbs."),
	F(api_groups, "apiGroups", STRING, .flags = MSG_LIST, .doc = "Api groups."),
	F(resources, "resources", STRING, .flags = MSG_LIST, .doc = "Resources."),
	F(resource_names, "resourceNames", STRING, .flags = MSG_LIST, .doc = "Resource names."),
};
DESC(authz_resource_rule, "ResourceRule", "Resource rule.");
#undef T

#define T struct authz_non_resource_rule
static const struct msg_field authz_non_resource_rule_rows[] = {
	F(verbs, "verbs", STRING, .flags = MSG_LIST, .doc = "Verbs."),
	F(non_resource_ur_ls, "nonResourceURLs", STRING, .flags = MSG_LIST, .doc = "Non resource ur ls."),
};
DESC(authz_non_resource_rule, "NonResourceRule", "Non resource rule.");
#undef T

#define T struct authz_subject_rules_review_status
static const struct msg_field authz_subject_rules_review_status_rows[] = {
	F(resource_rules, "resourceRules", MESSAGE, .desc = &authz_resource_rule_desc, .flags = MSG_LIST,
	  .doc = "Resource rules."),
	F(non_resource_rules, "nonResourceRules", MESSAGE, .desc = &authz_non_resource_rule_desc, .flags = MSG_LIST,
	  .doc = "Non resource rules."),
	F(incomplete, "incomplete", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether incomplete applies."),
	F(evaluation_error, "evaluationError", STRING, .doc = "Evaluation error."),
};
DESC(authz_subject_rules_review_status, "SubjectRulesReviewStatus", "Subject rules review status.");
#undef T

#define T struct authz_self_subject_rules_review
static const struct msg_field authz_self_subject_rules_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &authz_self_subject_rules_review_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &authz_subject_rules_review_status_desc, .doc = "Status."),
};
DESC(authz_self_subject_rules_review, "SelfSubjectRulesReview", "Self subject rules review.");
#undef T
