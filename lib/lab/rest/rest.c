/* The HTTP front: authentication, authorization, and from paths and verbs to reads, watches and ops. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/api/rbac.h"
#include "lab/api/auth.h"
#include "lab/rest/rest_internal.h"

void rest_reply_json(struct web_request *r, int status, const cJSON *json)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	json_print(json, &out);
	buf_append_char(&out, '\n');
	web_reply(r, status, "application/json", buf_slice(&out));
}

void rest_reply_status(struct web_request *r, cJSON *status)
{
	rest_reply_json(r, status_code(status), status);
	cJSON_Delete(status);
}

const char *rest_query(struct web_request *r, const char *name)
{
	struct slice v;

	return web_query(r, name, &v) ? v.ptr : NULL;
}

bool rest_query_true(struct web_request *r, const char *name)
{
	const char *v = rest_query(r, name);

	return v && (strcmp(v, "true") == 0 || strcmp(v, "1") == 0);
}

void rest_warn(struct web_request *r, const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_append_str(&b, "299 - \"");
	for (; *text; text++)
		buf_printf(&b, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
	buf_append_char(&b, '"');
	web_add_header(r, "Warning", buf_str(&b));
}

/* --- paths --- */

static const char *segment(struct arena *a, struct slice *rest)
{
	struct slice s = slice_split(rest, '/');

	return s.len ? arena_slicedup(a, s) : NULL;
}

/* Takes a resource path apart. False for other paths. Works on the undecoded path, so names may hold what they like. */
static bool parse_path(struct web_request *r, struct route *t)
{
	struct arena *a = web_arena(r);
	struct slice rest = r->path;

	if (slice_starts(rest, SLICE("/api/v1/"))) {
		rest = slice_from(rest, 8);
		t->group = "";
		t->version = "v1";
	} else if (slice_starts(rest, SLICE("/apis/"))) {
		rest = slice_from(rest, 6);
		t->group = segment(a, &rest);
		t->version = segment(a, &rest);
	}
	if (!t->group || !t->version || !rest.len)
		return false;
	t->plural = segment(a, &rest);
	if (t->plural && strcmp(t->plural, "namespaces") == 0 && rest.len) {
		struct slice after = rest;
		const char *ns = segment(a, &after), *next = segment(a, &after);

		if (next && strcmp(next, "status") != 0 && strcmp(next, "finalize") != 0) {
			t->ns = ns;
			t->plural = next;
			rest = after;
		}
	}
	t->name = segment(a, &rest);
	t->sub = segment(a, &rest);
	t->rest = rest;
	return t->plural != NULL;
}

static const char *verb_of(struct web_request *r, const struct route *t)
{
	static const struct {
		const char *method, *one, *many;
	} table[] = {
		{"GET", "get", "list"},      {"HEAD", "get", "list"},     {"POST", "create", "create"},
		{"PUT", "update", "update"}, {"PATCH", "patch", "patch"}, {"DELETE", "delete", "deletecollection"},
	};
	bool connect = t->sub && (strcmp(t->sub, "exec") == 0 || strcmp(t->sub, "attach") == 0 ||
				  strcmp(t->sub, "portforward") == 0);

	if (connect)
		return slice_eq_str(r->method, "GET") ? "get" : "create";
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		if (!slice_eq_str(r->method, table[i].method))
			continue;
		if (i < 2 && !t->sub && rest_query_true(r, "watch"))
			return "watch";
		return t->name ? table[i].one : table[i].many;
	}
	return "";
}

/* --- authorization --- */

static cJSON *forbidden(const struct route *t)
{
	char what[300], where[300] = "at the cluster scope";

	snprintf(what, sizeof(what), "%s%s%s", t->plural, t->sub ? "/" : "", t->sub ? t->sub : "");
	if (t->ns)
		snprintf(where, sizeof(where), "in the namespace \"%s\"", t->ns);
	struct resource fallback = {.group = t->group, .plural = t->plural};

	return status_forbidden(t->res ? t->res : &fallback, t->name,
				"User \"%s\" cannot %s resource \"%s\" in API group \"%s\" %s", t->user.name, t->verb,
				what, t->group, where);
}

