/* Rows of workloads and ports as the kinds of networking.istio.io share them. See the header for the structs. */
#include "api/networking/workload.h"

#include "api/api_internal.h"

#define T struct istio_workload_entry_spec
static const struct msg_field istio_workload_entry_spec_rows[] = {
	F(address, "address", STRING, DONE,
	  .doc = "IP address of the workload, or a host name where the service is resolved by DNS."),
	F(ports, "ports", JSON, DONE, .flags = MSG_OBJECT,
	  .doc = "Ports by the name of the service's port, where they differ from the service's."),
	F(labels, "labels", STR_MAP, DONE, .doc = "Labels by which services and subsets select the workload."),
	F(network, "network", STRING, TOLD("is not carried out; all endpoints are reached directly"),
	  .doc = "Network it belongs to."),
	F(locality, "locality", STRING, DONE, .doc = "Where the workload runs, as region/zone/subzone."),
	F(weight, "weight", UINT32, DONE, .doc = "Share of connections relative to the other endpoints; 1 by default."),
	F(service_account, "serviceAccount", STRING, DONE,
	  .doc = "Service account that the workload's certificate names."),
};
DESC(istio_workload_entry_spec, "WorkloadEntry",
     "The address of a workload outside Kubernetes, and what is known of it.");
#undef T

#define T struct istio_condition
static const struct msg_field istio_condition_rows[] = {
	F(type, "type", STRING, MOOT("written by the control plane"), .doc = "What the condition is about."),
	F(status, "status", STRING, MOOT("written by the control plane"), .doc = "True, False or Unknown."),
	F(observed_generation, "observedGeneration", INT64, MOOT("written by the control plane"),
	  .doc = "Generation of the specification that this status is about."),
	F(last_probe_time, "lastProbeTime", STRING, MOOT("written by the control plane"), .format = "date-time",
	  .doc = "When it was checked last."),
	F(last_transition_time, "lastTransitionTime", STRING, MOOT("written by the control plane"),
	  .format = "date-time", .doc = "When the status changed last."),
	F(reason, "reason", STRING, MOOT("written by the control plane"),
	  .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, MOOT("written by the control plane"),
	  .doc = "Sentence for people that says why."),
};
DESC(istio_condition, "IstioCondition", "One condition that was observed.");
#undef T

#define T struct istio_status
static const struct msg_field istio_status_rows[] = {
	F(conditions, "conditions", MESSAGE, MOOT("written by the control plane"), .desc = &istio_condition_desc,
	  .flags = MSG_LIST, .keys = "type", .doc = "Conditions observed last."),
	F(validation_messages, "validationMessages", JSON, MOOT("written by the control plane"),
	  .flags = MSG_LIST | MSG_ANY_FORM, .doc = "Results of the analysis."),
	F(observed_generation, "observedGeneration", INT64, MOOT("written by the control plane"),
	  .doc = "Generation of the specification that this status is about."),
};
DESC(istio_status, "IstioStatus", NULL, .preserve_unknown = true);
#undef T

#define T struct istio_workload_entry
static const struct msg_field istio_workload_entry_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_workload_entry_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_workload_entry, "WorkloadEntry", "A workload outside Kubernetes.");
#undef T

#define T struct istio_port
static const struct msg_field istio_port_rows[] = {
	F(number, "number", UINT32, DONE, .doc = "Port number."),
	F(protocol, "protocol", STRING, DONE, .doc = "HTTP, HTTPS, HTTP2, GRPC, TLS, TCP or MONGO."),
	F(name, "name", STRING, DONE, .doc = "Name of the port, unique among the servers of the gateway."),
	F(target_port, "targetPort", UINT32, TOLD("has no meaning in a Gateway, as in Istio")),
};
DESC(istio_port, "Port", "A port and its protocol.");
#undef T

#define T struct istio_workload_selector
static const struct msg_field istio_workload_selector_rows[] = {
	F(match_labels, "matchLabels", STR_MAP, DONE, .doc = "Labels that a pod must have, all of them."),
};
DESC(istio_workload_selector, "WorkloadSelector", "Selects workloads by labels.");
#undef T

#define T struct istio_workload_labels
static const struct msg_field istio_workload_labels_rows[] = {
	F(labels, "labels", STR_MAP, DONE, .doc = "Labels that a workload must have, all of them."),
};
DESC(istio_workload_labels, "WorkloadSelector", "Selects workloads by labels.");
#undef T

#define T struct istio_port_selector
static const struct msg_field istio_port_selector_rows[] = {
	F(number, "number", UINT32, DONE, .doc = "Port number."),
};
DESC(istio_port_selector, "PortSelector", "A port of the service.");
#undef T

#define T struct istio_destination
static const struct msg_field istio_destination_rows[] = {
	F(host, "host", STRING, DONE,
	  .doc = "Name of the service, short or full; short ones are of the object's namespace."),
	F(subset, "subset", STRING, DONE,
	  .doc = "Subset of the service that a DestinationRule names; all endpoints when absent."),
	F(port, "port", MESSAGE, DONE, .desc = &istio_port_selector_desc,
	  .doc = "Port of the service; needed when it has several."),
};
DESC(istio_destination, "Destination", "A service, maybe a subset of it, and its port.");
#undef T

