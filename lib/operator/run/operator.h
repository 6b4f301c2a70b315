/*
 * The operator as a running thing: reflectors fill the store, changes put keys into the queue, reconcilers make plans,
 * and, while this process holds the lease, the executor carries them out.
 */
#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include <stdbool.h>

#include "base/err.h"
#include "operator/render/render.h"

struct loop;
struct kube_client;
struct mesh_operator;
struct operator_images;
struct render_cni;

struct operator_options {
	const char *ns;       /* the operator's own namespace */
	const char *identity; /* of the lease, e.g. the pod's name */
	const char *pod;      /* whose owner has what the operator makes for itself; NULL: nobody has it */
	bool leader_election;
	bool webhooks;                        /* serve admission webhooks and probes */
	const char *cert_dir;                 /* webhook_options.cert_dir; must outlive operator_new() */
	const struct operator_images *images; /* must outlive it; NULL: the defaults */
	const struct render_cni *cni;         /* the same */
	enum addons_from addons;              /* whose images the add-ons have */
};

/* Starts at once. Strings are copied; client and loop must outlive it. */
struct mesh_operator *operator_new(struct loop *l, struct kube_client *c, const struct operator_options *o);

/* Stops reconciling and gives the lease back; on_stopped may be called at once. */
void operator_stop(struct mesh_operator *o, void (*on_stopped)(void *arg), void *arg);

/* NULL is fine. */
void operator_free(struct mesh_operator *o);

/* Synced and reconciling or waiting for the lease; for the readiness probe. */
bool operator_ready(const struct mesh_operator *o);

#endif
