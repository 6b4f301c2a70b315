/* extensionProviders envoyExtAuthzHttp and envoyExtAuthzGrpc. Whatever of them cannot be carried out closes. */
#include "compile/custom.h"

#include <errno.h>
#include <stdlib.h>

#include "compile/telemetry.h"

typedef const struct istio_mesh_config_extension_provider_envoy_external_authorization_http_provider http_provider;
typedef const struct istio_mesh_config_extension_provider_envoy_external_authorization_grpc_provider grpc_provider;
typedef const struct istio_mesh_config_extension_provider_envoy_external_authorization_request_body body_settings;

#define TIMEOUT_NS 600000000000    /* where the provider has none: Istio's */
#define BODY_MAX_BYTES (16u << 20) /* what proxies take */
#define HTTP_SERVICE ENVOY__EXTENSIONS__FILTERS__HTTP__EXT_AUTHZ__V3__EXT_AUTHZ__SERVICES_HTTP_SERVICE
#define GRPC_SERVICE ENVOY__EXTENSIONS__FILTERS__HTTP__EXT_AUTHZ__V3__EXT_AUTHZ__SERVICES_GRPC_SERVICE

/* ---- what is asked ---- */

/* What both kinds of provider have. */
struct asked {
	const char *name; /* of the provider */
	bool grpc;
	const char *service;
	uint32_t port;
	const int64_t *timeout;
	bool fail_open;
	const char *status;
	body_settings *body;
	http_provider *http;
};

static struct asked asked_of(const struct istio_mesh_config_extension_provider *p)
{
	http_provider *h = p->envoy_ext_authz_http;
	grpc_provider *c = p->envoy_ext_authz_grpc;

	if (h)
		return (struct asked){.name = p->name,
				      .service = h->service,
				      .port = h->port,
				      .timeout = h->timeout,
				      .fail_open = h->fail_open,
				      .status = h->status_on_error,
				      .body = h->include_request_body_in_check,
				      .http = h};
	if (c)
		return (struct asked){.name = p->name,
				      .grpc = true,
				      .service = c->service,
				      .port = c->port,
				      .timeout = c->timeout,
				      .fail_open = c->fail_open,
				      .status = c->status_on_error,
				      .body = c->include_request_body_in_check};
	return (struct asked){.name = p->name};
}

const char *custom_host(struct gen *g, const struct istio_mesh_config_extension_provider *p)
{
	const struct asked a = asked_of(p);

	return a.service && *a.service ? gen_settings_host(g, a.service) : NULL;
}

static bool find_provider(const struct gen *g, const char *name, struct asked *ret, struct err *e)
{
	const struct istio_mesh_config_extension_provider *p = gen_provider(g, name);

	if (p) {
		*ret = asked_of(p);
		if (ret->service && *ret->service)
			return true;
		err_set(e, -EINVAL, "extension provider \"%s\" of the mesh's settings authorizes nothing", name);
		return false;
	}
	err_set(e, -ENOENT, "the mesh's settings have no extension provider \"%s\"", name);
	return false;
}

/* ---- whether it can be ---- */

/* The statuses that a proxy knows by number (envoy.type.v3.StatusCode), but for 100. */
static bool is_status(uint64_t code)
{
	static const struct {
		uint16_t from, to;
	} ranges[] = {{200, 208}, {226, 226}, {300, 305}, {307, 308}, {400, 417}, {421, 424},
		      {426, 426}, {428, 429}, {431, 431}, {500, 508}, {510, 511}};

	for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
		if (code >= ranges[i].from && code <= ranges[i].to)
			return true;
	return false;
}

