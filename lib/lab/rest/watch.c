/*
 * Watches over HTTP: one JSON line per event, in order, at the client's pace. Two ways to begin: at a resourceVersion
 * (what came after it), or without one (what exists, then changes).
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/api/convert.h"
#include "lab/rest/rest_internal.h"

#define TIMEOUT_DEFAULT_S 1800
#define BOOKMARK_MS 60000

struct session {
	struct db_watcher watcher;
	struct list link;
	struct lab_api *api;
	struct web_request *request;
	struct resource *res;
	size_t version;
	struct list_query query;
	struct output output;
	bool bookmarks, blocked;
	/* Where a webhook converts: the events of what existed, in their order, then one by one. */
	struct convert *converting;
	const char *event; /* what happened to the one under way */
	bool initial_end;
	struct timer deadline, bookmark;
};

static void session_free(struct session *s)
{
	convert_cancel(s->converting);
	db_unwatch(&s->watcher);
	timer_stop(&s->deadline);
	timer_stop(&s->bookmark);
	list_remove(&s->link);
	resource_unref(s->res);
	free(s);
}

static void session_end(struct session *s)
{
	struct web_request *r = s->request;

	session_free(s);
	web_end(r);
}

static void send_line(struct session *s, struct buf *line)
{
	buf_append_str(line, "}\n");
	s->blocked = web_write(s->request, buf_slice(line)) > WEB_QUEUE_HIGH_BYTES;
}

static void send_event(struct session *s, const char *type, const cJSON *json)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	buf_printf(&line, "{\"type\":\"%s\",\"object\":", type);
	output_object(s->api, &s->output, s->res, s->version, json, &line);
	s->output.no_headers = true;
	send_line(s, &line);
}

static void pump(struct session *s);
static void session_end(struct session *s);
static void send_initial_end(struct session *s);

static void send_failure(struct session *s, const cJSON *status)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	buf_append_str(&line, "{\"type\":\"ERROR\",\"object\":");
	json_print(status, &line);
	send_line(s, &line);
}

/* One event, or all that existed. What comes after waits in the window. */
static void on_converted(void *arg, cJSON *objects, const cJSON *failure)
{
	struct session *s = arg;

	s->converting = NULL;
	if (failure) {
		send_failure(s, failure);
		session_end(s);
		return;
	}
	JSON_EACH(o, objects)
	send_event(s, s->event, o);
	if (s->initial_end)
		send_initial_end(s);
	s->initial_end = false;
	pump(s);
}

static bool converts(const struct session *s)
{
	return convert_needed(s->res, s->res->storage, s->version);
}

static void convert_event(struct session *s, const char *type, const cJSON *json)
{
	s->event = type;
	s->converting = convert_start(s->api, s->res, s->version, &json, 1, on_converted, s);
}

static void send_stored(struct session *s, const char *type, const struct object *o)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	if (converts(s)) {
		convert_event(s, type, o->json);
		return;
	}
	if (s->output.form != FORM_OBJECT || s->version != s->res->storage || s->res->view_of) {
		send_event(s, type, o->json);
		return;
	}
	buf_printf(&line, "{\"type\":\"%s\",\"object\":", type);
	buf_append(&line, o->text, o->text_len);
	send_line(s, &line);
}

static void send_bookmark(struct session *s)
{
	CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();
	char version[256], rv[32];

	snprintf(rv, sizeof(rv), "%llu", (unsigned long long)db_seen(s->api->store, &s->watcher));
	json_set_str(o, "kind", s->res->kind);
	json_set_str(o, "apiVersion", resource_api_version(s->res, s->version, version));
	json_set_str(json_object(o, "metadata"), "resourceVersion", rv);
	json_set(json_get(o, "metadata"), "creationTimestamp", cJSON_CreateNull());
	if (s->output.form == FORM_TABLE)
		return;
	struct output plain = {.form = FORM_OBJECT};
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	buf_append_str(&line, "{\"type\":\"BOOKMARK\",\"object\":");
	output_object(s->api, &plain, s->res, s->version, o, &line);
	send_line(s, &line);
}

static void send_gone(struct session *s)
{
	CLEANUP(json_freep)
	cJSON *st = status_new(410, "Expired", "too old resource version: %llu (%llu)",
			       (unsigned long long)s->watcher.seen, (unsigned long long)db_oldest(s->api->store));

	send_failure(s, st);
}

/* It does not match any more: deleted as far as this watch goes, in its last matching state. */
static void send_left(struct session *s, const struct db_event *ev)
{
	CLEANUP(json_freep) cJSON *last = cJSON_Duplicate(ev->old->json, true);

	json_copy_member(json_get(last, "metadata"), json_get(ev->object->json, "metadata"), "resourceVersion");
	if (converts(s))
		convert_event(s, "DELETED", last);
	else
		send_event(s, "DELETED", last);
}

