/*
 * The decisions of an ADS session. What a peer holds is said by two references, the set that it was last answered from
 * and the names that it asks for, and by marks for the few names of which that is not so.
 */
#include "xds/session.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"

/* --- marks --- */

static bool is_fresh(const struct ads_sub *s, size_t i)
{
	return s->fresh && s->fresh[i / 8] >> i % 8 & 1;
}

static void mark(uint8_t **fresh, size_t n, size_t i)
{
	assert(i < n);
	if (!*fresh)
		*fresh = mem_calloc(n / 8 + 1, 1);
	(*fresh)[i / 8] |= (uint8_t)(1u << i % 8);
}

void ads_renew(struct ads_sub *s, struct slice name)
{
	const size_t i = s->held ? xds_names_find(s->names, name) : SIZE_MAX;

	if (i == SIZE_MAX || !xds_set_find(s->held, name))
		return;
	mark(&s->fresh, s->names->n, i);
	s->dirty = true;
}

static void hold(struct ads_sub *s, struct xds_set *set)
{
	struct xds_set *old = s->held;

	s->held = xds_set_ref(set);
	xds_set_unref(old);
	free(take(s->fresh));
}

/* Makes the explicit names these (a reference that is taken over): those that are new are fresh. */
static void set_names(struct ads_sub *s, struct xds_names *now)
{
	struct xds_names *old = s->names;
	uint8_t *fresh = NULL;

	for (size_t i = 0, k = 0; s->held && now && i < now->n; i++) {
		while (old && k < old->n && slice_cmp(old->v[k], now->v[i]) < 0)
			k++;
		if (!old || k == old->n || !slice_eq(old->v[k], now->v[i]) || is_fresh(s, k))
			mark(&fresh, now->n, i);
	}
	free(s->fresh);
	s->fresh = fresh;
	s->names = now;
	xds_names_unref(old);
}

void ads_sub_done(struct ads_sub *s)
{
	xds_names_unref(s->names);
	xds_set_unref(s->held);
	free(s->fresh);
	free(s->error);
	*s = (struct ads_sub){.type = s->type, .pool = s->pool};
}

static bool is_star(const char *name)
{
	return strcmp(name, "*") == 0;
}

static void acknowledge(struct ads_sub *s)
{
	if (!s->waiting)
		return;
	s->waiting = false;
	s->n_acked++;
	memcpy(s->acked_nonce, s->nonce, sizeof(s->acked_nonce));
	free(s->error);
	s->error = NULL;
}

static enum ads_action refuse(struct ads_sub *s, const char *why)
{
	s->waiting = false;
	s->n_nacked++;
	free(s->error);
	s->error = mem_strdup(why);
	return ADS_NACK;
}

/* --- state of the world --- */

/* Makes the explicit names exactly those of the request. Returns true when something changed. */
static bool replace_names(struct ads_sub *s, const struct ads_request *r)
{
	bool wildcard = xds_type_wildcard(s->type) && r->n_subscribe == 0, changed;
	CLEANUP(freep) struct slice *v = mem_calloc(r->n_subscribe + 1, sizeof(*v));
	struct xds_names *now;
	size_t n = 0;

	if (r->same)
		return false;
	for (size_t i = 0; i < r->n_subscribe; i++) {
		if (is_star(r->subscribe[i]))
			wildcard = true;
		else
			v[n++] = slice_str(r->subscribe[i]);
	}
	now = xds_names_get(s->pool, v, n);
	changed = wildcard != s->wildcard || (now && s->names ? now->hash != s->names->hash : now != s->names);
	s->wildcard = wildcard;
	set_names(s, now);
	s->dirty |= changed;
	return changed;
}

/* The subscription starts anew: nothing is held but what a wildcard's next answer replaces. */
static enum ads_action subscribe_sotw(struct ads_sub *s, const struct ads_request *r)
{
	replace_names(s, r);
	if (!s->wildcard)
		hold(s, NULL);
	s->active = s->always = s->dirty = true;
	s->waiting = false;
	return ADS_SUBSCRIBE;
}

static enum ads_action unsubscribe_all(struct ads_sub *s)
{
	ads_sub_done(s);
	return ADS_UNSUBSCRIBE;
}

static enum ads_action request_sotw(struct ads_sub *s, const struct ads_request *r)
{
	bool has_nonce = *r->nonce != 0;

	if (r->error && has_nonce && s->active)
		return strcmp(r->nonce, s->nonce) == 0 ? refuse(s, r->error) : ADS_STALE;
	if (!r->same && r->n_subscribe == 0 && !xds_type_wildcard(s->type))
		return unsubscribe_all(s);
	if (!has_nonce || !s->active || !*s->nonce)
		return subscribe_sotw(s, r);
	if (strcmp(r->nonce, s->nonce) != 0)
		return ADS_STALE;
	acknowledge(s);
	if (replace_names(s, r))
		return ADS_SUBSCRIBE;
	if (!s->always)
		return ADS_ACK;
	s->dirty = true;
	return ADS_SUBSCRIBE;
}

