/* The life of a pod on the node; the stages are drawn in node_internal.h. */
#include "lab/node/node_internal.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/object/object.h"

#define RETRY_FIRST_MS 250
#define RETRY_MAX_MS 4000
#define GRACE_DEFAULT_S 30
#define SIDECAR_GRACE_MS 2000

static void on_sync(struct task *t);

void pod_event(const struct pod *p, const char *type, const char *reason, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	lab_event_record(&p->node->client, p->object, type, reason, "kubelet", "%s", buf_str(&text));
}

void pod_defer_sync(struct pod *p)
{
	task_defer(p->node->loop, &p->sync, on_sync);
}

static void on_wake(struct timer *t)
{
	pod_defer_sync(CONTAINER_OF(t, struct pod, wake));
}

void pod_wake_in(struct pod *p, int64_t delay_ms)
{
	int64_t at_ns = loop_now_ns(p->node->loop) + delay_ms * NS_PER_MS;

	if (timer_active(&p->wake) && (int64_t)p->wake.node.key <= at_ns)
		return;
	timer_start(p->node->loop, &p->wake, delay_ms, on_wake);
}

static bool is_deleted(const struct pod *p)
{
	return p->removed || json_str(p->object, "metadata.deletionTimestamp");
}

bool pod_is_stopping(const struct pod *p)
{
	return p->stage >= POD_STOPPING || is_deleted(p);
}

/* ---- making and freeing ---- */

static void add_containers(struct pod *p, const char *list, bool init)
{
	const cJSON *spec;
	size_t index = 0;

	cJSON_ArrayForEach(spec, json_at(p->first, list))
	{
		p->containers[p->n++] = (struct pod_container){
			.pod = p,
			.name = json_str_or_empty(spec, "name"),
			.init = init,
			.sidecar = init && strcmp(json_str_or_empty(spec, "restartPolicy"), "Always") == 0,
			.index = index};
		index++;
	}
}

struct pod *pod_new(struct node *n, const cJSON *object)
{
	struct pod *p = NEW(struct pod);
	size_t total;

	p->node = n;
	p->uid = mem_strdup(object_uid(object));
	p->ns = mem_strdup(object_ns(object));
	p->name = mem_strdup(object_name(object));
	p->object = cJSON_Duplicate(object, true);
	p->first = cJSON_Duplicate(object, true);
	p->dir = mem_printf("%s/pods/%s", n->data_dir, p->uid);
	p->netns = mem_printf("%s.%s", n->lab, p->uid);
	clock_now_text(p->start_time);
	total = (size_t)cJSON_GetArraySize(json_at(object, "spec.initContainers")) +
		(size_t)cJSON_GetArraySize(json_at(object, "spec.containers"));
	p->containers = mem_calloc(total + 1, sizeof(*p->containers));
	add_containers(p, "spec.initContainers", true);
	p->init_n = p->n;
	add_containers(p, "spec.containers", false);
	map_set(&n->pods, slice_str(p->uid), p);
	return p;
}

void pod_free(struct pod *p)
{
	map_remove(&p->node->pods, slice_str(p->uid));
	for (size_t i = 0; i < p->n; i++)
		pod_container_done(&p->containers[i]);
	free(p->containers);
	task_cancel(&p->sync);
	timer_stop(&p->wake);
	timer_stop(&p->refresh);
	cJSON_Delete(p->object);
	cJSON_Delete(p->first);
	cJSON_Delete(p->written);
	free(p->uid);
	free(p->ns);
	free(p->name);
	free(p->dir);
	free(p->netns);
	free(p->fail_reason);
	free(p->fail_message);
	free(p);
}

struct pod *pod_find(const struct node *n, const char *ns, const char *name)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&n->pods, &i));) {
		struct pod *p = e->value;

		if (!p->removed && strcmp(p->ns, ns) == 0 && strcmp(p->name, name) == 0)
			return p;
	}
	return NULL;
}

/* ---- set-up of the network ---- */

static int save_pod(const struct pod *p, struct err *e)
{
	CLEANUP(freep) char *path = mem_printf("%s/pod.json", p->dir);
	cJSON *o = cJSON_CreateObject();
	char *text;
	int r;

	cJSON_AddStringToObject(o, "namespace", p->ns);
	cJSON_AddStringToObject(o, "name", p->name);
	cJSON_AddStringToObject(o, "uid", p->uid);
	cJSON_AddStringToObject(o, "ip", p->ip);
	cJSON_AddStringToObject(o, "netns", p->netns);
	cJSON_AddStringToObject(o, "startTime", p->start_time);
	text = cJSON_PrintUnformatted(o);
	cJSON_Delete(o);
	r = file_put(path, slice_str(text), 0600, e);
	free(text);
	return r;
}

