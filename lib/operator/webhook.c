/*
 * Webhook server:
 *   Secret there? --no--> make authority, create Secret --(somebody was faster)--> read it again
 *        '--yes--> issue a leaf for the Service --> listen --> caBundle into the configurations
 * A review is answered at once, or after the SubjectAccessReviews that it needs.
 */
#include "operator/webhook.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "api/cluster/auth.h"
#include "api/core/config.h"
#include "api/object.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/client.h"
#include "kube/store.h"
#include "msg/json.h"
#include "net/loop.h"
#include "operator/admission.h"
#include "pki/ca.h"
#include "web/server.h"

#define RETRY_MS 2000
#define EVERYWHERE_FROM 8 /* from so many namespaces on, one question may answer them all */
#define ROOT_TTL_S (10LL * 365 * 24 * 3600)
#define LEAF_TTL_S (90LL * 24 * 3600)
#define RENEW_MS (24LL * 3600 * 1000) /* a new leaf every day */

struct webhook {
	struct loop *loop;
	struct kube_client *client;
	struct store *store;
	struct webhook_options options;
	char *ns;
	struct web_server *https, *http;
	struct pki_ca *ca; /* NULL until the Secret was read */
	char *bundle;      /* base64 of the root */
	bool bundled;      /* every configuration in the store has it */
	struct kube_call *call;
	struct timer timer;
	struct list reviews;
};

/* A request that waits for SubjectAccessReviews. */
struct review {
	struct list link;
	struct webhook *webhook;
	struct web_request *request;
	struct arena arena;
	const char *uid;
	struct admission_verdict verdict;
	struct kube_call **calls;
	size_t n_calls, open;
	struct buf denied; /* namespaces */
	bool failed;
	const struct authn_user_info *user; /* in the arena */
	struct kube_call *everywhere;       /* whether the user has the right in all namespaces */
};

struct right_check {
	struct review *review;
	size_t i;
};

static void fetch_secret(struct webhook *w);

/* Answers. */

static char *base64(struct slice s)
{
	struct buf out = BUF_INIT;

	base64_encode(s, &out);
	return buf_take_str(&out);
}

static void add_warnings(cJSON *response, const struct buf *lines)
{
	struct slice rest = buf_slice(lines);
	cJSON *list = rest.len ? cJSON_AddArrayToObject(response, "warnings") : NULL;

	while (rest.len) {
		struct slice line = slice_split(&rest, '\n');
		CLEANUP(freep) char *text = mem_printf("%.*s", SLICE_ARG(line));

		if (line.len)
			cJSON_AddItemToArray(list, cJSON_CreateString(text));
	}
}

static void answer(struct web_request *r, const char *uid, const struct admission_verdict *v)
{
	CLEANUP(json_freep) cJSON *review = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	cJSON *response, *status;

	cJSON_AddStringToObject(review, "apiVersion", "admission.k8s.io/v1");
	cJSON_AddStringToObject(review, "kind", "AdmissionReview");
	response = cJSON_AddObjectToObject(review, "response");
	cJSON_AddStringToObject(response, "uid", uid);
	cJSON_AddBoolToObject(response, "allowed", v->allowed);
	if (!v->allowed) {
		status = cJSON_AddObjectToObject(response, "status");
		cJSON_AddNumberToObject(status, "code", v->code);
		cJSON_AddStringToObject(status, "message", v->message);
		cJSON_AddStringToObject(status, "reason", v->code == 403 ? "Forbidden" : "BadRequest");
	} else if (v->patch) {
		CLEANUP(buf_done) struct buf patch = BUF_INIT;
		CLEANUP(freep) char *text = NULL;

		json_print(v->patch, &patch);
		text = base64(buf_slice(&patch));
		cJSON_AddStringToObject(response, "patchType", "JSONPatch");
		cJSON_AddStringToObject(response, "patch", text);
	}
	add_warnings(response, &v->warnings);
	json_print(review, &body);
	web_reply(r, 200, "application/json", buf_slice(&body));
}

/* Rights. */

