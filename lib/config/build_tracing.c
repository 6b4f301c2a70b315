/*
 * Tracing of a connection manager: where spans go, whose requests are traced, and what a span says. All values of tags
 * are formats as access logs have them.
 */
#include "base/clock.h"
#include "config/build_internal.h"
#include "trace/span.h"

#include "envoy/config/trace/v3/http_tracer.pb-c.h"
#include "envoy/config/trace/v3/opentelemetry.pb-c.h"
#include "envoy/config/trace/v3/zipkin.pb-c.h"
#include "envoy/type/tracing/v3/custom_tag.pb-c.h"

#define TRACE(T) Envoy__Config__Trace__V3__##T
#define TAG(T) Envoy__Type__Tracing__V3__CustomTag##T

#define DEFAULT_URL_BYTES 256
#define DEFAULT_TIMEOUT_NS (5LL * NS_PER_S)

/* Tags that the filter adds by itself: who the proxy is, and error. */
#define OWN_TAGS 7

/* ---- tags ---- */

/* What every span says; %u is the longest path. */
static const struct {
	const char *name, *format, *absent;
} standard[] = {
	{"component", "proxy", NULL},
	{"guid:x-request-id", "%REQ(X-REQUEST-ID)%", NULL},
	{"guid:x-client-trace-id", "%REQ(X-CLIENT-TRACE-ID)%", NULL},
	{"http.method", "%REQ(:METHOD)%", NULL},
	{"http.protocol", "%PROTOCOL%", NULL},
	{"http.status_code", "%RESPONSE_CODE%", NULL},
	{"downstream_cluster", "%REQ(X-ENVOY-DOWNSTREAM-SERVICE-CLUSTER)%", "-"},
	{"user_agent", "%REQ(USER-AGENT)%", "-"},
	{"peer.address", "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%", NULL},
	{"request_size", "%BYTES_RECEIVED%", NULL},
	{"response_size", "%BYTES_SENT%", NULL},
	{"response_flags", "%RESPONSE_FLAGS%", "-"},
	{"upstream_cluster", "%UPSTREAM_CLUSTER%", NULL},
	{"upstream_cluster.name", "%UPSTREAM_CLUSTER%", NULL},
	{"upstream_address", "%UPSTREAM_HOST%", NULL},
	{"grpc.status_code", "%GRPC_STATUS(NUMBER)%", NULL},
};

static int add_tag(struct build_ctx *x, struct filter_tracing *t, const char *name, const char *format,
		   const char *absent, struct err *e)
{
	struct filter_tracing_tag *tag = &t->tags[t->n_tags++];

	tag->name = build_slice(x, name);
	tag->absent = absent;
	return format_parse(x->out, build_slice(x, format), &tag->value, e);
}

static int standard_tags(struct build_ctx *x, struct filter_tracing *t, uint32_t path_bytes, struct err *e)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;
	int r = 0;

	buf_printf(&url, "%%REQ(X-FORWARDED-PROTO)%%://%%REQ(:AUTHORITY)%%%%REQ(X-ENVOY-ORIGINAL-PATH?:PATH):%u%%",
		   path_bytes);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(standard); i++)
		r = add_tag(x, t, standard[i].name, standard[i].format, standard[i].absent, e);
	return r < 0 ? r : add_tag(x, t, "http.url", buf_str(&url), NULL, e);
}

/* A text that means itself. */
static void literal(struct build_ctx *x, const char *text, struct format *ret)
{
	ret->n = 1;
	ret->parts = ARENA_NEW(x->out, struct format_part);
	ret->parts->command = FORMAT_LITERAL;
	ret->parts->arg = build_slice(x, text);
}

static int header_tag(struct build_ctx *x, const TAG(__Header) * h, struct filter_tracing_tag *tag, struct err *e)
{
	CLEANUP(buf_done) struct buf format = BUF_INIT;

	if (!slice_is_token(slice_str(h->name)))
		return err_set(e, -EINVAL, "request_header: '%s' is no name of a header", h->name);
	buf_printf(&format, "%%REQ(%s)%%", h->name);
	tag->absent = h->default_value[0] ? build_str(x, h->default_value) : NULL;
	return format_parse(x->out, build_slice(x, buf_str(&format)), &tag->value, e);
}

