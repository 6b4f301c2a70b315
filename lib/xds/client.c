/*
 * The ADS client: one stream, and per type what is wanted, what is held and what was last said to the server.
 * Requests are written by a task at the end of the turn, so that several changes make one request.
 */
#include "xds/client.h"

#include <stdio.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"
#include "base/vec.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/pb.h"
#include "xds/wire.h"

#define PATH_SOTW "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
#define PATH_DELTA "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
#define RESPONSE_MAX_BYTES (256u << 20)
#define VERSION_MAX 64
#define STATUS_INTERNAL 13 /* google.rpc.Code of a NACK */

typedef Envoy__Service__Discovery__V3__DiscoveryRequest request_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryRequest request_delta;
typedef Envoy__Service__Discovery__V3__DiscoveryResponse response_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryResponse response_delta;

/* A name that is wanted. */
struct wanted {
	bool keep; /* scratch */
	bool told; /* delta: subscribed on this stream */
	size_t len;
	char name[];
};

/* Delta: the server's own version of what is held. */
struct held {
	char version[VERSION_MAX];
	size_t len;
	char name[];
};

struct type_state {
	bool wildcard, active;
	bool dirty;        /* a request is due */
	bool asked;        /* something was sent on this stream */
	struct map wanted; /* -> struct wanted */
	VEC(char *) leave; /* delta: names to unsubscribe; owned */
	struct xds_set *set;
	struct map held; /* -> struct held */
	char version[256], nonce[256];
	char *refused; /* the reason for the NACK that is due; owned */
};

struct xds_client {
	struct loop *loop;
	struct xds_client_params p;
	struct slice node; /* packed, in the arena */
	struct arena arena;
	struct type_state types[XDS_TYPE_COUNT];
	struct grpc_call *call; /* NULL = no stream */
	bool started;
	bool up; /* the server has answered on this stream */
	bool node_sent;
	struct task flush;
	struct timer retry;
	unsigned failures;
	struct rand rand;
};

static void open_stream(struct xds_client *c);
static void on_flush(struct task *t);

struct xds_client *xds_client_new(struct loop *l, const struct xds_client_params *p)
{
	struct xds_client *c = NEW(struct xds_client);

	c->loop = l;
	c->p = *p;
	c->node = pb_pack_arena(&c->arena, &p->node->base);
	c->p.node = NULL;
	c->p.backoff_min_ms = p->backoff_min_ms > 0 ? p->backoff_min_ms : 500;
	c->p.backoff_max_ms = p->backoff_max_ms > 0 ? p->backoff_max_ms : 30000;
	rand_init(&c->rand);
	return c;
}

static void wanted_drop(struct type_state *t, struct wanted *w)
{
	map_remove(&t->wanted, slice_make(w->name, w->len));
	free(w);
}

static void held_drop(struct type_state *t, struct slice name)
{
	free(map_remove(&t->held, name));
}

static void type_done(struct type_state *t)
{
	struct map_entry *entry;

	for (size_t i = 0; (entry = map_next(&t->wanted, &i));)
		free(entry->value);
	for (size_t i = 0; (entry = map_next(&t->held, &i));)
		free(entry->value);
	map_done(&t->wanted);
	map_done(&t->held);
	for (size_t i = 0; i < t->leave.n; i++)
		free(t->leave.v[i]);
	vec_done(&t->leave);
	xds_set_unref(t->set);
	free(t->refused);
}

void xds_client_free(struct xds_client *c)
{
	if (!c)
		return;
	if (c->call)
		grpc_call_cancel_silent(c->call);
	task_cancel(&c->flush);
	timer_stop(&c->retry);
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		type_done(&c->types[i]);
	arena_done(&c->arena);
	free(c);
}

/* --- subscriptions --- */

static void mark(struct xds_client *c, struct type_state *t)
{
	t->dirty = true;
	if (c->call)
		task_defer(c->loop, &c->flush, on_flush);
}

void xds_client_subscribe_all(struct xds_client *c, enum xds_type type)
{
	struct type_state *t = &c->types[type];

	if (t->active && t->wildcard)
		return;
	t->active = t->wildcard = true;
	mark(c, t);
}

