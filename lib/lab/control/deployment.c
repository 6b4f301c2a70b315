/*
 * Deployments: rolls from old ReplicaSets to the one whose template equals the Deployment's. One run looks at what is
 * and does the next step (create, scale up within maxSurge, scale down within maxUnavailable); status changes bring the
 * next run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lab/control/deployment_internal.h"
#include "lab/control/pod_template.h"

#define REVISION "deployment.kubernetes.io/revision"
#define HASH_LABEL "pod-template-hash"

/* ---- what belongs to the Deployment ---- */

static void collect(void *arg, const cJSON *rs)
{
	struct rollout *r = arg;

	if (object_controlled_by(rs, object_uid(r->deployment)))
		vec_push(&r->sets, rs);
}

int64_t rollout_revision(const cJSON *o)
{
	const cJSON *v = json_get(json_at(o, "metadata.annotations"), REVISION);

	return cJSON_IsString(v) ? atoll(v->valuestring) : 0;
}

/* Equal but for the hash label, which only ReplicaSets carry. */
static bool same_template(const cJSON *rs, const cJSON *deployment)
{
	cJSON *a = cJSON_Duplicate(json_at(rs, "spec.template"), true);
	cJSON *b = cJSON_Duplicate(json_at(deployment, "spec.template"), true);
	bool same;

	cJSON_DeleteItemFromObjectCaseSensitive(json_at(a, "metadata.labels"), HASH_LABEL);
	cJSON_DeleteItemFromObjectCaseSensitive(json_at(b, "metadata.labels"), HASH_LABEL);
	same = cJSON_Compare(a, b, true);
	cJSON_Delete(a);
	cJSON_Delete(b);
	return same;
}

/* "25%" or 2, of total; percentages are rounded up or down. */
static int64_t int_or_percent(const cJSON *v, int64_t total, bool up)
{
	int64_t percent;

	if (cJSON_IsNumber(v))
		return (int64_t)v->valuedouble;
	percent = cJSON_IsString(v) ? atoll(v->valuestring) : 25;
	return up ? (percent * total + 99) / 100 : percent * total / 100;
}

static void read_strategy(struct rollout *r)
{
	r->recreate = strcmp(json_str_or_empty(r->deployment, "spec.strategy.type"), "Recreate") == 0;
	r->wanted = json_int(r->deployment, "spec.replicas", 1);
	r->max_surge = int_or_percent(json_at(r->deployment, "spec.strategy.rollingUpdate.maxSurge"), r->wanted, true);
	r->max_unavailable =
		int_or_percent(json_at(r->deployment, "spec.strategy.rollingUpdate.maxUnavailable"), r->wanted, false);
	if (r->recreate) {
		/* As Kubernetes counts: without rolling, anything missing is too much. */
		r->max_surge = r->max_unavailable = 0;
	} else if (r->max_surge == 0 && r->max_unavailable == 0) {
		r->max_unavailable = 1;
	}
}

void rollout_read(struct rollout *r, struct lab_api *api, const cJSON *deployment)
{
	*r = (struct rollout){.deployment = deployment};
	lab_list(api, GVR(replica_set), object_ns(deployment), NULL, collect, r);
	read_strategy(r);
	for (size_t i = 0; i < r->sets.n; i++) {
		const cJSON *rs = r->sets.v[i];

		/* The oldest wins where several are equal. */
		if (!r->current && same_template(rs, deployment))
			r->current = rs;
		r->replicas += json_int(rs, "status.replicas", 0);
		r->ready += json_int(rs, "status.readyReplicas", 0);
		r->available += json_int(rs, "status.availableReplicas", 0);
		r->specified += json_int(rs, "spec.replicas", 0);
		if (rollout_revision(rs) > r->last_revision)
			r->last_revision = rollout_revision(rs);
	}
	r->updated = json_int(r->current, "status.replicas", 0);
}

void rollout_done(struct rollout *r)
{
	vec_done(&r->sets);
}

