/* Rows of virtualService: networking.istio.io. See the header for the structs. */
#include "api/networking/virtual_service.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_http_redirect_redirect_port_selection_values[] = {
	{"FROM_PROTOCOL_DEFAULT", ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_PROTOCOL_DEFAULT},
	{"FROM_REQUEST_PORT", ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_REQUEST_PORT},
};
ENUM(istio_http_redirect_redirect_port_selection);

#define T struct istio_string_match
static const struct msg_field istio_string_match_rows[] = {
	F(exact, "exact", STRING, DONE, .oneof = 1, .doc = "Equal to this."),
	F(prefix, "prefix", STRING, DONE, .oneof = 1, .doc = "Prefix to match, or to put before."),
	F(regex, "regex", STRING, DONE, .oneof = 1, .doc = "Matches this RE2 expression as a whole."),
};
DESC(istio_string_match, "StringMatch", "How a string is matched: exactly, by prefix, or by regular expression.");
#undef T

#define T struct istio_http_match_request
static const struct msg_field istio_http_match_request_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(uri, "uri", MESSAGE, DONE, .desc = &istio_string_match_desc, .doc = "URI to match, or the new URI."),
	F(scheme, "scheme", MESSAGE, DONE, .desc = &istio_string_match_desc, .doc = "URI scheme."),
	F(method, "method", MESSAGE, DONE, .desc = &istio_string_match_desc, .doc = "HTTP method to match."),
	F(authority, "authority", MESSAGE, DONE, .desc = &istio_string_match_desc,
	  .doc = "Authority (Host) to match, or the new one."),
	F(headers, "headers", MAP, DONE, .desc = &istio_string_match_desc, .doc = "Headers to match or to change."),
	F(port, "port", UINT32, DONE, .doc = "Port number."),
	F(source_labels, "sourceLabels", STR_MAP, DONE, .doc = "Labels of the client's workload."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST, .doc = "Gateways."),
	F(query_params, "queryParams", MAP, DONE, .desc = &istio_string_match_desc,
	  .doc = "Query parameters to match."),
	F(ignore_uri_case, "ignoreUriCase", BOOL, DONE, .doc = "Ignores upper and lower case in the URI."),
	F(without_headers, "withoutHeaders", MAP, DONE, .desc = &istio_string_match_desc,
	  .doc = "Headers that must not match."),
	F(source_namespace, "sourceNamespace", STRING, DONE, .doc = "Namespace of the client's workload."),
	F(stat_prefix, "statPrefix", STRING, DONE, .doc = "Prefix of the route's metrics."),
};
DESC(istio_http_match_request, "HTTPMatchRequest", "HTTP match request.");
#undef T

#define T struct istio_headers_header_operations
static const struct msg_field istio_headers_header_operations_rows[] = {
	F(set, "set", STR_MAP, DONE, .doc = "What is set, replacing what was there."),
	F(add, "add", STR_MAP, DONE, .doc = "What is added."),
	F(remove, "remove", STRING, DONE, .flags = MSG_LIST, .doc = "Headers that are removed."),
};
DESC(istio_headers_header_operations, "HeadersHeaderOperations", "Headers header operations.");
#undef T

#define T struct istio_headers
static const struct msg_field istio_headers_rows[] = {
	F(request, "request", MESSAGE, DONE, .desc = &istio_headers_header_operations_desc, .doc = "The request."),
	F(response, "response", MESSAGE, DONE, .desc = &istio_headers_header_operations_desc, .doc = "The response."),
};
DESC(istio_headers, "Headers", "Headers.");
#undef T

#define T struct istio_http_route_destination
static const struct msg_field istio_http_route_destination_rows[] = {
	F(destination, "destination", MESSAGE, DONE, .desc = &istio_destination_desc, .doc = "Where traffic is sent."),
	F(weight, "weight", INT32, DONE, .doc = "Share of the traffic, relative to the sum of all weights."),
	F(headers, "headers", MESSAGE, DONE, .desc = &istio_headers_desc, .doc = "Headers to match or to change."),
};
DESC(istio_http_route_destination, "HTTPRouteDestination", "HTTP route destination.");
#undef T

