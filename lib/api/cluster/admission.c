/* Rows of admission webhooks: admissionregistration.k8s.io/v1 and the review of admission.k8s.io/v1. See the header for
 * the structs. */
#include "api/cluster/admission.h"

#include "api/api_internal.h"

WORDS(words_any_create_update_delete_connect, {"*", 0}, {"CREATE", 0}, {"UPDATE", 0}, {"DELETE", 0}, {"CONNECT", 0});
WORDS(words_cluster_namespaced_any, {"Cluster", 0}, {"Namespaced", 0}, {"*", 0});
WORDS(words_ignore_fail, {"Ignore", 0}, {"Fail", 0});
WORDS(words_exact_equivalent, {"Exact", 0}, {"Equivalent", 0});
WORDS(words_none_none_on_dry_run, {"None", 0}, {"NoneOnDryRun", 0});
WORDS(words_never_if_needed, {"Never", 0}, {"IfNeeded", 0});

#define T struct admission_service_reference
static const struct msg_field admission_service_reference_rows[] = {
	F(namespace, "namespace", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Namespace of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Name, unique among its siblings."),
	F(path, "path", STRING, .pb = 3, .doc = "Path; absolute where it names a file."),
	F(port, "port", INT32, .flags = MSG_OPTIONAL, .dflt = "443", .min = 1, .max = 65535, .pb = 4,
	  .doc = "Port number."),
};
DESC(admission_service_reference, "ServiceReference", "Reference: service.");
#undef T

#define T struct admission_webhook_client_config
static const struct msg_field admission_webhook_client_config_rows[] = {
	F(url, "url", STRING, .pb = 3, .doc = "URL."),
	F(service, "service", MESSAGE, .desc = &admission_service_reference_desc, .pb = 1,
	  .doc = "Service that is meant."),
	F(ca_bundle, "caBundle", STRING, .format = "byte", .pb = 2,
	  .doc = "Certificates, in base64 of PEM, that the webhook's must end at."),
};
DESC(admission_webhook_client_config, "WebhookClientConfig", "Settings: webhook client.");
#undef T

#define T struct admission_rule_with_operations
static const struct msg_field admission_rule_with_operations_rows[] = {
	F(operations, "operations", STRING, .enums = &words_any_create_update_delete_connect,
	  .flags = MSG_LIST | MSG_ATOMIC, .pb = 1, .doc = "Operations: CREATE, UPDATE, DELETE, CONNECT or \"*\"."),
	F(api_groups, "apiGroups", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 1, .pb_in = 2,
	  .doc = "API groups; \"*\" for all."),
	F(api_versions, "apiVersions", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 2, .pb_in = 2,
	  .doc = "API versions; \"*\" for all."),
	F(resources, "resources", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 3, .pb_in = 2,
	  .doc = "Compute resources."),
	F(scope, "scope", STRING, .enums = &words_cluster_namespaced_any, .dflt = "\"*\"", .pb = 4, .pb_in = 2,
	  .doc = "Scope."),
};
DESC(admission_rule_with_operations, "RuleWithOperations", "Rule with operations.");
#undef T

#define T struct admission_match_condition
static const struct msg_field admission_match_condition_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(expression, "expression", STRING, .pb = 2, .doc = "Expression in CEL."),
};
DESC(admission_match_condition, "MatchCondition", "One condition of a match.");
#undef T

#define T struct admission_mutating_webhook
static const struct msg_field admission_mutating_webhook_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(client_config, "clientConfig", MESSAGE, .desc = &admission_webhook_client_config_desc, .flags = MSG_REQUIRED,
	  .pb = 2, .doc = "How to reach the webhook."),
	F(rules, "rules", MESSAGE, .desc = &admission_rule_with_operations_desc, .flags = MSG_LIST, .pb = 3,
	  .doc = "Rules, applied in order."),
	F(failure_policy, "failurePolicy", STRING, .enums = &words_ignore_fail, .dflt = "\"Fail\"", .pb = 4,
	  .doc = "What happens when the webhook cannot be asked: Ignore or Fail."),
	F(match_policy, "matchPolicy", STRING, .enums = &words_exact_equivalent, .dflt = "\"Equivalent\"", .pb = 9,
	  .doc = "Whether requests by other versions of the resource match."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .dflt = "{}", .pb = 5, .doc = "Selects namespaces by their labels."),
	F(object_selector, "objectSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .dflt = "{}", .pb = 11, .doc = "Selects objects by their labels."),
	F(side_effects, "sideEffects", STRING, .enums = &words_none_none_on_dry_run, .flags = MSG_REQUIRED, .pb = 6,
	  .doc = "Whether the webhook changes anything else."),
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_OPTIONAL, .dflt = "10", .min = 1, .max = 30, .pb = 7,
	  .doc = "Seconds until the attempt counts as failed."),
	F(admission_review_versions, "admissionReviewVersions", STRING, .flags = MSG_LIST, .pb = 8,
	  .doc = "Versions of AdmissionReview that the webhook understands."),
	F(reinvocation_policy, "reinvocationPolicy", STRING, .enums = &words_never_if_needed, .dflt = "\"Never\"",
	  .pb = 10, .doc = "Whether it is asked again when others changed the object."),
	F(match_conditions, "matchConditions", MESSAGE, .desc = &admission_match_condition_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .pb = 12, .doc = "Expressions that all must hold."),
};
DESC(admission_mutating_webhook, "MutatingWebhook", "Mutating webhook.");
#undef T

