/* The table of functions, and those that fit many types: sizes, conversions, types, times. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cel/ast_internal.h"
#include "cel/text_internal.h"

#define DOUBLE_2_63 9223372036854775808.0 /* exact */

const struct cel_function *cel_function_find(const char *name, bool method, size_t n)
{
	const struct cel_function *const tables[] = {cel_general_functions, cel_string_functions, cel_list_functions,
						     cel_url_functions};

	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		for (const struct cel_function *f = tables[i]; f->name; f++)
			if (f->method == method && n >= f->args_min && n <= f->args_max && strcmp(f->name, name) == 0)
				return f;
	return NULL;
}

static struct cel_value size(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	switch (v->kind) {
	case CEL_STRING:
		return cel_int((int64_t)cel_text_length(v->s));
	case CEL_BYTES:
		return cel_int((int64_t)v->s.len);
	case CEL_LIST:
		return cel_int((int64_t)v->list.n);
	case CEL_MAP:
		return cel_int((int64_t)cel_map_size(v->map));
	default:
		return cel_no_overload(r, "size()");
	}
}

/* ---- conversions ---- */

static struct cel_value int_of_double(struct cel_run *r, double d)
{
	if (isnan(d) || fabs(d) >= DOUBLE_2_63)
		return cel_error(r, "range error: %g is no int", d);
	return cel_int((int64_t)d);
}

static struct cel_value int_of_text(struct cel_run *r, struct slice s)
{
	const char *text = arena_slicedup(r->a, s);
	char *end;

	errno = 0;
	const int64_t i = strtoll(text, &end, 10);

	if (!s.len || strchr(" \t\n+", text[0]) || *end || (size_t)(end - text) != s.len || errno == ERANGE)
		return cel_error(r, "'%s' is no int", text);
	return cel_int(i);
}

static struct cel_value to_int(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	if (v->kind == CEL_INT)
		return *v;
	if (v->kind == CEL_UINT)
		return v->u > INT64_MAX ? cel_error(r, "range error: no int") : cel_int((int64_t)v->u);
	if (v->kind == CEL_DOUBLE)
		return int_of_double(r, v->d);
	if (v->kind == CEL_TIMESTAMP)
		return cel_int(v->i / NS_PER_S);
	return v->kind == CEL_STRING ? int_of_text(r, v->s) : cel_no_overload(r, "int()");
}

static struct cel_value to_uint(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct cel_value i;

	if (v->kind == CEL_UINT)
		return *v;
	if (v->kind == CEL_DOUBLE && v->d >= 0 && v->d < 2 * DOUBLE_2_63)
		return (struct cel_value){.kind = CEL_UINT, .u = (uint64_t)v->d};
	i = to_int(r, v, n);
	if (cel_is_error(i))
		return i;
	return i.i < 0 ? cel_error(r, "range error: no uint")
		       : (struct cel_value){.kind = CEL_UINT, .u = (uint64_t)i.i};
}

static struct cel_value to_double(struct cel_run *r, const struct cel_value *v, size_t n)
{
	char *end;

	(void)n;
	if (v->kind == CEL_DOUBLE)
		return *v;
	if (v->kind == CEL_INT)
		return cel_double((double)v->i);
	if (v->kind == CEL_UINT)
		return cel_double((double)v->u);
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "double()");
	const char *text = arena_slicedup(r->a, v->s);
	const double d = strtod(text, &end);

	return !v->s.len || *end || strchr(" \t\n+", text[0]) ? cel_error(r, "'%s' is no double", text) : cel_double(d);
}

static struct cel_value to_bool(struct cel_run *r, const struct cel_value *v, size_t n)
{
	static const char *const yes[] = {"1", "t", "T", "true", "TRUE", "True"};
	static const char *const no[] = {"0", "f", "F", "false", "FALSE", "False"};

	(void)n;
	if (v->kind == CEL_BOOL)
		return *v;
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "bool()");
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (slice_eq_str(v->s, yes[i]) || slice_eq_str(v->s, no[i]))
			return cel_bool(slice_eq_str(v->s, yes[i]));
	return cel_error(r, "no bool");
}

