/* Objects in memory and SQLite, and the window of recent events. See db.h. */
#include "lab/store/db.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "msg/json.h"

#define WINDOW_EVENTS 4096

struct db {
	struct loop *loop;
	sqlite3 *db;
	sqlite3_stmt *put, *del, *meta_set, *meta_get, *begin, *commit;
	struct map buckets;
	uint64_t revision, oldest;
	VEC(struct db_event) window;
	size_t window_at; /* first live event in window.v */
	struct task notify, release;
	VEC(struct object *) garbage;
	struct list dirty_guard;
};

static int sql_error(struct db *s, struct err *e, const char *what)
{
	return err_set(e, -EIO, "%s: %s", what, sqlite3_errmsg(s->db));
}

struct object *object_ref(struct object *o)
{
	assert(o->refs > 0);
	o->refs++;
	return o;
}

void object_unref(struct object *o)
{
	if (!o || --o->refs)
		return;
	cJSON_Delete(o->json);
	free(o->text);
	free(o);
}

static void print_object(struct object *o)
{
	struct buf b = BUF_INIT;

	json_print(o->json, &b);
	o->text_len = b.len;
	o->text = buf_take_str(&b);
	/* {"kind":"X","apiVersion":"Y","metadata":... */
	char *at = strstr(o->text, ",\"metadata\":");

	o->body_at = at ? (size_t)(at - o->text) + 1 : 1;
}

static struct object *object_new(cJSON *json)
{
	struct object *o = NEW(struct object);
	const char *ns = json_str(json, "metadata.namespace"), *name = json_str(json, "metadata.name");

	o->refs = 1;
	o->json = json;
	o->ns = ns ? ns : "";
	o->name = name ? name : "";
	const char *rv = json_str(json, "metadata.resourceVersion");

	o->rv = rv ? strtoull(rv, NULL, 10) : 0;
	print_object(o);
	return o;
}

