/*
 * A policy is filed under values of which it needs one: in a disjunction every part must need one, in a conjunction a
 * single part is enough; a negation needs none.
 */
#include "config/rbac_index.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

struct chain {
	VEC(uint32_t) at;
};

struct rbac_index {
	struct map principals, paths;
	struct chain rest;
};

typedef VEC(struct slice) needs;

static void chains_done(struct map *m)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(m, &i));) {
		vec_done(&((struct chain *)e->value)->at);
		free(e->value);
	}
	map_done(m);
}

static void index_free(void *arg)
{
	struct rbac_index *x = arg;

	chains_done(&x->principals);
	chains_done(&x->paths);
	vec_done(&x->rest.at);
	free(x);
}

static bool is_exact(const struct match_string *m)
{
	return m->kind == MATCH_EXACT && !m->ignore_case;
}

/* Whether the expression holds only where the attribute of this kind is one of the values added to ret. */
static bool collect(const struct rbac_expr *e, enum rbac_op kind, needs *ret)
{
	size_t begin = ret->n;

	if (e->op == kind && !e->any && is_exact(&e->string)) {
		vec_push(ret, e->string.text);
		return true;
	}
	if (e->op != RBAC_OR && e->op != RBAC_AND)
		return false;
	for (size_t i = 0; i < e->n_kids; i++) {
		const bool needed = collect(&e->kids[i], kind, ret);

		if (needed && e->op == RBAC_AND)
			return true;
		if (!needed)
			ret->n = begin;
		if (!needed && e->op == RBAC_OR)
			return false;
	}
	return e->op == RBAC_OR;
}

static void file_under(struct map *m, struct slice key, uint32_t at)
{
	struct chain *c = map_get(m, key);

	if (!c) {
		c = NEW(struct chain);
		map_set(m, key, c);
	}
	if (!c->at.n || c->at.v[c->at.n - 1] != at)
		vec_push(&c->at, at);
}

static bool file_policy(struct map *m, const struct rbac_expr *e, enum rbac_op kind, uint32_t at)
{
	needs keys = {0};
	const bool needed = collect(e, kind, &keys);

	for (size_t i = 0; needed && i < keys.n; i++)
		file_under(m, keys.v[i], at);
	vec_done(&keys);
	return needed;
}

struct rbac_index *rbac_index_new(struct arena *a, const struct rbac_rules *rules)
{
	struct rbac_index *x;

	if (rules->n <= RBAC_WALK_MAX)
		return NULL;
	x = NEW(struct rbac_index);
	arena_on_done(a, index_free, x);
	for (uint32_t i = 0; i < rules->n; i++) {
		const struct rbac_policy *p = &rules->policies[i];

		if (!file_policy(&x->principals, &p->principal, RBAC_AUTHENTICATED, i) &&
		    !file_policy(&x->paths, &p->permission, RBAC_PATH, i))
			vec_push(&x->rest.at, i);
	}
	return x;
}

static struct rbac_positions positions(const struct chain *c)
{
	return c ? (struct rbac_positions){c->at.v, c->at.n} : (struct rbac_positions){NULL, 0};
}

struct rbac_positions rbac_index_principal(const struct rbac_index *x, struct slice name)
{
	return positions(map_get(&x->principals, name));
}

struct rbac_positions rbac_index_path(const struct rbac_index *x, struct slice path)
{
	return positions(map_get(&x->paths, path));
}

struct rbac_positions rbac_index_rest(const struct rbac_index *x)
{
	return positions(&x->rest);
}
