/* Cluster resources to struct config_cluster_spec. */
#include "base/clock.h"
#include "config/build_internal.h"

#include "envoy/config/cluster/v3/circuit_breaker.pb-c.h"
#include "envoy/config/cluster/v3/filter.pb-c.h"
#include "envoy/config/cluster/v3/outlier_detection.pb-c.h"
#include "envoy/extensions/upstreams/http/v3/http_protocol_options.pb-c.h"

#define SLOW_START_MIN_PERCENT 10
#define RETRY_BUDGET_PERCENT 20
#define RETRY_BUDGET_MIN 3
#define UPSTREAM(T) Envoy__Extensions__Upstreams__Http__V3__##T

static int cluster_type(const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	static const enum config_cluster_type types[] = {
		[ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__STATIC] = CONFIG_CLUSTER_STATIC,
		[ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__STRICT_DNS] = CONFIG_CLUSTER_STRICT_DNS,
		[ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__LOGICAL_DNS] = CONFIG_CLUSTER_LOGICAL_DNS,
		[ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__EDS] = CONFIG_CLUSTER_EDS,
		[ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__ORIGINAL_DST] = CONFIG_CLUSTER_ORIGINAL_DST,
	};

	if (m->cluster_discovery_type_case == ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_CLUSTER_TYPE)
		return UNSUPPORTED(e, "cluster_type");
	if (m->cluster_discovery_type_case != ENVOY__CONFIG__CLUSTER__V3__CLUSTER__CLUSTER_DISCOVERY_TYPE_TYPE)
		return 0;
	if ((size_t)m->type >= ARRAY_LEN(types))
		return err_set(e, -EINVAL, "type: unknown value %d", (int)m->type);
	s->type = types[m->type];
	return 0;
}

static int retry_budget(const CLUSTER(CircuitBreakers__Thresholds__RetryBudget) * m, struct config_breakers *b,
			struct err *e)
{
	if (!m)
		return 0;
	b->retry_budget = true;
	b->retry_percent = m->budget_percent ? m->budget_percent->value : RETRY_BUDGET_PERCENT;
	b->retries_min = build_u32(m->min_retry_concurrency, RETRY_BUDGET_MIN);
	if (!(b->retry_percent >= 0 && b->retry_percent <= 100))
		return err_set(e, -EINVAL, "circuit_breakers: retry_budget: budget_percent must be 0 to 100");
	return 0;
}

static int breakers(const CLUSTER(Cluster) * m, struct config_breakers *b, struct err *e)
{
	*b = (struct config_breakers){1024, 1024, 1024, 3};
	if (!m->circuit_breakers)
		return 0;
	for (size_t i = 0; i < m->circuit_breakers->n_thresholds; i++) {
		const CLUSTER(CircuitBreakers__Thresholds) *t = m->circuit_breakers->thresholds[i];
		if (t->priority != ENVOY__CONFIG__CORE__V3__ROUTING_PRIORITY__DEFAULT)
			continue;
		b->max_connections = build_u32(t->max_connections, 1024);
		b->max_pending_requests = build_u32(t->max_pending_requests, 1024);
		b->max_requests = build_u32(t->max_requests, 1024);
		b->max_retries = build_u32(t->max_retries, 3);
		if (retry_budget(t->retry_budget, b, e) < 0)
			return -EINVAL;
	}
	return 0;
}

static void outlier(const CLUSTER(OutlierDetection) * m, struct outlier_settings *s)
{
	if (!m)
		return;
	outlier_settings_init(s);
	s->consecutive_5xx = build_u32(m->consecutive_5xx, s->consecutive_5xx);
	s->consecutive_gateway = build_u32(m->consecutive_gateway_failure, s->consecutive_gateway);
	s->consecutive_local_failure = build_u32(m->consecutive_local_origin_failure, s->consecutive_local_failure);
	s->enforcing_5xx_percent = build_u32(m->enforcing_consecutive_5xx, s->enforcing_5xx_percent);
	s->enforcing_gateway_percent =
		build_u32(m->enforcing_consecutive_gateway_failure, s->enforcing_gateway_percent);
	s->enforcing_local_percent =
		build_u32(m->enforcing_consecutive_local_origin_failure, s->enforcing_local_percent);
	s->split_local = m->split_external_local_origin_errors;
	s->keep_when_checked = !build_bool(m->successful_active_health_check_uneject_host, true);
	s->interval_ns = pb_duration_to_ns(m->interval, s->interval_ns);
	s->base_ejection_ns = pb_duration_to_ns(m->base_ejection_time, s->base_ejection_ns);
	s->max_ejection_ns = pb_duration_to_ns(m->max_ejection_time, s->max_ejection_ns);
	s->max_ejection_percent = build_u32(m->max_ejection_percent, s->max_ejection_percent);
	s->success_rate_min_hosts = build_u32(m->success_rate_minimum_hosts, s->success_rate_min_hosts);
	s->success_rate_volume = build_u32(m->success_rate_request_volume, s->success_rate_volume);
	s->success_rate_stdev_factor = build_u32(m->success_rate_stdev_factor, s->success_rate_stdev_factor);
	s->enforcing_success_rate_percent = build_u32(m->enforcing_success_rate, s->enforcing_success_rate_percent);
}

