/* Listener resources to struct config_listener: listener filters, filter chains, network filters. */
#include "base/clock.h"
#include "base/vec.h"
#include "config/build_internal.h"

#include "envoy/extensions/filters/listener/http_inspector/v3/http_inspector.pb-c.h"
#include "envoy/extensions/filters/listener/original_dst/v3/original_dst.pb-c.h"
#include "envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol.pb-c.h"
#include "envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.pb-c.h"
#include "envoy/extensions/filters/network/rbac/v3/rbac.pb-c.h"
#include "envoy/type/v3/range.pb-c.h"

#define PROXYPB(T) Envoy__Extensions__Filters__Listener__ProxyProtocol__V3__##T
#define NETRBAC(T) Envoy__Extensions__Filters__Network__Rbac__V3__##T

/* ---- listener filters ---- */

/* Ports for which a filter is switched off: destination_port_range, or or_match of those. */
static int off_ports(struct build_ctx *x, const LISTENER(ListenerFilterChainMatchPredicate) * p, struct config_sniff *s,
		     struct err *e)
{
	const LISTENER(ListenerFilterChainMatchPredicate) *const *v = &p;
	size_t n = 1;

	if (p->rule_case == ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER_CHAIN_MATCH_PREDICATE__RULE_OR_MATCH) {
		v = (const LISTENER(ListenerFilterChainMatchPredicate) *const *)p->or_match->rules;
		n = p->or_match->n_rules;
	}
	s->off_ports = ARENA_NEW_N(x->out, struct config_port_range, n);
	for (size_t i = 0; i < n; i++) {
		if (v[i]->rule_case ==
		    ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER_CHAIN_MATCH_PREDICATE__RULE_ANY_MATCH) {
			s->off_ports[s->n_off_ports++] = (struct config_port_range){0, 65536};
			continue;
		}
		if (v[i]->rule_case !=
		    ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER_CHAIN_MATCH_PREDICATE__RULE_DESTINATION_PORT_RANGE)
			return UNSUPPORTED(e, "filter_disabled: anything but or_match of destination_port_range");
		s->off_ports[s->n_off_ports++] = (struct config_port_range){
			(uint32_t)v[i]->destination_port_range->start, (uint32_t)v[i]->destination_port_range->end};
	}
	return 0;
}

static int proxy_filter(struct build_ctx *x, const LISTENER(ListenerFilter) * f, struct config_listener *l,
			struct err *e)
{
	const PROXYPB(ProxyProtocol) *m =
		build_any(x, f->typed_config,
			  &envoy__extensions__filters__listener__proxy_protocol__v3__proxy_protocol__descriptor, e);

	if (!m)
		return err_wrap(e, -EINVAL, "filter '%s'", f->name);
	if (f->filter_disabled)
		return err_set(e, -EINVAL, "filter '%s': filter_disabled is not supported", f->name);
	l->proxy_protocol = (struct config_proxy){.on = true, .optional = m->allow_requests_without_proxy_protocol};
	for (size_t i = 0; i < m->n_disallowed_versions; i++)
		l->proxy_protocol.refused |=
			m->disallowed_versions[i] == ENVOY__CONFIG__CORE__V3__PROXY_PROTOCOL_CONFIG__VERSION__V2
				? 1u << 2
				: 1u << 1;
	return 0;
}

/* Of none of them anything is kept: what they can be told beside being there is refused. */
static const ProtobufCMessageDescriptor *const listener_filters[] = {
	&envoy__extensions__filters__listener__original_dst__v3__original_dst__descriptor,
	&envoy__extensions__filters__listener__tls_inspector__v3__tls_inspector__descriptor,
	&envoy__extensions__filters__listener__http_inspector__v3__http_inspector__descriptor,
};

