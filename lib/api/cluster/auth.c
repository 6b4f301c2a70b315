/* Rows of reviews of tokens and of access: authentication.k8s.io/v1, authorization.k8s.io/v1. See the header for the
 * structs. */
#include "api/cluster/auth.h"

#include "api/api_internal.h"

#define T struct authn_token_review_spec
static const struct msg_field authn_token_review_spec_rows[] = {
	F(token, "token", STRING, .pb = 1, .doc = "The token."),
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .pb = 2, .doc = "Audiences of the token."),
};
DESC(authn_token_review_spec, "TokenReviewSpec", "What is wanted of a token review.");
#undef T

#define T struct authn_user_info
static const struct msg_field authn_user_info_rows[] = {
	F(username, "username", STRING, .pb = 1, .doc = "Name of the user."),
	F(uid, "uid", STRING, .pb = 2, .doc = "Unique identifier that is never used again."),
	F(groups, "groups", STRING, .flags = MSG_LIST, .pb = 3, .doc = "Groups of the user."),
	F(extra, "extra", JSON, .flags = MSG_OBJECT, .format = "string-lists", .pb = 4,
	  .doc = "Further attributes of the user."),
};
DESC(authn_user_info, "UserInfo", "User info.");
#undef T

#define T struct authn_token_review_status
static const struct msg_field authn_token_review_status_rows[] = {
	F(authenticated, "authenticated", BOOL, .pb = 1, .doc = "Whether the token is valid."),
	F(user, "user", MESSAGE, .desc = &authn_user_info_desc, .pb = 2, .doc = "User."),
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .pb = 4, .doc = "Audiences of the token."),
	F(error, "error", STRING, .pb = 3, .doc = "Error message."),
};
DESC(authn_token_review_status, "TokenReviewStatus", "What was observed of a token review.");
#undef T

#define T struct authn_token_review
static const struct msg_field authn_token_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &authn_token_review_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &authn_token_review_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authn_token_review, "TokenReview", "Token review.");
#undef T

#define T struct authn_bound_object_reference
static const struct msg_field authn_bound_object_reference_rows[] = {
	F(kind, "kind", STRING, .pb = 1, .doc = "Kind of the object."),
	F(api_version, "apiVersion", STRING, .pb = 2, .doc = "Group and version of the kind, \"group/version\"."),
	F(name, "name", STRING, .pb = 3, .doc = "Name, unique among its siblings."),
	F(uid, "uid", STRING, .pb = 4, .doc = "Unique identifier that is never used again."),
};
DESC(authn_bound_object_reference, "BoundObjectReference", "Reference: bound object.");
#undef T

#define T struct authn_token_request_spec
static const struct msg_field authn_token_request_spec_rows[] = {
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Audiences of the token."),
	F(expiration_seconds, "expirationSeconds", INT64, .flags = MSG_OPTIONAL, .dflt = "3600", .pb = 4,
	  .doc = "Life time of the token, seconds."),
	F(bound_object_ref, "boundObjectRef", MESSAGE, .desc = &authn_bound_object_reference_desc, .pb = 3,
	  .doc = "Object whose end also ends the token."),
};
DESC(authn_token_request_spec, "TokenRequestSpec", "What is wanted of a token request.");
#undef T

#define T struct authn_token_request_status
static const struct msg_field authn_token_request_status_rows[] = {
	F(token, "token", STRING, .pb = 1, .doc = "The token."),
	F(expiration_timestamp, "expirationTimestamp", STRING, .format = "date-time", .pb = 2,
	  .doc = "When the token expires."),
};
DESC(authn_token_request_status, "TokenRequestStatus", "What was observed of a token request.");
#undef T

#define T struct authn_token_request
static const struct msg_field authn_token_request_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &authn_token_request_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &authn_token_request_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authn_token_request, "TokenRequest", "Token request.");
#undef T

#define T struct authn_self_subject_review_status
static const struct msg_field authn_self_subject_review_status_rows[] = {
	F(user_info, "userInfo", MESSAGE, .desc = &authn_user_info_desc, .pb = 1, .doc = "Who asks."),
};
DESC(authn_self_subject_review_status, "SelfSubjectReviewStatus", "What was observed of a self subject review.");
#undef T

#define T struct authn_self_subject_review
static const struct msg_field authn_self_subject_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(status, "status", MESSAGE, .desc = &authn_self_subject_review_status_desc, .pb = 2,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authn_self_subject_review, "SelfSubjectReview", "Self subject review.");
#undef T

#define T struct authz_resource_attributes
static const struct msg_field authz_resource_attributes_rows[] = {
	F(namespace, "namespace", STRING, .pb = 1, .doc = "Namespace of the object."),
	F(verb, "verb", STRING, .pb = 2, .doc = "The verb."),
	F(group, "group", STRING, .pb = 3, .doc = "API group; empty for the core group."),
	F(version, "version", STRING, .pb = 4, .doc = "Version."),
	F(resource, "resource", STRING, .pb = 5, .doc = "Resource."),
	F(subresource, "subresource", STRING, .pb = 6, .doc = "Subresource, such as status."),
	F(name, "name", STRING, .pb = 7, .doc = "Name, unique among its siblings."),
};
DESC(authz_resource_attributes, "ResourceAttributes", "Resource attributes.");
#undef T

#define T struct authz_non_resource_attributes
static const struct msg_field authz_non_resource_attributes_rows[] = {
	F(path, "path", STRING, .pb = 1, .doc = "Path; absolute where it names a file."),
	F(verb, "verb", STRING, .pb = 2, .doc = "The verb."),
};
DESC(authz_non_resource_attributes, "NonResourceAttributes", "Non resource attributes.");
#undef T

