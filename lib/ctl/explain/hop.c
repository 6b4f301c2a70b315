/* One proxy: its listener and chain, then what the connection manager or TCP proxy does. */
#include <string.h>

#include "ctl/explain/explain_internal.h"
#include "mesh/host.h"

/* --- listener and chain --- */

static const struct config_listener *catching(const struct config *c)
{
	for (size_t i = 0; i < c->n_listeners; i++)
		if (c->listeners[i]->use_original_dst && c->listeners[i]->direction != CONFIG_INBOUND)
			return c->listeners[i];
	return NULL;
}

static const struct config_listener *listener_of(const struct mesh_view *v, const struct arrival *in)
{
	const struct config_listener *l;

	if (in->inbound)
		return config_listener_named(v->config, "virtualInbound");
	l = config_listener_for(v->config, &in->to);
	return l || v->proxy.type == PROXY_ROUTER ? l : catching(v->config);
}

/* What the first bytes say, as the listener's filters see it. */
static const struct config_chain *chain_of(const struct config_listener *l, const struct arrival *in)
{
	static const struct slice plain[] = {{"http/1.1", 8}}, mesh[] = {{"istio-http/1.1", 14}, {"istio", 5}};
	const bool sniffed = config_sniff_applies(&l->http_inspector, addr_port(&in->to));
	const struct chain_input input = {
		.destination = &in->to,
		.source = &in->from,
		.server_name = in->sni,
		.tls = in->tls,
		.alpn = in->principal ? mesh : plain,
		.n_alpn = in->principal        ? 2
			  : in->tls || sniffed ? 1
					       : 0,
	};

	return config_chain_find(l, &input);
}

/* The server of a Gateway that takes it, and its place in the list. */
static const struct mesh_gateway *server_of(const struct explaining *x, const struct mesh_view *v, bool tls,
					    size_t *ret_server)
{
	const struct policy_index *all = x->m->snap->policies;

	for (size_t i = 0; i < all->gateways.n; i++) {
		const struct mesh_gateway *g = &all->gateways.v[i];

		if (!meta_labels_contain(&v->proxy.labels, &g->spec->selector))
			continue;
		for (size_t k = 0; k < g->spec->servers.n; k++) {
			const struct istio_server *s = &g->spec->servers.v[k];
			const char *protocol = s->port && s->port->protocol ? s->port->protocol : "";

			if ((!strcasecmp(protocol, "HTTPS") || !strcasecmp(protocol, "TLS")) != tls)
				continue;
			for (size_t h = 0; h < s->hosts.n; h++) {
				const char *slash = strchr(s->hosts.v[h], '/');

				*ret_server = k;
				if (host_subset_of(x->rq.host, slash ? slash + 1 : s->hosts.v[h]))
					return g;
			}
		}
	}
	return NULL;
}

static void tell_gateway(struct explaining *x, const struct mesh_view *v, const struct config_listener *l,
			 const struct arrival *in)
{
	size_t server;
	const struct mesh_gateway *g = server_of(x, v, in->tls, &server);

	if (g)
		explain_object(x, "listener", g->o.obj, arena_printf(&x->a, "spec.servers[%zu]", server),
			       "%s: Gateway %s has a server of host %s", l->name, g->full, x->rq.host);
	else
		explain_step(x, "listener", "", "%s: no server of a Gateway has host %s", l->name, x->rq.host);
}

static void tell_listener(struct explaining *x, const struct mesh_view *v, const struct config_listener *l,
			  const struct arrival *in)
{
	const struct service *s = explain_service_at(x->m, &in->to);
	const struct service_port *p = s ? service_port(s, addr_port(&in->to)) : NULL;

	if (v->proxy.type == PROXY_ROUTER)
		tell_gateway(x, v, l, in);
	else if (in->inbound)
		explain_step(x, "listener", "", "%s, port %u", l->name, addr_port(&in->to));
	else if (l == catching(v->config))
		explain_step(x, "listener", "", "%s: nothing in the mesh is at that address and port", l->name);
	else if (p)
		explain_object(x, "listener", s->obj, arena_printf(&x->a, "spec.ports[%zu]", p->index),
			       "%s: port %u of %s is %s", l->name, p->port, s->host, protocol_str(p->protocol));
	else
		explain_step(x, "listener", "", "%s", l->name);
}

