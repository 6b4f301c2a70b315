/* Gets and lists: selectors, pages, resourceVersions. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/api/convert.h"
#include "lab/rest/rest_internal.h"

#define CONTINUE_MAX_BYTES 2048

/* --- continue tokens: base64 of {"v":"meta.k8s.io/v1","rv":N,"start":"ns/name\u0000"} --- */

static void print_continue(struct buf *out, uint64_t rv, const char *ns, const char *name, bool in_ns)
{
	CLEANUP(buf_done) struct buf json = BUF_INIT;

	buf_printf(&json, "{\"v\":\"meta.k8s.io/v1\",\"rv\":%llu,\"start\":\"%s%s%s\\u0000\"}", (unsigned long long)rv,
		   in_ns ? "" : ns, in_ns || !*ns ? "" : "/", name);
	base64url_encode(buf_slice(&json), out);
}

struct position {
	uint64_t rv;
	char ns[256], name[512];
};

static cJSON *bad_continue(const char *why)
{
	return status_bad_request("invalid continue token: continue key is not valid: %s", why);
}

/* NULL or a failure. */
static cJSON *parse_continue(const char *token, const char *ns, struct position *ret)
{
	CLEANUP(buf_done) struct buf raw = BUF_INIT;
	const size_t n = strlen(token);

	if (!n || n >= CONTINUE_MAX_BYTES)
		return bad_continue("too long");
	if (base64url_decode(slice_make(token, n), &raw) < 0)
		return bad_continue("illegal base64 data");
	CLEANUP(json_freep) cJSON *j = cJSON_ParseWithLength(buf_str(&raw), raw.len);
	const char *start = json_str(j, "start");

	if (!j) {
		char why[80];

		snprintf(why, sizeof(why), "invalid character '%c' looking for beginning of value", buf_str(&raw)[0]);
		return bad_continue(why);
	}
	if (!start)
		return bad_continue("no start");
	const char *slash = ns && *ns ? NULL : strchr(start, '/');

	ret->rv = (uint64_t)json_int(j, "rv", 0);
	snprintf(ret->ns, sizeof(ret->ns), "%.*s", slash ? (int)(slash - start) : 0, start);
	if (ns && *ns)
		snprintf(ret->ns, sizeof(ret->ns), "%s", ns);
	snprintf(ret->name, sizeof(ret->name), "%s", slash ? slash + 1 : start);
	return NULL;
}

/* --- queries --- */

static const char *query_text(struct web_request *r, const char *name)
{
	struct slice v;

	return web_query(r, name, &v) && v.len ? v.ptr : NULL;
}

/* Fields that selectors may name, beside metadata.name and metadata.namespace. */
static bool field_known(const struct resource *r, const char *path)
{
	static const struct {
		const char *group, *plural, *fields;
	} table[] = {
		{"", "pods",
		 " spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName status.phase "
		 "status.podIP "
		 "status.nominatedNodeName "},
		{"", "events",
		 " involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid "
		 "involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason source type "
		 "reportingComponent "},
		{"", "secrets", " type "},
		{"", "namespaces", " status.phase "},
		{"", "nodes", " spec.unschedulable "},
		{"apps", "replicasets", " status.replicas "},
		{"batch", "jobs", " status.successful "},
		{"project.openshift.io", "projects", " status.phase "},
		{"route.openshift.io", "routes", " spec.host spec.path spec.to.name "},
	};
	char word[300];

	if (strcmp(path, "metadata.name") == 0 || (strcmp(path, "metadata.namespace") == 0))
		return true;
	snprintf(word, sizeof(word), " %s ", path);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(table[i].group, r->group) == 0 && strcmp(table[i].plural, r->plural) == 0)
			return strstr(table[i].fields, word) != NULL;
	return false;
}

cJSON *list_query_parse(struct web_request *r, const struct resource *res, struct list_query *q)
{
	struct err e = ERR_INIT;
	const char *limit = query_text(r, "limit");

	q->limit = limit ? strtoll(limit, NULL, 10) : 0;
	q->continue_token = query_text(r, "continue");
	q->resource_version = query_text(r, "resourceVersion");
	if (label_selector_parse(web_arena(r), query_text(r, "labelSelector"), &q->labels, &e) < 0)
		return status_bad_request("%s", e.msg);
	if (field_selector_parse(web_arena(r), query_text(r, "fieldSelector"), &q->fields, &e) < 0)
		return status_bad_request("%s", e.msg);
	for (size_t i = 0; i < q->fields.n; i++)
		if (!field_known(res, q->fields.terms[i].path))
			return status_bad_request("\"%s\" is not a known field selector: only \"metadata.name\", "
						  "\"metadata.namespace\"",
						  q->fields.terms[i].path);
	return NULL;
}