#define T struct authz_subject_access_review_spec
static const struct msg_field authz_subject_access_review_spec_rows[] = {
	F(resource_attributes, "resourceAttributes", MESSAGE, .desc = &authz_resource_attributes_desc, .pb = 1,
	  .doc = "Access to a resource."),
	F(non_resource_attributes, "nonResourceAttributes", MESSAGE, .desc = &authz_non_resource_attributes_desc,
	  .pb = 2, .doc = "Access to a URL path."),
	F(user, "user", STRING, .pb = 3, .doc = "User."),
	F(groups, "groups", STRING, .flags = MSG_LIST, .pb = 4, .doc = "Groups of the user."),
	F(extra, "extra", JSON, .flags = MSG_OBJECT, .format = "string-lists", .pb = 5,
	  .doc = "Further attributes of the user."),
	F(uid, "uid", STRING, .pb = 6, .doc = "Unique identifier that is never used again."),
};
DESC(authz_subject_access_review_spec, "SubjectAccessReviewSpec", "What is wanted of a subject access review.");
#undef T

#define T struct authz_subject_access_review_status
static const struct msg_field authz_subject_access_review_status_rows[] = {
	F(allowed, "allowed", BOOL, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Whether it is allowed."),
	F(denied, "denied", BOOL, .pb = 4, .doc = "Whether it is denied for certain."),
	F(reason, "reason", STRING, .pb = 2, .doc = "One word in CamelCase that says why."),
	F(evaluation_error, "evaluationError", STRING, .pb = 3, .doc = "What went wrong while deciding."),
};
DESC(authz_subject_access_review_status, "SubjectAccessReviewStatus", "What was observed of a subject access review.");
#undef T

#define T struct authz_subject_access_review
static const struct msg_field authz_subject_access_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &authz_subject_access_review_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &authz_subject_access_review_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authz_subject_access_review, "SubjectAccessReview", "Subject access review.");
#undef T

#define T struct authz_local_subject_access_review
static const struct msg_field authz_local_subject_access_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &authz_subject_access_review_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &authz_subject_access_review_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authz_local_subject_access_review, "LocalSubjectAccessReview", "Local subject access review.");
#undef T

#define T struct authz_self_subject_access_review_spec
static const struct msg_field authz_self_subject_access_review_spec_rows[] = {
	F(resource_attributes, "resourceAttributes", MESSAGE, .desc = &authz_resource_attributes_desc, .pb = 1,
	  .doc = "Access to a resource."),
	F(non_resource_attributes, "nonResourceAttributes", MESSAGE, .desc = &authz_non_resource_attributes_desc,
	  .pb = 2, .doc = "Access to a URL path."),
};
DESC(authz_self_subject_access_review_spec, "SelfSubjectAccessReviewSpec",
     "What is wanted of a self subject access review.");
#undef T

#define T struct authz_self_subject_access_review
static const struct msg_field authz_self_subject_access_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &authz_self_subject_access_review_spec_desc, .pb = 2,
	  .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &authz_subject_access_review_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authz_self_subject_access_review, "SelfSubjectAccessReview", "Self subject access review.");
#undef T

#define T struct authz_self_subject_rules_review_spec
static const struct msg_field authz_self_subject_rules_review_spec_rows[] = {
	F(namespace, "namespace", STRING, .pb = 1, .doc = "Namespace of the object."),
};
DESC(authz_self_subject_rules_review_spec, "SelfSubjectRulesReviewSpec",
     "What is wanted of a self subject rules review.");
#undef T

#define T struct authz_resource_rule
static const struct msg_field authz_resource_rule_rows[] = {
	F(verbs, "verbs", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Verbs that are allowed; \"*\" for all."),
	F(api_groups, "apiGroups", STRING, .flags = MSG_LIST, .pb = 2, .doc = "API groups; \"*\" for all."),
	F(resources, "resources", STRING, .flags = MSG_LIST, .pb = 3, .doc = "Compute resources."),
	F(resource_names, "resourceNames", STRING, .flags = MSG_LIST, .pb = 4,
	  .doc = "Names of objects; empty for all."),
};
DESC(authz_resource_rule, "ResourceRule", "Rule: resource.");
#undef T

#define T struct authz_non_resource_rule
static const struct msg_field authz_non_resource_rule_rows[] = {
	F(verbs, "verbs", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Verbs that are allowed; \"*\" for all."),
	F(non_resource_ur_ls, "nonResourceURLs", STRING, .flags = MSG_LIST, .pb = 2,
	  .doc = "URL paths that are no resources."),
};
DESC(authz_non_resource_rule, "NonResourceRule", "Rule: non resource.");
#undef T

#define T struct authz_subject_rules_review_status
static const struct msg_field authz_subject_rules_review_status_rows[] = {
	F(resource_rules, "resourceRules", MESSAGE, .desc = &authz_resource_rule_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Allowed actions on resources."),
	F(non_resource_rules, "nonResourceRules", MESSAGE, .desc = &authz_non_resource_rule_desc, .flags = MSG_LIST,
	  .pb = 2, .doc = "Allowed actions on URL paths."),
	F(incomplete, "incomplete", BOOL, .flags = MSG_KEEP_ZERO, .pb = 3, .doc = "Whether the list may lack rules."),
	F(evaluation_error, "evaluationError", STRING, .pb = 4, .doc = "What went wrong while deciding."),
};
DESC(authz_subject_rules_review_status, "SubjectRulesReviewStatus", "What was observed of a subject rules review.");
#undef T

#define T struct authz_self_subject_rules_review
static const struct msg_field authz_self_subject_rules_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &authz_self_subject_rules_review_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &authz_subject_rules_review_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(authz_self_subject_rules_review, "SelfSubjectRulesReview", "Self subject rules review.");
#undef T
