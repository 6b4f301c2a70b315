/* Rows of namespaces, ConfigMaps, Secrets, ServiceAccounts, Events and quotas: v1. See the header for the structs. */
#include "api/core/config.h"

#include "api/api_internal.h"

WORDS(words_active_terminating, {"Active", 0}, {"Terminating", 0});
WORDS(words_terminating_not_terminating_best_effor, {"Terminating", 0}, {"NotTerminating", 0}, {"BestEffort", 0},
      {"NotBestEffort", 0}, {"PriorityClass", 0}, {"CrossNamespacePodAffinity", 0});
WORDS(words_in_not_in_exists_does_not_exist, {"In", 0}, {"NotIn", 0}, {"Exists", 0}, {"DoesNotExist", 0});

#define T struct core_namespace_spec
static const struct msg_field core_namespace_spec_rows[] = {
	F(finalizers, "finalizers", STRING, .flags = MSG_LIST, .pb = 1,
	  .doc = "Who must agree before the object is removed."),
};
DESC(core_namespace_spec, "NamespaceSpec", "What is wanted of a namespace.");
#undef T

#define T struct core_namespace_condition
static const struct msg_field core_namespace_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 5, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 6, .doc = "Sentence for people that says why."),
};
DESC(core_namespace_condition, "NamespaceCondition", "One condition of a namespace.");
#undef T

#define T struct core_namespace_status
static const struct msg_field core_namespace_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_active_terminating, .pb = 1, .doc = "Phase of the life cycle."),
	F(conditions, "conditions", MESSAGE, .desc = &core_namespace_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 2, .doc = "Conditions observed last."),
};
DESC(core_namespace_status, "NamespaceStatus", "What was observed of a namespace.");
#undef T

#define T struct core_namespace
static const struct msg_field core_namespace_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_namespace_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_namespace_status_desc, .dflt = "{\"phase\":\"Active\"}", .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_namespace, "Namespace", "A scope for names.");
#undef T

#define T struct core_config_map
static const struct msg_field core_config_map_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(immutable, "immutable", BOOL, .flags = MSG_OPTIONAL, .pb = 4, .doc = "Refuses changes of the content."),
	F(data, "data", STR_MAP, .pb = 2, .doc = "Content by key."),
	F(binary_data, "binaryData", STR_MAP, .format = "byte", .pb = 3, .doc = "Content by key, base64."),
};
DESC(core_config_map, "ConfigMap", "Configuration by key.");
#undef T

#define T struct core_secret
static const struct msg_field core_secret_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(immutable, "immutable", BOOL, .flags = MSG_OPTIONAL, .pb = 5, .doc = "Refuses changes of the content."),
	F(data, "data", STR_MAP, .format = "byte", .pb = 2, .doc = "Content by key."),
	F(string_data, "stringData", STR_MAP, .pb = 4,
	  .doc = "Content by key as plain text; written only, it goes to data."),
	F(type, "type", STRING, .dflt = "\"Opaque\"", .pb = 3,
	  .doc = "Type of the content, such as kubernetes.io/tls."),
};
DESC(core_secret, "Secret", "Confidential content by key.");
#undef T

#define T struct core_service_account
static const struct msg_field core_service_account_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(secrets, "secrets", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_LIST, .keys = "name",
	  .merge_key = "name", .pb = 2, .doc = "Secrets that belong to the account."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_LIST,
	  .pb = 3, .doc = "Secrets with credentials of image registries."),
	F(automount_service_account_token, "automountServiceAccountToken", BOOL, .flags = MSG_OPTIONAL, .pb = 4,
	  .doc = "Mounts the token of the service account."),
};
DESC(core_service_account, "ServiceAccount", "An identity of pods.");
#undef T

#define T struct core_event_source
static const struct msg_field core_event_source_rows[] = {
	F(component, "component", STRING, .pb = 1, .doc = "Component."),
	F(host, "host", STRING, .pb = 2, .doc = "Host name or address."),
};
DESC(core_event_source, "EventSource", "Source: event.");
#undef T

#define T struct core_event_series
static const struct msg_field core_event_series_rows[] = {
	F(count, "count", INT32, .pb = 1, .doc = "How often it occurred."),
	F(last_observed_time, "lastObservedTime", STRING, .format = "date-time", .pb = 2,
	  .doc = "When it was observed last."),
};
DESC(core_event_series, "EventSeries", "Event series.");
#undef T