/* ---- steps ---- */

static void set_scale_annotations(cJSON *annotations, const struct rollout *r)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)r->wanted);
	json_set(annotations, "deployment.kubernetes.io/desired-replicas", cJSON_CreateString(text));
	snprintf(text, sizeof(text), "%lld", (long long)(r->wanted + r->max_surge));
	json_set(annotations, "deployment.kubernetes.io/max-replicas", cJSON_CreateString(text));
}

static void set_revision(cJSON *annotations, int64_t revision)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", (long long)revision);
	json_set(annotations, REVISION, cJSON_CreateString(text));
}

static void scale_to(struct work *w, const struct rollout *r, const cJSON *rs, int64_t replicas)
{
	int64_t before = json_int(rs, "spec.replicas", 0);
	cJSON *patch;

	if (before == replicas)
		return;
	patch = cJSON_CreateObject();
	set_scale_annotations(cJSON_AddObjectToObject(cJSON_AddObjectToObject(patch, "metadata"), "annotations"), r);
	cJSON_AddNumberToObject(cJSON_AddObjectToObject(patch, "spec"), "replicas", (double)replicas);
	lab_event_record(&w->controller->client, r->deployment, "Normal", "ScalingReplicaSet", "deployment-controller",
			 "Scaled %s replica set %s to %lld", replicas > before ? "up" : "down", object_name(rs),
			 (long long)replicas);
	work_patch(w, GVR(replica_set), w->ns, object_name(rs), NULL, patch);
}

static void create_current(struct work *w, struct rollout *r, int64_t replicas)
{
	const cJSON *d = r->deployment;
	cJSON *rs = cJSON_CreateObject(), *meta, *spec, *labels;
	char hash[TEMPLATE_HASH_MAX];
	char *name;

	/* The name's suffix and the label that keep the pods of two templates apart. */
	template_hash(json_at(d, "spec.template"), json_int(d, "status.collisionCount", 0), hash);
	name = mem_printf("%s-%s", object_name(d), hash);
	snprintf(r->created, sizeof(r->created), "%s", name);
	cJSON_AddStringToObject(rs, "apiVersion", "apps/v1");
	cJSON_AddStringToObject(rs, "kind", "ReplicaSet");
	meta = cJSON_AddObjectToObject(rs, "metadata");
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", object_ns(d));
	cJSON_AddItemToObject(meta, "ownerReferences", cJSON_CreateArray());
	cJSON_AddItemToArray(json_at(meta, "ownerReferences"), object_owner_reference(d, "apps/v1", "Deployment"));
	set_scale_annotations(cJSON_AddObjectToObject(meta, "annotations"), r);
	set_revision(json_at(meta, "annotations"), r->last_revision + 1);
	spec = cJSON_AddObjectToObject(rs, "spec");
	cJSON_AddNumberToObject(spec, "replicas", (double)replicas);
	if (json_int(d, "spec.minReadySeconds", 0))
		cJSON_AddNumberToObject(spec, "minReadySeconds", (double)json_int(d, "spec.minReadySeconds", 0));
	cJSON_AddItemToObject(spec, "selector", cJSON_Duplicate(json_at(d, "spec.selector"), true));
	json_set(json_object(json_at(spec, "selector"), "matchLabels"), HASH_LABEL, cJSON_CreateString(hash));
	cJSON_AddItemToObject(spec, "template", cJSON_Duplicate(json_at(d, "spec.template"), true));
	labels = json_object(json_object(json_at(spec, "template"), "metadata"), "labels");
	json_set(labels, HASH_LABEL, cJSON_CreateString(hash));
	cJSON_AddItemToObject(meta, "labels", cJSON_Duplicate(labels, true));
	lab_event_record(&w->controller->client, d, "Normal", "ScalingReplicaSet", "deployment-controller",
			 "Scaled up replica set %s to %lld", name, (long long)replicas);
	work_create(w, GVR(replica_set), w->ns, rs);
	free(name);
}

