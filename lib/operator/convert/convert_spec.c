/* What is the same in a spec of v2 and in the values of v1: all but gateways, components and add-ons. */
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "operator/convert/convert_internal.h"

#define NET "proxy.networking."
#define CONTROL "proxy.networking.trafficControl."
#define CA "security.certificateAuthority."
#define SELF_SIGNED CA "istiod.selfSigned."

static const struct convert_choice choices[] = {
	{"mode", "ClusterWide", "global.clusterWide", "true", true},
	{"mode", "MultiTenant", "global.clusterWide", "false", true},
	{"tracing.type", "None", "tracing.provider", "none", true},
	{"tracing.type", "Jaeger", "tracing.provider", "jaeger", true},
	{"tracing.type", "Stackdriver", "tracing.provider", "stackdriver", true},
	{"tracing.type", "None", "global.proxy.tracer", "none", true},
	{"tracing.type", "Jaeger", "global.proxy.tracer", "zipkin", true},
	{"tracing.type", "Stackdriver", "global.proxy.tracer", "stackdriver", true},
	{"tracing.type", "None", "tracing.enabled", "false", true},
	{"tracing.type", "Jaeger", "tracing.enabled", "true", true},
	{"tracing.type", "Stackdriver", "tracing.enabled", "true", false},
	{"tracing.type", "None", "global.enableTracing", "false", false},
	{"tracing.type", "Jaeger", "global.enableTracing", "true", false},
	{"tracing.type", "Stackdriver", "global.enableTracing", "true", false},
	{"tracing.type", "None", "meshConfig.enableTracing", "false", false},
	{"tracing.type", "Jaeger", "meshConfig.enableTracing", "true", false},
	{"policy.type", "None", "policy.implementation", "None", true},
	{"policy.type", "Mixer", "policy.implementation", "Mixer", true},
	{"policy.type", "Remote", "policy.implementation", "Remote", true},
	{"policy.type", "Istiod", "policy.implementation", "Istiod", true},
	{"policy.type", "None", "mixer.policy.enabled", "false", true},
	{"policy.type", "Mixer", "mixer.policy.enabled", "true", true},
	{"policy.type", "Remote", "mixer.policy.enabled", "false", false},
	{"policy.type", "Istiod", "mixer.policy.enabled", "false", false},
	{"telemetry.type", "None", "telemetry.implementation", "None", true},
	{"telemetry.type", "Mixer", "telemetry.implementation", "Mixer", true},
	{"telemetry.type", "Remote", "telemetry.implementation", "Remote", true},
	{"telemetry.type", "Istiod", "telemetry.implementation", "Istiod", true},
	{"telemetry.type", "None", "telemetry.enabled", "false", true},
	{"telemetry.type", "Istiod", "telemetry.v2.enabled", "true", true},
	{"telemetry.type", "Mixer", "mixer.telemetry.enabled", "true", true},
	{"telemetry.type", "Mixer", "telemetry.enabled", "true", false},
	{"telemetry.type", "Remote", "telemetry.enabled", "true", false},
	{"telemetry.type", "Istiod", "telemetry.enabled", "true", false},
	{"telemetry.type", "None", "telemetry.v1.enabled", "false", false},
	{"telemetry.type", "Mixer", "telemetry.v1.enabled", "true", false},
	{"telemetry.type", "Remote", "telemetry.v1.enabled", "true", false},
	{"telemetry.type", "Istiod", "telemetry.v1.enabled", "false", false},
	{"telemetry.type", "None", "telemetry.v2.enabled", "false", false},
	{"telemetry.type", "Mixer", "telemetry.v2.enabled", "false", false},
	{"telemetry.type", "Remote", "telemetry.v2.enabled", "false", false},
	{"telemetry.type", "None", "mixer.telemetry.enabled", "false", false},
	{"telemetry.type", "Remote", "mixer.telemetry.enabled", "false", false},
	{"telemetry.type", "Istiod", "mixer.telemetry.enabled", "false", false},
	{CA "type", "Istiod", "pilot.ca.implementation", "Istiod", true},
	{CA "type", "Custom", "pilot.ca.implementation", "Custom", true},
	{CA "type", "cert-manager", "pilot.ca.implementation", "cert-manager", true},
	{CA "istiod.type", "SelfSigned", "security.selfSigned", "true", true},
	{CA "istiod.type", "PrivateKey", "security.selfSigned", "false", true},
	{"security.identity.type", "Kubernetes", "global.jwtPolicy", "first-party-jwt", true},
	{"security.identity.type", "ThirdParty", "global.jwtPolicy", "third-party-jwt", true},
	{"security.controlPlane.certProvider", "Istiod", "global.pilotCertProvider", "istiod", true},
	{"security.controlPlane.certProvider", "Kubernetes", "global.pilotCertProvider", "kubernetes", true},
	{"security.controlPlane.certProvider", "Custom", "global.pilotCertProvider", "custom", true},
	{NET "initialization.type", "CNI", "global.proxy.initType", "CNI", true},
	{NET "initialization.type", "InitContainer", "global.proxy.initType", "InitContainer", true},
	{NET "initialization.type", "CNI", "istio_cni.enabled", "true", true},
	{NET "initialization.type", "InitContainer", "istio_cni.enabled", "false", true},
	{"proxy.injection.autoInject", "true", "global.proxy.autoInject", "enabled", true},
	{"proxy.injection.autoInject", "false", "global.proxy.autoInject", "disabled", true},
	{"proxy.injection.autoInject", "true", "sidecarInjectorWebhook.enableNamespacesByDefault", "true", true},
	{"proxy.injection.autoInject", "false", "sidecarInjectorWebhook.enableNamespacesByDefault", "false", true},
};

