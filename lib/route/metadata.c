/* Walks of trees; lists of few entries. */
#include "route/metadata.h"

#include <string.h>

void metadata_add(struct metadata *m, struct metadata_entry *e)
{
	e->next = m->first;
	m->first = e;
}

/* What a path leads to; nothing: both NULL. */
struct found {
	const cJSON *json;
	struct slice text;
	bool list; /* the text is a list, separated by spaces */
};

static const cJSON *member(const cJSON *object, struct slice name)
{
	const cJSON *c;

	if (!cJSON_IsObject(object))
		return NULL;
	cJSON_ArrayForEach(c, object)
	{
		if (slice_eq_str(name, c->string))
			return c;
	}
	return NULL;
}

static bool is_list(const struct metadata_entry *e, struct slice name)
{
	for (size_t i = 0; i < e->n_lists; i++)
		if (slice_eq(e->lists[i], name))
			return true;
	return false;
}

/* at = how much of the path the entry's key has used. */
static struct found walk(const struct metadata_entry *e, const struct slice *path, size_t n, size_t at)
{
	struct found f = {e->json, {NULL, 0}, false};

	if (!e->json) {
		if (at == n)
			f.text = e->text;
		return f;
	}
	for (size_t i = at; f.json && i < n; i++)
		f.json = member(f.json, path[i]);
	if (cJSON_IsString(f.json)) {
		f.text = slice_str(f.json->valuestring);
		f.list = n == at + 1 && is_list(e, path[at]);
	}
	return f;
}

static struct found find(const struct metadata *m, struct slice filter, const struct slice *path, size_t n)
{
	const struct metadata_entry *e;

	for (e = m ? m->first : NULL; e; e = e->next) {
		if (!slice_eq(e->filter, filter))
			continue;
		if (e->key.len && slice_eq(e->key, path[0]))
			return walk(e, path, n, 1);
		if (!e->key.len && member(e->json, path[0]))
			return walk(e, path, n, 0);
	}
	return (struct found){NULL, {NULL, 0}, false};
}

static struct found found_of(const cJSON *json)
{
	struct found f = {json, {NULL, 0}, false};

	if (cJSON_IsString(json))
		f.text = slice_str(json->valuestring);
	return f;
}

static bool test(const struct match_value *v, const struct found *f);

static bool test_list(const struct match_value *v, const struct found *f)
{
	struct slice rest = f->text;
	const cJSON *item;

	while (f->list && rest.len) {
		const struct found word = {NULL, slice_split(&rest, ' '), false};

		if (word.text.len && test(v, &word))
			return true;
	}
	if (!cJSON_IsArray(f->json))
		return false;
	cJSON_ArrayForEach(item, f->json)
	{
		const struct found one = found_of(item);

		if (test(v, &one))
			return true;
	}
	return false;
}

static bool test_number(const struct match_value *v, const cJSON *json)
{
	if (!cJSON_IsNumber(json))
		return false;
	return json->valuedouble == v->from || (json->valuedouble >= v->from && json->valuedouble < v->to);
}

static bool test(const struct match_value *v, const struct found *f)
{
	switch (v->kind) {
	case MATCH_VALUE_STRING:
		return f->text.ptr && !f->list && match_string_test(&v->string, f->text);
	case MATCH_VALUE_BOOL:
		return cJSON_IsBool(f->json) && cJSON_IsTrue(f->json) == v->boolean;
	case MATCH_VALUE_NUMBER:
		return test_number(v, f->json);
	case MATCH_VALUE_NULL:
		return cJSON_IsNull(f->json);
	case MATCH_VALUE_PRESENT:
		return v->boolean && (f->json || f->text.ptr);
	case MATCH_VALUE_LIST:
		return test_list(&v->kids[0], f);
	case MATCH_VALUE_OR:
		for (size_t i = 0; i < v->n_kids; i++)
			if (test(&v->kids[i], f))
				return true;
		return false;
	}
	return false;
}

bool match_metadata_test(const struct match_metadata *how, const struct metadata *m)
{
	const struct found f = find(m, how->filter, how->path, how->n_path);

	return test(&how->value, &f) != how->invert;
}

struct slice metadata_text(const struct metadata *m, struct slice filter, struct slice key)
{
	return find(m, filter, &key, 1).text;
}
