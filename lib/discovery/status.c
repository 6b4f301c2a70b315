/*
 * Status of configuration objects. Three conditions tell what became of each:
 *   Accepted      it is valid and everything in it is carried out; else the path and the reason
 *   ResolvedRefs  what it refers to exists
 *   Programmed    n of m proxies that it concerns acknowledged it as it is now; a refusal says whose and why
 * Written only where it differs, by merge patch on the status subresource.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/networking/networking.h"
#include "api/istio/security.h"
#include "base/clock.h"
#include "discovery/credentials.h"
#include "discovery/internal.h"
#include "mesh/validate.h"

#define LOOK_MS 20
#define STATUS_PARALLEL 8
#define MESSAGE_MAX 1024

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
	struct queue *queue;
	struct timer timer;
	VEC(struct run *) running;
};

struct run {
	struct status *s;
	struct kube_call *call;
	struct store_key key;
};

struct condition {
	const char *type, *reason;
	bool ok;
	char message[MESSAGE_MAX];
};

enum { ACCEPTED, RESOLVED, PROGRAMMED, CONDITIONS };

/* --- what is so --- */

static void add_problem(void *arg, const char *path, const char *text)
{
	struct condition *c = arg;
	const size_t n = strlen(c->message);

	c->ok = false;
	snprintf(c->message + n, sizeof(c->message) - n, "%s%s%s%s", n ? "; " : "", path, *path ? ": " : "", text);
}

static bool is_noted(const struct compile_note *n, const struct api_object *o)
{
	return n->kind == o->kind && strcmp(n->name, api_object_name(o)) == 0 &&
	       strcmp(n->ns, api_object_namespace(o)) == 0;
}

static bool is_about(const struct mesh_object *x, const struct api_object *o)
{
	return x->obj->kind == o->kind && strcmp(x->name, api_object_name(o)) == 0 &&
	       strcmp(x->ns, api_object_namespace(o)) == 0;
}

/* What generators could not do as written, each once. What is wrong in itself counts more than who was first. */
static void add_notes(struct discovery *d, const struct api_object *o, struct condition *c)
{
	const struct view *v;

	LIST_EACH (v, &d->views, link) {
		for (size_t i = 0; i < v->result.n_notes; i++) {
			const struct compile_note *n = &v->result.notes[i];

			if (!is_noted(n, o))
				continue;
			if (n->reason == COMPILE_INVALID)
				c->reason = "Invalid";
			else if (strcmp(c->reason, "Invalid") != 0)
				c->reason = "Conflicted";
			if (!strstr(c->message, n->text))
				add_problem(c, n->path, n->text);
			c->ok = false;
		}
	}
}

static void judge_accepted(struct discovery *d, const struct api_object *o, struct condition *c)
{
	*c = (struct condition){.type = "Accepted", .reason = "Accepted", .ok = true};
	if (validate_object(o, add_problem, NULL, c))
		c->reason = "Invalid";
	if (validate_unsupported(o, add_problem, c) && strcmp(c->reason, "Invalid") != 0)
		c->reason = "Unsupported";
	add_notes(d, o, c);
}

static void judge_resolved(struct discovery *d, const struct api_object *o, struct condition *c)
{
	bool refs_ok;

	*c = (struct condition){.type = "ResolvedRefs", .reason = "ResolvedRefs", .ok = true};
	if (d->snap)
		validate_refs(d->snap, o, add_problem, c);
	if (!c->ok)
		c->reason = "RefNotFound";
	refs_ok = c->ok;
	discovery_credentials_check(d->credentials, o, add_problem, c);
	if (!c->ok && refs_ok)
		c->reason = "InvalidCertificateRef";
}

struct tally {
	size_t concerned, current;
	const struct session *refused;
	const char *why;
};

static void tally_session(struct tally *t, const struct session *s, unsigned types, bool stale)
{
	bool ok = !stale;

	t->concerned++;
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		const struct ads_sub *sub = xds_session_sub(s->xds, i);

		if (!(types & 1u << i))
			continue;
		if (sub->active && sub->error) {
			t->refused = s;
			t->why = sub->error;
		}
		ok = ok && sub->active && ads_synced(sub) && !sub->error;
	}
	t->current += ok;
}

