/*
 * Writes: create, update and patch. Each attempt starts from what is stored now; when that changed while webhooks were
 * asked, a patch (and an update without a resourceVersion) starts again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/api/convert.h"
#include "lab/api/op_internal.h"

static void attempt(struct op *op);
static void finish(struct op *op, int status, const cJSON *result);

struct op *op_new(struct lab_api *api, enum verb verb, struct resource *r, size_t version)
{
	struct op *op = NEW(struct op);

	op->api = api;
	op->verb = verb;
	op->res = resource_ref(r);
	op->version = op->asked = version;
	op->ns = "";
	op->delete_options.grace_s = -1;
	list_append(&api->ops, &op->link);
	return op;
}

static void op_free(struct op *op)
{
	admission_cancel(op);
	convert_cancel(op->converting);
	task_cancel(&op->task);
	list_remove(&op->link);
	cJSON_Delete(op->body);
	cJSON_Delete(op->obj);
	cJSON_Delete(op->was);
	object_unref(op->old);
	resource_unref(op->res);
	vec_done(&op->warnings);
	arena_done(&op->arena);
	free(op);
}

void op_cancel(struct op *op)
{
	op_free(op);
}

static void finish(struct op *op, int status, const cJSON *result)
{
	op_done_fn done = op->done;

	op->done = NULL;
	op->version = op->asked;
	if (done)
		done(op, status, result);
	op_free(op);
}

void op_fail(struct op *op, cJSON *status)
{
	finish(op, status_code(status), status);
	cJSON_Delete(status);
}

void object_set_type(cJSON *obj, const struct resource *r, size_t version)
{
	char text[256];

	json_object(obj, "metadata");
	json_set_first(obj, "metadata", cJSON_DetachItemFromObjectCaseSensitive(obj, "metadata"));
	json_set_first(obj, "apiVersion", cJSON_CreateString(resource_api_version(r, version, text)));
	json_set_first(obj, "kind", cJSON_CreateString(r->kind));
}

/* The namespace must exist and must not be going away. NULL or a failure. */
static cJSON *check_namespace(struct op *op)
{
	int v;
	struct resource *namespaces = resources_find(&op->api->resources, "", "v1", "namespaces", &v);
	const struct object *ns = op->res->namespaced ? db_get(namespaces->bucket, "", op->ns) : NULL;
	const char *name = json_str(op->obj, "metadata.name");

	if (!op->res->namespaced)
		return NULL;
	if (!ns)
		return status_not_found(namespaces, op->ns);
	if (!json_at(ns->json, "metadata.deletionTimestamp") || strcmp(op->res->plural, "events") == 0)
		return NULL;
	cJSON *s = status_forbidden(
		op->res, name, "unable to create new content in namespace %s because it is being terminated", op->ns);

	status_cause(s, "NamespaceTerminating", arena_printf(&op->arena, "namespace %s is being terminated", op->ns),
		     "metadata.namespace");
	return s;
}

/* --- versions --- */

static void set_version(struct op *op, size_t version)
{
	op->version = version;
	if (op->obj)
		object_set_type(op->obj, op->res, version);
}

/* obj first, then was; either may not have been there. */
static void on_converted(void *arg, cJSON *objects, const cJSON *failure)
{
	struct op *op = arg;
	cJSON **const to[] = {&op->obj, &op->was};

	op->converting = NULL;
	if (failure) {
		op_fail(op, cJSON_Duplicate(failure, true));
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(to); i++) {
		if (!*to[i])
			continue;
		cJSON_Delete(*to[i]);
		*to[i] = cJSON_DetachItemFromArray(objects, 0);
	}
	op->converted(op);
}

void op_convert(struct op *op, size_t version, void (*next)(struct op *op))
{
	const cJSON *objects[2];
	size_t n = 0;

	if (!convert_needed(op->res, op->version, version)) {
		set_version(op, version);
		next(op);
		return;
	}
	op->version = version;
	if (op->obj)
		objects[n++] = op->obj;
	if (op->was)
		objects[n++] = op->was;
	op->converted = next;
	if (n)
		op->converting = convert_start(op->api, op->res, version, objects, n, on_converted, op);
	else
		next(op);
}

