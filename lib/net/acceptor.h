/*
 * A listening socket on the loop: what comes in is handed over, connection by connection. When the process has no
 * descriptors left it rests for a moment, since the event would only come again and again.
 */
#ifndef NET_ACCEPTOR_H
#define NET_ACCEPTOR_H

#include "net/loop.h"
#include "net/socket.h"

struct acceptor {
	struct io io;
	struct timer rest;
	struct loop *loop; /* NULL = stopped */
	int fd;            /* owned; -1 when stopped */
	bool paused;
	/* A connection, fd is the callee's from now on. It must not stop the acceptor. */
	void (*fn)(struct acceptor *a, int fd, const struct addr *peer);
};

/* Takes over a listening socket. Returns 0, or -errno (the socket is closed then). Zeroed = stopped. */
int acceptor_start(struct loop *l, struct acceptor *a, int listen_fd,
		   void (*fn)(struct acceptor *a, int fd, const struct addr *peer));

/* Leaves connections to the kernel, which keeps as many as the socket's backlog says, or takes them again. Also inside
 * fn. No effect on one that is stopped. */
void acceptor_pause(struct acceptor *a, bool paused);

/* Closes the socket. Idempotent. */
void acceptor_stop(struct acceptor *a);

#endif
