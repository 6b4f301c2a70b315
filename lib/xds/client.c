/*
 * The ADS client: one stream, and per type what is wanted, what is held and what was last said to the server.
 * Requests are written by a task at the end of the turn, so that several changes make one request.
 */
#include "xds/client.h"

#include "xds/client_internal.h"

#include <assert.h>
#include <stdio.h>

#include "base/mem.h"
#include "envoy/service/discovery/v3/discovery.pb-c.h"
#include "xds/pb.h"

#define PATH_SOTW "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
#define PATH_DELTA "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources"
#define RESPONSE_MAX_BYTES (256u << 20)
#define STATUS_INTERNAL 13 /* google.rpc.Code of a NACK */

typedef Envoy__Service__Discovery__V3__DiscoveryRequest request_sotw;
typedef Envoy__Service__Discovery__V3__DeltaDiscoveryRequest request_delta;

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

void xds_client_held_drop(struct type_state *t, struct slice name)
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
	for (size_t i = 0; i < c->n_reports; i++) {
		free(c->reports[i].url);
		free(c->reports[i].text);
	}
	arena_done(&c->arena);
	free(c);
}

/* --- subscriptions --- */

void xds_client_mark(struct xds_client *c, struct type_state *t)
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
	xds_client_mark(c, t);
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
	w->keep = true;
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
	for (size_t i = 0; (entry = map_next(&t->wanted, &i));)
		changed |= !((struct wanted *)entry->value)->keep;
	if (!changed)
		return;
	t->active = t->active || n > 0;
	xds_client_mark(c, t);
}

void xds_client_held_set(struct type_state *t, struct slice name, const char *version)
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
		xds_client_held_set(t, set->v[i]->name, set->v[i]->version);
}

/* Forgets the names that are not wanted any more, for good: within a turn a name may leave and come back. */
static void sweep_wanted(struct xds_client *c, struct type_state *t)
{
	struct map_entry *entry;

	for (size_t i = 0; (entry = map_next(&t->wanted, &i));) {
		struct wanted *w = entry->value;

		if (w->keep)
			continue;
		if (c->p.delta && w->told)
			vec_push(&t->leave, mem_strdup(w->name));
		wanted_drop(t, w);
	}
}

/* What is held but not wanted (any more, or never since it was restored) is forgotten, here and by the owner. */
static void sweep_held(struct xds_client *c, enum xds_type type)
{
	struct type_state *t = &c->types[type];
	CLEANUP(xds_set_unrefp) struct xds_set *old = xds_set_ref(t->set);
	VEC(struct slice) gone = {0};

	for (size_t i = 0; old && i < old->n; i++)
		if (!map_get(&t->wanted, old->v[i]->name))
			vec_push(&gone, old->v[i]->name);
	if (gone.n) {
		t->set = xds_set_apply(old, NULL, 0, gone.v, gone.n);
		xds_set_unref(old);
	}
	for (size_t i = 0; i < gone.n; i++) {
		xds_client_held_drop(t, gone.v[i]);
		if (c->p.ops->on_drop)
			c->p.ops->on_drop(c->p.user, type, gone.v[i]);
	}
	vec_done(&gone);
}

/* --- requests --- */

static Envoy__Config__Core__V3__Node *node_once(struct xds_client *c, struct arena *a)
{
	if (c->node_sent)
		return NULL;
	c->node_sent = true;
	return pb_unpack(a, &envoy__config__core__v3__node__descriptor, c->node);
}

static Google__Rpc__Status *status_of(const char *text, struct arena *a)
{
	Google__Rpc__Status *status;

	if (!text)
		return NULL;
	status = PB_NEW(a, Google__Rpc__Status, google__rpc__status);
	status->code = STATUS_INTERNAL;
	status->message = arena_strdup(a, text);
	return status;
}

static Google__Rpc__Status *error_detail(struct type_state *t, struct arena *a)
{
	Google__Rpc__Status *status = status_of(t->refused, a);

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

static void report_send(struct xds_client *c, const struct report *r, struct arena *a)
{
	request_delta *delta = PB_NEW(a, request_delta, envoy__service__discovery__v3__delta_discovery_request);
	request_sotw *sotw = PB_NEW(a, request_sotw, envoy__service__discovery__v3__discovery_request);

	delta->node = sotw->node = node_once(c, a);
	delta->type_url = sotw->type_url = r->url;
	delta->error_detail = sotw->error_detail = status_of(r->text, a);
	post(c, c->p.delta ? &delta->base : &sotw->base);
}

static void on_flush(struct task *task)
{
	struct xds_client *c = CONTAINER_OF(task, struct xds_client, flush);
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	for (int i = 0; c->call && i < XDS_TYPE_COUNT; i++) {
		struct type_state *t = &c->types[i];

		if (!t->dirty || !(t->active || (c->p.delta && *t->nonce)))
			continue;
		t->dirty = false;
		if (!t->wildcard) {
			sweep_wanted(c, t);
			sweep_held(c, (enum xds_type)i);
		}
		if (c->p.delta)
			request_delta_send(c, (enum xds_type)i, &a);
		else
			request_sotw_send(c, (enum xds_type)i, &a);
		t->asked = true;
		if (!t->wildcard && t->wanted.n == 0)
			t->active = t->asked = false;
	}
	for (size_t i = 0; c->call && i < c->n_reports; i++) {
		if (c->reports[i].due)
			report_send(c, &c->reports[i], &a);
		c->reports[i].due = false;
	}
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

static void stream_is_up(struct xds_client *c)
{
	c->failures = 0;
	if (c->up)
		return;
	c->up = true;
	if (c->p.ops->on_state)
		c->p.ops->on_state(c->p.user, true, GRPC_OK, "");
}

static void on_message(struct grpc_call *call, struct slice message)
{
	struct xds_client *c = grpc_call_user(call);

	stream_is_up(c);
	xds_client_response(c, message);
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
	for (size_t i = 0; i < c->n_reports; i++)
		c->reports[i].due = true;
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

void xds_client_report(struct xds_client *c, const char *type_url, const char *error)
{
	size_t i = 0;

	while (i < c->n_reports && strcmp(c->reports[i].url, type_url) != 0)
		i++;
	assert(i < XDS_REPORTS_MAX);
	if (i == c->n_reports)
		c->reports[c->n_reports++].url = mem_strdup(type_url);
	free(c->reports[i].text);
	c->reports[i].text = error ? mem_strdup(error) : NULL;
	c->reports[i].due = true;
	if (c->call)
		task_defer(c->loop, &c->flush, on_flush);
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
