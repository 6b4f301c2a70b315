/* Authentication and authorization: security.istio.io. */
#ifndef API_ISTIO_SECURITY_H
#define API_ISTIO_SECURITY_H

#include "api/networking/workload.h"

enum istio_peer_authentication_mutual_tls_mode {
	ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_UNSET = 0,
	ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_DISABLE = 1,
	ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_PERMISSIVE = 2,
	ISTIO_PEER_AUTHENTICATION_MUTUAL_TLS_MODE_STRICT = 3,
};
extern const struct msg_enum istio_peer_authentication_mutual_tls_mode_names;

enum istio_authorization_policy_action {
	ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW = 0,
	ISTIO_AUTHORIZATION_POLICY_ACTION_DENY = 1,
	ISTIO_AUTHORIZATION_POLICY_ACTION_AUDIT = 2,
	ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM = 3,
};
extern const struct msg_enum istio_authorization_policy_action_names;

/* Peer authentication mutual TLS. */
struct istio_peer_authentication_mutual_tls {
	int mode; /* enum istio_peer_authentication_mutual_tls_mode */
};

/* Peer authentication. */
struct istio_peer_authentication_spec {
	struct istio_workload_selector *selector;
	struct istio_peer_authentication_mutual_tls *mtls;
	MAP(struct istio_peer_authentication_mutual_tls) port_level_mtls;
};

/* Whether workloads take mutual TLS, plain text or both. */
struct istio_peer_authentication {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_peer_authentication_spec *spec;
	struct istio_status *status;
};

/* JWT header. */
struct istio_jwt_header {
	const char *name;
	const char *prefix;
};

/* Claim to header. */
struct istio_claim_to_header {
	const char *header;
	const char *claim;
};

/* Rule: JWT. */
struct istio_jwt_rule {
	const char *issuer;
	LIST(const char *) audiences;
	const char *jwks_uri;
	const char *jwks;
	LIST(struct istio_jwt_header) from_headers;
	LIST(const char *) from_params;
	LIST(const char *) from_cookies;
	const char *output_payload_to_header;
	bool forward_original_token;
	LIST(struct istio_claim_to_header) output_claim_to_headers;
};

/* Request authentication. */
struct istio_request_authentication_spec {
	struct istio_workload_selector *selector;
	struct istio_policy_target_reference *targetRef;
	LIST(struct istio_jwt_rule) jwt_rules;
};

/* Which JSON web tokens are accepted. */
struct istio_request_authentication {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_request_authentication_spec *spec;
	struct istio_status *status;
};

/* Source. */
struct istio_authorization_source {
	LIST(const char *) principals;
	LIST(const char *) not_principals;
	LIST(const char *) request_principals;
	LIST(const char *) not_request_principals;
	LIST(const char *) namespaces;
	LIST(const char *) not_namespaces;
	LIST(const char *) ip_blocks;
	LIST(const char *) not_ip_blocks;
	LIST(const char *) remote_ip_blocks;
	LIST(const char *) not_remote_ip_blocks;
};

/* Rule from. */
struct istio_rule_from {
	struct istio_authorization_source *source;
};

/* Operation. */
struct istio_authorization_operation {
	LIST(const char *) hosts;
	LIST(const char *) not_hosts;
	LIST(const char *) ports;
	LIST(const char *) not_ports;
	LIST(const char *) methods;
	LIST(const char *) not_methods;
	LIST(const char *) paths;
	LIST(const char *) not_paths;
};

/* Rule to. */
struct istio_rule_to {
	struct istio_authorization_operation *operation;
};

/* Condition. */
struct istio_authorization_condition {
	const char *key;
	LIST(const char *) values;
	LIST(const char *) not_values;
};

/* Rule. */
struct istio_authorization_rule {
	LIST(struct istio_rule_from) from;
	LIST(struct istio_rule_to) to;
	LIST(struct istio_authorization_condition) when;
};

/* Authorization policy extension provider. */
struct istio_authorization_policy_extension_provider {
	const char *name;
};

/* Policy: authorization. */
struct istio_authorization_policy_spec {
	struct istio_workload_selector *selector;
	struct istio_policy_target_reference *targetRef;
	LIST(struct istio_authorization_rule) rules;
	int action; /* enum istio_authorization_policy_action */
	struct istio_authorization_policy_extension_provider *provider;
};

/* Who may send what to a workload. */
struct istio_authorization_policy {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_authorization_policy_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_peer_authentication_mutual_tls_desc;
extern const struct msg_desc istio_peer_authentication_spec_desc;
extern const struct msg_desc istio_peer_authentication_desc;
extern const struct msg_desc istio_jwt_header_desc;
extern const struct msg_desc istio_claim_to_header_desc;
extern const struct msg_desc istio_jwt_rule_desc;
extern const struct msg_desc istio_request_authentication_spec_desc;
extern const struct msg_desc istio_request_authentication_desc;
extern const struct msg_desc istio_authorization_source_desc;
extern const struct msg_desc istio_rule_from_desc;
extern const struct msg_desc istio_authorization_operation_desc;
extern const struct msg_desc istio_rule_to_desc;
extern const struct msg_desc istio_authorization_condition_desc;
extern const struct msg_desc istio_authorization_rule_desc;
extern const struct msg_desc istio_authorization_policy_extension_provider_desc;
extern const struct msg_desc istio_authorization_policy_spec_desc;
extern const struct msg_desc istio_authorization_policy_desc;

#endif
