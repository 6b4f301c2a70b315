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
	F(exact, "exact", STRING, DONE, .oneof = 1, .doc = "The whole value, in the same letters."),
	F(prefix, "prefix", STRING, DONE, .oneof = 1,
	  .doc = "What the value begins with, as plain text: /foo matches /foobar too."),
	F(regex, "regex", STRING, DONE, .oneof = 1, .doc = "RE2 expression that must match the whole value."),
};
DESC(istio_string_match, "StringMatch", "How a string is matched: exactly, by prefix, or by regular expression.");
#undef T

#define T struct istio_http_match_request
static const struct msg_field istio_http_match_request_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Appended to the route's name in access logs."),
	F(uri, "uri", MESSAGE, DONE, .desc = &istio_string_match_desc,
	  .doc = "Path to match, without the query string."),
	F(scheme, "scheme", MESSAGE, DONE, .desc = &istio_string_match_desc, .doc = "Scheme to match: http or https."),
	F(method, "method", MESSAGE, DONE, .desc = &istio_string_match_desc,
	  .doc = "HTTP method to match, such as GET."),
	F(authority, "authority", MESSAGE, DONE, .desc = &istio_string_match_desc,
	  .doc = "Host header to match, with its port when it has one."),
	F(headers, "headers", MAP, DONE, .desc = &istio_string_match_desc,
	  .doc = "Request headers to match by name; {} asks only that the header is there."),
	F(port, "port", UINT32, DONE,
	  .doc = "Port that the request was sent to: the service's in a sidecar, the server's on a gateway."),
	F(source_labels, "sourceLabels", STR_MAP, DONE,
	  .doc = "Labels that the client's pod must have; ignored when gateways are given."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Gateways that the match is for instead of those of the VirtualService."),
	F(query_params, "queryParams", MAP, DONE, .desc = &istio_string_match_desc,
	  .doc = "Query parameters to match by name; {} asks only that the parameter is there."),
	F(ignore_uri_case, "ignoreUriCase", BOOL, DONE,
	  .doc = "Compares exact and prefix matches of uri without regard to upper and lower case."),
	F(without_headers, "withoutHeaders", MAP, DONE, .desc = &istio_string_match_desc,
	  .doc = "Headers that must not match."),
	F(source_namespace, "sourceNamespace", STRING, DONE,
	  .doc = "Namespace that the client's pod must be in; ignored when gateways are given."),
	F(stat_prefix, "statPrefix", STRING, TOLD("no statistics are kept by route"),
	  .doc = "Prefix of the metrics of requests that match."),
};
DESC(istio_http_match_request, "HTTPMatchRequest", "Conditions on a request, all of which must hold.");
#undef T

#define T struct istio_headers_header_operations
static const struct msg_field istio_headers_header_operations_rows[] = {
	F(set, "set", STR_MAP, DONE, .doc = "Headers by name that replace what was there."),
	F(add, "add", STR_MAP, DONE, .doc = "Headers by name whose value is appended to what was there."),
	F(remove, "remove", STRING, DONE, .flags = MSG_LIST, .doc = "Names of headers to take out."),
};
DESC(istio_headers_header_operations, "HeadersHeaderOperations", "Changes of headers: set, add and remove.");
#undef T

#define T struct istio_headers
static const struct msg_field istio_headers_rows[] = {
	F(request, "request", MESSAGE, DONE, .desc = &istio_headers_header_operations_desc,
	  .doc = "Changes before a request is forwarded."),
	F(response, "response", MESSAGE, DONE, .desc = &istio_headers_header_operations_desc,
	  .doc = "Changes before a response goes back to the client."),
};
DESC(istio_headers, "Headers", "Changes of the headers of requests and responses.");
#undef T

