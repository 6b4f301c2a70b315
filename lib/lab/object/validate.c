/* Validation by schema, in the words of Kubernetes (go-openapi's messages as the API server passes them on). */
#include <ctype.h>
#include <math.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "msg/json.h"
#include "cel/pattern.h"
#include "lab/object/schema.h"
#include "net/socket.h"

#define PROBLEMS_MAX 256

static struct problem *grow(struct problems *p)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 8;
		struct problem *v = ARENA_NEW_N(p->arena, struct problem, cap);

		if (p->n)
			memcpy(v, p->v, p->n * sizeof(*v));
		p->v = v;
		p->cap = cap;
	}
	return &p->v[p->n++];
}

static void add(struct problems *p, const char *field, const char *reason, const char *text)
{
	if (p->n >= PROBLEMS_MAX)
		return;
	struct problem *q = grow(p);

	q->field = arena_strdup(p->arena, *field ? field : "<nil>");
	q->reason = reason;
	q->text = text;
}

__attribute__((format(printf, 2, 0))) static char *vformat(struct arena *a, const char *fmt, va_list ap)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_vprintf(&b, fmt, ap);
	return arena_slicedup(a, buf_slice(&b));
}

void problem_add(struct problems *p, const char *field, const char *reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(p, field, reason, vformat(p->arena, fmt, ap));
	va_end(ap);
}

void problem_required(struct problems *p, const char *field, const char *detail)
{
	problem_add(p, field, "FieldValueRequired", "Required value%s%s", detail ? ": " : "", detail ? detail : "");
}

void problem_invalid(struct problems *p, const char *field, const char *value, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problem_add(p, field, "FieldValueInvalid", "Invalid value: %s: %s", value, vformat(p->arena, fmt, ap));
	va_end(ap);
}

/* The value as the messages show it; strings quoted. */
static const char *shown(struct problems *p, const cJSON *v)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	json_print(v, &b);
	return arena_slicedup(p->arena, buf_slice(&b));
}

static bool is_integer(const cJSON *v)
{
	int64_t n;

	return json_int64(v, &n) == 0 || (cJSON_IsNumber(v) && floor(v->valuedouble) == v->valuedouble);
}

static const char *type_name(const cJSON *v)
{
	if (cJSON_IsObject(v))
		return "object";
	if (cJSON_IsArray(v))
		return "array";
	if (cJSON_IsString(v))
		return "string";
	if (cJSON_IsBool(v))
		return "boolean";
	if (cJSON_IsNull(v))
		return "null";
	return is_integer(v) ? "integer" : "number";
}

static bool type_fits(const struct schema *s, const cJSON *v)
{
	if (s->int_or_string)
		return cJSON_IsString(v) || ((cJSON_IsNumber(v) || cJSON_IsRaw(v)) && is_integer(v));
	switch (s->type) {
	case SCHEMA_OBJECT:
		return cJSON_IsObject(v);
	case SCHEMA_ARRAY:
		return cJSON_IsArray(v);
	case SCHEMA_STRING:
		return cJSON_IsString(v);
	case SCHEMA_INTEGER:
		return (cJSON_IsNumber(v) || cJSON_IsRaw(v)) && is_integer(v);
	case SCHEMA_NUMBER:
		return cJSON_IsNumber(v) || cJSON_IsRaw(v);
	case SCHEMA_BOOLEAN:
		return cJSON_IsBool(v);
	default:
		return true;
	}
}

static void check_type(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	static const char *const names[] = {"any", "object", "array", "string", "integer", "number", "boolean"};
	const char *want = s->int_or_string ? "integer,string" : names[s->type];
	const char *quoted = arena_printf(p->arena, "\"%s\"", type_name(v));

	problem_add(p, path, "FieldValueTypeInvalid", "Invalid value: %s: %s in body must be of type %s: %s", quoted,
		    *path ? path : "<nil>", want, quoted);
}

