/* The engine of the controllers: keys, runs, writes and their completion. */
#include "lab/control/controller.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "lab/object/object.h"

struct controller_watch {
	struct controller *controller;
	struct lab_watch *watch;
	void (*on_change)(struct controller *c, enum lab_event event, const cJSON *object);
};

static void run(void *arg, const struct store_key *key);

void controller_init(struct controller *c, struct loop *l, struct lab_api *api, const char *name, controller_fn *fn)
{
	*c = (struct controller){.name = name, .loop = l, .reconcile = fn};
	c->client = (struct lab_client){api, "system:kube-controller-manager", "kube-controller-manager"};
	/* No run waits for another's writes. */
	c->queue = queue_new(l, SIZE_MAX, run, c);
	list_init(&c->works);
}

void controller_done(struct controller *c)
{
	for (size_t i = 0; i < c->watches.n; i++) {
		lab_watch_stop(c->watches.v[i]->watch);
		free(c->watches.v[i]);
	}
	vec_done(&c->watches);
	while (!list_empty(&c->works)) {
		struct work *w = LIST_FIRST(&c->works, struct work, link);

		list_remove(&w->link);
		free(w);
	}
	queue_free(c->queue);
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

/* The run and all its writes are over. */
static void settle(struct work *w)
{
	struct controller *c = w->controller;

	assert(!w->writes && !w->running);
	queue_done(c->queue, w->key, w->failed ? QUEUE_RETRY : QUEUE_OK, w->after_ms);
	list_remove(&w->link);
	free(w);
}

static void run(void *arg, const struct store_key *key)
{
	struct controller *c = arg;
	struct work *w = NEW(struct work);

	*w = (struct work){.controller = c, .key = key, .ns = key->ns, .name = key->name, .running = true};
	list_init(&w->link);
	list_append(&c->works, &w->link);
	c->reconcile(c, w);
	w->running = false;
	if (!w->writes)
		settle(w);
}

void controller_enqueue(struct controller *c, const char *ns, const char *name)
{
	queue_add(c->queue, &(struct store_key){NULL, ns ? ns : "", name});
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
	if (!w->after_ms || delay_ms < w->after_ms)
		w->after_ms = MAX(delay_ms, 1);
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
		log_warn(w->controller->name, "%s %s for %s/%s failed (%d): %s; trying again", x->verb, x->resource,
			 w->ns, w->name, status, json_str_or_empty(object, "message"));
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
