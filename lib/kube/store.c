/*
 * The store: per kind one array sorted by (namespace, name), and for each label key that was asked for another one
 * sorted by (value, namespace, name). Lists arrive in order, so filling appends; changes are found by binary search.
 */
#include "kube/store.h"

#include <assert.h>

#include "api/object.h"
#include "base/mem.h"
#include "base/vec.h"

struct objects {
	struct api_object **v;
	size_t n, cap;
};

struct label_index {
	char *key;
	struct objects objects; /* those that have the label */
};

struct store_kind {
	const struct api_kind *kind;
	struct objects objects; /* owned references */
	VEC(struct label_index) indexes;
	uint64_t revision;
	unsigned expected, listed; /* reflectors */
	bool synced;               /* once so, it stays so: a reflector that joins later does not take it back */
};

struct store {
	VEC(struct store_kind *) kinds;
	struct list watches;
	uint64_t revision;
};

static int cmp_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int cmp_name(const struct api_object *o, const char *ns, const char *name)
{
	int c = cmp_text(o->meta->namespace, ns);

	return c ? c : cmp_text(o->meta->name, name);
}

/* Where (ns, name) is or would be. */
static size_t objects_find(const struct objects *os, const char *ns, const char *name)
{
	size_t lo = 0, hi = os->n;

	if (hi && cmp_name(os->v[hi - 1], ns, name) < 0)
		return hi;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cmp_name(os->v[mid], ns, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int cmp_label(const struct api_object *o, const char *key, const char *value, const char *ns, const char *name)
{
	int c = cmp_text(api_object_label(o, key), value);

	return c || !ns ? c : cmp_name(o, ns, name);
}

/* Where (value, ns, name) is or would be; ns NULL: the first with that value. */
static size_t label_find(const struct label_index *x, const char *value, const char *ns, const char *name)
{
	size_t lo = 0, hi = x->objects.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (cmp_label(x->objects.v[mid], x->key, value, ns, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void objects_insert(struct objects *os, size_t at, struct api_object *o)
{
	vec_push(os, NULL);
	assert(at < os->n);
	memmove(&os->v[at + 1], &os->v[at], (os->n - 1 - at) * sizeof(os->v[0]));
	os->v[at] = o;
}

static void index_insert(struct label_index *x, struct api_object *o)
{
	const char *value = api_object_label(o, x->key);

	if (value)
		objects_insert(&x->objects, label_find(x, value, api_object_namespace(o), api_object_name(o)), o);
}

static void index_remove(struct label_index *x, struct api_object *o)
{
	const char *value = api_object_label(o, x->key);
	size_t at;

	if (!value)
		return;
	at = label_find(x, value, api_object_namespace(o), api_object_name(o));
	assert(at < x->objects.n && x->objects.v[at] == o);
	vec_remove(&x->objects, at);
}

static struct store_kind *kind_find(const struct store *s, const struct api_kind *kind)
{
	for (size_t i = 0; i < s->kinds.n; i++)
		if (s->kinds.v[i]->kind == kind)
			return s->kinds.v[i];
	return NULL;
}

static struct store_kind *kind_get(struct store *s, const struct api_kind *kind)
{
	struct store_kind *k = kind_find(s, kind);

	if (k)
		return k;
	k = NEW(struct store_kind);
	k->kind = kind;
	vec_push(&s->kinds, k);
	return k;
}

static void kind_free(struct store_kind *k)
{
	for (size_t i = 0; i < k->objects.n; i++)
		api_object_unref(k->objects.v[i]);
	for (size_t i = 0; i < k->indexes.n; i++) {
		free(k->indexes.v[i].key);
		vec_done(&k->indexes.v[i].objects);
	}
	vec_done(&k->indexes);
	vec_done(&k->objects);
	free(k);
}

/* Subscribers may unsubscribe themselves; one that is removed by another one is skipped only if it is not the next. */
static void announce(struct store *s, const struct api_kind *kind, const char *ns, const char *name)
{
	struct store_key key = {kind, ns, name};
	struct store_watch *w, *tmp;

	LIST_EACH_SAFE (w, tmp, &s->watches, link) {
		if (!w->kind || w->kind == kind)
			w->fn(w, &key);
	}
}

static void changed(struct store *s, struct store_kind *k)
{
	k->revision++;
	s->revision++;
}

struct store *store_new(void)
{
	struct store *s = NEW(struct store);

	list_init(&s->watches);
	return s;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	assert(list_empty(&s->watches));
	for (size_t i = 0; i < s->kinds.n; i++)
		kind_free(s->kinds.v[i]);
	vec_done(&s->kinds);
	free(s);
}

/* A version alone does not tell: an API server that came back from a backup gives it out again. */
static bool is_same(const struct api_object *a, const struct api_object *b)
{
	const struct meta_object *x = a->meta, *y = b->meta;

	return x->resource_version && y->resource_version && !strcmp(x->resource_version, y->resource_version) &&
	       !cmp_text(x->uid, y->uid) && msg_equal(a->kind->desc, a->value, b->value);
}

void store_put(struct store *s, struct api_object *obj)
{
	struct store_kind *k = kind_get(s, obj->kind);
	const char *ns = api_object_namespace(obj), *name = api_object_name(obj);
	size_t at = objects_find(&k->objects, ns, name);
	struct api_object *old = NULL;

	if (at < k->objects.n && !cmp_name(k->objects.v[at], ns, name))
		old = k->objects.v[at];
	if (old && is_same(old, obj)) {
		api_object_unref(obj);
		return;
	}
	for (size_t i = 0; i < k->indexes.n; i++) {
		if (old)
			index_remove(&k->indexes.v[i], old);
		index_insert(&k->indexes.v[i], obj);
	}
	if (old)
		k->objects.v[at] = obj;
	else
		objects_insert(&k->objects, at, obj);
	changed(s, k);
	announce(s, obj->kind, ns, name);
	api_object_unref(old);
}

bool store_remove(struct store *s, const struct api_kind *kind, const char *ns, const char *name)
{
	struct store_kind *k = kind_find(s, kind);
	struct api_object *old;
	size_t at;

	if (!k)
		return false;
	at = objects_find(&k->objects, ns, name);
	if (at >= k->objects.n || cmp_name(k->objects.v[at], ns, name))
		return false;
	old = k->objects.v[at];
	assert(old->kind == kind);
	for (size_t i = 0; i < k->indexes.n; i++)
		index_remove(&k->indexes.v[i], old);
	vec_remove(&k->objects, at);
	changed(s, k);
	announce(s, kind, api_object_namespace(old), api_object_name(old));
	api_object_unref(old);
	return true;
}

struct api_object *store_get(const struct store *s, const struct api_kind *kind, const char *ns, const char *name)
{
	const struct store_kind *k = kind_find(s, kind);
	size_t at;

	if (!k)
		return NULL;
	at = objects_find(&k->objects, ns, name);
	return at < k->objects.n && !cmp_name(k->objects.v[at], ns, name) ? k->objects.v[at] : NULL;
}

struct store_range store_list(const struct store *s, const struct api_kind *kind, const char *ns)
{
	const struct store_kind *k = kind_find(s, kind);
	size_t from, to;

	if (!k)
		return (struct store_range){0};
	if (!ns)
		return (struct store_range){k->objects.v, k->objects.n};
	from = objects_find(&k->objects, ns, "");
	for (to = from; to < k->objects.n && !cmp_text(k->objects.v[to]->meta->namespace, ns);)
		to++;
	return (struct store_range){k->objects.v + from, to - from};
}

static struct label_index *index_get(struct store_kind *k, const char *key)
{
	struct label_index *x;

	for (size_t i = 0; i < k->indexes.n; i++)
		if (!strcmp(k->indexes.v[i].key, key))
			return &k->indexes.v[i];
	x = vec_add(&k->indexes);
	x->key = mem_strdup(key);
	for (size_t i = 0; i < k->objects.n; i++)
		index_insert(x, k->objects.v[i]);
	return x;
}

struct store_range store_by_label(struct store *s, const struct api_kind *kind, const char *key, const char *value)
{
	const struct label_index *x = index_get(kind_get(s, kind), key);
	size_t from = label_find(x, value, NULL, NULL), to = from;

	while (to < x->objects.n && !cmp_text(api_object_label(x->objects.v[to], key), value))
		to++;
	return (struct store_range){x->objects.v + from, to - from};
}

struct store_range store_by_label_in(struct store *s, const struct api_kind *kind, const char *key, const char *value,
				     const char *ns)
{
	const struct label_index *x = index_get(kind_get(s, kind), key);
	size_t from = label_find(x, value, ns, ""), to = from;

	while (to < x->objects.n && !cmp_text(api_object_label(x->objects.v[to], key), value) &&
	       !cmp_text(x->objects.v[to]->meta->namespace, ns))
		to++;
	return (struct store_range){x->objects.v + from, to - from};
}

uint64_t store_revision(const struct store *s, const struct api_kind *kind)
{
	const struct store_kind *k = kind ? kind_find(s, kind) : NULL;

	if (!kind)
		return s->revision;
	return k ? k->revision : 0;
}

void store_subscribe(struct store *s, struct store_watch *w)
{
	list_append(&s->watches, &w->link);
}

void store_unsubscribe(struct store_watch *w)
{
	list_remove(&w->link);
}

void store_expect(struct store *s, const struct api_kind *kind)
{
	kind_get(s, kind)->expected++;
}

void store_listed(struct store *s, const struct api_kind *kind)
{
	struct store_kind *k = kind_get(s, kind);

	k->listed++;
	if (k->listed >= k->expected) {
		k->synced = true;
		changed(s, k);
		announce(s, kind, "", NULL);
	}
}

void store_relisted(struct store *s, const struct api_kind *kind)
{
	announce(s, kind, "", NULL);
}

bool store_synced(const struct store *s, const struct api_kind *kind)
{
	const struct store_kind *k;
	bool any = false;

	if (kind) {
		k = kind_find(s, kind);
		return k && k->synced;
	}
	for (size_t i = 0; i < s->kinds.n; i++) {
		k = s->kinds.v[i];
		if (k->expected && !k->synced)
			return false;
		any |= k->expected > 0;
	}
	return any;
}
