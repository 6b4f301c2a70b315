/*
 * What a sidecar accepts: the listener virtualInbound with, for each port that a service sends to this pod, chains for
 * mutual TLS and for plain text as PeerAuthentication says, and chains for all other ports.
 */
#include "compile/gen.h"

#include "base/ip.h"
#include "compile/tls.h"

#define INBOUND_PORT 15006
#define INBOUND_PORTS_MAX 256 /* service ports of one pod */

static uint16_t resolve_target(struct gen *g, const struct service *svc, const struct service_port *p)
{
	const struct workload *w;
	struct endpoint_set set;

	if (p->target_port || !p->target_name)
		return p->target_port;
	w = snapshot_workload(g->snap, g->proxy->ns, g->proxy->name);
	for (size_t i = 0; w && i < w->n_ports; i++)
		if (strcmp(w->ports[i].name, p->target_name) == 0)
			return w->ports[i].port;
	set = snapshot_endpoints(g->snap, svc, p->port);
	return set.n ? set.v[0].port : 0;
}

static bool selects_proxy(const struct gen *g, const struct service *svc)
{
	return svc->selector.n && strcmp(svc->ns, g->proxy->ns) == 0 &&
	       meta_labels_contain(&g->proxy->labels, &svc->selector);
}

/* The port as its server sees it, which may find out what is spoken where clients do not. */
static const struct service_port *served(struct gen *g, const struct service_port *p)
{
	struct service_port *own;

	if (!p->undeclared)
		return p;
	own = ARENA_NEW(g->arena, struct service_port);
	*own = *p;
	own->protocol = gen_mesh(g)->sniff_inbound ? PROTOCOL_AUTO : PROTOCOL_TCP;
	return own;
}

size_t gen_inbounds(struct gen *g, struct inbound **ret)
{
	struct inbound *v = ARENA_NEW_N(g->arena, struct inbound, INBOUND_PORTS_MAX);
	size_t n = 0;

	*ret = v;
	if (g->proxy->type != PROXY_SIDECAR)
		return 0;
	if (g->scope && g->scope->spec->ingress.n)
		return gen_ingress(g, v, INBOUND_PORTS_MAX);
	for (size_t i = 0; i < g->snap->services->v.n; i++) {
		const struct service *svc = &g->snap->services->v.v[i];

		if (!selects_proxy(g, svc))
			continue;
		for (size_t j = 0; j < svc->n_ports && n < INBOUND_PORTS_MAX; j++) {
			const uint16_t target = resolve_target(g, svc, &svc->ports[j]);
			size_t k = 0;

			while (k < n && v[k].target != target)
				k++;
			if (target && k == n)
				v[n++] = (struct inbound){
					.svc = svc, .port = served(g, &svc->ports[j]), .target = target};
		}
	}
	return n;
}

/* One way to reach a port: which connections, and what is done with them. */
struct way {
	const char *transport;   /* "tls", "raw_buffer" or NULL */
	const char *const *alpn; /* NULL-terminated, or NULL */
	bool mutual;             /* opened here, with a client certificate */
	bool http;
};

static const char *const alpn_all[] = {"istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2",
				       NULL};
static const char *const alpn_http[] = {"istio-http/1.0", "istio-http/1.1", "istio-h2", NULL};
static const char *const alpn_tcp[] = {"istio-peer-exchange", "istio", NULL};
static const char *const alpn_plain[] = {"http/1.1", "h2c", NULL};

static const struct way ways_permissive_http[] = {{"tls", alpn_all, true, true}, {"raw_buffer", NULL, false, true}};
/* Clients that find out what is spoken name it, also to a server that does not ask. */
static const struct way ways_permissive_tcp[] = {
	{"tls", alpn_all, true, false}, {"tls", NULL, false, false}, {"raw_buffer", NULL, false, false}};
static const struct way ways_permissive_auto[] = {{"tls", alpn_http, true, true},
						  {"raw_buffer", alpn_plain, false, true},
						  {"tls", alpn_tcp, true, false},
						  {"raw_buffer", NULL, false, false},
						  {"tls", NULL, false, false}};
static const struct way ways_strict_http[] = {{"tls", NULL, true, true}};
static const struct way ways_strict_tcp[] = {{"tls", NULL, true, false}};
static const struct way ways_strict_auto[] = {{"tls", alpn_http, true, true}, {"tls", NULL, true, false}};
static const struct way ways_plain_http[] = {{NULL, NULL, false, true}};
static const struct way ways_plain_tcp[] = {{NULL, NULL, false, false}};
static const struct way ways_plain_auto[] = {{NULL, alpn_plain, false, true}, {NULL, NULL, false, false}};

