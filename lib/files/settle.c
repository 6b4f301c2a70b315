/* From what files say to the objects that count, and what is told of it: who says an object first has it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/kind.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "files/internal.h"
#include "msg/yaml.h"

/* What is told of files in one settling. */
struct report {
	struct files *f;
	cJSON *list;
	struct map told; /* line of the log -> itself */
	struct arena texts;
	size_t refused, warned;
};

static void report(struct report *p, const char *place, const char *object, const char *text, bool refused)
{
	char *line = arena_printf(&p->texts, "%s: %s%s%s", place, object, *object ? ": " : "", text);
	cJSON *row = cJSON_CreateObject();

	json_set_str(row, "place", place);
	if (*object)
		json_set_str(row, "object", object);
	json_set_str(row, refused ? "refused" : "warning", text);
	cJSON_AddItemToArray(p->list, row);
	p->refused += refused;
	p->warned += !refused;
	if (!map_get(&p->f->told, slice_str(line)))
		log_write(refused ? LOG_ERROR : LOG_WARN, "files", "%s%s", line,
			  refused ? "; what was good before stays" : "");
	map_set(&p->told, slice_str(line), line);
}

static const char *place_of(struct arena *a, const struct file *f, unsigned line)
{
	return line ? arena_printf(a, "%s:%u", f->path, line) : f->path;
}

/* A uid that an object has again after a restart. */
static void set_uid(cJSON *meta, const struct said *s)
{
	uint64_t a = hash_bytes(slice_str(s->kind->kind)), b;
	char uid[37];

	a = hash_more(hash_more(a, slice_str(s->ns)), slice_str(s->name));
	b = hash_more(a, SLICE("uid"));
	snprintf(uid, sizeof(uid), "%08x-%04x-8%03x-a%03x-%012llx", (unsigned)(a >> 32), (unsigned)(a >> 16) & 0xffff,
		 (unsigned)a & 0xfff, (unsigned)(b >> 52), (unsigned long long)(b & 0xffffffffffff));
	json_set_str(meta, "uid", uid);
}

static uint64_t hash_of(const cJSON *json)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	uint64_t hash;

	json_print(json, &text);
	hash = hash_bytes(buf_slice(&text)) | 1;
	explicit_bzero(text.ptr, text.len);
	return hash;
}

/* Makes what the file says the object, with the status that we wrote of it. */
static void put(struct files *f, const struct said *s, const char *place)
{
	struct object *have = memory_get(&f->memory, s->kind, s->ns, s->name);
	const uint64_t hash = hash_of(s->json);
	cJSON *json;

	if (have && have->hash == hash) {
		free(have->place);
		have->place = mem_strdup(place);
		have->seen = true;
		return;
	}
	json = cJSON_Duplicate(s->json, true);
	set_uid(json_object(json, "metadata"), s);
	json_set_int(json_object(json, "metadata"), "generation",
		     have ? json_int(have->json, "metadata.generation", 0) + 1 : 1);
	if (have && s->kind->flags & API_CUSTOM)
		json_copy_member(json, have->json, "status");
	memory_put(&f->memory, s->kind, json, place, hash)->seen = true;
}

static void settle_one(struct report *p, const struct file *file, const struct said *s)
{
	struct files *f = p->f;
	const char *place = place_of(&p->texts, file, s->line);
	const struct object *have = memory_get(&f->memory, s->kind, s->ns, s->name);
	const char *label = arena_printf(&p->texts, "%s %s%s%s", s->kind->kind, s->ns, *s->ns ? "/" : "", s->name);

	if (have && !have->place)
		report(p, place, label, "weftd keeps an object of this name itself, in its state folder", true);
	else if (have && have->seen)
		report(p, place, label, arena_printf(&p->texts, "is in %s, too, which counts", have->place), true);
	else
		put(f, s, place);
}

static void settle_file(struct report *p, const struct file *file)
{
	for (size_t i = 0; i < file->faults.n; i++) {
		const struct fault *x = &file->faults.v[i];

		report(p, place_of(&p->texts, file, x->line), x->object, x->text, x->refused);
	}
	for (size_t i = 0; i < file->objects.n; i++)
		settle_one(p, file, &file->objects.v[i]);
}

/* Calls fn with each object in memory; fn may remove it. */
static void each(struct files *f, void (*fn)(struct files *f, struct object *o))
{
	struct map_entry *e;

	for (size_t i = 0; i < f->memory.shelves.n; i++)
		for (size_t k = 0; (e = map_next(&f->memory.shelves.v[i]->objects, &k));)
			fn(f, e->value);
}

static void unsee(struct files *f, struct object *o)
{
	(void)f;
	o->seen = false;
}

static void remove_unseen(struct files *f, struct object *o)
{
	if (!o->place || o->seen)
		return;
	if (o->kind->flags & API_CUSTOM)
		state_remove_status(f->cfg.state, o->kind, object_ns(o), object_name(o));
	memory_remove(&f->memory, o);
}

