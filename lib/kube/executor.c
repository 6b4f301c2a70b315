/*
 * The executor: carries out one plan step by step. A failed call does not stop its own step; deletions and last patches
 * are left out after a failure, status and events are written in any case.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/object.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"
#include "kube/client.h"
#include "kube/plan_internal.h"
#include "kube/written_internal.h"
#include "msg/json.h"

enum run_step { RUN_APPLY, RUN_DELETE, RUN_PATCH, RUN_STATUS, RUN_LAST, RUN_EVENT, RUN_END };

struct executor {
	struct kube_client *client;
	struct store *store;
	char *manager;
	struct list runs;
	struct written written;
};

/* A plan being carried out. */
struct run {
	struct list link;
	struct executor *executor;
	struct plan plan;
	enum run_step step;
	size_t next;     /* item of the step */
	unsigned flying; /* calls under way */
	bool advancing;
	struct err err; /* the first failure */
	executor_done_fn *on_done;
	void *arg;
	VEC(struct run_call *) calls;
};

struct run_call {
	struct run *run;
	struct kube_call *call;
	struct store_key key;
	enum run_step step;
	bool create;
	uint64_t hash; /* of a status */
	char *version; /* of the object that it was written over; NULL = none */
};

static void run_advance(struct run *run);

static void run_free(struct run *run)
{
	for (size_t i = 0; i < run->calls.n; i++) {
		kube_call_cancel(run->calls.v[i]->call);
		free(run->calls.v[i]->version);
		free(run->calls.v[i]);
	}
	vec_done(&run->calls);
	list_remove(&run->link);
	plan_done(&run->plan);
	free(run);
}

static void call_forget(struct run_call *c)
{
	struct run *run = c->run;

	for (size_t i = 0; i < run->calls.n; i++) {
		if (run->calls.v[i] == c) {
			vec_remove(&run->calls, i);
			break;
		}
	}
	free(c->version);
	free(c);
	run->flying--;
}

static void on_recreate(void *arg, struct kube_result *r)
{
	struct run_call *c = arg;
	struct run *run = c->run;

	(void)r; /* the retry that follows creates it anew */
	call_forget(c);
	run_advance(run);
}

/* An immutable field differs: the object goes away, and the retry of the plan creates it anew. */
static void recreate(struct run_call *c, const char *why)
{
	struct kube_request req = {
		.verb = KUBE_DELETE,
		.kind = c->key.kind,
		.ns = c->key.ns,
		.name = c->key.name,
		.propagation = "Background",
	};

	log_info("kube", "%s %s/%s is deleted and created anew: %s", c->key.kind->kind, c->key.ns, c->key.name, why);
	c->call = kube_call_start(c->run->executor->client, &req, on_recreate, c);
}

/* Whether a failed call is as good as done. */
static bool settled(const struct run_call *c, enum kube_reason reason)
{
	switch (c->step) {
	case RUN_DELETE: /* a conflict: another object of that name, perhaps, which the next plan looks at */
	case RUN_PATCH:
	case RUN_STATUS:
	case RUN_LAST:
		return reason == KUBE_NOT_FOUND;
	case RUN_EVENT:
		return true;
	default:
		return c->create && reason == KUBE_ALREADY_EXISTS;
	}
}

static void on_done(void *arg, struct kube_result *r)
{
	struct run_call *c = arg;
	struct run *run = c->run;

	c->call = NULL;
	if (r->reason == KUBE_OK && c->hash)
		written_set(&run->executor->written, &c->key, c->hash, c->version);
	if (r->reason != KUBE_OK && !settled(c, r->reason)) {
		if (!run->err.code)
			run->err = r->err;
		if (c->step == RUN_APPLY && r->reason == KUBE_INVALID && strstr(r->err.msg, "immutable")) {
			recreate(c, r->err.msg);
			return;
		}
	}
	call_forget(c);
	run_advance(run);
}

static struct run_call *start(struct run *run, const struct kube_request *req, const struct store_key *key)
{
	struct run_call *c = NEW(struct run_call);

	c->run = run;
	c->key = *key;
	c->step = run->step;
	c->create = req->verb == KUBE_CREATE;
	vec_push(&run->calls, c);
	run->flying++;
	c->call = kube_call_start(run->executor->client, req, on_done, c);
	return c;
}

