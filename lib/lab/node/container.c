/*
 * One container of a pod: started, probed, restarted with back-off, stopped with grace. Each attempt has a directory of
 * its own; the last two are kept.
 */
#include "lab/node/node_internal.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/object/object.h"

#define CONFIG_MAX_BYTES (4 << 20)
#define BACKOFF_FIRST_MS 10000
#define BACKOFF_MAX_MS 300000
#define BACKOFF_FORGET_NS (600LL * NS_PER_S) /* a container that ran so long starts afresh */
#define MESSAGE_MAX_BYTES 4096
#define HOOK_TIMEOUT_MS 60000

const cJSON *pod_container_spec(const struct pod_container *c)
{
	const char *list = c->init ? "spec.initContainers" : "spec.containers";

	return cJSON_GetArrayItem(json_at(c->pod->object, list), (int)c->index);
}

char *pod_container_dir(const struct pod_container *c, unsigned attempt)
{
	return mem_printf("%s/containers/%s/%u", c->pod->dir, c->name, attempt);
}

char *pod_container_log_path(const struct pod *p, const char *container, unsigned attempt)
{
	return mem_printf("%s/logs/%s/%u.log", p->dir, container, attempt);
}

void pod_container_set_waiting(struct pod_container *c, const char *reason, const char *message)
{
	free(c->reason);
	free(c->message);
	c->reason = mem_strdup(reason);
	c->message = mem_strdup(message);
}

/* ---- probes and hooks ---- */

static void set_readiness(struct pod_container *c)
{
	bool has_readiness = c->probes[PROBE_READINESS].running;
	bool ready = c->c.state == CONTAINER_RUNNING && c->started &&
		     (!has_readiness || c->probes[PROBE_READINESS].verdict || c->adopted);

	if (has_readiness && c->probes[PROBE_READINESS].told)
		ready = ready && c->probes[PROBE_READINESS].verdict;
	c->ready = ready;
}

static void on_verdict(struct probe *p);

static void on_probe_failure(struct probe *p, const char *message)
{
	struct pod_container *c = CONTAINER_OF(p, struct pod_container, probes[p->kind]);

	if (!c->stopping)
		pod_event(c->pod, "Warning", "Unhealthy", "%s probe failed: %s", probe_kind_str(p->kind), message);
}

static void start_probe(struct pod_container *c, enum probe_kind kind, const char *name)
{
	const cJSON *spec = json_at(pod_container_spec(c), name);
	struct probe *p = &c->probes[kind];

	if (!spec)
		return;
	p->on_verdict = on_verdict;
	p->on_failure = on_probe_failure;
	probe_start(p, kind, &c->place, spec, (clock_wall_ns() - c->c.started_ns) / NS_PER_MS);
}

static void has_started(struct pod_container *c)
{
	c->started = true;
	start_probe(c, PROBE_READINESS, "readinessProbe");
	start_probe(c, PROBE_LIVENESS, "livenessProbe");
	set_readiness(c);
	pod_defer_sync(c->pod);
}

static int64_t grace_of(const struct pod_container *c, const struct probe *p)
{
	int64_t grace_s = json_int(c->pod->object, "spec.terminationGracePeriodSeconds", 30);

	if (p)
		grace_s = json_int(p->spec, "terminationGracePeriodSeconds", grace_s);
	return grace_s * MS_PER_S;
}

static void on_verdict(struct probe *p)
{
	struct pod_container *c = CONTAINER_OF(p, struct pod_container, probes[p->kind]);

	if (p->kind == PROBE_READINESS) {
		c->adopted = false;
		set_readiness(c);
		pod_defer_sync(c->pod);
		return;
	}
	if (p->verdict && p->kind == PROBE_STARTUP) {
		probe_stop(p);
		has_started(c);
	}
	if (!p->verdict && !c->stopping) {
		char *why = mem_printf("Container %s failed %s probe, will be restarted", c->name,
				       p->kind == PROBE_STARTUP ? "startup" : "liveness");

		pod_container_stop(c, grace_of(c, p), why);
		free(why);
	}
}

static void stop_probes(struct pod_container *c)
{
	for (int i = 0; i < PROBE_KIND_COUNT; i++)
		probe_stop(&c->probes[i]);
}

static void begin_probes(struct pod_container *c)
{
	if (json_at(pod_container_spec(c), "startupProbe") && !c->adopted)
		start_probe(c, PROBE_STARTUP, "startupProbe");
	else
		has_started(c);
}

static void on_post_start(struct action *a)
{
	struct pod_container *c = CONTAINER_OF(a, struct pod_container, hook);

	if (c->c.state != CONTAINER_RUNNING || c->stopping)
		return;
	if (!a->ok) {
		pod_event(c->pod, "Warning", "FailedPostStartHook", "PostStartHook failed: %s", buf_str(&a->output));
		pod_container_stop(c, grace_of(c, NULL), "FailedPostStartHook");
		return;
	}
	c->hooked = true;
	begin_probes(c);
	pod_defer_sync(c->pod);
}

/* ---- running and ended ---- */

