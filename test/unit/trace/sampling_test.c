/* Which requests are traced, and how their identifiers say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/rand.h"
#include "trace/sampling.h"

#define TAIL "-1234-4321-8abc-0123456789ab"
/* 0x00002710 is 10000: lot 0; 0x00000063 is 99; 0x00000064 is 100. */
#define LOT_0 "00002710" TAIL
#define LOT_99 "00000063" TAIL
#define LOT_100 "00000064" TAIL

static const struct {
	const char *id;
	struct trace_shares shares;
	bool forced, by_client;
	enum trace_reason want;
} rows[] = {
	{LOT_99, {10000, 100, 10000}, false, false, TRACE_BY_SHARE},
	{LOT_100, {10000, 100, 10000}, false, false, TRACE_NOT},
	{LOT_0, {10000, 0, 10000}, false, false, TRACE_NOT},
	{LOT_0, {10000, 1, 10000}, false, false, TRACE_BY_SHARE},
	{LOT_100, {10000, 0, 10000}, true, false, TRACE_BY_SERVICE},
	{LOT_100, {10000, 0, 10000}, false, true, TRACE_BY_CLIENT},
	{LOT_100, {100, 0, 10000}, false, true, TRACE_NOT},
	{LOT_100, {100, 0, 10000}, true, true, TRACE_BY_SERVICE},
	{LOT_100, {10000, 10000, 100}, true, true, TRACE_NOT},
	{LOT_99, {10000, 10000, 100}, false, false, TRACE_BY_SHARE},
	/* who was first has decided */
	{"00000064-1234-9321-8abc-0123456789ab", {10000, 0, 10000}, false, false, TRACE_BY_SHARE},
	{"00000064-1234-a321-8abc-0123456789ab", {10000, 0, 10000}, false, false, TRACE_BY_SERVICE},
	{"00000064-1234-b321-8abc-0123456789ab", {10000, 0, 10000}, false, false, TRACE_BY_CLIENT},
	{"00000064-1234-9321-8abc-0123456789ab", {10000, 0, 100}, false, false, TRACE_NOT},
	/* no UUID */
	{"mine", {10000, 10000, 10000}, false, false, TRACE_BY_SHARE},
	{"mine", {10000, 0, 10000}, false, false, TRACE_NOT},
	{"00000064_1234-9321-8abc-0123456789ab", {10000, 0, 10000}, false, false, TRACE_NOT},
	{"g0000064-1234-9321-8abc-0123456789ab", {10000, 0, 10000}, false, false, TRACE_NOT},
};

static void decisions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rand r = {i};
		enum trace_reason got =
			trace_decide(slice_str(rows[i].id), &rows[i].shares, rows[i].forced, rows[i].by_client, &r);

		if (got != rows[i].want)
			fail_msg("row %zu (%s): got %d, want %d", i, rows[i].id, got, rows[i].want);
	}
}

/* Of identifiers that are none, a share is a share. */
static void shares_hold_without_uuid(void **state)
{
	struct rand r = {1};
	struct trace_shares s = {10000, 2500, 10000};
	int traced = 0;

	(void)state;
	for (int i = 0; i < 10000; i++)
		traced += trace_decide(SLICE("x"), &s, false, false, &r) != TRACE_NOT;
	assert_in_range(traced, 2300, 2700);
}

static void marks(void **state)
{
	char digit = 0;

	(void)state;
	assert_int_equal(trace_mark(SLICE(LOT_0), TRACE_BY_SHARE, &digit), 14);
	assert_int_equal(digit, '9');
	assert_int_equal(trace_mark(SLICE(LOT_0), TRACE_BY_SERVICE, &digit), 14);
	assert_int_equal(digit, 'a');
	assert_int_equal(trace_mark(SLICE(LOT_0), TRACE_BY_CLIENT, &digit), 14);
	assert_int_equal(digit, 'b');
	assert_int_equal(trace_mark(SLICE(LOT_0), TRACE_NOT, &digit), 14);
	assert_int_equal(digit, '4');
	assert_int_equal(trace_mark(SLICE("mine"), TRACE_BY_SHARE, &digit), -1);
	assert_int_equal(trace_marked(SLICE("00000064-1234-9321-8abc-0123456789ab")), TRACE_BY_SHARE);
	assert_int_equal(trace_marked(SLICE(LOT_0)), TRACE_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions),
		cmocka_unit_test(shares_hold_without_uuid),
		cmocka_unit_test(marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
