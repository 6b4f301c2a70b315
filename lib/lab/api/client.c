/* The in-process client: see api.h. Writes are ops that start from a task; watches read the store's window. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/api/op.h"

uint64_t lab_resource_version(const cJSON *object)
{
	const char *rv = json_str(object, "metadata.resourceVersion");

	return rv ? strtoull(rv, NULL, 10) : 0;
}

static struct resource *find(struct lab_api *api, const struct gvr *r)
{
	int v;

	return resources_find(&api->resources, r->group, r->version, r->resource, &v);
}

const cJSON *lab_get(struct lab_api *api, const struct gvr *r, const char *ns, const char *name)
{
	struct resource *res = find(api, r);
	struct object *o = res ? db_get(res->bucket, ns, name) : NULL;

	return o ? o->json : NULL;
}

int lab_list(struct lab_api *api, const struct gvr *r, const char *ns, const char *selector,
	     void (*fn)(void *arg, const cJSON *object), void *arg)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct resource *res = find(api, r);
	struct label_selector labels = {0};
	int n = 0;

	if (!res)
		return -ENOENT;
	if (label_selector_parse(&a, selector, &labels, NULL) < 0)
		return -EINVAL;
	for (size_t i = ns ? db_lower(res->bucket, ns, "") : 0; i < res->bucket->n; i++) {
		struct object *o = res->bucket->v[i];

		if (ns && strcmp(o->ns, ns) != 0)
			break;
		if (!label_selector_matches(&labels, json_at(o->json, "metadata.labels")))
			continue;
		fn(arg, o->json);
		n++;
	}
	return n;
}

/* --- resources --- */

static bool holds_objects(const struct resource *r)
{
	return r->established && !r->virtual && !r->view_of && r->n_versions;
}

static struct lab_resource public_resource(const struct resource *r)
{
	return (struct lab_resource){
		{r->group, r->versions[r->storage].name, r->plural}, r->api, r->kind, r->namespaced};
}

void lab_resources_each(struct lab_api *api, void (*fn)(void *arg, const struct lab_resource *r), void *arg)
{
	size_t n;
	struct resource **v = resources_sorted(&api->resources, &n);

	for (size_t i = 0; i < n; i++) {
		struct lab_resource r;

		if (!holds_objects(v[i]))
			continue;
		r = public_resource(v[i]);
		fn(arg, &r);
	}
	free(v);
}

bool lab_resource_find(struct lab_api *api, const char *api_version, const char *kind, struct lab_resource *ret)
{
	const char *slash = strchr(api_version, '/');
	CLEANUP(freep) char *group = slash ? strndup(api_version, (size_t)(slash - api_version)) : mem_strdup("");
	const struct resource *r = resources_by_kind(&api->resources, group, kind);

	if (!r || !holds_objects(r))
		return false;
	*ret = public_resource(r);
	return true;
}

/* --- writes --- */

struct client_call {
	lab_done_fn done;
	void *arg;
	struct task task; /* for calls that fail before there is an op */
	cJSON *failure;
};

static void call_done(struct op *op, int status, const cJSON *result)
{
	struct client_call *call = op->arg;

	if (call->done)
		call->done(call->arg, status, result);
	free(call);
}

static void call_failed(struct task *t)
{
	struct client_call *call = CONTAINER_OF(t, struct client_call, task);

	if (call->done)
		call->done(call->arg, status_code(call->failure), call->failure);
	cJSON_Delete(call->failure);
	free(call);
}

static void start_op(struct task *t)
{
	op_start(CONTAINER_OF(t, struct op, task));
}

struct client_write {
	enum verb verb;
	const char *ns, *name, *sub;
	enum lab_patch patch;
	cJSON *body;
	const struct lab_delete_options *options;
	lab_done_fn done;
	void *arg;
};

static void submit(const struct lab_client *c, const struct gvr *r, const struct client_write *w)
{
	struct client_call *call = NEW(struct client_call);
	int v = -1;
	struct resource *res = resources_find(&c->api->resources, r->group, r->version, r->resource, &v);

	call->done = w->done;
	call->arg = w->arg;
	if (!res || v < 0) {
		call->failure = status_new(404, "NotFound", "the server could not find the requested resource");
		cJSON_Delete(w->body);
		task_defer(c->api->loop, &call->task, call_failed);
		return;
	}
	struct op *op = op_new(c->api, w->verb, res, (size_t)v);
	static const char *const masters[] = {"system:masters", "system:authenticated", NULL};

	op->ns = res->namespaced ? arena_strdup(&op->arena, w->ns ? w->ns : "") : "";
	op->name = arena_strdup(&op->arena, w->name);
	op->sub = arena_strdup(&op->arena, w->sub);
	op->user = (struct user){.name = c->user, .groups = masters, .n_groups = 2};
	op->manager = c->manager;
	op->force = true;
	op->body = w->body;
	op->patch = w->patch;
	if (w->options) {
		op->delete_options.grace_s = w->options->grace_s;
		op->delete_options.uid = arena_strdup(&op->arena, w->options->uid);
		op->delete_options.propagation = arena_strdup(&op->arena, w->options->propagation);
	}
	op->done = call_done;
	op->arg = call;
	task_defer(c->api->loop, &op->task, start_op);
}

