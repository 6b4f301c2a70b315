/* What all walkers share: field access, paths, names of enums, and the walkers' convenient forms. */
#include "msg/msg.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg_internal.h"
#include "msg/yaml.h"

const char *str_map_get(const struct str_map *m, const char *key)
{
	size_t lo = 0, hi = m ? m->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int c = strcmp(m->v[mid].key, key);

		if (!c)
			return m->v[mid].value;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

size_t msg_value_size(const struct msg_field *f)
{
	switch ((enum msg_type)f->type) {
	case MSG_BOOL:
		return sizeof(bool);
	case MSG_INT32:
	case MSG_UINT32:
		return sizeof(int32_t);
	case MSG_INT64:
	case MSG_DURATION:
		return sizeof(int64_t);
	case MSG_DOUBLE:
		return sizeof(double);
	case MSG_STRING:
	case MSG_QUANTITY:
	case MSG_JSON:
		return sizeof(char *);
	case MSG_ENUM:
		return sizeof(int);
	case MSG_INT_OR_STR:
		return sizeof(struct int_or_str);
	case MSG_MESSAGE:
		return f->desc->size;
	case MSG_STR_MAP:
		return sizeof(struct str_map);
	case MSG_MAP:
		/* as the compiler lays out { const char *key; T value; } in an array */
		return MSG_MAP_VALUE_OFFSET + (f->desc->size + sizeof(char *) - 1) / sizeof(char *) * sizeof(char *);
	case MSG_TYPE_COUNT:
		break;
	}
	abort();
}

bool msg_is_present(const struct msg_field *f, const void *msg)
{
	const void *at = msg_at(msg, f);

	if (msg_is_list(f) || f->type == MSG_STR_MAP || f->type == MSG_MAP)
		return ((const struct msg_seq *)at)->n > 0;
	if (msg_is_boxed(f))
		return *(void *const *)at;
	switch ((enum msg_type)f->type) {
	case MSG_BOOL:
		return *(const bool *)at;
	case MSG_INT32:
	case MSG_UINT32:
	case MSG_ENUM:
		return *(const int32_t *)at;
	case MSG_INT64:
	case MSG_DURATION:
		return *(const int64_t *)at;
	case MSG_DOUBLE:
		return *(const double *)at != 0;
	case MSG_INT_OR_STR:
		return ((const struct int_or_str *)at)->kind != INT_OR_STR_NONE;
	default:
		return *(void *const *)at;
	}
}

static size_t path_append(struct msg_path *p, const char *before, const char *text, const char *after)
{
	size_t old = p->len;
	int n = snprintf(p->text + p->len, sizeof(p->text) - p->len, "%s%s%s", before, text, after);

	p->len += (size_t)n < sizeof(p->text) - old ? (size_t)n : sizeof(p->text) - old - 1;
	return old;
}

size_t msg_path_push(struct msg_path *p, const char *name)
{
	return path_append(p, p->len ? "." : "", name, "");
}

size_t msg_path_push_index(struct msg_path *p, size_t index)
{
	char text[24];

	snprintf(text, sizeof(text), "%zu", index);
	return path_append(p, "[", text, "]");
}

size_t msg_path_push_key(struct msg_path *p, const char *key)
{
	return path_append(p, "[", key, "]");
}

const struct msg_field *msg_field_find(const struct msg_desc *desc, const char *name)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (!strcmp(desc->fields[i].name, name))
			return &desc->fields[i];
	return NULL;
}

const char *msg_enum_name(const struct msg_enum *en, int value)
{
	for (size_t i = 0; i < en->n; i++)
		if (en->values[i].value == value)
			return en->values[i].name;
	return NULL;
}

int msg_enum_value(const struct msg_enum *en, const char *name)
{
	for (size_t i = 0; i < en->n; i++)
		if (!strcmp(en->values[i].name, name))
			return en->values[i].value;
	return -1;
}

void *msg_new_from_json(const struct msg_desc *desc, const cJSON *json, struct arena *arena, struct err *e)
{
	void *msg = arena_alloc(arena, desc->size);

	return msg_from_json(desc, msg, json, arena, e) < 0 ? NULL : msg;
}

int msg_from_text(const struct msg_desc *desc, void *msg, struct slice text, struct arena *arena, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	int rc = json_parse(text, JSON_OBJECT_MAX_BYTES, &json, e);

	return rc < 0 ? rc : msg_from_json(desc, msg, json, arena, e);
}

int msg_from_yaml(const struct msg_desc *desc, void *msg, struct slice text, struct arena *arena, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	int rc = yaml_parse(text, &json, e);

	return rc < 0 ? rc : msg_from_json(desc, msg, json, arena, e);
}
