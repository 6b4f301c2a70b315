/* Rows of pods and their templates: v1. See the header for the structs. */
#include "api/core/pod.h"

#include "api/api_internal.h"

WORDS(words_on_root_mismatch_always, {"OnRootMismatch", 0}, {"Always", 0});
WORDS(words_exists_equal, {"Exists", 0}, {"Equal", 0});
WORDS(words_no_schedule_prefer_no_schedule_no_exec, {"NoSchedule", 0}, {"PreferNoSchedule", 0}, {"NoExecute", 0});
WORDS(words_do_not_schedule_schedule_anyway, {"DoNotSchedule", 0}, {"ScheduleAnyway", 0});
WORDS(words_ignore_honor, {"Ignore", 0}, {"Honor", 0});
WORDS(words_always_on_failure_never, {"Always", 0}, {"OnFailure", 0}, {"Never", 0});
WORDS(words_cluster_first_with_host_net_cluster_fi, {"ClusterFirstWithHostNet", 0}, {"ClusterFirst", 0}, {"Default", 0},
      {"None", 0});
WORDS(words_preempt_lower_priority_never, {"PreemptLowerPriority", 0}, {"Never", 0});
WORDS(words_pending_running_succeeded_failed_unkno, {"Pending", 0}, {"Running", 0}, {"Succeeded", 0}, {"Failed", 0},
      {"Unknown", 0});
WORDS(words_guaranteed_burstable_best_effort, {"Guaranteed", 0}, {"Burstable", 0}, {"BestEffort", 0});

#define T struct core_sysctl
static const struct msg_field core_sysctl_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(value, "value", STRING, .pb = 2, .doc = "Value."),
};
DESC(core_sysctl, "Sysctl", "Sysctl.");
#undef T

#define T struct core_pod_security_context
static const struct msg_field core_pod_security_context_rows[] = {
	F(se_linux_options, "seLinuxOptions", MESSAGE, .desc = &core_se_linux_options_desc, .pb = 1,
	  .doc = "SELinux label."),
	F(windows_options, "windowsOptions", MESSAGE, .desc = &core_windows_security_context_options_desc, .pb = 8,
	  .doc = "Settings of Windows containers."),
	F(run_as_user, "runAsUser", INT64, .flags = MSG_OPTIONAL, .pb = 2, .doc = "User id of the processes."),
	F(run_as_group, "runAsGroup", INT64, .flags = MSG_OPTIONAL, .pb = 6, .doc = "Group id of the processes."),
	F(run_as_non_root, "runAsNonRoot", BOOL, .flags = MSG_OPTIONAL, .pb = 3, .doc = "Refuses to run as user 0."),
	F(supplemental_groups, "supplementalGroups", INT64, .flags = MSG_LIST, .pb = 4,
	  .doc = "Further groups of the processes."),
	F(fs_group, "fsGroup", INT64, .flags = MSG_OPTIONAL, .pb = 5, .doc = "Group that owns volumes."),
	F(sysctls, "sysctls", MESSAGE, .desc = &core_sysctl_desc, .flags = MSG_LIST, .pb = 7,
	  .doc = "Kernel parameters of the pod's namespaces."),
	F(fs_group_change_policy, "fsGroupChangePolicy", STRING, .enums = &words_on_root_mismatch_always, .pb = 9,
	  .doc = "When ownership of volumes is changed."),
	F(seccomp_profile, "seccompProfile", MESSAGE, .desc = &core_seccomp_profile_desc, .pb = 10,
	  .doc = "Filter of system calls."),
};
DESC(core_pod_security_context, "PodSecurityContext", "Pod security context.");
#undef T

#define T struct core_preferred_scheduling_term
static const struct msg_field core_preferred_scheduling_term_rows[] = {
	F(weight, "weight", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 1,
	  .doc = "Share relative to its siblings."),
	F(preference, "preference", MESSAGE, .desc = &core_node_selector_term_desc, .flags = MSG_ATOMIC | MSG_REQUIRED,
	  .pb = 2, .doc = "Nodes that are preferred."),
};
DESC(core_preferred_scheduling_term, "PreferredSchedulingTerm", "Preferred scheduling term.");
#undef T

#define T struct core_node_affinity
static const struct msg_field core_node_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_node_selector_desc, .flags = MSG_ATOMIC, .pb = 1,
	  .doc = "Must hold when the pod is scheduled."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_preferred_scheduling_term_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Is preferred when the pod is scheduled."),
};
DESC(core_node_affinity, "NodeAffinity", "Node affinity.");
#undef T