/* A ReplicaSet that is current again (a rollback) becomes the newest revision. */
static void renew_revision(struct work *w, const struct rollout *r)
{
	cJSON *patch;

	if (rollout_revision(r->current) == r->last_revision)
		return;
	patch = cJSON_CreateObject();
	set_revision(cJSON_AddObjectToObject(cJSON_AddObjectToObject(patch, "metadata"), "annotations"),
		     r->last_revision + 1);
	work_patch(w, GVR(replica_set), w->ns, object_name(r->current), NULL, patch);
}

static void copy_revision(struct work *w, const struct rollout *r)
{
	int64_t revision = rollout_revision(r->current);
	cJSON *patch;

	if (!revision || rollout_revision(r->deployment) == revision)
		return;
	patch = cJSON_CreateObject();
	set_revision(cJSON_AddObjectToObject(cJSON_AddObjectToObject(patch, "metadata"), "annotations"), revision);
	work_patch(w, GVR(deployment), w->ns, w->name, NULL, patch);
}

static int64_t old_specified(const struct rollout *r)
{
	return r->specified - json_int(r->current, "spec.replicas", 0);
}

/* Room for new pods under wanted + maxSurge. */
static int64_t current_target(const struct rollout *r)
{
	int64_t have = json_int(r->current, "spec.replicas", 0), room;

	if (have >= r->wanted)
		return r->wanted;
	room = r->wanted + r->max_surge - r->specified;
	if (room < 0)
		room = 0;
	return have + MIN(room, r->wanted - have);
}

/* How many pods of an old set go now: up to *may_go, of all or only of those that are not available. */
static int64_t leaving(const struct rollout *r, const cJSON *rs, bool broken_only, int64_t *may_go)
{
	int64_t have = json_int(rs, "spec.replicas", 0), go;

	if (rs == r->current)
		return 0;
	go = broken_only ? have - json_int(rs, "status.availableReplicas", 0) : have;
	go = MAX(MIN(go, *may_go), 0);
	*may_go -= go;
	return go;
}

/* Shrinks old sets without falling below what must stay available; what is broken goes first. */
static void shrink_old(struct work *w, const struct rollout *r)
{
	int64_t current_missing =
		json_int(r->current, "spec.replicas", 0) - json_int(r->current, "status.availableReplicas", 0);
	int64_t may_go = r->specified - (r->wanted - r->max_unavailable) - current_missing;
	VEC(int64_t) go = {0};

	for (size_t i = 0; i < r->sets.n; i++)
		vec_push(&go, leaving(r, r->sets.v[i], true, &may_go));
	for (size_t i = 0; i < r->sets.n; i++) {
		int64_t have = json_int(r->sets.v[i], "spec.replicas", 0);

		if (may_go > 0 && r->sets.v[i] != r->current) {
			int64_t more = MIN(have - go.v[i], may_go);

			go.v[i] += more;
			may_go -= more;
		}
		if (go.v[i])
			scale_to(w, r, r->sets.v[i], have - go.v[i]);
	}
	vec_done(&go);
}

struct owned_pods {
	const struct rollout *r;
	size_t n;
};

static void count_old_pods(void *arg, const cJSON *pod)
{
	struct owned_pods *o = arg;
	const char *phase = json_str_or_empty(pod, "status.phase");

	if (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0)
		return;
	for (size_t i = 0; i < o->r->sets.n; i++)
		if (o->r->sets.v[i] != o->r->current && object_controlled_by(pod, object_uid(o->r->sets.v[i])))
			o->n++;
}

static void scale_old_to_zero(struct work *w, const struct rollout *r)
{
	for (size_t i = 0; i < r->sets.n; i++)
		if (r->sets.v[i] != r->current)
			scale_to(w, r, r->sets.v[i], 0);
}

