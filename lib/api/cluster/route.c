/* Rows of routes of OpenShift: route.openshift.io/v1. See the header for the structs. */
#include "api/cluster/route.h"

#include "api/api_internal.h"

WORDS(words_edge_passthrough_reencrypt, {"edge", 0}, {"passthrough", 0}, {"reencrypt", 0});
WORDS(words_none_allow_redirect, {"None", 0}, {"Allow", 0}, {"Redirect", 0});
WORDS(words_none_subdomain, {"None", 0}, {"Subdomain", 0});

#define T struct openshift_route_target_reference
static const struct msg_field openshift_route_target_reference_rows[] = {
	F(kind, "kind", STRING, .dflt = "\"Service\"", .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
	F(weight, "weight", INT32, .flags = MSG_OPTIONAL, .dflt = "100", .min = 0, .max = 256,
	  .doc = "Share relative to its siblings."),
};
DESC(openshift_route_target_reference, "RouteTargetReference", "Reference: route target.");
#undef T

#define T struct openshift_route_port
static const struct msg_field openshift_route_port_rows[] = {
	F(target_port, "targetPort", INT_OR_STR, .flags = MSG_REQUIRED, .doc = "Port on the pods, by number or name."),
};
DESC(openshift_route_port, "RoutePort", "Route port.");
#undef T

#define T struct openshift_local_object_reference
static const struct msg_field openshift_local_object_reference_rows[] = {
	F(name, "name", STRING, .doc = "Name, unique among its siblings."),
};
DESC(openshift_local_object_reference, "LocalObjectReference", "Reference: local object.");
#undef T

#define T struct openshift_tls_config
static const struct msg_field openshift_tls_config_rows[] = {
	F(termination, "termination", STRING, .enums = &words_edge_passthrough_reencrypt, .flags = MSG_REQUIRED,
	  .doc = "Where TLS ends: edge, passthrough or reencrypt."),
	F(certificate, "certificate", STRING, .doc = "Certificate in PEM."),
	F(key, "key", STRING, .doc = "Key."),
	F(ca_certificate, "caCertificate", STRING, .doc = "Certificates of the issuers in PEM."),
	F(destination_ca_certificate, "destinationCACertificate", STRING,
	  .doc = "Certificates that the service's must end at, PEM."),
	F(insecure_edge_termination_policy, "insecureEdgeTerminationPolicy", STRING,
	  .enums = &words_none_allow_redirect, .doc = "What happens to plain HTTP: None, Allow or Redirect."),
	F(external_certificate, "externalCertificate", MESSAGE, .desc = &openshift_local_object_reference_desc,
	  .doc = "Secret with the certificate."),
};
DESC(openshift_tls_config, "TLSConfig", "Settings: TLS.");
#undef T

#define T struct openshift_route_set_http_header
static const struct msg_field openshift_route_set_http_header_rows[] = {
	F(value, "value", STRING, .doc = "Value."),
};
DESC(openshift_route_set_http_header, "RouteSetHTTPHeader", "Route set HTTP header.");
#undef T

#define T struct openshift_route_http_header_action_union
static const struct msg_field openshift_route_http_header_action_union_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type; one of the allowed words."),
	F(set, "set", MESSAGE, .desc = &openshift_route_set_http_header_desc,
	  .doc = "What is set, replacing what was there."),
};
DESC(openshift_route_http_header_action_union, "RouteHTTPHeaderActionUnion", "Route HTTP header action union.");
#undef T

#define T struct openshift_route_http_header
static const struct msg_field openshift_route_http_header_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name, unique among its siblings."),
	F(action, "action", MESSAGE, .desc = &openshift_route_http_header_action_union_desc, .flags = MSG_REQUIRED,
	  .doc = "What is done."),
};
DESC(openshift_route_http_header, "RouteHTTPHeader", "Route HTTP header.");
#undef T

