/* The web server: percent-encoding, and whole conversations over loopback. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "web/parse_internal.h"
#include "web/server.h"

static void percent_decoding(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct slice out;

	(void)state;
	assert_true(web_decode(&a, SLICE("/a%20b%2Fc"), false, &out));
	assert_string_equal(out.ptr, "/a b/c");
	assert_true(web_decode(&a, SLICE("a+b"), true, &out));
	assert_string_equal(out.ptr, "a b");
	assert_false(web_decode(&a, SLICE("%2"), false, &out));
	assert_false(web_decode(&a, SLICE("%zz"), false, &out));
	assert_false(web_decode(&a, SLICE("a%00"), false, &out));
}

/* --- conversations --- */

static void stream_data(struct web_stream *s, enum web_opcode op, struct slice data)
{
	web_stream_send(s, op, data);
}

static void stream_closed(struct web_stream *s)
{
	(void)s;
}

static const struct web_stream_ops echo = {.on_data = stream_data, .on_close = stream_closed};

static int rooms;

static void on_room(struct web_request *r)
{
	rooms++;
	web_end(r);
}

/* More than may wait, in one go. */
static void flood(struct web_request *r)
{
	static char bytes[WEB_QUEUE_HIGH_BYTES + 4096];

	r->on_room = on_room;
	web_begin(r, 200, "text/plain");
	assert_true(web_write(r, slice_make(bytes, sizeof(bytes))) > WEB_QUEUE_HIGH_BYTES);
}

static void on_request(void *user, struct web_request *r)
{
	struct slice v;
	char text[256];

	(void)user;
	if (slice_eq_str(r->path, "/stream")) {
		web_begin(r, 200, "text/plain");
		web_write(r, SLICE("one"));
		web_write(r, SLICE("two"));
		web_end(r);
	} else if (slice_eq_str(r->path, "/flood")) {
		flood(r);
	} else if (slice_eq_str(r->path, "/ws")) {
		web_upgrade(r, NULL, web_choose_protocol(r, (const char *const[]){"b", "a", NULL}), &echo, NULL);
	} else {
		bool has = web_query(r, "q", &v);

		snprintf(text, sizeof(text), "%.*s %.*s q=%.*s body=%.*s", SLICE_ARG(r->method), SLICE_ARG(r->path),
			 has ? (int)v.len : 1, has ? v.ptr : "-", SLICE_ARG(r->body));
		web_reply_text(r, 200, text);
	}
}

static int connect_to(struct loop *l, int port)
{
	struct addr a;

	addr_parse(SLICE("127.0.0.1"), (uint16_t)port, &a);
	int fd = socket_connect(&a, 0);

	loop_turn(l, 50);
	return fd;
}

/* Sends, runs the loop, and collects what comes until it is quiet. */
static void talk(struct loop *l, int fd, struct slice send_bytes, struct buf *out)
{
	buf_clear(out);
	assert_int_equal(send(fd, send_bytes.ptr, send_bytes.len, MSG_NOSIGNAL), send_bytes.len);
	for (int i = 0; i < 5; i++) {
		loop_turn(l, 10);
		ssize_t n = recv(fd, buf_reserve(out, 65536), 65536, MSG_DONTWAIT);

		if (n > 0)
			out->len += (size_t)n;
	}
	buf_append(out, "", 0);
	buf_reserve(out, 1)[0] = '\0';
}

