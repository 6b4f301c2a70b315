/* Outbound ports that services and strangers share: HTTP goes to the routes, all else where it wanted to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

/* An HTTP port of the mesh (8080, 80), a TLS host without address on 8080, TCP without address on 9000. */
static const char objects[] =
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: tls, namespace: shop}, spec: "
	"{hosts: "
	"[tls.example.org], ports: [{number: 8080, name: tls, protocol: TLS}], resolution: DNS}}\n"
	"---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: tcp, namespace: shop}, spec: "
	"{hosts: "
	"[tcp.example.org], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: DNS}}\n";

#define REGISTRY_ONLY                                                                                                  \
	"{apiVersion: networking.istio.io/v1beta1, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: "        \
	"{outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}"

static const struct {
	const char *more; /* objects besides */
	struct decide_conn conn;
	const char *goes_to;
} rows[] = {
	{"", {.ip = "192.0.2.7", .port = 8080}, "PassthroughCluster"},
	{"", {.ip = "192.0.2.7", .port = 8080, .alpn = "http/1.1"}, "(http)"},
	{"", {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"}, "(http)"},
	{"", {.ip = "192.0.2.7", .port = 8080, .alpn = "h2c"}, "(http)"},
	{"", {.ip = "192.0.2.7", .port = 8080, .tls = true}, "PassthroughCluster"},
	{"", {.ip = "192.0.2.7", .port = 8080, .tls = true, .sni = "a.b", .alpn = "http/1.1"}, "PassthroughCluster"},
	{"", {.ip = "192.0.2.7", .port = 80, .tls = true, .sni = "a.b"}, "PassthroughCluster"},
	{"",
	 {.ip = "192.0.2.7", .port = 8080, .tls = true, .sni = "tls.example.org"},
	 "outbound|8080||tls.example.org"},
	{"", {.ip = "192.0.2.7", .port = 9000}, "outbound|9000||tcp.example.org"},
	{"", {.ip = "192.0.2.7", .port = 4444}, "PassthroughCluster"},
	{"", {.ip = "10.96.0.23", .port = 5432}, "outbound|5432||db.shop.svc.cluster.local"},
	{REGISTRY_ONLY, {.ip = "192.0.2.7", .port = 8080}, "BlackHoleCluster"},
	{REGISTRY_ONLY, {.ip = "192.0.2.7", .port = 8080, .tls = true}, "BlackHoleCluster"},
	{REGISTRY_ONLY, {.ip = "192.0.2.7", .port = 8080, .alpn = "http/1.1"}, "(http)"},
	{REGISTRY_ONLY, {.ip = "192.0.2.7", .port = 4444}, "BlackHoleCluster"},
};

static void goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, objects, *rows[i].more ? rows[i].more : NULL, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct world w;
		struct decide d;
		const char *got;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		got = decide_tcp(&d, &a, &rows[i].conn);
		if (strcmp(got, rows[i].goes_to) != 0)
			fail_msg("row %zu, %s:%u: expected %s, got %s", i, rows[i].conn.ip, rows[i].conn.port,
				 rows[i].goes_to, got);
		decide_done(&d);
		world_done(&w);
	}
}

/* A server that speaks first is reached when the client stays silent for as long as the mesh says; 0 = for ever. */
static void silent_clients(void **state)
{
	static const struct {
		const char *mesh;
		int64_t timeout_ns;
	} meshes[] = {{"", 0}, {"protocolDetectionTimeout: 0s", 0}, {"protocolDetectionTimeout: 2s", 2000000000}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(meshes); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, objects, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct world w;
		struct decide d;
		struct addr to;
		struct config_listener *l;

		world_init(&w, meshes[i].mesh, yaml);
		decide_init(&d, &w, &p);
		assert_int_equal(addr_parse(SLICE("192.0.2.7"), 8080, &to), 0);
		l = config_listener_for(d.config, &to);
		assert_true(config_sniff_applies(&l->http_inspector, 8080));
		assert_true(config_sniff_applies(&l->tls_inspector, 8080));
		assert_int_equal(l->sniff_timeout_ns, meshes[i].timeout_ns);
		assert_true(l->continue_on_sniff_timeout);
		/* Nothing is looked at where a service has the address for itself: its greeting comes at once. */
		assert_int_equal(addr_parse(SLICE("10.96.0.23"), 5432, &to), 0);
		l = config_listener_for(d.config, &to);
		assert_false(l->http_inspector.on || l->tls_inspector.on);
		decide_done(&d);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(goes), cmocka_unit_test(silent_clients)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
