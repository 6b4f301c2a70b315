/* Components: their deployments, pods and containers; in v1 all at the component's own level. */
#include <string.h>

#include "base/cleanup.h"
#include "operator/convert/convert_internal.h"

static const struct convert_row container_rows[] = {
	{"imageName", "image", FORM_TEXT},
	{"imageRegistry", "hub", FORM_TEXT},
	{"imageTag", "tag", FORM_TAG},
	{"imagePullPolicy", "imagePullPolicy", FORM_TEXT},
	{"imagePullSecrets", "imagePullSecrets", FORM_NAMES},
	{"resources", "resources", FORM_TREE},
	{"env", "env", FORM_TREE},
};

static const struct convert_row runtime_rows[] = {
	{"deployment.replicas", "replicaCount", FORM_INT},
	{"deployment.strategy.rollingUpdate.maxSurge", "rollingMaxSurge", FORM_INT_OR_TEXT},
	{"deployment.strategy.rollingUpdate.maxUnavailable", "rollingMaxUnavailable", FORM_INT_OR_TEXT},
	{"deployment.autoScaling.enabled", "autoscaleEnabled", FORM_FLAG},
	{"deployment.autoScaling.minReplicas", "autoscaleMin", FORM_INT},
	{"deployment.autoScaling.maxReplicas", "autoscaleMax", FORM_INT},
	{"deployment.autoScaling.targetCPUUtilizationPercentage", "cpu.targetAverageUtilization", FORM_INT},
	{"pod.metadata.annotations", "podAnnotations", FORM_TREE},
	{"pod.metadata.labels", "podLabels", FORM_TREE},
	{"pod.priorityClassName", "priorityClassName", FORM_TEXT},
	{"pod.nodeSelector", "nodeSelector", FORM_TREE},
	{"pod.tolerations", "tolerations", FORM_TREE},
	{"pod.affinity.nodeAffinity", "affinity.nodeAffinity", FORM_TREE},
	{"pod.affinity.podAffinity", "affinity.podAffinity", FORM_TREE},
	{"pod.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution",
	 "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution", FORM_TREE},
	{"pod.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution",
	 "affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution", FORM_TREE},
	{"pod.affinity.podAntiAffinity.requiredDuringScheduling", "podAntiAffinityLabelSelector", FORM_TERMS},
	{"pod.affinity.podAntiAffinity.preferredDuringScheduling", "podAntiAffinityTermLabelSelector", FORM_TERMS},
};

/* Maistra's names of components, which are paths of v1: those inside others first. */
static const char *const components[] = {
	"mixer.policy",
	"mixer.telemetry",
	"mixer",
	"security",
	"galley",
	"pilot",
	"global.oauthproxy",
	"sidecarInjectorWebhook",
	"tracing.jaeger.elasticsearch",
	"tracing.jaeger.agent",
	"tracing.jaeger.allInOne",
	"tracing.jaeger.collector",
	"tracing.jaeger.query",
	"tracing.jaeger",
	"tracing",
	"prometheus",
	"kiali",
	"grafana",
	"3scale",
	"wasmExtensions.cacher",
	"rateLimiting.rls",
};

/* Jaeger's charts had some of it under other names. */
static const struct {
	const char *component, *chart;
} moved[] = {
	{"tracing.jaeger.podAnnotations", "tracing.jaeger.annotations"},
	{"tracing.jaeger.agent.image", "tracing.jaeger.agentImage"},
	{"tracing.jaeger.allInOne.image", "tracing.jaeger.allInOneImage"},
	{"tracing.jaeger.collector.image", "tracing.jaeger.collectorImage"},
	{"tracing.jaeger.query.image", "tracing.jaeger.queryImage"},
};

void convert_container_to_v1(const cJSON *v2, cJSON *values)
{
	convert_rows_to_v1(container_rows, ARRAY_LEN(container_rows), v2, values);
}

void convert_container_to_v2(cJSON *values, cJSON *v2)
{
	convert_rows_to_v2(container_rows, ARRAY_LEN(container_rows), values, v2);
}

void convert_runtime_to_v1(const cJSON *v2, cJSON *values)
{
	convert_rows_to_v1(runtime_rows, ARRAY_LEN(runtime_rows), v2, values);
	convert_container_to_v1(json_get(v2, "container"), values);
}

void convert_runtime_to_v2(cJSON *values, cJSON *v2)
{
	convert_rows_to_v2(runtime_rows, ARRAY_LEN(runtime_rows), values, v2);
	convert_container_to_v2(values, json_object(v2, "container"));
	convert_prune(v2, "container");
}

static void move(cJSON *values, const char *from, const char *to)
{
	cJSON *v = json_at(values, from);

	if (!v || json_at(values, to))
		return;
	convert_set(values, to, cJSON_Duplicate(v, true));
	convert_take(values, from);
}

void convert_components_to_v1(const cJSON *v2, cJSON *values)
{
	JSON_EACH(component, json_at(v2, "runtime.components"))
	{
		convert_runtime_to_v1(component, convert_object(values, component->string));
		convert_prune(values, component->string);
	}
	for (size_t i = 0; i < ARRAY_LEN(moved); i++)
		move(values, moved[i].component, moved[i].chart);
}

void convert_components_to_v2(cJSON *values, cJSON *v2)
{
	cJSON *list = convert_object(v2, "runtime.components");

	for (size_t i = 0; i < ARRAY_LEN(moved); i++)
		move(values, moved[i].chart, moved[i].component);
	for (size_t i = 0; i < ARRAY_LEN(components); i++) {
		cJSON *v1 = json_at(values, components[i]), *component;

		if (!cJSON_IsObject(v1) || !v1->child)
			continue;
		component = json_object(list, components[i]); /* a name, not a path */
		convert_runtime_to_v2(v1, component);
		if (!component->child)
			json_remove(list, components[i]);
		convert_prune(values, components[i]);
	}
	convert_prune(v2, "runtime.components");
}
