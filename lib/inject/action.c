/*
 * The actions of a custom template, {{ ... }}, as far as they put a value into its place: a path (.ObjectMeta.Name), a
 * text, index PATH "key", annotation .ObjectMeta "name" FALLBACK, each with pipes (quote, default, toJson). Whatever
 * else Go's templates can do (if, range, with, variables, other functions) is refused by name.
 */
#include <stdio.h>

#include "inject/internal.h"
#include "mesh/workload.h"

#define TEMPLATE_MAX_BYTES (1u << 20)

struct action {
	struct injection *x;
	const cJSON *root; /* what "." is */
	struct slice text; /* of the action, for messages */
	struct err *e;
};

static int refuse(const struct action *a, const char *why)
{
	return err_set(a->e, -EINVAL, "{{%.*s}}: %s", SLICE_ARG(a->text), why);
}

/* --- words --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* The next word: a quoted text with its quotes, or up to a blank. */
static struct slice next_word(struct slice *rest)
{
	size_t n = 0;

	*rest = slice_trim(*rest);
	if (!rest->len)
		return *rest;
	if (rest->ptr[0] == '"' || rest->ptr[0] == '`') {
		for (n = 1; n < rest->len && rest->ptr[n] != rest->ptr[0]; n++)
			n += rest->ptr[n] == '\\' && rest->ptr[0] == '"';
		n = MIN(n + 1, rest->len);
	} else {
		while (n < rest->len && !is_blank(rest->ptr[n]))
			n++;
	}
	struct slice word = slice_head(*rest, n);
	*rest = slice_from(*rest, n);
	return word;
}

/* Up to a "|" outside of a quoted text. */
static struct slice next_stage(struct slice *rest)
{
	char quote = 0;
	size_t n = 0;

	for (; n < rest->len && (quote || rest->ptr[n] != '|'); n++) {
		const char c = rest->ptr[n];

		if (quote ? c == quote : c == '"' || c == '`')
			quote = quote ? 0 : c;
	}
	struct slice stage = slice_head(*rest, n);
	*rest = slice_from(*rest, MIN(n + 1, rest->len));
	return stage;
}

/* --- values --- */

/* Go's names of fields are those of JSON with a capital letter. */
static const cJSON *member(const cJSON *of, const char *name)
{
	const cJSON *m = json_get(of, name);
	char lower[128];

	if (m || !*name || strlen(name) >= sizeof(lower))
		return m;
	snprintf(lower, sizeof(lower), "%s", name);
	lower[0] = (char)(lower[0] >= 'A' && lower[0] <= 'Z' ? lower[0] + 32 : lower[0]);
	return json_get(of, lower);
}

/* The value of a word in *ret, NULL when there is none at its path. */
static int value_of(const struct action *a, struct slice word, const cJSON **ret)
{
	struct slice rest = word;
	CLEANUP(json_freep) cJSON *text = NULL;

	*ret = NULL;
	if (word.len >= 2 && (word.ptr[0] == '"' || word.ptr[0] == '`')) {
		const struct slice inner = slice_make(word.ptr + 1, word.len - 2);

		text = word.ptr[0] == '"' ? cJSON_Parse(arena_slicedup(a->x->a, word))
					  : cJSON_CreateString(arena_slicedup(a->x->a, inner));
		if (!cJSON_IsString(text))
			return refuse(a, "a quoted text is not closed");
		*ret = take(text);
		arena_on_done(a->x->a, (void (*)(void *))cJSON_Delete, (void *)(uintptr_t)*ret);
		return 0;
	}
	if (!word.len || word.ptr[0] != '.')
		return refuse(a, "only values are put in here: a path, a text, index, annotation");
	*ret = a->root;
	rest = slice_from(rest, 1);
	while (rest.len && *ret)
		*ret = member(*ret, arena_slicedup(a->x->a, slice_split(&rest, '.')));
	return 0;
}

static int index_of(const struct action *a, struct slice args, const cJSON **ret)
{
	const cJSON *key;
	int r = value_of(a, next_word(&args), ret);

	while (r == 0 && slice_trim(args).len) {
		r = value_of(a, next_word(&args), &key);
		if (r == 0)
			*ret = cJSON_IsString(key) ? json_get(*ret, key->valuestring) : NULL;
	}
	return r;
}

static int annotation_of(const struct action *a, struct slice args, const cJSON **ret)
{
	const cJSON *meta, *name;
	int r = value_of(a, next_word(&args), &meta);

	if (r == 0)
		r = value_of(a, next_word(&args), &name);
	if (r < 0)
		return r;
	*ret = cJSON_IsString(name) ? json_get(member(meta, "Annotations"), name->valuestring) : NULL;
	return *ret ? 0 : value_of(a, next_word(&args), ret);
}

static void print(const cJSON *v, struct buf *out)
{
	if (cJSON_IsString(v))
		buf_append_str(out, v->valuestring);
	else
		json_print(v, out);
}

