/* The table of kinds: names, versions, scope, columns. */
#include "api/kind.h"

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
#include "api/istio/extensions.h"
#include "api/maistra/maistra.h"
#include "api/cluster/network_policy.h"
#include "api/networking/networking.h"
#include "api/apps/policy.h"
#include "api/cluster/rbac.h"
#include "api/cluster/route.h"
#include "api/istio/security.h"
#include "api/maistra/smcp.h"
#include "api/istio/telemetry.h"
#include "base/cleanup.h"

#define NAMES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define COLUMNS(x) .columns = x, .n_columns = ARRAY_LEN(x)

static const struct api_column smcp_columns[] = {
	{"Ready", "string", ".status.annotations.readyComponentCount", 0, "Ready components of all components."},
	{"Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason", 0, "Why it is ready or not."},
	{"Profiles", "string", ".status.appliedSpec.profiles", 0, "Profiles in use."},
	{"Version", "string", ".status.chartVersion", 0, "Version that runs."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Image Registry", "string", ".status.appliedSpec.runtime.defaults.container.registry", 1,
	 "Where images come from."},
};

static const struct api_column smmr_columns[] = {
	{"Ready", "string", ".status.annotations.configuredMemberCount", 0, "Configured members of all members."},
	{"Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason", 0, "Why it is ready or not."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Members", "string", ".status.members", 1, "Namespaces of the mesh."},
};

static const struct api_column smm_columns[] = {
	{"Control Plane", "string", ".status.annotations.controlPlaneRef", 0, "The control plane it belongs to."},
	{"Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", 0,
	 "Whether the namespace is part of the mesh."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column destination_rule_columns[] = {
	{"Host", "string", ".spec.host", 0, "The service it is for."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column service_entry_columns[] = {
	{"Hosts", "string", ".spec.hosts", 0, "Host names of the service."},
	{"Location", "string", ".spec.location", 0, "Whether it is part of the mesh."},
	{"Resolution", "string", ".spec.resolution", 0, "How addresses are found."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column virtual_service_columns[] = {
	{"Gateways", "string", ".spec.gateways", 0, "Gateways and sidecars it applies to."},
	{"Hosts", "string", ".spec.hosts", 0, "Hosts it applies to."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column workload_entry_columns[] = {
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Address", "string", ".spec.address", 0, "Address of the workload."},
};

static const struct api_column workload_group_columns[] = {
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column telemetry_columns[] = {
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column peer_authentication_columns[] = {
	{"Mode", "string", ".spec.mtls.mode", 0, "Mutual TLS mode."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column route_columns[] = {
	{"Host/Port", "string", ".status.ingress[0].host", 0, "Host name it serves."},
	{"Path", "string", ".spec.path", 0, "Path prefix."},
	{"Services", "string", ".spec.to.name", 0, "Where requests go."},
	{"Port", "string", ".spec.port.targetPort", 0, "Port of the service."},
	{"Termination", "string", ".spec.tls.termination", 0, "Where TLS ends."},
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

const struct api_kind api_kind_route = {
	.group = "route.openshift.io",
	.versions = {"v1"},
	.kind = "Route",
	.plural = "routes",
	.singular = "route",
	.flags = API_NAMESPACED | API_STATUS | API_BUILT_IN | API_OPTIONAL,
	.desc = &openshift_route_desc,
	COLUMNS(route_columns),
};

const struct api_kind api_kind_smcp = {
	.group = "maistra.io",
	.versions = {"v2"},
	.kind = "ServiceMeshControlPlane",
	.plural = "servicemeshcontrolplanes",
	.singular = "servicemeshcontrolplane",
	.short_names = NAMES("smcp"),
	.categories = NAMES("maistra-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &maistra_smcp_desc,
	COLUMNS(smcp_columns),
};

const struct api_kind api_kind_smmr = {
	.group = "maistra.io",
	.versions = {"v1"},
	.kind = "ServiceMeshMemberRoll",
	.plural = "servicemeshmemberrolls",
	.singular = "servicemeshmemberroll",
	.short_names = NAMES("smmr"),
	.categories = NAMES("maistra-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &maistra_smmr_desc,
	COLUMNS(smmr_columns),
};

const struct api_kind api_kind_smm = {
	.group = "maistra.io",
	.versions = {"v1"},
	.kind = "ServiceMeshMember",
	.plural = "servicemeshmembers",
	.singular = "servicemeshmember",
	.short_names = NAMES("smm"),
	.categories = NAMES("maistra-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &maistra_smm_desc,
	COLUMNS(smm_columns),
};

const struct api_kind api_kind_virtual_service = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "VirtualService",
	.plural = "virtualservices",
	.singular = "virtualservice",
	.short_names = NAMES("vs"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_virtual_service_desc,
	COLUMNS(virtual_service_columns),
};

const struct api_kind api_kind_destination_rule = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "DestinationRule",
	.plural = "destinationrules",
	.singular = "destinationrule",
	.short_names = NAMES("dr"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_destination_rule_desc,
	COLUMNS(destination_rule_columns),
};

const struct api_kind api_kind_gateway = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "Gateway",
	.plural = "gateways",
	.singular = "gateway",
	.short_names = NAMES("gw"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_gateway_desc,
};

const struct api_kind api_kind_service_entry = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "ServiceEntry",
	.plural = "serviceentries",
	.singular = "serviceentry",
	.short_names = NAMES("se"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_service_entry_desc,
	COLUMNS(service_entry_columns),
};

const struct api_kind api_kind_workload_entry = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "WorkloadEntry",
	.plural = "workloadentries",
	.singular = "workloadentry",
	.short_names = NAMES("we"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_workload_entry_desc,
	COLUMNS(workload_entry_columns),
};

const struct api_kind api_kind_workload_group = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "WorkloadGroup",
	.plural = "workloadgroups",
	.singular = "workloadgroup",
	.short_names = NAMES("wg"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_workload_group_desc,
	COLUMNS(workload_group_columns),
};

const struct api_kind api_kind_sidecar = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "Sidecar",
	.plural = "sidecars",
	.singular = "sidecar",
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_sidecar_desc,
};

const struct api_kind api_kind_envoy_filter = {
	.group = "networking.istio.io",
	.versions = {"v1alpha3"},
	.kind = "EnvoyFilter",
	.plural = "envoyfilters",
	.singular = "envoyfilter",
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_envoy_filter_desc,
};

const struct api_kind api_kind_proxy_config = {
	.group = "networking.istio.io",
	.versions = {"v1beta1"},
	.kind = "ProxyConfig",
	.plural = "proxyconfigs",
	.singular = "proxyconfig",
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_proxy_config_desc,
};

const struct api_kind api_kind_peer_authentication = {
	.group = "security.istio.io",
	.versions = {"v1", "v1beta1"},
	.kind = "PeerAuthentication",
	.plural = "peerauthentications",
	.singular = "peerauthentication",
	.short_names = NAMES("pa"),
	.categories = NAMES("istio-io", "security-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_peer_authentication_desc,
	COLUMNS(peer_authentication_columns),
};

const struct api_kind api_kind_request_authentication = {
	.group = "security.istio.io",
	.versions = {"v1", "v1beta1"},
	.kind = "RequestAuthentication",
	.plural = "requestauthentications",
	.singular = "requestauthentication",
	.short_names = NAMES("ra"),
	.categories = NAMES("istio-io", "security-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_request_authentication_desc,
};

const struct api_kind api_kind_authorization_policy = {
	.group = "security.istio.io",
	.versions = {"v1", "v1beta1"},
	.kind = "AuthorizationPolicy",
	.plural = "authorizationpolicies",
	.singular = "authorizationpolicy",
	.categories = NAMES("istio-io", "security-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_authorization_policy_desc,
};

const struct api_kind api_kind_telemetry = {
	.group = "telemetry.istio.io",
	.versions = {"v1", "v1alpha1"},
	.stored = "v1alpha1",
	.kind = "Telemetry",
	.plural = "telemetries",
	.singular = "telemetry",
	.short_names = NAMES("telemetry"),
	.categories = NAMES("istio-io", "telemetry-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_telemetry_desc,
	COLUMNS(telemetry_columns),
};

const struct api_kind api_kind_wasm_plugin = {
	.group = "extensions.istio.io",
	.versions = {"v1alpha1"},
	.kind = "WasmPlugin",
	.plural = "wasmplugins",
	.singular = "wasmplugin",
	.categories = NAMES("istio-io", "extensions-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_wasm_plugin_desc,
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
