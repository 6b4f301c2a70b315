/*
 * A small API server on loopback for tests: lists and gets what it was given, keeps Secrets that are created, lets
 * watches stand open, answers SubjectAccessReviews by rule, and writes down every other request.
 */
#ifndef TEST_FAKE_API_H
#define TEST_FAKE_API_H

#include "api/kind.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "kube/client.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "net/loop.h"
#include "web/server.h"

#define FAKE_PATIENCE_S 60 /* for a machine that is busy */

/* An object in a collection; listed there, and got by its name. */
struct fake_object {
	const char *collection, *name, *yaml;
};

struct fake_api {
	struct loop *loop;
	struct web_server *web;
	int port;
	const struct fake_object *objects; /* ended by one without a collection */
	struct buf log;                    /* "METHOD path" of each request that changes something */
	struct buf bodies;                 /* the same with what was sent */
	cJSON *secret;                     /* the one that was created */
	struct buf status;                 /* the last body for a status subresource of a control plane */
	struct web_request *secret_watch;
	bool reviews_fail;
	const struct api_kind *absent; /* not served */
};

static void fake_reply(struct web_request *r, int status, cJSON *body)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	json_print(body, &text);
	cJSON_Delete(body);
	web_reply(r, status, "application/json", buf_slice(&text));
}

static cJSON *fake_status(int code, const char *reason)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "kind", "Status");
	cJSON_AddStringToObject(o, "reason", reason);
	cJSON_AddStringToObject(o, "message", reason);
	cJSON_AddNumberToObject(o, "code", code);
	return o;
}

static cJSON *fake_object(const struct fake_object *o)
{
	cJSON *json = NULL;

	if (yaml_parse(slice_str(o->yaml), &json, NULL) < 0)
		abort();
	return json;
}

/* By labels with one value, as the operator selects them. */
static bool fake_selected(struct web_request *r, const cJSON *object)
{
	struct slice key, value;
	const char *have;

	if (!web_query(r, "labelSelector", &value))
		return true;
	key = slice_split(&value, '=');
	have = json_get_str(json_at(object, "metadata.labels"), key.ptr ? web_query_decode(r, key) : "");
	return have && slice_eq_str(value, have);
}

static void fake_get(struct fake_api *f, struct web_request *r)
{
	cJSON *list = cJSON_CreateObject(), *items;

	for (const struct fake_object *o = f->objects; o->collection; o++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", o->collection, o->name);

		if (!slice_eq_str(r->path, path))
			continue;
		cJSON_Delete(list);
		fake_reply(r, 200, fake_object(o));
		return;
	}
	cJSON_AddStringToObject(list, "kind", "List");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(list, "metadata"), "resourceVersion", "1");
	items = cJSON_AddArrayToObject(list, "items");
	for (const struct fake_object *o = f->objects; o->collection; o++) {
		cJSON *json = slice_eq_str(r->path, o->collection) ? fake_object(o) : NULL;

		if (json && fake_selected(r, json))
			cJSON_AddItemToArray(items, json);
		else
			cJSON_Delete(json);
	}
	fake_reply(r, 200, list);
}

/* mallory may nothing, eve everything but namespace "closed", root everything everywhere. */
static void fake_review(struct fake_api *f, struct web_request *r)
{
	CLEANUP(json_freep) cJSON *body = NULL;
	cJSON *answer = cJSON_CreateObject();
	const char *user, *ns;

	json_parse(r->body, JSON_OBJECT_MAX_BYTES, &body, NULL);
	user = json_str(body, "spec.user");
	ns = json_str(body, "spec.resourceAttributes.namespace");
	cJSON_AddBoolToObject(
		cJSON_AddObjectToObject(answer, "status"), "allowed",
		user && (strcmp(user, "root") == 0 || (strcmp(user, "eve") == 0 && ns && strcmp(ns, "closed") != 0)));
	if (!f->reviews_fail) {
		fake_reply(r, 201, answer);
		return;
	}
	cJSON_Delete(answer);
	fake_reply(r, 500, fake_status(500, "InternalError"));
}

static bool fake_ends(struct slice path, const char *with)
{
	return path.len >= strlen(with) && slice_eq_str(slice_from(path, path.len - strlen(with)), with);
}

static void fake_tell_secret(struct fake_api *f)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	CLEANUP(freep) char *text = NULL;

	if (!f->secret_watch || !f->secret)
		return;
	text = json_to_text(f->secret);
	buf_printf(&line, "{\"type\":\"ADDED\",\"object\":%s}\n", text);
	web_write(f->secret_watch, buf_slice(&line));
}

static void fake_watch(struct fake_api *f, struct web_request *r)
{
	web_begin(r, 200, "application/json");
	if (!fake_ends(r->path, "/secrets"))
		return;
	f->secret_watch = r;
	fake_tell_secret(f);
}