/* Go's strconv.FormatFloat(d, 'g', -1): the shortest text that reads back as the same number. */
static const char *double_text(struct arena *a, double d)
{
	const char *text = NULL;

	for (int digits = 1; digits <= 17; digits++) {
		text = arena_printf(a, "%.*g", digits, d);
		if (strtod(text, NULL) == d)
			break;
	}
	return text;
}

static struct cel_value to_string(struct cel_run *r, const struct cel_value *v, size_t n)
{
	char time[CLOCK_TEXT_MAX];

	(void)n;
	switch (v->kind) {
	case CEL_STRING:
		return *v;
	case CEL_BYTES:
		return cel_string(v->s);
	case CEL_BOOL:
		return cel_string(slice_str(v->b ? "true" : "false"));
	case CEL_INT:
		return cel_string(slice_str(arena_printf(r->a, "%lld", (long long)v->i)));
	case CEL_UINT:
		return cel_string(slice_str(arena_printf(r->a, "%llu", (unsigned long long)v->u)));
	case CEL_DOUBLE:
		return cel_string(slice_str(double_text(r->a, v->d)));
	case CEL_TIMESTAMP:
		return cel_string(slice_str(arena_strdup(r->a, clock_format_s(v->i / NS_PER_S, time))));
	case CEL_DURATION: /* in seconds, as langdef.md has it */
		return cel_string(slice_str(arena_printf(r->a, "%ss", double_text(r->a, (double)v->i / NS_PER_S))));
	default:
		return cel_no_overload(r, "string()");
	}
}

static struct cel_value to_bytes(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	if (v->kind != CEL_STRING && v->kind != CEL_BYTES)
		return cel_no_overload(r, "bytes()");
	return (struct cel_value){.kind = CEL_BYTES, .s = v->s};
}

static struct cel_value to_dyn(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)r, (void)n;
	return *v;
}

static struct cel_value type_of(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)r, (void)n;
	return (struct cel_value){.kind = CEL_TYPE, .s = slice_str(cel_kind_str(v->kind))};
}

/* ---- times ---- */

static struct cel_value to_duration(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct cel_value d = {.kind = CEL_DURATION};

	(void)n;
	if (v->kind == CEL_DURATION)
		return *v;
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "duration()");
	return duration_parse(v->s, &d.i) < 0 ? cel_error(r, "'%.*s' is no duration", SLICE_ARG(v->s)) : d;
}

static struct cel_value to_timestamp(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct cel_value t = {.kind = CEL_TIMESTAMP};

	(void)n;
	if (v->kind == CEL_TIMESTAMP)
		return *v;
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "timestamp()");
	return clock_parse(v->s, &t.i) < 0 ? cel_error(r, "'%.*s' is no timestamp", SLICE_ARG(v->s)) : t;
}

static struct cel_value duration_in(struct cel_run *r, const struct cel_value *v, int64_t unit_ns)
{
	return v->kind == CEL_DURATION ? cel_int(v->i / unit_ns) : cel_no_overload(r, "a part of a duration");
}

static struct cel_value hours(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return duration_in(r, v, 3600LL * NS_PER_S);
}

static struct cel_value minutes(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return duration_in(r, v, 60LL * NS_PER_S);
}

static struct cel_value seconds(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return duration_in(r, v, NS_PER_S);
}

static struct cel_value milliseconds(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return duration_in(r, v, NS_PER_MS);
}

const struct cel_function cel_general_functions[] = {
	{"size", false, 1, 1, size},
	{"size", true, 1, 1, size},
	{"int", false, 1, 1, to_int},
	{"uint", false, 1, 1, to_uint},
	{"double", false, 1, 1, to_double},
	{"bool", false, 1, 1, to_bool},
	{"string", false, 1, 1, to_string},
	{"bytes", false, 1, 1, to_bytes},
	{"dyn", false, 1, 1, to_dyn},
	{"type", false, 1, 1, type_of},
	{"duration", false, 1, 1, to_duration},
	{"timestamp", false, 1, 1, to_timestamp},
	{"getHours", true, 1, 1, hours},
	{"getMinutes", true, 1, 1, minutes},
	{"getSeconds", true, 1, 1, seconds},
	{"getMilliseconds", true, 1, 1, milliseconds},
	{0},
};
