/* Matching of requests to routes, rewriting, redirects, formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "route/route.h"

static struct slice no_header(const void *ctx, struct slice name)
{
	(void)ctx;
	(void)name;
	return slice_make(NULL, 0);
}

static struct slice user_header(const void *ctx, struct slice name)
{
	const char *value = ctx;

	return slice_eq(name, SLICE("x-user")) ? slice_str(value) : slice_make(NULL, 0);
}

struct domain_row {
	const char *host, *vhost;
};

static void add_vhost(struct route_table *t, struct route_vhost *v, const char *name, const char **domains, size_t n)
{
	v->name = name;
	v->domains = domains;
	v->n_domains = n;
	(void)t;
}

static void domains(void **state)
{
	static const char *exact[] = {"shop.example.com", "Upper.Example.com"};
	static const char *suffix[] = {"*.example.com", "*.b.example.com"};
	static const char *prefix[] = {"shop.*"};
	static const char *any[] = {"*"};
	static const struct domain_row rows[] = {
		{"shop.example.com", "exact"},
		{"SHOP.example.com", "exact"},
		{"upper.example.com", "exact"},
		{"x.example.com", "suffix"},
		{"a.b.example.com", "suffix"},
		{"example.com", "any"},
		{"shop.org", "prefix"},
		{"other.org", "any"},
		{"", "any"},
		{"shop.example.com:80", "prefix"},
	};
	CLEANUP(route_table_unrefp) struct route_table *t = route_table_new();
	struct err e = ERR_INIT;

	(void)state;
	t->n_vhosts = 4;
	t->vhosts = ARENA_NEW_N(&t->arena, struct route_vhost, 4);
	add_vhost(t, &t->vhosts[0], "exact", exact, 2);
	add_vhost(t, &t->vhosts[1], "suffix", suffix, 2);
	add_vhost(t, &t->vhosts[2], "prefix", prefix, 1);
	add_vhost(t, &t->vhosts[3], "any", any, 1);
	assert_int_equal(route_table_seal(t, &e), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct route_vhost *v = route_vhost_find(t, slice_str(rows[i].host));
		if (strcmp(v->name, rows[i].vhost) != 0)
			fail_msg("%s: expected %s, got %s", rows[i].host, rows[i].vhost, v->name);
	}
}

static void a_domain_occurs_once(void **state)
{
	static const char *twice[] = {"a.com", "A.com"};
	CLEANUP(route_table_unrefp) struct route_table *t = route_table_new();
	struct err e = ERR_INIT;

	(void)state;
	t->n_vhosts = 1;
	t->vhosts = ARENA_NEW_N(&t->arena, struct route_vhost, 1);
	add_vhost(t, &t->vhosts[0], "v", twice, 2);
	assert_int_equal(route_table_seal(t, &e), -EINVAL);
	assert_string_equal(e.msg, "virtual host v: duplicate domain A.com");
}

/* One virtual host whose routes are walked (few) or indexed (padded with many that never match). */
static struct route_table *paths_table(size_t padding)
{
	static const char *any[] = {"*"};
	struct route_table *t = route_table_new();
	struct route_vhost *v = ARENA_NEW(&t->arena, struct route_vhost);
	size_t n = 0;

	t->vhosts = v;
	t->n_vhosts = 1;
	v->name = "v";
	v->domains = any;
	v->n_domains = 1;
	v->routes = ARENA_NEW_N(&t->arena, struct route, padding + 9);
	for (size_t i = 0; i < padding; i++) {
		v->routes[n].name = "padding";
		v->routes[n].match.path_kind = i % 2 ? ROUTE_PATH_EXACT : ROUTE_PATH_PREFIX;
		v->routes[n++].match.path = slice_str(arena_printf(&t->arena, "/padding/%zu", i));
	}
	const struct {
		const char *name;
		enum route_path_kind kind;
		const char *path;
		bool ignore_case;
	} rows[] = {
		{"exact", ROUTE_PATH_EXACT, "/a", false},
		{"prefix-late", ROUTE_PATH_PREFIX, "/a/b", false},
		{"prefix", ROUTE_PATH_PREFIX, "/a", false},
		{"shadowed", ROUTE_PATH_EXACT, "/a/c", false},
		{"case", ROUTE_PATH_EXACT, "/CASE", true},
		{"separated", ROUTE_PATH_SEPARATED_PREFIX, "/s", false},
		{"regex", ROUTE_PATH_REGEX, "/r/[0-9]+", false},
		{"x", ROUTE_PATH_PREFIX, "/x", false},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct route *r = &v->routes[n++];
		r->name = rows[i].name;
		r->match.path_kind = rows[i].kind;
		r->match.path = slice_str(rows[i].path);
		r->match.ignore_case = rows[i].ignore_case;
		if (rows[i].kind == ROUTE_PATH_REGEX)
			assert_int_equal(regex_new(&t->arena, r->match.path, &r->match.regex, NULL), 0);
		if (strcmp(rows[i].name, "x") == 0) {
			r->match.headers = ARENA_NEW(&t->arena, struct match_header);
			r->match.n_headers = 1;
			r->match.headers[0].name = SLICE("x-user");
			r->match.headers[0].value = (struct match_string){.kind = MATCH_EXACT, .text = SLICE("jason")};
		}
	}
	v->n_routes = n;
	assert_int_equal(route_table_seal(t, NULL), 0);
	return t;
}

