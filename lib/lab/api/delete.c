/* Deleting: preconditions, grace periods, finalizers, propagation. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "lab/api/op.h"

#define POD_GRACE_S 30

static bool is_resource(const struct resource *r, const char *group, const char *plural)
{
	return strcmp(r->group, group) == 0 && strcmp(r->plural, plural) == 0;
}

bool object_is_released(const cJSON *obj)
{
	const cJSON *meta = json_get(obj, "metadata");
	const cJSON *spec_finalizers = json_at(obj, "spec.finalizers");
	const char *kind = json_str(obj, "kind");

	if (!json_get(meta, "deletionTimestamp") || json_int(meta, "deletionGracePeriodSeconds", 0) > 0)
		return false;
	if (kind && strcmp(kind, "Namespace") == 0 && !json_is_empty(spec_finalizers))
		return false;
	return json_is_empty(json_get(meta, "finalizers"));
}

static void mark(cJSON *obj, int64_t grace_s)
{
	cJSON *meta = json_get(obj, "metadata");
	char text[CLOCK_TEXT_MAX];
	int64_t generation = json_int(meta, "generation", 0);

	json_set_str(meta, "deletionTimestamp", clock_format_s(clock_wall_ns() / NS_PER_S + grace_s, text));
	json_set_int(meta, "deletionGracePeriodSeconds", grace_s);
	if (generation > 0)
		json_set_int(meta, "generation", generation + 1);
}

static void set_finalizer(cJSON *obj, const char *name, bool want)
{
	cJSON *list = json_array(json_get(obj, "metadata"), "finalizers");
	bool has = json_has_str(list, name);

	if (want && !has)
		cJSON_AddItemToArray(list, cJSON_CreateString(name));
	for (cJSON *c = list->child, *next; c && !want; c = next) {
		next = c->next;
		if (cJSON_IsString(c) && strcmp(c->valuestring, name) == 0)
			cJSON_Delete(cJSON_DetachItemViaPointer(list, c));
	}
	if (!list->child)
		json_remove(json_get(obj, "metadata"), "finalizers");
}

static int64_t grace_of(const struct op *op)
{
	const cJSON *obj = op->old->json;
	const char *phase = json_str(obj, "status.phase"), *node = json_str(obj, "spec.nodeName");
	int64_t asked = op->delete_options.grace_s;

	if (!is_resource(op->res, "", "pods"))
		return 0;
	if (!node || !*node || (phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0)))
		return 0;
	return asked >= 0 ? asked : json_int(obj, "spec.terminationGracePeriodSeconds", POD_GRACE_S);
}

/* NULL or a failure. */
static cJSON *check(struct op *op)
{
	const char *uid = json_str(op->old->json, "metadata.uid"), *want = op->delete_options.uid;
	struct resource by_kind = {.group = op->res->group, .plural = op->res->kind};

	if (want && uid && strcmp(want, uid) != 0) {
		cJSON *s = status_new(
			409, "Conflict",
			"Operation cannot be fulfilled on %s%s%s \"%s\": the UID in the precondition (%s) does "
			"not match the UID in record (%s). The object might have been deleted and then "
			"recreated",
			op->res->kind, *op->res->group ? "." : "", op->res->group, op->name, want, uid);

		return status_details(s, op->name, by_kind.group, by_kind.plural);
	}
	if (op->precondition_rv && strtoull(op->precondition_rv, NULL, 10) != op->old->rv) {
		cJSON *s = status_new(
			409, "Conflict",
			"Operation cannot be fulfilled on %s%s%s \"%s\": the ResourceVersion in the precondition "
			"(%s) does not match the ResourceVersion in record (%llu). The object might have been "
			"modified",
			op->res->kind, *op->res->group ? "." : "", op->res->group, op->name, op->precondition_rv,
			(unsigned long long)op->old->rv);

		return status_details(s, op->name, by_kind.group, by_kind.plural);
	}
	return NULL;
}

static void reply(struct op *op, const cJSON *json)
{
	op_done_fn done = op->done;

	op->done = NULL;
	if (done)
		done(op, 200, json);
	op_cancel(op);
}

/* Kinds whose last state is the answer; for others a Status says it. */
static bool answers_object(const struct resource *r)
{
	static const char *const plurals[] = {
		"pods",         "services",      "persistentvolumeclaims", "persistentvolumes", "serviceaccounts",
		"podtemplates", "resourcequotas"};

	for (size_t i = 0; !*r->group && i < ARRAY_LEN(plurals); i++)
		if (strcmp(r->plural, plurals[i]) == 0)
			return true;
	return false;
}

static void reply_gone(struct op *op, const cJSON *last)
{
	if (answers_object(op->res)) {
		reply(op, last);
		return;
	}
	cJSON *s = cJSON_CreateObject();
	const char *uid = json_str(last, "metadata.uid");

	json_set_str(s, "kind", "Status");
	json_set_str(s, "apiVersion", "v1");
	json_object(s, "metadata");
	json_set_str(s, "status", "Success");
	status_details(s, op->name, op->res->group, op->res->plural);
	if (uid)
		json_set_str(json_get(s, "details"), "uid", uid);
	reply(op, s);
	cJSON_Delete(s);
}

