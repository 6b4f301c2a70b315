/*
 * Calls of the client: each is answered in a turn of its own, from memory. A watch stays, and is told what changed
 * since the version that it was told last: an object that is there, a removal of one that is not.
 *
 *   started --task--> answered                  a watch: --> told, told, ... --its time is over--> answered
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "files/internal.h"
#include "msg/selector.h"

struct call {
	struct list link;
	struct files *f;
	struct kube_call *call;
	struct task task;
	struct kube_asked asked;
	bool watching;
	uint64_t told;
	struct timer end;
	struct arena arena;
	struct field_selector fields;
};

/* --- answers --- */

static void add_type(cJSON *o, const char *kind)
{
	json_set_str(o, "kind", kind);
	json_set_str(o, "apiVersion", "v1");
}

static cJSON *status_of(const struct reply *r)
{
	cJSON *s = cJSON_CreateObject();

	add_type(s, "Status");
	json_set_str(s, "status", "Failure");
	json_set_str(s, "reason", r->reason);
	json_set_str(s, "message", r->text);
	json_set_int(s, "code", r->status);
	return s;
}

/* Takes the body. */
static void send_reply(struct call *c, struct reply *r)
{
	CLEANUP(json_freep) cJSON *body = r->reason ? status_of(r) : take(r->body);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct kube_call *call = c->call;

	cJSON_Delete(r->body);
	if (body)
		json_print(body, &text);
	(void)kube_call_take(call, r->status, buf_slice(&text));
	if (text.len)
		explicit_bzero(text.ptr, text.len);
	kube_call_finish(call, r->status, 0, NULL); /* on_stop frees c */
}

static bool is_wanted(const struct call *c, const struct object *o)
{
	return (!c->asked.req.ns || slice_eq_str(object_ns(o), c->asked.req.ns)) &&
	       field_selector_matches(&c->fields, o->json);
}

static void list(struct call *c, struct reply *r)
{
	const struct shelf *s = memory_shelf(&c->f->memory, c->asked.req.kind);
	struct map_entry *e;
	char version[24];
	cJSON *items;

	snprintf(version, sizeof(version), "%llu", (unsigned long long)c->f->memory.version);
	r->status = 200;
	r->body = cJSON_CreateObject();
	add_type(r->body, "List");
	json_set_str(json_object(r->body, "metadata"), "resourceVersion", version);
	items = json_array(r->body, "items");
	for (size_t i = 0; (e = map_next(&s->objects, &i));) {
		const struct object *o = e->value;

		if (is_wanted(c, o))
			cJSON_AddItemReferenceToArray(items, o->json);
	}
}

static void get(struct call *c, struct reply *r)
{
	const struct kube_request *req = &c->asked.req;
	const struct object *o = memory_get(&c->f->memory, req->kind, req->ns, req->name);

	if (!o) {
		reply_fail(r, 404, "NotFound", "%s %s/%s is not there", req->kind->kind, req->ns ? req->ns : "",
			   req->name);
		return;
	}
	r->status = 200;
	r->body = cJSON_Duplicate(o->json, true);
}

/* "/apis/GROUP/VERSION": which kinds there are. */
static void resources(struct call *c, struct reply *r)
{
	struct slice rest = slice_str(c->asked.req.path), group = SLICE("");
	cJSON *list;

	slice_split(&rest, '/');
	if (slice_eq_str(slice_split(&rest, '/'), "apis"))
		group = slice_split(&rest, '/');
	r->body = cJSON_CreateObject();
	list = json_array(r->body, "resources");
	for (size_t i = 0; files_kind(i); i++) {
		const struct api_kind *k = files_kind(i);
		bool version = false;

		for (size_t v = 0; k->versions[v]; v++)
			version |= slice_eq_str(rest, k->versions[v]);
		if (!version || !slice_eq_str(group, k->group))
			continue;
		cJSON_AddItemToArray(list, cJSON_CreateObject());
		json_set_str(cJSON_GetArrayItem(list, cJSON_GetArraySize(list) - 1), "name", k->plural);
	}
	r->status = 200;
	if (!list->child)
		reply_fail(r, 404, "NotFound", "nothing of it is served");
}

/* --- watches --- */

static void add_event(struct buf *out, const char *type, const cJSON *object)
{
	buf_printf(out, "{\"type\":\"%s\",\"object\":", type);
	json_print(object, out);
	buf_append_str(out, "}\n");
}

static void add_removal(struct buf *out, const char *key, uint64_t version)
{
	CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();
	cJSON *meta = json_object(o, "metadata");
	struct slice name = slice_str(key), ns = slice_split(&name, '/');
	CLEANUP(freep) char *ns_text = mem_printf("%.*s", SLICE_ARG(ns));
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)version);
	if (ns.len)
		json_set_str(meta, "namespace", ns_text);
	if (name.len)
		json_set_str(meta, "name", name.ptr);
	json_set_str(meta, "resourceVersion", text);
	add_event(out, name.len ? "DELETED" : "BOOKMARK", o);
}

