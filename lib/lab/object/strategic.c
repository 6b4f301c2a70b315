/*
 * Strategic merge patch: lists with a merge key are merged item by item; directives $patch (replace, delete, merge),
 * $deleteFromPrimitiveList/x, $setElementOrder/x and $retainKeys steer it, as kubectl apply writes them.
 */
#include <stdlib.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "lab/object/patch.h"

#define DELETE_FROM "$deleteFromPrimitiveList/"
#define ORDER "$setElementOrder/"

static cJSON *merge_map(const struct schema *s, cJSON *target, const cJSON *patch, struct err *e);

static const char *directive(const cJSON *patch)
{
	return cJSON_IsObject(patch) ? json_str(patch, "$patch") : NULL;
}

/* A copy of a patch as a value: without directives and nulls. */
static cJSON *plain(const cJSON *patch)
{
	cJSON *copy = cJSON_Duplicate(patch, true);

	if (!cJSON_IsObject(copy) && !cJSON_IsArray(copy))
		return copy;
	for (cJSON *c = copy->child, *next; c; c = next) {
		const char *name = cJSON_IsObject(copy) ? c->string : "";
		const char *d = directive(c);

		next = c->next;
		bool gone = d && (strcmp(d, "delete") == 0 || (cJSON_IsArray(copy) && cJSON_GetArraySize(c) == 1));

		if (name[0] == '$' || (cJSON_IsObject(copy) && cJSON_IsNull(c)) || gone) {
			cJSON_Delete(cJSON_DetachItemViaPointer(copy, c));
		} else if (cJSON_IsObject(c) || cJSON_IsArray(c)) {
			cJSON *p = plain(c);

			if (cJSON_IsObject(copy))
				json_set(copy, name, p);
			else
				cJSON_ReplaceItemViaPointer(copy, c, p);
		}
	}
	return copy;
}

static cJSON *item_by_key(cJSON *list, const char *key, const cJSON *value)
{
	for (cJSON *c = list->child; c; c = c->next)
		if (json_equal(key ? json_get(c, key) : c, value))
			return c;
	return NULL;
}

static int merge_item(const struct schema *s, cJSON *list, const cJSON *p, struct err *e)
{
	const char *key = s->patch_key, *d = directive(p);
	const cJSON *value = json_get(p, key);

	if (!value)
		return d ? 0 : err_set(e, -EINVAL, "map: %s does not contain declared merge key: %s", "", key);
	cJSON *old = item_by_key(list, key, value);

	if (d && strcmp(d, "delete") == 0) {
		while ((old = item_by_key(list, key, value)))
			cJSON_Delete(cJSON_DetachItemViaPointer(list, old));
	} else if (!old) {
		cJSON_AddItemToArray(list, plain(p));
	} else if (d && strcmp(d, "replace") == 0) {
		cJSON_ReplaceItemViaPointer(list, old, plain(p));
	} else {
		return merge_map(s->items, old, p, e) ? 0 : -EINVAL;
	}
	return 0;
}

static bool replaces_list(const cJSON *patch)
{
	JSON_EACH(p, patch)
	{
		const char *d = directive(p);

		if (d && strcmp(d, "replace") == 0 && cJSON_GetArraySize(p) == 1)
			return true;
	}
	return false;
}

/* Merges a list that has a patch strategy into target's list. */
static int merge_list(const struct schema *s, cJSON *list, const cJSON *patch, struct err *e)
{
	JSON_EACH(p, patch)
	{
		if (s->patch_key && *s->patch_key && cJSON_IsObject(p)) {
			int r = merge_item(s, list, p, e);

			if (r < 0)
				return r;
		} else if (!item_by_key(list, NULL, p)) {
			cJSON_AddItemToArray(list, cJSON_Duplicate(p, true));
		}
	}
	return 0;
}

static void delete_primitives(cJSON *target, const char *name, const cJSON *values)
{
	cJSON *list = json_get(target, name), *old;

	JSON_EACH(v, values)
	while (cJSON_IsArray(list) && (old = item_by_key(list, NULL, v)))
		cJSON_Delete(cJSON_DetachItemViaPointer(list, old));
}

