/* The life of a connection, and what its session tells: kept with the exchanges until the session is off the stack. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "h2/codec_internal.h"

_Static_assert(sizeof(struct h2_conn *) <= HTTP_CODEC_STATE_BYTES, "the state must fit");

/* What a peer may open at once when nobody says. */
#define MAX_STREAMS 256

/* ---- exchanges ---- */

static struct h2_exchange *exchange_new(struct h2_conn *h, struct h2_stream *st)
{
	struct h2_exchange *x = spares_get_zeroed(h2_spares(h->conn), sizeof(*x));

	x->conn = h->conn;
	x->st = st;
	list_init(&x->chunks);
	list_append(&h->exchanges, &x->link);
	return x;
}

static void drop_chunks(struct h2_exchange *x)
{
	while (!list_empty(&x->chunks)) {
		struct h2_chunk *k = LIST_FIRST(&x->chunks, struct h2_chunk, link);

		if (x->st)
			h2_consume(x->st, k->len);
		list_remove(&k->link);
		spares_put(h2_spares(x->conn), k);
	}
}

static void exchange_free(struct h2_exchange *x)
{
	struct spares *s = h2_spares(x->conn);

	drop_chunks(x);
	list_remove(&x->link);
	list_remove(&x->ready);
	list_remove(&x->touched);
	list_remove(&x->doomed);
	spares_put(s, x->head);
	spares_put(s, x->trailers);
	spares_put(s, x->early);
	spares_put(s, x->waiting);
	free(x->cookies);
	spares_put(s, x);
}

void h2_ready(struct h2_exchange *x)
{
	struct h2_conn *h = h2_conn_of(x->conn);

	if (!list_linked(&x->ready))
		list_append(&h->ready, &x->ready);
	http_pump_later(x->conn);
}

/* Nobody reads what still comes of it. */
void h2_exchange_leave(struct h2_exchange *x)
{
	struct h2_conn *h = h2_conn_of(x->conn);

	if (x->leg) {
		take(x->leg)->stream = NULL;
		h->freed = true;
	}
	drop_chunks(x);
	if (!x->st && !x->busy)
		exchange_free(x);
}

/* ---- what the session tells ---- */

static void on_headers(void *user, struct h2_stream *st, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool end)
{
	struct h2_conn *h = user;
	struct h2_exchange *x = h2_user(st);

	if (kind == H2_REQUEST) {
		x = exchange_new(h, st);
		h2_set_user(st, x);
	}
	if (!x)
		return;
	switch (kind) {
	case H2_REQUEST:
	case H2_RESPONSE:
		x->head = h2_block_copy(h2_spares(x->conn), v, n, end);
		break;
	case H2_INFORMATIONAL:
		if (++x->interim > HTTP_INTERIM_MAX) {
			h2_reset(st, H2_ENHANCE_YOUR_CALM);
			return;
		}
		if (!x->early)
			x->early = h2_block_copy(h2_spares(x->conn), v, n, end);
		break;
	case H2_TRAILERS:
		if (!x->trailers)
			x->trailers = h2_block_copy(h2_spares(x->conn), v, n, end);
		break;
	}
	h2_ready(x);
}

static void on_data(void *user, struct h2_stream *st, struct slice bytes)
{
	struct h2_exchange *x = h2_user(st);
	struct h2_chunk *k;

	(void)user;
	if (!x || x->no_body || (x->head_told && !x->leg)) {
		h2_consume(st, bytes.len);
		return;
	}
	k = spares_get(h2_spares(x->conn), sizeof(*k) + bytes.len);
	*k = (struct h2_chunk){.len = bytes.len};
	memcpy(k->bytes, bytes.ptr, bytes.len);
	list_append(&x->chunks, &k->link);
	h2_ready(x);
}

static void on_end(void *user, struct h2_stream *st)
{
	struct h2_exchange *x = h2_user(st);

	(void)user;
	if (!x)
		return;
	x->end = true;
	h2_ready(x);
}

static void on_room(void *user, struct h2_stream *st)
{
	struct h2_exchange *x = h2_user(st);

	(void)user;
	if (!x || !x->owes_room)
		return;
	x->room = true;
	h2_ready(x);
}

