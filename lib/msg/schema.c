/* The OpenAPI v3 structural schema of a message, as Kubernetes' apiextensions and kubectl explain read it. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

/* A schema has no way to refer to itself: a message that contains itself would end here. */
#define SCHEMA_DEPTH_MAX 48
#define ONEOFS_MAX 32

static cJSON *message_schema(const struct msg_desc *desc, int depth);

static cJSON *new_object(void)
{
	cJSON *o = cJSON_CreateObject();

	if (!o)
		abort();
	return o;
}

static void set_type(cJSON *o, const char *type, const char *format)
{
	cJSON_AddStringToObject(o, "type", type);
	if (format)
		cJSON_AddStringToObject(o, "format", format);
}

static void set_preserve(cJSON *o)
{
	cJSON_AddTrueToObject(o, "x-kubernetes-preserve-unknown-fields");
}

static void set_int_or_string(cJSON *o)
{
	cJSON *any = cJSON_AddArrayToObject(o, "anyOf");

	for (int i = 0; i < 2; i++) {
		cJSON *type = new_object();

		cJSON_AddStringToObject(type, "type", i ? "string" : "integer");
		cJSON_AddItemToArray(any, type);
	}
	cJSON_AddTrueToObject(o, "x-kubernetes-int-or-string");
}

static void set_enum(cJSON *o, const struct msg_enum *en)
{
	cJSON *names;

	if (!en)
		return;
	names = cJSON_AddArrayToObject(o, "enum");
	for (size_t i = 0; i < en->n; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(en->values[i].name));
}

static void set_bounds(cJSON *o, const struct msg_field *f)
{
	int64_t min = f->min, max = f->max;

	if (f->type == MSG_UINT32 && !min && !max)
		max = UINT32_MAX;
	if (min || max) {
		cJSON_AddNumberToObject(o, "minimum", (double)min);
		cJSON_AddNumberToObject(o, "maximum", (double)max);
	} else if (f->flags & MSG_NON_NEGATIVE) {
		cJSON_AddNumberToObject(o, "minimum", 0);
	}
}

static void set_integer(cJSON *o, const struct msg_field *f)
{
	set_type(o, "integer", f->type == MSG_INT32 ? "int32" : f->type == MSG_INT64 ? "int64" : NULL);
	set_bounds(o, f);
}

static cJSON *str_map_values(const struct msg_field *f)
{
	cJSON *o = new_object();

	if (f->elem == MSG_QUANTITY)
		set_int_or_string(o);
	else
		set_type(o, "string", f->format);
	return o;
}

/* The schema of one value of the row. */
static cJSON *value_schema(const struct msg_field *f, int depth)
{
	cJSON *o;

	if (f->type == MSG_MESSAGE)
		return message_schema(f->desc, depth + 1);
	o = new_object();
	switch ((enum msg_type)f->type) {
	case MSG_BOOL:
		set_type(o, "boolean", NULL);
		break;
	case MSG_INT32:
	case MSG_UINT32:
	case MSG_INT64:
		set_integer(o, f);
		break;
	case MSG_DOUBLE:
		set_type(o, "number", "double");
		break;
	case MSG_STRING:
	case MSG_ENUM:
	case MSG_DURATION:
		set_type(o, "string", f->format);
		set_enum(o, f->enums);
		if (f->pattern)
			cJSON_AddStringToObject(o, "pattern", f->pattern);
		break;
	case MSG_QUANTITY:
	case MSG_INT_OR_STR:
		set_int_or_string(o);
		break;
	case MSG_STR_MAP:
		set_type(o, "object", NULL);
		cJSON_AddItemToObject(o, "additionalProperties", str_map_values(f));
		break;
	case MSG_MAP:
		set_type(o, "object", NULL);
		cJSON_AddItemToObject(o, "additionalProperties", message_schema(f->desc, depth + 1));
		break;
	default:
		if (f->flags & MSG_OBJECT)
			set_type(o, "object", NULL);
		set_preserve(o);
	}
	return o;
}

static void set_list_keys(cJSON *o, const char *keys)
{
	cJSON *array = cJSON_AddArrayToObject(o, "x-kubernetes-list-map-keys");
	struct slice rest = slice_str(keys);

	while (rest.len) {
		struct slice key = slice_split(&rest, ',');
		char name[64];

		snprintf(name, sizeof(name), "%.*s", SLICE_ARG(key));
		cJSON_AddItemToArray(array, cJSON_CreateString(name));
	}
}

static cJSON *list_schema(const struct msg_field *f, int depth)
{
	cJSON *o = new_object(), *items = value_schema(f, depth);

	set_type(o, "array", NULL);
	cJSON_AddItemToObject(o, "items", items);
	if (f->keys) {
		set_list_keys(o, f->keys);
		cJSON_AddStringToObject(o, "x-kubernetes-list-type", "map");
	} else if (f->flags & (MSG_SET | MSG_ATOMIC)) {
		cJSON_AddStringToObject(o, "x-kubernetes-list-type", f->flags & MSG_SET ? "set" : "atomic");
	}
	if (f->merge_key) {
		if (*f->merge_key)
			cJSON_AddStringToObject(o, "x-kubernetes-patch-merge-key", f->merge_key);
		cJSON_AddStringToObject(o, "x-kubernetes-patch-strategy",
					f->flags & MSG_RETAIN_KEYS ? "merge,retainKeys" : "merge");
	}
	return o;
}

