/*
 * A connection of the server and the request or stream on it. Life of a connection:
 *
 *   HEAD -> BODY -> HANDLER -> (answer complete) -> HEAD ...        one request at a time, pipelined ones wait in `in`
 *                      `-> STREAM                                   after an upgrade
 *   H2                                                               many requests at a time, each a stream (h2.c)
 *   any -> FLUSH (no more reading, close when `out` is empty) -> freed
 *
 * Freed only from the loop's task, so callbacks may end a request at any time.
 */
#ifndef WEB_CONN_INTERNAL_H
#define WEB_CONN_INTERNAL_H

#include "base/arena.h"
#include "base/list.h"
#include "h1/message.h"
#include "h2/h2.h"
#include "net/acceptor.h"
#include "net/tls.h"
#include "web/parse_internal.h"
#include "web/server.h"

struct web_listener {
	struct list link;
	struct acceptor acceptor;
	struct web_server *server;
};

struct web_server {
	struct loop *loop;
	struct web_config config;
	struct tls_ctx *ctx; /* NULL = plain */
	struct list listeners, conns;
	size_t conn_count;
};

enum conn_state { CONN_HEAD, CONN_BODY, CONN_HANDLER, CONN_STREAM, CONN_H2, CONN_FLUSH, CONN_DEAD };

enum conn_timer { TIMER_NONE, TIMER_IDLE, TIMER_BUSY };

struct web_stream {
	const struct web_stream_ops *ops;
	void *user;
	struct web_conn *conn;
	bool raw, paused, close_sent;
	struct buf message; /* fragments so far */
	enum web_opcode op;
};

struct web_conn {
	struct list link;
	struct web_server *server;
	struct io io;
	struct task work;
	struct timer timer;
	struct tls *tls; /* NULL = plain */
	bool handshaking, want_write;
	enum conn_timer timer_mode;
	enum conn_state state;
	struct buf in, out;
	size_t out_pos;
	struct addr peer;
	struct web_request_impl *request; /* NULL = its first byte has not come */
	struct web_stream *stream;
	struct h2_session *h2;            /* NULL = HTTP/1.1 */
	struct list requests;             /* of HTTP/2 */
	struct slice peer_cn, *peer_orgs; /* of the arena */
	size_t peer_org_count;
	struct arena arena;
};

/* A parameter of the query, decoded. */
struct web_parameter {
	struct slice name, value;
};

struct web_request_impl {
	struct web_request r; /* first */
	struct web_conn *conn;
	struct list link;         /* in conn.requests */
	struct h2_stream *stream; /* NULL = HTTP/1.1 */
	struct buf raw, body;     /* of HTTP/2, as they come */
	int refused;              /* with this status, once it is there; 0 = not */
	struct arena arena;
	struct h1_message message;
	struct buf headers_out;
	bool begun, answer_chunked, answer_close, head_only, query_parsed;
	struct web_parameter *query;
	size_t query_count;
};

static inline size_t conn_waiting(const struct web_conn *c)
{
	return c->out.len - c->out_pos;
}

/* Queues bytes to be sent. */
void web_conn_send(struct web_conn *c, const void *bytes, size_t n);

/* Asks for another look at the connection from the loop: more input to parse, output to send, state changed. */
void web_conn_kick(struct web_conn *c);

/* Ends the connection: at once, or when what waits was sent. */
void web_conn_close(struct web_conn *c, bool flush);

/* Handles the input of a stream; called while state is CONN_STREAM. */
void web_stream_input(struct web_conn *c);

/* The peer is gone: calls on_close and frees the stream. */
void web_stream_lost(struct web_conn *c);

/* A request whose first bytes have come: the connection's, or a stream's. */
struct web_request_impl *web_request_new(struct web_conn *c);

/* Its head is there. Returns 0 or a negative status. */
int web_request_start(struct web_request_impl *q);

/* Calls the handler with the complete request. */
void web_request_run(struct web_request_impl *q);

/* Frees the request; gone: tells its owner first. */
void web_request_end(struct web_request_impl *q, bool gone);

/* Answers with a status of the server's own and closes. */
void web_conn_refuse(struct web_conn *c, int status);

/* ---- h2.c ---- */

/* The handshake agreed on HTTP/2. */
void web_h2_start(struct web_conn *c);

/* Takes what has come. */
void web_h2_input(struct web_conn *c);

/* Moves what there is to be sent into the connection's queue; false when there is nothing. */
bool web_h2_output(struct web_conn *c);

/* The answer's head: status and the lines that were gathered; end: there is no body. */
void web_h2_head(struct web_request_impl *q, int status, const char *content_type, bool end);

#endif
