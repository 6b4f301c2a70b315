/* What exchanges and idle connections hold by themselves: whoever makes them larger sees it here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "proxy/stream/stream_internal.h"

/* Fields of both heads, and small texts; the rest of an exchange is below 2 KB. */
#define HEADS_BYTES (2 * sizeof(((struct http_head *)0)->fields))

static void test_exchange(void **state)
{
	const size_t all = sizeof(struct stream), rooms = HEADS_BYTES + STREAM_SCRATCH_BYTES;

	(void)state;
	assert_in_range(all, rooms, 10 * 1024);
	assert_in_range(all - rooms, 0, 1600);
}

/* A client's connection and one to a server: when idle they have no exchange and no buffer. */
static void test_idle_pair(void **state)
{
	(void)state;
	assert_in_range(sizeof(struct down), 1, 1088);
	assert_in_range(sizeof(struct up), 1, 688);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exchange),
		cmocka_unit_test(test_idle_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
