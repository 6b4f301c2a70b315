/*
 * Garbage collection by ownerReferences. Keys are uids: a run looks whether the object still has an owner, deletes it
 * when none is left, and serves the finalizers foregroundDeletion and orphan of owners that are being deleted. Whether
 * an owner exists is asked of the API each time, so a missed event cannot delete anything; the index only finds the
 * dependents of an owner.
 */
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

#define FOREGROUND "foregroundDeletion"
#define ORPHAN "orphan"
#define RECHECK_MS 100

struct watched {
	struct gvr gvr; /* strings owned */
	struct lab_watch *watch;
	struct controller *controller;
};

/* An object that has owners, or one of the two finalizers. */
struct entry {
	char *uid, *ns, *name;
	const struct watched *resource;
	VEC(char *) owners; /* uids */
};

struct collector {
	VEC(struct watched *) watched;
	struct map entries; /* uid -> entry */
};

static void entry_free(struct entry *e)
{
	for (size_t i = 0; i < e->owners.n; i++)
		free(e->owners.v[i]);
	vec_done(&e->owners);
	free(e->uid);
	free(e->ns);
	free(e->name);
	free(e);
}

static void forget(struct collector *g, const char *uid)
{
	struct entry *e = map_remove(&g->entries, slice_str(uid));

	if (e)
		entry_free(e);
}

static bool has_finalizer(const cJSON *o, const char *name)
{
	const cJSON *f;

	cJSON_ArrayForEach(f, json_at(o, "metadata.finalizers"))
	{
		if (cJSON_IsString(f) && strcmp(f->valuestring, name) == 0)
			return true;
	}
	return false;
}

static void remember(struct collector *g, const struct watched *w, const cJSON *o)
{
	const cJSON *refs = json_at(o, "metadata.ownerReferences"), *ref;
	struct entry *e;

	forget(g, object_uid(o));
	if (!cJSON_GetArraySize(refs) && !has_finalizer(o, FOREGROUND) && !has_finalizer(o, ORPHAN))
		return;
	e = NEW(struct entry);
	e->uid = mem_strdup(object_uid(o));
	e->ns = mem_strdup(object_ns(o));
	e->name = mem_strdup(object_name(o));
	e->resource = w;
	cJSON_ArrayForEach(ref, refs)
	{
		vec_push(&e->owners, mem_strdup(json_str_or_empty(ref, "uid")));
	}
	map_set(&g->entries, slice_str(e->uid), e);
	controller_enqueue(w->controller, NULL, e->uid);
}

static bool owned_by(const struct entry *e, const char *uid)
{
	for (size_t i = 0; i < e->owners.n; i++)
		if (strcmp(e->owners.v[i], uid) == 0)
			return true;
	return false;
}

static void enqueue_dependents(struct controller *c, const char *uid)
{
	struct collector *g = c->arg;
	struct map_entry *m;

	for (size_t i = 0; (m = map_next(&g->entries, &i));) {
		const struct entry *e = m->value;

		if (owned_by(e, uid))
			controller_enqueue(c, NULL, e->uid);
	}
}

static void on_object(void *arg, enum lab_event event, const cJSON *o)
{
	struct watched *w = arg;
	struct collector *g = w->controller->arg;
	struct map_entry *m;

	if (event == LAB_SYNCED)
		return;
	if (event != LAB_DELETED) {
		remember(g, w, o);
		return;
	}
	/* An owner that waits for its dependents looks again when one is gone. */
	const struct entry *e = map_get(&g->entries, slice_str(object_uid(o)));
	for (size_t i = 0; e && i < e->owners.n; i++)
		controller_enqueue(w->controller, NULL, e->owners.v[i]);
	forget(g, object_uid(o));
	for (size_t i = 0; (m = map_next(&g->entries, &i));)
		if (owned_by(m->value, object_uid(o)))
			controller_enqueue(w->controller, NULL, ((struct entry *)m->value)->uid);
}

/* ---- one object ---- */

static const char *scope(const char *ns)
{
	return *ns ? ns : NULL;
}

static bool owner_exists(struct lab_api *api, const struct entry *e, const cJSON *ref)
{
	const cJSON *owner;
	struct lab_resource r;

	/* An owner of a kind that is not served now cannot be judged: it stays. */
	if (!lab_resource_find(api, json_str_or_empty(ref, "apiVersion"), json_str_or_empty(ref, "kind"), &r))
		return true;
	owner = lab_get(api, &r.gvr, scope(e->ns), json_str_or_empty(ref, "name"));
	if (!owner)
		owner = lab_get(api, &r.gvr, NULL, json_str_or_empty(ref, "name"));
	return owner && strcmp(object_uid(owner), json_str_or_empty(ref, "uid")) == 0;
}

static void patch_list(struct work *w, const struct entry *e, const char *field, cJSON *list, const cJSON *o)
{
	cJSON *patch = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(patch, "metadata");

	cJSON_AddItemToObject(meta, field, list);
	/* Against a version: somebody else may change the same list. */
	cJSON_AddStringToObject(meta, "resourceVersion", json_str_or_empty(o, "metadata.resourceVersion"));
	work_patch(w, &e->resource->gvr, e->ns, e->name, NULL, patch);
}

