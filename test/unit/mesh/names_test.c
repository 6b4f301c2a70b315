/* What ports and hosts are called, and what that says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/slice.h"
#include "mesh/host.h"
#include "mesh/retry.h"

static void test_hosts(void **state)
{
	(void)state;
	assert_true(host_subset_of("a.b.c", "*.b.c"));
	assert_true(host_subset_of("*.a.b.c", "*.b.c"));
	assert_false(host_subset_of("*.c", "*.b.c"));
	assert_true(host_subset_of("x", "*"));
	assert_true(host_overlap("*.b.c", "a.b.c"));
	assert_true(host_cmp_specific("a.b.c", "*.b.c") < 0);
	assert_true(host_cmp_specific("*.a.b.c", "*.b.c") < 0);
}

static void test_retry_conditions(void **state)
{
	static const char *const yes[] = {"5xx", "gateway-error", "retriable-4xx", "unavailable", "503", "418", "226"};
	static const char *const no[] = {"", "5", "5XX", "gateway-errors", "299", "600", "99", "0503x"};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		if (!retry_condition_known(slice_str(yes[i])))
			fail_msg("%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (retry_condition_known(slice_str(no[i])))
			fail_msg("%s", no[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_retry_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
