/*
 * Outbound listeners of sidecars. Redirected connections arrive at virtualOutbound, which hands them to the listener
 * of their original destination: <vip>_<port> for TCP, 0.0.0.0_<port> for HTTP, else to the catch-all chain. The
 * wildcard listeners see strangers' connections of their port, too: what no chain of theirs takes passes by.
 */
#include "compile/gen.h"
#include "base/ip.h"

#include "mesh/host.h"

#define OUTBOUND_PORT 15001

pb_listener *gen_listener(struct gen *g, const char *name, const char *ip, uint16_t port)
{
	pb_listener *l = pb_listener_new(g->arena);

	l->name = pb_str(name);
	l->address = pb_address_make(g->arena, ip, port);
	l->traffic_direction = ENVOY__CONFIG__CORE__V3__TRAFFIC_DIRECTION__OUTBOUND;
	return l;
}

void gen_listener_filter(struct gen *g, pb_listener *l, const char *name, Google__Protobuf__Any *config)
{
	pb_listener_filter *f = pb_listener_filter_new(g->arena);

	for (size_t i = 0; i < l->n_listener_filters; i++)
		if (strcmp(l->listener_filters[i]->name, name) == 0)
			return;
	f->name = pb_str(name);
	f->config_type_case = ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER__CONFIG_TYPE_TYPED_CONFIG;
	f->typed_config = config;
	PB_ADD(g->arena, l, listener_filters, f);
}

static void add_virtual_outbound(struct gen *g)
{
	struct arena *a = g->arena;
	pb_listener *l = gen_listener(g, "virtualOutbound", "0.0.0.0", OUTBOUND_PORT);
	pb_chain *black = pb_chain_new(a), *all = pb_chain_new(a);

	l->use_original_dst = pb_bool(a, true);
	black->name = pb_str("virtualOutbound-blackhole");
	black->filter_chain_match = pb_chain_match_new(a);
	black->filter_chain_match->destination_port = pb_u32(a, OUTBOUND_PORT);
	gen_tcp_filters(g, black, GEN_OUTBOUND, "BlackHoleCluster");
	all->name = pb_str("virtualOutbound-catchall-tcp");
	gen_tcp_filters(g, all, GEN_OUTBOUND, gen_allow_any(g) ? "PassthroughCluster" : "BlackHoleCluster");
	PB_ADD(a, l, filter_chains, black);
	PB_ADD(a, l, filter_chains, all);
	gen_add(g, l->name, l);
}

/* Listeners while they are collected: several services may share one. */
struct outbound {
	struct gen *g;
	struct map by_name; /* -> struct gen_chains * */
	struct map http;    /* "<address>_<port>" of HTTP services -> struct service *, the first */
};

static struct gen_chains *listener_at(struct outbound *t, const char *ip, uint16_t port)
{
	struct arena *a = t->g->arena;
	const char *name = arena_printf(a, "%s_%u", ip, port);
	struct gen_chains *c = map_get(&t->by_name, slice_str(name));
	pb_listener *l;

	if (c)
		return c;
	l = gen_listener(t->g, name, ip, port);
	l->bind_to_port = pb_bool(a, false);
	c = ARENA_NEW(a, struct gen_chains);
	gen_chains_init(c, t->g, l);
	map_set(&t->by_name, slice_str(l->name), c);
	return c;
}

/* Filters that look at the first bytes. A client that waits for the server is waited for as long as the mesh says. */
static void inspect(struct gen *g, pb_listener *l, bool http)
{
	struct arena *a = g->arena;
	const int64_t *timeout = gen_mesh(g)->spec.protocol_detection_timeout;

	gen_listener_filter(g, l, "envoy.filters.listener.tls_inspector", PB_ANY(a, pb_tls_inspector_new(a)));
	if (http)
		gen_listener_filter(g, l, "envoy.filters.listener.http_inspector", PB_ANY(a, pb_http_inspector_new(a)));
	l->listener_filters_timeout = pb_duration_ns(a, timeout ? *timeout : 0);
	l->continue_on_listener_filters_timeout = true;
}

static void add_http(struct outbound *t, uint16_t port)
{
	static const char *const alpn[] = {"http/1.0", "http/1.1", "h2c"};
	struct gen *g = t->g;
	struct arena *a = g->arena;
	struct gen_chains *l = listener_at(t, "0.0.0.0", port);
	pb_chain *c = pb_chain_new(a);
	const struct gen_http h = {
		.direction = GEN_OUTBOUND,
		.stat_prefix = arena_printf(a, "outbound_%s", l->l->name),
		.rds = arena_printf(a, "%u", port),
	};

	c->filter_chain_match = pb_chain_match_new(a);
	c->filter_chain_match->transport_protocol = pb_str("raw_buffer");
	for (size_t i = 0; i < ARRAY_LEN(alpn); i++)
		PB_ADD(a, c->filter_chain_match, application_protocols, pb_str(alpn[i]));
	PB_ADD(a, c, filters, gen_hcm(g, &h));
	gen_chains_add(l, c, &(struct gen_owner){NULL, ""});
	inspect(g, l->l, true);
}

