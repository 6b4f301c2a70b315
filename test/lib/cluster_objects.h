/*
 * What an API server keeps of the objects of fake_objects.h: uid, generation, resourceVersion as a precondition,
 * finalizers, status apart; and every change in a log, so that views may be old and the past may come back. Include
 * once per test program; who serves it is in fake_cluster.h or sim/api.c.
 */
#ifndef TEST_CLUSTER_OBJECTS_H
#define TEST_CLUSTER_OBJECTS_H

#include "base/clock.h"
#include "fake_objects.h"
#include "lab/object/patch.h"
#include "msg/yaml.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_KILL,      /* whoever wrote is gone after it, and the answer with it */
	FAULT_STALE,     /* the same; who begins anew is shown the state of FAULT_AGE writes before for a while */
	FAULT_LOST,      /* it is done, and the answer is lost */
	FAULT_CONFLICT,  /* 409, also to the next two */
	FAULT_FORBIDDEN, /* 403, also to the next five */
	FAULT_BUSY,      /* 429, also to the next five */
	FAULT_GONE,      /* all watches end with 410 */
	FAULT_MISSED,    /* watches show nothing of it and of what follows for a while, then end with 410 */
	FAULT_SLOW,      /* all answers take three seconds from then on, for ten of them */
	FAULT_ABSENT,    /* nobody answers for ten minutes */
	FAULT_RESTORED,  /* the state of FAULT_AGE writes before is back, with its resourceVersions */
	FAULT_KIND_COUNT
};

#define FAULT_AGE 10
#define FAULT_STALE_NS (3ll * NS_PER_S)
#define FAULT_SLOW_NS (3ll * NS_PER_S)
#define FAULT_ABSENT_NS (600ll * NS_PER_S)

#define CLUSTER_BEGAN_S 1704067200 /* 2024-01-01 */

/* A change: the object as it was from then on, with deleted as it was last. */
struct cluster_change {
	int version;
	const struct api_kind *kind;
	cJSON *object;
	bool deleted;
};

static struct {
	VEC(struct cluster_change) log;
	struct {
		enum fault_kind kind;
		int at;
	} fault;
	int writes, uids;
	int64_t age_s; /* of the cluster, for creation timestamps; 0: all objects are of one age */
	bool killed;   /* the test must begin anew */
	int shown;     /* lists and watches show changes up to this version; 0 = all */
	int64_t shown_until_ns;
	int64_t away_until_ns; /* nobody answers */
	int64_t slow_until_ns; /* the next answer is due then */
	int slow_left;
	cJSON *applied; /* what a field manager applied last, by object: fields that it leaves out go */
	bool (*said)(const struct api_kind *kind, cJSON *o); /* what others say of an object that was written: a node */
} cluster;

static inline int cluster_top(void)
{
	return cluster.shown ? cluster.shown : fake_kube.version;
}

static inline void cluster_log(const struct api_kind *kind, const cJSON *o, bool deleted)
{
	vec_push(&cluster.log,
		 (struct cluster_change){fake_kube.version, kind, cJSON_Duplicate((cJSON *)o, true), deleted});
}

static inline void cluster_stamp(cJSON *o)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", ++fake_kube.version);
	json_set_str(json_get(o, "metadata"), "resourceVersion", text);
}

static inline size_t cluster_index(const cJSON *o)
{
	for (size_t i = 0; i < fake_kube.objects.n; i++)
		if (fake_kube.objects.v[i] == o)
			return i;
	abort();
}

/* Keeps an object (taken over) in the place of another, or as a new one. */
static inline void cluster_keep(const struct api_kind *kind, cJSON *have, cJSON *o)
{
	cluster_stamp(o);
	if (have) {
		fake_kube.objects.v[cluster_index(have)] = o;
		cJSON_Delete(have);
	} else {
		vec_push(&fake_kube.objects, o);
	}
	cluster_log(kind, o, false);
}

