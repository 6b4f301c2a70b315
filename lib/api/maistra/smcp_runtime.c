/* Rows of runtime settings of the components of a ServiceMeshControlPlane: maistra.io/v2. See the header for the
 * structs. */
#include "api/maistra/smcp_runtime.h"

#include "api/api_internal.h"

WORDS(words_always_never_if_not_present, {"Always", 0}, {"Never", 0}, {"IfNotPresent", 0});

#define T struct maistra_auto_scaler_config
static const struct msg_field maistra_auto_scaler_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Makes a HorizontalPodAutoscaler."),
	F(min_replicas, "minReplicas", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Least pods."),
	F(max_replicas, "maxReplicas", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Most pods."),
	F(target_cpu_utilization_percentage, "targetCPUUtilizationPercentage", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Average use of CPU to keep, in percent of the request."),
};
DESC(maistra_auto_scaler_config, "AutoScalerConfig", NULL);
#undef T

#define T struct maistra_deployment_runtime_config
static const struct msg_field maistra_deployment_runtime_config_rows[] = {
	F(replicas, "replicas", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Number of pods; 1 by default."),
	F(strategy, "strategy", MESSAGE, DONE, .desc = &apps_deployment_strategy_desc, .flags = MSG_RETAIN_KEYS,
	  .doc = "How pods are replaced on an update."),
	F(auto_scaling, "autoScaling", MESSAGE, DONE, .desc = &maistra_auto_scaler_config_desc,
	  .doc = "Scaling by load."),
};
DESC(maistra_deployment_runtime_config, "DeploymentRuntimeConfig", NULL);
#undef T

#define T struct maistra_metadata_config
static const struct msg_field maistra_metadata_config_rows[] = {
	F(labels, "labels", STR_MAP, DONE, .doc = "Labels that are added, by name."),
	F(annotations, "annotations", STR_MAP, DONE, .doc = "Annotations that are added, by name."),
};
DESC(maistra_metadata_config, "MetadataConfig", NULL);
#undef T

#define T struct maistra_pod_anti_affinity_term
static const struct msg_field maistra_pod_anti_affinity_term_rows[] = {
	F(key, "key", STRING, DONE, .flags = MSG_REQUIRED, .doc = "Label of the other pods."),
	F(operator, "operator", STRING, DONE, .flags = MSG_REQUIRED,
	  .doc = "How the label is compared: In, NotIn, Exists or DoesNotExist."),
	F(values, "values", STRING, DONE, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Values that the label is compared with, for In and NotIn."),
	F(topology_key, "topologyKey", STRING, DONE,
	  .doc = "Node label whose value must differ, such as kubernetes.io/hostname."),
};
DESC(maistra_pod_anti_affinity_term, "PodAntiAffinityTerm", "Pods to keep apart from.");
#undef T

#define T struct maistra_pod_anti_affinity
static const struct msg_field maistra_pod_anti_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, DONE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Terms that must hold when a pod is scheduled."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, DONE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Terms that should hold when a pod is scheduled, by weight."),
	F(required_during_scheduling, "requiredDuringScheduling", MESSAGE, DONE,
	  .desc = &maistra_pod_anti_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Short terms that must hold when a pod is scheduled."),
	F(preferred_during_scheduling, "preferredDuringScheduling", MESSAGE, DONE,
	  .desc = &maistra_pod_anti_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Short terms that should hold when a pod is scheduled."),
};
DESC(maistra_pod_anti_affinity, "PodAntiAffinity", "Pods to keep apart from.");
#undef T

#define T struct maistra_affinity
static const struct msg_field maistra_affinity_rows[] = {
	F(node_affinity, "nodeAffinity", MESSAGE, DONE, .desc = &core_node_affinity_desc,
	  .doc = "Nodes on which it may or should be placed."),
	F(pod_affinity, "podAffinity", MESSAGE, DONE, .desc = &core_pod_affinity_desc,
	  .doc = "Places beside pods that match."),
	F(pod_anti_affinity, "podAntiAffinity", MESSAGE, DONE, .desc = &maistra_pod_anti_affinity_desc,
	  .doc = "Keeps apart from pods that match."),
};
DESC(maistra_affinity, "Affinity", NULL);
#undef T

#define T struct maistra_pod_runtime_config
static const struct msg_field maistra_pod_runtime_config_rows[] = {
	F(node_selector, "nodeSelector", STR_MAP, DONE, .doc = "Labels that a node must have to run the pods."),
	F(tolerations, "tolerations", MESSAGE, DONE, .desc = &core_toleration_desc, .flags = MSG_LIST,
	  .doc = "Taints of nodes that the pods tolerate."),
	F(priority_class_name, "priorityClassName", STRING, DONE, .doc = "PriorityClass of the pods."),
	F(metadata, "metadata", MESSAGE, DONE, .desc = &maistra_metadata_config_desc,
	  .doc = "Labels and annotations of the pods."),
	F(affinity, "affinity", MESSAGE, DONE, .desc = &maistra_affinity_desc,
	  .doc = "Placement relative to nodes and other pods."),
};
DESC(maistra_pod_runtime_config, "PodRuntimeConfig", NULL);
#undef T

#define T struct maistra_container_config
static const struct msg_field maistra_container_config_rows[] = {
	F(image_registry, "imageRegistry", STRING, DONE,
	  .doc = "Registry of the image; the operator's default when absent."),
	F(image_tag, "imageTag", STRING, DONE, .doc = "Tag of the image; the version's when absent."),
	F(image_pull_policy, "imagePullPolicy", STRING, DONE, .enums = &words_always_never_if_not_present,
	  .doc = "When the image is pulled: Always, IfNotPresent or Never."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, DONE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_LIST, .doc = "Secrets of the registry, in the pod's namespace."),
	F(resources, "resources", MESSAGE, DONE, .desc = &core_resource_requirements_desc,
	  .doc = "Requests and limits of CPU and memory."),
	F(image_name, "imageName", STRING, DONE, .doc = "Name of the image; the component's when absent."),
	F(env, "env", STR_MAP, DONE, .doc = "Environment variables, by name."),
};
DESC(maistra_container_config, "ContainerConfig", NULL);
#undef T

#define T struct maistra_component_runtime_config
static const struct msg_field maistra_component_runtime_config_rows[] = {
	F(deployment, "deployment", MESSAGE, DONE, .desc = &maistra_deployment_runtime_config_desc,
	  .doc = "Replicas, strategy and scaling."),
	F(pod, "pod", MESSAGE, DONE, .desc = &maistra_pod_runtime_config_desc,
	  .doc = "Placement, labels and annotations of the pods."),
	F(container, "container", MESSAGE, DONE, .desc = &maistra_container_config_desc,
	  .doc = "Image, environment and resources of the container."),
};
DESC(maistra_component_runtime_config, "ComponentRuntimeConfig", NULL);
#undef T

#define T struct maistra_pod_disruption_budget
static const struct msg_field maistra_pod_disruption_budget_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Makes a PodDisruptionBudget."),
	F(min_available, "minAvailable", INT_OR_STR, DONE,
	  .doc = "Pods that must stay during evictions, as a number or a percentage."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, DONE,
	  .doc = "Pods that may be missing during evictions, as a number or a percentage."),
};
DESC(maistra_pod_disruption_budget, "PodDisruptionBudget", NULL);
#undef T

#define T struct maistra_common_deployment_runtime_config
static const struct msg_field maistra_common_deployment_runtime_config_rows[] = {
	F(pod_disruption, "podDisruption", MESSAGE, DONE, .desc = &maistra_pod_disruption_budget_desc,
	  .doc = "Limits of voluntary evictions."),
};
DESC(maistra_common_deployment_runtime_config, "CommonDeploymentRuntimeConfig", NULL);
#undef T

#define T struct maistra_common_pod_runtime_config
static const struct msg_field maistra_common_pod_runtime_config_rows[] = {
	F(node_selector, "nodeSelector", STR_MAP, DONE, .doc = "Labels that a node must have to run the pods."),
	F(tolerations, "tolerations", MESSAGE, DONE, .desc = &core_toleration_desc, .flags = MSG_LIST,
	  .doc = "Taints of nodes that the pods tolerate."),
	F(priority_class_name, "priorityClassName", STRING, DONE, .doc = "PriorityClass of the pods."),
};
DESC(maistra_common_pod_runtime_config, "CommonPodRuntimeConfig", NULL);
#undef T

#define T struct maistra_common_container_config
static const struct msg_field maistra_common_container_config_rows[] = {
	F(image_registry, "imageRegistry", STRING, DONE,
	  .doc = "Registry of the images; the operator's default when absent."),
	F(image_tag, "imageTag", STRING, DONE, .doc = "Tag of the images; the version's when absent."),
	F(image_pull_policy, "imagePullPolicy", STRING, DONE, .enums = &words_always_never_if_not_present,
	  .doc = "When images are pulled: Always, IfNotPresent or Never."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, DONE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_LIST, .doc = "Secrets of the registry, in the pods' namespaces."),
	F(resources, "resources", MESSAGE, DONE, .desc = &core_resource_requirements_desc,
	  .doc = "Requests and limits of CPU and memory."),
};
DESC(maistra_common_container_config, "CommonContainerConfig", NULL);
#undef T

#define T struct maistra_default_runtime_config
static const struct msg_field maistra_default_runtime_config_rows[] = {
	F(deployment, "deployment", MESSAGE, DONE, .desc = &maistra_common_deployment_runtime_config_desc,
	  .doc = "Disruption budgets of all Deployments."),
	F(pod, "pod", MESSAGE, DONE, .desc = &maistra_common_pod_runtime_config_desc, .doc = "Placement of all pods."),
	F(container, "container", MESSAGE, DONE, .desc = &maistra_common_container_config_desc,
	  .doc = "Images and resources of all containers."),
};
DESC(maistra_default_runtime_config, "DefaultRuntimeConfig", NULL);
#undef T

#define T struct maistra_control_plane_runtime_config
static const struct msg_field maistra_control_plane_runtime_config_rows[] = {
	F(components, "components", MAP,
	  TOLD_UNLESS("no such component is installed here", "pilot", "prometheus", "grafana", "kiali",
		      "tracing.jaeger"),
	  .desc = &maistra_component_runtime_config_desc,
	  .doc = "Settings of single components by name, such as pilot or prometheus."),
	F(defaults, "defaults", MESSAGE, DONE, .desc = &maistra_default_runtime_config_desc,
	  .doc = "Settings of all components that do not have their own."),
};
DESC(maistra_control_plane_runtime_config, "ControlPlaneRuntimeConfig", NULL);
#undef T
