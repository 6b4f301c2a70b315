/* TokenReview and SubjectAccessReview: who a token stands for, and what that user may do. Tokens are never logged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/cluster/auth.h"
#include "discovery/internal.h"

static cJSON *review_new(const char *version, const char *kind, cJSON **spec)
{
	cJSON *body = cJSON_CreateObject();

	cJSON_AddStringToObject(body, "apiVersion", version);
	cJSON_AddStringToObject(body, "kind", kind);
	*spec = cJSON_AddObjectToObject(body, "spec");
	return body;
}

struct kube_call *discovery_review_token(struct discovery *d, struct slice token, const char *audience,
					 kube_done_fn *done, void *arg)
{
	cJSON *spec, *audiences, *body = review_new("authentication.k8s.io/v1", "TokenReview", &spec);
	const struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_token_review, .body = body};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct kube_call *call;

	buf_append_slice(&text, token);
	cJSON_AddStringToObject(spec, "token", buf_str(&text));
	if (audience) {
		audiences = cJSON_AddArrayToObject(spec, "audiences");
		cJSON_AddItemToArray(audiences, cJSON_CreateString(audience));
	}
	call = kube_call_start(d->kube, &req, done, arg);
	cJSON_Delete(body);
	return call;
}

/* An API server that knows of audiences names those that fit; one that does not has checked its own only. */
static bool has_audience(const cJSON *status, const char *audience)
{
	const cJSON *x;

	cJSON_ArrayForEach(x, json_get(status, "audiences"))
	{
		if (cJSON_IsString(x) && strcmp(x->valuestring, audience) == 0)
			return true;
	}
	return false;
}

const cJSON *discovery_review_user(const struct kube_result *res, const char *audience, char *text, size_t size)
{
	const cJSON *status = json_get(res->body, "status");
	const char *error = json_str(status, "error");

	if (res->reason != KUBE_OK)
		snprintf(text, size, "token review failed: %.200s", res->err.msg);
	else if (!json_true(status, "authenticated"))
		snprintf(text, size, "the token is not valid%s%.200s", error ? ": " : "", error ? error : "");
	else if (audience && !has_audience(status, audience))
		snprintf(text, size, "the token is not made for audience %s", audience);
	else if (!json_str(status, "user.username"))
		snprintf(text, size, "the token is nobody's");
	else
		return json_get(status, "user");
	return NULL;
}

static void copy_member(cJSON *to, const char *to_name, const cJSON *from, const char *name)
{
	const cJSON *x = json_get(from, name);

	if (x)
		cJSON_AddItemToObject(to, to_name, cJSON_Duplicate(x, true));
}

struct kube_call *discovery_review_access(struct discovery *d, const cJSON *user, const char *path, kube_done_fn *done,
					  void *arg)
{
	cJSON *spec, *what, *body = review_new("authorization.k8s.io/v1", "SubjectAccessReview", &spec);
	const struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_subject_access_review, .body = body};
	struct kube_call *call;

	copy_member(spec, "user", user, "username");
	copy_member(spec, "uid", user, "uid");
	copy_member(spec, "groups", user, "groups");
	copy_member(spec, "extra", user, "extra");
	what = cJSON_AddObjectToObject(spec, "nonResourceAttributes");
	cJSON_AddStringToObject(what, "path", path);
	cJSON_AddStringToObject(what, "verb", "get");
	call = kube_call_start(d->kube, &req, done, arg);
	cJSON_Delete(body);
	return call;
}

struct kube_call *discovery_review_secrets(struct discovery *d, const char *ns, const char *service_account,
					   kube_done_fn *done, void *arg)
{
	cJSON *spec, *groups, *what, *body = review_new("authorization.k8s.io/v1", "SubjectAccessReview", &spec);
	const struct kube_request req = {.verb = KUBE_CREATE, .kind = &api_kind_subject_access_review, .body = body};
	CLEANUP(freep) char *user = mem_printf("system:serviceaccount:%s:%s", ns, service_account);
	CLEANUP(freep) char *group = mem_printf("system:serviceaccounts:%s", ns);
	const char *const all[] = {"system:serviceaccounts", group, "system:authenticated"};
	struct kube_call *call;

	cJSON_AddStringToObject(spec, "user", user);
	groups = cJSON_AddArrayToObject(spec, "groups");
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		cJSON_AddItemToArray(groups, cJSON_CreateString(all[i]));
	what = cJSON_AddObjectToObject(spec, "resourceAttributes");
	cJSON_AddStringToObject(what, "namespace", ns);
	cJSON_AddStringToObject(what, "verb", "list");
	cJSON_AddStringToObject(what, "resource", "secrets");
	call = kube_call_start(d->kube, &req, done, arg);
	cJSON_Delete(body);
	return call;
}

struct kube_call *discovery_review_watch(struct discovery *d, const struct api_kind *kind, kube_done_fn *done,
					 void *arg)
{
	cJSON *spec, *what, *body = review_new("authorization.k8s.io/v1", "SelfSubjectAccessReview", &spec);
	const struct kube_request req = {
		.verb = KUBE_CREATE, .kind = &api_kind_self_subject_access_review, .body = body};
	struct kube_call *call;

	what = cJSON_AddObjectToObject(spec, "resourceAttributes");
	cJSON_AddStringToObject(what, "group", kind->group);
	cJSON_AddStringToObject(what, "resource", kind->plural);
	cJSON_AddStringToObject(what, "verb", "watch");
	call = kube_call_start(d->kube, &req, done, arg);
	cJSON_Delete(body);
	return call;
}

bool discovery_review_allowed(const struct kube_result *res)
{
	const cJSON *status = json_get(res->body, "status");

	return res->reason == KUBE_OK && json_true(status, "allowed") && !json_true(status, "denied");
}
