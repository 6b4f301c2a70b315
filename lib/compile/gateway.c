/*
 * Gateways: all Gateway objects that select the proxy are merged by the port it really listens on. Plain-text HTTP
 * servers of a port share one route table, http.<port>; each TLS-terminating server has a chain by SNI and a table of
 * its own.
 */
#include "compile/gateway.h"
#include "base/ip.h"
#include "compile/tls.h"
#include "mesh/host.h"

#define GATEWAY_SERVERS_MAX 16384 /* of all Gateways for one proxy */

/* The target of a Service port where one leads to this proxy, so that 80 is served on 8080. */
static uint16_t listen_port(struct gen *g, uint16_t port)
{
	for (size_t i = 0; i < g->snap->services->v.n; i++) {
		const struct service *svc = &g->snap->services->v.v[i];
		const struct service_port *p = service_port(svc, port);

		if (!p || !svc->selector.n || strcmp(svc->ns, g->proxy->ns) != 0 ||
		    !meta_labels_contain(&g->proxy->labels, &svc->selector))
			continue;
		if (p->target_port)
			return p->target_port;
		const struct endpoint_set set = snapshot_endpoints(g->snap, svc, port);

		if (set.n)
			return set.v[0].port;
	}
	return port;
}

static bool terminates(const struct istio_server_tls_settings *t)
{
	return t && (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE ||
		     t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL ||
		     t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL ||
		     t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL);
}

static const char *table_name(struct gen *g, const struct server *s)
{
	const char *bind = s->in->bind && *s->in->bind ? arena_printf(g->arena, ".%s", s->in->bind) : "";

	if (protocol_is_http(s->protocol))
		return arena_printf(g->arena, "http.%u%s", s->listen, bind);
	if (s->protocol == PROTOCOL_HTTPS && terminates(s->in->tls))
		return arena_printf(g->arena, "https.%u.%s.%s.%s%s", s->port, s->in->port->name, s->gw->o.name,
				    s->gw->o.ns, bind);
	return NULL;
}

/* The proxy listens there itself: administration, metrics, health. */
static bool is_own_port(uint16_t port)
{
	return port == 15000 || port == 15020 || port == 15021 || port == 15090;
}

/* Why a server cannot be served by this proxy, and the field below it; NULL when it can. */
static const char *server_fault(struct gen *g, const struct server *s, const char **ret_field)
{
	*ret_field = "port.number";
	if (s->listen < 1024 && g->proxy->unprivileged)
		return arena_printf(g->arena, "port %u is under 1024, which the gateway may not open", s->listen);
	if (is_own_port(s->listen))
		return arena_printf(g->arena, "port %u is the gateway's own", s->listen);
	*ret_field = "bind";
	if (s->in->bind && *s->in->bind && !ip_is(slice_str(s->in->bind)))
		return arena_printf(g->arena, "\"%s\" is no address", s->in->bind);
	if (!terminates(s->in->tls))
		return NULL;
	*ret_field = "tls";
	return tls_server_fault(s->in->tls);
}

static void add_server(struct gen *g, struct servers *out, const struct mesh_gateway *gw, size_t number)
{
	const struct istio_server *in = &gw->spec->servers.v[number];
	struct server s = {.gw = gw, .in = in, .number = number};
	const char *fault = NULL, *field = "port";

	if (out->n == GATEWAY_SERVERS_MAX)
		fault = arena_printf(g->arena, "the gateway has %d servers already", GATEWAY_SERVERS_MAX);
	else if (!in->port || !in->port->number || in->port->number > 65535)
		fault = "a port number is 1..65535";
	else if (protocol_parse(in->port->protocol, &s.protocol) < 0 || s.protocol == PROTOCOL_UDP)
		fault = arena_printf(g->arena, "protocol \"%s\" is not served",
				     in->port->protocol ? in->port->protocol : "");
	if (!fault) {
		s.port = (uint16_t)in->port->number;
		s.listen = listen_port(g, s.port);
		s.rds = table_name(g, &s);
		fault = server_fault(g, &s, &field);
	}
	if (fault)
		gen_note(g, gw->o.obj, arena_printf(g->arena, "spec.servers[%zu].%s", number, field),
			 "%s; the server is left out", fault);
	else
		out->v[out->n++] = s;
}

