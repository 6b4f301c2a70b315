/*
 * The parts built so far, by name and slot, and putting them together. A resource whose bytes did not change is not
 * built again, so the part keeps its pointer and nothing downstream notices.
 */
#include "config/build.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "config/build_state_internal.h"
#include "config/pods.h"

#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"

struct build *build_new(struct config_node *node)
{
	struct build *b = NEW(struct build);

	b->names = config_names_new();
	b->node = node ? config_node_ref(node) : NULL;
	return b;
}

void build_set_reader(struct build *b, build_reader *read)
{
	b->read = read;
}

int build_read_file(struct build *b, const char *path, size_t max, struct buf *out, struct err *e)
{
	return b && b->read ? b->read(path, max, out, e) : 0;
}

static void cluster_part_done(struct cluster_part *p)
{
	config_cluster_spec_unref(p->spec);
	config_endpoints_unref(p->endpoints);
	xds_resource_unref(p->source);
	*p = (struct cluster_part){0};
}

static void listener_part_free(struct listener_part *p)
{
	config_listener_unref(p->l);
	free(p->name);
	free(p);
}

static void eds_users_free(struct eds_users *u)
{
	vec_done(&u->slots);
	free(u);
}

static void dns_part_free(struct dns_part *d)
{
	free(d->key);
	free((char *)d->name.host);
	free(d->v);
	free(d);
}

static void pods_part_free(struct pods_part *p)
{
	config_pod_block_unref(p->block);
	free(p);
}

void build_free(struct build *b)
{
	struct map_entry *e;

	if (!b)
		return;
	for (size_t i = 0; i < b->listeners.n; i++)
		listener_part_free(b->listeners.v[i]);
	for (size_t i = 0; i < b->clusters.n; i++)
		cluster_part_done(&b->clusters.v[i]);
	for (size_t i = 0; i < b->routes.n; i++)
		route_table_unref(b->routes.v[i].table);
	for (size_t i = 0; i < b->secrets.n; i++)
		config_secret_unref(b->secrets.v[i]);
	for (size_t i = 0; (e = map_next(&b->assignments, &i));)
		xds_resource_unref(e->value);
	for (size_t i = 0; (e = map_next(&b->dns, &i));)
		dns_part_free(e->value);
	for (size_t i = 0; (e = map_next(&b->pod_blocks, &i));)
		pods_part_free(e->value);
	map_done(&b->pod_blocks);
	config_pods_unref(b->pods);
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		map_done(&b->given_up[i]);
	arena_done(&b->given_up_names);
	for (size_t i = 0; (e = map_next(&b->eds_users, &i));)
		eds_users_free(e->value);
	map_done(&b->eds_users);
	map_done(&b->listeners_by_name);
	map_done(&b->assignments);
	map_done(&b->dns);
	vec_done(&b->listeners);
	vec_done(&b->clusters);
	vec_done(&b->routes);
	vec_done(&b->secrets);
	vec_done(&b->wanted);
	vec_done(&b->local);
	vec_done(&b->dns_names);
	config_node_unref(b->node);
	config_names_unref(b->names);
	free(b);
}

/* A slot's element, with the vector grown to hold it. */
#define AT_SLOT(vec, slot)                                                                                             \
	({                                                                                                             \
		while ((vec)->n <= (slot))                                                                             \
			(void)vec_add(vec);                                                                            \
		&(vec)->v[(slot)];                                                                                     \
	})

void build_set_node(struct build *b, struct config_node *node)
{
	config_node_unref(b->node);
	b->node = config_node_ref(node);
}

/* ---- secrets ---- */

void build_set_secret(struct build *b, struct config_secret *s)
{
	struct config_ref r = config_names_get(b->names, CONFIG_NAME_SECRET, slice_str(s->name), &s->arena);
	struct config_secret **at = AT_SLOT(&b->secrets, r.slot);

	config_secret_unref(*at);
	*at = s;
}

static struct config_secret *secret_named(const struct build *b, struct slice name)
{
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_SECRET, name);

	return slot < b->secrets.n ? b->secrets.v[slot] : NULL;
}