/* What is no more wanted is forgotten here too. */
static void forget(struct xds_client *c, struct type_state *t, struct wanted *w)
{
	struct slice name = slice_make(w->name, w->len);
	struct xds_set *old = t->set;

	if (old) {
		t->set = xds_set_apply(old, NULL, 0, &name, 1);
		xds_set_unref(old);
	}
	held_drop(t, name);
	if (c->p.delta && w->told)
		vec_push(&t->leave, mem_strdup(w->name));
	wanted_drop(t, w);
}

static struct wanted *want(struct type_state *t, const char *name, bool *fresh)
{
	struct wanted *w = map_get(&t->wanted, slice_str(name));

	*fresh = !w;
	if (w)
		return w;
	w = mem_alloc(sizeof(*w) + strlen(name) + 1);
	w->len = strlen(name);
	memcpy(w->name, name, w->len + 1);
	map_set(&t->wanted, slice_make(w->name, w->len), w);
	return w;
}

void xds_client_subscribe(struct xds_client *c, enum xds_type type, const char *const *names, size_t n)
{
	struct type_state *t = &c->types[type];
	struct map_entry *entry;
	bool changed = false, fresh;

	for (size_t i = 0; (entry = map_next(&t->wanted, &i));)
		((struct wanted *)entry->value)->keep = false;
	for (size_t i = 0; i < n; i++) {
		want(t, names[i], &fresh)->keep = true;
		changed |= fresh;
	}
	for (size_t i = 0; (entry = map_next(&t->wanted, &i));) {
		struct wanted *w = entry->value;

		if (w->keep)
			continue;
		forget(c, t, w);
		changed = true;
	}
	if (!changed)
		return;
	t->active = t->active || n > 0;
	mark(c, t);
}

static void held_set(struct type_state *t, struct slice name, const char *version)
{
	struct held *h = map_get(&t->held, name);

	if (!h) {
		h = mem_alloc(sizeof(*h) + name.len + 1);
		h->len = name.len;
		memcpy(h->name, name.ptr, name.len);
		map_set(&t->held, slice_make(h->name, h->len), h);
	}
	snprintf(h->version, sizeof(h->version), "%s", version);
}

void xds_client_restore(struct xds_client *c, enum xds_type type, struct xds_set *set)
{
	struct type_state *t = &c->types[type];

	xds_set_unref(t->set);
	t->set = xds_set_ref(set);
	for (size_t i = 0; i < set->n; i++)
		held_set(t, set->v[i]->name, set->v[i]->version);
}

/* --- requests --- */

static Envoy__Config__Core__V3__Node *node_once(struct xds_client *c, struct arena *a)
{
	if (c->node_sent)
		return NULL;
	c->node_sent = true;
	return pb_unpack(a, &envoy__config__core__v3__node__descriptor, c->node);
}

static Google__Rpc__Status *error_detail(struct type_state *t, struct arena *a)
{
	Google__Rpc__Status *status;

	if (!t->refused)
		return NULL;
	status = PB_NEW(a, Google__Rpc__Status, google__rpc__status);
	status->code = STATUS_INTERNAL;
	status->message = arena_strdup(a, t->refused);
	free(t->refused);
	t->refused = NULL;
	return status;
}

static void post(struct xds_client *c, const ProtobufCMessage *m)
{
	pb_pack(m, grpc_call_send_begin(c->call));
	grpc_call_send_end(c->call);
}

static void request_sotw_send(struct xds_client *c, enum xds_type type, struct arena *a)
{
	struct type_state *t = &c->types[type];
	request_sotw *m = PB_NEW(a, request_sotw, envoy__service__discovery__v3__discovery_request);
	struct map_entry *entry;

	m->node = node_once(c, a);
	m->type_url = (char *)xds_type_url(type);
	m->version_info = t->version;
	m->response_nonce = t->nonce;
	m->error_detail = error_detail(t, a);
	m->resource_names = ARENA_NEW_N(a, char *, t->wanted.n);
	for (size_t i = 0; (entry = map_next(&t->wanted, &i));)
		m->resource_names[m->n_resource_names++] = ((struct wanted *)entry->value)->name;
	post(c, &m->base);
}

static void add_initial(struct type_state *t, request_delta *m, struct arena *a)
{
	struct map_entry *entry;

	m->initial_resource_versions = arena_calloc(a, t->held.n, sizeof(void *));
	for (size_t i = 0; (entry = map_next(&t->held, &i));) {
		Envoy__Service__Discovery__V3__DeltaDiscoveryRequest__InitialResourceVersionsEntry *v =
			PB_NEW(a, Envoy__Service__Discovery__V3__DeltaDiscoveryRequest__InitialResourceVersionsEntry,
			       envoy__service__discovery__v3__delta_discovery_request__initial_resource_versions_entry);

		v->key = arena_slicedup(a, entry->key);
		v->value = ((struct held *)entry->value)->version;
		m->initial_resource_versions[m->n_initial_resource_versions++] = v;
	}
}

