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
	gen_tcp_filters(g, all, GEN_OUTBOUND, gen_stranger_cluster(g));
	PB_ADD(a, l, filter_chains, black);
	PB_ADD(a, l, filter_chains, all);
	gen_add(g, l->name, l);
}

/* Listeners while they are collected: several services may share one. */
struct outbound {
	struct gen *g;
	struct map by_name; /* -> struct gen_chains * */
	struct map owners;  /* "<address>_<port>" of TCP services -> struct service *, the first */
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

/* HTTP among other things: what comes to a port that strangers use, too. */
static pb_chain_match *http_match(struct arena *a)
{
	static const char *const alpn[] = {"http/1.0", "http/1.1", "h2c"};
	pb_chain_match *m = pb_chain_match_new(a);

	m->transport_protocol = pb_str("raw_buffer");
	for (size_t i = 0; i < ARRAY_LEN(alpn); i++)
		PB_ADD(a, m, application_protocols, pb_str(alpn[i]));
	return m;
}

static void add_http(struct outbound *t, const char *ip, uint16_t port, bool bound)
{
	struct gen *g = t->g;
	struct arena *a = g->arena;
	struct gen_chains *l = listener_at(t, ip, port);
	pb_chain *c = pb_chain_new(a);
	const struct gen_http h = {
		.direction = GEN_OUTBOUND,
		.stat_prefix = arena_printf(a, "outbound_%s", l->l->name),
		.rds = arena_printf(a, "%u", port),
		.port = port,
	};

	if (l->l->n_filter_chains)
		return; /* of another service with this port */
	l->l->bind_to_port->value = bound;
	if (!bound)
		c->filter_chain_match = http_match(a);
	PB_ADD(a, c, filters, gen_hcm(g, &h));
	gen_chains_add(l, c, &(struct gen_owner){NULL, ""});
	if (!bound)
		inspect(g, l->l, true);
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

/* Adds the names to the match. */
static bool add_sni_chain(struct gen_chains *l, pb_chain_match *m, const char *const *hosts, size_t n,
			  pb_tcp_proxy *tcp, const struct gen_owner *owner)
{
	struct gen *g = l->g;
	pb_chain *c = pb_chain_new(g->arena);

	c->filter_chain_match = m;
	for (size_t i = 0; i < n; i++)
		PB_ADD(g->arena, m, server_names, pb_str(hosts[i]));
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

/* The TLS rules of a VirtualService. True when they tell where a connection for the service's own name goes. */
static bool add_tls_routes(struct gen_chains *l, const struct mesh_virtual_service *vs, const struct service *svc,
			   uint16_t port, const char *ip)
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

			pb_chain_match *match = pb_chain_match_new(g->arena);

			if (!gen_tls_match_applies(g, vs, m, "mesh", port) || !r->route.n ||
			    !gen_match_subnets(g, vs, arena_printf(g->arena, "spec.tls[%zu].match[%zu]", i, j),
					       m->destination_subnets.v, m->destination_subnets.n, ip, match))
				continue;
			covered |= covers(m, svc->host) && !match->n_prefix_ranges;
			if (add_sni_chain(l, match, m->sni_hosts.v, m->sni_hosts.n,
					  gen_tcp_routes(g, vs, r->route.v, r->route.n, port,
							 arena_printf(g->arena, "spec.tls[%zu]", i)),
					  &owner))
				gen_use(g, &vs->o);
		}
	}
	return covered;
}

/* Where connections for a service go without any rule. */
static pb_tcp_proxy *service_proxy(struct gen *g, const struct service *svc, const struct service_port *p)
{
	const char *cluster = gen_cluster_name(g->arena, p->port, "", svc->host);
	pb_tcp_proxy *t = gen_tcp_proxy(g, cluster, cluster);
	struct gen_rules rules;

	gen_find_rules(g, svc, &rules);
	gen_add_tcp_hash(g, t, &rules, p->port, NULL);
	return t;
}

/* The oldest VirtualService with TCP rules for a service port, and what they come to; younger ones are told. */
static const struct mesh_virtual_service *find_tcp(struct gen *g, const struct service *svc,
						   const struct service_port *p, const char *ip,
						   struct gen_tcp_choices *ret)
{
	const struct mesh_virtual_service *first = NULL;

	for (size_t i = 0; i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];
		struct gen_tcp_choices c;

		if (!vs->spec->tcp.n || !governs(g, vs, svc) || !gen_tcp_choose(g, vs, "mesh", p->port, ip, &c))
			continue;
		if (first) {
			gen_conflict(g, &(struct gen_owner){vs->o.obj, ""}, &(struct gen_owner){first->o.obj, ""},
				     "spec.tcp", arena_printf(g->arena, "port %u of host %s", p->port, svc->host));
			continue;
		}
		first = vs;
		*ret = c;
	}
	return first;
}

