/* Validation of VirtualServices. */
#include "mesh/validate_internal.h"

#include <stdlib.h>

#include "mesh/host.h"
#include "route/match.h"

#define REGEX_MAX 1024
#define BODY_MAX_BYTES (1 << 20)

static void check_match(struct val *v, const char *path, const struct istio_string_match *m)
{
	if (!m || !m->regex || strcmp(m->regex, "*") == 0) /* "*" asks for presence */
		return;
	if (!*m->regex)
		val_error(v, path, "\"\": regex string match should not be empty");
	else if (strlen(m->regex) > REGEX_MAX)
		val_error(v, path, "\"%.60s...\": regex is too large, max length allowed is 1024", m->regex);
	else
		val_regex(v, path, m->regex);
}

static void check_header_name(struct val *v, const char *path, const char *name)
{
	if (!*name)
		val_error(v, path, "header name cannot be empty");
	for (const char *p = name; *p; p++) {
		if (*p <= ' ' || *p == '(' || *p == ')' || *p == ',' || *p == '/' || *p == ';' || *p == '"') {
			val_error(v, path, "header name \"%s\" is not a valid header name", name);
			return;
		}
	}
}

static void check_http_match(struct val *v, const char *path, const struct istio_http_match_request *m)
{
	check_match(v, val_path(v, "%s.uri", path), m->uri);
	check_match(v, val_path(v, "%s.scheme", path), m->scheme);
	check_match(v, val_path(v, "%s.method", path), m->method);
	check_match(v, val_path(v, "%s.authority", path), m->authority);
	for (size_t i = 0; i < m->headers.n; i++) {
		const char *at = val_path(v, "%s.headers[%s]", path, m->headers.v[i].key);

		check_match(v, at, &m->headers.v[i].value);
		if (m->headers.v[i].value.prefix && !*m->headers.v[i].value.prefix)
			val_error(v, at, "header prefix match %s may not be empty", m->headers.v[i].key);
		if (m->headers.v[i].key[0] != '@')
			check_header_name(v, at, m->headers.v[i].key);
	}
	for (size_t i = 0; i < m->without_headers.n; i++)
		check_match(v, val_path(v, "%s.withoutHeaders[%s]", path, m->without_headers.v[i].key),
			    &m->without_headers.v[i].value);
	for (size_t i = 0; i < m->query_params.n; i++)
		check_match(v, val_path(v, "%s.queryParams[%s]", path, m->query_params.v[i].key),
			    &m->query_params.v[i].value);
	if (m->port)
		val_port(v, val_path(v, "%s.port", path), m->port);
}

static void check_destination(struct val *v, const char *path, const struct istio_destination *d)
{
	if (!d) {
		val_error(v, path, "destination is required");
		return;
	}
	if (!d->host || !*d->host || strcmp(d->host, "*") == 0)
		val_error(v, val_path(v, "%s.host", path), "invalid destination host %s", d->host ? d->host : "");
	else
		val_domain(v, val_path(v, "%s.host", path), d->host);
	if (d->subset && !*d->subset)
		val_error(v, val_path(v, "%s.subset", path), "subset name cannot be empty");
	if (d->port && d->port->number)
		val_port(v, val_path(v, "%s.port.number", path), d->port->number);
}

static void check_operations(struct val *v, const char *path, const struct istio_headers_header_operations *h)
{
	for (size_t i = 0; h && i < h->set.n; i++)
		check_header_name(v, path, h->set.v[i].key);
	for (size_t i = 0; h && i < h->add.n; i++) {
		if (h->add.v[i].key[0] == ':')
			val_error(v, path, "invalid header \"%s\": header cannot have \":\" prefix", h->add.v[i].key);
		else if (strcasecmp(h->add.v[i].key, "host") == 0)
			val_error(v, path, "invalid header \"%s\": cannot set Host header", h->add.v[i].key);
	}
}

