/* DestinationRules: which apply, how they merge, and what their policies make of a cluster. */
#include "compile/gen.h"

static const struct mesh_destination_rule *subset_owner(const struct gen_rules *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t j = 0; j < r->v[i]->spec->subsets.n; j++)
			if (r->v[i]->spec->subsets.v[j].name && strcmp(r->v[i]->spec->subsets.v[j].name, name) == 0)
				return r->v[i];
	return NULL;
}

/* The subsets of a rule whose names no older one has. */
static void add_subsets(struct gen *g, struct gen_rules *r, const struct mesh_destination_rule *d)
{
	for (size_t j = 0; j < d->spec->subsets.n; j++) {
		const struct istio_subset *x = &d->spec->subsets.v[j];
		const struct mesh_destination_rule *owner = x->name && *x->name ? subset_owner(r, x->name) : d;
		bool again = !x->name || !*x->name;

		for (size_t i = 0; i < j && !again; i++)
			again = d->spec->subsets.v[i].name && strcmp(d->spec->subsets.v[i].name, x->name) == 0;
		if (owner != d)
			gen_conflict(g, &(struct gen_owner){d->o.obj, ""}, &(struct gen_owner){owner->o.obj, ""},
				     arena_printf(g->arena, "spec.subsets[%zu].name", j),
				     arena_printf(g->arena, "subset %s of host %s", x->name, d->host));
		else if (!again)
			r->subsets[r->n_subsets++] = x;
	}
}

void gen_find_rules(struct gen *g, const struct service *svc, struct gen_rules *ret)
{
	const struct mesh_destination_rule *first = NULL;
	size_t max = 0;

	memset(ret, 0, sizeof(*ret));
	ret->n = snapshot_destination_rules(g->snap, g->proxy->ns, svc, ret->v, GEN_RULES_MAX);
	for (size_t i = 0; i < ret->n; i++)
		max += ret->v[i]->spec->subsets.n;
	ret->subsets = ARENA_NEW_N(g->arena, const struct istio_subset *, max);
	for (size_t i = 0; i < ret->n; i++) {
		const struct istio_destination_rule_spec *spec = ret->v[i]->spec;

		gen_use(g, &ret->v[i]->o);
		if (!ret->policy) {
			ret->policy = spec->traffic_policy;
			first = ret->v[i];
		} else if (spec->traffic_policy) {
			gen_conflict(g, &(struct gen_owner){ret->v[i]->o.obj, ""},
				     &(struct gen_owner){first->o.obj, ""}, "spec.trafficPolicy",
				     arena_printf(g->arena, "the policy for host %s", first->host));
		}
		add_subsets(g, ret, ret->v[i]);
	}
}

/* Settings of the port replace all others that a port can have. */
static bool port_policy(const struct istio_traffic_policy *t, uint16_t port, struct gen_policy *ret)
{
	for (size_t i = 0; i < t->port_level_settings.n; i++) {
		const struct istio_traffic_policy_port_traffic_policy *p = &t->port_level_settings.v[i];

		if (!p->port || p->port->number != port)
			continue;
		ret->lb = p->load_balancer;
		ret->pool = p->connection_pool;
		ret->outlier = p->outlier_detection;
		ret->tls = p->tls;
		return true;
	}
	return false;
}

struct gen_policy gen_resolve_policy(const struct gen_rules *r, uint16_t port, const struct istio_subset *subset)
{
	const struct istio_traffic_policy *t = r->policy, *s = subset ? subset->traffic_policy : NULL;
	struct gen_policy p = {0};

	if (t && !port_policy(t, port, &p))
		p = (struct gen_policy){t->load_balancer, t->connection_pool, t->outlier_detection, t->tls};
	p.retries = t ? t->retry_budget : NULL;
	if (!s)
		return p;
	if (s->load_balancer)
		p.lb = s->load_balancer;
	if (s->connection_pool)
		p.pool = s->connection_pool;
	if (s->outlier_detection)
		p.outlier = s->outlier_detection;
	if (s->tls)
		p.tls = s->tls;
	if (s->retry_budget)
		p.retries = s->retry_budget;
	port_policy(s, port, &p);
	return p;
}