static void on_reply(void *arg, cJSON *objects, const cJSON *failure)
{
	struct op *op = arg;

	op->converting = NULL;
	if (failure)
		op_fail(op, cJSON_Duplicate(failure, true));
	else
		finish(op, op->reply_status, objects->child);
}

void op_reply(struct op *op, int status, const cJSON *stored)
{
	CLEANUP(json_freep) cJSON *copy = NULL;

	if (convert_needed(op->res, op->res->storage, op->asked)) {
		op->reply_status = status;
		op->converting = convert_start(op->api, op->res, op->asked, &stored, 1, on_reply, op);
		return;
	}
	if (op->asked != op->res->storage) {
		copy = cJSON_Duplicate(stored, true);
		object_set_type(copy, op->res, op->asked);
	}
	finish(op, status, copy ? copy : stored);
}

/* --- the walk --- */

static void commit(struct op *op);
static void validate(struct op *op);

static void fail_if(struct op *op, cJSON *status, void (*next)(struct op *op))
{
	if (status)
		op_fail(op, status);
	else
		next(op);
}

static void mutate(struct op *op)
{
	admission_run(op, ADMISSION_MUTATING, validate);
}

/* Before admission: what it adds belongs to nobody. */
static void record_fields(struct op *op)
{
	char now[CLOCK_TEXT_MAX];
	struct manager m = op_manager_of(op, clock_now_text(now));

	op->fields_recorded = true;
	if (op_is_sub(op, "binding"))
		return;
	if (op->verb == VERB_PATCH && op->patch == LAB_PATCH_APPLY && !op_is_sub(op, "scale"))
		return;
	fields_update(op_version(op)->schema, &m, op_old(op), op->obj);
}

static void begin_write(struct op *op)
{
	cJSON *fail = op_build(op);

	op->fields_recorded = false;
	if (!fail)
		fail = op_check_identity(op);
	if (!fail && op->creating)
		fail = check_namespace(op);
	if (!fail && op->old)
		fail = op_check_preconditions(op);
	if (!fail)
		fail = object_decode(op, op->obj);
	if (!fail) {
		if (op->old)
			op_meta_of_old(op);
		else
			op_meta_of_new(op);
		op_split_status(op);
		record_fields(op);
		kind_admit(op, op->obj);
	}
	fail_if(op, fail, mutate);
}

static cJSON *check_finalizers(struct op *op)
{
	const cJSON *old = op->old ? json_at(op->old->json, "metadata.finalizers") : NULL;

	if (!op->old || !json_at(op->old->json, "metadata.deletionTimestamp"))
		return NULL;
	JSON_EACH(f, json_at(op->obj, "metadata.finalizers"))
	{
		if (!cJSON_IsString(f) || json_has_str(old, f->valuestring))
			continue;
		struct problems p = {.arena = &op->arena};

		problem_add(&p, "metadata.finalizers", "FieldValueForbidden",
			    "Forbidden: no new finalizers can be added if the object is being deleted, found new "
			    "finalizers []string{\"%s\"}",
			    f->valuestring);
		return status_invalid(op->res->group, op->res->kind, op->name, &p);
	}
	return NULL;
}

/* A webhook may have changed anything. */
static cJSON *decode_again(struct op *op)
{
	enum field_validation how = op->validation;

	op->validation = FIELDS_IGNORE;
	cJSON *fail = object_decode(op, op->obj);

	op->validation = how;
	return fail;
}

static void validate(struct op *op)
{
	const cJSON *old = op_old(op);
	struct problems p = {.arena = &op->arena};
	cJSON *fail = decode_again(op);

	if (!fail) {
		op_count_generation(op);
		fail = kind_prepare(op, op->obj, old);
	}
	if (!fail) {
		object_validate(op, op->obj, old, &p);
		if (p.n) {
			const char *name = op_meta_str(op->obj, "name");

			fail = status_invalid(op->res->group, op->res->kind, name ? name : "", &p);
		}
	}
	if (!fail)
		fail = check_finalizers(op);
	if (!fail)
		fail = pod_security_check(op, op->obj);
	if (!fail)
		fail = grant_check(op, op->obj, old);
	if (fail) {
		op_fail(op, fail);
		return;
	}
	admission_run(op, ADMISSION_VALIDATING, commit);
}