struct ways {
	const struct way *v;
	size_t n;
};

#define WAYS(a)                                                                                                        \
	{                                                                                                              \
		a, ARRAY_LEN(a)                                                                                        \
	}

/* By mode and kind of protocol. */
enum way_kind { KIND_TCP, KIND_HTTP, KIND_AUTO, KIND_COUNT };

static const struct ways ways_table[][KIND_COUNT] = {
	[MTLS_DISABLE] = {WAYS(ways_plain_tcp), WAYS(ways_plain_http), WAYS(ways_plain_auto)},
	[MTLS_PERMISSIVE] = {WAYS(ways_permissive_tcp), WAYS(ways_permissive_http), WAYS(ways_permissive_auto)},
	[MTLS_STRICT] = {WAYS(ways_strict_tcp), WAYS(ways_strict_http), WAYS(ways_strict_auto)},
};

/* TLS of the listener's own: what is inside is as the protocol says. */
static const struct way ways_own_tcp[] = {{"tls", NULL, false, false}};
static const struct way ways_own_http[] = {{"tls", NULL, false, true}};
static const struct ways ways_own[KIND_COUNT] = {WAYS(ways_own_tcp), WAYS(ways_own_http), WAYS(ways_own_tcp)};

/* own: the listener opens TLS itself. */
static const struct ways *ways_of(enum mtls_mode mode, enum protocol p, bool own)
{
	if (own)
		return &ways_own[protocol_is_http(p) ? KIND_HTTP : KIND_TCP];
	return &ways_table[mode][p == PROTOCOL_AUTO ? KIND_AUTO : protocol_is_http(p) ? KIND_HTTP : KIND_TCP];
}

static pb_chain *chain_make(struct gen *g, const struct way *w, const char *name, uint16_t port)
{
	const struct tls_peers peers = gen_mesh_peers(g);
	struct arena *a = g->arena;
	pb_chain *c = pb_chain_new(a);

	c->name = pb_str(name);
	c->filter_chain_match = pb_chain_match_new(a);
	if (port)
		c->filter_chain_match->destination_port = pb_u32(a, port);
	if (w->transport)
		c->filter_chain_match->transport_protocol = pb_str(w->transport);
	for (size_t i = 0; w->alpn && w->alpn[i]; i++)
		PB_ADD(a, c->filter_chain_match, application_protocols, pb_str(w->alpn[i]));
	if (w->mutual)
		c->transport_socket = tls_socket(a, tls_downstream_mutual(a, !w->http, &peers));
	return c;
}

static pb_route_config *inbound_routes(struct gen *g, const struct inbound *in, const char *cluster)
{
	struct arena *a = g->arena;
	pb_route_config *rc = pb_route_config_new(a);
	pb_vhost *v = pb_vhost_new(a);

	rc->name = pb_str(cluster);
	rc->validate_clusters = pb_bool(a, false);
	v->name = arena_printf(a, "inbound|http|%u", in->port->port);
	PB_ADD(a, v, domains, pb_str("*"));
	PB_ADD(a, v, routes,
	       gen_default_route(g, cluster,
				 arena_printf(a, "%s:%u/*", in->svc ? in->svc->host : "ingress", in->port->port),
				 false));
	PB_ADD(a, rc, virtual_hosts, v);
	gen_patch_routes(g, rc, GEN_INBOUND, in->target);
	return rc;
}

static void add_port(struct gen *g, struct gen_chains *l, const struct inbound *in)
{
	struct arena *a = g->arena;
	const char *cluster = gen_inbound_name(a, in->target), *name = arena_printf(a, "0.0.0.0_%u", in->target);
	const enum mtls_mode mode = snapshot_mtls_mode(g->snap, g->proxy->ns, &g->proxy->labels, in->target);

	const struct ways *ways = ways_of(mode, in->port->protocol, in->tls != NULL);
	const struct gen_owner owner = {in->ingress ? g->scope->o.obj : in->svc->obj,
					in->ingress ? arena_printf(a, "spec.ingress[%zu]", in->number) : "spec.ports"};
	const uint16_t port = gen_ingress_bound(g, in) ? 0 : in->target;

	for (size_t i = 0; i < ways->n; i++) {
		const struct way *w = &ways->v[i];
		pb_chain *c = chain_make(g, w, name, port);
		const struct gen_http h = {
			.direction = GEN_INBOUND,
			.stat_prefix = arena_printf(a, "inbound_%s", name),
			.routes = w->http ? inbound_routes(g, in, cluster) : NULL,
			.port = in->target,
		};

		if (in->tls)
			c->transport_socket = tls_socket(a, tls_downstream_server(a, in->tls));
		if (w->http)
			PB_ADD(a, c, filters, gen_hcm(g, &h));
		else
			gen_tcp_filters(g, c, GEN_INBOUND, cluster);
		gen_chains_add(l, c, &owner);
	}
}

