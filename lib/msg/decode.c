/*
 * JSON to structs. Strings are copied, so that the JSON may be freed at once. The depth of the JSON was limited when it
 * was parsed, so recursion is bounded; free values alone keep a copy of their JSON.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "msg/json.h"
#include "msg/msg.h"
#include "msg/msg_internal.h"

struct decoder {
	struct arena *arena;
	msg_unknown_fn on_unknown;
	void *arg;
	const struct msg_desc *const *skip; /* fields of these types are left out; NULL ends, or none */
	struct err *e;
	struct msg_path path;
};

static int decode_message(struct decoder *d, const struct msg_desc *desc, void *msg, const cJSON *json);

static const char *json_type_name(const cJSON *json)
{
	switch (json->type & 0xff) {
	case cJSON_True:
	case cJSON_False:
		return "boolean";
	case cJSON_Number:
	case cJSON_Raw:
		return "number";
	case cJSON_String:
		return "string";
	case cJSON_Array:
		return "array";
	case cJSON_Object:
		return "object";
	default:
		return "null";
	}
}

static int expected(struct decoder *d, const char *what, const cJSON *json)
{
	return err_set(d->e, -EINVAL, "%s: must be %s, not %s", d->path.len ? d->path.text : "object", what,
		       json_type_name(json));
}

static int refuse(struct decoder *d, const char *value, const char *what)
{
	return err_set(d->e, -EINVAL, "%s: Invalid value: \"%.100s\": %s", d->path.text, value, what);
}

static int decode_integer(struct decoder *d, const cJSON *json, int64_t min, int64_t max, int64_t *ret)
{
	char *end;
	int64_t v;
	int rc;

	if (cJSON_IsString(json) && *json->valuestring) { /* proto3 JSON writes 64-bit numbers as strings */
		errno = 0;
		v = strtoll(json->valuestring, &end, 10);
		rc = *end ? -EINVAL : errno == ERANGE ? -ERANGE : 0;
	} else {
		rc = json_int64(json, &v);
	}
	if (rc == -EINVAL)
		return expected(d, "an integer", json);
	if (rc < 0 || v < min || v > max)
		return err_set(d->e, -EINVAL, "%s: integer is out of range", d->path.text);
	*ret = v;
	return 0;
}

static int decode_enum(struct decoder *d, const struct msg_field *f, const cJSON *json, int *ret)
{
	int64_t n;
	int v;

	if (!cJSON_IsString(json)) {
		int rc = json_int64(json, &n);

		if (rc < 0 || n < 0 || n > INT32_MAX || !msg_enum_name(f->enums, (int)n))
			return expected(d, "the name of an enum value", json);
		*ret = (int)n;
		return 0;
	}
	v = msg_enum_value(f->enums, json->valuestring);
	if (v < 0)
		return refuse(d, json->valuestring, "unknown enum value");
	*ret = v;
	return 0;
}

static int decode_duration(struct decoder *d, const cJSON *json, int64_t *ret)
{
	int rc;

	if (!cJSON_IsString(json))
		return expected(d, "a duration such as \"1.5s\"", json);
	rc = msg_duration_parse(json->valuestring, ret);
	return rc < 0 ? refuse(d, json->valuestring, "must be a duration such as 1h, 1m, 1s, 1ms") : 0;
}

static int decode_quantity(struct decoder *d, const cJSON *json, const char **ret)
{
	struct buf text = BUF_INIT;
	int64_t milli;

	if (cJSON_IsNumber(json) || cJSON_IsRaw(json)) {
		json_print(json, &text);
		*ret = arena_strdup(d->arena, buf_str(&text));
		buf_done(&text);
		return 0;
	}
	if (!cJSON_IsString(json))
		return expected(d, "a quantity", json);
	if (msg_quantity_parse(json->valuestring, &milli) < 0)
		return refuse(d, json->valuestring, "must be a quantity such as 100m, 1.5Gi or 2");
	*ret = arena_strdup(d->arena, json->valuestring);
	return 0;
}

