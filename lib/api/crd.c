/* Rows of customResourceDefinitions: apiextensions.k8s.io/v1. Schemas stay free values. See the header for the structs.
 */
#include "api/crd.h"

#include "api/api_internal.h"

#define T struct apiext_custom_resource_definition_names
static const struct msg_field apiext_custom_resource_definition_names_rows[] = {
	F(plural, "plural", STRING, .flags = MSG_REQUIRED, .doc = "Plural."),
	F(singular, "singular", STRING, .doc = "Singular."),
	F(short_names, "shortNames", STRING, .flags = MSG_LIST, .doc = "Short names."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(list_kind, "listKind", STRING, .doc = "List kind."),
	F(categories, "categories", STRING, .flags = MSG_LIST, .doc = "Categories."),
};
DESC(apiext_custom_resource_definition_names, "CustomResourceDefinitionNames", "Custom resource definition names.");
#undef T

#define T struct apiext_custom_resource_validation
static const struct msg_field apiext_custom_resource_validation_rows[] = {
	F(open_apiv3_schema, "openAPIV3Schema", JSON, .flags = MSG_ANY_FORM, .doc = "Open apiv3 schema."),
};
DESC(apiext_custom_resource_validation, "CustomResourceValidation", "Custom resource validation.");
#undef T

#define T struct apiext_custom_resource_subresource_scale
static const struct msg_field apiext_custom_resource_subresource_scale_rows[] = {
	F(spec_replicas_path, "specReplicasPath", STRING, .flags = MSG_REQUIRED, .doc = "Spec replicas path."),
	F(status_replicas_path, "statusReplicasPath", STRING, .flags = MSG_REQUIRED, .doc = "Status replicas path."),
	F(label_selector_path, "labelSelectorPath", STRING, .doc = "Label selector path."),
};
DESC(apiext_custom_resource_subresource_scale, "CustomResourceSubresourceScale", "Custom resource subresource scale.");
#undef T

#define T struct apiext_custom_resource_subresources
static const struct msg_field apiext_custom_resource_subresources_rows[] = {
	F(status, "status", JSON, .flags = MSG_ANY_FORM, .doc = "Status."),
	F(scale, "scale", MESSAGE, .desc = &apiext_custom_resource_subresource_scale_desc, .doc = "Scale."),
};
DESC(apiext_custom_resource_subresources, "CustomResourceSubresources", "Custom resource subresources.");
#undef T

#define T struct apiext_custom_resource_column_definition
static const struct msg_field apiext_custom_resource_column_definition_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(format, "format", STRING, .doc = "Format."),
	F(description, "description", STRING, .doc = "Description."),
	F(priority, "priority", INT32, .doc = "Priority."),
	F(json_path, "jsonPath", STRING, .flags = MSG_REQUIRED, .doc = "Json path."),
};
DESC(apiext_custom_resource_column_definition, "CustomResourceColumnDefinition", "Custom resource column definition.");
#undef T

#define T struct apiext_custom_resource_definition_version
static const struct msg_field apiext_custom_resource_definition_version_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(served, "served", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether served applies."),
	F(storage, "storage", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether storage applies."),
	F(deprecated, "deprecated", BOOL, .doc = "Whether deprecated applies."),
	F(deprecation_warning, "deprecationWarning", STRING, .doc = "Deprecation warning."),
	F(schema, "schema", MESSAGE, .desc = &apiext_custom_resource_validation_desc, .doc = "Schema."),
	F(subresources, "subresources", MESSAGE, .desc = &apiext_custom_resource_subresources_desc,
	  .doc = "Subresources."),
	F(additional_printer_columns, "additionalPrinterColumns", MESSAGE,
	  .desc = &apiext_custom_resource_column_definition_desc, .flags = MSG_LIST,
	  .doc = "Additional printer columns."),
};
DESC(apiext_custom_resource_definition_version, "CustomResourceDefinitionVersion",
     "Custom resource definition version.");
#undef T

#define T struct apiext_webhook_conversion
static const struct msg_field apiext_webhook_conversion_rows[] = {
	F(client_config, "clientConfig", MESSAGE, .desc = &admission_webhook_client_config_desc,
	  .doc = "Client config."),
	F(conversion_review_versions, "conversionReviewVersions", STRING, .flags = MSG_LIST,
	  .doc = "Conversion review versions."),
};
DESC(apiext_webhook_conversion, "WebhookConversion", "Webhook conversion.");
#undef T

#define T struct apiext_custom_resource_conversion
static const struct msg_field apiext_custom_resource_conversion_rows[] = {
	F(strategy, "strategy", STRING, .flags = MSG_REQUIRED, .doc = "Strategy."),
	F(webhook, "webhook", MESSAGE, .desc = &apiext_webhook_conversion_desc, .doc = "Webhook."),
};
DESC(apiext_custom_resource_conversion, "CustomResourceConversion", "Custom resource conversion.");
#undef T

#define T struct apiext_custom_resource_definition_spec
static const struct msg_field apiext_custom_resource_definition_spec_rows[] = {
	F(group, "group", STRING, .flags = MSG_REQUIRED, .doc = "Group."),
	F(names, "names", MESSAGE, .desc = &apiext_custom_resource_definition_names_desc, .flags = MSG_REQUIRED,
	  .doc = "Names."),
	F(scope, "scope", STRING, .flags = MSG_REQUIRED, .doc = "Scope."),
	F(versions, "versions", MESSAGE, .desc = &apiext_custom_resource_definition_version_desc, .flags = MSG_LIST,
	  .doc = "Versions."),
	F(conversion, "conversion", MESSAGE, .desc = &apiext_custom_resource_conversion_desc, .doc = "Conversion."),
	F(preserve_unknown_fields, "preserveUnknownFields", BOOL, .doc = "Whether preserve unknown fields applies."),
};
DESC(apiext_custom_resource_definition_spec, "CustomResourceDefinitionSpec", "Custom resource definition spec.");
#undef T

#define T struct apiext_custom_resource_definition_condition
static const struct msg_field apiext_custom_resource_definition_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(apiext_custom_resource_definition_condition, "CustomResourceDefinitionCondition",
     "Custom resource definition condition.");
#undef T

#define T struct apiext_custom_resource_definition_status
static const struct msg_field apiext_custom_resource_definition_status_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &apiext_custom_resource_definition_condition_desc,
	  .flags = MSG_LIST, .keys = "type", .doc = "Conditions."),
	F(accepted_names, "acceptedNames", MESSAGE, .desc = &apiext_custom_resource_definition_names_desc,
	  .doc = "Accepted names."),
	F(stored_versions, "storedVersions", STRING, .flags = MSG_LIST, .doc = "Stored versions."),
};
DESC(apiext_custom_resource_definition_status, "CustomResourceDefinitionStatus", "Custom resource definition status.");
#undef T

#define T struct apiext_custom_resource_definition
static const struct msg_field apiext_custom_resource_definition_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &apiext_custom_resource_definition_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &apiext_custom_resource_definition_status_desc, .doc = "Status."),
};
DESC(apiext_custom_resource_definition, "CustomResourceDefinition", "Custom resource definition.");
#undef T
