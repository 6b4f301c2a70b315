/*
 * The Kubernetes API without a network: calls are kept until the test answers them, by hand (fake_kube_answer) or from
 * a small set of objects (fake_kube_serve). Include once per test program: it defines the functions of kube/client.h,
 * which take the place of the library's. The client itself is never looked at.
 */
#ifndef TEST_FAKE_KUBE_H
#define TEST_FAKE_KUBE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_objects.h"
#include "lab/object/patch.h"

#define FAKE_CLIENT ((struct kube_client *)&fake_kube)

struct kube_call {
	struct kube_request req; /* strings and body are copies */
	char *label;             /* "GET leases ns/name" */
	kube_done_fn *done;
	void *arg;
};

void kube_back_start(struct kube_client *c, struct kube_back *b)
{
	(void)c;
	list_init(&b->link);
	vec_push(&fake_kube.backs, b);
}

void kube_back_stop(struct kube_back *b)
{
	for (size_t i = 0; i < fake_kube.backs.n; i++) {
		if (fake_kube.backs.v[i] != b)
			continue;
		vec_remove(&fake_kube.backs, i);
		return;
	}
}

bool kube_client_away(const struct kube_client *c)
{
	(void)c;
	return false;
}

void kube_client_set_version(struct kube_client *c, const struct api_kind *kind, const char *version)
{
	(void)c;
	(void)kind;
	fake_kube.use_version = version;
}

static inline char *fake_dup(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

static inline const char *fake_verb(enum kube_verb v)
{
	static const char *const names[] = {"GET",   "LIST",  "WATCH",     "CREATE", "UPDATE",
					    "APPLY", "MERGE", "JSONPATCH", "DELETE"};

	return names[v];
}

struct kube_call *kube_call_start(struct kube_client *client, const struct kube_request *req, kube_done_fn *done,
				  void *arg)
{
	struct kube_call *c = NEW(struct kube_call);
	char *log = fake_kube.log;

	(void)client;
	*c = (struct kube_call){.req = *req, .done = done, .arg = arg};
	c->req.ns = fake_dup(req->ns);
	c->req.name = fake_dup(req->name);
	c->req.subresource = fake_dup(req->subresource);
	c->req.path = fake_dup(req->path);
	c->req.resource_version = fake_dup(req->resource_version);
	c->req.field_selector = fake_dup(req->field_selector);
	c->req.precondition_uid = fake_dup(req->precondition_uid);
	c->req.body = req->body ? cJSON_Duplicate(req->body, true) : NULL;
	c->label = mem_printf("%s %s %s/%s%s%s", fake_verb(req->verb), req->kind ? req->kind->plural : req->path,
			      req->ns ? req->ns : "", req->name ? req->name : "", req->subresource ? "/" : "",
			      req->subresource ? req->subresource : "");
	if (req->verb != KUBE_WATCH) {
		fake_kube.log = mem_printf("%s%s\n", log ? log : "", c->label);
		free(log);
	}
	vec_push(&fake_kube.calls, c);
	return c;
}

static inline void fake_call_free(struct kube_call *c)
{
	free((char *)c->req.ns);
	free((char *)c->req.name);
	free((char *)c->req.subresource);
	free((char *)c->req.path);
	free((char *)c->req.resource_version);
	free((char *)c->req.field_selector);
	free((char *)c->req.precondition_uid);
	cJSON_Delete((cJSON *)c->req.body);
	free(c->label);
	free(c);
}

static inline bool fake_call_take(struct kube_call *c)
{
	for (size_t i = 0; i < fake_kube.calls.n; i++) {
		if (fake_kube.calls.v[i] != c)
			continue;
		vec_remove(&fake_kube.calls, i);
		return true;
	}
	return false;
}

void kube_call_cancel(struct kube_call *c)
{
	if (c && fake_call_take(c))
		fake_call_free(c);
}

/* Ends a call; body is taken over, NULL is fine. */
static inline void fake_kube_answer(struct kube_call *c, enum kube_reason reason, cJSON *body)
{
	struct kube_result r = {.reason = reason, .status = reason == KUBE_OK ? 200 : 400, .body = body};

	if (!fake_call_take(c))
		abort();
	if (reason != KUBE_OK)
		err_set(&r.err, -EIO, "%s: %s", c->label, kube_reason_str(reason));
	c->done(c->arg, &r);
	cJSON_Delete(r.body);
	fake_call_free(c);
}

/* The only call that is not a watch; NULL when there is none. Aborts when there are several. */
static inline struct kube_call *fake_kube_call(void)
{
	struct kube_call *found = NULL;

	for (size_t i = 0; i < fake_kube.calls.n; i++) {
		if (fake_kube.calls.v[i]->req.verb == KUBE_WATCH)
			continue;
		if (found) {
			fprintf(stderr, "two calls: %s, %s\n", found->label, fake_kube.calls.v[i]->label);
			abort();
		}
		found = fake_kube.calls.v[i];
	}
	return found;
}

/* --- a small set of objects --- */

static inline void fake_tell(const struct api_kind *kind, const char *type, const cJSON *o)
{
	cJSON *event = cJSON_CreateObject();

	cJSON_AddStringToObject(event, "type", type);
	cJSON_AddItemToObject(event, "object", cJSON_Duplicate(o, true));
	for (size_t i = 0; i < fake_kube.calls.n; i++) {
		struct kube_call *c = fake_kube.calls.v[i];

		if (c->req.verb == KUBE_WATCH && c->req.kind == kind && fake_is(o, kind, c->req.ns, NULL))
			c->req.on_event(c->arg, event);
	}
	cJSON_Delete(event);
}

/* Adds or replaces an object (taken over) and tells the watches. */
static inline void fake_kube_put(cJSON *o)
{
	const struct api_kind *kind = fake_kind_of(o);
	cJSON *meta = json_get(o, "metadata");
	char text[16];
	bool had = false;

	snprintf(text, sizeof(text), "%d", ++fake_kube.version);
	cJSON_DeleteItemFromObject(meta, "resourceVersion");
	cJSON_AddStringToObject(meta, "resourceVersion", text);
	if (!json_get(meta, "generation"))
		cJSON_AddNumberToObject(meta, "generation", 1);
	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		if (!fake_is(fake_kube.objects.v[i], kind, json_str(meta, "namespace"), json_str(meta, "name")))
			continue;
		had = true;
		cJSON_Delete(fake_kube.objects.v[i]);
		fake_kube.objects.v[i] = o;
	}
	if (!had)
		vec_push(&fake_kube.objects, o);
	fake_tell(kind, had ? "MODIFIED" : "ADDED", o);
}

