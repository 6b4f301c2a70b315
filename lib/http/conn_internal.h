/* Between the receiving and the sending half of a connection. */
#ifndef HTTP_CONN_INTERNAL_H
#define HTTP_CONN_INTERNAL_H

#include "http/conn.h"

/* Reads and parses as long as there is something to do; the only caller of incoming events. */
void http_pump(struct http_conn *c);

/* http_pump at the end of this turn. */
void http_pump_later(struct http_conn *c);

/* Writes what is queued, as far as it goes. */
void http_flush(struct http_conn *c);

/* Ends the exchange when both directions are through. May close the connection. */
void http_settle(struct http_conn *c);

/* A final response (or 101) was received or is sent, with a body that is a tunnel or not. */
void http_answer_tunnel(struct http_conn *c, unsigned status, bool tunnel);

/* The exchange dies of something the peer did; then the connection. */
void http_fail(struct http_conn *c, enum http_reset why);

/* Gives back the receive buffer and what the head lives in. */
void http_in_release(struct http_conn *c);

/* Gives back the send buffer when it is empty, and everything queued when drop is set. */
void http_out_release(struct http_conn *c, bool drop);

static inline bool http_out_empty(const struct http_conn *c)
{
	return c->out_start == c->out_end && !c->chunk.len && !c->tail.len;
}

#endif
