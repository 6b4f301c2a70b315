/* See rules.h. */
#include "lab/cel/rules.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"

struct rule {
	const struct cel_program *test, *message_test; /* test NULL: it could not be compiled */
	const char *text, *message, *reason, *field_path, *why;
};

struct child {
	const char *name;
	const struct cel_rules *rules;
};

struct cel_rules {
	const struct schema *schema;
	struct rule *v;
	size_t n;
	struct child *props;
	size_t n_props;
	const struct cel_rules *items, *additional;
};

static const char *const variable_names[] = {[CEL_SELF] = "self", [CEL_OLD_SELF] = "oldSelf"};
const struct cel_names cel_rule_variables = {variable_names, ARRAY_LEN(variable_names)};

/* Formats that have a type of their own: k8s.io/apiserver/pkg/cel, SchemaDeclType. */
static enum cel_json_type json_type(const void *schema)
{
	const struct schema *s = schema;
	const char *format = s->format ? s->format : "";

	if (strcmp(format, "byte") == 0)
		return CEL_JSON_BYTES;
	if (strcmp(format, "duration") == 0)
		return CEL_JSON_DURATION;
	if (strcmp(format, "date-time") == 0)
		return CEL_JSON_TIMESTAMP;
	return s->type == SCHEMA_NUMBER ? CEL_JSON_DOUBLE : CEL_JSON_PLAIN;
}

static const void *items_of(const void *schema)
{
	return ((const struct schema *)schema)->items;
}

static const void *member_of(const void *schema, const char *name)
{
	return schema_member(schema, name);
}

const struct cel_schema_ops cel_rule_schema = {json_type, items_of, member_of};

/* ---- compiling ---- */

struct builder {
	struct arena *a;
	struct problems *p; /* may be NULL */
};

static void tell(const struct builder *b, const char *path, const char *text, const char *why)
{
	if (b->p)
		problem_invalid(b->p, path, arena_printf(b->a, "\"%s\"", text ? text : ""), "%s", why);
}

static const struct cel_program *compiled(const struct builder *b, const char *text, const char *path,
					  const char **ret_why)
{
	struct err e = ERR_INIT;
	const struct cel_program *program = cel_compile(b->a, &cel_rule_variables, slice_str(text), &e);

	if (program)
		return program;
	*ret_why = arena_printf(b->a, "compilation failed: %s", e.msg);
	tell(b, path, text, *ret_why);
	return NULL;
}

/* old_known: an old value belongs to the new one here; lists without keys have none. */
static void compile_rule(const struct builder *b, const cJSON *json, const char *path, bool old_known, struct rule *to)
{
	const char *message_text = json_str(json, "messageExpression");
	const char *at = arena_printf(b->a, "%s.rule", path);

	*to = (struct rule){.text = json_str_or_empty(json, "rule"),
			    .message = json_str(json, "message"),
			    .reason = json_str(json, "reason"),
			    .field_path = json_str(json, "fieldPath")};
	to->test = compiled(b, to->text, at, &to->why);
	if (to->test && cel_uses(to->test, CEL_OLD_SELF) && !old_known) {
		to->test = NULL;
		to->why = "oldSelf cannot be used on the uncorrelatable portion of the schema";
		tell(b, at, to->text, to->why);
	}
	if (json_true(json, "optionalOldSelf")) {
		to->test = NULL;
		to->why = "optionalOldSelf is not evaluated by this cluster";
		tell(b, arena_printf(b->a, "%s.optionalOldSelf", path), "true", to->why);
	}
	if (message_text)
		to->message_test =
			compiled(b, message_text, arena_printf(b->a, "%s.messageExpression", path), &to->why);
}

static void compile_rules(const struct builder *b, const struct schema *s, const char *path, bool old_known,
			  struct cel_rules *to)
{
	const cJSON *list = json_get(s->json, "x-kubernetes-validations");
	size_t n = cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;

	to->v = ARENA_NEW_N(b->a, struct rule, n + 1);
	JSON_EACH(json, n ? list : NULL)
	{
		const char *at = arena_printf(b->a, "%s.x-kubernetes-validations[%zu]", path, to->n);

		compile_rule(b, json, at, old_known, &to->v[to->n++]);
	}
}

static const struct cel_rules *build(const struct builder *b, const struct schema *s, const char *path, bool old_known)
{
	struct cel_rules *r = ARENA_NEW(b->a, struct cel_rules);

	r->schema = s;
	compile_rules(b, s, path, old_known, r);
	r->props = ARENA_NEW_N(b->a, struct child, s->n_props + 1);
	for (size_t i = 0; i < s->n_props; i++) {
		const char *name = s->props[i].name;
		const struct cel_rules *below =
			build(b, s->props[i].schema, arena_printf(b->a, "%s.properties[%s]", path, name), old_known);

		if (below)
			r->props[r->n_props++] = (struct child){name, below};
	}
	if (s->additional)
		r->additional = build(b, s->additional, arena_printf(b->a, "%s.additionalProperties", path), old_known);
	if (s->items)
		r->items = build(b, s->items, arena_printf(b->a, "%s.items", path),
				 old_known && s->list == SCHEMA_LIST_MAP);
	return r->n || r->n_props || r->additional || r->items ? r : NULL;
}

const struct cel_rules *cel_rules_new(struct arena *a, const struct schema *s, const char *path, struct problems *p)
{
	return build(&(struct builder){a, p}, s, path, true);
}

/* ---- checking ---- */

struct check {
	struct problems *p;
	int64_t steps_left;
};

static void check(struct check *c, const struct cel_rules *r, const cJSON *value, const cJSON *old, const char *path);

