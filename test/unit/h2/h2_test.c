/* Two sessions back to back: exchanges, flow control, resets, floods, graceful ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "h2/h2_internal.h"

struct side {
	struct h2_session *s;
	struct h2_stream *stream; /* the last one announced or opened */
	struct buf body;
	struct buf log;   /* what happened, in words */
	struct buf field; /* the last one of the last head */
	size_t hold;      /* received bytes not given back yet */
	bool keep;        /* do not give back */
	bool finished;
};

static void on_headers(void *user, struct h2_stream *s, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool end)
{
	struct side *side = user;

	side->stream = s;
	buf_printf(&side->log, "%c%zu%s ", "RSIT"[kind], n, end ? "." : "");
	buf_clear(&side->field);
	buf_printf(&side->field, "%.*s=%.*s", SLICE_ARG(v[n - 1].name), SLICE_ARG(v[n - 1].value));
	if (kind == H2_TRAILERS)
		buf_printf(&side->log, "%.*s=%.*s ", SLICE_ARG(v[0].name), SLICE_ARG(v[0].value));
}

static void on_data(void *user, struct h2_stream *s, struct slice bytes)
{
	struct side *side = user;

	buf_append_slice(&side->body, bytes);
	if (side->keep)
		side->hold += bytes.len;
	else
		h2_consume(s, bytes.len);
}

static void on_end(void *user, struct h2_stream *s)
{
	(void)s;
	buf_append_str(&((struct side *)user)->log, "end ");
}

static void on_close(void *user, struct h2_stream *s, uint32_t error)
{
	(void)s;
	((struct side *)user)->stream = NULL;
	buf_printf(&((struct side *)user)->log, "close%u ", error);
}

static void on_goaway(void *user, uint32_t last_id, uint32_t error)
{
	(void)last_id;
	buf_printf(&((struct side *)user)->log, "goaway%u ", error);
}

static void on_pong(void *user)
{
	buf_append_str(&((struct side *)user)->log, "pong ");
}

static const struct h2_ops ops = {.on_headers = on_headers,
				  .on_data = on_data,
				  .on_end = on_end,
				  .on_close = on_close,
				  .on_goaway = on_goaway,
				  .on_pong = on_pong};

static bool move(struct side *from, struct side *to)
{
	struct slice out = h2_output(from->s);
	struct err e = ERR_INIT;
	size_t n = MIN(out.len, 1000);

	if (n == 0)
		return false;
	if (h2_recv(to->s, slice_head(out, n), &e) < 0)
		fail_msg("%s", e.msg);
	h2_output_done(from->s, n);
	return true;
}

static void run(struct side *c, struct side *s)
{
	bool more = true;

	while (more) {
		more = move(c, s);
		more = move(s, c) || more;
	}
}

struct ends {
	struct side c, s;
};

static struct spares spares;

static void ends_done(struct ends *e)
{
	h2_free(e->c.s);
	h2_free(e->s.s);
	buf_done(&e->c.body);
	buf_done(&e->s.body);
	buf_done(&e->c.log);
	buf_done(&e->s.log);
	buf_done(&e->c.field);
	buf_done(&e->s.field);
	spares_done(&spares);
}

static const struct h2_settings with_spares = {.spares = &spares};

static void ends_between(struct ends *e, const struct h2_settings *client, const struct h2_settings *settings)
{
	memset(e, 0, sizeof(*e));
	e->c.s = h2_new(false, client, &ops, &e->c);
	e->s.s = h2_new(true, settings, &ops, &e->s);
	run(&e->c, &e->s);
}

static void ends_init(struct ends *e, const struct h2_settings *settings)
{
	ends_between(e, NULL, settings);
}

static const struct h2_header request[] = {{SLICE(":method"), SLICE("POST"), false},
					   {SLICE(":scheme"), SLICE("http"), false},
					   {SLICE(":path"), SLICE("/a"), false},
					   {SLICE(":authority"), SLICE("x"), false}};
