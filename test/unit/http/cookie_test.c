/* Cookies of consistent hashing: read, made up, handed out, and the same all the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "proxy/stream/headers.c"

static const struct {
	const char *fields[3], *value; /* NULL: none */
} rows[] = {
	{{"basket=abc"}, "abc"},
	{{"a=b; basket=abc; c=d"}, "abc"},
	{{"a=b", "basket=abc"}, "abc"},
	{{"basket=\"abc\""}, "abc"},
	{{"basket="}, NULL},
	{{"basket=\"\""}, NULL},
	{{"xbasket=abc; basketx=1"}, NULL},
	{{"Basket=abc"}, NULL},
	{{NULL}, NULL},
};

/* A stream on a connection, with one route. */
struct scene {
	struct stream s;
	struct worker w;
	struct down d;
	struct route r;
	struct route_hash hashes[3];
};

static struct scene *scene_new(const char *const *cookies, int64_t ttl_s)
{
	struct scene *x = NEW(struct scene);

	assert_int_equal(addr_parse(SLICE("10.244.0.5"), 40001, &x->d.peer), 0);
	assert_int_equal(addr_parse(SLICE("10.96.0.21"), 8080, &x->d.local), 0);
	x->hashes[0] = (struct route_hash){
		.kind = ROUTE_HASH_COOKIE, .name = SLICE("basket"), .path = SLICE("/cart"), .cookie_ttl_s = ttl_s};
	x->hashes[1] = x->hashes[0];
	x->hashes[2] = (struct route_hash){.kind = ROUTE_HASH_HEADER, .name = SLICE("x")};
	x->r = (struct route){.hashes = x->hashes, .n_hashes = 3};
	stream_memory_init(&x->s, &x->w);
	x->s.conn = &x->d;
	x->s.route = &x->r;
	for (; cookies && *cookies; cookies++)
		http_add(&x->s.req, SLICE("cookie"), slice_str(*cookies));
	return x;
}

static void scene_free(struct scene *x)
{
	stream_memory_done(&x->s);
	assert_int_equal(x->w.buffers.taken, 0);
	buffers_done(&x->w.buffers);
	free(x);
}

static size_t count(const struct http_head *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_fields; i++)
		n += slice_eq_str(http_field_name(&h->fields[i]), name);
	return n;
}

static void reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene *x = scene_new(rows[i].fields, -1);
		const struct slice got = stream_cookie(&x->s, &x->hashes[0]);

		if (rows[i].value ? !slice_eq_str(got, rows[i].value) : got.ptr != NULL)
			fail_msg("row %zu: got %.*s", i, SLICE_ARG(got));
		scene_free(x);
	}
}

/* Once, with all attributes, and with the value that was hashed. */
static void handing_out(void **state)
{
	static const struct {
		int64_t ttl_s;
		const char *rest;
	} ttls[] = {{90, "\"; Max-Age=90; Path=/cart; HttpOnly"}, {0, "\"; Path=/cart; HttpOnly"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ttls); i++) {
		struct scene *x = scene_new(NULL, ttls[i].ttl_s);
		const struct slice hashed = stream_cookie(&x->s, &x->hashes[0]);
		struct slice got;

		assert_int_equal(hashed.len, 16);
		stream_cookies_response(&x->s, &x->s.resp);
		assert_int_equal(count(&x->s.resp, "set-cookie"), 1);
		got = http_field_value(http_find(&x->s.resp, SLICE("set-cookie")));
		assert_true(slice_starts(got, SLICE("basket=\"")));
		assert_memory_equal(got.ptr + 8, hashed.ptr, hashed.len);
		assert_true(slice_eq_str(slice_from(got, 8 + hashed.len), ttls[i].rest));
		scene_free(x);
	}
}

static void not_handing_out(void **state)
{
	static const char *const own[] = {"a=b; basket=mine", NULL};
	struct scene *x = scene_new(own, 90);

	(void)state;
	stream_cookies_response(&x->s, &x->s.resp);
	assert_int_equal(count(&x->s.resp, "set-cookie"), 0);
	scene_free(x);
	x = scene_new(NULL, -1); /* without a lifetime none is made up */
	assert_null(stream_cookie(&x->s, &x->hashes[0]).ptr);
	stream_cookies_response(&x->s, &x->s.resp);
	assert_int_equal(count(&x->s.resp, "set-cookie"), 0);
	scene_free(x);
}

/* Two requests of a connection get one cookie, two connections two. */
static void per_connection(void **state)
{
	struct scene *x = scene_new(NULL, 90), *y = scene_new(NULL, 90), *z = scene_new(NULL, 90);

	(void)state;
	assert_int_equal(addr_parse(SLICE("10.244.0.5"), 40002, &z->d.peer), 0);
	assert_true(slice_eq(new_cookie(&x->s), new_cookie(&y->s)));
	assert_false(slice_eq(new_cookie(&x->s), new_cookie(&z->s)));
	scene_free(x);
	scene_free(y);
	scene_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reading), cmocka_unit_test(handing_out),
					   cmocka_unit_test(not_handing_out), cmocka_unit_test(per_connection)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