static int decode_int_or_str(struct decoder *d, const cJSON *json, struct int_or_str *ret)
{
	int64_t v;
	int rc;

	if (cJSON_IsString(json)) {
		*ret = (struct int_or_str){.kind = INT_OR_STR_STR, .s = arena_strdup(d->arena, json->valuestring)};
		return 0;
	}
	if (!cJSON_IsNumber(json))
		return expected(d, "an integer or a string", json);
	rc = decode_integer(d, json, INT32_MIN, INT32_MAX, &v);
	if (rc == 0)
		*ret = (struct int_or_str){.kind = INT_OR_STR_INT, .i = (int32_t)v};
	return rc;
}

static int decode_map_value(struct decoder *d, const struct msg_field *f, const cJSON *it, const char **ret)
{
	if (f->elem == MSG_QUANTITY)
		return decode_quantity(d, it, ret);
	if (cJSON_IsNull(it)) {
		*ret = "";
		return 0;
	}
	if (!cJSON_IsString(it))
		return expected(d, "a string", it);
	*ret = arena_strdup(d->arena, it->valuestring);
	return 0;
}

/* Entries of string maps and of message maps both begin with the key. */
static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int decode_map(struct decoder *d, const struct msg_field *f, const cJSON *json, struct msg_seq *ret)
{
	size_t entry = f->type == MSG_MAP ? msg_value_size(f) : sizeof(struct str_pair);
	int n = cJSON_GetArraySize(json), rc = 0;
	const cJSON *it;
	char *at;

	if (!cJSON_IsObject(json))
		return expected(d, "an object", json);
	*ret = (struct msg_seq){arena_calloc(d->arena, (size_t)n, entry), (size_t)n};
	at = ret->v;
	cJSON_ArrayForEach(it, json)
	{
		size_t len = msg_path_push_key(&d->path, it->string);

		*(const char **)(void *)at = arena_strdup(d->arena, it->string);
		if (f->type == MSG_MAP)
			rc = decode_message(d, f->desc, at + MSG_MAP_VALUE_OFFSET, it);
		else
			rc = decode_map_value(d, f, it, &((struct str_pair *)(void *)at)->value);
		if (rc < 0)
			return rc;
		msg_path_pop(&d->path, len);
		at += entry;
	}
	qsort(ret->v, ret->n, entry, compare_keys);
	return 0;
}

static void free_json(void *json)
{
	cJSON_Delete(json);
}

static int decode_free_value(struct decoder *d, const struct msg_field *f, const cJSON *json, cJSON **ret)
{
	if ((f->flags & MSG_OBJECT) && !cJSON_IsObject(json))
		return expected(d, "an object", json);
	*ret = cJSON_Duplicate(json, true);
	if (!*ret)
		abort();
	if ((*ret)->string) { /* the copy is no member any more */
		cJSON_free((*ret)->string);
		(*ret)->string = NULL;
	}
	arena_on_done(d->arena, free_json, *ret);
	return 0;
}

static int decode_number(struct decoder *d, const struct msg_field *f, void *at, const cJSON *json)
{
	int64_t v = 0;
	int rc;

	switch (f->type) {
	case MSG_INT32:
		rc = decode_integer(d, json, INT32_MIN, INT32_MAX, &v);
		*(int32_t *)at = (int32_t)v;
		return rc;
	case MSG_UINT32:
		rc = decode_integer(d, json, 0, UINT32_MAX, &v);
		*(uint32_t *)at = (uint32_t)v;
		return rc;
	case MSG_INT64:
		return decode_integer(d, json, INT64_MIN, INT64_MAX, at);
	default:
		if (!cJSON_IsNumber(json))
			return expected(d, "a number", json);
		*(double *)at = json->valuedouble;
		return 0;
	}
}

