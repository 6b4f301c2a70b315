/* What is an address, and what a range of them; names that only look like one are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/ip.h"

static const struct {
	const char *text;
	bool address, range;
	unsigned bits;
} rows[] = {
	{"10.0.0.1", true, true, 32},
	{"::1", true, true, 128},
	{"2001:db8::1", true, true, 128},
	{"::ffff:10.0.0.1", true, true, 128},
	{"10.0.0.0/8", false, true, 8},
	{"0.0.0.0/0", false, true, 0},
	{"2001:db8::/32", false, true, 32},
	{"10.0.0.0/33", false, false, 0},
	{"::/129", false, false, 0},
	{"10.0.0.0/", false, false, 0},
	{"10.0.0.0/08", false, false, 0},
	{"10.0.0.0/-1", false, false, 0},
	{"10.0.0.0/8/8", false, false, 0},
	{"192.168.1.300", false, false, 0},
	{"10.1", false, false, 0},
	{"1.2.3.4.5", false, false, 0},
	{"010.0.0.1", false, false, 0},
	{"10.0.0.1:80", false, false, 0},
	{"[::1]", false, false, 0},
	{"fe80::1%eth0", false, false, 0},
	{"a:b", false, false, 0},
	{"shop:80", false, false, 0},
	{"", false, false, 0},
	{"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", false, false, 0},
};

static void addresses(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct slice text = slice_str(rows[i].text);
		struct ip_range r;
		const bool range = ip_range_parse(text, &r, NULL) == 0;

		if (ip_is(text) != rows[i].address || range != rows[i].range || (range && r.bits != rows[i].bits))
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(addresses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
