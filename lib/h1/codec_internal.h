/*
 * The codec's state, and what its receiving and its sending half know of each other.
 *
 * A request that asks for a tunnel, and what its answer made of it: only the answer to such a request opens one, 101 to
 * an upgrade, 2xx to CONNECT. With any other the exchange goes on as if it had not been asked for.
 */
#ifndef H1_CODEC_INTERNAL_H
#define H1_CODEC_INTERNAL_H

#include "h1/codec.h"
#include "h1/h1.h"

enum h1_tunnel {
	H1_TUNNEL_NONE,
	H1_TUNNEL_CONNECT, /* asked for, not answered */
	H1_TUNNEL_UPGRADE,
	H1_TUNNEL_OPEN,
	H1_TUNNEL_REFUSED
};

enum h1_message_state { H1_MESSAGE_IDLE, H1_MESSAGE_HEAD, H1_MESSAGE_BODY, H1_MESSAGE_DONE };

struct h1_conn {
	struct http_leg *leg; /* NULL = idle */
	struct buf *trailers; /* lines of trailers, owned; NULL = none came yet */
	struct h1_parser parser;
	struct h1_body body;
	uint8_t in_state; /* enum h1_message_state */
	uint8_t out_state;
	uint8_t out_framing;
	uint8_t method;  /* of the request under way */
	uint8_t tunnel;  /* enum h1_tunnel */
	uint8_t interim; /* client: interim responses so far */
	bool minor0;     /* server: the request is HTTP/1.0 */
	bool keep_alive; /* client: the response keeps the connection */
	bool held;       /* the user holds the last incoming chunk */
	bool paused;     /* the user wants no data yet */
	bool announce;   /* on_room is owed */
	bool quiet;      /* writing inside the user's call: no events */
};

_Static_assert(sizeof(struct h1_conn) <= HTTP_CODEC_STATE_BYTES, "the state must fit");

static inline struct h1_conn *h1_of(const struct http_conn *c)
{
	return (struct h1_conn *)(void *)c->state;
}

/* Ends the exchange when both directions are through. May close the connection. */
void h1_settle(struct http_conn *c);

/* A final response (or 101) was received or is sent, with a body that is a tunnel or not. */
void h1_answer_tunnel(struct http_conn *c, unsigned status, bool tunnel);

/* ---- codec_send.c ---- */

void h1_on_written(struct http_conn *c);
bool h1_leg_head(struct http_leg *leg, const struct http_head *h, bool end);
enum http_flow h1_leg_data(struct http_leg *leg, struct slice data, bool end);
void h1_leg_trailers(struct http_leg *leg, const struct http_trailers *t);
bool h1_leg_busy(const struct http_leg *leg);
void h1_leg_flush(struct http_leg *leg);

#endif
