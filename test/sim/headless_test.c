/* Pods that clients choose by their address: headless services reach that pod and no other, over mutual TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "scene.h"

#define POD(name, ip, tls)                                                                                             \
	"{apiVersion: v1, kind: Pod, metadata: {name: " name ", namespace: shop, labels: {app: hl, version: v1" tls    \
	"}}, spec: {serviceAccountName: hl, containers: [{name: a, image: x}]}, status: {podIP: " ip                   \
	", phase: Running, conditions: [{type: Ready, status: 'True'}]}}\n---\n"
#define PROXIED ", security.istio.io/tlsMode: istio"

/* hl-0 and hl-1 have a sidecar, hl-2 has none; port 80 is served on 8080. */
static const char objects[] =
	"{apiVersion: v1, kind: Service, metadata: {name: hl, namespace: shop}, spec: {clusterIP: None, selector: "
	"{app: "
	"hl}, ports: [{name: http, port: 80, targetPort: 8080}, {name: tcp-db, port: 3306}]}}\n"
	"---\n" POD("hl-0", "10.244.1.10", PROXIED) POD("hl-1", "10.244.1.11", PROXIED)
		POD("hl-2", "10.244.1.12",
		    "") "{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: hl-x, namespace: "
			"shop, labels: "
			"{kubernetes.io/service-name: hl}}, addressType: IPv4, ports: [{name: http, port: 8080}, "
			"{name: tcp-db, "
			"port: 3306}], endpoints: [{addresses: [10.244.1.10], conditions: {ready: true}, targetRef: "
			"{kind: Pod, "
			"name: hl-0}}, {addresses: [10.244.1.11], conditions: {ready: true}, targetRef: {kind: Pod, "
			"name: hl-1}}, "
			"{addresses: [10.244.1.12], conditions: {ready: true}, targetRef: {kind: Pod, name: hl-2}}]}\n";

static const char passthrough[] =
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: stock}, spec: "
	"{host: inventory, trafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}}}";

static const char no_resolution[] = "{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, "
				    "namespace: shop}, spec: {hosts: "
				    "[pods.example.com], addresses: [10.244.0.0/24], location: MESH_INTERNAL, "
				    "resolution: NONE, ports: [{number: 7000, "
				    "name: tcp, protocol: TCP}]}}";

static const char to_headless[] =
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: "
	"{hosts: [catalog], http: [{route: [{destination: {host: hl, port: {number: 80}}}]}]}}";

#define HL_HTTP "outbound|80||hl.shop.svc.cluster.local"
#define HL_TCP "outbound|3306||hl.shop.svc.cluster.local"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"
#define PODS "outbound|7000||pods.example.com"

static void start(struct scene *s, const struct proxy *p, const char *more)
{
	const char *const yaml[] = {world_shop, objects, more, NULL};

	*s = (struct scene){0};
	scene_init(s, p, yaml);
}

static const struct {
	const char *more, *cluster, *original;
	bool any;
	const char *to; /* NULL: any endpoint of the cluster */
} rows[] = {
	{NULL, HL_HTTP, "10.244.1.10", false, "10.244.1.10:8080 tls"},
	{NULL, HL_HTTP, "10.244.1.11", false, "10.244.1.11:8080 tls"},
	{NULL, HL_HTTP, "10.244.1.12", false, "10.244.1.12:8080 plain"},
	{NULL, HL_HTTP, "::ffff:10.244.1.10", false, "10.244.1.10:8080 tls"},
	{NULL, HL_HTTP, "10.244.1.99", false, "(none)"},
	{NULL, HL_HTTP, "10.244.1.99", true, NULL},
	{NULL, HL_HTTP, NULL, false, NULL},
	{NULL, HL_TCP, "10.244.1.11", false, "10.244.1.11:3306 tls"},
	{NULL, HL_TCP, "10.244.1.99", false, "(none)"},
	{passthrough, INVENTORY, "10.244.0.6", false, "10.244.0.6:8080 tls"},
	{passthrough, INVENTORY, "10.244.0.7", false, "10.244.0.7:8080 plain"},
	{passthrough, INVENTORY, "10.96.0.22", false, NULL},
	{no_resolution, PODS, "10.244.0.5", false, "10.244.0.5:7000 tls"},
	{no_resolution, PODS, "10.244.0.7", false, "10.244.0.7:7000 plain"},
	{no_resolution, PODS, "10.244.0.77", false, "10.244.0.77:80 plain"},
};

static void chosen(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "stock", "app=inventory");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;

		start(&s, &p, rows[i].more);
		/* Again and again: balancing would not hit the same endpoint each time. */
		for (int k = 0; k < 20; k++) {
			const char *got = stage_pick(s.stage, &a, rows[i].cluster, rows[i].original, rows[i].any);

			if (rows[i].to ? strcmp(got, rows[i].to) != 0 : strcmp(got, "(none)") == 0)
				fail_msg("row %zu: expected %s, got %s", i, rows[i].to ? rows[i].to : "one", got);
		}
		scene_done(&s);
	}
}

/* A gateway's client has chosen nothing. */
static void gateways_balance(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
	struct scene s;

	(void)state;
	start(&s, &p, NULL);
	assert_string_not_equal(stage_pick(s.stage, &a, HL_HTTP, NULL, false), "(none)");
	assert_int_equal(decide_cluster(&s.d, HL_HTTP).spec->original, CONFIG_ORIGINAL_IGNORED);
	scene_done(&s);
}

/* Whoever is sent to a headless service from another host takes any of its pods. */
static void routes_say_any(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct decide_conn web = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
	const struct decide_conn pod = {.ip = "10.244.1.10", .port = 80, .alpn = "http/1.1"};
	struct scene s;
	const struct route *r;

	(void)state;
	start(&s, &p, to_headless);
	r = decide_route(&s.d, &web, "catalog", "/");
	assert_string_equal(r->cluster.name, HL_HTTP);
	assert_true(r->any_endpoint);
	r = decide_route(&s.d, &pod, "hl-0.hl.shop", "/");
	assert_string_equal(r->cluster.name, HL_HTTP);
	assert_false(r->any_endpoint);
	scene_done(&s);
}

/* Envoy has the address alone: it speaks mutual TLS when all pods do. */
static void envoy(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct proxy p = world_proxy(&a, "sidecar", "stock", "app=inventory");
	struct scene s;
	struct config_cluster c;

	(void)state;
	p.weft = false;
	start(&s, &p, NULL);
	c = decide_cluster(&s.d, HL_HTTP);
	assert_int_equal(c.spec->type, CONFIG_CLUSTER_ORIGINAL_DST);
	assert_null(c.spec->transports[0].tls);
	scene_done(&s);
	start(&s, &p, POD("hl-2", "10.244.1.12", PROXIED));
	c = decide_cluster(&s.d, HL_HTTP);
	assert_non_null(c.spec->transports[0].tls);
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(chosen), cmocka_unit_test(gateways_balance),
					   cmocka_unit_test(routes_say_any), cmocka_unit_test(envoy)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
