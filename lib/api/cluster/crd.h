/* CustomResourceDefinitions: apiextensions.k8s.io/v1. Schemas stay free values. */
#ifndef API_CLUSTER_CRD_H
#define API_CLUSTER_CRD_H

#include "api/cluster/admission.h"

/* Custom resource definition names. */
struct apiext_custom_resource_definition_names {
	const char *plural;
	const char *singular;
	LIST(const char *) short_names;
	const char *kind;
	const char *list_kind;
	LIST(const char *) categories;
};

/* Custom resource validation. */
struct apiext_custom_resource_validation {
	cJSON *open_apiv3_schema;
};

/* Custom resource subresource scale. */
struct apiext_custom_resource_subresource_scale {
	const char *spec_replicas_path;
	const char *status_replicas_path;
	const char *label_selector_path;
};

/* Custom resource subresources. */
struct apiext_custom_resource_subresources {
	cJSON *status;
	struct apiext_custom_resource_subresource_scale *scale;
};

/* Custom resource column definition. */
struct apiext_custom_resource_column_definition {
	const char *name;
	const char *type;
	const char *format;
	const char *description;
	int32_t priority;
	const char *json_path;
};

/* Custom resource definition version. */
struct apiext_custom_resource_definition_version {
	const char *name;
	bool served;
	bool storage;
	bool deprecated;
	const char *deprecation_warning;
	struct apiext_custom_resource_validation *schema;
	struct apiext_custom_resource_subresources *subresources;
	LIST(struct apiext_custom_resource_column_definition) additional_printer_columns;
};

/* Webhook conversion. */
struct apiext_webhook_conversion {
	struct admission_webhook_client_config *client_config;
	LIST(const char *) conversion_review_versions;
};

/* Custom resource conversion. */
struct apiext_custom_resource_conversion {
	const char *strategy;
	struct apiext_webhook_conversion *webhook;
};

/* What is wanted of a custom resource definition. */
struct apiext_custom_resource_definition_spec {
	const char *group;
	struct apiext_custom_resource_definition_names *names;
	const char *scope;
	LIST(struct apiext_custom_resource_definition_version) versions;
	struct apiext_custom_resource_conversion *conversion;
	bool preserve_unknown_fields;
};

/* One condition of a custom resource definition. */
struct apiext_custom_resource_definition_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a custom resource definition. */
struct apiext_custom_resource_definition_status {
	LIST(struct apiext_custom_resource_definition_condition) conditions;
	struct apiext_custom_resource_definition_names *accepted_names;
	LIST(const char *) stored_versions;
};

/* Defines a kind of custom resources. */
struct apiext_custom_resource_definition {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct apiext_custom_resource_definition_spec *spec;
	struct apiext_custom_resource_definition_status *status;
};

extern const struct msg_desc apiext_custom_resource_definition_names_desc;
extern const struct msg_desc apiext_custom_resource_validation_desc;
extern const struct msg_desc apiext_custom_resource_subresource_scale_desc;
extern const struct msg_desc apiext_custom_resource_subresources_desc;
extern const struct msg_desc apiext_custom_resource_column_definition_desc;
extern const struct msg_desc apiext_custom_resource_definition_version_desc;
extern const struct msg_desc apiext_webhook_conversion_desc;
extern const struct msg_desc apiext_custom_resource_conversion_desc;
extern const struct msg_desc apiext_custom_resource_definition_spec_desc;
extern const struct msg_desc apiext_custom_resource_definition_condition_desc;
extern const struct msg_desc apiext_custom_resource_definition_status_desc;
extern const struct msg_desc apiext_custom_resource_definition_desc;

#endif
