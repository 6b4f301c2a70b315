/* Rows of admission webhooks: admissionregistration.k8s.io/v1 and the review of admission.k8s.io/v1. See the header for
 * the structs. */
#include "api/admission.h"

#include "api/api_internal.h"

WORDS(words_any_create_update_delete_connect, {"*", 0}, {"CREATE", 0}, {"UPDATE", 0}, {"DELETE", 0}, {"CONNECT", 0});
WORDS(words_cluster_namespaced_any, {"Cluster", 0}, {"Namespaced", 0}, {"*", 0});
WORDS(words_ignore_fail, {"Ignore", 0}, {"Fail", 0});
WORDS(words_exact_equivalent, {"Exact", 0}, {"Equivalent", 0});
WORDS(words_unknown_none_some_none_on_dry_run, {"Unknown", 0}, {"None", 0}, {"Some", 0}, {"NoneOnDryRun", 0});
WORDS(words_never_if_needed, {"Never", 0}, {"IfNeeded", 0});

#define T struct admission_service_reference
static const struct msg_field admission_service_reference_rows[] = {
	F(namespace, "namespace", STRING, .flags = MSG_REQUIRED, .doc = "Namespace."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(path, "path", STRING, .doc = "Path."),
	F(port, "port", INT32, .flags = MSG_OPTIONAL, .doc = "Port."),
};
DESC(admission_service_reference, "ServiceReference", "Service reference.");
#undef T

#define T struct admission_webhook_client_config
static const struct msg_field admission_webhook_client_config_rows[] = {
	F(url, "url", STRING, .doc = "Url."),
	F(service, "service", MESSAGE, .desc = &admission_service_reference_desc, .doc = "Service."),
	F(ca_bundle, "caBundle", STRING, .format = "byte", .doc = "Ca bundle."),
};
DESC(admission_webhook_client_config, "WebhookClientConfig", "Webhook client config.");
#undef T

#define T struct admission_rule_with_operations
static const struct msg_field admission_rule_with_operations_rows[] = {
	F(operations, "operations", STRING, .enums = &words_any_create_update_delete_connect,
	  .flags = MSG_LIST | MSG_ATOMIC, .doc = "Operations."),
	F(api_groups, "apiGroups", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Api groups."),
	F(api_versions, "apiVersions", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Api versions."),
	F(resources, "resources", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Resources."),
	F(scope, "scope", STRING, .enums = &words_cluster_namespaced_any, .doc = "Scope."),
};
DESC(admission_rule_with_operations, "RuleWithOperations", "Rule with operations.");
#undef T

#define T struct admission_match_condition
static const struct msg_field admission_match_condition_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(expression, "expression", STRING, .doc = "Expression."),
};
DESC(admission_match_condition, "MatchCondition", "Match condition.");
#undef T

#define T struct admission_mutating_webhook
static const struct msg_field admission_mutating_webhook_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(client_config, "clientConfig", MESSAGE, .desc = &admission_webhook_client_config_desc, .flags = MSG_REQUIRED,
	  .doc = "Client config."),
	F(rules, "rules", MESSAGE, .desc = &admission_rule_with_operations_desc, .flags = MSG_LIST, .doc = "Rules."),
	F(failure_policy, "failurePolicy", STRING, .enums = &words_ignore_fail, .doc = "Failure policy."),
	F(match_policy, "matchPolicy", STRING, .enums = &words_exact_equivalent, .doc = "Match policy."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc,
	  .doc = "Namespace selector."),
	F(object_selector, "objectSelector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Object selector."),
	F(side_effects, "sideEffects", STRING, .enums = &words_unknown_none_some_none_on_dry_run, .flags = MSG_REQUIRED,
	  .doc = "Side effects."),
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_OPTIONAL, .doc = "Timeout seconds."),
	F(admission_review_versions, "admissionReviewVersions", STRING, .flags = MSG_LIST,
	  .doc = "Admission review versions."),
	F(reinvocation_policy, "reinvocationPolicy", STRING, .enums = &words_never_if_needed,
	  .doc = "Reinvocation policy."),
	F(match_conditions, "matchConditions", MESSAGE, .desc = &admission_match_condition_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .doc = "Match conditions."),
};
DESC(admission_mutating_webhook, "MutatingWebhook", "Mutating webhook.");
#undef T

#define T struct admission_mutating_webhook_configuration
static const struct msg_field admission_mutating_webhook_configuration_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(webhooks, "webhooks", MESSAGE, .desc = &admission_mutating_webhook_desc, .flags = MSG_LIST,
	  .merge_key = "name", .doc = "Webhooks."),
};
DESC(admission_mutating_webhook_configuration, "MutatingWebhookConfiguration", "Mutating webhook configuration.");
#undef T

#define T struct admission_validating_webhook
static const struct msg_field admission_validating_webhook_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(client_config, "clientConfig", MESSAGE, .desc = &admission_webhook_client_config_desc, .flags = MSG_REQUIRED,
	  .doc = "Client config."),
	F(rules, "rules", MESSAGE, .desc = &admission_rule_with_operations_desc, .flags = MSG_LIST, .doc = "Rules."),
	F(failure_policy, "failurePolicy", STRING, .enums = &words_ignore_fail, .doc = "Failure policy."),
	F(match_policy, "matchPolicy", STRING, .enums = &words_exact_equivalent, .doc = "Match policy."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc,
	  .doc = "Namespace selector."),
	F(object_selector, "objectSelector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Object selector."),
	F(side_effects, "sideEffects", STRING, .enums = &words_unknown_none_some_none_on_dry_run, .flags = MSG_REQUIRED,
	  .doc = "Side effects."),
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_OPTIONAL, .doc = "Timeout seconds."),
	F(admission_review_versions, "admissionReviewVersions", STRING, .flags = MSG_LIST,
	  .doc = "Admission review versions."),
	F(match_conditions, "matchConditions", MESSAGE, .desc = &admission_match_condition_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .doc = "Match conditions."),
};
DESC(admission_validating_webhook, "ValidatingWebhook", "Validating webhook.");
#undef T

