/* What a leg sends. Bytes are copied into the stream's buffer and leave together at the end of the turn. */
#include <assert.h>
#include <stdlib.h>

#include "h2/codec_internal.h"

/* Interim responses of one exchange; further ones are dropped. */
#define INTERIM_SENT_MAX 8

/* The block could not be sent: the leg hears of it later, as of any other end. */
static void refuse(struct h2_exchange *x, uint32_t error)
{
	x->over = true;
	x->error = error;
	h2_ready(x);
}

static void submit_request(struct h2_exchange *x, const struct h2_header *v, size_t n, bool end)
{
	struct h2_conn *h = h2_conn_of(x->conn);
	int r = h2_request(h->session, v, n, end, x, &x->st);

	if (r < 0)
		refuse(x, r == -EAGAIN ? H2_REFUSED_STREAM : H2_INTERNAL_ERROR);
}

static void send_request(struct h2_exchange *x, const struct http_head *head, bool end)
{
	struct h2_conn *h = h2_conn_of(x->conn);
	struct h2_header v[H2_HEAD_MAX];
	size_t n = h2_write_request(head, x->conn->transport.tls != NULL, v);

	x->head_request = head->method_id == HTTP_HEAD;
	if (head->framing == HTTP_BODY_TUNNEL) {
		x->tunnel = H2_TUNNEL_ASKED;
		if (head->method_id != HTTP_CONNECT)
			x->protocol = http_get_id(head, HTTP_NAME_UPGRADE);
		if (x->protocol.len && !h->settled) {
			x->waiting = h2_block_copy(h2_spares(x->conn), v, n, end);
			h->some_waiting = true;
			return;
		}
		if (x->protocol.len && !h2_peer_connect_protocol(h->session)) {
			refuse(x, H2_HTTP_1_1_REQUIRED);
			return;
		}
	}
	submit_request(x, v, n, end);
}

void h2_send_waiting(struct h2_conn *h)
{
	struct h2_exchange *x;

	h->some_waiting = false;
	LIST_EACH (x, &h->exchanges, link) {
		struct h2_block *b = take(x->waiting);

		if (b && h2_peer_connect_protocol(h->session))
			submit_request(x, b->v, b->n, b->end);
		else if (b)
			refuse(x, H2_HTTP_1_1_REQUIRED);
		spares_put(h2_spares(x->conn), b);
	}
}

static void send_response(struct h2_exchange *x, const struct http_head *head, bool end)
{
	struct h2_header v[H2_HEAD_MAX];
	char status[H2_STATUS_BYTES];
	bool opens = x->tunnel == H2_TUNNEL_ASKED && head->status == 101 && !end;
	size_t n = h2_write_response(head, opens, status, v);

	if (head->status < 200 && !opens) {
		/* A reader that is slow would make us pile them up. */
		if (++x->interim > INTERIM_SENT_MAX || !http_out_empty(x->conn))
			return;
		(void)h2_respond(x->st, H2_INFORMATIONAL, v, n, false);
		return;
	}
	if (opens) {
		x->tunnel = H2_TUNNEL_OPEN;
		h2_ready(x); /* what waited */
	} else if (x->tunnel == H2_TUNNEL_ASKED) {
		x->tunnel = H2_TUNNEL_NONE;
	}
	x->sent_head = true;
	x->sent_end = end;
	if (h2_respond(x->st, H2_RESPONSE, v, n, end) < 0)
		h2_reset(x->st, H2_INTERNAL_ERROR);
}

static size_t bound(const struct http_head *h)
{
	size_t n = h->method.len + h->target.len + 64;

	for (int i = 0; i < h->n_fields; i++)
		n += (size_t)h->fields[i].name_len + h->fields[i].value_len + 4;
	return n;
}

bool h2_leg_head(struct http_leg *leg, const struct http_head *head, bool end)
{
	struct h2_exchange *x = leg->stream;

	if (bound(head) > HTTP_HEAD_OUT_MAX_BYTES)
		return false;
	if (x->over)
		return true;
	if (x->conn->role == HTTP_CLIENT) {
		x->sent_end = end;
		send_request(x, head, end);
	} else {
		send_response(x, head, end);
	}
	http_pump_later(x->conn);
	return true;
}

enum http_flow h2_leg_data(struct http_leg *leg, struct slice data, bool end)
{
	struct h2_exchange *x = leg->stream;

	if (x->sent_end)
		return HTTP_GO;
	x->sent_end = end;
	if (!x->st || (end && !data.len && x->over))
		return HTTP_GO;
	h2_write(x->st, data, end);
	http_pump_later(x->conn);
	if (end || h2_room(x->st))
		return HTTP_GO;
	x->owes_room = true;
	return HTTP_HELD;
}

void h2_leg_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	struct h2_exchange *x = leg->stream;
	struct h2_header v[HTTP_TRAILERS_MAX];
	size_t n;

	if (x->sent_end)
		return;
	x->sent_end = true;
	if (!x->st)
		return;
	n = h2_write_trailers(t, v);
	h2_trailers(x->st, v, n);
	http_pump_later(x->conn);
}

bool h2_leg_busy(const struct http_leg *leg)
{
	return ((struct h2_exchange *)leg->stream)->owes_room;
}

void h2_leg_flush(struct http_leg *leg)
{
	http_pump_later(leg->conn);
}
