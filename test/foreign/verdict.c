/*
 * Says what the webhooks say of objects. Reads cases from standard input, JSON, one a line, and prints a verdict for
 * each:
 *   {"object": ...} or {"yaml": "..."}  weftd's /validate, for Istio's kinds
 *   {"request": ..., "world": [...], "rights": {"cluster": bool, "namespace": bool, "error": bool}}
 *                                       the operator's validating webhook; world is what its store holds
 * -> {"valid": bool, "code": number, "message": "...", "warnings": n, "rights": n}
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/object.h"
#include "inject/internal.h"
#include "validate/validate.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/webhook/admission.h"

#define LINE_MAX_BYTES (16u << 20)

static void count(void *arg, const char *path, const char *text)
{
	(void)path;
	(void)text;
	++*(int *)arg;
}

/* Warnings that validation itself gives; the webhook adds those about what is not carried out. */
static int warnings_of(const cJSON *object)
{
	struct api_object *o = NULL;
	int n = 0;

	if (api_object_decode(object, NULL, NULL, &o, NULL) == 0) {
		validate_object(o, NULL, count, &n);
		api_object_unref(o);
	}
	return n;
}

static cJSON *judge_object(struct inject *i, cJSON *object)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT, out = BUF_INIT;
	CLEANUP(json_freep) cJSON *review = cJSON_CreateObject(), *answer = NULL;
	cJSON *request = cJSON_AddObjectToObject(review, "request"), *ret = cJSON_CreateObject();
	const char *message;

	cJSON_AddStringToObject(review, "apiVersion", "admission.k8s.io/v1");
	cJSON_AddStringToObject(request, "uid", "1");
	cJSON_AddStringToObject(request, "operation", "CREATE");
	cJSON_AddItemReferenceToObject(request, "object", object);
	json_print(review, &body);
	inject_validate_review(i, buf_slice(&body), &out);
	if (json_parse(buf_slice(&out), LINE_MAX_BYTES, &answer, NULL) < 0)
		abort();
	cJSON_AddBoolToObject(ret, "valid", json_true(answer, "response.allowed"));
	message = json_str(answer, "response.status.message");
	cJSON_AddStringToObject(ret, "message", message ? message : "");
	cJSON_AddNumberToObject(ret, "warnings", warnings_of(object));
	return ret;
}

static void fill_store(struct store *s, const cJSON *world)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, world)
	{
		struct api_object *o = NULL;

		if (api_object_decode(item, NULL, NULL, &o, NULL) == 0)
			store_put(s, o);
	}
}

static bool granted(const struct admission_verdict *v, const cJSON *rights)
{
	for (size_t i = 0; i < v->rights.n; i++)
		if (!cJSON_IsTrue(json_get(rights, v->rights.v[i].ns ? "namespace" : "cluster")))
			return false;
	return true;
}

static cJSON *judge_request(const cJSON *line, const cJSON *request)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	struct admission_request r = {0};
	struct store *s = store_new();
	const char *ns = json_str(line, "operatorNamespace");
	struct admission_input in = {
		.store = s, .operator_ns = ns ? ns : "openshift-operators", .request = &r, .arena = &arena};
	struct admission_verdict v;
	cJSON *ret = cJSON_CreateObject();
	struct err e = ERR_INIT;

	fill_store(s, json_at(line, "world"));
	if (msg_from_json(&admission_request_desc, &r, request, &arena, &e) < 0) {
		cJSON_AddBoolToObject(ret, "valid", false);
		cJSON_AddStringToObject(ret, "message", e.msg);
		store_free(s);
		return ret;
	}
	admission_validate(&in, &v);
	cJSON_AddBoolToObject(ret, "valid", v.allowed && granted(&v, json_at(line, "rights")));
	cJSON_AddNumberToObject(ret, "code", v.code);
	cJSON_AddStringToObject(ret, "message", v.message);
	cJSON_AddNumberToObject(ret, "warnings", v.warnings.len ? 1 : 0);
	cJSON_AddNumberToObject(ret, "rights", (double)v.rights.n);
	admission_verdict_done(&v);
	store_free(s);
	return ret;
}

static void judge_line(struct inject *i, struct slice text)
{
	CLEANUP(json_freep) cJSON *line = NULL, *ret = NULL, *parsed = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	cJSON *object, *request;

	if (json_parse(text, LINE_MAX_BYTES, &line, &e) < 0) {
		fprintf(stderr, "verdict: %s\n", e.msg);
		exit(2);
	}
	object = json_get(line, "object");
	if (json_str(line, "yaml")) {
		if (yaml_parse(slice_str(json_str(line, "yaml")), &parsed, &e) < 0)
			fprintf(stderr, "verdict: %s\n", e.msg);
		object = parsed;
	}
	request = json_get(line, "request");
	ret = request ? judge_request(line, request) : judge_object(i, object);
	json_print(ret, &out);
	printf("%s\n", buf_str(&out));
}

int main(void)
{
	const struct inject_config cfg = {.ns = "istio-system", .revision = "basic"};
	struct store *s = store_new();
	struct inject *i = inject_new(NULL, s, &cfg);
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, stdin)) > 0)
		judge_line(i, slice_make(line, (size_t)n));
	free(line);
	inject_free(i);
	store_free(s);
	return 0;
}
