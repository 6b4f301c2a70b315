/*
 * Balancing by hash. It is a property of the destination, but what is hashed is part of the route, which meets the
 * request before a destination's cluster does; for TCP of the proxy to that cluster.
 */
#include "compile/gen.h"

#include "mesh/host.h"

#define ROUTE(x) ENVOY__CONFIG__ROUTE__V3__##x

/* The hash that a destination asks for, or NULL; *ret_rule is where it is written. */
static const struct istio_load_balancer_settings_consistent_hash_lb *hash_of(const struct gen_rules *rules,
									     uint16_t port,
									     const struct istio_subset *subset)
{
	const struct gen_policy p = gen_resolve_policy(rules, port, subset);

	return p.lb ? p.lb->consistent_hash : NULL;
}

/* Text that can stand in a Set-Cookie field. */
static bool cookie_text_ok(const char *s)
{
	for (; s && *s; s++)
		if ((unsigned char)*s <= ' ' || *s == ';' || *s == 127)
			return false;
	return true;
}

static pb_hash_cookie *cookie_of(struct arena *a,
				 const struct istio_load_balancer_settings_consistent_hash_lb_http_cookie *in)
{
	pb_hash_cookie *out = pb_hash_cookie_new(a);

	out->name = pb_str(in->name);
	out->path = pb_str(in->path);
	if (in->ttl)
		out->ttl = pb_duration_ns(a, *in->ttl);
	return out;
}

/* Leaves out what would break the response that hands the cookie out. */
static bool refuse_cookie(struct gen *g, const struct gen_rules *rules,
			  const struct istio_load_balancer_settings_consistent_hash_lb_http_cookie *c)
{
	if (c->name && *c->name && cookie_text_ok(c->name) && !strchr(c->name, '=') && cookie_text_ok(c->path))
		return false;
	gen_note(g, rules->v[0]->o.obj, "spec.trafficPolicy.loadBalancer.consistentHash.httpCookie",
		 "name and path must be without spaces, control characters and ';', and the name without '='; the rule "
		 "is "
		 "left out");
	return true;
}

void gen_add_hash_policy(struct gen *g, pb_route_action *out, const struct gen_rules *rules, uint16_t port,
			 const struct istio_subset *subset)
{
	struct arena *a = g->arena;
	const struct istio_load_balancer_settings_consistent_hash_lb *h = hash_of(rules, port, subset);
	pb_hash_policy *x;

	if (!h || (h->http_cookie && !h->http_header_name && refuse_cookie(g, rules, h->http_cookie)))
		return;
	x = pb_hash_policy_new(a);
	if (h->http_header_name) {
		x->policy_specifier_case = ROUTE(ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_HEADER);
		x->header = pb_hash_header_new(a);
		x->header->header_name = pb_str(h->http_header_name);
	} else if (h->http_cookie) {
		x->policy_specifier_case = ROUTE(ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_COOKIE);
		x->cookie = cookie_of(a, h->http_cookie);
	} else if (h->http_query_parameter_name) {
		x->policy_specifier_case = ROUTE(ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_QUERY_PARAMETER);
		x->query_parameter = pb_hash_query_new(a);
		x->query_parameter->name = pb_str(h->http_query_parameter_name);
	} else {
		x->policy_specifier_case = ROUTE(ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_CONNECTION_PROPERTIES);
		x->connection_properties = pb_hash_conn_new(a);
		x->connection_properties->source_ip = h->use_source_ip && *h->use_source_ip;
	}
	PB_ADD(a, out, hash_policy, x);
}

/* The service, its rules and the subset of a destination; false when the proxy sees no such service. */
static bool find_destination(struct gen *g, const struct mesh_virtual_service *vs, const struct istio_destination *d,
			     struct gen_rules *rules, const struct istio_subset **ret_subset)
{
	const char *host = host_resolve(g->arena, d->host, vs->o.ns, gen_mesh(g)->domain);
	const struct service *svc = gen_service(g, host);

	*ret_subset = NULL;
	if (!svc)
		return false;
	gen_find_rules(g, svc, rules);
	for (size_t i = 0; d->subset && i < rules->n_subsets; i++)
		if (strcmp(rules->subsets[i]->name, d->subset) == 0)
			*ret_subset = rules->subsets[i];
	return true;
}

static uint16_t port_of(const struct istio_destination *d, uint16_t port)
{
	return d->port && d->port->number ? (uint16_t)d->port->number : port;
}

void gen_hash_of_destination(struct gen *g, const struct mesh_virtual_service *vs, pb_route_action *out,
			     const struct istio_destination *d, uint16_t port)
{
	const struct istio_subset *subset;
	struct gen_rules rules;

	if (find_destination(g, vs, d, &rules, &subset))
		gen_add_hash_policy(g, out, &rules, port_of(d, port), subset);
}

void gen_add_tcp_hash(struct gen *g, pb_tcp_proxy *out, const struct gen_rules *rules, uint16_t port,
		      const struct istio_subset *subset)
{
	const struct istio_load_balancer_settings_consistent_hash_lb *h = hash_of(rules, port, subset);
	pb_tcp_hash *x;

	if (!h || !h->use_source_ip || !*h->use_source_ip || out->n_hash_policy)
		return;
	x = pb_tcp_hash_new(g->arena);
	x->policy_specifier_case = ENVOY__TYPE__V3__HASH_POLICY__POLICY_SPECIFIER_SOURCE_IP;
	x->source_ip = pb_tcp_hash_source_new(g->arena);
	PB_ADD(g->arena, out, hash_policy, x);
}

void gen_tcp_hash_of_destination(struct gen *g, const struct mesh_virtual_service *vs, pb_tcp_proxy *out,
				 const struct istio_destination *d, uint16_t port)
{
	const struct istio_subset *subset;
	struct gen_rules rules;

	if (find_destination(g, vs, d, &rules, &subset))
		gen_add_tcp_hash(g, out, &rules, port_of(d, port), subset);
}