/* Items named by the order come in that order; the others stay behind the item that they stood behind. */
static void set_order(const struct schema *m, cJSON *list, const cJSON *order)
{
	const char *key = m && m->patch_key && *m->patch_key ? m->patch_key : NULL;
	cJSON *sorted = cJSON_CreateArray(), *c;

	if (!cJSON_IsArray(list)) {
		cJSON_Delete(sorted);
		return;
	}
	/* Those not named stay first, in their order, as kubectl's live-only items do relative to the list's head. */
	JSON_EACH(o, order)
	{
		c = item_by_key(list, key, key && cJSON_IsObject(o) ? json_get(o, key) : o);
		if (c)
			cJSON_AddItemToArray(sorted, cJSON_DetachItemViaPointer(list, c));
	}
	while ((c = sorted->child))
		cJSON_AddItemToArray(list, cJSON_DetachItemViaPointer(sorted, c));
	cJSON_Delete(sorted);
}

static void retain_keys(cJSON *target, const cJSON *keys)
{
	for (cJSON *c = target->child, *next; c; c = next) {
		next = c->next;
		if (!json_has_str(keys, c->string))
			cJSON_Delete(cJSON_DetachItemViaPointer(target, c));
	}
}

static int merge_member(const struct schema *s, cJSON *target, const cJSON *p, struct err *e)
{
	const struct schema *m = schema_member(s, p->string);
	cJSON *old = json_get(target, p->string);
	const char *d = directive(p);

	if (cJSON_IsNull(p)) {
		json_remove(target, p->string);
		return 0;
	}
	if (d && strcmp(d, "delete") == 0) {
		json_remove(target, p->string);
		return 0;
	}
	if (cJSON_IsObject(p) && cJSON_IsObject(old))
		return merge_map(m, old, p, e) ? 0 : -EINVAL;
	if (cJSON_IsArray(p) && m && m->patch_merge && !replaces_list(p)) {
		if (!cJSON_IsArray(old)) {
			old = cJSON_CreateArray();
			json_set(target, p->string, old);
		}
		return merge_list(m, old, p, e);
	}
	json_set(target, p->string, plain(p));
	return 0;
}

static int merge_directives(const struct schema *s, cJSON *target, const cJSON *patch)
{
	JSON_EACH(p, patch)
	{
		if (strncmp(p->string, DELETE_FROM, sizeof(DELETE_FROM) - 1) == 0)
			delete_primitives(target, p->string + sizeof(DELETE_FROM) - 1, p);
		else if (strcmp(p->string, "$retainKeys") == 0)
			retain_keys(target, p);
	}
	JSON_EACH(p, patch)
	{
		const char *name = p->string + sizeof(ORDER) - 1;

		if (strncmp(p->string, ORDER, sizeof(ORDER) - 1) == 0)
			set_order(schema_member(s, name), json_get(target, name), p);
	}
	return 0;
}

static cJSON *merge_map(const struct schema *s, cJSON *target, const cJSON *patch, struct err *e)
{
	const char *d = directive(patch);

	if (d && strcmp(d, "replace") == 0) {
		while (target->child)
			cJSON_Delete(cJSON_DetachItemViaPointer(target, target->child));
	} else if (d && strcmp(d, "delete") != 0 && strcmp(d, "merge") != 0) {
		err_set(e, -EINVAL, "unknown patch type: %s", d);
		return NULL;
	}
	JSON_EACH(p, patch)
	if (p->string[0] != '$' && merge_member(s, target, p, e) < 0)
		return NULL;
	merge_directives(s, target, patch);
	return target;
}

cJSON *patch_strategic(const struct schema *s, cJSON *target, const cJSON *patch, struct err *e)
{
	if (!cJSON_IsObject(patch)) {
		cJSON_Delete(target);
		err_set(e, -EINVAL, "a strategic merge patch is an object");
		return NULL;
	}
	if (!merge_map(s, target, patch, e)) {
		cJSON_Delete(target);
		return NULL;
	}
	return target;
}