/* The chains of a service at an address: those of the rules, and what no rule takes. by_name: only TLS for its name. */
static void add_tcp_chains(struct gen_chains *l, const char *ip, const struct service *svc,
			   const struct service_port *p, bool by_name, const struct gen_owner *owner)
{
	static const struct gen_tcp_choice all = {0};
	struct gen *g = l->g;
	struct gen_tcp_choices choices = {(struct gen_tcp_choice *)&all, 1};
	const struct mesh_virtual_service *vs = find_tcp(g, svc, p, ip, &choices);

	if (vs)
		gen_use(g, &vs->o);
	for (size_t i = 0; i < choices.n; i++) {
		const struct gen_tcp_choice *x = &choices.v[i];
		pb_tcp_proxy *own = gen_tcp_choice_proxy(g, vs, x, p->port);
		pb_tcp_proxy *tcp = own ? own : service_proxy(g, svc, p);
		pb_chain_match *m = gen_tcp_choice_match(g, x);
		pb_chain *c = pb_chain_new(g->arena);

		if (by_name) {
			add_sni_chain(l, m ? m : pb_chain_match_new(g->arena), (const char *const *)&svc->host, 1, tcp,
				      owner);
			continue;
		}
		c->filter_chain_match = m;
		gen_tcp_filters_of(g, c, GEN_OUTBOUND, tcp);
		gen_chains_add(l, c, owner);
	}
}

/* An address and port are one service's, with all names that are asked for there. */
static bool is_owner(struct outbound *t, const char *ip, const struct service *svc, const struct service_port *p,
		     const char *path)
{
	const char *key = arena_printf(t->g->arena, "%s_%u", ip, p->port);
	const struct service *first = map_get(&t->owners, slice_str(key));

	if (strcmp(ip, "0.0.0.0") == 0 || (first && first->number == svc->number))
		return true;
	if (!first) {
		map_set(&t->owners, slice_str(key), (void *)svc);
		return true;
	}
	gen_conflict(t->g, &(struct gen_owner){svc->obj, path, true}, &(struct gen_owner){first->obj, ""}, path,
		     arena_printf(t->g->arena, "listener %s", key));
	return false;
}

void gen_service_chains(struct gen_chains *l, const char *ip, const struct service *svc, const struct service_port *p,
			const struct gen_owner *owner)
{
	struct gen *g = l->g;
	bool covered = false, by_name;

	for (size_t i = 0; protocol_is_tls(p->protocol) && i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];

		if (vs->spec->tls.n && governs(g, vs, svc))
			covered |= add_tls_routes(l, vs, svc, p->port, ip);
	}
	by_name = strcmp(ip, "0.0.0.0") == 0 && protocol_is_tls(p->protocol);
	if (!by_name || !covered)
		add_tcp_chains(l, ip, svc, p, by_name, owner);
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
 * Adds HTTP to the listener of a port that does not say what it speaks: what is none goes where it would without. As in
 * finish_wildcard that is the default chain: there is no way back from the match of an HTTP chain. Rules that choose by
 * networks have such matches themselves: then bytes are all that there is.
 */
static void recognise_http(struct gen_chains *l, const struct service *svc, const struct service_port *p)
{
	struct gen *g = l->g;
	const bool by_name = gen_place_of(g, svc, p->port).ip != NULL;
	const struct gen_http h = {
		.direction = GEN_OUTBOUND,
		.stat_prefix = arena_printf(g->arena, "outbound_%s", l->l->name),
		.rds = by_name ? arena_printf(g->arena, "%u", p->port)
			       : gen_recognised_name(g->arena, svc->host, p->port),
	};
	pb_chain *c = pb_chain_new(g->arena);

	if (l->l->n_filter_chains != 1 || l->l->filter_chains[0]->filter_chain_match) {
		if (l->l->n_filter_chains > 1 && !l->l->default_filter_chain)
			gen_note(g, svc->obj, arena_printf(g->arena, "spec.ports[%zu]", p->index),
				 "HTTP is not recognised: TCP rules choose by networks");
		return;
	}
	l->l->default_filter_chain = take_unmatched(l->l);
	c->filter_chain_match = http_match(g->arena);
	PB_ADD(g->arena, c, filters, gen_hcm(g, &h));
	gen_chains_add(l, c, &(struct gen_owner){NULL, ""});
	inspect(g, l->l, true);
}

/* path: of the address in the service's object. */
static void add_at(struct outbound *t, const char *ip, const struct service *svc, const struct service_port *p,
		   const char *path)
{
	struct gen *g = t->g;
	const struct gen_owner owner = {svc->obj, path, true};
	const struct service *http = map_get(&t->http, slice_str(arena_printf(g->arena, "%s_%u", ip, p->port)));
	struct gen_chains *l;

	if (http && http->number < svc->number) {
		gen_conflict(g, &owner, &(struct gen_owner){http->obj, ""}, path,
			     arena_printf(g->arena, "port %u of address %s", p->port, ip));
		return;
	}
	if (!is_owner(t, ip, svc, p, path))
		return;
	l = listener_at(t, ip, p->port);
	gen_service_chains(l, ip, svc, p, &owner);
	if (p->protocol == PROTOCOL_AUTO && strcmp(ip, "0.0.0.0") != 0)
		recognise_http(l, svc, p);
}

