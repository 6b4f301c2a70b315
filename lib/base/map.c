/* Dense entries plus an open-addressing index of their numbers; both are rebuilt when three quarters full. */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"

#define FIRST_CAP 16

void map_done(struct map *m)
{
	free(m->entries);
	free(m->index);
	*m = (struct map){0};
}

static size_t entry_limit(size_t cap)
{
	return cap / 4 * 3;
}

/* The slot that holds the key, or the free slot where it would go. Removed entries keep their slots until a rebuild. */
static size_t find_slot(const struct map *m, uint64_t hash, struct slice key)
{
	size_t slot = hash & (m->cap - 1);

	for (;; slot = (slot + 1) & (m->cap - 1)) {
		const struct map_entry *e;

		if (!m->index[slot])
			return slot;
		e = &m->entries[m->index[slot] - 1];
		if (e->value && e->hash == hash && slice_eq(e->key, key))
			return slot;
	}
}

static void rebuild(struct map *m)
{
	struct map_entry *old = m->entries;
	size_t old_used = m->used;

	m->cap = m->cap ? m->cap : FIRST_CAP;
	while (entry_limit(m->cap) < m->n * 2)
		m->cap *= 2;
	free(m->index);
	m->index = mem_calloc(m->cap, sizeof(*m->index));
	m->entries = mem_calloc(entry_limit(m->cap), sizeof(*m->entries));
	m->used = 0;
	for (size_t i = 0; i < old_used; i++) {
		if (!old[i].value)
			continue;
		m->index[find_slot(m, old[i].hash, old[i].key)] = (uint32_t)m->used + 1;
		m->entries[m->used++] = old[i];
	}
	free(old);
}

void *map_get(const struct map *m, struct slice key)
{
	size_t slot;

	if (!m->n)
		return NULL;
	slot = find_slot(m, hash_keyed(key), key);
	return m->index[slot] ? m->entries[m->index[slot] - 1].value : NULL;
}

void *map_set(struct map *m, struct slice key, void *value)
{
	uint64_t hash = hash_keyed(key);
	size_t slot;

	assert(value);
	if (m->used >= entry_limit(m->cap))
		rebuild(m);
	slot = find_slot(m, hash, key);
	if (m->index[slot]) {
		struct map_entry *e = &m->entries[m->index[slot] - 1];
		void *before = e->value;

		e->key = key;
		e->value = value;
		return before;
	}
	m->entries[m->used] = (struct map_entry){key, value, hash};
	m->index[slot] = (uint32_t)++m->used;
	m->n++;
	return NULL;
}

void *map_remove(struct map *m, struct slice key)
{
	struct map_entry *e;
	void *before;
	size_t slot;

	if (!m->n)
		return NULL;
	slot = find_slot(m, hash_keyed(key), key);
	if (!m->index[slot])
		return NULL;
	e = &m->entries[m->index[slot] - 1];
	before = e->value;
	*e = (struct map_entry){{NULL, 0}, NULL, 0};
	m->n--;
	return before;
}

struct map_entry *map_next(const struct map *m, size_t *i)
{
	while (*i < m->used) {
		struct map_entry *e = &m->entries[(*i)++];

		if (e->value)
			return e;
	}
	return NULL;
}
