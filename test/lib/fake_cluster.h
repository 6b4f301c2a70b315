/*
 * An API server in memory that can fail: over fake_kube.h, whose calls it answers. It keeps what an API server keeps
 * (uid, generation, resourceVersion as a precondition, finalizers, status apart) and every change in a log, so that
 * views may be old, watches may break, and the past may come back. Include once per test program, after fake_clock.h.
 *
 * Faults are counted by writes: fault.at is the number of the write that it concerns.
 */
#ifndef TEST_FAKE_CLUSTER_H
#define TEST_FAKE_CLUSTER_H

#include "cluster_objects.h"
#include "fake_kube.h"

static const char *const fault_names[FAULT_KIND_COUNT] = {"none", "kill", "stale",  "lost", "conflict", "forbidden",
							  "busy", "gone", "missed", "slow", "absent",   "restored"};

/* Where a watch stands: kept beside its call, as the version up to which it was told. */
struct cluster_watch {
	const struct kube_call *call;
	int version;
};
static VEC(struct cluster_watch) cluster_watches;

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

/* The past comes back, and watches end. */
static inline void cluster_restore(int version)
{
	cluster_rewind(version);
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
	const bool counts = c->req.kind != &api_kind_lease; /* whoever leads says so every two seconds */
	enum kube_reason reason;
	cJSON *have;

	cluster.writes += counts;
	reason = counts ? cluster_refusal() : KUBE_OK;
	if (reason == KUBE_OK) {
		reason = cluster_write(&c->req);
		cluster_others(&c->req);
	}
	if (counts && cluster_fault_after(c))
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

/* Forgets everything. Returns the calls that are left, as fake_kube_reset. */
static inline size_t cluster_reset(void)
{
	const size_t left = fake_kube_reset();

	vec_done(&cluster_watches);
	cluster_forget();
	return left;
}

#endif
