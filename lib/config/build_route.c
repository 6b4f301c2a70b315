/* RouteConfiguration to struct route_table: virtual hosts, routes, what a route does. */
#include "config/build_internal.h"

#define BODY_DEFAULT_MAX_BYTES 4096 /* of direct responses, where the table does not say */

#define HEADERS_OF(x, m, ret, e)                                                                                       \
	build_headers((x), (m)->request_headers_to_add, (m)->n_request_headers_to_add, (m)->request_headers_to_remove, \
		      (m)->n_request_headers_to_remove, (m)->response_headers_to_add, (m)->n_response_headers_to_add,  \
		      (m)->response_headers_to_remove, (m)->n_response_headers_to_remove, (ret), (e))

/* Entries of typed_per_filter_config; the generated entry types all have key and value. */
#define OVERRIDES_OF(x, m, dest, e)                                                                                    \
	({                                                                                                             \
		int or_ = 0;                                                                                           \
		(dest)->overrides = ARENA_NEW_N((x)->out, struct route_override, (m)->n_typed_per_filter_config);      \
		for (size_t oi_ = 0; or_ == 0 && oi_ < (m)->n_typed_per_filter_config; oi_++)                          \
			or_ = build_override((x), (m)->typed_per_filter_config[oi_]->key,                              \
					     (m)->typed_per_filter_config[oi_]->value,                                 \
					     &(dest)->overrides[(dest)->n_overrides++], (e));                          \
		or_;                                                                                                   \
	})

/* ---- retries ---- */

static int retry_on(const char *text, struct route_retry *ret, struct err *e)
{
	static const struct {
		const char *name;
		uint32_t bit;
	} names[] = {
		{"5xx", ROUTE_RETRY_5XX},
		{"gateway-error", ROUTE_RETRY_GATEWAY_ERROR},
		{"reset", ROUTE_RETRY_RESET},
		{"reset-before-request", ROUTE_RETRY_RESET_BEFORE_REQUEST},
		{"connect-failure", ROUTE_RETRY_CONNECT_FAILURE},
		{"envoy-ratelimited", ROUTE_RETRY_ENVOY_RATELIMITED},
		{"retriable-4xx", ROUTE_RETRY_RETRIABLE_4XX},
		{"refused-stream", ROUTE_RETRY_REFUSED_STREAM},
		{"retriable-status-codes", ROUTE_RETRY_RETRIABLE_STATUS},
		{"retriable-headers", ROUTE_RETRY_RETRIABLE_HEADERS},
		{"http3-post-connect-failure", ROUTE_RETRY_HTTP3_CONNECT_FAILURE},
		{"cancelled", ROUTE_RETRY_GRPC_CANCELLED},
		{"deadline-exceeded", ROUTE_RETRY_GRPC_DEADLINE_EXCEEDED},
		{"internal", ROUTE_RETRY_GRPC_INTERNAL},
		{"resource-exhausted", ROUTE_RETRY_GRPC_RESOURCE_EXHAUSTED},
		{"unavailable", ROUTE_RETRY_GRPC_UNAVAILABLE},
	};
	struct slice rest = slice_str(text);

	while (rest.len) {
		struct slice part = slice_trim(slice_split(&rest, ','));
		size_t i = 0;
		while (i < ARRAY_LEN(names) && !slice_eq_str(part, names[i].name))
			i++;
		if (part.len && i == ARRAY_LEN(names))
			return err_set(e, -EINVAL, "retry_on: '%.*s' is not known", SLICE_ARG(part));
		if (part.len)
			ret->on |= names[i].bit;
	}
	return 0;
}

static int retry_policy(struct build_ctx *x, const ROUTE(RetryPolicy) * m, const struct route_retry **ret,
			struct err *e)
{
	struct route_retry *t;
	int r;

