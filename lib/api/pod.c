/* Rows of pods and their templates: v1. See the header for the structs. */
#include "api/pod.h"

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
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(value, "value", STRING, .flags = MSG_REQUIRED, .doc = "Value."),
};
DESC(core_sysctl, "Sysctl", "Sysctl.");
#undef T

#define T struct core_pod_security_context
static const struct msg_field core_pod_security_context_rows[] = {
	F(se_linux_options, "seLinuxOptions", MESSAGE, .desc = &core_se_linux_options_desc, .doc = "Se linux options."),
	F(windows_options, "windowsOptions", MESSAGE, .desc = &core_windows_security_context_options_desc,
	  .doc = "Windows options."),
	F(run_as_user, "runAsUser", INT64, .flags = MSG_OPTIONAL, .doc = "Run as user."),
	F(run_as_group, "runAsGroup", INT64, .flags = MSG_OPTIONAL, .doc = "Run as group."),
	F(run_as_non_root, "runAsNonRoot", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether run as non root applies."),
	F(supplemental_groups, "supplementalGroups", INT64, .flags = MSG_LIST, .doc = "Supplemental groups."),
	F(fs_group, "fsGroup", INT64, .flags = MSG_OPTIONAL, .doc = "Fs group."),
	F(sysctls, "sysctls", MESSAGE, .desc = &core_sysctl_desc, .flags = MSG_LIST, .doc = "Sysctls."),
	F(fs_group_change_policy, "fsGroupChangePolicy", STRING, .enums = &words_on_root_mismatch_always,
	  .doc = "Fs group change policy."),
	F(seccomp_profile, "seccompProfile", MESSAGE, .desc = &core_seccomp_profile_desc, .doc = "Seccomp profile."),
};
DESC(core_pod_security_context, "PodSecurityContext", "Pod security context.");
#undef T

#define T struct core_preferred_scheduling_term
static const struct msg_field core_preferred_scheduling_term_rows[] = {
	F(weight, "weight", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Weight."),
	F(preference, "preference", MESSAGE, .desc = &core_node_selector_term_desc, .flags = MSG_REQUIRED,
	  .doc = "Preference."),
};
DESC(core_preferred_scheduling_term, "PreferredSchedulingTerm", "Preferred scheduling term.");
#undef T

#define T struct core_node_affinity
static const struct msg_field core_node_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_node_selector_desc, .doc = "Required during scheduling ignored during execution."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_preferred_scheduling_term_desc, .flags = MSG_LIST,
	  .doc = "Preferred during scheduling ignored during execution."),
};
DESC(core_node_affinity, "NodeAffinity", "Node affinity.");
#undef T

