/* Listening sockets, and the life of what they accept. */
#ifndef PROXY_LISTENER_H
#define PROXY_LISTENER_H

#include "proxy/client/down.h"
#include "config/rbac.h"

/* A listener (of the worker's current config) whose socket could not be opened, and why. */
struct listen_error {
	const struct config_listener *listener;
	struct err err;
};

/* A Unix socket that one worker has opened for all. */
struct listen_socket {
	const struct config_listener *listener;
	int fd;
};

/*
 * What a configuration's visit to all workers, one after the other, has met. A Unix socket cannot be bound once for
 * each worker, as ports can: the first worker opens it, the others copy the descriptor from here.
 */
struct listen_round {
	VEC(struct listen_error) errors; /* each listener once */
	VEC(struct listen_socket) sockets;
};

/* Closes what is shared; the workers' copies stay. */
void listen_round_done(struct listen_round *r);

/* Makes the open sockets those of the current config. */
void listeners_update(struct worker *w, struct listen_round *round);
/* Closes all listening sockets; connections stay. */
void listeners_close(struct worker *w);

/* Gives memory back that a burst left behind; from now on every few seconds while there is any. */
void worker_trim_later(struct worker *w);

/* Takes over an accepted socket. */
void down_new(struct listener *l, int fd, const struct addr *peer);

/* Gives the connection to the chain that matches, or closes it. hello NULL: no TLS; alpn: what plain bytes have shown,
 * empty = nothing. */
void down_choose(struct down *d, const struct tls_hello *hello, struct slice alpn);

/* Closes at once, with whatever is under way. */
void down_close(struct down *d);

/*
 * After a swap (update.c): follows its listener into the new config. The chain is chosen anew by what was known at
 * first, and its rules are asked again: what they deny now is closed, or answered as they say; the rest lives on.
 */
void down_update(struct down *d);

/* From now on the connection is closed when it idles for as long as its chain says. */
void down_start_idle(struct down *d);

/* No further exchange; closes when idle. */
void down_drain(struct down *d);
/* The end is near: the peer is told by the protocol, where it can say so, or else by the next response. A connection of
 * HTTP/1.1 without an exchange stays: its client may be sending a request just now. */
void down_announce_end(struct down *d);

/* What rules may ask of the connection; tls (its peer) may be NULL. Borrows from both. */
struct rbac_input down_rbac_input(const struct down *d, struct tls *tls);

/* Whether the network RBAC filters let the connection pass; tls (its peer) may be NULL. */
bool down_allowed(const struct down *d, struct tls *tls, const struct filter_rbac *const *rbac, size_t n);

#endif
