/* Workloads outside Kubernetes as endpoints: selected by entries and by Services, with identity, ports and health. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define SE                                                                                                             \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: vm, namespace: shop}, spec: "  \
	"{hosts: "                                                                                                     \
	"[vm.example.com], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 8000}], location: "            \
	"MESH_INTERNAL, "                                                                                              \
	"resolution: STATIC, workloadSelector: {labels: {app: vm}}}}"
#define SVC                                                                                                            \
	"{apiVersion: v1, kind: Service, metadata: {name: vm, namespace: shop}, spec: {clusterIP: 10.96.0.50, "        \
	"selector: "                                                                                                   \
	"{app: vm}, ports: [{name: http, port: 80, targetPort: web}]}}"
#define WE(meta, spec)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: WorkloadEntry, metadata: {name: w, " meta "}, spec: {" spec   \
	"}}"
#define IN "namespace: shop"

#define ENTRY "outbound|80||vm.example.com"
#define SERVICE "outbound|80||vm.shop.svc.cluster.local"

static const struct {
	const char *service, *workload;
	const char *cluster, *address; /* NULL: none */
	bool tls;
} rows[] = {
	{SE, WE(IN, "address: 192.0.2.7, labels: {app: vm}"), ENTRY, "192.0.2.7:8000", false},
	{SE, WE(IN, "address: 192.0.2.7, labels: {app: vm}, ports: {http: 9000}"), ENTRY, "192.0.2.7:9000", false},
	{SE, WE(IN, "address: 192.0.2.7, labels: {app: vm}, serviceAccount: vm"), ENTRY, "192.0.2.7:8000", true},
	{SE, WE(IN, "address: 192.0.2.7, labels: {app: vm, security.istio.io/tlsMode: istio}"), ENTRY, "192.0.2.7:8000",
	 true},
	{SE, WE(IN, "address: 192.0.2.7, labels: {app: vm, security.istio.io/tlsMode: disabled}, serviceAccount: vm"),
	 ENTRY, "192.0.2.7:8000", false},
	{SE, WE(IN, "address: 192.0.2.7, labels: {app: other}"), ENTRY, NULL, false},
	{SE, WE("namespace: stock", "address: 192.0.2.7, labels: {app: vm}"), ENTRY, NULL, false},
	{SE, WE(IN ", labels: {app: vm}", "address: 192.0.2.7"), ENTRY, "192.0.2.7:8000", false},
	{SE, WE(IN ", labels: {app: other}", "address: 192.0.2.7, labels: {app: vm}"), ENTRY, NULL, false},
	{SE,
	 WE(IN ", annotations: {proxy.istio.io/health-checks-enabled: 'true'}",
	    "address: 192.0.2.7, labels: {app: vm}"),
	 ENTRY, NULL, false},
	{SVC, WE(IN, "address: 192.0.2.7, labels: {app: vm}, ports: {web: 7000}"), SERVICE, "192.0.2.7:7000", false},
	{SVC, WE(IN, "address: 192.0.2.7, labels: {app: vm}, ports: {http: 7001}, serviceAccount: vm"), SERVICE,
	 "192.0.2.7:7001", true},
	{SVC, WE(IN, "address: 192.0.2.7, labels: {app: vm}"), SERVICE, NULL, false}, /* "web" is nowhere */
};

static void endpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].service, rows[i].workload, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct config_cluster c;
		char text[ADDR_TEXT_MAX];
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		c = decide_cluster(&d, rows[i].cluster);
		if (c.endpoints->n != (rows[i].address != NULL))
			fail_msg("row %zu: %zu endpoints", i, c.endpoints->n);
		if (rows[i].address) {
			assert_string_equal(addr_format(&c.endpoints->v[0].address, text), rows[i].address);
			assert_int_equal(c.endpoints->v[0].transport->tls != NULL, rows[i].tls);
		}
		decide_done(&d);
		world_done(&w);
	}
}

/* A workload that comes, changes its health and goes is seen by the next snapshot. */
static void changes(void **state)
{
	static const char healthy[] =
		"{apiVersion: networking.istio.io/v1beta1, kind: WorkloadEntry, metadata: {name: w, namespace: shop, "
		"annotations: {proxy.istio.io/health-checks-enabled: 'true'}}, spec: {address: 192.0.2.7, labels: "
		"{app: vm}, "
		"locality: r/z/s, weight: 3}, status: {conditions: [{type: Healthy, status: 'True'}]}}";
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop, SE, NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct config_endpoint *e;
	struct world w;
	struct decide d;

	(void)state;
	world_init(&w, "", yaml);
	world_put(&w, healthy);
	world_rebuild(&w, mesh_change_of(&api_kind_workload_entry));
	decide_init(&d, &w, &p);
	assert_int_equal(decide_cluster(&d, ENTRY).endpoints->n, 1);
	e = &decide_cluster(&d, ENTRY).endpoints->v[0];
	assert_int_equal(e->weight, 3);
	assert_string_equal(e->region, "r");
	assert_string_equal(e->workload, "w");
	decide_done(&d);
	world_put(&w, WE(IN ", annotations: {proxy.istio.io/health-checks-enabled: 'true'}",
			 "address: 192.0.2.7, labels: {app: vm}"));
	world_rebuild(&w, mesh_change_of(&api_kind_workload_entry));
	decide_init(&d, &w, &p);
	assert_int_equal(decide_cluster(&d, ENTRY).endpoints->n, 0);
	decide_done(&d);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(endpoints), cmocka_unit_test(changes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
