/*
 * One HTTP connection, for both roles: a transport, a codec and the exchanges under way. An exchange is seen through a
 * leg, which its user embeds; the same calls serve the downstream and the upstream side, whatever the protocol.
 *
 *   incoming message: on_headers, then on_data until end, or until on_trailers, which is the end, too
 *   outgoing: http_leg_head, then http_leg_data until end, or until http_leg_trailers
 *
 * Back-pressure is by pulling: after on_data returned HTTP_HELD nothing more is read of that message until
 * http_leg_resume; after http_leg_data returned HTTP_HELD no more may be sent until on_room. So at most one chunk is in
 * flight per direction, and where the protocol has windows they open with it.
 * The incoming head's fields are views that stay valid until the exchange ends.
 *
 *   server: (idle) -on_exchange-> leg ... both directions ended -> on_done -> (idle, or closed)
 *   client: (idle) -http_conn_begin-> leg ... likewise
 *
 * The codec is found when the connection opens: by ALPN, by the first bytes of a client in plain text, or it is the
 * first of those that are allowed.
 */
#ifndef HTTP_CONN_H
#define HTTP_CONN_H

#include "http/buffers.h"
#include "http/head.h"
#include "net/transport.h"

enum http_role { HTTP_SERVER, HTTP_CLIENT };

enum http_flow {
	HTTP_GO,  /* the bytes are dealt with */
	HTTP_HELD /* they are still in use */
};

/* Why an exchange ended before its time. */
enum http_reset {
	HTTP_RESET_PEER,     /* the peer closed or reset the connection */
	HTTP_RESET_PROTOCOL, /* it sent what is no HTTP; conn->error has the enum http_err */
	HTTP_RESET_REMOTE,   /* it dropped this exchange alone */
	HTTP_RESET_REFUSED   /* likewise, and has done nothing of it: it may be sent again */
};

/* A head that is sent, with what was added to it. */
#define HTTP_HEAD_OUT_MAX_BYTES (BUFFERS_LARGE_BYTES - 1024)

/* Interim responses (1xx) before the final one; more are no answer. */
#define HTTP_INTERIM_MAX 100

/* Codecs that a connection may choose from. */
#define HTTP_CODECS_MAX 4

/* Room for a codec's state inside the connection. */
#define HTTP_CODEC_STATE_BYTES 120

struct http_codec;
struct http_conn;

/* Limits and habits; zeroed fields take the codec's default. Not every codec knows every one. */
struct http_options {
	uint32_t max_streams;         /* exchanges at once on one connection */
	uint32_t stream_window_bytes; /* what a peer may send of one exchange before somebody takes it */
	uint32_t conn_window_bytes;   /* and of all of them */
	uint32_t max_head_bytes;      /* of a head that is received */
	uint32_t ping_interval_ms;    /* asks whether the peer is still there; 0 = never */
	uint32_t ping_timeout_ms;     /* and closes when it does not answer within this time */
	bool connect;                 /* server: CONNECT with a protocol may open tunnels (RFC 8441) */
	bool trailers;                /* HTTP/1.1: trailers are received and sent, not dropped */
	bool proper_case;             /* HTTP/1.1: names are sent as "Content-Type", whatever they were */
};

struct http_leg {
	struct http_conn *conn; /* NULL = detached */
	const struct http_leg_ops *ops;
	struct http_head *head; /* where the incoming head is put; the user's */
	void *stream;           /* the codec's */
};

/* What the user of a leg hears. Each may end the exchange or close the connection. */
struct http_leg_ops {
	/* Client: an interim response (1xx) came; the leg's head holds it during the call. NULL = nobody wants them. */
	void (*on_interim)(struct http_leg *leg);
	/* The incoming head is complete; end = no body follows. */
	void (*on_headers)(struct http_leg *leg, bool end);
	/* A chunk of the incoming body; may be empty at the end. HTTP_HELD: it is kept until http_leg_resume. */
	enum http_flow (*on_data)(struct http_leg *leg, struct slice data, bool end);
	/* The incoming message ends with these; valid inside the call. */
	void (*on_trailers)(struct http_leg *leg, const struct http_trailers *t);
	/* What was sent with HTTP_HELD is written. */
	void (*on_room)(struct http_leg *leg);
	/* Nothing more to read for now: a chance to flush the other side. */
	void (*on_pause)(struct http_leg *leg);
	/* Server: the request is none (enum http_err). The response is sent as usual; the connection closes after it.
	 */
	void (*on_bad)(struct http_leg *leg, int err);
	/* The exchange is dead, the leg is detached. */
	void (*on_reset)(struct http_leg *leg, enum http_reset why);
	/* Both directions ended; the leg is detached. reusable: the connection can take another exchange. */
	void (*on_done)(struct http_leg *leg, bool reusable);
};

/* What the owner of a connection hears. */
struct http_conn_ops {
	/* Server: a request came, or its first bytes. Returns a leg (with ops and head set), or NULL after closing. */
	struct http_leg *(*on_exchange)(struct http_conn *c);
	/* Client: connected, handshake included, codec chosen. Server: the TLS handshake is done. */
	void (*on_open)(struct http_conn *c);
	/* The transport ended or failed while no exchange was under way, or before it was open. The owner frees. */
	void (*on_closed)(struct http_conn *c);
	/* Client, codecs with many exchanges: one ended, or the peer's limit changed, or it takes no more. May be NULL.
	 */
	void (*on_free)(struct http_conn *c);
};

