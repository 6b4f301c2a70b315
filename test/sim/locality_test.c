/* Nearer endpoints first, where failures are looked for and nobody switches it off; shares of the traffic by place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define SE                                                                                                             \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, namespace: shop}, spec: "   \
	"{hosts: "                                                                                                     \
	"[far.example.com], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, endpoints: "        \
	"[{address: "                                                                                                  \
	"192.0.2.1, locality: r1/z1/s1, labels: {net: a, ver: v1}}, {address: 192.0.2.2, locality: r1/z1/s2, labels: " \
	"{net: a, ver: v2}}, {address: 192.0.2.3, locality: r1/z2, labels: {net: b, ver: v1}}, "                       \
	"{address: 192.0.2.4, locality: r2/z1, labels: {net: b}}, {address: 192.0.2.5, locality: r3/z1}]}}"
#define DR(policy)                                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: shop}, "      \
	"spec: "                                                                                                       \
	"{host: far.example.com, trafficPolicy: {" policy "}}}"
#define OUTLIER "outlierDetection: {consecutive5xxErrors: 3}"
#define FAR_AWAY "outbound|80||far.example.com"

#define NEAR "app=catalog,istio-locality=r1.z1.s1"
#define LABELS(list) "loadBalancer: {localityLbSetting: {failoverPriority: " list "}}"

static const struct {
	const char *mesh, *rule, *labels;
	uint32_t priorities[5];
} rows[] = {
	{"", DR(OUTLIER), "app=catalog,istio-locality=r1.z1.s1", {0, 1, 2, 3, 3}},
	{"", DR(OUTLIER), "app=catalog,istio-locality=r1.z1.s2", {1, 0, 2, 3, 3}},
	{"", DR(OUTLIER), "app=catalog,istio-locality=r3/z1", {1, 1, 1, 1, 0}},
	{"",
	 DR(OUTLIER),
	 "app=catalog,topology.kubernetes.io/region=r1,topology.kubernetes.io/zone=z2",
	 {1, 1, 0, 2, 2}},
	{"", DR("loadBalancer: {simple: RANDOM}"), "app=catalog,istio-locality=r1.z1.s1", {0}},
	{"", DR(OUTLIER), "app=catalog", {0}},
	{"",
	 DR(OUTLIER ", loadBalancer: {localityLbSetting: {enabled: false}}"),
	 "app=catalog,istio-locality=r1.z1.s1",
	 {0}},
	{"localityLbSetting: {enabled: false}", DR(OUTLIER), "app=catalog,istio-locality=r1.z1.s1", {0}},
	{"localityLbSetting: {enabled: false}",
	 DR(OUTLIER ", loadBalancer: {localityLbSetting: {enabled: true}}"),
	 "app=catalog,istio-locality=r1.z1.s1",
	 {0, 1, 2, 3, 3}},
	{"localityLbSetting: {enabled: false}",
	 DR(OUTLIER ", loadBalancer: {localityLbSetting: {failover: [{from: r1, to: r3}]}}"),
	 "app=catalog,istio-locality=r1.z1.s1",
	 {0}},
	{"",
	 DR(OUTLIER ", loadBalancer: {localityLbSetting: {failover: [{from: r1, to: r3}]}}"),
	 "app=catalog,istio-locality=r1.z1.s1",
	 {0, 1, 2, 4, 3}},
	/* By labels: the first that differs says how far it is. */
	{"", DR(OUTLIER ", " LABELS("[net, ver]")), NEAR ",net=a,ver=v1", {0, 1, 2, 2, 2}},
	{"", DR(OUTLIER ", " LABELS("[ver, net]")), NEAR ",net=a,ver=v1", {0, 2, 1, 2, 2}},
	{"", DR(OUTLIER ", " LABELS("['ver=v2']")), NEAR ",net=a,ver=v1", {1, 0, 1, 1, 1}},
	{"", DR(OUTLIER ", " LABELS("[net]")), NEAR, {1, 1, 1, 1, 0}}, /* the last has as little of it as the client */
	{"", DR(OUTLIER ", " LABELS("[net]")), "app=catalog,net=a", {0, 0, 1, 1, 1}},
	{"",
	 DR(OUTLIER ", " LABELS("[topology.kubernetes.io/region, topology.kubernetes.io/zone]")),
	 NEAR,
	 {0, 0, 1, 2, 2}},
	{"", DR(OUTLIER ", " LABELS("[topology.istio.io/subzone]")), NEAR, {0, 1, 1, 1, 1}},
	{"", DR(OUTLIER ", " LABELS("[net], failover: [{from: r1, to: r3}]")), NEAR ",net=a", {0, 1, 2, 4, 3}},
	{"", DR(LABELS("[net, ver]")), NEAR ",net=a,ver=v1", {0}},
	{"localityLbSetting: {failoverPriority: [net]}", DR(OUTLIER), NEAR ",net=a", {0, 0, 1, 1, 1}},
};

