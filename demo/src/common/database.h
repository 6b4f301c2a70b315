/* The service's PostgreSQL database: a pool of connections made from DATABASE_* variables of the environment. */
#ifndef COMMON_DATABASE_H
#define COMMON_DATABASE_H

#include <libpq-fe.h>

#include "base/err.h"

/* Reads DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_USER, DATABASE_PASSWORD. Once, at start. */
void database_init(void);

/* Waits until the database answers, then runs the script that creates and fills the schema; it must be repeatable. */
void database_prepare(const char *sql);

/*
 * Runs one statement with text parameters. Returns the result, which the caller gives to PQclear, or NULL with a
 * message in e. A connection that died while idle is replaced and the statement tried once more. Any thread.
 */
PGresult *database_query(const char *sql, const char *const *params, int params_n, struct err *e);

#endif
