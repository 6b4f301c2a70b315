/* Comparison of two structs by their rows. */
#include <stdlib.h>
#include <string.h>

#include "msg/json.h"
#include "msg/msg.h"
#include "msg/msg_internal.h"

static bool strings_equal(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool str_maps_equal(const struct str_map *a, const struct str_map *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].key, b->v[i].key) || strcmp(a->v[i].value, b->v[i].value))
			return false;
	return true;
}

static bool maps_equal(const struct msg_field *f, const struct msg_seq *a, const struct msg_seq *b)
{
	size_t size = msg_value_size(f);

	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const char *x = (const char *)a->v + i * size, *y = (const char *)b->v + i * size;

		if (strcmp(*(const char *const *)(const void *)x, *(const char *const *)(const void *)y) ||
		    !msg_equal(f->desc, x + MSG_MAP_VALUE_OFFSET, y + MSG_MAP_VALUE_OFFSET))
			return false;
	}
	return true;
}

static bool int_or_strs_equal(const struct int_or_str *a, const struct int_or_str *b)
{
	return a->kind == b->kind && (a->kind == INT_OR_STR_STR ? strings_equal(a->s, b->s) : a->i == b->i);
}

static bool values_equal(const struct msg_field *f, const void *a, const void *b)
{
	switch ((enum msg_type)f->type) {
	case MSG_STRING:
	case MSG_QUANTITY:
		return strings_equal(*(const char *const *)a, *(const char *const *)b);
	case MSG_DOUBLE:
		return *(const double *)a == *(const double *)b;
	case MSG_INT_OR_STR:
		return int_or_strs_equal(a, b);
	case MSG_MESSAGE:
		return msg_equal(f->desc, a, b);
	case MSG_STR_MAP:
		return str_maps_equal(a, b);
	case MSG_MAP:
		return maps_equal(f, a, b);
	case MSG_JSON:
		return json_equal(*(cJSON *const *)a, *(cJSON *const *)b);
	default:
		return !memcmp(a, b, msg_value_size(f));
	}
}

static bool lists_equal(const struct msg_field *f, const struct msg_seq *a, const struct msg_seq *b)
{
	size_t size = msg_value_size(f);

	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!values_equal(f, (const char *)a->v + i * size, (const char *)b->v + i * size))
			return false;
	return true;
}

static bool fields_equal(const struct msg_field *f, const void *a, const void *b)
{
	if (msg_is_list(f))
		return lists_equal(f, msg_at(a, f), msg_at(b, f));
	a = msg_at(a, f);
	b = msg_at(b, f);
	if (msg_is_boxed(f) || f->type == MSG_MESSAGE) {
		a = *(void *const *)a;
		b = *(void *const *)b;
		if (!a || !b)
			return a == b;
	}
	return values_equal(f, a, b);
}

bool msg_equal(const struct msg_desc *desc, const void *a, const void *b)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (!fields_equal(&desc->fields[i], a, b))
			return false;
	return true;
}