static void check_enum(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	JSON_EACH(e, s->enums)
	{
		if (json_equal(e, v))
			return;
		buf_printf(&b, "%s%s", b.len ? ", " : "", shown(p, e));
	}
	problem_add(p, path, "FieldValueNotSupported", "Unsupported value: %s: supported values: %s", shown(p, v),
		    buf_str(&b));
}

static void check_number(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	double n = cJSON_IsRaw(v) ? strtod(v->valuestring, NULL) : v->valuedouble;

	if (s->has_max && (n > s->max || (s->exclusive_max && n == s->max)))
		problem_invalid(p, path, shown(p, v), "%s in body should be less than %s%.17g", path,
				s->exclusive_max ? "" : "or equal to ", s->max);
	if (s->has_min && (n < s->min || (s->exclusive_min && n == s->min)))
		problem_invalid(p, path, shown(p, v), "%s in body should be greater than %s%.17g", path,
				s->exclusive_min ? "" : "or equal to ", s->min);
	if (s->multiple_of > 0 && fabs(remainder(n, s->multiple_of)) > 1e-9)
		problem_invalid(p, path, shown(p, v), "%s in body should be a multiple of %.17g", path, s->multiple_of);
}

static int64_t utf8_length(const char *s)
{
	int64_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static bool format_ok(const char *format, const char *s)
{
	struct addr a;
	int64_t ns;

	if (strcmp(format, "date-time") == 0)
		return clock_parse(slice_str(s), &ns) == 0;
	if (strcmp(format, "duration") == 0)
		return duration_parse(slice_str(s), &ns) == 0;
	if (strcmp(format, "ipv4") == 0)
		return addr_parse(slice_str(s), 0, &a) == 0 && strchr(s, '.');
	if (strcmp(format, "ipv6") == 0)
		return addr_parse(slice_str(s), 0, &a) == 0 && strchr(s, ':');
	return true;
}

static void check_string(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	int64_t n = utf8_length(v->valuestring);

	if (s->max_length >= 0 && n > s->max_length)
		problem_add(p, path, "FieldValueTooLong", "Too long: may not be more than %lld byte%s",
			    (long long)s->max_length, s->max_length == 1 ? "" : "s");
	if (s->min_length >= 0 && n < s->min_length)
		problem_invalid(p, path, shown(p, v), "%s in body should be at least %lld chars long", path,
				(long long)s->min_length);
	else if (s->max_length >= 0 && n > s->max_length)
		return; /* one complaint about a string is enough */
	if (s->pattern && !pattern_matches(s->pattern, v->valuestring))
		problem_invalid(p, path, shown(p, v), "%s in body should match '%s'", path, s->pattern);
	if (s->format && !format_ok(s->format, v->valuestring))
		problem_add(p, path, "FieldValueTypeInvalid", "Invalid value: %s: %s in body must be of type %s: %s",
			    shown(p, v), path, s->format, shown(p, v));
}

static const char *joined(struct problems *p, const char *path, const char *name)
{
	return *path ? arena_printf(p->arena, "%s.%s", path, name) : name;
}

static void too_many(struct problems *p, const char *path, int n, int64_t max)
{
	problem_add(p, path, "FieldValueTooMany", "Too many: %d: must have at most %lld item%s", n, (long long)max,
		    max == 1 ? "" : "s");
}

static void check_object(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	int n = cJSON_GetArraySize(v);

	if (s->max_props >= 0 && n > s->max_props)
		too_many(p, path, n, s->max_props);
	if (s->min_props >= 0 && n < s->min_props)
		problem_invalid(p, path, arena_printf(p->arena, "%d", n),
				"%s in body should have at least %lld properties", path, (long long)s->min_props);
	for (size_t i = 0; i < s->n_required; i++)
		if (!json_get(v, s->required[i]))
			problem_required(p, joined(p, path, s->required[i]), NULL);
	JSON_EACH(c, v)
	{
		const struct schema *m = schema_member(s, c->string);

		if (m)
			schema_validate(m, c, joined(p, path, c->string), p);
	}
}

static bool same_keys(const struct schema *s, const cJSON *a, const cJSON *b)
{
	if (s->list == SCHEMA_LIST_SET)
		return json_equal(a, b);
	for (size_t i = 0; i < s->n_keys; i++)
		if (!json_equal(json_get(a, s->keys[i]), json_get(b, s->keys[i])))
			return false;
	return s->n_keys > 0;
}

static const char *key_text(const struct schema *s, const cJSON *v, struct problems *p)
{
	if (s->list == SCHEMA_LIST_SET)
		return shown(p, v);
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; i < s->n_keys; i++)
		buf_printf(&b, "%s\"%s\":%s", i ? ", " : "map[string]interface {}{", s->keys[i],
			   shown(p, json_get(v, s->keys[i])));
	buf_append_char(&b, '}');
	return arena_slicedup(p->arena, buf_slice(&b));
}