void lab_create(const struct lab_client *c, const struct gvr *r, const char *ns, cJSON *object, lab_done_fn done,
		void *arg)
{
	submit(c, r, &(struct client_write){.verb = VERB_CREATE, .ns = ns, .body = object, .done = done, .arg = arg});
}

void lab_update(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
		const char *subresource, cJSON *object, lab_done_fn done, void *arg)
{
	submit(c, r,
	       &(struct client_write){.verb = VERB_UPDATE,
				      .ns = ns,
				      .name = name,
				      .sub = subresource,
				      .body = object,
				      .done = done,
				      .arg = arg});
}

void lab_patch(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
	       const char *subresource, enum lab_patch type, cJSON *patch, lab_done_fn done, void *arg)
{
	submit(c, r,
	       &(struct client_write){.verb = VERB_PATCH,
				      .ns = ns,
				      .name = name,
				      .sub = subresource,
				      .patch = type,
				      .body = patch,
				      .done = done,
				      .arg = arg});
}

void lab_delete(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
		const struct lab_delete_options *o, lab_done_fn done, void *arg)
{
	submit(c, r,
	       &(struct client_write){
		       .verb = VERB_DELETE, .ns = ns, .name = name, .options = o, .done = done, .arg = arg});
}

/* --- watches --- */

struct lab_watch {
	struct db_watcher watcher; /* linked once the resource is served */
	struct list link;
	struct lab_api *api;
	struct gvr gvr;
	char *ns;
	struct arena arena;
	struct label_selector labels;
	struct field_selector fields;
	void (*fn)(void *arg, enum lab_event event, const cJSON *object);
	void *arg;
	struct task begin;
	bool *stopped; /* set while fn runs */
};

static bool watch_wants(const struct lab_watch *w, const struct object *o)
{
	return (!w->ns || strcmp(w->ns, o->ns) == 0) &&
	       label_selector_matches(&w->labels, json_at(o->json, "metadata.labels")) &&
	       field_selector_matches(&w->fields, o->json);
}

/* Calls back; false when the watch was stopped inside. */
static bool tell(struct lab_watch *w, enum lab_event event, const cJSON *json)
{
	bool stopped = false;

	w->stopped = &stopped; /* cppcheck-suppress autoVariables ; taken back below */
	w->fn(w->arg, event, json);
	if (!stopped)
		w->stopped = NULL;
	return !stopped;
}

static bool tell_change(struct lab_watch *w, const struct db_event *ev)
{
	bool was = ev->old && watch_wants(w, ev->old);
	bool is = ev->change != DB_DELETED && watch_wants(w, ev->object);
	CLEANUP(object_unrefp) struct object *hold = object_ref(ev->object);

	if (!was && !is)
		return true;
	return tell(w, is ? was ? LAB_MODIFIED : LAB_ADDED : LAB_DELETED, hold->json);
}

static void on_events(struct db_watcher *sw)
{
	struct lab_watch *w = CONTAINER_OF(sw, struct lab_watch, watcher);
	const struct db_event *ev;
	bool gone;

	while ((ev = db_next(w->api->store, sw, &gone))) {
		sw->seen = ev->rv;
		if (!tell_change(w, ev))
			return;
	}
}

/* First the objects that exist, from a copy of the list: callbacks may write. */
static void begin_watch(struct task *t)
{
	struct lab_watch *w = CONTAINER_OF(t, struct lab_watch, begin);
	struct bucket *b = db_bucket(w->api->store, w->gvr.group, w->gvr.resource);
	VEC(struct object *) now = {0};
	bool alive = true;

	for (size_t i = 0; i < b->n; i++)
		if (watch_wants(w, b->v[i]))
			vec_push(&now, object_ref(b->v[i]));
	w->watcher.on_events = on_events;
	w->watcher.keep_window = true;
	db_watch(w->api->store, &w->watcher, b, db_revision(w->api->store));
	for (size_t i = 0; i < now.n; i++) {
		alive = alive && tell(w, LAB_ADDED, now.v[i]->json);
		object_unref(now.v[i]);
	}
	vec_done(&now);
	if (alive)
		tell(w, LAB_SYNCED, NULL);
}

