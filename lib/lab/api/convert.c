/* Conversion by webhook: one ConversionReview, and what of its answer counts. See convert.h. */
#include "lab/api/convert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/rand.h"
#include "lab/api/op.h"
#include "lab/api/webhook.h"
#include "lab/sys/http_client.h"

#define TIMEOUT_S 30
#define REVIEW "apiextensions.k8s.io/"

struct convert {
	struct lab_api *api;
	struct resource *res; /* referenced */
	size_t to;
	cJSON *objects; /* as they were */
	char uid[37];
	struct http_call *call;
	struct task failed; /* where it could not even be called */
	char *why;
	convert_done_fn done;
	void *arg;
	struct arena arena;
};

bool convert_needed(const struct resource *r, size_t from, size_t to)
{
	return r->conversion && from != to;
}

static void convert_free(struct convert *c)
{
	http_call_cancel(c->call);
	task_cancel(&c->failed);
	cJSON_Delete(c->objects);
	resource_unref(c->res);
	arena_done(&c->arena);
	free(c->why);
	free(c);
}

void convert_cancel(struct convert *c)
{
	if (c)
		convert_free(c);
}

/* --- the answer --- */

/* As an API server says it, with the kind that could not be converted. */
static void fail(struct convert *c, const char *why)
{
	const char *from = json_str(c->objects->child, "apiVersion");
	CLEANUP(json_freep)
	cJSON *status =
		status_internal("conversion webhook for %s, Kind=%s failed: %s", from ? from : "", c->res->kind, why);

	c->done(c->arg, NULL, status);
	convert_free(c);
}

static const char *differs(const cJSON *was, const cJSON *is, const char *path)
{
	const char *a = json_str_or_empty(was, path), *b = json_str_or_empty(is, path);

	return strcmp(a, b) ? path : NULL;
}

/* What must be the same before and after; NULL or its name. */
static const char *identity_fault(const cJSON *was, const cJSON *is, const char *want)
{
	static const char *const paths[] = {"kind", "metadata.name", "metadata.namespace", "metadata.uid"};

	if (!cJSON_IsObject(is) || strcmp(json_str_or_empty(is, "apiVersion"), want) != 0)
		return "apiVersion";
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (differs(was, is, paths[i]))
			return paths[i];
	return NULL;
}

/* Labels and annotations are the webhook's, all else of the metadata is ours. */
static void restore_meta(const cJSON *was, cJSON *is)
{
	cJSON *meta = cJSON_Duplicate(json_get(was, "metadata"), true), *new = json_get(is, "metadata");

	json_copy_member(meta, new, "labels");
	json_copy_member(meta, new, "annotations");
	json_set(is, "metadata", meta);
}

/* NULL, or what is wrong with the answer. */
static char *accept_answer(struct convert *c, const cJSON *response)
{
	const cJSON *objects = json_get(response, "convertedObjects"), *was = c->objects->child;
	const char *result = json_str(response, "result.status"), *message = json_str(response, "result.message");
	char want[256];

	if (strcmp(json_str_or_empty(response, "uid"), c->uid) != 0)
		return mem_printf("expected response.uid=\"%s\", got \"%s\"", c->uid,
				  json_str_or_empty(response, "uid"));
	if (!result || strcmp(result, "Success") != 0)
		return mem_strdup(message && *message ? message : "the webhook gave no reason");
	if (cJSON_GetArraySize(objects) != cJSON_GetArraySize(c->objects))
		return mem_printf("returned %d objects, expected %d", cJSON_GetArraySize(objects),
				  cJSON_GetArraySize(c->objects));
	resource_api_version(c->res, c->to, want);
	for (cJSON *is = objects->child; is; is = is->next, was = was->next) {
		const char *fault = identity_fault(was, is, want);

		if (fault)
			return mem_printf("must have the same %s, and apiVersion %s", fault, want);
		restore_meta(was, is);
		schema_prune(c->res->versions[c->to].schema, is, NULL, NULL);
		schema_default(c->res->versions[c->to].schema, is);
		object_set_type(is, c->res, c->to);
	}
	return NULL;
}

static void on_answer(void *arg, long status, struct slice body, const char *error)
{
	struct convert *c = arg;
	CLEANUP(json_freep) cJSON *answer = NULL;
	CLEANUP(freep) char *why = NULL;
	struct err e = ERR_INIT;
	cJSON *response;

	c->call = NULL;
	if (status == 0)
		why = mem_printf("Post \"%s\": %s", c->why, error);
	else if (status != 200)
		why = mem_printf("the server answered with status %ld: %.*s", status, SLICE_ARG(slice_head(body, 256)));
	else if (json_parse(body, HTTP_ANSWER_MAX_BYTES, &answer, &e) < 0)
		why = mem_printf("couldn't decode the answer: %s", e.msg);
	response = json_get(answer, "response");
	if (!why && !response)
		why = mem_strdup("no response provided");
	if (!why)
		why = accept_answer(c, response);
	if (why) {
		fail(c, why);
		return;
	}
	c->done(c->arg, json_get(response, "convertedObjects"), NULL);
	convert_free(c);
}

/* --- the question --- */

static const char *review_version(const cJSON *conversion)
{
	JSON_EACH(v, json_at(conversion, "webhook.conversionReviewVersions"))
	if (cJSON_IsString(v) && (!strcmp(v->valuestring, "v1") || !strcmp(v->valuestring, "v1beta1")))
		return v->valuestring;
	return "v1";
}

static void print_review(const struct convert *c, struct buf *out)
{
	CLEANUP(json_freep) cJSON *review = cJSON_CreateObject();
	cJSON *request = json_object(review, "request");
	char version[256];

	snprintf(version, sizeof(version), REVIEW "%s", review_version(c->res->conversion));
	json_set_str(review, "kind", "ConversionReview");
	json_set_str(review, "apiVersion", version);
	json_set_str(request, "uid", c->uid);
	json_set_str(request, "desiredAPIVersion", resource_api_version(c->res, c->to, version));
	json_set(request, "objects", cJSON_Duplicate(c->objects, true));
	json_print(review, out);
}

static void on_failed(struct task *t)
{
	struct convert *c = CONTAINER_OF(t, struct convert, failed);

	fail(c, c->why);
}

struct convert *convert_start(struct lab_api *api, struct resource *r, size_t to, const cJSON *const *objects, size_t n,
			      convert_done_fn done, void *arg)
{
	struct convert *c = NEW(struct convert);
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	struct webhook_target t;
	const char *why;

	*c = (struct convert){.api = api, .res = resource_ref(r), .to = to, .done = done, .arg = arg};
	c->objects = cJSON_CreateArray();
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(c->objects, cJSON_Duplicate(objects[i], true));
	rand_uuid(c->uid);
	why = webhook_find(api, json_at(r->conversion, "webhook.clientConfig"), TIMEOUT_S, &c->arena, &t);
	c->why = mem_strdup(why ? why : t.url);
	if (why) {
		task_defer(api->loop, &c->failed, on_failed);
		return c;
	}
	print_review(c, &body);
	c->call = http_call_start(webhook_caller_http(api->webhooks),
				  &(struct http_call_options){.method = "POST",
							      .url = t.url,
							      .headers = webhook_headers,
							      .body = buf_slice(&body),
							      .connect_to = t.connect_to,
							      .ca_pem = t.ca_pem,
							      .timeout_ms = TIMEOUT_S * 1000,
							      .on_done = on_answer,
							      .arg = c});
	return c;
}
