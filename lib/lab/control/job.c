/*
 * Jobs: runs pods until as many have succeeded as asked for. A failed pod is replaced after a back-off that doubles,
 * until backoffLimit is passed; a job that is over keeps its pods until it is deleted or its time is out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/vec.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"
#include "lab/control/pod_template.h"

#define BACKOFF_MIN_S 10
#define BACKOFF_MAX_S 360

struct view {
	const cJSON *job;
	VEC(const cJSON *) active;
	int64_t succeeded, failed;
	int64_t last_failure_ns; /* wall clock */
};

static int64_t time_of(const cJSON *o, const char *path)
{
	int64_t ns;

	return clock_parse(slice_str(json_str_or_empty(o, path)), &ns) < 0 ? 0 : ns;
}

static void collect(void *arg, const cJSON *pod)
{
	struct view *v = arg;
	const char *phase = json_str_or_empty(pod, "status.phase");
	int64_t at = time_of(object_condition(pod, "Ready"), "lastTransitionTime");

	if (!object_controlled_by(pod, object_uid(v->job)))
		return;
	if (strcmp(phase, "Succeeded") == 0) {
		v->succeeded++;
	} else if (strcmp(phase, "Failed") == 0) {
		v->failed++;
		v->last_failure_ns = MAX(v->last_failure_ns, at);
	} else if (!object_terminating(pod)) {
		vec_push(&v->active, pod);
	}
}

static bool is_over(const cJSON *job)
{
	return object_condition_true(job, "Complete") || object_condition_true(job, "Failed");
}

/* The selector that kubectl logs job/x goes by. */
static void set_selector(struct work *w, const cJSON *job)
{
	cJSON *patch = cJSON_CreateObject(), *spec = cJSON_AddObjectToObject(patch, "spec"), *labels;

	cJSON_AddStringToObject(json_object(json_object(spec, "selector"), "matchLabels"), "controller-uid",
				object_uid(job));
	labels = json_object(json_object(json_object(spec, "template"), "metadata"), "labels");
	cJSON_AddStringToObject(labels, "controller-uid", object_uid(job));
	cJSON_AddStringToObject(labels, "job-name", object_name(job));
	work_patch(w, GVR(job), w->ns, w->name, NULL, patch);
}

static void create_pod(struct work *w, const cJSON *job)
{
	cJSON *pod = pod_from_template(job, "batch/v1", "Job");
	CLEANUP(freep) char *prefix = mem_printf("%s-", object_name(job));

	json_set(json_object(pod, "metadata"), "generateName", cJSON_CreateString(prefix));
	work_create(w, GVR(pod), w->ns, pod);
}

static void delete_active(struct work *w, const struct view *v)
{
	for (size_t i = 0; i < v->active.n; i++)
		work_delete(w, GVR(pod), w->ns, object_name(v->active.v[i]), NULL);
}

static void finish(struct work *w, struct view *v, cJSON *status, const char *type, const char *reason,
		   const char *message)
{
	char now[CLOCK_TEXT_MAX];
	cJSON *c = cJSON_CreateObject();

	clock_now_text(now);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(status, "conditions"), c);
	cJSON_AddStringToObject(c, "type", type);
	cJSON_AddStringToObject(c, "status", "True");
	cJSON_AddStringToObject(c, "lastProbeTime", now);
	cJSON_AddStringToObject(c, "lastTransitionTime", now);
	if (reason)
		cJSON_AddStringToObject(c, "reason", reason);
	if (message)
		cJSON_AddStringToObject(c, "message", message);
	if (!reason)
		cJSON_AddStringToObject(status, "completionTime", now);
	delete_active(w, v);
	v->active.n = 0;
	lab_event_record(&w->controller->client, v->job, reason ? "Warning" : "Normal", reason ? reason : "Completed",
			 "job-controller", "%s", message ? message : "Job completed");
}

