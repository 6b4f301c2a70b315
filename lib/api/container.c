/* Rows of containers of pods: v1. See the header for the structs. */
#include "api/container.h"

#include "api/api_internal.h"

WORDS(words_tcp_udp_sctp, {"TCP", 0}, {"UDP", 0}, {"SCTP", 0});
WORDS(words_none_host_to_container_bidirectional, {"None", 0}, {"HostToContainer", 0}, {"Bidirectional", 0});
WORDS(words_http_https, {"HTTP", 0}, {"HTTPS", 0});
WORDS(words_unconfined_runtime_default_localhost, {"Unconfined", 0}, {"RuntimeDefault", 0}, {"Localhost", 0});
WORDS(words_default__unmasked, {"Default", 0}, {"Unmasked", 0});
WORDS(words_file_fallback_to_logs_on_error, {"File", 0}, {"FallbackToLogsOnError", 0});
WORDS(words_always_never_if_not_present, {"Always", 0}, {"Never", 0}, {"IfNotPresent", 0});

#define T struct core_container_port
static const struct msg_field core_container_port_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(host_port, "hostPort", INT32, .doc = "Host port."),
	F(container_port, "containerPort", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Container port."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(host_ip, "hostIP", STRING, .doc = "Host ip."),
};
DESC(core_container_port, "ContainerPort", "Container port.");
#undef T

#define T struct core_config_map_env_source
static const struct msg_field core_config_map_env_source_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_config_map_env_source, "ConfigMapEnvSource", "Config map env source.");
#undef T

#define T struct core_secret_env_source
static const struct msg_field core_secret_env_source_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_secret_env_source, "SecretEnvSource", "Secret env source.");
#undef T

#define T struct core_env_from_source
static const struct msg_field core_env_from_source_rows[] = {
	F(prefix, "prefix", STRING, .doc = "Prefix."),
	F(config_map_ref, "configMapRef", MESSAGE, .desc = &core_config_map_env_source_desc, .doc = "Config map ref."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_env_source_desc, .doc = "Secret ref."),
};
DESC(core_env_from_source, "EnvFromSource", "Env from source.");
#undef T

#define T struct core_config_map_key_selector
static const struct msg_field core_config_map_key_selector_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_config_map_key_selector, "ConfigMapKeySelector", "Config map key selector.");
#undef T

#define T struct core_secret_key_selector
static const struct msg_field core_secret_key_selector_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether optional applies."),
};
DESC(core_secret_key_selector, "SecretKeySelector", "Secret key selector.");
#undef T

#define T struct core_env_var_source
static const struct msg_field core_env_var_source_rows[] = {
	F(field_ref, "fieldRef", MESSAGE, .desc = &core_object_field_selector_desc, .doc = "Field ref."),
	F(resource_field_ref, "resourceFieldRef", MESSAGE, .desc = &core_resource_field_selector_desc,
	  .doc = "Resource field ref."),
	F(config_map_key_ref, "configMapKeyRef", MESSAGE, .desc = &core_config_map_key_selector_desc,
	  .doc = "Config map key ref."),
	F(secret_key_ref, "secretKeyRef", MESSAGE, .desc = &core_secret_key_selector_desc, .doc = "Secret key ref."),
};
DESC(core_env_var_source, "EnvVarSource", "Env var source.");
#undef T

#define T struct core_env_var
static const struct msg_field core_env_var_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(value, "value", STRING, .doc = "Value."),
	F(value_from, "valueFrom", MESSAGE, .desc = &core_env_var_source_desc, .doc = "Value from."),
};
DESC(core_env_var, "EnvVar", "Env var.");
#undef T

#define T struct core_resource_claim
static const struct msg_field core_resource_claim_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
};
DESC(core_resource_claim, "ResourceClaim", "Resource claim.");
#undef T

#define T struct core_resource_requirements
static const struct msg_field core_resource_requirements_rows[] = {
	F(limits, "limits", STR_MAP, .elem = MSG_QUANTITY, .doc = "Limits."),
	F(requests, "requests", STR_MAP, .elem = MSG_QUANTITY, .doc = "Requests."),
	F(claims, "claims", MESSAGE, .desc = &core_resource_claim_desc, .flags = MSG_LIST, .keys = "name",
	  .doc = "Claims."),
};
DESC(core_resource_requirements, "ResourceRequirements", "Resource requirements.");
#undef T

#define T struct core_container_resize_policy
static const struct msg_field core_container_resize_policy_rows[] = {
	F(resource_name, "resourceName", STRING, .flags = MSG_REQUIRED, .doc = "Resource name."),
	F(restart_policy, "restartPolicy", STRING, .flags = MSG_REQUIRED, .doc = "Restart policy."),
};
DESC(core_container_resize_policy, "ContainerResizePolicy", "Container resize policy.");
#undef T