/* port 0: all that no other chain has. */
static void add_passthrough(struct gen *g, struct gen_chains *l, uint16_t port)
{
	const enum mtls_mode mode = snapshot_mtls_mode(g->snap, g->proxy->ns, &g->proxy->labels, port);
	const struct ways *ways = ways_of(mode, PROTOCOL_TCP, false);

	for (size_t i = 0; i < ways->n; i++) {
		pb_chain *c = chain_make(g, &ways->v[i], "virtualInbound", port);

		gen_tcp_filters(g, c, GEN_INBOUND, "InboundPassthroughClusterIpv4");
		gen_chains_add(l, c, &(struct gen_owner){NULL, ""});
	}
}

/* "8080" and "08080" are one port. */
static bool is_again(const uint16_t *ports, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (ports[k] == ports[i])
			return true;
	return false;
}

static bool is_served(const struct gen *g, const struct inbound *in, size_t n, uint16_t port)
{
	for (size_t i = 0; i < n; i++)
		if (in[i].target == port && !gen_ingress_bound(g, &in[i]))
			return true;
	return port == INBOUND_PORT;
}

/* Ports that no service of the pod has; some may have a mode of their own. */
static void add_unserved(struct gen *g, struct gen_chains *l, const struct inbound *in, size_t n)
{
	uint16_t *ports;
	const size_t n_ports = snapshot_mtls_ports(g->snap, g->proxy->ns, &g->proxy->labels, g->arena, &ports);

	for (size_t i = 0; i < n_ports; i++)
		if (!is_served(g, in, n, ports[i]) && !is_again(ports, i))
			add_passthrough(g, l, ports[i]);
	add_passthrough(g, l, 0);
}

static void add_blackhole(struct gen *g, struct gen_chains *l)
{
	static const struct way any = {0};
	pb_chain *c = chain_make(g, &any, "virtualInbound-blackhole", INBOUND_PORT);

	gen_tcp_filters(g, c, GEN_INBOUND, "BlackHoleCluster");
	gen_chains_add(l, c, &(struct gen_owner){NULL, ""});
}

/* Where a PeerAuthentication stands for the proxy; of each level the first counts. */
enum level { LEVEL_WORKLOAD, LEVEL_NAMESPACE, LEVEL_MESH, LEVEL_NONE };

static enum level level_of(const struct gen *g, const struct mesh_peer_auth *p)
{
	const struct istio_workload_selector *s = p->spec->selector;
	const bool own = strcmp(p->o.ns, g->proxy->ns) == 0;

	if (s && s->match_labels.n)
		return own && meta_labels_contain(&g->proxy->labels, &s->match_labels) ? LEVEL_WORKLOAD : LEVEL_NONE;
	if (own)
		return LEVEL_NAMESPACE;
	return strcmp(p->o.ns, gen_mesh(g)->root_namespace) == 0 ? LEVEL_MESH : LEVEL_NONE;
}

static void use_peer_auths(struct gen *g)
{
	static const char *const whose[] = {"the workloads it selects", "its namespace", "the mesh"};
	const struct mesh_peer_auth *first[LEVEL_NONE] = {NULL};

	for (size_t i = 0; i < g->snap->policies->peer_auths.n; i++) {
		const struct mesh_peer_auth *p = &g->snap->policies->peer_auths.v[i];
		const enum level level = level_of(g, p);

		if (level == LEVEL_NONE)
			continue;
		gen_use(g, &p->o);
		if (first[level])
			gen_conflict(g, &(struct gen_owner){p->o.obj, ""}, &(struct gen_owner){first[level]->o.obj, ""},
				     "spec.selector", arena_printf(g->arena, "mutual TLS for %s", whose[level]));
		else
			first[level] = p;
	}
}

/* A server that speaks first keeps ours so long; an Envoy takes whoever is slow for no TLS, so it waits, as Istio's. */
#define DETECTION_NS 100000000

