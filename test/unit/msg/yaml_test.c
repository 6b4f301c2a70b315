/* The lines on which values stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"

static const char text[] = "# a comment\n"
			   "a: 1\n"
			   "b:\n"
			   "  c: {d: 2,\n"
			   "      e: [3,\n"
			   "          4]}\n"
			   "f: &x\n"
			   "  g: 5\n"
			   "h: *x\n"
			   "i:\n"
			   "  <<: {j: 6, k: 7}\n"
			   "  l: >\n"
			   "    folded\n"
			   "  m: 8\n"
			   "---\n"
			   "- n\n"
			   "- o: 9\n";

static const struct {
	int document;
	const char *path;
	unsigned line;
} rows[] = {
	{0, "a", 2}, {0, "b", 3},   {0, "b.c", 4},  {0, "b.c.d", 4}, {0, "b.c.e", 5}, {0, "f", 7},
	{0, "h", 9}, {0, "i.j", 0}, {0, "i.l", 12}, {0, "i.m", 14},  {0, "f.g", 8},
};

struct checked {
	int documents;
};

static int on_doc(void *arg, cJSON *doc, struct yaml_lines *lines, struct err *e)
{
	struct checked *c = arg;

	(void)e;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].document == c->documents && yaml_line_of(lines, json_at(doc, rows[i].path)) != rows[i].line)
			fail_msg("%s: line %u, wanted %u", rows[i].path,
				 yaml_line_of(lines, json_at(doc, rows[i].path)), rows[i].line);
	if (c->documents == 0) {
		assert_int_equal(yaml_line_of(lines, doc), 2);
		assert_int_equal(yaml_line_of(lines, json_at(doc, "b.c.e")->child->next), 6);
	} else {
		assert_int_equal(yaml_line_of(lines, doc->child), 16);
		assert_int_equal(yaml_line_of(lines, json_get(doc->child->next, "o")), 17);
	}
	c->documents++;
	cJSON_Delete(doc);
	return 0;
}

static void test_lines(void **state)
{
	struct checked c = {0};

	(void)state;
	assert_int_equal(yaml_each_lines(slice_str(text), on_doc, &c, NULL), 0);
	assert_int_equal(c.documents, 2);
}

/* What a document's lines were taken over outlives the reading. */
static int keep(void *arg, cJSON *doc, struct yaml_lines *lines, struct err *e)
{
	struct yaml_lines *kept = arg;

	(void)e;
	*kept = *lines;
	*lines = (struct yaml_lines){0};
	cJSON_Delete(doc);
	return 0;
}

static void test_taken(void **state)
{
	struct yaml_lines kept = {0};

	(void)state;
	assert_int_equal(yaml_each_lines(SLICE("a: 1\nb: 2\n"), keep, &kept, NULL), 0);
	assert_int_equal(kept.v.n, 3);
	yaml_lines_done(&kept);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
