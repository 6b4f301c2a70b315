/* References of configuration objects that lead nowhere are told by path and name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mesh/validate.h"
#include "world.h"

static const char two_ports[] =
	"{apiVersion: v1, kind: Service, metadata: {name: two, namespace: shop}, spec: {clusterIP: 10.96.0.30, ports: "
	"[{name: http, port: 80}, {name: http-b, port: 81}]}}\n---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: two, namespace: shop}, "
	"spec: {host: two, subsets: [{name: v1, labels: {version: v1}}]}}";

#define VS(gateways, destination)                                                                                      \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop}, spec: " \
	"{hosts: [two], " gateways "http: [{route: [{destination: {" destination "}}]}]}}"

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
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const yaml[] = {world_shop, two_ports, rows[i].yaml, NULL};
		CLEANUP(buf_done) struct buf told = BUF_INIT;
		struct world w;

		world_init(&w, "", yaml);
		validate_refs(w.snap, store_get(w.store, &api_kind_virtual_service, "shop", "v"), take_text, &told);
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