#define T struct core_volume_mount
static const struct msg_field core_volume_mount_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(read_only, "readOnly", BOOL, .doc = "Whether read only applies."),
	F(mount_path, "mountPath", STRING, .flags = MSG_REQUIRED, .doc = "Mount path."),
	F(sub_path, "subPath", STRING, .doc = "Sub path."),
	F(mount_propagation, "mountPropagation", STRING, .enums = &words_none_host_to_container_bidirectional,
	  .doc = "Mount propagation."),
	F(sub_path_expr, "subPathExpr", STRING, .doc = "Sub path expr."),
};
DESC(core_volume_mount, "VolumeMount", "Volume mount.");
#undef T

#define T struct core_volume_device
static const struct msg_field core_volume_device_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(device_path, "devicePath", STRING, .flags = MSG_REQUIRED, .doc = "Device path."),
};
DESC(core_volume_device, "VolumeDevice", "Volume device.");
#undef T

#define T struct core_exec_action
static const struct msg_field core_exec_action_rows[] = {
	F(command, "command", STRING, .flags = MSG_LIST, .doc = "Command."),
};
DESC(core_exec_action, "ExecAction", "Exec action.");
#undef T

#define T struct core_http_header
static const struct msg_field core_http_header_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(value, "value", STRING, .flags = MSG_REQUIRED, .doc = "Value."),
};
DESC(core_http_header, "HTTPHeader", "Http header.");
#undef T

#define T struct core_http_get_action
static const struct msg_field core_http_get_action_rows[] = {
	F(path, "path", STRING, .doc = "Path."),
	F(port, "port", INT_OR_STR, .flags = MSG_REQUIRED, .doc = "Port."),
	F(host, "host", STRING, .doc = "Host."),
	F(scheme, "scheme", STRING, .enums = &words_http_https, .doc = "Scheme."),
	F(http_headers, "httpHeaders", MESSAGE, .desc = &core_http_header_desc, .flags = MSG_LIST,
	  .doc = "Http headers."),
};
DESC(core_http_get_action, "HTTPGetAction", "Http get action.");
#undef T

#define T struct core_tcp_socket_action
static const struct msg_field core_tcp_socket_action_rows[] = {
	F(port, "port", INT_OR_STR, .flags = MSG_REQUIRED, .doc = "Port."),
	F(host, "host", STRING, .doc = "Host."),
};
DESC(core_tcp_socket_action, "TCPSocketAction", "Tcp socket action.");
#undef T

#define T struct core_grpc_action
static const struct msg_field core_grpc_action_rows[] = {
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(service, "service", STRING, .doc = "Service."),
};
DESC(core_grpc_action, "GRPCAction", "Grpc action.");
#undef T