#define T struct istio_http_redirect
static const struct msg_field istio_http_redirect_rows[] = {
	F(uri, "uri", STRING, DONE, .doc = "URI to match, or the new URI."),
	F(authority, "authority", STRING, DONE, .doc = "Authority (Host) to match, or the new one."),
	F(port, "port", UINT32, DONE, .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Port number."),
	F(derive_port, "derivePort", ENUM, DONE, .enums = &istio_http_redirect_redirect_port_selection_names,
	  .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Takes the port from the protocol or the request."),
	F(scheme, "scheme", STRING, DONE, .doc = "URI scheme."),
	F(redirect_code, "redirectCode", UINT32, DONE, .doc = "HTTP status of the redirect; 301 by default."),
};
DESC(istio_http_redirect, "HTTPRedirect", "HTTP redirect.");
#undef T

#define T struct istio_http_body
static const struct msg_field istio_http_body_rows[] = {
	F(string, "string", STRING, DONE, .oneof = 1, .doc = "The body as text."),
	F(bytes, "bytes", STRING, TOLD("is not carried out; use string"), .oneof = 1, .doc = "The body as base64."),
};
DESC(istio_http_body, "HTTPBody", "HTTP body.");
#undef T

#define T struct istio_http_direct_response
static const struct msg_field istio_http_direct_response_rows[] = {
	F(status, "status", UINT32, DONE, .doc = "What was observed last; written by controllers."),
	F(body, "body", MESSAGE, DONE, .desc = &istio_http_body_desc, .doc = "The body."),
};
DESC(istio_http_direct_response, "HTTPDirectResponse", "HTTP direct response.");
#undef T

#define T struct istio_delegate
static const struct msg_field istio_delegate_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, DONE, .doc = "Namespace of the object."),
};
DESC(istio_delegate, "Delegate", "Delegate.");
#undef T

#define T struct istio_regex_rewrite
static const struct msg_field istio_regex_rewrite_rows[] = {
	F(match, "match", STRING, DONE, .doc = "Conditions, any of which must hold."),
	F(rewrite, "rewrite", STRING, DONE, .doc = "Changes of the request before it is forwarded."),
};
DESC(istio_regex_rewrite, "RegexRewrite", "Regex rewrite.");
#undef T

#define T struct istio_http_rewrite
static const struct msg_field istio_http_rewrite_rows[] = {
	F(uri, "uri", STRING, DONE, .doc = "URI to match, or the new URI."),
	F(authority, "authority", STRING, DONE, .doc = "Authority (Host) to match, or the new one."),
	F(uri_regex_rewrite, "uriRegexRewrite", MESSAGE, DONE, .desc = &istio_regex_rewrite_desc,
	  .doc = "Changes the path by a regular expression."),
};
DESC(istio_http_rewrite, "HTTPRewrite", "HTTP rewrite.");
#undef T

#define T struct istio_http_retry
static const struct msg_field istio_http_retry_rows[] = {
	F(attempts, "attempts", INT32, DONE, .doc = "How many retries are made at most."),
	F(per_try_timeout, "perTryTimeout", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "Timeout of each attempt."),
	F(retry_on, "retryOn", STRING, DONE, .doc = "Conditions on which to retry, comma-separated."),
	F(retry_remote_localities, "retryRemoteLocalities", BOOL, MOOT("retries choose among all localities already"),
	  .flags = MSG_OPTIONAL | MSG_NULLABLE, .doc = "Retries may go to other localities."),
};
DESC(istio_http_retry, "HTTPRetry", "When and how often failed requests are tried again.");
#undef T

#define T struct istio_percent
static const struct msg_field istio_percent_rows[] = {
	F(value, "value", DOUBLE, DONE, .doc = "Value."),
};
DESC(istio_percent, "Percent", "Percent.");
#undef T

