/* The protocols that connections may choose from. Below them nobody knows which there are, and above nobody needs to.
 */
#ifndef CODECS_CODECS_H
#define CODECS_CODECS_H

#include "http/codec.h"

enum codecs_choice {
	CODECS_AUTO, /* what the handshake or the first bytes say; HTTP/1.1 for want of both */
	CODECS_HTTP1,
	CODECS_HTTP2,
	CODECS_RAW,    /* clients: a tunnel without HTTP, see raw.h */
	CODECS_CHOICES /* how many there are */
};

/* Fills the list of codecs of a connection. */
void codecs_choose(enum codecs_choice choice, const struct http_codec *ret[HTTP_CODECS_MAX]);

/* For servers of our own endpoints. */
const struct http_codec *codecs_http1(void);

/* One more for CODECS_AUTO, before any connection is made; borrowed for good. Main thread. */
void codecs_add(const struct http_codec *codec);

#endif
