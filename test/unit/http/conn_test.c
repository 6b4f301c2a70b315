/*
 * One HTTP connection against raw bytes: what its user hears, what goes out, when it may be used again, and that an
 * exchange ends exactly once, however it ends.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/loopback.c"

#include "h1/codec.h"
#include "http/conn.h"

#define AT "10.0.0.1:80"

/* The connection under test, its user, and the raw peer. What the user hears is written down as words. */
static struct {
	struct loop *loop;
	struct buffers buffers;
	struct http_conn conn;
	struct http_leg leg;
	struct http_head head;
	int peer, listener;
	struct buf heard;
	bool hold;         /* answer on_data with HTTP_HELD */
	bool close_in_it;  /* close inside the next callback */
	bool reset_in_it;  /* drop the exchange inside the next callback */
	const char *reply; /* whole body of the answer that on_headers gives at once */
} t;

static void hear(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&t.heard, fmt, ap);
	va_end(ap);
	buf_append_char(&t.heard, ' ');
	if (t.close_in_it) {
		t.close_in_it = false;
		http_conn_close(&t.conn);
	} else if (t.reset_in_it) {
		t.reset_in_it = false;
		http_leg_reset(&t.leg);
	}
}

#define assert_heard(text)                                                                                             \
	do {                                                                                                           \
		assert_string_equal(buf_str(&t.heard), text);                                                          \
		buf_clear(&t.heard);                                                                                   \
	} while (0)

static void answer(const char *body)
{
	struct http_head h = {.status = 200, .reason = SLICE("OK"), .version = HTTP_11, .framing = HTTP_BODY_OPEN};

	assert_true(http_leg_head(&t.leg, &h, !body[0]));
	if (body[0])
		(void)http_leg_data(&t.leg, slice_str(body), true);
}

static void on_headers(struct http_leg *leg, bool end)
{
	const char *reply = t.reply;

	(void)leg;
	t.reply = NULL;
	if (t.conn.role == HTTP_SERVER)
		hear("%.*s%s", SLICE_ARG(t.head.target), end ? "." : "");
	else
		hear("%d%s", t.head.status, end ? "." : "");
	if (reply)
		answer(reply);
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool end)
{
	(void)leg;
	if (data.len > 50)
		hear("[%zu]%s", data.len, end ? "." : "");
	else
		hear("'%.*s'%s", SLICE_ARG(data), end ? "." : "");
	return t.hold ? HTTP_HELD : HTTP_GO;
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *tr)
{
	(void)leg;
	for (size_t i = 0; i < tr->n; i++)
		hear("[%.*s=%.*s]", SLICE_ARG(tr->v[i].name), SLICE_ARG(tr->v[i].value));
}

static void on_room(struct http_leg *leg)
{
	(void)leg;
	hear("room");
}

static void on_pause(struct http_leg *leg)
{
	(void)leg;
}

static void on_bad(struct http_leg *leg, int err)
{
	struct http_head h = {.status = (uint16_t)http_err_status(err), .reason = SLICE("Bad"), .version = HTTP_11};

	hear("bad(%s)", http_err_str(err));
	if (leg->conn)
		assert_true(http_leg_head(leg, &h, true));
}

static void on_reset(struct http_leg *leg, enum http_reset why)
{
	assert_null(leg->conn);
	hear("reset(%s)", why == HTTP_RESET_PEER ? "peer" : http_err_str(t.conn.error));
}

static void on_done(struct http_leg *leg, bool reusable)
{
	assert_null(leg->conn);
	hear("done%s", reusable ? "" : "-last");
}

static const struct http_leg_ops leg_ops = {.on_headers = on_headers,
					    .on_data = on_data,
					    .on_trailers = on_trailers,
					    .on_room = on_room,
					    .on_pause = on_pause,
					    .on_bad = on_bad,
					    .on_reset = on_reset,
					    .on_done = on_done};

static struct http_leg *on_exchange(struct http_conn *c)
{
	(void)c;
	t.leg = (struct http_leg){.ops = &leg_ops, .head = &t.head};
	return &t.leg;
}

static void on_open(struct http_conn *c)
{
	(void)c;
	hear("open");
}

static void on_closed(struct http_conn *c)
{
	hear("closed");
	http_conn_close(c);
}

static const struct http_conn_ops conn_ops = {.on_exchange = on_exchange, .on_open = on_open, .on_closed = on_closed};

static void run(void)
{
	loopback_run(t.loop);
}

static void say(const char *text)
{
	loopback_send(t.peer, text);
	run();
}

