/* See value_internal.h. */
#include "cel/value_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "msg/json.h"

const char *cel_kind_str(enum cel_kind k)
{
	static const char *const names[CEL_KIND_COUNT] = {
		[CEL_NULL] = "null_type",
		[CEL_BOOL] = "bool",
		[CEL_INT] = "int",
		[CEL_UINT] = "uint",
		[CEL_DOUBLE] = "double",
		[CEL_STRING] = "string",
		[CEL_BYTES] = "bytes",
		[CEL_LIST] = "list",
		[CEL_MAP] = "map",
		[CEL_DURATION] = "google.protobuf.Duration",
		[CEL_TIMESTAMP] = "google.protobuf.Timestamp",
		[CEL_URL] = "kubernetes.URL",
		[CEL_TYPE] = "type",
		[CEL_ERROR] = "error",
	};

	return names[k];
}

struct cel_value cel_error(struct cel_run *r, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	return (struct cel_value){.kind = CEL_ERROR, .s = slice_str(arena_slicedup(r->a, buf_slice(&b)))};
}

bool cel_spend(struct cel_run *r, size_t n)
{
	if (r->steps_left < 0 || (uint64_t)r->steps_left < n) {
		r->steps_left = -1;
		return false;
	}
	r->steps_left -= (int64_t)n;
	return true;
}

/* ---- from JSON ---- */

static struct cel_value of_bytes(struct cel_run *r, const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (base64_decode(slice_str(text), &b) < 0)
		return cel_error(r, "not base64");
	return (struct cel_value){.kind = CEL_BYTES, .s = slice_make(arena_slicedup(r->a, buf_slice(&b)), b.len)};
}

static struct cel_value of_time(struct cel_run *r, const char *text, enum cel_kind kind)
{
	struct cel_value v = {.kind = kind};
	int code = kind == CEL_DURATION ? duration_parse(slice_str(text), &v.i) : clock_parse(slice_str(text), &v.i);

	return code < 0 ? cel_error(r, "'%s' is no %s", text, kind == CEL_DURATION ? "duration" : "timestamp") : v;
}

static enum cel_json_type type_of(const struct cel_run *r, const void *schema)
{
	return schema ? r->ops->type(schema) : CEL_JSON_PLAIN;
}

static struct cel_value of_string(struct cel_run *r, const char *text, const void *schema)
{
	switch (type_of(r, schema)) {
	case CEL_JSON_BYTES:
		return of_bytes(r, text);
	case CEL_JSON_DURATION:
		return of_time(r, text, CEL_DURATION);
	case CEL_JSON_TIMESTAMP:
		return of_time(r, text, CEL_TIMESTAMP);
	default:
		return cel_string(slice_str(text));
	}
}

static struct cel_value of_number(const struct cel_run *r, const cJSON *json, const void *schema)
{
	int64_t i;

	if (type_of(r, schema) != CEL_JSON_DOUBLE && json_int64(json, &i) == 0)
		return cel_int(i);
	return cel_double(cJSON_IsRaw(json) ? strtod(json->valuestring, NULL) : json->valuedouble);
}

static struct cel_value of_array(struct cel_run *r, const cJSON *json, const void *schema)
{
	size_t n = (size_t)cJSON_GetArraySize(json), i = 0;
	struct cel_value *v;

	if (!cel_spend(r, n))
		return cel_error(r, "too many steps");
	v = ARENA_NEW_N(r->a, struct cel_value, n + 1);
	JSON_EACH(item, json)
	v[i++] = cel_of_json(r, item, schema ? r->ops->items(schema) : NULL);
	return cel_list(v, n);
}

struct cel_value cel_of_json(struct cel_run *r, const cJSON *json, const void *schema)
{
	if (!json || cJSON_IsNull(json))
		return (struct cel_value){.kind = CEL_NULL};
	if (cJSON_IsBool(json))
		return cel_bool(cJSON_IsTrue(json));
	if (cJSON_IsString(json))
		return of_string(r, json->valuestring, schema);
	if (cJSON_IsNumber(json) || cJSON_IsRaw(json))
		return of_number(r, json, schema);
	if (cJSON_IsArray(json))
		return of_array(r, json, schema);
	struct cel_map *m = ARENA_NEW(r->a, struct cel_map);

	*m = (struct cel_map){.json = json, .schema = schema};
	return (struct cel_value){.kind = CEL_MAP, .map = m};
}

/* ---- maps ---- */

size_t cel_map_size(const struct cel_map *m)
{
	return m->json ? (size_t)cJSON_GetArraySize(m->json) : m->n;
}

