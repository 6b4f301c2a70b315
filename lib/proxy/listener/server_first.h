/*
 * What this proxy knows of servers that speak first, so that nobody waits for a client that says nothing: ports at
 * which they do (some by their number; others once it was seen), and which clients speak TLS all the same. A client of
 * the mesh begins with TLS at once, but its first bytes may be late where machines are busy, and a server's greeting
 * that comes before them would spoil the connection: such a client is not raced against its server.
 *
 *   the address spoke TLS at this port, or silence, when it was last seen     expected again
 *   never seen, a pod of the mesh with a sidecar (config_pods_mutual)         TLS expected
 *   never seen, other                                                         no TLS expected
 *
 * What is expected wrongly costs the wait that there always was, or one connection of an address that nobody knew.
 */
#ifndef PROXY_SERVER_FIRST_H
#define PROXY_SERVER_FIRST_H

#include "proxy/client/down.h"

/* Whether its server may be connected to before the client, of whom nothing has come, has shown what it speaks. */
bool server_first_expected(const struct down *d);

/* How a client began; matters at ports of such servers only. */
void server_first_learn_client(struct down *d, bool tls);

/* What was said first on a connection that was taken for plain text unheard (d->unheard), by the server or the client:
 * the port is known from now on, or that the client does speak TLS. */
void server_first_hear(struct down *d, bool from_server, struct slice bytes);

/* Frees what the worker remembers. */
void server_first_done(struct worker *w);

#endif
