/*
 * Network and HTTP filters of the chains: the connection manager with its filters in their fixed order, TCP proxies,
 * and the telemetry filters that carry workload metadata between proxies and count requests.
 */
#include "compile/telemetry.h"

#define ENUM_HCM(x) ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__##x

/* Who the peer is: read and written as the headers x-envoy-peer-metadata and x-envoy-peer-metadata-id. */
static pb_http_filter *peer_metadata(struct gen *g, enum gen_direction d)
{
	struct arena *a = g->arena;
	pb_peer_config *c = pb_peer_config_new(a);
	pb_peer_discovery *headers = pb_peer_discovery_new(a), *workload = pb_peer_discovery_new(a);
	pb_peer_propagation *send = pb_peer_propagation_new(a);

	headers->method_specifier_case =
		IO__ISTIO__HTTP__PEER_METADATA__CONFIG__DISCOVERY_METHOD__METHOD_SPECIFIER_ISTIO_HEADERS;
	headers->istio_headers = pb_peer_headers_new(a);
	workload->method_specifier_case =
		IO__ISTIO__HTTP__PEER_METADATA__CONFIG__DISCOVERY_METHOD__METHOD_SPECIFIER_WORKLOAD_DISCOVERY;
	workload->workload_discovery = pb_peer_workload_new(a);
	send->method_specifier_case =
		IO__ISTIO__HTTP__PEER_METADATA__CONFIG__PROPAGATION_METHOD__METHOD_SPECIFIER_ISTIO_HEADERS;
	send->istio_headers = pb_peer_headers_new(a);
	if (d == GEN_INBOUND) {
		PB_ADD(a, c, downstream_discovery, headers);
		PB_ADD(a, c, downstream_discovery, workload);
		PB_ADD(a, c, downstream_propagation, send);
	} else {
		PB_ADD(a, c, upstream_discovery, headers);
		PB_ADD(a, c, upstream_discovery, workload);
		PB_ADD(a, c, upstream_propagation, send);
	}
	return pb_http_filter_make(a, "istio.metadata_exchange", PB_ANY(a, c), true);
}

static void alpn_override(struct gen *g, pb_alpn_config *c, int protocol, const char *const *names)
{
	pb_alpn_override *o = pb_alpn_override_new(g->arena);

	o->upstream_protocol = protocol;
	for (; *names; names++)
		PB_ADD(g->arena, o, alpn_override, pb_str(*names));
	PB_ADD(g->arena, c, alpn_override, o);
}

/* The client's HTTP version as ALPN of mutual TLS, so that the server knows it before it reads. */
static pb_http_filter *alpn_filter(struct gen *g)
{
	static const char *const h10[] = {"istio-http/1.0", "istio", "http/1.0", NULL};
	static const char *const h11[] = {"istio-http/1.1", "istio", "http/1.1", NULL};
	static const char *const h2[] = {"istio-h2", "istio", "h2", NULL};
	pb_alpn_config *c = pb_alpn_config_new(g->arena);

	alpn_override(g, c, 0, h10);
	alpn_override(g, c, 1, h11);
	alpn_override(g, c, 2, h2);
	return pb_http_filter_make(g->arena, "istio.alpn", PB_ANY(g->arena, c), true);
}

static void add_http_filters(struct gen *g, pb_hcm *h, enum gen_direction d)
{
	const pb_stats_config *stats = gen_stats(g, d);
	struct arena *a = g->arena;

	PB_ADD(a, h, http_filters, peer_metadata(g, d));
	if (d != GEN_OUTBOUND) {
		gen_add_http_custom(g, h);
		gen_add_jwt(g, h, d);
		gen_add_http_authz(g, h);
	}
	if (d != GEN_INBOUND)
		PB_ADD(a, h, http_filters, alpn_filter(g));
	PB_ADD(a, h, http_filters,
	       pb_http_filter_make(a, "envoy.filters.http.fault", PB_ANY(a, pb_fault_new(a)), false));
	PB_ADD(a, h, http_filters, pb_http_filter_make(a, "envoy.filters.http.cors", PB_ANY(a, pb_cors_new(a)), false));
	if (stats)
		PB_ADD(a, h, http_filters, pb_http_filter_make(a, "istio.stats", PB_ANY(a, stats), true));
	PB_ADD(a, h, http_filters,
	       pb_http_filter_make(a, "envoy.filters.http.router", PB_ANY(a, pb_router_new(a)), false));
}

static void set_client_cert(struct gen *g, pb_hcm *h, enum gen_direction d)
{
	pb_cert_details *c = pb_cert_details_new(g->arena);

	if (d == GEN_OUTBOUND)
		return;
	c->subject = pb_bool(g->arena, true);
	c->dns = c->uri = true;
	if (d == GEN_GATEWAY)
		c->cert = true;
	h->set_current_client_cert_details = c;
	h->forward_client_cert_details = d == GEN_INBOUND ? ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__APPEND_FORWARD)
							  : ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__SANITIZE_SET);
}

#define NORMALISE(x) ISTIO_MESH_CONFIG_PROXY_PATH_NORMALIZATION_NORMALIZATION_TYPE_##x

/* One form of a path for policies, routes and servers; BASE unless the mesh says otherwise. */
static void set_path_form(struct gen *g, pb_hcm *h)
{
	const struct istio_mesh_config_proxy_path_normalization *p = gen_mesh(g)->spec.path_normalization;
	const int level = p && p->normalization ? p->normalization : NORMALISE(BASE);

	h->normalize_path = pb_bool(g->arena, level != NORMALISE(NONE));
	h->merge_slashes = level == NORMALISE(MERGE_SLASHES) || level == NORMALISE(DECODE_AND_MERGE_SLASHES);
	h->path_with_escaped_slashes_action = level == NORMALISE(DECODE_AND_MERGE_SLASHES)
						      ? ENUM_HCM(PATH_WITH_ESCAPED_SLASHES_ACTION__UNESCAPE_AND_FORWARD)
						      : ENUM_HCM(PATH_WITH_ESCAPED_SLASHES_ACTION__KEEP_UNCHANGED);
}

