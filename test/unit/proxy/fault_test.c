/* Faults that the request's own fields ask for, within what the configuration allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET(fields) "GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define FILTER(fault)                                                                                                  \
	"{name: envoy.filters.http.fault, typed_config: {'@type': type.googleapis.com/"                                \
	"envoy.extensions.filters.http.fault.v3.HTTPFault, " fault "}}, "
#define ABORT(percent) FILTER("abort: {header_abort: {}, percentage: {numerator: " percent "}}")

static void aborts(void **state)
{
	static const struct {
		const char *filter, *request;
		const char *status; /* NULL = passes */
	} rows[] = {
		{ABORT("100"), GET(""), NULL},
		{ABORT("100"), GET("x-envoy-fault-abort-request: 418\r\n"), "HTTP/1.1 418 "},
		{ABORT("100"), GET("x-envoy-fault-abort-grpc-request: 8\r\n"), "HTTP/1.1 429 "},
		{ABORT("100"), GET("x-envoy-fault-abort-request: 99\r\n"), NULL},
		{ABORT("100"), GET("x-envoy-fault-abort-request: 600\r\n"), NULL},
		{ABORT("100"), GET("x-envoy-fault-abort-request: abc\r\n"), NULL},
		{ABORT("0"), GET("x-envoy-fault-abort-request: 418\r\n"), NULL},
		{ABORT("100"), GET("x-envoy-fault-abort-request: 418\r\nx-envoy-fault-abort-request-percentage: 0\r\n"),
		 NULL},
		{ABORT("0"), GET("x-envoy-fault-abort-request: 418\r\nx-envoy-fault-abort-request-percentage: 100\r\n"),
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		const char *got;
		int client, up;

		rig_start(&r, rig_http_yaml(&(struct rig_http){.filters = rows[i].filter}));
		client = rig_request(&r, rows[i].request);
		up = rig_accept(&r);
		got = loopback_got(client);
		if ((up >= 0) != !rows[i].status || (rows[i].status && !strstr(got, rows[i].status)))
			fail_msg("row %zu: %d %s", i, up, got);
		rig_stop(&r);
	}
}

static void delays(void **state)
{
	struct rig r;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .filters = FILTER("delay: {header_delay: {}, percentage: {numerator: 100}}")}));
	rig_request(&r, GET("x-envoy-fault-delay-request: 700\r\n"));
	rig_advance(&r, 600);
	assert_int_equal(rig_accept(&r), -1);
	rig_advance(&r, 200);
	assert_true(rig_accept(&r) >= 0);
	rig_request(&r, GET(""));
	assert_true(rig_accept(&r) >= 0);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(aborts), cmocka_unit_test(delays)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
