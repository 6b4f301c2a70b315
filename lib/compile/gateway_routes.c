/*
 * Route tables of gateways: one for all plain-text servers of a port, one for each server that opens TLS. The
 * VirtualServices of a host are merged, those that name it before those with a wildcard, each the oldest first.
 */
#include "compile/gateway.h"

#include "mesh/host.h"

/* One virtual host. */
struct host {
	pb_vhost *v;
	struct map taken; /* matches of its routes */
};

struct table {
	struct gen *g;
	pb_route_config *rc;
	struct map hosts; /* domain -> struct host * */
	const char *name;
	uint16_t port;
	const struct servers *all;
	bool redirects; /* some server does */
};

/* A server of this table? */
static bool is_mine(const struct table *t, const struct server *s)
{
	return s->rds && strcmp(s->rds, t->name) == 0;
}

static bool redirects(const struct server *s)
{
	return s->in->tls && s->in->tls->https_redirect;
}

/* Whether plain text is redirected says the server with the most specific host, of two alike the older one. */
static bool domain_redirects(const struct table *t, const char *domain)
{
	const struct server *best = NULL;
	const char *best_host = NULL;

	for (size_t k = 0; t->redirects && k < t->all->n; k++) {
		const struct server *s = &t->all->v[k];

		for (size_t i = 0; is_mine(t, s) && i < s->in->hosts.n; i++) {
			const char *host = gateway_host(s->in->hosts.v[i]);

			if (!host_subset_of(domain, host) || (best && host_cmp_specific(host, best_host) >= 0))
				continue;
			best = s;
			best_host = host;
		}
	}
	return best && redirects(best);
}

static struct host *host_of(struct table *t, const char *domain)
{
	struct arena *a = t->g->arena;
	char *name = gen_lower(a, domain);
	struct host *h = map_get(&t->hosts, slice_str(name));
	pb_vhost *v;

	if (h || !*name || strlen(name) > GEN_DOMAIN_MAX_BYTES)
		return h;
	h = ARENA_NEW(a, struct host);
	v = h->v = pb_vhost_new(a);
	v->name = arena_printf(a, "%s:%u", name, t->port);
	v->include_request_attempt_count = true;
	if (domain_redirects(t, name))
		v->require_tls = ENVOY__CONFIG__ROUTE__V3__VIRTUAL_HOST__TLS_REQUIREMENT_TYPE__ALL;
	PB_ADD(a, v, domains, name);
	map_set(&t->hosts, slice_str(name), h);
	return h;
}

/* by_name: only for hosts that the VirtualService names; else only for those that its wildcards cover. */
static void add_vs(struct table *t, const struct server *s, const struct mesh_virtual_service *vs, bool by_name)
{
	struct gen *g = t->g;

	for (size_t j = 0; j < vs->n_hosts; j++) {
		for (size_t i = 0; i < s->in->hosts.n; i++) {
			const char *have = gateway_host(s->in->hosts.v[i]), *want = vs->hosts[j];
			const bool named = host_subset_of(want, have);
			struct host *h;

			if (!host_overlap(have, want) || !gateway_admits(s, i, vs->o.ns) || named != by_name)
				continue;
			h = host_of(t, named ? want : have);
			if (!h)
				continue;
			gen_use(g, &vs->o);
			gen_virtual_service_routes(g, h->v, vs, s->gw->full, s->port, &h->taken);
			if (named)
				break;
		}
	}
}

static bool catch_all(const pb_route *r)
{
	const pb_route_match *m = r->match;

	return m->path_specifier_case == ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX &&
	       strcmp(m->prefix, "/") == 0 && !m->n_headers && !m->n_query_parameters;
}

/* Several VirtualServices may share a host: what matches everything goes last, so that it hides nothing. */
static void order_routes(struct gen *g, pb_vhost *v)
{
	pb_route **sorted = ARENA_NEW_N(g->arena, pb_route *, v->n_routes);
	size_t n = 0;

	for (int last = 0; last < 2; last++)
		for (size_t i = 0; i < v->n_routes; i++)
			if (catch_all(v->routes[i]) == (bool)last)
				sorted[n++] = v->routes[i];
	v->routes = sorted;
}

/* Hosts that are redirected need no VirtualService. */
static void add_redirect_hosts(struct table *t, const struct server *s)
{
	for (size_t i = 0; redirects(s) && i < s->in->hosts.n; i++)
		host_of(t, gateway_host(s->in->hosts.v[i]));
}

