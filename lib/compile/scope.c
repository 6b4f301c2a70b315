/*
 * What of the mesh a proxy sees: what is exported to its namespace, and of that what its Sidecar lets through, on which
 * ports.
 */
#include "compile/custom.h"
#include "compile/telemetry.h"

#include "base/hash.h"
#include "base/ip.h"
#include "mesh/host.h"

/* The host of "ns/host" when its namespace, which may be a wildcard or "." (the proxy's own), is ns; else NULL. */
static const char *host_in(const struct gen *g, const char *pattern, const char *ns)
{
	const char *slash = strchr(pattern, '/');
	const struct slice want = slash ? slice_make(pattern, (size_t)(slash - pattern)) : SLICE("");

	if (!slash || slice_eq_str(want, "~"))
		return NULL;
	if (slice_eq_str(want, "."))
		return strcmp(ns, g->proxy->ns) == 0 ? slash + 1 : NULL;
	return slice_eq_str(want, "*") || slice_eq_str(want, ns) ? slash + 1 : NULL;
}

bool gen_egress_takes(const struct gen *g, const struct istio_istio_egress_listener *e, const struct service *svc)
{
	for (size_t j = 0; j < e->hosts.n; j++) {
		const char *host = host_in(g, e->hosts.v[j], svc->ns);

		if (host && host_subset_of(svc->host, host))
			return true;
	}
	return false;
}

static bool scoped(const struct gen *g)
{
	return g->scope && g->scope->spec->egress.n;
}

static bool in_scope(const struct gen *g, const struct service *svc)
{
	for (size_t i = 0; scoped(g) && i < g->scope->spec->egress.n; i++)
		if (gen_egress_takes(g, &g->scope->spec->egress.v[i], svc))
			return true;
	return !scoped(g);
}

static bool is_seen(const struct gen *g, const struct service *svc)
{
	return service_visible(svc, g->proxy->ns) && in_scope(g, svc);
}

bool gen_sees_service(const struct gen *g, const struct service *svc)
{
	return is_seen(g, svc);
}

/* --- egress listeners --- */

const struct istio_istio_egress_listener *gen_egress_of(const struct gen *g, const struct service *svc, uint16_t port,
							bool *ret_reached)
{
	const struct istio_istio_egress_listener *all = NULL;

	*ret_reached = true;
	if (!scoped(g))
		return NULL;
	for (size_t i = 0; i < g->scope->spec->egress.n; i++) {
		const struct istio_istio_egress_listener *e = &g->scope->spec->egress.v[i];

		if (e->port && e->port->number == port) {
			*ret_reached = gen_egress_takes(g, e, svc);
			return e;
		}
		if (!e->port && !all && gen_egress_takes(g, e, svc))
			all = e;
	}
	*ret_reached = all != NULL;
	return all;
}

static bool captures(const struct gen *g, int mode)
{
	if (mode == ISTIO_CAPTURE_MODE_DEFAULT)
		return strcmp(g->proxy->interception, "NONE") != 0;
	return mode == ISTIO_CAPTURE_MODE_IPTABLES;
}

struct gen_place gen_place_of(const struct gen *g, const struct service *svc, uint16_t port)
{
	bool reached;
	const struct istio_istio_egress_listener *e = gen_egress_of(g, svc, port, &reached);
	struct gen_place p = {0};

	if (!e)
		return p;
	p.bound = !captures(g, e->capture_mode);
	if (e->bind && ip_is(slice_str(e->bind)))
		p.ip = e->bind;
	else if (p.bound)
		p.ip = "127.0.0.1";
	return p;
}

static enum protocol protocol_of(const struct istio_istio_egress_listener *e, enum protocol fallback)
{
	enum protocol p;

	return e && e->port && e->port->protocol && protocol_parse(e->port->protocol, &p) == 0 ? p : fallback;
}

