/*
 * Pods that are addressed by their IP, without the name of a service: those that have a sidecar are spoken to in mutual
 * TLS at the ports that it answers, all others in plain text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "scene.h"

#define INIT(args) "initContainers: [{name: istio-init, image: x, args: [" args "]}], "
#define ARGS(mode, in, out) "-p, '15001', -m, " mode ", -b, '" in "', -d, '" out "', '--log_output_level=info'"
#define USUAL ARGS("REDIRECT", "*", "15090,15021,15020")
#define POD_OF(ns, name, ip, labels, init, created)                                                                    \
	"{apiVersion: v1, kind: Pod, metadata: {name: " name ", namespace: " ns ", creationTimestamp: '" created       \
	"', labels: {a: " name ", security.istio.io/tlsMode: istio" labels "}}, spec: {" init                          \
	"containers: [{name: a, image: x}]}, status: {podIP: '" ip "', phase: Running}}\n---\n"
#define POD(name, ip, init) POD_OF("shop", name, ip, "", init, "2024-01-02T00:00:00Z")
#define NO_SIDECAR                                                                                                     \
	"{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: shop, labels: {security.istio.io/tlsMode: "        \
	"disabled}}, "                                                                                                 \
	"spec: {" INIT(USUAL) "containers: [{name: a, image: x}]}, status: {podIP: 10.1.2.3, phase: Running}}\n---\n"
#define AUTH(name, spec)                                                                                               \
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: " name                     \
	", namespace: shop}, spec: {" spec "}}\n---\n"
#define ONLY(name) "selector: {matchLabels: {a: " name "}}, "

static const struct {
	const char *why, *yaml, *mesh;
	const char *tls, *plain; /* "address port, address port" */
} rows[] = {
	{"a pod with a sidecar, and its proxy's own ports", POD("x", "10.1.2.3", INIT(USUAL)), "",
	 "10.1.2.3 80, 10.1.2.3 65535, ::ffff:10.1.2.3 80",
	 "10.1.2.3 15090, 10.1.2.3 15021, 10.1.2.3 15020, 10.1.2.4 80"},
	{"the plugin set redirection",
	 POD("x", "10.1.2.3", "initContainers: [{name: istio-validation, image: x, args: [" USUAL "]}], "), "",
	 "10.1.2.3 80", "10.1.2.3 15021"},
	{"options in one word", POD("x", "10.1.2.3", INIT("'--istio-inbound-ports=80,81', '-m=TPROXY'")), "",
	 "10.1.2.3 80, 10.1.2.3 81", "10.1.2.3 82"},
	{"no redirection at all", POD("x", "10.1.2.3", ""), "", "", "10.1.2.3 80"},
	{"interception NONE", POD("x", "10.1.2.3", INIT(ARGS("NONE", "*", ""))), "", "", "10.1.2.3 80"},
	{"no inbound ports", POD("x", "10.1.2.3", INIT(ARGS("REDIRECT", "", ""))), "", "", "10.1.2.3 80"},
	{"excludeInboundPorts", POD("x", "10.1.2.3", INIT(ARGS("REDIRECT", "*", "15021, 9000 ,9000"))), "",
	 "10.1.2.3 80", "10.1.2.3 9000, 10.1.2.3 15021"},
	{"includeInboundPorts", POD("x", "10.1.2.3", INIT(ARGS("REDIRECT", "80,443", "15021"))), "",
	 "10.1.2.3 80, 10.1.2.3 443", "10.1.2.3 81"},
	{"neighbours that leave out different ports",
	 POD("x", "10.1.2.3", INIT(ARGS("REDIRECT", "*", "15021,9000"))) POD("v", "10.1.2.4", INIT(USUAL))
		 POD("z", "10.1.2.5", INIT(ARGS("REDIRECT", "15021", ""))),
	 "", "10.1.2.3 15020, 10.1.2.4 9000, 10.1.2.5 15021",
	 "10.1.2.3 9000, 10.1.2.4 15020, 10.1.2.4 15021, 10.1.2.5 80"},
	{"no sidecar", NO_SIDECAR, "", "", "10.1.2.3 80"},
	{"the node's address", POD("x", "10.1.2.3", INIT(USUAL) "hostNetwork: true, "), "", "", "10.1.2.3 80"},
	{"another block, another family", POD("x", "10.1.2.255", INIT(USUAL)) POD("v", "fd00::1:ff", INIT(USUAL)), "",
	 "10.1.2.255 80, fd00::1:ff 80",
	 "10.1.3.255 80, fd00::2:ff 80, fd00::1:fe 80, 10.1.2.254 80, fd00::1:ff 15021"},
	{"of two with one address the younger",
	 POD_OF("shop", "x", "10.1.2.3", "", INIT(USUAL), "2024-01-02T00:00:00Z")
		 POD_OF("shop", "v", "10.1.2.3", "", "", "2024-01-03T00:00:00Z"),
	 "", "", "10.1.2.3 80"},
	{"of two with one address the younger",
	 POD_OF("shop", "x", "10.1.2.3", "", INIT(USUAL), "2024-01-03T00:00:00Z")
		 POD_OF("shop", "v", "10.1.2.3", "", "", "2024-01-02T00:00:00Z"),
	 "", "10.1.2.3 80", ""},
	{"a stranger's namespace", POD_OF("outside", "x", "10.1.2.3", "", INIT(USUAL), ""), "", "", "10.1.2.3 80"},
	{"PeerAuthentication of the namespace", POD("x", "10.1.2.3", INIT(USUAL)) AUTH("auth", "mtls: {mode: DISABLE}"),
	 "", "", "10.1.2.3 80"},
	{"PeerAuthentication of the workload",
	 POD("x", "10.1.2.3", INIT(USUAL)) POD("v", "10.1.2.4", INIT(USUAL))
		 AUTH("auth", ONLY("x") "mtls: {mode: DISABLE}"),
	 "", "10.1.2.4 80", "10.1.2.3 80, 10.1.2.4 15021"},
	{"of one port",
	 POD("x", "10.1.2.3", INIT(USUAL)) POD("v", "10.1.2.4", INIT(USUAL))
		 AUTH("auth", ONLY("x") "portLevelMtls: {'90': {mode: DISABLE}, '91': {mode: STRICT}}"),
	 "", "10.1.2.3 80, 10.1.2.3 91, 10.1.2.4 90", "10.1.2.3 90, 10.1.2.3 15021"},
	{"of all but one port",
	 POD("x", "10.1.2.3", INIT(USUAL)) AUTH("auth", ONLY("x") "mtls: {mode: DISABLE}, portLevelMtls: {'90': {mode: "
								  "PERMISSIVE}, '15021': {mode: STRICT}}"),
	 "", "10.1.2.3 90", "10.1.2.3 80, 10.1.2.3 15021"},
	{"STRICT", POD("x", "10.1.2.3", INIT(USUAL)) AUTH("auth", "mtls: {mode: STRICT}"), "", "10.1.2.3 80",
	 "10.1.2.3 15020"},
	{"no automatic mutual TLS", POD("x", "10.1.2.3", INIT(USUAL)), "enableAutoMtls: false\n", "", "10.1.2.3 80"},
};

