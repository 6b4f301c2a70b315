/*
 * The router for OpenShift Routes: a table of routes by host and path, and connections that relay HTTP/1.1.
 *   client --request--> route -> service -> ready endpoint --in the cluster's namespace--> backend
 */
#ifndef LAB_NET_ROUTER_INTERNAL_H
#define LAB_NET_ROUTER_INTERNAL_H

#include "base/arena.h"
#include "base/list.h"
#include "base/map.h"
#include "base/rand.h"
#include "lab/api/api.h"
#include "lab/net/router.h"
#include "lab/net/service.h"
#include "net/acceptor.h"

struct route_backend {
	const char *service;
	uint32_t weight;
};

/* One admitted Route. */
struct lab_route {
	struct arena arena;
	const char *key, *ns, *host, *path; /* host in lower case; path "" or with a leading / */
	const char *port;                   /* targetPort as text, or NULL: the service's first */
	struct route_backend *backends;
	size_t backends_n;
	int64_t timeout_ms; /* annotation haproxy.router.openshift.io/timeout */
};

/* NULL when it is not admitted. */
struct lab_route *lab_route_new(const cJSON *route);
void lab_route_free(struct lab_route *r);

struct router {
	struct loop *loop;
	struct lab_api *api;
	int netns_fd;
	int fd; /* until the acceptor has it */
	uint16_t port;
	struct acceptor acceptor;
	struct lab_watch *watch;
	struct service_watch *services;
	struct map routes; /* "ns/name" -> struct lab_route, owned */
	struct list conns;
	size_t conns_n;
	struct rand rand;
};

/* The route with the longest path for a host (with or without port) and path; NULL when there is none. */
const struct lab_route *router_match(const struct router *r, struct slice host, struct slice path);

/* A ready target of the route: a backend by weight, an endpoint at random. NULL when there is none. */
const struct svc_target *router_pick(struct router *r, const struct lab_route *route);

/* Takes over an accepted connection. */
void router_conn_new(struct router *r, int fd, const struct addr *peer);
void router_conns_free(struct router *r);

#endif
