/*
 * The authority behind the webhooks' certificate. It is in a Secret that all replicas follow:
 *
 *   Secret --absent--> created with what is served, or with a new authority --(somebody was faster)--> that one counts
 *      '--another authority--> caBundle = the new root and the one before --all configurations have it, SETTLE_MS-->
 *         leaf of the new one --OVERLAP_MS--> caBundle = the new root
 *
 * A replica never serves what the configurations do not trust, whichever replica wrote them: what is missing in a
 * caBundle is added, and roots that are not ours are taken out only when no replica can serve with them any more.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/core/config.h"
#include "api/object.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "kube/client.h"
#include "kube/owner.h"
#include "kube/reflector.h"
#include "msg/json.h"
#include "operator/webhook/webhook_internal.h"
#include "pki/ca.h"

#define RETRY_MS 2000
#define SETTLE_MS 3000                /* until API servers use a configuration that changed */
#define OVERLAP_MS (10 * 60 * 1000)   /* every replica has the new leaf by then */
#define RENEW_MS (24LL * 3600 * 1000) /* a new leaf every day */
#define ROOT_TTL_S (10LL * 365 * 24 * 3600)
#define LEAF_TTL_S (90LL * 24 * 3600)

/* --- caBundle --- */

static bool holds(struct slice pem, const struct pki_ca *ca)
{
	const struct slice root = pki_ca_roots_pem(ca);

	return pem.len && memmem(pem.ptr, pem.len, root.ptr, root.len) != NULL;
}

/* What a caBundle must be in place of this one; nothing when it is right. PEM. */
static void wanted_bundle(const struct webhook *w, struct slice have, struct buf *out)
{
	const struct pki_ca *const ours[] = {w->ca, w->next};
	bool missing = false;

	for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
		if (!ours[i])
			continue;
		missing |= !holds(have, ours[i]);
		if (w->exact || !holds(have, ours[i]))
			buf_append_slice(out, pki_ca_roots_pem(ours[i]));
	}
	if (w->exact ? slice_eq(have, buf_slice(out)) : !missing)
		buf_clear(out);
	else if (!w->exact)
		buf_append_slice(out, have);
}

static void on_patched(void *arg, struct kube_result *r)
{
	const bool raced = r->reason == KUBE_INVALID || r->reason == KUBE_CONFLICT;

	(void)arg;
	if (r->reason != KUBE_OK && r->reason != KUBE_NOT_FOUND) /* looked at again with the next change */
		log_write(raced ? LOG_DEBUG : LOG_WARN, "webhook", "%s", r->err.msg);
}

/* Adds what the patch must do at a webhook of ours. Tells whether it trusts what is served and what comes. */
static bool check_hook(const struct webhook *w, const cJSON *hook, int i, cJSON *patch)
{
	const char *text = json_str(hook, "clientConfig.caBundle");
	CLEANUP(buf_done) struct buf have = BUF_INIT;
	CLEANUP(buf_done) struct buf want = BUF_INIT;
	CLEANUP(buf_done) struct buf value = BUF_INIT;
	char path[64];
	cJSON *op;

	if (text && base64_decode(slice_str(text), &have) < 0)
		buf_clear(&have);
	wanted_bundle(w, buf_slice(&have), &want);
	if (want.len) {
		snprintf(path, sizeof(path), "/webhooks/%d/clientConfig/caBundle", i);
		base64_encode(buf_slice(&want), &value);
		op = cJSON_CreateObject();
		json_set_str(op, "op", "add");
		json_set_str(op, "path", path);
		json_set_str(op, "value", buf_str(&value));
		cJSON_AddItemToArray(patch, op);
	}
	return holds(buf_slice(&have), w->ca) && (!w->next || holds(buf_slice(&have), w->next));
}

/* A patch of that very version: another replica may be changing it. */
static cJSON *patch_new(const struct api_object *o)
{
	cJSON *patch = cJSON_CreateArray();
	cJSON *test = json_literal("{\"op\":\"test\",\"path\":\"/metadata/resourceVersion\"}");

	json_set_str(test, "value", o->meta->resource_version ? o->meta->resource_version : "");
	cJSON_AddItemToArray(patch, test);
	return patch;
}

static void send_patch(struct webhook *w, const struct api_object *o, const cJSON *patch)
{
	struct kube_request req = {.verb = KUBE_JSON_PATCH, .kind = o->kind, .name = api_object_name(o), .body = patch};

	if (patch->child->next)
		kube_call_start(w->client, &req, on_patched, w);
}

