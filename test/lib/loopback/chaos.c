/* See chaos.h. */
#include "loopback/rig.c"

#include "loopback/chaos.h"

#define PATIENCE_S 150 /* mirrors have the longest */

struct rand chaos_dice;

static struct {
	uint64_t first, n;
	void (*play)(uint64_t seed);
} chaos = {.first = 1};

void chaos_remove(struct chaos_ends *e, unsigned i)
{
	e->v[i] = e->v[--e->n];
}

void chaos_add(struct chaos_ends *e, int fd)
{
	if (e->n == (e->max ? e->max : CHAOS_ENDS_MAX)) {
		const unsigned i = rand_below(&chaos_dice, e->n);

		loopback_close(e->v[i]);
		chaos_remove(e, i);
	}
	e->v[e->n++] = fd;
}

void chaos_leave(struct chaos_ends *e)
{
	while (e->n)
		loopback_close(e->v[--e->n]);
}

void chaos_put(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), MSG_DONTWAIT);
}

void chaos_turn_away(struct rig *r, const int *listeners, size_t n)
{
	int fd;

	for (int second = 0; second < PATIENCE_S; second++) {
		for (size_t i = 0; i < n; i++)
			while ((fd = loopback_accept(listeners[i])) >= 0)
				loopback_close(fd);
		rig_advance(r, 1000);
	}
}

void chaos_nothing_held(struct rig *r, uint64_t seed)
{
	const struct worker *w = &r->worker;
	const struct cluster *c = rig_cluster(r, "c");

	if (w->n_downs || w->n_shadows || w->buffers.taken || c->counters.rq_active || c->counters.rq_pending_active ||
	    c->counters.cx_active)
		fail_msg("seed %lu: %u connections, %u mirrors, %zu buffers, %lu requests, %lu waiting, %lu to "
			 "endpoints",
			 seed, w->n_downs, w->n_shadows, w->buffers.taken, c->counters.rq_active,
			 c->counters.rq_pending_active, c->counters.cx_active);
	for (int i = 0; i < BREAKER_KIND_COUNT; i++)
		if (atomic_load(&c->breaker->used[i]))
			fail_msg("seed %lu: breaker %d holds %u", seed, i, atomic_load(&c->breaker->used[i]));
}

static void chaos_play_all(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < chaos.n; i++) {
		if (getenv("CHAOS_PRINT"))
			fprintf(stderr, "seed %lu\n", chaos.first + i);
		chaos.play(chaos.first + i);
	}
}

int chaos_main(int argc, char **argv, uint64_t seeds, void (*play)(uint64_t seed))
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(chaos_play_all)};

	chaos.n = seeds;
	chaos.play = play;
	if (argc > 1)
		chaos.first = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		chaos.n = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
