/*
 * TCP and TLS rules of VirtualServices: which of them apply, and where their connections go. A filter chain is chosen
 * by the narrowest network that holds an address, and there is no way back from it; so the networks of all rules are
 * laid over each other, and each combination has a chain of the first rule that covers it.
 */
#include "compile/gen.h"

#include "mesh/cidr.h"
#include "mesh/host.h"

#define CHOICES_MAX 1024 /* chains that the networks of one VirtualService may ask for at one address and port */

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

		t = gen_tcp_proxy(g, cluster, cluster);
		t->metadata_match = gen_any_endpoint(g, vs, v[0].destination);
		gen_tcp_hash_of_destination(g, vs, t, v[0].destination, port);
		return t;
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
		if (!t->metadata_match)
			t->metadata_match = gen_any_endpoint(g, vs, v[i].destination);
		gen_tcp_hash_of_destination(g, vs, t, v[i].destination, port);
		PB_ADD(a, t->weighted_clusters, clusters, w);
	}
	if (total && total <= UINT32_MAX)
		return t;
	gen_note(g, vs->o.obj, arena_printf(a, "%s.route", path),
		 "the sum of weights must be 1..%u; the route is left out", UINT32_MAX);
	return NULL;
}

/* --- which rules apply --- */

/* What matches of both kinds ask of the proxy, the gateway and the port. */
static bool attributes_apply(struct gen *g, const struct mesh_virtual_service *vs, const char *const *gateways,
			     size_t n, uint32_t match_port, const char *source_namespace,
			     const struct str_map *source_labels, const char *gateway, uint16_t port)
{
	return (!n || gen_names_gateway(g, gateways, n, vs->o.ns, gateway)) && (!match_port || match_port == port) &&
	       (!source_namespace || !*source_namespace || strcmp(source_namespace, g->proxy->ns) == 0) &&
	       meta_labels_contain(&g->proxy->labels, source_labels);
}

static bool tcp_match_applies(struct gen *g, const struct mesh_virtual_service *vs,
			      const struct istio_l4_match_attributes *m, const char *gateway, uint16_t port)
{
	return attributes_apply(g, vs, m->gateways.v, m->gateways.n, m->port, m->source_namespace, &m->source_labels,
				gateway, port);
}

bool gen_tls_match_applies(struct gen *g, const struct mesh_virtual_service *vs,
			   const struct istio_tls_match_attributes *m, const char *gateway, uint16_t port)
{
	return m->sni_hosts.n && attributes_apply(g, vs, m->gateways.v, m->gateways.n, m->port, m->source_namespace,
						  &m->source_labels, gateway, port);
}

/* --- networks --- */

static bool is_any(const char *ip)
{
	return strcmp(ip, "0.0.0.0") == 0 || strcmp(ip, "::") == 0;
}

/* False when it is none: the match is left out, and told. */
static bool check_subnet(struct gen *g, const struct mesh_virtual_service *vs, const char *path, const char *text)
{
	struct cidr c;

	if (cidr_parse(text, &c))
		return true;
	gen_note(g, vs->o.obj, path, "\"%s\" is no network; the match is left out", text);
	return false;
}

static pb_cidr *range_of(struct arena *a, const char *text)
{
	pb_cidr *out = pb_cidr_new(a);
	struct cidr c;

	if (!cidr_parse(text, &c))
		return out;
	out->address_prefix = arena_strdup(a, c.address);
	out->prefix_len = pb_u32(a, c.prefix_bits);
	return out;
}

bool gen_match_subnets(struct gen *g, const struct mesh_virtual_service *vs, const char *path, const char *const *list,
		       size_t n, const char *ip, pb_chain_match *m)
{
	bool found = n == 0;

	for (size_t i = 0; i < n; i++) {
		if (!check_subnet(g, vs, arena_printf(g->arena, "%s.destinationSubnets[%zu]", path, i), list[i]))
			continue;
		if (is_any(ip))
			PB_ADD(g->arena, m, prefix_ranges, range_of(g->arena, list[i]));
		found |= is_any(ip) || cidr_has(list[i], ip);
	}
	return found;
}

/* --- rules laid over each other --- */

/* One match that applies, with its networks; n_to 0 and from NULL: any. */
struct piece {
	const struct istio_tcp_route *route;
	const char **to;
	size_t n_to;
	const char *from;
};

struct pieces {
	struct gen *g;
	const struct mesh_virtual_service *vs;
	const char *ip;
	VEC(struct piece) v;
	VEC(const char *) to, from; /* distinct networks, and NULL for any */
};

static void add_network(struct pieces *x, bool from, const char *text)
{
	const char *const *v = from ? x->from.v : x->to.v;
	const size_t n = from ? x->from.n : x->to.n;

	for (size_t i = 0; i < n; i++)
		if (v[i] == text || (v[i] && text && strcmp(v[i], text) == 0))
			return;
	if (from)
		vec_push(&x->from, text);
	else
		vec_push(&x->to, text);
}