static const struct config_chain *no_chain(struct explaining *x, const struct arrival *in)
{
	explain_step(x, "chain", "", "none takes %s", in->tls ? "these names in TLS" : "plain text");
	if (in->inbound && !in->tls)
		explain_end(x, false, "the connection is closed: the server takes mutual TLS alone");
	else
		explain_end(x, false, "the connection is closed, flag NR: no chain of the listener takes it");
	return NULL;
}

static const struct config_chain *arrive(struct explaining *x, struct mesh_view *v, const struct arrival *in)
{
	const struct config_listener *l = listener_of(v, in);
	const struct config_chain *c;

	if (!l) {
		explain_step(x, "listener", "", "none is on port %u", addr_port(&in->to));
		explain_end(x, false, "the connection is refused: no Gateway makes the proxy listen on port %u",
			    addr_port(&in->to));
		return NULL;
	}
	tell_listener(x, v, l, in);
	c = chain_of(l, in);
	if (in->inbound)
		explain_mtls(x, &v->proxy, addr_port(&in->to), in);
	return c ? c : no_chain(x, in);
}

/* --- HTTP --- */

static void tell_action(struct explaining *x, const struct route *r)
{
	if (r->timeout_ns)
		explain_step(x, "", "", "it has %lld ms", (long long)(r->timeout_ns / 1000000));
	if (r->retry && r->retry->num_retries)
		explain_step(x, "", "", "%u more tries if it fails", r->retry->num_retries);
	for (size_t i = 0; i < r->n_mirrors; i++)
		explain_step(x, "", "", "mirrored to %s", r->mirrors[i].cluster.name);
	if (r->headers && (r->headers->n_request_add || r->headers->n_request_remove))
		explain_step(x, "", "", "its headers are changed; what follows does not look at that");
}

/* What the next proxy sees. */
static void rewrite(struct explaining *x, const struct route *r)
{
	const struct slice path = route_rewrite_path(r, slice_str(x->rq.path), &x->a);

	if (!slice_eq_str(path, x->rq.path)) {
		x->rq.path = arena_slicedup(&x->a, path);
		explain_step(x, "", "", "its path becomes %s", x->rq.path);
	}
	if (r->host_rewrite.len) {
		x->rq.authority = arena_slicedup(&x->a, r->host_rewrite);
		explain_step(x, "", "", "its host becomes %s", x->rq.authority);
	}
}

static bool answered(struct explaining *x, const struct route *r)
{
	struct slice to;

	switch (r->action) {
	case ROUTE_ACTION_TO_HTTPS:
		explain_end(x, true, "301 to https: the Gateway's server redirects plain text");
		return true;
	case ROUTE_ACTION_REDIRECT:
		to = route_redirect_location(r, slice_str(x->rq.scheme), slice_str(x->rq.authority),
					     slice_str(x->rq.path), &x->a);
		explain_end(x, true, "%u to %.*s", r->redirect->code, SLICE_ARG(to));
		return true;
	case ROUTE_ACTION_DIRECT_RESPONSE:
		explain_end(x, strcmp(r->name, "block_all") != 0, "%u, answered by the proxy", r->direct_code);
		return true;
	default:
		return false;
	}
}

/* Of several clusters each is told; the one with the most weight is followed. */
static bool forward(struct explaining *x, struct mesh_view *v, const struct route *r, const struct arrival *in,
		    struct departure *out)
{
	const struct route_weighted *most = NULL;
	struct slice named;

