/*
 * Who asks: client certificates (CN is the user, O the groups), service-account tokens that this server signed, nobody
 * (system:anonymous); and impersonation by those who may.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/rand.h"
#include "lab/api/op.h"
#include "lab/api/auth.h"
#include "lab/api/rbac.h"
#include "pki/jwt.h"

#define ISSUER "https://kubernetes.default.svc.cluster.local"
#define TOKEN_LEEWAY_S 5
#define TOKEN_MIN_S 600
#define TOKEN_MAX_S (365 * 24 * 3600)

struct token_authority {
	struct pki_key *key;
	struct buf kid;
};

struct token_authority *token_authority_open(const char *path, struct err *e)
{
	struct token_authority *t = NEW(struct token_authority);
	CLEANUP(buf_done) struct buf pem = BUF_INIT;

	if (file_read(path, 65536, &pem, NULL) < 0) {
		t->key = pki_key_new(PKI_KEY_RSA2048);
		buf_clear(&pem);
		pki_key_to_pem(t->key, &pem);
		if (file_write(path, buf_slice(&pem), 0600, e) < 0) {
			token_authority_free(t);
			return NULL;
		}
	} else if (pki_key_from_pem(buf_slice(&pem), &t->key, e) < 0) {
		err_wrap(e, -EINVAL, "%s", path);
		token_authority_free(t);
		return NULL;
	}
	jwk_id(t->key, &t->kid);
	return t;
}

void token_authority_free(struct token_authority *t)
{
	if (!t)
		return;
	pki_key_free(t->key);
	buf_done(&t->kid);
	free(t);
}

cJSON *token_jwks(struct lab_api *api)
{
	cJSON *set = cJSON_CreateObject();

	cJSON_AddItemToArray(json_array(set, "keys"), jwk_from_key(api->tokens->key));
	return set;
}

static const cJSON *find_in(struct lab_api *api, const char *plural, const char *ns, const char *name)
{
	struct object *o = db_get(db_bucket(api->store, "", plural), ns, name);

	return o ? o->json : NULL;
}

/* --- making tokens --- */

struct token_spec {
	const char *ns, *account, *pod, *pod_uid;
	const cJSON *audiences; /* array of strings, or NULL */
	int64_t seconds;
};

static char *sign(struct lab_api *api, const struct token_spec *s, int64_t *ret_exp, struct err *e)
{
	const cJSON *sa = find_in(api, "serviceaccounts", s->ns, s->account);
	int64_t now = clock_wall_ns() / NS_PER_S;
	CLEANUP(json_freep) cJSON *claims = cJSON_CreateObject();
	struct buf out = BUF_INIT;
	char sub[600], id[37];

	if (!sa) {
		err_set(e, -ENOENT, "serviceaccounts \"%s\" not found", s->account);
		return NULL;
	}
	snprintf(sub, sizeof(sub), "system:serviceaccount:%s:%s", s->ns, s->account);
	if (json_is_empty(s->audiences))
		cJSON_AddItemToArray(json_array(claims, "aud"), cJSON_CreateString(ISSUER));
	else
		json_set(claims, "aud", cJSON_Duplicate(s->audiences, true));
	json_set_int(claims, "exp", now + s->seconds);
	json_set_int(claims, "iat", now);
	rand_uuid(id);
	json_set_str(claims, "jti", id);
	json_set_str(claims, "iss", ISSUER);
	cJSON *k8s = json_object(claims, "kubernetes.io");

	json_set_str(k8s, "namespace", s->ns);
	if (s->pod) {
		json_set_str(json_object(k8s, "pod"), "name", s->pod);
		json_set_str(json_object(k8s, "pod"), "uid", s->pod_uid ? s->pod_uid : "");
	}
	json_set_str(json_object(k8s, "serviceaccount"), "name", s->account);
	json_copy_member(json_object(k8s, "serviceaccount"), json_get(sa, "metadata"), "uid");
	json_set_int(claims, "nbf", now);
	json_set_str(claims, "sub", sub);
	if (jwt_sign(api->tokens->key, buf_str(&api->tokens->kid), claims, &out, e) < 0) {
		buf_done(&out);
		return NULL;
	}
	*ret_exp = now + s->seconds;
	return buf_take_str(&out);
}

