/*
 * VirtualService HTTP rules as routes: one route per match, in order, with everything that a rule can ask for. Where a
 * destination does not exist its cluster is named all the same, so that requests get 503 and the status tells why.
 */
#include "compile/gen.h"

#include <stdlib.h>

#include "mesh/host.h"

#define ROUTE(x) ENVOY__CONFIG__ROUTE__V3__##x

struct rule {
	const struct mesh_virtual_service *vs;
	const struct istio_http_route *in;
	const char *gateway;
	uint16_t port;
	size_t number;     /* of the rule, as written */
	bool delegates;    /* the rule is another's, in place of that number */
	struct map *taken; /* matches of the virtual host */
	const char *domain;
};

/* Does a match apply to this proxy, gateway and port at all? */
static bool applies(struct gen *g, const struct rule *r, const struct istio_http_match_request *m)
{
	if (m->port && m->port != r->port)
		return false;
	if (m->gateways.n)
		return gen_names_gateway(g, m->gateways.v, m->gateways.n, r->vs->o.ns, r->gateway);
	if (m->source_namespace && strcmp(m->source_namespace, g->proxy->ns) != 0)
		return false;
	return meta_labels_contain(&g->proxy->labels, &m->source_labels);
}

pb_metadata *gen_any_endpoint(struct gen *g, const struct mesh_virtual_service *vs, const struct istio_destination *d)
{
	const char *host = host_resolve(g->arena, d->host, vs->o.ns, gen_mesh(g)->domain);
	const struct service *svc = gen_service(g, host);
	const bool own = vs->n_hosts == 1 && strcmp(vs->hosts[0], host) == 0 && !(d->subset && *d->subset);
	Google__Protobuf__Struct *s;

	if (own || !g->proxy->weft || !svc || svc->resolution != RESOLUTION_PASSTHROUGH)
		return NULL;
	s = pb_struct(g->arena);
	pb_struct_set(g->arena, s, "any_endpoint", pb_value_bool(g->arena, true));
	return pb_metadata_set(g->arena, NULL, "weft", s);
}

static const char *destination_cluster(struct gen *g, const struct rule *r, const struct istio_destination *d)
{
	const char *host = host_resolve(g->arena, d->host, r->vs->o.ns, gen_mesh(g)->domain);
	const struct service *svc = gen_service(g, host);
	uint16_t port = r->port;

	if (d->port && d->port->number)
		port = (uint16_t)d->port->number;
	else if (svc && svc->n_ports == 1)
		port = svc->ports[0].port;
	return gen_cluster_name(g->arena, port, d->subset, host);
}

static pb_header_option *header_option(struct arena *a, const struct str_pair *p, bool append)
{
	pb_header_option *o = pb_header_option_new(a);

	o->header = pb_header_value_new(a);
	o->header->key = pb_str(p->key);
	o->header->value = pb_str(p->value);
	o->append_action =
		append ? ENVOY__CONFIG__CORE__V3__HEADER_VALUE_OPTION__HEADER_APPEND_ACTION__APPEND_IF_EXISTS_OR_ADD
		       : ENVOY__CONFIG__CORE__V3__HEADER_VALUE_OPTION__HEADER_APPEND_ACTION__OVERWRITE_IF_EXISTS_OR_ADD;
	return o;
}

static bool is_authority(const char *name)
{
	return strcasecmp(name, "host") == 0 || strcasecmp(name, ":authority") == 0;
}

/* The value that a rule sets the Host header to, or NULL. */
static const char *set_authority(const struct istio_headers *h)
{
	for (size_t i = 0; h && h->request && i < h->request->set.n; i++)
		if (is_authority(h->request->set.v[i].key))
			return h->request->set.v[i].value;
	return NULL;
}