static bool tcp_match_applies(const struct gen *g, const struct istio_l4_match_attributes *m, const char *gateway,
			      uint16_t port)
{
	bool found = m->gateways.n == 0;

	for (size_t i = 0; i < m->gateways.n; i++)
		found |= strcmp(m->gateways.v[i], gateway) == 0;
	return found && (!m->port || m->port == port) &&
	       (!m->source_namespace || strcmp(m->source_namespace, g->proxy->ns) == 0) &&
	       meta_labels_contain(&g->proxy->labels, &m->source_labels);
}

static const char *route_cluster(struct gen *g, const struct mesh_virtual_service *vs,
				 const struct istio_destination *d, uint16_t port)
{
	const char *host = host_resolve(g->arena, d->host, vs->o.ns, gen_mesh(g)->domain);
	const struct service *svc = gen_service(g, host);

	if (d->port && d->port->number)
		port = (uint16_t)d->port->number;
	else if (svc && svc->n_ports == 1)
		port = svc->ports[0].port;
	return gen_cluster_name(g->arena, port, d->subset, host);
}

pb_tcp_proxy *gen_tcp_routes(struct gen *g, const struct mesh_virtual_service *vs,
			     const struct istio_route_destination *v, size_t n, uint16_t port, const char *path)
{
	struct arena *a = g->arena;
	uint64_t total = 0;
	pb_tcp_proxy *t;

	if (n == 1 && v[0].destination) {
		const char *cluster = route_cluster(g, vs, v[0].destination, port);

		return gen_tcp_proxy(g, cluster, cluster);
	}
	t = gen_tcp_proxy(g, arena_printf(a, "%s.%s", vs->o.name, vs->o.ns), NULL);
	t->cluster_specifier_case =
		ENVOY__EXTENSIONS__FILTERS__NETWORK__TCP_PROXY__V3__TCP_PROXY__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS;
	t->weighted_clusters = pb_tcp_weighted_new(a);
	for (size_t i = 0; i < n; i++) {
		pb_tcp_weight *w = pb_tcp_weight_new(a);

		if (!v[i].destination || v[i].weight <= 0)
			continue;
		w->name = pb_str(route_cluster(g, vs, v[i].destination, port));
		w->weight = (uint32_t)v[i].weight;
		total += w->weight;
		PB_ADD(a, t->weighted_clusters, clusters, w);
	}
	if (total && total <= UINT32_MAX)
		return t;
	gen_note(g, vs->o.obj, arena_printf(a, "%s.route", path),
		 "the sum of weights must be 1..%u; the route is left out", UINT32_MAX);
	return NULL;
}

const struct istio_tcp_route *gen_find_tcp_route(struct gen *g, const struct mesh_virtual_service *vs,
						 const char *gateway, uint16_t port)
{
	for (size_t i = 0; i < vs->spec->tcp.n; i++) {
		const struct istio_tcp_route *r = &vs->spec->tcp.v[i];

		if (!r->match.n)
			return r;
		for (size_t j = 0; j < r->match.n; j++)
			if (tcp_match_applies(g, &r->match.v[j], gateway, port))
				return r;
	}
	return NULL;
}

static bool governs(struct gen *g, const struct mesh_virtual_service *vs, const struct service *svc)
{
	if (!gen_bound(vs, "mesh") || !gen_sees(g, vs))
		return false;
	for (size_t j = 0; j < vs->n_hosts; j++)
		if (host_subset_of(svc->host, vs->hosts[j]))
			return true;
	return false;
}

static bool add_sni_chain(struct gen_chains *l, const char *const *hosts, size_t n, pb_tcp_proxy *tcp,
			  const struct gen_owner *owner)
{
	struct gen *g = l->g;
	struct arena *a = g->arena;
	pb_chain *c = pb_chain_new(a);

	c->filter_chain_match = pb_chain_match_new(a);
	for (size_t i = 0; i < n; i++)
		PB_ADD(a, c->filter_chain_match, server_names, pb_str(hosts[i]));
	if (!tcp)
		return false;
	gen_tcp_filters_of(g, c, GEN_OUTBOUND, tcp);
	if (!gen_chains_add(l, c, owner))
		return false;
	inspect(g, l->l, false);
	return true;
}

static bool covers(const struct istio_tls_match_attributes *m, const char *host)
{
	for (size_t i = 0; i < m->sni_hosts.n; i++)
		if (host_subset_of(host, m->sni_hosts.v[i]))
			return true;
	return false;
}

