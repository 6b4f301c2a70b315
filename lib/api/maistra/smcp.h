/* ServiceMeshControlPlane: maistra.io/v2. */
#ifndef API_MAISTRA_SMCP_H
#define API_MAISTRA_SMCP_H

#include "api/maistra/smcp_proxy.h"
#include "api/maistra/smcp_gateways.h"
#include "api/maistra/smcp_addons.h"

/* Settings: mesh endpoint. */
struct maistra_mesh_endpoint_config {
	const char *from_registry;
	const char *from_cidr;
};

/* Settings: mesh gateway. */
struct maistra_mesh_gateway_config {
	const char *service;
	const char *registry_service_name;
	const char *address;
	int32_t port;
};

/* Settings: mesh network. */
struct maistra_mesh_network_config {
	LIST(struct maistra_mesh_endpoint_config) endpoints;
	LIST(struct maistra_mesh_gateway_config) gateways;
};

/* Settings: multi cluster. */
struct maistra_multi_cluster_config {
	bool *enabled;
	MAP(struct maistra_mesh_network_config) mesh_networks;
};

/* Settings: gateway. */
struct maistra_gateway_config {
	bool *enabled;
	const char *namespace;
	struct maistra_gateway_service_config *service;
	const char *router_mode;
	LIST(struct maistra_volume_config) volumes;
	struct maistra_component_runtime_config *runtime;
};

/* Settings: mesh expansion. */
struct maistra_mesh_expansion_config {
	bool *enabled;
	struct maistra_gateway_config *ilb_gateway;
};

/* Settings: control plane cluster. */
struct maistra_control_plane_cluster_config {
	const char *name;
	const char *network;
	struct maistra_multi_cluster_config *multi_cluster;
	struct maistra_mesh_expansion_config *mesh_expansion;
};

/* Settings: extension provider prometheus. */
struct maistra_extension_provider_prometheus_config {
	char unused;
};

/* Settings: extension provider zipkin tracing. */
struct maistra_extension_provider_zipkin_tracing_config {
	const char *service;
	int64_t port;
	int64_t *max_tag_length;
	bool *enable64bit_trace_id;
};

/* Settings: extension provider OpenTelemetry tracing. */
struct maistra_extension_provider_otel_tracing_config {
	const char *service;
	int64_t port;
	int64_t *max_tag_length;
};

/* Settings: extension provider envoy OpenTelemetry log. */
struct maistra_extension_provider_envoy_otel_log_config {
	const char *service;
	int64_t port;
	const char *log_name;
};

/* Settings: extension provider envoy external authorization request body. */
struct maistra_extension_provider_envoy_external_authorization_request_body_config {
	int64_t *max_request_bytes;
	bool *allow_partial_message;
	bool *pack_as_bytes;
};

/* Settings: extension provider envoy external authorization HTTP. */
struct maistra_extension_provider_envoy_external_authorization_http_config {
	const char *service;
	int64_t port;
	const char *timeout;
	const char *path_prefix;
	bool *fail_open;
	const char *status_on_error;
	LIST(const char *) include_request_headers_in_check;
	struct str_map include_additional_headers_in_check;
	struct maistra_extension_provider_envoy_external_authorization_request_body_config
		*include_request_body_in_check;
	LIST(const char *) headers_to_upstream_on_allow;
	LIST(const char *) headers_to_downstream_on_deny;
	LIST(const char *) headers_to_downstream_on_allow;
};

/* Settings: extension provider envoy external authorization gRPC. */
struct maistra_extension_provider_envoy_external_authorization_grpc_config {
	const char *service;
	int64_t port;
	const char *timeout;
	bool *fail_open;
	const char *status_on_error;
	struct maistra_extension_provider_envoy_external_authorization_request_body_config
		*include_request_body_in_check;
};

/* Settings: extension provider. */
struct maistra_extension_provider_config {
	const char *name;
	struct maistra_extension_provider_prometheus_config *prometheus;
	struct maistra_extension_provider_zipkin_tracing_config *zipkin;
	struct maistra_extension_provider_otel_tracing_config *opentelemetry;
	struct maistra_extension_provider_envoy_otel_log_config *envoy_otel_als;
	struct maistra_extension_provider_envoy_external_authorization_http_config *envoy_ext_authz_http;
	struct maistra_extension_provider_envoy_external_authorization_grpc_config *envoy_ext_authz_grpc;
};

/* Settings: mesh. */
struct maistra_mesh_config {
	LIST(struct maistra_extension_provider_config) extension_providers;
	LIST(struct meta_label_selector) discovery_selectors;
};

/* Settings: logging. */
struct maistra_logging_config {
	struct str_map component_levels;
	bool *log_as_json;
};

/* Settings: general. */
struct maistra_general_config {
	struct maistra_logging_config *logging;
	bool *validation_messages;
};

/* Settings: mixer policy adapters. */
struct maistra_mixer_policy_adapters_config {
	bool *use_adapter_cr_ds;
	bool *kubernetesenv;
};

/* Settings: mixer policy. */
struct maistra_mixer_policy_config {
	bool *enable_checks;
	bool *fail_open;
	bool *session_affinity;
	struct maistra_mixer_policy_adapters_config *adapters;
};

