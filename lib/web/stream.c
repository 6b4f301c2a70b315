/* WebSockets (RFC 6455) and raw connections after an upgrade. */
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "web/conn_internal.h"

#define OP_CONTINUATION 0
#define OP_CLOSE 8
#define OP_PING 9
#define OP_PONG 10
#define CONTROL_MAX_BYTES 125

static bool list_has(struct slice list, const char *token, struct slice *ret)
{
	while (list.len) {
		struct slice s = slice_trim(slice_split(&list, ','));

		if (slice_eq_nocase(s, slice_str(token))) {
			*ret = s;
			return true;
		}
	}
	return false;
}

bool web_is_websocket(const struct web_request *r)
{
	const struct web_request_impl *q = CONTAINER_OF(r, const struct web_request_impl, r);

	return q->message.head.upgrade && slice_eq_nocase(web_header(r, "upgrade"), SLICE("websocket"));
}

const char *web_choose_protocol(const struct web_request *r, const char *const *protocols)
{
	struct slice found;

	for (; *protocols; protocols++)
		for (size_t i = 0; i < r->head->n_fields; i++) {
			const struct http_field *f = &r->head->fields[i];

			if (slice_eq_nocase(http_field_name(f), SLICE("sec-websocket-protocol")) &&
			    list_has(http_field_value(f), *protocols, &found))
				return *protocols;
		}
	return NULL;
}

static void append_accept(struct slice key, struct buf *out)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	unsigned char sum[SHA_DIGEST_LENGTH];
	unsigned int n = 0;

	buf_append_slice(&b, key);
	buf_append_str(&b, guid);
	EVP_Digest(b.ptr, b.len, sum, &n, EVP_sha1(), NULL);
	base64_encode(slice_make(sum, n), out);
}

/* The 101 answer; false when the request is no acceptable upgrade. */
static bool send_switch(struct web_request_impl *q, const char *upgrade, const char *protocol)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice key = web_header(&q->r, "sec-websocket-key");

	if (!q->message.head.upgrade || (!upgrade && (!web_is_websocket(&q->r) || key.len != 24 ||
						      !slice_eq_str(web_header(&q->r, "sec-websocket-version"), "13"))))
		return false;
	buf_printf(&out, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n",
		   upgrade ? upgrade : "websocket");
	if (!upgrade) {
		buf_append_str(&out, "Sec-WebSocket-Accept: ");
		append_accept(key, &out);
		buf_append_str(&out, "\r\n");
		if (protocol)
			buf_printf(&out, "Sec-WebSocket-Protocol: %s\r\n", protocol);
	}
	buf_append_slice(&out, buf_slice(&q->headers_out));
	buf_append_str(&out, "\r\n");
	web_conn_send(q->conn, out.ptr, out.len);
	return true;
}

struct web_stream *web_upgrade(struct web_request *r, const char *upgrade, const char *protocol,
			       const struct web_stream_ops *ops, void *user)
{
	struct web_request_impl *q = CONTAINER_OF(r, struct web_request_impl, r);
	struct web_conn *c = q->conn;

	if (!send_switch(q, upgrade, protocol)) {
		web_reply_text(r, 400, "an Upgrade request was expected\n");
		return NULL;
	}
	struct web_stream *s = NEW(struct web_stream);

	s->ops = ops;
	s->user = user;
	s->conn = c;
	s->raw = upgrade != NULL;
	c->stream = s;
	web_request_end(q, false);
	c->state = CONN_STREAM;
	web_conn_kick(c);
	return s;
}

void *web_stream_user(const struct web_stream *s)
{
	return s->user;
}

static void send_frame(struct web_conn *c, int op, struct slice data)
{
	unsigned char head[10] = {(unsigned char)(0x80 | op)};
	size_t n = 2;

	if (data.len < 126) {
		head[1] = (unsigned char)data.len;
	} else if (data.len < 65536) {
		head[1] = 126;
		head[2] = (unsigned char)(data.len >> 8);
		head[3] = (unsigned char)data.len;
		n = 4;
	} else {
		head[1] = 127;
		for (int i = 0; i < 8; i++)
			head[2 + i] = (unsigned char)((uint64_t)data.len >> (56 - 8 * i));
		n = 10;
	}
	web_conn_send(c, head, n);
	if (data.len)
		web_conn_send(c, data.ptr, data.len);
}

size_t web_stream_send(struct web_stream *s, enum web_opcode op, struct slice data)
{
	if (s->close_sent)
		return 0;
	if (s->raw)
		web_conn_send(s->conn, data.ptr, data.len);
	else
		send_frame(s->conn, (int)op, data);
	return conn_waiting(s->conn);
}

