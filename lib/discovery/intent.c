/*
 * What an object's author wants, as a number: it changes with the content, the generation, the labels and the
 * annotations, and not with the status, but for a workload's health. The generation alone would miss "istio.io/dry-run"
 * or exportTo being set on an object that stays; and what was made anew under its name, or changed again after an API
 * server came back from a backup, may have the generation of what was there before.
 */
#include <stdlib.h>

#include "api/networking/networking.h"
#include "base/hash.h"
#include "discovery/internal.h"

/* What a configuration object last asked for; a change that keeps it touched only its status. */
struct intent {
	uint64_t hash;
	uint64_t changed; /* number of the change */
	char key[];
};

static uint64_t add_pairs(uint64_t h, const struct str_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		h = hash_more(h, slice_make(m->v[i].key, strlen(m->v[i].key) + 1));
		h = hash_more(h, slice_make(m->v[i].value, strlen(m->v[i].value) + 1));
	}
	return hash_more(h, SLICE("/"));
}

/* Of a WorkloadEntry's status it counts whether its proxy says that it is healthy. */
static uint64_t add_health(uint64_t h, const struct api_object *o)
{
	const struct istio_workload_entry *w = API_VALUE(o, workload_entry, istio_workload_entry);

	for (size_t i = 0; w && w->status && i < w->status->conditions.n; i++) {
		const struct istio_condition *c = &w->status->conditions.v[i];

		if (c->type && c->status && strcmp(c->type, "Healthy") == 0)
			h = hash_more(h, slice_str(c->status));
	}
	return h;
}

uint64_t discovery_intent(const struct api_object *o)
{
	const uint64_t v[] = {o->content, (uint64_t)o->meta->generation};
	uint64_t h = hash_bytes(slice_make((const char *)v, sizeof(v)));

	h = add_pairs(h, &o->meta->labels);
	return add_health(add_pairs(h, &o->meta->annotations), o);
}

/* What is known by that name, NULL for nothing; the key, in out, is what it is or would be kept under. */
static struct intent *find(const struct discovery *d, const struct store_key *key, struct buf *out)
{
	buf_printf(out, "%s/%s/%s", key->kind->plural, key->ns, key->name);
	return map_get(&d->intents, buf_slice(out));
}

bool discovery_intent_same(struct discovery *d, const struct store_key *key)
{
	const struct api_object *o = store_get(d->store, key->kind, key->ns, key->name);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct intent *t;
	uint64_t hash;

	if (!(key->kind->flags & API_CUSTOM) || !key->name)
		return false;
	t = find(d, key, &text);
	if (!o || o->meta->generation == 0) {
		free(map_remove(&d->intents, buf_slice(&text)));
		return false;
	}
	hash = discovery_intent(o);
	if (t && t->hash == hash)
		return true;
	if (!t) {
		t = mem_alloc(sizeof(*t) + text.len + 1);
		memcpy(t->key, text.ptr, text.len);
		map_set(&d->intents, slice_make(t->key, text.len), t);
	}
	t->hash = hash;
	t->changed = ++d->n_changes;
	return false;
}

uint64_t discovery_changed_at(const struct discovery *d, const struct api_object *o)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct intent *t =
		find(d, &(struct store_key){o->kind, api_object_namespace(o), api_object_name(o)}, &text);

	return t ? t->changed : 0;
}

void discovery_intents_done(struct discovery *d)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&d->intents, &i));)
		free(e->value);
	map_done(&d->intents);
}