/* One stage after a "|": *v is changed to what it makes of it. */
static int pipe_into(const struct action *a, struct slice stage, const cJSON **v)
{
	const struct slice function = next_word(&stage);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *made;

	if (slice_eq_str(function, "default")) {
		const bool empty =
			!*v || cJSON_IsNull(*v) || cJSON_IsFalse(*v) || (cJSON_IsString(*v) && !*(*v)->valuestring);

		return empty ? value_of(a, next_word(&stage), v) : 0;
	}
	if (!*v)
		return refuse(a, "there is no such value");
	if (slice_eq_str(function, "quote")) {
		print(*v, &text);
		made = cJSON_CreateString(buf_str(&text));
		buf_clear(&text);
		json_print(made, &text);
		cJSON_Delete(made);
	} else if (slice_eq_str(function, "toJson") || slice_eq_str(function, "toJSON")) {
		json_print(*v, &text);
	} else {
		return refuse(a, "of pipes only quote, default and toJson are known");
	}
	made = cJSON_CreateString(buf_str(&text));
	arena_on_done(a->x->a, (void (*)(void *))cJSON_Delete, made);
	*v = made;
	return 0;
}

static int evaluate(const struct action *a, struct buf *out)
{
	struct slice rest = a->text, first = slice_trim(next_stage(&rest)), args = first;
	const struct slice word = next_word(&args);
	const cJSON *v;
	int r;

	if (slice_eq_str(word, "index"))
		r = index_of(a, args, &v);
	else if (slice_eq_str(word, "annotation"))
		r = annotation_of(a, args, &v);
	else
		r = slice_trim(args).len ? refuse(a, "only index and annotation take arguments")
					 : value_of(a, word, &v);
	while (r == 0 && rest.len)
		r = pipe_into(a, slice_trim(next_stage(&rest)), &v);
	if (r == 0 && !v)
		return refuse(a, "there is no such value");
	if (r == 0)
		print(v, out);
	return r;
}

/* --- the text around --- */

static void add_copy(cJSON *to, const char *name, const cJSON *from)
{
	cJSON_AddItemToObject(to, name, from ? cJSON_Duplicate(from, true) : cJSON_CreateObject());
}

static cJSON *root_of(const struct injection *x)
{
	cJSON *root = cJSON_CreateObject(), *meta = msg_to_json(&meta_object_desc, x->pod->metadata), *of;

	add_copy(root, "Values", x->values);
	add_copy(root, "ProxyConfig", x->proxy_config);
	add_copy(root, "MeshConfig", x->mesh);
	cJSON_AddItemToObject(root, "ObjectMeta", meta);
	cJSON_AddItemToObject(root, "Spec", msg_to_json(&core_pod_spec_desc, x->pod->spec));
	cJSON_AddStringToObject(root, "Revision", x->i->cfg.revision);
	of = cJSON_AddObjectToObject(root, "DeploymentMeta");
	cJSON_AddStringToObject(of, "name", pod_workload(x->a, x->pod));
	cJSON_AddStringToObject(of, "namespace", x->ns);
	return root;
}

static void drop_blanks(struct buf *out)
{
	while (out->len && is_blank(out->ptr[out->len - 1]))
		out->len--;
}

/* One action at the beginning of *rest, which is behind it afterwards; "{{-" and "-}}" eat the blanks around. */
static int run(struct action *a, struct slice *rest, struct buf *out)
{
	const char *end = memmem(rest->ptr, rest->len, "}}", 2);

	if (!end)
		return err_set(a->e, -EINVAL, "an action is not closed");
	a->text = slice_make(rest->ptr + 2, (size_t)(end - rest->ptr) - 2);
	*rest = slice_from(*rest, (size_t)(end - rest->ptr) + 2);
	if (a->text.len && a->text.ptr[0] == '-') {
		drop_blanks(out);
		a->text = slice_from(a->text, 1);
	}
	if (a->text.len && a->text.ptr[a->text.len - 1] == '-') {
		a->text = slice_head(a->text, a->text.len - 1);
		while (rest->len && is_blank(rest->ptr[0]))
			*rest = slice_from(*rest, 1);
	}
	a->text = slice_trim(a->text);
	if (a->text.len >= 2 && a->text.ptr[0] == '/' && a->text.ptr[1] == '*')
		return 0; /* a comment */
	return evaluate(a, out);
}

int inject_fill_in(struct injection *x, const char *template, struct buf *out, struct err *e)
{
	CLEANUP(json_freep) cJSON *root = root_of(x);
	struct action a = {.x = x, .root = root, .e = e};
	struct slice rest = slice_str(template);

	if (rest.len > TEMPLATE_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "more than %u bytes", TEMPLATE_MAX_BYTES);
	while (rest.len) {
		const char *begin = memmem(rest.ptr, rest.len, "{{", 2);
		const size_t n = begin ? (size_t)(begin - rest.ptr) : rest.len;
		int r;

		buf_append(out, rest.ptr, n);
		rest = slice_from(rest, n);
		if (!begin)
			return 0;
		r = run(&a, &rest, out);
		if (r < 0)
			return r;
	}
	return 0;
}