static void on_close(void *user, struct h2_stream *st, uint32_t error)
{
	struct h2_conn *h = user;
	struct h2_exchange *x = h2_user(st);

	if (!x || h->ending)
		return;
	x->by_peer = h2_reset_by_peer(st);
	list_remove(&x->doomed);
	x->st = NULL;
	x->over = true;
	x->error = error;
	h->freed = true;
	if (x->leg || !x->head_told)
		h2_ready(x);
	else if (!x->busy)
		exchange_free(x);
}

static void on_goaway(void *user, uint32_t last_id, uint32_t error)
{
	struct h2_conn *h = user;

	(void)last_id;
	(void)error;
	h->freed = true;
	h->conn->last = true;
}

static void on_pong(void *user)
{
	http_conn_pong(((struct h2_conn *)user)->conn);
}

static void on_settings(void *user)
{
	struct h2_conn *h = user;

	h->settled = h->freed = true;
}

static const struct h2_ops session_ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_end = on_end,
	.on_room = on_room,
	.on_close = on_close,
	.on_goaway = on_goaway,
	.on_pong = on_pong,
	.on_settings = on_settings,
};

/* ---- life ---- */

static void codec_open(struct http_conn *c)
{
	struct h2_conn *h = NEW(struct h2_conn);
	struct h2_settings s = {
		.max_streams = c->options.max_streams ? c->options.max_streams : MAX_STREAMS,
		.stream_window_bytes = c->options.stream_window_bytes,
		.session_window_bytes = c->options.conn_window_bytes,
		.max_header_bytes = c->options.max_head_bytes,
		.connect_protocol = c->options.connect,
		.spares = h2_spares(c),
	};

	h->conn = c;
	list_init(&h->exchanges);
	list_init(&h->ready);
	list_init(&h->touched);
	list_init(&h->doomed);
	memcpy(c->state, &h, sizeof(h));
	h->session = h2_new(c->role == HTTP_SERVER, &s, &session_ops, h);
	http_pump_later(c);
}

static void codec_close(struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);

	h->ending = true;
	while (!list_empty(&h->exchanges)) {
		struct h2_exchange *x = LIST_FIRST(&h->exchanges, struct h2_exchange, link);

		if (x->leg) {
			x->leg->stream = NULL;
			http_leg_detach(take(x->leg));
		}
		if (x->st)
			h2_set_user(x->st, NULL);
		exchange_free(x);
	}
	h2_free(h->session);
	free(h);
	memset(c->state, 0, sizeof(h));
}

static void codec_fail(struct http_conn *c, enum http_reset why)
{
	while (!c->dead) {
		struct h2_conn *h = h2_conn_of(c);
		struct h2_exchange *x, *found = NULL;
		struct http_leg *leg;

		LIST_EACH (x, &h->exchanges, link) {
			if (x->leg) {
				found = x;
				break;
			}
		}
		if (!found)
			return;
		leg = take(found->leg);
		leg->stream = NULL;
		http_leg_detach(leg);
		leg->ops->on_reset(leg, why);
	}
}

static void make_room(struct http_conn *c)
{
	size_t cap;

	if (c->in)
		return;
	c->in = buffers_get(c->buffers, BUFFERS_SMALL_BYTES, &cap);
	c->in_cap = (uint32_t)cap;
	c->start = c->end = 0;
}

static void receive(struct http_conn *c, struct h2_conn *h)
{
	struct slice bytes = slice_make(c->in + c->start, c->end - c->start);

	c->start = c->end = 0;
	if (h2_recv(h->session, bytes, NULL) < 0)
		h->broken = true;
	if (h->settled && h->some_waiting)
		h2_send_waiting(h);
}

/* The session is off the stack: each exchange that has something to tell does so. */
static void tell_all(struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);
	struct list round;

	list_init(&round);
	list_splice(&round, &h->ready);
	while (!c->dead && !list_empty(&round)) {
		struct h2_exchange *x = LIST_FIRST(&round, struct h2_exchange, ready);

		list_remove(&x->ready);
		h2_tell(x);
	}
}

static bool codec_parse(struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);

	if (c->start < c->end)
		receive(c, h);
	tell_all(c);
	if (c->dead)
		return false;
	if (h->broken) {
		http_write(c); /* the reason */
		if (!c->dead)
			http_fail(c, HTTP_RESET_PROTOCOL);
		return false;
	}
	if (take(h->freed) && c->role == HTTP_CLIENT && c->ops->on_free)
		c->ops->on_free(c);
	return !c->dead && !list_empty(&h->ready);
}