/* --- delta --- */

/* What a peer says that it has, as a set whose members have no bytes. */
static struct xds_set *said(const struct ads_sub *s, const struct ads_request *r)
{
	CLEANUP(freep) struct xds_resource **v = mem_calloc(r->n_initial + 1, sizeof(*v));

	for (size_t i = 0; i < r->n_initial; i++) {
		v[i] = xds_resource_new(s->type, slice_str(r->initial[i].name), SLICE(""));
		v[i]->hash = strtoull(r->initial[i].version, NULL, 16);
	}
	return xds_set_new(v, r->n_initial);
}

/* The explicit names, and without what is in `less`, and with what is in `more`. */
static void change_names(struct ads_sub *s, const char *const *more, size_t n_more, const char *const *less,
			 size_t n_less)
{
	const size_t n_old = s->names ? s->names->n : 0;
	CLEANUP(freep) struct slice *v = mem_calloc(n_old + n_more + 1, sizeof(*v));
	CLEANUP(freep) bool *gone = mem_calloc(n_old + 1, sizeof(*gone));
	size_t n = 0;

	for (size_t i = 0; i < n_less; i++) {
		const size_t at = xds_names_find(s->names, slice_str(less[i]));

		if (at != SIZE_MAX)
			gone[at] = true;
	}
	for (size_t i = 0; i < n_old; i++)
		if (!gone[i])
			v[n++] = s->names->v[i];
	for (size_t i = 0; i < n_more; i++)
		if (!is_star(more[i]))
			v[n++] = slice_str(more[i]);
	set_names(s, xds_names_get(s->pool, v, n));
}

static void start_delta(struct ads_sub *s, const struct ads_request *r)
{
	struct xds_set *held = r->n_initial ? said(s, r) : NULL;

	s->active = s->always = s->dirty = true;
	s->wildcard = xds_type_wildcard(s->type) && r->n_subscribe == 0;
	for (size_t i = 0; i < r->n_subscribe; i++)
		s->wildcard |= is_star(r->subscribe[i]);
	change_names(s, r->subscribe, r->n_subscribe, r->unsubscribe, r->n_unsubscribe);
	hold(s, held);
	xds_set_unref(held);
}

static void unsubscribe_delta(struct ads_sub *s, const struct ads_request *r)
{
	change_names(s, NULL, 0, r->unsubscribe, r->n_unsubscribe);
	for (size_t i = 0; i < r->n_unsubscribe; i++)
		if (is_star(r->unsubscribe[i]))
			s->wildcard = false;
}

/* A name that is subscribed to again is answered again. */
static void subscribe_delta(struct ads_sub *s, const struct ads_request *r)
{
	change_names(s, r->subscribe, r->n_subscribe, NULL, 0);
	for (size_t i = 0; i < r->n_subscribe; i++) {
		if (!is_star(r->subscribe[i])) {
			if (s->held)
				mark(&s->fresh, s->names->n, xds_names_find(s->names, slice_str(r->subscribe[i])));
			continue;
		}
		if (!s->wildcard)
			hold(s, NULL);
		s->wildcard = true;
	}
}

static bool wants_nothing(const struct ads_sub *s)
{
	return !s->wildcard && !xds_type_wildcard(s->type) && !(s->names && s->names->n);
}

static enum ads_action request_delta(struct ads_sub *s, const struct ads_request *r)
{
	enum ads_action action = ADS_ACK;
	bool first = !s->active;

	if (first && *r->nonce && !r->n_subscribe && !xds_type_wildcard(s->type))
		return ADS_STALE; /* of a subscription that has ended */
	if (*r->nonce && strcmp(r->nonce, s->nonce) != 0)
		action = ADS_STALE;
	else if (*r->nonce && r->error)
		action = refuse(s, r->error);
	else if (*r->nonce)
		acknowledge(s);
	if (first)
		start_delta(s, r);
	if (!first && r->n_unsubscribe)
		unsubscribe_delta(s, r);
	if (!first && r->n_subscribe)
		subscribe_delta(s, r);
	if (r->n_unsubscribe && wants_nothing(s))
		return unsubscribe_all(s); /* it may never say a word about what is under way: nothing waits for that */
	if (r->n_unsubscribe)
		action = ADS_UNSUBSCRIBE;
	if (first || r->n_subscribe) {
		s->dirty = true;
		action = ADS_SUBSCRIBE;
	}
	return action;
}

enum ads_action ads_request(struct ads_sub *s, const struct ads_request *r)
{
	if (r->n_subscribe + r->n_initial + (r->delta && s->names ? s->names->n : 0) > XDS_NAMES_MAX)
		return ADS_REFUSE;
	return r->delta ? request_delta(s, r) : request_sotw(s, r);
}

const char *ads_action_str(enum ads_action a)
{
	static const char *const names[ADS_ACTION_COUNT] = {"subscribe", "ack",         "nack",
							    "stale",     "unsubscribe", "refuse"};

	return a < ADS_ACTION_COUNT ? names[a] : "?";
}

