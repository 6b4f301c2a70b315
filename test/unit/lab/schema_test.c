/* Nulls in objects of custom kinds: what the API server makes of them before it checks anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "lab/object/schema.h"
#include "msg/json.h"
#include "msg/yaml.h"

static const char yaml[] =
	"{type: object, properties: {list: {type: array, items: {type: string}}, map: {type: object, "
	"additionalProperties: {type: string}}, kept: {type: array, nullable: true, items: {type: "
	"string}}, dflt: {type: string, default: d}, any: {x-kubernetes-preserve-unknown-fields: true}, "
	"inner: {type: object, properties: {n: {type: integer}}}}}";

static const struct {
	const char *in, *out;
} rows[] = {
	{"{list: null, map: null}", "{dflt: d}"},
	{"{kept: null}", "{kept: null, dflt: d}"},
	{"{dflt: null}", "{dflt: d}"},
	{"{any: null}", "{any: null, dflt: d}"},
	{"{inner: {n: null}}", "{inner: {}, dflt: d}"},
	{"{list: [a], dflt: e}", "{list: [a], dflt: e}"},
};

static void test_nulls(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	const struct schema *s;

	(void)state;
	assert_int_equal(yaml_parse(slice_str(yaml), &json, NULL), 0);
	s = schema_compile(&a, json);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *value = NULL;
		CLEANUP(json_freep) cJSON *want = NULL;
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		assert_int_equal(yaml_parse(slice_str(rows[i].in), &value, NULL), 0);
		assert_int_equal(yaml_parse(slice_str(rows[i].out), &want, NULL), 0);
		schema_default(s, value);
		json_print(value, &text);
		if (!json_equal(value, want))
			fail_msg("%s became %s", rows[i].in, buf_str(&text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nulls)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
