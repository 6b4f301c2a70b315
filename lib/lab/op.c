/*
 * Writes: create, update and patch. Each attempt starts from what is stored now; when that changed while webhooks were
 * asked, a patch (and an update without a resourceVersion) starts again.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/rand.h"
#include "lab/api_internal.h"
#include "lab/fields_internal.h"
#include "lab/patch_internal.h"

static void attempt(struct op *op);

const char *now_text(char *out)
{
	return clock_format_s(clock_wall_ns() / NS_PER_S, out);
}

struct op *op_new(struct lab_api *api, enum verb verb, struct resource *r, size_t version)
{
	struct op *op = NEW(struct op);

	op->api = api;
	op->verb = verb;
	op->res = resource_ref(r);
	op->version = version;
	op->ns = "";
	op->delete_options.grace_s = -1;
	list_append(&api->ops, &op->link);
	return op;
}

static void op_free(struct op *op)
{
	admission_cancel(op);
	task_cancel(&op->task);
	list_remove(&op->link);
	cJSON_Delete(op->body);
	cJSON_Delete(op->obj);
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
	if (done)
		done(op, status, result);
	op_free(op);
}

void op_fail(struct op *op, cJSON *status)
{
	finish(op, status_code(status), status);
	cJSON_Delete(status);
}

static const struct resource_version *version_of(const struct op *op)
{
	return &op->res->versions[op->version];
}

void object_set_type(cJSON *obj, const struct resource *r, size_t version)
{
	char text[256];

	jx_object(obj, "metadata");
	jx_set_first(obj, "metadata", cJSON_DetachItemFromObjectCaseSensitive(obj, "metadata"));
	jx_set_first(obj, "apiVersion", cJSON_CreateString(resource_api_version(r, version, text)));
	jx_set_first(obj, "kind", cJSON_CreateString(r->kind));
}

/* The namespace must exist and must not be going away. NULL or a failure. */
static cJSON *check_namespace(struct op *op)
{
	int v;
	struct resource *namespaces = resources_find(&op->api->resources, "", "v1", "namespaces", &v);
	const struct object *ns = op->res->namespaced ? db_get(namespaces->bucket, "", op->ns) : NULL;
	const char *name = jx_str(op->obj, "metadata.name");

	if (!op->res->namespaced)
		return NULL;
	if (!ns)
		return status_not_found(namespaces, op->ns);
	if (!jx_path(ns->json, "metadata.deletionTimestamp") || strcmp(op->res->plural, "events") == 0)
		return NULL;
	cJSON *s = status_forbidden(
		op->res, name, "unable to create new content in namespace %s because it is being terminated", op->ns);

	status_cause(s, "NamespaceTerminating", arena_printf(&op->arena, "namespace %s is being terminated", op->ns),
		     "metadata.namespace");
	return s;
}

/* --- what the request makes of the old object --- */

static cJSON *patch_failure(struct op *op, int r, const char *message)
{
	cJSON *s;

	if (r == -ENOENT) {
		s = status_new(422, "Invalid", "the server rejected our request due to an error in our request");
		jx_object(s, "details");
		return s;
	}
	(void)op;
	return status_bad_request("%s", message);
}

static cJSON *apply_failure(cJSON *causes, const char *message)
{
	cJSON *s = status_new(409, "Conflict", "%s", message);

	jx_set(jx_object(s, "details"), "causes", causes);
	return s;
}

static struct manager manager_of(struct op *op, const char *now)
{
	char text[256];

	return (struct manager){.name = op->manager && *op->manager ? op->manager : "unknown",
				.api_version =
					arena_strdup(&op->arena, resource_api_version(op->res, op->version, text)),
				.now = now,
				.builtin = !op->res->custom};
}

static cJSON *run_apply(struct op *op, cJSON **ret)
{
	CLEANUP(buf_done) struct buf message = BUF_INIT;
	char now[CLOCK_TEXT_MAX];
	struct manager m = manager_of(op, arena_strdup(&op->arena, now_text(now)));
	cJSON *config = cJSON_Duplicate(op->body, true), *causes = NULL;

	if (jx_path(config, "metadata.managedFields")) {
		cJSON_Delete(config);
		return status_bad_request("metadata.managedFields must be nil");
	}
	object_set_type(config, op->res, op->version);
	*ret = fields_apply(version_of(op)->schema, &m, op->old ? op->old->json : NULL, config, op->force, &causes,
			    &message);
	cJSON_Delete(config);
	return *ret ? NULL : apply_failure(causes, buf_str(&message));
}

