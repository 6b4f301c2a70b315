/*
 * Life of a route table and its index of domains. Domains of clients' choosing are looked up in a keyed hash: exact
 * names in one map, suffixes and prefixes in maps by length, longest first, so that the cost depends on the number of
 * distinct wildcard lengths and not on the number of virtual hosts.
 */
#include <ctype.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "route/route_internal.h"

/* Longer than a DNS name can be; longer authorities match "*" alone. */
#define DOMAIN_MAX_BYTES 260

struct wildcard {
	size_t len;
	struct map names; /* without the star, to struct route_vhost */
};

struct wildcards {
	VEC(struct wildcard) by_len; /* longest first */
};

struct route_domains {
	struct map exact;
	struct wildcards suffixes, prefixes;
	struct route_vhost *any;
};

struct route_table *route_table_new(void)
{
	struct route_table *t = NEW(struct route_table);

	t->refs = 1;
	t->name = "";
	return t;
}

struct route_table *route_table_ref(struct route_table *t)
{
	__atomic_add_fetch(&t->refs, 1, __ATOMIC_RELAXED);
	return t;
}

static void wildcards_done(struct wildcards *w)
{
	for (size_t i = 0; i < w->by_len.n; i++)
		map_done(&w->by_len.v[i].names);
	vec_done(&w->by_len);
}

static void domains_free(struct route_domains *d)
{
	map_done(&d->exact);
	wildcards_done(&d->suffixes);
	wildcards_done(&d->prefixes);
	free(d);
}

void route_table_unref(struct route_table *t)
{
	if (!t || __atomic_sub_fetch(&t->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (t->domains)
		domains_free(t->domains);
	arena_done(&t->arena);
	free(t);
}

static struct map *wildcards_map(struct wildcards *w, size_t len)
{
	size_t i = 0;

	while (i < w->by_len.n && w->by_len.v[i].len > len)
		i++;
	if (i < w->by_len.n && w->by_len.v[i].len == len)
		return &w->by_len.v[i].names;
	(void)vec_add(&w->by_len);
	memmove(&w->by_len.v[i + 1], &w->by_len.v[i], (w->by_len.n - 1 - i) * sizeof(w->by_len.v[0]));
	w->by_len.v[i] = (struct wildcard){.len = len};
	return &w->by_len.v[i].names;
}

static int domain_add(struct route_table *t, struct route_vhost *v, const char *domain, struct err *e)
{
	struct route_domains *d = t->domains;
	size_t len = strlen(domain);
	char *lower = arena_strdup(&t->arena, domain);
	bool again;

	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	if (!len || len > DOMAIN_MAX_BYTES)
		return err_set(e, -EINVAL, "domain must have 1..%d bytes", DOMAIN_MAX_BYTES);
	if (strcmp(lower, "*") == 0) {
		again = d->any != NULL;
		d->any = v;
	} else if (lower[0] == '*') {
		again = map_set(wildcards_map(&d->suffixes, len - 1), slice_make(lower + 1, len - 1), v);
	} else if (lower[len - 1] == '*') {
		again = map_set(wildcards_map(&d->prefixes, len - 1), slice_make(lower, len - 1), v);
	} else {
		again = map_set(&d->exact, slice_make(lower, len), v);
	}
	return again ? err_set(e, -EINVAL, "duplicate domain %s", domain) : 0;
}

static struct route *https_route(struct route_table *t, const struct route_vhost *v)
{
	struct route *r = ARENA_NEW(&t->arena, struct route);

	r->name = "";
	r->action = ROUTE_ACTION_TO_HTTPS;
	r->vhost = v;
	r->index = t->n_routes++;
	r->idle_timeout_ns = r->grpc_timeout_max_ns = -1;
	return r;
}

static int vhost_seal(struct route_table *t, struct route_vhost *v, struct err *e)
{
	int r;

	for (size_t i = 0; i < v->n_domains; i++) {
		r = domain_add(t, v, v->domains[i], e);
		if (r < 0)
			return err_wrap(e, r, "virtual host %s", v->name);
	}
	for (size_t i = 0; i < v->n_routes; i++) {
		struct route *route = &v->routes[i];
		route->vhost = v;
		route->index = t->n_routes++;
		if (!route->retry)
			route->retry = v->retry;
	}
	if (v->require_tls_all || v->require_tls_external)
		v->to_https = https_route(t, v);
	v->paths = route_paths_new(&t->arena, v);
	return 0;
}

int route_table_seal(struct route_table *t, struct err *e)
{
	int r;

	t->domains = NEW(struct route_domains);
	for (size_t i = 0; i < t->n_vhosts; i++) {
		r = vhost_seal(t, &t->vhosts[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The authority without its port; brackets of IPv6 literals stay. */
static struct slice without_port(struct slice authority)
{
	ptrdiff_t colon = slice_rfind(authority, ':');
	ptrdiff_t bracket = slice_rfind(authority, ']');

	return colon > bracket ? slice_head(authority, (size_t)colon) : authority;
}

const struct route_vhost *route_vhost_find(const struct route_table *t, struct slice authority)
{
	const struct route_domains *d = t->domains;
	char lower[DOMAIN_MAX_BYTES];
	struct route_vhost *v;

	if (t->n_vhosts == 1 && d->any)
		return d->any;
	if (t->ignore_port_in_host)
		authority = without_port(authority);
	if (authority.len > sizeof(lower))
		return d->any;
	for (size_t i = 0; i < authority.len; i++)
		lower[i] = (char)tolower((unsigned char)authority.ptr[i]);
	struct slice host = slice_make(lower, authority.len);
	v = map_get(&d->exact, host);
	for (size_t i = 0; !v && i < d->suffixes.by_len.n; i++) {
		const struct wildcard *w = &d->suffixes.by_len.v[i];
		if (w->len < host.len)
			v = map_get(&w->names, slice_from(host, host.len - w->len));
	}
	for (size_t i = 0; !v && i < d->prefixes.by_len.n; i++) {
		const struct wildcard *w = &d->prefixes.by_len.v[i];
		if (w->len < host.len)
			v = map_get(&w->names, slice_head(host, w->len));
	}
	return v ? v : d->any;
}
