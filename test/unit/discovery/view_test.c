/*
 * A view that follows changes is what it would be if it were made anew: over random objects that come, change and go,
 * for sidecars with and without a Sidecar's scope, and for a gateway. What nothing concerns is not made again.
 */
#include "whole.h"

#include "base/rand.h"
#include "random_object.h"
#include "msg/json.h"

#define STEPS 200
#define NAMES 10

static const struct api_kind *const kinds[] = {
	&api_kind_virtual_service,
	&api_kind_virtual_service,
	&api_kind_virtual_service,
	&api_kind_virtual_service,
	&api_kind_destination_rule,
	&api_kind_gateway,
	&api_kind_gateway,
	&api_kind_service_entry,
	&api_kind_sidecar,
	&api_kind_peer_authentication,
	&api_kind_authorization_policy,
};
static const char *const namespaces[] = {"shop", "stock", "mesh"};

static struct peer peers[] = {
	{"a", "shop", "catalog", .agent = "weft-proxy"},
	{"b", "stock", "inventory", .app = "inventory", .agent = "weft-proxy"},
	{"gw", "mesh", "gw", .type = "router", .agent = "weft-proxy"},
};

static void open_all(void)
{
	char token[64];

	for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
		snprintf(token, sizeof(token), "Bearer %s/%s", peers[i].ns, peers[i].sa);
		peer_open(&peers[i], token, NULL);
	}
	mini_pass(d, 200);
}

static void close_all(void)
{
	for (size_t i = 0; i < ARRAY_LEN(peers); i++)
		peer_close(&peers[i]);
}

/* --- a step --- */

static cJSON *with_meta(cJSON *o, int generation, int uid)
{
	CLEANUP(freep) char *text = mem_printf("u%d", uid);
	cJSON *meta = json_get(o, "metadata");

	cJSON_DeleteItemFromObject(meta, "generation");
	cJSON_AddNumberToObject(meta, "generation", generation);
	cJSON_DeleteItemFromObject(meta, "uid");
	cJSON_AddStringToObject(meta, "uid", text);
	return o;
}

struct thing {
	const struct api_kind *kind;
	const char *ns;
	char name[16];
	int generation, uid; /* generation 0: it is not there */
};

/* One of them comes, changes or goes; sometimes it goes and comes again at once. */
static void step(struct thing *all, size_t n, struct rand *r, int number)
{
	struct thing *x = &all[rand_below(r, (unsigned)n)];

	if (x->generation && rand_below(r, 3) == 0) {
		fake_kube_delete(x->kind, x->ns, x->name);
		x->generation = 0;
		if (rand_below(r, 2))
			return;
	}
	if (!x->generation)
		x->uid = number;
	x->generation++;
	fake_kube_put(with_meta(random_object(r, x->kind, x->ns, x->name, rand_below(r, 6)), x->generation, x->uid));
}

/* --- comparing --- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Uses and notes, a line each, sorted. */
static void describe(const struct compile_result *r, struct buf *out)
{
	const size_t n = r->n_uses + r->n_notes;
	CLEANUP(freep) char **lines = mem_calloc(n + 1, sizeof(*lines));

	for (size_t i = 0; i < r->n_uses; i++)
		lines[i] =
			mem_printf("use %s %s/%s %x of %p\n", r->uses[i].object->obj->kind->kind, r->uses[i].object->ns,
				   r->uses[i].object->name, r->uses[i].types, (const void *)r->uses[i].object);
	for (size_t i = 0; i < r->n_notes; i++)
		lines[r->n_uses + i] = mem_printf("note %d %s %s/%s %s %s\n", r->notes[i].type, r->notes[i].kind->kind,
						  r->notes[i].ns, r->notes[i].name, r->notes[i].path, r->notes[i].text);
	qsort(lines, n, sizeof(*lines), by_text);
	for (size_t i = 0; i < n; i++) {
		buf_append_str(out, lines[i]);
		free(lines[i]);
	}
}

static void assert_same_sets(const struct compile_result *a, const struct compile_result *b, const char *of, int number)
{
	for (int t = 0; t < XDS_TYPE_COUNT; t++) {
		const struct xds_set *x = a->sets[t], *y = b->sets[t];

		for (size_t i = 0; x && i < x->n; i++)
			if (xds_set_find(y, x->v[i]->name) != x->v[i])
				fail_msg("step %d, %s: %s %.*s differs", number, of, xds_type_short(t),
					 SLICE_ARG(x->v[i]->name));
		if ((x ? x->n : 0) != (y ? y->n : 0))
			fail_msg("step %d, %s: %s differ in number", number, of, xds_type_short(t));
	}
}

