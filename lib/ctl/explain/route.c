/* The virtual host and the route: which one it is, and why those before it are not. */
#include <string.h>

#include "ctl/explain/explain_internal.h"

#define PASSED_OVER_MAX 20 /* routes that are told one by one */

const struct api_object *explain_config_object(struct explaining *x, const char *config_path, const char **ret_path)
{
	static const struct {
		const char *name;
		const struct api_kind *kind;
	} kinds[] = {{"virtual-service", &api_kind_virtual_service}, {"destination-rule", &api_kind_destination_rule}};
	const char *hash = config_path ? strchr(config_path, '#') : NULL;
	struct slice rest = slice_make(config_path, hash          ? (size_t)(hash - config_path)
						    : config_path ? strlen(config_path)
								  : 0);
	struct slice parts[8];
	size_t n = 0;

	*ret_path = hash ? hash + 1 : "";
	while (rest.len && n < 8)
		parts[n++] = slice_split(&rest, '/');
	for (size_t i = 0; n == 8 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (slice_eq_str(parts[6], kinds[i].name))
			return store_get(x->m->store, kinds[i].kind, arena_slicedup(&x->a, parts[5]),
					 arena_slicedup(&x->a, parts[7]));
	return NULL;
}

/* --- why not --- */

static const char *string_text(struct explaining *x, const struct match_string *m)
{
	static const char *const words[] = {[MATCH_EXACT] = "is",
					    [MATCH_PREFIX] = "begins with",
					    [MATCH_SUFFIX] = "ends with",
					    [MATCH_CONTAINS] = "contains"};

	switch (m->kind) {
	case MATCH_REGEX:
		return "matches the expression";
	case MATCH_RANGE:
		return arena_printf(&x->a, "is a number from %lld to %lld", (long long)m->from, (long long)m->to - 1);
	case MATCH_PRESENT:
		return "is there";
	default:
		return arena_printf(&x->a, "%s \"%.*s\"", words[m->kind], SLICE_ARG(m->text));
	}
}

static const char *path_text(struct explaining *x, const struct route_match *m)
{
	switch (m->path_kind) {
	case ROUTE_PATH_EXACT:
		return arena_printf(&x->a, "path is \"%.*s\"", SLICE_ARG(m->path));
	case ROUTE_PATH_REGEX:
		return "path matches its expression";
	case ROUTE_PATH_CONNECT:
		return "method is CONNECT";
	default:
		return m->path.len > 1 ? arena_printf(&x->a, "path begins with \"%.*s\"", SLICE_ARG(m->path))
				       : "any path";
	}
}

/* Whether the request meets this one condition of a match. */
static bool meets(const struct route_match *only, const struct explained *rq)
{
	const struct route_request r = explain_route_request(rq);

	return route_match_test(only, &r);
}

static const char *header_text(struct explaining *x, const struct match_header *h)
{
	return arena_printf(&x->a, "header %.*s %s%s", SLICE_ARG(h->name), h->invert ? "not: it " : "",
			    h->want_absent ? "is absent" : string_text(x, &h->value));
}

/* The first condition that the request does not meet, NULL when it meets all. */
static const char *first_unmet(struct explaining *x, const struct route_match *m)
{
	struct route_match only = *m;

	only.n_headers = only.n_queries = only.n_metadata = 0;
	only.fraction = (struct route_fraction){0, 0};
	only.grpc_only = false;
	if (!meets(&only, &x->rq))
		return path_text(x, m);
	for (size_t i = 0; i < m->n_headers; i++) {
		only.headers = &m->headers[i];
		only.n_headers = 1;
		if (!meets(&only, &x->rq))
			return header_text(x, &m->headers[i]);
	}
	only.n_headers = 0;
	for (size_t i = 0; i < m->n_queries; i++) {
		only.queries = &m->queries[i];
		only.n_queries = 1;
		if (!meets(&only, &x->rq))
			return arena_printf(&x->a, "query %.*s %s", SLICE_ARG(m->queries[i].name),
					    string_text(x, &m->queries[i].value));
	}
	if (m->n_metadata)
		return "a claim of the token, which is not looked at here";
	return m->grpc_only ? "gRPC" : NULL;
}

/* All conditions in one sentence. */
static const char *conditions(struct explaining *x, const struct route_match *m)
{
	const char *out = path_text(x, m);

	for (size_t i = 0; i < m->n_headers; i++)
		out = arena_printf(&x->a, "%s, %s", out, header_text(x, &m->headers[i]));
	for (size_t i = 0; i < m->n_queries; i++)
		out = arena_printf(&x->a, "%s, query %.*s %s", out, SLICE_ARG(m->queries[i].name),
				   string_text(x, &m->queries[i].value));
	return out;
}

static void tell_passed_over(struct explaining *x, const struct route_vhost *v, const struct route *chosen)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n_routes && &v->routes[i] != chosen && n < PASSED_OVER_MAX; i++) {
		const char *why = first_unmet(x, &v->routes[i].match), *path;
		const struct api_object *o = explain_config_object(x, v->routes[i].config_path, &path);

		if (!why || !o)
			continue;
		n++;
		explain_object(x, "", o, path, "%s is passed over: it wants %s", path, why);
	}
}

/* --- which one --- */

static const char *domains(struct explaining *x, const struct route_vhost *v)
{
	const char *out = v->n_domains ? v->domains[0] : "";

	for (size_t i = 1; i < v->n_domains && i < 4; i++)
		out = arena_printf(&x->a, "%s, %s", out, v->domains[i]);
	return v->n_domains > 4 ? arena_printf(&x->a, "%s, ...", out) : out;
}

static void tell_chosen(struct explaining *x, const struct route_table *t, const struct route *r)
{
	const char *path;
	const struct api_object *o = explain_config_object(x, r->config_path, &path);

	if (o)
		explain_object(x, "route", o, path, "%s %s/%s, %s: %s", o->kind->kind, api_object_namespace(o),
			       api_object_name(o), path, conditions(x, &r->match));
	else if (!strcmp(r->name, "allow_any"))
		explain_step(x, "route", "", "no host of table %s is %s: strangers are let through (ALLOW_ANY)",
			     t->name, x->rq.authority);
	else if (!strcmp(r->name, "block_all"))
		explain_step(x, "route", "", "no host of table %s is %s: strangers are not let through (REGISTRY_ONLY)",
			     t->name, x->rq.authority);
	else
		explain_step(x, "route", "", "no VirtualService governs host %s: all of it goes to the service",
			     x->rq.authority);
}

const struct route *explain_route(struct explaining *x, struct mesh_view *v, const struct route_table *t)
{
	const struct route_request rq = explain_route_request(&x->rq);
	const struct route_vhost *host = route_vhost_find(t, rq.authority);
	const struct route *r;

	(void)v;
	if (!host) {
		explain_step(x, "route", "", "table %s has no host %s", t->name, x->rq.authority);
		explain_end(x, false, "404, flag NR: no VirtualService of this gateway has host %s", x->rq.authority);
		return NULL;
	}
	explain_step(x, "host", "", "table %s, virtual host of %s", t->name, domains(x, host));
	r = route_find(t, &rq);
	if (r && r->action == ROUTE_ACTION_TO_HTTPS)
		return r;
	tell_passed_over(x, host, r);
	if (!r) {
		explain_end(x, false, "404, flag NR: no route of host %s matches", x->rq.authority);
		return NULL;
	}
	tell_chosen(x, t, r);
	return r;
}