static inline void cluster_drop(const struct api_kind *kind, cJSON *have)
{
	vec_remove(&fake_kube.objects, cluster_index(have));
	cluster_stamp(have);
	cluster_log(kind, have, true);
	cJSON_Delete(have);
}

static inline bool cluster_ends(const cJSON *o)
{
	const cJSON *meta = json_get(o, "metadata");

	return json_get(meta, "deletionTimestamp") && cJSON_GetArraySize(json_get(meta, "finalizers")) == 0;
}

/* --- writes --- */

static inline void cluster_new(const struct api_kind *kind, cJSON *o)
{
	CLEANUP(freep) char *uid = mem_printf("uid-%d", ++cluster.uids);
	char made[CLOCK_TEXT_MAX];
	cJSON *meta = json_object(o, "metadata");

	json_set_str(meta, "uid", uid);
	json_set_str(meta, "creationTimestamp", clock_format_s(CLUSTER_BEGAN_S + cluster.age_s, made));
	cJSON_DeleteItemFromObject(meta, "generation");
	cJSON_AddNumberToObject(meta, "generation", 1);
	cluster_keep(kind, NULL, o);
}

static inline bool cluster_same(const cJSON *a, const cJSON *b, const char *member)
{
	return cJSON_Compare(json_get(a, member), json_get(b, member), true);
}

/* The generation counts changes of what is wanted, and its end. */
static inline void cluster_generation(cJSON *o)
{
	cJSON *meta = json_get(o, "metadata");
	const cJSON *is = json_get(meta, "generation");
	const double next = (is ? is->valuedouble : 0) + 1;

	cJSON_DeleteItemFromObject(meta, "generation");
	cJSON_AddNumberToObject(meta, "generation", next);
}

static inline void cluster_change(const struct api_kind *kind, cJSON *have, cJSON *now)
{
	if (!cluster_same(have, now, "spec"))
		cluster_generation(now);
	if (cJSON_Compare(have, now, true)) { /* no change is none */
		cJSON_Delete(now);
		return;
	}
	cluster_keep(kind, have, now);
}

static inline enum kube_reason cluster_delete(const struct kube_request *req, cJSON *have)
{
	const char *uid = json_str(have, "metadata.uid");
	cJSON *now;

	if (!have)
		return KUBE_NOT_FOUND;
	if (req->precondition_uid && strcmp(uid, req->precondition_uid) != 0)
		return KUBE_CONFLICT;
	if (cJSON_GetArraySize(json_at(have, "metadata.finalizers")) == 0) {
		cluster_drop(req->kind, have);
	} else if (!json_at(have, "metadata.deletionTimestamp")) {
		now = cJSON_Duplicate(have, true);
		json_set_str(json_get(now, "metadata"), "deletionTimestamp", "2024-01-02T00:00:00Z");
		cluster_generation(now);
		cluster_keep(req->kind, have, now);
	}
	return KUBE_OK;
}

static inline void cluster_take_over(cJSON *to, const cJSON *from, const char *member)
{
	const cJSON *x = json_get(from, member);

	cJSON_DeleteItemFromObject(to, member);
	if (x)
		cJSON_AddItemToObject(to, member, cJSON_Duplicate((cJSON *)x, true));
}

static inline cJSON *cluster_replaced(const struct kube_request *req, const cJSON *have)
{
	static const char *const kept[] = {"uid", "creationTimestamp", "generation", "resourceVersion"};
	cJSON *now = cJSON_Duplicate((cJSON *)req->body, true);

	for (size_t i = 0; i < ARRAY_LEN(kept); i++)
		cluster_take_over(json_object(now, "metadata"), json_get(have, "metadata"), kept[i]);
	cluster_take_over(now, have, "status");
	return now;
}

static inline char *cluster_object_text(const cJSON *o)
{
	const char *ns = json_str(o, "metadata.namespace");

	return mem_printf("%s %s/%s", json_str(o, "kind"), ns ? ns : "", json_str(o, "metadata.name"));
}

