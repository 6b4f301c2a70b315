/* TokenReview with the program's own rights, then SelfSubjectAccessReviews with the user's. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "api/kind.h"
#include "console/access/access_internal.h"
#include "msg/json.h"

struct review {
	struct list link;
	struct access_user *user;
	struct kube_call *call;
	char *ns; /* "" = in all */
};

static void review_free(struct review *r)
{
	list_remove(&r->link);
	free(r->ns);
	free(r);
}

void access_forget_seen(struct access_user *u)
{
	for (size_t i = 0; i < u->seen.n; i++)
		free(u->seen.v[i]);
	vec_done(&u->seen);
	u->all = false;
}

void access_cancel(struct access_user *u)
{
	struct review *r, *tmp;

	kube_call_cancel(take(u->review));
	LIST_EACH_SAFE (r, tmp, &u->reviews, link) {
		kube_call_cancel(r->call);
		review_free(r);
	}
	u->pending = 0;
}

static int status_of(const struct kube_result *r)
{
	return r->reason == KUBE_NETWORK ? 502 : r->reason == KUBE_UNAUTHORIZED ? 401 : 403;
}

static cJSON *review_body(const char *version, const char *kind, cJSON **spec)
{
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "apiVersion", version);
	cJSON_AddStringToObject(body, "kind", kind);
	*spec = cJSON_AddObjectToObject(body, "spec");
	return body;
}

static void ask_namespace(void *to, const char *ns);

static void on_access(void *arg, struct kube_result *res)
{
	struct review *r = arg;
	struct access_user *u = r->user;
	const cJSON *status = json_get(res->body, "status");
	const bool allowed = res->reason == KUBE_OK && json_true(status, "allowed") && !json_true(status, "denied");
	const bool everywhere = !*r->ns;

	u->pending--;
	if (allowed && everywhere)
		u->all = true;
	else if (allowed)
		vec_push(&u->seen, take(r->ns));
	review_free(r);
	if (res->reason != KUBE_OK && everywhere) {
		access_settle(u, USER_REFUSED, status_of(res), res->err.msg);
		return;
	}
	if (everywhere && !allowed)
		u->access->params.namespaces(u->access->params.arg, ask_namespace, u);
	if (!u->pending)
		access_settle(u, USER_KNOWN, 0, NULL);
}

static void ask_access(struct access_user *u, const char *ns)
{
	cJSON *spec, *what, *body = review_body("authorization.k8s.io/v1", "SelfSubjectAccessReview", &spec);
	const struct kube_request req = {
		.verb = KUBE_CREATE, .kind = &api_kind_self_subject_access_review, .body = body};
	struct review *r = NEW(struct review);

	what = cJSON_AddObjectToObject(spec, "resourceAttributes");
	if (*ns)
		cJSON_AddStringToObject(what, "namespace", ns);
	cJSON_AddStringToObject(what, "verb", "get");
	cJSON_AddStringToObject(what, "resource", "pods");
	r->user = u;
	r->ns = mem_strdup(ns);
	list_append(&u->reviews, &r->link);
	u->pending++;
	r->call = kube_call_start(u->client ? u->client : u->access->client, &req, on_access, r);
	cJSON_Delete(body);
}

static void ask_namespace(void *to, const char *ns)
{
	struct access_user *u = to;

	if (u->pending < ACCESS_NAMESPACES_MAX)
		ask_access(u, ns);
}

static void on_token(void *arg, struct kube_result *res)
{
	struct access_user *u = arg;
	const cJSON *status = json_get(res->body, "status");
	const char *name = json_str(status, "user.username");

	u->review = NULL;
	if (res->reason != KUBE_OK) {
		access_settle(u, USER_REFUSED, 502, res->err.msg);
		return;
	}
	if (!json_true(status, "authenticated") || !name) {
		access_settle(u, USER_REFUSED, 401, "the token is not valid here: log in again");
		return;
	}
	free(u->name);
	u->name = mem_strdup(name);
	u->state = USER_REVIEWED;
	ask_access(u, "");
}

void access_ask(struct access_user *u)
{
	cJSON *spec, *body;
	struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_token_review};

	access_forget_seen(u);
	u->asked_ns = loop_now_ns(u->access->loop);
	u->state = USER_NEW;
	if (!u->token) { /* anonymous sees what the program sees */
		u->state = USER_REVIEWED;
		ask_access(u, "");
		return;
	}
	body = review_body("authentication.k8s.io/v1", "TokenReview", &spec);
	cJSON_AddStringToObject(spec, "token", u->token);
	req.body = body;
	u->review = kube_call_start(u->access->client, &req, on_token, u);
	cJSON_Delete(body);
}
