/* Runtime settings of the components of a ServiceMeshControlPlane: maistra.io/v2. */
#ifndef API_MAISTRA_SMCP_RUNTIME_H
#define API_MAISTRA_SMCP_RUNTIME_H

#include "api/apps/apps.h"
#include "api/core/service.h"
#include "api/maistra/maistra.h"

/* Settings: auto scaler. */
struct maistra_auto_scaler_config {
	bool *enabled;
	int32_t *min_replicas;
	int32_t *max_replicas;
	int32_t *target_cpu_utilization_percentage;
};

/* Settings: deployment runtime. */
struct maistra_deployment_runtime_config {
	int32_t *replicas;
	struct apps_deployment_strategy *strategy;
	struct maistra_auto_scaler_config *auto_scaling;
};

/* Settings: metadata. */
struct maistra_metadata_config {
	struct str_map labels;
	struct str_map annotations;
};

/* Pod anti affinity term. */
struct maistra_pod_anti_affinity_term {
	const char *key;
	const char *operator;
	LIST(const char *) values;
	const char *topology_key;
};

/* Pod anti affinity. */
struct maistra_pod_anti_affinity {
	LIST(struct core_pod_affinity_term) required_during_scheduling_ignored_during_execution;
	LIST(struct core_weighted_pod_affinity_term) preferred_during_scheduling_ignored_during_execution;
	LIST(struct maistra_pod_anti_affinity_term) required_during_scheduling;
	LIST(struct maistra_pod_anti_affinity_term) preferred_during_scheduling;
};

/* Affinity. */
struct maistra_affinity {
	struct core_node_affinity *node_affinity;
	struct core_pod_affinity *pod_affinity;
	struct maistra_pod_anti_affinity *pod_anti_affinity;
};

/* Settings: pod runtime. */
struct maistra_pod_runtime_config {
	struct str_map node_selector;
	LIST(struct core_toleration) tolerations;
	const char *priority_class_name;
	struct maistra_metadata_config *metadata;
	struct maistra_affinity *affinity;
};

/* Settings: container. */
struct maistra_container_config {
	const char *image_registry;
	const char *image_tag;
	const char *image_pull_policy;
	LIST(struct core_local_object_reference) image_pull_secrets;
	struct core_resource_requirements *resources;
	const char *image_name;
	struct str_map env;
};

/* Settings: component runtime. */
struct maistra_component_runtime_config {
	struct maistra_deployment_runtime_config *deployment;
	struct maistra_pod_runtime_config *pod;
	struct maistra_container_config *container;
};

/* Pod disruption budget. */
struct maistra_pod_disruption_budget {
	bool *enabled;
	struct int_or_str min_available;
	struct int_or_str max_unavailable;
};

/* Settings: common deployment runtime. */
struct maistra_common_deployment_runtime_config {
	struct maistra_pod_disruption_budget *pod_disruption;
};

/* Settings: common pod runtime. */
struct maistra_common_pod_runtime_config {
	struct str_map node_selector;
	LIST(struct core_toleration) tolerations;
	const char *priority_class_name;
};

/* Settings: common container. */
struct maistra_common_container_config {
	const char *image_registry;
	const char *image_tag;
	const char *image_pull_policy;
	LIST(struct core_local_object_reference) image_pull_secrets;
	struct core_resource_requirements *resources;
};

/* Settings: default runtime. */
struct maistra_default_runtime_config {
	struct maistra_common_deployment_runtime_config *deployment;
	struct maistra_common_pod_runtime_config *pod;
	struct maistra_common_container_config *container;
};

/* Settings: control plane runtime. */
struct maistra_control_plane_runtime_config {
	MAP(struct maistra_component_runtime_config) components;
	struct maistra_default_runtime_config *defaults;
};

extern const struct msg_desc maistra_auto_scaler_config_desc;
extern const struct msg_desc maistra_deployment_runtime_config_desc;
extern const struct msg_desc maistra_metadata_config_desc;
extern const struct msg_desc maistra_pod_anti_affinity_term_desc;
extern const struct msg_desc maistra_pod_anti_affinity_desc;
extern const struct msg_desc maistra_affinity_desc;
extern const struct msg_desc maistra_pod_runtime_config_desc;
extern const struct msg_desc maistra_container_config_desc;
extern const struct msg_desc maistra_component_runtime_config_desc;
extern const struct msg_desc maistra_pod_disruption_budget_desc;
extern const struct msg_desc maistra_common_deployment_runtime_config_desc;
extern const struct msg_desc maistra_common_pod_runtime_config_desc;
extern const struct msg_desc maistra_common_container_config_desc;
extern const struct msg_desc maistra_default_runtime_config_desc;
extern const struct msg_desc maistra_control_plane_runtime_config_desc;

#endif
