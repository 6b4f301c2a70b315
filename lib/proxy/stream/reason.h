/* One sentence for people: why a response was made here, where, and what to look at. */
#ifndef PROXY_STREAM_REASON_H
#define PROXY_STREAM_REASON_H

#include "base/slice.h"

struct stream;

#define REASON_FIELD "x-weft-reason"

/* Of the exchange as it ended; empty when there is nothing to explain. Lives as long as the stream. */
struct slice stream_reason(struct stream *s);

/*
 * Whether the client may hear it: who is authenticated by a certificate of the mesh, or is the application beside this
 * proxy. The sentence names services and policies, which are no strangers' business.
 */
bool stream_is_inside(const struct stream *s);

#endif
