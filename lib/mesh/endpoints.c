/*
 * The endpoint index: for each service and port, where it is served. Addresses come from EndpointSlices, who is behind
 * them from Pods; ServiceEntries bring their own, and selectors find WorkloadEntries, too.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/discovery.h"
#include "mesh/cidr.h"
#include "mesh/snapshot_internal.h"
#include "msg/json.h"

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
	struct locality l = {"", "", ""};

	if (w)
		l = labels_locality(a, &w->labels);
	if (*l.region && !*l.zone && zone)
		l.zone = zone;
	e->region = l.region;
	e->zone = l.zone;
	e->subzone = l.subzone;
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

/* --- workloads outside Kubernetes --- */

static uint16_t port_named(const struct istio_workload_entry_spec *w, const char *name)
{
	const cJSON *n = w->ports && name && *name ? json_get(w->ports, name) : NULL;

	return cJSON_IsNumber(n) && n->valueint > 0 && n->valueint <= 65535 ? (uint16_t)n->valueint : 0;
}

/* By the name of the target or of the port in the workload's own map, else as the service says; 0 = it has none. */
static uint16_t entry_port(const struct istio_workload_entry_spec *w, const struct service_port *p)
{
	uint16_t port = port_named(w, p->target_name);

	if (!port)
		port = port_named(w, p->name);
	return port ? port : p->target_port;
}

/* A label says whether a proxy takes mutual TLS there; without it, whether the workload has an identity. */
static bool entry_tls(const struct istio_workload_entry_spec *w)
{
	const char *tls = str_map_get(&w->labels, "security.istio.io/tlsMode");

	return tls ? strcmp(tls, "istio") == 0 : w->service_account && *w->service_account;
}

static void set_entry_locality(struct arena *a, struct endpoint *e, const struct istio_workload_entry_spec *w)
{
	const char *label = str_map_get(&w->labels, "istio-locality");
	const bool own = w->locality && *w->locality;
	struct slice rest = slice_str(own ? w->locality : label);
	const char separator = own || (label && strchr(label, '/')) ? '/' : '.';

	e->region = arena_slicedup(a, slice_split(&rest, separator));
	e->zone = arena_slicedup(a, slice_split(&rest, separator));
	e->subzone = arena_slicedup(a, rest);
}

/* name: of the workload. */
static void add_entry_endpoint(struct endpoint_index *x, const struct service *svc, const struct service_port *p,
			       const struct istio_workload_entry_spec *w, const char *name)
{
	struct endpoint e = {.address = w->address, .ready = true, .weight = w->weight, .ns = svc->ns};

	e.port = entry_port(w, p);
	if (!w->address || !e.port)
		return;
	e.labels = w->labels;
	e.tls = entry_tls(w);
	e.service_account = w->service_account;
	e.workload = name;
	e.canonical_name = labels_canonical_name(&w->labels, name);
	e.canonical_revision = labels_canonical_revision(&w->labels);
	e.node = "";
	set_entry_locality(&x->head.arena, &e, w);
	vec_push(&pending_get(x, svc, p->port)->v, e);
}

/* Both sorted; of one key the second's. */
static struct str_map merge_labels(struct arena *a, const struct str_map *first, const struct str_map *second)
{
	struct str_map out = {ARENA_NEW_N(a, struct str_pair, first->n + second->n), 0};
	size_t i = 0, k = 0;

	while (i < first->n || k < second->n) {
		const int c = i == first->n ? 1 : k == second->n ? -1 : strcmp(first->v[i].key, second->v[k].key);

		out.v[out.n++] = c < 0 ? first->v[i] : second->v[k];
		i += c <= 0;
		k += c >= 0;
	}
	return out;
}

/* One whose proxy reports its health counts while it is healthy, any other always. */
static bool entry_healthy(const struct api_object *o, const struct istio_status *s)
{
	const char *reports = api_object_annotation(o, "proxy.istio.io/health-checks-enabled");

	if (!reports || strcmp(reports, "true") != 0)
		return true;
	for (size_t i = 0; s && i < s->conditions.n; i++)
		if (s->conditions.v[i].type && strcmp(s->conditions.v[i].type, "Healthy") == 0)
			return s->conditions.v[i].status && strcmp(s->conditions.v[i].status, "True") == 0;
	return false;
}

static void add_selected_entries(const struct build *b, struct endpoint_index *x, const struct service *svc,
				 const struct service_port *p)
{
	const struct store_range r = store_list(b->store, &api_kind_workload_entry, svc->ns);

	for (size_t i = 0; i < r.n; i++) {
		const struct istio_workload_entry *k = API_VALUE(r.v[i], workload_entry, istio_workload_entry);
		struct istio_workload_entry_spec w;

		if (!k->spec || !entry_healthy(r.v[i], k->status))
			continue;
		w = *k->spec;
		w.labels = merge_labels(&x->head.arena, &k->spec->labels, &r.v[i]->meta->labels);
		if (!meta_labels_contain(&w.labels, &svc->selector))
			continue;
		index_hold(&x->head, r.v[i]);
		add_entry_endpoint(x, svc, p, &w, api_object_name(r.v[i]));
	}
}

/* --- entries --- */

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

static bool covers(const struct service *svc, const char *ip)
{
	for (size_t i = 0; i < svc->n_vips; i++)
		if (cidr_has(svc->vips[i], ip))
			return true;
	return false;
}

/* An entry inside the mesh that leaves the choice to the client: the pods that its addresses cover. */
static void add_covered_pods(const struct build *b, struct endpoint_index *x, const struct service *svc,
			     const struct service_port *p)
{
	for (size_t i = 0; i < b->snap->workloads->v.n; i++) {
		const struct workload *w = &b->snap->workloads->v.v[i];
		struct endpoint e = {.address = w->ip, .port = p->target_port, .ready = true};

		if (!*w->ip || !covers(svc, w->ip))
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
			add_entry_endpoint(x, svc, &svc->ports[i], &k->spec->endpoints.v[j], svc->name);
		if (svc->selector.n) {
			add_selected_pods(b, x, svc, &svc->ports[i]);
			add_selected_entries(b, x, svc, &svc->ports[i]);
		} else if (svc->resolution == RESOLUTION_PASSTHROUGH && !svc->external) {
			add_covered_pods(b, x, svc, &svc->ports[i]);
		} else if (!k->spec->endpoints.n && svc->host[0] != '*' &&
			   (svc->resolution == RESOLUTION_DNS || svc->resolution == RESOLUTION_DNS_ROUND_ROBIN)) {
			add_entry_endpoint(x, svc, &svc->ports[i], &self, svc->name);
		}
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
		add_entry_endpoint(x, svc, &svc->ports[i], &w, svc->name);
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
		for (size_t j = 0; !svc->entry && svc->selector.n && j < svc->n_ports; j++)
			add_selected_entries(b, x, svc, &svc->ports[j]);
	}
	settle(x);
	return x;
}

struct endpoint_set snapshot_endpoints(const struct snapshot *s, const struct service *svc, uint16_t port)
{
	char key[32];
	const int n = snprintf(key, sizeof(key), "%zu:%u", (svc->alias ? svc->alias : svc)->number, port);
	const struct pending *p = map_get(&s->endpoints->by_key, slice_make(key, (size_t)n));

	return p ? p->set : (struct endpoint_set){NULL, 0};
}