static int listener_filter(struct build_ctx *x, const LISTENER(ListenerFilter) * f, struct config_listener *l,
			   struct err *e)
{
	struct config_sniff *const sniffs[] = {NULL, &l->tls_inspector, &l->http_inspector};
	const Google__Protobuf__Any *any =
		f->config_type_case == ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER__CONFIG_TYPE_TYPED_CONFIG
			? f->typed_config
			: NULL;
	const char *type = build_inner_type(x, any);
	size_t i = 0;

	if (strcmp(type, "envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol") == 0)
		return proxy_filter(x, f, l, e);
	while (i < ARRAY_LEN(listener_filters) && strcmp(listener_filters[i]->name, type) != 0)
		i++;
	if (i == ARRAY_LEN(listener_filters))
		return err_set(e, -EINVAL, "filter '%s': type '%s' is not supported", f->name, type);
	if (!build_any(x, any, listener_filters[i], e))
		return err_wrap(e, -EINVAL, "filter '%s'", f->name);
	if (sniffs[i]) {
		sniffs[i]->on = true;
		return f->filter_disabled ? off_ports(x, f->filter_disabled, sniffs[i], e) : 0;
	}
	if (f->filter_disabled)
		return err_set(e, -EINVAL, "filter '%s': filter_disabled is not supported", f->name);
	l->original_dst = true;
	return 0;
}

/* ---- filter chains ---- */

static struct slice *slices(struct build_ctx *x, char **v, size_t n, bool lower)
{
	struct slice *ret = ARENA_NEW_N(x->out, struct slice, n);

	for (size_t i = 0; i < n; i++)
		ret[i] = lower ? build_lower(x, v[i]) : build_slice(x, v[i]);
	return ret;
}

static int chain_match(struct build_ctx *x, const LISTENER(FilterChainMatch) * m, struct config_chain_match *ret,
		       struct err *e)
{
	int r;

	if (!m)
		return 0;
	if (m->address_suffix[0] || m->suffix_len || m->n_direct_source_prefix_ranges)
		return UNSUPPORTED(e, "address_suffix or direct_source_prefix_ranges");
	if ((unsigned)m->source_type > CONFIG_SOURCE_EXTERNAL)
		return err_set(e, -EINVAL, "source_type: unknown value");
	ret->port = build_u32(m->destination_port, 0);
	ret->transport = build_slice(x, m->transport_protocol);
	ret->server_names = slices(x, m->server_names, m->n_server_names, true);
	ret->n_server_names = m->n_server_names;
	ret->alpn = slices(x, m->application_protocols, m->n_application_protocols, false);
	ret->n_alpn = m->n_application_protocols;
	ret->source_type = (enum config_source_type)m->source_type;
	ret->n_source_ports = m->n_source_ports;
	ret->source_ports = ARENA_NEW_N(x->out, uint32_t, m->n_source_ports);
	if (m->n_source_ports)
		memcpy(ret->source_ports, m->source_ports, m->n_source_ports * sizeof(uint32_t));
	ret->n_prefixes = m->n_prefix_ranges;
	ret->n_source_prefixes = m->n_source_prefix_ranges;
	r = build_cidrs(x, m->prefix_ranges, m->n_prefix_ranges, &ret->prefixes, e);
	if (r < 0)
		return err_wrap(e, r, "prefix_ranges");
	r = build_cidrs(x, m->source_prefix_ranges, m->n_source_prefix_ranges, &ret->source_prefixes, e);
	return r < 0 ? err_wrap(e, r, "source_prefix_ranges") : 0;
}

static int network_rbac(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_chain *c, size_t max,
			struct err *e)
{
	const NETRBAC(RBAC) *m = build_any(x, any, &envoy__extensions__filters__network__rbac__v3__rbac__descriptor, e);
	struct filter_rbac *f = ARENA_NEW(x->out, struct filter_rbac);
	int r;

	if (!m)
		return -EINVAL;
	r = build_rbac_rules(x, m->rules, &f->rules, e);
	if (r == 0)
		r = build_rbac_rules(x, m->shadow_rules, &f->shadow, e);
	if (r < 0)
		return r;
	build_shadow_keys(x, m->shadow_rules_stat_prefix, f);
	if (!c->rbac)
		c->rbac = ARENA_NEW_N(x->out, const struct filter_rbac *, max);
	c->rbac[c->n_rbac++] = f;
	return 0;
}

