/*
 * Cluster load assignments to struct config_endpoints: addresses with weight, health, locality, priority, the transport
 * that their labels choose and the workload they belong to.
 */
#include <stdio.h>

#include "base/hash.h"
#include "base/vec.h"
#include "config/build_internal.h"

#include "envoy/config/endpoint/v3/endpoint_components.pb-c.h"

struct endpoints {
	VEC(struct config_endpoint) list;
};

static void endpoints_done(struct endpoints *v)
{
	vec_done(&v->list);
}

static bool labels_match(const struct config_transport *t, const Google__Protobuf__Struct *labels)
{
	for (size_t i = 0; i < t->n_labels; i++) {
		const char *value = pb_struct_get_string(labels, t->labels[i].key);
		if (!value || strcmp(value, t->labels[i].value) != 0)
			return false;
	}
	return true;
}

static const struct config_transport *choose_transport(const struct config_cluster_spec *s, const CORE(Metadata) * m)
{
	const Google__Protobuf__Struct *labels = build_metadata(m, "envoy.transport_socket_match");
	size_t i = 0;

	while (i + 1 < s->n_transports && !labels_match(&s->transports[i], labels))
		i++;
	return &s->transports[i];
}

/* "workload;namespace;canonical name;canonical revision;cluster" */
static void set_workload(struct arena *a, const CORE(Metadata) * m, struct config_endpoint *p)
{
	struct slice rest = slice_str(pb_struct_get_string(build_metadata(m, "istio"), "workload"));
	const char **fields[] = {&p->workload, &p->workload_namespace, &p->canonical_name, &p->canonical_revision,
				 &p->cluster_id};

	for (size_t i = 0; rest.len && i < ARRAY_LEN(fields); i++) {
		struct slice part = slice_split(&rest, ';');
		if (part.len)
			*fields[i] = arena_slicedup(a, part);
	}
}

static uint32_t locality_id(const CORE(Locality) * l)
{
	char text[768];
	int n = l ? snprintf(text, sizeof(text), "%s/%s/%s", l->region, l->zone, l->sub_zone) : 0;

	return n > 0 ? (uint32_t)hash_bytes(slice_make(text, MIN((size_t)n, sizeof(text) - 1))) : 0;
}

static void set_locality(struct arena *a, const ENDPOINT(LocalityLbEndpoints) * group, struct config_endpoint *p)
{
	p->priority = group->priority;
	p->locality = locality_id(group->locality);
	p->locality_weight = build_u32(group->load_balancing_weight, 0);
	if (!group->locality)
		return;
	p->region = arena_strdup(a, group->locality->region);
	p->zone = arena_strdup(a, group->locality->zone);
	p->sub_zone = arena_strdup(a, group->locality->sub_zone);
}

static void set_health(int status, struct config_endpoint *p)
{
	p->degraded = status == ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__DEGRADED;
	p->healthy = status == ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__UNKNOWN ||
		     status == ENVOY__CONFIG__CORE__V3__HEALTH_STATUS__HEALTHY || p->degraded;
}

static uint64_t address_key(const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	return hash_bytes(slice_str(addr_format(a, text)));
}

struct assignment {
	struct config_endpoints *set;
	struct config_cluster_spec *spec;
	struct endpoints *out;
	build_resolver *resolve;
	void *ctx;
};

