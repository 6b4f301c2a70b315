/*
 * The decisions of an ADS session. A name's record exists while it is subscribed to or held by the peer. Records live
 * in the map and own their key.
 */
#include "xds/session.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>

#include "base/mem.h"

static struct ads_name *name_get(struct ads_sub *s, struct slice name)
{
	struct ads_name *n = map_get(&s->names, name);

	if (n)
		return n;
	n = mem_alloc(sizeof(*n) + name.len + 1);
	n->len = name.len;
	memcpy(n->name, name.ptr, name.len);
	map_set(&s->names, slice_make(n->name, n->len), n);
	return n;
}

static void name_drop(struct ads_sub *s, struct ads_name *n)
{
	map_remove(&s->names, slice_make(n->name, n->len));
	free(n);
}

void ads_sub_done(struct ads_sub *s)
{
	struct map_entry *entry;

	for (size_t i = 0; (entry = map_next(&s->names, &i));)
		free(entry->value);
	map_done(&s->names);
	xds_set_unref(s->sent_set);
	free(s->error);
	*s = (struct ads_sub){.type = s->type};
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
	snprintf(s->acked_nonce, sizeof(s->acked_nonce), "%s", s->nonce);
	snprintf(s->acked_version, sizeof(s->acked_version), "%s", s->sent_version);
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
	struct map_entry *entry;
	struct map wanted = {0};

	for (size_t i = 0; i < r->n_subscribe; i++) {
		if (is_star(r->subscribe[i]))
			wildcard = true;
		else
			map_set(&wanted, slice_str(r->subscribe[i]), (void *)r);
	}
	changed = wildcard != s->wildcard;
	s->wildcard = wildcard;
	for (size_t i = 0; (entry = map_next(&s->names, &i));) {
		struct ads_name *n = entry->value;

		if (!map_get(&wanted, slice_make(n->name, n->len))) {
			name_drop(s, n);
			changed = true;
		}
	}
	for (size_t i = 0; i < r->n_subscribe; i++) {
		struct ads_name *n;

		if (is_star(r->subscribe[i]))
			continue;
		n = name_get(s, slice_str(r->subscribe[i]));
		changed |= !n->subscribed;
		n->subscribed = true;
	}
	map_done(&wanted);
	s->dirty |= changed;
	return changed;
}

/* The subscription starts anew: nothing is held. */
static enum ads_action subscribe_sotw(struct ads_sub *s, const struct ads_request *r)
{
	struct map_entry *entry;

	replace_names(s, r);
	for (size_t i = 0; (entry = map_next(&s->names, &i));)
		((struct ads_name *)entry->value)->held = false;
	s->active = s->always = s->dirty = true;
	s->waiting = false;
	return ADS_SUBSCRIBE;
}

static enum ads_action request_sotw(struct ads_sub *s, const struct ads_request *r)
{
	bool has_nonce = *r->nonce != 0;

	if (r->error && has_nonce && s->active)
		return strcmp(r->nonce, s->nonce) == 0 ? refuse(s, r->error) : ADS_STALE;
	if (r->n_subscribe == 0 && !xds_type_wildcard(s->type)) {
		enum xds_type type = s->type;

		ads_sub_done(s);
		s->type = type;
		return ADS_UNSUBSCRIBE;
	}
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

static void start_delta(struct ads_sub *s, const struct ads_request *r)
{
	s->active = s->always = s->dirty = true;
	s->wildcard = xds_type_wildcard(s->type) && r->n_subscribe == 0;
	for (size_t i = 0; i < r->n_initial; i++) {
		struct ads_name *n = name_get(s, slice_str(r->initial[i].name));

		n->held = true;
		snprintf(n->version, sizeof(n->version), "%s", r->initial[i].version);
	}
}

/* A name that is subscribed to again is answered again. */
static void subscribe_delta(struct ads_sub *s, const char *name, bool first)
{
	struct ads_name *n;

	if (is_star(name)) {
		s->wildcard = true;
		return;
	}
	n = name_get(s, slice_str(name));
	n->subscribed = true;
	n->missing_told = false;
	if (!first)
		n->held = false;
}

static void unsubscribe_delta(struct ads_sub *s, const char *name)
{
	struct ads_name *n = map_get(&s->names, slice_str(name));

	if (is_star(name)) {
		s->wildcard = false;
		return;
	}
	if (!n)
		return;
	n->subscribed = false;
	if (!s->wildcard || !n->held)
		name_drop(s, n);
}

static enum ads_action request_delta(struct ads_sub *s, const struct ads_request *r)
{
	enum ads_action action = ADS_ACK;
	bool first = !s->active;

