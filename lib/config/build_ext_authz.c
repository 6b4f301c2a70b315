/* The filter ext_authz. */
#include "config/build_internal.h"
#include "config/config_ext_authz.h"

#include "envoy/extensions/filters/http/ext_authz/v3/ext_authz.pb-c.h"
#include "envoy/extensions/filters/network/ext_authz/v3/ext_authz.pb-c.h"

#define PB(T) Envoy__Extensions__Filters__Http__ExtAuthz__V3__##T
#define NETPB(T) Envoy__Extensions__Filters__Network__ExtAuthz__V3__##T
#define TIMEOUT_DEFAULT_NS 200000000LL

static int names(struct build_ctx *x, const MATCHER(ListStringMatcher) * m, struct ext_authz_names *ret, struct err *e)
{
	if (!m)
		return 0;
	ret->n = m->n_patterns;
	ret->v = ARENA_NEW_N(x->out, struct match_string, ret->n);
	for (size_t i = 0; i < ret->n; i++) {
		int r = build_string_match(x, m->patterns[i], &ret->v[i], e);

		if (r < 0)
			return err_wrap(e, r, "patterns[%zu]", i);
		ret->v[i].ignore_case = true; /* names of headers */
	}
	return 0;
}

static int pairs(struct build_ctx *x, CORE(HeaderValue) * *v, size_t n, struct filter_ext_authz *ret, struct err *e)
{
	ret->n_add = n;
	ret->add = ARENA_NEW_N(x->out, struct ext_authz_pair, n);
	for (size_t i = 0; i < n; i++) {
		if (!slice_is_token(slice_str(v[i]->key)))
			return err_set(e, -EINVAL, "'%s' is no header's name", v[i]->key);
		ret->add[i] = (struct ext_authz_pair){build_lower(x, v[i]->key), build_slice(x, v[i]->value)};
	}
	return 0;
}

static int grpc(struct build_ctx *x, const CORE(GrpcService) * m, struct filter_ext_authz *ret, struct err *e)
{
	if (!m->envoy_grpc || !m->envoy_grpc->cluster_name[0])
		return err_set(e, -EINVAL, "grpc_service: envoy_grpc: cluster_name is missing");
	ret->grpc = true;
	ret->cluster = build_cluster_ref(x, m->envoy_grpc->cluster_name);
	ret->authority =
		build_slice(x, m->envoy_grpc->authority[0] ? m->envoy_grpc->authority : m->envoy_grpc->cluster_name);
	ret->timeout_ns = pb_duration_to_ns(m->timeout, TIMEOUT_DEFAULT_NS);
	return pairs(x, m->initial_metadata, m->n_initial_metadata, ret, e);
}

static int answer_names(struct build_ctx *x, const PB(AuthorizationResponse) * m, struct filter_ext_authz *ret,
			struct err *e)
{
	int r = 0;

	if (!m)
		return 0;
	r = names(x, m->allowed_upstream_headers, &ret->to_upstream, e);
	if (r == 0)
		r = names(x, m->allowed_upstream_headers_to_append, &ret->to_upstream_append, e);
	if (r == 0)
		r = names(x, m->allowed_client_headers, &ret->to_client, e);
	if (r == 0)
		r = names(x, m->allowed_client_headers_on_success, &ret->to_client_on_success, e);
	return r;
}

static int http(struct build_ctx *x, const PB(HttpService) * m, struct filter_ext_authz *ret, struct err *e)
{
	const CORE(HttpUri) *u = m->server_uri;
	int r = 0;

	if (!u || !u->cluster || !u->cluster[0])
		return err_set(e, -EINVAL, "http_service: server_uri: cluster is missing");
	if (m->path_prefix[0] && m->path_prefix[0] != '/')
		return err_set(e, -EINVAL, "http_service: path_prefix must begin with /");
	ret->cluster = build_cluster_ref(x, u->cluster);
	ret->timeout_ns = pb_duration_to_ns(u->timeout, TIMEOUT_DEFAULT_NS);
	ret->path_prefix = build_slice(x, m->path_prefix);
	if (m->authorization_request) {
		ret->says_allowed |= m->authorization_request->allowed_headers != NULL;
		r = names(x, m->authorization_request->allowed_headers, &ret->allowed, e);
		if (r == 0)
			r = pairs(x, m->authorization_request->headers_to_add,
				  m->authorization_request->n_headers_to_add, ret, e);
	}
	return r < 0 ? r : answer_names(x, m->authorization_response, ret, e);
}

static int service(struct build_ctx *x, const PB(ExtAuthz) * m, struct filter_ext_authz *ret, struct err *e)
{
	switch (m->services_case) {
	case ENVOY__EXTENSIONS__FILTERS__HTTP__EXT_AUTHZ__V3__EXT_AUTHZ__SERVICES_GRPC_SERVICE:
		return grpc(x, m->grpc_service, ret, e);
	case ENVOY__EXTENSIONS__FILTERS__HTTP__EXT_AUTHZ__V3__EXT_AUTHZ__SERVICES_HTTP_SERVICE:
		return http(x, m->http_service, ret, e);
	default:
		return err_set(e, -EINVAL, "grpc_service or http_service is needed");
	}
}

