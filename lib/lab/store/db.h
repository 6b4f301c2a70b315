/*
 * The objects of the cluster: in memory for reading, in SQLite for keeps, one counter of revisions over all. A write
 * is durable against the death of the process before its caller hears of it. Changes go to a window of recent events
 * that watches read at their own pace.
 *
 * An object is immutable and refcounted; a change makes a new one. Buckets (one per resource, "group/plural") live as
 * long as the store.
 */
#ifndef LAB_STORE_DB_H
#define LAB_STORE_DB_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/err.h"
#include "base/list.h"
#include "base/slice.h"
#include "net/loop.h"

struct db;

struct object {
	unsigned refs;
	uint64_t rv;
	cJSON *json;           /* the whole object */
	char *text;            /* the same, printed: {"kind":...,"apiVersion":...,...} */
	size_t text_len;       /* bytes */
	size_t body_at;        /* offset in text behind kind and apiVersion */
	const char *ns, *name; /* inside json; ns is "" for cluster-scoped ones */
};

struct bucket {
	char *key;         /* "apps/deployments" */
	struct object **v; /* sorted by (ns, name) */
	size_t n, cap;
	struct list watchers; /* struct db_watcher */
	uint64_t last;        /* revision of its newest event, or that of the database when it was opened */
	bool due;             /* a watcher may have something to hear */
};

enum db_change { DB_ADDED, DB_MODIFIED, DB_DELETED };

struct db_event {
	uint64_t rv;
	struct bucket *bucket;
	enum db_change change;
	struct object *object; /* DELETED: the last state, with the revision of its deletion */
	struct object *old;    /* MODIFIED, DELETED: before */
};

/* Somebody who reads the window. on_events is called from a task after changes to its bucket. */
struct db_watcher {
	struct list link;
	struct bucket *bucket;
	uint64_t seen; /* revision up to which it has read; where nothing happened since, db_seen knows more */
	void (*on_events)(struct db_watcher *w);
	bool keep_window; /* events that it has not seen stay in the window */
};

/* Opens or makes the database and reads all objects. */
struct db *db_open(struct loop *l, const char *path, struct err *e);
/* Callbacks that are due never come; frees all objects that nobody else holds. NULL is fine. */
void db_close(struct db *s);

/* The bucket, made when absent. */
struct bucket *db_bucket(struct db *s, const char *group, const char *plural);

/* The current revision. */
uint64_t db_revision(const struct db *s);

/* Borrowed, or NULL. ns may be NULL for "". */
struct object *db_get(const struct bucket *b, const char *ns, const char *name);

/* The first index whose (ns, name) is not below; for pages. */
size_t db_lower(const struct bucket *b, const char *ns, const char *name);

/* One more reference; main loop only. */
struct object *object_ref(struct object *o);
/* Gives a reference back; the last frees the JSON and the text. NULL is fine. */
void object_unref(struct object *o);
static inline void object_unrefp(struct object **o)
{
	object_unref(*o);
}

/*
 * Stores json (taken), replacing old when that is not NULL; sets metadata.resourceVersion. The new object is borrowed,
 * or NULL with e set when the disk refuses (then nothing changed).
 */
struct object *db_put(struct db *s, struct bucket *b, struct object *old, cJSON *json, struct err *e);

/* Removes an object; last (taken) is the state that watches see, its revision is set. */
int db_remove(struct db *s, struct bucket *b, struct object *old, cJSON *last, struct err *e);

/* Tells w of every change of the bucket after revision from, in a later turn; w is the caller's. */
void db_watch(struct db *s, struct db_watcher *w, struct bucket *b, uint64_t from);
/* No callback follows. */
void db_unwatch(struct db_watcher *w);

/*
 * The next event of the watcher's bucket after w->seen, or NULL; advance by w->seen = event->rv. *ret_gone is set when
 * events after w->seen have left the window already.
 */
const struct db_event *db_next(struct db *s, struct db_watcher *w, bool *ret_gone);

/* The revision up to which the watcher knows all of its bucket. */
uint64_t db_seen(const struct db *s, const struct db_watcher *w);

/* The oldest revision from which a watch can still start. */
uint64_t db_oldest(const struct db *s);

/* Keeps memory that is borrowed by callers of this turn until its end. */
void db_release_later(struct db *s, struct object *o);

/* Small values that are no objects: keys, counters. Returns a malloc'ed string or NULL. */
char *db_meta_get(struct db *s, const char *key);
/* Stores a small value; durable when it returns 0, else a negative code with the reason. */
int db_meta_set(struct db *s, const char *key, const char *value, struct err *e);

#endif