static void set_place(struct pod_container *c)
{
	const struct node *n = c->pod->node;

	c->place = (struct action_place){.loop = n->loop,
					 .netns_fd = n->netns_fd,
					 .netns = n->lab,
					 .ip = c->pod->ip,
					 .shim = n->shim,
					 .container_dir = c->dir,
					 .container = pod_container_spec(c)};
}

static void now_running(struct pod_container *c)
{
	const cJSON *hook = json_at(pod_container_spec(c), "lifecycle.postStart");

	pod_container_set_waiting(c, NULL, NULL);
	set_place(c);
	if (c->init && !c->sidecar)
		c->started = true;
	else if (hook && !c->adopted)
		action_start(&c->hook, &c->place, hook, HOOK_TIMEOUT_MS, on_post_start);
	else
		begin_probes(c);
}

static char *termination_message(const struct container *c)
{
	CLEANUP(freep) char *path = mem_printf("%s/termination-log", c->dir);
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (file_read(path, MESSAGE_MAX_BYTES, &text, NULL) < 0 || !text.len)
		return NULL;
	return buf_take_str(&text);
}

cJSON *container_terminated(const struct container *c)
{
	CLEANUP(freep) char *message = c->start_error ? mem_strdup(c->start_error) : termination_message(c);
	cJSON *t = cJSON_CreateObject();
	char time[CLOCK_TEXT_MAX];

	cJSON_AddNumberToObject(t, "exitCode", c->exit_code);
	if (c->signal)
		cJSON_AddNumberToObject(t, "signal", c->signal);
	cJSON_AddStringToObject(t, "reason",
				c->start_error      ? "StartError"
				: c->oom_killed     ? "OOMKilled"
				: c->exit_code == 0 ? "Completed"
						    : "Error");
	if (message)
		cJSON_AddStringToObject(t, "message", message);
	cJSON_AddStringToObject(t, "startedAt", clock_format_s(c->started_ns / NS_PER_S, time));
	cJSON_AddStringToObject(t, "finishedAt", clock_format_s(c->finished_ns / NS_PER_S, time));
	return t;
}

static bool may_restart(const struct pod_container *c)
{
	const char *policy = json_str(c->pod->object, "spec.restartPolicy");

	if (pod_is_stopping(c->pod) || c->pod->fail_reason)
		return false;
	if (c->sidecar)
		return true;
	if (!policy || strcmp(policy, "Always") == 0)
		return !c->init || c->c.exit_code != 0;
	return strcmp(policy, "OnFailure") == 0 && c->c.exit_code != 0;
}

bool pod_container_will_restart(const struct pod_container *c)
{
	return c->c.state == CONTAINER_EXITED && may_restart(c);
}

bool pod_container_succeeded(const struct pod_container *c)
{
	return c->c.state == CONTAINER_EXITED && c->c.exit_code == 0;
}

bool pod_container_init_done(const struct pod_container *c)
{
	return c->sidecar ? c->started : pod_container_succeeded(c);
}

bool pod_container_is_down(const struct pod_container *c)
{
	return !c->preparing && (c->c.state == CONTAINER_NONE || c->c.state == CONTAINER_EXITED);
}

/* First restart at once, then 10 s, 20 s, ... 300 s. */
static void plan_restart(struct pod_container *c)
{
	const struct node *n = c->pod->node;

	if (c->c.finished_ns - c->c.started_ns > BACKOFF_FORGET_NS)
		c->backoff_ms = 0;
	c->not_before_ns = loop_now_ns(n->loop) + c->backoff_ms * NS_PER_MS;
	if (c->backoff_ms) {
		CLEANUP(freep)
		char *text = mem_printf("back-off %llds restarting failed container=%s pod=%s_%s(%s)",
					(long long)(c->backoff_ms / MS_PER_S), c->name, c->pod->name, c->pod->ns,
					c->pod->uid);

		pod_container_set_waiting(c, "CrashLoopBackOff", text);
		pod_event(c->pod, "Warning", "BackOff", "Back-off restarting failed container %s in pod %s_%s(%s)",
			  c->name, c->pod->name, c->pod->ns, c->pod->uid);
	}
	c->backoff_ms = c->backoff_ms ? MIN(c->backoff_ms * 2, BACKOFF_MAX_MS) : BACKOFF_FIRST_MS;
}

static void now_ended(struct pod_container *c)
{
	stop_probes(c);
	action_stop(&c->hook);
	timer_stop(&c->kill);
	c->ready = c->started = c->stopping = c->termed = c->hooked = c->adopted = false;
	if (c->c.start_error)
		pod_event(c->pod, "Warning", "Failed", "Error: %s", c->c.start_error);
	if (may_restart(c))
		plan_restart(c);
}

void pod_container_on_change(struct container *inner)
{
	struct pod_container *c = CONTAINER_OF(inner, struct pod_container, c);

	if (inner->state == CONTAINER_RUNNING) {
		pod_event(c->pod, "Normal", "Started", "Started container %s", c->name);
		now_running(c);
	} else if (inner->state == CONTAINER_EXITED) {
		now_ended(c);
	}
	pod_defer_sync(c->pod);
}

