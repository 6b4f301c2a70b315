/* How many requests may be tried again at once: which policy says so, what its defaults are, and what it comes to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "decide.h"
#include "proxy/upstream/breaker.h"

#define DR(policy, subset)                                                                                             \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: shop}, "      \
	"spec: {host: catalog, trafficPolicy: {" policy "}, subsets: [{name: v1, labels: {version: v1}, "              \
	"trafficPolicy: {" subset "}}]}}"
#define PLAIN "loadBalancer: {simple: RANDOM}"

static const struct {
	const char *rule;
	const char *subset;
	bool budget;
	double percent;
	uint32_t min;
} rows[] = {
	{DR(PLAIN, PLAIN), "", false, 0, 0},
	{DR("retryBudget: {percent: 12.5, minRetryConcurrency: 7}", PLAIN), "", true, 12.5, 7},
	{DR("retryBudget: {percent: 0, minRetryConcurrency: 1}", PLAIN), "", true, 0, 1},
	{DR("retryBudget: {}", PLAIN), "", true, 20, 3},
	{DR("retryBudget: {percent: 5}", PLAIN), "v1", true, 5, 3},
	{DR("retryBudget: {percent: 5}", "retryBudget: {minRetryConcurrency: 9}"), "v1", true, 20, 9},
	{DR(PLAIN, "retryBudget: {percent: 5}"), "", false, 0, 0},
	/* A port's policy has no budget of its own. */
	{DR("retryBudget: {percent: 5}, portLevelSettings: [{port: {number: 8080}, " PLAIN "}]", PLAIN), "", true, 5,
	 3},
	{DR(PLAIN, "retryBudget: {percent: 7}, portLevelSettings: [{port: {number: 8080}, " PLAIN "}]"), "v1", true, 7,
	 3},
};

static void whose_policy(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].rule, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct config_breakers *b;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		b = &decide_cluster(&d,
				    arena_printf(&a, "outbound|8080|%s|catalog.shop.svc.cluster.local", rows[i].subset))
			     .spec->breakers;
		if (b->retry_budget != rows[i].budget || b->retry_percent != rows[i].percent ||
		    b->retries_min != rows[i].min)
			fail_msg("row %zu: %d, %g %%, at least %u", i, b->retry_budget, b->retry_percent,
				 b->retries_min);
		decide_done(&d);
		world_done(&w);
	}
}

static void what_it_comes_to(void **state)
{
	static const struct {
		struct config_breakers c;
		unsigned requests;
		uint32_t retries;
	} cases[] = {
		{{.max_retries = 3}, 1000, 3},
		{{.max_retries = 3, .retry_budget = true, .retry_percent = 20, .retries_min = 3}, 0, 3},
		{{.max_retries = 3, .retry_budget = true, .retry_percent = 20, .retries_min = 3}, 19, 3},
		{{.max_retries = 3, .retry_budget = true, .retry_percent = 20, .retries_min = 3}, 25, 5},
		{{.max_retries = 3, .retry_budget = true, .retry_percent = 20, .retries_min = 3}, 29, 5},
		{{.max_retries = 3, .retry_budget = true, .retry_percent = 100, .retries_min = 0}, 40, 40},
		{{.max_retries = 3, .retry_budget = true, .retry_percent = 0, .retries_min = 0}, 40, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct breaker b = {0};

		for (unsigned k = 0; k < cases[i].requests; k++)
			assert_true(breaker_take(&b, BREAKER_REQUESTS, UINT32_MAX - 1));
		if (breaker_retry_limit(&b, &cases[i].c) != cases[i].retries)
			fail_msg("case %zu: %u", i, breaker_retry_limit(&b, &cases[i].c));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(whose_policy), cmocka_unit_test(what_it_comes_to)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
