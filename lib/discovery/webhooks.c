/* caBundle of the webhook configurations that the operator made: the API server must trust our serving certificate. */
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/admission.h"
#include "base/base64.h"
#include "discovery/internal.h"

#define RETRY_MS 1000

struct hook {
	struct webhooks *w;
	const struct api_kind *kind;
	const char *name; /* NULL = none */
	struct reflector *reflector;
	struct kube_call *call;
};

struct webhooks {
	struct discovery *d;
	struct hook v[2];
	struct task task;
	struct timer retry;
};

static void look(struct task *t);

/* caBundle of webhook i, "" when unset; NULL past the end. */
static const char *bundle_of(const struct api_object *o, size_t i)
{
	const struct admission_webhook_client_config *c = NULL;

	if (o->kind == &api_kind_mutating_webhook_configuration) {
		const struct admission_mutating_webhook_configuration *m = o->value;

		if (i >= m->webhooks.n)
			return NULL;
		c = m->webhooks.v[i].client_config;
	} else {
		const struct admission_validating_webhook_configuration *m = o->value;

		if (i >= m->webhooks.n)
			return NULL;
		c = m->webhooks.v[i].client_config;
	}
	return c && c->ca_bundle ? c->ca_bundle : "";
}

/* The JSON patch that sets all bundles; NULL when they are right. */
static cJSON *make_patch(const struct api_object *o, const char *bundle)
{
	cJSON *patch = NULL;
	const char *have;

	for (size_t i = 0; (have = bundle_of(o, i)); i++) {
		cJSON *op;
		char path[64];

		if (strcmp(have, bundle) == 0)
			continue;
		if (!patch)
			patch = cJSON_CreateArray();
		snprintf(path, sizeof(path), "/webhooks/%zu/clientConfig/caBundle", i);
		op = cJSON_CreateObject();
		cJSON_AddStringToObject(op, "op", "add");
		cJSON_AddStringToObject(op, "path", path);
		cJSON_AddStringToObject(op, "value", bundle);
		cJSON_AddItemToArray(patch, op);
	}
	return patch;
}

static void on_retry(struct timer *t)
{
	discovery_webhooks_kick(CONTAINER_OF(t, struct webhooks, retry));
}

static void on_done(void *arg, struct kube_result *res)
{
	struct hook *h = arg;

	h->call = NULL;
	if (res->reason == KUBE_OK) {
		log_info("webhooks", "caBundle of %s set", h->name);
		return;
	}
	log_warn("webhooks", "%s", res->err.msg);
	timer_start(h->w->d->loop, &h->w->retry, RETRY_MS, on_retry);
}

static void look_at(struct hook *h, const char *bundle)
{
	const struct api_object *o = h->name ? store_get(h->w->d->store, h->kind, "", h->name) : NULL;
	struct kube_request req = {.verb = KUBE_JSON_PATCH, .kind = h->kind, .name = h->name};
	cJSON *patch = o && !h->call ? make_patch(o, bundle) : NULL;

	if (!patch)
		return;
	req.body = patch;
	h->call = kube_call_start(h->w->d->kube, &req, on_done, h);
	cJSON_Delete(patch);
}

static void look(struct task *t)
{
	struct webhooks *w = CONTAINER_OF(t, struct webhooks, task);
	CLEANUP(buf_done) struct buf bundle = BUF_INIT;

	if (!discovery_authority_loaded(w->d->ca))
		return;
	base64_encode(discovery_authority_roots(w->d->ca), &bundle);
	for (size_t i = 0; i < ARRAY_LEN(w->v); i++)
		look_at(&w->v[i], buf_str(&bundle));
}

static void watch(struct webhooks *w, struct hook *h, const struct api_kind *kind, const char *name)
{
	CLEANUP(freep) char *fields = mem_printf("metadata.name=%s", name ? name : "");

	*h = (struct hook){.w = w, .kind = kind, .name = name && *name ? name : NULL};
	if (h->name)
		h->reflector = reflector_new(w->d->loop, w->d->kube, w->d->store,
					     &(struct reflector_options){.kind = kind, .field_selector = fields});
}

struct webhooks *discovery_webhooks_new(struct discovery *d)
{
	struct webhooks *w = NEW(struct webhooks);

	w->d = d;
	watch(w, &w->v[0], &api_kind_mutating_webhook_configuration, d->cfg.mutating_webhook);
	watch(w, &w->v[1], &api_kind_validating_webhook_configuration, d->cfg.validating_webhook);
	return w;
}

void discovery_webhooks_free(struct webhooks *w)
{
	if (!w)
		return;
	task_cancel(&w->task);
	timer_stop(&w->retry);
	for (size_t i = 0; i < ARRAY_LEN(w->v); i++) {
		kube_call_cancel(w->v[i].call);
		reflector_free(w->v[i].reflector, false);
	}
	free(w);
}

void discovery_webhooks_kick(struct webhooks *w)
{
	task_defer(w->d->loop, &w->task, look);
}