#define T struct core_probe
static const struct msg_field core_probe_rows[] = {
	F(exec, "exec", MESSAGE, .desc = &core_exec_action_desc, .doc = "Exec."),
	F(http_get, "httpGet", MESSAGE, .desc = &core_http_get_action_desc, .doc = "Http get."),
	F(tcp_socket, "tcpSocket", MESSAGE, .desc = &core_tcp_socket_action_desc, .doc = "Tcp socket."),
	F(grpc, "grpc", MESSAGE, .desc = &core_grpc_action_desc, .doc = "Grpc."),
	F(initial_delay_seconds, "initialDelaySeconds", INT32, .doc = "Initial delay seconds."),
	F(timeout_seconds, "timeoutSeconds", INT32, .doc = "Timeout seconds."),
	F(period_seconds, "periodSeconds", INT32, .doc = "Period seconds."),
	F(success_threshold, "successThreshold", INT32, .doc = "Success threshold."),
	F(failure_threshold, "failureThreshold", INT32, .doc = "Failure threshold."),
	F(termination_grace_period_seconds, "terminationGracePeriodSeconds", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Termination grace period seconds."),
};
DESC(core_probe, "Probe", "Probe.");
#undef T

#define T struct core_sleep_action
static const struct msg_field core_sleep_action_rows[] = {
	F(seconds, "seconds", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Seconds."),
};
DESC(core_sleep_action, "SleepAction", "Sleep action.");
#undef T

#define T struct core_lifecycle_handler
static const struct msg_field core_lifecycle_handler_rows[] = {
	F(exec, "exec", MESSAGE, .desc = &core_exec_action_desc, .doc = "Exec."),
	F(http_get, "httpGet", MESSAGE, .desc = &core_http_get_action_desc, .doc = "Http get."),
	F(tcp_socket, "tcpSocket", MESSAGE, .desc = &core_tcp_socket_action_desc, .doc = "Tcp socket."),
	F(sleep, "sleep", MESSAGE, .desc = &core_sleep_action_desc, .doc = "Sleep."),
};
DESC(core_lifecycle_handler, "LifecycleHandler", "Lifecycle handler.");
#undef T

#define T struct core_lifecycle
static const struct msg_field core_lifecycle_rows[] = {
	F(post_start, "postStart", MESSAGE, .desc = &core_lifecycle_handler_desc, .doc = "Post start."),
	F(pre_stop, "preStop", MESSAGE, .desc = &core_lifecycle_handler_desc, .doc = "Pre stop."),
};
DESC(core_lifecycle, "Lifecycle", "Lifecycle.");
#undef T

#define T struct core_capabilities
static const struct msg_field core_capabilities_rows[] = {
	F(add, "add", STRING, .flags = MSG_LIST, .doc = "Add."),
	F(drop, "drop", STRING, .flags = MSG_LIST, .doc = "Drop."),
};
DESC(core_capabilities, "Capabilities", "Capabilities.");
#undef T

#define T struct core_se_linux_options
static const struct msg_field core_se_linux_options_rows[] = {
	F(user, "user", STRING, .doc = "User."),
	F(role, "role", STRING, .doc = "Role."),
	F(type, "type", STRING, .doc = "Type."),
	F(level, "level", STRING, .doc = "Level."),
};
DESC(core_se_linux_options, "SELinuxOptions", "Se linux options.");
#undef T

#define T struct core_windows_security_context_options
static const struct msg_field core_windows_security_context_options_rows[] = {
	F(gmsa_credential_spec_name, "gmsaCredentialSpecName", STRING, .doc = "Gmsa credential spec name."),
	F(gmsa_credential_spec, "gmsaCredentialSpec", STRING, .doc = "Gmsa credential spec."),
	F(run_as_user_name, "runAsUserName", STRING, .doc = "Run as user name."),
	F(host_process, "hostProcess", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether host process applies."),
};
DESC(core_windows_security_context_options, "WindowsSecurityContextOptions", "Windows security context options.");
#undef T

#define T struct core_seccomp_profile
static const struct msg_field core_seccomp_profile_rows[] = {
	F(type, "type", STRING, .enums = &words_unconfined_runtime_default_localhost, .flags = MSG_REQUIRED,
	  .doc = "Type."),
	F(localhost_profile, "localhostProfile", STRING, .doc = "Localhost profile."),
};
DESC(core_seccomp_profile, "SeccompProfile", "Seccomp profile.");
#undef T

#define T struct core_security_context
static const struct msg_field core_security_context_rows[] = {
	F(capabilities, "capabilities", MESSAGE, .desc = &core_capabilities_desc, .doc = "Capabilities."),
	F(privileged, "privileged", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether privileged applies."),
	F(se_linux_options, "seLinuxOptions", MESSAGE, .desc = &core_se_linux_options_desc, .doc = "Se linux options."),
	F(windows_options, "windowsOptions", MESSAGE, .desc = &core_windows_security_context_options_desc,
	  .doc = "Windows options."),
	F(run_as_user, "runAsUser", INT64, .flags = MSG_OPTIONAL, .doc = "Run as user."),
	F(run_as_group, "runAsGroup", INT64, .flags = MSG_OPTIONAL, .doc = "Run as group."),
	F(run_as_non_root, "runAsNonRoot", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether run as non root applies."),
	F(read_only_root_filesystem, "readOnlyRootFilesystem", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether read only root filesystem applies."),
	F(allow_privilege_escalation, "allowPrivilegeEscalation", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether allow privilege escalation applies."),
	F(proc_mount, "procMount", STRING, .enums = &words_default__unmasked, .doc = "Proc mount."),
	F(seccomp_profile, "seccompProfile", MESSAGE, .desc = &core_seccomp_profile_desc, .doc = "Seccomp profile."),
};
DESC(core_security_context, "SecurityContext", "Security context.");
#undef T

#define T struct core_container
static const struct msg_field core_container_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(image, "image", STRING, .doc = "Image."),
	F(command, "command", STRING, .flags = MSG_LIST, .doc = "Command."),
	F(args, "args", STRING, .flags = MSG_LIST, .doc = "Args."),
	F(working_dir, "workingDir", STRING, .doc = "Working dir."),
	F(ports, "ports", MESSAGE, .desc = &core_container_port_desc, .flags = MSG_LIST,
	  .keys = "containerPort,protocol", .merge_key = "containerPort", .doc = "Ports."),
	F(env_from, "envFrom", MESSAGE, .desc = &core_env_from_source_desc, .flags = MSG_LIST, .doc = "Env from."),
	F(env, "env", MESSAGE, .desc = &core_env_var_desc, .flags = MSG_LIST, .merge_key = "name", .doc = "Env."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Resources."),
	F(resize_policy, "resizePolicy", MESSAGE, .desc = &core_container_resize_policy_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .doc = "Resize policy."),
	F(restart_policy, "restartPolicy", STRING, .doc = "Restart policy."),
	F(volume_mounts, "volumeMounts", MESSAGE, .desc = &core_volume_mount_desc, .flags = MSG_LIST,
	  .merge_key = "mountPath", .doc = "Volume mounts."),
	F(volume_devices, "volumeDevices", MESSAGE, .desc = &core_volume_device_desc, .flags = MSG_LIST,
	  .merge_key = "devicePath", .doc = "Volume devices."),
	F(liveness_probe, "livenessProbe", MESSAGE, .desc = &core_probe_desc, .doc = "Liveness probe."),
	F(readiness_probe, "readinessProbe", MESSAGE, .desc = &core_probe_desc, .doc = "Readiness probe."),
	F(startup_probe, "startupProbe", MESSAGE, .desc = &core_probe_desc, .doc = "Startup probe."),
	F(lifecycle, "lifecycle", MESSAGE, .desc = &core_lifecycle_desc, .doc = "Lifecycle."),
	F(termination_message_path, "terminationMessagePath", STRING, .doc = "Termination message path."),
	F(termination_message_policy, "terminationMessagePolicy", STRING,
	  .enums = &words_file_fallback_to_logs_on_error, .doc = "Termination message policy."),
	F(image_pull_policy, "imagePullPolicy", STRING, .enums = &words_always_never_if_not_present,
	  .doc = "Image pull policy."),
	F(security_context, "securityContext", MESSAGE, .desc = &core_security_context_desc,
	  .doc = "Security context."),
	F(stdin, "stdin", BOOL, .doc = "Whether stdin applies."),
	F(stdin_once, "stdinOnce", BOOL, .doc = "Whether stdin once applies."),
	F(tty, "tty", BOOL, .doc = "Whether tty applies."),
};
DESC(core_container, "Container", "Container.");
#undef T

#define T struct core_ephemeral_container
static const struct msg_field core_ephemeral_container_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(image, "image", STRING, .doc = "Image."),
	F(command, "command", STRING, .flags = MSG_LIST, .doc = "Command."),
	F(args, "args", STRING, .flags = MSG_LIST, .doc = "Args."),
	F(working_dir, "workingDir", STRING, .doc = "Working dir."),
	F(ports, "ports", MESSAGE, .desc = &core_container_port_desc, .flags = MSG_LIST,
	  .keys = "containerPort,protocol", .merge_key = "containerPort", .doc = "Ports."),
	F(env_from, "envFrom", MESSAGE, .desc = &core_env_from_source_desc, .flags = MSG_LIST, .doc = "Env from."),
	F(env, "env", MESSAGE, .desc = &core_env_var_desc, .flags = MSG_LIST, .merge_key = "name", .doc = "Env."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Resources."),
	F(resize_policy, "resizePolicy", MESSAGE, .desc = &core_container_resize_policy_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .doc = "Resize policy."),
	F(restart_policy, "restartPolicy", STRING, .doc = "Restart policy."),
	F(volume_mounts, "volumeMounts", MESSAGE, .desc = &core_volume_mount_desc, .flags = MSG_LIST,
	  .merge_key = "mountPath", .doc = "Volume mounts."),
	F(volume_devices, "volumeDevices", MESSAGE, .desc = &core_volume_device_desc, .flags = MSG_LIST,
	  .merge_key = "devicePath", .doc = "Volume devices."),
	F(liveness_probe, "livenessProbe", MESSAGE, .desc = &core_probe_desc, .doc = "Liveness probe."),
	F(readiness_probe, "readinessProbe", MESSAGE, .desc = &core_probe_desc, .doc = "Readiness probe."),
	F(startup_probe, "startupProbe", MESSAGE, .desc = &core_probe_desc, .doc = "Startup probe."),
	F(lifecycle, "lifecycle", MESSAGE, .desc = &core_lifecycle_desc, .doc = "Lifecycle."),
	F(termination_message_path, "terminationMessagePath", STRING, .doc = "Termination message path."),
	F(termination_message_policy, "terminationMessagePolicy", STRING,
	  .enums = &words_file_fallback_to_logs_on_error, .doc = "Termination message policy."),
	F(image_pull_policy, "imagePullPolicy", STRING, .enums = &words_always_never_if_not_present,
	  .doc = "Image pull policy."),
	F(security_context, "securityContext", MESSAGE, .desc = &core_security_context_desc,
	  .doc = "Security context."),
	F(stdin, "stdin", BOOL, .doc = "Whether stdin applies."),
	F(stdin_once, "stdinOnce", BOOL, .doc = "Whether stdin once applies."),
	F(tty, "tty", BOOL, .doc = "Whether tty applies."),
	F(target_container_name, "targetContainerName", STRING, .doc = "Target container name."),
};
DESC(core_ephemeral_container, "EphemeralContainer", "Ephemeral container.");
#undef T
