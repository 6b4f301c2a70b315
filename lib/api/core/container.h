/* Containers of pods: v1. */
#ifndef API_CORE_CONTAINER_H
#define API_CORE_CONTAINER_H

#include "api/core/volume.h"

/* Container port. */
struct core_container_port {
	const char *name;
	int32_t host_port;
	int32_t container_port;
	const char *protocol;
	const char *host_ip;
};

/* Source: config map env. */
struct core_config_map_env_source {
	const char *name;
	bool *optional;
};

/* Source: secret env. */
struct core_secret_env_source {
	const char *name;
	bool *optional;
};

/* Source: env from. */
struct core_env_from_source {
	const char *prefix;
	struct core_config_map_env_source *config_map_ref;
	struct core_secret_env_source *secret_ref;
};

/* Selector: config map key. */
struct core_config_map_key_selector {
	const char *name;
	const char *key;
	bool *optional;
};

/* Selector: secret key. */
struct core_secret_key_selector {
	const char *name;
	const char *key;
	bool *optional;
};

/* Source: env var. */
struct core_env_var_source {
	struct core_object_field_selector *field_ref;
	struct core_resource_field_selector *resource_field_ref;
	struct core_config_map_key_selector *config_map_key_ref;
	struct core_secret_key_selector *secret_key_ref;
};

/* Env var. */
struct core_env_var {
	const char *name;
	const char *value;
	struct core_env_var_source *value_from;
};

/* Resource claim. */
struct core_resource_claim {
	const char *name;
};

/* Resource requirements. */
struct core_resource_requirements {
	struct str_map limits;
	struct str_map requests;
	LIST(struct core_resource_claim) claims;
};

/* Policy: container resize. */
struct core_container_resize_policy {
	const char *resource_name;
	const char *restart_policy;
};

/* Volume mount. */
struct core_volume_mount {
	const char *name;
	bool read_only;
	const char *mount_path;
	const char *sub_path;
	const char *mount_propagation;
	const char *sub_path_expr;
};

/* Volume device. */
struct core_volume_device {
	const char *name;
	const char *device_path;
};

/* Exec action. */
struct core_exec_action {
	LIST(const char *) command;
};

/* HTTP header. */
struct core_http_header {
	const char *name;
	const char *value;
};

/* HTTP get action. */
struct core_http_get_action {
	const char *path;
	struct int_or_str port;
	const char *host;
	const char *scheme;
	LIST(struct core_http_header) http_headers;
};

/* TCP socket action. */
struct core_tcp_socket_action {
	struct int_or_str port;
	const char *host;
};

/* GRPC action. */
struct core_grpc_action {
	int32_t port;
	const char *service;
};

/* Probe. */
struct core_probe {
	struct core_exec_action *exec;
	struct core_http_get_action *http_get;
	struct core_tcp_socket_action *tcp_socket;
	struct core_grpc_action *grpc;
	int32_t initial_delay_seconds;
	int32_t timeout_seconds;
	int32_t period_seconds;
	int32_t success_threshold;
	int32_t failure_threshold;
	int64_t *termination_grace_period_seconds;
};

/* Sleep action. */
struct core_sleep_action {
	int64_t seconds;
};

/* Lifecycle handler. */
struct core_lifecycle_handler {
	struct core_exec_action *exec;
	struct core_http_get_action *http_get;
	struct core_tcp_socket_action *tcp_socket;
	struct core_sleep_action *sleep;
};

/* Lifecycle. */
struct core_lifecycle {
	struct core_lifecycle_handler *post_start;
	struct core_lifecycle_handler *pre_stop;
};

/* Capabilities. */
struct core_capabilities {
	LIST(const char *) add;
	LIST(const char *) drop;
};

/* Se linux options. */
struct core_se_linux_options {
	const char *user;
	const char *role;
	const char *type;
	const char *level;
};

/* Windows security context options. */
struct core_windows_security_context_options {
	const char *gmsa_credential_spec_name;
	const char *gmsa_credential_spec;
	const char *run_as_user_name;
	bool *host_process;
};

