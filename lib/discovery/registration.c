/*
 * Registration of workloads outside of Kubernetes: proxies whose node names a WorkloadGroup get a WorkloadEntry while
 * they are connected. What is wanted is kept per entry (an enrolment, as long as a session of it is here), what is, is
 * in the store; a key that is looked at does one step towards it (registration_step.c). Nothing is remembered about
 * writes: the store says what came of them.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "discovery/registration_internal.h"
#include "kube/plan.h"

#define REGISTRATION_PARALLEL 8
#define REGISTRATIONS_MAX 16384 /* entries that proxies are connected for, here */
#define REFUSED_AGAIN_MS 30000  /* an entry that the API server does not take is tried again */

/* An entry that proxies are connected for. */
struct enrolment {
	unsigned sessions; /* usually one; two while a proxy connects anew */
	struct arena arena;
	struct registrant who; /* of the youngest session */
	int64_t since_ns;      /* wall clock of that session's beginning */
	bool reported, healthy;
	char health_text[REGISTRATION_HEALTH_TEXT_MAX];
	const char *name; /* of the entry */
	char key[];       /* "ns/name" */
};

struct registration {
	struct discovery *d;
	struct map enrolled; /* key -> struct enrolment * */
	struct queue *queue;
	int64_t ready_ns; /* wall clock of the first look; 0 = none yet */
	VEC(struct run *) running;
};

struct run {
	struct registration *r;
	struct kube_call *call;
	struct store_key key;
};

static struct enrolment *find(const struct registration *r, const char *ns, const char *name)
{
	CLEANUP(freep) char *key = mem_printf("%s/%s", ns, name);

	return map_get(&r->enrolled, slice_str(key));
}

/* --- calls --- */

static void end(struct run *x)
{
	for (size_t i = 0; i < x->r->running.n; i++) {
		if (x->r->running.v[i] == x) {
			vec_remove(&x->r->running, i);
			break;
		}
	}
	free(x);
}

/* What the API server refuses for good would be refused again at once. */
static void on_done(void *arg, struct kube_result *res)
{
	struct run *x = arg;
	struct registration *r = x->r;
	const bool refused = res->reason == KUBE_INVALID || res->reason == KUBE_FORBIDDEN;
	const bool fine = res->reason == KUBE_OK || res->reason == KUBE_NOT_FOUND;

	if (!fine && res->reason != KUBE_CONFLICT && res->reason != KUBE_ALREADY_EXISTS)
		log_write(kube_client_away(r->d->kube) ? LOG_DEBUG : LOG_WARN, "registration", "%s%s", res->err.msg,
			  refused ? "; trying again in 30 s" : "");
	queue_done(r->queue, &x->key, fine || refused ? QUEUE_OK : QUEUE_RETRY, refused ? REFUSED_AGAIN_MS : 0);
	end(x);
}

/* Takes the body over. */
static void call(struct registration *r, const struct store_key *key, struct kube_request req, cJSON *body)
{
	struct run *x = NEW(struct run);

	*x = (struct run){.r = r, .key = *key};
	vec_push(&r->running, x);
	req.kind = key->kind;
	req.ns = key->ns;
	req.name = req.verb == KUBE_CREATE ? NULL : key->name;
	req.field_manager = "istiod";
	req.body = body;
	x->call = kube_call_start(r->d->kube, &req, on_done, x);
	cJSON_Delete(body);
}

/* --- one entry --- */

static const struct api_object *group_of(const struct registration *r, const struct registrant *who)
{
	return store_get(r->d->store, &api_kind_workload_group, who->ns, who->group);
}

/* The replica whose pod has that name; its own name counts also where it is no pod. */
static bool lives(const struct registration *r, const struct api_object *entry)
{
	const char *name = entry ? api_object_annotation(entry, REGISTRATION_CONTROLLER) : NULL;
	CLEANUP(freep) char *own = mem_printf("istiod-%s-", r->d->cfg.revision);

	if (!name)
		return false;
	if (strcmp(name, r->d->cfg.pod_name) == 0 || store_get(r->d->store, &api_kind_pod, r->d->cfg.ns, name))
		return true;
	/* of another revision's replicas nothing is known here but that there is one */
	return strncmp(name, own, strlen(own)) != 0 && discovery_members_shares(r->d->members);
}

