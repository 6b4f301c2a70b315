/*
 * Status of configuration objects. Three conditions tell what became of each:
 *   Accepted      it is valid and everything in it is carried out; else the path and the reason
 *   ResolvedRefs  what it refers to exists
 *   Programmed    n of m proxies that it concerns acknowledged it as it is now; a refusal says whose and why
 * An object is judged when it, what it may refer to, a view that it is part of, or an acknowledgement that concerns it
 * changed: those keys are queued, once each, a moment later. Written only where it differs, by merge patch on the
 * status subresource, and by one replica alone, which holds a lease: two that count different proxies would undo one
 * another for ever.
 */
#include <stdlib.h>

#include "api/istio/security.h"
#include "api/networking/networking.h"
#include "discovery/credentials.h"
#include "discovery/left_out_internal.h"
#include "discovery/status_internal.h"
#include "kube/lease.h"

#define LOOK_MS 20
#define LOOKS_APART_MS 200 /* at most, when one look follows another: thousands of proxies take their time */
#define STATUS_PARALLEL 8

static const struct api_kind *const status_kinds[] = {
	&api_kind_virtual_service,
	&api_kind_destination_rule,
	&api_kind_gateway,
	&api_kind_service_entry,
	&api_kind_sidecar,
	&api_kind_peer_authentication,
	&api_kind_authorization_policy,
	&api_kind_request_authentication,
	&api_kind_envoy_filter,
	&api_kind_telemetry,
	&api_kind_wasm_plugin,
	&api_kind_workload_entry,
	&api_kind_workload_group,
	&api_kind_proxy_config,
};

struct status {
	struct discovery *d;
	struct judge *judge;
	struct queue *queue;
	struct lease *lease; /* who holds it writes; NULL: nobody else is there */
	struct timer timer;
	int64_t looked_ns;                               /* when it was looked last */
	int64_t pace_ms;                                 /* how long that look was put off */
	bool all, credentials, entries, gateways, hosts; /* kinds of objects to be judged at the next look */
	VEC(struct run *) running;
};

struct run {
	struct status *s;
	struct kube_call *call;
	struct store_key key;
};

/* --- one object --- */

static void end(struct run *x)
{
	for (size_t i = 0; i < x->s->running.n; i++) {
		if (x->s->running.v[i] == x) {
			vec_remove(&x->s->running, i);
			break;
		}
	}
	free(x);
}

static void on_done(void *arg, struct kube_result *res)
{
	struct run *x = arg;
	const bool gone = res->reason == KUBE_NOT_FOUND;

	if (res->reason != KUBE_OK && !gone)
		log_write(kube_client_away(x->s->d->kube) ? LOG_DEBUG : LOG_WARN, "status", "%s", res->err.msg);
	queue_done(x->s->queue, &x->key, res->reason == KUBE_OK || gone ? QUEUE_OK : QUEUE_RETRY, 0);
	end(x);
}

static void write_status(struct status *s, const struct store_key *key, const struct api_object *o,
			 const struct condition *c)
{
	CLEANUP(json_freep) cJSON *body = status_patch(o, c);
	const struct kube_request req = {.verb = KUBE_MERGE_PATCH,
					 .kind = key->kind,
					 .ns = key->ns,
					 .name = key->name,
					 .subresource = "status",
					 .field_manager = "istiod",
					 .body = body};
	struct run *x = NEW(struct run);

	*x = (struct run){.s = s, .key = *key};
	vec_push(&s->running, x);
	x->call = kube_call_start(s->d->kube, &req, on_done, x);
}

static void run(void *arg, const struct store_key *key)
{
	struct status *s = arg;
	const struct api_object *o = store_get(s->d->store, key->kind, key->ns, key->name);
	struct condition c[CONDITIONS];

	if (!o || o->meta->deletion_timestamp || !s->d->ready || (s->lease && !lease_held(s->lease)) ||
	    !discovery_members_writes(s->d->members, key->ns)) {
		queue_done(s->queue, key, QUEUE_OK, 0);
		return;
	}
	s->d->stats.judged++;
	status_judge(s->judge, o, c);
	if (status_differs(o, c))
		write_status(s, key, o, c);
	else
		queue_done(s->queue, key, QUEUE_OK, 0);
}

/* --- which objects --- */

static void add(struct status *s, const struct api_object *o)
{
	queue_add(s->queue, &(struct store_key){o->kind, api_object_namespace(o), api_object_name(o)});
}

static void add_kind(struct status *s, const struct api_kind *kind, bool (*which)(const struct api_object *o))
{
	const struct store_range r = store_list(s->d->store, kind, NULL);

	for (size_t i = 0; i < r.n; i++)
		if (!which || which(r.v[i]))
			add(s, r.v[i]);
}

/* What the view was made of, and what it is made without. */
static void add_uses(struct status *s, const struct view *v, unsigned types, int64_t after_ms)
{
	for (size_t i = 0; i < v->result.n_uses; i++) {
		const struct mesh_object *o = v->result.uses[i].object;

		if (v->result.uses[i].types & types)
			queue_add_after(s->queue, &(struct store_key){o->obj->kind, o->ns, o->name}, after_ms);
	}
	for (size_t i = 0; v->left && i < v->left->now.v.n; i++) {
		const struct left_out *x = &v->left->now.v.v[i];

		queue_add_after(s->queue, &(struct store_key){x->kind, x->ns, x->name}, after_ms);
	}
}