/* A list or watch of "metadata.name=x" asks for that object only, also as far as rights go. */
static const char *selected_name(struct web_request *r)
{
	struct field_selector fields;

	if (field_selector_parse(web_arena(r), rest_query(r, "fieldSelector"), &fields, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < fields.n; i++)
		if (strcmp(fields.terms[i].path, "metadata.name") == 0 && !fields.terms[i].negate)
			return fields.terms[i].value;
	return NULL;
}

/* Namespaces and what shows them belong to themselves: who has rights in one has them on it. */
static bool is_namespace(const struct route *t)
{
	return t->res && (t->res->api == &api_kind_namespace || t->res->view_of == &api_kind_namespace);
}

static bool resource_allowed(struct lab_api *api, struct web_request *r, const struct route *t)
{
	struct rbac_request q = {.user = t->user.name,
				 .groups = t->user.groups,
				 .verb = t->verb,
				 .group = t->group,
				 .resource = t->plural,
				 .subresource = t->sub,
				 .ns = t->ns             ? t->ns
				       : is_namespace(t) ? t->name
							 : NULL,
				 .name = t->name ? t->name : selected_name(r)};

	return rbac_allowed(api, &q, NULL);
}

static bool path_allowed(struct lab_api *api, struct web_request *r, const struct user *u)
{
	CLEANUP(freep)
	char *path = mem_printf("%.*s", SLICE_ARG(r->path)), *verb = mem_printf("%.*s", SLICE_ARG(r->method));

	for (char *c = verb; *c; c++)
		*c = (char)(*c | 0x20);
	struct rbac_request q = {
		.user = u->name, .groups = u->groups, .verb = strcmp(verb, "head") == 0 ? "get" : verb, .path = path};

	return rbac_allowed(api, &q, NULL);
}

/* --- reads --- */

static void get_one(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct object *obj = db_get(t->res->bucket, t->res->namespaced ? t->ns : "", t->name);

	if (!obj) {
		rest_reply_status(r, status_not_found(t->res, t->name));
		return;
	}
	if (t->sub && strcmp(t->sub, "scale") == 0) {
		CLEANUP(json_freep) cJSON *s = scale_of(t->res, (size_t)t->v, obj->json);

		rest_reply_json(r, 200, s);
		return;
	}
	read_one(api, r, t->res, (size_t)t->v, obj, o);
}

static void get_many(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o,
		     bool watch)
{
	struct list_query q = {.ns = t->ns, .name = watch ? t->name : NULL};
	cJSON *fail = options_check_list(r, watch);

	if (!fail)
		fail = list_query_parse(r, t->res, &q);
	if (fail)
		rest_reply_status(r, fail);
	else if (watch)
		watch_begin(api, r, t->res, (size_t)t->v, &q, o);
	else
		read_list(api, r, t->res, (size_t)t->v, &q, o);
}

/* --- the table of what a path and a verb mean --- */

static bool sub_is(const struct route *t, const char *plural, const char *sub)
{
	return !*t->group && t->name && t->sub && strcmp(t->plural, plural) == 0 && strcmp(t->sub, sub) == 0;
}

/* Subresources with a life of their own. */
static bool handle_special(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	bool post = slice_eq_str(r->method, "POST");

	if (sub_is(t, "pods", "log"))
		pod_log(api, r, t->ns, t->name);
	else if (sub_is(t, "pods", "exec") || sub_is(t, "pods", "attach"))
		pod_exec(api, r, t->ns, t->name);
	else if (sub_is(t, "pods", "portforward"))
		pod_portforward(api, r, t->ns, t->name);
	else if (sub_is(t, "pods", "proxy") || sub_is(t, "services", "proxy"))
		proxy_request(api, r, t->ns, t->plural, t->name, t->rest);
	else if (sub_is(t, "pods", "binding") && post)
		rest_write(api, r, t, o, VERB_UPDATE);
	else if (sub_is(t, "pods", "eviction") && post)
		rest_evict(api, r, t, o);
	else if (sub_is(t, "serviceaccounts", "token") && post)
		rest_request_token(api, r, t);
	else if (sub_is(t, "pods", "ephemeralcontainers"))
		rest_reply_status(r, status_forbidden(t->res, t->name, "this cluster runs no ephemeral containers"));
	else if (sub_is(t, "pods", "resize"))
		rest_reply_status(r, status_forbidden(t->res, t->name, "this cluster does not resize running pods"));
	else
		return false;
	return true;
}

static bool sub_served(const struct route *t)
{
	const struct resource_version *v = &t->res->versions[t->v];

	if (!t->sub)
		return true;
	if (strcmp(t->sub, "status") == 0)
		return v->has_status;
	if (strcmp(t->sub, "scale") == 0)
		return v->has_scale;
	return !*t->group && strcmp(t->plural, "namespaces") == 0 && strcmp(t->sub, "finalize") == 0;
}

static void not_here(struct web_request *r)
{
	cJSON *s = status_new(404, "NotFound", "the server could not find the requested resource");

	json_object(s, "details");
	rest_reply_status(r, s);
}

static void not_allowed(struct web_request *r)
{
	cJSON *s =
		status_new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

	json_object(s, "details");
	rest_reply_status(r, s);
}

static void dispatch_virtual(struct lab_api *api, struct web_request *r, const struct route *t)
{
	const bool create = strcmp(t->verb, "create") == 0, project = t->res->api == &api_kind_project_request;

	if (project && create)
		project_request(api, r, t);
	else if (project && strcmp(t->verb, "list") == 0)
		project_may_request(r);
	else if (create)
		rest_review(api, r, t);
	else
		not_allowed(r);
}

static void dispatch(struct lab_api *api, struct web_request *r, const struct route *t)
{
	struct output o;
	const char *verb = t->verb;

	if (!output_choose(r, &o)) {
		rest_reply_status(r, status_new(406, "NotAcceptable",
						"only the following media types are accepted: application/json"));
		return;
	}
	if (t->res->versions[t->v].warning)
		rest_warn(r, t->res->versions[t->v].warning);
	if (handle_special(api, r, t, &o))
		return;
	if (!sub_served(t))
		not_here(r);
	else if (t->res->virtual)
		dispatch_virtual(api, r, t);
	else if (strcmp(verb, "get") == 0)
		get_one(api, r, t, &o);
	else if (strcmp(verb, "list") == 0 || strcmp(verb, "watch") == 0)
		get_many(api, r, t, &o, verb[0] == 'w');
	else if (strcmp(verb, "create") == 0 && !t->name)
		rest_write(api, r, t, &o, VERB_CREATE);
	else if (strcmp(verb, "update") == 0 && t->name)
		rest_write(api, r, t, &o, VERB_UPDATE);
	else if (strcmp(verb, "patch") == 0 && t->name)
		rest_patch(api, r, t, &o);
	else if (strcmp(verb, "delete") == 0 && !t->sub)
		rest_delete_one(api, r, t, &o);
	else if (strcmp(verb, "deletecollection") == 0 && !t->res->view_of)
		rest_delete_many(api, r, t, &o);
	else
		not_allowed(r);
}

static void handle_resource(struct lab_api *api, struct web_request *r, struct route *t)
{
	t->verb = verb_of(r, t);
	t->res = resources_find(&api->resources, t->group, t->version, t->plural, &t->v);
	if (t->v < 0)
		t->res = NULL;
	if (!resource_allowed(api, r, t)) {
		rest_reply_status(r, forbidden(t));
		return;
	}
	if (!t->res || (t->ns && !t->res->namespaced)) {
		web_reply_text(r, 404, "404 page not found\n");
		return;
	}
	struct resource *hold = resource_ref(t->res);

	dispatch(api, r, t);
	resource_unref(hold);
}

static void handle_path(struct lab_api *api, struct web_request *r, const struct user *u)
{
	if (!path_allowed(api, r, u)) {
		cJSON *s = status_new(403, "Forbidden", "forbidden: User \"%s\" cannot get path \"%.*s\"", u->name,
				      SLICE_ARG(r->path));

		json_object(s, "details");
		rest_reply_status(r, s);
		return;
	}
	if (discovery_answer(api, r) || openapi_answer(api, r))
		return;
	if (slice_eq_str(r->path, "/openid/v1/jwks")) {
		CLEANUP(json_freep) cJSON *keys = token_jwks(api);

		rest_reply_json(r, 200, keys);
		return;
	}
	web_reply_text(r, 404, "404 page not found\n");
}

void rest_handle(void *arg, struct web_request *r)
{
	struct lab_api *api = arg;
	struct route t = {.v = -1};
	cJSON *fail = auth_identify(api, r, &t.user);

	log_debug("api", "%.*s %.*s", SLICE_ARG(r->method), SLICE_ARG(r->target));
	if (fail)
		rest_reply_status(r, fail);
	else if (parse_path(r, &t))
		handle_resource(api, r, &t);
	else
		handle_path(api, r, &t.user);
}
