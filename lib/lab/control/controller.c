/* The engine of the controllers: keys, runs, writes and their completion. */
#include "lab/control/controller.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/object/object.h"

#define BACKOFF_MIN_MS 20
#define BACKOFF_MAX_MS 15000

struct controller_watch {
	struct controller *controller;
	struct lab_watch *watch;
	void (*on_change)(struct controller *c, enum lab_event event, const cJSON *object);
};

void controller_init(struct controller *c, struct loop *l, struct lab_api *api, const char *name, controller_fn *fn)
{
	*c = (struct controller){.name = name, .loop = l, .reconcile = fn};
	c->client = (struct lab_client){api, "system:kube-controller-manager", "kube-controller-manager"};
	list_init(&c->ready);
}

static void work_free(struct work *w)
{
	timer_stop(&w->timer);
	list_remove(&w->link);
	free(w->key);
	free(w->ns_copy);
	free(w);
}

void controller_done(struct controller *c)
{
	struct map_entry *e;

	for (size_t i = 0; i < c->watches.n; i++) {
		lab_watch_stop(c->watches.v[i]->watch);
		free(c->watches.v[i]);
	}
	vec_done(&c->watches);
	task_cancel(&c->task);
	for (size_t i = 0; (e = map_next(&c->works, &i));)
		work_free(e->value);
	map_done(&c->works);
}

static void on_event(void *arg, enum lab_event event, const cJSON *object)
{
	struct controller_watch *w = arg;

	if (event != LAB_SYNCED)
		w->on_change(w->controller, event, object);
}

void controller_watch(struct controller *c, const struct gvr *r,
		      void (*on_change)(struct controller *c, enum lab_event event, const cJSON *object))
{
	struct controller_watch *w = NEW(struct controller_watch);
	struct err e = ERR_INIT;

	w->controller = c;
	w->on_change = on_change;
	w->watch = lab_watch_start(c->client.api, r, NULL, NULL, NULL, on_event, w, &e);
	if (!w->watch) {
		log_error(c->name, "cannot watch %s: %s", r->resource, e.msg);
		abort();
	}
	vec_push(&c->watches, w);
}

/* ---- keys ---- */

static void run_ready(struct task *t);

static void make_ready(struct work *w)
{
	struct controller *c = w->controller;

	if (w->writes || w->running) {
		w->dirty = true;
		return;
	}
	if (!list_linked(&w->link))
		list_append(&c->ready, &w->link);
	task_defer(c->loop, &c->task, run_ready);
}

static void on_timer(struct timer *t)
{
	make_ready(CONTAINER_OF(t, struct work, timer));
}

static int64_t backoff_ms(unsigned failures)
{
	int64_t ms = BACKOFF_MIN_MS << (failures < 10 ? failures : 10);

	return ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS;
}

/* All writes of a run are answered: what next? */
static void settle(struct work *w)
{
	struct controller *c = w->controller;
	bool dirty = w->dirty;

	assert(!w->writes && !w->running);
	w->dirty = false;
	if (w->failed) {
		w->failed = false;
		timer_start(c->loop, &w->timer, backoff_ms(w->failures++), on_timer);
		return;
	}
	w->failures = 0;
	if (dirty) {
		make_ready(w);
		return;
	}
	if (timer_active(&w->timer) || list_linked(&w->link))
		return;
	map_remove(&c->works, slice_str(w->key));
	work_free(w);
}

static void run_ready(struct task *t)
{
	struct controller *c = CONTAINER_OF(t, struct controller, task);
	struct list batch = LIST_INIT(batch);

	/* Only what is ready now: what these runs enqueue waits for the next turn, so nothing starves. */
	list_splice(&batch, &c->ready);
	while (!list_empty(&batch)) {
		struct work *w = LIST_FIRST(&batch, struct work, link);

		list_remove(&w->link);
		assert(!w->running && !w->writes);
		w->running = true;
		w->adopting = false;
		c->reconcile(c, w);
		w->running = false;
		if (!w->writes)
			settle(w);
	}
}

void controller_enqueue(struct controller *c, const char *ns, const char *name)
{
	char *key = mem_printf("%s/%s", ns ? ns : "", name);
	struct work *w = map_get(&c->works, slice_str(key));

	if (w) {
		free(key);
		make_ready(w);
		return;
	}
	w = NEW(struct work);
	w->controller = c;
	w->key = key;
	w->ns_copy = mem_strdup(ns ? ns : "");
	w->ns = w->ns_copy;
	w->name = strchr(key, '/') + 1;
	list_init(&w->link);
	map_set(&c->works, slice_str(key), w);
	make_ready(w);
}

void controller_enqueue_self(struct controller *c, enum lab_event event, const cJSON *object)
{
	(void)event;
	controller_enqueue(c, object_ns(object), object_name(object));
}

void controller_enqueue_owner(struct controller *c, const cJSON *object, const char *owner_kind)
{
	const cJSON *ref = object_controller(object);

	if (ref && strcmp(json_str_or_empty(ref, "kind"), owner_kind) == 0)
		controller_enqueue(c, object_ns(object), json_str_or_empty(ref, "name"));
}

