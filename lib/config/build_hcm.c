/* HTTP connection manager and TCP proxy. */
#include "base/clock.h"
#include "config/build_internal.h"

#include "envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.pb-c.h"

#define TCP(T) Envoy__Extensions__Filters__Network__TcpProxy__V3__##T

static int routes(struct build_ctx *x, const HCM(HttpConnectionManager) * m, struct config_hcm *h, struct err *e)
{
	int r;

	h->rds = (struct config_ref){NULL, CONFIG_NO_SLOT};
	switch (m->route_specifier_case) {
	case ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__ROUTE_SPECIFIER_RDS:
		if (!m->rds->route_config_name[0])
			return err_set(e, -EINVAL, "rds: route_config_name is missing");
		h->rds = config_names_get(x->names, CONFIG_NAME_ROUTE, slice_str(m->rds->route_config_name), x->out);
		return 0;
	case ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__ROUTE_SPECIFIER_ROUTE_CONFIG:
		r = build_route_table(x->names, x->build, m->route_config, &h->routes, e);
		return r < 0 ? err_wrap(e, r, "route_config") : 0;
	default:
		return err_set(e, -EINVAL, "route_specifier is missing");
	}
}

/* Traces are made by a filter that nobody names, before all others. */
static int tracing(struct build_ctx *x, const HCM(HttpConnectionManager) * m, struct config_hcm *h, struct err *e)
{
	const struct filter_tracing *t = NULL;
	int r = build_tracing(x, m->tracing, &t, e);

	if (r < 0)
		return err_wrap(e, r, "tracing");
	if (t)
		h->filters[h->n_filters++] = (struct config_http_filter){FILTER_TRACING, "tracing", t};
	return 0;
}

static int filters(struct build_ctx *x, const HCM(HttpConnectionManager) * m, struct config_hcm *h, struct err *e)
{
	if (m->n_http_filters > CONFIG_HTTP_FILTERS_MAX)
		return err_set(e, -EINVAL, "http_filters: more than %d", CONFIG_HTTP_FILTERS_MAX);
	h->filters = ARENA_NEW_N(x->out, struct config_http_filter, m->n_http_filters + 1);
	if (tracing(x, m, h, e) < 0)
		return -EINVAL;
	for (size_t i = 0; i < m->n_http_filters; i++) {
		const HCM(HttpFilter) *f = m->http_filters[i];
		struct config_http_filter *out = &h->filters[h->n_filters];
		int r;
		if (f->config_type_case !=
		    ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_FILTER__CONFIG_TYPE_TYPED_CONFIG)
			return err_set(e, -EINVAL, "http_filters[%zu] '%s': only typed_config is supported", i,
				       f->name);
		/* Optional is who may be unknown, not what may be wrong. */
		if (f->is_optional && !build_http_filter_known(x, f->typed_config))
			continue;
		r = build_http_filter(x, f->name, f->typed_config, out, e);
		if (r < 0)
			return err_wrap(e, r, "http_filters[%zu]", i);
		if (i && out[-1].kind == FILTER_ROUTER)
			return err_set(e, -EINVAL, "http_filters[%zu] '%s' stands behind the router", i, f->name);
		h->n_filters++;
	}
	if (!h->n_filters || h->filters[h->n_filters - 1].kind != FILTER_ROUTER)
		return err_set(e, -EINVAL, "http_filters: the last one must be the router");
	return 0;
}

static void timeouts(const HCM(HttpConnectionManager) * m, struct config_hcm *h)
{
	const CORE(HttpProtocolOptions) *c = m->common_http_protocol_options;

	h->stream_idle_timeout_ns = pb_duration_to_ns(m->stream_idle_timeout, 300LL * NS_PER_S);
	h->request_timeout_ns = pb_duration_to_ns(m->request_timeout, 0);
	h->request_headers_timeout_ns = pb_duration_to_ns(m->request_headers_timeout, 0);
	h->drain_timeout_ns = pb_duration_to_ns(m->drain_timeout, 5LL * NS_PER_S);
	h->idle_timeout_ns = 3600LL * NS_PER_S;
	h->max_headers = 100;
	h->max_headers_bytes = build_u32(m->max_request_headers_kb, 60) * 1024;
	if (!c)
		return;
	h->idle_timeout_ns = pb_duration_to_ns(c->idle_timeout, h->idle_timeout_ns);
	h->max_connection_duration_ns = pb_duration_to_ns(c->max_connection_duration, 0);
	h->max_stream_duration_ns = pb_duration_to_ns(c->max_stream_duration, 0);
	h->max_requests_per_connection = build_u32(c->max_requests_per_connection, 0);
	h->max_headers = build_u32(c->max_headers_count, 100);
}

