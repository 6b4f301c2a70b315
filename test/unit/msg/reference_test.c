/* The handbook's table of fields: each path once, with its type and what becomes of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "api/api_internal.h"
#include "base/cleanup.h"
#include "msg/reference.h"

struct inner {
	const char *word;
};

struct outer {
	struct inner *one, *again, *told, *some, *foreign;
	LIST(struct inner) many;
	int64_t number;
};

WORDS(words, {"A", 0}, {"B", 0});

#define T struct inner
static const struct msg_field inner_rows[] = {
	F(word, "word", STRING, DONE, .enums = &words, .flags = MSG_REQUIRED, .doc = "A | or B."),
};
static DESC(inner, "Inner", "An inner one.");
#undef T

#define T struct outer
static const struct msg_field outer_rows[] = {
	F(one, "one", MESSAGE, DONE, .desc = &inner_desc),
	F(again, "again", MESSAGE, DONE, .desc = &inner_desc, .doc = "Again."),
	F(told, "told", MESSAGE, TOLD("is not"), .desc = &inner_desc),
	F(some, "some", MESSAGE, TOLD_UNLESS("is not", "x", "y"), .desc = &inner_desc),
	F(foreign, "foreign", MESSAGE, .desc = &inner_desc),
	F(many, "many", MESSAGE, MOOT("no | matter"), .desc = &inner_desc, .flags = MSG_LIST),
	F(number, "number", INT64, DONE, .dflt = "7"),
};
static DESC(outer, "Outer", NULL);
#undef T

static void test_rows(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	msg_reference(&outer_desc, &out);
	assert_string_equal(buf_str(&out),
			    "| field | type | what it means | what becomes of it |\n|---|---|---|---|\n"
			    "| `one` | object | An inner one. | carried out |\n"
			    "| `one.word` | `A`, `B`; required | A \\| or B. | carried out |\n"
			    "| `again` | object | Again. Fields as of `one`. | carried out |\n"
			    "| `told` | object | An inner one. | told: is not |\n"
			    "| `some` | object | An inner one. Fields as of `one`. | told, unless `x`, `y`: is not |\n"
			    "| `foreign` | object | An inner one. | passed on |\n"
			    "| `many` | list of object | An inner one. | nothing to do: no \\| matter |\n"
			    "| `number` | integer; default `7` |  | carried out |\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
