/*
 * A view follows a change of endpoints: of its resources those of the services that moved are made, and put in the
 * places of the others. All else of the view stays as it is, also who was used and what was told: it does not stand on
 * where endpoints are.
 */
#include <stdlib.h>
#include <string.h>

#include "discovery/internal.h"

#define ONLY_ENDPOINTS (CHANGE_ENDPOINT | CHANGE_POD)

/* The resources of a type that differ from the view's. */
struct difference {
	struct discovery *d;
	const struct view *v;
	enum xds_type type;
	VEC(struct xds_resource *) changed; /* a reference each */
	bool strange;                       /* a new name, or one that proxies refuse: all is to be made */
};

static void difference_done(struct difference *x)
{
	for (size_t i = 0; i < x->changed.n; i++)
		xds_resource_unref(x->changed.v[i]);
	vec_done(&x->changed);
}

/* The proxy's own pod may say which ports have which names. */
static bool own_pod_moved(const struct snapshot *s, const struct proxy *p)
{
	const uint64_t own = mesh_pod_hash(p->ns, p->name);

	for (size_t i = 0; i < s->n_moved_pods; i++)
		if (s->moved_pods[i] == own)
			return true;
	return false;
}

static bool can_follow(const struct discovery *d, const struct view *v)
{
	const struct snapshot *from = v->snap, *to = d->snap;

	if (!from || v->again || v->reach || from->version + 1 != to->version || to->moved_all)
		return false;
	if (to->changed & ~(unsigned)ONLY_ENDPOINTS || from->policies != to->policies ||
	    from->services != to->services || from->keys != to->keys)
		return false;
	if (discovery_left_any(v) || own_pod_moved(to, &v->proxy))
		return false;
	for (size_t i = 0; i < to->n_moved; i++)
		if (!compile_is_single(from, to, &v->proxy, to->moved[i]))
			return false;
	return true;
}

static void add(struct difference *x, struct xds_resource *r)
{
	const struct xds_resource *old = xds_set_find(x->v->result.sets[x->type], r->name);

	if (r == old) {
		xds_resource_unref(r);
		return;
	}
	x->strange |= !old || discovery_left_refuses(x->v, r);
	vec_push(&x->changed, r);
}

static void find(struct difference *x)
{
	const struct snapshot *s = x->d->snap;

	for (size_t i = 0; i < s->n_moved; i++) {
		CLEANUP(freep) struct xds_resource **v = NULL;
		const size_t n = compile_single(s, &x->v->proxy, s->moved[i], x->type, &x->d->pool, &x->d->cache, &v);

		for (size_t k = 0; k < n; k++)
			add(x, v[k]);
	}
}

void discovery_followed_done(struct followed *f)
{
	for (size_t i = 0; i < f->changed.n; i++)
		xds_resource_unref(f->changed.v[i]);
	vec_done(&f->changed);
	xds_set_unref(take(f->from));
	xds_set_unref(take(f->to));
}

static bool is_followed(const struct followed *f, const struct xds_set *old, const struct difference *x)
{
	return f->from == old && f->changed.n == x->changed.n &&
	       memcmp(f->changed.v, x->changed.v, x->changed.n * sizeof(x->changed.v[0])) == 0;
}

static void follow(struct discovery *d, struct followed *f, struct xds_set *old, const struct difference *x)
{
	discovery_followed_done(f);
	f->from = xds_set_ref(old);
	f->to = xds_pool_share(&d->pool, xds_set_apply(old, x->changed.v, x->changed.n, NULL, 0));
	for (size_t i = 0; i < x->changed.n; i++)
		vec_push(&f->changed, xds_resource_ref(x->changed.v[i]));
}

static void apply(struct discovery *d, struct view *v, const struct difference *x)
{
	struct followed *f = &d->followed[x->type];
	struct xds_set *old = v->result.sets[x->type];

	if (!x->changed.n)
		return;
	if (!is_followed(f, old, x))
		follow(d, f, old, x);
	v->result.sets[x->type] = xds_set_ref(f->to);
	xds_set_unref(old);
}

/* Pods by address; false when proxies refuse one of the blocks. */
static bool follow_pods(struct discovery *d, struct view *v)
{
	CLEANUP(xds_set_unrefp) struct xds_set *set = NULL;
	struct xds_set *old = v->result.sets[XDS_POD_BLOCK];
	struct xds_diff walk = {0};
	struct xds_resource *was, *now;

	if (!(d->snap->changed & CHANGE_POD))
		return true;
	set = compile_pods(d->snap, &v->proxy, &d->pool, &d->cache);
	if (old && old->hash == set->hash)
		return true;
	while (xds_diff_next(&walk, old, set, &was, &now))
		if (now && discovery_left_refuses(v, now))
			return false;
	v->result.sets[XDS_POD_BLOCK] = take(set);
	v->made |= 1u << XDS_POD_BLOCK;
	xds_set_unref(old);
	return true;
}

bool discovery_view_follow(struct discovery *d, struct view *v)
{
	CLEANUP(difference_done) struct difference clusters = {d, v, XDS_CLUSTER}, endpoints = {d, v, XDS_ENDPOINT};

	if (!can_follow(d, v))
		return false;
	find(&clusters);
	find(&endpoints);
	if (clusters.strange || endpoints.strange || !follow_pods(d, v))
		return false;
	apply(d, v, &clusters);
	apply(d, v, &endpoints);
	return true;
}
