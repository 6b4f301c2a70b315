/*
 * Properties of what is compiled, over random sets of objects, valid and invalid ones (test/lib/random_object.c):
 *
 *   accepted    the proxy's decoder takes every resource
 *   order       however the objects come, one after the other or all at once, the resources are the same bytes
 *   undone      when they are gone, the resources are the bytes from before
 *   private     what a namespace keeps to itself (exportTo ".", Gateways, Sidecars, policies) changes no byte for the
 *               sidecars of another; but whether endpoints of its own services take mutual TLS is for all to know
 *   public      a younger object that all may see takes no name, address, port or rule from the sidecars of another
 *               namespace: what they reached by a host that it does not name they reach as before
 *   shared      on a gateway, a younger object of one namespace changes nothing for the hosts of another that it does
 *               not name
 *
 * Without arguments a bounded number of seeds; "random_mesh_test FROM COUNT" runs others and tells the time. A seed
 * that fails prints the least objects that still do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/istio/extensions.h"
#include "api/istio/security.h"
#include "api/istio/telemetry.h"
#include "api/networking/networking.h"
#include "base/clock.h"
#include "base/hash.h"
#include "decide.h"
#include "mesh/host.h"
#include "msg/json.h"
#include "random_object.h"

#define THINGS_MAX 14
#define SEEDS 60 /* of a run without arguments */

static const char base[] =
	"{apiVersion: v1, kind: Service, metadata: {name: gw, namespace: istio-system}, spec: {clusterIP: 10.96.0.9, "
	"selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}, {name: https, port: "
	"443, targetPort: 8443}]}}";

static const struct {
	const struct api_kind *kind;
	unsigned weight;
} kinds[] = {
	{&api_kind_virtual_service, 30},
	{&api_kind_gateway, 22},
	{&api_kind_destination_rule, 16},
	{&api_kind_service_entry, 16},
	{&api_kind_sidecar, 5},
	{&api_kind_peer_authentication, 5},
	{&api_kind_authorization_policy, 5},
	{&api_kind_request_authentication, 1},
	{&api_kind_envoy_filter, 1},
	{&api_kind_telemetry, 1},
	{&api_kind_wasm_plugin, 1},
	{&api_kind_workload_entry, 1},
	{&api_kind_workload_group, 1},
	{&api_kind_proxy_config, 1},
};

struct thing {
	const struct api_kind *kind;
	const char *ns;
	char name[32];
	cJSON *json;
	bool off; /* left out while shrinking */
};

struct things {
	struct thing v[THINGS_MAX];
	size_t n;
	uint64_t seed;
};

/* --- objects of a seed --- */

static const struct api_kind *pick_kind(struct rand *r)
{
	unsigned sum = 0, at;
	size_t i = 0;

	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		sum += kinds[k].weight;
	at = rand_below(r, sum);
	while (at >= kinds[i].weight)
		at -= kinds[i++].weight;
	return kinds[i].kind;
}

static void make_things(struct things *t, uint64_t seed)
{
	static const char *const namespaces[] = {"shop", "stock", "shop", "stock", "istio-system"};
	struct rand r = {hash_bytes(slice_make((const char *)&seed, sizeof(seed)))};
	unsigned n_gateways[2] = {0};

	*t = (struct things){.seed = seed, .n = 4 + rand_below(&r, THINGS_MAX - 3)};
	for (size_t i = 0; i < t->n; i++) {
		struct thing *x = &t->v[i];

		x->kind = pick_kind(&r);
		x->ns = namespaces[rand_below(&r, ARRAY_LEN(namespaces))];
		/* gw0 and gw1 are the names that VirtualServices know */
		if (x->kind == &api_kind_gateway && x->ns[0] == 's')
			snprintf(x->name, sizeof(x->name), "gw%u", n_gateways[x->ns[1] == 't']++);
		else
			snprintf(x->name, sizeof(x->name), "vs%zu", i);
		x->json = random_object(&r, x->kind, x->ns, x->name, rand_below(&r, 6));
	}
}

