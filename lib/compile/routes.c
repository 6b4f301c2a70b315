/* Route tables of sidecars: one per outbound HTTP port, with a virtual host for each service that has the port. */
#include "compile/gen.h"

#include "mesh/host.h"

bool gen_bound(const struct mesh_virtual_service *vs, const char *gateway)
{
	for (size_t i = 0; i < vs->n_gateways; i++)
		if (strcmp(vs->gateways[i], gateway) == 0)
			return true;
	return false;
}

bool gen_names_gateway(struct gen *g, const char *const *list, size_t n, const char *ns, const char *gateway)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(gateway_resolve(g->arena, list[i], ns), gateway) == 0)
			return true;
	return false;
}

static bool routes_mesh(const struct gen *g, const struct mesh_virtual_service *vs)
{
	return vs->spec->http.n && gen_bound(vs, "mesh") && gen_sees(g, vs);
}

/* Tells the younger VirtualServices of the host under which the best one was found. */
static void tell_losers(struct gen *g, const struct mesh_virtual_service *best, const char *host)
{
	const struct mesh_virtual_service *end =
		g->snap->policies->virtual_services.v + g->snap->policies->virtual_services.n;

	for (const struct mesh_virtual_service *vs = best + 1; vs < end; vs++)
		for (size_t j = 0; routes_mesh(g, vs) && j < vs->n_hosts; j++)
			if (strcasecmp(vs->hosts[j], host) == 0)
				gen_conflict(g, &(struct gen_owner){vs->o.obj, ""},
					     &(struct gen_owner){best->o.obj, ""},
					     arena_printf(g->arena, "spec.hosts[%zu]", j),
					     arena_printf(g->arena, "host %s", host));
}

/* The VirtualService that governs a host inside the mesh: most specific host, then the oldest. */
static const struct mesh_virtual_service *find_vs(struct gen *g, const char *host)
{
	const struct mesh_virtual_service *best = NULL;
	const char *best_host = NULL;

	for (size_t i = 0; i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];

		if (!routes_mesh(g, vs))
			continue;
		for (size_t j = 0; j < vs->n_hosts; j++) {
			if (!host_subset_of(host, vs->hosts[j]))
				continue;
			if (!best || host_cmp_specific(vs->hosts[j], best_host) < 0) {
				best = vs;
				best_host = vs->hosts[j];
			}
		}
	}
	if (best)
		tell_losers(g, best, best_host);
	return best;
}

struct table {
	struct gen *g;
	pb_route_config *rc;
	struct map domains; /* in small letters -> struct gen_owner *; each once in a table */
	uint16_t port;
	bool many_ports; /* names may say which port they mean */
};

/* A domain stands once in a table. Told where a configuration object finds it taken. */
static void add_domain(struct table *t, pb_vhost *v, const char *d, const struct gen_owner *owner)
{
	struct arena *a = t->g->arena;
	const char *lower = gen_lower(a, d);
	const struct gen_owner *winner = map_get(&t->domains, slice_str(lower));
	struct gen_owner *own;

	if (winner) {
		gen_conflict(t->g, owner, winner, owner->path, arena_printf(a, "host %s on port %u", d, t->port));
		return;
	}
	if (!*d || strlen(d) > GEN_DOMAIN_MAX_BYTES)
		return;
	own = ARENA_NEW(a, struct gen_owner);
	*own = *owner;
	map_set(&t->domains, slice_str(lower), own);
	PB_ADD(a, v, domains, pb_str(d));
}

/* A service's name. Where the table has more than one port it stands with its port, and alone for the first. */
static void add_name(struct table *t, pb_vhost *v, const char *name, const struct gen_owner *owner)
{
	struct arena *a = t->g->arena;

	if (t->many_ports)
		add_domain(t, v, arena_printf(a, "%s:%u", name, t->port), owner);
	if (!t->many_ports || !map_get(&t->domains, slice_str(gen_lower(a, name))))
		add_domain(t, v, name, owner);
}

