/*
 * HTTP/2 through the proxy, in memory: any mix with HTTP/1.1, many exchanges on one connection, back-pressure by
 * windows, trailers, resets, GOAWAY, limits. What is held by one exchange holds no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

#define EXPLICIT_H2(more)                                                                                              \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{http2_protocol_options: {" more "}}}}"
#define TRAILERS_H1                                                                                                    \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{http_protocol_options: {enable_trailers: true}}}}"

static struct rig r;
static struct h2_peer client, origin;

static void start(const struct rig_http *h)
{
	rig_start(&r, rig_http_yaml(h));
	h2_peer_start(&client, loopback_connect(RIG_LISTENER), false, NULL);
}

static void stop(void)
{
	h2_peer_stop(&client);
	rig_stop(&r);
}

static void move(void)
{
	h2_peer_run(&r, &client, NULL);
}

static void move_both(void)
{
	h2_peer_run(&r, &client, &origin);
}

/* The origin's end of the connection that the proxy has just made, as a server of HTTP/2. */
static void accept_h2(const struct h2_settings *settings)
{
	int fd = rig_accept(&r);

	assert_true(fd >= 0);
	h2_peer_start(&origin, fd, true, settings);
	move_both();
}

static size_t head_of(const char *got, const char *name, char *out, size_t size)
{
	char pattern[64];
	const char *at;

	snprintf(pattern, sizeof(pattern), "\r\n%s: ", name);
	at = strstr(got, pattern);
	out[0] = 0;
	if (at)
		snprintf(out, size, "%.*s", (int)strcspn(at + strlen(pattern), "\r"), at + strlen(pattern));
	return strlen(out);
}

/* ---- mixes ---- */

static void to_an_origin_of_http1(void **state)
{
	const struct h2_header cookies[] = {{SLICE("cookie"), SLICE("a=1"), false},
					    {SLICE("x"), SLICE("y"), false},
					    {SLICE("cookie"), SLICE("b"), false}};
	struct h2_stream *st;
	const char *got;
	char v[64];
	int up;

	(void)state;
	start(&(struct rig_http){0});
	st = h2_peer_ask(&client, "POST", "/a?b", false, cookies, 3);
	h2_write(st, SLICE("hello"), false);
	move();
	up = rig_accept(&r);
	got = loopback_got(up);
	assert_true(strncmp(got, "POST /a?b HTTP/1.1\r\nhost: a\r\n", 29) == 0);
	(void)head_of(got, "cookie", v, sizeof(v));
	assert_string_equal(v, "a=1; b");
	assert_non_null(strstr(got, "\r\ntransfer-encoding: chunked\r\n"));
	assert_non_null(strstr(got, "\r\n\r\n5\r\nhello\r\n"));
	h2_write(st, SLICE("!"), true);
	move();
	assert_string_equal(loopback_got(up), "1\r\n!\r\n0\r\n\r\n");
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nX-Y: z\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok");
	client.verbose = true;
	move();
	assert_non_null(strstr(buf_str(&client.heard), "1:200[x-y=z][content-length=2]"));
	assert_null(strstr(buf_str(&client.heard), "connection"));
	assert_non_null(strstr(buf_str(&client.heard), "1:'ok' 1:end "));
	/* The same connections, once more; nothing else would say that there is no body. */
	client.verbose = false;
	buf_clear(&client.heard);
	(void)h2_peer_ask(&client, "POST", "/again", true, NULL, 0);
	move();
	got = loopback_got(up);
	assert_true(strncmp(got, "POST /again ", 12) == 0);
	assert_non_null(strstr(got, "\r\ncontent-length: 0\r\n"));
	rig_send(&r, up, "HTTP/1.1 204 No Content\r\n\r\n");
	move();
	assert_peer_heard(&client, "3:204. 3:end ");
	assert_string_equal(rig_log(&r), "200 - via_upstream\n204 - via_upstream\n");
	stop();
}

