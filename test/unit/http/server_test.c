/* The small server: whole requests in, whole replies out, now or later, and clients that do not wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/loopback.c"

#include "h1/codec.h"
#include "http/server.h"

#define AT "10.0.0.1:15000"

static struct loop *loop;
static struct http_server *server;
static struct http_request *kept; /* not replied to yet */
static struct buf seen;
static bool later;

static void reply(struct http_request *rq)
{
	http_reply(rq, 200, "text/plain", "x-a: b\nx-c: d\r\n", SLICE("hello"));
}

static void handler(void *ctx, struct http_request *rq)
{
	struct slice x = http_request_header(rq, SLICE("x-in"));

	(void)ctx;
	buf_printf(&seen, "%.*s %.*s ?%.*s x=%.*s [%zu] ", SLICE_ARG(http_request_method(rq)),
		   SLICE_ARG(http_request_path(rq)), SLICE_ARG(http_request_query(rq)), SLICE_ARG(x),
		   http_request_body(rq).len);
	if (later)
		kept = rq;
	else
		reply(rq);
}

static void start(void)
{
	struct addr a;
	struct err e = ERR_INIT;

	loopback_start();
	loop = loop_new();
	later = false;
	kept = NULL;
	assert_int_equal(addr_parse(SLICE("10.0.0.1"), 15000, &a), 0);
	assert_int_equal(http_server_new(loop, &a, &h1_codec, handler, NULL, &server, &e), 0);
}

static void stop(void)
{
	http_server_free(server);
	loop_free(loop);
	buf_done(&seen);
	loopback_stop();
}

static int ask(const char *text)
{
	int fd = loopback_connect(AT);

	loopback_send(fd, text);
	loopback_run(loop);
	return fd;
}

#define assert_seen(text)                                                                                              \
	do {                                                                                                           \
		assert_string_equal(buf_str(&seen), text);                                                             \
		buf_clear(&seen);                                                                                      \
	} while (0)

static void requests_and_replies(void **state)
{
	int client;

	(void)state;
	start();
	client = ask("GET /a/b?c=d HTTP/1.1\r\nHost: h\r\nX-In: y\r\n\r\n");
	assert_seen("GET /a/b ?c=d x=y [0] ");
	assert_string_equal(loopback_got(client), "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nx-a: b\r\nx-c: "
						  "d\r\ncontent-length: 5\r\n\r\nhello");
	/* The connection is used again, also for two at once. */
	loopback_send(client, "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbodyHEAD /h HTTP/1.1\r\nHost: "
			      "h\r\n\r\n");
	loopback_run(loop);
	assert_seen("POST /p ? x= [4] HEAD /h ? x= [0] ");
	assert_null(strstr(strstr(strstr(loopback_got(client), "hello") + 5, "HTTP/1.1 200"), "hello"));
	stop();
}

static void a_reply_may_come_later(void **state)
{
	int client;

	(void)state;
	start();
	later = true;
	client = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_string_equal(loopback_got(client), "");
	reply(kept);
	loopback_run(loop);
	assert_non_null(strstr(loopback_got(client), "hello"));
	/* The client has gone meanwhile, or the server. */
	client = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	loopback_close(client);
	loopback_run(loop);
	reply(kept);
	client = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	http_server_free(server);
	server = NULL;
	reply(kept);
	assert_true(loopback_ended(client));
	stop();
}

static void what_is_refused(void **state)
{
	static char piece[65537];
	int client;

	(void)state;
	start();
	client = ask("nonsense\r\n\r\n");
	assert_non_null(strstr(loopback_got(client), "HTTP/1.1 400"));
	assert_seen("");
	/* A body over the limit ends the connection. */
	client = ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n");
	memset(piece, 'x', sizeof(piece) - 1);
	for (size_t i = 0; i < HTTP_SERVER_BODY_MAX_BYTES / (sizeof(piece) - 1); i++) {
		assert_false(loopback_ended(client));
		loopback_send(client, piece);
		loopback_run(loop);
	}
	loopback_send(client, "x");
	loopback_run(loop);
	assert_true(loopback_ended(client));
	assert_seen("");
	stop();
}

static void idle_clients_are_let_go(void **state)
{
	int silent, once;

	(void)state;
	start();
	silent = ask("");
	once = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	(void)loopback_got(once);
	loopback_advance(loop, 59000);
	assert_false(loopback_ended(silent) || loopback_ended(once));
	loopback_advance(loop, 2000);
	assert_true(loopback_ended(silent) && loopback_ended(once));
	stop();
}

/* A byte now and then keeps nobody: the whole request has its time, and so has the reading of the reply. */
static void slow_clients_are_let_go(void **state)
{
	static const char *const beginnings[] = {
		"GET / HTTP/1.1\r\nX: ",
		"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n",
	};
	int client;

	(void)state;
	start();
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
		client = ask(beginnings[i]);
		for (int s = 0; s < 29; s++) {
			loopback_send(client, "x");
			loopback_advance(loop, 1000);
		}
		assert_false(loopback_ended(client));
		loopback_advance(loop, 1000);
		assert_true(loopback_ended(client));
		loopback_close(client);
	}
	later = true;
	client = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	loopback_advance(loop, 300000); /* that was us */
	loopback_window(client, 8);
	reply(kept);
	loopback_advance(loop, 59000);
	assert_int_equal(strlen(loopback_got(client)), 8);
	loopback_advance(loop, 59000);
	assert_false(loopback_ended(client));
	loopback_advance(loop, 2000);
	loopback_got(client);
	assert_true(loopback_ended(client));
	stop();
}

/* However many connections are held open: who comes is served, and who waits for us is not sent away. */
static void the_oldest_makes_room(void **state)
{
	int first, second, waiting, client;

	(void)state;
	start();
	later = true;
	waiting = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	later = false;
	first = ask("GET / HTT");
	second = ask("");
	for (int i = 3; i < HTTP_SERVER_CLIENTS_MAX; i++)
		(void)loopback_connect(AT);
	loopback_run(loop);
	assert_false(loopback_ended(first));
	client = ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_non_null(strstr(loopback_got(client), "hello"));
	assert_true(loopback_ended(first) != loopback_ended(second));
	reply(kept);
	loopback_run(loop);
	assert_non_null(strstr(loopback_got(waiting), "hello"));
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_and_replies),    cmocka_unit_test(a_reply_may_come_later),
		cmocka_unit_test(what_is_refused),         cmocka_unit_test(idle_clients_are_let_go),
		cmocka_unit_test(slow_clients_are_let_go), cmocka_unit_test(the_oldest_makes_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
