/* What an upstream may answer, and what it may not: answers that nobody asked for are errors of the upstream. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_its_answer),
		cmocka_unit_test(answers_that_nobody_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
