/*
 * Batches of what the proxy tells collectors (spans, lines of access logs): one for each collector and worker, sent
 * when it is large or has waited for its time, by requests of the proxy's own, one at a time. A collector that is slow
 * or away costs no exchange anything: batches have a limit, and what does not fit is dropped and counted. The worker's
 * thread only.
 */
#ifndef PROXY_EXPORTER_H
#define PROXY_EXPORTER_H

#include "proxy/core/worker.h"

struct side_call;

/* Collectors of a worker at once: only configurations that were just replaced have more than one or two. */
#define EXPORTERS_MAX 32
/* A batch of this size does not wait for its time, where the configuration has no other. */
#define EXPORT_SEND_BYTES (64 * 1024)
/* What is kept while the collector is busy with another batch. */
#define EXPORT_MAX_BYTES (1024 * 1024)
#define EXPORT_WAIT_MS 1000

/* How a collector is reached. */
struct export_target {
	const struct route_cluster *cluster;
	bool grpc;          /* else HTTP */
	int64_t timeout_ns; /* of a request */
	int64_t wait_ns;    /* longest that an item waits for others; 0 = EXPORT_WAIT_MS */
	size_t send_bytes;  /* 0 = EXPORT_SEND_BYTES */
};

/* How a kind of collector is spoken to; `to` is its configuration, `node` who says it. */
struct export_ops {
	enum export_kind (*kind)(const void *to);
	struct export_target (*target)(const void *to);
	/* Whether items for one may travel in the batches of the other: of the same cluster both are. */
	bool (*same)(const void *a, const void *b);
	/* Appends one item. */
	void (*item)(const void *to, const struct config_node *node, const void *item, struct buf *batch);
	/* The head of the request, with the path of its call. */
	void (*head)(const void *to, struct side_call *c);
	/* Makes a whole message of a batch. */
	void (*body)(const void *to, const struct config_node *node, struct buf *batch);
};

/* Puts an item into the batch for this collector; all is copied. wc is the configuration that `to` is of. */
void export_item(struct worker *w, struct worker_config *wc, const struct export_ops *ops, const void *to,
		 const void *item);

/* Counters of the worker, added to m; see worker_stats_write. */
void exports_write(const struct worker *w, struct metrics *m);

/* Gives up what waits; for the end of the worker, before its side calls end. */
void exports_done(struct worker *w);

#endif
