/*
 * The endpoint index: for each service and port, where it is served. Addresses come from EndpointSlices, who is behind
 * them from Pods; ServiceEntries bring their own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/discovery.h"
#include "mesh/snapshot_internal.h"

/* While building: one growing list per key. */
struct pending {
	struct endpoint_set set; /* first member: what the index keeps */
	VEC(struct endpoint) v;
};

static struct pending *pending_get(struct endpoint_index *x, const struct service *svc, uint16_t port)
{
	const char *key = arena_printf(&x->head.arena, "%zu:%u", svc->number, port);
	struct pending *p = map_get(&x->by_key, slice_str(key));

	if (!p) {
		p = ARENA_NEW(&x->head.arena, struct pending);
		map_set(&x->by_key, slice_str(key), p);
	}
	return p;
}

static void set_locality(struct arena *a, struct endpoint *e, const struct workload *w, const char *zone)
{
	const char *text = w ? str_map_get(&w->labels, "istio-locality") : NULL;
	struct slice rest;

	e->region = e->zone = e->subzone = "";
	if (w) {
		const char *region = str_map_get(&w->labels, "topology.kubernetes.io/region");
		const char *z = str_map_get(&w->labels, "topology.kubernetes.io/zone");
		const char *sub = str_map_get(&w->labels, "topology.istio.io/subzone");

		e->region = region ? region : "";
		e->zone = z ? z : zone && region ? zone : "";
		e->subzone = sub ? sub : "";
	}
	if (!text)
		return;
	rest = slice_str(text);
	e->region = arena_slicedup(a, slice_split(&rest, strchr(text, '/') ? '/' : '.'));
	e->zone = arena_slicedup(a, slice_split(&rest, strchr(text, '/') ? '/' : '.'));
	e->subzone = arena_slicedup(a, rest);
}

static void describe(struct arena *a, struct endpoint *e, const struct workload *w, const char *zone)
{
	set_locality(a, e, w, zone);
	e->workload = e->canonical_name = e->canonical_revision = e->node = "";
	if (!w)
		return;
	e->ns = w->ns;
	e->tls = w->proxied;
	e->workload = w->workload;
	e->service_account = w->service_account;
	e->labels = w->labels;
	e->node = w->node;
	e->canonical_name = labels_canonical_name(&w->labels, w->workload);
	e->canonical_revision = labels_canonical_revision(&w->labels);
}

static const struct workload *workload_of(const struct build *b, const struct discovery_endpoint *e, const char *ns)
{
	const struct core_object_reference *t = e->target_ref;

	if (!t || !t->kind || strcmp(t->kind, "Pod") != 0 || !t->name)
		return NULL;
	return snapshot_workload(b->snap, t->namespace ? t->namespace : ns, t->name);
}

static bool usable(const struct discovery_endpoint *e)
{
	const struct discovery_endpoint_conditions *c = e->conditions;

	return e->addresses.n && (!c || !c->ready || *c->ready);
}

static const struct service_port *port_by_name(const struct service *s, const char *name)
{
	for (size_t i = 0; i < s->n_ports; i++)
		if (strcmp(s->ports[i].name, name ? name : "") == 0)
			return &s->ports[i];
	return NULL;
}

static void add_slice(const struct build *b, struct endpoint_index *x, const struct api_object *o)
{
	const struct discovery_endpoint_slice *k = API_VALUE(o, endpoint_slice, discovery_endpoint_slice);
	const char *name = api_object_label(o, "kubernetes.io/service-name"), *ns = api_object_namespace(o);
	struct arena *a = &x->head.arena;
	const struct service *svc;

	if (!name || (k->address_type && strcmp(k->address_type, "FQDN") == 0))
		return;
	svc = snapshot_service(b->snap, arena_printf(a, "%s.%s.svc.%s", name, ns, b->mesh->domain));
	if (!svc || svc->entry)
		return;
	index_hold(&x->head, o);
	for (size_t i = 0; i < k->ports.n; i++) {
		const struct service_port *p = port_by_name(svc, k->ports.v[i].name);
		struct pending *out = p && k->ports.v[i].port ? pending_get(x, svc, p->port) : NULL;

		for (size_t j = 0; out && j < k->endpoints.n; j++) {
			const struct discovery_endpoint *in = &k->endpoints.v[j];
			struct endpoint e = {
				.address = in->addresses.n ? in->addresses.v[0] : "", .ready = true, .ns = ns};

			if (!usable(in))
				continue;
			e.port = (uint16_t)*k->ports.v[i].port;
			describe(a, &e, workload_of(b, in, ns), in->zone);
			vec_push(&out->v, e);
		}
	}
}

/* The port of an entry's endpoint: by name in its own map, else as the service says. */
static uint16_t entry_port(const struct istio_workload_entry_spec *w, const struct service_port *p)
{
	const cJSON *n = w->ports ? cJSON_GetObjectItemCaseSensitive(w->ports, p->name) : NULL;

	return cJSON_IsNumber(n) ? (uint16_t)n->valueint : p->target_port;
}

