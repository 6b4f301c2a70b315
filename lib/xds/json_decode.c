/*
 * JSON to protobuf by reflection. A message is built in place by the field descriptors' offsets; everything is in the
 * arena, so a failure half way leaves nothing to free. Depth is bounded by cJSON's own nesting limit.
 */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include <openssl/evp.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "xds/json.h"

static bool is_map_entry(const ProtobufCMessageDescriptor *d)
{
	size_t n = strlen(d->name);

	/* A message that is itself called Entry is none of a map. */
	return n > 6 && strcmp(d->name + n - 5, "Entry") == 0 && d->name[n - 6] != '.' && d->n_fields == 2 &&
	       strcmp(d->fields[0].name, "key") == 0 && strcmp(d->fields[1].name, "value") == 0;
}

/* "fooBar" and "foo_bar" are the same name. */
static bool same_name(const char *snake, const char *given)
{
	while (*snake && *given) {
		if (*snake == '_' && *given != '_') {
			snake++;
			if (toupper((unsigned char)*snake) != *given)
				return false;
		} else if (*snake != *given) {
			return false;
		}
		snake++;
		given++;
	}
	return !*snake && !*given;
}

static const ProtobufCFieldDescriptor *field_find(const ProtobufCMessageDescriptor *d, const char *name)
{
	for (unsigned i = 0; i < d->n_fields; i++)
		if (same_name(d->fields[i].name, name))
			return &d->fields[i];
	return NULL;
}

static size_t element_size(const ProtobufCFieldDescriptor *f)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return 8;
	case PROTOBUF_C_TYPE_DOUBLE:
		return sizeof(double);
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default:
		return 4;
	}
}

static int integer(const cJSON *j, double min, double max, double *ret, struct err *e)
{
	char *end;

	if (cJSON_IsNumber(j))
		*ret = j->valuedouble;
	else if (cJSON_IsString(j) && j->valuestring[0] && (*ret = strtod(j->valuestring, &end), !*end))
		;
	else
		return err_set(e, -EINVAL, "must be a number");
	if (*ret != floor(*ret) || *ret < min || *ret > max)
		return err_set(e, -EINVAL, "must be a whole number in %.0f..%.0f", min, max);
	return 0;
}

static int decode_int64(const cJSON *j, bool is_signed, void *out, struct err *e)
{
	double v;

	if (cJSON_IsString(j)) { /* 64-bit numbers are text in JSON, so that nothing is lost */
		struct slice s = slice_str(j->valuestring);
		bool negative = is_signed && slice_starts(s, SLICE("-"));
		uint64_t n;
		if (slice_to_u64(slice_from(s, negative), is_signed ? INT64_MAX : UINT64_MAX, &n) < 0)
			return err_set(e, -EINVAL, "must be a whole number");
		*(uint64_t *)out = negative ? (uint64_t) - (int64_t)n : n;
		return 0;
	}
	int r = integer(j, is_signed ? -9007199254740992.0 : 0, 9007199254740992.0, &v, e);
	if (r == 0)
		*(int64_t *)out = (int64_t)v;
	return r;
}

static int decode_int32(const cJSON *j, bool is_signed, void *out, struct err *e)
{
	double v;
	int r = integer(j, is_signed ? INT32_MIN : 0, is_signed ? INT32_MAX : UINT32_MAX, &v, e);

	if (r == 0 && is_signed)
		*(int32_t *)out = (int32_t)v;
	else if (r == 0)
		*(uint32_t *)out = (uint32_t)v;
	return r;
}

static int decode_enum(const ProtobufCFieldDescriptor *f, const cJSON *j, int *out, struct err *e)
{
	const ProtobufCEnumDescriptor *d = f->descriptor;

	if (cJSON_IsNumber(j)) {
		*out = j->valueint;
		return 0;
	}
	if (!cJSON_IsString(j))
		return err_set(e, -EINVAL, "must be a name of %s", d->short_name);
	const ProtobufCEnumValue *v = protobuf_c_enum_descriptor_get_value_by_name(d, j->valuestring);
	if (!v)
		return err_set(e, -EINVAL, "'%s' is no %s", j->valuestring, d->short_name);
	*out = v->value;
	return 0;
}

static int decode_bytes(struct arena *a, const cJSON *j, ProtobufCBinaryData *out, struct err *e)
{
	if (!cJSON_IsString(j))
		return err_set(e, -EINVAL, "must be base64 text");
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	if (base64_decode(slice_str(j->valuestring), &bytes) < 0)
		return err_set(e, -EINVAL, "must be base64 text");
	out->data = (uint8_t *)arena_slicedup(a, buf_slice(&bytes));
	out->len = bytes.len;
	return 0;
}

