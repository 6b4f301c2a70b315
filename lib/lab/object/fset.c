/* Sets of fields as trees, their algebra and their JSON form. See fields.h. */
#include <stdio.h>

#include "base/cleanup.h"
#include "lab/object/fields.h"
#include "lab/object/fset_internal.h"
#include "msg/json.h"

struct fset *fset_new(struct arena *a)
{
	return ARENA_NEW(a, struct fset);
}

bool fset_empty(const struct fset *s)
{
	return !s || (!s->member && !s->n);
}

/* Position of the first child not below key. */
static size_t lower(const struct fset *s, const char *key)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (strcmp(s->children[mid]->key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct fset *fset_find(const struct fset *s, const char *key)
{
	size_t i = s ? lower(s, key) : 0;

	return s && i < s->n && strcmp(s->children[i]->key, key) == 0 ? s->children[i] : NULL;
}

static void insert_at(struct arena *a, struct fset *s, size_t i, struct fset *child)
{
	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 4;
		struct fset **v = ARENA_NEW_N(a, struct fset *, cap);

		if (s->n)
			memcpy(v, s->children, s->n * sizeof(*v));
		s->children = v;
		s->cap = cap;
	}
	memmove(&s->children[i + 1], &s->children[i], (s->n - i) * sizeof(*s->children));
	s->children[i] = child;
	s->n++;
}

struct fset *fset_child(struct arena *a, struct fset *s, const char *key)
{
	size_t i = lower(s, key);

	if (i < s->n && strcmp(s->children[i]->key, key) == 0)
		return s->children[i];
	struct fset *c = fset_new(a);

	c->key = arena_strdup(a, key);
	insert_at(a, s, i, c);
	return c;
}

static void attach(struct arena *a, struct fset *to, struct fset *child)
{
	if (!fset_empty(child))
		insert_at(a, to, lower(to, child->key), child);
}

static void read_json(struct arena *a, struct fset *s, const cJSON *json)
{
	JSON_EACH(c, json)
	{
		if (strcmp(c->string, ".") == 0) {
			s->member = true;
			continue;
		}
		struct fset *child = fset_child(a, s, c->string);

		if (!c->child)
			child->member = true;
		else
			read_json(a, child, c);
	}
}

struct fset *fset_from_json(struct arena *a, const cJSON *fields_v1)
{
	struct fset *s = fset_new(a);

	read_json(a, s, cJSON_IsObject(fields_v1) ? fields_v1 : NULL);
	return s;
}

cJSON *fset_to_json(const struct fset *s)
{
	cJSON *json = cJSON_CreateObject();

	if (s->member && s->n && s->key)
		cJSON_AddItemToObject(json, ".", cJSON_CreateObject());
	for (size_t i = 0; i < s->n; i++)
		cJSON_AddItemToObject(json, s->children[i]->key, fset_to_json(s->children[i]));
	return json;
}

bool fset_equal(const struct fset *a, const struct fset *b)
{
	if (a->member != b->member || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->children[i]->key, b->children[i]->key) != 0 ||
		    !fset_equal(a->children[i], b->children[i]))
			return false;
	return true;
}

enum algebra { UNION, DIFFERENCE, INTERSECTION };

static struct fset *combine(struct arena *a, const struct fset *x, const struct fset *y, enum algebra op)
{
	struct fset *r = fset_new(a);
	bool xm = x && x->member, ym = y && y->member;

	r->key = x ? x->key : y ? y->key : NULL;
	r->member = op == UNION ? xm || ym : op == DIFFERENCE ? xm && !ym : xm && ym;
	for (size_t i = 0; x && i < x->n; i++) {
		const struct fset *other = fset_find(y, x->children[i]->key);

		if (other || op != INTERSECTION)
			attach(a, r, combine(a, x->children[i], other, op));
	}
	for (size_t i = 0; op == UNION && y && i < y->n; i++)
		if (!fset_find(x, y->children[i]->key))
			attach(a, r, combine(a, NULL, y->children[i], op));
	return r;
}

struct fset *fset_union(struct arena *a, const struct fset *x, const struct fset *y)
{
	return combine(a, x, y, UNION);
}

struct fset *fset_difference(struct arena *a, const struct fset *x, const struct fset *y)
{
	return combine(a, x, y, DIFFERENCE);
}

struct fset *fset_intersection(struct arena *a, const struct fset *x, const struct fset *y)
{
	return combine(a, x, y, INTERSECTION);
}

static void print_element(struct buf *b, const char *key)
{
	if (key[0] == 'f') {
		buf_printf(b, ".%s", key + 2);
	} else if (key[0] == 'k') {
		cJSON *keys = cJSON_Parse(key + 2);

		buf_append_char(b, '[');
		JSON_EACH(k, keys)
		{
			buf_printf(b, "%s%s=", k == keys->child ? "" : ",", k->string);
			json_print(k, b);
		}
		buf_append_char(b, ']');
		cJSON_Delete(keys);
	} else if (key[0] == 'v') {
		buf_printf(b, "[=%s]", key + 2);
	} else {
		buf_printf(b, "[%s]", key + 2);
	}
}

static void each(const struct fset *s, struct buf *path, void (*fn)(void *arg, const char *path), void *arg)
{
	size_t len = path->len;

	if (s->key)
		print_element(path, s->key);
	if (s->member && s->key)
		fn(arg, buf_str(path));
	for (size_t i = 0; i < s->n; i++)
		each(s->children[i], path, fn, arg);
	path->len = len;
}

void fset_each(const struct fset *s, void (*fn)(void *arg, const char *path), void *arg)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;

	each(s, &path, fn, arg);
}
