/*
 * What a route does to paths: rewriting towards the upstream, and the Location of redirects. Results are in the
 * caller's arena; the query stays as it is.
 */
#include "route/route.h"

static struct slice join(struct arena *a, struct slice x, struct slice y)
{
	char *out = arena_alloc(a, x.len + y.len + 1);

	if (x.len)
		memcpy(out, x.ptr, x.len);
	if (y.len)
		memcpy(out + x.len, y.ptr, y.len);
	return slice_make(out, x.len + y.len);
}

static size_t path_bytes(struct slice path)
{
	ptrdiff_t at = slice_find(path, '?');

	return at < 0 ? path.len : (size_t)at;
}

/* How many bytes of the path the match covered: what a prefix rewrite replaces. */
static size_t matched_bytes(const struct route_match *m, struct slice path)
{
	switch (m->path_kind) {
	case ROUTE_PATH_PREFIX:
	case ROUTE_PATH_SEPARATED_PREFIX:
		return MIN(m->path.len, path.len);
	default:
		return path_bytes(path);
	}
}

struct slice route_rewrite_path(const struct route *r, struct slice path, struct arena *a)
{
	if (r->has_prefix_rewrite)
		return join(a, r->prefix_rewrite, slice_from(path, matched_bytes(&r->match, path)));
	if (r->regex_rewrite) {
		size_t n = path_bytes(path);
		struct slice head = regex_replace(r->regex_rewrite, slice_head(path, n), r->regex_substitution, a);
		return join(a, head, slice_from(path, n));
	}
	return path;
}

static struct slice redirect_path(const struct route *r, struct slice path, struct arena *a)
{
	const struct route_redirect *d = r->redirect;
	size_t n = path_bytes(path);
	struct slice query = slice_from(path, n), head = slice_head(path, n);

	if (d->path.len) {
		if (slice_find(d->path, '?') >= 0)
			return d->path;
		head = d->path;
	} else if (d->has_prefix) {
		head = join(a, d->prefix, slice_from(head, matched_bytes(&r->match, head)));
	} else if (d->regex) {
		head = regex_replace(d->regex, head, d->regex_substitution, a);
	}
	return d->strip_query || !query.len ? head : join(a, head, query);
}

/* The port of an authority with the colon, empty when there is none. */
static struct slice port_part(struct slice authority)
{
	ptrdiff_t colon = slice_rfind(authority, ':');

	return colon > slice_rfind(authority, ']') ? slice_from(authority, (size_t)colon) : SLICE("");
}

struct slice route_redirect_location(const struct route *r, struct slice scheme, struct slice authority,
				     struct slice path, struct arena *a)
{
	const struct route_redirect *d = r->redirect;
	struct slice to = d->https ? SLICE("https") : d->scheme.len ? d->scheme : scheme;
	struct slice port = port_part(authority);
	struct slice host = slice_head(authority, authority.len - port.len);
	bool standard = (slice_eq(scheme, SLICE("http")) && slice_eq(port, SLICE(":80"))) ||
			(slice_eq(scheme, SLICE("https")) && slice_eq(port, SLICE(":443")));

	if (!slice_eq(to, scheme) && standard)
		port = SLICE("");
	if (d->port)
		port = slice_str(arena_printf(a, ":%u", d->port));
	if (d->host.len) {
		host = d->host;
		if (!d->port)
			port = SLICE("");
	}
	struct slice tail = redirect_path(r, path, a);
	return slice_str(arena_printf(a, "%.*s://%.*s%.*s%.*s", SLICE_ARG(to), SLICE_ARG(host), SLICE_ARG(port),
				      SLICE_ARG(tail)));
}
