/* Parsing and matching of selectors: see selector.h. */
#include "msg/selector.h"

#include <stdio.h>
#include <ctype.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "msg/json.h"

struct lexer {
	const char *at;
	struct arena *arena;
	char *token; /* of the last word */
};

static void skip_space(struct lexer *l)
{
	while (isspace((unsigned char)*l->at))
		l->at++;
}

static bool is_special(char c)
{
	return c == '\0' || strchr("=!(),<>", c) || isspace((unsigned char)c);
}

static bool accept_text(struct lexer *l, const char *text)
{
	size_t n = strlen(text);

	skip_space(l);
	if (strncmp(l->at, text, n) != 0)
		return false;
	l->at += n;
	return true;
}

/* A word; "" when there is none. */
static char *word(struct lexer *l)
{
	skip_space(l);
	const char *from = l->at;

	while (!is_special(*l->at))
		l->at++;
	return l->token = arena_slicedup(l->arena, slice_make(from, (size_t)(l->at - from)));
}

static int found_error(struct lexer *l, struct err *e, const char *expected)
{
	skip_space(l);
	char *w = word(l);

	if (!*w && *l->at)
		w = arena_slicedup(l->arena, slice_make(l->at, 1));
	return err_set(e, -EINVAL, "unable to parse requirement: found '%s', expected: %s", w, expected);
}

