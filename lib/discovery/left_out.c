/*
 * What proxies would refuse, or have refused, is not sent: for each view the objects at fault are found and left out,
 * and the rest is made without them. A resource counts as refused when the proxy's own decoder (lib/config) says so,
 * which is kept with the resource for all views; or when a proxy of the view did by a NACK, which is kept with the
 * view: what one says is no reason to take anything from others.
 *
 *   compile --> all taken: done
 *      ^    --> one refused --> which object? --found--> leave it out --+
 *      |                          \--none, or too many--> leave the resource out
 *      +----------------------------------------------------------------+
 *
 * The object at fault is the youngest change without which the resource is taken: the objects that the view was made of
 * are tried youngest first, by halving. What the decoder refuses is found anew with each policy that changes; what only
 * a proxy can tell stays left out until the object changes or goes. There the object without which all is as the
 * proxies took it before is surely at fault; else it is a guess, to which each further NACK adds one. When the proxies
 * are content, the earlier guesses are put back once, and what is still left out is told.
 */
#include <stdlib.h>

#include "config/check.h"
#include "discovery/left_out_internal.h"
#include "kube/plan.h"

#define EVENT_TEXT_MAX 400 /* bytes of the proxy's words */

void left_done(struct left_out *x)
{
	free(x->ns);
	free(x->name);
	free(x->text);
}

void left_outs_done(struct left_outs *l)
{
	for (size_t i = 0; i < l->v.n; i++)
		left_done(&l->v.v[i]);
	vec_done(&l->v);
}

void discovery_left_free(struct view_left *l)
{
	if (!l)
		return;
	left_outs_done(&l->now);
	left_outs_done(&l->more);
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		xds_set_unref(l->taken[i]);
	for (size_t i = 0; i < l->refused.n; i++) {
		xds_resource_unref(l->refused.v[i].resource);
		free(l->refused.v[i].text);
	}
	vec_done(&l->refused);
	free(l);
}

struct left_out left_copy(const struct left_out *x)
{
	struct left_out c = *x;

	c.ns = mem_strdup(x->ns);
	c.name = mem_strdup(x->name);
	c.text = mem_strdup(x->text);
	return c;
}

static bool same_object(const struct left_out *x, const struct api_object *o)
{
	return x->kind == o->kind && strcmp(x->name, api_object_name(o)) == 0 &&
	       strcmp(x->ns, api_object_namespace(o)) == 0;
}

const struct left_out *left_find(const struct left_outs *l, const struct api_object *o)
{
	for (size_t i = 0; i < l->v.n; i++)
		if (same_object(&l->v.v[i], o))
			return &l->v.v[i];
	return NULL;
}

const char *discovery_left_why(const struct view *v, const struct api_object *o)
{
	const struct left_out *x = v->left ? left_find(&v->left->now, o) : NULL;

	return x && x->intent == discovery_intent(o) ? x->text : NULL;
}

static bool is_ours(const struct view *v)
{
	return strncmp(v->proxy.user_agent, "weft", 4) == 0;
}

/* What a proxy of the view said against it, or NULL. */
static const char *peer_refusal(const struct view *v, const struct xds_resource *r)
{
	for (size_t i = 0; v->left && i < v->left->refused.n; i++)
		if (v->left->refused.v[i].resource == r)
			return v->left->refused.v[i].text;
	return NULL;
}

/* Why the view's proxies refuse it, or NULL. */
static const char *verdict(const struct view *v, struct xds_resource *r)
{
	struct err e = ERR_INIT;

	if (!is_ours(v))
		return peer_refusal(v, r);
	if (!r->checked) {
		r->checked = true;
		if (config_check(r, &e) < 0)
			r->refused = mem_strdup(e.msg);
	}
	return r->refused ? r->refused : peer_refusal(v, r);
}

bool discovery_left_refuses(const struct view *v, struct xds_resource *r)
{
	return verdict(v, r) != NULL;
}

static struct xds_resource *first_refused(const struct view *v, const struct compile_result *r)
{
	for (size_t t = 0; t < XDS_TYPE_COUNT; t++)
		for (size_t i = 0; r->sets[t] && i < r->sets[t]->n; i++)
			if (verdict(v, r->sets[t]->v[i]))
				return r->sets[t]->v[i];
	return NULL;
}

/* --- the object at fault --- */

