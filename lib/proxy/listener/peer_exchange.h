/*
 * How sidecars introduce themselves on TCP: magic, length, and an Any that holds a Struct with the node's metadata, in
 * front of the first bytes of each direction (Istio's metadata_exchange filter, ALPN istio-peer-exchange). Pure.
 */
#ifndef PROXY_PEER_EXCHANGE_H
#define PROXY_PEER_EXCHANGE_H

#include "base/buf.h"

#define PEER_EXCHANGE_MAGIC 0x3D230467u
/* Of the Any; larger announcements are taken for none. */
#define PEER_EXCHANGE_MAX_BYTES 32768

struct peer_exchange {
	bool expected; /* the announcement has not been read yet */
	struct buf got;
	size_t length; /* of the Any, once known */
};

/* Frees what was buffered. */
void peer_exchange_done(struct peer_exchange *x);

/*
 * Takes bytes from the front of the stream; *ret_taken of them belong to the announcement and are not to be forwarded.
 * Returns 0 when more is needed, 1 when it is over (expected is false): peer_exchange_struct is empty when the peer did
 * not introduce itself. Bytes kept from earlier calls that turn out to be no announcement cannot be given back, so a
 * stream that begins with a part of the magic only is cut by that part.
 */
int peer_exchange_read(struct peer_exchange *x, struct slice bytes, size_t *ret_taken);

/* The Struct that was read. */
struct slice peer_exchange_struct(const struct peer_exchange *x);

/* Writes our announcement; returns its length, 0 when it does not fit. */
size_t peer_exchange_write(struct slice node_struct, char *out, size_t cap);

#endif