static void check_headers(struct val *v, const char *path, const struct istio_headers *h)
{
	if (!h)
		return;
	check_operations(v, val_path(v, "%s.request", path), h->request);
	check_operations(v, val_path(v, "%s.response", path), h->response);
}

static void check_routes(struct val *v, const char *path, const struct istio_http_route *h)
{
	int64_t total = 0;

	for (size_t i = 0; i < h->route.n; i++) {
		const struct istio_http_route_destination *d = &h->route.v[i];

		check_destination(v, val_path(v, "%s.route[%zu].destination", path, i), d->destination);
		check_headers(v, val_path(v, "%s.route[%zu].headers", path, i), d->headers);
		if (d->weight < 0)
			val_error(v, val_path(v, "%s.route[%zu].weight", path, i), "weight %d < 0", d->weight);
		total += d->weight;
	}
	if (h->route.n > 1 && total == 0)
		val_error(v, val_path(v, "%s.route", path), "total destination weight = 0");
}

static void check_percent(struct val *v, const char *path, const struct istio_percent *p)
{
	if (p && (p->value < 0 || p->value > 100 || (p->value > 0 && p->value < 0.0001)))
		val_error(v, path, "percentage %g is neither 0.0, nor in range [0.0001, 100.0]", p->value);
}

static void check_fault(struct val *v, const char *path, const struct istio_http_fault_injection *f)
{
	const struct istio_http_fault_injection_abort *a = f->abort;

	if (!f->abort && !f->delay)
		val_error(v, path, "HTTP fault injection must have an abort and/or a delay");
	if (a) {
		check_percent(v, val_path(v, "%s.abort.percentage", path), a->percentage);
		if (a->http_status && (*a->http_status < 200 || *a->http_status > 599))
			val_error(v, val_path(v, "%s.abort.httpStatus", path), "HTTP status %d is not in range 200-599",
				  *a->http_status);
		if (a->http2_error)
			val_error(v, val_path(v, "%s.abort", path), "HTTP/2 abort fault injection not supported yet");
	}
	if (f->delay) {
		check_percent(v, val_path(v, "%s.delay.percentage", path), f->delay->percentage);
		if (f->delay->exponential_delay)
			val_error(v, val_path(v, "%s.delay", path), "exponentialDelay not supported yet");
		if (f->delay->fixed_delay && *f->delay->fixed_delay < 1000000)
			val_error(v, val_path(v, "%s.delay.fixedDelay", path), "duration must be greater than 1ms");
		if (f->delay->percent < 0 || f->delay->percent > 100)
			val_error(v, val_path(v, "%s.delay.percent", path), "percentage %d is not in range 0..100",
				  f->delay->percent);
	}
}

bool validate_retry_on(struct slice s)
{
	static const char *const known[] = {
		"5xx",
		"gateway-error",
		"reset",
		"connect-failure",
		"retriable-4xx",
		"refused-stream",
		"retriable-status-codes",
		"retriable-headers",
		"envoy-ratelimited",
		"http3-post-connect-failure",
		"reset-before-request",
		"cancelled",
		"deadline-exceeded",
		"internal",
		"resource-exhausted",
		"unavailable",
	};
	uint64_t code;

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (slice_eq_str(s, known[i]))
			return true;
	return slice_to_u64(s, 599, &code) == 0 && code >= 100;
}

static void check_retries(struct val *v, const char *path, const struct istio_http_retry *r)
{
	struct slice rest = slice_str(r->retry_on);

	if (r->attempts < 0)
		val_error(v, path, "attempts cannot be negative");
	if (r->attempts == 0 && (r->per_try_timeout || rest.len))
		val_error(v, path, "http retry policy configured when attempts are set to 0 (disabled)");
	if (r->per_try_timeout && *r->per_try_timeout < 1000000)
		val_error(v, val_path(v, "%s.perTryTimeout", path), "duration must be greater than 1ms");
	while (rest.len) {
		const struct slice one = slice_trim(slice_split(&rest, ','));

		if (!validate_retry_on(one))
			val_error(v, val_path(v, "%s.retryOn", path), "\"%.*s\" is not a valid retryOn policy",
				  SLICE_ARG(one));
	}
}