static void paths_in_order(void **state)
{
	static const struct {
		const char *path, *user, *route;
	} rows[] = {
		{"/a", NULL, "exact"},     {"/a?x=1", NULL, "exact"},
		{"/ab", NULL, "prefix"},   {"/a/b", NULL, "prefix-late"},
		{"/a/c", NULL, "prefix"},  {"/case", NULL, "case"},
		{"/s", NULL, "separated"}, {"/s/1", NULL, "separated"},
		{"/sx", NULL, NULL},       {"/r/12", NULL, "regex"},
		{"/r/12x", NULL, NULL},    {"/x", NULL, NULL},
		{"/x", "jason", "x"},      {"/x", "other", NULL},
		{"/", NULL, NULL},         {"", NULL, NULL},
	};

	(void)state;
	for (size_t padding = 0; padding <= 1000; padding += 500) {
		CLEANUP(route_table_unrefp) struct route_table *t = paths_table(padding);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
			struct route_request rq = {.authority = SLICE("h"),
						   .path = slice_str(rows[i].path),
						   .header = rows[i].user ? user_header : no_header,
						   .ctx = rows[i].user};
			const struct route *r = route_find(t, &rq);
			const char *got = r ? r->name : "(none)", *want = rows[i].route ? rows[i].route : "(none)";
			if (strcmp(got, want) != 0)
				fail_msg("padding %zu, %s: expected %s, got %s", padding, rows[i].path, want, got);
		}
	}
}

static void rewrites(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct regex *re;
	struct route prefix = {.match = {.path_kind = ROUTE_PATH_PREFIX, .path = SLICE("/catalog")},
			       .has_prefix_rewrite = true,
			       .prefix_rewrite = SLICE("/")};
	struct route regex = {.match = {.path_kind = ROUTE_PATH_PREFIX, .path = SLICE("/")}};

	(void)state;
	assert_int_equal(regex_new(&a, SLICE("^/v([0-9])/(.*)$"), &re, NULL), 0);
	regex.regex_rewrite = re;
	regex.regex_substitution = SLICE("/\\2/\\1");
	assert_true(slice_eq_str(route_rewrite_path(&prefix, SLICE("/catalog"), &a), "/"));
	assert_true(slice_eq_str(route_rewrite_path(&prefix, SLICE("/catalog/x?y=/catalog"), &a), "//x?y=/catalog"));
	assert_true(slice_eq_str(route_rewrite_path(&regex, SLICE("/v1/shop?q=1"), &a), "/shop/1?q=1"));
	assert_true(slice_eq_str(route_rewrite_path(&regex, SLICE("/other"), &a), "/other"));
}