static void review_free(struct review *r)
{
	kube_call_cancel(r->everywhere);
	for (size_t i = 0; i < r->n_calls; i++)
		kube_call_cancel(r->calls[i]);
	list_remove(&r->link);
	admission_verdict_done(&r->verdict);
	buf_done(&r->denied);
	arena_done(&r->arena);
	free(r);
}

static void on_gone(struct web_request *request)
{
	review_free(request->user);
}

static void review_end(struct review *r)
{
	struct admission_verdict *v = &r->verdict;
	struct web_request *request = r->request;
	size_t n = strlen(v->message);

	if (r->failed || r->denied.len) {
		v->allowed = false;
		v->code = r->failed ? 500 : 403;
		if (r->failed)
			snprintf(v->message, sizeof(v->message), "the user's permissions could not be checked");
		else if (v->rights.n > 1 || v->rights.v[0].ns)
			snprintf(v->message + n, sizeof(v->message) - n, "%s%s%s", v->rights.v[0].name ? "" : ": [",
				 v->rights.v[0].name ? "" : buf_str(&r->denied), v->rights.v[0].name ? "" : "]");
	}
	request->on_gone = NULL;
	answer(request, r->uid, v);
	review_free(r);
}

static void on_checked(void *arg, struct kube_result *res)
{
	struct right_check *check = arg;
	struct review *r = check->review;
	const char *ns = r->verdict.rights.v[check->i].ns;

	r->calls[check->i] = NULL;
	if (res->reason != KUBE_OK)
		r->failed = true;
	else if (!cJSON_IsTrue(json_at(res->body, "status", "allowed", NULL)))
		buf_printf(&r->denied, "%s%s", r->denied.len ? " " : "", ns ? ns : "*");
	if (!--r->open)
		review_end(r);
}

static cJSON *access_review(const struct admission_right *right, const struct authn_user_info *user)
{
	cJSON *body = cJSON_CreateObject(), *spec, *a, *groups;

	cJSON_AddStringToObject(body, "apiVersion", "authorization.k8s.io/v1");
	cJSON_AddStringToObject(body, "kind", "SubjectAccessReview");
	spec = cJSON_AddObjectToObject(body, "spec");
	cJSON_AddStringToObject(spec, "user", user && user->username ? user->username : "");
	if (user && user->uid)
		cJSON_AddStringToObject(spec, "uid", user->uid);
	groups = cJSON_AddArrayToObject(spec, "groups");
	for (size_t i = 0; user && i < user->groups.n; i++)
		cJSON_AddItemToArray(groups, cJSON_CreateString(user->groups.v[i]));
	if (user && user->extra)
		cJSON_AddItemToObject(spec, "extra", cJSON_Duplicate(user->extra, true));
	a = cJSON_AddObjectToObject(spec, "resourceAttributes");
	cJSON_AddStringToObject(a, "group", right->group);
	cJSON_AddStringToObject(a, "resource", right->resource);
	cJSON_AddStringToObject(a, "verb", right->verb);
	if (right->ns)
		cJSON_AddStringToObject(a, "namespace", right->ns);
	if (right->name)
		cJSON_AddStringToObject(a, "name", right->name);
	return body;
}

static struct kube_call *ask(struct review *r, const struct admission_right *right, kube_done_fn *done, void *arg)
{
	CLEANUP(json_freep) cJSON *body = access_review(right, r->user);
	struct kube_request req = {.verb = KUBE_CREATE,
				   .kind = &api_kind_subject_access_review,
				   .body = body,
				   .timeout_ms = WEBHOOK_BUDGET_MS};

	return kube_call_start(r->webhook->client, &req, done, arg);
}

static void ask_each(struct review *r)
{
	r->n_calls = r->open = r->verdict.rights.n;
	r->calls = ARENA_NEW_N(&r->arena, struct kube_call *, r->n_calls);
	for (size_t i = 0; i < r->n_calls; i++) {
		struct right_check *check = ARENA_NEW(&r->arena, struct right_check);

		*check = (struct right_check){r, i};
		r->calls[i] = ask(r, &r->verdict.rights.v[i], on_checked, check);
	}
}

