/*
 * The router for OpenShift Routes: a table of routes by host and path, and connections that relay HTTP/1.1, or bytes of
 * TLS that they do not look into.
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
#include "net/tls.h"
#include "pki/ca.h"

struct route_backend {
	const char *service;
	uint32_t weight;
};

/* Where TLS ends, spec.tls.termination; and what becomes of plain HTTP, insecureEdgeTerminationPolicy. */
enum route_tls { ROUTE_PLAIN, ROUTE_EDGE, ROUTE_REENCRYPT, ROUTE_PASSTHROUGH };
enum route_insecure { ROUTE_INSECURE_NONE, ROUTE_INSECURE_ALLOW, ROUTE_INSECURE_REDIRECT };

/* One admitted Route. */
struct lab_route {
	struct arena arena;
	const char *key, *ns, *host, *path; /* host in lower case; path "" or with a leading / */
	const char *port;                   /* targetPort as text, or NULL: the service's first */
	struct route_backend *backends;
	size_t backends_n;
	int64_t timeout_ms; /* annotation haproxy.router.openshift.io/timeout */
	enum route_tls tls;
	enum route_insecure insecure;
	const char *certificate, *key_pem, *ca_certificate, *destination_ca; /* PEM, or NULL */
	struct tls_ctx *server_ctx, *backend_ctx;                            /* made when they are first needed */
};

/* NULL when it is not admitted. */
struct lab_route *lab_route_new(const cJSON *route);
void lab_route_free(struct lab_route *r);

struct router {
	struct loop *loop;
	struct lab_api *api;
	int netns_fd;
	uint16_t port, tls_port;
	struct acceptor acceptor, tls_acceptor;
	struct pki_ca *authority; /* NULL: no TLS */
	struct tls_ctx *default_ctx;
	char *wildcard; /* what it is for: "*.apps.localhost" */
	struct lab_watch *watch;
	struct service_watch *services;
	struct map routes; /* "ns/name" -> struct lab_route, owned */
	struct list conns, greetings;
	size_t conns_n;
	struct rand rand;
};

/* How a request came: plain HTTP, HTTP in TLS that ends here, TLS that does not. */
enum router_entry { ROUTER_ENTRY_PLAIN, ROUTER_ENTRY_TLS, ROUTER_ENTRY_THROUGH };

/* The route with the longest path for a host (with or without port) and path, of those that may be entered so; NULL
 * when there is none. */
struct lab_route *router_match(const struct router *r, enum router_entry entry, struct slice host, struct slice path);

/* A ready target of the route: a backend by weight, an endpoint at random. NULL when there is none. */
const struct svc_target *router_pick(struct router *r, const struct lab_route *route);

struct router_arrival {
	int fd;
	const struct addr *peer;
	bool over_tls;
	struct tls *tls;                 /* that ends here, or NULL */
	const struct lab_route *through; /* where its bytes go as they are, or NULL */
};

/* Takes over an accepted connection. */
void router_conn_new(struct router *r, const struct router_arrival *a);
void router_conns_free(struct router *r);

/* ---- router_tls.c ---- */

/* Takes over a connection to the port for TLS. */
void router_greet(struct router *r, int fd, const struct addr *peer);
void router_greetings_free(struct router *r);
/* TLS to a backend of a reencrypt route; NULL when it cannot be. */
struct tls *router_backend_tls(struct lab_route *route, int fd);

#endif
