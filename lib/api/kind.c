/* The table of kinds: those of Kubernetes and OpenShift (kind_mesh.c has the mesh's), and how kinds are found. */
#include "api/kind_internal.h"

#include <stdio.h>
#include <string.h>

#include "api/cluster/admission.h"
#include "api/apps/apps.h"
#include "api/cluster/auth.h"
#include "api/apps/autoscaling.h"
#include "api/apps/batch.h"
#include "api/cluster/coordination.h"
#include "api/core/core.h"
#include "api/cluster/crd.h"
#include "api/cluster/discovery.h"
#include "api/cluster/events.h"
#include "api/cluster/network_policy.h"
#include "api/apps/policy.h"
#include "api/cluster/rbac.h"
#include "api/cluster/foreign.h"
#include "api/cluster/oauth.h"
#include "api/cluster/project.h"
#include "api/cluster/route.h"
#include "base/cleanup.h"

static const struct api_column route_columns[] = {
	{"Host/Port", "string", ".status.ingress[0].host", 0, "Host name it serves."},
	{"Path", "string", ".spec.path", 0, "Path prefix."},
	{"Services", "string", ".spec.to.name", 0, "Where requests go."},
	{"Port", "string", ".spec.port.targetPort", 0, "Port of the service."},
	{"Termination", "string", ".spec.tls.termination", 0, "Where TLS ends."},
};

static const struct api_column project_columns[] = {
	{"Display Name", "string", ".metadata.annotations.openshift\\.io/display-name", 0, "What people call it."},
	{"Status", "string", ".status.phase", 0, "Active or Terminating."},
};

const struct api_kind api_kind_namespace = {
	.group = "",
	.versions = {"v1"},
	.kind = "Namespace",
	.plural = "namespaces",
	.singular = "namespace",
	.short_names = NAMES("ns"),
	.flags = API_STATUS | API_BUILT_IN,
	.desc = &core_namespace_desc,
};