static void free_things(struct things *t)
{
	for (size_t i = 0; i < t->n; i++)
		cJSON_Delete(t->v[i].json);
}

static void print_things(const struct things *t)
{
	for (size_t i = 0; i < t->n; i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (t->v[i].off)
			continue;
		json_print(t->v[i].json, &text);
		fprintf(stderr, "---\n%s\n", buf_str(&text));
	}
}

/* --- a mesh and what three proxies have of it --- */

enum { SHOP, STOCK, ROUTER, VIEWS };

struct mesh {
	struct world w;
	struct arena arena;
	struct proxy proxies[VIEWS];
	struct xds_set *sets[VIEWS][XDS_TYPE_COUNT];
	uint64_t reach[VIEWS];
};

static void compile(struct mesh *m, unsigned changed, struct compile_cache *cache)
{
	for (int v = 0; v < VIEWS; v++) {
		const uint64_t reach = compile_reach(m->w.snap, &m->proxies[v]);
		const unsigned types =
			compile_types_of(changed) | (reach != m->reach[v] ? 1u << XDS_CLUSTER | 1u << XDS_ENDPOINT : 0);
		struct compile_result r;

		m->reach[v] = reach;
		compile_view(m->w.snap, &m->proxies[v], types, &m->w.pool, cache, &r);
		for (int t = 0; t < XDS_TYPE_COUNT; t++) {
			if (!(types & 1u << t) || !r.sets[t])
				continue;
			xds_set_unref(m->sets[v][t]);
			m->sets[v][t] = take(r.sets[t]);
		}
		compile_result_done(&r);
	}
}

static void mesh_init(struct mesh *m)
{
	const char *const yaml[] = {world_shop, base, NULL};

	*m = (struct mesh){.arena = ARENA_INIT};
	world_init(&m->w, "", yaml);
	m->proxies[SHOP] = world_proxy(&m->arena, "sidecar", "shop", "app=catalog,version=v1");
	m->proxies[STOCK] = world_proxy(&m->arena, "sidecar", "stock", "app=inventory,version=v1");
	m->proxies[ROUTER] = world_proxy(&m->arena, "router", "istio-system", "istio=ingressgateway");
}

static void mesh_done(struct mesh *m)
{
	for (int v = 0; v < VIEWS; v++)
		for (int t = 0; t < XDS_TYPE_COUNT; t++)
			xds_set_unref(m->sets[v][t]);
	world_done(&m->w);
	arena_done(&m->arena);
}

static void put(struct mesh *m, const struct thing *x)
{
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (api_object_decode(x->json, NULL, NULL, &o, &e) == 0)
		store_put(m->w.store, o);
}

static void all_at_once(struct mesh *m, const struct things *t)
{
	struct compile_cache cache = {0};

	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].off)
			put(m, &t->v[i]);
	world_rebuild(&m->w, CHANGE_ALL);
	compile(m, CHANGE_ALL, &cache);
	compile_cache_clear(&cache);
}

/* One change, and only what depends on it is made again, as the control plane does. */
static void change(struct mesh *m, const struct thing *x, bool there)
{
	const unsigned changed = mesh_change_of(x->kind);
	struct compile_cache cache = {0};

	if (there)
		put(m, x);
	else
		store_remove(m->w.store, x->kind, x->ns, x->name);
	world_rebuild(&m->w, changed);
	compile(m, changed, &cache);
	compile_cache_clear(&cache);
}

/* --- comparing --- */

typedef bool skip_fn(enum xds_type type, struct slice name);

