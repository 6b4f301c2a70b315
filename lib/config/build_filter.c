/*
 * HTTP filters: one row per type that is understood, with the function that decodes it. A type that has no row is
 * refused with its name.
 */
#include "config/build_internal.h"
#include "config/config_jwt.h"

#include "envoy/extensions/filters/common/fault/v3/fault.pb-c.h"
#include "envoy/extensions/filters/http/cors/v3/cors.pb-c.h"
#include "envoy/extensions/filters/http/fault/v3/fault.pb-c.h"
#include "envoy/extensions/filters/http/grpc_stats/v3/config.pb-c.h"
#include "envoy/extensions/filters/http/rbac/v3/rbac.pb-c.h"
#include "envoy/extensions/filters/http/router/v3/router.pb-c.h"
#include "istio/alpn.pb-c.h"
#include "istio/metadata_exchange.pb-c.h"
#include "istio/peer_metadata.pb-c.h"

#define FAULT(T) Envoy__Extensions__Filters__Http__Fault__V3__##T
#define CORS(T) Envoy__Extensions__Filters__Http__Cors__V3__##T
#define ROUTER(T) Envoy__Extensions__Filters__Http__Router__V3__##T
#define HTTPRBAC(T) Envoy__Extensions__Filters__Http__Rbac__V3__##T
#define ALPN(T) Istio__Envoy__Config__Filter__Http__Alpn__V2alpha1__##T

typedef int decode_fn(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e);

/* ---- fault ---- */

static int fault_delay(const Envoy__Extensions__Filters__Common__Fault__V3__FaultDelay *d, struct filter_fault *f,
		       struct err *e)
{
	if (!d)
		return 0;
	build_fraction(d->percentage, &f->delay);
	switch (d->fault_delay_secifier_case) {
	case ENVOY__EXTENSIONS__FILTERS__COMMON__FAULT__V3__FAULT_DELAY__FAULT_DELAY_SECIFIER_FIXED_DELAY:
		f->delay_ns = pb_duration_to_ns(d->fixed_delay, 0);
		return 0;
	case ENVOY__EXTENSIONS__FILTERS__COMMON__FAULT__V3__FAULT_DELAY__FAULT_DELAY_SECIFIER_HEADER_DELAY:
		f->delay_by_header = true;
		return 0;
	default:
		return err_set(e, -EINVAL, "delay: neither fixed_delay nor header_delay");
	}
}

static int fault_abort(const FAULT(FaultAbort) * a, struct filter_fault *f, struct err *e)
{
	if (!a)
		return 0;
	build_fraction(a->percentage, &f->abort);
	switch (a->error_type_case) {
	case ENVOY__EXTENSIONS__FILTERS__HTTP__FAULT__V3__FAULT_ABORT__ERROR_TYPE_HTTP_STATUS:
		if (a->http_status < 200 || a->http_status > 599)
			return err_set(e, -EINVAL, "abort: http_status must be 200..599");
		f->abort_status = (uint16_t)a->http_status;
		return 0;
	case ENVOY__EXTENSIONS__FILTERS__HTTP__FAULT__V3__FAULT_ABORT__ERROR_TYPE_GRPC_STATUS:
		if (a->grpc_status > 16)
			return err_set(e, -EINVAL, "abort: grpc_status must be 0..16");
		f->abort_by_grpc = true;
		f->abort_grpc = (uint8_t)a->grpc_status;
		return 0;
	case ENVOY__EXTENSIONS__FILTERS__HTTP__FAULT__V3__FAULT_ABORT__ERROR_TYPE_HEADER_ABORT:
		f->abort_by_header = true;
		return 0;
	default:
		return err_set(e, -EINVAL, "abort: neither http_status, grpc_status nor header_abort");
	}
}

