/*
 * Between session and legs. What the session tells is kept with the exchange that it concerns, which then stands in the
 * list of those that have something to tell; legs hear of it when the session is off the stack, so that they may close
 * the connection and so that an exchange that is held holds no other.
 */
#ifndef H2_CODEC_INTERNAL_H
#define H2_CODEC_INTERNAL_H

#include "base/buf.h"
#include "base/list.h"
#include "h2/codec.h"
#include "h2/h2.h"

/* A header block of its own memory. */
struct h2_block {
	size_t n;
	bool end;
	struct h2_header v[];
};

/* A piece of a body. */
struct h2_chunk {
	struct list link;
	size_t len, at; /* at: how much was given on */
	char bytes[];
};

/* A CONNECT with a protocol (RFC 8441), which is an upgrade to everybody else. */
enum h2_tunnel {
	H2_TUNNEL_NONE,
	H2_TUNNEL_ASKED, /* no answer yet: data waits */
	H2_TUNNEL_OPEN
};

struct h2_exchange {
	struct list link;    /* in h2_conn.exchanges */
	struct list ready;   /* in h2_conn.ready: has something to tell */
	struct list touched; /* in h2_conn.touched: heard something in this round */
	struct list doomed;  /* in h2_conn.doomed: cut off once what was said has left */
	struct http_conn *conn;
	struct h2_stream *st;      /* NULL = not begun, or over */
	struct http_leg *leg;      /* NULL = none yet, or it heard the end */
	struct h2_block *head;     /* received; kept as long as the leg reads it */
	char *cookies;             /* text of a joined field */
	struct h2_block *trailers; /* received, not told yet */
	struct h2_block *early;    /* client: an interim response, not told yet */
	struct h2_block *waiting;  /* client: a request that waits for the peer's settings */
	struct list chunks;        /* received, not dealt with */
	struct slice protocol;     /* client: of the tunnel that was asked for */
	uint32_t error;            /* with over */
	uint8_t tunnel;            /* enum h2_tunnel */
	uint8_t interim;
	bool no_body; /* the answer has none, whatever its frames say */
	bool head_told;
	bool end, end_told; /* of the incoming message */
	bool held, paused, in_data;
	bool owes_room, room; /* on_room is owed; it is due */
	bool sent_head, sent_end;
	bool over;         /* the stream is closed */
	bool by_peer;      /* by its reset */
	bool head_request; /* client: HEAD */
	bool busy;         /* on the stack: freed later */
};

struct h2_conn {
	struct http_conn *conn;
	struct h2_session *session;
	struct list exchanges, ready, touched, doomed;
	size_t given;      /* bytes of the session's output in conn->chunk at the last refill */
	bool settled;      /* the peer's settings have come */
	bool some_waiting; /* requests for them */
	bool freed;        /* the owner hears that there may be room */
	bool ending;       /* the session is being freed: what it tells is of no interest */
	bool broken;       /* the peer speaks no HTTP/2 */
};

static inline struct h2_conn *h2_conn_of(const struct http_conn *c)
{
	return *(struct h2_conn **)(void *)c->state;
}

/* Where the memory of its exchanges comes from. */
static inline struct spares *h2_spares(const struct http_conn *c)
{
	return &c->buffers->spares;
}

/* It has something to tell, at the end of this turn at the latest. */
void h2_ready(struct h2_exchange *x);

/* Takes the exchange off its leg and drops what is left of it; freed when the stream is over, too. */
void h2_exchange_leave(struct h2_exchange *x);

/* ---- codec_tell.c ---- */

/* Tells the leg what has come, in order, as far as it takes it. */
void h2_tell(struct h2_exchange *x);

/* ---- codec_head.c ---- */

/* A copy of a block, for spares_put. */
struct h2_block *h2_block_copy(struct spares *s, const struct h2_header *v, size_t n, bool end);

/* Makes a head of a request's block, whose text it borrows. 0 or an enum http_err. */
int h2_read_request(struct h2_exchange *x, struct http_head *ret);
/* The same of a response. */
int h2_read_response(struct h2_exchange *x, struct http_head *ret);
/* The same of an interim one, which borrows from its block. */
int h2_read_interim(const struct h2_block *b, struct http_head *ret);
/* And of trailers. */
void h2_read_trailers(const struct h2_block *b, struct http_trailers *ret);

#define H2_HEAD_MAX (HTTP_FIELDS_MAX + HTTP_FIELDS_SPARE + 8)

/* A status as text. */
#define H2_STATUS_BYTES 3

/* Writes a head as a block of at most H2_HEAD_MAX; its text is the head's and status'. Returns the number of fields. */
size_t h2_write_request(const struct http_head *head, bool secure, struct h2_header *out);
size_t h2_write_response(const struct http_head *head, bool tunnel, char status[H2_STATUS_BYTES],
			 struct h2_header *out);
size_t h2_write_trailers(const struct http_trailers *t, struct h2_header *out);

/* ---- codec_send.c ---- */

bool h2_leg_head(struct http_leg *leg, const struct http_head *head, bool end);
enum http_flow h2_leg_data(struct http_leg *leg, struct slice data, bool end);
void h2_leg_trailers(struct http_leg *leg, const struct http_trailers *t);
bool h2_leg_busy(const struct http_leg *leg);
void h2_leg_flush(struct http_leg *leg);
/* The peer's settings have come: requests that waited for them go, or are refused. */
void h2_send_waiting(struct h2_conn *h);

#endif
