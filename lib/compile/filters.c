/*
 * Network and HTTP filters of the chains: the connection manager with its filters in their fixed order, TCP proxies,
 * and the telemetry filters that carry workload metadata between proxies and count requests.
 */
#include "compile/gen.h"

#include "route/format.h"

#define ENUM_HCM(x) ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__##x

static const char text_format[] =
	"[%START_TIME%] \"%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)% %PROTOCOL%\" %RESPONSE_CODE% "
	"%RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %CONNECTION_TERMINATION_DETAILS% "
	"\"%UPSTREAM_TRANSPORT_FAILURE_REASON%\" %BYTES_RECEIVED% %BYTES_SENT% %DURATION% "
	"%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)% \"%REQ(X-FORWARDED-FOR)%\" \"%REQ(USER-AGENT)%\" "
	"\"%REQ(X-REQUEST-ID)%\" \"%REQ(:AUTHORITY)%\" \"%UPSTREAM_HOST%\" %UPSTREAM_CLUSTER% "
	"%UPSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_LOCAL_ADDRESS% %DOWNSTREAM_REMOTE_ADDRESS% %REQUESTED_SERVER_NAME% "
	"%ROUTE_NAME%";
/* Ours says behind it why a request was answered by itself. */
static const char text_reason[] = " \"%RESP(X-WEFT-REASON)%\"";

static const struct str_pair json_format[] = {
	{"authority", "%REQ(:AUTHORITY)%"},
	{"bytes_received", "%BYTES_RECEIVED%"},
	{"bytes_sent", "%BYTES_SENT%"},
	{"connection_termination_details", "%CONNECTION_TERMINATION_DETAILS%"},
	{"downstream_local_address", "%DOWNSTREAM_LOCAL_ADDRESS%"},
	{"downstream_remote_address", "%DOWNSTREAM_REMOTE_ADDRESS%"},
	{"duration", "%DURATION%"},
	{"method", "%REQ(:METHOD)%"},
	{"path", "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%"},
	{"protocol", "%PROTOCOL%"},
	{"request_id", "%REQ(X-REQUEST-ID)%"},
	{"requested_server_name", "%REQUESTED_SERVER_NAME%"},
	{"response_code", "%RESPONSE_CODE%"},
	{"response_code_details", "%RESPONSE_CODE_DETAILS%"},
	{"response_flags", "%RESPONSE_FLAGS%"},
	{"route_name", "%ROUTE_NAME%"},
	{"start_time", "%START_TIME%"},
	{"upstream_cluster", "%UPSTREAM_CLUSTER%"},
	{"upstream_host", "%UPSTREAM_HOST%"},
	{"upstream_local_address", "%UPSTREAM_LOCAL_ADDRESS%"},
	{"upstream_service_time", "%RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)%"},
	{"upstream_transport_failure_reason", "%UPSTREAM_TRANSPORT_FAILURE_REASON%"},
	{"user_agent", "%REQ(USER-AGENT)%"},
	{"x_forwarded_for", "%REQ(X-FORWARDED-FOR)%"},
};

/* A format of the mesh settings that a proxy would refuse, with every listener, is not used. */
static bool format_ok(const char *text)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct format f;

	return format_parse(&a, slice_str(text), &f, NULL) == 0;
}

/* The members of a JSON log line: as written in the mesh settings, else Istio's. */
static Google__Protobuf__Struct *json_members(struct gen *g)
{
	Google__Protobuf__Struct *s = pb_struct(g->arena);
	const char *own = gen_mesh(g)->spec.access_log_format;
	cJSON *json = own ? cJSON_Parse(own) : NULL, *m;

	cJSON_ArrayForEach(m, json)
	{
		if (m->string && cJSON_IsString(m) && format_ok(m->valuestring))
			pb_struct_set_string(g->arena, s, m->string, m->valuestring);
	}
	cJSON_Delete(json);
	if (s->n_fields)
		return s;
	for (size_t i = 0; i < ARRAY_LEN(json_format); i++)
		pb_struct_set_string(g->arena, s, json_format[i].key, json_format[i].value);
	if (g->proxy->weft)
		pb_struct_set_string(g->arena, s, "reason", "%RESP(X-WEFT-REASON)%");
	return s;
}

#define LOG_FORMAT(x) ENVOY__CONFIG__CORE__V3__SUBSTITUTION_FORMAT_STRING__FORMAT_##x

static pb_format_string *log_format(struct gen *g)
{
	const struct istio_mesh_config *m = &gen_mesh(g)->spec;
	const char *own = m->access_log_format;
	pb_format_string *f = pb_format_string_new(g->arena);

	if (m->access_log_encoding == ISTIO_MESH_CONFIG_ACCESS_LOG_ENCODING_JSON) {
		f->format_case = LOG_FORMAT(JSON_FORMAT);
		f->json_format = json_members(g);
		return f;
	}
	f->format_case = LOG_FORMAT(TEXT_FORMAT_SOURCE);
	f->text_format_source = pb_data_source_new(g->arena);
	f->text_format_source->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING;
	f->text_format_source->inline_string =
		own && *own && format_ok(own)
			? pb_str(own)
			: arena_printf(g->arena, "%s%s\n", text_format, g->proxy->weft ? text_reason : "");
	return f;
}

static pb_access_log *access_log(struct gen *g)
{
	struct arena *a = g->arena;
	pb_access_log *l = pb_access_log_new(a);
	pb_file_log *f = pb_file_log_new(a);

	f->path = pb_str(gen_mesh(g)->spec.access_log_file);
	f->access_log_format_case =
		ENVOY__EXTENSIONS__ACCESS_LOGGERS__FILE__V3__FILE_ACCESS_LOG__ACCESS_LOG_FORMAT_LOG_FORMAT;
	f->log_format = log_format(g);
	l->name = pb_str("envoy.access_loggers.file");
	l->config_type_case = ENVOY__CONFIG__ACCESSLOG__V3__ACCESS_LOG__CONFIG_TYPE_TYPED_CONFIG;
	l->typed_config = PB_ANY(a, f);
	return l;
}

static bool logs(const struct gen *g)
{
	return gen_mesh(g)->spec.access_log_file && *gen_mesh(g)->spec.access_log_file;
}

static pb_stats_config *stats_config(struct gen *g, enum gen_direction d)
{
	pb_stats_config *s = pb_stats_config_new(g->arena);

	s->disable_host_header_fallback = d != GEN_OUTBOUND;
	return s;
}

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
	PB_ADD(a, h, http_filters, pb_http_filter_make(a, "istio.stats", PB_ANY(a, stats_config(g, d)), true));
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
	if (logs(g))
		PB_ADD(a, h, access_log, access_log(g));
	gen_set_tracing(g, h);
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
	if (logs(g))
		PB_ADD(g->arena, t, access_log, access_log(g));
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
	if (d == GEN_INBOUND)
		add_peer_exchange(g, chain);
	if (d != GEN_OUTBOUND)
		gen_add_tcp_authz(g, chain);
	if (g->proxy->stats_filters)
		PB_ADD(g->arena, chain, filters,
		       pb_network_filter(g->arena, "istio.stats", PB_ANY(g->arena, stats_config(g, d))));
	PB_ADD(g->arena, chain, filters,
	       pb_network_filter(g->arena, "envoy.filters.network.tcp_proxy", PB_ANY(g->arena, tcp)));
}

void gen_tcp_filters(struct gen *g, pb_chain *chain, enum gen_direction d, const char *cluster)
{
	gen_tcp_filters_of(g, chain, d, gen_tcp_proxy(g, cluster, cluster));
}
