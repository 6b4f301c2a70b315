/* The table of built-in resources, and the CRDs as the API has them now. */
#include "lab/control/resources.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

static const struct {
	struct gvr gvr;
	const char *kind;
	bool namespaced;
} builtin[] = {
	/* What makes others comes before what is made, so that emptying a namespace does not race with its controllers.
	 */
	{{"apps", "v1", "deployments"}, "Deployment", true},
	{{"apps", "v1", "statefulsets"}, "StatefulSet", true},
	{{"apps", "v1", "daemonsets"}, "DaemonSet", true},
	{{"apps", "v1", "replicasets"}, "ReplicaSet", true},
	{{"batch", "v1", "jobs"}, "Job", true},
	{{"autoscaling", "v2", "horizontalpodautoscalers"}, "HorizontalPodAutoscaler", true},
	{{"policy", "v1", "poddisruptionbudgets"}, "PodDisruptionBudget", true},
	{{"", "v1", "services"}, "Service", true},
	{{"route.openshift.io", "v1", "routes"}, "Route", true},
	{{"networking.k8s.io", "v1", "networkpolicies"}, "NetworkPolicy", true},
	{{"networking.k8s.io", "v1", "ingresses"}, "Ingress", true},
	{{"", "v1", "pods"}, "Pod", true},
	{{"", "v1", "endpoints"}, "Endpoints", true},
	{{"discovery.k8s.io", "v1", "endpointslices"}, "EndpointSlice", true},
	{{"", "v1", "persistentvolumeclaims"}, "PersistentVolumeClaim", true},
	{{"", "v1", "configmaps"}, "ConfigMap", true},
	{{"", "v1", "secrets"}, "Secret", true},
	{{"", "v1", "serviceaccounts"}, "ServiceAccount", true},
	{{"rbac.authorization.k8s.io", "v1", "roles"}, "Role", true},
	{{"rbac.authorization.k8s.io", "v1", "rolebindings"}, "RoleBinding", true},
	{{"coordination.k8s.io", "v1", "leases"}, "Lease", true},
	{{"", "v1", "events"}, "Event", true},
	{{"", "v1", "namespaces"}, "Namespace", false},
	{{"", "v1", "nodes"}, "Node", false},
	{{"", "v1", "persistentvolumes"}, "PersistentVolume", false},
	{{"rbac.authorization.k8s.io", "v1", "clusterroles"}, "ClusterRole", false},
	{{"rbac.authorization.k8s.io", "v1", "clusterrolebindings"}, "ClusterRoleBinding", false},
	{{"admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations"},
	 "MutatingWebhookConfiguration",
	 false},
	{{"admissionregistration.k8s.io", "v1", "validatingwebhookconfigurations"},
	 "ValidatingWebhookConfiguration",
	 false},
	{{"apiextensions.k8s.io", "v1", "customresourcedefinitions"}, "CustomResourceDefinition", false},
};

struct walk {
	bool namespaced_only;
	void (*fn)(void *arg, const struct gvr *r);
	void *arg;
};

static const char *storage_version(const cJSON *crd)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, json_at(crd, "spec.versions"))
	{
		if (json_true(v, "storage"))
			return json_str(v, "name");
	}
	return NULL;
}

static void visit_crd(void *arg, const cJSON *crd)
{
	const struct walk *w = arg;
	struct gvr r = {json_str(crd, "spec.group"), storage_version(crd), json_str(crd, "spec.names.plural")};

	if (!r.group || !r.version || !r.resource)
		return;
	if (!w->namespaced_only || strcmp(json_str_or_empty(crd, "spec.scope"), "Namespaced") == 0)
		w->fn(w->arg, &r);
}

void resources_each(struct lab_api *api, bool namespaced_only, void (*fn)(void *arg, const struct gvr *r), void *arg)
{
	struct walk w = {namespaced_only, fn, arg};

	lab_list(api, &gvr_crds, NULL, NULL, visit_crd, &w);
	for (size_t i = 0; i < ARRAY_LEN(builtin); i++)
		if (!namespaced_only || builtin[i].namespaced)
			fn(arg, &builtin[i].gvr);
}

struct search {
	const char *group, *kind;
	size_t group_len;
	struct gvr *ret;
	char *text;
	bool found;
};

static void match_crd(void *arg, const cJSON *crd)
{
	struct search *s = arg;
	const char *group = json_str_or_empty(crd, "spec.group"), *version = storage_version(crd);

	if (s->found || !version || strlen(group) != s->group_len || strncmp(group, s->group, s->group_len) != 0 ||
	    strcmp(json_str_or_empty(crd, "spec.names.kind"), s->kind) != 0)
		return;
	snprintf(s->text, 256, "%s%c%s%c%s", group, 0, version, 0, json_str_or_empty(crd, "spec.names.plural"));
	s->ret->group = s->text;
	s->ret->version = s->text + strlen(s->text) + 1;
	s->ret->resource = s->ret->version + strlen(s->ret->version) + 1;
	s->found = true;
}

bool resource_of_kind(struct lab_api *api, const char *api_version, const char *kind, struct gvr *ret, char *text)
{
	const char *slash = strchr(api_version, '/');
	struct search s = {slash ? api_version : "", kind, slash ? (size_t)(slash - api_version) : 0, ret, text, false};

	for (size_t i = 0; i < ARRAY_LEN(builtin); i++) {
		const char *group = builtin[i].gvr.group;

		if (strcmp(builtin[i].kind, kind) == 0 && strlen(group) == s.group_len &&
		    strncmp(group, s.group, s.group_len) == 0) {
			*ret = builtin[i].gvr;
			return true;
		}
	}
	lab_list(api, &gvr_crds, NULL, NULL, match_crd, &s);
	return s.found;
}