/* Adds the operations to anything that has the four header fields. */
#define ADD_HEADERS(a, out, h)                                                                                         \
	do {                                                                                                           \
		const struct istio_headers_header_operations *q_ = (h)->request, *s_ = (h)->response;                  \
		for (size_t i_ = 0; q_ && i_ < q_->set.n; i_++)                                                        \
			if (!is_authority(q_->set.v[i_].key))                                                          \
				PB_ADD(a, out, request_headers_to_add, header_option(a, &q_->set.v[i_], false));       \
		for (size_t i_ = 0; q_ && i_ < q_->add.n; i_++)                                                        \
			PB_ADD(a, out, request_headers_to_add, header_option(a, &q_->add.v[i_], true));                \
		for (size_t i_ = 0; q_ && i_ < q_->remove.n; i_++)                                                     \
			PB_ADD(a, out, request_headers_to_remove, pb_str(q_->remove.v[i_]));                           \
		for (size_t i_ = 0; s_ && i_ < s_->set.n; i_++)                                                        \
			PB_ADD(a, out, response_headers_to_add, header_option(a, &s_->set.v[i_], false));              \
		for (size_t i_ = 0; s_ && i_ < s_->add.n; i_++)                                                        \
			PB_ADD(a, out, response_headers_to_add, header_option(a, &s_->add.v[i_], true));               \
		for (size_t i_ = 0; s_ && i_ < s_->remove.n; i_++)                                                     \
			PB_ADD(a, out, response_headers_to_remove, pb_str(s_->remove.v[i_]));                          \
	} while (0)

static pb_retry *default_retry(struct gen *g)
{
	struct arena *a = g->arena;
	pb_retry *p = pb_retry_new(a);
	pb_retry_predicate *h = pb_retry_predicate_new(a);

	p->retry_on = pb_str("connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes");
	p->num_retries = pb_u32(a, 2);
	PB_ADD(a, p, retriable_status_codes, 503);
	h->name = pb_str("envoy.retry_host_predicates.previous_hosts");
	h->config_type_case = ROUTE(RETRY_POLICY__RETRY_HOST_PREDICATE__CONFIG_TYPE_TYPED_CONFIG);
	h->typed_config = pb_any_empty(a, "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate");
	PB_ADD(a, p, retry_host_predicate, h);
	p->host_selection_retry_max_attempts = 5;
	return p;
}

/* Numbers among the conditions are status codes. */
static void set_retry_on(struct arena *a, pb_retry *p, const char *text)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice rest = slice_str(text);
	bool named = false;
	uint64_t code;

	p->n_retriable_status_codes = 0;
	p->retriable_status_codes = NULL;
	while (rest.len) {
		const struct slice part = slice_trim(slice_split(&rest, ','));

		if (slice_to_u64(part, 999, &code) == 0) {
			PB_ADD(a, p, retriable_status_codes, (uint32_t)code);
			continue;
		}
		named |= slice_eq_str(part, "retriable-status-codes");
		buf_printf(&out, "%s%.*s", out.len ? "," : "", SLICE_ARG(part));
	}
	if (p->n_retriable_status_codes && !named)
		buf_printf(&out, "%sretriable-status-codes", out.len ? "," : "");
	p->retry_on = arena_strdup(a, buf_str(&out));
}

static pb_retry *make_retry(struct gen *g, const struct istio_http_retry *in)
{
	pb_retry *p;

	if (!in)
		in = gen_mesh(g)->spec.default_http_retry_policy;
	if (in && in->attempts <= 0)
		return NULL;
	p = default_retry(g);
	if (!in)
		return p;
	p->num_retries->value = (uint32_t)in->attempts;
	if (in->retry_on && *in->retry_on)
		set_retry_on(g->arena, p, in->retry_on);
	if (in->per_try_timeout && *in->per_try_timeout > 0)
		p->per_try_timeout = pb_duration_ns(g->arena, *in->per_try_timeout);
	return p;
}

static void add_mirror(struct gen *g, const struct rule *r, pb_route_action *out, const struct istio_destination *d,
		       double percent)
{
	pb_mirror *m = pb_mirror_new(g->arena);

	if (percent <= 0)
		return;
	m->cluster = pb_str(destination_cluster(g, r, d));
	m->runtime_fraction = gen_runtime_fraction(g->arena, percent);
	m->trace_sampled = pb_bool(g->arena, false);
	PB_ADD(g->arena, out, request_mirror_policies, m);
}

static void add_mirrors(struct gen *g, const struct rule *r, pb_route_action *out)
{
	const struct istio_http_route *in = r->in;

	const uint32_t *old = in->mirror_percent ? in->mirror_percent : in->mirror_percent_snake;

	if (in->mirror && in->mirror_percentage)
		add_mirror(g, r, out, in->mirror, in->mirror_percentage->value);
	else if (in->mirror)
		add_mirror(g, r, out, in->mirror, old ? (double)MIN(*old, 100u) : 100);
	for (size_t i = 0; i < in->mirrors.n; i++) {
		const struct istio_http_mirror_policy *m = &in->mirrors.v[i];

		if (m->destination)
			add_mirror(g, r, out, m->destination, m->percentage ? m->percentage->value : 100);
	}
}

