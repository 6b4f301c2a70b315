/*
 * Delegation of VirtualServices: a route of one (the root) leaves the rest to another that has no hosts of its own. The
 * root's route is replaced by the routes of the delegate, each with the conditions of both. One whose conditions
 * contradict those of the root's route is left out, so that nobody takes more than was left to him.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "mesh/host.h"
#include "mesh/snapshot_internal.h"

struct merge {
	const struct build *b;
	struct arena *a;
	struct mesh_virtual_service *root;
	VEC(struct istio_http_route) routes;
	VEC(struct mesh_origin) origins;
	VEC(struct mesh_problem) problems;
};

__attribute__((format(printf, 3, 4))) static void problem(struct merge *m, size_t number, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vec_push(&m->problems, (struct mesh_problem){arena_printf(m->a, "spec.http[%zu].delegate", number),
						     arena_strdup(m->a, text)});
}

/* --- contradictions --- */

static bool set(const char *s)
{
	return s && *s;
}

static bool starts_with(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

/* Is there nothing that both match, as far as their forms tell? A regex goes with nothing but presence. */
static bool strings_contradict(const struct istio_string_match *root, const struct istio_string_match *leaf)
{
	if (!root || !leaf)
		return false;
	if (set(root->regex) || set(leaf->regex))
		return (set(root->regex) || set(root->prefix) || set(root->exact)) &&
		       (set(leaf->regex) || set(leaf->prefix) || set(leaf->exact));
	if (set(root->exact))
		return set(leaf->prefix) || (set(leaf->exact) && strcmp(leaf->exact, root->exact) != 0);
	if (set(root->prefix))
		return (set(leaf->exact) && !starts_with(leaf->exact, root->prefix)) ||
		       (set(leaf->prefix) && !starts_with(leaf->prefix, root->prefix));
	return false;
}

#define MAP_CONTRADICTS(root, leaf)                                                                                    \
	({                                                                                                             \
		bool found_ = false;                                                                                   \
		for (size_t i_ = 0; i_ < (leaf)->n; i_++)                                                              \
			for (size_t k_ = 0; k_ < (root)->n; k_++)                                                      \
				found_ |= strcmp((leaf)->v[i_].key, (root)->v[k_].key) == 0 &&                         \
					  strings_contradict(&(root)->v[k_].value, &(leaf)->v[i_].value);              \
		found_;                                                                                                \
	})

static bool labels_contradict(const struct str_map *root, const struct str_map *leaf)
{
	for (size_t i = 0; i < leaf->n; i++) {
		const char *v = str_map_get(root, leaf->v[i].key);

		if (v && strcmp(v, leaf->v[i].value) != 0)
			return true;
	}
	return false;
}

/* Both lists are of full names. */
static bool gateways_contradict(const struct istio_http_match_request *root,
				const struct istio_http_match_request *leaf)
{
	for (size_t i = 0; root->gateways.n && i < leaf->gateways.n; i++) {
		size_t k = 0;

		while (k < root->gateways.n && strcmp(root->gateways.v[k], leaf->gateways.v[i]) != 0)
			k++;
		if (k == root->gateways.n)
			return true;
	}
	return false;
}

static bool contradicts(const struct istio_http_match_request *root, const struct istio_http_match_request *leaf)
{
	return strings_contradict(root->uri, leaf->uri) || strings_contradict(root->scheme, leaf->scheme) ||
	       strings_contradict(root->method, leaf->method) || strings_contradict(root->authority, leaf->authority) ||
	       MAP_CONTRADICTS(&root->headers, &leaf->headers) ||
	       MAP_CONTRADICTS(&root->without_headers, &leaf->without_headers) ||
	       MAP_CONTRADICTS(&root->query_params, &leaf->query_params) ||
	       root->ignore_uri_case != leaf->ignore_uri_case ||
	       (root->port && leaf->port && root->port != leaf->port) ||
	       labels_contradict(&root->source_labels, &leaf->source_labels) ||
	       (set(root->source_namespace) && set(leaf->source_namespace) &&
		strcmp(root->source_namespace, leaf->source_namespace) != 0) ||
	       gateways_contradict(root, leaf);
}

/* --- conditions of both --- */

static const char *join_names(struct arena *a, const char *root, const char *leaf)
{
	return set(root) && set(leaf) ? arena_printf(a, "%s-%s", root, leaf) : set(leaf) ? leaf : root;
}

/* Entries of both, sorted by key; of one key the leaf's, which is the narrower. */
#define MERGE_MAPS(a, out, root, leaf)                                                                                 \
	do {                                                                                                           \
		const __auto_type r_ = (root);                                                                         \
		const __auto_type l_ = (leaf);                                                                         \
		size_t i_ = 0, k_ = 0, n_ = 0;                                                                         \
		(out)->v = arena_calloc((a), r_.n + l_.n, sizeof((out)->v[0]));                                        \
		while (i_ < r_.n || k_ < l_.n) {                                                                       \
			const int c_ = i_ == r_.n ? 1 : k_ == l_.n ? -1 : strcmp(r_.v[i_].key, l_.v[k_].key);          \
			(out)->v[n_++] = c_ < 0 ? r_.v[i_] : l_.v[k_];                                                 \
			i_ += c_ <= 0;                                                                                 \
			k_ += c_ >= 0;                                                                                 \
		}                                                                                                      \
		(out)->n = n_;                                                                                         \
	} while (0)

static struct istio_http_match_request both(struct arena *a, const struct istio_http_match_request *root,
					    const struct istio_http_match_request *leaf)
{
	struct istio_http_match_request out = *leaf;

	out.name = join_names(a, root->name, leaf->name);
	out.uri = leaf->uri ? leaf->uri : root->uri;
	out.scheme = leaf->scheme ? leaf->scheme : root->scheme;
	out.method = leaf->method ? leaf->method : root->method;
	out.authority = leaf->authority ? leaf->authority : root->authority;
	out.port = leaf->port ? leaf->port : root->port;
	out.source_namespace = set(leaf->source_namespace) ? leaf->source_namespace : root->source_namespace;
	out.stat_prefix = set(leaf->stat_prefix) ? leaf->stat_prefix : root->stat_prefix;
	if (!leaf->gateways.n) {
		out.gateways.v = root->gateways.v;
		out.gateways.n = root->gateways.n;
	}
	MERGE_MAPS(a, &out.headers, root->headers, leaf->headers);
	MERGE_MAPS(a, &out.without_headers, root->without_headers, leaf->without_headers);
	MERGE_MAPS(a, &out.query_params, root->query_params, leaf->query_params);
	MERGE_MAPS(a, &out.source_labels, root->source_labels, leaf->source_labels);
	return out;
}

/* Names of gateways in full, since the lists come from two namespaces. */
static void resolve_gateways(struct arena *a, struct istio_http_match_request *m, const char *ns)
{
	const char **v = ARENA_NEW_N(a, const char *, m->gateways.n);

	for (size_t i = 0; i < m->gateways.n; i++)
		v[i] = gateway_resolve(a, m->gateways.v[i], ns);
	m->gateways.v = v;
}

/* False when no pair of conditions goes together. Either list may be empty: everything. */
static bool merge_matches(struct merge *m, const struct istio_http_route *root, const char *root_ns,
			  const struct istio_http_route *leaf, const char *leaf_ns, struct istio_http_route *out)
{
	static const struct istio_http_match_request none;
	const size_t n = MAX(root->match.n, (size_t)1), k = MAX(leaf->match.n, (size_t)1);

	out->match.n = 0;
	out->match.v = NULL;
	if (!root->match.n && !leaf->match.n)
		return true;
	out->match.v = arena_calloc(m->a, n * k, sizeof(out->match.v[0]));
	for (size_t i = 0; i < k; i++) {
		struct istio_http_match_request l = leaf->match.n ? leaf->match.v[i] : none;
		bool found = false;

		resolve_gateways(m->a, &l, leaf_ns);
		for (size_t j = 0; j < n; j++) {
			struct istio_http_match_request r = root->match.n ? root->match.v[j] : none;

			resolve_gateways(m->a, &r, root_ns);
			if (root->match.n && leaf->match.n && contradicts(&r, &l))
				continue;
			if (!leaf->match.n)
				l.ignore_uri_case = r.ignore_uri_case;
			out->match.v[out->match.n++] = both(m->a, &r, &l);
			found = true;
		}
		if (!found)
			return false;
	}
	return true;
}

/* --- routes --- */

static struct istio_destination *resolve(struct merge *m, const struct istio_destination *d, const char *ns)
{
	struct istio_destination *out;

	if (!d)
		return NULL;
	out = ARENA_NEW(m->a, struct istio_destination);
	*out = *d;
	out->host = host_resolve(m->a, d->host, ns, m->b->mesh->domain);
	return out;
}

/* Short names of the delegate's destinations are of its own namespace. */
static void resolve_destinations(struct merge *m, struct istio_http_route *r, const char *ns)
{
	struct istio_http_route_destination *v = ARENA_NEW_N(m->a, struct istio_http_route_destination, r->route.n);
	struct istio_http_mirror_policy *mirrors = ARENA_NEW_N(m->a, struct istio_http_mirror_policy, r->mirrors.n);

	for (size_t i = 0; i < r->route.n; i++) {
		v[i] = r->route.v[i];
		v[i].destination = resolve(m, v[i].destination, ns);
	}
	for (size_t i = 0; i < r->mirrors.n; i++) {
		mirrors[i] = r->mirrors.v[i];
		mirrors[i].destination = resolve(m, mirrors[i].destination, ns);
	}
	r->route.v = v;
	r->mirrors.v = mirrors;
	r->mirror = resolve(m, r->mirror, ns);
}

/* What the delegate's route does not say, the root's says. */
static void inherit(struct istio_http_route *out, const struct istio_http_route *root)
{
#define INHERIT(member)                                                                                                \
	do {                                                                                                           \
		if (!out->member)                                                                                      \
			out->member = root->member;                                                                    \
	} while (0)
	INHERIT(rewrite);
	INHERIT(direct_response);
	INHERIT(timeout);
	INHERIT(retries);
	INHERIT(fault);
	INHERIT(mirror_percent);
	INHERIT(mirror_percent_snake);
	INHERIT(mirror_percentage);
	INHERIT(cors_policy);
	INHERIT(headers);
#undef INHERIT
	if (!out->mirror && !out->mirrors.n) {
		out->mirror = root->mirror;
		out->mirrors.v = root->mirrors.v;
		out->mirrors.n = root->mirrors.n;
	}
}

static void add(struct merge *m, const struct istio_http_route *r, size_t number, const struct mesh_object *delegate)
{
	vec_push(&m->routes, *r);
	vec_push(&m->origins, (struct mesh_origin){number, delegate});
}

static void add_delegated(struct merge *m, size_t number, const struct mesh_virtual_service *to)
{
	const struct istio_http_route *root = &m->root->spec->http.v[number];

	for (size_t i = 0; i < to->spec->http.n; i++) {
		const struct istio_http_route *leaf = &to->spec->http.v[i];
		struct istio_http_route out = *leaf;

		if (leaf->delegate) {
			problem(m, number, "spec.http[%zu] of VirtualService %s/%s delegates once more; it is left out",
				i, to->o.ns, to->o.name);
			continue;
		}
		if (!merge_matches(m, root, m->root->o.ns, leaf, to->o.ns, &out)) {
			problem(m, number,
				"the conditions of spec.http[%zu] of VirtualService %s/%s contradict those of this "
				"route; it "
				"is left out",
				i, to->o.ns, to->o.name);
			continue;
		}
		out.name = join_names(m->a, root->name, leaf->name);
		resolve_destinations(m, &out, to->o.ns);
		inherit(&out, root);
		add(m, &out, number, &to->o);
	}
}

/* --- finding --- */

static const struct mesh_virtual_service *find(const struct policy_index *x, const char *ns, const char *name)
{
	const struct mesh_object *o = policies_find(x, &api_kind_virtual_service, ns, name);

	return o ? CONTAINER_OF(o, struct mesh_virtual_service, o) : NULL;
}

static void follow(struct merge *m, const struct policy_index *x, size_t number)
{
	const struct istio_delegate *d = m->root->spec->http.v[number].delegate;
	const char *ns = set(d->namespace) ? d->namespace : m->root->o.ns, *name = d->name ? d->name : "";
	const struct mesh_virtual_service *to = find(x, ns, name);

	if (!to)
		problem(m, number, "VirtualService %s/%s does not exist; the route is left out", ns, name);
	else if (to->n_hosts)
		problem(m, number, "VirtualService %s/%s has hosts and so is no delegate; the route is left out", ns,
			name);
	else if (!export_visible(to->spec->export_to.v, to->spec->export_to.n, ns, m->root->o.ns))
		problem(m, number, "VirtualService %s/%s is not exported to namespace %s; the route is left out", ns,
			name, m->root->o.ns);
	else
		add_delegated(m, number, to);
}

static bool delegates(const struct mesh_virtual_service *v)
{
	for (size_t i = 0; v->n_hosts && i < v->spec->http.n; i++)
		if (v->spec->http.v[i].delegate)
			return true;
	return false;
}

#define TO_ARENA(a, list) arena_copy((a), (list).v, (list).n * sizeof((list).v[0]))

static void *arena_copy(struct arena *a, const void *v, size_t bytes)
{
	void *out = arena_alloc(a, bytes + 1);

	if (bytes)
		memcpy(out, v, bytes);
	return out;
}

static void merge_root(const struct build *b, struct policy_index *x, struct mesh_virtual_service *root)
{
	struct merge m = {.b = b, .a = &x->head.arena, .root = root};
	struct istio_virtual_service_spec *spec = ARENA_NEW(m.a, struct istio_virtual_service_spec);

	for (size_t i = 0; i < root->spec->http.n; i++) {
		if (root->spec->http.v[i].delegate)
			follow(&m, x, i);
		else
			add(&m, &root->spec->http.v[i], i, NULL);
	}
	*spec = *root->spec;
	spec->http.v = TO_ARENA(m.a, m.routes);
	spec->http.n = m.routes.n;
	root->spec = spec;
	root->origins = TO_ARENA(m.a, m.origins);
	root->problems = TO_ARENA(m.a, m.problems);
	root->n_problems = m.problems.n;
	vec_done(&m.routes);
	vec_done(&m.origins);
	vec_done(&m.problems);
}

void delegates_merge(const struct build *b, struct policy_index *x)
{
	for (size_t i = 0; i < x->virtual_services.n; i++)
		if (delegates(&x->virtual_services.v[i]))
			merge_root(b, x, &x->virtual_services.v[i]);
}
