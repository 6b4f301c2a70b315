/*
 * StatefulSets: pods NAME-0, NAME-1, ... each with claims of its own. In order: a pod is made when all before it are
 * ready, and goes when all behind it have gone. An update replaces from the last to the first, down to its partition.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"
#include "lab/control/pod_template.h"

#define HASH_LABEL "controller-revision-hash"
#define NAME_LABEL "statefulset.kubernetes.io/pod-name"
#define REPLICAS_MAX 1000

struct view {
	const cJSON *set;
	int64_t wanted, start;   /* ordinals start .. start + wanted - 1 */
	char revision[300];      /* NAME-hash of the template */
	VEC(const cJSON *) pods; /* by place, NULL where there is none; longer than wanted while it shrinks */
};

/* The place of a pod in its set, or -1. */
static int64_t place_of(const struct view *v, const cJSON *pod)
{
	const char *name = object_name(pod), *set = object_name(v->set);
	size_t len = strlen(set);
	char *end;
	long long n;

	if (strncmp(name, set, len) != 0 || name[len] != '-')
		return -1;
	n = strtoll(name + len + 1, &end, 10);
	return *end || n < v->start || n >= v->start + REPLICAS_MAX ? -1 : n - v->start;
}

static void collect(void *arg, const cJSON *pod)
{
	struct view *v = arg;
	int64_t place;

	if (!object_controlled_by(pod, object_uid(v->set)))
		return;
	place = place_of(v, pod);
	while (place >= 0 && v->pods.n <= (size_t)place)
		vec_push(&v->pods, NULL);
	if (place >= 0)
		v->pods.v[place] = pod;
}

static char *pod_name(const struct view *v, int64_t place)
{
	return mem_printf("%s-%lld", object_name(v->set), (long long)(v->start + place));
}

static cJSON *claim_of(const struct view *v, const cJSON *template, const char *name)
{
	cJSON *claim = cJSON_Duplicate(template, true), *meta = json_object(claim, "metadata");
	const cJSON *labels = json_at(v->set, "spec.selector.matchLabels");

	json_set(claim, "apiVersion", cJSON_CreateString("v1"));
	json_set(claim, "kind", cJSON_CreateString("PersistentVolumeClaim"));
	cJSON_DeleteItemFromObjectCaseSensitive(claim, "status");
	json_set(meta, "name", cJSON_CreateString(name));
	json_set(meta, "namespace", cJSON_CreateString(object_ns(v->set)));
	if (labels)
		json_set(meta, "labels", cJSON_Duplicate(labels, true));
	return claim;
}

/* The volume of this name in the pod, made or replaced. */
static void set_claim_volume(cJSON *pod, const char *name, const char *claim)
{
	cJSON *volumes = json_at(pod, "spec.volumes"), *it, *volume = cJSON_CreateObject();
	int i = 0;

	if (!volumes)
		volumes = json_set(json_object(pod, "spec"), "volumes", cJSON_CreateArray());
	cJSON_AddStringToObject(volume, "name", name);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(volume, "persistentVolumeClaim"), "claimName", claim);
	cJSON_ArrayForEach(it, volumes)
	{
		if (strcmp(json_str_or_empty(it, "name"), name) == 0) {
			cJSON_ReplaceItemInArray(volumes, i, volume);
			return;
		}
		i++;
	}
	cJSON_AddItemToArray(volumes, volume);
}

static void create_pod(struct work *w, const struct view *v, int64_t place)
{
	cJSON *pod = pod_from_template(v->set, "apps/v1", "StatefulSet");
	CLEANUP(freep) char *name = pod_name(v, place);
	const char *service = json_str(v->set, "spec.serviceName");
	const cJSON *template;

	json_set(json_object(pod, "metadata"), "name", cJSON_CreateString(name));
	pod_set_label(pod, NAME_LABEL, name);
	pod_set_label(pod, HASH_LABEL, v->revision);
	json_set(json_object(pod, "spec"), "hostname", cJSON_CreateString(name));
	if (service && *service)
		json_set(json_object(pod, "spec"), "subdomain", cJSON_CreateString(service));
	cJSON_ArrayForEach(template, json_at(v->set, "spec.volumeClaimTemplates"))
	{
		CLEANUP(freep) char *claim = mem_printf("%s-%s", object_name(template), name);

		if (!lab_get(w->controller->client.api, GVR(persistent_volume_claim), w->ns, claim))
			work_create(w, GVR(persistent_volume_claim), w->ns, claim_of(v, template, claim));
		set_claim_volume(pod, object_name(template), claim);
	}
	lab_event_record(&w->controller->client, v->set, "Normal", "SuccessfulCreate", "statefulset-controller",
			 "create Pod %s in StatefulSet %s successful", name, object_name(v->set));
	work_create(w, GVR(pod), w->ns, pod);
}

static void delete_pod(struct work *w, const struct view *v, const cJSON *pod)
{
	const struct lab_delete_options o = {.grace_s = -1, .uid = object_uid(pod)};

	if (object_terminating(pod))
		return;
	lab_event_record(&w->controller->client, v->set, "Normal", "SuccessfulDelete", "statefulset-controller",
			 "delete Pod %s in StatefulSet %s successful", object_name(pod), object_name(v->set));
	work_delete(w, GVR(pod), w->ns, object_name(pod), &o);
}

