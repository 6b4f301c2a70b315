/*
 * An API server in memory that can fail: over fake_kube.h, whose calls it answers. It keeps what an API server keeps
 * (uid, generation, resourceVersion as a precondition, finalizers, status apart) and every change in a log, so that
 * views may be old, watches may break, and the past may come back. Include once per test program, after fake_clock.h.
 *
 * Faults are counted by writes: fault.at is the number of the write that it concerns.
 */
#ifndef TEST_FAKE_CLUSTER_H
#define TEST_FAKE_CLUSTER_H

#include "fake_kube.h"
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

static const char *const fault_names[FAULT_KIND_COUNT] = {"none", "kill", "stale",  "lost", "conflict", "forbidden",
							  "busy", "gone", "missed", "slow", "absent",   "restored"};

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
	bool killed; /* the test must begin anew */
	int shown;   /* lists and watches show changes up to this version; 0 = all */
	int64_t shown_until_ns;
	int64_t away_until_ns; /* nobody answers */
	int64_t slow_until_ns; /* the next answer is due then */
	int slow_left;
	cJSON *applied; /* what a field manager applied last, by object: fields that it leaves out go */
	bool (*said)(const struct api_kind *kind, cJSON *o); /* what others say of an object that was written: a node */
} cluster;

/* Where a watch stands: kept beside its call, as the version up to which it was told. */
struct cluster_watch {
	const struct kube_call *call;
	int version;
};
static VEC(struct cluster_watch) cluster_watches;

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
	cJSON *meta = json_object(o, "metadata");

	json_set_str(meta, "uid", uid);
	json_set_str(meta, "creationTimestamp", "2024-01-01T00:00:00Z");
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

/* What others have to say of it: a node of a Deployment. */
static inline void cluster_others(const struct kube_request *req)
{
	cJSON *have = req->kind ? cluster_get(req->kind, req->ns, cluster_name(req)) : NULL;
	cJSON *now = have && cluster.said ? cJSON_Duplicate(have, true) : NULL;

	if (now && cluster.said(req->kind, now))
		cluster_keep(req->kind, have, now);
	else
		cJSON_Delete(now);
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

static inline void cluster_tell(struct kube_call *c, const char *type, const cJSON *object)
{
	CLEANUP(json_freep) cJSON *event = cJSON_CreateObject();

	cJSON_AddStringToObject(event, "type", type);
	cJSON_AddItemToObject(event, "object", cJSON_Duplicate((cJSON *)object, true));
	c->req.on_event(c->arg, event);
}

static inline bool cluster_calls(const struct kube_call *c)
{
	for (size_t i = 0; i < fake_kube.calls.n; i++)
		if (fake_kube.calls.v[i] == c)
			return true;
	return false;
}

/* Watches that are gone are forgotten, new ones stand where they asked to. */
static inline void cluster_find_watches(void)
{
	for (size_t i = cluster_watches.n; i-- > 0;)
		if (!cluster_calls(cluster_watches.v[i].call))
			vec_remove(&cluster_watches, i);
	for (size_t i = 0; i < fake_kube.calls.n; i++) {
		const struct kube_call *c = fake_kube.calls.v[i];
		bool known = c->req.verb != KUBE_WATCH;

		for (size_t k = 0; k < cluster_watches.n; k++)
			known |= cluster_watches.v[k].call == c;
		if (!known)
			vec_push(&cluster_watches, (struct cluster_watch){c, atoi(c->req.resource_version)});
	}
}

/* The first change that the watch has not been told. */
static inline const struct cluster_change *cluster_next(const struct cluster_watch *w)
{
	for (size_t i = 0; i < cluster.log.n; i++) {
		const struct cluster_change *c = &cluster.log.v[i];

		if (c->version > w->version && c->version <= cluster_top() && c->kind == w->call->req.kind &&
		    fake_is(c->object, c->kind, w->call->req.ns, NULL))
			return c;
	}
	return NULL;
}

static inline size_t cluster_tell_watches(void)
{
	size_t told = 0;

	cluster_find_watches();
	for (size_t i = 0; i < cluster_watches.n; i++) {
		struct cluster_watch *w = &cluster_watches.v[i];
		const struct cluster_change *c;

		while (cluster_calls(w->call) && (c = cluster_next(w))) {
			w->version = c->version;
			cluster_tell((struct kube_call *)w->call, c->deleted ? "DELETED" : "MODIFIED", c->object);
			told++;
		}
	}
	return told;
}

static inline void cluster_end_watches(enum kube_reason reason)
{
	cluster_find_watches();
	while (cluster_watches.n) {
		struct kube_call *c = (struct kube_call *)cluster_watches.v[0].call;

		vec_remove(&cluster_watches, 0);
		if (cluster_calls(c))
			fake_kube_answer(c, reason, NULL);
	}
}

/* --- faults --- */

static inline bool cluster_fault_in(int more)
{
	return cluster.fault.at && cluster.writes >= cluster.fault.at && cluster.writes <= cluster.fault.at + more;
}

/* The past comes back: who wrote since wrote in vain, and versions are given out again. */
static inline void cluster_restore(int version)
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
	cluster_end_watches(KUBE_GONE);
}

