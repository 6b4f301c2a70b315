/* metadata.managedFields: the bookkeeping of updates, and server-side apply on top of it. See fields.h. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "lab/object/fields.h"
#include "lab/object/fset_internal.h"
#include "msg/json.h"

#define UPDATE_MANAGERS_MAX 10

struct entry {
	const char *manager, *api_version, *time, *subresource;
	bool apply, touched;
	struct fset *set;
};

struct entries {
	struct arena arena;
	VEC(struct entry) list;
};

static void entries_done(struct entries *m)
{
	vec_done(&m->list);
	arena_done(&m->arena);
}

static const char *dup_or(struct arena *a, const char *s, const char *dflt)
{
	return s ? arena_strdup(a, s) : dflt;
}

static void entries_read(struct entries *m, const cJSON *managed)
{
	JSON_EACH(j, managed)
	{
		struct entry *e = vec_add(&m->list);
		const char *op = json_str(j, "operation");

		e->manager = dup_or(&m->arena, json_str(j, "manager"), "");
		e->api_version = dup_or(&m->arena, json_str(j, "apiVersion"), "");
		e->time = dup_or(&m->arena, json_str(j, "time"), NULL);
		e->subresource = dup_or(&m->arena, json_str(j, "subresource"), NULL);
		e->apply = op && strcmp(op, "Apply") == 0;
		e->set = fset_from_json(&m->arena, json_get(j, "fieldsV1"));
	}
}

static bool same_sub(const char *a, const char *b)
{
	return a ? b && strcmp(a, b) == 0 : !b;
}

/* The entry of a manager, made when absent. */
static struct entry *entries_get(struct entries *m, const struct manager *who, bool apply)
{
	for (size_t i = 0; i < m->list.n; i++) {
		struct entry *e = &m->list.v[i];

		if (e->apply == apply && strcmp(e->manager, who->name) == 0 &&
		    same_sub(e->subresource, who->subresource) &&
		    (apply || strcmp(e->api_version, who->api_version) == 0))
			return e;
	}
	struct entry *e = vec_add(&m->list);

	e->manager = who->name;
	e->api_version = who->api_version;
	e->subresource = who->subresource;
	e->apply = apply;
	e->set = fset_new(&m->arena);
	return e;
}

static int entry_order(const struct entry *a, const struct entry *b)
{
	if (a->apply != b->apply)
		return a->apply ? -1 : 1;
	int r = strcmp(a->time ? a->time : "", b->time ? b->time : "");

	return r ? r : strcmp(a->manager, b->manager);
}

static cJSON *entry_to_json(const struct entry *e)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "manager", e->manager);
	json_set_str(j, "operation", e->apply ? "Apply" : "Update");
	json_set_str(j, "apiVersion", e->api_version);
	if (e->time)
		json_set_str(j, "time", e->time);
	json_set_str(j, "fieldsType", "FieldsV1");
	json_set(j, "fieldsV1", fset_to_json(e->set));
	if (e->subresource)
		json_set_str(j, "subresource", e->subresource);
	return j;
}

static void entries_sort(struct entries *m)
{
	for (size_t i = 1; i < m->list.n; i++) {
		struct entry e = m->list.v[i];
		size_t k = i;

		for (; k > 0 && entry_order(&e, &m->list.v[k - 1]) < 0; k--)
			m->list.v[k] = m->list.v[k - 1];
		m->list.v[k] = e;
	}
}

static void entries_write(struct entries *m, cJSON *obj)
{
	cJSON *meta = json_object(obj, "metadata"), *list = cJSON_CreateArray();

	entries_sort(m);
	for (size_t i = 0; i < m->list.n; i++)
		if (!fset_empty(m->list.v[i].set))
			cJSON_AddItemToArray(list, entry_to_json(&m->list.v[i]));
	json_remove(meta, "managedFields");
	if (list->child)
		json_set(meta, "managedFields", list);
	else
		cJSON_Delete(list);
}

/* Fields that nobody manages. */
static struct fset *unmanaged(struct arena *a)
{
	static const char text[] =
		"{\"f:apiVersion\":{},\"f:kind\":{},\"f:metadata\":{\".\":{},\"f:name\":{},\"f:namespace\":{},"
		"\"f:creationTimestamp\":{},\"f:selfLink\":{},\"f:uid\":{},\"f:clusterName\":{},\"f:generation\":{},"
		"\"f:managedFields\":{},\"f:resourceVersion\":{},\"f:deletionTimestamp\":{},"
		"\"f:deletionGracePeriodSeconds\":{}}}";
	cJSON *j = json_literal(text);
	struct fset *s = fset_from_json(a, j);