static void check_redirect(struct val *v, const char *path, const struct istio_http_redirect *r)
{
	if (!r->uri && !r->authority && !r->scheme && !r->port && !r->derive_port)
		val_error(v, path, "redirect must specify URI, authority, scheme, or port");
	if (r->redirect_code && (r->redirect_code < 300 || r->redirect_code > 399))
		val_error(v, val_path(v, "%s.redirectCode", path), "%u is not a valid redirect code, must be 3xx",
			  r->redirect_code);
	if (r->scheme && strcmp(r->scheme, "http") != 0 && strcmp(r->scheme, "https") != 0)
		val_error(v, val_path(v, "%s.scheme", path), "invalid redirect scheme, must be \"http\" or \"https\"");
}

static void check_rewrite(struct val *v, const char *path, const struct istio_http_rewrite *r)
{
	const bool uri = r->uri && *r->uri, authority = r->authority && *r->authority;

	if (!uri && !authority && !r->uri_regex_rewrite)
		val_error(v, path,
			  "rewrite must specify at least one of URI, UriRegexRewrite, or authority. "
			  "Only one of URI or UriRegexRewrite may be specified");
	if (uri && r->uri_regex_rewrite)
		val_error(v, path, "rewrite may only contain one of URI or UriRegexRewrite");
	if (r->uri_regex_rewrite && r->uri_regex_rewrite->match)
		val_regex(v, val_path(v, "%s.uriRegexRewrite.match", path), r->uri_regex_rewrite->match);
}

static void check_cors(struct val *v, const char *path, const struct istio_cors_policy *c)
{
	static const char *const methods[] = {"GET",    "HEAD",    "POST",    "PUT",   "PATCH",
					      "DELETE", "CONNECT", "OPTIONS", "TRACE", "*"};

	for (size_t i = 0; i < c->allow_methods.n; i++) {
		bool ok = false;

		for (size_t k = 0; k < ARRAY_LEN(methods); k++)
			ok |= strcmp(c->allow_methods.v[i], methods[k]) == 0;
		if (!ok)
			val_error(v, val_path(v, "%s.allowMethods[%zu]", path, i),
				  "\"%s\" is not a supported HTTP method", c->allow_methods.v[i]);
	}
	for (size_t i = 0; i < c->allow_origins.n; i++)
		check_match(v, val_path(v, "%s.allowOrigins[%zu]", path, i), &c->allow_origins.v[i]);
	if (c->max_age && *c->max_age % 1000000000)
		val_error(v, val_path(v, "%s.maxAge", path), "max_age duration is accurate only to seconds precision");
}

/* Which of route, redirect, direct response and delegate a rule may have together. */
static void check_action(struct val *v, const char *path, const struct istio_http_route *h)
{
	if (h->redirect && h->route.n)
		val_error(v, path, "HTTP route cannot contain both route and redirect");
	if (h->redirect && h->fault)
		val_error(v, path, "HTTP route cannot contain both fault and redirect");
	if (h->redirect && h->rewrite)
		val_error(v, path, "HTTP route rule cannot contain both rewrite and redirect");
	if (h->direct_response && h->route.n)
		val_error(v, path, "HTTP route cannot contain both route and direct_response");
	if (h->direct_response && h->fault)
		val_error(v, path, "HTTP route cannot contain both fault and direct_response");
	if (h->direct_response && h->rewrite)
		val_error(v, path, "HTTP route rule cannot contain both rewrite and direct_response");
	if (h->mirror && h->mirrors.n)
		val_error(v, path, "HTTP route cannot contain both mirror and mirrors");
	if (!h->route.n && !h->redirect && !h->direct_response && !h->delegate)
		val_error(v, path, "HTTP route, redirect or direct_response is required");
	if (h->delegate && h->route.n)
		val_error(v, path, "root HTTP route %s must not specify route", h->name ? h->name : "");
	if (h->delegate && h->redirect)
		val_error(v, path, "root HTTP route %s must not specify redirect", h->name ? h->name : "");
}

