/* Rows of serviceEntry: networking.istio.io. See the header for the structs. */
#include "api/networking/service_entry.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_service_entry_location_values[] = {
	{"MESH_EXTERNAL", ISTIO_SERVICE_ENTRY_LOCATION_MESH_EXTERNAL},
	{"MESH_INTERNAL", ISTIO_SERVICE_ENTRY_LOCATION_MESH_INTERNAL},
};
ENUM(istio_service_entry_location);

static const struct msg_enum_value istio_service_entry_resolution_values[] = {
	{"NONE", ISTIO_SERVICE_ENTRY_RESOLUTION_NONE},
	{"STATIC", ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC},
	{"DNS", ISTIO_SERVICE_ENTRY_RESOLUTION_DNS},
	{"DNS_ROUND_ROBIN", ISTIO_SERVICE_ENTRY_RESOLUTION_DNS_ROUND_ROBIN},
};
ENUM(istio_service_entry_resolution);

#define T struct istio_service_port
static const struct msg_field istio_service_port_rows[] = {
	F(number, "number", UINT32, DONE, .doc = "Port that clients connect to."),
	F(protocol, "protocol", STRING, DONE, .doc = "HTTP, HTTPS, HTTP2, GRPC, TLS, TCP or MONGO."),
	F(name, "name", STRING, DONE, .doc = "Name of the port, unique in the entry."),
	F(target_port, "targetPort", UINT32, DONE, .doc = "Port that the endpoints listen on; number by default."),
};
DESC(istio_service_port, "ServicePort", "A port of a service outside the cluster's registry.");
#undef T

#define T struct istio_service_entry_spec
static const struct msg_field istio_service_entry_spec_rows[] = {
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Names that clients use for the service, such as api.example.com or *.example.com."),
	F(addresses, "addresses", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Virtual IP addresses or networks (CIDR) of the service; needed to tell TCP services of one port "
		 "apart."),
	F(ports, "ports", MESSAGE, DONE, .desc = &istio_service_port_desc, .flags = MSG_LIST,
	  .doc = "Ports of the service."),
	F(location, "location", ENUM, DONE, .enums = &istio_service_entry_location_names,
	  .doc = "MESH_EXTERNAL, the default, or MESH_INTERNAL for workloads that have a sidecar."),
	F(resolution, "resolution", ENUM, DONE, .enums = &istio_service_entry_resolution_names,
	  .doc = "NONE, the default, leads to the address the client chose; STATIC to endpoints; DNS resolves names."),
	F(endpoints, "endpoints", MESSAGE, DONE, .desc = &istio_workload_entry_spec_desc, .flags = MSG_LIST,
	  .doc = "Addresses of the service; with DNS and none given, the hosts are resolved."),
	F(workload_selector, "workloadSelector", MESSAGE, DONE, .desc = &istio_workload_labels_desc,
	  .doc = "Takes the pods and WorkloadEntries of the namespace with these labels as endpoints; excludes "
		 "endpoints."),
	F(export_to, "exportTo", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces whose proxies know the service: \".\" its own, \"*\" all; all by default."),
	F(subject_alt_names, "subjectAltNames", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Names of which the server's certificate must have one."),
};
DESC(istio_service_entry_spec, "ServiceEntry", "A service that Kubernetes does not know, and how it is reached.");
#undef T

#define T struct istio_service_entry
static const struct msg_field istio_service_entry_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_service_entry_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_service_entry, "ServiceEntry", "A service that Kubernetes does not know.");
#undef T
