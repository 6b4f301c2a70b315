/*
 * What differs between a snapshot and the one before: where its objects are now, and which VirtualServices changed, so
 * that a view is made anew no further than that reaches. A VirtualService that delegates changes with its delegates.
 */
#include <stdlib.h>

#include "api/networking/networking.h"
#include "discovery/internal.h"

struct changed {
	const struct snapshot *of; /* the one before, or the one now */
	const struct mesh_virtual_service *vs;
};

struct delta {
	const struct snapshot *from, *to; /* `from` lives while a view is of it; compared only, else */
	struct arena arena;
	const struct mesh_object **now; /* by number in `from`: the same object in `to`; NULL = it is gone */
	struct map names;               /* "ns/name" of changed VirtualServices -> itself */
	VEC(struct changed) v;
};

/* It says the same in both. What was made anew under its name may have the generation, too. */
static bool same(const struct api_object *a, const struct api_object *b)
{
	const struct meta_object *x = a->meta, *y = b->meta;

	if (a == b)
		return true;
	return x->generation && x->uid && y->uid && strcmp(x->uid, y->uid) == 0 &&
	       discovery_intent(a) == discovery_intent(b);
}

static void move_all(struct delta *x)
{
	const struct policy_index *old = x->from->policies;
	struct map_entry *e;

	x->now = ARENA_NEW_N(&x->arena, const struct mesh_object *, old->n_objects + 1);
	for (size_t i = 0; (e = map_next(&old->by_name, &i));) {
		const struct mesh_object *o = e->value;

		x->now[o->number] = snapshot_object(x->to, o->obj->kind, o->ns, o->name);
	}
}

static void name_changed(struct delta *x, const struct mesh_object *o)
{
	const char *key = arena_printf(&x->arena, "%s/%s", o->ns, o->name);

	map_set(&x->names, slice_str(key), (void *)key);
}

/* Names those of `a` that `b` does not have, or has otherwise. */
static void compare(struct delta *x, const struct snapshot *a, const struct snapshot *b)
{
	for (size_t i = 0; i < a->policies->virtual_services.n; i++) {
		const struct mesh_object *o = &a->policies->virtual_services.v[i].o;
		const struct mesh_object *other = snapshot_object(b, o->obj->kind, o->ns, o->name);

		if (!other || !same(o->obj, other->obj))
			name_changed(x, o);
	}
}

static bool is_named(const struct delta *x, const char *ns, const char *name)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;

	buf_printf(&key, "%s/%s", ns, name);
	return map_get(&x->names, buf_slice(&key));
}

/* It changed, or what one of its routes is delegated to did. */
static bool is_changed(const struct delta *x, const struct mesh_virtual_service *vs)
{
	const struct istio_virtual_service_spec *own =
		API_VALUE(vs->o.obj, virtual_service, istio_virtual_service)->spec;
	bool changed = is_named(x, vs->o.ns, vs->o.name);

	for (size_t i = 0; i < own->http.n && !changed; i++) {
		const struct istio_delegate *d = own->http.v[i].delegate;

		if (d && d->name)
			changed = is_named(x, d->namespace && *d->namespace ? d->namespace : vs->o.ns, d->name);
	}
	return changed;
}

static void collect(struct delta *x, const struct snapshot *s)
{
	for (size_t i = 0; i < s->policies->virtual_services.n; i++)
		if (is_changed(x, &s->policies->virtual_services.v[i]))
			vec_push(&x->v, (struct changed){s, &s->policies->virtual_services.v[i]});
}

struct delta *discovery_delta_new(const struct snapshot *from, const struct snapshot *to)
{
	struct delta *x;

	if (from->policies == to->policies)
		return NULL;
	x = NEW(struct delta);
	x->from = from;
	x->to = to;
	move_all(x);
	if (to->changed & CHANGE_VIRTUAL_SERVICE) {
		compare(x, from, to);
		compare(x, to, from);
		collect(x, from);
		collect(x, to);
	}
	return x;
}

void discovery_delta_free(struct delta *x)
{
	if (!x)
		return;
	vec_done(&x->v);
	map_done(&x->names);
	arena_done(&x->arena);
	free(x);
}

const struct mesh_object *discovery_delta_now(const struct delta *x, const struct mesh_object *o)
{
	return x ? x->now[o->number] : o;
}

bool discovery_delta_concerns(const struct delta *x, const struct proxy *p)
{
	for (size_t i = 0; x && i < x->v.n; i++)
		if (compile_concerns(x->v.v[i].of, p, x->v.v[i].vs))
			return true;
	return false;
}
