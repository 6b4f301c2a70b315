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

#define TYPE(x) ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__##x
#define TAG_TYPE(x) ENVOY__TYPE__TRACING__V3__CUSTOM_TAG__TYPE_##x

struct collector {
	bool otlp;
	const char *host; /* as a cluster names it */
	uint16_t port;
	bool short_ids;
	uint32_t max_tag_bytes; /* 0 = the proxy's default */
};

/* ---- which ---- */

const char *gen_settings_host(struct gen *g, const char *text)
{
	static const char *const forms[] = {"%s", "%s.%s", "%s.svc.%s"};
	const char *slash = strchr(text, '/'), *host;

	text = slash ? slash + 1 : text;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the table above */
#pragma GCC diagnostic ignored "-Wformat-extra-args"
		host = arena_printf(g->arena, forms[i], text, gen_mesh(g)->domain);
#pragma GCC diagnostic pop
		if (snapshot_service(g->snap, host))
			return host;
	}
	return arena_strdup(g->arena, text);
}

static bool set_collector(struct gen *g, const char *service, uint64_t port, struct collector *ret)
{
	if (!service || !*service || !port || port > UINT16_MAX)
		return false;
	ret->host = gen_settings_host(g, service);
	ret->port = (uint16_t)port;
	return true;
}

static bool of_provider(struct gen *g, const struct istio_mesh_config_extension_provider *p, struct collector *ret)
{
	if (p->zipkin) {
		ret->short_ids = p->zipkin->enable_64bit_trace_id;
		ret->max_tag_bytes = p->zipkin->max_tag_length;
		return set_collector(g, p->zipkin->service, p->zipkin->port, ret);
	}
	if (!p->opentelemetry)
		return false;
	ret->otlp = true;
	ret->max_tag_bytes = p->opentelemetry->max_tag_length;
	return set_collector(g, p->opentelemetry->service, p->opentelemetry->port, ret);
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
	return set_collector(g, arena_slicedup(g->arena, slice_head(address, (size_t)colon)), port, ret);
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

/* Calls fn for each collector that some proxy may send spans to. */
static void each_collector(struct gen *g, void (*fn)(struct gen *g, const struct collector *c, void *arg), void *arg)
{
	struct collector c;

	if (find_default(g, &c))
		fn(g, &c, arg);
	for (size_t i = 0; i < g->snap->policies->telemetries.n; i++) {
		const struct istio_telemetry_spec *t = g->snap->policies->telemetries.v[i].spec;

		for (size_t k = 0; k < t->tracing.n; k++)
			if (t->tracing.v[k].providers.n && named(g, t->tracing.v[k].providers.v[0].name, &c))
				fn(g, &c, arg);
	}
}

static void tell_host(struct gen *g, const struct collector *c, void *arg)
{
	(*(gen_host_fn *)arg)(g, c->host);
}

void gen_collector_hosts(struct gen *g, gen_host_fn fn)
{
	each_collector(g, tell_host, &fn);
}

/* ---- how it is reached ---- */

static const char *cluster_of(struct gen *g, const struct collector *c)
{
	return gen_cluster_name(g->arena, c->port, NULL, c->host);
}

/* A collector that is no service of the mesh is found by DNS, and spoken to in plain text. */
static void add_cluster(struct gen *g, const struct collector *c, void *arg)
{
	struct arena *a = g->arena;
	const struct service *svc = gen_service(g, c->host);
	pb_cluster *out;

	(void)arg;
	if (svc && service_port(svc, c->port))
		return;
	out = pb_cluster_new(a);
	out->name = pb_str(cluster_of(g, c));
	out->cluster_discovery_type_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE;
	out->type = TYPE(STRICT_DNS);
	out->connect_timeout = pb_duration_ns(a, gen_mesh(g)->connect_timeout_ns);
	out->dns_lookup_family = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DNS_LOOKUP_FAMILY__V4_ONLY;
	out->respect_dns_ttl = true;
	out->load_assignment = gen_one_endpoint(a, out->name, pb_address_make(a, c->host, c->port));
	if (c->otlp)
		gen_speak_http2(g, out);
	gen_add(g, out->name, out);
}

void gen_collector_clusters(struct gen *g)
{
	each_collector(g, add_cluster, NULL);
}

/* ---- what a connection manager is told ---- */

static Google__Protobuf__Any *zipkin(struct gen *g, const struct collector *c)
{
	pb_zipkin *z = pb_zipkin_new(g->arena);

	z->collector_cluster = pb_str(cluster_of(g, c));
	z->collector_hostname = pb_str(c->host);
	z->collector_endpoint = pb_str(ZIPKIN_PATH);
	z->collector_endpoint_version = ENVOY__CONFIG__TRACE__V3__ZIPKIN_CONFIG__COLLECTOR_ENDPOINT_VERSION__HTTP_JSON;
	z->trace_id_128bit = !c->short_ids;
	z->shared_span_context = pb_bool(g->arena, false);
	return PB_ANY(g->arena, z);
}

static Google__Protobuf__Any *opentelemetry(struct gen *g, const struct collector *c)
{
	pb_opentelemetry *o = pb_opentelemetry_new(g->arena);

	o->grpc_service = pb_grpc_service_new(g->arena);
	o->grpc_service->target_specifier_case = ENVOY__CONFIG__CORE__V3__GRPC_SERVICE__TARGET_SPECIFIER_ENVOY_GRPC;
	o->grpc_service->envoy_grpc = pb_envoy_grpc_new(g->arena);
	o->grpc_service->envoy_grpc->cluster_name = pb_str(cluster_of(g, c));
	o->grpc_service->envoy_grpc->authority = pb_str(c->host);
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
	t->provider->name = pb_str(c.otlp ? "envoy.tracers.opentelemetry" : "envoy.tracers.zipkin");
	t->provider->config_type_case = ENVOY__CONFIG__TRACE__V3__TRACING__HTTP__CONFIG_TYPE_TYPED_CONFIG;
	t->provider->typed_config = c.otlp ? opentelemetry(g, &c) : zipkin(g, &c);
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