static const char *differ(char *why, size_t size, const struct mesh *a, const struct mesh *b, int view, skip_fn *is_out)
{
	for (int t = 0; t < XDS_TYPE_COUNT; t++) {
		const struct xds_set *x = a->sets[view][t], *y = b->sets[view][t];

		for (size_t i = 0; x && i < x->n; i++) {
			const struct xds_resource *o = xds_set_find(y, x->v[i]->name);

			if ((is_out && is_out(t, x->v[i]->name)) || (o && slice_eq(o->bytes, x->v[i]->bytes)))
				continue;
			snprintf(why, size, "view %d: %s %s %s", view, xds_type_short(t), x->v[i]->name.ptr,
				 o ? "differs" : "is missing");
			return why;
		}
		for (size_t i = 0; y && i < y->n; i++) {
			if ((is_out && is_out(t, y->v[i]->name)) || xds_set_find(x, y->v[i]->name))
				continue;
			snprintf(why, size, "view %d: %s %s is new", view, xds_type_short(t), y->v[i]->name.ptr);
			return why;
		}
	}
	return NULL;
}

static const char *all_differ(char *why, size_t size, const struct mesh *a, const struct mesh *b)
{
	const char *r = NULL;

	for (int v = 0; v < VIEWS && !r; v++)
		r = differ(why, size, a, b, v, NULL);
	return r;
}

/* --- properties: NULL when they hold, else what is wrong --- */

static const char *apply(struct decide *d, const struct mesh *m, int view, char *why, size_t size)
{
	static const enum xds_type order[] = {XDS_POD_BLOCK, XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE};
	struct config_node *node = NEW(struct config_node);
	const char *r = NULL;

	*d = (struct decide){0};
	node->refs = 1;
	d->build = build_new(node);
	config_node_unref(node);
	for (size_t i = 0; i < ARRAY_LEN(order) && !r; i++) {
		const struct xds_set *set = m->sets[view][order[i]];
		const struct build_update u = {.type = order[i], .changed = set->v, .n_changed = set->n};
		struct err e = ERR_INIT;

		if (build_apply(d->build, &u, &e) < 0) {
			snprintf(why, size, "view %d: refused: %s", view, e.msg);
			r = why;
		}
	}
	d->config = build_config(d->build);
	return r;
}

static void unapply(struct decide *d)
{
	config_unref(d->config);
	build_free(d->build);
}

static const char *accepted(const struct mesh *m, char *why, size_t size)
{
	const char *r = NULL;

	for (int v = 0; v < VIEWS && !r; v++) {
		struct decide d;

		r = apply(&d, m, v, why, size);
		unapply(&d);
	}
	return r;
}

static void shuffle(struct rand *r, size_t *at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = i;
	for (size_t i = n; i > 1; i--) {
		const size_t k = rand_below(r, (uint32_t)i), x = at[k];

		at[k] = at[i - 1];
		at[i - 1] = x;
	}
}

static const char *order_and_undone(const struct things *t, const struct mesh *all, char *why, size_t size)
{
	struct rand r = {t->seed ^ 0x5bd1e995};
	size_t at[THINGS_MAX];
	struct mesh m, empty;
	const char *wrong;

	mesh_init(&m);
	mesh_init(&empty);
	compile(&m, CHANGE_ALL, NULL);
	compile(&empty, CHANGE_ALL, NULL);
	shuffle(&r, at, t->n);
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[at[i]].off)
			change(&m, &t->v[at[i]], true);
	wrong = all_differ(why, size, all, &m);
	shuffle(&r, at, t->n);
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[at[i]].off)
			change(&m, &t->v[at[i]], false);
	if (!wrong)
		wrong = all_differ(why, size, &empty, &m);
	mesh_done(&m);
	mesh_done(&empty);
	return wrong;
}

static bool of_shop(enum xds_type type, struct slice name)
{
	(void)name; /* entries may lead to its pods, too */
	return type == XDS_ENDPOINT;
}

/* Who is behind a name: a workload's concern, whoever may use the name. */
static bool of_endpoints(enum xds_type type, struct slice name)
{
	(void)name;
	return type == XDS_ENDPOINT || type == XDS_CLUSTER;
}

static bool exports(const struct api_kind *k)
{
	return k == &api_kind_virtual_service || k == &api_kind_destination_rule || k == &api_kind_service_entry;
}

