/* Tries: which failures are worth another, how many, when, with what of the request, and where they go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "proxy/stream/stream_internal.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define EMPTY(status) "HTTP/1.1 " status " X\r\nContent-Length: 0\r\n\r\n"
#define NO_WAIT "retry_back_off: {base_interval: 0.001s}"

static struct rig r;

static void start(const char *retry, const char *route, const char *cluster)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT;

	buf_append_str(&all, route ? route : "timeout: 0s");
	if (retry)
		buf_printf(&all, ", retry_policy: {%s, " NO_WAIT "}", retry);
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = buf_str(&all), .cluster = cluster}));
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/* The upstream's next connection, with the request taken off it. */
static int next_try(void)
{
	int up;

	rig_advance(&r, 20);
	up = rig_accept(&r);
	if (up >= 0)
		(void)loopback_got(up);
	return up;
}

/* Answers each try in the same way, which ends its connection; returns how many there were. */
static int count_tries(const char *answer)
{
	int n = 0, up;

	while (n < 1000 && (up = next_try()) >= 0) {
		n++;
		if (answer)
			loopback_send(up, answer);
		rig_close(&r, up);
	}
	return n;
}

static void which_answers(void **state)
{
	static const struct {
		const char *policy, *answer;
		int tries;
	} rows[] = {
		{NULL, EMPTY("503"), 1}, /* no policy: no further try */
		{NULL, NULL, 1},
		{"retry_on: 5xx", EMPTY("503"), 2}, /* num_retries is 1 by default */
		{"retry_on: 5xx, num_retries: 0", EMPTY("503"), 1},
		{"retry_on: 5xx, num_retries: 3", EMPTY("500"), 4},
		{"retry_on: 5xx, num_retries: 3", EMPTY("404"), 1},
		{"retry_on: 5xx, num_retries: 3", NULL, 4},
		{"retry_on: gateway-error, num_retries: 2", EMPTY("500"), 1},
		{"retry_on: gateway-error, num_retries: 2", EMPTY("502"), 3},
		{"retry_on: gateway-error, num_retries: 2", EMPTY("504"), 3},
		{"retry_on: reset, num_retries: 2", NULL, 3},
		{"retry_on: reset, num_retries: 2", EMPTY("503"), 1},
		{"retry_on: connect-failure, num_retries: 2", NULL, 1},
		{"retry_on: retriable-4xx, num_retries: 2", EMPTY("409"), 3},
		{"retry_on: retriable-status-codes, retriable_status_codes: [418], num_retries: 2", EMPTY("418"), 3},
		{"retry_on: retriable-status-codes, retriable_status_codes: [418], num_retries: 2", EMPTY("503"), 1},
		{"retry_on: 5xx, num_retries: 300", EMPTY("503"), 301},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int client, n;

		start(rows[i].policy, NULL, NULL);
		client = rig_request(&r, GET);
		n = count_tries(rows[i].answer);
		if (n != rows[i].tries)
			fail_msg("%s: %d tries, not %d", rows[i].policy, n, rows[i].tries);
		assert_has(loopback_got(client), "HTTP/1.1 ");
		assert_int_equal(rig_cluster(&r, "c")->counters.rq_retry, rows[i].tries - 1);
		if (rows[i].tries > 1)
			assert_has(rig_log(&r), "URX");
		rig_stop(&r);
	}
}

/* What differs from try to try is written over, so that a head does not fill up with the tries before. */
static void many_tries(void **state)
{
	(void)state;
	for (int full = 0; full < 2; full++) {
		CLEANUP(buf_done) struct buf request = BUF_INIT;
		int client;

		rig_start(&r, rig_http_yaml(&(struct rig_http){
				      .filters = "{name: m, typed_config: {'@type': type.googleapis.com/"
						 "io.istio.http.peer_metadata.Config, upstream_propagation: "
						 "[{istio_headers: {}}]}}, ",
				      .vhost = "include_request_attempt_count: true",
				      .route = "timeout: 0s, retry_policy: {retry_on: 5xx, num_retries: 100, " NO_WAIT
					       "}"}));
		buf_append_str(&request, "GET / HTTP/1.1\r\nHost: a\r\n");
		for (int i = 1; full && i < HTTP_FIELDS_MAX; i++)
			buf_printf(&request, "X-%d: y\r\n", i);
		buf_append_str(&request, "\r\n");
		client = rig_request(&r, buf_str(&request));
		assert_int_equal(count_tries(EMPTY("503")), 101);
		assert_has(loopback_got(client), "HTTP/1.1 503");
		rig_stop(&r);
	}
}

