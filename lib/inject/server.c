/* The webhooks' HTTPS server: admission reviews in, admission reviews out. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/log.h"
#include "base/mem.h"
#include "inject/internal.h"
#include "validate/validate.h"

#define REVIEW_MAX_BYTES (8u << 20)

void inject_answer(const char *api_version, const char *uid, const char *reason, cJSON *patch, cJSON *warnings,
		   struct buf *out)
{
	cJSON *o = cJSON_CreateObject(), *r, *status;

	cJSON_AddStringToObject(o, "kind", "AdmissionReview");
	cJSON_AddStringToObject(o, "apiVersion", api_version ? api_version : "admission.k8s.io/v1");
	r = cJSON_AddObjectToObject(o, "response");
	cJSON_AddStringToObject(r, "uid", uid ? uid : "");
	cJSON_AddBoolToObject(r, "allowed", !reason);
	if (reason) {
		status = cJSON_AddObjectToObject(r, "status");
		cJSON_AddStringToObject(status, "message", reason);
		cJSON_AddStringToObject(status, "reason", "BadRequest");
		cJSON_AddNumberToObject(status, "code", 400);
	}
	if (patch) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		CLEANUP(buf_done) struct buf b64 = BUF_INIT;

		json_print(patch, &text);
		base64_encode(buf_slice(&text), &b64);
		cJSON_AddStringToObject(r, "patchType", "JSONPatch");
		cJSON_AddStringToObject(r, "patch", buf_str(&b64));
		cJSON_Delete(patch);
	}
	if (warnings && warnings->child)
		cJSON_AddItemToObject(r, "warnings", warnings);
	else
		cJSON_Delete(warnings);
	json_print(o, out);
	cJSON_Delete(o);
}

void inject_review(struct inject *i, struct slice body, struct buf *out)
{
	CLEANUP(json_freep) cJSON *review = NULL;
	const char *ns, *uid, *version;
	const cJSON *pod;
	cJSON *patch = NULL, *warnings = NULL;
	struct err e = ERR_INIT;

	i->requests++;
	if (json_parse(body, REVIEW_MAX_BYTES, &review, &e) < 0) {
		i->failure++;
		inject_answer(NULL, NULL, e.msg, NULL, NULL, out);
		return;
	}
	version = json_str(review, "apiVersion");
	uid = json_str(review, "request.uid");
	ns = json_str(review, "request.namespace");
	pod = json_at(review, "request.object");
	if (inject_pod(i, pod, ns ? ns : "", &patch, &warnings, &e) < 0) {
		i->failure++;
		log_warn("inject", "%s/%s: %s", ns ? ns : "", json_str(pod, "metadata.generateName") ?: "", e.msg);
		inject_answer(version, uid, e.msg, NULL, warnings, out);
		return;
	}
	if (patch)
		i->success++;
	else
		i->skip++;
	log_debug("inject", "%s: %s", ns ? ns : "", patch ? "injected" : "left alone");
	inject_answer(version, uid, NULL, patch, warnings, out);
}

/* --- validation --- */

struct findings {
	struct buf errors;
	int n;
	cJSON *warnings;
};

static void on_error(void *arg, const char *path, const char *text)
{
	struct findings *f = arg;

	buf_printf(&f->errors, "\t* %s%s%s\n", path, *path ? ": " : "", text);
	f->n++;
}

static void on_warning(void *arg, const char *path, const char *text)
{
	struct findings *f = arg;
	CLEANUP(freep) char *line = mem_printf("%s%s%s", path, *path ? ": " : "", text);

	cJSON_AddItemToArray(f->warnings, cJSON_CreateString(line));
}

/* "configuration is invalid: a", or the list form for several. */
static char *wording(const struct findings *f)
{
	if (f->n == 1)
		return mem_printf("configuration is invalid: %.*s", (int)f->errors.len - 4, f->errors.ptr + 3);
	return mem_printf("configuration is invalid: %d errors occurred:\n%s\n", f->n, buf_str(&f->errors));
}