static int policy(const CLUSTER(Cluster) * m, struct balance_settings *b, struct err *e)
{
	switch (m->lb_policy) {
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__ROUND_ROBIN:
		b->policy = BALANCE_ROUND_ROBIN;
		return 0;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__LEAST_REQUEST:
		b->policy = BALANCE_LEAST_REQUEST;
		return 0;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__RANDOM:
		b->policy = BALANCE_RANDOM;
		return 0;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__RING_HASH:
		b->policy = BALANCE_RING_HASH;
		return 0;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__MAGLEV:
		b->policy = BALANCE_MAGLEV;
		return 0;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__CLUSTER_PROVIDED:
		b->policy = BALANCE_CLUSTER_PROVIDED;
		return 0;
	default:
		return err_set(e, -EINVAL, "lb_policy: value %d is not supported", (int)m->lb_policy);
	}
}

static void slow_start(const CLUSTER(Cluster__SlowStartConfig) * m, struct config_cluster_spec *s)
{
	s->slow_start_ns = m ? pb_duration_to_ns(m->slow_start_window, 0) : 0;
	s->slow_start_aggression =
		m && m->aggression && m->aggression->default_value > 0 ? m->aggression->default_value : 1;
	s->slow_start_min_percent = m && m->min_weight_percent ? (uint32_t)MIN(m->min_weight_percent->value, 100.0)
							       : SLOW_START_MIN_PERCENT;
}

static int balance(const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	struct balance_settings *b = &s->balance;
	const CLUSTER(Cluster__CommonLbConfig) *c = m->common_lb_config;

	balance_settings_init(b);
	if (c && c->healthy_panic_threshold)
		b->panic_threshold_percent = (uint32_t)c->healthy_panic_threshold->value;
	b->locality_weighted =
		c && !(m->lb_subset_config && m->lb_subset_config->n_subset_selectors) && /* they know no localities */
		c->locality_config_specifier_case ==
			ENVOY__CONFIG__CLUSTER__V3__CLUSTER__COMMON_LB_CONFIG__LOCALITY_CONFIG_SPECIFIER_LOCALITY_WEIGHTED_LB_CONFIG;
	switch (m->lb_config_case) {
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_LEAST_REQUEST_LB_CONFIG:
		b->choice_count = build_u32(m->least_request_lb_config->choice_count, 2);
		slow_start(m->least_request_lb_config->slow_start_config, s);
		break;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_ROUND_ROBIN_LB_CONFIG:
		slow_start(m->round_robin_lb_config->slow_start_config, s);
		break;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_RING_HASH_LB_CONFIG:
		if (m->ring_hash_lb_config->minimum_ring_size)
			b->ring_min = (uint32_t)MIN(m->ring_hash_lb_config->minimum_ring_size->value,
						    (uint64_t)BALANCE_RING_MAX);
		if (m->ring_hash_lb_config->maximum_ring_size)
			b->ring_max = (uint32_t)MIN(m->ring_hash_lb_config->maximum_ring_size->value,
						    (uint64_t)BALANCE_RING_MAX);
		break;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_MAGLEV_LB_CONFIG:
		if (m->maglev_lb_config->table_size)
			b->maglev_size =
				(uint32_t)MIN(m->maglev_lb_config->table_size->value, (uint64_t)BALANCE_MAGLEV_MAX);
		break;
	case ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_ORIGINAL_DST_LB_CONFIG:
		if (m->original_dst_lb_config->use_http_header || m->original_dst_lb_config->metadata_key)
			return UNSUPPORTED(e, "original_dst_lb_config: a destination by header or metadata");
		s->original_dst_port = (uint16_t)build_u32(m->original_dst_lb_config->upstream_port_override, 0);
		break;
	default:
		break;
	}
	return policy(m, b, e);
}

