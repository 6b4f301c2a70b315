/*
 * Leader election. Every LEASE_RETRY_MS: read the lease; take it when it is free, ours, or has not changed for its
 * duration by our own clock; write with its resourceVersion, so of two takers one loses with a conflict.
 */
#include "kube/lease.h"

#include "api/kind.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/client.h"
#include "msg/json.h"
#include "net/loop.h"

struct lease {
	struct loop *loop;
	struct kube_client *client;
	char *ns, *name, *identity;
	void (*on_change)(void *arg, bool leader);
	void *arg;
	struct timer timer;
	struct kube_call *call;
	bool held;
	int64_t renewed_ns; /* when we last wrote it */
	char *seen_version; /* resourceVersion when it last changed ... */
	int64_t seen_ns;    /* ... and when we saw that */
	cJSON *written;     /* the lease as it was when we wrote it last */
	void (*on_released)(void *arg);
	void *release_arg;
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
	int64_t now_ns = loop_now_ns(l->loop);

	timer_start(l->loop, &l->timer, LEASE_RETRY_MS, on_timer);
	if (l->held && now_ns - l->renewed_ns > (int64_t)LEASE_RENEW_MS * NS_PER_MS)
		set_held(l, false);
}

static void on_written(void *arg, struct kube_result *r)
{
	struct lease *l = arg;

	l->call = NULL;
	if (r->reason == KUBE_OK) {
		l->renewed_ns = loop_now_ns(l->loop);
		cJSON_Delete(l->written);
		l->written = take(r->body);
		again(l);
		set_held(l, true);
		return;
	}
	if (r->reason != KUBE_CONFLICT && r->reason != KUBE_ALREADY_EXISTS)
		log_warn("kube", "cannot renew the lease: %s", r->err.msg);
	again(l);
}

static cJSON *lease_body(const struct lease *l, const cJSON *old, const char *holder)
{
	const char *version = json_str(old, "metadata", "resourceVersion", NULL);
	const char *was = json_str(old, "spec", "holderIdentity", NULL);
	const char *acquired = json_str(old, "spec", "acquireTime", NULL);
	const cJSON *transitions = json_at(old, "spec", "leaseTransitions", NULL);
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

	l->call = kube_call_start(l->client, &req, done, l);
}

/* Whether the holder has not written it for its duration. */
static bool expired(struct lease *l, const cJSON *lease)
{
	const char *version = json_str(lease, "metadata", "resourceVersion", NULL);
	const cJSON *seconds = json_at(lease, "spec", "leaseDurationSeconds", NULL);
	int64_t duration_ms = cJSON_IsNumber(seconds) ? (int64_t)seconds->valuedouble * MS_PER_S : LEASE_DURATION_MS;
	int64_t now_ns = loop_now_ns(l->loop);

	if (!l->seen_version || !version || strcmp(l->seen_version, version) != 0) {
		free(l->seen_version);
		l->seen_version = mem_strdup(version);
		l->seen_ns = now_ns;
		return false;
	}
	return now_ns - l->seen_ns > duration_ms * NS_PER_MS;
}

static void on_read(void *arg, struct kube_result *r)
{
	struct lease *l = arg;
	const char *holder = json_str(r->body, "spec", "holderIdentity", NULL);

	l->call = NULL;
	if (r->reason == KUBE_NOT_FOUND) {
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
	attempt(l);
	return l;
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
	kube_call_cancel(take(l->call));
	timer_stop(&l->timer);
	l->on_released = on_released;
	l->release_arg = arg;
	if (l->held && l->written)
		write_lease(l, l->written, "", on_given_back);
	else
		on_released(arg);
}

void lease_free(struct lease *l)
{
	if (!l)
		return;
	kube_call_cancel(l->call);
	timer_stop(&l->timer);
	free(l->ns);
	free(l->name);
	free(l->identity);
	free(l->seen_version);
	cJSON_Delete(l->written);
	free(l);
}

bool lease_held(const struct lease *l)
{
	return l->held;
}
