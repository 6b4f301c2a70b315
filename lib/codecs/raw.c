/* One exchange a connection; each direction ends with its end of stream. */
#include "codecs/raw.h"

#include <assert.h>

struct raw {
	struct http_leg *leg;
	bool asked, answered;
	bool in_done, out_done;
	bool held, paused;
	bool announce; /* on_room is owed */
	bool quiet;    /* writing inside the user's call: no events */
};

_Static_assert(sizeof(struct raw) <= HTTP_CODEC_STATE_BYTES, "the state must fit");

static struct raw *raw_of(const struct http_conn *c)
{
	return (struct raw *)(void *)c->state;
}

static void raw_open(struct http_conn *c)
{
	(void)c;
}

static void raw_close(struct http_conn *c)
{
	struct raw *r = raw_of(c);

	if (r->leg)
		http_leg_detach(take(r->leg));
}

static void raw_fail(struct http_conn *c, enum http_reset why)
{
	struct http_leg *leg = take(raw_of(c)->leg);

	if (!leg)
		return;
	http_leg_detach(leg);
	leg->ops->on_reset(leg, why);
}

/* Ends the exchange when both directions are through. */
static void settle(struct http_conn *c)
{
	struct raw *r = raw_of(c);
	struct http_leg *leg = r->leg;

	if (!leg || !r->in_done || !r->out_done || r->held || !http_out_empty(c))
		return;
	r->leg = NULL;
	http_leg_detach(leg);
	leg->ops->on_done(leg, false);
}

/* ---- receiving ---- */

static void raw_make_room(struct http_conn *c)
{
	size_t cap;

	if (c->in) {
		c->start = c->end = 0;
		return;
	}
	c->in = buffers_get(c->buffers, BUFFERS_SMALL_BYTES, &cap);
	c->in_cap = (uint32_t)cap;
	c->pin = c->start = c->end = 0;
}

static void answer(struct raw *r)
{
	struct http_head *h = r->leg->head;

	r->answered = true;
	http_clear(h);
	h->version = HTTP_11;
	h->status = 200;
	h->reason = slice_str(http_reason(200));
	h->framing = HTTP_BODY_TUNNEL;
	h->keep_alive = false;
	r->leg->ops->on_headers(r->leg, false);
}

static bool raw_parse(struct http_conn *c)
{
	struct raw *r = raw_of(c);
	struct slice data = slice_make(c->in + c->start, c->end - c->start);

	if (!r->leg || !r->asked)
		return false;
	if (!r->answered) {
		answer(r);
		return true;
	}
	if (!data.len || r->held || r->paused)
		return false;
	c->start = c->end;
	r->held = true;
	if (r->leg->ops->on_data(r->leg, data, false) == HTTP_GO)
		r->held = false;
	return true;
}

static bool raw_wants_read(const struct http_conn *c)
{
	const struct raw *r = raw_of(c);

	return r->leg && r->answered && !r->in_done && !r->held && !r->paused;
}

static void raw_on_eof(struct http_conn *c)
{
	struct raw *r = raw_of(c);
	struct http_leg *leg = r->leg;

	if (!leg) {
		http_closed(c);
		return;
	}
	r->in_done = true;
	leg->ops->on_data(leg, slice_make("", 0), true);
	if (!c->dead)
		settle(c);
}

static void raw_on_pause(struct http_conn *c)
{
	struct raw *r = raw_of(c);

	if (r->leg)
		r->leg->ops->on_pause(r->leg);
	if (!c->dead)
		settle(c);
	if (!c->dead && !r->held && c->start == c->end)
		http_in_release(c);
}

/* ---- sending ---- */

static void raw_on_written(struct http_conn *c)
{
	struct raw *r = raw_of(c);
	struct http_leg *leg = r->leg;

	if (r->out_done && http_out_empty(c))
		http_end(c);
	if (r->quiet || !leg)
		return;
	if (r->announce && !c->chunk.len) {
		r->announce = false;
		leg->ops->on_room(leg);
		if (c->dead)
			return;
	}
	settle(c);
}

static bool raw_can_begin(const struct http_conn *c)
{
	return !raw_of(c)->leg && !raw_of(c)->asked;
}

static void raw_begin(struct http_conn *c, struct http_leg *leg)
{
	assert(raw_can_begin(c));
	raw_of(c)->leg = leg;
}

/* Nothing of it is sent: who asked is answered at the end of this turn. */
static bool raw_head(struct http_leg *leg, const struct http_head *h, bool end)
{
	struct raw *r = raw_of(leg->conn);

	(void)h;
	r->asked = true;
	r->out_done = end;
	http_pump_later(leg->conn);
	return true;
}

static enum http_flow raw_data(struct http_leg *leg, struct slice data, bool end)
{
	struct http_conn *c = leg->conn;
	struct raw *r = raw_of(c);

	assert(!c->chunk.len && !r->out_done);
	r->out_done = end;
	if (c->write_dead)
		return HTTP_GO;
	c->chunk = data;
	r->quiet = true;
	http_write(c);
	r->quiet = false;
	r->announce = c->chunk.len > 0;
	if (end)
		http_pump_later(c);
	return r->announce ? HTTP_HELD : HTTP_GO;
}

static void raw_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	(void)t;
	(void)raw_data(leg, slice_make("", 0), true);
}

static bool raw_busy(const struct http_leg *leg)
{
	return leg->conn->chunk.len > 0;
}

static void raw_flush(struct http_leg *leg)
{
	if (!http_out_empty(leg->conn) && leg->conn->transport.can_write)
		http_write(leg->conn);
}

static void raw_resume(struct http_leg *leg)
{
	struct raw *r = raw_of(leg->conn);

	r->held = r->paused = false;
	http_pump_later(leg->conn);
}

static void raw_pause(struct http_leg *leg)
{
	raw_of(leg->conn)->paused = true;
}

static void raw_reset(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	raw_of(c)->leg = NULL;
	http_leg_detach(leg);
	c->abort = true;
	c->ops->on_closed(c);
}

static bool raw_received(const struct http_leg *leg)
{
	return raw_of(leg->conn)->in_done;
}

const struct http_codec raw_codec = {
	.alpn = "",
	.version = HTTP_11,
	.open = raw_open,
	.close = raw_close,
	.fail = raw_fail,
	.make_room = raw_make_room,
	.parse = raw_parse,
	.wants_read = raw_wants_read,
	.on_eof = raw_on_eof,
	.on_pause = raw_on_pause,
	.on_written = raw_on_written,
	.can_begin = raw_can_begin,
	.begin = raw_begin,
	.head = raw_head,
	.data = raw_data,
	.trailers = raw_trailers,
	.busy = raw_busy,
	.flush = raw_flush,
	.resume = raw_resume,
	.pause = raw_pause,
	.reset = raw_reset,
	.received = raw_received,
};
