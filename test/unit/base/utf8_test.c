/* What is no UTF-8 becomes '!', byte by byte, and nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/utf8.h"

static void rows(void **state)
{
	static const struct {
		const char *in, *out;
	} v[] = {
		{"", ""},
		{"plain", "plain"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
		{"caf\xe9", "caf!"},
		{"\xc3", "!"},
		{"\xc3x", "!x"},
		{"\x80\xbf", "!!"},
		{"\xc0\xaf", "!!"},           /* two bytes for '/' */
		{"\xe0\x80\xaf", "!!!"},      /* three */
		{"\xf0\x80\x80\xaf", "!!!!"}, /* four */
		{"\xed\xa0\x80", "!!!"},      /* a surrogate */
		{"\xf4\x90\x80\x80", "!!!!"}, /* above U+10FFFF */
		{"\xf5\x80\x80\x80", "!!!!"},
		{"\xe2\x82", "!!"}, /* cut off */
		{"a\xe2\x82z", "a!!z"},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(v); i++)
		assert_string_equal(utf8_text(&a, slice_str(v[i].in)), v[i].out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