static void judge_owners(struct work *w, const struct entry *e, const cJSON *o)
{
	const cJSON *refs = json_at(o, "metadata.ownerReferences"), *ref;
	struct lab_delete_options options = {.grace_s = -1, .uid = e->uid, .propagation = "Background"};
	cJSON *kept = cJSON_CreateArray();
	int all = cJSON_GetArraySize(refs);

	cJSON_ArrayForEach(ref, refs)
	{
		if (owner_exists(w->controller->client.api, e, ref))
			cJSON_AddItemToArray(kept, cJSON_Duplicate(ref, true));
	}
	if (all && cJSON_GetArraySize(kept) == 0) {
		cJSON_Delete(kept);
		if (!object_terminating(o))
			work_delete(w, &e->resource->gvr, e->ns, e->name, &options);
	} else if (cJSON_GetArraySize(kept) < all) {
		patch_list(w, e, "ownerReferences", kept, o);
	} else {
		cJSON_Delete(kept);
	}
}

static void drop_finalizer(struct work *w, const struct entry *e, const cJSON *o, const char *name)
{
	cJSON *kept = cJSON_CreateArray();
	const cJSON *f;

	cJSON_ArrayForEach(f, json_at(o, "metadata.finalizers"))
	{
		if (cJSON_IsString(f) && strcmp(f->valuestring, name) != 0)
			cJSON_AddItemToArray(kept, cJSON_Duplicate(f, true));
	}
	patch_list(w, e, "finalizers", kept, o);
}

/* Deletes the dependents, in the foreground too, and lets the owner go after the last. */
static void delete_dependents_first(struct work *w, const struct entry *owner, const cJSON *o)
{
	struct collector *g = w->controller->arg;
	struct map_entry *m;
	size_t left = 0;

	for (size_t i = 0; (m = map_next(&g->entries, &i));) {
		const struct entry *e = m->value;
		struct lab_delete_options options = {.grace_s = -1, .uid = e->uid, .propagation = "Foreground"};
		const cJSON *d;

		if (!owned_by(e, owner->uid))
			continue;
		d = lab_get(w->controller->client.api, &e->resource->gvr, scope(e->ns), e->name);
		left++;
		if (d && !object_terminating(d))
			work_delete(w, &e->resource->gvr, e->ns, e->name, &options);
	}
	if (left)
		work_after(w, RECHECK_MS);
	else
		drop_finalizer(w, owner, o, FOREGROUND);
}

static void orphan_dependents(struct work *w, const struct entry *owner, const cJSON *o)
{
	struct collector *g = w->controller->arg;
	struct map_entry *m;
	size_t left = 0;

	for (size_t i = 0; (m = map_next(&g->entries, &i));) {
		const struct entry *e = m->value;
		const cJSON *d, *ref;
		cJSON *kept;

		if (!owned_by(e, owner->uid))
			continue;
		d = lab_get(w->controller->client.api, &e->resource->gvr, scope(e->ns), e->name);
		if (!d)
			continue;
		left++;
		kept = cJSON_CreateArray();
		cJSON_ArrayForEach(ref, json_at(d, "metadata.ownerReferences"))
		{
			if (strcmp(json_str_or_empty(ref, "uid"), owner->uid) != 0)
				cJSON_AddItemToArray(kept, cJSON_Duplicate(ref, true));
		}
		patch_list(w, e, "ownerReferences", kept, d);
	}
	if (left)
		work_after(w, RECHECK_MS);
	else
		drop_finalizer(w, owner, o, ORPHAN);
}

static void reconcile(struct controller *c, struct work *w)
{
	struct collector *g = c->arg;
	const struct entry *e = map_get(&g->entries, slice_str(w->name));
	const cJSON *o;

	if (!e) {
		enqueue_dependents(c, w->name);
		return;
	}
	o = lab_get(c->client.api, &e->resource->gvr, scope(e->ns), e->name);
	if (!o || strcmp(object_uid(o), e->uid) != 0)
		return;
	if (object_terminating(o) && has_finalizer(o, FOREGROUND))
		delete_dependents_first(w, e, o);
	else if (object_terminating(o) && has_finalizer(o, ORPHAN))
		orphan_dependents(w, e, o);
	else
		judge_owners(w, e, o);
}

/* ---- what is watched ---- */

static void watch_resource(void *arg, const struct lab_resource *resource)
{
	struct controller *c = arg;
	struct collector *g = c->arg;
	const struct gvr *r = &resource->gvr;
	struct watched *w;

	for (size_t i = 0; i < g->watched.n; i++) {
		const struct gvr *have = &g->watched.v[i]->gvr;

		if (strcmp(have->group, r->group) == 0 && strcmp(have->resource, r->resource) == 0)
			return;
	}
	w = NEW(struct watched);
	w->gvr = (struct gvr){mem_strdup(r->group), mem_strdup(r->version), mem_strdup(r->resource)};
	w->controller = c;
	vec_push(&g->watched, w);
	w->watch = lab_watch_start(c->client.api, &w->gvr, NULL, NULL, NULL, on_object, w, NULL);
}

static void on_crd(struct controller *c, enum lab_event event, const cJSON *crd)
{
	(void)crd;
	if (event != LAB_DELETED)
		lab_resources_each(c->client.api, watch_resource, c);
}

void garbage_collector_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "garbage-collector", reconcile);
	c->arg = NEW(struct collector);
	lab_resources_each(config->api, watch_resource, c);
	controller_watch(c, GVR(custom_resource_definition), on_crd);
}

void garbage_collector_free(struct controller *c)
{
	struct collector *g = c->arg;
	struct map_entry *m;

	for (size_t i = 0; i < g->watched.n; i++) {
		struct watched *w = g->watched.v[i];

		lab_watch_stop(w->watch);
		free((char *)w->gvr.group);
		free((char *)w->gvr.version);
		free((char *)w->gvr.resource);
		free(w);
	}
	vec_done(&g->watched);
	for (size_t i = 0; (m = map_next(&g->entries, &i));)
		entry_free(m->value);
	map_done(&g->entries);
	free(g);
	c->arg = NULL;
}
