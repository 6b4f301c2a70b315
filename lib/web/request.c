/* Requests and answers: from a parsed head to the handler, and from the handler's calls to bytes. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "web/conn_internal.h"

static struct web_request_impl *impl(struct web_request *r)
{
	return CONTAINER_OF(r, struct web_request_impl, r);
}

const char *web_status_text(int status)
{
	static const struct {
		int status;
		const char *text;
	} table[] = {
		{100, "Continue"},
		{101, "Switching Protocols"},
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{301, "Moved Permanently"},
		{302, "Found"},
		{304, "Not Modified"},
		{307, "Temporary Redirect"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{406, "Not Acceptable"},
		{409, "Conflict"},
		{410, "Gone"},
		{411, "Length Required"},
		{413, "Content Too Large"},
		{415, "Unsupported Media Type"},
		{422, "Unprocessable Entity"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{502, "Bad Gateway"},
		{503, "Service Unavailable"},
		{504, "Gateway Timeout"},
		{505, "HTTP Version Not Supported"},
	};

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].status == status)
			return table[i].text;
	return "Unknown";
}

int web_request_start(struct web_conn *c, struct slice head_bytes)
{
	struct web_request_impl *q = NEW(struct web_request_impl);
	struct web_request *r = &q->r;

	c->request = q;
	q->conn = c;
	buf_append_slice(&q->head_copy, head_bytes);
	web_parse_head(buf_slice(&q->head_copy), &q->head); /* again: slices must point into the copy */
	if (q->head.content_length > (int64_t)c->server->config.body_max_bytes)
		return -413;
	r->method = q->head.method;
	r->target = r->query = q->head.target;
	r->raw_path = slice_split(&r->query, '?');
	if (!web_decode(&q->arena, r->raw_path, false, &r->path))
		return -400;
	r->headers = q->head.headers;
	r->header_count = q->head.n;
	r->peer = c->peer;
	r->tls = c->tls != NULL;
	r->peer_cn = c->peer_cn;
	r->peer_orgs = c->peer_orgs;
	r->peer_org_count = c->peer_org_count;
	q->head_only = slice_eq_str(r->method, "HEAD");
	q->answer_close = !q->head.keep_alive;
	return 0;
}

void web_request_run(struct web_conn *c)
{
	c->request->r.body = buf_slice(&c->request->body);
	c->server->config.on_request(c->server->config.user, &c->request->r);
}

void web_request_end(struct web_conn *c, bool gone)
{
	struct web_request_impl *q = take(c->request);

	if (gone && c->state != CONN_BODY && q->r.on_gone)
		q->r.on_gone(&q->r);
	buf_done(&q->head_copy);
	buf_done(&q->body);
	buf_done(&q->headers_out);
	arena_done(&q->arena);
	free(q);
}

void web_conn_refuse(struct web_conn *c, int status)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_printf(&out, "HTTP/1.1 %d %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", status,
		   web_status_text(status));
	if (c->request)
		web_request_end(c, false);
	web_conn_send(c, out.ptr, out.len);
	buf_clear(&c->in);
	web_conn_close(c, true);
}

struct slice web_header(const struct web_request *r, const char *name)
{
	for (size_t i = 0; i < r->header_count; i++)
		if (slice_eq_nocase(r->headers[i].name, slice_str(name)))
			return r->headers[i].value;
	return (struct slice){NULL, 0};
}

static void parse_query(struct web_request_impl *q)
{
	struct slice rest = q->r.query;
	size_t n = 1;

	q->query_parsed = true;
	for (size_t i = 0; i < rest.len; i++)
		n += rest.ptr[i] == '&';
	q->query = ARENA_NEW_N(&q->arena, struct web_header, n);
	while (rest.len) {
		struct slice value = slice_split(&rest, '&'), name = slice_split(&value, '=');
		struct web_header *h = &q->query[q->query_count];

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

	buf_printf(&out, "HTTP/1.1 %d %s\r\n", status, web_status_text(status));
	if (content_type)
		buf_printf(&out, "Content-Type: %s\r\n", content_type);
	buf_append_slice(&out, buf_slice(&q->headers_out));
	if (q->answer_close)
		buf_append_str(&out, "Connection: close\r\n");
	else if (q->head.minor == 0)
		buf_append_str(&out, "Connection: keep-alive\r\n");
	web_conn_send(q->conn, out.ptr, out.len);
}

static void complete(struct web_request_impl *q)
{
	struct web_conn *c = q->conn;
	bool last = q->answer_close;

	web_request_end(c, false);
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
	char length[32];

	if (status != 204 && status != 304) {
		snprintf(length, sizeof(length), "%zu", body.len);
		web_add_header(r, "Content-Length", length);
	}
	send_head(q, status, content_type);
	web_conn_send(q->conn, "\r\n", 2);
	if (!q->head_only && body.len)
		web_conn_send(q->conn, body.ptr, body.len);
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
	q->answer_chunked = q->head.minor == 1;
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

	if (q->answer_chunked && !q->head_only)
		web_conn_send(q->conn, "0\r\n\r\n", 5);
	complete(q);
}

void web_abort(struct web_request *r)
{
	struct web_conn *c = impl(r)->conn;

	web_request_end(c, false);
	web_conn_close(c, false);
}