static bool retry(struct op *op)
{
	const char *rv = op->verb == VERB_UPDATE ? json_str(op->body, "metadata.resourceVersion") : NULL;

	if ((rv && *rv) || ++op->tries >= OP_TRIES_MAX)
		return false;
	attempt(op);
	return true;
}

/* Somebody else has written meanwhile. */
static void conflict(struct op *op, const struct object *now)
{
	const char *name = op_meta_str(op->obj, "name");

	if (op->creating && op->verb == VERB_CREATE)
		op_fail(op, status_exists(op->res, name));
	else if (!retry(op))
		op_fail(op, now ? status_modified(op->res, name) : status_not_found(op->res, name));
}

static void commit_removed(struct op *op)
{
	struct err e = ERR_INIT;
	cJSON *answer = cJSON_Duplicate(op->obj, true);
	struct resource *r = op->res;

	if (db_remove(op->api->store, r->bucket, op->old, take(op->obj), &e) < 0) {
		cJSON_Delete(answer);
		op_fail(op, status_internal("%s", e.msg));
		return;
	}
	kind_committed(op->api, r, answer, true);
	op_reply(op, 200, answer);
	cJSON_Delete(answer);
}

static void commit_dry(struct op *op)
{
	if (op->creating)
		json_remove(json_get(op->obj, "metadata"), "resourceVersion");
	op_reply(op, op->creating ? 201 : 200, op->obj);
}

/* The tree that watches and readers see is of the stored version. */
static void commit_stored(struct op *op)
{
	struct object *now = db_get(op->res->bucket, op->ns, op_meta_str(op->obj, "name"));
	struct err e = ERR_INIT;

	if (now != op->old) {
		conflict(op, now);
		return;
	}
	if (op->dry_run) {
		commit_dry(op);
		return;
	}
	if (op->old && json_equal(op->obj, op->old->json)) {
		op_reply(op, 200, op->old->json);
		return;
	}
	if (op->old && object_is_released(op->obj)) {
		commit_removed(op);
		return;
	}
	struct object *o = db_put(op->api->store, op->res->bucket, op->old, take(op->obj), &e);

	if (!o) {
		op_fail(op, status_internal("%s", e.msg));
		return;
	}
	CLEANUP(object_unrefp) struct object *hold = object_ref(o);

	kind_committed(op->api, op->res, hold->json, false);
	op_reply(op, op->creating ? 201 : 200, hold->json);
}

static void commit(struct op *op)
{
	cJSON_Delete(take(op->was));
	op_convert(op, op->res->storage, commit_stored);
}

static void begin(struct op *op)
{
	if (op->verb == VERB_DELETE)
		op_delete(op);
	else
		begin_write(op);
}

/* One try, from the store's present state. */
static void attempt(struct op *op)
{
	bool apply = op->verb == VERB_PATCH && op->patch == LAB_PATCH_APPLY;
	struct object *now = op->verb == VERB_CREATE ? NULL : db_get(op->res->bucket, op->ns, op->name);

	object_unref(op->old);
	cJSON_Delete(take(op->was));
	op->old = now ? object_ref(now) : NULL;
	op->creating = op->verb == VERB_CREATE || (apply && !now && !op->sub);
	if (!now && !op->creating) {
		op_fail(op, status_not_found(op->res, op->name));
		return;
	}
	if (now && convert_needed(op->res, op->res->storage, op->asked)) {
		cJSON_Delete(take(op->obj));
		op->version = op->res->storage;
		op->was = cJSON_Duplicate(now->json, true);
		op_convert(op, op->asked, begin);
	} else {
		op->version = op->asked;
		begin(op);
	}
}

void op_start(struct op *op)
{
	op->started = true;
	attempt(op);
}
