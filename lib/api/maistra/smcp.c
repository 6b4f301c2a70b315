/* Rows of serviceMeshControlPlane: maistra.io/v2. See the header for the structs. */
#include "api/maistra/smcp.h"

#include "api/api_internal.h"

WORDS(words_sni_dnat_standard, {"sni-dnat", 0}, {"standard", 0});
WORDS(words_none_mixer_remote_istiod, {"None", 0}, {"Mixer", 0}, {"Remote", 0}, {"Istiod", 0});
WORDS(words_private_key_self_signed, {"PrivateKey", 0}, {"SelfSigned", 0});
WORDS(words_istiod_custom_cert_manager, {"Istiod", 0}, {"Custom", 0}, {"cert-manager", 0});
WORDS(words_kubernetes_third_party, {"Kubernetes", 0}, {"ThirdParty", 0});
WORDS(words_istiod_kubernetes_custom, {"Istiod", 0}, {"Kubernetes", 0}, {"Custom", 0});
WORDS(words_none_jaeger_stackdriver, {"None", 0}, {"Jaeger", 0}, {"Stackdriver", 0});
WORDS(words_cluster_wide_multi_tenant, {"ClusterWide", 0}, {"MultiTenant", 0});
WORDS(words_subnet_multitenant_networkpolicy, {"subnet", 0}, {"multitenant", 0}, {"networkpolicy", 0});

#define T struct maistra_mesh_endpoint_config
static const struct msg_field maistra_mesh_endpoint_config_rows[] = {
	F(from_registry, "fromRegistry", STRING, TOLD("pods of other networks are not led through gateways"),
	  .doc = "Takes the endpoints of this service registry."),
	F(from_cidr, "fromCIDR", STRING, TOLD("pods of other networks are not led through gateways"),
	  .doc = "Takes the endpoints of this network."),
};
DESC(maistra_mesh_endpoint_config, "MeshEndpointConfig", NULL);
#undef T

#define T struct maistra_mesh_gateway_config
static const struct msg_field maistra_mesh_gateway_config_rows[] = {
	F(service, "service", STRING, TOLD("pods of other networks are not led through gateways")),
	F(registry_service_name, "registryServiceName", STRING,
	  TOLD("pods of other networks are not led through gateways"),
	  .doc = "Fully qualified name of the gateway's service."),
	F(address, "address", STRING, TOLD("pods of other networks are not led through gateways")),
	F(port, "port", INT32, TOLD("pods of other networks are not led through gateways")),
};
DESC(maistra_mesh_gateway_config, "MeshGatewayConfig", NULL);
#undef T

#define T struct maistra_mesh_network_config
static const struct msg_field maistra_mesh_network_config_rows[] = {
	F(endpoints, "endpoints", MESSAGE, TOLD("pods of other networks are not led through gateways"),
	  .desc = &maistra_mesh_endpoint_config_desc, .flags = MSG_LIST),
	F(gateways, "gateways", MESSAGE, TOLD("pods of other networks are not led through gateways"),
	  .desc = &maistra_mesh_gateway_config_desc, .flags = MSG_LIST),
};
DESC(maistra_mesh_network_config, "MeshNetworkConfig", NULL);
#undef T

#define T struct maistra_multi_cluster_config
static const struct msg_field maistra_multi_cluster_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD_UNLESS("one control plane looks at one cluster", "false"),
	  .flags = MSG_OPTIONAL, .doc = "Joins several clusters to one mesh; not supported."),
	F(mesh_networks, "meshNetworks", MAP, TOLD("pods of other networks are not led through gateways"),
	  .desc = &maistra_mesh_network_config_desc, .doc = "Networks by name."),
};
DESC(maistra_multi_cluster_config, "MultiClusterConfig", NULL);
#undef T

#define T struct maistra_gateway_config
static const struct msg_field maistra_gateway_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Whether it is installed; false by default."),
	F(namespace, "namespace", STRING, DONE, .doc = "Its namespace; the control plane's by default."),
	F(service, "service", MESSAGE, DONE, .desc = &maistra_gateway_service_config_desc,
	  .doc = "Settings of its Service."),
	F(router_mode, "routerMode", STRING, TOLD_UNLESS("traffic from other networks is not led on", "standard"),
	  .enums = &words_sni_dnat_standard, .doc = "How the gateway forwards to other networks."),
	F(volumes, "volumes", MESSAGE, DONE, .desc = &maistra_volume_config_desc, .flags = MSG_LIST,
	  .doc = "Further volumes of its pods."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_component_runtime_config_desc,
	  .doc = "Replicas, placement, image and resources."),
};
DESC(maistra_gateway_config, "GatewayConfig", NULL);
#undef T

