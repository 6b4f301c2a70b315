/*
 * Admission webhooks: mutating ones one after the other (again once for those that ask for it when a later one changed
 * the object), then validating ones at once. The configurations are read from the store at each request.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"
#include "lab/api/op.h"
#include "lab/api/admission_internal.h"
#include "lab/api/auth.h"
#include "lab/api/convert.h"
#include "lab/api/webhook.h"
#include "lab/sys/http_client.h"
#include "lab/object/patch.h"

#define TIMEOUT_S 10

struct webhook_caller {
	struct http_client *http;
};

/* One webhook to be asked. JSON is borrowed from a copy of the configuration's list. */
struct hook {
	struct round *round;
	const cJSON *json;
	const char *name;
	struct http_call *call;
	const char *url; /* the op's */
	cJSON *before;   /* the object as this hook saw it, for reinvocation */
	bool done;
};

/* One phase of one op. */
struct round {
	struct op *op;
	enum admission_phase phase;
	void (*next)(struct op *op);
	cJSON *configs; /* copies of webhooks that match */
	VEC(struct hook) hooks;
	size_t at, waiting;
	bool again; /* second pass */
	/* Where the webhooks read another version than the request's: what there was before, and what they were shown.
	 */
	cJSON *kept_obj, *kept_was, *shown;
};

struct webhook_caller *webhook_caller_new(struct lab_api *api)
{
	struct webhook_caller *w = NEW(struct webhook_caller);

	w->http = http_client_new(api->loop, api->netns_fd);
	return w;
}

void webhook_caller_free(struct webhook_caller *w)
{
	if (!w)
		return;
	http_client_free(w->http);
	free(w);
}

struct http_client *webhook_caller_http(const struct webhook_caller *w)
{
	return w->http;
}

static void round_free(struct round *r)
{
	for (size_t i = 0; i < r->hooks.n; i++) {
		http_call_cancel(r->hooks.v[i].call);
		cJSON_Delete(r->hooks.v[i].before);
	}
	vec_done(&r->hooks);
	cJSON_Delete(r->configs);
	cJSON_Delete(r->kept_obj);
	cJSON_Delete(r->kept_was);
	cJSON_Delete(r->shown);
	r->op->admission = NULL;
	free(r);
}

void admission_cancel(struct op *op)
{
	if (op->admission)
		round_free(op->admission);
}

static void collect(struct round *r)
{
	const char *plural =
		r->phase == ADMISSION_MUTATING ? "mutatingwebhookconfigurations" : "validatingwebhookconfigurations";
	const struct bucket *b = db_bucket(r->op->api->store, HOOK_GROUP, plural);

	r->configs = cJSON_CreateArray();
	for (size_t i = 0; i < b->n; i++)
		JSON_EACH(h, json_get(b->v[i]->json, "webhooks"))
	if (admission_hook_matches(h, r->op))
		cJSON_AddItemToArray(r->configs, cJSON_Duplicate(h, true));
	JSON_EACH(h, r->configs)
	{
		const char *name = json_str(h, "name");

		vec_push(&r->hooks, (struct hook){.round = r, .json = h, .name = name ? name : ""});
	}
}

/* --- the review --- */

static cJSON *kind_json(const char *group, const char *version, const char *key, const char *value)
{
	cJSON *k = cJSON_CreateObject();

	json_set_str(k, "group", group);
	json_set_str(k, "version", version);
	json_set_str(k, key, value);
	return k;
}

static const char *review_version(const cJSON *hook)
{
	JSON_EACH(v, json_get(hook, "admissionReviewVersions"))
	if (cJSON_IsString(v) && (strcmp(v->valuestring, "v1") == 0 || strcmp(v->valuestring, "v1beta1") == 0))
		return v->valuestring;
	return "v1";
}

static void add_request(cJSON *review, const struct op *op)
{
	cJSON *q = json_object(review, "request");
	const char *version = op->res->versions[op->version].name, *asked = op->res->versions[op->asked].name;
	const char *name = op->name ? op->name : json_str(op->obj, "metadata.name");
	char uid[37];

	rand_uuid(uid);
	json_set_str(q, "uid", uid);
	json_set(q, "kind", kind_json(op->res->group, version, "kind", op->res->kind));
	json_set(q, "resource", kind_json(op->res->group, version, "resource", op->res->plural));
	if (op->sub)
		json_set_str(q, "subResource", op->sub);
	json_set(q, "requestKind", kind_json(op->res->group, asked, "kind", op->res->kind));
	json_set(q, "requestResource", kind_json(op->res->group, asked, "resource", op->res->plural));
	if (op->sub)
		json_set_str(q, "requestSubResource", op->sub);
	if (name && *name)
		json_set_str(q, "name", name);
	if (*op->ns)
		json_set_str(q, "namespace", op->ns);
	json_set_str(q, "operation", admission_operation(op));
	json_set(q, "userInfo", user_to_json(&op->user));
	json_set(q, "object", op->obj ? cJSON_Duplicate(op->obj, true) : cJSON_CreateNull());
	json_set(q, "oldObject", op->old ? cJSON_Duplicate(op_old(op), true) : cJSON_CreateNull());
	json_set_bool(q, "dryRun", op->dry_run);
	json_set(q, "options", cJSON_CreateNull());
}