static void check_unique(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	int i = 0;

	JSON_EACH(a, v)
	{
		JSON_EACH(b, v)
		{
			if (b == a)
				break;
			if (same_keys(s, a, b)) {
				problem_add(p, arena_printf(p->arena, "%s[%d]", path, i), "FieldValueDuplicate",
					    "Duplicate value: %s", key_text(s, a, p));
				break;
			}
		}
		i++;
	}
}

static void check_array(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	int n = cJSON_GetArraySize(v), i = 0;

	if (s->max_items >= 0 && n > s->max_items)
		too_many(p, path, n, s->max_items);
	if (s->min_items >= 0 && n < s->min_items)
		problem_invalid(p, path, arena_printf(p->arena, "%d", n), "%s in body should have at least %lld items",
				path, (long long)s->min_items);
	JSON_EACH(c, v)
	{
		if (s->items)
			schema_validate(s->items, c, arena_printf(p->arena, "%s[%d]", path, i), p);
		i++;
	}
	if (s->list != SCHEMA_LIST_ATOMIC && n <= 1000)
		check_unique(s, v, path, p);
}

/* How many of the alternatives hold. */
static size_t count_valid(const struct schema_refs *refs, const cJSON *v, const char *path, struct problems *p)
{
	size_t n = 0;

	for (size_t i = 0; i < refs->n; i++) {
		struct problems trial = {.arena = p->arena};

		schema_validate(refs->v[i], v, path, &trial);
		n += trial.n == 0;
	}
	return n;
}

static void check_combinations(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	size_t n;

	for (size_t i = 0; i < s->all_of.n; i++)
		schema_validate(s->all_of.v[i], v, path, p);
	if (s->any_of.n && !count_valid(&s->any_of, v, path, p))
		problem_invalid(p, "", "\"\"", "\"%s\" must validate at least one schema (anyOf)", path);
	if (s->one_of.n) {
		n = count_valid(&s->one_of, v, path, p);
		if (n == 0)
			problem_invalid(p, "", "\"\"",
					"\"%s\" must validate one and only one schema (oneOf). Found none valid", path);
		else if (n > 1)
			problem_invalid(
				p, "", "\"\"",
				"\"%s\" must validate one and only one schema (oneOf). Found %zu valid alternatives",
				path, n);
	}
	if (s->not_schema) {
		struct problems trial = {.arena = p->arena};

		schema_validate(s->not_schema, v, path, &trial);
		if (!trial.n)
			problem_invalid(p, "", "\"\"", "\"%s\" must not validate the schema (not)", path);
	}
}

void schema_validate(const struct schema *s, const cJSON *v, const char *path, struct problems *p)
{
	if (cJSON_IsNull(v) && (s->nullable || (s->type == SCHEMA_ANY && !s->int_or_string)))
		return;
	bool fits = type_fits(s, v);

	if (!fits)
		check_type(s, v, path, p);
	if (cJSON_IsArray(s->enums))
		check_enum(s, v, path, p);
	if (!fits)
		return;
	if (cJSON_IsObject(v))
		check_object(s, v, path, p);
	else if (cJSON_IsArray(v))
		check_array(s, v, path, p);
	else if (cJSON_IsString(v))
		check_string(s, v, path, p);
	else if (cJSON_IsNumber(v) || cJSON_IsRaw(v))
		check_number(s, v, path, p);
	check_combinations(s, v, path, p);
}
