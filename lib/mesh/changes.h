/*
 * What changed since the last snapshot, as far as it leads to endpoints: from EndpointSlices to their Services, from
 * pods to the EndpointSlices that name them. A change then costs what it reaches. Written as the store changes, never
 * part of a snapshot. One thread.
 */
#ifndef MESH_CHANGES_H
#define MESH_CHANGES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "kube/store.h"

#define MESH_SLICE_LABEL "kubernetes.io/service-name"
#define MESH_CHANGES_MAX 256 /* services; where more moved all are looked at */
#define MESH_NODES_MAX 20000 /* whose places are remembered */

/* Zeroed = nothing changed, and nothing is known yet. */
struct mesh_changes {
	bool all;            /* any endpoint may be another */
	bool places;         /* nodes may be at other places than before */
	struct map services; /* "ns/name" of Services whose endpoints are to be looked at; owned texts */
	struct map pods;     /* hashes of pods that came, changed or went; owned uint64_t */
	struct map slices;   /* "ns/name" -> struct slice_refs */
	struct map users;    /* a pod's hash -> struct pod_users: the slices that name it */
	struct map nodes;    /* name -> struct node_place: where nodes are */
};

/* A number for a pod's name: of two pods with one number both are looked at. */
uint64_t mesh_pod_hash(const char *ns, const char *name);

/* The object with this key came, changed or went; the store has it as it is now. Other kinds than those above are
 * passed over, but for WorkloadEntries, and nodes that are at other places: with them all is set. */
void mesh_changes_note(struct mesh_changes *c, const struct store *s, const struct store_key *key);

/* The zone of a node by EndpointSlices, for where nodes cannot be read; NULL = none says it. Until the next note. */
const char *mesh_changes_zone(const struct mesh_changes *c, const char *node);

/* A snapshot has been built: nothing has changed since. */
void mesh_changes_taken(struct mesh_changes *c);

/* Frees all. */
void mesh_changes_done(struct mesh_changes *c);

#endif
