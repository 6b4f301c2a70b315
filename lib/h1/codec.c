/* The receiving half: bytes to events of the leg. */
#include "h1/codec_internal.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

/* Reading into less than this is not worth a system call. */
#define ROOM_MIN_BYTES 4096
/* A body of at least this size is read with the large buffer. */
#define BULK_BYTES 49152

/* ---- room ---- */

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

/* What is unread goes on in another buffer, from its start. */
static void move_unread(struct http_conn *c, size_t min)
{
	size_t cap;
	char *fresh = buffers_get(c->buffers, min, &cap);

	memcpy(fresh, c->in + c->start, c->end - c->start);
	buffers_put(c->buffers, c->in, c->in_cap);
	c->in = fresh;
	c->in_cap = (uint32_t)cap;
	c->end -= c->start;
	c->start = 0;
}

/* An incomplete head goes on in a larger buffer. */
static void grow_for_head(struct http_conn *c)
{
	move_unread(c, c->in_cap < BUFFERS_SMALL_BYTES ? BUFFERS_SMALL_BYTES : BUFFERS_LARGE_BYTES);
	h1_of(c)->parser = (struct h1_parser){0};
}

static void make_room(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	size_t cap;

	if (!c->in) {
		c->in = buffers_get(c->buffers, BUFFERS_SMALL_BYTES, &cap);
		c->in_cap = (uint32_t)cap;
		c->pin = c->start = c->end = 0;
		return;
	}
	if (h->in_state == H1_MESSAGE_BODY) {
		bool bulk = h->body.left > BULK_BYTES && c->in_cap < BUFFERS_LARGE_BYTES && !c->old;

		c->start = c->end = c->pin;
		if (bulk || c->in_cap - c->pin < ROOM_MIN_BYTES)
			swap_buffer(c, bulk ? BUFFERS_LARGE_BYTES : BUFFERS_SMALL_BYTES);
	} else if (c->in_cap < BUFFERS_SMALL_BYTES || (c->end == c->in_cap && c->in_cap < BUFFERS_LARGE_BYTES)) {
		grow_for_head(c);
	}
}

/* ---- heads ---- */

static void protocol_error(struct http_conn *c, int err)
{
	struct h1_conn *h = h1_of(c);

	c->error = (int8_t)err;
	if (c->role == HTTP_CLIENT || h->out_state != H1_MESSAGE_HEAD) {
		http_fail(c, HTTP_RESET_PROTOCOL);
		return;
	}
	h->in_state = H1_MESSAGE_DONE;
	c->start = c->end;
	c->last = true;
	h->leg->ops->on_bad(h->leg, err);
}

/*
 * Pipelined bytes go to the front, where a head can grow. A request stays until it is answered, so it gets a buffer of
 * its size, and the one for reading is free for the next that reads, while its memory is still in the cache.
 */
static void begin_head(struct http_conn *c)
{
	if (c->role == HTTP_SERVER && c->in_cap >= BUFFERS_SMALL_BYTES && c->end - c->start <= BUFFERS_MANY_BYTES) {
		move_unread(c, c->end - c->start);
	} else if (c->start) {
		memmove(c->in, c->in + c->start, c->end - c->start);
		c->end -= c->start;
		c->start = 0;
	}
	h1_of(c)->parser = (struct h1_parser){0};
	h1_of(c)->in_state = H1_MESSAGE_HEAD;
}

static bool open_exchange(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);

	if (h->leg)
		return true;
	if (c->role == HTTP_CLIENT) {
		http_closed(c);
		return false;
	}
	h->leg = http_open_exchange(c);
	h->out_state = H1_MESSAGE_HEAD;
	h->method = HTTP_GET; /* until it is known */
	h->tunnel = H1_TUNNEL_NONE;
	return h->leg != NULL;
}

static void take_request(struct http_conn *c, const struct http_head *head)
{
	struct h1_conn *h = h1_of(c);

	h->method = head->method_id;
	h->minor0 = head->version == HTTP_10;
	c->last |= !head->keep_alive;
	h->tunnel = H1_TUNNEL_NONE;
	if (head->method_id == HTTP_CONNECT)
		h->tunnel = H1_TUNNEL_CONNECT;
	else if (head->upgrade)
		h->tunnel = H1_TUNNEL_UPGRADE;
}

/* The next head takes its place. */
static void tell_interim(struct http_conn *c)
{
	struct http_leg *leg = h1_of(c)->leg;

	if (leg->ops->on_interim)
		leg->ops->on_interim(leg);
	if (!c->dead && h1_of(c)->leg == leg)
		begin_head(c);
}

