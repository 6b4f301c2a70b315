/* Istio's annotations on objects of Kubernetes. */
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "inject/inject.h"

#define DEPRECATED_INJECT " in favor of the label sidecar.istio.io/inject"

/* Where each belongs, kinds with spaces between; NULL: anywhere. */
static const struct known {
	const char *name, *kinds;
	const char *deprecated; /* NULL: it is not; else more words */
} known[] = {
	{"alpha.istio.io/canonical-serviceaccounts", "Service", NULL},
	{"alpha.istio.io/identity", "Pod", NULL},
	{"alpha.istio.io/kubernetes-serviceaccounts", "Service", NULL},
	{"ambient.istio.io/redirection", NULL, NULL},
	{"galley.istio.io/analyze-suppress", NULL, NULL},
	{"gateway.istio.io/controller-version", NULL, NULL},
	{"gateway.istio.io/managed", NULL, NULL},
	{"gateway.istio.io/service-account", NULL, NULL},
	{"inject.istio.io/templates", "Pod", NULL},
	{"install.operator.istio.io/chart-owner", NULL, NULL},
	{"install.operator.istio.io/owner-generation", NULL, NULL},
	{"install.operator.istio.io/version", NULL, NULL},
	{"istio.io/autoRegistrationGroup", NULL, NULL},
	{"istio.io/connectedAt", NULL, NULL},
	{"istio.io/disconnectedAt", NULL, NULL},
	{"istio.io/dry-run", "AuthorizationPolicy", NULL},
	{"istio.io/for-service-account", NULL, NULL},
	{"istio.io/rev", NULL, NULL},
	{"istio.io/workloadController", NULL, NULL},
	{"kubernetes.io/ingress.class", "Ingress", NULL},
	{"networking.istio.io/address-type", NULL, NULL},
	{"networking.istio.io/exportTo", "Service", NULL},
	{"networking.istio.io/service-type", NULL, NULL},
	{"operator.istio.io/component", NULL, NULL},
	{"operator.istio.io/managed", NULL, NULL},
	{"operator.istio.io/version", NULL, NULL},
	{"prometheus.istio.io/merge-metrics", "Pod", NULL},
	{"proxy.istio.io/config", "Pod", NULL},
	{"proxy.istio.io/health-checks-enabled", NULL, NULL},
	{"proxy.istio.io/overrides", "Pod", NULL},
	{"readiness.status.sidecar.istio.io/applicationPorts", "Pod", NULL},
	{"readiness.status.sidecar.istio.io/failureThreshold", "Pod", NULL},
	{"readiness.status.sidecar.istio.io/initialDelaySeconds", "Pod", NULL},
	{"readiness.status.sidecar.istio.io/periodSeconds", "Pod", NULL},
	{"sidecar.istio.io/agentLogLevel", "Pod", NULL},
	{"sidecar.istio.io/bootstrapOverride", "Pod", NULL},
	{"sidecar.istio.io/componentLogLevel", "Pod", NULL},
	{"sidecar.istio.io/controlPlaneAuthPolicy", "Pod", ""},
	{"sidecar.istio.io/discoveryAddress", "Pod", ""},
	{"sidecar.istio.io/enableCoreDump", "Pod", NULL},
	{"sidecar.istio.io/extraStatTags", "Pod", NULL},
	{"sidecar.istio.io/inject", "Pod", DEPRECATED_INJECT},
	{"sidecar.istio.io/interceptionMode", "Pod", NULL},
	{"sidecar.istio.io/logLevel", "Pod", NULL},
	{"sidecar.istio.io/nativeSidecar", "Pod", NULL},
	{"sidecar.istio.io/proxyCPU", "Pod", NULL},
	{"sidecar.istio.io/proxyCPULimit", "Pod", NULL},
	{"sidecar.istio.io/proxyImage", "Pod", NULL},
	{"sidecar.istio.io/proxyImageType", "Pod", NULL},
	{"sidecar.istio.io/proxyMemory", "Pod", NULL},
	{"sidecar.istio.io/proxyMemoryLimit", "Pod", NULL},
	{"sidecar.istio.io/proxyUID", "Pod", NULL},
	{"sidecar.istio.io/capNetBindService", "Pod", NULL},
	{"sidecar.istio.io/rewriteAppHTTPProbers", "Pod", NULL},
	{"sidecar.istio.io/statsCompression", "Pod", NULL},
	{"sidecar.istio.io/statsHistogramBuckets", "Pod", NULL},
	{"sidecar.istio.io/statsInclusionPrefixes", "Pod", ""},
	{"sidecar.istio.io/statsInclusionRegexps", "Pod", ""},
	{"sidecar.istio.io/statsInclusionSuffixes", "Pod", ""},
	{"sidecar.istio.io/status", "Pod", NULL},
	{"sidecar.istio.io/userVolume", "Pod", NULL},
	{"sidecar.istio.io/userVolumeMount", "Pod", NULL},
	{"status.sidecar.istio.io/port", "Pod", NULL},
	{"topology.istio.io/controlPlaneClusters", "Namespace", NULL},
	{"traffic.istio.io/nodeSelector", "Service", NULL},
	{"traffic.sidecar.istio.io/excludeInboundPorts", "Pod", NULL},
	{"traffic.sidecar.istio.io/excludeInterfaces", "Pod", NULL},
	{"traffic.sidecar.istio.io/excludeOutboundIPRanges", "Pod", NULL},
	{"traffic.sidecar.istio.io/excludeOutboundPorts", "Pod", NULL},
	{"traffic.sidecar.istio.io/includeInboundPorts", "Pod", NULL},
	{"traffic.sidecar.istio.io/includeOutboundIPRanges", "Pod", NULL},
	{"traffic.sidecar.istio.io/includeOutboundPorts", "Pod", NULL},
	{"traffic.sidecar.istio.io/kubevirtInterfaces", "Pod", NULL},
};

static bool is_istios(const char *name)
{
	const char *slash = strchr(name, '/');
	const size_t n = slash ? (size_t)(slash - name) : strlen(name);

	return !strcmp(name, "kubernetes.io/ingress.class") || (n >= 8 && !strncmp(name + n - 8, "istio.io", 8));
}

static const struct known *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (!strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

static void judge(struct analysis *x, const struct item *i, const cJSON *annotation)
{
	const char *name = annotation->string;
	const char *path = arena_printf(&x->a, "metadata.annotations[%s]", name);
	const struct known *k = find(name);
	const char *problem;

	if (!k) {
		analysis_say(x, IST0108, i, path, "there is no annotation %s", name);
		return;
	}
	if (k->deprecated && !(!strcmp(name, "sidecar.istio.io/inject") && json_get(item_labels(i), name)))
		analysis_say(x, IST0135, i, path, "annotation %s is going%s", name, k->deprecated);
	if (!k->kinds)
		return;
	if (strcmp(k->kinds, i->kind) != 0) {
		analysis_say(x, IST0107, i, path, "annotation %s has an effect on a %s alone%s", name, k->kinds,
			     strcmp(k->kinds, "Pod") ? "" : ": it belongs into the template");
		return;
	}
	problem = cJSON_IsString(annotation) ? inject_annotation_problem(name, annotation->valuestring) : NULL;
	if (problem)
		analysis_say(x, IST0125, i, path, "annotation %s: %s: %s", name, annotation->valuestring, problem);
}

void analyze_annotations(struct analysis *x)
{
	static const char *const kinds[] = {"Namespace", "Service", "Pod", "Deployment"};

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		EACH_ITEM (i, x, kinds[k])
			JSON_EACH(a, item_annotations(i))
	if (is_istios(a->string))
		judge(x, i, a);
}
