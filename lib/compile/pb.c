/* Builders of small xDS messages. */
#include "compile/pb.h"

void *pb_grow(struct arena *a, void *v, size_t n, size_t size)
{
	void *bigger;

	if (n & (n - 1))
		return v;
	bigger = arena_calloc(a, n ? n * 2 : 1, size);
	if (n)
		memcpy(bigger, v, n * size);
	return bigger;
}

Google__Protobuf__Any *pb_any(struct arena *a, const void *message)
{
	const ProtobufCMessage *m = message;
	Google__Protobuf__Any *any = pb_any_empty(a, m->descriptor->name);

	any->value.len = protobuf_c_message_get_packed_size(m);
	any->value.data = arena_alloc(a, any->value.len);
	protobuf_c_message_pack(m, any->value.data);
	return any;
}

Google__Protobuf__Any *pb_any_empty(struct arena *a, const char *full_name)
{
	Google__Protobuf__Any *any = arena_alloc(a, sizeof(*any));

	google__protobuf__any__init(any);
	any->type_url = arena_printf(a, "type.googleapis.com/%s", full_name);
	return any;
}

Google__Protobuf__UInt32Value *pb_u32(struct arena *a, uint32_t v)
{
	Google__Protobuf__UInt32Value *m = arena_alloc(a, sizeof(*m));

	google__protobuf__uint32_value__init(m);
	m->value = v;
	return m;
}

Google__Protobuf__UInt64Value *pb_u64(struct arena *a, uint64_t v)
{
	Google__Protobuf__UInt64Value *m = arena_alloc(a, sizeof(*m));

	google__protobuf__uint64_value__init(m);
	m->value = v;
	return m;
}

Google__Protobuf__BoolValue *pb_bool(struct arena *a, bool v)
{
	Google__Protobuf__BoolValue *m = arena_alloc(a, sizeof(*m));

	google__protobuf__bool_value__init(m);
	m->value = v;
	return m;
}

Google__Protobuf__DoubleValue *pb_double(struct arena *a, double v)
{
	Google__Protobuf__DoubleValue *m = arena_alloc(a, sizeof(*m));

	google__protobuf__double_value__init(m);
	m->value = v;
	return m;
}

Google__Protobuf__Duration *pb_duration_ns(struct arena *a, int64_t ns)
{
	Google__Protobuf__Duration *m = arena_alloc(a, sizeof(*m));

	google__protobuf__duration__init(m);
	m->seconds = ns / 1000000000;
	m->nanos = (int32_t)(ns % 1000000000);
	return m;
}

static Google__Protobuf__Value *value_new(struct arena *a, int kind)
{
	Google__Protobuf__Value *v = arena_alloc(a, sizeof(*v));

	google__protobuf__value__init(v);
	v->kind_case = kind;
	return v;
}

Google__Protobuf__Value *pb_value_str(struct arena *a, const char *s)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE);

	v->string_value = pb_str(s);
	return v;
}

Google__Protobuf__Value *pb_value_num(struct arena *a, double n)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE);

	v->number_value = n;
	return v;
}

Google__Protobuf__Value *pb_value_struct(struct arena *a, Google__Protobuf__Struct *s)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE);

	v->struct_value = s;
	return v;
}

Google__Protobuf__Value *pb_value_list(struct arena *a, Google__Protobuf__Value **items, size_t n)
{
	Google__Protobuf__Value *v = value_new(a, GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE);

	v->list_value = arena_alloc(a, sizeof(*v->list_value));
	google__protobuf__list_value__init(v->list_value);
	v->list_value->values = items;
	v->list_value->n_values = n;
	return v;
}

Google__Protobuf__Struct *pb_struct_new(struct arena *a)
{
	Google__Protobuf__Struct *s = arena_alloc(a, sizeof(*s));

	google__protobuf__struct__init(s);
	return s;
}

void pb_struct_set(struct arena *a, Google__Protobuf__Struct *s, const char *key, Google__Protobuf__Value *v)
{
	Google__Protobuf__Struct__FieldsEntry *e = arena_alloc(a, sizeof(*e));

	google__protobuf__struct__fields_entry__init(e);
	e->key = pb_str(key);
	e->value = v;
	PB_ADD(a, s, fields, e);
}

pb_metadata *pb_metadata_set(struct arena *a, pb_metadata *m, const char *key, Google__Protobuf__Struct *s)
{
	pb_metadata_entry *e = pb_metadata_entry_new(a);

	if (!m)
		m = pb_metadata_new(a);
	e->key = pb_str(key);
	e->value = s;
	PB_ADD(a, m, filter_metadata, e);
	return m;
}

pb_address *pb_address_make(struct arena *a, const char *host, uint16_t port)
{
	pb_address *m = pb_address_new(a);
	pb_socket_address *s = pb_socket_address_new(a);

	s->address = pb_str(host);
	s->port_specifier_case = ENVOY__CONFIG__CORE__V3__SOCKET_ADDRESS__PORT_SPECIFIER_PORT_VALUE;
	s->port_value = port;
	m->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS;
	m->socket_address = s;
	return m;
}

pb_config_source *pb_ads(struct arena *a)
{
	pb_config_source *c = pb_config_source_new(a);

	c->config_source_specifier_case = ENVOY__CONFIG__CORE__V3__CONFIG_SOURCE__CONFIG_SOURCE_SPECIFIER_ADS;
	c->ads = pb_ads_source_new(a);
	c->resource_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
	c->initial_fetch_timeout = pb_duration_ns(a, 0);
	return c;
}

pb_filter *pb_network_filter(struct arena *a, const char *name, Google__Protobuf__Any *config)
{
	pb_filter *f = pb_filter_new(a);

	f->name = pb_str(name);
	f->config_type_case = ENVOY__CONFIG__LISTENER__V3__FILTER__CONFIG_TYPE_TYPED_CONFIG;
	f->typed_config = config;
	return f;
}

pb_http_filter *pb_http_filter_make(struct arena *a, const char *name, Google__Protobuf__Any *config, bool optional)
{
	pb_http_filter *f = pb_http_filter_new(a);

	f->name = pb_str(name);
	f->config_type_case =
		ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_FILTER__CONFIG_TYPE_TYPED_CONFIG;
	f->typed_config = config;
	f->is_optional = optional;
	return f;
}

pb_fraction *pb_fraction_percent(struct arena *a, double percent)
{
	pb_fraction *f = pb_fraction_new(a);

	f->numerator = (uint32_t)(percent * 10000 + 0.5);
	f->denominator = ENVOY__TYPE__V3__FRACTIONAL_PERCENT__DENOMINATOR_TYPE__MILLION;
	return f;
}
