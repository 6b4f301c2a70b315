/*
 * protobuf to JSON by reflection, for dumps and for reading back. Defaults are left out; an Any whose type is not known
 * shows its type alone.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/arena.h"
#include "base/mem.h"
#include "xds/json.h"

static cJSON *encode_value(const Google__Protobuf__Value *v);

static cJSON *encode_struct(const Google__Protobuf__Struct *s)
{
	cJSON *j = cJSON_CreateObject();

	for (size_t i = 0; i < s->n_fields; i++)
		if (s->fields[i]->value)
			cJSON_AddItemToObject(j, s->fields[i]->key, encode_value(s->fields[i]->value));
	return j;
}

static cJSON *encode_list(const Google__Protobuf__ListValue *l)
{
	cJSON *j = cJSON_CreateArray();

	for (size_t i = 0; l && i < l->n_values; i++)
		cJSON_AddItemToArray(j, encode_value(l->values[i]));
	return j;
}

static cJSON *encode_value(const Google__Protobuf__Value *v)
{
	switch (v->kind_case) {
	case GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE:
		return cJSON_CreateNumber(v->number_value);
	case GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE:
		return cJSON_CreateString(v->string_value);
	case GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE:
		return cJSON_CreateBool(v->bool_value);
	case GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE:
		return encode_struct(v->struct_value);
	case GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE:
		return encode_list(v->list_value);
	default:
		return cJSON_CreateNull();
	}
}

static cJSON *encode_duration(const Google__Protobuf__Duration *d)
{
	char text[64];

	if (d->nanos)
		snprintf(text, sizeof(text), "%" PRId64 ".%09ds", (int64_t)d->seconds, d->nanos);
	else
		snprintf(text, sizeof(text), "%" PRId64 "s", (int64_t)d->seconds);
	return cJSON_CreateString(text);
}

static cJSON *encode_any(const Google__Protobuf__Any *any)
{
	const char *slash = any->type_url ? strrchr(any->type_url, '/') : NULL;
	const ProtobufCMessageDescriptor *d = slash ? pb_descriptor(slash + 1) : NULL;
	struct arena a = ARENA_INIT;
	ProtobufCMessage *m = d ? pb_any_unpack(&a, any, d) : NULL;
	cJSON *j = m ? pb_to_json(m) : cJSON_CreateObject();

	if (!cJSON_IsObject(j)) {
		cJSON *wrapped = cJSON_CreateObject();
		cJSON_AddItemToObject(wrapped, "value", j);
		j = wrapped;
	}
	cJSON *type = cJSON_CreateString(any->type_url ? any->type_url : "");
	type->string = mem_strdup("@type");
	cJSON_InsertItemInArray(j, 0, type);
	arena_done(&a);
	return j;
}

static cJSON *encode_int64(int64_t v, bool is_signed)
{
	char text[32];

	snprintf(text, sizeof(text), is_signed ? "%" PRId64 : "%" PRIu64, v);
	return cJSON_CreateString(text);
}

static cJSON *encode_bytes(const ProtobufCBinaryData *b)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	base64_encode(slice_make(b->data, b->len), &text);
	return cJSON_CreateString(buf_str(&text));
}

static cJSON *encode_enum(const ProtobufCEnumDescriptor *d, int v)
{
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(d, v);

	return value ? cJSON_CreateString(value->name) : cJSON_CreateNumber(v);
}

static cJSON *encode_one(const ProtobufCFieldDescriptor *f, const void *at)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return encode_int64(*(const int64_t *)at, true);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return encode_int64(*(const int64_t *)at, false);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return cJSON_CreateNumber(*(const int32_t *)at);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return cJSON_CreateNumber(*(const uint32_t *)at);
	case PROTOBUF_C_TYPE_FLOAT:
		return cJSON_CreateNumber((double)*(const float *)at);
	case PROTOBUF_C_TYPE_DOUBLE:
		return cJSON_CreateNumber(*(const double *)at);
	case PROTOBUF_C_TYPE_BOOL:
		return cJSON_CreateBool(*(const protobuf_c_boolean *)at);
	case PROTOBUF_C_TYPE_ENUM:
		return encode_enum(f->descriptor, *(const int *)at);
	case PROTOBUF_C_TYPE_STRING:
		return cJSON_CreateString(*(char *const *)at ? *(char *const *)at : "");
	case PROTOBUF_C_TYPE_BYTES:
		return encode_bytes(at);
	case PROTOBUF_C_TYPE_MESSAGE:
		return *(ProtobufCMessage *const *)at ? pb_to_json(*(ProtobufCMessage *const *)at) : NULL;
	}
	return NULL;
}

static bool is_default(const ProtobufCFieldDescriptor *f, const void *at)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		return !*(char *const *)at || !**(char *const *)at;
	case PROTOBUF_C_TYPE_MESSAGE:
		return !*(void *const *)at;
	case PROTOBUF_C_TYPE_BYTES:
		return !((const ProtobufCBinaryData *)at)->len;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return !*(const uint64_t *)at;
	default:
		return !*(const uint32_t *)at;
	}
}

static size_t step(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	default:
		return 4;
	}
}

static cJSON *encode_map(const ProtobufCFieldDescriptor *f, ProtobufCMessage *const *v, size_t n)
{
	const ProtobufCMessageDescriptor *d = f->descriptor;
	cJSON *j = cJSON_CreateObject();

	for (size_t i = 0; i < n; i++) {
		const char *key = *(char **)((char *)v[i] + d->fields[0].offset);
		cJSON *value = encode_one(&d->fields[1], (char *)v[i] + d->fields[1].offset);
		cJSON_AddItemToObject(j, key ? key : "", value ? value : cJSON_CreateObject());
	}
	return j;
}

static bool is_map(const ProtobufCFieldDescriptor *f)
{
	const ProtobufCMessageDescriptor *d = f->descriptor;
	size_t n = f->type == PROTOBUF_C_TYPE_MESSAGE ? strlen(d->name) : 0;

	return n > 6 && strcmp(d->name + n - 5, "Entry") == 0 && d->name[n - 6] != '.' && d->n_fields == 2 &&
	       strcmp(d->fields[0].name, "key") == 0 && d->fields[0].type == PROTOBUF_C_TYPE_STRING;
}

static cJSON *encode_repeated(const ProtobufCFieldDescriptor *f, const char *v, size_t n)
{
	if (is_map(f))
		return encode_map(f, (ProtobufCMessage *const *)v, n);
	cJSON *j = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++) {
		cJSON *item = encode_one(f, v + i * step(f));
		cJSON_AddItemToArray(j, item ? item : cJSON_CreateNull());
	}
	return j;
}

static cJSON *encode_fields(const ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;
	cJSON *j = cJSON_CreateObject();

	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		const char *at = (const char *)m + f->offset;
		cJSON *value = NULL;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			size_t n = *(const size_t *)((const char *)m + f->quantifier_offset);
			if (n)
				value = encode_repeated(f, *(char *const *)at, n);
		} else if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
			if (*(const uint32_t *)((const char *)m + f->quantifier_offset) == f->id)
				value = encode_one(f, at);
		} else if (!is_default(f, at)) {
			value = encode_one(f, at);
		}
		if (value)
			cJSON_AddItemToObject(j, f->name, value);
	}
	return j;
}

cJSON *pb_to_json(const ProtobufCMessage *m)
{
	const ProtobufCMessageDescriptor *d = m->descriptor;

	if (d == &google__protobuf__any__descriptor)
		return encode_any((const Google__Protobuf__Any *)m);
	if (d == &google__protobuf__duration__descriptor)
		return encode_duration((const Google__Protobuf__Duration *)m);
	if (d == &google__protobuf__struct__descriptor)
		return encode_struct((const Google__Protobuf__Struct *)m);
	if (d == &google__protobuf__value__descriptor)
		return encode_value((const Google__Protobuf__Value *)m);
	if (strncmp(d->name, "google.protobuf.", 16) == 0 && d->n_fields == 1 &&
	    strcmp(d->name + strlen(d->name) - 5, "Value") == 0)
		return encode_one(&d->fields[0], (const char *)m + d->fields[0].offset);
	return encode_fields(m);
}
