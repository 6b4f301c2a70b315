/* The table of what is honoured in the spec of a ServiceMeshControlPlane; the rest is reported by path. */
#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/spec.h"

/* What is honoured. "*" stands for one member or element, "**" at the end for everything below. */

static const char *const honoured[] = {
	"profiles.*",
	"version",
	"mode",
	"cluster.name",
	"cluster.network",
	"meshConfig.extensionProviders.*.name",
	"meshConfig.extensionProviders.*.prometheus.**",
	"meshConfig.discoverySelectors.**",
	"techPreview.global.pathNormalization",
	"techPreview.meshConfig.pathNormalization.normalization",
	"techPreview.meshConfig.defaultConfig.gatewayTopology.numTrustedProxies",
	"techPreview.meshConfig.defaultConfig.gatewayTopology.forwardClientCertDetails",
	"general.logging.componentLevels.*",
	"general.logging.logAsJSON",
	"general.validationMessages",
	"tracing.sampling",
	"proxy.logging.level",
	"proxy.logging.componentLevels.*",
	"proxy.networking.clusterDomain",
	"proxy.networking.connectionTimeout",
	"proxy.networking.maxConnectionAge",
	"proxy.networking.initialization.initContainer.runtime.*",
	"proxy.networking.initialization.initContainer.runtime.resources.**",
	"proxy.networking.trafficControl.**",
	"proxy.networking.protocol.autoDetect.*",
	"proxy.networking.dns.refreshRate",
	"proxy.runtime.readiness.*",
	"proxy.runtime.container.imageName",
	"proxy.runtime.container.imageRegistry",
	"proxy.runtime.container.imageTag",
	"proxy.runtime.container.imagePullPolicy",
	"proxy.runtime.container.imagePullSecrets.**",
	"proxy.runtime.container.resources.**",
	"proxy.runtime.container.env.*",
	"proxy.injection.**",
	"proxy.adminPort",
	"proxy.concurrency",
	"proxy.accessLogging.file.*",
	"security.trust.**",
	"security.certificateAuthority.istiod.type",
	"security.certificateAuthority.istiod.workloadCertTTLDefault",
	"security.certificateAuthority.istiod.workloadCertTTLMax",
	"security.certificateAuthority.istiod.selfSigned.ttl",
	"security.identity.type",
	"security.identity.thirdParty.audience",
	"security.dataPlane.*",
	"security.manageNetworkPolicy",
	"gateways.enabled",
	"gateways.openshiftRoute.enabled",
	"gateways.*.enabled",
	"gateways.*.namespace",
	"gateways.*.routerMode",
	"gateways.*.service.**",
	"gateways.*.volumes.**",
	"gateways.*.runtime.**",
	"gateways.*.routeConfig.enabled",
	"gateways.additionalIngress.*.enabled",
	"gateways.additionalIngress.*.namespace",
	"gateways.additionalIngress.*.routerMode",
	"gateways.additionalIngress.*.service.**",
	"gateways.additionalIngress.*.volumes.**",
	"gateways.additionalIngress.*.runtime.**",
	"gateways.additionalIngress.*.routeConfig.enabled",
	"gateways.additionalEgress.*.enabled",
	"gateways.additionalEgress.*.namespace",
	"gateways.additionalEgress.*.routerMode",
	"gateways.additionalEgress.*.service.**",
	"gateways.additionalEgress.*.volumes.**",
	"gateways.additionalEgress.*.runtime.**",
	"techPreview.sidecarInjectorWebhook.templates.*",
	"techPreview.sidecarInjectorWebhook.defaultTemplates.*",
	"techPreview.sidecarInjectorWebhook.aliases.**",
	"runtime.components.pilot.**",
	"runtime.components.prometheus.deployment.replicas",
	"runtime.components.prometheus.deployment.strategy.**",
	"runtime.components.prometheus.pod.**",
	"runtime.components.prometheus.container.**",
	"runtime.defaults.**",
	"addons.prometheus.enabled",
	"addons.prometheus.install.retention",
	"addons.prometheus.install.scrapeInterval",
	"addons.prometheus.install.service.metadata.**",
	"addons.prometheus.install.service.ingress.enabled",
};

