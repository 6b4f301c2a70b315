/* Rows of authentication and authorization: security.istio.io. See the header for the structs. */
#include "api/security.h"

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
	F(mode, "mode", ENUM, .enums = &istio_peer_authentication_mutual_tls_mode_names, .doc = "Mode."),
};
DESC(istio_peer_authentication_mutual_tls, "PeerAuthenticationMutualTLS", "Peer authentication mutual tls.");
#undef T

#define T struct istio_peer_authentication_spec
static const struct msg_field istio_peer_authentication_spec_rows[] = {
	F(selector, "selector", MESSAGE, .desc = &istio_workload_selector_desc, .doc = "Selector."),
	F(mtls, "mtls", MESSAGE, .desc = &istio_peer_authentication_mutual_tls_desc, .doc = "Mtls."),
	F(port_level_mtls, "portLevelMtls", MAP, .desc = &istio_peer_authentication_mutual_tls_desc,
	  .doc = "Port level mtls."),
};
DESC(istio_peer_authentication_spec, "PeerAuthentication", "Peer authentication.");
#undef T

#define T struct istio_peer_authentication
static const struct msg_field istio_peer_authentication_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_peer_authentication_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_peer_authentication, "PeerAuthentication", "Whether workloads take mutual TLS, plain text or both.");
#undef T

#define T struct istio_jwt_header
static const struct msg_field istio_jwt_header_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(prefix, "prefix", STRING, .doc = "Prefix."),
};
DESC(istio_jwt_header, "JWTHeader", "Jwt header.");
#undef T

#define T struct istio_claim_to_header
static const struct msg_field istio_claim_to_header_rows[] = {
	F(header, "header", STRING, .doc = "Header."),
	F(claim, "claim", STRING, .doc = "Claim."),
};
DESC(istio_claim_to_header, "ClaimToHeader", "Claim to header.");
#undef T

#define T struct istio_jwt_rule
static const struct msg_field istio_jwt_rule_rows[] = {
	F(issuer, "issuer", STRING, .doc = "Issuer."),
	F(audiences, "audiences", STRING, .flags = MSG_LIST, .doc = "Audiences."),
	F(jwks_uri, "jwksUri", STRING, .doc = "Jwks uri."),
	F(jwks, "jwks", STRING, .doc = "Jwks."),
	F(from_headers, "fromHeaders", MESSAGE, .desc = &istio_jwt_header_desc, .flags = MSG_LIST,
	  .doc = "From headers."),
	F(from_params, "fromParams", STRING, .flags = MSG_LIST, .doc = "From params."),
	F(output_payload_to_header, "outputPayloadToHeader", STRING, .doc = "Output payload to header."),
	F(forward_original_token, "forwardOriginalToken", BOOL, .doc = "Whether forward original token applies."),
	F(output_claim_to_headers, "outputClaimToHeaders", MESSAGE, .desc = &istio_claim_to_header_desc,
	  .flags = MSG_LIST, .doc = "Output claim to headers."),
};
DESC(istio_jwt_rule, "JWTRule", "Jwt rule.");
#undef T

#define T struct istio_request_authentication_spec
static const struct msg_field istio_request_authentication_spec_rows[] = {
	F(selector, "selector", MESSAGE, .desc = &istio_workload_selector_desc, .doc = "Selector."),
	F(targetRef, "targetRef", MESSAGE, .desc = &istio_policy_target_reference_desc, .doc = "Target ref."),
	F(jwt_rules, "jwtRules", MESSAGE, .desc = &istio_jwt_rule_desc, .flags = MSG_LIST, .doc = "Jwt rules."),
};
DESC(istio_request_authentication_spec, "RequestAuthentication", "Request authentication.");
#undef T

#define T struct istio_request_authentication
static const struct msg_field istio_request_authentication_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_request_authentication_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_request_authentication, "RequestAuthentication", "Which JSON web tokens are accepted.");
#undef T

#define T struct istio_authorization_source
static const struct msg_field istio_authorization_source_rows[] = {
	F(principals, "principals", STRING, .flags = MSG_LIST, .doc = "Principals."),
	F(not_principals, "notPrincipals", STRING, .flags = MSG_LIST, .doc = "Not principals."),
	F(request_principals, "requestPrincipals", STRING, .flags = MSG_LIST, .doc = "Request principals."),
	F(not_request_principals, "notRequestPrincipals", STRING, .flags = MSG_LIST, .doc = "Not request principals."),
	F(namespaces, "namespaces", STRING, .flags = MSG_LIST, .doc = "Namespaces."),
	F(not_namespaces, "notNamespaces", STRING, .flags = MSG_LIST, .doc = "Not namespaces."),
	F(ip_blocks, "ipBlocks", STRING, .flags = MSG_LIST, .doc = "Ip blocks."),
	F(not_ip_blocks, "notIpBlocks", STRING, .flags = MSG_LIST, .doc = "Not ip blocks."),
	F(remote_ip_blocks, "remoteIpBlocks", STRING, .flags = MSG_LIST, .doc = "Remote ip blocks."),
	F(not_remote_ip_blocks, "notRemoteIpBlocks", STRING, .flags = MSG_LIST, .doc = "Not remote ip blocks."),
};
DESC(istio_authorization_source, "Source", "Source.");
#undef T

