/* What goes out: methods, paths, parameters and bodies of requests. */
#include <curl/curl.h>
#include <stdio.h>

#include "api/kind.h"
#include "base/buf.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "kube/client_internal.h"
#include "msg/json.h"

static const struct {
	const char *method, *content;
} verbs[KUBE_VERB_COUNT] = {
	[KUBE_GET] = {"GET", NULL},
	[KUBE_LIST] = {"GET", NULL},
	[KUBE_WATCH] = {"GET", NULL},
	[KUBE_CREATE] = {"POST", "application/json"},
	[KUBE_UPDATE] = {"PUT", "application/json"},
	[KUBE_APPLY] = {"PATCH", "application/apply-patch+yaml"},
	[KUBE_MERGE_PATCH] = {"PATCH", "application/merge-patch+json"},
	[KUBE_JSON_PATCH] = {"PATCH", "application/json-patch+json"},
	[KUBE_DELETE] = {"DELETE", "application/json"},
};

const char *kube_verb_method(enum kube_verb verb)
{
	return verbs[verb].method;
}

const char *kube_verb_content(enum kube_verb verb)
{
	return verbs[verb].content;
}

static void append_escaped(struct buf *b, const char *text)
{
	char *escaped = curl_easy_escape(NULL, text, (int)strlen(text));

	buf_append_str(b, escaped ? escaped : "");
	curl_free(escaped);
}

static void append_param(struct buf *b, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_printf(b, "%c%s=", memchr(b->ptr, '?', b->len) ? '&' : '?', name);
	append_escaped(b, value);
}

static void append_path(struct buf *b, const struct kube_request *req, const char *version)
{
	const struct api_kind *k = req->kind;

	if (req->path) {
		buf_append_str(b, req->path);
		return;
	}
	if (k->group[0])
		buf_printf(b, "/apis/%s/%s", k->group, version);
	else
		buf_printf(b, "/api/%s", version);
	if (api_kind_namespaced(k) && req->ns && *req->ns) {
		buf_append_str(b, "/namespaces/");
		append_escaped(b, req->ns);
	}
	buf_printf(b, "/%s", k->plural);
	if (req->name && req->verb != KUBE_CREATE && req->verb != KUBE_LIST && req->verb != KUBE_WATCH) {
		buf_append_char(b, '/');
		append_escaped(b, req->name);
	}
	if (req->subresource)
		buf_printf(b, "/%s", req->subresource);
}

static void append_params(struct buf *b, const struct kube_request *req)
{
	bool writes = req->verb >= KUBE_CREATE && req->verb <= KUBE_JSON_PATCH;
	char number[24];

	append_param(b, "labelSelector", req->label_selector);
	append_param(b, "fieldSelector", req->field_selector);
	if (req->verb == KUBE_LIST || req->verb == KUBE_WATCH)
		append_param(b, "resourceVersion", req->resource_version);
	if (req->verb == KUBE_LIST) {
		snprintf(number, sizeof(number), "%d", req->limit ? req->limit : KUBE_LIST_LIMIT);
		append_param(b, "limit", number);
		append_param(b, "continue", req->continue_token);
	}
	if (req->verb == KUBE_WATCH) {
		snprintf(number, sizeof(number), "%lld", (long long)(req->timeout_ms / MS_PER_S));
		append_param(b, "watch", "1");
		append_param(b, "allowWatchBookmarks", "true");
		append_param(b, "timeoutSeconds", req->timeout_ms ? number : NULL);
	}
	if (writes && !req->path)
		append_param(b, "fieldManager", req->field_manager ? req->field_manager : "weft");
	if (req->verb == KUBE_APPLY && req->force)
		append_param(b, "force", "true");
	if (req->dry_run)
		append_param(b, "dryRun", "All");
}

/* What an object of the kind must name as its apiVersion; NULL when the body is none, or says it already. */
static const char *other_version(const struct kube_request *req, const char *version, char out[API_VERSION_TEXT_MAX])
{
	const char *said = json_str(req->body, "apiVersion"), *kind = json_str(req->body, "kind");

	if (!said || !kind || !req->kind || strcmp(kind, req->kind->kind) != 0)
		return NULL;
	snprintf(out, API_VERSION_TEXT_MAX, "%s%s%s", req->kind->group, req->kind->group[0] ? "/" : "", version);
	return strcmp(said, out) != 0 ? out : NULL;
}

char *kube_request_body(const struct kube_request *req, const char *version)
{
	char text_version[API_VERSION_TEXT_MAX];
	cJSON *options;
	char *text;

	if (req->body && other_version(req, version, text_version)) {
		CLEANUP(json_freep) cJSON *body = cJSON_Duplicate(req->body, true);

		json_set_str(body, "apiVersion", text_version);
		return cJSON_PrintUnformatted(body);
	}
	if (req->body)
		return cJSON_PrintUnformatted(req->body);
	if (req->verb != KUBE_DELETE || (!req->precondition_uid && !req->propagation))
		return NULL;
	options = cJSON_CreateObject();
	cJSON_AddStringToObject(options, "kind", "DeleteOptions");
	cJSON_AddStringToObject(options, "apiVersion", "v1");
	if (req->precondition_uid)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(options, "preconditions"), "uid",
					req->precondition_uid);
	if (req->propagation)
		cJSON_AddStringToObject(options, "propagationPolicy", req->propagation);
	text = cJSON_PrintUnformatted(options);
	cJSON_Delete(options);
	return text;
}

char *kube_request_url(const char *server, const struct kube_request *req, const char *version)
{
	struct buf b = BUF_INIT;

	buf_append_str(&b, server);
	append_path(&b, req, version);
	append_params(&b, req);
	return buf_take_str(&b);
}