/* After the write that is to fail; true when there is no answer. */
static inline bool cluster_fault_after(struct kube_call *c)
{
	const int64_t now_ns = fake_mono_ns;

	if (cluster.writes != cluster.fault.at)
		return false;
	switch (cluster.fault.kind) {
	case FAULT_STALE:
		cluster.shown = MAX(fake_kube.version - FAULT_AGE, 1);
		cluster.shown_until_ns = now_ns + FAULT_STALE_NS;
		cluster.killed = true;
		return true;
	case FAULT_KILL:
		cluster.killed = true;
		return true;
	case FAULT_LOST:
		fake_kube_answer(c, KUBE_NETWORK, NULL);
		return true;
	case FAULT_GONE:
		cluster_end_watches(KUBE_GONE);
		return false;
	case FAULT_MISSED:
		cluster.shown = MAX(fake_kube.version - 1, 1);
		cluster.shown_until_ns = now_ns + FAULT_STALE_NS;
		return false;
	case FAULT_SLOW:
		cluster.slow_left = 10;
		return false;
	case FAULT_ABSENT:
		cluster.away_until_ns = now_ns + FAULT_ABSENT_NS;
		cluster_end_watches(KUBE_NETWORK);
		return false;
	case FAULT_RESTORED:
		cluster_restore(MAX(fake_kube.version - FAULT_AGE, 1));
		return false;
	default:
		return false;
	}
}

/* What is answered in place of doing it; KUBE_OK: it is done. */
static inline enum kube_reason cluster_refusal(void)
{
	if (cluster.fault.kind == FAULT_CONFLICT && cluster_fault_in(2))
		return KUBE_CONFLICT;
	if (cluster.fault.kind == FAULT_FORBIDDEN && cluster_fault_in(5))
		return KUBE_FORBIDDEN;
	if (cluster.fault.kind == FAULT_BUSY && cluster_fault_in(5))
		return KUBE_TOO_MANY_REQUESTS;
	return KUBE_OK;
}

static inline void cluster_serve_write(struct kube_call *c)
{
	enum kube_reason reason;
	cJSON *have;

	cluster.writes++;
	reason = cluster_refusal();
	if (reason == KUBE_OK) {
		reason = cluster_write(&c->req);
		cluster_others(&c->req);
	}
	if (cluster_fault_after(c))
		return;
	have = reason == KUBE_OK ? cluster_get(c->req.kind, c->req.ns, cluster_name(&c->req)) : NULL;
	fake_kube_answer(c, reason, have ? cJSON_Duplicate(have, true) : NULL);
}

static inline void cluster_serve_read(struct kube_call *c)
{
	const struct kube_request *req = &c->req;
	cJSON *have = req->verb == KUBE_GET && req->kind ? cluster_get(req->kind, req->ns, req->name) : NULL;

	if (!req->kind)
		fake_kube_answer(c, KUBE_OK, fake_resources(req->path));
	else if (req->verb == KUBE_LIST)
		fake_kube_answer(c, KUBE_OK, cluster_list(req));
	else
		fake_kube_answer(c, have ? KUBE_OK : KUBE_NOT_FOUND, have ? cJSON_Duplicate(have, true) : NULL);
}

/* Time has passed: what was to last so long is over. */
static inline void cluster_clock(void)
{
	if (cluster.shown_until_ns && fake_mono_ns >= cluster.shown_until_ns) {
		cluster.shown = 0;
		cluster.shown_until_ns = 0;
		if (cluster.fault.kind == FAULT_MISSED)
			cluster_end_watches(KUBE_GONE);
	}
	if (cluster.away_until_ns && fake_mono_ns >= cluster.away_until_ns)
		cluster.away_until_ns = 0;
}

/* False: it is not its time yet. */
static inline bool cluster_serve_one(struct kube_call *c)
{
	if (fake_kube.hook && fake_kube.hook(c))
		return true;
	if (cluster.away_until_ns) {
		fake_kube_answer(c, KUBE_NETWORK, NULL);
		return true;
	}
	if (cluster.slow_left && !cluster.slow_until_ns)
		cluster.slow_until_ns = fake_mono_ns + FAULT_SLOW_NS;
	if (cluster.slow_left && fake_mono_ns < cluster.slow_until_ns)
		return false;
	cluster.slow_left -= cluster.slow_left > 0;
	cluster.slow_until_ns = 0;
	if (c->req.verb == KUBE_GET || c->req.verb == KUBE_LIST)
		cluster_serve_read(c);
	else
		cluster_serve_write(c);
	return true;
}

/* Answers what waits and tells the watches. Returns how much was done; nothing after the writer was killed. */
static inline size_t cluster_serve(void)
{
	size_t n = 0;

	cluster_clock();
	for (size_t i = 0; i < fake_kube.calls.n && !cluster.killed;) {
		if (fake_kube.calls.v[i]->req.verb == KUBE_WATCH && cluster.away_until_ns) {
			fake_kube_answer(fake_kube.calls.v[i], KUBE_NETWORK, NULL);
			i = 0;
			continue;
		}
		if (fake_kube.calls.v[i]->req.verb == KUBE_WATCH || !cluster_serve_one(fake_kube.calls.v[i])) {
			i++;
			continue;
		}
		n++;
		i = 0;
	}
	return cluster.killed ? n : n + cluster_tell_watches();
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

/* Forgets everything. Returns the calls that are left, as fake_kube_reset. */
static inline size_t cluster_reset(void)
{
	const size_t left = fake_kube_reset();

	for (size_t i = 0; i < cluster.log.n; i++)
		cJSON_Delete(cluster.log.v[i].object);
	cJSON_Delete(cluster.applied);
	vec_done(&cluster.log);
	vec_done(&cluster_watches);
	memset(&cluster, 0, sizeof(cluster));
	return left;
}

#endif
