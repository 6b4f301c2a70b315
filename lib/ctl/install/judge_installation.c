/*
 * How others install a mesh, as a ServiceMeshControlPlane would say it: IstioOperator (install.istio.io) and Istio of
 * the Sail operator. Neither is read by the operator here, so each is refused as a whole; what its parts become is a
 * table of paths, and the mesh configuration in it is judged as any.
 */
#include <stdio.h>
#include <string.h>

#include "api/istio/mesh_config.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/slice.h"
#include "ctl/install/judge_internal.h"
#include "msg/json.h"

#define DEEP_MAX 24

/* "*" stands for one member or element; what no row names is not carried over. The first row that begins the path
 * counts. to NULL: nothing is to be said. */
static const struct {
	const char *path;
	const char *to;
} parts[] = {
	{"spec.profile", "spec.profiles; default and small are there, and any profile that you bring"},
	{"spec.revision", "metadata.name: each control plane is a revision of its own"},
	{"spec.namespace", "metadata.namespace"},
	{"spec.hub", "spec.runtime.defaults.container.imageRegistry"},
	{"spec.tag", "spec.runtime.defaults.container.imageTag"},
	{"spec.version", "spec.version (v2.2 to v2.6)"},
	{"spec.meshConfig", NULL},
	{"spec.values.meshConfig", NULL},
	{"spec.components.base", NULL},
	{"spec.components.pilot.enabled", NULL},
	{"spec.components.pilot.k8s.resources", "spec.runtime.components.pilot.container.resources"},
	{"spec.components.pilot.k8s.env", "spec.runtime.components.pilot.container.env"},
	{"spec.components.pilot.k8s.replicaCount", "spec.runtime.components.pilot.deployment.replicas"},
	{"spec.components.pilot.k8s.hpaSpec", "spec.runtime.components.pilot.deployment.autoScaling"},
	{"spec.components.pilot.k8s.nodeSelector", "spec.runtime.components.pilot.pod.nodeSelector"},
	{"spec.components.pilot.k8s.tolerations", "spec.runtime.components.pilot.pod.tolerations"},
	{"spec.components.pilot.k8s.affinity", "spec.runtime.components.pilot.pod.affinity"},
	{"spec.components.pilot.k8s.podDisruptionBudget", "spec.runtime.defaults.deployment.podDisruption"},
	{"spec.components.ingressGateways.*.name",
	 "spec.gateways.ingress, or a key of spec.gateways.additionalIngress"},
	{"spec.components.ingressGateways.*.enabled", "spec.gateways.ingress.enabled"},
	{"spec.components.ingressGateways.*.namespace", "spec.gateways.additionalIngress[NAME].namespace"},
	{"spec.components.ingressGateways.*.label", "spec.gateways.ingress.service.metadata.labels"},
	{"spec.components.ingressGateways.*.k8s.service", "spec.gateways.ingress.service"},
	{"spec.components.ingressGateways.*.k8s.serviceAnnotations",
	 "spec.gateways.ingress.service.metadata.annotations"},
	{"spec.components.ingressGateways.*.k8s.resources", "spec.gateways.ingress.runtime.container.resources"},
	{"spec.components.ingressGateways.*.k8s.replicaCount", "spec.gateways.ingress.runtime.deployment.replicas"},
	{"spec.components.ingressGateways.*.k8s.hpaSpec", "spec.gateways.ingress.runtime.deployment.autoScaling"},
	{"spec.components.egressGateways.*.name", "spec.gateways.egress, or a key of spec.gateways.additionalEgress"},
	{"spec.components.egressGateways.*.enabled", "spec.gateways.egress.enabled"},
	{"spec.components.egressGateways.*.k8s", "spec.gateways.egress.runtime and service"},
	{"spec.components.cni.enabled", "spec.proxy.networking.initialization"},
	{"spec.values.global.istioNamespace", "metadata.namespace"},
	{"spec.values.global.hub", "spec.runtime.defaults.container.imageRegistry"},
	{"spec.values.global.tag", "spec.runtime.defaults.container.imageTag"},
	{"spec.values.global.meshID", "spec.cluster.name"},
	{"spec.values.global.network", "spec.cluster.network"},
	{"spec.values.global.multiCluster.clusterName", "spec.cluster.name"},
	{"spec.values.global.proxy.resources", "spec.proxy.runtime.container.resources"},
	{"spec.values.global.proxy.logLevel", "spec.proxy.logging.level"},
	{"spec.values.global.proxy.autoInject", "spec.proxy.injection.autoInject"},
	{"spec.values.global.proxy.holdApplicationUntilProxyStarts", "the annotation proxy.istio.io/config of pods"},
	{"spec.values.global.logAsJson", "spec.general.logging.logAsJSON"},
	{"spec.values.pilot.traceSampling", "spec.tracing.sampling"},
	{"spec.values.pilot.env", "spec.runtime.components.pilot.container.env"},
	{"spec.values.pilot.replicaCount", "spec.runtime.components.pilot.deployment.replicas"},
	{"spec.values.pilot.resources", "spec.runtime.components.pilot.container.resources"},
};

