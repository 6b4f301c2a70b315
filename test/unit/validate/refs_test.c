/* References of configuration objects that lead nowhere are told by path and name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "validate/validate.h"
#include "world.h"

static const char two_ports[] =
	"{apiVersion: v1, kind: Service, metadata: {name: two, namespace: shop}, spec: {clusterIP: 10.96.0.30, ports: "
	"[{name: http, port: 80}, {name: http-b, port: 81}]}}\n---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: two, namespace: shop}, "
	"spec: {host: two, subsets: [{name: v1, labels: {version: v1}}]}}";

#define VS(gateways, destination)                                                                                      \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [two], " gateways "http: [{route: [{destination: {" destination "}}]}]}}"

#define L4(kind, destination)                                                                                          \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [two], " kind ": [{route: [{destination: {" destination "}}]}]}}"
#define DR(host)                                                                                                       \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: v, namespace: shop}, "      \
	"spec: {host: '" host "'}}"
#define GW(selector)                                                                                                   \
	"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: v, namespace: shop}, spec: "        \
	"{selector: {" selector "}}}"

static void take_text(void *arg, const char *path, const char *text)
{
	struct buf *out = arg;

	buf_printf(out, "%s%s: %s", out->len ? "; " : "", path, text);
}

static void what_is_told(void **state)
{
	static const struct {
		const char *yaml, *has; /* has NULL: nothing is told */
	} rows[] = {
		{VS("", "host: two, subset: v1"), NULL},
		{VS("", "host: two, subset: summer"), "spec.http[0].route[0].destination.subset: no DestinationRule "
						      "defines subset summer of two.shop.svc.cluster.local"},
		{VS("", "host: two, subset: summer, port: {number: 81}"), "subset summer"},
		{VS("", "host: two, subset: v1, port: {number: 82}"), "destination.port.number: "},
		{VS("", "host: nobody"), "destination.host: host nobody.shop.svc.cluster.local is not known"},
		{VS("", "host: inventory.stock, subset: v1"), "destination.host: "},
		{VS("", "host: inventory.stock.svc.cluster.local, subset: v1"), "subset v1"},
		{VS("gateways: [none], ", "host: two"), "spec.gateways[0]: Gateway shop/none does not exist"},
		{VS("gateways: [mesh], ", "host: two"), NULL},
		{L4("tcp", "host: nobody"), "spec.tcp[0].route[0].destination.host: "},
		{L4("tls", "host: two, subset: v9"), "spec.tls[0].route[0].destination.subset: "},
		{"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: "
		 "shop}, "
		 "spec: {hosts: [two], http: [{mirror: {host: nobody}, mirrors: [{destination: {host: noone}}], route: "
		 "[{destination: {host: two}}]}]}}",
		 "spec.http[0].mirror.host: "},
		{"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: "
		 "shop}, "
		 "spec: {hosts: [two], http: [{mirrors: [{destination: {host: noone}}], route: [{destination: {host: "
		 "two}}]}]}}",
		 "spec.http[0].mirrors[0].destination.host: "},
		{DR("nobody"), "spec.host: host nobody.shop.svc.cluster.local is not known"},
		{DR("*.nobody.org"), NULL},
		{DR("two"), NULL},
		{GW("istio: none"), "spec.selector: no pod of the mesh has these labels"},
		{GW("app: catalog"), NULL},
	};
	static const struct api_kind *const kinds[] = {&api_kind_virtual_service, &api_kind_destination_rule,
						       &api_kind_gateway};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const yaml[] = {world_shop, two_ports, rows[i].yaml, NULL};
		CLEANUP(buf_done) struct buf told = BUF_INIT;
		struct world w;

		world_init(&w, "", yaml);
		for (size_t k = 0; k < ARRAY_LEN(kinds); k++)
			if (store_get(w.store, kinds[k], "shop", "v"))
				validate_refs(w.snap, store_get(w.store, kinds[k], "shop", "v"), take_text, &told);
		if (rows[i].has ? !strstr(buf_str(&told), rows[i].has) : told.len > 0)
			fail_msg("%s\ntold: %s", rows[i].yaml, buf_str(&told));
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
