/*
 * A clock that stands still until the test moves it. Include once per test program: it defines the functions of
 * base/clock.h, which take the place of the library's.
 */
#ifndef TEST_FAKE_CLOCK_H
#define TEST_FAKE_CLOCK_H

#include "base/clock.h"
#include "net/loop.h"

static int64_t fake_mono_ns = 1000ll * NS_PER_S;
static int64_t fake_wall_ns = 1700000000ll * NS_PER_S;

int64_t clock_mono_ns(void)
{
	return fake_mono_ns;
}

int64_t clock_wall_ns(void)
{
	return fake_wall_ns;
}

/* Time passes; what is due by then runs, in order of the steps. */
static inline void fake_clock_advance(struct loop *l, int64_t ms, int64_t step_ms)
{
	for (int64_t done = 0; done < ms; done += step_ms) {
		fake_mono_ns += step_ms * NS_PER_MS;
		fake_wall_ns += step_ms * NS_PER_MS;
		loop_turn(l, 0);
	}
}

#endif
