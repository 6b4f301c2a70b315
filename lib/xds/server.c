/*
 * ADS sessions over gRPC calls. A session is pushed by a task, so that many reasons in one turn make one comparison.
 * One response per type is under way at a time; the next difference goes out when it was answered.
 */
#include "xds/server.h"

#include <assert.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/pb.h"

#define PATH_SOTW "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
#define PATH_DELTA "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"

typedef Envoy__Service__Discovery__V3__DiscoveryRequest request_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryRequest request_delta;
typedef Envoy__Service__Discovery__V3__DiscoveryResponse response_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryResponse response_delta;

struct xds_server {
	struct loop *loop;
	struct xds_server_params p;
	char *identifier;
	struct list sessions;
	size_t n;
};

struct xds_session {
	struct list link;
	struct xds_server *server; /* NULL = the server is gone, the call is ending */
	struct grpc_call *call;
	bool delta;
	bool connected; /* on_connect was called and agreed */
	bool held_back; /* clusters stay until nothing refers to them any more */
	struct ads_sub subs[XDS_TYPE_COUNT];
	const Envoy__Config__Core__V3__Node *node;
	struct arena arena;
	uint64_t nonce;
	int64_t connected_ns;
	struct task push;
	void *user;
};

/* --- sending --- */

static Google__Protobuf__Any *any_of(struct arena *a, const struct xds_resource *r)
{
	Google__Protobuf__Any *any = PB_NEW(a, Google__Protobuf__Any, google__protobuf__any);

	any->type_url = (char *)xds_type_url(r->type);
	any->value.data = (uint8_t *)r->bytes.ptr;
	any->value.len = r->bytes.len;
	return any;
}

static Envoy__Config__Core__V3__ControlPlane *control_plane(struct xds_session *s, struct arena *a)
{
	Envoy__Config__Core__V3__ControlPlane *cp =
		PB_NEW(a, Envoy__Config__Core__V3__ControlPlane, envoy__config__core__v3__control_plane);

	cp->identifier = s->server->identifier;
	return cp;
}

static void send_sotw(struct xds_session *s, enum xds_type type, const struct ads_answer *ans, const char *nonce,
		      const char *version, struct arena *a)
{
	response_sotw *m = PB_NEW(a, response_sotw, envoy__service__discovery__v3__discovery_response);

	m->type_url = (char *)xds_type_url(type);
	m->nonce = (char *)nonce;
	m->version_info = (char *)version;
	m->control_plane = control_plane(s, a);
	m->resources = ARENA_NEW_N(a, Google__Protobuf__Any *, ans->n);
	for (size_t i = 0; i < ans->n; i++)
		m->resources[m->n_resources++] = any_of(a, ans->v[i]);
	pb_pack(&m->base, grpc_call_send_begin(s->call));
	grpc_call_send_end(s->call);
}

static void send_delta(struct xds_session *s, enum xds_type type, const struct ads_answer *ans, const char *nonce,
		       const char *version, struct arena *a)
{
	response_delta *m = PB_NEW(a, response_delta, envoy__service__discovery__v3__delta_discovery_response);

	m->type_url = (char *)xds_type_url(type);
	m->nonce = (char *)nonce;
	m->system_version_info = (char *)version;
	m->control_plane = control_plane(s, a);
	m->resources = ARENA_NEW_N(a, Envoy__Service__Discovery__V3__Resource *, ans->n);
	m->removed_resources = ARENA_NEW_N(a, char *, ans->n_removed);
	for (size_t i = 0; i < ans->n; i++) {
		Envoy__Service__Discovery__V3__Resource *r =
			PB_NEW(a, Envoy__Service__Discovery__V3__Resource, envoy__service__discovery__v3__resource);

		r->name = (char *)ans->v[i]->name.ptr;
		r->version = ans->v[i]->version;
		r->resource = any_of(a, ans->v[i]);
		m->resources[m->n_resources++] = r;
	}
	for (size_t i = 0; i < ans->n_removed; i++)
		m->removed_resources[m->n_removed_resources++] = arena_slicedup(a, ans->removed[i]);
	pb_pack(&m->base, grpc_call_send_begin(s->call));
	grpc_call_send_end(s->call);
}

/*
 * A cluster that changed is a new cluster to its peer, which waits for endpoints even when those are the same: they are
 * sent again.
 */
static void renew_endpoints(struct xds_session *s, const struct ads_answer *ans)
{
	struct ads_sub *eds = &s->subs[XDS_ENDPOINT];
	const struct xds_set *old = s->subs[XDS_CLUSTER].sent_set;

	for (size_t i = 0; eds->active && i < ans->n; i++) {
		struct xds_resource *r = ans->v[i];
		struct ads_name *n = map_get(&eds->names, r->name);

		if (!n || !n->held || (old && xds_set_find(old, r->name) == r))
			continue;
		n->held = false;
		eds->dirty = true;
	}
}

static void send_answer(struct xds_session *s, enum xds_type type, const struct ads_answer *ans, struct arena *a)
{
	const struct xds_server_params *p = &s->server->p;
	const char *version = p->version ? p->version(p->user) : ans->set->version;
	char nonce[24];

	snprintf(nonce, sizeof(nonce), "%llx", (unsigned long long)++s->nonce);
	if (s->delta)
		send_delta(s, type, ans, nonce, version, a);
	else
		send_sotw(s, type, ans, nonce, version, a);
	if (type == XDS_CLUSTER && !s->delta)
		renew_endpoints(s, ans);
	ads_sent(&s->subs[type], s->delta, ans, nonce, version);
	s->subs[type].sent_at_ns = clock_wall_ns();
}