bool gen_tls_match_applies(const struct gen *g, const struct mesh_virtual_service *vs,
			   const struct istio_tls_match_attributes *m, const char *gateway, uint16_t port)
{
	bool found = m->gateways.n == 0;

	for (size_t i = 0; i < m->gateways.n; i++)
		found |= strcmp(gateway_resolve(g->arena, m->gateways.v[i], vs->o.ns), gateway) == 0;
	return found && (!m->port || m->port == port) && m->sni_hosts.n &&
	       (!m->source_namespace || strcmp(m->source_namespace, g->proxy->ns) == 0) &&
	       meta_labels_contain(&g->proxy->labels, &m->source_labels);
}

/* The TLS rules of a VirtualService. True when they tell where a connection for the service's own name goes. */
static bool add_tls_routes(struct gen_chains *l, const struct mesh_virtual_service *vs, const struct service *svc,
			   uint16_t port)
{
	struct gen *g = l->g;
	bool covered = false;

	for (size_t i = 0; i < vs->spec->tls.n; i++) {
		const struct istio_tls_route *r = &vs->spec->tls.v[i];

		for (size_t j = 0; j < r->match.n; j++) {
			const struct istio_tls_match_attributes *m = &r->match.v[j];
			const struct gen_owner owner = {
				.object = vs->o.obj,
				.path = arena_printf(g->arena, "spec.tls[%zu].match[%zu].sniHosts", i, j),
				.ordered = true,
			};

			if (!gen_tls_match_applies(g, vs, m, "mesh", port) || !r->route.n)
				continue;
			covered |= covers(m, svc->host);
			if (add_sni_chain(l, m->sni_hosts.v, m->sni_hosts.n,
					  gen_tcp_routes(g, vs, r->route.v, r->route.n, port,
							 arena_printf(g->arena, "spec.tls[%zu]", i)),
					  &owner))
				gen_use(g, &vs->o);
		}
	}
	return covered;
}

/* The first TCP rule for a service, of the oldest VirtualService that has one; younger ones are told. */
static pb_tcp_proxy *service_proxy(struct gen *g, const struct service *svc, const struct service_port *p)
{
	const struct mesh_virtual_service *first = NULL;
	const char *cluster = gen_cluster_name(g->arena, p->port, "", svc->host);
	const struct istio_tcp_route *rule = NULL;

	for (size_t i = 0; i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];
		const struct istio_tcp_route *r;

		if (!vs->spec->tcp.n || !governs(g, vs, svc))
			continue;
		r = gen_find_tcp_route(g, vs, "mesh", p->port);
		if (!r || !r->route.n)
			continue;
		if (first) {
			gen_conflict(g, &(struct gen_owner){vs->o.obj, ""}, &(struct gen_owner){first->o.obj, ""},
				     "spec.tcp", arena_printf(g->arena, "port %u of host %s", p->port, svc->host));
			continue;
		}
		first = vs;
		rule = r;
	}
	if (first) {
		const size_t i = (size_t)(rule - first->spec->tcp.v);
		pb_tcp_proxy *t = gen_tcp_routes(g, first, rule->route.v, rule->route.n, p->port,
						 arena_printf(g->arena, "spec.tcp[%zu]", i));

		gen_use(g, &first->o);
		if (t)
			return t;
	}
	return gen_tcp_proxy(g, cluster, cluster);
}

/* path: of the address in the service's object. */
static void add_at(struct outbound *t, const char *ip, const struct service *svc, const struct service_port *p,
		   const char *path)
{
	struct gen *g = t->g;
	const struct gen_owner owner = {svc->obj, path, true};
	const struct service *http = map_get(&t->http, slice_str(arena_printf(g->arena, "%s_%u", ip, p->port)));
	struct gen_chains *l;
	bool covered = false;
	pb_chain *c;

	if (http && http->number < svc->number) {
		gen_conflict(g, &owner, &(struct gen_owner){http->obj, ""}, path,
			     arena_printf(g->arena, "port %u of address %s", p->port, ip));
		return;
	}
	l = listener_at(t, ip, p->port);
	for (size_t i = 0; protocol_is_tls(p->protocol) && i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];

		if (vs->spec->tls.n && governs(g, vs, svc))
			covered |= add_tls_routes(l, vs, svc, p->port);
	}
	if (strcmp(ip, "0.0.0.0") == 0 && protocol_is_tls(p->protocol)) {
		if (!covered)
			add_sni_chain(l, (const char *const *)&svc->host, 1, service_proxy(g, svc, p), &owner);
		return;
	}
	c = pb_chain_new(g->arena);
	gen_tcp_filters_of(g, c, GEN_OUTBOUND, service_proxy(g, svc, p));
	gen_chains_add(l, c, &owner);
}