static int custom_tag(struct build_ctx *x, const TAG() * m, struct filter_tracing_tag *tag, struct err *e)
{
	if (!m->tag[0])
		return err_set(e, -EINVAL, "tag is missing");
	tag->name = build_slice(x, m->tag);
	switch (m->type_case) {
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_LITERAL:
		literal(x, m->literal->value, &tag->value);
		return 0;
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_ENVIRONMENT:
		tag->environment = build_str(x, m->environment->name);
		literal(x, m->environment->default_value, &tag->value);
		return 0;
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_REQUEST_HEADER:
		return header_tag(x, m->request_header, tag, e);
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_VALUE:
		return format_parse(x->out, build_slice(x, m->value), &tag->value, e);
	default:
		return UNSUPPORTED(e, "anything but literal, environment, request_header and value");
	}
}

static int tags(struct build_ctx *x, const HCM(HttpConnectionManager__Tracing) * m, struct filter_tracing *t,
		struct err *e)
{
	const size_t room = TRACE_TAGS_MAX - OWN_TAGS - ARRAY_LEN(standard) - 1;
	int r;

	if (m->n_custom_tags > room)
		return err_set(e, -EINVAL, "custom_tags: more than %zu", room);
	t->tags = ARENA_NEW_N(x->out, struct filter_tracing_tag, TRACE_TAGS_MAX - OWN_TAGS);
	r = standard_tags(x, t, build_u32(m->max_path_tag_length, DEFAULT_URL_BYTES), e);
	for (size_t i = 0; r == 0 && i < m->n_custom_tags; i++) {
		r = custom_tag(x, m->custom_tags[i], &t->tags[t->n_tags++], e);
		if (r < 0)
			err_wrap(e, r, "custom_tags[%zu]", i);
	}
	return r;
}

/* ---- providers ---- */

static void set_cluster(struct build_ctx *x, struct filter_tracing *t, const char *name)
{
	struct config_ref ref = config_names_get(x->names, CONFIG_NAME_CLUSTER, slice_str(name), x->out);

	t->cluster = (struct route_cluster){ref.name, ref.slot};
}

static int zipkin(struct build_ctx *x, const Google__Protobuf__Any *any, struct filter_tracing *t, struct err *e)
{
	const TRACE(ZipkinConfig) *m = build_any(x, any, &envoy__config__trace__v3__zipkin_config__descriptor, e);

	if (!m)
		return -EINVAL;
	if (!m->collector_cluster[0] || m->collector_endpoint[0] != '/')
		return err_set(e, -EINVAL, "collector_cluster and collector_endpoint, a path, are needed");
	if (m->collector_endpoint_version !=
	    ENVOY__CONFIG__TRACE__V3__ZIPKIN_CONFIG__COLLECTOR_ENDPOINT_VERSION__HTTP_JSON)
		return UNSUPPORTED(e, "collector_endpoint_version: anything but HTTP_JSON");
	t->provider = TRACING_ZIPKIN;
	set_cluster(x, t, m->collector_cluster);
	t->path = build_slice(x, m->collector_endpoint);
	t->authority = build_slice(x, m->collector_hostname[0] ? m->collector_hostname : m->collector_cluster);
	t->short_ids = !m->trace_id_128bit;
	t->shared_spans = build_bool(m->shared_span_context, true);
	t->w3c_too = m->trace_context_option ==
		     ENVOY__CONFIG__TRACE__V3__ZIPKIN_CONFIG__TRACE_CONTEXT_OPTION__USE_B3_WITH_W3C_PROPAGATION;
	return 0;
}

static int otlp_grpc(struct build_ctx *x, const CORE(GrpcService) * g, struct filter_tracing *t, struct err *e)
{
	if (!g->envoy_grpc || !g->envoy_grpc->cluster_name[0])
		return err_set(e, -EINVAL, "grpc_service: envoy_grpc with a cluster_name is needed");
	if (g->n_initial_metadata)
		return UNSUPPORTED(e, "grpc_service.initial_metadata");
	t->provider = TRACING_OTLP_GRPC;
	t->timeout_ns = pb_duration_to_ns(g->timeout, t->timeout_ns);
	set_cluster(x, t, g->envoy_grpc->cluster_name);
	t->authority =
		build_slice(x, g->envoy_grpc->authority[0] ? g->envoy_grpc->authority : g->envoy_grpc->cluster_name);
	return 0;
}

