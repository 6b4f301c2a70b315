/* The sending half: own bytes, the user's chunk and a tail leave in one system call. */
#include "http/codec.h"

/* Of a chunk, and what ends it. */
#define MERGE_MAX_BYTES 4096

void http_out_release(struct http_conn *c, bool drop)
{
	if (drop) {
		c->out_start = c->out_end = 0;
		c->chunk = c->tail = slice_make("", 0);
	}
	if (c->out && c->out_start == c->out_end) {
		buffers_put(c->buffers, take(c->out), c->out_cap);
		c->out_start = c->out_end = c->out_cap = 0;
	}
}

char *http_out_reserve(struct http_conn *c, size_t n)
{
	size_t queued = c->out_end - c->out_start, cap;
	char *fresh;

	if (c->out && c->out_cap - c->out_end >= n)
		return c->out + c->out_end;
	if (queued + n > BUFFERS_LARGE_BYTES)
		return NULL;
	/* The next ones come behind it. */
	fresh = buffers_get(c->buffers, MAX(queued + n, (size_t)BUFFERS_SMALL_BYTES), &cap);
	if (queued)
		memcpy(fresh, c->out + c->out_start, queued);
	buffers_put(c->buffers, c->out, c->out_cap);
	c->out = fresh;
	c->out_cap = (uint32_t)cap;
	c->out_start = 0;
	c->out_end = (uint32_t)queued;
	return c->out + c->out_end;
}

void http_write_failed(struct http_conn *c)
{
	c->write_dead = true;
	http_out_release(c, true);
	c->transport.can_read = true;
	http_pump_later(c);
}

/* One piece costs the kernel less than several: a small chunk is copied behind our own bytes. */
static void merge(struct http_conn *c)
{
	const size_t n = c->chunk.len + c->tail.len;

	if (c->out_start == c->out_end || !n || n > MERGE_MAX_BYTES || n > c->out_cap - c->out_end)
		return;
	if (c->chunk.len)
		memcpy(c->out + c->out_end, c->chunk.ptr, c->chunk.len);
	if (c->tail.len)
		memcpy(c->out + c->out_end + c->chunk.len, c->tail.ptr, c->tail.len);
	c->out_end += (uint32_t)n;
	c->chunk = c->tail = slice_make("", 0);
}

static int gather(const struct http_conn *c, struct iovec *iov)
{
	int n = 0;

	if (c->out_end > c->out_start)
		iov[n++] = (struct iovec){c->out + c->out_start, c->out_end - c->out_start};
	if (c->chunk.len)
		iov[n++] = (struct iovec){(void *)c->chunk.ptr, c->chunk.len};
	if (c->tail.len)
		iov[n++] = (struct iovec){(void *)c->tail.ptr, c->tail.len};
	return n;
}

static void advance(struct http_conn *c, size_t n)
{
	size_t own = c->out_end - c->out_start, part;

	c->bytes_out += n;
	part = n < own ? n : own;
	c->out_start += (uint32_t)part;
	n -= part;
	part = n < c->chunk.len ? n : c->chunk.len;
	c->chunk = slice_from(c->chunk, part);
	c->tail = slice_from(c->tail, n - part);
}

void http_end(struct http_conn *c)
{
	transport_shutdown(&c->transport);
}

void http_write(struct http_conn *c)
{
	struct iovec iov[3];
	ssize_t r;

	while (!c->write_dead && c->transport.can_write) {
		if (c->codec->refill)
			c->codec->refill(c);
		if (http_out_empty(c))
			break;
		merge(c);
		r = transport_write(&c->transport, iov, gather(c, iov));
		if (r == TRANSPORT_ERROR)
			http_write_failed(c);
		if (r < 0)
			break;
		advance(c, (size_t)r);
	}
	http_out_release(c, false);
	c->codec->on_written(c);
}

bool http_leg_head(struct http_leg *leg, const struct http_head *h, bool end)
{
	if (h->overflow)
		return false;
	return !leg->conn || leg->conn->codec->head(leg, h, end);
}

enum http_flow http_leg_data(struct http_leg *leg, struct slice data, bool end)
{
	return leg->conn ? leg->conn->codec->data(leg, data, end) : HTTP_GO;
}

void http_leg_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	if (leg->conn)
		leg->conn->codec->trailers(leg, t);
}

bool http_leg_busy(const struct http_leg *leg)
{
	return leg->conn && leg->conn->codec->busy(leg);
}

void http_leg_flush(struct http_leg *leg)
{
	if (leg->conn)
		leg->conn->codec->flush(leg);
}

void http_leg_resume(struct http_leg *leg)
{
	if (leg->conn)
		leg->conn->codec->resume(leg);
}

void http_leg_pause(struct http_leg *leg)
{
	if (leg->conn)
		leg->conn->codec->pause(leg);
}

void http_leg_reset(struct http_leg *leg)
{
	if (leg->conn)
		leg->conn->codec->reset(leg);
}

bool http_leg_received(const struct http_leg *leg)
{
	return !leg->conn || leg->conn->codec->received(leg);
}
