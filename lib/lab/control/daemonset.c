/*
 * DaemonSets: one pod on every node, and the lab has one node. A pod of an older template is replaced when the one
 * before it has gone.
 */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"
#include "lab/control/pod_template.h"

#define HASH_LABEL "controller-revision-hash"

struct view {
	const cJSON *set;
	const cJSON *pod; /* the one that counts, or NULL */
	size_t n;         /* all of them, terminating ones included */
};

static void collect(void *arg, const cJSON *pod)
{
	struct view *v = arg;

	if (!object_controlled_by(pod, object_uid(v->set)))
		return;
	v->n++;
	if (!object_terminating(pod))
		v->pod = pod;
}

static void create_pod(struct work *w, const cJSON *set, const char *hash)
{
	cJSON *pod = pod_from_template(set, "apps/v1", "DaemonSet");
	CLEANUP(freep) char *prefix = mem_printf("%s-", object_name(set));

	json_set(json_object(pod, "metadata"), "generateName", cJSON_CreateString(prefix));
	pod_set_label(pod, HASH_LABEL, hash);
	work_create(w, GVR(pod), w->ns, pod);
}

static void step(struct work *w, const struct view *v, const char *hash)
{
	const struct lab_delete_options o = {.grace_s = -1, .uid = v->pod ? object_uid(v->pod) : NULL};
	bool on_delete = strcmp(json_str_or_empty(v->set, "spec.updateStrategy.type"), "OnDelete") == 0;
	bool old = v->pod && strcmp(pod_label(v->pod, HASH_LABEL), hash) != 0;

	if (!v->n)
		create_pod(w, v->set, hash);
	else if (v->pod && (pod_finished(v->pod) || (old && !on_delete)))
		work_delete(w, GVR(pod), w->ns, object_name(v->pod), &o);
}

static void write_status(struct work *w, const struct view *v, const char *hash)
{
	bool exists = v->pod, ready = exists && pod_ready(v->pod);
	bool updated = exists && strcmp(pod_label(v->pod, HASH_LABEL), hash) == 0;
	cJSON *patch = cJSON_CreateObject(), *s = cJSON_AddObjectToObject(patch, "status");

	cJSON_AddNumberToObject(s, "currentNumberScheduled", exists);
	cJSON_AddNumberToObject(s, "desiredNumberScheduled", 1);
	cJSON_AddNumberToObject(s, "numberMisscheduled", 0);
	cJSON_AddNumberToObject(s, "numberReady", ready);
	cJSON_AddNumberToObject(s, "updatedNumberScheduled", updated);
	cJSON_AddNumberToObject(s, "numberAvailable", ready);
	cJSON_AddNumberToObject(s, "numberUnavailable", !ready);
	cJSON_AddNumberToObject(s, "observedGeneration", (double)json_int(v->set, "metadata.generation", 0));
	work_patch_status(w, GVR(daemon_set), v->set, patch);
}

static void reconcile(struct controller *c, struct work *w)
{
	struct view v = {.set = lab_get(c->client.api, GVR(daemon_set), w->ns, w->name)};
	char hash[TEMPLATE_HASH_MAX];

	if (!v.set)
		return;
	lab_list(c->client.api, GVR(pod), w->ns, NULL, collect, &v);
	template_hash(json_at(v.set, "spec.template"), 0, hash);
	if (!object_terminating(v.set))
		step(w, &v, hash);
	write_status(w, &v, hash);
}

static void on_pod(struct controller *c, enum lab_event event, const cJSON *pod)
{
	(void)event;
	controller_enqueue_owner(c, pod, "DaemonSet");
}

void daemonset_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "daemonset-controller", reconcile);
	controller_watch(c, GVR(daemon_set), controller_enqueue_self);
	controller_watch(c, GVR(pod), on_pod);
}
