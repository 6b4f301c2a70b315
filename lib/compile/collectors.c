/*
 * Services that proxies themselves send to, spans and lines of access logs: which there are, and how they are reached.
 * One that is no service of the mesh is found by DNS and spoken to in plain text.
 */
#include "compile/telemetry.h"

#define TYPE(x) ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__##x

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

bool gen_collector_at(struct gen *g, const char *service, uint64_t port, struct gen_collector *ret)
{
	if (!service || !*service || !port || port > UINT16_MAX)
		return false;
	ret->host = gen_settings_host(g, service);
	ret->port = (uint16_t)port;
	return true;
}

const char *gen_collector_cluster(struct gen *g, const struct gen_collector *c)
{
	return gen_cluster_name(g->arena, c->port, NULL, c->host);
}

pb_grpc_service *gen_collector_service(struct gen *g, const struct gen_collector *c)
{
	pb_grpc_service *s = pb_grpc_service_new(g->arena);

	s->target_specifier_case = ENVOY__CONFIG__CORE__V3__GRPC_SERVICE__TARGET_SPECIFIER_ENVOY_GRPC;
	s->envoy_grpc = pb_envoy_grpc_new(g->arena);
	s->envoy_grpc->cluster_name = pb_str(gen_collector_cluster(g, c));
	s->envoy_grpc->authority = pb_str(c->host);
	return s;
}

/* ---- all of them ---- */

typedef void (*collector_fn)(struct gen *g, const struct gen_collector *c, void *arg);
typedef bool (*find_fn)(struct gen *g, const char *provider, struct gen_collector *ret);

static void visit(struct gen *g, find_fn find, const char *provider, collector_fn fn, void *arg)
{
	struct gen_collector c = {0};

	if (find(g, provider, &c))
		fn(g, &c, arg);
}

static void of_object(struct gen *g, const struct istio_telemetry_spec *t, collector_fn fn, void *arg)
{
	for (size_t k = 0; k < t->tracing.n; k++)
		if (t->tracing.v[k].providers.n && t->tracing.v[k].providers.v[0].name)
			visit(g, gen_tracing_collector, t->tracing.v[k].providers.v[0].name, fn, arg);
	for (size_t k = 0; k < t->access_logging.n; k++)
		for (size_t i = 0; i < t->access_logging.v[k].providers.n; i++)
			visit(g, gen_log_collector, t->access_logging.v[k].providers.v[i].name, fn, arg);
}

/* Calls fn for each collector that some proxy may send to. */
static void each_collector(struct gen *g, collector_fn fn, void *arg)
{
	const struct istio_mesh_config_default_providers *d = gen_mesh(g)->spec.default_providers;

	visit(g, gen_tracing_collector, NULL, fn, arg);
	for (size_t i = 0; d && i < d->access_logging.n; i++)
		visit(g, gen_log_collector, d->access_logging.v[i], fn, arg);
	for (size_t i = 0; i < g->snap->policies->telemetries.n; i++)
		of_object(g, g->snap->policies->telemetries.v[i].spec, fn, arg);
}

static void tell_host(struct gen *g, const struct gen_collector *c, void *arg)
{
	(*(gen_host_fn *)arg)(g, c->host);
}

void gen_collector_hosts(struct gen *g, gen_host_fn fn)
{
	each_collector(g, tell_host, &fn);
}

static void add_cluster(struct gen *g, const struct gen_collector *c, void *arg)
{
	struct arena *a = g->arena;
	const struct service *svc = gen_service(g, c->host);
	pb_cluster *out;

	(void)arg;
	if (svc && service_port(svc, c->port))
		return;
	out = pb_cluster_new(a);
	out->name = pb_str(gen_collector_cluster(g, c));
	out->cluster_discovery_type_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE;
	out->type = TYPE(STRICT_DNS);
	out->connect_timeout = pb_duration_ns(a, gen_mesh(g)->connect_timeout_ns);
	out->dns_lookup_family = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DNS_LOOKUP_FAMILY__V4_ONLY;
	out->respect_dns_ttl = true;
	out->load_assignment = gen_one_endpoint(a, out->name, pb_address_make(a, c->host, c->port));
	if (c->http2)
		gen_speak_http2(g, out);
	gen_add(g, out->name, out);
}

void gen_collector_clusters(struct gen *g)
{
	each_collector(g, add_cluster, NULL);
}
