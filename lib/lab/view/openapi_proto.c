/*
 * A version 2 document in protobuf: gnostic's openapi.v2 messages. Only the fields that our documents use are written;
 * numbers are those of github.com/google/gnostic-models/openapiv2. Vendor extensions and other free values travel as
 * YAML text, and JSON is YAML.
 */
#include <string.h>

#include "lab/view/openapi.h"
#include "msg/json.h"

enum { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2 };

static void put_varint(struct buf *b, uint64_t v)
{
	while (v >= 0x80) {
		buf_append_char(b, (char)(v | 0x80));
		v >>= 7;
	}
	buf_append_char(b, (char)v);
}

static void put_tag(struct buf *b, unsigned field, unsigned wire)
{
	put_varint(b, field << 3 | wire);
}

static void put_bytes(struct buf *b, unsigned field, struct slice s)
{
	put_tag(b, field, WIRE_BYTES);
	put_varint(b, s.len);
	buf_append_slice(b, s);
}

static void put_string(struct buf *b, unsigned field, const char *s)
{
	put_bytes(b, field, slice_str(s));
}

/* Appends a message built in m and empties m. */
static void put_message(struct buf *b, unsigned field, struct buf *m)
{
	put_bytes(b, field, buf_slice(m));
	buf_done(m);
}

/* Any {google.protobuf.Any value = 1; string yaml = 2;} */
static void put_any(struct buf *b, unsigned field, const cJSON *value)
{
	char *text = cJSON_PrintUnformatted(value);
	struct buf any = BUF_INIT;

	put_string(&any, 2, text ? text : "null");
	cJSON_free(text);
	put_message(b, field, &any);
}

/* NamedAny {string name = 1; Any value = 2;} */
static void put_extension(struct buf *b, unsigned field, const cJSON *value)
{
	struct buf named = BUF_INIT;

	put_string(&named, 1, value->string);
	put_any(&named, 2, value);
	put_message(b, field, &named);
}

static void put_extensions(struct buf *b, unsigned field, const cJSON *object)
{
	const cJSON *f;

	cJSON_ArrayForEach(f, object)
	{
		if (strncmp(f->string, "x-", 2) == 0)
			put_extension(b, field, f);
	}
}

static void put_double(struct buf *b, unsigned field, double v)
{
	put_tag(b, field, WIRE_FIXED64);
	buf_append(b, &v, sizeof(v));
}

/* ---- Schema ---- */

enum value_kind { AS_STRING, AS_DOUBLE, AS_INT, AS_BOOL, AS_ANY };

static const struct {
	const char *name;
	unsigned field;
	enum value_kind kind;
} keywords[] = {
	{"$ref", 1, AS_STRING},        {"format", 2, AS_STRING},
	{"title", 3, AS_STRING},       {"description", 4, AS_STRING},
	{"default", 5, AS_ANY},        {"multipleOf", 6, AS_DOUBLE},
	{"maximum", 7, AS_DOUBLE},     {"exclusiveMaximum", 8, AS_BOOL},
	{"minimum", 9, AS_DOUBLE},     {"exclusiveMinimum", 10, AS_BOOL},
	{"maxLength", 11, AS_INT},     {"minLength", 12, AS_INT},
	{"pattern", 13, AS_STRING},    {"maxItems", 14, AS_INT},
	{"minItems", 15, AS_INT},      {"uniqueItems", 16, AS_BOOL},
	{"maxProperties", 17, AS_INT}, {"minProperties", 18, AS_INT},
};

static void put_keyword(struct buf *b, unsigned field, enum value_kind kind, const cJSON *v)
{
	if (kind == AS_ANY) {
		put_any(b, field, v);
	} else if (kind == AS_STRING && cJSON_IsString(v)) {
		put_string(b, field, v->valuestring);
	} else if (kind == AS_DOUBLE && cJSON_IsNumber(v)) {
		put_double(b, field, v->valuedouble);
	} else if (kind == AS_INT && cJSON_IsNumber(v)) {
		put_tag(b, field, WIRE_VARINT);
		put_varint(b, (uint64_t)v->valuedouble);
	} else if (kind == AS_BOOL && cJSON_IsTrue(v)) {
		put_tag(b, field, WIRE_VARINT);
		put_varint(b, 1);
	}
}

static void put_schema(struct buf *b, unsigned field, const cJSON *s);

/* Properties and Definitions alike: repeated NamedSchema additional_properties = 1. */
static void put_named_schemas(struct buf *b, unsigned field, const cJSON *map)
{
	struct buf all = BUF_INIT;
	const cJSON *p;

	cJSON_ArrayForEach(p, map)
	{
		struct buf named = BUF_INIT;

		put_string(&named, 1, p->string);
		put_schema(&named, 2, p);
		put_message(&all, 1, &named);
	}
	put_message(b, field, &all);
}

