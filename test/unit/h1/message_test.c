/* Whole messages, in one and byte by byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "h1/message.h"

#define BODY_MAX_BYTES 16
#define MORE 100 /* its end has not come */

/* Feeds so many bytes at a time from a copy: HTTP_OK when it ends, MORE, or the error. *ret_rest: bytes left over. */
static int feed(struct h1_message *m, const char *text, size_t step, size_t *ret_rest)
{
	size_t len = strlen(text), at = 0;

	while (at < len && !h1_message_done(m)) {
		size_t n = MIN(step, len - at);
		CLEANUP(freep) char *piece = mem_alloc(n);
		ssize_t taken;

		memcpy(piece, text + at, n);
		taken = h1_message_feed(m, piece, n);
		if (taken < 0)
			return (int)taken;
		at += (size_t)taken;
	}
	*ret_rest = len - at;
	return h1_message_done(m) ? HTTP_OK : MORE;
}

#define HEAD(more) "POST / HTTP/1.1\r\nHost: a\r\n" more "\r\n"
#define OK(more) "HTTP/1.1 200 OK\r\n" more "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

struct row {
	const char *text;
	int want;
	const char *body;
	size_t rest;
	int at_eof; /* when more is wanted */
};

static const struct row requests[] = {
	{HEAD(""), HTTP_OK, "", 0, 0},
	{"\r\n" HEAD(""), HTTP_OK, "", 0, 0},
	{HEAD("") "GET", HTTP_OK, "", 3, 0},
	{HEAD("Content-Length: 4\r\n") "bodyGET", HTTP_OK, "body", 3, 0},
	{HEAD("Content-Length: 4\r\n") "bod", MORE, "bod", 0, HTTP_ERR_CHUNK},
	{HEAD(CHUNKED) "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nTrailer: x\r\n\r\nGET", HTTP_OK, "hello world", 3, 0},
	{HEAD(CHUNKED) "xyz\r\n", HTTP_ERR_CHUNK, "", 0, 0},
	{HEAD(CHUNKED) "5\r\nhelloX", HTTP_ERR_CHUNK, "", 0, 0},
	{"POST / HTTP/1.1\r\nHost: a\r\n", MORE, "", 0, HTTP_ERR_SYNTAX},
	{"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nxy", HTTP_OK, "", 2, 0},
	/* Limits. */
	{HEAD("Content-Length: 16\r\n") "0123456789abcdef", HTTP_OK, "0123456789abcdef", 0, 0},
	{HEAD("Content-Length: 17\r\n"), HTTP_ERR_BODY, "", 0, 0},
	{HEAD(CHUNKED) "fffff\r\n0123456789abcdefg", HTTP_ERR_BODY, "", 0, 0},
	/* What could be taken for another request. */
	{"GET /\r\n\r\n", HTTP_ERR_SYNTAX, "", 0, 0},
	{"GET / HTTP/1.1\nHost: a\n\n", HTTP_ERR_SYNTAX, "", 0, 0},
	{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", HTTP_ERR_VERSION, "", 0, 0},
	{"GET / HTTP/1.1\r\n\r\n", HTTP_ERR_HOST, "", 0, 0},
	{HEAD("A : b\r\n"), HTTP_ERR_FIELD, "", 0, 0},
	{HEAD(" folded\r\n"), HTTP_ERR_FIELD, "", 0, 0},
	{HEAD("A: b\x01\r\n"), HTTP_ERR_FIELD, "", 0, 0},
	{HEAD("Content-Length: 5\r\nContent-Length: 6\r\n"), HTTP_ERR_LENGTH, "", 0, 0},
	{HEAD("Content-Length: -5\r\n"), HTTP_ERR_LENGTH, "", 0, 0},
	{HEAD("Content-Length: 5\r\n" CHUNKED), HTTP_ERR_FRAMING, "", 0, 0},
	{HEAD("Transfer-Encoding: gzip, chunked\r\n"), HTTP_ERR_CODING, "", 0, 0},
	{"POST / HTTP/1.0\r\n" CHUNKED "\r\n", HTTP_ERR_FRAMING, "", 0, 0},
};

static const struct row responses[] = {
	{OK("Content-Length: 2\r\n") "ok", HTTP_OK, "ok", 0, 0},
	{OK(CHUNKED) "2\r\nok\r\n0\r\n\r\n", HTTP_OK, "ok", 0, 0},
	{OK("") "until", MORE, "until", 0, HTTP_OK},
	{OK("Content-Length: 3\r\n") "ok", MORE, "ok", 0, HTTP_ERR_CHUNK},
	{OK(CHUNKED) "2\r\nok\r\n", MORE, "ok", 0, HTTP_ERR_CHUNK},
	{"HTTP/1.1 204 No Content\r\n\r\n", HTTP_OK, "", 0, 0},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 E\r\nA: b\r\n\r\n" OK("Content-Length: 2\r\n") "ok", HTTP_OK, "ok",
	 0, 0},
	{"HTTP/1.1 100 Continue\r\n\r\n", MORE, "", 0, HTTP_ERR_SYNTAX},
	{"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", HTTP_ERR_ANSWER, "", 0, 0},
	{"SSH-2.0-OpenSSH\r\n", HTTP_ERR_SYNTAX, "", 0, 0},
};

