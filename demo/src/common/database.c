/* libpq behind a pool; a broken connection is thrown away and replaced. */
#include "database.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "pool.h"

static struct pool *connections;

static const char *setting(const char *name, const char *fallback)
{
	const char *v = getenv(name);

	return v && *v ? v : fallback;
}

static void *make_connection(void *arg)
{
	const char *const keys[] = {"host", "port", "dbname", "user", "password", "connect_timeout", NULL};
	const char *const values[] = {setting("DATABASE_HOST", "localhost"),
				      setting("DATABASE_PORT", "5432"),
				      setting("DATABASE_NAME", "coolstore"),
				      setting("DATABASE_USER", "coolstore"),
				      setting("DATABASE_PASSWORD", ""),
				      "5",
				      NULL};
	PGconn *c = PQconnectdbParams(keys, values, 0);

	(void)arg;
	if (PQstatus(c) == CONNECTION_OK)
		return c;
	log_warn("database", "no connection to %s: %s; trying again at the next request", values[0], PQerrorMessage(c));
	PQfinish(c);
	return NULL;
}

static void drop_connection(void *object)
{
	PQfinish(object);
}

void database_init(void)
{
	connections = pool_new(make_connection, drop_connection, NULL);
}

static int succeeded(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	return s == PGRES_TUPLES_OK || s == PGRES_COMMAND_OK;
}

void database_prepare(const char *sql)
{
	for (;; sleep(1)) {
		PGconn *c = pool_get(connections);
		PGresult *r;
		int ok;

		if (!c)
			continue;
		r = PQexec(c, sql);
		ok = succeeded(r);
		if (!ok)
			log_warn("database", "schema not ready: %s; trying again in a second", PQerrorMessage(c));
		PQclear(r);
		pool_put(connections, c, !ok);
		if (ok)
			return;
	}
}

PGresult *database_query(const char *sql, const char *const *params, int params_n, struct err *e)
{
	for (int attempt = 0;; attempt++) {
		PGconn *c = pool_get(connections);
		PGresult *r;
		int broken;

		if (!c) {
			err_set(e, -EIO, "the database cannot be reached");
			return NULL;
		}
		r = PQexecParams(c, sql, params_n, NULL, params, NULL, NULL, 0);
		broken = PQstatus(c) != CONNECTION_OK;
		if (succeeded(r)) {
			pool_put(connections, c, broken);
			return r;
		}
		err_set(e, -EIO, "database: %s", PQerrorMessage(c));
		PQclear(r);
		pool_put(connections, c, broken);
		if (!broken || attempt > 0)
			return NULL;
	}
}
