/* One AdmissionReview: the verdict, and whether the user has the rights that it needs. */
#include <stdio.h>

#include "api/cluster/auth.h"
#include "api/object.h"
#include "base/base64.h"
#include "base/mem.h"
#include "kube/client.h"
#include "msg/json.h"
#include "operator/webhook/admission.h"
#include "operator/webhook/webhook_internal.h"
#include "web/server.h"

#define EVERYWHERE_FROM 8 /* from so many namespaces on, one question may answer them all */

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

/* Answers. */

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
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		json_print(v->patch, &patch);
		base64_encode(buf_slice(&patch), &text);
		cJSON_AddStringToObject(response, "patchType", "JSONPatch");
		cJSON_AddStringToObject(response, "patch", buf_str(&text));
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
	else if (!json_true(res->body, "status.allowed"))
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
	if (res->reason == KUBE_OK && json_true(res->body, "status.allowed"))
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

void webhook_review(struct webhook *w, struct web_request *request, bool mutate)
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

void webhook_reviews_end(struct webhook *w)
{
	while (!list_empty(&w->reviews))
		review_free(LIST_FIRST(&w->reviews, struct review, link));
}