static void set_default(cJSON *o, const char *text)
{
	cJSON *value = NULL;

	if (json_parse(slice_str(text), JSON_OBJECT_MAX_BYTES, &value, NULL) == 0)
		cJSON_AddItemToObject(o, "default", value);
}

static cJSON *field_schema(const struct msg_field *f, int depth)
{
	cJSON *o = f->flags & MSG_LIST ? list_schema(f, depth) : value_schema(f, depth);

	/* What the row says of this place counts; without it, what the message says of itself. */
	if (f->doc) {
		cJSON_DeleteItemFromObjectCaseSensitive(o, "description");
		cJSON_AddStringToObject(o, "description", f->doc);
	}
	if (f->dflt)
		set_default(o, f->dflt);
	if (f->flags & MSG_NULLABLE)
		cJSON_AddTrueToObject(o, "nullable");
	if (!(f->flags & MSG_LIST) && (f->flags & MSG_ATOMIC))
		cJSON_AddStringToObject(o, "x-kubernetes-map-type", "atomic");
	if (!f->merge_key && (f->flags & MSG_RETAIN_KEYS))
		cJSON_AddStringToObject(o, "x-kubernetes-patch-strategy", "retainKeys");
	return o;
}

static cJSON *required_names(const char *name)
{
	cJSON *o = new_object(), *names = cJSON_AddArrayToObject(o, "required");

	cJSON_AddItemToArray(names, cJSON_CreateString(name));
	return o;
}

/* {oneOf: [{not: {anyOf: [{required: [a]}, ...]}}, {required: [a]}, ...]}: at most one of the rows. */
static cJSON *oneof_schema(const struct msg_desc *desc, int number)
{
	cJSON *o = new_object(), *choices = cJSON_AddArrayToObject(o, "oneOf"), *none = new_object(), *any;

	cJSON_AddItemToArray(choices, none);
	any = cJSON_AddArrayToObject(cJSON_AddObjectToObject(none, "not"), "anyOf");
	for (size_t i = 0; i < desc->n_fields; i++) {
		if (desc->fields[i].oneof != number)
			continue;
		cJSON_AddItemToArray(any, required_names(desc->fields[i].name));
		cJSON_AddItemToArray(choices, required_names(desc->fields[i].name));
	}
	return o;
}

static void set_oneofs(cJSON *o, const struct msg_desc *desc)
{
	cJSON *all = NULL, *first;
	uint32_t seen = 0;

	for (size_t i = 0; i < desc->n_fields; i++)
		if (desc->fields[i].oneof && desc->fields[i].oneof < ONEOFS_MAX)
			seen |= 1u << desc->fields[i].oneof;
	if (!seen)
		return;
	if (!(seen & (seen - 1))) {
		first = oneof_schema(desc, __builtin_ctz(seen));
		cJSON_AddItemToObject(o, "oneOf", cJSON_DetachItemFromObjectCaseSensitive(first, "oneOf"));
		cJSON_Delete(first);
		return;
	}
	all = cJSON_AddArrayToObject(o, "allOf");
	for (int n = 1; n < ONEOFS_MAX; n++)
		if (seen & 1u << n)
			cJSON_AddItemToArray(all, oneof_schema(desc, n));
}

static void set_required(cJSON *o, const struct msg_desc *desc)
{
	cJSON *names = NULL;

	for (size_t i = 0; i < desc->n_fields; i++) {
		if (!(desc->fields[i].flags & MSG_REQUIRED))
			continue;
		if (!names)
			names = cJSON_AddArrayToObject(o, "required");
		cJSON_AddItemToArray(names, cJSON_CreateString(desc->fields[i].name));
	}
}

static cJSON *message_schema(const struct msg_desc *desc, int depth)
{
	cJSON *o = new_object(), *properties;

	set_type(o, "object", NULL);
	if (desc->doc)
		cJSON_AddStringToObject(o, "description", desc->doc);
	if (desc->preserve_unknown || depth > SCHEMA_DEPTH_MAX)
		set_preserve(o);
	if (depth > SCHEMA_DEPTH_MAX || !desc->n_fields)
		return o;
	properties = cJSON_AddObjectToObject(o, "properties");
	for (size_t i = 0; i < desc->n_fields; i++)
		cJSON_AddItemToObject(properties, desc->fields[i].name, field_schema(&desc->fields[i], depth));
	set_required(o, desc);
	set_oneofs(o, desc);
	return o;
}

cJSON *msg_schema(const struct msg_desc *desc)
{
	return message_schema(desc, 0);
}
