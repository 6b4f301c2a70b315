/* The sending half: heads, chunk sizes and trailers around the user's own bytes. */
#include "h1/codec_internal.h"

#include <assert.h>

#define HEAD_EXTRA_BYTES 96

void h1_on_written(struct http_conn *c)
{
	struct h1_conn *h = h1_of(c);
	struct http_leg *leg = h->leg;

	if (h->out_framing == HTTP_BODY_TUNNEL && h->out_state == H1_MESSAGE_DONE && http_out_empty(c))
		http_end(c);
	if (h->quiet)
		return;
	if (leg && h->announce && !c->chunk.len) {
		h->announce = false;
		leg->ops->on_room(leg);
		if (c->dead || h->leg != leg)
			return;
	}
	h1_settle(c);
}

static void write_quietly(struct http_conn *c)
{
	h1_of(c)->quiet = true;
	http_write(c);
	h1_of(c)->quiet = false;
}

/* ---- heads ---- */

/* An empty message that nothing says to be so: its reader would wait for more (RFC 9112 6.3). */
static bool must_say_empty(const struct http_conn *c, const struct http_head *head, bool end)
{
	const struct h1_conn *h = h1_of(c);

	if (!end || (head->known & (1u << HTTP_NAME_CONTENT_LENGTH)))
		return false;
	if (c->role == HTTP_CLIENT)
		return head->method_id == HTTP_POST || head->method_id == HTTP_PUT || head->method_id == HTTP_PATCH;
	return head->status >= 200 && head->status != 204 && head->status != 304 && h->method != HTTP_HEAD &&
	       !(h->method == HTTP_CONNECT && head->status / 100 == 2);
}

static void add_tail(char **p, const struct http_conn *c, const struct http_head *head, bool end)
{
	const struct h1_conn *h = h1_of(c);
	const char *extra = "\r\n";

	if (h->out_framing == HTTP_BODY_OPEN)
		extra = "transfer-encoding: chunked\r\n\r\n";
	if (must_say_empty(c, head, end))
		*p = stpcpy(*p, "content-length: 0\r\n");
	if (c->role == HTTP_CLIENT && (head->known & (1u << HTTP_NAME_TE)))
		*p = stpcpy(*p, "connection: te\r\n");
	if (c->role == HTTP_SERVER && head->status >= 200 && c->last)
		*p = stpcpy(*p, "connection: close\r\n");
	else if (c->role == HTTP_SERVER && head->status >= 200 && h->minor0)
		*p = stpcpy(*p, "connection: keep-alive\r\n");
	*p = stpcpy(*p, extra);
}

static void choose_framing(struct http_conn *c, const struct http_head *head, bool end)
{
	struct h1_conn *h = h1_of(c);

	h->out_framing = end ? HTTP_BODY_NONE : head->framing;
	if (c->role == HTTP_CLIENT || end)
		return;
	if (head->framing == HTTP_BODY_CLOSE || head->framing == HTTP_BODY_OPEN)
		h->out_framing = h->minor0 ? HTTP_BODY_CLOSE : HTTP_BODY_OPEN;
	if (h->out_framing == HTTP_BODY_TUNNEL && h->tunnel != H1_TUNNEL_OPEN)
		h->out_framing = HTTP_BODY_CLOSE;
	if (h->out_framing == HTTP_BODY_CLOSE)
		c->last = true;
}

static void choose_tunnel(struct http_conn *c, const struct http_head *head, bool end)
{
	struct h1_conn *h = h1_of(c);
	bool tunnel = head->framing == HTTP_BODY_TUNNEL && !end;

	if (c->role == HTTP_SERVER)
		h1_answer_tunnel(c, head->status, tunnel);
	else if (!tunnel)
		h->tunnel = H1_TUNNEL_NONE;
	else
		h->tunnel = head->method_id == HTTP_CONNECT ? H1_TUNNEL_CONNECT : H1_TUNNEL_UPGRADE;
}

static void put_interim(struct http_conn *c, char *p, const struct http_head *head)
{
	char *from = p;

	if (!p)
		return;
	p = stpcpy(h1_write_response(p, head), "\r\n");
	if (c->options.proper_case)
		h1_proper_case(from, p);
	c->out_end = (uint32_t)(p - c->out);
	http_write(c);
}

static bool is_interim(const struct http_conn *c, const struct http_head *head)
{
	return c->role == HTTP_SERVER && head->status < 200 && head->status != 101;
}