/* Seccomp profile. */
struct core_seccomp_profile {
	const char *type;
	const char *localhost_profile;
};

/* Security context. */
struct core_security_context {
	struct core_capabilities *capabilities;
	bool *privileged;
	struct core_se_linux_options *se_linux_options;
	struct core_windows_security_context_options *windows_options;
	int64_t *run_as_user;
	int64_t *run_as_group;
	bool *run_as_non_root;
	bool *read_only_root_filesystem;
	bool *allow_privilege_escalation;
	const char *proc_mount;
	struct core_seccomp_profile *seccomp_profile;
};

/* One container of a pod. */
struct core_container {
	const char *name;
	const char *image;
	LIST(const char *) command;
	LIST(const char *) args;
	const char *working_dir;
	LIST(struct core_container_port) ports;
	LIST(struct core_env_from_source) env_from;
	LIST(struct core_env_var) env;
	struct core_resource_requirements *resources;
	LIST(struct core_container_resize_policy) resize_policy;
	const char *restart_policy;
	LIST(struct core_volume_mount) volume_mounts;
	LIST(struct core_volume_device) volume_devices;
	struct core_probe *liveness_probe;
	struct core_probe *readiness_probe;
	struct core_probe *startup_probe;
	struct core_lifecycle *lifecycle;
	const char *termination_message_path;
	const char *termination_message_policy;
	const char *image_pull_policy;
	struct core_security_context *security_context;
	bool stdin;
	bool stdin_once;
	bool tty;
};

/* Ephemeral container. */
struct core_ephemeral_container {
	const char *name;
	const char *image;
	LIST(const char *) command;
	LIST(const char *) args;
	const char *working_dir;
	LIST(struct core_container_port) ports;
	LIST(struct core_env_from_source) env_from;
	LIST(struct core_env_var) env;
	struct core_resource_requirements *resources;
	LIST(struct core_container_resize_policy) resize_policy;
	const char *restart_policy;
	LIST(struct core_volume_mount) volume_mounts;
	LIST(struct core_volume_device) volume_devices;
	struct core_probe *liveness_probe;
	struct core_probe *readiness_probe;
	struct core_probe *startup_probe;
	struct core_lifecycle *lifecycle;
	const char *termination_message_path;
	const char *termination_message_policy;
	const char *image_pull_policy;
	struct core_security_context *security_context;
	bool stdin;
	bool stdin_once;
	bool tty;
	const char *target_container_name;
};

extern const struct msg_desc core_container_port_desc;
extern const struct msg_desc core_config_map_env_source_desc;
extern const struct msg_desc core_secret_env_source_desc;
extern const struct msg_desc core_env_from_source_desc;
extern const struct msg_desc core_config_map_key_selector_desc;
extern const struct msg_desc core_secret_key_selector_desc;
extern const struct msg_desc core_env_var_source_desc;
extern const struct msg_desc core_env_var_desc;
extern const struct msg_desc core_resource_claim_desc;
extern const struct msg_desc core_resource_requirements_desc;
extern const struct msg_desc core_container_resize_policy_desc;
extern const struct msg_desc core_volume_mount_desc;
extern const struct msg_desc core_volume_device_desc;
extern const struct msg_desc core_exec_action_desc;
extern const struct msg_desc core_http_header_desc;
extern const struct msg_desc core_http_get_action_desc;
extern const struct msg_desc core_tcp_socket_action_desc;
extern const struct msg_desc core_grpc_action_desc;
extern const struct msg_desc core_probe_desc;
extern const struct msg_desc core_sleep_action_desc;
extern const struct msg_desc core_lifecycle_handler_desc;
extern const struct msg_desc core_lifecycle_desc;
extern const struct msg_desc core_capabilities_desc;
extern const struct msg_desc core_se_linux_options_desc;
extern const struct msg_desc core_windows_security_context_options_desc;
extern const struct msg_desc core_seccomp_profile_desc;
extern const struct msg_desc core_security_context_desc;
extern const struct msg_desc core_container_desc;
extern const struct msg_desc core_ephemeral_container_desc;

#endif