static cJSON *run_patch(struct op *op, cJSON *base, cJSON **ret)
{
	struct err e = ERR_INIT;
	int r;

	switch (op->patch) {
	case LAB_PATCH_JSON:
		r = patch_json(&base, op->body, &e);
		if (r < 0) {
			cJSON_Delete(base);
			return patch_failure(op, r, e.msg);
		}
		break;
	case LAB_PATCH_STRATEGIC:
		base = patch_strategic(version_of(op)->schema, base, op->body, &e);
		if (!base)
			return status_bad_request("%s", e.msg);
		break;
	default:
		base = patch_merge(base, op->body);
	}
	*ret = base;
	return NULL;
}

static bool is_sub(const struct op *op, const char *name)
{
	return op->sub && strcmp(op->sub, name) == 0;
}

/* The new object before admission, in op->obj. NULL or a failure. */
static cJSON *build(struct op *op)
{
	cJSON *base, *fail = NULL, *made = NULL;

	if (is_sub(op, "binding")) {
		const char *node = jx_str(op->body, "target.name");

		made = cJSON_Duplicate(op->old->json, true);
		jx_set_str(jx_object(made, "spec"), "nodeName", node ? node : "");
	} else if (op->verb != VERB_PATCH) {
		made = cJSON_Duplicate(op->body, true);
	} else if (op->patch == LAB_PATCH_APPLY && !is_sub(op, "scale")) {
		fail = run_apply(op, &made);
	} else {
		base = is_sub(op, "scale") ? scale_of(op->res, op->version, op->old->json)
					   : cJSON_Duplicate(op->old->json, true);
		if (!is_sub(op, "scale"))
			object_set_type(base, op->res, op->version);
		fail = run_patch(op, base, &made);
	}
	if (fail)
		return fail;
	if (is_sub(op, "scale")) {
		cJSON *scale = made;

		made = cJSON_Duplicate(op->old->json, true);
		fail = scale_apply(op->res, op->version, made, scale);
		cJSON_Delete(scale);
	}
	cJSON_Delete(op->obj);
	op->obj = made;
	if (!fail && !cJSON_IsObject(made))
		fail = status_bad_request("the body is no object");
	return fail;
}

/* --- metadata --- */

static const char *meta_str(const cJSON *obj, const char *key)
{
	return jx_str(jx_get(obj, "metadata"), key);
}

/* Names and namespaces of body and path must agree. NULL or a failure. */
static cJSON *check_identity(struct op *op)
{
	const char *ns = meta_str(op->obj, "namespace"), *name = meta_str(op->obj, "name");
	const char *kind = jx_str(op->obj, "kind"), *api_version = jx_str(op->obj, "apiVersion");
	char want[256];

	resource_api_version(op->res, op->version, want);
	if (!cJSON_IsObject(jx_object(op->obj, "metadata")))
		return status_bad_request("metadata is no object");
	if (kind && *kind && strcmp(kind, op->res->kind) != 0) {
		const char *v = version_of(op)->name;

		if (op->res->custom || !api_version || strcmp(api_version, want) != 0)
			return status_bad_request("%s in version \"%s\" cannot be handled as a %s: no kind \"%s\" is "
						  "registered for version \"%s\" in scheme",
						  kind, v, op->res->kind, kind, api_version ? api_version : "");
		const char *group = *op->res->group ? op->res->group : "core";
		struct slice g = slice_str(group), first = slice_split(&g, '.');

		return status_bad_request("%s in version \"%s\" cannot be handled as a %s: converting (%s.%s) to "
					  "(%.*s.%s): unknown conversion",
					  kind, v, op->res->kind, v, kind, SLICE_ARG(first), op->res->kind);
	}
	if (api_version && *api_version && strcmp(api_version, want) != 0)
		return status_bad_request(
			"the API version in the data (%s) does not match the expected API version (%s)", api_version,
			want);
	if (op->res->namespaced && ns && *ns && strcmp(ns, op->ns) != 0)
		return status_bad_request(
			"the namespace of the provided object does not match the namespace sent on the request");
	if (op->name && name && *name && strcmp(name, op->name) != 0)
		return status_bad_request("the name of the object (%s) does not match the name on the URL (%s)", name,
					  op->name);
	cJSON *meta = jx_object(op->obj, "metadata");

	if (op->name)
		jx_set_str(meta, "name", op->name);
	if (op->res->namespaced)
		jx_set_str(meta, "namespace", op->ns);
	else
		jx_remove(meta, "namespace");
	object_set_type(op->obj, op->res, op->version);
	return NULL;
}

