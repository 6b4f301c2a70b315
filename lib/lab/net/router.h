/*
 * The router for OpenShift Routes: relays HTTP/1.1 from a port of the host to the ready endpoints of a Route's
 * services, inside the cluster's namespace. On the loop.
 */
#ifndef LAB_NET_ROUTER_H
#define LAB_NET_ROUTER_H

#include <stdint.h>

#include "base/err.h"
#include "net/loop.h"

struct lab_api;
struct router;

struct router_config {
	struct loop *loop;
	struct lab_api *api;
	int netns_fd;  /* borrowed: where backends are connected */
	uint16_t port; /* first choice on 127.0.0.1; 0 = 80, then 8080 and up */
};

/* Listens on 127.0.0.1 and relays by Route objects. Returns 0 or -errno. */
int router_start(const struct router_config *c, struct router **ret, struct err *e);

/* The port that it listens on. */
uint16_t router_port(const struct router *r);

/* Closes everything. NULL is fine. */
void router_free(struct router *r);

#endif
