/*
 * SPDY/3.1 as kubectl speaks it for port-forward (inside a WebSocket since 1.31, on the bare connection before): either
 * side of a session, without I/O. Bytes come in through spdy_feed and go out through the buffer `out`; streams are
 * opened by the client. Source: draft-mbelshe-httpbis-spdy-00. Flow control is not used by these peers: windows are
 * neither kept nor announced.
 */
#ifndef KUBE_SPDY_H
#define KUBE_SPDY_H

#include "base/buf.h"
#include "base/err.h"

#define SPDY_FRAME_MAX_BYTES (1 << 20)
#define SPDY_HEADERS_MAX 64
#define SPDY_HEADER_BLOCK_MAX_BYTES (64 * 1024)

struct spdy;

struct spdy_header {
	struct slice name, value; /* names in lower case; valid during the callback */
};

struct spdy_ops {
	/* The peer opened a stream; answer with spdy_reply or spdy_reset. NULL: a client, to whom nobody opens any. */
	void (*on_stream)(void *arg, uint32_t id, const struct spdy_header *headers, size_t n, bool fin);
	/* Data of a stream; fin: the last. */
	void (*on_data)(void *arg, uint32_t id, struct slice bytes, bool fin);
	void (*on_reset)(void *arg, uint32_t id, uint32_t status);
};

enum spdy_status { SPDY_PROTOCOL_ERROR = 1, SPDY_REFUSED_STREAM = 3, SPDY_CANCEL = 5, SPDY_INTERNAL_ERROR = 6 };

/* ops is borrowed. Never NULL. */
struct spdy *spdy_new(const struct spdy_ops *ops, void *arg);

/* Not inside a callback. NULL is fine. */
void spdy_free(struct spdy *s);

/* What is to be sent: the caller sends and consumes it after each call of the functions below. */
struct buf *spdy_out(struct spdy *s);

/* Takes bytes of the peer. Returns 0, or -EPROTO, -EMSGSIZE: then the session must end. */
int spdy_feed(struct spdy *s, struct slice bytes, struct err *e);

/* Opens a stream with an odd number that was not used before; fin: we send nothing on it. For clients. */
void spdy_open(struct spdy *s, uint32_t id, const struct spdy_header *headers, size_t n, bool fin);

/* Accepts a stream. */
void spdy_reply(struct spdy *s, uint32_t id);

/* Sends data; fin closes our side. */
void spdy_send(struct spdy *s, uint32_t id, struct slice bytes, bool fin);

/* Queues a RST_STREAM with this status (SPDY/3.1, 2.6.3). */
void spdy_reset(struct spdy *s, uint32_t id, enum spdy_status status);

#endif
