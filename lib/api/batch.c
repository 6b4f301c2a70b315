/* Rows of jobs: batch/v1. See the header for the structs. */
#include "api/batch.h"

#include "api/api_internal.h"

WORDS(words_in_not_in, {"In", 0}, {"NotIn", 0});
WORDS(words_fail_job_fail_index_ignore_count, {"FailJob", 0}, {"FailIndex", 0}, {"Ignore", 0}, {"Count", 0});
WORDS(words_non_indexed_indexed, {"NonIndexed", 0}, {"Indexed", 0});
WORDS(words_terminating_or_failed_failed, {"TerminatingOrFailed", 0}, {"Failed", 0});
WORDS(words_allow_forbid_replace, {"Allow", 0}, {"Forbid", 0}, {"Replace", 0});

#define T struct batch_pod_failure_policy_on_exit_codes_requirement
static const struct msg_field batch_pod_failure_policy_on_exit_codes_requirement_rows[] = {
	F(container_name, "containerName", STRING, .doc = "Container name."),
	F(operator, "operator", STRING, .enums = &words_in_not_in, .flags = MSG_REQUIRED, .doc = "Operator."),
	F(values, "values", INT32, .flags = MSG_LIST | MSG_SET, .doc = "Values."),
};
DESC(batch_pod_failure_policy_on_exit_codes_requirement, "PodFailurePolicyOnExitCodesRequirement",
     "Pod failure policy on exit codes requirement.");
#undef T

#define T struct batch_pod_failure_policy_on_pod_conditions_pattern
static const struct msg_field batch_pod_failure_policy_on_pod_conditions_pattern_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
};
DESC(batch_pod_failure_policy_on_pod_conditions_pattern, "PodFailurePolicyOnPodConditionsPattern",
     "Pod failure policy on pod conditions pattern.");
#undef T

#define T struct batch_pod_failure_policy_rule
static const struct msg_field batch_pod_failure_policy_rule_rows[] = {
	F(action, "action", STRING, .enums = &words_fail_job_fail_index_ignore_count, .flags = MSG_REQUIRED,
	  .doc = "Action."),
	F(on_exit_codes, "onExitCodes", MESSAGE, .desc = &batch_pod_failure_policy_on_exit_codes_requirement_desc,
	  .doc = "On exit codes."),
	F(on_pod_conditions, "onPodConditions", MESSAGE,
	  .desc = &batch_pod_failure_policy_on_pod_conditions_pattern_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "On pod conditions."),
};
DESC(batch_pod_failure_policy_rule, "PodFailurePolicyRule", "Pod failure policy rule.");
#undef T

