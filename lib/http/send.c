/* The sending half: own bytes, the user's chunk and a tail leave in one system call. */
#include "http/conn_internal.h"

#include <assert.h>

#define HEAD_EXTRA_BYTES 64

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

/* Room for n bytes behind what is queued, or NULL when that passes every limit. */
static char *out_reserve(struct http_conn *c, size_t n)
{
	size_t queued = c->out_end - c->out_start, cap;
	char *fresh;

	if (c->out && c->out_cap - c->out_end >= n)
		return c->out + c->out_end;
	if (queued + n > BUFFERS_LARGE_BYTES)
		return NULL;
	fresh = buffers_get(c->buffers, queued + n, &cap);
	if (queued)
		memcpy(fresh, c->out + c->out_start, queued);
	buffers_put(c->buffers, c->out, c->out_cap);
	c->out = fresh;
	c->out_cap = (uint32_t)cap;
	c->out_start = 0;
	c->out_end = (uint32_t)queued;
	return c->out + c->out_end;
}

/* Nothing can be sent any more; the receiving half finds out what happened and tells. */
static void write_failed(struct http_conn *c)
{
	c->write_dead = true;
	http_out_release(c, true);
	c->transport.can_read = true;
	http_pump_later(c);
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

static void write_out(struct http_conn *c)
{
	struct iovec iov[3];
	ssize_t r;

	while (!http_out_empty(c) && c->transport.can_write) {
		int n = gather(c, iov);

		r = transport_write(&c->transport, iov, n);
		if (r == TRANSPORT_ERROR)
			write_failed(c);
		if (r < 0)
			break;
		advance(c, (size_t)r);
	}
	http_out_release(c, false);
	if (c->out_framing == HTTP_BODY_TUNNEL && c->out_state == HTTP_MESSAGE_DONE && http_out_empty(c))
		transport_shutdown(&c->transport);
}

void http_flush(struct http_conn *c)
{
	struct http_leg *leg = c->leg;

	write_out(c);
	if (leg && c->announce && !c->chunk.len) {
		c->announce = false;
		leg->ops->on_room(leg);
		if (c->dead || c->leg != leg)
			return;
	}
	http_settle(c);
}

static void add_tail(char **p, const struct http_conn *c, const struct http_head *h)
{
	const char *extra = "\r\n";

	if (c->out_framing == HTTP_BODY_OPEN)
		extra = "transfer-encoding: chunked\r\n\r\n";
	if (c->role == HTTP_SERVER && h->status >= 200 && c->close)
		*p = stpcpy(*p, "connection: close\r\n");
	else if (c->role == HTTP_SERVER && h->status >= 200 && c->minor0)
		*p = stpcpy(*p, "connection: keep-alive\r\n");
	*p = stpcpy(*p, extra);
}

static void choose_framing(struct http_conn *c, const struct http_head *h, bool end)
{
	c->out_framing = end ? HTTP_BODY_NONE : h->framing;
	if (c->role == HTTP_CLIENT || end)
		return;
	if (h->framing == HTTP_BODY_CLOSE || h->framing == HTTP_BODY_OPEN)
		c->out_framing = c->minor0 ? HTTP_BODY_CLOSE : HTTP_BODY_OPEN;
	if (c->out_framing == HTTP_BODY_TUNNEL && c->tunnel != HTTP_TUNNEL_OPEN)
		c->out_framing = HTTP_BODY_CLOSE;
	if (c->out_framing == HTTP_BODY_CLOSE)
		c->close = true;
}

static void choose_tunnel(struct http_conn *c, const struct http_head *h, bool end)
{
	bool tunnel = h->framing == HTTP_BODY_TUNNEL && !end;

	if (c->role == HTTP_SERVER)
		http_answer_tunnel(c, h->status, tunnel);
	else if (!tunnel)
		c->tunnel = HTTP_TUNNEL_NONE;
	else
		c->tunnel = h->method_id == HTTP_CONNECT ? HTTP_TUNNEL_CONNECT : HTTP_TUNNEL_UPGRADE;
}

static bool is_interim(const struct http_conn *c, const struct http_head *h)
{
	return c->role == HTTP_SERVER && h->status < 200 && h->status != 101;
}

static void put_interim(struct http_conn *c, char *p, const struct http_head *h)
{
	if (!p)
		return;
	p = stpcpy(h1_write_response(p, h), "\r\n");
	c->out_end = (uint32_t)(p - c->out);
	http_flush(c);
}

bool http_leg_head(struct http_leg *leg, const struct http_head *h, bool end)
{
	struct http_conn *c = leg->conn;
	size_t size = h1_head_bound(h) + HEAD_EXTRA_BYTES;
	char *p;

	if (h->overflow || size > HTTP_HEAD_OUT_MAX_BYTES)
		return false;
	if (!c)
		return true;
	p = c->write_dead ? NULL : out_reserve(c, size);
	if (!p && !c->write_dead)
		write_failed(c);
	if (is_interim(c, h)) {
		put_interim(c, p, h);
		return true;
	}
	choose_tunnel(c, h, end);
	choose_framing(c, h, end);
	/* Also when nobody hears it any more: the body that follows is dropped like the head. */
	c->out_state = end ? HTTP_MESSAGE_DONE : HTTP_MESSAGE_BODY;
	if (!p)
		return true;
	p = c->role == HTTP_SERVER ? h1_write_response(p, h) : h1_write_request(p, h);
	add_tail(&p, c, h);
	c->out_end = (uint32_t)(p - c->out);
	if (end)
		http_flush(c);
	return true;
}

static bool queue_chunk(struct http_conn *c, struct slice data, bool end)
{
	char *p = out_reserve(c, H1_CHUNK_HEAD_MAX + c->tail.len + 8);

	if (!p)
		return false;
	if (c->tail.len)
		p = mempcpy(p, c->tail.ptr, c->tail.len);
	c->tail = slice_make("", 0);
	if (data.len) {
		p = h1_write_chunk_head(p, data.len);
		c->tail = end ? SLICE("\r\n0\r\n\r\n") : SLICE("\r\n");
	} else if (end) {
		c->tail = SLICE("0\r\n\r\n");
	}
	c->out_end = (uint32_t)(p - c->out);
	return true;
}

/* All is given away; the exchange may be over. */
static void ended(struct http_conn *c)
{
	if (c->role == HTTP_SERVER)
		http_settle(c);
	else if (c->in_state == HTTP_MESSAGE_DONE)
		http_pump_later(c);
}

enum http_flow http_leg_data(struct http_leg *leg, struct slice data, bool end)
{
	struct http_conn *c = leg->conn;

	/* Nobody reads what was meant for a tunnel that is none. */
	if (!c || (c->role == HTTP_CLIENT && c->tunnel == HTTP_TUNNEL_REFUSED))
		return HTTP_GO;
	assert(!c->chunk.len && c->out_state == HTTP_MESSAGE_BODY);
	if (end)
		c->out_state = HTTP_MESSAGE_DONE;
	if (!c->write_dead && c->out_framing == HTTP_BODY_OPEN && !queue_chunk(c, data, end))
		write_failed(c);
	if (c->write_dead) {
		if (end && c->role == HTTP_CLIENT)
			ended(c);
		return HTTP_GO;
	}
	c->chunk = data;
	write_out(c);
	if (c->chunk.len) {
		c->announce = true;
		return HTTP_HELD;
	}
	if (end)
		ended(c);
	return HTTP_GO;
}

bool http_leg_busy(const struct http_leg *leg)
{
	return leg->conn && leg->conn->chunk.len > 0;
}

void http_leg_flush(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	if (c && !http_out_empty(c) && c->transport.can_write)
		http_flush(c);
}

void http_leg_reset(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	if (!c)
		return;
	c->leg = NULL;
	leg->conn = NULL;
	c->abort = c->out_state == HTTP_MESSAGE_BODY &&
		   (c->out_framing == HTTP_BODY_CLOSE || c->out_framing == HTTP_BODY_TUNNEL);
	c->ops->on_closed(c);
}

void http_conn_begin(struct http_conn *c, struct http_leg *leg)
{
	assert(!c->leg && c->role == HTTP_CLIENT);
	c->leg = leg;
	leg->conn = c;
	c->requests++;
	c->in_state = HTTP_MESSAGE_HEAD;
	c->out_state = HTTP_MESSAGE_HEAD;
	c->parser = (struct h1_parser){0};
	c->error = 0;
	c->tunnel = HTTP_TUNNEL_NONE;
	c->interim = 0;
	c->announce = c->held = c->paused = false;
}
