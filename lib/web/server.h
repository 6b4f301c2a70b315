/*
 * An HTTP/1.1, HTTP/2 and WebSocket server for people, webhooks and the lab's API (RFC 9110, 9112, 9113, 6455):
 * requests are handed over with their whole body, answers may come later and in pieces, and a connection may be taken
 * over by a WebSocket or by any other protocol that Upgrade names. Not for the data path.
 *
 * It is our own over net/loop, not libwebsockets, whose 4.1 as packaged needs a second event loop, takes no chunked
 * request bodies and cannot hand a connection over to a protocol it does not know (SPDY/3.1 of kubectl exec).
 *
 * One loop, one thread. A request lives until it was answered completely or its peer went away: see web_handler.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"
#include "http/head.h"
#include "net/tls.h"
#include "net/loop.h"
#include "net/socket.h"

struct web_server;
struct web_stream;

#define WEB_BODY_MAX_BYTES (8 * 1024 * 1024)
#define WEB_CONNECTIONS_MAX 4096
#define WEB_MESSAGE_MAX_BYTES (1024 * 1024)
#define WEB_STREAMS_MAX 250 /* requests at a time on a connection of HTTP/2 */
#define WEB_IDLE_MS (120 * 1000)
#define WEB_HEAD_MS (30 * 1000)

/* One request. Slices live as long as the request. */
struct web_request {
	struct slice method;   /* "GET" */
	struct slice target;   /* as sent: "/a%20b?x=1" */
	struct slice path;     /* percent-decoded, without the query: "/a b"; always begins with '/' */
	struct slice raw_path; /* not decoded */
	struct slice query;    /* not decoded, without '?' */
	struct slice body;     /* whole */
	const struct http_head *head;
	struct addr peer;
	bool tls;
	struct slice peer_cn;          /* CN of a verified client certificate; empty = none was shown */
	const struct slice *peer_orgs; /* its O values */
	size_t peer_org_count;

	/* The handler's own: called once when the peer went away before the answer was complete; the request is freed
	 * after it returns. NULL is fine. */
	void (*on_gone)(struct web_request *r);
	/* Called when what was written with web_write has mostly left: time to write more. NULL is fine. */
	void (*on_room)(struct web_request *r);
	void *user;
};

/*
 * Called once per request. Answer with web_reply(), or web_begin() + web_write() + web_end(), or web_upgrade(), at once
 * or later. After the call that completes the answer (web_reply, web_end, web_upgrade) the request must not be touched.
 * A request that is answered later must set on_gone.
 */
typedef void (*web_handler)(void *user, struct web_request *r);

struct web_config {
	web_handler on_request;
	void *user;
	struct slice cert_pem; /* chain, leaf first; empty = plain HTTP */
	struct slice key_pem;
	struct slice
		client_ca_pem;     /* certificates that client certificates are verified with; empty = none asked for */
	bool client_cert_required; /* otherwise a client without one is served too (peer_cn is empty) */
	struct tls_limits tls;     /* strings live as long as the server */
	bool http2;                /* over TLS, where the client offers it by ALPN: no upgrades then */
	size_t body_max_bytes;     /* 0 = WEB_BODY_MAX_BYTES; larger bodies get 413 */
};

/* Copies what it needs of the configuration. NULL with e set when the PEM texts are no good. */
struct web_server *web_server_new(struct loop *l, const struct web_config *c, struct err *e);

/* Closes listeners and connections; on_gone is called for open requests, on_close for streams. NULL is fine. */
void web_server_free(struct web_server *s);

/* Starts to listen; several addresses are fine. Returns the port bound (a->port may be 0), or -errno. */
int web_server_listen(struct web_server *s, const struct addr *a, struct err *e);

/* As web_server_listen on a socket that listens already (in another network namespace); owned by the server from now
 * on. */
int web_server_adopt(struct web_server *s, int listen_fd, struct err *e);

/* New certificate and key for connections from now on. Keeps the old ones when the new are no good. */
int web_server_set_cert(struct web_server *s, struct slice cert_pem, struct slice key_pem, struct err *e);

/* The value of the first header of that name (case ignored); empty when absent (ptr NULL). */
struct slice web_header(const struct web_request *r, const char *name);

/* The decoded value of a query parameter. False when absent. ret is NUL-terminated and lives as long as the request. */
bool web_query(struct web_request *r, const char *name, struct slice *ret);

/* A query value decoded ('+' is a space), NUL-terminated, living as long as the request; "" when it is malformed. */
const char *web_query_decode(struct web_request *r, struct slice value);

/* Memory that lives as long as the request: the arena's functions take it. */
struct arena *web_arena(struct web_request *r);

/* Adds a header to the answer; before web_reply, web_begin or web_upgrade. Copies. */
void web_add_header(struct web_request *r, const char *name, const char *value);

/* Answers completely. content_type may be NULL for no body. Copies. */
void web_reply(struct web_request *r, int status, const char *content_type, struct slice body);

/* web_reply() with text/plain. */
void web_reply_text(struct web_request *r, int status, const char *text);

/* Begins an answer of unknown length (chunked, or until close for HTTP/1.0). */
void web_begin(struct web_request *r, int status, const char *content_type);

/* Appends to the answer. Copies. Returns the bytes that wait to be sent: above WEB_QUEUE_HIGH_BYTES stop and wait for
 * on_room. */
size_t web_write(struct web_request *r, struct slice bytes);
#define WEB_QUEUE_HIGH_BYTES (256 * 1024)

/* Completes the answer. */
void web_end(struct web_request *r);

/* Breaks the answer off by closing the connection, or its stream: the client must see that it is incomplete. Ends the
 * request. */
void web_abort(struct web_request *r);

/* --- WebSocket and other protocols --- */

enum web_opcode { WEB_TEXT = 1, WEB_BINARY = 2 };

struct web_stream_ops {
	/* A whole message (WebSocket), or some bytes (raw). The stream may be closed inside. */
	void (*on_data)(struct web_stream *s, enum web_opcode op, struct slice data);
	/* Once, when the peer closed or the connection broke or web_stream_close finished; the stream is freed after
	 * it. */
	void (*on_close)(struct web_stream *s);
	/* What was sent has mostly left. May be NULL. */
	void (*on_room)(struct web_stream *s);
};

/* True when the request asks for a WebSocket. */
bool web_is_websocket(const struct web_request *r);

/* The first of the subprotocols (list ended by NULL, best first) that the client offers, or NULL. */
const char *web_choose_protocol(const struct web_request *r, const char *const *protocols);

/*
 * Accepts: 101, then a WebSocket (protocol NULL or one that was offered), or with upgrade != NULL raw bytes of the
 * protocol named by it. Ends the request. Returns the stream, or NULL when the request is no such thing (then 400 was
 * answered).
 */
struct web_stream *web_upgrade(struct web_request *r, const char *upgrade, const char *protocol,
			       const struct web_stream_ops *ops, void *user);

/* What the owner keeps with the stream, or NULL. */
void *web_stream_user(const struct web_stream *s);

/* Sends a message or, raw, bytes. Copies. Returns the bytes that wait to be sent, as web_write(). No effect after
 * close. */
size_t web_stream_send(struct web_stream *s, enum web_opcode op, struct slice data);

/* Stops and restarts reading, for back-pressure. */
void web_stream_pause(struct web_stream *s, bool paused);

/* Sends what waits, then closes (WebSocket: with code and reason; code 0 = 1000). on_close comes later, never inside.
 */
void web_stream_close(struct web_stream *s, int code, const char *reason);

#endif
