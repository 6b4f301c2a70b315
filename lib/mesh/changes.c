/* The index from slices and pods to Services, kept by each change of a slice. */
#include "mesh/changes.h"

#include <stdlib.h>

#include "api/cluster/discovery.h"
#include "api/core/core.h"
#include "api/networking/networking.h"
#include "api/object.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/vec.h"
#include "mesh/workload.h"

/* What a slice names. */
struct slice_refs {
	char *key;     /* its own */
	char *service; /* "ns/name" */
	size_t n;
	uint64_t pods[];
};

struct pod_users {
	uint64_t pod;
	VEC(struct slice_refs *) v;
};

/* Of a node its labels tell, and slices. */
struct node_place {
	char *name;
	char *labels; /* "region/zone/subzone"; NULL = the node is not known */
	char *zone;   /* by slices; NULL = none says it */
};

static struct slice hash_key(const uint64_t *hash)
{
	return slice_make(hash, sizeof(*hash));
}

uint64_t mesh_pod_hash(const char *ns, const char *name)
{
	return hash_more(hash_bytes(slice_str(ns)), slice_str(name));
}

static void mark_service(struct mesh_changes *c, const char *service)
{
	char *copy;

	if (c->all || map_get(&c->services, slice_str(service)))
		return;
	if (c->services.n >= MESH_CHANGES_MAX) {
		c->all = true;
		return;
	}
	copy = mem_strdup(service);
	map_set(&c->services, slice_str(copy), copy);
}

static void mark_pod(struct mesh_changes *c, uint64_t pod)
{
	uint64_t *copy;

	if (c->all || map_get(&c->pods, hash_key(&pod)))
		return;
	copy = NEW(uint64_t);
	*copy = pod;
	map_set(&c->pods, hash_key(copy), copy);
}

/* --- slices --- */

static void users_add(struct mesh_changes *c, uint64_t pod, struct slice_refs *r)
{
	struct pod_users *u = map_get(&c->users, hash_key(&pod));

	if (!u) {
		u = NEW(struct pod_users);
		u->pod = pod;
		map_set(&c->users, hash_key(&u->pod), u);
	}
	vec_push(&u->v, r);
}

static void users_remove(struct mesh_changes *c, uint64_t pod, const struct slice_refs *r)
{
	struct pod_users *u = map_get(&c->users, hash_key(&pod));

	for (size_t i = 0; u && i < u->v.n;) {
		if (u->v.v[i] == r)
			vec_remove(&u->v, i);
		else
			i++;
	}
	if (!u || u->v.n)
		return;
	map_remove(&c->users, hash_key(&u->pod));
	vec_done(&u->v);
	free(u);
}

/* NULL when there are too many. */
static struct node_place *node_get(struct mesh_changes *c, const char *name)
{
	struct node_place *p = map_get(&c->nodes, slice_str(name));

	if (p || c->nodes.n >= MESH_NODES_MAX)
		return p;
	p = NEW(struct node_place);
	p->name = mem_strdup(name);
	map_set(&c->nodes, slice_str(p->name), p);
	return p;
}

static bool replace(char **text, const char *now)
{
	if (now ? *text && strcmp(*text, now) == 0 : !*text)
		return false;
	free(*text);
	*text = now ? mem_strdup(now) : NULL;
	return true;
}

static void know_zone(struct mesh_changes *c, const char *node, const char *zone)
{
	struct node_place *p = node && *node && zone && *zone ? node_get(c, node) : NULL;

	if (p && replace(&p->zone, zone) && !p->labels)
		c->places = true;
}

const char *mesh_changes_zone(const struct mesh_changes *c, const char *node)
{
	const struct node_place *p = node ? map_get(&c->nodes, slice_str(node)) : NULL;

	return p ? p->zone : NULL;
}

/* What else changes of a node, as its heartbeats, concerns nobody. */
static void note_node(struct mesh_changes *c, const struct store *s, const struct store_key *key)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const bool there = store_get(s, key->kind, key->ns, key->name);
	const struct locality l = node_locality(&a, s, key->name);
	struct node_place *p = node_get(c, key->name);

	if (p && !replace(&p->labels, there ? arena_printf(&a, "%s/%s/%s", l.region, l.zone, l.subzone) : NULL))
		return;
	c->places = c->all = true;
}

