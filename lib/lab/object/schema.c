/* Compiling schemas, defaulting and pruning by them. Validation is in validate.c. */
#include "lab/object/schema.h"

#include <stdio.h>
#include <math.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

static void delete_json(void *json)
{
	cJSON_Delete(json);
}

static enum schema_type type_of(const cJSON *json)
{
	static const char *const names[] = {"", "object", "array", "string", "integer", "number", "boolean"};
	const char *t = json_str(json, "type");

	for (size_t i = 1; t && i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], t) == 0)
			return (enum schema_type)i;
	return SCHEMA_ANY;
}

static const char *const *strings_of(struct arena *a, const cJSON *list, size_t *ret_n)
{
	const char **v = ARENA_NEW_N(a, const char *, (size_t)cJSON_GetArraySize(list) + 1);
	size_t n = 0;

	JSON_EACH(s, cJSON_IsArray(list) ? list : NULL)
	if (cJSON_IsString(s))
		v[n++] = s->valuestring;
	*ret_n = n;
	return v;
}

static const struct schema *compile(struct arena *a, const cJSON *json);

static void compile_props(struct arena *a, struct schema *s, const cJSON *json)
{
	const cJSON *props = json_get(json, "properties"), *more = json_get(json, "additionalProperties");
	struct schema_prop *v = ARENA_NEW_N(a, struct schema_prop, (size_t)cJSON_GetArraySize(props) + 1);

	JSON_EACH(p, cJSON_IsObject(props) ? props : NULL)
	v[s->n_props++] = (struct schema_prop){p->string, compile(a, p)};
	s->props = v;
	if (cJSON_IsObject(more))
		s->additional = compile(a, more);
	else
		s->additional_any = cJSON_IsTrue(more);
	s->required = strings_of(a, json_get(json, "required"), &s->n_required);
}

static void compile_refs(struct arena *a, struct schema_refs *refs, const cJSON *list)
{
	refs->v = ARENA_NEW_N(a, const struct schema *, (size_t)cJSON_GetArraySize(list) + 1);
	JSON_EACH(j, cJSON_IsArray(list) ? list : NULL)
	refs->v[refs->n++] = compile(a, j);
}

static void compile_merge(struct arena *a, struct schema *s, const cJSON *json)
{
	const char *list = json_str(json, "x-kubernetes-list-type"), *map = json_str(json, "x-kubernetes-map-type");
	const char *strategy = json_str(json, "x-kubernetes-patch-strategy");

	s->list = !list                      ? SCHEMA_LIST_ATOMIC
		  : strcmp(list, "map") == 0 ? SCHEMA_LIST_MAP
		  : strcmp(list, "set") == 0 ? SCHEMA_LIST_SET
					     : SCHEMA_LIST_ATOMIC;
	s->keys = strings_of(a, json_get(json, "x-kubernetes-list-map-keys"), &s->n_keys);
	s->map_atomic = map && strcmp(map, "atomic") == 0;
	s->patch_key = json_str(json, "x-kubernetes-patch-merge-key");
	s->patch_merge = strategy && strstr(strategy, "merge");
	s->patch_retain_keys = strategy && strstr(strategy, "retainKeys");
}

static double number_of(const cJSON *json, const char *key, bool *ret_has)
{
	const cJSON *v = json_get(json, key);

	*ret_has = cJSON_IsNumber(v);
	return *ret_has ? v->valuedouble : 0;
}

static void compile_bounds(struct schema *s, const cJSON *json)
{
	bool has;

	s->min = number_of(json, "minimum", &s->has_min);
	s->max = number_of(json, "maximum", &s->has_max);
	s->multiple_of = number_of(json, "multipleOf", &has);
	s->exclusive_min = json_true(json, "exclusiveMinimum");
	s->exclusive_max = json_true(json, "exclusiveMaximum");
	s->min_length = json_int(json, "minLength", -1);
	s->max_length = json_int(json, "maxLength", -1);
	s->min_items = json_int(json, "minItems", -1);
	s->max_items = json_int(json, "maxItems", -1);
	s->min_props = json_int(json, "minProperties", -1);
	s->max_props = json_int(json, "maxProperties", -1);
	s->unique_items = json_true(json, "uniqueItems");
	s->pattern = json_str(json, "pattern");
	s->format = json_str(json, "format");
	s->enums = json_get(json, "enum");
}

