/* What workers share of endpoints: failures of all of them count together, and all learn what one has seen. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/clock.h"
#include "proxy/core/worker.h"
#include "proxy/upstream/breaker.h"
#include "proxy/upstream/shared.h"

static struct workers ws;
static struct outlier_settings o;

static void begin(void)
{
	ws = (struct workers){.n = 2};
	ws.shared = mem_calloc(BREAKER_SLOTS, sizeof(*ws.shared));
	outlier_settings_init(&o);
	o.consecutive_5xx = 4;
	o.max_ejection_percent = 100;
}

static void all_count_together(void **state)
{
	struct rand rnd = {1};
	struct shared *s;
	struct shared_host *here, *there;
	unsigned epoch;

	(void)state;
	begin();
	s = shared_of(&ws, 3);
	assert_ptr_equal(s, shared_of(&ws, 3));
	here = shared_host_get(s, 42, false, 0);
	there = shared_host_get(s, 42, false, 0);
	assert_ptr_equal(here, there);
	epoch = atomic_load(&s->epoch);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(shared_report(s, here, &o, OUTLIER_5XX, NS_PER_S, i % 2, &rnd), i == 3);
	assert_true(atomic_load(&there->ejected));
	assert_int_not_equal(atomic_load(&s->epoch), epoch);
	assert_int_equal(s->n_ejected, 1);
	/* Only one of two sweeps that come together counts. */
	(void)shared_sweep(s, &o, 32LL * NS_PER_S, 0, &rnd);
	assert_false(atomic_load(&here->ejected));
	assert_int_equal(here->outlier.ejections, 1);
	(void)shared_sweep(s, &o, 32LL * NS_PER_S + 1, 1, &rnd);
	assert_int_equal(here->outlier.ejections, 1);
	shared_host_put(s, here);
	shared_host_put(s, there);
	shared_free_all(&ws);
}

/* A check that passes brings back who was ejected, unless that is not wanted. */
static void a_check_brings_back(void **state)
{
	(void)state;
	for (int keep = 0; keep < 2; keep++) {
		struct rand rnd = {1};
		struct shared_host *h;
		struct shared *s;

		begin();
		o.keep_when_checked = keep;
		s = shared_of(&ws, 0);
		h = shared_host_get(s, 1, true, 0);
		assert_int_equal(atomic_load(&h->check), SHARED_PENDING);
		for (int i = 0; i < 4; i++)
			(void)shared_report(s, h, &o, OUTLIER_5XX, 0, 0, &rnd);
		shared_checked(s, h, SHARED_WELL, &o, NS_PER_S);
		assert_int_equal(atomic_load(&h->ejected), keep);
		assert_int_equal(atomic_load(&h->since_ns), NS_PER_S);
		shared_host_put(s, h);
		shared_free_all(&ws);
	}
}

/* Who is far below the others' rate of success goes, at the end of an interval. */
static void by_rate(void **state)
{
	struct shared_host *hosts[6];
	struct rand rnd = {1};
	struct shared *s;

	(void)state;
	begin();
	o.consecutive_5xx = 0;
	o.consecutive_gateway = 0;
	s = shared_of(&ws, 0);
	for (uint64_t i = 0; i < 6; i++)
		hosts[i] = shared_host_get(s, i, false, 0);
	for (int n = 0; n < 200; n++)
		for (int i = 0; i < 6; i++)
			(void)shared_report(s, hosts[i], &o, i == 5 && n % 2 ? OUTLIER_5XX : OUTLIER_SUCCESS, 0, 0,
					    &rnd);
	assert_int_equal(shared_sweep(s, &o, 10LL * NS_PER_S, 0, &rnd), 1);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(atomic_load(&hosts[i]->ejected), i == 5);
		shared_host_put(s, hosts[i]);
	}
	assert_int_equal(s->n_ejected, 0);
	shared_free_all(&ws);
}

struct load {
	struct shared *shared;
	unsigned index;
};

static void *work(void *arg)
{
	struct load *l = arg;
	struct rand rnd = {l->index + 1};

	for (int i = 0; i < 20000; i++) {
		struct shared_host *h = shared_host_get(l->shared, (uint64_t)(i % 7), false, i);

		(void)shared_report(l->shared, h, &o, i % 3 ? OUTLIER_5XX : OUTLIER_SUCCESS, i, l->index, &rnd);
		if (i % 100 == 0)
			(void)shared_sweep(l->shared, &o, (int64_t)i * NS_PER_S, l->index, &rnd);
		shared_host_put(l->shared, h);
	}
	return NULL;
}

static void from_threads(void **state)
{
	struct load loads[4];
	pthread_t ids[4];

	(void)state;
	begin();
	for (unsigned i = 0; i < 4; i++) {
		loads[i] = (struct load){shared_of(&ws, 9), i};
		assert_int_equal(pthread_create(&ids[i], NULL, work, &loads[i]), 0);
	}
	for (unsigned i = 0; i < 4; i++)
		pthread_join(ids[i], NULL);
	assert_int_equal(loads[0].shared->n_hosts, 0);
	assert_int_equal(loads[0].shared->n_ejected, 0);
	shared_free_all(&ws);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(all_count_together), cmocka_unit_test(a_check_brings_back),
					   cmocka_unit_test(by_rate), cmocka_unit_test(from_threads)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
