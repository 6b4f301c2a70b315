/* Choice of endpoints, and who is left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "balance/balance.h"
#include "balance/outlier.h"
#include "base/cleanup.h"

#define N 4
#define PICKS 10000
#define ONES                                                                                                           \
	{                                                                                                              \
		1, 1, 1, 1                                                                                             \
	}

static void run(struct balance *b, unsigned *count, bool hash)
{
	struct rand rnd = {42};

	for (unsigned i = 0; i < PICKS; i++) {
		struct balance_ask ask = {.hash = i * 0x9e3779b97f4a7c15ULL, .has_hash = hash};
		size_t at = balance_pick(b, &ask, &rnd);
		if (at != BALANCE_NONE)
			count[at]++;
	}
}

static void shares(void **state)
{
	static const struct {
		const char *name;
		enum balance_policy policy;
		uint32_t weight[N], priority[N];
		bool sick[N];
		unsigned percent[N];
		unsigned slack;
		bool weighted;               /* by localities: the first two hosts are in one, the others in another */
		uint32_t of_locality[N / 2]; /* their weights */
	} rows[] = {
		{"round robin", BALANCE_ROUND_ROBIN, {1, 1, 1, 1}, {0}, {0}, {25, 25, 25, 25}, 0},
		{"weights", BALANCE_ROUND_ROBIN, {1, 2, 3, 4}, {0}, {0}, {10, 20, 30, 40}, 0},
		{"one is sick", BALANCE_ROUND_ROBIN, {1, 1, 1, 1}, {0}, {true}, {0, 33, 33, 33}, 1},
		{"panic", BALANCE_ROUND_ROBIN, {1, 1, 1, 1}, {0}, {1, 1, 1, 0}, {25, 25, 25, 25}, 1},
		{"least request", BALANCE_LEAST_REQUEST, {1, 1, 1, 1}, {0}, {0}, {25, 25, 25, 25}, 2},
		{"random", BALANCE_RANDOM, {1, 1, 1, 1}, {0}, {0}, {25, 25, 25, 25}, 2},
		{"ring", BALANCE_RING_HASH, {1, 1, 1, 1}, {0}, {0}, {25, 25, 25, 25}, 10},
		{"maglev", BALANCE_MAGLEV, {1, 1, 1, 1}, {0}, {0}, {25, 25, 25, 25}, 2},
		{"maglev weights", BALANCE_MAGLEV, {1, 1, 1, 2}, {0}, {0}, {20, 20, 20, 40}, 3},
		{"priority", BALANCE_ROUND_ROBIN, {1, 1, 1, 1}, {0, 0, 1, 1}, {0}, {50, 50, 0, 0}, 0},
		{"spill over", BALANCE_ROUND_ROBIN, {1, 1, 1, 1}, {0, 0, 1, 1}, {true}, {0, 70, 15, 15}, 2},
		{"failover", BALANCE_ROUND_ROBIN, {1, 1, 1, 1}, {0, 0, 1, 1}, {1, 1, 0, 0}, {0, 0, 50, 50}, 1},
		{"localities", BALANCE_ROUND_ROBIN, ONES, {0}, {0}, {40, 40, 10, 10}, 0, true, {80, 20}},
		{"locality, least request", BALANCE_LEAST_REQUEST, ONES, {0}, {0}, {40, 40, 10, 10}, 1, true, {80, 20}},
		{"locality, random", BALANCE_RANDOM, ONES, {0}, {0}, {40, 40, 10, 10}, 1, true, {80, 20}},
		{"locality and hosts",
		 BALANCE_ROUND_ROBIN,
		 {1, 3, 1, 1},
		 {0},
		 {0},
		 {20, 60, 10, 10},
		 0,
		 true,
		 {80, 20}},
		{"half a locality", BALANCE_ROUND_ROBIN, ONES, {0}, {true}, {0, 73, 13, 13}, 1, true, {80, 20}},
		{"no locality weighs", BALANCE_ROUND_ROBIN, {1, 1, 1, 2}, {0}, {0}, {20, 20, 20, 40}, 0, true, {0, 0}},
		{"one locality weighs", BALANCE_ROUND_ROBIN, ONES, {0}, {0}, {50, 50, 0, 0}, 0, true, {7, 0}},
		{"whoever weighs is sick", BALANCE_ROUND_ROBIN, ONES, {0}, {1, 1}, {0, 0, 50, 50}, 0, true, {7, 0}},
		{"localities in panic", BALANCE_ROUND_ROBIN, ONES, {0}, {1, 1, 1}, {25, 25, 25, 25}, 0, true, {80, 20}},
		{"far locality", BALANCE_ROUND_ROBIN, ONES, {1, 1, 0, 0}, {0}, {0, 0, 50, 50}, 0, true, {80, 20}},
		{"locality, ring", BALANCE_RING_HASH, ONES, {0}, {0}, {40, 40, 10, 10}, 10, true, {80, 20}},
		{"locality, maglev", BALANCE_MAGLEV, {1, 3, 1, 1}, {0}, {0}, {20, 60, 10, 10}, 2, true, {80, 20}},
		{"half a locality, maglev", BALANCE_MAGLEV, ONES, {0}, {true}, {0, 80, 10, 10}, 2, true, {80, 20}},
		{"one weighs, ring", BALANCE_RING_HASH, ONES, {0}, {0}, {50, 50, 0, 0}, 10, true, {7, 0}},
		{"one weighs, maglev", BALANCE_MAGLEV, ONES, {0}, {0}, {50, 50, 0, 0}, 2, true, {7, 0}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct balance_host hosts[N] = {0};
		struct balance_settings s;
		struct balance b;
		unsigned count[N] = {0};
		balance_settings_init(&s);
		s.policy = rows[i].policy;
		s.locality_weighted = rows[i].weighted;
		for (size_t k = 0; k < N; k++)
			hosts[k] = (struct balance_host){.weight = rows[i].weight[k],
							 .locality = (uint32_t)k / 2 + 7,
							 .locality_weight = rows[i].of_locality[k / 2],
							 .priority = rows[i].priority[k],
							 .key = k + 1,
							 .healthy = !rows[i].sick[k]};
		balance_init(&b, &s, hosts, N);
		run(&b, count, true);
		for (size_t k = 0; k < N; k++) {
			int got = (int)(count[k] * 100 / PICKS), want = (int)rows[i].percent[k];
			if (abs(got - want) > (int)rows[i].slack)
				fail_msg("%s: host %zu: expected %d %%, got %d %%", rows[i].name, k, want, got);
		}
		balance_done(&b);
	}
}