static int decode_fault(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const FAULT(HTTPFault) *m =
		build_any(x, any, &envoy__extensions__filters__http__fault__v3__httpfault__descriptor, e);
	struct filter_fault *f = ARENA_NEW(x->out, struct filter_fault);
	int r = m ? 0 : -EINVAL;

	if (r == 0 && (m->response_rate_limit || m->upstream_cluster[0] || m->n_downstream_nodes))
		r = UNSUPPORTED(e, "response_rate_limit, upstream_cluster or downstream_nodes");
	if (r == 0)
		r = fault_delay(m->delay, f, e);
	if (r == 0)
		r = fault_abort(m->abort, f, e);
	if (r == 0)
		r = build_header_matches(x, m->headers, m->n_headers, &f->headers, e);
	if (r < 0)
		return r;
	f->n_headers = m->n_headers;
	*ret = f;
	return 0;
}

/* ---- router ---- */

static int decode_router(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const ROUTER(Router) *m =
		build_any(x, any, &envoy__extensions__filters__http__router__v3__router__descriptor, e);
	struct filter_router *f = ARENA_NEW(x->out, struct filter_router);

	if (!m)
		return -EINVAL;
	f->suppress_envoy_headers = m->suppress_envoy_headers;
	*ret = f;
	return 0;
}

/* ---- cors ---- */

/* Of the listener: says that the filter is there; what it does is each route's. */
static int decode_cors(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	(void)ret;
	return build_any(x, any, &envoy__extensions__filters__http__cors__v3__cors__descriptor, e) ? 0 : -EINVAL;
}

static int decode_cors_policy(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const CORS(CorsPolicy) *m =
		build_any(x, any, &envoy__extensions__filters__http__cors__v3__cors_policy__descriptor, e);
	struct filter_cors *c = ARENA_NEW(x->out, struct filter_cors);

	if (!m)
		return -EINVAL;
	c->n_origins = m->n_allow_origin_string_match;
	c->origins = ARENA_NEW_N(x->out, struct match_string, c->n_origins);
	for (size_t i = 0; i < c->n_origins; i++) {
		int r = build_string_match(x, m->allow_origin_string_match[i], &c->origins[i], e);
		if (r < 0)
			return err_wrap(e, r, "allow_origin_string_match[%zu]", i);
	}
	c->methods = build_slice(x, m->allow_methods);
	c->headers = build_slice(x, m->allow_headers);
	c->expose = build_slice(x, m->expose_headers);
	c->max_age = build_slice(x, m->max_age);
	c->credentials = build_bool(m->allow_credentials, false);
	c->forward_unmatched_preflight = build_bool(m->forward_not_matching_preflights, true);
	c->enabled = (struct route_fraction){100, 100};
	if (m->filter_enabled && m->filter_enabled->default_value)
		build_fraction(m->filter_enabled->default_value, &c->enabled);
	*ret = c;
	return 0;
}

/* ---- authorization ---- */

static int rbac(struct build_ctx *x, const HTTPRBAC(RBAC) * m, const void **ret, struct err *e)
{
	struct filter_rbac *f = ARENA_NEW(x->out, struct filter_rbac);
	int r = build_rbac_rules(x, m->rules, &f->rules, e);

	if (r < 0)
		return err_wrap(e, r, "rules");
	r = build_rbac_rules(x, m->shadow_rules, &f->shadow, e);
	if (r < 0)
		return err_wrap(e, r, "shadow_rules");
	build_shadow_keys(x, m->shadow_rules_stat_prefix, f);
	*ret = f;
	return 0;
}

static int decode_rbac(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const HTTPRBAC(RBAC) *m = build_any(x, any, &envoy__extensions__filters__http__rbac__v3__rbac__descriptor, e);

	return m ? rbac(x, m, ret, e) : -EINVAL;
}

static int decode_rbac_per_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const HTTPRBAC(RBACPerRoute) *m =
		build_any(x, any, &envoy__extensions__filters__http__rbac__v3__rbacper_route__descriptor, e);

	*ret = ARENA_NEW(x->out, struct filter_rbac);
	if (!m)
		return -EINVAL;
	return m->rbac ? rbac(x, m->rbac, ret, e) : 0;
}

/* ---- Istio's own ---- */

static int alpn_wire(struct build_ctx *x, char **names, size_t n, struct slice *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf wire = BUF_INIT;

	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(names[i]);
		if (!len || len > 255)
			return err_set(e, -EINVAL, "alpn_override[%zu] must be 1..255 bytes", i);
		buf_append_char(&wire, (char)len);
		buf_append(&wire, names[i], len);
	}
	*ret = slice_make(arena_slicedup(x->out, buf_slice(&wire)), wire.len);
	return 0;
}

