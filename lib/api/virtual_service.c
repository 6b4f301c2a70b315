/* Rows of virtualService: networking.istio.io. See the header for the structs. */
#include "api/virtual_service.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_http_redirect_redirect_port_selection_values[] = {
	{"FROM_PROTOCOL_DEFAULT", ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_PROTOCOL_DEFAULT},
	{"FROM_REQUEST_PORT", ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_REQUEST_PORT},
};
ENUM(istio_http_redirect_redirect_port_selection);

#define T struct istio_string_match
static const struct msg_field istio_string_match_rows[] = {
	F(exact, "exact", STRING, .oneof = 1, .doc = "Exact."),
	F(prefix, "prefix", STRING, .oneof = 1, .doc = "Prefix."),
	F(regex, "regex", STRING, .oneof = 1, .doc = "Regex."),
};
DESC(istio_string_match, "StringMatch", "String match.");
#undef T

#define T struct istio_http_match_request
static const struct msg_field istio_http_match_request_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(uri, "uri", MESSAGE, .desc = &istio_string_match_desc, .doc = "Uri."),
	F(scheme, "scheme", MESSAGE, .desc = &istio_string_match_desc, .doc = "Scheme."),
	F(method, "method", MESSAGE, .desc = &istio_string_match_desc, .doc = "Method."),
	F(authority, "authority", MESSAGE, .desc = &istio_string_match_desc, .doc = "Authority."),
	F(headers, "headers", MAP, .desc = &istio_string_match_desc, .doc = "Headers."),
	F(port, "port", UINT32, .doc = "Port."),
	F(source_labels, "sourceLabels", STR_MAP, .doc = "Source labels."),
	F(gateways, "gateways", STRING, .flags = MSG_LIST, .doc = "Gateways."),
	F(query_params, "queryParams", MAP, .desc = &istio_string_match_desc, .doc = "Query params."),
	F(ignore_uri_case, "ignoreUriCase", BOOL, .doc = "Whether ignore uri case applies."),
	F(without_headers, "withoutHeaders", MAP, .desc = &istio_string_match_desc, .doc = "Without headers."),
	F(source_namespace, "sourceNamespace", STRING, .doc = "Source namespace."),
	F(stat_prefix, "statPrefix", STRING, .doc = "Stat prefix."),
};
DESC(istio_http_match_request, "HTTPMatchRequest", "Http match request.");
#undef T

#define T struct istio_headers_header_operations
static const struct msg_field istio_headers_header_operations_rows[] = {
	F(set, "set", STR_MAP, .doc = "Set."),
	F(add, "add", STR_MAP, .doc = "Add."),
	F(remove, "remove", STRING, .flags = MSG_LIST, .doc = "Remove."),
};
DESC(istio_headers_header_operations, "HeadersHeaderOperations", "Headers header operations.");
#undef T

#define T struct istio_headers
static const struct msg_field istio_headers_rows[] = {
	F(request, "request", MESSAGE, .desc = &istio_headers_header_operations_desc, .doc = "Request."),
	F(response, "response", MESSAGE, .desc = &istio_headers_header_operations_desc, .doc = "Response."),
};
DESC(istio_headers, "Headers", "Headers.");
#undef T

#define T struct istio_http_route_destination
static const struct msg_field istio_http_route_destination_rows[] = {
	F(destination, "destination", MESSAGE, .desc = &istio_destination_desc, .doc = "Destination."),
	F(weight, "weight", INT32, .doc = "Weight."),
	F(headers, "headers", MESSAGE, .desc = &istio_headers_desc, .doc = "Headers."),
};
DESC(istio_http_route_destination, "HTTPRouteDestination", "Http route destination.");
#undef T

