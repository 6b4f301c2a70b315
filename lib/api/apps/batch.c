/* Rows of jobs: batch/v1. See the header for the structs. */
#include "api/apps/batch.h"

#include "api/api_internal.h"

WORDS(words_in_not_in, {"In", 0}, {"NotIn", 0});
WORDS(words_fail_job_fail_index_ignore_count, {"FailJob", 0}, {"FailIndex", 0}, {"Ignore", 0}, {"Count", 0});
WORDS(words_non_indexed_indexed, {"NonIndexed", 0}, {"Indexed", 0});
WORDS(words_terminating_or_failed_failed, {"TerminatingOrFailed", 0}, {"Failed", 0});
WORDS(words_allow_forbid_replace, {"Allow", 0}, {"Forbid", 0}, {"Replace", 0});

#define T struct batch_pod_failure_policy_on_exit_codes_requirement
static const struct msg_field batch_pod_failure_policy_on_exit_codes_requirement_rows[] = {
	F(container_name, "containerName", STRING, .pb = 1, .doc = "Name of the container."),
	F(operator, "operator", STRING, .enums = &words_in_not_in, .flags = MSG_REQUIRED, .pb = 2,
	  .doc = "Relation between the key and the values."),
	F(values, "values", INT32, .flags = MSG_LIST | MSG_SET, .pb = 3, .doc = "Values to compare with."),
};
DESC(batch_pod_failure_policy_on_exit_codes_requirement, "PodFailurePolicyOnExitCodesRequirement",
     "Pod failure policy on exit codes requirement.");
#undef T

#define T struct batch_pod_failure_policy_on_pod_conditions_pattern
static const struct msg_field batch_pod_failure_policy_on_pod_conditions_pattern_rows[] = {
	F(type, "type", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
};
DESC(batch_pod_failure_policy_on_pod_conditions_pattern, "PodFailurePolicyOnPodConditionsPattern",
     "Pod failure policy on pod conditions pattern.");
#undef T

#define T struct batch_pod_failure_policy_rule
static const struct msg_field batch_pod_failure_policy_rule_rows[] = {
	F(action, "action", STRING, .enums = &words_fail_job_fail_index_ignore_count, .flags = MSG_REQUIRED, .pb = 1,
	  .doc = "What is done."),
	F(on_exit_codes, "onExitCodes", MESSAGE, .desc = &batch_pod_failure_policy_on_exit_codes_requirement_desc,
	  .pb = 2, .doc = "Condition on the exit status."),
	F(on_pod_conditions, "onPodConditions", MESSAGE,
	  .desc = &batch_pod_failure_policy_on_pod_conditions_pattern_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 3,
	  .doc = "Condition on the pod's conditions."),
};
DESC(batch_pod_failure_policy_rule, "PodFailurePolicyRule", "Rule: pod failure policy.");
#undef T

#define T struct batch_pod_failure_policy
static const struct msg_field batch_pod_failure_policy_rows[] = {
	F(rules, "rules", MESSAGE, .desc = &batch_pod_failure_policy_rule_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 1,
	  .doc = "Rules, applied in order."),
};
DESC(batch_pod_failure_policy, "PodFailurePolicy", "Policy: pod failure.");
#undef T

#define T struct batch_job_spec
static const struct msg_field batch_job_spec_rows[] = {
	F(parallelism, "parallelism", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .pb = 1,
	  .doc = "Most pods at once."),
	F(completions, "completions", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .pb = 2,
	  .doc = "Pods that must succeed."),
	F(active_deadline_seconds, "activeDeadlineSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 3,
	  .doc = "Seconds after which it is ended."),
	F(pod_failure_policy, "podFailurePolicy", MESSAGE, .desc = &batch_pod_failure_policy_desc, .pb = 11,
	  .doc = "How failed pods are judged."),
	F(backoff_limit, "backoffLimit", INT32, .flags = MSG_OPTIONAL | MSG_NON_NEGATIVE, .dflt = "6", .pb = 7,
	  .doc = "Retries before the job fails."),
	F(backoff_limit_per_index, "backoffLimitPerIndex", INT32, .flags = MSG_OPTIONAL, .pb = 12,
	  .doc = "Retries per index."),
	F(max_failed_indexes, "maxFailedIndexes", INT32, .flags = MSG_OPTIONAL, .pb = 13,
	  .doc = "Indexes that may fail."),
	F(selector, "selector", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_ATOMIC, .pb = 4,
	  .doc = "Selects by labels."),
	F(manual_selector, "manualSelector", BOOL, .flags = MSG_OPTIONAL, .pb = 5,
	  .doc = "The user chose the selector."),
	F(template, "template", MESSAGE, .desc = &core_pod_template_spec_desc, .flags = MSG_REQUIRED, .pb = 6,
	  .doc = "Template of what is created."),
	F(ttl_seconds_after_finished, "ttlSecondsAfterFinished", INT32, .flags = MSG_OPTIONAL, .pb = 8,
	  .doc = "Seconds a finished job is kept."),
	F(completion_mode, "completionMode", STRING, .enums = &words_non_indexed_indexed, .dflt = "\"NonIndexed\"",
	  .pb = 9, .doc = "NonIndexed or Indexed."),
	F(suspend, "suspend", BOOL, .flags = MSG_OPTIONAL, .dflt = "false", .pb = 10,
	  .doc = "Holds further runs back."),
	F(pod_replacement_policy, "podReplacementPolicy", STRING, .enums = &words_terminating_or_failed_failed,
	  .pb = 14, .doc = "When a pod is replaced."),
};
DESC(batch_job_spec, "JobSpec", "What is wanted of a job.");
#undef T

#define T struct batch_job_condition
static const struct msg_field batch_job_condition_rows[] = {
	F(type, "type", STRING, .pb = 1, .doc = "Type; one of the allowed words."),
	F(status, "status", STRING, .pb = 2, .doc = "What was observed last; written by controllers."),
	F(last_probe_time, "lastProbeTime", STRING, .format = "date-time", .pb = 3, .doc = "When it was checked last."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, .pb = 5, .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, .pb = 6, .doc = "Sentence for people that says why."),
};
DESC(batch_job_condition, "JobCondition", "One condition of a job.");
#undef T

#define T struct batch_uncounted_terminated_pods
static const struct msg_field batch_uncounted_terminated_pods_rows[] = {
	F(succeeded, "succeeded", STRING, .flags = MSG_LIST | MSG_SET, .pb = 1, .doc = "How many have ended well."),
	F(failed, "failed", STRING, .flags = MSG_LIST | MSG_SET, .pb = 2, .doc = "How many have failed."),
};
DESC(batch_uncounted_terminated_pods, "UncountedTerminatedPods", "Uncounted terminated pods.");
#undef T

#define T struct batch_job_status
static const struct msg_field batch_job_status_rows[] = {
	F(conditions, "conditions", MESSAGE, .desc = &batch_job_condition_desc, .flags = MSG_LIST | MSG_ATOMIC,
	  .keys = "type", .merge_key = "type", .pb = 1, .doc = "Conditions observed last."),
	F(start_time, "startTime", STRING, .format = "date-time", .pb = 2, .doc = "When it started."),
	F(completion_time, "completionTime", STRING, .format = "date-time", .pb = 3, .doc = "When the job ended."),
	F(active, "active", INT32, .pb = 4, .doc = "What is running now."),
	F(succeeded, "succeeded", INT32, .pb = 5, .doc = "How many have ended well."),
	F(failed, "failed", INT32, .pb = 6, .doc = "How many have failed."),
	F(terminating, "terminating", INT32, .flags = MSG_OPTIONAL, .pb = 11, .doc = "How many are ending."),
	F(completed_indexes, "completedIndexes", STRING, .pb = 7, .doc = "Indexes that have ended well."),
	F(failed_indexes, "failedIndexes", STRING, .pb = 10, .doc = "Indexes that have failed."),
	F(uncounted_terminated_pods, "uncountedTerminatedPods", MESSAGE, .desc = &batch_uncounted_terminated_pods_desc,
	  .pb = 8, .doc = "Ended pods that are not counted yet."),
	F(ready, "ready", INT32, .flags = MSG_OPTIONAL, .pb = 9, .doc = "Whether it is ready."),
};
DESC(batch_job_status, "JobStatus", "What was observed of a job.");
#undef T

#define T struct batch_job
static const struct msg_field batch_job_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &batch_job_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &batch_job_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(batch_job, "Job", "Pods that run to their end.");
#undef T

#define T struct batch_job_template_spec
static const struct msg_field batch_job_template_spec_rows[] = {
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &batch_job_spec_desc, .pb = 2, .doc = "What is wanted."),
};
DESC(batch_job_template_spec, "JobTemplateSpec", "What is wanted of a job template.");
#undef T