/* ---- protocol options ---- */

static int http_options(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_cluster_spec *s,
			struct err *e)
{
	const UPSTREAM(HttpProtocolOptions) *m =
		build_any(x, any, &envoy__extensions__upstreams__http__v3__http_protocol_options__descriptor, e);
	const CORE(HttpProtocolOptions) *c = m ? m->common_http_protocol_options : NULL;

	if (!m)
		return -EINVAL;
	if (c) {
		s->idle_timeout_ns = pb_duration_to_ns(c->idle_timeout, s->idle_timeout_ns);
		s->max_connection_duration_ns = pb_duration_to_ns(c->max_connection_duration, 0);
		s->max_requests_per_connection = build_u32(c->max_requests_per_connection, 0);
	}
	if (m->upstream_http_protocol_options) {
		s->auto_sni = m->upstream_http_protocol_options->auto_sni;
		s->auto_san_validation = m->upstream_http_protocol_options->auto_san_validation;
	}
	switch (m->upstream_protocol_options_case) {
	case ENVOY__EXTENSIONS__UPSTREAMS__HTTP__V3__HTTP_PROTOCOL_OPTIONS__UPSTREAM_PROTOCOL_OPTIONS_USE_DOWNSTREAM_PROTOCOL_CONFIG:
		s->protocol = CONFIG_UPSTREAM_DOWNSTREAM;
		return build_http(x, m->use_downstream_protocol_config->http_protocol_options,
				  m->use_downstream_protocol_config->http2_protocol_options, &s->http, e);
	case ENVOY__EXTENSIONS__UPSTREAMS__HTTP__V3__HTTP_PROTOCOL_OPTIONS__UPSTREAM_PROTOCOL_OPTIONS_AUTO_CONFIG:
		s->protocol = CONFIG_UPSTREAM_AUTO;
		return build_http(x, m->auto_config->http_protocol_options, m->auto_config->http2_protocol_options,
				  &s->http, e);
	case ENVOY__EXTENSIONS__UPSTREAMS__HTTP__V3__HTTP_PROTOCOL_OPTIONS__UPSTREAM_PROTOCOL_OPTIONS_EXPLICIT_HTTP_CONFIG:
		if (m->explicit_http_config->protocol_config_case ==
		    ENVOY__EXTENSIONS__UPSTREAMS__HTTP__V3__HTTP_PROTOCOL_OPTIONS__EXPLICIT_HTTP_CONFIG__PROTOCOL_CONFIG_HTTP2_PROTOCOL_OPTIONS) {
			s->protocol = CONFIG_UPSTREAM_HTTP2;
			return build_http(x, NULL, m->explicit_http_config->http2_protocol_options, &s->http, e);
		}
		return build_http(x, m->explicit_http_config->http_protocol_options, NULL, &s->http, e);
	default:
		return 0;
	}
}

static int protocol_options(struct build_ctx *x, const CLUSTER(Cluster) * m, struct config_cluster_spec *s,
			    struct err *e)
{
	s->idle_timeout_ns = 3600LL * NS_PER_S;
	if (m->http2_protocol_options) {
		s->protocol = CONFIG_UPSTREAM_HTTP2;
		if (build_http(x, NULL, m->http2_protocol_options, &s->http, e) < 0)
			return -EINVAL;
	}
	for (size_t i = 0; i < m->n_typed_extension_protocol_options; i++) {
		const char *key = m->typed_extension_protocol_options[i]->key;
		int r;
		if (strcmp(key, "envoy.extensions.upstreams.http.v3.HttpProtocolOptions") != 0)
			return err_set(e, -EINVAL, "typed_extension_protocol_options[%s] is not supported", key);
		r = http_options(x, m->typed_extension_protocol_options[i]->value, s, e);
		if (r < 0)
			return err_wrap(e, r, "typed_extension_protocol_options[%s]", key);
	}
	return 0;
}

