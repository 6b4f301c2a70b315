/* A pod's status, as the kubelet writes it, from what is known here; sent as a merge patch when it differs. */
#include "lab/node/node_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/object/object.h"

/* ---- containers ---- */

static char *container_id(const struct pod_container *c, unsigned attempt)
{
	return mem_printf("weft://%s/%s/%u", c->pod->uid, c->name, attempt);
}

static cJSON *terminated_with_id(const struct pod_container *c, cJSON *terminated, unsigned attempt)
{
	CLEANUP(freep) char *id = container_id(c, attempt);

	cJSON_AddStringToObject(terminated, "containerID", id);
	return terminated;
}

static void add_waiting(const struct pod_container *c, cJSON *state)
{
	cJSON *w = cJSON_AddObjectToObject(state, "waiting");
	const char *reason = c->reason;

	if (!reason)
		reason = !c->init && c->pod->init_n ? "PodInitializing"
			 : c->init && c->index      ? "PodInitializing"
						    : "ContainerCreating";
	cJSON_AddStringToObject(w, "reason", reason);
	if (c->message)
		cJSON_AddStringToObject(w, "message", c->message);
}

static bool waits_for_restart(const struct pod_container *c)
{
	return pod_container_will_restart(c) && c->reason && strcmp(c->reason, "CrashLoopBackOff") == 0;
}

static void add_state(const struct pod_container *c, cJSON *status)
{
	cJSON *state = cJSON_AddObjectToObject(status, "state"), *last = cJSON_AddObjectToObject(status, "lastState");
	char time[CLOCK_TEXT_MAX];

	if (c->c.state == CONTAINER_RUNNING) {
		cJSON_AddStringToObject(cJSON_AddObjectToObject(state, "running"), "startedAt",
					clock_format_s(c->c.started_ns / NS_PER_S, time));
	} else if (c->c.state == CONTAINER_EXITED && !waits_for_restart(c)) {
		cJSON_AddItemToObject(state, "terminated",
				      terminated_with_id(c, container_terminated(&c->c), c->attempt));
	} else {
		add_waiting(c, state);
	}
	if (c->c.state == CONTAINER_EXITED && waits_for_restart(c))
		cJSON_AddItemToObject(last, "terminated",
				      terminated_with_id(c, container_terminated(&c->c), c->attempt));
	else if (c->last)
		cJSON_AddItemToObject(last, "terminated",
				      terminated_with_id(c, cJSON_Duplicate(c->last, true), c->attempt - 1));
}

static cJSON *container_status(const struct pod_container *c)
{
	bool ran = c->c.state == CONTAINER_RUNNING || c->c.state == CONTAINER_EXITED;
	cJSON *status = cJSON_CreateObject();
	CLEANUP(freep) char *id = ran ? container_id(c, c->attempt) : NULL;

	cJSON_AddStringToObject(status, "name", c->name);
	add_state(c, status);
	cJSON_AddBoolToObject(status, "ready", c->init && !c->sidecar ? pod_container_succeeded(c) : c->ready);
	cJSON_AddNumberToObject(status, "restartCount", c->attempt);
	cJSON_AddStringToObject(status, "image", json_str_or_empty(pod_container_spec(c), "image"));
	cJSON_AddStringToObject(status, "imageID", c->image_id ? c->image_id : "");
	if (id)
		cJSON_AddStringToObject(status, "containerID", id);
	if (!c->init || c->sidecar)
		cJSON_AddBoolToObject(status, "started", c->started);
	return status;
}

/* ---- phase ---- */

static bool is_waiting(const struct pod_container *c)
{
	return c->c.state == CONTAINER_NONE || c->c.state == CONTAINER_STARTING;
}

const char *pod_phase(const struct pod *p)
{
	const bool initialized = pod_is_initialized(p);
	size_t running = 0, stopped = 0, failed = 0;

	if (p->fail_reason)
		return "Failed";
	for (size_t i = 0; i < p->init_n; i++) {
		const struct pod_container *c = &p->containers[i];

		if (pod_container_init_done(c) || (c->sidecar && initialized))
			continue;
		if (!c->sidecar && c->c.state == CONTAINER_EXITED && !pod_container_will_restart(c))
			return "Failed";
		return "Pending";
	}
	for (size_t i = p->init_n; i < p->n; i++) {
		const struct pod_container *c = &p->containers[i];

		if (is_waiting(c) && !c->last)
			return "Pending";
		if (c->c.state != CONTAINER_EXITED || pod_container_will_restart(c))
			running++;
		else
			stopped++;
		failed += c->c.state == CONTAINER_EXITED && c->c.exit_code != 0;
	}
	if (running || !stopped)
		return "Running";
	return failed ? "Failed" : "Succeeded";
}

