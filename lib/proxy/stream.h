/* One HTTP exchange through the proxy; see stream_internal.h for its parts. */
#ifndef PROXY_STREAM_H
#define PROXY_STREAM_H

#include "proxy/down.h"

/* The first bytes of a request came on this connection. Returns the downstream leg. */
struct http_leg *stream_new(struct down *d);

/* The connection is closed under it: ends without any reply. */
void stream_abandon(struct stream *s);

/* Frees those kept but not needed since the last call; returns how many bytes. */
size_t streams_trim(struct worker *w);

/* Frees those kept for reuse. */
void streams_done(struct worker *w);

#endif
