/*
 * A gRPC server on one loop: listeners (plaintext or TLS), a table of methods, connections with keep-alive and a
 * maximum age. Calls live in grpc/call.h.
 */
#ifndef GRPC_SERVER_H
#define GRPC_SERVER_H

#include "base/err.h"
#include "grpc/call.h"
#include "net/loop.h"

struct grpc_server;
struct tls_ctx;

/* Zeroed fields take the default in brackets. */
struct grpc_server_params {
	size_t max_message_bytes;  /* received [4 MiB] */
	uint32_t max_connections;  /* [16384] */
	uint32_t max_streams;      /* calls of one connection [100] */
	int64_t keepalive_ms;      /* ping after this much silence [30 s] */
	int64_t keepalive_wait_ms; /* and close without an answer after this [10 s] */
	int64_t max_age_ms;        /* GOAWAY after this, with jitter of 10 % [30 min] */
	int64_t max_age_grace_ms;  /* then calls may go on for this [10 s] */
	int64_t handshake_ms;      /* TLS and HTTP/2 preface within this [60 s]; after a second others are let in */
};

/* Without listeners and methods; parameters that are zero (or p NULL) get their defaults. Never NULL. */
struct grpc_server *grpc_server_new(struct loop *l, const struct grpc_server_params *p);

/* Closes everything; on_done is called for open calls. NULL is fine. */
void grpc_server_free(struct grpc_server *s);

/*
 * start is called for every call of the method: set ops (and user), or finish at once. method is "/pkg.Service/Name",
 * and must live as long as the server.
 */
void grpc_server_add(struct grpc_server *s, const char *method, void (*start)(struct grpc_call *c, void *user),
		     void *user);

/* Listens on an address; ctx NULL = plaintext, else it is referenced (ALPN must hold "h2"). Returns the listener's
 * number (>= 0), or -errno. */
int grpc_server_listen(struct grpc_server *s, const struct addr *a, struct tls_ctx *ctx, struct err *e);

/* The port really bound, for a listener on port 0. */
uint16_t grpc_server_port(const struct grpc_server *s, int listener);

/* New connections of the listener use this context from now on. */
void grpc_server_set_tls(struct grpc_server *s, int listener, struct tls_ctx *ctx);

/* Stops listening and sends GOAWAY; connections close after their last call. */
void grpc_server_drain(struct grpc_server *s);

/* Connections now open. */
size_t grpc_server_connections(const struct grpc_server *s);

#endif