static void add_news(struct call *c, struct buf *out)
{
	const struct kube_request *req = &c->asked.req;
	struct memory *m = &c->f->memory;
	struct shelf *s = memory_shelf(m, req->kind);
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&s->objects, &i));) {
		const struct object *o = e->value;

		if (o->version > c->told && (!req->ns || slice_eq_str(object_ns(o), req->ns)))
			add_event(out, field_selector_matches(&c->fields, o->json) ? "MODIFIED" : "DELETED", o->json);
	}
	for (size_t i = 0; i < m->departed.n; i++) {
		const struct departed *d = &m->departed.v[i];

		if (d->kind == req->kind && d->version > c->told && !map_get(&s->objects, slice_str(d->key)))
			add_removal(out, d->key, d->version);
	}
}

static void tell(struct call *c)
{
	struct memory *m = &c->f->memory;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct reply gone = {.status = 410, .reason = "Expired", .text = "too old a version"};
	CLEANUP(json_freep) cJSON *expired = NULL;

	if (memory_shelf(m, c->asked.req.kind)->version <= c->told)
		return;
	if (c->told < m->forgotten) {
		expired = status_of(&gone);
		add_event(&out, "ERROR", expired);
	} else {
		add_news(c, &out);
		add_removal(&out, "", m->version);
	}
	c->told = m->version;
	if (!kube_call_take(c->call, 200, buf_slice(&out)) || expired)
		kube_call_finish(c->call, 200, 0, NULL);
}

static void on_tell(struct task *t)
{
	struct files *f = CONTAINER_OF(t, struct files, tell);
	struct call *c, *next;

	LIST_EACH_SAFE (c, next, &f->calls, link)
		if (c->watching)
			tell(c);
}

void files_changed(struct files *f)
{
	task_defer(f->loop, &f->tell, on_tell);
}

static void on_end(struct timer *t)
{
	kube_call_finish(CONTAINER_OF(t, struct call, end)->call, 200, 0, NULL);
}

static void begin_watch(struct call *c)
{
	const struct kube_request *req = &c->asked.req;
	uint64_t from = 0;

	(void)slice_to_u64(slice_str(req->resource_version), UINT64_MAX, &from);
	c->watching = true;
	c->told = from;
	timer_start(c->f->loop, &c->end, req->timeout_ms, on_end);
	files_changed(c->f);
}

/* --- calls --- */

static void carry_out(struct call *c, struct reply *r)
{
	const struct kube_request *req = &c->asked.req;

	if (!req->kind && (!strcmp(req->path, "/readyz") || !strcmp(req->path, "/version")))
		*r = (struct reply){.status = 200, .body = cJSON_CreateObject()};
	else if (!req->kind)
		resources(c, r);
	else if (req->kind->flags & API_VIRTUAL)
		files_review(c->f, &c->asked, r);
	else if (req->verb == KUBE_LIST)
		list(c, r);
	else if (req->verb == KUBE_GET)
		get(c, r);
	else
		files_write(c->f, &c->asked, r);
}

static void on_call(struct task *t)
{
	struct call *c = CONTAINER_OF(t, struct call, task);
	struct reply r = {0};
	struct err e = ERR_INIT;

	if (kube_call_asked(c->call, &c->asked, &e) < 0 ||
	    field_selector_parse(&c->arena, c->asked.req.field_selector, &c->fields, &e) < 0)
		reply_fail(&r, 400, "BadRequest", "%s", e.msg);
	else if (c->asked.req.verb == KUBE_WATCH && c->asked.req.kind) {
		begin_watch(c);
		return;
	} else {
		carry_out(c, &r);
	}
	send_reply(c, &r);
}

static void on_start(struct kube_transport *t, struct kube_call *call)
{
	struct files *f = CONTAINER_OF(t, struct files, transport);
	struct call *c = NEW(struct call);

	c->f = f;
	c->call = call;
	kube_call_set_carrier(call, c);
	list_append(&f->calls, &c->link);
	task_defer(f->loop, &c->task, on_call);
}

static void on_stop(struct kube_transport *t, struct kube_call *call)
{
	struct call *c = kube_call_carrier(call);

	(void)t;
	task_cancel(&c->task);
	timer_stop(&c->end);
	list_remove(&c->link);
	kube_asked_done(&c->asked);
	arena_done(&c->arena);
	free(c);
}

void files_serve_init(struct files *f)
{
	f->transport = (struct kube_transport){on_start, on_stop};
	list_init(&f->calls);
}