/* Whether it asks us: an operator in another namespace has a Service of the same name and another authority. */
static bool is_ours(const struct webhook *w, const cJSON *hook)
{
	const cJSON *service = json_at(hook, "clientConfig.service");

	return !strcmp(json_str_or_empty(service, "name"), WEBHOOK_SERVICE) &&
	       !strcmp(json_str_or_empty(service, "namespace"), w->ns);
}

/* Writes what is missing; whether it was all there. */
static bool check_configuration(struct webhook *w, const struct api_object *o)
{
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
	CLEANUP(json_freep) cJSON *patch = patch_new(o);
	bool trusted = true;
	int i = 0;

	JSON_EACH(hook, json_get(json, "webhooks"))
	{
		if (is_ours(w, hook))
			trusted &= check_hook(w, hook, i, patch);
		i++;
	}
	send_patch(w, o, patch);
	return trusted;
}

/* The same for the conversion of ServiceMeshControlPlanes. */
static bool check_definition(struct webhook *w, const struct api_object *o)
{
	CLEANUP(json_freep) cJSON *patch = patch_new(o);
	CLEANUP(buf_done) struct buf have = BUF_INIT;
	CLEANUP(buf_done) struct buf want = BUF_INIT;

	webhook_definition_bundle(o, &have);
	wanted_bundle(w, buf_slice(&have), &want);
	if (!webhook_definition_patch(o, w->ns, buf_slice(&want), patch))
		return true;
	send_patch(w, o, patch);
	return holds(buf_slice(&have), w->ca) && (!w->next || holds(buf_slice(&have), w->next));
}

static void on_settled(struct timer *t);

/* exact: other roots are taken out. */
static void check_all(struct webhook *w, bool exact)
{
	static const struct api_kind *const kinds[] = {&api_kind_mutating_webhook_configuration,
						       &api_kind_validating_webhook_configuration};
	const struct api_object *definition =
		store_get(w->store, &api_kind_custom_resource_definition, NULL, WEBHOOK_DEFINITION);

	if (!w->ca)
		return;
	w->bundled = true;
	w->exact = exact;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		struct store_range all = store_list(w->store, kinds[k], NULL);

		for (size_t i = 0; i < all.n; i++)
			w->bundled &= check_configuration(w, all.v[i]);
	}
	if (definition)
		w->bundled &= check_definition(w, definition);
	if (w->next && w->bundled && !timer_active(&w->settle))
		timer_start(w->loop, &w->settle, SETTLE_MS, on_settled);
}

void webhook_check_bundles(struct webhook *w)
{
	check_all(w, false);
}

/* --- leaves --- */

static int issue(struct webhook *w, struct pki_ca *ca, struct buf *chain, struct buf *key_pem, struct err *e)
{
	CLEANUP(freep) char *svc = mem_printf("%s.%s.svc", WEBHOOK_SERVICE, w->ns);
	CLEANUP(pki_key_freep) struct pki_key *key = pki_key_new(PKI_KEY_P256);
	const char *const dns[] = {svc};
	struct pki_names names = {.cn = svc, .dns = dns, .n_dns = 1};
	struct pki_sign how = {
		.names = &names, .now_s = clock_wall_ns() / NS_PER_S, .ttl_s = LEAF_TTL_S, .use = PKI_USE_SERVER};

	pki_key_to_pem(key, key_pem);
	return pki_ca_issue(ca, key, &how, chain, e);
}

/* Serves with a new leaf of it. */
static bool serve_with(struct webhook *w, struct pki_ca *ca)
{
	CLEANUP(buf_done) struct buf chain = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct err e = ERR_INIT;
	bool ok;

	if (issue(w, ca, &chain, &key, &e) < 0) {
		log_error("webhook", "no certificate: %s", e.msg);
		return false;
	}
	ok = webhook_serve(w, buf_slice(&chain), buf_slice(&key));
	explicit_bzero(key.ptr, key.len);
	return ok;
}

static void on_renew(struct timer *t)
{
	struct webhook *w = CONTAINER_OF(t, struct webhook, renew);

	serve_with(w, w->ca);
	check_all(w, !timer_active(&w->settle));
	timer_start(w->loop, &w->renew, RENEW_MS, on_renew);
}

