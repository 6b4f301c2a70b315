/* The walk over the rows: one value, its two forms, and where it stands. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/vec.h"
#include "operator/convert/convert_internal.h"

#define HUNDREDTHS 100.0
#define SHARE_MAX 10000 /* all, in hundredths of a percent */

/* --- places --- */

/* The name before the first dot, copied; *rest is what follows it, or NULL. */
static char *first_name(const char *path, const char **rest)
{
	const char *dot = strchr(path, '.');

	*rest = dot ? dot + 1 : NULL;
	return mem_printf("%.*s", (int)(dot ? (size_t)(dot - path) : strlen(path)), path);
}

cJSON *convert_object(cJSON *o, const char *path)
{
	while (path && *path) {
		CLEANUP(freep) char *name = first_name(path, &path);

		o = json_object(o, name);
	}
	return o;
}

void convert_merge(cJSON *into, const cJSON *from)
{
	JSON_EACH(m, from)
	{
		cJSON *have = json_get(into, m->string);

		if (cJSON_IsObject(m) && cJSON_IsObject(have))
			convert_merge(have, m);
		else
			json_set(into, m->string, cJSON_Duplicate(m, true));
	}
}

void convert_set(cJSON *o, const char *path, cJSON *value)
{
	const char *rest;
	CLEANUP(freep) char *name = first_name(path, &rest);

	if (rest) {
		convert_set(json_object(o, name), rest, value);
	} else if (cJSON_IsObject(value) && cJSON_IsObject(json_get(o, name))) {
		convert_merge(json_get(o, name), value);
		cJSON_Delete(value);
	} else {
		json_set(o, name, value);
	}
}

void convert_take(cJSON *o, const char *path)
{
	const char *rest;
	CLEANUP(freep) char *name = first_name(path, &rest);
	cJSON *m = json_get(o, name);

	if (!m)
		return;
	if (rest)
		convert_take(m, rest);
	if (!rest || (cJSON_IsObject(m) && !m->child))
		json_remove(o, name);
}

void convert_prune(cJSON *o, const char *path)
{
	const cJSON *m = json_at(o, path);

	if (cJSON_IsObject(m) && !m->child)
		convert_take(o, path);
}

/* --- forms --- */

static char *slice_text(struct slice s)
{
	return mem_printf("%.*s", SLICE_ARG(s));
}

static bool is_int(const cJSON *v)
{
	int64_t n;

	return v && (cJSON_IsNumber(v) || cJSON_IsRaw(v)) && json_int64(v, &n) == 0;
}

static bool all_texts(const cJSON *list)
{
	JSON_EACH(v, list)
	if (!cJSON_IsString(v))
		return false;
	return cJSON_IsArray(list);
}

/* NULL: an element can't stand in such a list. */
static cJSON *join(const cJSON *list)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	int64_t n;

	JSON_EACH(v, list)
	{
		if (v != list->child)
			buf_append_char(&b, ',');
		if (cJSON_IsString(v) && !strchr(v->valuestring, ','))
			buf_append_str(&b, v->valuestring);
		else if (json_int64(v, &n) == 0 && !cJSON_IsString(v))
			buf_printf(&b, "%lld", (long long)n);
		else
			return NULL;
	}
	return cJSON_IsArray(list) && list->child ? cJSON_CreateString(buf_str(&b)) : NULL;
}

static cJSON *split(const char *text, bool keep_empty)
{
	cJSON *list = cJSON_CreateArray();
	struct slice rest = slice_str(text);

	if (!rest.len && !keep_empty)
		return list;
	do {
		CLEANUP(freep) char *s = slice_text(slice_split(&rest, ','));

		cJSON_AddItemToArray(list, cJSON_CreateString(s));
	} while (rest.len);
	return list;
}

static cJSON *split_ints(const char *text)
{
	CLEANUP(json_freep) cJSON *texts = split(text, false);
	CLEANUP(json_freep) cJSON *list = cJSON_CreateArray();

	JSON_EACH(v, texts)
	{
		char *end;
		long n = strtol(v->valuestring, &end, 10);

		if (*end || end == v->valuestring || n < INT32_MIN || n > INT32_MAX)
			return NULL;
		cJSON_AddItemToArray(list, json_new_int64(n));
	}
	return take(list);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

static cJSON *join_levels(const cJSON *map)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	VEC(const cJSON *) sorted = {0};

	JSON_EACH(v, cJSON_IsObject(map) ? map : NULL)
	vec_push(&sorted, v);
	if (sorted.n)
		qsort(sorted.v, sorted.n, sizeof(*sorted.v), by_name);
	for (size_t i = 0; i < sorted.n; i++)
		if (cJSON_IsString(sorted.v[i]))
			buf_printf(&b, "%s%s:%s", b.len ? "," : "", sorted.v[i]->string, sorted.v[i]->valuestring);
	vec_done(&sorted);
	return b.len ? cJSON_CreateString(buf_str(&b)) : NULL;
}