static int check_added(const struct asked *a, struct err *e)
{
	const struct str_map *m = &a->http->include_additional_headers_in_check;

	for (size_t i = 0; i < m->n; i++) {
		if (!slice_is_token(slice_str(m->v[i].key)))
			return err_set(e, -EINVAL, "includeAdditionalHeadersInCheck: \"%s\" is no header's name",
				       m->v[i].key);
		for (const char *c = m->v[i].value; *c; c++)
			if ((unsigned char)*c < 0x20 || *c == 0x7f)
				return err_set(e, -EINVAL,
					       "includeAdditionalHeadersInCheck.%s: a control character cannot be sent",
					       m->v[i].key);
	}
	return 0;
}

static int check_settings(const struct asked *a, struct err *e)
{
	uint64_t code;

	if (a->timeout && *a->timeout < 0)
		return err_set(e, -EINVAL, "timeout must not be negative");
	if (a->status && *a->status && (slice_to_u64(slice_str(a->status), 599, &code) < 0 || !is_status(code)))
		return err_set(e, -EINVAL, "statusOnError: \"%s\" is no status of HTTP", a->status);
	if (a->body && (!a->body->max_request_bytes || a->body->max_request_bytes > BODY_MAX_BYTES))
		return err_set(e, -EINVAL, "includeRequestBodyInCheck.maxRequestBytes must be 1..%u", BODY_MAX_BYTES);
	if (!a->http)
		return 0;
	if (a->http->path_prefix && *a->http->path_prefix && *a->http->path_prefix != '/')
		return err_set(e, -EINVAL, "pathPrefix \"%s\" does not begin with /", a->http->path_prefix);
	return check_added(a, e);
}

/* gRPC needs HTTP/2: the port must be declared so, or be upgraded. */
static bool speaks_http2(struct gen *g, const struct service *svc, const struct service_port *p)
{
	struct gen_rules rules;
	struct gen_policy policy;
	const pb_upstream_http *u;

	if (!protocol_is_http(p->protocol))
		return false;
	gen_find_rules(g, svc, &rules);
	policy = gen_resolve_policy(&rules, p->port, NULL);
	u = gen_upstream_http(g, &policy, p->protocol);
	return u && u->explicit_http_config && u->explicit_http_config->http2_protocol_options;
}

/* The namespace that "[namespace/]host" asks for. */
static bool in_namespace(const struct asked *a, const struct service *svc)
{
	const char *slash = strchr(a->service, '/');

	return !slash || slice_eq_str(slice_make(a->service, (size_t)(slash - a->service)), svc->ns);
}

/* Whether the proxy has a cluster for it. */
static int check_service(struct gen *g, const struct asked *a, const char *host, struct err *e)
{
	const struct service *svc = gen_service(g, host);
	const struct service_port *p;

	if (!svc || !in_namespace(a, svc))
		return err_set(e, -ENOENT, "service %s is not known in namespace %s", a->service, g->proxy->ns);
	p = a->port && a->port <= UINT16_MAX ? service_port(svc, (uint16_t)a->port) : NULL;
	if (!p)
		return err_set(e, -ENOENT, "service %s has no port %u", host, a->port);
	if (a->grpc && !speaks_http2(g, svc, p))
		return err_set(e, -EINVAL, "port %u of service %s is declared to be %s: gRPC cannot be spoken there",
			       a->port, host, protocol_str(p->protocol));
	return 0;
}

/* ---- as filters ---- */

static pb_string_matchers *names_of(struct gen *g, const char *const *v, size_t n)
{
	pb_string_matchers *out = pb_string_matchers_new(g->arena);

	for (size_t i = 0; i < n; i++) {
		pb_string_matcher *m = pb_string_matcher_new(g->arena);
		const size_t len = v[i] ? strlen(v[i]) : 0;

		if (!len)
			continue;
		m->ignore_case = true;
		if (len > 1 && v[i][len - 1] == '*') {
			m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_PREFIX;
			m->prefix = arena_slicedup(g->arena, slice_make(v[i], len - 1));
		} else if (len > 1 && v[i][0] == '*') {
			m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_SUFFIX;
			m->suffix = pb_str(v[i] + 1);
		} else {
			m->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_EXACT;
			m->exact = pb_str(v[i]);
		}
		PB_ADD(g->arena, out, patterns, m);
	}
	return out->n_patterns ? out : NULL;
}