static void put_strings(struct buf *b, unsigned field, const cJSON *list)
{
	const cJSON *s;

	cJSON_ArrayForEach(s, list)
	{
		if (cJSON_IsString(s))
			put_string(b, field, s->valuestring);
	}
}

/* What is no plain keyword: required = 19, enum = 20, additional_properties = 21, type = 22, items = 23, properties
 * = 25. */
static void put_structure(struct buf *b, const cJSON *f)
{
	struct buf m = BUF_INIT;
	const cJSON *e;

	if (strcmp(f->string, "required") == 0) {
		put_strings(b, 19, f);
	} else if (strcmp(f->string, "enum") == 0) {
		cJSON_ArrayForEach(e, f)
		{
			put_any(b, 20, e);
		}
	} else if (strcmp(f->string, "additionalProperties") == 0) {
		if (cJSON_IsObject(f)) {
			put_schema(&m, 1, f);
		} else {
			put_tag(&m, 2, WIRE_VARINT);
			put_varint(&m, cJSON_IsTrue(f));
		}
		put_message(b, 21, &m);
	} else if (strcmp(f->string, "type") == 0 && cJSON_IsString(f)) {
		put_string(&m, 1, f->valuestring);
		put_message(b, 22, &m);
	} else if (strcmp(f->string, "items") == 0) {
		put_schema(&m, 1, f);
		put_message(b, 23, &m);
	} else if (strcmp(f->string, "properties") == 0) {
		put_named_schemas(b, 25, f);
	}
}

static void put_schema(struct buf *b, unsigned field, const cJSON *s)
{
	struct buf m = BUF_INIT;
	const cJSON *f;

	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		f = json_get(s, keywords[i].name);
		if (f)
			put_keyword(&m, keywords[i].field, keywords[i].kind, f);
	}
	cJSON_ArrayForEach(f, s)
	{
		put_structure(&m, f);
	}
	put_extensions(&m, 31, s);
	put_message(b, field, &m);
}

/* ---- paths ---- */

/* ParametersItem.parameter = 1 . non_body_parameter = 2 . query_parameter_sub_schema = 3 {in = 2, name = 4, type = 6}
 */
static void put_parameter(struct buf *b, const cJSON *p)
{
	struct buf query = BUF_INIT, non_body = BUF_INIT, parameter = BUF_INIT, item = BUF_INIT;

	put_string(&query, 2, "query");
	put_string(&query, 4, json_get_str(p, "name"));
	put_string(&query, 6, "string");
	put_message(&non_body, 3, &query);
	put_message(&parameter, 2, &non_body);
	put_message(&item, 1, &parameter);
	put_message(b, 8, &item);
}

/* Operation {operation_id = 5, parameters = 8, responses = 9, vendor_extension = 13} */
static void put_operation(struct buf *b, unsigned field, const cJSON *op)
{
	struct buf m = BUF_INIT, responses = BUF_INIT, code = BUF_INIT, value = BUF_INIT, response = BUF_INIT;
	const cJSON *p;

	put_string(&m, 5, json_get_str(op, "operationId"));
	cJSON_ArrayForEach(p, json_get(op, "parameters"))
	{
		put_parameter(&m, p);
	}
	/* Responses.response_code = 1 {name = 1, value = 2 {response = 1 {description = 1}}} */
	put_string(&response, 1, "OK");
	put_message(&value, 1, &response);
	put_string(&code, 1, "200");
	put_message(&code, 2, &value);
	put_message(&responses, 1, &code);
	put_message(&m, 9, &responses);
	put_extensions(&m, 13, op);
	put_message(b, field, &m);
}

/* Paths.path = 2 {name = 1, value = 2 {patch = 8}} */
static void put_paths(struct buf *b, unsigned field, const cJSON *paths)
{
	struct buf all = BUF_INIT;
	const cJSON *p;

	cJSON_ArrayForEach(p, paths)
	{
		struct buf named = BUF_INIT, item = BUF_INIT;

		put_operation(&item, 8, json_get(p, "patch"));
		put_string(&named, 1, p->string);
		put_message(&named, 2, &item);
		put_message(&all, 2, &named);
	}
	put_message(b, field, &all);
}

void openapi_v2_proto(const cJSON *document, struct buf *out)
{
	const cJSON *info = json_get(document, "info");
	struct buf m = BUF_INIT;

	put_string(out, 1, "2.0");
	put_string(&m, 1, json_get_str(info, "title"));
	put_string(&m, 2, json_get_str(info, "version"));
	put_message(out, 2, &m);
	put_paths(out, 8, json_get(document, "paths"));
	put_named_schemas(out, 9, json_get(document, "definitions"));
}