/* Settings: remote policy. */
struct maistra_remote_policy_config {
	const char *address;
	bool *create_service;
	bool *enable_checks;
	bool *fail_open;
};

/* Settings: policy. */
struct maistra_policy_config {
	const char *type;
	struct maistra_mixer_policy_config *mixer;
	struct maistra_remote_policy_config *remote;
};

/* Settings: trust. */
struct maistra_trust_config {
	const char *domain;
	LIST(const char *) additional_domains;
};

/* Settings: istio self signed certificate signer. */
struct maistra_istio_self_signed_certificate_signer_config {
	const char *ttl;
	const char *grace_period;
	const char *check_period;
	bool *enable_jitter;
};

/* Settings: istio private key certificate signer. */
struct maistra_istio_private_key_certificate_signer_config {
	const char *root_ca_dir;
};

/* Settings: istiod certificate authority. */
struct maistra_istiod_certificate_authority_config {
	const char *type;
	struct maistra_istio_self_signed_certificate_signer_config *self_signed;
	struct maistra_istio_private_key_certificate_signer_config *private_key;
	const char *workload_cert_ttl_default;
	const char *workload_cert_ttl_max;
};

/* Settings: custom certificate authority. */
struct maistra_custom_certificate_authority_config {
	const char *address;
};

/* Settings: cert manager certificate authority. */
struct maistra_cert_manager_certificate_authority_config {
	const char *address;
	const char *pilot_secret_name;
	const char *root_ca_config_map_name;
};

/* Settings: certificate authority. */
struct maistra_certificate_authority_config {
	const char *type;
	struct maistra_istiod_certificate_authority_config *istiod;
	struct maistra_custom_certificate_authority_config *custom;
	struct maistra_cert_manager_certificate_authority_config *cert_manager;
};

/* Settings: third party identity. */
struct maistra_third_party_identity_config {
	const char *issuer;
	const char *audience;
};

/* Settings: identity. */
struct maistra_identity_config {
	const char *type;
	struct maistra_third_party_identity_config *third_party;
};

/* Settings: control plane TLS. */
struct maistra_control_plane_tls_config {
	LIST(const char *) cipher_suites;
	LIST(const char *) ecdh_curves;
	const char *min_protocol_version;
	const char *max_protocol_version;
};

/* Settings: control plane security. */
struct maistra_control_plane_security_config {
	bool *mtls;
	const char *cert_provider;
	struct maistra_control_plane_tls_config *tls;
};

/* Settings: data plane security. */
struct maistra_data_plane_security_config {
	bool *mtls;
	bool *automtls;
};

/* Settings: security. */
struct maistra_security_config {
	struct maistra_trust_config *trust;
	struct maistra_certificate_authority_config *certificate_authority;
	struct maistra_identity_config *identity;
	struct maistra_control_plane_security_config *control_plane;
	struct maistra_data_plane_security_config *data_plane;
	bool *manage_network_policy;
	const char *jwks_resolver_ca;
};

/* Settings: telemetry load shedding. */
struct maistra_telemetry_load_shedding_config {
	const char *mode;
	const char *latency_threshold;
};

/* Settings: telemetry batching. */
struct maistra_telemetry_batching_config {
	int32_t *max_entries;
	const char *max_time;
};

/* Settings: mixer telemetry stdio. */
struct maistra_mixer_telemetry_stdio_config {
	bool *enabled;
	bool *output_as_json;
};

/* Settings: mixer telemetry adapters. */
struct maistra_mixer_telemetry_adapters_config {
	bool *use_adapter_cr_ds;
	bool *kubernetesenv;
	struct maistra_mixer_telemetry_stdio_config *stdio;
};

/* Settings: mixer telemetry. */
struct maistra_mixer_telemetry_config {
	bool *session_affinity;
	struct maistra_telemetry_load_shedding_config *loadshedding;
	struct maistra_telemetry_batching_config *batching;
	struct maistra_mixer_telemetry_adapters_config *adapters;
};

/* Settings: remote telemetry. */
struct maistra_remote_telemetry_config {
	const char *address;
	bool *create_service;
	struct maistra_telemetry_batching_config *batching;
};

/* Settings: telemetry. */
struct maistra_telemetry_config {
	const char *type;
	struct maistra_mixer_telemetry_config *mixer;
	struct maistra_remote_telemetry_config *remote;
};

/* Settings: tracing. */
struct maistra_tracing_config {
	const char *type;
	int32_t *sampling;
};

/* What is wanted of a mesh. */
struct maistra_smcp_spec {
	LIST(const char *) profiles;
	const char *version;
	const char *mode;
	struct maistra_control_plane_cluster_config *cluster;
	struct maistra_mesh_config *mesh_config;
	struct maistra_general_config *general;
	struct maistra_policy_config *policy;
	struct maistra_proxy_config *proxy;
	struct maistra_security_config *security;
	struct maistra_telemetry_config *telemetry;
	struct maistra_tracing_config *tracing;
	struct maistra_gateways_config *gateways;
	struct maistra_control_plane_runtime_config *runtime;
	struct maistra_addons_config *addons;
	cJSON *tech_preview;
};

