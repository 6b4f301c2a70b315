/*
 * Nothing above a codec knows which protocol it is: one that only this test has, and registers, carries requests from a
 * client to an origin of HTTP/1.1 and back. It is lines: "HEY\n" first, then "path\n" is asked and "status body\n"
 * answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "codecs/codecs.h"
#include "loopback/rig.c"

#define HEY_BYTES 4

struct lines {
	struct http_leg *leg;
	bool greeted, all, held, owes_line;
};

static struct lines *lines_of(const struct http_conn *c)
{
	return (struct lines *)(void *)c->state;
}

static void lines_open(struct http_conn *c)
{
	(void)c;
}

static void lines_close(struct http_conn *c)
{
	if (lines_of(c)->leg)
		http_leg_detach(take(lines_of(c)->leg));
}

static void lines_fail(struct http_conn *c, enum http_reset why)
{
	struct http_leg *leg = take(lines_of(c)->leg);

	if (!leg)
		return;
	http_leg_detach(leg);
	leg->ops->on_reset(leg, why);
}

static void lines_make_room(struct http_conn *c)
{
	size_t cap;

	if (c->in)
		return;
	c->in = buffers_get(c->buffers, BUFFERS_SMALL_BYTES, &cap);
	c->in_cap = (uint32_t)cap;
	c->start = c->end = 0;
}

static void ask(struct http_conn *c, struct slice path)
{
	struct lines *l = lines_of(c);
	struct http_head *h;

	l->leg = http_open_exchange(c);
	h = l->leg->head;
	http_clear(h);
	h->method = SLICE("GET");
	h->method_id = HTTP_GET;
	h->target = path;
	h->version = HTTP_11;
	h->framing = HTTP_BODY_NONE;
	http_add(h, SLICE("host"), SLICE("third"));
	l->all = true;
	l->leg->ops->on_headers(l->leg, true);
}

static bool lines_parse(struct http_conn *c)
{
	struct lines *l = lines_of(c);
	const char *at = c->in + c->start, *end = memchr(at, '\n', c->end - c->start);

	if (!end || l->leg)
		return false;
	c->start += (uint32_t)(end + 1 - at);
	if (l->greeted)
		ask(c, slice_make(at, (size_t)(end - at)));
	l->greeted = true;
	return !c->dead;
}

static bool lines_wants_read(const struct http_conn *c)
{
	return !lines_of(c)->leg;
}

static void lines_on_eof(struct http_conn *c)
{
	http_fail(c, HTTP_RESET_PEER);
}

static void lines_on_pause(struct http_conn *c)
{
	(void)c;
}

static bool lines_head(struct http_leg *leg, const struct http_head *h, bool end)
{
	struct http_conn *c = leg->conn;
	char *p = http_out_reserve(c, 16);

	c->out_end += (uint32_t)sprintf(p, "%d%s", h->status, end ? "\n" : " ");
	lines_of(c)->owes_line = end;
	http_write(c);
	return true;
}

static enum http_flow lines_data(struct http_leg *leg, struct slice data, bool end)
{
	struct http_conn *c = leg->conn;
	char *p = http_out_reserve(c, data.len + 1);

	p = mempcpy(p, data.ptr, data.len);
	if (end)
		*p++ = '\n';
	c->out_end = (uint32_t)(p - c->out);
	lines_of(c)->owes_line = end;
	http_write(c);
	return HTTP_GO;
}

static void lines_on_written(struct http_conn *c)
{
	struct lines *l = lines_of(c);
	struct http_leg *leg = l->leg;

	if (!leg || !l->owes_line || !http_out_empty(c))
		return;
	l->owes_line = false;
	l->leg = NULL;
	http_leg_detach(leg);
	leg->ops->on_done(leg, true);
	http_pump_later(c);
}

static void lines_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	(void)t;
	(void)lines_data(leg, SLICE(""), true);
}

static bool lines_busy(const struct http_leg *leg)
{
	(void)leg;
	return false;
}

static void lines_nothing(struct http_leg *leg)
{
	(void)leg;
}

static void lines_reset(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	lines_of(c)->leg = NULL;
	http_leg_detach(leg);
	c->ops->on_closed(c);
}

static bool lines_received(const struct http_leg *leg)
{
	return lines_of(leg->conn)->all;
}

static const struct http_codec lines = {
	.alpn = "lines",
	.preface = {"HEY\n", HEY_BYTES},
	.version = HTTP_11,
	.open = lines_open,
	.close = lines_close,
	.fail = lines_fail,
	.make_room = lines_make_room,
	.parse = lines_parse,
	.wants_read = lines_wants_read,
	.on_eof = lines_on_eof,
	.on_pause = lines_on_pause,
	.on_written = lines_on_written,
	.head = lines_head,
	.data = lines_data,
	.trailers = lines_trailers,
	.busy = lines_busy,
	.flush = lines_nothing,
	.resume = lines_nothing,
	.pause = lines_nothing,
	.reset = lines_reset,
	.received = lines_received,
};

static void carries_a_stream(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	codecs_add(&lines);
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, "HE");
	rig_send(&r, client, "Y\n/one\n");
	up = rig_accept(&r);
	assert_true(strncmp(loopback_got(up), "GET /one HTTP/1.1\r\nhost: third\r\n", 32) == 0);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfirst");
	assert_string_equal(loopback_got(client), "200 first\n");
	rig_send(&r, client, "/two\n");
	assert_true(strncmp(loopback_got(up), "GET /two ", 9) == 0);
	rig_send(&r, up, "HTTP/1.1 204 No Content\r\n\r\n");
	assert_string_equal(loopback_got(client), "204\n");
	assert_string_equal(rig_log(&r), "200 - via_upstream\n204 - via_upstream\n");
	/* The others are there as before. */
	assert_true(rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") >= 0);
	assert_true(strncmp(loopback_got(up), "GET / HTTP/1.1\r\n", 16) == 0);
	/* A client that leaves takes its exchange along. */
	rig_close(&r, client);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(carries_a_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