/* False: something is left out, which a view remembers. */
static bool compare(const struct view *v, int number)
{
	struct view *fresh = NEW(struct view);
	CLEANUP(buf_done) struct buf a = BUF_INIT;
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	const bool left = discovery_left_any(v);

	fresh->refs = 1;
	fresh->key = mem_printf("%s anew", v->key);
	list_init(&fresh->sessions);
	fresh->proxy = v->proxy;
	list_append(&d->views, &fresh->link);
	discovery_view_update(d, fresh);
	assert_int_equal(left, discovery_left_any(fresh));
	assert_same_sets(&v->result, &fresh->result, v->key, number);
	describe(&v->result, &a);
	describe(&fresh->result, &b);
	if (strcmp(buf_str(&a), buf_str(&b)) != 0)
		fail_msg("step %d, %s:\n%s\nanew:\n%s", number, v->key, buf_str(&a), buf_str(&b));
	discovery_view_put(d, fresh);
	return !left;
}

/* The views, whose list is not in a lasting order; their number. */
static size_t views(struct view *out[ARRAY_LEN(peers)])
{
	struct view *v;
	size_t n = 0;

	LIST_EACH (v, &d->views, link)
		out[n++] = v;
	return n;
}

static void as_if_made_anew(void **state)
{
	struct thing all[NAMES * ARRAY_LEN(kinds)] = {0};
	struct rand r = {20240101};
	size_t n = 0, compared = 0;

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
		for (size_t i = 0; i < 3; i++, n++) {
			all[n].kind = kinds[k];
			all[n].ns = namespaces[i];
			snprintf(all[n].name, sizeof(all[n].name), kinds[k] == &api_kind_gateway ? "gw%zu" : "vs%zu",
				 k % 4);
		}
	open_all();
	for (int i = 0; i < STEPS; i++) {
		struct view *v[ARRAY_LEN(peers)];
		size_t n_views;

		step(all, n, &r, i);
		mini_pass(d, 150);
		n_views = views(v);
		for (size_t k = 0; k < n_views; k++) {
			assert_ptr_equal(d->snap, v[k]->snap);
			compared += compare(v[k], i);
		}
	}
	print_message("%zu views compared\n", compared);
	assert_true(compared > STEPS);
	close_all();
}

/* --- endpoints --- */

static bool is_member(void *arg, const char *ns)
{
	return discovery_members_has(arg, ns);
}

/* With what the store alone gives, nothing of before. */
static void compare_with_the_store(const struct view *v, int number)
{
	struct snapshot *s = snapshot_build(d->store, NULL, CHANGE_ALL, NULL, d->mesh, is_member, d->members);
	struct compile_result r;

	compile_view(s, &v->proxy, 1u << XDS_CLUSTER | 1u << XDS_ENDPOINT | 1u << XDS_LISTENER | 1u << XDS_ROUTE,
		     &d->pool, NULL, &r);
	assert_same_sets(&v->result, &r, v->key, number);
	compile_result_done(&r);
	snapshot_unref(s);
}

/* Services of every kind that stand on endpoints in another way. */
static const char services[] =
	"{apiVersion: v1, kind: Service, metadata: {name: plain, namespace: shop}, spec: {clusterIP: 10.96.7.1, "
	"selector: {app: a}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 81}]}}\n---\n"
	"{apiVersion: v1, kind: Service, metadata: {name: named, namespace: shop}, spec: {clusterIP: 10.96.7.2, "
	"selector: {app: catalog}, ports: [{name: http, port: 80, targetPort: web}]}}\n---\n"
	"{apiVersion: v1, kind: Service, metadata: {name: headless, namespace: stock}, spec: {clusterIP: None, "
	"selector: {app: a}, ports: [{name: tcp, port: 90}]}}\n---\n"
	"{apiVersion: v1, kind: Service, metadata: {name: alias, namespace: stock}, spec: {type: ExternalName, "
	"externalName: plain.shop.svc.cluster.local}}\n---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: pods, namespace: shop}, spec: "
	"{hosts: [pods.com], location: MESH_INTERNAL, resolution: STATIC, ports: [{number: 70, name: tcp, protocol: "
	"TCP}], "
	"workloadSelector: {labels: {app: a}}}}";

