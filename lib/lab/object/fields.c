/* Walks over objects for field sets: what an object states, what changed, merging and removing. See fields.h.
 */
#include <stdio.h>

#include "base/cleanup.h"
#include "lab/object/fields.h"
#include "lab/object/fset_internal.h"
#include "msg/json.h"

bool fields_is_associative(const struct schema *s)
{
	return s && s->type == SCHEMA_ARRAY &&
	       (s->list == SCHEMA_LIST_SET || (s->list == SCHEMA_LIST_MAP && s->n_keys > 0));
}

static const cJSON *key_value(const struct schema *list, const cJSON *item, const char *key)
{
	const cJSON *v = json_get(item, key);
	const struct schema *m = v ? NULL : schema_member(list->items, key);

	return v ? v : m ? m->dflt : NULL;
}

const char *fields_item_key(struct arena *a, const struct schema *list, const cJSON *item)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	bool any = false;

	if (list->list == SCHEMA_LIST_SET) {
		buf_append_str(&b, "v:");
		json_print(item, &b);
		return arena_slicedup(a, buf_slice(&b));
	}
	/* Keys sorted by name, as Kubernetes prints them. */
	cJSON *keys = cJSON_CreateObject();

	for (;;) {
		const char *next = NULL;

		for (size_t i = 0; i < list->n_keys; i++)
			if (!json_get(keys, list->keys[i]) && (!next || strcmp(list->keys[i], next) < 0))
				next = list->keys[i];
		if (!next)
			break;
		const cJSON *v = key_value(list, item, next);

		any |= v != NULL;
		cJSON_AddItemToObject(keys, next, v ? cJSON_Duplicate(v, true) : cJSON_CreateNull());
	}
	for (cJSON *c = keys->child, *n; c; c = n) {
		n = c->next;
		if (cJSON_IsNull(c))
			cJSON_Delete(cJSON_DetachItemViaPointer(keys, c));
	}
	buf_append_str(&b, "k:");
	json_print(keys, &b);
	cJSON_Delete(keys);
	return any ? arena_slicedup(a, buf_slice(&b)) : NULL;
}

static bool is_leaf_map(const struct schema *s)
{
	return s && s->map_atomic;
}

static void state_object(struct arena *a, struct fset *set, const struct schema *s, const cJSON *v);

static void state_value(struct arena *a, struct fset *set, const struct schema *s, const cJSON *v)
{
	if (cJSON_IsObject(v) && !is_leaf_map(s)) {
		state_object(a, set, s, v);
		return;
	}
	if (!cJSON_IsArray(v) || !fields_is_associative(s)) {
		set->member = true;
		return;
	}
	JSON_EACH(item, v)
	{
		const char *key = fields_item_key(a, s, item);
		struct fset *child = key ? fset_child(a, set, key) : NULL;

		if (child) {
			child->member = true;
			if (cJSON_IsObject(item))
				state_object(a, child, s->items, item);
		}
	}
}

static void state_object(struct arena *a, struct fset *set, const struct schema *s, const cJSON *v)
{
	char key[512];

	JSON_EACH(c, v)
	{
		snprintf(key, sizeof(key), "f:%s", c->string);
		struct fset *child = fset_child(a, set, key);

		if (cJSON_IsNull(c) || (cJSON_IsObject(c) && !c->child) || !schema_declares(s, c->string))
			child->member = true;
		state_value(a, child, schema_member(s, c->string), c);
	}
}

struct fset *fset_of_object(struct arena *a, const struct schema *s, const cJSON *object)
{
	struct fset *set = fset_new(a);

	state_object(a, set, s, object);
	return set;
}

struct walk {
	struct arena *arena;
	struct fset *added, *modified, *removed; /* at the current path; NULL only while unused */
};

static void compare(struct walk w, const struct schema *s, const cJSON *old, const cJSON *new);

static struct walk step(struct walk w, const char *key)
{
	return (struct walk){w.arena, fset_child(w.arena, w.added, key), fset_child(w.arena, w.modified, key),
			     fset_child(w.arena, w.removed, key)};
}

static void leaf(struct walk w, const cJSON *old, const cJSON *new)
{
	if (!old)
		w.added->member = true;
	else if (!new)
		w.removed->member = true;
	else if (!json_equal(old, new))
		w.modified->member = true;
}

static void compare_objects(struct walk w, const struct schema *s, const cJSON *old, const cJSON *new)
{
	char key[512];

	JSON_EACH(c, old)
	{
		snprintf(key, sizeof(key), "f:%s", c->string);
		compare(step(w, key), schema_member(s, c->string), c, json_get(new, c->string));
	}
	JSON_EACH(c, new)
	{
		if (json_get(old, c->string))
			continue;
		snprintf(key, sizeof(key), "f:%s", c->string);
		compare(step(w, key), schema_member(s, c->string), NULL, c);
	}
}

static const cJSON *find_item(struct arena *a, const struct schema *s, const cJSON *list, const char *key)
{
	JSON_EACH(item, list)
	{
		const char *k = fields_item_key(a, s, item);

		if (k && strcmp(k, key) == 0)
			return item;
	}
	return NULL;
}