static int enabled(struct build_ctx *x, const MATCHER(MetadataMatcher) * m, struct filter_ext_authz *ret, struct err *e)
{
	struct match_metadata *how;

	if (!m)
		return 0;
	how = ARENA_NEW(x->out, struct match_metadata);
	ret->enabled = how;
	return build_metadata_match(x, m, how, e);
}

static int which_requests(struct build_ctx *x, const PB(ExtAuthz) * m, struct filter_ext_authz *ret, struct err *e)
{
	ret->fraction = (struct route_fraction){100, 100};
	if (m->filter_enabled && m->filter_enabled->default_value)
		build_fraction(m->filter_enabled->default_value, &ret->fraction);
	ret->deny_at_disable = m->deny_at_disable && build_bool(m->deny_at_disable->default_value, false);
	return enabled(x, m->filter_enabled_metadata, ret, e);
}

static int body(const PB(BufferSettings) * m, struct filter_ext_authz *ret, struct err *e)
{
	if (!m)
		return 0;
	if (!m->max_request_bytes || m->max_request_bytes > CONFIG_EXT_AUTHZ_BODY_MAX)
		return err_set(e, -EINVAL, "with_request_body: max_request_bytes must be 1..%u",
			       CONFIG_EXT_AUTHZ_BODY_MAX);
	ret->body_max = m->max_request_bytes;
	ret->body_partial = m->allow_partial_message;
	ret->body_raw = m->pack_as_bytes;
	return 0;
}

int build_ext_authz(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const PB(ExtAuthz) *m =
		build_any(x, any, &envoy__extensions__filters__http__ext_authz__v3__ext_authz__descriptor, e);
	struct filter_ext_authz *f = ARENA_NEW(x->out, struct filter_ext_authz);
	int r = m ? service(x, m, f, e) : -EINVAL;

	if (r == 0)
		r = which_requests(x, m, f, e);
	if (r == 0)
		r = body(m->with_request_body, f, e);
	if (r == 0 && m->allowed_headers) {
		f->says_allowed = true;
		r = names(x, m->allowed_headers, &f->allowed, e);
	}
	if (r == 0)
		r = names(x, m->disallowed_headers, &f->disallowed, e);
	if (r < 0)
		return r;
	f->failure_allow = m->failure_mode_allow;
	f->failure_header = m->failure_mode_allow_header_add;
	f->error_status = m->status_on_error ? (uint16_t)m->status_on_error->code : 0;
	f->clear_route_cache = m->clear_route_cache;
	if (f->error_status && (f->error_status < 200 || f->error_status > 599))
		return err_set(e, -EINVAL, "status_on_error: code must be 200..599");
	*ret = f;
	return 0;
}

int build_ext_authz_per_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const PB(ExtAuthzPerRoute) *m =
		build_any(x, any, &envoy__extensions__filters__http__ext_authz__v3__ext_authz_per_route__descriptor, e);
	struct ext_authz_override *o = ARENA_NEW(x->out, struct ext_authz_override);
	const PB(CheckSettings) *c = NULL;

	if (!m)
		return -EINVAL;
	if (m->override_case == ENVOY__EXTENSIONS__FILTERS__HTTP__EXT_AUTHZ__V3__EXT_AUTHZ_PER_ROUTE__OVERRIDE_DISABLED)
		o->disabled = m->disabled;
	else if (m->override_case ==
		 ENVOY__EXTENSIONS__FILTERS__HTTP__EXT_AUTHZ__V3__EXT_AUTHZ_PER_ROUTE__OVERRIDE_CHECK_SETTINGS)
		c = m->check_settings;
	else
		return err_set(e, -EINVAL, "disabled or check_settings is needed");
	o->no_body = c && c->disable_request_body_buffering;
	o->n_context = c ? c->n_context_extensions : 0;
	o->context = ARENA_NEW_N(x->out, struct ext_authz_pair, o->n_context);
	for (size_t i = 0; i < o->n_context; i++)
		o->context[i] = (struct ext_authz_pair){build_slice(x, c->context_extensions[i]->key),
							build_slice(x, c->context_extensions[i]->value)};
	*ret = o;
	return 0;
}

int build_network_ext_authz(struct build_ctx *x, const Google__Protobuf__Any *any, const struct filter_ext_authz **ret,
			    struct err *e)
{
	const NETPB(ExtAuthz) *m =
		build_any(x, any, &envoy__extensions__filters__network__ext_authz__v3__ext_authz__descriptor, e);
	struct filter_ext_authz *f = ARENA_NEW(x->out, struct filter_ext_authz);
	int r;

	if (!m)
		return -EINVAL;
	if (!m->grpc_service)
		return err_set(e, -EINVAL, "grpc_service is missing");
	f->failure_allow = m->failure_mode_allow;
	r = grpc(x, m->grpc_service, f, e);
	if (r == 0)
		r = enabled(x, m->filter_enabled_metadata, f, e);
	*ret = f;
	return r;
}
