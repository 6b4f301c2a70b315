/*
 * The end of the filters: which cluster, which endpoint, a connection to it, and the upstream leg. A try is everything
 * from the choice of an endpoint on; s->up, s->upc and s->endpoint are those of the try under way.
 */
#include "proxy/stream/stream_internal.h"

#include <stdio.h>

#include "base/hash.h"
#include "grpc/call.h"
#include "grpc/message.h"
#include "net/proxy_protocol.h"
#include "proxy/stream/shadow.h"

/* Of an error's text; what follows is cut. */
#define FAILURE_MAX 127

static int64_t now_ns(const struct stream *s)
{
	return loop_now_ns(s->worker->loop);
}

/* ---- the end of a try ---- */

void stream_leave_endpoint(struct stream *s)
{
	s->upc = NULL;
	if (!s->endpoint)
		return;
	endpoint_count(s->endpoint, -1);
	s->cluster->counters.rq_active--;
	if (s->n_tried < STREAM_TRIED_MAX)
		s->tried[s->n_tried++] = take(s->endpoint);
	else
		endpoint_put(take(s->endpoint));
}

void stream_close_account(struct stream *s)
{
	timer_stop(&s->try_timeout);
	stream_leave_endpoint(s);
}

void stream_close_request(struct stream *s)
{
	if (s->counted_request)
		breaker_give(s->cluster->breaker, BREAKER_REQUESTS);
	if (s->counted_retry)
		breaker_give(s->cluster->breaker, BREAKER_RETRIES);
	s->counted_request = s->counted_retry = false;
}

void stream_router_drop(struct stream *s)
{
	timer_stop(&s->try_timeout);
	timer_stop(&s->timeout);
	pool_cancel(&s->wait);
	if (s->up.conn)
		http_leg_reset(&s->up);
	stream_close_account(s);
	stream_close_request(s);
}

void stream_try_failed(struct stream *s, enum outcome why)
{
	const struct outcome_row *row = outcome_row(why);

	stream_close_account(s);
	if (stream_retry(s, why, 0))
		return;
	s->flags |= row->flags;
	stream_reply(s, why);
}

/* ---- timeouts ---- */

static void on_timeout(struct timer *t)
{
	struct stream *s = CONTAINER_OF(t, struct stream, timeout);

	s->cluster->counters.rq_timeout++;
	s->outcome = OUTCOME_TIMEOUT;
	s->flags |= FLAG_UT;
	if (s->endpoint)
		s->endpoint->counters.rq_timeout++;
	if (s->endpoint)
		endpoint_report(s->endpoint, OUTLIER_GATEWAY);
	if (stream_answered(s)) {
		stream_cut(s);
		return;
	}
	stream_router_drop(s);
	stream_reply(s, OUTCOME_TIMEOUT);
}

static void on_duration(struct timer *t)
{
	struct stream *s = CONTAINER_OF(t, struct stream, duration);

	s->outcome = OUTCOME_DURATION_TIMEOUT;
	s->flags |= FLAG_UMSDR;
	if (stream_answered(s))
		stream_cut(s);
	else
		stream_reply_with(s, &(struct reply){.outcome = OUTCOME_DURATION_TIMEOUT,
						     .body = slice_str(outcome_row(OUTCOME_DURATION_TIMEOUT)->body),
						     .has_grpc = true,
						     .grpc_status = GRPC_DEADLINE_EXCEEDED});
}

/* What the caller waits for, where the route says that it counts; 0 = for ever, -1 = it does not say. */
static int64_t grpc_limit(struct stream *s)
{
	int64_t max = s->route->grpc_timeout_max_ns, asked;

	if (!s->grpc || max < 0)
		return -1;
	if (grpc_timeout_parse(stream_header(s, SLICE("grpc-timeout")), &asked) < 0)
		return -1;
	return max && asked > max ? max : asked;
}

static void start_limits(struct stream *s)
{
	const struct route *r = s->route;
	int64_t limit = r->max_stream_duration_ns ? r->max_stream_duration_ns : s->hcm->max_stream_duration_ns;
	int64_t grpc = grpc_limit(s);

	if (grpc >= 0)
		timer_start_ns(s->worker->loop, &s->duration, grpc, on_duration);
	else if (limit)
		timer_start_ns(s->worker->loop, &s->duration, limit, on_duration);
	if (r->idle_timeout_ns >= 0)
		stream_set_idle(s, r->idle_timeout_ns);
}

/* Counts from the end of the request, as Envoy's. */
static void start_timeout(struct stream *s)
{
	if (s->request_ended && s->route->timeout_ns && !s->upgrade && !timer_active(&s->timeout) &&
	    !stream_answered(s))
		timer_start_ns(s->worker->loop, &s->timeout, s->route->timeout_ns, on_timeout);
}