/* The service with those ports that a listener leads to, as that listener speaks; NULL when none is left. */
static const struct service *reached_of(struct gen *g, const struct service *svc)
{
	struct service *out = ARENA_NEW(g->arena, struct service);

	*out = *svc;
	out->ports = ARENA_NEW_N(g->arena, struct service_port, svc->n_ports);
	out->n_ports = 0;
	for (size_t i = 0; i < svc->n_ports; i++) {
		bool reached;
		const struct istio_istio_egress_listener *e = gen_egress_of(g, svc, svc->ports[i].port, &reached);

		if (!reached)
			continue;
		out->ports[out->n_ports] = svc->ports[i];
		out->ports[out->n_ports++].protocol = protocol_of(e, svc->ports[i].protocol);
	}
	return out->n_ports ? out : NULL;
}

static void check_egress(struct gen *g)
{
	for (size_t i = 0; scoped(g) && i < g->scope->spec->egress.n; i++) {
		const struct istio_istio_egress_listener *e = &g->scope->spec->egress.v[i];
		const char *at = arena_printf(g->arena, "spec.egress[%zu]", i);
		enum protocol p;

		if (e->port && (protocol_parse(e->port->protocol, &p) < 0 || p == PROTOCOL_UDP))
			gen_note(g, g->scope->o.obj, arena_printf(g->arena, "%s.port.protocol", at),
				 "\"%s\" is not served; the services' own protocols count",
				 e->port->protocol ? e->port->protocol : "");
		if (e->bind && *e->bind && !gen_is_unix(e->bind) && !ip_is(slice_str(e->bind)))
			gen_note(g, g->scope->o.obj, arena_printf(g->arena, "%s.bind", at),
				 "\"%s\" is neither an IP address nor unix:// with a path; the listener is left where "
				 "it would be without",
				 e->bind);
	}
}

/*
 * The service before svc, of the same host, that has the port for this proxy; NULL when svc is the first. A Service has
 * all ports of its name where entries of other namespaces are concerned: clients trust the name.
 */
static const struct service *port_owner(const struct gen *g, const struct service *svc, uint16_t port)
{
	for (const struct service *x = snapshot_service(g->snap, svc->host); x != svc; x = x->next)
		if (is_seen(g, x) && (service_port(x, port) || (!x->entry && strcmp(x->ns, svc->ns) != 0)))
			return x;
	return NULL;
}

/* What a service has that none of the same host before it has; NULL when nothing is left. */
static const struct service *rest_of(struct gen *g, const struct service *svc)
{
	struct service *rest = ARENA_NEW(g->arena, struct service);

	*rest = *svc;
	rest->ports = ARENA_NEW_N(g->arena, struct service_port, svc->n_ports);
	rest->n_ports = 0;
	for (size_t i = 0; i < svc->n_ports; i++) {
		const struct service *first = port_owner(g, svc, svc->ports[i].port);

		if (!first) {
			rest->ports[rest->n_ports++] = svc->ports[i];
			continue;
		}
		gen_conflict(g, &(struct gen_owner){svc->obj, "spec.hosts"}, &(struct gen_owner){first->obj, ""},
			     arena_printf(g->arena, "spec.ports[%zu]", svc->ports[i].index),
			     arena_printf(g->arena, "port %u of host %s", svc->ports[i].port, svc->host));
	}
	return rest->n_ports ? rest : NULL;
}

/* The services that the proxy may see; each port of a host once. */
static void set_services(struct gen *g)
{
	const struct snapshot *s = g->snap;

	g->services = ARENA_NEW_N(g->arena, const struct service *, s->services->v.n);
	g->reachable = ARENA_NEW_N(g->arena, const struct service *, s->services->v.n);
	for (size_t i = 0; i < s->services->v.n; i++) {
		const struct service *svc = &s->services->v.v[i];

		if (!is_seen(g, svc))
			continue;
		if (svc->behind)
			svc = rest_of(g, svc);
		if (!svc)
			continue;
		g->reachable[g->n_reachable++] = svc;
		if (scoped(g))
			svc = reached_of(g, svc);
		if (svc)
			g->services[g->n_services++] = svc;
	}
}

/* --- VirtualServices --- */

static bool takes_rule(const struct gen *g, const struct mesh_virtual_service *vs)
{
	for (size_t i = 0; i < g->scope->spec->egress.n; i++) {
		const struct istio_istio_egress_listener *e = &g->scope->spec->egress.v[i];

		for (size_t j = 0; j < e->hosts.n; j++) {
			const char *host = host_in(g, e->hosts.v[j], vs->o.ns);

			for (size_t k = 0; host && k < vs->n_hosts; k++)
				if (host_overlap(vs->hosts[k], host))
					return true;
		}
	}
	return false;
}

