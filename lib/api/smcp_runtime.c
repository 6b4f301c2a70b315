/* Rows of runtime settings of the components of a ServiceMeshControlPlane: maistra.io/v2. See the header for the
 * structs. */
#include "api/smcp_runtime.h"

#include "api/api_internal.h"

WORDS(words_always_never_if_not_present, {"Always", 0}, {"Never", 0}, {"IfNotPresent", 0});

#define T struct maistra_auto_scaler_config
static const struct msg_field maistra_auto_scaler_config_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(min_replicas, "minReplicas", INT32, .flags = MSG_OPTIONAL, .doc = "Min replicas."),
	F(max_replicas, "maxReplicas", INT32, .flags = MSG_OPTIONAL, .doc = "Max replicas."),
	F(target_cpu_utilization_percentage, "targetCPUUtilizationPercentage", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Target cpu utilization percentage."),
};
DESC(maistra_auto_scaler_config, "AutoScalerConfig", "Auto scaler config.");
#undef T

#define T struct maistra_deployment_runtime_config
static const struct msg_field maistra_deployment_runtime_config_rows[] = {
	F(replicas, "replicas", INT32, .flags = MSG_OPTIONAL, .doc = "Replicas."),
	F(strategy, "strategy", MESSAGE, .desc = &apps_deployment_strategy_desc, .flags = MSG_RETAIN_KEYS,
	  .doc = "Strategy."),
	F(auto_scaling, "autoScaling", MESSAGE, .desc = &maistra_auto_scaler_config_desc, .doc = "Auto scaling."),
};
DESC(maistra_deployment_runtime_config, "DeploymentRuntimeConfig", "Deployment runtime config.");
#undef T

#define T struct maistra_metadata_config
static const struct msg_field maistra_metadata_config_rows[] = {
	F(labels, "labels", STR_MAP, .doc = "Labels."),
	F(annotations, "annotations", STR_MAP, .doc = "Annotations."),
};
DESC(maistra_metadata_config, "MetadataConfig", "Metadata config.");
#undef T

#define T struct maistra_pod_anti_affinity_term
static const struct msg_field maistra_pod_anti_affinity_term_rows[] = {
	F(key, "key", STRING, .flags = MSG_REQUIRED, .doc = "Key."),
	F(operator, "operator", STRING, .flags = MSG_REQUIRED, .doc = "Operator."),
	F(values, "values", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Values."),
	F(topology_key, "topologyKey", STRING, .doc = "Topology key."),
};
DESC(maistra_pod_anti_affinity_term, "PodAntiAffinityTerm", "Pod anti affinity term.");
#undef T

#define T struct maistra_pod_anti_affinity
static const struct msg_field maistra_pod_anti_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Required during scheduling ignored during execution."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Preferred during scheduling ignored during execution."),
	F(required_during_scheduling, "requiredDuringScheduling", MESSAGE, .desc = &maistra_pod_anti_affinity_term_desc,
	  .flags = MSG_LIST, .doc = "Required during scheduling."),
	F(preferred_during_scheduling, "preferredDuringScheduling", MESSAGE,
	  .desc = &maistra_pod_anti_affinity_term_desc, .flags = MSG_LIST, .doc = "Preferred during scheduling."),
};
DESC(maistra_pod_anti_affinity, "PodAntiAffinity", "Pod anti affinity.");
#undef T

#define T struct maistra_affinity
static const struct msg_field maistra_affinity_rows[] = {
	F(node_affinity, "nodeAffinity", MESSAGE, .desc = &core_node_affinity_desc, .doc = "Node affinity."),
	F(pod_affinity, "podAffinity", MESSAGE, .desc = &core_pod_affinity_desc, .doc = "Pod affinity."),
	F(pod_anti_affinity, "podAntiAffinity", MESSAGE, .desc = &maistra_pod_anti_affinity_desc,
	  .doc = "Pod anti affinity."),
};
DESC(maistra_affinity, "Affinity", "Affinity.");
#undef T

#define T struct maistra_pod_runtime_config
static const struct msg_field maistra_pod_runtime_config_rows[] = {
	F(node_selector, "nodeSelector", STR_MAP, .doc = "Node selector."),
	F(tolerations, "tolerations", MESSAGE, .desc = &core_toleration_desc, .flags = MSG_LIST, .doc = "Tolerations."),
	F(priority_class_name, "priorityClassName", STRING, .doc = "Priority class name."),
	F(metadata, "metadata", MESSAGE, .desc = &maistra_metadata_config_desc, .doc = "Metadata."),
	F(affinity, "affinity", MESSAGE, .desc = &maistra_affinity_desc, .doc = "Affinity."),
};
DESC(maistra_pod_runtime_config, "PodRuntimeConfig", "Pod runtime config.");
#undef T