static const struct convert_row rows[] = {
	{"cluster.name", "global.multiCluster.clusterName", FORM_TEXT},
	{"cluster.network", "global.network", FORM_TEXT},
	{"cluster.multiCluster.enabled", "global.multiCluster.enabled", FORM_FLAG},
	{"cluster.multiCluster.meshNetworks", "global.meshNetworks", FORM_TREE},
	{"cluster.meshExpansion.enabled", "global.meshExpansion.enabled", FORM_FLAG},
	{"cluster.meshExpansion.ilbGateway.enabled", "gateways.istio-ilbgateway.enabled", FORM_FLAG,
	 .also = "global.meshExpansion.useILB"},
	{"meshConfig.extensionProviders", "meshConfig.extensionProviders", FORM_TREE},
	{"meshConfig.discoverySelectors", "meshConfig.discoverySelectors", FORM_TREE},
	{"general.logging.componentLevels", "global.logging.level", FORM_LEVELS},
	{"general.logging.logAsJSON", "global.logAsJson", FORM_FLAG},
	{"general.validationMessages", "galley.enableAnalysis", FORM_FLAG, .also = "global.istiod.enableAnalysis"},
	/* policy: what Mixer and a remote one have in common belongs to the one that is there */
	{"policy.remote.enableChecks", "global.disablePolicyChecks", FORM_NOT, NULL, "policy.type", "Remote"},
	{"policy.remote.failOpen", "global.policyCheckFailOpen", FORM_FLAG, NULL, "policy.type", "Remote"},
	{"policy.mixer.enableChecks", "global.disablePolicyChecks", FORM_NOT},
	{"policy.mixer.failOpen", "global.policyCheckFailOpen", FORM_FLAG},
	{"policy.mixer.sessionAffinity", "mixer.policy.sessionAffinityEnabled", FORM_FLAG},
	{"policy.mixer.adapters.useAdapterCRDs", "mixer.policy.adapters.useAdapterCRDs", FORM_FLAG},
	{"policy.mixer.adapters.kubernetesenv", "mixer.policy.adapters.kubernetesenv.enabled", FORM_FLAG},
	{"policy.remote.address", "global.remotePolicyAddress", FORM_TEXT},
	{"policy.remote.createService", "global.createRemoteSvcEndpoints", FORM_FLAG, NULL, "policy.type", "Remote"},
	{"telemetry.remote.createService", "global.createRemoteSvcEndpoints", FORM_FLAG},
	{"telemetry.remote.address", "global.remoteTelemetryAddress", FORM_TEXT},
	{"telemetry.remote.batching.maxEntries", "mixer.telemetry.reportBatchMaxEntries", FORM_INT, NULL,
	 "telemetry.type", "Remote"},
	{"telemetry.remote.batching.maxTime", "mixer.telemetry.reportBatchMaxTime", FORM_TEXT, NULL, "telemetry.type",
	 "Remote"},
	{"telemetry.mixer.batching.maxEntries", "mixer.telemetry.reportBatchMaxEntries", FORM_INT},
	{"telemetry.mixer.batching.maxTime", "mixer.telemetry.reportBatchMaxTime", FORM_TEXT},
	{"telemetry.mixer.sessionAffinity", "mixer.telemetry.sessionAffinityEnabled", FORM_FLAG},
	{"telemetry.mixer.loadshedding.mode", "mixer.telemetry.loadshedding.mode", FORM_TEXT},
	{"telemetry.mixer.loadshedding.latencyThreshold", "mixer.telemetry.loadshedding.latencyThreshold", FORM_TEXT},
	{"telemetry.mixer.adapters.useAdapterCRDs", "mixer.adapters.useAdapterCRDs", FORM_FLAG},
	{"telemetry.mixer.adapters.kubernetesenv", "mixer.adapters.kubernetesenv.enabled", FORM_FLAG},
	{"telemetry.mixer.adapters.stdio.enabled", "mixer.adapters.stdio.enabled", FORM_FLAG},
	{"telemetry.mixer.adapters.stdio.outputAsJSON", "mixer.adapters.stdio.outputAsJson", FORM_FLAG},
	{"tracing.sampling", "pilot.traceSampling", FORM_HUNDREDTHS},
	/* proxies */
	{"proxy.concurrency", "global.proxy.concurrency", FORM_INT, .also = "meshConfig.concurrency"},
	{"proxy.adminPort", "global.proxy.adminPort", FORM_INT, .also = "meshConfig.defaultConfig.proxyAdminPort"},
	{"proxy.logging.level", "global.proxy.logLevel", FORM_TEXT},
	{"proxy.logging.componentLevels", "global.proxy.componentLogLevel", FORM_LEVELS},
	{NET "clusterDomain", "global.proxy.clusterDomain", FORM_TEXT},
	{NET "connectionTimeout", "global.proxy.connectionTimeout", FORM_TEXT},
	{NET "maxConnectionAge", "pilot.keepaliveMaxServerConnectionAge", FORM_TEXT},
	{CONTROL "inbound.interceptionMode", "global.proxy.interceptionMode", FORM_TEXT},
	{CONTROL "inbound.includedPorts", "global.proxy.includeInboundPorts", FORM_JOINED_KEEP},
	{CONTROL "inbound.excludedPorts", "global.proxy.excludeInboundPorts", FORM_JOINED_INTS},
	{CONTROL "outbound.includedIPRanges", "global.proxy.includeIPRanges", FORM_JOINED_KEEP},
	{CONTROL "outbound.excludedIPRanges", "global.proxy.excludeIPRanges", FORM_JOINED},
	{CONTROL "outbound.excludedPorts", "global.proxy.excludeOutboundPorts", FORM_JOINED_INTS},
	{CONTROL "outbound.policy", "global.outboundTrafficPolicy.mode", FORM_TEXT,
	 .also = "meshConfig.outboundTrafficPolicy.mode"},
	{NET "protocol.autoDetect.timeout", "global.proxy.protocolDetectionTimeout", FORM_TEXT,
	 .also = "meshConfig.protocolDetectionTimeout"},
	{NET "protocol.autoDetect.inbound", "pilot.enableProtocolSniffingForInbound", FORM_FLAG},
	{NET "protocol.autoDetect.outbound", "pilot.enableProtocolSniffingForOutbound", FORM_FLAG},
	{NET "dns.searchSuffixes", "global.podDNSSearchNamespaces", FORM_TREE},
	{NET "dns.refreshRate", "global.proxy.dnsRefreshRate", FORM_TEXT, .also = "meshConfig.dnsRefreshRate"},
	{"proxy.injection.alwaysInjectSelector", "sidecarInjectorWebhook.alwaysInjectSelector", FORM_TREE},
	{"proxy.injection.neverInjectSelector", "sidecarInjectorWebhook.neverInjectSelector", FORM_TREE},
	{"proxy.injection.injectedAnnotations", "sidecarInjectorWebhook.injectedAnnotations", FORM_TREE},
	{"proxy.accessLogging.file.name", "global.proxy.accessLogFile", FORM_TEXT, .also = "meshConfig.accessLogFile"},
	{"proxy.accessLogging.file.encoding", "global.proxy.accessLogEncoding", FORM_TEXT,
	 .also = "meshConfig.accessLogEncoding"},
	{"proxy.accessLogging.file.format", "global.proxy.accessLogFormat", FORM_TEXT,
	 .also = "meshConfig.accessLogFormat"},
	{"proxy.accessLogging.envoyService.enabled", "global.proxy.envoyAccessLogService.enabled", FORM_FLAG,
	 .also = "meshConfig.enableEnvoyAccessLogService"},
	{"proxy.runtime.container.imageName", "global.proxy.image", FORM_TEXT},
	{"proxy.runtime.container.imageRegistry", "global.proxy.hub", FORM_TEXT},
	{"proxy.runtime.container.imageTag", "global.proxy.tag", FORM_TAG},
	{"proxy.runtime.container.imagePullPolicy", "global.proxy.imagePullPolicy", FORM_TEXT},
	{"proxy.runtime.container.imagePullSecrets", "global.proxy.imagePullSecrets", FORM_NAMES},
	{"proxy.runtime.container.resources", "global.proxy.resources", FORM_TREE},
	{"proxy.runtime.container.env", "global.proxy.env", FORM_TREE,
	 .also = "meshConfig.defaultConfig.proxyMetadata"},
	{"proxy.runtime.readiness.statusPort", "global.proxy.statusPort", FORM_INT},
	{"proxy.runtime.readiness.initialDelaySeconds", "global.proxy.readinessInitialDelaySeconds", FORM_INT},
	{"proxy.runtime.readiness.periodSeconds", "global.proxy.readinessPeriodSeconds", FORM_INT},
	{"proxy.runtime.readiness.failureThreshold", "global.proxy.readinessFailureThreshold", FORM_INT},
	{"proxy.runtime.readiness.rewriteApplicationProbes", "sidecarInjectorWebhook.rewriteAppHTTPProbe", FORM_FLAG},
	/* security */
	{"security.dataPlane.mtls", "global.mtls.enabled", FORM_FLAG},
	{"security.dataPlane.automtls", "global.mtls.auto", FORM_FLAG, .also = "meshConfig.enableAutoMtls"},
	{"security.trust.domain", "global.trustDomain", FORM_TEXT},
	{"security.trust.additionalDomains", "global.trustDomainAliases", FORM_TREE,
	 .also = "meshConfig.trustDomainAliases"},
	{CA "istiod.workloadCertTTLDefault", "security.workloadCertTtl", FORM_TEXT,
	 .also = "pilot.env.DEFAULT_WORKLOAD_CERT_TTL", CA "type", "Istiod"},
	{CA "istiod.workloadCertTTLMax", "pilot.env.MAX_WORKLOAD_CERT_TTL", FORM_TEXT, NULL, CA "type", "Istiod"},
	{CA "istiod.privateKey.rootCADir", "pilot.env.ROOT_CA_DIR", FORM_TEXT, NULL, CA "istiod.type", "PrivateKey"},
	{SELF_SIGNED "ttl", "pilot.env.CITADEL_SELF_SIGNED_CA_CERT_TTL", FORM_TEXT, NULL, CA "istiod.type",
	 "SelfSigned"},
	{SELF_SIGNED "gracePeriod", "pilot.env.CITADEL_SELF_SIGNED_ROOT_CERT_GRACE_PERIOD_PERCENTILE", FORM_TEXT, NULL,
	 CA "istiod.type", "SelfSigned"},
	{SELF_SIGNED "checkPeriod", "pilot.env.CITADEL_SELF_SIGNED_ROOT_CERT_CHECK_INTERVAL", FORM_TEXT, NULL,
	 CA "istiod.type", "SelfSigned"},
	{SELF_SIGNED "enableJitter", "pilot.env.CITADEL_ENABLE_JITTER_FOR_ROOT_CERT_ROTATOR", FORM_FLAG_TEXT, NULL,
	 CA "istiod.type", "SelfSigned"},
	{CA "custom.address", "global.caAddress", FORM_TEXT, NULL, CA "type", "Custom"},
	{CA "cert-manager.address", "global.caAddress", FORM_TEXT, NULL, CA "type", "cert-manager"},
	{"security.identity.thirdParty.issuer", "pilot.env.TOKEN_ISSUER", FORM_TEXT, NULL, "security.identity.type",
	 "ThirdParty"},
	{"security.identity.thirdParty.audience", "global.sds.token.aud", FORM_TEXT, NULL, "security.identity.type",
	 "ThirdParty"},
	{"security.controlPlane.mtls", "global.controlPlaneSecurityEnabled", FORM_FLAG},
	{"security.controlPlane.tls.cipherSuites", "global.tls.cipherSuites", FORM_JOINED},
	{"security.controlPlane.tls.ecdhCurves", "global.tls.ecdhCurves", FORM_JOINED},
	{"security.controlPlane.tls.minProtocolVersion", "global.tls.minProtocolVersion", FORM_TEXT},
	{"security.controlPlane.tls.maxProtocolVersion", "global.tls.maxProtocolVersion", FORM_TEXT},
	{"security.manageNetworkPolicy", "global.manageNetworkPolicy", FORM_FLAG},
	{"security.jwksResolverCA", "pilot.jwksResolverExtraRootCA", FORM_TEXT},
	/* what all components have by default */
	{"runtime.defaults.deployment.podDisruption.enabled", "global.defaultPodDisruptionBudget.enabled", FORM_FLAG},
	{"runtime.defaults.deployment.podDisruption.minAvailable", "global.defaultPodDisruptionBudget.minAvailable",
	 FORM_INT_OR_TEXT},
	{"runtime.defaults.deployment.podDisruption.maxUnavailable", "global.defaultPodDisruptionBudget.maxUnavailable",
	 FORM_INT_OR_TEXT},
	{"runtime.defaults.pod.nodeSelector", "global.defaultNodeSelector", FORM_TREE},
	{"runtime.defaults.pod.tolerations", "global.defaultTolerations", FORM_TREE},
	{"runtime.defaults.pod.priorityClassName", "global.priorityClassName", FORM_TEXT},
	{"runtime.defaults.container.imageRegistry", "global.hub", FORM_TEXT},
	{"runtime.defaults.container.imageTag", "global.tag", FORM_TAG},
	{"runtime.defaults.container.imagePullPolicy", "global.imagePullPolicy", FORM_TEXT},
	{"runtime.defaults.container.imagePullSecrets", "global.imagePullSecrets", FORM_NAMES},
	{"runtime.defaults.container.resources", "global.defaultResources", FORM_TREE},
};

