/* Namespaces, ConfigMaps, Secrets, ServiceAccounts, Events and quotas: v1. */
#ifndef API_CORE_CONFIG_H
#define API_CORE_CONFIG_H

#include "api/core/volume.h"

/* What is wanted of a namespace. */
struct core_namespace_spec {
	LIST(const char *) finalizers;
};

/* One condition of a namespace. */
struct core_namespace_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* What was observed of a namespace. */
struct core_namespace_status {
	const char *phase;
	LIST(struct core_namespace_condition) conditions;
};

/* A scope for names. */
struct core_namespace {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_namespace_spec *spec;
	struct core_namespace_status *status;
};

/* Configuration by key. */
struct core_config_map {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	bool *immutable;
	struct str_map data;
	struct str_map binary_data;
};

/* Confidential content by key. */
struct core_secret {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	bool *immutable;
	struct str_map data;
	struct str_map string_data;
	const char *type;
};

/* An identity of pods. */
struct core_service_account {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct core_object_reference) secrets;
	LIST(struct core_local_object_reference) image_pull_secrets;
	bool *automount_service_account_token;
};

/* Source: event. */
struct core_event_source {
	const char *component;
	const char *host;
};

/* Event series. */
struct core_event_series {
	int32_t count;
	const char *last_observed_time;
};

/* Something that happened to an object. */
struct core_event {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_object_reference *involved_object;
	const char *reason;
	const char *message;
	struct core_event_source *source;
	const char *first_timestamp;
	const char *last_timestamp;
	int32_t count;
	const char *type;
	const char *event_time;
	struct core_event_series *series;
	const char *action;
	struct core_object_reference *related;
	const char *reporting_component;
	const char *reporting_instance;
};

/* Limit range item. */
struct core_limit_range_item {
	const char *type;
	struct str_map max;
	struct str_map min;
	struct str_map default_;
	struct str_map default_request;
	struct str_map max_limit_request_ratio;
};

/* What is wanted of a limit range. */
struct core_limit_range_spec {
	LIST(struct core_limit_range_item) limits;
};

/* Limit range. */
struct core_limit_range {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_limit_range_spec *spec;
};

/* Scoped resource selector requirement. */
struct core_scoped_resource_selector_requirement {
	const char *scope_name;
	const char *operator;
	LIST(const char *) values;
};

/* Selector: scope. */
struct core_scope_selector {
	LIST(struct core_scoped_resource_selector_requirement) match_expressions;
};

/* What is wanted of a resource quota. */
struct core_resource_quota_spec {
	struct str_map hard;
	LIST(const char *) scopes;
	struct core_scope_selector *scope_selector;
};

/* What was observed of a resource quota. */
struct core_resource_quota_status {
	struct str_map hard;
	struct str_map used;
};

/* Resource quota. */
struct core_resource_quota {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_resource_quota_spec *spec;
	struct core_resource_quota_status *status;
};

extern const struct msg_desc core_namespace_spec_desc;
extern const struct msg_desc core_namespace_condition_desc;
extern const struct msg_desc core_namespace_status_desc;
extern const struct msg_desc core_namespace_desc;
extern const struct msg_desc core_config_map_desc;
extern const struct msg_desc core_secret_desc;
extern const struct msg_desc core_service_account_desc;
extern const struct msg_desc core_event_source_desc;
extern const struct msg_desc core_event_series_desc;
extern const struct msg_desc core_event_desc;
extern const struct msg_desc core_limit_range_item_desc;
extern const struct msg_desc core_limit_range_spec_desc;
extern const struct msg_desc core_limit_range_desc;
extern const struct msg_desc core_scoped_resource_selector_requirement_desc;
extern const struct msg_desc core_scope_selector_desc;
extern const struct msg_desc core_resource_quota_spec_desc;
extern const struct msg_desc core_resource_quota_status_desc;
extern const struct msg_desc core_resource_quota_desc;

#endif
