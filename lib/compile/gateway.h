/* The servers of the Gateways that select a proxy, in the order in which they count. Internal to this folder. */
#ifndef COMPILE_GATEWAY_H
#define COMPILE_GATEWAY_H

#include "compile/gen.h"

struct server {
	const struct mesh_gateway *gw;
	const struct istio_server *in;
	size_t number;   /* in the Gateway */
	uint16_t port;   /* as written */
	uint16_t listen; /* of the proxy */
	enum protocol protocol;
	const char *rds; /* NULL for TCP */
};

struct servers {
	struct server *v;
	size_t n;
};

/* The servers for the proxy, of the oldest Gateway first; in the arena. */
struct servers gateway_servers(struct gen *g);

/* A server's host "ns/host" without the namespace. */
const char *gateway_host(const char *h);

/* Host number i of a server, "ns/host", admits VirtualServices of that namespace only; "." is the Gateway's own. */
bool gateway_admits(const struct server *s, size_t i, const char *ns);

#endif
