/* Reading and editing members of JSON trees. */
#include <stdlib.h>
#include <string.h>

#include "msg/json.h"

static cJSON *member(const cJSON *o, struct slice name)
{
	for (cJSON *m = cJSON_IsObject(o) ? o->child : NULL; m; m = m->next)
		if (m->string && slice_eq_str(name, m->string))
			return m;
	return NULL;
}

cJSON *json_get(const cJSON *o, const char *key)
{
	return key ? member(o, slice_str(key)) : NULL;
}

cJSON *json_at(const cJSON *o, const char *path)
{
	struct slice rest = slice_str(path);
	cJSON *at = (cJSON *)o;

	while (at && rest.len)
		at = member(at, slice_split(&rest, '.'));
	return at;
}

const char *json_get_str(const cJSON *o, const char *key)
{
	return cJSON_GetStringValue(json_get(o, key));
}

const char *json_str(const cJSON *o, const char *path)
{
	return cJSON_GetStringValue(json_at(o, path));
}

const char *json_str_or_empty(const cJSON *o, const char *path)
{
	const char *s = json_str(o, path);

	return s ? s : "";
}

int64_t json_int(const cJSON *o, const char *path, int64_t fallback)
{
	int64_t n;

	return json_int64(json_at(o, path), &n) == 0 ? n : fallback;
}

bool json_true(const cJSON *o, const char *path)
{
	return cJSON_IsTrue(json_at(o, path));
}

bool json_has_str(const cJSON *array, const char *s)
{
	JSON_EACH(v, cJSON_IsArray(array) ? array : NULL)
	if (cJSON_IsString(v) && strcmp(v->valuestring, s) == 0)
		return true;
	return false;
}

bool json_is_empty(const cJSON *v)
{
	return !v || cJSON_IsNull(v) || ((cJSON_IsObject(v) || cJSON_IsArray(v)) && !v->child);
}

cJSON *json_set(cJSON *o, const char *key, cJSON *value)
{
	cJSON *old = json_get(o, key);
	char *name;

	if (old == value)
		return value;
	if (!old) {
		cJSON_AddItemToObject(o, key, value);
		return value;
	}
	name = strdup(key);
	free(value->string);
	value->string = name;
	cJSON_ReplaceItemViaPointer(o, old, value);
	return value;
}

void json_set_str(cJSON *o, const char *key, const char *value)
{
	json_set(o, key, cJSON_CreateString(value));
}

void json_set_int(cJSON *o, const char *key, int64_t value)
{
	json_set(o, key, json_new_int64(value));
}

void json_set_bool(cJSON *o, const char *key, bool value)
{
	json_set(o, key, cJSON_CreateBool(value));
}

void json_default_str(cJSON *o, const char *key, const char *value)
{
	if (!json_get(o, key))
		json_set_str(o, key, value);
}

void json_default_int(cJSON *o, const char *key, int64_t value)
{
	if (!json_get(o, key))
		json_set_int(o, key, value);
}

void json_set_first(cJSON *o, const char *key, cJSON *value)
{
	json_remove(o, key);
	cJSON_AddItemToObject(o, key, value);
	if (o->child == value)
		return;
	cJSON_DetachItemViaPointer(o, value);
	value->next = o->child;
	value->prev = o->child->prev; /* the first child's prev is the last child */
	o->child->prev = value;
	o->child = value;
}

void json_remove(cJSON *o, const char *key)
{
	cJSON_DeleteItemFromObjectCaseSensitive(o, key);
}

cJSON *json_object(cJSON *o, const char *key)
{
	cJSON *v = json_get(o, key);

	return cJSON_IsObject(v) ? v : json_set(o, key, cJSON_CreateObject());
}

cJSON *json_array(cJSON *o, const char *key)
{
	cJSON *v = json_get(o, key);

	return cJSON_IsArray(v) ? v : json_set(o, key, cJSON_CreateArray());
}

void json_copy_member(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *v = json_get(from, key);

	if (v)
		json_set(to, key, cJSON_Duplicate(v, true));
	else
		json_remove(to, key);
}

cJSON *json_literal(const char *text)
{
	cJSON *v = cJSON_Parse(text);

	if (!v)
		abort();
	return v;
}

char *json_to_text(const cJSON *json)
{
	struct buf b = BUF_INIT;

	json_print(json, &b);
	return buf_take_str(&b);
}
