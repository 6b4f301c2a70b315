/* Load assignments: the endpoints of a service port or subset, grouped by locality, with what is known of each. */
#include "compile/gen.h"
#include "base/ip.h"

bool gen_has_endpoints(const struct service *svc)
{
	return svc->resolution == RESOLUTION_EDS || svc->headless ||
	       (svc->resolution == RESOLUTION_PASSTHROUGH && !svc->external);
}

bool gen_endpoint_mutual(const struct gen *g, const struct service *svc, const struct endpoint *e)
{
	return e->tls && !svc->external &&
	       snapshot_mtls_mode(g->snap, e->ns ? e->ns : svc->ns, &e->labels, e->port) != MTLS_DISABLE;
}

static pb_metadata *endpoint_metadata(struct gen *g, const struct service *svc, const struct endpoint *e)
{
	struct arena *a = g->arena;
	Google__Protobuf__Struct *tls = pb_struct(a), *istio = pb_struct(a);
	pb_metadata *m = NULL;

	pb_struct_set_string(a, istio, "workload",
			     arena_printf(a, "%s;%s;%s;%s;%s", e->workload, e->ns ? e->ns : "", e->canonical_name,
					  e->canonical_revision, gen_mesh(g)->cluster_id));
	m = pb_metadata_set(a, m, "istio", istio);
	if (gen_endpoint_mutual(g, svc, e)) {
		pb_struct_set_string(a, tls, "tlsMode", "istio");
		m = pb_metadata_set(a, m, "envoy.transport_socket_match", tls);
	}
	return m;
}

static pb_lb_endpoint *lb_endpoint(struct gen *g, const struct service *svc, const struct endpoint *e)
{
	struct arena *a = g->arena;
	pb_lb_endpoint *l = pb_lb_endpoint_new(a);

	l->host_identifier_case = ENVOY__CONFIG__ENDPOINT__V3__LB_ENDPOINT__HOST_IDENTIFIER_ENDPOINT;
	l->endpoint = pb_endpoint_new(a);
	l->endpoint->address = pb_address_make(a, e->address, e->port);
	l->health_status = ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__HEALTHY;
	l->load_balancing_weight = pb_u32(a, e->weight ? e->weight : 1);
	l->metadata = endpoint_metadata(g, svc, e);
	return l;
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Those of one place that are not equally near, by other labels, are groups of their own. */
static pb_locality_endpoints *group_of(struct gen *g, pb_cla *cla, const struct endpoint *e, unsigned level)
{
	pb_locality_endpoints *l;

	for (size_t i = 0; i < cla->n_endpoints; i++) {
		l = cla->endpoints[i];
		if (l->priority == level && strcmp(l->locality->region, or_empty(e->region)) == 0 &&
		    strcmp(l->locality->zone, or_empty(e->zone)) == 0 &&
		    strcmp(l->locality->sub_zone, or_empty(e->subzone)) == 0)
			return l;
	}
	l = pb_locality_endpoints_new(g->arena);
	l->locality = pb_locality_new(g->arena);
	l->locality->region = pb_str(e->region);
	l->locality->zone = pb_str(e->zone);
	l->locality->sub_zone = pb_str(e->subzone);
	l->load_balancing_weight = pb_u32(g->arena, 0);
	l->priority = level;
	PB_ADD(g->arena, cla, endpoints, l);
	return l;
}

/* A proxy would refuse all endpoints of the service for one of these. */
static const char *endpoint_fault(struct gen *g, const struct service *svc, const struct endpoint *e)
{
	if (!*e->address)
		return "an endpoint has no address";
	if (gen_has_endpoints(svc) && !ip_is(slice_str(e->address)))
		return arena_printf(g->arena, "\"%s\" is no address, and only resolution DNS takes names", e->address);
	return e->port ? NULL : arena_printf(g->arena, "endpoint %s has no port", e->address);
}

pb_cla *gen_load_assignment(struct gen *g, const char *name, const struct service *svc, const struct service_port *p,
			    const struct istio_subset *subset, const struct gen_policy *policy)
{
	const struct endpoint_set set = snapshot_endpoints(g->snap, svc, p->port);
	const struct gen_near near = gen_near_of(g, svc, policy);
	pb_cla *cla = pb_cla_new(g->arena);

	cla->cluster_name = pb_str(name);
	for (size_t i = 0; i < set.n; i++) {
		const struct endpoint *e = &set.v[i];
		const uint32_t weight = e->weight ? e->weight : 1;
		const char *fault = endpoint_fault(g, svc, e);
		pb_locality_endpoints *l;

		if ((subset && !meta_labels_contain(&e->labels, &subset->labels)) || !gen_near_takes(&near, e))
			continue;
		l = fault ? NULL : group_of(g, cla, e, gen_near_level(g, &near, e));
		if (l && l->load_balancing_weight->value > UINT32_MAX - weight)
			fault = arena_printf(g->arena, "the weights are more than %u together", UINT32_MAX);
		if (fault) {
			if (svc->entry)
				gen_note(g, svc->obj, "spec.endpoints", "%s; the endpoint is left out", fault);
			continue;
		}
		PB_ADD(g->arena, l, lb_endpoints, lb_endpoint(g, svc, e));
		l->load_balancing_weight->value += weight;
	}
	gen_near_apply(g, &near, cla);
	return cla;
}

static void add(struct gen *g, const struct service *svc, const struct service_port *p, const struct gen_rules *rules,
		const struct istio_subset *subset)
{
	const char *name = gen_cluster_name(g->arena, p->port, subset ? subset->name : "", svc->host);
	const struct gen_policy policy = gen_resolve_policy(rules, p->port, subset);

	gen_add(g, name, gen_load_assignment(g, name, svc, p, subset, &policy));
}

static void add_service(struct gen *g, const struct service *svc)
{
	struct gen_rules rules;

	if (!gen_has_endpoints(svc))
		return;
	gen_find_rules(g, svc, &rules);
	for (size_t j = 0; j < svc->n_ports; j++) {
		add(g, svc, &svc->ports[j], &rules, NULL);
		for (size_t k = 0; k < rules.n_subsets; k++)
			add(g, svc, &svc->ports[j], &rules, rules.subsets[k]);
	}
}

void gen_endpoints(struct gen *g)
{
	for (size_t i = 0; i < g->n_reachable; i++)
		add_service(g, g->reachable[i]);
}

void gen_single_endpoints(struct gen *g)
{
	add_service(g, g->single);
}

pb_cla *gen_one_endpoint(struct arena *a, char *cluster, pb_address *address)
{
	pb_cla *cla = pb_cla_new(a);
	pb_locality_endpoints *l = pb_locality_endpoints_new(a);
	pb_lb_endpoint *e = pb_lb_endpoint_new(a);

	cla->cluster_name = cluster;
	e->host_identifier_case = ENVOY__CONFIG__ENDPOINT__V3__LB_ENDPOINT__HOST_IDENTIFIER_ENDPOINT;
	e->endpoint = pb_endpoint_new(a);
	e->endpoint->address = address;
	PB_ADD(a, l, lb_endpoints, e);
	PB_ADD(a, cla, endpoints, l);
	return cla;
}
