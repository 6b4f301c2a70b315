/*
 * ADS sessions over gRPC calls. A session is pushed by a task, so that many reasons in one turn make one comparison.
 * One response per type is under way at a time; the next difference goes out when it was answered.
 */
#include "xds/server.h"

#include <assert.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/answer.h"
#include "xds/pb.h"
#include "xds/wire.h"

#define ANSWERS_TICK_MS 200 /* what one session was sent may be what the next ones need */

#define PATH_SOTW "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
#define PATH_DELTA "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"

typedef Envoy__Service__Discovery__V3__DiscoveryRequest request_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryRequest request_delta;
struct xds_server {
	struct loop *loop;
	struct xds_server_params p;
	struct buf plane; /* ControlPlane, packed */
	struct buf own;   /* for what is said, one after the other */
	struct list sessions;
	size_t n;
	struct xds_names_pool names;
	struct xds_answers answers; /* of late */
	struct timer forget;        /* those answers */
};

struct xds_session {
	struct list link;
	struct xds_server *server; /* NULL = the server is gone, the call is ending */
	struct grpc_call *call;
	bool delta;
	bool compresses;                      /* the peer takes compressed messages */
	bool connected;                       /* on_connect was called and agreed */
	bool held_back;                       /* clusters stay until nothing refers to them any more */
	struct ads_sub *subs[XDS_TYPE_COUNT]; /* NULL = never asked for */
	struct buf node;                      /* of the first request, packed */
	const char *node_id;
	struct arena arena;
	uint64_t nonce;
	int64_t connected_ns;
	struct task push;
	void *user;
};

static const struct ads_sub *sub_of(const struct xds_session *s, enum xds_type type)
{
	static const struct ads_sub none;

	return s->subs[type] ? s->subs[type] : &none;
}

/* --- sending --- */

static void put_field(struct buf *b, unsigned field, struct slice bytes)
{
	size_t len = bytes.len;

	buf_append_char(b, (char)(field << 3 | WIRE_BYTES));
	for (; len >= 0x80; len >>= 7)
		buf_append_char(b, (char)(len | 0x80));
	buf_append_char(b, (char)len);
	buf_append_slice(b, bytes);
}

/*
 * What of a response is the session's own: version_info = 1, type_url = 4, nonce = 5, control_plane = 6 (7 in delta)
 * with identifier = 1. The rest is the answer's.
 */
static void put_own(const struct xds_session *s, enum xds_type type, const char *version, const char *nonce,
		    struct buf *out)
{
	buf_clear(out);
	put_field(out, 1, slice_str(version));
	put_field(out, 4, slice_str(xds_type_url(type)));
	put_field(out, 5, slice_str(nonce));
	put_field(out, s->delta ? 7 : 6, buf_slice(&s->server->plane));
}

/*
 * A cluster that changed is a new cluster to its peer, which waits for endpoints even when those are the same: they are
 * sent again.
 */
static void renew_endpoints(struct xds_session *s, const struct xds_answer *ans)
{
	struct ads_sub *eds = s->subs[XDS_ENDPOINT];
	struct xds_diff walk = {0};
	struct xds_resource *was, *now;

	while (eds && eds->active && xds_diff_next(&walk, ans->held, ans->set, &was, &now))
		if (now)
			ads_renew(eds, now->name);
}

static void send_parts(struct xds_session *s, struct slice own, struct xds_answer *ans)
{
	struct shared_bytes *packed = s->compresses ? xds_answer_packed(ans) : NULL;

	if (packed)
		grpc_call_send_compressed(s->call, own, packed);
	else
		grpc_call_send_shared(s->call, own, xds_answer_wire(ans));
}

static void send_answer(struct xds_session *s, enum xds_type type, struct xds_answer *ans)
{
	const struct xds_server_params *p = &s->server->p;
	const char *version = p->version ? p->version(p->user) : ans->set->version;
	struct buf *own = &s->server->own;
	char nonce[17];

	snprintf(nonce, sizeof(nonce), "%llx", (unsigned long long)++s->nonce);
	put_own(s, type, version, nonce, own);
	send_parts(s, buf_slice(own), ans);
	if (type == XDS_CLUSTER && !s->delta)
		renew_endpoints(s, ans);
	ads_sent(s->subs[type], ans->set, nonce);
}

/* True while listeners or routes that the peer uses may still refer to clusters of before. */
static bool references_pending(struct xds_session *s)
{
	static const enum xds_type types[] = {XDS_LISTENER, XDS_ROUTE};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const struct ads_sub *sub = sub_of(s, types[i]);
		const struct xds_set *set;

		if (!sub->active)
			continue;
		if (sub->waiting || sub->always || sub->dirty)
			return true;
		set = s->server->p.ops->set(s->server->p.user, s, types[i], sub);
		if (set && set->hash != sub->seen_hash)
			return true;
	}
	return false;
}

