/* The object that a write makes: from body or patch, with the metadata that the server keeps. See op_internal.h. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rand.h"
#include "lab/api/op_internal.h"
#include "lab/object/patch.h"

/* --- what the request makes of the old object --- */

static cJSON *patch_failure(struct op *op, int r, const char *message)
{
	cJSON *s;

	if (r == -ENOENT) {
		s = status_new(422, "Invalid", "the server rejected our request due to an error in our request");
		json_object(s, "details");
		return s;
	}
	(void)op;
	return status_bad_request("%s", message);
}

static cJSON *apply_failure(cJSON *causes, const char *message)
{
	cJSON *s = status_new(409, "Conflict", "%s", message);

	json_set(json_object(s, "details"), "causes", causes);
	return s;
}

struct manager op_manager_of(struct op *op, const char *now)
{
	char text[256];

	return (struct manager){.name = op->manager && *op->manager ? op->manager : "unknown",
				.api_version =
					arena_strdup(&op->arena, resource_api_version(op->res, op->version, text)),
				.subresource = op->sub && *op->sub ? op->sub : NULL,
				.now = now,
				.builtin = !op->res->custom,
				.status_apart = op_version(op)->has_status};
}

struct undeclared {
	const struct schema *schema;
	const cJSON *config;
	struct buf list;
	int n;
};

/* The place of an item as structured merge diff says it: by its keys where the list has such, else by its number. */
static void print_item(const struct schema *list, const cJSON *item, long i, struct buf *out)
{
	if (!list || list->list != SCHEMA_LIST_MAP) {
		buf_printf(out, "[%ld]", i);
		return;
	}
	for (size_t k = 0; k < list->n_keys; k++) {
		CLEANUP(freep) char *value = json_to_text(json_get(item, list->keys[k]));

		buf_printf(out, "%s%s=%s", k ? "," : "[", list->keys[k], value);
	}
	buf_append_char(out, ']');
}

/* path: "spec.containers[0].imagee" */
static void on_undeclared(void *arg, const char *path)
{
	struct undeclared *u = arg;
	const struct schema *s = u->schema;
	const cJSON *at = u->config;
	char name[256];

	buf_append_str(&u->list, u->n++ ? "\n  " : "");
	while (*path) {
		size_t n = strcspn(path, ".[");

		if (*path == '[') {
			long i = strtol(path + 1, NULL, 10);

			at = cJSON_GetArrayItem(at, (int)i);
			print_item(s, at, i, &u->list);
			s = s ? s->items : NULL;
			path += strcspn(path, "]") + 1;
		} else {
			snprintf(name, sizeof(name), "%.*s", (int)n, path);
			buf_printf(&u->list, ".%s", name);
			s = schema_member(s, name);
			at = json_get(at, name);
			path += n;
		}
		path += *path == '.';
	}
	buf_append_str(&u->list, ": field not declared in schema");
}

/* What is applied is merged by its schema: there is no place for what that does not know. NULL or a failure. */
static cJSON *check_declared(struct op *op, const cJSON *config)
{
	CLEANUP(json_freep) cJSON *copy = cJSON_Duplicate(config, true);
	struct undeclared u = {.schema = op_version(op)->schema, .config = config};
	const char *ns = json_str(config, "metadata.namespace"), *name = json_str(config, "metadata.name");
	char version[256];

	schema_prune(u.schema, copy, on_undeclared, &u);
	CLEANUP(buf_done) struct buf list = u.list;

	if (!u.n)
		return NULL;
	resource_api_version(op->res, op->version, version);
	return status_new(500, NULL, "failed to create typed patch object (%s/%s; %s%s, Kind=%s): %s%s", ns ? ns : "",
			  name ? name : "", strchr(version, '/') ? "" : "/", version, op->res->kind,
			  u.n > 1 ? "errors:\n  " : "", buf_str(&list));
}

static cJSON *run_apply(struct op *op, cJSON **ret)
{
	CLEANUP(buf_done) struct buf message = BUF_INIT;
	char now[CLOCK_TEXT_MAX];
	struct manager m = op_manager_of(op, arena_strdup(&op->arena, clock_now_text(now)));
	cJSON *config = cJSON_Duplicate(op->body, true), *causes = NULL;

	if (json_at(config, "metadata.managedFields")) {
		cJSON_Delete(config);
		return status_bad_request("metadata.managedFields must be nil");
	}
	object_set_type(config, op->res, op->version);
	cJSON *fail = check_declared(op, config);

	if (fail) {
		cJSON_Delete(config);
		return fail;
	}
	*ret = fields_apply(op_version(op)->schema, &m, op_old(op), config, op->force, &causes, &message);
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
		base = patch_strategic(op_version(op)->schema, base, op->body, &e);
		if (!base)
			return status_bad_request("%s", e.msg);
		break;
	default:
		base = patch_merge(base, op->body);
	}
	*ret = base;
	return NULL;
}

bool op_is_sub(const struct op *op, const char *name)
{
	return op->sub && strcmp(op->sub, name) == 0;
}

