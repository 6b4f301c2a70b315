/* Conditions of TCP and TLS rules: a rule whose match does not fit is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define VS(spec)                                                                                                       \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [db.shop.svc.cluster.local], " spec "}}"
#define SE_VS(hosts, spec)                                                                                             \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [" hosts "], " spec "}}"
#define TO(host) "route: [{destination: {host: " host "}}]"

/* Without addresses: found by port (9000), by server name (9443); gateways pass TCP on 5000 and TLS on 6443. */
static const char objects[] = "{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, "
			      "namespace: shop}, spec: {hosts: "
			      "[tcp.example.org], ports: [{number: 9000, name: tcp, protocol: TCP}, {number: 9443, "
			      "name: tls, protocol: TLS}], "
			      "resolution: DNS}}\n"
			      "---\n"
			      "{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: g, namespace: "
			      "shop}, spec: {selector: "
			      "{istio: gw}, servers: [{port: {number: 5000, name: tcp, protocol: TCP}, hosts: ['*']}, "
			      "{port: {number: 6443, name: "
			      "tls, protocol: TLS}, hosts: ['*'], tls: {mode: PASSTHROUGH}}]}}\n";

#define DB "outbound|5432||db.shop.svc.cluster.local"
#define CATALOG "outbound|8080||catalog.shop.svc.cluster.local"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"
#define AT_DB .ip = "10.96.0.23", .port = 5432