static int64_t detection_timeout_ns(const struct gen *g)
{
	const int64_t *own = gen_mesh(g)->spec.protocol_detection_timeout;

	return own ? *own : g->proxy->weft ? DETECTION_NS : 0;
}

static pb_listener *inbound_listener(struct gen *g, const char *name, const char *ip, uint16_t port)
{
	struct arena *a = g->arena;
	pb_listener *l = gen_listener(g, name, ip, port);

	l->traffic_direction = ENVOY__CONFIG__CORE__V3__TRAFFIC_DIRECTION__INBOUND;
	gen_listener_filter(g, l, "envoy.filters.listener.tls_inspector", PB_ANY(a, pb_tls_inspector_new(a)));
	if (gen_mesh(g)->sniff_inbound)
		gen_listener_filter(g, l, "envoy.filters.listener.http_inspector", PB_ANY(a, pb_http_inspector_new(a)));
	l->listener_filters_timeout = pb_duration_ns(a, detection_timeout_ns(g));
	l->continue_on_listener_filters_timeout = true;
	return l;
}

/* Does the port's chain depend on what this filter finds in the first bytes? */
static bool looks_at(struct gen *g, const struct inbound *in, bool http)
{
	if (http)
		return in->port->protocol == PROTOCOL_AUTO;
	return snapshot_mtls_mode(g->snap, g->proxy->ns, &g->proxy->labels, in->target) != MTLS_DISABLE;
}

static pb_predicate *port_predicate(struct arena *a, uint16_t port)
{
	pb_predicate *p = pb_predicate_new(a);

	p->rule_case = ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER_CHAIN_MATCH_PREDICATE__RULE_DESTINATION_PORT_RANGE;
	p->destination_port_range = pb_int32_range_new(a);
	p->destination_port_range->start = port;
	p->destination_port_range->end = port + 1;
	return p;
}

/*
 * Whoever connects to a port whose chain depends on no first bytes is not waited for: the server may be the one that
 * speaks first.
 */
static void spare_ports(struct gen *g, pb_listener_filter *f, bool http, const struct inbound *in, size_t n)
{
	struct arena *a = g->arena;
	pb_match_set *set = pb_match_set_new(a);

	for (size_t i = 0; i < n; i++)
		if (!gen_ingress_bound(g, &in[i]) && !looks_at(g, &in[i], http))
			PB_ADD(a, set, rules, port_predicate(a, in[i].target));
	if (!set->n_rules)
		return;
	f->filter_disabled = set->rules[0];
	if (set->n_rules == 1)
		return;
	f->filter_disabled = pb_predicate_new(a);
	f->filter_disabled->rule_case =
		ENVOY__CONFIG__LISTENER__V3__LISTENER_FILTER_CHAIN_MATCH_PREDICATE__RULE_OR_MATCH;
	f->filter_disabled->or_match = set;
}

/* A listener with a socket of its own, for what no redirection brings. */
static void add_bound(struct gen *g, const struct inbound *in)
{
	const char *bind = in->ingress->bind && ip_is(slice_str(in->ingress->bind)) ? in->ingress->bind : "0.0.0.0";
	pb_listener *l =
		inbound_listener(g, arena_printf(g->arena, "inbound_%s_%u", bind, in->target), bind, in->target);
	struct gen_chains chains;

	gen_chains_init(&chains, g, l);
	add_port(g, &chains, in);
	gen_chains_done(&chains);
	gen_add(g, l->name, l);
}

void gen_inbound_listeners(struct gen *g)
{
	struct arena *a = g->arena;
	pb_listener *l = inbound_listener(g, "virtualInbound", "0.0.0.0", INBOUND_PORT);
	struct gen_chains chains;
	struct inbound *in;
	const size_t n = gen_inbounds(g, &in);

	if (g->proxy->type != PROXY_SIDECAR)
		return;
	use_peer_auths(g);
	for (size_t i = 0; i < l->n_listener_filters; i++)
		spare_ports(g, l->listener_filters[i], i > 0, in, n);
	gen_listener_filter(g, l, "envoy.filters.listener.original_dst", PB_ANY(a, pb_original_dst_new(a)));
	gen_chains_init(&chains, g, l);
	add_blackhole(g, &chains);
	for (size_t i = 0; i < n; i++) {
		if (gen_ingress_bound(g, &in[i]))
			add_bound(g, &in[i]);
		else
			add_port(g, &chains, &in[i]);
	}
	add_unserved(g, &chains, in, n);
	gen_chains_done(&chains);
	gen_add(g, l->name, l);
}
