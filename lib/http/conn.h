/*
 * One HTTP connection, for both roles: a transport, a codec and the exchange under way. An exchange is seen through a
 * leg, which its user embeds; the same calls serve the downstream and the upstream side.
 *
 *   incoming message: on_headers, then on_data until end          outgoing: http_leg_head, then http_leg_data until end
 *
 * Back-pressure is by pulling: after on_data returned HTTP_HELD nothing more is read until http_leg_resume; after
 * http_leg_data returned HTTP_HELD no more may be sent until on_room. So at most one chunk is in flight per direction.
 * The incoming head's fields are views into the receive buffer and stay valid until the exchange ends.
 *
 *   server: (idle) -on_exchange-> leg ... both directions ended -> on_done -> (idle, or closed)
 *   client: (idle) -http_conn_begin-> leg ... likewise
 */
#ifndef HTTP_CONN_H
#define HTTP_CONN_H

#include "h1/h1.h"
#include "http/buffers.h"
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
};

/* A head that is sent, with what was added to it. */
#define HTTP_HEAD_OUT_MAX_BYTES (BUFFERS_LARGE_BYTES - 1024)

/* Interim responses (1xx) before the final one; more are no answer. */
#define HTTP_INTERIM_MAX 100

/*
 * A request that asks for a tunnel, and what its answer made of it. Only the answer to such a request opens one: 101 to
 * an upgrade, 2xx to CONNECT. With any other the exchange goes on as if it had not been asked for.
 */
enum http_tunnel {
	HTTP_TUNNEL_NONE,
	HTTP_TUNNEL_CONNECT, /* asked for, not answered */
	HTTP_TUNNEL_UPGRADE,
	HTTP_TUNNEL_OPEN,
	HTTP_TUNNEL_REFUSED
};

enum http_message_state { HTTP_MESSAGE_IDLE, HTTP_MESSAGE_HEAD, HTTP_MESSAGE_BODY, HTTP_MESSAGE_DONE };

struct http_conn;

struct http_leg {
	struct http_conn *conn; /* NULL = detached */
	const struct http_leg_ops *ops;
	struct http_head *head; /* where the incoming head is put; the user's */
};

/* What the user of a leg hears. Each may end the exchange or close the connection. */
struct http_leg_ops {
	/* The incoming head is complete; end = no body follows. */
	void (*on_headers)(struct http_leg *leg, bool end);
	/* A chunk of the incoming body; may be empty at the end. HTTP_HELD: it is kept until http_leg_resume. */
	enum http_flow (*on_data)(struct http_leg *leg, struct slice data, bool end);
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
	/* Server: the first bytes of a request came. Returns a leg (with ops and head set), or NULL after closing. */
	struct http_leg *(*on_exchange)(struct http_conn *c);
	/* Client: connected, handshake included. Server: the TLS handshake is done. */
	void (*on_open)(struct http_conn *c);
	/* The transport ended or failed while no exchange was under way, or before it was open. The owner frees. */
	void (*on_closed)(struct http_conn *c);
};

struct http_conn {
	struct transport transport;
	struct loop *loop;
	struct buffers *buffers;
	const struct http_conn_ops *ops;
	struct http_leg *leg; /* NULL = idle */
	struct task resume;   /* reading that must not happen inside the caller's call */

	/* Receive buffer: [0, pin) holds the head in use, [start, end) is unread. NULL when idle. */
	char *in;
	uint32_t in_cap, pin, start, end;
	char *old; /* an earlier buffer that the head still lives in */
	uint32_t old_cap;

	/* Send: our own bytes, then the user's chunk, then a tail. */
	char *out;
	uint32_t out_cap, out_start, out_end;
	struct slice chunk;
	struct slice tail;

	struct h1_parser parser;
	struct h1_body body;

	uint8_t role;
	uint8_t in_state; /* enum http_message_state */
	uint8_t out_state;
	uint8_t out_framing;
	uint8_t method;  /* of the request under way */
	uint8_t tunnel;  /* enum http_tunnel */
	uint8_t interim; /* client: interim responses so far */
	bool minor0;     /* server: the request is HTTP/1.0 */
	bool keep_alive; /* client: the response keeps the connection */
	bool held;       /* the user holds the last incoming chunk */
	bool paused;     /* the user wants no data yet */
	bool announce;   /* on_room is owed */
	bool close;      /* after this exchange */
	bool closing;    /* our end is sent; what still comes is thrown away */
	bool opened;
	bool in_call;      /* the reading loop is on the stack */
	bool write_dead;   /* what is sent is dropped; reading goes on to the end */
	bool dead;         /* http_conn_close was called */
	bool abort;        /* an end of stream would pass for the end of the message */
	int8_t error;      /* enum http_err of HTTP_RESET_PROTOCOL */
	uint64_t requests; /* exchanges begun */
	uint64_t bytes_in, bytes_out;
	struct timer linger;
};

/* Fd and tls are taken over; see transport_accept and transport_connect. Returns 0 or -errno. */
int http_conn_accept(struct http_conn *c, struct loop *l, struct buffers *b, const struct http_conn_ops *ops, int fd,
		     struct tls *tls);
/* The same for the client's end of a socket that is connecting or connected. */
int http_conn_connect(struct http_conn *c, struct loop *l, struct buffers *b, const struct http_conn_ops *ops, int fd,
		      struct tls *tls);

/*
 * Closes at once and releases everything but the struct, which must stay until the end of this turn; no callback runs
 * any more, a leg is just detached. Idempotent.
 */
void http_conn_close(struct http_conn *c);

/*
 * Server, idle or after its last exchange: sends the end of stream and goes on reading for a moment, so that the peer
 * sees the last response; then on_closed.
 */
void http_conn_close_gracefully(struct http_conn *c);

/* Client: starts an exchange on an open, idle connection. */
void http_conn_begin(struct http_conn *c, struct http_leg *leg);

/*
 * Sends a head: a request (client) or response (server); end = no body. Interim responses do not end anything. A
 * request with HTTP_BODY_TUNNEL asks for a tunnel; a response opens one when it has HTTP_BODY_TUNNEL, too, and the
 * request asked. False when the head overflowed (see http_add) or is larger than HTTP_HEAD_OUT_MAX_BYTES: then nothing
 * was done.
 */
bool http_leg_head(struct http_leg *leg, const struct http_head *h, bool end) __attribute__((warn_unused_result));

/*
 * Sends a chunk of the body and everything before it. HTTP_GO: written (or copied); HTTP_HELD: data must stay until
 * on_room. The exchange may be over when it returns (leg->conn NULL).
 */
enum http_flow http_leg_data(struct http_leg *leg, struct slice data, bool end);

/* Whether a chunk is on its way: no other may be sent until on_room. */
bool http_leg_busy(const struct http_leg *leg);

/* Sends what is queued. */
void http_leg_flush(struct http_leg *leg);

/* The held chunk is dealt with, or data is wanted again: go on reading, at the end of this turn at the latest. */
void http_leg_resume(struct http_leg *leg);

/* No on_data until http_leg_resume. */
void http_leg_pause(struct http_leg *leg);

/* Drops the exchange and closes its connection; on_closed of the connection's owner follows, no event of the leg. */
void http_leg_reset(struct http_leg *leg);

/* Whether the incoming message has ended. */
bool http_leg_received(const struct http_leg *leg);

static inline bool http_conn_idle(const struct http_conn *c)
{
	return !c->leg && c->start == c->end && !c->closing;
}

#endif
