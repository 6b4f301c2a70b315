/*
 * Whether the API server answers at all. A call without an answer, or with one of a proxy before it (502, 503, 504),
 * makes the client ask /readyz; while that is not answered either, the server is away, and /readyz is asked every
 * AWAY_PROBE_MS. When it answers again, everybody who waits is told, so that no back-off outlasts the absence. One
 * thread: the loop's.
 */
#ifndef KUBE_AWAY_H
#define KUBE_AWAY_H

#include <stdbool.h>

#include "base/list.h"

#define AWAY_PROBE_MS 1000
#define AWAY_PROBE_TIMEOUT_MS 2000

struct kube_client;

/* Embedded in whoever wants to know; zeroed = not waiting. */
struct kube_back {
	struct list link;
	/* The server answers again. May start and cancel calls and stop itself, but no other one. */
	void (*fn)(struct kube_back *b);
};

/* b->fn is called each time the server came back, until kube_back_stop. */
void kube_back_start(struct kube_client *c, struct kube_back *b);

/* Idempotent. */
void kube_back_stop(struct kube_back *b);

/* Whether the server is known not to answer. */
bool kube_client_away(const struct kube_client *c);

#endif
