/* Route matches and header changes. */
#include "config/build_internal.h"

static int match_path(struct build_ctx *x, const ROUTE(RouteMatch) * m, struct route_match *ret, struct err *e)
{
	switch (m->path_specifier_case) {
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PREFIX:
		ret->path_kind = ROUTE_PATH_PREFIX;
		ret->path = build_slice(x, m->prefix);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH:
		ret->path_kind = ROUTE_PATH_EXACT;
		ret->path = build_slice(x, m->path);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_PATH_SEPARATED_PREFIX:
		ret->path_kind = ROUTE_PATH_SEPARATED_PREFIX;
		ret->path = build_slice(x, m->path_separated_prefix);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_SAFE_REGEX:
		ret->path_kind = ROUTE_PATH_REGEX;
		return build_regex(x, m->safe_regex, &ret->regex, e);
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_MATCH__PATH_SPECIFIER_CONNECT_MATCHER:
		ret->path_kind = ROUTE_PATH_CONNECT;
		return 0;
	default:
		return err_set(e, -EINVAL, "path specifier is missing or not supported");
	}
}

static int match_queries(struct build_ctx *x, const ROUTE(RouteMatch) * m, struct route_match *ret, struct err *e)
{
	ret->n_queries = m->n_query_parameters;
	ret->queries = ARENA_NEW_N(x->out, struct match_query, ret->n_queries);
	for (size_t i = 0; i < ret->n_queries; i++) {
		const ROUTE(QueryParameterMatcher) *q = m->query_parameters[i];
		ret->queries[i].name = build_slice(x, q->name);
		ret->queries[i].value.kind = MATCH_PRESENT;
		if (q->query_parameter_match_specifier_case !=
		    ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH)
			continue;
		int r = build_string_match(x, q->string_match, &ret->queries[i].value, e);
		if (r < 0)
			return err_wrap(e, r, "query_parameters[%zu]", i);
	}
	return 0;
}

static int match_metadata(struct build_ctx *x, const ROUTE(RouteMatch) * m, struct route_match *ret, struct err *e)
{
	ret->n_metadata = m->n_dynamic_metadata;
	ret->metadata = ARENA_NEW_N(x->out, struct match_metadata, ret->n_metadata);
	for (size_t i = 0; i < ret->n_metadata; i++) {
		int r = build_metadata_match(x, m->dynamic_metadata[i], &ret->metadata[i], e);

		if (r < 0)
			return err_wrap(e, r, "dynamic_metadata[%zu]", i);
	}
	return 0;
}

int build_route_match(struct build_ctx *x, const ROUTE(RouteMatch) * m, struct route_match *ret, struct err *e)
{
	int r;

	*ret = (struct route_match){.ignore_case = !build_bool(m ? m->case_sensitive : NULL, true)};
	if (!m)
		return err_set(e, -EINVAL, "match is missing");
	if (m->tls_context || m->n_filter_state)
		return UNSUPPORTED(e, "matching by tls_context or filter_state");
	r = match_path(x, m, ret, e);
	if (r < 0)
		return r;
	ret->grpc_only = m->grpc != NULL;
	if (m->runtime_fraction && m->runtime_fraction->default_value)
		build_fraction(m->runtime_fraction->default_value, &ret->fraction);
	r = build_header_matches(x, m->headers, m->n_headers, &ret->headers, e);
	ret->n_headers = m->n_headers;
	if (r == 0)
		r = match_metadata(x, m, ret, e);
	return r < 0 ? r : match_queries(x, m, ret, e);
}

/* ---- header changes ---- */

static int header_add(struct build_ctx *x, const CORE(HeaderValueOption) * m, struct route_header_add *ret,
		      struct err *e)
{
	static const enum route_header_action actions[] = {ROUTE_HEADER_APPEND, ROUTE_HEADER_ADD_IF_ABSENT,
							   ROUTE_HEADER_OVERWRITE, ROUTE_HEADER_OVERWRITE_IF_EXISTS};
	struct slice value;

	if (!m->header || !m->header->key[0])
		return err_set(e, -EINVAL, "header has no name");
	if ((size_t)m->append_action >= ARRAY_LEN(actions))
		return err_set(e, -EINVAL, "append_action: unknown value");
	ret->name = build_lower(x, m->header->key);
	ret->action = actions[m->append_action];
	if (m->append && m->append_action)
		return err_set(e, -EINVAL, "append and append_action exclude one another");
	if (m->append && !m->append->value) /* as it was said before there was append_action */
		ret->action = actions
			[ENVOY__CONFIG__CORE__V3__HEADER_VALUE_OPTION__HEADER_APPEND_ACTION__OVERWRITE_IF_EXISTS_OR_ADD];
	ret->keep_empty = m->keep_empty_value;
	value = m->header->raw_value.len ? slice_make(m->header->raw_value.data, m->header->raw_value.len)
					 : slice_str(m->header->value);
	int r = format_parse(x->out, value, &ret->value, e);
	return r < 0 ? err_wrap(e, r, "header %s", m->header->key) : 0;
}

static int header_adds(struct build_ctx *x, CORE(HeaderValueOption) * *v, size_t n, struct route_header_add **ret,
		       struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct route_header_add, n);
	for (size_t i = 0; i < n; i++) {
		int r = header_add(x, v[i], &(*ret)[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}

static struct slice *header_removes(struct build_ctx *x, char **v, size_t n)
{
	struct slice *ret = ARENA_NEW_N(x->out, struct slice, n);

	for (size_t i = 0; i < n; i++)
		ret[i] = build_lower(x, v[i]);
	return ret;
}

int build_headers(struct build_ctx *x, CORE(HeaderValueOption) * *request_add, size_t n_request_add,
		  char **request_remove, size_t n_request_remove, CORE(HeaderValueOption) * *response_add,
		  size_t n_response_add, char **response_remove, size_t n_response_remove,
		  const struct route_headers **ret, struct err *e)
{
	struct route_headers *h;
	int r;

	*ret = NULL;
	if (!n_request_add && !n_request_remove && !n_response_add && !n_response_remove)
		return 0;
	h = ARENA_NEW(x->out, struct route_headers);
	h->n_request_add = n_request_add;
	h->n_response_add = n_response_add;
	h->n_request_remove = n_request_remove;
	h->n_response_remove = n_response_remove;
	h->request_remove = header_removes(x, request_remove, n_request_remove);
	h->response_remove = header_removes(x, response_remove, n_response_remove);
	r = header_adds(x, request_add, n_request_add, &h->request_add, e);
	if (r < 0)
		return err_wrap(e, r, "request_headers_to_add");
	r = header_adds(x, response_add, n_response_add, &h->response_add, e);
	if (r < 0)
		return err_wrap(e, r, "response_headers_to_add");
	*ret = h;
	return 0;
}
