/* Rows of nodes: v1. See the header for the structs. */
#include "api/core/node.h"

#include "api/api_internal.h"

WORDS(words_no_schedule_prefer_no_schedule_no_exec, {"NoSchedule", 0}, {"PreferNoSchedule", 0}, {"NoExecute", 0});
WORDS(words_pending_running_terminated, {"Pending", 0}, {"Running", 0}, {"Terminated", 0});

#define T struct core_taint
static const struct msg_field core_taint_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Key."),
	F(value, "value", STRING, .pb = 2, .doc = "Value."),
	F(effect, "effect", STRING, .enums = &words_no_schedule_prefer_no_schedule_no_exec, .flags = MSG_REQUIRED,
	  .pb = 3, .doc = "What the taint does to pods."),
	F(time_added, "timeAdded", STRING, .format = "date-time", .pb = 4, .doc = "When it was added."),
};
DESC(core_taint, "Taint", "Taint.");
#undef T

#define T struct core_config_map_node_config_source
static const struct msg_field core_config_map_node_config_source_rows[] = {
	F(namespace, "namespace", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Namespace of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Name, unique among its siblings."),
	F(uid, "uid", STRING, .pb = 3, .doc = "Unique identifier that is never used again."),
	F(resource_version, "resourceVersion", STRING, .pb = 4, .doc = "Opaque version of the stored object."),
	F(kubelet_config_key, "kubeletConfigKey", STRING, .flags = MSG_REQUIRED, .pb = 5,
	  .doc = "Key with the configuration."),
};
DESC(core_config_map_node_config_source, "ConfigMapNodeConfigSource", "Source: config map node config.");
#undef T

#define T struct core_node_config_source
static const struct msg_field core_node_config_source_rows[] = {
	F(config_map, "configMap", MESSAGE, .desc = &core_config_map_node_config_source_desc, .pb = 2,
	  .doc = "ConfigMap whose keys become files."),
};
DESC(core_node_config_source, "NodeConfigSource", "Source: node config.");
#undef T

#define T struct core_node_spec
static const struct msg_field core_node_spec_rows[] = {
	F(pod_cidr, "podCIDR", STRING, .pb = 1, .doc = "Network of the node's pods."),
	F(pod_cidrs, "podCIDRs", STRING, .flags = MSG_LIST | MSG_SET, .merge_key = "", .pb = 7,
	  .doc = "Networks of the node's pods, one per family."),
	F(provider_id, "providerID", STRING, .pb = 3, .doc = "Identifier of the node at its provider."),
	F(unschedulable, "unschedulable", BOOL, .pb = 4, .doc = "Keeps new pods away."),
	F(taints, "taints", MESSAGE, .desc = &core_taint_desc, .flags = MSG_LIST, .pb = 5,
	  .doc = "Taints that keep pods away."),
	F(config_source, "configSource", MESSAGE, .desc = &core_node_config_source_desc, .pb = 6, .doc = "Obsolete."),
	F(external_id, "externalID", STRING, .pb = 2, .doc = "Obsolete."),
};
DESC(core_node_spec, "NodeSpec", "What is wanted of a node.");
#undef T

#define T struct core_node_condition
static const struct msg_field core_node_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_heartbeat_time, "lastHeartbeatTime", STRING, .format = "date-time", .pb = 3,
	  .doc = "When the node last reported."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 5, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 6, .doc = "Sentence for people that says why."),
};
DESC(core_node_condition, "NodeCondition", "One condition of a node.");
#undef T

#define T struct core_node_address
static const struct msg_field core_node_address_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Type; one of the allowed words."),
	F(address, "address", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Address: IP, host name or URL."),
};
DESC(core_node_address, "NodeAddress", "Node address.");
#undef T

