/* Access logs that go to a service over gRPC: OTLP's logs, and Envoy's AccessLogService for HTTP and for TCP. */
#include "base/clock.h"
#include "config/build_internal.h"

#include "envoy/extensions/access_loggers/grpc/v3/als.pb-c.h"
#include "envoy/extensions/access_loggers/open_telemetry/v3/logs_service.pb-c.h"

#define GRPCLOG(T) Envoy__Extensions__AccessLoggers__Grpc__V3__##T
#define OTLPLOG(T) Envoy__Extensions__AccessLoggers__OpenTelemetry__V3__##T

/* Envoy's own for both. */
#define WAIT_NS NS_PER_S
#define SEND_BYTES 16384
/* Less would be a request for each line. */
#define WAIT_MIN_NS NS_PER_MS
#define SEND_BYTES_MAX (256 * 1024)
#define TIMEOUT_NS (5LL * NS_PER_S)

static int common(struct build_ctx *x, const GRPCLOG(CommonGrpcAccessLogConfig) * m, struct config_log_service *s,
		  struct err *e)
{
	const CORE(GrpcService) *g = m ? m->grpc_service : NULL;

	if (!g || !g->envoy_grpc || !g->envoy_grpc->cluster_name[0])
		return err_set(e, -EINVAL, "common_config: grpc_service: envoy_grpc with a cluster_name is needed");
	if (g->n_initial_metadata)
		return UNSUPPORTED(e, "common_config: grpc_service: initial_metadata");
	if (!m->log_name[0])
		return err_set(e, -EINVAL, "common_config: log_name is missing");
	s->cluster = build_cluster_ref(x, g->envoy_grpc->cluster_name);
	s->authority =
		build_slice(x, g->envoy_grpc->authority[0] ? g->envoy_grpc->authority : g->envoy_grpc->cluster_name);
	s->name = build_slice(x, m->log_name);
	s->timeout_ns = pb_duration_to_ns(g->timeout, TIMEOUT_NS);
	s->wait_ns = MAX(pb_duration_to_ns(m->buffer_flush_interval, WAIT_NS), WAIT_MIN_NS);
	s->send_bytes = MIN(build_u32(m->buffer_size_bytes, SEND_BYTES), (uint32_t)SEND_BYTES_MAX);
	return 0;
}

/* ---- OTLP ---- */

static int label(struct build_ctx *x, const Opentelemetry__KeyValue *m, struct config_log_label *ret, struct err *e)
{
	if (!m->value || m->value->value_case != OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE)
		return err_set(e, -EINVAL, "attributes: '%s': anything but a text is not supported", m->key);
	ret->name = build_slice(x, m->key);
	if (format_parse(x->out, slice_str(m->value->string_value), &ret->value, e) < 0)
		return err_wrap(e, -EINVAL, "attributes: '%s'", m->key);
	return 0;
}

static int labels(struct build_ctx *x, const Opentelemetry__KeyValueList *m, struct config_log_service *s,
		  struct err *e)
{
	int r = 0;

	s->labels = ARENA_NEW_N(x->out, struct config_log_label, m ? m->n_values : 0);
	for (size_t i = 0; r == 0 && m && i < m->n_values; i++)
		r = label(x, m->values[i], &s->labels[s->n_labels++], e);
	return r;
}

static int resource(struct build_ctx *x, const Opentelemetry__KeyValueList *m, struct config_log_service *s,
		    struct err *e)
{
	s->resource = ARENA_NEW_N(x->out, struct config_log_pair, m ? m->n_values : 0);
	for (size_t i = 0; m && i < m->n_values; i++) {
		const Opentelemetry__KeyValue *v = m->values[i];

		if (!v->value || v->value->value_case != OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE)
			return err_set(e, -EINVAL, "resource_attributes: '%s': anything but a text is not supported",
				       v->key);
		s->resource[s->n_resource++] =
			(struct config_log_pair){build_slice(x, v->key), build_slice(x, v->value->string_value)};
	}
	return 0;
}

