/* Rows of namespaces, ConfigMaps, Secrets, ServiceAccounts, Events and quotas: v1. See the header for the structs. */
#include "api/config.h"

#include "api/api_internal.h"

WORDS(words_active_terminating, {"Active", 0}, {"Terminating", 0});
WORDS(words_terminating_not_terminating_best_effor, {"Terminating", 0}, {"NotTerminating", 0}, {"BestEffort", 0},
      {"NotBestEffort", 0}, {"PriorityClass", 0}, {"CrossNamespacePodAffinity", 0});
WORDS(words_in_not_in_exists_does_not_exist, {"In", 0}, {"NotIn", 0}, {"Exists", 0}, {"DoesNotExist", 0});

#define T struct core_namespace_spec
static const struct msg_field core_namespace_spec_rows[] = {
	F(finalizers, "finalizers", STRING, .flags = MSG_LIST, .doc = "Finalizers."),
};
DESC(core_namespace_spec, "NamespaceSpec", "Namespace spec.");
#undef T

#define T struct core_namespace_condition
static const struct msg_field core_namespace_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(core_namespace_condition, "NamespaceCondition", "Namespace condition.");
#undef T

#define T struct core_namespace_status
static const struct msg_field core_namespace_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_active_terminating, .doc = "Phase."),
	F(conditions, "conditions", MESSAGE, .desc = &core_namespace_condition_desc, .flags = MSG_LIST,
	  .merge_key = "type", .doc = "Conditions."),
};
DESC(core_namespace_status, "NamespaceStatus", "Namespace status.");
#undef T

#define T struct core_namespace
static const struct msg_field core_namespace_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_namespace_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_namespace_status_desc, .doc = "Status."),
};
DESC(core_namespace, "Namespace", "Namespace.");
#undef T

#define T struct core_config_map
static const struct msg_field core_config_map_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(immutable, "immutable", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether immutable applies."),
	F(data, "data", STR_MAP, .doc = "Data."),
	F(binary_data, "binaryData", STR_MAP, .format = "byte", .doc = "Binary data."),
};
DESC(core_config_map, "ConfigMap", "Config map.");
#undef T

#define T struct core_secret
static const struct msg_field core_secret_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(immutable, "immutable", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether immutable applies."),
	F(data, "data", STR_MAP, .format = "byte", .doc = "Data."),
	F(string_data, "stringData", STR_MAP, .doc = "String data."),
	F(type, "type", STRING, .doc = "Type."),
};
DESC(core_secret, "Secret", "Secret.");
#undef T

#define T struct core_service_account
static const struct msg_field core_service_account_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(secrets, "secrets", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_LIST, .merge_key = "name",
	  .doc = "Secrets."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_LIST,
	  .doc = "Image pull secrets."),
	F(automount_service_account_token, "automountServiceAccountToken", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether automount service account token applies."),
};
DESC(core_service_account, "ServiceAccount", "Service account.");
#undef T

#define T struct core_event_source
static const struct msg_field core_event_source_rows[] = {
	F(component, "component", STRING, .doc = "Component."),
	F(host, "host", STRING, .doc = "Host."),
};
DESC(core_event_source, "EventSource", "Event source.");
#undef T

#define T struct core_event_series
static const struct msg_field core_event_series_rows[] = {
	F(count, "count", INT32, .doc = "Count."),
	F(last_observed_time, "lastObservedTime", STRING, .format = "date-time", .doc = "Last observed time."),
};
DESC(core_event_series, "EventSeries", "Event series.");
#undef T

#define T struct core_event
static const struct msg_field core_event_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(involved_object, "involvedObject", MESSAGE, .desc = &core_object_reference_desc, .doc = "Involved object."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
	F(source, "source", MESSAGE, .desc = &core_event_source_desc, .doc = "Source."),
	F(first_timestamp, "firstTimestamp", STRING, .format = "date-time", .doc = "First timestamp."),
	F(last_timestamp, "lastTimestamp", STRING, .format = "date-time", .doc = "Last timestamp."),
	F(count, "count", INT32, .doc = "Count."),
	F(type, "type", STRING, .doc = "Type."),
	F(event_time, "eventTime", STRING, .format = "date-time", .doc = "Event time."),
	F(series, "series", MESSAGE, .desc = &core_event_series_desc, .doc = "Series."),
	F(action, "action", STRING, .doc = "Action."),
	F(related, "related", MESSAGE, .desc = &core_object_reference_desc, .doc = "Related."),
	F(reporting_component, "reportingComponent", STRING, .doc = "Reporting component."),
	F(reporting_instance, "reportingInstance", STRING, .doc = "Reporting instance."),
};
DESC(core_event, "Event", "Event.");
#undef T