static void client_identity(const HCM(HttpConnectionManager) * m, struct config_hcm *h)
{
	const HCM(HttpConnectionManager__SetCurrentClientCertDetails) *d = m->set_current_client_cert_details;

	h->use_remote_address = build_bool(m->use_remote_address, false);
	h->xff_num_trusted_hops = m->xff_num_trusted_hops;
	h->skip_xff_append = m->skip_xff_append;
	h->generate_request_id = build_bool(m->generate_request_id, true);
	h->preserve_external_request_id = m->preserve_external_request_id;
	h->request_id_in_response = m->always_set_request_id_in_response;
	h->forward_cert = (enum config_forward_cert)m->forward_client_cert_details;
	if (!d)
		return;
	h->xfcc_subject = build_bool(d->subject, false);
	h->xfcc_dns = d->dns;
	h->xfcc_uri = d->uri;
}

static int upgrades(const HCM(HttpConnectionManager) * m, struct config_hcm *h, struct err *e)
{
	for (size_t i = 0; i < m->n_upgrade_configs; i++) {
		const HCM(HttpConnectionManager__UpgradeConfig) *u = m->upgrade_configs[i];
		if (u->n_filters)
			return err_set(e, -EINVAL, "upgrade_configs[%zu]: filters are not supported", i);
		if (strcasecmp(u->upgrade_type, "websocket") == 0)
			h->websocket = build_bool(u->enabled, true);
		else if (strcasecmp(u->upgrade_type, "CONNECT") == 0)
			h->connect = build_bool(u->enabled, true);
		else
			return err_set(e, -EINVAL, "upgrade_configs[%zu]: '%s' is not supported", i, u->upgrade_type);
	}
	return 0;
}

static int protocol(struct build_ctx *x, const HCM(HttpConnectionManager) * m, struct config_hcm *h, struct err *e)
{
	const CORE(Http1ProtocolOptions) *h1 = m->http_protocol_options;
	const CORE(Http2ProtocolOptions) *h2 = m->http2_protocol_options;

	h->server_name = build_slice(x, m->server_name[0] ? m->server_name : "envoy");
	h->server_append_if_absent =
		m->server_header_transformation ==
		ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__SERVER_HEADER_TRANSFORMATION__APPEND_IF_ABSENT;
	h->server_pass_through =
		m->server_header_transformation ==
		ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__SERVER_HEADER_TRANSFORMATION__PASS_THROUGH;
	h->normalize_path = build_bool(m->normalize_path, false);
	h->merge_slashes = m->merge_slashes;
	h->escaped_slashes = (int)m->path_with_escaped_slashes_action;
	h->strip_matching_port = m->strip_matching_host_port;
	h->strip_any_port =
		m->strip_port_mode_case ==
			ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__STRIP_PORT_MODE_STRIP_ANY_HOST_PORT &&
		m->strip_any_host_port;
	if (h1) {
		h->accept_http10 = h1->accept_http_10;
		h->http10_host = build_slice(x, h1->default_host_for_http_10);
	}
	h->proxy_100_continue = m->proxy_100_continue;
	return build_http(x, h1, h2, &h->http, e);
}

static int refuse(const HCM(HttpConnectionManager) * m, struct err *e)
{
	if (m->codec_type >
	    ENVOY__EXTENSIONS__FILTERS__NETWORK__HTTP_CONNECTION_MANAGER__V3__HTTP_CONNECTION_MANAGER__CODEC_TYPE__HTTP2)
		return UNSUPPORTED(e, "codec_type HTTP3");
	if (build_u32(m->max_request_headers_kb, 60) > 60)
		return err_set(e, -EINVAL, "max_request_headers_kb must be at most 60");
	if (m->common_http_protocol_options && build_u32(m->common_http_protocol_options->max_headers_count, 100) > 100)
		return err_set(e, -EINVAL, "max_headers_count must be at most 100");
	if (m->local_reply_config)
		return UNSUPPORTED(e, "local_reply_config");
	if (m->n_original_ip_detection_extensions)
		return UNSUPPORTED(e, "original_ip_detection_extensions");
	return 0;
}