static void on_everywhere(void *arg, struct kube_result *res)
{
	struct review *r = arg;

	r->everywhere = NULL;
	if (res->reason == KUBE_OK && cJSON_IsTrue(json_at(res->body, "status", "allowed", NULL)))
		review_end(r);
	else
		ask_each(r);
}

/* Takes the arena and the verdict over. */
static void check_rights(struct webhook *w, struct web_request *request, struct arena *arena,
			 struct admission_verdict *verdict, const struct admission_request *ar)
{
	struct review *r = NEW(struct review);
	struct admission_right everywhere = verdict->rights.v[0];

	r->webhook = w;
	r->request = request;
	r->arena = *arena;
	r->uid = ar->uid;
	r->user = ar->user_info;
	r->verdict = *verdict;
	list_append(&w->reviews, &r->link);
	request->user = r;
	request->on_gone = on_gone;
	if (verdict->rights.n < EVERYWHERE_FROM) {
		ask_each(r);
		return;
	}
	everywhere.ns = NULL;
	r->everywhere = ask(r, &everywhere, on_everywhere, r);
}

/* Requests. */

static void review(struct webhook *w, struct web_request *request, bool mutate)
{
	struct arena arena = ARENA_INIT;
	struct admission_verdict v = {0};
	struct admission_review ar = {0};
	struct admission_input in = {.store = w->store, .operator_ns = w->ns, .arena = &arena};
	struct err e = ERR_INIT;

	if (msg_from_text(&admission_review_desc, &ar, request->body, &arena, &e) < 0 || !ar.request ||
	    !ar.request->uid) {
		web_reply_text(request, 400, e.code ? e.msg : "the AdmissionReview has no request");
		arena_done(&arena);
		return;
	}
	in.request = ar.request;
	if (mutate)
		admission_mutate(&in, &v);
	else
		admission_validate(&in, &v);
	if (v.allowed && v.rights.n > WEBHOOK_RIGHTS_MAX) {
		v.allowed = false;
		v.code = 400;
		snprintf(v.message, sizeof(v.message),
			 "too many namespaces in ServiceMeshMemberRoll; at most %d can be added "
			 "at a time",
			 WEBHOOK_RIGHTS_MAX);
	} else if (v.allowed && v.rights.n) {
		check_rights(w, request, &arena, &v, ar.request);
		return;
	}
	answer(request, ar.request->uid, &v);
	admission_verdict_done(&v);
	arena_done(&arena);
}

static void on_request(void *user, struct web_request *r)
{
	struct webhook *w = user;

	if (!slice_eq(r->method, SLICE("POST")))
		web_reply_text(r, 405, "POST an AdmissionReview");
	else if (!w->options.ready(w->options.arg))
		web_reply_text(r, 503, "the operator is still starting");
	else if (slice_eq(r->path, SLICE("/validate")))
		review(w, r, false);
	else if (slice_eq(r->path, SLICE("/mutate")))
		review(w, r, true);
	else
		web_reply_text(r, 404, "not found");
}

static void on_health(void *user, struct web_request *r)
{
	struct webhook *w = user;
	bool ready = w->options.ready(w->options.arg) && w->bundled;

	if (slice_eq(r->path, SLICE("/healthz")))
		web_reply_text(r, 200, "ok");
	else if (slice_eq(r->path, SLICE("/readyz")))
		web_reply_text(r, ready ? 200 : 503, ready ? "ok" : "the operator is still starting");
	else
		web_reply_text(r, 404, "not found");
}

static struct web_server *listen_on(struct webhook *w, struct web_config *config, uint16_t port)
{
	struct err e = ERR_INIT;
	struct web_server *s = web_server_new(w->loop, config, &e);
	struct addr a;

	addr_parse(SLICE("0.0.0.0"), port, &a);
	if (s && web_server_listen(s, &a, &e) >= 0)
		return s;
	log_error("webhook", "%s", e.msg);
	web_server_free(s);
	return NULL;
}

/* Certificates. */