/* --- Envoy's services: v1 has host and port apart, and what is on once more in the mesh configuration --- */

static const struct convert_row service_rows[] = {
	{"enabled", "enabled", FORM_FLAG},
	{"tcpKeepalive", "tcpKeepalive", FORM_TREE},
	{"tlsSettings", "tlsSettings", FORM_TREE},
};

static const struct {
	const char *v2, *v1, *mesh;
} services[] = {
	{"proxy.accessLogging.envoyService", "global.proxy.envoyAccessLogService",
	 "meshConfig.defaultConfig.envoyAccessLogService"},
	{"proxy.envoyMetricsService", "global.proxy.envoyMetricsService",
	 "meshConfig.defaultConfig.envoyMetricsService"},
};

static void service_to_v1(const cJSON *v2, cJSON *v1)
{
	const char *address = json_get_str(v2, "address"), *colon = address ? strrchr(address, ':') : NULL;

	convert_rows_to_v1(service_rows, ARRAY_LEN(service_rows), v2, v1);
	if (!address)
		return;
	if (colon) {
		CLEANUP(freep) char *host = mem_printf("%.*s", (int)(colon - address), address);

		json_set_str(v1, "host", host);
		json_set_str(v1, "port", colon + 1);
	} else {
		json_set_str(v1, "host", address);
		json_set_str(v1, "port", "80");
	}
}

