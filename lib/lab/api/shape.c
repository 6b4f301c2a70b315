/* The shape of objects: decoding (unknown fields, defaults) and the checks that every object gets. */
#include <stdio.h>

#include "base/cleanup.h"
#include "lab/api/op.h"
#include "api/names.h"
#include "msg/msg.h"

#define UNKNOWN_MAX 20

struct unknown {
	struct op *op;
	struct buf list;
	int n;
};

static void on_unknown(void *arg, const char *path)
{
	struct unknown *u = arg;

	if (u->n++ >= UNKNOWN_MAX)
		return;
	if (u->op->validation == FIELDS_WARN)
		vec_push(&u->op->warnings, arena_printf(&u->op->arena, "unknown field \"%s\"", path));
	buf_printf(&u->list, "%sunknown field \"%s\"", u->list.len ? ", " : "", path);
}

static cJSON *cannot_handle(const struct op *op, const char *why)
{
	return status_bad_request("%s in version \"%s\" cannot be handled as a %s: %s", op->res->kind,
				  op->res->versions[op->version].name, op->res->kind, why);
}

static void drop_empty_meta(cJSON *meta)
{
	static const char *const names[] = {"labels", "annotations", "finalizers", "ownerReferences"};

	for (size_t i = 0; meta && i < ARRAY_LEN(names); i++)
		if (json_get(meta, names[i]) && json_is_empty(json_get(meta, names[i])))
			json_remove(meta, names[i]);
}

/* Types of a built-in kind are those of its struct. NULL or a failure. */
static cJSON *check_types(struct op *op, const cJSON *obj)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;

	if (!op->res->api || msg_new_from_json(op->res->api->desc, obj, &a, &e))
		return NULL;
	return cannot_handle(op, e.msg);
}

static bool is_patch(const struct op *op)
{
	return op->verb == VERB_PATCH && op->patch != LAB_PATCH_APPLY;
}

/* Of a patch what it makes is shown, of a strategic one the patch itself. before: the object with its unknown fields.
 */
static cJSON *not_strict(struct op *op, const cJSON *before, const char *unknown)
{
	struct problems p = {.arena = &op->arena};

	if (!is_patch(op))
		return cannot_handle(op, arena_printf(&op->arena, "strict decoding error: %s", unknown));
	CLEANUP(freep) char *text = json_to_text(op->patch == LAB_PATCH_STRATEGIC ? op->body : before);
	CLEANUP(json_freep) cJSON *string = cJSON_CreateString(text);
	CLEANUP(freep) char *quoted = json_to_text(string);

	problem_invalid(&p, "patch", quoted, "strict decoding error: %s", unknown);
	return status_invalid("", "", "", &p);
}

cJSON *object_decode(struct op *op, cJSON *obj)
{
	const struct schema *s = op->res->versions[op->version].schema;
	bool strict = op->validation == FIELDS_STRICT;
	CLEANUP(json_freep) cJSON *before = strict && is_patch(op) ? cJSON_Duplicate(obj, true) : NULL;
	struct unknown u = {.op = op};

	if (op->res->api && !op->res->custom)
		msg_keep_json(op->res->api->desc, obj);
	drop_empty_meta(json_get(obj, "metadata"));
	cJSON *fail = check_types(op, obj);

	if (!fail)
		fail = kind_check_bytes(op, obj);
	if (fail)
		return fail;
	schema_prune(s, obj, op->validation == FIELDS_IGNORE ? NULL : on_unknown, &u);
	CLEANUP(buf_done) struct buf list = u.list;

	if (u.n && strict)
		return not_strict(op, before, buf_str(&list));
	schema_default(s, obj);
	kind_default(op, obj);
	return NULL;
}

/* --- validation --- */

static void validate_name(struct op *op, const cJSON *meta, struct problems *p)
{
	const char *name = json_str(meta, "name"), *why;

	if (!name || !*name) {
		problem_required(p, "metadata.name", "name or generateName is required");
		return;
	}
	why = name_problem(name_rule(op->res->group, op->res->plural), name);
	if (why)
		problem_invalid(p, "metadata.name", arena_printf(p->arena, "\"%s\"", name), "%s", why);
}

static void validate_labels(const cJSON *labels, const char *path, struct problems *p)
{
	JSON_EACH(l, labels)
	{
		const char *value = cJSON_IsString(l) ? l->valuestring : "";
		const char *why = label_key_problem(l->string);

		if (why)
			problem_invalid(p, path, arena_printf(p->arena, "\"%s\"", l->string), "%s", why);
		why = label_value_problem(value);
		if (why)
			problem_invalid(p, path, arena_printf(p->arena, "\"%s\"", value), "%s", why);
	}
}

static void validate_meta(struct op *op, const cJSON *obj, struct problems *p)
{
	const cJSON *meta = json_get(obj, "metadata");

	if (!op->old)
		validate_name(op, meta, p);
	validate_labels(json_get(meta, "labels"), "metadata.labels", p);
	JSON_EACH(a, json_get(meta, "annotations"))
	if (label_key_problem(a->string))
		problem_invalid(p, "metadata.annotations", arena_printf(p->arena, "\"%s\"", a->string), "%s",
				label_key_problem(a->string));
}

static void on_problem(void *arg, const char *path, enum msg_cause cause, const char *text)
{
	problem_add(arg, path, msg_cause_str(cause), "%s", text);
}

static void validate_builtin(struct op *op, const cJSON *obj, struct problems *p)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	void *typed = msg_new_from_json(op->res->api->desc, obj, &a, NULL);

	if (typed)
		msg_validate(op->res->api->desc, typed, on_problem, p);
}

void object_validate(struct op *op, const cJSON *obj, const cJSON *old, struct problems *p)
{
	validate_meta(op, obj, p);
	kind_validate(op, obj, old, p);
	if (op->res->custom) {
		schema_validate(op->res->versions[op->version].schema, obj, "", p);
		cel_rules_check(op->res->versions[op->version].rules, obj, old, p);
	} else {
		validate_builtin(op, obj, p);
	}
}