static void from_a_client_of_http1(void **state)
{
	char v[64];
	const char *got;
	int fd;

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
	fd = rig_request(
		&r,
		"POST /a HTTP/1.1\r\nHost: a\r\nX-Big: 1\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello");
	accept_h2(NULL);
	assert_peer_heard(&origin, "1:POST/a 1:'hello' 1:end ");
	h2_peer_answer(origin.last, "200", "answer");
	move_both();
	got = loopback_got(fd);
	assert_true(strncmp(got, "HTTP/1.1 200 OK\r\n", 17) == 0);
	(void)head_of(got, "transfer-encoding", v, sizeof(v));
	assert_string_equal(v, "chunked");
	assert_non_null(strstr(got, "\r\n6\r\nanswer\r\n0\r\n\r\n"));
	/* An answer without a body, which nothing says. */
	rig_send(&r, fd, "GET /e HTTP/1.1\r\nHost: a\r\n\r\n");
	move_both();
	h2_peer_answer(origin.last, "200", NULL);
	buf_clear(&origin.heard);
	move_both();
	assert_non_null(strstr(loopback_got(fd), "\r\ncontent-length: 0\r\n"));
	/* HEAD: no body, whatever the frames say. */
	rig_send(&r, fd, "HEAD /h HTTP/1.1\r\nHost: a\r\n\r\n");
	move_both();
	assert_peer_heard(&origin, "5:HEAD/h. 5:end ");
	h2_peer_answer(origin.last, "200", "");
	move_both();
	got = loopback_got(fd);
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n");
	h2_peer_stop(&origin);
	stop();
}

static void many_over_one_connection(void **state)
{
	struct h2_stream *st[20];

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
	for (int i = 0; i < 20; i++)
		(void)h2_peer_get(&client, "/x");
	move();
	h2_peer_start(&origin, rig_accept(&r), true, NULL);
	for (int i = 0; i < 20; i++) {
		h2_peer_step(&origin);
		st[i] = origin.last;
		move_both();
	}
	assert_int_equal(rig_accept(&r), -1);
	assert_int_equal(h2_streams(origin.s), 20);
	(void)st;
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_active, 1);
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 20);
	h2_peer_answer(origin.last, "200", "last");
	buf_clear(&client.heard);
	move_both();
	assert_peer_heard(&client, "39:200 39:'last' 39:end ");
	h2_peer_stop(&origin);
	stop();
}

/* The origin's limit is kept, and the cluster's; what is above goes over further connections. */
static void limits_of_the_origin(void **state)
{
	int second;

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("max_concurrent_streams: 1")});
	(void)h2_peer_get(&client, "/1");
	move();
	accept_h2(NULL);
	assert_peer_heard(&origin, "1:GET/1. 1:end ");
	(void)h2_peer_get(&client, "/2");
	move_both();
	second = rig_accept(&r);
	assert_true(second >= 0);
	assert_peer_heard(&origin, "");
	h2_peer_answer(origin.last, "200", NULL);
	move_both();
	(void)h2_peer_get(&client, "/3");
	move_both();
	assert_int_equal(rig_accept(&r), -1);
	assert_peer_heard(&origin, "3:GET/3. 3:end ");
	h2_peer_stop(&origin);
	stop();
}

/* ---- trailers ---- */

static void trailers(struct h2_stream *st, const char *name, const char *value)
{
	struct h2_header v = {slice_str(name), slice_str(value), false};

	h2_trailers(st, &v, 1);
}

static void trailers_both_ways(void **state)
{
	const struct h2_header status = {SLICE(":status"), SLICE("200"), false};
	struct h2_stream *st;

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
	st = h2_peer_ask(&client, "POST", "/", false, NULL, 0);
	h2_write(st, SLICE("x"), false);
	trailers(st, "x-sum", "42");
	move();
	accept_h2(NULL);
	assert_peer_heard(&origin, "1:POST/ 1:'x' 1:trailers:[x-sum=42]. 1:end ");
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, &status, 1, false), 0);
	h2_write(origin.last, SLICE("y"), false);
	trailers(origin.last, "x-back", "43");
	move_both();
	assert_peer_heard(&client, "1:200 1:'y' 1:trailers:[x-back=43]. 1:end ");
	h2_peer_stop(&origin);
	stop();
}

