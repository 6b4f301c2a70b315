/*
 * A fake peer's end of one connection: bytes, TLS where asked for, and what was made of the bytes. A peer does what a
 * scenario says, also when no sane program would; beside that it only answers TLS's handshake and, where it speaks
 * HTTP/2, SETTINGS, PING and flow control.
 */
#ifndef SCENARIO_PEER_H
#define SCENARIO_PEER_H

#include "message.h"
#include "net/tls.h"

enum peer_protocol { PEER_UNKNOWN, PEER_HTTP1, PEER_HTTP2 };

/* One request and its response, from the peer's side; message is what the other side sends. */
struct exchange {
	struct peer *peer;
	uint32_t stream; /* HTTP/2; 0 = HTTP/1 */
	char *method;    /* of the request */
	struct heard message;
	struct buf interim; /* HTTP/2: statuses of 1xx heads, three digits each */
	bool taken;         /* the scenario has looked at its head */
	size_t data_taken;
	bool was_reset;
	uint32_t error;
	/* HTTP/1 */
	bool chunked_in, chunked_out, until_end;
	size_t body_left;
};

struct hpack;

struct peer {
	char *name;
	int fd; /* -1 = closed by us */
	bool server;
	struct tls *tls;
	bool shaken; /* the handshake is over, or there is no TLS */
	enum peer_protocol protocol;
	struct buf in, out;
	bool ended, was_reset, paused;
	const char *tls_failed; /* arena or static */
	VEC(struct exchange *) exchanges;
	struct buf methods; /* HTTP/1 client: of requests that were not answered yet, one a line */
	/* HTTP/2 */
	struct hpack *hpack;
	bool begun, no_window;
	uint32_t next_stream, block_stream;
	uint8_t block_flags;
	struct buf block;
	VEC(char *) frames; /* as text, that came in */
	size_t frames_taken;
};

/* fd and tls become the peer's; tls may be NULL. */
struct peer *peer_new(const char *name, int fd, bool server, struct tls *tls);
void peer_free(struct peer *p);

/* Moves bytes: out what waits, in what came, and through HTTP/2. True when something moved. */
bool peer_step(struct peer *p);

/* Queues bytes. */
void peer_send(struct peer *p, struct slice bytes);

/* Closes; reset: so that the other side sees one. */
void peer_close(struct peer *p, bool reset);
/* Our end of the stream; the other's goes on. */
void peer_half_close(struct peer *p);
/* Reads no more until told to: what the other side sends piles up there. */
void peer_pause(struct peer *p, bool on);

/* The next message that the scenario has not taken: its exchange, or NULL. whole: it must be complete. */
struct exchange *peer_next(struct peer *p, bool whole);

/* Fills what has come of the exchange's body. */
void exchange_read(struct exchange *x);

/* Sends a head; end: nothing follows. A request makes a new exchange. */
struct exchange *peer_request(struct peer *p, const struct pattern *m, bool whole);
void exchange_respond(struct exchange *x, const struct pattern *m, bool whole);
/* Data and the end of the message whose head was sent. */
void exchange_data(struct exchange *x, struct slice bytes);
void exchange_end(struct exchange *x, const struct pattern *trailers);

/* ---- the codecs ---- */

/* h1.c: takes one message off p->in; with whole = false its head is enough. False when it is not there yet. */
bool h1_take(struct peer *p, struct exchange *x, bool whole);
bool h1_take_body(struct exchange *x);
void h1_send(struct peer *p, const struct pattern *m, bool request, bool whole, struct exchange *x);
void h1_data(struct exchange *x, struct slice bytes);
void h1_end(struct exchange *x, const struct pattern *trailers);

/* h2.c */
void h2p_begin(struct peer *p);
void h2p_done(struct peer *p);
void h2p_take(struct peer *p);
struct exchange *h2p_request(struct peer *p, const struct pattern *m, bool end);
void h2p_headers(struct peer *p, uint32_t stream, const struct pattern *m, bool end);
void h2p_trailers(struct exchange *x, const struct pattern *trailers);
void h2p_data(struct exchange *x, struct slice bytes, bool end);
void h2p_reset(struct exchange *x, uint32_t error);
/* "HEADERS 1 END_STREAM "payload" | name: value"; -EINVAL with what is wrong. */
int h2p_frame(struct peer *p, struct arena *a, struct slice text, struct err *e);

#endif