bool h1_leg_head(struct http_leg *leg, const struct http_head *head, bool end)
{
	struct http_conn *c = leg->conn;
	struct h1_conn *h = h1_of(c);
	size_t size = h1_head_bound(head) + HEAD_EXTRA_BYTES;
	bool interim = is_interim(c, head);
	char *p, *from;

	if (size > HTTP_HEAD_OUT_MAX_BYTES)
		return false;
	/* A reader that is slow would make us pile them up. */
	if (interim && !http_out_empty(c))
		return true;
	p = c->write_dead ? NULL : http_out_reserve(c, size);
	if (!p && !c->write_dead)
		http_write_failed(c);
	if (interim) {
		put_interim(c, p, head);
		return true;
	}
	if (c->role == HTTP_CLIENT)
		h->method = head->method_id;
	choose_tunnel(c, head, end);
	choose_framing(c, head, end);
	/* Also when nobody hears it any more: the body that follows is dropped like the head. */
	h->out_state = end ? H1_MESSAGE_DONE : H1_MESSAGE_BODY;
	if (!p)
		return true;
	from = p;
	p = c->role == HTTP_SERVER ? h1_write_response(p, head) : h1_write_request(p, head);
	add_tail(&p, c, head, end);
	if (c->options.proper_case)
		h1_proper_case(from, p);
	c->out_end = (uint32_t)(p - c->out);
	if (end)
		http_write(c);
	return true;
}

/* ---- bodies ---- */

static bool queue_chunk(struct http_conn *c, struct slice data, bool end)
{
	char *p = http_out_reserve(c, H1_CHUNK_HEAD_MAX + c->tail.len + 8);

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
		h1_settle(c);
	else if (h1_of(c)->in_state == H1_MESSAGE_DONE)
		http_pump_later(c);
}

enum http_flow h1_leg_data(struct http_leg *leg, struct slice data, bool end)
{
	struct http_conn *c = leg->conn;
	struct h1_conn *h = h1_of(c);

	/* Nobody reads what was meant for a tunnel that is none. */
	if (c->role == HTTP_CLIENT && h->tunnel == H1_TUNNEL_REFUSED)
		return HTTP_GO;
	assert(!c->chunk.len && h->out_state == H1_MESSAGE_BODY);
	if (end)
		h->out_state = H1_MESSAGE_DONE;
	if (!c->write_dead && h->out_framing == HTTP_BODY_OPEN && !queue_chunk(c, data, end))
		http_write_failed(c);
	if (c->write_dead) {
		if (end && c->role == HTTP_CLIENT)
			ended(c);
		return HTTP_GO;
	}
	c->chunk = data;
	write_quietly(c);
	if (c->chunk.len) {
		h->announce = true;
		return HTTP_HELD;
	}
	if (end)
		ended(c);
	return HTTP_GO;
}

static size_t trailers_bound(const struct http_trailers *t)
{
	size_t n = 16;

	for (size_t i = 0; i < t->n; i++)
		n += t->v[i].name.len + t->v[i].value.len + 4;
	return n;
}

/* A peer that did not ask for chunks, or for trailers, gets none. */
void h1_leg_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	struct http_conn *c = leg->conn;
	struct h1_conn *h = h1_of(c);
	char *p, *from;

	if (h->out_framing != HTTP_BODY_OPEN || !c->options.trailers || c->write_dead) {
		(void)h1_leg_data(leg, slice_make("", 0), true);
		return;
	}
	assert(!c->chunk.len && h->out_state == H1_MESSAGE_BODY);
	h->out_state = H1_MESSAGE_DONE;
	p = http_out_reserve(c, c->tail.len + trailers_bound(t));
	if (!p) {
		http_write_failed(c);
		return;
	}
	if (c->tail.len)
		p = mempcpy(p, c->tail.ptr, c->tail.len);
	c->tail = slice_make("", 0);
	p = from = stpcpy(p, "0\r\n");
	for (size_t i = 0; i < t->n; i++) {
		p = mempcpy(p, t->v[i].name.ptr, t->v[i].name.len);
		p = stpcpy(p, ": ");
		if (t->v[i].value.len)
			p = mempcpy(p, t->v[i].value.ptr, t->v[i].value.len);
		p = stpcpy(p, "\r\n");
	}
	p = stpcpy(p, "\r\n");
	if (c->options.proper_case)
		h1_proper_case(from - 2, p);
	c->out_end = (uint32_t)(p - c->out);
	write_quietly(c);
	if (http_out_empty(c))
		ended(c);
}

bool h1_leg_busy(const struct http_leg *leg)
{
	return leg->conn->chunk.len > 0;
}

void h1_leg_flush(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	if (!http_out_empty(c) && c->transport.can_write)
		http_write(c);
}