static void step_apply(struct run *run, const struct plan_apply *a)
{
	struct store_key key = {a->obj->kind, api_object_namespace(a->obj), api_object_name(a->obj)};
	const struct api_object *have = store_get(run->executor->store, key.kind, key.ns, key.name);
	CLEANUP(json_freep) cJSON *body = NULL;

	if (have && (a->create_only || plan_covers(a->obj, have)))
		return;
	log_debug("kube", "%s %s %s/%s", a->create_only ? "create" : "apply", key.kind->kind, key.ns, key.name);
	body = api_object_to_json(a->obj);
	start(run,
	      &(struct kube_request){
		      .verb = a->create_only ? KUBE_CREATE : KUBE_APPLY,
		      .kind = key.kind,
		      .ns = key.ns,
		      .name = key.name,
		      .body = body,
		      .field_manager = run->executor->manager,
		      .force = !a->create_only,
	      },
	      &key);
}

static void step_delete(struct run *run, const struct plan_delete *d)
{
	start(run,
	      &(struct kube_request){
		      .verb = KUBE_DELETE,
		      .kind = d->key.kind,
		      .ns = d->key.ns,
		      .name = d->key.name,
		      .precondition_uid = d->uid,
		      .propagation = "Background",
	      },
	      &d->key);
}

static void step_patch(struct run *run, const struct plan_patch *p)
{
	const struct api_object *have = store_get(run->executor->store, p->key.kind, p->key.ns, p->key.name);
	CLEANUP(json_freep) cJSON *now = have ? api_object_to_json(have) : NULL;

	if (now && !plan_merge_changes(now, p->body))
		return;
	start(run,
	      &(struct kube_request){
		      .verb = KUBE_MERGE_PATCH,
		      .kind = p->key.kind,
		      .ns = p->key.ns,
		      .name = p->key.name,
		      .body = p->body,
		      .field_manager = run->executor->manager,
	      },
	      &p->key);
}

static void step_status(struct run *run, const struct plan_patch *p)
{
	const struct api_object *have = store_get(run->executor->store, p->key.kind, p->key.ns, p->key.name);
	const char *version = have ? have->meta->resource_version : NULL;
	const uint64_t hash = written_hash(p->body);
	CLEANUP(json_freep) cJSON *now = have ? api_object_to_json(have) : NULL;
	CLEANUP(json_freep) cJSON *status = NULL;
	struct run_call *c;
	cJSON *diff;

	if (written_has(&run->executor->written, &p->key, hash, version))
		return;
	diff = plan_merge_diff(json_get(now, "status"), p->body);
	if (!diff)
		return;
	status = cJSON_CreateObject();
	cJSON_AddItemToObject(status, "status", diff);
	c = start(run,
		  &(struct kube_request){
			  .verb = KUBE_MERGE_PATCH,
			  .kind = p->key.kind,
			  .ns = p->key.ns,
			  .name = p->key.name,
			  .subresource = p->subresource,
			  .body = status,
			  .field_manager = run->executor->manager,
		  },
		  &p->key);
	c->hash = hash;
	c->version = mem_strdup(version);
}

static cJSON *event_body(const struct executor *x, const struct plan_event *ev, const char *ns)
{
	char version[API_VERSION_TEXT_MAX], now[CLOCK_TEXT_MAX], suffix[11];
	CLEANUP(freep) char *name = NULL;
	cJSON *body = cJSON_CreateObject(), *meta, *about;

	rand_suffix(suffix, sizeof(suffix) - 1);
	name = mem_printf("%s.%s", ev->about.name, suffix);
	clock_now_text(now);
	cJSON_AddStringToObject(body, "apiVersion", "v1");
	cJSON_AddStringToObject(body, "kind", "Event");
	meta = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", ns);
	about = cJSON_AddObjectToObject(body, "involvedObject");
	cJSON_AddStringToObject(about, "apiVersion", api_kind_api_version(ev->about.kind, version));
	cJSON_AddStringToObject(about, "kind", ev->about.kind->kind);
	cJSON_AddStringToObject(about, "name", ev->about.name);
	if (*ev->about.ns)
		cJSON_AddStringToObject(about, "namespace", ev->about.ns);
	if (ev->uid)
		cJSON_AddStringToObject(about, "uid", ev->uid);
	cJSON_AddStringToObject(body, "type", ev->warning ? "Warning" : "Normal");
	cJSON_AddStringToObject(body, "reason", ev->reason);
	cJSON_AddStringToObject(body, "message", ev->message);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "source"), "component", x->manager);
	cJSON_AddStringToObject(body, "firstTimestamp", now);
	cJSON_AddStringToObject(body, "lastTimestamp", now);
	cJSON_AddNumberToObject(body, "count", 1);
	return body;
}