/* The names under which a client of the proxy's namespace may know the service, the full one first. */
static void add_service_domains(struct table *t, pb_vhost *v, const struct service *svc)
{
	struct arena *a = t->g->arena;
	const struct gen_owner owner = {svc->obj, "spec.hosts", true};
	const char *names[4] = {svc->host}, *auto_vip = compile_auto_vip(t->g->proxy, svc);
	size_t n = 1;

	if (!svc->entry) {
		if (strcmp(svc->ns, t->g->proxy->ns) == 0)
			names[n++] = svc->name;
		names[n++] = arena_printf(a, "%s.%s.svc", svc->name, svc->ns);
		names[n++] = arena_printf(a, "%s.%s", svc->name, svc->ns);
	}
	for (size_t i = 0; i < n; i++) {
		add_name(t, v, names[i], &owner);
		if (svc->headless)
			add_name(t, v, arena_printf(a, "*.%s", names[i]), &owner);
	}
	for (size_t i = 0; i < svc->n_vips; i++)
		if (!strchr(svc->vips[i], '/'))
			add_name(t, v, strchr(svc->vips[i], ':') ? arena_printf(a, "[%s]", svc->vips[i]) : svc->vips[i],
				 &(struct gen_owner){svc->obj, arena_printf(a, "spec.addresses[%zu]", i), true});
	if (auto_vip)
		add_name(t, v, strchr(auto_vip, ':') ? arena_printf(a, "[%s]", auto_vip) : auto_vip, &owner);
}

static pb_vhost *vhost_make(struct table *t, const char *host)
{
	pb_vhost *v = pb_vhost_new(t->g->arena);

	v->name = arena_printf(t->g->arena, "%s:%u", host, t->port);
	v->include_request_attempt_count = true;
	return v;
}

static void add_routes(struct table *t, pb_vhost *v, const struct mesh_virtual_service *vs)
{
	struct map taken = {0};

	gen_use(t->g, &vs->o);
	gen_virtual_service_routes(t->g, v, vs, "mesh", t->port, &taken);
	map_done(&taken);
}

/* Where requests for the service go: as its VirtualService says, else to its endpoints. */
static void add_service_routes(struct table *t, pb_vhost *v, const struct service *svc)
{
	struct gen *g = t->g;
	const struct mesh_virtual_service *vs = find_vs(g, svc->host);
	struct gen_rules rules;
	pb_route *r;

	if (!vs && svc->alias)
		vs = find_vs(g, svc->alias->host);
	if (vs)
		add_routes(t, v, vs);
	if (v->n_routes)
		return;
	r = gen_default_route(g, gen_cluster_name(g->arena, t->port, "", svc->host),
			      arena_printf(g->arena, "%s:%u/*", svc->host, t->port), true);
	gen_find_rules(g, svc, &rules);
	gen_add_hash_policy(g, r->route, &rules, t->port, NULL);
	PB_ADD(g->arena, v, routes, r);
}

static void add_service(struct table *t, const struct service *svc)
{
	pb_vhost *v = vhost_make(t, svc->host);

	add_service_domains(t, v, svc);
	if (!v->n_domains)
		return;
	add_service_routes(t, v, svc);
	PB_ADD(t->g->arena, t->rc, virtual_hosts, v);
}

static void add_unknown_host(struct table *t, const struct mesh_virtual_service *vs, size_t j)
{
	const struct gen_owner owner = {vs->o.obj, arena_printf(t->g->arena, "spec.hosts[%zu]", j)};
	pb_vhost *v = vhost_make(t, vs->hosts[j]);

	add_routes(t, v, vs);
	if (v->n_routes)
		add_domain(t, v, vs->hosts[j], &owner);
	if (v->n_domains)
		PB_ADD(t->g->arena, t->rc, virtual_hosts, v);
}

/* Hosts of VirtualServices that no service has: on port 80 they are served all the same. */
static void add_unknown_hosts(struct table *t)
{
	struct gen *g = t->g;

	for (size_t i = 0; i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];

		for (size_t j = 0; routes_mesh(g, vs) && j < vs->n_hosts; j++)
			if (!gen_service(g, vs->hosts[j]))
				add_unknown_host(t, vs, j);
	}
}

static void add_catch_all(struct table *t, pb_vhost *v)
{
	struct arena *a = t->g->arena;
	const bool any = gen_allow_any(t->g);
	pb_route *r = gen_default_route(t->g, gen_stranger_cluster(t->g), "", false);

	v->name = pb_str(any ? "allow_any" : "block_all");
	v->include_request_attempt_count = true;
	r->name = v->name;
	r->decorator = NULL;
	if (!any) {
		r->route = NULL;
		r->action_case = ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_DIRECT_RESPONSE;
		r->direct_response = pb_direct_new(a);
		r->direct_response->status = 502;
	}
	PB_ADD(a, v, routes, r);
	PB_ADD(a, t->rc, virtual_hosts, v);
}