#define T struct istio_http_redirect
static const struct msg_field istio_http_redirect_rows[] = {
	F(uri, "uri", STRING, .doc = "Uri."),
	F(authority, "authority", STRING, .doc = "Authority."),
	F(port, "port", UINT32, .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Port."),
	F(derive_port, "derivePort", ENUM, .enums = &istio_http_redirect_redirect_port_selection_names,
	  .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Derive port."),
	F(scheme, "scheme", STRING, .doc = "Scheme."),
	F(redirect_code, "redirectCode", UINT32, .doc = "Redirect code."),
};
DESC(istio_http_redirect, "HTTPRedirect", "Http redirect.");
#undef T

#define T struct istio_http_body
static const struct msg_field istio_http_body_rows[] = {
	F(string, "string", STRING, .oneof = 1, .doc = "String."),
	F(bytes, "bytes", STRING, .oneof = 1, .doc = "Bytes."),
};
DESC(istio_http_body, "HTTPBody", "Http body.");
#undef T

#define T struct istio_http_direct_response
static const struct msg_field istio_http_direct_response_rows[] = {
	F(status, "status", UINT32, .doc = "Status."),
	F(body, "body", MESSAGE, .desc = &istio_http_body_desc, .doc = "Body."),
};
DESC(istio_http_direct_response, "HTTPDirectResponse", "Http direct response.");
#undef T

#define T struct istio_delegate
static const struct msg_field istio_delegate_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(istio_delegate, "Delegate", "Delegate.");
#undef T

#define T struct istio_regex_rewrite
static const struct msg_field istio_regex_rewrite_rows[] = {
	F(match, "match", STRING, .doc = "Match."),
	F(rewrite, "rewrite", STRING, .doc = "Rewrite."),
};
DESC(istio_regex_rewrite, "RegexRewrite", "Regex rewrite.");
#undef T

#define T struct istio_http_rewrite
static const struct msg_field istio_http_rewrite_rows[] = {
	F(uri, "uri", STRING, .doc = "Uri."),
	F(authority, "authority", STRING, .doc = "Authority."),
	F(uri_regex_rewrite, "uriRegexRewrite", MESSAGE, .desc = &istio_regex_rewrite_desc,
	  .doc = "Uri regex rewrite."),
};
DESC(istio_http_rewrite, "HTTPRewrite", "Http rewrite.");
#undef T

#define T struct istio_http_retry
static const struct msg_field istio_http_retry_rows[] = {
	F(attempts, "attempts", INT32, .doc = "Attempts."),
	F(per_try_timeout, "perTryTimeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Per try timeout."),
	F(retry_on, "retryOn", STRING, .doc = "Retry on."),
	F(retry_remote_localities, "retryRemoteLocalities", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether retry remote localities applies."),
};
DESC(istio_http_retry, "HTTPRetry", "Http retry.");
#undef T

#define T struct istio_percent
static const struct msg_field istio_percent_rows[] = {
	F(value, "value", DOUBLE, .doc = "Value."),
};
DESC(istio_percent, "Percent", "Percent.");
#undef T

#define T struct istio_http_fault_injection_delay
static const struct msg_field istio_http_fault_injection_delay_rows[] = {
	F(percent, "percent", INT32, .doc = "Percent."),
	F(fixed_delay, "fixedDelay", DURATION, .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Fixed delay."),
	F(exponential_delay, "exponentialDelay", DURATION, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Exponential delay."),
	F(percentage, "percentage", MESSAGE, .desc = &istio_percent_desc, .doc = "Percentage."),
};
DESC(istio_http_fault_injection_delay, "HTTPFaultInjectionDelay", "Http fault injection delay.");
#undef T

#define T struct istio_http_fault_injection_abort
static const struct msg_field istio_http_fault_injection_abort_rows[] = {
	F(http_status, "httpStatus", INT32, .flags = MSG_OPTIONAL, .oneof = 1, .doc = "Http status."),
	F(grpc_status, "grpcStatus", STRING, .oneof = 1, .doc = "Grpc status."),
	F(http2_error, "http2Error", STRING, .oneof = 1, .doc = "Http2 error."),
	F(percentage, "percentage", MESSAGE, .desc = &istio_percent_desc, .doc = "Percentage."),
};
DESC(istio_http_fault_injection_abort, "HTTPFaultInjectionAbort", "Http fault injection abort.");
#undef T

#define T struct istio_http_fault_injection
static const struct msg_field istio_http_fault_injection_rows[] = {
	F(delay, "delay", MESSAGE, .desc = &istio_http_fault_injection_delay_desc, .doc = "Delay."),
	F(abort, "abort", MESSAGE, .desc = &istio_http_fault_injection_abort_desc, .doc = "Abort."),
};
DESC(istio_http_fault_injection, "HTTPFaultInjection", "Http fault injection.");
#undef T

#define T struct istio_http_mirror_policy
static const struct msg_field istio_http_mirror_policy_rows[] = {
	F(destination, "destination", MESSAGE, .desc = &istio_destination_desc, .doc = "Destination."),
	F(percentage, "percentage", MESSAGE, .desc = &istio_percent_desc, .doc = "Percentage."),
};
DESC(istio_http_mirror_policy, "HTTPMirrorPolicy", "Http mirror policy.");
#undef T

#define T struct istio_cors_policy
static const struct msg_field istio_cors_policy_rows[] = {
	F(allow_origin, "allowOrigin", STRING, .flags = MSG_LIST, .doc = "Allow origin."),
	F(allow_origins, "allowOrigins", MESSAGE, .desc = &istio_string_match_desc, .flags = MSG_LIST,
	  .doc = "Allow origins."),
	F(allow_methods, "allowMethods", STRING, .flags = MSG_LIST, .doc = "Allow methods."),
	F(allow_headers, "allowHeaders", STRING, .flags = MSG_LIST, .doc = "Allow headers."),
	F(expose_headers, "exposeHeaders", STRING, .flags = MSG_LIST, .doc = "Expose headers."),
	F(max_age, "maxAge", DURATION, .flags = MSG_OPTIONAL, .doc = "Max age."),
	F(allow_credentials, "allowCredentials", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether allow credentials applies."),
};
DESC(istio_cors_policy, "CorsPolicy", "Cors policy.");
#undef T

#define T struct istio_http_route
static const struct msg_field istio_http_route_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(match, "match", MESSAGE, .desc = &istio_http_match_request_desc, .flags = MSG_LIST, .doc = "Match."),
	F(route, "route", MESSAGE, .desc = &istio_http_route_destination_desc, .flags = MSG_LIST, .doc = "Route."),
	F(redirect, "redirect", MESSAGE, .desc = &istio_http_redirect_desc, .doc = "Redirect."),
	F(direct_response, "directResponse", MESSAGE, .desc = &istio_http_direct_response_desc,
	  .doc = "Direct response."),
	F(delegate, "delegate", MESSAGE, .desc = &istio_delegate_desc, .doc = "Delegate."),
	F(rewrite, "rewrite", MESSAGE, .desc = &istio_http_rewrite_desc, .doc = "Rewrite."),
	F(timeout, "timeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Timeout."),
	F(retries, "retries", MESSAGE, .desc = &istio_http_retry_desc, .doc = "Retries."),
	F(fault, "fault", MESSAGE, .desc = &istio_http_fault_injection_desc, .doc = "Fault."),
	F(mirror, "mirror", MESSAGE, .desc = &istio_destination_desc, .doc = "Mirror."),
	F(mirrors, "mirrors", MESSAGE, .desc = &istio_http_mirror_policy_desc, .flags = MSG_LIST, .doc = "Mirrors."),
	F(mirror_percent, "mirrorPercent", UINT32, .flags = MSG_OPTIONAL, .doc = "Mirror percent."),
	F(mirror_percentage, "mirrorPercentage", MESSAGE, .desc = &istio_percent_desc, .doc = "Mirror percentage."),
	F(cors_policy, "corsPolicy", MESSAGE, .desc = &istio_cors_policy_desc, .doc = "Cors policy."),
	F(headers, "headers", MESSAGE, .desc = &istio_headers_desc, .doc = "Headers."),
};
DESC(istio_http_route, "HTTPRoute", "Http route.");
#undef T

#define T struct istio_tls_match_attributes
static const struct msg_field istio_tls_match_attributes_rows[] = {
	F(sni_hosts, "sniHosts", STRING, .flags = MSG_LIST, .doc = "Sni hosts."),
	F(destination_subnets, "destinationSubnets", STRING, .flags = MSG_LIST, .doc = "Destination subnets."),
	F(port, "port", UINT32, .doc = "Port."),
	F(source_labels, "sourceLabels", STR_MAP, .doc = "Source labels."),
	F(gateways, "gateways", STRING, .flags = MSG_LIST, .doc = "Gateways."),
	F(source_namespace, "sourceNamespace", STRING, .doc = "Source namespace."),
};
DESC(istio_tls_match_attributes, "TLSMatchAttributes", "Tls match attributes.");
#undef T

#define T struct istio_route_destination
static const struct msg_field istio_route_destination_rows[] = {
	F(destination, "destination", MESSAGE, .desc = &istio_destination_desc, .doc = "Destination."),
	F(weight, "weight", INT32, .doc = "Weight."),
};
DESC(istio_route_destination, "RouteDestination", "Route destination.");
#undef T

#define T struct istio_tls_route
static const struct msg_field istio_tls_route_rows[] = {
	F(match, "match", MESSAGE, .desc = &istio_tls_match_attributes_desc, .flags = MSG_LIST, .doc = "Match."),
	F(route, "route", MESSAGE, .desc = &istio_route_destination_desc, .flags = MSG_LIST, .doc = "Route."),
};
DESC(istio_tls_route, "TLSRoute", "Tls route.");
#undef T

#define T struct istio_l4_match_attributes
static const struct msg_field istio_l4_match_attributes_rows[] = {
	F(destination_subnets, "destinationSubnets", STRING, .flags = MSG_LIST, .doc = "Destination subnets."),
	F(port, "port", UINT32, .doc = "Port."),
	F(source_subnet, "sourceSubnet", STRING, .doc = "Source subnet."),
	F(source_labels, "sourceLabels", STR_MAP, .doc = "Source labels."),
	F(gateways, "gateways", STRING, .flags = MSG_LIST, .doc = "Gateways."),
	F(source_namespace, "sourceNamespace", STRING, .doc = "Source namespace."),
};
DESC(istio_l4_match_attributes, "L4MatchAttributes", "L4 match attributes.");
#undef T

#define T struct istio_tcp_route
static const struct msg_field istio_tcp_route_rows[] = {
	F(match, "match", MESSAGE, .desc = &istio_l4_match_attributes_desc, .flags = MSG_LIST, .doc = "Match."),
	F(route, "route", MESSAGE, .desc = &istio_route_destination_desc, .flags = MSG_LIST, .doc = "Route."),
};
DESC(istio_tcp_route, "TCPRoute", "Tcp route.");
#undef T

#define T struct istio_virtual_service_spec
static const struct msg_field istio_virtual_service_spec_rows[] = {
	F(hosts, "hosts", STRING, .flags = MSG_LIST, .doc = "Hosts."),
	F(gateways, "gateways", STRING, .flags = MSG_LIST, .doc = "Gateways."),
	F(http, "http", MESSAGE, .desc = &istio_http_route_desc, .flags = MSG_LIST, .doc = "Http."),
	F(tls, "tls", MESSAGE, .desc = &istio_tls_route_desc, .flags = MSG_LIST, .doc = "Tls."),
	F(tcp, "tcp", MESSAGE, .desc = &istio_tcp_route_desc, .flags = MSG_LIST, .doc = "Tcp."),
	F(export_to, "exportTo", STRING, .flags = MSG_LIST, .doc = "Export to."),
};
DESC(istio_virtual_service_spec, "VirtualService", "Virtual service.");
#undef T

#define T struct istio_virtual_service
static const struct msg_field istio_virtual_service_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_virtual_service_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_virtual_service, "VirtualService", "How requests to some hosts are routed.");
#undef T