static int issue(struct webhook *w, struct buf *chain, struct buf *key_pem, struct err *e)
{
	CLEANUP(freep) char *svc = mem_printf("%s.%s.svc", WEBHOOK_SERVICE, w->ns);
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const char *const dns[] = {svc};
	struct pki_names names = {.cn = svc, .dns = dns, .n_dns = 1};
	struct pki_sign how = {
		.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = LEAF_TTL_S, .use = PKI_USE_SERVER};

	pki_key_to_pem(key, key_pem);
	return pki_ca_issue(w->ca, key, &how, chain, e);
}

static void on_renew(struct timer *t)
{
	struct webhook *w = CONTAINER_OF(t, struct webhook, timer);
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct err e = ERR_INIT;

	if (issue(w, &chain, &key, &e) < 0 || web_server_set_cert(w->https, buf_slice(&chain), buf_slice(&key), &e) < 0)
		log_error("webhook", "the certificate was not renewed: %s", e.msg);
	timer_start(w->loop, &w->timer, RENEW_MS, on_renew);
}

static void serve(struct webhook *w)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct web_config config = {.on_request = on_request, .user = w};
	struct err e = ERR_INIT;

	w->bundle = base64(pki_ca_roots_pem(w->ca));
	if (issue(w, &chain, &key, &e) < 0) {
		log_error("webhook", "no certificate: %s", e.msg);
		return;
	}
	config.cert_pem = buf_slice(&chain);
	config.key_pem = buf_slice(&key);
	w->https = listen_on(w, &config, w->options.port ? w->options.port : WEBHOOK_PORT);
	explicit_bzero(key.ptr, key.len);
	webhook_check_bundles(w);
	timer_start(w->loop, &w->timer, RENEW_MS, on_renew);
}

static void on_retry(struct timer *t)
{
	fetch_secret(CONTAINER_OF(t, struct webhook, timer));
}

static char *decode(const char *text)
{
	unsigned char *out = mem_alloc(text ? strlen(text) + 1 : 1);
	int n = text ? EVP_DecodeBlock(out, (const unsigned char *)text, (int)strlen(text)) : 0;

	out[MAX(n, 0)] = 0;
	return (char *)out;
}

static bool load(struct webhook *w, const cJSON *secret)
{
	CLEANUP(freep) char *cert = decode(json_str(secret, "data", "ca.crt", NULL));
	CLEANUP(freep) char *key = decode(json_str(secret, "data", "ca.key", NULL));
	struct err e = ERR_INIT;

	if (pki_ca_load(slice_str(cert), slice_str(key), (struct slice){0}, (struct slice){0},
			clock_wall_ns() / NS_PER_S, &w->ca, &e) == 0)
		return true;
	log_error("webhook", "Secret %s/%s: %s; delete it to have a new one made", w->ns, WEBHOOK_SECRET, e.msg);
	return false;
}

static void on_created(void *arg, struct kube_result *r)
{
	struct webhook *w = arg;

	w->call = NULL;
	if (r->reason != KUBE_OK && r->reason != KUBE_ALREADY_EXISTS)
		log_warn("webhook", "%s; trying again", r->err.msg);
	timer_start(w->loop, &w->timer, r->reason == KUBE_OK || r->reason == KUBE_ALREADY_EXISTS ? 0 : RETRY_MS,
		    on_retry);
}

static void create_secret(struct webhook *w)
{
	struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = w->ns};
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;
	CLEANUP(json_freep) cJSON *body = cJSON_CreateObject();
	CLEANUP(freep) char *cert = NULL;
	CLEANUP(freep) char *key = NULL;
	struct err e = ERR_INIT;
	cJSON *o;

	if (pki_ca_new_root("maistra-istio-operator", (struct slice){0}, PKI_KEY_P256, clock_wall_ns() / NS_PER_S,
			    ROOT_TTL_S, &ca, &e) < 0) {
		log_error("webhook", "%s", e.msg);
		return;
	}
	cert = base64(pki_ca_cert_pem(ca));
	key = base64(pki_ca_key_pem(ca));
	cJSON_AddStringToObject(body, "apiVersion", "v1");
	cJSON_AddStringToObject(body, "kind", "Secret");
	o = cJSON_AddObjectToObject(body, "metadata");
	cJSON_AddStringToObject(o, "name", WEBHOOK_SECRET);
	cJSON_AddStringToObject(o, "namespace", w->ns);
	o = cJSON_AddObjectToObject(body, "data");
	cJSON_AddStringToObject(o, "ca.crt", cert);
	cJSON_AddStringToObject(o, "ca.key", key);
	explicit_bzero(key, strlen(key));
	req.body = body;
	w->call = kube_call_start(w->client, &req, on_created, w);
}