static unsigned types_in_view(const struct view *v, const struct api_object *o)
{
	for (size_t i = 0; i < v->result.n_uses; i++) {
		const struct api_object *x = v->result.uses[i].object->obj;

		if (is_about(v->result.uses[i].object, o))
			return discovery_intent(x) == discovery_intent(o) ? v->result.uses[i].types : 1u << 31;
	}
	return 0;
}

static void judge_programmed(struct discovery *d, const struct api_object *o, struct condition *c)
{
	const unsigned entry = o->kind == &api_kind_service_entry ? 1u << XDS_CLUSTER : 0;
	struct tally t = {0};
	struct session *s;

	*c = (struct condition){.type = "Programmed", .reason = "Programmed", .ok = true};
	LIST_EACH (s, &d->sessions, link) {
		const unsigned types = s->view && s->view->snap ? types_in_view(s->view, o) | entry : 0;
		const char *why = s->view ? discovery_left_why(s->view, o) : NULL;

		if (why) { /* made without it */
			t.concerned++;
			t.refused = s;
			t.why = why;
			continue;
		}
		if (types)
			tally_session(&t, s, types & 0xffff, s->view->snap != d->snap || types & 1u << 31);
	}
	c->ok = t.concerned && t.current == t.concerned;
	snprintf(c->message, sizeof(c->message), "%zu/%zu proxies up to date.", t.current, t.concerned);
	if (t.refused) {
		c->reason = "Rejected";
		snprintf(c->message, sizeof(c->message), "%zu/%zu proxies up to date. %s refused: %.600s", t.current,
			 t.concerned, t.refused->proxy.id, t.why);
	} else if (!t.concerned) {
		c->reason = "NoProxies";
		snprintf(c->message, sizeof(c->message), "No connected proxy uses it.");
	} else if (!c->ok) {
		c->reason = "Pending";
	}
}

static void judge(struct discovery *d, const struct api_object *o, struct condition c[CONDITIONS])
{
	judge_accepted(d, o, &c[ACCEPTED]);
	judge_resolved(d, o, &c[RESOLVED]);
	judge_programmed(d, o, &c[PROGRAMMED]);
}

/* --- what is written --- */

/* Every kind of networking and security begins alike; WorkloadEntry and the rest too. */
struct any_istio {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	void *spec;
	struct istio_status *status;
};

static const struct istio_condition *written(const struct api_object *o, const char *type)
{
	const struct istio_status *s = ((const struct any_istio *)o->value)->status;

	for (size_t i = 0; s && i < s->conditions.n; i++)
		if (s->conditions.v[i].type && strcmp(s->conditions.v[i].type, type) == 0)
			return &s->conditions.v[i];
	return NULL;
}

static bool same_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool is_written(const struct api_object *o, const struct condition *c)
{
	const struct istio_condition *w = written(o, c->type);

	return w && same_text(w->status, c->ok ? "True" : "False") && same_text(w->reason, c->reason) &&
	       same_text(w->message, c->message) && w->observed_generation == o->meta->generation;
}

static void add_condition(cJSON *list, const struct api_object *o, const struct condition *c)
{
	const struct istio_condition *w = written(o, c->type);
	const char *status = c->ok ? "True" : "False";
	cJSON *x = cJSON_CreateObject();
	char at[CLOCK_TEXT_MAX];

	clock_format_s(clock_wall_ns() / NS_PER_S, at);
	cJSON_AddStringToObject(x, "type", c->type);
	cJSON_AddStringToObject(x, "status", status);
	cJSON_AddStringToObject(x, "reason", c->reason);
	cJSON_AddStringToObject(x, "message", c->message);
	cJSON_AddItemToObject(x, "observedGeneration", json_new_int64(o->meta->generation));
	cJSON_AddStringToObject(x, "lastTransitionTime",
				w && same_text(w->status, status) && w->last_transition_time ? w->last_transition_time
											     : at);
	cJSON_AddItemToArray(list, x);
}