static const struct h2_header ok[] = {{SLICE(":status"), SLICE("200"), false}};
static const struct h2_header early[] = {{SLICE(":status"), SLICE("103"), false}};
static const struct h2_header trailer[] = {{SLICE("grpc-status"), SLICE("0"), true}};

static void exchange(void **state)
{
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, false, NULL, &st));
	h2_write(st, SLICE("hello"), true);
	run(&e.c, &e.s);
	assert_string_equal("R4 end ", buf_str(&e.s.log));
	assert_string_equal("hello", buf_str(&e.s.body));
	assert_int_equal(0, h2_respond(e.s.stream, H2_INFORMATIONAL, early, 1, false));
	assert_int_equal(0, h2_respond(e.s.stream, H2_RESPONSE, ok, 1, false));
	assert_int_equal(-EINVAL, h2_respond(e.s.stream, H2_RESPONSE, ok, 1, false));
	h2_write(e.s.stream, SLICE("world"), false);
	h2_trailers(e.s.stream, trailer, 1);
	run(&e.c, &e.s);
	assert_string_equal("I1 S1 T1. grpc-status=0 end close0 ", buf_str(&e.c.log));
	assert_string_equal("R4 end close0 ", buf_str(&e.s.log));
	assert_int_equal(0, h2_streams(e.c.s));
}

static void flow_control(void **state)
{
	const struct h2_settings small = {.stream_window_bytes = 70000, .session_window_bytes = 70000};
	CLEANUP(ends_done) struct ends e;
	CLEANUP(buf_done) struct buf big = BUF_INIT;
	struct h2_stream *st;

	(void)state;
	for (int i = 0; i < 300000; i++)
		buf_append_char(&big, (char)(i * 7));
	ends_init(&e, &small);
	e.s.keep = true;
	assert_int_equal(0, h2_request(e.c.s, request, 4, false, NULL, &st));
	h2_write(st, buf_slice(&big), true);
	assert_int_equal(0, h2_room(st));
	run(&e.c, &e.s);
	assert_true(e.s.body.len <= 70000 && e.s.body.len > 60000);
	while (e.s.hold) {
		h2_consume(e.s.stream, e.s.hold);
		e.s.hold = 0;
		run(&e.c, &e.s);
	}
	assert_true(slice_eq(buf_slice(&big), buf_slice(&e.s.body)));
}

static int shared_freed;

static void on_shared_free(struct shared_bytes *s)
{
	(void)s;
	shared_freed++;
}

/* Own bytes and shared ones leave in the order in which they were written, and what is shared is let go of. */
static void shared_bodies(void **state)
{
	const struct slice pieces[] = {SLICE("<one>"), SLICE(""), SLICE("<two>")};
	struct shared_bytes s = {.refs = 1, .v = pieces, .n = 3, .len = 10, .free = on_shared_free};
	struct shared_bytes none = {.refs = 1, .free = on_shared_free};
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st, *other;

	(void)state;
	shared_freed = 0;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, false, NULL, &st));
	h2_write(st, SLICE("a"), false);
	h2_write_shared(st, &s);
	h2_write_shared(st, &none);
	h2_write_shared(st, &s);
	h2_write(st, SLICE("b"), false);
	h2_write(st, SLICE("c"), false);
	assert_int_equal(23, h2_waiting(st));
	assert_int_equal(3, s.refs);
	run(&e.c, &e.s);
	assert_string_equal("a<one><two><one><two>bc", buf_str(&e.s.body));
	assert_int_equal(0, h2_waiting(st));
	assert_int_equal(1, s.refs);
	h2_write(st, SLICE("d"), false);
	h2_write_shared(st, &s);
	run(&e.c, &e.s);
	assert_true(slice_ends(buf_slice(&e.s.body), SLICE("bcd<one><two>")));
	/* and those of a stream that ends before they left */
	assert_int_equal(0, h2_request(e.c.s, request, 4, false, NULL, &other));
	h2_write_shared(other, &s);
	assert_int_equal(2, s.refs);
	h2_reset(other, H2_CANCEL);
	run(&e.c, &e.s);
	assert_int_equal(1, s.refs);
	h2_write_shared(st, &s);
	h2_free(take(e.c.s));
	assert_int_equal(1, s.refs);
	shared_unref(&s);
	assert_int_equal(1, shared_freed);
}

