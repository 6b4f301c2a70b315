/* Nodes: v1. */
#ifndef API_CORE_NODE_H
#define API_CORE_NODE_H

#include "api/core/volume.h"

/* Taint. */
struct core_taint {
	const char *key;
	const char *value;
	const char *effect;
	const char *time_added;
};

/* Source: config map node config. */
struct core_config_map_node_config_source {
	const char *namespace;
	const char *name;
	const char *uid;
	const char *resource_version;
	const char *kubelet_config_key;
};

/* Source: node config. */
struct core_node_config_source {
	struct core_config_map_node_config_source *config_map;
};

/* What is wanted of a node. */
struct core_node_spec {
	const char *pod_cidr;
	LIST(const char *) pod_cidrs;
	const char *provider_id;
	bool unschedulable;
	LIST(struct core_taint) taints;
	struct core_node_config_source *config_source;
	const char *external_id;
};

/* One condition of a node. */
struct core_node_condition {
	const char *type;
	const char *status;
	const char *last_heartbeat_time;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* Node address. */
struct core_node_address {
	const char *type;
	const char *address;
};

/* Daemon endpoint. */
struct core_daemon_endpoint {
	int32_t port;
};

/* Node daemon endpoints. */
struct core_node_daemon_endpoints {
	struct core_daemon_endpoint *kubelet_endpoint;
};

/* Node system info. */
struct core_node_system_info {
	const char *machine_id;
	const char *system_uuid;
	const char *boot_id;
	const char *kernel_version;
	const char *os_image;
	const char *container_runtime_version;
	const char *kubelet_version;
	const char *kube_proxy_version;
	const char *operating_system;
	const char *architecture;
};

/* Container image. */
struct core_container_image {
	LIST(const char *) names;
	int64_t size_bytes;
};

/* Attached volume. */
struct core_attached_volume {
	const char *name;
	const char *device_path;
};

/* What was observed of a node config. */
struct core_node_config_status {
	struct core_node_config_source *assigned;
	struct core_node_config_source *active;
	struct core_node_config_source *last_known_good;
	const char *error;
};

/* What was observed of a node. */
struct core_node_status {
	struct str_map capacity;
	struct str_map allocatable;
	const char *phase;
	LIST(struct core_node_condition) conditions;
	LIST(struct core_node_address) addresses;
	struct core_node_daemon_endpoints *daemon_endpoints;
	struct core_node_system_info *node_info;
	LIST(struct core_container_image) images;
	LIST(const char *) volumes_in_use;
	LIST(struct core_attached_volume) volumes_attached;
	struct core_node_config_status *config;
};

/* A machine that runs pods. */
struct core_node {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_node_spec *spec;
	struct core_node_status *status;
};

extern const struct msg_desc core_taint_desc;
extern const struct msg_desc core_config_map_node_config_source_desc;
extern const struct msg_desc core_node_config_source_desc;
extern const struct msg_desc core_node_spec_desc;
extern const struct msg_desc core_node_condition_desc;
extern const struct msg_desc core_node_address_desc;
extern const struct msg_desc core_daemon_endpoint_desc;
extern const struct msg_desc core_node_daemon_endpoints_desc;
extern const struct msg_desc core_node_system_info_desc;
extern const struct msg_desc core_container_image_desc;
extern const struct msg_desc core_attached_volume_desc;
extern const struct msg_desc core_node_config_status_desc;
extern const struct msg_desc core_node_status_desc;
extern const struct msg_desc core_node_desc;

#endif