static void trailers_of_http1(void **state)
{
	struct h2_stream *st;
	int up;

	(void)state;
	start(&(struct rig_http){.cluster = TRAILERS_H1});
	st = h2_peer_ask(&client, "POST", "/", false, NULL, 0);
	h2_write(st, SLICE("x"), false);
	trailers(st, "x-sum", "42");
	move();
	up = rig_accept(&r);
	assert_non_null(strstr(loopback_got(up), "\r\n\r\n1\r\nx\r\n0\r\nx-sum: 42\r\n\r\n"));
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\ny\r\n0\r\nX-Back: 43\r\n\r\n");
	move();
	assert_peer_heard(&client, "1:200 1:'y' 1:trailers:[x-back=43]. 1:end ");
	stop();
}

/* ---- back-pressure ---- */

static void an_origin_that_does_not_read(void **state)
{
	static char big[600000];
	struct h2_stream *st;
	int up;

	(void)state;
	start(&(struct rig_http){.hcm = "http2_protocol_options: {initial_stream_window_size: 65535}"});
	st = h2_peer_ask(&client, "POST", "/big", false, NULL, 0);
	move();
	up = rig_accept(&r);
	loopback_window(up, 4096);
	(void)loopback_got(up);
	h2_write(st, slice_make(big, sizeof(big)), true);
	for (int i = 0; i < 4; i++)
		h2_peer_step(&client), rig_run(&r);
	/* What the client could not send shows how much was taken. */
	assert_true(h2_waiting(st) > sizeof(big) - 250000);
	/* Another exchange goes on. */
	(void)h2_peer_get(&client, "/other");
	h2_peer_step(&client);
	rig_run(&r);
	assert_true(rig_accept(&r) >= 0);
	stop();
}

static void a_client_that_does_not_read(void **state)
{
	static char body[400000];
	char head[128];
	int up, other;

	(void)state;
	start(&(struct rig_http){0});
	client.keep = true;
	(void)h2_peer_get(&client, "/big");
	move();
	up = rig_accept(&r);
	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", sizeof(body));
	loopback_send(up, head);
	for (size_t sent = 0; sent < sizeof(body); sent += 50000) {
		loopback_send_bytes(up, body + sent, 50000);
		move();
	}
	assert_true(client.got_bytes <= 262144); /* the peer's window */
	assert_true(loopback_waiting(up) > 0);   /* and the rest is not read either */
	buf_clear(&client.heard);
	(void)h2_peer_get(&client, "/small");
	move();
	other = rig_accept(&r);
	rig_send(&r, other, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	move();
	assert_peer_heard(&client, "3:200 3:'ok' 3:end ");
	stop();
}

/* ---- ends before their time ---- */

static void a_client_that_resets(void **state)
{
	struct h2_stream *st;

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
	st = h2_peer_get(&client, "/a");
	(void)h2_peer_get(&client, "/b");
	move();
	accept_h2(NULL);
	buf_clear(&origin.heard);
	h2_reset(st, H2_CANCEL);
	move_both();
	assert_peer_heard(&origin, "1:CANCEL ");
	h2_peer_answer(origin.last, "200", NULL); /* of /b */
	buf_clear(&client.heard);
	move_both();
	assert_peer_heard(&client, "3:200. 3:end ");
	assert_string_equal(rig_log(&r), "0 DC downstream_remote_disconnect\n200 - via_upstream\n");
	h2_peer_stop(&origin);
	stop();
}

static void an_origin_that_resets(void **state)
{
	static const struct {
		uint32_t error;
		bool begun;
		const char *heard, *log;
	} rows[] = {
		{H2_INTERNAL_ERROR, false, "1:503 ", "503 UR upstream_reset_before_response_started{remote_reset}\n"},
		{H2_REFUSED_STREAM, false, "1:503 ",
		 "503 UR upstream_reset_before_response_started{remote_refused_stream_reset}\n"},
		{H2_INTERNAL_ERROR, true, "1:200 1:'x' 1:INTERNAL_ERROR ",
		 "200 UR upstream_reset_after_response_started{remote_reset}\n"},
	};
	const struct h2_header status = {SLICE(":status"), SLICE("200"), false};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
		(void)h2_peer_get(&client, "/a");
		move();
		accept_h2(NULL);
		if (rows[i].begun) {
			assert_int_equal(h2_respond(origin.last, H2_RESPONSE, &status, 1, false), 0);
			h2_write(origin.last, SLICE("x"), false);
			move_both();
		}
		h2_reset(origin.last, rows[i].error);
		move_both();
		assert_true(strncmp(buf_str(&client.heard), rows[i].heard, strlen(rows[i].heard)) == 0);
		assert_string_equal(rig_log(&r), rows[i].log);
		assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 0);
		h2_peer_stop(&origin);
		stop();
	}
}

