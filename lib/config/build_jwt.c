/* The filter jwt_authn: providers, what is asked of requests, and of which. */
#include "config/build_internal.h"
#include "config/config_jwt.h"

#include <openssl/sha.h>

#include "envoy/extensions/filters/http/jwt_authn/v3/config.pb-c.h"

#define JWTPB(T) Envoy__Extensions__Filters__Http__JwtAuthn__V3__##T
#define NEED(x) ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__JWT_REQUIREMENT__REQUIRES_TYPE_##x
#define SOURCE(x) ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__JWT_PROVIDER__JWKS_SOURCE_SPECIFIER_##x

/* Deeper requirements are refused, so that walking one is bounded. */
#define DEPTH_MAX 8

#define SKEW_DEFAULT_S 60
#define KEEP_DEFAULT_NS (10 * 60 * 1000000000LL)
#define AGAIN_DEFAULT_NS 1000000000LL

/* ---- keys ---- */

static void free_keys(void *arg)
{
	jwk_set_free(arg);
}

static int local_keys(struct build_ctx *x, const CORE(DataSource) * d, struct jwt_provider *ret, struct err *e)
{
	struct jwk_set *keys;
	struct slice text;
	int r = build_data_source(x, d, &text, e);

	if (r == 0)
		r = jwk_set_parse(text, &keys, e);
	if (r < 0)
		return err_wrap(e, r, "local_jwks");
	arena_on_done(x->out, free_keys, keys);
	ret->keys = keys;
	return 0;
}

/* "http://host:port/path?query" */
static int split_uri(struct build_ctx *x, const char *uri, struct jwt_remote *ret, struct err *e)
{
	const char *host = strstr(uri, "://"), *slash;

	host = host ? host + 3 : uri;
	slash = strchr(host, '/');
	ret->host = slash ? slice_make(host, (size_t)(slash - host)) : slice_str(host);
	if (!ret->host.len || memchr(ret->host.ptr, '@', ret->host.len))
		return err_set(e, -EINVAL, "uri has no host");
	ret->host = build_slice(x, arena_slicedup(x->tmp, ret->host));
	ret->path = build_slice(x, slash ? slash : "/");
	return 0;
}

static void make_id(struct jwt_remote *r)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_printf(&text, "%s %.*s %.*s %lld %lld", r->cluster.name, SLICE_ARG(r->host), SLICE_ARG(r->path),
		   (long long)r->keep_ns, (long long)r->again_ns);
	SHA256((const unsigned char *)text.ptr, text.len, r->id);
}

static int remote_keys(struct build_ctx *x, const JWTPB(RemoteJwks) * m, struct jwt_provider *ret, struct err *e)
{
	struct jwt_remote *out = ARENA_NEW(x->out, struct jwt_remote);
	const CORE(HttpUri) *u = m->http_uri;
	int r;

	if (!u || !u->cluster || !u->cluster[0])
		return err_set(e, -EINVAL, "remote_jwks: http_uri: cluster is missing");
	r = split_uri(x, u->uri ? u->uri : "", out, e);
	if (r < 0)
		return err_wrap(e, r, "remote_jwks: http_uri");
	out->cluster = build_cluster_ref(x, u->cluster);
	out->timeout_ns = pb_duration_to_ns(u->timeout, 5000000000LL);
	out->keep_ns = pb_duration_to_ns(m->cache_duration, KEEP_DEFAULT_NS);
	out->again_ns =
		pb_duration_to_ns(m->async_fetch ? m->async_fetch->failed_refetch_duration : NULL, AGAIN_DEFAULT_NS);
	out->early = m->async_fetch != NULL;
	make_id(out);
	ret->remote = out;
	return 0;
}

static int keys(struct build_ctx *x, const JWTPB(JwtProvider) * m, struct jwt_provider *ret, struct err *e)
{
	switch (m->jwks_source_specifier_case) {
	case SOURCE(REMOTE_JWKS):
		return remote_keys(x, m->remote_jwks, ret, e);
	case SOURCE(LOCAL_JWKS):
		return local_keys(x, m->local_jwks, ret, e);
	default:
		return err_set(e, -EINVAL, "remote_jwks or local_jwks is needed");
	}
}

/* ---- providers ---- */

