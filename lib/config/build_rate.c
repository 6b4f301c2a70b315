/* Rate limits: the rules of routes, token buckets, and the filters that look at them. */
#include <stdlib.h>

#include "base/clock.h"
#include "config/build_internal.h"

#include "envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit.pb-c.h"
#include "envoy/extensions/filters/http/ratelimit/v3/rate_limit.pb-c.h"
#include "envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit.pb-c.h"

#define RATE(T) Envoy__Config__Route__V3__RateLimit__##T
#define LOCAL(T) Envoy__Extensions__Filters__Http__LocalRatelimit__V3__##T
#define GLOBAL(T) Envoy__Extensions__Filters__Http__Ratelimit__V3__##T
#define COMMON(T) Envoy__Extensions__Common__Ratelimit__V3__##T

/* As Envoy: a bucket that is filled more often is refused. */
#define FILL_MIN_NS (50 * NS_PER_MS)
#define STATUS_LIMITED 429
#define STATUS_ERROR 500
#define SERVICE_TIMEOUT_NS (20 * NS_PER_MS)

/* ---- buckets ---- */

static int bucket(struct build_ctx *x, const TYPE(TokenBucket) * m, struct token_bucket **ret, struct err *e)
{
	const int64_t interval_ns = m ? pb_duration_to_ns(m->fill_interval, 0) : 0;

	if (!m)
		return 0;
	if (!m->max_tokens)
		return err_set(e, -EINVAL, "token_bucket: max_tokens must be greater than 0");
	if (m->tokens_per_fill && !m->tokens_per_fill->value)
		return err_set(e, -EINVAL, "token_bucket: tokens_per_fill must be greater than 0");
	if (interval_ns < FILL_MIN_NS)
		return err_set(e, -EINVAL, "token_bucket: fill_interval must be at least 0.05s");
	*ret = ARENA_NEW(x->out, struct token_bucket);
	token_bucket_init(*ret, m->max_tokens, build_u32(m->tokens_per_fill, 1), interval_ns);
	return 0;
}

/* ---- rules ---- */

static int queries(struct build_ctx *x, ROUTE(QueryParameterMatcher) * *v, size_t n, struct rate_action *a,
		   struct err *e)
{
	a->n_queries = n;
	a->queries = ARENA_NEW_N(x->out, struct match_query, n);
	for (size_t i = 0; i < n; i++) {
		int r;

		a->queries[i].name = build_slice(x, v[i]->name);
		a->queries[i].value.kind = MATCH_PRESENT;
		if (v[i]->query_parameter_match_specifier_case !=
		    ENVOY__CONFIG__ROUTE__V3__QUERY_PARAMETER_MATCHER__QUERY_PARAMETER_MATCH_SPECIFIER_STRING_MATCH)
			continue;
		r = build_string_match(x, v[i]->string_match, &a->queries[i].value, e);
		if (r < 0)
			return err_wrap(e, r, "query_parameters[%zu]", i);
	}
	return 0;
}

static struct slice key_or(struct build_ctx *x, const char *given, const char *usual)
{
	return build_slice(x, given[0] ? given : usual);
}

static int masked_address(const RATE(Action__MaskedRemoteAddress) * m, struct rate_action *a, struct err *e)
{
	const uint32_t v4 = build_u32(m->v4_prefix_mask_len, 32), v6 = build_u32(m->v6_prefix_mask_len, 128);

	if (v4 > 32 || v6 > 128)
		return err_set(e, -EINVAL, "masked_remote_address: a mask has at most 32 or 128 bits");
	a->kind = RATE_MASKED_ADDRESS;
	a->v4_bits = (uint8_t)v4;
	a->v6_bits = (uint8_t)v6;
	return 0;
}

static int header_match(struct build_ctx *x, const RATE(Action__HeaderValueMatch) * m, struct rate_action *a,
			struct err *e)
{
	a->kind = RATE_HEADER_MATCH;
	a->key = key_or(x, m->descriptor_key, "header_match");
	a->value = build_slice(x, m->descriptor_value);
	a->expect_match = build_bool(m->expect_match, true);
	a->n_headers = m->n_headers;
	return build_header_matches(x, m->headers, m->n_headers, &a->headers, e);
}

