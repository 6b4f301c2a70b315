/* Base64: the vectors of RFC 4648, section 10, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/base64.h"
#include "base/cleanup.h"

static const struct {
	const char *bytes, *text, *url;
} vectors[] = {
	{"", "", ""},
	{"f", "Zg==", "Zg"},
	{"fo", "Zm8=", "Zm8"},
	{"foo", "Zm9v", "Zm9v"},
	{"foob", "Zm9vYg==", "Zm9vYg"},
	{"fooba", "Zm9vYmE=", "Zm9vYmE"},
	{"foobar", "Zm9vYmFy", "Zm9vYmFy"},
	{"\xfb\xff\xfe", "+//+", "-__-"},
};

static void both_alphabets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT, url = BUF_INIT, back = BUF_INIT, url_back = BUF_INIT;

		base64_encode(slice_str(vectors[i].bytes), &text);
		base64url_encode(slice_str(vectors[i].bytes), &url);
		assert_string_equal(buf_str(&text), vectors[i].text);
		assert_string_equal(buf_str(&url), vectors[i].url);
		assert_int_equal(base64_decode(buf_slice(&text), &back), 0);
		assert_int_equal(base64url_decode(buf_slice(&url), &url_back), 0);
		assert_string_equal(buf_str(&back), vectors[i].bytes);
		assert_string_equal(buf_str(&url_back), vectors[i].bytes);
	}
}

static void what_is_no_base64(void **state)
{
	static const char *const bad[] = {"Z", "Zg", "Zg=", "Zg==Zg==", "Zg===", "Z*==", "-__-", "===="};
	static const char *const bad_url[] = {"Z", "Zg==", "+//+", "Zm 9v", "Zm9v\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		assert_true(base64_decode(slice_str(bad[i]), &out) < 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad_url); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		assert_true(base64url_decode(slice_str(bad_url[i]), &out) < 0);
	}
}

static void lines_are_joined(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(base64_decode(SLICE("Zm9v\r\nYm Fy\n"), &out), 0);
	assert_string_equal(buf_str(&out), "foobar");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_alphabets),
		cmocka_unit_test(what_is_no_base64),
		cmocka_unit_test(lines_are_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