struct http_conn {
	struct transport transport;
	struct loop *loop;
	struct buffers *buffers;
	const struct http_conn_ops *ops;
	const struct http_codec *codec; /* NULL = not known yet */
	const struct http_codec *allowed[HTTP_CODECS_MAX];
	struct http_options options;
	struct task resume; /* reading that must not happen inside the caller's call */

	/* Receive buffer: [start, end) is unread, [0, pin) holds a head in use. NULL when idle. */
	char *in;
	uint32_t in_cap, pin, start, end;
	char *old; /* an earlier buffer that the head still lives in */
	uint32_t old_cap;

	/* Send: our own bytes, then the user's chunk, then a tail. */
	char *out;
	uint32_t out_cap, out_start, out_end;
	struct slice chunk;
	struct slice tail;

	unsigned exchanges; /* under way */
	uint8_t role;
	bool draining; /* the peer was told that there is no exchange after those under way */
	bool last;     /* no exchange after those under way */
	bool closing;  /* our end is sent; what still comes is thrown away */
	bool opened;
	bool in_call;    /* the reading loop is on the stack */
	bool write_dead; /* what is sent is dropped; reading goes on to the end */
	bool dead;       /* http_conn_close was called */
	bool abort;      /* an end of stream would pass for the end of the message */
	bool pinging;    /* an answer is owed */
	int8_t error;    /* enum http_err of HTTP_RESET_PROTOCOL */

	uint64_t requests; /* exchanges begun */
	uint64_t bytes_in, bytes_out;
	struct timer linger, ping, again;
	_Alignas(8) char state[HTTP_CODEC_STATE_BYTES]; /* the codec's */
};

struct http_params {
	struct loop *loop;
	struct buffers *buffers;
	const struct http_conn_ops *ops;
	const struct http_codec *codecs[HTTP_CODECS_MAX]; /* at least one; the first is the one for want of a choice */
	struct http_options options;
};

/* Fd and tls are taken over; see transport_accept and transport_connect. p is copied. Returns 0 or -errno. */
int http_conn_accept(struct http_conn *c, const struct http_params *p, int fd, struct tls *tls);
/* The same for the client's end of a socket that is connecting or connected. */
int http_conn_connect(struct http_conn *c, const struct http_params *p, int fd, struct tls *tls);

/*
 * Closes at once and releases everything but the struct, which must stay until the end of this turn; no callback runs
 * any more, legs are just detached. Idempotent.
 */
void http_conn_close(struct http_conn *c);

/*
 * Server, idle or after its last exchange: sends the end of stream and goes on reading for a moment, so that the peer
 * sees the last response; then on_closed.
 */
void http_conn_close_gracefully(struct http_conn *c);

/* Server: no exchange after those under way, and the peer is told; then it closes gracefully. */
void http_conn_drain(struct http_conn *c);

/* Client: whether an exchange can begin now. */
bool http_conn_can_begin(const struct http_conn *c);

/* Client: whether it carries many exchanges at once. */
bool http_conn_many(const struct http_conn *c);

/* Client: starts an exchange on a connection that can take one. */
void http_conn_begin(struct http_conn *c, struct http_leg *leg);

/* The codec's enum http_version, as of an HTTP/1.1 while none is chosen. */
enum http_version http_conn_version(const struct http_conn *c);

/*
 * Sends a head: a request (client) or response (server); end = no body. Interim responses do not end anything, and are
 * dropped where one before is still on its way: nobody needs them. A request with HTTP_BODY_TUNNEL asks for a tunnel; a
 * response opens one when it has HTTP_BODY_TUNNEL, too, and the request asked. False when the head overflowed (see
 * http_add) or is larger than HTTP_HEAD_OUT_MAX_BYTES: then nothing was done.
 */
bool http_leg_head(struct http_leg *leg, const struct http_head *h, bool end) __attribute__((warn_unused_result));

/*
 * Sends a chunk of the body and everything before it. HTTP_GO: written (or copied); HTTP_HELD: data must stay until
 * on_room. The exchange may be over when it returns (leg->conn NULL).
 */
enum http_flow http_leg_data(struct http_leg *leg, struct slice data, bool end);

/* Ends the message with trailers, which are copied; where the protocol or the peer takes none they are dropped. */
void http_leg_trailers(struct http_leg *leg, const struct http_trailers *t);

/* Whether a chunk is on its way: no other may be sent until on_room. */
bool http_leg_busy(const struct http_leg *leg);

/* Sends what is queued. */
void http_leg_flush(struct http_leg *leg);

/* The held chunk is dealt with, or data is wanted again: go on reading, at the end of this turn at the latest. */
void http_leg_resume(struct http_leg *leg);

/* No on_data until http_leg_resume. */
void http_leg_pause(struct http_leg *leg);

/*
 * Drops the exchange, no event of the leg follows. Where it cannot end alone its connection closes, and on_closed of
 * the connection's owner follows.
 */
void http_leg_reset(struct http_leg *leg);

/* Whether the incoming message has ended. */
bool http_leg_received(const struct http_leg *leg);

static inline bool http_conn_idle(const struct http_conn *c)
{
	return !c->exchanges && c->start == c->end && !c->closing;
}

#endif