static int query_match(struct build_ctx *x, const RATE(Action__QueryParameterValueMatch) * m, struct rate_action *a,
		       struct err *e)
{
	a->kind = RATE_QUERY_MATCH;
	a->key = key_or(x, m->descriptor_key, "query_match");
	a->value = build_slice(x, m->descriptor_value);
	a->expect_match = build_bool(m->expect_match, true);
	return queries(x, m->query_parameters, m->n_query_parameters, a, e);
}

static int action(struct build_ctx *x, const RATE(Action) * m, struct rate_action *a, struct err *e)
{
	switch (m->action_specifier_case) {
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_SOURCE_CLUSTER:
		a->kind = RATE_SOURCE_CLUSTER;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_DESTINATION_CLUSTER:
		a->kind = RATE_DESTINATION_CLUSTER;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_REMOTE_ADDRESS:
		a->kind = RATE_REMOTE_ADDRESS;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_MASKED_REMOTE_ADDRESS:
		return masked_address(m->masked_remote_address, a, e);
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_REQUEST_HEADERS:
		a->kind = RATE_REQUEST_HEADER;
		a->name = build_lower(x, m->request_headers->header_name);
		a->key = build_slice(x, m->request_headers->descriptor_key);
		a->skip_if_absent = m->request_headers->skip_if_absent;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_QUERY_PARAMETERS:
		a->kind = RATE_QUERY_PARAMETER;
		a->name = build_slice(x, m->query_parameters->query_parameter_name);
		a->key = build_slice(x, m->query_parameters->descriptor_key);
		a->skip_if_absent = m->query_parameters->skip_if_absent;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_GENERIC_KEY:
		a->kind = RATE_GENERIC_KEY;
		a->key = key_or(x, m->generic_key->descriptor_key, "generic_key");
		a->value = build_slice(x, m->generic_key->descriptor_value);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_HEADER_VALUE_MATCH:
		return header_match(x, m->header_value_match, a, e);
	case ENVOY__CONFIG__ROUTE__V3__RATE_LIMIT__ACTION__ACTION_SPECIFIER_QUERY_PARAMETER_VALUE_MATCH:
		return query_match(x, m->query_parameter_value_match, a, e);
	default:
		return err_set(e, -EINVAL, "this kind of action is not supported");
	}
}

static int rule(struct build_ctx *x, const ROUTE(RateLimit) * m, struct rate_limit *ret, struct err *e)
{
	const uint32_t stage = build_u32(m->stage, 0);

	if (stage > RATE_STAGE_MAX)
		return err_set(e, -EINVAL, "stage must be at most %d", RATE_STAGE_MAX);
	if (!m->n_actions || m->n_actions > RATE_ENTRIES_MAX)
		return err_set(e, -EINVAL, "actions: there must be 1 to %d", RATE_ENTRIES_MAX);
	ret->stage = (uint8_t)stage;
	ret->actions = ARENA_NEW_N(x->out, struct rate_action, m->n_actions);
	for (size_t i = 0; i < m->n_actions; i++) {
		int r = action(x, m->actions[i], &ret->actions[ret->n_actions++], e);

		if (r < 0)
			return err_wrap(e, r, "actions[%zu]", i);
	}
	return 0;
}

int build_rate_limits(struct build_ctx *x, ROUTE(RateLimit) * *v, size_t n, struct rate_limit **ret, struct err *e)
{
	*ret = ARENA_NEW_N(x->out, struct rate_limit, n);
	for (size_t i = 0; i < n; i++) {
		int r = rule(x, v[i], &(*ret)[i], e);

		if (r < 0)
			return err_wrap(e, r, "rate_limits[%zu]", i);
	}
	return 0;
}

/* ---- what both filters have ---- */

static struct route_fraction fraction_or(const CORE(RuntimeFractionalPercent) * m, uint32_t percent)
{
	struct route_fraction ret = {percent, 100};

	if (m && m->default_value)
		build_fraction(m->default_value, &ret);
	return ret;
}

/* Less than 400 would be no refusal. */
static uint16_t status_or(const TYPE(HttpStatus) * m, uint16_t usual)
{
	return m && m->code >= 400 && m->code <= 599 ? (uint16_t)m->code : usual;
}