static void compare_lists(struct walk w, const struct schema *s, const cJSON *old, const cJSON *new)
{
	JSON_EACH(item, old)
	{
		const char *key = fields_item_key(w.arena, s, item);

		if (key)
			compare(step(w, key), s->items, item, find_item(w.arena, s, new, key));
	}
	JSON_EACH(item, new)
	{
		const char *key = fields_item_key(w.arena, s, item);

		if (key && !find_item(w.arena, s, old, key))
			compare(step(w, key), s->items, NULL, item);
	}
}

static void compare(struct walk w, const struct schema *s, const cJSON *old, const cJSON *new)
{
	const cJSON *any = new ? new : old;
	bool same_type = !old || !new || (old->type & 0xff) == (new->type & 0xff);
	bool map = cJSON_IsObject(any) && !is_leaf_map(s), list = cJSON_IsArray(any) && fields_is_associative(s);

	if (!same_type || (!map && !list) || (json_is_empty(old) && json_is_empty(new))) {
		leaf(w, old, new);
		return;
	}
	if (!old)
		w.added->member = true;
	else if (!new)
		w.removed->member = true;
	if (map)
		compare_objects(w, s, old, new);
	else
		compare_lists(w, s, old, new);
}

static struct fset *trimmed(struct arena *a, struct fset *s)
{
	return fset_union(a, s, NULL); /* drops branches without members */
}

void fset_compare(struct arena *a, const struct schema *s, const cJSON *old, const cJSON *new, struct fset_change *ret)
{
	struct walk w = {a, fset_new(a), fset_new(a), fset_new(a)};

	compare_objects(w, s, old, new);
	*ret = (struct fset_change){trimmed(a, w.added), trimmed(a, w.modified), trimmed(a, w.removed)};
}

static cJSON *merge_value(const struct schema *s, const cJSON *live, const cJSON *config);

static cJSON *merge_objects(const struct schema *s, const cJSON *live, const cJSON *config)
{
	cJSON *out = cJSON_CreateObject();

	JSON_EACH(c, live)
	cJSON_AddItemToObject(out, c->string, merge_value(schema_member(s, c->string), c, json_get(config, c->string)));
	JSON_EACH(c, config)
	if (!json_get(live, c->string))
		cJSON_AddItemToObject(out, c->string, cJSON_Duplicate(c, true));
	return out;
}

static cJSON *merge_lists(const struct schema *s, const cJSON *live, const cJSON *config)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	cJSON *out = cJSON_CreateArray();

	JSON_EACH(item, live)
	{
		const char *key = fields_item_key(&a, s, item);

		cJSON_AddItemToArray(out, merge_value(s->items, item, key ? find_item(&a, s, config, key) : NULL));
	}
	JSON_EACH(item, config)
	{
		const char *key = fields_item_key(&a, s, item);

		if (!key || !find_item(&a, s, live, key))
			cJSON_AddItemToArray(out, cJSON_Duplicate(item, true));
	}
	return out;
}

static cJSON *merge_value(const struct schema *s, const cJSON *live, const cJSON *config)
{
	if (!config || !live)
		return cJSON_Duplicate(config ? config : live, true);
	if (cJSON_IsObject(live) && cJSON_IsObject(config) && !is_leaf_map(s))
		return merge_objects(s, live, config);
	if (cJSON_IsArray(live) && cJSON_IsArray(config) && fields_is_associative(s))
		return merge_lists(s, live, config);
	return cJSON_Duplicate(config, true);
}

cJSON *fields_merge(const struct schema *s, const cJSON *live, const cJSON *config)
{
	return merge_value(s, live, config);
}

static void remove_from_list(struct arena *a, const struct schema *s, cJSON *list, const struct fset *set);

static void remove_from_object(struct arena *a, const struct schema *s, cJSON *object, const struct fset *set)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct fset *f = set->children[i];
		cJSON *v = f->key[0] == 'f' ? json_get(object, f->key + 2) : NULL;
		const struct schema *m = v ? schema_member(s, v->string) : NULL;

		if (!v)
			continue;
		if (cJSON_IsObject(v))
			remove_from_object(a, m, v, f);
		else if (cJSON_IsArray(v) && fields_is_associative(m))
			remove_from_list(a, m, v, f);
		if (f->member || (f->n && json_is_empty(v) && !cJSON_IsNull(v)))
			cJSON_Delete(cJSON_DetachItemViaPointer(object, v));
	}
}

static void remove_from_list(struct arena *a, const struct schema *s, cJSON *list, const struct fset *set)
{
	for (cJSON *item = list->child, *next; item; item = next) {
		const char *key = fields_item_key(a, s, item);
		const struct fset *f = key ? fset_find(set, key) : NULL;

		next = item->next;
		if (!f)
			continue;
		if (f->member)
			cJSON_Delete(cJSON_DetachItemViaPointer(list, item));
		else if (cJSON_IsObject(item))
			remove_from_object(a, s->items, item, f);
	}
}

void fields_remove(const struct schema *s, cJSON *object, const struct fset *set)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	remove_from_object(&a, s, object, set);
}