static void run_setup(struct job *j)
{
	struct pod *p = CONTAINER_OF(j, struct pod, job);

	p->job_error.code = net_pod_up(p->node->lab, p->netns, p->ip, &p->job_error);
}

static void retry(struct pod *p)
{
	p->retry_ms = p->retry_ms ? MIN(p->retry_ms * 2, RETRY_MAX_MS) : RETRY_FIRST_MS;
	pod_wake_in(p, p->retry_ms);
}

static void setup_failed(struct pod *p, const struct err *e)
{
	pod_event(p, "Warning", "FailedCreatePodSandBox", "Failed to create pod sandbox: %s", e->msg);
	p->stage = POD_NEW;
	retry(p);
}

static void on_setup(struct job *j)
{
	struct pod *p = CONTAINER_OF(j, struct pod, job);

	if (p->job_error.code < 0) {
		setup_failed(p, &p->job_error);
		return;
	}
	p->retry_ms = 0;
	p->stage = POD_ACTIVE;
	pod_defer_sync(p);
}

static void start_setup(struct pod *p)
{
	CLEANUP(freep) char *containers = mem_printf("%s/containers", p->dir);
	struct err e = ERR_INIT;
	int r = *p->ip ? 0 : net_pool_take(&p->node->pool, p->ip);

	if (r < 0)
		err_set(&e, r, "no address is left in " NETNS_POD_CIDR);
	if (r == 0)
		r = file_mkdirs(containers, 0711, &e);
	if (r == 0)
		r = save_pod(p, &e);
	if (r == 0)
		r = pod_write_files(p, &e);
	if (r < 0) {
		setup_failed(p, &e);
		return;
	}
	p->stage = POD_SETUP;
	p->job_error = (struct err)ERR_INIT;
	job_start(p->node->jobs, &p->job, run_setup, on_setup);
}

/* ---- active ---- */

static void on_refresh(struct timer *t);

static void plan_refresh(struct pod *p)
{
	int64_t due_ms = pod_tokens_due_ms(p);

	if (due_ms >= 0)
		timer_start(p->node->loop, &p->refresh, MAX(due_ms, MS_PER_S), on_refresh);
}

/* A running pod keeps its files when a source is missing for a while. */
static void on_refresh(struct timer *t)
{
	struct pod *p = CONTAINER_OF(t, struct pod, refresh);
	struct err e = ERR_INIT;

	if (p->stage != POD_ACTIVE || pod_is_stopping(p))
		return;
	if (p->volumes_ok && pod_volumes_make(p, &e) < 0)
		log_warn("node", "volumes not updated pod=%s/%s: %s", p->ns, p->name, e.msg);
	plan_refresh(p);
	pod_defer_sync(p);
}

static bool make_volumes(struct pod *p)
{
	struct err e = ERR_INIT;

	if (p->volumes_ok)
		return true;
	if (pod_volumes_make(p, &e) < 0) {
		if (strcmp(p->job_error.msg, e.msg) != 0)
			pod_event(p, "Warning", "FailedMount", "%s", e.msg);
		p->job_error = e;
		retry(p);
		return false;
	}
	p->job_error = (struct err)ERR_INIT;
	p->retry_ms = 0;
	p->volumes_ok = true;
	plan_refresh(p);
	return true;
}

bool pod_is_initialized(const struct pod *p)
{
	for (size_t i = p->init_n; i < p->n; i++)
		if (p->containers[i].preparing || p->containers[i].c.state != CONTAINER_NONE || p->containers[i].last)
			return true;
	return false;
}

/* Sidecars are kept running; the others run once, each when those before it are done. True when all are. */
static bool run_init(struct pod *p)
{
	const bool before = !pod_is_initialized(p);

	for (size_t i = 0; i < p->init_n; i++) {
		struct pod_container *c = &p->containers[i];

		if (c->sidecar || (before && !pod_container_succeeded(c)))
			pod_container_run(c);
		if (before && !pod_container_init_done(c))
			return false;
	}
	return true;
}

