/* Accessors of cJSON trees: see jx.h. */
#include "lab/object/jx.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "lab/object/object.h"

cJSON *jx_get(const cJSON *o, const char *key)
{
	for (cJSON *c = cJSON_IsObject(o) ? o->child : NULL; c; c = c->next)
		if (strcmp(c->string, key) == 0)
			return c;
	return NULL;
}

cJSON *jx_path(const cJSON *o, const char *path)
{
	return object_at(o, path);
}

const char *jx_str(const cJSON *o, const char *path)
{
	return object_str(o, path);
}

int64_t jx_int(const cJSON *o, const char *path, int64_t dflt)
{
	const cJSON *v = jx_path(o, path);
	int64_t n;

	return v && json_int64(v, &n) == 0 ? n : dflt;
}

bool jx_true(const cJSON *o, const char *path)
{
	return object_true(o, path);
}

void jx_set(cJSON *o, const char *key, cJSON *value)
{
	cJSON *old = jx_get(o, key);

	if (old == value)
		return;
	if (!old) {
		cJSON_AddItemToObject(o, key, value);
		return;
	}
	char *name = strdup(key);

	free(value->string);
	value->string = name;
	cJSON_ReplaceItemViaPointer(o, old, value);
}

void jx_set_str(cJSON *o, const char *key, const char *value)
{
	jx_set(o, key, cJSON_CreateString(value));
}

void jx_set_int(cJSON *o, const char *key, int64_t value)
{
	jx_set(o, key, json_new_int64(value));
}

void jx_set_bool(cJSON *o, const char *key, bool value)
{
	jx_set(o, key, cJSON_CreateBool(value));
}

void jx_default_str(cJSON *o, const char *key, const char *value)
{
	if (!jx_get(o, key))
		jx_set_str(o, key, value);
}

void jx_default_int(cJSON *o, const char *key, int64_t value)
{
	if (!jx_get(o, key))
		jx_set_int(o, key, value);
}

void jx_set_first(cJSON *o, const char *key, cJSON *value)
{
	jx_remove(o, key);
	cJSON_AddItemToObject(o, key, value);
	if (o->child == value)
		return;
	cJSON_DetachItemViaPointer(o, value);
	value->next = o->child;
	value->prev = o->child->prev; /* the first child's prev is the last child */
	o->child->prev = value;
	o->child = value;
}

void jx_remove(cJSON *o, const char *key)
{
	cJSON_DeleteItemFromObjectCaseSensitive(o, key);
}

cJSON *jx_object(cJSON *o, const char *key)
{
	cJSON *v = jx_get(o, key);

	if (!cJSON_IsObject(v)) {
		v = cJSON_CreateObject();
		jx_set(o, key, v);
	}
	return v;
}

cJSON *jx_array(cJSON *o, const char *key)
{
	cJSON *v = jx_get(o, key);

	if (!cJSON_IsArray(v)) {
		v = cJSON_CreateArray();
		jx_set(o, key, v);
	}
	return v;
}

void jx_copy_member(cJSON *to, const cJSON *from, const char *key)
{
	const cJSON *v = jx_get(from, key);

	if (v)
		jx_set(to, key, cJSON_Duplicate(v, true));
	else
		jx_remove(to, key);
}

bool jx_has_str(const cJSON *array, const char *s)
{
	JX_EACH(v, cJSON_IsArray(array) ? array : NULL)
	if (cJSON_IsString(v) && strcmp(v->valuestring, s) == 0)
		return true;
	return false;
}

bool jx_empty(const cJSON *v)
{
	return !v || cJSON_IsNull(v) || ((cJSON_IsObject(v) || cJSON_IsArray(v)) && !v->child);
}

cJSON *jx_parse(const char *text)
{
	cJSON *v = cJSON_Parse(text);

	if (!v)
		abort();
	return v;
}

char *jx_text(const cJSON *v)
{
	struct buf b = BUF_INIT;

	json_print(v, &b);
	return buf_take_str(&b);
}
