/* Rows of endpointSlices: discovery.k8s.io/v1. See the header for the structs. */
#include "api/discovery.h"

#include "api/api_internal.h"

WORDS(words_tcp_udp_sctp, {"TCP", 0}, {"UDP", 0}, {"SCTP", 0});

#define T struct discovery_endpoint_conditions
static const struct msg_field discovery_endpoint_conditions_rows[] = {
	F(ready, "ready", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether ready applies."),
	F(serving, "serving", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether serving applies."),
	F(terminating, "terminating", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether terminating applies."),
};
DESC(discovery_endpoint_conditions, "EndpointConditions", "Endpoint conditions.");
#undef T

#define T struct discovery_for_zone
static const struct msg_field discovery_for_zone_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
};
DESC(discovery_for_zone, "ForZone", "For zone.");
#undef T

#define T struct discovery_endpoint_hints
static const struct msg_field discovery_endpoint_hints_rows[] = {
	F(for_zones, "forZones", MESSAGE, .desc = &discovery_for_zone_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "For zones."),
};
DESC(discovery_endpoint_hints, "EndpointHints", "Endpoint hints.");
#undef T

#define T struct discovery_endpoint
static const struct msg_field discovery_endpoint_rows[] = {
	F(addresses, "addresses", STRING, .flags = MSG_LIST | MSG_SET, .doc = "Addresses."),
	F(conditions, "conditions", MESSAGE, .desc = &discovery_endpoint_conditions_desc, .doc = "Conditions."),
	F(hostname, "hostname", STRING, .doc = "Hostname."),
	F(target_ref, "targetRef", MESSAGE, .desc = &core_object_reference_desc, .doc = "Target ref."),
	F(deprecated_topology, "deprecatedTopology", STR_MAP, .doc = "Deprecated topology."),
	F(node_name, "nodeName", STRING, .doc = "Node name."),
	F(zone, "zone", STRING, .doc = "Zone."),
	F(hints, "hints", MESSAGE, .desc = &discovery_endpoint_hints_desc, .doc = "Hints."),
};
DESC(discovery_endpoint, "Endpoint", "Endpoint.");
#undef T

#define T struct discovery_port
static const struct msg_field discovery_port_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(protocol, "protocol", STRING, .enums = &words_tcp_udp_sctp, .doc = "Protocol."),
	F(port, "port", INT32, .flags = MSG_OPTIONAL, .doc = "Port."),
	F(app_protocol, "appProtocol", STRING, .doc = "App protocol."),
};
DESC(discovery_port, "EndpointPort", "Endpoint port.");
#undef T

#define T struct discovery_endpoint_slice
static const struct msg_field discovery_endpoint_slice_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(address_type, "addressType", STRING, .flags = MSG_REQUIRED, .doc = "Address type."),
	F(endpoints, "endpoints", MESSAGE, .desc = &discovery_endpoint_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Endpoints."),
	F(ports, "ports", MESSAGE, .desc = &discovery_port_desc, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Ports."),
};
DESC(discovery_endpoint_slice, "EndpointSlice", "Endpoint slice.");
#undef T
