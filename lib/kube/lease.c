/*
 * Leader election. Every LEASE_RETRY_MS: read the lease; take it when it is free, ours, or has not changed for its
 * duration by our own clock; write with its resourceVersion, so of two takers one loses with a conflict.
 *
 * Times in the lease are for people: only how long we have seen it unchanged counts. A renewal counts from when it was
 * sent, since others may have seen it any time after that, and a timer ends leadership LEASE_RENEW_MS later whatever
 * the API server does; what is left until the duration is for work under way.
 */
#include "kube/lease.h"

#include "api/kind.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/away.h"
#include "kube/client.h"
#include "kube/owner.h"
#include "msg/json.h"
#include "net/loop.h"

struct lease {
	struct loop *loop;
	struct kube_client *client;
	char *ns, *name, *identity;
	void (*on_change)(void *arg, bool leader);
	void *arg;
	struct timer timer;    /* the next attempt */
	struct timer deadline; /* the end of what we hold */
	struct kube_call *call;
	bool held;
	int64_t sent_ns;     /* when the write under way was sent */
	int64_t renewed_ns;  /* when the last write that succeeded was sent */
	char *seen_version;  /* resourceVersion when another's lease last changed; NULL = none seen ... */
	int64_t seen_ns;     /* ... when we saw that ... */
	int64_t seen_for_ms; /* ... and its duration */
	cJSON *written;      /* the lease as it was when we wrote it last */
	cJSON *owner;        /* a reference; NULL: nobody */
	void (*on_released)(void *arg);
	void *release_arg;
	struct kube_back back;
};

static void attempt(struct lease *l);

static void set_held(struct lease *l, bool held)
{
	if (l->held == held)
		return;
	l->held = held;
	log_info("kube", "%s the lease %s/%s as %s", held ? "holding" : "lost", l->ns, l->name, l->identity);
	l->on_change(l->arg, held);
}

static void on_timer(struct timer *t)
{
	attempt(CONTAINER_OF(t, struct lease, timer));
}

static void again(struct lease *l)
{
	timer_start(l->loop, &l->timer, LEASE_RETRY_MS, on_timer);
}

static void on_deadline(struct timer *t)
{
	set_held(CONTAINER_OF(t, struct lease, deadline), false);
}

/* How long the lease may still count as ours. */
static int64_t left_ns(const struct lease *l)
{
	return l->renewed_ns + (int64_t)LEASE_RENEW_MS * NS_PER_MS - loop_now_ns(l->loop);
}

static void on_written(void *arg, struct kube_result *r)
{
	struct lease *l = arg;

	l->call = NULL;
	if (r->reason == KUBE_OK) {
		l->renewed_ns = l->sent_ns;
		cJSON_Delete(l->written);
		l->written = take(r->body);
		free(take(l->seen_version));
		again(l);
		timer_start_ns(l->loop, &l->deadline, left_ns(l), on_deadline);
		set_held(l, left_ns(l) > 0);
		return;
	}
	if (r->reason == KUBE_CONFLICT || r->reason == KUBE_ALREADY_EXISTS) {
		/* somebody else wrote it: whoever that is, it must be known before we go on as the leader */
		if (l->held) {
			attempt(l);
			return;
		}
	} else {
		log_warn("kube", "cannot renew the lease: %s", r->err.msg);
	}
	again(l);
}

static cJSON *lease_body(const struct lease *l, const cJSON *old, const char *holder)
{
	const char *version = json_str(old, "metadata.resourceVersion");
	const char *was = json_str(old, "spec.holderIdentity");
	const char *acquired = json_str(old, "spec.acquireTime");
	const cJSON *transitions = json_at(old, "spec.leaseTransitions");
	bool ours = was && !strcmp(was, l->identity);
	cJSON *body = cJSON_CreateObject(), *meta, *spec;
	char now[CLOCK_TEXT_MAX];

	clock_format_us(clock_wall_ns() / 1000, now);
	cJSON_AddStringToObject(body, "apiVersion", "coordination.k8s.io/v1");
	cJSON_AddStringToObject(body, "kind", "Lease");
	meta = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(meta, "name", l->name);
	cJSON_AddStringToObject(meta, "namespace", l->ns);
	if (version)
		cJSON_AddStringToObject(meta, "resourceVersion", version);
	json_copy_member(meta, json_get(old, "metadata"), "ownerReferences");
	owner_put(meta, l->owner);
	spec = cJSON_AddObjectToObject(body, "spec");
	cJSON_AddStringToObject(spec, "holderIdentity", holder);
	cJSON_AddNumberToObject(spec, "leaseDurationSeconds", LEASE_DURATION_MS / MS_PER_S);
	cJSON_AddStringToObject(spec, "acquireTime", ours && acquired ? acquired : now);
	cJSON_AddStringToObject(spec, "renewTime", now);
	cJSON_AddNumberToObject(spec, "leaseTransitions",
				(cJSON_IsNumber(transitions) ? transitions->valuedouble : 0) + (old && !ours));
	return body;
}