/* Of many sessions none keeps memory between two calls, neither of a large body nor of headers. */
static void peaks_are_given_back(void **state)
{
	CLEANUP(h2_common_done) struct h2_common common = {0};
	const struct h2_settings many = {.common = &common};
	CLEANUP(ends_done) struct ends e;
	CLEANUP(buf_done) struct buf big = BUF_INIT;
	struct h2_stream *st;

	(void)state;
	for (int i = 0; i < 200000; i++)
		buf_append_char(&big, 'x');
	ends_init(&e, &many);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
		run(&e.c, &e.s);
		assert_int_equal(0, e.s.s->block.cap + e.s.s->fields.cap + e.s.s->headers.cap);
		h2_respond(e.s.stream, H2_RESPONSE, ok, 1, false);
		h2_write(e.s.stream, buf_slice(&big), false);
		assert_true(h2_wants_output(e.s.s));
		run(&e.c, &e.s);
		assert_false(h2_wants_output(e.s.s));
		assert_int_equal(200000u * (i + 1), e.c.body.len);
		assert_int_equal(0, e.s.stream->out.cap + e.s.s->out.cap);
		assert_true(common.out.cap > 0 && e.s.s->has_frame);
		h2_trailers(e.s.stream, trailer, 1);
		run(&e.c, &e.s);
		assert_null(e.s.stream);
	}
}

#define TURNS 6 /* streams; their headers are more than one output takes */

/* Headers that need two frames, of which the second waits when the output is full, and a body. */
static void answer_at_length(struct ends *e, char c)
{
	static char text[30000];
	const struct h2_header v[] = {ok[0], {SLICE("x-long"), slice_make(text, sizeof(text)), true}};
	struct h2_stream *st, *asked[TURNS];

	for (int i = 0; i < TURNS; i++) {
		assert_int_equal(0, h2_request(e->c.s, request, 4, true, NULL, &st));
		run(&e->c, &e->s);
		asked[i] = e->s.stream;
	}
	memset(text, c, sizeof(text));
	for (int i = 0; i < TURNS; i++) {
		assert_int_equal(0, h2_respond(asked[i], H2_RESPONSE, v, 2, false));
		h2_write(asked[i], slice_make(text, 100), true);
	}
}

static bool all_is(struct slice s, char c)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != c)
			return false;
	return true;
}

static void on_long_headers(void *user, struct h2_stream *s, enum h2_headers kind, const struct h2_header *v, size_t n,
			    bool end)
{
	struct side *side = user;

	(void)s, (void)kind, (void)end;
	assert_int_equal(2, n);
	assert_int_equal(30000, v[1].value.len);
	assert_true(all_is(v[1].value, v[1].value.ptr[0]));
	buf_append_char(&side->log, v[1].value.ptr[0]);
}

/* What one of many sessions has begun to send is not touched by another's turn. */
static void many_take_turns(void **state)
{
	static const struct h2_ops long_ops = {.on_headers = on_long_headers, .on_data = on_data};
	CLEANUP(h2_common_done) struct h2_common common = {0};
	const struct h2_settings many = {.common = &common};
	CLEANUP(ends_done) struct ends a;
	CLEANUP(ends_done) struct ends b;
	bool more = true;

	(void)state;
	ends_init(&a, &many);
	ends_init(&b, &many);
	a.c.s->ops = b.c.s->ops = &long_ops;
	answer_at_length(&a, '~');
	answer_at_length(&b, '^');
	assert_true(a.s.s->has_frame && b.s.s->has_frame);
	while (more) {
		const struct slice out = h2_output(a.s.s);
		struct err e = ERR_INIT;

		more = move(&b.s, &b.c) || out.len;
		assert_int_equal(0, h2_recv(a.c.s, out, &e));
		h2_output_done(a.s.s, out.len);
	}
	run(&a.c, &a.s);
	run(&b.c, &b.s);
	assert_string_equal("~~~~~~", buf_str(&a.c.log));
	assert_string_equal("^^^^^^", buf_str(&b.c.log));
	assert_int_equal(TURNS * 100, a.c.body.len);
	assert_true(all_is(buf_slice(&a.c.body), '~') && all_is(buf_slice(&b.c.body), '^'));
}