#define T struct istio_policy_target_reference
static const struct msg_field istio_policy_target_reference_rows[] = {
	F(group, "group", STRING, MOOT("names the kind"), .doc = "API group; empty for the core group."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(name, "name", STRING, DONE, .doc = "Name of the object."),
	F(namespace, "namespace", STRING, MOOT("refused: it is the object's own"), .doc = "Namespace of the object."),
};
DESC(istio_policy_target_reference, "PolicyTargetReference", NULL);
#undef T

#define T struct istio_workload_group_object_meta
static const struct msg_field istio_workload_group_object_meta_rows[] = {
	F(labels, "labels", STR_MAP, DONE),
	F(annotations, "annotations", STR_MAP, DONE),
};
DESC(istio_workload_group_object_meta, "WorkloadGroupObjectMeta", NULL);
#undef T

/* Who sets a machine up writes the probe into its proxy's configuration; the proxy does it and reports. */

#define T struct istio_http_header
static const struct msg_field istio_http_header_rows[] = {
	F(name, "name", STRING, DONE),
	F(value, "value", STRING, DONE),
};
DESC(istio_http_header, "HTTPHeader", NULL);
#undef T

#define T struct istio_http_health_check_config
static const struct msg_field istio_http_health_check_config_rows[] = {
	F(path, "path", STRING, MOOT("done by the machine's proxy, as its PROXY_CONFIG says")),
	F(port, "port", UINT32, MOOT("done by the machine's proxy, as its PROXY_CONFIG says")),
	F(host, "host", STRING, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Host name or address."),
	F(scheme, "scheme", STRING, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "URI scheme."),
	F(http_headers, "httpHeaders", MESSAGE, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .desc = &istio_http_header_desc, .flags = MSG_LIST, .doc = "Headers of the request."),
};
DESC(istio_http_health_check_config, "HTTPHealthCheckConfig", NULL);
#undef T

#define T struct istio_tcp_health_check_config
static const struct msg_field istio_tcp_health_check_config_rows[] = {
	F(host, "host", STRING, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Host name or address."),
	F(port, "port", UINT32, MOOT("done by the machine's proxy, as its PROXY_CONFIG says")),
};
DESC(istio_tcp_health_check_config, "TCPHealthCheckConfig", NULL);
#undef T

#define T struct istio_exec_health_check_config
static const struct msg_field istio_exec_health_check_config_rows[] = {
	F(command, "command", STRING, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"), .flags = MSG_LIST,
	  .doc = "Command and its arguments; replaces the image's entrypoint."),
};
DESC(istio_exec_health_check_config, "ExecHealthCheckConfig", NULL);
#undef T

#define T struct istio_readiness_probe
static const struct msg_field istio_readiness_probe_rows[] = {
	F(initial_delay_seconds, "initialDelaySeconds", INT32,
	  MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Seconds after the start before the first attempt."),
	F(timeout_seconds, "timeoutSeconds", INT32, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Seconds until the attempt counts as failed."),
	F(period_seconds, "periodSeconds", INT32, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Seconds between attempts."),
	F(success_threshold, "successThreshold", INT32, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Successes in a row that count as healthy again."),
	F(failure_threshold, "failureThreshold", INT32, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .doc = "Failures in a row that count as failed."),
	F(http_get, "httpGet", MESSAGE, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .desc = &istio_http_health_check_config_desc, .oneof = 1, .doc = "Sends an HTTP request."),
	F(tcp_socket, "tcpSocket", MESSAGE, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .desc = &istio_tcp_health_check_config_desc, .oneof = 1, .doc = "Opens a TCP connection."),
	F(exec, "exec", MESSAGE, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .desc = &istio_exec_health_check_config_desc, .oneof = 1, .doc = "Runs a command in the container."),
};
DESC(istio_readiness_probe, "ReadinessProbe", NULL);
#undef T

#define T struct istio_workload_group_spec
static const struct msg_field istio_workload_group_spec_rows[] = {
	F(metadata, "metadata", MESSAGE, DONE, .desc = &istio_workload_group_object_meta_desc),
	F(template, "template", MESSAGE, DONE, .desc = &istio_workload_entry_spec_desc,
	  .doc = "Template of what is created."),
	F(probe, "probe", MESSAGE, MOOT("done by the machine's proxy, as its PROXY_CONFIG says"),
	  .desc = &istio_readiness_probe_desc, .doc = "Tells whether the workload can serve."),
};
DESC(istio_workload_group_spec, "WorkloadGroup", NULL);
#undef T

#define T struct istio_workload_group
static const struct msg_field istio_workload_group_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_workload_group_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_workload_group, "WorkloadGroup", "A template of WorkloadEntries.");
#undef T
