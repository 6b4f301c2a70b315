/*
 * A row a span. Identifiers are in the order of their coming, so the lowest are the oldest. What is kept of its size
 * is the sum of the rows' texts, in memory; it is counted anew when a database is opened again.
 */
#include "console/store/store_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define US_PER_S 1000000
/* Identifiers and numbers of a row, and its places in the indexes. */
#define ROW_BYTES 160
/* Removed at once, so that a full store does not remove with each batch. */
#define EVICT_ROWS 500

static const char schema[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-2000; PRAGMA temp_store=MEMORY;"
	"PRAGMA journal_size_limit=4194304; PRAGMA wal_autocheckpoint=500;"
	"CREATE TABLE IF NOT EXISTS spans(id INTEGER PRIMARY KEY, trace BLOB NOT NULL, span BLOB NOT NULL, parent BLOB,"
	" service TEXT NOT NULL, name TEXT NOT NULL, kind INTEGER NOT NULL, start INTEGER NOT NULL,"
	" duration INTEGER NOT NULL, error INTEGER NOT NULL, tags TEXT NOT NULL, process TEXT NOT NULL,"
	" bytes INTEGER NOT NULL);"
	"CREATE UNIQUE INDEX IF NOT EXISTS spans_of_trace ON spans(trace, span, kind);"
	"CREATE INDEX IF NOT EXISTS spans_of_service ON spans(service, start);"
	"CREATE INDEX IF NOT EXISTS spans_by_start ON spans(start);";

int store_error(const struct span_store *s, const char *what, struct err *e)
{
	return err_set(e, -EIO, "traces: %s: %s", what, sqlite3_errmsg(s->db));
}

int store_prepare(struct span_store *s, const char *sql, sqlite3_stmt **ret, struct err *e)
{
	if (sqlite3_prepare_v2(s->db, sql, -1, ret, NULL) == SQLITE_OK)
		return 0;
	return store_error(s, "the database's statement", e);
}

void store_bind_slice(sqlite3_stmt *q, int at, struct slice text)
{
	sqlite3_bind_text(q, at, text.len ? text.ptr : "", (int)text.len, SQLITE_TRANSIENT);
}

static int count(struct span_store *s, struct err *e)
{
	sqlite3_stmt *q __attribute__((cleanup(store_finalizep))) = NULL;
	int r = store_prepare(s, "SELECT count(*), total(bytes) FROM spans", &q, e);

	if (r < 0)
		return r;
	if (sqlite3_step(q) != SQLITE_ROW)
		return store_error(s, "counting its spans", e);
	s->counts.spans = (uint64_t)sqlite3_column_int64(q, 0);
	s->counts.bytes = (uint64_t)sqlite3_column_double(q, 1);
	return 0;
}

static int open_database(struct span_store *s, const char *path, struct err *e)
{
	int r;

	if (sqlite3_open(path && *path ? path : ":memory:", &s->db) != SQLITE_OK)
		return store_error(s, path, e);
	sqlite3_busy_timeout(s->db, 1000);
	if (sqlite3_exec(s->db, schema, NULL, NULL, NULL) != SQLITE_OK)
		return store_error(s, path && *path ? path : "a database in memory", e);
	r = store_prepare(
		s,
		"INSERT OR IGNORE INTO spans(trace, span, parent, service, name, kind, start, duration, error,"
		" tags, process, bytes) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
		&s->insert, e);
	if (r == 0)
		r = store_prepare(
			s,
			"SELECT count(*), total(bytes), max(id) FROM (SELECT id, bytes FROM spans ORDER BY id LIMIT ?)",
			&s->oldest, e);
	if (r == 0)
		r = store_prepare(s, "DELETE FROM spans WHERE id <= ?", &s->remove, e);
	if (r == 0)
		r = store_prepare(s, "DELETE FROM spans WHERE start < ?", &s->expire, e);
	return r < 0 ? r : count(s, e);
}

struct span_store *span_store_new(const struct span_store_params *p, struct err *e)
{
	struct span_store *s = NEW(struct span_store);

	s->params = *p;
	s->params.path = NULL;
	if (!s->params.max_spans)
		s->params.max_spans = SPAN_STORE_SPANS;
	if (!s->params.max_bytes)
		s->params.max_bytes = SPAN_STORE_BYTES;
	if (!s->params.max_age_s)
		s->params.max_age_s = SPAN_STORE_AGE_S;
	if (open_database(s, p->path, e) == 0)
		return s;
	span_store_free(s);
	return NULL;
}

void span_store_free(struct span_store *s)
{
	if (!s)
		return;
	sqlite3_finalize(s->insert);
	sqlite3_finalize(s->oldest);
	sqlite3_finalize(s->remove);
	sqlite3_finalize(s->expire);
	sqlite3_close(s->db);
	free(s);
}

struct span_counts span_store_counts(const struct span_store *s)
{
	return s->counts;
}

/* ---- writing ---- */

static bool begin(struct span_store *s)
{
	return sqlite3_exec(s->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK;
}

static int insert(struct span_store *s, const struct span *x, struct buf *text, struct span_counts *now)
{
	sqlite3_stmt *q = s->insert;
	size_t tags, bytes;

	buf_clear(text);
	store_put_tags(text, &x->tags);
	tags = text->len;
	store_put_tags(text, &x->process);
	bytes = ROW_BYTES + text->len + x->service.len + x->name.len;
	sqlite3_reset(q);
	sqlite3_bind_blob(q, 1, x->trace_id, 16, SQLITE_STATIC);
	sqlite3_bind_blob(q, 2, x->span_id, 8, SQLITE_STATIC);
	sqlite3_bind_null(q, 3);
	if (x->has_parent)
		sqlite3_bind_blob(q, 3, x->parent_id, 8, SQLITE_STATIC);
	store_bind_slice(q, 4, x->service);
	store_bind_slice(q, 5, x->name);
	sqlite3_bind_int(q, 6, (int)x->kind);
	sqlite3_bind_int64(q, 7, x->start_us);
	sqlite3_bind_int64(q, 8, x->duration_us);
	sqlite3_bind_int(q, 9, x->error);
	store_bind_slice(q, 10, slice_head(buf_slice(text), tags));
	store_bind_slice(q, 11, slice_from(buf_slice(text), tags));
	sqlite3_bind_int64(q, 12, (sqlite3_int64)bytes);
	if (sqlite3_step(q) != SQLITE_DONE)
		return -EIO;
	if (sqlite3_changes(s->db) == 0) {
		now->again++;
		return 0;
	}
	now->stored++;
	now->spans++;
	now->bytes += bytes;
	return 0;
}

/* The oldest spans go until all fit. */
static int make_room(struct span_store *s, struct span_counts *now)
{
	while (now->spans > s->params.max_spans || (now->spans && now->bytes > s->params.max_bytes)) {
		const uint64_t over = now->spans > s->params.max_spans ? now->spans - s->params.max_spans : 1;
		uint64_t n, bytes;

		sqlite3_reset(s->oldest);
		sqlite3_bind_int64(s->oldest, 1, (sqlite3_int64)MAX(over, MIN(EVICT_ROWS, now->spans / 8 + 1)));
		if (sqlite3_step(s->oldest) != SQLITE_ROW)
			return -EIO;
		n = (uint64_t)sqlite3_column_int64(s->oldest, 0);
		bytes = (uint64_t)sqlite3_column_double(s->oldest, 1);
		sqlite3_reset(s->remove);
		sqlite3_bind_int64(s->remove, 1, sqlite3_column_int64(s->oldest, 2));
		sqlite3_reset(s->oldest);
		if (sqlite3_step(s->remove) != SQLITE_DONE)
			return -EIO;
		now->spans -= MIN(n, now->spans);
		now->bytes -= MIN(bytes, now->bytes);
		now->evicted += n;
	}
	return 0;
}

static int add_all(struct span_store *s, const struct span_batch *b, int64_t now_us, struct span_counts *now)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const int64_t oldest_us = now_us - s->params.max_age_s * US_PER_S;

	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].start_us < oldest_us)
			now->expired++;
		else if (insert(s, &b->v[i], &text, now) < 0)
			return -EIO;
	}
	return make_room(s, now);
}

