/* Access logs that go to a service over gRPC: OTLP's logs (envoyOtelAls), Envoy's of HTTP and of TCP. */
#include "compile/telemetry.h"

/* Istio's names of logs, where the provider has none. */
#define HTTP_LOG_NAME "http_envoy_accesslog"
#define TCP_LOG_NAME "tcp_envoy_accesslog"
#define OTLP_LOG_NAME "otel_envoy_accesslog"

bool gen_log_collector(struct gen *g, const char *provider, struct gen_collector *ret)
{
	const struct istio_mesh_config_extension_provider *p = provider ? gen_provider(g, provider) : NULL;

	if (!p)
		return false;
	ret->http2 = true;
	if (p->envoy_otel_als)
		return gen_collector_at(g, p->envoy_otel_als->service, p->envoy_otel_als->port, ret);
	if (p->envoy_http_als)
		return gen_collector_at(g, p->envoy_http_als->service, p->envoy_http_als->port, ret);
	return p->envoy_tcp_als && gen_collector_at(g, p->envoy_tcp_als->service, p->envoy_tcp_als->port, ret);
}

static pb_common_log *common(struct gen *g, const char *provider, const char *own_name, const char *name)
{
	pb_common_log *c = pb_common_log_new(g->arena);
	struct gen_collector at = {0};

	(void)gen_log_collector(g, provider, &at);
	c->log_name = pb_str(own_name && *own_name ? own_name : name);
	c->grpc_service = gen_collector_service(g, &at);
	c->transport_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
	return c;
}

/* ---- OTLP ---- */

static pb_log_text *text(struct gen *g, const char *value)
{
	pb_log_text *t = pb_log_text_new(g->arena);

	t->value_case = OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE;
	t->string_value = pb_str(value);
	return t;
}

/* Attributes are texts: of others, and of those that proxies would refuse, there are none. */
static pb_log_pairs *labels(struct gen *g, const cJSON *in)
{
	pb_log_pairs *ret = pb_log_pairs_new(g->arena);
	const cJSON *m;

	cJSON_ArrayForEach(m, in)
	{
		pb_log_pair *pair;

		if (!m->string || !cJSON_IsString(m) || !gen_log_format_ok(m->valuestring))
			continue;
		pair = pb_log_pair_new(g->arena);
		pair->key = pb_str(m->string);
		pair->value = text(g, m->valuestring);
		PB_ADD(g->arena, ret, values, pair);
	}
	return ret;
}

static Google__Protobuf__Any *otlp(
	struct gen *g, const char *provider,
	const struct istio_mesh_config_extension_provider_envoy_open_telemetry_log_provider *p)
{
	pb_otlp_log *l = pb_otlp_log_new(g->arena);

	l->common_config = common(g, provider, p->log_name, OTLP_LOG_NAME);
	l->body = text(g, gen_log_text(g, p->log_format ? p->log_format->text : NULL));
	if (p->log_format && p->log_format->labels)
		l->attributes = labels(g, p->log_format->labels);
	return PB_ANY(g->arena, l);
}

/* ---- Envoy's ---- */

#define ADD_NAMES(g, m, field, list)                                                                                   \
	do {                                                                                                           \
		for (size_t i_ = 0; i_ < (list).n; i_++)                                                               \
			if (slice_is_token(slice_str((list).v[i_])))                                                   \
				PB_ADD((g)->arena, m, field, pb_str((list).v[i_]));                                    \
	} while (0)

static Google__Protobuf__Any *http(struct gen *g, const char *provider,
				   const struct istio_mesh_config_extension_provider_envoy_http_grpc_v3_log_provider *p)
{
	pb_http_log *l = pb_http_log_new(g->arena);

	l->common_config = common(g, provider, p->log_name, HTTP_LOG_NAME);
	ADD_NAMES(g, l->common_config, filter_state_objects_to_log, p->filter_state_objects_to_log);
	ADD_NAMES(g, l, additional_request_headers_to_log, p->additional_request_headers_to_log);
	ADD_NAMES(g, l, additional_response_headers_to_log, p->additional_response_headers_to_log);
	ADD_NAMES(g, l, additional_response_trailers_to_log, p->additional_response_trailers_to_log);
	return PB_ANY(g->arena, l);
}

static Google__Protobuf__Any *tcp(struct gen *g, const char *provider,
				  const struct istio_mesh_config_extension_provider_envoy_tcp_grpc_v3_log_provider *p)
{
	pb_tcp_log *l = pb_tcp_log_new(g->arena);

	l->common_config = common(g, provider, p->log_name, TCP_LOG_NAME);
	ADD_NAMES(g, l->common_config, filter_state_objects_to_log, p->filter_state_objects_to_log);
	return PB_ANY(g->arena, l);
}

pb_access_log *gen_log_service(struct gen *g, const struct istio_mesh_config_extension_provider *p)
{
	pb_access_log *l = pb_access_log_new(g->arena);

	l->config_type_case = ENVOY__CONFIG__ACCESSLOG__V3__ACCESS_LOG__CONFIG_TYPE_TYPED_CONFIG;
	if (p->envoy_otel_als) {
		l->name = pb_str("envoy.access_loggers.open_telemetry");
		l->typed_config = otlp(g, p->name, p->envoy_otel_als);
	} else if (p->envoy_http_als) {
		l->name = pb_str("envoy.access_loggers.http_grpc");
		l->typed_config = http(g, p->name, p->envoy_http_als);
	} else {
		l->name = pb_str("envoy.access_loggers.tcp_grpc");
		l->typed_config = tcp(g, p->name, p->envoy_tcp_als);
	}
	return l;
}