static int stage_of(uint32_t stage, uint8_t *ret, struct err *e)
{
	if (stage > RATE_STAGE_MAX)
		return err_set(e, -EINVAL, "stage must be at most %d", RATE_STAGE_MAX);
	*ret = (uint8_t)stage;
	return 0;
}

/* ---- local ---- */

static int local_rule(struct build_ctx *x, const COMMON(LocalRateLimitDescriptor) * m, struct local_rate_rule *ret,
		      struct err *e)
{
	ret->n_entries = m->n_entries;
	ret->entries = ARENA_NEW_N(x->out, struct rate_entry, m->n_entries);
	if (!m->n_entries || !m->token_bucket)
		return err_set(e, -EINVAL, "%s is missing", m->n_entries ? "token_bucket" : "entries");
	for (size_t i = 0; i < m->n_entries; i++) {
		if (!m->entries[i]->key[0] || !m->entries[i]->value[0])
			return err_set(e, -EINVAL, "entries[%zu]: key and value must not be empty", i);
		ret->entries[i] =
			(struct rate_entry){build_slice(x, m->entries[i]->key), build_slice(x, m->entries[i]->value)};
	}
	return bucket(x, m->token_bucket, &ret->bucket, e);
}

static int by_speed(const void *a, const void *b)
{
	const struct local_rate_rule *x = a, *y = b;

	return x->bucket->per_token_ns < y->bucket->per_token_ns   ? 1
	       : x->bucket->per_token_ns > y->bucket->per_token_ns ? -1
								   : 0;
}

static int local_rules(struct build_ctx *x, const LOCAL(LocalRateLimit) * m, struct filter_local_rate *f, struct err *e)
{
	f->rules = ARENA_NEW_N(x->out, struct local_rate_rule, m->n_descriptors);
	for (size_t i = 0; i < m->n_descriptors; i++) {
		int r = local_rule(x, m->descriptors[i], &f->rules[f->n_rules++], e);

		if (r < 0)
			return err_wrap(e, r, "descriptors[%zu]", i);
	}
	if (f->n_rules)
		qsort(f->rules, f->n_rules, sizeof(*f->rules), by_speed);
	return 0;
}

int build_local_rate(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const LOCAL(LocalRateLimit) *m = build_any(
		x, any, &envoy__extensions__filters__http__local_ratelimit__v3__local_rate_limit__descriptor, e);
	struct filter_local_rate *f = ARENA_NEW(x->out, struct filter_local_rate);
	int r = m ? bucket(x, m->token_bucket, &f->bucket, e) : -EINVAL;

	if (r == 0)
		r = stage_of(m->stage, &f->stage, e);
	if (r == 0)
		r = local_rules(x, m, f, e);
	if (r == 0)
		r = build_rate_limits(x, m->rate_limits, m->n_rate_limits, &f->rates, e);
	if (r == 0)
		r = build_headers(x, m->request_headers_to_add_when_not_enforced,
				  m->n_request_headers_to_add_when_not_enforced, NULL, 0, m->response_headers_to_add,
				  m->n_response_headers_to_add, NULL, 0, &f->headers, e);
	if (r < 0)
		return r;
	f->n_rates = m->n_rate_limits;
	f->stat_prefix = build_str(x, m->stat_prefix);
	f->status = status_or(m->status, STATUS_LIMITED);
	f->enabled = fraction_or(m->filter_enabled, 0);
	f->enforced = fraction_or(m->filter_enforced, 0);
	f->vhost = (enum rate_vhost)m->vh_rate_limits;
	f->always_default = build_bool(m->always_consume_default_token_bucket, true);
	f->tell = m->enable_x_ratelimit_headers != 0;
	f->exhausted = m->rate_limited_as_resource_exhausted;
	*ret = f;
	return 0;
}

int build_network_rate(struct build_ctx *x, const Google__Protobuf__Any *any, struct token_bucket **ret, struct err *e)
{
	const Envoy__Extensions__Filters__Network__LocalRatelimit__V3__LocalRateLimit *m = build_any(
		x, any, &envoy__extensions__filters__network__local_ratelimit__v3__local_rate_limit__descriptor, e);

	if (!m)
		return -EINVAL;
	if (!m->token_bucket)
		return err_set(e, -EINVAL, "token_bucket is missing");
	if (m->runtime_enabled && !build_bool(m->runtime_enabled->default_value, true))
		return 0;
	return bucket(x, m->token_bucket, ret, e);
}

