/*
 * A hash table from byte strings to pointers. Keys are not copied: they must live as long as the entry, usually inside
 * the value. Hashing is keyed, so a peer may choose the keys. Iteration is in insertion order as long as nothing is
 * removed.
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/slice.h"

struct map_entry {
	struct slice key; /* the caller's bytes; ptr NULL with a NULL value marks a removed entry */
	void *value;      /* never NULL in a live entry */
	uint64_t hash;
};

struct map {
	struct map_entry *entries; /* dense, in insertion order, may hold removed ones */
	uint32_t *index;           /* open addressing; 0 = free, else entry number + 1 */
	size_t n;                  /* live entries */
	size_t used;               /* entries including removed ones */
	size_t cap;                /* slots of index, a power of two, or 0 */
};

/* Frees the table, not the values. A zeroed struct map is an empty one. */
void map_done(struct map *m);

/* The value, or NULL. */
void *map_get(const struct map *m, struct slice key);

/* Sets the value (not NULL) and returns the old one, or NULL. On replacement the entry takes the new key pointer. */
void *map_set(struct map *m, struct slice key, void *value);

/* Removes and returns the value, or NULL. */
void *map_remove(struct map *m, struct slice key);

/* Walks: for (size_t i = 0; (e = map_next(m, &i));). Removing the entry just returned is allowed, adding is not. */
struct map_entry *map_next(const struct map *m, size_t *i);

#endif