/* Tells the servers that want a redirect, or none, where an older server of the same host does not. */
static void tell_redirects(struct table *t, size_t first)
{
	struct arena *a = t->g->arena;
	struct map decided = {0}; /* host -> struct server *, the first */

	for (size_t k = first; t->redirects && k < t->all->n; k++) {
		const struct server *s = &t->all->v[k], *winner;
		const char *path = arena_printf(a, "spec.servers[%zu].tls.httpsRedirect", s->number);

		for (size_t i = 0; is_mine(t, s) && i < s->in->hosts.n; i++) {
			const char *host = gateway_host(s->in->hosts.v[i]), *key = gen_lower(a, host);

			winner = map_get(&decided, slice_str(key));
			if (!winner)
				map_set(&decided, slice_str(key), (void *)s);
			else if (redirects(winner) != redirects(s))
				gen_conflict(t->g, &(struct gen_owner){s->gw->o.obj, path},
					     &(struct gen_owner){winner->gw->o.obj, "another server"}, path,
					     arena_printf(a, "host %s on port %u", host, s->port));
		}
	}
	map_done(&decided);
}

/* "http.8080", "https.443.name.gateway.namespace" */
static uint16_t gateway_table_port(const char *name)
{
	const char *dot = strchr(name, '.');
	uint64_t port = 0;

	if (dot)
		slice_to_u64(slice_make(dot + 1, strspn(dot + 1, "0123456789")), UINT16_MAX, &port);
	return (uint16_t)port;
}

static void finish_table(struct table *t)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&t->hosts, &i));) {
		struct host *h = e->value;

		if (h->v->n_routes > 1)
			order_routes(t->g, h->v);
		PB_ADD(t->g->arena, t->rc, virtual_hosts, h->v);
		map_done(&h->taken);
	}
	if (!t->rc->n_virtual_hosts) {
		pb_vhost *v = pb_vhost_new(t->g->arena);

		v->name = arena_printf(t->g->arena, "blackhole:%u", t->port);
		PB_ADD(t->g->arena, v, domains, pb_str("*"));
		PB_ADD(t->g->arena, t->rc, virtual_hosts, v);
	}
	map_done(&t->hosts);
	gen_patch_routes(t->g, t->rc, GEN_GATEWAY, gateway_table_port(t->name));
	gen_add(t->g, t->name, t->rc);
}

static void add_virtual_services(struct table *t, size_t first, bool by_name)
{
	struct gen *g = t->g;

	for (size_t k = 0; k < g->snap->policies->virtual_services.n; k++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[k];

		for (size_t i = first; vs->spec->http.n && gen_sees(g, vs) && i < t->all->n; i++)
			if (is_mine(t, &t->all->v[i]) && gen_bound(vs, t->all->v[i].gw->full))
				add_vs(t, &t->all->v[i], vs, by_name);
	}
}

/* The servers of one table, so that thousands of tables need not look at thousands of servers each time they ask. */
static struct servers servers_of(struct gen *g, const struct servers *all, size_t first)
{
	struct servers mine = {0};
	size_t n = 0;

	for (size_t i = first; i < all->n; i++)
		n += all->v[i].rds && strcmp(all->v[i].rds, all->v[first].rds) == 0;
	mine.v = ARENA_NEW_N(g->arena, struct server, n);
	for (size_t i = first; mine.n < n; i++)
		if (all->v[i].rds && strcmp(all->v[i].rds, all->v[first].rds) == 0)
			mine.v[mine.n++] = all->v[i];
	return mine;
}

static void add_table(struct gen *g, const struct servers *all_tables, size_t of)
{
	const struct servers mine = servers_of(g, all_tables, of), *all = &mine;
	const size_t first = 0;
	struct table t = {.g = g, .name = all->v[first].rds, .port = all->v[first].port, .all = all};

	t.rc = gen_route_config(g, t.name);
	for (size_t i = first; i < all->n; i++)
		t.redirects |= is_mine(&t, &all->v[i]) && redirects(&all->v[i]);
	tell_redirects(&t, first);
	add_virtual_services(&t, first, true);
	add_virtual_services(&t, first, false);
	for (size_t i = first; i < all->n; i++)
		if (is_mine(&t, &all->v[i]))
			add_redirect_hosts(&t, &all->v[i]);
	finish_table(&t);
}

void gen_gateway_routes(struct gen *g)
{
	const struct servers all = gateway_servers(g);

	for (size_t i = 0; i < all.n; i++) {
		bool first = all.v[i].rds != NULL;

		for (size_t k = 0; k < i && first; k++)
			first = !all.v[k].rds || strcmp(all.v[k].rds, all.v[i].rds) != 0;
		if (first)
			add_table(g, &all, i);
	}
}
