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

Google__Protobuf__Any *pb_any_empty(struct arena *a, const char *full_name)
{
	Google__Protobuf__Any *any = PB_NEW(a, Google__Protobuf__Any, google__protobuf__any);

	any->type_url = arena_printf(a, "type.googleapis.com/%s", full_name);
	return any;
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

pb_address *pb_address_pipe(struct arena *a, const char *path)
{
	pb_address *m = pb_address_new(a);

	m->address_case = ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_PIPE;
	m->pipe = pb_pipe_new(a);
	m->pipe->path = pb_str(path);
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
