/* The client's part of away.h. */
#ifndef KUBE_AWAY_INTERNAL_H
#define KUBE_AWAY_INTERNAL_H

#include <stdint.h>

#include "kube/away.h"
#include "kube/client.h"
#include "net/loop.h"

struct away {
	struct loop *loop;
	struct kube_client *client;
	struct list waiting; /* struct kube_back */
	struct kube_call *probe;
	struct timer timer; /* the next probe */
	bool away;
	int64_t since_ns;
};

/* Prepares one in its client. */
void away_init(struct away *a, struct loop *l, struct kube_client *c);

/* Before the client's calls are freed; who waits is forgotten. */
void away_done(struct away *a);

/* How a call of the client ended; the probe itself included. */
void away_note(struct away *a, const struct kube_result *r);

#endif