struct config_ref build_inline_secret(struct build_ctx *x, struct slice chain, struct slice key, struct slice ca)
{
	uint64_t h = hash_more(hash_more(hash_bytes(chain), key), ca);
	char name[40];

	snprintf(name, sizeof(name), BUILD_INLINE "%016llx", (unsigned long long)h);
	if (!secret_named(x->build, slice_str(name)))
		build_set_secret(x->build, config_secret_new(name, chain, key, ca));
	return config_names_get(x->names, CONFIG_NAME_SECRET, slice_str(name), x->out);
}

/* Secrets given in place that nothing has any more: all that keeps the name is the secret itself. */
static void drop_inline_secrets(struct build *b)
{
	for (size_t i = 0; i < b->secrets.n; i++) {
		const struct config_secret *s = b->secrets.v[i];

		if (s && build_is_inline(s->name) &&
		    config_names_pins(b->names, CONFIG_NAME_SECRET, slice_str(s->name)) == 1)
			config_secret_unref(take(b->secrets.v[i]));
	}
}

static int apply_secret(struct build *b, struct xds_resource *res, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct build_ctx x = {&a, &a, b->names, b};
	const TLSPB(Secret) *m =
		build_decode(&a, &envoy__extensions__transport_sockets__tls__v3__secret__descriptor, res->bytes, e);
	struct slice chain = SLICE(""), key = SLICE(""), ca = SLICE("");
	int r = 0;

	if (!m)
		return -EINVAL;
	if (m->type_case == ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SECRET__TYPE_TLS_CERTIFICATE) {
		r = build_data_source(&x, m->tls_certificate->certificate_chain, &chain, e);
		if (r == 0)
			r = build_data_source(&x, m->tls_certificate->private_key, &key, e);
	} else if (m->type_case == ENVOY__EXTENSIONS__TRANSPORT_SOCKETS__TLS__V3__SECRET__TYPE_VALIDATION_CONTEXT) {
		r = build_data_source(&x, m->validation_context->trusted_ca, &ca, e);
	} else {
		return UNSUPPORTED(e, "a secret that is neither tls_certificate nor validation_context");
	}
	if (r == 0)
		build_set_secret(b, config_secret_new(m->name, chain, key, ca));
	return r;
}

static void remove_secret(struct build *b, struct slice name)
{
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_SECRET, name);

	if (slot >= b->secrets.n)
		return;
	config_secret_unref(b->secrets.v[slot]);
	b->secrets.v[slot] = NULL;
}

/* ---- listeners ---- */

static int apply_listener(struct build *b, struct xds_resource *res, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct listener_part *p = map_get(&b->listeners_by_name, res->name);
	struct config_listener *l;
	const LISTENER(Listener) * m;
	int r;

	if (p && p->hash == res->hash)
		return 0;
	m = build_decode(&a, &envoy__config__listener__v3__listener__descriptor, res->bytes, e);
	if (!m)
		return -EINVAL;
	r = build_listener(b->names, b, m, &l, e);
	if (r < 0)
		return r;
	l->hash = res->hash;
	if (p) {
		config_listener_unref(p->l);
	} else {
		p = NEW(struct listener_part);
		p->name = mem_printf("%.*s", SLICE_ARG(res->name));
		vec_push(&b->listeners, p);
		map_set(&b->listeners_by_name, slice_str(p->name), p);
	}
	p->l = l;
	p->hash = res->hash;
	return 0;
}

static void remove_listener(struct build *b, struct slice name)
{
	struct listener_part *p = map_remove(&b->listeners_by_name, name);

	for (size_t i = 0; p && i < b->listeners.n; i++)
		if (b->listeners.v[i] == p) {
			vec_remove(&b->listeners, i);
			listener_part_free(p);
			return;
		}
}

/* ---- clusters and endpoints ---- */

static char *dns_key(char *out, size_t size, const char *host, uint16_t port)
{
	snprintf(out, size, "%s:%u", host, port);
	return out;
}