size_t db_lower(const struct bucket *b, const char *ns, const char *name)
{
	size_t lo = 0, hi = b->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(b->v[mid]->ns, ns);

		if (c < 0 || (c == 0 && strcmp(b->v[mid]->name, name) < 0))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool is_at(const struct bucket *b, size_t i, const char *ns, const char *name)
{
	return i < b->n && strcmp(b->v[i]->ns, ns) == 0 && strcmp(b->v[i]->name, name) == 0;
}

struct object *db_get(const struct bucket *b, const char *ns, const char *name)
{
	size_t i = db_lower(b, ns ? ns : "", name);

	return is_at(b, i, ns ? ns : "", name) ? b->v[i] : NULL;
}

/* Puts the object (taken) at its place; returns what was there, or NULL. */
static struct object *bucket_set(struct bucket *b, struct object *o)
{
	size_t i = db_lower(b, o->ns, o->name);
	struct object *old = is_at(b, i, o->ns, o->name) ? b->v[i] : NULL;

	if (!old) {
		if (b->n == b->cap) {
			b->cap = b->cap ? b->cap * 2 : 16;
			b->v = mem_realloc(b->v, b->cap * sizeof(*b->v));
		}
		memmove(&b->v[i + 1], &b->v[i], (b->n - i) * sizeof(*b->v));
		b->n++;
	}
	b->v[i] = o;
	return old;
}

struct bucket *db_bucket(struct db *s, const char *group, const char *plural)
{
	char key[512];
	int n = snprintf(key, sizeof(key), "%s/%s", group, plural);
	struct bucket *b = map_get(&s->buckets, slice_make(key, (size_t)n));

	if (b)
		return b;
	b = NEW(struct bucket);
	b->key = mem_strdup(key);
	list_init(&b->watchers);
	b->last = s->revision;
	map_set(&s->buckets, slice_str(b->key), b);
	return b;
}

uint64_t db_revision(const struct db *s)
{
	return s->revision;
}

uint64_t db_oldest(const struct db *s)
{
	return s->oldest;
}

static int run(struct db *s, sqlite3_stmt *st, struct err *e, const char *what)
{
	int r = sqlite3_step(st);

	sqlite3_reset(st);
	return r == SQLITE_DONE || r == SQLITE_ROW ? 0 : sql_error(s, e, what);
}

static void bind(sqlite3_stmt *st, int i, const char *text)
{
	sqlite3_bind_text(st, i, text, -1, SQLITE_STATIC);
}

static int save_meta(struct db *s, const char *key, const char *value, struct err *e)
{
	bind(s->meta_set, 1, key);
	bind(s->meta_set, 2, value);
	return run(s, s->meta_set, e, "store");
}

static int sql_put(struct db *s, struct bucket *b, const struct object *o, struct err *e)
{
	bind(s->put, 1, b->key);
	bind(s->put, 2, o->ns);
	bind(s->put, 3, o->name);
	sqlite3_bind_int64(s->put, 4, (sqlite3_int64)o->rv);
	sqlite3_bind_text(s->put, 5, o->text, (int)o->text_len, SQLITE_STATIC);
	return run(s, s->put, e, "store");
}

/* A deletion and its revision, in one transaction. */
static int sql_remove(struct db *s, struct bucket *b, const struct object *o, uint64_t rv, struct err *e)
{
	char text[32];
	int r = run(s, s->begin, e, "store");

	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)rv);
	bind(s->del, 1, b->key);
	bind(s->del, 2, o->ns);
	bind(s->del, 3, o->name);
	r = run(s, s->del, e, "store");
	if (r == 0)
		r = save_meta(s, "revision", text, e);
	if (r == 0)
		r = run(s, s->commit, e, "store");
	if (r < 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

static void free_garbage(struct task *t)
{
	struct db *s = CONTAINER_OF(t, struct db, release);

	for (size_t i = 0; i < s->garbage.n; i++)
		object_unref(s->garbage.v[i]);
	s->garbage.n = 0;
}

void db_release_later(struct db *s, struct object *o)
{
	vec_push(&s->garbage, o);
	task_defer(s->loop, &s->release, free_garbage);
}

/*
 * What every watcher that must miss nothing has seen. A watcher that knows all of its bucket is moved on to the
 * present: else the first event after a long silence would find it before the window, and it would hear of nothing any
 * more.
 */
static uint64_t seen_by_all(struct db *s)
{
	uint64_t least = UINT64_MAX;
	struct map_entry *m;

	for (size_t i = 0; (m = map_next(&s->buckets, &i));) {
		struct bucket *b = m->value;
		struct db_watcher *w;

		LIST_EACH (w, &b->watchers, link) {
			w->seen = db_seen(s, w);
			if (w->keep_window && w->seen < least)
				least = w->seen;
		}
	}
	return least;
}

static void trim_window(struct db *s)
{
	assert(s->window_at <= s->window.n);
	size_t live = s->window.n - s->window_at;
	uint64_t least = live > WINDOW_EVENTS ? seen_by_all(s) : 0;

	while (live > WINDOW_EVENTS && s->window.v[s->window_at].rv <= least) {
		struct db_event *ev = &s->window.v[s->window_at++];

		s->oldest = ev->rv;
		object_unref(ev->object);
		object_unref(ev->old);
		live--;
	}
	if (s->window_at > WINDOW_EVENTS) {
		memmove(s->window.v, &s->window.v[s->window_at], live * sizeof(*s->window.v));
		s->window.n = live;
		s->window_at = 0;
	}
}

/* Watchers may come and go while they are called: a guard marks the place. */
static void notify_bucket(struct db *s, struct bucket *b)
{
	struct list *at = b->watchers.next;

	while (at != &b->watchers) {
		struct db_watcher *w = CONTAINER_OF(at, struct db_watcher, link);

		list_insert_before(at->next, &s->dirty_guard);
		if (w->seen < s->revision)
			w->on_events(w);
		at = s->dirty_guard.next;
		list_remove(&s->dirty_guard);
	}
}

static void notify(struct task *t)
{
	struct db *s = CONTAINER_OF(t, struct db, notify);
	struct map_entry *m;

	for (size_t i = 0; (m = map_next(&s->buckets, &i));) {
		struct bucket *b = m->value;

		if (b->due) {
			b->due = false;
			notify_bucket(s, b);
		}
	}
	trim_window(s);
}

static void add_event(struct db *s, struct db_event ev)
{
	assert(!s->window.n || s->window.v[s->window.n - 1].rv < ev.rv); /* db_next searches by halves */
	vec_push(&s->window, ev);
	ev.bucket->last = ev.rv;
	ev.bucket->due = true;
	task_defer(s->loop, &s->notify, notify);
}

static void stamp(cJSON *json, uint64_t rv)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)rv);
	json_set_str(json_object(json, "metadata"), "resourceVersion", text);
}