/* The message of a rule that does not hold. */
static const char *message_of(struct check *c, const struct rule *rule, const struct cel_input *in,
			      struct arena *scratch)
{
	const char *text = rule->message_test ? cel_text(rule->message_test, in, scratch, NULL) : NULL;

	(void)c;
	if (text && *text)
		return text;
	return rule->message && *rule->message ? rule->message : arena_printf(scratch, "failed rule: %s", rule->text);
}

static const char *type_of(const struct schema *s)
{
	const char *type = json_str(s->json, "type");

	return type ? type : "object";
}

/* Values are shown, but for objects and lists. */
static void add_invalid(struct check *c, const cJSON *value, const char *at, const char *text)
{
	CLEANUP(freep) char *shown = json_to_text(value);

	if (cJSON_IsObject(value) || cJSON_IsArray(value))
		problem_add(c->p, at, "FieldValueInvalid", "Invalid value: %s", text);
	else
		problem_invalid(c->p, at, shown, "%s", text);
}

static void add(struct check *c, const struct cel_rules *r, const struct rule *rule, const cJSON *value,
		const char *path, const char *text)
{
	const char *at = rule->field_path ? arena_printf(c->p->arena, "%s%s", path, rule->field_path) : path;
	const char *reason = rule->reason ? rule->reason : "FieldValueInvalid";

	if (!*path && at[0] == '.')
		at++;
	if (strcmp(reason, "FieldValueForbidden") == 0)
		problem_add(c->p, at, reason, "Forbidden: %s", text);
	else if (strcmp(reason, "FieldValueRequired") == 0)
		problem_required(c->p, at, text);
	else if (strcmp(reason, "FieldValueDuplicate") == 0)
		problem_add(c->p, at, reason, "Duplicate value: \"%s\"", type_of(r->schema));
	else
		add_invalid(c, value, at, text);
}

static void check_rule(struct check *c, const struct cel_rules *r, const struct rule *rule, const struct cel_input *in,
		       const char *path)
{
	CLEANUP(arena_done) struct arena scratch = ARENA_INIT;
	const cJSON *self = in->values[CEL_SELF];
	struct err e = ERR_INIT;
	int ok;

	if (!rule->test) {
		add(c, r, rule, self, path, arena_printf(&scratch, "%s: %s", rule->text, rule->why));
		return;
	}
	if (cel_uses(rule->test, CEL_OLD_SELF) && !in->values[CEL_OLD_SELF])
		return;
	ok = cel_test(rule->test, in, &scratch, &e);
	if (ok < 0)
		add(c, r, rule, self, path,
		    arena_printf(&scratch, "rule evaluation error: %s evaluating rule: %s", e.msg,
				 rule->message ? rule->message : rule->text));
	else if (!ok)
		add(c, r, rule, self, path, message_of(c, rule, in, &scratch));
}

static void check_members(struct check *c, const struct cel_rules *r, const cJSON *value, const cJSON *old,
			  const char *path)
{
	for (size_t i = 0; i < r->n_props; i++) {
		const char *name = r->props[i].name;

		if (json_get(value, name))
			check(c, r->props[i].rules, json_get(value, name), json_get(old, name),
			      *path ? arena_printf(c->p->arena, "%s.%s", path, name) : name);
	}
	JSON_EACH(m, r->additional ? value : NULL)
	if (!schema_declares(r->schema, m->string))
		check(c, r->additional, m, json_get(old, m->string),
		      arena_printf(c->p->arena, "%s[%s]", path, m->string));
}

/* The item of the old list with the same keys. */
static const cJSON *counterpart(const struct schema *s, const cJSON *item, const cJSON *old)
{
	JSON_EACH(o, s->list == SCHEMA_LIST_MAP && cJSON_IsArray(old) ? old : NULL)
	{
		size_t i = 0;

		while (i < s->n_keys && json_equal(json_get(item, s->keys[i]), json_get(o, s->keys[i])))
			i++;
		if (i == s->n_keys)
			return o;
	}
	return NULL;
}

static void check(struct check *c, const struct cel_rules *r, const cJSON *value, const cJSON *old, const char *path)
{
	const cJSON *const values[] = {[CEL_SELF] = value, [CEL_OLD_SELF] = old};
	const struct cel_input in = {
		.values = values, .schema = r->schema, .ops = &cel_rule_schema, .budget = &c->steps_left};
	int i = 0;

	if (cJSON_IsNull(value))
		return;
	for (size_t k = 0; k < r->n; k++)
		check_rule(c, r, &r->v[k], &in, path);
	if (cJSON_IsObject(value))
		check_members(c, r, value, old, path);
	JSON_EACH(item, r->items && cJSON_IsArray(value) ? value : NULL)
	check(c, r->items, item, counterpart(r->schema, item, old), arena_printf(c->p->arena, "%s[%d]", path, i++));
}

/* Values of these kinds of problems may not be what a rule takes them for. */
static bool blocks(const struct problem *p)
{
	static const char *const reasons[] = {"FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong",
					      "FieldValueTooMany", "FieldValueTypeInvalid"};

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reasons[i], p->reason) == 0)
			return true;
	return false;
}

void cel_rules_check(const struct cel_rules *r, const cJSON *value, const cJSON *old, struct problems *p)
{
	struct check c = {p, CEL_BUDGET_STEPS};

	if (!r)
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (!blocks(&p->v[i]))
			continue;
		problem_invalid(p, "", "null",
				"some validation rules were not checked because the object was invalid; correct the "
				"existing errors to complete validation");
		return;
	}
	check(&c, r, value, old, "");
}
