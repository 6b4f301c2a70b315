/* Rows of nodes: v1. See the header for the structs. */
#include "api/node.h"

#include "api/api_internal.h"

WORDS(words_no_schedule_prefer_no_schedule_no_exec, {"NoSchedule", 0}, {"PreferNoSchedule", 0}, {"NoExecute", 0});
WORDS(words_pending_running_terminated, {"Pending", 0}, {"Running", 0}, {"Terminated", 0});

#define T struct core_taint
static const struct msg_field core_taint_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(value, "value", STRING, .doc = "Value."),
	F(effect, "effect", STRING, .enums = &words_no_schedule_prefer_no_schedule_no_exec, .flags = MSG_REQUIRED,
	  .doc = "Effect."),
	F(time_added, "timeAdded", STRING, .format = "date-time", .doc = "Time added."),
};
DESC(core_taint, "Taint", "Taint.");
#undef T

#define T struct core_config_map_node_config_source
static const struct msg_field core_config_map_node_config_source_rows[] = {
	F(namespace, "namespace", STRING, .flags = MSG_REQUIRED, .doc = "Namespace."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(uid, "uid", STRING, .doc = "Uid."),
	F(resource_version, "resourceVersion", STRING, .doc = "Resource version."),
	F(kubelet_config_key, "kubeletConfigKey", STRING, .flags = MSG_REQUIRED, .doc = "Kubelet config key."),
};
DESC(core_config_map_node_config_source, "ConfigMapNodeConfigSource", "Config map node config source.");
#undef T

#define T struct core_node_config_source
static const struct msg_field core_node_config_source_rows[] = {
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_node_config_source_desc, .doc = "Config map."),
};
DESC(core_node_config_source, "NodeConfigSource", "Node config source.");
#undef T

#define T struct core_node_spec
static const struct msg_field core_node_spec_rows[] = {
	F(pod_cidr, "podCIDR", STRING, .doc = "Pod cidr."),
	F(pod_cidrs, "podCIDRs", STRING, .flags = MSG_LIST, .merge_key = "", .doc = "Pod cidrs."),
	F(provider_id, "providerID", STRING, .doc = "Provider id."),
	F(unschedulable, "unschedulable", BOOL, .doc = "Whether unschedulable applies."),
	F(taints, "taints", MESSAGE, .desc = &core_taint_desc, .flags = MSG_LIST, .doc = "Taints."),
	F(config_source, "configSource", MESSAGE, .desc = &core_node_config_source_desc, .doc = "Config source."),
	F(external_id, "externalID", STRING, .doc = "External id."),
};
DESC(core_node_spec, "NodeSpec", "Node spec.");
#undef T

#define T struct core_node_condition
static const struct msg_field core_node_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_heartbeat_time, "lastHeartbeatTime", STRING, .format = "date-time", .doc = "Last heartbeat time."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(core_node_condition, "NodeCondition", "Node condition.");
#undef T

#define T struct core_node_address
static const struct msg_field core_node_address_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(address, "address", STRING, .flags = MSG_REQUIRED, .doc = "Address."),
};
DESC(core_node_address, "NodeAddress", "Node address.");
#undef T

#define T struct core_daemon_endpoint
static const struct msg_field core_daemon_endpoint_rows[] = {
	F(port, "Port", INT32, .flags = MSG_KEEP_ZERO, .doc = "Port."),
};
DESC(core_daemon_endpoint, "DaemonEndpoint", "Daemon endpoint.");
#undef T

#define T struct core_node_daemon_endpoints
static const struct msg_field core_node_daemon_endpoints_rows[] = {
	F(kubelet_endpoint, "kubeletEndpoint", MESSAGE, .desc = &core_daemon_endpoint_desc, .doc = "Kubelet endpoint."),
};
DESC(core_node_daemon_endpoints, "NodeDaemonEndpoints", "Node daemon endpoints.");
#undef T