static void start(struct scene *s, const char *mesh, const char *more)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct mesh_settings set = {.root_namespace = "istio-system", .revision = "basic"};
	const char *const yaml[] = {world_shop, more, NULL};

	*s = (struct scene){0};
	scene_init_of(s, &p, &set, mesh, yaml);
}

static void expect(const struct scene *s, size_t row, const char *list, bool want)
{
	struct slice rest = slice_str(list);

	while (rest.len) {
		struct slice port = slice_trim(slice_split(&rest, ',')), ip = slice_split(&port, ' ');
		struct addr to;
		uint64_t n;

		assert_int_equal(0, slice_to_u64(port, 65535, &n));
		assert_int_equal(0, addr_parse(ip, (uint16_t)n, &to));
		if (config_pods_mutual(s->d.config->pods, &to) != want)
			fail_msg("row %zu, %s: %.*s port %d", row, rows[row].why, SLICE_ARG(ip), (int)n);
	}
}

static void addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		start(&s, rows[i].mesh, rows[i].yaml);
		expect(&s, i, rows[i].tls, true);
		expect(&s, i, rows[i].plain, false);
		scene_done(&s);
	}
}

/* A connection to an address of no service, and to one by an entry that leaves the choice to the client. */
static void what_is_dialled(void **state)
{
	static const char entry[] =
		"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, "
		"namespace: shop}, spec: {hosts: [pods.example.com], location: "
		"MESH_INTERNAL, resolution: NONE, ports: [{number: 7000, name: tcp, protocol: TCP}]}}\n";
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	static const char *const clusters[] = {"PassthroughCluster", "outbound|7000||pods.example.com"};
	struct scene s;

	(void)state;
	buf_printf(&yaml, "%s%s", POD("x", "10.1.2.3", INIT(USUAL)), entry);
	start(&s, "", buf_str(&yaml));
	for (size_t i = 0; i < ARRAY_LEN(clusters); i++) {
		assert_string_equal(stage_pick(s.stage, &s.a, clusters[i], "10.1.2.3", false), "10.1.2.3:80 tls");
		assert_string_equal(stage_pick(s.stage, &s.a, clusters[i], "10.1.2.4", false), "10.1.2.4:80 plain");
	}
	scene_done(&s);
}

