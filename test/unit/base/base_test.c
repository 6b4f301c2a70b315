/* The containers and formats of lib/base. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/map.h"
#include "base/rand.h"
#include "base/vec.h"
#include "base/cleanup.h"

static void err_reads_as_a_sentence(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&e, -EINVAL, "must be %d..%d", 0, 100), -EINVAL);
	assert_int_equal(err_wrap(&e, -EINVAL, "%s", "weight"), -EINVAL);
	assert_string_equal(e.msg, "weight: must be 0..100");
	assert_int_equal(err_errno(&e, ENOENT, "open %s", "/x"), -ENOENT);
	assert_string_equal(e.msg, "open /x: No such file or directory");
	assert_int_equal(err_set(NULL, -EIO, "ignored"), -EIO);
}

static void durations(void **state)
{
	static const struct {
		const char *text;
		int r;
		int64_t ns;
		const char *back;
	} rows[] = {
		{"5s", 0, 5LL * NS_PER_S, "5s"},
		{"1h30m", 0, 5400LL * NS_PER_S, "1h30m0s"},
		{"250ms", 0, 250LL * NS_PER_MS, "250ms"},
		{"1.5s", 0, 1500LL * NS_PER_MS, "1.5s"},
		{"0", 0, 0, "0s"},
		{"-2m", 0, -120LL * NS_PER_S, "-2m0s"},
		{"3us", 0, 3000, "3\xc2\xb5s"},
		{"", -EINVAL, 0, NULL},
		{"5", -EINVAL, 0, NULL},
		{"s", -EINVAL, 0, NULL},
		{".s", -EINVAL, 0, NULL},
		{"5 s", -EINVAL, 0, NULL},
		{"99999999999h", -ERANGE, 0, NULL},
	};
	char text[CLOCK_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int64_t ns = 0;

		assert_int_equal(duration_parse(slice_str(rows[i].text), &ns), rows[i].r);
		if (rows[i].r == 0) {
			assert_int_equal(ns, rows[i].ns);
			assert_string_equal(duration_format(ns, text), rows[i].back);
		}
	}
}

static void times(void **state)
{
	char text[CLOCK_TEXT_MAX];
	int64_t ns;

	(void)state;
	assert_int_equal(clock_parse(SLICE("2024-05-01T12:00:00Z"), &ns), 0);
	assert_string_equal(clock_format_s(ns / NS_PER_S, text), "2024-05-01T12:00:00Z");
	assert_int_equal(clock_parse(SLICE("2024-05-01T14:00:00.25+02:00"), &ns), 0);
	assert_string_equal(clock_format_us(ns / 1000, text), "2024-05-01T12:00:00.250000Z");
	assert_int_equal(clock_parse(SLICE("2999-01-01T00:00:00Z"), &ns), 0);
	assert_int_equal(ns, INT64_MAX);
	assert_int_equal(clock_parse(SLICE("0001-01-01T00:00:00Z"), &ns), 0);
	assert_int_equal(ns, INT64_MIN);
	assert_int_equal(clock_parse(SLICE("2024-13-01T12:00:00Z"), &ns), -EINVAL);
	assert_int_equal(clock_parse(SLICE("2024-05-01"), &ns), -EINVAL);
}

static void map_survives_growth_and_removal(void **state)
{
	static char keys[1000][8];
	struct map m = {0};
	struct map_entry *e;
	size_t seen = 0, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
		assert_null(map_set(&m, slice_str(keys[i]), keys[i]));
	}
	for (i = 0; i < 1000; i += 2)
		assert_ptr_equal(map_remove(&m, slice_str(keys[i])), keys[i]);
	assert_int_equal(m.n, 500);
	for (i = 0; i < 1000; i++)
		assert_ptr_equal(map_get(&m, slice_str(keys[i])), i % 2 ? keys[i] : NULL);
	for (i = 0; (e = map_next(&m, &i));)
		seen++;
	assert_int_equal(seen, 500);
	for (size_t round = 0; round < 20; round++)
		for (i = 0; i < 1000; i += 2) {
			assert_null(map_set(&m, slice_str(keys[i]), keys[i]));
			assert_ptr_equal(map_remove(&m, slice_str(keys[i])), keys[i]);
		}
	assert_int_equal(m.n, 500);
	map_done(&m);
}

static void heap_orders_and_removes(void **state)
{
	struct heap_node nodes[200] = {0};
	struct rand r = {42};
	struct heap h = {0};
	uint64_t last = 0;

	(void)state;
	for (size_t i = 0; i < 200; i++) {
		nodes[i].key = rand_below(&r, 1000);
		heap_add(&h, &nodes[i]);
	}
	for (size_t i = 0; i < 200; i += 3)
		heap_remove(&h, &nodes[i]);
	while (heap_min(&h)) {
		struct heap_node *n = heap_min(&h);

		assert_true(n->key >= last);
		last = n->key;
		heap_remove(&h, n);
	}
	heap_done(&h);
}

static void count_up(void *arg)
{
	++*(int *)arg;
}

static void arena_aligns_and_cleans(void **state)
{
	struct arena a = ARENA_INIT;
	int cleaned = 0;

	(void)state;
	arena_on_done(&a, count_up, &cleaned);
	for (size_t i = 1; i < 300; i++) {
		char *p = arena_alloc(&a, i * 37);

		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, 1, i * 37);
	}
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	arena_done(&a);
	assert_int_equal(cleaned, 1);
}

static void buf_keeps_its_limit(void **state)
{
	struct buf b = BUF_INIT;

	(void)state;
	assert_int_equal(buf_try_append(&b, "12345", 5, 8), 0);
	assert_int_equal(buf_try_append(&b, "6789", 4, 8), -EMSGSIZE);
	buf_printf(&b, "%d", 6);
	buf_consume(&b, 2);
	assert_string_equal(buf_str(&b), "3456");
	buf_done(&b);
}

static void slices(void **state)
{
	struct slice rest = SLICE("a,b,,c"), part;
	uint64_t v;
	size_t n = 0;

	(void)state;
	while (rest.len) {
		part = slice_split(&rest, ',');
		n += part.len;
	}
	assert_int_equal(n, 3);
	assert_true(slice_eq_str(slice_trim(SLICE(" \tx ")), "x"));
	assert_int_equal(slice_to_u64(SLICE("65535"), 65535, &v), 0);
	assert_int_equal(slice_to_u64(SLICE("65536"), 65535, &v), -ERANGE);
	assert_int_equal(slice_to_u64(SLICE("+1"), 65535, &v), -EINVAL);
	assert_int_equal(slice_to_u64(SLICE("99999999999999999999"), UINT64_MAX, &v), -ERANGE);
	assert_true(slice_cmp(SLICE("ab"), SLICE("abc")) < 0);
}

static void levels_of_everything(void **state)
{
	static const struct {
		const char *text;
		enum log_level level;
	} rows[] = {
		{"debug", LOG_DEBUG},    {"default:warning", LOG_WARN}, {"xds:debug,all:error", LOG_ERROR},
		{"xds:debug", LOG_INFO}, {"default:loud", LOG_INFO},    {"", LOG_INFO},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum log_level level = LOG_INFO;

		log_levels_parse(slice_str(rows[i].text), &level);
		if (level != rows[i].level)
			fail_msg("%s: %d", rows[i].text, level);
	}
	assert_int_equal(log_set_levels(SLICE("xds:debug,default:error")), 0);
	assert_int_equal(log_get_level(), LOG_ERROR);
	assert_int_equal(log_set_levels(SLICE("xds:debug")), -EINVAL);
	assert_int_equal(log_set_levels(SLICE("loud")), -EINVAL);
	assert_int_equal(log_get_level(), LOG_ERROR);
	log_set_level(LOG_INFO);
}

static void levels_of_scopes(void **state)
{
	(void)state;
	log_set_level(LOG_WARN);
	assert_int_equal(log_most_level(), LOG_WARN);
	log_set_scopes(SLICE("default:error,ads:debug,ca:loud,:info,tls:off,fatal"));
	assert_int_equal(log_get_level(), LOG_WARN);
	assert_int_equal(log_most_level(), LOG_DEBUG);
	log_set_scopes(SLICE("ads:trace,ads:info"));
	assert_int_equal(log_most_level(), LOG_INFO);
	for (int i = 0; i < LOG_SCOPES_MAX; i++) {
		char text[32];

		snprintf(text, sizeof(text), "s%d:error", i);
		log_set_scopes(slice_str(text));
	}
	log_set_scopes(SLICE("last:debug")); /* there is no room */
	assert_int_equal(log_most_level(), LOG_INFO);
	log_set_level(LOG_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(levels_of_scopes), /* before others set some */
		cmocka_unit_test(err_reads_as_a_sentence),
		cmocka_unit_test(durations),
		cmocka_unit_test(times),
		cmocka_unit_test(map_survives_growth_and_removal),
		cmocka_unit_test(heap_orders_and_removes),
		cmocka_unit_test(arena_aligns_and_cleans),
		cmocka_unit_test(buf_keeps_its_limit),
		cmocka_unit_test(slices),
		cmocka_unit_test(levels_of_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