	if (*r->nonce && strcmp(r->nonce, s->nonce) != 0)
		action = ADS_STALE;
	else if (*r->nonce && r->error)
		action = refuse(s, r->error);
	else if (*r->nonce)
		acknowledge(s);
	if (first)
		start_delta(s, r);
	for (size_t i = 0; i < r->n_unsubscribe; i++)
		unsubscribe_delta(s, r->unsubscribe[i]);
	for (size_t i = 0; i < r->n_subscribe; i++)
		subscribe_delta(s, r->subscribe[i], first);
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
	if (r->n_subscribe + r->n_initial + (r->delta ? s->names.n : 0) > XDS_NAMES_MAX)
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

static bool differs(const struct ads_name *n, const struct xds_resource *r)
{
	return !n || !n->held || strcmp(n->version, r->version) != 0;
}

static void answer_everything(struct ads_sub *s, const struct xds_set *set, struct ads_answer *ret)
{
	assert(s->wildcard);
	ret->v = (struct xds_resource **)set->v;
	ret->n = set->n;
	ret->send = s->always || !s->sent_set || s->sent_set->hash != set->hash;
}

/* Names that exist; `all` = also those that the peer has already. */
static void answer_names(struct ads_sub *s, const struct xds_set *set, bool all, struct arena *a,
			 struct ads_answer *ret)
{
	struct map_entry *entry;
	bool news = false;

	ret->v = ARENA_NEW_N(a, struct xds_resource *, s->names.n);
	for (size_t i = 0; (entry = map_next(&s->names, &i));) {
		struct xds_resource *r = xds_set_find(set, entry->key);

		if (!r)
			continue;
		news |= differs(entry->value, r);
		if (all || differs(entry->value, r))
			ret->v[ret->n++] = r;
	}
	ret->send = news || s->always;
}

static void answer_delta(struct ads_sub *s, const struct xds_set *set, struct arena *a, struct ads_answer *ret)
{
	struct map_entry *entry;

	ret->v = ARENA_NEW_N(a, struct xds_resource *, s->wildcard ? set->n : s->names.n);
	ret->removed = ARENA_NEW_N(a, struct slice, s->names.n);
	for (size_t i = 0; s->wildcard && i < set->n; i++)
		if (differs(map_get(&s->names, set->v[i]->name), set->v[i]))
			ret->v[ret->n++] = set->v[i];
	for (size_t i = 0; (entry = map_next(&s->names, &i));) {
		struct ads_name *n = entry->value;
		struct xds_resource *r = xds_set_find(set, entry->key);

		if (r && !s->wildcard && n->subscribed && differs(n, r))
			ret->v[ret->n++] = r;
		else if (!r && (n->held || (n->subscribed && !n->missing_told)))
			ret->removed[ret->n_removed++] = entry->key;
	}
	ret->send = ret->n || ret->n_removed || s->always;
}

void ads_answer(struct ads_sub *s, bool delta, const struct xds_set *set, struct arena *a, struct ads_answer *ret)
{
	*ret = (struct ads_answer){.set = set};
	if (!s->active)
		return;
	if (!s->dirty && !s->always && s->seen_hash == set->hash)
		return;
	if (delta)
		answer_delta(s, set, a, ret);
	else if (s->wildcard)
		answer_everything(s, set, ret);
	else
		answer_names(s, set, s->always || xds_type_wildcard(s->type), a, ret);
	if (!ret->send) {
		s->dirty = false;
		s->seen_hash = set->hash;
	}
}

static void remember(struct ads_sub *s, const struct ads_answer *ans)
{
	for (size_t i = 0; i < ans->n; i++) {
		struct ads_name *n = name_get(s, ans->v[i]->name);

		n->held = true;
		n->missing_told = false;
		memcpy(n->version, ans->v[i]->version, sizeof(n->version));
	}
	for (size_t i = 0; i < ans->n_removed; i++) {
		struct ads_name *n = map_get(&s->names, ans->removed[i]);

		if (!n)
			continue;
		n->held = false;
		n->missing_told = true;
		if (!n->subscribed)
			name_drop(s, n);
	}
}

void ads_sent(struct ads_sub *s, bool delta, const struct ads_answer *ans, const char *nonce, const char *version)
{
	struct xds_set *old = s->sent_set;

	assert(s->active && ans->set);
	if (delta || !s->wildcard) {
		remember(s, ans);
	} else {
		s->sent_set = xds_set_ref((struct xds_set *)ans->set);
		xds_set_unref(old);
	}
	s->always = s->dirty = false;
	s->waiting = true;
	s->seen_hash = ans->set->hash;
	s->n_sent++;
	snprintf(s->nonce, sizeof(s->nonce), "%s", nonce);
	snprintf(s->sent_version, sizeof(s->sent_version), "%s", version);
}

bool ads_synced(const struct ads_sub *s)
{
	return !s->waiting;
}

bool ads_wants(const struct ads_sub *s, struct slice name)
{
	const struct ads_name *n = map_get(&s->names, name);

	return s->active && (s->wildcard || (n && n->subscribed));
}