static void add_tcp_port(struct outbound *t, const struct service *svc, const struct service_port *p)
{
	const struct endpoint_set set = snapshot_endpoints(t->g->snap, svc, p->port);
	const char *port_path = arena_printf(t->g->arena, "spec.ports[%zu]", p->index);
	const struct gen_place place = gen_place_of(t->g, svc, p->port);
	const char *auto_vip = compile_auto_vip(t->g->proxy, svc);
	size_t n = 0;

	if (svc->alias)
		return; /* its clients come to the address of the service that it names */
	if (place.ip) {
		listener_at(t, place.ip, p->port)->l->bind_to_port->value = place.bound;
		add_at(t, place.ip, svc, p, port_path);
		return;
	}
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
	if (auto_vip) {
		add_at(t, auto_vip, svc, p, port_path);
		n += !protocol_is_tls(p->protocol); /* who has the address from elsewhere still has the name */
	}
	for (size_t i = 0; svc->headless && i < set.n; i++)
		if (ip_is(slice_str(set.v[i].address)))
			add_at(t, set.v[i].address, svc, p, port_path);
	if (n || svc->headless || !(svc->entry || svc->external))
		return;
	if (p->protocol == PROTOCOL_AUTO)
		add_http(t, "0.0.0.0", p->port, false); /* the name tells */
	add_at(t, "0.0.0.0", svc, p, port_path);
}

/* Adds the address ranges of a match to a list, each once. */
static void add_ranges(struct arena *a, pb_chain_match *out, const pb_chain_match *m)
{
	for (size_t i = 0; m && i < m->n_prefix_ranges; i++) {
		const pb_cidr *r = m->prefix_ranges[i];
		bool known = false;

		for (size_t k = 0; k < out->n_prefix_ranges && !known; k++)
			known = strcmp(out->prefix_ranges[k]->address_prefix, r->address_prefix) == 0 &&
				out->prefix_ranges[k]->prefix_len->value == r->prefix_len->value;
		if (!known)
			PB_ADD(a, out, prefix_ranges, m->prefix_ranges[i]);
	}
}

/*
 * A proxy looks at the address before names and protocols and finds no way back: where one chain asks for ranges, the
 * others must be found inside these ranges as well.
 */
static void repeat_in_ranges(struct gen_chains *c)
{
	struct arena *a = c->g->arena;
	const size_t n = c->l->n_filter_chains;
	pb_chain_match *all = pb_chain_match_new(a);

	for (size_t i = 0; i < n; i++)
		add_ranges(a, all, c->l->filter_chains[i]->filter_chain_match);
	for (size_t i = 0; all->n_prefix_ranges && i < n; i++) {
		const pb_chain *x = c->l->filter_chains[i];
		const pb_chain_match *m = x->filter_chain_match;
		pb_chain *copy = pb_chain_new(a);

		if (!m || m->n_prefix_ranges)
			continue;
		*copy = *x;
		copy->filter_chain_match = pb_chain_match_new(a);
		*copy->filter_chain_match = *m;
		copy->filter_chain_match->n_server_names = 0;
		copy->filter_chain_match->server_names = NULL;
		for (size_t k = 0; k < m->n_server_names; k++)
			PB_ADD(a, copy->filter_chain_match, server_names, m->server_names[k]);
		add_ranges(a, copy->filter_chain_match, all);
		gen_chains_add(c, copy, &(struct gen_owner){NULL, ""});
	}
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
	gen_tcp_filters(g, c, GEN_OUTBOUND, gen_stranger_cluster(g));
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

static void add_services(struct outbound *t, bool http)
{
	struct gen *g = t->g;

	for (size_t i = 0; i < g->n_services; i++) {
		const struct service *svc = g->services[i];

		for (size_t j = 0; j < svc->n_ports; j++) {
			const struct gen_place place = gen_place_of(g, svc, svc->ports[j].port);

			if (protocol_is_http(svc->ports[j].protocol) != http)
				continue;
			if (http)
				add_http(t, place.ip ? place.ip : "0.0.0.0", svc->ports[j].port, place.bound);
			else
				add_tcp_port(t, svc, &svc->ports[j]);
		}
	}
}

static void add_outbound(struct outbound *t)
{
	struct map_entry *e;

	add_services(t, true);
	claim_http(t);
	add_services(t, false);
	for (size_t i = 0; (e = map_next(&t->by_name, &i));) {
		struct gen_chains *c = e->value;

		if (strncmp(c->l->name, "0.0.0.0_", 8) == 0 && !c->l->bind_to_port->value) {
			repeat_in_ranges(c);
			finish_wildcard(t->g, c->l);
		}
		if (c->l->n_filter_chains)
			gen_add(t->g, c->l->name, c->l);
		gen_chains_done(c);
	}
	map_done(&t->by_name);
	map_done(&t->owners);
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
	gen_egress_listeners(g);
}
