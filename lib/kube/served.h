/*
 * Which kinds the cluster serves, and in which of their versions. A kind that a cluster may lack (a custom resource,
 * one of OpenShift's, one of a newer Kubernetes) is asked for by discovery, in the order of its versions; the first
 * that is served is what the client uses from then on. What is absent is asked for again every SERVED_LOOK_MS: a
 * definition may be installed, and removed, at any time. One thread: the loop's.
 */
#ifndef KUBE_SERVED_H
#define KUBE_SERVED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/list.h"

#define SERVED_LOOK_MS 3000
#define SERVED_RETRY_MS 1000 /* when discovery has no answer */

struct loop;
struct api_kind;
struct kube_client;
struct served;

enum served_state {
	SERVED_UNKNOWN, /* not wanted, or not answered yet */
	SERVED_NO,
	SERVED_YES,
};

/* A subscriber, embedded in its owner. Zeroed = not subscribed. */
struct served_watch {
	struct list link;
	const struct api_kind *kind; /* only this kind; NULL = all */
	/* The kind's state, or its version, is another one now. May unsubscribe itself. */
	void (*fn)(struct served_watch *w, const struct api_kind *kind);
};

/* Asks nothing as yet. Loop and client must outlive it. */
struct served *served_new(struct loop *l, struct kube_client *c);

/* Subscribers are forgotten. NULL is fine. */
void served_free(struct served *s);

/* Begins to ask for a kind; idempotent. */
void served_want(struct served *s, const struct api_kind *kind);

/* A call for the kind was answered 404: it may be gone, or be served in another version. */
void served_doubt(struct served *s, const struct api_kind *kind);

/* What is known of a kind. */
enum served_state served_state(const struct served *s, const struct api_kind *kind);

/* Whether all kinds that are wanted are known of. */
bool served_settled(const struct served *s);

/* The wanted kinds that are absent, in the order in which they were wanted: kind i of served_absent_count(). */
size_t served_absent_count(const struct served *s);
/* NULL when there are fewer. */
const struct api_kind *served_absent_at(const struct served *s, size_t i);

/* Subscribes; w is embedded in the caller, w->kind and w->fn are set. */
void served_subscribe(struct served *s, struct served_watch *w);
/* Idempotent. */
void served_unsubscribe(struct served_watch *w);

#endif
