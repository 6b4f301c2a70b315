/*
 * Finding the route of a request, and choosing among weighted clusters. The order of the list decides; indexes only
 * skip what cannot match.
 */
#include "route/route.h"

#include "route/route_internal.h"

static struct slice path_only(struct slice path)
{
	ptrdiff_t query = slice_find(path, '?');
	ptrdiff_t fragment;

	if (query >= 0)
		path = slice_head(path, (size_t)query);
	fragment = slice_find(path, '#');
	return fragment < 0 ? path : slice_head(path, (size_t)fragment);
}

struct slice route_query_param(struct slice path, struct slice name)
{
	ptrdiff_t at = slice_find(path, '?');
	struct slice rest;

	if (at < 0)
		return slice_make(NULL, 0);
	rest = slice_from(path, (size_t)at + 1);
	at = slice_find(rest, '#');
	if (at >= 0)
		rest = slice_head(rest, (size_t)at);
	while (rest.len) {
		struct slice value = slice_split(&rest, '&');
		struct slice key = slice_split(&value, '=');
		if (slice_eq(key, name))
			return value.ptr ? value : SLICE("");
	}
	return slice_make(NULL, 0);
}

static bool starts(struct slice s, struct slice prefix, bool ignore_case)
{
	if (!ignore_case)
		return slice_starts(s, prefix);
	return s.len >= prefix.len && slice_eq_nocase(slice_head(s, prefix.len), prefix);
}

static bool path_matches(const struct route_match *m, const struct route_request *rq, struct slice path)
{
	switch (m->path_kind) {
	case ROUTE_PATH_PREFIX:
		return starts(path, m->path, m->ignore_case);
	case ROUTE_PATH_EXACT:
		return m->ignore_case ? slice_eq_nocase(path, m->path) : slice_eq(path, m->path);
	case ROUTE_PATH_SEPARATED_PREFIX:
		return starts(path, m->path, m->ignore_case) &&
		       (path.len == m->path.len || path.ptr[m->path.len] == '/');
	case ROUTE_PATH_REGEX:
		return regex_match_full(m->regex, path);
	case ROUTE_PATH_CONNECT:
		return slice_eq(rq->method, SLICE("CONNECT"));
	}
	return false;
}

static bool queries_match(const struct route_match *m, struct slice path)
{
	for (size_t i = 0; i < m->n_queries; i++) {
		struct slice value = route_query_param(path, m->queries[i].name);
		if (!value.ptr || !match_string_test(&m->queries[i].value, value))
			return false;
	}
	return true;
}

static bool headers_match(const struct route_match *m, const struct route_request *rq)
{
	for (size_t i = 0; i < m->n_headers; i++)
		if (!match_header_test(&m->headers[i], rq->header(rq->ctx, m->headers[i].name)))
			return false;
	return true;
}

bool route_fraction_hit(struct route_fraction f, uint64_t random)
{
	if (!f.denominator)
		return f.numerator > 0;
	return random % f.denominator < f.numerator;
}

struct probe {
	const struct route_request *rq;
	struct slice path; /* without the query */
};

static bool metadata_match(const struct route_match *m, const struct route_request *rq)
{
	for (size_t i = 0; i < m->n_metadata; i++)
		if (!match_metadata_test(&m->metadata[i], rq->metadata))
			return false;
	return true;
}

static bool probe_matches(const struct route_match *m, const struct probe *p)
{
	if (!path_matches(m, p->rq, p->path))
		return false;
	if (m->n_headers && !headers_match(m, p->rq))
		return false;
	if (m->n_queries && !queries_match(m, p->rq->path))
		return false;
	if (m->n_metadata && !metadata_match(m, p->rq))
		return false;
	if (m->grpc_only && !p->rq->grpc)
		return false;
	return !m->fraction.denominator || route_fraction_hit(m->fraction, p->rq->random);
}

static bool route_matches(const struct route *r, const void *ctx)
{
	return probe_matches(&r->match, ctx);
}

bool route_match_test(const struct route_match *m, const struct route_request *rq)
{
	const struct probe p = {rq, path_only(rq->path)};

	return probe_matches(m, &p);
}

const struct route *route_find(const struct route_table *t, const struct route_request *rq)
{
	const struct route_vhost *v = route_vhost_find(t, rq->authority);
	struct probe p = {rq, path_only(rq->path)};

	if (!v)
		return NULL;
	if (v->to_https && !slice_eq(rq->scheme, SLICE("https")))
		return v->to_https;
	if (v->paths)
		return route_paths_find(v->paths, v, p.path, route_matches, &p);
	for (size_t i = 0; i < v->n_routes; i++)
		if (route_matches(&v->routes[i], &p))
			return &v->routes[i];
	return NULL;
}

const struct route_weighted *route_pick_weighted(const struct route *r, uint64_t random)
{
	uint32_t at = (uint32_t)(random % r->total_weight);

	for (size_t i = 0; i < r->n_weighted; i++) {
		if (at < r->weighted[i].weight)
			return &r->weighted[i];
		at -= r->weighted[i].weight;
	}
	return &r->weighted[r->n_weighted - 1];
}

static const struct route_override *override_in(const struct route_override *v, size_t n, int kind)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == kind)
			return &v[i];
	return NULL;
}

const struct route_override *route_override_find(const struct route_table *t, const struct route *r,
						 const struct route_weighted *w, int kind)
{
	const struct route_override *o = NULL;

	if (w)
		o = override_in(w->overrides, w->n_overrides, kind);
	if (!o && r)
		o = override_in(r->overrides, r->n_overrides, kind);
	if (!o && r && r->vhost)
		o = override_in(r->vhost->overrides, r->vhost->n_overrides, kind);
	return o ? o : override_in(t->overrides, t->n_overrides, kind);
}

struct route_labels route_labels_merge(const struct route_labels *a, const struct route_labels *b, struct arena *arena)
{
	struct route_labels ret = {ARENA_NEW_N(arena, struct route_label, a->n + b->n), 0};
	size_t i = 0, k = 0;

	while (i < a->n || k < b->n) {
		int order = i == a->n ? 1 : k == b->n ? -1 : slice_cmp(a->v[i].key, b->v[k].key);

		if (order == 0)
			k++; /* a's counts */
		ret.v[ret.n++] = order > 0 ? b->v[k++] : a->v[i++];
	}
	return ret;
}