/* False when it is an interim one, or no answer to what was asked. */
static bool take_response(struct http_conn *c, const struct http_head *head)
{
	struct h1_conn *h = h1_of(c);
	bool switching = head->status == 101;

	if (switching && h->tunnel != H1_TUNNEL_UPGRADE) {
		protocol_error(c, HTTP_ERR_ANSWER);
		return false;
	}
	if (head->status < 200 && !switching) {
		if (++h->interim > HTTP_INTERIM_MAX)
			protocol_error(c, HTTP_ERR_ANSWER);
		else
			tell_interim(c);
		return false;
	}
	h->keep_alive = head->keep_alive;
	h1_answer_tunnel(c, head->status, head->framing == HTTP_BODY_TUNNEL);
	return true;
}

/* Trailers are kept for whoever wants them. */
static void begin_body(struct http_conn *c, const struct http_head *head)
{
	struct h1_conn *h = h1_of(c);

	h1_body_init(&h->body, head->framing, head->length);
	if (head->framing != HTTP_BODY_OPEN || !c->options.trailers)
		return;
	if (!h->trailers)
		h->trailers = NEW(struct buf);
	buf_clear(h->trailers);
	h->body.trailers = h->trailers;
}

static void accept_head(struct http_conn *c, size_t n)
{
	struct h1_conn *h = h1_of(c);
	struct http_head *head = h->leg->head;

	c->start += (uint32_t)n;
	if (c->role == HTTP_SERVER)
		take_request(c, head);
	else if (!take_response(c, head))
		return;
	c->pin = c->start;
	begin_body(c, head);
	h->in_state = h->body.done ? H1_MESSAGE_DONE : H1_MESSAGE_BODY;
	h->leg->ops->on_headers(h->leg, h->body.done);
	if (!c->dead)
		h1_settle(c);
}

/* The rest returns true when there may be more to do without reading. */
static bool parse_head(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	ssize_t n;

	if (h->in_state == H1_MESSAGE_IDLE) {
		if (!open_exchange(c))
			return false;
		begin_head(c);
	}
	if (c->role == HTTP_SERVER)
		n = h1_parse_request(&h->parser, c->in + c->start, c->end - c->start, h->leg->head);
	else
		n = h1_parse_response(&h->parser, c->in + c->start, c->end - c->start, h->method, h->leg->head);
	if (n == 0)
		return false;
	if (n < 0)
		protocol_error(c, (int)n);
	else
		accept_head(c, (size_t)n);
	return true;
}

/* ---- bodies ---- */

/* The last data has gone before; true when the message ends with trailers and they were told. */
static bool tell_trailers(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	struct http_trailers t;

	if (!h->body.trailers || !h->trailers->len || h1_parse_trailers(buf_slice(h->trailers), &t) < 0 || !t.n)
		return false;
	h->leg->ops->on_trailers(h->leg, &t);
	return true;
}

static void give(struct http_conn *c, struct slice data)
{
	struct h1_conn *h = h1_of(c);

	if (h->body.done)
		h->in_state = H1_MESSAGE_DONE;
	h->held = true;
	if (h->leg->ops->on_data(h->leg, data, h->body.done) == HTTP_GO)
		h->held = false;
}

/* Data before trailers is told alone; they follow when it is dealt with. */
static void give_before_trailers(struct http_conn *c, struct slice data)
{
	struct h1_conn *h = h1_of(c);

	if (data.len) {
		h->held = true;
		if (h->leg->ops->on_data(h->leg, data, false) == HTTP_GO)
			h->held = false;
		return;
	}
	h->in_state = H1_MESSAGE_DONE;
	if (!tell_trailers(c))
		h->leg->ops->on_data(h->leg, slice_make("", 0), true);
}

static bool parse_body(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	struct slice data = {"", 0};
	ssize_t n;

	if (h->held || h->paused)
		return false;
	n = h->body.done ? 0 : h1_body_decode(&h->body, c->in + c->start, c->end - c->start, &data);
	if (n < 0) {
		protocol_error(c, (int)n);
		return true;
	}
	c->start += (uint32_t)n;
	if (!data.len && !h->body.done)
		return false;
	if (h->body.done && h->body.trailers && h->trailers->len > 2)
		give_before_trailers(c, data);
	else
		give(c, data);
	if (!c->dead && h->leg)
		h1_settle(c);
	return true;
}