/* Every configuration has trusted the new authority for a while; or nobody serves with the one before any more. */
static void on_settled(struct timer *t)
{
	struct webhook *w = CONTAINER_OF(t, struct webhook, settle);

	if (!w->next) {
		check_all(w, true);
		return;
	}
	if (w->bundled && serve_with(w, w->next)) {
		pki_ca_unref(w->ca);
		w->ca = take(w->next);
		log_info("webhook", "serving with the new authority of Secret %s/%s", w->ns, WEBHOOK_SECRET);
	}
	timer_start(w->loop, &w->settle, w->next ? SETTLE_MS : OVERLAP_MS, on_settled);
}

/* --- the Secret --- */

static bool same_authority(const struct pki_ca *a, const struct pki_ca *b)
{
	return a && b && slice_eq(pki_ca_cert_pem(a), pki_ca_cert_pem(b));
}

/* Takes the reference. */
static void use(struct webhook *w, struct pki_ca *ca)
{
	if (same_authority(w->next ? w->next : w->ca, ca)) {
		pki_ca_unref(ca);
		return;
	}
	if (!w->ca) {
		w->ca = ca;
		serve_with(w, ca);
		timer_start(w->loop, &w->renew, RENEW_MS, on_renew);
		timer_start(w->loop, &w->settle, OVERLAP_MS, on_settled);
	} else {
		log_info("webhook", "Secret %s/%s holds another authority", w->ns, WEBHOOK_SECRET);
		timer_stop(&w->settle);
		pki_ca_unref(w->next);
		w->next = ca;
		if (same_authority(w->ca, ca))
			pki_ca_unref(take(w->next));
	}
	webhook_check_bundles(w);
}

static char *decode(const struct str_map *data, const char *key)
{
	const char *text = str_map_get(data, key);
	struct buf out = BUF_INIT;

	if (text && base64_decode(slice_str(text), &out) < 0)
		buf_consume(&out, out.len);
	return buf_take_str(&out);
}

static void take_secret(struct webhook *w, const struct api_object *o)
{
	const struct core_secret *s = API_VALUE(o, secret, core_secret);
	CLEANUP(freep) char *cert = decode(&s->data, "ca.crt");
	CLEANUP(freep) char *key = decode(&s->data, "ca.key");
	struct pki_ca *ca = NULL;
	struct err e = ERR_INIT;

	if (pki_ca_load(slice_str(cert), slice_str(key), (struct slice){0}, (struct slice){0},
			clock_wall_ns() / NS_PER_S, &ca, &e) == 0) {
		w->refused[0] = 0;
		use(w, ca);
	} else if (strcmp(w->refused, e.msg) != 0) {
		snprintf(w->refused, sizeof(w->refused), "%s", e.msg);
		log_error("webhook", "Secret %s/%s: %s; delete it to have %s", w->ns, WEBHOOK_SECRET, e.msg,
			  w->ca ? "it as it was" : "a new one made");
	}
	explicit_bzero(key, strlen(key));
}

static void on_look(struct timer *t);

static void on_created(void *arg, struct kube_result *r)
{
	struct webhook *w = arg;

	w->call = NULL;
	if (r->reason == KUBE_OK || r->reason == KUBE_ALREADY_EXISTS)
		return; /* the reflector brings it */
	log_warn("webhook", "%s; trying again", r->err.msg);
	timer_start(w->loop, &w->look, RETRY_MS, on_look);
}

static cJSON *secret_body(const struct webhook *w, const struct pki_ca *ca)
{
	cJSON *body = cJSON_CreateObject(), *o;
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;

	base64_encode(pki_ca_cert_pem(ca), &cert);
	base64_encode(pki_ca_key_pem(ca), &key);
	json_set_str(body, "apiVersion", "v1");
	json_set_str(body, "kind", "Secret");
	o = json_object(body, "metadata");
	json_set_str(o, "name", WEBHOOK_SECRET);
	json_set_str(o, "namespace", w->ns);
	owner_put(o, w->owner);
	o = json_object(body, "data");
	json_set_str(o, "ca.crt", buf_str(&cert));
	json_set_str(o, "ca.key", buf_str(&key));
	explicit_bzero(key.ptr, key.len);
	return body;
}