#define SHARES(list) "loadBalancer: {localityLbSetting: {distribute: [" list "]}}"
#define OF_MESH(list) "localityLbSetting: {distribute: [" list "]}"

/* Weights of the localities of the five endpoints; 0 = the endpoint is left out. */
static const struct {
	const char *mesh, *rule, *labels;
	uint32_t weights[5];
	bool off; /* localities are not weighted at all */
} shares[] = {
	{"", DR(SHARES("{from: r1, to: {r1: 80, r2: 20}}")), NEAR, {27, 27, 27, 20, 0}},
	{"", DR(SHARES("{from: r1/z1/s1, to: {r1/z1/s1: 70, r1/z1/s2: 20, r1/z2: 10}}")), NEAR, {70, 20, 10, 0, 0}},
	{"", DR(SHARES("{from: r1/*, to: {r1/z1/*: 90, '*': 10}}")), NEAR, {45, 45, 4, 4, 4}},
	{"", DR(SHARES("{from: r2, to: {r2: 100}}, {from: '*', to: {r3/*: 100}}")), NEAR, {0, 0, 0, 0, 100}},
	{"", DR(SHARES("{from: r1/z1/s1, to: {r2: 100}}, {from: r1, to: {r3: 100}}")), NEAR, {0, 0, 0, 100, 0}},
	{"", DR(SHARES("{from: r1/z2, to: {r2: 100}}")), NEAR, {1, 1, 1, 1, 1}}, /* another place than the client's */
	{"", DR(SHARES("{from: r1, to: {r1: 100}}")), "app=catalog", {1, 1, 1, 1, 1}}, /* which is not known */
	{"", DR(SHARES("{from: '*', to: {r2: 100}}")), "app=catalog", {0, 0, 0, 100, 0}},
	/* Failures are looked for: shares count all the same, and nothing else. */
	{"", DR(OUTLIER ", " SHARES("{from: r1, to: {r1: 80, r2: 20}}")), NEAR, {27, 27, 27, 20, 0}},
	{OF_MESH("{from: r1, to: {r2: 60, r3: 40}}"), DR("loadBalancer: {simple: RANDOM}"), NEAR, {0, 0, 0, 60, 40}},
	/* The rule's replace the mesh's, and the mesh's word on whether locality counts. */
	{OF_MESH("{from: r1, to: {r2: 100}}"), DR(SHARES("{from: r1, to: {r3: 100}}")), NEAR, {0, 0, 0, 0, 100}},
	{OF_MESH("{from: r1, to: {r2: 100}}"),
	 DR("loadBalancer: {localityLbSetting: {}}"),
	 NEAR,
	 {1, 1, 1, 1, 1},
	 true},
	{"localityLbSetting: {enabled: false}", DR(SHARES("{from: r1, to: {r2: 100}}")), NEAR, {1, 1, 1, 1, 1}, true},
	{"",
	 DR("loadBalancer: {localityLbSetting: {enabled: false, distribute: [{from: r1, to: {r2: 100}}]}}"),
	 NEAR,
	 {1, 1, 1, 1, 1},
	 true},
	{"",
	 DR(SHARES("{from: r1, to: {r2: 100}}") ", portLevelSettings: [{port: {number: 80}, " SHARES(
		 "{from: r1, to: {r3: 100}}") "}]"),
	 NEAR,
	 {0, 0, 0, 0, 100}},
	{"",
	 DR("portLevelSettings: [{port: {number: 80}, tls: {}}], " SHARES("{from: r1, to: {r2: 100}}")),
	 NEAR,
	 {1, 1, 1, 1, 1},
	 true},
	/* The client has chosen the address: its endpoint says how it is spoken to, wherever it is. */
	{"",
	 DR("loadBalancer: {simple: PASSTHROUGH, localityLbSetting: {distribute: [{from: r1, to: {r2: 100}}]}}"),
	 NEAR,
	 {1, 1, 1, 1, 1},
	 true},
};