static bool skip(void *arg, const struct mesh_object *o)
{
	const struct left_suspects *s = arg;

	for (size_t i = 0; i < s->n; i++)
		if (s->v[i]->number == o->number)
			return true;
	return left_find(s->out, o->obj) != NULL;
}

/* Uses name the objects of the snapshot itself, which lives as long as the view is of it. */
static void fix_uses(const struct snapshot *s, struct compile_result *r)
{
	const struct policy_index *x = s->policies;
	const struct mesh_object **by_number = ARENA_NEW_N(&r->arena, const struct mesh_object *, x->n_objects);

#define PUT(list)                                                                                                      \
	for (size_t i = 0; i < x->list.n; i++)                                                                         \
	by_number[x->list.v[i].o.number] = &x->list.v[i].o
	PUT(virtual_services);
	PUT(destination_rules);
	PUT(gateways);
	PUT(sidecars);
	PUT(peer_auths);
	PUT(authz);
	PUT(request_auths);
	PUT(envoy_filters);
	PUT(telemetries);
#undef PUT
	for (size_t i = 0; i < r->n_uses; i++)
		r->uses[i].object = by_number[r->uses[i].object->number];
}

void left_compile_without(struct discovery *d, struct view *v, struct left_suspects *s, unsigned types,
			  struct compile_result *ret)
{
	struct snapshot *snap = snapshot_without(d->snap, skip, s);

	compile_view(snap, &v->proxy, types, &d->pool, NULL, ret);
	fix_uses(d->snap, ret);
	snapshot_unref(snap);
}

/* Whether the resource of that name is taken when the first n suspects are left out. */
static bool taken_without(struct discovery *d, struct view *v, struct left_suspects *s, size_t n,
			  const struct xds_resource *bad)
{
	struct compile_result r;
	struct xds_resource *x;

	s->n = n;
	left_compile_without(d, v, s, 1u << bad->type, &r);
	x = xds_set_find(r.sets[bad->type], bad->name);
	bool ok = !x || !verdict(v, x);
	compile_result_done(&r);
	return ok;
}

/* Whether the resource is what a proxy took before, when only this suspect is left out. */
static bool as_before_without(struct discovery *d, struct view *v, const struct left_outs *out,
			      const struct mesh_object *o, const struct xds_resource *bad)
{
	const struct xds_resource *before = xds_set_find(v->left->taken[bad->type], bad->name);
	struct left_suspects s = {out, &o, 1};
	struct compile_result r;

	left_compile_without(d, v, &s, 1u << bad->type, &r);
	bool ok = xds_set_find(r.sets[bad->type], bad->name) == before;
	compile_result_done(&r);
	return ok;
}

static struct discovery *sorting; /* qsort has no argument */

/* Youngest change first. */
static int by_change(const void *a, const void *b)
{
	const struct mesh_object *x = *(const struct mesh_object *const *)a, *y = *(const struct mesh_object *const *)b;
	uint64_t p = discovery_changed_at(sorting, x->obj), q = discovery_changed_at(sorting, y->obj);

	if (p != q)
		return p > q ? -1 : 1;
	return strcmp(y->created, x->created);
}

/* The objects that resources of a type were made of, youngest change first; their number. */
size_t left_candidates(struct discovery *d, const struct compile_result *r, enum xds_type type,
		       const struct mesh_object ***ret)
{
	size_t n = 0;

	*ret = mem_calloc(r->n_uses + 1, sizeof(**ret));
	for (size_t i = 0; i < r->n_uses; i++)
		if (r->uses[i].types & 1u << type)
			(*ret)[n++] = r->uses[i].object;
	sorting = d;
	qsort(*ret, n, sizeof(**ret), by_change);
	return n;
}

/* The object of the snapshot that is at fault, or NULL; *ret_sure: it is no guess. */
static const struct mesh_object *culprit(struct discovery *d, struct view *v, const struct compile_result *r,
					 const struct xds_resource *bad, bool *ret_sure)
{
	const bool by_peer = peer_refusal(v, bad);
	CLEANUP(freep) const struct mesh_object **all = NULL;
	size_t n = left_candidates(d, r, bad->type, &all), low = 0, high;
	struct left_suspects s = {&v->left->now, all, 0};

	*ret_sure = true;
	for (size_t i = 0; by_peer && v->left->taken[bad->type] && i < MIN(n, (size_t)LEFT_OUT_MAX); i++)
		if (as_before_without(d, v, &v->left->now, all[i], bad))
			return all[i];
	*ret_sure = !by_peer;
	if (!n || !taken_without(d, v, &s, n, bad))
		return NULL;
	for (high = n; high - low > 1;) { /* refused without the first `low`, taken without the first `high` */
		size_t middle = low + (high - low) / 2;
		if (taken_without(d, v, &s, middle, bad))
			high = middle;
		else
			low = middle;
	}
	return all[high - 1];
}

