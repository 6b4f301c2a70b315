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
	F(number, "number", UINT32, DONE, .doc = "Port number."),
	F(protocol, "protocol", STRING, DONE, .doc = "Protocol of the port."),
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(target_port, "targetPort", UINT32, DONE, .doc = "Port on the pods, by number or name."),
};
DESC(istio_service_port, "ServicePort", NULL);
#undef T

#define T struct istio_service_entry_spec
static const struct msg_field istio_service_entry_spec_rows[] = {
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST, .doc = "Host names of the service."),
	F(addresses, "addresses", STRING, DONE, .flags = MSG_LIST, .doc = "IP addresses or host names."),
	F(ports, "ports", MESSAGE, DONE, .desc = &istio_service_port_desc, .flags = MSG_LIST, .doc = "Ports."),
	F(location, "location", ENUM, DONE, .enums = &istio_service_entry_location_names,
	  .doc = "Whether the service is part of the mesh."),
	F(resolution, "resolution", ENUM, DONE, .enums = &istio_service_entry_resolution_names,
	  .doc = "How addresses of endpoints are found."),
	F(endpoints, "endpoints", MESSAGE, DONE, .desc = &istio_workload_entry_spec_desc, .flags = MSG_LIST,
	  .doc = "Endpoints."),
	F(workload_selector, "workloadSelector", MESSAGE, DONE, .desc = &istio_workload_labels_desc,
	  .doc = "Selects workloads by labels."),
	F(export_to, "exportTo", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces that see it: \".\" its own, \"*\" all."),
	F(subject_alt_names, "subjectAltNames", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Names of which the peer's certificate must have one."),
};
DESC(istio_service_entry_spec, "ServiceEntry", NULL);
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
