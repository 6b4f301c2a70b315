/* PROXY headers: what is one, what is none, in pieces too; and what is written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "net/proxy_protocol.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xcb\0\x71\x07\xc6\x33\x64\x09\x12\x67\0\x50"
#define V6 "\x20\x01\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50\0\x51"
#define TEXT(t)                                                                                                        \
	{                                                                                                              \
		t, sizeof(t) - 1                                                                                       \
	}

static void parses(void **state)
{
	static const struct {
		struct slice bytes;
		enum proxy_parse result;
		size_t len;
		const char *source, *destination; /* NULL = not told */
	} rows[] = {
		{TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 4711 80\r\nGET"), PROXY_OK, 45, "203.0.113.7:4711",
		 "198.51.100.9:80"},
		{TEXT("PROXY TCP6 2001:db8::1 ::1 80 81\r\n"), PROXY_OK, 34, "[2001:db8::1]:80", "[::1]:81"},
		{TEXT("PROXY UNKNOWN\r\n"), PROXY_OK, 15, NULL, NULL},
		{TEXT("PROXY UNKNOWN what ever\r\nrest"), PROXY_OK, 25, NULL, NULL},
		{TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 4711 80\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY TCP4 203.0.113.7 ::1 4711 80\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY TCP6 203.0.113.7 198.51.100.9 4711 80\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 65536 80\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 080 80\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 4711\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 4711 80 90\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY UDP4 203.0.113.7 198.51.100.9 4711 80\r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY \r\n"), PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROXY UNKNOWN ...................................................................."
		      "................................."),
		 PROXY_BAD, 0, NULL, NULL},
		{TEXT("PROX"), PROXY_MORE, 0, NULL, NULL},
		{TEXT("PROXY TCP4 203"), PROXY_MORE, 0, NULL, NULL},
		{TEXT("GET / HTTP/1.1\r\n"), PROXY_NONE, 0, NULL, NULL},
		{TEXT("POST"), PROXY_NONE, 0, NULL, NULL},
		{TEXT("\r\nGET"), PROXY_NONE, 0, NULL, NULL},
		{TEXT(SIGNATURE "\x21\x11\0\x0c" V4 "GET"), PROXY_OK, 28, "203.0.113.7:4711", "198.51.100.9:80"},
		{TEXT(SIGNATURE "\x21\x11\0\x10" V4 "\x03\0\x01x"), PROXY_OK, 32, "203.0.113.7:4711",
		 "198.51.100.9:80"},
		{TEXT(SIGNATURE "\x21\x21\0\x24" V6), PROXY_OK, 52, "[2001:db8::1]:80", "[::1]:81"},
		{TEXT(SIGNATURE "\x20\0\0\0"), PROXY_OK, 16, NULL, NULL},
		{TEXT(SIGNATURE "\x20\x11\0\x0c" V4), PROXY_OK, 28, NULL, NULL},
		{TEXT(SIGNATURE "\x21\0\0\0"), PROXY_OK, 16, NULL, NULL},
		{TEXT(SIGNATURE "\x21\x11\0\x0b" V4), PROXY_BAD, 0, NULL, NULL},
		{TEXT(SIGNATURE "\x21\x12\0\x0c" V4), PROXY_BAD, 0, NULL, NULL},
		{TEXT(SIGNATURE "\x22\x11\0\x0c" V4), PROXY_BAD, 0, NULL, NULL},
		{TEXT(SIGNATURE "\x11\x11\0\x0c" V4), PROXY_BAD, 0, NULL, NULL},
		{TEXT(SIGNATURE "\x21\x11\0\x0c"), PROXY_MORE, 0, NULL, NULL},
		{TEXT("\r\n\r\n\0"), PROXY_MORE, 0, NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char text[ADDR_TEXT_MAX];
		struct proxy_header h = {0};
		enum proxy_parse r = proxy_parse(rows[i].bytes, &h);

		if (r != rows[i].result || h.len != rows[i].len || h.known != (rows[i].source != NULL))
			fail_msg("row %zu: %d %zu", i, r, h.len);
		if (h.known) {
			assert_string_equal(addr_format(&h.source, text), rows[i].source);
			assert_string_equal(addr_format(&h.destination, text), rows[i].destination);
		}
	}
}

static void is_written(void **state)
{
	static const struct {
		const char *from, *to;
		unsigned version;
		struct slice bytes;
	} rows[] = {
		{"203.0.113.7", "198.51.100.9", 1, TEXT("PROXY TCP4 203.0.113.7 198.51.100.9 4711 80\r\n")},
		{"203.0.113.7", "198.51.100.9", 2, TEXT(SIGNATURE "\x21\x11\0\x0c" V4)},
		{"::2", "::1", 1, TEXT("PROXY TCP6 ::2 ::1 4711 80\r\n")},
		{"::2", "198.51.100.9", 1, TEXT("PROXY UNKNOWN\r\n")},
		{"::2", "198.51.100.9", 2, TEXT(SIGNATURE "\x20\0\0\0")},
		{NULL, NULL, 1, TEXT("PROXY UNKNOWN\r\n")},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[PROXY_OUT_MAX_BYTES];
		struct addr from, to;
		size_t n;

		if (rows[i].from)
			assert_int_equal(addr_parse(slice_str(rows[i].from), 4711, &from), 0);
		if (rows[i].to)
			assert_int_equal(addr_parse(slice_str(rows[i].to), 80, &to), 0);
		n = proxy_write(rows[i].version, rows[i].from ? &from : NULL, rows[i].to ? &to : NULL, out);
		if (!slice_eq(slice_make(out, n), rows[i].bytes))
			fail_msg("row %zu: %zu bytes", i, n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(parses), cmocka_unit_test(is_written)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