/* --- what is told --- */

static void on_told(void *arg, const struct err *err, bool retry)
{
	(void)arg, (void)retry;
	if (err->code)
		log_warn("left-out", "event: %s", err->msg);
}

static void tell(struct discovery *d, const struct view *v, const struct api_object *o, const char *why)
{
	struct plan p;

	log_warn("left-out", "%s %s/%s is left out for %s: %s", o->kind->kind, api_object_namespace(o),
		 api_object_name(o), v->proxy.id, why);
	if (!d->events)
		return;
	plan_init(&p);
	plan_event(&p, o, true, "Refused", "Left out for proxies like %s, which refuse what it makes: %.*s",
		   v->proxy.id, EVENT_TEXT_MAX, why);
	executor_run(d->events, &p, on_told, NULL);
	plan_done(&p);
}

void left_add(struct view *v, const struct api_object *o, enum xds_type type, const char *why, bool by_peer, bool sure)
{
	struct left_out x = {.kind = o->kind,
			     .ns = mem_strdup(api_object_namespace(o)),
			     .name = mem_strdup(api_object_name(o)),
			     .text = mem_strdup(why),
			     .intent = discovery_intent(o),
			     .type = type,
			     .by_peer = by_peer,
			     .sure = sure};

	vec_push(&v->left->now.v, x);
}

/*
 * Tells what is left out for good, once; what is in `before` was told already. Of what proxies refused only that of a
 * type is told, XDS_TYPE_NONE: nothing.
 */
void left_tell(struct discovery *d, struct view *v, const struct left_outs *before, enum xds_type type)
{
	for (size_t i = 0; i < v->left->now.v.n; i++) {
		struct left_out *x = &v->left->now.v.v[i];
		const struct api_object *o = store_get(d->store, x->kind, x->ns, x->name);
		const struct left_out *was = o && before ? left_find(before, o) : NULL;
		if (x->told || (x->by_peer && x->type != type))
			continue;
		x->told = true;
		if (o && (!was || !was->told || was->intent != x->intent))
			tell(d, v, o, x->text);
	}
}

/* Notes by which the objects' status tells it; their strings go with the result. */
static void note(const struct view *v, struct compile_result *r, unsigned types)
{
	const struct left_outs *l = &v->left->now;
	struct compile_note *notes = ARENA_NEW_N(&r->arena, struct compile_note, r->n_notes + l->v.n);

	for (size_t i = 0; i < r->n_notes; i++)
		notes[i] = r->notes[i];
	for (size_t i = 0; i < l->v.n; i++) {
		const struct left_out *x = &l->v.v[i];
		if (!x->told || !(types & 1u << x->type))
			continue;
		notes[r->n_notes++] = (struct compile_note){
			.kind = x->kind,
			.ns = arena_strdup(&r->arena, x->ns),
			.name = arena_strdup(&r->arena, x->name),
			.reason = COMPILE_INVALID,
			.type = x->type,
			.path = "",
			.text = arena_printf(&r->arena, "left out, since proxies refuse what it makes: %s", x->text),
		};
	}
	r->notes = notes;
}