static void refs_free(struct slice_refs *r)
{
	free(r->key);
	free(r->service);
	free(r);
}

static void forget_slice(struct mesh_changes *c, const char *key)
{
	struct slice_refs *r = map_get(&c->slices, slice_str(key));

	if (!r)
		return;
	mark_service(c, r->service);
	for (size_t i = 0; i < r->n; i++)
		users_remove(c, r->pods[i], r);
	map_remove(&c->slices, slice_str(r->key));
	refs_free(r);
}

static void know_slice(struct mesh_changes *c, const char *key, const struct api_object *o)
{
	const struct discovery_endpoint_slice *k = API_VALUE(o, endpoint_slice, discovery_endpoint_slice);
	const char *service = api_object_label(o, MESH_SLICE_LABEL), *ns = api_object_namespace(o);
	struct slice_refs *r;

	if (!service)
		return;
	r = mem_alloc(sizeof(*r) + k->endpoints.n * sizeof(r->pods[0]));
	r->key = mem_strdup(key);
	r->service = mem_printf("%s/%s", ns, service);
	map_set(&c->slices, slice_str(r->key), r);
	for (size_t i = 0; i < k->endpoints.n; i++) {
		const struct core_object_reference *t = k->endpoints.v[i].target_ref;

		know_zone(c, k->endpoints.v[i].node_name, k->endpoints.v[i].zone);
		if (!t || !t->kind || strcmp(t->kind, "Pod") != 0 || !t->name)
			continue;
		r->pods[r->n] = mesh_pod_hash(t->namespace ? t->namespace : ns, t->name);
		users_add(c, r->pods[r->n++], r);
	}
	mark_service(c, r->service);
}

static void note_slice(struct mesh_changes *c, const struct store *s, const struct store_key *key)
{
	const struct api_object *o = store_get(s, key->kind, key->ns, key->name);
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_printf(&text, "%s/%s", key->ns, key->name);
	forget_slice(c, buf_str(&text));
	if (o)
		know_slice(c, buf_str(&text), o);
}

static void note_pod(struct mesh_changes *c, const struct store_key *key)
{
	const uint64_t pod = mesh_pod_hash(key->ns, key->name);
	const struct pod_users *u = map_get(&c->users, hash_key(&pod));

	mark_pod(c, pod);
	for (size_t i = 0; u && i < u->v.n; i++)
		mark_service(c, u->v.v[i]->service);
}

void mesh_changes_note(struct mesh_changes *c, const struct store *s, const struct store_key *key)
{
	if (!key->name)
		return;
	if (key->kind == &api_kind_endpoint_slice)
		note_slice(c, s, key);
	else if (key->kind == &api_kind_pod)
		note_pod(c, key);
	else if (key->kind == &api_kind_node)
		note_node(c, s, key);
	else if (key->kind == &api_kind_workload_entry)
		c->all = true;
}

static void free_values(struct map *m)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(m, &i));)
		free(e->value);
	map_done(m);
}

void mesh_changes_taken(struct mesh_changes *c)
{
	free_values(&c->services);
	free_values(&c->pods);
	c->all = c->places = false;
}

void mesh_changes_done(struct mesh_changes *c)
{
	struct map_entry *e;

	mesh_changes_taken(c);
	for (size_t i = 0; (e = map_next(&c->slices, &i));)
		refs_free(e->value);
	map_done(&c->slices);
	for (size_t i = 0; (e = map_next(&c->users, &i));) {
		struct pod_users *u = e->value;

		vec_done(&u->v);
		free(u);
	}
	map_done(&c->users);
	for (size_t i = 0; (e = map_next(&c->nodes, &i));) {
		struct node_place *p = e->value;

		free(p->name);
		free(p->labels);
		free(p->zone);
		free(p);
	}
	map_done(&c->nodes);
}
