/*
 * Requests that go elsewhere. Samples are made of what the routes of either side ask for: for each route a request that
 * meets it, put to the tables of both sides.
 */
#include <string.h>

#include "ctl/diff/diff_internal.h"

#define SAMPLE_HEADERS_MAX 16

struct sample {
	const char *authority, *path, *method;
	struct {
		const char *name, *value;
	} headers[SAMPLE_HEADERS_MAX];
	size_t n_headers;
};

static struct slice header(const void *ctx, struct slice name)
{
	const struct sample *s = ctx;

	if (slice_eq_str(name, ":method"))
		return slice_str(s->method);
	if (slice_eq_str(name, ":path"))
		return slice_str(s->path);
	if (slice_eq_str(name, ":authority") || slice_eq_str(name, "host"))
		return slice_str(s->authority);
	if (slice_eq_str(name, ":scheme"))
		return SLICE("http");
	for (size_t i = 0; i < s->n_headers; i++)
		if (slice_eq_str(name, s->headers[i].name))
			return slice_str(s->headers[i].value);
	return slice_make(NULL, 0);
}

static struct route_request request(const struct sample *s)
{
	return (struct route_request){.authority = slice_str(s->authority),
				      .path = slice_str(s->path),
				      .method = slice_str(s->method),
				      .scheme = SLICE("http"),
				      .header = header,
				      .ctx = s};
}

/* A value that meets the matcher; NULL where none can be made up (expressions). */
static const char *value_for(struct comparison *k, const struct match_string *m)
{
	switch (m->kind) {
	case MATCH_EXACT:
	case MATCH_PREFIX:
	case MATCH_SUFFIX:
	case MATCH_CONTAINS:
		return arena_slicedup(k->a, m->text);
	case MATCH_RANGE:
		return arena_printf(k->a, "%lld", (long long)m->from);
	case MATCH_PRESENT:
		return "x";
	default:
		return NULL;
	}
}

static bool add_headers(struct comparison *k, const struct route_match *m, struct sample *s)
{
	for (size_t i = 0; i < m->n_headers; i++) {
		const struct match_header *h = &m->headers[i];
		const char *value = h->invert || h->want_absent ? "" : value_for(k, &h->value);

		if (h->invert || h->want_absent)
			continue;
		if (!value || s->n_headers == SAMPLE_HEADERS_MAX)
			return false;
		if (slice_eq_str(h->name, ":method"))
			s->method = value;
		else if (slice_eq_str(h->name, ":authority"))
			s->authority = value;
		s->headers[s->n_headers].name = arena_slicedup(k->a, h->name);
		s->headers[s->n_headers++].value = value;
	}
	return true;
}

static bool make(struct comparison *k, const struct route_vhost *v, const struct route *r, struct sample *ret)
{
	const struct route_match *m = &r->match;
	const char *query = "";

	*ret = (struct sample){.method = "GET"};
	if (m->path_kind == ROUTE_PATH_REGEX || m->path_kind == ROUTE_PATH_CONNECT || m->n_metadata || !v->n_domains)
		return false;
	ret->authority = !strcmp(v->domains[0], "*") ? "any.example" : v->domains[0];
	if (*ret->authority == '*')
		ret->authority = arena_printf(k->a, "any%s", ret->authority + 1);
	for (size_t i = 0; i < m->n_queries; i++) {
		const char *value = value_for(k, &m->queries[i].value);

		if (!value)
			return false;
		query = arena_printf(k->a, "%s%c%.*s=%s", query, *query ? '&' : '?', SLICE_ARG(m->queries[i].name),
				     value);
	}
	ret->path = arena_printf(k->a, "%.*s%s", SLICE_ARG(m->path), query);
	if (*ret->path != '/')
		ret->path = arena_printf(k->a, "/%s", ret->path);
	return add_headers(k, m, ret);
}

/* Where the table sends it, in words. */
static const char *goes(struct comparison *k, const struct route_table *t, const struct sample *s)
{
	const struct route_request rq = request(s);
	const struct route *r = t ? route_find(t, &rq) : NULL;
	const char *out = "";
	struct slice to;

	if (!r)
		return "nowhere (404)";
	switch (r->action) {
	case ROUTE_ACTION_TO_HTTPS:
		return "a redirect to https";
	case ROUTE_ACTION_REDIRECT:
		to = route_redirect_location(r, rq.scheme, rq.authority, rq.path, k->a);
		return arena_printf(k->a, "a redirect to %.*s", SLICE_ARG(to));
	case ROUTE_ACTION_DIRECT_RESPONSE:
		return arena_printf(k->a, "an answer of the proxy, %u", r->direct_code);
	case ROUTE_ACTION_CLUSTER_HEADER:
		return "what a header names";
	case ROUTE_ACTION_CLUSTER:
		return r->cluster.name;
	case ROUTE_ACTION_WEIGHTED:
		break;
	}
	for (size_t i = 0; i < r->n_weighted; i++)
		out = arena_printf(k->a, "%s%s%s (%u)", out, i ? ", " : "", r->weighted[i].cluster.name,
				   r->weighted[i].weight);
	return out;
}

static const char *headers_text(struct comparison *k, const struct sample *s)
{
	const char *out = "";

	for (size_t i = 0; i < s->n_headers; i++)
		if (s->headers[i].name[0] != ':')
			out = arena_printf(k->a, "%s, %s: %s", out, s->headers[i].name, s->headers[i].value);
	return out;
}

static const struct route_table *table_named(const struct mesh_view *v, const char *name)
{
	for (size_t i = 0; i < v->config->n_routes; i++)
		if (v->config->routes[i] && !strcmp(v->config->routes[i]->name, name))
			return v->config->routes[i];
	return NULL;
}

static void try_all(struct comparison *k, const struct route_table *samples, const struct route_table *old,
		    const struct route_table *now)
{
	for (size_t i = 0; i < samples->n_vhosts; i++)
		for (size_t n = 0; n < samples->vhosts[i].n_routes; n++) {
			struct sample s;
			const char *was, *is;

			if (!make(k, &samples->vhosts[i], &samples->vhosts[i].routes[n], &s))
				continue;
			was = goes(k, old, &s);
			is = goes(k, now, &s);
			if (strcmp(was, is) != 0)
				diff_say(k, "goes", "%s http://%s%s%s (table %s): from %s to %s", s.method, s.authority,
					 s.path, headers_text(k, &s), samples->name, was, is);
		}
}

void diff_routes(struct comparison *k)
{
	const struct mesh_view *const sides[] = {k->old, k->now};

	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < sides[s]->config->n_routes; i++) {
			const struct route_table *t = sides[s]->config->routes[i];
			const struct route_table *old = t ? table_named(k->old, t->name) : NULL;
			const struct route_table *now = t ? table_named(k->now, t->name) : NULL;

			if (t && old && now && !(old->hash == now->hash))
				try_all(k, t, old, now);
		}
}
