/* Life of a connection and the receiving half. Nothing here looks at what a message means. */
#include "http/conn_internal.h"

#include <assert.h>

#define LINGER_MS 1000
/* Reading into less than this is not worth a system call. */
#define ROOM_MIN_BYTES 4096
/* A body of at least this size is read with the large buffer. */
#define BULK_BYTES 49152

static void on_transport(struct transport *t);

static int start(struct http_conn *c, struct loop *l, struct buffers *b, const struct http_conn_ops *ops,
		 enum http_role role)
{
	*c = (struct http_conn){.loop = l, .buffers = b, .ops = ops, .role = role};
	list_init(&c->resume.link);
	return 0;
}

int http_conn_accept(struct http_conn *c, struct loop *l, struct buffers *b, const struct http_conn_ops *ops, int fd,
		     struct tls *tls)
{
	start(c, l, b, ops, HTTP_SERVER);
	c->opened = !tls;
	return transport_accept(&c->transport, l, fd, tls, on_transport);
}

int http_conn_connect(struct http_conn *c, struct loop *l, struct buffers *b, const struct http_conn_ops *ops, int fd,
		      struct tls *tls)
{
	start(c, l, b, ops, HTTP_CLIENT);
	return transport_connect(&c->transport, l, fd, tls, on_transport);
}

void http_in_release(struct http_conn *c)
{
	buffers_put(c->buffers, c->old, c->old_cap);
	buffers_put(c->buffers, c->in, c->in_cap);
	c->old = c->in = NULL;
	c->in_cap = c->pin = c->start = c->end = 0;
}

void http_conn_close(struct http_conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	if (c->leg)
		take(c->leg)->conn = NULL;
	if (c->abort)
		transport_abort(&c->transport);
	transport_close(&c->transport);
	task_cancel(&c->resume);
	timer_stop(&c->linger);
	http_in_release(c);
	http_out_release(c, true);
}

static void closed(struct http_conn *c)
{
	if (!c->dead)
		c->ops->on_closed(c);
}

void http_fail(struct http_conn *c, enum http_reset why)
{
	struct http_leg *leg = take(c->leg);

	if (leg) {
		leg->conn = NULL;
		leg->ops->on_reset(leg, why);
	}
	closed(c);
}

static void on_linger(struct timer *t)
{
	closed(CONTAINER_OF(t, struct http_conn, linger));
}

void http_conn_close_gracefully(struct http_conn *c)
{
	if (c->dead || c->closing)
		return;
	if (c->transport.eof || c->transport.state != TRANSPORT_OPEN) {
		closed(c);
		return;
	}
	transport_shutdown(&c->transport);
	c->closing = true;
	timer_start(c->loop, &c->linger, LINGER_MS, on_linger);
	if (c->transport.can_read)
		http_pump_later(c);
}

static void on_resume(struct task *t)
{
	http_pump(CONTAINER_OF(t, struct http_conn, resume));
}

void http_pump_later(struct http_conn *c)
{
	if (!c->in_call && !c->dead)
		task_defer(c->loop, &c->resume, on_resume);
}

static void on_transport(struct transport *t)
{
	struct http_conn *c = CONTAINER_OF(t, struct http_conn, transport);

	if (t->state == TRANSPORT_FAILED) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	if (t->state != TRANSPORT_OPEN)
		return;
	if (!c->opened) {
		c->opened = true;
		c->ops->on_open(c);
		if (c->dead)
			return;
	}
	if (!http_out_empty(c) && t->can_write) {
		http_flush(c);
		if (c->dead)
			return;
	}
	/* A client that goes away is noticed although its request has been read. */
	if (c->leg && c->role == HTTP_SERVER && c->in_state == HTTP_MESSAGE_DONE && c->tunnel != HTTP_TUNNEL_OPEN &&
	    t->hung_up) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	if (t->can_read)
		http_pump(c);
}

/* ---- receiving ---- */

static void swap_buffer(struct http_conn *c, size_t min)
{
	size_t cap;
	char *fresh = buffers_get(c->buffers, min, &cap);

	if (c->pin) {
		assert(!c->old);
		c->old = c->in;
		c->old_cap = c->in_cap;
	} else {
		buffers_put(c->buffers, c->in, c->in_cap);
	}
	c->in = fresh;
	c->in_cap = (uint32_t)cap;
	c->pin = c->start = c->end = 0;
}