static bool is_told(struct world *w, const struct proxy *p)
{
	struct decide d;
	bool told;

	decide_init(&d, w, p);
	told = decide_cluster(&d, "PassthroughCluster").spec && decide_cluster(&d, "PassthroughCluster").spec->to_pods;
	assert_int_equal(told, d.result.sets[XDS_POD_BLOCK]->n > 0);
	decide_done(&d);
	return told;
}

/* Our sidecars, where mutual TLS is automatic; where strangers are kept out nothing asks for it. */
static void who_is_told(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop, POD("x", "10.1.2.3", INIT(USUAL)), NULL};
	struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct proxy gateway = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
	struct decide d;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	assert_true(is_told(&w, &p));
	assert_false(is_told(&w, &gateway));
	p.weft = false;
	assert_false(is_told(&w, &p));
	world_done(&w);
	world_init(&w, "outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n", yaml);
	p.weft = true;
	decide_init(&d, &w, &p);
	assert_null(decide_cluster(&d, "PassthroughCluster").spec->to_pods);
	decide_done(&d);
	world_done(&w);
}

#define MANY 1000

static void put_many(struct world *w)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (int i = 0; i < MANY; i++)
		buf_printf(&b,
			   "{apiVersion: v1, kind: Pod, metadata: {name: p%d, namespace: shop, labels: "
			   "{security.istio.io/tlsMode: istio}}, spec: {" INIT(
				   USUAL) "containers: [{name: a, image: x}]}, status: {podIP: 10.9.%d.%d}}\n---\n",
			   i, i / 200, i % 200 + 10);
	world_put(w, buf_str(&b));
	world_rebuild(w, CHANGE_ALL);
}

/* A thousand pods are five resources of 60 bytes, all proxies' together; a pod that goes changes one of them.
 */
static void compact(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop, NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct proxy q = world_proxy(&a, "sidecar", "stock", "app=inventory");
	const unsigned types = 1u << XDS_POD_BLOCK;
	struct compile_cache cache = {0};
	struct compile_result one, other, later;
	size_t differ = 0;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	put_many(&w);
	compile_view(w.snap, &p, types, &w.pool, &cache, &one);
	compile_view(w.snap, &q, types, &w.pool, &cache, &other);
	assert_ptr_equal(one.sets[XDS_POD_BLOCK], other.sets[XDS_POD_BLOCK]);
	assert_int_equal(one.sets[XDS_POD_BLOCK]->n, MANY / 200);
	for (size_t i = 0; i < one.sets[XDS_POD_BLOCK]->n; i++)
		assert_in_range(one.sets[XDS_POD_BLOCK]->v[i]->bytes.len, 40, 60);
	assert_true(store_remove(w.store, &api_kind_pod, "shop", "p7"));
	world_rebuild(&w, CHANGE_POD);
	compile_cache_clear(&cache);
	compile_view(w.snap, &p, types, &w.pool, &cache, &later);
	assert_int_equal(later.sets[XDS_POD_BLOCK]->n, MANY / 200);
	for (size_t i = 0; i < MANY / 200; i++)
		differ += later.sets[XDS_POD_BLOCK]->v[i] != one.sets[XDS_POD_BLOCK]->v[i];
	assert_int_equal(differ, 1);
	for (int i = 200; i < 400; i++) {
		char name[16];

		snprintf(name, sizeof(name), "p%d", i);
		assert_true(store_remove(w.store, &api_kind_pod, "shop", name));
	}
	world_rebuild(&w, CHANGE_POD);
	compile_result_done(&later);
	compile_view(w.snap, &p, types, &w.pool, NULL, &later);
	assert_null(xds_set_find(later.sets[XDS_POD_BLOCK], SLICE("10.9.1.0/24")));
	compile_result_done(&one);
	compile_result_done(&other);
	compile_result_done(&later);
	compile_cache_clear(&cache);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(addresses), cmocka_unit_test(what_is_dialled),
					   cmocka_unit_test(who_is_told), cmocka_unit_test(compact)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