static void remove_now(struct op *op, cJSON *last)
{
	struct err e = ERR_INIT;
	cJSON *answer = cJSON_Duplicate(last, true);

	if (op->dry_run) {
		cJSON_Delete(last);
	} else if (db_remove(op->api->store, op->res->bucket, op->old, last, &e) < 0) {
		cJSON_Delete(answer);
		op_fail(op, status_internal("%s", e.msg));
		return;
	} else {
		kind_committed(op->api, op->res, answer, true);
	}
	reply_gone(op, answer);
	cJSON_Delete(answer);
}

static void keep_marked(struct op *op, cJSON *obj)
{
	struct err e = ERR_INIT;

	if (op->dry_run) {
		op_reply(op, 200, obj);
		cJSON_Delete(obj);
		return;
	}
	struct object *o = db_put(op->api->store, op->res->bucket, op->old, obj, &e);

	if (!o) {
		op_fail(op, status_internal("%s", e.msg));
		return;
	}
	CLEANUP(object_unrefp) struct object *hold = object_ref(o);

	kind_committed(op->api, op->res, hold->json, false);
	op_reply(op, 200, hold->json);
}

static void set_propagation(struct op *op, cJSON *obj)
{
	const char *p = op->delete_options.propagation;

	if (!p)
		return;
	set_finalizer(obj, "foregroundDeletion", strcmp(p, "Foreground") == 0);
	set_finalizer(obj, "orphan", strcmp(p, "Orphan") == 0);
}

/* Namespaces and definitions empty themselves first: see the finalizers of their kinds. */
static void set_kind_marks(struct op *op, cJSON *obj)
{
	if (is_resource(op->res, "", "namespaces")) {
		json_set_str(json_object(obj, "status"), "phase", "Terminating");
		json_remove(json_get(obj, "metadata"), "deletionGracePeriodSeconds");
	}
	if (is_resource(op->res, "apiextensions.k8s.io", "customresourcedefinitions"))
		set_finalizer(obj, "customresourcecleanup.apiextensions.k8s.io", true);
}

/* Nothing holds it: its last state then carries no mark of deletion. */
static bool goes_at_once(const struct op *op, const cJSON *obj, int64_t grace)
{
	const char *p = op->delete_options.propagation;

	return grace == 0 && json_is_empty(json_at(obj, "metadata.finalizers")) &&
	       !is_resource(op->res, "", "namespaces") &&
	       !is_resource(op->res, "apiextensions.k8s.io", "customresourcedefinitions") &&
	       (!p || strcmp(p, "Background") == 0);
}

static void carry_out(struct op *op)
{
	struct object *now = db_get(op->res->bucket, op->ns, op->name);
	int64_t grace = grace_of(op);

	if (now != op->old) {
		op_start(op);
		return;
	}
	cJSON *obj = cJSON_Duplicate(op->old->json, true), *meta = json_get(obj, "metadata");
	bool marked = json_get(meta, "deletionTimestamp") != NULL;
	int64_t had = json_int(meta, "deletionGracePeriodSeconds", 0);

	if (marked && grace >= had && !(grace == 0 && object_is_released(obj))) {
		op_reply(op, 200, obj);
		cJSON_Delete(obj);
		return;
	}
	if (!marked && goes_at_once(op, obj, grace)) {
		remove_now(op, obj);
		return;
	}
	if (!marked) {
		set_propagation(op, obj);
		mark(obj, grace);
		set_kind_marks(op, obj);
	} else if (grace < had) {
		json_set_int(meta, "deletionGracePeriodSeconds", grace);
	}
	if (object_is_released(obj))
		remove_now(op, obj);
	else
		keep_marked(op, obj);
}

static void validated(struct op *op)
{
	cJSON_Delete(op->obj);
	op->obj = NULL;
	carry_out(op);
}

static void mutated(struct op *op)
{
	admission_run(op, ADMISSION_VALIDATING, validated);
}

/* Some things the cluster cannot do without. */
static cJSON *check_protected(const struct op *op)
{
	static const char *const names[] = {"default", "kube-system", "kube-public"};

	for (size_t i = 0; is_resource(op->res, "", "namespaces") && i < ARRAY_LEN(names); i++)
		if (strcmp(op->name, names[i]) == 0)
			return status_forbidden(op->res, op->name, "this namespace may not be deleted");
	return NULL;
}

void op_delete(struct op *op)
{
	if (!op->old) {
		op_fail(op, status_not_found(op->res, op->name));
		return;
	}
	cJSON *fail = check_protected(op);

	if (!fail)
		fail = check(op);
	if (fail) {
		op_fail(op, fail);
		return;
	}
	admission_run(op, ADMISSION_MUTATING, mutated);
}