int span_store_add(struct span_store *s, const struct span_batch *b, int64_t now_us, struct err *e)
{
	struct span_counts now = s->counts;
	int r;

	s->counts.received += b->n + b->refused;
	s->counts.refused += b->refused;
	now.received = s->counts.received;
	now.refused = s->counts.refused;
	r = begin(s) ? add_all(s, b, now_us, &now) : -EIO;
	if (r == 0 && sqlite3_exec(s->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
		r = -EIO;
	if (r == 0) {
		s->counts = now;
		return 0;
	}
	store_error(s, "a batch of spans", e);
	sqlite3_reset(s->insert);
	sqlite3_reset(s->oldest);
	sqlite3_reset(s->remove);
	sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	s->counts.failed += b->n;
	return -EIO;
}

void span_store_expire(struct span_store *s, int64_t now_us)
{
	struct err e = ERR_INIT;
	int gone;

	sqlite3_reset(s->expire);
	sqlite3_bind_int64(s->expire, 1, now_us - s->params.max_age_s * US_PER_S);
	if (sqlite3_step(s->expire) != SQLITE_DONE) {
		store_error(s, "old spans", &e);
		log_warn("traces", "%s; they stay until they can be removed", e.msg);
	}
	sqlite3_reset(s->expire);
	gone = sqlite3_changes(s->db);
	if (gone <= 0)
		return;
	s->counts.expired += (uint64_t)gone;
	if (count(s, &e) < 0)
		log_warn("traces", "%s", e.msg);
}