struct resolve_ctx {
	struct build *b;
	const struct config_cluster_spec *spec;
};

/* Knows the host name from now on; its addresses when they are there. */
static struct build_resolved resolve(void *ctx, const char *host, uint16_t port)
{
	struct resolve_ctx *x = ctx;
	char key[300];
	struct dns_part *d = map_get(&x->b->dns, slice_str(dns_key(key, sizeof(key), host, port)));

	if (!d) {
		d = NEW(struct dns_part);
		d->key = mem_strdup(key);
		d->name = (struct build_dns_name){mem_strdup(host), port, x->spec->dns_refresh_ns, x->spec->dns_v4_only,
						  x->spec->dns_v6_only};
		map_set(&x->b->dns, slice_str(d->key), d);
	}
	d->used = true;
	return (struct build_resolved){d->v, d->n};
}

static bool is_dns(const struct config_cluster_spec *s)
{
	return s->type == CONFIG_CLUSTER_STRICT_DNS || s->type == CONFIG_CLUSTER_LOGICAL_DNS;
}

static int make_endpoints(struct build *b, struct config_cluster_spec *spec, const ENDPOINT(ClusterLoadAssignment) * m,
			  struct config_endpoints **ret, struct err *e)
{
	struct resolve_ctx x = {b, spec};

	return build_endpoint_set(spec, m, is_dns(spec) ? resolve : NULL, &x, ret, e);
}

/* Endpoints of an EDS cluster from the assignment that is there; NULL when there is none. */
static int eds_endpoints(struct build *b, struct config_cluster_spec *spec, struct config_endpoints **ret,
			 struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct xds_resource *res = map_get(&b->assignments, slice_str(spec->eds_name));
	const ENDPOINT(ClusterLoadAssignment) * m;

	*ret = NULL;
	if (!res)
		return 0;
	m = build_decode(&a, &envoy__config__endpoint__v3__cluster_load_assignment__descriptor, res->bytes, e);
	if (!m)
		return -EINVAL;
	int r = make_endpoints(b, spec, m, ret, e);
	if (r == 0)
		(*ret)->hash = res->hash;
	return r;
}

/* The cluster of the slot uses, or does not use any more, the endpoints under its spec's name. */
static void use_assignment(struct build *b, uint32_t slot, const struct config_cluster_spec *spec)
{
	struct eds_users *u;

	if (spec->type != CONFIG_CLUSTER_EDS)
		return;
	u = map_get(&b->eds_users, slice_str(spec->eds_name));
	if (!u) {
		u = mem_alloc(sizeof(*u) + strlen(spec->eds_name) + 1);
		strcpy(u->name, spec->eds_name);
		map_set(&b->eds_users, slice_str(u->name), u);
	}
	vec_push(&u->slots, slot);
}

static void leave_assignment(struct build *b, uint32_t slot)
{
	const struct config_cluster_spec *spec = b->clusters.v[slot].spec;
	struct eds_users *u =
		spec && spec->type == CONFIG_CLUSTER_EDS ? map_get(&b->eds_users, slice_str(spec->eds_name)) : NULL;

	for (size_t i = 0; u && i < u->slots.n; i++)
		if (u->slots.v[i] == slot) {
			vec_remove(&u->slots, i);
			break;
		}
	if (!u || u->slots.n)
		return;
	map_remove(&b->eds_users, slice_str(u->name));
	eds_users_free(u);
}