static bool h1_parse(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);

	if (h->in_state == H1_MESSAGE_BODY && h->body.done)
		return parse_body(c);
	if (c->start == c->end)
		return false;
	if (h->in_state == H1_MESSAGE_BODY)
		return parse_body(c);
	return h->in_state != H1_MESSAGE_DONE && parse_head(c);
}

static void h1_on_eof(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	struct http_leg *leg = h->leg;

	if (!leg || h->in_state != H1_MESSAGE_BODY || h1_body_eof(&h->body) < 0) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	h->in_state = H1_MESSAGE_DONE;
	h->keep_alive = false;
	leg->ops->on_data(leg, slice_make("", 0), true);
	if (!c->dead && h->leg)
		h1_settle(c);
}

static bool h1_wants_read(const struct http_conn *c)
{
	const struct h1_conn *h = h1_of(c);

	return h->in_state != H1_MESSAGE_DONE &&
	       !(h->in_state == H1_MESSAGE_BODY && (h->held || h->paused || h->body.done));
}

static void h1_on_pause(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);

	if (h->leg)
		h->leg->ops->on_pause(h->leg);
	/* What was held is dealt with, or our end was sent after the peer's: nothing that comes in would tell. */
	if (!c->dead)
		h1_settle(c);
	if (!c->dead && !h->leg && c->start == c->end)
		http_in_release(c);
}

/* A client that goes away is noticed although its request has been read. */
static bool h1_is_over(const struct http_conn *c)
{
	const struct h1_conn *h = h1_of(c);

	return h->leg && c->role == HTTP_SERVER && h->in_state == H1_MESSAGE_DONE && h->tunnel != H1_TUNNEL_OPEN;
}

static void h1_resume(struct http_leg *leg)
{
	struct h1_conn *h = h1_of(leg->conn);

	h->held = h->paused = false;
	http_pump_later(leg->conn);
}

static void h1_pause(struct http_leg *leg)
{
	h1_of(leg->conn)->paused = true;
}

static bool h1_received(const struct http_leg *leg)
{
	return h1_of(leg->conn)->in_state == H1_MESSAGE_DONE;
}

/* ---- life ---- */

static void h1_open(struct http_conn *c)
{
	(void)c;
}

static void h1_close(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);

	if (h->leg)
		http_leg_detach(take(h->leg));
	if (h->trailers) {
		buf_done(h->trailers);
		free(take(h->trailers));
	}
}

static void h1_fail(struct http_conn *c, enum http_reset why)
{
	struct http_leg *leg = take(h1_of(c)->leg);

	if (!leg)
		return;
	http_leg_detach(leg);
	leg->ops->on_reset(leg, why);
}

static void h1_reset(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;
	struct h1_conn *h = h1_of(c);

	h->leg = NULL;
	http_leg_detach(leg);
	c->abort = h->out_state == H1_MESSAGE_BODY &&
		   (h->out_framing == HTTP_BODY_CLOSE || h->out_framing == HTTP_BODY_TUNNEL);
	c->ops->on_closed(c);
}

static bool h1_can_begin(const struct http_conn *c)
{
	return !h1_of(c)->leg;
}

static void h1_begin(struct http_conn *c, struct http_leg *leg)
{
	struct h1_conn *h = h1_of(c);

	assert(!h->leg);
	h->leg = leg;
	h->in_state = H1_MESSAGE_HEAD;
	h->out_state = H1_MESSAGE_HEAD;
	h->parser = (struct h1_parser){0};
	h->tunnel = H1_TUNNEL_NONE;
	h->interim = 0;
	h->announce = h->held = h->paused = false;
}

const struct http_codec h1_codec = {
	.alpn = "http/1.1",
	.version = HTTP_11,
	.open = h1_open,
	.close = h1_close,
	.fail = h1_fail,
	.make_room = make_room,
	.parse = h1_parse,
	.wants_read = h1_wants_read,
	.on_eof = h1_on_eof,
	.on_pause = h1_on_pause,
	.is_over = h1_is_over,
	.on_written = h1_on_written,
	.can_begin = h1_can_begin,
	.begin = h1_begin,
	.head = h1_leg_head,
	.data = h1_leg_data,
	.trailers = h1_leg_trailers,
	.busy = h1_leg_busy,
	.flush = h1_leg_flush,
	.resume = h1_resume,
	.pause = h1_pause,
	.reset = h1_reset,
	.received = h1_received,
};