static bool sees(const struct gen *g, const struct mesh_virtual_service *vs)
{
	return export_visible(vs->spec->export_to.v, vs->spec->export_to.n, vs->o.ns, g->proxy->ns) &&
	       (!scoped(g) || takes_rule(g, vs));
}

/* Asked for each host of each table: answered once. */
static void set_rules(struct gen *g)
{
	const struct mesh_virtual_service *v = g->snap->policies->virtual_services.v;
	const size_t n = g->snap->policies->virtual_services.n;

	g->sees = ARENA_NEW_N(g->arena, bool, n + 1);
	for (size_t i = 0; i < n; i++)
		g->sees[i] = sees(g, &v[i]);
}

bool compile_concerns(const struct snapshot *snap, const struct proxy *p, const struct mesh_virtual_service *vs)
{
	struct gen g = {.snap = snap, .proxy = p};

	if (p->type != PROXY_SIDECAR)
		return !(vs->n_gateways == 1 && gen_bound(vs, "mesh")) && sees(&g, vs);
	g.scope = snapshot_sidecar(snap, p->ns, &p->labels);
	return gen_bound(vs, "mesh") && sees(&g, vs);
}

bool gen_sees(const struct gen *g, const struct mesh_virtual_service *vs)
{
	return g->sees[vs - g->snap->policies->virtual_services.v];
}

/* Where the scope's rules lead beyond its hosts: clusters are there for them, names are not. */
static void reach_host(struct gen *g, const char *host)
{
	const struct service *svc = host && !gen_service(g, host) ? snapshot_service(g->snap, host) : NULL;

	while (svc && !service_visible(svc, g->proxy->ns))
		svc = svc->next;
	if (!svc)
		return;
	g->reachable[g->n_reachable++] = svc;
	g->reach = hash_more(g->reach, slice_make(svc->host, strlen(svc->host) + 1));
}

static void reach(struct gen *g, const char *ns, const struct istio_destination *d)
{
	if (d && d->host)
		reach_host(g, host_resolve(g->arena, d->host, ns, gen_mesh(g)->domain));
}

static void reach_l4(struct gen *g, const char *ns, const struct istio_route_destination *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		reach(g, ns, v[i].destination);
}

static void reach_rule(struct gen *g, const struct mesh_virtual_service *vs)
{
	const struct istio_virtual_service_spec *spec = vs->spec;

	for (size_t i = 0; i < spec->http.n; i++) {
		for (size_t j = 0; j < spec->http.v[i].route.n; j++)
			reach(g, vs->o.ns, spec->http.v[i].route.v[j].destination);
		for (size_t j = 0; j < spec->http.v[i].mirrors.n; j++)
			reach(g, vs->o.ns, spec->http.v[i].mirrors.v[j].destination);
		reach(g, vs->o.ns, spec->http.v[i].mirror);
	}
	for (size_t i = 0; i < spec->tcp.n; i++)
		reach_l4(g, vs->o.ns, spec->tcp.v[i].route.v, spec->tcp.v[i].route.n);
	for (size_t i = 0; i < spec->tls.n; i++)
		reach_l4(g, vs->o.ns, spec->tls.v[i].route.v, spec->tls.v[i].route.n);
}

static const struct istio_destination *egress_proxy(const struct gen *g)
{
	const struct istio_outbound_traffic_policy *p = g->scope ? g->scope->spec->outbound_traffic_policy : NULL;

	return p && p->mode == ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY ? p->egress_proxy : NULL;
}

/* Services of rate limits, for whole namespaces: clusters are made once for all proxies of one. */
static void reach_limits(struct gen *g, const struct mesh_envoy_filter *f)
{
	for (size_t i = 0; gen_governs(g, &f->o, NULL, NULL) && i < f->spec->config_patches.n; i++)
		reach_host(g, gen_patch_host(g, f, i));
}