void work_after(struct work *w, int64_t delay_ms)
{
	int64_t due_ns = loop_now_ns(w->controller->loop) + delay_ms * NS_PER_MS;

	/* The earliest of several reasons counts. */
	if (timer_active(&w->timer) && (int64_t)w->timer.node.key <= due_ns)
		return;
	timer_start(w->controller->loop, &w->timer, delay_ms, on_timer);
}

/* ---- writes ---- */

struct write {
	struct work *work;
	const char *verb;
	const char *resource;
};

/* 404 and 409 only say that somebody else was faster: the watch brings the news and the key runs again. */
static bool outdated(const struct write *x, int status)
{
	return status == 409 || (status == 404 && strcmp(x->verb, "create") != 0);
}

static void on_written(void *arg, int status, const cJSON *object)
{
	struct write *x = arg;
	struct work *w = x->work;

	assert(w->writes > 0);
	w->writes--;
	if (status >= 400 && outdated(x, status)) {
		w->failed = w->failed || status == 409;
	} else if (status >= 400) {
		log_warn(w->controller->name, "%s %s for %s failed (%d): %s; trying again", x->verb, x->resource,
			 w->key, status, json_str_or_empty(object, "message"));
		w->failed = true;
		if (w->controller->on_failed)
			w->controller->on_failed(w->controller, w, x->verb, json_str_or_empty(object, "message"));
	}
	free(x);
	if (!w->writes && !w->running)
		settle(w);
}

static struct write *write_begin(struct work *w, const char *verb, const struct gvr *r)
{
	struct write *x = NEW(struct write);

	*x = (struct write){w, verb, r->resource};
	w->writes++;
	return x;
}

/* Cluster-scoped objects have no namespace. */
static const char *scope(const char *ns)
{
	return ns && *ns ? ns : NULL;
}

void work_create(struct work *w, const struct gvr *r, const char *ns, cJSON *object)
{
	lab_create(&w->controller->client, r, scope(ns), object, on_written, write_begin(w, "create", r));
}

void work_update(struct work *w, const struct gvr *r, const char *ns, const char *name, const char *subresource,
		 cJSON *object)
{
	lab_update(&w->controller->client, r, scope(ns), name, subresource, object, on_written,
		   write_begin(w, "update", r));
}

void work_patch(struct work *w, const struct gvr *r, const char *ns, const char *name, const char *subresource,
		cJSON *patch)
{
	lab_patch(&w->controller->client, r, scope(ns), name, subresource, LAB_PATCH_MERGE, patch, on_written,
		  write_begin(w, "patch", r));
}

void work_delete(struct work *w, const struct gvr *r, const char *ns, const char *name,
		 const struct lab_delete_options *o)
{
	lab_delete(&w->controller->client, r, scope(ns), name, o, on_written, write_begin(w, "delete", r));
}

/* Whether all that the patch says is so already; null stands for absent. */
static bool is_so(const cJSON *patch, const cJSON *have)
{
	const cJSON *it;

	if (!cJSON_IsObject(patch))
		return cJSON_IsNull(patch) ? !have : json_equal(patch, have);
	cJSON_ArrayForEach(it, patch)
	{
		if (!is_so(it, json_get(have, it->string)))
			return false;
	}
	return true;
}

void work_patch_status(struct work *w, const struct gvr *r, const cJSON *object, cJSON *patch)
{
	if (is_so(patch, object))
		cJSON_Delete(patch);
	else
		work_patch(w, r, object_ns(object), object_name(object), "status", patch);
}

static void patch_owners(struct work *w, const struct gvr *r, const cJSON *object, cJSON *owners)
{
	cJSON *patch = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(patch, "metadata");

	cJSON_AddStringToObject(meta, "resourceVersion", json_str_or_empty(object, "metadata.resourceVersion"));
	cJSON_AddItemToObject(meta, "ownerReferences", owners);
	work_patch(w, r, object_ns(object), object_name(object), NULL, patch);
}

/* All owners but one. */
static cJSON *owners_without(const cJSON *object, const char *uid)
{
	cJSON *kept = cJSON_CreateArray();
	const cJSON *ref;

	cJSON_ArrayForEach(ref, json_at(object, "metadata.ownerReferences"))
	{
		if (strcmp(json_str_or_empty(ref, "uid"), uid) != 0)
			cJSON_AddItemToArray(kept, cJSON_Duplicate(ref, true));
	}
	return kept;
}

void work_adopt(struct work *w, const struct gvr *r, const cJSON *owner, const char *owner_kind, const cJSON *object)
{
	cJSON *owners = owners_without(object, object_uid(owner));

	cJSON_AddItemToArray(owners, object_owner_reference(owner, "apps/v1", owner_kind));
	w->adopting = true;
	patch_owners(w, r, object, owners);
}

void work_release(struct work *w, const struct gvr *r, const cJSON *owner, const cJSON *object)
{
	patch_owners(w, r, object, owners_without(object, object_uid(owner)));
}
