/*
 * Requests without a body over shared connections of HTTP/2, to one server: as many on each as the server takes,
 * further connections when that is not enough. For watches, of which there may be thousands. One thread: the loop's.
 *
 *   waiting --a connection has room--> on the wire --(bytes)--> over
 */
#ifndef KUBE_STREAMS_INTERNAL_H
#define KUBE_STREAMS_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/list.h"
#include "base/slice.h"

#define KUBE_STREAMS_CONNECT_MS 3000
#define KUBE_STREAMS_CONNECTIONS_MAX 1024

struct h2_stream;
struct kube_config;
struct kube_streams;
struct loop;

enum kube_stream_end {
	KUBE_STREAM_DONE,   /* the answer is whole */
	KUBE_STREAM_BROKEN, /* it is not, for the reason in why */
	KUBE_STREAM_NO_H2,  /* the server speaks no HTTP/2: nothing was sent */
};

/* One request, embedded in its owner. Zeroed = none. The functions may start and cancel streams, also this one. */
struct kube_stream {
	struct list link;
	struct kube_streams *owner; /* NULL = none is under way */
	struct h2_stream *st;       /* NULL = it waits */
	void *connection;           /* with st: the one it is on */
	const char *path;           /* with the query; borrowed until the stream is over */
	int status;
	int64_t retry_after_s;
	void (*on_bytes)(struct kube_stream *s, struct slice bytes);
	void (*on_end)(struct kube_stream *s, enum kube_stream_end end, const char *why);
};

/*
 * For the server of the configuration, which is borrowed and looked at for each connection and request. NULL when its
 * URL is none of https.
 */
struct kube_streams *kube_streams_new(struct loop *l, const struct kube_config *config);

/* Streams under way end without a word. NULL is fine. */
void kube_streams_free(struct kube_streams *s);

/* Begins the request; path and functions are set. Nothing is called inside. */
void kube_streams_start(struct kube_streams *s, struct kube_stream *stream);

/* Ends it without a word. Idempotent. */
void kube_streams_cancel(struct kube_stream *stream);

/* How many connections there are. */
size_t kube_streams_connections(const struct kube_streams *s);

#endif
