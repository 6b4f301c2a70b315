/*
 * The bytes of one connection: a non-blocking socket, plain or under TLS, edge-triggered, so that a request costs no
 * epoll_ctl. The owner reads and writes when it wants to; the transport remembers whether that can work now.
 *
 *   CONNECTING -> HANDSHAKING -> OPEN -> (FAILED)        a plain socket skips HANDSHAKING, an accepted one CONNECTING
 */
#ifndef NET_TRANSPORT_H
#define NET_TRANSPORT_H

#include <sys/uio.h>

#include "net/loop.h"
#include "net/socket.h"
#include "net/tls.h"

enum transport_state {
	TRANSPORT_CLOSED,
	TRANSPORT_CONNECTING,
	TRANSPORT_HANDSHAKING,
	TRANSPORT_OPEN,
	TRANSPORT_FAILED
};

struct transport {
	struct io io;
	struct tls *tls; /* owned; NULL = plain */
	int fd;          /* owned; -1 = closed */
	uint8_t state;
	bool can_read, can_write; /* trying is worth it */
	bool hung_up;             /* the peer's end of stream is (or will be) readable */
	bool eof;                 /* it was read */
	bool wrote_eof;
	int error;                     /* errno of a failed plain transport, 0 = none */
	struct transport_first *first; /* owned; NULL = none */
	/* The state or can_read/can_write changed. The transport may be closed and freed inside. */
	void (*fn)(struct transport *t);
};

#define TRANSPORT_AGAIN (-1)
#define TRANSPORT_ERROR (-2)

/*
 * Takes over a connected socket. tls (owned, may be NULL) starts its handshake at once; fn is first called when the
 * transport is open and something is readable, or when it failed. Returns 0 or -errno (the socket is closed then).
 */
int transport_accept(struct transport *t, struct loop *l, int fd, struct tls *tls, void (*fn)(struct transport *t));

/*
 * Takes over a connecting socket; fn is called when it is open or has failed. tls as above.
 */
int transport_connect(struct transport *t, struct loop *l, int fd, struct tls *tls, void (*fn)(struct transport *t));

/* These bytes (copied) leave before everything else, the TLS handshake included; right after transport_connect, and
 * few: what a fresh connection does not take at once fails it. */
void transport_send_first(struct transport *t, struct slice bytes);

/* Bytes read, 0 at the end of stream, TRANSPORT_AGAIN, or TRANSPORT_ERROR. n > 0. */
ssize_t transport_read(struct transport *t, void *out, size_t n);

/* Bytes written (may be fewer), TRANSPORT_AGAIN, or TRANSPORT_ERROR: reading may still give what came before. */
ssize_t transport_write(struct transport *t, struct iovec *iov, int n);

/* Whether bytes or the end of stream are there to be read; asks the kernel only when that is not known. */
bool transport_waiting(struct transport *t);

/* Sends our end of stream; reading goes on. */
void transport_shutdown(struct transport *t);

/* Closes without any grace. Idempotent. */
void transport_close(struct transport *t);

/* Closes so that the peer sees a reset. */
void transport_abort(struct transport *t);

/* Why it failed, for logs and %UPSTREAM_TRANSPORT_FAILURE_REASON%; never NULL. */
const char *transport_error(const struct transport *t);

#endif