	if (r->action == ROUTE_ACTION_CLUSTER_HEADER) {
		named = explain_header(&x->rq, r->cluster_header);
		return explain_cluster(x, v, arena_slicedup(&x->a, named), config_cluster_slot(v->config, named), in,
				       out);
	}
	if (r->action != ROUTE_ACTION_WEIGHTED)
		return explain_cluster(x, v, r->cluster.name, r->cluster.slot, in, out);
	for (size_t i = 0; i < r->n_weighted; i++) {
		const struct route_weighted *w = &r->weighted[i];

		explain_step(x, "weight", "", "%u of %u: %s", w->weight, r->total_weight, w->cluster.name);
		if (!most || w->weight > most->weight)
			most = w;
	}
	return most && explain_cluster(x, v, most->cluster.name, most->cluster.slot, in, out);
}

static void tell_fault(struct explaining *x, const struct route_table *t, const struct route *r)
{
	const struct route_override *o = route_override_find(t, r, NULL, FILTER_FAULT);
	const struct filter_fault *f = o && !o->disabled ? o->config : NULL;

	if (f && f->delay.numerator)
		explain_step(x, "fault", "", "%u of %u wait %lld ms", f->delay.numerator, f->delay.denominator,
			     (long long)(f->delay_ns / 1000000));
	if (f && f->abort.numerator)
		explain_step(x, "fault", "", "%u of %u are answered %u, flag FI", f->abort.numerator,
			     f->abort.denominator, f->abort_status);
}

static bool http(struct explaining *x, struct mesh_view *v, const struct config_chain *c, const struct arrival *in,
		 struct departure *out)
{
	const struct route_table *t = config_routes_of(v->config, c->hcm);
	const bool told = !in->inbound;
	const struct route_request rq = explain_route_request(&x->rq);
	const struct route *r;

	if (!explain_filters(x, v, c, in))
		return false;
	if (!t) {
		explain_end(x, false, "404, flag NR: there is no route table %s", c->hcm->rds.name);
		return false;
	}
	r = told ? explain_route(x, v, t) : route_find(t, &rq);
	if (!r || answered(x, r))
		return false;
	tell_fault(x, t, r);
	if (told)
		tell_action(x, r);
	if (!forward(x, v, r, in, out))
		return false;
	rewrite(x, r);
	return true;
}

/* --- bytes --- */

static bool tcp(struct explaining *x, struct mesh_view *v, const struct config_chain *c, const struct arrival *in,
		struct departure *out)
{
	const struct config_tcp_proxy *t = c->tcp;
	const struct route_weighted *most = NULL;
	const char *path;
	const struct api_object *o = explain_config_object(x, t->config_path, &path);

	if (!explain_network_policies(x, v, c, in))
		return false;
	if (o)
		explain_object(x, "route", o, path, "%s %s/%s: bytes as they are", o->kind->kind,
			       api_object_namespace(o), api_object_name(o));
	else if (!in->inbound)
		explain_step(x, "route", "", "bytes as they are%s", in->tls ? ", as the client speaks TLS itself" : "");
	for (size_t i = 0; i < t->n_weighted; i++) {
		explain_step(x, "weight", "", "%u of %u: %s", t->weighted[i].weight, t->total_weight,
			     t->weighted[i].cluster.name);
		if (!most || t->weighted[i].weight > most->weight)
			most = &t->weighted[i];
	}
	if (most)
		return explain_cluster(x, v, most->cluster.name, most->cluster.slot, in, out);
	return explain_cluster(x, v, t->cluster.name, t->cluster.slot, in, out);
}

bool explain_hop(struct explaining *x, struct mesh_view *v, const struct arrival *in, struct departure *out)
{
	const struct config_chain *c = arrive(x, v, in);

	if (!c)
		return false;
	return c->hcm ? http(x, v, c, in, out) : tcp(x, v, c, in, out);
}