char *lab_token_new(struct lab_api *api, const char *ns, const char *service_account, const char *const *audiences,
		    int64_t seconds, const char *pod_name, const char *pod_uid, struct err *e)
{
	CLEANUP(json_freep) cJSON *list = cJSON_CreateArray();
	int64_t exp;

	for (; audiences && *audiences; audiences++)
		cJSON_AddItemToArray(list, cJSON_CreateString(*audiences));
	struct token_spec s = {.ns = ns,
			       .account = service_account,
			       .pod = pod_name,
			       .pod_uid = pod_uid,
			       .audiences = list,
			       .seconds = seconds};

	return sign(api, &s, &exp, e);
}

cJSON *token_request(struct lab_api *api, const char *ns, const char *name, cJSON *request)
{
	cJSON *spec = json_object(request, "spec"), *status, *meta;
	const cJSON *sa;
	struct token_spec s = {.ns = ns,
			       .account = name,
			       .pod = json_str(spec, "boundObjectRef.name"),
			       .pod_uid = json_str(spec, "boundObjectRef.uid"),
			       .audiences = json_get(spec, "audiences"),
			       .seconds = json_int(spec, "expirationSeconds", 3600)};
	struct err e = ERR_INIT;
	char text[CLOCK_TEXT_MAX];
	int64_t exp;
	int v;

	s.seconds = MIN(MAX(s.seconds, TOKEN_MIN_S), TOKEN_MAX_S);
	if (s.pod && !find_in(api, "pods", ns, s.pod))
		return status_not_found(resources_find(&api->resources, "", "v1", "pods", &v), s.pod);
	CLEANUP(freep) char *token = sign(api, &s, &exp, &e);

	if (!token)
		return e.code == -ENOENT
			       ? status_not_found(resources_find(&api->resources, "", "v1", "serviceaccounts", &v),
						  name)
			       : status_internal("%s", e.msg);
	if (json_is_empty(s.audiences))
		cJSON_AddItemToArray(json_array(spec, "audiences"), cJSON_CreateString(ISSUER));
	json_set_int(spec, "expirationSeconds", s.seconds);
	if (!json_get(spec, "boundObjectRef"))
		json_set(spec, "boundObjectRef", cJSON_CreateNull());
	sa = json_get(find_in(api, "serviceaccounts", ns, name), "metadata");
	meta = json_object(request, "metadata");
	json_set_str(meta, "name", name);
	json_set_str(meta, "namespace", ns);
	json_copy_member(meta, sa, "uid");
	json_set_str(meta, "creationTimestamp", clock_now_text(text));
	status = json_object(request, "status");
	json_set_str(status, "token", token);
	json_set_str(status, "expirationTimestamp", clock_format_s(exp, text));
	return NULL;
}

/* --- checking tokens --- */

/* The account and the pod that the token names must still be the same. */
static int check_bound(struct lab_api *api, const cJSON *k8s, struct err *e)
{
	const char *ns = json_str(k8s, "namespace"), *name = json_str(k8s, "serviceaccount.name");
	const char *uid = json_str(k8s, "serviceaccount.uid"), *pod = json_str(k8s, "pod.name");
	const char *pod_uid = json_str(k8s, "pod.uid");
	const cJSON *sa = ns && name ? find_in(api, "serviceaccounts", ns, name) : NULL, *p;
	const char *now = json_str(sa, "metadata.uid");

	if (!sa || !uid || !now || strcmp(uid, now) != 0)
		return err_set(e, -EACCES, "service account %s/%s has been deleted", ns ? ns : "", name ? name : "");
	if (!pod)
		return 0;
	p = find_in(api, "pods", ns, pod);
	now = json_str(p, "metadata.uid");
	if (!p || !pod_uid || !now || strcmp(now, pod_uid) != 0)
		return err_set(e, -EACCES, "pod %s/%s has been deleted", ns, pod);
	return 0;
}