static inline void cluster_remember(const struct kube_request *req)
{
	CLEANUP(freep) char *name = cluster_object_text(req->body);

	if (req->verb != KUBE_APPLY || !req->field_manager || req->subresource)
		return;
	if (!cluster.applied)
		cluster.applied = cJSON_CreateObject();
	cJSON_DeleteItemFromObjectCaseSensitive(cluster.applied, name);
	cJSON_AddItemToObject(cluster.applied, name, cJSON_Duplicate((cJSON *)req->body, true));
}

/* Takes away what was applied before and is not any more; what others put beside it stays. */
static inline void cluster_unapply(cJSON *now, const cJSON *before, const cJSON *body)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, before)
	{
		cJSON *have = json_get(now, m->string);
		const cJSON *want = json_get(body, m->string);

		if (!have || (want && !(cJSON_IsObject(m) && cJSON_IsObject(want))))
			continue;
		if (cJSON_IsObject(m) && cJSON_IsObject(have))
			cluster_unapply(have, m, want);
		if (!want && !(cJSON_IsObject(m) && have->child))
			cJSON_DeleteItemFromObjectCaseSensitive(now, m->string);
	}
}

static inline cJSON *cluster_patched(const struct kube_request *req, const cJSON *have)
{
	CLEANUP(json_freep) cJSON *body = cJSON_Duplicate((cJSON *)req->body, true);
	cJSON *now = cJSON_Duplicate((cJSON *)have, true);

	if (req->verb == KUBE_JSON_PATCH) {
		patch_json(&now, body, NULL);
		return now;
	}
	if (!req->subresource)
		cJSON_DeleteItemFromObject(body, "status");
	if (req->verb == KUBE_APPLY && req->field_manager && !req->subresource && cluster.applied) {
		CLEANUP(freep) char *name = cluster_object_text(req->body);

		cluster_unapply(now, json_get(cluster.applied, name), req->body);
	}
	return patch_merge(now, body);
}

static inline enum kube_reason cluster_patch(const struct kube_request *req, cJSON *have)
{
	const char *version = json_str(req->body, "metadata.resourceVersion");
	cJSON *now;

	if (!have && req->verb != KUBE_APPLY)
		return KUBE_NOT_FOUND;
	if (have && version && strcmp(version, json_str(have, "metadata.resourceVersion")) != 0)
		return KUBE_CONFLICT;
	if (!have) {
		cluster_remember(req);
		cluster_new(req->kind, cJSON_Duplicate((cJSON *)req->body, true));
		return KUBE_OK;
	}
	now = req->verb == KUBE_UPDATE ? cluster_replaced(req, have) : cluster_patched(req, have);
	cluster_remember(req);
	if (cluster_ends(now)) {
		cJSON_Delete(now);
		cluster_drop(req->kind, have);
	} else {
		cluster_change(req->kind, have, now);
	}
	return KUBE_OK;
}

static inline const char *cluster_name(const struct kube_request *req)
{
	return req->name ? req->name : json_str(req->body, "metadata.name");
}

static inline cJSON *cluster_get(const struct api_kind *kind, const char *ns, const char *name)
{
	return fake_kube_get(kind, ns, name);
}

static inline enum kube_reason cluster_write(const struct kube_request *req)
{
	cJSON *have = cluster_get(req->kind, req->ns, cluster_name(req));

	if (req->verb == KUBE_DELETE)
		return cluster_delete(req, have);
	if (req->verb != KUBE_CREATE)
		return cluster_patch(req, have);
	if (have)
		return KUBE_ALREADY_EXISTS;
	cluster_new(req->kind, cJSON_Duplicate((cJSON *)req->body, true));
	return KUBE_OK;
}

/* --- reads --- */