#define T struct core_pod_affinity_term
static const struct msg_field core_pod_affinity_term_rows[] = {
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 1,
	  .doc = "Selects by labels."),
	F(namespaces, "namespaces", STRING, .flags = MSG_LIST, .pb = 2, .doc = "Namespaces by name."),
	F(topology_key, "topologyKey", STRING, .flags = MSG_REQUIRED, .pb = 3,
	  .doc = "Node label that defines the domain."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC,
	  .pb = 4, .doc = "Selects namespaces by their labels."),
	F(match_label_keys, "matchLabelKeys", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 5,
	  .doc = "Label keys whose values are taken from the pod."),
	F(mismatch_label_keys, "mismatchLabelKeys", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 6,
	  .doc = "Label keys whose values must differ from the pod's."),
};
DESC(core_pod_affinity_term, "PodAffinityTerm", "Pod affinity term.");
#undef T

#define T struct core_weighted_pod_affinity_term
static const struct msg_field core_weighted_pod_affinity_term_rows[] = {
	F(weight, "weight", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 1,
	  .doc = "Share relative to its siblings."),
	F(pod_affinity_term, "podAffinityTerm", MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_REQUIRED,
	  .pb = 2, .doc = "Pods that are meant."),
};
DESC(core_weighted_pod_affinity_term, "WeightedPodAffinityTerm", "Weighted pod affinity term.");
#undef T

#define T struct core_pod_affinity
static const struct msg_field core_pod_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Must hold when the pod is scheduled."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Is preferred when the pod is scheduled."),
};
DESC(core_pod_affinity, "PodAffinity", "Pod affinity.");
#undef T

#define T struct core_pod_anti_affinity
static const struct msg_field core_pod_anti_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST, .pb = 1,
	  .doc = "Must hold when the pod is scheduled."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Is preferred when the pod is scheduled."),
};
DESC(core_pod_anti_affinity, "PodAntiAffinity", "Pod anti affinity.");
#undef T

#define T struct core_affinity
static const struct msg_field core_affinity_rows[] = {
	F(node_affinity, "nodeAffinity", MESSAGE, .desc = &core_node_affinity_desc, .pb = 1,
	  .doc = "Nodes on which it may or should be placed."),
	F(pod_affinity, "podAffinity", MESSAGE, .desc = &core_pod_affinity_desc, .pb = 2,
	  .doc = "Places beside pods that match."),
	F(pod_anti_affinity, "podAntiAffinity", MESSAGE, .desc = &core_pod_anti_affinity_desc, .pb = 3,
	  .doc = "Keeps apart from pods that match."),
};
DESC(core_affinity, "Affinity", "Affinity.");
#undef T

#define T struct core_toleration
static const struct msg_field core_toleration_rows[] = {
	F(key, "key", STRING, .pb = 1, .doc = "Key."),
	F(operator, "operator", STRING, .enums = &words_exists_equal, .pb = 2,
	  .doc = "Relation between the key and the values."),
	F(value, "value", STRING, .pb = 3, .doc = "Value."),
	F(effect, "effect", STRING, .enums = &words_no_schedule_prefer_no_schedule_no_exec, .pb = 4,
	  .doc = "What the taint does to pods."),
	F(toleration_seconds, "tolerationSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 5,
	  .doc = "Seconds for which the taint is tolerated."),
};
DESC(core_toleration, "Toleration", "Toleration.");
#undef T

#define T struct core_host_alias
static const struct msg_field core_host_alias_rows[] = {
	F(ip, "ip", STRING, .pb = 1, .doc = "IP address."),
	F(hostnames, "hostnames", STRING, .flags = MSG_LIST, .pb = 2, .doc = "Host names of the address."),
};
DESC(core_host_alias, "HostAlias", "Host alias.");
#undef T

#define T struct core_pod_dns_config_option
static const struct msg_field core_pod_dns_config_option_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(value, "value", STRING, .pb = 2, .doc = "Value."),
};
DESC(core_pod_dns_config_option, "PodDNSConfigOption", "Pod DNS config option.");
#undef T