static void check_mirror(struct val *v, const char *path, const struct istio_http_route *h)
{
	if (h->mirror)
		check_destination(v, val_path(v, "%s.mirror", path), h->mirror);
	for (size_t i = 0; i < h->mirrors.n; i++)
		check_destination(v, val_path(v, "%s.mirrors[%zu].destination", path, i), h->mirrors.v[i].destination);
	if (h->mirror_percentage && h->mirror_percentage->value > 100)
		val_error(v, val_path(v, "%s.mirrorPercentage", path),
			  "mirror percentage must have a max value of 100 (it has %f)", h->mirror_percentage->value);
	if (h->mirror_percent)
		val_warn(v, val_path(v, "%s.mirrorPercent", path),
			 "using deprecated setting \"mirrorPercent\", use \"mirrorPercentage\" instead");
}

static void check_http(struct val *v, const char *path, const struct istio_http_route *h)
{
	check_action(v, path, h);
	for (size_t i = 0; i < h->match.n; i++)
		check_http_match(v, val_path(v, "%s.match[%zu]", path, i), &h->match.v[i]);
	check_routes(v, path, h);
	check_headers(v, val_path(v, "%s.headers", path), h->headers);
	check_mirror(v, path, h);
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
	if (h->timeout && *h->timeout < 0)
		val_error(v, val_path(v, "%s.timeout", path), "duration must be greater than 1ms");
	if (h->direct_response && (h->direct_response->status < 200 || h->direct_response->status > 599))
		val_error(v, val_path(v, "%s.directResponse.status", path), "HTTP status %u is not in range 200-599",
			  h->direct_response->status);
	if (h->direct_response && h->direct_response->body && h->direct_response->body->string &&
	    strlen(h->direct_response->body->string) > BODY_MAX_BYTES)
		val_error(v, val_path(v, "%s.directResponse.body", path),
			  "large direct_responses may impact control plane performance, must be less than 1MB");
}

/* --- TLS and TCP --- */

static void check_l4_routes(struct val *v, const char *path, const char *kind, const struct istio_route_destination *d,
			    size_t n)
{
	int64_t total = 0;

	if (!n)
		val_error(v, path, "%s route is required", kind);
	for (size_t i = 0; i < n; i++) {
		check_destination(v, val_path(v, "%s.route[%zu].destination", path, i), d[i].destination);
		total += d[i].weight;
	}
	if (n > 1 && total == 0)
		val_error(v, path, "total destination weight = 0");
}

static bool sni_allowed(const char *sni, const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->hosts.n; i++)
		if (host_subset_of(sni, spec->hosts.v[i]))
			return true;
	return false;
}

static void check_tls(struct val *v, size_t n, const struct istio_virtual_service_spec *spec)
{
	const struct istio_tls_route *t = &spec->tls.v[n];
	const char *path = val_path(v, "spec.tls[%zu]", n);

	if (!t->match.n)
		val_error(v, path, "TLS route must have at least one match condition");
	for (size_t i = 0; i < t->match.n; i++) {
		if (!t->match.v[i].sni_hosts.n)
			val_error(v, val_path(v, "%s.match[%zu]", path, i),
				  "TLS match must have at least one SNI host");
		for (size_t k = 0; k < t->match.v[i].sni_hosts.n; k++)
			if (!sni_allowed(t->match.v[i].sni_hosts.v[k], spec))
				val_error(v, val_path(v, "%s.match[%zu].sniHosts[%zu]", path, i, k),
					  "SNI host \"%s\" is not a compatible subset of any of the virtual service "
					  "hosts",
					  t->match.v[i].sni_hosts.v[k]);
	}
	check_l4_routes(v, path, "TLS", t->route.v, t->route.n);
}

