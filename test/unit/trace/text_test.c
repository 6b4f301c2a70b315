/* Texts of spans: what needs no change leaves as it is, wherever it stands; what does is changed, wherever it stands.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "trace/text.h"

#define TEXT "the text of a span of 26 b"
/* Of the rows below those that JSON has as they are. */
#define PLAIN "\x7f ~!"

/* One byte or sequence of the text is another; what becomes of it in JSON and plain. */
static const struct {
	const char *in, *json, *plain;
} rows[] = {
	{"\"", "\\\"", "\""},     {"\\", "\\\\", "\\"}, {"\n", "\\u000a", "\n"}, {"\x1f", "\\u001f", "\x1f"},
	{"\x7f", "\x7f", "\x7f"}, {"\xff", "?", "?"},   {"\x80", "?", "?"},      {"\xc3\xa9", "\xc3\xa9", "\xc3\xa9"},
	{"\xed\xa0", "??", "??"}, {" ", " ", " "},      {"~", "~", "~"},         {"!", "!", "!"},
};

static void each_place(void **state)
{
	(void)state;
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		for (size_t len = 0; len < sizeof(TEXT); len++) {
			for (size_t at = 0; at <= len; at++) {
				struct buf json = BUF_INIT, plain = BUF_INIT;
				char in[64], want[64], copy[64], *end;
				int n = snprintf(in, sizeof(in), "%.*s%s%.*s", (int)at, TEXT, rows[r].in,
						 (int)(len - at), TEXT + at);

				trace_put_json(&json, slice_make(in, (size_t)n));
				snprintf(want, sizeof(want), "\"%.*s%s%.*s\"", (int)at, TEXT, rows[r].json,
					 (int)(len - at), TEXT + at);
				assert_string_equal(buf_str(&json), want);
				end = trace_copy_plain(copy, slice_make(in, (size_t)n));
				assert_int_equal(end != NULL, strpbrk(PLAIN, rows[r].in) != NULL);
				if (end) {
					assert_ptr_equal(end, copy + n);
					assert_memory_equal(copy, in, (size_t)n);
				}
				trace_put_text(&plain, slice_make(in, (size_t)n));
				snprintf(want, sizeof(want), "%.*s%s%.*s", (int)at, TEXT, rows[r].plain,
					 (int)(len - at), TEXT + at);
				assert_string_equal(buf_str(&plain), want);
				buf_done(&json);
				buf_done(&plain);
			}
		}
	}
}

static void nothing(void **state)
{
	struct buf out = BUF_INIT;

	(void)state;
	trace_put_json(&out, slice_make(NULL, 0));
	assert_string_equal(buf_str(&out), "\"\"");
	buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_place),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
