/* The table of names that a proxy's DNS gets: who is in it, with which addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "istio/nds.pb-c.h"
#include "world.h"
#include "xds/pb.h"

#define TYPES (1u << XDS_NAME_TABLE)

#define SERVICE(name, spec)                                                                                            \
	"{apiVersion: v1, kind: Service, metadata: {name: " name ", namespace: shop}, spec: {" spec                    \
	", ports: [{name: tcp, port: 1}]}}\n---\n"
#define SLICE_OF(name, service, endpoints)                                                                             \
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: {name: " name             \
	", namespace: shop, labels: {kubernetes.io/service-name: " service                                             \
	"}}, ports: [{name: tcp, port: 1}], endpoints: [" endpoints "]}\n---\n"
#define ENTRY_OF(ns, name, spec)                                                                                       \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: " name ", namespace: " ns      \
	"}, spec: {ports: [{number: 1, name: tcp, protocol: TCP}], " spec "}}\n---\n"
#define ENTRY(name, spec) ENTRY_OF("shop", name, spec)
#define SIDECAR(hosts)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: "        \
	"{egress: [{hosts: [" hosts "]}]}}\n---\n"

#define SHOP                                                                                                           \
	"catalog.shop.svc.cluster.local=10.96.0.21 Kubernetes catalog shop\n"                                          \
	"db.shop.svc.cluster.local=10.96.0.23 Kubernetes db shop\n"
#define STOCK "inventory.stock.svc.cluster.local=10.96.0.22 Kubernetes inventory stock\n"

static const struct {
	const char *why, *yaml, *want; /* beside world_shop, of a sidecar in shop */
} rows[] = {
	{"addresses of Services", "", SHOP STOCK},
	{"both families", SERVICE("two", "clusterIP: 10.1.0.1, clusterIPs: [10.1.0.1, 'fd00::1']"),
	 SHOP STOCK "two.shop.svc.cluster.local=10.1.0.1,fd00::1 Kubernetes two shop\n"},
	{"pods of headless ones in order, those with a host name by it, too",
	 SERVICE("pods", "clusterIP: None") SLICE_OF("b", "pods",
						     "{addresses: [10.2.0.9], hostname: pods-0}, "
						     "{addresses: [10.2.0.3]}, {addresses: "
						     "[10.2.0.4], hostname: pods-1, conditions: "
						     "{ready: false}}"),
	 SHOP STOCK "pods-0.pods.shop.svc.cluster.local=10.2.0.9 Kubernetes pods-0.pods shop\n"
		    "pods.shop.svc.cluster.local=10.2.0.3,10.2.0.9 Kubernetes pods shop\n"},
	{"headless without pods: DNS has the word", SERVICE("none", "clusterIP: None"), SHOP STOCK},
	{"what stands for another name: DNS has its CNAME",
	 SERVICE("out", "type: ExternalName, externalName: example.com")
		 SERVICE("in", "type: ExternalName, externalName: pods.shop.svc.cluster.local")
			 SERVICE("pods", "clusterIP: None") SLICE_OF("b", "pods", "{addresses: [10.2.0.9]}"),
	 SHOP STOCK "pods.shop.svc.cluster.local=10.2.0.9 Kubernetes pods shop\n"},
	{"addresses of entries, in small letters; ranges are none",
	 ENTRY("e", "hosts: [A.Example.com, '*.example.com'], addresses: [192.0.2.1, 192.0.2.128/25, 'fd00::2'], "
		    "resolution: STATIC"),
	 "*.example.com=192.0.2.1,fd00::2 External  \na.example.com=192.0.2.1,fd00::2 External  \n" SHOP STOCK},
	{"entries without addresses", ENTRY("e", "hosts: [a.example.com], resolution: DNS"), SHOP STOCK},
	{"of two entries of one host all addresses count",
	 ENTRY_OF("stock", "e", "hosts: [a.example.com], addresses: [192.0.2.2]")
		 ENTRY("f", "hosts: [a.example.com], addresses: [192.0.2.1, 192.0.2.2]"),
	 "a.example.com=192.0.2.1,192.0.2.2 External  \n" SHOP STOCK},
	{"a Service has its name for itself", ENTRY("e", "hosts: [db.shop.svc.cluster.local], addresses: [192.0.2.2]"),
	 SHOP STOCK},
	{"entries whose pods are their addresses",
	 ENTRY("e", "hosts: [a.example.com], resolution: NONE, location: MESH_INTERNAL, workloadSelector: {labels: "
		    "{app: catalog}}"),
	 "a.example.com=10.244.0.5 External  \n" SHOP STOCK},
	{"what is exported alone",
	 ENTRY_OF("stock", "e", "hosts: [a.example.com], addresses: [192.0.2.2], exportTo: ['.']")
		 ENTRY_OF("stock", "f", "hosts: [b.example.com], addresses: [192.0.2.3], exportTo: [shop]"),
	 "b.example.com=192.0.2.3 External  \n" SHOP STOCK},
	{"what the Sidecar names", SIDECAR("'./*'"), SHOP},
};

static void print(const struct xds_resource *r, struct buf *out)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const Istio__Networking__Nds__V1__NameTable *t =
		pb_unpack(&a, &istio__networking__nds__v1__name_table__descriptor, r->bytes);

	assert_non_null(t);
	for (size_t i = 0; i < t->n_table; i++) {
		const Istio__Networking__Nds__V1__NameTable__NameInfo *v = t->table[i]->value;

		buf_append_str(out, t->table[i]->key);
		for (size_t k = 0; k < v->n_ips; k++)
			buf_printf(out, "%c%s", k ? ',' : '=', v->ips[k]);
		buf_printf(out, " %s %s %s\n", v->registry, v->shortname, v->namespace_);
	}
}

static void names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf got = BUF_INIT;
		const char *const yaml[] = {world_shop, rows[i].yaml, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct compile_result r;
		struct world w;

		world_init(&w, "", yaml);
		compile_view(w.snap, &p, TYPES, &w.pool, NULL, &r);
		assert_int_equal(r.sets[XDS_NAME_TABLE]->n, 1);
		print(r.sets[XDS_NAME_TABLE]->v[0], &got);
		if (strcmp(buf_str(&got), rows[i].want) != 0)
			fail_msg("row %zu, %s:\n%swanted:\n%s", i, rows[i].why, buf_str(&got), rows[i].want);
		compile_result_done(&r);
		world_done(&w);
	}
}

/* Proxies that see the same have one table. */
static void one_for_all(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop, NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct proxy q = world_proxy(&a, "sidecar", "stock", "app=inventory");
	struct compile_cache cache = {0};
	struct compile_result one, other;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	compile_view(w.snap, &p, TYPES, &w.pool, &cache, &one);
	compile_view(w.snap, &q, TYPES, &w.pool, &cache, &other);
	assert_ptr_equal(one.sets[XDS_NAME_TABLE], other.sets[XDS_NAME_TABLE]);
	compile_result_done(&one);
	compile_result_done(&other);
	compile_cache_clear(&cache);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(one_for_all)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