	*ret = NULL;
	if (!m)
		return 0;
	t = ARENA_NEW(x->out, struct route_retry);
	t->num_retries = build_u32(m->num_retries, 1);
	t->per_try_timeout_ns = pb_duration_to_ns(m->per_try_timeout, 0);
	t->backoff_base_ns =
		m->retry_back_off ? pb_duration_to_ns(m->retry_back_off->base_interval, 25000000) : 25000000;
	t->backoff_max_ns = m->retry_back_off
				    ? pb_duration_to_ns(m->retry_back_off->max_interval, t->backoff_base_ns * 10)
				    : t->backoff_base_ns * 10;
	t->host_attempts = m->host_selection_retry_max_attempts > 0 && m->host_selection_retry_max_attempts < 1000
				   ? (uint32_t)m->host_selection_retry_max_attempts
				   : 1;
	for (size_t i = 0; i < m->n_retry_host_predicate; i++)
		t->avoid_previous_hosts |=
			strcmp(m->retry_host_predicate[i]->name, "envoy.retry_host_predicates.previous_hosts") == 0;
	t->n_status = m->n_retriable_status_codes;
	t->status = ARENA_NEW_N(x->out, uint16_t, t->n_status);
	for (size_t i = 0; i < t->n_status; i++)
		t->status[i] = (uint16_t)m->retriable_status_codes[i];
	t->n_headers = m->n_retriable_headers;
	r = build_header_matches(x, m->retriable_headers, m->n_retriable_headers, &t->headers, e);
	if (r == 0)
		r = retry_on(m->retry_on, t, e);
	if (r < 0)
		return err_wrap(e, r, "retry_policy");
	*ret = t;
	return 0;
}

/* ---- forwarding ---- */

static int weighted(struct build_ctx *x, const ROUTE(WeightedCluster) * m, struct route *ret, struct err *e)
{
	uint64_t total = 0;
	int r = 0;

	ret->action = ROUTE_ACTION_WEIGHTED;
	ret->weighted = ARENA_NEW_N(x->out, struct route_weighted, m->n_clusters);
	for (size_t i = 0; i < m->n_clusters; i++) {
		const ROUTE(WeightedCluster__ClusterWeight) *c = m->clusters[i];
		struct route_weighted *w = &ret->weighted[ret->n_weighted++];
		if (!c->name[0])
			return err_set(e, -EINVAL, "weighted_clusters[%zu]: name is missing", i);
		w->cluster = build_cluster_ref(x, c->name);
		w->weight = build_u32(c->weight, 0);
		total += w->weight;
		if (c->host_rewrite_specifier_case ==
		    ENVOY__CONFIG__ROUTE__V3__WEIGHTED_CLUSTER__CLUSTER_WEIGHT__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL)
			w->host_rewrite = build_slice(x, c->host_rewrite_literal);
		r = HEADERS_OF(x, c, (const struct route_headers **)&w->headers, e);
		if (r == 0)
			r = OVERRIDES_OF(x, c, w, e);
		if (r < 0)
			return err_wrap(e, r, "weighted_clusters[%zu]", i);
	}
	if (!total || total > UINT32_MAX)
		return err_set(e, -EINVAL, "weighted_clusters: the sum of weights must be 1..%u", UINT32_MAX);
	ret->total_weight = (uint32_t)total;
	return 0;
}

static int cluster_choice(struct build_ctx *x, const ROUTE(RouteAction) * m, struct route *ret, struct err *e)
{
	switch (m->cluster_specifier_case) {
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER:
		ret->action = ROUTE_ACTION_CLUSTER;
		ret->cluster = build_cluster_ref(x, m->cluster);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER_HEADER:
		ret->action = ROUTE_ACTION_CLUSTER_HEADER;
		ret->cluster_header = build_lower(x, m->cluster_header);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS:
		return weighted(x, m->weighted_clusters, ret, e);
	default:
		return err_set(e, -EINVAL, "cluster specifier is missing or not supported");
	}
}

static int regex_substitution(struct build_ctx *x, const MATCHER(RegexMatchAndSubstitute) * m,
			      const struct regex **ret_regex, struct slice *ret_text, struct err *e)
{
	int r = build_regex(x, m->pattern, ret_regex, e);

	if (r < 0)
		return r;
	*ret_text = build_slice(x, m->substitution);
	return regex_check_substitution(*ret_regex, *ret_text, e);
}

static int host_rewrite(struct build_ctx *x, const ROUTE(RouteAction) * m, struct route *ret, struct err *e)
{
	switch (m->host_rewrite_specifier_case) {
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HOST_REWRITE_SPECIFIER__NOT_SET:
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL:
		ret->host_rewrite = build_slice(x, m->host_rewrite_literal);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HOST_REWRITE_SPECIFIER_AUTO_HOST_REWRITE:
		ret->auto_host_rewrite = build_bool(m->auto_host_rewrite, false);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HOST_REWRITE_SPECIFIER_HOST_REWRITE_HEADER:
		ret->host_rewrite_header = build_lower(x, m->host_rewrite_header);
		return 0;
	default:
		return UNSUPPORTED(e, "this host_rewrite_specifier");
	}
}

