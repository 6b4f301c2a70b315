/* What an upstream may answer, and what it may not: answers that nobody asked for are errors of the upstream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET_LINE "GET / HTTP/1.1\r\n"
#define GET GET_LINE "Host: a\r\n\r\n"
#define GET_UPGRADE "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define SWITCH "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"

static bool contains(const char *text, const char *part)
{
	if (strstr(text, part))
		return true;
	fprintf(stderr, "no '%s' in:\n%s\n", part, text);
	return false;
}

static bool starts(const char *text, const char *part)
{
	if (strncmp(text, part, strlen(part)) == 0)
		return true;
	fprintf(stderr, "not '%s' at the start of:\n%s\n", part, text);
	return false;
}

static void a_request_and_its_answer(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	assert_true(up >= 0);
	assert_true(starts(loopback_got(up), "GET / HTTP/1.1\r\nHost: a\r\n"));
	rig_send(&r, up, OK);
	assert_true(contains(loopback_got(client), "\r\n\r\nok"));
	assert_true(starts(rig_log(&r), "200 - via_upstream\n"));
	rig_stop(&r);
}

/* The answers of one upstream, and what becomes of the client's exchange and of a second one on its connection. */
static void answers_that_nobody_asked_for(void **state)
{
	static const struct {
		const char *name, *request, *answer, *status, *log;
	} rows[] = {
		{"101 to a plain request", GET, SWITCH, "502", "502 UPE"},
		{"101 without a protocol to a plain request", GET, "HTTP/1.1 101 Switching Protocols\r\n\r\n", "502",
		 "502 UPE"},
		{"101 to HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", SWITCH, "502", "502 UPE"},
		{"101 after an interim", GET, "HTTP/1.1 103 Early Hints\r\n\r\n" SWITCH, "502", "502 UPE"},
		{"101 with another protocol", GET_UPGRADE,
		 "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", "502", "502 UPE"},
		{"101 without a protocol", GET_UPGRADE, "HTTP/1.1 101 Switching Protocols\r\n\r\n", "502", "502 UPE"},
		{"101 to CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", SWITCH, "502", "502 UPE"},
		{"101 to an unfinished request", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", SWITCH,
		 "502", "502 UPE"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		int client, up;

		rig_start(&r, rig_http_yaml(&(struct rig_http){
				      .hcm = "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}]"}));
		client = rig_request(&r, rows[i].request);
		up = rig_accept(&r);
		if (up < 0)
			fail_msg("%s: no connection", rows[i].name);
		(void)loopback_got(up);
		rig_send(&r, up, rows[i].answer);
		if (!contains(loopback_got(client), rows[i].status) || !starts(rig_log(&r), rows[i].log))
			fail_msg("%s", rows[i].name);
		/* The connection that spoke out of turn is gone; the next request does not meet it. */
		assert_true(loopback_ended(up));
		client = rig_request(&r, GET);
		up = rig_accept(&r);
		assert_true(up >= 0);
		rig_send(&r, up, OK);
		assert_true(contains(loopback_got(client), "\r\n\r\nok"));
		rig_stop(&r);
	}
}

/*
 * What stands behind an answer belongs to nobody. reused: the next request goes over the same connection, and what the
 * upstream said too much is never taken for the answer to it.
 */
static void what_stands_behind_an_answer(void **state)
{
	static const struct {
		const char *name, *request, *answer, *client;
		bool reused;
	} rows[] = {
		{"nothing", GET, OK, "\r\n\r\nok", true},
		{"interim ones first", GET, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nA: b\r\n\r\n" OK,
		 "\r\n\r\nok", true},
		{"a second answer", GET, OK "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "\r\n\r\nok", false},
		{"HEAD with a body", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", OK, "200 OK", false},
		{"HEAD without", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
		 "200 OK", true},
		{"204 with a body", GET, "HTTP/1.1 204 N\r\nContent-Length: 2\r\n\r\nok", "204 N", false},
		{"304 with a body", GET, "HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\nok", "304 N", false},
		{"304 without", GET, "HTTP/1.1 304 N\r\nContent-Length: 2\r\n\r\n", "304 N", true},
		{"before the request's end", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", OK,
		 "\r\n\r\nok", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		int client, up, second;
		const char *got;

		rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
		client = rig_request(&r, rows[i].request);
		up = rig_accept(&r);
		(void)loopback_got(up);
		rig_send(&r, up, rows[i].answer);
		got = loopback_got(client);
		if (!contains(got, rows[i].client) || strstr(got, "evil") || loopback_ended(up) == rows[i].reused)
			fail_msg("%s", rows[i].name);
		second = rig_request(&r, GET);
		if (!rows[i].reused)
			up = rig_accept(&r);
		assert_true(starts(loopback_got(up), GET_LINE));
		rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond");
		if (!contains(loopback_got(second), "\r\n\r\nsecond"))
			fail_msg("%s", rows[i].name);
		rig_stop(&r);
	}
}

/* The first answer fills the buffer to its last byte; whoever waits for the connection must not get what follows. */
static void a_second_answer_behind_a_full_buffer(void **state)
{
	static char answer[BUFFERS_SMALL_BYTES + 200];
	struct rig r;
	int client, second, up, n;

	(void)state;
	rig_start(&r, rig_http_yaml(
			      &(struct rig_http){.cluster = "circuit_breakers: {thresholds: [{max_connections: 1}]}"}));
	client = rig_request(&r, GET);
	second = rig_request(&r, GET);
	up = rig_accept(&r);
	assert_int_equal(rig_accept(&r), -1);
	n = sprintf(answer, "HTTP/1.1 200 OK\r\nContent-Length: 16000\r\nA: ");
	memset(answer + n, 'x', sizeof(answer) - (size_t)n);
	memcpy(answer + BUFFERS_SMALL_BYTES - 16004, "\r\n\r\n", 4);
	strcpy(answer + BUFFERS_SMALL_BYTES, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
	(void)loopback_got(up);
	rig_send(&r, up, answer);
	assert_true(strlen(loopback_got(client)) > 16000);
	assert_string_equal(loopback_got(second), "");
	assert_true(loopback_ended(up));
	up = rig_accept(&r);
	assert_true(up >= 0);
	rig_send(&r, up, OK);
	assert_true(contains(loopback_got(second), "\r\n\r\nok"));
	rig_stop(&r);
}

static void an_answer_on_an_idle_connection(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_send(&r, up, OK);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
	assert_true(loopback_ended(up));
	assert_null(strstr(loopback_got(client), "evil"));
	(void)rig_request(&r, GET);
	assert_true(rig_accept(&r) >= 0);
	rig_stop(&r);
}

static void interim_answers_have_an_end(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	for (int i = 0; i < HTTP_INTERIM_MAX; i++)
		rig_send(&r, up, "HTTP/1.1 102 Processing\r\n\r\n");
	assert_true(starts(loopback_got(client), "HTTP/1.1 102 Processing\r\n\r\n"));
	rig_send(&r, up, "HTTP/1.1 102 Processing\r\n\r\n");
	assert_true(starts(loopback_got(client), "HTTP/1.1 502"));
	rig_stop(&r);
}

/* The client takes the last bytes late: the upstream's connection goes back to the pool when it has. */
static void the_last_chunk_waits_for_the_client(void **state)
{
	static char body[10001];
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	loopback_window(client, 1000);
	memset(body, 'x', sizeof(body) - 1);
	loopback_send(up, "HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n");
	rig_send(&r, up, body);
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 1);
	for (int i = 0; i < 12; i++) {
		(void)loopback_got(client);
		rig_run(&r);
	}
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 0);
	rig_send(&r, client, GET);
	assert_true(starts(loopback_got(up), GET_LINE));
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_its_answer),
		cmocka_unit_test(answers_that_nobody_asked_for),
		cmocka_unit_test(what_stands_behind_an_answer),
		cmocka_unit_test(a_second_answer_behind_a_full_buffer),
		cmocka_unit_test(an_answer_on_an_idle_connection),
		cmocka_unit_test(interim_answers_have_an_end),
		cmocka_unit_test(the_last_chunk_waits_for_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