/* ---- starting ---- */

void pod_container_run(struct pod_container *c)
{
	int64_t left_ns = c->not_before_ns - loop_now_ns(c->pod->node->loop);

	if (c->preparing || c->c.state == CONTAINER_STARTING || c->c.state == CONTAINER_RUNNING)
		return;
	if (c->c.state == CONTAINER_EXITED && !may_restart(c))
		return;
	if (left_ns > 0) {
		pod_wake_in(c->pod, left_ns / NS_PER_MS + 1);
		return;
	}
	if (c->c.state == CONTAINER_EXITED) {
		cJSON_Delete(c->last);
		c->last = container_terminated(&c->c);
		c->attempt++;
		container_done(&c->c);
	}
	pod_container_prepare(c);
}

/* ---- stopping ---- */

static void on_kill_time(struct timer *t)
{
	struct pod_container *c = CONTAINER_OF(t, struct pod_container, kill);

	container_signal(&c->c, SIGKILL);
}

static void terminate(struct pod_container *c)
{
	if (c->termed)
		return;
	c->termed = true;
	container_signal(&c->c, c->stop_signal ? c->stop_signal : SIGTERM);
}

static void on_pre_stop(struct action *a)
{
	struct pod_container *c = CONTAINER_OF(a, struct pod_container, hook);

	if (!a->ok)
		pod_event(c->pod, "Warning", "FailedPreStopHook", "PreStopHook failed: %s", buf_str(&a->output));
	terminate(c);
}

void pod_container_stop(struct pod_container *c, int64_t grace_ms, const char *why)
{
	const cJSON *hook = json_at(pod_container_spec(c), "lifecycle.preStop");
	struct loop *loop = c->pod->node->loop;
	int64_t kill_ns = loop_now_ns(loop) + grace_ms * NS_PER_MS;

	if (c->c.state != CONTAINER_RUNNING)
		return;
	if (c->stopping && kill_ns >= c->stop_ns)
		return;
	c->stop_ns = kill_ns;
	timer_start(loop, &c->kill, grace_ms, on_kill_time);
	if (c->stopping)
		return;
	c->stopping = true;
	stop_probes(c);
	if (why)
		pod_event(c->pod, "Normal", "Killing", "%s", why);
	if (hook && grace_ms > 0)
		action_start(&c->hook, &c->place, hook, grace_ms, on_pre_stop);
	else
		terminate(c);
}

/* ---- adoption ---- */

static unsigned newest_attempt(const struct pod_container *c)
{
	unsigned attempt = c->attempt;

	for (unsigned next = attempt;; next++) {
		CLEANUP(freep) char *dir = pod_container_dir(c, next);

		if (access(dir, F_OK) == 0)
			attempt = next;
		else if (next > attempt)
			return attempt;
	}
}

static void adopt_last(struct pod_container *c)
{
	struct container before = {0};
	CLEANUP(freep) char *dir = c->attempt ? pod_container_dir(c, c->attempt - 1) : NULL;

	if (!dir || container_adopt(&before, c->pod->node->loop, dir, pod_container_on_change) < 0)
		return;
	if (before.state == CONTAINER_EXITED)
		c->last = container_terminated(&before);
	container_done(&before);
}

/* As the image said when the container was made. */
static int kept_stop_signal(const struct pod_container *c)
{
	CLEANUP(freep) char *path = mem_printf("%s/config.json", c->dir);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_free) cJSON *config = NULL;

	if (file_read(path, CONFIG_MAX_BYTES, &text, NULL) == 0)
		config = cJSON_ParseWithLength(text.ptr, text.len);
	return (int)json_int(config, "stopSignal", 0);
}

/* What the last status said is where the count goes on. */
void pod_container_adopt(struct pod_container *c)
{
	const char *list = c->init ? "status.initContainerStatuses" : "status.containerStatuses";
	const cJSON *s;
	bool was_ready = false;

	cJSON_ArrayForEach(s, json_at(c->pod->object, list))
	{
		if (strcmp(json_str_or_empty(s, "name"), c->name) != 0)
			continue;
		c->attempt = (unsigned)json_int(s, "restartCount", 0);
		c->image_id = mem_strdup(json_str(s, "imageID"));
		was_ready = json_true(s, "ready");
	}
	c->attempt = newest_attempt(c);
	c->dir = pod_container_dir(c, c->attempt);
	c->stop_signal = kept_stop_signal(c);
	adopt_last(c);
	if (container_adopt(&c->c, c->pod->node->loop, c->dir, pod_container_on_change) < 0)
		return;
	c->adopted = was_ready;
	if (c->c.state == CONTAINER_RUNNING)
		now_running(c);
	else if (may_restart(c))
		plan_restart(c);
}

void pod_container_done(struct pod_container *c)
{
	stop_probes(c);
	action_stop(&c->hook);
	timer_stop(&c->kill);
	container_done(&c->c);
	cJSON_Delete(c->last);
	image_done(&c->image);
	free(c->wanted_image);
	free(c->reason);
	free(c->message);
	free(c->image_id);
	free(c->dir);
	free(c->config_text);
}