static void print_review(const struct hook *h, struct buf *out)
{
	CLEANUP(json_freep) cJSON *review = cJSON_CreateObject();
	char version[64];

	snprintf(version, sizeof(version), "admission.k8s.io/%s", review_version(h->json));
	json_set_str(review, "kind", "AdmissionReview");
	json_set_str(review, "apiVersion", version);
	add_request(review, h->round->op);
	json_print(review, out);
}

/* --- answers --- */

static void step(struct round *r);

static void reject(struct round *r, cJSON *status)
{
	struct op *op = r->op;

	round_free(r);
	op_fail(op, status);
}

static bool fails_open(const struct hook *h)
{
	const char *policy = json_str(h->json, "failurePolicy");

	return policy && strcmp(policy, "Ignore") == 0;
}

/* True when the round goes on. */
static bool call_failed(struct hook *h, const char *why)
{
	CLEANUP(freep) char *text = mem_printf("failed calling webhook \"%s\": %s", h->name, why);

	if (fails_open(h)) {
		log_warn("api", "%s (ignored)", text);
		return true;
	}
	reject(h->round, status_internal("%s", text));
	return false;
}

static cJSON *denial(const struct hook *h, const cJSON *response)
{
	const char *message = json_str(response, "status.message"), *reason = json_str(response, "status.reason");
	int code = (int)json_int(response, "status.code", 403);
	cJSON *s;

	if (code < 400)
		code = 403;
	if (message)
		s = status_new(code, reason ? reason : "Forbidden", "admission webhook \"%s\" denied the request: %s",
			       h->name, message);
	else if (reason)
		s = status_new(code, reason, "admission webhook \"%s\" denied the request: %s", h->name, reason);
	else
		s = status_new(code, "Forbidden", "admission webhook \"%s\" denied the request without explanation",
			       h->name);
	if (json_at(response, "status.details"))
		json_set(s, "details", cJSON_Duplicate(json_at(response, "status.details"), true));
	else if (!reason)
		json_remove(s, "reason");
	return s;
}

/* Applies the response's JSONPatch. Returns 0 or a negative code. */
static int apply_patch(struct op *op, const cJSON *response, struct err *e)
{
	const char *b64 = json_str(response, "patch");
	CLEANUP(json_freep) cJSON *ops = NULL;
	CLEANUP(buf_done) struct buf raw = BUF_INIT;

	if (!b64 || !*b64 || !op->obj)
		return 0;
	if (base64_decode(slice_str(b64), &raw) < 0)
		return err_set(e, -EINVAL, "the patch is no base64");
	int r = json_parse(buf_slice(&raw), JSON_OBJECT_MAX_BYTES, &ops, e);

	if (r < 0)
		return r;
	cJSON *copy = cJSON_Duplicate(op->obj, true);

	r = patch_json(&copy, ops, e);
	if (r < 0) {
		cJSON_Delete(copy);
		return r;
	}
	cJSON_Delete(op->obj);
	op->obj = copy;
	return 0;
}

static void add_warnings(struct op *op, const cJSON *response)
{
	JSON_EACH(w, json_get(response, "warnings"))
	if (cJSON_IsString(w))
		vec_push(&op->warnings, arena_strdup(&op->arena, w->valuestring));
}

/* True when the round goes on. */
static bool handle_answer(struct hook *h, long status, struct slice body, const char *error)
{
	CLEANUP(json_freep) cJSON *answer = NULL;
	CLEANUP(freep) char *why = NULL;
	struct op *op = h->round->op;
	struct err e = ERR_INIT;

	if (status == 0)
		why = mem_printf("failed to call webhook: Post \"%s\": %s", h->url, error);
	else if (status != 200)
		why = mem_printf("failed to call webhook: the server answered with status %ld", status);
	else if (json_parse(body, JSON_OBJECT_MAX_BYTES, &answer, &e) < 0)
		why = mem_printf("couldn't decode the answer: %s", e.msg);
	else if (!json_get(answer, "response"))
		why = mem_printf("Webhook response was absent");
	if (why)
		return call_failed(h, why);
	const cJSON *response = json_get(answer, "response");

	add_warnings(op, response);
	if (!json_true(response, "allowed")) {
		reject(h->round, denial(h, response));
		return false;
	}
	if (h->round->phase == ADMISSION_MUTATING && apply_patch(op, response, &e) < 0) {
		why = mem_printf("invalid patch: %s", e.msg);
		return call_failed(h, why);
	}
	return true;
}

static void on_answer(void *arg, long status, struct slice body, const char *error)
{
	struct hook *h = arg;
	struct round *r = h->round;

	h->call = NULL;
	h->done = true;
	if (!handle_answer(h, status, body, error))
		return;
	if (r->phase == ADMISSION_MUTATING) {
		cJSON_Delete(h->before);
		h->before = r->op->obj ? cJSON_Duplicate(r->op->obj, true) : NULL;
		r->at++;
	}
	r->waiting--;
	if (!r->waiting)
		step(r);
}