#define T struct core_node_system_info
static const struct msg_field core_node_system_info_rows[] = {
	F(machine_id, "machineID", STRING, .doc = "Machine id."),
	F(system_uuid, "systemUUID", STRING, .doc = "System uuid."),
	F(boot_id, "bootID", STRING, .doc = "Boot id."),
	F(kernel_version, "kernelVersion", STRING, .doc = "Kernel version."),
	F(os_image, "osImage", STRING, .doc = "Os image."),
	F(container_runtime_version, "containerRuntimeVersion", STRING, .doc = "Container runtime version."),
	F(kubelet_version, "kubeletVersion", STRING, .doc = "Kubelet version."),
	F(kube_proxy_version, "kubeProxyVersion", STRING, .doc = "Kube proxy version."),
	F(operating_system, "operatingSystem", STRING, .doc = "Operating system."),
	F(architecture, "architecture", STRING, .doc = "Architecture."),
};
DESC(core_node_system_info, "NodeSystemInfo", "Node system info.");
#undef T

#define T struct core_container_image
static const struct msg_field core_container_image_rows[] = {
	F(names, "names", STRING, .flags = MSG_LIST, .doc = "Names."),
	F(size_bytes, "sizeBytes", INT64, .doc = "Size bytes."),
};
DESC(core_container_image, "ContainerImage", "Container image.");
#undef T

#define T struct core_attached_volume
static const struct msg_field core_attached_volume_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(device_path, "devicePath", STRING, .doc = "Device path."),
};
DESC(core_attached_volume, "AttachedVolume", "Attached volume.");
#undef T

#define T struct core_node_config_status
static const struct msg_field core_node_config_status_rows[] = {
	F(assigned, "assigned", MESSAGE, .desc = &core_node_config_source_desc, .doc = "Assigned."),
	F(active, "active", MESSAGE, .desc = &core_node_config_source_desc, .doc = "Active."),
	F(last_known_good, "lastKnownGood", MESSAGE, .desc = &core_node_config_source_desc, .doc = "Last known good."),
	F(error, "error", STRING, .doc = "Error."),
};
DESC(core_node_config_status, "NodeConfigStatus", "Node config status.");
#undef T

#define T struct core_node_status
static const struct msg_field core_node_status_rows[] = {
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .doc = "Capacity."),
	F(allocatable, "allocatable", STR_MAP, .elem = MSG_QUANTITY, .doc = "Allocatable."),
	F(phase, "phase", STRING, .enums = &words_pending_running_terminated, .doc = "Phase."),
	F(conditions, "conditions", MESSAGE, .desc = &core_node_condition_desc, .flags = MSG_LIST, .merge_key = "type",
	  .doc = "Conditions."),
	F(addresses, "addresses", MESSAGE, .desc = &core_node_address_desc, .flags = MSG_LIST, .merge_key = "type",
	  .doc = "Addresses."),
	F(daemon_endpoints, "daemonEndpoints", MESSAGE, .desc = &core_node_daemon_endpoints_desc,
	  .doc = "Daemon endpoints."),
	F(node_info, "nodeInfo", MESSAGE, .desc = &core_node_system_info_desc, .doc = "Node info."),
	F(images, "images", MESSAGE, .desc = &core_container_image_desc, .flags = MSG_LIST, .doc = "Images."),
	F(volumes_in_use, "volumesInUse", STRING, .flags = MSG_LIST, .doc = "Volumes in use."),
	F(volumes_attached, "volumesAttached", MESSAGE, .desc = &core_attached_volume_desc, .flags = MSG_LIST,
	  .doc = "Volumes attached."),
	F(config, "config", MESSAGE, .desc = &core_node_config_status_desc, .doc = "Config."),
};
DESC(core_node_status, "NodeStatus", "Node status.");
#undef T

#define T struct core_node
static const struct msg_field core_node_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_node_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_node_status_desc, .doc = "Status."),
};
DESC(core_node, "Node", "Node.");
#undef T
