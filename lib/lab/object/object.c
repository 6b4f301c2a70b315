/* Accessors over cJSON; nothing here allocates but what it returns. */
#include "lab/object/object.h"

#include <string.h>

#include "base/clock.h"
#include "base/slice.h"

static cJSON *member(const cJSON *o, struct slice name)
{
	cJSON *child;

	if (!cJSON_IsObject(o))
		return NULL;
	cJSON_ArrayForEach(child, o)
	{
		if (child->string && slice_eq_str(name, child->string))
			return child;
	}
	return NULL;
}

cJSON *object_at(const cJSON *o, const char *path)
{
	struct slice rest = slice_str(path);
	cJSON *at = (cJSON *)o;

	while (at && rest.len)
		at = member(at, slice_split(&rest, '.'));
	return at;
}

const char *object_str(const cJSON *o, const char *path)
{
	return cJSON_GetStringValue(object_at(o, path));
}

const char *object_str_or_empty(const cJSON *o, const char *path)
{
	const char *s = object_str(o, path);

	return s ? s : "";
}

int64_t object_int(const cJSON *o, const char *path, int64_t fallback)
{
	const cJSON *v = object_at(o, path);

	return cJSON_IsNumber(v) ? (int64_t)v->valuedouble : fallback;
}

bool object_true(const cJSON *o, const char *path)
{
	return cJSON_IsTrue(object_at(o, path));
}

bool object_terminating(const cJSON *o)
{
	return object_str(o, "metadata.deletionTimestamp") != NULL;
}

cJSON *object_set(cJSON *parent, const char *name, cJSON *value)
{
	cJSON_DeleteItemFromObjectCaseSensitive(parent, name);
	cJSON_AddItemToObject(parent, name, value);
	return value;
}

cJSON *object_ensure(cJSON *parent, const char *name)
{
	cJSON *child = cJSON_GetObjectItemCaseSensitive(parent, name);

	return cJSON_IsObject(child) ? child : object_set(parent, name, cJSON_CreateObject());
}

const cJSON *object_controller(const cJSON *o)
{
	const cJSON *ref;

	cJSON_ArrayForEach(ref, object_at(o, "metadata.ownerReferences"))
	{
		if (object_true(ref, "controller"))
			return ref;
	}
	return NULL;
}

bool object_controlled_by(const cJSON *o, const char *uid)
{
	const cJSON *ref = object_controller(o);

	return ref && strcmp(object_str_or_empty(ref, "uid"), uid) == 0;
}

cJSON *object_owner_reference(const cJSON *o, const char *api_version, const char *kind)
{
	cJSON *ref = cJSON_CreateObject();

	cJSON_AddStringToObject(ref, "apiVersion", api_version);
	cJSON_AddStringToObject(ref, "kind", kind);
	cJSON_AddStringToObject(ref, "name", object_name(o));
	cJSON_AddStringToObject(ref, "uid", object_uid(o));
	cJSON_AddTrueToObject(ref, "controller");
	cJSON_AddTrueToObject(ref, "blockOwnerDeletion");
	return ref;
}

static const char *label(const cJSON *labels, const char *key)
{
	return key ? cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(labels, key)) : NULL;
}

static bool pairs_match(const cJSON *labels, const cJSON *match_labels)
{
	const cJSON *pair;

	cJSON_ArrayForEach(pair, match_labels)
	{
		const char *have = label(labels, pair->string);

		if (!have || !cJSON_IsString(pair) || strcmp(have, pair->valuestring) != 0)
			return false;
	}
	return true;
}

bool object_labels_match(const cJSON *labels, const cJSON *match_labels)
{
	return cJSON_GetArraySize(match_labels) > 0 && pairs_match(labels, match_labels);
}

static bool listed(const cJSON *values, const char *s)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, values)
	{
		if (cJSON_IsString(v) && strcmp(v->valuestring, s) == 0)
			return true;
	}
	return false;
}

static bool expression_matches(const cJSON *expr, const cJSON *labels)
{
	const char *op = object_str_or_empty(expr, "operator");
	const char *have = label(labels, object_str(expr, "key"));

	if (strcmp(op, "Exists") == 0)
		return have != NULL;
	if (strcmp(op, "DoesNotExist") == 0)
		return have == NULL;
	if (strcmp(op, "In") == 0)
		return have && listed(object_at(expr, "values"), have);
	return strcmp(op, "NotIn") == 0 && !(have && listed(object_at(expr, "values"), have));
}

bool object_selector_matches(const cJSON *selector, const cJSON *labels)
{
	const cJSON *expr;

	if (!pairs_match(labels, object_at(selector, "matchLabels")))
		return false;
	cJSON_ArrayForEach(expr, object_at(selector, "matchExpressions"))
	{
		if (!expression_matches(expr, labels))
			return false;
	}
	return true;
}

cJSON *object_condition(const cJSON *o, const char *type)
{
	cJSON *c;

	cJSON_ArrayForEach(c, object_at(o, "status.conditions"))
	{
		if (strcmp(object_str_or_empty(c, "type"), type) == 0)
			return c;
	}
	return NULL;
}

bool object_condition_true(const cJSON *o, const char *type)
{
	return strcmp(object_str_or_empty(object_condition(o, type), "status"), "True") == 0;
}

const char *object_now(char *out)
{
	return clock_format_s(clock_wall_ns() / NS_PER_S, out);
}

bool object_equal(const cJSON *a, const cJSON *b)
{
	return (!a && !b) || (a && b && cJSON_Compare(a, b, true));
}