/* --- calls --- */

/* False when the round ended. */
static bool call(struct hook *h)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	int timeout_s = (int)json_int(h->json, "timeoutSeconds", TIMEOUT_S);
	struct op *op = h->round->op;
	struct webhook_target t;
	const char *why;

	why = webhook_find(op->api, json_get(h->json, "clientConfig"), timeout_s, &op->arena, &t);
	h->url = t.url;
	if (!why && !admission_hook_reads(h->json, op))
		why = "other webhooks of this request read another version, which this cluster does not carry out";
	if (why) {
		h->done = true;
		if (!call_failed(h, why))
			return false;
		h->round->at += h->round->phase == ADMISSION_MUTATING;
		h->round->waiting--;
		return true;
	}
	print_review(h, &body);
	h->call = http_call_start(op->api->webhooks->http, &(struct http_call_options){.method = "POST",
										       .url = t.url,
										       .headers = webhook_headers,
										       .body = buf_slice(&body),
										       .connect_to = t.connect_to,
										       .ca_pem = t.ca_pem,
										       .timeout_ms = timeout_s * 1000,
										       .on_done = on_answer,
										       .arg = h});
	return true;
}

static bool wants_again(const struct hook *h, const struct op *op)
{
	const char *policy = json_str(h->json, "reinvocationPolicy");

	return policy && strcmp(policy, "IfNeeded") == 0 && h->before && op->obj && !json_equal(h->before, op->obj);
}

/* Back in the version of the request. What no webhook changed is as it was. */
static void restored(struct op *op)
{
	struct round *r = op->admission;
	void (*next)(struct op * op) = r->next;

	cJSON_Delete(op->was);
	op->was = take(r->kept_was);
	if (r->kept_obj) {
		cJSON_Delete(op->obj);
		op->obj = take(r->kept_obj);
	}
	op->version = op->asked;
	round_free(r);
	next(op);
}

static void finish(struct round *r)
{
	struct op *op = r->op;
	void (*next)(struct op * op) = r->next;

	if (op->version == op->asked || !convert_needed(op->res, op->version, op->asked)) {
		round_free(r);
		next(op);
		return;
	}
	if (!op->obj || json_equal(op->obj, r->shown)) {
		restored(op);
		return;
	}
	cJSON_Delete(take(r->kept_obj));
	cJSON_Delete(take(op->was));
	op_convert(op, op->asked, restored);
}

/* One at a time; a second pass asks those again that want to see what came after them. */
static void step_mutating(struct round *r)
{
	for (;;) {
		if (r->at == r->hooks.n && !r->again) {
			r->again = true;
			r->at = 0;
		}
		while (r->again && r->at < r->hooks.n && !wants_again(&r->hooks.v[r->at], r->op))
			r->at++;
		if (r->at == r->hooks.n) {
			finish(r);
			return;
		}
		r->waiting = 1;
		if (!call(&r->hooks.v[r->at]) || r->waiting)
			return;
	}
}

static void step_validating(struct round *r)
{
	if (r->at) {
		finish(r);
		return;
	}
	r->at = 1;
	r->waiting = r->hooks.n + 1;
	for (size_t i = 0; i < r->hooks.n; i++)
		if (!call(&r->hooks.v[i]))
			return;
	r->waiting--;
	if (!r->waiting)
		finish(r);
}

static void step(struct round *r)
{
	if (r->phase == ADMISSION_MUTATING)
		step_mutating(r);
	else
		step_validating(r);
}

/* The version that the webhooks read: the request's, or the first other one that one of them names. */
static size_t version_of(const struct round *r)
{
	const struct op *op = r->op;

	for (size_t i = 0; i < r->hooks.n; i++)
		for (size_t v = 0; !admission_hook_reads(r->hooks.v[i].json, op) && v < op->res->n_versions; v++)
			if (admission_hook_names(r->hooks.v[i].json, op->res->versions[v].name))
				return v;
	return op->version;
}

static void shown(struct op *op)
{
	struct round *r = op->admission;

	r->shown = op->obj ? cJSON_Duplicate(op->obj, true) : NULL;
	step(r);
}

void admission_run(struct op *op, enum admission_phase phase, void (*next)(struct op *op))
{
	size_t version;

	if (admission_exempt(op)) {
		next(op);
		return;
	}
	struct round *r = NEW(struct round);

	r->op = op;
	r->phase = phase;
	r->next = next;
	op->admission = r;
	collect(r);
	version = version_of(r);
	if (!convert_needed(op->res, op->version, version)) {
		step(r);
		return;
	}
	r->kept_obj = op->obj ? cJSON_Duplicate(op->obj, true) : NULL;
	r->kept_was = op->was ? cJSON_Duplicate(op->was, true) : NULL;
	if (op->old && !op->was)
		op->was = cJSON_Duplicate(op->old->json, true);
	op_convert(op, version, shown);
}
