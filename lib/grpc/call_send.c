/* What a call sends: headers, framed messages, plain or compressed, and the status. */
#include "grpc/grpc_internal.h"

#include <assert.h>
#include <stdio.h>

#include "grpc/compress.h"

#define WRITABLE_BYTES 65536 /* waiting before there is a stream */
#define COPY_BYTES 2048      /* up to here a copy costs less than a reference */

static bool can_send(const struct grpc_call *c)
{
	return !c->done && !c->finished && !c->half_closed;
}

static void respond(struct grpc_call *c)
{
	static const struct h2_header v[] = {
		{SLICE(":status"), SLICE("200"), false},
		{SLICE("content-type"), SLICE(GRPC_CONTENT_TYPE), false},
		{SLICE("grpc-encoding"), SLICE(GRPC_ENCODING), false},
	};

	if (!c->server || c->headers_sent)
		return;
	c->headers_sent = true;
	h2_respond(c->stream, H2_RESPONSE, v, c->compresses ? 3 : 2, false);
}

static void send_bytes(struct grpc_call *c, struct slice bytes)
{
	if (!c->stream) {
		buf_append_slice(&c->waiting, bytes);
		return;
	}
	respond(c);
	h2_write(c->stream, bytes, false);
	grpc_conn_kick(c->conn);
}

struct buf *grpc_call_send_begin(struct grpc_call *c)
{
	buf_clear(&c->message);
	buf_append(&c->message, "\0\0\0\0\0", GRPC_PREFIX_BYTES);
	return &c->message;
}

void grpc_call_send_end(struct grpc_call *c)
{
	assert(c->message.len >= GRPC_PREFIX_BYTES);
	grpc_prefix((uint32_t)(c->message.len - GRPC_PREFIX_BYTES), false, c->message.ptr);
	if (can_send(c))
		send_bytes(c, buf_slice(&c->message));
	buf_done(&c->message);
}

void grpc_call_send(struct grpc_call *c, struct slice message)
{
	buf_append_slice(grpc_call_send_begin(c), message);
	grpc_call_send_end(c);
}

/* A message of bytes of its own and of others' behind them. */
static void send_parts(struct grpc_call *c, struct slice head, struct shared_bytes *rest, bool compressed)
{
	const size_t len = head.len + (rest ? rest->len : 0);
	char prefix[GRPC_PREFIX_BYTES];

	assert(len <= UINT32_MAX);
	if (!can_send(c))
		return;
	grpc_prefix((uint32_t)len, compressed, prefix);
	send_bytes(c, slice_make(prefix, sizeof(prefix)));
	send_bytes(c, head);
	if (c->stream && rest && rest->len > COPY_BYTES)
		h2_write_shared(c->stream, rest);
	else
		for (size_t i = 0; rest && i < rest->n; i++)
			send_bytes(c, rest->v[i]);
}

void grpc_call_send_shared(struct grpc_call *c, struct slice head, struct shared_bytes *rest)
{
	send_parts(c, head, rest, false);
}

bool grpc_call_compress(struct grpc_call *c)
{
	assert(c->server && !c->headers_sent);
	c->compresses = grpc_encoding_listed(grpc_call_metadata(c, "grpc-accept-encoding"));
	return c->compresses;
}

void grpc_call_send_compressed(struct grpc_call *c, struct slice head, struct shared_bytes *rest)
{
	CLEANUP(buf_done) struct buf frame = BUF_INIT;

	assert(c->compresses);
	grpc_frame_raw(head, &frame);
	send_parts(c, buf_slice(&frame), rest, true);
}

void grpc_call_flush(struct grpc_call *c)
{
	if (c->conn)
		grpc_conn_flush(c->conn);
}

bool grpc_call_writable(const struct grpc_call *c)
{
	bool room = c->stream ? h2_room(c->stream) > 0 : c->waiting.len < WRITABLE_BYTES;

	if (!room)
		((struct grpc_call *)c)->blocked = true;
	return room;
}

static void status_headers(const char *number_text, struct buf *text, struct h2_header *v, size_t *n)
{
	v[(*n)++] = (struct h2_header){SLICE("grpc-status"), slice_str(number_text), false};
	if (text->len)
		v[(*n)++] = (struct h2_header){SLICE("grpc-message"), buf_slice(text), false};
}

void grpc_call_finish(struct grpc_call *c, int status, const char *text)
{
	CLEANUP(buf_done) struct buf encoded = BUF_INIT;
	struct h2_header v[5];
	char digits[16];
	size_t n = 0;

	if (!c->server || c->finished || c->done || !c->stream)
		return;
	c->finished = true;
	timer_stop(&c->deadline);
	snprintf(digits, sizeof(digits), "%d", status);
	grpc_text_encode(text ? text : "", &encoded);
	if (!c->headers_sent) {
		v[n++] = (struct h2_header){SLICE(":status"), SLICE("200"), false};
		v[n++] = (struct h2_header){SLICE("content-type"), SLICE(GRPC_CONTENT_TYPE), false};
	}
	if (c->told_encodings)
		v[n++] = (struct h2_header){SLICE("grpc-accept-encoding"), SLICE("identity"), false};
	status_headers(digits, &encoded, v, &n);
	if (c->headers_sent)
		h2_trailers(c->stream, v, n);
	else
		h2_respond(c->stream, H2_RESPONSE, v, n, true);
	h2_consume(c->stream, c->held);
	c->held = 0;
	grpc_conn_kick(c->conn);
}

void grpc_call_half_close(struct grpc_call *c)
{
	if (!can_send(c))
		return;
	c->half_closed = true;
	if (!c->stream)
		return;
	h2_write(c->stream, slice_make(NULL, 0), true);
	grpc_conn_kick(c->conn);
}
