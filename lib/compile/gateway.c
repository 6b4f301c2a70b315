/*
 * Gateways: all Gateway objects that select the proxy are merged by the port it really listens on. Plain-text HTTP
 * servers of a port share one route table, http.<port>; each TLS-terminating server has a chain by SNI and a table of
 * its own.
 */
#include "compile/gen.h"

#include <stdlib.h>

#include "compile/tls.h"
#include "mesh/host.h"

#define GATEWAY_SERVERS_MAX 1024

struct server {
	const struct mesh_gateway *gw;
	const struct istio_server *in;
	uint16_t port;   /* as written */
	uint16_t listen; /* of the proxy */
	enum protocol protocol;
	const char *rds; /* NULL for TCP */
};

struct servers {
	struct server *v;
	size_t n;
};

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

static bool add_server(struct gen *g, struct servers *out, const struct mesh_gateway *gw, const struct istio_server *in)
{
	struct server s = {.gw = gw, .in = in};

	if (!in->port || !in->port->number || in->port->number > 65535 || out->n == GATEWAY_SERVERS_MAX ||
	    protocol_parse(in->port->protocol, &s.protocol) < 0)
		return false;
	s.port = (uint16_t)in->port->number;
	s.listen = listen_port(g, s.port);
	if (s.listen < 1024 && g->proxy->unprivileged)
		return false;
	s.rds = table_name(g, &s);
	out->v[out->n++] = s;
	return true;
}

static struct servers find_servers(struct gen *g)
{
	struct servers out = {ARENA_NEW_N(g->arena, struct server, GATEWAY_SERVERS_MAX), 0};

	for (size_t i = 0; i < g->snap->policies->gateways.n; i++) {
		const struct mesh_gateway *gw = &g->snap->policies->gateways.v[i];

		if (!meta_labels_contain(&g->proxy->labels, &gw->spec->selector))
			continue;
		gen_use(g, &gw->o);
		for (size_t j = 0; j < gw->spec->servers.n; j++) {
			if (add_server(g, &out, gw, &gw->spec->servers.v[j]))
				continue;
			gen_note(
				g, &gw->o, arena_printf(g->arena, "spec.servers[%zu].port", j),
				"port cannot be served by %s: it is under 1024 and the gateway is unprivileged, or the "
				"protocol is not supported",
				g->proxy->id);
		}
	}
	return out;
}

/* --- TLS --- */

static pb_data_source *file_source(struct arena *a, const char *path)
{
	pb_data_source *d = pb_data_source_new(a);

	d->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_FILENAME;
	d->filename = pb_str(path);
	return d;
}

static void set_validation(struct gen *g, pb_common_tls *c, const struct istio_server_tls_settings *t)
{
	struct arena *a = g->arena;
	pb_validation *v = pb_validation_new(a);

	for (size_t i = 0; i < t->subject_alt_names.n; i++)
		tls_add_san(a, v, t->subject_alt_names.v[i]);
	if (t->credential_name) {
		pb_combined_validation *cv = pb_combined_validation_new(a);

		cv->default_validation_context = v;
		cv->validation_context_sds_secret_config =
			tls_sds_ads(a, arena_printf(a, "kubernetes://%s-cacert", t->credential_name));
		c->validation_context_type_case =
			ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_COMBINED_VALIDATION_CONTEXT;
		c->combined_validation_context = cv;
		return;
	}
	v->trusted_ca = file_source(a, t->ca_certificates);
	c->validation_context_type_case =
		ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__COMMON_TLS_CONTEXT__VALIDATION_CONTEXT_TYPE_VALIDATION_CONTEXT;
	c->validation_context = v;
}

