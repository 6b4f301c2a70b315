/* Rows of runtime settings of the components of a ServiceMeshControlPlane: maistra.io/v2. See the header for the
 * structs. */
#include "api/maistra/smcp_runtime.h"

#include "api/api_internal.h"

WORDS(words_always_never_if_not_present, {"Always", 0}, {"Never", 0}, {"IfNotPresent", 0});

#define T struct maistra_auto_scaler_config
static const struct msg_field maistra_auto_scaler_config_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Turns the feature on or off."),
	F(min_replicas, "minReplicas", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Least pods."),
	F(max_replicas, "maxReplicas", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Most pods."),
	F(target_cpu_utilization_percentage, "targetCPUUtilizationPercentage", INT32, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Average use of CPU to keep, in percent of the request."),
};
DESC(maistra_auto_scaler_config, "AutoScalerConfig", NULL);
#undef T

#define T struct maistra_deployment_runtime_config
static const struct msg_field maistra_deployment_runtime_config_rows[] = {
	F(replicas, "replicas", INT32, DONE, .flags = MSG_OPTIONAL, .doc = "Number of pods wanted."),
	F(strategy, "strategy", MESSAGE, DONE, .desc = &apps_deployment_strategy_desc, .flags = MSG_RETAIN_KEYS,
	  .doc = "How pods are replaced."),
	F(auto_scaling, "autoScaling", MESSAGE, DONE, .desc = &maistra_auto_scaler_config_desc,
	  .doc = "Automatic scaling."),
};
DESC(maistra_deployment_runtime_config, "DeploymentRuntimeConfig", NULL);
#undef T

#define T struct maistra_metadata_config
static const struct msg_field maistra_metadata_config_rows[] = {
	F(labels, "labels", STR_MAP, DONE, .doc = "Labels by which objects are selected."),
	F(annotations, "annotations", STR_MAP, DONE, .doc = "Annotations: notes that are not used to select."),
};
DESC(maistra_metadata_config, "MetadataConfig", NULL);
#undef T

#define T struct maistra_pod_anti_affinity_term
static const struct msg_field maistra_pod_anti_affinity_term_rows[] = {
	F(key, "key", STRING, DONE, .flags = MSG_REQUIRED, .doc = "Key."),
	F(operator, "operator", STRING, DONE, .flags = MSG_REQUIRED, .doc = "Relation between the key and the values."),
	F(values, "values", STRING, DONE, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Values to compare with."),
	F(topology_key, "topologyKey", STRING, DONE, .doc = "Node label that defines the domain."),
};
DESC(maistra_pod_anti_affinity_term, "PodAntiAffinityTerm", NULL);
#undef T

#define T struct maistra_pod_anti_affinity
static const struct msg_field maistra_pod_anti_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, DONE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Must hold when the pod is scheduled."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, DONE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Is preferred when the pod is scheduled."),
	F(required_during_scheduling, "requiredDuringScheduling", MESSAGE, DONE,
	  .desc = &maistra_pod_anti_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Must hold when the pod is scheduled."),
	F(preferred_during_scheduling, "preferredDuringScheduling", MESSAGE, DONE,
	  .desc = &maistra_pod_anti_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Is preferred when the pod is scheduled."),
};
DESC(maistra_pod_anti_affinity, "PodAntiAffinity", NULL);
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
	F(node_selector, "nodeSelector", STR_MAP, DONE, .doc = "Labels that a node must have."),
	F(tolerations, "tolerations", MESSAGE, DONE, .desc = &core_toleration_desc, .flags = MSG_LIST,
	  .doc = "Taints of nodes that are tolerated."),
	F(priority_class_name, "priorityClassName", STRING, DONE, .doc = "Name of the priority class."),
	F(metadata, "metadata", MESSAGE, DONE, .desc = &maistra_metadata_config_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(affinity, "affinity", MESSAGE, DONE, .desc = &maistra_affinity_desc,
	  .doc = "Placement relative to nodes and other pods."),
};
DESC(maistra_pod_runtime_config, "PodRuntimeConfig", NULL);
#undef T

#define T struct maistra_container_config
static const struct msg_field maistra_container_config_rows[] = {
	F(image_registry, "imageRegistry", STRING, DONE, .doc = "Registry of the image."),
	F(image_tag, "imageTag", STRING, DONE, .doc = "Tag of the image."),
	F(image_pull_policy, "imagePullPolicy", STRING, DONE, .enums = &words_always_never_if_not_present,
	  .doc = "When images are pulled."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, DONE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_LIST, .doc = "Secrets with credentials of image registries."),
	F(resources, "resources", MESSAGE, DONE, .desc = &core_resource_requirements_desc, .doc = "Compute resources."),
	F(image_name, "imageName", STRING, DONE, .doc = "Name of the image."),
	F(env, "env", STR_MAP, DONE, .doc = "Environment variables."),
};
DESC(maistra_container_config, "ContainerConfig", NULL);
#undef T

#define T struct maistra_component_runtime_config
static const struct msg_field maistra_component_runtime_config_rows[] = {
	F(deployment, "deployment", MESSAGE, DONE, .desc = &maistra_deployment_runtime_config_desc,
	  .doc = "Deployment settings."),
	F(pod, "pod", MESSAGE, DONE, .desc = &maistra_pod_runtime_config_desc, .doc = "Pod settings."),
	F(container, "container", MESSAGE, DONE, .desc = &maistra_container_config_desc, .doc = "Container settings."),
};
DESC(maistra_component_runtime_config, "ComponentRuntimeConfig", NULL);
#undef T

#define T struct maistra_pod_disruption_budget
static const struct msg_field maistra_pod_disruption_budget_rows[] = {
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL, .doc = "Turns the feature on or off."),
	F(min_available, "minAvailable", INT_OR_STR, DONE,
	  .doc = "How many must stay available, as a number or a percentage."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, DONE,
	  .doc = "How many may be unavailable at once, as a number or a percentage."),
};
DESC(maistra_pod_disruption_budget, "PodDisruptionBudget", NULL);
#undef T

#define T struct maistra_common_deployment_runtime_config
static const struct msg_field maistra_common_deployment_runtime_config_rows[] = {
	F(pod_disruption, "podDisruption", MESSAGE, DONE, .desc = &maistra_pod_disruption_budget_desc,
	  .doc = "Disruption budget."),
};
DESC(maistra_common_deployment_runtime_config, "CommonDeploymentRuntimeConfig", NULL);
#undef T

#define T struct maistra_common_pod_runtime_config
static const struct msg_field maistra_common_pod_runtime_config_rows[] = {
	F(node_selector, "nodeSelector", STR_MAP, DONE, .doc = "Labels that a node must have."),
	F(tolerations, "tolerations", MESSAGE, DONE, .desc = &core_toleration_desc, .flags = MSG_LIST,
	  .doc = "Taints of nodes that are tolerated."),
	F(priority_class_name, "priorityClassName", STRING, DONE, .doc = "Name of the priority class."),
};
DESC(maistra_common_pod_runtime_config, "CommonPodRuntimeConfig", NULL);
#undef T

#define T struct maistra_common_container_config
static const struct msg_field maistra_common_container_config_rows[] = {
	F(image_registry, "imageRegistry", STRING, DONE, .doc = "Registry of the image."),
	F(image_tag, "imageTag", STRING, DONE, .doc = "Tag of the image."),
	F(image_pull_policy, "imagePullPolicy", STRING, DONE, .enums = &words_always_never_if_not_present,
	  .doc = "When images are pulled."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, DONE, .desc = &core_local_object_reference_desc,
	  .flags = MSG_LIST, .doc = "Secrets with credentials of image registries."),
	F(resources, "resources", MESSAGE, DONE, .desc = &core_resource_requirements_desc, .doc = "Compute resources."),
};
DESC(maistra_common_container_config, "CommonContainerConfig", NULL);
#undef T

#define T struct maistra_default_runtime_config
static const struct msg_field maistra_default_runtime_config_rows[] = {
	F(deployment, "deployment", MESSAGE, DONE, .desc = &maistra_common_deployment_runtime_config_desc,
	  .doc = "Deployment settings."),
	F(pod, "pod", MESSAGE, DONE, .desc = &maistra_common_pod_runtime_config_desc, .doc = "Pod settings."),
	F(container, "container", MESSAGE, DONE, .desc = &maistra_common_container_config_desc,
	  .doc = "Container settings."),
};
DESC(maistra_default_runtime_config, "DefaultRuntimeConfig", NULL);
#undef T

#define T struct maistra_control_plane_runtime_config
static const struct msg_field maistra_control_plane_runtime_config_rows[] = {
	F(components, "components", MAP, DONE, .desc = &maistra_component_runtime_config_desc,
	  .doc = "Settings or state by component."),
	F(defaults, "defaults", MESSAGE, DONE, .desc = &maistra_default_runtime_config_desc,
	  .doc = "Settings of all components."),
};
DESC(maistra_control_plane_runtime_config, "ControlPlaneRuntimeConfig", NULL);
#undef T