static const char *is_private(const struct things *t, size_t x, char *why, size_t size)
{
	struct things rest = *t;
	struct thing own = t->v[x];
	struct mesh before, after;
	const char *wrong;
	cJSON *spec;

	if (strcmp(own.ns, "shop") != 0)
		return NULL;
	rest.v[x].off = true;
	own.json = cJSON_Duplicate(own.json, true);
	spec = json_get(own.json, "spec");
	if (exports(own.kind)) {
		cJSON_DeleteItemFromObjectCaseSensitive(spec, "exportTo");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "exportTo"), cJSON_CreateString("."));
	}
	mesh_init(&before);
	mesh_init(&after);
	all_at_once(&before, &rest);
	put(&after, &own);
	all_at_once(&after, &rest);
	wrong = differ(why, size, &before, &after, STOCK,
		       own.kind == &api_kind_peer_authentication ? of_shop
		       : own.kind == &api_kind_workload_entry    ? of_endpoints
								 : NULL);
	mesh_done(&before);
	mesh_done(&after);
	cJSON_Delete(own.json);
	return wrong;
}

/* --- the shared gateway --- */

static const char *const probes[] = {"a.com", "b.com",  "x.a.com",           "y.a.com",
				     "z.com", "e1.org", "other.example.net", "inventory.stock.svc.cluster.local"};

static void collect_hosts(struct arena *a, const cJSON *j, const char *ns, const char **out, size_t *n, size_t max)
{
	const cJSON *x;

	cJSON_ArrayForEach(x, j)
	{
		const bool named = x->string && (strcmp(x->string, "hosts") == 0 || strcmp(x->string, "sniHosts") == 0);
		const cJSON *h;

		for (h = named ? x->child : NULL; h; h = h->next) {
			const char *slash = cJSON_IsString(h) ? strchr(h->valuestring, '/') : NULL;

			if (cJSON_IsString(h) && *n < max && *h->valuestring)
				out[(*n)++] = host_resolve(a, slash ? slash + 1 : h->valuestring, ns, "cluster.local");
		}
		if (!named)
			collect_hosts(a, x, ns, out, n, max);
	}
}

/* Does a Gateway of another namespace serve just this host on a port that the listener stands for? */
static bool owns(const struct things *t, const char *host, uint16_t listen)
{
	for (size_t i = 0; i < t->n; i++) {
		const cJSON *spec = json_get(t->v[i].json, "spec"), *s, *h;

		if (t->v[i].off || t->v[i].kind != &api_kind_gateway || strcmp(t->v[i].ns, "shop") == 0)
			continue;
		cJSON_ArrayForEach(s, json_get(spec, "servers"))
		{
			const cJSON *port = json_get(s, "port");
			const cJSON *number = json_get(port, "number");
			const int n = cJSON_IsNumber(number) ? number->valueint : 0;

			if ((n == 80 ? 8080 : n == 443 ? 8443 : n) != listen)
				continue;
			cJSON_ArrayForEach(h,
					   json_get(s, "hosts")) if (strcasecmp(h->valuestring, host) == 0) return true;
		}
	}
	return false;
}

static const char *decision(const struct decide *d, struct arena *a, const char *listener, uint16_t port,
			    const char *host, bool tls, const char *path)
{
	const struct decide_conn c = {.listener = listener, .port = port, .tls = tls, .sni = tls ? host : NULL};
	const char *bytes = decide_tcp(d, a, &c);

	return strcmp(bytes, "(http)") == 0 ? decide_http(d, a, &c, host, path) : bytes;
}