/* What a reset stream left unread must not be lost to the connection. */
static void reset_gives_the_window_back(void **state)
{
	const struct h2_settings small = {.stream_window_bytes = 70000, .session_window_bytes = 70000};
	CLEANUP(ends_done) struct ends e;
	CLEANUP(buf_done) struct buf big = BUF_INIT;
	struct h2_stream *st;

	(void)state;
	for (int i = 0; i < 60000; i++)
		buf_append_char(&big, 'x');
	ends_init(&e, &small);
	e.s.keep = true;
	for (int i = 0; i < 5; i++) {
		assert_int_equal(0, h2_request(e.c.s, request, 4, false, NULL, &st));
		h2_write(st, buf_slice(&big), false);
		run(&e.c, &e.s);
		assert_int_equal(60000u * (i + 1), e.s.body.len);
		h2_reset(e.s.stream, H2_REFUSED_STREAM);
		run(&e.c, &e.s);
	}
	assert_non_null(strstr(buf_str(&e.c.log), "close7"));
}

static void floods_are_cut_off(void **state)
{
	const struct h2_settings strict = {.max_glitches = 50};
	CLEANUP(ends_done) struct ends e;

	(void)state;
	ends_init(&e, &strict);
	for (int i = 0; i < 60; i++)
		h2_ping(e.c.s);
	run(&e.c, &e.s);
	assert_non_null(strstr(buf_str(&e.c.log), "goaway11"));
	assert_true(h2_finished(e.s.s));
}

static void big_headers_are_refused(void **state)
{
	const struct h2_settings strict = {.max_header_bytes = 1000};
	CLEANUP(ends_done) struct ends e;
	char value[2000];
	struct h2_header v[5];
	struct h2_stream *st;

	(void)state;
	memset(value, 'a', sizeof(value));
	memcpy(v, request, sizeof(request));
	v[4] = (struct h2_header){SLICE("x"), slice_make(value, sizeof(value)), false};
	ends_init(&e, &strict);
	assert_int_equal(0, h2_request(e.c.s, v, 5, true, NULL, &st));
	run(&e.c, &e.s);
	assert_string_equal("", buf_str(&e.s.log));
	assert_non_null(strstr(buf_str(&e.c.log), "close11"));
}

static void ends_gracefully(void **state)
{
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
	run(&e.c, &e.s);
	h2_shutdown(e.s.s);
	run(&e.c, &e.s);
	assert_false(h2_finished(e.s.s));
	assert_int_equal(-EAGAIN, h2_request(e.c.s, request, 4, true, NULL, &st));
	h2_respond(e.s.stream, H2_RESPONSE, ok, 1, true);
	run(&e.c, &e.s);
	assert_true(h2_finished(e.s.s));
	assert_true(h2_finished(e.c.s));
}

/* A request given up before it left is reported like any other. */
static void cancelled_before_sent(void **state)
{
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
	h2_reset(st, H2_CANCEL);
	run(&e.c, &e.s);
	assert_string_equal("close8 ", buf_str(&e.c.log));
	assert_int_equal(0, h2_streams(e.c.s));
}

/* A frame DATA of one byte on stream 1, as no session of ours would send it now. */
static const char late[] = "\0\0\1\0\0\0\0\0\1x";

/* RFC 9113 5.1: what the server sends on a stream that it has ended itself ends the connection. */
static void server_goes_on_after_its_end(void **state)
{
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
	run(&e.c, &e.s);
	assert_int_equal(0, h2_respond(e.s.stream, H2_RESPONSE, ok, 1, true));
	run(&e.c, &e.s);
	assert_int_equal(0, h2_recv(e.c.s, slice_make(late, sizeof(late) - 1), NULL));
	run(&e.c, &e.s);
	assert_non_null(strstr(buf_str(&e.s.log), "goaway5"));
	assert_true(h2_finished(e.c.s));
}