static void put_pod(struct rand *r, unsigned i)
{
	CLEANUP(freep)
	char *yaml = mem_printf(
		"{apiVersion: v1, kind: Pod, metadata: {name: p%u, namespace: %s, labels: {app: %s%s}}, spec: "
		"{serviceAccountName: sa%u, containers: [{name: x, image: x, ports: [{name: web, containerPort: "
		"%u}]}]}, "
		"status: {podIP: 10.1.0.%u, phase: Running, conditions: [{type: Ready, status: '%s'}]}}",
		i, i % 2 ? "shop" : "stock", rand_below(r, 2) ? "a" : "catalog",
		rand_below(r, 2) ? ", security.istio.io/tlsMode: istio" : "", rand_below(r, 2), 8000 + rand_below(r, 2),
		i * 10 + rand_below(r, 3), rand_below(r, 3) ? "True" : "False");

	mini_put(yaml);
}

static void put_slice(struct rand *r, unsigned i)
{
	static const char *const of[] = {"plain", "named", "headless", "plain", "nobody"};
	CLEANUP(buf_done) struct buf endpoints = BUF_INIT;
	CLEANUP(freep) char *yaml = NULL;

	for (unsigned k = rand_below(r, 4); k--;) {
		const unsigned p = rand_below(r, 6);

		buf_printf(&endpoints,
			   "%s{addresses: [10.1.0.%u], conditions: {ready: %s}, targetRef: {kind: Pod, name: p%u}}",
			   endpoints.len ? ", " : "", p * 10, rand_below(r, 4) ? "true" : "false", p);
	}
	yaml = mem_printf(
		"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: s%u, "
		"namespace: %s, labels: {kubernetes.io/service-name: %s}}, ports: [{name: %s, port: %u}], "
		"endpoints: [%s]}",
		i, i % 2 ? "shop" : "stock", of[rand_below(r, 5)], rand_below(r, 2) ? "http" : "tcp",
		8080 + rand_below(r, 2), buf_str(&endpoints));
	mini_put(yaml);
}

static void move_something(struct rand *r)
{
	const unsigned i = rand_below(r, 6);
	char name[8];

	switch (rand_below(r, 6)) {
	case 0:
		snprintf(name, sizeof(name), "p%u", i);
		fake_kube_delete(&api_kind_pod, i % 2 ? "shop" : "stock", name);
		return;
	case 1:
		snprintf(name, sizeof(name), "s%u", i);
		fake_kube_delete(&api_kind_endpoint_slice, i % 2 ? "shop" : "stock", name);
		return;
	case 2:
		put_pod(r, i);
		return;
	default:
		put_slice(r, i);
	}
}

static void endpoints_as_the_store_has_them(void **state)
{
	struct rand r = {20240102};

	(void)state;
	mini_put(services);
	open_all();
	for (int i = 0; i < STEPS; i++) {
		struct view *v[ARRAY_LEN(peers)];
		const size_t n_views = views(v);

		for (unsigned k = rand_below(&r, 3) + 1; k--;)
			move_something(&r);
		mini_pass(d, 150);
		for (size_t k = 0; k < n_views; k++) {
			assert_ptr_equal(d->snap, v[k]->snap);
			compare_with_the_store(v[k], i);
		}
	}
	close_all();
}

/* --- what is not made again --- */

#define VS(ns, name, more, spec)                                                                                       \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: " name ", namespace: " ns    \
	", " more "}, spec: {" spec "}}"
#define LEAD(to) "http: [{route: [{destination: {host: " to "}}]}]"

static struct view *view_of(const char *ns)
{
	struct view *v;

	LIST_EACH (v, &d->views, link)
		if (strcmp(v->proxy.ns, ns) == 0)
			return v;
	fail_msg("%s has no view", ns);
	return NULL;
}

/* Which types are made anew in the view of a namespace when the objects are there: bits. */
static unsigned made(const char *ns, const char *yaml)
{
	struct view *v = view_of(ns);

	v->made = 0;
	mini_put(yaml);
	mini_pass(d, 150);
	return v->made;
}

#define RULES (1u << XDS_LISTENER | 1u << XDS_ROUTE)
#define CLUSTERS (1u << XDS_CLUSTER | 1u << XDS_ENDPOINT)

