/* Rows of containers of pods: v1. See the header for the structs. */
#include "api/core/container.h"

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
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(host_port, "hostPort", INT32, .min = 0, .max = 65535, .pb = 2, .doc = "Port of the node that leads here."),
	F(container_port, "containerPort", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .min = 1, .max = 65535,
	  .pb = 3, .doc = "Port that the container listens on."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .dflt = "\"TCP\"", .pb = 4,
	  .doc = "Protocol of the port."),
	F(host_ip, "hostIP", STRING, .pb = 5, .doc = "Address of the node."),
};
DESC(core_container_port, "ContainerPort", "Container port.");
#undef T

#define T struct core_config_map_env_source
static const struct msg_field core_config_map_env_source_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 2,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_config_map_env_source, "ConfigMapEnvSource", "Source: config map env.");
#undef T

#define T struct core_secret_env_source
static const struct msg_field core_secret_env_source_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 2,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_secret_env_source, "SecretEnvSource", "Source: secret env.");
#undef T

#define T struct core_env_from_source
static const struct msg_field core_env_from_source_rows[] = {
	F(prefix, "prefix", STRING, .pb = 1, .doc = "Prefix to match, or to put before."),
	F(config_map_ref, "configMapRef", MESSAGE, .desc = &core_config_map_env_source_desc, .pb = 2,
	  .doc = "A ConfigMap."),
	F(secret_ref, "secretRef", MESSAGE, .desc = &core_secret_env_source_desc, .pb = 3,
	  .doc = "Secret that holds the credentials."),
};
DESC(core_env_from_source, "EnvFromSource", "Source: env from.");
#undef T

