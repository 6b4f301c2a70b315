/* What never gets into a bug report. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/bundle/scrub.h"
#include "msg/json.h"
#include "msg/yaml.h"

#define KEY "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----"
#define CERT "-----BEGIN CERTIFICATE-----\ncHVibGlj\n-----END CERTIFICATE-----"
#define TOKEN "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl"

static void test_texts(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"", ""},
		{"nothing to hide", "nothing to hide"},
		{"a " KEY " b", "a [removed] b"},
		{CERT, CERT},
		{CERT "\n" KEY, CERT "\n[removed]"},
		{"-----BEGIN PRIVATE KEY-----\nwithout an end", "[removed]"},
		{"-----BEGIN PRIVATE KEY", "-----BEGIN PRIVATE KEY"}, /* no key has begun */
		{"x=" TOKEN "&y", "x=[removed]&y"},
		{"eyJ is a word", "eyJ is a word"},
		{"Authorization: Bearer abcdefgh12345", "Authorization: Bearer [removed]"},
		{"authorization: basic dXNlcjpwYXNz", "authorization: basic [removed]"},
		{"the bearer of news", "the bearer of news"},
		{"GET /login?password=hunter2&x=1", "GET /login?password=[removed]&x=1"},
		{"--token=abc --v", "--token=[removed] --v"},
		{"postgres://joe:pw@db/x", "postgres://[removed]@db/x"},
		{"http://db:80/x", "http://db:80/x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		scrub_text(slice_str(rows[i].in), &out);
		assert_string_equal(buf_str(&out), rows[i].out);
	}
}

/* Keys in PEM inside of base64 are found, whatever stands before them in it; certificates stay. */
static void test_base64(void **state)
{
	static const struct {
		const char *pem;
		bool stays;
	} rows[] = {{KEY, false}, {CERT, true}, {CERT "\n" KEY, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf in = BUF_INIT, out = BUF_INIT;

		base64_encode(slice_str(rows[i].pem), &in);
		buf_append_str(&in, " end");
		scrub_text(buf_slice(&in), &out);
		assert_string_equal(buf_str(&out), rows[i].stays ? buf_str(&in) : "[removed] end");
	}
}

static void test_objects(void **state)
{
	static const char *const secrets[] = {"hunter", "c2VjcmV0", "eyJ"};
	static const char *const stay[] = {"istio-token", "PROXY_CONFIG", "kept", "caBundle: eA", "[removed]"};
	CLEANUP(json_freep)
	cJSON *o = json_literal(
		"{\"metadata\":{\"annotations\":{\"kubectl.kubernetes.io/last-applied-configuration\":\"hunter1\"}},"
		"\"spec\":{\"containers\":[{\"name\":\"app\",\"env\":[{\"name\":\"DB\",\"value\":\"hunter2\"}]},"
		"{\"name\":\"istio-proxy\",\"env\":[{\"name\":\"PROXY_CONFIG\",\"value\":\"kept\"}]}],"
		"\"volumes\":[{\"serviceAccountToken\":{\"path\":\"istio-token\"}}],"
		"\"jwtRules\":[{\"jwks\":\"hunter3\"}],\"private_key\":\"hunter4\",\"Client-Secret\":\"hunter5\","
		"\"caBundle\":\"eA\",\"deep\":[[{\"text\":\"" TOKEN "\"}]],"
		"\"tls_certificate\":{\"private_key\":{\"inline_bytes\":\"hunter6\"}}}}");
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	scrub_json(o);
	yaml_print(o, &out);
	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		if (strstr(buf_str(&out), secrets[i]))
			fail_msg("%s is in\n%s", secrets[i], buf_str(&out));
	for (size_t i = 0; i < ARRAY_LEN(stay); i++)
		if (!strstr(buf_str(&out), stay[i]))
			fail_msg("%s is not in\n%s", stay[i], buf_str(&out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