static void step_event(struct run *run, const struct plan_event *ev)
{
	const char *ns = *ev->about.ns ? ev->about.ns : "default";
	CLEANUP(json_freep) cJSON *body = event_body(run->executor, ev, ns);

	start(run, &(struct kube_request){.verb = KUBE_CREATE, .kind = &api_kind_event, .ns = ns, .body = body},
	      &ev->about);
}

static size_t step_items(const struct run *run)
{
	const struct plan *p = &run->plan;

	switch (run->step) {
	case RUN_APPLY:
		return p->applies.n;
	case RUN_DELETE:
		return run->err.code ? 0 : p->deletes.n;
	case RUN_PATCH:
		return p->patches.n;
	case RUN_STATUS:
		return p->statuses.n;
	case RUN_LAST:
		return run->err.code ? 0 : p->lasts.n;
	case RUN_EVENT:
		return p->events.n;
	default:
		return 0;
	}
}

static void step_item(struct run *run, size_t i)
{
	const struct plan *p = &run->plan;

	switch (run->step) {
	case RUN_APPLY:
		step_apply(run, &p->applies.v[i]);
		break;
	case RUN_DELETE:
		step_delete(run, &p->deletes.v[i]);
		break;
	case RUN_PATCH:
		step_patch(run, &p->patches.v[i]);
		break;
	case RUN_STATUS:
		step_status(run, &p->statuses.v[i]);
		break;
	case RUN_LAST:
		step_patch(run, &p->lasts.v[i]);
		break;
	default:
		step_event(run, &p->events.v[i]);
		break;
	}
}

/* Whether the next item must wait for those under way: another group of applies begins. */
static bool group_ends(const struct run *run)
{
	const struct plan *p = &run->plan;

	return run->step == RUN_APPLY && run->next && run->flying &&
	       p->applies.v[run->next].group != p->applies.v[run->next - 1].group;
}

static void run_end(struct run *run)
{
	struct err err = run->err;
	executor_done_fn *done = run->on_done;
	void *arg = run->arg;

	run_free(run);
	done(arg, &err, err.code != 0);
}

static void run_advance(struct run *run)
{
	for (;;) {
		while (run->next < step_items(run) && run->flying < EXECUTOR_PARALLEL && !group_ends(run))
			step_item(run, run->next++);
		if (run->flying)
			return;
		if (run->next < step_items(run))
			continue;
		run->next = 0;
		if (++run->step == RUN_END)
			break;
	}
	run_end(run);
}

static int cmp_group(const void *a, const void *b)
{
	const struct plan_apply *x = a, *y = b;

	return x->group < y->group ? -1 : x->group > y->group;
}

/* Stable, and the groups mostly are in order already. */
static void sort_groups(struct plan *p)
{
	for (size_t i = 1; i < p->applies.n; i++) {
		struct plan_apply a = p->applies.v[i];
		size_t at = i;

		for (; at && cmp_group(&p->applies.v[at - 1], &a) > 0; at--)
			p->applies.v[at] = p->applies.v[at - 1];
		p->applies.v[at] = a;
	}
}

struct executor *executor_new(struct kube_client *c, struct store *s, const char *field_manager)
{
	struct executor *x = NEW(struct executor);

	x->client = c;
	x->store = s;
	x->manager = mem_strdup(field_manager);
	list_init(&x->runs);
	return x;
}

void executor_stop(struct executor *x)
{
	struct list given_up;

	list_init(&given_up);
	list_splice(&given_up, &x->runs);
	while (!list_empty(&given_up)) {
		struct run *run = LIST_FIRST(&given_up, struct run, link);
		executor_done_fn *done = run->on_done;
		void *arg = run->arg;
		struct err e = ERR_INIT;

		err_set(&e, -ECANCELED, "the plan was given up");
		run_free(run);
		done(arg, &e, false);
	}
}

void executor_free(struct executor *x)
{
	if (!x)
		return;
	while (!list_empty(&x->runs))
		run_free(LIST_FIRST(&x->runs, struct run, link));
	written_done(&x->written);
	free(x->manager);
	free(x);
}

void executor_run(struct executor *x, struct plan *p, executor_done_fn *done, void *arg)
{
	struct run *run = NEW(struct run);

	run->executor = x;
	run->plan = *p;
	*p = (struct plan){0};
	run->on_done = done;
	run->arg = arg;
	sort_groups(&run->plan);
	list_append(&x->runs, &run->link);
	run_advance(run);
}