/* ---- conditions ---- */

struct verdict {
	const char *type;
	bool ok;
	const char *reason;
	const char *message;
};

static void add_condition(const struct pod *p, cJSON *list, const struct verdict *v)
{
	const cJSON *before = object_condition(p->written ? p->written : p->object, v->type), *old;
	const char *status = v->ok ? "True" : "False";
	cJSON *c = cJSON_CreateObject();
	char now[CLOCK_TEXT_MAX];
	const char *since;

	cJSON_ArrayForEach(old, json_at(p->written, "conditions"))
	{
		if (strcmp(json_str_or_empty(old, "type"), v->type) == 0)
			before = old;
	}
	since = before && strcmp(json_str_or_empty(before, "status"), status) == 0
			? json_str(before, "lastTransitionTime")
			: NULL;
	cJSON_AddStringToObject(c, "type", v->type);
	cJSON_AddStringToObject(c, "status", status);
	cJSON_AddNullToObject(c, "lastProbeTime");
	cJSON_AddStringToObject(c, "lastTransitionTime", since ? since : clock_now_text(now));
	if (v->reason)
		cJSON_AddStringToObject(c, "reason", v->reason);
	if (v->message)
		cJSON_AddStringToObject(c, "message", v->message);
	cJSON_AddItemToArray(list, c);
}

static void add_name(const struct pod_container *c, struct buf *out)
{
	buf_printf(out, "%s%s", out->len ? " " : "", c->name);
}

/* Init containers that others still wait for. */
static void list_uninitialized(const struct pod *p, struct buf *out)
{
	const bool initialized = pod_is_initialized(p);

	for (size_t i = 0; i < p->init_n; i++)
		if (!pod_container_init_done(&p->containers[i]) && !(p->containers[i].sidecar && initialized))
			add_name(&p->containers[i], out);
}

/* Sidecars count. */
static void list_unready(const struct pod *p, struct buf *out)
{
	for (size_t i = 0; i < p->n; i++)
		if ((!p->containers[i].init || p->containers[i].sidecar) && !p->containers[i].ready)
			add_name(&p->containers[i], out);
}

static bool gates_open(const struct pod *p)
{
	const cJSON *gate;

	cJSON_ArrayForEach(gate, json_at(p->object, "spec.readinessGates"))
	{
		if (!object_condition_true(p->object, json_str_or_empty(gate, "conditionType")))
			return false;
	}
	return true;
}

static bool is_own(const char *type)
{
	static const char *const own[] = {"Initialized", "Ready", "ContainersReady", "PodScheduled"};

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (strcmp(own[i], type) == 0)
			return true;
	return false;
}

static cJSON *conditions(const struct pod *p, const char *phase)
{
	CLEANUP(buf_done) struct buf init = BUF_INIT;
	CLEANUP(buf_done) struct buf unready = BUF_INIT;
	bool over = strcmp(phase, "Succeeded") == 0, failed = strcmp(phase, "Failed") == 0, ready;
	cJSON *list = cJSON_CreateArray();
	const cJSON *other;
	const char *reason;

	list_uninitialized(p, &init);
	list_unready(p, &unready);
	ready = !unready.len && !init.len && !over && !failed;
	reason = ready ? NULL : over ? "PodCompleted" : failed ? "PodFailed" : "ContainersNotReady";
	if (!ready && !over && !failed) {
		char *names = buf_take_str(&unready);

		buf_printf(&unready, "containers with unready status: [%s]", names);
		free(names);
	} else {
		buf_clear(&unready);
	}
	if (init.len) {
		char *names = buf_take_str(&init);

		buf_printf(&init, "containers with incomplete status: [%s]", names);
		free(names);
	}
	add_condition(p, list,
		      &(struct verdict){"Initialized", !init.len,
					init.len ? "ContainersNotInitialized"
					: over   ? "PodCompleted"
						 : NULL,
					init.len ? buf_str(&init) : NULL});
	if (ready && !gates_open(p))
		add_condition(p, list,
			      &(struct verdict){"Ready", false, "ReadinessGatesNotReady",
						"corresponding condition of pod readiness gate is not \"True\""});
	else
		add_condition(p, list,
			      &(struct verdict){"Ready", ready, reason, unready.len ? buf_str(&unready) : NULL});
	add_condition(p, list,
		      &(struct verdict){"ContainersReady", ready, reason, unready.len ? buf_str(&unready) : NULL});
	add_condition(p, list, &(struct verdict){"PodScheduled", true, NULL, NULL});
	cJSON_ArrayForEach(other, json_at(p->object, "status.conditions"))
	{
		if (!is_own(json_str_or_empty(other, "type")))
			cJSON_AddItemToArray(list, cJSON_Duplicate(other, true));
	}
	return list;
}

