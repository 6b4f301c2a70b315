/* What ports and hosts are called, and what that says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/slice.h"
#include "mesh/host.h"
#include "mesh/protocol.h"
#include "mesh/retry.h"

static void test_protocols(void **state)
{
	(void)state;
	assert_int_equal(protocol_detect(NULL, "http-web", "TCP", 80, false), PROTOCOL_HTTP);
	assert_int_equal(protocol_detect("grpc", "http", "TCP", 80, false), PROTOCOL_GRPC);
	assert_int_equal(protocol_detect(NULL, "grpc-web-x", "TCP", 80, false), PROTOCOL_GRPC_WEB);
	assert_int_equal(protocol_detect("kubernetes.io/h2c", NULL, "TCP", 80, false), PROTOCOL_HTTP2);
	assert_int_equal(protocol_detect(NULL, "web", "TCP", 80, false), PROTOCOL_TCP);
	assert_int_equal(protocol_detect(NULL, "web", "TCP", 80, true), PROTOCOL_AUTO);
	assert_int_equal(protocol_detect(NULL, NULL, "TCP", 3306, true), PROTOCOL_TCP);
	assert_int_equal(protocol_detect(NULL, "http", "UDP", 80, true), PROTOCOL_UDP);
}

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
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_retry_conditions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
