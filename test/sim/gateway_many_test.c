/* A gateway with more servers than one would write by hand: every one is served. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define GATEWAYS 30
#define SERVERS 50

static void every_server(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=gw");
	struct world w;
	struct decide d;

	(void)state;
	for (int g = 0; g < GATEWAYS; g++) {
		buf_printf(&yaml,
			   "---\n{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: g%d, "
			   "namespace: "
			   "shop}, spec: {selector: {istio: gw}, servers: [",
			   g);
		for (int s = 0; s < SERVERS; s++)
			buf_printf(
				&yaml,
				"{port: {number: 8443, name: s%d, protocol: HTTPS}, hosts: [h%d-%d.example.com], tls: "
				"{mode: SIMPLE, credentialName: c}}, ",
				s, g, s);
		buf_printf(&yaml,
			   "]}}\n---\n{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: "
			   "v%d, "
			   "namespace: shop}, spec: {hosts: ['*.example.com'], gateways: [g%d], http: [{route: "
			   "[{destination: {host: catalog}}]}]}}\n",
			   g, g);
	}
	const char *const all[] = {world_shop, buf_str(&yaml), NULL};
	world_init(&w, "", all);
	decide_init(&d, &w, &p);
	for (int g = 0; g < GATEWAYS; g++) {
		for (int s = 0; s < SERVERS; s++) {
			const char *host = arena_printf(&a, "h%d-%d.example.com", g, s);
			const struct decide_conn c = {
				.listener = "0.0.0.0_8443", .port = 8443, .tls = true, .sni = host};

			if (strcmp(decide_http(&d, &a, &c, host, "/"),
				   "outbound|8080||catalog.shop.svc.cluster.local") != 0)
				fail_msg("%s: %s", host, decide_http(&d, &a, &c, host, "/"));
		}
	}
	assert_int_equal(d.result.n_notes, 0);
	decide_done(&d);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_server)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
