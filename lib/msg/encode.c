/* Structs to JSON: absent fields are left out, zero ones too unless the row says otherwise. */
#include <stdlib.h>

#include "msg/json.h"
#include "msg/msg.h"
#include "msg/msg_internal.h"

static cJSON *checked(cJSON *json)
{
	if (!json)
		abort();
	return json;
}

static cJSON *encode_str_map(const struct str_map *m)
{
	cJSON *object = checked(cJSON_CreateObject());

	for (size_t i = 0; i < m->n; i++)
		cJSON_AddItemToObject(object, m->v[i].key, checked(cJSON_CreateString(m->v[i].value)));
	return object;
}

static cJSON *encode_map(const struct msg_field *f, const struct msg_seq *seq)
{
	cJSON *object = checked(cJSON_CreateObject());
	size_t size = msg_value_size(f);

	for (size_t i = 0; i < seq->n; i++) {
		const char *entry = (const char *)seq->v + i * size;

		cJSON_AddItemToObject(object, *(const char *const *)(const void *)entry,
				      msg_to_json(f->desc, entry + MSG_MAP_VALUE_OFFSET));
	}
	return object;
}

static cJSON *encode_duration(int64_t ns)
{
	char text[MSG_DURATION_TEXT_MAX];

	return cJSON_CreateString(msg_duration_format(ns, text));
}

static cJSON *encode_int_or_str(const struct int_or_str *v)
{
	return v->kind == INT_OR_STR_STR ? cJSON_CreateString(v->s) : cJSON_CreateNumber(v->i);
}

static cJSON *encode_string(const char *s)
{
	return cJSON_CreateString(s ? s : "");
}

static cJSON *encode_enum(const struct msg_field *f, int value)
{
	const char *name = msg_enum_name(f->enums, value);

	return name ? cJSON_CreateString(name) : cJSON_CreateNumber(value);
}

static cJSON *encode_free_value(const cJSON *json)
{
	return json ? cJSON_Duplicate(json, true) : cJSON_CreateNull();
}

static cJSON *encode_value(const struct msg_field *f, const void *at)
{
	switch ((enum msg_type)f->type) {
	case MSG_BOOL:
		return cJSON_CreateBool(*(const bool *)at);
	case MSG_INT32:
		return cJSON_CreateNumber(*(const int32_t *)at);
	case MSG_UINT32:
		return cJSON_CreateNumber(*(const uint32_t *)at);
	case MSG_INT64:
		return json_new_int64(*(const int64_t *)at);
	case MSG_DOUBLE:
		return cJSON_CreateNumber(*(const double *)at);
	case MSG_STRING:
	case MSG_QUANTITY:
		return encode_string(*(const char *const *)at);
	case MSG_ENUM:
		return encode_enum(f, *(const int *)at);
	case MSG_DURATION:
		return encode_duration(*(const int64_t *)at);
	case MSG_INT_OR_STR:
		return encode_int_or_str(at);
	case MSG_MESSAGE:
		return msg_to_json(f->desc, at);
	case MSG_STR_MAP:
		return encode_str_map(at);
	case MSG_MAP:
		return encode_map(f, at);
	case MSG_JSON:
		return encode_free_value(*(cJSON *const *)at);
	case MSG_TYPE_COUNT:
		break;
	}
	abort();
}

static cJSON *encode_list(const struct msg_field *f, const struct msg_seq *seq)
{
	cJSON *array = checked(cJSON_CreateArray());
	size_t size = msg_value_size(f);

	for (size_t i = 0; i < seq->n; i++)
		cJSON_AddItemToArray(array, checked(encode_value(f, (const char *)seq->v + i * size)));
	return array;
}

static cJSON *encode_field(const struct msg_field *f, const void *msg)
{
	const void *at = msg_at(msg, f);

	if (msg_is_list(f))
		return encode_list(f, at);
	if (msg_is_boxed(f) || f->type == MSG_MESSAGE)
		at = *(void *const *)at;
	return checked(encode_value(f, at));
}

/* A row that keeps zeros is encoded unless it is an absent pointer. */
static bool kept(const struct msg_field *f)
{
	return (f->flags & MSG_KEEP_ZERO) && f->type != MSG_MESSAGE && f->type != MSG_INT_OR_STR && !msg_is_boxed(f);
}

cJSON *msg_to_json(const struct msg_desc *desc, const void *msg)
{
	cJSON *object = checked(cJSON_CreateObject());

	for (size_t i = 0; i < desc->n_fields; i++) {
		const struct msg_field *f = &desc->fields[i];

		if (msg_is_present(f, msg) || kept(f))
			cJSON_AddItemToObject(object, f->name, encode_field(f, msg));
	}
	return object;
}
