/*
 * The endpoint index: for each service and port, where it is served. Addresses come from EndpointSlices, who is behind
 * them from Pods; ServiceEntries bring their own, and selectors find WorkloadEntries, too.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/discovery.h"
#include "base/buf.h"
#include "mesh/changes.h"
#include "mesh/cidr.h"
#include "mesh/snapshot_internal.h"
#include "msg/json.h"

/* One port of a service; the list grows while it is built. */
struct port_endpoints {
	uint16_t port;
	struct endpoint_set set; /* in the group's arena */
	VEC(struct endpoint) v;
};

/* The endpoints of one service. Immutable once built, shared by snapshots. */
struct endpoint_group {
	int refs;
	struct arena arena;
	VEC(struct api_object *) held;
	VEC(struct port_endpoints) ports;
};

static void group_hold(struct endpoint_group *g, const struct api_object *o)
{
	vec_push(&g->held, api_object_ref(o));
}

void endpoint_group_unref(struct endpoint_group *g)
{
	if (!g || --g->refs)
		return;
	for (size_t i = 0; i < g->held.n; i++)
		api_object_unref(g->held.v[i]);
	vec_done(&g->held);
	vec_done(&g->ports);
	arena_done(&g->arena);
	free(g);
}

static struct port_endpoints *port_get(struct endpoint_group *g, uint16_t port)
{
	struct port_endpoints *p;

	for (size_t i = 0; i < g->ports.n; i++)
		if (g->ports.v[i].port == port)
			return &g->ports.v[i];
	p = vec_add(&g->ports);
	p->port = port;
	return p;
}

static void add_endpoint(struct endpoint_group *g, uint16_t port, const struct endpoint *e)
{
	struct port_endpoints *p = port_get(g, port);

	vec_push(&p->v, *e);
}

/* zone, node: what the slice says, NULL = nothing. */
static void set_locality(const struct build *b, struct arena *a, struct endpoint *e, const struct workload *w,
			 const char *node, const char *zone)
{
	static const struct str_map none;
	const struct locality l =
		workload_place(a, b->store, w ? &w->labels : &none, w && *w->node ? w->node : node, zone);

	e->region = l.region;
	e->zone = l.zone;
	e->subzone = l.subzone;
}

