/* protobuf-c with an arena for an allocator, and the well-known types. */
#include "xds/pb.h"

#include <string.h>

#include "xds/wire.h"

#define URL_PREFIX "type.googleapis.com/"

/*
 * The decoder recurses without a limit, and small bytes can become large structs: depth is checked before, memory while
 * it decodes.
 */
#define DEPTH_MAX 100
#define GROWTH_MAX 64          /* bytes in memory for one on the wire */
#define GROWTH_BASE (1u << 20) /* and this much for any message */

struct budget {
	struct arena *arena;
	size_t left;
};

static void *budget_take(void *arg, size_t size)
{
	struct budget *b = arg;

	if (size > b->left)
		return NULL;
	b->left -= size;
	return arena_alloc(b->arena, size);
}

static void budget_ignore(void *arg, void *p)
{
	(void)arg, (void)p;
}

static bool depth_ok(const ProtobufCMessageDescriptor *d, struct slice bytes, int depth)
{
	struct wire_field f;
	int r;

	if (depth > DEPTH_MAX)
		return false;
	while ((r = wire_next(&bytes, &f)) == 1) {
		const ProtobufCFieldDescriptor *field;

		if (f.type != WIRE_BYTES)
			continue;
		field = protobuf_c_message_descriptor_get_field(d, f.number);
		if (field && field->type == PROTOBUF_C_TYPE_MESSAGE && !depth_ok(field->descriptor, f.bytes, depth + 1))
			return false;
	}
	return r == 0;
}

void *pb_unpack(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice bytes)
{
	struct budget budget = {a, bytes.len * GROWTH_MAX + GROWTH_BASE};
	ProtobufCAllocator allocator = {budget_take, budget_ignore, &budget};

	if (bytes.len > PB_MAX_BYTES || !depth_ok(d, bytes, 0))
		return NULL;
	return protobuf_c_message_unpack(d, &allocator, bytes.len, (const uint8_t *)(bytes.ptr ? bytes.ptr : ""));
}

void pb_pack(const ProtobufCMessage *m, struct buf *out)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	char *to = buf_reserve(out, n);

	out->len += protobuf_c_message_pack(m, (uint8_t *)to);
}

struct slice pb_pack_arena(struct arena *a, const ProtobufCMessage *m)
{
	size_t n = protobuf_c_message_get_packed_size(m);
	char *to = arena_alloc(a, n);

	return slice_make(to, protobuf_c_message_pack(m, (uint8_t *)to));
}

Google__Protobuf__Any *pb_any(struct arena *a, const ProtobufCMessage *m)
{
	Google__Protobuf__Any *any = PB_NEW(a, Google__Protobuf__Any, google__protobuf__any);
	struct slice bytes = pb_pack_arena(a, m);

	any->type_url = arena_printf(a, URL_PREFIX "%s", m->descriptor->name);
	any->value.data = (uint8_t *)bytes.ptr;
	any->value.len = bytes.len;
	return any;
}

bool pb_any_is(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d)
{
	const char *slash;

	if (!any)
		return false;
	slash = strrchr(any->type_url, '/');
	return strcmp(slash ? slash + 1 : any->type_url, d->name) == 0;
}

void *pb_any_unpack(struct arena *a, const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *d)
{
	if (!pb_any_is(any, d))
		return NULL;
	return pb_unpack(a, d, slice_make(any->value.data, any->value.len));
}

#define NS_IN_S 1000000000

Google__Protobuf__Duration *pb_duration_ns(struct arena *a, int64_t ns)
{
	Google__Protobuf__Duration *d = PB_NEW(a, Google__Protobuf__Duration, google__protobuf__duration);

	d->seconds = ns / NS_IN_S;
	d->nanos = (int32_t)(ns % NS_IN_S);
	return d;
}

int64_t pb_duration_to_ns(const Google__Protobuf__Duration *d, int64_t when_null_ns)
{
	int64_t max_s = INT64_MAX / NS_IN_S - 1;

	if (!d)
		return when_null_ns;
	if (d->seconds > max_s)
		return INT64_MAX;
	if (d->seconds < -max_s)
		return INT64_MIN;
	return d->seconds * NS_IN_S + d->nanos;
}

Google__Protobuf__UInt32Value *pb_u32(struct arena *a, uint32_t v)
{
	Google__Protobuf__UInt32Value *m = PB_NEW(a, Google__Protobuf__UInt32Value, google__protobuf__uint32_value);

	m->value = v;
	return m;
}

