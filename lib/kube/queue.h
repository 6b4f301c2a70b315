/*
 * The work queue: keys of objects to be looked at. A key waits at most once, runs at most once at a time, and what is
 * added while it runs makes it run again. Failures are retried after 5 ms * 2^n, up to QUEUE_BACKOFF_MAX_MS.
 */
#ifndef KUBE_QUEUE_H
#define KUBE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include "kube/store.h"

#define QUEUE_BACKOFF_MIN_MS 5
#define QUEUE_BACKOFF_MAX_MS 5000
#define QUEUE_PARALLEL_DEFAULT 4

struct loop;
struct kube_client;
struct queue;

enum queue_outcome {
	QUEUE_OK,    /* nothing more to do until something changes */
	QUEUE_RETRY, /* run again after the back-off */
};

/* Runs a key: queue_done() must follow, at once or later. The key is valid until then. */
typedef void queue_run_fn(void *arg, const struct store_key *key);

/* parallel: how many keys may run at a time (0 = QUEUE_PARALLEL_DEFAULT). */
struct queue *queue_new(struct loop *l, size_t parallel, queue_run_fn *run, void *arg);

/* Keys that run are forgotten; queue_done must not be called afterwards. NULL is fine. */
void queue_free(struct queue *q);

/* Idempotent; copies the key; starts nothing before the end of this turn of the loop. */
void queue_add(struct queue *q, const struct store_key *key);

/* As queue_add, after a delay. The earliest of several delays counts. */
void queue_add_after(struct queue *q, const struct store_key *key, int64_t delay_ms);

/* Ends the run of a key; after_ms > 0: run again after that time in any case. */
void queue_done(struct queue *q, const struct store_key *key, enum queue_outcome outcome, int64_t after_ms);

/* When the client's server is back after an absence, keys that wait for another try are run at once. */
void queue_follow(struct queue *q, struct kube_client *c);

/* Keys waiting, delayed or running. */
size_t queue_length(const struct queue *q);

#endif