#define T struct istio_http_route_destination
static const struct msg_field istio_http_route_destination_rows[] = {
	F(destination, "destination", MESSAGE, DONE, .desc = &istio_destination_desc,
	  .doc = "Service that requests are sent to."),
	F(weight, "weight", INT32, DONE,
	  .doc = "Share of requests relative to the sum of all weights; not needed for a single destination."),
	F(headers, "headers", MESSAGE, DONE, .desc = &istio_headers_desc,
	  .doc = "Changes of headers for this destination only."),
};
DESC(istio_http_route_destination, "HTTPRouteDestination", "A destination and its share of the requests.");
#undef T

#define T struct istio_http_redirect
static const struct msg_field istio_http_redirect_rows[] = {
	F(uri, "uri", STRING, DONE, .doc = "Path of the new URL; absent keeps the request's."),
	F(authority, "authority", STRING, DONE, .doc = "Host of the new URL; absent keeps the request's."),
	F(port, "port", UINT32, DONE, .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Port of the new URL."),
	F(derive_port, "derivePort", ENUM, DONE, .enums = &istio_http_redirect_redirect_port_selection_names,
	  .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Takes the new URL's port from the scheme's default or from the request."),
	F(scheme, "scheme", STRING, DONE, .doc = "Scheme of the new URL, http or https; absent keeps the request's."),
	F(redirect_code, "redirectCode", UINT32, DONE, .doc = "HTTP status of the redirect, 3xx; 301 by default."),
};
DESC(istio_http_redirect, "HTTPRedirect", "The redirect that answers a request.");
#undef T

#define T struct istio_http_body
static const struct msg_field istio_http_body_rows[] = {
	F(string, "string", STRING, DONE, .oneof = 1, .doc = "Body as text, at most 1 MB."),
	F(bytes, "bytes", STRING, TOLD("is not carried out; use string"), .oneof = 1, .doc = "Body as base64."),
};
DESC(istio_http_body, "HTTPBody", "Content of a fixed response.");
#undef T

#define T struct istio_http_direct_response
static const struct msg_field istio_http_direct_response_rows[] = {
	F(status, "status", UINT32, DONE, .doc = "HTTP status of the response, 200 to 599."),
	F(body, "body", MESSAGE, DONE, .desc = &istio_http_body_desc,
	  .doc = "Body of the response; empty when absent."),
};
DESC(istio_http_direct_response, "HTTPDirectResponse", "A response that the proxy gives itself.");
#undef T

#define T struct istio_delegate
static const struct msg_field istio_delegate_rows[] = {
	F(name, "name", STRING, DONE,
	  .doc = "Name of the delegate VirtualService, which has no hosts or gateways of its own."),
	F(namespace, "namespace", STRING, DONE,
	  .doc = "Namespace of the delegate; that of this VirtualService when absent."),
};
DESC(istio_delegate, "Delegate", "The VirtualService that takes over.");
#undef T

#define T struct istio_regex_rewrite
static const struct msg_field istio_regex_rewrite_rows[] = {
	F(match, "match", STRING, DONE, .doc = "RE2 expression whose matches in the path are replaced."),
	F(rewrite, "rewrite", STRING, DONE, .doc = "Text put in for each match; \\1 stands for the first group."),
};
DESC(istio_regex_rewrite, "RegexRewrite", "A change of the path by a regular expression.");
#undef T

#define T struct istio_http_rewrite
static const struct msg_field istio_http_rewrite_rows[] = {
	F(uri, "uri", STRING, DONE, .doc = "New path, or what replaces the prefix when the match is by prefix."),
	F(authority, "authority", STRING, DONE, .doc = "New Host header; the client's is kept when absent."),
	F(uri_regex_rewrite, "uriRegexRewrite", MESSAGE, DONE, .desc = &istio_regex_rewrite_desc,
	  .doc = "Replaces parts of the path by a regular expression; excludes uri."),
};
DESC(istio_http_rewrite, "HTTPRewrite", "What is changed in a request before it is forwarded.");
#undef T

#define T struct istio_http_retry
static const struct msg_field istio_http_retry_rows[] = {
	F(attempts, "attempts", INT32, DONE, .doc = "Retries after the first try; 0 turns them off."),
	F(per_try_timeout, "perTryTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Time limit of each try, such as 2s; that of the route when absent."),
	F(retry_on, "retryOn", STRING, DONE,
	  .doc = "Comma-separated conditions or HTTP statuses, such as 5xx,connect-failure."),
	F(retry_remote_localities, "retryRemoteLocalities", BOOL, MOOT("retries choose among all localities already"),
	  .flags = MSG_OPTIONAL | MSG_NULLABLE, .doc = "Retries may go to other localities."),
};
DESC(istio_http_retry, "HTTPRetry", "When and how often failed requests are tried again.");
#undef T

#define T struct istio_percent
static const struct msg_field istio_percent_rows[] = {
	F(value, "value", DOUBLE, DONE, .doc = "Percent from 0 to 100, with decimals."),
};
DESC(istio_percent, "Percent", "A share in percent.");
#undef T

#define T struct istio_http_fault_injection_delay
static const struct msg_field istio_http_fault_injection_delay_rows[] = {
	F(percent, "percent", INT32, DONE, .doc = "Obsolete, use percentage: whole percent of requests to delay."),
	F(fixed_delay, "fixedDelay", DURATION, DONE, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "How long requests wait before they are forwarded, at least 1ms."),
	F(exponential_delay, "exponentialDelay", DURATION, TOLD("is not carried out; use fixedDelay"),
	  .flags = MSG_OPTIONAL, .oneof = 1),
	F(percentage, "percentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Requests to delay, in percent; none when absent."),
};
DESC(istio_http_fault_injection_delay, "HTTPFaultInjectionDelay", "A delay of some requests.");
#undef T

#define T struct istio_http_fault_injection_abort
static const struct msg_field istio_http_fault_injection_abort_rows[] = {
	F(http_status, "httpStatus", INT32, DONE, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "HTTP status of the error, 200 to 599."),
	F(grpc_status, "grpcStatus", STRING, DONE, .oneof = 1,
	  .doc = "Status of gRPC as its documentation writes it, such as UNAVAILABLE; others see the HTTP status for "
		 "it."),
	F(http2_error, "http2Error", STRING, TOLD("is not carried out; use httpStatus"), .oneof = 1),
	F(percentage, "percentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Requests to abort, in percent; none when absent."),
};
DESC(istio_http_fault_injection_abort, "HTTPFaultInjectionAbort", "An error that answers some requests.");
#undef T

#define T struct istio_http_fault_injection
static const struct msg_field istio_http_fault_injection_rows[] = {
	F(delay, "delay", MESSAGE, DONE, .desc = &istio_http_fault_injection_delay_desc,
	  .doc = "Delays some requests before they are forwarded."),
	F(abort, "abort", MESSAGE, DONE, .desc = &istio_http_fault_injection_abort_desc,
	  .doc = "Answers some requests with an error instead of forwarding them."),
};
DESC(istio_http_fault_injection, "HTTPFaultInjection", "Errors and delays for testing.");
#undef T

#define T struct istio_http_mirror_policy
static const struct msg_field istio_http_mirror_policy_rows[] = {
	F(destination, "destination", MESSAGE, DONE, .desc = &istio_destination_desc,
	  .doc = "Service that the copies are sent to; its answers are dropped."),
	F(percentage, "percentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Requests to copy, in percent; all when absent."),
};
DESC(istio_http_mirror_policy, "HTTPMirrorPolicy", "A destination that gets a copy of requests.");
#undef T

#define T struct istio_cors_policy
static const struct msg_field istio_cors_policy_rows[] = {
	F(allow_origin, "allowOrigin", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Obsolete, use allowOrigins: origins that may send requests."),
	F(allow_origins, "allowOrigins", MESSAGE, DONE, .desc = &istio_string_match_desc, .flags = MSG_LIST,
	  .doc = "Origins that may send requests, any of these matches."),
	F(allow_methods, "allowMethods", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Methods for Access-Control-Allow-Methods."),
	F(allow_headers, "allowHeaders", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Request headers for Access-Control-Allow-Headers."),
	F(expose_headers, "exposeHeaders", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Response headers that scripts may read, for Access-Control-Expose-Headers."),
	F(max_age, "maxAge", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long browsers may keep the answer to a preflight, in whole seconds."),
	F(allow_credentials, "allowCredentials", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Whether browsers may send cookies and other credentials."),
};
DESC(istio_cors_policy, "CorsPolicy", "What pages of other origins may do.");
#undef T

#define T struct istio_http_route
static const struct msg_field istio_http_route_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name of the route in access logs."),
	F(match, "match", MESSAGE, DONE, .desc = &istio_http_match_request_desc, .flags = MSG_LIST,
	  .doc = "Conditions, any of which must hold; without any, all requests match."),
	F(route, "route", MESSAGE, DONE, .desc = &istio_http_route_destination_desc, .flags = MSG_LIST,
	  .doc = "Destinations that share the requests by weight."),
	F(redirect, "redirect", MESSAGE, DONE, .desc = &istio_http_redirect_desc,
	  .doc = "Answers with a redirect instead of forwarding."),
	F(direct_response, "directResponse", MESSAGE, DONE, .desc = &istio_http_direct_response_desc,
	  .doc = "Answers with a fixed response instead of forwarding."),
	F(delegate, "delegate", MESSAGE, DONE, .desc = &istio_delegate_desc,
	  .doc = "VirtualService whose routes take over, instead of route or redirect."),
	F(rewrite, "rewrite", MESSAGE, DONE, .desc = &istio_http_rewrite_desc,
	  .doc = "Changes path or host before the request is forwarded."),
	F(timeout, "timeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Time limit of the whole request with its retries, such as 5s; none by default."),
	F(retries, "retries", MESSAGE, DONE, .desc = &istio_http_retry_desc,
	  .doc = "When failed requests are tried again; the mesh's default when absent."),
	F(fault, "fault", MESSAGE, DONE, .desc = &istio_http_fault_injection_desc,
	  .doc = "Delays or errors put in for testing."),
	F(mirror, "mirror", MESSAGE, DONE, .desc = &istio_destination_desc,
	  .doc = "Service that gets a copy of each request; its answers are dropped."),
	F(mirrors, "mirrors", MESSAGE, DONE, .desc = &istio_http_mirror_policy_desc, .flags = MSG_LIST,
	  .doc = "Services that get copies of requests; excludes mirror."),
	F(mirror_percent, "mirrorPercent", UINT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Obsolete, use mirrorPercentage: whole percent of requests that mirror gets."),
	F(mirror_percent_snake, "mirror_percent", UINT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Obsolete, use mirrorPercentage."),
	F(mirror_percentage, "mirrorPercentage", MESSAGE, DONE, .desc = &istio_percent_desc,
	  .doc = "Requests that mirror gets, in percent; all when absent."),
	F(cors_policy, "corsPolicy", MESSAGE, DONE, .desc = &istio_cors_policy_desc,
	  .doc = "What pages of other origins may do; nothing is added when absent."),
	F(headers, "headers", MESSAGE, DONE, .desc = &istio_headers_desc,
	  .doc = "Changes of the headers of requests and responses."),
};
DESC(istio_http_route, "HTTPRoute", "One route of HTTP: conditions, and what is done.");
#undef T

#define T struct istio_tls_match_attributes
static const struct msg_field istio_tls_match_attributes_rows[] = {
	F(sni_hosts, "sniHosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Server names (SNI) that the client asks for, any of these; *.example.com matches below."),
	F(destination_subnets, "destinationSubnets", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses or networks (CIDR) that the connection is for."),
	F(port, "port", UINT32, DONE, .doc = "Port that the connection is for."),
	F(source_labels, "sourceLabels", STR_MAP, DONE,
	  .doc = "Labels that the client's pod must have; ignored when gateways are given."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Gateways that the match is for instead of those of the VirtualService."),
	F(source_namespace, "sourceNamespace", STRING, DONE,
	  .doc = "Namespace that the client's pod must be in; ignored when gateways are given."),
};
DESC(istio_tls_match_attributes, "TLSMatchAttributes", "Conditions on a TLS connection, all of which must hold.");
#undef T

#define T struct istio_route_destination
static const struct msg_field istio_route_destination_rows[] = {
	F(destination, "destination", MESSAGE, DONE, .desc = &istio_destination_desc,
	  .doc = "Service that connections are led to."),
	F(weight, "weight", INT32, DONE,
	  .doc = "Share of connections relative to the sum of all weights; not needed for a single destination."),
};
DESC(istio_route_destination, "RouteDestination", "A destination and its share of the connections.");
#undef T

#define T struct istio_tls_route
static const struct msg_field istio_tls_route_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_tls_match_attributes_desc, .flags = MSG_LIST,
	  .doc = "Conditions, any of which must hold; at least one is needed."),
	F(route, "route", MESSAGE, DONE, .desc = &istio_route_destination_desc, .flags = MSG_LIST,
	  .doc = "Destinations that share the connections by weight."),
};
DESC(istio_tls_route, "TLSRoute", "One route of TLS that is passed through.");
#undef T

#define T struct istio_l4_match_attributes
static const struct msg_field istio_l4_match_attributes_rows[] = {
	F(destination_subnets, "destinationSubnets", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses or networks (CIDR) that the connection is for."),
	F(port, "port", UINT32, DONE, .doc = "Port that the connection is for."),
	F(source_subnet, "sourceSubnet", STRING, DONE, .doc = "Network (CIDR) that the client is in."),
	F(source_labels, "sourceLabels", STR_MAP, DONE,
	  .doc = "Labels that the client's pod must have; ignored when gateways are given."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Gateways that the match is for instead of those of the VirtualService."),
	F(source_namespace, "sourceNamespace", STRING, DONE,
	  .doc = "Namespace that the client's pod must be in; ignored when gateways are given."),
};
DESC(istio_l4_match_attributes, "L4MatchAttributes", "Conditions on a connection, all of which must hold.");
#undef T

#define T struct istio_tcp_route
static const struct msg_field istio_tcp_route_rows[] = {
	F(match, "match", MESSAGE, DONE, .desc = &istio_l4_match_attributes_desc, .flags = MSG_LIST,
	  .doc = "Conditions, any of which must hold; without any, all connections match."),
	F(route, "route", MESSAGE, DONE, .desc = &istio_route_destination_desc, .flags = MSG_LIST,
	  .doc = "Destinations that share the connections by weight."),
};
DESC(istio_tcp_route, "TCPRoute", "What happens to connections that match.");
#undef T

#define T struct istio_virtual_service_spec
static const struct msg_field istio_virtual_service_spec_rows[] = {
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Hosts whose traffic is routed: short or full names, or *.example.com; none for a delegate."),
	F(gateways, "gateways", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Gateways that use the routes, name or namespace/name; \"mesh\", the default, means all sidecars."),
	F(http, "http", MESSAGE, DONE, .desc = &istio_http_route_desc, .flags = MSG_LIST,
	  .doc = "Routes of HTTP in order; the first match wins."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_tls_route_desc, .flags = MSG_LIST,
	  .doc = "Routes of TLS that is passed through, in order; the first match wins."),
	F(tcp, "tcp", MESSAGE, DONE, .desc = &istio_tcp_route_desc, .flags = MSG_LIST,
	  .doc = "Routes of other connections in order; the first match wins."),
	F(export_to, "exportTo", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces whose proxies use it: \".\" its own, \"*\" all; all by default."),
};
DESC(istio_virtual_service_spec, "VirtualService", "Hosts and the routes of their traffic.");
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