static int otlp(struct build_ctx *x, const void *logger, struct config_access_log *log, struct config_log_service *s,
		struct err *e)
{
	const OTLPLOG(OpenTelemetryAccessLogConfig) *m = logger;
	int r = common(x, m->common_config, s, e);

	s->kind = CONFIG_LOG_OTLP;
	s->own_labels = !m->disable_builtin_labels;
	if (r == 0)
		r = labels(x, m->attributes, s, e);
	if (r == 0)
		r = resource(x, m->resource_attributes, s, e);
	if (r < 0 || !m->body)
		return r;
	if (m->body->value_case != OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE)
		return err_set(e, -EINVAL, "body: anything but a text is not supported");
	r = format_parse(x->out, slice_str(m->body->string_value), &log->format, e);
	return r < 0 ? err_wrap(e, r, "body") : 0;
}

/* ---- AccessLogService ---- */

static int names(struct build_ctx *x, char **v, size_t n, const char *field, struct slice **ret, size_t *ret_n,
		 struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct slice, n);
	for (size_t i = 0; i < n; i++) {
		if (!slice_is_token(slice_str(v[i])))
			return err_set(e, -EINVAL, "%s: '%s' is no name of a header", field, v[i]);
		(*ret)[i] = build_lower(x, v[i]);
	}
	*ret_n = n;
	return 0;
}

static int http(struct build_ctx *x, const void *logger, struct config_access_log *log, struct config_log_service *s,
		struct err *e)
{
	const GRPCLOG(HttpGrpcAccessLogConfig) *m = logger;
	int r = common(x, m->common_config, s, e);

	(void)log;
	s->kind = CONFIG_LOG_HTTP;
	if (r == 0)
		r = names(x, m->additional_request_headers_to_log, m->n_additional_request_headers_to_log,
			  "additional_request_headers_to_log", &s->request_headers, &s->n_request_headers, e);
	if (r == 0)
		r = names(x, m->additional_response_headers_to_log, m->n_additional_response_headers_to_log,
			  "additional_response_headers_to_log", &s->response_headers, &s->n_response_headers, e);
	if (r == 0)
		r = names(x, m->additional_response_trailers_to_log, m->n_additional_response_trailers_to_log,
			  "additional_response_trailers_to_log", &s->response_trailers, &s->n_response_trailers, e);
	return r;
}

static int tcp(struct build_ctx *x, const void *logger, struct config_access_log *log, struct config_log_service *s,
	       struct err *e)
{
	(void)log;
	s->kind = CONFIG_LOG_TCP;
	return common(x, ((const GRPCLOG(TcpGrpcAccessLogConfig) *)logger)->common_config, s, e);
}

int build_log_service(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_access_log *ret,
		      struct err *e)
{
	static const struct {
		const ProtobufCMessageDescriptor *type;
		int (*read)(struct build_ctx *x, const void *logger, struct config_access_log *log,
			    struct config_log_service *s, struct err *e);
	} kinds[] = {
		{&envoy__extensions__access_loggers__open_telemetry__v3__open_telemetry_access_log_config__descriptor,
		 otlp},
		{&envoy__extensions__access_loggers__grpc__v3__http_grpc_access_log_config__descriptor, http},
		{&envoy__extensions__access_loggers__grpc__v3__tcp_grpc_access_log_config__descriptor, tcp},
	};
	const char *type = build_inner_type(x, any);
	struct config_log_service *s;
	const void *logger;
	size_t i = 0;
	int r;

	while (i < ARRAY_LEN(kinds) && strcmp(kinds[i].type->name, type) != 0)
		i++;
	if (i == ARRAY_LEN(kinds))
		return 0;
	logger = build_any(x, any, kinds[i].type, e);
	if (!logger)
		return -EINVAL;
	s = ARENA_NEW(x->out, struct config_log_service);
	ret->service = s;
	ret->path = "";
	r = kinds[i].read(x, logger, ret, s, e);
	return r < 0 ? err_wrap(e, r, "%s", strrchr(type, '.') + 1) : 1;
}
