/* ADS sessions over gRPC calls: their lives, and who asks about them. */
#include <assert.h>

#include "base/clock.h"
#include "base/mem.h"
#include "xds/pb.h"
#include "xds/server_internal.h"

#define PATH_SOTW "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
#define PATH_DELTA "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"

const struct ads_sub *xds_sub_of(const struct xds_session *s, enum xds_type type)
{
	static const struct ads_sub none;

	return s->subs[type] ? s->subs[type] : &none;
}

void xds_sub_changed(struct xds_session *s, enum xds_type type)
{
	const struct ads_sub *sub = s->subs[type];
	const unsigned bit = xds_bit(type);

	s->open &= ~bit;
	s->taken &= ~bit;
	s->refused &= ~bit;
	if (!sub->active)
		return;
	if (sub->waiting || sub->dirty)
		s->open |= bit;
	if (sub->error)
		s->refused |= bit;
	else if (ads_synced(sub))
		s->taken |= bit;
}

static void on_message(struct grpc_call *c, struct slice message)
{
	struct xds_session *s = grpc_call_user(c);

	if (s->server)
		xds_session_receive(s, message);
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
	xds_put_field(&s->plane, 1, slice_str(p->identifier));
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
	return xds_sub_of(s, type);
}

bool xds_session_synced(const struct xds_session *s)
{
	return !s->held_back && !s->open;
}

unsigned xds_session_taken(const struct xds_session *s)
{
	return s->taken;
}

unsigned xds_session_refused(const struct xds_session *s)
{
	return s->refused;
}
