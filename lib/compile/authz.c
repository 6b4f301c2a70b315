/*
 * AuthorizationPolicies as RBAC filters: one that denies, one that allows. A policy's rule is (any of from) and (any of
 * to) and (all of when); lists of values are alternatives, "not" lists exclude. On TCP, what only HTTP could tell makes
 * an allowing rule useless (it is left out) and a denying one wider (the attribute is left out).
 */
#include "compile/gen.h"

#include <stdlib.h>

#define RBACV(x) ENVOY__CONFIG__RBAC__V3__##x

/* One rule on its way; permissions say what is asked for, principals who asks. */
struct rule {
	struct gen *g;
	bool http;
	bool lost; /* something HTTP-only was met on TCP */
};

typedef LIST(const char *) values;

static pb_string_matcher *string_of(struct arena *a, const char *v)
{
	pb_string_matcher *m = pb_string_matcher_new(a);
	const size_t n = strlen(v);

	if (strcmp(v, "*") == 0) {
		m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SAFE_REGEX;
		m->safe_regex = pb_regex_new(a);
		m->safe_regex->regex = pb_str(".+");
	} else if (v[0] == '*') {
		m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SUFFIX;
		m->suffix = pb_str(v + 1);
	} else if (n && v[n - 1] == '*') {
		m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_PREFIX;
		m->prefix = arena_slicedup(a, slice_make(v, n - 1));
	} else {
		m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT;
		m->exact = pb_str(v);
	}
	return m;
}

static pb_string_matcher *regex_of(struct arena *a, const char *regex)
{
	pb_string_matcher *m = pb_string_matcher_new(a);

	m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SAFE_REGEX;
	m->safe_regex = pb_regex_new(a);
	m->safe_regex->regex = pb_str(regex);
	return m;
}

/* The text with everything quoted that a regex gives a meaning to. */
static const char *quote(struct arena *a, const char *s)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (; *s; s++) {
		if (strchr("\\.+*?()|[]{}^$", *s))
			buf_append_char(&b, '\\');
		buf_append_char(&b, *s);
	}
	return arena_strdup(a, buf_str(&b));
}

static pb_header_matcher *header_of(struct arena *a, const char *name, pb_string_matcher *m)
{
	pb_header_matcher *h = pb_header_matcher_new(a);

	h->name = pb_str(name);
	h->header_match_specifier_case = ENVOY__CONFIG__ROUTE__V3__HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH;
	h->string_match = m;
	return h;
}

/*
 * Hosts ignore case, a dot at the end, and a port in the request unless the policy names one. "a.com:90" and "a.com:*"
 * name a port; a colon inside brackets does not.
 */
static pb_string_matcher *host_of(struct arena *a, const char *v)
{
	const char *bracket = strrchr(v, ']'), *colon = strchr(bracket ? bracket : v, ':');
	const size_t n = colon ? (size_t)(colon - v) : strlen(v);
	const char *name = arena_slicedup(a, slice_make(v, n)), *port = colon ? colon : "";

	if (strcmp(v, "*") == 0)
		return regex_of(a, ".+");
	if (n && name[n - 1] == '*' && !colon)
		return regex_of(a, arena_printf(a, "(?i)%s.*", quote(a, arena_slicedup(a, slice_make(v, n - 1)))));
	port = !colon ? "(:.*)?" : strcmp(port, ":*") == 0 ? ":.*" : quote(a, port);
	if (name[0] == '*')
		return regex_of(a, arena_printf(a, "(?i).*%s\\.?%s", quote(a, name + 1), port));
	return regex_of(a, arena_printf(a, "(?i)%s\\.?%s", quote(a, name), port));
}

static pb_cidr *cidr_of(struct arena *a, const char *v)
{
	struct slice rest = slice_str(v), ip = slice_split(&rest, '/');
	const bool v6 = strchr(v, ':');
	uint64_t bits = v6 ? 128 : 32;
	pb_cidr *c = pb_cidr_new(a);

	if (rest.len)
		slice_to_u64(rest, 128, &bits);
	c->address_prefix = arena_slicedup(a, ip);
	c->prefix_len = pb_u32(a, (uint32_t)bits);
	return c;
}