static void add_weighted(struct gen *g, const struct rule *r, pb_route_action *out)
{
	struct arena *a = g->arena;
	pb_weighted *w = pb_weighted_new(a);

	for (size_t i = 0; i < r->in->route.n; i++) {
		const struct istio_http_route_destination *d = &r->in->route.v[i];
		pb_cluster_weight *c;

		if (!d->destination || d->weight <= 0)
			continue;
		c = pb_cluster_weight_new(a);
		c->name = pb_str(destination_cluster(g, r, d->destination));
		c->weight = pb_u32(a, (uint32_t)d->weight);
		if (d->headers) {
			const char *host = set_authority(d->headers);

			ADD_HEADERS(a, c, d->headers);
			if (host) {
				c->host_rewrite_specifier_case = ROUTE(
					WEIGHTED_CLUSTER__CLUSTER_WEIGHT__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL);
				c->host_rewrite_literal = pb_str(host);
			}
		}
		gen_hash_of_destination(g, r->vs, out, d->destination, r->port);
		PB_ADD(a, w, clusters, c);
	}
	out->cluster_specifier_case = ROUTE(ROUTE_ACTION__CLUSTER_SPECIFIER_WEIGHTED_CLUSTERS);
	out->weighted_clusters = w;
}

static void set_rewrite(struct gen *g, const struct rule *r, pb_route_action *out, const char *authority)
{
	const struct istio_http_rewrite *w = r->in->rewrite;

	if (w && w->uri_regex_rewrite) {
		out->regex_rewrite = pb_regex_sub_new(g->arena);
		out->regex_rewrite->pattern = gen_regex(g->arena, w->uri_regex_rewrite->match);
		out->regex_rewrite->substitution = pb_str(w->uri_regex_rewrite->rewrite);
	} else if (w && w->uri) {
		out->prefix_rewrite = pb_str(w->uri);
	}
	if (w && w->authority)
		authority = w->authority;
	if (authority) {
		out->host_rewrite_specifier_case = ROUTE(ROUTE_ACTION__HOST_REWRITE_SPECIFIER_HOST_REWRITE_LITERAL);
		out->host_rewrite_literal = pb_str(authority);
	}
}

static void set_timeout(struct gen *g, pb_route_action *out, const int64_t *timeout_ns)
{
	const int64_t ns = timeout_ns ? *timeout_ns : 0;

	/* Beside max_stream_duration, which has a word for grpc-timeout, too, Envoy would pass over the timeout. */
	out->timeout = pb_duration_ns(g->arena, ns);
	out->max_grpc_timeout = pb_duration_ns(g->arena, ns);
}

static const struct istio_http_route_destination *single(const struct istio_http_route *in)
{
	return in->route.n == 1 ? &in->route.v[0] : NULL;
}

static void forward(struct gen *g, const struct rule *r, pb_route *out)
{
	const struct istio_http_route_destination *one = single(r->in);
	pb_route_action *x = pb_route_action_new(g->arena);
	const char *authority = set_authority(r->in->headers);

	for (size_t i = 0; i < r->in->route.n && !x->metadata_match; i++)
		if (r->in->route.v[i].destination)
			x->metadata_match = gen_any_endpoint(g, r->vs, r->in->route.v[i].destination);
	if (one && one->destination) {
		x->cluster_specifier_case = ROUTE(ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER);
		x->cluster = pb_str(destination_cluster(g, r, one->destination));
		gen_hash_of_destination(g, r->vs, x, one->destination, r->port);
		if (one->headers) {
			ADD_HEADERS(g->arena, out, one->headers);
			if (!authority)
				authority = set_authority(one->headers);
		}
	} else {
		add_weighted(g, r, x);
	}
	set_timeout(g, x, r->in->timeout);
	set_rewrite(g, r, x, authority);
	x->retry_policy = make_retry(g, r->in->retries);
	add_mirrors(g, r, x);
	out->action_case = ROUTE(ROUTE__ACTION_ROUTE);
	out->route = x;
}