static bool is_over(const struct pod *p)
{
	bool all = true;

	for (size_t i = 0; i < p->n; i++) {
		const struct pod_container *c = &p->containers[i];
		bool ended = c->c.state == CONTAINER_EXITED && !pod_container_will_restart(c) && !c->preparing;

		if (c->init && !c->sidecar && ended && c->c.exit_code != 0)
			return true;
		if (!c->init)
			all = all && ended;
	}
	return all;
}

static void check_deadline(struct pod *p)
{
	int64_t limit_s = json_int(p->object, "spec.activeDeadlineSeconds", -1), start_ns = 0, left_ms;

	if (limit_s < 0 || clock_parse(slice_str(p->start_time), &start_ns) < 0)
		return;
	left_ms = (start_ns - clock_wall_ns()) / NS_PER_MS + limit_s * MS_PER_S;
	if (left_ms > 0) {
		pod_wake_in(p, left_ms);
		return;
	}
	p->fail_reason = mem_strdup("DeadlineExceeded");
	p->fail_message = mem_strdup("Pod was active on the node longer than the specified deadline");
}

/* Containers start in their order, and the next one after this one's postStart hook, however it ended. */
static bool holds_back(const struct pod_container *c)
{
	const bool starts =
		c->preparing || c->c.state == CONTAINER_STARTING || (c->c.state == CONTAINER_RUNNING && !c->stopping);

	return starts && !c->hooked && !c->adopted && json_at(pod_container_spec(c), "lifecycle.postStart");
}

static void run_containers(struct pod *p)
{
	for (size_t i = p->init_n; i < p->n; i++) {
		pod_container_run(&p->containers[i]);
		if (holds_back(&p->containers[i]))
			return;
	}
}

static void sync_active(struct pod *p)
{
	check_deadline(p);
	if (is_deleted(p) || p->fail_reason) {
		p->stage = POD_STOPPING;
		pod_defer_sync(p);
		return;
	}
	if (!make_volumes(p))
		return;
	if (run_init(p))
		run_containers(p);
	/* Sidecars do not keep a pod alive: they end after the others. */
	if (is_over(p))
		p->stage = POD_STOPPING;
}

/* ---- the end ---- */

static int64_t grace_ms(const struct pod *p)
{
	int64_t spec_s = json_int(p->object, "spec.terminationGracePeriodSeconds", GRACE_DEFAULT_S);

	if (p->removed)
		return 0;
	return json_int(p->object, "metadata.deletionGracePeriodSeconds", spec_s) * MS_PER_S;
}

/* What is left of the grace period when the turn comes to sidecars; they get a moment in any case. */
static int64_t grace_left_ms(struct pod *p)
{
	int64_t now_ns = loop_now_ns(p->node->loop), grace = grace_ms(p), end_ns = now_ns + grace * NS_PER_MS;

	if (!p->stop_by_ns || end_ns < p->stop_by_ns)
		p->stop_by_ns = end_ns;
	return MIN(grace, MAX((p->stop_by_ns - now_ns) / NS_PER_MS, SIDECAR_GRACE_MS));
}

static bool stop_container(struct pod_container *c, int64_t ms)
{
	CLEANUP(freep) char *why = mem_printf("Stopping container %s", c->name);

	pod_container_stop(c, ms, why);
	return pod_container_is_down(c);
}

/* All but the sidecars together, then these, the one that started last first. */
static bool stop_containers(struct pod *p)
{
	const int64_t left_ms = grace_left_ms(p);
	bool down = true;

	for (size_t i = 0; i < p->n; i++)
		if (!p->containers[i].sidecar)
			down &= stop_container(&p->containers[i], grace_ms(p));
	for (size_t i = p->init_n; down && i-- > 0;)
		if (p->containers[i].sidecar)
			down = stop_container(&p->containers[i], left_ms);
	return down;
}

static void sync_stopping(struct pod *p)
{
	if (!stop_containers(p))
		return;
	p->stage = POD_FINISHED;
	pod_defer_sync(p);
}

static void unmount_volumes(const struct pod *p)
{
	CLEANUP(freep) char *dir = mem_printf("%s/volumes", p->dir);
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", dir, entry->d_name);

		if (entry->d_name[0] != '.')
			while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
				;
	}
	if (d)
		closedir(d);
}

static void run_cleanup(struct job *j)
{
	struct pod *p = CONTAINER_OF(j, struct pod, job);

	p->job_error.code = net_pod_down(p->node->lab, p->netns, &p->job_error);
	unmount_volumes(p);
	(void)file_remove_tree(p->dir, NULL);
}