/* What it said before is passed on. */
static void an_origin_that_breaks_off(void **state)
{
	const struct h2_header status = {SLICE(":status"), SLICE("200"), false};

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
	(void)h2_peer_get(&client, "/a");
	move();
	accept_h2(NULL);
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, &status, 1, false), 0);
	h2_write(origin.last, SLICE("x"), false);
	(void)h2_peer_step(&origin);
	loopback_close(origin.fd);
	move();
	assert_peer_heard(&client, "1:200 1:'x' 1:INTERNAL_ERROR ");
	h2_peer_stop(&origin);
	stop();
}

static void refused_streams_go_again(void **state)
{
	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2(""),
				 .route = "retry_policy: {retry_on: refused-stream, num_retries: 1}"});
	(void)h2_peer_ask(&client, "POST", "/a", true, NULL, 0);
	move();
	accept_h2(NULL);
	h2_reset(origin.last, H2_REFUSED_STREAM);
	move_both();
	rig_advance(&r, 100);
	buf_clear(&origin.heard);
	move_both();
	assert_peer_heard(&origin, "3:POST/a. 3:end ");
	h2_peer_answer(origin.last, "200", NULL);
	move_both();
	assert_peer_heard(&client, "1:200. 1:end ");
	h2_peer_stop(&origin);
	stop();
}

static void an_origin_that_goes_away(void **state)
{
	struct h2_stream *first;

	(void)state;
	start(&(struct rig_http){.cluster = EXPLICIT_H2("")});
	(void)h2_peer_get(&client, "/a");
	move();
	accept_h2(NULL);
	first = origin.last;
	h2_shutdown(origin.s);
	move_both();
	(void)h2_peer_get(&client, "/b");
	move_both();
	/* The next goes over a new connection, the one under way ends well. */
	assert_true(rig_accept(&r) >= 0);
	h2_peer_answer(first, "200", "whole");
	buf_clear(&client.heard);
	move_both();
	assert_peer_heard(&client, "1:200 1:'whole' 1:end ");
	assert_true(loopback_ended(origin.fd));
	h2_peer_stop(&origin);
	stop();
}

static void a_connection_that_has_served_enough(void **state)
{
	struct h2_stream *first;

	(void)state;
	start(&(struct rig_http){.cluster = "typed_extension_protocol_options: "
					    "{envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "
					    "type.googleapis.com/"
					    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
					    "common_http_protocol_options: {max_requests_per_connection: 2}, "
					    "explicit_http_config: {http2_protocol_options: {}}}}"});
	(void)h2_peer_get(&client, "/1");
	move();
	accept_h2(NULL);
	first = origin.last;
	(void)h2_peer_get(&client, "/2");
	move_both();
	assert_int_equal(h2_streams(origin.s), 2);
	(void)h2_peer_get(&client, "/3");
	move_both();
	assert_true(rig_accept(&r) >= 0); /* the third goes elsewhere */
	h2_peer_answer(origin.last, "200", NULL);
	move_both();
	assert_false(loopback_ended(origin.fd));
	h2_peer_answer(first, "200", NULL);
	move_both();
	assert_true(loopback_ended(origin.fd));
	h2_peer_stop(&origin);
	stop();
}

/* Draining: the client is told, what is under way ends, then the connection closes. */
static void draining(void **state)
{
	struct order o = {.all = &r.workers, .drain = WORKERS_DRAIN_ALL};
	int up;

	(void)state;
	start(&(struct rig_http){0});
	(void)h2_peer_get(&client, "/a");
	move();
	up = rig_accept(&r);
	drain(&r.worker, &o);
	move();
	assert_peer_heard(&client, "goaway goaway ");
	assert_false(loopback_ended(client.fd));
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	move();
	assert_peer_heard(&client, "1:200 1:'ok' 1:end ");
	assert_true(loopback_ended(client.fd));
	stop();
}

