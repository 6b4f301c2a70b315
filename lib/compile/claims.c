/*
 * A request's principal is "issuer/subject", and both may hold slashes: a value stands for every way to cut it in two.
 * A claim may be a text or a list of texts; either may match.
 */
#include "compile/claims.h"

#include "compile/authz_values.h"

#define VALUE(x) ENVOY__TYPE__MATCHER__V3__VALUE_MATCHER__MATCH_PATTERN_##x
#define PRINCIPAL(x) ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_##x

/* Names in the path of a claim; more are cut off, and match nothing. */
#define PATH_MAX_NAMES 16

static const char claims_prefix[] = "@request.auth.claims";

pb_metadata_matcher *claims_matcher(struct arena *a, const char *const *path, size_t n, pb_value_matcher *value)
{
	pb_metadata_matcher *m = pb_metadata_matcher_new(a);

	m->filter = pb_str(CLAIMS_FILTER);
	for (size_t i = 0; i <= n; i++) {
		pb_metadata_step *s = pb_metadata_step_new(a);

		s->segment_case = ENVOY__TYPE__MATCHER__V3__METADATA_MATCHER__PATH_SEGMENT__SEGMENT_KEY;
		s->key = pb_str(i ? path[i - 1] : CLAIMS_KEY);
		PB_ADD(a, m, path, s);
	}
	m->value = value;
	return m;
}

pb_value_matcher *claims_text(struct arena *a, pb_string_matcher *m)
{
	pb_value_matcher *v = pb_value_matcher_new(a);

	v->match_pattern_case = VALUE(STRING_MATCH);
	v->string_match = m;
	return v;
}

pb_value_matcher *claims_list(struct arena *a, pb_string_matcher *m)
{
	pb_value_matcher *v = pb_value_matcher_new(a);

	v->match_pattern_case = VALUE(LIST_MATCH);
	v->list_match = pb_list_matcher_new(a);
	v->list_match->match_pattern_case = ENVOY__TYPE__MATCHER__V3__LIST_MATCHER__MATCH_PATTERN_ONE_OF;
	v->list_match->one_of = claims_text(a, m);
	return v;
}

static pb_principal *principal_of(struct arena *a, pb_metadata_matcher *m)
{
	pb_principal *p = pb_principal_new(a);

	p->identifier_case = PRINCIPAL(METADATA);
	p->metadata = m;
	return p;
}

/* ---- policies ---- */

static void add_claim(struct arena *a, pb_principal_set *any, const char *const *path, size_t n, const char *v)
{
	PB_ADD(a, any, ids, principal_of(a, claims_matcher(a, path, n, claims_text(a, authz_string(a, v)))));
	PB_ADD(a, any, ids, principal_of(a, claims_matcher(a, path, n, claims_list(a, authz_string(a, v)))));
}

static pb_principal *text_claim(struct arena *a, const char *name, const char *v)
{
	return principal_of(a, claims_matcher(a, &name, 1, claims_text(a, authz_string(a, v))));
}

static void add_identity(struct arena *a, pb_principal_set *any, const char *iss, const char *sub)
{
	pb_principal *both = pb_principal_new(a);

	both->identifier_case = PRINCIPAL(AND_IDS);
	both->and_ids = pb_principal_set_new(a);
	PB_ADD(a, both->and_ids, ids, text_claim(a, "iss", iss));
	PB_ADD(a, both->and_ids, ids, text_claim(a, "sub", sub));
	PB_ADD(a, any, ids, both);
}

/* A part that is left empty beside a wildcard may be anything. */
static const char *or_any(const char *v)
{
	return *v ? v : "*";
}

static void add_principal(struct arena *a, pb_principal_set *any, const char *v)
{
	const size_t n = strlen(v);
	const bool begins = v[0] == '*', ends = !begins && v[n - 1] == '*';

	if (strcmp(v, "*") == 0) {
		add_identity(a, any, "*", "*");
		return;
	}
	/* The wildcard reaches over the slash. */
	if (begins)
		add_identity(a, any, "*", v);
	if (ends)
		add_identity(a, any, v, "*");
	for (const char *slash = strchr(v, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *iss = arena_slicedup(a, slice_make(v, (size_t)(slash - v)));

		if (*iss && slash[1])
			add_identity(a, any, or_any(iss), or_any(slash + 1));
	}
}

static void add_named_claim(struct arena *a, pb_principal_set *any, const char *name, const char *v)
{
	const char *path[PATH_MAX_NAMES];
	struct slice rest = slice_str(name), one;
	size_t n = 0;

	while (n < PATH_MAX_NAMES && authz_claim_next(&rest, &one))
		path[n++] = arena_slicedup(a, one);
	add_claim(a, any, path, n, v);
}

void claims_add_principals(struct arena *a, pb_principal_set *any, enum authz_attribute attribute, const char *name,
			   const char *v)
{
	static const char *const audience = "aud", *const presenter = "azp";

	if (attribute == AUTHZ_TOKEN_PRINCIPAL)
		add_principal(a, any, v);
	else if (attribute == AUTHZ_TOKEN_AUDIENCE)
		add_claim(a, any, &audience, 1, v);
	else if (attribute == AUTHZ_TOKEN_PRESENTER)
		add_claim(a, any, &presenter, 1, v);
	else
		add_named_claim(a, any, name, v);
}

/* ---- routes ---- */

bool claims_is_key(const char *header)
{
	return strncmp(header, claims_prefix, sizeof(claims_prefix) - 1) == 0;
}

/* ".a.b" or "[a][b]" */
static size_t split(struct arena *a, const char *text, const char **path)
{
	const size_t len = strlen(text);
	struct slice rest, one;
	size_t n = 0;

	if (text[0] == '[' && len > 2 && text[len - 1] == ']') {
		rest = slice_make(text + 1, len - 2);
		while (n < PATH_MAX_NAMES && authz_claim_next(&rest, &one))
			path[n++] = arena_slicedup(a, one);
		return n;
	}
	rest = slice_str(*text ? text + 1 : text);
	while (n < PATH_MAX_NAMES && rest.len)
		path[n++] = arena_slicedup(a, slice_split(&rest, '.'));
	return n;
}

static pb_value_matcher *value_of(struct arena *a, const struct istio_string_match *m)
{
	pb_value_matcher *v = pb_value_matcher_new(a);

	if ((!m->exact && !m->prefix && !m->regex) || (m->regex && strcmp(m->regex, "*") == 0)) {
		v->match_pattern_case = VALUE(PRESENT_MATCH);
		v->present_match = true;
		return v;
	}
	v->match_pattern_case = VALUE(OR_MATCH);
	v->or_match = pb_or_matcher_new(a);
	PB_ADD(a, v->or_match, value_matchers, claims_text(a, gen_string_match(a, m)));
	PB_ADD(a, v->or_match, value_matchers, claims_list(a, gen_string_match(a, m)));
	return v;
}

void claims_add_match(struct arena *a, pb_route_match *out, const char *header, const struct istio_string_match *m,
		      bool invert)
{
	const char *path[PATH_MAX_NAMES];
	const size_t n = split(a, header + sizeof(claims_prefix) - 1, path);
	pb_metadata_matcher *match = claims_matcher(a, path, n, value_of(a, m));

	match->invert = invert;
	PB_ADD(a, out, dynamic_metadata, match);
}