static int apply_cluster(struct build *b, struct xds_resource *res, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_CLUSTER, res->name);
	struct config_cluster_spec *spec;
	struct config_endpoints *endpoints = NULL;
	struct cluster_part *p;
	int r;

	if (slot < b->clusters.n && b->clusters.v[slot].spec && b->clusters.v[slot].hash == res->hash)
		return 0;
	const CLUSTER(Cluster) *m = build_decode(&a, &envoy__config__cluster__v3__cluster__descriptor, res->bytes, e);
	if (!m)
		return -EINVAL;
	r = build_cluster_spec(b->names, b, m, &spec, e);
	if (r < 0)
		return r;
	spec->hash = res->hash;
	r = spec->type == CONFIG_CLUSTER_EDS ? eds_endpoints(b, spec, &endpoints, e)
					     : make_endpoints(b, spec, m->load_assignment, &endpoints, e);
	if (r < 0) {
		config_cluster_spec_unref(spec);
		return err_wrap(e, r, "load_assignment");
	}
	slot = config_names_get(b->names, CONFIG_NAME_CLUSTER, res->name, &spec->arena).slot;
	p = AT_SLOT(&b->clusters, slot);
	leave_assignment(b, slot);
	use_assignment(b, slot, spec);
	cluster_part_done(p);
	*p = (struct cluster_part){res->hash, spec, endpoints, is_dns(spec) ? xds_resource_ref(res) : NULL};
	return 0;
}

static void remove_cluster(struct build *b, struct slice name)
{
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_CLUSTER, name);

	if (slot >= b->clusters.n)
		return;
	leave_assignment(b, slot);
	cluster_part_done(&b->clusters.v[slot]);
}

/* Builds the endpoints of all clusters that use an assignment anew: of all, or when one cannot be built, of none. */
static int refresh_endpoints(struct build *b, struct slice eds_name, struct err *e)
{
	const struct eds_users *u = map_get(&b->eds_users, eds_name);
	size_t n = u ? u->slots.n : 0, made = 0;
	CLEANUP(freep) struct config_endpoints **fresh = mem_calloc(n + 1, sizeof(struct config_endpoints *));
	int r = 0;

	while (r == 0 && made < n) {
		r = eds_endpoints(b, b->clusters.v[u->slots.v[made]].spec, &fresh[made], e);
		made += r == 0;
	}
	for (size_t i = 0; i < made; i++) {
		struct cluster_part *p = &b->clusters.v[u->slots.v[i]];
		if (r == 0) {
			config_endpoints_unref(p->endpoints);
			p->endpoints = fresh[i];
		} else {
			config_endpoints_unref(fresh[i]);
		}
	}
	return r;
}

static int apply_assignment(struct build *b, struct xds_resource *res, struct err *e)
{
	struct xds_resource *old = map_set(&b->assignments, res->name, xds_resource_ref(res));
	int r;

	if (old && old->hash == res->hash) {
		xds_resource_unref(old);
		return 0;
	}
	r = refresh_endpoints(b, res->name, e);
	if (r < 0) { /* the last good one stays */
		if (old)
			map_set(&b->assignments, old->name, old);
		else
			map_remove(&b->assignments, res->name);
		xds_resource_unref(res);
		return r;
	}
	xds_resource_unref(old);
	return 0;
}

static void remove_assignment(struct build *b, struct slice name)
{
	struct xds_resource *old = map_remove(&b->assignments, name);

	if (!old)
		return;
	(void)refresh_endpoints(b, old->name, NULL);
	xds_resource_unref(old);
}

/* ---- routes ---- */

static int apply_route(struct build *b, struct xds_resource *res, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_ROUTE, res->name);
	struct route_part *p;
	struct route_table *t;
	int r;

	if (slot < b->routes.n && b->routes.v[slot].table && b->routes.v[slot].hash == res->hash)
		return 0;
	const ROUTE(RouteConfiguration) *m =
		build_decode(&a, &envoy__config__route__v3__route_configuration__descriptor, res->bytes, e);
	if (!m)
		return -EINVAL;
	r = build_route_table(b->names, b, m, &t, e);
	if (r < 0)
		return r;
	t->hash = res->hash;
	p = AT_SLOT(&b->routes, config_names_get(b->names, CONFIG_NAME_ROUTE, res->name, &t->arena).slot);
	route_table_unref(p->table);
	*p = (struct route_part){res->hash, t};
	return 0;
}

static void remove_route(struct build *b, struct slice name)
{
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_ROUTE, name);

	if (slot >= b->routes.n)
		return;
	route_table_unref(b->routes.v[slot].table);
	b->routes.v[slot] = (struct route_part){0};
}