/* Conditions of others stay. */
static void keep_others(cJSON *list, const struct api_object *o, const struct condition *c)
{
	const struct istio_status *s = ((const struct any_istio *)o->value)->status;

	for (size_t i = 0; s && i < s->conditions.n; i++) {
		bool ours = false;

		for (int k = 0; k < CONDITIONS; k++)
			ours |= same_text(s->conditions.v[i].type, c[k].type);
		if (!ours)
			cJSON_AddItemToArray(list, msg_to_json(&istio_condition_desc, &s->conditions.v[i]));
	}
}

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
		log_warn("status", "%s", res->err.msg);
	queue_done(x->s->queue, &x->key, res->reason == KUBE_OK || gone ? QUEUE_OK : QUEUE_RETRY, 0);
	end(x);
}

static void write_status(struct status *s, const struct store_key *key, const struct api_object *o,
			 const struct condition *c)
{
	cJSON *body = cJSON_CreateObject(), *status = cJSON_AddObjectToObject(body, "status"), *list;
	struct kube_request req = {.verb = KUBE_MERGE_PATCH,
				   .kind = key->kind,
				   .ns = key->ns,
				   .name = key->name,
				   .subresource = "status",
				   .field_manager = "istiod"};
	struct run *x = NEW(struct run);

	list = cJSON_AddArrayToObject(status, "conditions");
	keep_others(list, o, c);
	for (int i = 0; i < CONDITIONS; i++)
		add_condition(list, o, &c[i]);
	cJSON_AddItemToObject(status, "observedGeneration", json_new_int64(o->meta->generation));
	*x = (struct run){.s = s, .key = *key};
	vec_push(&s->running, x);
	req.body = body;
	x->call = kube_call_start(s->d->kube, &req, on_done, x);
	cJSON_Delete(body);
}

static bool differs(const struct api_object *o, const struct condition *c)
{
	for (int i = 0; i < CONDITIONS; i++)
		if (!is_written(o, &c[i]))
			return true;
	return false;
}

static void run(void *arg, const struct store_key *key)
{
	struct status *s = arg;
	const struct api_object *o = store_get(s->d->store, key->kind, key->ns, key->name);
	struct condition c[CONDITIONS];

	if (o && !o->meta->deletion_timestamp)
		judge(s->d, o, c);
	if (o && !o->meta->deletion_timestamp && differs(o, c))
		write_status(s, key, o, c);
	else
		queue_done(s->queue, key, QUEUE_OK, 0);
}

static void look_at(struct status *s, const struct api_object *o)
{
	struct condition c[CONDITIONS];

	if (!discovery_members_has(s->d->members, api_object_namespace(o)) || o->meta->deletion_timestamp)
		return;
	judge(s->d, o, c);
	if (differs(o, c))
		queue_add(s->queue, &(struct store_key){o->kind, api_object_namespace(o), api_object_name(o)});
}

static void look(struct timer *t)
{
	struct status *s = CONTAINER_OF(t, struct status, timer);

	if (!s->d->ready)
		return;
	for (size_t i = 0; i < ARRAY_LEN(status_kinds); i++) {
		const struct store_range r = store_list(s->d->store, status_kinds[i], NULL);

		for (size_t k = 0; k < r.n; k++)
			look_at(s, r.v[k]);
	}
}

struct status *discovery_status_new(struct discovery *d)
{
	struct status *s = NEW(struct status);

	s->d = d;
	s->queue = queue_new(d->loop, STATUS_PARALLEL, run, s);
	return s;
}

void discovery_status_free(struct status *s)
{
	if (!s)
		return;
	timer_stop(&s->timer);
	for (size_t i = 0; i < s->running.n; i++) {
		kube_call_cancel(s->running.v[i]->call);
		free(s->running.v[i]);
	}
	vec_done(&s->running);
	queue_free(s->queue);
	free(s);
}

void discovery_status_kick(struct status *s)
{
	if (!timer_active(&s->timer))
		timer_start(s->d->loop, &s->timer, LOOK_MS, look);
}
