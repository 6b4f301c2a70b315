/*
 * The index of a long list of routes by path. Routes of one exact path, and routes of one prefix, are each a chain in
 * ascending order; the chains that can match a path are found by hash (prefixes: one lookup per distinct length) and
 * merged by position, so the first match in order is found without looking at the others.
 *
 *   exact:  path   -> chain
 *   prefix: length -> bytes -> chain
 *   rest:   chain of regexes, case-insensitive and separated prefixes, CONNECT
 */
#include "base/map.h"
#include "base/vec.h"
#include "route/route_internal.h"

/* More distinct prefix lengths than this go to the rest. */
#define PREFIX_LENGTHS_MAX 64

struct chain {
	VEC(uint32_t) routes; /* positions, ascending */
};

struct prefixes {
	size_t len;
	struct map chains;
};

struct route_paths {
	struct map exact;
	VEC(struct prefixes) by_len;
	struct chain rest;
};

static void chain_free(struct chain *c)
{
	vec_done(&c->routes);
	free(c);
}

static void chains_done(struct map *m)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(m, &i));)
		chain_free(e->value);
	map_done(m);
}

static void paths_free(void *arg)
{
	struct route_paths *p = arg;

	chains_done(&p->exact);
	for (size_t i = 0; i < p->by_len.n; i++)
		chains_done(&p->by_len.v[i].chains);
	vec_done(&p->by_len);
	vec_done(&p->rest.routes);
	free(p);
}

static void chain_add(struct map *m, struct slice key, uint32_t at)
{
	struct chain *c = map_get(m, key);

	if (!c) {
		c = NEW(struct chain);
		map_set(m, key, c);
	}
	vec_push(&c->routes, at);
}

static struct prefixes *prefixes_of(struct route_paths *p, size_t len)
{
	for (size_t i = 0; i < p->by_len.n; i++)
		if (p->by_len.v[i].len == len)
			return &p->by_len.v[i];
	if (p->by_len.n == PREFIX_LENGTHS_MAX)
		return NULL;
	struct prefixes *x = vec_add(&p->by_len);
	x->len = len;
	return x;
}

struct route_paths *route_paths_new(struct arena *a, const struct route_vhost *v)
{
	if (v->n_routes <= ROUTE_WALK_MAX)
		return NULL;
	struct route_paths *p = NEW(struct route_paths);
	for (uint32_t i = 0; i < v->n_routes; i++) {
		const struct route_match *m = &v->routes[i].match;
		struct prefixes *x = NULL;
		if (m->path_kind == ROUTE_PATH_EXACT && !m->ignore_case)
			chain_add(&p->exact, m->path, i);
		else if (m->path_kind == ROUTE_PATH_PREFIX && !m->ignore_case && (x = prefixes_of(p, m->path.len)))
			chain_add(&x->chains, m->path, i);
		else
			vec_push(&p->rest.routes, i);
	}
	arena_on_done(a, paths_free, p);
	return p;
}

/* A chain that can match, and how far it was walked. */
struct cursor {
	const struct chain *chain;
	size_t at;
};

static size_t candidates(const struct route_paths *p, struct slice path, struct cursor *out)
{
	const struct chain *c = map_get(&p->exact, path);
	size_t n = 0;

	if (c)
		out[n++] = (struct cursor){c, 0};
	for (size_t i = 0; i < p->by_len.n; i++) {
		const struct prefixes *x = &p->by_len.v[i];
		if (x->len <= path.len && (c = map_get(&x->chains, slice_head(path, x->len))))
			out[n++] = (struct cursor){c, 0};
	}
	if (p->rest.routes.n)
		out[n++] = (struct cursor){&p->rest, 0};
	return n;
}

const struct route *route_paths_find(const struct route_paths *p, const struct route_vhost *v, struct slice path,
				     bool (*test)(const struct route *r, const void *ctx), const void *ctx)
{
	struct cursor cursors[PREFIX_LENGTHS_MAX + 2];
	size_t n = candidates(p, path, cursors);

	for (;;) {
		struct cursor *first = NULL;
		for (size_t i = 0; i < n; i++) {
			struct cursor *c = &cursors[i];
			if (c->at == c->chain->routes.n)
				continue;
			if (!first || c->chain->routes.v[c->at] < first->chain->routes.v[first->at])
				first = c;
		}
		if (!first)
			return NULL;
		const struct route *r = &v->routes[first->chain->routes.v[first->at++]];
		if (test(r, ctx))
			return r;
	}
}