static void start(enum http_role role)
{
	struct http_params p;
	struct addr a;

	loopback_start();
	memset(&t, 0, sizeof(t));
	t.loop = loop_new();
	p = (struct http_params){.loop = t.loop, .buffers = &t.buffers, .ops = &conn_ops, .codecs = {&h1_codec}};
	p.options.trailers = true;
	t.listener = loopback_listen(AT);
	if (role == HTTP_SERVER) {
		t.peer = loopback_connect(AT);
		assert_int_equal(http_conn_accept(&t.conn, &p, loopback_accept(t.listener), NULL), 0);
		return;
	}
	assert_int_equal(addr_parse(SLICE("10.0.0.1"), 80, &a), 0);
	assert_int_equal(http_conn_connect(&t.conn, &p, socket_connect(&a, 0), NULL), 0);
	t.peer = loopback_accept(t.listener);
	run();
	assert_heard("open ");
}

static void stop(void)
{
	http_conn_close(&t.conn);
	assert_int_equal(t.buffers.taken, 0);
	buffers_done(&t.buffers);
	buf_done(&t.heard);
	loop_free(t.loop);
	loopback_stop();
}

/* ---- as a server ---- */

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static void exchanges_in_a_row(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	for (int i = 0; i < 3; i++) {
		say(GET("/x"));
		assert_heard("/x. ");
		answer("hi");
		run();
		assert_heard("done ");
		assert_string_equal(loopback_got(t.peer), "HTTP/1.1 200 OK\r\ntransfer-encoding: "
							  "chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
		assert_int_equal(t.buffers.taken, 0);
	}
	loopback_close(t.peer);
	run();
	assert_heard("closed ");
	stop();
}

static void byte_by_byte(void **state)
{
	static const char text[] =
		"POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";

	(void)state;
	start(HTTP_SERVER);
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		loopback_send_bytes(t.peer, text + i, 1);
		run();
	}
	assert_heard("/x 'a' 'b' 'c' ''. ");
	stop();
}

static void pipelined_requests_wait_for_their_turn(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	say(GET("/1") GET("/2") "POST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab" GET("/4"));
	assert_heard("/1. ");
	answer("");
	run();
	assert_heard("done /2. ");
	answer("");
	run();
	assert_heard("done /3 'ab'. ");
	answer("");
	run();
	assert_heard("done /4. ");
	stop();
}