pb_breakers *gen_default_breakers(struct arena *a)
{
	pb_breakers *b = pb_breakers_new(a);
	pb_thresholds *t = pb_thresholds_new(a);

	t->max_connections = pb_u32(a, UINT32_MAX);
	t->max_pending_requests = pb_u32(a, UINT32_MAX);
	t->max_requests = pb_u32(a, UINT32_MAX);
	t->max_retries = pb_u32(a, UINT32_MAX);
	t->track_remaining = true;
	PB_ADD(a, b, thresholds, t);
	return b;
}

static void set_if(Google__Protobuf__UInt32Value *v, int32_t n)
{
	if (n > 0)
		v->value = (uint32_t)n;
}

static void apply_pool(struct gen *g, pb_cluster *c, const struct istio_connection_pool_settings *p)
{
	const struct istio_connection_pool_settings_tcp_settings *tcp = p->tcp;
	pb_thresholds *t = c->circuit_breakers->thresholds[0];

	if (p->http) {
		set_if(t->max_pending_requests, p->http->http1_max_pending_requests);
		set_if(t->max_requests, p->http->http2_max_requests);
		set_if(t->max_retries, p->http->max_retries);
	}
	if (!tcp)
		return;
	set_if(t->max_connections, tcp->max_connections);
	if (tcp->connect_timeout && *tcp->connect_timeout > 0)
		c->connect_timeout = pb_duration_ns(g->arena, *tcp->connect_timeout);
	if (tcp->tcp_keepalive) {
		const struct istio_connection_pool_settings_tcp_settings_tcp_keepalive *k = tcp->tcp_keepalive;
		pb_keepalive *out = pb_keepalive_new(g->arena);

		if (k->probes)
			out->keepalive_probes = pb_u32(g->arena, k->probes);
		if (k->time)
			out->keepalive_time = pb_u32(g->arena, (uint32_t)(*k->time / 1000000000));
		if (k->interval)
			out->keepalive_interval = pb_u32(g->arena, (uint32_t)(*k->interval / 1000000000));
		c->upstream_connection_options = pb_upstream_conn_new(g->arena);
		c->upstream_connection_options->tcp_keepalive = out;
	}
}

#define RETRY_PERCENT 20
#define RETRIES_MIN 3

static void apply_retry_budget(struct gen *g, pb_cluster *c, const struct istio_traffic_policy_retry_budget *r)
{
	pb_retry_budget *x = pb_retry_budget_new(g->arena);

	x->budget_percent = pb_percent_new(g->arena);
	x->budget_percent->value = r->percent ? MAX(0, MIN(*r->percent, 100)) : RETRY_PERCENT;
	x->min_retry_concurrency = pb_u32(g->arena, r->min_retry_concurrency ? r->min_retry_concurrency : RETRIES_MIN);
	c->circuit_breakers->thresholds[0]->retry_budget = x;
}

static void apply_outlier(struct gen *g, pb_cluster *c, const struct istio_outlier_detection *o)
{
	struct arena *a = g->arena;
	pb_outlier *x = pb_outlier_new(a);

	x->enforcing_success_rate = pb_u32(a, 0);
	if (o->interval && *o->interval > 0)
		x->interval = pb_duration_ns(a, *o->interval);
	if (o->base_ejection_time && *o->base_ejection_time > 0)
		x->base_ejection_time = pb_duration_ns(a, *o->base_ejection_time);
	if (o->max_ejection_percent > 0)
		x->max_ejection_percent = pb_u32(a, (uint32_t)MIN(o->max_ejection_percent, 100));
	if (o->consecutive_errors > 0) { /* obsolete: counted what a gateway answers, and nothing else */
		x->consecutive_gateway_failure = pb_u32(a, (uint32_t)o->consecutive_errors);
		x->enforcing_consecutive_gateway_failure = pb_u32(a, 100);
		x->enforcing_consecutive_5xx = pb_u32(a, 0);
	}
	if (o->consecutive_5xx_errors) {
		x->consecutive_5xx = pb_u32(a, *o->consecutive_5xx_errors);
		x->enforcing_consecutive_5xx = pb_u32(a, *o->consecutive_5xx_errors ? 100 : 0);
	}
	if (o->consecutive_gateway_errors) {
		x->consecutive_gateway_failure = pb_u32(a, *o->consecutive_gateway_errors);
		x->enforcing_consecutive_gateway_failure = pb_u32(a, *o->consecutive_gateway_errors ? 100 : 0);
	}
	if (o->split_external_local_origin_errors) {
		x->split_external_local_origin_errors = true;
		if (o->consecutive_local_origin_failures) {
			const uint32_t n = *o->consecutive_local_origin_failures;

			x->consecutive_local_origin_failure = pb_u32(a, n);
			x->enforcing_consecutive_local_origin_failure = pb_u32(a, n ? 100 : 0);
		}
		x->enforcing_local_origin_success_rate = pb_u32(a, 0);
	}
	c->outlier_detection = x;
	if (!c->common_lb_config)
		c->common_lb_config = pb_common_lb_new(a);
	c->common_lb_config->healthy_panic_threshold = pb_percent_new(a);
	c->common_lb_config->healthy_panic_threshold->value = MAX(0, MIN(o->min_health_percent, 100));
}

