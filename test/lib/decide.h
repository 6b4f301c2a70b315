/* What a proxy does with what the control plane makes of a small mesh: resources -> runtime configuration -> decision.
 */
#ifndef TEST_DECIDE_H
#define TEST_DECIDE_H

#include "config/build_internal.h"
#include "world.h"

/* A proxy that holds all resources of its view. */
struct decide {
	struct build *build;
	struct config *config;
	struct compile_result result;
};

/* Compiles the proxy's view and gives the proxy all of it. Aborts when the proxy refuses a resource. */
void decide_init(struct decide *d, struct world *w, const struct proxy *p);
void decide_done(struct decide *d);

/* A listener by name, or NULL. */
const struct config_listener *decide_listener(const struct decide *d, const char *name);

/* A connection as a listener sees it. */
struct decide_conn {
	const char *listener; /* by name; NULL: that of the original destination, as virtualOutbound hands it over */
	const char *ip;       /* where it wanted to go */
	uint16_t port;
	const char *from; /* NULL: 10.244.0.99 */
	bool tls;
	const char *sni, *alpn; /* NULL: none */
};

/* The chain that takes it, or NULL. */
const struct config_chain *decide_chain(const struct decide *d, const struct decide_conn *c);

/*
 * Where bytes of the connection go: the cluster of a TCP chain, "(http)" for a connection manager, "(none)" when no
 * chain takes it, the names of weighted clusters joined by ",".
 */
const char *decide_tcp(const struct decide *d, struct arena *a, const struct decide_conn *c);

/* The route of a request on that connection, or NULL. */
const struct route *decide_route(const struct decide *d, const struct decide_conn *c, const char *authority,
				 const char *path);
/* The same with one header, "name: value", and the scheme. */
const struct route *decide_route_of(const struct decide *d, const struct decide_conn *c, const char *authority,
				    const char *path, const char *header, const char *scheme);

/* The cluster that a request goes to: "(none)" without a route, "(https)", "(redirect)", "(direct CODE)". */
const char *decide_http(const struct decide *d, struct arena *a, const struct decide_conn *c, const char *authority,
			const char *path);

/* A cluster by name; spec NULL = there is none. */
struct config_cluster decide_cluster(const struct decide *d, const char *name);

/* The note on an object's path, or NULL. */
const char *decide_note(const struct decide *d, const char *object, const char *path);

/* The index of the tag that spans have under this name, -1 = none has a value of its own, or -2 = none at all. */
int decide_tag(const struct filter_tracing *t, const char *name);

#endif