#define T struct batch_pod_failure_policy
static const struct msg_field batch_pod_failure_policy_rows[] = {
	F(rules, "rules", MESSAGE, .desc = &batch_pod_failure_policy_rule_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Rules."),
};
DESC(batch_pod_failure_policy, "PodFailurePolicy", "Pod failure policy.");
#undef T

#define T struct batch_job_spec
static const struct msg_field batch_job_spec_rows[] = {
	F(parallelism, "parallelism", INT32, .flags = MSG_OPTIONAL, .doc = "Parallelism."),
	F(completions, "completions", INT32, .flags = MSG_OPTIONAL, .doc = "Completions."),
	F(active_deadline_seconds, "activeDeadlineSeconds", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Active deadline seconds."),
	F(pod_failure_policy, "podFailurePolicy", MESSAGE, .desc = &batch_pod_failure_policy_desc,
	  .doc = "Pod failure policy."),
	F(backoff_limit, "backoffLimit", INT32, .flags = MSG_OPTIONAL, .doc = "Backoff limit."),
	F(backoff_limit_per_index, "backoffLimitPerIndex", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Backoff limit per index."),
	F(max_failed_indexes, "maxFailedIndexes", INT32, .flags = MSG_OPTIONAL, .doc = "Max failed indexes."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .doc = "Selector."),
	F(manual_selector, "manualSelector", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether manual selector applies."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED,
	  .doc = "Template."),
	F(ttl_seconds_after_finished, "ttlSecondsAfterFinished", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Ttl seconds after finished."),
	F(completion_mode, "completionMode", STRING, .enums = &words_non_indexed_indexed, .doc = "Completion mode."),
	F(suspend, "suspend", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether suspend applies."),
	F(pod_replacement_policy, "podReplacementPolicy", STRING, .enums = &words_terminating_or_failed_failed,
	  .doc = "Pod replacement policy."),
};
DESC(batch_job_spec, "JobSpec", "Job spec.");
#undef T

#define T struct batch_job_condition
static const struct msg_field batch_job_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .doc = "Last probe time."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(batch_job_condition, "JobCondition", "Job condition.");
#undef T

#define T struct batch_uncounted_terminated_pods
static const struct msg_field batch_uncounted_terminated_pods_rows[] = {
	F(succeeded, "succeeded", STRING, .flags = MSG_LIST | MSG_SET, .doc = "Succeeded."),
	F(failed, "failed", STRING, .flags = MSG_LIST | MSG_SET, .doc = "Failed."),
};
DESC(batch_uncounted_terminated_pods, "UncountedTerminatedPods", "Uncounted terminated pods.");
#undef T

#define T struct batch_job_status
static const struct msg_field batch_job_status_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &batch_job_condition_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .merge_key = "type", .doc = "Conditions."),
	F(start_time, "startTime", STRING, .format = "date-time", .doc = "Start time."),
	F(completion_time, "completionTime", STRING, .format = "date-time", .doc = "Completion time."),
	F(active, "active", INT32, .doc = "Active."),
	F(succeeded, "succeeded", INT32, .doc = "Succeeded."),
	F(failed, "failed", INT32, .doc = "Failed."),
	F(terminating, "terminating", INT32, .flags = MSG_OPTIONAL, .doc = "Terminating."),
	F(completed_indexes, "completedIndexes", STRING, .doc = "Completed indexes."),
	F(failed_indexes, "failedIndexes", STRING, .doc = "Failed indexes."),
	F(uncounted_terminated_pods, "uncountedTerminatedPods", MESSAGE, .desc = &batch_uncounted_terminated_pods_desc,
	  .doc = "Uncounted terminated pods."),
	F(ready, "ready", INT32, .flags = MSG_OPTIONAL, .doc = "Ready."),
};
DESC(batch_job_status, "JobStatus", "Job status.");
#undef T

#define T struct batch_job
static const struct msg_field batch_job_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &batch_job_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &batch_job_status_desc, .doc = "Status."),
};
DESC(batch_job, "Job", "Job.");
#undef T

#define T struct batch_job_template_spec
static const struct msg_field batch_job_template_spec_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &batch_job_spec_desc, .doc = "Spec."),
};
DESC(batch_job_template_spec, "JobTemplateSpec", "Job template spec.");
#undef T

#define T struct batch_cron_job_spec
static const struct msg_field batch_cron_job_spec_rows[] = {
	F(schedule, "schedule", STRING, .flags = MSG_REQUIRED, .doc = "Schedule."),
	F(time_zone, "timeZone", STRING, .doc = "Time zone."),
	F(starting_deadline_seconds, "startingDeadlineSeconds", INT64, .flags = MSG_OPTIONAL,
	  .doc = "Starting deadline seconds."),
	F(concurrency_policy, "concurrencyPolicy", STRING, .enums = &words_allow_forbid_replace,
	  .doc = "Concurrency policy."),
	F(suspend, "suspend", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether suspend applies."),
	F(job_template, "jobTemplate", MESSAGE, .desc = &batch_job_template_spec_desc, .flags = MSG_REQUIRED,
	  .doc = "Job template."),
	F(successful_jobs_history_limit, "successfulJobsHistoryLimit", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Successful jobs history limit."),
	F(failed_jobs_history_limit, "failedJobsHistoryLimit", INT32, .flags = MSG_OPTIONAL,
	  .doc = "Failed jobs history limit."),
};
DESC(batch_cron_job_spec, "CronJobSpec", "Cron job spec.");
#undef T

#define T struct batch_cron_job_status
static const struct msg_field batch_cron_job_status_rows[] = {
	F(active, "active", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .doc = "Active."),
	F(last_schedule_time, "lastScheduleTime", STRING, .format = "date-time", .doc = "Last schedule time."),
	F(last_successful_time, "lastSuccessfulTime", STRING, .format = "date-time", .doc = "Last successful time."),
};
DESC(batch_cron_job_status, "CronJobStatus", "Cron job status.");
#undef T

#define T struct batch_cron_job
static const struct msg_field batch_cron_job_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &batch_cron_job_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &batch_cron_job_status_desc, .doc = "Status."),
};
DESC(batch_cron_job, "CronJob", "Cron job.");
#undef T
