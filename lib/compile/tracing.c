/*
 * Tracing: which collector spans go to, how proxies reach it, whose requests are traced, and what their spans say
 * beyond what every span says. A provider that a Telemetry object names counts, else the first of
 * defaultProviders.tracing that can be carried out, else the address of the proxies' own settings
 * (defaultConfig.tracing.zipkin, or zipkinAddress as it was called before).
 */
#include "compile/telemetry.h"

#include "route/format.h"

#define ZIPKIN_PATH "/api/v2/spans"
/* Of requests without a decision, where the mesh does not say: Istio's default. */
#define DEFAULT_SAMPLING_PERCENT 1.0

#define TAG_TYPE(x) ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_##x

struct collector {
	struct gen_collector at; /* http2: it takes OTLP over gRPC, else Zipkin's spans */
	bool short_ids;
	uint32_t max_tag_bytes; /* 0 = the proxy's default */
};

/* ---- which ---- */

static bool of_provider(struct gen *g, const struct istio_mesh_config_extension_provider *p, struct collector *ret)
{
	if (p->zipkin) {
		ret->short_ids = p->zipkin->enable_64bit_trace_id;
		ret->max_tag_bytes = p->zipkin->max_tag_length;
		return gen_collector_at(g, p->zipkin->service, p->zipkin->port, &ret->at);
	}
	if (!p->opentelemetry)
		return false;
	ret->at.http2 = true;
	ret->max_tag_bytes = p->opentelemetry->max_tag_length;
	return gen_collector_at(g, p->opentelemetry->service, p->opentelemetry->port, &ret->at);
}

static bool named(struct gen *g, const char *name, struct collector *ret)
{
	const struct istio_mesh_config_extension_provider *p = gen_provider(g, name);

	*ret = (struct collector){0};
	return p && of_provider(g, p, ret);
}

static const struct istio_mesh_tracing *proxy_tracing(const struct gen *g)
{
	const struct istio_mesh_proxy_config *d = gen_mesh(g)->spec.default_config;

	return d ? d->tracing : NULL;
}

/* "host:port" of the proxies' settings. */
static bool of_address(struct gen *g, struct collector *ret)
{
	const struct istio_mesh_proxy_config *d = gen_mesh(g)->spec.default_config;
	const struct istio_mesh_tracing *t = proxy_tracing(g);
	const struct slice address = slice_str(t && t->zipkin ? t->zipkin->address : d ? d->zipkin_address : NULL);
	const ptrdiff_t colon = slice_rfind(address, ':');
	uint64_t port;

	if (colon <= 0 || slice_to_u64(slice_from(address, (size_t)colon + 1), UINT16_MAX, &port) < 0)
		return false;
	return gen_collector_at(g, arena_slicedup(g->arena, slice_head(address, (size_t)colon)), port, &ret->at);
}

/* Of the mesh's own settings. */
static bool find_default(struct gen *g, struct collector *ret)
{
	const struct istio_mesh_config_default_providers *d = gen_mesh(g)->spec.default_providers;

	for (size_t i = 0; d && i < d->tracing.n; i++)
		if (d->tracing.v[i] && named(g, d->tracing.v[i], ret))
			return true;
	*ret = (struct collector){0};
	return of_address(g, ret);
}

static bool find(struct gen *g, const struct gen_tracing_side *side, struct collector *ret)
{
	if (!side->provider)
		return find_default(g, ret);
	if (named(g, side->provider, ret))
		return true;
	gen_note(g, side->object, side->path,
		 gen_provider(g, side->provider) ? "extension provider %s is no collector of spans that is carried out"
						 : "the mesh has no extension provider %s",
		 side->provider);
	return false;
}

bool gen_tracing_collector(struct gen *g, const char *provider, struct gen_collector *ret)
{
	struct collector c;

	if (!(provider ? named(g, provider, &c) : find_default(g, &c)))
		return false;
	*ret = c.at;
	return true;
}

/* ---- what a connection manager is told ---- */

static Google__Protobuf__Any *zipkin(struct gen *g, const struct collector *c)
{
	pb_zipkin *z = pb_zipkin_new(g->arena);

	z->collector_cluster = pb_str(gen_collector_cluster(g, &c->at));
	z->collector_hostname = pb_str(c->at.host);
	z->collector_endpoint = pb_str(ZIPKIN_PATH);
	z->collector_endpoint_version = ENVOY__CONFIG__TRACE__V3__ZIPKIN_CONFIG__COLLECTOR_ENDPOINT_VERSION__HTTP_JSON;
	z->trace_id_128bit = !c->short_ids;
	z->shared_span_context = pb_bool(g->arena, false);
	return PB_ANY(g->arena, z);
}

static Google__Protobuf__Any *opentelemetry(struct gen *g, const struct collector *c)
{
	pb_opentelemetry *o = pb_opentelemetry_new(g->arena);

	o->grpc_service = gen_collector_service(g, &c->at);
	return PB_ANY(g->arena, o);
}