#define T struct core_pod_dns_config
static const struct msg_field core_pod_dns_config_rows[] = {
	F(nameservers, "nameservers", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Addresses of name servers."),
	F(searches, "searches", STRING, .flags = MSG_LIST, .pb = 2, .doc = "Search domains."),
	F(options, "options", MESSAGE, .desc = &core_pod_dns_config_option_desc, .flags = MSG_LIST, .pb = 3,
	  .doc = "Driver or resolver options."),
};
DESC(core_pod_dns_config, "PodDNSConfig", "Settings: pod DNS.");
#undef T

#define T struct core_pod_readiness_gate
static const struct msg_field core_pod_readiness_gate_rows[] = {
	F(condition_type, "conditionType", STRING, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "Condition that must be true for the pod to be ready."),
};
DESC(core_pod_readiness_gate, "PodReadinessGate", "Pod readiness gate.");
#undef T

#define T struct core_topology_spread_constraint
static const struct msg_field core_topology_spread_constraint_rows[] = {
	F(max_skew, "maxSkew", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .pb = 1,
	  .doc = "Largest difference between domains."),
	F(topology_key, "topologyKey", STRING, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Node label that defines the domain."),
	F(when_unsatisfiable, "whenUnsatisfiable", STRING, .enums = &words_do_not_schedule_schedule_anyway,
	  .flags = MSG_REQUIRED, .pb = 3, .doc = "What happens when the rule cannot be kept."),
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "Selects by labels."),
	F(min_domains, "minDomains", INT32, .flags = MSG_OPTIONAL, .pb = 5, .doc = "Least domains."),
	F(node_affinity_policy, "nodeAffinityPolicy", STRING, .enums = &words_ignore_honor, .pb = 6,
	  .doc = "Whether node affinity counts."),
	F(node_taints_policy, "nodeTaintsPolicy", STRING, .enums = &words_ignore_honor, .pb = 7,
	  .doc = "Whether taints count."),
	F(match_label_keys, "matchLabelKeys", STRING, .flags = MSG_LIST | MSG_ATOMIC, .pb = 8,
	  .doc = "Label keys whose values are taken from the pod."),
};
DESC(core_topology_spread_constraint, "TopologySpreadConstraint", "Topology spread constraint.");
#undef T

#define T struct core_pod_os
static const struct msg_field core_pod_os_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
};
DESC(core_pod_os, "PodOS", "Pod OS.");
#undef T

#define T struct core_pod_scheduling_gate
static const struct msg_field core_pod_scheduling_gate_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
};
DESC(core_pod_scheduling_gate, "PodSchedulingGate", "Pod scheduling gate.");
#undef T

#define T struct core_claim_source
static const struct msg_field core_claim_source_rows[] = {
	F(resource_claim_name, "resourceClaimName", STRING, .pb = 1, .doc = "Name of the ResourceClaim."),
	F(resource_claim_template_name, "resourceClaimTemplateName", STRING, .pb = 2,
	  .doc = "Name of the ResourceClaimTemplate."),
};
DESC(core_claim_source, "ClaimSource", "Source: claim.");
#undef T

#define T struct core_pod_resource_claim
static const struct msg_field core_pod_resource_claim_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Name, unique among its siblings."),
	F(source, "source", MESSAGE, .desc = &core_claim_source_desc, .pb = 2, .doc = "Where it comes from."),
};
DESC(core_pod_resource_claim, "PodResourceClaim", "Pod resource claim.");
#undef T