static bool is_for(const struct gen *g, const struct mesh_gateway *gw)
{
	return meta_labels_contain(&g->proxy->labels, &gw->spec->selector);
}

static size_t count_servers(const struct gen *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->snap->policies->gateways.n; i++)
		if (is_for(g, &g->snap->policies->gateways.v[i]))
			n += g->snap->policies->gateways.v[i].spec->servers.n;
	return MIN(n, (size_t)GATEWAY_SERVERS_MAX);
}

struct servers gateway_servers(struct gen *g)
{
	struct servers out = {ARENA_NEW_N(g->arena, struct server, count_servers(g)), 0};

	for (size_t i = 0; i < g->snap->policies->gateways.n; i++) {
		const struct mesh_gateway *gw = &g->snap->policies->gateways.v[i];

		if (!is_for(g, gw))
			continue;
		gen_use(g, &gw->o);
		for (size_t j = 0; j < gw->spec->servers.n; j++)
			add_server(g, &out, gw, j);
	}
	return out;
}

/* --- TLS --- */

static pb_downstream_tls *server_tls(struct gen *g, const struct server *s)
{
	const struct istio_server_tls_settings *t = s->in->tls;
	struct tls_peers peers = gen_mesh_peers(g);

	if (t->mode != ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL)
		return tls_downstream_server(g->arena, t);
	peers.names = t->subject_alt_names.v;
	peers.n_names = t->subject_alt_names.n;
	return tls_downstream_mutual(g->arena, !s->rds, &peers);
}

/* --- listeners --- */

const char *gateway_host(const char *h)
{
	const char *slash = strchr(h, '/');

	return slash ? slash + 1 : h;
}

static pb_chain_match *sni_match(struct gen *g, const struct server *s)
{
	pb_chain_match *m = pb_chain_match_new(g->arena);

	for (size_t i = 0; i < s->in->hosts.n; i++) {
		if (strcmp(gateway_host(s->in->hosts.v[i]), "*") == 0)
			return NULL;
		PB_ADD(g->arena, m, server_names, pb_str(gateway_host(s->in->hosts.v[i])));
	}
	return m;
}

static struct gen_owner owner_of(struct gen *g, const struct server *s)
{
	return (struct gen_owner){s->gw->o.obj, arena_printf(g->arena, "spec.servers[%zu].hosts", s->number)};
}

/* TLS that the gateway opens: found by the server's names. */
static void terminate_tls(struct gen *g, pb_listener *l, pb_chain *c, const struct server *s)
{
	struct arena *a = g->arena;

	if (!terminates(s->in->tls))
		return;
	c->filter_chain_match = sni_match(g, s);
	c->transport_socket = tls_socket(a, server_tls(g, s));
	gen_listener_filter(g, l, "envoy.filters.listener.tls_inspector", PB_ANY(a, pb_tls_inspector_new(a)));
}

static void add_hcm_chain(struct gen_chains *l, const struct server *s)
{
	struct gen *g = l->g;
	struct arena *a = g->arena;
	const struct gen_owner owner = owner_of(g, s);
	pb_chain *c = pb_chain_new(a);
	const struct gen_http h = {
		.direction = GEN_GATEWAY,
		.stat_prefix = arena_printf(a, "outbound_%s", l->l->name),
		.rds = s->rds,
		.port = s->listen,
	};

	terminate_tls(g, l->l, c, s);
	PB_ADD(a, c, filters, gen_hcm(g, &h));
	gen_chains_add(l, c, &owner);
}

bool gateway_admits(const struct server *s, size_t i, const char *ns)
{
	const char *host = s->in->hosts.v[i], *slash = strchr(host, '/');
	const struct slice want = slash ? slice_make(host, (size_t)(slash - host)) : SLICE("*");

	return slice_eq_str(want, "*") || slice_eq_str(want, ns) ||
	       (slice_eq_str(want, ".") && strcmp(s->gw->o.ns, ns) == 0);
}