#define T struct maistra_container_config
static const struct msg_field maistra_container_config_rows[] = {
	F(image_registry, "imageRegistry", STRING, .doc = "Image registry."),
	F(image_tag, "imageTag", STRING, .doc = "Image tag."),
	F(image_pull_policy, "imagePullPolicy", STRING, .enums = &words_always_never_if_not_present,
	  .doc = "Image pull policy."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_LIST,
	  .doc = "Image pull secrets."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Resources."),
	F(image_name, "imageName", STRING, .doc = "Image name."),
	F(env, "env", STR_MAP, .doc = "Env."),
};
DESC(maistra_container_config, "ContainerConfig", "Container config.");
#undef T

#define T struct maistra_component_runtime_config
static const struct msg_field maistra_component_runtime_config_rows[] = {
	F(deployment, "deployment", MESSAGE, .desc = &maistra_deployment_runtime_config_desc, .doc = "Deployment."),
	F(pod, "pod", MESSAGE, .desc = &maistra_pod_runtime_config_desc, .doc = "Pod."),
	F(container, "container", MESSAGE, .desc = &maistra_container_config_desc, .doc = "Container."),
};
DESC(maistra_component_runtime_config, "ComponentRuntimeConfig", "Component runtime config.");
#undef T

#define T struct maistra_pod_disruption_budget
static const struct msg_field maistra_pod_disruption_budget_rows[] = {
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
	F(min_available, "minAvailable", INT_OR_STR, .doc = "Min available."),
	F(max_unavailable, "maxUnavailable", INT_OR_STR, .doc = "Max unavailable."),
};
DESC(maistra_pod_disruption_budget, "PodDisruptionBudget", "Pod disruption budget.");
#undef T

#define T struct maistra_common_deployment_runtime_config
static const struct msg_field maistra_common_deployment_runtime_config_rows[] = {
	F(pod_disruption, "podDisruption", MESSAGE, .desc = &maistra_pod_disruption_budget_desc,
	  .doc = "Pod disruption."),
};
DESC(maistra_common_deployment_runtime_config, "CommonDeploymentRuntimeConfig", "Common deployment runtime config.");
#undef T

#define T struct maistra_common_pod_runtime_config
static const struct msg_field maistra_common_pod_runtime_config_rows[] = {
	F(node_selector, "nodeSelector", STR_MAP, .doc = "Node selector."),
	F(tolerations, "tolerations", MESSAGE, .desc = &core_toleration_desc, .flags = MSG_LIST, .doc = "Tolerations."),
	F(priority_class_name, "priorityClassName", STRING, .doc = "Priority class name."),
};
DESC(maistra_common_pod_runtime_config, "CommonPodRuntimeConfig", "Common pod runtime config.");
#undef T

#define T struct maistra_common_container_config
static const struct msg_field maistra_common_container_config_rows[] = {
	F(image_registry, "imageRegistry", STRING, .doc = "Image registry."),
	F(image_tag, "imageTag", STRING, .doc = "Image tag."),
	F(image_pull_policy, "imagePullPolicy", STRING, .enums = &words_always_never_if_not_present,
	  .doc = "Image pull policy."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_LIST,
	  .doc = "Image pull secrets."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Resources."),
};
DESC(maistra_common_container_config, "CommonContainerConfig", "Common container config.");
#undef T

#define T struct maistra_default_runtime_config
static const struct msg_field maistra_default_runtime_config_rows[] = {
	F(deployment, "deployment", MESSAGE, .desc = &maistra_common_deployment_runtime_config_desc,
	  .doc = "Deployment."),
	F(pod, "pod", MESSAGE, .desc = &maistra_common_pod_runtime_config_desc, .doc = "Pod."),
	F(container, "container", MESSAGE, .desc = &maistra_common_container_config_desc, .doc = "Container."),
};
DESC(maistra_default_runtime_config, "DefaultRuntimeConfig", "Default runtime config.");
#undef T

#define T struct maistra_control_plane_runtime_config
static const struct msg_field maistra_control_plane_runtime_config_rows[] = {
	F(components, "components", MAP, .desc = &maistra_component_runtime_config_desc, .doc = "Components."),
	F(defaults, "defaults", MESSAGE, .desc = &maistra_default_runtime_config_desc, .doc = "Defaults."),
};
DESC(maistra_control_plane_runtime_config, "ControlPlaneRuntimeConfig", "Control plane runtime config.");
#undef T