struct lab_watch *lab_watch_start(struct lab_api *api, const struct gvr *r, const char *ns, const char *label_selector,
				  const char *field_selector,
				  void (*fn)(void *arg, enum lab_event event, const cJSON *object), void *arg,
				  struct err *e)
{
	struct lab_watch *w = NEW(struct lab_watch);

	w->api = api;
	w->fn = fn;
	w->arg = arg;
	list_append(&api->client_watches, &w->link);
	if (label_selector_parse(&w->arena, label_selector, &w->labels, e) < 0 ||
	    field_selector_parse(&w->arena, field_selector, &w->fields, e) < 0) {
		lab_watch_stop(w);
		return NULL;
	}
	w->gvr = (struct gvr){arena_strdup(&w->arena, r->group), arena_strdup(&w->arena, r->version),
			      arena_strdup(&w->arena, r->resource)};
	w->ns = arena_strdup(&w->arena, ns);
	task_defer(api->loop, &w->begin, begin_watch);
	return w;
}

void lab_watch_stop(struct lab_watch *w)
{
	if (!w)
		return;
	if (w->stopped)
		*w->stopped = true;
	task_cancel(&w->begin);
	db_unwatch(&w->watcher);
	list_remove(&w->link);
	arena_done(&w->arena);
	free(w);
}

void client_watches_detach(struct lab_api *api)
{
	while (!list_empty(&api->client_watches)) {
		struct lab_watch *w = LIST_FIRST(&api->client_watches, struct lab_watch, link);

		task_cancel(&w->begin);
		db_unwatch(&w->watcher);
		list_remove(&w->link);
	}
}

/* --- events --- */

struct same_event {
	const char *uid, *reason, *message;
	const cJSON *found;
};

static void match_event(void *arg, const cJSON *ev)
{
	struct same_event *s = arg;
	const char *uid = json_str(ev, "involvedObject.uid"), *reason = json_str(ev, "reason"),
		   *message = json_str(ev, "message");

	if (uid && reason && message && strcmp(uid, s->uid) == 0 && strcmp(reason, s->reason) == 0 &&
	    strcmp(message, s->message) == 0)
		s->found = ev;
}

static void count_event(const struct lab_client *c, const char *ns, const cJSON *ev)
{
	cJSON *patch = cJSON_CreateObject();
	char now[CLOCK_TEXT_MAX];

	json_set_int(patch, "count", json_int(ev, "count", 1) + 1);
	json_set_str(patch, "lastTimestamp", clock_now_text(now));
	lab_patch(c, GVR(event), ns, json_str(ev, "metadata.name"), NULL, LAB_PATCH_MERGE, patch, NULL, NULL);
}

static void new_event(const struct lab_client *c, const char *ns, const cJSON *about, const struct same_event *what,
		      const char *type, const char *component)
{
	static const char *const from_meta[] = {"namespace", "name", "uid", "resourceVersion"};
	cJSON *ev = cJSON_CreateObject(), *ref = json_object(ev, "involvedObject");
	char now[CLOCK_TEXT_MAX];
	CLEANUP(freep)
	char *name = mem_printf("%.200s.%llx", json_str(about, "metadata.name"), (unsigned long long)clock_wall_ns());

	json_set_str(json_object(ev, "metadata"), "name", name);
	json_copy_member(ref, about, "kind");
	json_copy_member(ref, about, "apiVersion");
	for (size_t i = 0; i < ARRAY_LEN(from_meta); i++)
		json_copy_member(ref, json_get(about, "metadata"), from_meta[i]);
	json_set_str(ev, "reason", what->reason);
	json_set_str(ev, "message", what->message);
	json_set_str(json_object(ev, "source"), "component", component);
	json_set_str(ev, "firstTimestamp", clock_now_text(now));
	json_set_str(ev, "lastTimestamp", now);
	json_set_int(ev, "count", 1);
	json_set_str(ev, "type", type);
	lab_create(c, GVR(event), ns, ev, NULL, NULL);
}

void lab_event_record(const struct lab_client *c, const cJSON *about, const char *type, const char *reason,
		      const char *component, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf message = BUF_INIT;
	const char *ns = json_str(about, "metadata.namespace"), *uid = json_str(about, "metadata.uid");
	struct same_event same = {.uid = uid ? uid : "", .reason = reason};
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&message, fmt, ap);
	va_end(ap);
	same.message = buf_str(&message);
	if (!json_str(about, "metadata.name"))
		return;
	ns = ns && *ns ? ns : "default";
	lab_list(c->api, GVR(event), ns, NULL, match_event, &same);
	if (same.found)
		count_event(c, ns, same.found);
	else
		new_event(c, ns, about, &same, type, component);
}

const char *lab_ca_pem(const struct lab_api *api)
{
	return api->ca_pem;
}