static void create(struct registration *r, const struct store_key *key, const struct enrolment *x)
{
	const struct api_object *group = group_of(r, &x->who);
	struct err e = ERR_INIT;

	if (!group || registrant_check(&x->who, group, NULL, &e) < 0) {
		log_warn("registration", "%s/%s: %s", key->ns, key->name, group ? e.msg : "its WorkloadGroup is gone");
		queue_done(r->queue, key, QUEUE_OK, 0); /* a change of the group brings it back */
		return;
	}
	log_info("registration", "WorkloadEntry %s/%s is made", key->ns, key->name);
	call(r, key, (struct kube_request){.verb = KUBE_CREATE},
	     registrant_entry(&x->who, group, r->d->cfg.pod_name, x->since_ns));
}

static void step(struct registration *r, const struct store_key *key, const struct registration_view *v,
		 const struct enrolment *x)
{
	int64_t wait_ms;

	switch (registration_next(v, &wait_ms)) {
	case REGISTRATION_CREATE:
		create(r, key, x);
		return;
	case REGISTRATION_CONNECT:
		call(r, key, (struct kube_request){.verb = KUBE_MERGE_PATCH},
		     registration_connect_patch(v->entry, v->self, v->connected_ns));
		return;
	case REGISTRATION_DISCONNECT:
		call(r, key, (struct kube_request){.verb = KUBE_MERGE_PATCH},
		     registration_disconnect_patch(v->entry, v->now_ns));
		return;
	case REGISTRATION_HEALTH:
		call(r, key, (struct kube_request){.verb = KUBE_MERGE_PATCH, .subresource = "status"},
		     registration_health_patch(v->entry, v->healthy, v->health_text, v->now_ns));
		return;
	case REGISTRATION_REMOVE:
		log_info("registration", "WorkloadEntry %s/%s is taken away", key->ns, key->name);
		call(r, key, (struct kube_request){.verb = KUBE_DELETE, .precondition_uid = v->entry->meta->uid}, NULL);
		return;
	default:
		queue_done(r->queue, key, QUEUE_OK, wait_ms);
	}
}

static void run(void *arg, const struct store_key *key)
{
	struct registration *r = arg;
	const struct api_object *entry = store_get(r->d->store, key->kind, key->ns, key->name);
	const struct enrolment *x = find(r, key->ns, key->name);
	struct registration_view v = {
		.entry = entry,
		.self = r->d->cfg.pod_name,
		.controller_lives = lives(r, entry),
		.connected = x != NULL,
		.now_ns = clock_wall_ns(),
	};

	if (!r->d->ready || !discovery_members_has(r->d->members, key->ns)) {
		queue_done(r->queue, key, QUEUE_OK, r->d->ready ? 0 : 1000);
		return;
	}
	if (!r->ready_ns)
		r->ready_ns = v.now_ns;
	v.ready_ns = r->ready_ns;
	if (x) {
		v.connected_ns = x->since_ns;
		v.reported = x->reported;
		v.healthy = x->healthy;
		v.health_text = x->health_text;
	}
	step(r, key, &v, x);
}

/* --- sessions --- */

static void look(struct registration *r, const struct enrolment *x)
{
	queue_add(r->queue, &(struct store_key){&api_kind_workload_entry, x->who.ns, x->name});
}

static void on_told(void *arg, const struct err *err, bool retry)
{
	(void)arg, (void)retry;
	if (err->code)
		log_warn("registration", "event: %s", err->msg);
}

static void tell(const struct discovery *d, const struct api_object *group, const char *id, const char *why)
{
	struct plan p;

	log_warn("registration", "%s: %s", id, why);
	if (!group || !d->events)
		return;
	plan_init(&p);
	plan_event(&p, group, true, "RegistrationRefused", "%s was not registered: %s", id, why);
	executor_run(d->events, &p, on_told, NULL);
	plan_done(&p);
}

static struct enrolment *enrol(struct registration *r, const char *ns, const char *name)
{
	struct enrolment *x = find(r, ns, name);
	CLEANUP(freep) char *key = NULL;

	if (x)
		return x;
	key = mem_printf("%s/%s", ns, name);
	x = mem_calloc(1, sizeof(*x) + strlen(key) + 1);
	memcpy(x->key, key, strlen(key));
	x->name = strchr(x->key, '/') + 1;
	map_set(&r->enrolled, slice_str(x->key), x);
	return x;
}

static void report(struct registration *r, struct enrolment *x, const char *error)
{
	struct slice text = slice_str(error ? error : "");

	x->reported = true;
	x->healthy = !error;
	while (text.len >= sizeof(x->health_text) || !json_is_utf8(text))
		text.len--; /* until it fits and ends with a whole character */
	memcpy(x->health_text, text.ptr, text.len);
	x->health_text[text.len] = 0;
	look(r, x);
}

