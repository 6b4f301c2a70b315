/*
 * The PROXY protocol (HAProxy's proxy-protocol.txt, versions 1 and 2): the line or block before everything else, by
 * which one proxy tells the next whom a connection is from. Pure.
 */
#ifndef NET_PROXY_PROTOCOL_H
#define NET_PROXY_PROTOCOL_H

#include "base/slice.h"
#include "net/socket.h"

/* Of a line of version 1, with its CR and LF. */
#define PROXY_V1_MAX_BYTES 107
/* Of what is written here in either version. */
#define PROXY_OUT_MAX_BYTES 128

enum proxy_parse {
	PROXY_MORE, /* more bytes decide */
	PROXY_NONE, /* it does not begin like one */
	PROXY_BAD,  /* it does, and is none */
	PROXY_OK,
};

struct proxy_header {
	size_t len;                      /* its bytes, extensions included */
	unsigned version;                /* 1 or 2 */
	bool known;                      /* the addresses are there; else the connection speaks for itself */
	struct addr source, destination; /* of the client's connection */
};

/* Looks at the first bytes of a connection. *ret is written with PROXY_OK alone. */
enum proxy_parse proxy_parse(struct slice bytes, struct proxy_header *ret);

/*
 * Writes a header of version 1 or 2; out holds PROXY_OUT_MAX_BYTES. Addresses that are NULL, or of two families, are
 * not told (UNKNOWN, LOCAL). Returns its length.
 */
size_t proxy_write(unsigned version, const struct addr *source, const struct addr *destination, char *out);

#endif