/* What a list shows: the state of now, or of then. */
static inline cJSON *cluster_list(const struct kube_request *req)
{
	cJSON *list, *items;
	char text[16];

	if (!cluster.shown)
		return fake_list(req);
	list = cJSON_CreateObject();
	items = cJSON_AddArrayToObject(list, "items");
	snprintf(text, sizeof(text), "%d", cluster.shown);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(list, "metadata"), "resourceVersion", text);
	for (size_t i = 0; i < cluster.log.n && cluster.log.v[i].version <= cluster.shown; i++) {
		const struct cluster_change *c = &cluster.log.v[i];
		bool last = c->kind == req->kind && !c->deleted && fake_is(c->object, req->kind, req->ns, NULL);

		for (size_t k = i + 1; last && k < cluster.log.n && cluster.log.v[k].version <= cluster.shown; k++)
			last = cluster.log.v[k].kind != c->kind ||
			       !fake_is(cluster.log.v[k].object, c->kind, json_str(c->object, "metadata.namespace"),
					json_str(c->object, "metadata.name"));
		if (last)
			cJSON_AddItemToArray(items, cJSON_Duplicate(c->object, true));
	}
	return list;
}

/* The past comes back: who wrote since wrote in vain, and versions are given out again. */
static inline void cluster_rewind(int version)
{
	for (size_t i = 0; i < fake_kube.objects.n; i++)
		cJSON_Delete(fake_kube.objects.v[i]);
	fake_kube.objects.n = 0;
	while (cluster.log.n && cluster.log.v[cluster.log.n - 1].version > version)
		cJSON_Delete(cluster.log.v[--cluster.log.n].object);
	fake_kube.version = version;
	for (size_t i = 0; i < cluster.log.n; i++) {
		const struct cluster_change *c = &cluster.log.v[i];
		cJSON *have = cluster_get(c->kind, json_str(c->object, "metadata.namespace"),
					  json_str(c->object, "metadata.name"));

		if (have) {
			vec_remove(&fake_kube.objects, cluster_index(have));
			cJSON_Delete(have);
		}
		if (!c->deleted)
			vec_push(&fake_kube.objects, cJSON_Duplicate(c->object, true));
	}
}

/* --- hands of users --- */

static inline int cluster_put_doc(void *arg, cJSON *doc, struct err *e)
{
	const struct api_kind *kind = fake_kind_of(doc);
	const struct kube_request req = {.verb = KUBE_APPLY,
					 .kind = kind,
					 .ns = json_str(doc, "metadata.namespace"),
					 .name = json_str(doc, "metadata.name"),
					 .subresource = "status", /* what it says of that counts, too */
					 .body = doc};

	(void)arg, (void)e;
	cluster_patch(&req, cluster_get(kind, req.ns, req.name));
	cJSON_Delete(doc);
	return 0;
}

/* Puts the documents of a YAML text, as somebody with kubectl would. */
static inline void cluster_put(const char *yaml)
{
	struct err e = ERR_INIT;

	if (yaml_each(slice_str(yaml), cluster_put_doc, NULL, &e) < 0) {
		fprintf(stderr, "%s\n", e.msg);
		abort();
	}
}

static inline void cluster_remove(const struct api_kind *kind, const char *ns, const char *name)
{
	cluster_delete(&(struct kube_request){.verb = KUBE_DELETE, .kind = kind, .ns = ns, .name = name},
		       cluster_get(kind, ns, name));
}

/* The past is forgotten: the log begins with what is there. */
static inline void cluster_log_anew(void)
{
	for (size_t i = 0; i < cluster.log.n; i++)
		cJSON_Delete(cluster.log.v[i].object);
	cluster.log.n = 0;
	for (size_t i = 0; i < fake_kube.objects.n; i++)
		cluster_log(fake_kind_of(fake_kube.objects.v[i]), fake_kube.objects.v[i], false);
}

static inline void cluster_forget(void)
{
	for (size_t i = 0; i < cluster.log.n; i++)
		cJSON_Delete(cluster.log.v[i].object);
	cJSON_Delete(cluster.applied);
	vec_done(&cluster.log);
	memset(&cluster, 0, sizeof(cluster));
}

#endif
