/* Reviews: questions that are answered and never stored (TokenReview, the SubjectAccessReviews). */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "lab/api/auth.h"
#include "lab/rest/rest_internal.h"
#include "lab/api/rbac.h"

static const char **strings(struct arena *a, const cJSON *list, size_t *ret_n)
{
	const char **v = ARENA_NEW_N(a, const char *, (size_t)cJSON_GetArraySize(list) + 1);
	size_t n = 0;

	JSON_EACH(s, list)
	if (cJSON_IsString(s))
		v[n++] = s->valuestring;
	*ret_n = n;
	return v;
}

static void review_token(struct lab_api *api, cJSON *obj)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *token = json_str(obj, "spec.token");
	cJSON *status, *fit = NULL;
	struct err e = ERR_INIT;
	struct user u;
	size_t n;
	const char *const *audiences = strings(&a, json_at(obj, "spec.audiences"), &n);

	json_remove(obj, "status");
	status = json_object(obj, "status");
	if (token_authenticate(api, &a, slice_str(token), audiences, &u, &fit, &e) < 0) {
		json_object(status, "user");
		json_set_str(status, "error", e.msg);
		return;
	}
	json_set_bool(status, "authenticated", true);
	json_set(status, "user", user_to_json(&u));
	if (n)
		json_set(status, "audiences", fit);
	else
		cJSON_Delete(fit);
}

static void review_access(struct lab_api *api, const struct user *asking, bool self, const char *ns, cJSON *obj)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf reason = BUF_INIT;
	const cJSON *spec = json_get(obj, "spec"), *res = json_get(spec, "resourceAttributes");
	const cJSON *path = json_get(spec, "nonResourceAttributes");
	const char *user = json_str(spec, "user"), *verb = json_str(res ? res : path, "verb");
	struct user u = {.name = user ? user : ""};

	u.groups = strings(&a, json_get(spec, "groups"), &u.n_groups);
	struct rbac_request q = {.user = self ? asking->name : u.name,
				 .groups = self ? asking->groups : u.groups,
				 .verb = verb ? verb : "",
				 .group = json_str(res, "group") ? json_str(res, "group") : "",
				 .resource = json_str(res, "resource"),
				 .subresource = json_str(res, "subresource"),
				 .ns = ns ? ns : json_str(res, "namespace"),
				 .name = json_str(res, "name"),
				 .path = json_str(path, "path")};
	cJSON *status;

	if (!q.resource && !q.path)
		q.path = "";
	bool allowed = rbac_allowed(api, &q, &reason);

	json_remove(obj, "status");
	status = json_object(obj, "status");
	json_set_bool(status, "allowed", allowed);
	if (reason.len)
		json_set_str(status, "reason", buf_str(&reason));
}

/* One rule of a role, as a resource rule or a non-resource rule of the status. */
static void add_rule(void *arg, const cJSON *rule)
{
	static const char *const fields[] = {"verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"};
	bool path = json_get(rule, "nonResourceURLs");
	cJSON *to = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		const cJSON *v = json_get(rule, fields[i]);

		if (v)
			json_set(to, fields[i], cJSON_Duplicate(v, true));
	}
	cJSON_AddItemToArray(json_array(arg, path ? "nonResourceRules" : "resourceRules"), to);
}

/* For `kubectl auth can-i --list`: all rules of the roles that the user is bound to. */
static void review_rules(struct lab_api *api, const struct user *asking, cJSON *obj)
{
	cJSON *status;

	json_remove(obj, "status");
	status = json_object(obj, "status");
	json_array(status, "resourceRules");
	json_array(status, "nonResourceRules");
	json_set_bool(status, "incomplete", false);
	rbac_list_rules(api, asking->name, asking->groups, json_str(obj, "spec.namespace"), add_rule, status);
	/* It is answered without what was asked. */
	json_remove(json_get(obj, "spec"), "namespace");
	json_remove(json_get(obj, "metadata"), "managedFields");
}

/* For `kubectl auth whoami`. */
static void review_self(const struct user *asking, cJSON *obj)
{
	char now[CLOCK_TEXT_MAX];

	json_remove(obj, "status");
	json_set_str(json_object(obj, "metadata"), "creationTimestamp", clock_now_text(now));
	json_set(json_object(obj, "status"), "userInfo", user_to_json(asking));
}

cJSON *review_answer(struct lab_api *api, const struct user *u, const struct resource *r, const char *ns, cJSON *obj)
{
	if (strcmp(r->kind, "TokenReview") == 0)
		review_token(api, obj);
	else if (strcmp(r->kind, "SubjectAccessReview") == 0)
		review_access(api, u, false, NULL, obj);
	else if (strcmp(r->kind, "LocalSubjectAccessReview") == 0)
		review_access(api, u, false, ns, obj);
	else if (strcmp(r->kind, "SelfSubjectAccessReview") == 0)
		review_access(api, u, true, NULL, obj);
	else if (strcmp(r->kind, "SelfSubjectRulesReview") == 0)
		review_rules(api, u, obj);
	else if (strcmp(r->kind, "SelfSubjectReview") == 0)
		review_self(u, obj);
	else
		return status_new(405, "MethodNotAllowed",
				  "the server does not allow this method on the requested resource");
	return NULL;
}