static inline void fake_kube_delete(const struct api_kind *kind, const char *ns, const char *name)
{
	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		cJSON *o = fake_kube.objects.v[i];

		if (!fake_is(o, kind, ns, name))
			continue;
		vec_remove(&fake_kube.objects, i);
		fake_tell(kind, "DELETED", o);
		cJSON_Delete(o);
		return;
	}
}

/* A merge patch that names the version it was made for. */
static inline bool fake_is_stale(const struct kube_request *req, const cJSON *have)
{
	const char *want = json_str(req->body, "metadata.resourceVersion");

	return have && req->verb == KUBE_MERGE_PATCH && want &&
	       strcmp(want, json_str_or_empty(have, "metadata.resourceVersion")) != 0;
}

static inline void fake_serve_write(struct kube_call *c, cJSON *have)
{
	const struct kube_request *req = &c->req;
	cJSON *now;

	if (req->verb == KUBE_CREATE && have) {
		fake_kube_answer(c, KUBE_ALREADY_EXISTS, NULL);
		return;
	}
	if (!have && (req->verb == KUBE_UPDATE || req->verb == KUBE_MERGE_PATCH)) {
		fake_kube_answer(c, KUBE_NOT_FOUND, NULL);
		return;
	}
	if (fake_is_stale(req, have)) {
		fake_kube_answer(c, KUBE_CONFLICT, NULL);
		return;
	}
	now = have && req->verb != KUBE_UPDATE ? cJSON_Duplicate(have, true) : cJSON_Duplicate(req->body, true);
	if (have && req->verb != KUBE_UPDATE)
		now = patch_merge(now, req->body);
	fake_kube_put(now);
	fake_kube_answer(c, KUBE_OK, cJSON_Duplicate(now, true));
}

static inline void fake_serve_delete(struct kube_call *c, const cJSON *have)
{
	const char *uid = json_str(have, "metadata.uid"), *want = c->req.precondition_uid;
	const bool other = have && want && strcmp(uid ? uid : "", want) != 0;

	if (have && !other)
		fake_kube_delete(c->req.kind, c->req.ns, c->req.name);
	fake_kube_answer(c, !have ? KUBE_NOT_FOUND : other ? KUBE_CONFLICT : KUBE_OK, NULL);
}

static inline void fake_serve_one(struct kube_call *c)
{
	const struct kube_request *req = &c->req;
	const char *name = req->name ? req->name : json_str(req->body, "metadata.name");
	cJSON *have = name && req->kind ? fake_kube_get(req->kind, req->ns, name) : NULL;

	if (fake_kube.hook && fake_kube.hook(c))
		return;
	if (req->kind == &api_kind_self_subject_access_review)
		fake_kube_answer(c, KUBE_OK,
				 cJSON_Parse(fake_kube.wide ? "{\"status\":{\"allowed\":true}}" : "{\"status\":{}}"));
	else if (!req->kind && (!strncmp(req->path, "/apis/", 6) || !strcmp(req->path, "/version")))
		fake_kube_answer(c, KUBE_OK, fake_resources(req->path));
	else if (req->verb == KUBE_LIST)
		fake_kube_answer(c, KUBE_OK, fake_list(req));
	else if (req->verb == KUBE_GET)
		fake_kube_answer(c, have ? KUBE_OK : KUBE_NOT_FOUND, have ? cJSON_Duplicate(have, true) : NULL);
	else if (req->verb == KUBE_JSON_PATCH)
		fake_kube_answer(c, KUBE_REASON_OTHER, NULL);
	else if (req->verb == KUBE_DELETE)
		fake_serve_delete(c, have);
	else
		fake_serve_write(c, have);
}

/* Answers what waits, watches aside. Returns how many calls that were. */
static inline size_t fake_kube_serve(void)
{
	size_t n = 0;

	for (size_t i = 0; i < fake_kube.calls.n;) {
		if (fake_kube.calls.v[i]->req.verb == KUBE_WATCH) {
			i++;
			continue;
		}
		fake_serve_one(fake_kube.calls.v[i]);
		n++;
		i = 0;
	}
	return n;
}

/* Forgets everything. Calls that are still there are a leak of the code under test: they are counted. */
static inline size_t fake_kube_reset(void)
{
	const size_t left = fake_kube.calls.n;

	while (fake_kube.calls.n)
		kube_call_cancel(fake_kube.calls.v[0]);
	fake_objects_reset();
	return left;
}

#endif