#define T struct core_limit_range_item
static const struct msg_field core_limit_range_item_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(max, "max", STR_MAP, .elem = MSG_QUANTITY, .doc = "Max."),
	F(min, "min", STR_MAP, .elem = MSG_QUANTITY, .doc = "Min."),
	F(default_, "default", STR_MAP, .elem = MSG_QUANTITY, .doc = "Default."),
	F(default_request, "defaultRequest", STR_MAP, .elem = MSG_QUANTITY, .doc = "Default request."),
	F(max_limit_request_ratio, "maxLimitRequestRatio", STR_MAP, .elem = MSG_QUANTITY,
	  .doc = "Max limit request ratio."),
};
DESC(core_limit_range_item, "LimitRangeItem", "Limit range item.");
#undef T

#define T struct core_limit_range_spec
static const struct msg_field core_limit_range_spec_rows[] = {
	F(limits, "limits", MESSAGE, .desc = &core_limit_range_item_desc, .flags = MSG_LIST, .doc = "Limits."),
};
DESC(core_limit_range_spec, "LimitRangeSpec", "Limit range spec.");
#undef T

#define T struct core_limit_range
static const struct msg_field core_limit_range_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_limit_range_spec_desc, .doc = "Spec."),
};
DESC(core_limit_range, "LimitRange", "Limit range.");
#undef T

#define T struct core_scoped_resource_selector_requirement
static const struct msg_field core_scoped_resource_selector_requirement_rows[] = {
	F(scope_name, "scopeName", STRING, .enums = &words_terminating_not_terminating_best_effor,
	  .flags = MSG_REQUIRED, .doc = "Scope name."),
	F(operator, "operator", STRING, .enums = &words_in_not_in_exists_does_not_exist, .flags = MSG_REQUIRED,
	  .doc = "Operator."),
	F(values, "values", STRING, .flags = MSG_LIST, .doc = "Values."),
};
DESC(core_scoped_resource_selector_requirement, "ScopedResourceSelectorRequirement",
     "Scoped resource selector requirement.");
#undef T

#define T struct core_scope_selector
static const struct msg_field core_scope_selector_rows[] = {
	F(match_expressions, "matchExpressions", MESSAGE, .desc = &core_scoped_resource_selector_requirement_desc,
	  .flags = MSG_LIST, .doc = "Match expressions."),
};
DESC(core_scope_selector, "ScopeSelector", "Scope selector.");
#undef T

#define T struct core_resource_quota_spec
static const struct msg_field core_resource_quota_spec_rows[] = {
	F(hard, "hard", STR_MAP, .elem = MSG_QUANTITY, .doc = "Hard."),
	F(scopes, "scopes", STRING, .enums = &words_terminating_not_terminating_best_effor, .flags = MSG_LIST,
	  .doc = "Scopes."),
	F(scope_selector, "scopeSelector", MESSAGE, .desc = &core_scope_selector_desc, .doc = "Scope selector."),
};
DESC(core_resource_quota_spec, "ResourceQuotaSpec", "Resource quota spec.");
#undef T

#define T struct core_resource_quota_status
static const struct msg_field core_resource_quota_status_rows[] = {
	F(hard, "hard", STR_MAP, .elem = MSG_QUANTITY, .doc = "Hard."),
	F(used, "used", STR_MAP, .elem = MSG_QUANTITY, .doc = "Used."),
};
DESC(core_resource_quota_status, "ResourceQuotaStatus", "Resource quota status.");
#undef T

#define T struct core_resource_quota
static const struct msg_field core_resource_quota_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_resource_quota_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_resource_quota_status_desc, .doc = "Status."),
};
DESC(core_resource_quota, "ResourceQuota", "Resource quota.");
#undef T
