/*
 * ReplicaSets: keeps as many pods as asked for. Pods that go are chosen as kube-controller-manager does: not yet
 * running before running, not ready before ready, younger before older.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"
#include "lab/control/pod_template.h"

#define BURST_MAX 500 /* pods created or deleted in one run */

struct pods {
	struct work *work;
	const cJSON *owner;
	VEC(const cJSON *) v; /* active: neither finished nor being deleted */
};

static void collect(void *arg, const cJSON *pod)
{
	struct pods *p = arg;
	bool selected = object_selector_matches(json_at(p->owner, "spec.selector"), json_at(pod, "metadata.labels"));
	bool owned = object_controlled_by(pod, object_uid(p->owner));

	if (pod_finished(pod) || object_terminating(pod))
		return;
	if (owned && !selected)
		work_release(p->work, GVR(pod), p->owner, pod);
	else if (owned)
		vec_push(&p->v, pod);
	else if (selected && !object_controller(pod) && !object_terminating(p->owner))
		work_adopt(p->work, GVR(pod), p->owner, "ReplicaSet", pod);
}

/* Smaller goes first. */
static int rank(const cJSON *pod)
{
	if (!*json_str_or_empty(pod, "spec.nodeName"))
		return 0;
	if (strcmp(json_str_or_empty(pod, "status.phase"), "Running") != 0)
		return 1;
	return object_condition_true(pod, "Ready") ? 3 : 2;
}

static int by_deletion_order(const void *a, const void *b)
{
	const cJSON *x = *(const cJSON *const *)a, *y = *(const cJSON *const *)b;
	int d = rank(x) - rank(y);

	if (d)
		return d;
	/* Times in this form compare as text; the younger goes first. */
	return strcmp(json_str_or_empty(y, "metadata.creationTimestamp"),
		      json_str_or_empty(x, "metadata.creationTimestamp"));
}

static cJSON *new_pod(const cJSON *rs)
{
	cJSON *pod = pod_from_template(rs, "apps/v1", "ReplicaSet");
	CLEANUP(freep) char *prefix = mem_printf("%s-", object_name(rs));

	json_set(json_object(pod, "metadata"), "generateName", cJSON_CreateString(prefix));
	return pod;
}

/* The pod's fate is told in an event; the failure itself makes the key run again. */
static void tell_creation(struct work *w, const cJSON *rs, const char *reason, const char *text)
{
	lab_event_record(&w->controller->client, rs, strncmp(reason, "Failed", 6) == 0 ? "Warning" : "Normal", reason,
			 "replicaset-controller", "%s", text);
}

struct counts {
	int64_t ready, available, labeled;
	int64_t next_available_ms; /* when minReadySeconds of some pod is over; 0 = none waits */
};

static bool available(const cJSON *pod, int64_t min_ready_s, struct counts *n)
{
	const cJSON *ready = object_condition(pod, "Ready");
	int64_t since_ns, wait_ms;

	if (!min_ready_s)
		return true;
	if (clock_parse(slice_str(json_str_or_empty(ready, "lastTransitionTime")), &since_ns) < 0)
		return false;
	wait_ms = (since_ns + min_ready_s * NS_PER_S - clock_wall_ns()) / NS_PER_MS;
	if (wait_ms <= 0)
		return true;
	if (!n->next_available_ms || wait_ms < n->next_available_ms)
		n->next_available_ms = wait_ms;
	return false;
}

static struct counts count(const cJSON *rs, const struct pods *p)
{
	int64_t min_ready_s = json_int(rs, "spec.minReadySeconds", 0);
	struct counts n = {0};

	for (size_t i = 0; i < p->v.n; i++) {
		const cJSON *pod = p->v.v[i];

		n.labeled += object_labels_match(json_at(pod, "metadata.labels"),
						 json_at(rs, "spec.template.metadata.labels"));
		if (!object_condition_true(pod, "Ready"))
			continue;
		n.ready++;
		n.available += available(pod, min_ready_s, &n);
	}
	return n;
}

static void put_count(cJSON *status, const char *name, int64_t value)
{
	/* A merge patch removes what is null: zero counts are absent, as in Kubernetes. */
	cJSON_AddItemToObject(status, name, value ? cJSON_CreateNumber((double)value) : cJSON_CreateNull());
}

static bool count_differs(const cJSON *rs, const char *path, int64_t value)
{
	return json_int(rs, path, 0) != value;
}