static int redirect_code(uint32_t code)
{
	switch (code) {
	case 302:
		return ROUTE(REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__FOUND);
	case 303:
		return ROUTE(REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__SEE_OTHER);
	case 307:
		return ROUTE(REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__TEMPORARY_REDIRECT);
	case 308:
		return ROUTE(REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__PERMANENT_REDIRECT);
	default:
		return ROUTE(REDIRECT_ACTION__REDIRECT_RESPONSE_CODE__MOVED_PERMANENTLY);
	}
}

static void redirect(struct gen *g, const struct istio_http_redirect *in, uint16_t port, pb_route *out)
{
	pb_redirect *x = pb_redirect_new(g->arena);

	if (in->uri) {
		x->path_rewrite_specifier_case = ROUTE(REDIRECT_ACTION__PATH_REWRITE_SPECIFIER_PATH_REDIRECT);
		x->path_redirect = pb_str(in->uri);
	}
	x->host_redirect = pb_str(in->authority);
	if (in->port)
		x->port_redirect = *in->port;
	else if (in->derive_port && *in->derive_port == ISTIO_HTTP_REDIRECT_REDIRECT_PORT_SELECTION_FROM_REQUEST_PORT)
		x->port_redirect = port;
	if (in->scheme) {
		x->scheme_rewrite_specifier_case = ROUTE(REDIRECT_ACTION__SCHEME_REWRITE_SPECIFIER_SCHEME_REDIRECT);
		x->scheme_redirect = pb_str(in->scheme);
	}
	x->response_code = redirect_code(in->redirect_code);
	out->action_case = ROUTE(ROUTE__ACTION_REDIRECT);
	out->redirect = x;
}

static void respond(struct gen *g, const struct istio_http_direct_response *in, pb_route *out)
{
	pb_direct *x = pb_direct_new(g->arena);

	x->status = in->status;
	if (in->body && in->body->string) {
		x->body = pb_data_source_new(g->arena);
		x->body->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING;
		x->body->inline_string = pb_str(in->body->string);
	}
	out->action_case = ROUTE(ROUTE__ACTION_DIRECT_RESPONSE);
	out->direct_response = x;
}

/* Span name: "<host>:<port>/<path>*", or by the VirtualService where a rule has several destinations. */
static const char *operation(struct gen *g, const struct rule *r, const struct istio_http_match_request *m)
{
	const struct istio_string_match *u = m ? m->uri : NULL;
	const char *path = !u         ? "/*"
			   : u->exact ? u->exact
			   : u->regex ? u->regex
				      : arena_printf(g->arena, "%s*", u->prefix ? u->prefix : "/");
	const struct istio_http_route_destination *one = single(r->in);
	const char *host = r->vs->o.name;

	if (one && one->destination)
		host = host_resolve(g->arena, one->destination->host, r->vs->o.ns, gen_mesh(g)->domain);
	return arena_printf(
		g->arena, "%s:%u%s", host,
		one && one->destination && one->destination->port ? one->destination->port->number : r->port, path);
}

static const char *route_name(struct arena *a, const struct istio_http_route *in,
			      const struct istio_http_match_request *m)
{
	if (in->name && m && m->name)
		return arena_printf(a, "%s.%s", in->name, m->name);
	return in->name ? in->name : m && m->name ? m->name : "";
}

static const char *rule_path(struct gen *g, const struct rule *r, const struct istio_http_match_request *m)
{
	if (r->delegates)
		return arena_printf(g->arena, "spec.http[%zu].delegate", r->number);
	if (!m)
		return arena_printf(g->arena, "spec.http[%zu]", r->number);
	return arena_printf(g->arena, "spec.http[%zu].match[%zu]", r->number, (size_t)(m - r->in->match.v));
}

/* A route that a proxy would refuse, and the whole table with it, is left out. */
static bool is_sound(struct gen *g, const struct rule *r, const struct istio_http_match_request *m, const pb_route *out)
{
	const char *field, *fault = gen_match_fault(g, out, &field), *path = rule_path(g, r, m);

	if (!fault) {
		fault = gen_route_fault(g, out, &field);
		path = rule_path(g, r, NULL);
	}
	if (fault)
		gen_note(g, r->vs->o.obj, arena_printf(g->arena, "%s%s", path, field), "%s; the route is left out",
			 fault);
	return !fault;
}