/* One of them is asked; who wants two has no answer for what they disagree on. */
static int network_ext_authz(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_chain *c,
			     struct err *e)
{
	if (c->ext_authz)
		return err_set(e, -EINVAL, "a second ext_authz is not supported");
	return build_network_ext_authz(x, any, &c->ext_authz, e);
}

static int network_rate(struct build_ctx *x, const Google__Protobuf__Any *any, struct config_chain *c, size_t max,
			struct err *e)
{
	struct token_bucket *bucket = NULL;
	int r = build_network_rate(x, any, &bucket, e);

	if (r < 0 || !bucket)
		return r;
	if (!c->rates)
		c->rates = ARENA_NEW_N(x->out, struct token_bucket *, max);
	c->rates[c->n_rates++] = bucket;
	return 0;
}

static int network_filter(struct build_ctx *x, const LISTENER(Filter) * f, struct config_chain *c, size_t max,
			  struct err *e)
{
	const Google__Protobuf__Any *any =
		f->config_type_case == ENVOY__CONFIG__LISTENER__V3__FILTER__CONFIG_TYPE_TYPED_CONFIG ? f->typed_config
												     : NULL;
	const char *type = build_inner_type(x, any);

	if (c->hcm || c->tcp)
		return err_set(e, -EINVAL, "filter '%s' stands behind a terminal filter", f->name);
	if (strcmp(type, "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager") == 0)
		return build_hcm(x, any, &c->hcm, e);
	if (strcmp(type, "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy") == 0)
		return build_tcp_proxy(x, any, &c->tcp, e);
	if (strcmp(type, "envoy.extensions.filters.network.rbac.v3.RBAC") == 0)
		return network_rbac(x, any, c, max, e);
	if (strcmp(type, "envoy.extensions.filters.network.ext_authz.v3.ExtAuthz") == 0)
		return network_ext_authz(x, any, c, e);
	if (strcmp(type, "envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit") == 0)
		return network_rate(x, any, c, max, e);
	if (strcmp(type, BUILD_PEER_EXCHANGE) == 0)
		return build_peer_exchange(x, any, &c->peer_exchange, e);
	if (strcmp(type, "stats.PluginConfig") == 0)
		return build_stats(x, any, &c->stats, e);
	return err_set(e, -EINVAL, "filter '%s': type '%s' is not supported", f->name, type);
}

/* A TCP chain's proxy knows the filters before it, too. */
static void tell_tcp(struct build_ctx *x, struct config_chain *c)
{
	struct config_tcp_proxy *t;

	if (!c->tcp)
		return;
	t = ARENA_NEW(x->out, struct config_tcp_proxy);
	*t = *c->tcp;
	t->stats = c->stats;
	t->peer_exchange = c->peer_exchange;
	t->rbac = c->rbac;
	t->n_rbac = c->n_rbac;
	t->ext_authz = c->ext_authz;
	c->tcp = t;
}

static int chain(struct build_ctx *x, const LISTENER(FilterChain) * m, struct config_chain *c, struct err *e)
{
	int r = chain_match(x, m->filter_chain_match, &c->match, e);

	if (r < 0)
		return err_wrap(e, r, "filter_chain_match");
	c->name = build_str(x, m->name);
	c->handshake_timeout_ns = pb_duration_to_ns(m->transport_socket_connect_timeout, 0);
	r = build_transport(x, m->transport_socket, true, &c->tls, e);
	for (size_t i = 0; r == 0 && i < m->n_filters; i++) {
		r = network_filter(x, m->filters[i], c, m->n_filters, e);
		if (r < 0)
			return err_wrap(e, r, "filters[%zu]", i);
	}
	if (r == 0 && !c->hcm && !c->tcp)
		return err_set(e, -EINVAL, "no HTTP connection manager and no TCP proxy");
	if (r == 0 && c->ext_authz && c->hcm)
		return err_set(e, -EINVAL, "ext_authz before an HTTP connection manager is not supported");
	tell_tcp(x, c);
	return r;
}