const struct api_kind api_kind_pod = {
	.group = "",
	.versions = {"v1"},
	.kind = "Pod",
	.plural = "pods",
	.singular = "pod",
	.short_names = NAMES("po"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &core_pod_desc,
};

const struct api_kind api_kind_service = {
	.group = "",
	.versions = {"v1"},
	.kind = "Service",
	.plural = "services",
	.singular = "service",
	.short_names = NAMES("svc"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &core_service_desc,
};

const struct api_kind api_kind_endpoints = {
	.group = "",
	.versions = {"v1"},
	.kind = "Endpoints",
	.plural = "endpoints",
	.singular = "endpoints",
	.short_names = NAMES("ep"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &core_endpoints_desc,
};

const struct api_kind api_kind_config_map = {
	.group = "",
	.versions = {"v1"},
	.kind = "ConfigMap",
	.plural = "configmaps",
	.singular = "configmap",
	.short_names = NAMES("cm"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &core_config_map_desc,
};

const struct api_kind api_kind_secret = {
	.group = "",
	.versions = {"v1"},
	.kind = "Secret",
	.plural = "secrets",
	.singular = "secret",
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &core_secret_desc,
};

const struct api_kind api_kind_service_account = {
	.group = "",
	.versions = {"v1"},
	.kind = "ServiceAccount",
	.plural = "serviceaccounts",
	.singular = "serviceaccount",
	.short_names = NAMES("sa"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &core_service_account_desc,
};

const struct api_kind api_kind_event = {
	.group = "",
	.versions = {"v1"},
	.kind = "Event",
	.plural = "events",
	.singular = "event",
	.short_names = NAMES("ev"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &core_event_desc,
};

const struct api_kind api_kind_node = {
	.group = "",
	.versions = {"v1"},
	.kind = "Node",
	.plural = "nodes",
	.singular = "node",
	.short_names = NAMES("no"),
	.flags = API_STATUS | API_BUILT_IN,
	.desc = &core_node_desc,
};

const struct api_kind api_kind_persistent_volume = {
	.group = "",
	.versions = {"v1"},
	.kind = "PersistentVolume",
	.plural = "persistentvolumes",
	.singular = "persistentvolume",
	.short_names = NAMES("pv"),
	.flags = API_STATUS | API_BUILT_IN,
	.desc = &core_persistent_volume_desc,
};

const struct api_kind api_kind_persistent_volume_claim = {
	.group = "",
	.versions = {"v1"},
	.kind = "PersistentVolumeClaim",
	.plural = "persistentvolumeclaims",
	.singular = "persistentvolumeclaim",
	.short_names = NAMES("pvc"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &core_persistent_volume_claim_desc,
};

const struct api_kind api_kind_limit_range = {
	.group = "",
	.versions = {"v1"},
	.kind = "LimitRange",
	.plural = "limitranges",
	.singular = "limitrange",
	.short_names = NAMES("limits"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &core_limit_range_desc,
};

const struct api_kind api_kind_resource_quota = {
	.group = "",
	.versions = {"v1"},
	.kind = "ResourceQuota",
	.plural = "resourcequotas",
	.singular = "resourcequota",
	.short_names = NAMES("quota"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &core_resource_quota_desc,
};

const struct api_kind api_kind_deployment = {
	.group = "apps",
	.versions = {"v1"},
	.kind = "Deployment",
	.plural = "deployments",
	.singular = "deployment",
	.short_names = NAMES("deploy"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_SCALE | API_BUILT_IN,
	.desc = &apps_deployment_desc,
};

const struct api_kind api_kind_replica_set = {
	.group = "apps",
	.versions = {"v1"},
	.kind = "ReplicaSet",
	.plural = "replicasets",
	.singular = "replicaset",
	.short_names = NAMES("rs"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_SCALE | API_BUILT_IN,
	.desc = &apps_replica_set_desc,
};

const struct api_kind api_kind_stateful_set = {
	.group = "apps",
	.versions = {"v1"},
	.kind = "StatefulSet",
	.plural = "statefulsets",
	.singular = "statefulset",
	.short_names = NAMES("sts"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_SCALE | API_BUILT_IN,
	.desc = &apps_stateful_set_desc,
};

const struct api_kind api_kind_daemon_set = {
	.group = "apps",
	.versions = {"v1"},
	.kind = "DaemonSet",
	.plural = "daemonsets",
	.singular = "daemonset",
	.short_names = NAMES("ds"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &apps_daemon_set_desc,
};

const struct api_kind api_kind_controller_revision = {
	.group = "apps",
	.versions = {"v1"},
	.kind = "ControllerRevision",
	.plural = "controllerrevisions",
	.singular = "controllerrevision",
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &apps_controller_revision_desc,
};

const struct api_kind api_kind_job = {
	.group = "batch",
	.versions = {"v1"},
	.kind = "Job",
	.plural = "jobs",
	.singular = "job",
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &batch_job_desc,
};

const struct api_kind api_kind_cron_job = {
	.group = "batch",
	.versions = {"v1"},
	.kind = "CronJob",
	.plural = "cronjobs",
	.singular = "cronjob",
	.short_names = NAMES("cj"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &batch_cron_job_desc,
};

const struct api_kind api_kind_endpoint_slice = {
	.group = "discovery.k8s.io",
	.versions = {"v1"},
	.kind = "EndpointSlice",
	.plural = "endpointslices",
	.singular = "endpointslice",
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &discovery_endpoint_slice_desc,
};

const struct api_kind api_kind_role = {
	.group = "rbac.authorization.k8s.io",
	.versions = {"v1"},
	.kind = "Role",
	.plural = "roles",
	.singular = "role",
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &rbac_role_desc,
};

const struct api_kind api_kind_role_binding = {
	.group = "rbac.authorization.k8s.io",
	.versions = {"v1"},
	.kind = "RoleBinding",
	.plural = "rolebindings",
	.singular = "rolebinding",
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &rbac_role_binding_desc,
};

const struct api_kind api_kind_cluster_role = {
	.group = "rbac.authorization.k8s.io",
	.versions = {"v1"},
	.kind = "ClusterRole",
	.plural = "clusterroles",
	.singular = "clusterrole",
	.flags = API_BUILT_IN,
	.desc = &rbac_cluster_role_desc,
};

const struct api_kind api_kind_cluster_role_binding = {
	.group = "rbac.authorization.k8s.io",
	.versions = {"v1"},
	.kind = "ClusterRoleBinding",
	.plural = "clusterrolebindings",
	.singular = "clusterrolebinding",
	.flags = API_BUILT_IN,
	.desc = &rbac_cluster_role_binding_desc,
};

const struct api_kind api_kind_token_review = {
	.group = "authentication.k8s.io",
	.versions = {"v1"},
	.kind = "TokenReview",
	.plural = "tokenreviews",
	.singular = "tokenreview",
	.flags = API_VIRTUAL | API_BUILT_IN,
	.desc = &authn_token_review_desc,
};

const struct api_kind api_kind_token_request = {
	.group = "authentication.k8s.io",
	.versions = {"v1"},
	.kind = "TokenRequest",
	.plural = "tokenrequests",
	.singular = "tokenrequest",
	.flags = API_NAMESPACED | API_VIRTUAL | API_BUILT_IN,
	.desc = &authn_token_request_desc,
};

const struct api_kind api_kind_subject_access_review = {
	.group = "authorization.k8s.io",
	.versions = {"v1"},
	.kind = "SubjectAccessReview",
	.plural = "subjectaccessreviews",
	.singular = "subjectaccessreview",
	.flags = API_VIRTUAL | API_BUILT_IN,
	.desc = &authz_subject_access_review_desc,
};

const struct api_kind api_kind_local_subject_access_review = {
	.group = "authorization.k8s.io",
	.versions = {"v1"},
	.kind = "LocalSubjectAccessReview",
	.plural = "localsubjectaccessreviews",
	.singular = "localsubjectaccessreview",
	.flags = API_NAMESPACED | API_VIRTUAL | API_BUILT_IN,
	.desc = &authz_local_subject_access_review_desc,
};

const struct api_kind api_kind_self_subject_access_review = {
	.group = "authorization.k8s.io",
	.versions = {"v1"},
	.kind = "SelfSubjectAccessReview",
	.plural = "selfsubjectaccessreviews",
	.singular = "selfsubjectaccessreview",
	.flags = API_VIRTUAL | API_BUILT_IN,
	.desc = &authz_self_subject_access_review_desc,
};

const struct api_kind api_kind_self_subject_rules_review = {
	.group = "authorization.k8s.io",
	.versions = {"v1"},
	.kind = "SelfSubjectRulesReview",
	.plural = "selfsubjectrulesreviews",
	.singular = "selfsubjectrulesreview",
	.flags = API_VIRTUAL | API_BUILT_IN,
	.desc = &authz_self_subject_rules_review_desc,
};

const struct api_kind api_kind_self_subject_review = {
	.group = "authentication.k8s.io",
	.versions = {"v1"},
	.kind = "SelfSubjectReview",
	.plural = "selfsubjectreviews",
	.singular = "selfsubjectreview",
	.flags = API_VIRTUAL | API_BUILT_IN,
	.desc = &authn_self_subject_review_desc,
};

const struct api_kind api_kind_mutating_webhook_configuration = {
	.group = "admissionregistration.k8s.io",
	.versions = {"v1"},
	.kind = "MutatingWebhookConfiguration",
	.plural = "mutatingwebhookconfigurations",
	.singular = "mutatingwebhookconfiguration",
	.categories = NAMES("api-extensions"),
	.flags = API_BUILT_IN,
	.desc = &admission_mutating_webhook_configuration_desc,
};

const struct api_kind api_kind_validating_webhook_configuration = {
	.group = "admissionregistration.k8s.io",
	.versions = {"v1"},
	.kind = "ValidatingWebhookConfiguration",
	.plural = "validatingwebhookconfigurations",
	.singular = "validatingwebhookconfiguration",
	.categories = NAMES("api-extensions"),
	.flags = API_BUILT_IN,
	.desc = &admission_validating_webhook_configuration_desc,
};

const struct api_kind api_kind_lease = {
	.group = "coordination.k8s.io",
	.versions = {"v1"},
	.kind = "Lease",
	.plural = "leases",
	.singular = "lease",
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &coordination_lease_desc,
};

const struct api_kind api_kind_horizontal_pod_autoscaler = {
	.group = "autoscaling",
	.versions = {"v2", "v2beta2"},
	.kind = "HorizontalPodAutoscaler",
	.plural = "horizontalpodautoscalers",
	.singular = "horizontalpodautoscaler",
	.short_names = NAMES("hpa"),
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &autoscaling_horizontal_pod_autoscaler_desc,
};

const struct api_kind api_kind_scale = {
	.group = "autoscaling",
	.versions = {"v1"},
	.kind = "Scale",
	.plural = "scales",
	.singular = "scale",
	.flags = API_NAMESPACED | API_VIRTUAL | API_BUILT_IN,
	.desc = &autoscaling_v1_scale_desc,
};

const struct api_kind api_kind_pod_disruption_budget = {
	.group = "policy",
	.versions = {"v1", "v1beta1"},
	.kind = "PodDisruptionBudget",
	.plural = "poddisruptionbudgets",
	.singular = "poddisruptionbudget",
	.short_names = NAMES("pdb"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &policy_pod_disruption_budget_desc,
};

const struct api_kind api_kind_eviction = {
	.group = "policy",
	.versions = {"v1", "v1beta1"},
	.kind = "Eviction",
	.plural = "evictions",
	.singular = "eviction",
	.flags = API_NAMESPACED | API_VIRTUAL | API_BUILT_IN,
	.desc = &policy_eviction_desc,
};

const struct api_kind api_kind_network_policy = {
	.group = "networking.k8s.io",
	.versions = {"v1"},
	.kind = "NetworkPolicy",
	.plural = "networkpolicies",
	.singular = "networkpolicy",
	.short_names = NAMES("netpol"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &network_policy_desc,
};

const struct api_kind api_kind_ingress = {
	.group = "networking.k8s.io",
	.versions = {"v1"},
	.kind = "Ingress",
	.plural = "ingresses",
	.singular = "ingress",
	.short_names = NAMES("ing"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN,
	.desc = &network_ingress_desc,
};

const struct api_kind api_kind_ingress_class = {
	.group = "networking.k8s.io",
	.versions = {"v1"},
	.kind = "IngressClass",
	.plural = "ingressclasses",
	.singular = "ingressclass",
	.flags = API_BUILT_IN,
	.desc = &network_ingress_class_desc,
};

const struct api_kind api_kind_events_event = {
	.group = "events.k8s.io",
	.versions = {"v1"},
	.kind = "Event",
	.plural = "events",
	.singular = "event",
	.short_names = NAMES("ev"),
	.flags = API_NAMESPACED | API_BUILT_IN,
	.desc = &events_event_desc,
};

const struct api_kind api_kind_custom_resource_definition = {
	.group = "apiextensions.k8s.io",
	.versions = {"v1"},
	.kind = "CustomResourceDefinition",
	.plural = "customresourcedefinitions",
	.singular = "customresourcedefinition",
	.short_names = NAMES("crd", "crds"),
	.categories = NAMES("api-extensions"),
	.flags = API_STATUS | API_BUILT_IN,
	.desc = &apiext_custom_resource_definition_desc,
};

const struct api_kind api_kind_project = {
	.group = "project.openshift.io",
	.versions = {"v1"},
	.kind = "Project",
	.plural = "projects",
	.singular = "project",
	.flags = API_BUILT_IN | API_OPTIONAL,
	.view_of = &api_kind_namespace,
	.desc = &openshift_project_desc,
	COLUMNS(project_columns),
};

const struct api_kind api_kind_project_request = {
	.group = "project.openshift.io",
	.versions = {"v1"},
	.kind = "ProjectRequest",
	.plural = "projectrequests",
	.singular = "projectrequest",
	.flags = API_VIRTUAL | API_BUILT_IN | API_OPTIONAL,
	.desc = &openshift_project_request_desc,
};

const struct api_kind api_kind_route = {
	.group = "route.openshift.io",
	.versions = {"v1"},
	.kind = "Route",
	.plural = "routes",
	.singular = "route",
	.categories = NAMES("all"),
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN | API_OPTIONAL,
	.desc = &openshift_route_desc,
	COLUMNS(route_columns),
};

const struct api_kind api_kind_kiali = {
	.group = "kiali.io",
	.versions = {"v1alpha1"},
	.kind = "Kiali",
	.plural = "kialis",
	.singular = "kiali",
	.flags = API_NAMESPACED | API_OPTIONAL | API_FOREIGN,
	.desc = &foreign_object_desc,
};

const struct api_kind api_kind_jaeger = {
	.group = "jaegertracing.io",
	.versions = {"v1"},
	.kind = "Jaeger",
	.plural = "jaegers",
	.singular = "jaeger",
	.flags = API_NAMESPACED | API_OPTIONAL | API_FOREIGN,
	.desc = &foreign_object_desc,
};

/* Multus': a network beside the cluster's, by name. */
const struct api_kind api_kind_network_attachment_definition = {
	.group = "k8s.cni.cncf.io",
	.versions = {"v1"},
	.kind = "NetworkAttachmentDefinition",
	.plural = "network-attachment-definitions",
	.singular = "network-attachment-definition",
	.flags = API_NAMESPACED | API_OPTIONAL | API_FOREIGN,
	.desc = &foreign_object_desc,
};

/* A client of OpenShift's OAuth server. Somebody else's of the same name is left alone, as other operators' objects
 * are. */
const struct api_kind api_kind_oauth_client = {
	.group = "oauth.openshift.io",
	.versions = {"v1"},
	.kind = "OAuthClient",
	.plural = "oauthclients",
	.singular = "oauthclient",
	.flags = API_OPTIONAL | API_FOREIGN,
	.desc = &openshift_oauth_client_desc,
};

#define REF(x) &api_kind_##x,
static const struct api_kind *const kinds[] = {API_KINDS(REF)};

size_t api_kinds_count(void)
{
	return ARRAY_LEN(kinds);
}

const struct api_kind *api_kind_at(size_t i)
{
	return kinds[i];
}

const char *api_kind_api_version(const struct api_kind *k, char *out)
{
	snprintf(out, API_VERSION_TEXT_MAX, "%s%s%s", k->group, *k->group ? "/" : "", k->versions[0]);
	return out;
}

static bool serves(const struct api_kind *k, struct slice version)
{
	for (const char *const *v = k->versions; *v; v++)
		if (slice_eq_str(version, *v))
			return true;
	return false;
}

const struct api_kind *api_kind_find(const char *api_version, const char *kind)
{
	struct slice group = {NULL, 0}, version = slice_str(api_version);

	if (!kind || !api_version)
		return NULL;
	if (slice_find(version, '/') >= 0)
		group = slice_split(&version, '/');
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i]->kind, kind) && slice_eq_str(group, kinds[i]->group) && serves(kinds[i], version))
			return kinds[i];
	return NULL;
}

const struct api_kind *api_kind_find_resource(const char *group, const char *version, const char *plural)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i]->plural, plural) && !strcmp(kinds[i]->group, group) &&
		    (!version || serves(kinds[i], slice_str(version))))
			return kinds[i];
	return NULL;
}
