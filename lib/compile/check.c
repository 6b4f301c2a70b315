/*
 * What a proxy would refuse in a route: asked before the route stands in a table, since a proxy refuses whole tables.
 * Admission refuses most of it; objects from before, and rules that only a proxy has, are left.
 */
#include "compile/gen.h"

#include <stdio.h>

#include "envoy/extensions/filters/http/fault/v3/fault.pb-c.h"
#include "mesh/protocol.h"
#include "mesh/retry.h"
#include "route/format.h"
#include "route/match.h"

#define ROUTE(x) ENVOY__CONFIG__ROUTE__V3__##x

struct check {
	struct gen *g;
	const char *field; /* of the rule */
	const char *text;  /* NULL: nothing wrong yet */
};

__attribute__((format(printf, 3, 4))) static bool wrong(struct check *c, const char *field, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->field = field;
	c->text = arena_strdup(c->g->arena, text);
	return false;
}

/* Compiling is dear and many views ask: answers are kept as long as the cache. */
static const char *regex_fault(struct gen *g, const char *text)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct arena *keep = g->cache ? &g->cache->arena : &a;
	const char *known = g->cache ? map_get(&g->cache->regexes, slice_str(text)) : NULL;
	const struct regex *re;
	struct err e = ERR_INIT;

	if (!known) {
		known = !*text                                         ? "regex is empty"
			: regex_new(&a, slice_str(text), &re, &e) == 0 ? ""
								       : arena_strdup(keep, e.msg);
		if (g->cache)
			map_set(&g->cache->regexes, slice_str(arena_strdup(keep, text)), (void *)known);
	}
	return *known ? arena_strdup(g->arena, known) : NULL;
}

static bool string_ok(struct check *c, const char *field, const pb_string_matcher *m)
{
	const char *fault = m->match_pattern_case == ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SAFE_REGEX
				    ? regex_fault(c->g, m->safe_regex->regex)
				    : NULL;

	return fault ? wrong(c, field, "%s", fault) : true;
}

static bool match_ok(struct check *c, const pb_route_match *m)
{
	const char *fault = m->path_specifier_case == ROUTE(ROUTE_MATCH__PATH_SPECIFIER_SAFE_REGEX)
				    ? regex_fault(c->g, m->safe_regex->regex)
				    : NULL;

	if (fault)
		return wrong(c, ".uri.regex", "%s", fault);
	for (size_t i = 0; i < m->n_headers; i++) {
		const pb_header_matcher *h = m->headers[i];

		if (!*h->name)
			return wrong(c, ".headers", "a header has no name");
		if (h->header_match_specifier_case == ROUTE(HEADER_MATCHER__HEADER_MATCH_SPECIFIER_STRING_MATCH) &&
		    !string_ok(c,
			       h->name[0] == ':' ? arena_printf(c->g->arena, ".%s", h->name + 1)
						 : arena_printf(c->g->arena, ".headers[%s]", h->name),
			       h->string_match))
			return false;
	}
	for (size_t i = 0; i < m->n_query_parameters; i++) {
		const pb_query_matcher *q = m->query_parameters[i];

		if (!*q->name)
			return wrong(c, ".queryParams", "a parameter has no name");
		if (q->query_parameter_match_specifier_case ==
			    ROUTE(QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH) &&
		    !string_ok(c, arena_printf(c->g->arena, ".queryParams[%s]", q->name), q->string_match))
			return false;
	}
	return true;
}

/* RFC 9110, 5.6.2; and what says where a request goes is no header to be changed. */
static bool name_ok(struct check *c, const char *field, const char *name)
{
	if (!*name)
		return wrong(c, field, "a header has no name");
	if (strcasecmp(name, "host") == 0)
		return wrong(c, field, "the header Host cannot be changed here");
	if (!slice_is_token(slice_str(name)))
		return wrong(c, field, "\"%.100s\" is no name of a header", name);
	return true;
}

static bool adds_ok(struct check *c, const char *field, pb_header_option *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *at = arena_printf(c->g->arena, "%s[%s]", field, v[i]->header->key);
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct format f;
		struct err e = ERR_INIT;

		if (!name_ok(c, at, v[i]->header->key))
			return false;
		if (strpbrk(v[i]->header->value, "\r\n"))
			return wrong(c, at, "a header's value has one line");
		if (format_parse(&a, slice_str(v[i]->header->value), &f, &e) < 0)
			return wrong(c, at, "%s; a percent sign is written %%%%", e.msg);
	}
	return true;
}

static bool removes_ok(struct check *c, const char *field, char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!name_ok(c, arena_printf(c->g->arena, "%s[%zu]", field, i), v[i]))
			return false;
	return true;
}

/* Of anything that has the four fields. */
#define HEADERS_OK(c, at, m)                                                                                           \
	(adds_ok((c), arena_printf((c)->g->arena, "%s.headers.request", (at)), (m)->request_headers_to_add,            \
		 (m)->n_request_headers_to_add) &&                                                                     \
	 adds_ok((c), arena_printf((c)->g->arena, "%s.headers.response", (at)), (m)->response_headers_to_add,          \
		 (m)->n_response_headers_to_add) &&                                                                    \
	 removes_ok((c), arena_printf((c)->g->arena, "%s.headers.request.remove", (at)),                               \
		    (m)->request_headers_to_remove, (m)->n_request_headers_to_remove) &&                               \
	 removes_ok((c), arena_printf((c)->g->arena, "%s.headers.response.remove", (at)),                              \
		    (m)->response_headers_to_remove, (m)->n_response_headers_to_remove))

