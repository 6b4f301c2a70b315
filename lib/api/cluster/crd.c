/* Rows of customResourceDefinitions: apiextensions.k8s.io/v1. Schemas stay free values. See the header for the structs.
 */
#include "api/cluster/crd.h"

#include "api/api_internal.h"

#define T struct apiext_custom_resource_definition_names
static const struct msg_field apiext_custom_resource_definition_names_rows[] = {
	F(plural, "plural", STRING, .flags = MSG_REQUIRED, .doc = "Plural name, as in URLs."),
	F(singular, "singular", STRING, .doc = "Singular name."),
	F(short_names, "shortNames", STRING, .flags = MSG_LIST, .doc = "Short names for kubectl."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind of the object."),
	F(list_kind, "listKind", STRING, .doc = "Kind of lists."),
	F(categories, "categories", STRING, .flags = MSG_LIST, .doc = "Groups of resources for kubectl, such as all."),
};
DESC(apiext_custom_resource_definition_names, "CustomResourceDefinitionNames", "Custom resource definition names.");
#undef T

#define T struct apiext_custom_resource_validation
static const struct msg_field apiext_custom_resource_validation_rows[] = {
	F(open_apiv3_schema, "openAPIV3Schema", JSON, .flags = MSG_ANY_FORM,
	  .doc = "Structural schema of the objects."),
};
DESC(apiext_custom_resource_validation, "CustomResourceValidation", "Custom resource validation.");
#undef T

#define T struct apiext_custom_resource_subresource_scale
static const struct msg_field apiext_custom_resource_subresource_scale_rows[] = {
	F(spec_replicas_path, "specReplicasPath", STRING, .flags = MSG_REQUIRED, .doc = "Path of the wanted number."),
	F(status_replicas_path, "statusReplicasPath", STRING, .flags = MSG_REQUIRED,
	  .doc = "Path of the observed number."),
	F(label_selector_path, "labelSelectorPath", STRING, .doc = "Path of the selector."),
};
DESC(apiext_custom_resource_subresource_scale, "CustomResourceSubresourceScale", "Custom resource subresource scale.");
#undef T

#define T struct apiext_custom_resource_subresources
static const struct msg_field apiext_custom_resource_subresources_rows[] = {
	F(status, "status", JSON, .flags = MSG_ANY_FORM, .doc = "What was observed last; written by controllers."),
	F(scale, "scale", MESSAGE, .desc = &apiext_custom_resource_subresource_scale_desc,
	  .doc = "The scale subresource."),
};
DESC(apiext_custom_resource_subresources, "CustomResourceSubresources", "Custom resource subresources.");
#undef T

#define T struct apiext_custom_resource_column_definition
static const struct msg_field apiext_custom_resource_column_definition_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type; one of the allowed words."),
	F(format, "format", STRING, .doc = "Format."),
	F(description, "description", STRING, .doc = "Description."),
	F(priority, "priority", INT32, .doc = "Priority; higher goes first."),
	F(json_path, "jsonPath", STRING, .flags = MSG_REQUIRED, .doc = "Path of the column's value."),
};
DESC(apiext_custom_resource_column_definition, "CustomResourceColumnDefinition", "Custom resource column definition.");
#undef T

#define T struct apiext_custom_resource_definition_version
static const struct msg_field apiext_custom_resource_definition_version_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
	F(served, "served", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether the version is served."),
	F(storage, "storage", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Storage."),
	F(deprecated, "deprecated", BOOL, .doc = "Whether the version is deprecated."),
	F(deprecation_warning, "deprecationWarning", STRING, .doc = "Warning for clients of the version."),
	F(schema, "schema", MESSAGE, .desc = &apiext_custom_resource_validation_desc, .doc = "Schema of the version."),
	F(subresources, "subresources", MESSAGE, .desc = &apiext_custom_resource_subresources_desc,
	  .doc = "Subresources of the version."),
	F(additional_printer_columns, "additionalPrinterColumns", MESSAGE,
	  .desc = &apiext_custom_resource_column_definition_desc, .flags = MSG_LIST, .doc = "Columns of kubectl get."),
};
DESC(apiext_custom_resource_definition_version, "CustomResourceDefinitionVersion",
     "Custom resource definition version.");
#undef T

#define T struct apiext_webhook_conversion
static const struct msg_field apiext_webhook_conversion_rows[] = {
	F(client_config, "clientConfig", MESSAGE, .desc = &admission_webhook_client_config_desc,
	  .doc = "How to reach the webhook."),
	F(conversion_review_versions, "conversionReviewVersions", STRING, .flags = MSG_LIST,
	  .doc = "Versions of ConversionReview that the webhook understands."),
};
DESC(apiext_webhook_conversion, "WebhookConversion", "Webhook conversion.");
#undef T

#define T struct apiext_custom_resource_conversion
static const struct msg_field apiext_custom_resource_conversion_rows[] = {
	F(strategy, "strategy", STRING, .flags = MSG_REQUIRED, .doc = "How pods are replaced."),
	F(webhook, "webhook", MESSAGE, .desc = &apiext_webhook_conversion_desc, .doc = "The webhook that converts."),
};
DESC(apiext_custom_resource_conversion, "CustomResourceConversion", "Custom resource conversion.");
#undef T

#define T struct apiext_custom_resource_definition_spec
static const struct msg_field apiext_custom_resource_definition_spec_rows[] = {
	F(group, "group", STRING, .flags = MSG_REQUIRED, .doc = "API group; empty for the core group."),
	F(names, "names", MESSAGE, .desc = &apiext_custom_resource_definition_names_desc, .flags = MSG_REQUIRED,
	  .doc = "Names."),
	F(scope, "scope", STRING, .flags = MSG_REQUIRED, .doc = "Scope."),
	F(versions, "versions", MESSAGE, .desc = &apiext_custom_resource_definition_version_desc, .flags = MSG_LIST,
	  .doc = "The versions."),
	F(conversion, "conversion", MESSAGE, .desc = &apiext_custom_resource_conversion_desc,
	  .doc = "How versions are converted."),
	F(preserve_unknown_fields, "preserveUnknownFields", BOOL, .doc = "Obsolete; must be false."),
};
DESC(apiext_custom_resource_definition_spec, "CustomResourceDefinitionSpec",
     "What is wanted of a custom resource definition.");
#undef T

#define T struct apiext_custom_resource_definition_condition
static const struct msg_field apiext_custom_resource_definition_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .doc = "What was observed last; written by controllers."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time",
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .doc = "Sentence for people that says why."),
};
DESC(apiext_custom_resource_definition_condition, "CustomResourceDefinitionCondition",
     "One condition of a custom resource definition.");
#undef T

#define T struct apiext_custom_resource_definition_status
static const struct msg_field apiext_custom_resource_definition_status_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &apiext_custom_resource_definition_condition_desc,
	  .flags = MSG_LIST, .keys = "type", .merge_key = "type", .doc = "Conditions observed last."),
	F(accepted_names, "acceptedNames", MESSAGE, .desc = &apiext_custom_resource_definition_names_desc,
	  .doc = "Names in use."),
	F(stored_versions, "storedVersions", STRING, .flags = MSG_LIST, .doc = "Versions that may be in storage."),
};
DESC(apiext_custom_resource_definition_status, "CustomResourceDefinitionStatus",
     "What was observed of a custom resource definition.");
#undef T

#define T struct apiext_custom_resource_definition
static const struct msg_field apiext_custom_resource_definition_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &apiext_custom_resource_definition_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &apiext_custom_resource_definition_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(apiext_custom_resource_definition, "CustomResourceDefinition", "Defines a kind of custom resources.");
#undef T
