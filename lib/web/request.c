/* Requests and answers: from a parsed head to the handler, and from the handler's calls to bytes. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "web/conn_internal.h"

static struct web_request_impl *impl(struct web_request *r)
{
	return CONTAINER_OF(r, struct web_request_impl, r);
}

struct web_request_impl *web_request_new(struct web_conn *c)
{
	struct web_request_impl *q = NEW(struct web_request_impl);

	q->conn = c;
	list_init(&q->link);
	h1_message_request(&q->message, c->server->config.body_max_bytes);
	return q;
}

int web_request_start(struct web_request_impl *q)
{
	const struct web_conn *c = q->conn;
	struct web_request *r = &q->r;
	const struct http_head *h = &q->message.head;

	/* No proxy: neither CONNECT nor absolute URLs. */
	if (h->target.ptr[0] != '/')
		return slice_eq_str(h->target, "*") ? -501 : -400;
	r->head = h;
	r->method = h->method;
	r->target = r->query = h->target;
	r->raw_path = slice_split(&r->query, '?');
	if (!web_decode(&q->arena, r->raw_path, false, &r->path))
		return -400;
	r->peer = c->peer;
	r->tls = c->tls != NULL;
	r->peer_cn = c->peer_cn;
	r->peer_orgs = c->peer_orgs;
	r->peer_org_count = c->peer_org_count;
	q->head_only = h->method_id == HTTP_HEAD;
	q->answer_close = !h->keep_alive;
	return 0;
}

void web_request_run(struct web_request_impl *q)
{
	const struct web_config *config = &q->conn->server->config;

	q->r.body = buf_slice(&q->message.body);
	config->on_request(config->user, &q->r);
}

void web_request_end(struct web_request_impl *q, bool gone)
{
	if (q->conn->request == q)
		q->conn->request = NULL;
	if (gone && q->r.on_gone)
		q->r.on_gone(&q->r);
	list_remove(&q->link);
	if (q->stream)
		h2_set_user(q->stream, NULL);
	buf_done(&q->raw);
	buf_done(&q->body);
	h1_message_free(&q->message);
	buf_done(&q->headers_out);
	arena_done(&q->arena);
	free(q);
}

void web_conn_refuse(struct web_conn *c, int status)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_printf(&out, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status,
		   http_reason(status));
	if (c->request)
		web_request_end(c->request, false);
	web_conn_send(c, out.ptr, out.len);
	buf_clear(&c->in);
	web_conn_close(c, true);
}

struct slice web_header(const struct web_request *r, const char *name)
{
	const struct http_field *f = http_find((struct http_head *)r->head, slice_str(name));

	return f ? http_field_value(f) : (struct slice){NULL, 0};
}

static void parse_query(struct web_request_impl *q)
{
	struct slice rest = q->r.query;
	size_t n = 1;

	q->query_parsed = true;
	for (size_t i = 0; i < rest.len; i++)
		n += rest.ptr[i] == '&';
	q->query = ARENA_NEW_N(&q->arena, struct web_parameter, n);
	while (rest.len) {
		struct slice value = slice_split(&rest, '&'), name = slice_split(&value, '=');
		struct web_parameter *h = &q->query[q->query_count];

		if (name.len && web_decode(&q->arena, name, true, &h->name) &&
		    web_decode(&q->arena, value, true, &h->value))
			q->query_count++;
	}
}

bool web_query(struct web_request *r, const char *name, struct slice *ret)
{
	struct web_request_impl *q = impl(r);

	if (!q->query_parsed)
		parse_query(q);
	for (size_t i = 0; i < q->query_count; i++) {
		if (slice_eq_str(q->query[i].name, name)) {
			*ret = q->query[i].value;
			return true;
		}
	}
	return false;
}

const char *web_query_decode(struct web_request *r, struct slice value)
{
	struct slice out;

	return web_decode(&impl(r)->arena, value, true, &out) ? out.ptr : "";
}

struct arena *web_arena(struct web_request *r)
{
	return &impl(r)->arena;
}