#define T struct maistra_mesh_expansion_config
static const struct msg_field maistra_mesh_expansion_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Leads workloads outside the cluster to the control plane, through the ingress gateway; false by "
		 "default."),
	F(ilb_gateway, "ilbGateway", MESSAGE, DONE, .desc = &maistra_gateway_config_desc,
	  .doc = "A further gateway for that, istio-ilbgateway, for an internal load balancer."),
};
DESC(maistra_mesh_expansion_config, "MeshExpansionConfig", NULL);
#undef T

#define T struct maistra_control_plane_cluster_config
static const struct msg_field maistra_control_plane_cluster_config_rows[] = {
	F(name, "name", STRING, DONE,
	  .doc = "Name of the cluster in telemetry and certificates' checks; Kubernetes by default."),
	F(network, "network", STRING, DONE, .doc = "Name of the network that the cluster's pods are on."),
	F(multi_cluster, "multiCluster", MESSAGE, DONE, .desc = &maistra_multi_cluster_config_desc,
	  .doc = "Several clusters in one mesh, which are not supported."),
	F(mesh_expansion, "meshExpansion", MESSAGE, DONE, .desc = &maistra_mesh_expansion_config_desc,
	  .doc = "Workloads outside the cluster."),
};
DESC(maistra_control_plane_cluster_config, "ControlPlaneClusterConfig", "The cluster that the control plane runs in.");
#undef T

#define T struct maistra_extension_provider_prometheus_config
DESC_EMPTY(maistra_extension_provider_prometheus_config, "ExtensionProviderPrometheusConfig", NULL);
#undef T