/* ---- limits ---- */

static void floods(void **state)
{
	static const struct {
		const char *frame;
		size_t len;
	} rows[] = {
		{"\0\0\10\6\0\0\0\0\0abcdefgh", 17}, /* PING */
		{"\0\0\0\4\0\0\0\0\0", 9},           /* SETTINGS */
		{"\0\0\5\2\0\0\0\0\1\0\0\0\0\1", 14} /* PRIORITY */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(&(struct rig_http){0});
		move();
		for (int n = 0; n < 5000 && !loopback_ended(client.fd); n++) {
			loopback_send_bytes(client.fd, rows[i].frame, rows[i].len);
			if (n % 50 == 0)
				rig_run(&r);
		}
		rig_run(&r);
		(void)loopback_got(client.fd);
		if (!loopback_ended(client.fd))
			fail_msg("%zu", i);
		stop();
	}
}

static void too_many_streams(void **state)
{
	(void)state;
	start(&(struct rig_http){.hcm = "http2_protocol_options: {max_concurrent_streams: 2}"});
	move();
	(void)h2_peer_get(&client, "/1");
	(void)h2_peer_get(&client, "/2");
	assert_false(h2_can_request(client.s));
	stop();
}

static void heads_that_are_none(void **state)
{
	const struct h2_header other_host = {SLICE("host"), SLICE("b"), false};
	const struct h2_header connection = {SLICE("x"), SLICE("y"), false};

	(void)state;
	start(&(struct rig_http){0});
	(void)h2_peer_ask(&client, "GET", "/a", true, &other_host, 1);
	(void)h2_peer_ask(&client, "get", "/a", true, &connection, 1);
	(void)h2_peer_ask(&client, "GET", "/a b", true, NULL, 0);
	move();
	assert_peer_heard(&client, "5:PROTOCOL_ERROR 1:400. 1:end 3:400. 3:end ");
	assert_int_equal(rig_accept(&r), -1);
	stop();
}

/* The error of the GOAWAY among the frames that have come, or -1. */
static int goaway_of(int fd)
{
	size_t n;
	const uint8_t *p = (const uint8_t *)loopback_got_bytes(fd, &n), *end = p + n;

	while (end - p >= 9) {
		const size_t len = (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];

		if (p[3] == 7)
			return p[9 + 7];
		p += 9 + len;
	}
	return -1;
}

/* HEADERS of "GET /", and a whole request with it. */
#define REQUEST(id) "\0\0\6\1\5\0\0\0" id "\x82\x86\x84\1\1a"
#define REQUEST_BYTES 15