static void meta_of_new(struct op *op)
{
	static const char *const server_side[] = {"uid", "resourceVersion", "selfLink", "deletionTimestamp",
						  "deletionGracePeriodSeconds"};
	cJSON *meta = jx_object(op->obj, "metadata");
	const char *prefix = jx_str(meta, "generateName"), *name = jx_str(meta, "name");
	char uid[37], now[CLOCK_TEXT_MAX], suffix[6];

	for (size_t i = 0; i < ARRAY_LEN(server_side); i++)
		jx_remove(meta, server_side[i]);
	if (prefix && *prefix && (!name || !*name)) {
		rand_suffix(suffix, 5);
		jx_set_str(meta, "name", arena_printf(&op->arena, "%.58s%s", prefix, suffix));
	}
	if (!jx_get(meta, "uid")) {
		rand_uuid(uid);
		jx_set_str(meta, "uid", uid);
	}
	jx_set_str(meta, "creationTimestamp", now_text(now));
	if (kind_has_generation(op->res))
		jx_set_int(meta, "generation", 1);
	else
		jx_remove(meta, "generation");
}

/* What an update cannot change comes from the old object. */
static void meta_of_old(struct op *op)
{
	static const char *const fixed[] = {
		"uid",          "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
		"generateName", "resourceVersion"};
	cJSON *meta = jx_object(op->obj, "metadata");
	const cJSON *old = jx_get(op->old->json, "metadata");

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		jx_copy_member(meta, old, fixed[i]);
	jx_remove(meta, "selfLink");
}

/* Status belongs to the status subresource, all else to the main one. */
static void split_status(struct op *op)
{
	if (op->creating || !version_of(op)->has_status)
		return;
	if (is_sub(op, "status")) {
		cJSON *status = cJSON_DetachItemFromObjectCaseSensitive(op->obj, "status");
		cJSON *managed = cJSON_DetachItemFromObjectCaseSensitive(jx_get(op->obj, "metadata"), "managedFields");
		cJSON *obj = cJSON_Duplicate(op->old->json, true);

		jx_remove(obj, "status");
		if (status)
			jx_set(obj, "status", status);
		if (managed)
			jx_set(jx_get(obj, "metadata"), "managedFields", managed);
		cJSON_Delete(op->obj);
		op->obj = obj;
		object_set_type(obj, op->res, op->version);
	} else {
		jx_copy_member(op->obj, op->old->json, "status");
	}
}

/* An update's own conditions: resourceVersion and uid in the body. NULL or a failure. */
static cJSON *check_preconditions(struct op *op)
{
	const char *rv = meta_str(op->obj, "resourceVersion"), *uid = meta_str(op->obj, "uid");
	const char *name = op->name ? op->name : "";

	if (rv && *rv && strcmp(rv, "0") != 0 && strtoull(rv, NULL, 10) != op->old->rv)
		return status_modified(op->res, name);
	const char *had = meta_str(op->old->json, "uid");

	if (uid && *uid && had && strcmp(uid, had) != 0)
		return status_conflict(
			op->res, name,
			arena_printf(&op->arena, "Precondition failed: UID in precondition: %s, UID in object meta: %s",
				     uid, had));
	return NULL;
}

static bool same_but_meta_and_status(const cJSON *a, const cJSON *b)
{
	JX_EACH(c, a)
	if (strcmp(c->string, "metadata") != 0 && strcmp(c->string, "status") != 0 &&
	    strcmp(c->string, "apiVersion") != 0 && !json_equal(c, jx_get(b, c->string)))
		return false;
	JX_EACH(c, b)
	if (strcmp(c->string, "metadata") != 0 && strcmp(c->string, "status") != 0 && !jx_get(a, c->string))
		return false;
	return true;
}