#define T struct core_pod_spec
static const struct msg_field core_pod_spec_rows[] = {
	F(volumes, "volumes", MESSAGE, .desc = &core_volume_desc, .flags = MSG_LIST | MSG_RETAIN_KEYS, .keys = "name",
	  .merge_key = "name", .pb = 1, .doc = "Volumes."),
	F(init_containers, "initContainers", MESSAGE, .desc = &core_container_desc, .flags = MSG_LIST, .keys = "name",
	  .merge_key = "name", .pb = 20, .doc = "Run to their end, one after the other, before the containers start."),
	F(containers, "containers", MESSAGE, .desc = &core_container_desc, .flags = MSG_LIST | MSG_REQUIRED,
	  .keys = "name", .merge_key = "name", .pb = 2, .doc = "The containers of the pod; at least one."),
	F(ephemeral_containers, "ephemeralContainers", MESSAGE, .desc = &core_ephemeral_container_desc,
	  .flags = MSG_LIST, .keys = "name", .merge_key = "name", .pb = 34, .doc = "Containers added for debugging."),
	F(restart_policy, "restartPolicy", STRING, .enums = &words_always_on_failure_never, .dflt = "\"Always\"",
	  .pb = 3, .doc = "When containers are restarted."),
	F(termination_grace_period_seconds, "terminationGracePeriodSeconds", INT64,
	  .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .dflt = "30", .pb = 4,
	  .doc = "Seconds a process has between TERM and KILL."),
	F(active_deadline_seconds, "activeDeadlineSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 5,
	  .doc = "Seconds after which it is ended."),
	F(dns_policy, "dnsPolicy", STRING, .enums = &words_cluster_first_with_host_net_cluster_fi,
	  .dflt = "\"ClusterFirst\"", .pb = 6, .doc = "Where name resolution is configured from."),
	F(node_selector, "nodeSelector", STR_MAP, .flags = MSG_ATOMIC, .pb = 7, .doc = "Labels that a node must have."),
	F(service_account_name, "serviceAccountName", STRING, .pb = 8,
	  .doc = "Service account whose rights the pod has."),
	F(service_account, "serviceAccount", STRING, .pb = 9, .doc = "Deprecated alias of serviceAccountName."),
	F(automount_service_account_token, "automountServiceAccountToken", BOOL, .flags = MSG_OPTIONAL, .pb = 21,
	  .doc = "Mounts the token of the service account."),
	F(node_name, "nodeName", STRING, .pb = 10, .doc = "Node on which it is placed."),
	F(host_network, "hostNetwork", BOOL, .pb = 11, .doc = "Uses the node's network."),
	F(host_pid, "hostPID", BOOL, .pb = 12, .doc = "Uses the node's process ids."),
	F(host_ipc, "hostIPC", BOOL, .pb = 13, .doc = "Uses the node's IPC."),
	F(share_process_namespace, "shareProcessNamespace", BOOL, .flags = MSG_OPTIONAL, .pb = 27,
	  .doc = "All containers see each other's processes."),
	F(security_context, "securityContext", MESSAGE, .desc = &core_pod_security_context_desc, .dflt = "{}", .pb = 14,
	  .doc = "Security settings of processes and files."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .pb = 15, .doc = "Secrets with credentials of image registries."),
	F(hostname, "hostname", STRING, .pb = 16, .doc = "Host name."),
	F(subdomain, "subdomain", STRING, .pb = 17, .doc = "Subdomain of the host name."),
	F(affinity, "affinity", MESSAGE, .desc = &core_affinity_desc, .pb = 18,
	  .doc = "Placement relative to nodes and other pods."),
	F(scheduler_name, "schedulerName", STRING, .dflt = "\"default-scheduler\"", .pb = 19,
	  .doc = "Scheduler that places the pod."),
	F(tolerations, "tolerations", MESSAGE, .desc = &core_toleration_desc, .flags = MSG_LIST, .pb = 22,
	  .doc = "Taints of nodes that are tolerated."),
	F(host_aliases, "hostAliases", MESSAGE, .desc = &core_host_alias_desc, .flags = MSG_LIST, .keys = "ip",
	  .merge_key = "ip", .pb = 23, .doc = "Lines added to /etc/hosts."),
	F(priority_class_name, "priorityClassName", STRING, .pb = 24, .doc = "Name of the priority class."),
	F(priority, "priority", INT32, .flags = MSG_OPTIONAL, .pb = 25, .doc = "Priority; higher goes first."),
	F(dns_config, "dnsConfig", MESSAGE, .desc = &core_pod_dns_config_desc, .pb = 26,
	  .doc = "Name servers, search domains and options."),
	F(readiness_gates, "readinessGates", MESSAGE, .desc = &core_pod_readiness_gate_desc, .flags = MSG_LIST,
	  .pb = 28, .doc = "Further conditions of readiness."),
	F(runtime_class_name, "runtimeClassName", STRING, .pb = 29, .doc = "Class of the container runtime."),
	F(enable_service_links, "enableServiceLinks", BOOL, .flags = MSG_OPTIONAL, .pb = 30,
	  .doc = "Gives each service of the namespace as variables."),
	F(preemption_policy, "preemptionPolicy", STRING, .enums = &words_preempt_lower_priority_never, .pb = 31,
	  .doc = "Whether the pod may displace others."),
	F(overhead, "overhead", STR_MAP, .elem = MSG_QUANTITY, .pb = 32,
	  .doc = "Resources that running the pod costs."),
	F(topology_spread_constraints, "topologySpreadConstraints", MESSAGE,
	  .desc = &core_topology_spread_constraint_desc, .flags = MSG_LIST, .keys = "topologyKey,whenUnsatisfiable",
	  .merge_key = "topologyKey", .pb = 33, .doc = "How pods are spread over domains."),
	F(set_hostname_as_fqdn, "setHostnameAsFQDN", BOOL, .flags = MSG_OPTIONAL, .pb = 35,
	  .doc = "Uses the full name as host name."),
	F(os, "os", MESSAGE, .desc = &core_pod_os_desc, .pb = 36, .doc = "Operating system of the containers."),
	F(host_users, "hostUsers", BOOL, .flags = MSG_OPTIONAL, .pb = 37, .doc = "Uses the node's user ids."),
	F(scheduling_gates, "schedulingGates", MESSAGE, .desc = &core_pod_scheduling_gate_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .pb = 38, .doc = "Hold scheduling back until removed."),
	F(resource_claims, "resourceClaims", MESSAGE, .desc = &core_pod_resource_claim_desc,
	  .flags = MSG_LIST | MSG_RETAIN_KEYS, .keys = "name", .merge_key = "name", .pb = 39,
	  .doc = "Claims that must be allocated first."),
};
DESC(core_pod_spec, "PodSpec", "What is wanted of a pod.");
#undef T

