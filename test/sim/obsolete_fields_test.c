/* Fields under their old names do what they did: shares in percent, and what outlier detection counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define VS(more)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: v, namespace: shop}, "      \
	"spec: "                                                                                                       \
	"{hosts: [catalog], http: [{" more "route: [{destination: {host: catalog}}]}]}}"
#define DR(more)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: d, namespace: shop}, "     \
	"spec: "                                                                                                       \
	"{host: catalog, trafficPolicy: {outlierDetection: {" more "}}}}"

static double percent(const struct route_fraction *f)
{
	return f->denominator ? 100.0 * f->numerator / f->denominator : 100;
}

static void mirrors(void **state)
{
	static const struct {
		const char *text;
		double percent; /* 0: nothing is mirrored */
	} rows[] = {
		{VS("mirror: {host: db}, "), 100},
		{VS("mirror: {host: db}, mirrorPercent: 20, "), 20},
		{VS("mirror: {host: db}, mirror_percent: 30, "), 30},
		{VS("mirror: {host: db}, mirror_percent: 0, "), 0},
		{VS("mirror: {host: db}, mirror_percent: 400, "), 100},
		{VS("mirror: {host: db}, mirrorPercentage: {value: 12.5}, mirror_percent: 30, "), 12.5},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].text, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
		const struct route *r;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		r = decide_route(&d, &c, "catalog", "/");
		assert_int_equal(r->n_mirrors, rows[i].percent > 0);
		if (r->n_mirrors && percent(&r->mirrors[0].fraction) != rows[i].percent)
			fail_msg("row %zu: %f percent", i, percent(&r->mirrors[0].fraction));
		decide_done(&d);
		world_done(&w);
	}
}

static void faults(void **state)
{
	static const struct {
		const char *text;
		double delay, abort;
	} rows[] = {
		{VS("fault: {delay: {fixedDelay: 1s, percent: 25}}, "), 25, 0},
		{VS("fault: {delay: {fixedDelay: 1s, percent: 25, percentage: {value: 10}}}, "), 10, 0},
		{VS("fault: {delay: {fixedDelay: 1s}}, "), 0, 0},
		{VS("fault: {abort: {httpStatus: 500}}, "), 0, 0},
		{VS("fault: {abort: {httpStatus: 500, percentage: {value: 40}}}, "), 0, 40},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].text, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
		const struct filter_fault *f;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		f = route_override_find(config_routes_of(d.config, decide_chain(&d, &c)->hcm),
					decide_route(&d, &c, "catalog", "/"), NULL, FILTER_FAULT)
			    ->config;
		assert_true((f->delay.denominator ? percent(&f->delay) : 0) == rows[i].delay);
		assert_true((f->abort.denominator ? percent(&f->abort) : 0) == rows[i].abort);
		decide_done(&d);
		world_done(&w);
	}
}

static void outliers(void **state)
{
	static const struct {
		const char *text;
		uint32_t gateway, gateway_percent, any_5xx, any_5xx_percent;
	} rows[] = {
		{DR("consecutiveErrors: 7"), 7, 100, 5, 0},
		{DR("consecutiveErrors: 7, consecutive5xxErrors: 3"), 7, 100, 3, 100},
		{DR("consecutiveErrors: 7, consecutiveGatewayErrors: 2"), 2, 100, 5, 0},
		{DR("interval: 5s"), 5, 0, 5, 100},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].text, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct outlier_settings *o;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		o = &decide_cluster(&d, "outbound|8080||catalog.shop.svc.cluster.local").spec->outlier;
		if (o->consecutive_gateway != rows[i].gateway ||
		    o->enforcing_gateway_percent != rows[i].gateway_percent || o->consecutive_5xx != rows[i].any_5xx ||
		    o->enforcing_5xx_percent != rows[i].any_5xx_percent)
			fail_msg("row %zu: %u at %u %%, %u at %u %%", i, o->consecutive_gateway,
				 o->enforcing_gateway_percent, o->consecutive_5xx, o->enforcing_5xx_percent);
		decide_done(&d);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(mirrors), cmocka_unit_test(faults),
					   cmocka_unit_test(outliers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