/* ---- the rest ---- */

/* Guaranteed: limits for cpu and memory everywhere, requests equal. BestEffort: nothing anywhere. */
static const char *qos_class(const struct pod *p)
{
	static const char *const names[] = {"cpu", "memory"};
	bool any = false, all = true;

	for (size_t i = 0; i < p->n; i++) {
		const cJSON *r = json_at(pod_container_spec(&p->containers[i]), "resources");

		for (size_t k = 0; k < ARRAY_LEN(names); k++) {
			const cJSON *limit = json_at(json_at(r, "limits"), names[k]);
			const cJSON *request = json_at(json_at(r, "requests"), names[k]);

			any = any || limit || request;
			all = all && limit && (!request || json_equal(limit, request));
		}
	}
	return !any ? "BestEffort" : all ? "Guaranteed" : "Burstable";
}

static void add_addresses(const struct pod *p, cJSON *status)
{
	cJSON *ips;

	cJSON_AddStringToObject(status, "hostIP", NETNS_NODE_IP);
	if (!*p->ip || p->stage < POD_ACTIVE)
		return;
	cJSON_AddStringToObject(status, "podIP", p->ip);
	ips = cJSON_AddArrayToObject(status, "podIPs");
	cJSON_AddItemToArray(ips, cJSON_CreateObject());
	cJSON_AddStringToObject(cJSON_GetArrayItem(ips, 0), "ip", p->ip);
}

static void add_optional(cJSON *status, const char *name, const char *value)
{
	if (value)
		cJSON_AddStringToObject(status, name, value);
	else
		cJSON_AddNullToObject(status, name);
}

static cJSON *pod_status(const struct pod *p)
{
	const char *phase = pod_phase(p);
	cJSON *status = cJSON_CreateObject(), *list = NULL;

	cJSON_AddStringToObject(status, "phase", phase);
	cJSON_AddItemToObject(status, "conditions", conditions(p, phase));
	add_addresses(p, status);
	cJSON_AddStringToObject(status, "startTime", p->start_time);
	add_optional(status, "reason", p->fail_reason);
	add_optional(status, "message", p->fail_message);
	if (p->init_n)
		list = cJSON_AddArrayToObject(status, "initContainerStatuses");
	for (size_t i = 0; i < p->init_n; i++)
		cJSON_AddItemToArray(list, container_status(&p->containers[i]));
	list = cJSON_AddArrayToObject(status, "containerStatuses");
	for (size_t i = p->init_n; i < p->n; i++)
		cJSON_AddItemToArray(list, container_status(&p->containers[i]));
	cJSON_AddStringToObject(status, "qosClass", qos_class(p));
	return status;
}

struct status_write {
	struct node *node;
	char *uid;
};

static void on_written(void *arg, int code, const cJSON *object)
{
	struct status_write *w = arg;
	struct pod *p = map_get(&w->node->pods, slice_str(w->uid));

	(void)object;
	free(w->uid);
	free(w);
	if (!p)
		return;
	p->writing = false;
	if (code == 404 || code == 409)
		code = 200; /* gone, or replaced by another of the same name: the watch tells */
	if (code >= 300) {
		cJSON_Delete(p->written);
		p->written = NULL;
		pod_wake_in(p, MS_PER_S);
		return;
	}
	pod_defer_sync(p);
}

void pod_write_status(struct pod *p)
{
	struct status_write *w;
	cJSON *status, *patch;

	if (p->writing || p->stage == POD_CLEANUP)
		return;
	status = pod_status(p);
	if (p->written && json_equal(status, p->written)) {
		cJSON_Delete(status);
		return;
	}
	cJSON_Delete(p->written);
	p->written = cJSON_Duplicate(status, true);
	patch = cJSON_CreateObject();
	cJSON_AddItemToObject(patch, "status", status);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(patch, "metadata"), "uid", p->uid);
	w = NEW(struct status_write);
	w->node = p->node;
	w->uid = mem_strdup(p->uid);
	p->writing = true;
	lab_patch(&p->node->client, GVR(pod), p->ns, p->name, "status", LAB_PATCH_MERGE, patch, on_written, w);
}