#define T struct core_pod_condition
static const struct msg_field core_pod_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .pb = 3, .doc = "When it was checked last."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 5, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 6, .doc = "Sentence for people that says why."),
};
DESC(core_pod_condition, "PodCondition", "One condition of a pod.");
#undef T

#define T struct core_host_ip
static const struct msg_field core_host_ip_rows[] = {
	F(ip, "ip", STRING, .pb = 1, .doc = "IP address."),
};
DESC(core_host_ip, "HostIP", "Host IP.");
#undef T

#define T struct core_pod_ip
static const struct msg_field core_pod_ip_rows[] = {
	F(ip, "ip", STRING, .pb = 1, .doc = "IP address."),
};
DESC(core_pod_ip, "PodIP", "Pod IP.");
#undef T

#define T struct core_container_state_waiting
static const struct msg_field core_container_state_waiting_rows[] = {
	F(reason, "reason", STRING, .pb = 1, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 2, .doc = "Sentence for people that says why."),
};
DESC(core_container_state_waiting, "ContainerStateWaiting", "Container state waiting.");
#undef T

#define T struct core_container_state_running
static const struct msg_field core_container_state_running_rows[] = {
	F(started_at, "startedAt", STRING, .format = "date-time", .pb = 1, .doc = "When the container started."),
};
DESC(core_container_state_running, "ContainerStateRunning", "Container state running.");
#undef T

#define T struct core_container_state_terminated
static const struct msg_field core_container_state_terminated_rows[] = {
	F(exit_code, "exitCode", INT32, .flags = MSG_KEEP_ZERO, .pb = 1, .doc = "Exit status."),
	F(signal, "signal", INT32, .pb = 2, .doc = "Signal that ended it."),
	F(reason, "reason", STRING, .pb = 3, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 4, .doc = "Sentence for people that says why."),
	F(started_at, "startedAt", STRING, .format = "date-time", .pb = 5, .doc = "When the container started."),
	F(finished_at, "finishedAt", STRING, .format = "date-time", .pb = 6, .doc = "When it ended."),
	F(container_id, "containerID", STRING, .pb = 7, .doc = "Identifier of the container at its runtime."),
};
DESC(core_container_state_terminated, "ContainerStateTerminated", "Container state terminated.");
#undef T

#define T struct core_container_state
static const struct msg_field core_container_state_rows[] = {
	F(waiting, "waiting", MESSAGE, .desc = &core_container_state_waiting_desc, .pb = 1,
	  .doc = "Waits, with the reason."),
	F(running, "running", MESSAGE, .desc = &core_container_state_running_desc, .pb = 2, .doc = "Runs, since when."),
	F(terminated, "terminated", MESSAGE, .desc = &core_container_state_terminated_desc, .pb = 3,
	  .doc = "Ended, with its status."),
};
DESC(core_container_state, "ContainerState", "Container state.");
#undef T