static const char *compare_probes(const struct things *t, const struct thing *x, const struct decide *before,
				  const struct decide *after, char *why, size_t size)
{
	static const char *const paths[] = {"/", "/a", "/b", "/a/b"};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *hosts[64];
	size_t n_hosts = 0;

	collect_hosts(&a, x->json, x->ns, hosts, &n_hosts, ARRAY_LEN(hosts));
	for (size_t i = 0; i < ARRAY_LEN(probes) * before->config->n_listeners * 2; i++) {
		const struct config_listener *l = before->config->listeners[i / 2 % before->config->n_listeners];
		const char *host = probes[i / 2 / before->config->n_listeners];
		const uint16_t port = addr_port(&l->address);
		bool concerned = false;

		for (size_t k = 0; k < n_hosts; k++)
			concerned |= host_overlap(hosts[k], host) &&
				     !(x->kind == &api_kind_gateway && strcasecmp(hosts[k], host) == 0 &&
				       owns(t, host, port));
		for (size_t k = 0; !concerned && k < ARRAY_LEN(paths); k++) {
			const char *was = decision(before, &a, l->name, port, host, i & 1, paths[k]);
			const char *is = decision(after, &a, l->name, port, host, i & 1, paths[k]);

			if (strcmp(was, "(none)") == 0 || strcmp(was, is) == 0)
				continue;
			snprintf(why, size, "%s, %s%s%s: %s became %s by %s", l->name, i & 1 ? "TLS " : "", host,
				 paths[k], was, is, x->name);
			return why;
		}
	}
	return NULL;
}

static const char *shared(const struct things *t, size_t x, char *why, size_t size)
{
	struct things rest = *t;
	struct thing own = t->v[x];
	struct decide d_before, d_after;
	struct mesh before, after;
	const char *wrong;
	cJSON *meta;

	if (strcmp(own.ns, "shop") != 0 || own.kind == &api_kind_service_entry)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		rest.v[i].off |= strcmp(t->v[i].ns, "shop") == 0;
	own.json = cJSON_Duplicate(own.json, true);
	meta = json_get(own.json, "metadata");
	cJSON_ReplaceItemInObjectCaseSensitive(meta, "creationTimestamp", cJSON_CreateString("2024-06-01T00:00:00Z"));
	mesh_init(&before);
	mesh_init(&after);
	all_at_once(&before, &rest);
	put(&after, &own);
	all_at_once(&after, &rest);
	wrong = apply(&d_before, &before, ROUTER, why, size);
	if (apply(&d_after, &after, ROUTER, why, size))
		wrong = why;
	if (!wrong)
		wrong = compare_probes(&rest, &own, &d_before, &d_after, why, size);
	unapply(&d_before);
	unapply(&d_after);
	mesh_done(&before);
	mesh_done(&after);
	cJSON_Delete(own.json);
	return wrong;
}

/* --- what all may see --- */

struct claims {
	const char *hosts[64], *addresses[64];
	size_t n_hosts, n_addresses;
};

static bool names_host(const struct claims *c, const char *host)
{
	for (size_t i = 0; i < c->n_hosts; i++)
		if (host_overlap(c->hosts[i], host))
			return true;
	return false;
}

/* Its own address, which nobody had: the listener is new. */
static bool takes_address(const struct claims *c, const struct decide *before, const char *ip, uint16_t port)
{
	const struct decide_conn inventory = {.ip = "10.96.0.22", .port = 80};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *name = arena_printf(&a, "%s_%u", ip, port);

	if (strcmp(ip, inventory.ip) == 0 && port == inventory.port)
		return false;
	for (size_t i = 0; i < before->config->n_listeners; i++)
		if (strcmp(before->config->listeners[i]->name, name) == 0)
			return false;
	for (size_t i = 0; i < c->n_addresses; i++)
		if (strcmp(c->addresses[i], ip) == 0)
			return true;
	return false;
}

/* Does a cluster "outbound|port|subset|host" (or what a decision calls it) concern the object? */
static bool concerns(const struct claims *c, const struct thing *x, const char *cluster)
{
	const char *host = strrchr(cluster, '|');

	if (!host || names_host(c, host + 1))
		return !host || x->kind != &api_kind_destination_rule || !strstr(host, ".stock.svc.");
	return false;
}

static const char *same_clusters(const struct claims *c, const struct thing *x, const struct mesh *before,
				 const struct mesh *after, char *why, size_t size)
{
	for (int t = XDS_CLUSTER; t <= XDS_ENDPOINT; t++)
		for (size_t i = 0; i < before->sets[STOCK][t]->n; i++) {
			const struct xds_resource *r = before->sets[STOCK][t]->v[i];
			const struct xds_resource *o = xds_set_find(after->sets[STOCK][t], r->name);

			if (concerns(c, x, r->name.ptr) || (o && slice_eq(o->bytes, r->bytes)))
				continue;
			snprintf(why, size, "%s %s %s by %s", xds_type_short(t), r->name.ptr, o ? "differs" : "is gone",
				 x->name);
			return why;
		}
	return NULL;
}

