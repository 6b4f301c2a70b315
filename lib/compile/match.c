/* Conditions of VirtualService rules as route matches. */
#include "compile/claims.h"
#include "compile/gen.h"

#include <stdlib.h>

#define ROUTE(x) ENVOY__CONFIG__ROUTE__V3__##x

pb_regex *gen_regex(struct arena *a, const char *text)
{
	pb_regex *r = pb_regex_new(a);

	r->regex = pb_str(text);
	return r;
}

pb_string_matcher *gen_string_match(struct arena *a, const struct istio_string_match *m)
{
	pb_string_matcher *s = pb_string_matcher_new(a);

	if (m->prefix) {
		s->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_PREFIX;
		s->prefix = pb_str(m->prefix);
	} else if (m->regex) {
		s->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SAFE_REGEX;
		s->safe_regex = gen_regex(a, m->regex);
	} else {
		s->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT;
		s->exact = pb_str(m->exact);
	}
	return s;
}

/* "{}" and the regex "*" ask only for presence. */
static bool only_presence(const struct istio_string_match *m)
{
	return (!m->exact && !m->prefix && !m->regex) || (m->regex && strcmp(m->regex, "*") == 0);
}

static pb_header_matcher *header_match(struct arena *a, const char *name, const struct istio_string_match *m)
{
	pb_header_matcher *h = pb_header_matcher_new(a);

	h->name = pb_str(name);
	if (only_presence(m)) {
		h->header_match_specifier_case = ROUTE(HEADER_MATCHER__HEADER_MATCH_SPECIFIER_PRESENT_MATCH);
		h->present_match = true;
	} else {
		h->header_match_specifier_case = ROUTE(HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH);
		h->string_match = gen_string_match(a, m);
	}
	return h;
}

static void add_header_match(struct arena *a, pb_route_match *out, const char *name, const struct istio_string_match *m)
{
	if (m && claims_is_key(name))
		claims_add_match(a, out, name, m, false);
	else if (m)
		PB_ADD(a, out, headers, header_match(a, name, m));
}

static void add_without(struct arena *a, pb_route_match *out, const char *name, const struct istio_string_match *m)
{
	pb_header_matcher *h;

	if (claims_is_key(name)) {
		claims_add_match(a, out, name, m, true);
		return;
	}
	h = header_match(a, name, m);
	h->invert_match = true;
	h->treat_missing_header_as_empty = !only_presence(m);
	PB_ADD(a, out, headers, h);
}

static void match_path(struct arena *a, pb_route_match *out, const struct istio_http_match_request *m)
{
	const struct istio_string_match *u = m ? m->uri : NULL;

	out->path_specifier_case = ROUTE(ROUTE_MATCH__PATH_SPECIFIER_PREFIX);
	out->prefix = pb_str("/");
	if (!u)
		return;
	if (u->exact) {
		out->path_specifier_case = ROUTE(ROUTE_MATCH__PATH_SPECIFIER_PATH);
		out->path = pb_str(u->exact);
	} else if (u->prefix) {
		out->prefix = pb_str(u->prefix);
	} else if (u->regex) {
		out->path_specifier_case = ROUTE(ROUTE_MATCH__PATH_SPECIFIER_SAFE_REGEX);
		out->safe_regex = gen_regex(a, u->regex);
	}
	if (m->ignore_uri_case)
		out->case_sensitive = pb_bool(a, false);
}

pb_route_match *gen_match(struct arena *a, const struct istio_http_match_request *m)
{
	pb_route_match *out = pb_route_match_new(a);

	match_path(a, out, m);
	if (!m)
		return out;
	for (size_t i = 0; i < m->headers.n; i++)
		add_header_match(a, out, m->headers.v[i].key, &m->headers.v[i].value);
	for (size_t i = 0; i < m->without_headers.n; i++)
		add_without(a, out, m->without_headers.v[i].key, &m->without_headers.v[i].value);
	add_header_match(a, out, ":method", m->method);
	add_header_match(a, out, ":authority", m->authority);
	add_header_match(a, out, ":scheme", m->scheme);
	for (size_t i = 0; i < m->query_params.n; i++) {
		pb_query_matcher *q = pb_query_matcher_new(a);

		q->name = pb_str(m->query_params.v[i].key);
		if (only_presence(&m->query_params.v[i].value)) {
			q->query_parameter_match_specifier_case =
				ROUTE(QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_PRESENT_MATCH);
			q->present_match = true;
		} else {
			q->query_parameter_match_specifier_case =
				ROUTE(QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH);
			q->string_match = gen_string_match(a, &m->query_params.v[i].value);
		}
		PB_ADD(a, out, query_parameters, q);
	}
	return out;
}