/* Does the server serve a host for VirtualServices of a namespace? */
static bool serves(const struct server *s, const char *host, const char *ns)
{
	for (size_t i = 0; i < s->in->hosts.n; i++)
		if (host_overlap(gateway_host(s->in->hosts.v[i]), host) && gateway_admits(s, i, ns))
			return true;
	return false;
}

static bool concerns(struct gen *g, const struct server *s, const struct mesh_virtual_service *vs)
{
	if (!gen_bound(vs, s->gw->full) || !gen_sees(g, vs))
		return false;
	for (size_t j = 0; j < vs->n_hosts; j++)
		if (serves(s, vs->hosts[j], vs->o.ns))
			return true;
	return false;
}

static void add_passthrough_chain(struct gen_chains *l, const struct server *s, const struct mesh_virtual_service *vs,
				  const struct istio_tls_route *r, size_t j)
{
	struct gen *g = l->g;
	struct arena *a = g->arena;
	const struct istio_tls_match_attributes *m = &r->match.v[j];
	const size_t i = (size_t)(r - vs->spec->tls.v);
	const struct gen_owner owner = {
		.object = vs->o.obj,
		.path = arena_printf(a, "spec.tls[%zu].match[%zu].sniHosts", i, j),
		.ordered = true,
	};
	pb_chain *c = pb_chain_new(a);
	pb_tcp_proxy *tcp;

	c->filter_chain_match = pb_chain_match_new(a);
	for (size_t k = 0; k < m->sni_hosts.n; k++)
		if (serves(s, m->sni_hosts.v[k], vs->o.ns))
			PB_ADD(a, c->filter_chain_match, server_names, pb_str(m->sni_hosts.v[k]));
	if (!c->filter_chain_match->n_server_names ||
	    !gen_match_subnets(g, vs, arena_printf(a, "spec.tls[%zu].match[%zu]", i, j), m->destination_subnets.v,
			       m->destination_subnets.n, "0.0.0.0", c->filter_chain_match))
		return;
	tcp = gen_tcp_routes(g, vs, r->route.v, r->route.n, s->port, arena_printf(a, "spec.tls[%zu]", i));
	if (!tcp)
		return;
	gen_tcp_filters_of(g, c, GEN_GATEWAY, tcp);
	if (!gen_chains_add(l, c, &owner))
		return;
	gen_use(g, &vs->o);
	gen_listener_filter(g, l->l, "envoy.filters.listener.tls_inspector", PB_ANY(a, pb_tls_inspector_new(a)));
}

/* TLS that is passed on: each rule is found by its own names. */
static void add_passthrough(struct gen_chains *l, const struct server *s)
{
	struct gen *g = l->g;

	for (size_t k = 0; k < g->snap->policies->virtual_services.n; k++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[k];

		if (!vs->spec->tls.n || !concerns(g, s, vs))
			continue;
		for (size_t i = 0; i < vs->spec->tls.n; i++) {
			const struct istio_tls_route *r = &vs->spec->tls.v[i];

			for (size_t j = 0; j < r->match.n; j++)
				if (r->route.n && gen_tls_match_applies(g, vs, &r->match.v[j], s->gw->full, s->port))
					add_passthrough_chain(l, s, vs, r, j);
		}
	}
}

/* Plain connections of a server go as the oldest VirtualService with TCP rules for it says. */
static const struct mesh_virtual_service *find_tcp(struct gen *g, const struct server *s, struct gen_tcp_choices *ret)
{
	const struct mesh_virtual_service *first = NULL;

	for (size_t k = 0; k < g->snap->policies->virtual_services.n; k++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[k];
		struct gen_tcp_choices c;

		if (!vs->spec->tcp.n || !concerns(g, s, vs) ||
		    !gen_tcp_choose(g, vs, s->gw->full, s->port, "0.0.0.0", &c))
			continue;
		if (first) {
			gen_conflict(g, &(struct gen_owner){vs->o.obj, ""}, &(struct gen_owner){first->o.obj, ""},
				     "spec.tcp", arena_printf(g->arena, "port %u of Gateway %s", s->port, s->gw->full));
			continue;
		}
		first = vs;
		*ret = c;
	}
	return first;
}