/* Recreate: nothing new before the last old pod is gone, terminating ones included. */
static void step_recreate(struct work *w, struct rollout *r)
{
	struct owned_pods old = {r, 0};

	scale_old_to_zero(w, r);
	lab_list(w->controller->client.api, GVR(pod), w->ns, NULL, count_old_pods, &old);
	if (old_specified(r) > 0)
		return;
	if (old.n) {
		/* Their end is no event of a ReplicaSet. */
		work_after(w, 50);
		return;
	}
	if (!r->current)
		create_current(w, r, r->wanted);
	else
		scale_to(w, r, r->current, r->wanted);
}

static void step_rolling(struct work *w, struct rollout *r)
{
	if (!r->current) {
		create_current(w, r, current_target(r));
		return;
	}
	scale_to(w, r, r->current, current_target(r));
	if (old_specified(r) > 0)
		shrink_old(w, r);
}

static int by_revision(const void *a, const void *b)
{
	int64_t x = rollout_revision(*(const cJSON *const *)a), y = rollout_revision(*(const cJSON *const *)b);

	return (x > y) - (x < y);
}

/* Keeps revisionHistoryLimit empty ReplicaSets for a rollback. */
static void prune_history(struct work *w, const struct rollout *r)
{
	int64_t keep = json_int(r->deployment, "spec.revisionHistoryLimit", 10);
	VEC(const cJSON *) empty = {0};

	for (size_t i = 0; i < r->sets.n; i++)
		if (r->sets.v[i] != r->current && json_int(r->sets.v[i], "spec.replicas", 0) == 0 &&
		    json_int(r->sets.v[i], "status.replicas", 0) == 0 && !object_terminating(r->sets.v[i]))
			vec_push(&empty, r->sets.v[i]);
	if (empty.n)
		qsort(empty.v, empty.n, sizeof(empty.v[0]), by_revision);
	for (size_t i = 0; i + (size_t)keep < empty.n; i++)
		work_delete(w, GVR(replica_set), w->ns, object_name(empty.v[i]), NULL);
	vec_done(&empty);
}

struct adoption {
	struct work *work;
	const cJSON *deployment;
};

static void adopt_or_release(void *arg, const cJSON *rs)
{
	struct adoption *a = arg;
	bool owned = object_controlled_by(rs, object_uid(a->deployment));
	bool selected =
		object_selector_matches(json_at(a->deployment, "spec.selector"), json_at(rs, "metadata.labels"));

	if (object_terminating(rs))
		return;
	if (owned && !selected)
		work_release(a->work, GVR(replica_set), a->deployment, rs);
	else if (selected && !object_controller(rs))
		work_adopt(a->work, GVR(replica_set), a->deployment, "Deployment", rs);
}

static void reconcile(struct controller *c, struct work *w)
{
	const cJSON *d = lab_get(c->client.api, GVR(deployment), w->ns, w->name);
	struct adoption a = {w, d};
	struct rollout r;

	if (!d)
		return;
	if (!object_terminating(d))
		lab_list(c->client.api, GVR(replica_set), w->ns, NULL, adopt_or_release, &a);
	if (w->adopting) /* runs again with all of them */
		return;
	rollout_read(&r, c->client.api, d);
	if (!object_terminating(d) && !json_true(d, "spec.paused")) {
		if (r.current)
			renew_revision(w, &r);
		if (r.recreate)
			step_recreate(w, &r);
		else
			step_rolling(w, &r);
		copy_revision(w, &r);
		if (r.current && rollout_complete(&r))
			prune_history(w, &r);
	} else if (r.current && !object_terminating(d) && old_specified(&r) == 0) {
		scale_to(w, &r, r.current, r.wanted); /* a paused Deployment still scales */
	}
	rollout_write_status(w, &r);
	rollout_done(&r);
}

static void on_replicaset(struct controller *c, enum lab_event event, const cJSON *rs)
{
	(void)event;
	controller_enqueue_owner(c, rs, "Deployment");
}

void deployment_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "deployment-controller", reconcile);
	controller_watch(c, GVR(deployment), controller_enqueue_self);
	controller_watch(c, GVR(replica_set), on_replicaset);
}
