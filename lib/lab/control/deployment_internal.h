/* A Deployment with its ReplicaSets as one run of the controller sees them; and its status. */
#ifndef LAB_CONTROL_DEPLOYMENT_INTERNAL_H
#define LAB_CONTROL_DEPLOYMENT_INTERNAL_H

#include "base/vec.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

struct rollout {
	const cJSON *deployment;
	const cJSON *current;                                   /* the set with the Deployment's template, or NULL */
	VEC(const cJSON *) sets;                                /* all it controls, current included */
	int64_t wanted;                                         /* spec.replicas */
	int64_t max_surge, max_unavailable;                     /* in pods */
	int64_t replicas, ready, available, updated, specified; /* sums over the sets */
	int64_t last_revision;
	bool recreate;
	char created[256]; /* name of the set that this run creates, or "" */
};

/* Borrows the objects: valid for this turn. */
void rollout_read(struct rollout *r, struct lab_api *api, const cJSON *deployment);
/* Frees the list; the objects are borrowed. */
void rollout_done(struct rollout *r);

/* The revision annotation, 0 when there is none. */
int64_t rollout_revision(const cJSON *o);

/* All pods are of the current template, and available; no old one is left. */
bool rollout_complete(const struct rollout *r);

/* Writes status (counts, conditions Available and Progressing, observedGeneration) when it changed. */
void rollout_write_status(struct work *w, const struct rollout *r);

#endif