/* Only where the shadow rules before it found one of theirs. */
static pb_metadata_matcher *where_asked(struct gen *g, const char *filter)
{
	struct arena *a = g->arena;
	pb_metadata_matcher *m = pb_metadata_matcher_new(a);
	pb_metadata_step *step = pb_metadata_step_new(a);

	m->filter = pb_str(filter);
	step->segment_case = ENVOY__TYPE__MATCHER__V3__METADATA_MATCHER__PATH_SEGMENT__SEGMENT_KEY;
	step->key = pb_str(CUSTOM_STAT_PREFIX "shadow_effective_policy_id");
	PB_ADD(a, m, path, step);
	m->value = pb_value_matcher_new(a);
	m->value->match_pattern_case = ENVOY__TYPE__MATCHER__V3__VALUE_MATCHER__MATCH_PATTERN_STRING_MATCH;
	m->value->string_match = pb_string_matcher_new(a);
	m->value->string_match->match_pattern_case = ENVOY__TYPE__MATCHER__V3__STRING_MATCHER__MATCH_PATTERN_PREFIX;
	m->value->string_match->prefix = pb_str(CUSTOM_POLICY_PREFIX);
	return m;
}

static Google__Protobuf__Duration *timeout_of(struct gen *g, const struct asked *a)
{
	return pb_duration_ns(g->arena, a->timeout ? *a->timeout : TIMEOUT_NS);
}

/* A cluster's name has characters that no authority may have. */
static pb_grpc_service *grpc_service(struct gen *g, const struct asked *a, const char *host)
{
	pb_grpc_service *s = pb_grpc_service_new(g->arena);

	s->target_specifier_case = ENVOY__CONFIG__CORE__V3__GRPC_SERVICE__TARGET_SPECIFIER_ENVOY_GRPC;
	s->envoy_grpc = pb_envoy_grpc_new(g->arena);
	s->envoy_grpc->cluster_name = pb_str(gen_cluster_name(g->arena, (uint16_t)a->port, NULL, host));
	s->envoy_grpc->authority = arena_printf(g->arena, "outbound_.%u_._.%s", a->port, host);
	s->timeout = timeout_of(g, a);
	return s;
}

static pb_ext_authz_request *request_of(struct gen *g, http_provider *h)
{
	pb_ext_authz_request *r = pb_ext_authz_request_new(g->arena);

	r->allowed_headers =
		h->include_request_headers_in_check.n
			? names_of(g, h->include_request_headers_in_check.v, h->include_request_headers_in_check.n)
			: names_of(g, h->include_headers_in_check.v, h->include_headers_in_check.n);
	for (size_t i = 0; i < h->include_additional_headers_in_check.n; i++) {
		pb_header_value *v = pb_header_value_new(g->arena);

		v->key = pb_str(h->include_additional_headers_in_check.v[i].key);
		v->value = pb_str(h->include_additional_headers_in_check.v[i].value);
		PB_ADD(g->arena, r, headers_to_add, v);
	}
	return r;
}

static pb_ext_authz_http *http_service(struct gen *g, const struct asked *a, const char *host)
{
	http_provider *h = a->http;
	pb_ext_authz_http *s = pb_ext_authz_http_new(g->arena);
	pb_ext_authz_response *r = pb_ext_authz_response_new(g->arena);

	s->path_prefix = pb_str(h->path_prefix);
	s->server_uri = pb_http_uri_new(g->arena);
	s->server_uri->uri = arena_printf(g->arena, "http://%s", host);
	s->server_uri->http_upstream_type_case = ENVOY__CONFIG__CORE__V3__HTTP_URI__HTTP_UPSTREAM_TYPE_CLUSTER;
	s->server_uri->cluster = pb_str(gen_cluster_name(g->arena, (uint16_t)a->port, NULL, host));
	s->server_uri->timeout = timeout_of(g, a);
	s->authorization_request = request_of(g, h);
	r->allowed_upstream_headers = names_of(g, h->headers_to_upstream_on_allow.v, h->headers_to_upstream_on_allow.n);
	r->allowed_client_headers = names_of(g, h->headers_to_downstream_on_deny.v, h->headers_to_downstream_on_deny.n);
	r->allowed_client_headers_on_success =
		names_of(g, h->headers_to_downstream_on_allow.v, h->headers_to_downstream_on_allow.n);
	s->authorization_response = r;
	return s;
}

