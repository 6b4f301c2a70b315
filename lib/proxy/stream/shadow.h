/*
 * Mirrors: copies of requests that are sent to another cluster and whose answers nobody reads. A copy is gathered while
 * the request passes and leaves when the exchange is over, so a slow mirror costs the client nothing.
 */
#ifndef PROXY_SHADOW_H
#define PROXY_SHADOW_H

#include "proxy/stream/stream_internal.h"

/* A copy with a larger body is dropped, and counted (envoy_cluster_retry_or_shadow_abandoned). */
#define SHADOW_BODY_MAX_BYTES (256 * 1024)
/* Copies in one worker; beyond, none are made, which is counted likewise. */
#define SHADOW_MAX 256
/* A mirror must answer within this time, or the connection is closed. */
#define SHADOW_TIMEOUT_NS (60LL * NS_PER_S)

/* Begins copies for the mirrors of the stream's route that the dice choose; the request's head is final. */
void shadows_new(struct stream *s);

/* A part of the request's body passes. */
void shadows_data(struct stream *s, struct slice data);

/* The exchange is over: copies of whole requests are sent, others dropped. */
void shadows_send(struct stream *s);

/* Ends all of a worker. */
void shadows_done(struct worker *w);

#endif