static void only_whom_it_concerns(void **state)
{
	(void)state;
	open_all();
	/* Rules of sidecars, of one namespace alone, of gateways alone. */
	assert_int_equal(RULES,
			 made("shop", VS("shop", "a", "generation: 1, uid: a", "hosts: [catalog], " LEAD("catalog"))));
	assert_int_equal(0, made("shop", VS("stock", "own", "generation: 1, uid: b",
					    "hosts: [inventory], exportTo: [.], " LEAD("inventory"))));
	assert_int_equal(RULES, made("stock", VS("stock", "own", "generation: 2, uid: b",
						 "hosts: [inventory], exportTo: [.], " LEAD("inventory"))));
	assert_int_equal(
		0, made("mesh", VS("stock", "own", "generation: 3, uid: b", "hosts: [inventory], " LEAD("inventory"))));
	assert_int_equal(0, made("shop", VS("stock", "gw", "generation: 1, uid: c",
					    "hosts: [a.com], gateways: [mesh/g], " LEAD("inventory"))));
	assert_int_equal(RULES, made("mesh", VS("stock", "gw", "generation: 2, uid: c",
						"hosts: [a.com], gateways: [mesh/g], " LEAD("inventory"))));
	/* What was visible before concerns, too. */
	assert_int_equal(RULES, made("shop", VS("stock", "own", "generation: 4, uid: b",
						"hosts: [inventory], exportTo: [.], " LEAD("inventory"))));
	close_all();
}

static void delegates_concern_whom_their_roots_do(void **state)
{
	(void)state;
	open_all();
	made("shop", VS("shop", "root", "generation: 1, uid: a",
			"hosts: [catalog], exportTo: [.], http: [{delegate: {name: leaf, namespace: stock}}]"));
	assert_int_equal(RULES, made("shop", VS("stock", "leaf", "generation: 1, uid: b", LEAD("inventory"))));
	assert_int_equal(RULES, made("shop", VS("stock", "leaf", "generation: 2, uid: b", LEAD("inventory"))));
	close_all();
}

static void clusters_where_rules_lead(void **state)
{
	(void)state;
	open_all();
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: Sidecar, metadata: {name: s, namespace: shop}, "
		 "spec: {egress: [{hosts: ['./*']}]}}");
	mini_pass(d, 150);
	assert_int_equal(RULES | CLUSTERS,
			 made("shop", VS("shop", "a", "generation: 1, uid: a",
					 "hosts: [catalog], " LEAD("inventory.stock.svc.cluster.local"))));
	assert_int_equal(RULES,
			 made("shop", VS("shop", "b", "generation: 1, uid: b", "hosts: [db], " LEAD("catalog"))));
	assert_int_equal(RULES | CLUSTERS,
			 made("shop", VS("shop", "a", "generation: 2, uid: a", "hosts: [catalog], " LEAD("catalog"))));
	/* beyond the scope */
	assert_int_equal(
		0, made("shop", VS("stock", "c", "generation: 1, uid: c", "hosts: [inventory], " LEAD("inventory"))));
	close_all();
}

/* Which addresses are pods that take mutual TLS is the same for all sidecars: one set, made once. */
static void pods_are_one_set(void **state)
{
	const unsigned pods = 1u << XDS_POD_BLOCK;
	const struct xds_set *set;

	(void)state;
	open_all();
	assert_true(made("shop",
			 "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: shop, labels: "
			 "{security.istio.io/tlsMode: istio}}, spec: {initContainers: [{name: istio-init, image: x}], "
			 "containers: [{name: a, image: x}]}, status: {podIP: 10.1.2.3, phase: Running}}") &
		    pods);
	set = view_of("shop")->result.sets[XDS_POD_BLOCK];
	assert_non_null(xds_set_find(set, SLICE("10.1.2.0/24")));
	discovery_view_update(d, view_of("stock"));
	assert_ptr_equal(view_of("stock")->result.sets[XDS_POD_BLOCK], set);
	assert_int_equal(view_of("mesh")->result.sets[XDS_POD_BLOCK]->n, 0);
	assert_true(made("stock",
			 "{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: p, "
			 "namespace: shop}, spec: {mtls: {mode: DISABLE}}}") &
		    pods);
	assert_null(xds_set_find(view_of("stock")->result.sets[XDS_POD_BLOCK], SLICE("10.1.2.0/24")));
	close_all();
}

#define NAMED(ip)                                                                                                      \
	"{apiVersion: v1, kind: Service, metadata: {name: named, namespace: shop}, spec: {clusterIP: " ip              \
	", ports: [{name: tcp, port: 1}]}}"

static const struct xds_set *names_of(const char *ns)
{
	discovery_view_update(d, view_of(ns));
	return view_of(ns)->result.sets[XDS_NAME_TABLE];
}