#define RING_SIZE_MAX 8388608 /* Envoy takes no larger one */

#define LB(x) ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__##x

static void apply_hash(struct gen *g, pb_cluster *c, const struct istio_load_balancer_settings_consistent_hash_lb *h)
{
	int64_t size = h->ring_hash && h->ring_hash->minimum_ring_size ? h->ring_hash->minimum_ring_size
		       : h->minimum_ring_size                          ? h->minimum_ring_size
								       : 1024;

	if (h->maglev) {
		c->lb_policy = LB(MAGLEV);
		c->lb_config_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_MAGLEV_LB_CONFIG;
		c->maglev_lb_config = pb_maglev_new(g->arena);
		if (h->maglev->table_size)
			c->maglev_lb_config->table_size = pb_u64(g->arena, (uint64_t)h->maglev->table_size);
		return;
	}
	c->lb_policy = LB(RING_HASH);
	c->lb_config_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_RING_HASH_LB_CONFIG;
	c->ring_hash_lb_config = pb_ring_hash_new(g->arena);
	c->ring_hash_lb_config->minimum_ring_size = pb_u64(g->arena, (uint64_t)MIN(MAX(size, 1), RING_SIZE_MAX));
}

/* New endpoints get their share step by step; a balancer by hash or chance knows no shares. */
static void apply_warmup(struct gen *g, pb_cluster *c, int64_t window_ns)
{
	pb_slow_start *s = pb_slow_start_new(g->arena);

	s->slow_start_window = pb_duration_ns(g->arena, window_ns);
	if (c->lb_policy == LB(ROUND_ROBIN)) {
		c->lb_config_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_ROUND_ROBIN_LB_CONFIG;
		c->round_robin_lb_config = pb_round_robin_new(g->arena);
		c->round_robin_lb_config->slow_start_config = s;
	} else if (c->lb_policy == LB(LEAST_REQUEST)) {
		c->lb_config_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_LEAST_REQUEST_LB_CONFIG;
		c->least_request_lb_config = pb_least_request_new(g->arena);
		c->least_request_lb_config->slow_start_config = s;
	}
}

static void apply_lb(struct gen *g, pb_cluster *c, const struct istio_load_balancer_settings *lb)
{
	const int simple = lb && lb->simple ? *lb->simple : ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_UNSPECIFIED;

	if (lb && lb->consistent_hash) {
		apply_hash(g, c, lb->consistent_hash);
		return;
	}
	switch (simple) {
	case ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_RANDOM:
		c->lb_policy = LB(RANDOM);
		break;
	case ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_ROUND_ROBIN:
		c->lb_policy = LB(ROUND_ROBIN);
		break;
	default:
		c->lb_policy = LB(LEAST_REQUEST);
	}
	if (lb && lb->warmup_duration_secs && *lb->warmup_duration_secs > 0)
		apply_warmup(g, c, *lb->warmup_duration_secs);
}