static bool wants_read(const struct http_conn *c)
{
	return !h2_conn_of(c)->broken;
}

static void on_eof(struct http_conn *c)
{
	http_fail(c, HTTP_RESET_PEER);
}

/* Those who heard something may have something to pass on; then all that was said leaves together. */
static void on_pause(struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);

	while (!list_empty(&h->touched)) {
		struct h2_exchange *x = LIST_FIRST(&h->touched, struct h2_exchange, touched);

		list_remove(&x->touched);
		if (x->leg)
			x->leg->ops->on_pause(x->leg);
		if (c->dead)
			return;
	}
	if (c->start == c->end)
		http_in_release(c);
	http_write(c);
	if (c->dead || list_empty(&h->doomed))
		return;
	while (!list_empty(&h->doomed)) {
		struct h2_exchange *x = LIST_FIRST(&h->doomed, struct h2_exchange, doomed);

		list_remove(&x->doomed);
		h2_reset(x->st, H2_INTERNAL_ERROR);
	}
	http_write(c);
}

/* ---- sending ---- */

static void refill(struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);

	h2_output_done(h->session, h->given - c->chunk.len);
	c->chunk = h2_output(h->session);
	h->given = c->chunk.len;
}

static void on_written(struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);

	if (c->write_dead) {
		h->given = 0;
		return;
	}
	if (!list_empty(&h->ready) || h->freed)
		http_pump_later(c);
	if (c->chunk.len || c->closing || !h2_finished(h->session) || !list_empty(&h->ready))
		return;
	if (c->exchanges)
		http_fail(c, HTTP_RESET_PROTOCOL); /* nothing will end them any more */
	else if (c->role == HTTP_SERVER)
		http_conn_close_gracefully(c);
	else
		http_closed(c);
}

static void codec_drain(struct http_conn *c)
{
	h2_shutdown(h2_conn_of(c)->session);
}

static void codec_ping(struct http_conn *c)
{
	h2_ping(h2_conn_of(c)->session);
	http_pump_later(c);
}

/* ---- legs ---- */

static bool can_begin(const struct http_conn *c)
{
	struct h2_conn *h = h2_conn_of(c);

	return !h->broken && h2_can_request(h->session) &&
	       (!c->options.max_streams || c->exchanges < c->options.max_streams);
}

static void begin(struct http_conn *c, struct http_leg *leg)
{
	struct h2_exchange *x = exchange_new(h2_conn_of(c), NULL);

	x->leg = leg;
	leg->stream = x;
}

static void leg_resume(struct http_leg *leg)
{
	struct h2_exchange *x = leg->stream;

	x->paused = x->held = false;
	if (!x->in_data)
		h2_ready(x);
}

static void leg_pause(struct http_leg *leg)
{
	((struct h2_exchange *)leg->stream)->paused = true;
}

static void leg_reset(struct http_leg *leg)
{
	struct h2_exchange *x = leg->stream;
	struct http_conn *c = x->conn;

	/* The library would drop what is on its way: the client is to see that, too. */
	if (x->st && x->sent_head && c->role == HTTP_SERVER)
		list_append(&h2_conn_of(c)->doomed, &x->doomed);
	else if (x->st)
		h2_reset(x->st, c->role == HTTP_SERVER ? H2_INTERNAL_ERROR : H2_CANCEL);
	http_leg_detach(leg);
	h2_exchange_leave(x);
	http_pump_later(c);
}

static bool leg_received(const struct http_leg *leg)
{
	return ((struct h2_exchange *)leg->stream)->end_told;
}

const struct http_codec h2_codec = {
	.alpn = "h2",
	.preface = {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24},
	.version = HTTP_2,
	.many = true,
	.open = codec_open,
	.close = codec_close,
	.fail = codec_fail,
	.make_room = make_room,
	.parse = codec_parse,
	.wants_read = wants_read,
	.on_eof = on_eof,
	.on_pause = on_pause,
	.refill = refill,
	.on_written = on_written,
	.drain = codec_drain,
	.ping = codec_ping,
	.can_begin = can_begin,
	.begin = begin,
	.head = h2_leg_head,
	.data = h2_leg_data,
	.trailers = h2_leg_trailers,
	.busy = h2_leg_busy,
	.flush = h2_leg_flush,
	.resume = leg_resume,
	.pause = leg_pause,
	.reset = leg_reset,
	.received = leg_received,
};