static void add_tcp_port(struct outbound *t, const struct service *svc, const struct service_port *p)
{
	const struct endpoint_set set = snapshot_endpoints(t->g->snap, svc, p->port);
	const char *port_path = arena_printf(t->g->arena, "spec.ports[%zu]", p->index);
	size_t n = 0;

	for (size_t i = 0; i < svc->n_vips; i++) {
		if (strchr(svc->vips[i], '/'))
			continue;
		if (!ip_is(slice_str(svc->vips[i]))) {
			gen_note(t->g, svc->obj, arena_printf(t->g->arena, "spec.addresses[%zu]", i),
				 "\"%s\" is no address", svc->vips[i]);
			continue;
		}
		add_at(t, svc->vips[i], svc, p, arena_printf(t->g->arena, "spec.addresses[%zu]", i));
		n++;
	}
	for (size_t i = 0; svc->headless && i < set.n; i++)
		if (ip_is(slice_str(set.v[i].address)))
			add_at(t, set.v[i].address, svc, p, port_path);
	if (!n && !svc->headless && (svc->entry || svc->external))
		add_at(t, "0.0.0.0", svc, p, port_path);
}

/* The chain without a match, taken out of the listener; NULL when there is none. */
static pb_chain *take_unmatched(pb_listener *l)
{
	for (size_t i = 0; i < l->n_filter_chains; i++) {
		pb_chain *c = l->filter_chains[i];

		if (c->filter_chain_match)
			continue;
		l->n_filter_chains--;
		memmove(&l->filter_chains[i], &l->filter_chains[i + 1],
			(l->n_filter_chains - i) * sizeof(l->filter_chains[0]));
		return c;
	}
	return NULL;
}

/*
 * What no chain of a shared wildcard listener matches goes to the TCP service without names, else where it wanted to.
 * Such a service is the default, not one chain among others: beside an HTTP chain, which matches plain text first, a
 * proxy finds no way back to it.
 */
static void finish_wildcard(struct gen *g, pb_listener *l)
{
	pb_chain *c = take_unmatched(l);

	if (c && !l->n_filter_chains) {
		PB_ADD(g->arena, l, filter_chains, c);
		return;
	}
	if (c) {
		l->default_filter_chain = c;
		return;
	}
	c = pb_chain_new(g->arena);
	c->name = pb_str("PassthroughFilterChain");
	gen_tcp_filters(g, c, GEN_OUTBOUND, gen_allow_any(g) ? "PassthroughCluster" : "BlackHoleCluster");
	l->default_filter_chain = c;
}

/* An HTTP service is found by its name, whatever the address: a listener on its address would take it away. */
static void claim_http(struct outbound *t)
{
	struct gen *g = t->g;
	bool asked = false;

	for (size_t i = 0; i < g->n_services; i++)
		asked |= g->services[i]->headless || (g->services[i]->entry && g->services[i]->n_vips);
	if (!asked)
		return;
	for (size_t i = 0; i < g->n_services; i++) {
		const struct service *svc = g->services[i];

		for (size_t j = 0; j < svc->n_ports * svc->n_vips; j++) {
			const struct service_port *p = &svc->ports[j / svc->n_vips];
			const char *key = arena_printf(g->arena, "%s_%u", svc->vips[j % svc->n_vips], p->port);

			if (protocol_is_http(p->protocol) && !map_get(&t->http, slice_str(key)))
				map_set(&t->http, slice_str(key), (void *)svc);
		}
	}
}

static void add_services(struct outbound *t)
{
	struct gen *g = t->g;

	for (size_t i = 0; i < g->n_services; i++)
		for (size_t j = 0; j < g->services[i]->n_ports; j++)
			if (!protocol_is_http(g->services[i]->ports[j].protocol))
				add_tcp_port(t, g->services[i], &g->services[i]->ports[j]);
}

static void add_outbound(struct outbound *t)
{
	uint16_t *ports;
	const size_t n = gen_http_ports(t->g, &ports);
	struct map_entry *e;

	for (size_t i = 0; i < n; i++)
		add_http(t, ports[i]);
	claim_http(t);
	add_services(t);
	for (size_t i = 0; (e = map_next(&t->by_name, &i));) {
		struct gen_chains *c = e->value;

		if (strncmp(c->l->name, "0.0.0.0_", 8) == 0)
			finish_wildcard(t->g, c->l);
		if (c->l->n_filter_chains)
			gen_add(t->g, c->l->name, c->l);
		gen_chains_done(c);
	}
	map_done(&t->by_name);
	map_done(&t->http);
}

void gen_outbound_listeners(struct gen *g)
{
	struct outbound t = {.g = g};

	if (g->proxy->type == PROXY_ROUTER) {
		gen_gateway_listeners(g);
		return;
	}
	add_virtual_outbound(g);
	add_outbound(&t);
}