/* "http://host:port/path": host and path. */
static int split_uri(struct build_ctx *x, const char *uri, struct filter_tracing *t, struct err *e)
{
	const char *host = strstr(uri, "://"), *path;

	host = host ? host + 3 : uri;
	path = strchr(host, '/');
	if (path == host || !host[0])
		return err_set(e, -EINVAL, "http_service.http_uri.uri: '%s' has no host", uri);
	t->authority = slice_head(build_slice(x, host), path ? (size_t)(path - host) : strlen(host));
	t->path = build_slice(x, path ? path : "/");
	return 0;
}

static int otlp_http(struct build_ctx *x, const CORE(HttpService) * h, struct filter_tracing *t, struct err *e)
{
	if (!h->http_uri || !h->http_uri->cluster || !h->http_uri->cluster[0])
		return err_set(e, -EINVAL, "http_service: http_uri with a cluster is needed");
	if (h->n_request_headers_to_add)
		return UNSUPPORTED(e, "http_service.request_headers_to_add");
	t->provider = TRACING_OTLP_HTTP;
	t->timeout_ns = pb_duration_to_ns(h->http_uri->timeout, t->timeout_ns);
	set_cluster(x, t, h->http_uri->cluster);
	return split_uri(x, h->http_uri->uri, t, e);
}

static int opentelemetry(struct build_ctx *x, const Google__Protobuf__Any *any, struct filter_tracing *t, struct err *e)
{
	const TRACE(OpenTelemetryConfig) *m =
		build_any(x, any, &envoy__config__trace__v3__open_telemetry_config__descriptor, e);

	if (!m)
		return -EINVAL;
	t->service = build_slice(x, m->service_name);
	if (m->grpc_service)
		return otlp_grpc(x, m->grpc_service, t, e);
	if (m->http_service)
		return otlp_http(x, m->http_service, t, e);
	return err_set(e, -EINVAL, "grpc_service or http_service is needed");
}

static const struct {
	const char *type;
	int (*decode)(struct build_ctx *x, const Google__Protobuf__Any *any, struct filter_tracing *t, struct err *e);
} providers[] = {
	{"envoy.config.trace.v3.ZipkinConfig", zipkin},
	{"envoy.config.trace.v3.OpenTelemetryConfig", opentelemetry},
};

static int provider(struct build_ctx *x, const TRACE(Tracing__Http) * m, struct filter_tracing *t, struct err *e)
{
	const char *type;

	if (m->config_type_case != ENVOY__CONFIG__TRACE__V3__TRACING__HTTP__CONFIG_TYPE_TYPED_CONFIG)
		return err_set(e, -EINVAL, "provider '%s': only typed_config is supported", m->name);
	type = build_inner_type(x, m->typed_config);
	for (size_t i = 0; i < ARRAY_LEN(providers); i++)
		if (strcmp(providers[i].type, type) == 0) {
			int r = providers[i].decode(x, m->typed_config, t, e);
			return r < 0 ? err_wrap(e, r, "provider '%s'", m->name) : 0;
		}
	return err_set(e, -EINVAL, "provider '%s': type '%s' is not supported", m->name, type);
}

/* In hundredths of a percent. */
static uint32_t share(const TYPE(Percent) * p)
{
	double percent = p ? p->value : 100;

	if (!(percent > 0))
		return 0;
	return percent >= 100 ? TRACE_SHARE_ALL : (uint32_t)(percent * (TRACE_SHARE_ALL / 100) + 0.5);
}

int build_tracing(struct build_ctx *x, const HCM(HttpConnectionManager__Tracing) * m, const struct filter_tracing **ret,
		  struct err *e)
{
	struct filter_tracing *t;
	int r;

	if (!m || !m->provider)
		return 0;
	t = ARENA_NEW(x->out, struct filter_tracing);
	t->timeout_ns = DEFAULT_TIMEOUT_NS;
	t->shares =
		(struct trace_shares){share(m->client_sampling), share(m->random_sampling), share(m->overall_sampling)};
	r = provider(x, m->provider, t, e);
	if (r == 0)
		r = tags(x, m, t, e);
	if (r == 0)
		*ret = t;
	return r;
}