static void redirects(void **state)
{
	static const struct {
		struct route_redirect d;
		const char *scheme, *authority, *path, *location;
	} rows[] = {
		{{.https = true}, "http", "shop.com:80", "/a?b", "https://shop.com/a?b"},
		{{.https = true}, "http", "shop.com:8080", "/a", "https://shop.com:8080/a"},
		{{.host = {"new.org", 7}}, "http", "shop.com:8080", "/a", "http://new.org/a"},
		{{.port = 8443, .https = true}, "http", "shop.com", "/", "https://shop.com:8443/"},
		{{.path = {"/p", 2}}, "http", "h", "/a?b=1", "http://h/p?b=1"},
		{{.path = {"/p", 2}, .strip_query = true}, "http", "h", "/a?b=1", "http://h/p"},
		{{.prefix = {"/n", 2}, .has_prefix = true}, "http", "[::1]:80", "/m/x", "http://[::1]:80/n/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct route_redirect d = rows[i].d;
		struct route r = {.redirect = &d, .match = {.path_kind = ROUTE_PATH_PREFIX, .path = SLICE("/m")}};
		struct slice got = route_redirect_location(&r, slice_str(rows[i].scheme), slice_str(rows[i].authority),
							   slice_str(rows[i].path), &a);
		if (!slice_eq_str(got, rows[i].location))
			fail_msg("row %zu: expected %s, got %.*s", i, rows[i].location, SLICE_ARG(got));
	}
}

static void weights(void **state)
{
	struct route_weighted w[] = {{.weight = 90}, {.weight = 0}, {.weight = 10}};
	struct route r = {.weighted = w, .n_weighted = 3, .total_weight = 100};
	int count[3] = {0};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		count[route_pick_weighted(&r, i) - w]++;
	assert_int_equal(count[0], 900);
	assert_int_equal(count[1], 0);
	assert_int_equal(count[2], 100);
}

static void formats(void **state)
{
	static const struct {
		const char *text;
		int r;
		size_t n;
	} rows[] = {
		{"plain", 0, 1},
		{"", 0, 0},
		{"%REQ(:METHOD)% %REQ(X-A?:PATH):10%", 0, 3},
		{"100%%", 0, 2},
		{"%START_TIME(%Y/%m)%", 0, 1},
		{"%NOPE%", -EINVAL, 0},
		{"%REQ%", -EINVAL, 0},
		{"%REQ(:PATH)", -EINVAL, 0},
		{"%", -EINVAL, 0},
		{"%DURATION(x)%", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct format f = {0};
		int r = format_parse(&a, slice_str(rows[i].text), &f, NULL);
		if (r != rows[i].r || (r == 0 && f.n != rows[i].n))
			fail_msg("'%s': %d with %zu parts", rows[i].text, r, f.n);
	}
}

static void headers(void **state)
{
	static const struct {
		struct match_header m;
		const char *value;
		bool want;
	} rows[] = {
		{{.value = {.kind = MATCH_PRESENT}}, "x", true},
		{{.value = {.kind = MATCH_PRESENT}}, NULL, false},
		{{.value = {.kind = MATCH_PRESENT}, .want_absent = true}, NULL, true},
		{{.value = {.kind = MATCH_PRESENT}, .invert = true}, NULL, true},
		{{.value = {.kind = MATCH_EXACT, .text = {"a", 1}}}, "a", true},
		{{.value = {.kind = MATCH_EXACT, .text = {"a", 1}}}, "A", false},
		{{.value = {.kind = MATCH_EXACT, .text = {"a", 1}, .ignore_case = true}}, "A", true},
		{{.value = {.kind = MATCH_EXACT, .text = {"a", 1}}, .invert = true}, NULL, true},
		{{.value = {.kind = MATCH_EXACT, .text = {"", 0}}, .absent_is_empty = true}, NULL, true},
		{{.value = {.kind = MATCH_SUFFIX, .text = {"bc", 2}}}, "abc", true},
		{{.value = {.kind = MATCH_CONTAINS, .text = {"B", 1}, .ignore_case = true}}, "abc", true},
		{{.value = {.kind = MATCH_RANGE, .from = 1, .to = 10}}, "9", true},
		{{.value = {.kind = MATCH_RANGE, .from = 1, .to = 10}}, "10", false},
		{{.value = {.kind = MATCH_RANGE, .from = -5, .to = 0}}, "-1", true},
		{{.value = {.kind = MATCH_RANGE, .from = 1, .to = 10}}, "x", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (match_header_test(&rows[i].m, slice_str(rows[i].value)) != rows[i].want)
			fail_msg("row %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains),        cmocka_unit_test(a_domain_occurs_once),
		cmocka_unit_test(paths_in_order), cmocka_unit_test(rewrites),
		cmocka_unit_test(redirects),      cmocka_unit_test(weights),
		cmocka_unit_test(formats),        cmocka_unit_test(headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