/* kind: 0 bytes, 1 TLS, 2 HTTP, which is asked only where it was HTTP before. NULL: nothing that anybody claimed. */
static const char *reached(const struct decide *d, struct arena *a, const char *ip, uint16_t port, int kind,
			   const char *host, const char *path)
{
	const struct decide_conn c = {.ip = ip,
				      .port = port,
				      .tls = kind == 1,
				      .sni = kind == 1 ? host : NULL,
				      .alpn = kind == 2 ? "http/1.1" : NULL};
	const struct decide_conn nobody = {.ip = "198.51.100.9", .port = 65000};
	const char *to = decide_tcp(d, a, &c);

	if ((strcmp(to, "(http)") == 0) != (kind == 2))
		return NULL;
	to = kind == 2 ? decide_http(d, a, &c, host, path) : to;
	/* An egress proxy gets what nobody has. */
	return strchr(to, '|') && strcmp(to, decide_tcp(d, a, &nobody)) != 0 ? to : NULL;
}

/* A rule for the name counts on each port that speaks TLS to somebody: the first such entry brings it there. */
static bool has_rule(const struct things *t, const char *host, const struct decide *before, const char *ip,
		     uint16_t port)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *name = arena_printf(&a, "%s_%u", ip, port), *hosts[64];
	size_t n = 0;

	for (size_t i = 0; i < before->config->n_listeners; i++)
		if (strcmp(before->config->listeners[i]->name, name) == 0)
			return false;
	for (size_t i = 0; i < t->n; i++)
		if (!t->v[i].off && t->v[i].kind == &api_kind_virtual_service)
			collect_hosts(&a, t->v[i].json, t->v[i].ns, hosts, &n, ARRAY_LEN(hosts));
	while (n-- > 0)
		if (host_overlap(hosts[n], host))
			return true;
	return false;
}

static const char *same_reached(const struct things *t, const struct claims *c, const struct thing *x,
				const struct decide *before, const struct decide *after, char *why, size_t size)
{
	static const char *const ips[] = {"10.96.0.22", "10.96.0.23", "192.0.2.1", "192.0.2.2", "240.0.0.1", "9.9.9.9"};
	static const uint16_t ports[] = {80, 443, 8080, 8443, 9000, 5432, 9001};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(ips) * ARRAY_LEN(ports) * 3 * ARRAY_LEN(probes); i++) {
		const char *ip = ips[i % ARRAY_LEN(ips)];
		const uint16_t port = ports[i / ARRAY_LEN(ips) % ARRAY_LEN(ports)];
		const int kind = (int)(i / ARRAY_LEN(ips) / ARRAY_LEN(ports) % 3);
		const char *host = probes[i / ARRAY_LEN(ips) / ARRAY_LEN(ports) / 3];
		const char *was = reached(before, &a, ip, port, kind, host, "/a"), *is;

		if (!was || concerns(c, x, was) || (kind && names_host(c, host)) || takes_address(c, before, ip, port))
			continue;
		if (kind == 1 && has_rule(t, host, before, ip, port))
			continue;
		is = reached(after, &a, ip, port, kind, host, "/a");
		if (is && strcmp(is, was) == 0)
			continue;
		snprintf(why, size, "%s:%u kind %d %s: %s became %s by %s", ip, port, kind, host, was,
			 is ? is : "(none)", x->name);
		return why;
	}
	return NULL;
}