bool cel_map_get(struct cel_run *r, const struct cel_map *m, struct cel_value key, struct cel_value *ret)
{
	if (!m->json) {
		for (size_t i = 0; i < m->n; i++) {
			if (!cel_equal(r, m->keys[i], key))
				continue;
			*ret = m->values[i];
			return true;
		}
		return false;
	}
	char *name = key.kind == CEL_STRING ? arena_slicedup(r->a, key.s) : NULL;
	const cJSON *v;

	for (char *c = name; c && *c && type_of(r, m->schema) == CEL_JSON_FIELDS; c++)
		*c = (char)tolower((unsigned char)*c);
	v = name ? json_get(m->json, name) : NULL;

	if (!v)
		return false;
	*ret = cel_of_json(r, v, m->schema ? r->ops->member(m->schema, name) : NULL);
	return true;
}

struct cel_value cel_map_keys(struct cel_run *r, const struct cel_map *m)
{
	size_t n = cel_map_size(m), i = 0;
	struct cel_value *v;

	if (!m->json)
		return cel_list(m->keys, m->n);
	if (!cel_spend(r, n))
		return cel_error(r, "too many steps");
	v = ARENA_NEW_N(r->a, struct cel_value, n + 1);
	JSON_EACH(c, m->json)
	v[i++] = cel_string(slice_str(c->string));
	return cel_list(v, n);
}

/* ---- comparison ---- */

static bool is_number(struct cel_value v)
{
	return v.kind == CEL_INT || v.kind == CEL_UINT || v.kind == CEL_DOUBLE;
}

static int sign(bool less, bool more)
{
	return less ? -1 : more;
}

static int order_int_uint(int64_t i, uint64_t u)
{
	return i < 0 ? -1 : sign((uint64_t)i<u, (uint64_t)i> u);
}

/* Exact: a double beyond the range of the other type is simply more or less. */
static int order_double(double d, struct cel_value v)
{
	const long double x = v.kind == CEL_INT    ? (long double)v.i
			      : v.kind == CEL_UINT ? (long double)v.u
						   : (long double)v.d;

	return isnan(d) || isnan((double)x) ? 2 : sign(d<x, d> x);
}

static int order_numbers(struct cel_value a, struct cel_value b)
{
	if (a.kind == CEL_DOUBLE)
		return order_double(a.d, b);
	if (b.kind == CEL_DOUBLE) {
		int o = order_double(b.d, a);

		return o == 2 ? 2 : -o;
	}
	if (a.kind == CEL_INT && b.kind == CEL_INT)
		return sign(a.i<b.i, a.i> b.i);
	if (a.kind == CEL_UINT && b.kind == CEL_UINT)
		return sign(a.u<b.u, a.u> b.u);
	return a.kind == CEL_INT ? order_int_uint(a.i, b.u) : -order_int_uint(b.i, a.u);
}

int cel_order(struct cel_value a, struct cel_value b)
{
	if (is_number(a) && is_number(b))
		return order_numbers(a, b);
	if (a.kind != b.kind)
		return 3;
	switch (a.kind) {
	case CEL_BOOL:
		return sign(a.b<b.b, a.b> b.b);
	case CEL_STRING:
	case CEL_BYTES: {
		int d = slice_cmp(a.s, b.s);

		return sign(d<0, d> 0);
	}
	case CEL_DURATION:
	case CEL_TIMESTAMP:
		return sign(a.i<b.i, a.i> b.i);
	default:
		return 3;
	}
}

static bool equal_lists(struct cel_run *r, struct cel_value a, struct cel_value b)
{
	if (a.list.n != b.list.n)
		return false;
	for (size_t i = 0; i < a.list.n; i++)
		if (!cel_equal(r, a.list.v[i], b.list.v[i]))
			return false;
	return true;
}

static bool equal_maps(struct cel_run *r, const struct cel_map *a, const struct cel_map *b)
{
	struct cel_value keys = cel_map_keys(r, a), x, y;

	if (cel_is_error(keys) || cel_map_size(a) != cel_map_size(b))
		return false;
	for (size_t i = 0; i < keys.list.n; i++)
		if (!cel_map_get(r, a, keys.list.v[i], &x) || !cel_map_get(r, b, keys.list.v[i], &y) ||
		    !cel_equal(r, x, y))
			return false;
	return true;
}

bool cel_equal(struct cel_run *r, struct cel_value a, struct cel_value b)
{
	if (!cel_spend(r, 1))
		return false;
	if (a.kind == CEL_LIST && b.kind == CEL_LIST)
		return equal_lists(r, a, b);
	if (a.kind == CEL_MAP && b.kind == CEL_MAP)
		return equal_maps(r, a.map, b.map);
	if (a.kind == b.kind && (a.kind == CEL_TYPE || a.kind == CEL_URL))
		return slice_eq(a.s, b.s);
	if (a.kind == CEL_NULL || b.kind == CEL_NULL)
		return a.kind == b.kind;
	return cel_order(a, b) == 0;
}