static bool key_ok(const char *key)
{
	const char *slash = strchr(key, '/');
	const char *name = slash ? slash + 1 : key;
	size_t n = strlen(name);

	if (!n || n > 63 || !isalnum((unsigned char)name[0]) || !isalnum((unsigned char)name[n - 1]))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static int parse_values(struct lexer *l, struct label_term *t, struct err *e)
{
	VEC(const char *) values = {0};

	if (!accept_text(l, "("))
		return found_error(l, e, "'('");
	do {
		vec_push(&values, word(l));
	} while (accept_text(l, ","));
	t->values = ARENA_NEW_N(l->arena, const char *, values.n);
	memcpy(t->values, values.v, values.n * sizeof(*values.v));
	t->n = values.n;
	vec_done(&values);
	return accept_text(l, ")") ? 0 : found_error(l, e, "',' or ')'");
}

static int one_value(struct lexer *l, struct label_term *t, enum label_op op, struct err *e)
{
	skip_space(l);
	if (*l->at && strchr("=!<>()", *l->at))
		return found_error(l, e, "identifier");
	t->op = op;
	t->values = ARENA_NEW_N(l->arena, const char *, 1);
	t->values[0] = word(l);
	t->n = 1;
	return 0;
}

static int parse_operator(struct lexer *l, struct label_term *t, struct err *e)
{
	skip_space(l);
	if (*l->at == '\0' || *l->at == ',') {
		t->op = LABEL_EXISTS;
	} else if (accept_text(l, "!=")) {
		return one_value(l, t, LABEL_NOT_IN, e);
	} else if (accept_text(l, "==") || accept_text(l, "=")) {
		return one_value(l, t, LABEL_IN, e);
	} else if (accept_text(l, ">")) {
		return one_value(l, t, LABEL_GT, e);
	} else if (accept_text(l, "<")) {
		return one_value(l, t, LABEL_LT, e);
	} else {
		const char *before = l->at, *op = word(l);

		if (strcmp(op, "in") == 0 || strcmp(op, "notin") == 0) {
			t->op = op[0] == 'i' ? LABEL_IN : LABEL_NOT_IN;
			return parse_values(l, t, e);
		}
		l->at = before;
		return found_error(l, e, "',', 'in', 'notin', '=', '==', '!=', 'gt', 'lt' or end of string");
	}
	return 0;
}

static int parse_term(struct lexer *l, struct label_term *t, struct err *e)
{
	bool negate = accept_text(l, "!");
	int r = 0;

	t->key = word(l);
	if (!*t->key)
		return found_error(l, e, "!, identifier, or 'end of string'");
	if (!key_ok(t->key))
		return err_set(e, -EINVAL,
			       "unable to parse requirement: invalid label key \"%s\": name part must consist of "
			       "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
			       "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
			       "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
			       t->key);
	if (negate)
		t->op = LABEL_NOT_EXISTS;
	else
		r = parse_operator(l, t, e);
	return r;
}

int label_selector_parse(struct arena *a, const char *text, struct label_selector *ret, struct err *e)
{
	struct lexer l = {.at = text ? text : "", .arena = a};
	VEC(struct label_term) terms = {0};
	int r = 0;

	skip_space(&l);
	while (*l.at && r == 0) {
		r = parse_term(&l, vec_add(&terms), e);
		if (r < 0 || accept_text(&l, ","))
			continue;
		skip_space(&l);
		if (*l.at)
			r = found_error(&l, e, "',' or 'end of string'");
	}
	ret->n = terms.n;
	ret->terms = ARENA_NEW_N(a, struct label_term, terms.n);
	if (terms.n)
		memcpy(ret->terms, terms.v, terms.n * sizeof(*terms.v));
	vec_done(&terms);
	return r;
}

static int term_from_json(struct arena *a, const cJSON *json, struct label_term *t, struct err *e)
{
	static const char *const names[] = {"Exists", "DoesNotExist", "In", "NotIn"};
	const char *op = json_str(json, "operator");
	const cJSON *values = json_get(json, "values");

	t->key = arena_strdup(a, json_str(json, "key"));
	t->values = ARENA_NEW_N(a, const char *, (size_t)cJSON_GetArraySize(values));
	JSON_EACH(v, values)
	if (cJSON_IsString(v))
		t->values[t->n++] = arena_strdup(a, v->valuestring);
	for (size_t i = 0; op && t->key && i < ARRAY_LEN(names); i++) {
		if (strcmp(op, names[i]) == 0) {
			t->op = (enum label_op)i;
			return 0;
		}
	}
	return err_set(e, -EINVAL, "\"%s\" is not a valid label selector operator", op ? op : "");
}

int label_selector_from_json(struct arena *a, const cJSON *json, struct label_selector *ret, struct err *e)
{
	const cJSON *labels = json_get(json, "matchLabels"), *list = json_get(json, "matchExpressions");
	size_t max = (size_t)(cJSON_GetArraySize(labels) + cJSON_GetArraySize(list));

	ret->n = 0;
	ret->terms = ARENA_NEW_N(a, struct label_term, max + 1);
	JSON_EACH(v, labels)
	{
		struct label_term *t = &ret->terms[ret->n++];

		t->key = arena_strdup(a, v->string);
		t->op = LABEL_IN;
		t->values = ARENA_NEW_N(a, const char *, 1);
		t->values[0] = arena_strdup(a, cJSON_IsString(v) ? v->valuestring : "");
		t->n = 1;
	}
	JSON_EACH(v, list)
	{
		int r = term_from_json(a, v, &ret->terms[ret->n++], e);

		if (r < 0)
			return r;
	}
	return 0;
}

static bool has_value(const struct label_term *t, const char *value)
{
	for (size_t i = 0; i < t->n; i++)
		if (strcmp(t->values[i], value) == 0)
			return true;
	return false;
}

static bool term_matches(const struct label_term *t, const char *value)
{
	switch (t->op) {
	case LABEL_EXISTS:
		return value != NULL;
	case LABEL_NOT_EXISTS:
		return value == NULL;
	case LABEL_IN:
		return value && has_value(t, value);
	case LABEL_NOT_IN:
		return !value || !has_value(t, value);
	case LABEL_GT:
		return value && atoll(value) > atoll(t->values[0]);
	case LABEL_LT:
		return value && atoll(value) < atoll(t->values[0]);
	}
	return false;
}

bool label_selector_matches(const struct label_selector *s, const cJSON *labels)
{
	for (size_t i = 0; i < s->n; i++) {
		const cJSON *v = json_get(labels, s->terms[i].key);

		if (!term_matches(&s->terms[i], cJSON_IsString(v) ? v->valuestring : NULL))
			return false;
	}
	return true;
}

int field_selector_parse(struct arena *a, const char *text, struct field_selector *ret, struct err *e)
{
	struct slice rest = slice_str(text);
	size_t max = 1;

	for (size_t i = 0; i < rest.len; i++)
		max += rest.ptr[i] == ',';
	ret->n = 0;
	ret->terms = ARENA_NEW_N(a, struct field_term, max);
	while (rest.len) {
		struct slice part = slice_split(&rest, ',');
		char *term = arena_slicedup(a, part);
		char *eq = strchr(term, '=');
		struct field_term *t = &ret->terms[ret->n];

		if (!part.len)
			continue;
		if (!eq)
			return err_set(e, -EINVAL, "invalid selector: '%s'; can't understand '%s'", text, term);
		t->negate = eq > term && eq[-1] == '!';
		t->value = eq[1] == '=' ? eq + 2 : eq + 1;
		eq[t->negate ? -1 : 0] = '\0';
		t->path = term;
		ret->n++;
	}
	return 0;
}

static const char *field_value(const cJSON *object, const char *path, char *number)
{
	const cJSON *v = json_at(object, path);

	if (cJSON_IsString(v))
		return v->valuestring;
	if (cJSON_IsBool(v))
		return cJSON_IsTrue(v) ? "true" : "false";
	if (cJSON_IsNumber(v)) {
		snprintf(number, 32, "%lld", (long long)v->valuedouble);
		return number;
	}
	return strcmp(path, "spec.unschedulable") == 0 ? "false" : "";
}

bool field_selector_matches(const struct field_selector *s, const cJSON *object)
{
	char number[32];

	for (size_t i = 0; i < s->n; i++)
		if ((strcmp(field_value(object, s->terms[i].path, number), s->terms[i].value) == 0) ==
		    s->terms[i].negate)
			return false;
	return true;
}