static const struct schema *compile(struct arena *a, const cJSON *json)
{
	struct schema *s = ARENA_NEW(a, struct schema);
	const cJSON *items = json_get(json, "items"), *not_json = json_get(json, "not");

	s->json = json;
	s->type = type_of(json);
	s->nullable = json_true(json, "nullable");
	s->preserve = json_true(json, "x-kubernetes-preserve-unknown-fields");
	s->int_or_string = json_true(json, "x-kubernetes-int-or-string");
	s->embedded = json_true(json, "x-kubernetes-embedded-resource");
	s->dflt = json_get(json, "default");
	compile_bounds(s, json);
	compile_props(a, s, json);
	compile_merge(a, s, json);
	if (cJSON_IsObject(items))
		s->items = compile(a, items);
	compile_refs(a, &s->all_of, json_get(json, "allOf"));
	compile_refs(a, &s->any_of, json_get(json, "anyOf"));
	compile_refs(a, &s->one_of, json_get(json, "oneOf"));
	if (cJSON_IsObject(not_json))
		s->not_schema = compile(a, not_json);
	return s;
}

const struct schema *schema_compile(struct arena *a, const cJSON *json)
{
	cJSON *copy = json ? cJSON_Duplicate(json, true) : cJSON_CreateObject();

	arena_on_done(a, delete_json, copy);
	return compile(a, copy);
}

static const struct schema *find_prop(const struct schema *s, const char *name)
{
	for (size_t i = 0; i < s->n_props; i++)
		if (strcmp(s->props[i].name, name) == 0)
			return s->props[i].schema;
	return NULL;
}

const struct schema *schema_member(const struct schema *s, const char *name)
{
	const struct schema *p = s ? find_prop(s, name) : NULL;

	return p ? p : s ? s->additional : NULL;
}

bool schema_declares(const struct schema *s, const char *name)
{
	return s && find_prop(s, name);
}

/* A null where none may stand is the same as nothing. */
static void default_props(const struct schema *s, cJSON *value)
{
	for (size_t i = 0; i < s->n_props; i++) {
		const struct schema *p = s->props[i].schema;
		cJSON *v = json_get(value, s->props[i].name);

		if (p->dflt && (!v || (cJSON_IsNull(v) && !p->nullable)))
			json_set(value, s->props[i].name, cJSON_Duplicate(p->dflt, true));
		else if (cJSON_IsNull(v) && !p->nullable && p->type != SCHEMA_ANY)
			json_remove(value, s->props[i].name);
	}
}

void schema_default(const struct schema *s, cJSON *value)
{
	if (!s || !value)
		return;
	if (cJSON_IsObject(value)) {
		default_props(s, value);
		for (cJSON *c = value->child; c; c = c->next)
			schema_default(schema_member(s, c->string), c);
	} else if (cJSON_IsArray(value)) {
		for (cJSON *c = value->child; c; c = c->next)
			schema_default(s->items, c);
	}
}

struct pruner {
	char path[MSG_PATH_MAX];
	void (*on_unknown)(void *arg, const char *path);
	void *arg;
};

static void prune(struct pruner *p, const struct schema *s, cJSON *value, size_t len, bool keep);

static bool is_meta(const char *name)
{
	return strcmp(name, "apiVersion") == 0 || strcmp(name, "kind") == 0 || strcmp(name, "metadata") == 0;
}

static void prune_object(struct pruner *p, const struct schema *s, cJSON *value, size_t len, bool keep)
{
	for (cJSON *c = value->child, *next; c; c = next) {
		const struct schema *m = schema_member(s, c->string);
		int n = snprintf(p->path + len, sizeof(p->path) - len, "%s%s", len ? "." : "", c->string);
		size_t end = MIN(len + (size_t)n, sizeof(p->path) - 1);

		next = c->next;
		if (m) {
			prune(p, m, c, end, keep && !m->type);
		} else if (!keep && !s->preserve && !s->additional_any && !(s->embedded && is_meta(c->string))) {
			if (p->on_unknown)
				p->on_unknown(p->arg, p->path);
			cJSON_Delete(cJSON_DetachItemViaPointer(value, c));
		}
		p->path[len] = '\0';
	}
}

/* A schema without a type, or x-kubernetes-preserve-unknown-fields, keeps what is below it. */
static void prune(struct pruner *p, const struct schema *s, cJSON *value, size_t len, bool keep)
{
	if (!s)
		return;
	if (cJSON_IsObject(value)) {
		prune_object(p, s, value, len, keep || (s->type == SCHEMA_ANY && !s->n_props));
		return;
	}
	int i = 0;

	for (cJSON *c = cJSON_IsArray(value) ? value->child : NULL; c; c = c->next, i++) {
		int n = snprintf(p->path + len, sizeof(p->path) - len, "[%d]", i);

		if (s->items)
			prune(p, s->items, c, MIN(len + (size_t)n, sizeof(p->path) - 1), false);
		p->path[len] = '\0';
	}
}

void schema_prune(const struct schema *s, cJSON *value, void (*on_unknown)(void *arg, const char *path), void *arg)
{
	struct pruner p = {.on_unknown = on_unknown, .arg = arg};

	prune(&p, s, value, 0, false);
}
