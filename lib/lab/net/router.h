/*
 * The router for OpenShift Routes: relays HTTP/1.1 from two ports of the host, one of them for TLS (edge, reencrypt,
 * passthrough), to the ready endpoints of a Route's services, inside the cluster's namespace. On the loop.
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
	int netns_fd;            /* borrowed: where backends are connected */
	uint16_t port;           /* first choice on 127.0.0.1; 0 = 80, then 8080 and up */
	uint16_t tls_port;       /* the same; 0 = 443, then 8443 and up */
	const char *pki_dir;     /* where the authority of routes is kept: ROUTER_AUTHORITY.crt, .key */
	const char *apps_domain; /* "apps.localhost" */
};

/* Listens on 127.0.0.1 and relays by Route objects. Returns 0 or -errno. */
int router_start(const struct router_config *c, struct router **ret, struct err *e);

/* The name of the authority's files; its certificate is for clients of https:// routes. */
#define ROUTER_AUTHORITY "router-ca"

/* The ports that it listens on. */
uint16_t router_port(const struct router *r);
uint16_t router_tls_port(const struct router *r);

/* Closes everything. NULL is fine. */
void router_free(struct router *r);

#endif
