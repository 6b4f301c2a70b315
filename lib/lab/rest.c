/* The HTTP front: authentication, authorization, and from paths and verbs to reads, watches and ops. */
#include <stdio.h>
#include <stdlib.h>

#include "api/proto.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/api_internal.h"
#include "lab/fields_internal.h"
#include "lab/rbac.h"
#include "msg/yaml.h"

struct route {
	const char *group, *version, *plural, *ns, *name, *sub;
	struct slice rest; /* behind the subresource */
	struct resource *res;
	int v; /* version index */
	struct user user;
	const char *verb;
};

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

static const char *query_str(struct web_request *r, const char *name)
{
	struct slice v;

	return web_query(r, name, &v) ? v.ptr : NULL;
}

static bool query_true(struct web_request *r, const char *name)
{
	const char *v = query_str(r, name);

	return v && (strcmp(v, "true") == 0 || strcmp(v, "1") == 0);
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
		if (i < 2 && !t->sub && query_true(r, "watch"))
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

	if (field_selector_parse(web_arena(r), query_str(r, "fieldSelector"), &fields, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < fields.n; i++)
		if (strcmp(fields.terms[i].path, "metadata.name") == 0 && !fields.terms[i].negate)
			return fields.terms[i].value;
	return NULL;
}

static bool resource_allowed(struct lab_api *api, struct web_request *r, const struct route *t)
{
	struct rbac_request q = {.user = t->user.name,
				 .groups = t->user.groups,
				 .verb = t->verb,
				 .group = t->group,
				 .resource = t->plural,
				 .subresource = t->sub,
				 .ns = t->ns                                                ? t->ns
				       : strcmp(t->plural, "namespaces") == 0 && !*t->group ? t->name
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

/* --- bodies --- */

static cJSON *unsupported_body(const char *accepted)
{
	return status_new(415, "UnsupportedMediaType",
			  "the body of the request was in an unknown format - accepted media types include: %s",
			  accepted);
}

static struct slice content_type(struct web_request *r)
{
	struct slice v = web_header(r, "content-type");

	return slice_trim(slice_split(&v, ';'));
}

/* What is wrong with a JSON text, in Go's words where it just ends too early. */
static const char *json_reason(struct slice text, const char *reason)
{
	const char *offset = strstr(reason, "offset ");

	while (text.len && strchr(" \t\r\n", text.ptr[text.len - 1]))
		text.len--;
	if (offset && strtoull(offset + 7, NULL, 10) >= text.len)
		return "unexpected end of JSON input";
	return reason;
}

static cJSON *body_protobuf(struct web_request *r, cJSON **ret)
{
	struct err e = ERR_INIT;
	int code = api_proto_decode(r->body, ret, &e);

	if (code == -EPROTONOSUPPORT)
		return status_new(415, "UnsupportedMediaType",
				  "the protobuf form of the object cannot be read: %s; application/json can", e.msg);
	if (code < 0)
		return status_bad_request("the object provided is unrecognized: %s", e.msg);
	return NULL;
}

static cJSON *body_json(struct web_request *r, const char *kind, cJSON **ret)
{
	struct slice type = content_type(r);
	struct err e = ERR_INIT;
	int code;

	if (slice_eq_str(type, "application/vnd.kubernetes.protobuf"))
		return body_protobuf(r, ret);
	if (slice_eq_str(type, "application/yaml"))
		code = yaml_parse(r->body, ret, &e);
	else if (!type.len || slice_eq_str(type, "application/json"))
		code = json_parse(r->body, JSON_OBJECT_MAX_BYTES, ret, &e);
	else
		return unsupported_body("application/json, application/yaml, application/vnd.kubernetes.protobuf");
	if (code < 0 || !cJSON_IsObject(*ret)) {
		CLEANUP(buf_done) struct buf shown = BUF_INIT;

		buf_append_slice(&shown, slice_head(r->body, 256));
		return status_bad_request("the object provided is unrecognized (must be of type %s): couldn't get "
					  "version/kind; json parse error: %s (%s)",
					  kind, code < 0 ? json_reason(r->body, e.msg) : "no object", buf_str(&shown));
	}
	return NULL;
}

static cJSON *patch_body(struct web_request *r, struct op *op)
{
	static const struct {
		const char *type;
		enum lab_patch patch;
	} types[] = {
		{"application/json-patch+json", LAB_PATCH_JSON},
		{"application/merge-patch+json", LAB_PATCH_MERGE},
		{"application/apply-patch+yaml", LAB_PATCH_APPLY},
		{"application/strategic-merge-patch+json", LAB_PATCH_STRATEGIC},
	};
	struct slice type = content_type(r);
	struct err e = ERR_INIT;
	size_t i = 0;
	int code;

	while (i < ARRAY_LEN(types) && !slice_eq_str(type, types[i].type))
		i++;
	if (i == ARRAY_LEN(types)) {
		cJSON *s = status_new(415, "UnsupportedMediaType", "415: Unsupported Media Type");

		jx_object(s, "details");
		return s;
	}
	op->patch = types[i].patch;
	if (op->patch == LAB_PATCH_STRATEGIC && op->res->custom)
		return unsupported_body(
			"application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml");
	if (op->patch == LAB_PATCH_APPLY)
		code = yaml_parse(r->body, &op->body, &e);
	else
		code = json_parse(r->body, JSON_OBJECT_MAX_BYTES, &op->body, &e);
	return code < 0 ? status_bad_request("error decoding patch: %s", e.msg) : NULL;
}

/* --- ops --- */

struct rest_call {
	struct web_request *request;
	struct output output;
};

static void on_gone(struct web_request *r)
{
	struct rest_call *call = r->user;

	/* The write goes on; only its answer has nowhere to go. */
	call->request = NULL;
}

static void add_warnings(struct web_request *r, const struct op *op)
{
	for (size_t i = 0; i < op->warnings.n; i++) {
		CLEANUP(buf_done) struct buf b = BUF_INIT;

		buf_append_str(&b, "299 - \"");
		for (const char *c = op->warnings.v[i]; *c; c++)
			buf_printf(&b, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
		buf_append_char(&b, '"');
		web_add_header(r, "Warning", buf_str(&b));
	}
}

static void reply_object(struct web_request *r, struct op *op, const struct output *o, int status, const cJSON *json)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	bool scale = op->sub && strcmp(op->sub, "scale") == 0;

	add_warnings(r, op);
	if (scale) {
		CLEANUP(json_freep) cJSON *s = scale_of(op->res, op->version, json);

		rest_reply_json(r, status, s);
		return;
	}
	output_object(op->api, o, op->res, op->version, json, &out);
	buf_append_char(&out, '\n');
	web_reply(r, status, "application/json", buf_slice(&out));
}

static void on_done(struct op *op, int status, const cJSON *result)
{
	struct rest_call *call = op->arg;
	const char *kind = jx_str(result, "kind"), *version = jx_str(result, "apiVersion");
	struct web_request *r = call->request;

	if (r && kind && version && strcmp(kind, "Status") == 0 && strcmp(version, "v1") == 0) {
		add_warnings(r, op);
		rest_reply_json(r, status, result);
	} else if (r) {
		reply_object(r, op, &call->output, status, result);
	}
	free(call);
}

/* A field manager when none is named: what the client calls itself, up to the first slash. */
static const char *manager_of(struct web_request *r)
{
	struct slice agent = web_header(r, "user-agent");
	const char *given = query_str(r, "fieldManager");

	if (given && *given)
		return given;
	agent = slice_split(&agent, '/');
	return agent.len ? arena_slicedup(web_arena(r), slice_head(agent, 128)) : "unknown";
}

static void dup_user(struct arena *a, const struct user *u, struct user *to)
{
	const char **groups = ARENA_NEW_N(a, const char *, u->n_groups + 1);

	for (size_t i = 0; i < u->n_groups; i++)
		groups[i] = arena_strdup(a, u->groups[i]);
	*to = (struct user){.name = arena_strdup(a, u->name),
			    .uid = arena_strdup(a, u->uid),
			    .groups = groups,
			    .n_groups = u->n_groups};
}

/* An op for the request; it outlives the request when the client goes away. */
static struct op *new_op(struct lab_api *api, struct web_request *r, const struct route *t, enum verb verb)
{
	struct op *op = op_new(api, verb, t->res, (size_t)t->v);
	const char *validation = query_str(r, "fieldValidation");

	op->ns = t->res->namespaced && t->ns ? arena_strdup(&op->arena, t->ns) : "";
	op->name = arena_strdup(&op->arena, t->name);
	op->sub = arena_strdup(&op->arena, t->sub);
	dup_user(&op->arena, &t->user, &op->user);
	op->manager = arena_strdup(&op->arena, manager_of(r));
	op->force = query_true(r, "force");
	op->dry_run = query_str(r, "dryRun") && *query_str(r, "dryRun");
	op->validation = !validation                         ? FIELDS_IGNORE
			 : strcmp(validation, "Strict") == 0 ? FIELDS_STRICT
			 : strcmp(validation, "Warn") == 0   ? FIELDS_WARN
							     : FIELDS_IGNORE;
	if (t->res->versions[t->v].warning)
		vec_push(&op->warnings, t->res->versions[t->v].warning);
	return op;
}

static void start(struct op *op, struct web_request *r, const struct output *o)
{
	struct rest_call *call = NEW(struct rest_call);

	call->request = r;
	call->output = *o;
	op->done = on_done;
	op->arg = call;
	r->user = call;
	r->on_gone = on_gone;
	op_start(op);
}

static void refuse(struct op *op, struct web_request *r, cJSON *status)
{
	op_cancel(op);
	rest_reply_status(r, status);
}

static void write_body(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o,
		       enum verb verb)
{
	struct op *op = new_op(api, r, t, verb);
	cJSON *fail = body_json(r, t->res->kind, &op->body);

	if (fail)
		refuse(op, r, fail);
	else
		start(op, r, o);
}

static cJSON *check_apply(struct web_request *r, const struct op *op)
{
	struct problems p = {.arena = web_arena(r)};
	const char *manager = query_str(r, "fieldManager");

	if (op->patch != LAB_PATCH_APPLY || (manager && *manager))
		return NULL;
	problem_required(&p, "fieldManager", "is required for apply patch");
	return status_invalid("meta.k8s.io", "PatchOptions", "", &p);
}

static void patch(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct op *op = new_op(api, r, t, VERB_PATCH);
	cJSON *fail = patch_body(r, op);

	if (!fail)
		fail = check_apply(r, op);
	if (fail)
		refuse(op, r, fail);
	else
		start(op, r, o);
}

static void read_delete_options(struct web_request *r, struct op *op, const cJSON *body)
{
	const char *grace = query_str(r, "gracePeriodSeconds"), *propagation = query_str(r, "propagationPolicy");

	op->delete_options.grace_s = jx_int(body, "gracePeriodSeconds", grace ? atoll(grace) : -1);
	op->delete_options.uid = arena_strdup(&op->arena, jx_str(body, "preconditions.uid"));
	op->precondition_rv = arena_strdup(&op->arena, jx_str(body, "preconditions.resourceVersion"));
	if (jx_str(body, "propagationPolicy"))
		propagation = jx_str(body, "propagationPolicy");
	if (jx_true(body, "orphanDependents"))
		propagation = "Orphan";
	op->delete_options.propagation = arena_strdup(&op->arena, propagation);
	if (!jx_empty(jx_get(body, "dryRun")))
		op->dry_run = true;
}

static void delete_one(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct op *op = new_op(api, r, t, VERB_DELETE);
	cJSON *fail = r->body.len ? body_json(r, "DeleteOptions", &op->body) : NULL;

	if (fail) {
		refuse(op, r, fail);
		return;
	}
	read_delete_options(r, op, op->body);
	start(op, r, o);
}

/* --- deletecollection: an op for each object; the list of them is the answer --- */

static void delete_many(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct list_query q = {.ns = t->ns};
	cJSON *fail = list_query_parse(r, t->res, &q), *body = NULL;
	VEC(struct op *) ops = {0};

	if (!fail && r->body.len)
		fail = body_json(r, "DeleteOptions", &body);
	CLEANUP(json_freep) cJSON *options = body;

	if (fail) {
		rest_reply_status(r, fail);
		return;
	}
	for (size_t i = 0; i < t->res->bucket->n; i++) {
		const struct object *obj = t->res->bucket->v[i];

		if (!list_query_matches(&q, obj))
			continue;
		struct route one = *t;

		one.ns = obj->ns;
		one.name = obj->name;
		struct op *op = new_op(api, r, &one, VERB_DELETE);

		read_delete_options(r, op, options);
		vec_push(&ops, op);
	}
	read_list(api, r, t->res, (size_t)t->v, &q, o);
	for (size_t i = 0; i < ops.n; i++)
		op_start(ops.v[i]);
	vec_done(&ops);
}

/* --- reads --- */

static void get_one(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct object *obj = db_get(t->res->bucket, t->res->namespaced ? t->ns : "", t->name);
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (!obj) {
		rest_reply_status(r, status_not_found(t->res, t->name));
		return;
	}
	if (t->sub && strcmp(t->sub, "scale") == 0) {
		CLEANUP(json_freep) cJSON *s = scale_of(t->res, (size_t)t->v, obj->json);

		rest_reply_json(r, 200, s);
		return;
	}
	output_object(api, o, t->res, (size_t)t->v, obj->json, &out);
	buf_append_char(&out, '\n');
	web_reply(r, 200, "application/json", buf_slice(&out));
}

static void get_many(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o,
		     bool watch)
{
	struct list_query q = {.ns = t->ns, .name = watch ? t->name : NULL};
	cJSON *fail = list_query_parse(r, t->res, &q);

	if (fail)
		rest_reply_status(r, fail);
	else if (watch)
		watch_begin(api, r, t->res, (size_t)t->v, &q, o);
	else
		read_list(api, r, t->res, (size_t)t->v, &q, o);
}

/* --- bodies that are not stored --- */

static void answer_virtual(struct web_request *r, cJSON *body, cJSON *fail)
{
	if (!fail) {
		jx_set(jx_object(body, "metadata"), "creationTimestamp", cJSON_CreateNull());
		rest_reply_json(r, 201, body);
	} else {
		rest_reply_status(r, fail);
	}
	cJSON_Delete(body);
}

/* The bookkeeping of fields, as for what is stored. */
static void record_fields(struct web_request *r, const struct schema *s, cJSON *body)
{
	char now[CLOCK_TEXT_MAX];
	struct manager m = {.name = manager_of(r),
			    .api_version = jx_str(body, "apiVersion"),
			    .now = now_text(now),
			    .builtin = true};

	fields_update(s, &m, NULL, body);
}

static void review(struct lab_api *api, struct web_request *r, const struct route *t)
{
	cJSON *body = NULL, *fail = body_json(r, t->res->kind, &body);

	if (!fail) {
		object_set_type(body, t->res, (size_t)t->v);
		record_fields(r, t->res->versions[t->v].schema, body);
		fail = review_answer(api, &t->user, t->res, t->ns, body);
	}
	answer_virtual(r, body, fail);
}

static void request_token(struct lab_api *api, struct web_request *r, const struct route *t)
{
	cJSON *body = NULL, *fail = body_json(r, "TokenRequest", &body);

	if (!fail) {
		jx_set_str(body, "kind", "TokenRequest");
		jx_set_str(body, "apiVersion", "authentication.k8s.io/v1");
		record_fields(r, NULL, body);
		fail = token_request(api, t->ns ? t->ns : "", t->name, body);
	}
	answer_virtual(r, body, fail);
}

static void evict(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct op *op = new_op(api, r, t, VERB_DELETE);
	cJSON *body = NULL, *fail = body_json(r, "Eviction", &body);

	if (fail) {
		refuse(op, r, fail);
		return;
	}
	op->sub = NULL;
	read_delete_options(r, op, jx_get(body, "deleteOptions"));
	cJSON_Delete(body);
	start(op, r, o);
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
		write_body(api, r, t, o, VERB_UPDATE);
	else if (sub_is(t, "pods", "eviction") && post)
		evict(api, r, t, o);
	else if (sub_is(t, "serviceaccounts", "token") && post)
		request_token(api, r, t);
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

	jx_object(s, "details");
	rest_reply_status(r, s);
}

static void not_allowed(struct web_request *r)
{
	cJSON *s =
		status_new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

	jx_object(s, "details");
	rest_reply_status(r, s);
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
	if (handle_special(api, r, t, &o))
		return;
	if (!sub_served(t))
		not_here(r);
	else if (t->res->virtual && strcmp(verb, "create") == 0)
		review(api, r, t);
	else if (t->res->virtual)
		not_allowed(r);
	else if (strcmp(verb, "get") == 0)
		get_one(api, r, t, &o);
	else if (strcmp(verb, "list") == 0 || strcmp(verb, "watch") == 0)
		get_many(api, r, t, &o, verb[0] == 'w');
	else if (strcmp(verb, "create") == 0 && !t->name)
		write_body(api, r, t, &o, VERB_CREATE);
	else if (strcmp(verb, "update") == 0 && t->name)
		write_body(api, r, t, &o, VERB_UPDATE);
	else if (strcmp(verb, "patch") == 0 && t->name)
		patch(api, r, t, &o);
	else if (strcmp(verb, "delete") == 0 && !t->sub)
		delete_one(api, r, t, &o);
	else if (strcmp(verb, "deletecollection") == 0)
		delete_many(api, r, t, &o);
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

		jx_object(s, "details");
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