void gen_apply_policy(struct gen *g, pb_cluster *c, const struct gen_policy *p)
{
	c->connect_timeout = pb_duration_ns(g->arena, gen_mesh(g)->connect_timeout_ns);
	c->circuit_breakers = gen_default_breakers(g->arena);
	if (c->type == ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__ORIGINAL_DST)
		c->lb_policy = LB(CLUSTER_PROVIDED);
	else
		apply_lb(g, c, p->lb);
	if (p->pool)
		apply_pool(g, c, p->pool);
	if (p->retries)
		apply_retry_budget(g, c, p->retries);
	if (p->outlier)
		apply_outlier(g, c, p->outlier);
}

/* The rule's word counts, then the mesh's. */
static bool wants_upgrade(const struct gen *g, const struct istio_connection_pool_settings_http_settings *h)
{
	switch (h ? (int)h->h2_upgrade_policy
		  : ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_DEFAULT) {
	case ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_UPGRADE:
		return true;
	case ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_DO_NOT_UPGRADE:
		return false;
	default:
		return gen_mesh(g)->spec.h2_upgrade_policy == ISTIO_MESH_CONFIG_H2_UPGRADE_POLICY_UPGRADE;
	}
}

static bool wants_http2(const struct gen *g, const struct istio_connection_pool_settings_http_settings *h,
			enum protocol protocol)
{
	return protocol_is_http2(protocol) || (protocol == PROTOCOL_HTTP && wants_upgrade(g, h));
}

#define UP(x) ENVOY__EXTENSIONS__UPSTREAMS__HTTP__V3__HTTP_PROTOCOL_OPTIONS__##x

pb_upstream_http *gen_upstream_http(struct gen *g, const struct gen_policy *p, enum protocol protocol)
{
	struct arena *a = g->arena;
	const struct istio_connection_pool_settings_http_settings *h = p->pool ? p->pool->http : NULL;
	const struct istio_connection_pool_settings_tcp_settings *tcp = p->pool ? p->pool->tcp : NULL;
	const int64_t *max_age = tcp ? tcp->max_connection_duration : NULL;
	const bool common = (h && (h->idle_timeout || h->max_requests_per_connection)) || max_age;
	const bool http2 = wants_http2(g, h, protocol);
	/* Where nobody said what is spoken, what the client speaks is right. */
	const bool client = (h && h->use_client_protocol) || protocol == PROTOCOL_AUTO;
	pb_upstream_http *u;

	if (!common && !http2 && !client)
		return NULL;
	u = pb_upstream_http_new(a);
	if (common) {
		u->common_http_protocol_options = pb_http_options_new(a);
		if (h && h->idle_timeout)
			u->common_http_protocol_options->idle_timeout = pb_duration_ns(a, *h->idle_timeout);
		if (h && h->max_requests_per_connection > 0)
			u->common_http_protocol_options->max_requests_per_connection =
				pb_u32(a, (uint32_t)h->max_requests_per_connection);
		if (max_age)
			u->common_http_protocol_options->max_connection_duration = pb_duration_ns(a, *max_age);
	}
	if (client) {
		u->upstream_protocol_options_case = UP(UPSTREAM_PROTOCOL_OPTIONS_USE_DOWNSTREAM_PROTOCOL_CONFIG);
		u->use_downstream_protocol_config = pb_downstream_http_new(a);
		u->use_downstream_protocol_config->http_protocol_options = pb_http1_options_new(a);
		u->use_downstream_protocol_config->http2_protocol_options = pb_http2_options_new(a);
		return u;
	}
	u->upstream_protocol_options_case = UP(UPSTREAM_PROTOCOL_OPTIONS_EXPLICIT_HTTP_CONFIG);
	u->explicit_http_config = pb_explicit_http_new(a);
	if (http2) {
		u->explicit_http_config->protocol_config_case =
			UP(EXPLICIT_HTTP_CONFIG__PROTOCOL_CONFIG_HTTP2_PROTOCOL_OPTIONS);
		u->explicit_http_config->http2_protocol_options = pb_http2_options_new(a);
	} else {
		u->explicit_http_config->protocol_config_case =
			UP(EXPLICIT_HTTP_CONFIG__PROTOCOL_CONFIG_HTTP_PROTOCOL_OPTIONS);
		u->explicit_http_config->http_protocol_options = pb_http1_options_new(a);
	}
	return u;
}