static void tell_sent(struct xds_session *s, enum xds_type type, const struct xds_answer *ans, int64_t start_ns)
{
	const struct xds_server_params *p = &s->server->p;

	if (p->ops->on_sent)
		p->ops->on_sent(p->user, s, type, ans->bytes, clock_mono_ns() - start_ns);
}

static void on_forget(struct timer *t)
{
	struct xds_server *s = CONTAINER_OF(t, struct xds_server, forget);

	if (xds_answers_age(&s->answers))
		timer_start(s->loop, &s->forget, ANSWERS_TICK_MS, on_forget);
}

/* Compares, and sends what differs. True when something was sent. */
static bool answer(struct xds_session *s, enum xds_type type, struct xds_set *set)
{
	const int64_t start_ns = clock_mono_ns();
	struct xds_server *server = s->server;
	struct ads_sub *sub = s->subs[type];
	CLEANUP(xds_answer_unrefp) struct xds_answer *ans = NULL;

	if (!ads_due(sub, set))
		return false;
	ans = xds_answers_get(&server->answers, sub, s->delta, set);
	if (!timer_active(&server->forget))
		timer_start(server->loop, &server->forget, ANSWERS_TICK_MS, on_forget);
	if (!ans->a.send) {
		ads_unchanged(sub, set);
		return false;
	}
	send_answer(s, type, ans);
	tell_sent(s, type, ans, start_ns);
	return true;
}

/* True when something was sent. */
static bool push_type(struct xds_session *s, enum xds_type type)
{
	struct ads_sub *sub = s->subs[type];
	struct xds_set *set = s->server->p.ops->set(s->server->p.user, s, type, sub);
	CLEANUP(xds_set_unrefp) struct xds_set *kept = NULL;
	bool sent;

	if (!set)
		return false;
	if (type == XDS_CLUSTER && sub->held && set != sub->held && references_pending(s))
		kept = xds_answers_with_leaving(&s->server->answers, set, sub->held);
	if (kept)
		s->held_back = true;
	sent = answer(s, type, kept ? kept : set);
	if (s->held_back && type == XDS_CLUSTER)
		sub->dirty = true;
	return sent;
}

static void on_push(struct task *t)
{
	struct xds_session *s = CONTAINER_OF(t, struct xds_session, push);
	bool was_held, sent = false;

	if (!s->server || !s->connected)
		return;
	s->held_back = false;
	for (int type = 0; type < XDS_TYPE_COUNT; type++)
		if (sub_of(s, type)->active && !s->subs[type]->waiting && grpc_call_writable(s->call))
			sent |= push_type(s, (enum xds_type)type);
	was_held = s->held_back;
	if (was_held && !s->subs[XDS_CLUSTER]->waiting && !references_pending(s))
		xds_session_push(s); /* nothing referred to them after all */
	if (!sent && s->server->p.ops->on_settled && xds_session_synced(s))
		s->server->p.ops->on_settled(s->server->p.user, s);
}

void xds_session_push(struct xds_session *s)
{
	if (s->server && s->connected)
		task_defer(s->server->loop, &s->push, on_push);
}

void xds_server_push(struct xds_server *server)
{
	struct xds_session *s;

	LIST_EACH (s, &server->sessions, link)
		xds_session_push(s);
}

/* --- receiving --- */

static bool connect_session(struct xds_session *s, const Envoy__Config__Core__V3__Node *node)
{
	const struct xds_server_params *p = &s->server->p;
	const char *text = NULL;
	int status;

	if (!node || !node->id || !*node->id) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "missing node information");
		return false;
	}
	pb_pack(&node->base, &s->node);
	s->node_id = arena_strdup(&s->arena, node->id);
	status = p->ops->on_connect ? p->ops->on_connect(p->user, s, node, &text) : GRPC_OK;
	if (status != GRPC_OK) {
		grpc_call_finish(s->call, status, text);
		return false;
	}
	s->connected = true;
	return true;
}

static enum ads_action apply(struct xds_session *s, const char *type_url, const struct ads_request *r)
{
	const struct xds_server_params *p = &s->server->p;
	enum xds_type type = xds_type_from_url(type_url);
	enum ads_action action;

	if (type == XDS_TYPE_NONE) {
		log_debug("xds", "request for a type that is not served: %s", type_url);
		if (p->ops->on_other)
			p->ops->on_other(p->user, s, type_url, r->error);
		return ADS_STALE;
	}
	if (!s->subs[type]) {
		s->subs[type] = NEW(struct ads_sub);
		*s->subs[type] = (struct ads_sub){.type = type, .pool = &s->server->names};
	}
	action = ads_request(s->subs[type], r);
	if (action == ADS_REFUSE) {
		xds_session_close(s, GRPC_RESOURCE_EXHAUSTED, "too many names in one subscription");
		return action;
	}
	if (p->ops->on_ack && *r->nonce && action != ADS_STALE)
		p->ops->on_ack(p->user, s, type, action == ADS_NACK ? r->error : NULL);
	xds_session_push(s);
	return action;
}

