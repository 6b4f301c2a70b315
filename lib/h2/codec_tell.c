/* What an exchange's leg hears: head, data, end, room, and how it was over; in this order, each once. */
#include <stdlib.h>

#include "h2/codec_internal.h"

/* The leg is off: its exchange is done or dead. */
static struct http_leg *take_leg(struct h2_exchange *x)
{
	struct http_leg *leg = take(x->leg);

	leg->stream = NULL;
	http_leg_detach(leg);
	h2_conn_of(x->conn)->freed = true;
	return leg;
}

static bool alive(const struct h2_exchange *x, const struct http_conn *c)
{
	return !c->dead && x->leg;
}

static void reset_leg(struct h2_exchange *x, enum http_reset why)
{
	struct http_leg *leg = take_leg(x);

	leg->ops->on_reset(leg, why);
}

/* ---- heads ---- */

static void tell_request(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;
	int r;

	x->leg = http_open_exchange(c);
	if (!x->leg)
		return;
	x->leg->stream = x;
	r = h2_read_request(x, x->leg->head);
	if (r < 0) {
		x->end = x->end_told = true;
		x->leg->ops->on_bad(x->leg, r);
		return;
	}
	x->end_told = x->head->end;
	/* An upgrade's head is all there is of the request until it is answered. */
	x->leg->ops->on_headers(x->leg, x->head->end || x->tunnel == H2_TUNNEL_ASKED);
}

static void tell_response(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;
	int r = h2_read_response(x, x->leg->head);

	if (r < 0) {
		c->error = (int8_t)r;
		if (x->st)
			h2_reset(x->st, H2_PROTOCOL_ERROR);
		reset_leg(x, HTTP_RESET_PROTOCOL);
		return;
	}
	x->end_told = x->no_body;
	x->leg->ops->on_headers(x->leg, x->no_body);
}

/* What is no interim response is passed over: the final one is what counts. */
static void tell_interim(struct h2_exchange *x)
{
	struct spares *spares = h2_spares(x->conn);
	struct h2_block *b = take(x->early);

	if (x->leg->ops->on_interim && h2_read_interim(b, x->leg->head) == 0)
		x->leg->ops->on_interim(x->leg);
	spares_put(spares, b);
}

/* ---- bodies ---- */

static bool may_give(const struct h2_exchange *x)
{
	return !x->held && !x->paused && x->tunnel != H2_TUNNEL_ASKED;
}

static void chunk_free(struct h2_exchange *x, struct h2_chunk *k)
{
	if (x->st)
		h2_consume(x->st, k->len);
	list_remove(&k->link);
	spares_put(h2_spares(x->conn), k);
}

/* What was held is dealt with. */
static void drop_given(struct h2_exchange *x)
{
	struct h2_chunk *k = list_empty(&x->chunks) ? NULL : LIST_FIRST(&x->chunks, struct h2_chunk, link);

	if (k && k->at && !x->held)
		chunk_free(x, k);
}

/* Gives the first chunk. False when nothing more can be given now. */
static bool give(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;
	struct h2_chunk *k = LIST_FIRST(&x->chunks, struct h2_chunk, link);
	bool last = x->end && !x->trailers && k->link.next == &x->chunks;
	enum http_flow flow;

	k->at = k->len;
	x->held = x->in_data = true;
	x->end_told = last;
	flow = x->leg->ops->on_data(x->leg, slice_make(k->bytes, k->len), last);
	if (c->dead)
		return false;
	x->in_data = false;
	if (flow == HTTP_GO)
		x->held = false;
	if (!x->leg)
		return false;
	drop_given(x);
	return !x->held;
}

static void tell_end(struct h2_exchange *x)
{
	struct spares *spares = h2_spares(x->conn);
	struct h2_block *b = take(x->trailers);
	struct http_trailers t;

	x->end_told = true;
	if (!b) {
		(void)x->leg->ops->on_data(x->leg, slice_make("", 0), true);
		return;
	}
	h2_read_trailers(b, &t);
	x->leg->ops->on_trailers(x->leg, &t);
	spares_put(spares, b);
}

static void tell_body(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;

	drop_given(x);
	while (may_give(x) && !list_empty(&x->chunks))
		if (!give(x))
			break;
	if (alive(x, c) && may_give(x) && list_empty(&x->chunks) && x->end && !x->end_told)
		tell_end(x);
}

/* ---- the end ---- */

static enum http_reset why_over(const struct h2_exchange *x)
{
	if (x->error == H2_REFUSED_STREAM)
		return HTTP_RESET_REFUSED;
	if (x->by_peer)
		return HTTP_RESET_REMOTE;
	return x->error == H2_PROTOCOL_ERROR || x->error == H2_ENHANCE_YOUR_CALM ? HTTP_RESET_PROTOCOL
										 : HTTP_RESET_PEER;
}

static void done(struct h2_exchange *x)
{
	struct http_leg *leg = take_leg(x);

	leg->ops->on_done(leg, true);
}

/*
 * A client is through when it has the response: what is left of its request nobody needs. A server is when its response
 * has left and the stream is closed.
 */
static void tell_over(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;
	bool tunnel = x->tunnel == H2_TUNNEL_OPEN;

	if (c->role == HTTP_CLIENT && x->end_told && !x->held && (!tunnel || x->sent_end)) {
		if (x->st && (!x->sent_end || h2_waiting(x->st)))
			h2_reset(x->st, H2_NO_ERROR);
		done(x);
		return;
	}
	if (!x->over)
		return;
	if (x->error == H2_NO_ERROR && x->sent_end) {
		if (c->role == HTTP_SERVER && !x->held && (!tunnel || x->end_told))
			done(x);
		return; /* the rest of what came is still being given on */
	}
	if (x->error == H2_PROTOCOL_ERROR)
		c->error = HTTP_ERR_FRAMING;
	reset_leg(x, why_over(x));
}

static void tell_leg(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;

	if (x->early && x->leg)
		tell_interim(x);
	if (c->dead)
		return;
	if (x->head && !x->head_told) {
		x->head_told = true;
		if (c->role == HTTP_SERVER)
			tell_request(x);
		else if (x->leg)
			tell_response(x);
	}
	if (alive(x, c) && x->head_told)
		tell_body(x);
	if (alive(x, c) && x->room) {
		x->room = x->owes_room = false;
		x->leg->ops->on_room(x->leg);
	}
	if (alive(x, c))
		tell_over(x);
}

void h2_tell(struct h2_exchange *x)
{
	struct http_conn *c = x->conn;
	struct h2_conn *h = h2_conn_of(c);

	/* A request whose stream is closed already is none. */
	if (x->over && c->role == HTTP_SERVER && !x->head_told)
		x->head_told = true;
	x->busy = true;
	tell_leg(x);
	if (c->dead)
		return; /* and x with it */
	x->busy = false;
	if (!x->leg)
		h2_exchange_leave(x);
	else if (!list_linked(&x->touched))
		list_append(&h->touched, &x->touched);
}