static void write_lease(struct lease *l, const cJSON *old, const char *holder, kube_done_fn *done)
{
	CLEANUP(json_freep) cJSON *body = lease_body(l, old, holder);
	struct kube_request req = {
		.verb = old ? KUBE_UPDATE : KUBE_CREATE,
		.kind = &api_kind_lease,
		.ns = l->ns,
		.name = l->name,
		.body = body,
		.timeout_ms = LEASE_RENEW_MS / 2,
	};

	l->sent_ns = loop_now_ns(l->loop);
	l->call = kube_call_start(l->client, &req, done, l);
}

/* Never less than our own: a lease without a duration, or with a foolish one, must not look abandoned. */
static int64_t duration_ms(const cJSON *lease)
{
	const cJSON *x = json_at(lease, "spec.leaseDurationSeconds");
	const double most_s = (double)LEASE_DURATION_MAX_MS / MS_PER_S;

	if (!cJSON_IsNumber(x) || !(x->valuedouble * MS_PER_S > LEASE_DURATION_MS))
		return LEASE_DURATION_MS;
	return (int64_t)(x->valuedouble < most_s ? x->valuedouble : most_s) * MS_PER_S;
}

/* Whether what was last seen of another holder may still be in force. */
static bool seen_alive(const struct lease *l)
{
	return l->seen_version && loop_now_ns(l->loop) - l->seen_ns <= l->seen_for_ms * NS_PER_MS;
}

/* Whether the holder has not written it for its duration. */
static bool expired(struct lease *l, const cJSON *lease)
{
	const char *version = json_str(lease, "metadata.resourceVersion");

	if (!version) /* could not be written conditionally either */
		return false;
	if (!l->seen_version || strcmp(l->seen_version, version) != 0) {
		free(l->seen_version);
		l->seen_version = mem_strdup(version);
		l->seen_ns = loop_now_ns(l->loop);
		l->seen_for_ms = duration_ms(lease);
	}
	return !seen_alive(l);
}

static void on_read(void *arg, struct kube_result *r)
{
	struct lease *l = arg;
	const char *holder = json_str(r->body, "spec.holderIdentity");

	l->call = NULL;
	if (r->reason == KUBE_NOT_FOUND) {
		/* deleted by hand: its holder does not know that yet */
		if (seen_alive(l))
			again(l);
		else
			write_lease(l, NULL, l->identity, on_written);
		return;
	}
	if (r->reason != KUBE_OK) {
		log_warn("kube", "cannot read the lease: %s", r->err.msg);
		again(l);
		return;
	}
	if (!holder || !*holder || !strcmp(holder, l->identity) || expired(l, r->body)) {
		write_lease(l, r->body, l->identity, on_written);
		return;
	}
	set_held(l, false);
	again(l);
}

static void attempt(struct lease *l)
{
	struct kube_request req = {
		.verb = KUBE_GET,
		.kind = &api_kind_lease,
		.ns = l->ns,
		.name = l->name,
		.timeout_ms = LEASE_RENEW_MS / 2,
	};

	l->call = kube_call_start(l->client, &req, on_read, l);
}

/* Nobody waits for a call that was sent to a server that was away. */
static void on_back(struct kube_back *b)
{
	struct lease *l = CONTAINER_OF(b, struct lease, back);

	kube_call_cancel(take(l->call));
	timer_stop(&l->timer);
	attempt(l);
}

struct lease *lease_new(struct loop *loop, struct kube_client *c, const char *ns, const char *name,
			const char *identity, void (*on_change)(void *arg, bool leader), void *arg)
{
	struct lease *l = NEW(struct lease);

	l->loop = loop;
	l->client = c;
	l->ns = mem_strdup(ns);
	l->name = mem_strdup(name);
	l->identity = mem_strdup(identity);
	l->on_change = on_change;
	l->arg = arg;
	l->back.fn = on_back;
	kube_back_start(c, &l->back);
	attempt(l);
	return l;
}

void lease_set_owner(struct lease *l, const cJSON *reference)
{
	cJSON_Delete(l->owner);
	l->owner = reference ? cJSON_Duplicate(reference, true) : NULL;
}

static void on_given_back(void *arg, struct kube_result *r)
{
	struct lease *l = arg;

	l->call = NULL;
	if (r->reason != KUBE_OK)
		log_warn("kube", "cannot give the lease back: %s", r->err.msg);
	l->on_released(l->release_arg);
}

void lease_release(struct lease *l, void (*on_released)(void *arg), void *arg)
{
	const bool held = lease_held(l);

	kube_call_cancel(take(l->call));
	kube_back_stop(&l->back);
	timer_stop(&l->timer);
	timer_stop(&l->deadline);
	l->on_released = on_released;
	l->release_arg = arg;
	l->held = false;
	if (held && l->written)
		write_lease(l, l->written, "", on_given_back);
	else
		on_released(arg);
}

void lease_free(struct lease *l)
{
	if (!l)
		return;
	kube_call_cancel(l->call);
	kube_back_stop(&l->back);
	timer_stop(&l->timer);
	timer_stop(&l->deadline);
	free(l->ns);
	free(l->name);
	free(l->identity);
	free(l->seen_version);
	cJSON_Delete(l->written);
	cJSON_Delete(l->owner);
	free(l);
}

bool lease_held(const struct lease *l)
{
	return l->held && left_ns(l) > 0;
}
