/* Nearer endpoints first, where failures are looked for and nobody switches it off. */
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
	"192.0.2.1, locality: r1/z1/s1}, {address: 192.0.2.2, locality: r1/z1/s2}, {address: 192.0.2.3, locality: "    \
	"r1/z2}, "                                                                                                     \
	"{address: 192.0.2.4, locality: r2/z1}, {address: 192.0.2.5, locality: r3/z1}]}}"
#define DR(policy)                                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: shop}, "      \
	"spec: "                                                                                                       \
	"{host: far.example.com, trafficPolicy: {" policy "}}}"
#define OUTLIER "outlierDetection: {consecutive5xxErrors: 3}"
#define FAR_AWAY "outbound|80||far.example.com"

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
	{"",
	 DR(OUTLIER ", loadBalancer: {localityLbSetting: {failover: [{from: r1, to: r3}]}}"),
	 "app=catalog,istio-locality=r1.z1.s1",
	 {0, 1, 2, 4, 3}},
};

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
			char text[ADDR_TEXT_MAX];
			const unsigned number = (unsigned)(addr_format_host(&e->v[k].address, text)[8] - '1');

			if (e->v[k].priority != rows[i].priorities[number])
				fail_msg("row %zu: 192.0.2.%u has priority %u", i, number + 1, e->v[k].priority);
		}
		decide_done(&d);
		world_done(&w);
	}
}

/* Two proxies of one namespace at two places do not share what depends on the place. */
static void not_shared(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop, SE, DR(OUTLIER), NULL};
	const struct proxy p[] = {world_proxy(&a, "sidecar", "shop", "app=catalog,istio-locality=r1.z1.s1"),
				  world_proxy(&a, "sidecar", "shop", "app=catalog,istio-locality=r3.z1")};
	struct compile_cache cache = {0};
	struct compile_result r[2];
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	for (int i = 0; i < 2; i++)
		compile_view(w.snap, &p[i], 1u << XDS_ENDPOINT, &w.pool, &cache, &r[i]);
	assert_ptr_not_equal(xds_set_find(r[0].sets[XDS_ENDPOINT], SLICE(FAR_AWAY)),
			     xds_set_find(r[1].sets[XDS_ENDPOINT], SLICE(FAR_AWAY)));
	for (int i = 0; i < 2; i++)
		compile_result_done(&r[i]);
	compile_cache_clear(&cache);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(priorities), cmocka_unit_test(not_shared)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
