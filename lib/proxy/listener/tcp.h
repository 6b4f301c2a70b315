/* Bytes in both directions between a client and an endpoint, without looking at them. */
#ifndef PROXY_TCP_H
#define PROXY_TCP_H

#include "net/tls.h"
#include "proxy/client/down.h"

/*
 * Connects to the server that a client of chain (plain, with a tcp) would get, while it is not known whether the client
 * is one: only where the chain's rules let it pass and nobody else is asked. When the server speaks look_server_spoke
 * is called, maybe inside this function. d->tcp is set; it is NULL again when the server could not be had or left.
 */
void tcp_reach(struct down *d, const struct config_chain *chain);
/* Whether what tcp_reach began is what the chain wants; else the owner abandons it. */
bool tcp_serves(const struct tcp *t, const struct config_chain *chain);

/* Starts on an accepted socket (taken over) for chain->tcp; tls is the accepted side's, or NULL. Takes up
 * what d->tcp has begun. */
void tcp_start(struct down *d, int fd, struct tls *tls);

/* The client's handshake is done: rules were asked and the upstream is being connected, or more. */
bool tcp_opened(const struct tcp *t);
/* The connection that is not open yet goes by d->chain, which has changed. */
void tcp_follow(struct tcp *t);
/* Asks another chain's rules, and its authorization service unless one was asked before; closes when they deny, else
 * goes on as it began. */
void tcp_ask_again(struct tcp *t, const struct config_chain *now);
/* The client's TLS, NULL when plain. */
struct tls *tcp_tls(const struct tcp *t);

/* Closes both sides at once. */
void tcp_abandon(struct tcp *t);

#endif