/* Groups outlive the index of pods: they hold the pods themselves, and what was made of one is copied. */
static void describe(struct endpoint_group *g, struct endpoint *e, const struct workload *w)
{
	e->workload = e->canonical_name = e->canonical_revision = e->node = "";
	if (!w)
		return;
	group_hold(g, w->obj);
	e->ns = w->ns;
	e->tls = w->proxied;
	e->workload = arena_strdup(&g->arena, w->workload);
	e->service_account = w->service_account;
	e->labels = w->labels;
	e->node = w->node;
	e->canonical_name = labels_canonical_name(&w->labels, e->workload);
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

static void add_slice(const struct build *b, struct endpoint_group *g, const struct service *svc,
		      const struct api_object *o)
{
	const struct discovery_endpoint_slice *k = API_VALUE(o, endpoint_slice, discovery_endpoint_slice);
	const char *ns = api_object_namespace(o);

	if (k->address_type && strcmp(k->address_type, "FQDN") == 0)
		return;
	group_hold(g, o);
	for (size_t i = 0; i < k->ports.n; i++) {
		const struct service_port *p = port_by_name(svc, k->ports.v[i].name);

		for (size_t j = 0; p && k->ports.v[i].port && j < k->endpoints.n; j++) {
			const struct discovery_endpoint *in = &k->endpoints.v[j];
			struct endpoint e = {
				.address = in->addresses.n ? in->addresses.v[0] : "", .ready = true, .ns = ns};

			if (!usable(in))
				continue;
			e.port = (uint16_t)*k->ports.v[i].port;
			e.hostname = in->hostname && *in->hostname ? in->hostname : NULL;
			set_locality(b, &g->arena, &e, workload_of(b, in, ns), in->node_name, in->zone);
			describe(g, &e, workload_of(b, in, ns));
			add_endpoint(g, p->port, &e);
		}
	}
}

static void add_slices(const struct build *b, struct endpoint_group *g, const struct service *svc)
{
	const struct store_range r =
		store_by_label_in(b->store, &api_kind_endpoint_slice, MESH_SLICE_LABEL, svc->name, svc->ns);

	for (size_t i = 0; i < r.n; i++)
		add_slice(b, g, svc, r.v[i]);
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
static void add_entry_endpoint(struct endpoint_group *g, const struct service *svc, const struct service_port *p,
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
	set_entry_locality(&g->arena, &e, w);
	add_endpoint(g, p->port, &e);
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

static void add_selected_entries(const struct build *b, struct endpoint_group *g, const struct service *svc,
				 const struct service_port *p)
{
	const struct store_range r = store_list(b->store, &api_kind_workload_entry, svc->ns);

	for (size_t i = 0; i < r.n; i++) {
		const struct istio_workload_entry *k = API_VALUE(r.v[i], workload_entry, istio_workload_entry);
		struct istio_workload_entry_spec w;

		if (!k->spec || !entry_healthy(r.v[i], k->status))
			continue;
		w = *k->spec;
		w.labels = merge_labels(&g->arena, &k->spec->labels, &r.v[i]->meta->labels);
		if (!meta_labels_contain(&w.labels, &svc->selector))
			continue;
		group_hold(g, r.v[i]);
		add_entry_endpoint(g, svc, p, &w, api_object_name(r.v[i]));
	}
}

/* --- entries --- */

static void add_selected_pods(const struct build *b, struct endpoint_group *g, const struct service *svc,
			      const struct service_port *p)
{
	for (size_t i = 0; i < b->snap->workloads->v.n; i++) {
		const struct workload *w = &b->snap->workloads->v.v[i];
		struct endpoint e = {.address = w->ip, .port = p->target_port, .ready = true};

		if (strcmp(w->ns, svc->ns) != 0 || !w->ready || !*w->ip ||
		    !meta_labels_contain(&w->labels, &svc->selector))
			continue;
		set_locality(b, &g->arena, &e, w, NULL, NULL);
		describe(g, &e, w);
		add_endpoint(g, p->port, &e);
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
static void add_covered_pods(const struct build *b, struct endpoint_group *g, const struct service *svc,
			     const struct service_port *p)
{
	for (size_t i = 0; i < b->snap->workloads->v.n; i++) {
		const struct workload *w = &b->snap->workloads->v.v[i];
		struct endpoint e = {.address = w->ip, .port = p->target_port, .ready = true};

		if (!*w->ip || !covers(svc, w->ip))
			continue;
		set_locality(b, &g->arena, &e, w, NULL, NULL);
		describe(g, &e, w);
		add_endpoint(g, p->port, &e);
	}
}

static void add_entry(const struct build *b, struct endpoint_group *g, const struct service *svc)
{
	const struct api_object *o = store_get(b->store, &api_kind_service_entry, svc->ns, svc->name);
	const struct istio_service_entry *k = o ? API_VALUE(o, service_entry, istio_service_entry) : NULL;

	if (!k || !k->spec)
		return;
	group_hold(g, o);
	for (size_t i = 0; i < svc->n_ports; i++) {
		struct istio_workload_entry_spec self = {.address = svc->host};

		for (size_t j = 0; j < k->spec->endpoints.n; j++)
			add_entry_endpoint(g, svc, &svc->ports[i], &k->spec->endpoints.v[j], svc->name);
		if (svc->selector.n) {
			add_selected_pods(b, g, svc, &svc->ports[i]);
			add_selected_entries(b, g, svc, &svc->ports[i]);
		} else if (svc->resolution == RESOLUTION_PASSTHROUGH && !svc->external) {
			add_covered_pods(b, g, svc, &svc->ports[i]);
		} else if (!k->spec->endpoints.n && svc->host[0] != '*' &&
			   (svc->resolution == RESOLUTION_DNS || svc->resolution == RESOLUTION_DNS_ROUND_ROBIN)) {
			add_entry_endpoint(g, svc, &svc->ports[i], &self, svc->name);
		}
	}
}

static void add_external_name(const struct build *b, struct endpoint_group *g, const struct service *svc)
{
	const struct api_object *o = store_get(b->store, &api_kind_service, svc->ns, svc->name);
	const struct core_service *k = o ? API_VALUE(o, service, core_service) : NULL;
	struct istio_workload_entry_spec w = {0};

	if (!k || !k->spec || !k->spec->external_name)
		return;
	group_hold(g, o);
	w.address = k->spec->external_name;
	for (size_t i = 0; i < svc->n_ports; i++)
		add_entry_endpoint(g, svc, &svc->ports[i], &w, svc->name);
}

/* Moves the lists into the arena. */
static void settle(struct endpoint_group *g)
{
	for (size_t i = 0; i < g->ports.n; i++) {
		struct port_endpoints *p = &g->ports.v[i];
		struct endpoint *v = ARENA_NEW_N(&g->arena, struct endpoint, p->v.n);

		if (p->v.n)
			memcpy(v, p->v.v, p->v.n * sizeof(*v));
		p->set = (struct endpoint_set){v, p->v.n};
		vec_done(&p->v);
	}
}

static struct endpoint_group *build_group(const struct build *b, const struct service *svc)
{
	struct endpoint_group *g = NEW(struct endpoint_group);

	g->refs = 1;
	if (svc->entry)
		add_entry(b, g, svc);
	else
		add_slices(b, g, svc);
	if (!svc->entry && svc->resolution == RESOLUTION_DNS)
		add_external_name(b, g, svc);
	for (size_t j = 0; !svc->entry && svc->selector.n && j < svc->n_ports; j++)
		add_selected_entries(b, g, svc, &svc->ports[j]);
	settle(g);
	return g;
}

static struct endpoint_index *index_new(size_t n)
{
	struct endpoint_index *x = NEW(struct endpoint_index);

	x->head.refs = 1;
	x->n = n;
	x->v = mem_calloc(n + 1, sizeof(x->v[0]));
	return x;
}

struct endpoint_index *build_endpoints(const struct build *b)
{
	const struct service_index *services = b->snap->services;
	struct endpoint_index *x = index_new(services->v.n);

	for (size_t i = 0; i < x->n; i++)
		x->v[i] = build_group(b, &services->v.v[i]);
	return x;
}

/* --- after a change --- */

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool same_labels(const struct str_map *a, const struct str_map *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->v[i].key, b->v[i].key) != 0 || strcmp(a->v[i].value, b->v[i].value) != 0)
			return false;
	return true;
}

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && a->ready == b->ready && a->tls == b->tls && a->weight == b->weight &&
	       same_text(a->address, b->address) && same_text(a->ns, b->ns) && same_text(a->workload, b->workload) &&
	       same_text(a->canonical_name, b->canonical_name) &&
	       same_text(a->canonical_revision, b->canonical_revision) &&
	       same_text(a->service_account, b->service_account) && same_text(a->region, b->region) &&
	       same_text(a->zone, b->zone) && same_text(a->subzone, b->subzone) && same_text(a->node, b->node) &&
	       same_text(a->hostname, b->hostname) && same_labels(&a->labels, &b->labels);
}

static bool same_group(const struct endpoint_group *a, const struct endpoint_group *b)
{
	if (a->ports.n != b->ports.n)
		return false;
	for (size_t i = 0; i < a->ports.n; i++) {
		const struct port_endpoints *p = &a->ports.v[i], *q = &b->ports.v[i];

		if (p->port != q->port || p->set.n != q->set.n)
			return false;
		for (size_t k = 0; k < p->set.n; k++)
			if (!same_endpoint(&p->set.v[k], &q->set.v[k]))
				return false;
	}
	return true;
}

/* Builds a service's group anew. What is equal is replaced, too, so that the objects of before are let go of. */
static void renew(const struct build *b, struct endpoint_index *x, const struct service *svc)
{
	struct endpoint_group *old = x->v[svc->number];

	if (b->renewed[svc->number])
		return;
	b->renewed[svc->number] = true;
	x->v[svc->number] = build_group(b, svc);
	if (!same_group(old, x->v[svc->number]))
		b->snap->moved[b->snap->n_moved++] = svc;
	endpoint_group_unref(old);
}

/* Names of Services outside that stand for those that moved have their endpoints. */
static void add_aliases(const struct build *b)
{
	const struct service_index *services = b->snap->services;
	const size_t n = b->snap->n_moved;

	for (size_t i = 0; i < services->aliases.n; i++) {
		const struct service *svc = &services->v.v[services->aliases.v[i]];

		for (size_t k = 0; k < n; k++)
			if (b->snap->moved[k] == svc->alias)
				b->snap->moved[b->snap->n_moved++] = svc;
	}
}

/* By "ns/name", NULL when there is no such Service. */
static const struct service *service_named(const struct build *b, struct slice key)
{
	CLEANUP(buf_done) struct buf host = BUF_INIT;
	const struct slice ns = slice_split(&key, '/');
	const struct service *svc;

	buf_printf(&host, "%.*s.%.*s.svc.%s", SLICE_ARG(key), SLICE_ARG(ns), b->mesh->domain);
	svc = snapshot_service(b->snap, buf_str(&host));
	return svc && !svc->entry ? svc : NULL;
}

struct endpoint_index *build_endpoints_after(struct build *b, const struct endpoint_index *before,
					     const struct mesh_changes *what, bool pods)
{
	const struct service_index *services = b->snap->services;
	struct endpoint_index *x = index_new(before->n);
	struct map_entry *e;

	b->renewed = mem_calloc(before->n + 1, sizeof(bool));
	b->snap->moved = mem_calloc(before->n + 1, sizeof(b->snap->moved[0]));
	for (size_t i = 0; i < x->n; i++) {
		x->v[i] = before->v[i];
		x->v[i]->refs++;
	}
	for (size_t i = 0; (e = map_next(&what->services, &i));) {
		const struct service *svc = service_named(b, e->key);

		if (svc)
			renew(b, x, svc);
	}
	for (size_t i = 0; pods && i < services->of_pods.n; i++)
		renew(b, x, &services->v.v[services->of_pods.v[i]]);
	add_aliases(b);
	free(take(b->renewed));
	return x;
}

struct endpoint_set snapshot_endpoints(const struct snapshot *s, const struct service *svc, uint16_t port)
{
	const struct endpoint_group *g = s->endpoints->v[(svc->alias ? svc->alias : svc)->number];

	for (size_t i = 0; i < g->ports.n; i++)
		if (g->ports.v[i].port == port)
			return g->ports.v[i].set;
	return (struct endpoint_set){NULL, 0};
}
