/*
 * What a protocol is to a connection: a table of operations and some bytes of state. A codec turns the receive buffer
 * into events of legs and calls on legs into bytes to send; it does no I/O, which is the connection's. All calls are in
 * the connection's thread. Events of legs may close the connection: whoever sends one looks at c->dead afterwards.
 */
#ifndef HTTP_CODEC_H
#define HTTP_CODEC_H

#include "http/conn.h"

struct http_codec {
	const char *alpn;     /* its name in TLS, "" = none */
	struct slice preface; /* the first bytes of a client that begins without TLS; empty = no such */
	enum http_version version;
	bool many; /* exchanges at once */

	/* The connection is open, or its codec was found; c->state is zeroed. */
	void (*open)(struct http_conn *c);
	/* Detaches the legs and frees, without any event. */
	void (*close)(struct http_conn *c);
	/* The connection is lost: every leg hears on_reset. */
	void (*fail)(struct http_conn *c, enum http_reset why);

	/* ---- receiving ---- */

	/* Makes room to read into: [end, in_cap) of c->in. */
	void (*make_room)(struct http_conn *c);
	/* Takes of [start, end) what it can. True when there may be more to do without reading. */
	bool (*parse)(struct http_conn *c);
	/* Whether reading more makes sense now. */
	bool (*wants_read)(const struct http_conn *c);
	/* The peer's end of stream. */
	void (*on_eof)(struct http_conn *c);
	/* There is nothing more to read for now. */
	void (*on_pause)(struct http_conn *c);
	/* The peer has hung up: whether that ends everything, although there is nothing to read. May be NULL. */
	bool (*is_over)(const struct http_conn *c);

	/* ---- sending ---- */

	/* Puts what waits inside the codec into c->chunk, whose old bytes were sent or are still there. May be NULL. */
	void (*refill)(struct http_conn *c);
	/* Something was written, or all of it. */
	void (*on_written)(struct http_conn *c);
	/* The peer is told that there is no exchange after those under way; many only. */
	void (*drain)(struct http_conn *c);
	/* Asks for a sign of life, which http_conn_pong tells of. May be NULL. */
	void (*ping)(struct http_conn *c);

	/* ---- legs: see conn.h ---- */

	bool (*can_begin)(const struct http_conn *c);
	void (*begin)(struct http_conn *c, struct http_leg *leg);
	bool (*head)(struct http_leg *leg, const struct http_head *h, bool end);
	enum http_flow (*data)(struct http_leg *leg, struct slice data, bool end);
	void (*trailers)(struct http_leg *leg, const struct http_trailers *t);
	bool (*busy)(const struct http_leg *leg);
	void (*flush)(struct http_leg *leg);
	void (*resume)(struct http_leg *leg);
	void (*pause)(struct http_leg *leg);
	void (*reset)(struct http_leg *leg);
	bool (*received)(const struct http_leg *leg);
};

/* ---- what codecs use ---- */

/* Reads and parses at the end of this turn. */
void http_pump_later(struct http_conn *c);

/* Writes what is queued, as far as it goes; on_written follows. */
void http_write(struct http_conn *c);

/* Nothing can be sent any more; the receiving half finds out what happened and tells. */
void http_write_failed(struct http_conn *c);

/* Room for n bytes behind our own that are queued, or NULL when that passes every limit. */
char *http_out_reserve(struct http_conn *c, size_t n);

/* Gives back the send buffer when it is empty, and everything queued when drop is set. */
void http_out_release(struct http_conn *c, bool drop);

/* Gives back the receive buffer and what the head lives in. */
void http_in_release(struct http_conn *c);

/* The connection is lost: legs hear why, then the owner. */
void http_fail(struct http_conn *c, enum http_reset why);

/* The owner closes, unless it has. */
void http_closed(struct http_conn *c);

/* Our end of stream, behind what was written. */
void http_end(struct http_conn *c);

/* Whether bytes or the end of stream are there to be read. */
bool http_waiting(struct http_conn *c);

/* The peer answered the ping. */
void http_conn_pong(struct http_conn *c);

/* An exchange begins: a leg from the connection's owner, with its conn set; NULL = it was closed. */
struct http_leg *http_open_exchange(struct http_conn *c);

/* An exchange is over: takes the leg off the connection. */
void http_leg_detach(struct http_leg *leg);

static inline bool http_out_empty(const struct http_conn *c)
{
	return c->out_start == c->out_end && !c->chunk.len && !c->tail.len;
}

#endif