#define T struct core_event
static const struct msg_field core_event_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(involved_object, "involvedObject", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 2,
	  .doc = "The object that it is about."),
	F(reason, "reason", STRING, .pb = 3, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 4, .doc = "Sentence for people that says why."),
	F(source, "source", MESSAGE, .desc = &core_event_source_desc, .pb = 5, .doc = "Where it comes from."),
	F(first_timestamp, "firstTimestamp", STRING, .format = "date-time", .pb = 6, .doc = "When it occurred first."),
	F(last_timestamp, "lastTimestamp", STRING, .format = "date-time", .pb = 7, .doc = "When it occurred last."),
	F(count, "count", INT32, .pb = 8, .doc = "How often it occurred."),
	F(type, "type", STRING, .pb = 9, .doc = "Type; one of the allowed words."),
	F(event_time, "eventTime", STRING, .format = "date-time", .pb = 10, .doc = "When it was observed first."),
	F(series, "series", MESSAGE, .desc = &core_event_series_desc, .pb = 11,
	  .doc = "How it went on, for repeated events."),
	F(action, "action", STRING, .pb = 12, .doc = "What is done."),
	F(related, "related", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 13,
	  .doc = "A second object that it is about."),
	F(reporting_component, "reportingComponent", STRING, .pb = 14, .doc = "Controller that reports."),
	F(reporting_instance, "reportingInstance", STRING, .pb = 15, .doc = "Instance of the controller that reports."),
};
DESC(core_event, "Event", "Something that happened to an object.");
#undef T

#define T struct core_limit_range_item
static const struct msg_field core_limit_range_item_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Type; one of the allowed words."),
	F(max, "max", STR_MAP, .elem = MSG_QUANTITY, .pb = 2, .doc = "Most, by resource."),
	F(min, "min", STR_MAP, .elem = MSG_QUANTITY, .pb = 3, .doc = "Least, by resource."),
	F(default_, "default", STR_MAP, .elem = MSG_QUANTITY, .pb = 4,
	  .doc = "Limit given where none is set, by resource."),
	F(default_request, "defaultRequest", STR_MAP, .elem = MSG_QUANTITY, .pb = 5,
	  .doc = "Request given where none is set, by resource."),
	F(max_limit_request_ratio, "maxLimitRequestRatio", STR_MAP, .elem = MSG_QUANTITY, .pb = 6,
	  .doc = "Largest ratio of limit to request, by resource."),
};
DESC(core_limit_range_item, "LimitRangeItem", "Limit range item.");
#undef T

#define T struct core_limit_range_spec
static const struct msg_field core_limit_range_spec_rows[] = {
	F(limits, "limits", MESSAGE, .desc = &core_limit_range_item_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Most that may be used, by resource."),
};
DESC(core_limit_range_spec, "LimitRangeSpec", "What is wanted of a limit range.");
#undef T

#define T struct core_limit_range
static const struct msg_field core_limit_range_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_limit_range_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(core_limit_range, "LimitRange", "Limit range.");
#undef T

#define T struct core_scoped_resource_selector_requirement
static const struct msg_field core_scoped_resource_selector_requirement_rows[] = {
	F(scope_name, "scopeName", STRING, .enums = &words_terminating_not_terminating_best_effor,
	  .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the scope."),
	F(operator, "operator", STRING, .enums = &words_in_not_in_exists_does_not_exist, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Relation between the key and the values."),
	F(values, "values", STRING, .flags = MSG_LIST, .pb = 3, .doc = "Values to compare with."),
};
DESC(core_scoped_resource_selector_requirement, "ScopedResourceSelectorRequirement",
     "Scoped resource selector requirement.");
#undef T

#define T struct core_scope_selector
static const struct msg_field core_scope_selector_rows[] = {
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &core_scoped_resource_selector_requirement_desc,
	  .flags = MSG_LIST, .pb = 1, .doc = "Conditions on labels, all of which must hold."),
};
DESC(core_scope_selector, "ScopeSelector", "Selector: scope.");
#undef T

#define T struct core_resource_quota_spec
static const struct msg_field core_resource_quota_spec_rows[] = {
	F(hard, "hard", STR_MAP, .elem = MSG_QUANTITY, .pb = 1, .doc = "Limits by resource."),
	F(scopes, "scopes", STRING, .enums = &words_terminating_not_terminating_best_effor, .flags = MSG_LIST, .pb = 2,
	  .doc = "Which objects count."),
	F(scope_selector, "scopeSelector", MESSAGE, .desc = &core_scope_selector_desc, .flags = MSG_ATOMIC, .pb = 3,
	  .doc = "Selects which objects count."),
};
DESC(core_resource_quota_spec, "ResourceQuotaSpec", "What is wanted of a resource quota.");
#undef T

#define T struct core_resource_quota_status
static const struct msg_field core_resource_quota_status_rows[] = {
	F(hard, "hard", STR_MAP, .elem = MSG_QUANTITY, .pb = 1, .doc = "Limits by resource."),
	F(used, "used", STR_MAP, .elem = MSG_QUANTITY, .pb = 2, .doc = "What is used, by resource."),
};
DESC(core_resource_quota_status, "ResourceQuotaStatus", "What was observed of a resource quota.");
#undef T

#define T struct core_resource_quota
static const struct msg_field core_resource_quota_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_resource_quota_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_resource_quota_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_resource_quota, "ResourceQuota", "Resource quota.");
#undef T