static cJSON *split_levels(const char *text)
{
	CLEANUP(json_freep) cJSON *map = cJSON_CreateObject();
	struct slice rest = slice_str(text);

	while (rest.len) {
		struct slice level = slice_split(&rest, ',');
		struct slice name = slice_split(&level, ':');
		CLEANUP(freep) char *k = slice_text(name);
		CLEANUP(freep) char *v = slice_text(level);

		if (!*k || !*v || json_get(map, k))
			return NULL;
		json_set_str(map, k, v);
	}
	return map->child ? take(map) : NULL;
}

/* [{name: a}] to ["a"]; NULL when an element says more than its name. */
static cJSON *to_names(const cJSON *list)
{
	CLEANUP(json_freep) cJSON *names = cJSON_CreateArray();

	JSON_EACH(v, list)
	{
		if (!json_get_str(v, "name") || cJSON_GetArraySize(v) != 1)
			return NULL;
		cJSON_AddItemToArray(names, cJSON_CreateString(json_get_str(v, "name")));
	}
	return cJSON_IsArray(list) ? take(names) : NULL;
}

static cJSON *from_names(const cJSON *names)
{
	cJSON *list;

	if (!all_texts(names))
		return NULL;
	list = cJSON_CreateArray();
	JSON_EACH(v, names)
	{
		cJSON *o = cJSON_CreateObject();

		json_set_str(o, "name", v->valuestring);
		cJSON_AddItemToArray(list, o);
	}
	return list;
}

/* Terms of affinity: their values are a list in v2, one text in v1. */
static cJSON *map_terms(const cJSON *list, bool to_v1)
{
	CLEANUP(json_freep) cJSON *out = cJSON_IsArray(list) ? cJSON_Duplicate(list, true) : NULL;

	JSON_EACH(term, out)
	{
		const cJSON *values = json_get(term, "values");
		cJSON *v = NULL;

		if (!cJSON_IsObject(term))
			return NULL;
		if (!values)
			continue;
		if (to_v1)
			v = join(values);
		else if (cJSON_IsString(values))
			v = split(values->valuestring, false);
		if (!v)
			return NULL;
		json_set((cJSON *)term, "values", v);
	}
	return take(out);
}

static cJSON *copy_if(bool fits, const cJSON *v)
{
	return fits ? cJSON_Duplicate(v, true) : NULL;
}

/* The value in v1's form, or NULL. */
static cJSON *form_to_v1(enum convert_form form, const cJSON *v)
{
	switch (form) {
	case FORM_TEXT:
	case FORM_TAG:
		return copy_if(cJSON_IsString(v), v);
	case FORM_FLAG:
		return copy_if(cJSON_IsBool(v), v);
	case FORM_NOT:
		return cJSON_IsBool(v) ? cJSON_CreateBool(!cJSON_IsTrue(v)) : NULL;
	case FORM_FLAG_TEXT:
		return cJSON_IsBool(v) ? cJSON_CreateString(cJSON_IsTrue(v) ? "true" : "false") : NULL;
	case FORM_INT:
		return copy_if(is_int(v), v);
	case FORM_INT_OR_TEXT:
		return copy_if(is_int(v) || cJSON_IsString(v), v);
	case FORM_TREE:
		return copy_if(v->child, v);
	case FORM_JOINED:
	case FORM_JOINED_KEEP:
	case FORM_JOINED_INTS:
		return join(v);
	case FORM_LEVELS:
		return join_levels(v);
	case FORM_NAMES:
		return to_names(v);
	case FORM_HUNDREDTHS:
		return is_int(v) ? cJSON_CreateNumber(v->valuedouble / HUNDREDTHS) : NULL;
	case FORM_TERMS:
		return map_terms(v, true);
	}
	return NULL;
}

static cJSON *share_to_v2(const cJSON *v)
{
	const double n = cJSON_IsNumber(v) ? v->valuedouble * HUNDREDTHS : -1;

	return n >= 0 && n <= SHARE_MAX ? cJSON_CreateNumber(round(n)) : NULL;
}

