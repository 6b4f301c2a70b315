/* How an exchange ends, and what becomes of the connection: kept, closed, or a tunnel. */
#include "h1/codec_internal.h"

/* ---- tunnels ---- */

/* It stays HTTP: what was to be the way into the tunnel has ended, and the connection with it when it was used. */
static void refuse_tunnel(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	bool used = h->tunnel == H1_TUNNEL_CONNECT;

	h->tunnel = H1_TUNNEL_REFUSED;
	if (c->role == HTTP_CLIENT) {
		h->out_framing = HTTP_BODY_NONE;
		h->out_state = H1_MESSAGE_DONE;
		h->keep_alive &= !used;
	} else if (used) {
		h1_body_init(&h->body, HTTP_BODY_NONE, 0);
		h->in_state = H1_MESSAGE_DONE;
		c->start = c->end;
		c->last = true;
	}
}

static void open_tunnel(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);

	h->tunnel = H1_TUNNEL_OPEN;
	if (c->role == HTTP_CLIENT)
		return;
	/* From here on the request's connection carries what it likes, too. */
	c->last = true;
	if (h->body.framing == HTTP_BODY_TUNNEL)
		return;
	h1_body_init(&h->body, HTTP_BODY_TUNNEL, 0);
	h->in_state = H1_MESSAGE_BODY;
	http_pump_later(c);
}

void h1_answer_tunnel(struct http_conn *c, unsigned status, bool tunnel)
{
	struct h1_conn *h = h1_of(c);
	bool fits = h->tunnel == H1_TUNNEL_CONNECT ? status / 100 == 2 : status == 101;

	if (h->tunnel == H1_TUNNEL_NONE)
		return;
	if (fits && tunnel &&
	    (c->role == HTTP_CLIENT || h->in_state == H1_MESSAGE_DONE || h->body.framing == HTTP_BODY_TUNNEL))
		open_tunnel(c);
	else
		refuse_tunnel(c);
}

/* ---- the end of an exchange ---- */

/* A client is through with its response, a server with its response sent, whatever became of the request. */
static bool is_through(const struct http_conn *c)
{
	const struct h1_conn *h = h1_of(c);
	bool in = h->in_state == H1_MESSAGE_DONE && !h->held;
	bool out = h->out_state == H1_MESSAGE_DONE && http_out_empty(c);

	if (h->out_framing == HTTP_BODY_TUNNEL || h->body.framing == HTTP_BODY_TUNNEL)
		return in && out;
	return c->role == HTTP_SERVER ? out && !h->held : in;
}

static bool is_reusable(struct http_conn *c)
{
	const struct h1_conn *h = h1_of(c);
	bool whole = h->in_state == H1_MESSAGE_DONE && h->out_state == H1_MESSAGE_DONE && http_out_empty(c);

	if (!whole || c->write_dead || c->transport.eof || h->body.framing == HTTP_BODY_TUNNEL)
		return false;
	if (c->role == HTTP_SERVER)
		return !c->last;
	/* What already stands behind the response would be taken for the answer to the next request. */
	return h->keep_alive && c->start == c->end && !http_waiting(c);
}

void h1_settle(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	struct http_leg *leg = h->leg;
	bool reusable;

	if (!leg || !is_through(c))
		return;
	reusable = is_reusable(c);
	h->leg = NULL;
	http_leg_detach(leg);
	h->in_state = h->out_state = H1_MESSAGE_IDLE;
	h->paused = h->announce = false;
	if (!http_out_empty(c))
		http_out_release(c, true);
	/* The head lives in the buffer until its user is done with it. */
	leg->ops->on_done(leg, reusable);
	if (c->dead)
		return;
	buffers_put(c->buffers, take(c->old), c->old_cap);
	c->pin = 0;
	if (c->start == c->end)
		http_in_release(c);
	if (c->role == HTTP_CLIENT)
		return;
	if (!reusable)
		http_conn_close_gracefully(c);
	else if (c->start < c->end || c->transport.can_read)
		http_pump_later(c);
}