/* Adds one endpoint per address: one, or as many as its host name resolved to. */
static int add_addresses(struct assignment *x, const CORE(Address) * a, struct config_endpoint *p, struct err *e)
{
	struct build_resolved found = {&p->address, 1};
	struct addr one;

	if (!a)
		return err_set(e, -EINVAL, "address is missing");
	bool name = a->address_case == ENVOY__CONFIG__CORE__V3__ADDRESS__ADDRESS_SOCKET_ADDRESS && x->resolve &&
		    addr_parse(slice_str(a->socket_address->address), 0, &one) < 0;
	if (name) {
		found = x->resolve(x->ctx, a->socket_address->address, (uint16_t)a->socket_address->port_value);
		if (!p->hostname)
			p->hostname = arena_strdup(&x->set->arena, a->socket_address->address);
		if (x->spec->type == CONFIG_CLUSTER_LOGICAL_DNS)
			found.n = MIN(found.n, (size_t)1);
	} else {
		int r = build_address_or_pipe(a, &p->address, e); /* a pipe's mode is for who makes it */
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < found.n; i++) {
		struct config_endpoint copy = *p;
		copy.address = found.v[i];
		copy.key = address_key(&copy.address);
		vec_push(&x->out->list, copy);
	}
	return 0;
}

static void check_config(struct assignment *x, const ENDPOINT(Endpoint__HealthCheckConfig) * m,
			 struct config_endpoint *p)
{
	if (!m)
		return;
	p->unchecked = m->disable_active_health_check;
	p->check_port = (uint16_t)m->port_value;
	if (m->hostname[0])
		p->check_host = arena_strdup(&x->set->arena, m->hostname);
}

static int add_endpoint(struct assignment *x, const ENDPOINT(LocalityLbEndpoints) * group,
			const ENDPOINT(LbEndpoint) * m, struct err *e)
{
	struct config_endpoint p = {.weight = build_u32(m->load_balancing_weight, 1)};

	if (m->host_identifier_case != ENVOY__CONFIG__ENDPOINT__V3__LB_ENDPOINT__HOST_IDENTIFIER_ENDPOINT)
		return UNSUPPORTED(e, "endpoint_name");
	if (m->endpoint->hostname[0])
		p.hostname = arena_strdup(&x->set->arena, m->endpoint->hostname);
	set_locality(&x->set->arena, group, &p);
	set_health((int)m->health_status, &p);
	set_workload(&x->set->arena, m->metadata, &p);
	p.transport = choose_transport(x->spec, m->metadata);
	if (x->spec->subsets) {
		struct build_ctx out = {.out = &x->set->arena};

		build_labels(&out, m->metadata, x->spec->subsets->lists, &p.labels);
	}
	check_config(x, m->endpoint->health_check_config, &p);
	return add_addresses(x, m->endpoint->address, &p, e);
}

static int add_all(struct assignment *x, const ENDPOINT(ClusterLoadAssignment) * m, struct err *e)
{
	for (size_t i = 0; i < m->n_endpoints; i++) {
		const ENDPOINT(LocalityLbEndpoints) *group = m->endpoints[i];
		if (group->priority > 127)
			return err_set(e, -EINVAL, "endpoints[%zu]: priority must be 0..127", i);
		for (size_t k = 0; k < group->n_lb_endpoints; k++) {
			int r = add_endpoint(x, group, group->lb_endpoints[k], e);
			if (r < 0)
				return err_wrap(e, r, "endpoints[%zu]: lb_endpoints[%zu]", i, k);
		}
	}
	return 0;
}

int build_endpoint_set(struct config_cluster_spec *spec, const ENDPOINT(ClusterLoadAssignment) * m,
		       build_resolver *resolve, void *ctx, struct config_endpoints **ret, struct err *e)
{
	CLEANUP(endpoints_done) struct endpoints found = {0};
	struct config_endpoints *set = config_endpoints_new(spec);
	struct assignment x = {set, spec, &found, resolve, ctx};
	int r = m ? add_all(&x, m, e) : 0;

	if (r < 0) {
		config_endpoints_unref(set);
		return r;
	}
	if (m && m->policy)
		set->overprovisioning_percent = build_u32(m->policy->overprovisioning_factor, 0);
	set->n = found.list.n;
	set->v = ARENA_NEW_N(&set->arena, struct config_endpoint, set->n);
	if (set->n)
		memcpy(set->v, found.list.v, set->n * sizeof(*set->v));
	*ret = set;
	return 0;
}