static cJSON *common_audiences(const struct jwt *t, const char *const *wanted)
{
	static const char *const own[] = {ISSUER, NULL};
	cJSON *list = cJSON_CreateArray();

	for (wanted = wanted && *wanted ? wanted : own; *wanted; wanted++)
		if (jwt_has_audience(t, *wanted))
			cJSON_AddItemToArray(list, cJSON_CreateString(*wanted));
	return list;
}

static void print_list(struct buf *b, const cJSON *aud)
{
	JSON_EACH(a, aud)
	buf_printf(b, "%s\"%s\"", a == aud->child ? "" : " ", cJSON_IsString(a) ? a->valuestring : "");
}

static int wrong_audience(const struct jwt *t, const char *const *wanted, struct err *e)
{
	CLEANUP(buf_done) struct buf have = BUF_INIT, want = BUF_INIT;

	print_list(&have, json_get(t->claims, "aud"));
	for (; wanted && *wanted; wanted++)
		buf_printf(&want, "%s\"%s\"", want.len ? " " : "", *wanted);
	if (!want.len)
		buf_append_str(&want, "\"" ISSUER "\"");
	return err_set(e, -EACCES,
		       "[invalid bearer token, token audiences [%s] is invalid for the target audiences [%s]]",
		       buf_str(&have), buf_str(&want));
}

static void user_of_token(struct arena *a, const struct jwt *t, struct user *u)
{
	const cJSON *k8s = json_get(t->claims, "kubernetes.io");
	const char *ns = json_str(k8s, "namespace"), *id = json_str(t->claims, "jti");
	const char **groups = ARENA_NEW_N(a, const char *, 4);

	groups[0] = "system:serviceaccounts";
	groups[1] = arena_printf(a, "system:serviceaccounts:%s", ns);
	groups[2] = "system:authenticated";
	*u = (struct user){.name = arena_strdup(a, t->sub),
			   .uid = arena_strdup(a, json_str(k8s, "serviceaccount.uid")),
			   .credential = id && *id ? arena_printf(a, "JTI=%s", id) : NULL,
			   .groups = groups,
			   .n_groups = 3};
}

int token_authenticate(struct lab_api *api, struct arena *a, struct slice token, const char *const *audiences,
		       struct user *u, cJSON **ret_audiences, struct err *e)
{
	CLEANUP(jwt_done) struct jwt t = {0};
	CLEANUP(json_freep) cJSON *fit = NULL;
	int r = jwt_parse(token, &t, NULL);

	if (r < 0 || strcmp(t.iss, ISSUER) != 0 || jwt_verify(&t, api->tokens->key, NULL) < 0 ||
	    jwt_check_times(&t, clock_wall_ns() / NS_PER_S, TOKEN_LEEWAY_S, NULL) < 0)
		return err_set(e, -EACCES, "invalid bearer token");
	fit = common_audiences(&t, audiences);
	if (!fit->child)
		return wrong_audience(&t, audiences, e);
	r = check_bound(api, json_get(t.claims, "kubernetes.io"), e);
	if (r < 0)
		return err_set(e, r, "invalid bearer token");
	user_of_token(a, &t, u);
	if (ret_audiences)
		*ret_audiences = take(fit);
	return 0;
}

/* --- requests --- */

static cJSON *unauthorized(void)
{
	return status_new(401, "Unauthorized", "Unauthorized");
}

static void user_of_cert(struct web_request *r, struct user *u)
{
	struct arena *a = web_arena(r);
	const char **groups = ARENA_NEW_N(a, const char *, r->peer_org_count + 2);

	for (size_t i = 0; i < r->peer_org_count; i++)
		groups[i] = arena_slicedup(a, r->peer_orgs[i]);
	groups[r->peer_org_count] = "system:authenticated";
	*u = (struct user){.name = arena_slicedup(a, r->peer_cn), .groups = groups, .n_groups = r->peer_org_count + 1};
}

