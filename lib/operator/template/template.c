/* Rendering: one recursive walk over the parsed template that builds the result. */
#include "operator/template/template.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"
#include "msg/yaml.h"

static cJSON *render(const cJSON *node, const cJSON *values);

/* The value at a dotted path, or NULL. */
static const cJSON *value_at(const cJSON *values, struct slice path)
{
	const cJSON *v = values;

	while (path.len && v) {
		struct slice part = slice_split(&path, '.');
		char name[TEMPLATE_PATH_MAX];

		snprintf(name, sizeof(name), "%.*s", SLICE_ARG(part));
		v = json_get(v, name);
	}
	return cJSON_IsNull(v) ? NULL : v;
}

static bool truthy(const cJSON *v)
{
	if (!v || cJSON_IsFalse(v) || cJSON_IsNull(v))
		return false;
	if (cJSON_IsString(v))
		return *v->valuestring && strcmp(v->valuestring, "false") != 0;
	return !(cJSON_IsObject(v) || cJSON_IsArray(v)) || v->child;
}

static void append_scalar(struct buf *b, const cJSON *v)
{
	if (cJSON_IsString(v))
		buf_append_str(b, v->valuestring);
	else if (v)
		json_print(v, b);
}

/* Cuts "${path}" off the front; false when the text does not begin so. */
static bool cut_mark(struct slice *text, struct slice *ret_path)
{
	ptrdiff_t end;

	if (text->len < 3 || text->ptr[0] != '$' || text->ptr[1] != '{')
		return false;
	end = slice_find(*text, '}');
	if (end < 0)
		return false;
	*ret_path = slice_make(text->ptr + 2, (size_t)end - 2);
	*text = slice_make(text->ptr + end + 1, text->len - (size_t)end - 1);
	return true;
}

static cJSON *render_string(const char *string, const cJSON *values)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct slice text = slice_str(string), path;

	if (cut_mark(&text, &path) && !text.len) {
		const cJSON *v = value_at(values, path);

		return v ? cJSON_Duplicate(v, true) : NULL;
	}
	text = slice_str(string);
	while (text.len) {
		if (cut_mark(&text, &path)) {
			append_scalar(&b, value_at(values, path));
			continue;
		}
		buf_append_char(&b, *text.ptr);
		text = slice_make(text.ptr + 1, text.len - 1);
	}
	return cJSON_CreateString(buf_str(&b));
}

static cJSON *render_array(const cJSON *node, const cJSON *values)
{
	cJSON *out = cJSON_CreateArray();
	const cJSON *element;

	cJSON_ArrayForEach(element, node)
	{
		const cJSON *each = json_get(element, "$each");
		CLEANUP(json_freep) cJSON *v = render(each ? each : element, values);

		if (!v)
			continue;
		if (!each) {
			cJSON_AddItemToArray(out, take(v));
			continue;
		}
		while (v->child)
			cJSON_AddItemToArray(out, cJSON_DetachItemViaPointer(v, v->child));
	}
	return out;
}

/* "$if" and "$unless". */
static bool wanted(const cJSON *node, const cJSON *values)
{
	const cJSON *cond = json_get(node, "$if");
	const cJSON *unless = json_get(node, "$unless");
	CLEANUP(json_freep) cJSON *yes = cond ? render(cond, values) : NULL;
	CLEANUP(json_freep) cJSON *no = unless ? render(unless, values) : NULL;

	return (!cond || truthy(yes)) && (!unless || !truthy(no));
}

static cJSON *render_yaml(const cJSON *node, const cJSON *values)
{
	CLEANUP(json_freep) cJSON *tree = render(node, values);
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (tree)
		yaml_print(tree, &b);
	return cJSON_CreateString(buf_str(&b));
}

static void merge_missing(cJSON *out, const cJSON *node, const cJSON *values)
{
	const cJSON *merge = json_get(node, "$merge");
	CLEANUP(json_freep) cJSON *from = merge ? render(merge, values) : NULL;
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		if (!cJSON_HasObjectItem(out, m->string))
			cJSON_AddItemToObject(out, m->string, cJSON_Duplicate(m, true));
	}
}

/* Over what the mapping says, at any depth. */
static void overlay(cJSON *out, const cJSON *node, const cJSON *values)
{
	const cJSON *mark = json_get(node, "$overlay");
	CLEANUP(json_freep) cJSON *from = mark ? render(mark, values) : NULL;

	if (cJSON_IsObject(from))
		msg_merge_json(NULL, out, from);
}

static cJSON *render_object(const cJSON *node, const cJSON *values)
{
	const cJSON *yaml = json_get(node, "$yaml");
	const cJSON *m;
	cJSON *out;

	if (!wanted(node, values))
		return NULL;
	if (yaml)
		return render_yaml(yaml, values);
	out = cJSON_CreateObject();
	cJSON_ArrayForEach(m, node)
	{
		cJSON *v = *m->string == '$' ? NULL : render(m, values);

		if (v)
			cJSON_AddItemToObject(out, m->string, v);
	}
	merge_missing(out, node, values);
	overlay(out, node, values);
	return out;
}

/* NULL: absent. */
static cJSON *render(const cJSON *node, const cJSON *values)
{
	if (cJSON_IsString(node))
		return render_string(node->valuestring, values);
	if (cJSON_IsArray(node))
		return render_array(node, values);
	if (cJSON_IsObject(node))
		return render_object(node, values);
	return cJSON_Duplicate(node, true);
}

struct renderer {
	const cJSON *values;
	template_doc_fn *on_doc;
	void *arg;
};

static int on_document(void *arg, cJSON *doc, struct err *e)
{
	const struct renderer *r = arg;
	CLEANUP(json_freep) cJSON *template = doc;
	cJSON *rendered = render(template, r->values);

	if (!rendered)
		return 0;
	return r->on_doc(r->arg, rendered, cJSON_HasObjectItem(template, "$create"), e);
}

int template_render(const char *yaml, const cJSON *values, template_doc_fn *on_doc, void *arg, struct err *e)
{
	struct renderer r = {values, on_doc, arg};

	return yaml_each(slice_str(yaml), on_document, &r, e);
}
