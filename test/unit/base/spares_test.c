/*
 * Pieces that were freed come back for what they hold, and no further; what nobody needs goes. Sizes as malloc has them
 * by itself: under a sanitizer others are not rounded up, so they come back for less than was asked for.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/spares.h"

static void come_back(void **state)
{
	CLEANUP(spares_done) struct spares s = {0};
	char *p, *zeroed;

	(void)state;
	for (size_t n = 1; n <= SPARES_PIECE_MAX_BYTES; n += n < 200 ? 1 : 97) {
		p = spares_get(&s, n);
		memset(p, 'x', n);
		spares_put(&s, p);
		zeroed = spares_get_zeroed(&s, n);
		for (size_t i = 0; i < n; i++)
			assert_int_equal(zeroed[i], 0);
		assert_true(malloc_usable_size(zeroed) >= n);
		free(zeroed);
	}
}

static void of_the_same_size(void **state)
{
	CLEANUP(spares_done) struct spares s = {0};
	char *p = spares_get(&s, 200), *larger;

	(void)state;
	spares_put(&s, p);
	larger = spares_get(&s, 392);
	assert_ptr_not_equal(larger, p);
	spares_put(&s, larger);
	assert_ptr_equal(spares_get(&s, 200), p);
	assert_ptr_equal(spares_get(&s, 392), larger);
	/* They are malloc's all the same. */
	p = realloc(p, 300);
	spares_put(&s, p);
	free(larger);
	spares_put(&s, NULL);
	spares_put(NULL, spares_get(NULL, 10));
}

static void are_bounded(void **state)
{
	enum { BYTES = 4000, MORE = 10, MOST = SPARES_KEEP_BYTES / BYTES + MORE };
	CLEANUP(spares_done) struct spares s = {0};
	char *v[MOST];
	size_t kept;

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		v[i] = spares_get(&s, BYTES);
	for (size_t i = 0; i < MOST; i++)
		spares_put(&s, v[i]);
	(void)spares_trim(&s); /* all were needed since the beginning */
	kept = spares_trim(&s);
	assert_in_range(kept, SPARES_KEEP_BYTES - 2 * BYTES, SPARES_KEEP_BYTES);
	/* Larger ones are not kept at all. */
	spares_put(&s, spares_get(&s, SPARES_PIECE_MAX_BYTES + 100));
	(void)spares_trim(&s);
	assert_int_equal(spares_trim(&s), 0);
}

/* Of three, two were needed since the last time. */
static void go_when_nobody_needs_them(void **state)
{
	CLEANUP(spares_done) struct spares s = {0};
	char *v[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		v[i] = spares_get(&s, 504);
	for (size_t i = 0; i < 3; i++)
		spares_put(&s, v[i]);
	(void)spares_trim(&s);
	v[0] = spares_get(&s, 504);
	v[1] = spares_get(&s, 504);
	spares_put(&s, v[0]);
	spares_put(&s, v[1]);
	assert_in_range(spares_trim(&s), 504, 520);
	assert_in_range(spares_trim(&s), 1008, 1040);
	assert_int_equal(spares_trim(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(come_back),
		cmocka_unit_test(of_the_same_size),
		cmocka_unit_test(are_bounded),
		cmocka_unit_test(go_when_nobody_needs_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