static const struct {
	const char *rules;
	struct decide_conn conn;
	const char *to;
	bool router;
} rows[] = {
	/* Services with an address. */
	{VS("tcp: [{match: [{port: 5432}], " TO("catalog") "}]"), {AT_DB}, CATALOG, false},
	{VS("tcp: [{match: [{port: 1}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("tcp: [{match: [{destinationSubnets: [203.0.113.0/24]}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("tcp: [{match: [{destinationSubnets: [203.0.113.0/24, 10.96.0.0/16]}], " TO("catalog") "}]"),
	 {AT_DB},
	 CATALOG,
	 false},
	{VS("tcp: [{match: [{destinationSubnets: [10.96.0.23]}], " TO("catalog") "}, {" TO(
		 "inventory.stock.svc.cluster."
		 "local") "}]"),
	 {AT_DB},
	 CATALOG,
	 false},
	{VS("tcp: [{match: [{destinationSubnets: [10.96.0.24]}], " TO("catalog") "}, {" TO(
		 "inventory.stock.svc.cluster."
		 "local") "}]"),
	 {AT_DB},
	 INVENTORY,
	 false},
	{VS("tcp: [{match: [{sourceSubnet: 10.244.0.0/24}], " TO("catalog") "}]"),
	 {AT_DB, .from = "10.244.0.5"},
	 CATALOG,
	 false},
	{VS("tcp: [{match: [{sourceSubnet: 10.244.0.0/24}], " TO("catalog") "}]"),
	 {AT_DB, .from = "10.244.1.5"},
	 DB,
	 false},
	{VS("tcp: [{match: [{sourceSubnet: nonsense}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("tcp: [{match: [{destinationSubnets: ['10.0.0.0/64']}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("tcp: [{match: [{sourceNamespace: shop}], " TO("catalog") "}]"), {AT_DB}, CATALOG, false},
	{VS("tcp: [{match: [{sourceNamespace: stock}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("tcp: [{match: [{sourceLabels: {app: catalog}}], " TO("catalog") "}]"), {AT_DB}, CATALOG, false},
	{VS("tcp: [{match: [{sourceLabels: {app: other}}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("gateways: [mesh, g], tcp: [{match: [{gateways: [g]}], " TO("catalog") "}]"), {AT_DB}, DB, false},
	{VS("gateways: [mesh, g], tcp: [{match: [{gateways: [mesh]}], " TO("catalog") "}]"), {AT_DB}, CATALOG, false},
	/* Any of the matches of one rule is enough. */
	{VS("tcp: [{match: [{port: 1}, {sourceNamespace: stock}, {port: 5432}], " TO("catalog") "}]"),
	 {AT_DB},
	 CATALOG,
	 false},
	/* Without an address the proxy compares; the first rule counts also where a later one is narrower. */
	{SE_VS("tcp.example.org", "tcp: [{match: [{destinationSubnets: [192.0.2.0/24]}], " TO("catalog") "}]"),
	 {.ip = "192.0.2.7", .port = 9000},
	 CATALOG,
	 false},
	{SE_VS("tcp.example.org", "tcp: [{match: [{destinationSubnets: [192.0.2.0/24]}], " TO("catalog") "}]"),
	 {.ip = "198.51.100.7", .port = 9000},
	 "outbound|9000||tcp.example.org",
	 false},
	{SE_VS("tcp.example.org", "tcp: [{match: [{destinationSubnets: [192.0.2.0/24]}], " TO(
					  "catalog") "}, {match: "
						     "[{destinationSubnets: [192.0.2.7]}], " TO("db") "}]"),
	 {.ip = "192.0.2.7", .port = 9000},
	 CATALOG,
	 false},
	{SE_VS("tcp.example.org", "tcp: [{match: [{destinationSubnets: [192.0.2.7]}], " TO(
					  "catalog") "}, {match: "
						     "[{destinationSubnets: [192.0.2.0/24]}], " TO(
							     "inventory.stock.svc.cluster.local") "}]"),
	 {.ip = "192.0.2.8", .port = 9000},
	 INVENTORY,
	 false},
	/* A network of the source does not hide the rule of the destination's network. */
	{SE_VS("tcp.example.org",
	       "tcp: [{match: [{destinationSubnets: [192.0.2.7], sourceSubnet: 10.244.9.0/24}], " TO(
		       "catalog") "}, {match: [{destinationSubnets: [192.0.2.0/24]}], " TO("inventory."
											   "stock.svc."
											   "cluster."
											   "local") "}]"),
	 {.ip = "192.0.2.7", .port = 9000},
	 INVENTORY,
	 false},
	{SE_VS("tcp.example.org",
	       "tls: [{match: [{sniHosts: [tcp.example.org], destinationSubnets: [192.0.2.0/24]}], " TO(
		       "catalog") "}]"),
	 {.ip = "192.0.2.7", .port = 9443, .tls = true, .sni = "tcp.example.org"},
	 CATALOG,
	 false},
	{SE_VS("tcp.example.org",
	       "tls: [{match: [{sniHosts: [tcp.example.org], destinationSubnets: [192.0.2.0/24]}], " TO(
		       "catalog") "}]"),
	 {.ip = "198.51.100.7", .port = 9443, .tls = true, .sni = "tcp.example.org"},
	 "outbound|9443||tcp.example.org",
	 false},
	{SE_VS("tcp.example.org",
	       "tls: [{match: [{sniHosts: [tcp.example.org], sourceNamespace: stock}], " TO("catalog") "}]"),
	 {.ip = "192.0.2.7", .port = 9443, .tls = true, .sni = "tcp.example.org"},
	 "outbound|9443||tcp.example.org",
	 false},
	/* Gateways. */
	{SE_VS("a.example.com",
	       "gateways: [g], tcp: [{match: [{port: 5000, sourceSubnet: 10.244.0.0/24}], " TO("catalog") "}]"),
	 {.listener = "0.0.0.0_5000", .port = 5000, .from = "10.244.0.5"},
	 CATALOG,
	 true},
	{SE_VS("a.example.com",
	       "gateways: [g], tcp: [{match: [{port: 5000, sourceSubnet: 10.244.0.0/24}], " TO("catalog") "}]"),
	 {.listener = "0.0.0.0_5000", .port = 5000, .from = "192.0.2.1"},
	 "BlackHoleCluster",
	 true},
	{SE_VS("a.example.com",
	       "gateways: [g.shop], tcp: [{match: [{gateways: [g.shop.svc.cluster.local]}], " TO("catalog") "}]"),
	 {.listener = "0.0.0.0_5000", .port = 5000},
	 CATALOG,
	 true},
	{SE_VS("a.example.com",
	       "gateways: [g], tls: [{match: [{sniHosts: [a.example.com], gateways: [other]}], " TO("catalog") "}]"),
	 {.listener = "0.0.0.0_6443", .port = 6443, .tls = true, .sni = "a.example.com"},
	 "(none)",
	 true},
	{SE_VS("a.example.com",
	       "gateways: [g], tls: [{match: [{sniHosts: [a.example.com], gateways: [g]}], " TO("catalog") "}]"),
	 {.listener = "0.0.0.0_6443", .port = 6443, .tls = true, .sni = "a.example.com"},
	 CATALOG,
	 true},
};

static void goes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, objects, rows[i].rules, NULL};
		const struct proxy p = rows[i].router ? world_proxy(&a, "router", "shop", "istio=gw")
						      : world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct world w;
		struct decide d;
		const char *got;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		got = decide_tcp(&d, &a, &rows[i].conn);
		if (strcmp(got, rows[i].to) != 0)
			fail_msg("row %zu: expected %s, got %s", i, rows[i].to, got);
		decide_done(&d);
		world_done(&w);
	}
}

static void nonsense_is_told(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {
		world_shop,
		VS("tcp: [{match: [{destinationSubnets: [10.96.0.0/16, x]}, {sourceSubnet: why}], " TO("catalog") "}]"),
		NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct decide_conn c = {AT_DB};
	struct world w;
	struct decide d;

	(void)state;
	world_init(&w, "", yaml);
	decide_init(&d, &w, &p);
	assert_non_null(decide_note(&d, "v", "spec.tcp[0].match[0].destinationSubnets[1]"));
	assert_non_null(decide_note(&d, "v", "spec.tcp[0].match[1].sourceSubnet"));
	assert_string_equal(decide_tcp(&d, &a, &c), CATALOG); /* the good half counts */
	decide_done(&d);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(goes), cmocka_unit_test(nonsense_is_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
