/* Validation of what HTTP routes match and how they change headers. */
#include "validate/vs_internal.h"

void val_string_match(struct val *v, const char *path, const struct istio_string_match *m)
{
	if (!m || !m->regex)
		return;
	if (!*m->regex)
		val_error(v, path, "\"\": regex string match should not be empty");
	else
		val_regex(v, path, m->regex);
}

static void check_header_match(struct val *v, const char *path, const char *name, const struct istio_string_match *m)
{
	/* a regex of one star asks for presence, as an object without any match does */
	if (!m->regex || strcmp(m->regex, "*") != 0)
		val_string_match(v, path, m);
	if (m->prefix && !*m->prefix)
		val_error(v, path, "header prefix match %s may not be empty", name);
	if (name[0] != '@')
		val_header_name(v, path, name);
}

/* "@request.auth.claims.<name>" or "@request.auth.claims[<name>]": tokens are checked at gateways only. */
static bool is_claim(const char *name)
{
	static const char prefix[] = "@request.auth.claims";
	const char *rest = name + sizeof(prefix) - 1;

	if (strncasecmp(name, prefix, sizeof(prefix) - 1) != 0)
		return false;
	return (rest[0] == '.' && rest[1]) || (rest[0] == '[' && strlen(rest) > 2 && rest[strlen(rest) - 1] == ']');
}

void val_claims(struct val *v, const char *path, const struct istio_http_match_request *m)
{
	for (size_t i = 0; i < m->headers.n; i++)
		if (is_claim(m->headers.v[i].key))
			val_error(v, val_path(v, "%s.headers[%s]", path, m->headers.v[i].key),
				  "claims of tokens are matched at gateways, and the VirtualService names none");
	for (size_t i = 0; i < m->without_headers.n; i++)
		if (is_claim(m->without_headers.v[i].key))
			val_error(v, val_path(v, "%s.withoutHeaders[%s]", path, m->without_headers.v[i].key),
				  "claims of tokens are matched at gateways, and the VirtualService names none");
}

static void check_without(struct val *v, const char *path, const char *name, const struct istio_string_match *m)
{
	if (!m->regex || strcmp(m->regex, "*") != 0)
		val_string_match(v, path, m);
	if (name[0] != '@')
		val_header_name(v, path, name);
}

void val_http_match(struct val *v, const char *path, const struct istio_http_match_request *m)
{
	val_string_match(v, val_path(v, "%s.uri", path), m->uri);
	val_string_match(v, val_path(v, "%s.scheme", path), m->scheme);
	val_string_match(v, val_path(v, "%s.method", path), m->method);
	val_string_match(v, val_path(v, "%s.authority", path), m->authority);
	for (size_t i = 0; i < m->headers.n; i++)
		check_header_match(v, val_path(v, "%s.headers[%s]", path, m->headers.v[i].key), m->headers.v[i].key,
				   &m->headers.v[i].value);
	for (size_t i = 0; i < m->without_headers.n; i++)
		check_without(v, val_path(v, "%s.withoutHeaders[%s]", path, m->without_headers.v[i].key),
			      m->without_headers.v[i].key, &m->without_headers.v[i].value);
	for (size_t i = 0; i < m->query_params.n; i++)
		val_string_match(v, val_path(v, "%s.queryParams[%s]", path, m->query_params.v[i].key),
				 &m->query_params.v[i].value);
	if (m->port)
		val_port(v, val_path(v, "%s.port", path), m->port);
	val_labels(v, val_path(v, "%s.sourceLabels", path), &m->source_labels);
	val_gateway_names(v, val_path(v, "%s.gateways", path), m->gateways.v, m->gateways.n);
	if (val_set(m->source_namespace) && !val_is_label(m->source_namespace))
		val_error(v, val_path(v, "%s.sourceNamespace", path), "sourceNamespace match %s is invalid",
			  m->source_namespace);
}

/* --- headers --- */

static bool is_pseudo(const char *name)
{
	return name[0] == ':' || strcasecmp(name, "host") == 0;
}

static bool is_authority(const char *name)
{
	return strcasecmp(name, ":authority") == 0 || strcasecmp(name, "host") == 0;
}

/* Pseudo headers can't be changed, but for the host where a request is changed: :authority for a route, Host for one of
 * its destinations. */
static void check_operation_name(struct val *v, const char *path, const char *name, enum val_header_rule rule)
{
	if (rule == VAL_HEADER_AUTHORITY && is_authority(name))
		return;
	if (rule == VAL_HEADER_HOST && strcasecmp(name, "host") == 0)
		return;
	if (!is_pseudo(name))
		val_header_name(v, path, name);
	else if (strcasecmp(name, "host") == 0)
		val_error(v, path, "invalid header \"%s\": cannot set Host header", name);
	else
		val_error(v, path, "invalid header \"%s\": header cannot have \":\" prefix", name);
}

static void check_written(struct val *v, const char *path, const struct str_map *m, enum val_header_rule rule)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *at = val_path(v, "%s[%s]", path, m->v[i].key);

		check_operation_name(v, at, m->v[i].key, rule);
		val_header_value(v, at, m->v[i].value);
	}
}

static void check_operations(struct val *v, const char *path, const struct istio_headers_header_operations *h,
			     enum val_header_rule rule)
{
	if (!h)
		return;
	check_written(v, val_path(v, "%s.set", path), &h->set, rule);
	check_written(v, val_path(v, "%s.add", path), &h->add, rule);
	for (size_t i = 0; i < h->remove.n; i++)
		check_operation_name(v, val_path(v, "%s.remove[%zu]", path, i), h->remove.v[i], VAL_HEADER_NONE);
}

void val_headers(struct val *v, const char *path, const struct istio_headers *h, enum val_header_rule rule)
{
	if (!h)
		return;
	check_operations(v, val_path(v, "%s.request", path), h->request, rule);
	check_operations(v, val_path(v, "%s.response", path), h->response, VAL_HEADER_NONE);
}

static const char *authority_of(const struct str_map *m, size_t *n)
{
	const char *ret = NULL;

	for (size_t i = 0; i < m->n; i++) {
		if (is_authority(m->v[i].key)) {
			ret = m->v[i].value;
			++*n;
		}
	}
	return ret;
}

void val_one_authority(struct val *v, const char *path, const struct istio_http_route *h)
{
	const char *rewrite = h->rewrite && val_set(h->rewrite->authority) ? h->rewrite->authority : NULL;
	const struct istio_headers_header_operations *r = h->headers ? h->headers->request : NULL;
	size_t n = rewrite ? 1 : 0;
	const char *set = r ? authority_of(&r->set, &n) : NULL, *add = r ? authority_of(&r->add, &n) : NULL;

	if (n > 1)
		val_error(v, path, "the authority is set %zu times, the last time to \"%s\"; once is enough", n,
			  add ? add : set);
}