static void on_try_timeout(struct timer *t)
{
	struct stream *s = CONTAINER_OF(t, struct stream, try_timeout);

	s->cluster->counters.rq_per_try_timeout++;
	endpoint_report(s->endpoint, OUTLIER_GATEWAY);
	pool_cancel(&s->wait);
	if (s->up.conn)
		http_leg_reset(&s->up);
	if (!s->holding)
		http_leg_resume(&s->down);
	stream_try_failed(s, OUTCOME_TRY_TIMEOUT);
}

static void start_try_timeout(struct stream *s)
{
	if (s->retry && s->retry->per_try_timeout_ns)
		timer_start_ns(s->worker->loop, &s->try_timeout, s->retry->per_try_timeout_ns, on_try_timeout);
}

/* ---- the request's body ---- */

static void remember(struct stream *s, struct slice data)
{
	if (s->shadows)
		shadows_data(s, data);
	if (!s->replayable || !data.len)
		return;
	if (!s->replay) {
		s->replay = (struct buf *)(void *)stream_alloc_aligned(s, sizeof(*s->replay));
		*s->replay = (struct buf)BUF_INIT;
	}
	if (buf_try_append(s->replay, data.ptr, data.len, STREAM_REPLAY_MAX_BYTES) < 0) {
		s->replayable = false;
		s->replay_dropped = true;
		buf_done(s->replay);
	}
}

/* Behind all data. */
static void push_trailers(struct stream *s)
{
	if (!s->trailers_due || !s->up.conn)
		return;
	s->trailers_due = false;
	s->request_sent_end = true;
	http_leg_trailers(&s->up, s->trailers);
}

void stream_push_held(struct stream *s)
{
	if (!s->up.conn)
		return;
	if (!s->holding) {
		push_trailers(s);
		return;
	}
	s->holding = false;
	s->request_sent_end = s->held_end;
	remember(s, s->held);
	if (http_leg_data(&s->up, s->held, s->held_end) != HTTP_GO)
		return;
	push_trailers(s);
	http_leg_resume(&s->down);
}

void stream_router_trailers(struct stream *s)
{
	if (!s->up.conn && stream_answered(s))
		return;
	s->trailers_due = true;
	if (s->cluster)
		start_timeout(s);
	if (s->up.conn && !http_leg_busy(&s->up))
		push_trailers(s);
}

enum http_flow stream_router_data(struct stream *s, struct slice data, bool end)
{
	enum http_flow flow;

	/* The upstream answered and is gone: there is nobody to give it to. */
	if (!s->up.conn && stream_answered(s))
		return HTTP_GO;
	/* None is there yet, or what was sent before is on its way to it once more. */
	if (!s->up.conn || http_leg_busy(&s->up)) {
		s->held = data;
		s->held_end = end;
		s->holding = true;
		if (end && s->cluster)
			start_timeout(s);
		return HTTP_HELD;
	}
	remember(s, data);
	s->request_sent_end = end;
	flow = http_leg_data(&s->up, data, end);
	if (end && s->state != STREAM_ENDED)
		start_timeout(s);
	return flow;
}

static void send_request(struct stream *s)
{
	bool all;

	s->trailers_due = s->trailers != NULL;
	if (s->upgrade)
		s->req.framing = HTTP_BODY_TUNNEL;
	if (!http_leg_head(&s->up, &s->req, !stream_has_body(s))) {
		stream_reply(s, OUTCOME_REQUEST_HEAD);
		return;
	}
	if (!stream_has_body(s)) {
		s->request_sent_end = true;
		return;
	}
	if (s->replay && s->replay->len) {
		/* A further try: what was sent before comes first; what is held follows when there is room. */
		all = s->request_ended && !s->holding && !s->trailers;
		s->request_sent_end = all;
		if (http_leg_data(&s->up, buf_slice(s->replay), all) == HTTP_HELD)
			return;
	} else if (s->request_ended && !s->holding && !s->upgrade && !s->trailers) {
		s->request_sent_end = true;
		(void)http_leg_data(&s->up, slice_make("", 0), true);
		return;
	}
	stream_push_held(s);
	http_leg_flush(&s->up);
}

/* ---- the request's head ---- */

static void rewrite(struct stream *s)
{
	const struct route *r = s->route;
	struct slice path = s->req.target, host = r->host_rewrite;

	if (r->has_prefix_rewrite || r->regex_rewrite) {
		struct slice fresh = route_rewrite_path(r, path, &s->arena);

		if (!slice_eq(fresh, path)) {
			if (stream_tells(s)) {
				s->original_path = path;
				http_set(&s->req, SLICE("x-envoy-original-path"), path);
			}
			s->req.target = fresh;
		}
	}
	if (s->weighted && s->weighted->host_rewrite.len)
		host = s->weighted->host_rewrite;
	if (!host.len && r->host_rewrite_header.len)
		host = stream_header(s, r->host_rewrite_header);
	if (host.len)
		http_set(&s->req, SLICE("host"), host);
}

