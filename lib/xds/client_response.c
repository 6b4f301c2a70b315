/*
 * Responses of an ADS server: split into resources, compared with what is held, offered to the owner, and answered by
 * an ACK or a NACK with the next request.
 */
#include <stdio.h>

#include "base/mem.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/client_internal.h"
#include "xds/pb.h"
#include "xds/wire.h"

typedef Envoy__Service__Discovery__V3__DiscoveryResponse response_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryResponse response_delta;

/* Every resource type has its name in field 1, a string; so it is read without decoding the rest. */
static bool resource_name(struct slice bytes, struct slice *ret)
{
	struct wire_field f;
	int r;

	*ret = slice_make("", 0);
	while ((r = wire_next(&bytes, &f)) == 1)
		if (f.number == 1 && f.type == WIRE_BYTES)
			*ret = f.bytes;
	return r == 0;
}

/* One response while it is looked at. */
struct arrival {
	enum xds_type type;
	VEC(struct xds_resource *) all;     /* references */
	VEC(struct xds_resource *) changed; /* borrowed from all */
	VEC(const char *) versions;         /* delta: beside all */
	VEC(struct slice) removed;
	bool *refused; /* beside changed */
};

static void arrival_done(struct arrival *r)
{
	for (size_t i = 0; i < r->all.n; i++)
		xds_resource_unref(r->all.v[i]);
	vec_done(&r->all);
	vec_done(&r->changed);
	vec_done(&r->versions);
	vec_done(&r->removed);
	free(r->refused);
}

/* A resource wrapped for SotW (with a name or lifetime) is unwrapped. */
static int add_resource(struct xds_client *c, struct arrival *r, const Google__Protobuf__Any *any,
			const char *name_hint, const char *version, struct arena *a, struct err *e)
{
	struct slice bytes, name;
	struct xds_resource *old, *now;

	if (any && pb_any_is(any, &envoy__service__discovery__v3__resource__descriptor)) {
		const Envoy__Service__Discovery__V3__Resource *w =
			pb_any_unpack(a, any, &envoy__service__discovery__v3__resource__descriptor);

		return w ? add_resource(c, r, w->resource, w->name, w->version, a, e)
			 : err_set(e, -EINVAL, "broken resource");
	}
	if (!any || strcmp(any->type_url, xds_type_url(r->type)) != 0)
		return err_set(e, -EINVAL, "resource of type \"%.100s\" in a response of %s", any ? any->type_url : "",
			       xds_type_short(r->type));
	bytes = slice_make(any->value.data, any->value.len);
	if (!resource_name(bytes, &name))
		return err_set(e, -EINVAL, "resource number %zu cannot be read", r->all.n);
	if (r->type == XDS_NAME_TABLE || name.len == 0)
		name = slice_str(name_hint);
	old = xds_set_find(c->types[r->type].set, name);
	now = old && slice_eq(old->bytes, bytes) ? xds_resource_ref(old) : xds_resource_new(r->type, name, bytes);
	vec_push(&r->all, now);
	vec_push(&r->versions, version);
	if (now != old)
		vec_push(&r->changed, now);
	return 0;
}

/* SotW: wildcard types are complete, so what is missing is gone. */
static void find_removed(struct type_state *t, struct arrival *r)
{
	CLEANUP(xds_set_unrefp) struct xds_set *now = xds_set_apply(NULL, r->all.v, r->all.n, NULL, 0);

	for (size_t i = 0; t->set && i < t->set->n; i++)
		if (!xds_set_find(now, t->set->v[i]->name))
			vec_push(&r->removed, t->set->v[i]->name);
}

/* Whether the owner marked anything. */
static bool partly_refused(const struct arrival *r)
{
	for (size_t i = 0; i < r->changed.n; i++)
		if (r->refused[i])
			return true;
	return false;
}

/* Leaves out what the owner did not take: it stays as it was. `changed` is in the order of `all`. */
static void drop_refused(struct arrival *r)
{
	size_t kept = 0;

	for (size_t i = 0, k = 0; i < r->all.n; i++) {
		struct xds_resource *res = r->all.v[i];
		bool changed = k < r->changed.n && r->changed.v[k] == res;
		if (changed && r->refused[k++]) {
			xds_resource_unref(res);
			continue;
		}
		r->versions.v[kept] = r->versions.v[i];
		r->all.v[kept++] = res;
	}
	r->all.n = r->versions.n = kept;
}