bool list_query_matches(const struct list_query *q, const struct object *o)
{
	return (!q->ns || !*q->ns || strcmp(q->ns, o->ns) == 0) && (!q->name || strcmp(q->name, o->name) == 0) &&
	       (!q->labels.n || label_selector_matches(&q->labels, json_at(o->json, "metadata.labels"))) &&
	       (!q->fields.n || field_selector_matches(&q->fields, o->json));
}

/* --- objects that a webhook converts first --- */

struct page;

/* A read that waits for it. */
struct waiting {
	struct lab_api *api;
	struct web_request *request;
	struct resource *res; /* referenced */
	size_t version;
	struct output output;
	struct list_query query;
	struct page *page; /* of a list, else NULL */
	struct convert *convert;
};

static void page_free(struct page *p);

static void waiting_free(struct waiting *w)
{
	convert_cancel(w->convert);
	if (w->page)
		page_free(w->page);
	resource_unref(w->res);
	free(w);
}

static void on_gone(struct web_request *r)
{
	waiting_free(r->user);
}

/* Asks for the objects; the answer replies. */
static void wait_for(const struct waiting *what, const cJSON *const *objects, size_t n, convert_done_fn done)
{
	struct waiting *w = NEW(struct waiting);

	*w = *what;
	w->res = resource_ref(what->res);
	w->request->user = w;
	w->request->on_gone = on_gone;
	w->convert = convert_start(w->api, w->res, w->version, objects, n, done, w);
}

/* Whether there was one, which is told. */
static bool refused(struct waiting *w, const cJSON *failure)
{
	w->convert = NULL;
	w->request->on_gone = NULL;
	if (failure)
		rest_reply_status(w->request, cJSON_Duplicate(failure, true));
	return failure != NULL;
}

static void reply_one(struct web_request *r, struct lab_api *api, const struct output *o, const struct resource *res,
		      size_t version, const cJSON *json)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	output_object(api, o, res, version, json, &out);
	buf_append_char(&out, '\n');
	web_reply(r, 200, "application/json", buf_slice(&out));
}

static void on_one(void *arg, cJSON *objects, const cJSON *failure)
{
	struct waiting *w = arg;

	if (!refused(w, failure))
		reply_one(w->request, w->api, &w->output, w->res, w->version, objects->child);
	waiting_free(w);
}

void read_one(struct lab_api *api, struct web_request *r, struct resource *res, size_t version,
	      const struct object *obj, const struct output *o)
{
	const cJSON *json = obj->json;
	struct waiting w = {.api = api, .request = r, .res = res, .version = version, .output = *o};

	if (convert_needed(res, res->storage, version))
		wait_for(&w, &json, 1, on_one);
	else
		reply_one(r, api, o, res, version, json);
}

/* --- lists --- */

struct page {
	struct lab_api *api;
	struct resource *res;
	size_t version;
	const struct output *output;
	VEC(struct object *) objects; /* referenced */
	struct buf items;
	cJSON *table;
	int64_t n, remaining;
	uint64_t rv;
	struct buf next;
};

static void page_free(struct page *p)
{
	for (size_t i = 0; i < p->objects.n; i++)
		object_unref(p->objects.v[i]);
	vec_done(&p->objects);
	cJSON_Delete(p->table);
	buf_done(&p->items);
	buf_done(&p->next);
	free(p);
}

/* An object in its stored form, or json where it was converted. */
static void add_item(struct page *p, const struct object *o, const cJSON *json)
{
	const bool as_it_is = !json && p->output->form == FORM_OBJECT && p->version == p->res->storage;

	if (p->output->form == FORM_TABLE) {
		output_table_add(p->table, p->output, p->res, p->version, json ? json : o->json);
		return;
	}
	if (p->items.len)
		buf_append_char(&p->items, ',');
	if (as_it_is && !p->res->custom) {
		/* Items of built-in lists say neither kind nor apiVersion. */
		buf_append_char(&p->items, '{');
		buf_append(&p->items, o->text + o->body_at, o->text_len - o->body_at);
	} else if (as_it_is) {
		buf_append(&p->items, o->text, o->text_len);
	} else {
		output_object(p->api, p->output, p->res, p->version, json ? json : o->json, &p->items);
	}
}

static void collect(struct page *p, const struct list_query *q, size_t from)
{
	struct bucket *b = p->res->bucket;
	bool in_ns = q->ns && *q->ns;

	for (size_t i = from; i < b->n; i++) {
		const struct object *o = b->v[i];

		if (in_ns && strcmp(o->ns, q->ns) != 0)
			break;
		if (!list_query_matches(q, o))
			continue;
		if (q->limit > 0 && p->n >= q->limit) {
			p->remaining++;
			continue;
		}
		vec_push(&p->objects, object_ref(b->v[i]));
		p->n++;
		if (q->limit > 0 && p->n == q->limit) {
			buf_clear(&p->next);
			print_continue(&p->next, p->rv, o->ns, o->name, in_ns);
		}
	}
}