static enum xds_type type_of(struct slice url)
{
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		if (slice_eq_str(url, xds_type_url(i)))
			return (enum xds_type)i;
	return XDS_TYPE_NONE;
}

static const char *error_text(const Google__Rpc__Status *status)
{
	if (!status)
		return NULL;
	return *status->message ? status->message : "refused";
}

/* What can be seen of a DiscoveryRequest without decoding it: resource_names = 3, type_url = 4, response_nonce = 5. */
struct glance {
	char nonce[17]; /* of ours; another one is cut and matches none */
	enum xds_type type;
	uint64_t names; /* hash of all, in order; 0 = cannot be told */
	bool plain;     /* neither node nor error_detail, nor broken */
};

static struct glance look_at(struct slice message)
{
	struct glance g = {.type = XDS_TYPE_NONE, .names = 1, .plain = true};
	struct wire_field f;
	int r;

	while ((r = wire_next(&message, &f)) == 1) {
		if (f.number == 3)
			g.names = hash_more(g.names, f.bytes) | 1;
		else if (f.number == 4)
			g.type = type_of(f.bytes);
		else if (f.number == 5)
			snprintf(g.nonce, sizeof(g.nonce), "%.*s", SLICE_ARG(f.bytes));
		else if (f.number != 1)
			g.plain = false;
	}
	g.plain &= r == 0 && g.type != XDS_TYPE_NONE;
	if (r < 0)
		g.names = 0;
	return g;
}

/*
 * An acknowledgement repeats all names, a thousand and more, which are those of the request before: then they need not
 * be read. Who makes two lists of names with one hash harms its own subscription.
 */
static bool acknowledge_same(struct xds_session *s, const struct glance *g)
{
	const struct ads_request r = {.same = true, .nonce = g->nonce};
	const struct ads_sub *sub = g->plain ? sub_of(s, g->type) : NULL;

	if (!s->connected || !sub || !sub->active || sub->asked_hash != g->names || !*g->nonce)
		return false;
	apply(s, xds_type_url(g->type), &r);
	return true;
}

static void on_sotw(struct xds_session *s, struct slice message, struct arena *a)
{
	const struct glance g = look_at(message);
	const request_sotw *m;
	enum ads_action action;
	struct ads_request r;

	if (acknowledge_same(s, &g))
		return;
	m = pb_unpack(a, &envoy__service__discovery__v3__discovery_request__descriptor, message);
	if (!m) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "no valid DiscoveryRequest");
		return;
	}
	if (!s->connected && !connect_session(s, m->node))
		return;
	r = (struct ads_request){.nonce = m->response_nonce,
				 .error = error_text(m->error_detail),
				 .subscribe = (const char *const *)m->resource_names,
				 .n_subscribe = m->n_resource_names};
	action = apply(s, m->type_url, &r);
	if (action == ADS_SUBSCRIBE || action == ADS_ACK)
		s->subs[g.type]->asked_hash = g.names;
}

static void on_delta(struct xds_session *s, struct slice message, struct arena *a)
{
	const request_delta *m =
		pb_unpack(a, &envoy__service__discovery__v3__delta_discovery_request__descriptor, message);
	struct ads_version *initial;
	struct ads_request r;

	if (!m) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "no valid DeltaDiscoveryRequest");
		return;
	}
	if (!s->connected && !connect_session(s, m->node))
		return;
	initial = ARENA_NEW_N(a, struct ads_version, m->n_initial_resource_versions);
	for (size_t i = 0; i < m->n_initial_resource_versions; i++)
		initial[i] = (struct ads_version){m->initial_resource_versions[i]->key,
						  m->initial_resource_versions[i]->value};
	r = (struct ads_request){.delta = true,
				 .nonce = m->response_nonce,
				 .error = error_text(m->error_detail),
				 .subscribe = (const char *const *)m->resource_names_subscribe,
				 .n_subscribe = m->n_resource_names_subscribe,
				 .unsubscribe = (const char *const *)m->resource_names_unsubscribe,
				 .n_unsubscribe = m->n_resource_names_unsubscribe,
				 .initial = initial,
				 .n_initial = m->n_initial_resource_versions};
	apply(s, m->type_url, &r);
}

static void on_message(struct grpc_call *c, struct slice message)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct xds_session *s = grpc_call_user(c);

	if (!s->server)
		return;
	if (s->delta)
		on_delta(s, message, &a);
	else
		on_sotw(s, message, &a);
}