static pb_percent *percent(struct gen *g, double value)
{
	pb_percent *p = pb_percent_new(g->arena);

	p->value = value < 0 ? 0 : value > 100 ? 100 : value;
	return p;
}

/* A custom tag; one that says nothing is left out. Members as in MeshConfig and in Telemetry. */
struct tag {
	const char *literal, *environment, *header, *fallback;
};

#define TAG_OF(t)                                                                                                      \
	((struct tag){                                                                                                 \
		.literal = (t)->literal ? (t)->literal->value : NULL,                                                  \
		.environment = (t)->environment ? (t)->environment->name : NULL,                                       \
		.header = (t)->header ? (t)->header->name : NULL,                                                      \
		.fallback = (t)->environment ? (t)->environment->default_value                                         \
			    : (t)->header    ? (t)->header->default_value                                              \
					     : NULL,                                                                      \
	})

static void add_tag(struct gen *g, pb_hcm_tracing *t, const char *name, struct tag in)
{
	struct arena *a = g->arena;
	pb_custom_tag *out = pb_custom_tag_new(a);

	out->tag = pb_str(name);
	if (in.literal) {
		out->type_case = TAG_TYPE(LITERAL);
		out->literal = pb_tag_literal_new(a);
		out->literal->value = pb_str(in.literal);
	} else if (in.environment && *in.environment) {
		out->type_case = TAG_TYPE(ENVIRONMENT);
		out->environment = pb_tag_environment_new(a);
		out->environment->name = pb_str(in.environment);
		out->environment->default_value = pb_str(in.fallback);
	} else if (in.header && slice_is_token(slice_str(in.header))) {
		out->type_case = TAG_TYPE(REQUEST_HEADER);
		out->request_header = pb_tag_header_new(a);
		out->request_header->name = pb_str(in.header);
		out->request_header->default_value = pb_str(in.fallback);
	} else {
		return;
	}
	PB_ADD(a, t, custom_tags, out);
}

/* Those of the Telemetry object, where one has any, replace the mesh's. */
static void add_tags(struct gen *g, pb_hcm_tracing *t, const struct gen_tracing_side *side)
{
	const struct istio_mesh_tracing *mesh = proxy_tracing(g);

	for (size_t i = 0; side->tags && i < side->tags->custom_tags.n && i < GEN_TRACE_TAGS_MAX; i++)
		add_tag(g, t, side->tags->custom_tags.v[i].key, TAG_OF(&side->tags->custom_tags.v[i].value));
	for (size_t i = 0; !side->tags && mesh && i < mesh->custom_tags.n && i < GEN_TRACE_TAGS_MAX; i++)
		add_tag(g, t, mesh->custom_tags.v[i].key, TAG_OF(&mesh->custom_tags.v[i].value));
}

static double sampling(const struct gen *g, const struct gen_tracing_side *side)
{
	const struct istio_mesh_tracing *mesh = proxy_tracing(g);

	if (side->sampling)
		return *side->sampling;
	return mesh && mesh->sampling ? *mesh->sampling : DEFAULT_SAMPLING_PERCENT;
}

static pb_hcm_tracing *tracing_make(struct gen *g, enum gen_side of)
{
	const struct gen_tracing_side side = gen_tracing_of(g, of);
	const struct istio_mesh_tracing *mesh = proxy_tracing(g);
	pb_hcm_tracing *t;
	struct collector c;

	if (!find(g, &side, &c) || side.off)
		return NULL;
	t = pb_hcm_tracing_new(g->arena);
	t->client_sampling = percent(g, 100);
	t->overall_sampling = percent(g, 100);
	t->random_sampling = percent(g, sampling(g, &side));
	if (c.max_tag_bytes || (mesh && mesh->max_path_tag_length))
		t->max_path_tag_length =
			pb_u32(g->arena, c.max_tag_bytes ? c.max_tag_bytes : mesh->max_path_tag_length);
	add_tags(g, t, &side);
	t->provider = pb_tracer_new(g->arena);
	t->provider->name = pb_str(c.at.http2 ? "envoy.tracers.opentelemetry" : "envoy.tracers.zipkin");
	t->provider->config_type_case = ENVOY__CONFIG__TRACE__V3__TRACING__HTTP__CONFIG_TYPE_TYPED_CONFIG;
	t->provider->typed_config = c.at.http2 ? opentelemetry(g, &c) : zipkin(g, &c);
	return t;
}

/* All connection managers of a side say the same. */
void gen_set_tracing(struct gen *g, pb_hcm *h, enum gen_side side)
{
	if (!g->tracing_known[side])
		g->tracing[side] = tracing_make(g, side);
	g->tracing_known[side] = true;
	h->tracing = g->tracing[side];
}