static const char *is_public(const struct things *t, size_t x, char *why, size_t size)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct things rest = *t;
	struct thing own = t->v[x];
	struct decide d_before, d_after;
	struct mesh before, after;
	struct claims c = {.n_hosts = 0};
	const char *wrong;
	cJSON *spec, *j;

	if (strcmp(own.ns, "shop") != 0 || !exports(own.kind))
		return NULL;
	rest.v[x].off = true;
	own.json = cJSON_Duplicate(own.json, true);
	spec = json_get(own.json, "spec");
	cJSON_DeleteItemFromObjectCaseSensitive(spec, "exportTo");
	cJSON_ReplaceItemInObjectCaseSensitive(json_get(own.json, "metadata"), "creationTimestamp",
					       cJSON_CreateString("2024-06-01T00:00:00Z"));
	collect_hosts(&a, own.json, own.ns, c.hosts, &c.n_hosts, ARRAY_LEN(c.hosts));
	j = json_get(spec, "host");
	if (cJSON_IsString(j))
		c.hosts[c.n_hosts < ARRAY_LEN(c.hosts) ? c.n_hosts++ : 0] =
			host_resolve(&a, j->valuestring, own.ns, "cluster.local");
	cJSON_ArrayForEach(j, json_get(spec, "addresses")) c.addresses[c.n_addresses++] = j->valuestring;
	mesh_init(&before);
	mesh_init(&after);
	all_at_once(&before, &rest);
	put(&after, &own);
	all_at_once(&after, &rest);
	wrong = same_clusters(&c, &own, &before, &after, why, size);
	if (apply(&d_before, &before, STOCK, why, size) || apply(&d_after, &after, STOCK, why, size))
		wrong = why;
	if (!wrong)
		wrong = same_reached(&rest, &c, &own, &d_before, &d_after, why, size);
	unapply(&d_before);
	unapply(&d_after);
	mesh_done(&before);
	mesh_done(&after);
	cJSON_Delete(own.json);
	return wrong;
}

/* All properties of one set; why has room for the reason. */
static const char *check(const struct things *t, char *why, size_t size)
{
	const char *wrong;
	struct mesh all;

	mesh_init(&all);
	all_at_once(&all, t);
	wrong = accepted(&all, why, size);
	if (!wrong)
		wrong = order_and_undone(t, &all, why, size);
	for (size_t i = 0; i < t->n && !wrong; i++) {
		if (t->v[i].off || i % 3 != t->seed % 3)
			continue;
		wrong = is_private(t, i, why, size);
		if (!wrong)
			wrong = is_public(t, i, why, size);
		if (!wrong)
			wrong = shared(t, i, why, size);
	}
	mesh_done(&all);
	return wrong;
}

/* Leaves out objects as long as something is still wrong. */
static void shrink(struct things *t, char *why, size_t size)
{
	char text[600];

	for (bool again = true; again;) {
		again = false;
		for (size_t i = 0; i < t->n; i++) {
			if (t->v[i].off)
				continue;
			t->v[i].off = true;
			if (check(t, text, sizeof(text))) {
				snprintf(why, size, "%s", text);
				again = true;
			} else {
				t->v[i].off = false;
			}
		}
	}
}

static bool run_seed(uint64_t seed)
{
	struct things t;
	char why[600];
	bool ok;

	make_things(&t, seed);
	ok = !check(&t, why, sizeof(why));
	if (!ok) {
		shrink(&t, why, sizeof(why));
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)seed, why);
		print_things(&t);
	}
	free_things(&t);
	return ok;
}

static void properties(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		assert_true(run_seed(seed));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(properties)};
	const int64_t start_ns = clock_mono_ns();
	uint64_t from, count, bad = 0;

	if (argc < 3)
		return cmocka_run_group_tests(tests, NULL, NULL);
	from = strtoull(argv[1], NULL, 10);
	count = strtoull(argv[2], NULL, 10);
	for (uint64_t i = 0; i < count && bad < 5; i++)
		bad += !run_seed(from + i);
	printf("seeds %llu to %llu: %llu failed, %.1f s\n", (unsigned long long)from,
	       (unsigned long long)(from + count - 1), (unsigned long long)bad,
	       (double)(clock_mono_ns() - start_ns) / NS_PER_S);
	return bad ? 1 : 0;
}