static void a_refused_connection_is_tried_again(void **state)
{
	int client;

	(void)state;
	start("retry_on: connect-failure, num_retries: 2", NULL, NULL);
	loopback_close(r.origin);
	client = rig_request(&r, GET);
	rig_advance(&r, 100);
	assert_has(loopback_got(client), "HTTP/1.1 503");
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_connect_fail, 3);
	assert_has(rig_log(&r), "503 UF,URX");
	rig_stop(&r);
}

static void the_second_try_answers(void **state)
{
	int client, up;

	(void)state;
	start("retry_on: 5xx", NULL, NULL);
	client = rig_request(&r, GET);
	up = next_try();
	rig_send(&r, up, EMPTY("503"));
	up = next_try();
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "HTTP/1.1 200 OK\r\n");
	assert_has(rig_log(&r), "200 - via_upstream\n");
	rig_stop(&r);
}

/* What was sent to the first endpoint is sent to the second, whole, whether the client has ended or not. */
static void the_body_is_sent_again(void **state)
{
	int client, up;

	(void)state;
	start("retry_on: 5xx", NULL, NULL);
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234");
	up = rig_accept(&r);
	assert_has(loopback_got(up), "\r\n\r\n01234");
	rig_close(&r, up);
	rig_advance(&r, 20);
	up = rig_accept(&r);
	assert_has(loopback_got(up), "\r\n\r\n01234");
	rig_send(&r, client, "56789");
	assert_string_equal(loopback_got(up), "56789");
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	/* All of it in one go, in chunks. */
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
				 "chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n");
	assert_has(loopback_got(up), "7\r\nabcdefg\r\n0\r\n\r\n");
	rig_send(&r, up, EMPTY("500"));
	rig_advance(&r, 20);
	up = rig_accept(&r);
	assert_has(loopback_got(up), "7\r\nabcdefg\r\n0\r\n\r\n");
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	rig_stop(&r);
}

/* The second endpoint is slow to take what the first had; what the client sends meanwhile waits, in order. */
static void what_comes_while_the_body_is_sent_again(void **state)
{
	static char body[50001];
	size_t got = 0, n;
	int client, up;

	(void)state;
	start("retry_on: 5xx", NULL, NULL);
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n");
	for (size_t i = 0; i < sizeof(body) - 1; i++)
		body[i] = (char)('a' + i % 26);
	loopback_send_bytes(client, body, 30000);
	rig_run(&r);
	up = rig_accept(&r);
	(void)loopback_got(up);
	loopback_accept_window(2000);
	rig_close(&r, up);
	rig_advance(&r, 20);
	up = rig_accept(&r);
	assert_true(up >= 0);
	loopback_send_bytes(client, body + 30000, 10000);
	rig_run(&r);
	loopback_send_bytes(client, body + 40000, 10000);
	rig_run(&r);
	for (int i = 0; i < 100; i++) {
		const char *text = loopback_got_bytes(up, &n), *end = strstr(text, "\r\n\r\n");

		if (i == 0) {
			n -= (size_t)(end + 4 - text);
			text = end + 4;
		}
		assert_memory_equal(text, body + got, n);
		got += n;
		rig_run(&r);
	}
	assert_int_equal(got, 50000);
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	rig_stop(&r);
}

/* What is too large to be kept is sent once, and the log says why there was no further try. */
static void a_large_body_is_sent_once(void **state)
{
	static char body[STREAM_REPLAY_MAX_BYTES + 2];
	char head[200];
	int client, up;

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	for (int over = 0; over < 2; over++) {
		size_t n = STREAM_REPLAY_MAX_BYTES + (size_t)over;

		start("retry_on: 5xx", NULL, NULL);
		snprintf(head, sizeof(head), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n", n);
		client = rig_request(&r, head);
		loopback_send_bytes(client, body, n);
		rig_run(&r);
		up = rig_accept(&r);
		(void)loopback_got(up);
		rig_close(&r, up);
		up = next_try();
		assert_int_equal(up >= 0, !over);
		if (!over)
			rig_send(&r, up, OK);
		assert_has(rig_log(&r),
			   over ? "503 UC,URX upstream_reset_before_response_started{connection_termination}"
				  "{request_body_too_large_to_retry}"
				: "200 - via_upstream");
		assert_int_equal(rig_cluster(&r, "c")->counters.rq_abandoned, over);
		rig_stop(&r);
	}
}

static void a_try_has_its_own_timeout(void **state)
{
	int client, first, second;

	(void)state;
	start("retry_on: 5xx, per_try_timeout: 0.5s", NULL, NULL);
	client = rig_request(&r, GET);
	first = rig_accept(&r);
	(void)loopback_got(first);
	rig_advance(&r, 450);
	assert_false(loopback_ended(first));
	rig_advance(&r, 100);
	assert_true(loopback_ended(first));
	second = next_try();
	assert_true(second >= 0);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 600);
	assert_has(loopback_got(client), "HTTP/1.1 504");
	assert_has(rig_log(&r), "504 UT,URX upstream_per_try_timeout");
	rig_stop(&r);
}