static unsigned number_of(const struct config_endpoint *e)
{
	char text[ADDR_TEXT_MAX];

	return (unsigned)(addr_format_host(&e->address, text)[8] - '1');
}

static void weights(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, SE, shares[i].rule, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", shares[i].labels);
		struct config_cluster c;
		uint32_t got[5] = {0};
		struct world w;
		struct decide d;

		world_init(&w, shares[i].mesh, yaml);
		decide_init(&d, &w, &p);
		c = decide_cluster(&d, FAR_AWAY);
		for (size_t k = 0; k < c.endpoints->n; k++) {
			assert_int_equal(c.endpoints->v[k].priority, 0);
			got[number_of(&c.endpoints->v[k])] = c.endpoints->v[k].locality_weight;
		}
		for (size_t k = 0; k < 5; k++)
			if (got[k] != shares[i].weights[k])
				fail_msg("shares %zu: 192.0.2.%zu weighs %u", i, k + 1, got[k]);
		if (c.spec->balance.locality_weighted == shares[i].off)
			fail_msg("shares %zu: are localities weighted?", i);
		decide_done(&d);
		world_done(&w);
	}
}

static void priorities(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, SE, rows[i].rule, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", rows[i].labels);
		const struct config_endpoints *e;
		struct world w;
		struct decide d;

		world_init(&w, rows[i].mesh, yaml);
		decide_init(&d, &w, &p);
		e = decide_cluster(&d, FAR_AWAY).endpoints;
		assert_int_equal(e->n, 5);
		for (size_t k = 0; k < e->n; k++) {
			const unsigned number = number_of(&e->v[k]);

			if (e->v[k].priority != rows[i].priorities[number])
				fail_msg("row %zu: 192.0.2.%u has priority %u", i, number + 1, e->v[k].priority);
		}
		decide_done(&d);
		world_done(&w);
	}
}

/* Two proxies of one namespace at two places do not share what depends on the place, or on labels that are asked for.
 */
static void not_shared(void **state)
{
	static const struct {
		const char *rule, *labels[2];
		bool shared;
	} pairs[] = {
		{DR(OUTLIER), {NEAR, "app=catalog,istio-locality=r3.z1"}, false},
		{DR(OUTLIER), {NEAR ",net=a", NEAR ",net=b"}, true},
		{DR(OUTLIER ", " LABELS("[net]")), {NEAR ",net=a", NEAR ",net=b"}, false},
		{DR(OUTLIER ", " LABELS("[net]")), {NEAR ",net=a", NEAR ",net=a,ver=v1"}, true},
		{DR(OUTLIER ", " LABELS("['net=a']")), {NEAR ",net=a", NEAR ",net=b"}, true},
		{DR("portLevelSettings: [{port: {number: 80}, " OUTLIER ", " LABELS("[net]") "}]"),
		 {NEAR ",net=a", NEAR ",net=b"},
		 false},
	};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(pairs); k++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, SE, pairs[k].rule, NULL};
		struct compile_cache cache = {0};
		struct compile_result r[2];
		struct world w;

		world_init(&w, "", yaml);
		for (int i = 0; i < 2; i++) {
			const struct proxy p = world_proxy(&a, "sidecar", "shop", pairs[k].labels[i]);

			compile_view(w.snap, &p, 1u << XDS_ENDPOINT, &w.pool, &cache, &r[i]);
		}
		if ((xds_set_find(r[0].sets[XDS_ENDPOINT], SLICE(FAR_AWAY)) ==
		     xds_set_find(r[1].sets[XDS_ENDPOINT], SLICE(FAR_AWAY))) != pairs[k].shared)
			fail_msg("pair %zu", k);
		for (int i = 0; i < 2; i++)
			compile_result_done(&r[i]);
		compile_cache_clear(&cache);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(priorities), cmocka_unit_test(weights),
					   cmocka_unit_test(not_shared)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