	cJSON_Delete(j);
	return s;
}

/* A copy without the metadata that nobody manages. */
static cJSON *stripped(const cJSON *obj)
{
	static const char *const meta_fields[] = {
		"name",       "namespace",     "creationTimestamp", "selfLink",          "uid",
		"generation", "managedFields", "resourceVersion",   "deletionTimestamp", "deletionGracePeriodSeconds"};
	cJSON *copy = cJSON_Duplicate(obj, true), *meta = json_get(copy, "metadata");

	json_remove(copy, "apiVersion");
	json_remove(copy, "kind");
	for (size_t i = 0; i < ARRAY_LEN(meta_fields); i++)
		json_remove(meta, meta_fields[i]);
	return copy;
}

/*
 * What a new object of a built-in kind is compared with: the parts that its Go struct always has. They do not count as
 * added.
 */
static cJSON *blank(const struct manager *m)
{
	return json_literal(
		m->builtin ? "{\"metadata\":{},\"spec\":{\"containers\":[],\"names\":{},\"strategy\":{},\"template\":{"
			     "\"metadata\":{},"
			     "\"spec\":{\"containers\":[]}}},\"status\":{\"loadBalancer\":{},\"acceptedNames\":{}}}"
			   : "{\"metadata\":{}}");
}

/* Of fields, those that the manager can have: what a write does not reach, it does not own. */
static struct fset *reached(struct arena *a, const struct fset *s, const struct manager *m)
{
	bool status = m->subresource && strcmp(m->subresource, "status") == 0;
	struct fset *r;

	if (!m->status_apart)
		return fset_union(a, s, NULL);
	r = fset_new(a);
	r->children = ARENA_NEW_N(a, struct fset *, s->n);
	for (size_t i = 0; i < s->n; i++)
		if ((strcmp(s->children[i]->key, "f:status") == 0) == status)
			r->children[r->n++] = s->children[i];
	r->cap = s->n;
	return r;
}

static bool is_of(const struct entry *e, const struct manager *m)
{
	return !e->apply && strcmp(e->manager, m->name) == 0 && strcmp(e->api_version, m->api_version) == 0 &&
	       same_sub(e->subresource, m->subresource);
}

static bool differs(const struct fset *before, const struct fset *after)
{
	return !before || !fset_equal(before, after);
}

static void cap_updates(struct entries *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->list.n; i++)
		n += !m->list.v[i].apply && !fset_empty(m->list.v[i].set);
	entries_sort(m);
	/* The oldest become one entry named "ancient-changes". */
	for (size_t i = 0; i + 1 < m->list.n && n > UPDATE_MANAGERS_MAX; i++) {
		struct entry *e = &m->list.v[i], *next = &m->list.v[i + 1];

		if (e->apply || next->apply)
			continue;
		next->set = fset_union(&m->arena, e->set, next->set);
		next->manager = "ancient-changes";
		e->set = fset_new(&m->arena);
		n--;
	}
}

void fields_update(const struct schema *s, const struct manager *who, const cJSON *old, cJSON *obj)
{
	CLEANUP(entries_done) struct entries m = {0};
	const cJSON *sent = json_at(obj, "metadata.managedFields"), *had = json_at(old, "metadata.managedFields");
	/* A client that sends an empty list resets it; otherwise what the API server wrote before is kept. */
	bool reset = cJSON_IsArray(sent) && !sent->child;
	struct fset_change change;

	if (!reset)
		entries_read(&m, had ? had : sent);
	cJSON *base = blank(who), *had_fields = old ? stripped(old) : cJSON_CreateObject();
	cJSON *before = fields_merge(NULL, base, had_fields), *after = stripped(obj);

	fset_compare(&m.arena, s, before, after, &change);
	cJSON_Delete(base);
	cJSON_Delete(had_fields);
	cJSON_Delete(before);
	cJSON_Delete(after);
	struct fset *none = unmanaged(&m.arena);
	struct fset *gained = reached(
		&m.arena, fset_difference(&m.arena, fset_union(&m.arena, change.added, change.modified), none), who);
	struct fset *lost = fset_union(&m.arena, gained, change.removed);

	for (size_t i = 0; i < m.list.n; i++)
		m.list.v[i].set =
			fset_difference(&m.arena, m.list.v[i].set, is_of(&m.list.v[i], who) ? change.removed : lost);
	if (!fset_empty(gained) || !fset_empty(change.removed)) {
		struct entry *e = entries_get(&m, who, false);
		struct fset *set = fset_union(&m.arena, e->set, gained);

		if (!e->time || differs(e->set, set) || !fset_empty(gained))
			/* As Kubernetes does: what the scale subresource wrote has no time. */
			e->time = same_sub(who->subresource, "scale") ? NULL : who->now;
		e->set = set;
	}
	cap_updates(&m);
	entries_write(&m, obj);
}

