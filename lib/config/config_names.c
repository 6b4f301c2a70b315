/*
 * Slots: a small number for each name of a cluster, route table or secret that anything mentions. What mentions a name
 * pins its slot for as long as it lives itself, and so do the cluster, route table or secret of that name; configs keep
 * all of these. So a number means the same name for as long as anybody can have it, and is given to another name
 * afterwards. The main thread adds; any thread looks up and, with the last reference of a part, gives back.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "config/config_parts.h"

struct name_slot {
	struct config_names *names;
	enum config_name_kind kind;
	uint32_t slot;
	unsigned pins;
	size_t len;
	char name[];
};

struct config_names {
	int refs; /* of builds, configs and slots; atomic */
	pthread_rwlock_t lock;
	struct {
		struct map by_name;     /* -> struct name_slot * */
		VEC(uint32_t) given_up; /* slots that no name has */
		uint32_t n;             /* slots that a name has or had */
	} kinds[CONFIG_NAME_KIND_COUNT];
};

struct config_names *config_names_new(void)
{
	struct config_names *n = NEW(struct config_names);

	n->refs = 1;
	pthread_rwlock_init(&n->lock, NULL);
	return n;
}

struct config_names *config_names_ref(struct config_names *n)
{
	__atomic_add_fetch(&n->refs, 1, __ATOMIC_RELAXED);
	return n;
}

void config_names_unref(struct config_names *n)
{
	if (!n || __atomic_sub_fetch(&n->refs, 1, __ATOMIC_ACQ_REL))
		return;
	for (size_t i = 0; i < CONFIG_NAME_KIND_COUNT; i++) {
		map_done(&n->kinds[i].by_name);
		vec_done(&n->kinds[i].given_up);
	}
	pthread_rwlock_destroy(&n->lock);
	free(n);
}

static struct name_slot *slot_new(struct config_names *n, enum config_name_kind kind, struct slice name)
{
	struct name_slot *s = mem_alloc(sizeof(*s) + name.len + 1);

	*s = (struct name_slot){.names = config_names_ref(n), .kind = kind, .len = name.len};
	memcpy(s->name, name.ptr, name.len);
	s->name[name.len] = 0;
	s->slot =
		n->kinds[kind].given_up.n ? n->kinds[kind].given_up.v[--n->kinds[kind].given_up.n] : n->kinds[kind].n++;
	map_set(&n->kinds[kind].by_name, slice_make(s->name, name.len), s);
	return s;
}

static void unpin(void *slot)
{
	struct name_slot *s = slot;
	struct config_names *n = s->names;
	bool last;

	pthread_rwlock_wrlock(&n->lock);
	last = --s->pins == 0;
	if (last) {
		map_remove(&n->kinds[s->kind].by_name, slice_make(s->name, s->len));
		vec_push(&n->kinds[s->kind].given_up, s->slot);
	}
	pthread_rwlock_unlock(&n->lock);
	if (!last)
		return;
	free(s);
	config_names_unref(n);
}

struct config_ref config_names_get(struct config_names *n, enum config_name_kind kind, struct slice name,
				   struct arena *owner)
{
	struct name_slot *s;

	pthread_rwlock_wrlock(&n->lock);
	s = map_get(&n->kinds[kind].by_name, name);
	if (!s)
		s = slot_new(n, kind, name);
	s->pins++;
	pthread_rwlock_unlock(&n->lock);
	arena_on_done(owner, unpin, s);
	return (struct config_ref){s->name, s->slot};
}

static struct name_slot *find(const struct config_names *names, enum config_name_kind kind, struct slice name,
			      struct name_slot *ret)
{
	struct config_names *n = (struct config_names *)names;
	const struct name_slot *s;

	pthread_rwlock_rdlock(&n->lock);
	s = map_get(&n->kinds[kind].by_name, name);
	*ret = s ? *s : (struct name_slot){.slot = CONFIG_NO_SLOT};
	pthread_rwlock_unlock(&n->lock);
	return ret;
}

uint32_t config_names_find(const struct config_names *n, enum config_name_kind kind, struct slice name)
{
	struct name_slot s;

	return find(n, kind, name, &s)->slot;
}

unsigned config_names_pins(const struct config_names *n, enum config_name_kind kind, struct slice name)
{
	struct name_slot s;

	return find(n, kind, name, &s)->pins;
}

size_t config_names_count(const struct config_names *n, enum config_name_kind kind)
{
	return n->kinds[kind].n;
}