static const cJSON *pod_at(const struct view *v, int64_t place)
{
	return place < (int64_t)v->pods.n ? v->pods.v[place] : NULL;
}

static bool is_updated(const struct view *v, const cJSON *pod)
{
	return strcmp(pod_label(pod, HASH_LABEL), v->revision) == 0;
}

/* Makes what is missing, from the first on. True when all that is wanted is there and ready. */
static bool grow(struct work *w, const struct view *v, bool in_order)
{
	bool all_ready = true;

	for (int64_t i = 0; i < v->wanted; i++) {
		const cJSON *pod = pod_at(v, i);

		if (!pod)
			create_pod(w, v, i);
		else if (pod_finished(pod))
			delete_pod(w, v, pod);
		if (pod && pod_ready(pod))
			continue;
		all_ready = false;
		if (in_order)
			return false;
	}
	return all_ready;
}

/* Takes away what is too much, from the last on. True when nothing is. */
static bool shrink(struct work *w, const struct view *v, bool in_order)
{
	bool none = true;

	for (int64_t i = (int64_t)v->pods.n - 1; i >= v->wanted; i--) {
		if (!v->pods.v[i])
			continue;
		none = false;
		delete_pod(w, v, v->pods.v[i]);
		if (in_order)
			break;
	}
	return none;
}

/* Replaces one pod of an older template. */
static void update(struct work *w, const struct view *v)
{
	int64_t partition = json_int(v->set, "spec.updateStrategy.rollingUpdate.partition", 0);

	if (strcmp(json_str_or_empty(v->set, "spec.updateStrategy.type"), "OnDelete") == 0)
		return;
	for (int64_t i = v->wanted - 1; i + v->start >= partition && i >= 0; i--)
		if (!is_updated(v, pod_at(v, i))) {
			delete_pod(w, v, pod_at(v, i));
			return;
		}
}

/* A pod that cannot become ready may hold its own repair back: one that is old and broken is replaced at once. */
static void replace_broken(struct work *w, const struct view *v)
{
	for (int64_t i = v->wanted - 1; i >= 0; i--) {
		const cJSON *pod = pod_at(v, i);

		if (pod && !pod_ready(pod) && !is_updated(v, pod) &&
		    strcmp(json_str_or_empty(v->set, "spec.updateStrategy.type"), "OnDelete") != 0)
			delete_pod(w, v, pod);
	}
}

static void write_status(struct work *w, const struct view *v)
{
	const char *before = json_str(v->set, "status.currentRevision");
	cJSON *patch = cJSON_CreateObject(), *s = cJSON_AddObjectToObject(patch, "status");
	int64_t replicas = 0, ready = 0, updated = 0;
	bool done;

	for (size_t i = 0; i < v->pods.n; i++) {
		const cJSON *pod = v->pods.v[i];

		replicas += pod && !object_terminating(pod);
		ready += pod && pod_ready(pod);
		updated += pod && !object_terminating(pod) && is_updated(v, pod);
	}
	done = updated == v->wanted && ready == v->wanted && replicas == v->wanted;
	cJSON_AddNumberToObject(s, "observedGeneration", (double)json_int(v->set, "metadata.generation", 0));
	cJSON_AddNumberToObject(s, "replicas", (double)replicas);
	cJSON_AddNumberToObject(s, "readyReplicas", (double)ready);
	cJSON_AddNumberToObject(s, "availableReplicas", (double)ready);
	cJSON_AddNumberToObject(s, "updatedReplicas", (double)updated);
	cJSON_AddNumberToObject(s, "currentReplicas", (double)(done ? updated : replicas - updated));
	cJSON_AddStringToObject(s, "updateRevision", v->revision);
	cJSON_AddStringToObject(s, "currentRevision", done || !before ? v->revision : before);
	cJSON_AddNumberToObject(s, "collisionCount", 0);
	work_patch_status(w, GVR(stateful_set), v->set, patch);
}

static void reconcile(struct controller *c, struct work *w)
{
	struct view v = {.set = lab_get(c->client.api, GVR(stateful_set), w->ns, w->name)};
	char hash[TEMPLATE_HASH_MAX];
	bool in_order;

	if (!v.set)
		return;
	v.start = json_int(v.set, "spec.ordinals.start", 0);
	v.wanted = MIN(json_int(v.set, "spec.replicas", 1), REPLICAS_MAX);
	in_order = strcmp(json_str_or_empty(v.set, "spec.podManagementPolicy"), "Parallel") != 0;
	template_hash(json_at(v.set, "spec.template"), 0, hash);
	snprintf(v.revision, sizeof(v.revision), "%.250s-%s", w->name, hash);
	lab_list(c->client.api, GVR(pod), w->ns, NULL, collect, &v);
	if (!object_terminating(v.set)) {
		replace_broken(w, &v);
		if (grow(w, &v, in_order) && shrink(w, &v, in_order))
			update(w, &v);
	}
	write_status(w, &v);
	vec_done(&v.pods);
}

static void on_pod(struct controller *c, enum lab_event event, const cJSON *pod)
{
	(void)event;
	controller_enqueue_owner(c, pod, "StatefulSet");
}

void statefulset_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "statefulset-controller", reconcile);
	controller_watch(c, GVR(stateful_set), controller_enqueue_self);
	controller_watch(c, GVR(pod), on_pod);
}