#define T struct core_pod_affinity_term
static const struct msg_field core_pod_affinity_term_rows[] = {
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Label selector."),
	F(namespaces, "namespaces", STRING, .flags = MSG_LIST, .doc = "Namespaces."),
	F(topology_key, "topologyKey", STRING, .flags = MSG_REQUIRED, .doc = "Topology key."),
	F(namespace_selector, "namespaceSelector", MESSAGE, .desc = &meta_label_selector_desc,
	  .doc = "Namespace selector."),
	F(match_label_keys, "matchLabelKeys", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Match label keys."),
	F(mismatch_label_keys, "mismatchLabelKeys", STRING, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Mismatch label keys."),
};
DESC(core_pod_affinity_term, "PodAffinityTerm", "Pod affinity term.");
#undef T

#define T struct core_weighted_pod_affinity_term
static const struct msg_field core_weighted_pod_affinity_term_rows[] = {
	F(weight, "weight", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Weight."),
	F(pod_affinity_term, "podAffinityTerm", MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_REQUIRED,
	  .doc = "Pod affinity term."),
};
DESC(core_weighted_pod_affinity_term, "WeightedPodAffinityTerm", "Weighted pod affinity term.");
#undef T

#define T struct core_pod_affinity
static const struct msg_field core_pod_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Required during scheduling ignored during execution."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Preferred during scheduling ignored during execution."),
};
DESC(core_pod_affinity, "PodAffinity", "Pod affinity.");
#undef T

#define T struct core_pod_anti_affinity
static const struct msg_field core_pod_anti_affinity_rows[] = {
	F(required_during_scheduling_ignored_during_execution, "requiredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Required during scheduling ignored during execution."),
	F(preferred_during_scheduling_ignored_during_execution, "preferredDuringSchedulingIgnoredDuringExecution",
	  MESSAGE, .desc = &core_weighted_pod_affinity_term_desc, .flags = MSG_LIST,
	  .doc = "Preferred during scheduling ignored during execution."),
};
DESC(core_pod_anti_affinity, "PodAntiAffinity", "Pod anti affinity.");
#undef T

#define T struct core_affinity
static const struct msg_field core_affinity_rows[] = {
	F(node_affinity, "nodeAffinity", MESSAGE, .desc = &core_node_affinity_desc, .doc = "Node affinity."),
	F(pod_affinity, "podAffinity", MESSAGE, .desc = &core_pod_affinity_desc, .doc = "Pod affinity."),
	F(pod_anti_affinity, "podAntiAffinity", MESSAGE, .desc = &core_pod_anti_affinity_desc,
	  .doc = "Pod anti affinity."),
};
DESC(core_affinity, "Affinity", "Affinity.");
#undef T

#define T struct core_toleration
static const struct msg_field core_toleration_rows[] = {
	F(key, "key", STRING, .doc = "Key."),
	F(operator, "operator", STRING, .enums = &words_exists_equal, .doc = "Operator."),
	F(value, "value", STRING, .doc = "Value."),
	F(effect, "effect", STRING, .enums = &words_no_schedule_prefer_no_schedule_no_exec, .doc = "Effect."),
	F(toleration_seconds, "tolerationSeconds", INT64, .flags = MSG_OPTIONAL, .doc = "Toleration seconds."),
};
DESC(core_toleration, "Toleration", "Toleration.");
#undef T

#define T struct core_host_alias
static const struct msg_field core_host_alias_rows[] = {
	F(ip, "ip", STRING, .doc = "Ip."),
	F(hostnames, "hostnames", STRING, .flags = MSG_LIST, .doc = "Hostnames."),
};
DESC(core_host_alias, "HostAlias", "Host alias.");
#undef T

#define T struct core_pod_dns_config_option
static const struct msg_field core_pod_dns_config_option_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(value, "value", STRING, .doc = "Value."),
};
DESC(core_pod_dns_config_option, "PodDNSConfigOption", "Pod dns config option.");
#undef T

#define T struct core_pod_dns_config
static const struct msg_field core_pod_dns_config_rows[] = {
	F(nameservers, "nameservers", STRING, .flags = MSG_LIST, .doc = "Nameservers."),
	F(searches, "searches", STRING, .flags = MSG_LIST, .doc = "Searches."),
	F(options, "options", MESSAGE, .desc = &core_pod_dns_config_option_desc, .flags = MSG_LIST, .doc = "Options."),
};
DESC(core_pod_dns_config, "PodDNSConfig", "Pod dns config.");
#undef T

#define T struct core_pod_readiness_gate
static const struct msg_field core_pod_readiness_gate_rows[] = {
	F(condition_type, "conditionType", STRING, .flags = MSG_REQUIRED, .doc = "Condition type."),
};
DESC(core_pod_readiness_gate, "PodReadinessGate", "Pod readiness gate.");
#undef T

#define T struct core_topology_spread_constraint
static const struct msg_field core_topology_spread_constraint_rows[] = {
	F(max_skew, "maxSkew", INT32, .flags = MSG_KEEP_ZERO | MSG_REQUIRED, .doc = "Max skew."),
	F(topology_key, "topologyKey", STRING, .flags = MSG_REQUIRED, .doc = "Topology key."),
	F(when_unsatisfiable, "whenUnsatisfiable", STRING, .enums = &words_do_not_schedule_schedule_anyway,
	  .flags = MSG_REQUIRED, .doc = "When unsatisfiable."),
	F(label_selector, "labelSelector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Label selector."),
	F(min_domains, "minDomains", INT32, .flags = MSG_OPTIONAL, .doc = "Min domains."),
	F(node_affinity_policy, "nodeAffinityPolicy", STRING, .enums = &words_ignore_honor,
	  .doc = "Node affinity policy."),
	F(node_taints_policy, "nodeTaintsPolicy", STRING, .enums = &words_ignore_honor, .doc = "Node taints policy."),
	F(match_label_keys, "matchLabelKeys", STRING, .flags = MSG_LIST | MSG_ATOMIC, .doc = "Match label keys."),
};
DESC(core_topology_spread_constraint, "TopologySpreadConstraint", "Topology spread constraint.");
#undef T