static void send_change(struct session *s, const struct db_event *ev)
{
	bool was = ev->old && list_query_matches(&s->query, ev->old);
	bool is = ev->change != DB_DELETED && list_query_matches(&s->query, ev->object);

	if (is)
		send_stored(s, was ? "MODIFIED" : "ADDED", ev->object);
	else if (was && ev->change == DB_DELETED)
		send_stored(s, "DELETED", ev->object);
	else if (was)
		send_left(s, ev);
}

/* Sends what it can; the session may be freed. */
static void pump(struct session *s)
{
	const struct db_event *ev;
	bool gone = false;

	while (!s->blocked && !s->converting && (ev = db_next(s->api->store, &s->watcher, &gone))) {
		s->watcher.seen = ev->rv;
		send_change(s, ev);
	}
	if (gone && !s->blocked && !s->converting) {
		send_gone(s);
		session_end(s);
	}
}

static void on_events(struct db_watcher *w)
{
	pump(CONTAINER_OF(w, struct session, watcher));
}

static void on_room(struct web_request *r)
{
	struct session *s = r->user;

	if (!s->blocked)
		return;
	s->blocked = false;
	pump(s);
}

static void on_gone(struct web_request *r)
{
	session_free(r->user);
}

static void on_deadline(struct timer *t)
{
	struct session *s = CONTAINER_OF(t, struct session, deadline);

	if (s->bookmarks && !s->converting) /* else it would speak of an event that was not sent */
		send_bookmark(s);
	session_end(s);
}

static void on_bookmark(struct timer *t)
{
	struct session *s = CONTAINER_OF(t, struct session, bookmark);

	if (!s->blocked && !s->converting)
		send_bookmark(s);
	timer_start(s->api->loop, t, BOOKMARK_MS, on_bookmark);
}

static int64_t timeout_of(struct web_request *r)
{
	struct slice v;
	int64_t n = web_query(r, "timeoutSeconds", &v) ? strtoll(v.ptr, NULL, 10) : 0;

	return n > 0 ? n : TIMEOUT_DEFAULT_S;
}

static bool flag(struct web_request *r, const char *name)
{
	struct slice v;

	return web_query(r, name, &v) && (slice_eq_str(v, "true") || slice_eq_str(v, "1"));
}

static void convert_existing(struct session *s)
{
	const struct bucket *b = s->res->bucket;
	VEC(const cJSON *) objects = {0};

	for (size_t i = 0; i < b->n; i++)
		if (list_query_matches(&s->query, b->v[i]))
			vec_push(&objects, b->v[i]->json);
	s->event = "ADDED";
	if (objects.n)
		s->converting = convert_start(s->api, s->res, s->version, objects.v, objects.n, on_converted, s);
	vec_done(&objects);
}

static void send_existing(struct session *s)
{
	const struct bucket *b = s->res->bucket;

	if (converts(s)) {
		convert_existing(s);
		return;
	}
	for (size_t i = 0; i < b->n; i++)
		if (list_query_matches(&s->query, b->v[i]))
			send_stored(s, "ADDED", b->v[i]);
}

/* sendInitialEvents ends with a bookmark that says so. */
static void send_initial_end(struct session *s)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;
	char version[256];

	buf_printf(&line,
		   "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"%s\",\"apiVersion\":\"%s\",\"metadata\":{"
		   "\"resourceVersion\":\"%llu\",\"annotations\":{"
		   "\"k8s.io/initial-events-end\":\"true\"}}}",
		   s->res->kind, resource_api_version(s->res, s->version, version),
		   (unsigned long long)s->watcher.seen);
	send_line(s, &line);
}

void watch_begin(struct lab_api *api, struct web_request *r, struct resource *res, size_t version,
		 const struct list_query *q, const struct output *o)
{
	struct session *s = NEW(struct session);
	const char *rv = q->resource_version;
	uint64_t from = rv ? strtoull(rv, NULL, 10) : 0;
	bool initial = flag(r, "sendInitialEvents");

	s->api = api;
	s->request = r;
	s->res = resource_ref(res);
	s->version = version;
	s->query = *q;
	s->output = *o;
	s->bookmarks = flag(r, "allowWatchBookmarks");
	s->watcher.on_events = on_events;
	r->user = s;
	r->on_gone = on_gone;
	r->on_room = on_room;
	list_append(&api->sessions, &s->link);
	web_begin(r, 200, "application/json");
	if (!from || initial) {
		from = db_revision(api->store);
		s->watcher.seen = from;
		send_existing(s);
		s->initial_end = initial && s->converting;
		if (initial && !s->converting)
			send_initial_end(s);
	}
	timer_start(api->loop, &s->deadline, timeout_of(r) * MS_PER_S, on_deadline);
	if (s->bookmarks)
		timer_start(api->loop, &s->bookmark, BOOKMARK_MS, on_bookmark);
	db_watch(api->store, &s->watcher, res->bucket, from);
}

void watch_end_all(struct lab_api *api)
{
	while (!list_empty(&api->sessions))
		session_end(LIST_FIRST(&api->sessions, struct session, link));
}