/* What stands in front of a gateway: as the proxy was told at its start, else as the whole mesh has it. */
static struct proxy_topology topology_of(struct gen *g)
{
	const struct istio_mesh_proxy_config *d = gen_mesh(g)->spec.default_config;

	if (g->proxy->topology.set || !d || !d->gateway_topology)
		return g->proxy->topology;
	return (struct proxy_topology){true, d->gateway_topology->num_trusted_proxies,
				       d->gateway_topology->forward_client_cert_details};
}

static void set_topology(struct gen *g, pb_hcm *h)
{
	static const int forward[] = {
		[ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_UNDEFINED] =
			ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__SANITIZE_SET),
		[ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_SANITIZE] = ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__SANITIZE),
		[ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_FORWARD_ONLY] =
			ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__FORWARD_ONLY),
		[ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_APPEND_FORWARD] =
			ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__APPEND_FORWARD),
		[ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_SANITIZE_SET] =
			ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__SANITIZE_SET),
		[ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_ALWAYS_FORWARD_ONLY] =
			ENUM_HCM(FORWARD_CLIENT_CERT_DETAILS__ALWAYS_FORWARD_ONLY),
	};
	const struct proxy_topology t = topology_of(g);

	h->xff_num_trusted_hops = t.trusted_proxies;
	if (t.forward_client_cert >= 0 && (size_t)t.forward_client_cert < ARRAY_LEN(forward))
		h->forward_client_cert_details = forward[t.forward_client_cert];
}

pb_filter *gen_hcm(struct gen *g, const struct gen_http *in)
{
	struct arena *a = g->arena;
	pb_hcm *h = pb_hcm_new(a);
	pb_upgrade *ws = pb_upgrade_new(a);

	h->stat_prefix = pb_str(in->stat_prefix);
	h->codec_type = ENUM_HCM(CODEC_TYPE__AUTO);
	h->server_name = pb_str("istio-envoy");
	h->use_remote_address = pb_bool(a, in->direction == GEN_GATEWAY);
	h->generate_request_id = pb_bool(a, true);
	h->stream_idle_timeout = pb_duration_ns(a, 0);
	set_path_form(g, h);
	ws->upgrade_type = pb_str("websocket");
	PB_ADD(a, h, upgrade_configs, ws);
	set_client_cert(g, h, in->direction);
	if (in->direction == GEN_GATEWAY)
		set_topology(g, h);
	if (in->rds) {
		h->route_specifier_case = ENUM_HCM(ROUTE_SPECIFIER_RDS);
		h->rds = pb_rds_new(a);
		h->rds->route_config_name = pb_str(in->rds);
		h->rds->config_source = pb_ads(a);
	} else {
		h->route_specifier_case = ENUM_HCM(ROUTE_SPECIFIER_ROUTE_CONFIG);
		h->route_config = in->routes;
	}
	h->n_access_log = gen_access_logs(g, gen_side_of(in->direction), &h->access_log);
	gen_set_tracing(g, h, gen_side_of(in->direction));
	add_http_filters(g, h, in->direction);
	gen_patch_http(g, h, in->direction, in->port);
	return pb_network_filter(a, "envoy.filters.network.http_connection_manager", PB_ANY(a, h));
}

pb_tcp_proxy *gen_tcp_proxy(struct gen *g, const char *stat_prefix, const char *cluster)
{
	pb_tcp_proxy *t = pb_tcp_proxy_new(g->arena);

	t->stat_prefix = pb_str(stat_prefix);
	if (cluster) {
		t->cluster_specifier_case =
			ENVOY__EXTENSIONS__FILTERS__NETWORK__TCP_PROXY__V3__TCP_PROXY__CLUSTER_SPECIFIER_CLUSTER;
		t->cluster = pb_str(cluster);
	}
	return t;
}

/* Unknown to a plain Envoy, and network filters cannot be optional: only for proxies that say they know them. */
static void add_peer_exchange(struct gen *g, pb_chain *chain)
{
	pb_tcp_exchange *x = pb_tcp_exchange_new(g->arena);

	if (!g->proxy->stats_filters)
		return;
	x->protocol = pb_str("istio-peer-exchange");
	PB_ADD(g->arena, chain, filters, pb_network_filter(g->arena, "istio.metadata_exchange", PB_ANY(g->arena, x)));
}

void gen_tcp_filters_of(struct gen *g, pb_chain *chain, enum gen_direction d, pb_tcp_proxy *tcp)
{
	const pb_stats_config *stats = g->proxy->stats_filters ? gen_stats(g, d) : NULL;

	if (d == GEN_INBOUND)
		add_peer_exchange(g, chain);
	if (d != GEN_OUTBOUND)
		gen_add_tcp_authz(g, chain);
	if (stats)
		PB_ADD(g->arena, chain, filters, pb_network_filter(g->arena, "istio.stats", PB_ANY(g->arena, stats)));
	tcp->n_access_log = gen_access_logs(g, gen_side_of(d), &tcp->access_log);
	PB_ADD(g->arena, chain, filters,
	       pb_network_filter(g->arena, "envoy.filters.network.tcp_proxy", PB_ANY(g->arena, tcp)));
}

void gen_tcp_filters(struct gen *g, pb_chain *chain, enum gen_direction d, const char *cluster)
{
	gen_tcp_filters_of(g, chain, d, gen_tcp_proxy(g, cluster, cluster));
}