static void check(struct inject *i, const cJSON *review, struct buf *out)
{
	const char *version = json_str(review, "apiVersion"), *uid = json_str(review, "request.uid");
	const char *operation = json_str(review, "request.operation");
	CLEANUP(api_object_unrefp) struct api_object *o = NULL;
	struct findings f = {.warnings = cJSON_CreateArray()};
	CLEANUP(freep) char *reason = NULL;
	struct err e = ERR_INIT;

	if (operation && strcmp(operation, "DELETE") != 0 &&
	    api_object_decode(json_at(review, "request.object"), NULL, NULL, &o, &e) < 0)
		reason = mem_printf("cannot decode configuration: %s", e.msg);
	if (o) {
		validate_object(o, on_error, on_warning, &f);
		validate_unsupported(o, on_warning, &f);
	}
	if (f.n)
		reason = wording(&f);
	if (reason)
		i->invalid++;
	else
		i->valid++;
	inject_answer(version, uid, reason, NULL, f.warnings, out);
	buf_done(&f.errors);
}

void inject_validate_review(struct inject *i, struct slice body, struct buf *out)
{
	CLEANUP(json_freep) cJSON *review = NULL;
	struct err e = ERR_INIT;

	if (json_parse(body, REVIEW_MAX_BYTES, &review, &e) == 0) {
		check(i, review, out);
		return;
	}
	i->invalid++;
	inject_answer(NULL, NULL, e.msg, NULL, NULL, out);
}

/* --- server --- */

static void on_request(void *user, struct web_request *r)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct inject *i = user;

	if (slice_eq_str(r->path, "/inject") || slice_starts(r->path, SLICE("/inject/")))
		inject_review(i, r->body, &out);
	else if (slice_eq_str(r->path, "/validate"))
		inject_validate_review(i, r->body, &out);
	else if (slice_eq_str(r->path, "/httpsReady"))
		web_reply_text(r, 200, "");
	else
		web_reply_text(r, 404, "404 page not found\n");
	if (out.len)
		web_reply(r, 200, "application/json", buf_slice(&out));
}

struct inject *inject_new(struct loop *l, struct store *s, const struct inject_config *cfg)
{
	struct inject *i = NEW(struct inject);

	i->loop = l;
	i->store = s;
	i->cfg = *cfg;
	return i;
}

void inject_set_cluster_version(struct inject *i, int major, int minor)
{
	i->native_sidecars = i->cfg.native_sidecars && (major > 1 || (major == 1 && minor >= 29));
}

void inject_free(struct inject *i)
{
	if (!i)
		return;
	web_server_free(i->web);
	free(i);
}

int inject_set_cert(struct inject *i, struct slice chain_pem, struct slice key_pem, struct err *e)
{
	const struct web_config c = {
		.on_request = on_request, .user = i, .cert_pem = chain_pem, .key_pem = key_pem, .tls = i->cfg.tls};
	struct addr a;
	int r;

	if (i->web)
		return web_server_set_cert(i->web, chain_pem, key_pem, e);
	r = addr_parse(slice_str(i->cfg.host), i->cfg.port, &a);
	if (r < 0)
		return err_set(e, r, "%s is no address", i->cfg.host);
	i->web = web_server_new(i->loop, &c, e);
	if (!i->web)
		return -EINVAL;
	r = web_server_listen(i->web, &a, e);
	if (r >= 0)
		return 0;
	web_server_free(take(i->web));
	return r;
}

static void counter(struct buf *out, const char *name, uint64_t v)
{
	buf_printf(out, "# TYPE %s counter\n%s %llu\n", name, name, (unsigned long long)v);
}

void inject_metrics(const struct inject *i, struct buf *out)
{
	counter(out, "sidecar_injection_requests_total", i->requests);
	counter(out, "sidecar_injection_success_total", i->success);
	counter(out, "sidecar_injection_failure_total", i->failure);
	counter(out, "sidecar_injection_skip_total", i->skip);
	counter(out, "galley_validation_passed", i->valid);
	counter(out, "galley_validation_failed", i->invalid);
}