static pb_downstream_tls *server_tls(struct gen *g, const struct server *s)
{
	struct arena *a = g->arena;
	const struct istio_server_tls_settings *t = s->in->tls;
	pb_downstream_tls *d;
	pb_common_tls *c;

	if (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL)
		return tls_downstream_mutual(a, !s->rds);
	d = pb_downstream_tls_new(a);
	c = d->common_tls_context = pb_common_tls_new(a);
	d->require_client_certificate = pb_bool(a, t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL);
	c->tls_params = pb_tls_params_new(a);
	c->tls_params->tls_minimum_protocol_version =
		t->min_protocol_version
			? t->min_protocol_version
			: ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__TLS_PARAMETERS__TLS_PROTOCOL__TLSv1_2;
	c->tls_params->tls_maximum_protocol_version = t->max_protocol_version;
	for (size_t i = 0; i < t->cipher_suites.n; i++)
		PB_ADD(a, c->tls_params, cipher_suites, pb_str(t->cipher_suites.v[i]));
	PB_ADD(a, c, alpn_protocols, pb_str("h2"));
	PB_ADD(a, c, alpn_protocols, pb_str("http/1.1"));
	if (t->credential_name) {
		PB_ADD(a, c, tls_certificate_sds_secret_configs,
		       tls_sds_ads(a, arena_printf(a, "kubernetes://%s", t->credential_name)));
	} else {
		pb_tls_certificate *cert = pb_tls_certificate_new(a);

		cert->certificate_chain = file_source(a, t->server_certificate);
		cert->private_key = file_source(a, t->private_key);
		PB_ADD(a, c, tls_certificates, cert);
	}
	if (t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL ||
	    t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_OPTIONAL_MUTUAL)
		set_validation(g, c, t);
	return d;
}

/* --- listeners --- */

static const char *bare_host(const char *h)
{
	const char *slash = strchr(h, '/');

	return slash ? slash + 1 : h;
}

static pb_chain_match *sni_match(struct gen *g, const struct server *s)
{
	pb_chain_match *m = pb_chain_match_new(g->arena);

	for (size_t i = 0; i < s->in->hosts.n; i++) {
		if (strcmp(bare_host(s->in->hosts.v[i]), "*") == 0)
			return NULL;
		PB_ADD(g->arena, m, server_names, pb_str(bare_host(s->in->hosts.v[i])));
	}
	return m;
}

static void add_hcm_chain(struct gen *g, pb_listener *l, const struct server *s)
{
	struct arena *a = g->arena;
	pb_chain *c = pb_chain_new(a);
	const struct gen_http h = {
		.direction = GEN_GATEWAY,
		.stat_prefix = arena_printf(a, "outbound_%s", l->name),
		.rds = s->rds,
	};

	if (terminates(s->in->tls)) {
		c->filter_chain_match = sni_match(g, s);
		c->transport_socket = tls_socket(a, server_tls(g, s));
		gen_listener_filter(g, l, "envoy.filters.listener.tls_inspector", PB_ANY(a, pb_tls_inspector_new(a)));
	}
	PB_ADD(a, c, filters, gen_hcm(g, &h));
	PB_ADD(a, l, filter_chains, c);
}

static bool hosts_meet(const struct server *s, const struct mesh_virtual_service *vs)
{
	for (size_t i = 0; i < s->in->hosts.n; i++)
		for (size_t j = 0; j < vs->n_hosts; j++)
			if (host_overlap(bare_host(s->in->hosts.v[i]), vs->hosts[j]))
				return true;
	return false;
}

static void add_passthrough(struct gen *g, pb_listener *l, const struct server *s,
			    const struct mesh_virtual_service *vs)
{
	struct arena *a = g->arena;

	for (size_t i = 0; i < vs->spec->tls.n; i++) {
		const struct istio_tls_route *r = &vs->spec->tls.v[i];

		for (size_t j = 0; j < r->match.n; j++) {
			pb_chain *c = pb_chain_new(a);

			if (r->match.v[j].port && r->match.v[j].port != s->port)
				continue;
			c->filter_chain_match = pb_chain_match_new(a);
			for (size_t k = 0; k < r->match.v[j].sni_hosts.n; k++)
				PB_ADD(a, c->filter_chain_match, server_names, pb_str(r->match.v[j].sni_hosts.v[k]));
			gen_tcp_filters_of(g, c, GEN_GATEWAY, gen_tcp_routes(g, vs, r->route.v, r->route.n, s->port));
			PB_ADD(a, l, filter_chains, c);
			gen_listener_filter(g, l, "envoy.filters.listener.tls_inspector",
					    PB_ANY(a, pb_tls_inspector_new(a)));
		}
	}
}

