/* Members of JSON trees: what is read, what counts as nothing there, and where things are put. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "msg/json.h"

#define OBJECT                                                                                                         \
	"{\"metadata\":{\"name\":\"a\",\"labels\":{\"app.kubernetes.io/name\":\"x\",\"Name\":\"y\"}},"                 \
	"\"n\":3,\"half\":1.5,\"yes\":true,\"no\":false,\"list\":[\"p\",7,\"q\"],\"none\":null,\"empty\":{},"          \
	"\"gaps\":[]}"

static void members_are_found_by_name_and_path(void **state)
{
	CLEANUP(json_freep) cJSON *o = json_literal(OBJECT);
	const cJSON *labels = json_at(o, "metadata.labels");

	(void)state;
	assert_string_equal(json_str(o, "metadata.name"), "a");
	assert_string_equal(json_get_str(labels, "app.kubernetes.io/name"), "x");
	assert_null(json_str(labels, "app.kubernetes.io/name"));
	assert_null(json_get(o, "metadata.name"));
	assert_null(json_get(labels, "name"));
	assert_null(json_get(labels, NULL));
	assert_null(json_at(o, "metadata.name.more"));
	assert_null(json_at(o, "list.0"));
	assert_null(json_at(NULL, "a.b"));
	assert_null(json_str(o, "n"));
	assert_string_equal(json_str_or_empty(o, "n"), "");
}

static void numbers_and_booleans_are_themselves_alone(void **state)
{
	CLEANUP(json_freep) cJSON *o = json_literal(OBJECT);

	(void)state;
	assert_int_equal(json_int(o, "n", 9), 3);
	assert_int_equal(json_int(o, "half", 9), 9);
	assert_int_equal(json_int(o, "yes", 9), 9);
	assert_int_equal(json_int(o, "metadata.missing", -1), -1);
	assert_true(json_true(o, "yes"));
	assert_false(json_true(o, "no"));
	assert_false(json_true(o, "n"));
	json_set_int(o, "big", INT64_MAX);
	assert_true(json_int(o, "big", 0) == INT64_MAX);
}

static void emptiness_and_lists(void **state)
{
	CLEANUP(json_freep) cJSON *o = json_literal(OBJECT);
	int n = 0;

	(void)state;
	assert_true(json_has_str(json_get(o, "list"), "q"));
	assert_false(json_has_str(json_get(o, "list"), "7"));
	assert_false(json_has_str(o, "a"));
	assert_true(json_is_empty(NULL) && json_is_empty(json_get(o, "none")) && json_is_empty(json_get(o, "empty")) &&
		    json_is_empty(json_get(o, "gaps")));
	assert_false(json_is_empty(json_get(o, "no")) || json_is_empty(json_get(o, "list")));
	JSON_EACH(v, json_get(o, "list"))
	n += cJSON_IsString(v);
	JSON_EACH(v, json_get(o, "missing"))
	n += v != NULL;
	assert_int_equal(n, 2);
}

static void shows(const cJSON *o, const char *want)
{
	char *text = json_to_text(o);

	assert_string_equal(text, want);
	free(text);
}

static void what_is_set_keeps_its_place(void **state)
{
	CLEANUP(json_freep) cJSON *o = json_literal("{\"a\":1,\"b\":{\"x\":1},\"c\":[2]}");
	cJSON *list;

	(void)state;
	json_set_str(o, "b", "text");
	json_default_str(o, "b", "no");
	json_default_int(o, "d", 4);
	json_default_int(o, "a", 4);
	json_set_bool(o, "e", true);
	shows(o, "{\"a\":1,\"b\":\"text\",\"c\":[2],\"d\":4,\"e\":true}");
	json_set_first(o, "d", cJSON_CreateNumber(5));
	json_remove(o, "e");
	json_remove(o, "e");
	shows(o, "{\"d\":5,\"a\":1,\"b\":\"text\",\"c\":[2]}");
	list = json_array(o, "c");
	assert_ptr_equal(json_set(o, "c", list), list);
	assert_null(json_object(o, "b")->child);
	assert_null(json_array(o, "f")->child);
	shows(o, "{\"d\":5,\"a\":1,\"b\":{},\"c\":[2],\"f\":[]}");
}

static void copies_of_members(void **state)
{
	CLEANUP(json_freep) cJSON *from = json_literal("{\"a\":{\"x\":1}}"), *to = json_literal("{\"b\":2}");

	(void)state;
	json_copy_member(to, from, "a");
	json_copy_member(to, from, "b");
	shows(to, "{\"a\":{\"x\":1}}");
	shows(from, "{\"a\":{\"x\":1}}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_by_name_and_path),
		cmocka_unit_test(numbers_and_booleans_are_themselves_alone),
		cmocka_unit_test(emptiness_and_lists),
		cmocka_unit_test(what_is_set_keeps_its_place),
		cmocka_unit_test(copies_of_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
