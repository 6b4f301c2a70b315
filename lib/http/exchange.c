/* How an exchange ends, and what becomes of the connection: kept, closed, or a tunnel. */
#include "http/conn_internal.h"

/* ---- tunnels ---- */

/* It stays HTTP: what was to be the way into the tunnel has ended, and the connection with it when it was used. */
static void refuse_tunnel(struct http_conn *c)
{
	bool used = c->tunnel == HTTP_TUNNEL_CONNECT;

	c->tunnel = HTTP_TUNNEL_REFUSED;
	if (c->role == HTTP_CLIENT) {
		c->out_framing = HTTP_BODY_NONE;
		c->out_state = HTTP_MESSAGE_DONE;
		c->keep_alive &= !used;
	} else if (used) {
		h1_body_init(&c->body, HTTP_BODY_NONE, 0);
		c->in_state = HTTP_MESSAGE_DONE;
		c->start = c->end;
		c->close = true;
	}
}

static void open_tunnel(struct http_conn *c)
{
	c->tunnel = HTTP_TUNNEL_OPEN;
	if (c->role == HTTP_CLIENT)
		return;
	/* From here on the request's connection carries what it likes, too. */
	c->close = true;
	if (c->body.framing == HTTP_BODY_TUNNEL)
		return;
	h1_body_init(&c->body, HTTP_BODY_TUNNEL, 0);
	c->in_state = HTTP_MESSAGE_BODY;
	http_pump_later(c);
}

void http_answer_tunnel(struct http_conn *c, unsigned status, bool tunnel)
{
	bool fits = c->tunnel == HTTP_TUNNEL_CONNECT ? status / 100 == 2 : status == 101;

	if (c->tunnel == HTTP_TUNNEL_NONE)
		return;
	if (fits && tunnel &&
	    (c->role == HTTP_CLIENT || c->in_state == HTTP_MESSAGE_DONE || c->body.framing == HTTP_BODY_TUNNEL))
		open_tunnel(c);
	else
		refuse_tunnel(c);
}

/* ---- the end of an exchange ---- */

/* A client is through with its response, a server with its response sent, whatever became of the request. */
static bool is_through(const struct http_conn *c)
{
	bool in = c->in_state == HTTP_MESSAGE_DONE && !c->held;
	bool out = c->out_state == HTTP_MESSAGE_DONE && http_out_empty(c);

	if (c->out_framing == HTTP_BODY_TUNNEL || c->body.framing == HTTP_BODY_TUNNEL)
		return in && out;
	return c->role == HTTP_SERVER ? out && !c->held : in;
}

static bool is_reusable(struct http_conn *c)
{
	bool whole = c->in_state == HTTP_MESSAGE_DONE && c->out_state == HTTP_MESSAGE_DONE && http_out_empty(c);

	if (!whole || c->write_dead || c->transport.eof || c->body.framing == HTTP_BODY_TUNNEL)
		return false;
	if (c->role == HTTP_SERVER)
		return !c->close;
	/* What already stands behind the response would be taken for the answer to the next request. */
	return c->keep_alive && c->start == c->end && !transport_waiting(&c->transport);
}

void http_settle(struct http_conn *c)
{
	struct http_leg *leg = c->leg;
	bool reusable;

	if (!leg || !is_through(c))
		return;
	reusable = is_reusable(c);
	c->leg = NULL;
	leg->conn = NULL;
	c->in_state = c->out_state = HTTP_MESSAGE_IDLE;
	c->paused = c->announce = false;
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