static void test(const struct row *row, bool response, size_t step)
{
	struct h1_message m;
	size_t rest = 0;
	int r;

	if (response)
		h1_message_response(&m, HTTP_GET, BODY_MAX_BYTES);
	else
		h1_message_request(&m, BODY_MAX_BYTES);
	r = feed(&m, row->text, step, &rest);
	if (r != row->want || (r >= 0 && (!slice_eq_str(buf_slice(&m.body), row->body) || rest != row->rest)))
		fail_msg("%zu at a time: %s: %d '%s' %zu", step, row->text, r, buf_str(&m.body), rest);
	if (r == MORE)
		assert_int_equal(h1_message_eof(&m), row->at_eof);
	h1_message_free(&m);
}

static void rows(void **state)
{
	static const size_t steps[] = {1, 3, SIZE_MAX};

	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
		for (size_t i = 0; i < ARRAY_LEN(requests); i++)
			test(&requests[i], false, steps[k]);
		for (size_t i = 0; i < ARRAY_LEN(responses); i++)
			test(&responses[i], true, steps[k]);
	}
}

/* A head that grows over many buffers is the same in the end; one without end is refused at the limit. */
static void long_heads(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct h1_message m;
	size_t rest;

	(void)state;
	buf_append_str(&text, "GET /path HTTP/1.1\r\nHost: a\r\n");
	for (int i = 0; i < 98; i++)
		buf_printf(&text, "X-%d: %0500d\r\n", i, i);
	buf_append_str(&text, "Last: one\r\n\r\n");
	h1_message_request(&m, 0);
	assert_int_equal(feed(&m, buf_str(&text), 7, &rest), HTTP_OK);
	assert_true(slice_eq_str(m.head.target, "/path"));
	assert_true(slice_eq_str(http_field_value(http_find(&m.head, SLICE("last"))), "one"));
	assert_int_equal(m.head.n_fields, HTTP_FIELDS_MAX);
	h1_message_free(&m);
	buf_clear(&text);
	buf_printf(&text, "GET /%0*d", HTTP_HEAD_MAX_BYTES, 0);
	h1_message_request(&m, 0);
	assert_int_equal(feed(&m, buf_str(&text), 4096, &rest), HTTP_ERR_TOO_LARGE);
	h1_message_free(&m);
}

/* A peer that only ever promises is left. */
static void interim_without_end(void **state)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct h1_message m;
	size_t rest;
	int n = 0;

	(void)state;
	h1_message_response(&m, HTTP_GET, 0);
	while (feed(&m, interim, SIZE_MAX, &rest) == MORE)
		n++;
	assert_int_equal(n, H1_MESSAGE_INTERIM_MAX);
	h1_message_free(&m);
}

/* The answer to HEAD has no body, whatever it says. */
static void an_answer_to_head(void **state)
{
	struct h1_message m;
	size_t rest;

	(void)state;
	h1_message_response(&m, HTTP_HEAD, 0);
	assert_int_equal(feed(&m, OK("Content-Length: 9\r\n") "x", SIZE_MAX, &rest), HTTP_OK);
	assert_int_equal(rest, 1);
	h1_message_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows),
		cmocka_unit_test(long_heads),
		cmocka_unit_test(interim_without_end),
		cmocka_unit_test(an_answer_to_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