static Google__Protobuf__Any *http_filter(struct gen *g, const struct asked *a, const char *host)
{
	pb_ext_authz *f = pb_ext_authz_new(g->arena);

	f->transport_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
	f->failure_mode_allow = a->fail_open;
	f->filter_enabled_metadata = where_asked(g, "envoy.filters.http.rbac");
	f->services_case = a->grpc ? GRPC_SERVICE : HTTP_SERVICE;
	if (a->grpc)
		f->grpc_service = grpc_service(g, a, host);
	else
		f->http_service = http_service(g, a, host);
	if (a->status && *a->status) {
		f->status_on_error = pb_http_status_new(g->arena);
		f->status_on_error->code = atoi(a->status);
	}
	if (a->body) {
		f->with_request_body = pb_ext_authz_body_new(g->arena);
		f->with_request_body->max_request_bytes = a->body->max_request_bytes;
		f->with_request_body->allow_partial_message = a->body->allow_partial_message;
		f->with_request_body->pack_as_bytes = a->body->pack_as_bytes;
	}
	return PB_ANY(g->arena, f);
}

static Google__Protobuf__Any *tcp_filter(struct gen *g, const struct asked *a, const char *host)
{
	pb_net_ext_authz *f = pb_net_ext_authz_new(g->arena);

	f->stat_prefix = pb_str("tcp.");
	f->transport_api_version = ENVOY__CONFIG__CORE__V3__API_VERSION__V3;
	f->failure_mode_allow = a->fail_open;
	f->filter_enabled_metadata = where_asked(g, "envoy.filters.network.rbac");
	f->grpc_service = grpc_service(g, a, host);
	return PB_ANY(g->arena, f);
}

/* ---- which ---- */

static const char *provider_of(const struct mesh_authz *z)
{
	return z->spec->provider && z->spec->provider->name ? z->spec->provider->name : "";
}

static int find(struct gen *g, const struct mesh_authz *const *v, size_t n, struct custom *ret, struct err *e)
{
	struct asked a;
	const char *host;
	int r;

	for (size_t i = 1; i < n; i++)
		if (strcmp(provider_of(v[i]), provider_of(v[0])) != 0)
			return err_set(e, -EINVAL, "a workload can have one authorizer, and here are \"%s\" and \"%s\"",
				       provider_of(v[0]), provider_of(v[i]));
	if (!find_provider(g, provider_of(v[0]), &a, e))
		return e->code;
	host = gen_settings_host(g, a.service);
	r = check_settings(&a, e);
	if (r == 0)
		r = check_service(g, &a, host, e);
	if (r < 0)
		return err_wrap(e, r, "extension provider \"%s\"", a.name);
	ret->http = http_filter(g, &a, host);
	ret->tcp = a.grpc ? tcp_filter(g, &a, host) : NULL;
	return 0;
}

bool custom_find(struct gen *g, const struct mesh_authz *const *v, size_t n, struct custom *ret)
{
	struct err e = ERR_INIT;

	if (find(g, v, n, ret, &e) == 0)
		return true;
	for (size_t i = 0; i < n; i++)
		gen_note(g, v[i]->o.obj, "spec.provider.name", "%s; what the rules match is denied", e.msg);
	return false;
}
