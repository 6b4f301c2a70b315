/*
 * Webhook server:
 *   Secret there? --no--> make authority, create Secret --(somebody was faster)--> read it again
 *        '--yes--> issue a leaf for the Service --> listen --> caBundle into the configurations
 * A review is answered at once, or after the SubjectAccessReviews that it needs.
 */
#include "operator/webhook_internal.h"

#include <stdio.h>

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
#include "pki/ca.h"
#include "web/server.h"

#define RETRY_MS 2000
#define ROOT_TTL_S (10LL * 365 * 24 * 3600)
#define LEAF_TTL_S (90LL * 24 * 3600)
#define RENEW_MS (24LL * 3600 * 1000) /* a new leaf every day */

static void fetch_secret(struct webhook *w);

char *webhook_base64(struct slice s)
{
	struct buf out = BUF_INIT;

	base64_encode(s, &out);
	return buf_take_str(&out);
}

static void on_request(void *user, struct web_request *r)
{
	struct webhook *w = user;

	if (!slice_eq(r->method, SLICE("POST")))
		web_reply_text(r, 405, "POST an AdmissionReview");
	else if (!w->options.ready(w->options.arg))
		web_reply_text(r, 503, "the operator is still starting");
	else if (slice_eq(r->path, SLICE("/validate")))
		webhook_review(w, r, false);
	else if (slice_eq(r->path, SLICE("/mutate")))
		webhook_review(w, r, true);
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

	w->bundle = webhook_base64(pki_ca_roots_pem(w->ca));
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

/* Empty when it is no base64. */
static char *decode(const char *text)
{
	struct buf out = BUF_INIT;

	if (text && base64_decode(slice_str(text), &out) < 0)
		buf_consume(&out, out.len);
	return buf_take_str(&out);
}

static bool load(struct webhook *w, const cJSON *secret)
{
	CLEANUP(freep) char *cert = decode(json_get_str(json_at(secret, "data"), "ca.crt"));
	CLEANUP(freep) char *key = decode(json_get_str(json_at(secret, "data"), "ca.key"));
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
	cert = webhook_base64(pki_ca_cert_pem(ca));
	key = webhook_base64(pki_ca_key_pem(ca));
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

	cJSON_ArrayForEach(hook, json_get(json, "webhooks"))
	{
		const char *service = json_str(hook, "clientConfig.service.name");
		const char *have = json_str(hook, "clientConfig.caBundle");
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
	webhook_reviews_end(w);
	pki_ca_unref(w->ca);
	free(w->bundle);
	free(w->ns);
	free(w);
}
