/* Bytes in both directions between a client and an endpoint, without looking at them. */
#ifndef PROXY_TCP_H
#define PROXY_TCP_H

#include "net/tls.h"
#include "proxy/down.h"

/* Starts on an accepted socket (taken over) for chain->tcp; tls is the accepted side's, or NULL. */
void tcp_start(struct down *d, int fd, struct tls *tls);

/* Closes both sides at once. */
void tcp_abandon(struct tcp *t);

#endif
