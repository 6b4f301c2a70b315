/* Rows of serviceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/smcp.h"

#include "api/api_internal.h"

WORDS(words_sni_dnat_standard, {"sni-dnat", 0}, {"standard", 0});
WORDS(words_none_mixer_remote_istiod, {"None", 0}, {"Mixer", 0}, {"Remote", 0}, {"Istiod", 0});
WORDS(words_private_key_self_signed, {"PrivateKey", 0}, {"SelfSigned", 0});
WORDS(words_istiod_custom_cert_manager, {"Istiod", 0}, {"Custom", 0}, {"cert-manager", 0});
WORDS(words_kubernetes_third_party, {"Kubernetes", 0}, {"ThirdParty", 0});
WORDS(words_istiod_kubernetes_custom, {"Istiod", 0}, {"Kubernetes", 0}, {"Custom", 0});
WORDS(words_none_jaeger_stackdriver, {"None", 0}, {"Jaeger", 0}, {"Stackdriver", 0});
WORDS(words_cluster_wide_multi_tenant, {"ClusterWide", 0}, {"MultiTenant", 0});
WORDS(words_installed_reconciled_ready, {"Installed", 0}, {"Reconciled", 0}, {"Ready", 0});
WORDS(words_true_false_unknown, {"True", 0}, {"False", 0}, {"Unknown", 0});
WORDS(words_deletion_error_install_successful_inst, {"DeletionError", 0}, {"InstallSuccessful", 0}, {"InstallError", 0},
      {"ReconcileSuccessful", 0}, {"ValidationError", 0}, {"ErrMultipleSMCPs", 0}, {"DependencyMissingError", 0},
      {"ReconcileError", 0}, {"ResourceCreated", 0}, {"SpecUpdated", 0}, {"OperatorUpdated", 0},
      {"UpdateSuccessful", 0}, {"ComponentsReady", 0}, {"ComponentsNotReady", 0}, {"ProbeError", 0},
      {"PausingInstall", 0}, {"PausingUpdate", 0}, {"Deleting", 0}, {"Deleted", 0});
WORDS(words_subnet_multitenant_networkpolicy, {"subnet", 0}, {"multitenant", 0}, {"networkpolicy", 0});

#define T struct maistra_mesh_endpoint_config
static const struct msg_field maistra_mesh_endpoint_config_rows[] = {
	F(from_registry, "fromRegistry", STRING, .doc = "From registry."),
	F(from_cidr, "fromCIDR", STRING, .doc = "From cidr."),
};
DESC(maistra_mesh_endpoint_config, "MeshEndpointConfig", "Mesh endpoint config.");
#undef T

#define T struct maistra_mesh_gateway_config
static const struct msg_field maistra_mesh_gateway_config_rows[] = {
	F(service, "service", STRING, .doc = "Service."),
	F(registry_service_name, "registryServiceName", STRING, .doc = "Registry service name."),
	F(address, "address", STRING, .doc = "Address."),
	F(port, "port", INT32, .doc = "Port."),
};
DESC(maistra_mesh_gateway_config, "MeshGatewayConfig", "Mesh gateway config.");
#undef T

#define T struct maistra_mesh_network_config
static const struct msg_field maistra_mesh_network_config_rows[] = {
	F(endpoints, "endpoints", MESSAGE, .desc = &maistra_mesh_endpoint_config_desc, .flags = MSG_LIST,
	  .doc = "Endpoints."),
	F(gateways, "gateways", MESSAGE, .desc = &maistra_mesh_gateway_config_desc, .flags = MSG_LIST,
	  .doc = "Gateways."),
};
DESC(maistra_mesh_network_config, "MeshNetworkConfig", "Mesh network config.");
#undef T

#define T struct maistra_multi_cluster_config
static const struct msg_field maistra_multi_cluster_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(mesh_networks, "meshNetworks", MAP, .desc = &maistra_mesh_network_config_desc, .doc = "Mesh networks."),
};
DESC(maistra_multi_cluster_config, "MultiClusterConfig", "Multi cluster config.");
#undef T

#define T struct maistra_gateway_config
static const struct msg_field maistra_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
	F(service, "service", MESSAGE, .desc = &maistra_gateway_service_config_desc, .doc = "Service."),
	F(router_mode, "routerMode", STRING, .enums = &words_sni_dnat_standard, .doc = "Router mode."),
	F(volumes, "volumes", MESSAGE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST, .doc = "Volumes."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_component_runtime_config_desc, .doc = "Runtime."),
};
DESC(maistra_gateway_config, "GatewayConfig", "Gateway config.");
#undef T

#define T struct maistra_mesh_expansion_config
static const struct msg_field maistra_mesh_expansion_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(ilb_gateway, "ilbGateway", MESSAGE, .desc = &maistra_gateway_config_desc, .doc = "Ilb gateway."),
};
DESC(maistra_mesh_expansion_config, "MeshExpansionConfig", "Mesh expansion config.");
#undef T

#define T struct maistra_control_plane_cluster_config
static const struct msg_field maistra_control_plane_cluster_config_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(network, "network", STRING, .doc = "Network."),
	F(multi_cluster, "multiCluster", MESSAGE, .desc = &maistra_multi_cluster_config_desc, .doc = "Multi cluster."),
	F(mesh_expansion, "meshExpansion", MESSAGE, .desc = &maistra_mesh_expansion_config_desc,
	  .doc = "Mesh expansion."),
};
DESC(maistra_control_plane_cluster_config, "ControlPlaneClusterConfig", "Control plane cluster config.");
#undef T

#define T struct maistra_extension_provider_prometheus_config
DESC_EMPTY(maistra_extension_provider_prometheus_config, "ExtensionProviderPrometheusConfig",
	   "Extension provider prometheus config.");
#undef T

#define T struct maistra_extension_provider_zipkin_tracing_config
static const struct msg_field maistra_extension_provider_zipkin_tracing_config_rows[] = {
	F(service, "service", STRING, .flags = MSG_REQUIRED, .doc = "Service."),
	F(port, "port", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(max_tag_length, "maxTagLength", INT64, .flags = MSG_OPTIONAL, .doc = "Max tag length."),
	F(enable64bit_trace_id, "enable64bitTraceId", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether enable64bit trace id applies."),
};
DESC(maistra_extension_provider_zipkin_tracing_config, "ExtensionProviderZipkinTracingConfig",
     "Extension provider zipkin tracing config.");
#undef T

#define T struct maistra_extension_provider_otel_tracing_config
static const struct msg_field maistra_extension_provider_otel_tracing_config_rows[] = {
	F(service, "service", STRING, .flags = MSG_REQUIRED, .doc = "Service."),
	F(port, "port", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(max_tag_length, "maxTagLength", INT64, .flags = MSG_OPTIONAL, .doc = "Max tag length."),
};
DESC(maistra_extension_provider_otel_tracing_config, "ExtensionProviderOtelTracingConfig",
     "Extension provider otel tracing config.");
#undef T

#define T struct maistra_extension_provider_envoy_otel_log_config
static const struct msg_field maistra_extension_provider_envoy_otel_log_config_rows[] = {
	F(service, "service", STRING, .flags = MSG_REQUIRED, .doc = "Service."),
	F(port, "port", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(log_name, "logName", STRING, .doc = "Log name."),
};
DESC(maistra_extension_provider_envoy_otel_log_config, "ExtensionProviderEnvoyOtelLogConfig",
     "Extension provider envoy otel log config.");
#undef T

#define T struct maistra_extension_provider_envoy_external_authorization_request_body_config
static const struct msg_field maistra_extension_provider_envoy_external_authorization_request_body_config_rows[] = {
	F(max_request_bytes, "maxRequestBytes", INT64, .flags = MSG_OPTIONAL, .doc = "Max request bytes."),
	F(allow_partial_message, "allowPartialMessage", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether allow partial message applies."),
	F(pack_as_bytes, "packAsBytes", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether pack as bytes applies."),
};
DESC(maistra_extension_provider_envoy_external_authorization_request_body_config,
     "ExtensionProviderEnvoyExternalAuthorizationRequestBodyConfig",
     "Extension provider envoy external authorization request body config.");
#undef T

#define T struct maistra_extension_provider_envoy_external_authorization_http_config
static const struct msg_field maistra_extension_provider_envoy_external_authorization_http_config_rows[] = {
	F(service, "service", STRING, .flags = MSG_REQUIRED, .doc = "Service."),
	F(port, "port", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(timeout, "timeout", STRING, .doc = "Timeout."),
	F(path_prefix, "pathPrefix", STRING, .doc = "Path prefix."),
	F(fail_open, "failOpen", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether fail open applies."),
	F(status_on_error, "statusOnError", STRING, .doc = "Status on error."),
	F(include_request_headers_in_check, "includeRequestHeadersInCheck", STRING, .flags = MSG_LIST,
	  .doc = "Include request headers in check."),
	F(include_additional_headers_in_check, "includeAdditionalHeadersInCheck", STR_MAP,
	  .doc = "Include additional headers in check."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_request_body_config_desc,
	  .doc = "Include request body in check."),
	F(headers_to_upstream_on_allow, "headersToUpstreamOnAllow", STRING, .flags = MSG_LIST,
	  .doc = "Headers to upstream on allow."),
	F(headers_to_downstream_on_deny, "headersToDownstreamOnDeny", STRING, .flags = MSG_LIST,
	  .doc = "Headers to downstream on deny."),
	F(headers_to_downstream_on_allow, "headersToDownstreamOnAllow", STRING, .flags = MSG_LIST,
	  .doc = "Headers to downstream on allow."),
};
DESC(maistra_extension_provider_envoy_external_authorization_http_config,
     "ExtensionProviderEnvoyExternalAuthorizationHTTPConfig",
     "Extension provider envoy external authorization http config.");
#undef T

#define T struct maistra_extension_provider_envoy_external_authorization_grpc_config
static const struct msg_field maistra_extension_provider_envoy_external_authorization_grpc_config_rows[] = {
	F(service, "service", STRING, .flags = MSG_REQUIRED, .doc = "Service."),
	F(port, "port", INT64, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Port."),
	F(timeout, "timeout", STRING, .doc = "Timeout."),
	F(fail_open, "failOpen", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether fail open applies."),
	F(status_on_error, "statusOnError", STRING, .doc = "Status on error."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_request_body_config_desc,
	  .doc = "Include request body in check."),
};
DESC(maistra_extension_provider_envoy_external_authorization_grpc_config,
     "ExtensionProviderEnvoyExternalAuthorizationGRPCConfig",
     "Extension provider envoy external authorization grpc config.");
#undef T

#define T struct maistra_extension_provider_config
static const struct msg_field maistra_extension_provider_config_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(prometheus, "prometheus", MESSAGE, .desc = &maistra_extension_provider_prometheus_config_desc,
	  .doc = "Prometheus."),
	F(zipkin, "zipkin", MESSAGE, .desc = &maistra_extension_provider_zipkin_tracing_config_desc, .doc = "Zipkin."),
	F(opentelemetry, "opentelemetry", MESSAGE, .desc = &maistra_extension_provider_otel_tracing_config_desc,
	  .doc = "Opentelemetry."),
	F(envoy_otel_als, "envoyOtelAls", MESSAGE, .desc = &maistra_extension_provider_envoy_otel_log_config_desc,
	  .doc = "Envoy otel als."),
	F(envoy_ext_authz_http, "envoyExtAuthzHttp", MESSAGE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_http_config_desc,
	  .doc = "Envoy ext authz http."),
	F(envoy_ext_authz_grpc, "envoyExtAuthzGrpc", MESSAGE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_grpc_config_desc,
	  .doc = "Envoy ext authz grpc."),
};
DESC(maistra_extension_provider_config, "ExtensionProviderConfig", "Extension provider config.");
#undef T

#define T struct maistra_mesh_config
static const struct msg_field maistra_mesh_config_rows[] = {
	F(extension_providers, "extensionProviders", MESSAGE, .desc = &maistra_extension_provider_config_desc,
	  .flags = MSG_LIST, .doc = "Extension providers."),
	F(discovery_selectors, "discoverySelectors", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Discovery selectors."),
};
DESC(maistra_mesh_config, "MeshConfig", "Mesh config.");
#undef T

#define T struct maistra_logging_config
static const struct msg_field maistra_logging_config_rows[] = {
	F(component_levels, "componentLevels", STR_MAP, .doc = "Component levels."),
	F(log_as_json, "logAsJSON", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether log as json applies."),
};
DESC(maistra_logging_config, "LoggingConfig", "Logging config.");
#undef T

#define T struct maistra_general_config
static const struct msg_field maistra_general_config_rows[] = {
	F(logging, "logging", MESSAGE, .desc = &maistra_logging_config_desc, .doc = "Logging."),
	F(validation_messages, "validationMessages", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether validation messages applies."),
};
DESC(maistra_general_config, "GeneralConfig", "General config.");
#undef T

#define T struct maistra_mixer_policy_adapters_config
static const struct msg_field maistra_mixer_policy_adapters_config_rows[] = {
	F(use_adapter_cr_ds, "useAdapterCRDs", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether use adapter cr ds applies."),
	F(kubernetesenv, "kubernetesenv", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether kubernetesenv applies."),
};
DESC(maistra_mixer_policy_adapters_config, "MixerPolicyAdaptersConfig", "Mixer policy adapters config.");
#undef T

#define T struct maistra_mixer_policy_config
static const struct msg_field maistra_mixer_policy_config_rows[] = {
	F(enable_checks, "enableChecks", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable checks applies."),
	F(fail_open, "failOpen", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether fail open applies."),
	F(session_affinity, "sessionAffinity", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether session affinity applies."),
	F(adapters, "adapters", MESSAGE, .desc = &maistra_mixer_policy_adapters_config_desc, .doc = "Adapters."),
};
DESC(maistra_mixer_policy_config, "MixerPolicyConfig", "Mixer policy config.");
#undef T

#define T struct maistra_remote_policy_config
static const struct msg_field maistra_remote_policy_config_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(create_service, "createService", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether create service applies."),
	F(enable_checks, "enableChecks", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable checks applies."),
	F(fail_open, "failOpen", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether fail open applies."),
};
DESC(maistra_remote_policy_config, "RemotePolicyConfig", "Remote policy config.");
#undef T

#define T struct maistra_policy_config
static const struct msg_field maistra_policy_config_rows[] = {
	F(type, "type", STRING, .enums = &words_none_mixer_remote_istiod, .doc = "Type."),
	F(mixer, "mixer", MESSAGE, .desc = &maistra_mixer_policy_config_desc, .doc = "Mixer."),
	F(remote, "remote", MESSAGE, .desc = &maistra_remote_policy_config_desc, .doc = "Remote."),
};
DESC(maistra_policy_config, "PolicyConfig", "Policy config.");
#undef T

#define T struct maistra_trust_config
static const struct msg_field maistra_trust_config_rows[] = {
	F(domain, "domain", STRING, .doc = "Domain."),
	F(additional_domains, "additionalDomains", STRING, .flags = MSG_LIST, .doc = "Additional domains."),
};
DESC(maistra_trust_config, "TrustConfig", "Trust config.");
#undef T

#define T struct maistra_istio_self_signed_certificate_signer_config
static const struct msg_field maistra_istio_self_signed_certificate_signer_config_rows[] = {
	F(ttl, "ttl", STRING, .doc = "Ttl."),
	F(grace_period, "gracePeriod", STRING, .doc = "Grace period."),
	F(check_period, "checkPeriod", STRING, .doc = "Check period."),
	F(enable_jitter, "enableJitter", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enable jitter applies."),
};
DESC(maistra_istio_self_signed_certificate_signer_config, "IstioSelfSignedCertificateSignerConfig",
     "Istio self signed certificate signer config.");
#undef T

#define T struct maistra_istio_private_key_certificate_signer_config
static const struct msg_field maistra_istio_private_key_certificate_signer_config_rows[] = {
	F(root_ca_dir, "rootCADir", STRING, .doc = "Root ca dir."),
};
DESC(maistra_istio_private_key_certificate_signer_config, "IstioPrivateKeyCertificateSignerConfig",
     "Istio private key certificate signer config.");
#undef T

#define T struct maistra_istiod_certificate_authority_config
static const struct msg_field maistra_istiod_certificate_authority_config_rows[] = {
	F(type, "type", STRING, .enums = &words_private_key_self_signed, .doc = "Type."),
	F(self_signed, "selfSigned", MESSAGE, .desc = &maistra_istio_self_signed_certificate_signer_config_desc,
	  .doc = "Self signed."),
	F(private_key, "privateKey", MESSAGE, .desc = &maistra_istio_private_key_certificate_signer_config_desc,
	  .doc = "Private key."),
	F(workload_cert_ttl_default, "workloadCertTTLDefault", STRING, .doc = "Workload cert ttl default."),
	F(workload_cert_ttl_max, "workloadCertTTLMax", STRING, .doc = "Workload cert ttl max."),
};
DESC(maistra_istiod_certificate_authority_config, "IstiodCertificateAuthorityConfig",
     "Istiod certificate authority config.");
#undef T

#define T struct maistra_custom_certificate_authority_config
static const struct msg_field maistra_custom_certificate_authority_config_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
};
DESC(maistra_custom_certificate_authority_config, "CustomCertificateAuthorityConfig",
     "Custom certificate authority config.");
#undef T

#define T struct maistra_cert_manager_certificate_authority_config
static const struct msg_field maistra_cert_manager_certificate_authority_config_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(pilot_secret_name, "pilotSecretName", STRING, .doc = "Pilot secret name."),
	F(root_ca_config_map_name, "rootCAConfigMapName", STRING, .doc = "Root ca config map name."),
};
DESC(maistra_cert_manager_certificate_authority_config, "CertManagerCertificateAuthorityConfig",
     "Cert manager certificate authority config.");
#undef T

#define T struct maistra_certificate_authority_config
static const struct msg_field maistra_certificate_authority_config_rows[] = {
	F(type, "type", STRING, .enums = &words_istiod_custom_cert_manager, .doc = "Type."),
	F(istiod, "istiod", MESSAGE, .desc = &maistra_istiod_certificate_authority_config_desc, .doc = "Istiod."),
	F(custom, "custom", MESSAGE, .desc = &maistra_custom_certificate_authority_config_desc, .doc = "Custom."),
	F(cert_manager, "cert-manager", MESSAGE, .desc = &maistra_cert_manager_certificate_authority_config_desc,
	  .doc = "Cert manager."),
};
DESC(maistra_certificate_authority_config, "CertificateAuthorityConfig", "Certificate authority config.");
#undef T

#define T struct maistra_third_party_identity_config
static const struct msg_field maistra_third_party_identity_config_rows[] = {
	F(issuer, "issuer", STRING, .doc = "Issuer."),
	F(audience, "audience", STRING, .doc = "Audience."),
};
DESC(maistra_third_party_identity_config, "ThirdPartyIdentityConfig", "Third party identity config.");
#undef T

#define T struct maistra_identity_config
static const struct msg_field maistra_identity_config_rows[] = {
	F(type, "type", STRING, .enums = &words_kubernetes_third_party, .doc = "Type."),
	F(third_party, "thirdParty", MESSAGE, .desc = &maistra_third_party_identity_config_desc, .doc = "Third party."),
};
DESC(maistra_identity_config, "IdentityConfig", "Identity config.");
#undef T

#define T struct maistra_control_plane_tls_config
static const struct msg_field maistra_control_plane_tls_config_rows[] = {
	F(cipher_suites, "cipherSuites", STRING, .flags = MSG_LIST, .doc = "Cipher suites."),
	F(ecdh_curves, "ecdhCurves", STRING, .flags = MSG_LIST, .doc = "Ecdh curves."),
	F(min_protocol_version, "minProtocolVersion", STRING, .doc = "Min protocol version."),
	F(max_protocol_version, "maxProtocolVersion", STRING, .doc = "Max protocol version."),
};
DESC(maistra_control_plane_tls_config, "ControlPlaneTLSConfig", "Control plane tls config.");
#undef T

#define T struct maistra_control_plane_security_config
static const struct msg_field maistra_control_plane_security_config_rows[] = {
	F(mtls, "mtls", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether mtls applies."),
	F(cert_provider, "certProvider", STRING, .enums = &words_istiod_kubernetes_custom, .doc = "Cert provider."),
	F(tls, "tls", MESSAGE, .desc = &maistra_control_plane_tls_config_desc, .doc = "Tls."),
};
DESC(maistra_control_plane_security_config, "ControlPlaneSecurityConfig", "Control plane security config.");
#undef T

#define T struct maistra_data_plane_security_config
static const struct msg_field maistra_data_plane_security_config_rows[] = {
	F(mtls, "mtls", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether mtls applies."),
	F(automtls, "automtls", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether automtls applies."),
};
DESC(maistra_data_plane_security_config, "DataPlaneSecurityConfig", "Data plane security config.");
#undef T

#define T struct maistra_security_config
static const struct msg_field maistra_security_config_rows[] = {
	F(trust, "trust", MESSAGE, .desc = &maistra_trust_config_desc, .doc = "Trust."),
	F(certificate_authority, "certificateAuthority", MESSAGE, .desc = &maistra_certificate_authority_config_desc,
	  .doc = "Certificate authority."),
	F(identity, "identity", MESSAGE, .desc = &maistra_identity_config_desc, .doc = "Identity."),
	F(control_plane, "controlPlane", MESSAGE, .desc = &maistra_control_plane_security_config_desc,
	  .doc = "Control plane."),
	F(data_plane, "dataPlane", MESSAGE, .desc = &maistra_data_plane_security_config_desc, .doc = "Data plane."),
	F(manage_network_policy, "manageNetworkPolicy", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether manage network policy applies."),
	F(jwks_resolver_ca, "jwksResolverCA", STRING, .doc = "Jwks resolver ca."),
};
DESC(maistra_security_config, "SecurityConfig", "Security config.");
#undef T

#define T struct maistra_telemetry_load_shedding_config
static const struct msg_field maistra_telemetry_load_shedding_config_rows[] = {
	F(mode, "mode", STRING, .doc = "Mode."),
	F(latency_threshold, "latencyThreshold", STRING, .doc = "Latency threshold."),
};
DESC(maistra_telemetry_load_shedding_config, "TelemetryLoadSheddingConfig", "Telemetry load shedding config.");
#undef T

#define T struct maistra_telemetry_batching_config
static const struct msg_field maistra_telemetry_batching_config_rows[] = {
	F(max_entries, "maxEntries", INT32, .flags = MSG_OPTIONAL, .doc = "Max entries."),
	F(max_time, "maxTime", STRING, .doc = "Max time."),
};
DESC(maistra_telemetry_batching_config, "TelemetryBatchingConfig", "Telemetry batching config.");
#undef T

#define T struct maistra_mixer_telemetry_stdio_config
static const struct msg_field maistra_mixer_telemetry_stdio_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(output_as_json, "outputAsJSON", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether output as json applies."),
};
DESC(maistra_mixer_telemetry_stdio_config, "MixerTelemetryStdioConfig", "Mixer telemetry stdio config.");
#undef T

#define T struct maistra_mixer_telemetry_adapters_config
static const struct msg_field maistra_mixer_telemetry_adapters_config_rows[] = {
	F(use_adapter_cr_ds, "useAdapterCRDs", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether use adapter cr ds applies."),
	F(kubernetesenv, "kubernetesenv", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether kubernetesenv applies."),
	F(stdio, "stdio", MESSAGE, .desc = &maistra_mixer_telemetry_stdio_config_desc, .doc = "Stdio."),
};
DESC(maistra_mixer_telemetry_adapters_config, "MixerTelemetryAdaptersConfig", "Mixer telemetry adapters config.");
#undef T

#define T struct maistra_mixer_telemetry_config
static const struct msg_field maistra_mixer_telemetry_config_rows[] = {
	F(session_affinity, "sessionAffinity", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether session affinity applies."),
	F(loadshedding, "loadshedding", MESSAGE, .desc = &maistra_telemetry_load_shedding_config_desc,
	  .doc = "Loadshedding."),
	F(batching, "batching", MESSAGE, .desc = &maistra_telemetry_batching_config_desc, .doc = "Batching."),
	F(adapters, "adapters", MESSAGE, .desc = &maistra_mixer_telemetry_adapters_config_desc, .doc = "Adapters."),
};
DESC(maistra_mixer_telemetry_config, "MixerTelemetryConfig", "Mixer telemetry config.");
#undef T

#define T struct maistra_remote_telemetry_config
static const struct msg_field maistra_remote_telemetry_config_rows[] = {
	F(address, "address", STRING, .doc = "Address."),
	F(create_service, "createService", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether create service applies."),
	F(batching, "batching", MESSAGE, .desc = &maistra_telemetry_batching_config_desc, .doc = "Batching."),
};
DESC(maistra_remote_telemetry_config, "RemoteTelemetryConfig", "Remote telemetry config.");
#undef T

#define T struct maistra_telemetry_config
static const struct msg_field maistra_telemetry_config_rows[] = {
	F(type, "type", STRING, .enums = &words_none_mixer_remote_istiod, .doc = "Type."),
	F(mixer, "mixer", MESSAGE, .desc = &maistra_mixer_telemetry_config_desc, .doc = "Mixer."),
	F(remote, "remote", MESSAGE, .desc = &maistra_remote_telemetry_config_desc, .doc = "Remote."),
};
DESC(maistra_telemetry_config, "TelemetryConfig", "Telemetry config.");
#undef T

#define T struct maistra_tracing_config
static const struct msg_field maistra_tracing_config_rows[] = {
	F(type, "type", STRING, .enums = &words_none_jaeger_stackdriver, .doc = "Type."),
	F(sampling, "sampling", INT32, .flags = MSG_OPTIONAL, .doc = "Sampling."),
};
DESC(maistra_tracing_config, "TracingConfig", "Tracing config.");
#undef T

#define T struct maistra_smcp_spec
static const struct msg_field maistra_smcp_spec_rows[] = {
	F(profiles, "profiles", STRING, .flags = MSG_LIST, .doc = "Profiles."),
	F(version, "version", STRING, .doc = "Version."),
	F(mode, "mode", STRING, .enums = &words_cluster_wide_multi_tenant, .doc = "Mode."),
	F(cluster, "cluster", MESSAGE, .desc = &maistra_control_plane_cluster_config_desc, .doc = "Cluster."),
	F(mesh_config, "meshConfig", MESSAGE, .desc = &maistra_mesh_config_desc, .doc = "Mesh config."),
	F(general, "general", MESSAGE, .desc = &maistra_general_config_desc, .doc = "General."),
	F(policy, "policy", MESSAGE, .desc = &maistra_policy_config_desc, .doc = "Policy."),
	F(proxy, "proxy", MESSAGE, .desc = &maistra_proxy_config_desc, .doc = "Proxy."),
	F(security, "security", MESSAGE, .desc = &maistra_security_config_desc, .doc = "Security."),
	F(telemetry, "telemetry", MESSAGE, .desc = &maistra_telemetry_config_desc, .doc = "Telemetry."),
	F(tracing, "tracing", MESSAGE, .desc = &maistra_tracing_config_desc, .doc = "Tracing."),
	F(gateways, "gateways", MESSAGE, .desc = &maistra_gateways_config_desc, .doc = "Gateways."),
	F(runtime, "runtime", MESSAGE, .desc = &maistra_control_plane_runtime_config_desc, .doc = "Runtime."),
	F(addons, "addons", MESSAGE, .desc = &maistra_addons_config_desc, .doc = "Addons."),
	F(tech_preview, "techPreview", JSON, .flags = MSG_OBJECT, .doc = "Tech preview."),
};
DESC(maistra_smcp_spec, "ControlPlaneSpec", "Control plane spec.");
#undef T

#define T struct maistra_condition
static const struct msg_field maistra_condition_rows[] = {
	F(type, "type", STRING, .enums = &words_installed_reconciled_ready, .doc = "Type."),
	F(status, "status", STRING, .enums = &words_true_false_unknown, .doc = "Status."),
	F(reason, "reason", STRING, .enums = &words_deletion_error_install_successful_inst, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
};
DESC(maistra_condition, "Condition", "Condition.");
#undef T

#define T struct maistra_status_type
static const struct msg_field maistra_status_type_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &maistra_condition_desc, .flags = MSG_LIST, .doc = "Conditions."),
};
DESC(maistra_status_type, "StatusType", "Status type.");
#undef T

#define T struct maistra_component_status
static const struct msg_field maistra_component_status_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &maistra_condition_desc, .flags = MSG_LIST, .doc = "Conditions."),
	F(resource, "resource", STRING, .doc = "Resource."),
	F(children, "children", MESSAGE, .desc = &maistra_status_type_desc, .flags = MSG_LIST, .doc = "Children."),
};
DESC(maistra_component_status, "ComponentStatus", "Component status.");
#undef T

#define T struct maistra_readiness_status
static const struct msg_field maistra_readiness_status_rows[] = {
	F(components, "components", JSON, .flags = MSG_OBJECT, .doc = "Components."),
};
DESC(maistra_readiness_status, "ReadinessStatus", "Readiness status.");
#undef T

#define T struct maistra_control_plane_spec
static const struct msg_field maistra_control_plane_spec_rows[] = {
	F(template, "template", STRING, .doc = "Template."),
	F(profiles, "profiles", STRING, .flags = MSG_LIST, .doc = "Profiles."),
	F(version, "version", STRING, .doc = "Version."),
	F(network_type, "networkType", STRING, .enums = &words_subnet_multitenant_networkpolicy,
	  .doc = "Network type."),
	F(istio, "istio", JSON, .flags = MSG_OBJECT, .doc = "Istio."),
	F(three_scale, "threeScale", JSON, .flags = MSG_OBJECT, .doc = "Three scale."),
};
DESC(maistra_control_plane_spec, "ControlPlaneSpec", "Control plane spec.");
#undef T

#define T struct maistra_smcp_status
static const struct msg_field maistra_smcp_status_rows[] = {
	F(annotations, "annotations", STR_MAP, .doc = "Annotations."),
	F(conditions, "conditions", MESSAGE, .desc = &maistra_condition_desc, .flags = MSG_LIST, .doc = "Conditions."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(operator_version, "operatorVersion", STRING, .doc = "Operator version."),
	F(chart_version, "chartVersion", STRING, .doc = "Chart version."),
	F(components, "components", MESSAGE, .desc = &maistra_component_status_desc, .flags = MSG_LIST,
	  .doc = "Components."),
	F(readiness, "readiness", MESSAGE, .desc = &maistra_readiness_status_desc, .doc = "Readiness."),
	F(applied_spec, "appliedSpec", MESSAGE, .desc = &maistra_smcp_spec_desc, .doc = "Applied spec."),
	F(applied_values, "appliedValues", MESSAGE, .desc = &maistra_control_plane_spec_desc, .doc = "Applied values."),
};
DESC(maistra_smcp_status, "ControlPlaneStatus", "Control plane status.");
#undef T

#define T struct maistra_smcp
static const struct msg_field maistra_smcp_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &maistra_smcp_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &maistra_smcp_status_desc, .doc = "Status."),
};
DESC(maistra_smcp, "ServiceMeshControlPlane", "Service mesh control plane.");
#undef T