/* But what was on its way when the client gave the stream up is no fault of the server's. */
static void server_has_not_heard_of_the_reset(void **state)
{
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
	run(&e.c, &e.s);
	h2_reset(st, H2_CANCEL);
	run(&e.c, &e.s);
	assert_int_equal(0, h2_recv(e.c.s, slice_make(late, sizeof(late) - 1), NULL));
	run(&e.c, &e.s);
	assert_null(strstr(buf_str(&e.s.log), "goaway"));
	assert_false(h2_finished(e.c.s));
}

/* Names are sent in small letters, wherever the large ones stand; nothing else of them changes, nor of values. */
static void small_letters(const struct h2_settings *client)
{
	static const char letters[] = "AMZamz-_^`|~!09";
	struct h2_header v[5];
	char name[24], want[64];

	memcpy(v, request, sizeof(request));
	for (size_t len = 1; len < sizeof(name); len++) {
		CLEANUP(ends_done) struct ends e;

		ends_between(&e, client, NULL);
		for (size_t at = 0; at < len * (sizeof(letters) - 1); at++) {
			const char letter = letters[at / len];
			struct h2_stream *st;

			memset(name, 'x', len);
			name[at % len] = letter;
			v[4] = (struct h2_header){{name, len}, {name, len}, false};
			assert_int_equal(0, h2_request(e.c.s, v, 5, true, NULL, &st));
			memset(name, '?', len); /* it is not looked at later */
			run(&e.c, &e.s);
			memset(name, 'x', len);
			snprintf(want, sizeof(want), "%.*s=%.*s", (int)len, name, (int)len, name);
			want[at % len] = (char)(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
			want[len + 1 + at % len] = letter;
			assert_string_equal(buf_str(&e.s.field), want);
			h2_reset(st, H2_CANCEL);
			run(&e.c, &e.s);
		}
	}
}

static void names_in_small_letters(void **state)
{
	(void)state;
	small_letters(NULL);
	small_letters(&with_spares);
}

/* Of a stream that lives long nobody keeps what it was asked by, which may be a kilobyte of a token. */
static void heads_are_forgotten(void **state)
{
	CLEANUP(ends_done) struct ends e, with;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, NULL);
	assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
	assert_null(st->head);
	ends_between(&with, &with_spares, NULL);
	assert_int_equal(0, h2_request(with.c.s, request, 4, true, NULL, &st));
	assert_non_null(st->head);
}

/* The client gives up before the head of the response has left: nobody looks at it any more. */
static void an_answer_to_nobody(void **state)
{
	const struct h2_header v[] = {{SLICE(":status"), SLICE("200"), false}, {SLICE("X"), SLICE("y"), true}};
	CLEANUP(ends_done) struct ends e;
	struct h2_stream *st;

	(void)state;
	ends_init(&e, &with_spares);
	assert_int_equal(0, h2_request(e.c.s, request, 4, true, NULL, &st));
	run(&e.c, &e.s);
	assert_int_equal(0, h2_respond(e.s.stream, H2_RESPONSE, v, 2, true));
	h2_reset(st, H2_CANCEL);
	while (move(&e.c, &e.s))
		;
	assert_null(e.s.stream);
	run(&e.c, &e.s);
	assert_null(strstr(buf_str(&e.c.log), "S"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exchange),
		cmocka_unit_test(flow_control),
		cmocka_unit_test(shared_bodies),
		cmocka_unit_test(peaks_are_given_back),
		cmocka_unit_test(many_take_turns),
		cmocka_unit_test(reset_gives_the_window_back),
		cmocka_unit_test(floods_are_cut_off),
		cmocka_unit_test(big_headers_are_refused),
		cmocka_unit_test(ends_gracefully),
		cmocka_unit_test(cancelled_before_sent),
		cmocka_unit_test(server_goes_on_after_its_end),
		cmocka_unit_test(names_in_small_letters),
		cmocka_unit_test(heads_are_forgotten),
		cmocka_unit_test(an_answer_to_nobody),
		cmocka_unit_test(server_has_not_heard_of_the_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
