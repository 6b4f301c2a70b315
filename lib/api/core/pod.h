/* Pods and their templates: v1. */
#ifndef API_CORE_POD_H
#define API_CORE_POD_H

#include "api/core/container.h"

/* Sysctl. */
struct core_sysctl {
	const char *name;
	const char *value;
};

/* Pod security context. */
struct core_pod_security_context {
	struct core_se_linux_options *se_linux_options;
	struct core_windows_security_context_options *windows_options;
	int64_t *run_as_user;
	int64_t *run_as_group;
	bool *run_as_non_root;
	LIST(int64_t) supplemental_groups;
	int64_t *fs_group;
	LIST(struct core_sysctl) sysctls;
	const char *fs_group_change_policy;
	struct core_seccomp_profile *seccomp_profile;
};

/* Preferred scheduling term. */
struct core_preferred_scheduling_term {
	int32_t weight;
	struct core_node_selector_term *preference;
};

/* Node affinity. */
struct core_node_affinity {
	struct core_node_selector *required_during_scheduling_ignored_during_execution;
	LIST(struct core_preferred_scheduling_term) preferred_during_scheduling_ignored_during_execution;
};

/* Pod affinity term. */
struct core_pod_affinity_term {
	struct meta_label_selector *label_selector;
	LIST(const char *) namespaces;
	const char *topology_key;
	struct meta_label_selector *namespace_selector;
	LIST(const char *) match_label_keys;
	LIST(const char *) mismatch_label_keys;
};

/* Weighted pod affinity term. */
struct core_weighted_pod_affinity_term {
	int32_t weight;
	struct core_pod_affinity_term *pod_affinity_term;
};

/* Pod affinity. */
struct core_pod_affinity {
	LIST(struct core_pod_affinity_term) required_during_scheduling_ignored_during_execution;
	LIST(struct core_weighted_pod_affinity_term) preferred_during_scheduling_ignored_during_execution;
};

/* Pod anti affinity. */
struct core_pod_anti_affinity {
	LIST(struct core_pod_affinity_term) required_during_scheduling_ignored_during_execution;
	LIST(struct core_weighted_pod_affinity_term) preferred_during_scheduling_ignored_during_execution;
};

/* Affinity. */
struct core_affinity {
	struct core_node_affinity *node_affinity;
	struct core_pod_affinity *pod_affinity;
	struct core_pod_anti_affinity *pod_anti_affinity;
};

/* Toleration. */
struct core_toleration {
	const char *key;
	const char *operator;
	const char *value;
	const char *effect;
	int64_t *toleration_seconds;
};

/* Host alias. */
struct core_host_alias {
	const char *ip;
	LIST(const char *) hostnames;
};

/* Pod DNS config option. */
struct core_pod_dns_config_option {
	const char *name;
	const char *value;
};

/* Settings: pod DNS. */
struct core_pod_dns_config {
	LIST(const char *) nameservers;
	LIST(const char *) searches;
	LIST(struct core_pod_dns_config_option) options;
};

/* Pod readiness gate. */
struct core_pod_readiness_gate {
	const char *condition_type;
};

/* Topology spread constraint. */
struct core_topology_spread_constraint {
	int32_t max_skew;
	const char *topology_key;
	const char *when_unsatisfiable;
	struct meta_label_selector *label_selector;
	int32_t *min_domains;
	const char *node_affinity_policy;
	const char *node_taints_policy;
	LIST(const char *) match_label_keys;
};

/* Pod OS. */
struct core_pod_os {
	const char *name;
};

/* Pod scheduling gate. */
struct core_pod_scheduling_gate {
	const char *name;
};

/* Source: claim. */
struct core_claim_source {
	const char *resource_claim_name;
	const char *resource_claim_template_name;
};

/* Pod resource claim. */
struct core_pod_resource_claim {
	const char *name;
	struct core_claim_source *source;
};

/* What is wanted of a pod. */
struct core_pod_spec {
	LIST(struct core_volume) volumes;
	LIST(struct core_container) init_containers;
	LIST(struct core_container) containers;
	LIST(struct core_ephemeral_container) ephemeral_containers;
	const char *restart_policy;
	int64_t *termination_grace_period_seconds;
	int64_t *active_deadline_seconds;
	const char *dns_policy;
	struct str_map node_selector;
	const char *service_account_name;
	const char *service_account;
	bool *automount_service_account_token;
	const char *node_name;
	bool host_network;
	bool host_pid;
	bool host_ipc;
	bool *share_process_namespace;
	struct core_pod_security_context *security_context;
	LIST(struct core_local_object_reference) image_pull_secrets;
	const char *hostname;
	const char *subdomain;
	struct core_affinity *affinity;
	const char *scheduler_name;
	LIST(struct core_toleration) tolerations;
	LIST(struct core_host_alias) host_aliases;
	const char *priority_class_name;
	int32_t *priority;
	struct core_pod_dns_config *dns_config;
	LIST(struct core_pod_readiness_gate) readiness_gates;
	const char *runtime_class_name;
	bool *enable_service_links;
	const char *preemption_policy;
	struct str_map overhead;
	LIST(struct core_topology_spread_constraint) topology_spread_constraints;
	bool *set_hostname_as_fqdn;
	struct core_pod_os *os;
	bool *host_users;
	LIST(struct core_pod_scheduling_gate) scheduling_gates;
	LIST(struct core_pod_resource_claim) resource_claims;
};

