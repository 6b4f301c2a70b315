/* See message.h. A head that moves while it grows is parsed anew, which happens each time its buffer doubles. */
#include "h1/message.h"

#include "base/cleanup.h"

void h1_message_request(struct h1_message *m, size_t body_max_bytes)
{
	m->body_max_bytes = body_max_bytes;
	m->state = H1_MESSAGE_HEAD;
	m->parser = (struct h1_parser){0};
	m->response = false;
	m->interim = 0;
	m->raw = m->body = (struct buf)BUF_INIT;
	http_head_init(&m->head);
}

void h1_message_response(struct h1_message *m, enum http_method method, size_t body_max_bytes)
{
	h1_message_request(m, body_max_bytes);
	m->response = true;
	m->method = (uint8_t)method;
}

void h1_message_free(struct h1_message *m)
{
	buf_done(&m->raw);
	buf_done(&m->body);
	http_head_done(&m->head);
}

static ssize_t parse(struct h1_message *m)
{
	if (m->raw.ptr != m->parsed_at)
		m->parser = (struct h1_parser){0};
	m->parsed_at = m->raw.ptr;
	return m->response ? h1_parse_response(&m->parser, m->raw.ptr, m->raw.len, m->method, &m->head)
			   : h1_parse_request(&m->parser, m->raw.ptr, m->raw.len, &m->head);
}

/* An interim answer: the next head begins. */
static int pass_over(struct h1_message *m)
{
	if (m->head.status == 101 || ++m->interim > H1_MESSAGE_INTERIM_MAX)
		return HTTP_ERR_ANSWER;
	buf_clear(&m->raw);
	m->parser = (struct h1_parser){0};
	return 0;
}

static int begin_body(struct h1_message *m)
{
	enum http_framing framing = m->head.framing;

	if (m->response && m->head.status < 200)
		return pass_over(m);
	if (framing == HTTP_BODY_LENGTH && m->head.length > m->body_max_bytes)
		return HTTP_ERR_BODY;
	/* What would follow in a tunnel is nobody's here. */
	h1_body_init(&m->decoder, framing == HTTP_BODY_TUNNEL ? HTTP_BODY_NONE : framing, m->head.length);
	m->state = m->decoder.done ? H1_MESSAGE_DONE : H1_MESSAGE_BODY;
	return 0;
}

static ssize_t feed_head(struct h1_message *m, const char *bytes, size_t n)
{
	size_t before = m->raw.len;
	ssize_t end;
	int r;

	/* One byte above the limit is enough to be told of it. */
	n = MIN(n, HTTP_HEAD_MAX_BYTES + 1 - before);
	buf_append(&m->raw, bytes, n);
	end = parse(m);
	if (end <= 0)
		return end < 0 ? end : (ssize_t)n;
	m->raw.len = (size_t)end;
	r = begin_body(m);
	return r < 0 ? r : end - (ssize_t)before;
}

static ssize_t feed_body(struct h1_message *m, char *bytes, size_t n)
{
	struct slice data;
	ssize_t taken = h1_body_decode(&m->decoder, bytes, n, &data);

	if (taken < 0)
		return taken;
	if (buf_try_append(&m->body, data.ptr, data.len, m->body_max_bytes) < 0)
		return HTTP_ERR_BODY;
	if (m->decoder.done)
		m->state = H1_MESSAGE_DONE;
	return taken;
}

ssize_t h1_message_feed(struct h1_message *m, char *bytes, size_t n)
{
	size_t at = 0;

	while (at < n && m->state != H1_MESSAGE_DONE) {
		ssize_t taken = m->state == H1_MESSAGE_HEAD ? feed_head(m, bytes + at, n - at)
							    : feed_body(m, bytes + at, n - at);

		if (taken < 0)
			return taken;
		at += (size_t)taken;
	}
	return (ssize_t)at;
}

int h1_message_eof(struct h1_message *m)
{
	if (m->state == H1_MESSAGE_HEAD)
		return HTTP_ERR_SYNTAX;
	if (m->state == H1_MESSAGE_BODY && h1_body_eof(&m->decoder) < 0)
		return HTTP_ERR_CHUNK;
	m->state = H1_MESSAGE_DONE;
	return 0;
}
