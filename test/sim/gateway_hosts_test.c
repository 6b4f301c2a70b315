/* Hosts of gateways: redirects to https with and without routes, and the names under which VirtualServices know one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

static const char objects[] =
	"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: shop, namespace: shop}, spec: "
	"{selector: "
	"{istio: ingressgateway}, servers: [{port: {number: 9000, name: http, protocol: HTTP}, hosts: "
	"[shop.example.com, "
	"new.example.com, '*.wild.com'], tls: {httpsRedirect: true}}, {port: {number: 9001, name: plain, protocol: "
	"HTTP}, "
	"hosts: ['*.example.com']}]}}\n"
	"---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: cart, namespace: shop}, "
	"spec: "
	"{hosts: [shop.example.com], gateways: [shop], http: [{match: [{uri: {prefix: /cart}}], route: [{destination: "
	"{host: catalog}}]}]}}\n"
	"---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: short, namespace: stock}, "
	"spec: "
	"{hosts: [short.example.com], gateways: [shop.shop], http: [{route: [{destination: {host: inventory}}]}]}}\n"
	"---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: full, namespace: stock}, "
	"spec: "
	"{hosts: [full.example.com], gateways: [shop.shop.svc.cluster.local], http: [{match: [{gateways: "
	"[shop.shop.svc.cluster.local]}], route: [{destination: {host: inventory}}]}]}}\n"
	"---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: slash, namespace: stock}, "
	"spec: "
	"{hosts: [slash.example.com], gateways: [shop/shop], http: [{route: [{destination: {host: inventory}}]}]}}\n";

#define CATALOG "outbound|8080||catalog.shop.svc.cluster.local"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"

static const struct {
	uint16_t port;
	const char *host, *path, *scheme, *goes_to;
} rows[] = {
	{9000, "shop.example.com", "/cart", "http", "(https)"},
	{9000, "shop.example.com", "/other", "http", "(https)"},
	{9000, "SHOP.example.com:9000", "/", "http", "(https)"},
	{9000, "new.example.com", "/", "http", "(https)"},
	{9000, "x.wild.com", "/", "http", "(https)"},
	{9000, "stranger.com", "/", "http", "(none)"},
	{9000, "shop.example.com", "/cart", "https", CATALOG},
	{9000, "shop.example.com", "/other", "https", "(none)"},
	{9001, "shop.example.com", "/cart", "http", CATALOG},
	{9001, "short.example.com", "/", "http", INVENTORY},
	{9001, "full.example.com", "/", "http", INVENTORY},
	{9001, "slash.example.com", "/", "http", INVENTORY},
};

static void hosts(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop, objects, NULL};
	const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
	struct world w;
	struct decide d;

	(void)state;
	world_init(&w, "", yaml);
	decide_init(&d, &w, &p);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct decide_conn c = {.listener = arena_printf(&a, "0.0.0.0_%u", rows[i].port),
					      .port = rows[i].port};
		const struct route *r = decide_route_of(&d, &c, rows[i].host, rows[i].path, "", rows[i].scheme);
		const char *got = !r ? "(none)" : r->action == ROUTE_ACTION_TO_HTTPS ? "(https)" : r->cluster.name;

		if (strcmp(got, rows[i].goes_to) != 0)
			fail_msg("row %zu, %s%s: expected %s, got %s", i, rows[i].host, rows[i].path, rows[i].goes_to,
				 got);
	}
	decide_done(&d);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hosts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