pb_route_config *gen_route_config(struct gen *g, const char *name)
{
	pb_route_config *rc = pb_route_config_new(g->arena);

	rc->name = pb_str(name);
	rc->validate_clusters = pb_bool(g->arena, false);
	rc->max_direct_response_body_size_bytes = pb_u32(g->arena, GEN_BODY_MAX_BYTES);
	rc->ignore_port_in_host_matching = true;
	return rc;
}

static void add_table(struct gen *g, uint16_t port)
{
	struct table t = {.g = g, .port = port};
	const char *name = arena_printf(g->arena, "%u", port);
	pb_vhost *any = pb_vhost_new(g->arena);

	t.rc = gen_route_config(g, name);
	add_domain(&t, any, "*", &(struct gen_owner){NULL, ""});
	for (size_t i = 0; i < g->n_services; i++) {
		const struct service_port *p = service_port(g->services[i], port);

		if (p && protocol_may_be_http(p->protocol))
			add_service(&t, g->services[i]);
	}
	if (port == 80)
		add_unknown_hosts(&t);
	add_catch_all(&t, any);
	map_done(&t.domains);
	gen_patch_routes(g, t.rc, GEN_OUTBOUND, port);
	gen_add(g, name, t.rc);
}

const char *gen_recognised_name(struct arena *a, const char *host, uint16_t port)
{
	return arena_printf(a, "%s:%u", host, port);
}

/* The address has told already which service is meant: under whatever name. */
static void add_recognised(struct gen *g, const struct service *svc, const struct service_port *p)
{
	struct table t = {.g = g, .port = p->port};
	const char *name = gen_recognised_name(g->arena, svc->host, p->port);
	pb_vhost *v = vhost_make(&t, svc->host);

	t.rc = gen_route_config(g, name);
	add_domain(&t, v, "*", &(struct gen_owner){NULL, ""});
	add_service_routes(&t, v, svc);
	PB_ADD(g->arena, t.rc, virtual_hosts, v);
	map_done(&t.domains);
	gen_add(g, name, t.rc);
}

static void add_all_recognised(struct gen *g)
{
	for (size_t i = 0; i < g->n_services; i++)
		for (size_t j = 0; j < g->services[i]->n_ports; j++)
			if (g->services[i]->ports[j].protocol == PROTOCOL_AUTO)
				add_recognised(g, g->services[i], &g->services[i]->ports[j]);
}

void gen_socket_table(struct gen *g, const char *name, const struct service *const *services, size_t n)
{
	struct table t = {.g = g, .many_ports = true};
	pb_vhost *any = pb_vhost_new(g->arena);

	t.rc = gen_route_config(g, name);
	t.rc->ignore_port_in_host_matching = false;
	add_domain(&t, any, "*", &(struct gen_owner){NULL, ""});
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < services[i]->n_ports; j++) {
			t.port = services[i]->ports[j].port;
			if (protocol_may_be_http(services[i]->ports[j].protocol))
				add_service(&t, services[i]);
		}
	add_catch_all(&t, any);
	map_done(&t.domains);
	gen_patch_routes(g, t.rc, GEN_OUTBOUND, 0);
	gen_add(g, name, t.rc);
}

size_t gen_http_ports(struct gen *g, uint16_t **ret)
{
	VEC(uint16_t) ports = {0};
	uint16_t *v;
	size_t n;

	for (size_t i = 0; i < g->n_services; i++) {
		for (size_t j = 0; j < g->services[i]->n_ports; j++) {
			const struct service_port *p = &g->services[i]->ports[j];
			bool known = !protocol_may_be_http(p->protocol);

			for (size_t k = 0; k < ports.n && !known; k++)
				known = ports.v[k] == p->port;
			if (!known)
				vec_push(&ports, p->port);
		}
	}
	n = ports.n;
	v = ARENA_NEW_N(g->arena, uint16_t, n);
	if (n)
		memcpy(v, ports.v, n * sizeof(*v));
	vec_done(&ports);
	*ret = v;
	return n;
}

void gen_outbound_routes(struct gen *g)
{
	uint16_t *ports;
	size_t n;

	if (g->proxy->type == PROXY_ROUTER) {
		gen_gateway_routes(g);
		return;
	}
	n = gen_http_ports(g, &ports);
	for (size_t i = 0; i < n; i++)
		add_table(g, ports[i]);
	add_all_recognised(g);
	gen_egress_routes(g);
}
