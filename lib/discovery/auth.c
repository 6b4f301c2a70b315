/*
 * Authentication of proxies: the SPIFFE identity of a verified client certificate, or a Kubernetes token that the API
 * server vouches for, made for the mesh's audience. Answers of the API server are kept for a short while under a keyed
 * hash of the token; the token itself is never kept.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/hash.h"
#include "discovery/internal.h"
#include "msg/json.h"
#include "net/tls.h"
#include "pki/spiffe.h"

#define TOKEN_AUDIENCE "istio-ca"
#define TOKEN_MAX_BYTES 16384
#define CACHE_SLOTS 1024
#define AUTH_REVIEWS_MAX                                                                                               \
	4096             /* token reviews under way: strangers with made-up tokens must not bury the API server        \
			  */
#define IDENTITY_MAX 320 /* a namespace has up to 63 bytes, a service account up to 253 */
#define CACHE_NS (60ll * NS_PER_S)

/* Direct-mapped; a collision only costs a review. Two hashes tell tokens apart. */
struct cached {
	uint64_t hash, check;
	int64_t until_ns;
	char identity[IDENTITY_MAX]; /* "ns/sa" */
};

struct auth {
	struct discovery *d;
	auth_done_fn *done;
	void *arg;
	struct kube_call *call;
	struct task task; /* for answers that are known at once */
	uint64_t hash, check;
	char identity[IDENTITY_MAX]; /* "ns/sa"; "" = refused */
	char text[256];
};

static void finish(struct auth *a)
{
	char *slash = strchr(a->identity, '/');
	struct auth_result r = {.ok = slash != NULL, .ns = "", .service_account = "", .text = a->text};

	if (r.ok) {
		*slash = 0;
		r.ns = a->identity;
		r.service_account = slash + 1;
		r.member = discovery_members_has(a->d->members, r.ns);
	} else {
		a->d->stats.auth_failures++;
	}
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

/* "ns/sa", whole or not at all: what is cut off would be somebody else. */
static bool set_identity(struct auth *a, struct slice ns, struct slice sa)
{
	int n = snprintf(a->identity, sizeof(a->identity), "%.*s/%.*s", SLICE_ARG(ns), SLICE_ARG(sa));

	if (ns.len && sa.len && n > 0 && (size_t)n < sizeof(a->identity))
		return true;
	a->identity[0] = 0;
	return false;
}

static bool from_certificate(struct auth *a, struct grpc_call *c)
{
	struct tls *tls = grpc_call_tls(c);
	const struct tls_peer *p = tls ? tls_peer(tls) : NULL;
	struct spiffe id;

	if (!p || p->n_uris != 1 || spiffe_parse(slice_str(p->uri), &id) < 0 ||
	    !slice_eq_str(id.trust_domain, a->d->mesh->trust_domain))
		return false;
	return set_identity(a, id.ns, id.sa);
}

/* "system:serviceaccount:<ns>:<name>" */
static bool read_user(struct auth *a, const char *user)
{
	struct slice rest = slice_str(user), ns;

	if (!slice_starts(rest, SLICE("system:serviceaccount:")))
		return false;
	rest = slice_from(rest, strlen("system:serviceaccount:"));
	ns = slice_split(&rest, ':');
	return set_identity(a, ns, rest);
}

static void keep(struct auth *a)
{
	struct cached *c = &a->d->tokens[a->hash % CACHE_SLOTS];

	*c = (struct cached){.hash = a->hash, .check = a->check, .until_ns = loop_now_ns(a->d->loop) + CACHE_NS};
	snprintf(c->identity, sizeof(c->identity), "%s", a->identity);
}

/* NULL: the API server's own. */
static const char *audience_of(const struct discovery *d)
{
	const char *audience = d->cfg.token_audience ? d->cfg.token_audience : TOKEN_AUDIENCE;

	return *audience ? audience : NULL;
}

static void on_review(void *arg, struct kube_result *res)
{
	struct auth *a = arg;
	const cJSON *user = discovery_review_user(res, audience_of(a->d), a->text, sizeof(a->text));
	const char *name = json_str(user, "username");

	a->call = NULL;
	a->d->reviews--;
	if (user && !read_user(a, name))
		snprintf(a->text, sizeof(a->text), "%.100s is no service account", name);
	if (a->identity[0])
		keep(a);
	finish(a);
}

/* Whether the token says that this issuer made it; that it is true is the API server's to say. */
static bool is_from(struct slice token, const char *issuer)
{
	CLEANUP(buf_done) struct buf claims = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct slice payload;
	const char *iss;

	slice_split(&token, '.');
	payload = slice_split(&token, '.');
	if (base64url_decode(payload, &claims) < 0 || json_parse(buf_slice(&claims), TOKEN_MAX_BYTES, &json, NULL) < 0)
		return false;
	iss = json_str(json, "iss");
	return iss && strcmp(iss, issuer) == 0;
}

static void review(struct auth *a, struct slice token)
{
	if (a->d->cfg.token_issuer && !is_from(token, a->d->cfg.token_issuer)) {
		snprintf(a->text, sizeof(a->text), "the token is not from issuer %.150s", a->d->cfg.token_issuer);
		finish_later(a);
		return;
	}
	if (a->d->reviews >= AUTH_REVIEWS_MAX) {
		snprintf(a->text, sizeof(a->text), "too many tokens are being reviewed");
		finish_later(a);
		return;
	}
	a->d->reviews++;
	a->call = discovery_review_token(a->d, token, audience_of(a->d), on_review, a);
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
	if (a->call)
		a->d->reviews--;
	kube_call_cancel(a->call);
	task_cancel(&a->task);
	free(a);
}