/* An incomplete head fills the buffer: continue in the large one, from its start. */
static void grow_for_head(struct http_conn *c)
{
	size_t cap;
	char *fresh = buffers_get(c->buffers, BUFFERS_LARGE_BYTES, &cap);

	memcpy(fresh, c->in + c->start, c->end - c->start);
	buffers_put(c->buffers, c->in, c->in_cap);
	c->in = fresh;
	c->in_cap = (uint32_t)cap;
	c->end -= c->start;
	c->start = 0;
	c->parser = (struct h1_parser){0};
}

static void make_room(struct http_conn *c)
{
	size_t cap;

	if (!c->in) {
		c->in = buffers_get(c->buffers, BUFFERS_SMALL_BYTES, &cap);
		c->in_cap = (uint32_t)cap;
		c->pin = c->start = c->end = 0;
		return;
	}
	if (c->in_state == HTTP_MESSAGE_BODY) {
		bool bulk = c->body.left > BULK_BYTES && c->in_cap < BUFFERS_LARGE_BYTES && !c->old;

		c->start = c->end = c->pin;
		if (bulk || c->in_cap - c->pin < ROOM_MIN_BYTES)
			swap_buffer(c, bulk ? BUFFERS_LARGE_BYTES : BUFFERS_SMALL_BYTES);
	} else if (c->end == c->in_cap && c->in_cap < BUFFERS_LARGE_BYTES) {
		grow_for_head(c);
	}
}

static void protocol_error(struct http_conn *c, int err)
{
	c->error = (int8_t)err;
	if (c->role == HTTP_CLIENT || c->out_state != HTTP_MESSAGE_HEAD) {
		http_fail(c, HTTP_RESET_PROTOCOL);
		return;
	}
	c->in_state = HTTP_MESSAGE_DONE;
	c->start = c->end;
	c->close = true;
	c->leg->ops->on_bad(c->leg, err);
}

/* Moves pipelined bytes to the front, where a head can grow. */
static void begin_head(struct http_conn *c)
{
	if (c->start) {
		memmove(c->in, c->in + c->start, c->end - c->start);
		c->end -= c->start;
		c->start = 0;
	}
	c->parser = (struct h1_parser){0};
	c->in_state = HTTP_MESSAGE_HEAD;
}

static bool open_exchange(struct http_conn *c)
{
	struct http_leg *leg;

	if (c->leg)
		return true;
	if (c->role == HTTP_CLIENT) {
		closed(c);
		return false;
	}
	c->requests++;
	leg = c->ops->on_exchange(c);
	if (!leg)
		return false;
	leg->conn = c;
	c->leg = leg;
	c->out_state = HTTP_MESSAGE_HEAD;
	c->tunnel = HTTP_TUNNEL_NONE;
	return true;
}

static void take_request(struct http_conn *c, const struct http_head *h)
{
	c->method = h->method_id;
	c->minor0 = h->version == 0;
	c->close |= !h->keep_alive;
	c->tunnel = HTTP_TUNNEL_NONE;
	if (h->method_id == HTTP_CONNECT)
		c->tunnel = HTTP_TUNNEL_CONNECT;
	else if (h->upgrade)
		c->tunnel = HTTP_TUNNEL_UPGRADE;
}

/* False when it is an interim one, or no answer to what was asked. */
static bool take_response(struct http_conn *c, const struct http_head *h)
{
	bool switching = h->status == 101;

	if (switching && c->tunnel != HTTP_TUNNEL_UPGRADE) {
		protocol_error(c, HTTP_ERR_ANSWER);
		return false;
	}
	if (h->status < 200 && !switching) {
		if (++c->interim > HTTP_INTERIM_MAX)
			protocol_error(c, HTTP_ERR_ANSWER);
		else
			begin_head(c);
		return false;
	}
	c->keep_alive = h->keep_alive;
	http_answer_tunnel(c, h->status, h->framing == HTTP_BODY_TUNNEL);
	return true;
}

static void accept_head(struct http_conn *c, size_t n)
{
	struct http_head *h = c->leg->head;

	c->start += (uint32_t)n;
	if (c->role == HTTP_SERVER)
		take_request(c, h);
	else if (!take_response(c, h))
		return;
	c->pin = c->start;
	h1_body_init(&c->body, h->framing, h->length);
	c->in_state = c->body.done ? HTTP_MESSAGE_DONE : HTTP_MESSAGE_BODY;
	c->leg->ops->on_headers(c->leg, c->body.done);
	if (!c->dead)
		http_settle(c);
}