struct object *db_put(struct db *s, struct bucket *b, struct object *old, cJSON *json, struct err *e)
{
	stamp(json, s->revision + 1);
	struct object *o = object_new(json);

	if (sql_put(s, b, o, e) < 0) {
		object_unref(o);
		return NULL;
	}
	s->revision++;
	bucket_set(b, o);
	assert(o->rv == s->revision);
	add_event(s, (struct db_event){.rv = o->rv,
				       .bucket = b,
				       .change = old ? DB_MODIFIED : DB_ADDED,
				       .object = object_ref(o),
				       .old = old ? object_ref(old) : NULL});
	if (old)
		db_release_later(s, old);
	return o;
}

int db_remove(struct db *s, struct bucket *b, struct object *old, cJSON *last, struct err *e)
{
	uint64_t rv = s->revision + 1;
	int r = sql_remove(s, b, old, rv, e);

	if (r < 0) {
		cJSON_Delete(last);
		return r;
	}
	s->revision = rv;
	stamp(last, rv);
	size_t i = db_lower(b, old->ns, old->name);

	assert(is_at(b, i, old->ns, old->name));
	memmove(&b->v[i], &b->v[i + 1], (b->n - i - 1) * sizeof(*b->v));
	b->n--;
	add_event(s, (struct db_event){.rv = rv,
				       .bucket = b,
				       .change = DB_DELETED,
				       .object = object_new(last),
				       .old = object_ref(old)});
	db_release_later(s, old);
	return 0;
}

void db_watch(struct db *s, struct db_watcher *w, struct bucket *b, uint64_t from)
{
	w->bucket = b;
	w->seen = from;
	list_append(&b->watchers, &w->link);
	if (from >= b->last)
		return;
	b->due = true;
	task_defer(s->loop, &s->notify, notify);
}

uint64_t db_seen(const struct db *s, const struct db_watcher *w)
{
	return w->seen >= w->bucket->last ? s->revision : w->seen;
}

void db_unwatch(struct db_watcher *w)
{
	list_remove(&w->link);
}

/* First event of the window with a revision above rv. */
static size_t after(struct db *s, uint64_t rv)
{
	size_t lo = s->window_at, hi = s->window.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->window.v[mid].rv <= rv)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct db_event *db_next(struct db *s, struct db_watcher *w, bool *ret_gone)
{
	*ret_gone = w->seen < w->bucket->last && w->seen < s->oldest;
	if (*ret_gone)
		return NULL;
	for (size_t i = after(s, w->seen); i < s->window.n; i++)
		if (s->window.v[i].bucket == w->bucket)
			return &s->window.v[i];
	w->seen = s->revision;
	return NULL;
}

char *db_meta_get(struct db *s, const char *key)
{
	char *value = NULL;

	bind(s->meta_get, 1, key);
	if (sqlite3_step(s->meta_get) == SQLITE_ROW)
		value = mem_strdup((const char *)sqlite3_column_text(s->meta_get, 0));
	sqlite3_reset(s->meta_get);
	return value;
}

int db_meta_set(struct db *s, const char *key, const char *value, struct err *e)
{
	return save_meta(s, key, value, e);
}