static void request_delta_send(struct xds_client *c, enum xds_type type, struct arena *a)
{
	struct type_state *t = &c->types[type];
	request_delta *m = PB_NEW(a, request_delta, envoy__service__discovery__v3__delta_discovery_request);
	struct map_entry *entry;

	m->node = node_once(c, a);
	m->type_url = (char *)xds_type_url(type);
	m->response_nonce = t->nonce;
	m->error_detail = error_detail(t, a);
	if (!t->asked)
		add_initial(t, m, a);
	m->resource_names_subscribe = ARENA_NEW_N(a, char *, t->wanted.n);
	for (size_t i = 0; (entry = map_next(&t->wanted, &i));) {
		struct wanted *w = entry->value;

		if (!w->told)
			m->resource_names_subscribe[m->n_resource_names_subscribe++] = w->name;
		w->told = true;
	}
	m->resource_names_unsubscribe = ARENA_NEW_N(a, char *, t->leave.n);
	for (size_t i = 0; i < t->leave.n; i++) {
		m->resource_names_unsubscribe[m->n_resource_names_unsubscribe++] = arena_strdup(a, t->leave.v[i]);
		free(t->leave.v[i]);
	}
	t->leave.n = 0;
	post(c, &m->base);
	t->nonce[0] = 0; /* an answer is answered once */
}

static void on_flush(struct task *task)
{
	struct xds_client *c = CONTAINER_OF(task, struct xds_client, flush);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	for (int i = 0; c->call && i < XDS_TYPE_COUNT; i++) {
		struct type_state *t = &c->types[i];

		if (!t->dirty || !t->active)
			continue;
		t->dirty = false;
		if (c->p.delta)
			request_delta_send(c, (enum xds_type)i, &a);
		else
			request_sotw_send(c, (enum xds_type)i, &a);
		t->asked = true;
		if (!t->wildcard && t->wanted.n == 0)
			t->active = t->asked = false;
	}
}

/* --- responses --- */

/* Every resource type has its name in field 1, a string; so it is read without decoding the rest. */
static bool resource_name(struct slice bytes, struct slice *ret)
{
	struct wire_field f;
	int r;

	*ret = slice_make("", 0);
	while ((r = wire_next(&bytes, &f)) == 1)
		if (f.number == 1 && f.type == WIRE_BYTES)
			*ret = f.bytes;
	return r == 0;
}

/* One response while it is looked at. */
struct arrival {
	enum xds_type type;
	VEC(struct xds_resource *) all;     /* references */
	VEC(struct xds_resource *) changed; /* borrowed from all */
	VEC(const char *) versions;         /* delta: beside all */
	VEC(struct slice) removed;
};

static void arrival_done(struct arrival *r)
{
	for (size_t i = 0; i < r->all.n; i++)
		xds_resource_unref(r->all.v[i]);
	vec_done(&r->all);
	vec_done(&r->changed);
	vec_done(&r->versions);
	vec_done(&r->removed);
}

/* A resource wrapped for SotW (with a name or lifetime) is unwrapped. */
static int add_resource(struct xds_client *c, struct arrival *r, const Google__Protobuf__Any *any,
			const char *name_hint, const char *version, struct arena *a, struct err *e)
{
	struct slice bytes, name;
	struct xds_resource *old, *now;

	if (any && pb_any_is(any, &envoy__service__discovery__v3__resource__descriptor)) {
		const Envoy__Service__Discovery__V3__Resource *w =
			pb_any_unpack(a, any, &envoy__service__discovery__v3__resource__descriptor);

		return w ? add_resource(c, r, w->resource, w->name, w->version, a, e)
			 : err_set(e, -EINVAL, "broken resource");
	}
	if (!any || strcmp(any->type_url, xds_type_url(r->type)) != 0)
		return err_set(e, -EINVAL, "resource of type \"%.100s\" in a response of %s", any ? any->type_url : "",
			       xds_type_short(r->type));
	bytes = slice_make(any->value.data, any->value.len);
	if (!resource_name(bytes, &name))
		return err_set(e, -EINVAL, "resource number %zu cannot be read", r->all.n);
	if (r->type == XDS_NAME_TABLE || name.len == 0)
		name = slice_str(name_hint);
	old = xds_set_find(c->types[r->type].set, name);
	now = old && slice_eq(old->bytes, bytes) ? xds_resource_ref(old) : xds_resource_new(r->type, name, bytes);
	vec_push(&r->all, now);
	vec_push(&r->versions, version);
	if (now != old)
		vec_push(&r->changed, now);
	return 0;
}