#define T struct core_pod_os
static const struct msg_field core_pod_os_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
};
DESC(core_pod_os, "PodOS", "Pod os.");
#undef T

#define T struct core_pod_scheduling_gate
static const struct msg_field core_pod_scheduling_gate_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
};
DESC(core_pod_scheduling_gate, "PodSchedulingGate", "Pod scheduling gate.");
#undef T

#define T struct core_claim_source
static const struct msg_field core_claim_source_rows[] = {
	F(resource_claim_name, "resourceClaimName", STRING, .doc = "Resource claim name."),
	F(resource_claim_template_name, "resourceClaimTemplateName", STRING, .doc = "Resource claim template name."),
};
DESC(core_claim_source, "ClaimSource", "Claim source.");
#undef T

#define T struct core_pod_resource_claim
static const struct msg_field core_pod_resource_claim_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(source, "source", MESSAGE, .desc = &core_claim_source_desc, .doc = "Source."),
};
DESC(core_pod_resource_claim, "PodResourceClaim", "Pod resource claim.");
#undef T

#define T struct core_pod_spec
static const struct msg_field core_pod_spec_rows[] = {
	F(volumes, "volumes", MESSAGE, .desc = &core_volume_desc, .flags = MSG_LIST | MSG_RETAIN_KEYS,
	  .merge_key = "name", .doc = "Volumes."),
	F(init_containers, "initContainers", MESSAGE, .desc = &core_container_desc, .flags = MSG_LIST,
	  .merge_key = "name", .doc = "Init containers."),
	F(containers, "containers", MESSAGE, .desc = &core_container_desc, .flags = MSG_LIST, .merge_key = "name",
	  .doc = "Containers."),
	F(ephemeral_containers, "ephemeralContainers", MESSAGE, .desc = &core_ephemeral_container_desc,
	  .flags = MSG_LIST, .merge_key = "name", .doc = "Ephemeral containers."),
	F(restart_policy, "restartPolicy", STRING, .enums = &words_always_on_failure_never, .doc = "Restart policy."),
	F(termination_grace_period_seconds, "terminationGracePeriodSeconds", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Termination grace period seconds."),
	F(active_deadline_seconds, "activeDeadlineSeconds", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Active deadline seconds."),
	F(dns_policy, "dnsPolicy", STRING, .enums = &words_cluster_first_with_host_net_cluster_fi,
	  .doc = "Dns policy."),
	F(node_selector, "nodeSelector", STR_MAP, .flags = MSG_ATOMIC, .doc = "Node selector."),
	F(service_account_name, "serviceAccountName", STRING, .doc = "Service account name."),
	F(service_account, "serviceAccount", STRING, .doc = "Service account."),
	F(automount_service_account_token, "automountServiceAccountToken", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether automount service account token applies."),
	F(node_name, "nodeName", STRING, .doc = "Node name."),
	F(host_network, "hostNetwork", BOOL, .doc = "Whether host network applies."),
	F(host_pid, "hostPID", BOOL, .doc = "Whether host pid applies."),
	F(host_ipc, "hostIPC", BOOL, .doc = "Whether host ipc applies."),
	F(share_process_namespace, "shareProcessNamespace", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether share process namespace applies."),
	F(security_context, "securityContext", MESSAGE, .desc = &core_pod_security_context_desc,
	  .doc = "Security context."),
	F(image_pull_secrets, "imagePullSecrets", MESSAGE, .desc = &core_local_object_reference_desc, .flags = MSG_LIST,
	  .merge_key = "name", .doc = "Image pull secrets."),
	F(hostname, "hostname", STRING, .doc = "Hostname."),
	F(subdomain, "subdomain", STRING, .doc = "Subdomain."),
	F(affinity, "affinity", MESSAGE, .desc = &core_affinity_desc, .doc = "Affinity."),
	F(scheduler_name, "schedulerName", STRING, .doc = "Scheduler name."),
	F(tolerations, "tolerations", MESSAGE, .desc = &core_toleration_desc, .flags = MSG_LIST, .doc = "Tolerations."),
	F(host_aliases, "hostAliases", MESSAGE, .desc = &core_host_alias_desc, .flags = MSG_LIST, .merge_key = "ip",
	  .doc = "Host aliases."),
	F(priority_class_name, "priorityClassName", STRING, .doc = "Priority class name."),
	F(priority, "priority", INT32, .flags = MSG_OPTIONAL, .doc = "Priority."),
	F(dns_config, "dnsConfig", MESSAGE, .desc = &core_pod_dns_config_desc, .doc = "Dns config."),
	F(readiness_gates, "readinessGates", MESSAGE, .desc = &core_pod_readiness_gate_desc, .flags = MSG_LIST,
	  .doc = "Readiness gates."),
	F(runtime_class_name, "runtimeClassName", STRING, .doc = "Runtime class name."),
	F(enable_service_links, "enableServiceLinks", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether enable service links applies."),
	F(preemption_policy, "preemptionPolicy", STRING, .enums = &words_preempt_lower_priority_never,
	  .doc = "Preemption policy."),
	F(overhead, "overhead", STR_MAP, .elem = MSG_QUANTITY, .doc = "Overhead."),
	F(topology_spread_constraints, "topologySpreadConstraints", MESSAGE,
	  .desc = &core_topology_spread_constraint_desc, .flags = MSG_LIST, .keys = "topologyKey,whenUnsatisfiable",
	  .merge_key = "topologyKey", .doc = "Topology spread constraints."),
	F(set_hostname_as_fqdn, "setHostnameAsFQDN", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether set hostname as fqdn applies."),
	F(os, "os", MESSAGE, .desc = &core_pod_os_desc, .doc = "Os."),
	F(host_users, "hostUsers", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether host users applies."),
	F(scheduling_gates, "schedulingGates", MESSAGE, .desc = &core_pod_scheduling_gate_desc, .flags = MSG_LIST,
	  .keys = "name", .merge_key = "name", .doc = "Scheduling gates."),
	F(resource_claims, "resourceClaims", MESSAGE, .desc = &core_pod_resource_claim_desc,
	  .flags = MSG_LIST | MSG_RETAIN_KEYS, .keys = "name", .merge_key = "name", .doc = "Resource claims."),
};
DESC(core_pod_spec, "PodSpec", "Pod spec.");
#undef T

#define T struct core_pod_condition
static const struct msg_field core_pod_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .doc = "Last probe time."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(core_pod_condition, "PodCondition", "Pod condition.");
#undef T

#define T struct core_host_ip
static const struct msg_field core_host_ip_rows[] = {
	F(ip, "ip", STRING, .doc = "Ip."),
};
DESC(core_host_ip, "HostIP", "Host ip.");
#undef T

#define T struct core_pod_ip
static const struct msg_field core_pod_ip_rows[] = {
	F(ip, "ip", STRING, .doc = "Ip."),
};
DESC(core_pod_ip, "PodIP", "Pod ip.");
#undef T

#define T struct core_container_state_waiting
static const struct msg_field core_container_state_waiting_rows[] = {
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(core_container_state_waiting, "ContainerStateWaiting", "Container state waiting.");
#undef T

#define T struct core_container_state_running
static const struct msg_field core_container_state_running_rows[] = {
	F(started_at, "startedAt", STRING, .format = "date-time", .doc = "Started at."),
};
DESC(core_container_state_running, "ContainerStateRunning", "Container state running.");
#undef T

#define T struct core_container_state_terminated
static const struct msg_field core_container_state_terminated_rows[] = {
	F(exit_code, "exitCode", INT32, .flags = MSG_KEEP_ZERO, .doc = "Exit code."),
	F(signal, "signal", INT32, .doc = "Signal."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
	F(started_at, "startedAt", STRING, .format = "date-time", .doc = "Started at."),
	F(finished_at, "finishedAt", STRING, .format = "date-time", .doc = "Finished at."),
	F(container_id, "containerID", STRING, .doc = "Container id."),
};
DESC(core_container_state_terminated, "ContainerStateTerminated", "Container state terminated.");
#undef T

#define T struct core_container_state
static const struct msg_field core_container_state_rows[] = {
	F(waiting, "waiting", MESSAGE, .desc = &core_container_state_waiting_desc, .doc = "Waiting."),
	F(running, "running", MESSAGE, .desc = &core_container_state_running_desc, .doc = "Running."),
	F(terminated, "terminated", MESSAGE, .desc = &core_container_state_terminated_desc, .doc = "Terminated."),
};
DESC(core_container_state, "ContainerState", "Container state.");
#undef T

#define T struct core_container_status
static const struct msg_field core_container_status_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(state, "state", MESSAGE, .desc = &core_container_state_desc, .doc = "State."),
	F(last_state, "lastState", MESSAGE, .desc = &core_container_state_desc, .doc = "Last state."),
	F(ready, "ready", BOOL, .flags = MSG_KEEP_ZERO, .doc = "Whether ready applies."),
	F(restart_count, "restartCount", INT32, .flags = MSG_KEEP_ZERO, .doc = "Restart count."),
	F(image, "image", STRING, .doc = "Image."),
	F(image_id, "imageID", STRING, .doc = "Image id."),
	F(container_id, "containerID", STRING, .doc = "Container id."),
	F(started, "started", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether started applies."),
	F(allocated_resources, "allocatedResources", STR_MAP, .elem = MSG_QUANTITY, .doc = "Allocated resources."),
	F(resources, "resources", MESSAGE, .desc = &core_resource_requirements_desc, .doc = "Resources."),
};
DESC(core_container_status, "ContainerStatus", "Container status.");
#undef T

#define T struct core_pod_resource_claim_status
static const struct msg_field core_pod_resource_claim_status_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(resource_claim_name, "resourceClaimName", STRING, .doc = "Resource claim name."),
};
DESC(core_pod_resource_claim_status, "PodResourceClaimStatus", "Pod resource claim status.");
#undef T

#define T struct core_pod_status
static const struct msg_field core_pod_status_rows[] = {
	F(phase, "phase", STRING, .enums = &words_pending_running_succeeded_failed_unkno, .doc = "Phase."),
	F(conditions, "conditions", MESSAGE, .desc = &core_pod_condition_desc, .flags = MSG_LIST, .merge_key = "type",
	  .doc = "Conditions."),
	F(message, "message", STRING, .doc = "Message."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(nominated_node_name, "nominatedNodeName", STRING, .doc = "Nominated node name."),
	F(host_ip, "hostIP", STRING, .doc = "Host ip."),
	F(host_ips, "hostIPs", MESSAGE, .desc = &core_host_ip_desc, .flags = MSG_LIST | MSG_ATOMIC, .merge_key = "ip",
	  .doc = "Host ips."),
	F(pod_ip, "podIP", STRING, .doc = "Pod ip."),
	F(pod_ips, "podIPs", MESSAGE, .desc = &core_pod_ip_desc, .flags = MSG_LIST, .merge_key = "ip",
	  .doc = "Pod ips."),
	F(start_time, "startTime", STRING, .format = "date-time", .doc = "Start time."),
	F(init_container_statuses, "initContainerStatuses", MESSAGE, .desc = &core_container_status_desc,
	  .flags = MSG_LIST, .doc = "Init container statuses."),
	F(container_statuses, "containerStatuses", MESSAGE, .desc = &core_container_status_desc, .flags = MSG_LIST,
	  .doc = "Container statuses."),
	F(qos_class, "qosClass", STRING, .enums = &words_guaranteed_burstable_best_effort, .doc = "Qos class."),
	F(ephemeral_container_statuses, "ephemeralContainerStatuses", MESSAGE, .desc = &core_container_status_desc,
	  .flags = MSG_LIST, .doc = "Ephemeral container statuses."),
	F(resize, "resize", STRING, .doc = "Resize."),
	F(resource_claim_statuses, "resourceClaimStatuses", MESSAGE, .desc = &core_pod_resource_claim_status_desc,
	  .flags = MSG_LIST | MSG_RETAIN_KEYS, .keys = "name", .merge_key = "name", .doc = "Resource claim statuses."),
};
DESC(core_pod_status, "PodStatus", "Pod status.");
#undef T

#define T struct core_pod
static const struct msg_field core_pod_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_pod_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &core_pod_status_desc, .doc = "Status."),
};
DESC(core_pod, "Pod", "Pod.");
#undef T

#define T struct core_pod_template_spec
static const struct msg_field core_pod_template_spec_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &core_pod_spec_desc, .doc = "Spec."),
};
DESC(core_pod_template_spec, "PodTemplateSpec", "Pod template spec.");
#undef T
