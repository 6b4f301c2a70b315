/* The agent's own requests: what counts as an answer, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/loopback.c"

#include "proxy/agent/agent_internal.h"

#define AT "10.0.0.1:80"
#define TIMEOUT_MS 1000

struct heard {
	int status, times;
	char why[64], type[32], body[64];
};

static void on_answer(void *ctx, int status, const char *why, const char *type, struct slice body)
{
	struct heard *h = ctx;

	h->status = status;
	h->times++;
	snprintf(h->why, sizeof(h->why), "%s", why);
	snprintf(h->type, sizeof(h->type), "%s", type);
	snprintf(h->body, sizeof(h->body), "%.*s", SLICE_ARG(body));
}

#define OK(fields) "HTTP/1.1 200 OK\r\nContent-Type: t/p\r\n" fields "\r\n"

static const struct row {
	const char *answer;
	bool ends, head_only;
	int status;
	const char *why, *body;
} rows[] = {
	{OK("Content-Length: 2\r\n") "ok", false, false, 200, "", "ok"},
	{OK("Transfer-Encoding: chunked\r\n") "1\r\no\r\n1\r\nk\r\n0\r\n\r\n", false, false, 200, "", "ok"},
	{OK("") "ok", true, false, 200, "", "ok"},
	{"HTTP/1.1 103 E\r\n\r\n" OK("Content-Length: 2\r\n") "ok", false, false, 200, "", "ok"},
	{"HTTP/1.1 503 no\r\nContent-Type: t/p\r\n\r\n", true, false, 503, "", ""},
	/* What is not whole. */
	{OK("Content-Length: 3\r\n") "ok", true, false, 0, "the answer breaks off", ""},
	{OK("Transfer-Encoding: chunked\r\n") "2\r\nok\r\n", true, false, 0, "the answer breaks off", ""},
	{OK("Transfer-Encoding: chunked\r\n") "zz\r\n", false, false, 0, "the answer is not HTTP", ""},
	{"HTTP/1.1 200 OK\r\n", true, false, 0, "the answer is not HTTP", ""},
	{"", true, false, 0, "the answer is not HTTP", ""},
	{"SSH-2.0-x\r\n", false, false, 0, "the answer is not HTTP", ""},
	{OK("Content-Length: 99999999999\r\n"), false, false, 0, "the answer is too large", ""},
	{OK("Content-Length: 3\r\n") "ok", false, false, 0, "timed out", ""},
	/* Where the status decides, nobody waits for the rest. */
	{OK("Content-Length: 99999999999\r\n"), false, true, 200, "", ""},
	{OK("Transfer-Encoding: chunked\r\n"), false, true, 200, "", ""},
	{"HTTP/1.1 200 OK\r\n", false, true, 0, "timed out", ""},
};

static void test(const struct row *row)
{
	struct agent a = {0};
	struct agent_fetch_request rq = {.method = "GET",
					 .path = "/p",
					 .host = "h",
					 .headers = "A: b\r\n",
					 .timeout_ms = TIMEOUT_MS,
					 .head_only = row->head_only};
	struct heard h = {0};
	int origin, up;

	loopback_start();
	a.loop = loop_new();
	list_init(&a.fetches);
	origin = loopback_listen(AT);
	assert_int_equal(addr_parse(SLICE("10.0.0.1"), 80, &rq.to), 0);
	agent_fetch(&a, &rq, on_answer, &h);
	loopback_run(a.loop);
	up = loopback_accept(origin);
	assert_string_equal(loopback_got(up), "GET /p HTTP/1.1\r\nHost: h\r\nConnection: close\r\nA: b\r\n\r\n");
	loopback_send(up, row->answer);
	if (row->ends)
		loopback_close(up);
	loopback_advance(a.loop, TIMEOUT_MS + 1);
	if (h.status != row->status || strcmp(h.why, row->why) != 0 || h.times != 1 ||
	    (!row->head_only && strcmp(h.body, row->body) != 0) || (h.status && strcmp(h.type, "t/p") != 0))
		fail_msg("%s: %d '%s' '%s' '%s'", row->answer, h.status, h.why, h.type, h.body);
	assert_true(list_empty(&a.fetches));
	loop_free(a.loop);
	loopback_stop();
}

static void answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		test(&rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(answers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