/* True while listeners or routes that the peer uses may still refer to clusters of before. */
static bool references_pending(struct xds_session *s)
{
	static const enum xds_type types[] = {XDS_LISTENER, XDS_ROUTE};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct ads_sub *sub = &s->subs[types[i]];
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

/* SotW: what should be, and what was and is not to be any more but may still be referred to. */
static struct xds_set *with_leaving(const struct xds_set *set, const struct xds_set *old, struct arena *a)
{
	struct xds_resource **leaving;
	size_t n = 0;

	if (!old)
		return NULL;
	leaving = ARENA_NEW_N(a, struct xds_resource *, old->n);
	for (size_t i = 0; i < old->n; i++)
		if (!xds_set_find(set, old->v[i]->name))
			leaving[n++] = old->v[i];
	return n ? xds_set_apply(set, leaving, n, NULL, 0) : NULL;
}

static void tell_sent(struct xds_session *s, enum xds_type type, const struct ads_answer *ans, int64_t start_ns)
{
	const struct xds_server_params *p = &s->server->p;
	size_t bytes = 0;

	if (!p->ops->on_sent)
		return;
	for (size_t i = 0; i < ans->n; i++)
		bytes += ans->v[i]->bytes.len;
	p->ops->on_sent(p->user, s, type, bytes, clock_mono_ns() - start_ns);
}

/* True when something was sent. */
static bool push_type(struct xds_session *s, enum xds_type type, struct arena *a)
{
	const int64_t start_ns = clock_mono_ns();
	struct ads_sub *sub = &s->subs[type];
	struct xds_set *set = s->server->p.ops->set(s->server->p.user, s, type, sub);
	CLEANUP(xds_set_unrefp) struct xds_set *kept = NULL;
	struct ads_answer ans;
	bool hold = type == XDS_CLUSTER && set && references_pending(s);

	if (!set)
		return false;
	if (hold && !s->delta && sub->wildcard)
		kept = with_leaving(set, sub->sent_set, a);
	ads_answer(sub, s->delta, kept ? kept : set, a, &ans);
	if (hold && s->delta && ans.n_removed) {
		ans.n_removed = 0;
		ans.send = ans.n || sub->always;
		s->held_back = true;
	}
	if (kept)
		s->held_back = true;
	if (ans.send) {
		send_answer(s, type, &ans, a);
		tell_sent(s, type, &ans, start_ns);
	}
	if (s->held_back && type == XDS_CLUSTER)
		sub->dirty = true;
	return ans.send;
}

static void on_push(struct task *t)
{
	struct xds_session *s = CONTAINER_OF(t, struct xds_session, push);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	bool was_held, sent = false;

	if (!s->server || !s->connected)
		return;
	s->held_back = false;
	for (int type = 0; type < XDS_TYPE_COUNT; type++)
		if (s->subs[type].active && !s->subs[type].waiting && grpc_call_writable(s->call))
			sent |= push_type(s, (enum xds_type)type, &a);
	was_held = s->held_back;
	if (was_held && !s->subs[XDS_CLUSTER].waiting && !references_pending(s))
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
	struct slice bytes;
	int status;

	if (!node || !node->id || !*node->id) {
		grpc_call_finish(s->call, GRPC_INVALID_ARGUMENT, "missing node information");
		return false;
	}
	bytes = pb_pack_arena(&s->arena, &node->base);
	s->node = pb_unpack(&s->arena, &envoy__config__core__v3__node__descriptor, bytes);
	status = p->ops->on_connect ? p->ops->on_connect(p->user, s, s->node, &text) : GRPC_OK;
	if (status != GRPC_OK) {
		grpc_call_finish(s->call, status, text);
		return false;
	}
	s->connected = true;
	return true;
}

static void apply(struct xds_session *s, const char *type_url, const struct ads_request *r)
{
	const struct xds_server_params *p = &s->server->p;
	enum xds_type type = xds_type_from_url(type_url);
	enum ads_action action;

	if (type == XDS_TYPE_NONE) {
		log_debug("xds", "request for a type that is not served: %s", type_url);
		if (p->ops->on_other)
			p->ops->on_other(p->user, s, type_url, r->error);
		return;
	}
	action = ads_request(&s->subs[type], r);
	if (action == ADS_REFUSE) {
		xds_session_close(s, GRPC_RESOURCE_EXHAUSTED, "too many names in one subscription");
		return;
	}
	if (p->ops->on_ack && *r->nonce && action != ADS_STALE)
		p->ops->on_ack(p->user, s, type, action == ADS_NACK ? r->error : NULL);
	xds_session_push(s);
}

static const char *error_text(const Google__Rpc__Status *status)
{
	if (!status)
		return NULL;
	return *status->message ? status->message : "refused";
}

static void on_sotw(struct xds_session *s, struct slice message, struct arena *a)
{
	const request_sotw *m = pb_unpack(a, &envoy__service__discovery__v3__discovery_request__descriptor, message);
	struct ads_request r;

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
	apply(s, m->type_url, &r);
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
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		ads_sub_done(&s->subs[i]);
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
	s->connected_ns = clock_wall_ns();
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		s->subs[i].type = (enum xds_type)i;
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
	s->identifier = mem_strdup(p->identifier ? p->identifier : "");
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
	free(server->identifier);
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

const Envoy__Config__Core__V3__Node *xds_session_node(const struct xds_session *s)
{
	return s->node;
}

const char *xds_session_node_id(const struct xds_session *s)
{
	return s->node ? s->node->id : "";
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
	return &s->subs[type];
}

bool xds_session_synced(const struct xds_session *s)
{
	if (s->held_back)
		return false;
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		if (s->subs[i].active && (s->subs[i].waiting || s->subs[i].dirty))
			return false;
	return true;
}
