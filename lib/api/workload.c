/* Rows of workloads and ports as the kinds of networking.istio.io share them. See the header for the structs. */
#include "api/workload.h"

#include "api/api_internal.h"

#define T struct istio_workload_entry_spec
static const struct msg_field istio_workload_entry_spec_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(ports, "ports", JSON, .flags = MSG_OBJECT, .doc = "Ports."),
	F(labels, "labels", STR_MAP, .doc = "Labels."),
	F(network, "network", STRING, .doc = "Network."),
	F(locality, "locality", STRING, .doc = "Locality."),
	F(weight, "weight", UINT32, .doc = "Weight."),
	F(service_account, "serviceAccount", STRING, .doc = "Service account."),
};
DESC(istio_workload_entry_spec, "WorkloadEntry", "Workload entry.");
#undef T

#define T struct istio_condition
static const struct msg_field istio_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .doc = "Last probe time."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(istio_condition, "IstioCondition", "Istio condition.");
#undef T

#define T struct istio_status
static const struct msg_field istio_status_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &istio_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .doc = "Conditions."),
	F(validation_messages, "validationMessages", JSON, .flags = MSG_LIST | MSG_ANY_FORM,
	  .doc = "Validation messages."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
};
DESC(istio_status, "IstioStatus", "Istio status.", .preserve_unknown = true);
#undef T

#define T struct istio_workload_entry
static const struct msg_field istio_workload_entry_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_workload_entry_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_workload_entry, "WorkloadEntry", "A workload outside Kubernetes.");
#undef T

#define T struct istio_port
static const struct msg_field istio_port_rows[] = {
	F(number, "number", UINT32, .doc = "Number."),
	F(protocol, "protocol", STRING, .doc = "Protocol."),
	F(name, "name", STRING, .doc = "Name."),
	F(target_port, "targetPort", UINT32, .doc = "Target port."),
};
DESC(istio_port, "Port", "Port.");
#undef T

#define T struct istio_workload_selector
static const struct msg_field istio_workload_selector_rows[] = {
	F(match_labels, "matchLabels", STR_MAP, .doc = "Match labels."),
};
DESC(istio_workload_selector, "WorkloadSelector", "Workload selector.");
#undef T

#define T struct istio_workload_labels
static const struct msg_field istio_workload_labels_rows[] = {
	F(labels, "labels", STR_MAP, .doc = "Labels."),
};
DESC(istio_workload_labels, "WorkloadSelector", "Workload selector.");
#undef T

#define T struct istio_port_selector
static const struct msg_field istio_port_selector_rows[] = {
	F(number, "number", UINT32, .doc = "Number."),
};
DESC(istio_port_selector, "PortSelector", "Port selector.");
#undef T

#define T struct istio_destination
static const struct msg_field istio_destination_rows[] = {
	F(host, "host", STRING, .doc = "Host."),
	F(subset, "subset", STRING, .doc = "Subset."),
	F(port, "port", MESSAGE, .desc = &istio_port_selector_desc, .doc = "Port."),
};
DESC(istio_destination, "Destination", "Destination.");
#undef T

#define T struct istio_policy_target_reference
static const struct msg_field istio_policy_target_reference_rows[] = {
	F(group, "group", STRING, .doc = "Group."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(name, "name", STRING, .doc = "Name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(istio_policy_target_reference, "PolicyTargetReference", "Policy target reference.");
#undef T

#define T struct istio_workload_group_object_meta
static const struct msg_field istio_workload_group_object_meta_rows[] = {
	F(labels, "labels", STR_MAP, .doc = "Labels."),
	F(annotations, "annotations", STR_MAP, .doc = "Annotations."),
};
DESC(istio_workload_group_object_meta, "WorkloadGroupObjectMeta", "Workload group object meta.");
#undef T

#define T struct istio_http_header
static const struct msg_field istio_http_header_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(value, "value", STRING, .doc = "Value."),
};
DESC(istio_http_header, "HTTPHeader", "Http header.");
#undef T

#define T struct istio_http_health_check_config
static const struct msg_field istio_http_health_check_config_rows[] = {
	F(path, "path", STRING, .doc = "Path."),
	F(port, "port", UINT32, .doc = "Port."),
	F(host, "host", STRING, .doc = "Host."),
	F(scheme, "scheme", STRING, .doc = "Scheme."),
	F(http_headers, "httpHeaders", MESSAGE, .desc = &istio_http_header_desc, .flags = MSG_LIST,
	  .doc = "Http headers."),
};
DESC(istio_http_health_check_config, "HTTPHealthCheckConfig", "Http health check config.");
#undef T

#define T struct istio_tcp_health_check_config
static const struct msg_field istio_tcp_health_check_config_rows[] = {
	F(host, "host", STRING, .doc = "Host."),
	F(port, "port", UINT32, .doc = "Port."),
};
DESC(istio_tcp_health_check_config, "TCPHealthCheckConfig", "Tcp health check config.");
#undef T

#define T struct istio_exec_health_check_config
static const struct msg_field istio_exec_health_check_config_rows[] = {
	F(command, "command", STRING, .flags = MSG_LIST, .doc = "Command."),
};
DESC(istio_exec_health_check_config, "ExecHealthCheckConfig", "Exec health check config.");
#undef T

#define T struct istio_readiness_probe
static const struct msg_field istio_readiness_probe_rows[] = {
	F(initial_delay_seconds, "initialDelaySeconds", INT32, .doc = "Initial delay seconds."),
	F(timeout_seconds, "timeoutSeconds", INT32, .doc = "Timeout seconds."),
	F(period_seconds, "periodSeconds", INT32, .doc = "Period seconds."),
	F(success_threshold, "successThreshold", INT32, .doc = "Success threshold."),
	F(failure_threshold, "failureThreshold", INT32, .doc = "Failure threshold."),
	F(http_get, "httpGet", MESSAGE, .desc = &istio_http_health_check_config_desc, .oneof = 1, .doc = "Http get."),
	F(tcp_socket, "tcpSocket", MESSAGE, .desc = &istio_tcp_health_check_config_desc, .oneof = 1,
	  .doc = "Tcp socket."),
	F(exec, "exec", MESSAGE, .desc = &istio_exec_health_check_config_desc, .oneof = 1, .doc = "Exec."),
};
DESC(istio_readiness_probe, "ReadinessProbe", "Readiness probe.");
#undef T

#define T struct istio_workload_group_spec
static const struct msg_field istio_workload_group_spec_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &istio_workload_group_object_meta_desc, .doc = "Metadata."),
	F(template, "template", MESSAGE, .desc = &istio_workload_entry_spec_desc, .doc = "Template."),
	F(probe, "probe", MESSAGE, .desc = &istio_readiness_probe_desc, .doc = "Probe."),
};
DESC(istio_workload_group_spec, "WorkloadGroup", "Workload group.");
#undef T

#define T struct istio_workload_group
static const struct msg_field istio_workload_group_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_workload_group_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_workload_group, "WorkloadGroup", "A template of WorkloadEntries.");
#undef T