/* The new object before admission, in op->obj. NULL or a failure. */
cJSON *op_build(struct op *op)
{
	cJSON *base, *fail = NULL, *made = NULL;

	if (op_is_sub(op, "binding")) {
		const char *node = json_str(op->body, "target.name");

		made = cJSON_Duplicate(op_old(op), true);
		json_set_str(json_object(made, "spec"), "nodeName", node ? node : "");
	} else if (op->verb != VERB_PATCH) {
		made = cJSON_Duplicate(op->body, true);
	} else if (op->patch == LAB_PATCH_APPLY && !op_is_sub(op, "scale")) {
		fail = run_apply(op, &made);
	} else {
		base = op_is_sub(op, "scale") ? scale_of(op->res, op->version, op_old(op))
					      : cJSON_Duplicate(op_old(op), true);
		if (!op_is_sub(op, "scale"))
			object_set_type(base, op->res, op->version);
		fail = run_patch(op, base, &made);
	}
	if (fail)
		return fail;
	if (op_is_sub(op, "scale")) {
		cJSON *scale = made;

		made = cJSON_Duplicate(op_old(op), true);
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

/* Names and namespaces of body and path must agree. NULL or a failure. */
cJSON *op_check_identity(struct op *op)
{
	const char *ns = op_meta_str(op->obj, "namespace"), *name = op_meta_str(op->obj, "name");
	const char *kind = json_str(op->obj, "kind"), *api_version = json_str(op->obj, "apiVersion");
	char want[256];

	resource_api_version(op->res, op->version, want);
	if (!cJSON_IsObject(json_object(op->obj, "metadata")))
		return status_bad_request("metadata is no object");
	if (kind && *kind && strcmp(kind, op->res->kind) != 0) {
		const char *v = op_version(op)->name;

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
	cJSON *meta = json_object(op->obj, "metadata");

	if (op->name)
		json_set_str(meta, "name", op->name);
	if (op->res->namespaced)
		json_set_str(meta, "namespace", op->ns);
	else
		json_remove(meta, "namespace");
	object_set_type(op->obj, op->res, op->version);
	return NULL;
}

void op_meta_of_new(struct op *op)
{
	static const char *const server_side[] = {"uid", "resourceVersion", "selfLink", "deletionTimestamp",
						  "deletionGracePeriodSeconds"};
	cJSON *meta = json_object(op->obj, "metadata");
	const char *prefix = json_str(meta, "generateName"), *name = json_str(meta, "name");
	char uid[37], now[CLOCK_TEXT_MAX], suffix[6];

	for (size_t i = 0; i < ARRAY_LEN(server_side); i++)
		json_remove(meta, server_side[i]);
	if (prefix && *prefix && (!name || !*name)) {
		rand_suffix(suffix, 5);
		json_set_str(meta, "name", arena_printf(&op->arena, "%.58s%s", prefix, suffix));
	}
	if (!json_get(meta, "uid")) {
		rand_uuid(uid);
		json_set_str(meta, "uid", uid);
	}
	json_set_str(meta, "creationTimestamp", clock_now_text(now));
	if (kind_has_generation(op->res))
		json_set_int(meta, "generation", 1);
	else
		json_remove(meta, "generation");
}

/* What an update cannot change comes from the old object. */
void op_meta_of_old(struct op *op)
{
	static const char *const fixed[] = {
		"uid",          "creationTimestamp", "generation", "deletionTimestamp", "deletionGracePeriodSeconds",
		"generateName", "resourceVersion"};
	cJSON *meta = json_object(op->obj, "metadata");
	const cJSON *old = json_get(op_old(op), "metadata");

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		json_copy_member(meta, old, fixed[i]);
	json_remove(meta, "selfLink");
}

/* Status belongs to the status subresource, all else to the main one. */
void op_split_status(struct op *op)
{
	if (op->creating || !op_version(op)->has_status)
		return;
	if (op_is_sub(op, "status")) {
		cJSON *status = cJSON_DetachItemFromObjectCaseSensitive(op->obj, "status");
		cJSON *managed =
			cJSON_DetachItemFromObjectCaseSensitive(json_get(op->obj, "metadata"), "managedFields");
		cJSON *obj = cJSON_Duplicate(op_old(op), true);

		json_remove(obj, "status");
		if (status)
			json_set(obj, "status", status);
		if (managed)
			json_set(json_get(obj, "metadata"), "managedFields", managed);
		cJSON_Delete(op->obj);
		op->obj = obj;
		object_set_type(obj, op->res, op->version);
	} else {
		json_copy_member(op->obj, op_old(op), "status");
	}
}

/* An update's own conditions: resourceVersion and uid in the body. NULL or a failure. */
cJSON *op_check_preconditions(struct op *op)
{
	const char *rv = op_meta_str(op->obj, "resourceVersion"), *uid = op_meta_str(op->obj, "uid");
	const char *name = op->name ? op->name : "";

	if (rv && *rv && strcmp(rv, "0") != 0 && strtoull(rv, NULL, 10) != op->old->rv)
		return status_modified(op->res, name);
	const char *had = op_meta_str(op_old(op), "uid");

	if (uid && *uid && had && strcmp(uid, had) != 0)
		return status_conflict(
			op->res, name,
			arena_printf(&op->arena, "Precondition failed: UID in precondition: %s, UID in object meta: %s",
				     uid, had));
	return NULL;
}

static bool same_but_meta_and_status(const cJSON *a, const cJSON *b)
{
	JSON_EACH(c, a)
	if (strcmp(c->string, "metadata") != 0 && strcmp(c->string, "status") != 0 &&
	    strcmp(c->string, "apiVersion") != 0 && !json_equal(c, json_get(b, c->string)))
		return false;
	JSON_EACH(c, b)
	if (strcmp(c->string, "metadata") != 0 && strcmp(c->string, "status") != 0 && !json_get(a, c->string))
		return false;
	return true;
}

void op_count_generation(struct op *op)
{
	cJSON *meta = json_get(op->obj, "metadata");

	if (op->creating || !kind_has_generation(op->res))
		return;
	if (!same_but_meta_and_status(op->obj, op_old(op)))
		json_set_int(meta, "generation", json_int(meta, "generation", 0) + 1);
}