#define T struct core_container_status
static const struct msg_field core_container_status_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(state, "state", MESSAGE, .desc = &core_container_state_desc, .pb = 2, .doc = "State."),
	F(last_state, "lastState", MESSAGE, .desc = &core_container_state_desc, .pb = 3,
	  .doc = "State before the last restart."),
	F(ready, "ready", BOOL, .flags = MSG_KEEP_ZERO, .pb = 4, .doc = "Whether it is ready."),
	F(restart_count, "restartCount", INT32, .flags = MSG_KEEP_ZERO, .pb = 5, .doc = "How often it was restarted."),
	F(image, "image", STRING, .pb = 6, .doc = "Container image."),
	F(image_id, "imageID", STRING, .pb = 7, .doc = "Identifier of the image."),
	F(container_id, "containerID", STRING, .pb = 8, .doc = "Identifier of the container at its runtime."),
	F(started, "started", BOOL, .flags = MSG_OPTIONAL, .pb = 9, .doc = "Whether the startup probe has passed."),
	F(allocated_resources, "allocatedResources", STR_MAP, .elem = MSG_QUANTITY, .pb = 10,
	  .doc = "Resources set aside, by name."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .pb = 11,
	  .doc = "Compute resources."),
};
DESC(core_container_status, "ContainerStatus", "What was observed of a container.");
#undef T

#define T struct core_pod_resource_claim_status
static const struct msg_field core_pod_resource_claim_status_rows[] = {
	F(name, "name", STRING, .pb = 1, .doc = "Name, unique among its siblings."),
	F(resource_claim_name, "resourceClaimName", STRING, .pb = 2, .doc = "Name of the ResourceClaim."),
};
DESC(core_pod_resource_claim_status, "PodResourceClaimStatus", "What was observed of a pod resource claim.");
#undef T

#define T struct core_pod_status
static const struct msg_field core_pod_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_running_succeeded_failed_unkno, .pb = 1,
	  .doc = "Phase of the life cycle."),
	F(conditions, "conditions", MESSAGE, .desc = &core_pod_condition_desc, .flags = MSG_LIST, .keys = "type",
	  .merge_key = "type", .pb = 2, .doc = "Conditions observed last."),
	F(message, "message", STRING, .pb = 3, .doc = "Sentence for people that says why."),
	F(reason, "reason", STRING, .pb = 4, .doc = "One word in CamelCase that says why."),
	F(nominated_node_name, "nominatedNodeName", STRING, .pb = 11, .doc = "Node where place is being made."),
	F(host_ip, "hostIP", STRING, .pb = 5, .doc = "Address of the node."),
	F(host_ips, "hostIPs", MESSAGE, .desc = &core_host_ip_desc, .flags = MSG_LIST | MSG_ATOMIC, .keys = "ip",
	  .merge_key = "ip", .pb = 16, .doc = "Addresses of the node."),
	F(pod_ip, "podIP", STRING, .pb = 6, .doc = "Address of the pod."),
	F(pod_ips, "podIPs", MESSAGE, .desc = &core_pod_ip_desc, .flags = MSG_LIST, .keys = "ip", .merge_key = "ip",
	  .pb = 12, .doc = "Addresses of the pod, one per family."),
	F(start_time, "startTime", STRING, .format = "date-time", .pb = 7, .doc = "When it started."),
	F(init_container_statuses, "initContainerStatuses", MESSAGE, .desc = &core_container_status_desc,
	  .flags = MSG_LIST, .pb = 10, .doc = "State of each init container."),
	F(container_statuses, "containerStatuses", MESSAGE, .desc = &core_container_status_desc, .flags = MSG_LIST,
	  .pb = 8, .doc = "State of each container."),
	F(qos_class, "qosClass", STRING, .enums = &words_guaranteed_burstable_best_effort, .pb = 9,
	  .doc = "Quality of service class."),
	F(ephemeral_container_statuses, "ephemeralContainerStatuses", MESSAGE, .desc = &core_container_status_desc,
	  .flags = MSG_LIST, .pb = 13, .doc = "State of each ephemeral container."),
	F(resize, "resize", STRING, .pb = 14, .doc = "How far resizing has come."),
	F(resource_claim_statuses, "resourceClaimStatuses", MESSAGE, .desc = &core_pod_resource_claim_status_desc,
	  .flags = MSG_LIST | MSG_RETAIN_KEYS, .keys = "name", .merge_key = "name", .pb = 15,
	  .doc = "State of resource claims."),
};
DESC(core_pod_status, "PodStatus", "What was observed of a pod.");
#undef T

#define T struct core_pod
static const struct msg_field core_pod_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_pod_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &core_pod_status_desc, .dflt = "{\"phase\":\"Pending\"}", .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(core_pod, "Pod", "A group of containers that share an address and volumes.");
#undef T

#define T struct core_pod_template_spec
static const struct msg_field core_pod_template_spec_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &core_pod_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(core_pod_template_spec, "PodTemplateSpec", "What is wanted of a pod template.");
#undef T
