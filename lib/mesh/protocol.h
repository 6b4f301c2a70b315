/* Protocols of service ports, and how a port's declaration tells which one it speaks. */
#ifndef MESH_PROTOCOL_H
#define MESH_PROTOCOL_H

#include <stdbool.h>
#include <stdint.h>

enum protocol {
	PROTOCOL_AUTO, /* not declared: the first bytes tell */
	PROTOCOL_TCP,
	PROTOCOL_UDP, /* never in the mesh */
	PROTOCOL_HTTP,
	PROTOCOL_HTTP2,
	PROTOCOL_GRPC,
	PROTOCOL_GRPC_WEB,
	PROTOCOL_HTTPS, /* TLS of the application */
	PROTOCOL_TLS,
	PROTOCOL_MONGO,
	PROTOCOL_REDIS,
	PROTOCOL_MYSQL,
	PROTOCOL_COUNT
};

/*
 * The protocol of a Kubernetes service port: appProtocol before the name's prefix up to the first "-"; UDP by the
 * transport. Neither known: AUTO, but TCP for 25, 53, 3306 and 27017: there the server speaks first.
 * app_protocol, name and transport may be NULL.
 */
enum protocol protocol_detect(const char *app_protocol, const char *name, const char *transport, uint16_t port);

/* A protocol by its name ("HTTP", "grpc-web"), any case. Returns 0 or -EINVAL. */
int protocol_parse(const char *name, enum protocol *ret);

/* "HTTP", "TCP", ... */
const char *protocol_str(enum protocol p);

/* May HTTP come, among other things or alone? */
bool protocol_may_be_http(enum protocol p);

/* Is it read as HTTP by the proxy? */
bool protocol_is_http(enum protocol p);

/* HTTP/2 without upgrade: http2, grpc, grpc-web. */
bool protocol_is_http2(enum protocol p);

/* TLS that the proxy does not open: https, tls. */
bool protocol_is_tls(enum protocol p);

#define PROTOCOL_GRPC_STATUS_MAX 16 /* UNAUTHENTICATED */

/* The number of a status of gRPC by the name that its documentation has ("NOT_FOUND"); -1 = there is none. */
int protocol_grpc_status(const char *name);

#endif