static void annotate(struct stream *s)
{
	int64_t timeout = s->route->timeout_ns;

	if (timeout && stream_tells(s))
		http_set(&s->req, SLICE("x-envoy-expected-rq-timeout-ms"), stream_number(s, timeout / NS_PER_MS));
}

/* What differs from try to try. */
static void annotate_try(struct stream *s)
{
	const struct config_endpoint *ce = s->endpoint->config;

	if (s->route->vhost && s->route->vhost->include_attempt_count)
		http_set(&s->req, SLICE("x-envoy-attempt-count"), stream_number(s, s->tries));
	if (s->route->auto_host_rewrite && ce && ce->hostname)
		http_set(&s->req, SLICE("host"), slice_str(ce->hostname));
	stream_filters_try(s);
}

/* ---- the try ---- */

static void learn_upstream(struct stream *s, struct up *up)
{
	struct tls *tls = up->http.transport.tls;

	s->destination = up->peer ? up->peer : s->endpoint->peer;
	if (tls && !up->peer_principal) {
		const struct tls_peer *peer = tls_peer(tls);

		if (peer && peer->uri)
			up->peer_principal = stats_intern(s->worker, slice_str(peer->uri));
	}
	s->destination_principal = up->peer_principal;
}

static void on_ready(struct pool_wait *w, struct up *up)
{
	struct stream *s = CONTAINER_OF(w, struct stream, wait);

	s->upc = up;
	s->up = (struct http_leg){.ops = &stream_up_ops, .head = &s->resp};
	http_clear(&s->resp);
	s->up_start_ns = now_ns(s);
	learn_upstream(s, up);
	http_conn_begin(&up->http, &s->up);
	send_request(s);
}

/* Kept, since the connection that failed is gone soon. */
static void set_failure(struct stream *s, struct slice error)
{
	const size_t n = MIN(error.len, (size_t)FAILURE_MAX);
	char *text = stream_alloc(s, n + 1);

	memcpy(text, error.ptr, n);
	text[n] = 0;
	s->failure = text;
}

static void on_failed(struct pool_wait *w, enum outcome why, const char *error)
{
	struct stream *s = CONTAINER_OF(w, struct stream, wait);

	set_failure(s, slice_str(error));
	stream_try_failed(s, why);
}

static uint64_t hash_request(struct stream *s, bool *ret_has)
{
	char client[ADDR_TEXT_MAX];
	uint64_t h = 0;

	*ret_has = false;
	for (size_t i = 0; i < s->route->n_hashes; i++) {
		const struct route_hash *rule = &s->route->hashes[i];
		struct slice v = {NULL, 0};

		if (rule->kind == ROUTE_HASH_HEADER)
			v = stream_header(s, rule->name);
		else if (rule->kind == ROUTE_HASH_SOURCE_IP)
			v = slice_str(addr_format_host(s->remote, client));
		else if (rule->kind == ROUTE_HASH_QUERY)
			v = route_query_param(s->path, rule->name);
		else if (rule->kind == ROUTE_HASH_COOKIE)
			v = stream_cookie(s, rule);
		if (!v.ptr)
			continue;
		h = *ret_has ? hash_more(h, v) : hash_bytes(v);
		*ret_has = true;
		if (rule->terminal)
			break;
	}
	return h;
}

static struct endpoint *pick(struct stream *s)
{
	struct cluster_ask ask = {.original_dst = s->conn->restored ? &s->conn->local : NULL,
				  .any_endpoint = s->route->any_endpoint,
				  .subset = s->weighted ? &s->weighted->subset : &s->route->subset};

	if (s->route->n_hashes)
		ask.hash = hash_request(s, &ask.has_hash);
	if (s->n_tried && s->retry && s->retry->avoid_previous_hosts) {
		ask.avoid = s->tried;
		ask.n_avoid = s->n_tried;
		ask.avoid_attempts = s->retry->host_attempts;
	}
	return cluster_pick(s->cluster, &ask);
}

/* The names that say what will be spoken inside the mesh; empty = as configured. */
static struct slice alpn_of(const struct stream *s)
{
	enum config_upstream_protocol p = s->cluster->spec->protocol;

	if (!s->alpn)
		return slice_make("", 0);
	if (p == CONFIG_UPSTREAM_HTTP2 || (p == CONFIG_UPSTREAM_DOWNSTREAM && s->req.version == HTTP_2))
		return s->alpn->http2;
	return s->req.version == HTTP_10 ? s->alpn->http10 : s->alpn->http11;
}