static void conversations(void **state)
{
	struct loop *l = loop_new();
	struct err e = ERR_INIT;
	struct web_server *s =
		web_server_new(l, &(struct web_config){.on_request = on_request, .body_max_bytes = 64}, &e);
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct addr a;

	(void)state;
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	int port = web_server_listen(s, &a, &e);

	assert_true(port > 0);
	CLEANUP(closep) int fd = connect_to(l, port);

	talk(l, fd, SLICE("DELETE /a%20b?q=1%2B2 HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"), &out);
	assert_non_null(strstr(buf_str(&out), "DELETE /a b q=1+2 body=body"));
	talk(l, fd, SLICE("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
	     &out);
	assert_non_null(strstr(buf_str(&out), "POST /x q=- body=abc"));
	/* Two at once are answered in order. */
	talk(l, fd, SLICE("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"), &out);
	assert_true(strstr(buf_str(&out), "GET /1") < strstr(buf_str(&out), "GET /2"));
	/* Who asks before sending a body is told to, once. */
	talk(l, fd, SLICE("PUT /e HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"), &out);
	assert_string_equal(buf_str(&out), "HTTP/1.1 100 Continue\r\n\r\n");
	talk(l, fd, SLICE("body"), &out);
	assert_memory_equal(out.ptr, "HTTP/1.1 200 ", 13);
	assert_non_null(strstr(buf_str(&out), "PUT /e q=- body=body"));
	talk(l, fd, SLICE("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"), &out);
	assert_non_null(strstr(buf_str(&out), "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
	talk(l, fd,
	     SLICE("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
		   "13\r\n"
		   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: a, b\r\n\r\n"),
	     &out);
	assert_non_null(strstr(buf_str(&out), "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
	assert_non_null(strstr(buf_str(&out), "Sec-WebSocket-Protocol: b"));
	/* A masked "Hello", RFC 6455 5.7; in two fragments with a ping between them. */
	talk(l, fd, SLICE("\x01\x83\x00\x00\x00\x00Hel\x89\x80\x00\x00\x00\x00\x80\x82\x00\x00\x00\x00lo"), &out);
	assert_memory_equal(out.ptr, "\x8a\x00\x81\x05Hello", 9);
	web_server_free(s);
	loop_free(l);
}

#define PING_BYTES 131
#define PINGS 100000

/* Sends pings until they were refused so many times; how many bytes went. */
static size_t send_pings(struct loop *l, int fd, size_t at, int patience)
{
	char frame[PING_BYTES] = "\x89\xfd";
	size_t end = (size_t)PINGS * PING_BYTES;
	int refused = 0;

	while (at < end && refused < patience) {
		size_t in = at % PING_BYTES;
		ssize_t n = send(fd, frame + in, PING_BYTES - in, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0) {
			at += (size_t)n;
			refused = 0;
		} else {
			refused++;
			loop_turn(l, 1);
		}
	}
	return at;
}

/* Who asks and does not read is not listened to: what is owed to it does not grow. Then all is answered. */
static void a_peer_that_does_not_read(void **state)
{
	struct loop *l = loop_new();
	struct err e = ERR_INIT;
	struct web_server *s = web_server_new(l, &(struct web_config){.on_request = on_request}, &e);
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct addr a;
	size_t sent, got = 0;

	(void)state;
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	CLEANUP(closep) int fd = connect_to(l, web_server_listen(s, &a, &e));

	talk(l, fd,
	     SLICE("GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: "
		   "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
	     &out);
	assert_memory_equal(out.ptr, "HTTP/1.1 101 ", 13);
	sent = send_pings(l, fd, 0, 20);
	assert_true(sent < (size_t)PINGS * PING_BYTES);
	while (got < (size_t)PINGS * (PING_BYTES - 4)) {
		ssize_t n = recv(fd, buf_reserve(&out, 65536), 65536, MSG_DONTWAIT);

		if (n > 0)
			got += (size_t)n;
		else
			loop_turn(l, 0);
		sent = send_pings(l, fd, sent, 1);
	}
	web_server_free(s);
	loop_free(l);
}

/* Whoever stopped because too much waited goes on when it has left, also when the kernel took all of it at once. */
static void room_is_told(void **state)
{
	struct loop *l = loop_new();
	struct web_server *s = web_server_new(l, &(struct web_config){.on_request = on_request}, NULL);
	static char bytes[65536];
	const struct slice ask = SLICE("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n");
	struct addr a;

	(void)state;
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	CLEANUP(closep) int fd = connect_to(l, web_server_listen(s, &a, NULL));

	assert_int_equal(send(fd, ask.ptr, ask.len, MSG_NOSIGNAL), ask.len);
	rooms = 0;
	for (int quiet = 0; !rooms && quiet < 500;) {
		loop_turn(l, 10);
		quiet = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0 ? 0 : quiet + 1;
	}
	assert_int_equal(rooms, 1);
	web_server_free(s);
	loop_free(l);
}

static void refusals(void **state)
{
	static const char *const rows[][2] = {
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65\r\n\r\n", "HTTP/1.1 413 Payload Too Large"},
		{"GET / HTTP/1.1\r\nHost: a\r\nbad\r\n\r\n", "HTTP/1.1 400"},
		{"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
		{"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400"},
		{"GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400"},
		{"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400"},
		{"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400"},
		{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 501"},
		{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501"},
	};
	struct loop *l = loop_new();
	struct err e = ERR_INIT;
	struct web_server *s =
		web_server_new(l, &(struct web_config){.on_request = on_request, .body_max_bytes = 64}, &e);
	struct addr a;

	(void)state;
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	int port = web_server_listen(s, &a, &e);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(closep) int fd = connect_to(l, port);
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		talk(l, fd, slice_str(rows[i][0]), &out);
		assert_memory_equal(out.ptr, rows[i][1], strlen(rows[i][1]));
	}
	web_server_free(s);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(percent_decoding),
		cmocka_unit_test(conversations),
		cmocka_unit_test(a_peer_that_does_not_read),
		cmocka_unit_test(room_is_told),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