static void add_tcp_chain(struct gen *g, pb_listener *l, const struct server *s, const struct mesh_virtual_service *vs)
{
	struct arena *a = g->arena;
	const struct istio_tcp_route *r = gen_find_tcp_route(g, vs, s->gw->full, s->port);
	pb_chain *c;

	if (!r || !r->route.n)
		return;
	c = pb_chain_new(a);
	if (terminates(s->in->tls)) {
		c->filter_chain_match = sni_match(g, s);
		c->transport_socket = tls_socket(a, server_tls(g, s));
		gen_listener_filter(g, l, "envoy.filters.listener.tls_inspector", PB_ANY(a, pb_tls_inspector_new(a)));
	}
	gen_tcp_filters_of(g, c, GEN_GATEWAY, gen_tcp_routes(g, vs, r->route.v, r->route.n, s->port));
	PB_ADD(a, l, filter_chains, c);
}

static void add_l4_chains(struct gen *g, pb_listener *l, const struct server *s)
{
	for (size_t i = 0; i < g->snap->policies->virtual_services.n; i++) {
		const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[i];

		if (!gen_bound(vs, s->gw->full) || !gen_sees(g, vs) || !hosts_meet(s, vs))
			continue;
		gen_use(g, &vs->o);
		if (s->in->tls && !terminates(s->in->tls))
			add_passthrough(g, l, s, vs);
		else
			add_tcp_chain(g, l, s, vs);
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

static void add_listener(struct gen *g, const struct servers *all, size_t first)
{
	struct arena *a = g->arena;
	const struct server *s = &all->v[first];
	const char *ip = s->in->bind && *s->in->bind ? s->in->bind : "0.0.0.0";
	pb_listener *l = gen_listener(g, arena_printf(a, "%s_%u", ip, s->listen), ip, s->listen);
	const bool http = protocol_is_http(s->protocol);

	for (size_t i = first; i < all->n; i++) {
		const struct server *x = &all->v[i];

		if (!same_listener(x, s))
			continue;
		if (protocol_is_http(x->protocol) != http)
			gen_note(g, &x->gw->o, "spec.servers", "port %u is served with another protocol by Gateway %s",
				 x->port, s->gw->full);
		else if (http && plain_http_before(all, i))
			continue;
		else if (x->rds)
			add_hcm_chain(g, l, x);
		else
			add_l4_chains(g, l, x);
	}
	if (l->n_filter_chains)
		gen_add(g, l->name, l);
}

void gen_gateway_listeners(struct gen *g)
{
	const struct servers all = find_servers(g);

	for (size_t i = 0; i < all.n; i++) {
		bool first = true;

		for (size_t k = 0; k < i && first; k++)
			first = !same_listener(&all.v[k], &all.v[i]);
		if (first)
			add_listener(g, &all, i);
	}
}

/* --- routes --- */

struct table {
	struct gen *g;
	pb_route_config *rc;
	struct map vhosts; /* domain -> pb_vhost * */
	uint16_t port;
};

static pb_vhost *vhost_of(struct table *t, const char *domain)
{
	struct arena *a = t->g->arena;
	pb_vhost *v = map_get(&t->vhosts, slice_str(domain));

	if (v)
		return v;
	v = pb_vhost_new(a);
	v->name = arena_printf(a, "%s:%u", domain, t->port);
	v->include_request_attempt_count = true;
	PB_ADD(a, v, domains, pb_str(domain));
	map_set(&t->vhosts, slice_str(domain), v);
	return v;
}

/* "ns/host" of a server admits VirtualServices of that namespace only; "." is the Gateway's own. */
static bool namespace_admits(const char *server_host, const char *gw_ns, const char *ns)
{
	const char *slash = strchr(server_host, '/');
	const struct slice want = slash ? slice_make(server_host, (size_t)(slash - server_host)) : SLICE("*");

	return slice_eq_str(want, "*") || slice_eq_str(want, ns) || (slice_eq_str(want, ".") && strcmp(gw_ns, ns) == 0);
}

static void add_vs(struct table *t, const struct server *s, const struct mesh_virtual_service *vs)
{
	struct gen *g = t->g;

	for (size_t j = 0; j < vs->n_hosts; j++) {
		for (size_t i = 0; i < s->in->hosts.n; i++) {
			const char *have = bare_host(s->in->hosts.v[i]), *want = vs->hosts[j];
			const char *domain = host_subset_of(want, have) ? want : have;
			pb_vhost *v;

			if (!host_overlap(have, want) || !namespace_admits(s->in->hosts.v[i], s->gw->o.ns, vs->o.ns))
				continue;
			gen_use(g, &vs->o);
			v = vhost_of(t, domain);
			if (s->in->tls && s->in->tls->https_redirect)
				v->require_tls = ENVOY__CONFIG__ROUTE__V3__VIRTUAL_HOST__TLS_REQUIREMENT_TYPE__ALL;
			gen_virtual_service_routes(g, v, vs, s->gw->full, s->port);
			if (domain == want)
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

static void add_redirect_host(struct table *t, const struct server *s)
{
	for (size_t i = 0; i < s->in->hosts.n; i++)
		vhost_of(t, bare_host(s->in->hosts.v[i]))->require_tls =
			ENVOY__CONFIG__ROUTE__V3__VIRTUAL_HOST__TLS_REQUIREMENT_TYPE__ALL;
}

static void finish_table(struct table *t, const char *name)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&t->vhosts, &i));) {
		pb_vhost *v = e->value;

		if (v->n_routes > 1)
			order_routes(t->g, v);
		PB_ADD(t->g->arena, t->rc, virtual_hosts, v);
	}
	if (!t->rc->n_virtual_hosts) {
		pb_vhost *v = pb_vhost_new(t->g->arena);

		v->name = arena_printf(t->g->arena, "blackhole:%u", t->port);
		PB_ADD(t->g->arena, v, domains, pb_str("*"));
		PB_ADD(t->g->arena, t->rc, virtual_hosts, v);
	}
	map_done(&t->vhosts);
	gen_add(t->g, name, t->rc);
}

static void add_table(struct gen *g, const struct servers *all, size_t first)
{
	const char *name = all->v[first].rds;
	struct table t = {.g = g, .port = all->v[first].port};

	t.rc = gen_route_config(g, name);
	for (size_t i = first; i < all->n; i++) {
		const struct server *s = &all->v[i];

		if (!s->rds || strcmp(s->rds, name) != 0)
			continue;
		for (size_t k = 0; k < g->snap->policies->virtual_services.n; k++) {
			const struct mesh_virtual_service *vs = &g->snap->policies->virtual_services.v[k];

			if (gen_bound(vs, s->gw->full) && gen_sees(g, vs))
				add_vs(&t, s, vs);
		}
		if (s->in->tls && s->in->tls->https_redirect)
			add_redirect_host(&t, s);
	}
	finish_table(&t, name);
}

void gen_gateway_routes(struct gen *g)
{
	const struct servers all = find_servers(g);

	for (size_t i = 0; i < all.n; i++) {
		bool first = all.v[i].rds != NULL;

		for (size_t k = 0; k < i && first; k++)
			first = !all.v[k].rds || strcmp(all.v[k].rds, all.v[i].rds) != 0;
		if (first)
			add_table(g, &all, i);
	}
}