/* Condition. */
struct maistra_condition {
	const char *type;
	const char *status;
	const char *reason;
	const char *message;
	const char *last_transition_time;
};

/* Status type. */
struct maistra_status_type {
	LIST(struct maistra_condition) conditions;
};

/* What was observed of a component. */
struct maistra_component_status {
	LIST(struct maistra_condition) conditions;
	const char *resource;
	LIST(struct maistra_status_type) children;
};

/* What was observed of a readiness. */
struct maistra_readiness_status {
	cJSON *components;
};

/* What is wanted of a control plane. */
struct maistra_control_plane_spec {
	const char *template;
	LIST(const char *) profiles;
	const char *version;
	const char *network_type;
	cJSON *istio;
	cJSON *three_scale;
};

/* What was observed of a control plane. */
struct maistra_smcp_status {
	struct str_map annotations;
	LIST(struct maistra_condition) conditions;
	int64_t observed_generation;
	const char *operator_version;
	const char *chart_version;
	LIST(struct maistra_component_status) components;
	struct maistra_readiness_status *readiness;
	struct maistra_smcp_spec *applied_spec;
	struct maistra_control_plane_spec *applied_values;
};

/* A service mesh: its control plane, gateways and add-ons. */
struct maistra_smcp {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct maistra_smcp_spec *spec;
	struct maistra_smcp_status *status;
};

extern const struct msg_desc maistra_mesh_endpoint_config_desc;
extern const struct msg_desc maistra_mesh_gateway_config_desc;
extern const struct msg_desc maistra_mesh_network_config_desc;
extern const struct msg_desc maistra_multi_cluster_config_desc;
extern const struct msg_desc maistra_gateway_config_desc;
extern const struct msg_desc maistra_mesh_expansion_config_desc;
extern const struct msg_desc maistra_control_plane_cluster_config_desc;
extern const struct msg_desc maistra_extension_provider_prometheus_config_desc;
extern const struct msg_desc maistra_extension_provider_zipkin_tracing_config_desc;
extern const struct msg_desc maistra_extension_provider_otel_tracing_config_desc;
extern const struct msg_desc maistra_extension_provider_envoy_otel_log_config_desc;
extern const struct msg_desc maistra_extension_provider_envoy_external_authorization_request_body_config_desc;
extern const struct msg_desc maistra_extension_provider_envoy_external_authorization_http_config_desc;
extern const struct msg_desc maistra_extension_provider_envoy_external_authorization_grpc_config_desc;
extern const struct msg_desc maistra_extension_provider_config_desc;
extern const struct msg_desc maistra_mesh_config_desc;
extern const struct msg_desc maistra_logging_config_desc;
extern const struct msg_desc maistra_general_config_desc;
extern const struct msg_desc maistra_mixer_policy_adapters_config_desc;
extern const struct msg_desc maistra_mixer_policy_config_desc;
extern const struct msg_desc maistra_remote_policy_config_desc;
extern const struct msg_desc maistra_policy_config_desc;
extern const struct msg_desc maistra_trust_config_desc;
extern const struct msg_desc maistra_istio_self_signed_certificate_signer_config_desc;
extern const struct msg_desc maistra_istio_private_key_certificate_signer_config_desc;
extern const struct msg_desc maistra_istiod_certificate_authority_config_desc;
extern const struct msg_desc maistra_custom_certificate_authority_config_desc;
extern const struct msg_desc maistra_cert_manager_certificate_authority_config_desc;
extern const struct msg_desc maistra_certificate_authority_config_desc;
extern const struct msg_desc maistra_third_party_identity_config_desc;
extern const struct msg_desc maistra_identity_config_desc;
extern const struct msg_desc maistra_control_plane_tls_config_desc;
extern const struct msg_desc maistra_control_plane_security_config_desc;
extern const struct msg_desc maistra_data_plane_security_config_desc;
extern const struct msg_desc maistra_security_config_desc;
extern const struct msg_desc maistra_telemetry_load_shedding_config_desc;
extern const struct msg_desc maistra_telemetry_batching_config_desc;
extern const struct msg_desc maistra_mixer_telemetry_stdio_config_desc;
extern const struct msg_desc maistra_mixer_telemetry_adapters_config_desc;
extern const struct msg_desc maistra_mixer_telemetry_config_desc;
extern const struct msg_desc maistra_remote_telemetry_config_desc;
extern const struct msg_desc maistra_telemetry_config_desc;
extern const struct msg_desc maistra_tracing_config_desc;
extern const struct msg_desc maistra_smcp_spec_desc;
extern const struct msg_desc maistra_condition_desc;
extern const struct msg_desc maistra_status_type_desc;
extern const struct msg_desc maistra_component_status_desc;
extern const struct msg_desc maistra_readiness_status_desc;
extern const struct msg_desc maistra_control_plane_spec_desc;
extern const struct msg_desc maistra_smcp_status_desc;
extern const struct msg_desc maistra_smcp_desc;

#endif