static void service_to_v2(cJSON *v1, cJSON *v2)
{
	const char *host = json_get_str(v1, "host");
	CLEANUP(freep) char *port = NULL;
	cJSON *p = json_get(v1, "port");

	convert_rows_to_v2(service_rows, ARRAY_LEN(service_rows), v1, v2);
	if (!host)
		return;
	if (cJSON_IsString(p))
		port = mem_strdup(p->valuestring);
	else if (cJSON_IsNumber(p))
		port = json_to_text(p);
	if (port && *port) {
		CLEANUP(freep) char *address = mem_printf("%s:%s", host, port);

		json_set_str(v2, "address", address);
	} else {
		json_set_str(v2, "address", host);
	}
	if (port)
		json_remove(v1, "port");
	json_remove(v1, "host");
}

static void services_to_v1(const cJSON *v2, cJSON *values)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		const cJSON *service = json_at(v2, services[i].v2);
		cJSON *v1;

		if (!cJSON_IsObject(service))
			continue;
		v1 = cJSON_CreateObject();
		service_to_v1(service, v1);
		if (json_true(service, "enabled"))
			convert_set(values, services[i].mesh, cJSON_Duplicate(v1, true));
		convert_set(values, services[i].v1, v1);
		convert_prune(values, services[i].v1);
	}
}