/* --- permissions --- */

typedef pb_permission *permission_fn(struct rule *r, const char *key, const char *value);

static pb_permission *permission_any(struct arena *a)
{
	pb_permission *p = pb_permission_new(a);

	p->rule_case = RBACV(PERMISSION__RULE_ANY);
	p->any = true;
	return p;
}

static pb_permission *permission_header(struct arena *a, const char *name, pb_string_matcher *m)
{
	pb_permission *p = pb_permission_new(a);

	p->rule_case = RBACV(PERMISSION__RULE_HEADER);
	p->header = header_of(a, name, m);
	return p;
}

static pb_permission *on_host(struct rule *r, const char *key, const char *v)
{
	(void)key;
	return permission_header(r->g->arena, ":authority", host_of(r->g->arena, v));
}

static pb_permission *on_method(struct rule *r, const char *key, const char *v)
{
	(void)key;
	return permission_header(r->g->arena, ":method", string_of(r->g->arena, v));
}

static pb_permission *on_path(struct rule *r, const char *key, const char *v)
{
	pb_permission *p = pb_permission_new(r->g->arena);

	(void)key;
	p->rule_case = RBACV(PERMISSION__RULE_URL_PATH);
	p->url_path = pb_path_matcher_new(r->g->arena);
	p->url_path->rule_case = ENVOY__TYPE__MATCHER__V3__PATH_MATCHER__RULE_PATH;
	p->url_path->path = string_of(r->g->arena, v);
	return p;
}

static pb_permission *on_port(struct rule *r, const char *key, const char *v)
{
	pb_permission *p = pb_permission_new(r->g->arena);
	uint64_t n = 0;

	(void)key;
	slice_to_u64(slice_str(v), 65535, &n);
	p->rule_case = RBACV(PERMISSION__RULE_DESTINATION_PORT);
	p->destination_port = (uint32_t)n;
	return p;
}

static pb_permission *on_destination_ip(struct rule *r, const char *key, const char *v)
{
	pb_permission *p = pb_permission_new(r->g->arena);

	(void)key;
	p->rule_case = RBACV(PERMISSION__RULE_DESTINATION_IP);
	p->destination_ip = cidr_of(r->g->arena, v);
	return p;
}

static pb_permission *on_sni(struct rule *r, const char *key, const char *v)
{
	pb_permission *p = pb_permission_new(r->g->arena);

	(void)key;
	p->rule_case = RBACV(PERMISSION__RULE_REQUESTED_SERVER_NAME);
	p->requested_server_name = string_of(r->g->arena, v);
	return p;
}

static pb_permission *permission_or(struct rule *r, permission_fn *fn, const char *key, const char *const *v, size_t n)
{
	struct arena *a = r->g->arena;
	pb_permission *p = pb_permission_new(a);

	p->rule_case = RBACV(PERMISSION__RULE_OR_RULES);
	p->or_rules = pb_permission_set_new(a);
	for (size_t i = 0; i < n; i++)
		PB_ADD(a, p->or_rules, rules, fn(r, key, v[i]));
	return p;
}

/* Both lists of one attribute, added to a conjunction. */
static void add_permission(struct rule *r, pb_permission_set *all, permission_fn *fn, bool http_only, const char *key,
			   const char *const *v, size_t n, const char *const * not, size_t n_not)
{
	struct arena *a = r->g->arena;
	pb_permission *inverse;

	if (!n && !n_not)
		return;
	if (http_only && !r->http) {
		r->lost = true;
		return;
	}
	if (n)
		PB_ADD(a, all, rules, permission_or(r, fn, key, v, n));
	if (!n_not)
		return;
	inverse = pb_permission_new(a);
	inverse->rule_case = RBACV(PERMISSION__RULE_NOT_RULE);
	inverse->not_rule = permission_or(r, fn, key, not, n_not);
	PB_ADD(a, all, rules, inverse);
}

#define LISTS(s, name) (s)->name.v, (s)->name.n, (s)->not_##name.v, (s)->not_##name.n