#define T struct maistra_extension_provider_zipkin_tracing_config
static const struct msg_field maistra_extension_provider_zipkin_tracing_config_rows[] = {
	F(service, "service", STRING, DONE, .flags = MSG_REQUIRED),
	F(port, "port", INT64, DONE, .flags = MSG_KEEP_ZERO | MSG_REQUIRED),
	F(max_tag_length, "maxTagLength", INT64, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Longest tag value that is kept, bytes."),
	F(enable64bit_trace_id, "enable64bitTraceId", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Uses trace identifiers of 64 bits."),
};
DESC(maistra_extension_provider_zipkin_tracing_config, "ExtensionProviderZipkinTracingConfig", NULL);
#undef T

#define T struct maistra_extension_provider_otel_tracing_config
static const struct msg_field maistra_extension_provider_otel_tracing_config_rows[] = {
	F(service, "service", STRING, DONE, .flags = MSG_REQUIRED),
	F(port, "port", INT64, DONE, .flags = MSG_KEEP_ZERO | MSG_REQUIRED),
	F(max_tag_length, "maxTagLength", INT64, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Longest tag value that is kept, bytes."),
};
DESC(maistra_extension_provider_otel_tracing_config, "ExtensionProviderOtelTracingConfig", NULL);
#undef T

#define T struct maistra_extension_provider_envoy_otel_log_config
static const struct msg_field maistra_extension_provider_envoy_otel_log_config_rows[] = {
	F(service, "service", STRING, DONE, .flags = MSG_REQUIRED),
	F(port, "port", INT64, DONE, .flags = MSG_KEEP_ZERO | MSG_REQUIRED),
	F(log_name, "logName", STRING, DONE),
};
DESC(maistra_extension_provider_envoy_otel_log_config, "ExtensionProviderEnvoyOtelLogConfig", NULL);
#undef T

#define T struct maistra_extension_provider_envoy_external_authorization_request_body_config
static const struct msg_field maistra_extension_provider_envoy_external_authorization_request_body_config_rows[] = {
	F(max_request_bytes, "maxRequestBytes", INT64, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Most bytes of the body that are buffered."),
	F(allow_partial_message, "allowPartialMessage", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Sends the body's beginning when it is too long."),
	F(pack_as_bytes, "packAsBytes", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Sends the body as bytes instead of text."),
};
DESC(maistra_extension_provider_envoy_external_authorization_request_body_config,
     "ExtensionProviderEnvoyExternalAuthorizationRequestBodyConfig", NULL);
#undef T

#define T struct maistra_extension_provider_envoy_external_authorization_http_config
static const struct msg_field maistra_extension_provider_envoy_external_authorization_http_config_rows[] = {
	F(service, "service", STRING, DONE, .flags = MSG_REQUIRED),
	F(port, "port", INT64, DONE, .flags = MSG_KEEP_ZERO | MSG_REQUIRED),
	F(timeout, "timeout", STRING, DONE, .doc = "How long to wait before giving up."),
	F(path_prefix, "pathPrefix", STRING, DONE, .doc = "Prefix put before the path of the check."),
	F(fail_open, "failOpen", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Lets requests pass when the service cannot be asked."),
	F(status_on_error, "statusOnError", STRING, DONE, .doc = "HTTP status when the service cannot be asked."),
	F(include_request_headers_in_check, "includeRequestHeadersInCheck", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Request headers that are sent along."),
	F(include_additional_headers_in_check, "includeAdditionalHeadersInCheck", STR_MAP, DONE,
	  .doc = "Headers that are added to the check."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE, DONE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_request_body_config_desc,
	  .doc = "How much of the body is sent along."),
	F(headers_to_upstream_on_allow, "headersToUpstreamOnAllow", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Headers of the answer that go to the workload when allowed."),
	F(headers_to_downstream_on_deny, "headersToDownstreamOnDeny", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Headers of the answer that go to the client when denied."),
	F(headers_to_downstream_on_allow, "headersToDownstreamOnAllow", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Headers of the answer that go to the client when allowed."),
};
DESC(maistra_extension_provider_envoy_external_authorization_http_config,
     "ExtensionProviderEnvoyExternalAuthorizationHTTPConfig", NULL);
#undef T

#define T struct maistra_extension_provider_envoy_external_authorization_grpc_config
static const struct msg_field maistra_extension_provider_envoy_external_authorization_grpc_config_rows[] = {
	F(service, "service", STRING, DONE, .flags = MSG_REQUIRED),
	F(port, "port", INT64, DONE, .flags = MSG_KEEP_ZERO | MSG_REQUIRED),
	F(timeout, "timeout", STRING, DONE, .doc = "How long to wait before giving up."),
	F(fail_open, "failOpen", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Lets requests pass when the service cannot be asked."),
	F(status_on_error, "statusOnError", STRING, DONE, .doc = "HTTP status when the service cannot be asked."),
	F(include_request_body_in_check, "includeRequestBodyInCheck", MESSAGE, DONE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_request_body_config_desc,
	  .doc = "How much of the body is sent along."),
};
DESC(maistra_extension_provider_envoy_external_authorization_grpc_config,
     "ExtensionProviderEnvoyExternalAuthorizationGRPCConfig", NULL);
#undef T

#define T struct maistra_extension_provider_config
static const struct msg_field maistra_extension_provider_config_rows[] = {
	F(name, "name", STRING, DONE, .flags = MSG_REQUIRED, .doc = "Name that other objects refer to."),
	F(prometheus, "prometheus", MESSAGE, MOOT("Prometheus scrapes the proxies anyway"),
	  .desc = &maistra_extension_provider_prometheus_config_desc, .doc = "Metrics for Prometheus."),
	F(zipkin, "zipkin", MESSAGE, DONE, .desc = &maistra_extension_provider_zipkin_tracing_config_desc,
	  .doc = "Zipkin collector."),
	F(opentelemetry, "opentelemetry", MESSAGE, DONE, .desc = &maistra_extension_provider_otel_tracing_config_desc,
	  .doc = "OpenTelemetry collector."),
	F(envoy_otel_als, "envoyOtelAls", MESSAGE, DONE, .desc = &maistra_extension_provider_envoy_otel_log_config_desc,
	  .doc = "Access log by OpenTelemetry."),
	F(envoy_ext_authz_http, "envoyExtAuthzHttp", MESSAGE, DONE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_http_config_desc,
	  .doc = "External authorization over HTTP."),
	F(envoy_ext_authz_grpc, "envoyExtAuthzGrpc", MESSAGE, DONE,
	  .desc = &maistra_extension_provider_envoy_external_authorization_grpc_config_desc,
	  .doc = "External authorization over gRPC."),
};
DESC(maistra_extension_provider_config, "ExtensionProviderConfig", "A provider that policies and telemetry name.");
#undef T

#define T struct maistra_mesh_config
static const struct msg_field maistra_mesh_config_rows[] = {
	F(extension_providers, "extensionProviders", MESSAGE, DONE, .desc = &maistra_extension_provider_config_desc,
	  .flags = MSG_LIST, .doc = "Providers that other objects name."),
	F(discovery_selectors, "discoverySelectors", MESSAGE, DONE, .desc = &meta_label_selector_desc,
	  .flags = MSG_LIST,
	  .doc = "Label selectors of the namespaces that the control plane looks at, in mode ClusterWide; all by "
		 "default."),
};
DESC(maistra_mesh_config, "MeshConfig", "Settings of the whole mesh.");
#undef T

#define T struct maistra_logging_config
static const struct msg_field maistra_logging_config_rows[] = {
	F(component_levels, "componentLevels", STR_MAP,
	  TOLD_UNLESS("weftd has no such component", "default", "all", "ads", "ca", "discovery", "dns", "grpc", "http",
		      "inject", "keys", "kube", "left-out", "members", "mesh", "metrics", "net", "pki", "registration",
		      "routes", "secrets", "status", "store", "tls", "webhooks", "weftd", "xds"),
	  .doc = "Log level by component of weftd, such as ads: debug; default is for all others."),
	F(log_as_json, "logAsJSON", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Writes the logs of control plane and gateways as JSON."),
};
DESC(maistra_logging_config, "LoggingConfig", NULL);
#undef T

#define T struct maistra_general_config
static const struct msg_field maistra_general_config_rows[] = {
	F(logging, "logging", MESSAGE, DONE, .desc = &maistra_logging_config_desc, .doc = "Logs of the control plane."),
	F(validation_messages, "validationMessages", BOOL,
	  TOLD_UNLESS("results are always written into the status", "true"), .flags = MSG_OPTIONAL,
	  .doc = "Writes the results of the analysis into the status of configuration objects."),
};
DESC(maistra_general_config, "GeneralConfig", NULL);
#undef T

#define T struct maistra_mixer_policy_adapters_config
static const struct msg_field maistra_mixer_policy_adapters_config_rows[] = {
	F(use_adapter_cr_ds, "useAdapterCRDs", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Mixer's custom resources; cannot be used."),
	F(kubernetesenv, "kubernetesenv", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Mixer's Kubernetes adapter; cannot be used."),
};
DESC(maistra_mixer_policy_adapters_config, "MixerPolicyAdaptersConfig", NULL);
#undef T

#define T struct maistra_mixer_policy_config
static const struct msg_field maistra_mixer_policy_config_rows[] = {
	F(enable_checks, "enableChecks", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Policy checks; cannot be used."),
	F(fail_open, "failOpen", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Lets requests pass when the service cannot be asked."),
	F(session_affinity, "sessionAffinity", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Whether a client keeps its endpoint: None or ClientIP."),
	F(adapters, "adapters", MESSAGE, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .desc = &maistra_mixer_policy_adapters_config_desc, .doc = "Mixer adapters; cannot be used."),
};
DESC(maistra_mixer_policy_config, "MixerPolicyConfig", NULL);
#undef T

#define T struct maistra_remote_policy_config
static const struct msg_field maistra_remote_policy_config_rows[] = {
	F(address, "address", STRING, TOLD("no policy server is asked; use AuthorizationPolicy")),
	F(create_service, "createService", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Creates a service for the remote address; cannot be used."),
	F(enable_checks, "enableChecks", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Policy checks; cannot be used."),
	F(fail_open, "failOpen", BOOL, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .flags = MSG_OPTIONAL, .doc = "Lets requests pass when the service cannot be asked."),
};
DESC(maistra_remote_policy_config, "RemotePolicyConfig", NULL);
#undef T

#define T struct maistra_policy_config
static const struct msg_field maistra_policy_config_rows[] = {
	F(type, "type", STRING, TOLD_UNLESS("no policy server is asked; use AuthorizationPolicy", "None", "Istiod"),
	  .enums = &words_none_mixer_remote_istiod,
	  .doc = "None or Istiod, which mean the same here; others are not supported."),
	F(mixer, "mixer", MESSAGE, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .desc = &maistra_mixer_policy_config_desc, .doc = "Mixer; cannot be used."),
	F(remote, "remote", MESSAGE, TOLD("no policy server is asked; use AuthorizationPolicy"),
	  .desc = &maistra_remote_policy_config_desc, .doc = "A remote Mixer; cannot be used."),
};
DESC(maistra_policy_config, "PolicyConfig", NULL);
#undef T

#define T struct maistra_trust_config
static const struct msg_field maistra_trust_config_rows[] = {
	F(domain, "domain", STRING, DONE, .doc = "Trust domain of the mesh's certificates; cluster.local by default."),
	F(additional_domains, "additionalDomains", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Further trust domains whose certificates are accepted."),
};
DESC(maistra_trust_config, "TrustConfig", NULL);
#undef T

#define T struct maistra_istio_self_signed_certificate_signer_config
static const struct msg_field maistra_istio_self_signed_certificate_signer_config_rows[] = {
	F(ttl, "ttl", STRING, DONE, .doc = "Life time of the root certificate; 87600h by default."),
	F(grace_period, "gracePeriod", STRING, DONE,
	  .doc = "Last part of its life in which the root is renewed, in percent; 20% by default."),
	F(check_period, "checkPeriod", STRING, DONE, .doc = "Time between two checks of the root; 1h by default."),
	F(enable_jitter, "enableJitter", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Spreads the first check over that time; true by default."),
};
DESC(maistra_istio_self_signed_certificate_signer_config, "IstioSelfSignedCertificateSignerConfig", NULL);
#undef T

#define T struct maistra_istio_private_key_certificate_signer_config
static const struct msg_field maistra_istio_private_key_certificate_signer_config_rows[] = {
	F(root_ca_dir, "rootCADir", STRING, DONE,
	  .doc = "Directory in which the Secret cacerts is mounted; /etc/cacerts by default."),
};
DESC(maistra_istio_private_key_certificate_signer_config, "IstioPrivateKeyCertificateSignerConfig", NULL);
#undef T

#define T struct maistra_istiod_certificate_authority_config
static const struct msg_field maistra_istiod_certificate_authority_config_rows[] = {
	F(type, "type", STRING, DONE, .enums = &words_private_key_self_signed,
	  .doc = "SelfSigned makes a root; PrivateKey takes the Secret cacerts."),
	F(self_signed, "selfSigned", MESSAGE, DONE, .desc = &maistra_istio_self_signed_certificate_signer_config_desc,
	  .doc = "How the root is made."),
	F(private_key, "privateKey", MESSAGE, DONE, .desc = &maistra_istio_private_key_certificate_signer_config_desc,
	  .doc = "Where the Secret cacerts is mounted."),
	F(workload_cert_ttl_default, "workloadCertTTLDefault", STRING, DONE,
	  .doc = "Life time of workloads' certificates that do not ask; 24h by default."),
	F(workload_cert_ttl_max, "workloadCertTTLMax", STRING, DONE,
	  .doc = "Longest life time that a workload may ask for; 2160h by default."),
};
DESC(maistra_istiod_certificate_authority_config, "IstiodCertificateAuthorityConfig", NULL);
#undef T

#define T struct maistra_custom_certificate_authority_config
static const struct msg_field maistra_custom_certificate_authority_config_rows[] = {
	F(address, "address", STRING, DONE, .doc = "Where proxies ask for certificates, host:port."),
};
DESC(maistra_custom_certificate_authority_config, "CustomCertificateAuthorityConfig", NULL);
#undef T

#define T struct maistra_cert_manager_certificate_authority_config
static const struct msg_field maistra_cert_manager_certificate_authority_config_rows[] = {
	F(address, "address", STRING, DONE, .doc = "Where istio-csr signs proxies' certificates, host:port."),
	F(pilot_secret_name, "pilotSecretName", STRING, DONE,
	  .doc = "Secret with the control plane's certificate; istiod-tls by default."),
	F(root_ca_config_map_name, "rootCAConfigMapName", STRING, DONE,
	  .doc = "ConfigMap with the root, where the Secret has no ca.crt; istio-ca-root-cert by default."),
};
DESC(maistra_cert_manager_certificate_authority_config, "CertManagerCertificateAuthorityConfig", NULL);
#undef T

#define T struct maistra_certificate_authority_config
static const struct msg_field maistra_certificate_authority_config_rows[] = {
	F(type, "type", STRING, DONE, .enums = &words_istiod_custom_cert_manager,
	  .doc = "Istiod: the control plane signs. cert-manager: its istio-csr. Custom: another one, of a root in "
		 "Secret cacerts."),
	F(istiod, "istiod", MESSAGE, DONE, .desc = &maistra_istiod_certificate_authority_config_desc,
	  .doc = "Settings of the control plane's own authority."),
	F(custom, "custom", MESSAGE, DONE, .desc = &maistra_custom_certificate_authority_config_desc),
	F(cert_manager, "cert-manager", MESSAGE, DONE, .desc = &maistra_cert_manager_certificate_authority_config_desc),
};
DESC(maistra_certificate_authority_config, "CertificateAuthorityConfig", NULL);
#undef T

#define T struct maistra_third_party_identity_config
static const struct msg_field maistra_third_party_identity_config_rows[] = {
	F(issuer, "issuer", STRING, DONE,
	  .doc = "Issuer that the tokens must have; any that the API server vouches for by default."),
	F(audience, "audience", STRING, DONE, .doc = "Audience that the tokens are made for; istio-ca by default."),
};
DESC(maistra_third_party_identity_config, "ThirdPartyIdentityConfig", NULL);
#undef T

#define T struct maistra_identity_config
static const struct msg_field maistra_identity_config_rows[] = {
	F(type, "type", STRING, DONE, .enums = &words_kubernetes_third_party,
	  .doc = "Kubernetes for plain service account tokens, ThirdParty for tokens with an audience."),
	F(third_party, "thirdParty", MESSAGE, DONE, .desc = &maistra_third_party_identity_config_desc,
	  .doc = "Settings of tokens with an audience."),
};
DESC(maistra_identity_config, "IdentityConfig", NULL);
#undef T

#define T struct maistra_control_plane_tls_config
static const struct msg_field maistra_control_plane_tls_config_rows[] = {
	F(cipher_suites, "cipherSuites", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Cipher suites of TLS 1.2 that are allowed, by their names in Go; those of TLS 1.3 always are."),
	F(ecdh_curves, "ecdhCurves", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Curves that are allowed: X25519, CurveP256, CurveP384, CurveP521."),
	F(min_protocol_version, "minProtocolVersion", STRING, DONE,
	  .doc = "Oldest TLS version that is allowed: TLS_AUTO, TLSv1_0 to TLSv1_3; TLSv1_2 by default."),
	F(max_protocol_version, "maxProtocolVersion", STRING, DONE,
	  .doc = "Newest TLS version that is allowed; TLSv1_3 by default."),
};
DESC(maistra_control_plane_tls_config, "ControlPlaneTLSConfig", NULL);
#undef T

#define T struct maistra_control_plane_security_config
static const struct msg_field maistra_control_plane_security_config_rows[] = {
	F(mtls, "mtls", BOOL, TOLD_UNLESS("the control plane always speaks TLS", "true"), .flags = MSG_OPTIONAL,
	  .doc = "Mutual TLS of the control plane, which is always on."),
	F(cert_provider, "certProvider", STRING, TOLD_UNLESS("istiod issues its own serving certificate", "Istiod"),
	  .enums = &words_istiod_kubernetes_custom,
	  .doc = "Istiod, which signs its own serving certificate; others are not supported."),
	F(tls, "tls", MESSAGE, DONE, .desc = &maistra_control_plane_tls_config_desc,
	  .doc = "What is allowed of TLS, of the control plane and between proxies."),
};
DESC(maistra_control_plane_security_config, "ControlPlaneSecurityConfig", NULL);
#undef T

#define T struct maistra_data_plane_security_config
static const struct msg_field maistra_data_plane_security_config_rows[] = {
	F(mtls, "mtls", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether workloads refuse plain text; false by default."),
	F(automtls, "automtls", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether clients use mutual TLS wherever the other side can; true by default."),
};
DESC(maistra_data_plane_security_config, "DataPlaneSecurityConfig", NULL);
#undef T

#define T struct maistra_security_config
static const struct msg_field maistra_security_config_rows[] = {
	F(trust, "trust", MESSAGE, DONE, .desc = &maistra_trust_config_desc, .doc = "Trust domains of the mesh."),
	F(certificate_authority, "certificateAuthority", MESSAGE, DONE,
	  .desc = &maistra_certificate_authority_config_desc, .doc = "Who signs workloads' certificates."),
	F(identity, "identity", MESSAGE, DONE, .desc = &maistra_identity_config_desc,
	  .doc = "How workloads prove to the authority who they are."),
	F(control_plane, "controlPlane", MESSAGE, DONE, .desc = &maistra_control_plane_security_config_desc,
	  .doc = "Security of the control plane's own connections."),
	F(data_plane, "dataPlane", MESSAGE, DONE, .desc = &maistra_data_plane_security_config_desc,
	  .doc = "Security between workloads."),
	F(manage_network_policy, "manageNetworkPolicy", BOOL, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Whether NetworkPolicies are made for the mesh; true by default."),
	F(jwks_resolver_ca, "jwksResolverCA", STRING, DONE,
	  .doc = "Certificates that servers of key sets may end at beside the system's, PEM."),
};
DESC(maistra_security_config, "SecurityConfig", NULL);
#undef T

#define T struct maistra_telemetry_load_shedding_config
static const struct msg_field maistra_telemetry_load_shedding_config_rows[] = {
	F(mode, "mode", STRING, TOLD("no telemetry server is told; Prometheus scrapes the proxies")),
	F(latency_threshold, "latencyThreshold", STRING,
	  TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .doc = "Latency above which load is shed."),
};
DESC(maistra_telemetry_load_shedding_config, "TelemetryLoadSheddingConfig", NULL);
#undef T

#define T struct maistra_telemetry_batching_config
static const struct msg_field maistra_telemetry_batching_config_rows[] = {
	F(max_entries, "maxEntries", INT32, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .flags = MSG_OPTIONAL, .doc = "Most entries of a batch."),
	F(max_time, "maxTime", STRING, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .doc = "Longest time of a batch."),
};
DESC(maistra_telemetry_batching_config, "TelemetryBatchingConfig", NULL);
#undef T

#define T struct maistra_mixer_telemetry_stdio_config
static const struct msg_field maistra_mixer_telemetry_stdio_config_rows[] = {
	F(enabled, "enabled", BOOL, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .flags = MSG_OPTIONAL),
	F(output_as_json, "outputAsJSON", BOOL, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .flags = MSG_OPTIONAL, .doc = "Writes JSON."),
};
DESC(maistra_mixer_telemetry_stdio_config, "MixerTelemetryStdioConfig", NULL);
#undef T

#define T struct maistra_mixer_telemetry_adapters_config
static const struct msg_field maistra_mixer_telemetry_adapters_config_rows[] = {
	F(use_adapter_cr_ds, "useAdapterCRDs", BOOL,
	  TOLD("no telemetry server is told; Prometheus scrapes the proxies"), .flags = MSG_OPTIONAL,
	  .doc = "Mixer's custom resources; cannot be used."),
	F(kubernetesenv, "kubernetesenv", BOOL, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .flags = MSG_OPTIONAL, .doc = "Mixer's Kubernetes adapter; cannot be used."),
	F(stdio, "stdio", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_mixer_telemetry_stdio_config_desc, .doc = "Standard output."),
};
DESC(maistra_mixer_telemetry_adapters_config, "MixerTelemetryAdaptersConfig", NULL);
#undef T

#define T struct maistra_mixer_telemetry_config
static const struct msg_field maistra_mixer_telemetry_config_rows[] = {
	F(session_affinity, "sessionAffinity", BOOL,
	  TOLD("no telemetry server is told; Prometheus scrapes the proxies"), .flags = MSG_OPTIONAL,
	  .doc = "Whether a client keeps its endpoint: None or ClientIP."),
	F(loadshedding, "loadshedding", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_telemetry_load_shedding_config_desc, .doc = "Load shedding."),
	F(batching, "batching", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_telemetry_batching_config_desc, .doc = "Batching; cannot be used."),
	F(adapters, "adapters", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_mixer_telemetry_adapters_config_desc, .doc = "Mixer adapters; cannot be used."),
};
DESC(maistra_mixer_telemetry_config, "MixerTelemetryConfig", NULL);
#undef T

#define T struct maistra_remote_telemetry_config
static const struct msg_field maistra_remote_telemetry_config_rows[] = {
	F(address, "address", STRING, TOLD("no telemetry server is told; Prometheus scrapes the proxies")),
	F(create_service, "createService", BOOL, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .flags = MSG_OPTIONAL, .doc = "Creates a service for the remote address; cannot be used."),
	F(batching, "batching", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_telemetry_batching_config_desc, .doc = "Batching; cannot be used."),
};
DESC(maistra_remote_telemetry_config, "RemoteTelemetryConfig", NULL);
#undef T

#define T struct maistra_telemetry_config
static const struct msg_field maistra_telemetry_config_rows[] = {
	F(type, "type", STRING,
	  TOLD_UNLESS("no telemetry server is told; Prometheus scrapes the proxies", "None", "Istiod"),
	  .enums = &words_none_mixer_remote_istiod,
	  .doc = "None or Istiod, which mean the same here; others are not supported."),
	F(mixer, "mixer", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_mixer_telemetry_config_desc, .doc = "Mixer; cannot be used."),
	F(remote, "remote", MESSAGE, TOLD("no telemetry server is told; Prometheus scrapes the proxies"),
	  .desc = &maistra_remote_telemetry_config_desc, .doc = "A remote Mixer; cannot be used."),
};
DESC(maistra_telemetry_config, "TelemetryConfig", NULL);
#undef T

#define T struct maistra_tracing_config
static const struct msg_field maistra_tracing_config_rows[] = {
	F(type, "type", STRING,
	  TOLD_UNLESS("spans are sent to Jaeger only, or to what meshConfig.extensionProviders names", "None",
		      "Jaeger"),
	  .enums = &words_none_jaeger_stackdriver,
	  .doc = "Where spans go: None, or Jaeger, whose collector is JAEGER-collector in this namespace."),
	F(sampling, "sampling", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Share of requests that are traced, in hundredths of a percent: 10000 is all."),
};
DESC(maistra_tracing_config, "TracingConfig", NULL);
#undef T

#define T struct maistra_smcp_spec
static const struct msg_field maistra_smcp_spec_rows[] = {
	F(profiles, "profiles", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Profiles whose values fill in what is absent here; [\"default\"] by default."),
	F(version, "version", STRING, DONE, .doc = "Version of the control plane, v2.2 to v2.6; v2.6 when absent."),
	F(mode, "mode", STRING, DONE, .enums = &words_cluster_wide_multi_tenant,
	  .doc = "MultiTenant for the members of the roll only, ClusterWide for all namespaces."),
	F(cluster, "cluster", MESSAGE, DONE, .desc = &maistra_control_plane_cluster_config_desc,
	  .doc = "The cluster that the control plane runs in."),
	F(mesh_config, "meshConfig", MESSAGE, DONE, .desc = &maistra_mesh_config_desc,
	  .doc = "Settings of the whole mesh."),
	F(general, "general", MESSAGE, DONE, .desc = &maistra_general_config_desc,
	  .doc = "Logs and validation messages."),
	F(policy, "policy", MESSAGE, DONE, .desc = &maistra_policy_config_desc,
	  .doc = "Policy servers, which are not supported; use AuthorizationPolicy."),
	F(proxy, "proxy", MESSAGE, DONE, .desc = &maistra_proxy_config_desc,
	  .doc = "Settings of all proxies and of injection."),
	F(security, "security", MESSAGE, DONE, .desc = &maistra_security_config_desc,
	  .doc = "Certificates, identities and mutual TLS."),
	F(telemetry, "telemetry", MESSAGE, DONE, .desc = &maistra_telemetry_config_desc,
	  .doc = "Telemetry servers, which are not supported."),
	F(tracing, "tracing", MESSAGE, DONE, .desc = &maistra_tracing_config_desc, .doc = "Sampling of traces."),
	F(gateways, "gateways", MESSAGE, DONE, .desc = &maistra_gateways_config_desc,
	  .doc = "Ingress and egress gateways of the mesh."),
	F(runtime, "runtime", MESSAGE, DONE, .desc = &maistra_control_plane_runtime_config_desc,
	  .doc = "Replicas, placement, images and resources of the components."),
	F(addons, "addons", MESSAGE, DONE, .desc = &maistra_addons_config_desc, .doc = "Prometheus and other add-ons."),
	F(tech_preview, "techPreview", JSON, DONE, .flags = MSG_OBJECT, .doc = "Settings that are not final, by path."),
};
DESC(maistra_smcp_spec, "ControlPlaneSpec", "What is wanted of a mesh.");
#undef T

#define T struct maistra_condition
static const struct msg_field maistra_condition_rows[] = {
	F(type, "type", STRING, MOOT("written by the operator"),
	  .doc = "What the condition is about: Installed, Reconciled or Ready."),
	F(status, "status", STRING, MOOT("written by the operator"), .doc = "True, False or Unknown."),
	F(reason, "reason", STRING, MOOT("written by the operator"), .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, MOOT("written by the operator"), .doc = "Sentence for people that says why."),
	F(last_transition_time, "lastTransitionTime", STRING, MOOT("written by the operator"), .format = "date-time",
	  .doc = "When the status changed last."),
};
DESC(maistra_condition, "Condition", "One condition of the control plane or a component.");
#undef T

#define T struct maistra_status_type
static const struct msg_field maistra_status_type_rows[] = {
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"), .desc = &maistra_condition_desc,
	  .flags = MSG_LIST, .doc = "Conditions observed last."),
};
DESC(maistra_status_type, "StatusType", NULL);
#undef T

#define T struct maistra_component_status
static const struct msg_field maistra_component_status_rows[] = {
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"), .desc = &maistra_condition_desc,
	  .flags = MSG_LIST, .doc = "Conditions observed last."),
	F(resource, "resource", STRING, MOOT("written by the operator"), .doc = "Name of the component."),
	F(children, "children", MESSAGE, MOOT("written by the operator"), .desc = &maistra_status_type_desc,
	  .flags = MSG_LIST, .doc = "Parts of the component."),
};
DESC(maistra_component_status, "ComponentStatus", "What was observed of a component.");
#undef T

#define T struct maistra_readiness_status
static const struct msg_field maistra_readiness_status_rows[] = {
	F(components, "components", JSON, MOOT("written by the operator"), .flags = MSG_OBJECT,
	  .format = "string-lists", .doc = "Names of ready, unready and pending components."),
};
DESC(maistra_readiness_status, "ReadinessStatus", "Which components are ready.");
#undef T

#define T struct maistra_control_plane_spec
static const struct msg_field maistra_control_plane_spec_rows[] = {
	F(template, "template", STRING, DONE, .doc = "Obsolete name of a single profile."),
	F(profiles, "profiles", STRING, DONE, .flags = MSG_LIST, .doc = "Profiles whose values were applied."),
	F(version, "version", STRING, DONE, .doc = "Version of the control plane."),
	F(network_type, "networkType", STRING, TOLD("not supported yet; it has no effect"),
	  .enums = &words_subnet_multitenant_networkpolicy),
	F(istio, "istio", JSON, DONE, .flags = MSG_OBJECT, .doc = "Values of the control plane by path."),
	F(three_scale, "threeScale", JSON, DONE, .flags = MSG_OBJECT),
};
DESC(maistra_control_plane_spec, "ControlPlaneSpec", "What is wanted of a control plane.");
#undef T

#define T struct maistra_smcp_status
static const struct msg_field maistra_smcp_status_rows[] = {
	F(annotations, "annotations", STR_MAP, MOOT("written by the operator"), .doc = "Further facts by name."),
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"), .desc = &maistra_condition_desc,
	  .flags = MSG_LIST, .doc = "Conditions observed last."),
	F(observed_generation, "observedGeneration", INT64, MOOT("written by the operator"),
	  .doc = "Generation of the specification that this status is about."),
	F(operator_version, "operatorVersion", STRING, MOOT("written by the operator"),
	  .doc = "Version of the operator that wrote this status."),
	F(chart_version, "chartVersion", STRING, MOOT("written by the operator"),
	  .doc = "Version of the templates that were applied."),
	F(components, "components", MESSAGE, MOOT("written by the operator"), .desc = &maistra_component_status_desc,
	  .flags = MSG_LIST, .doc = "State by component."),
	F(readiness, "readiness", MESSAGE, MOOT("written by the operator"), .desc = &maistra_readiness_status_desc,
	  .doc = "Which components are ready."),
	F(applied_spec, "appliedSpec", MESSAGE, MOOT("written by the operator"), .desc = &maistra_smcp_spec_desc,
	  .doc = "The specification with the profiles' values."),
	F(applied_values, "appliedValues", MESSAGE, MOOT("written by the operator"),
	  .desc = &maistra_control_plane_spec_desc, .doc = "The values the objects were made from."),
};
DESC(maistra_smcp_status, "ControlPlaneStatus", "What was observed of a control plane.");
#undef T

#define T struct maistra_smcp
static const struct msg_field maistra_smcp_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &maistra_smcp_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &maistra_smcp_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(maistra_smcp, "ServiceMeshControlPlane", "A service mesh: its control plane, gateways and add-ons.");
#undef T