static void anonymous(struct user *u)
{
	static const char *const groups[] = {"system:unauthenticated", NULL};

	*u = (struct user){.name = "system:anonymous", .groups = groups, .n_groups = 1};
}

static bool may_impersonate(struct lab_api *api, const struct user *u, const char *resource, const char *name)
{
	struct rbac_request q = {.user = u->name,
				 .groups = u->groups,
				 .verb = "impersonate",
				 .group = "",
				 .resource = resource,
				 .name = name};

	return rbac_allowed(api, &q, NULL);
}

static cJSON *not_impersonated(const struct user *u, const char *resource, const char *name)
{
	cJSON *s = status_new(
		403, "Forbidden",
		"%s \"%s\" is forbidden: User \"%s\" cannot impersonate resource \"%s\" in API group \"\" at "
		"the cluster scope",
		resource, name, u->name, resource);

	return status_details(s, name, "", resource);
}

static cJSON *impersonate(struct lab_api *api, struct web_request *r, struct user *u)
{
	struct slice name = web_header(r, "impersonate-user");
	struct arena *a = web_arena(r);
	const char **groups = ARENA_NEW_N(a, const char *, r->head->n_fields + 5u);
	size_t n = 0;

	if (!name.len)
		return NULL;
	struct user as = {.name = arena_slicedup(a, name)};

	if (!may_impersonate(api, u, "users", as.name))
		return not_impersonated(u, "users", as.name);
	for (size_t i = 0; i < r->head->n_fields; i++) {
		const struct http_field *f = &r->head->fields[i];

		if (!slice_eq_nocase(http_field_name(f), SLICE("impersonate-group")))
			continue;
		groups[n] = arena_slicedup(a, http_field_value(f));
		if (!may_impersonate(api, u, "groups", groups[n]))
			return not_impersonated(u, "groups", groups[n]);
		n++;
	}
	static const char prefix[] = "system:serviceaccount:";

	if (strncmp(as.name, prefix, sizeof(prefix) - 1) == 0) {
		struct slice rest = slice_from(name, sizeof(prefix) - 1);
		struct slice ns = slice_split(&rest, ':');

		groups[n++] = "system:serviceaccounts";
		groups[n++] = arena_printf(a, "system:serviceaccounts:%.*s", SLICE_ARG(ns));
	}
	groups[n++] = "system:authenticated";
	as.groups = groups;
	as.n_groups = n;
	*u = as;
	return NULL;
}

cJSON *auth_identify(struct lab_api *api, struct web_request *r, struct user *u)
{
	struct slice header = web_header(r, "authorization");
	static const char bearer[] = "Bearer ";

	if (r->peer_cn.len) {
		user_of_cert(r, u);
	} else if (header.len > sizeof(bearer) - 1 &&
		   slice_eq_nocase(slice_head(header, sizeof(bearer) - 1), SLICE("Bearer "))) {
		struct slice token = slice_trim(slice_from(header, sizeof(bearer) - 1));

		if (token_authenticate(api, web_arena(r), token, NULL, u, NULL, NULL) < 0)
			return unauthorized();
	} else if (header.len) {
		return unauthorized();
	} else {
		anonymous(u);
	}
	return impersonate(api, r, u);
}

cJSON *user_to_json(const struct user *u)
{
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "username", u->name);
	if (u->uid)
		json_set_str(j, "uid", u->uid);
	for (size_t i = 0; i < u->n_groups; i++)
		cJSON_AddItemToArray(json_array(j, "groups"), cJSON_CreateString(u->groups[i]));
	if (u->credential)
		cJSON_AddItemToArray(json_array(json_object(j, "extra"), "authentication.kubernetes.io/credential-id"),
				     cJSON_CreateString(u->credential));
	return j;
}
