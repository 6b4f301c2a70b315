/* Jobs: batch/v1. */
#ifndef API_APPS_BATCH_H
#define API_APPS_BATCH_H

#include "api/core/pod.h"

/* Pod failure policy on exit codes requirement. */
struct batch_pod_failure_policy_on_exit_codes_requirement {
	const char *container_name;
	const char *operator;
	LIST(int32_t) values;
};

/* Pod failure policy on pod conditions pattern. */
struct batch_pod_failure_policy_on_pod_conditions_pattern {
	const char *type;
	const char *status;
};

/* Rule: pod failure policy. */
struct batch_pod_failure_policy_rule {
	const char *action;
	struct batch_pod_failure_policy_on_exit_codes_requirement *on_exit_codes;
	LIST(struct batch_pod_failure_policy_on_pod_conditions_pattern) on_pod_conditions;
};

/* Policy: pod failure. */
struct batch_pod_failure_policy {
	LIST(struct batch_pod_failure_policy_rule) rules;
};

/* What is wanted of a job. */
struct batch_job_spec {
	int32_t *parallelism;
	int32_t *completions;
	int64_t *active_deadline_seconds;
	struct batch_pod_failure_policy *pod_failure_policy;
	int32_t *backoff_limit;
	int32_t *backoff_limit_per_index;
	int32_t *max_failed_indexes;
	struct meta_label_selector *selector;
	bool *manual_selector;
	struct core_pod_template_spec *template;
	int32_t *ttl_seconds_after_finished;
	const char *completion_mode;
	bool *suspend;
	const char *pod_replacement_policy;
};

/* One condition of a job. */
struct batch_job_condition {
	const char *type;
	const char *status;
	const char *last_probe_time;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* Uncounted terminated pods. */
struct batch_uncounted_terminated_pods {
	LIST(const char *) succeeded;
	LIST(const char *) failed;
};

/* What was observed of a job. */
struct batch_job_status {
	LIST(struct batch_job_condition) conditions;
	const char *start_time;
	const char *completion_time;
	int32_t active;
	int32_t succeeded;
	int32_t failed;
	int32_t *terminating;
	const char *completed_indexes;
	const char *failed_indexes;
	struct batch_uncounted_terminated_pods *uncounted_terminated_pods;
	int32_t *ready;
};

/* Pods that run to their end. */
struct batch_job {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct batch_job_spec *spec;
	struct batch_job_status *status;
};

/* What is wanted of a job template. */
struct batch_job_template_spec {
	struct meta_object *metadata;
	struct batch_job_spec *spec;
};

/* What is wanted of a cron job. */
struct batch_cron_job_spec {
	const char *schedule;
	const char *time_zone;
	int64_t *starting_deadline_seconds;
	const char *concurrency_policy;
	bool *suspend;
	struct batch_job_template_spec *job_template;
	int32_t *successful_jobs_history_limit;
	int32_t *failed_jobs_history_limit;
};

/* What was observed of a cron job. */
struct batch_cron_job_status {
	LIST(struct core_object_reference) active;
	const char *last_schedule_time;
	const char *last_successful_time;
};

/* Jobs by the clock. */
struct batch_cron_job {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct batch_cron_job_spec *spec;
	struct batch_cron_job_status *status;
};

extern const struct msg_desc batch_pod_failure_policy_on_exit_codes_requirement_desc;
extern const struct msg_desc batch_pod_failure_policy_on_pod_conditions_pattern_desc;
extern const struct msg_desc batch_pod_failure_policy_rule_desc;
extern const struct msg_desc batch_pod_failure_policy_desc;
extern const struct msg_desc batch_job_spec_desc;
extern const struct msg_desc batch_job_condition_desc;
extern const struct msg_desc batch_uncounted_terminated_pods_desc;
extern const struct msg_desc batch_job_status_desc;
extern const struct msg_desc batch_job_desc;
extern const struct msg_desc batch_job_template_spec_desc;
extern const struct msg_desc batch_cron_job_spec_desc;
extern const struct msg_desc batch_cron_job_status_desc;
extern const struct msg_desc batch_cron_job_desc;

#endif