static void the_budget_is_kept(void **state)
{
	int a, b, up;

	(void)state;
	start("retry_on: 5xx, num_retries: 5", NULL, "circuit_breakers: {thresholds: [{max_retries: 1}]}");
	a = rig_request(&r, GET);
	rig_close(&r, next_try());
	/* The first waits for its second try, or is in it: the second request gets none. */
	b = rig_request(&r, GET);
	while ((up = rig_accept(&r)) >= 0 && !loopback_got(b)[0]) {
		(void)loopback_got(up);
		rig_close(&r, up);
	}
	rig_advance(&r, 20);
	while ((up = rig_accept(&r)) >= 0)
		rig_send(&r, up, OK);
	assert_has(loopback_got(a), "200 OK");
	assert_has(rig_log(&r), "503 UC upstream_reset");
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_retry_overflow, 1);
	/* Given back when it ends. */
	a = rig_request(&r, GET);
	while ((up = rig_accept(&r)) >= 0)
		(void)loopback_got(up);
	rig_stop(&r);
}

static void previous_hosts_are_avoided(void **state)
{
	int other, client, n[2] = {0};

	(void)state;
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){
			  .endpoints = "10.0.0.1:80 10.0.0.2:80",
			  .route = "retry_policy: {retry_on: 5xx, num_retries: 1, host_selection_retry_max_attempts: "
				   "5, retry_host_predicate: [{name: "
				   "envoy.retry_host_predicates.previous_hosts}], " NO_WAIT "}"}));
	other = loopback_listen("10.0.0.2:80");
	for (int i = 0; i < 20; i++) {
		client = rig_request(&r, GET);
		for (int k = 0; k < 2; k++) {
			int at[2] = {rig_accept(&r), loopback_accept(other)};

			for (int j = 0; j < 2; j++) {
				if (at[j] < 0)
					continue;
				n[j]++;
				(void)loopback_got(at[j]);
				loopback_send(at[j], EMPTY("503"));
				rig_close(&r, at[j]);
			}
			rig_advance(&r, 20);
		}
		assert_has(loopback_got(client), "503");
	}
	assert_int_equal(n[0], 20);
	assert_int_equal(n[1], 20);
	rig_stop(&r);
}

/* A kept connection that the endpoint closes just then costs a safe request nothing, policy or not. */
static void a_stale_connection_is_no_failure(void **state)
{
	int client, up;

	(void)state;
	start(NULL, NULL, NULL);
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_send(&r, up, OK);
	(void)loopback_got(client);
	loopback_send(client, GET);
	/* The request is on its way when the end arrives. */
	rig_run(&r);
	(void)loopback_got(up);
	rig_close(&r, up);
	up = rig_accept(&r);
	assert_true(up >= 0);
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	/* But a request that may have done something is not sent again. */
	rig_send(&r, client, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
	(void)loopback_got(up);
	rig_close(&r, up);
	assert_has(loopback_got(client), "HTTP/1.1 503");
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(which_answers),
		cmocka_unit_test(many_tries),
		cmocka_unit_test(a_refused_connection_is_tried_again),
		cmocka_unit_test(the_second_try_answers),
		cmocka_unit_test(the_body_is_sent_again),
		cmocka_unit_test(what_comes_while_the_body_is_sent_again),
		cmocka_unit_test(a_large_body_is_sent_once),
		cmocka_unit_test(a_try_has_its_own_timeout),
		cmocka_unit_test(the_budget_is_kept),
		cmocka_unit_test(previous_hosts_are_avoided),
		cmocka_unit_test(a_stale_connection_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
