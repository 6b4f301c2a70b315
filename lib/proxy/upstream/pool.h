/*
 * Connections to one endpoint, kept between exchanges. A stream asks for one and is called back at once (an idle one,
 * or one that carries many exchanges and has room) or later (a new one, or one that becomes free). Limits of the
 * cluster are enforced here.
 *
 *   up: OPENING -> IDLE <-> BUSY -> closed         one exchange at a time
 *               -> SHARED -> closed                many
 */
#ifndef PROXY_POOL_H
#define PROXY_POOL_H

#include "proxy/upstream/cluster.h"

struct up {
	struct http_conn http;
	struct corpse corpse;
	struct list link;          /* in one of the endpoint's lists */
	struct endpoint *endpoint; /* a reference */
	struct timer timer;        /* connecting, or idle */
	int64_t used_ns;           /* when it became idle */
	int64_t opened_ns;
	uint8_t state;
	uint8_t choice; /* enum codecs_choice it was opened for */
	bool counted;   /* in the breaker */
	bool retire;    /* not to be used again */
	uint64_t first; /* hash of the PROXY header it began with; 0 = none */
	/* What the peer said about itself, by the header last seen. */
	struct stats_peer *peer;
	uint64_t peer_hash;         /* of that header */
	const char *peer_principal; /* interned; NULL = not known */
};

enum up_state { UP_OPENING, UP_IDLE, UP_BUSY, UP_SHARED };

/* A stream's place in the queue. */
struct pool_wait {
	struct list link; /* in endpoint->waiting; unlinked = not waiting */
	struct endpoint *endpoint;
	bool counted;             /* in the breaker */
	bool downstream_http2;    /* for clusters that are spoken to as the client speaks */
	bool raw;                 /* a tunnel of bare bytes, whatever the cluster speaks */
	uint8_t choice;           /* enum codecs_choice; the pool's */
	struct slice alpn;        /* in wire form; empty = as configured */
	struct slice server_name; /* for auto_sni; valid while waiting */
	struct slice first;       /* a PROXY header: its own connection begins with it; valid while waiting */
	bool opening;             /* such a connection is being opened; the pool's */
	/* A connection is there: begin the exchange on it. */
	void (*on_ready)(struct pool_wait *w, struct up *up);
	/* None could be had: OUTCOME_CONNECT_FAILED or _CONNECT_TIMEOUT; error is valid during the call. */
	void (*on_failed)(struct pool_wait *w, enum outcome why, const char *error);
};

/*
 * Asks for a connection. OUTCOME_OK: on_ready or on_failed was called or will be. OUTCOME_OVERFLOW: a limit is reached,
 * nothing will be called.
 */
enum outcome pool_ask(struct endpoint *e, struct pool_wait *w);

/* Leaves the queue. Idempotent. */
void pool_cancel(struct pool_wait *w);

/* After the exchange's on_done: the connection is kept, given to the next in the queue, or closed. */
void pool_release(struct up *up, bool reusable);

/*
 * The client side of a TLS connection to the endpoint, whose transport must have TLS. alpn (wire form) and server_name
 * (for auto_sni) may be empty. NULL with the reason.
 */
struct tls *endpoint_tls(struct endpoint *e, int fd, struct slice alpn, struct slice server_name, struct err *err);

/* The PROXY header of a connection to the endpoint, as its transport asks for, with both ends of the client's
 * connection (NULL = there is no client); empty when it asks for none. out holds PROXY_OUT_MAX_BYTES. */
struct slice endpoint_first(const struct endpoint *e, const struct addr *peer, const struct addr *local, char *out);

/* Closes what is not open yet; nobody waits for it any more. */
void pool_close_opening(struct endpoint *e);

/* Closes what is idle, and what is busy after its exchange. */
void pool_close_idle(struct endpoint *e);

#endif