static bool weights_ok(struct check *c, const pb_weighted *w)
{
	uint64_t total = 0;

	for (size_t i = 0; i < w->n_clusters; i++) {
		total += w->clusters[i]->weight->value;
		if (!HEADERS_OK(c, arena_printf(c->g->arena, ".route[%zu]", i), w->clusters[i]))
			return false;
	}
	if (!total)
		return wrong(c, ".route", "no destination has a weight");
	if (total > UINT32_MAX)
		return wrong(c, ".route", "the weights are more than %u together", UINT32_MAX);
	return true;
}

static bool duration_ok(struct check *c, const char *field, const Google__Protobuf__Duration *d)
{
	return d && (d->seconds < 0 || d->nanos < 0) ? wrong(c, field, "a duration cannot be negative") : true;
}

static bool action_ok(struct check *c, const pb_route_action *x)
{
	struct slice retry_on = slice_str(x->retry_policy ? x->retry_policy->retry_on : NULL);

	if (x->cluster_specifier_case == ROUTE(ROUTE_ACTION__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS) &&
	    !weights_ok(c, x->weighted_clusters))
		return false;
	if (x->regex_rewrite) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *pattern = x->regex_rewrite->pattern->regex, *fault = regex_fault(c->g, pattern);
		const struct regex *re;
		struct err e = ERR_INIT;

		if (fault)
			return wrong(c, ".rewrite.uriRegexRewrite.match", "%s", fault);
		if (regex_new(&a, slice_str(pattern), &re, &e) < 0 ||
		    regex_check_substitution(re, slice_str(x->regex_rewrite->substitution), &e) < 0)
			return wrong(c, ".rewrite.uriRegexRewrite.rewrite", "%s", e.msg);
	}
	while (retry_on.len) {
		const struct slice one = slice_trim(slice_split(&retry_on, ','));

		if (one.len && !retry_condition_known(one))
			return wrong(c, ".retries.retryOn", "\"%.*s\" is not known", SLICE_ARG(one));
	}
	return duration_ok(c, ".timeout", x->timeout) &&
	       duration_ok(c, ".retries.perTryTimeout", x->retry_policy ? x->retry_policy->per_try_timeout : NULL);
}

static bool direct_ok(struct check *c, const pb_direct *d)
{
	if (d->status < 200 || d->status > 599)
		return wrong(c, ".directResponse.status", "%u is not in range 200..599", d->status);
	if (d->body && strlen(d->body->inline_string) > GEN_BODY_MAX_BYTES)
		return wrong(c, ".directResponse.body", "the body has more than %d bytes", GEN_BODY_MAX_BYTES);
	return true;
}

#define ABORT_BY(x) ENVOY__EXTENSIONS__FILTERS__HTTP__FAULT__V3__FAULT_ABORT__ERROR_TYPE_##x
#define FIXED_DELAY ENVOY__EXTENSIONS__FILTERS__COMMON__FAULT__V3__FAULT_DELAY__FAULT_DELAY_SECIFIER_FIXED_DELAY

static bool fault_ok(struct check *c, const pb_fault *f)
{
	if (f->abort && f->abort->error_type_case == ABORT_BY(HTTP_STATUS) &&
	    (f->abort->http_status < 200 || f->abort->http_status > 599))
		return wrong(c, ".fault.abort.httpStatus", "%u is not in range 200..599", f->abort->http_status);
	if (f->abort && f->abort->error_type_case == ABORT_BY(GRPC_STATUS) &&
	    f->abort->grpc_status > PROTOCOL_GRPC_STATUS_MAX)
		return wrong(c, ".fault.abort.grpcStatus", "it is no status of gRPC, such as NOT_FOUND");
	return f->delay && f->delay->fault_delay_secifier_case == FIXED_DELAY
		       ? duration_ok(c, ".fault.delay.fixedDelay", f->delay->fixed_delay)
		       : true;
}

static bool cors_ok(struct check *c, const pb_cors_policy *p)
{
	for (size_t i = 0; i < p->n_allow_origin_string_match; i++)
		if (!string_ok(c, arena_printf(c->g->arena, ".corsPolicy.allowOrigins[%zu]", i),
			       p->allow_origin_string_match[i]))
			return false;
	return true;
}

static bool filters_ok(struct check *c, const pb_route *r)
{
	for (size_t i = 0; i < r->n_typed_per_filter_config; i++) {
		const Google__Protobuf__Any *any = r->typed_per_filter_config[i]->value;
		const pb_fault *f = pb_any_unpack(c->g->arena, any,
						  &envoy__extensions__filters__http__fault__v3__httpfault__descriptor);
		const pb_cors_policy *p = pb_any_unpack(
			c->g->arena, any, &envoy__extensions__filters__http__cors__v3__cors_policy__descriptor);

		if ((f && !fault_ok(c, f)) || (p && !cors_ok(c, p)))
			return false;
	}
	return true;
}

const char *gen_match_fault(struct gen *g, const pb_route *r, const char **ret_field)
{
	struct check c = {.g = g};

	match_ok(&c, r->match);
	*ret_field = c.field;
	return c.text;
}

const char *gen_route_fault(struct gen *g, const pb_route *r, const char **ret_field)
{
	struct check c = {.g = g};

	if (HEADERS_OK(&c, "", r) && (r->action_case != ROUTE(ROUTE__ACTION_ROUTE) || action_ok(&c, r->route)) &&
	    (r->action_case != ROUTE(ROUTE__ACTION_DIRECT_RESPONSE) || direct_ok(&c, r->direct_response)))
		filters_ok(&c, r);
	*ret_field = c.field;
	return c.text;
}