static int decode_alpn(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const ALPN(FilterConfig) *m =
		build_any(x, any, &istio__envoy__config__filter__http__alpn__v2alpha1__filter_config__descriptor, e);
	struct filter_alpn *f = ARENA_NEW(x->out, struct filter_alpn);
	struct slice *by_protocol[] = {&f->http10, &f->http11, &f->http2};

	if (!m)
		return -EINVAL;
	for (size_t i = 0; i < m->n_alpn_override; i++) {
		const ALPN(FilterConfig__AlpnOverride) *o = m->alpn_override[i];
		int r;
		if ((size_t)o->upstream_protocol >= ARRAY_LEN(by_protocol))
			return err_set(e, -EINVAL, "alpn_override[%zu]: upstream_protocol: unknown value", i);
		r = alpn_wire(x, o->alpn_override, o->n_alpn_override, by_protocol[o->upstream_protocol], e);
		if (r < 0)
			return err_wrap(e, r, "alpn_override[%zu]", i);
	}
	*ret = f;
	return 0;
}

static int decode_stats(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	return build_stats(x, any, (const struct filter_stats **)ret, e);
}

static int decode_peer_metadata(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const Io__Istio__Http__PeerMetadata__Config *m =
		build_any(x, any, &io__istio__http__peer_metadata__config__descriptor, e);
	struct filter_peer_metadata *f = ARENA_NEW(x->out, struct filter_peer_metadata);

	if (!m)
		return -EINVAL;
	f->discover_downstream = m->n_downstream_discovery > 0;
	f->discover_upstream = m->n_upstream_discovery > 0;
	f->propagate_downstream = m->n_downstream_propagation > 0;
	f->propagate_upstream = m->n_upstream_propagation > 0;
	*ret = f;
	return 0;
}

int build_peer_exchange(struct build_ctx *x, const Google__Protobuf__Any *any, bool *ret, struct err *e)
{
	const Envoy__Tcp__Metadataexchange__Config__MetadataExchange *m =
		build_any(x, any, &envoy__tcp__metadataexchange__config__metadata_exchange__descriptor, e);

	if (!m)
		return -EINVAL;
	if (m->protocol[0] && strcmp(m->protocol, "istio-peer-exchange") != 0)
		return err_set(e, -EINVAL, "protocol: '%s' is not supported", m->protocol);
	*ret = true;
	return 0;
}

/* All that it asks for is statistics of gRPC methods, which are not kept. */
static int decode_grpc_stats(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	(void)ret;
	return build_any(x, any, &envoy__extensions__filters__http__grpc_stats__v3__filter_config__descriptor, e)
		       ? 0
		       : -EINVAL;
}

/* ---- the table ---- */