static void nobody(void **state)
{
	struct balance_host sick = {.weight = 1};
	struct balance_settings s;
	struct balance b;
	struct rand rnd = {1};
	struct balance_ask ask = {0};

	(void)state;
	balance_settings_init(&s);
	balance_init(&b, &s, NULL, 0);
	assert_int_equal(balance_pick(&b, &ask, &rnd), BALANCE_NONE);
	balance_done(&b);
	s.panic_threshold_percent = 0;
	balance_init(&b, &s, &sick, 1);
	assert_int_equal(balance_pick(&b, &ask, &rnd), BALANCE_NONE);
	balance_set_healthy(&b, 0, true);
	assert_int_equal(balance_pick(&b, &ask, &rnd), 0);
	balance_done(&b);
}

static void least_request_avoids_the_busy(void **state)
{
	struct balance_host hosts[2] = {{.weight = 1, .healthy = true, .key = 1},
					{.weight = 1, .healthy = true, .key = 2}};
	struct balance_settings s;
	struct balance b;
	unsigned count[2] = {0};

	(void)state;
	balance_settings_init(&s);
	balance_init(&b, &s, hosts, 2);
	b.hosts[0].active = 100;
	run(&b, count, false);
	assert_in_range(count[0], PICKS / 5, PICKS / 3); /* only when both draws are the busy one */
	balance_done(&b);
}

