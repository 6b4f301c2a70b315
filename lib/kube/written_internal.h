/*
 * Statuses that were written and have not come back through the watch: a run that begins meanwhile finds the old one in
 * the store and would write the same again. A note holds as long as the store has the object as it was before the
 * write.
 */
#ifndef KUBE_WRITTEN_INTERNAL_H
#define KUBE_WRITTEN_INTERNAL_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "kube/store.h"

/* Zeroed = nothing was written. */
struct written {
	struct map notes; /* key text -> struct written_note */
};

/* Frees all notes. */
void written_done(struct written *w);

/* A number that stands for a status. */
uint64_t written_hash(const cJSON *status);

/* This status was written over the object with that resourceVersion (NULL: none was known). */
void written_set(struct written *w, const struct store_key *key, uint64_t hash, const char *version);

/* Whether that very status was written over that very object. Forgets the note when the object is another by now. */
bool written_has(struct written *w, const struct store_key *key, uint64_t hash, const char *version);

#endif