static void on_half_close(struct grpc_call *c)
{
	grpc_call_finish(c, GRPC_OK, NULL);
}

static void on_writable(struct grpc_call *c)
{
	xds_session_push(grpc_call_user(c));
}

static void on_done(struct grpc_call *c, int status, const char *text)
{
	struct xds_session *s = grpc_call_user(c);

	(void)status, (void)text;
	task_cancel(&s->push);
	if (s->server) {
		const struct xds_server_params *p = &s->server->p;

		if (s->connected && p->ops->on_disconnect)
			p->ops->on_disconnect(p->user, s);
		assert(s->server->n > 0);
		s->server->n--;
	}
	list_remove(&s->link);
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		if (s->subs[i])
			ads_sub_done(s->subs[i]);
		free(s->subs[i]);
	}
	buf_done(&s->node);
	arena_done(&s->arena);
	free(s);
}

static const struct grpc_call_ops call_ops = {
	.on_message = on_message, .on_half_close = on_half_close, .on_writable = on_writable, .on_done = on_done};

static void start(struct grpc_call *c, struct xds_server *server, bool delta)
{
	struct xds_session *s = NEW(struct xds_session);

	s->server = server;
	s->call = c;
	s->delta = delta;
	s->compresses = grpc_call_compress(c);
	s->connected_ns = clock_wall_ns();
	grpc_call_set_user(c, s);
	grpc_call_set_ops(c, &call_ops);
	list_append(&server->sessions, &s->link);
	server->n++;
}

static void start_sotw(struct grpc_call *c, void *user)
{
	start(c, user, false);
}

static void start_delta(struct grpc_call *c, void *user)
{
	start(c, user, true);
}

/* --- life --- */

struct xds_server *xds_server_new(struct loop *l, struct grpc_server *g, const struct xds_server_params *p)
{
	struct xds_server *s = NEW(struct xds_server);

	s->loop = l;
	s->p = *p;
	put_field(&s->plane, 1, slice_str(p->identifier));
	list_init(&s->sessions);
	grpc_server_add(g, PATH_SOTW, start_sotw, s);
	grpc_server_add(g, PATH_DELTA, start_delta, s);
	return s;
}

void xds_server_free(struct xds_server *server)
{
	struct xds_session *s, *next;

	if (!server)
		return;
	LIST_EACH_SAFE (s, next, &server->sessions, link) {
		if (s->connected && server->p.ops->on_disconnect)
			server->p.ops->on_disconnect(server->p.user, s);
		s->server = NULL;
		task_cancel(&s->push);
		list_remove(&s->link);
		grpc_call_finish(s->call, GRPC_UNAVAILABLE, "the server is stopping");
	}
	timer_stop(&server->forget);
	xds_answers_clear(&server->answers);
	xds_names_pool_done(&server->names);
	buf_done(&server->plane);
	buf_done(&server->own);
	free(server);
}

struct xds_session *xds_server_next(struct xds_server *srv, struct xds_session *after)
{
	struct list *next = after ? after->link.next : srv->sessions.next;

	for (; next != &srv->sessions; next = next->next) {
		struct xds_session *s = CONTAINER_OF(next, struct xds_session, link);

		if (s->connected)
			return s;
	}
	return NULL;
}

size_t xds_server_sessions(const struct xds_server *srv)
{
	return srv->n;
}

void xds_session_close(struct xds_session *s, int status, const char *text)
{
	grpc_call_finish(s->call, status, text);
}

/* --- access --- */

void xds_session_set_user(struct xds_session *s, void *user)
{
	s->user = user;
}

void *xds_session_user(const struct xds_session *s)
{
	return s->user;
}

const Envoy__Config__Core__V3__Node *xds_session_node(const struct xds_session *s, struct arena *a)
{
	return s->node.len ? pb_unpack(a, &envoy__config__core__v3__node__descriptor, buf_slice(&s->node)) : NULL;
}

void xds_session_node_done(struct xds_session *s)
{
	buf_done(&s->node);
}

const char *xds_session_node_id(const struct xds_session *s)
{
	return s->node_id ? s->node_id : "";
}

struct arena *xds_session_arena(struct xds_session *s)
{
	return &s->arena;
}

struct grpc_call *xds_session_call(struct xds_session *s)
{
	return s->call;
}

bool xds_session_is_delta(const struct xds_session *s)
{
	return s->delta;
}

int64_t xds_session_connected_ns(const struct xds_session *s)
{
	return s->connected_ns;
}

const struct ads_sub *xds_session_sub(const struct xds_session *s, enum xds_type type)
{
	return sub_of(s, type);
}

bool xds_session_synced(const struct xds_session *s)
{
	if (s->held_back)
		return false;
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		const struct ads_sub *sub = sub_of(s, i);

		if (sub->active && (sub->waiting || sub->dirty))
			return false;
	}
	return true;
}