/* Whether the pattern is the path or begins it. */
static bool begins(const char *pattern, const char *path)
{
	while (*pattern) {
		const size_t p = strcspn(pattern, "."), q = strcspn(path, ".");

		if (!q || !((p == 1 && *pattern == '*') || (p == q && !strncmp(pattern, path, p))))
			return false;
		pattern += p + (pattern[p] == '.');
		path += q + (path[q] == '.');
	}
	return true;
}

/* Whether the path leads to something that the pattern lies below. */
static bool leads(const char *pattern, const char *path)
{
	while (*path) {
		const size_t p = strcspn(pattern, "."), q = strcspn(path, ".");

		if (!p || !((p == 1 && *pattern == '*') || (p == q && !strncmp(pattern, path, p))))
			return false;
		pattern += p + (pattern[p] == '.');
		path += q + (path[q] == '.');
	}
	return *pattern != 0;
}

static void walk(struct judging *j, const cJSON *node, const char *path, int deep)
{
	bool inside = false;
	size_t at = 0;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (begins(parts[i].path, path)) {
			if (parts[i].to)
				judge_say(j, VERDICT_DIFFERS, path, "in a ServiceMeshControlPlane: %s", parts[i].to);
			return;
		}
		inside |= leads(parts[i].path, path);
	}
	if (!inside || !(cJSON_IsObject(node) || cJSON_IsArray(node)) || deep == DEEP_MAX) {
		judge_say(j, VERDICT_REFUSED, path, "nothing here does that");
		return;
	}
	JSON_EACH(it, node)
	{
		CLEANUP(buf_done) struct buf below = BUF_INIT;

		if (it->string)
			buf_printf(&below, "%s.%s", path, it->string);
		else
			buf_printf(&below, "%s.%zu", path, at++);
		walk(j, it, buf_str(&below), deep + 1);
	}
}

void judge_installation(struct judging *j, const cJSON *o)
{
	static const char *const configs[] = {"spec.meshConfig", "spec.values.meshConfig"};
	const cJSON *spec = json_get(o, "spec");

	judge_say(j, VERDICT_REFUSED, "",
		  "%s is not read here: write a ServiceMeshControlPlane; what becomes of its parts:",
		  json_str_or_empty(o, "kind"));
	if (cJSON_IsObject(spec))
		walk(j, spec, "spec", 0);
	for (size_t i = 0; i < ARRAY_LEN(configs); i++)
		if (json_at(o, configs[i]))
			judge_mesh_config(j, json_at(o, configs[i]), configs[i]);
}

/* --- a mesh configuration --- */

struct in_config {
	struct judging *j;
	const char *prefix;
};

static void tell(void *arg, const char *path, const char *note)
{
	const struct in_config *in = arg;
	char whole[MSG_PATH_MAX];

	snprintf(whole, sizeof(whole), "%s.%s", in->prefix, path);
	judge_say(in->j, VERDICT_DIFFERS, whole, "%s", note);
}

static void on_unknown(void *arg, const char *path)
{
	tell(arg, path, "there is no such setting here; it has no effect");
}

void judge_mesh_config(struct judging *j, const cJSON *config, const char *prefix)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	struct in_config in = {j, prefix};
	struct istio_mesh_config decoded = {0};
	struct err e = ERR_INIT;

	if (!config)
		return;
	if (msg_from_json_report(&istio_mesh_config_desc, &decoded, config, &arena, on_unknown, &in, &e) < 0)
		judge_say(j, VERDICT_REFUSED, prefix, "%s", e.msg);
	else
		msg_told(&istio_mesh_config_desc, &decoded, "", tell, &in);
}