static int hash_policies(struct build_ctx *x, const ROUTE(RouteAction) * m, struct route *ret, struct err *e)
{
	ret->hashes = ARENA_NEW_N(x->out, struct route_hash, m->n_hash_policy);
	for (size_t i = 0; i < m->n_hash_policy; i++) {
		const ROUTE(RouteAction__HashPolicy) *p = m->hash_policy[i];
		struct route_hash *h = &ret->hashes[ret->n_hashes++];
		h->terminal = p->terminal;
		switch (p->policy_specifier_case) {
		case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_HEADER:
			h->kind = ROUTE_HASH_HEADER;
			h->name = build_lower(x, p->header->header_name);
			break;
		case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_COOKIE:
			h->kind = ROUTE_HASH_COOKIE;
			h->name = build_slice(x, p->cookie->name);
			h->path = build_slice(x, p->cookie->path);
			h->cookie_ttl_s = p->cookie->ttl ? p->cookie->ttl->seconds : -1;
			break;
		case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_CONNECTION_PROPERTIES:
			h->kind = ROUTE_HASH_SOURCE_IP;
			break;
		case ENVOY__CONFIG__ROUTE__V3__ROUTE_ACTION__HASH_POLICY__POLICY_SPECIFIER_QUERY_PARAMETER:
			h->kind = ROUTE_HASH_QUERY;
			h->name = build_slice(x, p->query_parameter->name);
			break;
		default:
			return err_set(e, -EINVAL, "hash_policy[%zu]: this kind is not supported", i);
		}
	}
	return 0;
}

static int mirrors(struct build_ctx *x, const ROUTE(RouteAction) * m, struct route *ret, struct err *e)
{
	ret->mirrors = ARENA_NEW_N(x->out, struct route_mirror, m->n_request_mirror_policies);
	for (size_t i = 0; i < m->n_request_mirror_policies; i++) {
		const ROUTE(RouteAction__RequestMirrorPolicy) *p = m->request_mirror_policies[i];
		struct route_mirror *t = &ret->mirrors[ret->n_mirrors++];
		if (!p->cluster[0])
			return err_set(e, -EINVAL, "request_mirror_policies[%zu]: cluster is missing", i);
		t->cluster = build_cluster_ref(x, p->cluster);
		t->fraction = (struct route_fraction){100, 100};
		if (p->runtime_fraction)
			build_fraction(p->runtime_fraction->default_value, &t->fraction);
	}
	return 0;
}

static int upgrades(const ROUTE(RouteAction) * m, struct route *ret, struct err *e)
{
	for (size_t i = 0; i < m->n_upgrade_configs; i++) {
		const ROUTE(RouteAction__UpgradeConfig) *u = m->upgrade_configs[i];
		enum route_switch to = build_bool(u->enabled, true) ? ROUTE_SWITCH_ON : ROUTE_SWITCH_OFF;
		bool connect = strcasecmp(u->upgrade_type, "CONNECT") == 0;

		if (!connect && strcasecmp(u->upgrade_type, "websocket") != 0)
			return err_set(e, -EINVAL, "upgrade_configs[%zu]: '%s' is not supported", i, u->upgrade_type);
		if (u->connect_config && !connect)
			return err_set(e, -EINVAL, "upgrade_configs[%zu]: connect_config is for CONNECT alone", i);
		*(connect ? &ret->connect : &ret->websocket) = to;
		ret->connect_ends_here |= u->connect_config != NULL;
	}
	return 0;
}

static void timeouts(const ROUTE(RouteAction) * m, struct route *ret)
{
	ret->timeout_ns = pb_duration_to_ns(m->timeout, ROUTE_TIMEOUT_DEFAULT_NS);
	ret->idle_timeout_ns = pb_duration_to_ns(m->idle_timeout, -1);
	ret->grpc_timeout_max_ns = pb_duration_to_ns(m->max_grpc_timeout, -1);
	if (m->max_stream_duration) {
		ret->max_stream_duration_ns = pb_duration_to_ns(m->max_stream_duration->max_stream_duration, 0);
		ret->grpc_timeout_max_ns = pb_duration_to_ns(m->max_stream_duration->grpc_timeout_header_max, -1);
	}
}

/* Of a weighted cluster its own labels and those of the route that it does not name. */
static void subsets_of_weights(struct build_ctx *x, const ROUTE(RouteAction) * m, struct route *ret)
{
	for (size_t i = 0; i < ret->n_weighted; i++) {
		struct route_labels own;

		build_labels(x, m->weighted_clusters->clusters[i]->metadata_match, false, &own);
		ret->weighted[i].subset = route_labels_merge(&own, &ret->subset, x->out);
	}
}

