/* The store's own. */
#ifndef CONSOLE_STORE_INTERNAL_H
#define CONSOLE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "console/store/store.h"

struct span_store {
	sqlite3 *db;
	sqlite3_stmt *insert, *oldest, *remove, *expire;
	struct span_store_params params;
	struct span_counts counts;
};

/* Prepares a statement; -EIO with a sentence. The caller finalizes it. */
int store_prepare(struct span_store *s, const char *sql, sqlite3_stmt **ret, struct err *e);
/* "traces: what: SQLite's message"; -EIO. */
int store_error(const struct span_store *s, const char *what, struct err *e);

void store_bind_slice(sqlite3_stmt *q, int at, struct slice text);

static inline void store_finalizep(sqlite3_stmt **q)
{
	sqlite3_finalize(*q);
}

/* Appends a JSON string with its quotes; s is UTF-8. */
void store_put_json(struct buf *out, struct slice s);
/* Appends tags as Jaeger has them: an array of {"key","type","value"}. */
void store_put_tags(struct buf *out, const struct span_tags *t);

#endif