#define T struct batch_cron_job_spec
static const struct msg_field batch_cron_job_spec_rows[] = {
	F(schedule, "schedule", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Schedule in the form of cron."),
	F(time_zone, "timeZone", STRING, .pb = 8, .doc = "Time zone of the schedule."),
	F(starting_deadline_seconds, "startingDeadlineSeconds", INT64, .flags = MSG_OPTIONAL, .pb = 2,
	  .doc = "Seconds by which a run may be late."),
	F(concurrency_policy, "concurrencyPolicy", STRING, .enums = &words_allow_forbid_replace, .dflt = "\"Allow\"",
	  .pb = 3, .doc = "Whether runs may overlap."),
	F(suspend, "suspend", BOOL, .flags = MSG_OPTIONAL, .dflt = "false", .pb = 4, .doc = "Holds further runs back."),
	F(job_template, "jobTemplate", MESSAGE, .desc = &batch_job_template_spec_desc, .flags = MSG_REQUIRED, .pb = 5,
	  .doc = "Template of the jobs."),
	F(successful_jobs_history_limit, "successfulJobsHistoryLimit", INT32, .flags = MSG_OPTIONAL, .dflt = "3",
	  .pb = 6, .doc = "Successful jobs that are kept."),
	F(failed_jobs_history_limit, "failedJobsHistoryLimit", INT32, .flags = MSG_OPTIONAL, .dflt = "1", .pb = 7,
	  .doc = "Failed jobs that are kept."),
};
DESC(batch_cron_job_spec, "CronJobSpec", "What is wanted of a cron job.");
#undef T

#define T struct batch_cron_job_status
static const struct msg_field batch_cron_job_status_rows[] = {
	F(active, "active", MESSAGE, .desc = &core_object_reference_desc, .flags = MSG_LIST | MSG_ATOMIC, .pb = 1,
	  .doc = "What is running now."),
	F(last_schedule_time, "lastScheduleTime", STRING, .format = "date-time", .pb = 4,
	  .doc = "When a job was started last."),
	F(last_successful_time, "lastSuccessfulTime", STRING, .format = "date-time", .pb = 5,
	  .doc = "When a job ended well last."),
};
DESC(batch_cron_job_status, "CronJobStatus", "What was observed of a cron job.");
#undef T

#define T struct batch_cron_job
static const struct msg_field batch_cron_job_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, .desc = &batch_cron_job_spec_desc, .pb = 2, .doc = "What is wanted."),
	F(status, "status", MESSAGE, .desc = &batch_cron_job_status_desc, .pb = 3,
	  .doc = "What was observed last; written by controllers."),
};
DESC(batch_cron_job, "CronJob", "Jobs by the clock.");
#undef T
