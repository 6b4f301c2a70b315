/* Rows of routes of OpenShift: route.openshift.io/v1. See the header for the structs. */
#include "api/route.h"

#include "api/api_internal.h"

WORDS(words_edge_passthrough_reencrypt, {"edge", 0}, {"passthrough", 0}, {"reencrypt", 0});
WORDS(words_none_allow_redirect, {"None", 0}, {"Allow", 0}, {"Redirect", 0});
WORDS(words_none_subdomain, {"None", 0}, {"Subdomain", 0});

#define T struct openshift_route_target_reference
static const struct msg_field openshift_route_target_reference_rows[] = {
	F(kind, "kind", STRING, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(weight, "weight", INT32, .flags = MSG_OPTIONAL, .doc = "Weight."),
};
DESC(openshift_route_target_reference, "RouteTargetReference", "Route target reference.");
#undef T

#define T struct openshift_route_port
static const struct msg_field openshift_route_port_rows[] = {
	F(target_port, "targetPort", INT_OR_STR, .flags = MSG_REQUIRED, .doc = "Target port."),
};
DESC(openshift_route_port, "RoutePort", "Route port.");
#undef T

#define T struct openshift_local_object_reference
static const struct msg_field openshift_local_object_reference_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
};
DESC(openshift_local_object_reference, "LocalObjectReference", "Local object reference.");
#undef T

#define T struct openshift_tls_config
static const struct msg_field openshift_tls_config_rows[] = {
	F(termination, "termination", STRING, .enums = &words_edge_passthrough_reencrypt, .flags = MSG_REQUIRED,
	  .doc = "Termination."),
	F(certificate, "certificate", STRING, .doc = "Certificate."),
	F(key, "key", STRING, .doc = "Key."),
	F(ca_certificate, "caCertificate", STRING, .doc = "Ca certificate."),
	F(destination_ca_certificate, "destinationCACertificate", STRING, .doc = "Destination ca certificate."),
	F(insecure_edge_termination_policy, "insecureEdgeTerminationPolicy", STRING,
	  .enums = &words_none_allow_redirect, .doc = "Insecure edge termination policy."),
	F(external_certificate, "externalCertificate", MESSAGE, .desc = &openshift_local_object_reference_desc,
	  .doc = "External certificate."),
};
DESC(openshift_tls_config, "TLSConfig", "Tls config.");
#undef T

#define T struct openshift_route_set_http_header
static const struct msg_field openshift_route_set_http_header_rows[] = {
	F(value, "value", STRING, .flags = MSG_REQUIRED, .doc = "Value."),
};
DESC(openshift_route_set_http_header, "RouteSetHTTPHeader", "Route set http header.");
#undef T

#define T struct openshift_route_http_header_action_union
static const struct msg_field openshift_route_http_header_action_union_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(set, "set", MESSAGE, .desc = &openshift_route_set_http_header_desc, .doc = "Set."),
};
DESC(openshift_route_http_header_action_union, "RouteHTTPHeaderActionUnion", "Route http header action union.");
#undef T

#define T struct openshift_route_http_header
static const struct msg_field openshift_route_http_header_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(action, "action", MESSAGE, .desc = &openshift_route_http_header_action_union_desc, .flags = MSG_REQUIRED,
	  .doc = "Action."),
};
DESC(openshift_route_http_header, "RouteHTTPHeader", "Route http header.");
#undef T

#define T struct openshift_route_http_header_actions
static const struct msg_field openshift_route_http_header_actions_rows[] = {
	F(response, "response", MESSAGE, .desc = &openshift_route_http_header_desc, .flags = MSG_LIST,
	  .doc = "Response."),
	F(request, "request", MESSAGE, .desc = &openshift_route_http_header_desc, .flags = MSG_LIST, .doc = "Request."),
};
DESC(openshift_route_http_header_actions, "RouteHTTPHeaderActions", "Route http header actions.");
#undef T

#define T struct openshift_route_http_headers
static const struct msg_field openshift_route_http_headers_rows[] = {
	F(actions, "actions", MESSAGE, .desc = &openshift_route_http_header_actions_desc, .doc = "Actions."),
};
DESC(openshift_route_http_headers, "RouteHTTPHeaders", "Route http headers.");
#undef T

#define T struct openshift_route_spec
static const struct msg_field openshift_route_spec_rows[] = {
	F(host, "host", STRING, .doc = "Host."),
	F(subdomain, "subdomain", STRING, .doc = "Subdomain."),
	F(path, "path", STRING, .doc = "Path."),
	F(to, "to", MESSAGE, .desc = &openshift_route_target_reference_desc, .flags = MSG_REQUIRED, .doc = "To."),
	F(alternate_backends, "alternateBackends", MESSAGE, .desc = &openshift_route_target_reference_desc,
	  .flags = MSG_LIST, .doc = "Alternate backends."),
	F(port, "port", MESSAGE, .desc = &openshift_route_port_desc, .doc = "Port."),
	F(tls, "tls", MESSAGE, .desc = &openshift_tls_config_desc, .doc = "Tls."),
	F(wildcard_policy, "wildcardPolicy", STRING, .enums = &words_none_subdomain, .doc = "Wildcard policy."),
	F(http_headers, "httpHeaders", MESSAGE, .desc = &openshift_route_http_headers_desc, .doc = "Http headers."),
};
DESC(openshift_route_spec, "RouteSpec", "Route spec.");
#undef T

#define T struct openshift_route_ingress_condition
static const struct msg_field openshift_route_ingress_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
};
DESC(openshift_route_ingress_condition, "RouteIngressCondition", "Route ingress condition.");
#undef T

#define T struct openshift_route_ingress
static const struct msg_field openshift_route_ingress_rows[] = {
	F(host, "host", STRING, .doc = "Host."),
	F(router_name, "routerName", STRING, .doc = "Router name."),
	F(conditions, "conditions", MESSAGE, .desc = &openshift_route_ingress_condition_desc, .flags = MSG_LIST,
	  .doc = "Conditions."),
	F(wildcard_policy, "wildcardPolicy", STRING, .enums = &words_none_subdomain, .doc = "Wildcard policy."),
	F(router_canonical_hostname, "routerCanonicalHostname", STRING, .doc = "Router canonical hostname."),
};
DESC(openshift_route_ingress, "RouteIngress", "Route ingress.");
#undef T

#define T struct openshift_route_status
static const struct msg_field openshift_route_status_rows[] = {
	F(ingress, "ingress", MESSAGE, .desc = &openshift_route_ingress_desc, .flags = MSG_LIST, .doc = "Ingress."),
};
DESC(openshift_route_status, "RouteStatus", "Route status.");
#undef T

#define T struct openshift_route
static const struct msg_field openshift_route_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &openshift_route_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &openshift_route_status_desc, .doc = "Status."),
};
DESC(openshift_route, "Route", "Route.");
#undef T