/* The owner has what is left of the arrival: it is what is held. */
static void take_over(struct xds_client *c, struct arrival *r)
{
	struct type_state *t = &c->types[r->type];
	struct xds_set *old = t->set;

	t->set = xds_set_apply(old, r->all.v, r->all.n, r->removed.v, r->removed.n);
	for (size_t i = 0; i < r->removed.n; i++)
		xds_client_held_drop(t, r->removed.v[i]);
	for (size_t i = 0; i < r->all.n; i++)
		xds_client_held_set(t, r->all.v[i]->name,
				    c->p.delta && r->versions.v[i] ? r->versions.v[i] : r->all.v[i]->version);
	xds_set_unref(old);
}

/*
 * Offers the new state to the owner. While it looks, it may change its subscription: then names were dropped from what
 * is held, and what arrived for them is kept all the same until they are wanted again or removed.
 */
static void offer(struct xds_client *c, struct arrival *r)
{
	struct type_state *t = &c->types[r->type];
	CLEANUP(xds_set_unrefp) struct xds_set *old = xds_set_ref(t->set); /* what is removed is named by it */
	CLEANUP(xds_set_unrefp)
	struct xds_set *now = xds_set_apply(old, r->all.v, r->all.n, r->removed.v, r->removed.n);
	struct err e = ERR_INIT;

	r->refused = mem_calloc(r->changed.n + 1, sizeof(bool));
	const struct xds_update u = {.type = r->type,
				     .changed = r->changed.v,
				     .n_changed = r->changed.n,
				     .removed = r->removed.v,
				     .n_removed = r->removed.n,
				     .all = now,
				     .refused = r->refused};
	if (c->p.ops->on_update(c->p.user, &u, &e) == 0) {
		take_over(c, r);
		return;
	}
	free(t->refused);
	t->refused = mem_strdup(*e.msg ? e.msg : "refused");
	if (!partly_refused(r))
		return;
	drop_refused(r);
	take_over(c, r);
}

static void refuse(struct xds_client *c, enum xds_type type, const struct err *e)
{
	struct type_state *t = &c->types[type];

	free(t->refused);
	t->refused = mem_strdup(e->msg);
}

static void answer(struct xds_client *c, enum xds_type type, const char *nonce, const char *version)
{
	struct type_state *t = &c->types[type];

	snprintf(t->nonce, sizeof(t->nonce), "%s", nonce);
	if (!t->refused)
		snprintf(t->version, sizeof(t->version), "%s", version);
	xds_client_mark(c, t);
}

static void on_sotw(struct xds_client *c, struct slice message, struct arena *a)
{
	const response_sotw *m = pb_unpack(a, &envoy__service__discovery__v3__discovery_response__descriptor, message);
	CLEANUP(arrival_done) struct arrival r = {.type = m ? xds_type_from_url(m->type_url) : XDS_TYPE_NONE};
	struct err e = ERR_INIT;
	struct type_state *t;
	int result = 0;

	if (!m) /* nothing can be said to it: a new stream */
		grpc_call_cancel(c->call);
	if (r.type == XDS_TYPE_NONE || !c->types[r.type].active)
		return;
	t = &c->types[r.type];
	for (size_t i = 0; result == 0 && i < m->n_resources; i++)
		result = add_resource(c, &r, m->resources[i], "", NULL, a, &e);
	if (result == 0 && t->wildcard)
		find_removed(t, &r);
	if (result < 0)
		refuse(c, r.type, &e);
	else
		offer(c, &r);
	answer(c, r.type, m->nonce, m->version_info);
}

static void on_delta(struct xds_client *c, struct slice message, struct arena *a)
{
	const response_delta *m =
		pb_unpack(a, &envoy__service__discovery__v3__delta_discovery_response__descriptor, message);
	CLEANUP(arrival_done) struct arrival r = {.type = m ? xds_type_from_url(m->type_url) : XDS_TYPE_NONE};
	struct err e = ERR_INIT;
	int result = 0;

	if (!m) /* nothing can be said to it: a new stream */
		grpc_call_cancel(c->call);
	if (r.type == XDS_TYPE_NONE)
		return;
	if (!c->types[r.type].active) { /* it crossed our word that nothing is wanted; the server waits all the same */
		answer(c, r.type, m->nonce, "");
		return;
	}
	for (size_t i = 0; result == 0 && i < m->n_resources; i++)
		result = add_resource(c, &r, m->resources[i]->resource, m->resources[i]->name, m->resources[i]->version,
				      a, &e);
	for (size_t i = 0; i < m->n_removed_resources; i++)
		vec_push(&r.removed, slice_str(m->removed_resources[i]));
	if (result < 0)
		refuse(c, r.type, &e);
	else
		offer(c, &r);
	answer(c, r.type, m->nonce, m->system_version_info);
}

void xds_client_response(struct xds_client *c, struct slice message)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	if (c->p.delta)
		on_delta(c, message, &a);
	else
		on_sotw(c, message, &a);
}