static int forward(struct build_ctx *x, const ROUTE(RouteAction) * m, struct route *ret, struct err *e)
{
	static const uint16_t missing[] = {503, 404, 500};
	int r = cluster_choice(x, m, ret, e);

	if (r < 0)
		return r;
	if (m->path_rewrite_policy || m->path_rewrite[0] || m->internal_redirect_policy)
		return UNSUPPORTED(e, "path_rewrite_policy, path_rewrite or internal_redirect_policy");
	ret->cluster_missing_code =
		(unsigned)m->cluster_not_found_response_code < 3 ? missing[m->cluster_not_found_response_code] : 503;
	ret->has_prefix_rewrite = m->prefix_rewrite[0] != 0;
	ret->prefix_rewrite = build_slice(x, m->prefix_rewrite);
	ret->any_endpoint = build_any_endpoint(m->metadata_match);
	build_labels(x, m->metadata_match, false, &ret->subset);
	subsets_of_weights(x, m, ret);
	timeouts(m, ret);
	if (m->regex_rewrite) {
		r = regex_substitution(x, m->regex_rewrite, &ret->regex_rewrite, &ret->regex_substitution, e);
		if (r < 0)
			return err_wrap(e, r, "regex_rewrite");
	}
	r = host_rewrite(x, m, ret, e);
	if (r == 0)
		r = hash_policies(x, m, ret, e);
	if (r == 0)
		r = mirrors(x, m, ret, e);
	if (r == 0)
		r = upgrades(m, ret, e);
	if (r == 0)
		r = build_rate_limits(x, m->rate_limits, m->n_rate_limits, &ret->rates, e);
	ret->n_rates = m->n_rate_limits;
	ret->include_vhost_rates = build_bool(m->include_vh_rate_limits, false);
	return r < 0 ? r : retry_policy(x, m->retry_policy, &ret->retry, e);
}

/* ---- redirects and direct answers ---- */

static int redirect(struct build_ctx *x, const ROUTE(RedirectAction) * m, struct route *ret, struct err *e)
{
	static const uint16_t codes[] = {301, 302, 303, 307, 308};
	struct route_redirect *d = ARENA_NEW(x->out, struct route_redirect);

	ret->action = ROUTE_ACTION_REDIRECT;
	ret->redirect = d;
	if ((size_t)m->response_code >= ARRAY_LEN(codes))
		return err_set(e, -EINVAL, "response_code: unknown value");
	d->code = codes[m->response_code];
	d->host = build_slice(x, m->host_redirect);
	d->port = m->port_redirect;
	d->strip_query = m->strip_query;
	if (m->scheme_rewrite_specifier_case ==
	    ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__SCHEME_REWRITE_SPECIFIER_HTTPS_REDIRECT)
		d->https = m->https_redirect;
	else if (m->scheme_rewrite_specifier_case ==
		 ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__SCHEME_REWRITE_SPECIFIER_SCHEME_REDIRECT)
		d->scheme = build_lower(x, m->scheme_redirect);
	switch (m->path_rewrite_specifier_case) {
	case ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_PATH_REDIRECT:
		d->path = build_slice(x, m->path_redirect);
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_PREFIX_REWRITE:
		d->prefix = build_slice(x, m->prefix_rewrite);
		d->has_prefix = true;
		return 0;
	case ENVOY__CONFIG__ROUTE__V3__REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_REGEX_REWRITE:
		return regex_substitution(x, m->regex_rewrite, &d->regex, &d->regex_substitution, e);
	default:
		return 0;
	}
}

static int direct(struct build_ctx *x, const ROUTE(DirectResponseAction) * m, struct route *ret, struct err *e)
{
	ret->action = ROUTE_ACTION_DIRECT_RESPONSE;
	if (m->status < 200 || m->status > 599)
		return err_set(e, -EINVAL, "status must be 200..599");
	if (m->body_format)
		return UNSUPPORTED(e, "body_format");
	ret->direct_code = (uint16_t)m->status;
	int r = build_data_source(x, m->body, &ret->direct_body, e);
	if (r == 0 && ret->direct_body.len > x->body_max_bytes)
		return err_set(e, -EINVAL, "body has more than %zu bytes", x->body_max_bytes);
	return r;
}

static int action(struct build_ctx *x, const ROUTE(Route) * m, struct route *ret, struct err *e)
{
	int r;

	switch (m->action_case) {
	case ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_ROUTE:
		r = forward(x, m->route, ret, e);
		return r < 0 ? err_wrap(e, r, "route") : 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_REDIRECT:
		r = redirect(x, m->redirect, ret, e);
		return r < 0 ? err_wrap(e, r, "redirect") : 0;
	case ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_DIRECT_RESPONSE:
		r = direct(x, m->direct_response, ret, e);
		return r < 0 ? err_wrap(e, r, "direct_response") : 0;
	default:
		return err_set(e, -EINVAL, "action is missing or not supported");
	}
}