/* Networks of the destination count where it is not known which address it is; elsewhere they are decided here. */
static bool add_destinations(struct pieces *x, const struct istio_l4_match_attributes *m, const char *path,
			     struct piece *p)
{
	const size_t n = m->destination_subnets.n;
	bool found = n == 0;

	p->to = ARENA_NEW_N(x->g->arena, const char *, n);
	for (size_t i = 0; i < n; i++) {
		const char *text = m->destination_subnets.v[i];

		if (!check_subnet(x->g, x->vs, arena_printf(x->g->arena, "%s.destinationSubnets[%zu]", path, i), text))
			continue;
		if (!is_any(x->ip)) {
			found |= cidr_has(text, x->ip);
			continue;
		}
		found = true;
		p->to[p->n_to++] = text;
	}
	return found;
}

static void add_piece(struct pieces *x, const struct istio_tcp_route *r, const struct istio_l4_match_attributes *m,
		      const char *path)
{
	struct piece p = {.route = r};

	if (m && !add_destinations(x, m, path, &p))
		return;
	if (m && m->source_subnet && *m->source_subnet) {
		if (!check_subnet(x->g, x->vs, arena_printf(x->g->arena, "%s.sourceSubnet", path), m->source_subnet))
			return;
		p.from = m->source_subnet;
		add_network(x, true, p.from);
	}
	for (size_t i = 0; i < p.n_to; i++)
		add_network(x, false, p.to[i]);
	vec_push(&x->v, p);
}

/* A network within another; NULL is all. */
static bool within(const char *inner, const char *outer)
{
	return !outer || (inner && cidr_covers(outer, inner));
}

static bool piece_covers(const struct piece *p, const char *to, const char *from)
{
	bool found = p->n_to == 0;

	for (size_t i = 0; i < p->n_to; i++)
		found |= within(to, p->to[i]);
	return found && within(from, p->from);
}

static const struct istio_tcp_route *choose(const struct pieces *x, const char *to, const char *from)
{
	for (size_t i = 0; i < x->v.n; i++)
		if (piece_covers(&x->v.v[i], to, from))
			return x->v.v[i].route;
	return NULL;
}

static void collect(struct pieces *x, const char *gateway, uint16_t port)
{
	const struct istio_virtual_service_spec *spec = x->vs->spec;

	for (size_t i = 0; i < spec->tcp.n; i++) {
		const struct istio_tcp_route *r = &spec->tcp.v[i];

		if (!r->route.n)
			continue;
		if (!r->match.n)
			add_piece(x, r, NULL, "");
		for (size_t j = 0; j < r->match.n; j++)
			if (tcp_match_applies(x->g, x->vs, &r->match.v[j], gateway, port))
				add_piece(x, r, &r->match.v[j],
					  arena_printf(x->g->arena, "spec.tcp[%zu].match[%zu]", i, j));
	}
}

static void lay_out(struct pieces *x, struct gen_tcp_choices *ret)
{
	ret->n = 0;
	ret->v = ARENA_NEW_N(x->g->arena, struct gen_tcp_choice, x->to.n * x->from.n);
	for (size_t i = 0; i < x->to.n; i++)
		for (size_t k = 0; k < x->from.n; k++)
			ret->v[ret->n++] = (struct gen_tcp_choice){
				.to = x->to.v[i],
				.from = x->from.v[k],
				.route = choose(x, x->to.v[i], x->from.v[k]),
			};
}

bool gen_tcp_choose(struct gen *g, const struct mesh_virtual_service *vs, const char *gateway, uint16_t port,
		    const char *ip, struct gen_tcp_choices *ret)
{
	struct pieces x = {.g = g, .vs = vs, .ip = ip};
	bool some;

	collect(&x, gateway, port);
	add_network(&x, false, NULL);
	add_network(&x, true, NULL);
	some = x.v.n > 0;
	if (x.to.n * x.from.n > CHOICES_MAX) {
		gen_note(g, vs->o.obj, "spec.tcp", "more than %d combinations of networks; the rules are left out",
			 CHOICES_MAX);
		some = false;
	}
	if (some)
		lay_out(&x, ret);
	vec_done(&x.v);
	vec_done(&x.to);
	vec_done(&x.from);
	return some;
}

pb_tcp_proxy *gen_tcp_choice_proxy(struct gen *g, const struct mesh_virtual_service *vs, const struct gen_tcp_choice *c,
				   uint16_t port)
{
	if (!c->route)
		return NULL;
	return gen_tcp_routes(g, vs, c->route->route.v, c->route->route.n, port,
			      arena_printf(g->arena, "spec.tcp[%zu]", (size_t)(c->route - vs->spec->tcp.v)));
}

pb_chain_match *gen_tcp_choice_match(struct gen *g, const struct gen_tcp_choice *c)
{
	pb_chain_match *m;

	if (!c->to && !c->from)
		return NULL;
	m = pb_chain_match_new(g->arena);
	if (c->to)
		PB_ADD(g->arena, m, prefix_ranges, range_of(g->arena, c->to));
	if (c->from)
		PB_ADD(g->arena, m, source_prefix_ranges, range_of(g->arena, c->from));
	return m;
}
