/* Buckets: how many are given, when they come back, and that threads together get no more. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/token_bucket.h"

#define START 1000000000000

static unsigned take_all(struct token_bucket *b, int64_t now_ns)
{
	unsigned n = 0;

	while (token_bucket_take(b, now_ns))
		n++;
	return n;
}

static void gives_and_refills(void **state)
{
	static const struct {
		uint32_t max, fill;
		int64_t interval_ns, wait_ns;
		unsigned first, then;
	} rows[] = {
		{3, 3, 3600LL * NS_PER_S, NS_PER_S, 3, 0},    {1, 1, NS_PER_S / 2, NS_PER_S / 2, 1, 1},
		{10, 5, NS_PER_S, NS_PER_S, 10, 5},           {10, 5, NS_PER_S, 400 * NS_PER_MS, 10, 2},
		{10, 5, NS_PER_S, 3600LL * NS_PER_S, 10, 10}, {100, 1000000000, NS_PER_MS, NS_PER_S, 100, 100},
		{UINT32_MAX, 1, INT64_MAX / 2, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct token_bucket b;

		token_bucket_init(&b, rows[i].max, rows[i].fill, rows[i].interval_ns);
		if (rows[i].max == UINT32_MAX) { /* times of this size are summed without overflow */
			assert_true(token_bucket_take(&b, START));
			assert_int_equal(token_bucket_left(&b, START), UINT32_MAX - 1);
			continue;
		}
		assert_int_equal(token_bucket_left(&b, START), rows[i].max);
		if (take_all(&b, START) != rows[i].first)
			fail_msg("row %zu: first", i);
		assert_int_equal(token_bucket_left(&b, START), 0);
		if (take_all(&b, START + rows[i].wait_ns) != rows[i].then)
			fail_msg("row %zu: then", i);
	}
}

static void tells_when_full(void **state)
{
	struct token_bucket b;

	(void)state;
	token_bucket_init(&b, 4, 2, NS_PER_S);
	assert_int_equal(token_bucket_full_in_ns(&b, START), 0);
	(void)token_bucket_take(&b, START);
	assert_int_equal(token_bucket_full_in_ns(&b, START), NS_PER_S / 2);
	assert_int_equal(token_bucket_full_in_ns(&b, START + NS_PER_S), 0);
}

struct share {
	struct token_bucket *bucket;
	unsigned got;
};

static void *take_share(void *arg)
{
	struct share *s = arg;

	s->got = take_all(s->bucket, START);
	return NULL;
}

static void is_shared(void **state)
{
	enum { THREADS = 4, MAX = 20000 };
	struct share shares[THREADS];
	struct token_bucket b;
	pthread_t ids[THREADS];
	unsigned sum = 0;

	(void)state;
	token_bucket_init(&b, MAX, 1, NS_PER_S);
	for (int i = 0; i < THREADS; i++) {
		shares[i] = (struct share){&b, 0};
		assert_int_equal(pthread_create(&ids[i], NULL, take_share, &shares[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(ids[i], NULL);
		sum += shares[i].got;
	}
	assert_int_equal(sum, MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(gives_and_refills), cmocka_unit_test(tells_when_full),
					   cmocka_unit_test(is_shared)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