#define T struct core_config_map_key_selector
static const struct msg_field core_config_map_key_selector_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(key, "key", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Key."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 3,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_config_map_key_selector, "ConfigMapKeySelector", "Selector: config map key.");
#undef T

#define T struct core_secret_key_selector
static const struct msg_field core_secret_key_selector_rows[] = {
	F(name, "name", STRING, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(key, "key", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Key."),
	F(optional, "optional", BOOL, .flags = MSG_OPTIONAL, .pb = 3,
	  .doc = "Tolerates that the source or its key is missing."),
};
DESC(core_secret_key_selector, "SecretKeySelector", "Selector: secret key.");
#undef T

#define T struct core_env_var_source
static const struct msg_field core_env_var_source_rows[] = {
	F(field_ref, "fieldRef", MESSAGE, .desc = &core_object_field_selector_desc, .flags = MSG_ATOMIC, .pb = 1,
	  .doc = "Field of the pod."),
	F(resource_field_ref, "resourceFieldRef", MESSAGE, .desc = &core_resource_field_selector_desc,
	  .flags = MSG_ATOMIC, .pb = 2, .doc = "Resource of a container."),
	F(config_map_key_ref, "configMapKeyRef", MESSAGE, .desc = &core_config_map_key_selector_desc,
	  .flags = MSG_ATOMIC, .pb = 3, .doc = "A key of a ConfigMap."),
	F(secret_key_ref, "secretKeyRef", MESSAGE, .desc = &core_secret_key_selector_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "A key of a Secret."),
};
DESC(core_env_var_source, "EnvVarSource", "Source: env var.");
#undef T

#define T struct core_env_var
static const struct msg_field core_env_var_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(value, "value", STRING, .pb = 2, .doc = "Value."),
	F(value_from, "valueFrom", MESSAGE, .desc = &core_env_var_source_desc, .pb = 3, .doc = "Source of the value."),
};
DESC(core_env_var, "EnvVar", "Env var.");
#undef T

#define T struct core_resource_claim
static const struct msg_field core_resource_claim_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
};
DESC(core_resource_claim, "ResourceClaim", "Resource claim.");
#undef T

#define T struct core_resource_requirements
static const struct msg_field core_resource_requirements_rows[] = {
	F(limits, "limits", STR_MAP, .elem = MSG_QUANTITY, .pb = 1, .doc = "Most that may be used, by resource."),
	F(requests, "requests", STR_MAP, .elem = MSG_QUANTITY, .pb = 2, .doc = "Least that is reserved, by resource."),
	F(claims, "claims", MESSAGE, .desc = &core_resource_claim_desc, .flags = MSG_LIST, .keys = "name", .pb = 3,
	  .doc = "Resource claims in use."),
};
DESC(core_resource_requirements, "ResourceRequirements", "Resource requirements.");
#undef T

#define T struct core_container_resize_policy
static const struct msg_field core_container_resize_policy_rows[] = {
	F(resource_name, "resourceName", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name of the resource."),
	F(restart_policy, "restartPolicy", STRING, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "When containers are restarted."),
};
DESC(core_container_resize_policy, "ContainerResizePolicy", "Policy: container resize.");
#undef T

#define T struct core_volume_mount
static const struct msg_field core_volume_mount_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(read_only, "readOnly", BOOL, .pb = 2, .doc = "Mounts without the right to write."),
	F(mount_path, "mountPath", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Directory in the container."),
	F(sub_path, "subPath", STRING, .pb = 4, .doc = "Path within the volume."),
	F(mount_propagation, "mountPropagation", STRING, .enums = &words_none_host_to_container_bidirectional, .pb = 5,
	  .doc = "Whether later mounts are seen by the other side."),
	F(sub_path_expr, "subPathExpr", STRING, .pb = 6, .doc = "Path within the volume, with variables."),
};
DESC(core_volume_mount, "VolumeMount", "Volume mount.");
#undef T

#define T struct core_volume_device
static const struct msg_field core_volume_device_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(device_path, "devicePath", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Path of the device."),
};
DESC(core_volume_device, "VolumeDevice", "Volume device.");
#undef T

#define T struct core_exec_action
static const struct msg_field core_exec_action_rows[] = {
	F(command, "command", STRING, .flags = MSG_LIST, .pb = 1,
	  .doc = "Command and its arguments; replaces the image's entrypoint."),
};
DESC(core_exec_action, "ExecAction", "Exec action.");
#undef T

#define T struct core_http_header
static const struct msg_field core_http_header_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(value, "value", STRING, .pb = 2, .doc = "Value."),
};
DESC(core_http_header, "HTTPHeader", "HTTP header.");
#undef T

#define T struct core_http_get_action
static const struct msg_field core_http_get_action_rows[] = {
	F(path, "path", STRING, .dflt = "\"/\"", .pb = 1, .doc = "Path; absolute where it names a file."),
	F(port, "port", INT_OR_STR, .flags = MSG_REQUIRED, .pb = 2, .doc = "Port number."),
	F(host, "host", STRING, .pb = 3, .doc = "Host name or address."),
	F(scheme, "scheme", STRING, .enums = &words_http_https, .dflt = "\"HTTP\"", .pb = 4, .doc = "URI scheme."),
	F(http_headers, "httpHeaders", MESSAGE, .desc = &core_http_header_desc, .flags = MSG_LIST, .pb = 5,
	  .doc = "Headers of the request."),
};
DESC(core_http_get_action, "HTTPGetAction", "HTTP get action.");
#undef T

#define T struct core_tcp_socket_action
static const struct msg_field core_tcp_socket_action_rows[] = {
	F(port, "port", INT_OR_STR, .flags = MSG_REQUIRED, .pb = 1, .doc = "Port number."),
	F(host, "host", STRING, .pb = 2, .doc = "Host name or address."),
};
DESC(core_tcp_socket_action, "TCPSocketAction", "TCP socket action.");
#undef T

#define T struct core_grpc_action
static const struct msg_field core_grpc_action_rows[] = {
	F(port, "port", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .min = 1, .max = 65535, .pb = 1,
	  .doc = "Port number."),
	F(service, "service", STRING, .dflt = "\"\"", .pb = 2, .doc = "Service that is meant."),
};
DESC(core_grpc_action, "GRPCAction", "GRPC action.");
#undef T

#define T struct core_probe
static const struct msg_field core_probe_rows[] = {
	F(exec, "exec", MESSAGE, .desc = &core_exec_action_desc, .pb = 1, .pb_in = 1,
	  .doc = "Runs a command in the container."),
	F(http_get, "httpGet", MESSAGE, .desc = &core_http_get_action_desc, .pb = 2, .pb_in = 1,
	  .doc = "Sends an HTTP request."),
	F(tcp_socket, "tcpSocket", MESSAGE, .desc = &core_tcp_socket_action_desc, .pb = 3, .pb_in = 1,
	  .doc = "Opens a TCP connection."),
	F(grpc, "grpc", MESSAGE, .desc = &core_grpc_action_desc, .pb = 4, .pb_in = 1,
	  .doc = "Asks the gRPC health service."),
	F(initial_delay_seconds, "initialDelaySeconds", INT32, .flags = MSG_NON_NEGATIVE, .pb = 2,
	  .doc = "Seconds after the start before the first attempt."),
	F(timeout_seconds, "timeoutSeconds", INT32, .flags = MSG_NON_NEGATIVE, .dflt = "1", .pb = 3,
	  .doc = "Seconds until an attempt counts as failed."),
	F(period_seconds, "periodSeconds", INT32, .flags = MSG_NON_NEGATIVE, .dflt = "10", .pb = 4,
	  .doc = "Seconds between attempts."),
	F(success_threshold, "successThreshold", INT32, .flags = MSG_NON_NEGATIVE, .dflt = "1", .pb = 5,
	  .doc = "Successes in a row that count as healthy again."),
	F(failure_threshold, "failureThreshold", INT32, .flags = MSG_NON_NEGATIVE, .dflt = "3", .pb = 6,
	  .doc = "Failures in a row that count as failed."),
	F(termination_grace_period_seconds, "terminationGracePeriodSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 7,
	  .doc = "Seconds a process has between TERM and KILL."),
};
DESC(core_probe, "Probe", "Probe.");
#undef T

#define T struct core_sleep_action
static const struct msg_field core_sleep_action_rows[] = {
	F(seconds, "seconds", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 1, .doc = "Seconds."),
};
DESC(core_sleep_action, "SleepAction", "Sleep action.");
#undef T

#define T struct core_lifecycle_handler
static const struct msg_field core_lifecycle_handler_rows[] = {
	F(exec, "exec", MESSAGE, .desc = &core_exec_action_desc, .pb = 1, .doc = "Runs a command in the container."),
	F(http_get, "httpGet", MESSAGE, .desc = &core_http_get_action_desc, .pb = 2, .doc = "Sends an HTTP request."),
	F(tcp_socket, "tcpSocket", MESSAGE, .desc = &core_tcp_socket_action_desc, .pb = 3,
	  .doc = "Opens a TCP connection."),
	F(sleep, "sleep", MESSAGE, .desc = &core_sleep_action_desc, .pb = 4, .doc = "Waits."),
};
DESC(core_lifecycle_handler, "LifecycleHandler", "Lifecycle handler.");
#undef T

#define T struct core_lifecycle
static const struct msg_field core_lifecycle_rows[] = {
	F(post_start, "postStart", MESSAGE, .desc = &core_lifecycle_handler_desc, .pb = 1,
	  .doc = "Done right after the start."),
	F(pre_stop, "preStop", MESSAGE, .desc = &core_lifecycle_handler_desc, .pb = 2,
	  .doc = "Done before the container is ended."),
};
DESC(core_lifecycle, "Lifecycle", "Lifecycle.");
#undef T

#define T struct core_capabilities
static const struct msg_field core_capabilities_rows[] = {
	F(add, "add", STRING, .flags = MSG_LIST, .pb = 1, .doc = "What is added."),
	F(drop, "drop", STRING, .flags = MSG_LIST, .pb = 2, .doc = "What is taken away."),
};
DESC(core_capabilities, "Capabilities", "Capabilities.");
#undef T

#define T struct core_se_linux_options
static const struct msg_field core_se_linux_options_rows[] = {
	F(user, "user", STRING, .pb = 1, .doc = "User."),
	F(role, "role", STRING, .pb = 2, .doc = "SELinux role."),
	F(type, "type", STRING, .pb = 3, .doc = "Type; one of the allowed words."),
	F(level, "level", STRING, .pb = 4, .doc = "Level."),
};
DESC(core_se_linux_options, "SELinuxOptions", "Se linux options.");
#undef T

#define T struct core_windows_security_context_options
static const struct msg_field core_windows_security_context_options_rows[] = {
	F(gmsa_credential_spec_name, "gmsaCredentialSpecName", STRING, .pb = 1, .doc = "Name of the GMSA credential."),
	F(gmsa_credential_spec, "gmsaCredentialSpec", STRING, .pb = 2, .doc = "The GMSA credential."),
	F(run_as_user_name, "runAsUserName", STRING, .pb = 3, .doc = "User name of the processes."),
	F(host_process, "hostProcess", BOOL, .flags = MSG_OPTIONAL, .pb = 4, .doc = "Runs as a process of the host."),
};
DESC(core_windows_security_context_options, "WindowsSecurityContextOptions", "Windows security context options.");
#undef T

#define T struct core_seccomp_profile
static const struct msg_field core_seccomp_profile_rows[] = {
	F(type, "type", STRING, .enums = &words_unconfined_runtime_default_localhost, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Type; one of the allowed words."),
	F(localhost_profile, "localhostProfile", STRING, .pb = 2, .doc = "Profile file on the node."),
};
DESC(core_seccomp_profile, "SeccompProfile", "Seccomp profile.");
#undef T

#define T struct core_security_context
static const struct msg_field core_security_context_rows[] = {
	F(capabilities, "capabilities", MESSAGE, .desc = &core_capabilities_desc, .pb = 1,
	  .doc = "Linux capabilities."),
	F(privileged, "privileged", BOOL, .flags = MSG_OPTIONAL, .pb = 2, .doc = "Runs with all rights of the node."),
	F(se_linux_options, "seLinuxOptions", MESSAGE, .desc = &core_se_linux_options_desc, .pb = 3,
	  .doc = "SELinux label."),
	F(windows_options, "windowsOptions", MESSAGE, .desc = &core_windows_security_context_options_desc, .pb = 10,
	  .doc = "Settings of Windows containers."),
	F(run_as_user, "runAsUser", INT64, .flags = MSG_OPTIONAL, .pb = 4, .doc = "User id of the processes."),
	F(run_as_group, "runAsGroup", INT64, .flags = MSG_OPTIONAL, .pb = 8, .doc = "Group id of the processes."),
	F(run_as_non_root, "runAsNonRoot", BOOL, .flags = MSG_OPTIONAL, .pb = 5, .doc = "Refuses to run as user 0."),
	F(read_only_root_filesystem, "readOnlyRootFilesystem", BOOL, .flags = MSG_OPTIONAL, .pb = 6,
	  .doc = "Mounts the root file system read-only."),
	F(allow_privilege_escalation, "allowPrivilegeEscalation", BOOL, .flags = MSG_OPTIONAL, .pb = 7,
	  .doc = "Whether a process may gain more rights than its parent."),
	F(proc_mount, "procMount", STRING, .enums = &words_default__unmasked, .pb = 9, .doc = "How /proc is mounted."),
	F(seccomp_profile, "seccompProfile", MESSAGE, .desc = &core_seccomp_profile_desc, .pb = 11,
	  .doc = "Filter of system calls."),
};
DESC(core_security_context, "SecurityContext", "Security context.");
#undef T

#define T struct core_container
static const struct msg_field core_container_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(image, "image", STRING, .pb = 2, .doc = "Image the container is made from."),
	F(command, "command", STRING, .flags = MSG_LIST, .pb = 3,
	  .doc = "Command and its arguments; replaces the image's entrypoint."),
	F(args, "args", STRING, .flags = MSG_LIST, .pb = 4, .doc = "Arguments of the entrypoint."),
	F(working_dir, "workingDir", STRING, .pb = 5, .doc = "Directory in which the command starts."),
	F(ports, "ports", MESSAGE, .desc = &core_container_port_desc, .flags = MSG_LIST,
	  .keys = "containerPort,protocol", .merge_key = "containerPort", .pb = 6,
	  .doc = "Ports that the container listens on; for information."),
	F(env_from, "envFrom", MESSAGE, .desc = &core_env_from_source_desc, .flags = MSG_LIST, .pb = 19,
	  .doc = "Sources of which all keys become variables."),
	F(env, "env", MESSAGE, .desc = &core_env_var_desc, .flags = MSG_LIST, .keys = "name", .merge_key = "name",
	  .pb = 7, .doc = "Environment variables."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .dflt = "{}", .pb = 8,
	  .doc = "Compute resources."),
	F(resize_policy, "resizePolicy", MESSAGE, .desc = &core_container_resize_policy_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .pb = 23, .doc = "Whether a change of resources restarts the container."),
	F(restart_policy, "restartPolicy", STRING, .pb = 24, .doc = "When containers are restarted."),
	F(volume_mounts, "volumeMounts", MESSAGE, .desc = &core_volume_mount_desc, .flags = MSG_LIST,
	  .keys = "mountPath", .merge_key = "mountPath", .pb = 9, .doc = "Where volumes appear in the container."),
	F(volume_devices, "volumeDevices", MESSAGE, .desc = &core_volume_device_desc, .flags = MSG_LIST,
	  .keys = "devicePath", .merge_key = "devicePath", .pb = 21, .doc = "Block devices of the container."),
	F(liveness_probe, "livenessProbe", MESSAGE, .desc = &core_probe_desc, .pb = 10,
	  .doc = "Restarts the container when it fails."),
	F(readiness_probe, "readinessProbe", MESSAGE, .desc = &core_probe_desc, .pb = 11,
	  .doc = "Tells whether the container can serve."),
	F(startup_probe, "startupProbe", MESSAGE, .desc = &core_probe_desc, .pb = 22,
	  .doc = "Holds the other probes back until it succeeds."),
	F(lifecycle, "lifecycle", MESSAGE, .desc = &core_lifecycle_desc, .pb = 12,
	  .doc = "Actions after the start and before the end."),
	F(termination_message_path, "terminationMessagePath", STRING, .dflt = "\"/dev/termination-log\"", .pb = 13,
	  .doc = "File from which the last words of the container are read."),
	F(termination_message_policy, "terminationMessagePolicy", STRING,
	  .enums = &words_file_fallback_to_logs_on_error, .dflt = "\"File\"", .pb = 20,
	  .doc = "Where the last words are taken from."),
	F(image_pull_policy, "imagePullPolicy", STRING, .enums = &words_always_never_if_not_present, .pb = 14,
	  .doc = "When images are pulled."),
	F(security_context, "securityContext", MESSAGE, .desc = &core_security_context_desc, .pb = 15,
	  .doc = "Security settings of processes and files."),
	F(stdin, "stdin", BOOL, .pb = 16, .doc = "Keeps the standard input open."),
	F(stdin_once, "stdinOnce", BOOL, .pb = 17, .doc = "Closes the standard input after the first attach."),
	F(tty, "tty", BOOL, .pb = 18, .doc = "Gives the container a terminal."),
};
DESC(core_container, "Container", "One container of a pod.");
#undef T

#define T struct core_ephemeral_container
static const struct msg_field core_ephemeral_container_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .pb_in = 1, .doc = "Name, unique among its siblings."),
	F(image, "image", STRING, .pb = 2, .pb_in = 1, .doc = "Container image."),
	F(command, "command", STRING, .flags = MSG_LIST, .pb = 3, .pb_in = 1,
	  .doc = "Command and its arguments; replaces the image's entrypoint."),
	F(args, "args", STRING, .flags = MSG_LIST, .pb = 4, .pb_in = 1, .doc = "Arguments of the entrypoint."),
	F(working_dir, "workingDir", STRING, .pb = 5, .pb_in = 1, .doc = "Directory in which the command starts."),
	F(ports, "ports", MESSAGE, .desc = &core_container_port_desc, .flags = MSG_LIST,
	  .keys = "containerPort,protocol", .merge_key = "containerPort", .pb = 6, .pb_in = 1, .doc = "Ports."),
	F(env_from, "envFrom", MESSAGE, .desc = &core_env_from_source_desc, .flags = MSG_LIST, .pb = 19, .pb_in = 1,
	  .doc = "Sources of which all keys become variables."),
	F(env, "env", MESSAGE, .desc = &core_env_var_desc, .flags = MSG_LIST, .keys = "name", .merge_key = "name",
	  .pb = 7, .pb_in = 1, .doc = "Environment variables."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .pb = 8, .pb_in = 1,
	  .doc = "Compute resources."),
	F(resize_policy, "resizePolicy", MESSAGE, .desc = &core_container_resize_policy_desc,
	  .flags = MSG_LIST | MSG_ATOMIC, .pb = 23, .pb_in = 1,
	  .doc = "Whether a change of resources restarts the container."),
	F(restart_policy, "restartPolicy", STRING, .pb = 24, .pb_in = 1, .doc = "When containers are restarted."),
	F(volume_mounts, "volumeMounts", MESSAGE, .desc = &core_volume_mount_desc, .flags = MSG_LIST,
	  .keys = "mountPath", .merge_key = "mountPath", .pb = 9, .pb_in = 1,
	  .doc = "Where volumes appear in the container."),
	F(volume_devices, "volumeDevices", MESSAGE, .desc = &core_volume_device_desc, .flags = MSG_LIST,
	  .keys = "devicePath", .merge_key = "devicePath", .pb = 21, .pb_in = 1,
	  .doc = "Block devices of the container."),
	F(liveness_probe, "livenessProbe", MESSAGE, .desc = &core_probe_desc, .pb = 10, .pb_in = 1,
	  .doc = "Restarts the container when it fails."),
	F(readiness_probe, "readinessProbe", MESSAGE, .desc = &core_probe_desc, .pb = 11, .pb_in = 1,
	  .doc = "Tells whether the container can serve."),
	F(startup_probe, "startupProbe", MESSAGE, .desc = &core_probe_desc, .pb = 22, .pb_in = 1,
	  .doc = "Holds the other probes back until it succeeds."),
	F(lifecycle, "lifecycle", MESSAGE, .desc = &core_lifecycle_desc, .pb = 12, .pb_in = 1,
	  .doc = "Actions after the start and before the end."),
	F(termination_message_path, "terminationMessagePath", STRING, .dflt = "\"/dev/termination-log\"", .pb = 13,
	  .pb_in = 1, .doc = "File from which the last words of the container are read."),
	F(termination_message_policy, "terminationMessagePolicy", STRING,
	  .enums = &words_file_fallback_to_logs_on_error, .dflt = "\"File\"", .pb = 20, .pb_in = 1,
	  .doc = "Where the last words are taken from."),
	F(image_pull_policy, "imagePullPolicy", STRING, .enums = &words_always_never_if_not_present, .pb = 14,
	  .pb_in = 1, .doc = "When images are pulled."),
	F(security_context, "securityContext", MESSAGE, .desc = &core_security_context_desc, .pb = 15, .pb_in = 1,
	  .doc = "Security settings of processes and files."),
	F(stdin, "stdin", BOOL, .pb = 16, .pb_in = 1, .doc = "Keeps the standard input open."),
	F(stdin_once, "stdinOnce", BOOL, .pb = 17, .pb_in = 1,
	  .doc = "Closes the standard input after the first attach."),
	F(tty, "tty", BOOL, .pb = 18, .pb_in = 1, .doc = "Gives the container a terminal."),
	F(target_container_name, "targetContainerName", STRING, .pb = 2,
	  .doc = "Container whose namespaces are shared."),
};
DESC(core_ephemeral_container, "EphemeralContainer", "Ephemeral container.");
#undef T
