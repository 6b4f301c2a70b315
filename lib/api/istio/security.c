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
	  .doc = "UNSET inherits, DISABLE, PERMISSIVE takes both, STRICT takes only mutual TLS."),
};
DESC(istio_peer_authentication_mutual_tls, "PeerAuthenticationMutualTLS", NULL);
#undef T

#define T struct istio_peer_authentication_spec
static const struct msg_field istio_peer_authentication_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc, .doc = "Selects by labels."),
	F(mtls, "mtls", MESSAGE, DONE, .desc = &istio_peer_authentication_mutual_tls_desc, .doc = "Mutual TLS."),
	F(port_level_mtls, "portLevelMtls", MAP, DONE, .desc = &istio_peer_authentication_mutual_tls_desc,
	  .doc = "Mode by port of the workload."),
};
DESC(istio_peer_authentication_spec, "PeerAuthentication", NULL);
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
	F(name, "name", STRING, TOLD("RequestAuthentication is not carried out")),
	F(prefix, "prefix", STRING, TOLD("RequestAuthentication is not carried out"),
	  .doc = "Prefix to match, or to put before."),
};
DESC(istio_jwt_header, "JWTHeader", NULL);
#undef T

#define T struct istio_claim_to_header
static const struct msg_field istio_claim_to_header_rows[] = {
	F(header, "header", STRING, TOLD("RequestAuthentication is not carried out"), .doc = "Request header."),
	F(claim, "claim", STRING, TOLD("RequestAuthentication is not carried out"), .doc = "Name of the claim."),
};
DESC(istio_claim_to_header, "ClaimToHeader", NULL);
#undef T

#define T struct istio_jwt_rule
static const struct msg_field istio_jwt_rule_rows[] = {
	F(issuer, "issuer", STRING, TOLD("RequestAuthentication is not carried out"), .doc = "Issuer of the token."),
	F(audiences, "audiences", STRING, TOLD("RequestAuthentication is not carried out"), .flags = MSG_LIST,
	  .doc = "Audiences of the token."),
	F(jwks_uri, "jwksUri", STRING, TOLD("RequestAuthentication is not carried out"), .doc = "URL of the key set."),
	F(jwks, "jwks", STRING, TOLD("RequestAuthentication is not carried out"), .doc = "The key set."),
	F(from_headers, "fromHeaders", MESSAGE, TOLD("RequestAuthentication is not carried out"),
	  .desc = &istio_jwt_header_desc, .flags = MSG_LIST, .doc = "Headers that carry the token."),
	F(from_params, "fromParams", STRING, TOLD("RequestAuthentication is not carried out"), .flags = MSG_LIST,
	  .doc = "Query parameters that carry the token."),
	F(output_payload_to_header, "outputPayloadToHeader", STRING, TOLD("RequestAuthentication is not carried out"),
	  .doc = "Header in which the payload is forwarded."),
	F(forward_original_token, "forwardOriginalToken", BOOL, TOLD("RequestAuthentication is not carried out"),
	  .doc = "Keeps the token in the request."),
	F(output_claim_to_headers, "outputClaimToHeaders", MESSAGE, TOLD("RequestAuthentication is not carried out"),
	  .desc = &istio_claim_to_header_desc, .flags = MSG_LIST, .doc = "Claims that are forwarded as headers."),
};
DESC(istio_jwt_rule, "JWTRule", NULL);
#undef T

