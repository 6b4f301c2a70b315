/* Percent-encoding: what stays, and that nothing else does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/percent.h"

static void encoded(void **state)
{
	const struct {
		struct slice text;
		const char *encoded;
	} rows[] = {
		{SLICE("a{b=\"c\"}+ d"), "a%7Bb%3D%22c%22%7D%2B%20d"},
		{SLICE("AZaz09-._~"), "AZaz09-._~"},
		{SLICE("@[`{/:&%"), "%40%5B%60%7B%2F%3A%26%25"},
		{SLICE("\0\x7f\xc3\xa9"), "%00%7F%C3%A9"},
		{SLICE(""), ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		percent_encode(rows[i].text, &out);
		assert_string_equal(buf_str(&out), rows[i].encoded);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(encoded)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