#define T struct admission_mutating_webhook_configuration
static const struct msg_field admission_mutating_webhook_configuration_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(webhooks, "webhooks", MESSAGE, .desc = &admission_mutating_webhook_desc, .flags = MSG_LIST, .keys = "name",
	  .merge_key = "name", .pb = 2, .doc = "The webhooks, called in order."),
};
DESC(admission_mutating_webhook_configuration, "MutatingWebhookConfiguration", "Mutating webhook configuration.");
#undef T

#define T struct admission_validating_webhook
static const struct msg_field admission_validating_webhook_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(client_config, "clientConfig", MESSAGE, .desc = &admission_webhook_client_config_desc, .flags = MSG_REQUIRED,
	  .pb = 2, .doc = "How to reach the webhook."),
	F(rules, "rules", MESSAGE, .desc = &admission_rule_with_operations_desc, .flags = MSG_LIST, .pb = 3,
	  .doc = "Rules, applied in order."),
	F(failure_policy, "failurePolicy", STRING, .enums = &words_ignore_fail, .dflt = "\"Fail\"", .pb = 4,
	  .doc = "What happens when the webhook cannot be asked: Ignore or Fail."),
	F(match_policy, "matchPolicy", STRING, .enums = &words_exact_equivalent, .dflt = "\"Equivalent\"", .pb = 9,
	  .doc = "Whether requests by other versions of the resource match."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .dflt = "{}", .pb = 5, .doc = "Selects namespaces by their labels."),
	F(object_selector, "objectSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .dflt = "{}", .pb = 10, .doc = "Selects objects by their labels."),
	F(side_effects, "sideEffects", STRING, .enums = &words_none_none_on_dry_run, .flags = MSG_REQUIRED, .pb = 6,
	  .doc = "Whether the webhook changes anything else."),
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_OPTIONAL, .dflt = "10", .min = 1, .max = 30, .pb = 7,
	  .doc = "Seconds until the attempt counts as failed."),
	F(admission_review_versions, "admissionReviewVersions", STRING, .flags = MSG_LIST, .pb = 8,
	  .doc = "Versions of AdmissionReview that the webhook understands."),
	F(match_conditions, "matchConditions", MESSAGE, .desc = &admission_match_condition_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .pb = 11, .doc = "Expressions that all must hold."),
};
DESC(admission_validating_webhook, "ValidatingWebhook", "Validating webhook.");
#undef T

#define T struct admission_validating_webhook_configuration
static const struct msg_field admission_validating_webhook_configuration_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(webhooks, "webhooks", MESSAGE, .desc = &admission_validating_webhook_desc, .flags = MSG_LIST, .keys = "name",
	  .merge_key = "name", .pb = 2, .doc = "The webhooks, called in order."),
};
DESC(admission_validating_webhook_configuration, "ValidatingWebhookConfiguration", "Validating webhook configuration.");
#undef T