static void set_reachable(struct gen *g)
{
	for (size_t i = 0; scoped(g) && i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];

		if (gen_bound(vs, "mesh") && gen_sees(g, vs))
			reach_rule(g, vs);
	}
	if (egress_proxy(g))
		reach(g, g->scope->o.ns, egress_proxy(g));
	if (scoped(g))
		gen_collector_hosts(g, reach_host);
	for (size_t i = 0; scoped(g) && i < gen_mesh(g)->spec.extension_providers.n; i++)
		reach_host(g, custom_host(g, &gen_mesh(g)->spec.extension_providers.v[i]));
	for (size_t i = 0; scoped(g) && i < g->snap->policies->envoy_filters.n; i++)
		reach_limits(g, &g->snap->policies->envoy_filters.v[i]);
}

/* --- what nobody claims --- */

bool gen_allow_any(const struct gen *g)
{
	if (g->scope && g->scope->spec->outbound_traffic_policy)
		return g->scope->spec->outbound_traffic_policy->mode == ISTIO_OUTBOUND_TRAFFIC_POLICY_MODE_ALLOW_ANY;
	return gen_mesh(g)->allow_any;
}

const char *gen_stranger_cluster(struct gen *g)
{
	const struct istio_destination *d = egress_proxy(g);
	const struct service *svc;
	const char *host;
	uint16_t port;

	if (!d || !d->host)
		return gen_allow_any(g) ? "PassthroughCluster" : "BlackHoleCluster";
	host = host_resolve(g->arena, d->host, g->scope->o.ns, gen_mesh(g)->domain);
	svc = gen_service(g, host);
	port = d->port && d->port->number ? (uint16_t)d->port->number : svc && svc->n_ports ? svc->ports[0].port : 0;
	if (!svc)
		gen_note(g, g->scope->o.obj, "spec.outboundTrafficPolicy.egressProxy.host",
			 "host %s is not known in the mesh; what no service claims is not let through", host);
	return svc ? gen_cluster_name(g->arena, port, d->subset, host) : "BlackHoleCluster";
}

/* --- the Sidecar --- */

static bool selects(const struct mesh_sidecar *c, const struct str_map *labels)
{
	return !c->spec->workload_selector || meta_labels_contain(labels, &c->spec->workload_selector->labels);
}

static bool selects_all(const struct mesh_sidecar *c)
{
	return !c->spec->workload_selector || !c->spec->workload_selector->labels.n;
}

/* The Sidecar that counts; others that ask for the same workloads are told. */
static void set_scope(struct gen *g)
{
	const struct mesh_sidecar *scope;

	if (g->proxy->type != PROXY_SIDECAR)
		return;
	scope = g->scope = snapshot_sidecar(g->snap, g->proxy->ns, &g->proxy->labels);
	for (size_t i = 0; scope && i < g->snap->policies->sidecars.n; i++) {
		const struct mesh_sidecar *c = &g->snap->policies->sidecars.v[i];

		if (c != scope && strcmp(c->o.ns, scope->o.ns) == 0 && selects(c, &g->proxy->labels) &&
		    selects_all(c) == selects_all(scope))
			gen_conflict(g, &(struct gen_owner){c->o.obj, ""}, &(struct gen_owner){scope->o.obj, ""},
				     "spec.workloadSelector", "the scope of workloads that it selects");
	}
}

const struct service *gen_service(const struct gen *g, const char *host)
{
	const struct service *svc = snapshot_service(g->snap, host);

	for (const struct service *s = svc; s; s = s->next)
		if (is_seen(g, s))
			return s;
	for (size_t i = 0; scoped(g) && svc && i < g->n_reachable; i++)
		if (strcmp(g->reachable[i]->host, host) == 0)
			return g->reachable[i];
	return NULL;
}

void gen_set_scope(struct gen *g)
{
	set_scope(g);
	gen_set_telemetry(g);
	set_services(g);
	set_rules(g);
	gen_set_patches(g);
	set_reachable(g);
	check_egress(g);
}

void gen_set_scope_single(struct gen *g)
{
	if (g->proxy->type == PROXY_SIDECAR)
		g->scope = snapshot_sidecar(g->snap, g->proxy->ns, &g->proxy->labels);
}
