/* Validation of what an HTTP route does with a request: faults, retries, redirects, rewrites, CORS, direct responses.
 */
#include "mesh/protocol.h"
#include "mesh/retry.h"
#include "route/match.h"
#include "validate/vs_internal.h"

#define BODY_MAX_BYTES (1 << 20)
#define BODY_WARN_BYTES (100 << 10)
#define NS_PER_S 1000000000

static bool among(struct slice s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(s, words[i]))
			return true;
	return false;
}

static void check_percentage(struct val *v, const char *path, const struct istio_percent *p)
{
	if (p && (p->value < 0 || p->value > 100 || (p->value > 0 && p->value < 0.0001)))
		val_error(v, path, "percentage %g is neither 0.0, nor in range [0.0001, 100.0]", p->value);
}

/* 600 is no status, but Istio takes it. */
static void check_status(struct val *v, const char *path, int64_t status)
{
	if (status < 200 || status > 600)
		val_error(v, path, "HTTP status %lld is not in range 200-599", (long long)status);
}

static void check_abort(struct val *v, const char *path, const struct istio_http_fault_injection_abort *a)
{
	check_percentage(v, val_path(v, "%s.percentage", path), a->percentage);
	if (a->http_status)
		check_status(v, val_path(v, "%s.httpStatus", path), *a->http_status);
	else if (a->grpc_status && protocol_grpc_status(a->grpc_status) < 0)
		val_error(v, val_path(v, "%s.grpcStatus", path), "\"%s\" is no status of gRPC, such as NOT_FOUND",
			  a->grpc_status);
	if (a->http2_error)
		val_error(v, path, "HTTP/2 abort fault injection not supported yet");
	if (!a->http_status && !a->grpc_status && !a->http2_error)
		val_warn(v, path, "an abort without a status aborts nothing");
}

static void check_delay(struct val *v, const char *path, const struct istio_http_fault_injection_delay *d)
{
	check_percentage(v, val_path(v, "%s.percentage", path), d->percentage);
	val_percent(v, val_path(v, "%s.percent", path), d->percent);
	val_duration(v, val_path(v, "%s.fixedDelay", path), d->fixed_delay);
	if (d->exponential_delay)
		val_error(v, path, "exponentialDelay not supported yet");
}

static void check_fault(struct val *v, const char *path, const struct istio_http_fault_injection *f)
{
	if (!f->abort && !f->delay)
		val_error(v, path, "HTTP fault injection must have an abort and/or a delay");
	if (f->abort)
		check_abort(v, val_path(v, "%s.abort", path), f->abort);
	if (f->delay)
		check_delay(v, val_path(v, "%s.delay", path), f->delay);
}

static void check_retries(struct val *v, const char *path, const struct istio_http_retry *r)
{
	struct slice rest = slice_str(r->retry_on);

	if (r->attempts < 0)
		val_error(v, path, "attempts cannot be negative");
	if (r->attempts == 0 && (r->per_try_timeout || rest.len || r->retry_remote_localities))
		val_error(v, path, "http retry policy configured when attempts are set to 0 (disabled)");
	val_duration(v, val_path(v, "%s.perTryTimeout", path), r->per_try_timeout);
	while (rest.len) {
		const struct slice one = slice_trim(slice_split(&rest, ','));

		if (!retry_condition_known(one))
			val_error(v, val_path(v, "%s.retryOn", path), "\"%.*s\" is not a valid retryOn policy",
				  SLICE_ARG(one));
	}
}

static void check_redirect(struct val *v, const char *path, const struct istio_http_redirect *r)
{
	if (!val_set(r->uri) && !val_set(r->authority) && !val_set(r->scheme) && !r->port && !r->derive_port)
		val_error(v, path, "redirect must specify URI, authority, scheme, or port");
	if (r->redirect_code && (r->redirect_code < 300 || r->redirect_code > 399))
		val_error(v, val_path(v, "%s.redirectCode", path), "%u is not a valid redirect code, must be 3xx",
			  r->redirect_code);
	if (val_set(r->scheme) && strcmp(r->scheme, "http") != 0 && strcmp(r->scheme, "https") != 0)
		val_error(v, val_path(v, "%s.scheme", path),
			  "\"%s\": invalid redirect scheme, must be \"http\" or \"https\"", r->scheme);
	if (r->port && *r->port)
		val_port(v, val_path(v, "%s.port", path), *r->port);
}