/* Of a stream that the client has ended it sends nothing more, and numbers only grow. */
static void streams_that_have_ended(void **state)
{
	static const struct {
		const char *frame;
		size_t len;
		int error;
	} rows[] = {
		{"\0\0\1\0\0\0\0\0\3x", 10, H2_STREAM_CLOSED},     {REQUEST("\3"), REQUEST_BYTES, H2_STREAM_CLOSED},
		{REQUEST("\1"), REQUEST_BYTES, H2_PROTOCOL_ERROR}, {REQUEST("\5"), REQUEST_BYTES, -1},
		{"\0\0\4\10\0\0\0\0\3\0\0\0\1", 13, -1}, /* WINDOW_UPDATE may be late */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
		size_t first = i % 2 ? 5 : 0; /* in two pieces, in the middle of the frame's head */
		int fd;

		rig_start(&r, rig_http_yaml(&(struct rig_http){
				      .action = "direct_response: {status: 200, body: {inline_string: hi}}"}));
		fd = loopback_connect(RIG_LISTENER);
		loopback_send_bytes(fd, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
		loopback_send_bytes(fd, REQUEST("\3"), REQUEST_BYTES);
		rig_run(&r);
		assert_int_equal(goaway_of(fd), -1);
		loopback_send_bytes(fd, rows[i / 2].frame, first);
		rig_run(&r);
		loopback_send_bytes(fd, rows[i / 2].frame + first, rows[i / 2].len - first);
		rig_run(&r);
		if (goaway_of(fd) != rows[i / 2].error)
			fail_msg("%zu", i / 2);
		assert_int_equal(loopback_ended(fd), rows[i / 2].error >= 0);
		rig_stop(&r);
	}
}

/* What we dropped ourselves may still have something on its way. */
static void what_comes_after_an_early_answer(void **state)
{
	struct h2_stream *st;

	(void)state;
	start(&(struct rig_http){.action = "direct_response: {status: 200, body: {inline_string: hi}}"});
	st = h2_peer_ask(&client, "POST", "/", false, NULL, 0);
	h2_write(st, SLICE("x"), false);
	(void)h2_peer_step(&client);
	rig_run(&r);
	h2_write(st, SLICE("y"), true); /* the answer has not been read yet */
	(void)h2_peer_step(&client);
	rig_run(&r);
	buf_clear(&client.heard);
	(void)h2_peer_get(&client, "/again");
	move();
	assert_peer_heard(&client, "3:200 3:'hi' 3:end ");
	stop();
}

static void silence_is_noticed(void **state)
{
	(void)state;
	start(&(struct rig_http){.hcm = "http2_protocol_options: {connection_keepalive: {interval: 2s, timeout: 1s}}"});
	move();
	rig_advance(&r, 2100);
	move(); /* answers */
	assert_false(loopback_ended(client.fd));
	rig_advance(&r, 3100); /* does not */
	(void)loopback_got(client.fd);
	assert_true(loopback_ended(client.fd));
	stop();
}

/* ---- tunnels ---- */

static void websocket(void **state)
{
	const struct h2_header v[] = {{SLICE(":method"), SLICE("CONNECT"), false},
				      {SLICE(":protocol"), SLICE("websocket"), false},
				      {SLICE(":scheme"), SLICE("http"), false},
				      {SLICE(":path"), SLICE("/chat"), false},
				      {SLICE(":authority"), SLICE("a"), false}};
	struct h2_stream *st;
	const char *got;
	int up;

	(void)state;
	start(&(struct rig_http){
		.hcm = "upgrade_configs: [{upgrade_type: websocket}], http2_protocol_options: {allow_connect: true}"});
	move();
	assert_int_equal(h2_request(client.s, v, ARRAY_LEN(v), false, NULL, &st), 0);
	h2_write(st, SLICE("early"), false);
	move();
	up = rig_accept(&r);
	got = loopback_got(up);
	assert_true(strncmp(got, "GET /chat HTTP/1.1\r\n", 20) == 0);
	assert_non_null(strstr(got, "\r\nupgrade: websocket\r\n"));
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\n"); /* what was early waits */
	rig_send(&r, up, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nhi");
	move();
	assert_peer_heard(&client, "1:200 1:'hi' ");
	assert_string_equal(loopback_got(up), "early");
	h2_write(st, SLICE("more"), true);
	move();
	assert_string_equal(loopback_got(up), "more");
	rig_send(&r, up, "bye");
	rig_close(&r, up);
	move();
	assert_peer_heard(&client, "1:'bye' 1:end ");
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_an_origin_of_http1),
		cmocka_unit_test(from_a_client_of_http1),
		cmocka_unit_test(many_over_one_connection),
		cmocka_unit_test(limits_of_the_origin),
		cmocka_unit_test(trailers_both_ways),
		cmocka_unit_test(trailers_of_http1),
		cmocka_unit_test(an_origin_that_does_not_read),
		cmocka_unit_test(a_client_that_does_not_read),
		cmocka_unit_test(a_client_that_resets),
		cmocka_unit_test(an_origin_that_resets),
		cmocka_unit_test(an_origin_that_breaks_off),
		cmocka_unit_test(refused_streams_go_again),
		cmocka_unit_test(an_origin_that_goes_away),
		cmocka_unit_test(a_connection_that_has_served_enough),
		cmocka_unit_test(draining),
		cmocka_unit_test(floods),
		cmocka_unit_test(too_many_streams),
		cmocka_unit_test(heads_that_are_none),
		cmocka_unit_test(streams_that_have_ended),
		cmocka_unit_test(what_comes_after_an_early_answer),
		cmocka_unit_test(silence_is_noticed),
		cmocka_unit_test(websocket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