/* ---- addresses of pods ---- */

static int apply_pods(struct build *b, struct xds_resource *res, struct err *e)
{
	struct pods_part *p = map_get(&b->pod_blocks, res->name);
	struct config_pod_block *block;
	int r;

	if (p && p->hash == res->hash)
		return 0;
	r = build_pod_block(res->bytes, &block, e);
	if (r < 0)
		return r;
	if (p) {
		config_pod_block_unref(p->block);
	} else {
		p = mem_alloc(sizeof(*p) + res->name.len + 1);
		memcpy(p->name, res->name.ptr, res->name.len);
		map_set(&b->pod_blocks, slice_make(p->name, res->name.len), p);
	}
	p->block = block;
	p->hash = res->hash;
	config_pods_unref(take(b->pods));
	return 0;
}

static void remove_pods(struct build *b, struct slice name)
{
	struct pods_part *p = map_remove(&b->pod_blocks, name);

	if (!p)
		return;
	pods_part_free(p);
	config_pods_unref(take(b->pods));
}

static struct config_pods *pods_of(struct build *b)
{
	struct map_entry *e;

	if (!b->pods && b->pod_blocks.n) {
		b->pods = config_pods_new();
		for (size_t i = 0; (e = map_next(&b->pod_blocks, &i));)
			config_pods_add(b->pods, ((struct pods_part *)e->value)->block);
	}
	return b->pods ? config_pods_ref(b->pods) : NULL;
}

/* ---- updates ---- */

static void remove_dns_cluster(struct build *b, struct slice name);

static const struct {
	const char *noun;
	int (*apply)(struct build *b, struct xds_resource *res, struct err *e);
	void (*remove)(struct build *b, struct slice name);
} types[XDS_TYPE_COUNT] = {
	[XDS_CLUSTER] = {"cluster", apply_cluster, remove_dns_cluster},
	[XDS_ENDPOINT] = {"endpoints", apply_assignment, remove_assignment},
	[XDS_LISTENER] = {"listener", apply_listener, remove_listener},
	[XDS_ROUTE] = {"route configuration", apply_route, remove_route},
	[XDS_SECRET] = {"secret", apply_secret, remove_secret},
	[XDS_POD_BLOCK] = {"pods", apply_pods, remove_pods},
};

int build_apply(struct build *b, const struct build_update *u, struct err *e)
{
	struct err one = ERR_INIT;
	int first = 0;

	if (!types[u->type].apply)
		return 0;
	for (size_t i = 0; i < u->n_changed; i++) {
		int r = types[u->type].apply(b, u->changed[i], &one);
		if (r == 0)
			continue;
		if (u->refused)
			u->refused[i] = true;
		if (first == 0)
			first = err_set(e, r, "%s '%.*s': %s", types[u->type].noun, SLICE_ARG(u->changed[i]->name),
					one.msg);
	}
	for (size_t i = 0; i < u->n_removed; i++)
		types[u->type].remove(b, u->removed[i]);
	b->has[u->type] = true;
	return first;
}

bool build_has(const struct build *b, enum xds_type type)
{
	return b->has[type];
}

static int by_port(const void *a, const void *b)
{
	const struct config_listener *x = *(struct config_listener *const *)a;
	const struct config_listener *y = *(struct config_listener *const *)b;

	return (int)addr_port(&x->address) - (int)addr_port(&y->address);
}

static int by_listener_name(const void *a, const void *b)
{
	return strcmp((*(struct config_listener *const *)a)->name, (*(struct config_listener *const *)b)->name);
}

static void put_listeners(struct build *b, struct config *c)
{
	size_t size = sizeof(*c->listeners);

	c->listeners = mem_calloc(b->listeners.n + 1, size);
	c->by_name = mem_calloc(b->listeners.n + 1, size);
	for (size_t i = 0; i < b->listeners.n; i++)
		c->listeners[c->n_listeners++] = config_listener_ref(b->listeners.v[i]->l);
	memcpy(c->by_name, c->listeners, c->n_listeners * size);
	qsort(c->listeners, c->n_listeners, size, by_port);
	qsort(c->by_name, c->n_listeners, size, by_listener_name);
}

