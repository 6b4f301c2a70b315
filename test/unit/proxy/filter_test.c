/*
 * What a filter hears of an exchange and may do to it, by one that only this test has: the order of calls, memory of
 * its own, an answer in the middle of a body, the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

static struct rig r;
static struct buf heard;

struct own {
	size_t bytes;
};

static enum filter_result on_headers(struct filter *f, bool end)
{
	buf_printf(&heard, "headers%s ", end ? "." : "");
	assert_int_equal(((struct own *)f->own)->bytes, 0);
	http_set(filter_request(f), SLICE("x-seen"), SLICE("1"));
	return FILTER_CONTINUE;
}

/* More than ten bytes are too many. */
static enum filter_result on_data(struct filter *f, struct slice data, bool end)
{
	struct own *own = f->own;

	own->bytes += data.len;
	buf_printf(&heard, "%zu%s ", own->bytes, end ? "." : "");
	if (own->bytes <= 10)
		return FILTER_CONTINUE;
	filter_set_details(f, "too_much");
	filter_reply(f, &(struct reply){.outcome = OUTCOME_DIRECT, .status = 413});
	return FILTER_REPLIED;
}

static enum filter_result on_trailers(struct filter *f, const struct http_trailers *t)
{
	(void)f;
	buf_printf(&heard, "%.*s=%.*s ", SLICE_ARG(t->v[0].name), SLICE_ARG(t->v[0].value));
	return FILTER_CONTINUE;
}

static void on_try(struct filter *f)
{
	(void)f;
	buf_append_str(&heard, "try ");
}

static void on_answer(struct filter *f, struct http_head *h)
{
	(void)f;
	buf_printf(&heard, "answer%d ", h->status);
}

static void on_response(struct filter *f, struct http_head *h)
{
	http_set(h, SLICE("x-bytes"), slice_make(filter_alloc(f, 1), 0));
	buf_printf(&heard, "response%d ", h->status);
}

static void on_end(struct filter *f)
{
	buf_printf(&heard, "end:%zu ", ((struct own *)f->own)->bytes);
}

static void destroy(struct filter *f)
{
	(void)f;
	buf_append_str(&heard, "destroy ");
}

static const struct filter_ops ops = {
	.own_bytes = sizeof(struct own),
	.on_headers = on_headers,
	.on_data = on_data,
	.on_trailers = on_trailers,
	.on_try = on_try,
	.on_answer = on_answer,
	.on_response = on_response,
	.on_end = on_end,
	.destroy = destroy,
};

static const struct filter_ops *const table[FILTER_KIND_COUNT] = {[FILTER_GRPC_STATS] = &ops};

static void start(const char *route)
{
	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .filters = "{name: g, typed_config: {'@type': type.googleapis.com/"
					 "envoy.extensions.filters.http.grpc_stats.v3.FilterConfig}}, ",
			      .route = route}));
	r.worker.filters = table;
}

#define assert_heard(text)                                                                                             \
	do {                                                                                                           \
		assert_string_equal(buf_str(&heard), text);                                                            \
		buf_clear(&heard);                                                                                     \
	} while (0)

static void a_whole_exchange(void **state)
{
	int client, up;

	(void)state;
	start(NULL);
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab");
	up = rig_accept(&r);
	assert_non_null(strstr(loopback_got(up), "\r\nx-seen: 1\r\n"));
	rig_send(&r, client, "cde");
	assert_heard("headers try 2 5. ");
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
	assert_heard("answer200 response200 end:5 destroy ");
	rig_stop(&r);
}

static void each_try(void **state)
{
	int up;

	(void)state;
	start("retry_policy: {retry_on: 5xx, num_retries: 1}");
	(void)rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n");
	rig_advance(&r, 100);
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_heard("headers. try try answer200 response200 end:0 destroy ");
	rig_stop(&r);
}

static void an_answer_within_the_body(void **state)
{
	int client;

	(void)state;
	start(NULL);
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\n0123456789");
	assert_heard("headers try 10 ");
	rig_send(&r, client, "x");
	assert_heard("11 response413 end:11 destroy ");
	assert_true(strncmp(loopback_got(client), "HTTP/1.1 413 ", 13) == 0);
	assert_string_equal(rig_log(&r), "413 - too_much\n");
	rig_stop(&r);
}

static void trailers(void **state)
{
	const struct h2_header sum = {SLICE("x-sum"), SLICE("1"), false};
	struct h2_peer client;
	struct h2_stream *st;

	(void)state;
	start(NULL);
	h2_peer_start(&client, loopback_connect(RIG_LISTENER), false, NULL);
	st = h2_peer_ask(&client, "POST", "/", false, NULL, 0);
	h2_write(st, SLICE("ab"), false);
	h2_trailers(st, &sum, 1);
	h2_peer_run(&r, &client, NULL);
	assert_heard("headers try 2 x-sum=1 ");
	/* The client goes. */
	loopback_close(client.fd);
	h2_peer_stop(&client);
	rig_run(&r);
	assert_heard("end:2 destroy ");
	rig_stop(&r);
}

static int done(void **state)
{
	(void)state;
	buf_done(&heard);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_exchange),
		cmocka_unit_test(each_try),
		cmocka_unit_test(an_answer_within_the_body),
		cmocka_unit_test(trailers),
	};

	return cmocka_run_group_tests(tests, NULL, done);
}