static int build_one_route(struct build_ctx *x, const ROUTE(Route) * m, struct route *ret, struct err *e)
{
	const char *path = pb_struct_get_string(build_metadata(m->metadata, "istio"), "config");
	int r;

	ret->name = build_str(x, m->name);
	ret->operation = m->decorator ? build_str(x, m->decorator->operation) : NULL;
	ret->config_path = arena_strdup(x->out, path);
	ret->idle_timeout_ns = ret->grpc_timeout_max_ns = -1;
	r = build_route_match(x, m->match, &ret->match, e);
	if (r < 0)
		return err_wrap(e, r, "match");
	r = action(x, m, ret, e);
	if (r == 0)
		r = HEADERS_OF(x, m, &ret->headers, e);
	return r < 0 ? r : OVERRIDES_OF(x, m, ret, e);
}

/* ---- virtual hosts ---- */

static int vhost(struct build_ctx *x, const ROUTE(VirtualHost) * m, struct route_vhost *ret, struct err *e)
{
	int r;

	ret->name = build_str(x, m->name);
	ret->require_tls_all = m->require_tls == ENVOY__CONFIG__ROUTE__V3__VIRTUAL_HOST__TLS_REQUIREMENT_TYPE__ALL;
	ret->require_tls_external =
		m->require_tls == ENVOY__CONFIG__ROUTE__V3__VIRTUAL_HOST__TLS_REQUIREMENT_TYPE__EXTERNAL_ONLY;
	ret->include_attempt_count = m->include_request_attempt_count;
	if (!m->n_domains)
		return err_set(e, -EINVAL, "domains are missing");
	ret->n_domains = m->n_domains;
	ret->domains = ARENA_NEW_N(x->out, const char *, m->n_domains);
	for (size_t i = 0; i < m->n_domains; i++)
		ret->domains[i] = build_str(x, m->domains[i]);
	r = HEADERS_OF(x, m, &ret->headers, e);
	if (r == 0)
		r = retry_policy(x, m->retry_policy, &ret->retry, e);
	if (r == 0)
		r = OVERRIDES_OF(x, m, ret, e);
	if (r == 0)
		r = build_rate_limits(x, m->rate_limits, m->n_rate_limits, &ret->rates, e);
	ret->n_rates = m->n_rate_limits;
	ret->n_routes = m->n_routes;
	ret->routes = ARENA_NEW_N(x->out, struct route, m->n_routes);
	for (size_t i = 0; r == 0 && i < m->n_routes; i++) {
		r = build_one_route(x, m->routes[i], &ret->routes[i], e);
		if (r < 0)
			return err_wrap(e, r, "routes[%zu]", i);
	}
	return r;
}

static int fill(struct build_ctx *x, const ROUTE(RouteConfiguration) * m, struct route_table *t, struct err *e)
{
	int r;

	if (m->vhds)
		return UNSUPPORTED(e, "vhds");
	t->name = build_str(x, m->name);
	t->most_specific_headers_win = m->most_specific_header_mutations_wins;
	t->ignore_port_in_host = m->ignore_port_in_host_matching;
	r = HEADERS_OF(x, m, &t->headers, e);
	if (r == 0)
		r = OVERRIDES_OF(x, m, t, e);
	t->n_vhosts = m->n_virtual_hosts;
	t->vhosts = ARENA_NEW_N(x->out, struct route_vhost, t->n_vhosts);
	for (size_t i = 0; r == 0 && i < t->n_vhosts; i++) {
		r = vhost(x, m->virtual_hosts[i], &t->vhosts[i], e);
		if (r < 0)
			return err_wrap(e, r, "virtual_hosts[%zu] '%s'", i, m->virtual_hosts[i]->name);
	}
	return r < 0 ? r : route_table_seal(t, e);
}

int build_route_table(struct config_names *names, struct build *b, const ROUTE(RouteConfiguration) * m,
		      struct route_table **ret, struct err *e)
{
	CLEANUP(arena_done) struct arena tmp = ARENA_INIT;
	CLEANUP(route_table_unrefp) struct route_table *t = route_table_new();
	struct build_ctx x = {&t->arena, &tmp, names, b,
			      build_u32(m->max_direct_response_body_size_bytes, BODY_DEFAULT_MAX_BYTES)};
	int r = fill(&x, m, t, e);

	if (r < 0)
		return r;
	*ret = take(t);
	return 0;
}