static void check_regex_rewrite(struct val *v, const char *path, const struct istio_regex_rewrite *r)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct regex *re;
	struct err e = ERR_INIT;

	if (!val_set(r->match) || !val_set(r->rewrite)) {
		val_error(v, path, "both match and rewrite must be set");
		return;
	}
	val_regex(v, val_path(v, "%s.match", path), r->match);
	if (regex_new(&a, slice_str(r->match), &re, NULL) == 0 &&
	    regex_check_substitution(re, slice_str(r->rewrite), &e) < 0)
		val_error(v, val_path(v, "%s.rewrite", path), "\"%s\": %s", r->rewrite, e.msg);
}

static void check_rewrite(struct val *v, const char *path, const struct istio_http_rewrite *r)
{
	const bool uri = val_set(r->uri), authority = val_set(r->authority);

	if (!uri && !authority && !r->uri_regex_rewrite)
		val_error(v, path,
			  "rewrite must specify at least one of URI, UriRegexRewrite, or authority. "
			  "Only one of URI or UriRegexRewrite may be specified");
	if (uri && r->uri_regex_rewrite)
		val_error(v, path, "rewrite may only contain one of URI or UriRegexRewrite");
	if (r->uri_regex_rewrite)
		check_regex_rewrite(v, val_path(v, "%s.uriRegexRewrite", path), r->uri_regex_rewrite);
}

static void check_origin(struct val *v, const char *path, const struct istio_string_match *m)
{
	if (!val_set(m->exact) && !val_set(m->prefix) && !val_set(m->regex))
		val_error(v, path, "an origin must have an exact value, a prefix or a regular expression");
	else
		val_string_match(v, path, m);
}

static void check_cors(struct val *v, const char *path, const struct istio_cors_policy *c)
{
	static const char *const methods[] = {"GET",    "HEAD",    "POST",    "PUT",  "PATCH",
					      "DELETE", "CONNECT", "OPTIONS", "TRACE"};

	for (size_t i = 0; i < c->allow_origins.n; i++)
		check_origin(v, val_path(v, "%s.allowOrigins[%zu]", path, i), &c->allow_origins.v[i]);
	for (size_t i = 0; i < c->allow_methods.n; i++)
		if (!among(slice_str(c->allow_methods.v[i]), methods, ARRAY_LEN(methods)))
			val_error(v, val_path(v, "%s.allowMethods[%zu]", path, i),
				  "\"%s\" is not a supported HTTP method", c->allow_methods.v[i]);
	for (size_t i = 0; i < c->allow_headers.n; i++)
		val_header_name(v, val_path(v, "%s.allowHeaders[%zu]", path, i), c->allow_headers.v[i]);
	for (size_t i = 0; i < c->expose_headers.n; i++)
		val_header_name(v, val_path(v, "%s.exposeHeaders[%zu]", path, i), c->expose_headers.v[i]);
	val_duration(v, val_path(v, "%s.maxAge", path), c->max_age);
	if (c->max_age && *c->max_age % NS_PER_S)
		val_error(v, val_path(v, "%s.maxAge", path), "max_age duration is accurate only to seconds precision");
}

/* Bytes are written in base64. */
static size_t body_size(const struct istio_http_body *b)
{
	size_t n;

	if (b->string)
		return strlen(b->string);
	n = b->bytes ? strlen(b->bytes) : 0;
	while (n && b->bytes[n - 1] == '=')
		n--;
	return n * 3 / 4;
}

static void check_direct_response(struct val *v, const char *path, const struct istio_http_direct_response *d)
{
	const size_t size = d->body ? body_size(d->body) : 0;

	check_status(v, val_path(v, "%s.status", path), d->status);
	if (size > BODY_MAX_BYTES)
		val_error(v, val_path(v, "%s.body", path),
			  "large direct_responses may impact control plane performance, must be less than 1MB");
	else if (size > BODY_WARN_BYTES)
		val_warn(v, val_path(v, "%s.body", path),
			 "a direct response of %zu bytes is large: every proxy has it in its configuration", size);
}

void val_http_action(struct val *v, const char *path, const struct istio_http_route *h)
{
	if (h->fault)
		check_fault(v, val_path(v, "%s.fault", path), h->fault);
	if (h->retries)
		check_retries(v, val_path(v, "%s.retries", path), h->retries);
	if (h->redirect)
		check_redirect(v, val_path(v, "%s.redirect", path), h->redirect);
	if (h->rewrite)
		check_rewrite(v, val_path(v, "%s.rewrite", path), h->rewrite);
	if (h->cors_policy)
		check_cors(v, val_path(v, "%s.corsPolicy", path), h->cors_policy);
	if (h->direct_response)
		check_direct_response(v, val_path(v, "%s.directResponse", path), h->direct_response);
	val_duration(v, val_path(v, "%s.timeout", path), h->timeout);
}