/* ---- transports ---- */

static void transport_labels(struct build_ctx *x, const Google__Protobuf__Struct *match, struct config_transport *t)
{
	size_t n = match ? match->n_fields : 0;

	t->labels = ARENA_NEW_N(x->out, struct config_label, n);
	for (size_t i = 0; i < n; i++) {
		const char *value = pb_struct_get_string(match, match->fields[i]->key);
		t->labels[t->n_labels++] =
			(struct config_label){build_str(x, match->fields[i]->key), build_str(x, value)};
	}
}

/* Metadata weft.pods names the transport to addresses of pods that take mutual TLS. */
static int to_pods(const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	const char *name = pb_struct_get_string(build_metadata(m->metadata, "weft"), "pods");

	for (size_t i = 0; name && i < s->n_transports; i++)
		if (strcmp(s->transports[i].name, name) == 0)
			s->to_pods = &s->transports[i];
	return !name || s->to_pods ? 0 : err_set(e, -EINVAL, "metadata weft.pods: '%s' is no transport", name);
}

static int transports(struct build_ctx *x, const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	size_t n = m->n_transport_socket_matches;
	struct config_transport *v = ARENA_NEW_N(x->out, struct config_transport, n + 1);
	int r;

	for (size_t i = 0; i < n; i++) {
		const CLUSTER(Cluster__TransportSocketMatch) *t = m->transport_socket_matches[i];
		v[i].name = build_str(x, t->name);
		transport_labels(x, t->match, &v[i]);
		r = build_up_transport(x, t->transport_socket, &v[i], e);
		if (r < 0)
			return err_wrap(e, r, "transport_socket_matches[%zu]", i);
	}
	v[n].name = "";
	r = build_up_transport(x, m->transport_socket, &v[n], e);
	s->transports = v;
	s->n_transports = n + 1;
	return r < 0 ? r : to_pods(m, s, e);
}

/* ---- the rest ---- */

static int original(const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	static const char *const names[] = {
		[CONFIG_ORIGINAL_FIRST] = "first",
		[CONFIG_ORIGINAL_ONLY] = "only",
		[CONFIG_ORIGINAL_DIAL] = "dial",
	};
	const char *text = pb_struct_get_string(build_metadata(m->metadata, "weft"), "original_dst");

	if (!text)
		return 0;
	for (size_t i = CONFIG_ORIGINAL_FIRST; i < ARRAY_LEN(names); i++)
		if (strcmp(text, names[i]) == 0)
			s->original = (enum config_original)i;
	return s->original ? 0 : err_set(e, -EINVAL, "metadata weft.original_dst: '%s' is not known", text);
}

static void metadata(struct build_ctx *x, const CLUSTER(Cluster) * m, struct config_cluster_spec *s)
{
	const Google__Protobuf__Struct *istio = build_metadata(m->metadata, "istio");
	const Google__Protobuf__Value *services = pb_struct_get(istio, "services");
	const char *path = pb_struct_get_string(istio, "config"), *subset = pb_struct_get_string(istio, "subset");

	s->config_path = arena_strdup(x->out, path);
	s->subset = arena_strdup(x->out, subset);
	if (!services || services->kind_case != GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE)
		return;
	s->services = ARENA_NEW_N(x->out, struct config_service, services->list_value->n_values);
	for (size_t i = 0; i < services->list_value->n_values; i++) {
		const Google__Protobuf__Value *v = services->list_value->values[i];
		if (v->kind_case != GOOGLE__PROTOBUF__VALUE__KIND_STRUCT_VALUE)
			continue;
		s->services[s->n_services++] = (struct config_service){
			build_str(x, pb_struct_get_string(v->struct_value, "host")),
			build_str(x, pb_struct_get_string(v->struct_value, "name")),
			build_str(x, pb_struct_get_string(v->struct_value, "namespace")),
		};
	}
}