/* SotW: wildcard types are complete, so what is missing is gone. */
static void find_removed(struct type_state *t, const struct xds_set *now, struct arrival *r)
{
	for (size_t i = 0; t->set && i < t->set->n; i++)
		if (!xds_set_find(now, t->set->v[i]->name))
			vec_push(&r->removed, t->set->v[i]->name);
}

/* Offers the new state to the owner; on acceptance it is the state. */
static void offer(struct xds_client *c, struct arrival *r, struct xds_set *now)
{
	struct type_state *t = &c->types[r->type];
	CLEANUP(xds_set_unrefp) struct xds_set *old = xds_set_ref(t->set); /* what is removed is named by it */
	struct err e = ERR_INIT;
	const struct xds_update u = {.type = r->type,
				     .changed = r->changed.v,
				     .n_changed = r->changed.n,
				     .removed = r->removed.v,
				     .n_removed = r->removed.n,
				     .all = now};

	if (c->p.ops->on_update(c->p.user, &u, &e) < 0) {
		free(t->refused);
		t->refused = mem_strdup(*e.msg ? e.msg : "refused");
		xds_set_unref(now);
		return;
	}
	for (size_t i = 0; i < r->removed.n; i++)
		held_drop(t, r->removed.v[i]);
	for (size_t i = 0; i < r->all.n; i++)
		held_set(t, r->all.v[i]->name,
			 c->p.delta && r->versions.v[i] ? r->versions.v[i] : r->all.v[i]->version);
	if (t->set == old) { /* the owner may have changed its subscription meanwhile: then names were dropped */
		xds_set_unref(t->set);
		t->set = now;
		return;
	}
	xds_set_unref(now);
	now = xds_set_apply(t->set, r->all.v, r->all.n, NULL, 0);
	xds_set_unref(t->set);
	t->set = now;
}

static void refuse(struct xds_client *c, enum xds_type type, const struct err *e)
{
	struct type_state *t = &c->types[type];

	free(t->refused);
	t->refused = mem_strdup(e->msg);
}

static void stream_is_up(struct xds_client *c)
{
	c->failures = 0;
	if (c->up)
		return;
	c->up = true;
	if (c->p.ops->on_state)
		c->p.ops->on_state(c->p.user, true, GRPC_OK, "");
}

static void answer(struct xds_client *c, enum xds_type type, const char *nonce, const char *version)
{
	struct type_state *t = &c->types[type];

	snprintf(t->nonce, sizeof(t->nonce), "%s", nonce);
	if (!t->refused)
		snprintf(t->version, sizeof(t->version), "%s", version);
	mark(c, t);
}

static void on_sotw(struct xds_client *c, struct slice message, struct arena *a)
{
	const response_sotw *m = pb_unpack(a, &envoy__service__discovery__v3__discovery_response__descriptor, message);
	CLEANUP(arrival_done) struct arrival r = {.type = m ? xds_type_from_url(m->type_url) : XDS_TYPE_NONE};
	struct err e = ERR_INIT;
	struct type_state *t;
	int result = 0;

	if (!m) /* nothing can be said to it: a new stream */
		grpc_call_cancel(c->call);
	if (r.type == XDS_TYPE_NONE || !c->types[r.type].active)
		return;
	t = &c->types[r.type];
	for (size_t i = 0; result == 0 && i < m->n_resources; i++)
		result = add_resource(c, &r, m->resources[i], "", NULL, a, &e);
	if (result < 0) {
		refuse(c, r.type, &e);
	} else if (t->wildcard) {
		struct xds_set *now = xds_set_apply(NULL, r.all.v, r.all.n, NULL, 0);

		find_removed(t, now, &r);
		offer(c, &r, now);
	} else {
		offer(c, &r, xds_set_apply(t->set, r.all.v, r.all.n, NULL, 0));
	}
	answer(c, r.type, m->nonce, m->version_info);
}