/* ---- the listener ---- */

static int chains(struct build_ctx *x, const LISTENER(Listener) * m, struct config_listener *l, struct err *e)
{
	l->chains = ARENA_NEW_N(x->out, struct config_chain, m->n_filter_chains);
	for (size_t i = 0; i < m->n_filter_chains; i++) {
		struct config_chain *c = &l->chains[l->n_chains++];
		*c = (struct config_chain){.listener = l, .index = (uint32_t)i};
		int r = chain(x, m->filter_chains[i], c, e);
		if (r < 0)
			return err_wrap(e, r, "filter_chains[%zu] '%s'", i, m->filter_chains[i]->name);
	}
	if (m->default_filter_chain) {
		struct config_chain *c = ARENA_NEW(x->out, struct config_chain);
		*c = (struct config_chain){.listener = l, .index = (uint32_t)l->n_chains};
		l->default_chain = c;
		int r = chain(x, m->default_filter_chain, c, e);
		if (r < 0)
			return err_wrap(e, r, "default_filter_chain");
	}
	return config_chain_index(l, e);
}

#define SOCKET_MODE_MASK 0777u

/* What only makes sense where the kernel has addresses is refused for a socket that has a path. */
static int unix_socket(const LISTENER(Listener) * m, struct config_listener *l, struct err *e)
{
	if (m->address->pipe->mode & ~SOCKET_MODE_MASK)
		return err_set(e, -EINVAL, "address: pipe: mode: must be 0..0777");
	if (build_bool(m->use_original_dst, false) || build_bool(m->transparent, false))
		return err_set(e, -EINVAL, "address: pipe: a Unix socket has no original destination");
	l->socket_mode = m->address->pipe->mode;
	return 0;
}

static int fill(struct build_ctx *x, const LISTENER(Listener) * m, struct config_listener *l, struct err *e)
{
	bool bind = m->bind_to_port ? m->bind_to_port->value : true;
	int r = build_address_or_pipe(m->address, &l->address, e);

	if (r < 0)
		return r;
	if (l->address.sa.sa_family == AF_UNIX) {
		r = unix_socket(m, l, e);
		if (r < 0)
			return r;
	}
	if (m->n_additional_addresses)
		return UNSUPPORTED(e, "additional_addresses");
	l->name = build_str(x, m->name);
	l->bind_to_port = bind;
	l->use_original_dst = l->original_dst = build_bool(m->use_original_dst, false);
	l->transparent = build_bool(m->transparent, false);
	l->direction = (enum config_direction)MIN((unsigned)m->traffic_direction, 2u);
	l->sniff_timeout_ns = pb_duration_to_ns(m->listener_filters_timeout, 15LL * NS_PER_S);
	l->continue_on_sniff_timeout = m->continue_on_listener_filters_timeout;
	l->per_connection_buffer_bytes = build_u32(m->per_connection_buffer_limit_bytes, 0);
	l->backlog = (int)MIN(build_u32(m->tcp_backlog_size, 0), 65535u);
	for (size_t i = 0; i < m->n_listener_filters; i++) {
		r = listener_filter(x, m->listener_filters[i], l, e);
		if (r < 0)
			return err_wrap(e, r, "listener_filters[%zu]", i);
	}
	r = build_access_logs(x, m->access_log, m->n_access_log, &l->logs, &l->n_logs, e);
	return r < 0 ? r : chains(x, m, l, e);
}

int build_listener(struct config_names *names, struct build *b, const LISTENER(Listener) * m,
		   struct config_listener **ret, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	struct config_listener *l = config_listener_new();
	struct build_ctx x = {&l->arena, &tmp, names, b};
	int r = fill(&x, m, l, e);

	if (r < 0) {
		config_listener_unref(l);
		return r;
	}
	*ret = l;
	return 0;
}