/* Of two routes with one match the second would never be asked. */
static bool claim_match(struct gen *g, const struct rule *r, const struct istio_http_match_request *m,
			const pb_route *out)
{
	const struct slice key = pb_pack_arena(g->arena, &out->match->base);
	const struct gen_owner *winner = map_get(r->taken, key);
	struct gen_owner *own;

	if (winner && winner->object == r->vs->o.obj)
		return false;
	own = ARENA_NEW(g->arena, struct gen_owner);
	*own = (struct gen_owner){r->vs->o.obj, rule_path(g, r, m), true};
	if (!winner) {
		map_set(r->taken, key, own);
		return true;
	}
	gen_conflict(g, own, winner, own->path, arena_printf(g->arena, "this match for host %s", r->domain));
	return false;
}

static void add_route(struct gen *g, pb_vhost *vh, const struct rule *r, const struct istio_http_match_request *m)
{
	struct arena *a = g->arena;
	pb_route *out = pb_route_new(a);
	Google__Protobuf__Struct *meta = pb_struct(a);

	out->name = pb_str(route_name(a, r->in, m));
	out->match = gen_match(a, m);
	if (m && m->stat_prefix)
		out->stat_prefix = pb_str(m->stat_prefix);
	pb_struct_set_string(a, meta, "config",
			     arena_printf(a, "/apis/networking.istio.io/v1alpha3/namespaces/%s/virtual-service/%s%s%s",
					  r->vs->o.ns, r->vs->o.name, g->proxy->places ? "#" : "",
					  g->proxy->places ? rule_path(g, r, m) : ""));
	out->metadata = pb_metadata_set(a, NULL, "istio", meta);
	out->decorator = pb_decorator_new(a);
	out->decorator->operation = pb_str(operation(g, r, m));
	if (r->in->headers)
		ADD_HEADERS(a, out, r->in->headers);
	if (r->in->redirect)
		redirect(g, r->in->redirect, r->port, out);
	else if (r->in->direct_response)
		respond(g, r->in->direct_response, out);
	else
		forward(g, r, out);
	if (r->in->fault)
		gen_add_fault(g, r->in->fault, out);
	if (r->in->cors_policy)
		gen_add_cors(g, r->in->cors_policy, out);
	if (is_sound(g, r, m, out) && claim_match(g, r, m, out))
		PB_ADD(a, vh, routes, out);
}

void gen_virtual_service_routes(struct gen *g, pb_vhost *vh, const struct mesh_virtual_service *vs, const char *gateway,
				uint16_t port, struct map *taken)
{
	for (size_t i = 0; i < vs->spec->http.n; i++) {
		const struct mesh_origin o = vs->origins ? vs->origins[i] : (struct mesh_origin){i, NULL};
		const struct rule r = {.vs = vs,
				       .in = &vs->spec->http.v[i],
				       .gateway = gateway,
				       .port = port,
				       .number = o.number,
				       .delegates = o.delegate,
				       .taken = taken,
				       .domain = vh->name};

		if (o.delegate)
			gen_use(g, o.delegate);
		if (!r.in->match.n)
			add_route(g, vh, &r, NULL);
		for (size_t j = 0; j < r.in->match.n; j++)
			if (applies(g, &r, &r.in->match.v[j]))
				add_route(g, vh, &r, &r.in->match.v[j]);
		if (!r.in->match.n)
			return;
	}
}

pb_route *gen_default_route(struct gen *g, const char *cluster, const char *operation_name, bool retries)
{
	struct arena *a = g->arena;
	pb_route *out = pb_route_new(a);
	pb_route_action *x = pb_route_action_new(a);

	out->name = pb_str("default");
	out->match = gen_match(a, NULL);
	out->decorator = pb_decorator_new(a);
	out->decorator->operation = pb_str(operation_name);
	x->cluster_specifier_case = ROUTE(ROUTE_ACTION__CLUSTER_SPECIFIER_CLUSTER);
	x->cluster = pb_str(cluster);
	set_timeout(g, x, NULL);
	if (retries)
		x->retry_policy = make_retry(g, NULL);
	out->action_case = ROUTE(ROUTE__ACTION_ROUTE);
	out->route = x;
	return out;
}