static cJSON *tag_to_v2(const cJSON *v)
{
	CLEANUP(freep) char *text = cJSON_IsNumber(v) ? json_to_text(v) : NULL;

	return text ? cJSON_CreateString(text) : copy_if(cJSON_IsString(v), v);
}

/* The value in v2's form, or NULL when it has another one than v1 gives it. */
static cJSON *form_to_v2(enum convert_form form, const cJSON *v)
{
	switch (form) {
	case FORM_TAG:
		return tag_to_v2(v);
	case FORM_JOINED:
	case FORM_JOINED_KEEP:
		return cJSON_IsString(v) ? split(v->valuestring, form == FORM_JOINED_KEEP) : NULL;
	case FORM_JOINED_INTS:
		return cJSON_IsString(v) ? split_ints(v->valuestring) : NULL;
	case FORM_FLAG_TEXT:
		if (!cJSON_IsString(v) || (strcmp(v->valuestring, "true") && strcmp(v->valuestring, "false")))
			return NULL;
		return cJSON_CreateBool(!strcmp(v->valuestring, "true"));
	case FORM_LEVELS:
		return cJSON_IsString(v) ? split_levels(v->valuestring) : NULL;
	case FORM_NAMES:
		return from_names(v);
	case FORM_HUNDREDTHS:
		return share_to_v2(v);
	case FORM_TERMS:
		return map_terms(v, false);
	default:
		return form_to_v1(form, v);
	}
}

/* --- rows --- */

static bool applies(const struct convert_row *row, const cJSON *v2)
{
	const char *word = row->if_path ? json_str(v2, row->if_path) : NULL;

	return !row->if_path || (word && !strcmp(word, row->if_word));
}

void convert_rows_to_v1(const struct convert_row *rows, size_t n, const cJSON *v2, cJSON *v1)
{
	for (size_t i = 0; i < n; i++) {
		const cJSON *v = json_at(v2, rows[i].v2);
		cJSON *value = v && applies(&rows[i], v2) ? form_to_v1(rows[i].form, v) : NULL;

		if (!value)
			continue;
		if (rows[i].also)
			convert_set(v1, rows[i].also, cJSON_Duplicate(value, true));
		convert_set(v1, rows[i].v1, value);
	}
}

static void row_to_v2(const struct convert_row *row, const char *path, cJSON *v1, cJSON *v2)
{
	const cJSON *v = json_at(v1, path);
	cJSON *value = v ? form_to_v2(row->form, v) : NULL;

	if (!value)
		return;
	convert_set(v2, row->v2, value);
	convert_take(v1, path);
}

void convert_rows_to_v2(const struct convert_row *rows, size_t n, cJSON *v1, cJSON *v2)
{
	for (size_t i = 0; i < n; i++) {
		if (!applies(&rows[i], v2))
			continue;
		row_to_v2(&rows[i], rows[i].v1, v1, v2);
		if (rows[i].also)
			row_to_v2(&rows[i], rows[i].also, v1, v2);
	}
}

/* --- choices --- */

static cJSON *literal(const char *text)
{
	if (!strcmp(text, "true") || !strcmp(text, "false"))
		return cJSON_CreateBool(!strcmp(text, "true"));
	return cJSON_CreateString(text);
}

static bool says(const cJSON *o, const char *path, const char *text)
{
	CLEANUP(json_freep) cJSON *value = literal(text);
	const cJSON *v = json_at(o, path);

	return v && json_equal(v, value);
}

void convert_choices_to_v1(const struct convert_choice *rows, size_t n, const cJSON *v2, cJSON *v1)
{
	for (size_t i = 0; i < n; i++)
		if (says(v2, rows[i].v2, rows[i].word))
			convert_set(v1, rows[i].v1, literal(rows[i].value));
}

/* What follows from the word goes; what contradicts it stays, and is told. */
static void choose(const struct convert_choice *rows, size_t n, const struct convert_choice *chosen, cJSON *v1,
		   cJSON *v2)
{
	convert_set(v2, chosen->v2, literal(chosen->word));
	for (size_t i = 0; i < n; i++)
		if (!strcmp(rows[i].v2, chosen->v2) && !strcmp(rows[i].word, chosen->word) &&
		    says(v1, rows[i].v1, rows[i].value))
			convert_take(v1, rows[i].v1);
}

void convert_choices_to_v2(const struct convert_choice *rows, size_t n, cJSON *v1, cJSON *v2)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].decides && !json_at(v2, rows[i].v2) && says(v1, rows[i].v1, rows[i].value))
			choose(rows, n, &rows[i], v1, v2);
}
