/* A connection of the router, between the file that moves its bytes and the one that rewrites its messages. */
#ifndef LAB_NET_ROUTER_CONN_INTERNAL_H
#define LAB_NET_ROUTER_CONN_INTERNAL_H

#include "h1/h1.h"
#include "lab/net/router_internal.h"
#include "net/transport.h"

#define RELAY_MAX_BYTES 65536
#define CHUNK_BYTES 16384
#define IDLE_MS 300000
#define CONNECT_MS 5000
#define CONNECT_TRIES 3

enum state { STATE_HEAD, STATE_CONNECT, STATE_EXCHANGE, STATE_TUNNEL, STATE_DRAIN };

struct side {
	struct conn *conn;
	struct transport t;
	struct buf in, out;
	bool eof;    /* nothing more comes from it */
	bool broken; /* nothing more goes to it */
};

struct conn {
	struct router *router;
	struct list link;
	enum state state;
	struct side client, backend;
	struct task work; /* the rest of a long turn */
	bool over_tls;    /* it came by the port for TLS */
	bool through;     /* of a passthrough route: bytes, no messages */
	char peer[ADDR_TEXT_MAX];
	struct svc_target target; /* of the backend connection; ip points into target_ip */
	char target_ip[64];
	char route[512]; /* key of the route, looked up again at retries */
	int tries;
	bool reused; /* the backend connection served a request before */

	struct http_head request, response;
	struct buf forwarded; /* values of added fields */
	enum http_method method;
	uint8_t client_minor;
	struct h1_body request_body, response_body;
	bool client_keeps, backend_keeps, response_started, chunked_out;
	struct buf head_copy; /* the request as sent, for a second try */
	bool head_only;       /* it has no body: may be sent again */
	int64_t timeout_ms;
	struct timer timer;
};

enum relay { RELAY_NOTHING, RELAY_MOVED, RELAY_BROKEN };

/* Leaves in head_copy the request for the backend, with X-Forwarded-* and Forwarded; h is changed. */
void router_write_request(struct conn *c, struct http_head *h);

/* Appends the head for the client; decides whether its connection can be kept. h is changed. */
void router_write_response(struct conn *c, struct http_head *h);

/* Moves body bytes; chunked ones get chunk heads of ours. */
enum relay router_relay_body(struct h1_body *b, struct buf *from, struct buf *to, bool chunked);

#endif