static void add_operation(struct rule *r, pb_permission_set *all, const struct istio_authorization_operation *o)
{
	add_permission(r, all, on_host, true, NULL, LISTS(o, hosts));
	add_permission(r, all, on_method, true, NULL, LISTS(o, methods));
	add_permission(r, all, on_path, true, NULL, LISTS(o, paths));
	add_permission(r, all, on_port, false, NULL, LISTS(o, ports));
}

/* --- principals --- */

typedef pb_principal *principal_fn(struct rule *r, const char *key, const char *value);

static pb_principal *principal_any(struct arena *a)
{
	pb_principal *p = pb_principal_new(a);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_ANY);
	p->any = true;
	return p;
}

static pb_principal *principal_not(struct arena *a, pb_principal *of)
{
	pb_principal *p = pb_principal_new(a);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_NOT_ID);
	p->not_id = of;
	return p;
}

static pb_principal *authenticated(struct arena *a, pb_string_matcher *m)
{
	pb_principal *p = pb_principal_new(a);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_AUTHENTICATED);
	p->authenticated = pb_authenticated_new(a);
	p->authenticated->principal_name = m;
	return p;
}

/* "cluster.local" stands for the mesh's own trust domain, whatever it is called. */
static pb_principal *on_principal(struct rule *r, const char *key, const char *v)
{
	struct arena *a = r->g->arena;
	const char *td = gen_mesh(r->g)->trust_domain;

	(void)key;
	if (v[0] == '*')
		return authenticated(a, string_of(a, v));
	if (strncmp(v, "cluster.local/", 14) == 0)
		v = arena_printf(a, "%s/%s", td, v + 14);
	return authenticated(a, string_of(a, arena_printf(a, "spiffe://%s", v)));
}

static pb_principal *on_namespace(struct rule *r, const char *key, const char *v)
{
	struct arena *a = r->g->arena;
	const size_t n = strlen(v);
	const char *inner = strcmp(v, "*") == 0 ? "[^/]+"
			    : v[0] == '*'       ? arena_printf(a, "[^/]*%s", quote(a, v + 1))
			    : n && v[n - 1] == '*'
				    ? arena_printf(a, "%s[^/]*", quote(a, arena_slicedup(a, slice_make(v, n - 1))))
				    : quote(a, v);

	(void)key;
	return authenticated(a, regex_of(a, arena_printf(a, ".*/ns/%s/.*", inner)));
}

static pb_principal *on_ip(struct rule *r, const char *key, const char *v)
{
	pb_principal *p = pb_principal_new(r->g->arena);

	(void)key;
	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_DIRECT_REMOTE_IP);
	p->direct_remote_ip = cidr_of(r->g->arena, v);
	return p;
}

static pb_principal *on_remote_ip(struct rule *r, const char *key, const char *v)
{
	pb_principal *p = pb_principal_new(r->g->arena);

	(void)key;
	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_REMOTE_IP);
	p->remote_ip = cidr_of(r->g->arena, v);
	return p;
}

static pb_principal *on_header(struct rule *r, const char *key, const char *v)
{
	pb_principal *p = pb_principal_new(r->g->arena);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_HEADER);
	p->header = header_of(r->g->arena, key, string_of(r->g->arena, v));
	return p;
}

static pb_principal *on_header_regex(struct rule *r, const char *key, const char *v)
{
	pb_principal *p = pb_principal_new(r->g->arena);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_HEADER);
	p->header = header_of(r->g->arena, key, regex_of(r->g->arena, v));
	return p;
}

/* Nobody has proven a request's identity by a token: no value matches. */
static pb_principal *on_request_identity(struct rule *r, const char *key, const char *v)
{
	(void)key;
	(void)v;
	return principal_not(r->g->arena, principal_any(r->g->arena));
}

static pb_principal *principal_or(struct rule *r, principal_fn *fn, const char *key, const char *const *v, size_t n)
{
	struct arena *a = r->g->arena;
	pb_principal *p = pb_principal_new(a);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_OR_IDS);
	p->or_ids = pb_principal_set_new(a);
	for (size_t i = 0; i < n; i++)
		PB_ADD(a, p->or_ids, ids, fn(r, key, v[i]));
	return p;
}