/* --- namespaces --- */

static void need_namespace(struct files *f, struct slice ns)
{
	CLEANUP(freep) char *name = mem_printf("%.*s", SLICE_ARG(ns));
	struct object *have = memory_get(&f->memory, &api_kind_namespace, "", name);
	CLEANUP(json_freep) cJSON *json = NULL;
	cJSON *meta;

	if (have && have->seen)
		return;
	json = cJSON_CreateObject();
	json_set_str(json, "apiVersion", "v1");
	json_set_str(json, "kind", "Namespace");
	meta = json_object(json, "metadata");
	json_set_str(meta, "name", name);
	json_set_str(json_object(meta, "labels"), "kubernetes.io/metadata.name", name);
	put(f, &(struct said){.kind = &api_kind_namespace, .ns = "", .name = name, .json = json}, FILES_OURS);
}

/* Each that an object is in, whether a file has it or not. Namespaces that come while the shelf is walked are not of
 * its kind. */
static void need_namespaces(struct files *f)
{
	VEC(char *) names = {0};
	struct map_entry *e;

	for (size_t i = 0; i < f->memory.shelves.n; i++)
		for (size_t k = 0; (e = map_next(&f->memory.shelves.v[i]->objects, &k));) {
			const struct object *o = e->value;

			if (object_ns(o).len && (o->seen || (!o->place && state_keeps(o->kind))))
				vec_push(&names, mem_printf("%.*s", SLICE_ARG(object_ns(o))));
		}
	need_namespace(f, slice_str(f->cfg.ns));
	for (size_t i = 0; i < names.n; i++) {
		need_namespace(f, slice_str(names.v[i]));
		free(names.v[i]);
	}
	vec_done(&names);
}

/* --- what depends on objects --- */

static bool owner_lives(struct files *f, const struct object *o)
{
	JSON_EACH(owner, json_at(o->json, "metadata.ownerReferences"))
	{
		const struct api_kind *kind =
			api_kind_find(json_str_or_empty(owner, "apiVersion"), json_str_or_empty(owner, "kind"));
		const struct object *x = kind ? memory_get(&f->memory, kind, json_str(o->json, "metadata.namespace"),
							   json_str_or_empty(owner, "name"))
					      : NULL;

		if (!x || strcmp(json_str_or_empty(x->json, "metadata.uid"), json_str_or_empty(owner, "uid")) != 0)
			return false;
	}
	return true;
}

/* What we made goes with its namespace, too. */
static bool namespace_lives(struct files *f, const struct object *o)
{
	CLEANUP(freep) char *ns = mem_printf("%.*s", SLICE_ARG(object_ns(o)));

	return !*ns || memory_get(&f->memory, &api_kind_namespace, "", ns);
}

static void collect(struct files *f, struct object *o)
{
	if (o->place || (owner_lives(f, o) && namespace_lives(f, o)))
		return;
	log_info("files", "%s %s goes with its owner", o->kind->kind, o->key);
	if (state_keeps(o->kind))
		state_remove(f->cfg.state, o->kind, object_ns(o), object_name(o));
	state_remove_status(f->cfg.state, o->kind, object_ns(o), object_name(o));
	memory_remove(&f->memory, o);
}

void files_collect(struct files *f)
{
	each(f, collect);
}

static void follow_cacerts(struct report *p)
{
	struct files *f = p->f;
	const struct object *o = memory_get(&f->memory, &api_kind_secret, f->cfg.ns, "cacerts");
	const uint64_t hash = o ? o->hash : 0;

	if (o && f->cfg.has_cacerts)
		report(p, o->place, "Secret cacerts", "has no effect: ROOT_CA_DIR names a folder", false);
	if (f->cacerts_known && hash == f->cacerts_hash)
		return;
	f->cacerts_known = true;
	f->cacerts_hash = hash;
	state_put_cacerts(f->cfg.state, o ? o->json : NULL);
}

/* --- the whole --- */

static void publish(struct report *p)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct files *f = p->f;

	yaml_print(p->list, &text);
	state_put_refused(f->cfg.state, buf_slice(&text));
	map_done(&f->told);
	arena_done(&f->told_texts);
	f->told = p->told;
	f->told_texts = p->texts;
	f->refused = p->refused;
	f->warned = p->warned;
}

void files_settle(struct files *f)
{
	CLEANUP(json_freep) cJSON *list = cJSON_CreateArray();
	struct report p = {.f = f, .list = list};

	each(f, unsee);
	if (f->tree.problem)
		report(&p, f->cfg.dir, "", f->tree.problem, true);
	for (size_t i = 0; i < f->tree.files.n; i++)
		settle_file(&p, f->tree.files.v[i]);
	need_namespaces(f);
	each(f, remove_unseen);
	files_collect(f);
	follow_cacerts(&p);
	publish(&p);
	files_changed(f);
}
