/*
 * What proxies say about what they were sent: contents that a NACK names are remembered as refused; where it names
 * none, objects are guessed, one more with each NACK, and put back once the proxies are content.
 */
#include <stdlib.h>

#include "discovery/left_out_internal.h"

#define REFUSED_MAX 64 /* contents remembered that proxies of one view refused */

/* Keeps the content and what was said of it. */
static void mark(struct view_left *l, struct xds_resource *r, const char *error)
{
	for (size_t i = 0; i < l->refused.n; i++)
		if (l->refused.v[i].resource == r)
			return;
	if (l->refused.n >= REFUSED_MAX) {
		xds_resource_unref(l->refused.v[0].resource);
		free(l->refused.v[0].text);
		vec_remove(&l->refused, 0);
	}
	vec_push(&l->refused, (struct left_refusal){xds_resource_ref(r), mem_strdup(error)});
}

static bool is_word_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || strchr("_-.|:/~", c);
}

/* Whether the text names it: as a whole, not as part of a longer name. */
static bool names(const char *text, struct slice name)
{
	const char *at = text, *end = text + strlen(text);

	while (name.len && (at = memmem(at, (size_t)(end - at), name.ptr, name.len))) {
		const char *after = at + name.len;
		bool begins = at == text || !is_word_byte(at[-1]);
		bool ends = after == end || !is_word_byte(*after) || (*after == ':' && after[1] == ' ');
		if (begins && ends)
			return true;
		at++;
	}
	return false;
}

/* Remembers the contents that a NACK names; false when it names none. */
static bool mark_named(struct view *v, enum xds_type type, const char *error)
{
	const struct xds_set *set = v->result.sets[type];
	bool found = false;

	for (size_t i = 0; i < set->n; i++)
		if (names(error, set->v[i]->name)) {
			mark(v->left, set->v[i], error);
			found = true;
		}
	return found;
}

/* Whether all of the type is as proxies took it before, when only this object is left out beside the others. */
static bool explains(struct discovery *d, struct view *v, const struct mesh_object *o, enum xds_type type)
{
	struct left_suspects s = {&v->left->now, &o, 1};
	struct compile_result r;

	left_compile_without(d, v, &s, 1u << type, &r);
	bool same = r.sets[type]->hash == v->left->taken[type]->hash;
	compile_result_done(&r);
	return same;
}

/* A NACK that names nothing: the object that explains it, or one guess more. False when there is none left. */
static bool guess(struct discovery *d, struct view *v, enum xds_type type, const char *error)
{
	CLEANUP(freep) const struct mesh_object **all = NULL;
	size_t n = left_candidates(d, &v->result, type, &all);

	for (size_t i = 0; v->left->taken[type] && i < MIN(n, (size_t)LEFT_OUT_MAX); i++)
		if (!left_find(&v->left->now, all[i]->obj) && explains(d, v, all[i], type)) {
			left_add(v, all[i]->obj, type, error, true, true);
			return true;
		}
	for (size_t i = 0; v->left->now.v.n < LEFT_OUT_MAX && i < n; i++)
		if (!left_find(&v->left->now, all[i]->obj)) {
			left_add(v, all[i]->obj, type, error, true, false);
			return true;
		}
	return false;
}

/* No guess helped. */
static void give_up(struct view *v, enum xds_type type, const char *error)
{
	struct left_outs *l = &v->left->now;

	log_error("left-out", "%s: no object explains why %s is refused: %s", v->proxy.id, xds_type_short(type), error);
	v->left->hopeless = true;
	for (size_t i = 0; i < l->v.n;) {
		if (l->v.v[i].sure || l->v.v[i].type != type) {
			i++;
			continue;
		}
		left_done(&l->v.v[i]);
		vec_remove(&l->v, i);
	}
}

static size_t guesses(const struct left_outs *l, enum xds_type type)
{
	size_t n = 0;

	for (size_t i = 0; i < l->v.n; i++)
		n += !l->v.v[i].sure && l->v.v[i].type == type;
	return n;
}

/* The guesses that are needed at most: none, where it is known what is at fault; else the last one. */
static size_t needed(const struct left_outs *l, enum xds_type type)
{
	for (size_t i = 0; i < l->v.n; i++)
		if (l->v.v[i].sure && l->v.v[i].by_peer && l->v.v[i].type == type)
			return 0;
	return 1;
}

static bool untold(const struct left_outs *l, enum xds_type type)
{
	for (size_t i = 0; i < l->v.n; i++)
		if (!l->v.v[i].told && l->v.v[i].type == type)
			return true;
	return false;
}

/* What is known, or the last guess, was what helped: are the others needed? */
static void try_fewer(struct view_left *l, enum xds_type type)
{
	l->tried = l->trying = true;
	l->trying_type = type;
	for (size_t i = 0; i < l->now.v.n; i++)
		vec_push(&l->more.v, left_copy(&l->now.v.v[i]));
	for (size_t i = 0, left = guesses(&l->now, type), keep = needed(&l->now, type); left > keep; i++)
		if (!l->now.v.v[i].sure && l->now.v.v[i].type == type) {
			left_done(&l->now.v.v[i]);
			vec_remove(&l->now.v, i--);
			left--;
		}
}

static void take_back(struct view_left *l)
{
	left_outs_done(&l->now);
	l->now = l->more;
	l->more = (struct left_outs){0};
	l->trying = false;
}

bool discovery_left_refused(struct discovery *d, struct view *v, enum xds_type type, uint64_t hash, const char *error)
{
	if (!v->left || !v->result.sets[type] || v->result.sets[type]->hash != hash)
		return false; /* what it is about is not what we would send now */
	if (v->left->hopeless)
		return false;
	if (v->left->trying && v->left->trying_type == type) {
		(void)mark_named(v, type, error);
		take_back(v->left);
		return true;
	}
	v->left->tried = false;
	if (!mark_named(v, type, error) && !guess(d, v, type, error))
		give_up(v, type, error);
	return true;
}

bool discovery_left_taken(struct discovery *d, struct view *v, enum xds_type type, uint64_t hash)
{
	struct xds_set *set = v->result.sets[type];
	struct view_left *l = v->left;

	if (!l || !set || set->hash != hash)
		return false;
	if (l->taken[type] != set) {
		xds_set_unref(l->taken[type]);
		l->taken[type] = xds_set_ref(set);
	}
	if (l->trying && l->trying_type == type) {
		left_outs_done(&l->more);
		l->trying = false;
	}
	if (!l->tried && guesses(&l->now, type) > needed(&l->now, type)) {
		try_fewer(l, type);
		return true;
	}
	if (!untold(&l->now, type))
		return false;
	left_tell(d, v, NULL, type);
	return true; /* for the notes */
}
