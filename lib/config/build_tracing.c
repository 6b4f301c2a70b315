/*
 * Tracing of a connection manager: where spans go, whose requests are traced, and what a span says. All values of tags
 * are formats as access logs have them; those that are always the same are written here once for all spans.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "config/build_internal.h"
#include "config/build_state_internal.h"
#include "trace/span.h"

#include "envoy/config/trace/v3/http_tracer.pb-c.h"
#include "envoy/config/trace/v3/opentelemetry.pb-c.h"
#include "envoy/config/trace/v3/zipkin.pb-c.h"
#include "envoy/type/tracing/v3/custom_tag.pb-c.h"

#define TRACE(T) Envoy__Config__Trace__V3__##T
#define TAG(T) Envoy__Type__Tracing__V3__CustomTag##T

#define DEFAULT_URL_BYTES 256
#define DEFAULT_TIMEOUT_NS (5LL * NS_PER_S)

/* Tags that nobody asks for: who the proxy is, and error. */
#define OWN_TAGS 7

/* ---- tags ---- */

/* What a configuration's tags are made of. */
struct making {
	struct build_ctx *x;
	struct filter_tracing *t;
	struct trace_tag constant[TRACE_TAGS_MAX]; /* names and values */
	size_t n_constant;
};

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
	{"upstream_cluster", "%UPSTREAM_CLUSTER_RAW%", NULL},
	{"upstream_cluster.name", "%UPSTREAM_CLUSTER%", NULL},
	{"upstream_address", "%UPSTREAM_HOST%", NULL},
	{"grpc.status_code", "%GRPC_STATUS(NUMBER)%", NULL},
};

static void add_constant(struct making *m, const char *name, struct slice text)
{
	if (!text.len)
		return;
	assert(m->n_constant < TRACE_TAGS_MAX);
	m->constant[m->n_constant++] = (struct trace_tag){build_slice(m->x, name), text};
}

static struct slice prepared_name(struct making *m, const char *name)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;

	if (m->t->provider == TRACING_ZIPKIN)
		trace_zipkin_name(&key, slice_str(name));
	else
		trace_otlp_name(&key, slice_str(name));
	return slice_make(arena_slicedup(m->x->out, buf_slice(&key)), key.len);
}

static int add_tag(struct making *m, const char *name, const char *format, const char *absent, struct err *e)
{
	struct filter_tracing_tag tag = {.absent = build_slice(m->x, absent)};
	struct slice literal;
	int r = format_parse(m->x->out, build_slice(m->x, format), &tag.value, e);

	if (r < 0)
		return r;
	if (format_is_literal(&tag.value, &literal)) {
		add_constant(m, name, literal);
		return 0;
	}
	tag.key = prepared_name(m, name);
	m->t->tags[m->t->n_tags++] = tag;
	return 0;
}

static int standard_tags(struct making *m, uint32_t path_bytes, struct err *e)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;
	int r = 0;

	buf_printf(&url, "%%REQ(X-FORWARDED-PROTO)%%://%%REQ(:AUTHORITY)%%%%REQ(X-ENVOY-ORIGINAL-PATH?:PATH):%u%%",
		   path_bytes);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(standard); i++)
		r = add_tag(m, standard[i].name, standard[i].format, standard[i].absent, e);
	return r < 0 ? r : add_tag(m, "http.url", buf_str(&url), NULL, e);
}

/* Who the proxy is. */
static void node_tags(struct making *m, const struct config_node *n)
{
	add_constant(m, "node_id", build_slice(m->x, n->id));
	add_constant(m, "zone", build_slice(m->x, n->zone));
	add_constant(m, "istio.canonical_service", build_slice(m->x, n->canonical_name));
	add_constant(m, "istio.canonical_revision", build_slice(m->x, n->canonical_revision));
	add_constant(m, "istio.mesh_id", build_slice(m->x, n->mesh_id));
	add_constant(m, "istio.namespace", build_slice(m->x, n->namespace_));
}

static int header_tag(struct making *m, const char *name, const TAG(__Header) * h, struct err *e)
{
	CLEANUP(buf_done) struct buf format = BUF_INIT;

	if (!slice_is_token(slice_str(h->name)))
		return err_set(e, -EINVAL, "request_header: '%s' is no name of a header", h->name);
	buf_printf(&format, "%%REQ(%s)%%", h->name);
	return add_tag(m, name, buf_str(&format), h->default_value, e);
}

static void environment_tag(struct making *m, const char *name, const TAG(__Environment) * v)
{
	const char *set = getenv(v->name);

	add_constant(m, name, build_slice(m->x, set ? set : v->default_value));
}

static int custom_tag(struct making *m, const TAG() * tag, struct err *e)
{
	if (!tag->tag[0])
		return err_set(e, -EINVAL, "tag is missing");
	switch (tag->type_case) {
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_LITERAL:
		add_constant(m, tag->tag, build_slice(m->x, tag->literal->value));
		return 0;
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_ENVIRONMENT:
		environment_tag(m, tag->tag, tag->environment);
		return 0;
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_REQUEST_HEADER:
		return header_tag(m, tag->tag, tag->request_header, e);
	case ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_VALUE:
		return add_tag(m, tag->tag, tag->value, NULL, e);
	default:
		return UNSUPPORTED(e, "anything but literal, environment, request_header and value");
	}
}

static void write_constant(struct making *m, const struct config_node *node)
{
	const struct trace_source from = {.service = m->t->service, .address = slice_str(node ? node->ip : NULL)};
	CLEANUP(buf_done) struct buf all = BUF_INIT;

	if (m->t->provider == TRACING_ZIPKIN)
		trace_zipkin_constant(&all, &from, m->constant, m->n_constant);
	else
		trace_otlp_constant(&all, m->constant, m->n_constant);
	m->t->constant = slice_make(arena_slicedup(m->x->out, buf_slice(&all)), all.len);
}

static int tags(struct build_ctx *x, const HCM(HttpConnectionManager__Tracing) * c, struct filter_tracing *t,
		struct err *e)
{
	const size_t room = TRACE_TAGS_MAX - OWN_TAGS - ARRAY_LEN(standard) - 1;
	const struct config_node *node = x->build ? x->build->node : NULL;
	struct making m = {.x = x, .t = t};
	int r;

	if (c->n_custom_tags > room)
		return err_set(e, -EINVAL, "custom_tags: more than %zu", room);
	t->tags = ARENA_NEW_N(x->out, struct filter_tracing_tag, TRACE_TAGS_MAX - OWN_TAGS);
	if (!t->service.len && node)
		t->service = build_slice(x, node->cluster);
	if (node)
		node_tags(&m, node);
	r = standard_tags(&m, build_u32(c->max_path_tag_length, DEFAULT_URL_BYTES), e);
	for (size_t i = 0; r == 0 && i < c->n_custom_tags; i++) {
		r = custom_tag(&m, c->custom_tags[i], e);
		if (r < 0)
			err_wrap(e, r, "custom_tags[%zu]", i);
	}
	if (r == 0)
		write_constant(&m, node);
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
