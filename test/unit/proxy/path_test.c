/* Normal forms of paths, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "proxy/path.h"

static const struct {
	const char *in, *out; /* NULL = refused */
	bool merge;
	int escaped;
} paths[] = {
	{"/", "/", false, 0},
	{"/a/b", "/a/b", false, 0},
	{"/a/./b", "/a/b", false, 0},
	{"/a/../b", "/b", false, 0},
	{"/a/..", "/", false, 0},
	{"/a/b/..", "/a/", false, 0},
	{"/a/.", "/a/", false, 0},
	{"/..", NULL, false, 0},
	{"/../a", NULL, false, 0},
	{"/a/../../b", NULL, false, 0},
	{"/a/%2e%2E/b", "/b", false, 0},
	{"/a\\b", "/a/b", false, 0},
	{"/a\\..\\b", "/b", false, 0},
	{"/a/..b/c.", "/a/..b/c.", false, 0},
	{"/a//b", "/a//b", false, 0},
	{"/a//b///c", "/a/b/c", true, 0},
	{"/a%2Fb", "/a%2Fb", false, PATH_ESCAPED_KEEP},
	{"/a%2Fb", NULL, false, PATH_ESCAPED_REJECT},
	{"/a%2F..%5cb", "/b", false, PATH_ESCAPED_UNESCAPE},
	{"/a?x=/../y", "/a?x=/../y", false, 0},
	{"/a/../b?x=/../y", "/b?x=/../y", false, 0},
	{"/a%00b", NULL, false, 0},
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct path_rules rules = {true, paths[i].merge, paths[i].escaped};
		struct slice in = slice_str(paths[i].in);
		char out[128];
		size_t n = in.len;

		memcpy(out, in.ptr, in.len);
		if (path_needs_work(in, &rules))
			n = path_normalise(in, &rules, out);
		out[n] = 0;
		if ((n == 0) != !paths[i].out || (n && strcmp(out, paths[i].out) != 0))
			fail_msg("%s: expected %s, got %s", paths[i].in, paths[i].out ? paths[i].out : "refused",
				 n ? out : "refused");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