static void on_delta(struct xds_client *c, struct slice message, struct arena *a)
{
	const response_delta *m =
		pb_unpack(a, &envoy__service__discovery__v3__delta_discovery_response__descriptor, message);
	CLEANUP(arrival_done) struct arrival r = {.type = m ? xds_type_from_url(m->type_url) : XDS_TYPE_NONE};
	struct err e = ERR_INIT;
	struct type_state *t;
	int result = 0;

	if (!m) /* nothing can be said to it: a new stream */
		grpc_call_cancel(c->call);
	if (r.type == XDS_TYPE_NONE || !c->types[r.type].active)
		return;
	t = &c->types[r.type];
	for (size_t i = 0; result == 0 && i < m->n_resources; i++)
		result = add_resource(c, &r, m->resources[i]->resource, m->resources[i]->name, m->resources[i]->version,
				      a, &e);
	for (size_t i = 0; i < m->n_removed_resources; i++)
		vec_push(&r.removed, slice_str(m->removed_resources[i]));
	if (result < 0)
		refuse(c, r.type, &e);
	else
		offer(c, &r, xds_set_apply(t->set, r.all.v, r.all.n, r.removed.v, r.removed.n));
	answer(c, r.type, m->nonce, m->system_version_info);
}

static void on_message(struct grpc_call *call, struct slice message)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct xds_client *c = grpc_call_user(call);

	stream_is_up(c);
	if (c->p.delta)
		on_delta(c, message, &a);
	else
		on_sotw(c, message, &a);
}

/* --- the stream --- */

static void on_retry(struct timer *t)
{
	open_stream(CONTAINER_OF(t, struct xds_client, retry));
}

static void retry_later(struct xds_client *c)
{
	int64_t ms = c->p.backoff_min_ms << MIN(c->failures, 10u);

	ms = MIN(ms, c->p.backoff_max_ms);
	c->failures++;
	timer_start(c->loop, &c->retry, ms / 2 + (int64_t)rand_below(&c->rand, (uint32_t)ms), on_retry);
}

static void on_done(struct grpc_call *call, int status, const char *text)
{
	struct xds_client *c = grpc_call_user(call);

	c->call = NULL;
	c->up = false;
	retry_later(c);
	if (c->p.ops->on_state)
		c->p.ops->on_state(c->p.user, false, status, text);
}

static const struct grpc_call_ops call_ops = {.on_message = on_message, .on_done = on_done};

static void reset_types(struct xds_client *c)
{
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		struct type_state *t = &c->types[i];
		struct map_entry *entry;

		t->nonce[0] = 0;
		t->asked = false;
		t->dirty = t->active;
		for (size_t k = 0; (entry = map_next(&t->wanted, &k));)
			((struct wanted *)entry->value)->told = false;
		for (size_t k = 0; k < t->leave.n; k++)
			free(t->leave.v[k]);
		t->leave.n = 0;
		free(t->refused);
		t->refused = NULL;
	}
}

static void open_stream(struct xds_client *c)
{
	CLEANUP(buf_done) struct buf token = BUF_INIT;
	struct grpc_metadata bearer = {.name = "authorization", .sensitive = true};
	struct err e = ERR_INIT;

	if (c->p.ops->token) {
		buf_append_str(&token, "Bearer ");
		if (c->p.ops->token(c->p.user, &token, &e) < 0) {
			retry_later(c);
			if (c->p.ops->on_state)
				c->p.ops->on_state(c->p.user, false, GRPC_UNAUTHENTICATED, e.msg);
			return;
		}
		bearer.value = buf_slice(&token);
	}
	reset_types(c);
	c->node_sent = false;
	c->call = grpc_channel_call(c->p.channel, c->p.delta ? PATH_DELTA : PATH_SOTW, &bearer,
				    bearer.value.len ? 1 : 0, 0, &call_ops, c);
	grpc_call_set_max_message(c->call, RESPONSE_MAX_BYTES);
	task_defer(c->loop, &c->flush, on_flush);
}

void xds_client_start(struct xds_client *c)
{
	if (c->started)
		return;
	c->started = true;
	open_stream(c);
}

struct xds_set *xds_client_set(const struct xds_client *c, enum xds_type type)
{
	return c->types[type].set;
}

const char *xds_client_version(const struct xds_client *c, enum xds_type type)
{
	return c->types[type].version;
}

bool xds_client_connected(const struct xds_client *c)
{
	return c->up;
}