#define SLICE_OF(name, service, port, address)                                                                         \
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: " name             \
	", namespace: shop, labels: {kubernetes.io/service-name: " service "}}, ports: [{name: http, port: " port      \
	"}], endpoints: [{addresses: [" address "]}]}"

/* An endpoint makes anew what is its service's alone, and that of a name that stands for it. */
static void an_endpoint_makes_one_resource(void **state)
{
	static const char *const others[] = {"outbound|80||alias.stock.svc.cluster.local",
					     "outbound|80||plain.shop.svc.cluster.local"};
	struct view *v;
	struct xds_set *before;
	struct xds_diff walk = {0};
	struct xds_resource *was, *now;

	(void)state;
	mini_put(services);
	mini_put(SLICE_OF("s", "plain", "8080", "10.1.0.1"));
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: Sidecar, metadata: {name: s, namespace: stock}, "
		 "spec: {egress: [{hosts: ['./*']}]}}");
	open_all();
	v = view_of("shop");
	before = xds_set_ref(v->result.sets[XDS_ENDPOINT]);
	assert_int_equal(0, made("shop", SLICE_OF("s", "plain", "8080", "10.1.0.2")));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_true(xds_diff_next(&walk, before, v->result.sets[XDS_ENDPOINT], &was, &now));
		assert_true(slice_eq_str(now->name, others[i]));
	}
	assert_false(xds_diff_next(&walk, before, v->result.sets[XDS_ENDPOINT], &was, &now));
	xds_set_unref(before);
	before = v->result.sets[XDS_ENDPOINT];
	assert_int_equal(0, made("shop", SLICE_OF("s", "plain", "8080", "10.1.0.2")));
	assert_ptr_equal(before, v->result.sets[XDS_ENDPOINT]);
	before = view_of("stock")->result.sets[XDS_ENDPOINT];
	assert_int_equal(0, made("stock", SLICE_OF("s", "plain", "8080", "10.1.0.3")));
	assert_ptr_not_equal(before, view_of("stock")->result.sets[XDS_ENDPOINT]); /* the alias is its own */
	/* where a port has a name, the pod behind it listens elsewhere now: its own listener changes */
	assert_true(made("shop", SLICE_OF("other", "named", "8080", "10.1.0.4")) & 1u << XDS_LISTENER);
	assert_int_equal(0, made("shop", SLICE_OF("other", "named", "8080", "10.1.0.5")));
	assert_true(made("shop", SLICE_OF("other", "named", "9090", "10.1.0.5")) & 1u << XDS_LISTENER);
	close_all();
}

/* Views have a table of names from the first question on, and from then on follow. */
static void names_for_who_asks(void **state)
{
	CLEANUP(xds_set_unrefp) struct xds_set *before = NULL;

	(void)state;
	open_all();
	mini_put(NAMED("10.96.5.1"));
	mini_pass(d, 150);
	assert_null(names_of("shop"));
	discovery_view_names(d, view_of("shop"));
	before = xds_set_ref(view_of("shop")->result.sets[XDS_NAME_TABLE]);
	assert_int_equal(before->n, 1);
	assert_null(names_of("stock"));
	made("shop", VS("shop", "a", "generation: 1, uid: a", "hosts: [catalog], " LEAD("catalog")));
	assert_ptr_equal(names_of("shop"), before);
	mini_put(NAMED("10.96.5.2"));
	mini_pass(d, 150);
	assert_ptr_not_equal(names_of("shop"), before);
	assert_null(names_of("stock"));
	close_all();
}

/* Endpoints are addresses of names where a service has none of its own. */
static void names_by_endpoints(void **state)
{
	CLEANUP(xds_set_unrefp) struct xds_set *before = NULL;

	(void)state;
	mini_put("{apiVersion: v1, kind: Service, metadata: {name: pods, namespace: shop}, spec: {clusterIP: None, "
		 "ports: [{name: http, port: 80}]}}");
	mini_put(NAMED("10.96.5.1"));
	mini_put(SLICE_OF("s", "pods", "80", "10.1.0.1"));
	open_all();
	discovery_view_names(d, view_of("shop"));
	before = xds_set_ref(view_of("shop")->result.sets[XDS_NAME_TABLE]);
	made("shop", SLICE_OF("t", "named", "80", "10.1.0.2"));
	assert_ptr_equal(names_of("shop"), before);
	made("shop", SLICE_OF("s", "pods", "80", "10.1.0.3"));
	assert_ptr_not_equal(names_of("shop"), before);
	close_all();
}

static void pass_ms(int64_t ms)
{
	fake_clock_advance(d->loop, ms, ms);
	mini_settle(d);
}

