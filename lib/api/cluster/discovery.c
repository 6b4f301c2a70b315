/* Rows of endpointSlices: discovery.k8s.io/v1. See the header for the structs. */
#include "api/cluster/discovery.h"

#include "api/api_internal.h"

WORDS(words_tcp_udp_sctp, {"TCP", 0}, {"UDP", 0}, {"SCTP", 0});

#define T struct discovery_endpoint_conditions
static const struct msg_field discovery_endpoint_conditions_rows[] = {
	F(ready, "ready", BOOL, .flags = MSG_OPTIONAL, .pb = 1, .doc = "Whether it is ready."),
	F(serving, "serving", BOOL, .flags = MSG_OPTIONAL, .pb = 2, .doc = "Serves, even while it ends."),
	F(terminating, "terminating", BOOL, .flags = MSG_OPTIONAL, .pb = 3, .doc = "How many are ending."),
};
DESC(discovery_endpoint_conditions, "EndpointConditions", "Endpoint conditions.");
#undef T

#define T struct discovery_for_zone
static const struct msg_field discovery_for_zone_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
};
DESC(discovery_for_zone, "ForZone", "For zone.");
#undef T

#define T struct discovery_endpoint_hints
static const struct msg_field discovery_endpoint_hints_rows[] = {
	F(for_zones, "forZones", MESSAGE, .desc = &discovery_for_zone_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 1,
	  .doc = "Zones that should use the endpoint."),
};
DESC(discovery_endpoint_hints, "EndpointHints", "Endpoint hints.");
#undef T

#define T struct discovery_endpoint
static const struct msg_field discovery_endpoint_rows[] = {
	F(addresses, "addresses", STRING, .flags = MSG_LIST | MSG_SET, .pb = 1, .doc = "IP addresses or host names."),
	F(conditions, "conditions", MESSAGE, .desc = &discovery_endpoint_conditions_desc, .pb = 2,
	  .doc = "Conditions observed last."),
	F(hostname, "hostname", STRING, .pb = 3, .doc = "Host name."),
	F(target_ref, "targetRef", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "The object behind this entry."),
	F(deprecated_topology, "deprecatedTopology", STR_MAP, .pb = 5, .doc = "Obsolete topology labels."),
	F(node_name, "nodeName", STRING, .pb = 6, .doc = "Node on which it is placed."),
	F(zone, "zone", STRING, .pb = 7, .doc = "Zone of the endpoint."),
	F(hints, "hints", MESSAGE, .desc = &discovery_endpoint_hints_desc, .pb = 8,
	  .doc = "Hints on who should use it."),
};
DESC(discovery_endpoint, "Endpoint", "Endpoint.");
#undef T

#define T struct discovery_port
static const struct msg_field discovery_port_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .dflt = "\"TCP\"", .pb = 2,
	  .doc = "Protocol of the port."),
	F(port, "port", INT32, .flags = MSG_OPTIONAL, .pb = 3, .doc = "Port number."),
	F(app_protocol, "appProtocol", STRING, .pb = 4, .doc = "Application protocol of the port."),
};
DESC(discovery_port, "EndpointPort", "Endpoint port.");
#undef T

#define T struct discovery_endpoint_slice
static const struct msg_field discovery_endpoint_slice_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(address_type, "addressType", STRING, .flags = MSG_REQUIRED, .pb = 4, .doc = "IPv4, IPv6 or FQDN."),
	F(endpoints, "endpoints", MESSAGE, .desc = &discovery_endpoint_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 2,
	  .doc = "Endpoints."),
	F(ports, "ports", MESSAGE, .desc = &discovery_port_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 3,
	  .doc = "Ports."),
};
DESC(discovery_endpoint_slice, "EndpointSlice", "A part of the addresses behind a service.");
#undef T