static void on_secret(void *arg, struct kube_result *r)
{
	struct webhook *w = arg;

	w->call = NULL;
	if (r->reason == KUBE_NOT_FOUND)
		create_secret(w);
	else if (r->reason != KUBE_OK || !load(w, r->body))
		timer_start(w->loop, &w->timer, RETRY_MS, on_retry);
	else
		serve(w);
}

static void fetch_secret(struct webhook *w)
{
	struct kube_request req = {.verb = KUBE_GET, .kind = &api_kind_secret, .ns = w->ns, .name = WEBHOOK_SECRET};

	w->call = kube_call_start(w->client, &req, on_secret, w);
}

/* caBundle. */

static void on_patched(void *arg, struct kube_result *r)
{
	(void)arg;
	if (r->reason != KUBE_OK && r->reason != KUBE_NOT_FOUND)
		log_warn("webhook", "%s", r->err.msg); /* looked at again with the next change */
}

/* Whether it was right already. */
static bool check_bundle(struct webhook *w, const struct api_object *o)
{
	struct kube_request req = {.verb = KUBE_JSON_PATCH, .kind = o->kind, .name = api_object_name(o)};
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
	CLEANUP(json_freep) cJSON *patch = cJSON_CreateArray();
	const cJSON *hook;
	int i = 0;

	cJSON_ArrayForEach(hook, cJSON_GetObjectItemCaseSensitive(json, "webhooks"))
	{
		const char *service = json_str(hook, "clientConfig", "service", "name", NULL);
		const char *have = json_str(hook, "clientConfig", "caBundle", NULL);
		char path[64];
		cJSON *op;

		snprintf(path, sizeof(path), "/webhooks/%d/clientConfig/caBundle", i++);
		if (!service || strcmp(service, WEBHOOK_SERVICE) != 0 || (have && !strcmp(have, w->bundle)))
			continue;
		op = cJSON_CreateObject();
		cJSON_AddStringToObject(op, "op", "add");
		cJSON_AddStringToObject(op, "path", path);
		cJSON_AddStringToObject(op, "value", w->bundle);
		cJSON_AddItemToArray(patch, op);
	}
	req.body = patch;
	if (patch->child)
		kube_call_start(w->client, &req, on_patched, w);
	return !patch->child;
}

void webhook_check_bundles(struct webhook *w)
{
	static const struct api_kind *const kinds[] = {&api_kind_mutating_webhook_configuration,
						       &api_kind_validating_webhook_configuration};

	if (!w->https)
		return;
	w->bundled = true;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct store_range all = store_list(w->store, kinds[k], NULL);

		for (size_t i = 0; i < all.n; i++)
			w->bundled &= check_bundle(w, all.v[i]);
	}
}

struct webhook *webhook_new(struct loop *l, struct kube_client *c, struct store *s, const struct webhook_options *o)
{
	struct webhook *w = NEW(struct webhook);
	struct web_config health = {.on_request = on_health, .user = w};

	w->loop = l;
	w->client = c;
	w->store = s;
	w->options = *o;
	w->ns = mem_strdup(o->ns);
	list_init(&w->reviews);
	w->http = listen_on(w, &health, o->health_port ? o->health_port : WEBHOOK_HEALTH_PORT);
	fetch_secret(w);
	return w;
}

void webhook_free(struct webhook *w)
{
	if (!w)
		return;
	kube_call_cancel(w->call);
	timer_stop(&w->timer);
	web_server_free(w->https);
	web_server_free(w->http);
	while (!list_empty(&w->reviews))
		review_free(LIST_FIRST(&w->reviews, struct review, link));
	pki_ca_unref(w->ca);
	free(w->bundle);
	free(w->ns);
	free(w);
}