/* An endpoint that changes alone waits for nobody; of many at once the next ones wait for one another. */
static void alone_or_together(void **state)
{
	uint64_t version;

	(void)state;
	mini_put(services);
	open_all();
	mini_pass(d, 200);
	version = d->snap->version;
	mini_put(SLICE_OF("s", "plain", "8080", "10.1.0.1"));
	mini_settle(d);
	assert_int_equal(version, d->snap->version);
	pass_ms(3);
	assert_int_equal(version + 1, d->snap->version);
	mini_put(SLICE_OF("s", "plain", "8080", "10.1.0.2"));
	mini_settle(d);
	pass_ms(5);
	mini_put(SLICE_OF("s", "plain", "8080", "10.1.0.3"));
	mini_settle(d);
	pass_ms(8);
	assert_int_equal(version + 1, d->snap->version);
	pass_ms(4);
	assert_int_equal(version + 2, d->snap->version);
	close_all();
}

#define NODE(labels, status)                                                                                           \
	"{apiVersion: v1, kind: Node, metadata: {name: n1, labels: {" labels "}}, status: {conditions: [{type: "       \
	"Ready, status: 'True', lastHeartbeatTime: '" status "'}]}}"
#define NODE_OF(name, node)                                                                                            \
	"{apiVersion: v1, kind: Pod, metadata: {name: " name ", namespace: shop}, spec: {nodeName: " node              \
	", containers: [{name: a, image: x}]}, status: {podIP: 10.1.2.3, phase: Running}}"
#define PLACES                                                                                                         \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: far, namespace: shop, "     \
	"generation: 1, uid: f}, spec: {host: plain, trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}}"
#define ZONE_SLICE                                                                                                     \
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: z, namespace: "    \
	"shop, labels: {kubernetes.io/service-name: plain}}, ports: [{name: http, port: 8080}], endpoints: [{"         \
	"addresses: [10.1.0.9], nodeName: n1, zone: z9}]}"

static void assert_place(const char *region, const char *zone)
{
	const struct locality *l = &view_of("shop")->proxy.locality;

	assert_string_equal(l->region, region);
	assert_string_equal(l->zone, zone);
}

/* A proxy is where its pod's node is; a node's heartbeat makes nothing anew, its labels do. */
static void a_node_moves_its_proxies(void **state)
{
	uint64_t version;
	struct view *v;

	(void)state;
	mini_put(services);
	mini_put(NODE("topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: z1", "2024-01-01T00:00:00Z"));
	mini_put(NODE_OF("a", "n1"));
	open_all();
	v = view_of("shop");
	mini_put(PLACES);
	mini_pass(d, 200);
	assert_ptr_not_equal(v, NULL);
	assert_place("r1", "z1");
	v = view_of("shop");
	version = d->snap->version;
	mini_put(NODE("topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: z1", "2024-01-01T00:00:10Z"));
	mini_pass(d, 200);
	assert_int_equal(version, d->snap->version);
	assert_ptr_equal(v, view_of("shop"));
	mini_put(NODE("topology.kubernetes.io/region: r1, topology.kubernetes.io/zone: z2", "2024-01-01T00:00:10Z"));
	mini_pass(d, 200);
	assert_int_equal(version + 1, d->snap->version);
	assert_place("r1", "z2");
	/* Where nodes cannot be read slices have the zone. */
	fake_kube_delete(&api_kind_node, NULL, "n1");
	mini_pass(d, 200);
	assert_place("", "");
	mini_put(ZONE_SLICE);
	mini_pass(d, 200);
	assert_place("", "z9");
	assert_string_equal(
		snapshot_endpoints(d->snap, snapshot_service(d->snap, "plain.shop.svc.cluster.local"), 80).v[0].zone,
		"z9");
	/* Nobody asks for places any more: proxies of all of them share a view. */
	fake_kube_delete(&api_kind_destination_rule, "shop", "far");
	mini_pass(d, 200);
	assert_null(strstr(view_of("shop")->key, "z9"));
	close_all();
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(as_if_made_anew),
		CASE(endpoints_as_the_store_has_them),
		CASE(an_endpoint_makes_one_resource),
		CASE(alone_or_together),
		CASE(a_node_moves_its_proxies),
		CASE(only_whom_it_concerns),
		CASE(delegates_concern_whom_their_roots_do),
		CASE(clusters_where_rules_lead),
		CASE(pods_are_one_set),
		CASE(names_for_who_asks),
		CASE(names_by_endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
