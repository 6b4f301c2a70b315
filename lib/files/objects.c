/*
 * Objects by kind and name, with versions as an API server counts them: one counter for all, and removals are
 * remembered for a while, so that a watch can begin behind a list.
 */
#include <stdio.h>
#include <stdlib.h>

#include "files/internal.h"

static void object_free(struct object *o)
{
	cJSON_Delete(o->json);
	free(o->place);
	free(o);
}

void memory_done(struct memory *m)
{
	struct map_entry *e;

	for (size_t i = 0; i < m->shelves.n; i++) {
		for (size_t k = 0; (e = map_next(&m->shelves.v[i]->objects, &k));)
			object_free(e->value);
		map_done(&m->shelves.v[i]->objects);
		free(m->shelves.v[i]);
	}
	for (size_t i = 0; i < m->departed.n; i++)
		free(m->departed.v[i].key);
	vec_done(&m->shelves);
	vec_done(&m->departed);
}

struct shelf *memory_shelf(struct memory *m, const struct api_kind *kind)
{
	struct shelf *s;

	for (size_t i = 0; i < m->shelves.n; i++)
		if (m->shelves.v[i]->kind == kind)
			return m->shelves.v[i];
	s = NEW(struct shelf);
	s->kind = kind;
	vec_push(&m->shelves, s);
	return s;
}

struct object *memory_get(struct memory *m, const struct api_kind *kind, const char *ns, const char *name)
{
	CLEANUP(freep) char *key = mem_printf("%s/%s", ns ? ns : "", name);

	return map_get(&memory_shelf(m, kind)->objects, slice_str(key));
}

static void stamp_version(struct memory *m, struct shelf *s, struct object *o)
{
	char text[24];

	o->version = s->version = ++m->version;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)o->version);
	json_set_str(json_object(o->json, "metadata"), "resourceVersion", text);
}

struct object *memory_put(struct memory *m, const struct api_kind *kind, cJSON *json, const char *place, uint64_t hash)
{
	const char *ns = json_str_or_empty(json, "metadata.namespace"),
		   *name = json_str_or_empty(json, "metadata.name");
	struct object *o = memory_get(m, kind, ns, name);
	struct shelf *s = memory_shelf(m, kind);

	if (!o) {
		o = mem_alloc(sizeof(*o) + strlen(ns) + strlen(name) + 2);
		sprintf(o->key, "%s/%s", ns, name);
		o->kind = kind;
		map_set(&s->objects, slice_str(o->key), o);
	} else {
		cJSON_Delete(o->json);
		free(o->place);
	}
	o->json = json;
	o->place = mem_strdup(place);
	o->hash = hash;
	stamp_version(m, s, o);
	return o;
}

void memory_remove(struct memory *m, struct object *o)
{
	struct shelf *s = memory_shelf(m, o->kind);

	if (m->departed.n == FILES_DEPARTED_MAX) {
		m->forgotten = m->departed.v[0].version;
		free(m->departed.v[0].key);
		vec_remove(&m->departed, 0);
	}
	s->version = ++m->version;
	vec_push(&m->departed, (struct departed){o->kind, m->version, mem_strdup(o->key)});
	map_remove(&s->objects, slice_str(o->key));
	object_free(o);
}

struct slice object_ns(const struct object *o)
{
	return slice_make(o->key, strcspn(o->key, "/"));
}

const char *object_name(const struct object *o)
{
	return strchr(o->key, '/') + 1;
}
