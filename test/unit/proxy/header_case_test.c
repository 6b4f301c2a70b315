/* Names of fields on HTTP/1.1: as they came, or in the one form that the configuration asks for, on each side. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define PROPER "http_protocol_options: {header_key_format: {proper_case_words: {}}}"
#define PRESERVE                                                                                                       \
	"http_protocol_options: {header_key_format: {stateful_formatter: {name: p, typed_config: {'@type': "           \
	"type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig}}}}"
#define UP(options)                                                                                                    \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{" options "}}}"

static void names(void **state)
{
	static const struct {
		const char *hcm, *cluster, *up, *back;
	} rows[] = {
		{NULL, NULL, "x-MY_own-nAme: a-b\r\n", "x-BACK: c-d\r\n"},
		{PRESERVE, UP(PRESERVE), "x-MY_own-nAme: a-b\r\n", "x-BACK: c-d\r\n"},
		{PROPER, NULL, "x-MY_own-nAme: a-b\r\n", "X-Back: c-d\r\n"},
		{NULL, UP(PROPER), "X-My_Own-Name: a-b\r\n", "x-BACK: c-d\r\n"},
		{PROPER, UP(PROPER), "\r\nX-Request-Id: ", "\r\nServer: envoy\r\n"},
		{PROPER, NULL, "GET /x:y-z ", "HTTP/1.1 200 all-good\r\n"},
		{PROPER, UP(PROPER), "GET /x:y-z ", "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		int client, up;

		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = rows[i].hcm, .cluster = rows[i].cluster}));
		client = rig_request(&r, "GET /x:y-z HTTP/1.1\r\nHost: a\r\nx-MY_own-nAme: a-b\r\n\r\n");
		up = rig_accept(&r);
		if (!strstr(loopback_got(up), rows[i].up))
			fail_msg("row %zu: no %s", i, rows[i].up);
		rig_send(&r, up,
			 "HTTP/1.1 200 all-good\r\nx-BACK: c-d\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n"
			 "0\r\n\r\n");
		if (!strstr(loopback_got(client), rows[i].back))
			fail_msg("row %zu: no %s", i, rows[i].back);
		rig_stop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(names)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