static struct slice *slices(struct build_ctx *x, char **v, size_t n)
{
	struct slice *ret = ARENA_NEW_N(x->out, struct slice, n);

	for (size_t i = 0; i < n; i++)
		ret[i] = build_slice(x, v[i]);
	return ret;
}

/* Without places of its own: Authorization and access_token (RFC 6750). */
static void places(struct build_ctx *x, const JWTPB(JwtProvider) * m, struct jwt_provider *ret)
{
	static const struct slice param = SLICE("access_token");

	ret->n_headers = m->n_from_headers;
	ret->headers = ARENA_NEW_N(x->out, struct jwt_place, MAX(ret->n_headers, 1));
	for (size_t i = 0; i < ret->n_headers; i++)
		ret->headers[i] = (struct jwt_place){build_lower(x, m->from_headers[i]->name),
						     build_slice(x, m->from_headers[i]->value_prefix)};
	ret->n_params = m->n_from_params;
	ret->params = slices(x, m->from_params, ret->n_params);
	ret->n_cookies = m->n_from_cookies;
	ret->cookies = slices(x, m->from_cookies, ret->n_cookies);
	if (ret->n_headers || ret->n_params || ret->n_cookies)
		return;
	ret->n_headers = ret->n_params = 1;
	ret->headers[0] = (struct jwt_place){SLICE("authorization"), SLICE("Bearer ")};
	ret->params = (struct slice *)&param;
}

static void claim_path(struct build_ctx *x, const char *name, struct jwt_claim_header *ret)
{
	struct slice rest = slice_str(name);

	for (const char *p = name; p; p = strchr(p + 1, '.'))
		ret->n_path++;
	ret->path = ARENA_NEW_N(x->out, const char *, ret->n_path);
	for (size_t i = 0; i < ret->n_path; i++)
		ret->path[i] = arena_slicedup(x->out, slice_split(&rest, '.'));
}

static int claim_headers(struct build_ctx *x, const JWTPB(JwtProvider) * m, struct jwt_provider *ret, struct err *e)
{
	ret->n_claim_headers = m->n_claim_to_headers;
	ret->claim_headers = ARENA_NEW_N(x->out, struct jwt_claim_header, ret->n_claim_headers);
	for (size_t i = 0; i < ret->n_claim_headers; i++) {
		const JWTPB(JwtClaimToHeader) *c = m->claim_to_headers[i];

		if (!slice_is_token(slice_str(c->header_name)) || !c->claim_name || !c->claim_name[0])
			return err_set(e, -EINVAL, "claim_to_headers[%zu]: a name is missing or wrong", i);
		ret->claim_headers[i].header = build_lower(x, c->header_name);
		claim_path(x, c->claim_name, &ret->claim_headers[i]);
	}
	return 0;
}

static int subject(struct build_ctx *x, const JWTPB(JwtProvider) * m, struct jwt_provider *ret, struct err *e)
{
	struct match_string *s;

	if (!m->subjects)
		return 0;
	s = ARENA_NEW(x->out, struct match_string);
	ret->subject = s;
	return build_string_match(x, m->subjects, s, e);
}

static void plain_fields(struct build_ctx *x, const JWTPB(JwtProvider) * m, struct jwt_provider *ret)
{
	ret->issuer = build_slice(x, m->issuer);
	ret->n_audiences = m->n_audiences;
	ret->audiences = slices(x, m->audiences, m->n_audiences);
	ret->require_expiration = m->require_expiration;
	ret->max_lifetime_s = pb_duration_to_ns(m->max_lifetime, 0) / 1000000000;
	ret->skew_s = m->clock_skew_seconds ? m->clock_skew_seconds : SKEW_DEFAULT_S;
	ret->forward = m->forward;
	ret->payload_header = build_lower(x, m->forward_payload_header);
	ret->pad_payload_header = m->pad_forward_payload_header;
	ret->payload_key = build_slice(x, m->payload_in_metadata);
	ret->header_key = build_slice(x, m->header_in_metadata);
	ret->clear_route_cache = m->clear_route_cache;
	if (!m->normalize_payload_in_metadata)
		return;
	ret->n_lists = m->normalize_payload_in_metadata->n_space_delimited_claims;
	ret->lists = slices(x, m->normalize_payload_in_metadata->space_delimited_claims, ret->n_lists);
}

