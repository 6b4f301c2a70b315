/* Values as matchers, a function for each attribute. */
#include "compile/authz_values.h"

#include "base/cleanup.h"
#include "base/ip.h"
#include "compile/claims.h"

#define RBACV(x) ENVOY__CONFIG__RBAC__V3__##x

pb_string_matcher *authz_string(struct arena *a, const char *v)
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
	pb_cidr *c = pb_cidr_new(a);
	struct ip_range r;

	if (ip_range_parse(slice_str(v), &r, NULL) < 0)
		return c;
	c->address_prefix = arena_slicedup(a, r.address);
	c->prefix_len = pb_u32(a, r.bits);
	return c;
}

const char *authz_readable_range(struct arena *a, const char *value)
{
	struct slice rest = slice_str(value), range = rest;
	unsigned bytes[4] = {0}, n = 0;

	/* Only the length is wrong: it could have been any. */
	if (ip_is(slice_split(&range, '/')))
		return NULL;
	while (n < 3 && slice_find(rest, '.') > 0) {
		const struct slice part = slice_split(&rest, '.');
		uint64_t byte;

		if (slice_to_u64(part, 255, &byte) < 0)
			break;
		bytes[n++] = (unsigned)byte;
	}
	return n ? arena_printf(a, "%u.%u.%u.0/%u", bytes[0], bytes[1], bytes[2], 8 * n) : NULL;
}

/* --- permissions --- */

bool authz_is_permission(enum authz_attribute a)
{
	return a >= AUTHZ_HOST;
}

static void set_header(struct arena *a, pb_permission *p, const char *name, pb_string_matcher *m)
{
	p->rule_case = RBACV(PERMISSION__RULE_HEADER);
	p->header = header_of(a, name, m);
}

static void set_path(struct arena *a, pb_permission *p, const char *v)
{
	p->rule_case = RBACV(PERMISSION__RULE_URL_PATH);
	p->url_path = pb_path_matcher_new(a);
	p->url_path->rule_case = ENVOY__TYPE__MATCHER__V3__PATH_MATCHER__RULE_PATH;
	p->url_path->path = authz_string(a, v);
}

static void set_port(pb_permission *p, const char *v)
{
	uint64_t n = 0;

	slice_to_u64(slice_str(v), 65535, &n);
	p->rule_case = RBACV(PERMISSION__RULE_DESTINATION_PORT);
	p->destination_port = (uint32_t)n;
}

pb_permission *authz_permission(struct arena *a, enum authz_attribute attribute, const char *v)
{
	pb_permission *p = pb_permission_new(a);

	switch (attribute) {
	case AUTHZ_HOST:
		set_header(a, p, ":authority", host_of(a, v));
		break;
	case AUTHZ_METHOD:
		set_header(a, p, ":method", authz_string(a, v));
		break;
	case AUTHZ_PATH:
		set_path(a, p, v);
		break;
	case AUTHZ_PORT:
		set_port(p, v);
		break;
	case AUTHZ_DESTINATION_IP:
		p->rule_case = RBACV(PERMISSION__RULE_DESTINATION_IP);
		p->destination_ip = cidr_of(a, v);
		break;
	default:
		p->rule_case = RBACV(PERMISSION__RULE_REQUESTED_SERVER_NAME);
		p->requested_server_name = authz_string(a, v);
		break;
	}
	return p;
}

/* --- principals --- */

static pb_principal *principal_of(struct arena *a, pb_principal_set *any)
{
	pb_principal *p = pb_principal_new(a);

	PB_ADD(a, any, ids, p);
	return p;
}

static void add_authenticated(struct arena *a, pb_principal_set *any, pb_string_matcher *m)
{
	pb_principal *p = principal_of(a, any);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_AUTHENTICATED);
	p->authenticated = pb_authenticated_new(a);
	p->authenticated->principal_name = m;
}

static bool is_our_domain(const struct mesh_config *m, const char *domain)
{
	for (size_t i = 0; i < m->n_trust_domains; i++)
		if (strcmp(m->trust_domains[i], domain) == 0)
			return true;
	return strcmp(domain, "cluster.local") == 0;
}

/* "*.example/ns/a/sa/b": a trust domain of which only the end is told. */
static bool ends_our_domain(const struct mesh_config *m, const char *domain)
{
	for (size_t i = 0; domain[0] == '*' && domain[1] && i < m->n_trust_domains; i++)
		if (slice_ends(slice_str(m->trust_domains[i]), slice_str(domain + 1)))
			return true;
	return false;
}

/*
 * A trust domain of the mesh stands for all of them, and "cluster.local" for the mesh's own, whatever it is called: a
 * mesh that was renamed keeps its policies.
 */
static void add_principal(const struct gen *g, pb_principal_set *any, const char *v)
{
	const struct mesh_config *m = gen_mesh(g);
	const char *slash = strchr(v, '/');
	const char *domain = arena_slicedup(g->arena, slice_make(v, slash ? (size_t)(slash - v) : strlen(v)));
	const bool ends_ours = slash && ends_our_domain(m, domain), ours = slash && is_our_domain(m, domain);

	if (v[0] == '*')
		add_authenticated(g->arena, any, authz_string(g->arena, v));
	else if (!ours)
		add_authenticated(g->arena, any, authz_string(g->arena, arena_printf(g->arena, "spiffe://%s", v)));
	for (size_t i = 0; (ours || ends_ours) && i < m->n_trust_domains; i++)
		add_authenticated(
			g->arena, any,
			authz_string(g->arena, arena_printf(g->arena, "spiffe://%s%s", m->trust_domains[i], slash)));
}

static void add_namespace(struct arena *a, pb_principal_set *any, const char *v)
{
	const size_t n = strlen(v);
	const char *inner = strcmp(v, "*") == 0 ? "[^/]+"
			    : v[0] == '*'       ? arena_printf(a, "[^/]*%s", quote(a, v + 1))
			    : n && v[n - 1] == '*'
				    ? arena_printf(a, "%s[^/]*", quote(a, arena_slicedup(a, slice_make(v, n - 1))))
				    : quote(a, v);

	add_authenticated(a, any, regex_of(a, arena_printf(a, ".*/ns/%s/.*", inner)));
}

void authz_add_principals(const struct gen *g, pb_principal_set *any, enum authz_attribute attribute, const char *name,
			  const char *v)
{
	struct arena *a = g->arena;
	pb_principal *p;

	switch (attribute) {
	case AUTHZ_PRINCIPAL:
		add_principal(g, any, v);
		break;
	case AUTHZ_NAMESPACE:
		add_namespace(a, any, v);
		break;
	case AUTHZ_SOURCE_IP:
		p = principal_of(a, any);
		p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_DIRECT_REMOTE_IP);
		p->direct_remote_ip = cidr_of(a, v);
		break;
	case AUTHZ_REMOTE_IP:
		p = principal_of(a, any);
		p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_REMOTE_IP);
		p->remote_ip = cidr_of(a, v);
		break;
	case AUTHZ_TOKEN_PRINCIPAL:
	case AUTHZ_TOKEN_AUDIENCE:
	case AUTHZ_TOKEN_PRESENTER:
	case AUTHZ_TOKEN_CLAIM:
		claims_add_principals(a, any, attribute, name, v);
		break;
	default:
		p = principal_of(a, any);
		p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_HEADER);
		p->header = header_of(a, name, attribute == AUTHZ_HEADER_REGEX ? regex_of(a, v) : authz_string(a, v));
		break;
	}
}