/* Both return true when there may be more to do without reading. */
static bool parse_head(struct http_conn *c)
{
	ssize_t n;

	if (c->in_state == HTTP_MESSAGE_IDLE) {
		if (!open_exchange(c))
			return false;
		begin_head(c);
	}
	if (c->role == HTTP_SERVER)
		n = h1_parse_request(&c->parser, c->in + c->start, c->end - c->start, c->leg->head);
	else
		n = h1_parse_response(&c->parser, c->in + c->start, c->end - c->start, c->method, c->leg->head);
	if (n == 0)
		return false;
	if (n < 0)
		protocol_error(c, (int)n);
	else
		accept_head(c, (size_t)n);
	return true;
}

static bool parse_body(struct http_conn *c)
{
	struct slice data;
	ssize_t n;

	if (c->held || c->paused)
		return false;
	n = h1_body_decode(&c->body, c->in + c->start, c->end - c->start, &data);
	if (n < 0) {
		protocol_error(c, (int)n);
		return true;
	}
	c->start += (uint32_t)n;
	if (!data.len && !c->body.done)
		return false;
	if (c->body.done)
		c->in_state = HTTP_MESSAGE_DONE;
	c->held = true;
	if (c->leg->ops->on_data(c->leg, data, c->body.done) == HTTP_GO)
		c->held = false;
	if (!c->dead && c->leg)
		http_settle(c);
	return true;
}

static bool step(struct http_conn *c)
{
	if (c->start == c->end)
		return false;
	if (c->in_state == HTTP_MESSAGE_BODY)
		return parse_body(c);
	return c->in_state != HTTP_MESSAGE_DONE && parse_head(c);
}

static void on_eof(struct http_conn *c)
{
	struct http_leg *leg = c->leg;

	if (!leg || c->in_state != HTTP_MESSAGE_BODY || h1_body_eof(&c->body) < 0) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	c->in_state = HTTP_MESSAGE_DONE;
	c->keep_alive = false;
	leg->ops->on_data(leg, slice_make("", 0), true);
	if (!c->dead && c->leg)
		http_settle(c);
}

/* Whether reading more bytes makes sense now. */
static bool wants_read(const struct http_conn *c)
{
	if (!c->transport.can_read || c->transport.eof)
		return false;
	if (c->in_state == HTTP_MESSAGE_DONE || (c->in_state == HTTP_MESSAGE_BODY && (c->held || c->paused)))
		return false;
	return true;
}

static bool read_more(struct http_conn *c)
{
	ssize_t n;

	make_room(c);
	n = transport_read(&c->transport, c->in + c->end, c->in_cap - c->end);
	if (n == TRANSPORT_AGAIN)
		return false;
	if (n == TRANSPORT_ERROR) {
		http_fail(c, HTTP_RESET_PEER);
		return false;
	}
	if (n == 0) {
		on_eof(c);
		return !c->dead;
	}
	c->end += (uint32_t)n;
	c->bytes_in += (uint64_t)n;
	return true;
}

/* After our end of stream: what still comes is of no interest. */
static void drain(struct http_conn *c)
{
	char sink[4096];
	ssize_t n;

	do
		n = transport_read(&c->transport, sink, sizeof(sink));
	while (n > 0);
	if (n != TRANSPORT_AGAIN)
		closed(c);
}

void http_pump(struct http_conn *c)
{
	if (c->in_call || c->dead)
		return;
	if (c->transport.state == TRANSPORT_FAILED || (c->write_dead && c->role == HTTP_SERVER)) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	if (c->transport.state != TRANSPORT_OPEN)
		return;
	if (c->closing) {
		drain(c);
		return;
	}
	c->in_call = true;
	for (;;) {
		while (!c->dead && !c->closing && step(c))
			;
		if (c->dead || c->closing || !wants_read(c) || !read_more(c))
			break;
	}
	c->in_call = false;
	if (c->dead)
		return;
	if (c->closing && c->transport.can_read)
		http_pump_later(c);
	else if (c->leg)
		c->leg->ops->on_pause(c->leg);
	/* What was held is dealt with, or our end was sent after the peer's: nothing that comes in would tell. */
	if (!c->dead)
		http_settle(c);
	if (!c->dead && !c->leg && c->start == c->end)
		http_in_release(c);
}

void http_leg_resume(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	if (!c)
		return;
	c->held = c->paused = false;
	http_pump_later(c);
}

void http_leg_pause(struct http_leg *leg)
{
	if (leg->conn)
		leg->conn->paused = true;
}

bool http_leg_received(const struct http_leg *leg)
{
	return !leg->conn || leg->conn->in_state == HTTP_MESSAGE_DONE;
}