static void look(struct timer *t)
{
	struct status *s = CONTAINER_OF(t, struct status, timer);
	struct view *v;

	s->looked_ns = loop_now_ns(s->d->loop);
	LIST_EACH (v, &s->d->views, link) {
		if (v->told && !s->all)
			add_uses(s, v, v->told, 0);
		v->told = 0;
	}
	for (size_t i = 0; s->all && i < ARRAY_LEN(status_kinds); i++)
		add_kind(s, status_kinds[i], NULL);
	if (s->credentials) {
		add_kind(s, &api_kind_gateway, discovery_credentials_named);
		add_kind(s, &api_kind_destination_rule, discovery_credentials_named);
	}
	if (s->gateways)
		add_kind(s, &api_kind_gateway, NULL);
	if (s->hosts) {
		add_kind(s, &api_kind_virtual_service, NULL);
		add_kind(s, &api_kind_destination_rule, NULL);
	}
	if (s->entries || s->hosts)
		add_kind(s, &api_kind_service_entry, NULL);
	s->all = s->credentials = s->gateways = s->entries = s->hosts = false;
}

static void look_soon(struct status *s)
{
	const int64_t past_ms = (loop_now_ns(s->d->loop) - s->looked_ns) / NS_PER_MS;

	if (timer_active(&s->timer))
		return;
	s->pace_ms = past_ms > LOOKS_APART_MS ? LOOK_MS : MAX(LOOK_MS, MIN(2 * s->pace_ms, LOOKS_APART_MS));
	timer_start(s->d->loop, &s->timer, s->pace_ms, look);
}

void discovery_status_object(struct status *s, const struct store_key *key)
{
	for (size_t i = 0; i < ARRAY_LEN(status_kinds); i++) {
		if (status_kinds[i] != key->kind)
			continue;
		if (key->name)
			queue_add_after(s->queue, key, LOOK_MS);
		else /* what was written may be gone, with a version that the store has */
			discovery_status_kick(s);
	}
}

void discovery_status_snapshot(struct status *s, unsigned changed)
{
	/* pods are all that a Gateway's references stand on; the rest look at services and one another */
	if (changed & ~(unsigned)(CHANGE_ENDPOINT | CHANGE_POD | CHANGE_SECRET))
		s->all = true;
	if (changed & CHANGE_POD)
		s->gateways = true;
	look_soon(s);
}

void discovery_status_credentials(struct status *s)
{
	s->credentials = true;
	look_soon(s);
}

void discovery_status_detection(struct status *s)
{
	s->hosts = true;
	look_soon(s);
}

void discovery_status_sessions(struct status *s, struct view *v, unsigned types)
{
	status_judge_sessions_changed(s->judge);
	v->told |= types;
	s->entries |= (types & 1u << XDS_CLUSTER) != 0;
	s->gateways |= s->d->cfg.alone; /* who is connected is who they select */
	look_soon(s);
}

void discovery_status_view(struct status *s, const struct view *v, unsigned types)
{
	status_judge_views_changed(s->judge);
	add_uses(s, v, types, LOOK_MS);
	for (size_t i = 0; i < v->result.n_notes; i++) {
		const struct compile_note *n = &v->result.notes[i];

		queue_add_after(s->queue, &(struct store_key){n->kind, n->ns, n->name}, LOOK_MS);
	}
}

void discovery_status_kick(struct status *s)
{
	s->all = true;
	look_soon(s);
}

/* --- lifetime --- */

/* What was passed over while another wrote is judged now. */
static void on_leader(void *arg, bool leader)
{
	if (leader)
		discovery_status_kick(arg);
}

static void on_released(void *arg)
{
	(void)arg; /* the next one may take it at once */
}

void discovery_status_release(struct status *s)
{
	if (s->lease)
		lease_release(s->lease, on_released, s);
}

struct status *discovery_status_new(struct discovery *d)
{
	CLEANUP(freep) char *name = mem_printf("istio-status-leader-%s", d->cfg.revision);
	struct status *s = NEW(struct status);

	s->d = d;
	s->judge = status_judge_new(d);
	s->queue = queue_new(d->loop, STATUS_PARALLEL, run, s);
	queue_follow(s->queue, d->kube);
	if (!d->cfg.alone)
		s->lease = lease_new(d->loop, d->kube, d->cfg.ns, name, d->cfg.pod_name, on_leader, s);
	return s;
}

void discovery_status_free(struct status *s)
{
	if (!s)
		return;
	timer_stop(&s->timer);
	lease_free(s->lease);
	for (size_t i = 0; i < s->running.n; i++) {
		kube_call_cancel(s->running.v[i]->call);
		free(s->running.v[i]);
	}
	vec_done(&s->running);
	queue_free(s->queue);
	status_judge_free(s->judge);
	free(s);
}
