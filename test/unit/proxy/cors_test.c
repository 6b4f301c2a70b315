/* Preflights of origins that are not known: passed on, or answered without permission. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define PREFLIGHT(origin)                                                                                              \
	"OPTIONS / HTTP/1.1\r\nHost: a\r\nOrigin: " origin "\r\nAccess-Control-Request-Method: GET\r\n\r\n"
#define POLICY(more)                                                                                                   \
	"typed_per_filter_config: {envoy.filters.http.cors: {'@type': type.googleapis.com/"                            \
	"envoy.extensions.filters.http.cors.v3.CorsPolicy, allow_origin_string_match: [{exact: 'http://a'}]" more "}}"
#define ENABLED(fraction) ", filter_enabled: {default_value: {numerator: " fraction "}}"
#define FILTER "{name: cors, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors}}, "

static void preflights(void **state)
{
	static const struct {
		const char *policy, *request;
		bool passes, allowed;
	} rows[] = {
		{POLICY(""), PREFLIGHT("http://a"), false, true},
		{POLICY(""), PREFLIGHT("http://b"), true, false},
		{POLICY(", forward_not_matching_preflights: false"), PREFLIGHT("http://a"), false, true},
		{POLICY(", forward_not_matching_preflights: false"), PREFLIGHT("http://b"), false, false},
		{POLICY(ENABLED("0")), PREFLIGHT("http://a"), true, false},
		{POLICY(ENABLED("100")), PREFLIGHT("http://a"), false, true},
		{POLICY(ENABLED("1, denominator: MILLION")), PREFLIGHT("http://a"), true, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		rig_start(&r, rig_http_yaml(&(struct rig_http){.filters = FILTER, .around = rows[i].policy}));
		int client = rig_request(&r, rows[i].request), up = rig_accept(&r);
		const char *got = loopback_got(client);
		if ((up >= 0) != rows[i].passes ||
		    (strstr(got, "access-control-allow-origin") != NULL) != rows[i].allowed)
			fail_msg("row %zu: %d %s", i, up, got);
		if (up < 0 && !strstr(got, "HTTP/1.1 200 "))
			fail_msg("row %zu: %s", i, got);
		rig_stop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(preflights)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
