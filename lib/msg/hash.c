/* The content of a struct as a number, by its rows: equal content (msg_equal) has equal hashes. */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

#include "msg/json.h"
#include "msg/msg.h"
#include "msg/msg_internal.h"

static uint64_t hash_fields(const struct msg_desc *desc, const void *msg, const char *const *without, uint64_t h);

static uint64_t add_number(uint64_t h, uint64_t n)
{
	return hash_more(h, slice_make((const char *)&n, sizeof(n)));
}

/* With its end, so that "a", "bc" is not "ab", "c"; what is absent is not empty. */
static uint64_t add_string(uint64_t h, const char *s)
{
	return s ? hash_more(h, slice_make(s, strlen(s) + 1)) : add_number(h, 0);
}

static uint64_t add_json(uint64_t h, const cJSON *j)
{
	char *text = j ? cJSON_PrintUnformatted(j) : NULL;

	h = add_string(h, text);
	cJSON_free(text);
	return h;
}

static uint64_t add_str_map(uint64_t h, const struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		h = add_string(add_string(h, m->v[i].key), m->v[i].value);
	return add_number(h, m->n);
}

static uint64_t add_map(uint64_t h, const struct msg_field *f, const struct msg_seq *m)
{
	const size_t size = msg_value_size(f);

	for (size_t i = 0; i < m->n; i++) {
		const char *x = (const char *)m->v + i * size;

		h = add_string(h, *(const char *const *)(const void *)x);
		h = hash_fields(f->desc, x + MSG_MAP_VALUE_OFFSET, NULL, h);
	}
	return add_number(h, m->n);
}

static uint64_t add_int_or_str(uint64_t h, const struct int_or_str *v)
{
	h = add_number(h, v->kind);
	return v->kind == INT_OR_STR_STR ? add_string(h, v->s) : add_number(h, (uint64_t)v->i);
}

static uint64_t add_double(uint64_t h, double v)
{
	v += 0.0; /* -0 is 0 */
	return hash_more(h, slice_make((const char *)&v, sizeof(v)));
}

static uint64_t add_value(uint64_t h, const struct msg_field *f, const void *v)
{
	switch ((enum msg_type)f->type) {
	case MSG_STRING:
	case MSG_QUANTITY:
		return add_string(h, *(const char *const *)v);
	case MSG_DOUBLE:
		return add_double(h, *(const double *)v);
	case MSG_INT_OR_STR:
		return add_int_or_str(h, v);
	case MSG_MESSAGE:
		return hash_fields(f->desc, v, NULL, h);
	case MSG_STR_MAP:
		return add_str_map(h, v);
	case MSG_MAP:
		return add_map(h, f, v);
	case MSG_JSON:
		return add_json(h, *(cJSON *const *)v);
	default:
		return hash_more(h, slice_make(v, msg_value_size(f)));
	}
}

static uint64_t add_list(uint64_t h, const struct msg_field *f, const struct msg_seq *list)
{
	const size_t size = msg_value_size(f);

	for (size_t i = 0; i < list->n; i++)
		h = add_value(h, f, (const char *)list->v + i * size);
	return add_number(h, list->n);
}

static uint64_t add_field(uint64_t h, const struct msg_field *f, const void *msg)
{
	const void *v = msg_at(msg, f);

	if (msg_is_list(f))
		return add_list(h, f, v);
	if (msg_is_boxed(f) || f->type == MSG_MESSAGE) {
		v = *(void *const *)v;
		if (!v)
			return h;
	}
	return add_value(h, f, v);
}

static bool is_among(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static uint64_t hash_fields(const struct msg_desc *desc, const void *msg, const char *const *without, uint64_t h)
{
	for (size_t i = 0; i < desc->n_fields; i++) {
		if (!msg_is_present(&desc->fields[i], msg) || is_among(without, desc->fields[i].name))
			continue;
		h = add_field(add_number(h, i + 1), &desc->fields[i], msg);
	}
	return add_number(h, 0);
}

uint64_t msg_hash(const struct msg_desc *desc, const void *msg, const char *const *without)
{
	return hash_fields(desc, msg, without, 0);
}