static int connection(const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	const CORE(TcpKeepalive) *k =
		m->upstream_connection_options ? m->upstream_connection_options->tcp_keepalive : NULL;
	const CORE(BindConfig) *bind = m->upstream_bind_config;

	s->connect_timeout_ns = pb_duration_to_ns(m->connect_timeout, 5LL * NS_PER_S);
	if (s->connect_timeout_ns <= 0)
		return err_set(e, -EINVAL, "connect_timeout must be greater than 0s");
	s->per_connection_buffer_bytes = build_u32(m->per_connection_buffer_limit_bytes, 0);
	if (k) {
		s->keepalive = true;
		s->keepalive_probes = (int)build_u32(k->keepalive_probes, 0);
		s->keepalive_time_s = (int)build_u32(k->keepalive_time, 0);
		s->keepalive_interval_s = (int)build_u32(k->keepalive_interval, 0);
	}
	if (!bind || !bind->source_address || !bind->source_address->address[0])
		return 0;
	if (addr_parse(slice_str(bind->source_address->address), (uint16_t)bind->source_address->port_value,
		       &s->bind_source) < 0)
		return err_set(e, -EINVAL, "upstream_bind_config: '%s' is not an IP address",
			       bind->source_address->address);
	return 0;
}

static int refuse(const CLUSTER(Cluster) * m, struct err *e)
{
	if (m->outlier_detection && build_u32(m->outlier_detection->enforcing_local_origin_success_rate, 0))
		return UNSUPPORTED(e, "outlier_detection: enforcing_local_origin_success_rate");
	if (m->upstream_config)
		return UNSUPPORTED(e, "upstream_config");
	if (m->connection_pool_per_downstream_connection)
		return UNSUPPORTED(e, "connection_pool_per_downstream_connection");
	return 0;
}

/* Network filters of the upstream side: only the exchange of metadata is known. */
static int cluster_filters(struct build_ctx *x, const CLUSTER(Cluster) * m, struct config_cluster_spec *s,
			   struct err *e)
{
	for (size_t i = 0; i < m->n_filters; i++) {
		const char *type = build_inner_type(x, m->filters[i]->typed_config);
		int r;
		if (strcmp(type, BUILD_PEER_EXCHANGE) != 0)
			return err_set(e, -EINVAL, "filters[%zu] '%s': type '%s' is not supported", i,
				       m->filters[i]->name, type);
		r = build_peer_exchange(x, m->filters[i]->typed_config, &s->peer_exchange, e);
		if (r < 0)
			return err_wrap(e, r, "filters[%zu] '%s'", i, m->filters[i]->name);
	}
	return 0;
}

static int fill(struct build_ctx *x, const CLUSTER(Cluster) * m, struct config_cluster_spec *s, struct err *e)
{
	int r = refuse(m, e);

	s->name = build_str(x, m->name);
	s->alt_stat_name = m->alt_stat_name[0] ? build_str(x, m->alt_stat_name) : s->name;
	s->eds_name = m->eds_cluster_config && m->eds_cluster_config->service_name[0]
			      ? build_str(x, m->eds_cluster_config->service_name)
			      : s->name;
	s->dns_refresh_ns = pb_duration_to_ns(m->dns_refresh_rate, 5LL * NS_PER_S);
	s->dns_v4_only = m->dns_lookup_family == ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DNS_LOOKUP_FAMILY__V4_ONLY;
	s->dns_v6_only = m->dns_lookup_family == ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DNS_LOOKUP_FAMILY__V6_ONLY;
	outlier(m->outlier_detection, &s->outlier);
	metadata(x, m, s);
	if (r == 0)
		r = breakers(m, &s->breakers, e);
	if (r == 0)
		r = cluster_type(m, s, e);
	if (r == 0)
		r = original(m, s, e);
	if (r == 0)
		r = connection(m, s, e);
	if (r == 0)
		r = balance(m, s, e);
	if (r == 0)
		r = protocol_options(x, m, s, e);
	if (r == 0)
		r = cluster_filters(x, m, s, e);
	if (r == 0)
		r = build_health(x, m, &s->health, e);
	if (r == 0)
		r = build_subsets(x, m->lb_subset_config, &s->subsets, e);
	return r < 0 ? r : transports(x, m, s, e);
}

int build_cluster_spec(struct config_names *names, struct build *b, const CLUSTER(Cluster) * m,
		       struct config_cluster_spec **ret, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct config_cluster_spec *s = config_cluster_spec_new();
	struct build_ctx x = {&s->arena, &tmp, names, b};
	int r = fill(&x, m, s, e);

	if (r < 0) {
		config_cluster_spec_unref(s);
		return r;
	}
	*ret = s;
	return 0;
}
