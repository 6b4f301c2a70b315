/* Rows of authentication and authorization: security.istio.io. See the header for the structs. */
#include "api/istio/security.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_peer_authentication_mutual_tls_mode_values[] = {
	{"UNSET", ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_UNSET},
	{"DISABLE", ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_DISABLE},
	{"PERMISSIVE", ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_PERMISSIVE},
	{"STRICT", ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_STRICT},
};
ENUM(istio_peer_authentication_mutual_tls_mode);

static const struct msg_enum_value istio_authorization_policy_action_values[] = {
	{"ALLOW", ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW},
	{"DENY", ISTIO_AUTHORIZATION_POLICY_ACTION_DENY},
	{"AUDIT", ISTIO_AUTHORIZATION_POLICY_ACTION_AUDIT},
	{"CUSTOM", ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM},
};
ENUM(istio_authorization_policy_action);

#define T struct istio_peer_authentication_mutual_tls
static const struct msg_field istio_peer_authentication_mutual_tls_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_peer_authentication_mutual_tls_mode_names,
	  .doc = "STRICT takes only mutual TLS, PERMISSIVE plain text too, DISABLE no mutual TLS; UNSET inherits."),
};
DESC(istio_peer_authentication_mutual_tls, "PeerAuthenticationMutualTLS", "What is accepted from clients.");
#undef T

#define T struct istio_peer_authentication_spec
static const struct msg_field istio_peer_authentication_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc,
	  .doc = "Labels of the workloads it is for; without it, all of its namespace, or of the mesh in the root "
		 "namespace."),
	F(mtls, "mtls", MESSAGE, DONE, .desc = &istio_peer_authentication_mutual_tls_desc,
	  .doc = "What is accepted on all ports; inherited from namespace and mesh when absent, PERMISSIVE at last."),
	F(port_level_mtls, "portLevelMtls", MAP, DONE, .desc = &istio_peer_authentication_mutual_tls_desc,
	  .doc = "What is accepted on single ports of the workload, by number; needs a selector."),
};
DESC(istio_peer_authentication_spec, "PeerAuthentication", "What workloads accept from clients.");
#undef T

#define T struct istio_peer_authentication
static const struct msg_field istio_peer_authentication_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_peer_authentication_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_peer_authentication, "PeerAuthentication", "Whether workloads take mutual TLS, plain text or both.");
#undef T

#define T struct istio_jwt_header
static const struct msg_field istio_jwt_header_rows[] = {
	F(name, "name", STRING, DONE),
	F(prefix, "prefix", STRING, DONE, .doc = "Prefix to match, or to put before."),
};
DESC(istio_jwt_header, "JWTHeader", NULL);
#undef T

#define T struct istio_claim_to_header
static const struct msg_field istio_claim_to_header_rows[] = {
	F(header, "header", STRING, DONE, .doc = "Request header."),
	F(claim, "claim", STRING, DONE),
};
DESC(istio_claim_to_header, "ClaimToHeader", NULL);
#undef T

#define T struct istio_jwt_rule
static const struct msg_field istio_jwt_rule_rows[] = {
	F(issuer, "issuer", STRING, DONE, .doc = "Issuer of the token."),
	F(audiences, "audiences", STRING, DONE, .flags = MSG_LIST, .doc = "Audiences of the token."),
	F(jwks_uri, "jwksUri", STRING, DONE, .doc = "URL of the key set."),
	F(jwks, "jwks", STRING, DONE, .doc = "The key set."),
	F(from_headers, "fromHeaders", MESSAGE, DONE, .desc = &istio_jwt_header_desc, .flags = MSG_LIST,
	  .doc = "Headers that carry the token."),
	F(from_params, "fromParams", STRING, DONE, .flags = MSG_LIST, .doc = "Query parameters that carry the token."),
	F(from_cookies, "fromCookies", STRING, DONE, .flags = MSG_LIST, .doc = "Cookies that carry the token."),
	F(output_payload_to_header, "outputPayloadToHeader", STRING, DONE,
	  .doc = "Header in which the payload is forwarded."),
	F(forward_original_token, "forwardOriginalToken", BOOL, DONE, .doc = "Keeps the token in the request."),
	F(output_claim_to_headers, "outputClaimToHeaders", MESSAGE, DONE, .desc = &istio_claim_to_header_desc,
	  .flags = MSG_LIST, .doc = "Claims that are forwarded as headers."),
};
DESC(istio_jwt_rule, "JWTRule", NULL);
#undef T

#define T struct istio_request_authentication_spec
static const struct msg_field istio_request_authentication_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc),
	F(targetRef, "targetRef", MESSAGE, TOLD("is not carried out; use selector"),
	  .desc = &istio_policy_target_reference_desc),
	F(jwt_rules, "jwtRules", MESSAGE, DONE, .desc = &istio_jwt_rule_desc, .flags = MSG_LIST,
	  .doc = "Tokens that are accepted."),
};
DESC(istio_request_authentication_spec, "RequestAuthentication", NULL);
#undef T

#define T struct istio_request_authentication
static const struct msg_field istio_request_authentication_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_request_authentication_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_request_authentication, "RequestAuthentication", "Which JSON web tokens are accepted.");
#undef T

