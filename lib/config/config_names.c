/*
 * Slots: a small number for each name of a cluster, route table or secret that a configuration ever mentioned. A slot
 * is never given back, so a number means the same name as long as the process lives; a name costs about a hundred
 * bytes. The main thread adds, any thread looks up.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "config/config_parts.h"

struct name_slot {
	const char *name;
	uint32_t slot;
};

struct config_names {
	pthread_rwlock_t lock;
	struct map by_name[CONFIG_NAME_KIND_COUNT];
	struct arena arena;
};

struct config_names *config_names_new(void)
{
	struct config_names *n = NEW(struct config_names);

	pthread_rwlock_init(&n->lock, NULL);
	return n;
}

void config_names_free(struct config_names *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < CONFIG_NAME_KIND_COUNT; i++)
		map_done(&n->by_name[i]);
	arena_done(&n->arena);
	pthread_rwlock_destroy(&n->lock);
	free(n);
}

struct config_ref config_names_get(struct config_names *n, enum config_name_kind kind, struct slice name)
{
	struct name_slot *s;

	pthread_rwlock_wrlock(&n->lock);
	s = map_get(&n->by_name[kind], name);
	if (!s) {
		s = ARENA_NEW(&n->arena, struct name_slot);
		s->name = arena_slicedup(&n->arena, name);
		s->slot = (uint32_t)n->by_name[kind].n;
		map_set(&n->by_name[kind], slice_make(s->name, name.len), s);
	}
	pthread_rwlock_unlock(&n->lock);
	return (struct config_ref){s->name, s->slot};
}

uint32_t config_names_find(const struct config_names *names, enum config_name_kind kind, struct slice name)
{
	struct config_names *n = (struct config_names *)names;
	struct name_slot *s;
	uint32_t slot;

	pthread_rwlock_rdlock(&n->lock);
	s = map_get(&n->by_name[kind], name);
	slot = s ? s->slot : CONFIG_NO_SLOT;
	pthread_rwlock_unlock(&n->lock);
	return slot;
}

size_t config_names_count(const struct config_names *n, enum config_name_kind kind)
{
	return n->by_name[kind].n;
}