static const char *manager_text(struct arena *a, const struct entry *e)
{
	if (e->apply)
		return arena_printf(a, "\"%s\"", e->manager);
	if (!e->time)
		return arena_printf(a, "\"%s\" using %s", e->manager, e->api_version);
	return arena_printf(a, "\"%s\" using %s at %s", e->manager, e->api_version, e->time);
}

struct conflicts {
	cJSON *causes;
	struct buf lines; /* of the manager at hand */
	const char *who;
	int n;
};

static void on_conflict(void *arg, const char *path)
{
	struct conflicts *c = arg;
	cJSON *cause = cJSON_CreateObject();
	char text[512];

	snprintf(text, sizeof(text), "conflict with %s", c->who);
	json_set_str(cause, "reason", "FieldManagerConflict");
	json_set_str(cause, "message", text);
	json_set_str(cause, "field", path);
	cJSON_AddItemToArray(c->causes, cause);
	buf_printf(&c->lines, "\n- %s", path);
	c->n++;
}

/* Removes what apply changes from other managers; collects conflicts unless forced. */
static void take_over(struct entries *m, struct entry *mine, const struct fset_change *change, bool force,
		      struct conflicts *c, struct buf *message)
{
	struct fset *changed = fset_union(&m->arena, change->added, change->modified);

	for (size_t i = 0; i < m->list.n; i++) {
		struct entry *e = &m->list.v[i];
		struct fset *clash = fset_intersection(&m->arena, e->set, changed);

		if (e == mine)
			continue;
		if (!force && !fset_empty(clash)) {
			buf_clear(&c->lines);
			c->who = manager_text(&m->arena, e);
			fset_each(clash, on_conflict, c);
			buf_printf(message, "%sconflicts with %s:%s", message->len ? "\n" : "", c->who,
				   buf_str(&c->lines));
		}
		e->set = fset_difference(&m->arena, e->set, fset_union(&m->arena, clash, change->removed));
	}
}

static void conflict_message(const struct conflicts *c, struct buf *message)
{
	CLEANUP(buf_done) struct buf lines = *message;

	*message = (struct buf)BUF_INIT;
	if (c->n == 1)
		buf_printf(message, "Apply failed with 1 conflict: %s: %s", json_str(c->causes->child, "message"),
			   json_str(c->causes->child, "field"));
	else
		buf_printf(message, "Apply failed with %d conflicts: %s", c->n, buf_str(&lines));
}

/* The fields that the manager stated before, does not state any more and nobody else owns. */
static struct fset *given_up(struct entries *m, const struct entry *mine, const struct fset *last,
			     const struct fset *now)
{
	struct fset *gone = fset_difference(&m->arena, last, now);

	for (size_t i = 0; i < m->list.n; i++)
		if (&m->list.v[i] != mine)
			gone = fset_difference(&m->arena, gone, m->list.v[i].set);
	return gone;
}

cJSON *fields_apply(const struct schema *s, const struct manager *who, const cJSON *live, const cJSON *config,
		    bool force, cJSON **ret_conflicts, struct buf *message)
{
	CLEANUP(entries_done) struct entries m = {0};
	cJSON *plain = stripped(config), *result;
	struct conflicts c = {.causes = cJSON_CreateArray()};
	struct fset_change change;

	entries_read(&m, json_at(live, "metadata.managedFields"));
	struct entry *mine = entries_get(&m, who, true);
	struct fset *last = mine->set;

	mine->set = fset_of_object(&m.arena, s, plain);
	mine->set = reached(&m.arena, fset_difference(&m.arena, mine->set, unmanaged(&m.arena)), who);
	mine->api_version = who->api_version;
	result = live ? fields_merge(s, live, config) : cJSON_Duplicate(config, true);
	fields_remove(s, result, given_up(&m, mine, last, mine->set));
	cJSON *before = live ? stripped(live) : cJSON_CreateObject(), *after = stripped(result);

	fset_compare(&m.arena, s, before, after, &change);
	cJSON_Delete(before);
	cJSON_Delete(after);
	cJSON_Delete(plain);
	take_over(&m, mine, &change, force, &c, message);
	buf_done(&c.lines);
	if (c.n) {
		conflict_message(&c, message);
		*ret_conflicts = c.causes;
		cJSON_Delete(result);
		return NULL;
	}
	cJSON_Delete(c.causes);
	if (!mine->time || differs(last, mine->set))
		mine->time = who->now;
	entries_write(&m, result);
	return result;
}