#define T struct core_daemon_endpoint
static const struct msg_field core_daemon_endpoint_rows[] = {
	F(port, "Port", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Port number."),
};
DESC(core_daemon_endpoint, "DaemonEndpoint", "Daemon endpoint.");
#undef T

#define T struct core_node_daemon_endpoints
static const struct msg_field core_node_daemon_endpoints_rows[] = {
	F(kubelet_endpoint, "kubeletEndpoint", MESSAGE, .desc = &core_daemon_endpoint_desc, .pb = 1,
	  .doc = "Port of the kubelet."),
};
DESC(core_node_daemon_endpoints, "NodeDaemonEndpoints", "Node daemon endpoints.");
#undef T

#define T struct core_node_system_info
static const struct msg_field core_node_system_info_rows[] = {
	F(machine_id, "machineID", STRING, .pb = 1, .doc = "Identifier of the machine."),
	F(system_uuid, "systemUUID", STRING, .pb = 2, .doc = "UUID of the hardware."),
	F(boot_id, "bootID", STRING, .pb = 3, .doc = "Identifier of this boot."),
	F(kernel_version, "kernelVersion", STRING, .pb = 4, .doc = "Version of the kernel."),
	F(os_image, "osImage", STRING, .pb = 5, .doc = "Name of the operating system's release."),
	F(container_runtime_version, "containerRuntimeVersion", STRING, .pb = 6,
	  .doc = "Name and version of the runtime."),
	F(kubelet_version, "kubeletVersion", STRING, .pb = 7, .doc = "Version of the kubelet."),
	F(kube_proxy_version, "kubeProxyVersion", STRING, .pb = 8, .doc = "Version of kube-proxy."),
	F(operating_system, "operatingSystem", STRING, .pb = 9, .doc = "Operating system."),
	F(architecture, "architecture", STRING, .pb = 10, .doc = "Architecture of the processor."),
};
DESC(core_node_system_info, "NodeSystemInfo", "Node system info.");
#undef T

#define T struct core_container_image
static const struct msg_field core_container_image_rows[] = {
	F(names, "names", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Names."),
	F(size_bytes, "sizeBytes", INT64, .pb = 2, .doc = "Size in bytes."),
};
DESC(core_container_image, "ContainerImage", "Container image.");
#undef T

#define T struct core_attached_volume
static const struct msg_field core_attached_volume_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(device_path, "devicePath", STRING, .pb = 2, .doc = "Path of the device."),
};
DESC(core_attached_volume, "AttachedVolume", "Attached volume.");
#undef T

#define T struct core_node_config_status
static const struct msg_field core_node_config_status_rows[] = {
	F(assigned, "assigned", MESSAGE, .desc = &core_node_config_source_desc, .pb = 1,
	  .doc = "Configuration that is assigned."),
	F(active, "active", MESSAGE, .desc = &core_node_config_source_desc, .pb = 2, .doc = "What is running now."),
	F(last_known_good, "lastKnownGood", MESSAGE, .desc = &core_node_config_source_desc, .pb = 3,
	  .doc = "Configuration that worked last."),
	F(error, "error", STRING, .pb = 4, .doc = "Error message."),
};
DESC(core_node_config_status, "NodeConfigStatus", "What was observed of a node config.");
#undef T

#define T struct core_node_status
static const struct msg_field core_node_status_rows[] = {
	F(capacity, "capacity", STR_MAP, .elem = MSG_QUANTITY, .pb = 1, .doc = "Size, by resource."),
	F(allocatable, "allocatable", STR_MAP, .elem = MSG_QUANTITY, .pb = 2, .doc = "Resources that pods may use."),
	F(phase, "phase", STRING, .enums = &words_pending_running_terminated, .pb = 3,
	  .doc = "Phase of the life cycle."),
	F(conditions, "conditions", MESSAGE, .desc = &core_node_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 4, .doc = "Conditions observed last."),
	F(addresses, "addresses", MESSAGE, .desc = &core_node_address_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 5, .doc = "IP addresses or host names."),
	F(daemon_endpoints, "daemonEndpoints", MESSAGE, .desc = &core_node_daemon_endpoints_desc, .pb = 6,
	  .doc = "Ports of the node's daemons."),
	F(node_info, "nodeInfo", MESSAGE, .desc = &core_node_system_info_desc, .pb = 7,
	  .doc = "Versions and identifiers of the node."),
	F(images, "images", MESSAGE, .desc = &core_container_image_desc, .flags = MSG_LIST, .pb = 8,
	  .doc = "Images that are present."),
	F(volumes_in_use, "volumesInUse", STRING, .flags = MSG_LIST, .pb = 9, .doc = "Volumes in use."),
	F(volumes_attached, "volumesAttached", MESSAGE, .desc = &core_attached_volume_desc, .flags = MSG_LIST, .pb = 10,
	  .doc = "Volumes attached."),
	F(config, "config", MESSAGE, .desc = &core_node_config_status_desc, .pb = 11, .doc = "Configuration."),
};
DESC(core_node_status, "NodeStatus", "What was observed of a node.");
#undef T

#define T struct core_node
static const struct msg_field core_node_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_node_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_node_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_node, "Node", "A machine that runs pods.");
#undef T