static void load_row(struct db *s, sqlite3_stmt *st)
{
	const char *key = (const char *)sqlite3_column_text(st, 0);
	const char *text = (const char *)sqlite3_column_text(st, 1);
	const char *slash = strrchr(key, '/');
	char group[256];
	cJSON *json = NULL;

	snprintf(group, sizeof(group), "%.*s", (int)(slash - key), key);
	if (json_parse(slice_str(text), SIZE_MAX, &json, NULL) < 0) {
		log_error("store", "an object of %s cannot be read back; it is left out", key);
		return;
	}
	struct object *o = object_new(json);

	if (o->rv > s->revision)
		s->revision = o->rv;
	object_unref(bucket_set(db_bucket(s, group, slash + 1), o));
}

static int load(struct db *s, struct err *e)
{
	sqlite3_stmt *st = NULL;
	int r;

	if (sqlite3_prepare_v2(s->db, "SELECT resource, json FROM objects", -1, &st, NULL) != SQLITE_OK)
		return sql_error(s, e, "read objects");
	while ((r = sqlite3_step(st)) == SQLITE_ROW)
		load_row(s, st);
	sqlite3_finalize(st);
	if (r != SQLITE_DONE)
		return sql_error(s, e, "read objects");
	char *text = db_meta_get(s, "revision");
	uint64_t rv = text ? strtoull(text, NULL, 10) : 0;

	free(text);
	s->revision = MAX(MAX(s->revision, rv), 1);
	s->oldest = s->revision;
	struct map_entry *m;

	for (size_t i = 0; (m = map_next(&s->buckets, &i));)
		((struct bucket *)m->value)->last = s->revision; /* what happened before is not known */
	return 0;
}

static int prepare(struct db *s, struct err *e)
{
	static const char schema[] =
		"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
		"CREATE TABLE IF NOT EXISTS objects(resource TEXT NOT NULL, ns TEXT NOT NULL, name TEXT NOT NULL,"
		" rv INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY(resource, ns, name)) WITHOUT ROWID;"
		"CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;";
	const struct {
		sqlite3_stmt **st;
		const char *sql;
	} all[] = {
		{&s->put, "INSERT OR REPLACE INTO objects VALUES(?1, ?2, ?3, ?4, ?5)"},
		{&s->del, "DELETE FROM objects WHERE resource = ?1 AND ns = ?2 AND name = ?3"},
		{&s->meta_set, "INSERT OR REPLACE INTO meta VALUES(?1, ?2)"},
		{&s->meta_get, "SELECT value FROM meta WHERE key = ?1"},
		{&s->begin, "BEGIN"},
		{&s->commit, "COMMIT"},
	};

	if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return sql_error(s, e, "open the store");
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (sqlite3_prepare_v3(s->db, all[i].sql, -1, SQLITE_PREPARE_PERSISTENT, all[i].st, NULL) != SQLITE_OK)
			return sql_error(s, e, "open the store");
	return 0;
}

struct db *db_open(struct loop *l, const char *path, struct err *e)
{
	struct db *s = NEW(struct db);

	s->loop = l;
	if (sqlite3_open(path, &s->db) != SQLITE_OK) {
		err_set(e, -EIO, "%s: %s", path, sqlite3_errmsg(s->db));
		db_close(s);
		return NULL;
	}
	if (prepare(s, e) < 0 || load(s, e) < 0) {
		err_wrap(e, -EIO, "%s", path);
		db_close(s);
		return NULL;
	}
	return s;
}

void db_close(struct db *s)
{
	struct map_entry *m;

	if (!s)
		return;
	task_cancel(&s->notify);
	task_cancel(&s->release);
	free_garbage(&s->release);
	for (size_t i = s->window_at; i < s->window.n; i++) {
		object_unref(s->window.v[i].object);
		object_unref(s->window.v[i].old);
	}
	for (size_t i = 0; (m = map_next(&s->buckets, &i));) {
		struct bucket *b = m->value;

		for (size_t k = 0; k < b->n; k++)
			object_unref(b->v[k]);
		free(b->v);
		free(b->key);
		free(b);
	}
	map_done(&s->buckets);
	sqlite3_stmt *all[] = {s->put, s->del, s->meta_set, s->meta_get, s->begin, s->commit};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		sqlite3_finalize(all[i]);
	sqlite3_close(s->db);
	vec_done(&s->window);
	vec_done(&s->garbage);
	free(s);
}