static const struct filter_type {
	const char *type; /* of the listener's configuration */
	const char *name; /* what routes call it */
	enum filter_kind kind;
	decode_fn *decode;
	const char *route_type;
	decode_fn *decode_route;
} filter_types[] = {
	{"envoy.extensions.filters.http.router.v3.Router", "envoy.filters.http.router", FILTER_ROUTER, decode_router,
	 NULL, NULL},
	{"envoy.extensions.filters.http.fault.v3.HTTPFault", "envoy.filters.http.fault", FILTER_FAULT, decode_fault,
	 "envoy.extensions.filters.http.fault.v3.HTTPFault", decode_fault},
	{"envoy.extensions.filters.http.cors.v3.Cors", "envoy.filters.http.cors", FILTER_CORS, decode_cors,
	 "envoy.extensions.filters.http.cors.v3.CorsPolicy", decode_cors_policy},
	{"envoy.extensions.filters.http.rbac.v3.RBAC", "envoy.filters.http.rbac", FILTER_RBAC, decode_rbac,
	 "envoy.extensions.filters.http.rbac.v3.RBACPerRoute", decode_rbac_per_route},
	{"io.istio.http.peer_metadata.Config", "istio.metadata_exchange", FILTER_PEER_METADATA, decode_peer_metadata,
	 NULL, NULL},
	{"stats.PluginConfig", "istio.stats", FILTER_STATS, decode_stats, NULL, NULL},
	{"istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig", "istio.alpn", FILTER_ALPN, decode_alpn, NULL,
	 NULL},
	{"envoy.extensions.filters.http.ext_authz.v3.ExtAuthz", "envoy.filters.http.ext_authz", FILTER_EXT_AUTHZ,
	 build_ext_authz, "envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute", build_ext_authz_per_route},
	{"envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication", JWT_FILTER_NAME, FILTER_JWT, build_jwt,
	 "envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig", build_jwt_per_route},
	{"envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit", "envoy.filters.http.local_ratelimit",
	 FILTER_LOCAL_RATE, build_local_rate, "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
	 build_local_rate},
	{"envoy.extensions.filters.http.ratelimit.v3.RateLimit", "envoy.filters.http.ratelimit", FILTER_GLOBAL_RATE,
	 build_global_rate, "envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute", build_global_rate_route},
	{"envoy.extensions.filters.http.grpc_stats.v3.FilterConfig", "envoy.filters.http.grpc_stats", FILTER_GRPC_STATS,
	 decode_grpc_stats, NULL, NULL},
};

const char *filter_kind_str(enum filter_kind kind)
{
	for (size_t i = 0; i < ARRAY_LEN(filter_types); i++)
		if (filter_types[i].kind == kind)
			return filter_types[i].name;
	return "unknown";
}

bool build_http_filter_known(struct build_ctx *x, const Google__Protobuf__Any *any)
{
	const char *type = build_inner_type(x, any);

	for (size_t i = 0; i < ARRAY_LEN(filter_types); i++)
		if (strcmp(filter_types[i].type, type) == 0)
			return true;
	return false;
}

int build_http_filter(struct build_ctx *x, const char *name, const Google__Protobuf__Any *any,
		      struct config_http_filter *ret, struct err *e)
{
	const char *type = build_inner_type(x, any);

	for (size_t i = 0; i < ARRAY_LEN(filter_types); i++) {
		const struct filter_type *t = &filter_types[i];
		if (strcmp(t->type, type) != 0)
			continue;
		ret->kind = t->kind;
		ret->name = build_str(x, name);
		int r = t->decode(x, any, &ret->config, e);
		return r < 0 ? err_wrap(e, r, "filter '%s'", name) : 0;
	}
	return err_set(e, -EINVAL, "filter '%s': type '%s' is not supported", name, type);
}

static const struct filter_type *type_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(filter_types); i++)
		if (strcmp(filter_types[i].name, name) == 0)
			return &filter_types[i];
	return NULL;
}

static int override_disabled(const char *filter, struct route_override *ret, struct err *e)
{
	const struct filter_type *t = type_by_name(filter);

	if (!t)
		return err_set(e, -EINVAL, "typed_per_filter_config[%s]: unknown filter", filter);
	*ret = (struct route_override){.kind = (int)t->kind, .disabled = true};
	return 0;
}

int build_override(struct build_ctx *x, const char *filter, const Google__Protobuf__Any *any,
		   struct route_override *ret, struct err *e)
{
	const ROUTE(FilterConfig) *wrapped =
		pb_any_unpack(x->tmp, any, &envoy__config__route__v3__filter_config__descriptor);

	if (wrapped && wrapped->disabled)
		return override_disabled(filter, ret, e);
	if (wrapped)
		any = wrapped->config;
	const char *type = build_inner_type(x, any);
	for (size_t i = 0; i < ARRAY_LEN(filter_types); i++) {
		const struct filter_type *t = &filter_types[i];
		if (!t->route_type || strcmp(t->route_type, type) != 0)
			continue;
		ret->kind = (int)t->kind;
		int r = t->decode_route(x, any, &ret->config, e);
		return r < 0 ? err_wrap(e, r, "typed_per_filter_config[%s]", filter) : 0;
	}
	return err_set(e, -EINVAL, "typed_per_filter_config[%s]: type '%s' is not supported", filter, type);
}