static void on_cleanup(struct job *j)
{
	struct pod *p = CONTAINER_OF(j, struct pod, job);

	if (p->job_error.code < 0)
		log_warn("node", "clean-up of pod=%s/%s: %s", p->ns, p->name, p->job_error.msg);
	net_pool_give(&p->node->pool, p->ip);
	pod_free(p);
}

static void on_deleted(void *arg, int status, const cJSON *object)
{
	struct node *n = ((void **)arg)[0];
	CLEANUP(freep) char *uid = ((void **)arg)[1];
	struct pod *p = map_get(&n->pods, slice_str(uid));

	(void)object;
	free(arg);
	if (!p)
		return;
	p->deleting = false;
	if (status == 404 || status == 409)
		p->removed = true;
	else if (status >= 300)
		pod_wake_in(p, MS_PER_S);
	pod_defer_sync(p);
}

static void sync_finished(struct pod *p)
{
	struct lab_delete_options o = {.grace_s = 0, .uid = p->uid};
	void **arg;

	if (p->removed) {
		p->stage = POD_CLEANUP;
		p->job_error = (struct err)ERR_INIT;
		job_start(p->node->jobs, &p->job, run_cleanup, on_cleanup);
		return;
	}
	if (!is_deleted(p) || p->writing || p->deleting)
		return;
	p->deleting = true;
	arg = mem_calloc(2, sizeof(*arg));
	arg[0] = p->node;
	arg[1] = mem_strdup(p->uid);
	lab_delete(&p->node->client, GVR(pod), p->ns, p->name, &o, on_deleted, arg);
}

static void on_sync(struct task *t)
{
	struct pod *p = CONTAINER_OF(t, struct pod, sync);

	if (p->stage == POD_NEW && is_deleted(p))
		p->stage = POD_STOPPING;
	if (p->stage == POD_NEW)
		start_setup(p);
	if (p->stage == POD_ACTIVE)
		sync_active(p);
	if (p->stage == POD_STOPPING)
		sync_stopping(p);
	if (!p->removed)
		pod_write_status(p);
	if (p->stage == POD_FINISHED)
		sync_finished(p);
}

/* ---- from the API ---- */

bool pod_is_terminal(const cJSON *object)
{
	const char *phase = json_str_or_empty(object, "status.phase");

	return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

/* Labels and annotations are seen through downward API volumes. */
static bool metadata_changed(const cJSON *a, const cJSON *b)
{
	return !json_equal(json_at(a, "metadata.labels"), json_at(b, "metadata.labels")) ||
	       !json_equal(json_at(a, "metadata.annotations"), json_at(b, "metadata.annotations"));
}

void pod_update(struct node *n, const cJSON *object)
{
	struct pod *p = map_get(&n->pods, slice_str(object_uid(object)));
	bool changed;

	if (!p) {
		if (pod_is_terminal(object) && !object_terminating(object))
			return;
		p = pod_new(n, object);
		pod_tell_unsupported(p);
		pod_defer_sync(p);
		return;
	}
	changed = metadata_changed(p->object, object);
	cJSON_Delete(p->object);
	p->object = cJSON_Duplicate(object, true);
	for (size_t i = 0; i < p->n; i++)
		p->containers[i].place.container = pod_container_spec(&p->containers[i]);
	if (changed)
		timer_start(n->loop, &p->refresh, 0, on_refresh);
	pod_defer_sync(p);
}

void pod_object_removed(struct node *n, const cJSON *object)
{
	struct pod *p = map_get(&n->pods, slice_str(object_uid(object)));

	if (!p)
		return;
	p->removed = true;
	if (p->stage == POD_ACTIVE)
		p->stage = POD_STOPPING;
	pod_defer_sync(p);
}

void pod_sources_changed(struct node *n, const char *kind, const cJSON *object)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&n->pods, &i));) {
		struct pod *p = e->value;

		if (p->stage != POD_ACTIVE || strcmp(p->ns, object_ns(object)) != 0)
			continue;
		for (size_t c = 0; c < p->n; c++)
			if (p->containers[c].reason &&
			    strcmp(p->containers[c].reason, "CreateContainerConfigError") == 0)
				p->containers[c].not_before_ns = 0;
		if (!p->volumes_ok)
			pod_defer_sync(p);
		else if (pod_mounts_source(p, kind, object_name(object)))
			timer_start(n->loop, &p->refresh, 0, on_refresh);
		else
			pod_defer_sync(p);
	}
}