/* The one Secret there is: made once, listed, and told to whoever watches. */
static void fake_secret(struct fake_api *f, struct web_request *r)
{
	cJSON *list;

	if (slice_eq_str(r->method, "GET")) {
		list = json_literal("{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[]}");
		if (f->secret)
			cJSON_AddItemToArray(json_get(list, "items"), cJSON_Duplicate(f->secret, true));
		fake_reply(r, 200, list);
	} else if (f->secret) {
		fake_reply(r, 409, fake_status(409, "AlreadyExists"));
	} else {
		json_parse(r->body, JSON_OBJECT_MAX_BYTES, &f->secret, NULL);
		json_set_str(json_object(f->secret, "metadata"), "resourceVersion", "2");
		fake_reply(r, 201, cJSON_Duplicate(f->secret, true));
		fake_tell_secret(f);
	}
}

/* The resource list of a group: the kinds that Weft knows there, but for what the test leaves out. */
static bool fake_discovery(struct fake_api *f, struct web_request *r)
{
	cJSON *list = cJSON_CreateObject(), *items = cJSON_AddArrayToObject(list, "resources");
	bool any = false;

	for (size_t i = 0; i < api_kinds_count(); i++) {
		const struct api_kind *k = api_kind_at(i);

		for (size_t v = 0; k->versions[v]; v++) {
			CLEANUP(freep) char *path = mem_printf("/apis/%s/%s", k->group, k->versions[v]);
			cJSON *one;

			if (!slice_eq_str(r->path, path))
				continue;
			any = true;
			if (k == f->absent)
				continue;
			one = cJSON_CreateObject();
			cJSON_AddStringToObject(one, "name", k->plural);
			cJSON_AddItemToArray(items, one);
		}
	}
	if (any)
		fake_reply(r, 200, list);
	else
		cJSON_Delete(list);
	return any;
}

static void fake_change(struct fake_api *f, struct web_request *r)
{
	cJSON *body = NULL;

	buf_printf(&f->log, "%.*s %.*s\n", SLICE_ARG(r->method), SLICE_ARG(r->path));
	buf_printf(&f->bodies, "%.*s %.*s %.*s\n", SLICE_ARG(r->method), SLICE_ARG(r->path), SLICE_ARG(r->body));
	if (fake_ends(r->path, "/servicemeshcontrolplanes/basic/status")) {
		buf_clear(&f->status);
		buf_append_slice(&f->status, r->body);
	}
	if (yaml_parse(r->body, &body, NULL) < 0)
		body = cJSON_CreateObject();
	fake_reply(r, 200, body);
}

static void fake_on_request(void *user, struct web_request *r)
{
	struct fake_api *f = user;
	struct slice watch;

	if (slice_find(r->path, '?') >= 0)
		abort();
	if (web_query(r, "watch", &watch))
		fake_watch(f, r);
	else if (fake_ends(r->path, "/subjectaccessreviews"))
		fake_review(f, r);
	else if (fake_ends(r->path, "/secrets"))
		fake_secret(f, r);
	else if (slice_eq_str(r->path, "/version"))
		fake_reply(r, 200, json_literal("{\"gitVersion\":\"v1.30.2\"}"));
	else if (fake_discovery(f, r))
		;
	else if (slice_eq_str(r->method, "GET"))
		fake_get(f, r);
	else
		fake_change(f, r);
}

static void fake_init(struct fake_api *f, const struct fake_object *objects)
{
	const struct web_config c = {.on_request = fake_on_request, .user = f};
	struct addr a;

	*f = (struct fake_api){.loop = loop_new(), .objects = objects};
	f->web = web_server_new(f->loop, &c, NULL);
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	f->port = web_server_listen(f->web, &a, NULL);
	assert_true(f->port > 0);
}

static void fake_done(struct fake_api *f)
{
	web_server_free(f->web);
	buf_done(&f->log);
	buf_done(&f->bodies);
	buf_done(&f->status);
	cJSON_Delete(f->secret);
	loop_free(f->loop);
}

static struct kube_client *fake_client(const struct fake_api *f)
{
	CLEANUP(freep) char *url = mem_printf("http://127.0.0.1:%d", f->port);
	struct kube_config config = {.server = url};
	struct kube_client *c = kube_client_new(f->loop, &config, NULL);

	assert_non_null(c);
	return c;
}

/* Turns the loop until the condition holds. */
#define FAKE_UNTIL(f, condition)                                                                                       \
	do {                                                                                                           \
		const int64_t end_ = clock_mono_ns() + FAKE_PATIENCE_S * (int64_t)NS_PER_S;                            \
		while (!(condition)) {                                                                                 \
			if (clock_mono_ns() > end_)                                                                    \
				fail_msg("%s: never; the requests were:\n%s", #condition, buf_str(&(f)->log));         \
			loop_turn((f)->loop, 20);                                                                      \
		}                                                                                                      \
	} while (0)

#endif