#define T struct admission_validating_webhook_configuration
static const struct msg_field admission_validating_webhook_configuration_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(webhooks, "webhooks", MESSAGE, .desc = &admission_validating_webhook_desc, .flags = MSG_LIST,
	  .merge_key = "name", .doc = "Webhooks."),
};
DESC(admission_validating_webhook_configuration, "ValidatingWebhookConfiguration", "Validating webhook configuration.");
#undef T

#define T struct meta_group_version_kind
static const struct msg_field meta_group_version_kind_rows[] = {
	F(group, "group", STRING, .flags = MSG_REQUIRED, .doc = "Group."),
	F(version, "version", STRING, .flags = MSG_REQUIRED, .doc = "Version."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
};
DESC(meta_group_version_kind, "GroupVersionKind", "Group version kind.");
#undef T

#define T struct meta_group_version_resource
static const struct msg_field meta_group_version_resource_rows[] = {
	F(group, "group", STRING, .flags = MSG_REQUIRED, .doc = "Group."),
	F(version, "version", STRING, .flags = MSG_REQUIRED, .doc = "Version."),
	F(resource, "resource", STRING, .flags = MSG_REQUIRED, .doc = "Resource."),
};
DESC(meta_group_version_resource, "GroupVersionResource", "Group version resource.");
#undef T

#define T struct admission_request
static const struct msg_field admission_request_rows[] = {
	F(uid, "uid", STRING, .flags = MSG_REQUIRED, .doc = "Uid."),
	F(kind, "kind", MESSAGE, .desc = &meta_group_version_kind_desc, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(resource, "resource", MESSAGE, .desc = &meta_group_version_resource_desc, .flags = MSG_REQUIRED,
	  .doc = "Resource."),
	F(sub_resource, "subResource", STRING, .doc = "Sub resource."),
	F(request_kind, "requestKind", MESSAGE, .desc = &meta_group_version_kind_desc, .doc = "Request kind."),
	F(request_resource, "requestResource", MESSAGE, .desc = &meta_group_version_resource_desc,
	  .doc = "Request resource."),
	F(request_sub_resource, "requestSubResource", STRING, .doc = "Request sub resource."),
	F(name, "name", STRING, .doc = "Name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(operation, "operation", STRING, .flags = MSG_REQUIRED, .doc = "Operation."),
	F(user_info, "userInfo", MESSAGE, .desc = &authn_user_info_desc, .flags = MSG_REQUIRED, .doc = "User info."),
	F(object, "object", JSON, .flags = MSG_ANY_FORM, .doc = "Object."),
	F(old_object, "oldObject", JSON, .flags = MSG_ANY_FORM, .doc = "Old object."),
	F(dry_run, "dryRun", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether dry run applies."),
	F(options, "options", JSON, .flags = MSG_ANY_FORM, .doc = "Options."),
};
DESC(admission_request, "AdmissionRequest", "Admission request.");
#undef T

#define T struct meta_status_cause
static const struct msg_field meta_status_cause_rows[] = {
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
	F(field, "field", STRING, .doc = "Field."),
};
DESC(meta_status_cause, "StatusCause", "Status cause.");
#undef T

#define T struct meta_status_details
static const struct msg_field meta_status_details_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(group, "group", STRING, .doc = "Group."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(uid, "uid", STRING, .doc = "Uid."),
	F(causes, "causes", MESSAGE, .desc = &meta_status_cause_desc, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Causes."),
	F(retry_after_seconds, "retryAfterSeconds", INT32, .doc = "Retry after seconds."),
};
DESC(meta_status_details, "StatusDetails", "Status details.");
#undef T

#define T struct meta_status
static const struct msg_field meta_status_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(status, "status", STRING, .doc = "Status."),
	F(message, "message", STRING, .doc = "Message."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(details, "details", MESSAGE, .desc = &meta_status_details_desc, .doc = "Details."),
	F(code, "code", INT32, .doc = "Code."),
};
DESC(meta_status, "Status", "Status.");
#undef T

#define T struct admission_response
static const struct msg_field admission_response_rows[] = {
	F(uid, "uid", STRING, .flags = MSG_REQUIRED, .doc = "Uid."),
	F(allowed, "allowed", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether allowed applies."),
	F(status, "status", MESSAGE, .desc = &meta_status_desc, .doc = "Status."),
	F(patch, "patch", STRING, .format = "byte", .doc = "Patch."),
	F(patch_type, "patchType", STRING, .doc = "Patch type."),
	F(audit_annotations, "auditAnnotations", STR_MAP, .doc = "Audit annotations."),
	F(warnings, "warnings", STRING, .flags = MSG_LIST, .doc = "Warnings."),
};
DESC(admission_response, "AdmissionResponse", "Admission response.");
#undef T

#define T struct admission_review
static const struct msg_field admission_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(request, "request", MESSAGE, .desc = &admission_request_desc, .doc = "Request."),
	F(response, "response", MESSAGE, .desc = &admission_response_desc, .doc = "Response."),
};
DESC(admission_review, "AdmissionReview", "Admission review.");
#undef T