#define T struct meta_group_version_kind
static const struct msg_field meta_group_version_kind_rows[] = {
	F(group, "group", STRING, .doc = "API group; empty for the core group."),
	F(version, "version", STRING, .flags = MSG_REQUIRED, .doc = "Version."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind of the object."),
};
DESC(meta_group_version_kind, "GroupVersionKind", "Group version kind.");
#undef T

#define T struct meta_group_version_resource
static const struct msg_field meta_group_version_resource_rows[] = {
	F(group, "group", STRING, .doc = "API group; empty for the core group."),
	F(version, "version", STRING, .flags = MSG_REQUIRED, .doc = "Version."),
	F(resource, "resource", STRING, .flags = MSG_REQUIRED, .doc = "Resource."),
};
DESC(meta_group_version_resource, "GroupVersionResource", "Group version resource.");
#undef T

#define T struct admission_request
static const struct msg_field admission_request_rows[] = {
	F(uid, "uid", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Unique identifier that is never used again."),
	F(kind, "kind", MESSAGE, .desc = &meta_group_version_kind_desc, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Kind of the object."),
	F(resource, "resource", MESSAGE, .desc = &meta_group_version_resource_desc, .flags = MSG_REQUIRED, .pb = 3,
	  .doc = "Resource."),
	F(sub_resource, "subResource", STRING, .pb = 4, .doc = "Subresource of the request."),
	F(request_kind, "requestKind", MESSAGE, .desc = &meta_group_version_kind_desc, .pb = 13,
	  .doc = "Kind of the original request."),
	F(request_resource, "requestResource", MESSAGE, .desc = &meta_group_version_resource_desc, .pb = 14,
	  .doc = "Resource of the original request."),
	F(request_sub_resource, "requestSubResource", STRING, .pb = 15, .doc = "Subresource of the original request."),
	F(name, "name", STRING, .pb = 5, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, .pb = 6, .doc = "Namespace of the object."),
	F(operation, "operation", STRING, .flags = MSG_REQUIRED, .pb = 7, .doc = "Operation."),
	F(user_info, "userInfo", MESSAGE, .desc = &authn_user_info_desc, .flags = MSG_REQUIRED, .pb = 8,
	  .doc = "Who asks."),
	F(object, "object", JSON, .flags = MSG_ANY_FORM, .pb = 9, .doc = "The object."),
	F(old_object, "oldObject", JSON, .flags = MSG_ANY_FORM, .pb = 10, .doc = "The object as it was."),
	F(dry_run, "dryRun", BOOL, .flags = MSG_OPTIONAL, .pb = 11,
	  .doc = "\"All\" to go through everything but storing."),
	F(options, "options", JSON, .flags = MSG_ANY_FORM, .pb = 12, .doc = "Driver or resolver options."),
};
DESC(admission_request, "AdmissionRequest", "Admission request.");
#undef T

#define T struct meta_status_cause
static const struct msg_field meta_status_cause_rows[] = {
	F(reason, "reason", STRING, .pb = 1, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 2, .doc = "Sentence for people that says why."),
	F(field, "field", STRING, .pb = 3, .doc = "Path of the field."),
};
DESC(meta_status_cause, "StatusCause", "Status cause.");
#undef T

#define T struct meta_status_details
static const struct msg_field meta_status_details_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(group, "group", STRING, .pb = 2, .doc = "API group; empty for the core group."),
	F(kind, "kind", STRING, .pb = 3, .doc = "Kind of the object."),
	F(uid, "uid", STRING, .pb = 6, .doc = "Unique identifier that is never used again."),
	F(causes, "causes", MESSAGE, .desc = &meta_status_cause_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 4,
	  .doc = "What was wrong, field by field."),
	F(retry_after_seconds, "retryAfterSeconds", INT32, .pb = 5, .doc = "Seconds to wait before trying again."),
};
DESC(meta_status_details, "StatusDetails", "Status details.");
#undef T

#define T struct meta_status
static const struct msg_field meta_status_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(status, "status", STRING, .doc = "What was observed last; written by controllers."),
	F(message, "message", STRING, .doc = "Sentence for people that says why."),
	F(reason, "reason", STRING, .doc = "One word in CamelCase that says why."),
	F(details, "details", MESSAGE, .desc = &meta_status_details_desc, .doc = "Details for programs."),
	F(code, "code", INT32, .doc = "HTTP status."),
};
DESC(meta_status, "Status", "Status.");
#undef T

#define T struct admission_response
static const struct msg_field admission_response_rows[] = {
	F(uid, "uid", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Unique identifier that is never used again."),
	F(allowed, "allowed", BOOL, .flags = MSG_KEEP_ZERO, .pb = 2, .doc = "Whether it is allowed."),
	F(status, "status", MESSAGE, .desc = &meta_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
	F(patch, "patch", STRING, .format = "byte", .pb = 4, .doc = "The patch."),
	F(patch_type, "patchType", STRING, .pb = 5, .doc = "Kind of the patch: JSONPatch."),
	F(audit_annotations, "auditAnnotations", STR_MAP, .pb = 6, .doc = "Annotations of the audit event."),
	F(warnings, "warnings", STRING, .flags = MSG_LIST, .pb = 7, .doc = "Warnings for the client."),
};
DESC(admission_response, "AdmissionResponse", "Admission response.");
#undef T

#define T struct admission_review
static const struct msg_field admission_review_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(request, "request", MESSAGE, .desc = &admission_request_desc, .pb = 1, .doc = "The request."),
	F(response, "response", MESSAGE, .desc = &admission_response_desc, .pb = 2, .doc = "The response."),
};
DESC(admission_review, "AdmissionReview", "Admission review.");
#undef T