void web_stream_pause(struct web_stream *s, bool paused)
{
	s->paused = paused;
	web_conn_kick(s->conn);
}

void web_stream_close(struct web_stream *s, int code, const char *reason)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;

	if (s->close_sent)
		return;
	s->close_sent = true;
	if (!s->raw) {
		code = code ? code : 1000;
		buf_append_char(&body, (char)(code >> 8));
		buf_append_char(&body, (char)code);
		buf_append_slice(&body, slice_head(slice_str(reason), CONTROL_MAX_BYTES - 2));
		send_frame(s->conn, OP_CLOSE, buf_slice(&body));
	}
	web_conn_close(s->conn, true);
}

void web_stream_lost(struct web_conn *c)
{
	struct web_stream *s = take(c->stream);

	s->close_sent = true;
	s->ops->on_close(s);
	buf_done(&s->message);
	free(s);
}

struct frame {
	bool fin;
	int op;
	size_t head_bytes;
	uint64_t len;
	unsigned char mask[4];
};

/* 1 when the whole frame is in, 0 when not yet, or a negative close code. */
static int parse_frame(struct slice in, struct frame *f)
{
	const unsigned char *p = (const unsigned char *)in.ptr;
	size_t at = 2;

	if (in.len < 2)
		return 0;
	f->fin = p[0] & 0x80;
	f->op = p[0] & 0x0f;
	f->len = p[1] & 0x7f;
	if ((p[0] & 0x70) || !(p[1] & 0x80))
		return -1002;
	if (f->op >= OP_CLOSE && (!f->fin || f->len > CONTROL_MAX_BYTES))
		return -1002;
	size_t more = f->len == 126 ? 2 : f->len == 127 ? 8 : 0;

	if (in.len < at + more + 4)
		return 0;
	if (more)
		f->len = 0;
	for (size_t i = 0; i < more; i++)
		f->len = f->len << 8 | p[at + i];
	at += more;
	if (f->len > WEB_MESSAGE_MAX_BYTES)
		return -1009;
	memcpy(f->mask, p + at, 4);
	f->head_bytes = at + 4;
	return in.len >= f->head_bytes + f->len;
}

static void on_control(struct web_stream *s, int op, struct slice data)
{
	if (op == OP_PING)
		send_frame(s->conn, OP_PONG, data);
	else if (op == OP_CLOSE) {
		if (!s->close_sent)
			send_frame(s->conn, OP_CLOSE, slice_head(data, 2));
		s->close_sent = true;
		web_conn_close(s->conn, true);
	}
}

/* Returns 0 or a negative close code. */
static int on_frame(struct web_stream *s, const struct frame *f, struct slice data)
{
	if (f->op >= OP_CLOSE) {
		if (f->op > OP_PONG)
			return -1002;
		on_control(s, f->op, data);
		return 0;
	}
	if ((f->op == OP_CONTINUATION) != (s->op != 0) || f->op > WEB_BINARY)
		return -1002;
	if (f->op)
		s->op = (enum web_opcode)f->op;
	if (buf_try_append(&s->message, data.ptr, data.len, WEB_MESSAGE_MAX_BYTES) < 0)
		return -1009;
	if (!f->fin)
		return 0;
	CLEANUP(buf_done) struct buf whole = s->message;
	enum web_opcode op = s->op;

	s->message = (struct buf)BUF_INIT;
	s->op = 0;
	s->ops->on_data(s, op, buf_slice(&whole));
	return 0;
}

/* What has been dealt with leaves the front once, at the end: frames may be small and many. */
static void websocket_input(struct web_conn *c)
{
	size_t at = 0;
	struct frame f;
	int r = 1;

	while (r > 0 && c->state == CONN_STREAM && !c->stream->paused && !c->stream->close_sent) {
		r = parse_frame(slice_from(buf_slice(&c->in), at), &f);
		if (r > 0) {
			char *data = c->in.ptr + at + f.head_bytes;

			for (uint64_t i = 0; i < f.len; i++)
				data[i] ^= (char)f.mask[i & 3];
			at += f.head_bytes + f.len;
			r = on_frame(c->stream, &f, slice_make(data, f.len));
			r = r < 0 ? r : 1;
		}
	}
	buf_consume(&c->in, at);
	if (r < 0)
		web_stream_close(c->stream, -r, "");
}

void web_stream_input(struct web_conn *c)
{
	if (!c->stream->raw) {
		websocket_input(c);
		return;
	}
	CLEANUP(buf_done) struct buf in = c->in;

	c->in = (struct buf)BUF_INIT;
	if (in.len && !c->stream->close_sent)
		c->stream->ops->on_data(c->stream, WEB_BINARY, buf_slice(&in));
}