static int decode_one(struct arena *a, const ProtobufCFieldDescriptor *f, const cJSON *j, void *out, struct err *e)
{
	switch (f->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
		return decode_int64(j, true, out, e);
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
		return decode_int64(j, false, out, e);
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_SFIXED32:
		return decode_int32(j, true, out, e);
	case PROTOBUF_C_TYPE_UINT32:
	case PROTOBUF_C_TYPE_FIXED32:
		return decode_int32(j, false, out, e);
	case PROTOBUF_C_TYPE_FLOAT:
	case PROTOBUF_C_TYPE_DOUBLE:
		if (!cJSON_IsNumber(j))
			return err_set(e, -EINVAL, "must be a number");
		if (f->type == PROTOBUF_C_TYPE_FLOAT)
			*(float *)out = (float)j->valuedouble;
		else
			*(double *)out = j->valuedouble;
		return 0;
	case PROTOBUF_C_TYPE_BOOL:
		if (!cJSON_IsBool(j))
			return err_set(e, -EINVAL, "must be true or false");
		*(protobuf_c_boolean *)out = cJSON_IsTrue(j);
		return 0;
	case PROTOBUF_C_TYPE_ENUM:
		return decode_enum(f, j, out, e);
	case PROTOBUF_C_TYPE_STRING:
		if (!cJSON_IsString(j))
			return err_set(e, -EINVAL, "must be text");
		*(char **)out = arena_strdup(a, j->valuestring);
		return 0;
	case PROTOBUF_C_TYPE_BYTES:
		return decode_bytes(a, j, out, e);
	case PROTOBUF_C_TYPE_MESSAGE:
		*(void **)out = pb_from_json(a, f->descriptor, j, e);
		return *(void **)out ? 0 : -EINVAL;
	}
	return err_set(e, -EINVAL, "unsupported type");
}

static ProtobufCMessage *message_new(struct arena *a, const ProtobufCMessageDescriptor *d)
{
	ProtobufCMessage *m = arena_alloc(a, d->sizeof_message);

	d->message_init(m);
	return m;
}

static int decode_map(struct arena *a, const ProtobufCMessageDescriptor *entry, const cJSON *j, void ***ret,
		      size_t *ret_n, struct err *e)
{
	const cJSON *item;
	size_t i = 0;

	if (!cJSON_IsObject(j))
		return err_set(e, -EINVAL, "must be an object");
	*ret = ARENA_NEW_N(a, void *, (size_t)cJSON_GetArraySize(j));
	cJSON_ArrayForEach(item, j)
	{
		ProtobufCMessage *m = message_new(a, entry);
		*(char **)((char *)m + entry->fields[0].offset) = arena_strdup(a, item->string);
		int r = decode_one(a, &entry->fields[1], item, (char *)m + entry->fields[1].offset, e);
		if (r < 0)
			return err_wrap(e, r, "[%s]", item->string);
		(*ret)[i++] = m;
	}
	*ret_n = i;
	return 0;
}

static int decode_repeated(struct arena *a, const ProtobufCFieldDescriptor *f, const cJSON *j, void **ret,
			   size_t *ret_n, struct err *e)
{
	size_t size = element_size(f), i = 0;
	const cJSON *item;

	if (!cJSON_IsArray(j))
		return err_set(e, -EINVAL, "must be a list");
	*ret = arena_calloc(a, (size_t)cJSON_GetArraySize(j), size);
	cJSON_ArrayForEach(item, j)
	{
		int r = decode_one(a, f, item, (char *)*ret + i * size, e);
		if (r < 0)
			return err_wrap(e, r, "[%zu]", i);
		i++;
	}
	*ret_n = i;
	return 0;
}

static int decode_field(struct arena *a, ProtobufCMessage *m, const ProtobufCFieldDescriptor *f, const cJSON *j,
			struct err *e)
{
	void *at = (char *)m + f->offset;
	size_t *n = (size_t *)((char *)m + f->quantifier_offset);

	if (f->label == PROTOBUF_C_LABEL_REPEATED) {
		if (f->type == PROTOBUF_C_TYPE_MESSAGE && is_map_entry(f->descriptor))
			return decode_map(a, f->descriptor, j, at, n, e);
		return decode_repeated(a, f, j, at, n, e);
	}
	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
		uint32_t *which = (uint32_t *)((char *)m + f->quantifier_offset);
		if (*which)
			return err_set(e, -EINVAL, "only one of the alternatives may be set");
		*which = f->id;
	}
	return decode_one(a, f, j, at, e);
}

static void *decode_fields(struct arena *a, const ProtobufCMessageDescriptor *d, const cJSON *j, bool skip_type,
			   struct err *e)
{
	ProtobufCMessage *m = message_new(a, d);
	const cJSON *item;

