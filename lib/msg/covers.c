/* Whether one struct says everything that another one says. */
#include <stdlib.h>
#include <string.h>

#include "msg/json.h"
#include "msg/msg.h"
#include "msg/msg_internal.h"

static bool values_cover(const struct msg_field *f, const void *want, const void *have);

static bool quantities_equal(const char *a, const char *b)
{
	int64_t x, y;

	if (!strcmp(a, b))
		return true;
	return msg_quantity_parse(a, &x) == 0 && msg_quantity_parse(b, &y) == 0 && x == y;
}

static bool str_maps_cover(const struct msg_field *f, const struct str_map *want, const struct str_map *have)
{
	/* One that belongs to one manager as a whole has nothing of others. */
	if (f->flags & MSG_ATOMIC && want->n != have->n)
		return false;
	for (size_t i = 0; i < want->n; i++) {
		const char *value = str_map_get(have, want->v[i].key);

		if (!value)
			return false;
		if (f->elem == MSG_QUANTITY ? !quantities_equal(want->v[i].value, value)
					    : strcmp(want->v[i].value, value) != 0)
			return false;
	}
	return true;
}

static bool maps_cover(const struct msg_field *f, const struct msg_seq *want, const struct msg_seq *have)
{
	size_t size = msg_value_size(f), k = 0;

	for (size_t i = 0; i < want->n; i++) {
		const char *w = (const char *)want->v + i * size, *h = NULL;
		int c = 1;

		/* Both are sorted by key. */
		for (; k < have->n && c > 0; k += c > 0) {
			h = (const char *)have->v + k * size;
			c = strcmp(*(const char *const *)(const void *)w, *(const char *const *)(const void *)h);
		}
		if (c != 0 || !msg_covers(f->desc, w + MSG_MAP_VALUE_OFFSET, h + MSG_MAP_VALUE_OFFSET))
			return false;
	}
	return true;
}

static bool int_or_strs_equal(const struct int_or_str *a, const struct int_or_str *b)
{
	if (a->kind != b->kind)
		return false;
	return a->kind == INT_OR_STR_STR ? !strcmp(a->s, b->s) : a->i == b->i;
}

/* What tells apart the elements of a list that several managers share; NULL: the list belongs to one as a whole. */
static const char *list_keys(const struct msg_field *f)
{
	if (f->flags & MSG_ATOMIC || f->type != MSG_MESSAGE)
		return NULL;
	if (f->keys)
		return f->keys;
	return f->merge_key && *f->merge_key ? f->merge_key : NULL;
}

static bool field_covers(const struct msg_field *f, const void *want, const void *have);

/* Whether the key fields are the same; one that is absent stands for its default. */
static bool same_keys(const struct msg_desc *desc, const char *keys, const void *want, const void *have)
{
	struct slice rest = slice_str(keys);

	while (rest.len) {
		struct slice key = slice_split(&rest, ',');

		for (size_t i = 0; i < desc->n_fields; i++) {
			const struct msg_field *f = &desc->fields[i];

			if (slice_eq_str(key, f->name) && msg_is_present(f, have) && !field_covers(f, want, have))
				return false;
		}
	}
	return true;
}

static const void *element_like(const struct msg_field *f, const struct msg_seq *have, const void *want)
{
	const char *keys = list_keys(f);
	size_t size = msg_value_size(f);

	for (size_t i = 0; i < have->n; i++) {
		const void *h = (const char *)have->v + i * size;

		if (same_keys(f->desc, keys, want, h))
			return h;
	}
	return NULL;
}

static bool lists_cover(const struct msg_field *f, const struct msg_seq *want, const struct msg_seq *have)
{
	bool keyed = list_keys(f) != NULL;
	size_t size = msg_value_size(f);

	if (!keyed && want->n != have->n)
		return false;
	for (size_t i = 0; i < want->n; i++) {
		const void *w = (const char *)want->v + i * size;
		const void *h = keyed ? element_like(f, have, w) : (const char *)have->v + i * size;

		if (!h || !values_cover(f, w, h))
			return false;
	}
	return true;
}

static bool values_cover(const struct msg_field *f, const void *want, const void *have)
{
	switch ((enum msg_type)f->type) {
	case MSG_STRING:
		return !strcmp(*(const char *const *)want, *(const char *const *)have);
	case MSG_QUANTITY:
		return quantities_equal(*(const char *const *)want, *(const char *const *)have);
	case MSG_DOUBLE:
		return *(const double *)want == *(const double *)have;
	case MSG_INT_OR_STR:
		return int_or_strs_equal(want, have);
	case MSG_MESSAGE:
		return msg_covers(f->desc, want, have);
	case MSG_STR_MAP:
		return str_maps_cover(f, want, have);
	case MSG_MAP:
		return maps_cover(f, want, have);
	case MSG_JSON:
		return json_equal(*(cJSON *const *)want, *(cJSON *const *)have);
	default:
		return !memcmp(want, have, msg_value_size(f));
	}
}

static bool is_zero(const struct msg_desc *desc, const void *msg)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (msg_is_present(&desc->fields[i], msg))
			return false;
	return true;
}

/*
 * Whether what is wanted says no more than its absence does: an API server keeps no empty text, number 0, false or
 * message without content unless the type's pointers make a difference.
 */
static bool absent_covers(const struct msg_field *f, const void *want)
{
	static const char zero[sizeof(struct int_or_str)];

	switch ((enum msg_type)f->type) {
	case MSG_MESSAGE:
		return is_zero(f->desc, want);
	case MSG_STRING:
	case MSG_QUANTITY:
		return !**(const char *const *)want;
	case MSG_JSON: {
		const cJSON *j = *(cJSON *const *)want;

		return cJSON_IsNull(j) || ((cJSON_IsObject(j) || cJSON_IsArray(j)) && !j->child);
	}
	default:
		return !memcmp(want, zero, msg_value_size(f));
	}
}

static bool field_covers(const struct msg_field *f, const void *want, const void *have)
{
	if (!msg_is_present(f, want))
		return true;
	want = msg_at(want, f);
	if (msg_is_list(f))
		return lists_cover(f, want, msg_at(have, f));
	if (msg_is_boxed(f) || f->type == MSG_MESSAGE) {
		want = *(void *const *)want;
		have = *(void *const *)msg_at(have, f);
		return have ? values_cover(f, want, have) : absent_covers(f, want);
	}
	if (!msg_is_present(f, have) && f->type != MSG_STR_MAP && f->type != MSG_MAP)
		return absent_covers(f, want);
	return values_cover(f, want, msg_at(have, f));
}

bool msg_covers(const struct msg_desc *desc, const void *want, const void *have)
{
	for (size_t i = 0; i < desc->n_fields; i++)
		if (!field_covers(&desc->fields[i], want, have))
			return false;
	return true;
}
