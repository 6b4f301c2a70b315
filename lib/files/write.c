/*
 * What weftd writes. Its own objects are in memory, and those that must live on in the state folder, too, before the
 * write is answered. Of users' objects the status alone is ours; it is kept for people to read.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rand.h"
#include "files/internal.h"
#include "msg/patch.h"

#define ROOT_MAP "istio-ca-root-cert"

void reply_fail(struct reply *r, int status, const char *reason, const char *fmt, ...)
{
	va_list ap;

	r->status = status;
	r->reason = reason;
	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
}

static void answer(struct reply *r, int status, const cJSON *json)
{
	r->status = status;
	r->body = cJSON_Duplicate(json, true);
}

/* The roots that machines need are a file, too. */
static void tell_roots(struct files *f, const struct object *o)
{
	const char *pem = json_get_str(json_get(o->json, "data"), "root-cert.pem");

	if (o->kind == &api_kind_config_map && pem && slice_eq_str(object_ns(o), f->cfg.ns) &&
	    !strcmp(object_name(o), ROOT_MAP))
		state_put_roots(f->cfg.state, pem);
}

/* Takes the tree. */
static void put(struct files *f, const struct api_kind *kind, cJSON *json, int status, struct reply *r)
{
	struct err e = ERR_INIT;
	struct object *o;

	if (state_keeps(kind) && state_put(f->cfg.state, kind, json, &e) < 0) {
		cJSON_Delete(json);
		log_error("files", "%s", e.msg);
		reply_fail(r, 500, "InternalError", "%s", e.msg);
		return;
	}
	o = memory_put(&f->memory, kind, json, NULL, 0);
	files_changed(f);
	tell_roots(f, o);
	answer(r, status, o->json);
}

static void create(struct files *f, const struct kube_request *req, const char *name, struct reply *r)
{
	char uid[37], at[CLOCK_TEXT_MAX];
	cJSON *json, *meta;

	if (!files_is_name(name) || (api_kind_namespaced(req->kind) && (!req->ns || !files_is_name(req->ns)))) {
		reply_fail(r, 422, "Invalid", "%.100s is no name", name);
		return;
	}
	rand_uuid(uid);
	json = cJSON_Duplicate(req->body, true);
	meta = json_object(json, "metadata");
	if (req->ns)
		json_set_str(meta, "namespace", req->ns);
	json_set_str(meta, "name", name);
	json_set_str(meta, "uid", uid);
	json_set_str(meta, "creationTimestamp", clock_now_text(at));
	json_set_int(meta, "generation", 1);
	put(f, req->kind, json, 201, r);
}

/* What a write cannot change. */
static void keep_identity(cJSON *json, const cJSON *before)
{
	static const char *const fixed[] = {"name", "namespace", "uid", "creationTimestamp", "generation"};
	cJSON *meta = json_object(json, "metadata");

	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		json_copy_member(meta, json_get(before, "metadata"), fixed[i]);
	if (!json_equal(json_get(json, "spec"), json_get(before, "spec")))
		json_set_int(meta, "generation", json_int(before, "metadata.generation", 0) + 1);
}

static void write_status(struct files *f, struct object *o, const cJSON *status, struct reply *r)
{
	cJSON *json = cJSON_Duplicate(o->json, true), *patch = cJSON_CreateObject();
	CLEANUP(freep) char *place = mem_strdup(o->place);

	json_copy_member(patch, status, "status");
	json = patch_merge(json, patch);
	cJSON_Delete(patch);
	if (!place) {
		put(f, o->kind, json, 200, r);
	} else {
		memory_put(&f->memory, o->kind, json, place, o->hash);
		files_changed(f);
		answer(r, 200, o->json);
	}
	if (json_get(o->json, "status"))
		state_put_status(f->cfg.state, o);
}

static void change(struct files *f, struct object *o, const struct kube_request *req, struct reply *r)
{
	cJSON *json;

	if (o->place) {
		reply_fail(r, 403, "Forbidden", "%s is written in %s, and not changed from here", o->key, o->place);
		return;
	}
	json = req->verb == KUBE_UPDATE ? cJSON_Duplicate(req->body, true)
					: patch_merge(cJSON_Duplicate(o->json, true), req->body);
	keep_identity(json, o->json);
	put(f, o->kind, json, 200, r);
}

static void remove_object(struct files *f, struct object *o, const char *uid, struct reply *r)
{
	if (o->place) {
		reply_fail(r, 403, "Forbidden", "%s is written in %s, and not removed from here", o->key, o->place);
		return;
	}
	if (uid && strcmp(uid, json_str_or_empty(o->json, "metadata.uid")) != 0) {
		reply_fail(r, 409, "Conflict", "%s is another object now", o->key);
		return;
	}
	answer(r, 200, o->json);
	if (state_keeps(o->kind))
		state_remove(f->cfg.state, o->kind, object_ns(o), object_name(o));
	state_remove_status(f->cfg.state, o->kind, object_ns(o), object_name(o));
	memory_remove(&f->memory, o);
	files_changed(f);
}

/* Nobody lists events here: they are lines of the log. */
static void tell_event(const cJSON *event, struct reply *r)
{
	log_write(strcmp(json_str_or_empty(event, "type"), "Warning") ? LOG_INFO : LOG_WARN, "event",
		  "%s %s/%s: %s: %s", json_str_or_empty(event, "involvedObject.kind"),
		  json_str_or_empty(event, "involvedObject.namespace"), json_str_or_empty(event, "involvedObject.name"),
		  json_str_or_empty(event, "reason"), json_str_or_empty(event, "message"));
	answer(r, 201, event);
}

void files_write(struct files *f, const struct kube_asked *a, struct reply *r)
{
	const struct kube_request *req = &a->req;
	const char *name = req->verb == KUBE_CREATE ? json_str_or_empty(a->body, "metadata.name") : req->name;
	struct object *o = req->kind == &api_kind_event ? NULL : memory_get(&f->memory, req->kind, req->ns, name);
	const char *version = json_str(a->body, "metadata.resourceVersion");

	if (req->kind == &api_kind_event)
		tell_event(a->body, r);
	else if (o && req->verb == KUBE_CREATE)
		reply_fail(r, 409, "AlreadyExists", "%s is there already", o->key);
	else if (!o && (req->verb == KUBE_CREATE || req->verb == KUBE_APPLY))
		create(f, req, name, r);
	else if (!o)
		reply_fail(r, 404, "NotFound", "%s %s/%s is not there", req->kind->kind, req->ns ? req->ns : "", name);
	else if (req->verb == KUBE_DELETE)
		remove_object(f, o, req->precondition_uid, r);
	else if (version && strcmp(version, json_str_or_empty(o->json, "metadata.resourceVersion")) != 0)
		reply_fail(r, 409, "Conflict", "%s has changed meanwhile", o->key);
	else if (req->verb == KUBE_JSON_PATCH)
		reply_fail(r, 415, "UnsupportedMediaType", "JSON patches are not taken");
	else if (req->subresource && !strcmp(req->subresource, "status"))
		write_status(f, o, a->body, r);
	else if (req->subresource)
		reply_fail(r, 404, "NotFound", "%s: there is no %s", o->key, req->subresource);
	else
		change(f, o, req, r);
}