/* A proxy that connects anew says so first of all, while it is still asked who it is. */
static void keep_early(struct session *s, const char *error)
{
	const size_t n = error ? MIN(strlen(error), REGISTRATION_HEALTH_TEXT_MAX - 1u) : 0;

	if (!s->early_text)
		s->early_text = arena_alloc(xds_session_arena(s->xds), REGISTRATION_HEALTH_TEXT_MAX);
	s->early = error ? EARLY_UNHEALTHY : EARLY_HEALTHY;
	memcpy(s->early_text, error ? error : "", n);
	s->early_text[n] = 0;
}

int discovery_registration_open(struct registration *r, struct session *s, struct err *e)
{
	CLEANUP(arena_done) struct arena decoded = ARENA_INIT;
	const Envoy__Config__Core__V3__Node *node = xds_session_node(s->xds, &decoded);
	struct arena *mine = xds_session_arena(s->xds);
	const int64_t since_ns = xds_session_connected_ns(s->xds);
	const struct api_object *group, *entry;
	const char *name;
	struct registrant who;
	struct enrolment *x;
	int ret;

	if (!registrant_asks(node))
		return 0;
	registrant_read(node, &s->proxy, mine, &who);
	name = registrant_entry_name(&who, mine);
	group = group_of(r, &who);
	entry = store_get(r->d->store, &api_kind_workload_entry, who.ns, name);
	ret = registrant_check(&who, group, entry, e);
	if (ret == 0 && r->enrolled.n >= REGISTRATIONS_MAX && !find(r, who.ns, name))
		ret = err_set(e, -ENOSPC, "%d workloads are registered already", REGISTRATIONS_MAX);
	if (ret < 0) {
		tell(r->d, group, s->proxy.id, e->msg);
		return ret;
	}
	s->proxy.labels = registrant_labels(&who, group, mine);
	s->enrolment = x = enrol(r, who.ns, name);
	x->sessions++;
	if (since_ns >= x->since_ns) {
		arena_done(&x->arena);
		x->arena = (struct arena)ARENA_INIT;
		registrant_read(node, &s->proxy, &x->arena, &x->who);
		x->since_ns = since_ns;
		x->reported = false;
	}
	if (s->early)
		report(r, x, s->early == EARLY_UNHEALTHY ? s->early_text : NULL);
	look(r, x);
	return 0;
}

void discovery_registration_close(struct registration *r, struct session *s)
{
	struct enrolment *x = s->enrolment;

	s->enrolment = NULL;
	if (!x)
		return;
	look(r, x);
	if (--x->sessions)
		return;
	map_remove(&r->enrolled, slice_str(x->key));
	arena_done(&x->arena);
	free(x);
}

void discovery_registration_health(struct registration *r, struct session *s, const char *error)
{
	if (!s->trusted)
		keep_early(s, error);
	else if (s->enrolment)
		report(r, s->enrolment, error);
}

/* --- what changed in the cluster --- */

static void look_at_all(struct registration *r, const char *ns)
{
	const struct store_range all = store_list(r->d->store, &api_kind_workload_entry, ns);

	for (size_t i = 0; i < all.n; i++)
		if (registration_made(all.v[i]))
			queue_add(r->queue,
				  &(struct store_key){&api_kind_workload_entry, api_object_namespace(all.v[i]),
						      api_object_name(all.v[i])});
}

void discovery_registration_object(struct registration *r, const struct store_key *key)
{
	struct map_entry *e;

	if (!key->name)
		return;
	if (key->kind == &api_kind_workload_entry)
		queue_add(r->queue, key);
	if (key->kind == &api_kind_pod && strcmp(key->ns, r->d->cfg.ns) == 0 &&
	    !store_get(r->d->store, key->kind, key->ns, key->name))
		look_at_all(r, NULL); /* it may have been a replica */
	if (key->kind != &api_kind_workload_group)
		return;
	for (size_t i = 0; (e = map_next(&r->enrolled, &i));) {
		const struct enrolment *x = e->value;

		if (strcmp(x->who.ns, key->ns) == 0 && strcmp(x->who.group, key->name) == 0)
			look(r, x);
	}
}

/* --- lifetime --- */

struct registration *discovery_registration_new(struct discovery *d)
{
	struct registration *r = NEW(struct registration);

	r->d = d;
	r->queue = queue_new(d->loop, REGISTRATION_PARALLEL, run, r);
	queue_follow(r->queue, d->kube);
	return r;
}

void discovery_registration_free(struct registration *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->running.n; i++) {
		kube_call_cancel(r->running.v[i]->call);
		free(r->running.v[i]);
	}
	vec_done(&r->running);
	queue_free(r->queue);
	assert(!r->enrolled.n); /* the sessions are over */
	map_done(&r->enrolled);
	free(r);
}