#define T struct istio_request_authentication_spec
static const struct msg_field istio_request_authentication_spec_rows[] = {
	F(selector, "selector", MESSAGE, TOLD("RequestAuthentication is not carried out"),
	  .desc = &istio_workload_selector_desc),
	F(targetRef, "targetRef", MESSAGE, TOLD("RequestAuthentication is not carried out"),
	  .desc = &istio_policy_target_reference_desc),
	F(jwt_rules, "jwtRules", MESSAGE, TOLD("RequestAuthentication is not carried out"),
	  .desc = &istio_jwt_rule_desc, .flags = MSG_LIST, .doc = "Tokens that are accepted."),
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
	F(spec, "spec", MESSAGE, TOLD("RequestAuthentication is not carried out"),
	  .desc = &istio_request_authentication_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_request_authentication, "RequestAuthentication", "Which JSON web tokens are accepted.");
#undef T

#define T struct istio_authorization_source
static const struct msg_field istio_authorization_source_rows[] = {
	F(principals, "principals", STRING, DONE, .flags = MSG_LIST, .doc = "Identities of the client's certificate."),
	F(not_principals, "notPrincipals", STRING, DONE, .flags = MSG_LIST, .doc = "Identities that do not match."),
	F(request_principals, "requestPrincipals", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Issuer and subject of the token."),
	F(not_request_principals, "notRequestPrincipals", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Issuers and subjects that do not match."),
	F(namespaces, "namespaces", STRING, DONE, .flags = MSG_LIST, .doc = "Namespaces by name."),
	F(not_namespaces, "notNamespaces", STRING, DONE, .flags = MSG_LIST, .doc = "Namespaces that do not match."),
	F(ip_blocks, "ipBlocks", STRING, DONE, .flags = MSG_LIST, .doc = "Networks of the connection's other end."),
	F(not_ip_blocks, "notIpBlocks", STRING, DONE, .flags = MSG_LIST, .doc = "Networks that do not match."),
	F(remote_ip_blocks, "remoteIpBlocks", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks of the original client."),
	F(not_remote_ip_blocks, "notRemoteIpBlocks", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Networks of the original client that do not match."),
};
DESC(istio_authorization_source, "Source", NULL);
#undef T

#define T struct istio_rule_from
static const struct msg_field istio_rule_from_rows[] = {
	F(source, "source", MESSAGE, DONE, .desc = &istio_authorization_source_desc, .doc = "Where it comes from."),
};
DESC(istio_rule_from, "RuleFrom", NULL);
#undef T

#define T struct istio_authorization_operation
static const struct msg_field istio_authorization_operation_rows[] = {
	F(hosts, "hosts", STRING, DONE, .flags = MSG_LIST, .doc = "Host names."),
	F(not_hosts, "notHosts", STRING, DONE, .flags = MSG_LIST, .doc = "Hosts that do not match."),
	F(ports, "ports", STRING, DONE, .flags = MSG_LIST, .doc = "Ports."),
	F(not_ports, "notPorts", STRING, DONE, .flags = MSG_LIST, .doc = "Ports that do not match."),
	F(methods, "methods", STRING, DONE, .flags = MSG_LIST, .doc = "HTTP methods."),
	F(not_methods, "notMethods", STRING, DONE, .flags = MSG_LIST, .doc = "Methods that do not match."),
	F(paths, "paths", STRING, DONE, .flags = MSG_LIST, .doc = "Paths."),
	F(not_paths, "notPaths", STRING, DONE, .flags = MSG_LIST, .doc = "Paths that do not match."),
};
DESC(istio_authorization_operation, "Operation", NULL);
#undef T

#define T struct istio_rule_to
static const struct msg_field istio_rule_to_rows[] = {
	F(operation, "operation", MESSAGE, DONE, .desc = &istio_authorization_operation_desc, .doc = "Operation."),
};
DESC(istio_rule_to, "RuleTo", NULL);
#undef T

#define T struct istio_authorization_condition
static const struct msg_field istio_authorization_condition_rows[] = {
	F(key, "key", STRING, DONE, .doc = "Key."),
	F(values, "values", STRING, DONE, .flags = MSG_LIST, .doc = "Values to compare with."),
	F(not_values, "notValues", STRING, DONE, .flags = MSG_LIST, .doc = "Values that do not match."),
};
DESC(istio_authorization_condition, "Condition", NULL);
#undef T

#define T struct istio_authorization_rule
static const struct msg_field istio_authorization_rule_rows[] = {
	F(from, "from", MESSAGE, DONE, .desc = &istio_rule_from_desc, .flags = MSG_LIST, .doc = "Sources."),
	F(to, "to", MESSAGE, DONE, .desc = &istio_rule_to_desc, .flags = MSG_LIST, .doc = "Destinations."),
	F(when, "when", MESSAGE, DONE, .desc = &istio_authorization_condition_desc, .flags = MSG_LIST,
	  .doc = "Further conditions."),
};
DESC(istio_authorization_rule, "Rule", NULL);
#undef T

#define T struct istio_authorization_policy_extension_provider
static const struct msg_field istio_authorization_policy_extension_provider_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
};
DESC(istio_authorization_policy_extension_provider, "AuthorizationPolicyExtensionProvider", NULL);
#undef T

#define T struct istio_authorization_policy_spec
static const struct msg_field istio_authorization_policy_spec_rows[] = {
	F(selector, "selector", MESSAGE, DONE, .desc = &istio_workload_selector_desc, .doc = "Selects by labels."),
	F(targetRef, "targetRef", MESSAGE, TOLD("is not carried out; use selector"),
	  .desc = &istio_policy_target_reference_desc),
	F(rules, "rules", MESSAGE, DONE, .desc = &istio_authorization_rule_desc, .flags = MSG_LIST,
	  .doc = "Rules, applied in order."),
	F(action, "action", ENUM, DONE, .enums = &istio_authorization_policy_action_names,
	  .doc = "ALLOW, DENY, AUDIT or CUSTOM."),
	F(provider, "provider", MESSAGE, TOLD("external authorization is not carried out; the policy denies"),
	  .desc = &istio_authorization_policy_extension_provider_desc, .oneof = 1,
	  .doc = "Provider in the mesh configuration."),
};
DESC(istio_authorization_policy_spec, "AuthorizationPolicy", NULL);
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