static int provider(struct build_ctx *x, const JWTPB(JwtProvider) * m, struct jwt_provider *ret, struct err *e)
{
	int r = 0;

	plain_fields(x, m, ret);
	if (ret->payload_header.len && !slice_is_token(ret->payload_header))
		r = err_set(e, -EINVAL, "forward_payload_header is no header's name");
	places(x, m, ret);
	if (r == 0)
		r = subject(x, m, ret, e);
	if (r == 0)
		r = claim_headers(x, m, ret, e);
	return r < 0 ? r : keys(x, m, ret, e);
}

static int providers(struct build_ctx *x, const JWTPB(JwtAuthentication) * m, struct filter_jwt *ret, struct err *e)
{
	if (m->n_providers > CONFIG_JWT_PROVIDERS_MAX)
		return err_set(e, -EINVAL, "providers: at most %d", CONFIG_JWT_PROVIDERS_MAX);
	ret->n_providers = m->n_providers;
	ret->providers = ARENA_NEW_N(x->out, struct jwt_provider, ret->n_providers);
	for (size_t i = 0; i < ret->n_providers; i++) {
		struct jwt_provider *p = &ret->providers[i];
		int r = m->providers[i]->value ? 0 : err_set(e, -EINVAL, "is empty");

		p->name = build_slice(x, m->providers[i]->key);
		p->index = (uint32_t)i;
		if (r == 0)
			r = provider(x, m->providers[i]->value, p, e);
		if (r < 0)
			return err_wrap(e, r, "providers[%.*s]", SLICE_ARG(p->name));
	}
	return 0;
}

/* ---- requirements ---- */

static int find_provider(const struct filter_jwt *f, const char *name, struct jwt_need *ret, struct err *e)
{
	ret->kind = JWT_NEED_PROVIDER;
	for (size_t i = 0; i < f->n_providers; i++) {
		if (!slice_eq_str(f->providers[i].name, name))
			continue;
		ret->provider = &f->providers[i];
		return 0;
	}
	return err_set(e, -EINVAL, "provider '%s' is not known", name);
}

static int need(struct build_ctx *x, const struct filter_jwt *f, const JWTPB(JwtRequirement) * m, unsigned depth,
		struct jwt_need *ret, struct err *e);

static int needs(struct build_ctx *x, const struct filter_jwt *f, JWTPB(JwtRequirement) * *v, size_t n, unsigned depth,
		 struct jwt_need *ret, struct err *e)
{
	int r = n ? 0 : err_set(e, -EINVAL, "requirements is empty");

