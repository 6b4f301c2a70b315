/* The HTTP front, writing: bodies in their forms, and the ops that carry writes out. See rest_internal.h. */
#include <stdio.h>
#include <stdlib.h>

#include "api/proto.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/object/fields.h"
#include "lab/api/auth.h"
#include "lab/rest/rest_internal.h"
#include "msg/yaml.h"

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

cJSON *rest_body(struct web_request *r, const char *kind, cJSON **ret)
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

		json_object(s, "details");
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
	/* As what the answer goes out: another kind than is stored where that is only seen through it. Referenced. */
	struct resource *as;
};

static void on_gone(struct web_request *r)
{
	struct rest_call *call = r->user;

	/* The write goes on; only its answer has nowhere to go. */
	call->request = NULL;
}

static void add_warnings(struct web_request *r, const struct op *op)
{
	for (size_t i = 0; i < op->warnings.n; i++)
		rest_warn(r, op->warnings.v[i]);
}

static void reply_object(struct web_request *r, struct op *op, const struct rest_call *call, int status,
			 const cJSON *json)
{
	const size_t version = call->as == op->res ? op->version : call->as->storage;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	bool scale = op->sub && strcmp(op->sub, "scale") == 0;

	add_warnings(r, op);
	if (scale) {
		CLEANUP(json_freep) cJSON *s = scale_of(op->res, op->version, json);

		rest_reply_json(r, status, s);
		return;
	}
	output_object(op->api, &call->output, call->as, version, json, &out);
	buf_append_char(&out, '\n');
	web_reply(r, status, "application/json", buf_slice(&out));
}

static void on_done(struct op *op, int status, const cJSON *result)
{
	struct rest_call *call = op->arg;
	const char *kind = json_str(result, "kind"), *version = json_str(result, "apiVersion");
	struct web_request *r = call->request;

	if (r && kind && version && strcmp(kind, "Status") == 0 && strcmp(version, "v1") == 0) {
		add_warnings(r, op);
		rest_reply_json(r, status, result);
	} else if (r) {
		reply_object(r, op, call, status, result);
	}
	resource_unref(call->as);
	free(call);
}

