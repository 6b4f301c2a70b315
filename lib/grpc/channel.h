/*
 * A gRPC client: a channel is one connection to one target, made at the first call and again after a failure, with
 * back-off. Calls made while there is no connection wait for it until their deadline, or fail with UNAVAILABLE when
 * the attempt fails.
 */
#ifndef GRPC_CHANNEL_H
#define GRPC_CHANNEL_H

#include "grpc/call.h"
#include "net/loop.h"

struct grpc_channel;
struct tls_ctx;
struct dns;

/* Zeroed fields take the default in brackets. Strings are copied. */
struct grpc_channel_params {
	const char *host; /* name, literal address, or "/path" of a Unix socket */
	uint16_t port;
	struct tls_ctx *tls;       /* referenced; NULL = plaintext */
	const char *sni;           /* [host] */
	const char *authority;     /* [host:port] */
	struct dns *dns;           /* borrowed; needed when host is a name */
	size_t max_message_bytes;  /* received [4 MiB] */
	bool takes_compressed;     /* servers may compress messages (zstd) */
	int64_t connect_ms;        /* connecting [10 s] */
	int64_t handshake_ms;      /* and then, as long as a server with a crowd before it may need [30 s] */
	int64_t keepalive_ms;      /* [30 s] */
	int64_t keepalive_wait_ms; /* [10 s] */
};

/* Copies the strings and takes a reference to the TLS context; connects with the first call. Never NULL. */
struct grpc_channel *grpc_channel_new(struct loop *l, const struct grpc_channel_params *p);

/* Ends calls silently (no on_done). NULL is fine. */
void grpc_channel_free(struct grpc_channel *ch);

/* The next connection uses this context. The one that is open goes on. */
void grpc_channel_set_tls(struct grpc_channel *ch, struct tls_ctx *ctx);

/* Sends GOAWAY on the open connection and makes a new one at the next call: after a rotation. */
void grpc_channel_reconnect(struct grpc_channel *ch);

/*
 * Starts a call. deadline_ms 0 = none; it is sent as grpc-timeout too. Never fails at once: errors come by on_done,
 * which is never called inside this function.
 */
struct grpc_call *grpc_channel_call(struct grpc_channel *ch, const char *method, const struct grpc_metadata *v,
				    size_t n, int64_t deadline_ms, const struct grpc_call_ops *ops, void *user);

/*
 * A unary call: fn is called exactly once with the status and, when GRPC_OK, the one response message. The call that
 * is returned may be given up by grpc_call_cancel_silent; then fn is never called. deadline_ms bounds it.
 */
struct grpc_unary {
	void (*fn)(struct grpc_unary *u, int status, const char *text, struct slice response);
	struct grpc_call *call; /* NULL when nothing is under way */
	struct buf response;    /* the library's */
	bool answered;
};
/* Sends one request and ends the sending side. u is the caller's and stays in place until on_done; the request is
 * copied; deadline_ms 0: none. */
void grpc_unary_start(struct grpc_channel *ch, struct grpc_unary *u, const char *method, const struct grpc_metadata *v,
		      size_t n, struct slice request, int64_t deadline_ms);
/* on_done is not called any more. Idempotent. */
void grpc_unary_cancel(struct grpc_unary *u);

#endif