/* The table of routes given in place goes with the arena when the listener is not finished. */
static int fill(struct build_ctx *x, const HCM(HttpConnectionManager) * m, struct config_hcm *h, struct err *e)
{
	int r = refuse(m, e);

	h->stat_prefix = build_str(x, m->stat_prefix);
	h->codec = (enum config_codec)m->codec_type;
	timeouts(m, h);
	client_identity(m, h);
	if (r == 0)
		r = protocol(x, m, h, e);
	if (r == 0)
		r = upgrades(m, h, e);
	if (r == 0)
		r = filters(x, m, h, e);
	if (r == 0)
		r = build_access_logs(x, m->access_log, m->n_access_log, &h->logs, &h->n_logs, e);
	if (r < 0)
		return r;
	build_kept(h);
	build_log_fields(x, h->logs, h->n_logs, &h->log_fields, &h->n_log_fields);
	return routes(x, m, h, e);
}

int build_hcm(struct build_ctx *x, const Google__Protobuf__Any *any, const struct config_hcm **ret, struct err *e)
{
	const HCM(HttpConnectionManager) *m = build_any(
		x, any,
		&envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor,
		e);
	struct config_hcm *h = ARENA_NEW(x->out, struct config_hcm);
	int r = m ? fill(x, m, h, e) : -EINVAL;

	if (r < 0)
		return r;
	*ret = h;
	return 0;
}

/* ---- TCP ---- */

static int tcp_cluster(struct build_ctx *x, const TCP(TcpProxy) * m, struct config_tcp_proxy *t, struct err *e)
{
	uint64_t total = 0;

	t->cluster = (struct config_ref){NULL, CONFIG_NO_SLOT};
	if (m->cluster_specifier_case ==
	    ENVOY__EXTENSIONS__FILTERS__NETWORK__TCP_PROXY__V3__TCP_PROXY__CLUSTER_SPECIFIER_CLUSTER) {
		t->cluster = config_names_get(x->names, CONFIG_NAME_CLUSTER, slice_str(m->cluster), x->out);
		return 0;
	}
	if (m->cluster_specifier_case !=
	    ENVOY__EXTENSIONS__FILTERS__NETWORK__TCP_PROXY__V3__TCP_PROXY__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS)
		return err_set(e, -EINVAL, "cluster specifier is missing");
	t->n_weighted = m->weighted_clusters->n_clusters;
	t->weighted = ARENA_NEW_N(x->out, struct route_weighted, t->n_weighted);
	for (size_t i = 0; i < t->n_weighted; i++) {
		struct config_ref r = config_names_get(x->names, CONFIG_NAME_CLUSTER,
						       slice_str(m->weighted_clusters->clusters[i]->name), x->out);
		t->weighted[i].cluster = (struct route_cluster){r.name, r.slot};
		t->weighted[i].weight = m->weighted_clusters->clusters[i]->weight;
		total += t->weighted[i].weight;
	}
	if (!total || total > UINT32_MAX)
		return err_set(e, -EINVAL, "weighted_clusters: the sum of weights must be 1..%u", UINT32_MAX);
	t->total_weight = (uint32_t)total;
	return 0;
}

static int tcp_hash(const TCP(TcpProxy) * m, struct config_tcp_proxy *t, struct err *e)
{
	for (size_t i = 0; i < m->n_hash_policy; i++) {
		if (m->hash_policy[i]->policy_specifier_case !=
		    ENVOY__TYPE__V3__HASH_POLICY__POLICY_SPECIFIER_SOURCE_IP)
			return UNSUPPORTED(e, "hash_policy: anything but source_ip");
		t->hash_source_ip = true;
	}
	return 0;
}

int build_tcp_proxy(struct build_ctx *x, const Google__Protobuf__Any *any, const struct config_tcp_proxy **ret,
		    struct err *e)
{
	const TCP(TcpProxy) *m =
		build_any(x, any, &envoy__extensions__filters__network__tcp_proxy__v3__tcp_proxy__descriptor, e);
	struct config_tcp_proxy *t = ARENA_NEW(x->out, struct config_tcp_proxy);
	int r;

	if (!m)
		return -EINVAL;
	if (m->tunneling_config)
		return UNSUPPORTED(e, "tunneling_config");
	t->stat_prefix = build_str(x, m->stat_prefix);
	t->idle_timeout_ns = pb_duration_to_ns(m->idle_timeout, 3600LL * NS_PER_S);
	t->max_connection_duration_ns = pb_duration_to_ns(m->max_downstream_connection_duration, 0);
	t->max_connect_attempts = build_u32(m->max_connect_attempts, 1);
	t->any_endpoint = build_any_endpoint(m->metadata_match);
	build_labels(x, m->metadata_match, false, &t->subset);
	r = tcp_cluster(x, m, t, e);
	if (r == 0)
		r = tcp_hash(m, t, e);
	if (r == 0)
		r = build_access_logs(x, m->access_log, m->n_access_log, &t->logs, &t->n_logs, e);
	if (r < 0)
		return r;
	*ret = t;
	return 0;
}