/* One condition of a pod. */
struct core_pod_condition {
	const char *type;
	const char *status;
	const char *last_probe_time;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* Host IP. */
struct core_host_ip {
	const char *ip;
};

/* Pod IP. */
struct core_pod_ip {
	const char *ip;
};

/* Container state waiting. */
struct core_container_state_waiting {
	const char *reason;
	const char *message;
};

/* Container state running. */
struct core_container_state_running {
	const char *started_at;
};

/* Container state terminated. */
struct core_container_state_terminated {
	int32_t exit_code;
	int32_t signal;
	const char *reason;
	const char *message;
	const char *started_at;
	const char *finished_at;
	const char *container_id;
};

/* Container state. */
struct core_container_state {
	struct core_container_state_waiting *waiting;
	struct core_container_state_running *running;
	struct core_container_state_terminated *terminated;
};

/* What was observed of a container. */
struct core_container_status {
	const char *name;
	struct core_container_state *state;
	struct core_container_state *last_state;
	bool ready;
	int32_t restart_count;
	const char *image;
	const char *image_id;
	const char *container_id;
	bool *started;
	struct str_map allocated_resources;
	struct core_resource_requirements *resources;
};

/* What was observed of a pod resource claim. */
struct core_pod_resource_claim_status {
	const char *name;
	const char *resource_claim_name;
};

/* What was observed of a pod. */
struct core_pod_status {
	const char *phase;
	LIST(struct core_pod_condition) conditions;
	const char *message;
	const char *reason;
	const char *nominated_node_name;
	const char *host_ip;
	LIST(struct core_host_ip) host_ips;
	const char *pod_ip;
	LIST(struct core_pod_ip) pod_ips;
	const char *start_time;
	LIST(struct core_container_status) init_container_statuses;
	LIST(struct core_container_status) container_statuses;
	const char *qos_class;
	LIST(struct core_container_status) ephemeral_container_statuses;
	const char *resize;
	LIST(struct core_pod_resource_claim_status) resource_claim_statuses;
};

/* A group of containers that share an address and volumes. */
struct core_pod {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct core_pod_spec *spec;
	struct core_pod_status *status;
};

/* What is wanted of a pod template. */
struct core_pod_template_spec {
	struct meta_object *metadata;
	struct core_pod_spec *spec;
};

extern const struct msg_desc core_sysctl_desc;
extern const struct msg_desc core_pod_security_context_desc;
extern const struct msg_desc core_preferred_scheduling_term_desc;
extern const struct msg_desc core_node_affinity_desc;
extern const struct msg_desc core_pod_affinity_term_desc;
extern const struct msg_desc core_weighted_pod_affinity_term_desc;
extern const struct msg_desc core_pod_affinity_desc;
extern const struct msg_desc core_pod_anti_affinity_desc;
extern const struct msg_desc core_affinity_desc;
extern const struct msg_desc core_toleration_desc;
extern const struct msg_desc core_host_alias_desc;
extern const struct msg_desc core_pod_dns_config_option_desc;
extern const struct msg_desc core_pod_dns_config_desc;
extern const struct msg_desc core_pod_readiness_gate_desc;
extern const struct msg_desc core_topology_spread_constraint_desc;
extern const struct msg_desc core_pod_os_desc;
extern const struct msg_desc core_pod_scheduling_gate_desc;
extern const struct msg_desc core_claim_source_desc;
extern const struct msg_desc core_pod_resource_claim_desc;
extern const struct msg_desc core_pod_spec_desc;
extern const struct msg_desc core_pod_condition_desc;
extern const struct msg_desc core_host_ip_desc;
extern const struct msg_desc core_pod_ip_desc;
extern const struct msg_desc core_container_state_waiting_desc;
extern const struct msg_desc core_container_state_running_desc;
extern const struct msg_desc core_container_state_terminated_desc;
extern const struct msg_desc core_container_state_desc;
extern const struct msg_desc core_container_status_desc;
extern const struct msg_desc core_pod_resource_claim_status_desc;
extern const struct msg_desc core_pod_status_desc;
extern const struct msg_desc core_pod_desc;
extern const struct msg_desc core_pod_template_spec_desc;

#endif
