/* TokenReview, SubjectAccessReview and SelfSubjectAccessReview. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "files/internal.h"

#define ENDS_SOON_S (30ll * 86400)
#define IDENTITY_MAX 320

static void add_user(cJSON *status, const char *identity)
{
	const char *slash = strchr(identity, '/');
	CLEANUP(freep)
	char *name = mem_printf("system:serviceaccount:%.*s:%s", (int)(slash - identity), identity, slash + 1);
	CLEANUP(freep) char *group = mem_printf("system:serviceaccounts:%.*s", (int)(slash - identity), identity);
	const char *const groups[] = {"system:serviceaccounts", group, "system:authenticated"};
	cJSON *user = json_object(status, "user");

	json_set_str(user, "username", name);
	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		cJSON_AddItemToArray(json_array(user, "groups"), cJSON_CreateString(groups[i]));
}

/* Such a token is for whatever weftd asks about: it is known here alone. */
static void review_token(struct files *f, const cJSON *spec, cJSON *status)
{
	const int64_t now_s = clock_wall_ns() / NS_PER_S;
	char identity[IDENTITY_MAX], at[CLOCK_TEXT_MAX];
	struct err e = ERR_INIT;
	int64_t ends_s;

	if (token_check(f->cfg.state, slice_str(json_str_or_empty(spec, "token")), now_s, identity, sizeof(identity),
			&ends_s, &e) < 0) {
		json_set_bool(status, "authenticated", false);
		json_set_str(status, "error", e.msg);
		return;
	}
	if (ends_s - now_s < ENDS_SOON_S)
		log_warn("files", "the token of %s ends at %s; its proxy needs another one", identity,
			 clock_format_s(ends_s, at));
	json_set_bool(status, "authenticated", true);
	add_user(status, identity);
	json_copy_member(status, spec, "audiences");
}

void files_review(struct files *f, const struct kube_asked *a, struct reply *r)
{
	const cJSON *spec = json_get(a->body, "spec");
	cJSON *status;

	r->status = 201;
	r->body = cJSON_CreateObject();
	status = json_object(r->body, "status");
	if (a->req.kind == &api_kind_token_review)
		review_token(f, spec, status);
	else /* of ourselves nobody else can be asked: all that is here is ours to read */
		json_set_bool(status, "allowed",
			      a->req.kind == &api_kind_self_subject_access_review || rights_allow(&f->memory, spec));
}