static void write_status(struct work *w, const cJSON *rs, const struct pods *p, const struct counts *n)
{
	int64_t generation = json_int(rs, "metadata.generation", 0);
	cJSON *patch, *status;

	if (!count_differs(rs, "status.replicas", (int64_t)p->v.n) &&
	    !count_differs(rs, "status.readyReplicas", n->ready) &&
	    !count_differs(rs, "status.availableReplicas", n->available) &&
	    !count_differs(rs, "status.fullyLabeledReplicas", n->labeled) &&
	    !count_differs(rs, "status.observedGeneration", generation))
		return;
	patch = cJSON_CreateObject();
	status = cJSON_AddObjectToObject(patch, "status");
	cJSON_AddNumberToObject(status, "replicas", (double)p->v.n);
	put_count(status, "fullyLabeledReplicas", n->labeled);
	put_count(status, "readyReplicas", n->ready);
	put_count(status, "availableReplicas", n->available);
	cJSON_AddNumberToObject(status, "observedGeneration", (double)generation);
	work_patch(w, GVR(replica_set), w->ns, w->name, "status", patch);
}

static void scale(struct work *w, const cJSON *rs, struct pods *p)
{
	int64_t wanted = json_int(rs, "spec.replicas", 1), have = (int64_t)p->v.n;
	char text[300];

	for (int64_t i = have; i < wanted && i < have + BURST_MAX; i++)
		work_create(w, GVR(pod), w->ns, new_pod(rs));
	if (have <= wanted)
		return;
	qsort(p->v.v, p->v.n, sizeof(p->v.v[0]), by_deletion_order);
	for (int64_t i = 0; i < have - wanted && i < BURST_MAX; i++) {
		const struct lab_delete_options o = {.grace_s = -1, .uid = object_uid(p->v.v[i])};

		snprintf(text, sizeof(text), "Deleted pod: %s", object_name(p->v.v[i]));
		tell_creation(w, rs, "SuccessfulDelete", text);
		work_delete(w, GVR(pod), w->ns, object_name(p->v.v[i]), &o);
	}
}

static void reconcile(struct controller *c, struct work *w)
{
	const cJSON *rs = lab_get(c->client.api, GVR(replica_set), w->ns, w->name);
	struct pods p = {.work = w, .owner = rs};
	struct counts n;

	if (!rs)
		return;
	lab_list(c->client.api, GVR(pod), w->ns, NULL, collect, &p);
	n = count(rs, &p);
	write_status(w, rs, &p, &n);
	/* What is being adopted counts when it is. */
	if (!object_terminating(rs) && !w->adopting)
		scale(w, rs, &p);
	if (n.next_available_ms)
		work_after(w, n.next_available_ms + 1);
	vec_done(&p.v);
}

struct orphan {
	struct controller *controller;
	const cJSON *pod;
};

static void enqueue_if_selects(void *arg, const cJSON *rs)
{
	struct orphan *o = arg;

	if (object_selector_matches(json_at(rs, "spec.selector"), json_at(o->pod, "metadata.labels")))
		controller_enqueue(o->controller, object_ns(rs), object_name(rs));
}

static void on_pod(struct controller *c, enum lab_event event, const cJSON *pod)
{
	const cJSON *ref = object_controller(pod);
	struct orphan orphan = {c, pod};
	char text[300];

	if (!ref && event != LAB_DELETED)
		lab_list(c->client.api, GVR(replica_set), object_ns(pod), NULL, enqueue_if_selects, &orphan);

	controller_enqueue_owner(c, pod, "ReplicaSet");
	/* A pod that was just made is told once: it has no status of the node yet. */
	if (event != LAB_ADDED || !ref || *json_str_or_empty(pod, "spec.nodeName") ||
	    strcmp(json_str_or_empty(ref, "kind"), "ReplicaSet") != 0)
		return;
	const cJSON *rs = lab_get(c->client.api, GVR(replica_set), object_ns(pod), json_str_or_empty(ref, "name"));
	if (!rs)
		return;
	snprintf(text, sizeof(text), "Created pod: %s", object_name(pod));
	lab_event_record(&c->client, rs, "Normal", "SuccessfulCreate", "replicaset-controller", "%s", text);
}

/* A pod that was refused (by a webhook, a quota) is told where people look: in the events of its ReplicaSet. */
static void on_failed(struct controller *c, struct work *w, const char *verb, const char *message)
{
	const cJSON *rs = lab_get(c->client.api, GVR(replica_set), w->ns, w->name);

	if (rs && strcmp(verb, "create") == 0)
		lab_event_record(&c->client, rs, "Warning", "FailedCreate", "replicaset-controller",
				 "Error creating: %s", message);
}

void replicaset_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "replicaset-controller", reconcile);
	c->on_failed = on_failed;
	controller_watch(c, GVR(replica_set), controller_enqueue_self);
	controller_watch(c, GVR(pod), on_pod);
}