#define T struct istio_authorization_source
static const struct msg_field istio_authorization_source_rows[] = {
	F(principals, "principals", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Identities of the client's certificate, trust-domain/ns/NAMESPACE/sa/ACCOUNT; * at either end stands "
		 "for anything."),
	F(not_principals, "notPrincipals", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Identities that the client must not have."),
	F(request_principals, "requestPrincipals", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Issuer and subject of the request's token, ISSUER/SUBJECT; tokens are not supported."),
	F(not_request_principals, "notRequestPrincipals", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Issuers and subjects that the request's token must not have; tokens are not supported."),
	F(namespaces, "namespaces", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces of the client, by its certificate."),
	F(not_namespaces, "notNamespaces", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces that the client must not be in."),
	F(ip_blocks, "ipBlocks", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses or networks (CIDR) of the connection's other end."),
	F(not_ip_blocks, "notIpBlocks", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses or networks that the connection must not come from."),
	F(remote_ip_blocks, "remoteIpBlocks", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses or networks of the original client, by X-Forwarded-For."),
	F(not_remote_ip_blocks, "notRemoteIpBlocks", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Addresses or networks that the original client must not have."),
};
DESC(istio_authorization_source, "Source",
     "Conditions on the client, all of which must hold; a list holds if one of its entries does.");
#undef T

#define T struct istio_rule_from
static const struct msg_field istio_rule_from_rows[] = {
	F(source, "source", MESSAGE, DONE, .desc = &istio_authorization_source_desc,
	  .doc = "Conditions on the client."),
};
DESC(istio_rule_from, "RuleFrom", "One kind of client.");
#undef T

#define T struct istio_authorization_operation
static const struct msg_field istio_authorization_operation_rows[] = {
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Host headers, without regard to upper and lower case."),
	F(not_hosts, "notHosts", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Host headers that the request must not have."),
	F(ports, "ports", STRING, DONE, .flags = MSG_LIST, .doc = "Ports of the workload that the request is for."),
	F(not_ports, "notPorts", STRING, DONE, .flags = MSG_LIST, .doc = "Ports that the request must not be for."),
	F(methods, "methods", STRING, DONE, .flags = MSG_LIST,
	  .doc = "HTTP methods, such as GET; cannot hold for TCP."),
	F(not_methods, "notMethods", STRING, DONE, .flags = MSG_LIST,
	  .doc = "HTTP methods that the request must not have."),
	F(paths, "paths", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Paths without the query; * at either end stands for anything."),
	F(not_paths, "notPaths", STRING, DONE, .flags = MSG_LIST, .doc = "Paths that the request must not have."),
};
DESC(istio_authorization_operation, "Operation",
     "Conditions on the request, all of which must hold; a list holds if one of its entries does.");
#undef T

#define T struct istio_rule_to
static const struct msg_field istio_rule_to_rows[] = {
	F(operation, "operation", MESSAGE, DONE, .desc = &istio_authorization_operation_desc,
	  .doc = "Conditions on the request."),
};
DESC(istio_rule_to, "RuleTo", "One kind of request.");
#undef T

#define T struct istio_authorization_condition
static const struct msg_field istio_authorization_condition_rows[] = {
	F(key, "key", STRING, DONE,
	  .doc = "What is compared, such as request.headers[NAME], source.ip or connection.sni."),
	F(values, "values", STRING, DONE, .flags = MSG_LIST, .doc = "Values of which one must match."),
	F(not_values, "notValues", STRING, DONE, .flags = MSG_LIST, .doc = "Values of which none may match."),
};
DESC(istio_authorization_condition, "Condition", "A further condition on a request.");
#undef T

#define T struct istio_authorization_rule
static const struct msg_field istio_authorization_rule_rows[] = {
	F(from, "from", MESSAGE, DONE, .desc = &istio_rule_from_desc, .flags = MSG_LIST,
	  .doc = "Clients, any of these; all when absent."),
	F(to, "to", MESSAGE, DONE, .desc = &istio_rule_to_desc, .flags = MSG_LIST,
	  .doc = "Requests, any of these; all when absent."),
	F(when, "when", MESSAGE, DONE, .desc = &istio_authorization_condition_desc, .flags = MSG_LIST,
	  .doc = "Further conditions, all of which must hold."),
};
DESC(istio_authorization_rule, "Rule", "One way to match; from, to and when must all hold.");
#undef T

#define T struct istio_authorization_policy_extension_provider
static const struct msg_field istio_authorization_policy_extension_provider_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name of the authorizer in the mesh configuration."),
};
DESC(istio_authorization_policy_extension_provider, "AuthorizationPolicyExtensionProvider", "An external authorizer.");
#undef T

#define T struct istio_authorization_policy_spec
static const struct msg_field istio_authorization_policy_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc,
	  .doc = "Labels of the workloads it is for; without it, all of its namespace, or of the mesh in the root "
		 "namespace."),
	F(targetRef, "targetRef", MESSAGE, TOLD("is not carried out; use selector"),
	  .desc = &istio_policy_target_reference_desc),
	F(rules, "rules", MESSAGE, DONE, .desc = &istio_authorization_rule_desc, .flags = MSG_LIST,
	  .doc = "Rules, any of which may match; without any, ALLOW allows nothing."),
	F(action, "action", ENUM, DONE, .enums = &istio_authorization_policy_action_names,
	  .doc = "ALLOW, the default, refuses what no rule allows; DENY goes before it; CUSTOM, which asks a provider, "
		 "before both; AUDIT changes nothing."),
	F(provider, "provider", MESSAGE, DONE, .desc = &istio_authorization_policy_extension_provider_desc, .oneof = 1,
	  .doc = "Provider in the mesh configuration."),
};
DESC(istio_authorization_policy_spec, "AuthorizationPolicy", "Who may send what to some workloads.");
#undef T

#define T struct istio_authorization_policy
static const struct msg_field istio_authorization_policy_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_authorization_policy_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_authorization_policy, "AuthorizationPolicy", "Who may send what to a workload.");
#undef T