/* --- what to send --- */

bool ads_due(const struct ads_sub *s, const struct xds_set *set)
{
	return s->active && (s->dirty || s->always || s->seen_hash != set->hash);
}

static bool is_named(const struct ads_sub *s, struct slice name)
{
	return xds_names_find(s->names, name) != SIZE_MAX;
}

static void add(struct ads_answer *ret, struct xds_resource *r)
{
	ret->v[ret->n++] = r;
}

static void drop(struct ads_answer *ret, struct slice name)
{
	ret->removed[ret->n_removed++] = name;
}

/* All names, those that exist and those that do not: nothing is held, or all are repeated. */
static void answer_all_names(const struct ads_sub *s, const struct xds_set *set, struct ads_answer *ret)
{
	for (size_t i = 0, k = 0; s->names && i < s->names->n; i++) {
		while (k < set->n && slice_cmp(set->v[k]->name, s->names->v[i]) < 0)
			k++;
		if (k < set->n && slice_eq(set->v[k]->name, s->names->v[i]))
			add(ret, set->v[k]);
		else
			drop(ret, s->names->v[i]);
	}
}

/* Names whose marks say so and that do not differ anyway. */
static void answer_fresh(const struct ads_sub *s, const struct xds_set *set, struct ads_answer *ret)
{
	for (size_t i = 0; s->fresh && i < s->names->n; i++) {
		struct xds_resource *was, *now;

		if (!is_fresh(s, i))
			continue;
		was = xds_set_find(s->held, s->names->v[i]);
		now = xds_set_find(set, s->names->v[i]);
		if (!was && !now)
			drop(ret, s->names->v[i]);
		else if (was && now && was->hash == now->hash)
			add(ret, now);
	}
}

/* What differs of all that is wanted. */
static void answer_differences(const struct ads_sub *s, const struct xds_set *set, struct ads_answer *ret)
{
	struct xds_diff walk = {0};
	struct xds_resource *was, *now;

	while (xds_diff_next(&walk, s->held, set, &was, &now)) {
		if (!s->wildcard && !is_named(s, now ? now->name : was->name) && (now || !s->always))
			continue;
		if (now)
			add(ret, now);
		else
			drop(ret, was->name);
	}
	answer_fresh(s, set, ret);
}

static void compare_delta(const struct ads_sub *s, const struct xds_set *set, struct ads_answer *ret)
{
	if (s->held || s->wildcard)
		answer_differences(s, set, ret);
	else
		answer_all_names(s, set, ret);
	for (size_t i = 0; !s->held && s->wildcard && s->names && i < s->names->n; i++)
		if (!xds_set_find(set, s->names->v[i]))
			drop(ret, s->names->v[i]);
	ret->send = ret->n || ret->n_removed || s->always;
}

static void compare_sotw(const struct ads_sub *s, const struct xds_set *set, struct ads_answer *ret)
{
	if (s->wildcard) {
		ret->v = (struct xds_resource **)set->v;
		ret->n = set->n;
		ret->send = s->always || !s->held || s->held->hash != set->hash;
		return;
	}
	if (s->held)
		answer_differences(s, set, ret);
	else
		answer_all_names(s, set, ret);
	ret->send = ret->n || s->always;
	if (ret->send && s->held && (s->always || xds_type_wildcard(s->type))) {
		ret->n = 0;
		answer_all_names(s, set, ret);
	}
	ret->n_removed = 0; /* a response has no word for it */
}

void ads_compare(const struct ads_sub *s, bool delta, const struct xds_set *set, struct arena *a,
		 struct ads_answer *ret)
{
	const size_t n_names = s->names ? s->names->n : 0, n_held = s->held ? s->held->n : 0;

	assert(s->active);
	*ret = (struct ads_answer){.v = ARENA_NEW_N(a, struct xds_resource *, set->n),
				   .removed = ARENA_NEW_N(a, struct slice, n_held + 2 * n_names)};
	if (delta)
		compare_delta(s, set, ret);
	else
		compare_sotw(s, set, ret);
	assert(ret->n <= set->n && ret->n_removed <= n_held + 2 * n_names);
}

void ads_unchanged(struct ads_sub *s, struct xds_set *set)
{
	s->dirty = false;
	s->seen_hash = set->hash;
	hold(s, set);
}

void ads_sent(struct ads_sub *s, struct xds_set *set, const char *nonce)
{
	assert(s->active);
	hold(s, set);
	s->always = s->dirty = false;
	s->waiting = true;
	s->seen_hash = set->hash;
	s->n_sent++;
	assert(strlen(nonce) < sizeof(s->nonce));
	strcpy(s->nonce, nonce);
}

bool ads_synced(const struct ads_sub *s)
{
	return !s->waiting;
}

bool ads_wants(const struct ads_sub *s, struct slice name)
{
	return s->active && (s->wildcard || is_named(s, name));
}