static void add_principal(struct rule *r, pb_principal_set *all, principal_fn *fn, bool http_only, const char *key,
			  const char *const *v, size_t n, const char *const * not, size_t n_not)
{
	if (!n && !n_not)
		return;
	if (http_only && !r->http) {
		r->lost = true;
		return;
	}
	if (n)
		PB_ADD(r->g->arena, all, ids, principal_or(r, fn, key, v, n));
	if (n_not)
		PB_ADD(r->g->arena, all, ids, principal_not(r->g->arena, principal_or(r, fn, key, not, n_not)));
}

static void add_source(struct rule *r, pb_principal_set *all, const struct istio_authorization_source *s)
{
	add_principal(r, all, on_principal, false, NULL, LISTS(s, principals));
	add_principal(r, all, on_request_identity, true, NULL, LISTS(s, request_principals));
	add_principal(r, all, on_namespace, false, NULL, LISTS(s, namespaces));
	add_principal(r, all, on_ip, false, NULL, LISTS(s, ip_blocks));
	add_principal(r, all, on_remote_ip, true, NULL, LISTS(s, remote_ip_blocks));
}

/* --- conditions --- */

static const struct {
	const char *key; /* ending in "[": the name is between brackets */
	bool http_only;
	permission_fn *permission; /* one of the two */
	principal_fn *principal;
} conditions[] = {
	{"request.headers[", true, NULL, on_header},
	{"request.regex.headers[", true, NULL, on_header_regex},
	{"source.ip", false, NULL, on_ip},
	{"remote.ip", true, NULL, on_remote_ip},
	{"source.namespace", false, NULL, on_namespace},
	{"source.principal", false, NULL, on_principal},
	{"request.auth.", true, NULL, on_request_identity},
	{"destination.ip", false, on_destination_ip, NULL},
	{"destination.port", false, on_port, NULL},
	{"connection.sni", false, on_sni, NULL},
};

static bool key_is(const char *key, const char *pattern)
{
	const size_t n = strlen(pattern);

	if (pattern[n - 1] == '[' || pattern[n - 1] == '.')
		return strncmp(key, pattern, n) == 0;
	return strcmp(key, pattern) == 0;
}

static const char *bracketed(struct arena *a, const char *key)
{
	const char *open = strchr(key, '['), *close = open ? strchr(open, ']') : NULL;

	return close ? arena_slicedup(a, slice_make(open + 1, (size_t)(close - open - 1))) : "";
}

static void add_condition(struct rule *r, pb_permission_set *what, pb_principal_set *who,
			  const struct istio_authorization_condition *c)
{
	const char *name = bracketed(r->g->arena, c->key);

	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		if (!key_is(c->key, conditions[i].key))
			continue;
		if (conditions[i].permission)
			add_permission(r, what, conditions[i].permission, conditions[i].http_only, name,
				       LISTS(c, values));
		else
			add_principal(r, who, conditions[i].principal, conditions[i].http_only, name, LISTS(c, values));
		return;
	}
	r->lost = true; /* an attribute that is not known here */
}

/* --- rules and policies --- */

static pb_permission *permission_and(struct arena *a, pb_permission_set *set)
{
	pb_permission *p = pb_permission_new(a);

	if (!set->n_rules)
		return permission_any(a);
	p->rule_case = RBACV(PERMISSION__RULE_AND_RULES);
	p->and_rules = set;
	return p;
}

static pb_principal *principal_and(struct arena *a, pb_principal_set *set)
{
	pb_principal *p = pb_principal_new(a);

	if (!set->n_ids)
		return principal_any(a);
	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_AND_IDS);
	p->and_ids = set;
	return p;
}

/* The conditions of the rule stand beside each of its alternatives. */
static void add_conditions(struct rule *r, const struct istio_authorization_rule *in, pb_permission_set *what,
			   pb_principal_set *who)
{
	for (size_t i = 0; i < in->when.n; i++)
		if (in->when.v[i].key)
			add_condition(r, what, who, &in->when.v[i]);
}

