/* Warnings about rules and matches of a VirtualService that those before them hide. */
#include "validate/vs_internal.h"

/* Each match is compared with those before it; those past this number are not. */
#define MATCHES_COMPARED_MAX 512

/* The matches of a list of rules, whatever their type. */
struct matches {
	const char *list; /* "http" */
	const struct msg_desc *desc;
	size_t n_rules;
	size_t (*count)(const struct istio_virtual_service_spec *spec, size_t rule);
	const void *(*at)(const struct istio_virtual_service_spec *spec, size_t rule, size_t match);
};

static size_t http_count(const struct istio_virtual_service_spec *s, size_t i)
{
	return s->http.v[i].match.n;
}

static const void *http_at(const struct istio_virtual_service_spec *s, size_t i, size_t k)
{
	return &s->http.v[i].match.v[k];
}

static size_t tls_count(const struct istio_virtual_service_spec *s, size_t i)
{
	return s->tls.v[i].match.n;
}

static const void *tls_at(const struct istio_virtual_service_spec *s, size_t i, size_t k)
{
	return &s->tls.v[i].match.v[k];
}

static size_t tcp_count(const struct istio_virtual_service_spec *s, size_t i)
{
	return s->tcp.v[i].match.n;
}

static const void *tcp_at(const struct istio_virtual_service_spec *s, size_t i, size_t k)
{
	return &s->tcp.v[i].match.v[k];
}

/* Names of matches don't count. */
static bool same(const struct matches *m, const void *a, const void *b)
{
	if (m->desc == &istio_http_match_request_desc) {
		struct istio_http_match_request x = *(const struct istio_http_match_request *)a;
		struct istio_http_match_request y = *(const struct istio_http_match_request *)b;

		x.name = y.name = NULL;
		return msg_equal(m->desc, &x, &y);
	}
	return msg_equal(m->desc, a, b);
}

/* The rule before (or with) this match that has the same one; -1 if none has. */
static ptrdiff_t seen_before(const struct matches *m, const struct istio_virtual_service_spec *spec, size_t rule,
			     size_t match)
{
	for (size_t i = 0; i <= rule; i++) {
		const size_t n = i < rule ? m->count(spec, i) : match;

		for (size_t k = 0; k < n; k++)
			if (same(m, m->at(spec, i, k), m->at(spec, rule, match)))
				return (ptrdiff_t)i;
	}
	return -1;
}

static void warn_rule(struct val *v, const struct matches *m, const struct istio_virtual_service_spec *spec, size_t i)
{
	const char *path = val_path(v, "spec.%s[%zu]", m->list, i);
	const size_t n = m->count(spec, i);
	size_t hidden = 0;

	for (size_t k = 0; k < n; k++) {
		const ptrdiff_t dup = seen_before(m, spec, i, k);

		if (dup >= 0 && ++hidden)
			val_warn(v, val_path(v, "%s.match[%zu]", path, k),
				 VALIDATE_UNUSED_MATCH "%zu of rule #%zu is not used: rule #%td has the same one", k, i,
				 dup);
	}
	if (n && hidden == n)
		val_warn(v, path, VALIDATE_UNUSED_RULE "%zu not used (all matches used by prior rules)", i);
}

static void warn_list(struct val *v, const struct matches *m, const struct istio_virtual_service_spec *spec)
{
	bool all = false; /* a rule before matches everything */
	size_t seen = 0;

	for (size_t i = 0; i < m->n_rules; i++) {
		if (all)
			val_warn(v, val_path(v, "spec.%s[%zu]", m->list, i),
				 VALIDATE_UNUSED_RULE "%zu not used (only the last rule can have no matches)", i);
		all |= !m->count(spec, i);
		seen += m->count(spec, i);
		if (seen <= MATCHES_COMPARED_MAX)
			warn_rule(v, m, spec, i);
	}
}

/* --- one prefix within another --- */

static bool same_or_absent(const struct msg_desc *desc, const void *wide, const void *narrow)
{
	return !wide || (narrow && msg_equal(desc, wide, narrow));
}

/* Does a match take everything that another one takes, which asks for more by a longer prefix alone? */
static bool covers(const struct istio_http_match_request *wide, const struct istio_http_match_request *narrow)
{
	struct istio_http_match_request x = *wide, y = *narrow;
	const char *w = wide->uri ? wide->uri->prefix : NULL, *n = narrow->uri ? narrow->uri->prefix : NULL;

	if (!val_set(w) || !val_set(n) || strcmp(w, n) == 0 || strncmp(w, n, strlen(w)) != 0)
		return false;
	if (!same_or_absent(&istio_string_match_desc, wide->method, narrow->method) ||
	    !same_or_absent(&istio_string_match_desc, wide->authority, narrow->authority) ||
	    !same_or_absent(&istio_string_match_desc, wide->scheme, narrow->scheme))
		return false;
	x.name = y.name = NULL;
	x.uri = y.uri = x.method = y.method = x.authority = y.authority = x.scheme = y.scheme = NULL;
	return msg_equal(&istio_http_match_request_desc, &x, &y);
}

static void warn_if_covered(struct val *v, const struct istio_virtual_service_spec *spec, size_t i, size_t k)
{
	const struct istio_http_match_request *m = &spec->http.v[i].match.v[k];

	for (size_t a = 0; a <= i; a++) {
		const size_t n = a < i ? spec->http.v[a].match.n : k;

		for (size_t b = 0; b < n; b++) {
			if (!covers(&spec->http.v[a].match.v[b], m))
				continue;
			val_warn(v, val_path(v, "spec.http[%zu].match[%zu]", i, k),
				 VALIDATE_UNUSED_MATCH
				 "%zu of rule #%zu is not used: prefix %s of rule #%zu takes prefix %s, too",
				 k, i, spec->http.v[a].match.v[b].uri->prefix, a, m->uri->prefix);
			return;
		}
	}
}

static void warn_prefixes(struct val *v, const struct istio_virtual_service_spec *spec)
{
	size_t seen = 0;

	for (size_t i = 0; i < spec->http.n; i++) {
		seen += spec->http.v[i].match.n;
		for (size_t k = 0; k < spec->http.v[i].match.n && seen <= MATCHES_COMPARED_MAX; k++)
			warn_if_covered(v, spec, i, k);
	}
}

void val_unreachable(struct val *v, const struct istio_virtual_service_spec *spec)
{
	const struct matches lists[] = {
		{"http", &istio_http_match_request_desc, spec->http.n, http_count, http_at},
		{"tls", &istio_tls_match_attributes_desc, spec->tls.n, tls_count, tls_at},
		{"tcp", &istio_l4_match_attributes_desc, spec->tcp.n, tcp_count, tcp_at},
	};

	if (!v->on_warning)
		return;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		warn_list(v, &lists[i], spec);
	warn_prefixes(v, spec);
}
