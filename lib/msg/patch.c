/* JSON patch and JSON merge patch. */
#include "msg/patch.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "msg/json.h"

/* One reference token with ~1 and ~0 undone. */
static void unescape(struct slice part, char *out, size_t cap)
{
	size_t n = 0;

	for (size_t i = 0; i < part.len && n + 1 < cap; i++) {
		char c = part.ptr[i];

		if (c == '~' && i + 1 < part.len) {
			c = part.ptr[++i] == '1' ? '/' : '~';
		}
		out[n++] = c;
	}
	out[n] = '\0';
}

#define TOKEN_MAX 512

static int index_of(const cJSON *array, const char *token, bool may_append)
{
	int n = cJSON_GetArraySize(array);
	uint64_t i;

	if (may_append && strcmp(token, "-") == 0)
		return n;
	if (slice_to_u64(slice_str(token), (uint64_t)n, &i) < 0 || ((int)i == n && !may_append))
		return -1;
	return (int)i;
}

static cJSON *member(cJSON *v, const char *token)
{
	if (cJSON_IsArray(v)) {
		int i = index_of(v, token, false);

		return i < 0 ? NULL : cJSON_GetArrayItem(v, i);
	}
	return json_get(v, token);
}

/* The parent of the path's last token, which goes to token. NULL when it does not exist. path is not "". */
static cJSON *parent_of(cJSON *doc, const char *path, char *token)
{
	struct slice rest = slice_from(slice_str(path), 1);
	cJSON *at = doc;

	for (;;) {
		struct slice part = slice_split(&rest, '/');

		unescape(part, token, TOKEN_MAX);
		if (!rest.ptr || (part.ptr + part.len == path + strlen(path)))
			return at;
		at = member(at, token);
		if (!at)
			return NULL;
	}
}

static cJSON *find(cJSON *doc, const char *path)
{
	char token[TOKEN_MAX];
	cJSON *parent = *path ? parent_of(doc, path, token) : NULL;

	return *path ? member(parent, token) : doc;
}

static int missing(struct err *e, const char *op, const char *path)
{
	return err_set(e, -ENOENT, "%s operation does not apply: doc is missing path: \"%s\"", op, path);
}

/* Before item i, which exists. By hand: some builds of cJSON 1.7.15 refuse to insert anywhere but at the front. */
static void insert_before(cJSON *array, int i, cJSON *value)
{
	cJSON *at = cJSON_GetArrayItem(array, i);

	value->next = at;
	value->prev = at->prev;
	if (at == array->child)
		array->child = value;
	else
		at->prev->next = value;
	at->prev = value;
}

static int op_add(cJSON **doc, const char *op, const char *path, cJSON *value, struct err *e)
{
	char token[TOKEN_MAX];
	cJSON *parent = *path ? parent_of(*doc, path, token) : NULL;

	if (!*path) {
		cJSON_Delete(*doc);
		*doc = value;
		return 0;
	}
	if (cJSON_IsObject(parent)) {
		json_set(parent, token, value);
		return 0;
	}
	int i = cJSON_IsArray(parent) ? index_of(parent, token, true) : -1;

	if (i < 0) {
		cJSON_Delete(value);
		return missing(e, op, path);
	}
	if (i == cJSON_GetArraySize(parent))
		cJSON_AddItemToArray(parent, value);
	else
		insert_before(parent, i, value);
	return 0;
}

static cJSON *op_detach(cJSON *doc, const char *path)
{
	char token[TOKEN_MAX];
	cJSON *parent = *path ? parent_of(doc, path, token) : NULL;
	cJSON *v = parent ? member(parent, token) : NULL;

	return v ? cJSON_DetachItemViaPointer(parent, v) : NULL;
}

static int op_replace(cJSON **doc, const char *path, const cJSON *value, struct err *e)
{
	char token[TOKEN_MAX];
	cJSON *parent = *path ? parent_of(*doc, path, token) : NULL, *v = find(*doc, path);

	if (!v)
		return missing(e, "replace", path);
	cJSON *copy = cJSON_Duplicate(value, true);

	if (!*path) {
		cJSON_Delete(*doc);
		*doc = copy;
	} else if (cJSON_IsArray(parent)) {
		cJSON_ReplaceItemViaPointer(parent, v, copy);
	} else {
		json_set(parent, token, copy);
	}
	return 0;
}

static int op_move(cJSON **doc, const char *op, const char *from, const char *path, struct err *e)
{
	cJSON *v = op[0] == 'm' ? op_detach(*doc, from) : cJSON_Duplicate(find(*doc, from), true);

	if (!v)
		return missing(e, op, from);
	free(v->string);
	v->string = NULL;
	return op_add(doc, op, path, v, e);
}

static int apply_one(cJSON **doc, const cJSON *step, struct err *e)
{
	const char *op = json_str(step, "op"), *path = json_str(step, "path"), *from = json_str(step, "from");
	const cJSON *value = json_get(step, "value");

	if (!op || !path || (*path && *path != '/'))
		return err_set(e, -EINVAL, "invalid JSON patch operation");
	if (strcmp(op, "test") == 0) {
		const cJSON *v = find(*doc, path);

		if (v ? json_equal(v, value) : !value || cJSON_IsNull(value))
			return 0;
		return err_set(e, -ENOENT, "testing value %s failed", path);
	}
	if (strcmp(op, "remove") == 0) {
		cJSON *v = op_detach(*doc, path);

		cJSON_Delete(v);
		return v ? 0 : missing(e, op, path);
	}
	if (strcmp(op, "move") == 0 || strcmp(op, "copy") == 0)
		return from && (!*from || *from == '/') ? op_move(doc, op, from, path, e)
							: err_set(e, -EINVAL, "invalid JSON patch: from");
	if (!value)
		return err_set(e, -EINVAL, "invalid JSON patch: value is missing");
	if (strcmp(op, "add") == 0)
		return op_add(doc, op, path, cJSON_Duplicate(value, true), e);
	if (strcmp(op, "replace") == 0)
		return op_replace(doc, path, value, e);
	return err_set(e, -EINVAL, "unexpected kind: %s", op);
}

int patch_json(cJSON **doc, const cJSON *ops, struct err *e)
{
	if (!cJSON_IsArray(ops))
		return err_set(e, -EINVAL, "a JSON patch is a list of operations");
	if (cJSON_GetArraySize(ops) > PATCH_OPS_MAX)
		return err_set(e, -EINVAL, "a JSON patch may have %d operations", PATCH_OPS_MAX);
	JSON_EACH(step, ops)
	{
		int r = apply_one(doc, step, e);

		if (r < 0)
			return r;
	}
	return 0;
}

cJSON *patch_merge(cJSON *target, const cJSON *patch)
{
	if (!cJSON_IsObject(patch)) {
		cJSON_Delete(target);
		return cJSON_Duplicate(patch, true);
	}
	if (!cJSON_IsObject(target)) {
		cJSON_Delete(target);
		target = cJSON_CreateObject();
	}
	JSON_EACH(p, patch)
	{
		cJSON *old = json_get(target, p->string);

		if (cJSON_IsNull(p)) {
			json_remove(target, p->string);
		} else if (cJSON_IsObject(p) && cJSON_IsObject(old)) {
			patch_merge(old, p);
		} else {
			json_set(target, p->string, patch_merge(NULL, p));
		}
	}
	return target;
}
