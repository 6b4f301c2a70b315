/* A pod's cells: "1/2", "Init:CrashLoopBackOff", restarts. */
#include <stdio.h>
#include <string.h>

#include "lab/object/object.h"
#include "lab/view/table_internal.h"

static cJSON *text(const char *s)
{
	return cJSON_CreateString(s && *s ? s : "<none>");
}

/* An init container that goes on running. */
static bool is_sidecar(const cJSON *pod, const char *name)
{
	const cJSON *c;

	cJSON_ArrayForEach(c, json_at(pod, "spec.initContainers"))
	{
		if (strcmp(json_str_or_empty(c, "name"), name) == 0)
			return strcmp(json_str_or_empty(c, "restartPolicy"), "Always") == 0;
	}
	return false;
}

static bool is_running_ready(const cJSON *status)
{
	return json_true(status, "ready") && json_at(status, "state.running");
}

/* Sidecars count as containers. */
cJSON *pod_ready_cell(const cJSON *o, int64_t now_s)
{
	const cJSON *c;
	int ready = 0, total = cJSON_GetArraySize(json_at(o, "spec.containers"));
	char out[48];

	(void)now_s;
	cJSON_ArrayForEach(c, json_at(o, "spec.initContainers"))
	{
		total += strcmp(json_str_or_empty(c, "restartPolicy"), "Always") == 0;
	}
	cJSON_ArrayForEach(c, json_at(o, "status.initContainerStatuses"))
	{
		ready += is_sidecar(o, json_str_or_empty(c, "name")) && is_running_ready(c);
	}
	cJSON_ArrayForEach(c, json_at(o, "status.containerStatuses"))
	{
		ready += is_running_ready(c);
	}
	snprintf(out, sizeof(out), "%d/%d", ready, total);
	return cJSON_CreateString(out);
}

cJSON *pod_restarts_cell(const cJSON *o, int64_t now_s)
{
	int64_t init = 0, sidecars = 0, total = 0;
	const cJSON *c;

	(void)now_s;
	cJSON_ArrayForEach(c, json_at(o, "status.initContainerStatuses"))
	{
		int64_t n = json_int(c, "restartCount", 0);

		init += n;
		sidecars += is_sidecar(o, json_str_or_empty(c, "name")) ? n : 0;
	}
	cJSON_ArrayForEach(c, json_at(o, "status.containerStatuses"))
	{
		total += json_int(c, "restartCount", 0);
	}
	/* Init containers count only while they run. */
	return cJSON_CreateNumber((double)(object_condition_true(o, "Initialized") ? total + sidecars : init));
}

/* Why a container ended: its reason, or the signal or code. */
static void ended(const cJSON *terminated, char *out, size_t size)
{
	const char *reason = json_str(terminated, "reason");
	int64_t sig = json_int(terminated, "signal", 0);

	if (reason && *reason)
		snprintf(out, size, "%s", reason);
	else if (sig)
		snprintf(out, size, "Signal:%lld", (long long)sig);
	else
		snprintf(out, size, "ExitCode:%lld", (long long)json_int(terminated, "exitCode", 0));
}

/* The first init container that is not done decides; returns false when all are done. */
static bool init_status(const cJSON *pod, char *out, size_t size)
{
	int total = cJSON_GetArraySize(json_at(pod, "spec.initContainers")), i = -1;
	const cJSON *c;

	cJSON_ArrayForEach(c, json_at(pod, "status.initContainerStatuses"))
	{
		const cJSON *terminated = json_at(c, "state.terminated");
		const char *waiting = json_str(c, "state.waiting.reason");
		char why[128];

		i++;
		if (terminated && json_int(terminated, "exitCode", 0) == 0)
			continue;
		if (is_sidecar(pod, json_str_or_empty(c, "name")) && json_true(c, "started"))
			continue;
		if (terminated)
			ended(terminated, why, sizeof(why));
		else if (waiting && strcmp(waiting, "PodInitializing") != 0)
			snprintf(why, sizeof(why), "%s", waiting);
		else
			snprintf(why, sizeof(why), "%d/%d", i, total);
		snprintf(out, size, "Init:%s", why);
		return true;
	}
	return false;
}

/* The first container with something to tell decides; running ones tell nothing. */
static void container_status(const cJSON *pod, char *out, size_t size)
{
	const cJSON *list = json_at(pod, "status.containerStatuses");
	bool running = false;

	for (int i = cJSON_GetArraySize(list) - 1; i >= 0; i--) {
		const cJSON *c = cJSON_GetArrayItem(list, i), *terminated = json_at(c, "state.terminated");
		const char *waiting = json_str(c, "state.waiting.reason");

		if (waiting && *waiting)
			snprintf(out, size, "%s", waiting);
		else if (terminated)
			ended(terminated, out, size);
		else if (json_true(c, "ready") && json_at(c, "state.running"))
			running = true;
	}
	if (running && strcmp(out, "Completed") == 0)
		snprintf(out, size, "%s", object_condition_true(pod, "Ready") ? "Running" : "NotReady");
}

cJSON *pod_status_cell(const cJSON *o, int64_t now_s)
{
	const char *reason = json_str(o, "status.reason"), *phase = json_str(o, "status.phase");
	char out[192];

	(void)now_s;
	snprintf(out, sizeof(out), "%s", reason && *reason ? reason : phase ? phase : "Unknown");
	if (!init_status(o, out, sizeof(out)))
		container_status(o, out, sizeof(out));
	if (object_terminating(o))
		snprintf(out, sizeof(out), "%s", reason && strcmp(reason, "NodeLost") == 0 ? "Unknown" : "Terminating");
	return cJSON_CreateString(out);
}

cJSON *pod_ip_cell(const cJSON *o, int64_t now_s)
{
	(void)now_s;
	return text(json_str(o, "status.podIP"));
}

cJSON *pod_node_cell(const cJSON *o, int64_t now_s)
{
	(void)now_s;
	return text(json_str(o, "spec.nodeName"));
}

cJSON *pod_nominated_cell(const cJSON *o, int64_t now_s)
{
	(void)now_s;
	return text(json_str(o, "status.nominatedNodeName"));
}

cJSON *pod_gates_cell(const cJSON *o, int64_t now_s)
{
	int total = cJSON_GetArraySize(json_at(o, "spec.readinessGates")), met = 0;
	const cJSON *g;
	char out[48];

	(void)now_s;
	if (!total)
		return text(NULL);
	cJSON_ArrayForEach(g, json_at(o, "spec.readinessGates"))
	{
		met += object_condition_true(o, json_str_or_empty(g, "conditionType"));
	}
	snprintf(out, sizeof(out), "%d/%d", met, total);
	return cJSON_CreateString(out);
}