static pb_rbac_policy *make_policy(struct rule *r, const struct istio_authorization_rule *in)
{
	struct arena *a = r->g->arena;
	pb_rbac_policy *p = pb_rbac_policy_new(a);

	for (size_t i = 0; i < (in->to.n ? in->to.n : 1); i++) {
		pb_permission_set *what = pb_permission_set_new(a);
		pb_principal_set unused = *pb_principal_set_new(a);

		if (in->to.n && in->to.v[i].operation)
			add_operation(r, what, in->to.v[i].operation);
		add_conditions(r, in, what, &unused);
		PB_ADD(a, p, permissions, permission_and(a, what));
	}
	for (size_t i = 0; i < (in->from.n ? in->from.n : 1); i++) {
		pb_principal_set *who = pb_principal_set_new(a);
		pb_permission_set unused = *pb_permission_set_new(a);

		if (in->from.n && in->from.v[i].source)
			add_source(r, who, in->from.v[i].source);
		add_conditions(r, in, &unused, who);
		PB_ADD(a, p, principals, principal_and(a, who));
	}
	return p;
}

static void add_policy(struct gen *g, pb_rbac *out, const struct mesh_authz *z, size_t i, bool http)
{
	struct rule r = {.g = g, .http = http};
	Envoy__Config__Rbac__V3__RBAC__PoliciesEntry *e = PB_NEW(g->arena, Envoy__Config__Rbac__V3__RBAC__PoliciesEntry,
								 envoy__config__rbac__v3__rbac__policies_entry);

	e->key = arena_printf(g->arena, "ns[%s]-policy[%s]-rule[%zu]", z->o.ns, z->o.name, i);
	e->value = make_policy(&r, &z->spec->rules.v[i]);
	if (!r.lost || out->action == RBACV(RBAC__ACTION__DENY))
		PB_ADD(g->arena, out, policies, e);
}

static bool governs(const struct gen *g, const struct mesh_authz *z)
{
	const struct istio_workload_selector *s = z->spec->selector;

	if (strcmp(z->o.ns, g->proxy->ns) != 0 && strcmp(z->o.ns, gen_mesh(g)->root_namespace) != 0)
		return false;
	return !s || meta_labels_contain(&g->proxy->labels, &s->match_labels);
}

/* All policies of an action; NULL when there is none. */
static pb_rbac *make_rules(struct gen *g, int action, bool http)
{
	pb_rbac *out = pb_rbac_new(g->arena);
	bool any = false;

	out->action = action == ISTIO_AUTHORIZATION_POLICY_ACTION_DENY ? RBACV(RBAC__ACTION__DENY)
								       : RBACV(RBAC__ACTION__ALLOW);
	for (size_t i = 0; i < g->snap->policies->authz.n; i++) {
		const struct mesh_authz *z = &g->snap->policies->authz.v[i];

		if (z->spec->action != action || !governs(g, z) || api_object_annotation(z->o.obj, "istio.io/dry-run"))
			continue;
		gen_use(g, &z->o);
		any = true;
		for (size_t k = 0; k < z->spec->rules.n; k++)
			add_policy(g, out, z, k, http);
	}
	return any ? out : NULL;
}

static const int actions[] = {ISTIO_AUTHORIZATION_POLICY_ACTION_DENY, ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW};

void gen_add_http_authz(struct gen *g, pb_hcm *h)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		pb_rbac *rules = make_rules(g, actions[i], true);
		pb_http_rbac *f;

		if (!rules)
			continue;
		f = pb_http_rbac_new(g->arena);
		f->rules = rules;
		PB_ADD(g->arena, h, http_filters,
		       pb_http_filter_make(g->arena, "envoy.filters.http.rbac", PB_ANY(g->arena, f), false));
	}
}

void gen_add_tcp_authz(struct gen *g, pb_chain *chain)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		pb_rbac *rules = make_rules(g, actions[i], false);
		pb_net_rbac *f;

		if (!rules)
			continue;
		f = pb_net_rbac_new(g->arena);
		f->rules = rules;
		f->stat_prefix = pb_str("tcp.");
		PB_ADD(g->arena, chain, filters,
		       pb_network_filter(g->arena, "envoy.filters.network.rbac", PB_ANY(g->arena, f)));
	}
}