#define T struct istio_rule_from
static const struct msg_field istio_rule_from_rows[] = {
	F(source, "source", MESSAGE, .desc = &istio_authorization_source_desc, .doc = "Source."),
};
DESC(istio_rule_from, "RuleFrom", "Rule from.");
#undef T

#define T struct istio_authorization_operation
static const struct msg_field istio_authorization_operation_rows[] = {
	F(hosts, "hosts", STRING, .flags = MSG_LIST, .doc = "Hosts."),
	F(not_hosts, "notHosts", STRING, .flags = MSG_LIST, .doc = "Not hosts."),
	F(ports, "ports", STRING, .flags = MSG_LIST, .doc = "Ports."),
	F(not_ports, "notPorts", STRING, .flags = MSG_LIST, .doc = "Not ports."),
	F(methods, "methods", STRING, .flags = MSG_LIST, .doc = "Methods."),
	F(not_methods, "notMethods", STRING, .flags = MSG_LIST, .doc = "Not methods."),
	F(paths, "paths", STRING, .flags = MSG_LIST, .doc = "Paths."),
	F(not_paths, "notPaths", STRING, .flags = MSG_LIST, .doc = "Not paths."),
};
DESC(istio_authorization_operation, "Operation", "Operation.");
#undef T

#define T struct istio_rule_to
static const struct msg_field istio_rule_to_rows[] = {
	F(operation, "operation", MESSAGE, .desc = &istio_authorization_operation_desc, .doc = "Operation."),
};
DESC(istio_rule_to, "RuleTo", "Rule to.");
#undef T

#define T struct istio_authorization_condition
static const struct msg_field istio_authorization_condition_rows[] = {
	F(key, "key", STRING, .doc = "Key."),
	F(values, "values", STRING, .flags = MSG_LIST, .doc = "Values."),
	F(not_values, "notValues", STRING, .flags = MSG_LIST, .doc = "Not values."),
};
DESC(istio_authorization_condition, "Condition", "Condition.");
#undef T

#define T struct istio_authorization_rule
static const struct msg_field istio_authorization_rule_rows[] = {
	F(from, "from", MESSAGE, .desc = &istio_rule_from_desc, .flags = MSG_LIST, .doc = "From."),
	F(to, "to", MESSAGE, .desc = &istio_rule_to_desc, .flags = MSG_LIST, .doc = "To."),
	F(when, "when", MESSAGE, .desc = &istio_authorization_condition_desc, .flags = MSG_LIST, .doc = "When."),
};
DESC(istio_authorization_rule, "Rule", "Rule.");
#undef T

#define T struct istio_authorization_policy_extension_provider
static const struct msg_field istio_authorization_policy_extension_provider_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
};
DESC(istio_authorization_policy_extension_provider, "AuthorizationPolicyExtensionProvider",
     "Authorization policy extension provider.");
#undef T

#define T struct istio_authorization_policy_spec
static const struct msg_field istio_authorization_policy_spec_rows[] = {
	F(selector, "selector", MESSAGE, .desc = &istio_workload_selector_desc, .doc = "Selector."),
	F(targetRef, "targetRef", MESSAGE, .desc = &istio_policy_target_reference_desc, .doc = "Target ref."),
	F(rules, "rules", MESSAGE, .desc = &istio_authorization_rule_desc, .flags = MSG_LIST, .doc = "Rules."),
	F(action, "action", ENUM, .enums = &istio_authorization_policy_action_names, .doc = "Action."),
	F(provider, "provider", MESSAGE, .desc = &istio_authorization_policy_extension_provider_desc, .oneof = 1,
	  .doc = "Provider."),
};
DESC(istio_authorization_policy_spec, "AuthorizationPolicy", "Authorization policy.");
#undef T

#define T struct istio_authorization_policy
static const struct msg_field istio_authorization_policy_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_authorization_policy_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_authorization_policy, "AuthorizationPolicy", "Who may send what to a workload.");
#undef T