/* --- the whole --- */

static bool in_mesh(const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->gateways.n; i++)
		if (strcmp(spec->gateways.v[i], "mesh") == 0)
			return true;
	return spec->gateways.n == 0;
}

static void check_hosts(struct val *v, const struct istio_virtual_service_spec *spec)
{
	const bool mesh = in_mesh(spec);

	for (size_t i = 0; i < spec->hosts.n; i++) {
		const char *path = val_path(v, "spec.hosts[%zu]", i);

		val_domain(v, path, spec->hosts.v[i]);
		if (mesh && strcmp(spec->hosts.v[i], "*") == 0)
			val_error(v, path,
				  "wildcard host * is not allowed for virtual services bound to the mesh gateway");
		for (size_t k = 0; k < i; k++)
			if (strcmp(spec->hosts.v[i], spec->hosts.v[k]) == 0)
				val_error(v, path, "duplicate hosts in virtual service: %s & %s", spec->hosts.v[i],
					  spec->hosts.v[k]);
	}
}

static void check_gateways(struct val *v, const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i < spec->gateways.n; i++) {
		const char *g = spec->gateways.v[i], *slash = strchr(g, '/'),
			   *path = val_path(v, "spec.gateways[%zu]", i);

		if (slash && (slash == g || !slash[1]))
			val_error(v, path, "config namespace and gateway name cannot be empty");
		else if (!*g || (slash && strchr(slash + 1, '/')))
			val_error(v, path, "invalid value for gateway name: \"%s\"", g);
	}
}

static void check_delegate(struct val *v, const struct istio_virtual_service_spec *spec)
{
	if (spec->gateways.n)
		val_error(v, "spec.gateways", "delegate virtual service must have no gateways specified");
	if (spec->tls.n)
		val_error(v, "spec.tls", "delegate virtual service must have no tls route specified");
	if (spec->tcp.n)
		val_error(v, "spec.tcp", "delegate virtual service must have no tcp route specified");
	for (size_t i = 0; i < spec->http.n; i++)
		if (spec->http.v[i].delegate)
			val_error(v, val_path(v, "spec.http[%zu].delegate", i),
				  "delegate HTTP route cannot contain delegate");
}

/* A rule without match hides all that follow. */
static void warn_hidden(struct val *v, const struct istio_virtual_service_spec *spec)
{
	for (size_t i = 0; i + 1 < spec->http.n; i++)
		if (!spec->http.v[i].match.n)
			val_warn(v, val_path(v, "spec.http[%zu]", i + 1),
				 "virtualService rule #%zu not used (only the last rule can have no matches)", i);
}

void val_virtual_service(struct val *v, const struct api_object *o)
{
	const struct istio_virtual_service_spec *spec = API_VALUE(o, virtual_service, istio_virtual_service)->spec;

	if (!spec || (!spec->http.n && !spec->tcp.n && !spec->tls.n)) {
		val_error(v, "spec", "http, tcp or tls must be provided in virtual service");
		return;
	}
	if (spec->hosts.n)
		check_hosts(v, spec);
	else
		check_delegate(v, spec);
	check_gateways(v, spec);
	for (size_t i = 0; i < spec->http.n; i++)
		check_http(v, val_path(v, "spec.http[%zu]", i), &spec->http.v[i]);
	for (size_t i = 0; i < spec->tls.n; i++)
		check_tls(v, i, spec);
	for (size_t i = 0; i < spec->tcp.n; i++)
		check_l4_routes(v, val_path(v, "spec.tcp[%zu]", i), "TCP", spec->tcp.v[i].route.v,
				spec->tcp.v[i].route.n);
	val_export_to(v, spec->export_to.v, spec->export_to.n, api_object_namespace(o));
	warn_hidden(v, spec);
}
