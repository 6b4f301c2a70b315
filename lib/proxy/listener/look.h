/*
 * The time between accepting a connection and choosing its chain: the PROXY header, TLS or HTTP by the client's first
 * bytes, and what becomes of clients that say nothing. The worker's thread only.
 *
 *   client speaks first                       its bytes decide
 *   server speaks first (server_first.h)      no TLS, no HTTP
 *   neither within the listener's timeout     the same, where bytes are passed to a server that way; else it goes on
 */
#ifndef PROXY_LOOK_H
#define PROXY_LOOK_H

#include "proxy/client/down.h"

/* Whether the listener looks at first bytes at this connection's port. */
bool look_wanted(const struct down *d);

/* Starts looking; ends in down_choose or down_close, maybe inside this function. */
void look_start(struct down *d);

/* While the client's first bytes are waited for its server, which tcp_reach has connected to, has spoken. */
void look_server_spoke(struct down *d);

/* Writes d->peer_text. */
void look_name_peer(struct down *d);

#endif
