/* Limits that the configuration sets below those of the code: heads of requests, the length of a connection's life. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void heads(void **state)
{
	static const char small[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
	static const char many[] = "GET / HTTP/1.1\r\nHost: a\r\na: 1\r\nb: 2\r\n\r\n";
	const struct {
		const char *hcm;
		bool small_fits, many_fits, long_fits;
	} rows[] = {
		{NULL, true, true, true},
		{"max_request_headers_kb: 1", true, true, false},
		{"common_http_protocol_options: {max_headers_count: 2}", true, false, true},
	};
	char longer[2048];

	(void)state;
	snprintf(longer, sizeof(longer), "GET / HTTP/1.1\r\nHost: a\r\nx: %01500d\r\n\r\n", 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct {
			const char *text;
			bool fits;
		} requests[] = {{small, rows[i].small_fits}, {many, rows[i].many_fits}, {longer, rows[i].long_fits}};
		struct rig r;
		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = rows[i].hcm}));
		for (size_t k = 0; k < ARRAY_LEN(requests); k++) {
			int client = rig_request(&r, requests[k].text), up = rig_accept(&r);
			if ((up >= 0) != requests[k].fits)
				fail_msg("row %zu, request %zu: %s", i, k, loopback_got(client));
			if (up < 0) {
				assert_has(loopback_got(client), "HTTP/1.1 431 ");
				assert_has(rig_log(&r), "431 DPE request_headers_too_large");
			}
		}
		rig_stop(&r);
	}
}

static void life_of_bytes(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_tcp_yaml("max_downstream_connection_duration: 5s", NULL));
	client = rig_request(&r, "one");
	up = rig_accept(&r);
	for (int i = 0; i < 4; i++) {
		rig_advance(&r, 1000);
		rig_send(&r, client, ".");
		assert_false(loopback_ended(client));
	}
	assert_string_equal(loopback_got(up), "one....");
	rig_advance(&r, 1500);
	assert_true(loopback_ended(client) && loopback_ended(up));
	assert_has(rig_log(&r), " DT");
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(heads), cmocka_unit_test(life_of_bytes)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
