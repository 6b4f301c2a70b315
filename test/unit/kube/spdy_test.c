/* SPDY sessions: a client of the test's own speaks to the server side through real zlib streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "kube/spdy.c"

struct seen {
	struct spdy *s;
	uint32_t opened, reset;
	char type[32], data[64];
	size_t data_len;
	bool fin;
};

static void on_stream(void *arg, uint32_t id, const struct spdy_header *headers, size_t n, bool fin)
{
	struct seen *x = arg;

	x->opened = id;
	x->fin = fin;
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(headers[i].name, "streamtype"))
			snprintf(x->type, sizeof(x->type), "%.*s", SLICE_ARG(headers[i].value));
	spdy_reply(x->s, id);
}

static void on_data(void *arg, uint32_t id, struct slice bytes, bool fin)
{
	struct seen *x = arg;

	assert_int_equal(id, x->opened);
	memcpy(x->data + x->data_len, bytes.ptr, bytes.len);
	x->data_len += bytes.len;
	x->fin = fin;
}

static void on_reset(void *arg, uint32_t id, uint32_t status)
{
	((struct seen *)arg)->reset = id * 100 + status;
}

static const struct spdy_ops ops = {on_stream, on_data, on_reset};

/* The client reuses the server's compressor: the two directions are independent streams of one form. */
static void syn_stream(struct spdy *client, uint32_t id, const char *type)
{
	struct buf plain = BUF_INIT, block = BUF_INIT;

	put_u32(&plain, 1);
	put_u32(&plain, 10);
	buf_append_str(&plain, "streamtype");
	put_u32(&plain, (uint32_t)strlen(type));
	buf_append_str(&plain, type);
	compress_block(client, buf_slice(&plain), &block);
	put_control(client, SYN_STREAM, 0, 10 + block.len);
	put_u32(&client->out, id);
	put_u32(&client->out, 0);
	buf_append(&client->out, "\0\0", 2);
	buf_append_slice(&client->out, buf_slice(&block));
	buf_done(&plain);
	buf_done(&block);
}

static void the_dictionary_is_the_specifications(void **state)
{
	struct spdy *s = spdy_new(&ops, NULL);

	(void)state;
	assert_int_equal(s->dictionary.len, 1423);
	assert_int_equal(adler32(adler32(0, NULL, 0), (const Bytef *)s->dictionary.ptr, 1423), 0xe3c6a7c2);
	spdy_free(s);
}

static void streams_open_carry_data_and_end(void **state)
{
	struct seen x = {0};
	struct spdy *client = spdy_new(&ops, NULL), *server = spdy_new(&ops, &x);
	struct err e = ERR_INIT;

	(void)state;
	x.s = server;
	syn_stream(client, 1, "error");
	syn_stream(client, 3, "data");
	spdy_send(client, 3, SLICE("hello"), false);
	spdy_send(client, 3, SLICE(" world"), true);
	spdy_reset(client, 3, SPDY_CANCEL);
	/* One byte at a time: frames are found whatever the cuts. */
	for (size_t i = 0; i < client->out.len; i++)
		assert_int_equal(spdy_feed(server, slice_make(client->out.ptr + i, 1), &e), 0);
	assert_int_equal(x.opened, 3);
	assert_string_equal(x.type, "data");
	assert_memory_equal(x.data, "hello world", 11);
	assert_true(x.fin);
	assert_int_equal(x.reset, 305);
	/* Two replies went out; the client's decompressor takes them in order. */
	assert_int_equal(spdy_feed(client, buf_slice(spdy_out(server)), &e), 0);
	spdy_free(client);
	spdy_free(server);
}

static void bad_frames_are_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		int r;
	} rows[] = {
		{"\x80\x02\0\1\0\0\0\0", 8, -EPROTO},
		{"\x80\x03\0\1\0\0\0\4abcd", 12, -EPROTO},
		{"\0\0\0\1\0\xff\xff\xff", 8, -EMSGSIZE},
		{"\x80\x03\0\1\0\0\0\x0e\0\0\0\1\0\0\0\0\0\0abcd", 22, -EPROTO},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct seen x = {0};
		struct spdy *s = spdy_new(&ops, &x);

		assert_int_equal(spdy_feed(s, slice_make(rows[i].bytes, rows[i].len), NULL), rows[i].r);
		spdy_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_dictionary_is_the_specifications),
		cmocka_unit_test(streams_open_carry_data_and_end),
		cmocka_unit_test(bad_frames_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