void web_add_header(struct web_request *r, const char *name, const char *value)
{
	struct buf *out = &impl(r)->headers_out;

	buf_append_str(out, name);
	buf_append_str(out, ": ");
	for (; *value; value++)
		if (*value != '\r' && *value != '\n')
			buf_append_char(out, *value);
	buf_append_str(out, "\r\n");
}

static void send_head(struct web_request_impl *q, int status, const char *content_type)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_printf(&out, "HTTP/1.1 %d %s\r\n", status, http_reason(status));
	if (content_type)
		buf_printf(&out, "Content-Type: %s\r\n", content_type);
	buf_append_slice(&out, buf_slice(&q->headers_out));
	if (q->answer_close)
		buf_append_str(&out, "Connection: close\r\n");
	else if (q->message.head.version == HTTP_10)
		buf_append_str(&out, "Connection: keep-alive\r\n");
	web_conn_send(q->conn, out.ptr, out.len);
}

static void complete(struct web_request_impl *q)
{
	struct web_conn *c = q->conn;
	bool last = q->answer_close, stream = q->stream != NULL;

	web_request_end(q, false);
	if (stream) {
		web_conn_kick(c);
		return;
	}
	if (last) {
		web_conn_close(c, true);
		return;
	}
	c->state = CONN_HEAD;
	web_conn_kick(c);
}

void web_reply(struct web_request *r, int status, const char *content_type, struct slice body)
{
	struct web_request_impl *q = impl(r);
	const bool empty = q->head_only || !body.len;
	char length[32];

	if (status != 204 && status != 304) {
		snprintf(length, sizeof(length), "%zu", body.len);
		web_add_header(r, "Content-Length", length);
	}
	if (q->stream) {
		web_h2_head(q, status, content_type, empty);
		if (!empty)
			h2_write(q->stream, body, true);
	} else {
		send_head(q, status, content_type);
		web_conn_send(q->conn, "\r\n", 2);
		if (!empty)
			web_conn_send(q->conn, body.ptr, body.len);
	}
	complete(q);
}

void web_reply_text(struct web_request *r, int status, const char *text)
{
	web_reply(r, status, "text/plain; charset=utf-8", slice_str(text));
}

void web_begin(struct web_request *r, int status, const char *content_type)
{
	struct web_request_impl *q = impl(r);

	q->begun = true;
	if (q->stream) {
		web_h2_head(q, status, content_type, q->head_only);
		web_conn_kick(q->conn);
		return;
	}
	q->answer_chunked = q->message.head.version == HTTP_11;
	q->answer_close |= !q->answer_chunked;
	if (q->answer_chunked)
		web_add_header(r, "Transfer-Encoding", "chunked");
	send_head(q, status, content_type);
	web_conn_send(q->conn, "\r\n", 2);
}

size_t web_write(struct web_request *r, struct slice bytes)
{
	struct web_request_impl *q = impl(r);
	char size[32];

	if (q->stream) {
		if (bytes.len && !q->head_only)
			h2_write(q->stream, bytes, false);
		web_conn_kick(q->conn);
		return h2_waiting(q->stream);
	}
	if (!bytes.len || q->head_only)
		return conn_waiting(q->conn);
	if (q->answer_chunked) {
		int n = snprintf(size, sizeof(size), "%zx\r\n", bytes.len);

		web_conn_send(q->conn, size, (size_t)n);
	}
	web_conn_send(q->conn, bytes.ptr, bytes.len);
	if (q->answer_chunked)
		web_conn_send(q->conn, "\r\n", 2);
	return conn_waiting(q->conn);
}

void web_end(struct web_request *r)
{
	struct web_request_impl *q = impl(r);

	if (q->stream && !q->head_only)
		h2_write(q->stream, SLICE(""), true);
	else if (q->answer_chunked && !q->head_only)
		web_conn_send(q->conn, "0\r\n\r\n", 5);
	complete(q);
}

void web_abort(struct web_request *r)
{
	struct web_request_impl *q = impl(r);
	struct web_conn *c = q->conn;
	struct h2_stream *stream = q->stream;

	web_request_end(q, false);
	if (stream) {
		h2_reset(stream, H2_INTERNAL_ERROR);
		web_conn_kick(c);
		return;
	}
	web_conn_close(c, false);
}
