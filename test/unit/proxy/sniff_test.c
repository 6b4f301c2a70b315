/* Telling HTTP from other protocols by the first bytes, however they are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "proxy/listener/sniff.h"

static const struct {
	const char *bytes;
	enum sniff now, all; /* while more may come, and when nothing will */
} rows[] = {
	{"", SNIFF_MORE, SNIFF_OTHER},
	{"GE", SNIFF_MORE, SNIFF_OTHER},
	{"GET ", SNIFF_MORE, SNIFF_OTHER},
	{"GET /a", SNIFF_MORE, SNIFF_HTTP1},
	{"GET /a HTTP/1.1\r\n", SNIFF_HTTP1, SNIFF_HTTP1},
	{"GET /a HTTP/1.0\n", SNIFF_HTTP1, SNIFF_HTTP1},
	{"\r\nPOST /a HTTP/1.1\r\nHost: x\r\n\r\n", SNIFF_HTTP1, SNIFF_HTTP1},
	{"M-SEARCH * HTTP/1.1\r\n", SNIFF_HTTP1, SNIFF_HTTP1},
	{"GET http://a/b HTTP/1.1\r\n", SNIFF_HTTP1, SNIFF_HTTP1},
	{"GET htt", SNIFF_MORE, SNIFF_HTTP1},
	{"CONNECT a:443 HTTP/1.1\r\n", SNIFF_HTTP1, SNIFF_HTTP1},
	{"GET /a\r\n", SNIFF_OTHER, SNIFF_OTHER},
	{"GET /a HTTP/2.0\r\n", SNIFF_OTHER, SNIFF_OTHER},
	{"GET key\r\n", SNIFF_OTHER, SNIFF_OTHER},
	{"PING\r\n", SNIFF_OTHER, SNIFF_OTHER},
	{"ping", SNIFF_OTHER, SNIFF_OTHER},
	{"hello\n", SNIFF_OTHER, SNIFF_OTHER},
	{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", SNIFF_OTHER, SNIFF_OTHER},
	{"PRI * HT", SNIFF_MORE, SNIFF_OTHER},
	{"PRI * HTTP/2.0\r\n\r\nSM", SNIFF_HTTP2, SNIFF_HTTP2},
	{"\x16\x03\x01", SNIFF_OTHER, SNIFF_OTHER},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const enum sniff now = sniff_plain(slice_str(rows[i].bytes), false);
		const enum sniff all = sniff_plain(slice_str(rows[i].bytes), true);

		if (now != rows[i].now || all != rows[i].all)
			fail_msg("row %zu: got %d and %d", i, now, all);
	}
}

/* Byte by byte there is one answer, after any number of "more". */
static void test_pieces(void **state)
{
	static const char request[] = "GET /a/b?c HTTP/1.1\r\n";

	(void)state;
	for (size_t n = 0; n < sizeof(request) - 2; n++)
		assert_int_equal(sniff_plain(slice_make(request, n), false), SNIFF_MORE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_pieces)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