struct config *build_config(struct build *b)
{
	struct config *c;

	drop_inline_secrets(b);
	c = config_new(b->names, b->node);
	put_listeners(b, c);
	c->pods = pods_of(b);
	for (size_t i = 0; i < MIN(b->routes.n, c->n_routes); i++)
		if (b->routes.v[i].table)
			c->routes[i] = route_table_ref(b->routes.v[i].table);
	for (size_t i = 0; i < MIN(b->secrets.n, c->n_secrets); i++)
		if (b->secrets.v[i])
			c->secrets[i] = config_secret_ref(b->secrets.v[i]);
	for (size_t i = 0; i < MIN(b->clusters.n, c->n_clusters); i++) {
		struct cluster_part *p = &b->clusters.v[i];
		if (!p->spec)
			continue;
		c->clusters[i].spec = config_cluster_spec_ref(p->spec);
		c->clusters[i].endpoints =
			p->endpoints ? config_endpoints_ref(p->endpoints) : config_endpoints_new(p->spec);
	}
	return c;
}

/* ---- DNS ---- */

static void refresh_dns_cluster(struct build *b, struct cluster_part *p);

/* Names that no cluster asks for any more are forgotten: building the DNS clusters anew marks those in use. */
static void sweep_dns(struct build *b)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&b->dns, &i));)
		((struct dns_part *)e->value)->used = false;
	for (size_t i = 0; i < b->clusters.n; i++)
		if (b->clusters.v[i].source)
			refresh_dns_cluster(b, &b->clusters.v[i]);
	for (size_t i = 0; (e = map_next(&b->dns, &i));) {
		struct dns_part *d = e->value;
		if (d->used)
			continue;
		map_remove(&b->dns, slice_str(d->key));
		dns_part_free(d);
	}
}

static void remove_dns_cluster(struct build *b, struct slice name)
{
	uint32_t slot = config_names_find(b->names, CONFIG_NAME_CLUSTER, name);
	bool had_names = slot < b->clusters.n && b->clusters.v[slot].source;

	remove_cluster(b, name);
	if (had_names)
		sweep_dns(b);
}

const struct build_dns_name *build_dns_names(struct build *b, size_t *ret_n)
{
	struct map_entry *e;

	b->dns_names.n = 0;
	for (size_t i = 0; (e = map_next(&b->dns, &i));)
		vec_push(&b->dns_names, ((struct dns_part *)e->value)->name);
	*ret_n = b->dns_names.n;
	return b->dns_names.v;
}

static bool same_addresses(const struct dns_part *d, const struct addr *v, size_t n)
{
	if (d->n != n)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;
		while (k < n && !addr_eq(&d->v[i], &v[k]))
			k++;
		if (k == n)
			return false;
	}
	return true;
}

static void refresh_dns_cluster(struct build *b, struct cluster_part *p)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const CLUSTER(Cluster) *m = pb_unpack(&a, &envoy__config__cluster__v3__cluster__descriptor, p->source->bytes);
	struct config_endpoints *fresh;

	if (!m || make_endpoints(b, p->spec, m->load_assignment, &fresh, NULL) < 0)
		return;
	config_endpoints_unref(p->endpoints);
	p->endpoints = fresh;
}

bool build_set_addresses(struct build *b, const char *host, uint16_t port, const struct addr *v, size_t n)
{
	char key[300];
	struct dns_part *d = map_get(&b->dns, slice_str(dns_key(key, sizeof(key), host, port)));

	if (!d || same_addresses(d, v, n))
		return false;
	free(d->v);
	d->v = mem_calloc(n + 1, sizeof(*v));
	d->n = n;
	if (n)
		memcpy(d->v, v, n * sizeof(*v));
	for (size_t i = 0; i < b->clusters.n; i++)
		if (b->clusters.v[i].source)
			refresh_dns_cluster(b, &b->clusters.v[i]);
	return true;
}