	if (!cJSON_IsObject(j)) {
		err_set(e, -EINVAL, "must be an object (%s)", d->name);
		return NULL;
	}
	cJSON_ArrayForEach(item, j)
	{
		if ((skip_type && strcmp(item->string, "@type") == 0) || cJSON_IsNull(item))
			continue;
		const ProtobufCFieldDescriptor *f = field_find(d, item->string);
		if (!f) {
			err_set(e, -EINVAL, "%s: %s has no such field", item->string, d->name);
			return NULL;
		}
		int r = decode_field(a, m, f, item, e);
		if (r < 0) {
			err_wrap(e, r, "%s", f->name);
			return NULL;
		}
	}
	return m;
}

/* ---- well-known types ---- */

static void *decode_any(struct arena *a, const cJSON *j, struct err *e)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(j, "@type");
	const char *name = cJSON_IsString(type) ? strrchr(type->valuestring, '/') : NULL;
	const ProtobufCMessageDescriptor *d = name ? pb_descriptor(name + 1) : NULL;

	if (!d) {
		err_set(e, -EINVAL, "@type: %s is not known", cJSON_IsString(type) ? type->valuestring : "(missing)");
		return NULL;
	}
	void *m = decode_fields(a, d, j, true, e);
	return m ? pb_any(a, m) : NULL;
}

static void *decode_duration(struct arena *a, const cJSON *j, struct err *e)
{
	int64_t ns;

	if (!cJSON_IsString(j) || duration_parse(slice_str(j->valuestring), &ns) < 0) {
		err_set(e, -EINVAL, "must be a duration such as \"1.5s\"");
		return NULL;
	}
	return pb_duration_ns(a, ns);
}

static Google__Protobuf__Value *decode_value(struct arena *a, const cJSON *j);

static Google__Protobuf__Struct *decode_struct(struct arena *a, const cJSON *j)
{
	Google__Protobuf__Struct *s = pb_struct(a);
	const cJSON *item;

	cJSON_ArrayForEach(item, j) pb_struct_set(a, s, item->string, decode_value(a, item));
	return s;
}

static Google__Protobuf__Value *decode_value(struct arena *a, const cJSON *j)
{
	if (cJSON_IsString(j))
		return pb_value_string(a, j->valuestring);
	if (cJSON_IsNumber(j))
		return pb_value_number(a, j->valuedouble);
	if (cJSON_IsBool(j))
		return pb_value_bool(a, cJSON_IsTrue(j));
	if (cJSON_IsObject(j))
		return pb_value_struct(a, decode_struct(a, j));
	if (!cJSON_IsArray(j)) {
		Google__Protobuf__Value *v = PB_NEW(a, Google__Protobuf__Value, google__protobuf__value);
		v->kind_case = GOOGLE__PROTOBUF__VALUE__KIND_NULL_VALUE;
		return v;
	}
	size_t n = (size_t)cJSON_GetArraySize(j), i = 0;
	Google__Protobuf__Value **v = ARENA_NEW_N(a, Google__Protobuf__Value *, n);
	const cJSON *item;
	cJSON_ArrayForEach(item, j) v[i++] = decode_value(a, item);
	return pb_value_list(a, v, n);
}

static bool is_wrapper(const ProtobufCMessageDescriptor *d)
{
	return strncmp(d->name, "google.protobuf.", 16) == 0 && strcmp(d->name + strlen(d->name) - 5, "Value") == 0 &&
	       d->n_fields == 1;
}

void *pb_from_json(struct arena *a, const ProtobufCMessageDescriptor *d, const cJSON *j, struct err *e)
{
	if (d == &google__protobuf__any__descriptor)
		return decode_any(a, j, e);
	if (d == &google__protobuf__duration__descriptor)
		return decode_duration(a, j, e);
	if (d == &google__protobuf__struct__descriptor)
		return decode_struct(a, j);
	if (d == &google__protobuf__value__descriptor)
		return decode_value(a, j);
	if (is_wrapper(d)) {
		ProtobufCMessage *m = message_new(a, d);
		return decode_one(a, &d->fields[0], j, (char *)m + d->fields[0].offset, e) == 0 ? m : NULL;
	}
	return decode_fields(a, d, j, false, e);
}

void *pb_from_struct(struct arena *a, const ProtobufCMessageDescriptor *d, const Google__Protobuf__Struct *s,
		     struct err *e)
{
	Google__Protobuf__Struct none = GOOGLE__PROTOBUF__STRUCT__INIT;
	cJSON *j = pb_to_json(s ? &s->base : &none.base);
	void *m = decode_fields(a, d, j, true, e);

	cJSON_Delete(j);
	return m;
}
