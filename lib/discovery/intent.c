/*
 * What an object's author wants, as a number: it changes with the generation, the labels and the annotations, and not
 * with the status. The generation alone would miss "istio.io/dry-run" or exportTo being set on an object that stays.
 */
#include "base/hash.h"
#include "discovery/internal.h"

static uint64_t add_pairs(uint64_t h, const struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		h = hash_more(h, slice_make(m->v[i].key, strlen(m->v[i].key) + 1));
		h = hash_more(h, slice_make(m->v[i].value, strlen(m->v[i].value) + 1));
	}
	return hash_more(h, SLICE("/"));
}

uint64_t discovery_intent(const struct api_object *o)
{
	uint64_t h = hash_bytes(slice_make((const char *)&o->meta->generation, sizeof(o->meta->generation)));

	h = add_pairs(h, &o->meta->labels);
	return add_pairs(h, &o->meta->annotations);
}