#define T struct openshift_route_http_header_actions
static const struct msg_field openshift_route_http_header_actions_rows[] = {
	F(response, "response", MESSAGE, .desc = &openshift_route_http_header_desc, .flags = MSG_LIST,
	  .doc = "The response."),
	F(request, "request", MESSAGE, .desc = &openshift_route_http_header_desc, .flags = MSG_LIST,
	  .doc = "The request."),
};
DESC(openshift_route_http_header_actions, "RouteHTTPHeaderActions", "Route HTTP header actions.");
#undef T

#define T struct openshift_route_http_headers
static const struct msg_field openshift_route_http_headers_rows[] = {
	F(actions, "actions", MESSAGE, .desc = &openshift_route_http_header_actions_desc, .doc = "Changes of headers."),
};
DESC(openshift_route_http_headers, "RouteHTTPHeaders", "Route HTTP headers.");
#undef T

#define T struct openshift_route_spec
static const struct msg_field openshift_route_spec_rows[] = {
	F(host, "host", STRING, .doc = "Host name or address."),
	F(subdomain, "subdomain", STRING, .doc = "Subdomain of the host name."),
	F(path, "path", STRING, .doc = "Path; absolute where it names a file."),
	F(to, "to", MESSAGE, .desc = &openshift_route_target_reference_desc, .flags = MSG_REQUIRED,
	  .doc = "Destinations."),
	F(alternate_backends, "alternateBackends", MESSAGE, .desc = &openshift_route_target_reference_desc,
	  .flags = MSG_LIST, .doc = "Further services that share the requests by weight."),
	F(port, "port", MESSAGE, .desc = &openshift_route_port_desc, .doc = "Port number."),
	F(tls, "tls", MESSAGE, .desc = &openshift_tls_config_desc, .doc = "TLS settings."),
	F(wildcard_policy, "wildcardPolicy", STRING, .enums = &words_none_subdomain, .dflt = "\"None\"",
	  .doc = "Whether subdomains are served too."),
	F(http_headers, "httpHeaders", MESSAGE, .desc = &openshift_route_http_headers_desc,
	  .doc = "Headers of the request."),
};
DESC(openshift_route_spec, "RouteSpec", "What is wanted of a route.");
#undef T

#define T struct openshift_route_ingress_condition
static const struct msg_field openshift_route_ingress_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .doc = "What was observed last; written by controllers."),
	F(reason, "reason", STRING, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .doc = "Sentence for people that says why."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time",
	  .doc = "When the status changed last."),
};
DESC(openshift_route_ingress_condition, "RouteIngressCondition", "One condition of a route ingress.");
#undef T

#define T struct openshift_route_ingress
static const struct msg_field openshift_route_ingress_rows[] = {
	F(host, "host", STRING, .doc = "Host name or address."),
	F(router_name, "routerName", STRING, .doc = "Router that admitted the route."),
	F(conditions, "conditions", MESSAGE, .desc = &openshift_route_ingress_condition_desc, .flags = MSG_LIST,
	  .doc = "Conditions observed last."),
	F(wildcard_policy, "wildcardPolicy", STRING, .enums = &words_none_subdomain,
	  .doc = "Whether subdomains are served too."),
	F(router_canonical_hostname, "routerCanonicalHostname", STRING, .doc = "Host name of the router."),
};
DESC(openshift_route_ingress, "RouteIngress", "Route ingress.");
#undef T

#define T struct openshift_route_status
static const struct msg_field openshift_route_status_rows[] = {
	F(ingress, "ingress", MESSAGE, .desc = &openshift_route_ingress_desc, .flags = MSG_LIST,
	  .doc = "Incoming side."),
};
DESC(openshift_route_status, "RouteStatus", "What was observed of a route.");
#undef T

#define T struct openshift_route
static const struct msg_field openshift_route_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &openshift_route_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &openshift_route_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(openshift_route, "Route", "A host name of the router that leads to a service.");
#undef T
