/* Descriptions of a schema: what a row says of its place counts, then what its message says of itself, then nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

struct inner {
	char *text;
};

struct outer {
	struct inner *told, *plain;
};

static const struct msg_field inner_rows[] = {
	MSG_ROW(struct inner, text, "text", MSG_STRING, .doc = NULL),
};
static const struct msg_desc inner_desc = {
	.name = "Inner", .doc = "Of itself.", .fields = inner_rows, .n_fields = 1, .size = sizeof(struct inner)};

static const struct msg_field outer_rows[] = {
	MSG_ROW(struct outer, told, "told", MSG_MESSAGE, .desc = &inner_desc, .doc = "Of its place."),
	MSG_ROW(struct outer, plain, "plain", MSG_MESSAGE, .desc = &inner_desc),
};
static const struct msg_desc outer_desc = {
	.name = "Outer", .fields = outer_rows, .n_fields = 2, .size = sizeof(struct outer)};

static void test_descriptions(void **state)
{
	CLEANUP(json_freep) cJSON *s = msg_schema(&outer_desc);

	(void)state;
	assert_null(json_at(s, "description"));
	assert_string_equal(json_str(s, "properties.told.description"), "Of its place.");
	assert_string_equal(json_str(s, "properties.plain.description"), "Of itself.");
	assert_null(json_at(s, "properties.plain.properties.text.description"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_descriptions)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