static void add_list_meta(cJSON *meta, const struct page *p, const struct list_query *q)
{
	char rv[32];

	snprintf(rv, sizeof(rv), "%llu", (unsigned long long)p->rv);
	json_set_str(meta, "resourceVersion", rv);
	if (!p->remaining)
		return;
	json_set_str(meta, "continue", buf_str(&p->next));
	if (!q->labels.n && !q->fields.n)
		json_set_int(meta, "remainingItemCount", p->remaining);
}

static void print_list_text(struct page *p, const struct list_query *q, struct buf *out)
{
	CLEANUP(json_freep) cJSON *head = cJSON_CreateObject();
	char version[256];
	bool partial = p->output->form == FORM_PARTIAL;

	json_set_str(head, "kind", partial ? "PartialObjectMetadataList" : p->res->list_kind);
	json_set_str(head, "apiVersion",
		     partial ? p->output->api_version : resource_api_version(p->res, p->version, version));
	add_list_meta(json_object(head, "metadata"), p, q);
	json_print(head, out);
	out->len--; /* the closing brace */
	buf_append_str(out, ",\"items\":[");
	buf_append_slice(out, buf_slice(&p->items));
	buf_append_str(out, "]}\n");
}

static cJSON *too_new(const char *asked, uint64_t now)
{
	cJSON *s = status_new(504, "Timeout", "Timeout: Too large resource version: %s, current: %llu", asked,
			      (unsigned long long)now);

	status_cause(s, "ResourceVersionTooLarge", "Too large resource version", NULL);
	json_set_int(json_get(s, "details"), "retryAfterSeconds", 1);
	return s;
}

/* Where to begin; NULL or a failure. */
static cJSON *start_of(struct page *p, const struct list_query *q, size_t *ret_from)
{
	const char *asked = q->resource_version;
	struct position at = {0};
	cJSON *fail;

	p->rv = db_revision(p->api->store);
	if (asked && strtoull(asked, NULL, 10) > p->rv)
		return too_new(asked, p->rv);
	*ret_from = q->ns && *q->ns ? db_lower(p->res->bucket, q->ns, "") : 0;
	if (!q->continue_token)
		return NULL;
	fail = parse_continue(q->continue_token, q->ns, &at);
	if (fail)
		return fail;
	*ret_from = db_lower(p->res->bucket, at.ns, at.name);
	const struct bucket *b = p->res->bucket;

	if (*ret_from < b->n && strcmp(b->v[*ret_from]->ns, at.ns) == 0 && strcmp(b->v[*ret_from]->name, at.name) == 0)
		++*ret_from;
	p->rv = at.rv ? at.rv : p->rv;
	return NULL;
}

/* converted: the objects in the page's version, or NULL where they have it. */
static void reply_page(struct web_request *r, struct page *p, const struct list_query *q, const cJSON *converted)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const cJSON *json = converted ? converted->child : NULL;

	if (p->output->form == FORM_TABLE)
		p->table = output_table(p->res, p->version, true);
	for (size_t i = 0; i < p->objects.n; i++, json = json ? json->next : NULL)
		add_item(p, p->objects.v[i], json);
	if (p->table) {
		add_list_meta(json_object(p->table, "metadata"), p, q);
		json_print(p->table, &out);
	} else {
		print_list_text(p, q, &out);
	}
	web_reply(r, 200, "application/json", buf_slice(&out));
}

static void on_page(void *arg, cJSON *objects, const cJSON *failure)
{
	struct waiting *w = arg;

	w->page->output = &w->output;
	if (!refused(w, failure))
		reply_page(w->request, w->page, &w->query, objects);
	waiting_free(w);
}

/* The page is freed with the answer. */
static void convert_page(struct web_request *r, struct page *p, const struct list_query *q)
{
	const struct waiting w = {.api = p->api,
				  .request = r,
				  .res = p->res,
				  .version = p->version,
				  .output = *p->output,
				  .query = *q,
				  .page = p};
	VEC(const cJSON *) objects = {0};

	for (size_t i = 0; i < p->objects.n; i++)
		vec_push(&objects, p->objects.v[i]->json);
	wait_for(&w, objects.v, objects.n, on_page);
	vec_done(&objects);
}

void read_list(struct lab_api *api, struct web_request *r, struct resource *res, size_t version,
	       const struct list_query *q, const struct output *o)
{
	struct page *p = NEW(struct page);
	size_t from = 0;
	cJSON *fail;

	*p = (struct page){.api = api, .res = res, .version = version, .output = o};
	fail = start_of(p, q, &from);
	if (fail) {
		if (status_code(fail) == 504)
			web_add_header(r, "Retry-After", "1");
		rest_reply_status(r, fail);
		page_free(p);
		return;
	}
	collect(p, q, from);
	if (p->objects.n && convert_needed(res, res->storage, version)) {
		convert_page(r, p, q);
		return;
	}
	reply_page(r, p, q, NULL);
	page_free(p);
}