/* A field manager when none is named: what the client calls itself, up to the first slash. */
static const char *manager_of(struct web_request *r)
{
	struct slice agent = web_header(r, "user-agent");
	const char *given = rest_query(r, "fieldManager");

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

/* Where a route's writes go: what is only seen through another kind is stored as its own. */
static struct resource *stored_as(struct lab_api *api, const struct route *t, size_t *ret_version)
{
	const struct api_kind *own = t->res->view_of;
	struct resource *r = t->res;
	int v = t->v;

	if (own)
		r = resources_find(&api->resources, own->group, own->versions[0], own->plural, &v);
	*ret_version = (size_t)v;
	return r;
}

struct op *rest_op(struct lab_api *api, struct web_request *r, const struct route *t, enum verb verb)
{
	size_t version;
	struct resource *stored = stored_as(api, t, &version);
	struct op *op = op_new(api, verb, stored, version);
	const char *validation = rest_query(r, "fieldValidation");

	op->ns = t->res->namespaced && t->ns ? arena_strdup(&op->arena, t->ns) : "";
	op->name = arena_strdup(&op->arena, t->name);
	op->sub = arena_strdup(&op->arena, t->sub);
	dup_user(&op->arena, &t->user, &op->user);
	op->manager = arena_strdup(&op->arena, manager_of(r));
	op->force = rest_query_true(r, "force");
	op->dry_run = rest_query(r, "dryRun") && *rest_query(r, "dryRun");
	op->validation = !validation || !*validation         ? FIELDS_WARN
			 : strcmp(validation, "Strict") == 0 ? FIELDS_STRICT
			 : strcmp(validation, "Ignore") == 0 ? FIELDS_IGNORE
							     : FIELDS_WARN;
	return op;
}

/* Gives a body of a kind through which another is seen that one's type. NULL or a failure. */
static cJSON *set_stored_type(struct op *op, const struct route *t)
{
	const char *kind = json_str(op->body, "kind"), *version = json_str(op->body, "apiVersion");
	char want[256];

	if (op->res == t->res || !(kind || version))
		return NULL;
	if ((kind && strcmp(kind, t->res->kind) != 0) ||
	    (version && strcmp(version, resource_api_version(t->res, (size_t)t->v, want)) != 0))
		return status_bad_request("%s of %s in the data is not a %s", kind ? kind : "an object",
					  version ? version : "no version", t->res->kind);
	object_set_type(op->body, op->res, op->version);
	return NULL;
}

static void start(struct op *op, struct web_request *r, const struct route *t, const struct output *o)
{
	struct rest_call *call = NEW(struct rest_call);

	call->request = r;
	call->output = *o;
	call->as = resource_ref(t->res);
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

void rest_write(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o,
		enum verb verb)
{
	struct op *op = rest_op(api, r, t, verb);
	cJSON *fail = options_check_write(r, verb);

	if (!fail)
		fail = rest_body(r, t->res->kind, &op->body);
	if (!fail)
		fail = set_stored_type(op, t);
	if (fail)
		refuse(op, r, fail);
	else
		start(op, r, t, o);
}

static cJSON *check_apply(struct web_request *r, const struct op *op)
{
	struct problems p = {.arena = web_arena(r)};
	const char *manager = rest_query(r, "fieldManager");

	if (op->patch != LAB_PATCH_APPLY || (manager && *manager))
		return NULL;
	problem_required(&p, "fieldManager", "is required for apply patch");
	return status_invalid("meta.k8s.io", "PatchOptions", "", &p);
}

void rest_patch(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct op *op = rest_op(api, r, t, VERB_PATCH);
	cJSON *fail = options_check_write(r, VERB_PATCH);

	if (!fail)
		fail = patch_body(r, op);
	if (!fail)
		fail = check_apply(r, op);
	if (!fail)
		fail = set_stored_type(op, t);
	if (fail)
		refuse(op, r, fail);
	else
		start(op, r, t, o);
}

static const char *propagation_of(struct web_request *r, const cJSON *body)
{
	const char *given = json_str(body, "propagationPolicy");

	return given ? given : rest_query(r, "propagationPolicy");
}

static void read_delete_options(struct web_request *r, struct op *op, const cJSON *body)
{
	const char *grace = rest_query(r, "gracePeriodSeconds");

	op->delete_options.grace_s = json_int(body, "gracePeriodSeconds", grace ? atoll(grace) : -1);
	op->delete_options.uid = arena_strdup(&op->arena, json_str(body, "preconditions.uid"));
	op->precondition_rv = arena_strdup(&op->arena, json_str(body, "preconditions.resourceVersion"));
	op->delete_options.propagation =
		arena_strdup(&op->arena, json_true(body, "orphanDependents") ? "Orphan" : propagation_of(r, body));
	if (!json_is_empty(json_get(body, "dryRun")))
		op->dry_run = true;
}

void rest_delete_one(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct op *op = rest_op(api, r, t, VERB_DELETE);
	cJSON *fail = r->body.len ? rest_body(r, "DeleteOptions", &op->body) : NULL;

	if (!fail)
		fail = options_check_delete(r, propagation_of(r, op->body));
	if (fail) {
		refuse(op, r, fail);
		return;
	}
	read_delete_options(r, op, op->body);
	start(op, r, t, o);
}

/* --- deletecollection: an op for each object; the list of them is the answer --- */

void rest_delete_many(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct list_query q = {.ns = t->ns};
	cJSON *fail = list_query_parse(r, t->res, &q), *body = NULL;
	VEC(struct op *) ops = {0};

	if (!fail && r->body.len)
		fail = rest_body(r, "DeleteOptions", &body);
	if (!fail)
		fail = options_check_delete(r, propagation_of(r, body));
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
		struct op *op = rest_op(api, r, &one, VERB_DELETE);

		read_delete_options(r, op, options);
		vec_push(&ops, op);
	}
	read_list(api, r, t->res, (size_t)t->v, &q, o);
	for (size_t i = 0; i < ops.n; i++)
		op_start(ops.v[i]);
	vec_done(&ops);
}

/* --- bodies that are not stored --- */

static void answer_virtual(struct web_request *r, cJSON *body, cJSON *fail)
{
	if (!fail) {
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
			    .api_version = json_str(body, "apiVersion"),
			    .now = clock_now_text(now),
			    .builtin = true};

	fields_update(s, &m, NULL, body);
}

void rest_review(struct lab_api *api, struct web_request *r, const struct route *t)
{
	cJSON *body = NULL, *fail = rest_body(r, t->res->kind, &body);

	if (!fail) {
		object_set_type(body, t->res, (size_t)t->v);
		record_fields(r, t->res->versions[t->v].schema, body);
		fail = review_answer(api, &t->user, t->res, t->ns, body);
	}
	answer_virtual(r, body, fail);
}

void rest_request_token(struct lab_api *api, struct web_request *r, const struct route *t)
{
	cJSON *body = NULL, *fail = rest_body(r, "TokenRequest", &body);

	if (!fail) {
		json_set_str(body, "kind", "TokenRequest");
		json_set_str(body, "apiVersion", "authentication.k8s.io/v1");
		record_fields(r, NULL, body);
		fail = token_request(api, t->ns ? t->ns : "", t->name, body);
	}
	answer_virtual(r, body, fail);
}

void rest_evict(struct lab_api *api, struct web_request *r, const struct route *t, const struct output *o)
{
	struct op *op = rest_op(api, r, t, VERB_DELETE);
	cJSON *body = NULL, *fail = rest_body(r, "Eviction", &body);

	if (fail) {
		refuse(op, r, fail);
		return;
	}
	op->sub = NULL;
	read_delete_options(r, op, json_get(body, "deleteOptions"));
	cJSON_Delete(body);
	start(op, r, t, o);
}
