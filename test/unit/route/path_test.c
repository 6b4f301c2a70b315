/* Normal forms of paths, what is refused, and what policies compare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "route/path.h"

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
	{"/a//../b", "/a/b", true, 0}, /* slashes are merged after dot segments */
	{"/a%2Fb", "/a%2Fb", false, PATH_ESCAPED_KEEP},
	{"/a%2Fb", NULL, false, PATH_ESCAPED_REJECT},
	{"/a%5cb", NULL, false, PATH_ESCAPED_REJECT},
	{"/a%2F..%5cb", "/b", false, PATH_ESCAPED_UNESCAPE},
	{"/a%2f%2Fb", "/a/b", true, PATH_ESCAPED_UNESCAPE},
	{"/a?x=/../y", "/a?x=/../y", false, 0},
	{"/a/../b?x=/../y", "/b?x=/../y", false, 0},
	{"/a%00b", NULL, false, 0},
	/* unreserved characters, in either case of the digits; once */
	{"/%61dmin", "/admin", false, 0},
	{"/admi%6e", "/admin", false, 0},
	{"/admi%6E", "/admin", false, 0},
	{"/%41%5a%30%39%2d%2e%5f%7e", "/AZ09-._~", false, 0},
	{"/v%31/internal/%61%2Eb", "/v1/internal/a.b", false, 0},
	{"/%2561dmin", "/%2561dmin", false, 0},
	{"/%25%36%31dmin", "/%2561dmin", false, 0},
	/* reserved ones stay as they were written */
	{"/a%2fb%3F%23%3b%40", "/a%2fb%3F%23%3b%40", false, 0},
	{"/a%20b", "/a%20b", false, 0},
	{"/%61?q=%61", "/a?q=%61", false, 0},
	/* a percent sign alone must not become the begin of an escape */
	{"/100%", "/100%", false, 0},
	{"/%zz%61", "/%zza", false, 0},
	{"/%%36%31dmin", "/%%361dmin", false, 0},
	{"/%%361dmin", "/%%361dmin", false, 0},
	{"/%6%31dmin", "/%6%31dmin", false, 0},
	{"/%6", "/%6", false, 0},
	/* what is not ASCII */
	{"/caf\xc3\xa9", "/caf%C3%A9", false, 0},
	{"/caf%c3%a9", "/caf%c3%a9", false, 0},
};

static void test_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct path_rules rules = {true, paths[i].merge, paths[i].escaped};
		struct slice in = slice_str(paths[i].in);
		char out[256];
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

/* Without any rule a path is what the client sent, whatever it is. */
static void test_untouched(void **state)
{
	static const char *const rows[] = {"/%61/../b//c", "/a%00b", "/..", "/a\\b", "/\xc3\xa9"};
	const struct path_rules none = {false, false, PATH_ESCAPED_KEEP}, merge = {false, true, PATH_ESCAPED_KEEP};
	char out[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_false(path_needs_work(slice_str(rows[i]), &none));
	assert_true(path_needs_work(SLICE("/%61//b"), &merge));
	out[path_normalise(SLICE("/%61//b"), &merge, out)] = 0;
	assert_string_equal(out, "/%61/b");
}

static void test_fold(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"/admin", "/admin"},           {"/%61dmin", "/admin"},       {"/a%2fb", "/a%2Fb"},
		{"/caf\xc3\xa9", "/caf%C3%A9"}, {"/caf%c3%a9", "/caf%C3%A9"}, {"/a\\b", "/a/b"},
		{"/a/../b", "/a/../b"},         {"/a%00", "/a%00"},           {"/%%36%31", "/%%361"},
	};
	char out[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct slice in = slice_str(rows[i].in);

		if (!path_needs_fold(in)) {
			assert_string_equal(rows[i].in, rows[i].out);
			continue;
		}
		out[path_fold(in, out)] = 0;
		assert_string_equal(out, rows[i].out);
	}
}

static void test_dot_parameters(void **state)
{
	static const struct {
		const char *path;
		bool has;
	} rows[] = {
		{"/x/..;/admin", true}, {"/x/..;a=b/admin", true},
		{"/.;x/admin", true},   {"/x/..;", true},
		{"/x/%2e%2e;/y", true}, {"/x/.%2E%3b/y", true},
		{"/x%2f..;/y", true},   {"/x\\..;/y", true},
		{"/x/a;b=c/y", false},  {"/x/...;/y", false},
		{"/x/a..;/y", false},   {"/x/../y", false},
		{"/x/..%2fy;z", false}, {"/", false},
		{"/x/.", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (path_has_dot_parameters(slice_str(rows[i].path)) != rows[i].has)
			fail_msg("%s: expected %d", rows[i].path, rows[i].has);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_paths), cmocka_unit_test(test_untouched),
					   cmocka_unit_test(test_fold), cmocka_unit_test(test_dot_parameters)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