/* What is in use goes back into a Secret that was deleted: the next replica must not make another authority. */
static void create_secret(struct webhook *w)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = pki_ca_ref(w->next ? w->next : w->ca);
	CLEANUP(json_freep) cJSON *body = NULL;
	struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_secret, .ns = w->ns};
	struct err e = ERR_INIT;

	if (!ca && pki_ca_new_root("maistra-istio-operator", (struct slice){0}, PKI_KEY_P256,
				   clock_wall_ns() / NS_PER_S, ROOT_TTL_S, &ca, &e) < 0) {
		log_error("webhook", "%s", e.msg);
		return;
	}
	req.body = body = secret_body(w, ca);
	w->call = kube_call_start(w->client, &req, on_created, w);
}

static void on_adopted(void *arg, struct kube_result *r)
{
	struct webhook *w = arg;

	w->call = NULL;
	if (r->reason == KUBE_FORBIDDEN) {
		log_warn("webhook", "Secret %s/%s will stay when the operator goes: %s", w->ns, WEBHOOK_SECRET,
			 r->err.msg);
		cJSON_Delete(take(w->owner));
	}
	if (!timer_active(&w->look))
		timer_start(w->loop, &w->look, RETRY_MS, on_look);
}

/* A Secret from before, or made by hand. */
static void adopt_secret(struct webhook *w, const struct api_object *o)
{
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
	CLEANUP(json_freep) cJSON *body = cJSON_CreateObject();
	cJSON *meta = json_object(body, "metadata");
	const struct kube_request req = {
		.verb = KUBE_MERGE_PATCH, .kind = &api_kind_secret, .ns = w->ns, .name = WEBHOOK_SECRET, .body = body};

	json_copy_member(meta, json_get(json, "metadata"), "ownerReferences");
	json_set_str(meta, "resourceVersion", o->meta->resource_version ? o->meta->resource_version : "");
	if (!w->call && owner_put(meta, w->owner))
		w->call = kube_call_start(w->client, &req, on_adopted, w);
}

static void on_look(struct timer *t)
{
	struct webhook *w = CONTAINER_OF(t, struct webhook, look);
	const struct api_object *o = store_get(w->store, &api_kind_secret, w->ns, WEBHOOK_SECRET);

	if (o) {
		take_secret(w, o);
		adopt_secret(w, o);
	} else if (!w->call && reflector_synced(w->secret)) {
		create_secret(w);
	}
}

void webhook_set_owner(struct webhook *w, const cJSON *reference)
{
	cJSON_Delete(w->owner);
	w->owner = reference ? cJSON_Duplicate(reference, true) : NULL;
	if (w->secret)
		timer_start(w->loop, &w->look, 0, on_look);
}

/* Looked at outside of the store's announcement. */
static void on_change(struct store_watch *watch, const struct store_key *key)
{
	struct webhook *w = CONTAINER_OF(watch, struct webhook, watch);

	if (!key->name || (!strcmp(key->ns, w->ns) && !strcmp(key->name, WEBHOOK_SECRET)))
		timer_start(w->loop, &w->look, 0, on_look);
}

static void on_definition(struct store_watch *watch, const struct store_key *key)
{
	struct webhook *w = CONTAINER_OF(watch, struct webhook, definition_watch);

	if (key->name)
		webhook_check_bundles(w);
}

void webhook_ca_start(struct webhook *w)
{
	w->definition_watch = (struct store_watch){.kind = &api_kind_custom_resource_definition, .fn = on_definition};
	store_subscribe(w->store, &w->definition_watch);
	w->definition =
		reflector_new(w->loop, w->client, w->store,
			      &(struct reflector_options){.kind = &api_kind_custom_resource_definition,
							  .field_selector = "metadata.name=" WEBHOOK_DEFINITION});
	w->watch = (struct store_watch){.kind = &api_kind_secret, .fn = on_change};
	store_subscribe(w->store, &w->watch);
	w->secret = reflector_new(w->loop, w->client, w->store,
				  &(struct reflector_options){.kind = &api_kind_secret,
							      .ns = w->ns,
							      .field_selector = "metadata.name=" WEBHOOK_SECRET});
}

void webhook_ca_stop(struct webhook *w)
{
	kube_call_cancel(w->call);
	store_unsubscribe(&w->watch);
	store_unsubscribe(&w->definition_watch);
	reflector_free(w->definition, true);
	reflector_free(w->secret, true);
	timer_stop(&w->look);
	timer_stop(&w->renew);
	timer_stop(&w->settle);
	pki_ca_unref(w->ca);
	pki_ca_unref(w->next);
}
