/* Interim responses (RFC 9110 15.2): which are passed on, to whom, and what they leave of the final one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OLD "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"
#define POST "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
#define HINTS "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n"
#define GO_ON "HTTP/1.1 100 Continue\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define OLD_TOO "http_protocol_options: {accept_http_10: true}"

static void are_passed_on(void **state)
{
	static const struct {
		const char *hcm, *request, *answer;
		bool hints, go_on, expect;
	} rows[] = {
		{NULL, GET, HINTS OK, true, false, false},
		{NULL, GET, GO_ON OK, false, false, false},
		{NULL, GET, HINTS GO_ON HINTS OK, true, false, false},
		{OLD_TOO, OLD, HINTS OK, false, false, false},
		{NULL, POST, OK, false, true, false}, /* our own */
		{"proxy_100_continue: true", POST, OK, false, false, true},
		{"proxy_100_continue: true", POST, GO_ON OK, false, true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		const char *got;
		int client, up;

		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = rows[i].hcm}));
		client = rig_request(&r, rows[i].request);
		up = rig_accept(&r);
		if ((strstr(loopback_got(up), "xpect: 100-continue") != NULL) != rows[i].expect)
			fail_msg("row %zu: Expect", i);
		rig_send(&r, up, rows[i].answer);
		got = loopback_got(client);
		if ((strstr(got, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n") != NULL) != rows[i].hints ||
		    (strstr(got, GO_ON) != NULL) != rows[i].go_on || !strstr(got, "HTTP/1.1 200 OK\r\n"))
			fail_msg("row %zu: %s", i, got);
		if (strstr(rows[i].request, "POST"))
			rig_send(&r, client, "hi");
		rig_stop(&r);
	}
}

/* However many come, a reader that is slow does not make us keep them. */
static void do_not_pile_up(void **state)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT;
	struct rig r;
	int client, up, n = 0;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	loopback_window(client, 64);
	for (int i = 0; i < 90; i++)
		rig_send(&r, up, HINTS);
	assert_true(r.worker.buffers.taken < 8);
	rig_send(&r, up, OK);
	for (int i = 0; i < 200; i++) {
		buf_printf(&got, "%s", loopback_got(client));
		rig_run(&r);
	}
	for (const char *at = buf_str(&got); (at = strstr(at, "HTTP/1.1 103 ")); at++)
		n++;
	assert_in_range(n, 1, 8);
	assert_non_null(strstr(buf_str(&got), "HTTP/1.1 200 OK\r\n"));
	assert_string_equal(rig_log(&r), "200 - via_upstream\n");
	rig_stop(&r);
}

/* An upstream that never comes to the point. */
static void have_an_end(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	for (int i = 0; i <= HTTP_INTERIM_MAX; i++)
		rig_send(&r, up, HINTS);
	assert_non_null(strstr(loopback_got(client), "HTTP/1.1 502 "));
	rig_stop(&r);
}

/* On HTTP/2 they are frames; and a field that only requests have is one like any other in an answer. */
static void in_frames(void **state)
{
	const struct h2_header hints[] = {{SLICE(":status"), SLICE("103"), false}, {SLICE("link"), SLICE("x"), false}};
	const struct h2_header ok[] = {{SLICE(":status"), SLICE("204"), false},
				       {SLICE("cookie"), SLICE("a"), false},
				       {SLICE("cookie"), SLICE("b"), false}};
	struct h2_peer client, origin;
	struct rig r;

	(void)state;
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){
			  .cluster = "typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3."
				     "HttpProtocolOptions: {'@type': type.googleapis.com/envoy.extensions.upstreams."
				     "http.v3.HttpProtocolOptions, explicit_http_config: {http2_protocol_options: "
				     "{}}}}"}));
	h2_peer_start(&client, loopback_connect(RIG_LISTENER), false, NULL);
	client.verbose = true;
	h2_peer_get(&client, "/");
	h2_peer_run(&r, &client, NULL);
	h2_peer_start(&origin, rig_accept(&r), true, NULL);
	h2_peer_run(&r, &client, &origin);
	assert_int_equal(h2_respond(origin.last, H2_INFORMATIONAL, hints, 2, false), 0);
	h2_peer_run(&r, &client, &origin);
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, ok, 3, true), 0);
	h2_peer_run(&r, &client, &origin);
	if (!strstr(buf_str(&client.heard), "1:interim:103[link=x] ") ||
	    !strstr(buf_str(&client.heard), "1:204[cookie=a][cookie=b]"))
		fail_msg("%s", buf_str(&client.heard));
	h2_peer_stop(&client);
	h2_peer_stop(&origin);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(are_passed_on), cmocka_unit_test(do_not_pile_up),
					   cmocka_unit_test(have_an_end), cmocka_unit_test(in_frames)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
