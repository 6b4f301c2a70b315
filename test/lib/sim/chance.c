/* Dice, clocks and the trace. The C library's clock and randomness are answered here while a seed is played. */
#include "sim.h"

#include <openssl/rand.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "loopback/loopback.h"

#define WALL_START_S 1735689600LL /* 2025-01-01 */

struct rand sim_dice;
int64_t sim_wall_off_ns;
struct buf sim_trace;
bool sim_loud;
struct loop *sim_loop;

static struct rand kernel_dice; /* what the program under test calls random */

bool sim_chance(unsigned percent)
{
	return percent && rand_below(&sim_dice, 100) < percent;
}

int64_t sim_between(int64_t low, int64_t high)
{
	return low + (int64_t)rand_below(&sim_dice, (uint32_t)(high - low + 1));
}

ssize_t getrandom(void *out, size_t n, unsigned flags)
{
	unsigned char *p = out;

	(void)flags;
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(rand_next(&kernel_dice) >> 24);
	return (ssize_t)n;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
	int64_t ns;

	if (!net.on)
		return (int)syscall(SYS_clock_gettime, id, ts);
	ns = loopback_now_ns() + (id == CLOCK_REALTIME ? WALL_START_S * NS_PER_S + sim_wall_off_ns : 0);
	*ts = (struct timespec){.tv_sec = ns / NS_PER_S, .tv_nsec = ns % NS_PER_S};
	return 0;
}

/* ---- OpenSSL's randomness: lengths of signatures must not differ from run to run ---- */

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

static int rand_give(unsigned char *out, int n)
{
	return getrandom(out, (size_t)n, 0) == n;
}

static int rand_ready(void)
{
	return 1;
}

static void own_randomness(void)
{
	static const RAND_METHOD method = {.bytes = rand_give, .pseudorand = rand_give, .status = rand_ready};

	RAND_set_rand_method(&method);
}

#pragma GCC diagnostic pop

void sim_begin(uint64_t seed)
{
	static bool once;

	if (!once) {
		once = true;
		own_randomness();
		(void)hash_keyed(SLICE("")); /* the key of this program is made once, whatever seed comes first */
	}
	sim_dice = (struct rand){seed};
	kernel_dice = (struct rand){seed ^ 0x5eed};
	sim_wall_off_ns = 0;
	buf_clear(&sim_trace);
}

void sim_note(const char *fmt, ...)
{
	const int64_t ms = loopback_now_ns() / NS_PER_MS;
	const size_t before = sim_trace.len;
	char text[600];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	buf_printf(&sim_trace, "%7lld.%03lld %s\n", (long long)ms / 1000, (long long)ms % 1000, text);
	if (sim_loud)
		printf("%s", buf_str(&sim_trace) + before);
}

void sim_pass(int64_t ms)
{
	loopback_advance(sim_loop, ms);
}
