/*
 * HTTP/2: each stream is a request, whose head is written down as one of HTTP/1.1 and read by the same parser, with the
 * same limits. Its body is gathered before it is handed over. What an answer says waits in the stream; the connection
 * takes it when its own queue is empty, so that no request fills it for the others.
 */
#include <ctype.h>
#include <stdio.h>

#include "base/mem.h"
#include "web/conn_internal.h"

#define HEAD_MAX_BYTES (64 * 1024)
#define H2_ANSWER_FIELDS_MAX 32

/* Answers in the server's own name, once the request is there: before, a peer might not look for an answer. */
static void refuse(struct web_request_impl *q, int status)
{
	web_h2_head(q, status, NULL, true);
	web_request_end(q, false);
}

/* What the pseudo header stands for, or the field's value; empty where there is none. */
static struct slice find(const struct h2_header *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(v[i].name, name))
			return v[i].value;
	return (struct slice){0};
}

/* How long the body is, is known when it is there; who is asked stands in :authority. */
static bool is_left_out(struct slice name, bool has_authority)
{
	return slice_starts(name, SLICE(":")) || slice_eq_str(name, "content-length") || slice_eq_str(name, "expect") ||
	       slice_eq_str(name, "te") || (has_authority && slice_eq_str(name, "host"));
}

static void write_head(struct buf *out, const struct h2_header *v, size_t n)
{
	const struct slice authority = find(v, n, ":authority");

	buf_printf(out, "%.*s %.*s HTTP/1.1\r\n", SLICE_ARG(find(v, n, ":method")), SLICE_ARG(find(v, n, ":path")));
	if (authority.len)
		buf_printf(out, "host: %.*s\r\n", SLICE_ARG(authority));
	for (size_t i = 0; i < n; i++)
		if (!is_left_out(v[i].name, authority.len > 0))
			buf_printf(out, "%.*s: %.*s\r\n", SLICE_ARG(v[i].name), SLICE_ARG(v[i].value));
}

static void on_headers(void *user, struct h2_stream *st, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool end)
{
	struct web_conn *c = user;
	struct web_request_impl *q;

	(void)end;
	if (kind != H2_REQUEST)
		return; /* trailers say nothing here */
	q = web_request_new(c);
	q->stream = st;
	list_append(&c->requests, &q->link);
	h2_set_user(st, q);
	write_head(&q->raw, v, n);
	if (q->raw.len > HEAD_MAX_BYTES)
		q->refused = 431;
}

static void on_data(void *user, struct h2_stream *st, struct slice bytes)
{
	const struct web_conn *c = user;
	struct web_request_impl *q = h2_user(st);

	h2_consume(st, bytes.len);
	if (!q || q->refused)
		return;
	if (buf_try_append(&q->body, bytes.ptr, bytes.len, c->server->config.body_max_bytes) < 0) {
		buf_done(&q->body);
		q->refused = 413;
	}
}

/* False: the request is none, and was answered. */
static bool parse(struct web_request_impl *q)
{
	ssize_t n;
	int r;

	if (q->refused) {
		refuse(q, q->refused);
		return false;
	}
	buf_printf(&q->raw, "content-length: %zu\r\n\r\n", q->body.len);
	n = h1_message_feed(&q->message, q->raw.ptr, q->raw.len);
	if (n >= 0 && !h1_message_done(&q->message))
		n = h1_message_feed(&q->message, q->body.ptr, q->body.len);
	r = n < 0 ? http_err_status((int)n) : !h1_message_done(&q->message) ? 400 : -web_request_start(q);
	if (r)
		refuse(q, r);
	return !r;
}

static void on_end(void *user, struct h2_stream *st)
{
	struct web_request_impl *q = h2_user(st);

	(void)user;
	if (!q || !parse(q))
		return;
	buf_done(&q->raw);
	buf_done(&q->body);
	web_request_run(q);
}

static void on_room(void *user, struct h2_stream *st)
{
	struct web_request_impl *q = h2_user(st);

	(void)user;
	if (q && q->begun && q->r.on_room)
		q->r.on_room(&q->r);
}

static void on_close(void *user, struct h2_stream *st, uint32_t error)
{
	struct web_request_impl *q = h2_user(st);

	(void)user, (void)error;
	if (q)
		web_request_end(q, true);
}

static const struct h2_ops ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_end = on_end,
	.on_room = on_room,
	.on_close = on_close,
};

void web_h2_start(struct web_conn *c)
{
	const struct h2_settings settings = {.max_streams = WEB_STREAMS_MAX, .send_buffer_bytes = WEB_QUEUE_HIGH_BYTES};

	c->h2 = h2_new(true, &settings, &ops, c);
	c->state = CONN_H2;
	web_conn_kick(c);
}

void web_h2_input(struct web_conn *c)
{
	CLEANUP(buf_done) struct buf in = c->in;

	c->in = (struct buf)BUF_INIT;
	if (in.len && h2_recv(c->h2, buf_slice(&in), NULL) < 0)
		web_conn_close(c, true);
}

bool web_h2_output(struct web_conn *c)
{
	const struct slice out = h2_output(c->h2);

	if (out.len) {
		buf_append(&c->out, out.ptr, out.len);
		h2_output_done(c->h2, out.len);
	} else if (h2_finished(c->h2)) {
		web_conn_close(c, true);
	}
	return out.len > 0;
}

void web_h2_head(struct web_request_impl *q, int status, const char *content_type, bool end)
{
	struct h2_header v[H2_ANSWER_FIELDS_MAX];
	struct slice rest = buf_slice(&q->headers_out);
	char code[8];
	size_t n = 0;

	snprintf(code, sizeof(code), "%d", status);
	v[n++] = (struct h2_header){SLICE(":status"), slice_str(code), false};
	if (content_type)
		v[n++] = (struct h2_header){SLICE("content-type"), slice_str(content_type), false};
	while (rest.len && n < ARRAY_LEN(v)) {
		struct slice line = slice_split(&rest, '\n'), name = slice_split(&line, ':');

		for (size_t i = 0; i < name.len; i++) /* the text is our own buffer's */
			((char *)name.ptr)[i] = (char)tolower((unsigned char)name.ptr[i]);
		v[n++] = (struct h2_header){name, slice_trim(slice_head(line, line.len - 1)), false};
	}
	h2_respond(q->stream, H2_RESPONSE, v, n, end);
}