static void add_entry_endpoint(struct endpoint_index *x, const struct service *svc, const struct service_port *p,
			       const struct istio_workload_entry_spec *w)
{
	struct endpoint e = {.address = w->address, .ready = true, .weight = w->weight, .ns = svc->ns};
	const char *tls = str_map_get(&w->labels, "security.istio.io/tlsMode");
	struct slice rest = slice_str(w->locality);

	if (!w->address)
		return;
	e.port = entry_port(w, p);
	e.labels = w->labels;
	e.tls = tls && strcmp(tls, "istio") == 0;
	e.service_account = w->service_account;
	e.workload = svc->name;
	e.canonical_name = labels_canonical_name(&w->labels, svc->name);
	e.canonical_revision = labels_canonical_revision(&w->labels);
	e.node = "";
	e.region = arena_slicedup(&x->head.arena, slice_split(&rest, '/'));
	e.zone = arena_slicedup(&x->head.arena, slice_split(&rest, '/'));
	e.subzone = arena_slicedup(&x->head.arena, rest);
	vec_push(&pending_get(x, svc, p->port)->v, e);
}

static void add_selected_pods(const struct build *b, struct endpoint_index *x, const struct service *svc,
			      const struct service_port *p)
{
	for (size_t i = 0; i < b->snap->workloads->v.n; i++) {
		const struct workload *w = &b->snap->workloads->v.v[i];
		struct endpoint e = {.address = w->ip, .port = p->target_port, .ready = true};

		if (strcmp(w->ns, svc->ns) != 0 || !w->ready || !*w->ip ||
		    !meta_labels_contain(&w->labels, &svc->selector))
			continue;
		describe(&x->head.arena, &e, w, NULL);
		vec_push(&pending_get(x, svc, p->port)->v, e);
	}
}

static void add_entry(const struct build *b, struct endpoint_index *x, const struct service *svc)
{
	const struct api_object *o = store_get(b->store, &api_kind_service_entry, svc->ns, svc->name);
	const struct istio_service_entry *k = o ? API_VALUE(o, service_entry, istio_service_entry) : NULL;

	if (!k || !k->spec)
		return;
	index_hold(&x->head, o);
	for (size_t i = 0; i < svc->n_ports; i++) {
		struct istio_workload_entry_spec self = {.address = svc->host};

		for (size_t j = 0; j < k->spec->endpoints.n; j++)
			add_entry_endpoint(x, svc, &svc->ports[i], &k->spec->endpoints.v[j]);
		if (svc->selector.n)
			add_selected_pods(b, x, svc, &svc->ports[i]);
		else if (!k->spec->endpoints.n && svc->host[0] != '*' &&
			 (svc->resolution == RESOLUTION_DNS || svc->resolution == RESOLUTION_DNS_ROUND_ROBIN))
			add_entry_endpoint(x, svc, &svc->ports[i], &self);
	}
}

static void add_external_name(const struct build *b, struct endpoint_index *x, const struct service *svc)
{
	const struct api_object *o = store_get(b->store, &api_kind_service, svc->ns, svc->name);
	const struct core_service *k = o ? API_VALUE(o, service, core_service) : NULL;
	struct istio_workload_entry_spec w = {0};

	if (!k || !k->spec || !k->spec->external_name)
		return;
	index_hold(&x->head, o);
	w.address = k->spec->external_name;
	for (size_t i = 0; i < svc->n_ports; i++)
		add_entry_endpoint(x, svc, &svc->ports[i], &w);
}

/* Moves the lists into the index's arena. */
static void settle(struct endpoint_index *x)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&x->by_key, &i));) {
		struct pending *p = e->value;
		struct endpoint *v = ARENA_NEW_N(&x->head.arena, struct endpoint, p->v.n);

		if (p->v.n)
			memcpy(v, p->v.v, p->v.n * sizeof(*v));
		p->set = (struct endpoint_set){v, p->v.n};
		vec_done(&p->v);
	}
}

struct endpoint_index *build_endpoints(const struct build *b)
{
	struct endpoint_index *x = NEW(struct endpoint_index);
	struct store_range r = store_list(b->store, &api_kind_endpoint_slice, NULL);

	x->head.refs = 1;
	for (size_t i = 0; i < r.n; i++)
		if (build_member(b, r.v[i]))
			add_slice(b, x, r.v[i]);
	for (size_t i = 0; i < b->snap->services->v.n; i++) {
		const struct service *svc = &b->snap->services->v.v[i];

		if (svc->entry)
			add_entry(b, x, svc);
		else if (svc->resolution == RESOLUTION_DNS)
			add_external_name(b, x, svc);
	}
	settle(x);
	return x;
}

struct endpoint_set snapshot_endpoints(const struct snapshot *s, const struct service *svc, uint16_t port)
{
	char key[32];
	const int n = snprintf(key, sizeof(key), "%zu:%u", svc->number, port);
	const struct pending *p = map_get(&s->endpoints->by_key, slice_make(key, (size_t)n));

	return p ? p->set : (struct endpoint_set){NULL, 0};
}