/* Starts what is missing; after a failure not before its back-off is over. */
static void start(struct work *w, const struct view *v, int64_t completions)
{
	int64_t parallelism = json_int(v->job, "spec.parallelism", 1), missing;
	int64_t wait_s = v->failed ? MIN((int64_t)BACKOFF_MIN_S << MIN(v->failed - 1, 10), BACKOFF_MAX_S) : 0;
	int64_t wait_ms = (v->last_failure_ns + wait_s * NS_PER_S - clock_wall_ns()) / NS_PER_MS;

	if (v->failed && wait_ms > 0) {
		work_after(w, wait_ms + 1);
		return;
	}
	missing = MIN(parallelism, completions - v->succeeded) - (int64_t)v->active.n;
	for (int64_t i = 0; i < missing; i++)
		create_pod(w, v->job);
}

static void step(struct work *w, struct view *v, cJSON *status)
{
	int64_t completions = json_int(v->job, "spec.completions", 1);
	int64_t deadline_s = json_int(v->job, "spec.activeDeadlineSeconds", 0);
	int64_t left_ms = (time_of(v->job, "status.startTime") + deadline_s * NS_PER_S - clock_wall_ns()) / NS_PER_MS;

	if (v->succeeded >= completions) {
		finish(w, v, status, "Complete", NULL, NULL);
	} else if (v->failed > json_int(v->job, "spec.backoffLimit", 6)) {
		finish(w, v, status, "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit");
	} else if (deadline_s && json_str(v->job, "status.startTime") && left_ms <= 0) {
		finish(w, v, status, "Failed", "DeadlineExceeded", "Job was active longer than specified deadline");
	} else if (json_true(v->job, "spec.suspend")) {
		delete_active(w, v);
	} else {
		start(w, v, completions);
		if (deadline_s && json_str(v->job, "status.startTime"))
			work_after(w, left_ms + 1);
	}
}

static void put_count(cJSON *status, const char *name, int64_t n)
{
	cJSON_AddItemToObject(status, name, n ? cJSON_CreateNumber((double)n) : cJSON_CreateNull());
}

static void run(struct work *w, struct view *v)
{
	cJSON *patch = cJSON_CreateObject(), *status = cJSON_AddObjectToObject(patch, "status");
	char now[CLOCK_TEXT_MAX];

	step(w, v, status);
	if (!json_str(v->job, "status.startTime"))
		cJSON_AddStringToObject(status, "startTime", clock_now_text(now));
	put_count(status, "active", (int64_t)v->active.n);
	put_count(status, "succeeded", v->succeeded);
	put_count(status, "failed", v->failed);
	work_patch_status(w, GVR(job), v->job, patch);
}

/* ttlSecondsAfterFinished */
static void expire(struct work *w, const cJSON *job)
{
	const struct lab_delete_options o = {.grace_s = -1, .uid = object_uid(job), .propagation = "Background"};
	const cJSON *end = object_condition(job, object_condition_true(job, "Complete") ? "Complete" : "Failed");
	int64_t ttl_s = json_int(job, "spec.ttlSecondsAfterFinished", -1), left_ms;

	if (ttl_s < 0)
		return;
	left_ms = (time_of(end, "lastTransitionTime") + ttl_s * NS_PER_S - clock_wall_ns()) / NS_PER_MS;
	if (left_ms > 0)
		work_after(w, left_ms + 1);
	else
		work_delete(w, GVR(job), w->ns, w->name, &o);
}

static void reconcile(struct controller *c, struct work *w)
{
	struct view v = {.job = lab_get(c->client.api, GVR(job), w->ns, w->name)};

	if (!v.job || object_terminating(v.job))
		return;
	if (is_over(v.job)) {
		expire(w, v.job);
		return;
	}
	if (!json_at(v.job, "spec.selector")) {
		set_selector(w, v.job);
		return;
	}
	lab_list(c->client.api, GVR(pod), w->ns, NULL, collect, &v);
	run(w, &v);
	vec_done(&v.active);
}

static void on_pod(struct controller *c, enum lab_event event, const cJSON *pod)
{
	(void)event;
	controller_enqueue_owner(c, pod, "Job");
}

void job_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "job-controller", reconcile);
	controller_watch(c, GVR(job), controller_enqueue_self);
	controller_watch(c, GVR(pod), on_pod);
}