static void services_to_v2(cJSON *values, cJSON *v2)
{
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		const char *const places[] = {services[i].v1, services[i].mesh};

		for (size_t k = 0; k < ARRAY_LEN(places); k++) {
			cJSON *v1 = json_at(values, places[k]);

			if (!cJSON_IsObject(v1))
				continue;
			service_to_v2(v1, convert_object(v2, services[i].v2));
			convert_prune(values, places[k]);
		}
		convert_prune(v2, services[i].v2);
	}
}

/* --- all of them --- */

void convert_parts_to_v1(const cJSON *v2, cJSON *values)
{
	const cJSON *init = json_at(v2, NET "initialization.initContainer.runtime");

	convert_choices_to_v1(choices, ARRAY_LEN(choices), v2, values);
	convert_rows_to_v1(rows, ARRAY_LEN(rows), v2, values);
	services_to_v1(v2, values);
	if (cJSON_IsObject(init)) {
		convert_container_to_v1(init, convert_object(values, "global.proxy_init"));
		convert_prune(values, "global.proxy_init");
	}
}

void convert_parts_to_v2(cJSON *values, cJSON *v2)
{
	cJSON *init = json_at(values, "global.proxy_init");

	convert_choices_to_v2(choices, ARRAY_LEN(choices), values, v2);
	if (json_at(v2, CA "istiod.type") && !json_at(v2, CA "type"))
		convert_set(v2, CA "type", cJSON_CreateString("Istiod"));
	convert_rows_to_v2(rows, ARRAY_LEN(rows), values, v2);
	services_to_v2(values, v2);
	if (cJSON_IsObject(init)) {
		convert_container_to_v2(init, convert_object(v2, NET "initialization.initContainer.runtime"));
		convert_prune(v2, NET "initialization.initContainer.runtime");
		convert_prune(values, "global.proxy_init");
	}
}
