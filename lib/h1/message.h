/*
 * A whole HTTP/1.1 message, gathered from a connection's bytes however they come: for those who want no streams, such
 * as the server for people, probes and small clients. The same parser as the data path's, with its limits.
 *
 *   h1_message_request(&m, 8 << 20);
 *   n = h1_message_feed(&m, bytes, len);        again with more while h1_message_done(&m) is false
 *   m.head, m.body                              the head is there from H1_MESSAGE_BODY on
 */
#ifndef H1_MESSAGE_H
#define H1_MESSAGE_H

#include "base/buf.h"
#include "h1/h1.h"

/* Interim responses (1xx) before the final one; more are no answer. */
#define H1_MESSAGE_INTERIM_MAX 100

enum h1_message_state { H1_MESSAGE_HEAD, H1_MESSAGE_BODY, H1_MESSAGE_DONE };

struct h1_message {
	struct http_head head; /* its strings are views into raw */
	struct buf raw;        /* the head's bytes */
	struct buf body;
	uint8_t state; /* enum h1_message_state */

	/* How far it is. */
	size_t body_max_bytes;
	struct h1_parser parser;
	struct h1_body decoder;
	const char *parsed_at; /* where raw was when it was parsed */
	bool response;
	uint8_t method; /* of the request that is answered */
	uint8_t interim;
};

/* Begins to gather a request with a body of at most so many bytes. */
void h1_message_request(struct h1_message *m, size_t body_max_bytes);
/* The same for the response to a request of this method; interim ones are passed over, a switch of protocols is none.
 */
void h1_message_response(struct h1_message *m, enum http_method method, size_t body_max_bytes);

/* Frees what was gathered; m may begin anew. */
void h1_message_free(struct h1_message *m);

/*
 * Takes bytes up to the message's end, and changes them. Returns how many, or an enum http_err: HTTP_ERR_BODY when the
 * body is too large.
 */
ssize_t h1_message_feed(struct h1_message *m, char *bytes, size_t n);

/* The connection has ended: 0 when that completes the message or it was complete, else an enum http_err. */
int h1_message_eof(struct h1_message *m);

static inline bool h1_message_done(const struct h1_message *m)
{
	return m->state == H1_MESSAGE_DONE;
}

#endif
