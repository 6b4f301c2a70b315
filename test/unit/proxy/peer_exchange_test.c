/* The announcement is found again however the bytes are cut, and only it is taken from the stream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "proxy/listener/peer_exchange.h"

static void test_round_trip(void **state)
{
	char wire[1024], node[300];
	size_t n;

	(void)state;
	memset(node, 'n', sizeof(node));
	n = peer_exchange_write(slice_make(node, sizeof(node)), wire, sizeof(wire));
	assert_true(n > sizeof(node));
	memcpy(wire + n, "PAYLOAD", 7);
	for (size_t step = 1; step <= n + 7; step++) {
		struct peer_exchange x = {.expected = true};
		size_t at = 0, taken;

		while (x.expected && at < n + 7) {
			size_t len = n + 7 - at < step ? n + 7 - at : step;

			peer_exchange_read(&x, slice_make(wire + at, len), &taken);
			at += taken;
			assert_true(taken == len || !x.expected);
		}
		assert_int_equal(at, n);
		assert_true(slice_eq(peer_exchange_struct(&x), slice_make(node, sizeof(node))));
		peer_exchange_done(&x);
	}
}

static void test_no_announcement(void **state)
{
	struct peer_exchange x = {.expected = true};
	size_t taken;

	(void)state;
	assert_int_equal(peer_exchange_read(&x, SLICE("hello world"), &taken), 1);
	assert_int_equal(taken, 0);
	assert_false(x.expected);
	assert_int_equal(peer_exchange_struct(&x).len, 0);
	peer_exchange_done(&x);
}

static void test_too_large(void **state)
{
	struct peer_exchange x = {.expected = true};
	static const char bad[] = "\x3d\x23\x04\x67\xff\xff\xff\xff";
	size_t taken;

	(void)state;
	assert_int_equal(peer_exchange_read(&x, slice_make(bad, 8), &taken), 1);
	assert_int_equal(peer_exchange_struct(&x).len, 0);
	peer_exchange_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_no_announcement),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
