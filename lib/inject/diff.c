/* Two states of an object to the JSON patch (RFC 6902) that leads from one to the other. */
#include <stdio.h>

#include "inject/internal.h"

/* RFC 6901: "~" and "/" inside a name. */
static void append_name(struct buf *path, const char *s)
{
	buf_append_char(path, '/');
	for (; *s; s++) {
		if (*s == '~')
			buf_append_str(path, "~0");
		else if (*s == '/')
			buf_append_str(path, "~1");
		else
			buf_append_char(path, *s);
	}
}

static void cut(struct buf *path, size_t len)
{
	path->len = len;
	if (path->ptr)
		path->ptr[len] = 0;
}

static void emit(cJSON *out, const char *op, const struct buf *path, const cJSON *value)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "op", op);
	cJSON_AddStringToObject(o, "path", buf_str(path));
	if (value)
		cJSON_AddItemToObject(o, "value", cJSON_Duplicate(value, true));
	cJSON_AddItemToArray(out, o);
}

static void compare(cJSON *out, struct buf *path, const cJSON *from, const cJSON *to);

static void compare_objects(cJSON *out, struct buf *path, const cJSON *from, const cJSON *to)
{
	const size_t len = path->len;
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		append_name(path, m->string);
		if (!json_get(to, m->string))
			emit(out, "remove", path, NULL);
		cut(path, len);
	}
	cJSON_ArrayForEach(m, to)
	{
		const cJSON *old = json_get(from, m->string);

		append_name(path, m->string);
		if (old)
			compare(out, path, old, m);
		else
			emit(out, "add", path, m);
		cut(path, len);
	}
}

static bool same_name(const cJSON *a, const cJSON *b)
{
	const char *x = json_str(a, "name"), *y = json_str(b, "name");

	return x && y ? strcmp(x, y) == 0 : json_equal(a, b);
}

/* The old elements all come first, in their order: what is new can be appended. */
static bool grows(const cJSON *from, const cJSON *to)
{
	const cJSON *a = from->child, *b = to->child;

	for (; a; a = a->next, b = b->next)
		if (!b || !same_name(a, b))
			return false;
	return true;
}

static void compare_lists(cJSON *out, struct buf *path, const cJSON *from, const cJSON *to)
{
	const size_t len = path->len;
	const cJSON *a = from->child, *b = to->child;

	if (!grows(from, to)) {
		emit(out, "replace", path, to);
		return;
	}
	for (int n = 0; b; b = b->next, n++) {
		if (a)
			buf_printf(path, "/%d", n);
		else
			buf_append_str(path, "/-");
		if (a)
			compare(out, path, a, b);
		else
			emit(out, "add", path, b);
		a = a ? a->next : NULL;
		cut(path, len);
	}
}

static void compare(cJSON *out, struct buf *path, const cJSON *from, const cJSON *to)
{
	if (json_equal(from, to))
		return;
	if (cJSON_IsObject(from) && cJSON_IsObject(to))
		compare_objects(out, path, from, to);
	else if (cJSON_IsArray(from) && cJSON_IsArray(to))
		compare_lists(out, path, from, to);
	else
		emit(out, "replace", path, to);
}

cJSON *inject_diff(const cJSON *from, const cJSON *to)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	cJSON *out = cJSON_CreateArray();

	compare(out, &path, from, to);
	return out;
}