static void count_generation(struct op *op)
{
	cJSON *meta = jx_get(op->obj, "metadata");

	if (op->creating || !kind_has_generation(op->res))
		return;
	if (!same_but_meta_and_status(op->obj, op->old->json))
		jx_set_int(meta, "generation", jx_int(meta, "generation", 0) + 1);
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

static void begin_write(struct op *op)
{
	cJSON *fail = build(op);

	if (!fail)
		fail = check_identity(op);
	if (!fail && op->creating)
		fail = check_namespace(op);
	if (!fail && op->old)
		fail = check_preconditions(op);
	if (!fail)
		fail = object_decode(op, op->obj);
	if (!fail) {
		if (op->old)
			meta_of_old(op);
		else
			meta_of_new(op);
		split_status(op);
	}
	fail_if(op, fail, mutate);
}

static void record_fields(struct op *op)
{
	char now[CLOCK_TEXT_MAX];
	struct manager m = manager_of(op, now_text(now));

	if (op->verb == VERB_PATCH && op->patch == LAB_PATCH_APPLY && !is_sub(op, "scale"))
		return;
	fields_update(version_of(op)->schema, &m, op->old ? op->old->json : NULL, op->obj);
}

static cJSON *check_finalizers(struct op *op)
{
	const cJSON *old = op->old ? jx_path(op->old->json, "metadata.finalizers") : NULL;

	if (!op->old || !jx_path(op->old->json, "metadata.deletionTimestamp"))
		return NULL;
	JX_EACH(f, jx_path(op->obj, "metadata.finalizers"))
	{
		if (!cJSON_IsString(f) || jx_has_str(old, f->valuestring))
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
	const cJSON *old = op->old ? op->old->json : NULL;
	struct problems p = {.arena = &op->arena};
	cJSON *fail = decode_again(op);

	if (!fail) {
		record_fields(op);
		count_generation(op);
		fail = kind_prepare(op, op->obj, old);
	}
	if (!fail) {
		object_validate(op, op->obj, old, &p);
		if (p.n) {
			const char *name = meta_str(op->obj, "name");

			fail = status_invalid(op->res->group, op->res->kind, name ? name : "", &p);
		}
	}
	if (!fail)
		fail = check_finalizers(op);
	if (!fail)
		fail = grant_check(op, op->obj, old);
	if (fail) {
		op_fail(op, fail);
		return;
	}
	admission_run(op, ADMISSION_VALIDATING, commit);
}

/* The tree that watches and readers see is of the stored version. */
static void to_stored_version(struct op *op)
{
	if (op->version != op->res->storage)
		object_set_type(op->obj, op->res, op->res->storage);
}

static void reply_stored(struct op *op, int status, const cJSON *json)
{
	if (op->version == op->res->storage) {
		finish(op, status, json);
		return;
	}
	cJSON *copy = cJSON_Duplicate(json, true);

	object_set_type(copy, op->res, op->version);
	finish(op, status, copy);
	cJSON_Delete(copy);
}

static bool retry(struct op *op)
{
	const char *rv = op->verb == VERB_UPDATE ? jx_str(op->body, "metadata.resourceVersion") : NULL;

	if ((rv && *rv) || ++op->tries >= OP_TRIES_MAX)
		return false;
	attempt(op);
	return true;
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
	reply_stored(op, 200, answer);
	cJSON_Delete(answer);
}

static void commit_dry(struct op *op)
{
	if (op->creating)
		jx_remove(jx_get(op->obj, "metadata"), "resourceVersion");
	reply_stored(op, op->creating ? 201 : 200, op->obj);
}

static void commit(struct op *op)
{
	const char *name = meta_str(op->obj, "name");
	struct object *now = db_get(op->res->bucket, op->ns, name);
	struct err e = ERR_INIT;

	if (now != op->old) {
		if (op->creating && op->verb == VERB_CREATE) {
			op_fail(op, status_exists(op->res, name));
			return;
		}
		if (!retry(op))
			op_fail(op, now ? status_modified(op->res, name) : status_not_found(op->res, name));
		return;
	}
	to_stored_version(op);
	if (op->dry_run) {
		commit_dry(op);
		return;
	}
	if (op->old && json_equal(op->obj, op->old->json)) {
		reply_stored(op, 200, op->old->json);
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
	reply_stored(op, op->creating ? 201 : 200, hold->json);
}

/* One try, from the store's present state. */
static void attempt(struct op *op)
{
	bool apply = op->verb == VERB_PATCH && op->patch == LAB_PATCH_APPLY;
	struct object *now = op->verb == VERB_CREATE ? NULL : db_get(op->res->bucket, op->ns, op->name);

	object_unref(op->old);
	op->old = now ? object_ref(now) : NULL;
	op->creating = op->verb == VERB_CREATE || (apply && !now && !op->sub);
	if (op->verb == VERB_DELETE)
		op_delete(op);
	else if (!now && !op->creating)
		op_fail(op, status_not_found(op->res, op->name));
	else
		begin_write(op);
}

void op_start(struct op *op)
{
	op->started = true;
	attempt(op);
}
