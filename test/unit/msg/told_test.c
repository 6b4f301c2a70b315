/* Fields that are not carried out: found wherever they stand, told once, with path and reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "api/api_internal.h"
#include "msg/json.h"
#include "msg/yaml.h"

struct inner {
	const char *good, *bad;
};

struct outer {
	struct inner *one, *whole;
	LIST(struct inner) many;
	MAP(struct inner) named;
	int64_t *number;
	const char *moot;
	bool *on;
	const char *word;
	MAP(struct inner) known;
	struct str_map texts;
	int kind;
};

static const struct msg_enum_value kind_values[] = {{"NONE", 0}, {"SOFT", 1}, {"HARD", 2}};
static ENUM(kind);

#define T struct inner
static const struct msg_field inner_rows[] = {
	F(good, "good", STRING, DONE),
	F(bad, "bad", STRING, TOLD("is bad")),
};
static DESC(inner, "Inner", "");
#undef T

#define T struct outer
static const struct msg_field outer_rows[] = {
	F(one, "one", MESSAGE, DONE, .desc = &inner_desc),
	F(whole, "whole", MESSAGE, TOLD("is bad as a whole"), .desc = &inner_desc),
	F(many, "many", MESSAGE, DONE, .desc = &inner_desc, .flags = MSG_LIST),
	F(named, "named", MAP, DONE, .desc = &inner_desc),
	F(number, "number", INT64, TOLD("is no use"), .flags = MSG_OPTIONAL),
	F(moot, "moot", STRING, MOOT("says nothing")),
	F(on, "enabled", BOOL, TOLD_UNLESS("cannot be", "false"), .flags = MSG_OPTIONAL),
	F(word, "word", STRING, TOLD_UNLESS("is another", "this", "that")),
	F(known, "known", MAP, TOLD_UNLESS("is a stranger", "a", "b"), .desc = &inner_desc),
	F(texts, "texts", STR_MAP, TOLD_UNLESS("is unheard of", "a")),
	F(kind, "kind", ENUM, TOLD_UNLESS("is too much", "SOFT"), .enums = &kind_names),
};
static DESC(outer, "Outer", "");
#undef T

struct heard {
	char text[1000];
};

static void on_told(void *arg, const char *path, const char *note)
{
	struct heard *h = arg;
	const size_t n = strlen(h->text);

	snprintf(h->text + n, sizeof(h->text) - n, "%s %s\n", path, note);
}

static void told(const char *yaml, int n, const char *want)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct outer o = {0};
	struct heard h = {0};

	assert_int_equal(yaml_parse(slice_str(yaml), &json, NULL), 0);
	assert_int_equal(msg_from_json(&outer_desc, &o, json, &a, NULL), 0);
	assert_int_equal(msg_told(&outer_desc, &o, "spec", on_told, &h), n);
	assert_string_equal(h.text, want);
}

static void tells_what_is_set(void **state)
{
	(void)state;
	told("{one: {good: a}, moot: x}", 0, "");
	told("{one: {good: a, bad: b}}", 1, "spec.one.bad is bad\n");
	told("{many: [{good: a}, {bad: b}], named: {k: {bad: c}}}", 2,
	     "spec.many[1].bad is bad\nspec.named[k].bad is bad\n");
	told("{number: 0}", 1, "spec.number is no use\n");
}

static void what_lies_below_is_not_told_again(void **state)
{
	(void)state;
	told("{whole: {bad: b}}", 1, "spec.whole is bad as a whole\n");
}

static void exceptions(void **state)
{
	(void)state;
	told("{enabled: false, word: that}", 0, "");
	told("{enabled: true, word: thatch}", 2, "spec.enabled cannot be\nspec.word is another\n");
	told("{texts: {a: x}, kind: SOFT}", 0, "");
	told("{texts: {a: x, b: x}, kind: HARD}", 2, "spec.texts[b] is unheard of\nspec.kind is too much\n");
	told("{known: {a: {good: x}, b: {bad: x}, c: {good: x, bad: x}}}", 2,
	     "spec.known[b].bad is bad\nspec.known[c] is a stranger\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_is_set),
		cmocka_unit_test(what_lies_below_is_not_told_again),
		cmocka_unit_test(exceptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