static void a_held_chunk_stops_reading(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	t.hold = true;
	say("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
	assert_heard("/x 'abc' ");
	say("def");
	assert_heard("");
	t.hold = false;
	http_leg_resume(&t.leg);
	/* Not inside the caller's call. */
	assert_heard("");
	run();
	assert_heard("'def'. ");
	answer("");
	run();
	assert_heard("done ");
	stop();
}

static void paused_before_the_body(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	say("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
	assert_heard("/x ");
	http_leg_pause(&t.leg);
	say("abc");
	assert_heard("");
	http_leg_resume(&t.leg);
	run();
	assert_heard("'abc'. ");
	stop();
}

static void a_slow_reader_holds_the_sender(void **state)
{
	static char body[30001];

	(void)state;
	start(HTTP_SERVER);
	loopback_window(t.peer, 10000);
	memset(body, 'x', sizeof(body) - 1);
	say(GET("/x"));
	assert_heard("/x. ");
	answer(body);
	run();
	assert_heard("");
	for (int i = 0; i < 3; i++) {
		(void)loopback_got(t.peer);
		run();
	}
	assert_heard("room done ");
	stop();
}

/* The answer is there before the request's end: the connection can't be used again, and the end is heard once. */
static void an_early_answer(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	say("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
	assert_heard("/x 'abc' ");
	answer("no");
	run();
	assert_heard("done-last ");
	assert_false(t.conn.dead);
	/* It lingers for the client's sake. */
	loopback_advance(t.loop, 900);
	assert_heard("");
	loopback_advance(t.loop, 200);
	assert_heard("closed ");
	stop();
}

static void what_is_no_request(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	say("GET / HTTP/1.1\r\n\r\n" GET("/smuggled"));
	assert_heard("bad(http1.invalid_host) done-last ");
	assert_string_equal(loopback_got(t.peer), "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
	loopback_advance(t.loop, 2000);
	assert_heard("closed ");
	stop();
}

static void the_client_goes(void **state)
{
	(void)state;
	/* Within the head, within the body, and while it waits for its answer. */
	static const struct {
		const char *request, *heard;
	} rows[] = {
		{"GET / HT", "reset(peer) closed "},
		{"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc", "/x 'abc' reset(peer) closed "},
		{GET("/x"), "/x. reset(peer) closed "},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
		start(HTTP_SERVER);
		say(rows[i / 2].request);
		if (i % 2)
			loopback_abort(t.peer);
		else
			loopback_close(t.peer);
		run();
		assert_heard(rows[i / 2].heard);
		stop();
	}
}

static void for_http_1_0(void **state)
{
	(void)state;
	start(HTTP_SERVER);
	say("GET /x HTTP/1.0\r\n\r\n");
	answer("hi");
	run();
	assert_heard("/x. done-last ");
	assert_string_equal(loopback_got(t.peer), "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhi");
	stop();
}

/* The user may close or drop whatever it is told, whenever it is told. */
static void closed_inside_a_callback(void **state)
{
	static const char *const requests[] = {
		GET("/x"),
		"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
		"nonsense\r\n\r\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(requests) * 2; i++) {
		start(HTTP_SERVER);
		t.close_in_it = i % 2;
		t.reset_in_it = !(i % 2);
		say(requests[i / 2]);
		assert_true(t.conn.dead);
		stop();
	}
}

static void a_head_that_does_not_fit_is_not_begun(void **state)
{
	struct http_head h = {.status = 200, .reason = SLICE("OK"), .version = HTTP_11};
	char *value = calloc(1, HTTP_HEAD_OUT_MAX_BYTES);

	(void)state;
	start(HTTP_SERVER);
	say(GET("/x"));
	http_set(&h, SLICE(""), SLICE("v"));
	assert_false(http_leg_head(&t.leg, &h, true));
	http_clear(&h);
	memset(value, 'v', HTTP_HEAD_OUT_MAX_BYTES - 1);
	http_add(&h, SLICE("a"), slice_make(value, HTTP_HEAD_OUT_MAX_BYTES - 1));
	assert_false(http_leg_head(&t.leg, &h, true));
	run();
	assert_string_equal(loopback_got(t.peer), "");
	answer("");
	run();
	assert_heard("/x. done ");
	free(value);
	stop();
}

/* ---- as a client ---- */

static void ask(const char *method, const char *path, const char *body, bool end)
{
	struct http_head h = {.method = slice_str(method), .target = slice_str(path), .version = HTTP_11};

	h.method_id = strcmp(method, "HEAD") == 0      ? HTTP_HEAD
		      : strcmp(method, "CONNECT") == 0 ? HTTP_CONNECT
						       : HTTP_GET;
	h.framing = body ? HTTP_BODY_OPEN : HTTP_BODY_NONE;
	t.leg = (struct http_leg){.ops = &leg_ops, .head = &t.head};
	http_conn_begin(&t.conn, &t.leg);
	assert_true(http_leg_head(&t.leg, &h, !body));
	if (body)
		(void)http_leg_data(&t.leg, slice_str(body), end);
	run();
}

static void answers(void **state)
{
	static const struct {
		const char *method, *answer, *heard;
	} rows[] = {
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 'ok'. done "},
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200. done "},
		{"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "200 'ok'. done "},
		{"GET", "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 'ok'. done "},
		{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "200. done "},
		{"GET", "HTTP/1.1 204 N\r\n\r\n", "204. done "},
		{"GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "200 'ok'. done-last "},
		{"GET", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 'ok'. done-last "},
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok+", "200 'ok'. done-last closed "},
		{"GET", "HTTP/1.1 204 N\r\n\r\n+", "204. done-last closed "},
		{"GET", "HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n", "reset(http1.unexpected_response) closed "},
		{"GET", "nonsense\r\n\r\n", "reset(http1.codec_error) closed "},
		{"GET", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "reset(http1.invalid_content_length) closed "},
		{"GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		 "200 reset(http1.invalid_chunk) closed "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(HTTP_CLIENT);
		ask(rows[i].method, "/x", NULL, true);
		say(rows[i].answer);
		assert_heard(rows[i].heard);
		stop();
	}
}

static void the_server_ends(void **state)
{
	static const struct {
		const char *answer, *heard;
	} rows[] = {
		{"", "reset(peer) closed "},
		{"HTTP/1.1 200", "reset(peer) closed "},
		{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", "200 'ok' reset(peer) closed "},
		{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n", "200 'ok' reset(peer) closed "},
		{"HTTP/1.1 200 OK\r\n\r\nok", "200 'ok' ''. done-last "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(HTTP_CLIENT);
		ask("GET", "/x", NULL, true);
		(void)loopback_got(t.peer);
		say(rows[i].answer);
		loopback_close(t.peer);
		run();
		if (strcmp(buf_str(&t.heard), rows[i].heard) != 0)
			fail_msg("'%s': heard '%s'", rows[i].answer, buf_str(&t.heard));
		stop();
	}
}

static void an_idle_connection_that_speaks_is_closed(void **state)
{
	(void)state;
	start(HTTP_CLIENT);
	assert_true(http_conn_idle(&t.conn));
	say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_heard("closed ");
	stop();
}

/* The answer is whole, the request is not: nothing of the next exchange may be written behind it. */
static void answered_before_the_request_ended(void **state)
{
	(void)state;
	start(HTTP_CLIENT);
	ask("GET", "/x", "part", false);
	say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_heard("200. done-last ");
	stop();
}

/* ---- tunnels ---- */

static void begin_tunnel(bool connect)
{
	struct http_head h = {.method = slice_str(connect ? "CONNECT" : "GET"),
			      .target = SLICE("/t"),
			      .version = HTTP_11,
			      .framing = HTTP_BODY_TUNNEL};

	h.method_id = connect ? HTTP_CONNECT : HTTP_GET;
	t.leg = (struct http_leg){.ops = &leg_ops, .head = &t.head};
	http_conn_begin(&t.conn, &t.leg);
	assert_true(http_leg_head(&t.leg, &h, false));
	http_leg_flush(&t.leg);
	run();
	(void)loopback_got(t.peer);
}

static void client_tunnels(void **state)
{
	(void)state;
	for (int connect = 0; connect < 2; connect++) {
		const char *yes = connect ? "HTTP/1.1 200 OK\r\n\r\n" : "HTTP/1.1 101 S\r\nUpgrade: x\r\n\r\n";

		start(HTTP_CLIENT);
		begin_tunnel(connect);
		say(yes);
		assert_heard(connect ? "200 " : "101 ");
		say("in");
		assert_heard("'in' ");
		assert_int_equal(http_leg_data(&t.leg, SLICE("out"), false), HTTP_GO);
		assert_string_equal(loopback_got(t.peer), "out");
		/* It ends when both have, in either order. */
		loopback_shutdown(t.peer);
		run();
		assert_heard("''. ");
		(void)http_leg_data(&t.leg, SLICE(""), true);
		run();
		assert_heard("done-last ");
		assert_true(loopback_ended(t.peer));
		stop();
		start(HTTP_CLIENT);
		begin_tunnel(connect);
		say(yes);
		(void)http_leg_data(&t.leg, SLICE(""), true);
		run();
		assert_true(loopback_ended(t.peer));
		loopback_close(t.peer);
		run();
		assert_heard(connect ? "200 ''. done-last " : "101 ''. done-last ");
		stop();
	}
}

static void client_tunnels_refused(void **state)
{
	(void)state;
	for (int connect = 0; connect < 2; connect++) {
		start(HTTP_CLIENT);
		begin_tunnel(connect);
		say("HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nn");
		assert_false(loopback_ended(t.peer));
		/* Whoever goes on is not heard. */
		assert_int_equal(http_leg_data(&t.leg, SLICE("out"), true), HTTP_GO);
		assert_string_equal(loopback_got(t.peer), "");
		say("o");
		assert_heard(connect ? "403 'n' 'o'. done-last " : "403 'n' 'o'. done ");
		stop();
	}
}

static void server_tunnels(void **state)
{
	struct http_head h = {.status = 101, .reason = SLICE("S"), .version = HTTP_11, .framing = HTTP_BODY_TUNNEL};

	(void)state;
	start(HTTP_SERVER);
	say("GET /t HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nearly");
	assert_heard("/t. ");
	assert_true(http_leg_head(&t.leg, &h, false));
	http_leg_flush(&t.leg);
	run();
	assert_heard("'early' ");
	(void)http_leg_data(&t.leg, SLICE("out"), true);
	run();
	assert_heard("");
	assert_non_null(strstr(loopback_got(t.peer), "\r\n\r\nout"));
	loopback_close(t.peer);
	run();
	assert_heard("''. done-last closed ");
	stop();
	/* Nobody asked: there is no tunnel, whatever the user says. */
	start(HTTP_SERVER);
	say(GET("/t") GET("/next"));
	assert_heard("/t. ");
	assert_true(http_leg_head(&t.leg, &h, false));
	(void)http_leg_data(&t.leg, SLICE("out"), true);
	run();
	assert_heard("done-last ");
	stop();
}

/* ---- buffers ---- */

static void buffers_are_reused_and_trimmed(void **state)
{
	struct buffers b = {0};
	size_t size;
	void *first, *second;

	(void)state;
	assert_true(buffers_empty(&b));
	first = buffers_get(&b, BUFFERS_MANY_BYTES + 1, &size);
	assert_int_equal(size, BUFFERS_SMALL_BYTES);
	second = buffers_get(&b, BUFFERS_SMALL_BYTES + 1, &size);
	assert_int_equal(size, BUFFERS_LARGE_BYTES);
	assert_int_equal(b.taken, 2);
	buffers_put(&b, first, BUFFERS_SMALL_BYTES);
	buffers_put(&b, second, BUFFERS_LARGE_BYTES);
	assert_false(buffers_empty(&b));
	assert_ptr_equal(buffers_get(&b, BUFFERS_SMALL_BYTES, &size), first);
	buffers_put(&b, first, BUFFERS_SMALL_BYTES);
	assert_int_equal(b.taken, 0);
	/* The small one was needed since the beginning, the large one was, too; from now on neither is. */
	(void)buffers_trim(&b);
	assert_int_equal(buffers_trim(&b), BUFFERS_SMALL_BYTES + BUFFERS_LARGE_BYTES);
	assert_int_equal(buffers_trim(&b), 0);
	buffers_done(&b);
}

/* While it waits for its answer. More of a head that is not whole is read with a larger one. */
static void a_request_takes_a_buffer_of_its_size(void **state)
{
	static char field[2001];

	(void)state;
	memset(field, 'x', sizeof(field) - 1);
	start(HTTP_SERVER);
	say(GET("/x"));
	assert_heard("/x. ");
	assert_int_equal(t.buffers.taken, 1);
	assert_int_equal(t.conn.in_cap, BUFFERS_FEW_BYTES);
	answer("");
	run();
	assert_heard("done ");
	say("GET /y HTTP/1.1\r\nHost: a\r\nX: ");
	assert_int_equal(t.conn.in_cap, BUFFERS_FEW_BYTES);
	say(field);
	say("\r\n\r\n");
	assert_heard("/y. ");
	assert_int_equal(t.conn.in_cap, BUFFERS_SMALL_BYTES);
	assert_int_equal(t.head.fields[1].value_len, sizeof(field) - 1);
	answer("");
	run();
	assert_heard("done ");
	assert_int_equal(t.buffers.taken, 0);
	stop();
}

/* A small chunk leaves in one piece with its head, and is ours when the peer does not take it yet. */
static void a_small_chunk_is_copied(void **state)
{
	static char body[3001];

	(void)state;
	memset(body, 'x', sizeof(body) - 1);
	start(HTTP_SERVER);
	loopback_window(t.peer, 1000);
	say(GET("/x"));
	answer(body);
	memset(body, 'y', sizeof(body) - 1);
	run();
	assert_heard("/x. ");
	assert_false(t.conn.chunk.len);
	for (int i = 0; i < 4; i++) {
		assert_null(strchr(loopback_got(t.peer), 'y'));
		run();
	}
	assert_heard("done ");
	stop();
}

static void a_large_body_takes_a_large_buffer(void **state)
{
	static char body[200001];

	(void)state;
	start(HTTP_SERVER);
	t.hold = true;
	say("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
	memset(body, 'x', sizeof(body) - 1);
	say(body);
	/* One chunk at a time, and no more than a buffer of it. */
	assert_true(t.buffers.taken <= 2);
	buf_clear(&t.heard);
	t.hold = false;
	http_leg_resume(&t.leg);
	run();
	assert_non_null(strstr(buf_str(&t.heard), "]."));
	answer("");
	run();
	assert_int_equal(t.buffers.taken, 0);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchanges_in_a_row),
		cmocka_unit_test(byte_by_byte),
		cmocka_unit_test(pipelined_requests_wait_for_their_turn),
		cmocka_unit_test(a_held_chunk_stops_reading),
		cmocka_unit_test(paused_before_the_body),
		cmocka_unit_test(a_slow_reader_holds_the_sender),
		cmocka_unit_test(an_early_answer),
		cmocka_unit_test(what_is_no_request),
		cmocka_unit_test(the_client_goes),
		cmocka_unit_test(for_http_1_0),
		cmocka_unit_test(closed_inside_a_callback),
		cmocka_unit_test(a_head_that_does_not_fit_is_not_begun),
		cmocka_unit_test(answers),
		cmocka_unit_test(the_server_ends),
		cmocka_unit_test(an_idle_connection_that_speaks_is_closed),
		cmocka_unit_test(answered_before_the_request_ended),
		cmocka_unit_test(client_tunnels),
		cmocka_unit_test(client_tunnels_refused),
		cmocka_unit_test(server_tunnels),
		cmocka_unit_test(buffers_are_reused_and_trimmed),
		cmocka_unit_test(a_request_takes_a_buffer_of_its_size),
		cmocka_unit_test(a_small_chunk_is_copied),
		cmocka_unit_test(a_large_body_takes_a_large_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
