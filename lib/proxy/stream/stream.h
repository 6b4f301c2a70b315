/* One HTTP exchange through the proxy; see stream_internal.h for its parts. */
#ifndef PROXY_STREAM_H
#define PROXY_STREAM_H

#include "proxy/client/down.h"

/* The first bytes of a request came on this connection. Returns the downstream leg. */
struct http_leg *stream_new(struct down *d);

/*
 * The connection has a new configuration (d->wc, this hcm). A request that is not there yet goes by it; an exchange
 * that its authorization would have allowed before and denies now is answered so, or cut with its connection when a
 * response has begun: false tells to cut it. The stream may be gone afterwards.
 */
bool streams_update(struct down *d, const struct config_hcm *hcm);

/* The connection is closed under them: they end without any reply. */
void streams_abandon(struct down *d);

/* Frees those kept but not needed since the last call; returns how many bytes. */
size_t streams_trim(struct worker *w);

/* Frees those kept for reuse. */
void streams_done(struct worker *w);

#endif