#define T struct istio_http_fault_injection_delay
static const struct msg_field istio_http_fault_injection_delay_rows[] = {
	F(percent, "percent", INT32, DONE, .doc = "Obsolete: share in percent."),
	F(fixed_delay, "fixedDelay", DURATION, DONE, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Delay before the request is forwarded."),
	F(exponential_delay, "exponentialDelay", DURATION, TOLD("is not carried out; use fixedDelay"),
	  .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Reserved."),
	F(percentage, "percentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Share of requests, in percent."),
};
DESC(istio_http_fault_injection_delay, "HTTPFaultInjectionDelay", "HTTP fault injection delay.");
#undef T

#define T struct istio_http_fault_injection_abort
static const struct msg_field istio_http_fault_injection_abort_rows[] = {
	F(http_status, "httpStatus", INT32, DONE, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "HTTP status of the answer."),
	F(grpc_status, "grpcStatus", STRING, TOLD("gRPC is not spoken; use httpStatus"), .oneof = 1,
	  .doc = "gRPC status of the answer."),
	F(http2_error, "http2Error", STRING, TOLD("is not carried out; use httpStatus"), .oneof = 1,
	  .doc = "Reserved."),
	F(percentage, "percentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Share of requests, in percent."),
};
DESC(istio_http_fault_injection_abort, "HTTPFaultInjectionAbort", "HTTP fault injection abort.");
#undef T

#define T struct istio_http_fault_injection
static const struct msg_field istio_http_fault_injection_rows[] = {
	F(delay, "delay", MESSAGE, DONE, .desc = &istio_http_fault_injection_delay_desc, .doc = "Delays requests."),
	F(abort, "abort", MESSAGE, DONE, .desc = &istio_http_fault_injection_abort_desc,
	  .doc = "Answers requests with an error."),
};
DESC(istio_http_fault_injection, "HTTPFaultInjection", "Errors and delays for testing.");
#undef T

#define T struct istio_http_mirror_policy
static const struct msg_field istio_http_mirror_policy_rows[] = {
	F(destination, "destination", MESSAGE, DONE, .desc = &istio_destination_desc, .doc = "Where traffic is sent."),
	F(percentage, "percentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Share of requests, in percent."),
};
DESC(istio_http_mirror_policy, "HTTPMirrorPolicy", "Policy: HTTP mirror.");
#undef T

#define T struct istio_cors_policy
static const struct msg_field istio_cors_policy_rows[] = {
	F(allow_origin, "allowOrigin", STRING, DONE, .flags = MSG_LIST, .doc = "Obsolete: origins that are allowed."),
	F(allow_origins, "allowOrigins", MESSAGE, DONE, .desc = &istio_string_match_desc, .flags = MSG_LIST,
	  .doc = "Origins that are allowed."),
	F(allow_methods, "allowMethods", STRING, DONE, .flags = MSG_LIST, .doc = "Methods that are allowed."),
	F(allow_headers, "allowHeaders", STRING, DONE, .flags = MSG_LIST, .doc = "Request headers that are allowed."),
	F(expose_headers, "exposeHeaders", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Response headers that scripts may read."),
	F(max_age, "maxAge", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "How long the answer may be cached."),
	F(allow_credentials, "allowCredentials", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Whether credentials may be sent."),
};
DESC(istio_cors_policy, "CorsPolicy", "Policy: CORS.");
#undef T

#define T struct istio_http_route
static const struct msg_field istio_http_route_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(match, "match", MESSAGE, DONE, .desc = &istio_http_match_request_desc, .flags = MSG_LIST,
	  .doc = "Conditions, any of which must hold; empty matches all."),
	F(route, "route", MESSAGE, DONE, .desc = &istio_http_route_destination_desc, .flags = MSG_LIST,
	  .doc = "Destinations to which traffic is forwarded, by weight."),
	F(redirect, "redirect", MESSAGE, DONE, .desc = &istio_http_redirect_desc, .doc = "Answers with a redirect."),
	F(direct_response, "directResponse", MESSAGE, DONE, .desc = &istio_http_direct_response_desc,
	  .doc = "Answers with a fixed response."),
	F(delegate, "delegate", MESSAGE, DONE, .desc = &istio_delegate_desc,
	  .doc = "Another VirtualService that decides."),
	F(rewrite, "rewrite", MESSAGE, DONE, .desc = &istio_http_rewrite_desc,
	  .doc = "Changes of the request before it is forwarded."),
	F(timeout, "timeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Time until the whole request must be answered."),
	F(retries, "retries", MESSAGE, DONE, .desc = &istio_http_retry_desc,
	  .doc = "When and how often failed requests are tried again."),
	F(fault, "fault", MESSAGE, DONE, .desc = &istio_http_fault_injection_desc, .doc = "Faults to inject."),
	F(mirror, "mirror", MESSAGE, DONE, .desc = &istio_destination_desc, .doc = "Where a copy of requests is sent."),
	F(mirrors, "mirrors", MESSAGE, DONE, .desc = &istio_http_mirror_policy_desc, .flags = MSG_LIST,
	  .doc = "Where copies of requests are sent."),
	F(mirror_percent, "mirrorPercent", UINT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Obsolete: share of requests that are mirrored."),
	F(mirror_percent_snake, "mirror_percent", UINT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Obsolete: share of requests that are mirrored."),
	F(mirror_percentage, "mirrorPercentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Share of requests that are mirrored."),
	F(cors_policy, "corsPolicy", MESSAGE, DONE, .desc = &istio_cors_policy_desc,
	  .doc = "Rules of cross-origin requests."),
	F(headers, "headers", MESSAGE, DONE, .desc = &istio_headers_desc, .doc = "Headers to match or to change."),
};
DESC(istio_http_route, "HTTPRoute", "One route of HTTP: conditions, and what is done.");
#undef T

#define T struct istio_tls_match_attributes
static const struct msg_field istio_tls_match_attributes_rows[] = {
	F(sni_hosts, "sniHosts", STRING, DONE, .flags = MSG_LIST, .doc = "Server names to match."),
	F(destination_subnets, "destinationSubnets", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks of the destination."),
	F(port, "port", UINT32, DONE, .doc = "Port number."),
	F(source_labels, "sourceLabels", STR_MAP, DONE, .doc = "Labels of the client's workload."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST, .doc = "Gateways."),
	F(source_namespace, "sourceNamespace", STRING, DONE, .doc = "Namespace of the client's workload."),
};
DESC(istio_tls_match_attributes, "TLSMatchAttributes", "TLS match attributes.");
#undef T

#define T struct istio_route_destination
static const struct msg_field istio_route_destination_rows[] = {
	F(destination, "destination", MESSAGE, DONE, .desc = &istio_destination_desc, .doc = "Where traffic is sent."),
	F(weight, "weight", INT32, DONE, .doc = "Share relative to its siblings."),
};
DESC(istio_route_destination, "RouteDestination", "Route destination.");
#undef T

#define T struct istio_tls_route
static const struct msg_field istio_tls_route_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_tls_match_attributes_desc, .flags = MSG_LIST,
	  .doc = "Conditions, any of which must hold."),
	F(route, "route", MESSAGE, DONE, .desc = &istio_route_destination_desc, .flags = MSG_LIST,
	  .doc = "Destinations to which traffic is forwarded, by weight."),
};
DESC(istio_tls_route, "TLSRoute", "TLS route.");
#undef T

#define T struct istio_l4_match_attributes
static const struct msg_field istio_l4_match_attributes_rows[] = {
	F(destination_subnets, "destinationSubnets", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks of the destination."),
	F(port, "port", UINT32, DONE, .doc = "Port number."),
	F(source_subnet, "sourceSubnet", STRING, DONE, .doc = "Network of the client."),
	F(source_labels, "sourceLabels", STR_MAP, DONE, .doc = "Labels of the client's workload."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST, .doc = "Gateways."),
	F(source_namespace, "sourceNamespace", STRING, DONE, .doc = "Namespace of the client's workload."),
};
DESC(istio_l4_match_attributes, "L4MatchAttributes", "TCP match attributes.");
#undef T

#define T struct istio_tcp_route
static const struct msg_field istio_tcp_route_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_l4_match_attributes_desc, .flags = MSG_LIST,
	  .doc = "Conditions, any of which must hold."),
	F(route, "route", MESSAGE, DONE, .desc = &istio_route_destination_desc, .flags = MSG_LIST,
	  .doc = "Destinations to which traffic is forwarded, by weight."),
};
DESC(istio_tcp_route, "TCPRoute", "TCP route.");
#undef T

#define T struct istio_virtual_service_spec
static const struct msg_field istio_virtual_service_spec_rows[] = {
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST, .doc = "Hosts whose traffic is routed."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Gateways to apply to; \"mesh\" is all sidecars and the default."),
	F(http, "http", MESSAGE, DONE, .desc = &istio_http_route_desc, .flags = MSG_LIST,
	  .doc = "Routes of HTTP; the first match wins."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_tls_route_desc, .flags = MSG_LIST,
	  .doc = "Routes of TLS that is not terminated."),
	F(tcp, "tcp", MESSAGE, DONE, .desc = &istio_tcp_route_desc, .flags = MSG_LIST,
	  .doc = "Routes of anything else."),
	F(export_to, "exportTo", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces that see it: \".\" its own, \"*\" all."),
};
DESC(istio_virtual_service_spec, "VirtualService", "Virtual service.");
#undef T

#define T struct istio_virtual_service
static const struct msg_field istio_virtual_service_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_virtual_service_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_virtual_service, "VirtualService", "How requests to some hosts are routed.");
#undef T