static void hashing_is_stable(void **state)
{
	enum balance_policy policies[] = {BALANCE_RING_HASH, BALANCE_MAGLEV};

	(void)state;
	for (size_t p = 0; p < 2; p++) {
		struct balance_host hosts[10] = {0};
		struct balance_settings s;
		struct balance a, b;
		struct rand rnd = {7};
		unsigned moved = 0;
		balance_settings_init(&s);
		s.policy = policies[p];
		for (size_t k = 0; k < 10; k++)
			hosts[k] = (struct balance_host){.weight = 1, .healthy = true, .key = k * 977 + 5};
		balance_init(&a, &s, hosts, 10);
		balance_init(&b, &s, hosts, 9); /* one is gone */
		for (uint64_t h = 0; h < 10000; h++) {
			struct balance_ask ask = {.hash = h * 0x9e3779b97f4a7c15ULL, .has_hash = true};
			size_t x = balance_pick(&a, &ask, &rnd), y = balance_pick(&b, &ask, &rnd);
			moved += x != y && x != 9;
		}
		assert_in_range(moved, 0, 1000);
		balance_done(&a);
		balance_done(&b);
	}
}

/* A hash finds the same host every time, in whichever locality that is. */
static void hashing_passes_localities(void **state)
{
	static const enum balance_policy policies[] = {BALANCE_RING_HASH, BALANCE_MAGLEV};

	(void)state;
	for (size_t p = 0; p < ARRAY_LEN(policies); p++) {
		struct balance_host hosts[N] = {0};
		struct balance_settings s;
		struct balance b;
		struct rand rnd = {7};

		balance_settings_init(&s);
		s.policy = policies[p];
		s.locality_weighted = true;
		for (uint32_t k = 0; k < N; k++)
			hosts[k] = (struct balance_host){
				.weight = 1, .healthy = true, .key = k * 977 + 5, .locality = k, .locality_weight = 25};
		balance_init(&b, &s, hosts, N);
		for (uint64_t h = 0; h < 100; h++) {
			struct balance_ask ask = {.hash = h * 0x9e3779b97f4a7c15ULL, .has_hash = true};
			const size_t first = balance_pick(&b, &ask, &rnd);

			for (int i = 0; i < 10; i++)
				assert_int_equal(balance_pick(&b, &ask, &rnd), first);
		}
		balance_done(&b);
	}
}

#define S 1000000000LL

static void ejection(void **state)
{
	struct outlier_settings s;
	struct outlier_host h = {0};
	struct rand rnd = {1};

	(void)state;
	outlier_settings_init(&s);
	s.consecutive_5xx = 3;
	assert_false(outlier_report(&s, &h, OUTLIER_5XX, 10, 0, 0, &rnd));
	assert_false(outlier_report(&s, &h, OUTLIER_GATEWAY, 10, 0, 0, &rnd));
	assert_false(outlier_report(&s, &h, OUTLIER_SUCCESS, 10, 0, 0, &rnd));
	for (int i = 0; i < 2; i++)
		assert_false(outlier_report(&s, &h, OUTLIER_5XX, 10, 0, 0, &rnd));
	assert_true(outlier_report(&s, &h, OUTLIER_5XX, 10, 0, 5 * S, &rnd));
	assert_true(h.ejected);
	assert_false(outlier_sweep(&s, &h, 34 * S));
	assert_true(outlier_sweep(&s, &h, 35 * S));
	/* Again soon: twice as long. */
	for (int i = 0; i < 3; i++)
		outlier_report(&s, &h, OUTLIER_5XX, 10, 0, 40 * S, &rnd);
	assert_true(h.ejected);
	assert_false(outlier_sweep(&s, &h, 99 * S));
	assert_true(outlier_sweep(&s, &h, 100 * S));
	/* A good interval lowers the multiplier. */
	assert_false(outlier_sweep(&s, &h, 110 * S));
	assert_int_equal(h.ejections, 1);
}

static void at_most_a_part_is_ejected(void **state)
{
	struct outlier_settings s;
	struct rand rnd = {1};
	size_t ejected = 0;

	(void)state;
	outlier_settings_init(&s);
	s.consecutive_5xx = 1;
	s.max_ejection_percent = 30;
	for (int i = 0; i < 10; i++) {
		struct outlier_host h = {0};
		ejected += outlier_report(&s, &h, OUTLIER_5XX, 10, ejected, 0, &rnd);
	}
	assert_int_equal(ejected, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(nobody),
		cmocka_unit_test(least_request_avoids_the_busy),
		cmocka_unit_test(hashing_is_stable),
		cmocka_unit_test(hashing_passes_localities),
		cmocka_unit_test(ejection),
		cmocka_unit_test(at_most_a_part_is_ejected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