static void add_tcp_chains(struct gen_chains *l, const struct server *s)
{
	struct gen *g = l->g;
	struct gen_tcp_choices choices = {0};
	const struct mesh_virtual_service *vs = find_tcp(g, s, &choices);
	const struct gen_owner owner = owner_of(g, s);

	for (size_t i = 0; i < choices.n; i++) {
		pb_chain *c = pb_chain_new(g->arena);
		pb_chain_match *networks = gen_tcp_choice_match(g, &choices.v[i]);
		pb_tcp_proxy *tcp = gen_tcp_choice_proxy(g, vs, &choices.v[i], s->port);

		if (!tcp && choices.n == 1)
			return;
		if (!tcp) /* no way back from a narrower network: what no rule takes ends here */
			tcp = gen_tcp_proxy(g, "BlackHoleCluster", "BlackHoleCluster");
		terminate_tls(g, l->l, c, s);
		if (networks && c->filter_chain_match) {
			networks->server_names = c->filter_chain_match->server_names;
			networks->n_server_names = c->filter_chain_match->n_server_names;
		}
		if (networks)
			c->filter_chain_match = networks;
		gen_tcp_filters_of(g, c, GEN_GATEWAY, tcp);
		if (gen_chains_add(l, c, &owner))
			gen_use(g, &vs->o);
	}
}

static bool same_listener(const struct server *a, const struct server *b)
{
	const char *x = a->in->bind ? a->in->bind : "", *y = b->in->bind ? b->in->bind : "";

	return a->listen == b->listen && strcmp(x, y) == 0;
}

static bool plain_http_before(const struct servers *all, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (same_listener(&all->v[k], &all->v[i]) && protocol_is_http(all->v[k].protocol))
			return true;
	return false;
}

/* A listener speaks HTTP or not, as its first server does. */
static void tell_protocol(struct gen *g, const struct server *loser, const struct server *winner)
{
	const char *path = arena_printf(g->arena, "spec.servers[%zu].port.protocol", loser->number);
	const struct gen_owner lost = {loser->gw->o.obj, path};
	const struct gen_owner won = {winner->gw->o.obj,
				      arena_printf(g->arena, "spec.servers[%zu].port.protocol", winner->number)};

	gen_conflict(g, &lost, &won, path,
		     arena_printf(g->arena, "port %u, with protocol %s,", loser->port, protocol_str(winner->protocol)));
}

static void add_listener(struct gen *g, const struct servers *all, size_t first)
{
	struct arena *a = g->arena;
	const struct server *s = &all->v[first];
	const char *ip = s->in->bind && *s->in->bind ? s->in->bind : "0.0.0.0";
	const bool http = protocol_is_http(s->protocol);
	struct gen_chains l;

	gen_chains_init(&l, g, gen_listener(g, arena_printf(a, "%s_%u", ip, s->listen), ip, s->listen));

	for (size_t i = first; i < all->n; i++) {
		const struct server *x = &all->v[i];

		if (!same_listener(x, s))
			continue;
		if (protocol_is_http(x->protocol) != http)
			tell_protocol(g, x, s);
		else if (http && plain_http_before(all, i))
			continue;
		else if (x->rds)
			add_hcm_chain(&l, x);
		else if (x->in->tls && !terminates(x->in->tls))
			add_passthrough(&l, x);
		else
			add_tcp_chains(&l, x);
	}
	if (l.l->n_filter_chains)
		gen_add(g, l.l->name, l.l);
	gen_chains_done(&l);
}

void gen_gateway_listeners(struct gen *g)
{
	const struct servers all = gateway_servers(g);

	for (size_t i = 0; i < all.n; i++) {
		bool first = true;

		for (size_t k = 0; k < i && first; k++)
			first = !same_listener(&all.v[k], &all.v[i]);
		if (first)
			add_listener(g, &all, i);
	}
}