/* ---- global ---- */

static int service(struct build_ctx *x, const GLOBAL(RateLimit) * m, struct filter_global_rate *f, struct err *e)
{
	const CORE(GrpcService) *g = m->rate_limit_service ? m->rate_limit_service->grpc_service : NULL;
	struct config_ref to;

	if (!g || g->target_specifier_case != ENVOY__CONFIG__CORE__V3__GRPC_SERVICE__TARGET_SPECIFIER_ENVOY_GRPC ||
	    !g->envoy_grpc->cluster_name[0])
		return err_set(e, -EINVAL,
			       "rate_limit_service: grpc_service: envoy_grpc with a cluster_name is missing");
	if (g->n_initial_metadata)
		return UNSUPPORTED(e, "rate_limit_service: grpc_service: initial_metadata");
	to = config_names_get(x->names, CONFIG_NAME_CLUSTER, slice_str(g->envoy_grpc->cluster_name), x->out);
	f->service = (struct route_cluster){to.name, to.slot};
	f->authority = key_or(x, g->envoy_grpc->authority, g->envoy_grpc->cluster_name);
	return 0;
}

static int global(struct build_ctx *x, const GLOBAL(RateLimit) * m, struct filter_global_rate *f, struct err *e)
{
	int r = service(x, m, f, e);

	if (r == 0 && !m->domain[0])
		return err_set(e, -EINVAL, "domain is missing");
	if (r == 0 && m->request_type[0] && strcmp(m->request_type, "both") != 0)
		return err_set(e, -EINVAL, "request_type: '%s' is not supported", m->request_type);
	if (r == 0)
		r = stage_of(m->stage, &f->stage, e);
	if (r == 0)
		r = build_rate_limits(x, m->rate_limits, m->n_rate_limits, &f->rates, e);
	return r < 0 ? r
		     : build_headers(x, NULL, 0, NULL, 0, m->response_headers_to_add, m->n_response_headers_to_add,
				     NULL, 0, &f->headers, e);
}

int build_global_rate(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const GLOBAL(RateLimit) *m =
		build_any(x, any, &envoy__extensions__filters__http__ratelimit__v3__rate_limit__descriptor, e);
	struct filter_global_rate *f = ARENA_NEW(x->out, struct filter_global_rate);
	int r = m ? global(x, m, f, e) : -EINVAL;

	if (r < 0)
		return r;
	f->n_rates = m->n_rate_limits;
	f->domain = build_str(x, m->domain);
	f->timeout_ns = pb_duration_to_ns(m->timeout, SERVICE_TIMEOUT_NS);
	f->status = status_or(m->rate_limited_status, STATUS_LIMITED);
	f->error_status = status_or(m->status_on_error, STATUS_ERROR);
	f->enabled = fraction_or(m->filter_enabled, 100);
	f->enforced = fraction_or(m->filter_enforced, 100);
	f->deny_on_error = fraction_or(m->failure_mode_deny_percent, m->failure_mode_deny ? 100 : 0);
	f->tell = m->enable_x_ratelimit_headers != 0;
	f->exhausted = m->rate_limited_as_resource_exhausted;
	f->tell_limited = !m->disable_x_envoy_ratelimited_header;
	*ret = f;
	return 0;
}

int build_global_rate_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const GLOBAL(RateLimitPerRoute) *m = build_any(
		x, any, &envoy__extensions__filters__http__ratelimit__v3__rate_limit_per_route__descriptor, e);
	struct filter_global_rate_route *f = ARENA_NEW(x->out, struct filter_global_rate_route);
	int r = m ? build_rate_limits(x, m->rate_limits, m->n_rate_limits, &f->rates, e) : -EINVAL;

	if (r < 0)
		return r;
	f->n_rates = m->n_rate_limits;
	f->vhost = (enum rate_vhost)m->vh_rate_limits;
	f->domain = build_str(x, m->domain);
	*ret = f;
	return 0;
}