/* Kept with the exchange: the connection may be opened later. */
static struct slice first_of(struct stream *s)
{
	char text[PROXY_OUT_MAX_BYTES];

	return s->endpoint->transport->proxy_version
		       ? stream_copy(s, endpoint_first(s->endpoint, &s->conn->peer, &s->conn->local, text))
		       : slice_make("", 0);
}

void stream_begin_try(struct stream *s)
{
	stream_become(s, STREAM_TRYING);
	s->tries++;
	s->endpoint = pick(s);
	if (!s->endpoint) {
		stream_reply(s, OUTCOME_NO_HEALTHY);
		return;
	}
	endpoint_count(s->endpoint, 1);
	s->cluster->counters.rq_active++;
	s->cluster->counters.rq_total++;
	s->endpoint->counters.rq_total++;
	annotate_try(s);
	s->wait.on_ready = on_ready;
	s->wait.on_failed = on_failed;
	s->wait.downstream_http2 = s->req.version == HTTP_2;
	s->wait.first = first_of(s);
	s->wait.raw = s->route->connect_ends_here && s->req.method_id == HTTP_CONNECT;
	s->wait.alpn = alpn_of(s);
	s->wait.server_name = s->authority;
	start_try_timeout(s);
	if (pool_ask(s->endpoint, &s->wait) == OUTCOME_OVERFLOW) {
		stream_close_account(s);
		stream_reply(s, OUTCOME_OVERFLOW);
	}
}

void stream_router_again(struct stream *s)
{
	if (s->state != STREAM_ENDED && s->conn)
		stream_begin_try(s);
}

/* ---- what the route says ---- */

static uint32_t cluster_slot(struct stream *s)
{
	const struct route *r = s->route;
	struct slice name;

	if (r->action == ROUTE_ACTION_CLUSTER)
		return r->cluster.slot;
	if (r->action == ROUTE_ACTION_WEIGHTED)
		return s->weighted ? s->weighted->cluster.slot : CONFIG_NO_SLOT;
	name = stream_header(s, r->cluster_header);
	return name.len ? config_cluster_slot(s->wc->config, name) : CONFIG_NO_SLOT;
}

static bool take_request(struct stream *s)
{
	uint32_t limit = breaker_request_limit(&s->cluster->spec->breakers);

	if (!breaker_take(s->cluster->breaker, BREAKER_REQUESTS, limit)) {
		s->cluster->counters.rq_pending_overflow++;
		return false;
	}
	s->counted_request = limit != UINT32_MAX;
	return true;
}

static void route_to_cluster(struct stream *s)
{
	uint16_t missing = s->route->cluster_missing_code;

	cluster_leave(s->cluster);
	s->cluster = cluster_use(cluster_get(s->worker, s->wc->config, cluster_slot(s)));
	if (!s->cluster) {
		stream_reply_with(s, &(struct reply){.outcome = OUTCOME_NO_CLUSTER, .status = missing});
		return;
	}
	s->retry = s->route->retry ? s->route->retry : s->route->vhost ? s->route->vhost->retry : NULL;
	s->replayable = s->retry && !s->upgrade;
	if (!take_request(s)) {
		stream_reply(s, OUTCOME_OVERFLOW);
		return;
	}
	stream_headers_request(s);
	rewrite(s);
	annotate(s);
	start_limits(s);
	start_timeout(s);
	if (s->route->n_mirrors)
		shadows_new(s);
	stream_begin_try(s);
}

void stream_router(struct stream *s)
{
	const struct route *r = s->route;

	if (!r)
		stream_reply(s, OUTCOME_NO_ROUTE);
	else if (r->action == ROUTE_ACTION_TO_HTTPS)
		stream_redirect_to_https(s);
	else if (r->action == ROUTE_ACTION_REDIRECT)
		stream_redirect(s);
	else if (r->action == ROUTE_ACTION_DIRECT_RESPONSE)
		stream_reply_with(
			s,
			&(struct reply){.outcome = OUTCOME_DIRECT, .status = r->direct_code, .body = r->direct_body});
	else
		route_to_cluster(s);
}

struct route_request stream_route_request(const struct stream *s)
{
	return (struct route_request){
		.authority = s->authority,
		.path = s->path,
		.method = s->method,
		.scheme = s->scheme,
		.header = stream_header,
		.ctx = s,
		.metadata = &s->metadata,
		.grpc = s->grpc,
		.random = s->id_random,
	};
}

void stream_route(struct stream *s)
{
	const struct route_request rq = stream_route_request(s);

	s->weighted = NULL;
	s->route = s->table ? route_find(s->table, &rq) : NULL;
	if (s->route && s->route->action == ROUTE_ACTION_WEIGHTED)
		s->weighted = route_pick_weighted(s->route, rand_next(&s->worker->rand));
}
