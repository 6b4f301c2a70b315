/* Consistent hashing: what a DestinationRule asks for is what routes and TCP proxies hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define DR(host, hash)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: shop}, "      \
	"spec: "                                                                                                       \
	"{host: " host ", trafficPolicy: {loadBalancer: {consistentHash: " hash "}}}}"
#define VS                                                                                                             \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}}"

static const struct {
	const char *rule, *vs;
	int kind; /* -1: nothing is hashed */
	const char *name, *path;
	int64_t ttl_s;
} rows[] = {
	{DR("catalog", "{httpCookie: {name: basket, path: /cart, ttl: 90s}}"), NULL, ROUTE_HASH_COOKIE, "basket",
	 "/cart", 90},
	{DR("catalog", "{httpCookie: {name: basket, ttl: 0s}}"), NULL, ROUTE_HASH_COOKIE, "basket", "", 0},
	{DR("catalog", "{httpCookie: {name: basket}}"), NULL, ROUTE_HASH_COOKIE, "basket", "", -1},
	{DR("catalog", "{httpCookie: {name: basket, path: /cart, ttl: 90s}}"), VS, ROUTE_HASH_COOKIE, "basket", "/cart",
	 90},
	{DR("catalog", "{httpHeaderName: X-User}"), VS, ROUTE_HASH_HEADER, "x-user", "", 0},
	{DR("catalog", "{httpQueryParameterName: q}"), VS, ROUTE_HASH_QUERY, "q", "", 0},
	{DR("catalog", "{useSourceIp: true}"), VS, ROUTE_HASH_SOURCE_IP, "", "", 0},
	{DR("catalog", "{httpCookie: {name: \"a\\r\\nb\", ttl: 90s}}"), NULL, -1, NULL, NULL, 0},
	{DR("catalog", "{httpCookie: {name: a, path: '/;x', ttl: 90s}}"), NULL, -1, NULL, NULL, 0},
	{DR("db", "{useSourceIp: true}"), NULL, -1, NULL, NULL, 0},
};

static void http(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].rule, rows[i].vs, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
		const struct route *r;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		r = decide_route(&d, &c, "catalog", "/");
		assert_int_equal(r->n_hashes, rows[i].kind >= 0);
		if (rows[i].kind >= 0) {
			assert_int_equal(r->hashes[0].kind, rows[i].kind);
			assert_true(slice_eq_str(r->hashes[0].name, rows[i].name));
			assert_true(slice_eq_str(r->hashes[0].path, rows[i].path));
			if (rows[i].kind == ROUTE_HASH_COOKIE)
				assert_int_equal(r->hashes[0].cookie_ttl_s, rows[i].ttl_s);
		} else if (strstr(rows[i].rule, "httpCookie")) {
			assert_non_null(
				decide_note(&d, "d", "spec.trafficPolicy.loadBalancer.consistentHash.httpCookie"));
		}
		decide_done(&d);
		world_done(&w);
	}
}

static void tcp(void **state)
{
	static const struct {
		const char *rule;
		bool hashes;
	} cases[] = {{DR("db", "{useSourceIp: true}"), true},
		     {DR("db", "{httpHeaderName: x}"), false},
		     {DR("catalog", "{useSourceIp: true}"), false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, cases[i].rule, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct decide_conn c = {.ip = "10.96.0.23", .port = 5432};
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		assert_int_equal(decide_chain(&d, &c)->tcp->hash_source_ip, cases[i].hashes);
		decide_done(&d);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(http), cmocka_unit_test(tcp)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