Google__Protobuf__UInt64Value *pb_u64(struct arena *a, uint64_t v)
{
	Google__Protobuf__UInt64Value *m = PB_NEW(a, Google__Protobuf__UInt64Value, google__protobuf__uint64_value);

	m->value = v;
	return m;
}

Google__Protobuf__BoolValue *pb_bool(struct arena *a, bool v)
{
	Google__Protobuf__BoolValue *m = PB_NEW(a, Google__Protobuf__BoolValue, google__protobuf__bool_value);

	m->value = v;
	return m;
}

Google__Protobuf__DoubleValue *pb_double(struct arena *a, double v)
{
	Google__Protobuf__DoubleValue *m = PB_NEW(a, Google__Protobuf__DoubleValue, google__protobuf__double_value);

	m->value = v;
	return m;
}

Google__Protobuf__StringValue *pb_string(struct arena *a, const char *v)
{
	Google__Protobuf__StringValue *m = PB_NEW(a, Google__Protobuf__StringValue, google__protobuf__string_value);

	m->value = arena_strdup(a, v);
	return m;
}

Google__Protobuf__Struct *pb_struct(struct arena *a)
{
	return PB_NEW(a, Google__Protobuf__Struct, google__protobuf__struct);
}

/* The array grows by powers of two, the count alone says when: memory of an arena is never given back. */
void pb_struct_set(struct arena *a, Google__Protobuf__Struct *s, const char *key, Google__Protobuf__Value *v)
{
	Google__Protobuf__Struct__FieldsEntry *entry =
		PB_NEW(a, Google__Protobuf__Struct__FieldsEntry, google__protobuf__struct__fields_entry);

	if (s->n_fields == 0 || (s->n_fields >= 4 && (s->n_fields & (s->n_fields - 1)) == 0)) {
		Google__Protobuf__Struct__FieldsEntry **more =
			ARENA_NEW_N(a, Google__Protobuf__Struct__FieldsEntry *, s->n_fields ? 2 * s->n_fields : 4);

		if (s->n_fields)
			memcpy(more, s->fields, s->n_fields * sizeof(*more));
		s->fields = more;
	}
	entry->key = arena_strdup(a, key);
	entry->value = v;
	s->fields[s->n_fields++] = entry;
}

void pb_struct_set_string(struct arena *a, Google__Protobuf__Struct *s, const char *key, const char *v)
{
	pb_struct_set(a, s, key, pb_value_string(a, v));
}

static Google__Protobuf__Value *value_new(struct arena *a, Google__Protobuf__Value__KindCase kind)
{
	Google__Protobuf__Value *v = PB_NEW(a, Google__Protobuf__Value, google__protobuf__value);

	v->kind_case = kind;
	return v;
}

Google__Protobuf__Value *pb_value_string(struct arena *a, const char *text)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE);

	v->string_value = arena_strdup(a, text ? text : "");
	return v;
}

Google__Protobuf__Value *pb_value_number(struct arena *a, double number)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE);

	v->number_value = number;
	return v;
}

Google__Protobuf__Value *pb_value_bool(struct arena *a, bool on)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE);

	v->bool_value = on;
	return v;
}

Google__Protobuf__Value *pb_value_struct(struct arena *a, Google__Protobuf__Struct *s)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE);

	v->struct_value = s;
	return v;
}

Google__Protobuf__Value *pb_value_list(struct arena *a, Google__Protobuf__Value **values, size_t n)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE);

	v->list_value = PB_NEW(a, Google__Protobuf__ListValue, google__protobuf__list_value);
	v->list_value->values = ARENA_NEW_N(a, Google__Protobuf__Value *, n);
	if (n)
		memcpy(v->list_value->values, values, n * sizeof(*values));
	v->list_value->n_values = n;
	return v;
}

const Google__Protobuf__Value *pb_struct_get(const Google__Protobuf__Struct *s, const char *key)
{
	for (size_t i = 0; s && i < s->n_fields; i++)
		if (s->fields[i]->key && strcmp(s->fields[i]->key, key) == 0)
			return s->fields[i]->value;
	return NULL;
}

const char *pb_struct_get_string(const Google__Protobuf__Struct *s, const char *key)
{
	const Google__Protobuf__Value *v = pb_struct_get(s, key);

	return v && v->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE ? v->string_value : NULL;
}

const Google__Protobuf__Struct *pb_struct_get_struct(const Google__Protobuf__Struct *s, const char *key)
{
	const Google__Protobuf__Value *v = pb_struct_get(s, key);

	return v && v->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE ? v->struct_value : NULL;
}