/* One value to where it lies: a message's struct, a scalar, a map. */
static int decode_value(struct decoder *d, const struct msg_field *f, void *at, const cJSON *json)
{
	switch ((enum msg_type)f->type) {
	case MSG_BOOL:
		if (!cJSON_IsBool(json))
			return expected(d, "true or false", json);
		*(bool *)at = cJSON_IsTrue(json);
		return 0;
	case MSG_INT32:
	case MSG_UINT32:
	case MSG_INT64:
	case MSG_DOUBLE:
		return decode_number(d, f, at, json);
	case MSG_STRING:
		if (!cJSON_IsString(json))
			return expected(d, "a string", json);
		*(char **)at = arena_strdup(d->arena, json->valuestring);
		return 0;
	case MSG_QUANTITY:
		return decode_quantity(d, json, at);
	case MSG_ENUM:
		return decode_enum(d, f, json, at);
	case MSG_DURATION:
		return decode_duration(d, json, at);
	case MSG_INT_OR_STR:
		return decode_int_or_str(d, json, at);
	case MSG_MESSAGE:
		return decode_message(d, f->desc, at, json);
	case MSG_STR_MAP:
	case MSG_MAP:
		return decode_map(d, f, json, at);
	case MSG_JSON:
		return decode_free_value(d, f, json, at);
	case MSG_TYPE_COUNT:
		break;
	}
	abort();
}

static int decode_list(struct decoder *d, const struct msg_field *f, struct msg_seq *ret, const cJSON *json)
{
	size_t size = msg_value_size(f), i = 0;
	int n = cJSON_GetArraySize(json), rc;
	const cJSON *it;

	if (!cJSON_IsArray(json))
		return expected(d, "a list", json);
	*ret = (struct msg_seq){arena_calloc(d->arena, (size_t)n, size), (size_t)n};
	cJSON_ArrayForEach(it, json)
	{
		size_t len = msg_path_push_index(&d->path, i);

		rc = decode_value(d, f, (char *)ret->v + i * size, it);
		if (rc < 0)
			return rc;
		msg_path_pop(&d->path, len);
		i++;
	}
	return 0;
}

static bool is_skipped(const struct decoder *d, const struct msg_desc *desc)
{
	for (size_t i = 0; d->skip && d->skip[i]; i++)
		if (d->skip[i] == desc)
			return true;
	return false;
}

static int decode_field(struct decoder *d, const struct msg_field *f, void *msg, const cJSON *json)
{
	void *at = msg_at(msg, f);

	if (f->desc && is_skipped(d, f->desc))
		return 0;
	if (msg_is_list(f))
		return decode_list(d, f, at, json);
	if (msg_is_boxed(f) || f->type == MSG_MESSAGE) {
		*(void **)at = arena_alloc(d->arena, msg_value_size(f));
		return decode_value(d, f, *(void **)at, json);
	}
	return decode_value(d, f, at, json);
}

static int decode_message(struct decoder *d, const struct msg_desc *desc, void *msg, const cJSON *json)
{
	const cJSON *it;

	if (!cJSON_IsObject(json))
		return expected(d, "an object", json);
	cJSON_ArrayForEach(it, json)
	{
		const struct msg_field *f = msg_field_find(desc, it->string);
		size_t len = msg_path_push(&d->path, it->string);

		if (!f && d->on_unknown && !desc->preserve_unknown)
			d->on_unknown(d->arg, d->path.text);
		if (f && !cJSON_IsNull(it)) {
			int rc = decode_field(d, f, msg, it);

			if (rc < 0)
				return rc;
		}
		msg_path_pop(&d->path, len);
	}
	return 0;
}

static int decode(struct decoder *d, const struct msg_desc *desc, void *msg, const cJSON *json)
{
	if (!json)
		return err_set(d->e, -EINVAL, "%s: no value", desc->name);
	return decode_message(d, desc, msg, json);
}

int msg_from_json_report(const struct msg_desc *desc, void *msg, const cJSON *json, struct arena *arena,
			 msg_unknown_fn on_unknown, void *arg, struct err *e)
{
	struct decoder d = {.arena = arena, .on_unknown = on_unknown, .arg = arg, .e = e};

	return decode(&d, desc, msg, json);
}

int msg_from_json_without(const struct msg_desc *desc, void *msg, const cJSON *json, struct arena *arena,
			  const struct msg_desc *const *skip, struct err *e)
{
	struct decoder d = {.arena = arena, .skip = skip, .e = e};

	return decode(&d, desc, msg, json);
}

int msg_from_json(const struct msg_desc *desc, void *msg, const cJSON *json, struct arena *arena, struct err *e)
{
	return msg_from_json_report(desc, msg, json, arena, NULL, NULL, e);
}