	ret->n_kids = n;
	ret->kids = ARENA_NEW_N(x->out, struct jwt_need, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = need(x, f, v[i], depth + 1, &ret->kids[i], e);
	return r;
}

static int need(struct build_ctx *x, const struct filter_jwt *f, const JWTPB(JwtRequirement) * m, unsigned depth,
		struct jwt_need *ret, struct err *e)
{
	if (depth > DEPTH_MAX)
		return err_set(e, -EINVAL, "requirements are nested too deeply");
	switch (m->requires_type_case) {
	case NEED(PROVIDER_NAME):
		return find_provider(f, m->provider_name, ret, e);
	case NEED(PROVIDER_AND_AUDIENCES):
		ret->n_audiences = m->provider_and_audiences->n_audiences;
		ret->audiences = slices(x, m->provider_and_audiences->audiences, ret->n_audiences);
		return find_provider(f, m->provider_and_audiences->provider_name, ret, e);
	case NEED(REQUIRES_ANY):
		ret->kind = JWT_NEED_ANY;
		return needs(x, f, m->requires_any->requirements, m->requires_any->n_requirements, depth, ret, e);
	case NEED(REQUIRES_ALL):
		ret->kind = JWT_NEED_ALL;
		return needs(x, f, m->requires_all->requirements, m->requires_all->n_requirements, depth, ret, e);
	case NEED(ALLOW_MISSING):
		ret->kind = JWT_NEED_ALLOW_MISSING;
		return 0;
	case NEED(ALLOW_MISSING_OR_FAILED):
		ret->kind = JWT_NEED_ALLOW_FAILED;
		return 0;
	default:
		return err_set(e, -EINVAL, "this kind of requirement is not supported");
	}
}

static int new_need(struct build_ctx *x, const struct filter_jwt *f, const JWTPB(JwtRequirement) * m,
		    const struct jwt_need **ret, struct err *e)
{
	struct jwt_need *n = ARENA_NEW(x->out, struct jwt_need);

	*ret = n;
	return need(x, f, m, 0, n, e);
}

static int named_needs(struct build_ctx *x, const JWTPB(JwtAuthentication) * m, struct filter_jwt *f, struct err *e)
{
	f->n_named = m->n_requirement_map;
	f->named = ARENA_NEW_N(x->out, struct jwt_named_need, f->n_named);
	for (size_t i = 0; i < f->n_named; i++) {
		const char *name = m->requirement_map[i]->key;
		int r = m->requirement_map[i]->value
				? new_need(x, f, m->requirement_map[i]->value, &f->named[i].need, e)
				: err_set(e, -EINVAL, "is empty");

		f->named[i].name = build_slice(x, name);
		if (r < 0)
			return err_wrap(e, r, "requirement_map[%s]", name);
	}
	return 0;
}

const struct jwt_need *config_jwt_named(const struct filter_jwt *f, struct slice name)
{
	for (size_t i = 0; i < f->n_named; i++)
		if (slice_eq(f->named[i].name, name))
			return f->named[i].need;
	return NULL;
}

static int rule(struct build_ctx *x, const JWTPB(RequirementRule) * m, const struct filter_jwt *f, struct jwt_rule *ret,
		struct err *e)
{
	int r = build_route_match(x, m->match, &ret->match, e);

	if (r < 0)
		return r;
	switch (m->requirement_type_case) {
	case ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__REQUIREMENT_RULE__REQUIREMENT_TYPE_REQUIRES:
		return new_need(x, f, m->requires, &ret->need, e);
	case ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__REQUIREMENT_RULE__REQUIREMENT_TYPE_REQUIREMENT_NAME:
		ret->need = config_jwt_named(f, slice_str(m->requirement_name));
		return ret->need ? 0 : err_set(e, -EINVAL, "requirement '%s' is not known", m->requirement_name);
	default:
		return 0;
	}
}

int build_jwt(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const JWTPB(JwtAuthentication) *m =
		build_any(x, any, &envoy__extensions__filters__http__jwt_authn__v3__jwt_authentication__descriptor, e);
	struct filter_jwt *f = ARENA_NEW(x->out, struct filter_jwt);
	int r = m ? providers(x, m, f, e) : -EINVAL;

	if (r == 0)
		r = named_needs(x, m, f, e);
	if (r < 0)
		return r;
	f->n_rules = m->n_rules;
	f->rules = ARENA_NEW_N(x->out, struct jwt_rule, f->n_rules);
	for (size_t i = 0; i < f->n_rules; i++) {
		r = rule(x, m->rules[i], f, &f->rules[i], e);
		if (r < 0)
			return err_wrap(e, r, "rules[%zu]", i);
	}
	f->bypass_cors_preflight = m->bypass_cors_preflight;
	f->strip_failure_response = m->strip_failure_response;
	*ret = f;
	return 0;
}

int build_jwt_per_route(struct build_ctx *x, const Google__Protobuf__Any *any, const void **ret, struct err *e)
{
	const JWTPB(PerRouteConfig) *m =
		build_any(x, any, &envoy__extensions__filters__http__jwt_authn__v3__per_route_config__descriptor, e);
	struct jwt_override *o = ARENA_NEW(x->out, struct jwt_override);

	if (!m)
		return -EINVAL;
	if (m->requirement_specifier_case ==
	    ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__PER_ROUTE_CONFIG__REQUIREMENT_SPECIFIER_DISABLED)
		o->disabled = m->disabled;
	else if (
		m->requirement_specifier_case ==
		ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__PER_ROUTE_CONFIG__REQUIREMENT_SPECIFIER_REQUIREMENT_NAME)
		o->requirement = build_slice(x, m->requirement_name);
	if (!o->disabled && !o->requirement.len)
		return err_set(e, -EINVAL, "disabled or requirement_name is needed");
	*ret = o;
	return 0;
}