/* No object is at fault, so the resource goes alone; a service's tells so. */
static void drop(struct view *v, struct compile_result *r, struct xds_resource *bad, const struct snapshot *snap)
{
	struct xds_set *old = r->sets[bad->type];
	struct slice host = bad->name;
	ptrdiff_t bar = slice_rfind(host, '|');
	CLEANUP(freep) char *name = NULL;

	if (bar >= 0)
		host = slice_from(host, (size_t)bar + 1);
	name = mem_printf("%.*s", SLICE_ARG(host));
	const struct service *svc = snapshot_service(snap, name);
	log_error("left-out", "%s %.*s is not sent to %s: %s", xds_type_short(bad->type), SLICE_ARG(bad->name),
		  v->proxy.id, verdict(v, bad));
	if (svc && svc->obj) {
		struct compile_note *notes = ARENA_NEW_N(&r->arena, struct compile_note, r->n_notes + 1);
		for (size_t i = 0; i < r->n_notes; i++)
			notes[i] = r->notes[i];
		notes[r->n_notes++] = (struct compile_note){
			.kind = svc->obj->kind,
			.ns = arena_strdup(&r->arena, api_object_namespace(svc->obj)),
			.name = arena_strdup(&r->arena, api_object_name(svc->obj)),
			.type = bad->type,
			.path = "",
			.text = arena_printf(&r->arena, "%.*s is left out, since proxies refuse it: %s",
					     SLICE_ARG(bad->name), verdict(v, bad)),
		};
		r->notes = notes;
	}
	r->sets[bad->type] = xds_set_apply(old, NULL, 0, &bad->name, 1);
	xds_set_unref(old);
}

/* --- making a view --- */

/* Keeps what still holds: what a proxy told about an object that is as it was then. all = the decoder is asked anew. */
static void forget_old(struct discovery *d, struct left_outs *l, bool all)
{
	for (size_t i = 0; i < l->v.n;) {
		struct left_out *x = &l->v.v[i];
		const struct api_object *o = store_get(d->store, x->kind, x->ns, x->name);
		if (o && discovery_intent(o) == x->intent && (x->by_peer || !all)) {
			i++;
			continue;
		}
		left_done(x);
		vec_remove(&l->v, i);
	}
}

static void compile_now(struct discovery *d, struct view *v, unsigned types, struct compile_result *ret)
{
	struct left_suspects s = {&v->left->now, NULL, 0};

	if (!v->left->now.v.n) {
		compile_view(d->snap, &v->proxy, types, &d->pool, &d->cache, ret);
		return;
	}
	left_compile_without(d, v, &s, types, ret);
}

static bool same_objects(struct discovery *d, const struct left_outs *a, const struct left_outs *b)
{
	for (size_t i = 0; i < a->v.n; i++) {
		const struct left_out *x = &a->v.v[i];
		const struct api_object *o = store_get(d->store, x->kind, x->ns, x->name);

		if (!o || !left_find(b, o))
			return false;
	}
	return a->v.n == b->v.n;
}

/* What was put back makes no difference: nothing is sent, so no proxy will say that it is content. */
static void settle(struct discovery *d, struct view *v, const struct compile_result *r, const struct left_outs *before)
{
	struct view_left *l = v->left;
	const struct xds_set *now = r->sets[l->trying_type], *taken = l->taken[l->trying_type];

	if (!l->trying || !now || !taken || now->hash != taken->hash)
		return;
	left_outs_done(&l->more);
	l->trying = false;
	left_tell(d, v, before, l->trying_type);
}

bool discovery_left_any(const struct view *v)
{
	return v->left && (v->left->now.v.n || v->left->more.v.n || v->left->hopeless);
}

bool discovery_left_compile(struct discovery *d, struct view *v, unsigned types, bool all, struct compile_result *ret)
{
	CLEANUP(left_outs_done) struct left_outs before = {0};
	struct xds_resource *bad;

	if (!v->left)
		v->left = NEW(struct view_left);
	if (all && v->snap != d->snap)
		v->left->hopeless = false;
	for (size_t i = 0; i < v->left->now.v.n; i++)
		vec_push(&before.v, left_copy(&v->left->now.v.v[i]));
	forget_old(d, &v->left->now, all);
	forget_old(d, &v->left->more, false);
	compile_now(d, v, types, ret);
	while ((bad = first_refused(v, ret))) {
		bool full = v->left->now.v.n >= LEFT_OUT_MAX, sure;
		const struct mesh_object *o = full ? NULL : culprit(d, v, ret, bad, &sure);
		if (!o) {
			drop(v, ret, bad, d->snap);
			continue;
		}
		left_add(v, o->obj, bad->type, verdict(v, bad), peer_refusal(v, bad), sure);
		compile_result_done(ret);
		compile_now(d, v, types, ret);
	}
	settle(d, v, ret, &before);
	left_tell(d, v, &before, XDS_TYPE_NONE);
	note(v, ret, types);
	return !same_objects(d, &before, &v->left->now);
}