/* Fields that have an effect, or need none, only with certain values (JSON texts), and what to say of the others. */
static const struct {
	const char *path;
	const char *values[3];
	const char *reason;
} by_value[] = {
	{"runtime.components.prometheus.deployment.autoScaling.enabled",
	 {"false"},
	 "each Prometheus keeps its own data; it is not scaled by load"},
	{"policy.type", {"None", "Istiod"}, "no policy server is asked; use AuthorizationPolicy with action CUSTOM"},
	{"telemetry.type", {"None", "Istiod"}, "no telemetry server is told; Prometheus scrapes the proxies"},
	{"tracing.type", {"None"}, "tracing backends are not installed or configured yet"},
	{"addons.grafana.enabled", {"false"}, "Grafana is not installed; point one at the prometheus service"},
	{"addons.kiali.enabled", {"false"}, "Kiali is not installed"},
	{"addons.kiali.name", {NULL}, "Kiali is not installed"},
	{"addons.jaeger.name", {NULL}, "Jaeger is not installed"},
	{"addons.prometheus.scrape", {"true"}, "pods are always scraped"},
	{"addons.prometheus.install.useTLS", {"false"}, "Prometheus serves plain HTTP inside the cluster"},
	{"proxy.networking.initialization.type",
	 {"InitContainer"},
	 "redirection is set up by the init container istio-init"},
	{"security.certificateAuthority.type", {"Istiod"}, "only istiod's own certificate authority is supported"},
	{"security.controlPlane.certProvider", {"Istiod"}, "istiod issues its own serving certificate"},
	{"security.controlPlane.mtls", {"true"}, "the control plane always speaks TLS"},
	{"gateways.ingress.sds.enabled", {"true"}, "gateways always get their certificates over SDS"},
	{"gateways.ingress.ingress", {"false"}, "Kubernetes Ingress objects are not served"},
	{"cluster.multiCluster.enabled", {"false"}, "several clusters are not supported yet"},
	{"cluster.meshExpansion.enabled", {"false"}, "mesh expansion is not supported yet"},
};

static bool path_matches(const char *pattern, const char *path)
{
	while (*pattern) {
		size_t p = strcspn(pattern, "."), q = strcspn(path, ".");

		if (!strncmp(pattern, "**", 2))
			return true;
		if (!q || !((p == 1 && *pattern == '*') || (p == q && !strncmp(pattern, path, p))))
			return false;
		pattern += p + (pattern[p] == '.');
		path += q + (path[q] == '.');
	}
	return !*path;
}

/* NULL: it has an effect. */
static const char *reason_against(const char *path, const cJSON *value)
{
	for (size_t i = 0; i < ARRAY_LEN(honoured); i++)
		if (path_matches(honoured[i], path))
			return NULL;
	for (size_t i = 0; i < ARRAY_LEN(by_value); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (strcmp(by_value[i].path, path) != 0)
			continue;
		if (cJSON_IsString(value))
			buf_append_str(&text, value->valuestring);
		else
			json_print(value, &text);
		for (size_t k = 0; k < ARRAY_LEN(by_value[i].values) && by_value[i].values[k]; k++)
			if (!strcmp(by_value[i].values[k], buf_str(&text)))
				return NULL;
		return by_value[i].reason;
	}
	return "not supported yet; it has no effect";
}

static size_t walk(const cJSON *node, struct buf *path, struct buf *out)
{
	size_t len = path->len, n = 0, i = 0;
	const cJSON *m;

	if (!(cJSON_IsObject(node) || cJSON_IsArray(node))) {
		const char *reason = reason_against(buf_str(path), node);

		if (!reason)
			return 0;
		buf_printf(out, "spec.%s: %s\n", buf_str(path), reason);
		return 1;
	}
	cJSON_ArrayForEach(m, node)
	{
		if (len)
			buf_append_char(path, '.');
		if (m->string)
			buf_append_str(path, m->string);
		else
			buf_printf(path, "%zu", i++);
		n += walk(m, path, out);
		path->len = len;
		if (path->ptr)
			path->ptr[len] = 0;
	}
	return n;
}

size_t spec_unsupported(const struct maistra_smcp_spec *spec, struct buf *out)
{
	CLEANUP(json_freep) cJSON *json = msg_to_json(&maistra_smcp_spec_desc, spec);
	CLEANUP(buf_done) struct buf path = BUF_INIT;

	return walk(json, &path, out);
}
