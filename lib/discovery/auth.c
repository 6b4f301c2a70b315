/*
 * Authentication of proxies: the SPIFFE identity of a verified client certificate, or a Kubernetes token that the API
 * server vouches for (audience istio-ca). Answers of the API server are kept for a short while under a keyed hash of
 * the token; the token itself is never kept.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/auth.h"
#include "base/clock.h"
#include "base/hash.h"
#include "discovery/internal.h"
#include "net/tls.h"
#include "pki/spiffe.h"

#define TOKEN_AUDIENCE "istio-ca"
#define TOKEN_MAX_BYTES 16384
#define CACHE_SLOTS 1024
#define CACHE_NS (60ll * NS_PER_S)

/* Direct-mapped; a collision only costs a review. Two hashes tell tokens apart. */
struct cached {
	uint64_t hash, check;
	int64_t until_ns;
	char identity[256]; /* "ns/sa" */
};

struct auth {
	struct discovery *d;
	auth_done_fn *done;
	void *arg;
	struct kube_call *call;
	struct task task; /* for answers that are known at once */
	uint64_t hash, check;
	char identity[256]; /* "ns/sa"; "" = refused */
	char text[256];
};

static void finish(struct auth *a)
{
	struct slice rest = slice_str(a->identity);
	struct auth_result r = {.ok = a->identity[0] != 0, .text = a->text};

	r.ns = slice_split(&rest, '/');
	r.service_account = rest;
	if (!r.ok)
		a->d->stats.auth_failures++;
	a->done(a->arg, &r);
	free(a);
}

static void on_task(struct task *t)
{
	finish(CONTAINER_OF(t, struct auth, task));
}

static void finish_later(struct auth *a)
{
	task_defer(a->d->loop, &a->task, on_task);
}

static bool from_certificate(struct auth *a, struct grpc_call *c)
{
	struct tls *tls = grpc_call_tls(c);
	const struct tls_peer *p = tls ? tls_peer(tls) : NULL;
	struct spiffe id;

	if (!p || !p->uri || spiffe_parse(slice_str(p->uri), &id) < 0 ||
	    !slice_eq_str(id.trust_domain, a->d->mesh->trust_domain))
		return false;
	snprintf(a->identity, sizeof(a->identity), "%.*s/%.*s", SLICE_ARG(id.ns), SLICE_ARG(id.sa));
	return true;
}

/* "system:serviceaccount:<ns>:<name>" */
static bool read_user(struct auth *a, const char *user)
{
	struct slice rest = slice_str(user), ns;

	if (!slice_starts(rest, SLICE("system:serviceaccount:")))
		return false;
	rest = slice_from(rest, strlen("system:serviceaccount:"));
	ns = slice_split(&rest, ':');
	if (!ns.len || !rest.len)
		return false;
	snprintf(a->identity, sizeof(a->identity), "%.*s/%.*s", SLICE_ARG(ns), SLICE_ARG(rest));
	return true;
}

static void on_review(void *arg, struct kube_result *res)
{
	struct auth *a = arg;
	const cJSON *status = res->body ? cJSON_GetObjectItemCaseSensitive(res->body, "status") : NULL;
	const char *user = json_str(status, "user", "username", NULL), *error = json_str(status, "error", NULL);

	a->call = NULL;
	if (res->reason != KUBE_OK)
		snprintf(a->text, sizeof(a->text), "token review failed: %.200s", res->err.msg);
	else if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(status, "authenticated")))
		snprintf(a->text, sizeof(a->text), "the token is not valid%s%.200s", error ? ": " : "",
			 error ? error : "");
	else if (!user || !read_user(a, user))
		snprintf(a->text, sizeof(a->text), "%.100s is no service account", user ? user : "(nobody)");
	if (a->identity[0]) {
		struct cached *c = &a->d->tokens[a->hash % CACHE_SLOTS];

		*c = (struct cached){
			.hash = a->hash, .check = a->check, .until_ns = loop_now_ns(a->d->loop) + CACHE_NS};
		snprintf(c->identity, sizeof(c->identity), "%s", a->identity);
	}
	finish(a);
}

static void review(struct auth *a, struct slice token)
{
	cJSON *body = cJSON_CreateObject(), *spec, *audiences;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_token_review, .body = body};

	buf_append_slice(&text, token);
	cJSON_AddStringToObject(body, "apiVersion", "authentication.k8s.io/v1");
	cJSON_AddStringToObject(body, "kind", "TokenReview");
	spec = cJSON_AddObjectToObject(body, "spec");
	cJSON_AddStringToObject(spec, "token", buf_str(&text));
	audiences = cJSON_AddArrayToObject(spec, "audiences");
	cJSON_AddItemToArray(audiences, cJSON_CreateString(TOKEN_AUDIENCE));
	a->call = kube_call_start(a->d->kube, &req, on_review, a);
	cJSON_Delete(body);
}

struct auth *discovery_auth_start(struct discovery *d, struct grpc_call *c, auth_done_fn *done, void *arg)
{
	struct auth *a = NEW(struct auth);
	struct slice token = grpc_call_metadata(c, "authorization");
	const struct cached *hit;

	*a = (struct auth){.d = d, .done = done, .arg = arg};
	if (!d->tokens)
		d->tokens = mem_calloc(CACHE_SLOTS, sizeof(*d->tokens));
	if (from_certificate(a, c)) {
		finish_later(a);
		return a;
	}
	if (!slice_starts(token, SLICE("Bearer ")) || token.len > TOKEN_MAX_BYTES) {
		snprintf(a->text, sizeof(a->text), "neither a client certificate nor a bearer token was given");
		finish_later(a);
		return a;
	}
	token = slice_from(token, strlen("Bearer "));
	a->hash = hash_keyed(token);
	a->check = hash_bytes(token);
	hit = &a->d->tokens[a->hash % CACHE_SLOTS];
	if (hit->hash == a->hash && hit->check == a->check && loop_now_ns(d->loop) < hit->until_ns) {
		snprintf(a->identity, sizeof(a->identity), "%s", hit->identity);
		finish_later(a);
		return a;
	}
	review(a, token);
	return a;
}

void discovery_auth_cancel(struct auth *a)
{
	if (!a)
		return;
	kube_call_cancel(a->call);
	task_cancel(&a->task);
	free(a);
}
